//! Route tables, their routes and their associations.
//!
//! Sources: CreateRouteTable, CreateRoute, ReplaceRoute, AssociateRouteTable, ReplaceRouteTableAssociation and their
//! neighbours; "Configure route tables" in the Amazon VPC User Guide; and answers recorded on AWS.

mod association;
mod describe;
mod route;
mod table;

use std::cmp::Reverse;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use vpcrun_model::{
    InternetGatewayId, NetworkInterfaceId, ResourceId, RouteTableAssociationId, RouteTableId, SubnetId, VpcId,
};

use self::association::{AssociateRouteTable, DisassociateRouteTable, ReplaceRouteTableAssociation};
use self::describe::DescribeRouteTables;
use self::route::{CreateRoute, DeleteRoute, ReplaceRoute};
use self::table::{CreateRouteTable, DeleteRouteTable};
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
    DisassociateRouteTable,
    ReplaceRoute,
    ReplaceRouteTableAssociation,
];

/// A route table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RouteTable {
    id: RouteTableId,
    vpc_id: VpcId,
    /// The most specific first; no two have the same destination.
    routes: Vec<Route>,
    associations: Vec<Association>,
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
        std::iter::once(self.vpc_id.into()).chain(subnets.map(Into::into)).collect()
    },
    fn aliases(&self) -> Vec<String> {
        self.associations.iter().map(|association| association.id.to_string()).collect()
    }
);

/// A route. Its state (active, blackhole) follows from its target and is not kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Route {
    destination: Ipv4Net,
    target: RouteTarget,
    /// Made with the table (`CreateRouteTable`) rather than by CreateRoute: the route to the VPC itself, wherever it
    /// leads now.
    with_table: bool,
}

/// Where a route leads. A route to an instance leads to the instance's network interface.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum RouteTarget {
    Local,
    InternetGateway(InternetGatewayId),
    NetworkInterface(NetworkInterfaceId),
}

/// The association of the table with a subnet; the main table has one without.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Association {
    id: RouteTableAssociationId,
    subnet_id: Option<SubnetId>,
}

impl Association {
    fn is_main(&self) -> bool {
        self.subnet_id.is_none()
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
        let main = Association { id: association, subnet_id: None };
        Self { associations: vec![main], ..Self::new(id, vpc, Tags::new()) }
    }

    fn new(id: RouteTableId, vpc: &Vpc, tags: Tags) -> Self {
        let local = Route { destination: vpc.cidr_block, target: RouteTarget::Local, with_table: true };
        Self { id, vpc_id: vpc.id, routes: vec![local], associations: Vec::new(), tags }
    }

    pub(crate) fn is_main(&self) -> bool {
        self.associations.iter().any(Association::is_main)
    }

    pub(crate) fn main_table_of(region: &Region, vpc: VpcId) -> Option<&Self> {
        region.referrers::<Self>(vpc).find(|table| table.is_main())
    }

    pub(crate) fn add_route(&mut self, destination: Ipv4Net, target: RouteTarget) {
        self.routes.push(Route { destination, target, with_table: false });
        self.routes.sort_by_key(|route| Reverse((route.destination.prefix_len(), route.destination.addr())));
    }

    fn route(&self, destination: Ipv4Net) -> Option<&Route> {
        self.routes.iter().find(|route| route.destination == destination)
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
    use vpcrun_model::Id;

    use super::*;

    #[test]
    fn routes_stand_most_specific_first() {
        let mut table = RouteTable {
            id: RouteTableId::from_bits(1),
            vpc_id: VpcId::from_bits(1),
            routes: Vec::new(),
            associations: Vec::new(),
            tags: Tags::new(),
        };
        let gateway = RouteTarget::InternetGateway(InternetGatewayId::from_bits(1));
        for destination in ["10.237.0.0/24", "0.0.0.0/0", "198.51.100.0/24", "203.0.113.7/32"] {
            table.add_route(destination.parse().expect(destination), gateway);
        }
        let order: Vec<String> = table.routes.iter().map(|route| route.destination.to_string()).collect();
        // As recorded on AWS, of two routes of one length the higher address comes first.
        assert_eq!(order, ["203.0.113.7/32", "198.51.100.0/24", "10.237.0.0/24", "0.0.0.0/0"]);
    }
}
