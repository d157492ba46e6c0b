//! What all formats draw: the region's resources, nested and named.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use serde::Serialize;
use vpcrun_model::{Network, NetworkInterfaceId, Resource, ResourceId, SubnetId};

/// The topology as JSON: VPCs with gateways, route tables, security groups and zones, zones with subnets, subnets with
/// instances and with network interfaces that belong to no instance; beside the VPCs, internet gateways that are not
/// attached and Elastic IP addresses that lead to nothing here. Keys are in snake case; ids and names are as AWS has
/// them.
#[must_use]
pub fn json(network: &Network) -> serde_json::Value {
    let topology = Topology::of(network);
    serde_json::to_value(topology).unwrap_or_else(|error| unreachable!("a topology is always JSON: {error}"))
}

/// A region.
#[derive(Debug, Serialize)]
pub(super) struct Topology {
    pub region: String,
    pub account_id: Option<String>,
    pub vpcs: Vec<VpcNode>,
    /// Those not attached to a VPC that is here.
    pub internet_gateways: Vec<Named>,
    /// Those that lead to nothing that is here.
    pub addresses: Vec<AddressNode>,
}

/// An id with the name, if any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Named {
    pub id: ResourceId,
    pub name: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct VpcNode {
    #[serde(flatten)]
    pub named: Named,
    pub cidr_blocks: Vec<Ipv4Net>,
    pub ipv6_cidr_blocks: Vec<Ipv6Net>,
    pub is_default: bool,
    pub internet_gateways: Vec<Named>,
    pub route_tables: Vec<RouteTableNode>,
    pub security_groups: Vec<GroupNode>,
    pub zones: Vec<ZoneNode>,
}

#[derive(Debug, Serialize)]
pub(super) struct RouteTableNode {
    #[serde(flatten)]
    pub named: Named,
    pub main: bool,
    pub routes: Vec<RouteNode>,
    /// The subnets that follow this table.
    pub subnets: Vec<Named>,
}

#[derive(Debug, Serialize)]
pub(super) struct RouteNode {
    pub destination: String,
    /// `local`, or the target's id.
    pub target: String,
    pub target_name: Option<String>,
    pub blackhole: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct GroupNode {
    #[serde(flatten)]
    pub named: Named,
    /// What may come in: `tcp/22 from 198.51.100.7/32`. Peers that are groups of this region go by their names.
    pub ingress: Vec<String>,
    /// What may go out.
    pub egress: Vec<String>,
    /// Whether a network interface that is here has it.
    pub used: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct ZoneNode {
    pub name: String,
    pub subnets: Vec<SubnetNode>,
}

#[derive(Debug, Serialize)]
pub(super) struct SubnetNode {
    #[serde(flatten)]
    pub named: Named,
    pub cidr_block: Option<Ipv4Net>,
    pub ipv6_cidr_blocks: Vec<Ipv6Net>,
    pub public: bool,
    pub because: String,
    /// The same in fewer words.
    #[serde(skip)]
    pub because_short: String,
    pub route_table: Option<Named>,
    /// The internet gateway that the default route leads to.
    pub gateway: Option<ResourceId>,
    pub available_ip_address_count: u32,
    pub instances: Vec<HostNode>,
    /// Those that belong to no instance.
    pub network_interfaces: Vec<HostNode>,
}

/// What has addresses in a subnet: an instance, or a network interface that belongs to none.
#[derive(Debug, Serialize)]
pub(super) struct HostNode {
    #[serde(flatten)]
    pub named: Named,
    /// `instance`, or what the network interface is for.
    pub kind: String,
    /// Of the instance, or of the network interface.
    pub state: String,
    pub instance_type: Option<String>,
    pub security_groups: Vec<Named>,
    /// The primary one first.
    pub addresses: Vec<HostAddress>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct HostAddress {
    pub network_interface: Option<NetworkInterfaceId>,
    pub subnet: Option<SubnetId>,
    pub private_ip: Option<Ipv4Addr>,
    pub public_ip: Option<Ipv4Addr>,
    /// The Elastic IP address that the public address is.
    pub elastic_ip: Option<Named>,
    pub ipv6: Option<Ipv6Addr>,
}

/// An Elastic IP address that leads to nothing here.
#[derive(Debug, Serialize)]
pub(super) struct AddressNode {
    #[serde(flatten)]
    pub named: Named,
    pub public_ip: Ipv4Addr,
    /// The network interface that it leads to, which is not here.
    pub network_interface: Option<NetworkInterfaceId>,
}

impl Named {
    pub fn of(resource: &dyn Resource) -> Self {
        Self { id: resource.id(), name: resource.name().map(str::to_owned) }
    }

    /// The name, or the id of what has none.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.id.to_string())
    }

    /// The name, if any, and the id.
    pub fn full(&self) -> String {
        self.name.as_ref().map_or_else(|| self.id.to_string(), |name| format!("{name} {}", self.id))
    }
}

impl VpcNode {
    pub fn subnets(&self) -> impl Iterator<Item = &SubnetNode> {
        self.zones.iter().flat_map(|zone| &zone.subnets)
    }

    /// The public subnets, each with the internet gateway that its default route leads to.
    pub fn doors(&self) -> impl Iterator<Item = (&Named, &SubnetNode)> {
        let gateway = |subnet: &SubnetNode| self.internet_gateways.iter().find(|door| Some(door.id) == subnet.gateway);
        self.subnets().filter_map(move |subnet| Some((gateway(subnet)?, subnet)))
    }

    /// All blocks as text.
    pub fn blocks(&self) -> String {
        joined(&self.cidr_blocks, &self.ipv6_cidr_blocks)
    }
}

impl SubnetNode {
    /// All blocks as text.
    pub fn blocks(&self) -> String {
        joined(self.cidr_block.as_slice(), &self.ipv6_cidr_blocks)
    }

    /// Instances, then other network interfaces.
    pub fn hosts(&self) -> impl Iterator<Item = &HostNode> {
        self.instances.iter().chain(&self.network_interfaces)
    }

    pub const fn access(&self) -> &'static str {
        if self.public { "public" } else { "private" }
    }
}

impl RouteTableNode {
    /// `main route table` or `route table`.
    pub const fn kind(&self) -> &'static str {
        if self.main { "main route table" } else { "route table" }
    }

    /// The routes that leave the VPC.
    pub fn routes_out(&self) -> impl Iterator<Item = &RouteNode> {
        self.routes.iter().filter(|route| route.target != "local")
    }
}

impl RouteNode {
    /// The target's name, else its id.
    pub fn target_label(&self) -> String {
        let target = self.target_name.as_ref().unwrap_or(&self.target);
        if self.blackhole { format!("{target} (blackhole)") } else { target.clone() }
    }
}

impl HostNode {
    pub fn is_instance(&self) -> bool {
        matches!(self.named.id, ResourceId::Instance(_))
    }

    pub fn group_names(&self) -> String {
        self.security_groups.iter().map(Named::label).collect::<Vec<_>>().join(", ")
    }

    /// Name, addresses, state and security groups, a line each: for formats that lay out text themselves.
    pub fn lines(&self) -> Vec<String> {
        let addresses = self.addresses.iter().map(|address| match address.public_ip {
            Some(public_ip) => format!("{} = {public_ip}", address.private_label()),
            None => address.private_label(),
        });
        let status = [self.status().to_owned(), self.group_names()];
        let status = status.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
        std::iter::once(self.named.label()).chain(addresses).chain([status]).collect()
    }

    /// The state that a reader should see: an instance's, or what the network interface is for.
    pub fn status(&self) -> &str {
        if self.is_instance() { &self.state } else { &self.kind }
    }
}

impl HostAddress {
    /// `192.168.1.4`, or an IPv6 address.
    pub fn private_label(&self) -> String {
        let ipv6 = || self.ipv6.map(|address| address.to_string()).unwrap_or_default();
        self.private_ip.map_or_else(ipv6, |address| address.to_string())
    }

    pub fn public_label(&self) -> String {
        self.public_ip.map(|address| address.to_string()).unwrap_or_default()
    }
}

fn joined(ipv4: &[Ipv4Net], ipv6: &[Ipv6Net]) -> String {
    let blocks = ipv4.iter().map(ToString::to_string).chain(ipv6.iter().map(ToString::to_string));
    blocks.collect::<Vec<_>>().join(", ")
}
