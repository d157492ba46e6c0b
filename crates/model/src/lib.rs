//! Values of AWS VPC networking, and AWS's rules about them.
//!
//! This room knows what a VPC is and needs nothing to say so: no account, no network, no clock, no runtime. Everything
//! that comes in is text and is checked once, at the edge; inside, types are passed.
//!
//! - **Ids** ([`VpcId`], [`SubnetId`], …, [`ResourceId`]) are small `Copy` values, one type per kind of resource.
//! - **Blocks** are `ipnet`'s. [`parse_block`] reads them as EC2 does; [`check_size`], [`overlaps`],
//!   [`reserved_addresses`], [`next_free_block`] and their neighbours are AWS's rules about them.
//! - **Resources** ([`Vpc`], [`Subnet`], [`RouteTable`], [`Instance`], …) have the names and members that
//!   `aws ec2 describe-…` prints, and read and write that JSON. [`Resource`] is what they share: id and tags.
//! - **[`Network`]** holds the resources of one region and answers questions about them.
//! - **Routes**: [`select_route`] picks the route that a packet takes, [`RouteTarget`] is where it leads.
//! - **Rules**: [`Rule`] is one rule of a security group, with a text form; [`RuleDifference`] compares sets of them.
//!
//! ```
//! use vpcrun_model::{Network, SubnetAccess, next_free_block, usable_address_count};
//!
//! let mut network = Network::new("ap-northeast-1");
//! network.merge_json("describe-vpcs.json", r#"{"Vpcs": [
//!     {"VpcId": "vpc-0b1c6f0d2a9e47c31", "CidrBlock": "192.168.0.0/16", "State": "available",
//!      "Tags": [{"Key": "Name", "Value": "myvpc"}]}]}"#)?;
//! network.merge_json("describe-subnets.json", r#"{"Subnets": [
//!     {"SubnetId": "subnet-0f3a5d7c9b1e2f406", "VpcId": "vpc-0b1c6f0d2a9e47c31", "CidrBlock": "192.168.0.0/24",
//!      "AvailabilityZone": "ap-northeast-1c", "State": "available", "AvailableIpAddressCount": 251}]}"#)?;
//! network.merge_json("describe-route-tables.json", r#"{"RouteTables": [
//!     {"RouteTableId": "rtb-0e1d2c3b4a5968770", "VpcId": "vpc-0b1c6f0d2a9e47c31",
//!      "Associations": [{"Main": true, "RouteTableAssociationId": "rtbassoc-0a1b2c3d4e5f60718",
//!                        "RouteTableId": "rtb-0e1d2c3b4a5968770"}],
//!      "Routes": [{"DestinationCidrBlock": "192.168.0.0/16", "GatewayId": "local"},
//!                 {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-07d1c2b3a4f5e6d78"}]}]}"#)?;
//!
//! let vpc = network.vpcs.values().next().expect("one VPC");
//! let subnet = network.subnets_of(vpc.vpc_id).next().expect("one subnet");
//! let block = subnet.cidr_block.expect("an IPv4 subnet");
//! assert_eq!(usable_address_count(block), 251);
//! assert_eq!(next_free_block(&vpc.ipv4_cidr_blocks(), &[block], 24), Some("192.168.1.0/24".parse()?));
//!
//! let access = network.subnet_access(subnet.subnet_id).expect("the subnet is there");
//! assert!(access.is_public());
//! assert_eq!(access.to_string(), "public: 0.0.0.0/0 via igw-07d1c2b3a4f5e6d78 in rtb-0e1d2c3b4a5968770");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An id of one kind does not pass for one of another; this does not compile:
//!
//! ```compile_fail,E0308
//! use vpcrun_model::{Network, SubnetId};
//! fn subnets_of_a_subnet(network: &Network, subnet: SubnetId) -> usize {
//!     network.subnets_of(subnet).count() // wants a VpcId
//! }
//! ```

mod cidr;
mod id;
mod network;
mod permission;
mod port_range;
mod protocol;
mod resource;
mod route;
mod text;

pub use cidr::{
    BLOCK_SIZES, InvalidBlockSize, InvalidCidr, Reserved, check_size, first_free_address, is_usable, is_within,
    next_free_block, overlaps, parse_block, parse_ipv6_block, reserved_addresses, reserved_purpose,
    usable_address_count,
};
pub use id::*;
pub use network::{Network, NetworkError, PrivateReason, SubnetAccess};
pub use permission::{
    Direction, InvalidPeer, InvalidRule, InvalidTraffic, Packet, PacketKind, Peer, Ports, Rule, RuleDifference,
    Traffic, ip_permissions, rules_of, rules_of_permission,
};
pub use port_range::{InvalidPortRange, PortRange};
pub use protocol::{InvalidProtocol, Protocol};
pub use resource::*;
pub use route::{RouteTarget, has_prefix_list_route, select_route};
