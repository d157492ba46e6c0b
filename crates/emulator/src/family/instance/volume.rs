//! Block devices: what a launch says of them, and the volumes that an instance has. Volumes are no resources of their own here.
//!
//! Source: BlockDeviceMapping and EbsBlockDevice in the EC2 API Reference.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::VolumeId;

use crate::action::Context;
use crate::clock::Timestamp;
use crate::error::Refusal;
use crate::family::image::Image;

/// A volume of an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct AttachedVolume {
    pub(super) id: VolumeId,
    pub(super) device_name: String,
    pub(super) attach_time: Timestamp,
    pub(super) delete_on_termination: bool,
}

/// A block device in a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct BlockDeviceMapping {
    device_name: Option<String>,
    ebs: Option<EbsBlockDevice>,
    no_device: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EbsBlockDevice {
    delete_on_termination: Option<bool>,
    volume_size: Option<u32>,
    #[serde(rename = "VolumeType")]
    _volume_type: Option<VolumeType>,
    #[serde(rename = "Iops")]
    _iops: Option<u32>,
    #[serde(rename = "Throughput")]
    _throughput: Option<u32>,
    #[serde(rename = "Encrypted")]
    _encrypted: Option<bool>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum VolumeType {
    Standard,
    Io1,
    Io2,
    Gp2,
    Sc1,
    St1,
    Gp3,
}

/// A volume to make with an instance.
#[derive(Clone, Debug)]
pub(super) struct PlannedVolume {
    device_name: String,
    delete_on_termination: bool,
}

impl PlannedVolume {
    pub(super) fn attach(&self, cx: &mut Context<'_>) -> AttachedVolume {
        AttachedVolume {
            id: cx.new_id(),
            device_name: self.device_name.clone(),
            attach_time: cx.now,
            delete_on_termination: self.delete_on_termination,
        }
    }
}

/// The volumes of a launch: the image's root volume, and what the request adds.
///
/// # Errors
/// `MissingParameter`, or `InvalidBlockDeviceMapping` for a volume without a size or smaller than the image's snapshot.
pub(super) fn plan(mappings: &[BlockDeviceMapping], image: &Image) -> Result<Vec<PlannedVolume>, Refusal> {
    let invalid = |message: String| Refusal::new("InvalidBlockDeviceMapping", message);
    let root = PlannedVolume { device_name: image.root_device_name().to_owned(), delete_on_termination: true };
    let mut volumes = vec![root];
    for mapping in mappings {
        let device_name = mapping.device_name.as_deref().ok_or_else(|| Refusal::missing_parameter("deviceName"))?;
        if mapping.no_device.is_some() {
            continue;
        }
        let Some(ebs) = &mapping.ebs else {
            return Err(invalid(format!("The device '{device_name}' needs an EBS volume")));
        };
        let delete_on_termination = ebs.delete_on_termination.unwrap_or(true);
        if device_name == image.root_device_name() {
            if let Some(size) = ebs.volume_size.filter(|size| *size < image.volume_size()) {
                return Err(invalid(format!(
                    "Volume of size {size}GB is smaller than snapshot '{}', expect size >= {}GB",
                    image.snapshot_id,
                    image.volume_size()
                )));
            }
            volumes[0].delete_on_termination = delete_on_termination;
            continue;
        }
        if ebs.volume_size.is_none() {
            return Err(Refusal::new(
                "MissingParameter",
                "The request must contain the parameter size or snapshotId".to_owned(),
            ));
        }
        if volumes.iter().any(|volume| volume.device_name == device_name) {
            return Err(invalid(format!("The device '{device_name}' is used in more than one block-device mapping")));
        }
        volumes.push(PlannedVolume { device_name: device_name.to_owned(), delete_on_termination });
    }
    Ok(volumes)
}

/// A block device in an answer.
#[skip_serializing_none]
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
    pub(super) fn new(volume: &AttachedVolume) -> Self {
        Self {
            device_name: volume.device_name.clone(),
            ebs: EbsItem {
                volume_id: volume.id,
                status: "attached",
                attach_time: volume.attach_time.to_string(),
                delete_on_termination: volume.delete_on_termination,
            },
        }
    }
}
