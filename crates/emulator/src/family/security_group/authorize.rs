//! AuthorizeSecurityGroupIngress and AuthorizeSecurityGroupEgress: all rules of a call are added, or none.

use serde::{Deserialize, Serialize};

use super::lookup::named_group;
use super::permission::Peer;
use super::request::{FlatRule, IpPermission, checked_permissions, rules_request};
use super::rule::SecurityGroupRuleItem;
use super::{Direction, SecurityGroup, SecurityGroupRule};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::state::Tags;
use crate::wire::Items;

/// The quota of rules in a group, for each direction and IP version; a rule for a group counts for both versions.
/// Source: "Amazon VPC quotas".
const MAX_RULES: usize = 60;

/// The refusal of a rule that the group has already.
pub(super) fn duplicate(permission: impl std::fmt::Display) -> Refusal {
    Refusal::new("InvalidPermission.Duplicate", format!("the specified rule \"{permission}\" already exists"))
}

fn check_quota(peers: impl Iterator<Item = Peer> + Clone) -> Result<(), Refusal> {
    let ipv4 = peers.clone().filter(|peer| !matches!(peer, Peer::Ipv6(_))).count();
    let ipv6 = peers.filter(|peer| !matches!(peer, Peer::Ipv4(_))).count();
    if ipv4.max(ipv6) > MAX_RULES {
        let message = "The maximum number of rules per security group has been reached.".to_owned();
        return Err(Refusal::new("RulesPerSecurityGroupLimitExceeded", message));
    }
    Ok(())
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
        if existing.iter().any(|rule| rule.permission == *permission) {
            return Err(duplicate(permission));
        }
    }
    let old = existing.iter().map(|rule| rule.permission.peer);
    check_quota(old.chain(wanted.iter().map(|(permission, _)| permission.peer)))?;
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
