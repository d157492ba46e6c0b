//! DescribeFlowLogs.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{FlowLogId, ResourceId};

use super::{DestinationOptions, DestinationType, FileFormat, FlowLog, TrafficType};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, Query, optional, select, text};
use crate::error::Refusal;
use crate::family::tag::{TagItem, tag_set};
use crate::wire::Items;

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlowLogItem {
    creation_time: String,
    deliver_logs_permission_arn: Option<String>,
    deliver_cross_account_role: Option<String>,
    deliver_logs_status: &'static str,
    flow_log_id: FlowLogId,
    flow_log_status: &'static str,
    log_group_name: Option<String>,
    resource_id: ResourceId,
    traffic_type: TrafficType,
    log_destination_type: DestinationType,
    log_destination: Option<String>,
    log_format: String,
    tag_set: Items<TagItem>,
    max_aggregation_interval: u32,
    destination_options: Option<DestinationOptionsItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DestinationOptionsItem {
    file_format: FileFormat,
    hive_compatible_partitions: bool,
    per_hour_partition: bool,
}

impl DestinationOptionsItem {
    fn new(options: DestinationOptions) -> Self {
        let DestinationOptions { file_format, hive_compatible_partitions, per_hour_partition } = options;
        Self { file_format, hive_compatible_partitions, per_hour_partition }
    }
}

impl TrafficType {
    const fn name(self) -> &'static str {
        match self {
            Self::Accept => "ACCEPT",
            Self::Reject => "REJECT",
            Self::All => "ALL",
        }
    }
}

impl DestinationType {
    const fn name(self) -> &'static str {
        match self {
            Self::CloudWatchLogs => "cloud-watch-logs",
            Self::S3 => "s3",
            Self::Firehose => "kinesis-data-firehose",
        }
    }
}

impl FlowLog {
    const FILTERS: FilterTable<Self> = &[
        ("deliver-log-status", |_, _| text("SUCCESS")),
        ("flow-log-id", |log, _| text(log.id)),
        ("log-destination-type", |log, _| text(log.settings.destination_type.name())),
        ("log-group-name", |log, _| optional(log.settings.log_group_name.as_ref())),
        ("resource-id", |log, _| text(log.resource_id)),
        ("traffic-type", |log, _| text(log.settings.traffic_type.name())),
    ];

    /// The destination's ARN. That of a log group which was told by name follows from the name.
    fn log_destination(&self, cx: &Context<'_>) -> Option<String> {
        let of_group = |name: &String| format!("arn:aws:logs:{}:{}:log-group:{name}", cx.region_name, cx.account_id());
        self.settings.log_destination.clone().or_else(|| self.settings.log_group_name.as_ref().map(of_group))
    }
}

impl FlowLogItem {
    fn new(log: &FlowLog, cx: &Context<'_>) -> Self {
        let settings = &log.settings;
        Self {
            creation_time: log.created.to_string(),
            deliver_logs_permission_arn: settings.permission_arn.clone(),
            deliver_cross_account_role: settings.cross_account_role.clone(),
            deliver_logs_status: "SUCCESS",
            flow_log_id: log.id,
            flow_log_status: "ACTIVE",
            log_group_name: settings.log_group_name.clone(),
            resource_id: log.resource_id,
            traffic_type: settings.traffic_type,
            log_destination_type: settings.destination_type,
            log_destination: log.log_destination(cx),
            log_format: settings.format.clone(),
            tag_set: tag_set(&log.tags),
            max_aggregation_interval: settings.max_aggregation_interval,
            destination_options: settings.destination_options.map(DestinationOptionsItem::new),
        }
    }
}

/// DescribeFlowLogs. Ids that name nothing are no mistake: they find nothing.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeFlowLogs {
    #[serde(rename = "FlowLogId", default)]
    ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeFlowLogsResponse {
    flow_log_set: Items<FlowLogItem>,
    next_token: Option<String>,
}

impl Action for DescribeFlowLogs {
    type Response = DescribeFlowLogsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let mut filters = self.filters;
        if !self.ids.is_empty() {
            filters.push(Filter { name: "flow-log-id".to_owned(), values: self.ids });
        }
        let query = Query {
            ids: &[],
            filters: &filters,
            page: Page { max_results: self.max_results, next_token: self.next_token },
            ids_name: "FlowLogIds",
        };
        let (found, next_token) = select(cx, &query, FlowLog::FILTERS)?;
        Ok(DescribeFlowLogsResponse {
            flow_log_set: found.into_iter().map(|log| FlowLogItem::new(log, cx)).collect(),
            next_token,
        })
    }
}
