//! DHCP options: the set that AWS gives each region, as DescribeDhcpOptions shows it.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::DhcpOptionsId;

use crate::action::{Action, Context, actions};
use crate::describe::{Filter, FilterTable, Page, Query, select, text};
use crate::error::{IdWording, Refusal};
use crate::family::tag::{TagItem, tag_set};
use crate::state::{Tags, resource};
use crate::wire::Items;

actions![DescribeDhcpOptions];

/// A set of DHCP options: keys, each with its values in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DhcpOptions {
    id: DhcpOptionsId,
    configurations: Vec<(String, Vec<String>)>,
    tags: Tags,
}

resource!(
    DhcpOptions as DhcpOptions,
    DhcpOptionsId,
    "dhcp-options",
    IdWording {
        noun: "dhcpOptions",
        not_found: "InvalidDhcpOptionID.NotFound",
        malformed: "InvalidDhcpOptionsId.Malformed",
    }
);

impl DhcpOptions {
    /// The set that every region has from the start. us-east-1 has a domain name of its own.
    /// Source: "DHCP option sets" in the Amazon VPC User Guide.
    pub(crate) fn default_for(id: DhcpOptionsId, region: &str) -> Self {
        let domain = match region {
            "us-east-1" => "ec2.internal".to_owned(),
            region => format!("{region}.compute.internal"),
        };
        let configurations = vec![
            ("domain-name".to_owned(), vec![domain]),
            ("domain-name-servers".to_owned(), vec!["AmazonProvidedDNS".to_owned()]),
        ];
        Self { id, configurations, tags: Tags::new() }
    }

    const FILTERS: FilterTable<Self> = &[
        ("dhcp-options-id", |options, _| text(options.id)),
        ("key", |options, _| options.configurations.iter().map(|(key, _)| key.clone()).collect()),
        ("owner-id", |_, cx| text(cx.account_id())),
        ("value", |options, _| options.configurations.iter().flat_map(|(_, values)| values.clone()).collect()),
    ];
}

/// DescribeDhcpOptions.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeDhcpOptions {
    #[serde(rename = "DhcpOptionsId", default)]
    dhcp_options_ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeDhcpOptionsResponse {
    dhcp_options_set: Items<DhcpOptionsItem>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DhcpOptionsItem {
    dhcp_options_id: DhcpOptionsId,
    owner_id: String,
    dhcp_configuration_set: Items<Configuration>,
    tag_set: Items<TagItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Configuration {
    key: String,
    value_set: Items<Value>,
}

#[derive(Serialize)]
struct Value {
    value: String,
}

impl DhcpOptionsItem {
    fn new(options: &DhcpOptions, cx: &Context<'_>) -> Self {
        let configuration = |(key, values): &(String, Vec<String>)| Configuration {
            key: key.clone(),
            value_set: values.iter().map(|value| Value { value: value.clone() }).collect(),
        };
        Self {
            dhcp_options_id: options.id,
            owner_id: cx.account_id().to_owned(),
            dhcp_configuration_set: options.configurations.iter().map(configuration).collect(),
            tag_set: tag_set(&options.tags),
        }
    }
}

impl Action for DescribeDhcpOptions {
    type Response = DescribeDhcpOptionsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let query = Query {
            ids: &self.dhcp_options_ids,
            filters: &self.filters,
            page: Page { max_results: self.max_results, next_token: self.next_token },
            ids_name: "DhcpOptionsIds",
        };
        let (found, next_token) = select(cx, &query, DhcpOptions::FILTERS)?;
        let items = found.into_iter().map(|options| DhcpOptionsItem::new(options, cx));
        Ok(DescribeDhcpOptionsResponse { dhcp_options_set: items.collect(), next_token })
    }
}
