//! Internet gateways: created free, attached to one VPC at a time.
//!
//! Sources: CreateInternetGateway, AttachInternetGateway, DetachInternetGateway, DeleteInternetGateway, DescribeInternetGateways,
//! and their answers recorded on AWS.

use serde::{Deserialize, Serialize};
use vpcrun_model::{InternetGatewayId, ResourceId, VpcId};

use crate::action::{Action, Context, actions};
use crate::describe::{FilterTable, describe, optional, text};
use crate::error::{IdWording, Refusal};
use crate::family::tag::{TagItem, TagSpecification, specified_tags, tag_set};
use crate::family::vpc::Vpc;
use crate::family::{network_interface, route_table};
use crate::quota;
use crate::state::{Tags, resource};
use crate::wire::{Items, Reply};

actions![
    AttachInternetGateway,
    CreateInternetGateway,
    DeleteInternetGateway,
    DescribeInternetGateways,
    DetachInternetGateway
];

/// An internet gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct InternetGateway {
    id: InternetGatewayId,
    /// The VPC it is attached to.
    pub(crate) vpc_id: Option<VpcId>,
    tags: Tags,
}

resource!(
    InternetGateway as InternetGateway,
    InternetGatewayId,
    "internet-gateway",
    IdWording {
        noun: "internetGateway",
        not_found: "InvalidInternetGatewayID.NotFound",
        malformed: "InvalidInternetGatewayId.Malformed",
    },
    fn references(&self) -> Vec<ResourceId> {
        self.vpc_id.map(Into::into).into_iter().collect()
    }
);

impl InternetGateway {
    pub(crate) fn new(id: InternetGatewayId, tags: Tags) -> Self {
        Self { id, vpc_id: None, tags }
    }

    const FILTERS: FilterTable<Self> = &[
        ("attachment.state", |gateway, _| optional(gateway.vpc_id.map(|_| "available"))),
        ("attachment.vpc-id", |gateway, _| optional(gateway.vpc_id)),
        ("internet-gateway-id", |gateway, _| text(gateway.id)),
        ("owner-id", |_, cx| text(cx.account_id())),
    ];
}

/// The gateway that is attached to a VPC.
pub(crate) fn attached_to<'c>(cx: &'c Context<'_>, vpc: VpcId) -> Option<&'c InternetGateway> {
    cx.region.referrers::<InternetGateway>(vpc).next()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InternetGatewayItem {
    internet_gateway_id: InternetGatewayId,
    attachment_set: Items<AttachmentItem>,
    owner_id: String,
    tag_set: Items<TagItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AttachmentItem {
    vpc_id: VpcId,
    state: &'static str,
}

impl InternetGatewayItem {
    fn new(gateway: &InternetGateway, cx: &Context<'_>) -> Self {
        let attachment = |vpc_id| AttachmentItem { vpc_id, state: "available" };
        Self {
            internet_gateway_id: gateway.id,
            attachment_set: gateway.vpc_id.map(attachment).into_iter().collect(),
            owner_id: cx.account_id().to_owned(),
            tag_set: tag_set(&gateway.tags),
        }
    }
}

/// CreateInternetGateway.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateInternetGateway {
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateInternetGatewayResponse {
    internet_gateway: InternetGatewayItem,
}

impl Action for CreateInternetGateway {
    type Response = CreateInternetGatewayResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let tags = specified_tags(&self.tag_specifications, &["internet-gateway"], "internet-gateway")?;
        cx.check_quota(&quota::INTERNET_GATEWAYS, |region| region.all::<InternetGateway>().count() + 1)?;
        let gateway = InternetGateway::new(cx.new_id(), tags);
        cx.region.put(gateway.clone());
        Ok(CreateInternetGatewayResponse { internet_gateway: InternetGatewayItem::new(&gateway, cx) })
    }
}

/// AttachInternetGateway: a gateway has one VPC, a VPC one gateway.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AttachInternetGateway {
    internet_gateway_id: String,
    vpc_id: String,
}

impl Action for AttachInternetGateway {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let gateway = cx.find::<InternetGateway>(&self.internet_gateway_id)?;
        let vpc = cx.find::<Vpc>(&self.vpc_id)?;
        if let Some(other) = gateway.vpc_id {
            let message = format!("resource {} is already attached to network {other}", gateway.id);
            return Err(Refusal::new("Resource.AlreadyAssociated", message));
        }
        if attached_to(cx, vpc.id).is_some() {
            let message = format!("Network {} already has an internet gateway attached", vpc.id);
            return Err(Refusal::invalid_parameter_value(message));
        }
        let (id, vpc_id) = (gateway.id, vpc.id);
        cx.region.update(id, |gateway: &mut InternetGateway| gateway.vpc_id = Some(vpc_id));
        Ok(Reply::TRUE)
    }
}

/// DetachInternetGateway: refused while an address of the VPC is public through it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DetachInternetGateway {
    internet_gateway_id: String,
    vpc_id: String,
}

impl Action for DetachInternetGateway {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let gateway = cx.find::<InternetGateway>(&self.internet_gateway_id)?;
        let vpc = cx.find::<Vpc>(&self.vpc_id)?;
        if gateway.vpc_id != Some(vpc.id) {
            let message = format!("resource {} is not attached to network {}", gateway.id, vpc.id);
            return Err(Refusal::new("Gateway.NotAttached", message));
        }
        if network_interface::has_public_addresses(&cx.region, vpc.id) {
            let message = format!(
                "Network {} has some mapped public address(es). Please unmap those public address(es) before \
                 detaching the gateway.",
                vpc.id
            );
            return Err(Refusal::new("DependencyViolation", message));
        }
        let id = gateway.id;
        route_table::forget_gateway(&mut cx.region, id);
        cx.region.update(id, |gateway: &mut InternetGateway| gateway.vpc_id = None);
        Ok(Reply::TRUE)
    }
}

/// DeleteInternetGateway: refused while attached. Routes through it stay, as blackholes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteInternetGateway {
    internet_gateway_id: String,
}

impl Action for DeleteInternetGateway {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let gateway = cx.find::<InternetGateway>(&self.internet_gateway_id)?;
        if gateway.vpc_id.is_some() {
            return Err(Refusal::dependency("internetGateway", gateway.id));
        }
        let id = gateway.id;
        cx.region.remove(id);
        Ok(Reply::TRUE)
    }
}

describe!(
    /// DescribeInternetGateways.
    DescribeInternetGateways, "InternetGatewayId" of InternetGateway,
    internet_gateway_set: InternetGatewayItem, InternetGatewayItem::new
);
