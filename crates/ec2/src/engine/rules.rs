//! Rules of security groups between the model, which compares them, and the SDK.

use aws_sdk_ec2::types as sdk;
use vpcrun_model::{self as model, Direction, IpPermission, Rule, rules_of_permission};

use crate::Error;

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
    use super::*;

    /// What EC2 shows of a declared rule is the same rule, in each of EC2's spellings.
    #[test]
    fn declared_rules_are_recognised_in_what_ec2_shows() {
        let cases = [
            ("all", r#""IpProtocol": "-1""#),
            ("all", r#""IpProtocol": "-1", "FromPort": -1, "ToPort": -1"#),
            ("tcp/22", r#""IpProtocol": "tcp", "FromPort": 22, "ToPort": 22"#),
            ("17", r#""IpProtocol": "udp", "FromPort": 0, "ToPort": 65535"#),
            ("icmp/8", r#""IpProtocol": "icmp", "FromPort": 8, "ToPort": -1"#),
            ("icmp", r#""IpProtocol": "icmp", "FromPort": -1, "ToPort": -1"#),
            ("50", r#""IpProtocol": "50", "FromPort": -1, "ToPort": -1"#),
        ];
        // Written with host bits, which EC2 clears.
        let peer: model::Peer = "10.9.9.9/8".parse().expect("a block");
        for (traffic, shown) in cases {
            let shown = format!(r#"{{{shown}, "IpRanges": [{{"CidrIp": "10.0.0.0/8"}}]}}"#);
            let shown: IpPermission = serde_json::from_str(&shown).expect("reads");
            let rule = Rule::ingress(traffic.parse().expect(traffic), peer);
            assert_eq!(existing(Direction::Ingress, &[shown]).expect("valid"), [rule], "{traffic}");
        }
    }
}
