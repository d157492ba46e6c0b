//! CreateRoute, ReplaceRoute and DeleteRoute.
//!
//! The order of the checks is the one recorded on AWS: parameters, then the target, then the network it is in, then the
//! destination, then what the table already holds.

use serde::Deserialize;
use vpcrun_model::ResourceId;

use super::target::{OR_LOCAL, Targets};
use super::{Route, RouteDestination, RouteTable, RouteTarget, rule};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::prefix_list::PrefixList;
use crate::quota;
use crate::wire::Reply;

/// What CreateRoute and ReplaceRoute have in common on the wire. (serde's `flatten` would lose the names of unknown
/// parameters.)
macro_rules! route_request {
    ($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $extra:ident: $type:ty,)* } local: $local:expr) => {
        $(#[$doc])*
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        pub(crate) struct $name {
            route_table_id: String,
            destination_cidr_block: Option<String>,
            destination_ipv6_cidr_block: Option<String>,
            destination_prefix_list_id: Option<String>,
            gateway_id: Option<String>,
            instance_id: Option<String>,
            network_interface_id: Option<String>,
            carrier_gateway_id: Option<String>,
            core_network_arn: Option<String>,
            egress_only_internet_gateway_id: Option<String>,
            local_gateway_id: Option<String>,
            nat_gateway_id: Option<String>,
            odb_network_arn: Option<String>,
            transit_gateway_id: Option<String>,
            vpc_endpoint_id: Option<String>,
            vpc_peering_connection_id: Option<String>,
            $($(#[$attribute])* $extra: $type,)*
        }

        impl $name {
            fn destination(&self) -> Result<RouteDestination, Refusal> {
                RouteDestination::read(
                    self.destination_cidr_block.as_deref(),
                    self.destination_ipv6_cidr_block.as_deref(),
                    self.destination_prefix_list_id.as_deref(),
                )
            }

            fn targets(&self) -> Targets<'_> {
                let local: fn(&Self) -> bool = $local;
                Targets {
                    gateway: self.gateway_id.as_deref(),
                    instance: self.instance_id.as_deref(),
                    network_interface: self.network_interface_id.as_deref(),
                    nat_gateway: self.nat_gateway_id.as_deref(),
                    vpc_peering_connection: self.vpc_peering_connection_id.as_deref(),
                    carrier_gateway: self.carrier_gateway_id.as_deref(),
                    vpc_endpoint: self.vpc_endpoint_id.as_deref(),
                    egress_only_internet_gateway: self.egress_only_internet_gateway_id.as_deref(),
                    elsewhere: [
                        (self.transit_gateway_id.as_deref(), "InvalidTransitGatewayID.NotFound", "transitGateway"),
                        (self.local_gateway_id.as_deref(), "InvalidLocalGatewayID.NotFound", "localGateway"),
                        (self.core_network_arn.as_deref(), "InvalidCoreNetworkArn.NotFound", "coreNetwork"),
                        (self.odb_network_arn.as_deref(), "InvalidOdbNetworkArn.NotFound", "odbNetwork"),
                    ],
                    local: local(self),
                }
            }
        }
    };
}

route_request! {
    /// CreateRoute. The route that is there already is created again without complaint.
    CreateRoute {}
    local: |_| false
}

route_request! {
    /// ReplaceRoute: leads a destination that the table has to another target. LocalTarget gives the local route back.
    ReplaceRoute { local_target: Option<bool>, }
    local: |request| request.local_target == Some(true)
}

/// For how many routes of IPv4 and of IPv6 a route that is there counts. A list that is gone counts for nothing; routes to it
/// cannot be left.
fn held_weight(cx: &Context<'_>, destination: RouteDestination) -> (usize, usize) {
    destination.weight(&cx.region).unwrap_or_default()
}

/// Checks the quota of routes of a table; each IP version is counted by itself.
fn check_weights(cx: &Context<'_>, weights: impl Iterator<Item = (usize, usize)>) -> Result<(), Refusal> {
    cx.check_quota(&quota::ROUTES, |_| {
        let (ipv4, ipv6) = weights.fold((0, 0), |sum, more| (sum.0 + more.0, sum.1 + more.1));
        ipv4.max(ipv6)
    })
}

/// The tables with routes to a prefix list that would have too many routes if the list could have `size` entries.
pub(crate) fn without_room(cx: &Context<'_>, list: &PrefixList, size: u32) -> Vec<ResourceId> {
    let resized = list.weight_of(size);
    let weight = |destination| match destination {
        RouteDestination::PrefixList(id) if id == list.id => resized,
        other => held_weight(cx, other),
    };
    let is_full = |table: &&RouteTable| check_weights(cx, table.destinations().map(weight)).is_err();
    cx.region.referrers::<RouteTable>(list.id).filter(is_full).map(|table| table.id.into()).collect()
}

impl Action for CreateRoute {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let destination = self.destination()?;
        let targets = self.targets();
        targets.check_one("")?;
        let table = cx.find::<RouteTable>(&self.route_table_id)?;
        let target = targets.resolve(cx, table)?;
        let weight = destination.weight(&cx.region)?;
        rule::check(cx, table, destination, target)?;
        match table.route(destination) {
            Some(route) if route.target == target => return Ok(Reply::TRUE),
            Some(_) => {
                let message = format!("The route identified by {destination} already exists.");
                return Err(Refusal::new("RouteAlreadyExists", message));
            }
            None => {}
        }
        let held = table.destinations().map(|destination| held_weight(cx, destination));
        check_weights(cx, held.chain([weight]))?;
        let id = table.id;
        cx.region.update(id, |table: &mut RouteTable| table.add_route(destination, target));
        Ok(Reply::TRUE)
    }
}

impl Action for ReplaceRoute {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let destination = self.destination()?;
        let targets = self.targets();
        targets.check_one(OR_LOCAL)?;
        let table = cx.find::<RouteTable>(&self.route_table_id)?;
        let target = targets.resolve(cx, table)?;
        let local = table.route(destination).is_some_and(|route| route.with_table);
        if target == RouteTarget::Local && !local {
            let message = "local-target only allowed with network local destination CIDRs";
            return Err(Refusal::invalid_parameter_value(message));
        }
        rule::check(cx, table, destination, target)?;
        let Some(held) = table.route(destination) else {
            return Err(Refusal::invalid_parameter_value(format!(
                "There is no route defined for '{destination}' in the route table. Use CreateRoute instead."
            )));
        };
        if matches!(held.target, RouteTarget::VpcEndpoint(_)) {
            let message = format!("cannot replace VPC endpoint route {destination} in route table {}", table.id);
            return Err(Refusal::invalid_parameter_value(message));
        }
        let id = table.id;
        cx.region.update(id, |table: &mut RouteTable| {
            for route in table.routes.iter_mut().filter(|route| route.destination == destination) {
                route.target = target;
            }
        });
        Ok(Reply::TRUE)
    }
}

/// DeleteRoute.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteRoute {
    route_table_id: String,
    destination_cidr_block: Option<String>,
    destination_ipv6_cidr_block: Option<String>,
    destination_prefix_list_id: Option<String>,
}

impl Action for DeleteRoute {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let destination = RouteDestination::read(
            self.destination_cidr_block.as_deref(),
            self.destination_ipv6_cidr_block.as_deref(),
            self.destination_prefix_list_id.as_deref(),
        )?;
        let table = cx.find::<RouteTable>(&self.route_table_id)?;
        match table.route(destination) {
            None => {
                let kind = destination.parameter();
                let message = format!("no route with {kind} {destination} in route table {}", table.id);
                return Err(Refusal::new("InvalidRoute.NotFound", message));
            }
            Some(Route { target: RouteTarget::VpcEndpoint(_), .. }) => {
                let message = format!("cannot remove VPC endpoint route {destination} in route table {}", table.id);
                return Err(Refusal::invalid_parameter_value(message));
            }
            Some(Route { with_table: true, .. }) => {
                let message = format!("cannot remove local route {destination} in route table {}", table.id);
                return Err(Refusal::invalid_parameter_value(message));
            }
            Some(_) => {}
        }
        let id = table.id;
        cx.region.update(id, |table: &mut RouteTable| table.routes.retain(|route| route.destination != destination));
        Ok(Reply::TRUE)
    }
}
