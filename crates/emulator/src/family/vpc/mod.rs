//! VPCs, their CIDR blocks and their attributes, and the default VPC of a region.
//!
//! Sources: CreateVpc, CreateDefaultVpc, DeleteVpc, DescribeVpcs, AssociateVpcCidrBlock, DescribeVpcAttribute,
//! ModifyVpcAttribute and their neighbours; "Default VPCs" and "VPC CIDR blocks" in the Amazon VPC User Guide.

mod attribute;
mod cidr_block;
mod create;

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{DhcpOptionsId, ResourceId, VpcCidrAssociationId, VpcId};

use crate::action::{Context, actions};
use crate::describe::{FilterTable, describe, flag, text};
use crate::error::{IdWording, Refusal};
use crate::family::tag::{TagItem, tag_set};
use crate::state::{Tags, resource};
use crate::wire::Items;

pub(crate) use attribute::{AttributeBoolean, AttributeValue, exactly_one_attribute};
use attribute::{DescribeVpcAttribute, ModifyVpcAttribute, ModifyVpcTenancy};
pub(crate) use cidr_block::unknown_ipam_pool;
use cidr_block::{AssociateVpcCidrBlock, DisassociateVpcCidrBlock};
pub(crate) use create::create_default_vpc;
use create::{CreateDefaultVpc, CreateVpc, DeleteVpc};

actions![
    AssociateVpcCidrBlock,
    CreateDefaultVpc,
    CreateVpc,
    DeleteVpc,
    DescribeVpcAttribute,
    DescribeVpcs,
    DisassociateVpcCidrBlock,
    ModifyVpcAttribute,
    ModifyVpcTenancy,
];

/// A VPC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Vpc {
    pub(crate) id: VpcId,
    pub(crate) cidr_block: Ipv4Net,
    cidr_association_id: VpcCidrAssociationId,
    /// The other IPv4 blocks, in the order in which they came.
    #[serde(default)]
    secondary_cidr_blocks: Vec<CidrAssociation<Ipv4Net>>,
    #[serde(default)]
    ipv6_cidr_blocks: Vec<CidrAssociation<Ipv6Net>>,
    /// `None`: no options, which answers show as `default`.
    pub(crate) dhcp_options_id: Option<DhcpOptionsId>,
    instance_tenancy: Tenancy,
    pub(crate) is_default: bool,
    pub(crate) enable_dns_support: bool,
    pub(crate) enable_dns_hostnames: bool,
    enable_network_address_usage_metrics: bool,
    tags: Tags,
}

resource!(
    Vpc as Vpc,
    VpcId,
    "vpc",
    IdWording { noun: "vpc", not_found: "InvalidVpcID.NotFound", malformed: "InvalidVpcID.Malformed" },
    fn references(&self) -> Vec<ResourceId> {
        self.dhcp_options_id.map(Into::into).into_iter().collect()
    },
    fn aliases(&self) -> Vec<String> {
        let ids = self.associations().map(|(id, _)| id).chain(self.ipv6_cidr_blocks.iter().map(|held| held.id));
        ids.map(|id| id.to_string()).chain(self.is_default.then(|| DEFAULT.to_owned())).collect()
    }
);

/// The alias of the default VPC.
const DEFAULT: &str = "vpc/default";

/// The association of a CIDR block with a VPC.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct CidrAssociation<Net> {
    id: VpcCidrAssociationId,
    block: Net,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tenancy {
    #[default]
    Default,
    Dedicated,
    Host,
}

impl Vpc {
    fn shown_dhcp_options_id(&self) -> String {
        self.dhcp_options_id.map_or_else(|| "default".to_owned(), |id| id.to_string())
    }

    /// The IPv4 blocks with their associations, the primary one first.
    fn associations(&self) -> impl Iterator<Item = (VpcCidrAssociationId, Ipv4Net)> + use<'_> {
        let primary = (self.cidr_association_id, self.cidr_block);
        std::iter::once(primary).chain(self.secondary_cidr_blocks.iter().map(|held| (held.id, held.block)))
    }

    /// All IPv4 blocks, the primary one first.
    pub(crate) fn cidr_blocks(&self) -> impl Iterator<Item = Ipv4Net> + use<'_> {
        self.associations().map(|(_, block)| block)
    }

    pub(crate) fn ipv6_cidr_blocks(&self) -> impl Iterator<Item = Ipv6Net> + use<'_> {
        self.ipv6_cidr_blocks.iter().map(|held| held.block)
    }

    const FILTERS: FilterTable<Self> = &[
        ("cidr", |vpc, _| text(vpc.cidr_block)),
        // EC2 takes it, though its documentation does not list it: Ansible's amazon.aws.ec2_vpc_net finds its VPC by it.
        ("cidr-block", |vpc, _| text(vpc.cidr_block)),
        ("cidr-block-association.association-id", |vpc, _| vpc.associations().map(|(id, _)| id.to_string()).collect()),
        ("cidr-block-association.cidr-block", |vpc, _| vpc.cidr_blocks().map(|block| block.to_string()).collect()),
        ("cidr-block-association.state", |_, _| text("associated")),
        ("cidrBlock", |vpc, _| text(vpc.cidr_block)),
        ("dhcp-options-id", |vpc, _| text(vpc.shown_dhcp_options_id())),
        ("ipv6-cidr-block-association.association-id", |vpc, _| {
            vpc.ipv6_cidr_blocks.iter().map(|held| held.id.to_string()).collect()
        }),
        ("ipv6-cidr-block-association.ipv6-cidr-block", |vpc, _| {
            vpc.ipv6_cidr_blocks().map(|block| block.to_string()).collect()
        }),
        ("ipv6-cidr-block-association.ipv6-pool", |vpc, _| {
            vpc.ipv6_cidr_blocks().map(|_| "Amazon".to_owned()).collect()
        }),
        ("ipv6-cidr-block-association.state", |vpc, _| {
            vpc.ipv6_cidr_blocks().map(|_| "associated".to_owned()).collect()
        }),
        ("is-default", |vpc, _| flag(vpc.is_default)),
        ("isDefault", |vpc, _| flag(vpc.is_default)),
        ("owner-id", |_, cx| text(cx.account_id())),
        ("state", |_, _| text("available")),
        ("vpc-id", |vpc, _| text(vpc.id)),
    ];
}

/// Reads a CIDR block and clears its host bits. `parameter` is EC2's name for it in the message.
pub(crate) fn parse_cidr(text: &str, parameter: &str) -> Result<Ipv4Net, Refusal> {
    // ipnet accepts no text without a prefix length, nor one with surrounding space; EC2 neither.
    text.parse::<Ipv4Net>().map(|block| block.trunc()).map_err(|_| {
        let message = format!("Value ({text}) for parameter {parameter} is invalid. This is not a valid CIDR block.");
        Refusal::invalid_parameter_value(message)
    })
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VpcItem {
    vpc_id: VpcId,
    owner_id: String,
    state: &'static str,
    cidr_block: String,
    cidr_block_association_set: Items<CidrAssociationItem>,
    ipv6_cidr_block_association_set: Option<Items<Ipv6AssociationItem>>,
    dhcp_options_id: String,
    tag_set: Items<TagItem>,
    instance_tenancy: Tenancy,
    is_default: bool,
    block_public_access_states: Option<BlockPublicAccessStates>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CidrAssociationItem {
    association_id: VpcCidrAssociationId,
    cidr_block: String,
    cidr_block_state: CidrState,
}

impl CidrAssociationItem {
    fn new(association_id: VpcCidrAssociationId, block: Ipv4Net, state: &'static str) -> Self {
        Self { association_id, cidr_block: block.to_string(), cidr_block_state: CidrState { state } }
    }
}

/// An IPv6 block that Amazon lent the VPC.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ipv6AssociationItem {
    association_id: VpcCidrAssociationId,
    ipv6_cidr_block: String,
    ipv6_cidr_block_state: CidrState,
    network_border_group: String,
    ipv6_pool: &'static str,
    ipv6_address_attribute: &'static str,
    ip_source: &'static str,
}

impl Ipv6AssociationItem {
    fn new(association: &CidrAssociation<Ipv6Net>, state: &'static str, cx: &Context<'_>) -> Self {
        Self {
            association_id: association.id,
            ipv6_cidr_block: association.block.to_string(),
            ipv6_cidr_block_state: CidrState { state },
            network_border_group: cx.region_name.to_owned(),
            ipv6_pool: "Amazon",
            ipv6_address_attribute: "public",
            ip_source: "amazon",
        }
    }
}

/// The state of a block's association in an answer.
#[derive(Serialize)]
pub(crate) struct CidrState {
    pub(crate) state: &'static str,
}

/// Whether VPC Block Public Access stops traffic: it is off in an account that did not turn it on.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlockPublicAccessStates {
    internet_gateway_block_mode: &'static str,
}

impl BlockPublicAccessStates {
    pub(crate) const OFF: Self = Self { internet_gateway_block_mode: "off" };
}

impl VpcItem {
    fn described(vpc: &Vpc, cx: &Context<'_>) -> Self {
        let ipv4 = vpc.associations().map(|(id, block)| CidrAssociationItem::new(id, block, "associated"));
        let ipv6 = vpc.ipv6_cidr_blocks.iter().map(|held| Ipv6AssociationItem::new(held, "associated", cx));
        Self {
            vpc_id: vpc.id,
            owner_id: cx.account_id().to_owned(),
            state: "available",
            cidr_block: vpc.cidr_block.to_string(),
            cidr_block_association_set: ipv4.collect(),
            ipv6_cidr_block_association_set: (!vpc.ipv6_cidr_blocks.is_empty()).then(|| ipv6.collect()),
            dhcp_options_id: vpc.shown_dhcp_options_id(),
            tag_set: tag_set(&vpc.tags),
            instance_tenancy: vpc.instance_tenancy,
            is_default: vpc.is_default,
            block_public_access_states: Some(BlockPublicAccessStates::OFF),
        }
    }

    /// CreateVpc shows an empty IPv6 set and no block of public access, DescribeVpcs the reverse.
    fn created(vpc: &Vpc, cx: &Context<'_>) -> Self {
        let ipv6 = vpc.ipv6_cidr_blocks.iter().map(|held| Ipv6AssociationItem::new(held, "associating", cx));
        Self {
            state: "pending",
            ipv6_cidr_block_association_set: Some(ipv6.collect()),
            block_public_access_states: None,
            ..Self::described(vpc, cx)
        }
    }
}

describe!(
    /// DescribeVpcs.
    DescribeVpcs, "VpcId" of Vpc,
    vpc_set: VpcItem, VpcItem::described
);

/// The VPC that a request means when it names none: the region's default VPC.
pub(crate) fn default_vpc<'c>(cx: &'c Context<'_>) -> Option<&'c Vpc> {
    cx.region.by_alias::<Vpc>(DEFAULT)
}
