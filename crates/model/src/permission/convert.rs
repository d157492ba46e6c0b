//! Rules from AWS's forms and back.

use std::collections::BTreeMap;

use super::peer::Peer;
use super::rule::{Direction, InvalidRule, Rule};
use super::traffic::Traffic;
use crate::protocol::Protocol;
use crate::resource::{
    IpPermission, IpRange, Ipv6Range, PrefixListEntry, SecurityGroup, SecurityGroupRule, UserIdGroupPair,
};

/// The rules of a security group, both directions, in order and without doubles.
///
/// # Errors
/// [`InvalidRule`] when a permission of the group is none that EC2 would accept.
pub fn rules_of(group: &SecurityGroup) -> Result<Vec<Rule>, InvalidRule> {
    let directions = [(Direction::Ingress, &group.ip_permissions), (Direction::Egress, &group.ip_permissions_egress)];
    let mut rules = Vec::new();
    for (direction, permissions) in directions {
        for permission in permissions {
            rules.extend(rules_of_permission(direction, permission)?);
        }
    }
    rules.sort();
    rules.dedup();
    Ok(rules)
}

/// The rules of one permission: one for each of its peers, in its order.
///
/// # Errors
/// [`InvalidRule`] when its protocol and ports do not go together.
pub fn rules_of_permission(direction: Direction, permission: &IpPermission) -> Result<Vec<Rule>, InvalidRule> {
    let traffic = traffic(permission.ip_protocol, permission.from_port, permission.to_port)?;
    let ipv4 = permission.ip_ranges.iter().map(|range| (Peer::from(range.cidr_ip), &range.description));
    let ipv6 = permission.ipv6_ranges.iter().map(|range| (Peer::from(range.cidr_ipv6), &range.description));
    let lists = permission.prefix_list_ids.iter().map(|list| (Peer::from(list.prefix_list_id), &list.description));
    let groups = permission.user_id_group_pairs.iter().map(|pair| (Peer::from(pair.group_id), &pair.description));
    let rule = |(peer, description): (Peer, &Option<String>)| {
        Rule::new(direction, traffic, peer).with_description(description.clone())
    };
    Ok(ipv4.chain(ipv6).chain(lists).chain(groups).map(rule).collect())
}

/// The permissions that say the same as the rules of one direction. Rules of the other direction are left out.
///
/// Like EC2, rules for the same protocol and ports share one permission.
pub fn ip_permissions<'a>(direction: Direction, rules: impl IntoIterator<Item = &'a Rule>) -> Vec<IpPermission> {
    let mut permissions: BTreeMap<Traffic, IpPermission> = BTreeMap::new();
    for rule in rules.into_iter().filter(|rule| rule.direction() == direction) {
        let traffic = rule.traffic();
        let permission = permissions.entry(traffic).or_insert_with(|| empty_permission(traffic));
        let description = rule.description().map(str::to_owned);
        match rule.peer() {
            Peer::Ipv4(cidr_ip) => permission.ip_ranges.push(IpRange { cidr_ip, description }),
            Peer::Ipv6(cidr_ipv6) => permission.ipv6_ranges.push(Ipv6Range { cidr_ipv6, description }),
            Peer::PrefixList(prefix_list_id) => {
                permission.prefix_list_ids.push(PrefixListEntry { prefix_list_id, description });
            }
            Peer::SecurityGroup(group_id) => {
                let pair = UserIdGroupPair {
                    group_id,
                    group_name: None,
                    user_id: None,
                    vpc_id: None,
                    vpc_peering_connection_id: None,
                    peering_status: None,
                    description,
                };
                permission.user_id_group_pairs.push(pair);
            }
        }
    }
    permissions.into_values().collect()
}

fn empty_permission(traffic: Traffic) -> IpPermission {
    let (from_port, to_port) = traffic.from_and_to_port();
    IpPermission {
        ip_protocol: traffic.protocol(),
        from_port,
        to_port,
        ip_ranges: Vec::new(),
        ipv6_ranges: Vec::new(),
        prefix_list_ids: Vec::new(),
        user_id_group_pairs: Vec::new(),
    }
}

impl TryFrom<&SecurityGroupRule> for Rule {
    type Error = InvalidRule;

    fn try_from(rule: &SecurityGroupRule) -> Result<Self, InvalidRule> {
        let traffic = traffic(rule.ip_protocol, rule.from_port, rule.to_port)?;
        let peers = [
            rule.cidr_ipv4.map(Peer::from),
            rule.cidr_ipv6.map(Peer::from),
            rule.prefix_list_id.map(Peer::from),
            rule.referenced_group_info.as_ref().map(|group| Peer::from(group.group_id)),
        ];
        let peers: Vec<Peer> = peers.into_iter().flatten().collect();
        let &[peer] = peers.as_slice() else { return Err(InvalidRule::PeerCount(peers.len())) };
        let direction = if rule.is_egress { Direction::Egress } else { Direction::Ingress };
        Ok(Self::new(direction, traffic, peer).with_description(rule.description.clone()))
    }
}

fn traffic(protocol: Protocol, from_port: Option<i32>, to_port: Option<i32>) -> Result<Traffic, InvalidRule> {
    Ok(Traffic::new(protocol, from_port.map(i64::from), to_port.map(i64::from))?)
}
