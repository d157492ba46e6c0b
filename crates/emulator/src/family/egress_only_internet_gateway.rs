//! Egress-only internet gateways: outbound IPv6 for a VPC. They are attached from creation to deletion.
//!
//! Sources: CreateEgressOnlyInternetGateway, DeleteEgressOnlyInternetGateway, DescribeEgressOnlyInternetGateways.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{EgressOnlyInternetGatewayId, ResourceId, VpcId};

use crate::action::{Action, Context, actions};
use crate::client_token::made_before;
use crate::describe::{FilterTable, describe};
use crate::error::{IdWording, Refusal};
use crate::family::tag::{TagItem, TagSpecification, specified_tags, tag_set};
use crate::family::vpc::Vpc;
use crate::quota;
use crate::state::{Tags, resource};
use crate::wire::Items;

actions![CreateEgressOnlyInternetGateway, DeleteEgressOnlyInternetGateway, DescribeEgressOnlyInternetGateways];

/// An egress-only internet gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EgressOnlyInternetGateway {
    pub(crate) id: EgressOnlyInternetGatewayId,
    pub(crate) vpc_id: VpcId,
    tags: Tags,
}

resource!(
    EgressOnlyInternetGateway as EgressOnlyInternetGateway,
    EgressOnlyInternetGatewayId,
    "egress-only-internet-gateway",
    IdWording {
        noun: "egressOnlyInternetGateway",
        not_found: "InvalidGatewayID.NotFound",
        malformed: "InvalidEgressOnlyInternetGatewayId.Malformed",
    },
    fn references(&self) -> Vec<ResourceId> {
        vec![self.vpc_id.into()]
    }
);

impl EgressOnlyInternetGateway {
    /// The action documents no filters but those of tags.
    const FILTERS: FilterTable<Self> = &[];
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GatewayItem {
    egress_only_internet_gateway_id: EgressOnlyInternetGatewayId,
    attachment_set: Items<AttachmentItem>,
    tag_set: Items<TagItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AttachmentItem {
    vpc_id: VpcId,
    state: &'static str,
}

impl GatewayItem {
    fn new(gateway: &EgressOnlyInternetGateway, _cx: &Context<'_>) -> Self {
        Self {
            egress_only_internet_gateway_id: gateway.id,
            attachment_set: vec![AttachmentItem { vpc_id: gateway.vpc_id, state: "attached" }].into(),
            tag_set: tag_set(&gateway.tags),
        }
    }
}

/// CreateEgressOnlyInternetGateway. A VPC may have several, and needs no IPv6 block for them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateEgressOnlyInternetGateway {
    vpc_id: String,
    client_token: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateEgressOnlyInternetGatewayResponse {
    client_token: Option<String>,
    egress_only_internet_gateway: GatewayItem,
}

const NAME: &str = "CreateEgressOnlyInternetGateway";

impl Action for CreateEgressOnlyInternetGateway {
    type Response = CreateEgressOnlyInternetGatewayResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let token = self.client_token.as_deref();
        if let Some(gateway) = made_before::<EgressOnlyInternetGateway>(cx, NAME, token)? {
            let item = GatewayItem::new(gateway, cx);
            return Ok(CreateEgressOnlyInternetGatewayResponse {
                client_token: self.client_token,
                egress_only_internet_gateway: item,
            });
        }
        cx.check_quota(&quota::EGRESS_ONLY_INTERNET_GATEWAYS, |region| {
            region.all::<EgressOnlyInternetGateway>().count() + 1
        })?;
        let kind = "egress-only-internet-gateway";
        let tags = specified_tags(&self.tag_specifications, &[kind], kind)?;
        let vpc_id = cx.find::<Vpc>(&self.vpc_id)?.id;
        let gateway = EgressOnlyInternetGateway { id: cx.new_id(), vpc_id, tags };
        cx.region.put(gateway.clone());
        cx.remember(NAME, token, vec![gateway.id.into()]);
        let egress_only_internet_gateway = GatewayItem::new(&gateway, cx);
        Ok(CreateEgressOnlyInternetGatewayResponse { client_token: self.client_token, egress_only_internet_gateway })
    }
}

/// DeleteEgressOnlyInternetGateway. Routes through it stay, as blackholes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteEgressOnlyInternetGateway {
    egress_only_internet_gateway_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteEgressOnlyInternetGatewayResponse {
    return_code: bool,
}

impl Action for DeleteEgressOnlyInternetGateway {
    type Response = DeleteEgressOnlyInternetGatewayResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let id = cx.find::<EgressOnlyInternetGateway>(&self.egress_only_internet_gateway_id)?.id;
        cx.region.remove(id);
        Ok(DeleteEgressOnlyInternetGatewayResponse { return_code: true })
    }
}

describe!(
    /// DescribeEgressOnlyInternetGateways.
    DescribeEgressOnlyInternetGateways, "EgressOnlyInternetGatewayId" of EgressOnlyInternetGateway,
    egress_only_internet_gateway_set: GatewayItem, GatewayItem::new, pages 5..=255
);
