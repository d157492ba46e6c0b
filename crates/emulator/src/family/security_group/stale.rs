//! DescribeStaleSecurityGroups: rules for groups that they no longer reach; and DescribeSecurityGroupReferences: who refers to a
//! group from the other side of a peering connection.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{SecurityGroupId, VpcId, VpcPeeringConnectionId};

use super::describe::{UserIdGroupPairItem, group_pair};
use super::permission::Peer;
use super::{Direction, SecurityGroup, SecurityGroupRule};
use crate::action::{Action, Context};
use crate::describe::{Page, paginate_within};
use crate::error::Refusal;
use crate::family::vpc::Vpc;
use crate::state::Resource;
use crate::wire::Items;

/// DescribeSecurityGroupReferences.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeSecurityGroupReferences {
    #[serde(rename = "GroupId", default)]
    group_ids: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeSecurityGroupReferencesResponse {
    security_group_reference_set: Items<ReferenceItem>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReferenceItem {
    group_id: SecurityGroupId,
    referencing_vpc_id: VpcId,
    vpc_peering_connection_id: VpcPeeringConnectionId,
}

impl Action for DescribeSecurityGroupReferences {
    type Response = DescribeSecurityGroupReferencesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        if self.group_ids.is_empty() {
            return Err(Refusal::missing_parameter("GroupId"));
        }
        let mut found: Vec<ReferenceItem> = Vec::new();
        for id in &self.group_ids {
            let group = cx.find::<SecurityGroup>(id)?;
            found.extend(cx.region.referrers::<SecurityGroupRule>(group.id).filter_map(|rule| {
                let Peer::PeeredGroup(peered) = rule.permission.peer else { return None };
                let referencing = cx.region.get::<SecurityGroup>(rule.group_id)?;
                (peered.group == group.id && !peered.is_stale(cx)).then_some(ReferenceItem {
                    group_id: group.id,
                    referencing_vpc_id: referencing.vpc_id,
                    vpc_peering_connection_id: peered.connection,
                })
            }));
        }
        found.sort_unstable();
        found.dedup();
        Ok(DescribeSecurityGroupReferencesResponse { security_group_reference_set: found.into() })
    }
}

/// DescribeStaleSecurityGroups.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeStaleSecurityGroups {
    vpc_id: String,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeStaleSecurityGroupsResponse {
    next_token: Option<String>,
    stale_security_group_set: Items<StaleGroupItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StaleGroupItem {
    description: String,
    group_id: SecurityGroupId,
    group_name: String,
    stale_ip_permissions: Items<StalePermissionItem>,
    stale_ip_permissions_egress: Items<StalePermissionItem>,
    vpc_id: VpcId,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StalePermissionItem {
    from_port: Option<i32>,
    ip_protocol: String,
    ip_ranges: Items<String>,
    prefix_list_ids: Items<String>,
    to_port: Option<i32>,
    groups: Items<UserIdGroupPairItem>,
}

impl SecurityGroupRule {
    /// Whether the rule is for a group that is gone, or that nothing joins with this one any more.
    fn is_stale(&self, cx: &Context<'_>) -> bool {
        match self.permission.peer {
            Peer::PeeredGroup(peered) => peered.is_stale(cx),
            Peer::Group(id) => {
                let groups = (cx.region.get::<SecurityGroup>(id), cx.region.get::<SecurityGroup>(self.group_id));
                matches!(groups, (Some(peer), Some(own)) if !peer.shares_vpc(own))
            }
            Peer::Ipv4(_) | Peer::Ipv6(_) | Peer::PrefixList(_) => false,
        }
    }
}

/// The stale rules of one direction, one permission for each protocol and port range.
fn stale(group: &SecurityGroup, direction: Direction, cx: &Context<'_>) -> Vec<StalePermissionItem> {
    let mut rules = group.rules(&cx.region, direction);
    rules.retain(|rule| rule.is_stale(cx));
    let same = |a: &&SecurityGroupRule, b: &&SecurityGroupRule| {
        (a.permission.protocol, a.permission.ports) == (b.permission.protocol, b.permission.ports)
    };
    let item = |rules: &[&SecurityGroupRule]| {
        let permission = rules.first()?.permission;
        let has_range = permission.protocol.has_ports() || permission.protocol.has_icmp_types();
        let ports = has_range.then_some(permission.ports);
        let pairs = rules.iter().filter_map(|rule| group_pair(cx, rule.permission.peer, rule.description.clone()));
        Some(StalePermissionItem {
            from_port: ports.map(|ports| ports.from),
            ip_protocol: permission.protocol.ip_protocol().into_owned(),
            ip_ranges: Items::default(),
            prefix_list_ids: Items::default(),
            to_port: ports.map(|ports| ports.to),
            groups: pairs.collect(),
        })
    };
    rules.chunk_by(same).filter_map(item).collect()
}

impl Action for DescribeStaleSecurityGroups {
    type Response = DescribeStaleSecurityGroupsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let vpc = cx.find::<Vpc>(&self.vpc_id)?.id();
        let of_vpc = cx.region.referrers::<SecurityGroup>(vpc).filter(|group| group.vpc_id == vpc);
        let found = of_vpc
            .map(|group| (group, stale(group, Direction::Ingress, cx), stale(group, Direction::Egress, cx)))
            .filter(|(_, ingress, egress)| !ingress.is_empty() || !egress.is_empty())
            .collect();
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (found, next_token) = paginate_within(cx, found, &page, 5..=255, |(group, ..)| group.id.to_string())?;
        let item = |(group, ingress, egress): (&SecurityGroup, Vec<_>, Vec<_>)| StaleGroupItem {
            description: group.description.clone(),
            group_id: group.id,
            group_name: group.name.clone(),
            stale_ip_permissions: ingress.into(),
            stale_ip_permissions_egress: egress.into(),
            vpc_id: vpc,
        };
        let stale_security_group_set = found.into_iter().map(item).collect();
        Ok(DescribeStaleSecurityGroupsResponse { next_token, stale_security_group_set })
    }
}
