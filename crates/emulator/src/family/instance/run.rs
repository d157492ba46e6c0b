//! RunInstances.

use serde::Deserialize;
use vpcrun_model::{InstanceId, ReservationId, ResourceId};

use super::interface::{self, InterfaceSpecification, PlannedInterface};
use super::item::{InstanceItem, ReservationItem};
use super::metadata::{LAUNCH_WITHOUT_TOKENS, MetadataOptions, MetadataOptionsRequest};
use super::volume::{self, BlockDeviceMapping, PlannedVolume};
use super::{Instance, InstanceState, LaunchedImage, ShutdownBehavior, Tenancy};
use crate::action::{Action, Context};
use crate::clock::Transition;
use crate::error::Refusal;
use crate::family::image::{self, Image};
use crate::family::instance_type::{self, InstanceType};
use crate::family::key_pair;
use crate::family::network_interface::Ipv6AddressParameter;
use crate::family::subnet::Subnet;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::state::Tags;

/// RunInstances.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct RunInstances {
    image_id: Option<String>,
    instance_type: Option<String>,
    min_count: i64,
    pub(super) max_count: i64,
    key_name: Option<String>,
    #[serde(rename = "SecurityGroupId", default)]
    pub(super) group_ids: Vec<String>,
    #[serde(rename = "SecurityGroup", default)]
    pub(super) group_names: Vec<String>,
    pub(super) subnet_id: Option<String>,
    pub(super) private_ip_address: Option<String>,
    #[serde(rename = "Ipv6Address", default)]
    pub(super) ipv6_addresses: Vec<Ipv6AddressParameter>,
    pub(super) ipv6_address_count: Option<u16>,
    pub(super) enable_primary_ipv6: Option<bool>,
    pub(super) placement: Option<Placement>,
    #[serde(rename = "NetworkInterface", default)]
    pub(super) network_interfaces: Vec<InterfaceSpecification>,
    user_data: Option<String>,
    client_token: Option<String>,
    #[serde(default)]
    disable_api_termination: bool,
    #[serde(default)]
    disable_api_stop: bool,
    #[serde(default)]
    instance_initiated_shutdown_behavior: ShutdownBehavior,
    #[serde(default)]
    ebs_optimized: bool,
    #[serde(default)]
    monitoring: MonitoringEnabled,
    #[serde(default)]
    metadata_options: MetadataOptionsRequest,
    iam_instance_profile: Option<IamInstanceProfile>,
    #[serde(rename = "BlockDeviceMapping", default)]
    block_device_mappings: Vec<BlockDeviceMapping>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Placement {
    pub(super) availability_zone: Option<String>,
    pub(super) availability_zone_id: Option<String>,
    #[serde(default)]
    tenancy: Tenancy,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct MonitoringEnabled {
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct IamInstanceProfile {
    arn: Option<String>,
    name: Option<String>,
}

const NAME: &str = "RunInstances";
/// What EC2 launches when no type is named.
const DEFAULT_TYPE: &str = "m1.small";
const TAGGABLE: &[&str] = &["instance", "volume", "network-interface"];
/// Source: RunInstances, ClientToken.
const MAX_TOKEN_LENGTH: usize = 64;
/// Bytes, after decoding. Source: "User data" in the EC2 User Guide.
const MAX_USER_DATA: usize = 16_384;

impl Action for RunInstances {
    type Response = ReservationItem;

    fn check(&self) -> Result<(), Refusal> {
        if self.image_id.is_none() {
            return Err(Refusal::missing_parameter("ImageId"));
        }
        let refuse = |message: &str| Err(Refusal::invalid_parameter_value(message));
        if self.min_count < 1 {
            return refuse("Minimum instance count must be greater than zero");
        }
        if self.max_count < 1 {
            return refuse("Maximum instance count must be greater than zero");
        }
        if self.max_count < self.min_count {
            return refuse("Maximum instance count must not be smaller than minimum instance count");
        }
        if let Some(token) = self.client_token.as_deref().filter(|token| token.chars().count() > MAX_TOKEN_LENGTH) {
            return refuse(&format!("Value ({token}) for parameter clientToken is invalid"));
        }
        self.metadata_options.check()
    }

    fn run(self, cx: &mut Context<'_>) -> Result<ReservationItem, Refusal> {
        let token = self.client_token.clone();
        if let Some(created) = cx.created_before(NAME, token.as_deref())? {
            return replay(cx, &created);
        }
        let (min, max) = (count(self.min_count), count(self.max_count));
        let launch = Launch::of(self, cx)?;
        let reservation_id = cx.new_id();
        let mut launched = Vec::new();
        for index in 0..max {
            let before = cx.region.clone();
            match launch.instance(cx, reservation_id, index) {
                Ok(id) => launched.push(id),
                // EC2 launches as many as it can from the minimum on.
                Err(refusal) if index >= min && refusal.code == "InsufficientFreeAddressesInSubnet" => {
                    cx.region = before;
                    break;
                }
                Err(refusal) => return Err(refusal),
            }
        }
        cx.remember(NAME, token.as_deref(), launched.iter().copied().map(ResourceId::from).collect());
        Ok(reservation(cx, reservation_id, &launched))
    }
}

fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn reservation(cx: &Context<'_>, id: ReservationId, instances: &[InstanceId]) -> ReservationItem {
    let instances = instances.iter().filter_map(|id| cx.region.get::<Instance>(*id));
    let items = instances.map(|instance| InstanceItem::launched(instance, cx)).collect();
    ReservationItem::new(id, items, cx)
}

/// The answer to a request that was carried out before.
///
/// # Errors
/// `IdempotentInstanceTerminated` where nothing is left of it.
fn replay(cx: &Context<'_>, created: &[ResourceId]) -> Result<ReservationItem, Refusal> {
    let ids = created.iter().filter_map(|id| InstanceId::try_from(*id).ok());
    let alive: Vec<&Instance> =
        ids.filter_map(|id| cx.region.get::<Instance>(id)).filter(|instance| !instance.is_gone()).collect();
    let Some(first) = alive.first() else {
        let message = "The request to launch an instance uses the same client token as a previous request for which \
                       the instance has been terminated.";
        return Err(Refusal::new("IdempotentInstanceTerminated", message.to_owned()));
    };
    let ids: Vec<InstanceId> = alive.iter().map(|instance| instance.id).collect();
    Ok(reservation(cx, first.reservation_id, &ids))
}

/// A checked request: what each of its instances is made of.
struct Launch {
    request: RunInstances,
    image: Image,
    instance_type: &'static InstanceType,
    interfaces: Vec<PlannedInterface>,
    /// The subnet of the primary interface.
    subnet: Subnet,
    volumes: Vec<PlannedVolume>,
    metadata_options: MetadataOptions,
    client_token: String,
    tags: Tags,
}

impl Launch {
    /// # Errors
    /// Whatever EC2 finds wrong with the request but the addresses, which are chosen instance by instance.
    fn of(request: RunInstances, cx: &mut Context<'_>) -> Result<Self, Refusal> {
        let tags = specified_tags(&request.tag_specifications, TAGGABLE, "instance")?;
        let interface_tags = specified_tags(&request.tag_specifications, TAGGABLE, "network-interface")?;
        let instance_type = checked_type(request.instance_type.as_deref(), cx)?;
        let image = image::find(cx, request.image_id.as_deref().unwrap_or_default())?;
        check_architecture(instance_type, &image)?;
        if let Some(name) = &request.key_name {
            key_pair::find(cx, name)?;
        }
        check_profile(request.iam_instance_profile.as_ref())?;
        if let Some(data) = &request.user_data {
            check_user_data(data)?;
        }
        let volumes = volume::plan(&request.block_device_mappings, &image)?;
        let interface::Plan { interfaces, subnet } = interface::plan(&request, cx, instance_type, &interface_tags)?;
        let mut metadata_options = MetadataOptions::default_for(image.imds_support() == Some("v2.0"));
        metadata_options.take_over(&cx.settings().metadata_defaults);
        request.metadata_options.apply(&mut metadata_options);
        metadata_options.check_enforcement(cx, LAUNCH_WITHOUT_TOKENS)?;
        let client_token = request.client_token.clone().unwrap_or_else(|| new_token(cx));
        Ok(Self { request, image, instance_type, interfaces, subnet, volumes, metadata_options, client_token, tags })
    }

    /// Makes one instance with its interfaces and volumes.
    fn instance(&self, cx: &mut Context<'_>, reservation: ReservationId, index: u32) -> Result<InstanceId, Refusal> {
        let request = &self.request;
        let instance = Instance {
            id: cx.new_id(),
            reservation_id: reservation,
            launch_index: index,
            client_token: self.client_token.clone(),
            image: LaunchedImage {
                id: self.image.id,
                architecture: self.image.architecture().as_str().to_owned(),
                boot_mode: self.image.boot_mode().map(str::to_owned),
                root_device_name: self.image.root_device_name().to_owned(),
            },
            instance_type: self.instance_type.name.to_owned(),
            key_name: request.key_name.clone(),
            availability_zone: self.subnet.availability_zone.clone(),
            tenancy: request.placement.as_ref().map(|placement| placement.tenancy).unwrap_or_default(),
            state: InstanceState::Pending,
            due: Some(cx.end_of(Transition::Start)),
            shutdown_initiated: None,
            launch_time: cx.now,
            created: cx.now,
            volumes: self.volumes.iter().map(|volume| volume.attach(cx)).collect(),
            user_data: request.user_data.clone(),
            private_dns: self.subnet.private_dns.clone(),
            disable_api_termination: request.disable_api_termination,
            disable_api_stop: request.disable_api_stop,
            shutdown_behavior: request.instance_initiated_shutdown_behavior,
            ebs_optimized: request.ebs_optimized,
            monitoring: request.monitoring.enabled,
            metadata_options: self.metadata_options.clone(),
            tags: self.tags.clone(),
        };
        let id = instance.id;
        cx.region.put(instance);
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

/// The account has no instance profiles, so any is unknown.
fn check_profile(profile: Option<&IamInstanceProfile>) -> Result<(), Refusal> {
    let refuse = |value: &str, member: &str, what: &str| {
        Err(Refusal::invalid_parameter_value(format!(
            "Value ({value}) for parameter iamInstanceProfile.{member} is invalid. Invalid IAM Instance Profile {what}"
        )))
    };
    match profile {
        Some(IamInstanceProfile { arn: Some(arn), .. }) => refuse(arn, "arn", "ARN"),
        Some(IamInstanceProfile { name: Some(name), .. }) => refuse(name, "name", "name"),
        _ => Ok(()),
    }
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
