//! DescribeSecurityGroups: rules stand together as permissions, one for each protocol and port range.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{PrefixListId, Protocol, SecurityGroupId, VpcId, VpcPeeringConnectionId};

use super::lookup::find_by_name;
use super::permission::{Described, Peer, Ports};
use super::{Direction, SecurityGroup, SecurityGroupRule};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, Query, encode_token, select, text, token_scope};
use crate::error::Refusal;
use crate::family::tag::{TagItem, tag_set_or_none};
use crate::state::Resource;
use crate::wire::Items;

/// A permission in an answer.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IpPermissionItem {
    ip_protocol: String,
    from_port: Option<i32>,
    to_port: Option<i32>,
    groups: Items<UserIdGroupPairItem>,
    ip_ranges: Items<IpRangeItem>,
    ipv6_ranges: Items<Ipv6RangeItem>,
    prefix_list_ids: Items<PrefixListIdItem>,
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserIdGroupPairItem {
    user_id: Option<String>,
    group_id: SecurityGroupId,
    vpc_id: Option<VpcId>,
    vpc_peering_connection_id: Option<VpcPeeringConnectionId>,
    peering_status: Option<&'static str>,
    description: Option<String>,
}

/// The group of a peer that is one, with its description.
pub(super) fn group_pair(cx: &Context<'_>, peer: Peer, description: Option<String>) -> Option<UserIdGroupPairItem> {
    let peered = match peer {
        Peer::PeeredGroup(peered) => Some(peered),
        _ => None,
    };
    Some(UserIdGroupPairItem {
        user_id: peered.map_or_else(|| Some(cx.account_id().to_owned()), |peered| peered.user_id(cx)),
        group_id: peer.group()?,
        vpc_id: peered.map(|peered| peered.vpc),
        vpc_peering_connection_id: peered.map(|peered| peered.connection),
        peering_status: peered.map(|peered| peered.status(cx)),
        description,
    })
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct IpRangeItem {
    cidr_ip: String,
    description: Option<String>,
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Ipv6RangeItem {
    cidr_ipv6: String,
    description: Option<String>,
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct PrefixListIdItem {
    prefix_list_id: PrefixListId,
    description: Option<String>,
}

/// A rule for one peer, with its description.
type PeerOf = (Peer, Option<String>);

/// Makes the item of a group.
type PairOf<'a> = dyn Fn(Peer, Option<String>) -> Option<UserIdGroupPairItem> + 'a;

impl IpPermissionItem {
    /// One permission for each protocol and port range. `rules` have to be sorted by what they permit.
    pub(super) fn grouped(rules: &[Described], cx: &Context<'_>) -> Items<Self> {
        Self::grouped_with(rules, &|peer, description| group_pair(cx, peer, description))
    }

    fn grouped_with(rules: &[Described], pair: &PairOf<'_>) -> Items<Self> {
        let same = |a: &Described, b: &Described| (a.0.protocol, a.0.ports) == (b.0.protocol, b.0.ports);
        let item = |rules: &[Described]| {
            let peers: Vec<PeerOf> = rules.iter().map(|(permission, text)| (permission.peer, text.clone())).collect();
            rules.first().map(|(permission, _)| Self::new(permission.protocol, permission.ports, &peers, pair))
        };
        rules.chunk_by(same).filter_map(item).collect()
    }

    fn new(protocol: Protocol, ports: Ports, peers: &[PeerOf], pair: &PairOf<'_>) -> Self {
        // Protocols without ports or types show none here, where a rule by itself shows -1.
        let ports = (protocol.has_ports() || protocol.has_icmp_types()).then_some(ports);
        let (mut groups, mut ip_ranges, mut ipv6_ranges, mut prefix_lists) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (peer, description) in peers.iter().cloned() {
            match peer {
                Peer::Ipv4(block) => ip_ranges.push(IpRangeItem { cidr_ip: block.to_string(), description }),
                Peer::Ipv6(block) => ipv6_ranges.push(Ipv6RangeItem { cidr_ipv6: block.to_string(), description }),
                Peer::PrefixList(prefix_list_id) => prefix_lists.push(PrefixListIdItem { prefix_list_id, description }),
                Peer::Group(_) | Peer::PeeredGroup(_) => groups.extend(pair(peer, description)),
            }
        }
        Self {
            ip_protocol: protocol.ip_protocol().into_owned(),
            from_port: ports.map(|ports| ports.from),
            to_port: ports.map(|ports| ports.to),
            groups: groups.into(),
            ip_ranges: ip_ranges.into(),
            ipv6_ranges: ipv6_ranges.into(),
            prefix_list_ids: prefix_lists.into(),
        }
    }
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SecurityGroupItem {
    owner_id: String,
    group_id: SecurityGroupId,
    group_name: String,
    group_description: String,
    vpc_id: VpcId,
    ip_permissions: Items<IpPermissionItem>,
    ip_permissions_egress: Items<IpPermissionItem>,
    tag_set: Option<Items<TagItem>>,
    security_group_arn: String,
}

impl SecurityGroupItem {
    fn new(group: &SecurityGroup, cx: &Context<'_>) -> Self {
        let permissions = |direction| {
            let rules = group.rules(&cx.region, direction).into_iter();
            let described: Vec<_> = rules.map(|rule| (rule.permission, rule.description.clone())).collect();
            IpPermissionItem::grouped(&described, cx)
        };
        Self {
            owner_id: cx.account_id().to_owned(),
            group_id: group.id,
            group_name: group.name.clone(),
            group_description: group.description.clone(),
            vpc_id: group.vpc_id,
            ip_permissions: permissions(Direction::Ingress),
            ip_permissions_egress: permissions(Direction::Egress),
            tag_set: tag_set_or_none(&group.tags),
            security_group_arn: group.arn(cx),
        }
    }
}

/// The values that a group's rules of one direction have for a filter.
fn of_rules(
    group: &SecurityGroup,
    cx: &Context<'_>,
    direction: Direction,
    value: impl Fn(&SecurityGroupRule) -> Option<String>,
) -> Vec<String> {
    group.rules(&cx.region, direction).into_iter().filter_map(value).collect()
}

/// The filters on rules, which exist for each direction under its prefix.
macro_rules! filters {
    ($($prefix:literal $direction:ident),+; $($more:tt)*) => {
        &[
            $(
                (concat!($prefix, "ip-permission.cidr"), |group, cx| {
                    of_rules(group, cx, Direction::$direction, |rule| match rule.permission.peer {
                        Peer::Ipv4(block) => Some(block.to_string()),
                        _ => None,
                    })
                }),
                (concat!($prefix, "ip-permission.from-port"), |group, cx| {
                    of_rules(group, cx, Direction::$direction, |rule| Some(rule.permission.ports.from.to_string()))
                }),
                (concat!($prefix, "ip-permission.group-id"), |group, cx| {
                    of_rules(group, cx, Direction::$direction, |rule| Some(rule.permission.peer.group()?.to_string()))
                }),
                (concat!($prefix, "ip-permission.group-name"), |group, cx| {
                    of_rules(group, cx, Direction::$direction, |rule| {
                        Some(cx.region.get::<SecurityGroup>(rule.permission.peer.group()?)?.name.clone())
                    })
                }),
                (concat!($prefix, "ip-permission.ipv6-cidr"), |group, cx| {
                    of_rules(group, cx, Direction::$direction, |rule| match rule.permission.peer {
                        Peer::Ipv6(block) => Some(block.to_string()),
                        _ => None,
                    })
                }),
                (concat!($prefix, "ip-permission.prefix-list-id"), |group, cx| {
                    of_rules(group, cx, Direction::$direction, |rule| match rule.permission.peer {
                        Peer::PrefixList(list) => Some(list.to_string()),
                        _ => None,
                    })
                }),
                (concat!($prefix, "ip-permission.protocol"), |group, cx| {
                    of_rules(group, cx, Direction::$direction, |rule| {
                        Some(rule.permission.protocol.ip_protocol().into_owned())
                    })
                }),
                (concat!($prefix, "ip-permission.to-port"), |group, cx| {
                    of_rules(group, cx, Direction::$direction, |rule| Some(rule.permission.ports.to.to_string()))
                }),
                (concat!($prefix, "ip-permission.user-id"), |group, cx| {
                    of_rules(group, cx, Direction::$direction, |rule| {
                        rule.permission.peer.group().map(|_| cx.account_id().to_owned())
                    })
                }),
            )+
            $($more)*
        ]
    };
}

impl SecurityGroup {
    const FILTERS: FilterTable<Self> = filters! {
        "" Ingress, "egress." Egress;
        ("description", |group, _| text(&group.description)),
        ("group-id", |group, _| text(group.id)),
        ("group-name", |group, _| text(&group.name)),
        ("owner-id", |_, cx| text(cx.account_id())),
        ("vpc-id", |group, _| text(group.vpc_id)),
    };
}

/// DescribeSecurityGroups: by id, or in the default VPC by name.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeSecurityGroups {
    #[serde(rename = "GroupId", default)]
    group_ids: Vec<String>,
    #[serde(rename = "GroupName", default)]
    group_names: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeSecurityGroupsResponse {
    security_group_info: Items<SecurityGroupItem>,
    next_token: Option<String>,
}

impl DescribeSecurityGroups {
    /// The groups asked for, those by name among them. A name may also be an id.
    fn ids(&self, cx: &Context<'_>) -> Result<Vec<String>, Refusal> {
        let mut ids = self.group_ids.clone();
        for id in &ids {
            // Only here EC2 takes the id of zeros, well-formed as it is, for malformed.
            if id.strip_prefix("sg-").is_some_and(|digits| digits.bytes().all(|digit| digit == b'0')) {
                return Err(Refusal::new(SecurityGroup::WORDING.malformed, format!("Invalid id: \"{id}\"")));
            }
        }
        for name in &self.group_names {
            match name.parse::<SecurityGroupId>() {
                Ok(id) => ids.push(id.to_string()),
                Err(_) => ids.push(find_by_name(cx, name)?.id.to_string()),
            }
        }
        Ok(ids)
    }
}

impl Action for DescribeSecurityGroups {
    type Response = DescribeSecurityGroupsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let ids = self.ids(cx)?;
        let paged = self.max_results.is_some();
        let query = Query {
            ids: &ids,
            filters: &self.filters,
            page: Page { max_results: self.max_results, next_token: self.next_token },
            ids_name: "securityGroupIdSet",
        };
        let (found, next_token) = select(cx, &query, SecurityGroup::FILTERS)?;
        let scope = token_scope(cx);
        // Recorded on AWS: the last page has a token too, and an empty page follows it.
        let last = found.last().filter(|_| paged).map(|group| encode_token(&scope, &group.id.to_string()));
        let next_token = next_token.or(last);
        let security_group_info = found.into_iter().map(|group| SecurityGroupItem::new(group, cx)).collect();
        Ok(DescribeSecurityGroupsResponse { security_group_info, next_token })
    }
}

#[cfg(test)]
mod tests {
    use ipnet::Ipv4Net;

    use super::super::permission::Permission;
    use super::*;

    #[test]
    fn rules_of_one_port_range_are_one_permission() {
        let rule = |protocol, port, cidr: &str| {
            let ports = Ports { from: port, to: port };
            let peer = Peer::Ipv4(cidr.parse::<Ipv4Net>().expect(cidr));
            (Permission { protocol, ports, peer }, None)
        };
        let mut rules = vec![
            rule(Protocol::TCP, 22, "10.0.0.0/8"),
            rule(Protocol::ALL, -1, "10.0.0.0/8"),
            rule(Protocol::TCP, 22, "192.0.2.0/24"),
            rule(Protocol::UDP, 22, "10.0.0.0/8"),
            rule(Protocol::TCP, 80, "10.0.0.0/8"),
        ];
        rules.sort();
        let items = IpPermissionItem::grouped_with(&rules, &|_, _| None);
        let all = |protocol, ports, cidrs: &[&str]| {
            let peers: Vec<_> = cidrs.iter().map(|cidr| (Peer::Ipv4(cidr.parse().expect("CIDR")), None)).collect();
            IpPermissionItem::new(protocol, ports, &peers, &|_, _| None)
        };
        let port = |port| Ports { from: port, to: port };
        let expected = vec![
            all(Protocol::ALL, Ports::ALL, &["10.0.0.0/8"]),
            all(Protocol::TCP, port(22), &["10.0.0.0/8", "192.0.2.0/24"]),
            all(Protocol::TCP, port(80), &["10.0.0.0/8"]),
            all(Protocol::UDP, port(22), &["10.0.0.0/8"]),
        ];
        assert_eq!(items, expected.into());
    }
}
