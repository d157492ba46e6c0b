//! DescribeVpcEndpointServices.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::dns::service_id;
use super::service::{self, Service, ServiceType, unknown_service};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, check_filters, paginate, passes_untagged, text};
use crate::error::Refusal;
use crate::family::tag::TagItem;
use crate::family::zone;
use crate::wire::Items;

/// DescribeVpcEndpointServices: AWS's own, one item for each type of a service.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeVpcEndpointServices {
    #[serde(rename = "ServiceName", default)]
    service_names: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    #[serde(rename = "ServiceRegion", default)]
    service_regions: Vec<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeVpcEndpointServicesResponse {
    service_name_set: Items<String>,
    service_detail_set: Items<ServiceDetail>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceDetail {
    service_name: String,
    service_id: String,
    service_type: Items<ServiceTypeItem>,
    service_region: String,
    availability_zone_set: Items<String>,
    owner: &'static str,
    base_endpoint_dns_name_set: Items<String>,
    private_dns_name: Option<String>,
    private_dns_name_set: Option<Items<PrivateDnsName>>,
    vpc_endpoint_policy_supported: bool,
    acceptance_required: bool,
    manages_vpc_endpoints: bool,
    tag_set: Items<TagItem>,
    private_dns_name_verification_state: Option<&'static str>,
    supported_ip_address_type_set: Items<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceTypeItem {
    service_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PrivateDnsName {
    private_dns_name: String,
}

/// A service by one of its types.
type Offer = (&'static Service, ServiceType);

const FILTERS: FilterTable<Offer> = &[
    ("owner", |_, _| text("amazon")),
    ("service-name", |(service, _), cx| text(service.name(cx.region_name))),
    ("service-region", |_, cx| text(cx.region_name)),
    ("service-type", |(_, service_type), _| text(service_type.name())),
    ("supported-ip-address-types", |_, _| text("ipv4")),
];

impl ServiceDetail {
    fn new(&(service, service_type): &Offer, cx: &Context<'_>) -> Self {
        let region = cx.region_name;
        let service_name = service.name(region);
        let private_names = match service_type {
            ServiceType::Gateway => Vec::new(),
            ServiceType::Interface => service.private_dns_names(region),
        };
        let base = match service_type {
            ServiceType::Gateway => service.public_dns_name(region),
            ServiceType::Interface => service.base_endpoint_dns_name(region),
        };
        let has_names = !private_names.is_empty();
        Self {
            service_id: service_id(&format!("{service_name} {}", service_type.name())),
            service_name,
            service_type: vec![ServiceTypeItem { service_type: service_type.name() }].into(),
            service_region: region.to_owned(),
            availability_zone_set: zone::zones(region).into_iter().map(|zone| zone.name).collect(),
            owner: "amazon",
            base_endpoint_dns_name_set: vec![base].into(),
            private_dns_name: private_names.first().cloned(),
            private_dns_name_set: has_names.then(|| {
                private_names.into_iter().map(|private_dns_name| PrivateDnsName { private_dns_name }).collect()
            }),
            vpc_endpoint_policy_supported: service.policy_supported,
            acceptance_required: false,
            manages_vpc_endpoints: false,
            tag_set: Items::default(),
            private_dns_name_verification_state: has_names.then_some("verified"),
            supported_ip_address_type_set: vec!["ipv4"].into(),
        }
    }
}

impl DescribeVpcEndpointServices {
    fn is_wanted(&self, service: &Service, region: &str) -> bool {
        let name = service.name(region);
        (self.service_names.is_empty() || self.service_names.contains(&name))
            && (self.service_regions.is_empty() || self.service_regions.iter().any(|wanted| wanted == region))
    }
}

impl Action for DescribeVpcEndpointServices {
    type Response = DescribeVpcEndpointServicesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, FILTERS.iter().map(|(name, _)| *name))?;
        for name in &self.service_names {
            service::find(name, cx.region_name).ok_or_else(|| unknown_service(name))?;
        }
        let wanted = service::all().filter(|service| self.is_wanted(service, cx.region_name));
        let offers = wanted.flat_map(|service| service.types.iter().map(move |service_type| (service, *service_type)));
        let offers: Vec<Offer> = offers.filter(|offer| passes_untagged(offer, &self.filters, FILTERS, cx)).collect();
        let page = Page { max_results: self.max_results.map(|size| size.min(1_000)), next_token: self.next_token };
        let key = |(service, service_type): &Offer| format!("{} {}", service.name(cx.region_name), service_type.name());
        let (offers, next_token) = paginate(cx, offers, &page, key)?;
        let mut names: Vec<String> = offers.iter().map(|(service, _)| service.name(cx.region_name)).collect();
        names.dedup();
        Ok(DescribeVpcEndpointServicesResponse {
            service_name_set: names.into(),
            service_detail_set: offers.iter().map(|offer| ServiceDetail::new(offer, cx)).collect(),
            next_token,
        })
    }
}
