//! Virtual private gateways: the VPC's end of VPN connections, attached to one VPC at a time.
//!
//! Sources: CreateVpnGateway, AttachVpnGateway, DetachVpnGateway, DeleteVpnGateway, DescribeVpnGateways; what Terraform's AWS provider
//! waits for.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{ResourceId, VpcId, VpnGatewayId};

use crate::action::{Action, Context, actions};
use crate::clock::{Timestamp, Transition};
use crate::describe::{Filter, FilterTable, Page, Query, optional, select, text};
use crate::error::{IdWording, Refusal};
use crate::family::tag::{TagItem, TagSpecification, specified_tags, tag_set};
use crate::family::vpc::Vpc;
use crate::family::{route_table, zone};
use crate::quota;
use crate::state::{Resource, Tags, resource};
use crate::wire::{Items, Reply};

actions![AttachVpnGateway, CreateVpnGateway, DeleteVpnGateway, DescribeVpnGateways, DetachVpnGateway];

/// The ASN of a gateway that was made without one. Source: CreateVpnGateway.
const DEFAULT_ASN: i64 = 64_512;

/// A virtual private gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct VpnGateway {
    id: VpnGatewayId,
    amazon_side_asn: i64,
    availability_zone: Option<String>,
    is_deleted: bool,
    /// The last one: a VPC stays on view when the gateway is detached.
    attachment: Option<Attachment>,
    /// When the attachment leaves its state by itself, or a deleted gateway is forgotten.
    due: Option<Timestamp>,
    tags: Tags,
}

resource!(
    VpnGateway as VpnGateway,
    VpnGatewayId,
    "vpn-gateway",
    // EC2 has no code of its own for malformed ids.
    IdWording {
        noun: "vpnGateway",
        not_found: "InvalidVpnGatewayID.NotFound",
        malformed: "InvalidVpnGatewayID.NotFound",
    },
    fn references(&self) -> Vec<ResourceId> {
        self.held_vpc().map(Into::into).into_iter().collect()
    },
    fn due(&self) -> Option<Timestamp> {
        self.due
    },
    fn advance(cx: &mut Context<'_>, id: VpnGatewayId, _at: Timestamp) {
        if cx.region.get::<VpnGateway>(id).is_some_and(|gateway| gateway.is_deleted) {
            return cx.region.remove(id);
        }
        cx.region.update(id, |gateway: &mut VpnGateway| {
            gateway.due = None;
            if let Some(attachment) = &mut gateway.attachment {
                attachment.state = attachment.state.next();
            }
        });
    }
);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Attachment {
    vpc_id: VpcId,
    state: AttachmentState,
}

/// Where an attachment is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AttachmentState {
    Attaching,
    Attached,
    Detaching,
    Detached,
}

impl AttachmentState {
    const fn next(self) -> Self {
        match self {
            Self::Attaching | Self::Attached => Self::Attached,
            Self::Detaching | Self::Detached => Self::Detached,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Attaching => "attaching",
            Self::Attached => "attached",
            Self::Detaching => "detaching",
            Self::Detached => "detached",
        }
    }
}

impl VpnGateway {
    /// The VPC that the gateway is attached to, or soon.
    pub(crate) fn vpc(&self) -> Option<VpcId> {
        let attachment = self.attachment.as_ref()?;
        matches!(attachment.state, AttachmentState::Attaching | AttachmentState::Attached).then_some(attachment.vpc_id)
    }

    /// The VPC that has to stay because of the gateway.
    fn held_vpc(&self) -> Option<VpcId> {
        let attachment = self.attachment.as_ref()?;
        (attachment.state != AttachmentState::Detached).then_some(attachment.vpc_id)
    }

    const fn state(&self) -> &'static str {
        if self.is_deleted { "deleted" } else { "available" }
    }

    const FILTERS: FilterTable<Self> = &[
        ("amazon-side-asn", |gateway, _| text(gateway.amazon_side_asn)),
        ("attachment.state", |gateway, _| {
            optional(gateway.attachment.as_ref().map(|attachment| attachment.state.name()))
        }),
        ("attachment.vpc-id", |gateway, _| optional(gateway.attachment.as_ref().map(|attachment| attachment.vpc_id))),
        ("availability-zone", |gateway, _| optional(gateway.availability_zone.as_ref())),
        ("state", |gateway, _| text(gateway.state())),
        ("type", |_, _| text("ipsec.1")),
        ("vpn-gateway-id", |gateway, _| text(gateway.id)),
    ];
}

/// A gateway that can be used.
fn find<'c>(cx: &'c Context<'_>, id: &str) -> Result<&'c VpnGateway, Refusal> {
    let gateway = cx.find::<VpnGateway>(id)?;
    if gateway.is_deleted { Err(VpnGateway::WORDING.not_found(id)) } else { Ok(gateway) }
}

/// The one type of VPN that there is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum GatewayType {
    #[serde(rename = "ipsec.1")]
    Ipsec1,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VpnGatewayItem {
    vpn_gateway_id: VpnGatewayId,
    state: &'static str,
    r#type: GatewayType,
    availability_zone: Option<String>,
    attachments: Items<AttachmentItem>,
    amazon_side_asn: i64,
    tag_set: Items<TagItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AttachmentItem {
    vpc_id: VpcId,
    state: AttachmentState,
}

impl VpnGatewayItem {
    fn new(gateway: &VpnGateway) -> Self {
        let attachment =
            |attachment: &Attachment| AttachmentItem { vpc_id: attachment.vpc_id, state: attachment.state };
        Self {
            vpn_gateway_id: gateway.id,
            state: gateway.state(),
            r#type: GatewayType::Ipsec1,
            availability_zone: gateway.availability_zone.clone(),
            attachments: gateway.attachment.iter().map(attachment).collect(),
            amazon_side_asn: gateway.amazon_side_asn,
            tag_set: tag_set(&gateway.tags),
        }
    }
}

/// CreateVpnGateway.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateVpnGateway {
    amazon_side_asn: Option<i64>,
    availability_zone: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
    #[serde(rename = "Type")]
    _type: GatewayType,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateVpnGatewayResponse {
    vpn_gateway: VpnGatewayItem,
}

impl CreateVpnGateway {
    /// A private ASN, of 16 or of 32 bits.
    fn checked_asn(&self) -> Result<i64, Refusal> {
        let asn = self.amazon_side_asn.unwrap_or(DEFAULT_ASN);
        if (64_512..=65_534).contains(&asn) || (4_200_000_000..=4_294_967_294).contains(&asn) {
            return Ok(asn);
        }
        let message = format!("Value ({asn}) for parameter amazonSideAsn is invalid. The ASN must be private.");
        Err(Refusal::invalid_parameter_value(message))
    }
}

impl Action for CreateVpnGateway {
    type Response = CreateVpnGatewayResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let tags = specified_tags(&self.tag_specifications, &["vpn-gateway"], "vpn-gateway")?;
        let amazon_side_asn = self.checked_asn()?;
        if let Some(zone) = &self.availability_zone
            && !zone::zones(cx.region_name).iter().any(|known| known.name == *zone)
        {
            let message = format!("The zone '{zone}' does not exist.");
            return Err(Refusal::new("InvalidZone.NotFound", message));
        }
        cx.check_quota(&quota::VPN_GATEWAYS, |region| {
            1 + region.all::<VpnGateway>().filter(|gateway| !gateway.is_deleted).count()
        })?;
        let gateway = VpnGateway {
            id: cx.new_id(),
            amazon_side_asn,
            availability_zone: self.availability_zone,
            is_deleted: false,
            attachment: None,
            due: None,
            tags,
        };
        cx.region.put(gateway.clone());
        Ok(CreateVpnGatewayResponse { vpn_gateway: VpnGatewayItem::new(&gateway) })
    }
}

/// AttachVpnGateway: a gateway has one VPC, a VPC one gateway.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AttachVpnGateway {
    vpc_id: String,
    vpn_gateway_id: String,
}

#[derive(Serialize)]
pub(crate) struct AttachVpnGatewayResponse {
    attachment: AttachmentItem,
}

impl Action for AttachVpnGateway {
    type Response = AttachVpnGatewayResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let gateway = find(cx, &self.vpn_gateway_id)?;
        let vpc = cx.find::<Vpc>(&self.vpc_id)?;
        if let Some(other) = gateway.held_vpc() {
            let message = format!("resource {} is already attached to network {other}", gateway.id);
            return Err(Refusal::new("VpnGatewayAttachmentLimitExceeded", message));
        }
        if cx.region.referrers::<VpnGateway>(vpc.id).next().is_some() {
            let message = format!("Network {} already has a virtual private gateway attached", vpc.id);
            return Err(Refusal::new("VpnGatewayAttachmentLimitExceeded", message));
        }
        let (id, vpc_id, due) = (gateway.id, vpc.id, cx.end_of(Transition::AttachVpnGateway));
        let state = AttachmentState::Attaching;
        cx.region.update(id, |gateway: &mut VpnGateway| {
            gateway.attachment = Some(Attachment { vpc_id, state });
            gateway.due = Some(due);
        });
        Ok(AttachVpnGatewayResponse { attachment: AttachmentItem { vpc_id, state } })
    }
}

/// DetachVpnGateway: tables no longer take routes from it, and those to it are blackholes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DetachVpnGateway {
    vpc_id: String,
    vpn_gateway_id: String,
}

impl Action for DetachVpnGateway {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let gateway = find(cx, &self.vpn_gateway_id)?;
        let vpc = cx.find::<Vpc>(&self.vpc_id)?;
        if gateway.vpc() != Some(vpc.id) {
            let message =
                format!("The attachment with vpn gateway ID '{}' and vpc ID '{}' does not exist", gateway.id, vpc.id);
            return Err(Refusal::new("InvalidVpnGatewayAttachment.NotFound", message));
        }
        let (id, due) = (gateway.id, cx.end_of(Transition::DetachVpnGateway));
        route_table::forget_gateway(&mut cx.region, id);
        cx.region.update(id, |gateway: &mut VpnGateway| {
            gateway.due = Some(due);
            if let Some(attachment) = &mut gateway.attachment {
                attachment.state = AttachmentState::Detaching;
            }
        });
        Ok(Reply::TRUE)
    }
}

/// DeleteVpnGateway: refused while attached. It stays on view as deleted for a while.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteVpnGateway {
    vpn_gateway_id: String,
}

impl Action for DeleteVpnGateway {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let gateway = find(cx, &self.vpn_gateway_id)?;
        if gateway.held_vpc().is_some() {
            return Err(Refusal::new("IncorrectState", "The VPN gateway is in use.".to_owned()));
        }
        let (id, due) = (gateway.id, cx.end_of(Transition::Forget));
        cx.region.update(id, |gateway: &mut VpnGateway| {
            gateway.is_deleted = true;
            gateway.attachment = None;
            gateway.due = Some(due);
        });
        Ok(Reply::TRUE)
    }
}

/// DescribeVpnGateways. It has no pages.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeVpnGateways {
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    #[serde(rename = "VpnGatewayId", default)]
    ids: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeVpnGatewaysResponse {
    vpn_gateway_set: Items<VpnGatewayItem>,
}

impl Action for DescribeVpnGateways {
    type Response = DescribeVpnGatewaysResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let query = Query { ids: &self.ids, filters: &self.filters, page: Page::default(), ids_name: "VpnGatewayIds" };
        let (found, _) = select(cx, &query, VpnGateway::FILTERS)?;
        Ok(DescribeVpnGatewaysResponse { vpn_gateway_set: found.into_iter().map(VpnGatewayItem::new).collect() })
    }
}
