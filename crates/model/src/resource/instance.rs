//! Instances.

use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::tag::resource;
use super::{
    GroupIdentifier, NetworkInterfaceAssociation, NetworkInterfaceAttachment, NetworkInterfaceIpv6Address,
    NetworkInterfacePrivateIpAddress, NetworkInterfaceStatus, Tag,
};
use crate::id::{ImageId, InstanceId, NetworkInterfaceId, ReservationId, SubnetId, VolumeId, VpcId};
use crate::text::open_enum;

/// Instances launched by one call, as `describe-instances` groups them.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Reservation {
    /// The reservation's id.
    pub reservation_id: Option<ReservationId>,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// The instances.
    #[serde(default)]
    pub instances: Vec<Instance>,
}

/// An instance: a virtual machine.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Instance {
    /// The instance's id.
    pub instance_id: InstanceId,
    /// The reservation that launched it. AWS writes it beside the instance, in the [`Reservation`]; so does
    /// [`Network::to_documents`](crate::Network::to_documents).
    pub reservation_id: Option<ReservationId>,
    /// The account that owns it; beside the instance like `reservation_id`.
    pub owner_id: Option<String>,
    /// The image it was launched from.
    pub image_id: Option<ImageId>,
    /// The type, such as `t3.micro`.
    pub instance_type: Option<String>,
    /// The name of its key pair.
    pub key_name: Option<String>,
    /// Its place among the instances of its launch, from 0.
    pub ami_launch_index: Option<u32>,
    /// The caller's token for a launch that is safe to repeat.
    pub client_token: Option<String>,
    /// When it was launched, or last started.
    pub launch_time: Option<Timestamp>,
    /// Where it is in its life.
    pub state: InstanceState,
    /// Why it is in that state.
    pub state_reason: Option<StateReason>,
    /// The same as text with the time; empty when nobody changed the state.
    pub state_transition_reason: Option<String>,
    /// Where it runs.
    pub placement: Option<Placement>,
    /// The VPC; unset once the instance is terminated.
    pub vpc_id: Option<VpcId>,
    /// The subnet of its primary network interface; unset once the instance is terminated.
    pub subnet_id: Option<SubnetId>,
    /// The primary private address.
    pub private_ip_address: Option<Ipv4Addr>,
    /// The private DNS name; empty once the instance is terminated.
    pub private_dns_name: Option<String>,
    /// The public address of its primary network interface.
    pub public_ip_address: Option<Ipv4Addr>,
    /// The public DNS name; empty when there is none.
    pub public_dns_name: Option<String>,
    /// The security groups of its primary network interface.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security_groups: Vec<GroupIdentifier>,
    /// Its network interfaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub network_interfaces: Vec<InstanceNetworkInterface>,
    /// Whether packets that are neither from nor to it are dropped.
    pub source_dest_check: Option<bool>,
    /// `x86_64` or `arm64`, among others.
    pub architecture: Option<String>,
    /// `Linux/UNIX`, among others.
    pub platform_details: Option<String>,
    /// `xen` (also written for Nitro).
    pub hypervisor: Option<String>,
    /// `hvm` or `paravirtual`.
    pub virtualization_type: Option<String>,
    /// The device of its root volume, such as `/dev/xvda`.
    pub root_device_name: Option<String>,
    /// `ebs` or `instance-store`.
    pub root_device_type: Option<String>,
    /// Its volumes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub block_device_mappings: Vec<InstanceBlockDevice>,
    /// Whether it has a connection to EBS of its own.
    pub ebs_optimized: Option<bool>,
    /// Whether enhanced networking with ENA is on.
    pub ena_support: Option<bool>,
    /// The role it acts under.
    pub iam_instance_profile: Option<IamInstanceProfile>,
    /// Detailed monitoring.
    pub monitoring: Option<Monitoring>,
    /// The instance's tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

resource!(Instance, instance_id);

/// Where an instance is in its life, as number and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceState {
    /// The number; only its low byte has a meaning.
    pub code: i32,
    /// The name.
    pub name: InstanceStateName,
}

impl From<InstanceStateName> for InstanceState {
    fn from(name: InstanceStateName) -> Self {
        Self { code: name.code(), name }
    }
}

open_enum! {
    /// Where an instance is in its life.
    InstanceStateName {
        /// Starting.
        Pending => "pending",
        /// Running.
        Running => "running",
        /// Being terminated.
        ShuttingDown => "shutting-down",
        /// Terminated: gone, but shown for about an hour.
        Terminated => "terminated",
        /// Stopping.
        Stopping => "stopping",
        /// Stopped: can be started again.
        Stopped => "stopped",
    }
}

impl InstanceStateName {
    /// AWS's number of the state. Source: `InstanceState$Code` in the EC2 API reference. -1 for one that is not listed.
    #[must_use]
    pub const fn code(&self) -> i32 {
        match self {
            Self::Pending => 0,
            Self::Running => 16,
            Self::ShuttingDown => 32,
            Self::Terminated => 48,
            Self::Stopping => 64,
            Self::Stopped => 80,
            Self::Other(_) => -1,
        }
    }

    /// Whether the instance is gone or going: it cannot come back.
    #[must_use]
    pub const fn is_ending(&self) -> bool {
        matches!(self, Self::ShuttingDown | Self::Terminated)
    }
}

/// Why an instance is in its state.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StateReason {
    /// A code such as `Client.UserInitiatedShutdown`.
    pub code: Option<String>,
    /// The same in words.
    pub message: Option<String>,
}

/// Where an instance runs.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Placement {
    /// The zone's name.
    pub availability_zone: Option<String>,
    /// The zone's id.
    pub availability_zone_id: Option<String>,
    /// The placement group; empty when there is none.
    pub group_name: Option<String>,
    /// `default`, `dedicated` or `host`.
    pub tenancy: Option<String>,
}

/// A network interface as its instance shows it. The tags are in [`NetworkInterface`](crate::NetworkInterface).
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceNetworkInterface {
    /// The interface's id.
    pub network_interface_id: NetworkInterfaceId,
    /// Its subnet.
    pub subnet_id: Option<SubnetId>,
    /// Its VPC.
    pub vpc_id: Option<VpcId>,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// `interface`, among others.
    pub interface_type: Option<String>,
    /// Whether it is in use.
    pub status: Option<NetworkInterfaceStatus>,
    /// Its attachment to this instance.
    pub attachment: Option<NetworkInterfaceAttachment>,
    /// The public address of its primary private address.
    pub association: Option<NetworkInterfaceAssociation>,
    /// Its security groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupIdentifier>,
    /// Its IPv6 addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ipv6_addresses: Vec<NetworkInterfaceIpv6Address>,
    /// Its hardware address.
    pub mac_address: Option<String>,
    /// The private DNS name of its primary address.
    pub private_dns_name: Option<String>,
    /// Its primary private IPv4 address.
    pub private_ip_address: Option<Ipv4Addr>,
    /// All its private IPv4 addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub private_ip_addresses: Vec<NetworkInterfacePrivateIpAddress>,
    /// Whether packets that are neither from nor to it are dropped.
    pub source_dest_check: Option<bool>,
}

/// A volume of an instance.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceBlockDevice {
    /// The device, such as `/dev/xvda`.
    pub device_name: String,
    /// The EBS volume.
    pub ebs: Option<EbsInstanceBlockDevice>,
}

/// An EBS volume on an instance.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EbsInstanceBlockDevice {
    /// The volume.
    pub volume_id: VolumeId,
    /// How far its attachment is.
    pub status: Option<String>,
    /// When it was attached.
    pub attach_time: Option<Timestamp>,
    /// Whether it is deleted when the instance is terminated.
    #[serde(default)]
    pub delete_on_termination: bool,
}

/// The role that an instance acts under.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IamInstanceProfile {
    /// The profile's ARN.
    pub arn: Option<String>,
    /// The profile's id.
    pub id: Option<String>,
}

/// Detailed monitoring of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Monitoring {
    /// `disabled`, `disabling`, `enabled` or `pending`.
    pub state: String,
}
