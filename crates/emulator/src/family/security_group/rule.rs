//! Rules by themselves: DescribeSecurityGroupRules, and how a rule stands in answers.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{PrefixListId, SecurityGroupId, SecurityGroupRuleId};

use super::describe::{UserIdGroupPairItem, group_pair};
use super::permission::Peer;
use super::{Direction, SecurityGroup, SecurityGroupRule};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, Query, select, text};
use crate::error::Refusal;
use crate::family::tag::{TagItem, tag_set, tag_set_or_none};
use crate::state::Resource;
use crate::wire::Items;

/// The rule of this id, if it is one of the group and of the direction.
pub(super) fn group_rule<'c>(
    cx: &'c Context<'_>,
    group: &SecurityGroup,
    direction: Direction,
    id: &str,
) -> Result<&'c SecurityGroupRule, Refusal> {
    let rule = cx.find::<SecurityGroupRule>(id)?;
    if rule.group_id != group.id || rule.direction != direction {
        return Err(SecurityGroupRule::WORDING.not_found(id));
    }
    Ok(rule)
}

/// A rule in an answer.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecurityGroupRuleItem {
    security_group_rule_id: SecurityGroupRuleId,
    security_group_rule_arn: String,
    group_id: SecurityGroupId,
    group_owner_id: String,
    is_egress: bool,
    ip_protocol: String,
    from_port: i32,
    to_port: i32,
    cidr_ipv4: Option<String>,
    cidr_ipv6: Option<String>,
    prefix_list_id: Option<PrefixListId>,
    referenced_group_info: Option<UserIdGroupPairItem>,
    description: Option<String>,
    tag_set: Option<Items<TagItem>>,
}

impl SecurityGroupRuleItem {
    fn described(rule: &SecurityGroupRule, cx: &Context<'_>) -> Self {
        let owner = || cx.account_id().to_owned();
        let (mut cidr_ipv4, mut cidr_ipv6, mut prefix_list_id, mut referenced_group_info) = (None, None, None, None);
        match rule.permission.peer {
            Peer::Ipv4(block) => cidr_ipv4 = Some(block.to_string()),
            Peer::Ipv6(block) => cidr_ipv6 = Some(block.to_string()),
            Peer::PrefixList(list) => prefix_list_id = Some(list),
            Peer::Group(_) | Peer::PeeredGroup(_) => {
                referenced_group_info = group_pair(cx, rule.permission.peer, None);
            }
        }
        Self {
            security_group_rule_id: rule.id,
            security_group_rule_arn: format!(
                "arn:aws:ec2:{}:{}:security-group-rule/{}",
                cx.region_name,
                cx.account_id(),
                rule.id
            ),
            group_id: rule.group_id,
            group_owner_id: owner(),
            is_egress: rule.direction == Direction::Egress,
            ip_protocol: rule.permission.protocol.ip_protocol().into_owned(),
            from_port: rule.permission.ports.from,
            to_port: rule.permission.ports.to,
            cidr_ipv4,
            cidr_ipv6,
            prefix_list_id,
            referenced_group_info,
            description: rule.description.clone(),
            tag_set: Some(tag_set(&rule.tags)),
        }
    }

    /// The answer to Authorize leaves out an empty tag set, DescribeSecurityGroupRules does not.
    pub(super) fn created(rule: &SecurityGroupRule, cx: &Context<'_>) -> Self {
        Self { tag_set: tag_set_or_none(&rule.tags), ..Self::described(rule, cx) }
    }
}

impl SecurityGroupRule {
    const FILTERS: FilterTable<Self> =
        &[("group-id", |rule, _| text(rule.group_id)), ("security-group-rule-id", |rule, _| text(rule.id))];
}

/// DescribeSecurityGroupRules.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeSecurityGroupRules {
    #[serde(rename = "SecurityGroupRuleId", default)]
    security_group_rule_ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeSecurityGroupRulesResponse {
    security_group_rule_set: Items<SecurityGroupRuleItem>,
    next_token: Option<String>,
}

impl DescribeSecurityGroupRules {
    /// EC2 reads the ids in the `group-id` filter of this action.
    fn check_group_ids(&self) -> Result<(), Refusal> {
        let ids = self.filters.iter().filter(|filter| filter.name == "group-id").flat_map(|filter| &filter.values);
        for id in ids.filter(|id| !id.contains(['*', '?'])) {
            if id.parse::<SecurityGroupId>().is_err() {
                let message = format!("The security group ID '{id}' is malformed");
                return Err(Refusal::new(SecurityGroup::WORDING.malformed, message));
            }
        }
        Ok(())
    }
}

impl Action for DescribeSecurityGroupRules {
    type Response = DescribeSecurityGroupRulesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        self.check_group_ids()?;
        let query = Query {
            ids: &self.security_group_rule_ids,
            filters: &self.filters,
            page: Page { max_results: self.max_results, next_token: self.next_token },
            ids_name: "SecurityGroupRuleIds",
        };
        let (found, next_token) = select(cx, &query, SecurityGroupRule::FILTERS)?;
        let items = found.into_iter().map(|rule| SecurityGroupRuleItem::described(rule, cx));
        Ok(DescribeSecurityGroupRulesResponse { security_group_rule_set: items.collect(), next_token })
    }
}
