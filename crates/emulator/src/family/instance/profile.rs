//! IAM instance profiles of instances: AssociateIamInstanceProfile, DisassociateIamInstanceProfile,
//! ReplaceIamInstanceProfileAssociation, DescribeIamInstanceProfileAssociations.
//!
//! There is no IAM here: every profile of the account that has a well-formed name is there, and its id follows from its name.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{InstanceId, InstanceProfileAssociationId};

use super::{Instance, InstanceState, find};
use crate::action::{Action, Context};
use crate::clock::Timestamp;
use crate::describe::{Filter, FilterTable, Page, check_filters, paginate, passes_untagged, text};
use crate::error::Refusal;
use crate::family::image::digits;
use crate::wire::Items;

/// A profile that an instance has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Association {
    pub(super) id: InstanceProfileAssociationId,
    pub(super) profile: InstanceProfile,
    since: Timestamp,
}

/// An instance profile of the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct InstanceProfile {
    pub(super) arn: String,
}

impl InstanceProfile {
    /// What follows the last slash of the ARN.
    pub(super) fn name(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }

    /// `AIPA` and 17 letters or digits, as IAM writes ids of instance profiles: the same for the same profile.
    pub(super) fn id(&self) -> String {
        const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits = digits(&["profile", &self.arn]) << 64 | digits(&[&self.arn]);
        let digit = |place: u32| char::from(DIGITS[usize::try_from((bits >> (5 * place)) % 32).unwrap_or_default()]);
        "AIPA".chars().chain((0..17).map(digit)).collect()
    }
}

/// A profile in a request: by its name or by its ARN.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct InstanceProfileSpecification {
    arn: Option<String>,
    name: Option<String>,
}

fn is_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    (1..=128).contains(&text.len()) && text.bytes().all(is_allowed)
}

impl InstanceProfileSpecification {
    /// # Errors
    /// `InvalidParameterValue` for what cannot be a profile of this account.
    pub(super) fn read(&self, cx: &Context<'_>) -> Result<Option<InstanceProfile>, Refusal> {
        let refuse = |value: &str, member: &str, what: &str| {
            Err(Refusal::invalid_parameter_value(format!(
                "Value ({value}) for parameter iamInstanceProfile.{member} is invalid. Invalid IAM Instance Profile \
                 {what}"
            )))
        };
        let prefix = format!("arn:aws:iam::{}:instance-profile/", cx.account_id());
        match (&self.arn, &self.name) {
            (Some(_), Some(_)) => Err(Refusal::invalid_parameter_combination(
                "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
            )),
            (Some(arn), None) => match arn.strip_prefix(&prefix) {
                Some(path) if path.rsplit('/').next().is_some_and(is_name) => {
                    Ok(Some(InstanceProfile { arn: arn.clone() }))
                }
                _ => refuse(arn, "arn", "ARN"),
            },
            (None, Some(name)) if is_name(name) => Ok(Some(InstanceProfile { arn: format!("{prefix}{name}") })),
            (None, Some(name)) => refuse(name, "name", "name"),
            (None, None) => Ok(None),
        }
    }

    fn required(&self, cx: &Context<'_>) -> Result<InstanceProfile, Refusal> {
        self.read(cx)?.ok_or_else(|| Refusal::missing_parameter("iamInstanceProfile.arn or iamInstanceProfile.name"))
    }
}

/// An association that is made now.
pub(super) fn associate(cx: &mut Context<'_>, profile: InstanceProfile) -> Association {
    Association { id: cx.new_id(), profile, since: cx.now }
}

/// A profile as an instance shows it.
#[derive(Serialize)]
pub(super) struct ProfileItem {
    arn: String,
    id: String,
}

impl ProfileItem {
    pub(super) fn new(profile: &InstanceProfile) -> Self {
        Self { arn: profile.arn.clone(), id: profile.id() }
    }
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AssociationItem {
    association_id: InstanceProfileAssociationId,
    instance_id: InstanceId,
    iam_instance_profile: ProfileItem,
    state: &'static str,
    timestamp: Option<String>,
}

/// Of instances that have a profile.
const FILTERS: FilterTable<Instance> =
    &[("instance-id", |instance, _| text(instance.id)), ("state", |_, _| text("associated"))];

impl AssociationItem {
    fn new(instance: InstanceId, association: &Association, state: &'static str) -> Self {
        Self {
            association_id: association.id,
            instance_id: instance,
            iam_instance_profile: ProfileItem::new(&association.profile),
            state,
            timestamp: Some(association.since.to_string()),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssociationResponse {
    iam_instance_profile_association: AssociationItem,
}

/// AssociateIamInstanceProfile: an instance has one profile.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AssociateIamInstanceProfile {
    iam_instance_profile: InstanceProfileSpecification,
    instance_id: String,
}

fn check_state(instance: &Instance) -> Result<(), Refusal> {
    if matches!(instance.state, InstanceState::Running | InstanceState::Stopped | InstanceState::Pending) {
        return Ok(());
    }
    let message = format!("The instance '{}' is not in the 'running' or 'stopped' states.", instance.id);
    Err(Refusal::new("IncorrectInstanceState", message))
}

impl Action for AssociateIamInstanceProfile {
    type Response = AssociationResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let profile = self.iam_instance_profile.required(cx)?;
        let instance = find(cx, &self.instance_id)?;
        check_state(instance)?;
        let id = instance.id;
        if instance.profile.is_some() {
            let message = format!("There is an existing association for instance {id}");
            return Err(Refusal::new("IncorrectState", message));
        }
        let association = associate(cx, profile);
        let item = AssociationItem::new(id, &association, "associating");
        cx.region.update(id, |instance: &mut Instance| instance.profile = Some(association));
        // The answer comes before there is a time to tell.
        let item = AssociationItem { timestamp: None, ..item };
        Ok(AssociationResponse { iam_instance_profile_association: item })
    }
}

fn by_association<'c>(cx: &'c Context<'_>, id: &str) -> Result<(&'c Instance, &'c Association), Refusal> {
    let unknown = || {
        let message = format!("An invalid association-id of '{id}' was given");
        Refusal::new("InvalidAssociationID.NotFound", message)
    };
    let parsed: InstanceProfileAssociationId = id.parse().map_err(|_| unknown())?;
    let instance = cx.region.by_alias::<Instance>(id).ok_or_else(unknown)?;
    let association = instance.profile.as_ref().filter(|association| association.id == parsed);
    association.map(|association| (instance, association)).ok_or_else(unknown)
}

/// DisassociateIamInstanceProfile.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DisassociateIamInstanceProfile {
    association_id: String,
}

impl Action for DisassociateIamInstanceProfile {
    type Response = AssociationResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let (instance, association) = by_association(cx, &self.association_id)?;
        let id = instance.id;
        let item = AssociationItem { timestamp: None, ..AssociationItem::new(id, association, "disassociating") };
        cx.region.update(id, |instance: &mut Instance| instance.profile = None);
        Ok(AssociationResponse { iam_instance_profile_association: item })
    }
}

/// ReplaceIamInstanceProfileAssociation: the instance gets another profile under a new association.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ReplaceIamInstanceProfileAssociation {
    iam_instance_profile: InstanceProfileSpecification,
    association_id: String,
}

impl Action for ReplaceIamInstanceProfileAssociation {
    type Response = AssociationResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let profile = self.iam_instance_profile.required(cx)?;
        let (instance, _) = by_association(cx, &self.association_id)?;
        check_state(instance)?;
        let id = instance.id;
        let association = associate(cx, profile);
        let item = AssociationItem { timestamp: None, ..AssociationItem::new(id, &association, "associating") };
        cx.region.update(id, |instance: &mut Instance| instance.profile = Some(association));
        Ok(AssociationResponse { iam_instance_profile_association: item })
    }
}

/// DescribeIamInstanceProfileAssociations.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeIamInstanceProfileAssociations {
    #[serde(rename = "AssociationId", default)]
    association_ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeIamInstanceProfileAssociationsResponse {
    iam_instance_profile_association_set: Items<AssociationItem>,
    next_token: Option<String>,
}

impl Action for DescribeIamInstanceProfileAssociations {
    type Response = DescribeIamInstanceProfileAssociationsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, FILTERS.iter().map(|(name, _)| *name))?;
        for id in &self.association_ids {
            by_association(cx, id)?;
        }
        let is_named = |association: &Association| {
            self.association_ids.is_empty() || self.association_ids.contains(&association.id.to_string())
        };
        let all = cx.region.all::<Instance>().filter_map(|instance| Some((instance, instance.profile.as_ref()?)));
        let mut found: Vec<(&Instance, &Association)> = all
            .filter(|(instance, association)| {
                is_named(association) && passes_untagged(*instance, &self.filters, FILTERS, cx)
            })
            .collect();
        found.sort_by_key(|(_, association)| association.id);
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (found, next_token) = paginate(cx, found, &page, |(_, association)| association.id.to_string())?;
        let items = found
            .into_iter()
            .map(|(instance, association)| AssociationItem::new(instance.id, association, "associated"));
        Ok(DescribeIamInstanceProfileAssociationsResponse {
            iam_instance_profile_association_set: items.collect(),
            next_token,
        })
    }
}
