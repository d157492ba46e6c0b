//! DescribeInstanceAttribute, ModifyInstanceAttribute.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::InstanceId;

use super::run::{architecture_mismatch, check_user_data};
use super::volume::BlockDeviceItem;
use super::{Instance, InstanceState, ShutdownBehavior, find};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::instance_type;
use crate::family::network_interface::{AttributeText, NetworkInterface, TextValue, other_network};
use crate::family::security_group::{GroupIdentifier, checked_groups, group_set};
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
            InstanceAttribute::BlockDeviceMapping => {
                InstanceAttributeValue::BlockDeviceMapping(instance.volumes.iter().map(BlockDeviceItem::new).collect())
            }
            InstanceAttribute::ProductCodes => InstanceAttributeValue::ProductCodes(Items::default()),
            InstanceAttribute::SourceDestCheck => InstanceAttributeValue::SourceDestCheck(flag(
                primary.is_none_or(|interface| interface.source_dest_check),
            )),
            InstanceAttribute::GroupSet => InstanceAttributeValue::GroupSet(
                primary.map(|interface| group_set(&cx.region, &interface.groups)).unwrap_or_default(),
            ),
            InstanceAttribute::EbsOptimized => InstanceAttributeValue::EbsOptimized(flag(instance.ebs_optimized)),
            InstanceAttribute::SriovNetSupport => InstanceAttributeValue::SriovNetSupport(OptionalText::default()),
            InstanceAttribute::EnaSupport => InstanceAttributeValue::EnaSupport(flag(true)),
            InstanceAttribute::EnclaveOptions => {
                InstanceAttributeValue::EnclaveOptions(EnclaveOptions { enabled: false })
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
    #[serde(rename = "GroupId", default)]
    groups: Vec<String>,
    #[serde(rename = "BlockDeviceMapping", default)]
    block_device_mappings: Vec<BlockDeviceSpecification>,
}

/// Which volume is to go with the instance, or to stay.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct BlockDeviceSpecification {
    device_name: String,
    ebs: EbsSpecification,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EbsSpecification {
    #[serde(rename = "VolumeId")]
    _volume_id: Option<String>,
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
            ("groupSet", !self.groups.is_empty()),
            ("blockDeviceMapping", !self.block_device_mappings.is_empty()),
        ])?;
        if let Some(attribute) = self.attribute {
            let value = self.value.ok_or_else(|| Refusal::missing_parameter("value"))?;
            return Change::by_name(&attribute, value);
        }
        if !self.groups.is_empty() {
            return Ok(Change::Groups(self.groups));
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
        ];
        let other = others.into_iter().flatten().next();
        other.unwrap_or(Ok(Change::BlockDevices(self.block_device_mappings)))
    }
}

impl Change {
    fn by_name(attribute: &str, value: String) -> Result<Self, Refusal> {
        Ok(match attribute {
            "instanceType" => Self::InstanceType(value),
            "userData" => Self::UserData(value),
            "disableApiTermination" => Self::DisableApiTermination(parse_flag(&value, attribute)?),
            "disableApiStop" => Self::DisableApiStop(parse_flag(&value, attribute)?),
            "instanceInitiatedShutdownBehavior" => Self::ShutdownBehavior(parse_behavior(&value)?),
            "sourceDestCheck" => Self::SourceDestCheck(parse_flag(&value, attribute)?),
            "ebsOptimized" => Self::EbsOptimized(parse_flag(&value, attribute)?),
            "groupSet" => Self::Groups(vec![value]),
            other => {
                return Err(Refusal::invalid_parameter_value(format!("Invalid value '{other}' for attribute.")));
            }
        })
    }

    /// What can be changed only while the instance has no computer.
    fn needs_stop(&self) -> bool {
        matches!(self, Self::InstanceType(_) | Self::UserData(_) | Self::EbsOptimized(_))
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
                check_type(&name, &instance)?;
                instance.instance_type = name;
            }
            Change::UserData(data) => {
                check_user_data(&data)?;
                instance.user_data = Some(data).filter(|data| !data.is_empty());
            }
            Change::DisableApiTermination(value) => instance.disable_api_termination = value,
            Change::DisableApiStop(value) => instance.disable_api_stop = value,
            Change::ShutdownBehavior(value) => instance.shutdown_behavior = value,
            Change::EbsOptimized(value) => instance.ebs_optimized = value,
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
            Change::BlockDevices(devices) => set_deletion(&mut instance, &devices)?,
        }
        cx.region.put(instance);
        Ok(Reply::TRUE)
    }
}

/// # Errors
/// `InvalidInstanceAttributeValue` for a device that the instance does not have.
fn set_deletion(instance: &mut Instance, devices: &[BlockDeviceSpecification]) -> Result<(), Refusal> {
    for BlockDeviceSpecification { device_name, ebs } in devices {
        let volume = instance.volumes.iter_mut().find(|volume| volume.device_name == *device_name);
        let volume = volume.ok_or_else(|| {
            let message = format!("No device is currently mapped at {device_name}");
            Refusal::new("InvalidInstanceAttributeValue", message)
        })?;
        volume.delete_on_termination = ebs.delete_on_termination.unwrap_or(true);
    }
    Ok(())
}

/// # Errors
/// `InvalidInstanceAttributeValue` for an unknown type, or one that cannot run the instance's image.
fn check_type(name: &str, instance: &Instance) -> Result<(), Refusal> {
    let found = instance_type::find(name).ok_or_else(|| {
        Refusal::new("InvalidInstanceAttributeValue", format!("Invalid value '{name}' for InstanceType."))
    })?;
    let architectures = found.family.architectures.iter().map(|architecture| architecture.as_str());
    if architectures.into_iter().any(|architecture| architecture == instance.image.architecture) {
        return Ok(());
    }
    Err(architecture_mismatch(found, &instance.image.architecture))
}
