//! Images: the public ones of AWS and Canonical, and those that the account registers or copies.
//!
//! Sources: DescribeImages, RegisterImage, CopyImage, DeregisterImage, ModifyImageAttribute; "Reference the latest AMIs using
//! Systems Manager public parameters" in the EC2 User Guide; answers recorded on AWS.

mod attribute;
mod catalogue;
mod describe;
mod permission;
mod register;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use vpcrun_model::{Id, ImageId, SnapshotId};

use crate::action::{Context, actions};
use crate::clock::Timestamp;
use crate::error::{IdWording, Refusal};
use crate::family::volume::{VolumeSpecification, VolumeType};
use crate::state::{Region, Resource, Tags, resource};

use attribute::{DescribeImageAttribute, ModifyImageAttribute, ResetImageAttribute};
pub(crate) use catalogue::Architecture;
use catalogue::{Entry, IMAGES};
use describe::DescribeImages;
use permission::LaunchPermission;
use register::{CopyImage, DeregisterImage, RegisterImage};

actions![
    CopyImage,
    DeregisterImage,
    DescribeImageAttribute,
    DescribeImages,
    ModifyImageAttribute,
    RegisterImage,
    ResetImageAttribute
];

/// An image in one region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Image {
    pub(crate) id: ImageId,
    owner_id: String,
    /// `amazon`, which also stands for verified partners.
    owner_alias: Option<String>,
    name: String,
    description: Option<String>,
    architecture: Architecture,
    root_device_name: String,
    devices: Vec<Device>,
    boot_mode: Option<BootMode>,
    tpm_support: Option<String>,
    imds_support: Option<String>,
    ena_support: bool,
    sriov_net_support: bool,
    creation_date: String,
    /// Until then it is pending.
    available_from: Timestamp,
    permissions: BTreeSet<LaunchPermission>,
    /// The image that it is a copy of, and its region.
    source: Option<(ImageId, String)>,
    /// A deregistered image of the account is known, but shown no more.
    is_deregistered: bool,
    tags: Tags,
}

resource!(
    Image as Image,
    ImageId,
    "image",
    IdWording { noun: "image", not_found: "InvalidAMIID.NotFound", malformed: "InvalidAMIID.Malformed" },
    fn aliases(&self) -> Vec<String> {
        let name = (!self.is_deregistered).then(|| alias(&self.name));
        name.into_iter().collect()
    }
);

fn alias(name: &str) -> String {
    format!("image/{name}")
}

/// A device that an instance of the image gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Device {
    device_name: String,
    /// An instance store volume, on types that have some.
    virtual_name: Option<String>,
    volume: Option<DeviceVolume>,
}

/// A volume that an instance of an image gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DeviceVolume {
    pub(crate) delete_on_termination: bool,
    pub(crate) specification: VolumeSpecification,
}

/// How an instance of the image starts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum BootMode {
    LegacyBios,
    Uefi,
    UefiPreferred,
}

impl BootMode {
    const fn as_str(self) -> &'static str {
        match self {
            Self::LegacyBios => "legacy-bios",
            Self::Uefi => "uefi",
            Self::UefiPreferred => "uefi-preferred",
        }
    }
}

impl Image {
    /// A public image has another id in each region, but the same in all worlds.
    fn in_region(entry: &'static Entry, region_name: &str) -> Self {
        // What gp3 gives without extra cost; Canonical's images leave it out.
        let amazon_gp3 = entry.volume_type == VolumeType::Gp3 && entry.ephemeral_devices.is_empty();
        let root = DeviceVolume {
            delete_on_termination: true,
            specification: VolumeSpecification {
                size: entry.volume_size,
                volume_type: entry.volume_type,
                iops: amazon_gp3.then_some(3_000),
                throughput: amazon_gp3.then_some(125),
                kms_key_id: None,
                snapshot_id: Some(SnapshotId::from_bits(digits(&["snapshot", region_name, entry.name]))),
                initialization_rate: None,
            },
        };
        let root = Device { device_name: entry.root_device_name.to_owned(), virtual_name: None, volume: Some(root) };
        let ephemeral = entry.ephemeral_devices.iter().enumerate().map(|(number, device_name)| Device {
            device_name: (*device_name).to_owned(),
            virtual_name: Some(format!("ephemeral{number}")),
            volume: None,
        });
        Self {
            id: ImageId::from_bits(digits(&["image", region_name, entry.name])),
            owner_id: entry.owner_id.to_owned(),
            owner_alias: Some("amazon".to_owned()),
            name: entry.name.to_owned(),
            description: Some(entry.description.to_owned()),
            architecture: entry.architecture,
            root_device_name: entry.root_device_name.to_owned(),
            devices: std::iter::once(root).chain(ephemeral).collect(),
            boot_mode: entry.boot_mode,
            tpm_support: None,
            imds_support: entry.imds_support.map(str::to_owned),
            ena_support: true,
            sriov_net_support: true,
            creation_date: entry.creation_date.to_owned(),
            available_from: Timestamp::default(),
            permissions: [LaunchPermission::All].into(),
            source: None,
            is_deregistered: false,
            tags: Tags::new(),
        }
    }

    pub(crate) fn architecture(&self) -> Architecture {
        self.architecture
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The device of the root volume, such as `/dev/xvda`.
    pub(crate) fn root_device_name(&self) -> &str {
        &self.root_device_name
    }

    /// The volumes by their devices.
    pub(crate) fn volumes(&self) -> impl Iterator<Item = (&str, &DeviceVolume)> {
        self.devices.iter().filter_map(|device| Some((device.device_name.as_str(), device.volume.as_ref()?)))
    }

    /// `uefi-preferred`, among others.
    pub(crate) fn boot_mode(&self) -> Option<&'static str> {
        self.boot_mode.map(BootMode::as_str)
    }

    /// `v2.0` where instances are to take only requests with a token to the metadata service.
    pub(crate) fn imds_support(&self) -> Option<&str> {
        self.imds_support.as_deref()
    }

    /// `v2.0` where instances have a trusted platform module.
    pub(crate) fn tpm_support(&self) -> Option<&str> {
        self.tpm_support.as_deref()
    }

    pub(crate) fn ena_support(&self) -> bool {
        self.ena_support
    }

    /// What the instance is billed as.
    pub(crate) const PLATFORM_DETAILS: &'static str = "Linux/UNIX";
    pub(crate) const USAGE_OPERATION: &'static str = "RunInstances";
    pub(crate) const HYPERVISOR: &'static str = "xen";
    pub(crate) const VIRTUALIZATION_TYPE: &'static str = "hvm";
    pub(crate) const ROOT_DEVICE_TYPE: &'static str = "ebs";
}

/// 64 bits by FNV-1a, a hash that is the same in every build. Ids of AWS of this length start with a zero, too.
pub(crate) fn digits(parts: &[&str]) -> u128 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in parts.join("/").bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    u128::from(hash)
}

/// The public images of a region, in the order of the catalogue.
fn public(region_name: &str) -> impl Iterator<Item = Image> {
    IMAGES.iter().map(move |entry| Image::in_region(entry, region_name))
}

/// The image that a launch names: by its id, or by `resolve:ssm:` and a public parameter.
///
/// # Errors
/// `InvalidAMIID.Malformed`, `.NotFound` or `.Unavailable`, or `SsmInvalidParameter` for an unknown parameter.
pub(crate) fn find(cx: &Context<'_>, text: &str) -> Result<Image, Refusal> {
    if let Some(parameter) = text.strip_prefix("resolve:ssm:") {
        return by_parameter(cx.region_name, parameter);
    }
    let image = by_id(&cx.region, cx.region_name, text)?.ok_or_else(|| not_found(&[text]))?;
    if image.is_deregistered || cx.now < image.available_from {
        return Err(unavailable(image.id));
    }
    Ok(image)
}

/// [`find`], for a launch on a type that an image fits. Where any image is known, one that nobody made is like the first of the
/// catalogue that fits.
///
/// # Errors
/// As [`find`].
pub(crate) fn find_to_launch(
    cx: &Context<'_>,
    text: &str,
    fits: impl Fn(Architecture) -> bool,
) -> Result<Image, Refusal> {
    match (find(cx, text), text.parse::<ImageId>()) {
        (Err(refusal), Ok(id)) if cx.accepts_any_image() && refusal.code == Image::WORDING.not_found => {
            let like = public(cx.region_name).find(|image| fits(image.architecture));
            like.map(|image| Image { id, ..image }).ok_or(refusal)
        }
        (found, _) => found,
    }
}

/// An image that was there, or is not yet.
fn unavailable(id: ImageId) -> Refusal {
    Refusal::new("InvalidAMIID.Unavailable", format!("The image ID '{id}' is no longer available"))
}

/// `None` where the id is right but unknown.
fn by_id(region: &Region, region_name: &str, text: &str) -> Result<Option<Image>, Refusal> {
    let id: ImageId = text.parse().map_err(|_| Image::WORDING.malformed::<ImageId>(text))?;
    if id == ImageId::from_bits(0) {
        return Err(Refusal::new(Image::WORDING.malformed, format!("Invalid id: \"{text}\"")));
    }
    let own = region.get::<Image>(id).cloned();
    Ok(own.or_else(|| public(region_name).find(|image| image.id == id)))
}

/// EC2 names all ids of a request that are unknown.
fn not_found(ids: &[&str]) -> Refusal {
    let list = ids.join(", ");
    let message = match ids {
        [_] => format!("The image id '[{list}]' does not exist"),
        _ => format!("The image ids '[{list}]' do not exist"),
    };
    Refusal::new(Image::WORDING.not_found, message)
}

/// Public parameters come without a version: the current one is the only one.
fn by_parameter(region_name: &str, parameter: &str) -> Result<Image, Refusal> {
    IMAGES
        .iter()
        .find(|entry| entry.parameters.contains(&parameter))
        .map(|entry| Image::in_region(entry, region_name))
        .ok_or_else(|| Refusal::new("SsmInvalidParameter", format!("The following aliases are invalid: {parameter}")))
}

/// An image of the account that can be changed.
///
/// # Errors
/// `InvalidAMIID.…`, or `AuthFailure` for an image of somebody else.
fn own<'c>(cx: &'c Context<'_>, text: &str) -> Result<&'c Image, Refusal> {
    let image = by_id(&cx.region, cx.region_name, text)?.ok_or_else(|| not_found(&[text]))?;
    if image.is_deregistered {
        return Err(unavailable(image.id));
    }
    let id = image.id;
    cx.region.get(id).ok_or_else(|| Refusal::new("AuthFailure", format!("Not authorized for image:{id}")))
}
