//! ModifyManagedPrefixList and RestoreManagedPrefixListVersion. The new version is there when the state is complete.

use serde::Deserialize;

use super::create::{PrefixListResponse, check_name, checked_max_entries};
use super::describe::ManagedPrefixListItem;
use super::entry::{AddPrefixListEntry, RemovePrefixListEntry, added, check_count, check_size, removed};
use super::{Change, Entry, PrefixList, PrefixListState, find};
use crate::action::{Action, Context};
use crate::clock::Transition;
use crate::error::Refusal;

/// The customer's list of this id.
///
/// # Errors
/// A malformed or unknown id, or `UnauthorizedOperation` for a list of AWS.
pub(super) fn find_own<'c>(cx: &'c Context<'_>, id: &str) -> Result<&'c PrefixList, Refusal> {
    let list = find(cx, id)?;
    list.check_own().map(|()| list)
}

/// # Errors
/// `IncorrectState` while an earlier change goes on.
pub(super) fn check_changeable(list: &PrefixList) -> Result<(), Refusal> {
    if list.change.is_none() {
        return Ok(());
    }
    let message = format!(
        "The request cannot be completed while the prefix list ({}) is in the current state ({}).",
        list.id,
        list.state.name()
    );
    Err(Refusal::new("IncorrectState", message))
}

/// # Errors
/// `PrefixListVersionMismatch` unless it is the list's current version.
fn check_version(list: &PrefixList, version: i64) -> Result<(), Refusal> {
    if usize::try_from(version) == Ok(list.version()) {
        return Ok(());
    }
    let message = "The prefix list has the incorrect version number.".to_owned();
    Err(Refusal::new("PrefixListVersionMismatch", message))
}

/// ModifyManagedPrefixList: entries, or the size; the name with either or by itself.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyManagedPrefixList {
    prefix_list_id: String,
    current_version: Option<i64>,
    prefix_list_name: Option<String>,
    #[serde(rename = "AddEntry", default)]
    add: Vec<AddPrefixListEntry>,
    #[serde(rename = "RemoveEntry", default)]
    remove: Vec<RemovePrefixListEntry>,
    max_entries: Option<i64>,
    ipam_prefix_list_resolver_sync_enabled: Option<bool>,
}

impl ModifyManagedPrefixList {
    fn changes_entries(&self) -> bool {
        !self.add.is_empty() || !self.remove.is_empty()
    }

    /// What EC2 sees in the request alone.
    fn check_parameters(&self) -> Result<(), Refusal> {
        if self.ipam_prefix_list_resolver_sync_enabled == Some(true) {
            let message = "The prefix list is not associated with an IPAM prefix list resolver.".to_owned();
            return Err(Refusal::new("UnsupportedOperation", message));
        }
        if self.changes_entries() && self.max_entries.is_some() {
            return Err(Refusal::invalid_parameter_combination(
                "You cannot modify the entries and the maximum entries for the prefix list in the same request.",
            ));
        }
        if !self.changes_entries() && self.max_entries.is_none() && self.prefix_list_name.is_none() {
            return Err(Refusal::new("InvalidRequest", "The request received was invalid.".to_owned()));
        }
        if self.changes_entries() && self.current_version.is_none() {
            return Err(Refusal::missing_parameter("CurrentVersion"));
        }
        self.prefix_list_name.as_deref().map_or(Ok(()), check_name)?;
        check_count(self.add.len())?;
        check_count(self.remove.len())
    }

    /// The entries of the next version.
    fn entries(&self, list: &PrefixList) -> Result<Vec<Entry>, Refusal> {
        let (add, remove) = (added(&self.add, list.address_family)?, removed(&self.remove, list.address_family)?);
        if let Some(both) = add.iter().find(|entry| remove.contains(&entry.cidr)) {
            return Err(Refusal::invalid_parameter_value(format!(
                "Request cannot contain Cidr {} in both AddPrefixListEntries and RemovePrefixListEntries",
                both.cidr
            )));
        }
        let mut entries = list.entries().to_vec();
        for block in remove {
            let before = entries.len();
            entries.retain(|entry| entry.cidr != block);
            if entries.len() == before {
                let message = format!("The prefix list ({}) does not contain the Cidr {block}.", list.id);
                return Err(Refusal::new("InvalidPrefixListModification", message));
            }
        }
        if add.iter().any(|new| entries.iter().any(|old| old.cidr == new.cidr)) {
            return Err(Refusal::new("InvalidRequest", "The request received was invalid.".to_owned()));
        }
        entries.extend(add);
        check_size(entries.len(), list.max_entries)?;
        Ok(entries)
    }
}

impl Action for ModifyManagedPrefixList {
    type Response = PrefixListResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let mut list = find_own(cx, &self.prefix_list_id)?.clone();
        self.check_parameters()?;
        check_changeable(&list)?;
        if let Some(version) = self.current_version {
            check_version(&list, version)?;
        }
        let change = match self.max_entries {
            Some(size) => {
                let size = checked_max_entries(size)?;
                check_size(list.entries().len(), size)?;
                Some(Change::Resized(size))
            }
            None if self.changes_entries() => Some(Change::NewVersion(self.entries(&list)?)),
            None => None,
        };
        list.state_message = None;
        list.state = if change.is_some() { PrefixListState::ModifyInProgress } else { PrefixListState::ModifyComplete };
        list.change = change.map(|change| (cx.end_of(Transition::PrefixList), change));
        if let Some(name) = self.prefix_list_name {
            list.name = name;
        }
        cx.region.put(list.clone());
        Ok(PrefixListResponse { prefix_list: ManagedPrefixListItem::new(&list, cx) })
    }
}

/// RestoreManagedPrefixListVersion: an earlier version's entries become a new version.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct RestoreManagedPrefixListVersion {
    prefix_list_id: String,
    previous_version: i64,
    current_version: i64,
}

impl Action for RestoreManagedPrefixListVersion {
    type Response = PrefixListResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let mut list = find_own(cx, &self.prefix_list_id)?.clone();
        check_changeable(&list)?;
        check_version(&list, self.current_version)?;
        let entries = list.entries_of(self.previous_version)?.to_vec();
        check_size(entries.len(), list.max_entries)?;
        list.state = PrefixListState::RestoreInProgress;
        list.state_message = None;
        list.change = Some((cx.end_of(Transition::PrefixList), Change::Restored(entries)));
        cx.region.put(list.clone());
        Ok(PrefixListResponse { prefix_list: ManagedPrefixListItem::new(&list, cx) })
    }
}

impl PrefixList {
    /// # Errors
    /// `UnauthorizedOperation` for a list of AWS.
    pub(crate) fn check_own(&self) -> Result<(), Refusal> {
        if self.is_aws_managed {
            let message = "You are not authorized to perform this operation.".to_owned();
            return Err(Refusal { status: 403, ..Refusal::new("UnauthorizedOperation", message) });
        }
        Ok(())
    }

    /// The entries of a version.
    ///
    /// # Errors
    /// `InvalidParameterValue` for a version that the list does not have.
    pub(super) fn entries_of(&self, version: i64) -> Result<&[Entry], Refusal> {
        let index = usize::try_from(version).ok().and_then(|version| version.checked_sub(1));
        index.and_then(|index| self.versions.get(index)).map(Vec::as_slice).ok_or_else(|| {
            let message = format!("The specified value for version ({version}) is not valid for the prefix list.");
            Refusal::invalid_parameter_value(message)
        })
    }
}
