//! CreateManagedPrefixList and DeleteManagedPrefixList.

use serde::{Deserialize, Serialize};

use super::aws::RESERVED_PREFIX;
use super::change::{check_changeable, find_own};
use super::describe::ManagedPrefixListItem;
use super::entry::{AddPrefixListEntry, MAX_TEXT_LENGTH, added, check_count, check_size};
use super::{AddressFamily, Change, PrefixList, PrefixListState};
use crate::action::{Action, Context};
use crate::client_token::made_before;
use crate::clock::Transition;
use crate::error::Refusal;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::quota;

/// The answer of every action that changes a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PrefixListResponse {
    pub(super) prefix_list: ManagedPrefixListItem,
}

/// # Errors
/// `InvalidParameterValue` for a name that is too long, or kept for AWS.
pub(super) fn check_name(name: &str) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err(Refusal::missing_parameter("PrefixListName"));
    }
    if name.chars().count() > MAX_TEXT_LENGTH {
        return Err(Refusal::invalid_parameter_value(format!(
            "Value for parameter prefixListName is invalid. Length exceeds maximum of {MAX_TEXT_LENGTH}."
        )));
    }
    if name.starts_with(RESERVED_PREFIX) {
        return Err(Refusal::invalid_parameter_value(format!(
            "Value ({name}) for parameter prefixListName is invalid. The name cannot start with {RESERVED_PREFIX}."
        )));
    }
    Ok(())
}

/// The most entries that a list can be made for.
pub(super) fn checked_max_entries(size: i64) -> Result<u32, Refusal> {
    match u32::try_from(size) {
        Ok(size @ 1..=1_000) => Ok(size),
        _ => Err(Refusal::invalid_parameter_value("Must specify a max size between 1 and 1000")),
    }
}

/// CreateManagedPrefixList.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateManagedPrefixList {
    prefix_list_name: String,
    max_entries: i64,
    address_family: AddressFamily,
    #[serde(rename = "Entry", default)]
    entries: Vec<AddPrefixListEntry>,
    client_token: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

const NAME: &str = "CreateManagedPrefixList";

impl Action for CreateManagedPrefixList {
    type Response = PrefixListResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let token = self.client_token.as_deref();
        if let Some(list) = made_before::<PrefixList>(cx, NAME, token)? {
            return Ok(PrefixListResponse { prefix_list: ManagedPrefixListItem::new(list, cx) });
        }
        check_name(&self.prefix_list_name)?;
        let max_entries = checked_max_entries(self.max_entries)?;
        check_count(self.entries.len())?;
        let entries = added(&self.entries, self.address_family)?;
        check_size(entries.len(), max_entries)?;
        cx.check_quota(&quota::PREFIX_LISTS, |region| {
            region.all::<PrefixList>().filter(|list| !list.is_aws_managed).count() + 1
        })?;
        let list = PrefixList {
            id: cx.new_id(),
            name: self.prefix_list_name,
            address_family: self.address_family,
            is_aws_managed: false,
            max_entries,
            versions: vec![entries],
            state: PrefixListState::CreateInProgress,
            state_message: None,
            change: Some((cx.end_of(Transition::PrefixList), Change::Created)),
            tags: specified_tags(&self.tag_specifications, &["prefix-list"], "prefix-list")?,
        };
        cx.remember(NAME, token, vec![list.id.into()]);
        cx.region.put(list.clone());
        Ok(PrefixListResponse { prefix_list: ManagedPrefixListItem::new(&list, cx) })
    }
}

/// DeleteManagedPrefixList. EC2 finds out later whether something refers to the list: its state becomes `delete-failed` then.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteManagedPrefixList {
    prefix_list_id: String,
}

impl Action for DeleteManagedPrefixList {
    type Response = PrefixListResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let mut list = find_own(cx, &self.prefix_list_id)?.clone();
        check_changeable(&list)?;
        list.state = PrefixListState::DeleteInProgress;
        list.state_message = None;
        list.change = Some((cx.end_of(Transition::PrefixList), Change::Deleted));
        cx.region.put(list.clone());
        Ok(PrefixListResponse { prefix_list: ManagedPrefixListItem::new(&list, cx) })
    }
}
