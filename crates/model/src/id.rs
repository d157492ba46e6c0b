//! Typed resource ids: a [`VpcId`] is not a [`SubnetId`].
//!
//! Every EC2 id is a prefix that names the kind of resource, a hyphen and 8 (before 2018) or 17 lower-case hexadecimal
//! digits: `vpc-0b1c6f0d2a9e47c31`. Source: "Resource IDs" in the Amazon EC2 User Guide.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A text that is not an id of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not the id of a {noun}: expected {prefix}- and 8 or 17 hexadecimal digits")]
pub struct InvalidId {
    text: String,
    noun: &'static str,
    prefix: &'static str,
}

/// The digits of an id. Short ids sort before long ones of the same value, so that order and equality agree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Digits {
    value: u128,
    long: bool,
}

impl Digits {
    const SHORT: usize = 8;
    const LONG: usize = 17;

    fn parse(text: &str) -> Option<Self> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let long = match text.len() {
            Self::SHORT => false,
            Self::LONG => true,
            _ => return None,
        };
        if !text.bytes().all(hex) {
            return None;
        }
        let value = u128::from_str_radix(text, 16).ok()?;
        Some(Self { value, long })
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = if self.long { Self::LONG } else { Self::SHORT };
        write!(f, "{:0width$x}", self.value)
    }
}

/// What all typed ids have in common.
pub trait Id: Copy + Ord + fmt::Display + FromStr<Err = InvalidId> + Into<ResourceId> + TryFrom<ResourceId> {
    /// What stands before the hyphen: `vpc`.
    const PREFIX: &'static str;
    /// AWS's noun for the resource, in lower case.
    const NOUN: &'static str;
    /// The id that sorts before all others of its kind.
    const MIN: Self;

    /// The 17-digit id made of the low 68 bits of `value`.
    fn from_bits(value: u128) -> Self;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $variant:ident, $prefix:literal, $noun:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(Digits);

            impl Id for $name {
                const PREFIX: &'static str = $prefix;
                const NOUN: &'static str = $noun;
                const MIN: Self = Self(Digits { value: 0, long: false });

                fn from_bits(value: u128) -> Self {
                    Self(Digits { value: value & ((1 << 68) - 1), long: true })
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.pad(&format!("{}-{}", $prefix, self.0))
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write!(f, "{self}")
                }
            }

            impl FromStr for $name {
                type Err = InvalidId;
                fn from_str(text: &str) -> Result<Self, InvalidId> {
                    text.strip_prefix(concat!($prefix, "-"))
                        .and_then(Digits::parse)
                        .map(Self)
                        .ok_or_else(|| InvalidId { text: text.to_owned(), noun: $noun, prefix: $prefix })
                }
            }

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                    text.parse().map_err(de::Error::custom)
                }
            }

            impl From<$name> for ResourceId {
                fn from(id: $name) -> Self {
                    Self::$variant(id)
                }
            }

            impl TryFrom<ResourceId> for $name {
                type Error = InvalidId;
                fn try_from(id: ResourceId) -> Result<Self, InvalidId> {
                    match id {
                        ResourceId::$variant(id) => Ok(id),
                        other => Err(InvalidId { text: other.to_string(), noun: $noun, prefix: $prefix }),
                    }
                }
            }
        )+

        /// The id of any resource, as actions like CreateTags take them. Ids of one kind sort together.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ResourceId {
            $(#[doc = concat!("A ", $noun, ".")] $variant($name),)+
        }

        impl ResourceId {
            /// AWS's noun for the resource, in lower case.
            #[must_use]
            pub const fn noun(&self) -> &'static str {
                match self { $(Self::$variant(_) => $noun,)+ }
            }
        }

        impl fmt::Display for ResourceId {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$variant(id) => id.fmt(f),)+ }
            }
        }

        impl FromStr for ResourceId {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                match text.rsplit_once('-').map_or("", |(prefix, _)| prefix) {
                    $($prefix => text.parse().map(Self::$variant),)+
                    _ => Err(InvalidId { text: text.to_owned(), noun: "resource", prefix: "a prefix such as vpc" }),
                }
            }
        }
    };
}

ids! {
    /// A virtual private cloud.
    VpcId, Vpc, "vpc", "vpc";
    /// The association of a CIDR block with a VPC.
    VpcCidrAssociationId, VpcCidrAssociation, "vpc-cidr-assoc", "VPC CIDR association";
    /// A subnet.
    SubnetId, Subnet, "subnet", "subnet";
    /// The association of an IPv6 CIDR block with a subnet.
    SubnetCidrAssociationId, SubnetCidrAssociation, "subnet-cidr-assoc", "subnet CIDR association";
    /// A reservation of addresses in a subnet.
    SubnetCidrReservationId, SubnetCidrReservation, "scr", "subnet CIDR reservation";
    /// An internet gateway.
    InternetGatewayId, InternetGateway, "igw", "internet gateway";
    /// A route table.
    RouteTableId, RouteTable, "rtb", "route table";
    /// The association of a route table with a subnet, or of the main route table with its VPC.
    RouteTableAssociationId, RouteTableAssociation, "rtbassoc", "route table association";
    /// A security group.
    SecurityGroupId, SecurityGroup, "sg", "security group";
    /// A rule of a security group.
    SecurityGroupRuleId, SecurityGroupRule, "sgr", "security group rule";
    /// A network ACL.
    NetworkAclId, NetworkAcl, "acl", "network ACL";
    /// The association of a network ACL with a subnet.
    NetworkAclAssociationId, NetworkAclAssociation, "aclassoc", "network ACL association";
    /// A network interface.
    NetworkInterfaceId, NetworkInterface, "eni", "network interface";
    /// The attachment of a network interface to an instance.
    NetworkInterfaceAttachmentId, NetworkInterfaceAttachment, "eni-attach", "network interface attachment";
    /// The attachment of a network interface to a resource of the service that manages the interface.
    ManagedAttachmentId, ManagedAttachment, "ela-attach", "managed network interface attachment";
    /// An instance.
    InstanceId, Instance, "i", "instance";
    /// The reservation under which instances were launched.
    ReservationId, Reservation, "r", "reservation";
    /// An Amazon Machine Image.
    ImageId, Image, "ami", "image";
    /// An EBS volume.
    VolumeId, Volume, "vol", "volume";
    /// An EBS snapshot.
    SnapshotId, Snapshot, "snap", "snapshot";
    /// A key pair.
    KeyPairId, KeyPair, "key", "key pair";
    /// The allocation of an Elastic IP address.
    AllocationId, Allocation, "eipalloc", "Elastic IP address";
    /// The association of an Elastic IP address with a network interface.
    AddressAssociationId, AddressAssociation, "eipassoc", "Elastic IP address association";
    /// A set of DHCP options.
    DhcpOptionsId, DhcpOptions, "dopt", "DHCP options";
    /// A NAT gateway.
    NatGatewayId, NatGateway, "nat", "NAT gateway";
    /// An egress-only internet gateway.
    EgressOnlyInternetGatewayId, EgressOnlyInternetGateway, "eigw", "egress-only internet gateway";
    /// A VPC peering connection.
    VpcPeeringConnectionId, VpcPeeringConnection, "pcx", "VPC peering connection";
    /// A VPC endpoint.
    VpcEndpointId, VpcEndpoint, "vpce", "VPC endpoint";
    /// A prefix list.
    PrefixListId, PrefixList, "pl", "prefix list";
    /// A flow log.
    FlowLogId, FlowLog, "fl", "flow log";
    /// A virtual private gateway.
    VpnGatewayId, VpnGateway, "vgw", "virtual private gateway";
    /// A customer gateway.
    CustomerGatewayId, CustomerGateway, "cgw", "customer gateway";
    /// A VPN connection.
    VpnConnectionId, VpnConnection, "vpn", "VPN connection";
    /// A carrier gateway.
    CarrierGatewayId, CarrierGateway, "cagw", "carrier gateway";
    /// A launch template.
    LaunchTemplateId, LaunchTemplate, "lt", "launch template";
    /// A placement group.
    PlacementGroupId, PlacementGroup, "pg", "placement group";
    /// The association of an IAM instance profile with an instance.
    InstanceProfileAssociationId, InstanceProfileAssociation, "iip-assoc", "IAM instance profile association";
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for ResourceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ResourceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lengths_read_and_print_the_same() {
        for text in ["vpc-0b1c6f0d2a9e47c31", "vpc-00000001", "vpc-ffffffffffffffff0"] {
            let id: VpcId = text.parse().expect(text);
            assert_eq!(id.to_string(), text);
            assert_eq!(text.parse::<ResourceId>().expect(text), ResourceId::Vpc(id));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let bad =
            ["", "vpc", "vpc-", "vpc-0", "vpc-0000000g", "vpc-0B1C6F0D2A9E47C31", "subnet-00000001", " vpc-00000001"];
        for text in bad {
            assert!(text.parse::<VpcId>().is_err(), "{text:?}");
        }
        let error = "subnet-00000001".parse::<VpcId>().expect_err("another kind");
        let expected = "\"subnet-00000001\" is not the id of a vpc: expected vpc- and 8 or 17 hexadecimal digits";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_prefix_may_contain_a_hyphen() {
        let attachment: ResourceId = "eni-attach-00000001".parse().expect("attachment");
        assert!(matches!(attachment, ResourceId::NetworkInterfaceAttachment(_)));
        assert!("eni-attach-00000001".parse::<NetworkInterfaceId>().is_err());
    }

    #[test]
    fn serde_uses_the_text() {
        let id = SubnetId::from_bits(7);
        let json = serde_json::to_string(&id).expect("serialises");
        assert_eq!(json, "\"subnet-00000000000000007\"");
        assert_eq!(serde_json::from_str::<SubnetId>(&json).expect("reads"), id);
    }
}
