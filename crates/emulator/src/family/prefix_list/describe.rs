//! DescribeManagedPrefixLists, DescribePrefixLists, GetManagedPrefixListEntries and GetManagedPrefixListAssociations.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::PrefixListId;

use super::{AddressFamily, PrefixList, PrefixListState, find, referrers};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, Query, paginate_within, select_within, text};
use crate::error::Refusal;
use crate::family::tag::{TagItem, tag_set};
use crate::wire::Items;

/// A list in an answer. Those of AWS have neither version nor size.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ManagedPrefixListItem {
    prefix_list_id: PrefixListId,
    address_family: AddressFamily,
    state: PrefixListState,
    state_message: Option<String>,
    prefix_list_arn: String,
    prefix_list_name: String,
    max_entries: Option<u32>,
    version: Option<usize>,
    tag_set: Items<TagItem>,
    owner_id: String,
}

impl PrefixList {
    fn owner_id(&self, cx: &Context<'_>) -> String {
        if self.is_aws_managed { "AWS".to_owned() } else { cx.account_id().to_owned() }
    }

    const FILTERS: FilterTable<Self> = &[
        ("owner-id", |list, cx| text(list.owner_id(cx))),
        ("prefix-list-id", |list, _| text(list.id)),
        ("prefix-list-name", |list, _| text(&list.name)),
    ];

    /// DescribePrefixLists does not know owners.
    const SERVICE_FILTERS: FilterTable<Self> =
        &[("prefix-list-id", |list, _| text(list.id)), ("prefix-list-name", |list, _| text(&list.name))];
}

impl ManagedPrefixListItem {
    pub(super) fn new(list: &PrefixList, cx: &Context<'_>) -> Self {
        let arn_owner = if list.is_aws_managed { "aws" } else { cx.account_id() };
        Self {
            prefix_list_id: list.id,
            address_family: list.address_family,
            state: list.state,
            state_message: list.state_message.clone(),
            prefix_list_arn: format!("arn:aws:ec2:{}:{arn_owner}:prefix-list/{}", cx.region_name, list.id),
            prefix_list_name: list.name.clone(),
            max_entries: (!list.is_aws_managed).then_some(list.max_entries),
            version: (!list.is_aws_managed).then(|| list.version()),
            tag_set: tag_set(&list.tags),
            owner_id: list.owner_id(cx),
        }
    }
}

/// DescribeManagedPrefixLists.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeManagedPrefixLists {
    #[serde(rename = "PrefixListId", default)]
    ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeManagedPrefixListsResponse {
    next_token: Option<String>,
    prefix_list_set: Items<ManagedPrefixListItem>,
}

impl Action for DescribeManagedPrefixLists {
    type Response = DescribeManagedPrefixListsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let query = Query {
            ids: &self.ids,
            filters: &self.filters,
            page: Page { max_results: self.max_results, next_token: self.next_token },
            ids_name: "PrefixListIds",
        };
        let (found, next_token) = select_within(cx, &query, PrefixList::FILTERS, 1..=100)?;
        let prefix_list_set = found.into_iter().map(|list| ManagedPrefixListItem::new(list, cx)).collect();
        Ok(DescribeManagedPrefixListsResponse { next_token, prefix_list_set })
    }
}

/// DescribePrefixLists: the services that gateway endpoints lead to, with their blocks.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribePrefixLists {
    #[serde(rename = "PrefixListId", default)]
    ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribePrefixListsResponse {
    next_token: Option<String>,
    prefix_list_set: Items<PrefixListItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PrefixListItem {
    prefix_list_id: PrefixListId,
    prefix_list_name: String,
    cidr_set: Items<String>,
}

impl PrefixListItem {
    fn new(list: &PrefixList) -> Self {
        Self {
            prefix_list_id: list.id,
            prefix_list_name: list.name.clone(),
            cidr_set: list.entries().iter().map(|entry| entry.cidr.to_string()).collect(),
        }
    }
}

impl Action for DescribePrefixLists {
    type Response = DescribePrefixListsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let query = Query {
            ids: &self.ids,
            filters: &self.filters,
            page: Page { max_results: self.max_results, next_token: self.next_token },
            ids_name: "PrefixListIds",
        };
        let (found, next_token) = select_within(cx, &query, PrefixList::SERVICE_FILTERS, 5..=1_000)?;
        let of_services = found.into_iter().filter(|list| list.is_aws_managed);
        Ok(DescribePrefixListsResponse { next_token, prefix_list_set: of_services.map(PrefixListItem::new).collect() })
    }
}

/// GetManagedPrefixListEntries: of the current version, or of an earlier one.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct GetManagedPrefixListEntries {
    prefix_list_id: String,
    target_version: Option<i64>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetManagedPrefixListEntriesResponse {
    entry_set: Items<EntryItem>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
struct EntryItem {
    cidr: String,
    description: Option<String>,
}

impl Action for GetManagedPrefixListEntries {
    type Response = GetManagedPrefixListEntriesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let list = find(cx, &self.prefix_list_id)?;
        let entries = match self.target_version {
            Some(version) => list.entries_of(version)?,
            None => list.entries(),
        };
        // A version never changes, so that a place in it is a good token.
        let places = entries.iter().enumerate().collect();
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (places, next_token) = paginate_within(cx, places, &page, 1..=100, |(place, _)| format!("{place:06}"))?;
        let item = |(_, entry): (usize, &super::Entry)| EntryItem {
            cidr: entry.cidr.to_string(),
            description: entry.description.clone(),
        };
        Ok(GetManagedPrefixListEntriesResponse { entry_set: places.into_iter().map(item).collect(), next_token })
    }
}

/// GetManagedPrefixListAssociations.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct GetManagedPrefixListAssociations {
    prefix_list_id: String,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetManagedPrefixListAssociationsResponse {
    prefix_list_association_set: Items<PrefixListAssociationItem>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PrefixListAssociationItem {
    resource_id: String,
    resource_owner: String,
}

impl Action for GetManagedPrefixListAssociations {
    type Response = GetManagedPrefixListAssociationsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let list = find(cx, &self.prefix_list_id)?;
        let mut resources: Vec<String> = referrers(&cx.region, list.id).iter().map(ToString::to_string).collect();
        resources.sort_unstable();
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (resources, next_token) = paginate_within(cx, resources, &page, 5..=255, String::clone)?;
        let item = |resource_id| PrefixListAssociationItem { resource_id, resource_owner: cx.account_id().to_owned() };
        let prefix_list_association_set = resources.into_iter().map(item).collect();
        Ok(GetManagedPrefixListAssociationsResponse { prefix_list_association_set, next_token })
    }
}
