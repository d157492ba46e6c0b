//! RevokeSecurityGroupIngress and RevokeSecurityGroupEgress: by rule ids, or by what the rules permit.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{PrefixListId, SecurityGroupId, SecurityGroupRuleId};

use super::describe::IpPermissionItem;
use super::lookup::named_group;
use super::permission::{Described, Peer};
use super::request::{FlatRule, IpPermission, checked_permissions, rules_request};
use super::rule::group_rule;
use super::{Direction, SecurityGroup, SecurityGroupRule};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::vpc::Vpc;
use crate::wire::Items;

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RevokeResponse {
    r#return: bool,
    unknown_ip_permission_set: Option<Items<IpPermissionItem>>,
    revoked_security_group_rule_set: Items<RevokedRuleItem>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RevokedRuleItem {
    security_group_rule_id: SecurityGroupRuleId,
    group_id: SecurityGroupId,
    is_egress: bool,
    ip_protocol: String,
    from_port: i32,
    to_port: i32,
    cidr_ipv4: Option<String>,
    cidr_ipv6: Option<String>,
    prefix_list_id: Option<PrefixListId>,
    referenced_group_id: Option<SecurityGroupId>,
    description: Option<String>,
}

impl RevokedRuleItem {
    fn new(rule: &SecurityGroupRule) -> Self {
        let (mut cidr_ipv4, mut cidr_ipv6, mut prefix_list_id, mut referenced_group_id) = (None, None, None, None);
        match rule.permission.peer {
            Peer::Ipv4(block) => cidr_ipv4 = Some(block.to_string()),
            Peer::Ipv6(block) => cidr_ipv6 = Some(block.to_string()),
            Peer::PrefixList(list) => prefix_list_id = Some(list),
            Peer::Group(_) | Peer::PeeredGroup(_) => referenced_group_id = rule.permission.peer.group(),
        }
        Self {
            security_group_rule_id: rule.id,
            group_id: rule.group_id,
            is_egress: rule.direction == Direction::Egress,
            ip_protocol: rule.permission.protocol.ip_protocol().into_owned(),
            from_port: rule.permission.ports.from,
            to_port: rule.permission.ports.to,
            cidr_ipv4,
            cidr_ipv6,
            prefix_list_id,
            referenced_group_id,
            description: rule.description.clone(),
        }
    }
}

/// The refusal of a rule that the group does not have.
pub(super) fn no_such_rule() -> Refusal {
    let message = "The specified rule does not exist in this security group.".to_owned();
    Refusal::new("InvalidPermission.NotFound", message)
}

/// What a request wants revoked.
struct Revocation {
    direction: Direction,
    rule_ids: Vec<String>,
    permissions: Vec<IpPermission>,
    flat: FlatRule,
}

impl Revocation {
    /// The rules to revoke, and the permissions that no rule has. Outside a default VPC there may be none of these.
    fn find(
        self,
        cx: &Context<'_>,
        group: &SecurityGroup,
    ) -> Result<(Vec<SecurityGroupRule>, Vec<Described>), Refusal> {
        if !self.rule_ids.is_empty() {
            if !self.permissions.is_empty() {
                return Err(Refusal::invalid_parameter_combination(
                    "The parameter 'securityGroupRuleIds' may not be used in combination with 'ipPermissions'",
                ));
            }
            let rule = |id: &String| group_rule(cx, group, self.direction, id).cloned();
            return Ok((self.rule_ids.iter().map(rule).collect::<Result<_, _>>()?, Vec::new()));
        }
        let permissions = self.flat.or(self.permissions, self.direction)?;
        let existing = group.rules(&cx.region, self.direction);
        let (mut found, mut unknown) = (Vec::new(), Vec::new());
        for wanted in checked_permissions(cx, group, &permissions)? {
            match existing.iter().find(|rule| rule.permission == wanted.0) {
                Some(rule) => found.push((*rule).clone()),
                None => unknown.push(wanted),
            }
        }
        let forgiving = cx.region.get::<Vpc>(group.vpc_id).is_some_and(|vpc| vpc.is_default);
        if !unknown.is_empty() && !forgiving {
            return Err(no_such_rule());
        }
        Ok((found, unknown))
    }

    fn run(self, cx: &mut Context<'_>, group: &SecurityGroup) -> Result<RevokeResponse, Refusal> {
        let (found, mut unknown) = self.find(cx, group)?;
        for rule in &found {
            cx.region.remove(rule.id);
        }
        unknown.sort();
        Ok(RevokeResponse {
            r#return: true,
            unknown_ip_permission_set: (!unknown.is_empty()).then(|| IpPermissionItem::grouped(&unknown, cx)),
            revoked_security_group_rule_set: found.iter().map(RevokedRuleItem::new).collect(),
        })
    }
}

rules_request! {
    /// RevokeSecurityGroupIngress.
    RevokeSecurityGroupIngress {
        group_id: Option<String>,
        group_name: Option<String>,
        #[serde(rename = "SecurityGroupRuleId", default)]
        rule_ids: Vec<String>,
    }
}

impl Action for RevokeSecurityGroupIngress {
    type Response = RevokeResponse;

    fn run(mut self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let group = named_group(cx, self.group_id.as_deref(), self.group_name.as_deref())?.clone();
        let flat = self.flat_rule();
        let (direction, rule_ids, permissions) = (Direction::Ingress, self.rule_ids, self.ip_permissions);
        Revocation { direction, rule_ids, permissions, flat }.run(cx, &group)
    }
}

rules_request! {
    /// RevokeSecurityGroupEgress.
    RevokeSecurityGroupEgress {
        group_id: String,
        #[serde(rename = "SecurityGroupRuleId", default)]
        rule_ids: Vec<String>,
    }
}

impl Action for RevokeSecurityGroupEgress {
    type Response = RevokeResponse;

    fn run(mut self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let group = cx.find::<SecurityGroup>(&self.group_id)?.clone();
        let flat = self.flat_rule();
        let (direction, rule_ids, permissions) = (Direction::Egress, self.rule_ids, self.ip_permissions);
        Revocation { direction, rule_ids, permissions, flat }.run(cx, &group)
    }
}
