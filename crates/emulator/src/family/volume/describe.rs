//! DescribeVolumes.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{InstanceId, SnapshotId, VolumeId};

use super::{Volume, VolumeType, check_page, named};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, check_filters, flag, optional, paginate, passes, text};
use crate::error::Refusal;
use crate::family::network_interface::Operator;
use crate::family::tag::{TagItem, tag_set_or_none};
use crate::family::zone;
use crate::wire::Items;

impl Volume {
    fn state(&self) -> &'static str {
        if self.attachment.is_some() { "in-use" } else { "available" }
    }

    pub(super) const FILTERS: FilterTable<Self> = &[
        ("attachment.attach-time", |volume, _| {
            optional(volume.attachment.as_ref().map(|attached| attached.attach_time))
        }),
        ("attachment.delete-on-termination", |volume, _| {
            optional(volume.attachment.as_ref().map(|attached| attached.delete_on_termination))
        }),
        ("attachment.device", |volume, _| optional(volume.attachment.as_ref().map(|attached| &attached.device))),
        ("attachment.instance-id", |volume, _| {
            optional(volume.attachment.as_ref().map(|attached| attached.instance_id))
        }),
        ("attachment.status", |volume, _| optional(volume.attachment.as_ref().map(|_| "attached"))),
        ("availability-zone", |volume, _| text(&volume.availability_zone)),
        ("availability-zone-id", |volume, cx| text(zone::zone_id(cx.region_name, &volume.availability_zone))),
        ("create-time", |volume, _| text(volume.create_time)),
        ("encrypted", |volume, _| flag(volume.specification.kms_key_id.is_some())),
        ("fast-restored", |_, _| flag(false)),
        ("multi-attach-enabled", |_, _| flag(false)),
        ("operator.managed", |_, _| flag(false)),
        ("operator.principal", |_, _| Vec::new()),
        ("size", |volume, _| text(volume.specification.size)),
        ("snapshot-id", |volume, _| optional(volume.specification.snapshot_id)),
        ("status", |volume, _| text(volume.state())),
        ("volume-id", |volume, _| text(volume.id)),
        ("volume-type", |volume, _| text(volume.specification.volume_type.as_str())),
    ];
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VolumeItem {
    volume_id: VolumeId,
    size: u32,
    snapshot_id: String,
    availability_zone: String,
    availability_zone_id: String,
    status: &'static str,
    create_time: String,
    attachment_set: Items<AttachmentItem>,
    encrypted: bool,
    kms_key_id: Option<String>,
    iops: Option<u32>,
    tag_set: Option<Items<TagItem>>,
    volume_type: VolumeType,
    fast_restored: Option<bool>,
    multi_attach_enabled: bool,
    throughput: Option<u32>,
    operator: Operator,
    volume_initialization_rate: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AttachmentItem {
    volume_id: VolumeId,
    instance_id: InstanceId,
    device: String,
    status: &'static str,
    attach_time: String,
    delete_on_termination: bool,
}

impl VolumeItem {
    fn new(volume: &Volume, cx: &Context<'_>) -> Self {
        let specification = &volume.specification;
        let attachment = volume.attachment.as_ref().map(|attachment| AttachmentItem {
            volume_id: volume.id,
            instance_id: attachment.instance_id,
            device: attachment.device.clone(),
            status: "attached",
            attach_time: attachment.attach_time.to_string(),
            delete_on_termination: attachment.delete_on_termination,
        });
        Self {
            volume_id: volume.id,
            size: specification.size,
            snapshot_id: specification.snapshot_id.as_ref().map(SnapshotId::to_string).unwrap_or_default(),
            availability_zone: volume.availability_zone.clone(),
            availability_zone_id: zone::zone_id(cx.region_name, &volume.availability_zone),
            status: volume.state(),
            create_time: volume.create_time.to_string(),
            attachment_set: attachment.into_iter().collect(),
            encrypted: specification.kms_key_id.is_some(),
            kms_key_id: specification.kms_key_id.clone(),
            iops: specification.iops,
            tag_set: tag_set_or_none(&volume.tags),
            volume_type: specification.volume_type,
            fast_restored: None,
            multi_attach_enabled: false,
            throughput: specification.throughput,
            operator: Operator::NONE,
            volume_initialization_rate: specification.initialization_rate,
        }
    }
}

/// DescribeVolumes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeVolumes {
    #[serde(rename = "VolumeId", default)]
    volume_ids: Vec<String>,
    #[serde(rename = "IncludeManagedResources")]
    _include_managed_resources: Option<bool>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeVolumesResponse {
    volume_set: Items<VolumeItem>,
    next_token: Option<String>,
}

impl Action for DescribeVolumes {
    type Response = DescribeVolumesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, Volume::FILTERS.iter().map(|(name, _)| *name))?;
        check_page(&self.volume_ids, self.max_results)?;
        let mut found = named(cx, &self.volume_ids)?;
        found.retain(|volume| passes(*volume, &self.filters, Volume::FILTERS, cx));
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (found, next_token) = paginate(cx, found, &page, |volume| volume.id.to_string())?;
        let items = found.into_iter().map(|volume| VolumeItem::new(volume, cx));
        Ok(DescribeVolumesResponse { volume_set: items.collect(), next_token })
    }
}
