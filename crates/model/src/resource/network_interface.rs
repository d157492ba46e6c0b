//! Network interfaces.

use std::convert::Infallible;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::Tag;
use super::tag::resource;
use crate::id::{
    AddressAssociationId, AllocationId, InstanceId, NetworkInterfaceAttachmentId, NetworkInterfaceId, SecurityGroupId,
    SubnetId, VpcId,
};
use crate::text::{open_enum, serde_as_text};

/// A network interface (ENI): what has addresses and security groups, and is where packets arrive.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkInterface {
    /// The interface's id.
    pub network_interface_id: NetworkInterfaceId,
    /// Its subnet.
    pub subnet_id: SubnetId,
    /// Its VPC.
    pub vpc_id: VpcId,
    /// Its zone's name.
    pub availability_zone: Option<String>,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// What it is for; AWS services name themselves here.
    #[serde(default)]
    pub description: String,
    /// `interface`, or the service that it serves, such as `nat_gateway`.
    pub interface_type: Option<String>,
    /// The account or service that made it.
    pub requester_id: Option<String>,
    /// Whether an AWS service manages it.
    #[serde(default)]
    pub requester_managed: bool,
    /// Whether it is in use.
    pub status: NetworkInterfaceStatus,
    /// What it is attached to.
    pub attachment: Option<NetworkInterfaceAttachment>,
    /// The public address of its primary private address.
    pub association: Option<NetworkInterfaceAssociation>,
    /// Its security groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupIdentifier>,
    /// Its IPv6 addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ipv6_addresses: Vec<NetworkInterfaceIpv6Address>,
    /// Its hardware address, six pairs of hexadecimal digits with colons.
    pub mac_address: Option<String>,
    /// The private DNS name of its primary address.
    pub private_dns_name: Option<String>,
    /// Its primary private IPv4 address.
    pub private_ip_address: Option<Ipv4Addr>,
    /// All its private IPv4 addresses, the primary one included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub private_ip_addresses: Vec<NetworkInterfacePrivateIpAddress>,
    /// Whether packets that are neither from nor to it are dropped.
    pub source_dest_check: Option<bool>,
    /// The interface's tags, which AWS calls `TagSet` here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tag_set: Vec<Tag>,
}

resource!(NetworkInterface, network_interface_id, tag_set);

open_enum! {
    /// Whether a network interface is in use.
    NetworkInterfaceStatus {
        /// Attached to nothing.
        Available => "available",
        /// Held by a service.
        Associated => "associated",
        /// Being attached.
        Attaching => "attaching",
        /// Attached.
        InUse => "in-use",
        /// Being detached.
        Detaching => "detaching",
        /// Being made.
        Pending => "pending",
    }
}

/// The attachment of a network interface to an instance or a service.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkInterfaceAttachment {
    /// The attachment's id.
    pub attachment_id: Option<AttachmentId>,
    /// The instance; unset when a service holds the interface, and inside an [`Instance`](crate::Instance).
    pub instance_id: Option<InstanceId>,
    /// The account, or the service, that owns the instance.
    pub instance_owner_id: Option<String>,
    /// The place among the instance's interfaces; 0 is the primary one.
    pub device_index: Option<u32>,
    /// The network card.
    pub network_card_index: Option<u32>,
    /// How far the attachment is.
    pub status: Option<AttachmentStatus>,
    /// When it was made.
    pub attach_time: Option<Timestamp>,
    /// Whether the interface is deleted when its instance is terminated.
    #[serde(default)]
    pub delete_on_termination: bool,
}

open_enum! {
    /// How far an attachment is.
    AttachmentStatus {
        /// Being attached.
        Attaching => "attaching",
        /// Attached.
        Attached => "attached",
        /// Attached, as AWS writes it for internet gateways.
        Available => "available",
        /// Being detached.
        Detaching => "detaching",
        /// Detached.
        Detached => "detached",
    }
}

/// The id of an attachment: AWS services use forms of their own, such as `ela-attach-…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttachmentId {
    /// To an instance.
    Instance(NetworkInterfaceAttachmentId),
    /// To a service.
    Service(String),
}

impl FromStr for AttachmentId {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.parse().map_or_else(|_| Self::Service(text.to_owned()), Self::Instance))
    }
}

impl fmt::Display for AttachmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance(id) => id.fmt(f),
            Self::Service(text) => f.pad(text),
        }
    }
}

impl From<NetworkInterfaceAttachmentId> for AttachmentId {
    fn from(id: NetworkInterfaceAttachmentId) -> Self {
        Self::Instance(id)
    }
}

serde_as_text!(AttachmentId);

/// The public address of a private one.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkInterfaceAssociation {
    /// The public address.
    pub public_ip: Ipv4Addr,
    /// Its public DNS name.
    pub public_dns_name: Option<String>,
    /// The account whose Elastic IP address it is, or `amazon` for one that goes with the instance.
    pub ip_owner_id: Option<String>,
    /// The Elastic IP address.
    pub allocation_id: Option<AllocationId>,
    /// The association of that address.
    pub association_id: Option<AddressAssociationId>,
}

/// A private address of a network interface.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkInterfacePrivateIpAddress {
    /// The address.
    pub private_ip_address: Ipv4Addr,
    /// Its private DNS name.
    pub private_dns_name: Option<String>,
    /// Whether it is the interface's primary address.
    #[serde(default)]
    pub primary: bool,
    /// Its public address.
    pub association: Option<NetworkInterfaceAssociation>,
}

/// An IPv6 address of a network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkInterfaceIpv6Address {
    /// The address.
    pub ipv6_address: Ipv6Addr,
}

/// A security group by id, with its name.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GroupIdentifier {
    /// The group.
    pub group_id: SecurityGroupId,
    /// The group's name.
    pub group_name: Option<String>,
}
