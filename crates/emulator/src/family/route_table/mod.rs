//! Route tables, their routes and their associations.
//!
//! Sources: CreateRouteTable, CreateRoute, ReplaceRoute, AssociateRouteTable, ReplaceRouteTableAssociation and their
//! neighbours; "Configure route tables" in the Amazon VPC User Guide; and answers recorded on AWS.

mod association;
mod describe;
mod destination;
mod propagation;
mod route;
mod rule;
mod table;
mod target;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use vpcrun_model::{
    InternetGatewayId, ResourceId, RouteTableAssociationId, RouteTableId, SubnetId, VpcId, VpnGatewayId,
};

use self::association::{AssociateRouteTable, DisassociateRouteTable, ReplaceRouteTableAssociation};
use self::describe::DescribeRouteTables;
pub(crate) use self::destination::RouteDestination;
use self::propagation::{DisableVgwRoutePropagation, EnableVgwRoutePropagation};
pub(crate) use self::route::without_room;
use self::route::{CreateRoute, DeleteRoute, ReplaceRoute};
use self::table::{CreateRouteTable, DeleteRouteTable};
pub(crate) use self::target::RouteTarget;
use crate::action::actions;
use crate::error::IdWording;
use crate::family::vpc::Vpc;
use crate::state::{Region, Tags, resource};

actions![
    AssociateRouteTable,
    CreateRoute,
    CreateRouteTable,
    DeleteRoute,
    DeleteRouteTable,
    DescribeRouteTables,
    DisableVgwRoutePropagation,
    DisassociateRouteTable,
    EnableVgwRoutePropagation,
    ReplaceRoute,
    ReplaceRouteTableAssociation,
];

/// A route table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RouteTable {
    id: RouteTableId,
    vpc_id: VpcId,
    /// In the order of their destinations; no two have the same.
    routes: Vec<Route>,
    associations: Vec<Association>,
    /// Virtual private gateways whose routes the table takes.
    #[serde(default)]
    propagating_vgws: Vec<VpnGatewayId>,
    tags: Tags,
}

resource!(
    RouteTable as RouteTable,
    RouteTableId,
    "route-table",
    IdWording {
        noun: "routeTable",
        not_found: "InvalidRouteTableID.NotFound",
        malformed: "InvalidRouteTableId.Malformed",
    },
    fn references(&self) -> Vec<ResourceId> {
        let subnets = self.associations.iter().filter_map(|association| association.subnet_id);
        let lists = self.routes.iter().filter_map(|route| match route.destination {
            RouteDestination::PrefixList(list) => Some(list.into()),
            RouteDestination::Ipv4(_) | RouteDestination::Ipv6(_) => None,
        });
        let gateways = self.associations.iter().filter_map(|association| association.gateway_id);
        let propagating = self.propagating_vgws.iter().copied().map(ResourceId::from);
        let mut references: Vec<ResourceId> = std::iter::once(self.vpc_id.into())
            .chain(subnets.map(Into::into))
            .chain(lists)
            .chain(gateways.map(Into::into))
            .chain(propagating)
            .collect();
        references.sort_unstable();
        references.dedup();
        references
    },
    fn indexed_filters() -> &'static [&'static str] {
        &["vpc-id"]
    },
    fn aliases(&self) -> Vec<String> {
        self.associations.iter().map(|association| association.id.to_string()).collect()
    }
);

/// A route. Its state (active, blackhole) follows from its target and is not kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Route {
    destination: RouteDestination,
    target: RouteTarget,
    /// Made with the table (`CreateRouteTable`) rather than by CreateRoute: the route to the VPC itself, wherever it
    /// leads now.
    with_table: bool,
}

/// The association of the table with a subnet or, for what comes in from outside the VPC, with a gateway; the main table has one
/// with neither.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Association {
    id: RouteTableAssociationId,
    subnet_id: Option<SubnetId>,
    #[serde(default)]
    gateway_id: Option<EdgeGateway>,
}

/// A gateway that a table can be associated with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum EdgeGateway {
    InternetGateway(InternetGatewayId),
    VpnGateway(VpnGatewayId),
}

impl From<EdgeGateway> for ResourceId {
    fn from(gateway: EdgeGateway) -> Self {
        match gateway {
            EdgeGateway::InternetGateway(id) => id.into(),
            EdgeGateway::VpnGateway(id) => id.into(),
        }
    }
}

impl Association {
    fn is_main(&self) -> bool {
        self.subnet_id.is_none() && self.gateway_id.is_none()
    }
}

/// The state of an association in an answer.
#[derive(Serialize)]
struct AssociationState {
    state: &'static str,
}

impl AssociationState {
    const ASSOCIATED: Self = Self { state: "associated" };
}

impl RouteTable {
    /// The table that a new VPC has: main, with the local route.
    pub(crate) fn main_of(id: RouteTableId, association: RouteTableAssociationId, vpc: &Vpc) -> Self {
        let main = Association { id: association, subnet_id: None, gateway_id: None };
        let blocks = vpc.cidr_blocks().map(Into::into).chain(vpc.ipv6_cidr_blocks().map(Into::into));
        Self { associations: vec![main], ..Self::new(id, vpc.id, blocks, Tags::new()) }
    }

    /// A table that is associated with nothing. `blocks` are the VPC's.
    fn new(id: RouteTableId, vpc_id: VpcId, blocks: impl Iterator<Item = RouteDestination>, tags: Tags) -> Self {
        let mut table =
            Self { id, vpc_id, routes: Vec::new(), associations: Vec::new(), propagating_vgws: Vec::new(), tags };
        blocks.for_each(|block| table.add_local_route(block));
        table
    }

    pub(crate) fn is_main(&self) -> bool {
        self.associations.iter().any(Association::is_main)
    }

    pub(crate) fn main_table_of(region: &Region, vpc: VpcId) -> Option<&Self> {
        region.referrers::<Self>(vpc).find(|table| table.is_main())
    }

    pub(crate) fn add_route(&mut self, destination: impl Into<RouteDestination>, target: RouteTarget) {
        self.push(Route { destination: destination.into(), target, with_table: false });
    }

    pub(crate) fn vpc_id(&self) -> VpcId {
        self.vpc_id
    }

    /// Whether a route leads to the target.
    pub(crate) fn leads_to(&self, target: RouteTarget) -> bool {
        self.routes.iter().any(|route| route.target == target)
    }

    pub(crate) fn remove_routes_to(&mut self, target: RouteTarget) {
        self.routes.retain(|route| route.target != target);
    }

    fn push(&mut self, route: Route) {
        self.routes.push(route);
        self.routes.sort_by_key(|route| route.destination.order());
    }

    /// Whether traffic that comes in by a gateway follows the table.
    fn is_at_edge(&self) -> bool {
        self.associations.iter().any(|association| association.gateway_id.is_some())
    }

    fn route(&self, destination: RouteDestination) -> Option<&Route> {
        self.routes.iter().find(|route| route.destination == destination)
    }
}

/// Gives all tables of a VPC the route to a block that it got.
pub(crate) fn add_local_route(region: &mut Region, vpc: VpcId, block: impl Into<RouteDestination>) {
    let block = block.into();
    change_tables(region, vpc, |table| table.add_local_route(block));
}

/// Takes the route to a block that the VPC lost from all its tables, wherever it leads by now.
pub(crate) fn remove_local_route(region: &mut Region, vpc: VpcId, block: impl Into<RouteDestination>) {
    let block = block.into();
    change_tables(region, vpc, |table| table.routes.retain(|route| !route.with_table || route.destination != block));
}

/// Whether a route of the VPC leads to a destination inside this block: then the VPC cannot have the block.
pub(crate) fn leads_into(region: &Region, vpc: VpcId, block: Ipv4Net) -> bool {
    let inside = |route: &Route| match route.destination {
        RouteDestination::Ipv4(destination) => !route.with_table && block.contains(&destination),
        RouteDestination::Ipv6(_) | RouteDestination::PrefixList(_) => false,
    };
    region.referrers::<RouteTable>(vpc).any(|table| table.routes.iter().any(inside))
}

fn change_tables(region: &mut Region, vpc: VpcId, change: impl Fn(&mut RouteTable)) {
    let tables: Vec<_> = region.referrers::<RouteTable>(vpc).map(|table| table.id).collect();
    for id in tables {
        region.update(id, &change);
    }
}

/// Ends what a gateway that is detached has to do with route tables, but for routes to it.
pub(crate) fn forget_gateway(region: &mut Region, gateway: impl Into<ResourceId>) {
    let gateway = gateway.into();
    let tables: Vec<_> = region.referrers::<RouteTable>(gateway).map(|table| table.id).collect();
    for id in tables {
        region.update(id, |table: &mut RouteTable| {
            table.associations.retain(|association| association.gateway_id.map(ResourceId::from) != Some(gateway));
            table.propagating_vgws.retain(|vgw| ResourceId::from(*vgw) != gateway);
        });
    }
}

/// Removes the explicit association of a subnet that goes.
pub(crate) fn dissociate(region: &mut Region, subnet: SubnetId) {
    let tables: Vec<_> = region.referrers::<RouteTable>(subnet).map(|table| table.id).collect();
    for id in tables {
        region.update(id, |table: &mut RouteTable| {
            table.associations.retain(|association| association.subnet_id != Some(subnet));
        });
    }
}

#[cfg(test)]
mod tests {
    use ipnet::Ipv6Net;
    use vpcrun_model::{Id, InternetGatewayId, PrefixListId};

    use super::*;

    #[test]
    fn routes_stand_most_specific_first() {
        let mut table = RouteTable {
            id: RouteTableId::from_bits(1),
            vpc_id: VpcId::from_bits(1),
            routes: Vec::new(),
            associations: Vec::new(),
            propagating_vgws: Vec::new(),
            tags: Tags::new(),
        };
        let gateway = RouteTarget::InternetGateway(InternetGatewayId::from_bits(1));
        for block in ["10.237.0.0/24", "0.0.0.0/0", "198.51.100.0/24", "203.0.113.7/32"] {
            table.add_route(block.parse::<Ipv4Net>().expect(block), gateway);
        }
        table.add_route(PrefixListId::from_bits(1), gateway);
        for block in ["::/0", "2001:db8::/56"] {
            table.add_route(block.parse::<Ipv6Net>().expect(block), gateway);
        }
        let order: Vec<String> = table.routes.iter().map(|route| route.destination.to_string()).collect();
        // As recorded on AWS, of two routes of one length the higher address comes first.
        let ipv4 = ["203.0.113.7/32", "198.51.100.0/24", "10.237.0.0/24", "0.0.0.0/0"];
        assert_eq!(order[..4], ipv4);
        assert_eq!(order[4..], ["2001:db8::/56", "::/0", "pl-00000000000000001"]);
    }
}
