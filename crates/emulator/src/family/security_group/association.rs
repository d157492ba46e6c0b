//! AssociateSecurityGroupVpc, DisassociateSecurityGroupVpc and DescribeSecurityGroupVpcAssociations: a group that serves in other VPCs
//! of the region too; and GetSecurityGroupsForVpc, which lists the groups that serve in one.
//!
//! Source: "Associate security groups with multiple VPCs" in the Amazon VPC User Guide.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{SecurityGroupId, VpcId};

use super::SecurityGroup;
use crate::action::{Action, Context};
use crate::clock::{Timestamp, Transition};
use crate::describe::{Filter, FilterTable, Page, check_filters, paginate, passes, passes_untagged, text};
use crate::error::Refusal;
use crate::family::network_interface::NetworkInterface;
use crate::family::tag::{TagItem, tag_set};
use crate::family::vpc::Vpc;
use crate::state::Resource;
use crate::wire::Items;

/// The association of a group with a VPC that is not its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct VpcAssociation {
    pub(super) vpc_id: VpcId,
    state: AssociationState,
    /// When it leaves this state by itself.
    pub(super) due: Option<Timestamp>,
}

/// The states of an association. One that is disassociated is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AssociationState {
    Associating,
    Associated,
    Disassociating,
}

impl AssociationState {
    const fn name(self) -> &'static str {
        match self {
            Self::Associating => "associating",
            Self::Associated => "associated",
            Self::Disassociating => "disassociating",
        }
    }
}

impl SecurityGroup {
    /// Whether network interfaces of the VPC can have the group.
    pub(crate) fn serves(&self, vpc: VpcId) -> bool {
        let associated = |association: &VpcAssociation| {
            association.vpc_id == vpc && association.state == AssociationState::Associated
        };
        self.vpc_id == vpc || self.vpc_associations.iter().any(associated)
    }

    /// Ends the transitions of associations that were due at `at`.
    pub(super) fn settle_associations(&mut self, at: Timestamp) {
        let is_due = |association: &VpcAssociation| association.due.is_some_and(|due| due <= at);
        self.vpc_associations
            .retain(|association| !(is_due(association) && association.state == AssociationState::Disassociating));
        for association in self.vpc_associations.iter_mut().filter(|association| is_due(association)) {
            association.state = AssociationState::Associated;
            association.due = None;
        }
    }
}

#[derive(Serialize)]
pub(crate) struct AssociationResponse {
    state: AssociationState,
}

/// AssociateSecurityGroupVpc.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AssociateSecurityGroupVpc {
    group_id: String,
    vpc_id: String,
}

impl Action for AssociateSecurityGroupVpc {
    type Response = AssociationResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let group = cx.find::<SecurityGroup>(&self.group_id)?;
        let vpc = cx.find::<Vpc>(&self.vpc_id)?;
        let (id, vpc_id) = (group.id, vpc.id());
        let refuse = |message: String| Err(Refusal::invalid_parameter_value(message));
        if group.is_default() {
            return refuse(format!("The default security group {id} cannot be associated with other VPCs."));
        }
        let is_of_default_vpc = cx.region.get::<Vpc>(group.vpc_id).is_some_and(|vpc| vpc.is_default);
        if vpc.is_default || is_of_default_vpc {
            return refuse("Security group VPC associations are not supported for the default VPC.".to_owned());
        }
        if group.vpc_id == vpc_id {
            return refuse(format!("The security group {id} was created in VPC {vpc_id}."));
        }
        if group.vpc_associations.iter().any(|association| association.vpc_id == vpc_id) {
            return refuse(format!("The security group {id} is already associated with VPC {vpc_id}."));
        }
        let state = AssociationState::Associating;
        let due = Some(cx.end_of(Transition::GroupAssociation));
        cx.region.update(id, |group: &mut SecurityGroup| {
            group.vpc_associations.push(VpcAssociation { vpc_id, state, due });
        });
        Ok(AssociationResponse { state })
    }
}

/// DisassociateSecurityGroupVpc: refused while a network interface of the VPC has the group.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DisassociateSecurityGroupVpc {
    group_id: String,
    vpc_id: String,
}

impl Action for DisassociateSecurityGroupVpc {
    type Response = AssociationResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let group = cx.find::<SecurityGroup>(&self.group_id)?;
        let vpc = cx.find::<Vpc>(&self.vpc_id)?;
        let (id, vpc_id) = (group.id, vpc.id());
        if !group.vpc_associations.iter().any(|association| association.vpc_id == vpc_id) {
            let message = format!("The security group {id} is not associated with VPC {vpc_id}.");
            return Err(Refusal::invalid_parameter_value(message));
        }
        if cx.region.referrers::<NetworkInterface>(id).any(|interface| interface.vpc_id == vpc_id) {
            return Err(Refusal::new("DependencyViolation", format!("resource {id} has a dependent object")));
        }
        let state = AssociationState::Disassociating;
        let due = Some(cx.end_of(Transition::GroupAssociation));
        cx.region.update(id, |group: &mut SecurityGroup| {
            for association in group.vpc_associations.iter_mut().filter(|association| association.vpc_id == vpc_id) {
                (association.state, association.due) = (state, due);
            }
        });
        Ok(AssociationResponse { state })
    }
}

/// A group with one of its associations: what DescribeSecurityGroupVpcAssociations lists.
struct GroupAssociation {
    group_id: SecurityGroupId,
    association: VpcAssociation,
}

impl GroupAssociation {
    const FILTERS: FilterTable<Self> = &[
        ("group-id", |item, _| text(item.group_id)),
        ("group-owner-id", |_, cx| text(cx.account_id())),
        ("state", |item, _| text(item.association.state.name())),
        ("vpc-id", |item, _| text(item.association.vpc_id)),
        ("vpc-owner-id", |_, cx| text(cx.account_id())),
    ];

    fn key(&self) -> String {
        format!("{} {}", self.group_id, self.association.vpc_id)
    }
}

/// DescribeSecurityGroupVpcAssociations.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeSecurityGroupVpcAssociations {
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeSecurityGroupVpcAssociationsResponse {
    security_group_vpc_association_set: Items<AssociationItem>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AssociationItem {
    group_id: SecurityGroupId,
    vpc_id: VpcId,
    vpc_owner_id: String,
    state: AssociationState,
    group_owner_id: String,
}

impl Action for DescribeSecurityGroupVpcAssociations {
    type Response = DescribeSecurityGroupVpcAssociationsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let table = GroupAssociation::FILTERS;
        check_filters(&self.filters, table.iter().map(|(name, _)| *name))?;
        let mut found: Vec<GroupAssociation> = Vec::new();
        for group in cx.region.all::<SecurityGroup>() {
            let with_group = |association: &VpcAssociation| GroupAssociation {
                group_id: group.id,
                association: association.clone(),
            };
            found.extend(group.vpc_associations.iter().map(with_group));
        }
        found.retain(|item| passes_untagged(item, &self.filters, table, cx));
        found.sort_by_cached_key(GroupAssociation::key);
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (found, next_token) = paginate(cx, found, &page, GroupAssociation::key)?;
        let item = |found: GroupAssociation| AssociationItem {
            group_id: found.group_id,
            vpc_id: found.association.vpc_id,
            vpc_owner_id: cx.account_id().to_owned(),
            state: found.association.state,
            group_owner_id: cx.account_id().to_owned(),
        };
        let security_group_vpc_association_set = found.into_iter().map(item).collect();
        Ok(DescribeSecurityGroupVpcAssociationsResponse { security_group_vpc_association_set, next_token })
    }
}

/// GetSecurityGroupsForVpc.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct GetSecurityGroupsForVpc {
    vpc_id: String,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetSecurityGroupsForVpcResponse {
    next_token: Option<String>,
    security_group_for_vpc_set: Items<GroupForVpcItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupForVpcItem {
    description: String,
    group_name: String,
    owner_id: String,
    group_id: SecurityGroupId,
    tag_set: Items<TagItem>,
    primary_vpc_id: VpcId,
}

const FOR_VPC_FILTERS: FilterTable<SecurityGroup> = &[
    ("description", |group, _| text(&group.description)),
    ("group-id", |group, _| text(group.id)),
    ("group-name", |group, _| text(&group.name)),
    ("owner-id", |_, cx| text(cx.account_id())),
    ("primary-vpc-id", |group, _| text(group.vpc_id)),
];

impl Action for GetSecurityGroupsForVpc {
    type Response = GetSecurityGroupsForVpcResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, FOR_VPC_FILTERS.iter().map(|(name, _)| *name))?;
        let vpc = cx.find::<Vpc>(&self.vpc_id)?.id();
        let serving = cx.region.referrers::<SecurityGroup>(vpc).filter(|group| group.serves(vpc));
        let found = serving.filter(|group| passes(*group, &self.filters, FOR_VPC_FILTERS, cx)).collect();
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (found, next_token) = paginate(cx, found, &page, |group| group.id.to_string())?;
        let item = |group: &SecurityGroup| GroupForVpcItem {
            description: group.description.clone(),
            group_name: group.name.clone(),
            owner_id: cx.account_id().to_owned(),
            group_id: group.id,
            tag_set: tag_set(&group.tags),
            primary_vpc_id: group.vpc_id,
        };
        let security_group_for_vpc_set = found.into_iter().map(item).collect();
        Ok(GetSecurityGroupsForVpcResponse { next_token, security_group_for_vpc_set })
    }
}
