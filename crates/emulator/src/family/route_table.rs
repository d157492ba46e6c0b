//! Route tables, routes and associations.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use vpcrun_model::{
    InstanceId, InternetGatewayId, NetworkInterfaceId, ResourceId, RouteTableAssociationId, RouteTableId, SubnetId,
    VpcId,
};

use crate::error::IdWording;
use crate::family::vpc::Vpc;
use crate::state::{Region, Tags, resource};

/// A route table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RouteTable {
    id: RouteTableId,
    vpc_id: VpcId,
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
    /// Made with the table (`CreateRouteTable`) rather than by CreateRoute.
    with_table: bool,
}

/// Where a route leads.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum RouteTarget {
    Local,
    InternetGateway(InternetGatewayId),
    Instance(InstanceId, NetworkInterfaceId),
    NetworkInterface(NetworkInterfaceId),
}

/// The association of the table with a subnet; the main table has one without.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Association {
    id: RouteTableAssociationId,
    subnet_id: Option<SubnetId>,
}

impl RouteTable {
    /// The table that a new VPC has: main, with the local route.
    pub(crate) fn main_of(id: RouteTableId, association: RouteTableAssociationId, vpc: &Vpc) -> Self {
        let local = Route { destination: vpc.cidr_block, target: RouteTarget::Local, with_table: true };
        let main = Association { id: association, subnet_id: None };
        Self { id, vpc_id: vpc.id, routes: vec![local], associations: vec![main], tags: Tags::new() }
    }

    pub(crate) fn is_main(&self) -> bool {
        self.associations.iter().any(|association| association.subnet_id.is_none())
    }

    pub(crate) fn main_table_of(region: &Region, vpc: VpcId) -> Option<&Self> {
        region.referrers::<Self>(vpc).find(|table| table.is_main())
    }

    pub(crate) fn add_route(&mut self, destination: Ipv4Net, target: RouteTarget) {
        self.routes.push(Route { destination, target, with_table: false });
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
