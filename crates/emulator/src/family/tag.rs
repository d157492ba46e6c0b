//! Tags: on creation by TagSpecifications, later by CreateTags and DeleteTags.
//!
//! Source: "Tag your Amazon EC2 resources" in the EC2 User Guide, CreateTags, DeleteTags, DescribeTags.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::ResourceId;

use crate::action::{Action, Context, actions};
use crate::describe::{Filter, Page, any_matches, check_filters, paginate};
use crate::error::{Refusal, unknown_resource};
use crate::state::{Record, Tags, wording};
use crate::wire::{Items, Reply};

actions![CreateTags, DeleteTags, DescribeTags];

const MAX_TAGS: usize = 50;
const MAX_KEY_LENGTH: usize = 127;
const MAX_VALUE_LENGTH: usize = 256;

/// A tag in a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct TagParameter {
    key: String,
    value: Option<String>,
}

/// Tags to put on a resource as it is created.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct TagSpecification {
    resource_type: Option<String>,
    #[serde(rename = "Tag", default)]
    tags: Vec<TagParameter>,
}

/// A tag in an answer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TagItem {
    key: String,
    value: String,
}

/// The `tagSet` of an answer.
pub(crate) fn tag_set(tags: &Tags) -> Items<TagItem> {
    tags.iter().map(|(key, value)| TagItem { key: key.clone(), value: value.clone() }).collect()
}

/// The `tagSet` of an answer that leaves it out when it is empty.
pub(crate) fn tag_set_or_none(tags: &Tags) -> Option<Items<TagItem>> {
    (!tags.is_empty()).then(|| tag_set(tags))
}

/// The tags for a new resource of type `wanted`, out of all that the request specifies. `taggable` lists the resource types
/// that the action can tag.
///
/// # Errors
/// A resource type that the action does not create, or a tag that EC2 refuses.
pub(crate) fn specified_tags(
    specifications: &[TagSpecification],
    taggable: &[&str],
    wanted: &str,
) -> Result<Tags, Refusal> {
    let mut tags = Tags::new();
    for specification in specifications {
        let resource_type = specification.resource_type.as_deref().unwrap_or_default();
        if !taggable.contains(&resource_type) {
            return Err(Refusal::invalid_parameter_value(format!(
                "'{resource_type}' is not a valid taggable resource type for this operation."
            )));
        }
        let checked = check_tags(&specification.tags)?;
        if resource_type == wanted {
            add_tags(&mut tags, checked)?;
        }
    }
    Ok(tags)
}

fn check_tags(parameters: &[TagParameter]) -> Result<Tags, Refusal> {
    let mut tags = BTreeMap::new();
    for TagParameter { key, value } in parameters {
        let value = value.clone().unwrap_or_default();
        if key.is_empty() || key.chars().count() > MAX_KEY_LENGTH {
            let message = format!("Tag key exceeds the maximum length of {MAX_KEY_LENGTH} characters");
            let message = if key.is_empty() { "Tag key cannot be null or empty".to_owned() } else { message };
            return Err(Refusal::invalid_parameter_value(message));
        }
        if value.chars().count() > MAX_VALUE_LENGTH {
            let message = format!("Tag value exceeds the maximum length of {MAX_VALUE_LENGTH} characters");
            return Err(Refusal::invalid_parameter_value(message));
        }
        if key.starts_with("aws:") {
            let message = "Tag keys starting with 'aws:' are reserved for internal use";
            return Err(Refusal::invalid_parameter_value(message));
        }
        if tags.insert(key.clone(), value).is_some() {
            return Err(Refusal::invalid_parameter_value(format!("Duplicate tag key '{key}' specified.")));
        }
    }
    Ok(tags)
}

fn add_tags(tags: &mut Tags, more: Tags) -> Result<(), Refusal> {
    tags.extend(more);
    if tags.keys().filter(|key| !key.starts_with("aws:")).count() > MAX_TAGS {
        let message = format!("The resultant tag set must not have more than {MAX_TAGS} user tags.");
        return Err(Refusal::new("TagLimitExceeded", message));
    }
    Ok(())
}

/// The resources that a tagging request names; all have to exist.
fn resources(cx: &Context<'_>, ids: &[String]) -> Result<Vec<ResourceId>, Refusal> {
    if ids.is_empty() {
        return Err(Refusal::missing_parameter("resourceIdSet"));
    }
    let find = |text: &String| {
        let invalid = || Refusal::new("InvalidID", format!("The ID '{text}' is not valid"));
        let id: ResourceId = text.parse().map_err(|_| invalid())?;
        match cx.region.record(id) {
            Some(Record::PrefixList(list)) => list.check_own().map(|()| id),
            Some(_) => Ok(id),
            None => Err(unknown_resource(id, wording(id))),
        }
    };
    ids.iter().map(find).collect()
}

/// CreateTags: adds tags or overwrites their values.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateTags {
    #[serde(rename = "ResourceId", default)]
    resources: Vec<String>,
    #[serde(rename = "Tag", default)]
    tags: Vec<TagParameter>,
}

impl Action for CreateTags {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        if self.tags.is_empty() && !self.resources.is_empty() {
            return Err(Refusal::missing_parameter("tagSet"));
        }
        let ids = resources(cx, &self.resources)?;
        let tags = check_tags(&self.tags)?;
        for id in ids {
            let mut outcome = Ok(());
            cx.region.update_tags(id, |old| outcome = add_tags(old, tags.clone()));
            outcome?;
        }
        Ok(Reply::TRUE)
    }
}

/// DeleteTags: by key, by key and value, or all of a resource's tags where none is named.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteTags {
    #[serde(rename = "ResourceId", default)]
    resources: Vec<String>,
    #[serde(rename = "Tag", default)]
    tags: Vec<TagParameter>,
}

impl Action for DeleteTags {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        for id in resources(cx, &self.resources)? {
            cx.region.update_tags(id, |tags| {
                if self.tags.is_empty() {
                    tags.retain(|key, _| key.starts_with("aws:"));
                }
                for TagParameter { key, value } in &self.tags {
                    if value.is_none() || tags.get(key) == value.as_ref() {
                        tags.remove(key);
                    }
                }
            });
        }
        Ok(Reply::TRUE)
    }
}

/// DescribeTags: a row for each tag of each resource.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeTags {
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeTagsResponse {
    tag_set: Items<TagDescription>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TagDescription {
    resource_id: String,
    resource_type: &'static str,
    key: String,
    value: String,
}

impl Action for DescribeTags {
    type Response = DescribeTagsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<DescribeTagsResponse, Refusal> {
        check_filters(&self.filters, ["key", "resource-id", "resource-type", "value"].into_iter())?;
        let mut rows = Vec::new();
        for (id, record) in cx.region.records() {
            for (key, value) in record.tags() {
                let row = TagDescription {
                    resource_id: id.to_string(),
                    resource_type: record.tag_type(),
                    key: key.clone(),
                    value: value.clone(),
                };
                if self.filters.iter().all(|filter| row.passes(filter)) {
                    rows.push(row);
                }
            }
        }
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        rows.sort_by_cached_key(TagDescription::sort_key);
        let (rows, next_token) = paginate(cx, rows, &page, TagDescription::sort_key)?;
        Ok(DescribeTagsResponse { tag_set: rows.into(), next_token })
    }
}

impl TagDescription {
    fn sort_key(&self) -> String {
        format!("{} {}", self.resource_id, self.key)
    }

    fn passes(&self, filter: &Filter) -> bool {
        let value = match filter.name.as_str() {
            "key" | "tag-key" => &self.key,
            "resource-id" => &self.resource_id,
            "resource-type" => self.resource_type,
            "value" => &self.value,
            tag => {
                return tag.strip_prefix("tag:") == Some(&self.key)
                    && any_matches(&filter.values, std::slice::from_ref(&self.value));
            }
        };
        any_matches(&filter.values, &[value.to_owned()])
    }
}
