//! GetConsoleOutput, GetPasswordData.
//!
//! The console shows what an image of its kind writes as it starts: the kernel's first lines, cloud-init and the login prompt.

use std::fmt::Write as _;

use base64::Engine as _;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::InstanceId;

use super::{Instance, InstanceState, find};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::image::Architecture;
use crate::family::network_interface::NetworkInterface;

/// GetConsoleOutput.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct GetConsoleOutput {
    instance_id: String,
    #[serde(default)]
    latest: bool,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetConsoleOutputResponse {
    instance_id: InstanceId,
    timestamp: String,
    output: Option<String>,
}

/// What an image calls itself: the system, its kernel and the prompt's first line.
struct System {
    name: &'static str,
    kernel: &'static str,
    is_ubuntu: bool,
}

impl System {
    fn of(image_name: &str) -> Self {
        let ubuntu = |name, kernel| Self { name, kernel, is_ubuntu: true };
        let amazon = |name, kernel| Self { name, kernel, is_ubuntu: false };
        match image_name {
            name if name.contains("noble-24.04") => ubuntu("Ubuntu 24.04 LTS", "6.8.0-1015-aws"),
            name if name.contains("jammy-22.04") => ubuntu("Ubuntu 22.04 LTS", "6.5.0-1022-aws"),
            name if name.starts_with("amzn2-ami-kernel-5.10") => amazon("Amazon Linux 2", "5.10.242-239.961.amzn2"),
            name if name.starts_with("amzn2-ami") => amazon("Amazon Linux 2", "4.14.355-280.684.amzn2"),
            _ => amazon("Amazon Linux 2023", "6.1.166-197.305.amzn2023"),
        }
    }
}

impl Instance {
    fn console(&self, cx: &Context<'_>) -> String {
        let system = System::of(&self.image.name);
        let architecture = if self.image.architecture == Architecture::Arm64.as_str() { "aarch64" } else { "x86_64" };
        let interface = self.primary_interface(cx);
        let address =
            interface.and_then(NetworkInterface::primary_address).map(|ip| ip.to_string()).unwrap_or_default();
        let name = self.private_dns_name(cx);
        let host = name.split('.').next().unwrap_or_default().to_owned();
        let mac = interface.map(|interface| interface.mac_address.clone()).unwrap_or_default();
        let (kernel, title) = (system.kernel, system.name);
        let mut text = String::new();
        let _ = write!(
            text,
            "[    0.000000] Linux version {kernel}.{architecture} ({title})\r\n\
             [    0.000000] Command line: BOOT_IMAGE=(hd0,gpt1)/boot/vmlinuz-{kernel} console=tty0 console=ttyS0,115200n8\r\n\
             [    0.000000] DMI: Amazon EC2 {}/, BIOS 1.0 10/16/2017\r\n\
             [    1.402113] systemd[1]: Hostname set to <{host}>.\r\n\
             [    4.310274] cloud-init[1580]: ci-info: | eth0 | True | {address} | global | {mac} |\r\n\
             [    9.873402] cloud-init[1922]: Cloud-init finished. Datasource DataSourceEc2.  Up 9.87 seconds\r\n",
            self.instance_type
        );
        let _ = match system.is_ubuntu {
            true => write!(text, "\r\n{title} {host} ttyS0\r\n\r\n{host} login: "),
            false => write!(
                text,
                "\r\n{title}\r\nKernel {kernel}.{architecture} on an {architecture} (-)\r\n\r\n{host} login: "
            ),
        };
        text
    }
}

impl Action for GetConsoleOutput {
    type Response = GetConsoleOutputResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let instance = find(cx, &self.instance_id)?;
        if self.latest && !is_nitro(instance) {
            let message = "This instance type does not support retrieving the latest console logs.".to_owned();
            return Err(Refusal::new("UnsupportedOperation", message));
        }
        // Nothing is there before the instance has started, nor after it is gone.
        let has_started = !matches!(instance.state, InstanceState::Pending | InstanceState::Terminated);
        let output = has_started.then(|| base64::engine::general_purpose::STANDARD.encode(instance.console(cx)));
        let timestamp = instance.launch_time.to_string();
        Ok(GetConsoleOutputResponse { instance_id: instance.id, timestamp, output })
    }
}

fn is_nitro(instance: &Instance) -> bool {
    crate::family::instance_type::find(&instance.instance_type).is_some_and(|found| found.family.hypervisor == "nitro")
}

/// GetPasswordData: no image here is of Windows, so there is never a password.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct GetPasswordData {
    instance_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetPasswordDataResponse {
    instance_id: InstanceId,
    timestamp: String,
    password_data: &'static str,
}

impl Action for GetPasswordData {
    type Response = GetPasswordDataResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let instance = find(cx, &self.instance_id)?;
        let timestamp = instance.launch_time.to_string();
        Ok(GetPasswordDataResponse { instance_id: instance.id, timestamp, password_data: "" })
    }
}
