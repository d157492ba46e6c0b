//! Images: the public ones of AWS and Canonical. An account of its own has none, as no action here makes one.
//!
//! Sources: DescribeImages; "Reference the latest AMIs using Systems Manager public parameters" in the EC2 User Guide.

mod catalogue;
mod describe;

use vpcrun_model::{Id, ImageId, SnapshotId};

use crate::action::{Context, actions};
use crate::error::{IdWording, Refusal};

pub(crate) use catalogue::Architecture;
use catalogue::{Entry, IMAGES};
use describe::DescribeImages;

actions![DescribeImages];

/// A public image in one region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Image {
    pub(crate) id: ImageId,
    pub(crate) snapshot_id: SnapshotId,
    entry: &'static Entry,
}

const WORDING: IdWording =
    IdWording { noun: "image", not_found: "InvalidAMIID.NotFound", malformed: "InvalidAMIID.Malformed" };

impl Image {
    /// An image has another id in each region, but the same in all worlds.
    fn in_region(entry: &'static Entry, region_name: &str) -> Self {
        Self {
            id: ImageId::from_bits(digits(&["image", region_name, entry.name])),
            snapshot_id: SnapshotId::from_bits(digits(&["snapshot", region_name, entry.name])),
            entry,
        }
    }

    pub(crate) fn architecture(&self) -> Architecture {
        self.entry.architecture
    }

    /// The device of the root volume, such as `/dev/xvda`.
    pub(crate) fn root_device_name(&self) -> &'static str {
        self.entry.root_device_name
    }

    /// The size of the root volume in GiB.
    pub(crate) fn volume_size(&self) -> u32 {
        self.entry.volume_size
    }

    /// The type of the root volume, such as `gp3`.
    pub(crate) fn volume_type(&self) -> &'static str {
        self.entry.volume_type
    }

    /// `uefi-preferred`, among others.
    pub(crate) fn boot_mode(&self) -> Option<&'static str> {
        self.entry.boot_mode
    }

    /// `v2.0` where instances are to take only requests with a token to the metadata service.
    pub(crate) fn imds_support(&self) -> Option<&'static str> {
        self.entry.imds_support
    }

    /// What the instance is billed as.
    pub(crate) const PLATFORM_DETAILS: &'static str = "Linux/UNIX";
    pub(crate) const USAGE_OPERATION: &'static str = "RunInstances";
    pub(crate) const HYPERVISOR: &'static str = "xen";
    pub(crate) const VIRTUALIZATION_TYPE: &'static str = "hvm";
    pub(crate) const ROOT_DEVICE_TYPE: &'static str = "ebs";
}

/// 64 bits by FNV-1a, a hash that is the same in every build. Ids of AWS of this length start with a zero, too.
fn digits(parts: &[&str]) -> u128 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in parts.join("/").bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    u128::from(hash)
}

/// All images of a region, in the order of the catalogue.
fn all(region_name: &str) -> impl Iterator<Item = Image> {
    IMAGES.iter().map(move |entry| Image::in_region(entry, region_name))
}

/// The image that a launch names: by its id, or by `resolve:ssm:` and a public parameter.
///
/// # Errors
/// `InvalidAMIID.Malformed`, `InvalidAMIID.NotFound`, or `SsmInvalidParameter` for an unknown parameter.
pub(crate) fn find(cx: &Context<'_>, text: &str) -> Result<Image, Refusal> {
    match text.strip_prefix("resolve:ssm:") {
        Some(parameter) => by_parameter(cx.region_name, parameter),
        None => by_id(cx.region_name, text)?.ok_or_else(|| not_found(&[text])),
    }
}

/// `None` where the id is right but unknown.
fn by_id(region_name: &str, text: &str) -> Result<Option<Image>, Refusal> {
    let id: ImageId = text.parse().map_err(|_| WORDING.malformed::<ImageId>(text))?;
    if id == ImageId::from_bits(0) {
        return Err(Refusal::new(WORDING.malformed, format!("Invalid id: \"{text}\"")));
    }
    Ok(all(region_name).find(|image| image.id == id))
}

/// EC2 names all ids of a request that are unknown.
fn not_found(ids: &[&str]) -> Refusal {
    let list = ids.join(", ");
    let message = match ids {
        [_] => format!("The image id '[{list}]' does not exist"),
        _ => format!("The image ids '[{list}]' do not exist"),
    };
    Refusal::new(WORDING.not_found, message)
}

/// Public parameters come without a version: the current one is the only one.
fn by_parameter(region_name: &str, parameter: &str) -> Result<Image, Refusal> {
    all(region_name)
        .find(|image| image.entry.parameters.contains(&parameter))
        .ok_or_else(|| Refusal::new("SsmInvalidParameter", format!("The following aliases are invalid: {parameter}")))
}
