//! VPCs.

use std::borrow::Cow;

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_with::skip_serializing_none;

use super::Tag;
use super::tag::resource;
use crate::id::{DhcpOptionsId, VpcCidrAssociationId, VpcId};
use crate::text::open_enum;

/// A virtual private cloud.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Vpc {
    /// The VPC's id.
    pub vpc_id: VpcId,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// The primary IPv4 block. Further blocks are in `cidr_block_association_set`.
    pub cidr_block: Ipv4Net,
    /// Every IPv4 block of the VPC, the primary one included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cidr_block_association_set: Vec<VpcCidrBlockAssociation>,
    /// Every IPv6 block of the VPC.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ipv6_cidr_block_association_set: Vec<VpcIpv6CidrBlockAssociation>,
    /// The DHCP options in force. `None` when the VPC has none, for which AWS writes `default`.
    #[serde(default, deserialize_with = "dhcp_options_or_default")]
    pub dhcp_options_id: Option<DhcpOptionsId>,
    /// Where the VPC is in its life.
    pub state: VpcState,
    /// `default`, `dedicated` or `host`.
    pub instance_tenancy: Option<String>,
    /// Whether this is the region's default VPC.
    #[serde(default)]
    pub is_default: bool,
    /// The VPC's tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

resource!(Vpc, vpc_id);

impl Vpc {
    /// The IPv4 blocks in which subnets can be made, the primary one first.
    #[must_use]
    pub fn ipv4_cidr_blocks(&self) -> Vec<Ipv4Net> {
        let associated = self.cidr_block_association_set.iter().filter(|association| association.is_associated());
        let others = associated.map(|association| association.cidr_block).filter(|block| *block != self.cidr_block);
        std::iter::once(self.cidr_block).chain(others).collect()
    }
}

/// AWS prints `default` in place of an id when a VPC has no DHCP options.
fn dhcp_options_or_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DhcpOptionsId>, D::Error> {
    match Option::<Cow<'de, str>>::deserialize(deserializer)?.as_deref() {
        None | Some("default") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(de::Error::custom),
    }
}

open_enum! {
    /// Where a VPC is in its life.
    VpcState {
        /// Being made.
        Pending => "pending",
        /// Ready for use.
        Available => "available",
    }
}

/// An IPv4 block of a VPC.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcCidrBlockAssociation {
    /// The association's id.
    pub association_id: Option<VpcCidrAssociationId>,
    /// The block.
    pub cidr_block: Ipv4Net,
    /// How far the association is.
    pub cidr_block_state: Option<CidrBlockState>,
}

impl VpcCidrBlockAssociation {
    /// Whether the block belongs to the VPC now; so taken where AWS names no state.
    #[must_use]
    pub fn is_associated(&self) -> bool {
        self.cidr_block_state.as_ref().is_none_or(|state| state.state == CidrBlockStateCode::Associated)
    }
}

/// An IPv6 block of a VPC.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcIpv6CidrBlockAssociation {
    /// The association's id.
    pub association_id: Option<VpcCidrAssociationId>,
    /// The block; unset while Amazon has not assigned one.
    pub ipv6_cidr_block: Option<Ipv6Net>,
    /// How far the association is.
    pub ipv6_cidr_block_state: Option<CidrBlockState>,
    /// The pool from which the block came, `Amazon` for Amazon's own.
    pub ipv6_pool: Option<String>,
    /// The group of zones from which the block is announced.
    pub network_border_group: Option<String>,
}

/// How far the association of a block is. VPCs and subnets share it.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CidrBlockState {
    /// The state.
    pub state: CidrBlockStateCode,
    /// Why it is so, when AWS says.
    pub status_message: Option<String>,
}

open_enum! {
    /// States of the association of a block.
    CidrBlockStateCode {
        /// Being associated.
        Associating => "associating",
        /// In use.
        Associated => "associated",
        /// Being removed.
        Disassociating => "disassociating",
        /// Removed.
        Disassociated => "disassociated",
        /// About to fail.
        Failing => "failing",
        /// Failed.
        Failed => "failed",
    }
}
