//! Subnets.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::tag::resource;
use super::{CidrBlockState, Tag};
use crate::id::{SubnetId, VpcId};
use crate::text::open_enum;

/// A subnet: a range of a VPC's addresses in one Availability Zone.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Subnet {
    /// The subnet's id.
    pub subnet_id: SubnetId,
    /// The subnet's ARN.
    pub subnet_arn: Option<String>,
    /// The VPC it is part of.
    pub vpc_id: VpcId,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// The IPv4 block; `None` only for an IPv6-only subnet (`ipv6_native`).
    pub cidr_block: Option<Ipv4Net>,
    /// The IPv6 blocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ipv6_cidr_block_association_set: Vec<SubnetIpv6CidrBlockAssociation>,
    /// The zone's name, such as `ap-northeast-1c`.
    pub availability_zone: String,
    /// The zone's id, such as `apne1-az1`: the same place in every account.
    pub availability_zone_id: Option<String>,
    /// IPv4 addresses neither reserved nor in use.
    #[serde(default)]
    pub available_ip_address_count: u32,
    /// Where the subnet is in its life.
    pub state: SubnetState,
    /// Whether this is its zone's default subnet.
    #[serde(default)]
    pub default_for_az: bool,
    /// Whether instances launched here get a public IPv4 address unless they say otherwise.
    #[serde(default)]
    pub map_public_ip_on_launch: bool,
    /// Whether network interfaces made here get an IPv6 address.
    #[serde(default)]
    pub assign_ipv6_address_on_creation: bool,
    /// Whether DNS answers here hold synthetic IPv6 addresses for IPv4-only destinations.
    #[serde(default)]
    pub enable_dns64: bool,
    /// Whether the subnet is IPv6-only.
    #[serde(default)]
    pub ipv6_native: bool,
    /// How instances launched here are named in the private DNS.
    pub private_dns_name_options_on_launch: Option<PrivateDnsNameOptions>,
    /// The subnet's tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

resource!(Subnet, subnet_id);

open_enum! {
    /// Where a subnet is in its life.
    SubnetState {
        /// Being made.
        Pending => "pending",
        /// Ready for use.
        Available => "available",
        /// Lost with its zone or outpost.
        Unavailable => "unavailable",
        /// Could not be made.
        Failed => "failed",
    }
}

/// An IPv6 block of a subnet.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SubnetIpv6CidrBlockAssociation {
    /// The association's id, `subnet-cidr-assoc-…`.
    pub association_id: Option<String>,
    /// The block.
    pub ipv6_cidr_block: Option<Ipv6Net>,
    /// How far the association is.
    pub ipv6_cidr_block_state: Option<CidrBlockState>,
}

/// How instances are named in the private DNS.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrivateDnsNameOptions {
    /// `ip-name` or `resource-name`.
    pub hostname_type: Option<String>,
    /// Whether the resource name has an A record.
    #[serde(default, rename = "EnableResourceNameDnsARecord")]
    pub enable_resource_name_dns_a_record: bool,
    /// Whether the resource name has an AAAA record.
    #[serde(default, rename = "EnableResourceNameDnsAAAARecord")]
    pub enable_resource_name_dns_aaaa_record: bool,
}
