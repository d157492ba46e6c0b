//! Flow logs of VPCs, subnets and network interfaces: what is to be logged and where to. No traffic flows here, so none is logged.
//!
//! Sources: CreateFlowLogs, DescribeFlowLogs, DeleteFlowLogs; "Flow logs" in the Amazon VPC User Guide; refusals recorded on AWS by
//! LocalStack, and those of moto where nothing better is known.

mod create;
mod describe;
mod format;

use serde::{Deserialize, Serialize};
use vpcrun_model::{FlowLogId, ResourceId};

use self::create::{CreateFlowLogs, DeleteFlowLogs};
use self::describe::DescribeFlowLogs;
use crate::action::actions;
use crate::clock::Timestamp;
use crate::error::IdWording;
use crate::state::{Tags, resource};

actions![CreateFlowLogs, DeleteFlowLogs, DescribeFlowLogs];

/// A flow log. It goes with the resource that it watches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FlowLog {
    id: FlowLogId,
    resource_id: ResourceId,
    created: Timestamp,
    settings: Settings,
    tags: Tags,
}

resource!(
    FlowLog as FlowLog,
    FlowLogId,
    "vpc-flow-log",
    IdWording { noun: "flow log", not_found: "InvalidFlowLogId.NotFound", malformed: "InvalidFlowLogId.Malformed" },
    fn references(&self) -> Vec<ResourceId> {
        vec![self.resource_id]
    }
);

/// What a request says of all its flow logs. A resource has no two flow logs with the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Settings {
    traffic_type: TrafficType,
    destination_type: DestinationType,
    /// The log group, where CloudWatch Logs was told by name.
    log_group_name: Option<String>,
    /// The ARN of the destination, where it was told by ARN.
    log_destination: Option<String>,
    permission_arn: Option<String>,
    cross_account_role: Option<String>,
    format: String,
    /// In seconds.
    max_aggregation_interval: u32,
    /// Of logs in S3.
    destination_options: Option<DestinationOptions>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum TrafficType {
    Accept,
    Reject,
    All,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum DestinationType {
    #[default]
    #[serde(rename = "cloud-watch-logs")]
    CloudWatchLogs,
    #[serde(rename = "s3")]
    S3,
    #[serde(rename = "kinesis-data-firehose")]
    Firehose,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct DestinationOptions {
    file_format: FileFormat,
    hive_compatible_partitions: bool,
    per_hour_partition: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FileFormat {
    #[default]
    PlainText,
    Parquet,
}
