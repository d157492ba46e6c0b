//! DescribeRouteTables, and how route tables stand in answers.

use serde::Serialize;
use serde_with::skip_serializing_none;
use vpcrun_model::{
    CarrierGatewayId, EgressOnlyInternetGatewayId, InstanceId, NatGatewayId, NetworkInterfaceId, ResourceId,
    RouteTableAssociationId, RouteTableId, SubnetId, VpcId, VpcPeeringConnectionId, VpnGatewayId,
};

use super::target::instance_of;
use super::{Association, AssociationState, Route, RouteDestination, RouteTable};
use crate::action::Context;
use crate::describe::{FilterTable, describe, text};
use crate::family::tag::{TagItem, tag_set};
use crate::wire::Items;

impl Route {
    fn origin(&self) -> &'static str {
        if self.with_table { "CreateRouteTable" } else { "CreateRoute" }
    }

    /// A route is a blackhole while its target cannot take a packet. It comes back to life with its target.
    fn state(&self, vpc: VpcId, cx: &Context<'_>) -> &'static str {
        if self.target.is_available(vpc, cx) { "active" } else { "blackhole" }
    }

    fn ipv4(&self) -> Option<String> {
        matches!(self.destination, RouteDestination::Ipv4(_)).then(|| self.destination.to_string())
    }

    fn ipv6(&self) -> Option<String> {
        matches!(self.destination, RouteDestination::Ipv6(_)).then(|| self.destination.to_string())
    }

    fn prefix_list(&self) -> Option<String> {
        matches!(self.destination, RouteDestination::PrefixList(_)).then(|| self.destination.to_string())
    }
}

impl RouteTable {
    fn associated(&self, value: impl Fn(&Association) -> Option<String>) -> Vec<String> {
        self.associations.iter().filter_map(value).collect()
    }

    fn routed(&self, value: impl Fn(&Route) -> Option<String>) -> Vec<String> {
        self.routes.iter().filter_map(value).collect()
    }

    const FILTERS: FilterTable<Self> = &[
        ("association.gateway-id", |table, _| {
            table.associated(|association| Some(ResourceId::from(association.gateway_id?).to_string()))
        }),
        ("association.main", |table, _| table.associated(|association| Some(association.is_main().to_string()))),
        ("association.route-table-association-id", |table, _| {
            table.associated(|association| Some(association.id.to_string()))
        }),
        ("association.route-table-id", |table, _| table.associated(|_| Some(table.id.to_string()))),
        ("association.subnet-id", |table, _| {
            table.associated(|association| association.subnet_id.map(|id| id.to_string()))
        }),
        ("owner-id", |_, cx| text(cx.account_id())),
        ("route-table-id", |table, _| text(table.id)),
        ("route.destination-cidr-block", |table, _| table.routed(Route::ipv4)),
        ("route.destination-ipv6-cidr-block", |table, _| table.routed(Route::ipv6)),
        ("route.destination-prefix-list-id", |table, _| table.routed(Route::prefix_list)),
        ("route.egress-only-internet-gateway-id", |table, _| {
            table.routed(|route| route.target.egress_only_internet_gateway().map(|id| id.to_string()))
        }),
        ("route.gateway-id", |table, _| table.routed(|route| route.target.gateway())),
        ("route.instance-id", |table, cx| {
            table.routed(|route| Some(instance_of(route.target.network_interface()?, cx)?.to_string()))
        }),
        ("route.nat-gateway-id", |table, _| table.routed(|route| route.target.nat_gateway().map(|id| id.to_string()))),
        ("route.origin", |table, _| table.routed(|route| Some(route.origin().to_owned()))),
        ("route.state", |table, cx| table.routed(|route| Some(route.state(table.vpc_id, cx).to_owned()))),
        ("route.transit-gateway-id", |_, _| Vec::new()),
        ("route.vpc-peering-connection-id", |table, _| {
            table.routed(|route| route.target.vpc_peering_connection().map(|id| id.to_string()))
        }),
        ("vpc-id", |table, _| text(table.vpc_id)),
    ];
}

/// A route table in an answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RouteTableItem {
    route_table_id: RouteTableId,
    vpc_id: VpcId,
    owner_id: String,
    route_set: Items<RouteItem>,
    association_set: Items<AssociationItem>,
    propagating_vgw_set: Items<PropagatingVgw>,
    tag_set: Items<TagItem>,
}

/// A virtual private gateway whose routes the table takes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PropagatingVgw {
    gateway_id: VpnGatewayId,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RouteItem {
    destination_cidr_block: Option<String>,
    destination_ipv6_cidr_block: Option<String>,
    destination_prefix_list_id: Option<String>,
    carrier_gateway_id: Option<CarrierGatewayId>,
    egress_only_internet_gateway_id: Option<EgressOnlyInternetGatewayId>,
    gateway_id: Option<String>,
    instance_id: Option<InstanceId>,
    instance_owner_id: Option<String>,
    nat_gateway_id: Option<NatGatewayId>,
    network_interface_id: Option<NetworkInterfaceId>,
    vpc_peering_connection_id: Option<VpcPeeringConnectionId>,
    state: &'static str,
    origin: &'static str,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AssociationItem {
    route_table_association_id: RouteTableAssociationId,
    route_table_id: RouteTableId,
    subnet_id: Option<SubnetId>,
    gateway_id: Option<ResourceId>,
    main: bool,
    association_state: AssociationState,
}

impl RouteItem {
    fn new(route: &Route, table: &RouteTable, cx: &Context<'_>) -> Self {
        let target = &route.target;
        let instance_id = target.network_interface().and_then(|interface| instance_of(interface, cx));
        Self {
            destination_cidr_block: route.ipv4(),
            destination_ipv6_cidr_block: route.ipv6(),
            destination_prefix_list_id: route.prefix_list(),
            carrier_gateway_id: target.carrier_gateway(),
            egress_only_internet_gateway_id: target.egress_only_internet_gateway(),
            gateway_id: target.gateway(),
            instance_id,
            instance_owner_id: instance_id.map(|_| cx.account_id().to_owned()),
            nat_gateway_id: target.nat_gateway(),
            network_interface_id: target.network_interface(),
            vpc_peering_connection_id: target.vpc_peering_connection(),
            state: route.state(table.vpc_id, cx),
            origin: route.origin(),
        }
    }
}

impl RouteTableItem {
    pub(super) fn new(table: &RouteTable, cx: &Context<'_>) -> Self {
        let route = |route: &Route| RouteItem::new(route, table, cx);
        let association = |association: &Association| AssociationItem {
            route_table_association_id: association.id,
            route_table_id: table.id,
            subnet_id: association.subnet_id,
            gateway_id: association.gateway_id.map(Into::into),
            main: association.is_main(),
            association_state: AssociationState::ASSOCIATED,
        };
        Self {
            route_table_id: table.id,
            vpc_id: table.vpc_id,
            owner_id: cx.account_id().to_owned(),
            route_set: table.routes.iter().map(route).collect(),
            association_set: table.associations.iter().map(association).collect(),
            propagating_vgw_set: table.propagating_vgws.iter().map(|id| PropagatingVgw { gateway_id: *id }).collect(),
            tag_set: tag_set(&table.tags),
        }
    }
}

describe!(
    /// DescribeRouteTables.
    DescribeRouteTables, "RouteTableId" of RouteTable,
    route_table_set: RouteTableItem, RouteTableItem::new, pages 5..=100
);
