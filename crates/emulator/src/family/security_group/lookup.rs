//! Finding groups: by id, by name in the default VPC, and for the network interfaces of other families.

use serde::Serialize;
use vpcrun_model::{SecurityGroupId, VpcId};

use super::SecurityGroup;
use crate::action::Context;
use crate::error::Refusal;
use crate::family::vpc::default_vpc;
use crate::quota;
use crate::state::Region;
use crate::wire::Items;

/// A group as instances and network interfaces show it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupIdentifier {
    group_id: SecurityGroupId,
    group_name: String,
}

/// The `groupSet` of an answer, in the order given.
pub(crate) fn group_set(region: &Region, groups: &[SecurityGroupId]) -> Items<GroupIdentifier> {
    let identifier = |group: &SecurityGroup| GroupIdentifier { group_id: group.id, group_name: group.name.clone() };
    groups.iter().filter_map(|id| region.get::<SecurityGroup>(*id).map(identifier)).collect()
}

/// The group that each VPC has from the start.
fn default_group(region: &Region, vpc: VpcId) -> Option<SecurityGroupId> {
    region.by_alias::<SecurityGroup>(&SecurityGroup::alias(vpc, SecurityGroup::DEFAULT)).map(|group| group.id)
}

/// The groups that a request names for a network interface in a VPC, each once; the VPC's default group if it names
/// none. `elsewhere` words that a group is of another VPC: EC2 does it differently from action to action.
///
/// # Errors
/// A malformed or unknown id, a group of another VPC, or too many groups.
pub(crate) fn checked_groups(
    cx: &Context<'_>,
    ids: &[String],
    vpc: VpcId,
    elsewhere: impl Fn(SecurityGroupId) -> Refusal,
) -> Result<Vec<SecurityGroupId>, Refusal> {
    if ids.is_empty() {
        return Ok(default_group(&cx.region, vpc).into_iter().collect());
    }
    let mut groups = Vec::with_capacity(ids.len());
    for id in ids {
        let group = cx.find::<SecurityGroup>(id)?;
        if !group.serves(vpc) {
            return Err(elsewhere(group.id));
        }
        if !groups.contains(&group.id) {
            groups.push(group.id);
        }
    }
    cx.check_quota(&quota::GROUPS_OF_AN_INTERFACE, |_| groups.len())?;
    Ok(groups)
}

/// The group of this name in the default VPC: EC2 takes names nowhere else.
///
/// # Errors
/// `InvalidGroup.NotFound`, or `VPCIdNotSpecified` where there is no default VPC.
pub(crate) fn find_by_name<'c>(cx: &'c Context<'_>, name: &str) -> Result<&'c SecurityGroup, Refusal> {
    let vpc = default_vpc(cx).ok_or_else(no_default_vpc)?.id;
    cx.region.by_alias::<SecurityGroup>(&SecurityGroup::alias(vpc, name)).ok_or_else(|| {
        let message = format!("The security group '{name}' does not exist in default VPC '{vpc}'");
        Refusal::new("InvalidGroup.NotFound", message)
    })
}

pub(super) fn no_default_vpc() -> Refusal {
    Refusal::new("VPCIdNotSpecified", "No default VPC for this user".to_owned())
}

/// The group that a request names by `GroupId` or, in the default VPC, `GroupName`.
pub(super) fn named_group<'c>(
    cx: &'c Context<'_>,
    id: Option<&str>,
    name: Option<&str>,
) -> Result<&'c SecurityGroup, Refusal> {
    match (id, name) {
        (Some(id), None) => cx.find(id),
        (None, Some(name)) => find_by_name(cx, name),
        (None, None) => {
            let message = "The request must contain the parameter groupName or groupId".to_owned();
            Err(Refusal::new("MissingParameter", message))
        }
        (Some(_), Some(_)) => Err(Refusal::invalid_parameter_combination(
            "The parameter 'groupName' may not be used in combination with 'groupId'",
        )),
    }
}
