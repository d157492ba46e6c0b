//! Resources as `aws ec2 describe-…` prints them: the same names, the same members.
//!
//! A member that AWS may leave out is an `Option` or an empty `Vec`, and is left out in writing too; members that are not
//! listed here are skipped in reading. Source of names and types: the data types of the Amazon EC2 API reference.

mod address;
mod dhcp_options;
mod image;
mod instance;
mod internet_gateway;
mod key_pair;
mod network_acl;
mod network_interface;
mod route_table;
mod security_group;
mod subnet;
mod tag;
mod vpc;
mod zone;

pub use address::Address;
pub use dhcp_options::{AttributeValue, DhcpConfiguration, DhcpOptions};
pub use image::{EbsBlockDevice, Image, ImageBlockDevice, ImageState};
pub use instance::{
    EbsInstanceBlockDevice, IamInstanceProfile, Instance, InstanceBlockDevice, InstanceNetworkInterface, InstanceState,
    InstanceStateName, Monitoring, Placement, Reservation, StateReason,
};
pub use internet_gateway::{InternetGateway, InternetGatewayAttachment};
pub use key_pair::{KeyPairInfo, KeyType};
pub use network_acl::{IcmpTypeCode, NetworkAcl, NetworkAclAssociation, NetworkAclEntry, RuleAction};
pub use network_interface::{
    AttachmentId, AttachmentStatus, GroupIdentifier, NetworkInterface, NetworkInterfaceAssociation,
    NetworkInterfaceAttachment, NetworkInterfaceIpv6Address, NetworkInterfacePrivateIpAddress, NetworkInterfaceStatus,
};
pub use route_table::{
    AssociationState, AssociationStateCode, GatewayId, PropagatingVgw, Route, RouteOrigin, RouteState, RouteTable,
    RouteTableAssociation,
};
pub use security_group::{
    IpPermission, IpRange, Ipv6Range, PrefixListEntry, ReferencedSecurityGroup, SecurityGroup, SecurityGroupRule,
    UserIdGroupPair,
};
pub use subnet::{PrivateDnsNameOptions, Subnet, SubnetIpv6CidrBlockAssociation, SubnetState};
pub use tag::{Resource, Tag};
pub use vpc::{
    CidrBlockState, CidrBlockStateCode, Vpc, VpcCidrBlockAssociation, VpcIpv6CidrBlockAssociation, VpcState,
};
pub use zone::{AvailabilityZone, Region, ZoneState};
