//! Security groups and their rules.

use aws_sdk_ec2::types as sdk;
use vpcrun_model::{
    IpPermission, IpRange, Ipv6Range, PrefixListEntry, ReferencedSecurityGroup, SecurityGroup, SecurityGroupRule,
    UserIdGroupPair,
};

use super::{Read, each, maybe, need, tags};

pub(crate) fn security_group(from: sdk::SecurityGroup) -> Read<SecurityGroup> {
    Ok(SecurityGroup {
        group_id: need("GroupId", from.group_id)?,
        security_group_arn: from.security_group_arn,
        group_name: need("GroupName", from.group_name)?,
        description: from.description.unwrap_or_default(),
        vpc_id: need("VpcId", from.vpc_id)?,
        owner_id: from.owner_id,
        ip_permissions: each(from.ip_permissions, ip_permission)?,
        ip_permissions_egress: each(from.ip_permissions_egress, ip_permission)?,
        tags: tags(from.tags),
    })
}

fn ip_permission(from: sdk::IpPermission) -> Read<IpPermission> {
    Ok(IpPermission {
        ip_protocol: need("IpProtocol", from.ip_protocol)?,
        from_port: from.from_port,
        to_port: from.to_port,
        ip_ranges: each(from.ip_ranges, |from| {
            Ok(IpRange { cidr_ip: need("CidrIp", from.cidr_ip)?, description: some(from.description) })
        })?,
        ipv6_ranges: each(from.ipv6_ranges, |from| {
            Ok(Ipv6Range { cidr_ipv6: need("CidrIpv6", from.cidr_ipv6)?, description: some(from.description) })
        })?,
        prefix_list_ids: each(from.prefix_list_ids, |from| {
            Ok(PrefixListEntry {
                prefix_list_id: need("PrefixListId", from.prefix_list_id)?,
                description: some(from.description),
            })
        })?,
        user_id_group_pairs: each(from.user_id_group_pairs, |from| {
            Ok(UserIdGroupPair {
                group_id: need("GroupId", from.group_id)?,
                group_name: from.group_name,
                user_id: from.user_id,
                vpc_id: maybe("VpcId", from.vpc_id)?,
                vpc_peering_connection_id: maybe("VpcPeeringConnectionId", from.vpc_peering_connection_id)?,
                peering_status: from.peering_status,
                description: some(from.description),
            })
        })?,
    })
}

/// AWS leaves an empty description out; some servers send it.
fn some(description: Option<String>) -> Option<String> {
    description.filter(|text| !text.is_empty())
}

pub(crate) fn security_group_rule(from: sdk::SecurityGroupRule) -> Read<SecurityGroupRule> {
    let referenced = from.referenced_group_info.filter(|from| from.group_id.is_some()).map(|from| {
        Ok(ReferencedSecurityGroup {
            group_id: need("GroupId", from.group_id)?,
            user_id: from.user_id,
            vpc_id: maybe("VpcId", from.vpc_id)?,
            vpc_peering_connection_id: maybe("VpcPeeringConnectionId", from.vpc_peering_connection_id)?,
            peering_status: from.peering_status,
        })
    });
    Ok(SecurityGroupRule {
        security_group_rule_id: need("SecurityGroupRuleId", from.security_group_rule_id)?,
        security_group_rule_arn: from.security_group_rule_arn,
        group_id: need("GroupId", from.group_id)?,
        group_owner_id: from.group_owner_id,
        is_egress: from.is_egress.unwrap_or_default(),
        ip_protocol: need("IpProtocol", from.ip_protocol)?,
        from_port: from.from_port,
        to_port: from.to_port,
        cidr_ipv4: maybe("CidrIpv4", from.cidr_ipv4)?,
        cidr_ipv6: maybe("CidrIpv6", from.cidr_ipv6)?,
        prefix_list_id: maybe("PrefixListId", from.prefix_list_id)?,
        referenced_group_info: referenced.transpose()?,
        description: some(from.description),
        tags: tags(from.tags),
    })
}
