//! Route tables and their routes.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::Tag;
use super::tag::resource;
use crate::id::{
    EgressOnlyInternetGatewayId, InstanceId, InternetGatewayId, NatGatewayId, NetworkInterfaceId, PrefixListId,
    RouteTableAssociationId, RouteTableId, SubnetId, VpcEndpointId, VpcId, VpcPeeringConnectionId,
};
use crate::text::{open_enum, serde_as_text};

/// A route table of a VPC.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RouteTable {
    /// The table's id.
    pub route_table_id: RouteTableId,
    /// The VPC it belongs to.
    pub vpc_id: VpcId,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// What follows this table: subnets, gateways, and every other subnet of the VPC when it is the main table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub associations: Vec<RouteTableAssociation>,
    /// Virtual private gateways that write routes into this table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub propagating_vgws: Vec<PropagatingVgw>,
    /// The routes, in no order that matters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
    /// The table's tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

resource!(RouteTable, route_table_id);

impl RouteTable {
    /// Whether this is its VPC's main route table.
    #[must_use]
    pub fn is_main(&self) -> bool {
        self.associations.iter().any(|association| association.main && association.is_associated())
    }
}

/// The association of a route table with a subnet or gateway, or of the main table with its VPC.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RouteTableAssociation {
    /// The association's id.
    pub route_table_association_id: RouteTableAssociationId,
    /// The table.
    pub route_table_id: RouteTableId,
    /// Whether this makes the table its VPC's main one. There is no subnet then.
    #[serde(default)]
    pub main: bool,
    /// The subnet.
    pub subnet_id: Option<SubnetId>,
    /// The gateway, when the table routes what enters the VPC.
    pub gateway_id: Option<GatewayId>,
    /// How far the association is.
    pub association_state: Option<AssociationState>,
}

impl RouteTableAssociation {
    /// Whether the association is in force; so taken where AWS names no state.
    #[must_use]
    pub fn is_associated(&self) -> bool {
        self.association_state.as_ref().is_none_or(|state| state.state == AssociationStateCode::Associated)
    }
}

/// How far an association is.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssociationState {
    /// The state.
    pub state: AssociationStateCode,
    /// Why it is so, when AWS says.
    pub status_message: Option<String>,
}

open_enum! {
    /// States of a route table's association.
    AssociationStateCode {
        /// Being associated.
        Associating => "associating",
        /// In force.
        Associated => "associated",
        /// Being removed.
        Disassociating => "disassociating",
        /// Removed.
        Disassociated => "disassociated",
        /// Failed.
        Failed => "failed",
    }
}

/// A virtual private gateway that writes routes into a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PropagatingVgw {
    /// The gateway, `vgw-…`.
    pub gateway_id: GatewayId,
}

/// A route: one destination and one target. See [`RouteTarget`](crate::RouteTarget) for the target as one value.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Route {
    /// The destination, when it is IPv4.
    pub destination_cidr_block: Option<Ipv4Net>,
    /// The destination, when it is IPv6.
    pub destination_ipv6_cidr_block: Option<Ipv6Net>,
    /// The destination, when it is a prefix list.
    pub destination_prefix_list_id: Option<PrefixListId>,
    /// `local`, an internet gateway, a virtual private gateway or a VPC endpoint.
    pub gateway_id: Option<GatewayId>,
    /// A NAT gateway.
    pub nat_gateway_id: Option<NatGatewayId>,
    /// A network interface.
    pub network_interface_id: Option<NetworkInterfaceId>,
    /// The instance that owns the network interface.
    pub instance_id: Option<InstanceId>,
    /// The account of that instance.
    pub instance_owner_id: Option<String>,
    /// An egress-only internet gateway.
    pub egress_only_internet_gateway_id: Option<EgressOnlyInternetGatewayId>,
    /// A VPC peering connection.
    pub vpc_peering_connection_id: Option<VpcPeeringConnectionId>,
    /// A transit gateway.
    pub transit_gateway_id: Option<String>,
    /// A local gateway of an Outpost.
    pub local_gateway_id: Option<String>,
    /// A carrier gateway of a Wavelength Zone.
    pub carrier_gateway_id: Option<String>,
    /// A Cloud WAN core network.
    pub core_network_arn: Option<String>,
    /// How the route came to be.
    pub origin: Option<RouteOrigin>,
    /// Whether the target is there.
    pub state: Option<RouteState>,
}

open_enum! {
    /// How a route came to be.
    RouteOrigin {
        /// With the table: a local route.
        CreateRouteTable => "CreateRouteTable",
        /// Somebody added it: a static route.
        CreateRoute => "CreateRoute",
        /// A virtual private gateway propagated it.
        EnableVgwRoutePropagation => "EnableVgwRoutePropagation",
        /// A route server advertised it.
        Advertisement => "Advertisement",
    }
}

open_enum! {
    /// Whether a route's target is there.
    RouteState {
        /// The target is there.
        Active => "active",
        /// The target is gone or not attached: what takes this route is dropped.
        Blackhole => "blackhole",
        /// A route server's route that a filter keeps out.
        Filtered => "filtered",
    }
}

/// What AWS puts under `GatewayId`: more kinds than one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GatewayId {
    /// The VPC itself: the `local` route.
    Local,
    /// An internet gateway.
    InternetGateway(InternetGatewayId),
    /// A gateway or Gateway Load Balancer endpoint.
    VpcEndpoint(VpcEndpointId),
    /// Another kind, such as a virtual private gateway (`vgw-…`).
    Other(String),
}

impl FromStr for GatewayId {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let internet_gateway = || text.parse().map(Self::InternetGateway);
        let vpc_endpoint = || text.parse().map(Self::VpcEndpoint);
        Ok(match text {
            "local" => Self::Local,
            _ => internet_gateway().or_else(|_| vpc_endpoint()).unwrap_or_else(|_| Self::Other(text.to_owned())),
        })
    }
}

impl fmt::Display for GatewayId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.pad("local"),
            Self::InternetGateway(id) => id.fmt(f),
            Self::VpcEndpoint(id) => id.fmt(f),
            Self::Other(text) => f.pad(text),
        }
    }
}

impl From<InternetGatewayId> for GatewayId {
    fn from(id: InternetGatewayId) -> Self {
        Self::InternetGateway(id)
    }
}

serde_as_text!(GatewayId);
