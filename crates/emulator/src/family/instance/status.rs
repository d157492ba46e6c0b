//! DescribeInstanceStatus.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::InstanceId;

use super::item::StateItem;
use super::{Instance, InstanceState};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, Query, flag, select, text};
use crate::error::Refusal;
use crate::family::network_interface::Operator;
use crate::family::zone;
use crate::wire::Items;

/// DescribeInstanceStatus: by default only of running instances.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeInstanceStatus {
    #[serde(rename = "InstanceId", default)]
    instance_ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    #[serde(default)]
    include_all_instances: bool,
    #[serde(rename = "IncludeManagedResources")]
    _include_managed_resources: Option<bool>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

/// What the checks say: nothing of an instance that does not run.
fn verdict(instance: &Instance) -> &'static str {
    if instance.state == InstanceState::Running { "ok" } else { "not-applicable" }
}

fn reachability(instance: &Instance) -> Vec<String> {
    if instance.state == InstanceState::Running { text("passed") } else { Vec::new() }
}

const FILTERS: FilterTable<Instance> = &[
    ("attached-ebs-status.status", |instance, _| text(verdict(instance))),
    ("availability-zone", |instance, _| text(&instance.availability_zone)),
    ("availability-zone-id", |instance, cx| text(zone::zone_id(cx.region_name, &instance.availability_zone))),
    ("event.code", |_, _| Vec::new()),
    ("event.description", |_, _| Vec::new()),
    ("event.instance-event-id", |_, _| Vec::new()),
    ("event.not-after", |_, _| Vec::new()),
    ("event.not-before", |_, _| Vec::new()),
    ("event.not-before-deadline", |_, _| Vec::new()),
    ("instance-state-code", |instance, _| text(instance.state.code())),
    ("instance-state-name", |instance, _| text(instance.state.name())),
    ("instance-status.reachability", |instance, _| reachability(instance)),
    ("instance-status.status", |instance, _| text(verdict(instance))),
    ("operator.managed", |_, _| flag(false)),
    ("operator.principal", |_, _| Vec::new()),
    ("system-status.reachability", |instance, _| reachability(instance)),
    ("system-status.status", |instance, _| text(verdict(instance))),
];

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeInstanceStatusResponse {
    instance_status_set: Items<StatusItem>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusItem {
    instance_id: InstanceId,
    availability_zone: String,
    availability_zone_id: String,
    operator: Operator,
    instance_state: StateItem,
    system_status: StatusSummary,
    instance_status: StatusSummary,
    attached_ebs_status: StatusSummary,
}

#[skip_serializing_none]
#[derive(Serialize)]
struct StatusSummary {
    status: &'static str,
    details: Option<Items<StatusDetail>>,
}

#[derive(Serialize)]
struct StatusDetail {
    name: &'static str,
    status: &'static str,
}

impl StatusSummary {
    fn of(instance: &Instance) -> Self {
        let detail = StatusDetail { name: "reachability", status: "passed" };
        let details = (instance.state == InstanceState::Running).then(|| vec![detail].into());
        Self { status: verdict(instance), details }
    }
}

impl StatusItem {
    fn new(instance: &Instance, cx: &Context<'_>) -> Self {
        Self {
            instance_id: instance.id,
            availability_zone: instance.availability_zone.clone(),
            availability_zone_id: zone::zone_id(cx.region_name, &instance.availability_zone),
            operator: Operator::NONE,
            instance_state: instance.state.into(),
            system_status: StatusSummary::of(instance),
            instance_status: StatusSummary::of(instance),
            attached_ebs_status: StatusSummary::of(instance),
        }
    }
}

impl Action for DescribeInstanceStatus {
    type Response = DescribeInstanceStatusResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        super::describe::check_ids(cx, &self.instance_ids, self.max_results)?;
        let mut filters = self.filters;
        if !self.include_all_instances {
            filters.push(Filter { name: "instance-state-name".to_owned(), values: vec!["running".to_owned()] });
        }
        let query = Query {
            ids: &self.instance_ids,
            filters: &filters,
            page: Page { max_results: self.max_results, next_token: self.next_token },
            ids_name: "instancesSet",
        };
        let (found, next_token) = select(cx, &query, FILTERS)?;
        let items = found.into_iter().map(|instance| StatusItem::new(instance, cx));
        Ok(DescribeInstanceStatusResponse { instance_status_set: items.collect(), next_token })
    }
}
