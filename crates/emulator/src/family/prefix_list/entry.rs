//! Entries in requests, and what EC2 checks of them.

use std::collections::BTreeSet;

use ipnet::IpNet;
use serde::Deserialize;

use super::{AddressFamily, Entry};
use crate::error::Refusal;

/// An entry to add.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct AddPrefixListEntry {
    cidr: String,
    description: Option<String>,
}

/// An entry to remove.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct RemovePrefixListEntry {
    cidr: String,
}

const MAX_PER_REQUEST: usize = 100;
pub(super) const MAX_TEXT_LENGTH: usize = 255;

/// # Errors
/// `InvalidParameterValue` for more entries than EC2 takes in one request.
pub(super) fn check_count(count: usize) -> Result<(), Refusal> {
    if count > MAX_PER_REQUEST {
        let message = format!("The number of entries per request cannot exceeds limit ({MAX_PER_REQUEST}).");
        return Err(Refusal::invalid_parameter_value(message));
    }
    Ok(())
}

/// A block of the family. Unlike rules, lists do not take one with host bits.
fn checked_cidr(text: &str, family: AddressFamily) -> Result<IpNet, Refusal> {
    let example = if family == AddressFamily::Ipv4 { "10.0.0.0/16" } else { "2001:db8::/32" };
    text.parse::<IpNet>()
        .ok()
        .filter(|block| AddressFamily::of(*block) == family && block.trunc() == *block)
        .ok_or_else(|| {
            Refusal::invalid_parameter_value(format!(
                "The specified CIDR ({text}) is not valid. For example, specify a CIDR in the following form: {example}."
            ))
        })
}

fn each_once(blocks: impl Iterator<Item = IpNet>) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for block in blocks {
        if !seen.insert(block) {
            let message = format!("Request cannot contain duplicate Cidr {block}");
            return Err(Refusal::invalid_parameter_value(message));
        }
    }
    Ok(())
}

/// The checked entries to add, each once.
pub(super) fn added(entries: &[AddPrefixListEntry], family: AddressFamily) -> Result<Vec<Entry>, Refusal> {
    let mut checked = Vec::with_capacity(entries.len());
    for AddPrefixListEntry { cidr, description } in entries {
        let cidr = checked_cidr(cidr, family)?;
        let description = description.clone().filter(|text| !text.is_empty());
        if description.as_ref().is_some_and(|text| text.chars().count() > MAX_TEXT_LENGTH) {
            return Err(Refusal::invalid_parameter_value(format!(
                "Value for parameter description is invalid. Length exceeds maximum of {MAX_TEXT_LENGTH}."
            )));
        }
        checked.push(Entry { cidr, description });
    }
    each_once(checked.iter().map(|entry| entry.cidr))?;
    Ok(checked)
}

/// The checked blocks to remove, each once.
pub(super) fn removed(entries: &[RemovePrefixListEntry], family: AddressFamily) -> Result<Vec<IpNet>, Refusal> {
    let checked = entries.iter().map(|entry| checked_cidr(&entry.cidr, family)).collect::<Result<Vec<_>, _>>()?;
    each_once(checked.iter().copied())?;
    Ok(checked)
}

/// # Errors
/// `PrefixListMaxEntriesExceeded` for more entries than the list can have.
pub(super) fn check_size(entries: usize, max_entries: u32) -> Result<(), Refusal> {
    if u32::try_from(entries).is_ok_and(|entries| entries <= max_entries) {
        return Ok(());
    }
    let message = "You've reached the maximum number of entries for the prefix list.".to_owned();
    Err(Refusal::new("PrefixListMaxEntriesExceeded", message))
}
