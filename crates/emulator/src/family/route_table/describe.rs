//! DescribeRouteTables, and how route tables stand in answers.

use serde::Serialize;
use serde_with::skip_serializing_none;
use vpcrun_model::{InstanceId, NetworkInterfaceId, RouteTableAssociationId, RouteTableId, SubnetId, VpcId};

use super::{Association, AssociationState, Route, RouteTable, RouteTarget};
use crate::action::Context;
use crate::describe::{FilterTable, describe, text};
use crate::family::instance::{Instance, InstanceState};
use crate::family::internet_gateway::InternetGateway;
use crate::family::network_interface::NetworkInterface;
use crate::family::tag::{TagItem, tag_set};
use crate::wire::Items;

impl Route {
    fn origin(&self) -> &'static str {
        if self.with_table { "CreateRouteTable" } else { "CreateRoute" }
    }

    /// A route is a blackhole while its target cannot take a packet. It comes back to life with its target.
    fn state(&self, vpc: VpcId, cx: &Context<'_>) -> &'static str {
        let active = match self.target {
            RouteTarget::Local => true,
            RouteTarget::InternetGateway(id) => {
                cx.region.get::<InternetGateway>(id).is_some_and(|gateway| gateway.vpc_id == Some(vpc))
            }
            RouteTarget::NetworkInterface(id) => instance_of(id, cx)
                .and_then(|instance| cx.region.get::<Instance>(instance))
                .is_some_and(|instance| instance.state == InstanceState::Running),
        };
        if active { "active" } else { "blackhole" }
    }

    fn gateway(&self) -> Option<String> {
        match self.target {
            RouteTarget::Local => Some("local".to_owned()),
            RouteTarget::InternetGateway(id) => Some(id.to_string()),
            RouteTarget::NetworkInterface(_) => None,
        }
    }

    fn network_interface(&self) -> Option<NetworkInterfaceId> {
        match self.target {
            RouteTarget::NetworkInterface(id) => Some(id),
            RouteTarget::Local | RouteTarget::InternetGateway(_) => None,
        }
    }
}

/// The instance that a network interface is attached to.
fn instance_of(interface: NetworkInterfaceId, cx: &Context<'_>) -> Option<InstanceId> {
    let interface = cx.region.get::<NetworkInterface>(interface)?;
    interface.attachment.as_ref().map(|attachment| attachment.instance_id)
}

impl RouteTable {
    fn associated(&self, value: impl Fn(&Association) -> Option<String>) -> Vec<String> {
        self.associations.iter().filter_map(value).collect()
    }

    fn routed(&self, value: impl Fn(&Route) -> Option<String>) -> Vec<String> {
        self.routes.iter().filter_map(value).collect()
    }

    const FILTERS: FilterTable<Self> = &[
        ("association.gateway-id", |_, _| Vec::new()),
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
        ("route.destination-cidr-block", |table, _| table.routed(|route| Some(route.destination.to_string()))),
        ("route.destination-ipv6-cidr-block", |_, _| Vec::new()),
        ("route.destination-prefix-list-id", |_, _| Vec::new()),
        ("route.egress-only-internet-gateway-id", |_, _| Vec::new()),
        ("route.gateway-id", |table, _| table.routed(Route::gateway)),
        ("route.instance-id", |table, cx| {
            table.routed(|route| Some(instance_of(route.network_interface()?, cx)?.to_string()))
        }),
        ("route.nat-gateway-id", |_, _| Vec::new()),
        ("route.origin", |table, _| table.routed(|route| Some(route.origin().to_owned()))),
        ("route.state", |table, cx| table.routed(|route| Some(route.state(table.vpc_id, cx).to_owned()))),
        ("route.transit-gateway-id", |_, _| Vec::new()),
        ("route.vpc-peering-connection-id", |_, _| Vec::new()),
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
    /// Virtual private gateways that write routes here: the emulator has none.
    propagating_vgw_set: Items<()>,
    tag_set: Items<TagItem>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RouteItem {
    destination_cidr_block: String,
    gateway_id: Option<String>,
    instance_id: Option<InstanceId>,
    instance_owner_id: Option<String>,
    network_interface_id: Option<NetworkInterfaceId>,
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
    main: bool,
    association_state: AssociationState,
}

impl RouteTableItem {
    pub(super) fn new(table: &RouteTable, cx: &Context<'_>) -> Self {
        let route = |route: &Route| {
            let instance_id = route.network_interface().and_then(|interface| instance_of(interface, cx));
            RouteItem {
                destination_cidr_block: route.destination.to_string(),
                gateway_id: route.gateway(),
                instance_id,
                instance_owner_id: instance_id.map(|_| cx.account_id().to_owned()),
                network_interface_id: route.network_interface(),
                state: route.state(table.vpc_id, cx),
                origin: route.origin(),
            }
        };
        let association = |association: &Association| AssociationItem {
            route_table_association_id: association.id,
            route_table_id: table.id,
            subnet_id: association.subnet_id,
            main: association.is_main(),
            association_state: AssociationState::ASSOCIATED,
        };
        Self {
            route_table_id: table.id,
            vpc_id: table.vpc_id,
            owner_id: cx.account_id().to_owned(),
            route_set: table.routes.iter().map(route).collect(),
            association_set: table.associations.iter().map(association).collect(),
            propagating_vgw_set: Items::default(),
            tag_set: tag_set(&table.tags),
        }
    }
}

describe!(
    /// DescribeRouteTables.
    DescribeRouteTables, "RouteTableId" of RouteTable,
    route_table_set: RouteTableItem, RouteTableItem::new
);
