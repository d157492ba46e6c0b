//! CreateRoute, ReplaceRoute and DeleteRoute.
//!
//! The order of the checks is the one recorded on AWS: parameters, then the target, then the network it is in, then the
//! destination, then what the table already holds. Destinations are IPv4: an IPv6 block is refused where EC2 would take
//! it.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::Deserialize;

use super::{Route, RouteTable, RouteTarget};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::instance;
use crate::family::internet_gateway::InternetGateway;
use crate::family::network_interface::NetworkInterface;
use crate::family::vpc::{Vpc, parse_cidr};
use crate::state::Resource;
use crate::wire::Reply;

/// The quota of routes in a table, the local one not counted. Source: "Amazon VPC quotas".
const MAX_ROUTES: usize = 50;

/// A route's destination as a request names it.
enum Destination {
    Ipv4(Ipv4Net),
    Ipv6(Ipv6Net),
    PrefixList(String),
}

impl Destination {
    fn checked(ipv4: Option<&str>, ipv6: Option<&str>, prefix_list: Option<&str>) -> Result<Self, Refusal> {
        let message = "The request must contain exactly one of: destinationCidrBlock, destinationIpv6CidrBlock, \
                       destinationPrefixListId";
        match (ipv4, ipv6, prefix_list) {
            (Some(text), None, None) => parse_cidr(text, "destinationCidrBlock").map(Self::Ipv4),
            (None, Some(text), None) => match text.parse::<Ipv6Net>() {
                Ok(block) => Ok(Self::Ipv6(block.trunc())),
                Err(_) => Err(Refusal::invalid_parameter_value(format!(
                    "Value ({text}) for parameter destinationIpv6CidrBlock is invalid. This is not a valid CIDR block."
                ))),
            },
            (None, None, Some(id)) => Ok(Self::PrefixList(id.to_owned())),
            (None, None, None) => Err(Refusal::new("MissingParameter", message.to_owned())),
            _ => Err(Refusal::invalid_parameter_combination(message)),
        }
    }

    /// The block, for actions that can only mean a route that is there.
    fn existing(&self, absent: impl Fn(&str, &str) -> Refusal) -> Result<Ipv4Net, Refusal> {
        match self {
            Self::Ipv4(block) => Ok(*block),
            Self::Ipv6(block) => Err(absent("destination-ipv6-cidr-block", &block.to_string())),
            Self::PrefixList(id) => Err(absent("destination-prefix-list-id", id)),
        }
    }

    /// The block of a route to create.
    fn new_block(&self) -> Result<Ipv4Net, Refusal> {
        match self {
            Self::Ipv4(block) => Ok(*block),
            Self::Ipv6(_) => {
                let message = "Routes to IPv6 destinations are not supported here.".to_owned();
                Err(Refusal::new("UnsupportedOperation", message))
            }
            Self::PrefixList(id) => {
                Err(Refusal::new("InvalidPrefixListID.NotFound", format!("The prefixList ID '{id}' does not exist")))
            }
        }
    }
}

/// The parameters that name a route's target: EC2 wants exactly one.
struct Targets<'a> {
    gateway: Option<&'a str>,
    instance: Option<&'a str>,
    network_interface: Option<&'a str>,
    /// What the emulator does not hold, so that every id is unknown: the id, the code and the noun.
    elsewhere: [(Option<&'a str>, &'static str, &'static str); 9],
    local: bool,
}

const TARGETS: &str = "The request must contain exactly one of gatewayId, localGatewayId, carrierGatewayId, \
     natGatewayId, networkInterfaceId, vpcPeeringConnectionId, egressOnlyInternetGatewayId, transitGatewayId, \
     vpcEndpointId, coreNetworkArn or instanceId";
const OR_LOCAL: &str = ", or must have localTarget set to true";

impl Targets<'_> {
    /// # Errors
    /// `MissingParameter` for none, `InvalidParameterCombination` for several. ReplaceRoute adds `suffix` to the
    /// message.
    fn check_one(&self, suffix: &str) -> Result<(), Refusal> {
        let named = [self.gateway, self.instance, self.network_interface];
        let named = named.into_iter().chain(self.elsewhere.iter().map(|(id, ..)| *id)).flatten().count();
        match named + usize::from(self.local) {
            1 => Ok(()),
            0 => Err(Refusal::new("MissingParameter", format!("{TARGETS}{suffix}"))),
            _ => Err(Refusal::invalid_parameter_combination(format!("{TARGETS}{suffix}"))),
        }
    }

    /// The target, which has to be in the table's VPC.
    fn resolve(&self, cx: &Context<'_>, table: &RouteTable) -> Result<RouteTarget, Refusal> {
        if let Some(id) = self.gateway {
            return gateway(cx, table, id);
        }
        if let Some(id) = self.instance {
            let interface = only_interface(cx, id)?;
            return network_interface(table, interface);
        }
        if let Some(id) = self.network_interface {
            return network_interface(table, cx.find(id)?);
        }
        if let Some((id, code, noun)) =
            self.elsewhere.iter().find_map(|(id, code, noun)| id.map(|id| (id, *code, *noun)))
        {
            return Err(Refusal::new(code, format!("The {noun} ID '{id}' does not exist")));
        }
        Ok(RouteTarget::Local)
    }
}

fn different_networks(table: &RouteTable, what: &str) -> Refusal {
    let message = format!("route table {} and {what} belong to different networks", table.id);
    Refusal::invalid_parameter_value(message)
}

/// The gateway by any text that is no gateway of this account, `local` too, does not exist.
fn gateway(cx: &Context<'_>, table: &RouteTable, id: &str) -> Result<RouteTarget, Refusal> {
    let unknown = |_| Refusal::new("InvalidGatewayID.NotFound", format!("The gateway ID '{id}' does not exist"));
    let gateway = cx.find::<InternetGateway>(id).map_err(unknown)?;
    if gateway.vpc_id != Some(table.vpc_id) {
        return Err(different_networks(table, &format!("network gateway {}", gateway.id())));
    }
    Ok(RouteTarget::InternetGateway(gateway.id()))
}

fn network_interface(table: &RouteTable, interface: &NetworkInterface) -> Result<RouteTarget, Refusal> {
    if interface.vpc_id != table.vpc_id {
        return Err(different_networks(table, &format!("interface {}", interface.id)));
    }
    Ok(RouteTarget::NetworkInterface(interface.id))
}

/// The network interface of an instance that has just one.
fn only_interface<'c>(cx: &'c Context<'_>, id: &str) -> Result<&'c NetworkInterface, Refusal> {
    let instance = instance::find(cx, id)?.id;
    let mut interfaces = cx.region.referrers::<NetworkInterface>(instance);
    match (interfaces.next(), interfaces.next()) {
        (Some(interface), None) => Ok(interface),
        (Some(_), Some(_)) => Err(instance::several_interfaces(instance)),
        (None, _) => {
            let message = format!("There are no interfaces attached to instance '{instance}'.");
            Err(Refusal::new("InvalidInstanceID", message))
        }
    }
}

/// Traffic inside the VPC can be led through an interface, but not out by a gateway.
fn check_inside_vpc(
    cx: &Context<'_>,
    table: &RouteTable,
    destination: Ipv4Net,
    target: RouteTarget,
) -> Result<(), Refusal> {
    let inside = cx.region.get::<Vpc>(table.vpc_id).is_some_and(|vpc| vpc.cidr_block.contains(&destination));
    if inside && matches!(target, RouteTarget::InternetGateway(_)) {
        return Err(Refusal::invalid_parameter_value(format!(
            "The destination CIDR block {destination} is equal to or more specific than one of this VPC's CIDR blocks. \
             This route can target only an interface or an instance."
        )));
    }
    Ok(())
}

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
            fn destination(&self) -> Result<Destination, Refusal> {
                Destination::checked(
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
                    elsewhere: [
                        (self.nat_gateway_id.as_deref(), "InvalidNatGatewayID.NotFound", "natGateway"),
                        (
                            self.vpc_peering_connection_id.as_deref(),
                            "InvalidVpcPeeringConnectionID.NotFound",
                            "vpcPeeringConnection",
                        ),
                        (self.egress_only_internet_gateway_id.as_deref(), "InvalidGatewayID.NotFound", "gateway"),
                        (self.transit_gateway_id.as_deref(), "InvalidTransitGatewayID.NotFound", "transitGateway"),
                        (self.vpc_endpoint_id.as_deref(), "InvalidVpcEndpointId.NotFound", "vpcEndpoint"),
                        (self.local_gateway_id.as_deref(), "InvalidLocalGatewayID.NotFound", "localGateway"),
                        (self.carrier_gateway_id.as_deref(), "InvalidCarrierGatewayID.NotFound", "carrierGateway"),
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

impl Action for CreateRoute {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let destination = self.destination()?;
        let targets = self.targets();
        targets.check_one("")?;
        let table = cx.find::<RouteTable>(&self.route_table_id)?;
        let target = targets.resolve(cx, table)?;
        let block = destination.new_block()?;
        check_inside_vpc(cx, table, block, target)?;
        match table.route(block) {
            Some(route) if route.target == target => return Ok(Reply::TRUE),
            Some(_) => {
                let message = format!("The route identified by {block} already exists.");
                return Err(Refusal::new("RouteAlreadyExists", message));
            }
            None => {}
        }
        if table.routes.iter().filter(|route| !route.with_table).count() >= MAX_ROUTES {
            let message = "The maximum number of routes has been reached.".to_owned();
            return Err(Refusal::new("RouteLimitExceeded", message));
        }
        let id = table.id;
        cx.region.update(id, |table: &mut RouteTable| table.add_route(block, target));
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
        let absent = |_: &str, destination: &str| {
            Refusal::invalid_parameter_value(format!(
                "There is no route defined for '{destination}' in the route table. Use CreateRoute instead."
            ))
        };
        let block = destination.existing(absent)?;
        let local = table.route(block).is_some_and(|route| route.with_table);
        if target == RouteTarget::Local && !local {
            let message = "local-target only allowed with network local destination CIDRs";
            return Err(Refusal::invalid_parameter_value(message));
        }
        check_inside_vpc(cx, table, block, target)?;
        if table.route(block).is_none() {
            return Err(absent("", &block.to_string()));
        }
        let id = table.id;
        cx.region.update(id, |table: &mut RouteTable| {
            for route in table.routes.iter_mut().filter(|route| route.destination == block) {
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
        let destination = Destination::checked(
            self.destination_cidr_block.as_deref(),
            self.destination_ipv6_cidr_block.as_deref(),
            self.destination_prefix_list_id.as_deref(),
        )?;
        let table = cx.find::<RouteTable>(&self.route_table_id)?;
        let absent = |kind: &str, destination: &str| {
            let message = format!("no route with {kind} {destination} in route table {}", table.id);
            Refusal::new("InvalidRoute.NotFound", message)
        };
        let block = destination.existing(absent)?;
        match table.route(block) {
            None => return Err(absent("destination-cidr-block", &block.to_string())),
            Some(Route { with_table: true, .. }) => {
                let message = format!("cannot remove local route {block} in route table {}", table.id);
                return Err(Refusal::invalid_parameter_value(message));
            }
            Some(_) => {}
        }
        let id = table.id;
        cx.region.update(id, |table: &mut RouteTable| table.routes.retain(|route| route.destination != block));
        Ok(Reply::TRUE)
    }
}
