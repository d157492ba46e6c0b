//! Launch templates and their versions as answers show them.
//!
//! The parameters of a version are kept as they were sent. Answers name them by a rule: the first letter is small, a list is a
//! `…Set` of items; `list_name` has the exceptions. Source: ResponseLaunchTemplateData in the EC2 API Reference.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_with::skip_serializing_none;
use vpcrun_model::LaunchTemplateId;

use super::overlay::items;
use super::{LaunchTemplate, Version, creator};
use crate::action::Context;
use crate::family::network_interface::Operator;
use crate::family::tag::{TagItem, tag_set_or_none};
use crate::wire::form::lower_first;
use crate::wire::{Items, Tree};

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TemplateItem {
    launch_template_id: LaunchTemplateId,
    launch_template_name: String,
    create_time: String,
    created_by: String,
    default_version_number: u64,
    latest_version_number: u64,
    tag_set: Option<Items<TagItem>>,
    operator: Operator,
}

impl TemplateItem {
    pub(super) fn new(template: &LaunchTemplate, cx: &Context<'_>) -> Self {
        Self {
            launch_template_id: template.id,
            launch_template_name: template.name.clone(),
            create_time: template.create_time.to_string(),
            created_by: creator(cx),
            default_version_number: template.default_version,
            latest_version_number: template.latest_there(),
            tag_set: tag_set_or_none(&template.tags),
            operator: Operator::NONE,
        }
    }
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VersionItem {
    launch_template_id: LaunchTemplateId,
    launch_template_name: String,
    version_number: u64,
    version_description: Option<String>,
    create_time: String,
    created_by: String,
    default_version: bool,
    launch_template_data: DataItem,
    operator: Operator,
}

impl VersionItem {
    pub(super) fn new(template: &LaunchTemplate, number: u64, version: &Version, cx: &Context<'_>) -> Self {
        Self {
            launch_template_id: template.id,
            launch_template_name: template.name.clone(),
            version_number: number,
            version_description: version.description.clone(),
            create_time: version.create_time.to_string(),
            created_by: creator(cx),
            default_version: number == template.default_version,
            launch_template_data: DataItem(version.data.clone()),
            operator: Operator::NONE,
        }
    }

    /// With another image in place of a public parameter.
    pub(super) fn with_image(mut self, id: String) -> Self {
        self.launch_template_data.0.put("ImageId", Tree::Leaf(id));
        self
    }
}

/// The parameters of a launch in an answer.
pub(super) struct DataItem(pub(super) Tree);

impl Serialize for DataItem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Members { tree: &self.0, within: "" }.serialize(serializer)
    }
}

/// A structure or a value, and the list that it is an item of.
struct Members<'t> {
    tree: &'t Tree,
    within: &'t str,
}

/// A list under its name in requests.
struct ListItems<'t> {
    list: &'t Tree,
    name: &'t str,
    item: &'static str,
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let children = match self.tree {
            Tree::Leaf(text) => return serializer.serialize_str(text),
            Tree::Branch(children) => children,
        };
        let mut map = serializer.serialize_map(None)?;
        for (name, child) in children {
            match child {
                Tree::Branch(below) if below.keys().all(|name| name.bytes().all(|byte| byte.is_ascii_digit())) => {
                    let (set, item) = list_name(self.within, name);
                    map.serialize_entry(&set, &ListItems { list: child, name, item })?;
                }
                child => map.serialize_entry(&lower_first(name), &Members { tree: child, within: name })?,
            }
        }
        map.end()
    }
}

impl Serialize for ListItems<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let member = |tree| Members { tree, within: self.name };
        let members: Vec<Members<'_>> = items(self.list).into_iter().map(member).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(self.item, &members)?;
        map.end()
    }
}

/// The name of a list in an answer, and of its items.
fn list_name(within: &str, name: &str) -> (String, &'static str) {
    match (within, name) {
        ("NetworkInterface", "SecurityGroupId") => ("groupSet".to_owned(), "groupId"),
        ("SecondaryInterface", "PrivateIpAddress") => ("privateIpAddressesSet".to_owned(), "item"),
        (_, "LicenseSpecification") => ("licenseSet".to_owned(), "item"),
        (_, other) => (format!("{}Set", lower_first(other)), "item"),
    }
}
