//! DHCP options: sets of options, of which each VPC has one, or none.
//!
//! Sources: CreateDhcpOptions, AssociateDhcpOptions, DeleteDhcpOptions, DescribeDhcpOptions; "DHCP option sets" in the Amazon
//! VPC User Guide; and answers recorded on AWS.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};
use vpcrun_model::DhcpOptionsId;

use crate::action::{Action, Context, actions};
use crate::describe::{FilterTable, describe, text};
use crate::error::{IdWording, Refusal};
use crate::family::tag::{TagItem, TagSpecification, specified_tags, tag_set};
use crate::family::vpc::Vpc;
use crate::state::{Tags, resource};
use crate::wire::{Items, Reply};

actions![AssociateDhcpOptions, CreateDhcpOptions, DeleteDhcpOptions, DescribeDhcpOptions];

/// A set of DHCP options: keys, each with its values in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DhcpOptions {
    id: DhcpOptionsId,
    configurations: Vec<(String, Vec<String>)>,
    /// Whether new VPCs get it. Worlds that do not say so hold no other.
    #[serde(default = "yes")]
    is_default: bool,
    tags: Tags,
}

const fn yes() -> bool {
    true
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
    fn default_for(id: DhcpOptionsId, region: &str) -> Self {
        let domain = match region {
            "us-east-1" => "ec2.internal".to_owned(),
            region => format!("{region}.compute.internal"),
        };
        let configurations = vec![
            ("domain-name".to_owned(), vec![domain]),
            ("domain-name-servers".to_owned(), vec![AMAZON_DNS.to_owned()]),
        ];
        Self { id, configurations, is_default: true, tags: Tags::new() }
    }

    const FILTERS: FilterTable<Self> = &[
        ("dhcp-options-id", |options, _| text(options.id)),
        ("key", |options, _| options.configurations.iter().map(|(key, _)| key.clone()).collect()),
        ("owner-id", |_, cx| text(cx.account_id())),
        ("value", |options, _| options.configurations.iter().flat_map(|(_, values)| values.clone()).collect()),
    ];
}

const AMAZON_DNS: &str = "AmazonProvidedDNS";

/// The set that a new VPC gets. It is made with the first VPC, and again where it was deleted.
pub(crate) fn default_of(cx: &mut Context<'_>) -> DhcpOptionsId {
    let existing = cx.region.all::<DhcpOptions>().find(|options| options.is_default).map(|options| options.id);
    existing.unwrap_or_else(|| {
        let id = cx.new_id();
        cx.region.put(DhcpOptions::default_for(id, cx.region_name));
        id
    })
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

describe!(
    /// DescribeDhcpOptions.
    DescribeDhcpOptions, "DhcpOptionsId" of DhcpOptions,
    dhcp_options_set: DhcpOptionsItem, DhcpOptionsItem::new
);

/// CreateDhcpOptions.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateDhcpOptions {
    #[serde(rename = "DhcpConfiguration", default)]
    configurations: Vec<NewConfiguration>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct NewConfiguration {
    key: Option<String>,
    #[serde(rename = "Value", default)]
    values: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateDhcpOptionsResponse {
    dhcp_options: DhcpOptionsItem,
}

/// How many servers of a kind a set can name.
const MAX_SERVERS: usize = 4;
/// The least and the largest number of seconds of a lease.
const LEASE_SECONDS: std::ops::RangeInclusive<u64> = 140..=2_147_483_647;

fn are_servers<A>(values: &[String], family: fn(&A) -> bool) -> bool
where
    A: std::str::FromStr,
{
    values.len() <= MAX_SERVERS && values.iter().all(|value| value.parse::<A>().is_ok_and(|address| family(&address)))
}

/// Seconds, or a number with the unit s, m, h or y.
fn is_lease_time(value: &str) -> bool {
    let (digits, unit) = value.split_at(value.len() - usize::from(value.ends_with(['s', 'm', 'h', 'y'])));
    let seconds = match unit {
        "m" => 60,
        "h" => 3_600,
        "y" => 31_536_000,
        _ => 1,
    };
    let count = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(seconds));
    count.is_some_and(|count| LEASE_SECONDS.contains(&count))
}

impl NewConfiguration {
    /// The key and its values. Several domain name servers may stand in one value, with commas between them.
    fn checked(&self) -> Result<(String, Vec<String>), Refusal> {
        let key = self.key.clone().ok_or_else(|| Refusal::missing_parameter("key"))?;
        if self.values.is_empty() {
            return Err(Refusal::missing_parameter("value"));
        }
        let lists: Vec<String> =
            self.values.iter().flat_map(|value| value.split(',')).map(|value| value.trim().to_owned()).collect();
        let (values, valid) = match key.as_str() {
            "domain-name" => (self.values.clone(), self.values.len() == 1 && !self.values[0].is_empty()),
            "domain-name-servers" => {
                let valid = lists == [AMAZON_DNS] || are_servers::<IpAddr>(&lists, |_| true);
                (lists, valid)
            }
            "ntp-servers" => {
                let (ipv6, ipv4): (Vec<_>, Vec<_>) = lists.iter().cloned().partition(|value| value.contains(':'));
                let valid =
                    are_servers::<IpAddr>(&ipv4, IpAddr::is_ipv4) && are_servers::<IpAddr>(&ipv6, IpAddr::is_ipv6);
                (lists, valid)
            }
            "netbios-name-servers" => {
                let valid = are_servers::<Ipv4Addr>(&lists, |_| true);
                (lists, valid)
            }
            "netbios-node-type" => {
                let valid = matches!(self.values.as_slice(), [one] if ["1", "2", "4", "8"].contains(&one.as_str()));
                (self.values.clone(), valid)
            }
            "ipv6-address-preferred-lease-time" => {
                let valid = matches!(self.values.as_slice(), [one] if is_lease_time(one));
                (self.values.clone(), valid)
            }
            unknown => {
                return Err(Refusal::invalid_parameter_value(format!(
                    "Value ({unknown}) for parameter name is invalid. Unknown DHCP option"
                )));
            }
        };
        if valid {
            return Ok((key, values));
        }
        let shown = self.values.join(", ");
        let message = format!("Value ({shown}) for parameter value is invalid. Invalid DHCP option value.");
        Err(Refusal::invalid_parameter_value(message))
    }
}

impl Action for CreateDhcpOptions {
    type Response = CreateDhcpOptionsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let tags = specified_tags(&self.tag_specifications, &["dhcp-options"], "dhcp-options")?;
        if self.configurations.is_empty() {
            return Err(Refusal::missing_parameter("dhcpConfigurationSet"));
        }
        let mut configurations: Vec<(String, Vec<String>)> = Vec::new();
        for configuration in &self.configurations {
            let (key, values) = configuration.checked()?;
            if configurations.iter().any(|(other, _)| *other == key) {
                return Err(Refusal::invalid_parameter_value(format!(
                    "Value ({key}) for parameter name is invalid. Duplicate DHCP option"
                )));
            }
            configurations.push((key, values));
        }
        let options = DhcpOptions { id: cx.new_id(), configurations, is_default: false, tags };
        let dhcp_options = DhcpOptionsItem::new(&options, cx);
        cx.region.put(options);
        Ok(CreateDhcpOptionsResponse { dhcp_options })
    }
}

/// How AssociateDhcpOptions and DeleteDhcpOptions word an unknown set; DescribeDhcpOptions has another code.
fn unknown(id: &str) -> Refusal {
    Refusal::new("InvalidDhcpOptionsID.NotFound", format!("The dhcpOptions ID '{id}' does not exist"))
}

fn malformed(id: &str) -> Refusal {
    Refusal::new("InvalidDhcpOptionsId.Malformed", format!("The dhcp-options ID '{id}' is malformed"))
}

fn find(cx: &Context<'_>, id: &str) -> Result<DhcpOptionsId, Refusal> {
    let parsed = id.parse().map_err(|_| malformed(id))?;
    cx.region.get::<DhcpOptions>(parsed).map(|options| options.id).ok_or_else(|| unknown(id))
}

/// AssociateDhcpOptions: a set, or `default` for none.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AssociateDhcpOptions {
    dhcp_options_id: String,
    vpc_id: String,
}

impl Action for AssociateDhcpOptions {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let options = match self.dhcp_options_id.as_str() {
            "default" => None,
            id => Some(find(cx, id)?),
        };
        let vpc = cx.find::<Vpc>(&self.vpc_id)?.id;
        cx.region.update(vpc, |vpc: &mut Vpc| vpc.dhcp_options_id = options);
        Ok(Reply::TRUE)
    }
}

/// DeleteDhcpOptions: refused while a VPC has the set.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteDhcpOptions {
    dhcp_options_id: String,
}

impl Action for DeleteDhcpOptions {
    type Response = Reply;

    fn check(&self) -> Result<(), Refusal> {
        let id = &self.dhcp_options_id;
        id.parse::<DhcpOptionsId>().map(|_| ()).map_err(|_| malformed(id))
    }

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let id = find(cx, &self.dhcp_options_id)?;
        if cx.region.referrers::<Vpc>(id).next().is_some() {
            return Err(Refusal::dependency("dhcpOptions", id));
        }
        cx.region.remove(id);
        Ok(Reply::TRUE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lease_times_have_units_and_bounds() {
        for good in ["140", "140s", "3m", "1h", "68y", "2147483647"] {
            assert!(is_lease_time(good), "{good}");
        }
        for bad in ["", "s", "139", "2m", "69y", "2147483648", "1d", "-5", "99999999999999999999y"] {
            assert!(!is_lease_time(bad), "{bad}");
        }
    }
}
