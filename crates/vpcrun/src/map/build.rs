//! The way from a network to its topology: what is inside what, in which order, and what everything is called.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use vpcrun_model::{
    Direction, Instance, InstanceStateName, Network, NetworkInterface, NetworkInterfaceAssociation, Peer,
    PrivateReason, Resource, ResourceId, Route, RouteTable, RouteTableId, RouteTarget, Rule, SecurityGroup,
    SecurityGroupId, Subnet, SubnetAccess, Vpc, rules_of,
};

use super::topology::{
    AddressNode, GroupNode, HostAddress, HostNode, Named, RouteNode, RouteTableNode, SubnetNode, Topology, VpcNode,
    ZoneNode,
};

impl Topology {
    pub fn of(network: &Network) -> Self {
        let mut vpcs: Vec<VpcNode> = network.vpcs.values().map(|vpc| vpc_node(network, vpc)).collect();
        vpcs.sort_by_cached_key(|vpc| (vpc.is_default, vpc.named.name.is_none(), vpc.named.name.clone(), vpc.named.id));
        let attached: BTreeSet<ResourceId> =
            vpcs.iter().flat_map(|vpc| &vpc.internet_gateways).map(|gateway| gateway.id).collect();
        let internet_gateways = network.internet_gateways.values().map(|gateway| Named::of(gateway));
        let addresses = unplaced_addresses(network, &vpcs);
        Self {
            region: network.region.clone(),
            account_id: network.account_id.clone(),
            internet_gateways: internet_gateways.filter(|gateway| !attached.contains(&gateway.id)).collect(),
            addresses,
            vpcs,
        }
    }
}

fn unplaced_addresses(network: &Network, vpcs: &[VpcNode]) -> Vec<AddressNode> {
    let hosts = vpcs.iter().flat_map(VpcNode::subnets).flat_map(SubnetNode::hosts);
    let placed: BTreeSet<ResourceId> = hosts
        .flat_map(|host| &host.addresses)
        .filter_map(|address| address.elastic_ip.as_ref())
        .map(|elastic_ip| elastic_ip.id)
        .collect();
    let unplaced = network.addresses.values().filter(|address| !placed.contains(&address.allocation_id.into()));
    unplaced
        .map(|address| AddressNode {
            named: Named::of(address),
            public_ip: address.public_ip,
            network_interface: address.network_interface_id,
        })
        .collect()
}

fn vpc_node(network: &Network, vpc: &Vpc) -> VpcNode {
    let id = vpc.vpc_id;
    let mut zones: BTreeMap<&str, Vec<&Subnet>> = BTreeMap::new();
    for subnet in network.subnets_of(id) {
        zones.entry(&subnet.availability_zone).or_default().push(subnet);
    }
    let zone_node = |(name, mut subnets): (&str, Vec<&Subnet>)| {
        subnets.sort_by_key(|subnet| (subnet.cidr_block.is_none(), subnet.cidr_block, subnet.subnet_id));
        ZoneNode {
            name: name.to_owned(),
            subnets: subnets.into_iter().map(|subnet| subnet_node(network, subnet)).collect(),
        }
    };
    let mut route_tables: Vec<&RouteTable> = network.route_tables_of(id).collect();
    route_tables.sort_by_key(|table| (!table.is_main(), table.name().is_none(), table.name(), table.route_table_id));
    let mut security_groups: Vec<&SecurityGroup> = network.security_groups_of(id).collect();
    security_groups.sort_by_key(|group| (&group.group_name, group.group_id));
    let gateways = network.internet_gateways.values().filter(|gateway| gateway.is_attached_to(id));
    let ipv6 = vpc.ipv6_cidr_block_association_set.iter().filter_map(|association| association.ipv6_cidr_block);
    VpcNode {
        named: Named::of(vpc),
        cidr_blocks: vpc.ipv4_cidr_blocks(),
        ipv6_cidr_blocks: ipv6.collect(),
        is_default: vpc.is_default,
        internet_gateways: gateways.map(|gateway| Named::of(gateway)).collect(),
        route_tables: route_tables.into_iter().map(|table| route_table_node(network, table)).collect(),
        security_groups: security_groups.into_iter().map(|group| group_node(network, group)).collect(),
        zones: zones.into_iter().map(zone_node).collect(),
    }
}

fn route_table_node(network: &Network, table: &RouteTable) -> RouteTableNode {
    let follows = |subnet: &&Subnet| {
        let followed = network.effective_route_table(subnet.subnet_id);
        followed.is_some_and(|followed| followed.route_table_id == table.route_table_id)
    };
    let mut routes: Vec<&Route> = table.routes.iter().collect();
    let is_default = |route: &Route| route.destination_cidr_block.is_some_and(|block| block.prefix_len() == 0);
    routes.sort_by_cached_key(|route| (!route.is_local(), !is_default(route), route.destination()));
    RouteTableNode {
        named: Named::of(table),
        main: table.is_main(),
        routes: routes.into_iter().map(|route| route_node(network, route)).collect(),
        subnets: network.subnets_of(table.vpc_id).filter(follows).map(|subnet| Named::of(subnet)).collect(),
    }
}

fn route_node(network: &Network, route: &Route) -> RouteNode {
    let target = route.target();
    RouteNode {
        destination: route.destination().unwrap_or_else(|| "?".to_owned()),
        target: target.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string),
        target_name: target.as_ref().and_then(|target| target_name(network, target)),
        blackhole: route.is_blackhole(),
    }
}

/// The name of what a route leads to, when it is here and has one.
fn target_name(network: &Network, target: &RouteTarget) -> Option<String> {
    let name = |id: ResourceId| Some(network.resource(id)?.name()?.to_owned());
    match target {
        RouteTarget::InternetGateway(id) => name((*id).into()),
        RouteTarget::NetworkInterface(id, instance) => name((*id).into()).or_else(|| name((*instance)?.into())),
        RouteTarget::Instance(id) => name((*id).into()),
        _ => None,
    }
}

fn target_label(network: &Network, target: Option<&RouteTarget>) -> String {
    let label = |target: &RouteTarget| target_name(network, target).unwrap_or_else(|| target.to_string());
    target.map_or_else(|| "an unknown target".to_owned(), label)
}

fn group_node(network: &Network, group: &SecurityGroup) -> GroupNode {
    let used = |interface: &NetworkInterface| interface.groups.iter().any(|member| member.group_id == group.group_id);
    // A rule that EC2 would not write (a foreign snapshot) is left out rather than the group.
    let rules = rules_of(group).unwrap_or_default();
    let texts = |direction: Direction| {
        let wanted = rules.iter().filter(|rule| rule.direction() == direction);
        wanted.map(|rule| rule_text(network, rule)).collect()
    };
    GroupNode {
        named: Named { id: group.group_id.into(), name: Some(group.group_name.clone()) },
        ingress: texts(Direction::Ingress),
        egress: texts(Direction::Egress),
        used: network.network_interfaces.values().any(used)
            || network
                .instances
                .values()
                .any(|instance| instance.security_groups.iter().any(|member| member.group_id == group.group_id)),
    }
}

/// A rule without its description, and with a peer group's name in place of its id.
fn rule_text(network: &Network, rule: &Rule) -> String {
    let text = rule.clone().with_description(None).to_string();
    match rule.peer() {
        Peer::SecurityGroup(id) => match network.security_groups.get(&id) {
            Some(group) => text.replace(&id.to_string(), &group.group_name),
            None => text,
        },
        _ => text,
    }
}

fn subnet_node(network: &Network, subnet: &Subnet) -> SubnetNode {
    let id = subnet.subnet_id;
    let access = network.subnet_access(id);
    let (because, because_short) = reasons(network, access.as_ref());
    let in_subnet =
        |instance: &&Instance| instance.subnet_id == Some(id) && instance.state.name != InstanceStateName::Terminated;
    let mut instances: Vec<HostNode> =
        network.instances.values().filter(in_subnet).map(|instance| instance_node(network, instance)).collect();
    let free = |interface: &&NetworkInterface| !belongs_to_instance(network, interface);
    let mut network_interfaces: Vec<HostNode> =
        network.network_interfaces_in(id).filter(free).map(|interface| interface_node(network, interface)).collect();
    for hosts in [&mut instances, &mut network_interfaces] {
        hosts.sort_by_cached_key(|host| (host.addresses.first().map(|first| first.private_ip), host.named.id));
    }
    let ipv6 = subnet.ipv6_cidr_block_association_set.iter().filter_map(|association| association.ipv6_cidr_block);
    SubnetNode {
        named: Named::of(subnet),
        cidr_block: subnet.cidr_block,
        ipv6_cidr_blocks: ipv6.collect(),
        public: access.as_ref().is_some_and(SubnetAccess::is_public),
        gateway: match access {
            Some(SubnetAccess::Public { gateway, .. }) => Some(gateway.into()),
            _ => None,
        },
        because,
        because_short,
        route_table: network.effective_route_table(id).map(|table| Named::of(table)),
        available_ip_address_count: subnet.available_ip_address_count,
        instances,
        network_interfaces,
    }
}

/// Why a subnet is public or private, in names: at length, and in fewer words.
fn reasons(network: &Network, access: Option<&SubnetAccess>) -> (String, String) {
    let alone = |text: String| (text.clone(), text);
    match access {
        Some(SubnetAccess::Public { gateway, .. }) => {
            let gateway = target_label(network, Some(&RouteTarget::InternetGateway(*gateway)));
            alone(format!("0.0.0.0/0 via {gateway}"))
        }
        Some(SubnetAccess::Private(PrivateReason::NoDefaultRoute { route_table })) => {
            let long = match leads_to_internet_gateway(network, *route_table) {
                true => "no IPv4 default route",
                false => "no route to an internet gateway",
            };
            (long.to_owned(), "no default route".to_owned())
        }
        Some(SubnetAccess::Private(PrivateReason::Blackhole { target, .. })) => {
            let target = target_label(network, target.as_ref());
            (format!("0.0.0.0/0 via {target} is a blackhole"), format!("blackhole {target}"))
        }
        Some(SubnetAccess::Private(PrivateReason::OtherTarget { target, .. })) => {
            alone(format!("0.0.0.0/0 via {}", target_label(network, target.as_ref())))
        }
        Some(SubnetAccess::Private(PrivateReason::NoRouteTable)) | None => alone("route table not known".to_owned()),
    }
}

/// Whether any route of the table, of either family, leads to an internet gateway.
fn leads_to_internet_gateway(network: &Network, table: RouteTableId) -> bool {
    let leads = |route: &Route| route.is_active() && matches!(route.target(), Some(RouteTarget::InternetGateway(_)));
    network.route_tables.get(&table).is_some_and(|table| table.routes.iter().any(leads))
}

fn belongs_to_instance(network: &Network, interface: &NetworkInterface) -> bool {
    let holder = interface.attachment.as_ref().and_then(|attachment| attachment.instance_id);
    holder.is_some_and(|instance| network.instances.contains_key(&instance))
}

fn instance_node(network: &Network, instance: &Instance) -> HostNode {
    let interfaces = network.network_interfaces_of(instance.instance_id);
    let mut addresses: Vec<HostAddress> =
        interfaces.iter().flat_map(|interface| interface_addresses(network, interface)).collect();
    if addresses.is_empty() {
        // A snapshot without network interfaces still knows the primary addresses.
        let elastic_ip = instance.public_ip_address.and_then(|public_ip| elastic_ip(network, public_ip));
        addresses.push(HostAddress {
            network_interface: None,
            subnet: instance.subnet_id,
            private_ip: instance.private_ip_address,
            public_ip: instance.public_ip_address,
            elastic_ip,
            ipv6: None,
        });
    }
    let groups = instance.security_groups.iter();
    HostNode {
        named: Named::of(instance),
        kind: "instance".to_owned(),
        state: instance.state.name.to_string(),
        instance_type: instance.instance_type.clone(),
        security_groups: groups.map(|group| group_named(group.group_id, group.group_name.as_deref())).collect(),
        addresses,
    }
}

fn interface_node(network: &Network, interface: &NetworkInterface) -> HostNode {
    let named = Named::of(interface);
    let groups = interface.groups.iter();
    HostNode {
        named: Named { name: named.name.or_else(|| purpose(interface)), ..named },
        kind: match interface.interface_type.as_deref() {
            None | Some("interface") => "network interface".to_owned(),
            Some("nat_gateway" | "natGateway") => "NAT gateway".to_owned(),
            Some("vpc_endpoint") => "VPC endpoint".to_owned(),
            Some(other) => other.replace('_', " "),
        },
        state: interface.status.to_string(),
        instance_type: None,
        security_groups: groups.map(|group| group_named(group.group_id, group.group_name.as_deref())).collect(),
        addresses: interface_addresses(network, interface),
    }
}

/// What a network interface without a name is for: AWS's services write it, with their own id, into the description.
fn purpose(interface: &NetworkInterface) -> Option<String> {
    let description = interface.description.as_str();
    let service = description.split_whitespace().find(|word| word.starts_with("nat-") || word.starts_with("vpce-"));
    Some(service.unwrap_or(description)).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn group_named(id: SecurityGroupId, name: Option<&str>) -> Named {
    Named { id: id.into(), name: name.filter(|name| !name.is_empty()).map(str::to_owned) }
}

/// The addresses of a network interface: the primary one, the secondary ones, then IPv6.
fn interface_addresses(network: &Network, interface: &NetworkInterface) -> Vec<HostAddress> {
    let address = |private_ip: Option<Ipv4Addr>, association: Option<&NetworkInterfaceAssociation>| {
        let public_ip = association.map(|association| association.public_ip);
        HostAddress {
            network_interface: Some(interface.network_interface_id),
            subnet: Some(interface.subnet_id),
            private_ip,
            public_ip,
            elastic_ip: public_ip.and_then(|public_ip| elastic_ip(network, public_ip)),
            ipv6: None,
        }
    };
    let mut privates: Vec<_> = interface.private_ip_addresses.iter().collect();
    privates.sort_by_key(|private| !private.primary);
    let mut addresses: Vec<HostAddress> = privates
        .into_iter()
        .map(|private| address(Some(private.private_ip_address), private.association.as_ref()))
        .collect();
    if addresses.is_empty() && interface.private_ip_address.is_some() {
        addresses.push(address(interface.private_ip_address, interface.association.as_ref()));
    }
    let ipv6 = interface.ipv6_addresses.iter().map(|ipv6| ipv6.ipv6_address);
    addresses.extend(ipv6.map(|ipv6| HostAddress { ipv6: Some(ipv6), ..address(None, None) }));
    addresses
}

/// The account's Elastic IP address with this public address.
fn elastic_ip(network: &Network, public_ip: Ipv4Addr) -> Option<Named> {
    network.address_with_public_ip(public_ip).map(|address| Named::of(address))
}
