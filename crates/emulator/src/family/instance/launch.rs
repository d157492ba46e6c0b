//! What an instance of a launch is made of.
//!
//! Sources: RunInstances; "Launch an Amazon EC2 instance" in the EC2 User Guide.

use vpcrun_model::{InstanceId, ReservationId};

use super::interface::{self, PlannedInterface};
use super::metadata::{LAUNCH_WITHOUT_TOKENS, MetadataOptions};
use super::option::{self, PlannedPlacement};
use super::parameters::LaunchParameters;
use super::profile::{self, InstanceProfile};
use super::vcpu::check_vcpus;
use super::volume::{self, PlannedVolume};
use super::{CapacityPreference, CpuCredits, CpuOptions, Instance, InstanceState, LaunchedImage, credit};
use crate::action::Context;
use crate::clock::Transition;
use crate::error::Refusal;
use crate::family::image::{self, Image};
use crate::family::instance_type::{self, InstanceType};
use crate::family::key_pair;
use crate::family::subnet::{PrivateDnsNameOptions, Subnet};
use crate::family::tag::specified_tags;
use crate::state::Tags;

/// What EC2 launches when no type is named.
const DEFAULT_TYPE: &str = "m1.small";
pub(super) const TAGGABLE: &[&str] = &["instance", "volume", "network-interface"];
/// Bytes, after decoding. Source: "User data" in the EC2 User Guide.
const MAX_USER_DATA: usize = 16_384;

/// A checked request: what each of its instances is made of.
pub(super) struct Launch {
    parameters: LaunchParameters,
    image: Image,
    instance_type: &'static InstanceType,
    interfaces: Vec<PlannedInterface>,
    /// The subnet of the primary interface.
    subnet: Subnet,
    volumes: Vec<PlannedVolume>,
    volume_tags: Tags,
    metadata_options: MetadataOptions,
    placement: PlannedPlacement,
    cpu_options: Option<CpuOptions>,
    cpu_credits: Option<CpuCredits>,
    capacity: CapacityPreference,
    profile: Option<InstanceProfile>,
    client_token: String,
    tags: Tags,
}

impl Launch {
    /// # Errors
    /// Whatever EC2 finds wrong with the parameters but the addresses, which are chosen instance by instance.
    pub(super) fn of(
        parameters: LaunchParameters,
        max_count: u32,
        token: Option<&str>,
        template_tags: Option<Tags>,
        cx: &mut Context<'_>,
    ) -> Result<Self, Refusal> {
        let tags_of = |wanted| specified_tags(&parameters.tag_specifications, TAGGABLE, wanted);
        let mut tags = tags_of("instance")?;
        let (interface_tags, volume_tags) = (tags_of("network-interface")?, tags_of("volume")?);
        tags.extend(template_tags.unwrap_or_default());
        option::check_unsupported(&parameters)?;
        parameters.metadata_options.check()?;
        let image_id = parameters.image_id.as_deref().ok_or_else(|| Refusal::missing_parameter("ImageId"))?;
        let instance_type = checked_type(parameters.instance_type.as_deref(), cx)?;
        let image = image::find_to_launch(cx, image_id, |architecture| instance_type.supports(architecture))?;
        check_architecture(instance_type, &image)?;
        if !image.ena_support() && instance_type.family.hypervisor == "nitro" {
            return Err(ena_required(instance_type, "that you are using an AMI that"));
        }
        if let Some(name) = &parameters.key_name {
            key_pair::find(cx, name)?;
        }
        let profile = parameters.iam_instance_profile.as_ref().map(|profile| profile.read(cx)).transpose()?.flatten();
        if let Some(data) = &parameters.user_data {
            check_user_data(data)?;
        }
        let volumes = volume::plan(&parameters.block_device_mappings, &image, cx)?;
        let placement = parameters.placement.plan(cx, instance_type)?;
        let cpu_options = parameters.cpu_options.plan(instance_type)?;
        let cpu_credits = credit::plan(parameters.credit_specification.as_ref(), instance_type)?;
        option::check_hibernation(&parameters, instance_type, &image, &volumes)?;
        option::check_enclave(&parameters, instance_type)?;
        option::check_bandwidth(&parameters, instance_type)?;
        let capacity = option::capacity(&parameters)?;
        let interface::Plan { interfaces, subnet } =
            interface::plan(&parameters, max_count, cx, instance_type, &interface_tags)?;
        let mut metadata_options = MetadataOptions::default_for(image.imds_support() == Some("v2.0"));
        metadata_options.take_over(&cx.settings().metadata_defaults);
        parameters.metadata_options.apply(&mut metadata_options);
        metadata_options.check_enforcement(cx, LAUNCH_WITHOUT_TOKENS)?;
        let client_token = token.map_or_else(|| new_token(cx), str::to_owned);
        Ok(Self {
            parameters,
            image,
            instance_type,
            interfaces,
            subnet,
            volumes,
            volume_tags,
            metadata_options,
            placement,
            cpu_options,
            cpu_credits,
            capacity,
            profile,
            client_token,
            tags,
        })
    }

    fn private_dns(&self) -> PrivateDnsNameOptions {
        let (of_subnet, wanted) = (self.subnet.private_dns.clone(), &self.parameters.private_dns_name_options);
        wanted.over(of_subnet)
    }

    /// Makes one instance with its interfaces and volumes.
    ///
    /// # Errors
    /// No room: in the quota of vCPUs, in the subnet, or in the placement group.
    pub(super) fn instance(
        &self,
        cx: &mut Context<'_>,
        reservation: ReservationId,
        index: u32,
    ) -> Result<InstanceId, Refusal> {
        check_vcpus(cx, &[self.instance_type])?;
        let parameters = &self.parameters;
        let zone = &self.subnet.availability_zone;
        let wanted = self.placement.partition_number;
        let partition_number = match self.placement.group {
            Some(group) => option::place(cx, group, zone, wanted, None)?,
            None => None,
        };
        let instance = Instance {
            id: cx.new_id(),
            reservation_id: reservation,
            launch_index: index,
            client_token: self.client_token.clone(),
            image: LaunchedImage {
                id: self.image.id,
                name: self.image.name().to_owned(),
                architecture: self.image.architecture().as_str().to_owned(),
                boot_mode: self.image.boot_mode().map(str::to_owned),
                tpm_support: self.image.tpm_support().map(str::to_owned),
                root_device_name: self.image.root_device_name().to_owned(),
            },
            instance_type: self.instance_type.name.to_owned(),
            key_name: parameters.key_name.clone(),
            availability_zone: zone.clone(),
            tenancy: self.placement.tenancy.unwrap_or_default(),
            placement_group: self.placement.group,
            partition_number,
            state: InstanceState::Pending,
            due: Some(cx.end_of(Transition::Start)),
            shutdown_initiated: None,
            launch_time: cx.now,
            created: cx.now,
            user_data: parameters.user_data.clone().filter(|data| !data.is_empty()),
            private_dns: self.private_dns(),
            disable_api_termination: parameters.disable_api_termination,
            disable_api_stop: parameters.disable_api_stop,
            shutdown_behavior: parameters.instance_initiated_shutdown_behavior,
            ebs_optimized: parameters.ebs_optimized,
            ena_support: self.image.ena_support(),
            sriov_net_support: false,
            monitoring: parameters.monitoring.enabled,
            metadata_options: self.metadata_options.clone(),
            cpu_options: self.cpu_options,
            cpu_credits: self.cpu_credits,
            hibernation: parameters.hibernation_options.configured,
            enclave: parameters.enclave_options.enabled,
            auto_recovery: parameters.maintenance_options.auto_recovery.unwrap_or_default(),
            reboot_migration: super::Recovery::Default,
            capacity: self.capacity,
            profile: self.profile.clone().map(|profile| profile::associate(cx, profile)),
            tags: self.tags.clone(),
        };
        let id = instance.id;
        cx.region.put(instance);
        for volume in &self.volumes {
            volume.attach(cx, id, zone, &self.volume_tags);
        }
        for interface in &self.interfaces {
            interface.attach(cx, id)?;
        }
        Ok(id)
    }
}

/// A random token, as EC2 takes one where the request has none: a UUID.
fn new_token(cx: &mut Context<'_>) -> String {
    let (a, b) = (cx.state.account.next_random(), cx.state.account.next_random());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        0x8000 | ((b >> 48) & 0x3fff),
        b & 0xffff_ffff_ffff
    )
}

fn checked_type(name: Option<&str>, cx: &Context<'_>) -> Result<&'static InstanceType, Refusal> {
    let name = name.unwrap_or(DEFAULT_TYPE);
    let invalid = || Refusal::invalid_parameter_value(format!("Invalid value '{name}' for InstanceType."));
    let found = instance_type::find(name).ok_or_else(invalid)?;
    if found.is_offered_in(cx.region_name) {
        return Ok(found);
    }
    let message = "The requested configuration is currently not supported. Please check the documentation for \
                   supported configurations.";
    Err(Refusal::new("Unsupported", message.to_owned()))
}

/// # Errors
/// `InvalidParameterValue` for a type that cannot run the image.
fn check_architecture(instance_type: &InstanceType, image: &Image) -> Result<(), Refusal> {
    if instance_type.supports(image.architecture()) {
        return Ok(());
    }
    Err(architecture_mismatch(instance_type, image.architecture().as_str()))
}

/// A type and an image of different architectures.
pub(super) fn architecture_mismatch(instance_type: &InstanceType, of_image: &str) -> Refusal {
    let of_type: Vec<&str> =
        instance_type.family.architectures.iter().map(|architecture| architecture.as_str()).collect();
    Refusal::invalid_parameter_value(format!(
        "The architecture '{}' of the specified instance type does not match the architecture '{of_image}' of the \
         specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can \
         use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.",
        of_type.join(",")
    ))
}

/// A type that needs the Elastic Network Adapter, with what has no driver for it.
pub(super) fn ena_required(of: &InstanceType, what: &str) -> Refusal {
    Refusal::invalid_parameter_combination(format!(
        "Enhanced networking with the Elastic Network Adapter (ENA) is required for the '{}' instance type. Ensure {what} \
         is enabled for ENA.",
        of.name
    ))
}

/// # Errors
/// User data that is not Base64, or too long.
pub(super) fn check_user_data(text: &str) -> Result<(), Refusal> {
    let Some(length) = base64_length(text) else {
        let message = "Invalid BASE64 encoding of user data.".to_owned();
        return Err(Refusal::new("InvalidUserData.Malformed", message));
    };
    if length > MAX_USER_DATA {
        return Err(Refusal::invalid_parameter_value(format!("User data is limited to {MAX_USER_DATA} bytes")));
    }
    Ok(())
}

/// How many bytes Base64 text stands for; `None` if it is none. Line breaks are allowed, padding is not required at the end.
fn base64_length(text: &str) -> Option<usize> {
    let symbols: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    let padding = symbols.iter().rev().take_while(|b| **b == b'=').count();
    let digits = symbols.len() - padding;
    let is_digit = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let is_whole = padding <= 2 && symbols.len().is_multiple_of(4) && symbols[..digits].iter().all(is_digit);
    is_whole.then_some(digits * 3 / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_data_is_base64_of_at_most_16_kib() {
        assert_eq!(base64_length("aGVsbG8="), Some(5));
        assert_eq!(base64_length("aGVs\nbG8="), Some(5));
        assert_eq!(base64_length(""), Some(0));
        for text in ["aGVsbG8", "not base64 encoded", "a===", "=aGV", "aGV*"] {
            assert_eq!(base64_length(text), None, "{text}");
        }
        // Three bytes are four digits.
        assert!(check_user_data(&format!("{}==", "A".repeat(21_846))).is_ok());
        assert!(check_user_data(&"A".repeat(21_848)).is_err());
    }
}
