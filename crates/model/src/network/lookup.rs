//! Questions that a reader of a network asks.

use std::fmt;
use std::net::Ipv4Addr;

use super::snapshot::Network;
use crate::id::{InstanceId, InternetGatewayId, NetworkInterfaceId, RouteTableId, SecurityGroupId, SubnetId, VpcId};
use crate::resource::{
    Address, Instance, InternetGateway, NetworkAcl, NetworkInterface, Route, RouteTable, SecurityGroup,
    SecurityGroupRule, Subnet,
};
use crate::route::{RouteTarget, select_among};

impl Network {
    /// The subnets of a VPC.
    pub fn subnets_of(&self, vpc: VpcId) -> impl Iterator<Item = &Subnet> {
        self.subnets.values().filter(move |subnet| subnet.vpc_id == vpc)
    }

    /// The route tables of a VPC.
    pub fn route_tables_of(&self, vpc: VpcId) -> impl Iterator<Item = &RouteTable> {
        self.route_tables.values().filter(move |table| table.vpc_id == vpc)
    }

    /// The security groups of a VPC.
    pub fn security_groups_of(&self, vpc: VpcId) -> impl Iterator<Item = &SecurityGroup> {
        self.security_groups.values().filter(move |group| group.vpc_id == vpc)
    }

    /// The network ACLs of a VPC.
    pub fn network_acls_of(&self, vpc: VpcId) -> impl Iterator<Item = &NetworkAcl> {
        self.network_acls.values().filter(move |acl| acl.vpc_id == vpc)
    }

    /// The instances of a VPC, without terminated ones, which have none.
    pub fn instances_of(&self, vpc: VpcId) -> impl Iterator<Item = &Instance> {
        self.instances.values().filter(move |instance| instance.vpc_id == Some(vpc))
    }

    /// The rules with ids of a security group, both directions.
    pub fn security_group_rules_of(&self, group: SecurityGroupId) -> impl Iterator<Item = &SecurityGroupRule> {
        self.security_group_rules.values().filter(move |rule| rule.group_id == group)
    }

    /// The security group that a VPC came with.
    #[must_use]
    pub fn default_security_group(&self, vpc: VpcId) -> Option<&SecurityGroup> {
        self.security_groups_of(vpc).find(|group| group.group_name == "default")
    }

    /// The internet gateway attached to a VPC.
    #[must_use]
    pub fn internet_gateway_of(&self, vpc: VpcId) -> Option<&InternetGateway> {
        self.internet_gateways.values().find(|gateway| gateway.is_attached_to(vpc))
    }

    /// The main route table of a VPC.
    #[must_use]
    pub fn main_route_table(&self, vpc: VpcId) -> Option<&RouteTable> {
        self.route_tables_of(vpc).find(|table| table.is_main())
    }

    /// The route table that a subnet follows: the one associated with it, else its VPC's main one.
    /// Source: "Subnet route tables" in the Amazon VPC User Guide.
    #[must_use]
    pub fn effective_route_table(&self, subnet: SubnetId) -> Option<&RouteTable> {
        let follows = |table: &&RouteTable| {
            table.associations.iter().any(|link| link.subnet_id == Some(subnet) && link.is_associated())
        };
        let explicit = self.route_tables.values().find(follows);
        explicit.or_else(|| self.main_route_table(self.subnets.get(&subnet)?.vpc_id))
    }

    /// The network ACL that guards a subnet.
    #[must_use]
    pub fn network_acl_of(&self, subnet: SubnetId) -> Option<&NetworkAcl> {
        self.network_acls.values().find(|acl| acl.associations.iter().any(|link| link.subnet_id == subnet))
    }

    /// The network interfaces in a subnet.
    pub fn network_interfaces_in(&self, subnet: SubnetId) -> impl Iterator<Item = &NetworkInterface> {
        self.network_interfaces.values().filter(move |interface| interface.subnet_id == subnet)
    }

    /// The network interfaces attached to an instance, the primary one first.
    #[must_use]
    pub fn network_interfaces_of(&self, instance: InstanceId) -> Vec<&NetworkInterface> {
        let index = |interface: &&NetworkInterface| {
            let attachment = interface.attachment.as_ref().filter(|link| link.instance_id == Some(instance))?;
            Some(attachment.device_index.unwrap_or(u32::MAX))
        };
        let mut interfaces: Vec<_> =
            self.network_interfaces.values().filter(|interface| index(interface).is_some()).collect();
        interfaces.sort_by_key(index);
        interfaces
    }

    /// The network interface with this private address in a VPC. Addresses are unique in a VPC, not in a region.
    #[must_use]
    pub fn network_interface_at(&self, vpc: VpcId, address: Ipv4Addr) -> Option<&NetworkInterface> {
        self.network_interfaces.values().find(|interface| {
            interface.vpc_id == vpc
                && (interface.private_ip_address == Some(address)
                    || interface.private_ip_addresses.iter().any(|private| private.private_ip_address == address))
        })
    }

    /// The Elastic IP addresses that lead to a network interface.
    pub fn addresses_of(&self, interface: NetworkInterfaceId) -> impl Iterator<Item = &Address> {
        self.addresses.values().filter(move |address| address.network_interface_id == Some(interface))
    }

    /// The Elastic IP address with this public address.
    #[must_use]
    pub fn address_with_public_ip(&self, public_ip: Ipv4Addr) -> Option<&Address> {
        self.addresses.values().find(|address| address.public_ip == public_ip)
    }

    /// Whether a subnet is public, and why (not); `None` for a subnet that is not here.
    ///
    /// Public means: an active IPv4 default route of its effective route table leads to an internet gateway. Source:
    /// "Subnet types" in the Amazon VPC User Guide.
    #[must_use]
    pub fn subnet_access(&self, subnet: SubnetId) -> Option<SubnetAccess> {
        self.subnets.get(&subnet)?;
        let Some(table) = self.effective_route_table(subnet) else {
            return Some(SubnetAccess::Private(PrivateReason::NoRouteTable));
        };
        let route_table = table.route_table_id;
        let Some(route) = default_route(table) else {
            return Some(SubnetAccess::Private(PrivateReason::NoDefaultRoute { route_table }));
        };
        Some(match route.target() {
            Some(RouteTarget::InternetGateway(gateway)) if route.is_active() => {
                SubnetAccess::Public { route_table, gateway }
            }
            target if !route.is_active() => SubnetAccess::Private(PrivateReason::Blackhole { route_table, target }),
            target => SubnetAccess::Private(PrivateReason::OtherTarget { route_table, target }),
        })
    }
}

/// The route for 0.0.0.0/0 that counts when there are several, static before propagated.
fn default_route(table: &RouteTable) -> Option<&Route> {
    let is_default = |route: &&Route| route.destination_cidr_block.is_some_and(|block| block.prefix_len() == 0);
    select_among(table.routes.iter().filter(is_default), Ipv4Addr::UNSPECIFIED)
}

/// Whether a subnet is public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubnetAccess {
    /// Its default route leads to an internet gateway.
    Public {
        /// The subnet's effective route table.
        route_table: RouteTableId,
        /// The gateway.
        gateway: InternetGatewayId,
    },
    /// It does not.
    Private(PrivateReason),
}

impl SubnetAccess {
    /// Whether the subnet is public.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        matches!(self, Self::Public { .. })
    }
}

/// Why a subnet is private.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrivateReason {
    /// Neither its own route table nor the main one of its VPC is here.
    NoRouteTable,
    /// Its route table has no route for 0.0.0.0/0.
    NoDefaultRoute {
        /// The table.
        route_table: RouteTableId,
    },
    /// That route's target is gone or not attached.
    Blackhole {
        /// The table.
        route_table: RouteTableId,
        /// The target.
        target: Option<RouteTarget>,
    },
    /// That route leads elsewhere than to an internet gateway.
    OtherTarget {
        /// The table.
        route_table: RouteTableId,
        /// The target.
        target: Option<RouteTarget>,
    },
}

impl fmt::Display for SubnetAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public { route_table, gateway } => write!(f, "public: 0.0.0.0/0 via {gateway} in {route_table}"),
            Self::Private(reason) => write!(f, "private: {reason}"),
        }
    }
}

impl fmt::Display for PrivateReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |target: &Option<RouteTarget>| target.as_ref().map_or("nothing".to_owned(), ToString::to_string);
        match self {
            Self::NoRouteTable => f.write_str("its route table is not known"),
            Self::NoDefaultRoute { route_table } => write!(f, "{route_table} has no route for 0.0.0.0/0"),
            Self::Blackhole { route_table, target } => {
                write!(f, "0.0.0.0/0 via {} in {route_table} is a blackhole", named(target))
            }
            Self::OtherTarget { route_table, target } => {
                write!(f, "0.0.0.0/0 in {route_table} leads to {}, not to an internet gateway", named(target))
            }
        }
    }
}
