//! CreateVpc, CreateDefaultVpc, DeleteVpc.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use vpcrun_model::{ResourceId, VpcId};

use super::cidr_block::{Ipv6Request, checked_cidr_block, next_ipv6_block, unknown_ipam_pool};
use super::{CidrAssociation, Tenancy, Vpc, VpcItem, default_vpc};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::carrier_gateway::CarrierGateway;
use crate::family::dhcp_options;
use crate::family::egress_only_internet_gateway::EgressOnlyInternetGateway;
use crate::family::internet_gateway::InternetGateway;
use crate::family::network_acl::NetworkAcl;
use crate::family::network_interface::NetworkInterface;
use crate::family::route_table::{RouteTable, RouteTarget};
use crate::family::security_group::SecurityGroup;
use crate::family::subnet::Subnet;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::family::vpc_endpoint::VpcEndpoint;
use crate::family::vpc_peering_connection::VpcPeeringConnection;
use crate::family::vpn_gateway::VpnGateway;
use crate::family::{network_acl, security_group, subnet, zone};
use crate::quota;
use crate::state::{Resource, Tags};
use crate::wire::Reply;

/// A VPC to make.
struct New {
    cidr_block: Ipv4Net,
    ipv6_cidr_block: Option<Ipv6Net>,
    instance_tenancy: Tenancy,
    is_default: bool,
    tags: Tags,
}

/// Makes a VPC with what EC2 makes along: the main route table, the default security group and the default network ACL.
fn create(cx: &mut Context<'_>, new: New) -> Vpc {
    let dhcp_options_id = dhcp_options::default_of(cx);
    let vpc = Vpc {
        id: cx.new_id(),
        cidr_block: new.cidr_block,
        cidr_association_id: cx.new_id(),
        secondary_cidr_blocks: Vec::new(),
        ipv6_cidr_blocks: (new.ipv6_cidr_block.into_iter())
            .map(|block| CidrAssociation { id: cx.new_id(), block })
            .collect(),
        dhcp_options_id: Some(dhcp_options_id),
        instance_tenancy: new.instance_tenancy,
        is_default: new.is_default,
        enable_dns_support: true,
        enable_dns_hostnames: new.is_default,
        enable_network_address_usage_metrics: false,
        tags: new.tags,
    };
    cx.region.put(vpc.clone());
    let table = RouteTable::main_of(cx.new_id(), cx.new_id(), &vpc);
    cx.region.put(table);
    network_acl::create_default(cx, vpc.id);
    security_group::create_default(cx, vpc.id);
    if !vpc.ipv6_cidr_blocks.is_empty() {
        network_acl::add_ipv6(&mut cx.region, vpc.id);
    }
    vpc
}

/// The VPC that AWS gives an account in each region: 172.31.0.0/16 with an internet gateway, its route, and a public /20 subnet in
/// each zone.
pub(crate) fn create_default_vpc(cx: &mut Context<'_>) -> VpcId {
    let net = |a, b, c, d, prefix| Ipv4Net::new_assert([a, b, c, d].into(), prefix);
    let new = New {
        cidr_block: net(172, 31, 0, 0, 16),
        ipv6_cidr_block: None,
        instance_tenancy: Tenancy::Default,
        is_default: true,
        tags: Tags::new(),
    };
    let vpc = create(cx, new);
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
        subnet::create_default(cx, vpc.id, zone, net(172, 31, third, 0, 20));
    }
    vpc.id
}

/// CreateVpc.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateVpc {
    cidr_block: Option<String>,
    ipv4_ipam_pool_id: Option<String>,
    #[serde(rename = "Ipv4NetmaskLength")]
    _ipv4_netmask_length: Option<u8>,
    amazon_provided_ipv6_cidr_block: Option<bool>,
    ipv6_cidr_block: Option<String>,
    ipv6_pool: Option<String>,
    ipv6_ipam_pool_id: Option<String>,
    #[serde(rename = "Ipv6NetmaskLength")]
    _ipv6_netmask_length: Option<u8>,
    ipv6_cidr_block_network_border_group: Option<String>,
    vpc_encryption_control: Option<EncryptionControl>,
    #[serde(default)]
    instance_tenancy: Tenancy,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

/// Encryption in transit, which no emulated packet has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EncryptionControl {
    #[serde(rename = "Mode")]
    _mode: EncryptionMode,
    #[serde(rename = "InternetGatewayExclusion")]
    _internet_gateway: Option<Exclusion>,
    #[serde(rename = "EgressOnlyInternetGatewayExclusion")]
    _egress_only_internet_gateway: Option<Exclusion>,
    #[serde(rename = "NatGatewayExclusion")]
    _nat_gateway: Option<Exclusion>,
    #[serde(rename = "VirtualPrivateGatewayExclusion")]
    _virtual_private_gateway: Option<Exclusion>,
    #[serde(rename = "VpcPeeringExclusion")]
    _vpc_peering: Option<Exclusion>,
    #[serde(rename = "LambdaExclusion")]
    _lambda: Option<Exclusion>,
    #[serde(rename = "VpcLatticeExclusion")]
    _vpc_lattice: Option<Exclusion>,
    #[serde(rename = "ElasticFileSystemExclusion")]
    _elastic_file_system: Option<Exclusion>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum EncryptionMode {
    Monitor,
    Enforce,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Exclusion {
    Enable,
    Disable,
}

#[derive(Serialize)]
pub(crate) struct CreateVpcResponse {
    vpc: VpcItem,
}

impl CreateVpc {
    fn ipv6(&self) -> Ipv6Request<'_> {
        Ipv6Request {
            amazon_provided: self.amazon_provided_ipv6_cidr_block.unwrap_or(false),
            block: self.ipv6_cidr_block.as_deref(),
            pool: self.ipv6_pool.as_deref(),
            ipam_pool: self.ipv6_ipam_pool_id.as_deref(),
            network_border_group: self.ipv6_cidr_block_network_border_group.as_deref(),
        }
    }
}

impl Action for CreateVpc {
    type Response = CreateVpcResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        if let Some(pool) = &self.ipv4_ipam_pool_id {
            return Err(unknown_ipam_pool(pool));
        }
        let Some(cidr_block) = &self.cidr_block else {
            let message = "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.".to_owned();
            return Err(Refusal::new("MissingParameter", message));
        };
        let cidr_block = checked_cidr_block(cidr_block)?;
        let wants_ipv6 = self.ipv6().check(cx)?;
        if self.vpc_encryption_control.is_some() {
            let message = "VPC encryption controls are not supported.".to_owned();
            return Err(Refusal::new("UnsupportedOperation", message));
        }
        let tags = specified_tags(&self.tag_specifications, &["vpc"], "vpc")?;
        cx.check_quota(&quota::VPCS, |region| region.all::<Vpc>().count() + 1)?;
        let ipv6_cidr_block = wants_ipv6.then(|| next_ipv6_block(cx));
        let new = New { cidr_block, ipv6_cidr_block, instance_tenancy: self.instance_tenancy, is_default: false, tags };
        let vpc = create(cx, new);
        Ok(CreateVpcResponse { vpc: VpcItem::created(&vpc, cx) })
    }
}

/// CreateDefaultVpc, for a region whose default VPC was deleted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateDefaultVpc {}

impl Action for CreateDefaultVpc {
    type Response = CreateVpcResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        if default_vpc(cx).is_some() {
            let message = "A Default VPC already exists for this account in this region.".to_owned();
            return Err(Refusal::new("DefaultVpcAlreadyExists", message));
        }
        let id = create_default_vpc(cx);
        let vpc = cx.find::<Vpc>(&id.to_string())?;
        Ok(CreateVpcResponse { vpc: VpcItem::created(vpc, cx) })
    }
}

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
            || region.referrers::<EgressOnlyInternetGateway>(id).next().is_some()
            || region.referrers::<NetworkInterface>(id).next().is_some()
            || region.referrers::<VpcEndpoint>(id).next().is_some()
            || region.referrers::<CarrierGateway>(id).next().is_some()
            || region.referrers::<VpcPeeringConnection>(id).next().is_some()
            || region.referrers::<VpnGateway>(id).next().is_some()
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
