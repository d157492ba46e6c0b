//! Security-group rules: text, AWS's forms, comparison and matching.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use proptest::prelude::*;
use vpcrun_model::{
    Direction, Id, InvalidRule, Packet, PacketKind, Peer, PortRange, PrefixListId, Protocol, Rule, RuleDifference,
    SecurityGroup, SecurityGroupId, SecurityGroupRule, Traffic, ip_permissions, rules_of, rules_of_permission,
};

fn rule(text: &str) -> Rule {
    text.parse().expect(text)
}

fn any_traffic() -> impl Strategy<Value = Traffic> {
    let numbers = (prop_oneof![Just(Protocol::TCP), Just(Protocol::UDP)], any::<(u16, u16)>());
    let ports = numbers.prop_map(|(protocol, (a, b))| {
        Traffic::new(protocol, Some(a.min(b).into()), Some(a.max(b).into())).expect("in order")
    });
    let icmp = (any::<bool>(), prop_oneof![Just((-1, -1)), (0_i64..=255, -1_i64..=255)]);
    let icmp = icmp.prop_map(|(v6, (icmp_type, code))| {
        let protocol = if v6 { Protocol::ICMPV6 } else { Protocol::ICMP };
        Traffic::new(protocol, Some(icmp_type), Some(code)).expect("in range")
    });
    let other = any::<u8>().prop_map(Protocol::from_number);
    let other = other.prop_filter("has ports", |protocol| !protocol.has_ports());
    let other = other.prop_map(|protocol| Traffic::new(protocol, None, None).expect("needs no ports"));
    prop_oneof![Just(Traffic::ALL), Just(Traffic::tcp(PortRange::ALL)), ports, icmp, other]
}

fn any_peer() -> impl Strategy<Value = Peer> {
    let ipv4 = (any::<u32>(), 0_u8..=32).prop_map(|(a, n)| Peer::from(Ipv4Net::new(a.into(), n).expect("at most 32")));
    let ipv6 =
        (any::<u128>(), 0_u8..=128).prop_map(|(a, n)| Peer::from(Ipv6Net::new(a.into(), n).expect("at most 128")));
    let group = any::<u128>().prop_map(|bits| Peer::from(SecurityGroupId::from_bits(bits)));
    let list = any::<u128>().prop_map(|bits| Peer::from(PrefixListId::from_bits(bits)));
    prop_oneof![ipv4, ipv6, group, list]
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let direction = prop_oneof![Just(Direction::Ingress), Just(Direction::Egress)];
    (direction, any_traffic(), any_peer(), proptest::option::of("\\PC{0,12}")).prop_map(
        |(direction, traffic, peer, description)| Rule::new(direction, traffic, peer).with_description(description),
    )
}

proptest! {
    #[test]
    fn text_and_json_read_back(rule in any_rule()) {
        prop_assert_eq!(rule.to_string().parse::<Rule>().expect("its own text"), rule.clone());
        let json = serde_json::to_string(&rule).expect("writes");
        prop_assert_eq!(serde_json::from_str::<Rule>(&json).expect("its own json"), rule);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}") {
        let _ = text.parse::<Rule>();
    }

    #[test]
    fn permissions_say_the_same_as_the_rules(rules in proptest::collection::vec(any_rule(), 0..12)) {
        let mut back = Vec::new();
        for direction in [Direction::Ingress, Direction::Egress] {
            let permissions = ip_permissions(direction, &rules);
            let json = serde_json::to_string(&permissions).expect("writes");
            prop_assert_eq!(serde_json::from_str::<Vec<vpcrun_model::IpPermission>>(&json).expect("reads"), permissions.clone());
            for permission in &permissions {
                back.extend(rules_of_permission(direction, permission).expect("made of rules"));
            }
        }
        let mut rules = rules;
        rules.sort();
        back.sort();
        prop_assert_eq!(back, rules);
    }

    #[test]
    fn applying_the_difference_gives_what_is_wanted(
        there in proptest::collection::btree_set(any_rule(), 0..8),
        wanted in proptest::collection::btree_set(any_rule(), 0..8),
        kept in proptest::collection::btree_set(any_rule(), 0..4),
    ) {
        let there: Vec<_> = there.union(&kept).cloned().collect();
        let wanted: Vec<_> = wanted.union(&kept).cloned().collect();
        let difference = RuleDifference::between(&there, &wanted);
        let identity = |rules: &[Rule]| rules.iter().map(Rule::identity).collect::<std::collections::BTreeSet<_>>();
        let mut after = identity(&there);
        prop_assert!(identity(&difference.removed).iter().all(|identity| after.remove(identity)));
        prop_assert!(identity(&difference.added).into_iter().all(|identity| after.insert(identity)));
        prop_assert_eq!(after, identity(&wanted));
        prop_assert!(RuleDifference::between(&wanted, &wanted).is_empty());
    }
}

#[test]
fn host_bits_and_blank_descriptions_are_normalised() {
    assert_eq!(rule("tcp/22 from 198.51.100.7/24").to_string(), "tcp/22 from 198.51.100.0/24");
    let untidy = Peer::Ipv4(Ipv4Net::new(Ipv4Addr::new(198, 51, 100, 7), 24).expect("block"));
    assert_eq!(Rule::ingress(Traffic::tcp(22), untidy), rule("tcp/22 from 198.51.100.0/24"));
    assert_eq!(rule("all to ::/0 \"\""), rule("all to ::/0"));
}

#[test]
fn other_texts_say_what_is_wrong() {
    let error = |text: &str| text.parse::<Rule>().expect_err(text);
    for text in ["", "tcp/22", "tcp/22 via 0.0.0.0/0", "tcp 22 from 0.0.0.0/0", "tcp/22 from 0.0.0.0/0 home"] {
        assert!(matches!(error(text), InvalidRule::Malformed(_)), "{text}");
    }
    assert!(matches!(error("tcp/22 from 0.0.0.0/0 \"home"), InvalidRule::Malformed(_)));
    let missing_prefix = error("tcp/22 from 198.51.100.7").to_string();
    assert!(missing_prefix.contains("198.51.100.7/32"), "{missing_prefix}");
    assert_eq!(error("tcp/90-80 from 0.0.0.0/0").to_string(), "ports 90-80 are the wrong way round: expected 80-90");
}

#[test]
fn a_new_description_is_not_a_new_rule() {
    let there = [rule("tcp/22 from 198.51.100.7/32 \"home\"")];
    let wanted = [rule("tcp/22 from 198.51.100.7/32 \"office\"")];
    let difference = RuleDifference::between(&there, &wanted);
    assert_eq!((difference.added.len(), difference.removed.len()), (0, 0));
    assert_eq!(difference.redescribed, wanted);
}

#[test]
fn a_group_and_its_rules_with_ids_say_the_same() {
    // As describe-security-groups and describe-security-group-rules print one group: no ports, and ports of -1, for all.
    let group: SecurityGroup = serde_json::from_str(
        r#"{"Description": "ssh from home", "GroupName": "ssh-from-home", "GroupId": "sg-0f2e4d6c8b0a1938f",
            "OwnerId": "123456789012", "VpcId": "vpc-0b1c6f0d2a9e47c31",
            "IpPermissions": [
                {"FromPort": 22, "IpProtocol": "tcp", "ToPort": 22, "Ipv6Ranges": [], "PrefixListIds": [],
                 "IpRanges": [{"CidrIp": "198.51.100.7/32", "Description": "home"}],
                 "UserIdGroupPairs": [{"GroupId": "sg-0a1b2c3d4e5f60718", "UserId": "123456789012"}]}],
            "IpPermissionsEgress": [
                {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [], "PrefixListIds": [],
                 "UserIdGroupPairs": []}]}"#,
    )
    .expect("a group");
    let with_ids: Vec<SecurityGroupRule> = serde_json::from_str(
        r#"[{"SecurityGroupRuleId": "sgr-00000000000000001", "GroupId": "sg-0f2e4d6c8b0a1938f", "IsEgress": false,
             "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": "198.51.100.7/32", "Description": "home"},
            {"SecurityGroupRuleId": "sgr-00000000000000002", "GroupId": "sg-0f2e4d6c8b0a1938f", "IsEgress": false,
             "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
             "ReferencedGroupInfo": {"GroupId": "sg-0a1b2c3d4e5f60718", "UserId": "123456789012"}},
            {"SecurityGroupRuleId": "sgr-00000000000000003", "GroupId": "sg-0f2e4d6c8b0a1938f", "IsEgress": true,
             "IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "CidrIpv4": "0.0.0.0/0"}]"#,
    )
    .expect("rules");
    let expected = [
        rule("tcp/22 from 198.51.100.7/32 \"home\""),
        rule("tcp/22 from sg-0a1b2c3d4e5f60718"),
        rule("all to 0.0.0.0/0"),
    ];
    assert_eq!(rules_of(&group).expect("rules"), expected);
    let from_ids: Vec<Rule> = with_ids.iter().map(|rule| rule.try_into().expect("a rule")).collect();
    assert_eq!(from_ids, expected);
    assert_eq!(ip_permissions(Direction::Egress, &expected), group.ip_permissions_egress);

    let peerless = SecurityGroupRule { cidr_ipv4: None, ..with_ids[0].clone() };
    assert_eq!(Rule::try_from(&peerless), Err(InvalidRule::PeerCount(0)));
}

#[test]
fn packets_match_by_direction_traffic_and_peer() {
    let group = SecurityGroupId::from_bits(1);
    let list = PrefixListId::from_bits(1);
    let home = IpAddr::from(Ipv4Addr::new(198, 51, 100, 7));
    let ssh = Packet {
        direction: Direction::Ingress,
        kind: PacketKind::Tcp(22),
        peer: home,
        peer_groups: &[],
        peer_prefix_lists: &[],
    };
    assert!(rule("tcp/22 from 198.51.100.7/32").matches(&ssh));
    assert!(rule("all from 0.0.0.0/0").matches(&ssh));
    for other in ["tcp/22 to 198.51.100.7/32", "tcp/22 from 198.51.100.8/32", "tcp/23 from 0.0.0.0/0", "all from ::/0"]
    {
        assert!(!rule(other).matches(&ssh), "{other}");
    }
    let from_group = Rule::ingress(Traffic::ALL, group);
    assert!(!from_group.matches(&ssh));
    assert!(from_group.matches(&Packet { peer_groups: &[group], ..ssh }));
    let from_list = Rule::ingress(Traffic::ALL, list);
    assert!(!from_list.matches(&ssh));
    assert!(from_list.matches(&Packet { peer_prefix_lists: &[list], ..ssh }));
    let over_ipv6 = Packet { peer: Ipv6Addr::LOCALHOST.into(), ..ssh };
    assert!(rule("tcp/22 from ::1/128").matches(&over_ipv6) && !rule("tcp/22 from 0.0.0.0/0").matches(&over_ipv6));
}
