//! Regions and Availability Zones, as a fresh account sees them.
//!
//! Source: "AWS Regions" and "AWS Availability Zones" (AWS Global Infrastructure). Which zone a letter stands for differs between
//! accounts; here the letters follow the numbers, but in ap-northeast-1, where 1b is kept because the tutorial uses it.

use serde::{Deserialize, Serialize};

use crate::action::{Action, Context, actions};
use crate::describe::{Filter, any_matches, check_filters};
use crate::error::Refusal;
use crate::wire::Items;

actions![DescribeAvailabilityZones, DescribeRegions];

/// A region: its name and long name, where it lies, the prefix of its zones' ids, its zones as (letter, number), and whether an
/// account must opt in.
struct Region {
    name: &'static str,
    long_name: &'static str,
    geography: &'static str,
    zone_id_prefix: &'static str,
    zones: &'static [(char, u8)],
    opt_in: bool,
}

type Zones = &'static [(char, u8)];

const fn region(
    name: &'static str,
    long_name: &'static str,
    geography: &'static str,
    zone_id_prefix: &'static str,
    zones: Zones,
) -> Region {
    Region { name, long_name, geography, zone_id_prefix, zones, opt_in: false }
}

const fn opt_in(
    name: &'static str,
    long_name: &'static str,
    geography: &'static str,
    zone_id_prefix: &'static str,
) -> Region {
    Region { opt_in: true, ..region(name, long_name, geography, zone_id_prefix, ABC) }
}

const ABC: Zones = &[('a', 1), ('b', 2), ('c', 3)];
const ABCD: Zones = &[('a', 1), ('b', 2), ('c', 3), ('d', 4)];
const TOKYO: Zones = &[('a', 4), ('b', 3), ('c', 1), ('d', 2)];
const MONTREAL: Zones = &[('a', 1), ('b', 2), ('d', 4)];
const VIRGINIA: Zones = &[('a', 1), ('b', 2), ('c', 3), ('d', 4), ('e', 5), ('f', 6)];
const CALIFORNIA: Zones = &[('a', 1), ('c', 3)];
const USA: &str = "United States of America";

const REGIONS: &[Region] = &[
    region("ap-northeast-1", "Asia Pacific (Tokyo)", "Japan", "apne1", TOKYO),
    region("ap-northeast-2", "Asia Pacific (Seoul)", "South Korea", "apne2", ABCD),
    region("ap-northeast-3", "Asia Pacific (Osaka)", "Japan", "apne3", ABC),
    region("ap-south-1", "Asia Pacific (Mumbai)", "India", "aps1", ABC),
    region("ap-southeast-1", "Asia Pacific (Singapore)", "Singapore", "apse1", ABC),
    region("ap-southeast-2", "Asia Pacific (Sydney)", "Australia", "apse2", ABC),
    region("ca-central-1", "Canada (Central)", "Canada", "cac1", MONTREAL),
    region("eu-central-1", "Europe (Frankfurt)", "Germany", "euc1", ABC),
    region("eu-north-1", "Europe (Stockholm)", "Sweden", "eun1", ABC),
    region("eu-west-1", "Europe (Ireland)", "Ireland", "euw1", ABC),
    region("eu-west-2", "Europe (London)", "United Kingdom", "euw2", ABC),
    region("eu-west-3", "Europe (Paris)", "France", "euw3", ABC),
    region("sa-east-1", "South America (Sao Paulo)", "Brazil", "sae1", ABC),
    region("us-east-1", "US East (N. Virginia)", USA, "use1", VIRGINIA),
    region("us-east-2", "US East (Ohio)", USA, "use2", ABC),
    region("us-west-1", "US West (N. California)", USA, "usw1", CALIFORNIA),
    region("us-west-2", "US West (Oregon)", USA, "usw2", ABCD),
    opt_in("af-south-1", "Africa (Cape Town)", "South Africa", "afs1"),
    opt_in("ap-east-1", "Asia Pacific (Hong Kong)", "Hong Kong", "ape1"),
    opt_in("ap-east-2", "Asia Pacific (Taipei)", "Taiwan", "ape2"),
    opt_in("ap-south-2", "Asia Pacific (Hyderabad)", "India", "aps2"),
    opt_in("ap-southeast-3", "Asia Pacific (Jakarta)", "Indonesia", "apse3"),
    opt_in("ap-southeast-4", "Asia Pacific (Melbourne)", "Australia", "apse4"),
    opt_in("ap-southeast-5", "Asia Pacific (Malaysia)", "Malaysia", "apse5"),
    opt_in("ap-southeast-6", "Asia Pacific (New Zealand)", "New Zealand", "apse6"),
    opt_in("ap-southeast-7", "Asia Pacific (Thailand)", "Thailand", "apse7"),
    opt_in("ca-west-1", "Canada West (Calgary)", "Canada", "caw1"),
    opt_in("eu-central-2", "Europe (Zurich)", "Switzerland", "euc2"),
    opt_in("eu-south-1", "Europe (Milan)", "Italy", "eus1"),
    opt_in("eu-south-2", "Europe (Spain)", "Spain", "eus2"),
    opt_in("il-central-1", "Israel (Tel Aviv)", "Israel", "ilc1"),
    opt_in("me-central-1", "Middle East (UAE)", "United Arab Emirates", "mec1"),
    opt_in("me-south-1", "Middle East (Bahrain)", "Bahrain", "mes1"),
    opt_in("mx-central-1", "Mexico (Central)", "Mexico", "mxc1"),
];

fn find(name: &str) -> Option<&'static Region> {
    REGIONS.iter().find(|region| region.name == name)
}

/// Whether requests for this region are answered.
pub(crate) fn is_region(name: &str) -> bool {
    find(name).is_some_and(|region| !region.opt_in)
}

/// A zone's name and id: `ap-northeast-1b`, `apne1-az3`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Zone {
    pub(crate) name: String,
    pub(crate) id: String,
}

/// The zones of a region, by name.
pub(crate) fn zones(region_name: &str) -> Vec<Zone> {
    let zone = |region: &Region, (letter, number): (char, u8)| Zone {
        name: format!("{}{letter}", region.name),
        id: format!("{}-az{number}", region.zone_id_prefix),
    };
    find(region_name).map_or_else(Vec::new, |region| region.zones.iter().map(|entry| zone(region, *entry)).collect())
}

/// The id of a zone, for answers that show both.
pub(crate) fn zone_id(region_name: &str, zone_name: &str) -> String {
    zones(region_name).into_iter().find(|zone| zone.name == zone_name).map(|zone| zone.id).unwrap_or_default()
}

/// DescribeAvailabilityZones.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeAvailabilityZones {
    #[serde(rename = "ZoneName", default)]
    zone_names: Vec<String>,
    #[serde(rename = "ZoneId", default)]
    zone_ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    #[serde(rename = "AllAvailabilityZones")]
    _all: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeAvailabilityZonesResponse {
    availability_zone_info: Items<ZoneItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ZoneItem {
    zone_name: String,
    zone_state: &'static str,
    region_name: String,
    message_set: Items<String>,
    zone_id: String,
    opt_in_status: &'static str,
    group_name: String,
    group_long_name: String,
    network_border_group: String,
    zone_type: &'static str,
    geography_set: Items<Geography>,
}

/// Where a region lies.
#[derive(Serialize)]
struct Geography {
    name: &'static str,
}

impl Geography {
    fn of(region: &str) -> Items<Self> {
        find(region).map(|region| Self { name: region.geography }).into_iter().collect()
    }
}

impl ZoneItem {
    const FILTERS: [&str; 12] = [
        "group-long-name",
        "group-name",
        "message",
        "opt-in-status",
        "parent-zone-id",
        "parent-zone-name",
        "region-name",
        "state",
        "zone-id",
        "zone-name",
        "zone-state",
        "zone-type",
    ];

    fn new(region: &str, zone: Zone) -> Self {
        Self {
            zone_name: zone.name,
            zone_state: "available",
            region_name: region.to_owned(),
            message_set: Items::default(),
            zone_id: zone.id,
            opt_in_status: "opt-in-not-required",
            group_name: format!("{region}-zg-1"),
            group_long_name: format!("{} 1", find(region).map_or(region, |region| region.long_name)),
            network_border_group: region.to_owned(),
            zone_type: "availability-zone",
            geography_set: Geography::of(region),
        }
    }

    fn passes(&self, filter: &Filter) -> bool {
        let value = match filter.name.as_str() {
            "group-long-name" => &self.group_long_name,
            "group-name" => &self.group_name,
            "opt-in-status" => self.opt_in_status,
            "region-name" => &self.region_name,
            "state" | "zone-state" => self.zone_state,
            "zone-id" => &self.zone_id,
            "zone-name" => &self.zone_name,
            "zone-type" => self.zone_type,
            // No zone has a message, and only Local Zones and Wavelength Zones have a parent.
            _ => return false,
        };
        any_matches(&filter.values, &[value.to_owned()])
    }
}

impl Action for DescribeAvailabilityZones {
    type Response = DescribeAvailabilityZonesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, ZoneItem::FILTERS.into_iter())?;
        let zones = zones(cx.region_name);
        for name in &self.zone_names {
            if !zones.iter().any(|zone| zone.name == *name) {
                return Err(Refusal::invalid_parameter_value(format!("Invalid availability zone: [{name}]")));
            }
        }
        for id in &self.zone_ids {
            if !zones.iter().any(|zone| zone.id == *id) {
                return Err(Refusal::invalid_parameter_value(format!("Invalid availability zone-id: [{id}]")));
            }
        }
        let chosen = |zone: &Zone| {
            (self.zone_names.is_empty() || self.zone_names.contains(&zone.name))
                && (self.zone_ids.is_empty() || self.zone_ids.contains(&zone.id))
        };
        let items = zones.into_iter().filter(chosen).map(|zone| ZoneItem::new(cx.region_name, zone));
        let items = items.filter(|item| self.filters.iter().all(|filter| item.passes(filter)));
        Ok(DescribeAvailabilityZonesResponse { availability_zone_info: items.collect() })
    }
}

/// DescribeRegions.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeRegions {
    #[serde(rename = "RegionName", default)]
    region_names: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    all_regions: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeRegionsResponse {
    region_info: Items<RegionItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegionItem {
    region_name: &'static str,
    region_endpoint: String,
    opt_in_status: &'static str,
    geography_set: Items<Geography>,
}

impl RegionItem {
    fn new(region: &Region) -> Self {
        Self {
            region_name: region.name,
            region_endpoint: format!("ec2.{}.amazonaws.com", region.name),
            opt_in_status: if region.opt_in { "not-opted-in" } else { "opt-in-not-required" },
            geography_set: Geography::of(region.name),
        }
    }

    fn passes(&self, filter: &Filter) -> bool {
        let value = match filter.name.as_str() {
            "endpoint" => &self.region_endpoint,
            "opt-in-status" => self.opt_in_status,
            "region-name" => self.region_name,
            _ => return false,
        };
        any_matches(&filter.values, &[value.to_owned()])
    }
}

impl Action for DescribeRegions {
    type Response = DescribeRegionsResponse;

    fn run(self, _: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, ["endpoint", "opt-in-status", "region-name"].into_iter())?;
        for name in &self.region_names {
            if find(name).is_none() {
                return Err(Refusal::invalid_parameter_value(format!("Invalid region name: [{name}]")));
            }
        }
        // A region named in the request is shown even if the account has not opted in.
        let chosen = |region: &&Region| match self.region_names.is_empty() {
            true => self.all_regions == Some(true) || !region.opt_in,
            false => self.region_names.iter().any(|name| name == region.name),
        };
        let items = REGIONS.iter().filter(chosen).map(RegionItem::new);
        let items = items.filter(|item| self.filters.iter().all(|filter| item.passes(filter)));
        Ok(DescribeRegionsResponse { region_info: items.collect() })
    }
}
