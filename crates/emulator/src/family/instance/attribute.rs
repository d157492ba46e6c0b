//! DescribeInstanceAttribute, ModifyInstanceAttribute, ResetInstanceAttribute.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::InstanceId;

use super::launch::{architecture_mismatch, check_user_data, ena_required};
use super::option::{self, check_ebs_optimized, unsupported};
use super::volume::BlockDeviceItem;
use super::{Instance, InstanceState, ShutdownBehavior, credit, find, interface_limit_exceeded};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::instance_type;
use crate::family::network_interface::{AttributeText, NetworkInterface, TextValue, other_network};
use crate::family::placement_group::PlacementGroup;
use crate::family::security_group::{GroupIdentifier, checked_groups, group_set};
use crate::family::volume::Volume;
use crate::family::vpc::{AttributeBoolean, AttributeValue, exactly_one_attribute};
use crate::wire::{Items, Reply};

/// DescribeInstanceAttribute: one attribute a call.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeInstanceAttribute {
    instance_id: String,
    attribute: InstanceAttribute,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum InstanceAttribute {
    InstanceType,
    Kernel,
    Ramdisk,
    UserData,
    DisableApiTermination,
    InstanceInitiatedShutdownBehavior,
    RootDeviceName,
    BlockDeviceMapping,
    ProductCodes,
    SourceDestCheck,
    GroupSet,
    EbsOptimized,
    SriovNetSupport,
    EnaSupport,
    EnclaveOptions,
    DisableApiStop,
}

/// A text attribute that may have no value: `<userData/>`.
#[skip_serializing_none]
#[derive(Default, Serialize)]
pub(crate) struct OptionalText {
    value: Option<String>,
}

impl OptionalText {
    pub(crate) fn new(value: Option<String>) -> Self {
        Self { value }
    }
}

#[derive(Serialize)]
pub(crate) struct EnclaveOptions {
    enabled: bool,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeInstanceAttributeResponse {
    instance_id: InstanceId,
    #[serde(flatten)]
    value: InstanceAttributeValue,
}

/// The value of the attribute that was asked for; the name of the variant is its member in the answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum InstanceAttributeValue {
    InstanceType(TextValue),
    Kernel(OptionalText),
    Ramdisk(OptionalText),
    UserData(OptionalText),
    DisableApiTermination(AttributeValue),
    InstanceInitiatedShutdownBehavior(TextValue),
    RootDeviceName(TextValue),
    BlockDeviceMapping(Items<BlockDeviceItem>),
    ProductCodes(Items<()>),
    SourceDestCheck(AttributeValue),
    GroupSet(Items<GroupIdentifier>),
    EbsOptimized(AttributeValue),
    SriovNetSupport(OptionalText),
    EnaSupport(AttributeValue),
    EnclaveOptions(EnclaveOptions),
    DisableApiStop(AttributeValue),
}

impl Action for DescribeInstanceAttribute {
    type Response = DescribeInstanceAttributeResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let instance = find(cx, &self.instance_id)?;
        let primary = instance.primary_interface(cx);
        let text = |value: &str| TextValue { value: value.to_owned() };
        let flag = |value| AttributeValue { value };
        let value = match self.attribute {
            InstanceAttribute::InstanceType => InstanceAttributeValue::InstanceType(text(&instance.instance_type)),
            InstanceAttribute::Kernel => InstanceAttributeValue::Kernel(OptionalText::default()),
            InstanceAttribute::Ramdisk => InstanceAttributeValue::Ramdisk(OptionalText::default()),
            InstanceAttribute::UserData => {
                InstanceAttributeValue::UserData(OptionalText { value: instance.user_data.clone() })
            }
            InstanceAttribute::DisableApiTermination => {
                InstanceAttributeValue::DisableApiTermination(flag(instance.disable_api_termination))
            }
            InstanceAttribute::InstanceInitiatedShutdownBehavior => {
                InstanceAttributeValue::InstanceInitiatedShutdownBehavior(text(instance.shutdown_behavior.as_str()))
            }
            InstanceAttribute::RootDeviceName => {
                InstanceAttributeValue::RootDeviceName(text(&instance.image.root_device_name))
            }
            InstanceAttribute::BlockDeviceMapping => InstanceAttributeValue::BlockDeviceMapping(
                instance.volumes(cx).into_iter().map(BlockDeviceItem::new).collect(),
            ),
            InstanceAttribute::ProductCodes => InstanceAttributeValue::ProductCodes(Items::default()),
            InstanceAttribute::SourceDestCheck => InstanceAttributeValue::SourceDestCheck(flag(
                primary.is_none_or(|interface| interface.source_dest_check),
            )),
            InstanceAttribute::GroupSet => InstanceAttributeValue::GroupSet(
                primary.map(|interface| group_set(&cx.region, &interface.groups)).unwrap_or_default(),
            ),
            InstanceAttribute::EbsOptimized => InstanceAttributeValue::EbsOptimized(flag(instance.ebs_optimized)),
            InstanceAttribute::SriovNetSupport => InstanceAttributeValue::SriovNetSupport(OptionalText::new(
                instance.sriov_net_support.then(|| "simple".to_owned()),
            )),
            InstanceAttribute::EnaSupport => InstanceAttributeValue::EnaSupport(flag(instance.ena_support)),
            InstanceAttribute::EnclaveOptions => {
                InstanceAttributeValue::EnclaveOptions(EnclaveOptions { enabled: instance.enclave })
            }
            InstanceAttribute::DisableApiStop => {
                InstanceAttributeValue::DisableApiStop(flag(instance.disable_api_stop))
            }
        };
        Ok(DescribeInstanceAttributeResponse { instance_id: instance.id, value })
    }
}

/// ModifyInstanceAttribute: one attribute a call, by its own parameter or by `Attribute` and `Value`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyInstanceAttribute {
    instance_id: String,
    attribute: Option<String>,
    value: Option<String>,
    instance_type: Option<AttributeText>,
    user_data: Option<AttributeText>,
    disable_api_termination: Option<AttributeBoolean>,
    disable_api_stop: Option<AttributeBoolean>,
    instance_initiated_shutdown_behavior: Option<AttributeText>,
    source_dest_check: Option<AttributeBoolean>,
    ebs_optimized: Option<AttributeBoolean>,
    ena_support: Option<AttributeBoolean>,
    sriov_net_support: Option<AttributeText>,
    kernel: Option<AttributeText>,
    ramdisk: Option<AttributeText>,
    #[serde(rename = "GroupId", default)]
    groups: Vec<String>,
    #[serde(rename = "BlockDeviceMapping", default)]
    block_device_mappings: Vec<BlockDeviceSpecification>,
}

/// Which volume is to go with the instance, or to stay.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct BlockDeviceSpecification {
    device_name: Option<String>,
    ebs: Option<EbsSpecification>,
    virtual_name: Option<String>,
    no_device: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EbsSpecification {
    volume_id: Option<String>,
    delete_on_termination: Option<bool>,
}

/// A change of one attribute.
enum Change {
    InstanceType(String),
    UserData(String),
    DisableApiTermination(bool),
    DisableApiStop(bool),
    ShutdownBehavior(ShutdownBehavior),
    SourceDestCheck(bool),
    EbsOptimized(bool),
    EnaSupport(bool),
    SriovNetSupport(String),
    Groups(Vec<String>),
    BlockDevices(Vec<BlockDeviceSpecification>),
}

fn parse_flag(text: &str, attribute: &str) -> Result<bool, Refusal> {
    text.parse().map_err(|_| Refusal::invalid_parameter_value(format!("Invalid value '{text}' for {attribute}.")))
}

fn parse_behavior(text: &str) -> Result<ShutdownBehavior, Refusal> {
    match text {
        "stop" => Ok(ShutdownBehavior::Stop),
        "terminate" => Ok(ShutdownBehavior::Terminate),
        _ => Err(Refusal::invalid_parameter_value(format!(
            "Invalid value '{text}' for instanceInitiatedShutdownBehavior."
        ))),
    }
}

impl ModifyInstanceAttribute {
    fn change(self) -> Result<Change, Refusal> {
        exactly_one_attribute(&[
            ("attribute", self.attribute.is_some()),
            ("instanceType", self.instance_type.is_some()),
            ("userData", self.user_data.is_some()),
            ("disableApiTermination", self.disable_api_termination.is_some()),
            ("disableApiStop", self.disable_api_stop.is_some()),
            ("instanceInitiatedShutdownBehavior", self.instance_initiated_shutdown_behavior.is_some()),
            ("sourceDestCheck", self.source_dest_check.is_some()),
            ("ebsOptimized", self.ebs_optimized.is_some()),
            ("enaSupport", self.ena_support.is_some()),
            ("sriovNetSupport", self.sriov_net_support.is_some()),
            ("kernel", self.kernel.is_some()),
            ("ramdisk", self.ramdisk.is_some()),
            ("groupSet", !self.groups.is_empty()),
            ("blockDeviceMapping", !self.block_device_mappings.is_empty()),
        ])?;
        if let Some(attribute) = self.attribute {
            if !Change::NAMES.contains(&attribute.as_str()) {
                return Err(Refusal::invalid_enum_value(&attribute, "attribute", Change::NAMES));
            }
            let value = self.value.ok_or_else(|| Refusal::missing_parameter("value"))?;
            return Change::by_name(&attribute, value);
        }
        if !self.groups.is_empty() {
            return Ok(Change::Groups(self.groups));
        }
        if self.kernel.is_some() || self.ramdisk.is_some() {
            return Err(no_kernel());
        }
        let others = [
            self.instance_type.map(|text| Ok(Change::InstanceType(text.value))),
            self.user_data.map(|text| Ok(Change::UserData(text.value))),
            self.instance_initiated_shutdown_behavior
                .map(|text| parse_behavior(&text.value).map(Change::ShutdownBehavior)),
            self.disable_api_termination.map(|flag| Ok(Change::DisableApiTermination(flag.value))),
            self.disable_api_stop.map(|flag| Ok(Change::DisableApiStop(flag.value))),
            self.source_dest_check.map(|flag| Ok(Change::SourceDestCheck(flag.value))),
            self.ebs_optimized.map(|flag| Ok(Change::EbsOptimized(flag.value))),
            self.ena_support.map(|flag| Ok(Change::EnaSupport(flag.value))),
            self.sriov_net_support.map(|text| Ok(Change::SriovNetSupport(text.value))),
        ];
        let other = others.into_iter().flatten().next();
        other.unwrap_or(Ok(Change::BlockDevices(self.block_device_mappings)))
    }
}

/// Instances of hardware virtual machines start without a kernel from outside.
fn no_kernel() -> Refusal {
    unsupported("A kernel or RAM disk may not be specified for an instance of virtualization type 'hvm'.")
}

impl Change {
    /// Attributes by their names; not all can be modified. Source: InstanceAttributeName in the EC2 API Reference.
    const NAMES: &'static [&'static str] = &[
        "instanceType",
        "kernel",
        "ramdisk",
        "userData",
        "disableApiTermination",
        "instanceInitiatedShutdownBehavior",
        "rootDeviceName",
        "blockDeviceMapping",
        "productCodes",
        "sourceDestCheck",
        "groupSet",
        "ebsOptimized",
        "sriovNetSupport",
        "enaSupport",
        "enclaveOptions",
        "disableApiStop",
    ];

    fn by_name(attribute: &str, value: String) -> Result<Self, Refusal> {
        Ok(match attribute {
            "instanceType" => Self::InstanceType(value),
            "userData" => Self::UserData(value),
            "disableApiTermination" => Self::DisableApiTermination(parse_flag(&value, attribute)?),
            "disableApiStop" => Self::DisableApiStop(parse_flag(&value, attribute)?),
            "instanceInitiatedShutdownBehavior" => Self::ShutdownBehavior(parse_behavior(&value)?),
            "sourceDestCheck" => Self::SourceDestCheck(parse_flag(&value, attribute)?),
            "ebsOptimized" => Self::EbsOptimized(parse_flag(&value, attribute)?),
            "enaSupport" => Self::EnaSupport(parse_flag(&value, attribute)?),
            "sriovNetSupport" => Self::SriovNetSupport(value),
            "groupSet" => Self::Groups(vec![value]),
            "kernel" | "ramdisk" => return Err(no_kernel()),
            other => {
                return Err(Refusal::invalid_parameter_value(format!("Invalid value '{other}' for attribute.")));
            }
        })
    }

    /// What can be changed only while the instance has no computer.
    fn needs_stop(&self) -> bool {
        matches!(
            self,
            Self::InstanceType(_)
                | Self::UserData(_)
                | Self::EbsOptimized(_)
                | Self::EnaSupport(_)
                | Self::SriovNetSupport(_)
        )
    }
}

impl Action for ModifyInstanceAttribute {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let id = self.instance_id.clone();
        let change = self.change()?;
        let mut instance = find(cx, &id)?.clone();
        let must_be_stopped = change.needs_stop() && instance.state != InstanceState::Stopped;
        if must_be_stopped || instance.state == InstanceState::Terminated {
            let message = format!("The instance '{}' is not in the 'stopped' state.", instance.id);
            return Err(Refusal::new("IncorrectInstanceState", message));
        }
        match change {
            Change::InstanceType(name) => {
                change_type(&name, &mut instance, cx)?;
            }
            Change::UserData(data) => {
                check_user_data(&data)?;
                instance.user_data = Some(data).filter(|data| !data.is_empty());
            }
            Change::DisableApiTermination(value) => instance.disable_api_termination = value,
            Change::DisableApiStop(value) => instance.disable_api_stop = value,
            Change::ShutdownBehavior(value) => instance.shutdown_behavior = value,
            Change::EbsOptimized(value) => {
                if let Some(of) = instance_type::find(&instance.instance_type) {
                    check_ebs_optimized(value, of)?;
                }
                instance.ebs_optimized = value;
            }
            Change::EnaSupport(value) => {
                let of = instance_type::find(&instance.instance_type);
                if let Some(of) = of.filter(|of| !value && of.family.hypervisor == "nitro") {
                    return Err(ena_required(of, &format!("that your instance '{}'", instance.id)));
                }
                instance.ena_support = value;
            }
            Change::SriovNetSupport(value) => {
                if value != "simple" {
                    let message = format!("Invalid value '{value}' for sriovNetSupport.");
                    return Err(Refusal::invalid_parameter_value(message));
                }
                instance.sriov_net_support = true;
            }
            Change::SourceDestCheck(value) => {
                let interface = instance.only_interface(cx)?.id;
                cx.region.update(interface, |interface: &mut NetworkInterface| interface.source_dest_check = value);
            }
            Change::Groups(ids) => {
                let interface = instance.only_interface(cx)?;
                let groups = checked_groups(cx, &ids, interface.vpc_id, |_| other_network())?;
                let interface = interface.id;
                cx.region.update(interface, |interface: &mut NetworkInterface| interface.groups = groups);
            }
            Change::BlockDevices(devices) => set_deletion(cx, &instance, &devices)?,
        }
        cx.region.put(instance);
        Ok(Reply::TRUE)
    }
}

/// # Errors
/// `InvalidInstanceAttributeValue` for a device that the instance does not have.
fn set_deletion(
    cx: &mut Context<'_>,
    instance: &Instance,
    devices: &[BlockDeviceSpecification],
) -> Result<(), Refusal> {
    for device in devices {
        if device.virtual_name.is_some() || device.no_device.is_some() {
            return Err(unsupported("Devices of an instance cannot be added or removed by ModifyInstanceAttribute."));
        }
        let name = device.device_name.as_deref().ok_or_else(|| Refusal::missing_parameter("deviceName"))?;
        let ebs = device.ebs.as_ref().ok_or_else(|| Refusal::missing_parameter("ebs"))?;
        let invalid = |message: String| Refusal::new("InvalidInstanceAttributeValue", message);
        let volumes = instance.volumes(cx);
        let found = volumes.iter().find(|(_, attachment)| attachment.device == name);
        let id = found.map(|(volume, _)| volume.id);
        let id = id.ok_or_else(|| invalid(format!("No device is currently mapped at {name}")))?;
        if let Some(other) = ebs.volume_id.as_ref().filter(|other| **other != id.to_string()) {
            return Err(invalid(format!("The volume '{other}' is not attached at {name}")));
        }
        let delete = ebs.delete_on_termination.unwrap_or(true);
        cx.region.update(id, |volume: &mut Volume| {
            if let Some(attachment) = &mut volume.attachment {
                attachment.delete_on_termination = delete;
            }
        });
    }
    Ok(())
}

/// Gives a stopped instance another type. CPU options go back to what the type has.
///
/// # Errors
/// `InvalidInstanceAttributeValue` for an unknown type; one that cannot run the instance's image, carry its interfaces or be in
/// its placement group.
fn change_type(name: &str, instance: &mut Instance, cx: &Context<'_>) -> Result<(), Refusal> {
    let found = instance_type::find(name).filter(|found| found.is_offered_in(cx.region_name));
    let found = found.ok_or_else(|| {
        Refusal::new("InvalidInstanceAttributeValue", format!("Invalid value '{name}' for InstanceType."))
    })?;
    let mut architectures = found.family.architectures.iter().map(|architecture| architecture.as_str());
    if !architectures.any(|architecture| architecture == instance.image.architecture) {
        return Err(architecture_mismatch(found, &instance.image.architecture));
    }
    if !instance.ena_support && found.family.hypervisor == "nitro" {
        return Err(ena_required(found, &format!("that your instance '{}'", instance.id)));
    }
    let interfaces = instance.interfaces(cx).len();
    if interfaces > found.maximum_network_interfaces {
        return Err(interface_limit_exceeded(interfaces, name));
    }
    if let Some(group) = instance.placement_group.and_then(|id| cx.region.get::<PlacementGroup>(id)) {
        option::check_group(group, found, instance.tenancy)?;
    }
    instance.cpu_options = None;
    instance.cpu_credits = instance.cpu_credits.or_else(|| credit::default_for(found));
    name.clone_into(&mut instance.instance_type);
    Ok(())
}

/// ResetInstanceAttribute: of an instance without a kernel of its own, the source/destination check only.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ResetInstanceAttribute {
    instance_id: String,
    attribute: InstanceAttribute,
}

impl Action for ResetInstanceAttribute {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let instance = find(cx, &self.instance_id)?;
        match self.attribute {
            InstanceAttribute::SourceDestCheck => {
                let interface = instance.only_interface(cx)?.id;
                cx.region.update(interface, |interface: &mut NetworkInterface| interface.source_dest_check = true);
                Ok(Reply::TRUE)
            }
            InstanceAttribute::Kernel | InstanceAttribute::Ramdisk => Err(no_kernel()),
            _ => Err(Refusal::invalid_parameter_combination(
                "Only the attributes kernel, ramdisk and sourceDestCheck can be reset.",
            )),
        }
    }
}
