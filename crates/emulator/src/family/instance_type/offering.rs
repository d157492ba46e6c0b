//! DescribeInstanceTypeOfferings: which region or zone has which type. A region that has a family has it in all its zones here;
//! on AWS some zones lack some.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::INSTANCE_TYPES;
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, check_filters, paginate, passes_untagged, text};
use crate::error::Refusal;
use crate::family::zone::zones;
use crate::wire::Items;

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum LocationType {
    #[default]
    Region,
    AvailabilityZone,
    AvailabilityZoneId,
    /// An account without one has no offerings there.
    Outpost,
}

impl LocationType {
    fn locations(self, region_name: &str) -> Vec<String> {
        match self {
            Self::Region => vec![region_name.to_owned()],
            Self::AvailabilityZone => zones(region_name).into_iter().map(|zone| zone.name).collect(),
            Self::AvailabilityZoneId => zones(region_name).into_iter().map(|zone| zone.id).collect(),
            Self::Outpost => Vec::new(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Offering {
    instance_type: &'static str,
    location_type: LocationType,
    location: String,
}

impl Offering {
    const FILTERS: FilterTable<Self> = &[
        ("instance-type", |offering, _| text(offering.instance_type)),
        ("location", |offering, _| text(&offering.location)),
    ];

    fn sort_key(&self) -> String {
        format!("{} {}", self.instance_type, self.location)
    }
}

/// DescribeInstanceTypeOfferings.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeInstanceTypeOfferings {
    #[serde(default)]
    location_type: LocationType,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeInstanceTypeOfferingsResponse {
    instance_type_offering_set: Items<Offering>,
    next_token: Option<String>,
}

impl Action for DescribeInstanceTypeOfferings {
    type Response = DescribeInstanceTypeOfferingsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, Offering::FILTERS.iter().map(|(name, _)| *name))?;
        let locations = self.location_type.locations(cx.region_name);
        let offered = INSTANCE_TYPES.iter().filter(|this| this.is_offered_in(cx.region_name));
        let offerings = offered.flat_map(|this| {
            let offering = |location: &String| Offering {
                instance_type: this.name,
                location_type: self.location_type,
                location: location.clone(),
            };
            locations.iter().map(offering).collect::<Vec<_>>()
        });
        let mut offerings: Vec<Offering> =
            offerings.filter(|offering| passes_untagged(offering, &self.filters, Offering::FILTERS, cx)).collect();
        offerings.sort_by_cached_key(Offering::sort_key);
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (offerings, next_token) = paginate(cx, offerings, &page, Offering::sort_key)?;
        Ok(DescribeInstanceTypeOfferingsResponse { instance_type_offering_set: offerings.into(), next_token })
    }
}
