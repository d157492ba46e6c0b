//! Security groups and their rules.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use vpcrun_model::{ResourceId, SecurityGroupId, SecurityGroupRuleId, VpcId};

use crate::action::Context;
use crate::error::IdWording;
use crate::state::{Region, Resource, Tags, resource};

/// A security group. Its rules are resources of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SecurityGroup {
    id: SecurityGroupId,
    name: String,
    description: String,
    vpc_id: VpcId,
    tags: Tags,
}

resource!(
    SecurityGroup as SecurityGroup,
    SecurityGroupId,
    "security-group",
    IdWording { noun: "securityGroup", not_found: "InvalidGroup.NotFound", malformed: "InvalidGroupId.Malformed" },
    fn references(&self) -> Vec<ResourceId> {
        vec![self.vpc_id.into()]
    },
    fn aliases(&self) -> Vec<String> {
        vec![format!("{}/{}", self.vpc_id, self.name)]
    }
);

/// A rule of a security group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SecurityGroupRule {
    id: SecurityGroupRuleId,
    group_id: SecurityGroupId,
    is_egress: bool,
    /// EC2's name or number: `tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all, otherwise a number.
    protocol: String,
    /// The first port, or the ICMP type; -1 for all.
    from_port: i32,
    /// The last port, or the ICMP code; -1 for all.
    to_port: i32,
    peer: Peer,
    description: Option<String>,
    tags: Tags,
}

resource!(
    SecurityGroupRule as SecurityGroupRule,
    SecurityGroupRuleId,
    "security-group-rule",
    IdWording {
        noun: "security group rule",
        not_found: "InvalidSecurityGroupRuleId.NotFound",
        malformed: "InvalidSecurityGroupRuleId.Malformed",
    },
    fn references(&self) -> Vec<ResourceId> {
        let peer = match self.peer {
            Peer::Group(group) if group != self.group_id => Some(group.into()),
            _ => None,
        };
        std::iter::once(self.group_id.into()).chain(peer).collect()
    }
);

/// Who a rule lets in, or out to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Peer {
    Ipv4(Ipv4Net),
    Ipv6(Ipv6Net),
    Group(SecurityGroupId),
}

impl SecurityGroup {
    /// The name of the group that each VPC has from the start.
    const DEFAULT: &'static str = "default";

    pub(crate) fn is_default(&self) -> bool {
        self.name == Self::DEFAULT
    }
}

/// Makes the group that comes with a VPC: its members reach each other, and everything outside.
pub(crate) fn create_default(cx: &mut Context<'_>, vpc_id: VpcId) {
    let group = SecurityGroup {
        id: cx.new_id(),
        name: SecurityGroup::DEFAULT.to_owned(),
        description: "default VPC security group".to_owned(),
        vpc_id,
        tags: Tags::new(),
    };
    for (is_egress, peer) in [(false, Peer::Group(group.id)), (true, Peer::Ipv4(Ipv4Net::default()))] {
        let rule = SecurityGroupRule {
            id: cx.new_id(),
            group_id: group.id,
            is_egress,
            protocol: "-1".to_owned(),
            from_port: -1,
            to_port: -1,
            peer,
            description: None,
            tags: Tags::new(),
        };
        cx.region.put(rule);
    }
    cx.region.put(group);
}

/// Removes the groups of a VPC that goes, with their rules.
pub(crate) fn delete_all(region: &mut Region, vpc: VpcId) {
    let groups: Vec<_> = region.referrers::<SecurityGroup>(vpc).map(Resource::id).collect();
    for group in groups {
        delete(region, group);
    }
}

fn delete(region: &mut Region, group: SecurityGroupId) {
    let rules: Vec<_> = region.referrers::<SecurityGroupRule>(group).map(Resource::id).collect();
    for rule in rules {
        region.remove(rule);
    }
    region.remove(group);
}
