//! VPCs and their attributes, and the default VPC of a region.
//!
//! Sources: CreateVpc, DeleteVpc, DescribeVpcs, DescribeVpcAttribute, ModifyVpcAttribute; "Default VPCs" in the Amazon VPC User
//! Guide.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{DhcpOptionsId, ResourceId, VpcCidrAssociationId, VpcId};

use crate::action::{Action, Context, actions};
use crate::describe::{FilterTable, describe, flag, text};
use crate::error::{IdWording, Refusal};
use crate::family::dhcp_options::DhcpOptions;
use crate::family::internet_gateway::InternetGateway;
use crate::family::network_acl::NetworkAcl;
use crate::family::network_interface::NetworkInterface;
use crate::family::route_table::{RouteTable, RouteTarget};
use crate::family::security_group::SecurityGroup;
use crate::family::subnet::Subnet;
use crate::family::tag::{TagItem, TagSpecification, specified_tags, tag_set};
use crate::family::{network_acl, security_group, zone};
use crate::state::{Resource, Tags, resource};
use crate::wire::{Items, Reply};

actions![CreateVpc, DeleteVpc, DescribeVpcAttribute, DescribeVpcs, ModifyVpcAttribute];

/// A VPC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Vpc {
    pub(crate) id: VpcId,
    pub(crate) cidr_block: Ipv4Net,
    cidr_association_id: VpcCidrAssociationId,
    pub(crate) dhcp_options_id: DhcpOptionsId,
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
        vec![self.dhcp_options_id.into()]
    }
);

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tenancy {
    #[default]
    Default,
    Dedicated,
    Host,
}

impl Vpc {
    /// A /16 to /28 block; host bits are cleared as EC2 does.
    fn checked_cidr_block(text: &str) -> Result<Ipv4Net, Refusal> {
        let block = parse_cidr(text, "cidrBlock")?;
        if !(16..=28).contains(&block.prefix_len()) {
            return Err(Refusal::new("InvalidVpc.Range", format!("The CIDR '{text}' is invalid.")));
        }
        Ok(block)
    }

    const FILTERS: FilterTable<Self> = &[
        ("cidr", |vpc, _| text(vpc.cidr_block)),
        ("cidr-block-association.association-id", |vpc, _| text(vpc.cidr_association_id)),
        ("cidr-block-association.cidr-block", |vpc, _| text(vpc.cidr_block)),
        ("cidr-block-association.state", |_, _| text("associated")),
        ("cidrBlock", |vpc, _| text(vpc.cidr_block)),
        ("dhcp-options-id", |vpc, _| text(vpc.dhcp_options_id)),
        ("ipv6-cidr-block-association.association-id", |_, _| Vec::new()),
        ("ipv6-cidr-block-association.ipv6-cidr-block", |_, _| Vec::new()),
        ("ipv6-cidr-block-association.ipv6-pool", |_, _| Vec::new()),
        ("ipv6-cidr-block-association.state", |_, _| Vec::new()),
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

/// Makes a VPC with what EC2 makes along: the main route table, the default security group and the default network ACL.
fn create(cx: &mut Context<'_>, cidr_block: Ipv4Net, instance_tenancy: Tenancy, is_default: bool, tags: Tags) -> Vpc {
    let existing = cx.region.all::<DhcpOptions>().next().map(Resource::id);
    let dhcp_options_id = match existing {
        Some(id) => id,
        None => {
            let id = cx.new_id();
            cx.region.put(DhcpOptions::default_for(id, cx.region_name));
            id
        }
    };
    let vpc = Vpc {
        id: cx.new_id(),
        cidr_block,
        cidr_association_id: cx.new_id(),
        dhcp_options_id,
        instance_tenancy,
        is_default,
        enable_dns_support: true,
        enable_dns_hostnames: is_default,
        enable_network_address_usage_metrics: false,
        tags,
    };
    cx.region.put(vpc.clone());
    let table = RouteTable::main_of(cx.new_id(), cx.new_id(), &vpc);
    cx.region.put(table);
    network_acl::create_default(cx, vpc.id);
    security_group::create_default(cx, vpc.id);
    vpc
}

/// The VPC that AWS gives an account in each region: 172.31.0.0/16 with an internet gateway, its route, and a public /20 subnet in
/// each zone.
pub(crate) fn create_default_vpc(cx: &mut Context<'_>) {
    let net = |a, b, c, d, prefix| Ipv4Net::new_assert([a, b, c, d].into(), prefix);
    let vpc = create(cx, net(172, 31, 0, 0, 16), Tenancy::Default, true, Tags::new());
    let mut gateway = InternetGateway::new(cx.new_id(), Tags::new());
    gateway.vpc_id = Some(vpc.id);
    let target = RouteTarget::InternetGateway(Resource::id(&gateway));
    cx.region.put(gateway);
    let main = RouteTable::main_table_of(&cx.region, vpc.id).cloned();
    if let Some(mut table) = main {
        table.add_route(net(0, 0, 0, 0, 0), target);
        cx.region.put(table);
    }
    for (zone, third) in zone::zones(cx.region_name).into_iter().zip((0..=u8::MAX).step_by(16)) {
        let subnet = Subnet::default_for_zone(cx.new_id(), &vpc, zone, net(172, 31, third, 0, 20));
        network_acl::associate_default(cx, vpc.id, Resource::id(&subnet));
        cx.region.put(subnet);
    }
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
    ipv6_cidr_block_association_set: Option<Items<CidrAssociationItem>>,
    dhcp_options_id: DhcpOptionsId,
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

#[derive(Serialize)]
struct CidrState {
    state: &'static str,
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
        let association = CidrAssociationItem {
            association_id: vpc.cidr_association_id,
            cidr_block: vpc.cidr_block.to_string(),
            cidr_block_state: CidrState { state: "associated" },
        };
        Self {
            vpc_id: vpc.id,
            owner_id: cx.account_id().to_owned(),
            state: "available",
            cidr_block: vpc.cidr_block.to_string(),
            cidr_block_association_set: vec![association].into(),
            ipv6_cidr_block_association_set: None,
            dhcp_options_id: vpc.dhcp_options_id,
            tag_set: tag_set(&vpc.tags),
            instance_tenancy: vpc.instance_tenancy,
            is_default: vpc.is_default,
            block_public_access_states: Some(BlockPublicAccessStates::OFF),
        }
    }

    /// CreateVpc shows an empty IPv6 set and no block of public access, DescribeVpcs the reverse.
    fn created(vpc: &Vpc, cx: &Context<'_>) -> Self {
        Self {
            state: "pending",
            ipv6_cidr_block_association_set: Some(Items::default()),
            block_public_access_states: None,
            ..Self::described(vpc, cx)
        }
    }
}

/// CreateVpc.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateVpc {
    cidr_block: Option<String>,
    #[serde(default)]
    instance_tenancy: Tenancy,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[derive(Serialize)]
pub(crate) struct CreateVpcResponse {
    vpc: VpcItem,
}

impl Action for CreateVpc {
    type Response = CreateVpcResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let Some(cidr_block) = self.cidr_block else {
            let message = "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.".to_owned();
            return Err(Refusal::new("MissingParameter", message));
        };
        let cidr_block = Vpc::checked_cidr_block(&cidr_block)?;
        let tags = specified_tags(&self.tag_specifications, &["vpc"], "vpc")?;
        let vpc = create(cx, cidr_block, self.instance_tenancy, false, tags);
        Ok(CreateVpcResponse { vpc: VpcItem::created(&vpc, cx) })
    }
}

describe!(
    /// DescribeVpcs.
    DescribeVpcs, "VpcId" of Vpc,
    vpc_set: VpcItem, VpcItem::described
);

/// DeleteVpc: refused while anything but what CreateVpc made is left in the VPC.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteVpc {
    vpc_id: String,
}

impl Action for DeleteVpc {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let id = cx.find::<Vpc>(&self.vpc_id)?.id;
        let region = &mut cx.region;
        let in_use = region.referrers::<Subnet>(id).next().is_some()
            || region.referrers::<InternetGateway>(id).next().is_some()
            || region.referrers::<NetworkInterface>(id).next().is_some()
            || region.referrers::<SecurityGroup>(id).any(|group| !group.is_default())
            || region.referrers::<RouteTable>(id).any(|table| !table.is_main())
            || region.referrers::<NetworkAcl>(id).any(|acl| !acl.is_default);
        if in_use {
            return Err(Refusal::dependency("vpc", id));
        }
        security_group::delete_all(region, id);
        let rest: Vec<ResourceId> = (region.referrers::<RouteTable>(id).map(|table| Resource::id(table).into()))
            .chain(region.referrers::<NetworkAcl>(id).map(|acl| Resource::id(acl).into()))
            .collect();
        for dependent in rest {
            region.remove(dependent);
        }
        region.remove(id);
        Ok(Reply::TRUE)
    }
}

/// A boolean attribute in a request: `EnableDnsSupport.Value=true`.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AttributeBoolean {
    pub(crate) value: bool,
}

/// A boolean attribute in an answer.
#[derive(Serialize)]
pub(crate) struct AttributeValue {
    pub(crate) value: bool,
}

/// ModifyVpcAttribute: one attribute a call.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyVpcAttribute {
    vpc_id: String,
    enable_dns_support: Option<AttributeBoolean>,
    enable_dns_hostnames: Option<AttributeBoolean>,
    enable_network_address_usage_metrics: Option<AttributeBoolean>,
}

/// # Errors
/// `InvalidParameterCombination` unless exactly one attribute is given. Names are EC2's.
pub(crate) fn exactly_one_attribute(given: &[(&str, bool)]) -> Result<(), Refusal> {
    let names: Vec<&str> = given.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
    match names.as_slice() {
        [_] => Ok(()),
        [] => Err(Refusal::invalid_parameter_combination("No attributes specified.")),
        [first, second, ..] => Err(Refusal::invalid_parameter_combination(format!(
            "Fields for multiple attribute types specified: {first}, {second}"
        ))),
    }
}

impl Action for ModifyVpcAttribute {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        exactly_one_attribute(&[
            ("enableDnsSupport", self.enable_dns_support.is_some()),
            ("enableDnsHostnames", self.enable_dns_hostnames.is_some()),
            ("enableNetworkAddressUsageMetrics", self.enable_network_address_usage_metrics.is_some()),
        ])?;
        let id = cx.find::<Vpc>(&self.vpc_id)?.id;
        cx.region.update(id, |vpc: &mut Vpc| {
            let set = |attribute: &mut bool, wanted: Option<AttributeBoolean>| {
                *attribute = wanted.map_or(*attribute, |wanted| wanted.value);
            };
            set(&mut vpc.enable_dns_support, self.enable_dns_support);
            set(&mut vpc.enable_dns_hostnames, self.enable_dns_hostnames);
            set(&mut vpc.enable_network_address_usage_metrics, self.enable_network_address_usage_metrics);
        });
        Ok(Reply::TRUE)
    }
}

/// DescribeVpcAttribute.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeVpcAttribute {
    vpc_id: String,
    attribute: VpcAttribute,
}

#[derive(Clone, Copy, Deserialize)]
enum VpcAttribute {
    #[serde(rename = "enableDnsSupport")]
    DnsSupport,
    #[serde(rename = "enableDnsHostnames")]
    DnsHostnames,
    #[serde(rename = "enableNetworkAddressUsageMetrics")]
    NetworkAddressUsageMetrics,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeVpcAttributeResponse {
    vpc_id: VpcId,
    enable_dns_support: Option<AttributeValue>,
    enable_dns_hostnames: Option<AttributeValue>,
    enable_network_address_usage_metrics: Option<AttributeValue>,
}

impl Action for DescribeVpcAttribute {
    type Response = DescribeVpcAttributeResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let vpc = cx.find::<Vpc>(&self.vpc_id)?;
        let mut response = DescribeVpcAttributeResponse {
            vpc_id: vpc.id,
            enable_dns_support: None,
            enable_dns_hostnames: None,
            enable_network_address_usage_metrics: None,
        };
        let (slot, value) = match self.attribute {
            VpcAttribute::DnsSupport => (&mut response.enable_dns_support, vpc.enable_dns_support),
            VpcAttribute::DnsHostnames => (&mut response.enable_dns_hostnames, vpc.enable_dns_hostnames),
            VpcAttribute::NetworkAddressUsageMetrics => {
                (&mut response.enable_network_address_usage_metrics, vpc.enable_network_address_usage_metrics)
            }
        };
        *slot = Some(AttributeValue { value });
        Ok(response)
    }
}

/// The VPC that a request means when it names none: the region's default VPC.
pub(crate) fn default_vpc<'c>(cx: &'c Context<'_>) -> Option<&'c Vpc> {
    cx.region.all::<Vpc>().find(|vpc| vpc.is_default)
}
