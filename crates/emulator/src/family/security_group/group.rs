//! CreateSecurityGroup and DeleteSecurityGroup.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{SecurityGroupId, VpcId};

use super::lookup::{named_group, no_default_vpc};
use super::permission::{MAX_TEXT_LENGTH, Peer, has_only_known_characters};
use super::{SecurityGroup, SecurityGroupRule, delete, permit_egress};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::network_interface::NetworkInterface;
use crate::family::tag::{TagItem, TagSpecification, specified_tags, tag_set_or_none};
use crate::family::vpc::{Vpc, default_vpc};
use crate::family::vpc_endpoint::VpcEndpoint;
use crate::quota;
use crate::wire::Items;

/// CreateSecurityGroup: in the default VPC unless another is named. The new group lets everything out and nothing in.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateSecurityGroup {
    group_name: String,
    group_description: String,
    vpc_id: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateSecurityGroupResponse {
    r#return: bool,
    group_id: SecurityGroupId,
    security_group_arn: String,
    tag_set: Option<Items<TagItem>>,
}

impl SecurityGroup {
    pub(super) fn arn(&self, cx: &Context<'_>) -> String {
        format!("arn:aws:ec2:{}:{}:security-group/{}", cx.region_name, cx.account_id(), self.id)
    }
}

/// The text of a group's name or description. `parameter` and `noun` are EC2's names for it in messages.
fn check_text(text: &str, parameter: &str, noun: &str) -> Result<(), Refusal> {
    let refuse = |message: String| Err(Refusal::invalid_parameter_value(message));
    if text.is_empty() {
        return Err(Refusal::missing_parameter(parameter));
    }
    if text.chars().count() > MAX_TEXT_LENGTH {
        return refuse(format!(
            "Value for parameter {parameter} is invalid. Length exceeds maximum of {MAX_TEXT_LENGTH}."
        ));
    }
    if !text.is_ascii() {
        return refuse(format!(
            "Value ({text}) for parameter {parameter} is invalid. Character sets beyond ASCII are not supported."
        ));
    }
    if !has_only_known_characters(text) {
        return refuse(format!(
            "Invalid security group {noun}. Valid {noun}s are strings less than 256 characters from the following \
             set:  a-zA-Z0-9. _-:/()#,@[]+=&;{{}}!$*"
        ));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), Refusal> {
    check_text(name, "GroupName", "name")?;
    if name.to_lowercase().starts_with("sg-") {
        return Err(Refusal::invalid_parameter_value(format!(
            "Value ({name}) for parameter GroupName is invalid. Group names may not be in the format sg-*."
        )));
    }
    if name.eq_ignore_ascii_case(SecurityGroup::DEFAULT) {
        return Err(Refusal::invalid_parameter_value(format!("Cannot use reserved security group name: {name}")));
    }
    Ok(())
}

impl CreateSecurityGroup {
    fn vpc(&self, cx: &Context<'_>) -> Result<VpcId, Refusal> {
        let vpc = match &self.vpc_id {
            Some(id) => cx.find::<Vpc>(id)?,
            None => default_vpc(cx).ok_or_else(no_default_vpc)?,
        };
        Ok(vpc.id)
    }
}

impl Action for CreateSecurityGroup {
    type Response = CreateSecurityGroupResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_name(&self.group_name)?;
        check_text(&self.group_description, "GroupDescription", "description")?;
        let tags = specified_tags(&self.tag_specifications, &["security-group"], "security-group")?;
        let vpc_id = self.vpc(cx)?;
        if cx.region.has_alias(&SecurityGroup::alias(vpc_id, &self.group_name)) {
            let message = format!("The security group '{}' already exists for VPC '{vpc_id}'", self.group_name);
            return Err(Refusal::new("InvalidGroup.Duplicate", message));
        }
        cx.check_quota(&quota::SECURITY_GROUPS, |region| region.all::<SecurityGroup>().count() + 1)?;
        let (name, description) = (self.group_name, self.group_description);
        let group = SecurityGroup { id: cx.new_id(), name, description, vpc_id, vpc_associations: Vec::new(), tags };
        permit_egress(cx, group.id, vpc_id);
        let response = CreateSecurityGroupResponse {
            r#return: true,
            group_id: group.id,
            security_group_arn: group.arn(cx),
            tag_set: tag_set_or_none(&group.tags),
        };
        cx.region.put(group);
        Ok(response)
    }
}

/// DeleteSecurityGroup: refused for a VPC's default group, and while a network interface has the group, a rule of another group
/// refers to it, or it is associated with another VPC. A rule of a peered VPC does not keep it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteSecurityGroup {
    group_id: Option<String>,
    group_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteSecurityGroupResponse {
    r#return: bool,
    group_id: SecurityGroupId,
}

impl Action for DeleteSecurityGroup {
    type Response = DeleteSecurityGroupResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let group = named_group(cx, self.group_id.as_deref(), self.group_name.as_deref())?;
        if group.is_default() {
            let message =
                format!("the specified group: \"{}\" name: \"{}\" cannot be deleted by a user", group.id, group.name);
            return Err(Refusal::new("CannotDelete", message));
        }
        let id = group.id;
        let refers = |rule: &SecurityGroupRule| rule.group_id != id && rule.permission.peer == Peer::Group(id);
        let in_use = !group.vpc_associations.is_empty()
            || cx.region.referrers::<NetworkInterface>(id).next().is_some()
            || cx.region.referrers::<VpcEndpoint>(id).next().is_some()
            || cx.region.referrers::<SecurityGroupRule>(id).any(refers);
        if in_use {
            return Err(Refusal::new("DependencyViolation", format!("resource {id} has a dependent object")));
        }
        delete(&mut cx.region, id);
        Ok(DeleteSecurityGroupResponse { r#return: true, group_id: id })
    }
}
