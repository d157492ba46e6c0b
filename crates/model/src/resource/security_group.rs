//! Security groups and their rules, as permissions (AWS's older form) and as rules with ids.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::Tag;
use super::tag::resource;
use crate::id::{PrefixListId, SecurityGroupId, SecurityGroupRuleId, VpcId, VpcPeeringConnectionId};
use crate::protocol::Protocol;

/// A security group: the stateful firewall of network interfaces.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityGroup {
    /// The group's id.
    pub group_id: SecurityGroupId,
    /// The group's ARN.
    pub security_group_arn: Option<String>,
    /// The group's name, unique in its VPC. Not the `Name` tag.
    pub group_name: String,
    /// What the group is for; cannot be changed.
    #[serde(default)]
    pub description: String,
    /// The VPC it belongs to.
    pub vpc_id: VpcId,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// What may come in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ip_permissions: Vec<IpPermission>,
    /// What may go out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ip_permissions_egress: Vec<IpPermission>,
    /// The group's tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

resource!(SecurityGroup, group_id);

/// A protocol and ports with every peer that they are open to. [`Rule`](crate::Rule) is the form with one peer.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IpPermission {
    /// The protocol.
    pub ip_protocol: Protocol,
    /// First port, or ICMP type; -1 is any type. Left out when the protocol is all.
    pub from_port: Option<i32>,
    /// Last port, or ICMP code; -1 is any code. Left out when the protocol is all.
    pub to_port: Option<i32>,
    /// IPv4 peers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ip_ranges: Vec<IpRange>,
    /// IPv6 peers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ipv6_ranges: Vec<Ipv6Range>,
    /// Prefix lists as peers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefix_list_ids: Vec<PrefixListEntry>,
    /// Security groups as peers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub user_id_group_pairs: Vec<UserIdGroupPair>,
}

/// An IPv4 block as peer.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IpRange {
    /// The block.
    pub cidr_ip: Ipv4Net,
    /// Why it may.
    pub description: Option<String>,
}

/// An IPv6 block as peer.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Ipv6Range {
    /// The block.
    pub cidr_ipv6: Ipv6Net,
    /// Why it may.
    pub description: Option<String>,
}

/// A prefix list as peer. AWS calls this `PrefixListId`, which is the id's name here.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrefixListEntry {
    /// The prefix list.
    pub prefix_list_id: PrefixListId,
    /// Why it may.
    pub description: Option<String>,
}

/// A security group as peer.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserIdGroupPair {
    /// The group.
    pub group_id: SecurityGroupId,
    /// The group's name, where AWS gives it.
    pub group_name: Option<String>,
    /// The account that owns the group.
    pub user_id: Option<String>,
    /// The group's VPC, when it is a peered one.
    pub vpc_id: Option<VpcId>,
    /// The peering connection to that VPC.
    pub vpc_peering_connection_id: Option<VpcPeeringConnectionId>,
    /// The state of that connection.
    pub peering_status: Option<String>,
    /// Why it may.
    pub description: Option<String>,
}

/// A rule of a security group, with an id and tags of its own.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityGroupRule {
    /// The rule's id.
    pub security_group_rule_id: SecurityGroupRuleId,
    /// The rule's ARN.
    pub security_group_rule_arn: Option<String>,
    /// The group it belongs to.
    pub group_id: SecurityGroupId,
    /// The account that owns the group.
    pub group_owner_id: Option<String>,
    /// Whether it opens what goes out rather than what comes in.
    #[serde(default)]
    pub is_egress: bool,
    /// The protocol.
    pub ip_protocol: Protocol,
    /// First port, or ICMP type; -1 when the protocol is all, or for any type.
    pub from_port: Option<i32>,
    /// Last port, or ICMP code; -1 when the protocol is all, or for any code.
    pub to_port: Option<i32>,
    /// The peer, when it is an IPv4 block.
    pub cidr_ipv4: Option<Ipv4Net>,
    /// The peer, when it is an IPv6 block.
    pub cidr_ipv6: Option<Ipv6Net>,
    /// The peer, when it is a prefix list.
    pub prefix_list_id: Option<PrefixListId>,
    /// The peer, when it is a security group.
    pub referenced_group_info: Option<ReferencedSecurityGroup>,
    /// Why the rule is there.
    pub description: Option<String>,
    /// The rule's tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

resource!(SecurityGroupRule, security_group_rule_id);

/// A security group that a rule names as peer.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReferencedSecurityGroup {
    /// The group.
    pub group_id: SecurityGroupId,
    /// The account that owns the group.
    pub user_id: Option<String>,
    /// The group's VPC.
    pub vpc_id: Option<VpcId>,
    /// The peering connection to that VPC, when it is another.
    pub vpc_peering_connection_id: Option<VpcPeeringConnectionId>,
    /// The state of that connection.
    pub peering_status: Option<String>,
}
