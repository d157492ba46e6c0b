//! EBS volumes, as far as instances bring them along: a launch makes them, a termination deletes them or leaves them behind.
//!
//! Sources: DescribeVolumes, DescribeVolumeAttribute, DescribeVolumeStatus, DescribeVolumesModifications; "Amazon EBS volume
//! types" in the Amazon EBS User Guide. CreateVolume, AttachVolume and snapshots are not here.

mod describe;
mod status;

use serde::{Deserialize, Serialize};
use vpcrun_model::{InstanceId, ResourceId, SnapshotId, VolumeId};

use crate::action::{Context, actions};
use crate::clock::Timestamp;
use crate::error::{IdWording, Refusal};
use crate::state::{Region, Tags, resource};

use describe::DescribeVolumes;
use status::{DescribeVolumeAttribute, DescribeVolumeStatus, DescribeVolumesModifications};

actions![DescribeVolumeAttribute, DescribeVolumeStatus, DescribeVolumes, DescribeVolumesModifications];

/// A volume.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Volume {
    pub(crate) id: VolumeId,
    pub(crate) availability_zone: String,
    pub(crate) specification: VolumeSpecification,
    pub(crate) create_time: Timestamp,
    pub(crate) attachment: Option<Attachment>,
    pub(crate) tags: Tags,
}

/// What a volume is like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct VolumeSpecification {
    /// GiB.
    pub(crate) size: u32,
    pub(crate) volume_type: VolumeType,
    pub(crate) iops: Option<u32>,
    /// MiB a second.
    pub(crate) throughput: Option<u32>,
    /// The key that it is encrypted with.
    pub(crate) kms_key_id: Option<String>,
    pub(crate) snapshot_id: Option<SnapshotId>,
    /// MiB a second.
    pub(crate) initialization_rate: Option<u32>,
}

impl VolumeSpecification {
    /// With what its type gives where nothing was asked for.
    pub(crate) fn completed(mut self) -> Self {
        self.iops = self.iops.or(self.volume_type.default_iops(self.size));
        self.throughput = self.throughput.or((self.volume_type == VolumeType::Gp3).then_some(125));
        self
    }
}

/// The attachment of a volume to an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attachment {
    pub(crate) instance_id: InstanceId,
    pub(crate) device: String,
    pub(crate) attach_time: Timestamp,
    pub(crate) delete_on_termination: bool,
}

resource!(
    Volume as Volume,
    VolumeId,
    "volume",
    IdWording { noun: "volume", not_found: "InvalidVolume.NotFound", malformed: "InvalidParameterValue" },
    fn references(&self) -> Vec<ResourceId> {
        self.attachment.iter().map(|attachment| attachment.instance_id.into()).collect()
    }
);

/// A kind of volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum VolumeType {
    Standard,
    Io1,
    Io2,
    Gp2,
    Sc1,
    St1,
    Gp3,
}

impl VolumeType {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Io1 => "io1",
            Self::Io2 => "io2",
            Self::Gp2 => "gp2",
            Self::Sc1 => "sc1",
            Self::St1 => "st1",
            Self::Gp3 => "gp3",
        }
    }

    /// The smallest and the largest size in GiB. Source: EbsBlockDevice, VolumeSize.
    pub(crate) const fn sizes(self) -> (u32, u32) {
        match self {
            Self::Gp2 => (1, 16_384),
            Self::Gp3 => (1, 65_536),
            Self::Io1 => (4, 16_384),
            Self::Io2 => (4, 65_536),
            Self::St1 | Self::Sc1 => (125, 16_384),
            Self::Standard => (1, 1_024),
        }
    }

    /// The smallest and the largest IOPS that can be asked for. Source: EbsBlockDevice, Iops.
    pub(crate) const fn iops(self) -> Option<(u32, u32)> {
        match self {
            Self::Gp3 => Some((3_000, 80_000)),
            Self::Io1 => Some((100, 64_000)),
            Self::Io2 => Some((100, 256_000)),
            _ => None,
        }
    }

    /// What a volume of the type has that was told nothing. Source: "Amazon EBS volume types" in the Amazon EBS User Guide.
    pub(crate) fn default_iops(self, size: u32) -> Option<u32> {
        match self {
            Self::Gp2 => Some(size.saturating_mul(3).clamp(100, 16_000)),
            Self::Gp3 => Some(3_000),
            _ => None,
        }
    }
}

/// The volumes of an instance, by device.
pub(crate) fn attached_to(region: &Region, instance: InstanceId) -> Vec<(&Volume, &Attachment)> {
    let volumes = region.referrers::<Volume>(instance);
    let mut volumes: Vec<_> = volumes.filter_map(|volume| Some((volume, volume.attachment.as_ref()?))).collect();
    volumes.sort_by(|(_, one), (_, other)| one.device.cmp(&other.device));
    volumes
}

/// The volume with this id.
///
/// # Errors
/// `InvalidParameterValue` for no volume id, `InvalidVolume.NotFound`.
pub(crate) fn find<'c>(cx: &'c Context<'_>, id: &str) -> Result<&'c Volume, Refusal> {
    let parsed: VolumeId = id.parse().map_err(|_| {
        let message = format!("Value ({id}) for parameter volumeId is invalid. Expected: 'vol-...'.");
        Refusal::invalid_parameter_value(message)
    })?;
    let missing = || Refusal::new("InvalidVolume.NotFound", format!("The volume '{id}' does not exist."));
    cx.region.get(parsed).ok_or_else(missing)
}

/// The volumes that a request names, or all.
///
/// # Errors
/// Those of [`find`].
fn named<'c>(cx: &'c Context<'_>, ids: &[String]) -> Result<Vec<&'c Volume>, Refusal> {
    if ids.is_empty() {
        return Ok(cx.region.all::<Volume>().collect());
    }
    let mut found = ids.iter().map(|id| find(cx, id)).collect::<Result<Vec<_>, _>>()?;
    found.sort_by_key(|volume| volume.id);
    found.dedup_by_key(|volume| volume.id);
    Ok(found)
}

/// # Errors
/// `InvalidParameterCombination` for ids with a page.
fn check_page(ids: &[String], max_results: Option<i64>) -> Result<(), Refusal> {
    if ids.is_empty() || max_results.is_none() {
        return Ok(());
    }
    let message = "The parameter volumeSet cannot be used with the parameter maxResults";
    Err(Refusal::invalid_parameter_combination(message))
}
