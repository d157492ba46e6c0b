//! VPCs, subnets, gateways, tables, ACLs, addresses, DHCP options and zones.

use aws_sdk_ec2::types as sdk;
use vpcrun_model::{
    Address, AssociationState, AttributeValue, AvailabilityZone, CidrBlockState, DhcpConfiguration, DhcpOptions,
    IcmpTypeCode, InternetGateway, InternetGatewayAttachment, NetworkAcl, NetworkAclAssociation, NetworkAclEntry,
    PortRange, PrivateDnsNameOptions, PropagatingVgw, Route, RouteTable, RouteTableAssociation, Subnet,
    SubnetIpv6CidrBlockAssociation, Vpc, VpcCidrBlockAssociation, VpcIpv6CidrBlockAssociation,
};

use super::{Read, Unreadable, each, maybe, need, tags, unsigned};

pub(crate) fn vpc(from: sdk::Vpc) -> Read<Vpc> {
    Ok(Vpc {
        vpc_id: need("VpcId", from.vpc_id)?,
        owner_id: from.owner_id,
        cidr_block: need("CidrBlock", from.cidr_block)?,
        cidr_block_association_set: each(from.cidr_block_association_set, |from| {
            Ok(VpcCidrBlockAssociation {
                association_id: maybe("AssociationId", from.association_id)?,
                cidr_block: need("CidrBlock", from.cidr_block)?,
                cidr_block_state: from.cidr_block_state.map(vpc_cidr_state).transpose()?,
            })
        })?,
        ipv6_cidr_block_association_set: each(from.ipv6_cidr_block_association_set, |from| {
            Ok(VpcIpv6CidrBlockAssociation {
                association_id: maybe("AssociationId", from.association_id)?,
                ipv6_cidr_block: maybe("Ipv6CidrBlock", from.ipv6_cidr_block)?,
                ipv6_cidr_block_state: from.ipv6_cidr_block_state.map(vpc_cidr_state).transpose()?,
                ipv6_pool: from.ipv6_pool,
                network_border_group: from.network_border_group,
            })
        })?,
        // moto and old accounts write "default" for "as Amazon has it".
        dhcp_options_id: maybe("DhcpOptionsId", from.dhcp_options_id.filter(|id| id != "default"))?,
        state: need("State", from.state)?,
        instance_tenancy: from.instance_tenancy.map(|tenancy| tenancy.as_str().to_owned()),
        is_default: from.is_default.unwrap_or_default(),
        tags: tags(from.tags),
    })
}

fn vpc_cidr_state(from: sdk::VpcCidrBlockState) -> Read<CidrBlockState> {
    Ok(CidrBlockState { state: need("State", from.state)?, status_message: from.status_message })
}

pub(crate) fn subnet(from: sdk::Subnet) -> Read<Subnet> {
    Ok(Subnet {
        subnet_id: need("SubnetId", from.subnet_id)?,
        subnet_arn: from.subnet_arn,
        vpc_id: need("VpcId", from.vpc_id)?,
        owner_id: from.owner_id,
        cidr_block: maybe("CidrBlock", from.cidr_block)?,
        ipv6_cidr_block_association_set: each(from.ipv6_cidr_block_association_set, |from| {
            let state = from.ipv6_cidr_block_state.map(|state| {
                Ok(CidrBlockState { state: need("State", state.state)?, status_message: state.status_message })
            });
            Ok(SubnetIpv6CidrBlockAssociation {
                association_id: from.association_id,
                ipv6_cidr_block: maybe("Ipv6CidrBlock", from.ipv6_cidr_block)?,
                ipv6_cidr_block_state: state.transpose()?,
            })
        })?,
        availability_zone: need("AvailabilityZone", from.availability_zone)?,
        availability_zone_id: from.availability_zone_id,
        available_ip_address_count: unsigned(from.available_ip_address_count).unwrap_or_default(),
        state: need("State", from.state)?,
        default_for_az: from.default_for_az.unwrap_or_default(),
        map_public_ip_on_launch: from.map_public_ip_on_launch.unwrap_or_default(),
        assign_ipv6_address_on_creation: from.assign_ipv6_address_on_creation.unwrap_or_default(),
        enable_dns64: from.enable_dns64.unwrap_or_default(),
        ipv6_native: from.ipv6_native.unwrap_or_default(),
        private_dns_name_options_on_launch: from.private_dns_name_options_on_launch.map(|from| PrivateDnsNameOptions {
            hostname_type: from.hostname_type.map(|kind| kind.as_str().to_owned()),
            enable_resource_name_dns_a_record: from.enable_resource_name_dns_a_record.unwrap_or_default(),
            enable_resource_name_dns_aaaa_record: from.enable_resource_name_dns_aaaa_record.unwrap_or_default(),
        }),
        tags: tags(from.tags),
    })
}

pub(crate) fn internet_gateway(from: sdk::InternetGateway) -> Read<InternetGateway> {
    // An unattached gateway has one attachment without members in some servers' answers.
    let attachments = from.attachments.map(|list| list.into_iter().filter(|one| one.vpc_id.is_some()).collect());
    Ok(InternetGateway {
        internet_gateway_id: need("InternetGatewayId", from.internet_gateway_id)?,
        owner_id: from.owner_id,
        attachments: each(attachments, |from: sdk::InternetGatewayAttachment| {
            Ok(InternetGatewayAttachment { state: need("State", from.state)?, vpc_id: need("VpcId", from.vpc_id)? })
        })?,
        tags: tags(from.tags),
    })
}

pub(crate) fn route_table(from: sdk::RouteTable) -> Read<RouteTable> {
    Ok(RouteTable {
        route_table_id: need("RouteTableId", from.route_table_id)?,
        vpc_id: need("VpcId", from.vpc_id)?,
        owner_id: from.owner_id,
        associations: each(from.associations, |from| {
            let state = from.association_state.map(|state| {
                Ok(AssociationState { state: need("State", state.state)?, status_message: state.status_message })
            });
            Ok(RouteTableAssociation {
                route_table_association_id: need("RouteTableAssociationId", from.route_table_association_id)?,
                route_table_id: need("RouteTableId", from.route_table_id)?,
                main: from.main.unwrap_or_default(),
                subnet_id: maybe("SubnetId", from.subnet_id)?,
                gateway_id: maybe("GatewayId", from.gateway_id)?,
                association_state: state.transpose()?,
            })
        })?,
        propagating_vgws: each(from.propagating_vgws, |from| {
            Ok(PropagatingVgw { gateway_id: need("GatewayId", from.gateway_id)? })
        })?,
        routes: each(from.routes, route)?,
        tags: tags(from.tags),
    })
}

fn route(from: sdk::Route) -> Read<Route> {
    Ok(Route {
        destination_cidr_block: maybe("DestinationCidrBlock", from.destination_cidr_block)?,
        destination_ipv6_cidr_block: maybe("DestinationIpv6CidrBlock", from.destination_ipv6_cidr_block)?,
        destination_prefix_list_id: maybe("DestinationPrefixListId", from.destination_prefix_list_id)?,
        gateway_id: maybe("GatewayId", from.gateway_id)?,
        nat_gateway_id: maybe("NatGatewayId", from.nat_gateway_id)?,
        network_interface_id: maybe("NetworkInterfaceId", from.network_interface_id)?,
        instance_id: maybe("InstanceId", from.instance_id)?,
        instance_owner_id: from.instance_owner_id,
        egress_only_internet_gateway_id: maybe("EgressOnlyInternetGatewayId", from.egress_only_internet_gateway_id)?,
        vpc_peering_connection_id: maybe("VpcPeeringConnectionId", from.vpc_peering_connection_id)?,
        transit_gateway_id: from.transit_gateway_id,
        local_gateway_id: from.local_gateway_id,
        carrier_gateway_id: from.carrier_gateway_id,
        core_network_arn: from.core_network_arn,
        origin: maybe("Origin", from.origin)?,
        state: maybe("State", from.state)?,
    })
}

pub(crate) fn network_acl(from: sdk::NetworkAcl) -> Read<NetworkAcl> {
    Ok(NetworkAcl {
        network_acl_id: need("NetworkAclId", from.network_acl_id)?,
        vpc_id: need("VpcId", from.vpc_id)?,
        owner_id: from.owner_id,
        is_default: from.is_default.unwrap_or_default(),
        associations: each(from.associations, |from| {
            Ok(NetworkAclAssociation {
                network_acl_association_id: need("NetworkAclAssociationId", from.network_acl_association_id)?,
                network_acl_id: need("NetworkAclId", from.network_acl_id)?,
                subnet_id: need("SubnetId", from.subnet_id)?,
            })
        })?,
        entries: each(from.entries, acl_entry)?,
        tags: tags(from.tags),
    })
}

fn acl_entry(from: sdk::NetworkAclEntry) -> Read<NetworkAclEntry> {
    let port = |port: Option<i32>| port.and_then(|port| u16::try_from(port).ok());
    let short = |value: Option<i32>| value.and_then(|value| i16::try_from(value).ok()).unwrap_or(-1);
    Ok(NetworkAclEntry {
        rule_number: port(from.rule_number).ok_or(Unreadable::Missing("RuleNumber"))?,
        egress: from.egress.unwrap_or_default(),
        protocol: need("Protocol", from.protocol)?,
        rule_action: need("RuleAction", from.rule_action)?,
        cidr_block: maybe("CidrBlock", from.cidr_block)?,
        ipv6_cidr_block: maybe("Ipv6CidrBlock", from.ipv6_cidr_block)?,
        port_range: from.port_range.and_then(|range| PortRange::new(port(range.from)?, port(range.to)?).ok()),
        icmp_type_code: from
            .icmp_type_code
            .filter(|from| from.r#type.is_some())
            .map(|from| IcmpTypeCode { icmp_type: short(from.r#type), code: short(from.code) }),
    })
}

pub(crate) fn address(from: sdk::Address) -> Read<Address> {
    Ok(Address {
        allocation_id: need("AllocationId", from.allocation_id)?,
        public_ip: need("PublicIp", from.public_ip)?,
        domain: from.domain.map(|domain| domain.as_str().to_owned()),
        association_id: maybe("AssociationId", from.association_id)?,
        instance_id: maybe("InstanceId", from.instance_id)?,
        network_interface_id: maybe("NetworkInterfaceId", from.network_interface_id)?,
        network_interface_owner_id: from.network_interface_owner_id,
        private_ip_address: maybe("PrivateIpAddress", from.private_ip_address)?,
        public_ipv4_pool: from.public_ipv4_pool,
        network_border_group: from.network_border_group,
        tags: tags(from.tags),
    })
}

pub(crate) fn dhcp_options(from: sdk::DhcpOptions) -> Read<DhcpOptions> {
    Ok(DhcpOptions {
        dhcp_options_id: need("DhcpOptionsId", from.dhcp_options_id)?,
        owner_id: from.owner_id,
        dhcp_configurations: each(from.dhcp_configurations, |from| {
            Ok(DhcpConfiguration {
                key: from.key.ok_or(Unreadable::Missing("Key"))?,
                values: each(from.values, |from| Ok(AttributeValue { value: from.value.unwrap_or_default() }))?,
            })
        })?,
        tags: tags(from.tags),
    })
}

pub(crate) fn availability_zone(from: sdk::AvailabilityZone) -> Read<AvailabilityZone> {
    Ok(AvailabilityZone {
        zone_name: need("ZoneName", from.zone_name)?,
        zone_id: from.zone_id,
        zone_type: from.zone_type,
        region_name: from.region_name,
        group_name: from.group_name,
        network_border_group: from.network_border_group,
        state: need("State", from.state)?,
        opt_in_status: from.opt_in_status.map(|status| status.as_str().to_owned()),
    })
}
