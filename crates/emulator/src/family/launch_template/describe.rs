//! DescribeLaunchTemplates, DescribeLaunchTemplateVersions, GetLaunchTemplateData.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::LaunchTemplateId;

use super::answer::{DataItem, TemplateItem, VersionItem};
use super::create::version_item;
use super::overlay::items;
use super::{LaunchTemplate, Version, by_id, by_name, find, parse_version};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, check_filters, flag, paginate_within, passes, passes_untagged, text};
use crate::error::Refusal;
use crate::family::instance;
use crate::state::Resource;
use crate::wire::{Items, Tree};

const PAGE_SIZES: RangeInclusive<usize> = 1..=200;

impl LaunchTemplate {
    const FILTERS: FilterTable<Self> = &[
        ("create-time", |template, _| text(template.create_time)),
        ("launch-template-name", |template, _| text(&template.name)),
    ];
}

/// DescribeLaunchTemplates.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeLaunchTemplates {
    #[serde(rename = "LaunchTemplateId", default)]
    ids: Vec<String>,
    #[serde(rename = "LaunchTemplateName", default)]
    names: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    #[serde(rename = "IncludeManagedResources")]
    _include_managed_resources: Option<bool>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeLaunchTemplatesResponse {
    launch_templates: Items<TemplateItem>,
    next_token: Option<String>,
}

impl Action for DescribeLaunchTemplates {
    type Response = DescribeLaunchTemplatesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, LaunchTemplate::FILTERS.iter().map(|(name, _)| *name))?;
        let mut found: Vec<&LaunchTemplate> = if self.ids.is_empty() && self.names.is_empty() {
            cx.region.all().collect()
        } else {
            let by_ids = self.ids.iter().map(|id| by_id(cx, id));
            // A list of names is refused in other words than a single one.
            let missing = |refusal: Refusal| Refusal {
                message: "At least one of the launch templates specified in the request does not exist.".to_owned(),
                ..refusal
            };
            let by_names = self.names.iter().map(|name| by_name(cx, name).map_err(missing));
            by_ids.chain(by_names).collect::<Result<_, _>>()?
        };
        found.sort_by_key(|template| template.id);
        found.dedup_by_key(|template| template.id);
        found.retain(|template| passes(*template, &self.filters, LaunchTemplate::FILTERS, cx));
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (found, next_token) = paginate_within(cx, found, &page, PAGE_SIZES, |template| template.id().to_string())?;
        let items = found.into_iter().map(|template| TemplateItem::new(template, cx));
        Ok(DescribeLaunchTemplatesResponse { launch_templates: items.collect(), next_token })
    }
}

/// A version with its template and number.
struct Numbered {
    template: LaunchTemplateId,
    is_default: bool,
    number: u64,
    version: Version,
}

impl Numbered {
    /// The text at a path of the parameters.
    fn at(&self, path: &[&str]) -> Vec<String> {
        let found = path.iter().try_fold(&self.version.data, |tree, name| tree.get(name));
        match found {
            Some(Tree::Leaf(value)) => text(value),
            _ => Vec::new(),
        }
    }

    /// The texts of a member of each item of a list.
    fn of_items(&self, list: &str, member: &str) -> Vec<String> {
        let items = self.version.data.get(list).map(items).unwrap_or_default();
        let value = |item: &Tree| match item.get(member) {
            Some(Tree::Leaf(value)) => Some(value.clone()),
            _ => None,
        };
        items.into_iter().filter_map(value).collect()
    }

    const FILTERS: FilterTable<Self> = &[
        ("create-time", |this, _| text(this.version.create_time)),
        ("ebs-optimized", |this, _| this.at(&["EbsOptimized"])),
        ("host-resource-group-arn", |this, _| this.at(&["Placement", "HostResourceGroupArn"])),
        ("http-endpoint", |this, _| this.at(&["MetadataOptions", "HttpEndpoint"])),
        ("http-protocol-ipv4", |this, _| this.at(&["MetadataOptions", "HttpEndpoint"])),
        ("http-tokens", |this, _| this.at(&["MetadataOptions", "HttpTokens"])),
        ("iam-instance-profile", |this, _| this.at(&["IamInstanceProfile", "Arn"])),
        ("image-id", |this, _| this.at(&["ImageId"])),
        ("instance-type", |this, _| this.at(&["InstanceType"])),
        ("is-default-version", |this, _| flag(this.is_default)),
        ("kernel-id", |this, _| this.at(&["KernelId"])),
        ("license-configuration-arn", |this, _| this.of_items("LicenseSpecification", "LicenseConfigurationArn")),
        ("network-card-index", |this, _| this.of_items("NetworkInterface", "NetworkCardIndex")),
        ("ram-disk-id", |this, _| this.at(&["RamDiskId"])),
    ];

    /// Versions of a template come with the latest first.
    fn sort_key(&self) -> String {
        format!("{} {:020}", self.template, u64::MAX - self.number)
    }
}

/// DescribeLaunchTemplateVersions: of one template, or the latest or default ones of all.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeLaunchTemplateVersions {
    launch_template_id: Option<String>,
    launch_template_name: Option<String>,
    #[serde(rename = "LaunchTemplateVersion", default)]
    versions: Vec<String>,
    min_version: Option<String>,
    max_version: Option<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    #[serde(default)]
    resolve_alias: bool,
    #[serde(rename = "IncludeManagedResources")]
    _include_managed_resources: Option<bool>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeLaunchTemplateVersionsResponse {
    launch_template_version_set: Items<VersionItem>,
    next_token: Option<String>,
}

impl DescribeLaunchTemplateVersions {
    /// The numbers of the wanted versions of a template.
    fn numbers(&self, template: &LaunchTemplate) -> Result<Vec<u64>, Refusal> {
        if !self.versions.is_empty() {
            if self.min_version.is_some() || self.max_version.is_some() {
                return Err(Refusal::invalid_parameter_combination(
                    "The parameter Versions cannot be used with the parameters MinVersion and MaxVersion",
                ));
            }
            let mut numbers =
                self.versions.iter().map(|wanted| template.number(wanted)).collect::<Result<Vec<_>, _>>()?;
            numbers.sort_unstable();
            numbers.dedup();
            numbers.iter().try_for_each(|number| template.version(*number).map(drop))?;
            return Ok(numbers);
        }
        let bound = |text: &Option<String>| text.as_deref().map(parse_version).transpose();
        let (min, max) = (bound(&self.min_version)?.unwrap_or(0), bound(&self.max_version)?.unwrap_or(u64::MAX));
        Ok(template.versions.keys().copied().filter(|number| (min..=max).contains(number)).collect())
    }

    fn found(&self, cx: &Context<'_>) -> Result<Vec<Numbered>, Refusal> {
        let templates: Vec<&LaunchTemplate> = match (&self.launch_template_id, &self.launch_template_name) {
            (None, None) => {
                let is_word = |version: &String| version == "$Latest" || version == "$Default";
                if self.versions.is_empty() || !self.versions.iter().all(is_word) {
                    return Err(Refusal::new(
                        "MissingParameter",
                        "The request must contain the parameter LaunchTemplateId or LaunchTemplateName".to_owned(),
                    ));
                }
                cx.region.all().collect()
            }
            (id, name) => vec![find(cx, id.as_deref(), name.as_deref())?],
        };
        let mut found = Vec::new();
        for template in templates {
            for number in self.numbers(template)? {
                let version = template.version(number)?.clone();
                let is_default = number == template.default_version;
                found.push(Numbered { template: template.id, is_default, number, version });
            }
        }
        Ok(found)
    }
}

impl Action for DescribeLaunchTemplateVersions {
    type Response = DescribeLaunchTemplateVersionsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, Numbered::FILTERS.iter().map(|(name, _)| *name))?;
        let mut found = self.found(cx)?;
        found.retain(|this| passes_untagged(this, &self.filters, Numbered::FILTERS, cx));
        found.sort_by_cached_key(Numbered::sort_key);
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (found, next_token) = paginate_within(cx, found, &page, PAGE_SIZES, Numbered::sort_key)?;
        let items = found.into_iter().map(|this| {
            let template = by_id(cx, &this.template.to_string())?;
            version_item(template, this.number, self.resolve_alias, cx)
        });
        Ok(DescribeLaunchTemplateVersionsResponse {
            launch_template_version_set: items.collect::<Result<Vec<_>, _>>()?.into(),
            next_token,
        })
    }
}

/// GetLaunchTemplateData: what a template would hold to launch the like of an instance.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct GetLaunchTemplateData {
    instance_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetLaunchTemplateDataResponse {
    launch_template_data: DataItem,
}

impl Action for GetLaunchTemplateData {
    type Response = GetLaunchTemplateDataResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let data = instance::find(cx, &self.instance_id)?.as_template(cx)?;
        Ok(GetLaunchTemplateDataResponse { launch_template_data: DataItem(data) })
    }
}
