//! Network ACLs.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::Tag;
use super::tag::resource;
use crate::id::{NetworkAclAssociationId, NetworkAclId, SubnetId, VpcId};
use crate::port_range::PortRange;
use crate::protocol::Protocol;
use crate::text::open_enum;

/// A network ACL: the stateless firewall of subnets.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkAcl {
    /// The ACL's id.
    pub network_acl_id: NetworkAclId,
    /// The VPC it belongs to.
    pub vpc_id: VpcId,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// Whether it is its VPC's default ACL.
    #[serde(default)]
    pub is_default: bool,
    /// The subnets that it guards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub associations: Vec<NetworkAclAssociation>,
    /// The rules of both directions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<NetworkAclEntry>,
    /// The ACL's tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

resource!(NetworkAcl, network_acl_id);

/// The association of a network ACL with a subnet. Every subnet has exactly one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkAclAssociation {
    /// The association's id.
    pub network_acl_association_id: NetworkAclAssociationId,
    /// The ACL.
    pub network_acl_id: NetworkAclId,
    /// The subnet.
    pub subnet_id: SubnetId,
}

/// A rule of a network ACL. The matching one with the lowest number decides.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkAclEntry {
    /// 1 to 32766, or 32767 for the closing rule that denies all (32768 for IPv6).
    pub rule_number: u16,
    /// Whether it is for what leaves the subnet rather than what enters.
    #[serde(default)]
    pub egress: bool,
    /// The protocol, which AWS writes as a number here.
    #[serde(serialize_with = "Protocol::serialize_number")]
    pub protocol: Protocol,
    /// Whether it lets pass.
    pub rule_action: RuleAction,
    /// The peers, when they are IPv4.
    pub cidr_block: Option<Ipv4Net>,
    /// The peers, when they are IPv6.
    pub ipv6_cidr_block: Option<Ipv6Net>,
    /// The destination ports, for TCP and UDP.
    pub port_range: Option<PortRange>,
    /// The ICMP type and code, for ICMP.
    pub icmp_type_code: Option<IcmpTypeCode>,
}

open_enum! {
    /// What a network ACL's rule does.
    RuleAction {
        /// Lets pass.
        Allow => "allow",
        /// Drops.
        Deny => "deny",
    }
}

/// An ICMP type and code; -1 is any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IcmpTypeCode {
    /// The ICMP type.
    #[serde(rename = "Type")]
    pub icmp_type: i16,
    /// The ICMP code.
    pub code: i16,
}
