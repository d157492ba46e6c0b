//! Carrier gateways: what leads subnets in Wavelength Zones to a carrier's network. The emulator has no such zones, so that they
//! are control plane here.
//!
//! Sources: CreateCarrierGateway, DeleteCarrierGateway, DescribeCarrierGateways; "Carrier gateways" in the AWS Wavelength Developer
//! Guide.

use serde::{Deserialize, Serialize};
use vpcrun_model::{CarrierGatewayId, ResourceId, VpcId};

use crate::action::{Action, Context, actions};
use crate::client_token::made_before;
use crate::clock::{Timestamp, Transition};
use crate::describe::{FilterTable, describe, text};
use crate::error::{IdWording, Refusal};
use crate::family::tag::{TagItem, TagSpecification, specified_tags, tag_set};
use crate::family::vpc::Vpc;
use crate::state::{Resource, Tags, resource};
use crate::wire::Items;

actions![CreateCarrierGateway, DeleteCarrierGateway, DescribeCarrierGateways];

const NAME: &str = "CreateCarrierGateway";

/// A carrier gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CarrierGateway {
    id: CarrierGatewayId,
    pub(crate) vpc_id: VpcId,
    state: CarrierGatewayState,
    /// When it leaves this state by itself.
    due: Option<Timestamp>,
    tags: Tags,
}

resource!(
    CarrierGateway as CarrierGateway,
    CarrierGatewayId,
    "carrier-gateway",
    IdWording {
        noun: "carrierGateway",
        not_found: "InvalidCarrierGatewayID.NotFound",
        malformed: "InvalidCarrierGatewayID.Malformed",
    },
    fn references(&self) -> Vec<ResourceId> {
        vec![self.vpc_id.into()]
    },
    fn due(&self) -> Option<Timestamp> {
        self.due
    },
    fn advance(cx: &mut Context<'_>, id: CarrierGatewayId, _at: Timestamp) {
        match cx.region.get::<CarrierGateway>(id).map(|gateway| gateway.state) {
            Some(CarrierGatewayState::Deleting) => cx.region.remove(id),
            _ => cx.region.update(id, |gateway: &mut CarrierGateway| {
                (gateway.state, gateway.due) = (CarrierGatewayState::Available, None);
            }),
        }
    }
);

/// Where a gateway is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CarrierGatewayState {
    Pending,
    Available,
    Deleting,
}

impl CarrierGateway {
    /// Whether it can take packets, or soon.
    pub(crate) fn takes_routes(&self) -> bool {
        self.state != CarrierGatewayState::Deleting
    }

    const FILTERS: FilterTable<Self> = &[
        ("carrier-gateway-id", |gateway, _| text(gateway.id)),
        ("owner-id", |_, cx| text(cx.account_id())),
        ("state", |gateway, _| {
            text(match gateway.state {
                CarrierGatewayState::Pending => "pending",
                CarrierGatewayState::Available => "available",
                CarrierGatewayState::Deleting => "deleting",
            })
        }),
        ("vpc-id", |gateway, _| text(gateway.vpc_id)),
    ];
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CarrierGatewayItem {
    carrier_gateway_id: CarrierGatewayId,
    vpc_id: VpcId,
    state: CarrierGatewayState,
    owner_id: String,
    tag_set: Items<TagItem>,
}

impl CarrierGatewayItem {
    fn new(gateway: &CarrierGateway, cx: &Context<'_>) -> Self {
        Self {
            carrier_gateway_id: gateway.id,
            vpc_id: gateway.vpc_id,
            state: gateway.state,
            owner_id: cx.account_id().to_owned(),
            tag_set: tag_set(&gateway.tags),
        }
    }
}

/// CreateCarrierGateway: a VPC has one.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateCarrierGateway {
    client_token: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
    vpc_id: String,
}

/// The answer of CreateCarrierGateway and of DeleteCarrierGateway.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CarrierGatewayResponse {
    carrier_gateway: CarrierGatewayItem,
}

impl Action for CreateCarrierGateway {
    type Response = CarrierGatewayResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        if let Some(gateway) = made_before::<CarrierGateway>(cx, NAME, self.client_token.as_deref())? {
            return Ok(CarrierGatewayResponse { carrier_gateway: CarrierGatewayItem::new(gateway, cx) });
        }
        let tags = specified_tags(&self.tag_specifications, &["carrier-gateway"], "carrier-gateway")?;
        let vpc_id = cx.find::<Vpc>(&self.vpc_id)?.id;
        if cx.region.referrers::<CarrierGateway>(vpc_id).next().is_some() {
            let message = format!("Network {vpc_id} already has a carrier gateway attached");
            return Err(Refusal::invalid_parameter_value(message));
        }
        let gateway = CarrierGateway {
            id: cx.new_id(),
            vpc_id,
            state: CarrierGatewayState::Pending,
            due: Some(cx.end_of(Transition::CreateCarrierGateway)),
            tags,
        };
        cx.region.put(gateway.clone());
        cx.remember(NAME, self.client_token.as_deref(), vec![gateway.id.into()]);
        Ok(CarrierGatewayResponse { carrier_gateway: CarrierGatewayItem::new(&gateway, cx) })
    }
}

/// DeleteCarrierGateway. Routes through it stay, as blackholes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteCarrierGateway {
    carrier_gateway_id: String,
}

impl Action for DeleteCarrierGateway {
    type Response = CarrierGatewayResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let id = cx.find::<CarrierGateway>(&self.carrier_gateway_id)?.id;
        let due = cx.end_of(Transition::DeleteCarrierGateway);
        cx.region.update(id, |gateway: &mut CarrierGateway| {
            if gateway.state != CarrierGatewayState::Deleting {
                (gateway.state, gateway.due) = (CarrierGatewayState::Deleting, Some(due));
            }
        });
        let gateway = cx.region.get::<CarrierGateway>(id).ok_or_else(|| CarrierGateway::WORDING.not_found(id))?;
        Ok(CarrierGatewayResponse { carrier_gateway: CarrierGatewayItem::new(gateway, cx) })
    }
}

describe!(
    /// DescribeCarrierGateways.
    DescribeCarrierGateways, "CarrierGatewayId" of CarrierGateway,
    carrier_gateway_set: CarrierGatewayItem, CarrierGatewayItem::new
);
