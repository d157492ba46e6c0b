//! DescribeInstances.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::item::{InstanceItem, ReservationItem};
use super::{Instance, find_all};
use crate::action::{Action, Context};
use crate::describe::{Filter, Page, Query, select};
use crate::error::Refusal;
use crate::wire::Items;

/// DescribeInstances: pages count instances, not reservations.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeInstances {
    #[serde(rename = "InstanceId", default)]
    instance_ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    #[serde(rename = "IncludeManagedResources")]
    _include_managed_resources: Option<bool>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeInstancesResponse {
    reservation_set: Items<ReservationItem>,
    next_token: Option<String>,
}

/// # Errors
/// Ids with a page size, or an unknown or malformed id.
pub(super) fn check_ids(cx: &Context<'_>, ids: &[String], max_results: Option<i64>) -> Result<(), Refusal> {
    if ids.is_empty() {
        return Ok(());
    }
    if max_results.is_some() {
        return Err(Refusal::invalid_parameter_combination(
            "The parameter instancesSet cannot be used with the parameter maxResults",
        ));
    }
    find_all(cx, ids).map(drop)
}

impl Action for DescribeInstances {
    type Response = DescribeInstancesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_ids(cx, &self.instance_ids, self.max_results)?;
        let query = Query {
            ids: &self.instance_ids,
            filters: &self.filters,
            page: Page { max_results: self.max_results, next_token: self.next_token },
            ids_name: "instancesSet",
        };
        let (mut found, next_token) = select(cx, &query, Instance::FILTERS)?;
        found.sort_by_key(|instance| (instance.reservation_id, instance.launch_index));
        let reservations = found.chunk_by(|one, other| one.reservation_id == other.reservation_id);
        let reservation = |instances: &[&Instance]| {
            let items = instances.iter().map(|instance| InstanceItem::described(instance, cx)).collect();
            ReservationItem::new(instances[0].reservation_id, items, cx)
        };
        Ok(DescribeInstancesResponse { reservation_set: reservations.map(reservation).collect(), next_token })
    }
}
