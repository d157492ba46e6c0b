//! AuthorizeSecurityGroupIngress and AuthorizeSecurityGroupEgress: all rules of a call are added, or none.

use serde::{Deserialize, Serialize};
use vpcrun_model::ResourceId;

use super::lookup::named_group;
use super::permission::Peer;
use super::request::{FlatRule, IpPermission, checked_permissions, rules_request};
use super::rule::SecurityGroupRuleItem;
use super::{Direction, SecurityGroup, SecurityGroupRule};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::prefix_list::PrefixList;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::quota;
use crate::state::{Region, Resource, Tags};
use crate::wire::Items;

/// The refusal of a rule that the group has already.
pub(super) fn duplicate(permission: impl std::fmt::Display) -> Refusal {
    Refusal::new("InvalidPermission.Duplicate", format!("the specified rule \"{permission}\" already exists"))
}

/// How many rules a rule for this peer counts for, by IP version. A prefix list counts for as many as it can have entries.
fn weight(region: &Region, peer: Peer) -> (usize, usize) {
    match peer {
        Peer::Ipv4(_) => (1, 0),
        Peer::Ipv6(_) => (0, 1),
        Peer::Group(_) | Peer::PeeredGroup(_) => (1, 1),
        Peer::PrefixList(id) => region.get::<PrefixList>(id).map_or((0, 0), |list| list.weight_of(list.max_entries)),
    }
}

/// Checks the quota of rules that a group has in a direction; each IP version is counted by itself.
fn check_weights(cx: &Context<'_>, weights: impl Iterator<Item = (usize, usize)>) -> Result<(), Refusal> {
    cx.check_quota(&quota::SECURITY_GROUP_RULES, |_| {
        let (ipv4, ipv6) = weights.fold((0, 0), |sum, more| (sum.0 + more.0, sum.1 + more.1));
        ipv4.max(ipv6)
    })
}

pub(super) fn check_quota(cx: &Context<'_>, peers: impl Iterator<Item = Peer>) -> Result<(), Refusal> {
    check_weights(cx, peers.map(|peer| weight(&cx.region, peer)))
}

/// The groups with rules for a prefix list that would have too many rules if the list could have `size` entries.
pub(crate) fn without_room(cx: &Context<'_>, list: &PrefixList, size: u32) -> Vec<ResourceId> {
    let (region, resized) = (&cx.region, list.weight_of(size));
    let weight = |peer| match peer {
        Peer::PrefixList(id) if id == list.id => resized,
        other => weight(region, other),
    };
    let is_full = |rule: &&SecurityGroupRule| {
        region.get::<SecurityGroup>(rule.group_id).is_some_and(|group| {
            let rules = group.rules(region, rule.direction);
            check_weights(cx, rules.into_iter().map(|rule| weight(rule.permission.peer))).is_err()
        })
    };
    let mut full: Vec<ResourceId> =
        region.referrers::<SecurityGroupRule>(list.id).filter(is_full).map(|rule| rule.group_id.into()).collect();
    full.sort_unstable();
    full.dedup();
    full
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthorizeResponse {
    r#return: bool,
    security_group_rule_set: Items<SecurityGroupRuleItem>,
}

fn authorize(
    cx: &mut Context<'_>,
    group: &SecurityGroup,
    direction: Direction,
    permissions: &[IpPermission],
    tags: &Tags,
) -> Result<AuthorizeResponse, Refusal> {
    let wanted = checked_permissions(cx, group, permissions)?;
    let existing = group.rules(&cx.region, direction);
    for (permission, _) in &wanted {
        if let Peer::PeeredGroup(peered) = permission.peer
            && peered.is_stale(cx)
        {
            return Err(SecurityGroup::WORDING.not_found(peered.group));
        }
        if existing.iter().any(|rule| rule.permission == *permission) {
            return Err(duplicate(permission));
        }
    }
    let old = existing.iter().map(|rule| rule.permission.peer);
    check_quota(cx, old.chain(wanted.iter().map(|(permission, _)| permission.peer)))?;
    let mut items = Vec::with_capacity(wanted.len());
    for (permission, description) in wanted {
        let (id, tags) = (cx.new_id(), tags.clone());
        let rule = SecurityGroupRule { id, group_id: group.id, direction, permission, description, tags };
        items.push(SecurityGroupRuleItem::created(&rule, cx));
        cx.region.put(rule);
    }
    Ok(AuthorizeResponse { r#return: true, security_group_rule_set: items.into() })
}

fn rule_tags(specifications: &[TagSpecification]) -> Result<Tags, Refusal> {
    specified_tags(specifications, &["security-group-rule"], "security-group-rule")
}

rules_request! {
    /// AuthorizeSecurityGroupIngress.
    AuthorizeSecurityGroupIngress {
        group_id: Option<String>,
        group_name: Option<String>,
        #[serde(rename = "TagSpecification", default)]
        tag_specifications: Vec<TagSpecification>,
    }
}

impl Action for AuthorizeSecurityGroupIngress {
    type Response = AuthorizeResponse;

    fn run(mut self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let group = named_group(cx, self.group_id.as_deref(), self.group_name.as_deref())?.clone();
        let permissions = self.flat_rule().or(self.ip_permissions, Direction::Ingress)?;
        authorize(cx, &group, Direction::Ingress, &permissions, &rule_tags(&self.tag_specifications)?)
    }
}

rules_request! {
    /// AuthorizeSecurityGroupEgress: by IpPermissions alone; the flat parameters exist, but EC2 documents them as not
    /// supported.
    AuthorizeSecurityGroupEgress {
        group_id: String,
        #[serde(rename = "TagSpecification", default)]
        tag_specifications: Vec<TagSpecification>,
    }
}

impl Action for AuthorizeSecurityGroupEgress {
    type Response = AuthorizeResponse;

    fn run(mut self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let group = cx.find::<SecurityGroup>(&self.group_id)?.clone();
        let permissions = self.flat_rule().or(self.ip_permissions, Direction::Egress)?;
        authorize(cx, &group, Direction::Egress, &permissions, &rule_tags(&self.tag_specifications)?)
    }
}
