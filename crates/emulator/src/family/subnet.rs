//! Subnets and their attributes.
//!
//! Sources: CreateSubnet, DeleteSubnet, DescribeSubnets, ModifySubnetAttribute; "Subnet CIDR blocks" in the Amazon VPC User Guide
//! for the five reserved addresses.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{ResourceId, SubnetId, VpcId};

use crate::action::{Action, Context, actions};
use crate::describe::{FilterTable, describe, flag, text};
use crate::error::{IdWording, Refusal};
use crate::family::network_interface::NetworkInterface;
use crate::family::tag::{TagItem, TagSpecification, specified_tags, tag_set};
use crate::family::vpc::{AttributeBoolean, BlockPublicAccessStates, Vpc, exactly_one_attribute, parse_cidr};
use crate::family::zone::{self, Zone};
use crate::family::{network_acl, route_table};
use crate::state::{Region, Tags, resource};
use crate::wire::{Items, Reply};

actions![CreateSubnet, DeleteSubnet, DescribeSubnets, ModifySubnetAttribute];

/// A subnet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Subnet {
    pub(crate) id: SubnetId,
    pub(crate) vpc_id: VpcId,
    pub(crate) cidr_block: Ipv4Net,
    pub(crate) availability_zone: String,
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
        vec![self.vpc_id.into()]
    }
);

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

impl Subnet {
    /// The subnet that a default VPC has in a zone.
    pub(crate) fn default_for_zone(id: SubnetId, vpc: &Vpc, zone: Zone, cidr_block: Ipv4Net) -> Self {
        Self {
            default_for_az: true,
            map_public_ip_on_launch: true,
            ..Self::new(id, vpc.id, zone.name, cidr_block, Tags::new())
        }
    }

    fn new(id: SubnetId, vpc_id: VpcId, availability_zone: String, cidr_block: Ipv4Net, tags: Tags) -> Self {
        Self {
            id,
            vpc_id,
            cidr_block,
            availability_zone,
            default_for_az: false,
            map_public_ip_on_launch: false,
            private_dns: PrivateDnsNameOptions::default(),
            enable_dns64: false,
            tags,
        }
    }

    /// The addresses that network interfaces of the subnet have.
    pub(crate) fn addresses_in_use<'c>(&self, region: &'c Region) -> impl Iterator<Item = Ipv4Addr> + use<'c> {
        region.referrers::<NetworkInterface>(self.id).flat_map(NetworkInterface::addresses)
    }

    /// How many addresses are neither reserved nor in use.
    pub(crate) fn available_ip_address_count(&self, region: &Region) -> u32 {
        let size = 1_u32 << (32 - u32::from(self.cidr_block.prefix_len()));
        let used = u32::try_from(self.addresses_in_use(region).count()).unwrap_or(u32::MAX);
        (size - RESERVED).saturating_sub(used)
    }

    const FILTERS: FilterTable<Self> = &[
        ("availability-zone", |subnet, _| text(&subnet.availability_zone)),
        ("availabilityZone", |subnet, _| text(&subnet.availability_zone)),
        ("availability-zone-id", |subnet, cx| text(zone::zone_id(cx.region_name, &subnet.availability_zone))),
        ("availabilityZoneId", |subnet, cx| text(zone::zone_id(cx.region_name, &subnet.availability_zone))),
        ("available-ip-address-count", |subnet, cx| text(subnet.available_ip_address_count(&cx.region))),
        ("cidr", |subnet, _| text(subnet.cidr_block)),
        ("cidr-block", |subnet, _| text(subnet.cidr_block)),
        ("cidrBlock", |subnet, _| text(subnet.cidr_block)),
        ("customer-owned-ipv4-pool", |_, _| Vec::new()),
        ("default-for-az", |subnet, _| flag(subnet.default_for_az)),
        ("defaultForAz", |subnet, _| flag(subnet.default_for_az)),
        ("enable-dns64", |subnet, _| flag(subnet.enable_dns64)),
        ("enable-lni-at-device-index", |_, _| Vec::new()),
        ("ipv6-cidr-block-association.association-id", |_, _| Vec::new()),
        ("ipv6-cidr-block-association.ipv6-cidr-block", |_, _| Vec::new()),
        ("ipv6-cidr-block-association.state", |_, _| Vec::new()),
        ("ipv6-native", |_, _| flag(false)),
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

/// The first four addresses of a subnet and its last are AWS's own.
const RESERVED: u32 = 5;

/// Whether AWS keeps this address of the subnet for itself.
pub(crate) fn is_reserved(subnet: Ipv4Net, address: Ipv4Addr) -> bool {
    let offset = u32::from(address).wrapping_sub(u32::from(subnet.network()));
    offset < 4 || address == subnet.broadcast()
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
    cidr_block: String,
    ipv6_cidr_block_association_set: Items<()>,
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

impl SubnetItem {
    fn described(subnet: &Subnet, cx: &Context<'_>) -> Self {
        Self {
            subnet_id: subnet.id,
            subnet_arn: arn(subnet, cx),
            state: "available",
            owner_id: cx.account_id().to_owned(),
            vpc_id: subnet.vpc_id,
            cidr_block: subnet.cidr_block.to_string(),
            ipv6_cidr_block_association_set: Items::default(),
            available_ip_address_count: subnet.available_ip_address_count(&cx.region),
            availability_zone: subnet.availability_zone.clone(),
            availability_zone_id: zone::zone_id(cx.region_name, &subnet.availability_zone),
            default_for_az: subnet.default_for_az,
            map_public_ip_on_launch: subnet.map_public_ip_on_launch,
            map_customer_owned_ip_on_launch: false,
            assign_ipv6_address_on_creation: false,
            ipv6_native: false,
            enable_dns64: subnet.enable_dns64,
            private_dns_name_options_on_launch: subnet.private_dns.clone(),
            tag_set: tag_set(&subnet.tags),
            block_public_access_states: Some(BlockPublicAccessStates::OFF),
        }
    }
}

/// CreateSubnet.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateSubnet {
    vpc_id: String,
    cidr_block: Option<String>,
    availability_zone: Option<String>,
    availability_zone_id: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[derive(Serialize)]
pub(crate) struct CreateSubnetResponse {
    subnet: SubnetItem,
}

impl CreateSubnet {
    /// A /16 to /28 block inside the VPC that no other subnet overlaps.
    fn checked_cidr_block(&self, cx: &Context<'_>, vpc: &Vpc) -> Result<Ipv4Net, Refusal> {
        let Some(text) = &self.cidr_block else {
            let message = "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.".to_owned();
            return Err(Refusal::new("MissingParameter", message));
        };
        let block = parse_cidr(text, "cidrBlock")?;
        if !(16..=28).contains(&block.prefix_len()) || !vpc.cidr_block.contains(&block) {
            return Err(Refusal::new("InvalidSubnet.Range", format!("The CIDR '{text}' is invalid.")));
        }
        let overlaps = |other: &Subnet| other.cidr_block.contains(&block) || block.contains(&other.cidr_block);
        if cx.region.referrers::<Subnet>(vpc.id).any(overlaps) {
            let message = format!("The CIDR '{text}' conflicts with another subnet");
            return Err(Refusal::new("InvalidSubnet.Conflict", message));
        }
        Ok(block)
    }

    /// The zone asked for, or one that EC2 chooses: here the first.
    fn checked_zone(&self, cx: &Context<'_>) -> Result<Zone, Refusal> {
        let zones = zone::zones(cx.region_name);
        let names: Vec<_> = zones.iter().map(|zone| zone.name.clone()).collect();
        let refuse = |value: &str, parameter: &str| {
            Refusal::invalid_parameter_value(format!(
                "Value ({value}) for parameter {parameter} is invalid. Subnets can currently only be created in the \
                 following availability zones: {}.",
                names.join(", ")
            ))
        };
        let mut zones = zones.into_iter();
        match (&self.availability_zone, &self.availability_zone_id) {
            (Some(_), Some(_)) => Err(Refusal::invalid_parameter_combination(
                "The parameter availabilityZone cannot be used with the parameter availabilityZoneId",
            )),
            (Some(name), None) => zones.find(|zone| zone.name == *name).ok_or_else(|| refuse(name, "availabilityZone")),
            (None, Some(id)) => zones.find(|zone| zone.id == *id).ok_or_else(|| refuse(id, "availabilityZoneId")),
            (None, None) => zones.next().ok_or_else(|| Refusal::internal("the region has no zones".to_owned())),
        }
    }
}

impl Action for CreateSubnet {
    type Response = CreateSubnetResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let tags = specified_tags(&self.tag_specifications, &["subnet"], "subnet")?;
        let vpc = cx.find::<Vpc>(&self.vpc_id)?;
        let vpc_id = vpc.id;
        let zone = self.checked_zone(cx)?;
        let cidr_block = self.checked_cidr_block(cx, vpc)?;
        let subnet = Subnet::new(cx.new_id(), vpc_id, zone.name, cidr_block, tags);
        network_acl::associate_default(cx, vpc_id, subnet.id);
        cx.region.put(subnet.clone());
        // CreateSubnet does not show the block of public access, DescribeSubnets does.
        let item = SubnetItem { block_public_access_states: None, ..SubnetItem::described(&subnet, cx) };
        Ok(CreateSubnetResponse { subnet: item })
    }
}

/// DeleteSubnet: refused while a network interface is in it. Its associations go with it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteSubnet {
    subnet_id: String,
}

impl Action for DeleteSubnet {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let id = cx.find::<Subnet>(&self.subnet_id)?.id;
        if cx.region.referrers::<NetworkInterface>(id).next().is_some() {
            return Err(Refusal::dependency("subnet", id));
        }
        network_acl::dissociate(&mut cx.region, id);
        route_table::dissociate(&mut cx.region, id);
        cx.region.remove(id);
        Ok(Reply::TRUE)
    }
}

describe!(
    /// DescribeSubnets.
    DescribeSubnets, "SubnetId" of Subnet,
    subnet_set: SubnetItem, SubnetItem::described
);

/// ModifySubnetAttribute: one attribute a call.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifySubnetAttribute {
    subnet_id: String,
    map_public_ip_on_launch: Option<AttributeBoolean>,
    enable_dns64: Option<AttributeBoolean>,
    private_dns_hostname_type_on_launch: Option<HostnameType>,
    enable_resource_name_dns_a_record_on_launch: Option<AttributeBoolean>,
    #[serde(rename = "EnableResourceNameDnsAAAARecordOnLaunch")]
    enable_resource_name_dns_aaaa_record_on_launch: Option<AttributeBoolean>,
}

impl Action for ModifySubnetAttribute {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        exactly_one_attribute(&[
            ("mapPublicIpOnLaunch", self.map_public_ip_on_launch.is_some()),
            ("enableDns64", self.enable_dns64.is_some()),
            ("privateDnsHostnameTypeOnLaunch", self.private_dns_hostname_type_on_launch.is_some()),
            ("enableResourceNameDnsARecordOnLaunch", self.enable_resource_name_dns_a_record_on_launch.is_some()),
            ("enableResourceNameDnsAAAARecordOnLaunch", self.enable_resource_name_dns_aaaa_record_on_launch.is_some()),
        ])?;
        let id = cx.find::<Subnet>(&self.subnet_id)?.id;
        cx.region.update(id, |subnet: &mut Subnet| {
            let set = |attribute: &mut bool, wanted: Option<AttributeBoolean>| {
                *attribute = wanted.map_or(*attribute, |wanted| wanted.value);
            };
            set(&mut subnet.map_public_ip_on_launch, self.map_public_ip_on_launch);
            set(&mut subnet.enable_dns64, self.enable_dns64);
            let dns = &mut subnet.private_dns;
            dns.hostname_type = self.private_dns_hostname_type_on_launch.unwrap_or(dns.hostname_type);
            set(&mut dns.enable_resource_name_dns_a_record, self.enable_resource_name_dns_a_record_on_launch);
            set(&mut dns.enable_resource_name_dns_aaaa_record, self.enable_resource_name_dns_aaaa_record_on_launch);
        });
        Ok(Reply::TRUE)
    }
}
