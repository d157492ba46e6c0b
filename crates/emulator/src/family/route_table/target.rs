//! Targets of routes: which ones a table can have, and whether they can take a packet.

use serde::{Deserialize, Serialize};
use vpcrun_model::{
    CarrierGatewayId, EgressOnlyInternetGatewayId, InstanceId, InternetGatewayId, NatGatewayId, NetworkInterfaceId,
    ResourceId, VpcEndpointId, VpcId, VpcPeeringConnectionId, VpnGatewayId,
};

use super::RouteTable;
use crate::action::Context;
use crate::error::Refusal;
use crate::family::carrier_gateway::CarrierGateway;
use crate::family::instance::{self, Instance, InstanceState};
use crate::family::internet_gateway::InternetGateway;
use crate::family::nat_gateway::NatGateway;
use crate::family::network_interface::NetworkInterface;
use crate::family::vpc_peering_connection::VpcPeeringConnection;
use crate::family::vpn_gateway::VpnGateway;
use crate::state::Resource;

/// Where a route leads. A route to an instance leads to the instance's network interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RouteTarget {
    Local,
    CarrierGateway(CarrierGatewayId),
    EgressOnlyInternetGateway(EgressOnlyInternetGatewayId),
    InternetGateway(InternetGatewayId),
    NatGateway(NatGatewayId),
    NetworkInterface(NetworkInterfaceId),
    /// A gateway endpoint, which keeps the route itself.
    VpcEndpoint(VpcEndpointId),
    VpcPeeringConnection(VpcPeeringConnectionId),
    VpnGateway(VpnGatewayId),
}

/// The instance that a network interface is attached to.
pub(super) fn instance_of(interface: NetworkInterfaceId, cx: &Context<'_>) -> Option<InstanceId> {
    let interface = cx.region.get::<NetworkInterface>(interface)?;
    interface.attachment.as_ref().map(|attachment| attachment.instance_id)
}

impl RouteTarget {
    /// Whether the target can take a packet of this VPC. It may lose that and get it back.
    pub(super) fn is_available(&self, vpc: VpcId, cx: &Context<'_>) -> bool {
        match *self {
            Self::Local => true,
            Self::InternetGateway(id) => {
                cx.region.get::<InternetGateway>(id).is_some_and(|gateway| gateway.vpc_id == Some(vpc))
            }
            Self::NetworkInterface(id) => {
                let managed =
                    cx.region.get::<NetworkInterface>(id).is_some_and(|interface| interface.managed.is_some());
                let instance = instance_of(id, cx).and_then(|instance| cx.region.get::<Instance>(instance));
                managed || instance.is_some_and(|instance| instance.state == InstanceState::Running)
            }
            Self::CarrierGateway(id) => cx.region.get::<CarrierGateway>(id).is_some_and(CarrierGateway::takes_routes),
            Self::EgressOnlyInternetGateway(id) => exists(cx, id),
            Self::NatGateway(id) => cx.region.get::<NatGateway>(id).is_some_and(NatGateway::takes_routes),
            Self::VpcEndpoint(id) => exists(cx, id),
            Self::VpcPeeringConnection(id) => {
                cx.region.get::<VpcPeeringConnection>(id).is_some_and(VpcPeeringConnection::is_active)
            }
            Self::VpnGateway(id) => cx.region.get::<VpnGateway>(id).and_then(VpnGateway::vpc) == Some(vpc),
        }
    }

    /// What stands as the route's `gatewayId`: endpoints of the gateway type count as gateways.
    pub(super) fn gateway(&self) -> Option<String> {
        match self {
            Self::Local => Some("local".to_owned()),
            Self::InternetGateway(id) => Some(id.to_string()),
            Self::VpcEndpoint(id) => Some(id.to_string()),
            Self::VpnGateway(id) => Some(id.to_string()),
            _ => None,
        }
    }

    pub(super) fn carrier_gateway(&self) -> Option<CarrierGatewayId> {
        if let Self::CarrierGateway(id) = self { Some(*id) } else { None }
    }

    pub(super) fn egress_only_internet_gateway(&self) -> Option<EgressOnlyInternetGatewayId> {
        if let Self::EgressOnlyInternetGateway(id) = self { Some(*id) } else { None }
    }

    pub(super) fn nat_gateway(&self) -> Option<NatGatewayId> {
        if let Self::NatGateway(id) = self { Some(*id) } else { None }
    }

    pub(super) fn network_interface(&self) -> Option<NetworkInterfaceId> {
        if let Self::NetworkInterface(id) = self { Some(*id) } else { None }
    }

    pub(super) fn vpc_peering_connection(&self) -> Option<VpcPeeringConnectionId> {
        if let Self::VpcPeeringConnection(id) = self { Some(*id) } else { None }
    }
}

fn exists(cx: &Context<'_>, id: impl Into<ResourceId>) -> bool {
    cx.region.record(id.into()).is_some()
}

/// The parameters that name a route's target: EC2 wants exactly one.
pub(super) struct Targets<'a> {
    pub(super) gateway: Option<&'a str>,
    pub(super) instance: Option<&'a str>,
    pub(super) network_interface: Option<&'a str>,
    pub(super) nat_gateway: Option<&'a str>,
    pub(super) carrier_gateway: Option<&'a str>,
    pub(super) vpc_endpoint: Option<&'a str>,
    pub(super) vpc_peering_connection: Option<&'a str>,
    pub(super) egress_only_internet_gateway: Option<&'a str>,
    /// What the emulator does not hold, so that every id is unknown: the id, the code and the noun.
    pub(super) elsewhere: [(Option<&'a str>, &'static str, &'static str); 4],
    pub(super) local: bool,
}

const TARGETS: &str = "The request must contain exactly one of gatewayId, localGatewayId, carrierGatewayId, \
     natGatewayId, networkInterfaceId, vpcPeeringConnectionId, egressOnlyInternetGatewayId, transitGatewayId, \
     vpcEndpointId, coreNetworkArn or instanceId";
pub(super) const OR_LOCAL: &str = ", or must have localTarget set to true";

impl Targets<'_> {
    /// # Errors
    /// `MissingParameter` for none, `InvalidParameterCombination` for several. ReplaceRoute adds `suffix` to the
    /// message.
    pub(super) fn check_one(&self, suffix: &str) -> Result<(), Refusal> {
        let named = [
            self.gateway,
            self.instance,
            self.network_interface,
            self.nat_gateway,
            self.carrier_gateway,
            self.vpc_endpoint,
            self.vpc_peering_connection,
            self.egress_only_internet_gateway,
        ];
        let named = named.into_iter().chain(self.elsewhere.iter().map(|(id, ..)| *id)).flatten().count();
        match named + usize::from(self.local) {
            1 => Ok(()),
            0 => Err(Refusal::new("MissingParameter", format!("{TARGETS}{suffix}"))),
            _ => Err(Refusal::invalid_parameter_combination(format!("{TARGETS}{suffix}"))),
        }
    }

    /// The target, which has to be in the table's VPC.
    pub(super) fn resolve(&self, cx: &Context<'_>, table: &RouteTable) -> Result<RouteTarget, Refusal> {
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
        if let Some(id) = self.nat_gateway {
            return nat_gateway(cx, table, id);
        }
        if let Some(id) = self.vpc_peering_connection {
            return vpc_peering_connection(cx, table, id);
        }
        if let Some(id) = self.carrier_gateway {
            return carrier_gateway(cx, table, id);
        }
        if let Some(id) = self.vpc_endpoint {
            return Err(vpc_endpoint(cx, id));
        }
        if let Some(id) = self.egress_only_internet_gateway {
            return egress_only_internet_gateway(cx, table, id);
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
    let unknown = || Refusal::new("InvalidGatewayID.NotFound", format!("The gateway ID '{id}' does not exist"));
    let (target, vpc) = match id.parse::<ResourceId>() {
        Ok(ResourceId::InternetGateway(id)) => {
            let gateway = cx.region.get::<InternetGateway>(id).ok_or_else(unknown)?;
            (RouteTarget::InternetGateway(id), gateway.vpc_id)
        }
        Ok(ResourceId::VpnGateway(id)) => {
            let gateway = cx.region.get::<VpnGateway>(id).ok_or_else(unknown)?;
            (RouteTarget::VpnGateway(id), gateway.vpc())
        }
        _ => return Err(unknown()),
    };
    if vpc != Some(table.vpc_id) {
        return Err(different_networks(table, &format!("network gateway {id}")));
    }
    Ok(target)
}

fn carrier_gateway(cx: &Context<'_>, table: &RouteTable, id: &str) -> Result<RouteTarget, Refusal> {
    let gateway = cx.find::<CarrierGateway>(id)?;
    if gateway.vpc_id != table.vpc_id {
        return Err(different_networks(table, &format!("carrier gateway {}", gateway.id())));
    }
    Ok(RouteTarget::CarrierGateway(gateway.id()))
}

/// Only Gateway Load Balancer endpoints can be targets, which the emulator does not have.
fn vpc_endpoint(cx: &Context<'_>, id: &str) -> Refusal {
    let parsed: Option<VpcEndpointId> = id.parse().ok();
    if parsed.is_some_and(|id| exists(cx, id)) {
        let message = format!(
            "Route table contains unsupported route target: {id}. VPC Endpoints of this type cannot be used as route \
             targets."
        );
        return Refusal::new("RouteNotSupported", message);
    }
    Refusal::new("InvalidVpcEndpointId.NotFound", format!("The Vpc Endpoint Id '{id}' does not exist"))
}

fn egress_only_internet_gateway(cx: &Context<'_>, table: &RouteTable, id: &str) -> Result<RouteTarget, Refusal> {
    let gateway: Option<EgressOnlyInternetGatewayId> = id.parse().ok();
    let held = gateway.and_then(|gateway| Some((gateway, cx.region.record(gateway.into())?)));
    let Some((gateway, record)) = held else {
        return Err(Refusal::new("InvalidGatewayID.NotFound", format!("The gateway ID '{id}' does not exist")));
    };
    if !record.references().contains(&table.vpc_id.into()) {
        return Err(different_networks(table, &format!("egress-only internet gateway {gateway}")));
    }
    Ok(RouteTarget::EgressOnlyInternetGateway(gateway))
}

/// A gateway that failed or goes does not exist for routes.
fn nat_gateway(cx: &Context<'_>, table: &RouteTable, id: &str) -> Result<RouteTarget, Refusal> {
    let parsed: Option<NatGatewayId> = id.parse().ok();
    let found = parsed.and_then(|id| Some((id, cx.region.get::<NatGateway>(id)?)));
    let Some((gateway, found)) = found.filter(|(_, gateway)| gateway.takes_routes()) else {
        return Err(Refusal::new("InvalidNatGatewayID.NotFound", format!("The natGateway ID '{id}' does not exist")));
    };
    if found.vpc_id != table.vpc_id {
        return Err(different_networks(table, &format!("network gateway {gateway}")));
    }
    Ok(RouteTarget::NatGateway(gateway))
}

/// A connection that is still a request can have routes, which are blackholes until it is active.
fn vpc_peering_connection(cx: &Context<'_>, table: &RouteTable, id: &str) -> Result<RouteTarget, Refusal> {
    let connection = cx.find::<VpcPeeringConnection>(id)?;
    if connection.takes_routes_of(table.vpc_id) {
        return Ok(RouteTarget::VpcPeeringConnection(connection.id()));
    }
    Err(different_networks(table, &format!("vpc peering connection {}", connection.id())))
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
