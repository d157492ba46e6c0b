//! DescribeVolumeStatus, DescribeVolumeAttribute, DescribeVolumesModifications. Every volume is well, none was ever modified.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{InstanceId, VolumeId};

use super::{Volume, check_page, find, named};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, check_filters, paginate, passes_untagged, text};
use crate::error::Refusal;
use crate::family::network_interface::Operator;
use crate::family::vpc::AttributeValue;
use crate::family::zone;
use crate::wire::Items;

/// DescribeVolumeStatus.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeVolumeStatus {
    #[serde(rename = "VolumeId", default)]
    volume_ids: Vec<String>,
    #[serde(rename = "IncludeManagedResources")]
    _include_managed_resources: Option<bool>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

const FILTERS: FilterTable<Volume> = &[
    ("action.code", |_, _| Vec::new()),
    ("action.description", |_, _| Vec::new()),
    ("action.event-id", |_, _| Vec::new()),
    ("availability-zone", |volume, _| text(&volume.availability_zone)),
    ("event.description", |_, _| Vec::new()),
    ("event.event-id", |_, _| Vec::new()),
    ("event.event-type", |_, _| Vec::new()),
    ("event.not-after", |_, _| Vec::new()),
    ("event.not-before", |_, _| Vec::new()),
    ("volume-status.details-name", |_, _| vec!["io-enabled".to_owned(), "io-performance".to_owned()]),
    ("volume-status.details-status", |_, _| vec!["passed".to_owned(), "not-applicable".to_owned()]),
    ("volume-status.status", |_, _| text("ok")),
];

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeVolumeStatusResponse {
    volume_status_set: Items<StatusItem>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusItem {
    volume_id: VolumeId,
    availability_zone: String,
    availability_zone_id: String,
    volume_status: Status,
    events_set: Items<()>,
    actions_set: Items<()>,
    attachment_statuses: Items<AttachmentStatus>,
    operator: Operator,
}

#[derive(Serialize)]
struct Status {
    status: &'static str,
    details: Items<Detail>,
}

#[derive(Serialize)]
struct Detail {
    name: &'static str,
    status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AttachmentStatus {
    instance_id: InstanceId,
    io_performance: String,
}

impl StatusItem {
    fn new(volume: &Volume, cx: &Context<'_>) -> Self {
        let attachment = volume.attachment.as_ref().map(|attachment| AttachmentStatus {
            instance_id: attachment.instance_id,
            io_performance: "not-applicable".to_owned(),
        });
        Self {
            volume_id: volume.id,
            availability_zone: volume.availability_zone.clone(),
            availability_zone_id: zone::zone_id(cx.region_name, &volume.availability_zone),
            volume_status: Status {
                status: "ok",
                details: vec![
                    Detail { name: "io-enabled", status: "passed" },
                    Detail { name: "io-performance", status: "not-applicable" },
                ]
                .into(),
            },
            events_set: Items::default(),
            actions_set: Items::default(),
            attachment_statuses: attachment.into_iter().collect(),
            operator: Operator::NONE,
        }
    }
}

impl Action for DescribeVolumeStatus {
    type Response = DescribeVolumeStatusResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, FILTERS.iter().map(|(name, _)| *name))?;
        check_page(&self.volume_ids, self.max_results)?;
        let mut found = named(cx, &self.volume_ids)?;
        found.retain(|volume| passes_untagged(*volume, &self.filters, FILTERS, cx));
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (found, next_token) = paginate(cx, found, &page, |volume| volume.id.to_string())?;
        let items = found.into_iter().map(|volume| StatusItem::new(volume, cx));
        Ok(DescribeVolumeStatusResponse { volume_status_set: items.collect(), next_token })
    }
}

/// DescribeVolumeAttribute.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeVolumeAttribute {
    volume_id: String,
    attribute: VolumeAttribute,
}

#[derive(Clone, Copy, Deserialize)]
enum VolumeAttribute {
    #[serde(rename = "autoEnableIO")]
    AutoEnableIo,
    #[serde(rename = "productCodes")]
    ProductCodes,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeVolumeAttributeResponse {
    volume_id: VolumeId,
    #[serde(rename = "autoEnableIO")]
    auto_enable_io: Option<AttributeValue>,
    product_codes: Option<Items<()>>,
}

impl Action for DescribeVolumeAttribute {
    type Response = DescribeVolumeAttributeResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let volume_id = find(cx, &self.volume_id)?.id;
        Ok(match self.attribute {
            VolumeAttribute::AutoEnableIo => DescribeVolumeAttributeResponse {
                volume_id,
                auto_enable_io: Some(AttributeValue { value: false }),
                product_codes: None,
            },
            VolumeAttribute::ProductCodes => DescribeVolumeAttributeResponse {
                volume_id,
                auto_enable_io: None,
                product_codes: Some(Items::default()),
            },
        })
    }
}

/// DescribeVolumesModifications.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeVolumesModifications {
    #[serde(rename = "VolumeId", default)]
    volume_ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeVolumesModificationsResponse {
    volume_modification_set: Items<()>,
    next_token: Option<String>,
}

const MODIFICATION_FILTERS: [&str; 11] = [
    "modification-state",
    "original-iops",
    "original-size",
    "original-volume-type",
    "originalMultiAttachEnabled",
    "start-time",
    "target-iops",
    "target-size",
    "target-volume-type",
    "targetMultiAttachEnabled",
    "volume-id",
];

impl Action for DescribeVolumesModifications {
    type Response = DescribeVolumesModificationsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, MODIFICATION_FILTERS.into_iter())?;
        if !self.volume_ids.is_empty() {
            named(cx, &self.volume_ids)?;
            // Terraform and others look for this code, and take it as "never modified".
            let list = self.volume_ids.join(", ");
            let message = format!("Modification for volume '{list}' does not exist.");
            return Err(Refusal::new("InvalidVolumeModification.NotFound", message));
        }
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (_, next_token) = paginate(cx, Vec::<String>::new(), &page, Clone::clone)?;
        Ok(DescribeVolumesModificationsResponse { volume_modification_set: Items::default(), next_token })
    }
}
