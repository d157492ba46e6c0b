//! Security groups and their rules.
//!
//! Sources: CreateSecurityGroup, AuthorizeSecurityGroupIngress, RevokeSecurityGroupIngress, ModifySecurityGroupRules
//! and their neighbours; "Security group rules" in the Amazon VPC User Guide; and answers recorded on AWS.

mod association;
mod authorize;
mod change;
mod describe;
mod group;
mod lookup;
mod peer;
mod permission;
mod request;
mod revoke;
mod rule;
mod stale;

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use vpcrun_model::{Protocol, ResourceId, SecurityGroupId, SecurityGroupRuleId, VpcId};

use self::association::{
    AssociateSecurityGroupVpc, DescribeSecurityGroupVpcAssociations, DisassociateSecurityGroupVpc,
    GetSecurityGroupsForVpc, VpcAssociation,
};
use self::authorize::{AuthorizeSecurityGroupEgress, AuthorizeSecurityGroupIngress};
use self::change::{
    ModifySecurityGroupRules, UpdateSecurityGroupRuleDescriptionsEgress, UpdateSecurityGroupRuleDescriptionsIngress,
};
use self::describe::DescribeSecurityGroups;
use self::group::{CreateSecurityGroup, DeleteSecurityGroup};
use self::permission::{Peer, Permission, Ports};
use self::revoke::{RevokeSecurityGroupEgress, RevokeSecurityGroupIngress};
use self::rule::DescribeSecurityGroupRules;
use self::stale::{DescribeSecurityGroupReferences, DescribeStaleSecurityGroups};
use crate::action::{Context, actions};
use crate::clock::Timestamp;
use crate::error::IdWording;
use crate::family::vpc::Vpc;
use crate::state::{Region, Resource, Tags, resource};

pub(crate) use self::authorize::without_room;
pub(crate) use self::lookup::{GroupIdentifier, checked_groups, find_by_name, group_set};

actions![
    AssociateSecurityGroupVpc,
    AuthorizeSecurityGroupEgress,
    AuthorizeSecurityGroupIngress,
    CreateSecurityGroup,
    DeleteSecurityGroup,
    DescribeSecurityGroupReferences,
    DescribeSecurityGroupRules,
    DescribeSecurityGroupVpcAssociations,
    DescribeSecurityGroups,
    DescribeStaleSecurityGroups,
    DisassociateSecurityGroupVpc,
    GetSecurityGroupsForVpc,
    ModifySecurityGroupRules,
    RevokeSecurityGroupEgress,
    RevokeSecurityGroupIngress,
    UpdateSecurityGroupRuleDescriptionsEgress,
    UpdateSecurityGroupRuleDescriptionsIngress,
];

/// A security group. Its rules are resources of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SecurityGroup {
    pub(crate) id: SecurityGroupId,
    pub(crate) name: String,
    description: String,
    pub(crate) vpc_id: VpcId,
    #[serde(default)]
    vpc_associations: Vec<VpcAssociation>,
    tags: Tags,
}

resource!(
    SecurityGroup as SecurityGroup,
    SecurityGroupId,
    "security-group",
    IdWording { noun: "security group", not_found: "InvalidGroup.NotFound", malformed: "InvalidGroupId.Malformed" },
    fn references(&self) -> Vec<ResourceId> {
        let others = self.vpc_associations.iter().map(|association| association.vpc_id.into());
        std::iter::once(self.vpc_id.into()).chain(others).collect()
    },
    fn indexed_filters() -> &'static [&'static str] {
        &["vpc-id"]
    },
    fn aliases(&self) -> Vec<String> {
        vec![SecurityGroup::alias(self.vpc_id, &self.name)]
    },
    fn due(&self) -> Option<Timestamp> {
        self.vpc_associations.iter().filter_map(|association| association.due).min()
    },
    fn advance(cx: &mut Context<'_>, id: SecurityGroupId, at: Timestamp) {
        cx.region.update(id, |group: &mut SecurityGroup| group.settle_associations(at));
    }
);

/// Which way the traffic of a rule goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Direction {
    Ingress,
    Egress,
}

/// A rule of a security group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SecurityGroupRule {
    id: SecurityGroupRuleId,
    pub(crate) group_id: SecurityGroupId,
    direction: Direction,
    permission: Permission,
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
        let peer = match self.permission.peer {
            Peer::Group(group) if group != self.group_id => Some(group.into()),
            Peer::PrefixList(list) => Some(list.into()),
            Peer::PeeredGroup(peered) => Some(peered.group.into()),
            Peer::Group(_) | Peer::Ipv4(_) | Peer::Ipv6(_) => None,
        };
        std::iter::once(self.group_id.into()).chain(peer).collect()
    }
);

impl SecurityGroup {
    /// The name of the group that each VPC has from the start.
    const DEFAULT: &'static str = "default";

    pub(crate) fn is_default(&self) -> bool {
        self.name == Self::DEFAULT
    }

    /// What a group is found by beside its id. Names are unique in a VPC, whatever their case.
    fn alias(vpc: VpcId, name: &str) -> String {
        format!("{vpc}/{}", name.to_lowercase())
    }

    /// The group's own rules of a direction, in the order of what they permit.
    fn rules<'c>(&self, region: &'c Region, direction: Direction) -> Vec<&'c SecurityGroupRule> {
        let own = |rule: &&SecurityGroupRule| rule.group_id == self.id && rule.direction == direction;
        let mut rules: Vec<_> = region.referrers::<SecurityGroupRule>(self.id).filter(own).collect();
        rules.sort_by_key(|rule| rule.permission);
        rules
    }
}

/// Gives a group a rule that permits everything from or to `peer`.
fn permit_all(cx: &mut Context<'_>, group_id: SecurityGroupId, direction: Direction, peer: Peer) {
    let permission = Permission { protocol: Protocol::ALL, ports: Ports::ALL, peer };
    let rule =
        SecurityGroupRule { id: cx.new_id(), group_id, direction, permission, description: None, tags: Tags::new() };
    cx.region.put(rule);
}

/// Lets a new group's members reach everything outside: over IPv6 too, where the VPC has it.
fn permit_egress(cx: &mut Context<'_>, group: SecurityGroupId, vpc: VpcId) {
    permit_all(cx, group, Direction::Egress, Peer::Ipv4(Ipv4Net::default()));
    if cx.region.get::<Vpc>(vpc).is_some_and(|vpc| vpc.ipv6_cidr_blocks().next().is_some()) {
        permit_all(cx, group, Direction::Egress, Peer::Ipv6(Ipv6Net::default()));
    }
}

/// Lets the members of the groups of a VPC that got IPv6 reach everything over it, where nobody changed their outbound rules.
/// Source: "Default security group for your VPC" in the Amazon VPC User Guide; that others than the default group get the rule
/// too: hashicorp/terraform-provider-aws#43279.
pub(crate) fn permit_ipv6_egress(cx: &mut Context<'_>, vpc: VpcId) {
    let everything = Permission { protocol: Protocol::ALL, ports: Ports::ALL, peer: Peer::Ipv4(Ipv4Net::default()) };
    let is_unchanged = |group: &&SecurityGroup| {
        let rules = group.rules(&cx.region, Direction::Egress);
        group.vpc_id == vpc && matches!(rules.as_slice(), [rule] if rule.permission == everything)
    };
    let groups: Vec<_> = cx.region.referrers::<SecurityGroup>(vpc).filter(is_unchanged).map(Resource::id).collect();
    for group in groups {
        permit_all(cx, group, Direction::Egress, Peer::Ipv6(Ipv6Net::default()));
    }
}

/// Makes the group that comes with a VPC: its members reach each other, and everything outside.
pub(crate) fn create_default(cx: &mut Context<'_>, vpc_id: VpcId) {
    let group = SecurityGroup {
        id: cx.new_id(),
        name: SecurityGroup::DEFAULT.to_owned(),
        description: "default VPC security group".to_owned(),
        vpc_id,
        vpc_associations: Vec::new(),
        tags: Tags::new(),
    };
    permit_all(cx, group.id, Direction::Ingress, Peer::Group(group.id));
    permit_egress(cx, group.id, vpc_id);
    cx.region.put(group);
}

/// Removes the groups of a VPC that goes, with their rules.
pub(crate) fn delete_all(region: &mut Region, vpc: VpcId) {
    let groups: Vec<_> = region.referrers::<SecurityGroup>(vpc).map(Resource::id).collect();
    for group in groups {
        delete(region, group);
    }
}

/// Removes a group with its rules. Rules of groups in peered VPCs that refer to it stay, and are stale.
fn delete(region: &mut Region, group: SecurityGroupId) {
    let own = region.referrers::<SecurityGroupRule>(group).filter(|rule| rule.group_id == group);
    let rules: Vec<_> = own.map(Resource::id).collect();
    for rule in rules {
        region.remove(rule);
    }
    region.remove(group);
}
