//! Describe calls, all pages of each, as the model's types. One way in from an account: capture and the engine share it.

use aws_sdk_ec2::types::Filter;
use vpcrun_model::{
    Address, AvailabilityZone, DhcpOptions, Instance, InternetGateway, KeyPairInfo, NetworkAcl, NetworkInterface,
    RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc,
};

use crate::{Error, Session, convert};

/// Filters of a Describe call. They are ANDed.
pub(crate) type Filters = Vec<Filter>;

/// A filter that matches any of `values` literally.
pub(crate) fn filter(name: &str, values: impl IntoIterator<Item = impl AsRef<str>>) -> Filter {
    let values = values.into_iter().map(|value| literal(value.as_ref())).collect();
    Filter::builder().name(name).set_values(Some(values)).build()
}

/// EC2 reads `*` and `?` in filter values as wildcards, and `\` before one as "literally".
fn literal(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for char in value.chars() {
        if matches!(char, '*' | '?' | '\\') {
            text.push('\\');
        }
        text.push(char);
    }
    text
}

/// EC2 refuses an empty list of filters in some actions.
fn some(filters: Filters) -> Option<Filters> {
    (!filters.is_empty()).then_some(filters)
}

macro_rules! paginated {
    ($($(#[$doc:meta])* $name:ident, $operation:ident, $action:literal, $member:ident, $convert:path => $model:ty;)+) => {
        $(
            $(#[$doc])*
            pub(crate) async fn $name(session: &Session, filters: Filters) -> Result<Vec<$model>, Error> {
                let mut pages = session.client().$operation().set_filters(some(filters)).into_paginator().send();
                let mut found = Vec::new();
                while let Some(page) = pages.next().await {
                    found.extend(convert::all($action, page?.$member, $convert)?);
                }
                Ok(found)
            }
        )+
    };
}

paginated! {
    /// VPCs.
    vpcs, describe_vpcs, "DescribeVpcs", vpcs, convert::vpc => Vpc;
    /// Internet gateways.
    internet_gateways, describe_internet_gateways, "DescribeInternetGateways", internet_gateways,
        convert::internet_gateway => InternetGateway;
    /// Subnets.
    subnets, describe_subnets, "DescribeSubnets", subnets, convert::subnet => Subnet;
    /// Route tables.
    route_tables, describe_route_tables, "DescribeRouteTables", route_tables, convert::route_table => RouteTable;
    /// Security groups.
    security_groups, describe_security_groups, "DescribeSecurityGroups", security_groups,
        convert::security_group => SecurityGroup;
    /// Rules of security groups, each with its id.
    security_group_rules, describe_security_group_rules, "DescribeSecurityGroupRules", security_group_rules,
        convert::security_group_rule => SecurityGroupRule;
    /// Network ACLs.
    network_acls, describe_network_acls, "DescribeNetworkAcls", network_acls, convert::network_acl => NetworkAcl;
    /// Network interfaces.
    network_interfaces, describe_network_interfaces, "DescribeNetworkInterfaces", network_interfaces,
        convert::network_interface => NetworkInterface;
    /// Sets of DHCP options.
    dhcp_options, describe_dhcp_options, "DescribeDhcpOptions", dhcp_options, convert::dhcp_options => DhcpOptions;
}

/// Instances, out of their reservations.
pub(crate) async fn instances(session: &Session, filters: Filters) -> Result<Vec<Instance>, Error> {
    let mut pages = session.client().describe_instances().set_filters(some(filters)).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        for reservation in page?.reservations.unwrap_or_default() {
            found.extend(convert::reservation("DescribeInstances", reservation)?);
        }
    }
    Ok(found)
}

/// Key pairs, with their public keys.
pub(crate) async fn key_pairs(session: &Session, filters: Filters) -> Result<Vec<KeyPairInfo>, Error> {
    let call = session.client().describe_key_pairs().include_public_key(true).set_filters(some(filters));
    convert::all("DescribeKeyPairs", call.send().await?.key_pairs, convert::key_pair)
}

/// Elastic IP addresses of VPCs.
pub(crate) async fn addresses(session: &Session, filters: Filters) -> Result<Vec<Address>, Error> {
    let call = session.client().describe_addresses().set_filters(some(filters));
    convert::all("DescribeAddresses", call.send().await?.addresses, convert::address)
}

/// The zones that the account can use in the region.
pub(crate) async fn availability_zones(session: &Session) -> Result<Vec<AvailabilityZone>, Error> {
    let zones = session.client().describe_availability_zones().send().await?.availability_zones;
    convert::all("DescribeAvailabilityZones", zones, convert::availability_zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_names_match_themselves() {
        assert_eq!(filter("tag:Name", ["a*b?c\\d"]).values(), ["a\\*b\\?c\\\\d"]);
    }
}
