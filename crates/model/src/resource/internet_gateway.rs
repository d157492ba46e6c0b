//! Internet gateways.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::tag::resource;
use super::{AttachmentStatus, Tag};
use crate::id::{InternetGatewayId, VpcId};

/// An internet gateway: a VPC's door to the internet.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InternetGateway {
    /// The gateway's id.
    pub internet_gateway_id: InternetGatewayId,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// The VPC it is attached to: none or one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<InternetGatewayAttachment>,
    /// The gateway's tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

resource!(InternetGateway, internet_gateway_id);

impl InternetGateway {
    /// Whether the gateway is attached to this VPC and in use.
    #[must_use]
    pub fn is_attached_to(&self, vpc: VpcId) -> bool {
        self.attachments.iter().any(|attachment| attachment.vpc_id == vpc && attachment.is_in_use())
    }
}

/// The attachment of an internet gateway to a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InternetGatewayAttachment {
    /// `available` when in use, as AWS writes it for this kind of attachment.
    pub state: AttachmentStatus,
    /// The VPC.
    pub vpc_id: VpcId,
}

impl InternetGatewayAttachment {
    /// Whether packets pass. AWS writes `available` for a gateway, its API model says `attached`.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        matches!(self.state, AttachmentStatus::Available | AttachmentStatus::Attached)
    }
}
