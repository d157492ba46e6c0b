//! ModifySecurityGroupRules and UpdateSecurityGroupRuleDescriptionsIngress and -Egress: rules keep their ids.

use serde::Deserialize;
use vpcrun_model::SecurityGroupRuleId;

use super::authorize::{check_quota, duplicate};
use super::lookup::named_group;
use super::peer::peer_group;
use super::permission::{
    Peer, Permission, checked_description, checked_ipv4, checked_ipv6, checked_ports, checked_protocol,
};
use super::request::{IpPermission, checked_permissions};
use super::revoke::no_such_rule;
use super::rule::group_rule;
use super::{Direction, SecurityGroup, SecurityGroupRule};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::prefix_list::PrefixList;
use crate::state::Resource;
use crate::wire::Reply;

/// ModifySecurityGroupRules: protocol, ports and peer of a rule; a block stays a block, a group a group.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifySecurityGroupRules {
    group_id: String,
    #[serde(rename = "SecurityGroupRule", default)]
    security_group_rules: Vec<SecurityGroupRuleUpdate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SecurityGroupRuleUpdate {
    security_group_rule_id: String,
    #[serde(default)]
    security_group_rule: SecurityGroupRuleRequest,
}

/// What a rule shall permit.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SecurityGroupRuleRequest {
    ip_protocol: Option<String>,
    from_port: Option<i64>,
    to_port: Option<i64>,
    cidr_ipv4: Option<String>,
    cidr_ipv6: Option<String>,
    prefix_list_id: Option<String>,
    referenced_group_id: Option<String>,
    description: Option<String>,
}

impl SecurityGroupRuleRequest {
    fn check_one_peer(&self) -> Result<(), Refusal> {
        let given = [&self.cidr_ipv4, &self.cidr_ipv6, &self.prefix_list_id, &self.referenced_group_id];
        match given.into_iter().flatten().count() {
            1 => Ok(()),
            0 => Err(Refusal::new(
                "MissingParameter",
                "The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId"
                    .to_owned(),
            )),
            _ => Err(Refusal::invalid_parameter_combination(
                "Only one of cidrIp, cidrIpv6, prefixListId, or referencedGroupId can be specified",
            )),
        }
    }

    /// The new permission of a rule of the group. The order of the checks is moto's, which was verified on AWS.
    fn permission(
        &self,
        cx: &Context<'_>,
        group: &SecurityGroup,
        rule: &SecurityGroupRule,
    ) -> Result<Permission, Refusal> {
        let protocol = checked_protocol(self.ip_protocol.as_deref())?;
        let ports = checked_ports(protocol, self.from_port, self.to_port)?;
        let wrong_kind = |given: &str, existing: &str| {
            Refusal::invalid_parameter_value(format!(
                "Invalid rule type for security group rule '{}'. You may not specify {given} for an existing \
                 {existing} rule.",
                rule.id
            ))
        };
        let existing = match rule.permission.peer {
            Peer::Ipv4(_) => "IPv4 CIDR",
            Peer::Ipv6(_) => "IPv6 CIDR",
            Peer::PrefixList(_) => "prefix list",
            Peer::Group(_) | Peer::PeeredGroup(_) => "security group",
        };
        let Self { cidr_ipv4, cidr_ipv6, prefix_list_id, referenced_group_id, .. } = self;
        let peer = match (rule.permission.peer, cidr_ipv4, cidr_ipv6, prefix_list_id, referenced_group_id) {
            (Peer::Ipv4(_), Some(block), ..) => checked_ipv4(block)?,
            (Peer::Ipv6(_), _, Some(block), ..) => checked_ipv6(block)?,
            (Peer::PrefixList(_), _, _, Some(id), _) => Peer::PrefixList(cx.find::<PrefixList>(id)?.id),
            (Peer::Group(_) | Peer::PeeredGroup(_), .., Some(id)) => {
                peer_group(cx, cx.find::<SecurityGroup>(id)?, group)?
            }
            (_, Some(_), ..) => return Err(wrong_kind("CidrIpv4", existing)),
            (_, _, Some(_), ..) => return Err(wrong_kind("CidrIpv6", existing)),
            (_, _, _, Some(_), _) => return Err(wrong_kind("PrefixListId", existing)),
            _ => return Err(wrong_kind("ReferencedGroupId", existing)),
        };
        Ok(Permission { protocol, ports, peer })
    }
}

/// The rule of this id, of either direction.
fn rule_of_group<'c>(cx: &'c Context<'_>, group: &SecurityGroup, id: &str) -> Result<&'c SecurityGroupRule, Refusal> {
    group_rule(cx, group, Direction::Ingress, id).or_else(|_| group_rule(cx, group, Direction::Egress, id))
}

impl Action for ModifySecurityGroupRules {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        if self.security_group_rules.is_empty() {
            return Err(Refusal::missing_parameter("SecurityGroupRule"));
        }
        let group = cx.find::<SecurityGroup>(&self.group_id)?.clone();
        for SecurityGroupRuleUpdate { security_group_rule_id: id, security_group_rule: wanted } in
            &self.security_group_rules
        {
            wanted.check_one_peer()?;
            let rule = rule_of_group(cx, &group, id)?;
            let permission = wanted.permission(cx, &group, rule)?;
            let description = checked_description(wanted.description.as_deref())?;
            let others = group.rules(&cx.region, rule.direction);
            if others.iter().any(|other| other.id != rule.id && other.permission == permission) {
                return Err(duplicate(permission));
            }
            let other_peers = others.iter().filter(|other| other.id != rule.id).map(|other| other.permission.peer);
            check_quota(cx, other_peers.chain([permission.peer]))?;
            let id = rule.id;
            cx.region.update(id, |rule: &mut SecurityGroupRule| {
                rule.permission = permission;
                if wanted.description.is_some() {
                    rule.description = description;
                }
            });
        }
        Ok(Reply::TRUE)
    }
}

/// A rule's new description; none takes the old one away.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SecurityGroupRuleDescription {
    security_group_rule_id: String,
    description: Option<String>,
}

/// The rules to describe anew, by their ids or by what they permit.
fn new_descriptions(
    cx: &Context<'_>,
    group: &SecurityGroup,
    direction: Direction,
    permissions: &[IpPermission],
    by_id: &[SecurityGroupRuleDescription],
) -> Result<Vec<(SecurityGroupRuleId, Option<String>)>, Refusal> {
    if permissions.is_empty() == by_id.is_empty() {
        let message = "The request must contain exactly one of: ipPermissions, securityGroupRuleDescriptions";
        return Err(if by_id.is_empty() {
            Refusal::new("MissingParameter", message.to_owned())
        } else {
            Refusal::invalid_parameter_combination(message)
        });
    }
    let mut descriptions = Vec::new();
    for SecurityGroupRuleDescription { security_group_rule_id: id, description } in by_id {
        let rule = group_rule(cx, group, direction, id)?;
        descriptions.push((rule.id(), checked_description(description.as_deref())?));
    }
    let existing = group.rules(&cx.region, direction);
    for (permission, description) in checked_permissions(cx, group, permissions)? {
        let rule = existing.iter().find(|rule| rule.permission == permission).ok_or_else(no_such_rule)?;
        descriptions.push((rule.id, description));
    }
    Ok(descriptions)
}

/// The two actions differ in their names alone.
macro_rules! update_descriptions {
    ($(#[$doc:meta] $name:ident: $direction:ident;)+) => {
        $(
            #[$doc]
            #[derive(Deserialize)]
            #[serde(rename_all = "PascalCase", deny_unknown_fields)]
            pub(crate) struct $name {
                group_id: Option<String>,
                group_name: Option<String>,
                #[serde(default)]
                ip_permissions: Vec<IpPermission>,
                #[serde(rename = "SecurityGroupRuleDescription", default)]
                descriptions: Vec<SecurityGroupRuleDescription>,
            }

            impl Action for $name {
                type Response = Reply;

                fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
                    let group = named_group(cx, self.group_id.as_deref(), self.group_name.as_deref())?;
                    let new =
                        new_descriptions(cx, group, Direction::$direction, &self.ip_permissions, &self.descriptions)?;
                    for (id, description) in new {
                        cx.region.update(id, |rule: &mut SecurityGroupRule| rule.description = description);
                    }
                    Ok(Reply::TRUE)
                }
            }
        )+
    };
}

update_descriptions! {
    /// UpdateSecurityGroupRuleDescriptionsIngress.
    UpdateSecurityGroupRuleDescriptionsIngress: Ingress;
    /// UpdateSecurityGroupRuleDescriptionsEgress.
    UpdateSecurityGroupRuleDescriptionsEgress: Egress;
}
