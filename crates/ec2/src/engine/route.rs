//! Main route tables and routes. A route has no tags and no id: its table and destination identify it.

use std::sync::Arc;

use ipnet::Ipv4Net;
use vpcrun_model::{GatewayId, InstanceId, Route, RouteOrigin, RouteState, RouteTable, RouteTableId, RouteTarget, Vpc};

use super::Handle;
use super::call::Backoff;
use super::spec::{RouteSpec, RouteTargetSpec};
use super::work::{Made, Work};
use crate::Error;
use crate::describe::{self, filter};

/// Finds the main route table of a VPC.
pub(super) async fn main_table(work: Arc<Work<RouteTable>>, vpc: Handle<Vpc>) -> Result<Made<RouteTable>, Arc<Error>> {
    let id = work.need_existing(&vpc).await?.vpc_id;
    let seen = work.look.main_route_tables.iter().find(|table| table.vpc_id == id);
    let table = match seen {
        Some(table) => table.clone(),
        None => of_new_vpc(&work, &id.to_string()).await?,
    };
    Ok(Made { resource: table, changes: Vec::new(), detail: String::new() })
}

/// EC2 makes the table with the VPC, but may show it a moment later.
async fn of_new_vpc(work: &Work<RouteTable>, vpc: &str) -> Result<RouteTable, Error> {
    let mut backoff = Backoff::new(std::time::Duration::from_millis(100), std::time::Duration::from_secs(1));
    for _ in 0..10 {
        let filters = vec![filter("vpc-id", [vpc]), filter("association.main", ["true"])];
        let tables = describe::route_tables(&work.stack.session, filters).await?;
        if let Some(table) = tables.into_iter().next() {
            return Ok(table);
        }
        work.stack.shared.patience.pause(backoff.next()).await;
    }
    let (kind, name, state) = (work.kind.noun(), work.name.clone(), "not visible".to_owned());
    Err(Error::Failed { kind, name, state, reason: Some(format!("EC2 shows no main route table of {vpc}")) })
}

pub(super) async fn ensure(work: Arc<Work<Route>>, spec: RouteSpec) -> Result<Made<Route>, Arc<Error>> {
    let destination = spec.destination.trunc();
    let table = work.need(&spec.table).await?;
    let target = match &spec.target {
        RouteTargetSpec::InternetGateway(handle) => {
            RouteTarget::InternetGateway(work.need(handle).await?.internet_gateway_id)
        }
        RouteTargetSpec::Instance(handle) => RouteTarget::Instance(work.need(handle).await?.instance_id),
    };
    let there = table.routes.iter().find(|route| route.destination_cidr_block == Some(destination));
    // Routes have no id: the table and the destination say which one it is.
    let id = format!("{}/{destination}", table.route_table_id);
    if there.is_some() {
        work.found(&id);
    }
    let mut changes = Vec::new();
    let resource = match there {
        Some(route) if leads_to(route, &target) => route.clone(),
        Some(route) => {
            replace(&work, table.route_table_id, destination, &target).await?;
            let before = route.target().map_or_else(|| "something else".to_owned(), |target| target.to_string());
            changes.push(format!("target: {before} -> {target}"));
            new_route(destination, &target)
        }
        None => {
            create(&work, table.route_table_id, destination, &target).await?;
            work.created(&id);
            new_route(destination, &target)
        }
    };
    let detail = format!("via {}  {} ({})", spec.target.name(), spec.table.name(), table.route_table_id);
    Ok(Made { resource, changes, detail })
}

/// EC2 shows a route to an instance as one to its network interface, with the instance beside it.
fn leads_to(route: &Route, target: &RouteTarget) -> bool {
    match target {
        RouteTarget::Instance(id) => route.instance_id == Some(*id),
        _ => route.target().as_ref() == Some(target),
    }
}

fn new_route(destination: Ipv4Net, target: &RouteTarget) -> Route {
    let (gateway_id, instance_id) = members(target);
    Route {
        destination_cidr_block: Some(destination),
        gateway_id,
        instance_id,
        origin: Some(RouteOrigin::CreateRoute),
        state: Some(RouteState::Active),
        ..Route::default()
    }
}

/// The members of a call, or of a route, that name a target of a [`RouteTargetSpec`].
fn members(target: &RouteTarget) -> (Option<GatewayId>, Option<InstanceId>) {
    match target {
        RouteTarget::InternetGateway(id) => (Some((*id).into()), None),
        RouteTarget::Instance(id) => (None, Some(*id)),
        _ => (None, None),
    }
}

async fn create(work: &Work<Route>, table: RouteTableId, to: Ipv4Net, target: &RouteTarget) -> Result<(), Error> {
    let (gateway, instance) = members(target);
    let call = work.stack.session.client().create_route();
    let call = call.route_table_id(table.to_string()).destination_cidr_block(to.to_string());
    let call = call.set_gateway_id(gateway.map(|id| id.to_string()));
    let call = call.set_instance_id(instance.map(|id| id.to_string()));
    work.settle(|| call.clone().send()).await.map(drop)
}

/// One call, so that there is no moment without a route.
async fn replace(work: &Work<Route>, table: RouteTableId, to: Ipv4Net, target: &RouteTarget) -> Result<(), Error> {
    let (gateway, instance) = members(target);
    let call = work.stack.session.client().replace_route();
    let call = call.route_table_id(table.to_string()).destination_cidr_block(to.to_string());
    let call = call.set_gateway_id(gateway.map(|id| id.to_string()));
    let call = call.set_instance_id(instance.map(|id| id.to_string()));
    work.settle(|| call.clone().send()).await.map(drop)
}
