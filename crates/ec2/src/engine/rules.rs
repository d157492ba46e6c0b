//! Rules of security groups between the specs, the model (which compares them) and the SDK.

use aws_sdk_ec2::types as sdk;
use vpcrun_model::{self as model, Direction, InvalidRule, IpPermission, Protocol, Rule, rules_of_permission};

use super::spec::Traffic;
use crate::Error;

/// The rule that a spec declares.
pub(super) fn declared(
    direction: Direction,
    traffic: &Traffic,
    peer: model::Peer,
    description: Option<String>,
) -> Result<Rule, InvalidRule> {
    let ports = |range: &super::PortRange| (Some(range.first().into()), Some(range.last().into()));
    let (protocol, (from, to)) = match traffic {
        Traffic::All => (Protocol::ALL, (None, None)),
        Traffic::Tcp(range) => (Protocol::TCP, ports(range)),
        Traffic::Udp(range) => (Protocol::UDP, ports(range)),
        Traffic::Icmp { icmp_type, code } => {
            (Protocol::ICMP, (icmp_type.map(i64::from), icmp_type.and(*code).map(i64::from)))
        }
        Traffic::Protocol(number) => {
            let protocol = Protocol::from_number(*number);
            (protocol, if protocol.has_ports() { ports(&super::PortRange::ALL) } else { (None, None) })
        }
    };
    let traffic = model::Traffic::new(protocol, from, to)?;
    Ok(Rule::new(direction, traffic, peer).with_description(description))
}

/// The rules of one direction as EC2 shows them.
pub(super) fn existing(direction: Direction, permissions: &[IpPermission]) -> Result<Vec<Rule>, Error> {
    let mut rules = Vec::new();
    for permission in permissions {
        let more = rules_of_permission(direction, permission).map_err(|source| Error::Response {
            action: "DescribeSecurityGroups".to_owned(),
            status: None,
            source: Box::new(source),
        })?;
        rules.extend(more);
    }
    Ok(rules)
}

/// The rules of one direction as the SDK takes them.
pub(super) fn permissions(direction: Direction, rules: &[Rule]) -> Vec<sdk::IpPermission> {
    model::ip_permissions(direction, rules).into_iter().map(permission).collect()
}

fn permission(from: IpPermission) -> sdk::IpPermission {
    let ipv4 = from
        .ip_ranges
        .into_iter()
        .map(|one| sdk::IpRange::builder().cidr_ip(one.cidr_ip.to_string()).set_description(one.description).build());
    let ipv6 = from.ipv6_ranges.into_iter().map(|one| {
        sdk::Ipv6Range::builder().cidr_ipv6(one.cidr_ipv6.to_string()).set_description(one.description).build()
    });
    let groups = from.user_id_group_pairs.into_iter().map(|one| {
        sdk::UserIdGroupPair::builder().group_id(one.group_id.to_string()).set_description(one.description).build()
    });
    let lists = from.prefix_list_ids.into_iter().map(|one| {
        let id = one.prefix_list_id.to_string();
        sdk::PrefixListId::builder().prefix_list_id(id).set_description(one.description).build()
    });
    // EC2 refuses empty lists in some places: leave them out.
    sdk::IpPermission::builder()
        .ip_protocol(from.ip_protocol.ip_protocol())
        .set_from_port(from.from_port)
        .set_to_port(from.to_port)
        .set_ip_ranges(some(ipv4.collect()))
        .set_ipv6_ranges(some(ipv6.collect()))
        .set_user_id_group_pairs(some(groups.collect()))
        .set_prefix_list_ids(some(lists.collect()))
        .build()
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::super::PortRange;
    use super::*;

    /// What EC2 shows of a declared rule is the same rule, in each of EC2's spellings.
    #[test]
    fn declared_rules_are_recognised_in_what_ec2_shows() {
        let everyone = r#""IpRanges": [{"CidrIp": "10.0.0.0/8"}]"#;
        let cases = [
            (Traffic::All, r#""IpProtocol": "-1""#, "all from 10.0.0.0/8"),
            (Traffic::All, r#""IpProtocol": "-1", "FromPort": -1, "ToPort": -1"#, "all from 10.0.0.0/8"),
            (
                Traffic::Tcp(PortRange::one(22)),
                r#""IpProtocol": "tcp", "FromPort": 22, "ToPort": 22"#,
                "tcp/22 from 10.0.0.0/8",
            ),
            (Traffic::Protocol(17), r#""IpProtocol": "udp", "FromPort": 0, "ToPort": 65535"#, "udp from 10.0.0.0/8"),
            (
                Traffic::Icmp { icmp_type: Some(8), code: None },
                r#""IpProtocol": "icmp", "FromPort": 8, "ToPort": -1"#,
                "icmp/8 from 10.0.0.0/8",
            ),
            (
                Traffic::Icmp { icmp_type: None, code: Some(1) },
                r#""IpProtocol": "icmp", "FromPort": -1, "ToPort": -1"#,
                "icmp from 10.0.0.0/8",
            ),
            (Traffic::Protocol(50), r#""IpProtocol": "50", "FromPort": -1, "ToPort": -1"#, "50 from 10.0.0.0/8"),
        ];
        // Written with host bits, which EC2 clears.
        let peer = model::Peer::Ipv4("10.9.9.9/8".parse().expect("a block"));
        for (traffic, shown, text) in cases {
            let shown: IpPermission = serde_json::from_str(&format!("{{{shown}, {everyone}}}")).expect("reads");
            let rule = declared(Direction::Ingress, &traffic, peer, None).expect("valid");
            assert_eq!(
                existing(Direction::Ingress, &[shown]).expect("valid"),
                std::slice::from_ref(&rule),
                "{traffic:?}"
            );
            assert_eq!(rule.to_string(), text);
        }
    }
}
