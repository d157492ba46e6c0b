//! Rules of security groups as sets: what to add, to describe anew and to remove.

use std::collections::BTreeMap;
use std::fmt;

use aws_sdk_ec2::types as sdk;
use ipnet::{Ipv4Net, Ipv6Net};
use vpcrun_model::{IpPermission, PrefixListId, Protocol, SecurityGroupId};

use super::spec::Traffic;

/// Rules of one direction with their descriptions. Two rules that allow the same to the same peer are one to EC2.
pub(super) type RuleSet = BTreeMap<Rule, Option<String>>;

/// What a rule allows, to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Rule {
    protocol: Protocol,
    /// Ports, or ICMP type and code with -1 for any. `None`: all.
    range: Option<(i32, i32)>,
    peer: RulePeer,
}

/// The other side of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum RulePeer {
    Ipv4(Ipv4Net),
    Ipv6(Ipv6Net),
    Group(SecurityGroupId),
    PrefixList(PrefixListId),
}

impl Rule {
    /// The rule as EC2 keeps it: host bits of a CIDR block cleared, no ports where a protocol has none.
    fn new(protocol: Protocol, range: Option<(i32, i32)>, peer: RulePeer) -> Self {
        let range = match protocol {
            _ if protocol.has_icmp_types() => Some(range.unwrap_or((-1, -1))),
            _ if protocol.has_ports() => Some(range.filter(|range| *range != (-1, -1)).unwrap_or((0, 65535))),
            _ => None,
        };
        let peer = match peer {
            RulePeer::Ipv4(net) => RulePeer::Ipv4(net.trunc()),
            RulePeer::Ipv6(net) => RulePeer::Ipv6(net.trunc()),
            other => other,
        };
        Self { protocol, range, peer }
    }

    /// The rule that a spec declares.
    pub(super) fn declared(traffic: &Traffic, peer: RulePeer) -> Self {
        let ports = |range: &super::PortRange| Some((i32::from(range.first()), i32::from(range.last())));
        let (protocol, range) = match traffic {
            Traffic::All => (Protocol::ALL, None),
            Traffic::Tcp(range) => (Protocol::TCP, ports(range)),
            Traffic::Udp(range) => (Protocol::UDP, ports(range)),
            Traffic::Icmp { icmp_type, code } => {
                let code = icmp_type.and(*code);
                (Protocol::ICMP, Some((icmp_type.map_or(-1, i32::from), code.map_or(-1, i32::from))))
            }
            Traffic::Protocol(number) => (Protocol::from_number(*number), None),
        };
        Self::new(protocol, range, peer)
    }

    /// The group that the rule names, if it names one.
    pub(super) fn group(&self) -> Option<SecurityGroupId> {
        match self.peer {
            RulePeer::Group(id) => Some(id),
            _ => None,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.protocol)?;
        match self.range {
            Some((-1, _)) | None => {}
            Some((0, 65535)) if self.protocol.has_ports() => {}
            Some((kind, -1)) => write!(f, "/{kind}")?,
            Some((first, last)) if first == last => write!(f, "/{first}")?,
            Some((first, last)) => write!(f, "/{first}-{last}")?,
        }
        match self.peer {
            RulePeer::Ipv4(net) => write!(f, " {net}"),
            RulePeer::Ipv6(net) => write!(f, " {net}"),
            RulePeer::Group(id) => write!(f, " {id}"),
            RulePeer::PrefixList(id) => write!(f, " {id}"),
        }
    }
}

/// What EC2 gives the egress of a new group: everything to everywhere.
pub(super) fn default_egress() -> RuleSet {
    let everywhere = RulePeer::Ipv4(Ipv4Net::default());
    RuleSet::from([(Rule::new(Protocol::ALL, None, everywhere), None)])
}

/// The rules of a group as EC2 shows them.
pub(super) fn existing(permissions: &[IpPermission]) -> RuleSet {
    let mut rules = RuleSet::new();
    for permission in permissions {
        let range = permission.from_port.zip(permission.to_port);
        let peers = permission.ip_ranges.iter().map(|one| (RulePeer::Ipv4(one.cidr_ip), &one.description));
        let ipv6 = permission.ipv6_ranges.iter().map(|one| (RulePeer::Ipv6(one.cidr_ipv6), &one.description));
        let groups = permission.user_id_group_pairs.iter().map(|one| (RulePeer::Group(one.group_id), &one.description));
        let lists =
            permission.prefix_list_ids.iter().map(|one| (RulePeer::PrefixList(one.prefix_list_id), &one.description));
        for (peer, description) in peers.chain(ipv6).chain(groups).chain(lists) {
            rules.insert(Rule::new(permission.ip_protocol, range, peer), description.clone());
        }
    }
    rules
}

/// How to get from one set to another.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    /// To authorize.
    pub(super) add: RuleSet,
    /// There with another description.
    pub(super) describe: RuleSet,
    /// To revoke.
    pub(super) remove: RuleSet,
}

/// What turns `there` into `wanted`.
pub(super) fn difference(there: &RuleSet, wanted: &RuleSet) -> Difference {
    let mut difference = Difference::default();
    for (rule, description) in wanted {
        match there.get(rule) {
            None => difference.add.insert(*rule, description.clone()),
            Some(before) if before != description => difference.describe.insert(*rule, description.clone()),
            Some(_) => None,
        };
    }
    let gone = there.iter().filter(|(rule, _)| !wanted.contains_key(rule));
    difference.remove = gone.map(|(rule, description)| (*rule, description.clone())).collect();
    difference
}

/// The rules as the SDK takes them, one permission each.
pub(super) fn permissions(rules: &RuleSet) -> Vec<sdk::IpPermission> {
    rules.iter().map(|(rule, description)| permission(rule, description.clone())).collect()
}

fn permission(rule: &Rule, description: Option<String>) -> sdk::IpPermission {
    let permission = sdk::IpPermission::builder().ip_protocol(rule.protocol.ip_protocol());
    let permission =
        permission.set_from_port(rule.range.map(|range| range.0)).set_to_port(rule.range.map(|range| range.1));
    let permission = match rule.peer {
        RulePeer::Ipv4(net) => {
            let range = sdk::IpRange::builder().cidr_ip(net.to_string()).set_description(description);
            permission.ip_ranges(range.build())
        }
        RulePeer::Ipv6(net) => {
            let range = sdk::Ipv6Range::builder().cidr_ipv6(net.to_string()).set_description(description);
            permission.ipv6_ranges(range.build())
        }
        RulePeer::Group(id) => {
            let pair = sdk::UserIdGroupPair::builder().group_id(id.to_string()).set_description(description);
            permission.user_id_group_pairs(pair.build())
        }
        RulePeer::PrefixList(id) => {
            let list = sdk::PrefixListId::builder().prefix_list_id(id.to_string()).set_description(description);
            permission.prefix_list_ids(list.build())
        }
    };
    permission.build()
}

#[cfg(test)]
mod tests {
    use super::super::PortRange;
    use super::*;

    fn ipv4(text: &str) -> RulePeer {
        RulePeer::Ipv4(text.parse().expect("a block"))
    }

    fn ssh(from: &str) -> Rule {
        Rule::declared(&Traffic::Tcp(PortRange::one(22)), ipv4(from))
    }

    #[test]
    fn only_differences_are_sent() {
        let note = |text: &str| Some(text.to_owned());
        let there =
            RuleSet::from([(ssh("10.0.0.0/8"), None), (ssh("192.0.2.0/24"), note("old")), (ssh("0.0.0.0/0"), None)]);
        let wanted = RuleSet::from([
            (ssh("10.9.9.9/8"), None), // the same block, written with host bits
            (ssh("192.0.2.0/24"), note("new")),
            (ssh("198.51.100.7/32"), None),
        ]);
        let expected = Difference {
            add: RuleSet::from([(ssh("198.51.100.7/32"), None)]),
            describe: RuleSet::from([(ssh("192.0.2.0/24"), note("new"))]),
            remove: RuleSet::from([(ssh("0.0.0.0/0"), None)]),
        };
        assert_eq!(difference(&there, &wanted), expected);
        assert_eq!(difference(&wanted, &wanted), Difference::default());
    }

    /// What EC2 shows of a declared rule is the same rule, in each of its spellings.
    #[test]
    fn declared_rules_are_recognised_in_what_ec2_shows() {
        let any = ipv4("0.0.0.0/0");
        let echo = Traffic::Icmp { icmp_type: Some(8), code: None };
        let cases = [
            (Traffic::All, r#"{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}"#, "all 0.0.0.0/0"),
            (
                Traffic::All,
                r#"{"IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}"#,
                "all 0.0.0.0/0",
            ),
            (
                Traffic::Tcp(PortRange::ALL),
                r#"{"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}"#,
                "tcp 0.0.0.0/0",
            ),
            (Traffic::Protocol(6), r#"{"IpProtocol": "6", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}"#, "tcp 0.0.0.0/0"),
            (
                echo,
                r#"{"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}"#,
                "icmp/8 0.0.0.0/0",
            ),
            (
                Traffic::Protocol(50),
                r#"{"IpProtocol": "50", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}"#,
                "50 0.0.0.0/0",
            ),
        ];
        for (traffic, shown, text) in cases {
            let shown: IpPermission = serde_json::from_str(shown).expect("reads");
            let rule = Rule::declared(&traffic, any);
            assert_eq!(existing(&[shown]), RuleSet::from([(rule, None)]), "{traffic:?}");
            assert_eq!(rule.to_string(), text);
        }
        assert!(default_egress().contains_key(&Rule::declared(&Traffic::All, any)));
    }
}
