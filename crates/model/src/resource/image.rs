//! Images, as far as launching from one needs to know them.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::Tag;
use super::tag::resource;
use crate::id::{ImageId, SnapshotId};
use crate::text::open_enum;

/// An Amazon Machine Image.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Image {
    /// The image's id.
    pub image_id: ImageId,
    /// The image's name. Not the `Name` tag.
    #[serde(rename = "Name")]
    pub image_name: Option<String>,
    /// What it holds.
    pub description: Option<String>,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// `amazon`, `aws-marketplace` or `self`.
    pub image_owner_alias: Option<String>,
    /// `machine`, `kernel` or `ramdisk`.
    pub image_type: Option<String>,
    /// Whether it can be launched.
    pub state: Option<ImageState>,
    /// Whether every account may launch it.
    #[serde(default)]
    pub public: bool,
    /// `x86_64` or `arm64`, among others.
    pub architecture: Option<String>,
    /// `Linux/UNIX`, among others.
    pub platform_details: Option<String>,
    /// `xen`.
    pub hypervisor: Option<String>,
    /// `hvm` or `paravirtual`.
    pub virtualization_type: Option<String>,
    /// Whether enhanced networking with ENA is on.
    pub ena_support: Option<bool>,
    /// The device of the root volume.
    pub root_device_name: Option<String>,
    /// `ebs` or `instance-store`.
    pub root_device_type: Option<String>,
    /// The volumes of an instance launched from it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub block_device_mappings: Vec<ImageBlockDevice>,
    /// When it was made, in AWS's own text.
    pub creation_date: Option<String>,
    /// The image's tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

resource!(Image, image_id);

open_enum! {
    /// Whether an image can be launched.
    ImageState {
        /// Being made.
        Pending => "pending",
        /// Can be launched.
        Available => "available",
        /// Removed.
        Deregistered => "deregistered",
        /// Turned off by its owner.
        Disabled => "disabled",
        /// Could not be made.
        Failed => "failed",
    }
}

/// A volume of an image.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ImageBlockDevice {
    /// The device, such as `/dev/xvda`.
    pub device_name: Option<String>,
    /// The EBS volume to make.
    pub ebs: Option<EbsBlockDevice>,
}

/// An EBS volume to make at launch.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EbsBlockDevice {
    /// The snapshot it is made from.
    pub snapshot_id: Option<SnapshotId>,
    /// Its size in GiB.
    pub volume_size: Option<u32>,
    /// Its type, such as `gp3`.
    pub volume_type: Option<String>,
    /// Whether it is deleted when the instance is terminated.
    pub delete_on_termination: Option<bool>,
    /// Whether it is encrypted.
    pub encrypted: Option<bool>,
}
