//! What a user declares: one spec per kind of resource.
//!
//! A spec says what should be there. An attribute left `None` is EC2's default when the resource is created and is not
//! compared when the resource exists. Another resource is named by its [`Handle`], which is also the dependency.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use ipnet::Ipv4Net;
use vpcrun_model::{Instance, InternetGateway, KeyPairInfo, Peer, RouteTable, SecurityGroup, Subnet, Traffic, Vpc};

use super::Handle;

/// Tags of the user, beside `Name` and the tags by which the engine finds a resource again (`vpcrun:…`).
///
/// A declared tag is put on, or back to its value; tags that are not declared are left alone, for others set tags too.
pub type Tags = BTreeMap<String, String>;

/// The type of an instance whose spec names none.
pub const DEFAULT_INSTANCE_TYPE: &str = "t3.micro";

/// The image of an instance whose spec names none: the newest Amazon Linux 2023 for x86_64, which EC2 itself looks up in
/// AWS's public SSM parameters.
pub const DEFAULT_IMAGE: &str = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";

/// A VPC.
#[derive(Clone, Debug)]
pub struct VpcSpec {
    /// Its `Name` tag.
    pub name: String,
    /// Its primary CIDR block, /16 to /28. Cannot be changed later.
    pub cidr: Ipv4Net,
    /// Whether Amazon's DNS server answers in the VPC (EC2's default: yes). Costs one more call in each run when given.
    pub dns_support: Option<bool>,
    /// Whether instances with public addresses get public host names (EC2's default: no). Costs one more call in each run
    /// when given.
    pub dns_hostnames: Option<bool>,
    /// More tags.
    pub tags: Tags,
}

/// An internet gateway, attached to a VPC.
#[derive(Clone, Debug)]
pub struct InternetGatewaySpec {
    /// Its `Name` tag.
    pub name: String,
    /// The VPC to which it is attached.
    pub vpc: Handle<Vpc>,
    /// More tags.
    pub tags: Tags,
}

/// A subnet.
#[derive(Clone, Debug)]
pub struct SubnetSpec {
    /// Its `Name` tag.
    pub name: String,
    /// Its VPC. Cannot be changed later.
    pub vpc: Handle<Vpc>,
    /// Its CIDR block, /16 to /28 inside the VPC's. Cannot be changed later.
    pub cidr: Ipv4Net,
    /// Its Availability Zone, such as `ap-northeast-1a`. Cannot be changed later.
    pub zone: Option<String>,
    /// Whether an instance launched here gets a public address without asking (EC2's default: no).
    pub map_public_ip: Option<bool>,
    /// More tags.
    pub tags: Tags,
}

/// A route of a route table.
#[derive(Clone, Debug)]
pub struct RouteSpec {
    /// The table.
    pub table: Handle<RouteTable>,
    /// The destinations that it matches. With the table, this is the route's identity.
    pub destination: Ipv4Net,
    /// Where it sends them.
    pub target: RouteTargetSpec,
}

/// Where a declared route sends packets.
#[derive(Clone, Debug)]
pub enum RouteTargetSpec {
    /// An internet gateway.
    InternetGateway(Handle<InternetGateway>),
    /// An instance with one network interface (for forwarding, turn off its source/destination check).
    Instance(Handle<Instance>),
}

impl RouteTargetSpec {
    /// The declared name of the target.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::InternetGateway(handle) => handle.name(),
            Self::Instance(handle) => handle.name(),
        }
    }
}

/// A security group.
#[derive(Clone, Debug)]
pub struct SecurityGroupSpec {
    /// Its group name (unique in the VPC) and `Name` tag. Cannot be changed later.
    pub name: String,
    /// Its VPC. Cannot be changed later.
    pub vpc: Handle<Vpc>,
    /// Its description, which EC2 requires and cannot change later. `None`: a text that names the stack.
    pub description: Option<String>,
    /// What may come in: exactly these rules.
    pub ingress: Vec<RuleSpec>,
    /// What may go out: exactly these rules. `None` keeps what EC2 gives a new group: everything may go out.
    pub egress: Option<Vec<RuleSpec>>,
    /// More tags.
    pub tags: Tags,
}

/// One rule of a security group. Its direction is the list in which it stands.
#[derive(Clone, Debug)]
pub struct RuleSpec {
    /// What it allows.
    pub traffic: Traffic,
    /// From whom (ingress) or to whom (egress).
    pub peer: PeerSpec,
    /// Its description.
    pub description: Option<String>,
}

/// The other side of a declared rule: of a group that is declared too, there is no id yet.
#[derive(Clone, Debug)]
pub enum PeerSpec {
    /// Whatever has an address or an id already.
    Known(Peer),
    /// Network interfaces that carry another declared group.
    Group(Handle<SecurityGroup>),
    /// Network interfaces that carry the group itself.
    ThisGroup,
}

impl<T: Into<Peer>> From<T> for PeerSpec {
    fn from(known: T) -> Self {
        Self::Known(known.into())
    }
}

/// The algorithm of a key pair that EC2 makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyType {
    /// Ed25519. Not for Windows instances.
    #[default]
    Ed25519,
    /// RSA, 2048 bits.
    Rsa,
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ed25519 => "ed25519",
            Self::Rsa => "rsa",
        })
    }
}

/// A key pair: made by EC2 with its private half saved to a file, or imported from a public key.
#[derive(Clone, Debug)]
pub struct KeyPairSpec {
    /// Its key name (unique in the region) and `Name` tag. Cannot be changed later.
    pub name: String,
    /// The algorithm, when EC2 makes the pair.
    pub key_type: KeyType,
    /// The file for the private half, under the stack's base directory. It is created with mode 0400 and never
    /// overwritten. Either this or `public_key` is needed: EC2 hands out a private key only once.
    pub save_to: Option<PathBuf>,
    /// An existing public key in OpenSSH's format (`ssh-ed25519 AAAA… comment`), to import.
    pub public_key: Option<String>,
    /// More tags.
    pub tags: Tags,
}

/// An instance with one network interface.
#[derive(Clone, Debug)]
pub struct InstanceSpec {
    /// Its `Name` tag.
    pub name: String,
    /// Its subnet. Cannot be changed later.
    pub subnet: Handle<Subnet>,
    /// Its image: an id, or `resolve:ssm:` and a parameter. `None`: [`DEFAULT_IMAGE`]. Compared later only when it is an id.
    pub image: Option<String>,
    /// Its type, `None`: [`DEFAULT_INSTANCE_TYPE`].
    pub instance_type: Option<String>,
    /// Its primary private address. Cannot be changed later.
    pub private_ip: Option<Ipv4Addr>,
    /// The key pair whose public half is put into the image's default user at first boot. Cannot be changed later.
    pub key_pair: Option<Handle<KeyPairInfo>>,
    /// Its security groups. Empty: the VPC's default group at launch, not compared later.
    pub security_groups: Vec<Handle<SecurityGroup>>,
    /// Data for the image's first boot, as plain text (at most 16 KiB). Not compared later.
    pub user_data: Option<String>,
    /// Whether it gets a public address at launch. `None`: as its subnet says. Not compared later.
    pub associate_public_ip: Option<bool>,
    /// Whether packets neither from nor to its own address are dropped (EC2's default: yes).
    pub source_dest_check: Option<bool>,
    /// More tags.
    pub tags: Tags,
}

/// An Elastic IP address.
#[derive(Clone, Debug)]
pub struct ElasticIpSpec {
    /// Its `Name` tag.
    pub name: String,
    /// The instance with which it is associated. `None`: allocated only, an association is left as it is.
    pub instance: Option<Handle<Instance>>,
    /// The private address of the instance to which it maps. `None`: the primary one.
    pub private_ip: Option<Ipv4Addr>,
    /// More tags.
    pub tags: Tags,
}
