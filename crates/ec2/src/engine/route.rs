//! Main route tables and routes. A route has no tags and no id: its table and destination identify it.

use std::fmt;
use std::sync::Arc;

use ipnet::Ipv4Net;
use tokio::time::sleep;
use vpcrun_model::{
    GatewayId, InstanceId, InternetGatewayId, Route, RouteOrigin, RouteState, RouteTable, RouteTableId, Vpc,
};

use super::Handle;
use super::call::Backoff;
use super::spec::{RouteSpec, RouteTarget};
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
        sleep(backoff.next()).await;
    }
    let (kind, name, state) = (work.kind.noun(), work.name.clone(), "not visible".to_owned());
    Err(Error::Failed { kind, name, state, reason: Some(format!("EC2 shows no main route table of {vpc}")) })
}

/// A target that is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    InternetGateway(InternetGatewayId),
    Instance(InstanceId),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InternetGateway(id) => id.fmt(f),
            Self::Instance(id) => id.fmt(f),
        }
    }
}

pub(super) async fn ensure(work: Arc<Work<Route>>, spec: RouteSpec) -> Result<Made<Route>, Arc<Error>> {
    let destination = spec.destination.trunc();
    let table = work.need(&spec.table).await?;
    let target = match &spec.target {
        RouteTarget::InternetGateway(handle) => Target::InternetGateway(work.need(handle).await?.internet_gateway_id),
        RouteTarget::Instance(handle) => Target::Instance(work.need(handle).await?.instance_id),
    };
    let there = table.routes.iter().find(|route| route.destination_cidr_block == Some(destination));
    // Routes have no id: the table and the destination say which one it is.
    let id = format!("{}/{destination}", table.route_table_id);
    if there.is_some() {
        work.found(&id);
    }
    let mut changes = Vec::new();
    let resource = match there {
        Some(route) if leads_to(route, target) => route.clone(),
        Some(route) => {
            replace(&work, table.route_table_id, destination, target).await?;
            changes.push(format!("target: {} -> {target}", target_text(route)));
            new_route(destination, target)
        }
        None => {
            create(&work, table.route_table_id, destination, target).await?;
            work.created(&id);
            new_route(destination, target)
        }
    };
    let detail = format!("via {}  {} ({})", spec.target.name(), spec.table.name(), table.route_table_id);
    Ok(Made { resource, changes, detail })
}

fn leads_to(route: &Route, target: Target) -> bool {
    match target {
        Target::InternetGateway(id) => route.gateway_id == Some(GatewayId::InternetGateway(id)),
        Target::Instance(id) => route.instance_id == Some(id),
    }
}

/// Where a route leads, as text: the first target member that is set.
fn target_text(route: &Route) -> String {
    let texts = [
        route.gateway_id.as_ref().map(ToString::to_string),
        route.nat_gateway_id.map(|id| id.to_string()),
        route.instance_id.map(|id| id.to_string()),
        route.network_interface_id.map(|id| id.to_string()),
        route.vpc_peering_connection_id.map(|id| id.to_string()),
        route.transit_gateway_id.clone(),
    ];
    texts.into_iter().flatten().next().unwrap_or_else(|| "something else".to_owned())
}

fn new_route(destination: Ipv4Net, target: Target) -> Route {
    let (gateway_id, instance_id) = match target {
        Target::InternetGateway(id) => (Some(id.into()), None),
        Target::Instance(id) => (None, Some(id)),
    };
    Route {
        destination_cidr_block: Some(destination),
        gateway_id,
        instance_id,
        origin: Some(RouteOrigin::CreateRoute),
        state: Some(RouteState::Active),
        ..Route::default()
    }
}

async fn create(work: &Work<Route>, table: RouteTableId, to: Ipv4Net, target: Target) -> Result<(), Error> {
    let call = work.stack.session.client().create_route();
    let call = call.route_table_id(table.to_string()).destination_cidr_block(to.to_string());
    let call = match target {
        Target::InternetGateway(id) => call.gateway_id(id.to_string()),
        Target::Instance(id) => call.instance_id(id.to_string()),
    };
    work.settle(|| call.clone().send()).await.map(drop)
}

/// One call, so that there is no moment without a route.
async fn replace(work: &Work<Route>, table: RouteTableId, to: Ipv4Net, target: Target) -> Result<(), Error> {
    let call = work.stack.session.client().replace_route();
    let call = call.route_table_id(table.to_string()).destination_cidr_block(to.to_string());
    let call = match target {
        Target::InternetGateway(id) => call.gateway_id(id.to_string()),
        Target::Instance(id) => call.instance_id(id.to_string()),
    };
    work.settle(|| call.clone().send()).await.map(drop)
}
