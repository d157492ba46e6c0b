//! Customer gateways: what AWS is told of the device at the customer's end of VPN connections.
//!
//! Sources: CreateCustomerGateway, DeleteCustomerGateway, DescribeCustomerGateways.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::CustomerGatewayId;

use crate::action::{Action, Context, actions};
use crate::clock::{Timestamp, Transition};
use crate::describe::{Filter, FilterTable, Page, Query, optional, select, text};
use crate::error::{IdWording, Refusal};
use crate::family::tag::{TagItem, TagSpecification, specified_tags, tag_set};
use crate::family::vpn_gateway::GatewayType;
use crate::quota;
use crate::state::{Resource, Tags, resource};
use crate::wire::{Items, Reply};

actions![CreateCustomerGateway, DeleteCustomerGateway, DescribeCustomerGateways];

/// The ASN of a device that does not say. Source: CreateCustomerGateway.
const DEFAULT_ASN: i64 = 65_000;
const MAX_DEVICE_NAME_LENGTH: usize = 255;

/// A customer gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CustomerGateway {
    id: CustomerGatewayId,
    device: Device,
    is_deleted: bool,
    /// When a deleted gateway is forgotten.
    due: Option<Timestamp>,
    tags: Tags,
}

/// What makes a gateway: a request for the same device gives the same gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Device {
    bgp_asn: i64,
    ip_address: Option<IpAddr>,
    certificate_arn: Option<String>,
    device_name: Option<String>,
}

resource!(
    CustomerGateway as CustomerGateway,
    CustomerGatewayId,
    "customer-gateway",
    IdWording {
        noun: "customerGateway",
        not_found: "InvalidCustomerGatewayID.NotFound",
        malformed: "InvalidCustomerGatewayId.Malformed",
    },
    fn due(&self) -> Option<Timestamp> {
        self.due
    },
    fn advance(cx: &mut Context<'_>, id: CustomerGatewayId, _at: Timestamp) {
        cx.region.remove(id);
    }
);

impl CustomerGateway {
    const fn state(&self) -> &'static str {
        if self.is_deleted { "deleted" } else { "available" }
    }

    const FILTERS: FilterTable<Self> = &[
        ("bgp-asn", |gateway, _| text(gateway.device.bgp_asn)),
        ("customer-gateway-id", |gateway, _| text(gateway.id)),
        ("ip-address", |gateway, _| optional(gateway.device.ip_address)),
        ("state", |gateway, _| text(gateway.state())),
        ("type", |_, _| text("ipsec.1")),
    ];
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CustomerGatewayItem {
    customer_gateway_id: CustomerGatewayId,
    state: &'static str,
    r#type: GatewayType,
    ip_address: Option<IpAddr>,
    bgp_asn: Option<String>,
    bgp_asn_extended: Option<String>,
    certificate_arn: Option<String>,
    device_name: Option<String>,
    tag_set: Items<TagItem>,
}

impl CustomerGatewayItem {
    fn new(gateway: &CustomerGateway) -> Self {
        let device = &gateway.device;
        let extended = device.bgp_asn > i64::from(i32::MAX);
        Self {
            customer_gateway_id: gateway.id,
            state: gateway.state(),
            r#type: GatewayType::Ipsec1,
            ip_address: device.ip_address,
            bgp_asn: (!extended).then(|| device.bgp_asn.to_string()),
            bgp_asn_extended: extended.then(|| device.bgp_asn.to_string()),
            certificate_arn: device.certificate_arn.clone(),
            device_name: device.device_name.clone(),
            tag_set: tag_set(&gateway.tags),
        }
    }
}

/// CreateCustomerGateway.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateCustomerGateway {
    bgp_asn: Option<i64>,
    bgp_asn_extended: Option<i64>,
    certificate_arn: Option<String>,
    device_name: Option<String>,
    ip_address: Option<String>,
    public_ip: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
    #[serde(rename = "Type")]
    _type: GatewayType,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateCustomerGatewayResponse {
    customer_gateway: CustomerGatewayItem,
}

impl CreateCustomerGateway {
    fn checked_asn(&self) -> Result<i64, Refusal> {
        const SPLIT: i64 = i32::MAX as i64;
        let (asn, parameter, range) = match (self.bgp_asn, self.bgp_asn_extended) {
            (Some(_), Some(_)) => {
                return Err(Refusal::invalid_parameter_combination(
                    "The parameter bgpAsn cannot be used with the parameter bgpAsnExtended",
                ));
            }
            (None, Some(asn)) => (asn, "bgpAsnExtended", SPLIT + 1..=4_294_967_295),
            (asn, None) => (asn.unwrap_or(DEFAULT_ASN), "bgpAsn", 1..=SPLIT),
        };
        if range.contains(&asn) {
            return Ok(asn);
        }
        Err(Refusal::invalid_parameter_value(format!(
            "Value ({asn}) for parameter {parameter} is invalid. Expecting a value between {} and {}.",
            range.start(),
            range.end()
        )))
    }

    /// The device's address: it may be left out where a certificate stands for it.
    fn checked_address(&self) -> Result<Option<IpAddr>, Refusal> {
        let (text, parameter) = match (&self.ip_address, &self.public_ip) {
            (Some(_), Some(_)) => {
                return Err(Refusal::invalid_parameter_combination(
                    "The parameter ipAddress cannot be used with the parameter publicIp",
                ));
            }
            (Some(text), None) => (text, "ipAddress"),
            (None, Some(text)) => (text, "publicIp"),
            (None, None) if self.certificate_arn.is_some() => return Ok(None),
            (None, None) => return Err(Refusal::missing_parameter("ipAddress")),
        };
        let invalid = |_| {
            let message =
                format!("Value ({text}) for parameter {parameter} is invalid. This is not a valid IP address.");
            Refusal::invalid_parameter_value(message)
        };
        text.parse().map(Some).map_err(invalid)
    }

    fn checked_device(self) -> Result<Device, Refusal> {
        let (bgp_asn, ip_address) = (self.checked_asn()?, self.checked_address()?);
        if self.device_name.as_ref().is_some_and(|name| name.chars().count() > MAX_DEVICE_NAME_LENGTH) {
            let message = "Value for parameter deviceName is invalid. Length exceeds maximum of 255.";
            return Err(Refusal::invalid_parameter_value(message));
        }
        if let Some(arn) = self.certificate_arn.as_ref().filter(|arn| !arn.starts_with("arn:aws:acm:")) {
            let message = format!("Value ({arn}) for parameter certificateArn is invalid. This is not a valid ARN.");
            return Err(Refusal::invalid_parameter_value(message));
        }
        Ok(Device { bgp_asn, ip_address, certificate_arn: self.certificate_arn, device_name: self.device_name })
    }
}

impl Action for CreateCustomerGateway {
    type Response = CreateCustomerGatewayResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let tags = specified_tags(&self.tag_specifications, &["customer-gateway"], "customer-gateway")?;
        let device = self.checked_device()?;
        let same = |gateway: &&CustomerGateway| !gateway.is_deleted && gateway.device == device;
        if let Some(gateway) = cx.region.all::<CustomerGateway>().find(same) {
            return Ok(CreateCustomerGatewayResponse { customer_gateway: CustomerGatewayItem::new(gateway) });
        }
        cx.check_quota(&quota::CUSTOMER_GATEWAYS, |region| {
            1 + region.all::<CustomerGateway>().filter(|gateway| !gateway.is_deleted).count()
        })?;
        let gateway = CustomerGateway { id: cx.new_id(), device, is_deleted: false, due: None, tags };
        cx.region.put(gateway.clone());
        Ok(CreateCustomerGatewayResponse { customer_gateway: CustomerGatewayItem::new(&gateway) })
    }
}

/// DeleteCustomerGateway. It stays on view as deleted for a while.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteCustomerGateway {
    customer_gateway_id: String,
}

impl Action for DeleteCustomerGateway {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let gateway = cx.find::<CustomerGateway>(&self.customer_gateway_id)?;
        if gateway.is_deleted {
            return Err(CustomerGateway::WORDING.not_found(gateway.id));
        }
        let (id, due) = (gateway.id, cx.end_of(Transition::Forget));
        cx.region.update(id, |gateway: &mut CustomerGateway| {
            (gateway.is_deleted, gateway.due) = (true, Some(due));
        });
        Ok(Reply::TRUE)
    }
}

/// DescribeCustomerGateways. It has no pages.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeCustomerGateways {
    #[serde(rename = "CustomerGatewayId", default)]
    ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeCustomerGatewaysResponse {
    customer_gateway_set: Items<CustomerGatewayItem>,
}

impl Action for DescribeCustomerGateways {
    type Response = DescribeCustomerGatewaysResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let query =
            Query { ids: &self.ids, filters: &self.filters, page: Page::default(), ids_name: "CustomerGatewayIds" };
        let (found, _) = select(cx, &query, CustomerGateway::FILTERS)?;
        let customer_gateway_set = found.into_iter().map(CustomerGatewayItem::new).collect();
        Ok(DescribeCustomerGatewaysResponse { customer_gateway_set })
    }
}
