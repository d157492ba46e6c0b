//! Block devices: what a launch says of them, what volumes it makes, and how an instance shows them.
//!
//! Source: BlockDeviceMapping and EbsBlockDevice in the EC2 API Reference.

use serde::{Deserialize, Serialize};
use vpcrun_model::{InstanceId, VolumeId};

use crate::action::Context;
use crate::error::Refusal;
use crate::family::image::{DeviceVolume, Image, digits};
use crate::family::volume::{Attachment, Volume, VolumeSpecification, VolumeType};
use crate::state::Tags;

/// A block device in a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct BlockDeviceMapping {
    pub(crate) device_name: Option<String>,
    pub(crate) ebs: Option<EbsBlockDevice>,
    pub(crate) no_device: Option<String>,
    pub(crate) virtual_name: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct EbsBlockDevice {
    pub(crate) delete_on_termination: Option<bool>,
    pub(crate) volume_size: Option<u32>,
    pub(crate) volume_type: Option<VolumeType>,
    pub(crate) iops: Option<u32>,
    pub(crate) throughput: Option<u32>,
    pub(crate) encrypted: Option<bool>,
    pub(crate) kms_key_id: Option<String>,
    pub(crate) snapshot_id: Option<String>,
    outpost_arn: Option<String>,
    availability_zone: Option<String>,
    availability_zone_id: Option<String>,
    volume_initialization_rate: Option<u32>,
    ebs_card_index: Option<u32>,
}

/// A volume to make with an instance.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PlannedVolume {
    pub(super) device_name: String,
    delete_on_termination: bool,
    pub(super) specification: VolumeSpecification,
}

impl PlannedVolume {
    pub(super) fn attach(&self, cx: &mut Context<'_>, instance_id: InstanceId, zone: &str, tags: &Tags) {
        let volume = Volume {
            id: cx.new_id(),
            availability_zone: zone.to_owned(),
            specification: self.specification.clone(),
            create_time: cx.now,
            attachment: Some(Attachment {
                instance_id,
                device: self.device_name.clone(),
                attach_time: cx.now,
                delete_on_termination: self.delete_on_termination,
            }),
            tags: tags.clone(),
        };
        cx.region.put(volume);
    }
}

fn invalid(message: String) -> Refusal {
    Refusal::new("InvalidBlockDeviceMapping", message)
}

/// The volumes of a launch: those of the image as the request changes them, and what it adds.
///
/// # Errors
/// `MissingParameter`, or `InvalidBlockDeviceMapping` for a volume without a size or smaller than its snapshot, among others.
pub(super) fn plan(
    mappings: &[BlockDeviceMapping],
    image: &Image,
    cx: &Context<'_>,
) -> Result<Vec<PlannedVolume>, Refusal> {
    let of_image = |(device_name, volume): (&str, &DeviceVolume)| PlannedVolume {
        device_name: device_name.to_owned(),
        delete_on_termination: volume.delete_on_termination,
        specification: volume.specification.clone().completed(),
    };
    let mut volumes: Vec<PlannedVolume> = image.volumes().map(of_image).collect();
    let mut seen = Vec::new();
    for mapping in mappings {
        let device_name = mapping.device_name.as_deref().ok_or_else(|| Refusal::missing_parameter("deviceName"))?;
        if seen.contains(&device_name) {
            return Err(invalid(format!("The device '{device_name}' is used in more than one block-device mapping")));
        }
        seen.push(device_name);
        let at = volumes.iter().position(|volume| volume.device_name == device_name);
        if mapping.no_device.is_some() {
            if device_name == image.root_device_name() {
                return Err(invalid(format!("The root device '{device_name}' cannot be left out")));
            }
            volumes.retain(|volume| volume.device_name != device_name);
            continue;
        }
        let Some(ebs) = &mapping.ebs else {
            // No type here has an instance store, where EC2 lets such a mapping have no effect.
            if mapping.virtual_name.as_deref().is_some_and(is_ephemeral) {
                continue;
            }
            return Err(invalid(format!("The device '{device_name}' needs an EBS volume or a virtual name")));
        };
        let of_image = at.map(|at| volumes[at].clone());
        let planned = ebs.plan(device_name, of_image.as_ref(), cx)?;
        match at {
            Some(at) => volumes[at] = planned,
            None => volumes.push(planned),
        }
    }
    Ok(volumes)
}

fn is_ephemeral(name: &str) -> bool {
    let number = name.strip_prefix("ephemeral").and_then(|number| number.parse::<u8>().ok());
    number.is_some_and(|number| number < 24)
}

impl EbsBlockDevice {
    fn plan(
        &self,
        device_name: &str,
        of_image: Option<&PlannedVolume>,
        cx: &Context<'_>,
    ) -> Result<PlannedVolume, Refusal> {
        let base = of_image.map(|volume| &volume.specification);
        let own_snapshot = base.and_then(|volume| volume.snapshot_id).map(|id| id.to_string());
        if let Some(id) = self.snapshot_id.as_ref().filter(|id| Some(*id) != own_snapshot.as_ref()) {
            // Snapshots of others, or of one's own, are not here.
            return Err(Refusal::new("InvalidSnapshot.NotFound", format!("The snapshot '{id}' does not exist.")));
        }
        let mut specification = self.specification(base)?;
        specification.kms_key_id = self.key(cx, base.and_then(|volume| volume.kms_key_id.as_deref()))?;
        let by_default = of_image.is_none_or(|volume| volume.delete_on_termination);
        Ok(PlannedVolume {
            device_name: device_name.to_owned(),
            delete_on_termination: self.delete_on_termination.unwrap_or(by_default),
            specification,
        })
    }

    /// What the volume is like; `base` is what it is made from.
    ///
    /// # Errors
    /// A size, IOPS or throughput that the type of volume does not have.
    pub(crate) fn specification(&self, base: Option<&VolumeSpecification>) -> Result<VolumeSpecification, Refusal> {
        self.check_placement()?;
        let smallest = base.map(|volume| volume.size);
        let size = self.volume_size.or(smallest).ok_or_else(|| {
            Refusal::new("MissingParameter", "The request must contain the parameter size or snapshotId".to_owned())
        })?;
        let snapshot_id = base.and_then(|volume| volume.snapshot_id);
        if let (Some(smallest), Some(snapshot)) = (smallest.filter(|smallest| size < *smallest), snapshot_id) {
            return Err(invalid(format!(
                "Volume of size {size}GB is smaller than snapshot '{snapshot}', expect size >= {smallest}GB"
            )));
        }
        let volume_type = self.volume_type.or(base.map(|volume| volume.volume_type)).unwrap_or(VolumeType::Gp2);
        check_size(size, volume_type)?;
        let inherited = base.filter(|volume| volume.volume_type == volume_type);
        Ok(VolumeSpecification {
            size,
            volume_type,
            iops: self.iops(size, volume_type, inherited.and_then(|volume| volume.iops))?,
            throughput: self.throughput(volume_type, inherited.and_then(|volume| volume.throughput))?,
            kms_key_id: base.and_then(|volume| volume.kms_key_id.clone()),
            snapshot_id,
            initialization_rate: self.volume_initialization_rate,
        })
    }

    /// # Errors
    /// What EC2 documents as not supported for launches, and what no type here has.
    fn check_placement(&self) -> Result<(), Refusal> {
        if self.outpost_arn.is_some() {
            return Err(Refusal::new("UnsupportedOperation", "There is no Outpost in this account.".to_owned()));
        }
        if self.availability_zone.is_some() || self.availability_zone_id.is_some() {
            return Err(Refusal::invalid_parameter_combination(
                "The parameter AvailabilityZone is not supported for the volumes of a launch.",
            ));
        }
        if self.ebs_card_index.is_some_and(|index| index > 0) {
            return Err(Refusal::invalid_parameter_value("The instance type has a single EBS card, of index 0."));
        }
        match self.volume_initialization_rate {
            Some(rate) if !(100..=300).contains(&rate) => Err(Refusal::invalid_parameter_value(format!(
                "Volume initialization rate of {rate} MiB/s is not valid; it must be between 100 and 300 MiB/s."
            ))),
            _ => Ok(()),
        }
    }

    fn iops(&self, size: u32, volume_type: VolumeType, inherited: Option<u32>) -> Result<Option<u32>, Refusal> {
        let name = volume_type.as_str();
        match (volume_type.iops(), self.iops) {
            (None, Some(_)) => Err(Refusal::invalid_parameter_combination(format!(
                "The parameter iops is not supported for {name} volumes."
            ))),
            (Some((smallest, _)), Some(iops)) if iops < smallest => Err(Refusal::invalid_parameter_value(format!(
                "Volume iops of {iops} is too low; minimum is {smallest}."
            ))),
            (Some((_, largest)), Some(iops)) if iops > largest => Err(Refusal::invalid_parameter_value(format!(
                "Volume iops of {iops} is too high; maximum is {largest}."
            ))),
            (Some(_), None) if volume_type != VolumeType::Gp3 && inherited.is_none() => Err(Refusal::new(
                "MissingParameter",
                format!("The parameter iops must be specified for {name} volumes."),
            )),
            (_, Some(iops)) => Ok(Some(iops)),
            (Some(_), None) => Ok(inherited.or_else(|| volume_type.default_iops(size))),
            // What gp2 gives follows from the size.
            (None, None) => Ok(volume_type.default_iops(size)),
        }
    }

    fn throughput(&self, volume_type: VolumeType, inherited: Option<u32>) -> Result<Option<u32>, Refusal> {
        match self.throughput {
            Some(_) if volume_type != VolumeType::Gp3 => Err(Refusal::invalid_parameter_combination(format!(
                "The parameter throughput is not supported for {} volumes.",
                volume_type.as_str()
            ))),
            Some(throughput) if !(125..=2_000).contains(&throughput) => {
                let (word, bound) = if throughput < 125 { ("low; minimum", 125) } else { ("high; maximum", 2_000) };
                Err(Refusal::invalid_parameter_value(format!(
                    "Volume throughput of {throughput} is too {word} is {bound}."
                )))
            }
            Some(throughput) => Ok(Some(throughput)),
            None if volume_type == VolumeType::Gp3 => Ok(inherited.or(Some(125))),
            None => Ok(None),
        }
    }

    /// The key that the volume is encrypted with. Keys themselves are not here: every name of one is taken.
    fn key(&self, cx: &Context<'_>, inherited: Option<&str>) -> Result<Option<String>, Refusal> {
        match (&self.kms_key_id, self.encrypted) {
            (Some(_), None | Some(false)) => Err(Refusal::new(
                "InvalidParameterDependency",
                "The parameter KmsKeyId requires the parameter Encrypted to be set.".to_owned(),
            )),
            (Some(key), Some(true)) if key.starts_with("arn:") => Ok(Some(key.clone())),
            (Some(key), Some(true)) if key.starts_with("alias/") => {
                Ok(Some(format!("arn:aws:kms:{}:{}:{key}", cx.region_name, cx.account_id())))
            }
            (Some(key), Some(true)) => {
                Ok(Some(format!("arn:aws:kms:{}:{}:key/{key}", cx.region_name, cx.account_id())))
            }
            (None, Some(true)) => Ok(Some(inherited.map_or_else(|| default_key(cx), str::to_owned))),
            (None, _) => Ok(inherited.map(str::to_owned)),
        }
    }
}

/// The key `aws/ebs` of the account in the region.
pub(crate) fn default_key(cx: &Context<'_>) -> String {
    let (region, account) = (cx.region_name, cx.account_id());
    let bits = digits(&["kms", region, account]);
    let (a, b) = (bits >> 32, bits & 0xffff_ffff);
    format!(
        "arn:aws:kms:{region}:{account}:key/{a:08x}-{:04x}-4{:03x}-8{:03x}-{b:08x}{:04x}",
        b >> 16,
        a & 0xfff,
        b & 0xfff,
        a & 0xffff
    )
}

fn check_size(size: u32, volume_type: VolumeType) -> Result<(), Refusal> {
    let (smallest, largest) = volume_type.sizes();
    let (word, bound) = match size {
        _ if size < smallest => ("small; minimum", smallest),
        _ if size > largest => ("large; maximum", largest),
        _ => return Ok(()),
    };
    Err(Refusal::invalid_parameter_value(format!(
        "Volume of {size}GiB is too {word} for volume type {} is {bound}GiB.",
        volume_type.as_str()
    )))
}

/// A block device in an answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BlockDeviceItem {
    device_name: String,
    ebs: EbsItem,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EbsItem {
    volume_id: VolumeId,
    status: &'static str,
    attach_time: String,
    delete_on_termination: bool,
}

impl BlockDeviceItem {
    pub(super) fn new((volume, attachment): (&Volume, &Attachment)) -> Self {
        Self {
            device_name: attachment.device.clone(),
            ebs: EbsItem {
                volume_id: volume.id,
                status: "attached",
                attach_time: attachment.attach_time.to_string(),
                delete_on_termination: attachment.delete_on_termination,
            },
        }
    }
}
