//! CreateFlowLogs and DeleteFlowLogs. A flow log that cannot be made does not keep the others from being made.

use serde::{Deserialize, Serialize};
use vpcrun_model::{FlowLogId, ResourceId};

use super::{DestinationOptions, DestinationType, FileFormat, FlowLog, Settings, TrafficType, format};
use crate::action::{Action, Context};
use crate::client_token::generated_token;
use crate::error::Refusal;
use crate::family::network_interface::NetworkInterface;
use crate::family::subnet::Subnet;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::family::vpc::Vpc;
use crate::state::Resource;
use crate::wire::Items;

const MAX_RESOURCES: usize = 1_000;

/// CreateFlowLogs.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateFlowLogs {
    #[serde(rename = "ResourceId", default)]
    resource_ids: Vec<String>,
    resource_type: ResourceType,
    traffic_type: Option<TrafficType>,
    log_destination_type: Option<DestinationType>,
    log_destination: Option<String>,
    log_group_name: Option<String>,
    deliver_logs_permission_arn: Option<String>,
    deliver_cross_account_role: Option<String>,
    log_format: Option<String>,
    max_aggregation_interval: Option<u32>,
    destination_options: Option<DestinationOptionsRequest>,
    client_token: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
enum ResourceType {
    #[serde(rename = "VPC")]
    Vpc,
    Subnet,
    NetworkInterface,
    TransitGateway,
    TransitGatewayAttachment,
    RegionalNatGateway,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DestinationOptionsRequest {
    #[serde(default)]
    file_format: FileFormat,
    #[serde(default)]
    hive_compatible_partitions: bool,
    #[serde(default)]
    per_hour_partition: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateFlowLogsResponse {
    client_token: String,
    flow_log_id_set: Items<FlowLogId>,
    unsuccessful: Items<UnsuccessfulItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UnsuccessfulItem {
    error: ErrorItem,
    resource_id: String,
}

#[derive(Serialize)]
struct ErrorItem {
    code: String,
    message: String,
}

fn invalid(message: &str) -> Refusal {
    Refusal::new("InvalidParameter", message.to_owned())
}

fn missing(parameter: &str) -> Refusal {
    let message = format!(
        "The request must include the {parameter} parameter. Add the required parameter and retry the request."
    );
    Refusal::new("MissingParameter", message)
}

const NAME: &str = "CreateFlowLogs";

impl CreateFlowLogs {
    fn check_resources(&self) -> Result<(), Refusal> {
        if self.resource_ids.is_empty() {
            return Err(Refusal::missing_parameter("ResourceId"));
        }
        if self.resource_ids.len() > MAX_RESOURCES {
            let message = format!("The number of ResourceIds exceeds the maximum of {MAX_RESOURCES}.");
            return Err(Refusal::invalid_parameter_value(message));
        }
        match self.resource_type {
            ResourceType::Vpc | ResourceType::Subnet | ResourceType::NetworkInterface => Ok(()),
            ResourceType::TransitGateway
            | ResourceType::TransitGatewayAttachment
            | ResourceType::RegionalNatGateway => {
                let message = "Flow logs of this resource type are not supported here.".to_owned();
                Err(Refusal::new("UnsupportedOperation", message))
            }
        }
    }

    /// Where the logs go: a log group by its name, or any destination by its ARN.
    fn check_destination(&self, destination_type: DestinationType) -> Result<(), Refusal> {
        match (&self.log_group_name, &self.log_destination) {
            (Some(_), Some(_)) => {
                return Err(invalid("Please only provide LogGroupName or only provide LogDestination."));
            }
            (None, None) => return Err(invalid("LogDestination can't be empty if LogGroupName is not provided.")),
            (Some(_), None) if destination_type != DestinationType::CloudWatchLogs => {
                return Err(invalid("LogGroupName is only valid if LogDestinationType is cloud-watch-logs."));
            }
            (Some(_), None) => {}
            (None, Some(arn)) => {
                let (service, kind) = match destination_type {
                    DestinationType::CloudWatchLogs => ("logs", "cloud-watch-logs"),
                    DestinationType::S3 => ("s3", "s3"),
                    DestinationType::Firehose => ("firehose", "kinesis-data-firehose"),
                };
                let mut parts = arn.split(':');
                let fits = parts.next() == Some("arn")
                    && parts.next().is_some_and(|partition| partition.starts_with("aws"))
                    && parts.next() == Some(service)
                    && parts.nth(2).is_some_and(|resource| !resource.is_empty());
                if !fits {
                    let message = format!("LogDestination: {arn} is not a valid ARN for LogDestinationType {kind}.");
                    return Err(invalid(&message));
                }
            }
        }
        if destination_type == DestinationType::CloudWatchLogs && self.deliver_logs_permission_arn.is_none() {
            return Err(invalid("DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs."));
        }
        if destination_type != DestinationType::S3 && self.destination_options.is_some() {
            return Err(invalid("DestinationOptions is only valid if LogDestinationType is s3."));
        }
        Ok(())
    }

    fn settings(self) -> Result<Settings, Refusal> {
        let traffic_type = self.traffic_type.ok_or_else(|| missing("TrafficType"))?;
        let destination_type = self.log_destination_type.unwrap_or_default();
        self.check_destination(destination_type)?;
        let max_aggregation_interval = self.max_aggregation_interval.unwrap_or(600);
        if ![60, 600].contains(&max_aggregation_interval) {
            return Err(invalid("Invalid Flow Log Max Aggregation Interval"));
        }
        let options = |options: DestinationOptionsRequest| DestinationOptions {
            file_format: options.file_format,
            hive_compatible_partitions: options.hive_compatible_partitions,
            per_hour_partition: options.per_hour_partition,
        };
        Ok(Settings {
            traffic_type,
            destination_type,
            log_group_name: self.log_group_name,
            log_destination: self.log_destination,
            permission_arn: self.deliver_logs_permission_arn,
            cross_account_role: self.deliver_cross_account_role,
            format: format::checked(self.log_format)?,
            max_aggregation_interval,
            destination_options: self.destination_options.map(options),
        })
    }
}

/// The resource that a flow log is to watch.
fn resource(cx: &Context<'_>, resource_type: ResourceType, id: &str) -> Result<ResourceId, Refusal> {
    match resource_type {
        ResourceType::Subnet => cx.find::<Subnet>(id).map(|subnet| subnet.id().into()),
        ResourceType::NetworkInterface => cx.find::<NetworkInterface>(id).map(|interface| interface.id.into()),
        _ => cx.find::<Vpc>(id).map(|vpc| vpc.id().into()),
    }
}

impl Action for CreateFlowLogs {
    type Response = CreateFlowLogsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        self.check_resources()?;
        let token = self.client_token.clone();
        let client_token = token.clone().unwrap_or_else(|| generated_token(cx));
        if let Some(made) = cx.created_before(NAME, token.as_deref())? {
            let ids: Vec<_> = made.into_iter().filter_map(|id| FlowLogId::try_from(id).ok()).collect();
            if !ids.is_empty() && ids.iter().all(|id| cx.region.get::<FlowLog>(*id).is_none()) {
                return Err(Refusal::created_and_deleted());
            }
            return Ok(CreateFlowLogsResponse {
                client_token,
                flow_log_id_set: ids.into(),
                unsuccessful: Items::default(),
            });
        }
        let tags = specified_tags(&self.tag_specifications, &["vpc-flow-log"], "vpc-flow-log")?;
        let (resource_type, resource_ids) = (self.resource_type, self.resource_ids.clone());
        let settings = self.settings()?;
        let (mut made, mut unsuccessful) = (Vec::new(), Vec::new());
        for id in resource_ids {
            match resource(cx, resource_type, &id) {
                Ok(resource_id) => {
                    if cx.region.referrers::<FlowLog>(resource_id).any(|log| log.settings.is_as(&settings)) {
                        let message =
                            "Error. There is an existing Flow Log with the same configuration and log destination.";
                        return Err(Refusal::new("FlowLogAlreadyExists", message.to_owned()));
                    }
                    let (id, created) = (cx.new_id(), cx.now);
                    let (settings, tags) = (settings.clone(), tags.clone());
                    cx.region.put(FlowLog { id, resource_id, created, settings, tags });
                    made.push(id);
                }
                Err(refusal) => {
                    let error = ErrorItem { code: refusal.code.into_owned(), message: refusal.message };
                    unsuccessful.push(UnsuccessfulItem { error, resource_id: id });
                }
            }
        }
        cx.remember(NAME, token.as_deref(), made.iter().map(|id| (*id).into()).collect());
        Ok(CreateFlowLogsResponse { client_token, flow_log_id_set: made.into(), unsuccessful: unsuccessful.into() })
    }
}

impl Settings {
    /// Whether a resource that has a flow log like this may have none like `other`: same traffic to the same destination.
    fn is_as(&self, other: &Self) -> bool {
        self.traffic_type == other.traffic_type
            && self.destination_type == other.destination_type
            && self.log_group_name == other.log_group_name
            && self.log_destination == other.log_destination
    }
}

/// DeleteFlowLogs: those that are there; the answer names the others.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteFlowLogs {
    #[serde(rename = "FlowLogId", default)]
    flow_log_ids: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct DeleteFlowLogsResponse {
    unsuccessful: Items<UnsuccessfulItem>,
}

impl Action for DeleteFlowLogs {
    type Response = DeleteFlowLogsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        if self.flow_log_ids.is_empty() {
            return Err(Refusal::missing_parameter("FlowLogId"));
        }
        let mut unsuccessful = Vec::new();
        for id in self.flow_log_ids {
            match cx.find::<FlowLog>(&id).map(Resource::id) {
                Ok(found) => cx.region.remove(found),
                Err(_) => {
                    let message = format!("These flow log ids in the input list are not found: [TotalCount: 1] {id}");
                    let error = ErrorItem { code: FlowLog::WORDING.not_found.to_owned(), message };
                    unsuccessful.push(UnsuccessfulItem { error, resource_id: id });
                }
            }
        }
        Ok(DeleteFlowLogsResponse { unsuccessful: unsuccessful.into() })
    }
}
