//! Subnets and their attributes.
//!
//! Sources: CreateSubnet, DeleteSubnet, DescribeSubnets, ModifySubnetAttribute, AssociateSubnetCidrBlock,
//! CreateSubnetCidrReservation and their neighbours; "Subnet CIDR blocks" in the Amazon VPC User Guide for the five reserved
//! addresses.

mod attribute;
mod cidr_block;
mod create;
mod reservation;

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{ResourceId, SubnetCidrAssociationId, SubnetId, VpcId, usable_address_count};

use crate::action::{Context, actions};
use crate::describe::{FilterTable, describe, flag, optional, text};
use crate::error::IdWording;
use crate::family::network_acl::NetworkAclAssociation;
use crate::family::network_interface::NetworkInterface;
use crate::family::tag::{TagItem, tag_set};
use crate::family::vpc::{BlockPublicAccessStates, CidrState};
use crate::family::zone;
use crate::state::{Region, Tags, resource};
use crate::wire::Items;

use attribute::ModifySubnetAttribute;
use cidr_block::{AssociateSubnetCidrBlock, DisassociateSubnetCidrBlock};
pub(crate) use create::create_default;
use create::{CreateDefaultSubnet, CreateSubnet, DeleteSubnet};
use reservation::{CreateSubnetCidrReservation, DeleteSubnetCidrReservation, GetSubnetCidrReservations};
pub(crate) use reservation::{ReservationType, SubnetCidrReservation};

actions![
    AssociateSubnetCidrBlock,
    CreateDefaultSubnet,
    CreateSubnet,
    CreateSubnetCidrReservation,
    DeleteSubnet,
    DeleteSubnetCidrReservation,
    DescribeSubnets,
    DisassociateSubnetCidrBlock,
    GetSubnetCidrReservations,
    ModifySubnetAttribute,
];

/// A subnet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Subnet {
    pub(crate) id: SubnetId,
    pub(crate) vpc_id: VpcId,
    /// `None`: the subnet is IPv6 only.
    pub(crate) cidr_block: Option<Ipv4Net>,
    #[serde(default)]
    ipv6: Option<Ipv6Association>,
    /// Whether a new interface gets an IPv6 address without asking.
    #[serde(default)]
    pub(crate) assign_ipv6_address_on_creation: bool,
    pub(crate) availability_zone: String,
    pub(crate) network_acl: Option<NetworkAclAssociation>,
    pub(crate) default_for_az: bool,
    pub(crate) map_public_ip_on_launch: bool,
    pub(crate) private_dns: PrivateDnsNameOptions,
    enable_dns64: bool,
    tags: Tags,
}

resource!(
    Subnet as Subnet,
    SubnetId,
    "subnet",
    IdWording { noun: "subnet", not_found: "InvalidSubnetID.NotFound", malformed: "InvalidSubnetID.Malformed" },
    fn references(&self) -> Vec<ResourceId> {
        let network_acl = self.network_acl.as_ref().map(|association| association.network_acl_id.into());
        std::iter::once(self.vpc_id.into()).chain(network_acl).collect()
    },
    fn indexed_filters() -> &'static [&'static str] {
        &["vpc-id"]
    },
    fn aliases(&self) -> Vec<String> {
        let network_acl = self.network_acl.iter().map(|association| association.id.to_string());
        let ipv6 = self.ipv6.iter().map(|ipv6| ipv6.id.to_string());
        let places = self.blocks().map(|block| place(self.vpc_id, block.network()));
        network_acl.chain(ipv6).chain(places).collect()
    }
);

/// The association of an IPv6 block with a subnet: a subnet has one at most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Ipv6Association {
    id: SubnetCidrAssociationId,
    block: Ipv6Net,
}

/// How instances launched into the subnet are named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PrivateDnsNameOptions {
    pub(crate) hostname_type: HostnameType,
    pub(crate) enable_resource_name_dns_a_record: bool,
    #[serde(rename = "enableResourceNameDnsAAAARecord")]
    pub(crate) enable_resource_name_dns_aaaa_record: bool,
}

impl Default for PrivateDnsNameOptions {
    fn default() -> Self {
        Self {
            hostname_type: HostnameType::IpName,
            enable_resource_name_dns_a_record: false,
            enable_resource_name_dns_aaaa_record: false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum HostnameType {
    IpName,
    ResourceName,
}

/// The alias of a subnet by the first address of a block: in the order of the aliases stand the blocks of a VPC.
fn place(vpc: VpcId, address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("subnet/{vpc}/4/{:08x}", u32::from(address)),
        IpAddr::V6(address) => format!("subnet/{vpc}/6/{:032x}", u128::from(address)),
    }
}

/// Whether a subnet of the VPC has some of the block's addresses. The subnets of a VPC do not overlap, so that only the last one to
/// start before the block's end can.
fn is_taken(region: &Region, vpc: VpcId, block: impl Into<IpNet>) -> bool {
    let block = block.into();
    let meets = |other: IpNet| other.contains(&block) || block.contains(&other);
    let last = region.last_by_alias::<Subnet>(&place(vpc, block.broadcast()));
    last.is_some_and(|subnet| subnet.vpc_id == vpc && subnet.blocks().any(meets))
}

impl Subnet {
    fn new(id: SubnetId, vpc_id: VpcId, availability_zone: String, cidr_block: Option<Ipv4Net>, tags: Tags) -> Self {
        let is_ipv6_native = cidr_block.is_none();
        let by_resource = PrivateDnsNameOptions { hostname_type: HostnameType::ResourceName, ..Default::default() };
        Self {
            id,
            vpc_id,
            cidr_block,
            ipv6: None,
            assign_ipv6_address_on_creation: is_ipv6_native,
            availability_zone,
            network_acl: None,
            default_for_az: false,
            map_public_ip_on_launch: false,
            // Without an IPv4 address, an instance has no name of it.
            private_dns: if is_ipv6_native { by_resource } else { PrivateDnsNameOptions::default() },
            enable_dns64: false,
            tags,
        }
    }

    fn blocks(&self) -> impl Iterator<Item = IpNet> + use<> {
        let ipv4 = self.cidr_block.map(IpNet::from);
        ipv4.into_iter().chain(self.ipv6_cidr_block().map(IpNet::from))
    }

    /// Whether its interfaces have IPv6 addresses only.
    fn is_ipv6_native(&self) -> bool {
        self.cidr_block.is_none()
    }

    pub(crate) fn ipv6_cidr_block(&self) -> Option<Ipv6Net> {
        self.ipv6.as_ref().map(|ipv6| ipv6.block)
    }

    /// How many IPv4 addresses are neither reserved nor in use. A prefix uses all of its addresses.
    pub(crate) fn available_ip_address_count(&self, region: &Region) -> u32 {
        let Some(block) = self.cidr_block else { return 0 };
        let in_prefix = |prefix: &Ipv4Net| 1_usize << (32 - u32::from(prefix.prefix_len()));
        let used = |interface: &NetworkInterface| {
            interface.addresses().count() + interface.ipv4_prefixes.iter().map(in_prefix).sum::<usize>()
        };
        let used: usize = region.referrers::<NetworkInterface>(self.id).map(used).sum();
        usable_address_count(block).saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
    }

    const FILTERS: FilterTable<Self> = &[
        ("availability-zone", |subnet, _| text(&subnet.availability_zone)),
        ("availabilityZone", |subnet, _| text(&subnet.availability_zone)),
        ("availability-zone-id", |subnet, cx| text(zone::zone_id(cx.region_name, &subnet.availability_zone))),
        ("availabilityZoneId", |subnet, cx| text(zone::zone_id(cx.region_name, &subnet.availability_zone))),
        ("available-ip-address-count", |subnet, cx| text(subnet.available_ip_address_count(&cx.region))),
        ("cidr", |subnet, _| optional(subnet.cidr_block)),
        ("cidr-block", |subnet, _| optional(subnet.cidr_block)),
        ("cidrBlock", |subnet, _| optional(subnet.cidr_block)),
        ("customer-owned-ipv4-pool", |_, _| Vec::new()),
        ("default-for-az", |subnet, _| flag(subnet.default_for_az)),
        ("defaultForAz", |subnet, _| flag(subnet.default_for_az)),
        ("enable-dns64", |subnet, _| flag(subnet.enable_dns64)),
        ("enable-lni-at-device-index", |_, _| Vec::new()),
        ("ipv6-cidr-block-association.association-id", |subnet, _| optional(subnet.ipv6.as_ref().map(|ipv6| ipv6.id))),
        ("ipv6-cidr-block-association.ipv6-cidr-block", |subnet, _| optional(subnet.ipv6_cidr_block())),
        ("ipv6-cidr-block-association.state", |subnet, _| optional(subnet.ipv6.as_ref().map(|_| "associated"))),
        ("ipv6-native", |subnet, _| flag(subnet.is_ipv6_native())),
        ("map-customer-owned-ip-on-launch", |_, _| flag(false)),
        ("map-public-ip-on-launch", |subnet, _| flag(subnet.map_public_ip_on_launch)),
        ("outpost-arn", |_, _| Vec::new()),
        ("owner-id", |_, cx| text(cx.account_id())),
        ("private-dns-name-options-on-launch.enable-resource-name-dns-a-record", |subnet, _| {
            flag(subnet.private_dns.enable_resource_name_dns_a_record)
        }),
        ("private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record", |subnet, _| {
            flag(subnet.private_dns.enable_resource_name_dns_aaaa_record)
        }),
        ("private-dns-name-options-on-launch.hostname-type", |subnet, _| match subnet.private_dns.hostname_type {
            HostnameType::IpName => text("ip-name"),
            HostnameType::ResourceName => text("resource-name"),
        }),
        ("state", |_, _| text("available")),
        ("subnet-arn", |subnet, cx| text(arn(subnet, cx))),
        ("subnet-id", |subnet, _| text(subnet.id)),
        ("vpc-id", |subnet, _| text(subnet.vpc_id)),
    ];
}

fn arn(subnet: &Subnet, cx: &Context<'_>) -> String {
    format!("arn:aws:ec2:{}:{}:subnet/{}", cx.region_name, cx.account_id(), subnet.id)
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SubnetItem {
    subnet_id: SubnetId,
    subnet_arn: String,
    state: &'static str,
    owner_id: String,
    vpc_id: VpcId,
    cidr_block: Option<String>,
    ipv6_cidr_block_association_set: Items<Ipv6AssociationItem>,
    available_ip_address_count: u32,
    availability_zone: String,
    availability_zone_id: String,
    default_for_az: bool,
    map_public_ip_on_launch: bool,
    map_customer_owned_ip_on_launch: bool,
    assign_ipv6_address_on_creation: bool,
    ipv6_native: bool,
    enable_dns64: bool,
    private_dns_name_options_on_launch: PrivateDnsNameOptions,
    tag_set: Items<TagItem>,
    block_public_access_states: Option<BlockPublicAccessStates>,
}

/// The association of an IPv6 block in an answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ipv6AssociationItem {
    association_id: SubnetCidrAssociationId,
    ipv6_cidr_block: String,
    ipv6_cidr_block_state: CidrState,
    ipv6_address_attribute: &'static str,
    ip_source: &'static str,
}

impl Ipv6AssociationItem {
    fn new(association: &Ipv6Association, state: &'static str) -> Self {
        Self {
            association_id: association.id,
            ipv6_cidr_block: association.block.to_string(),
            ipv6_cidr_block_state: CidrState { state },
            ipv6_address_attribute: "public",
            ip_source: "amazon",
        }
    }
}

impl Subnet {
    fn ipv6_items(&self, state: &'static str) -> Items<Ipv6AssociationItem> {
        self.ipv6.iter().map(|association| Ipv6AssociationItem::new(association, state)).collect()
    }
}

impl SubnetItem {
    /// A creation does not show the block of public access, and its IPv6 block is on its way.
    fn created(subnet: &Subnet, cx: &Context<'_>) -> Self {
        Self {
            ipv6_cidr_block_association_set: subnet.ipv6_items("associating"),
            block_public_access_states: None,
            ..Self::described(subnet, cx)
        }
    }

    fn described(subnet: &Subnet, cx: &Context<'_>) -> Self {
        Self {
            subnet_id: subnet.id,
            subnet_arn: arn(subnet, cx),
            state: "available",
            owner_id: cx.account_id().to_owned(),
            vpc_id: subnet.vpc_id,
            cidr_block: subnet.cidr_block.map(|block| block.to_string()),
            ipv6_cidr_block_association_set: subnet.ipv6_items("associated"),
            available_ip_address_count: subnet.available_ip_address_count(&cx.region),
            availability_zone: subnet.availability_zone.clone(),
            availability_zone_id: zone::zone_id(cx.region_name, &subnet.availability_zone),
            default_for_az: subnet.default_for_az,
            map_public_ip_on_launch: subnet.map_public_ip_on_launch,
            map_customer_owned_ip_on_launch: false,
            assign_ipv6_address_on_creation: subnet.assign_ipv6_address_on_creation,
            ipv6_native: subnet.is_ipv6_native(),
            enable_dns64: subnet.enable_dns64,
            private_dns_name_options_on_launch: subnet.private_dns.clone(),
            tag_set: tag_set(&subnet.tags),
            block_public_access_states: Some(BlockPublicAccessStates::OFF),
        }
    }
}

describe!(
    /// DescribeSubnets.
    DescribeSubnets, "SubnetId" of Subnet,
    subnet_set: SubnetItem, SubnetItem::described
);
