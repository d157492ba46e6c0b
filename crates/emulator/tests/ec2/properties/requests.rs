//! Draws a request from EC2's model: an action, its members by chance, and values that are mostly right, from the ids of the world.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use vpcrun_emulator::action_names;

use crate::shapes::{MODEL, Shape, Structure};
use crate::support::AMAZON_LINUX;

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len() as u64) as usize]
    }
}

/// The ids that answers told of, by their prefix, latest last.
#[derive(Default)]
pub struct Ids(BTreeMap<String, Vec<String>>);

impl Ids {
    pub fn learn(&mut self, answer: &str) {
        for text in answer.split(['<', '>']) {
            if let Some(prefix) = prefix(text) {
                let known = self.0.entry(prefix.to_owned()).or_default();
                if !known.iter().any(|id| id == text) {
                    known.push(text.to_owned());
                }
            }
        }
    }

    /// An id of a kind: mostly a late one, sometimes one that may be gone, seldom none at all.
    fn of(&self, prefix: &str, random: &mut Random) -> String {
        let known = self.0.get(prefix).map_or(&[][..], Vec::as_slice);
        if known.is_empty() || random.one_in(30) {
            return if random.one_in(3) { "junk".to_owned() } else { format!("{prefix}-0123456789abcdef0") };
        }
        let among = if random.one_in(5) { known.len() } else { known.len().min(6) };
        known[known.len() - 1 - random.below(among as u64) as usize].clone()
    }
}

/// `vpc` of `vpc-0123456789abcdef0`.
pub fn prefix(text: &str) -> Option<&str> {
    let (prefix, digits) = text.rsplit_once('-')?;
    (digits.len() == 17 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(prefix)
}

/// Members that an action needs, though the model does not require them; of alternatives, one.
const NEEDED: &[(&str, &[&str])] = &[
    ("AllocateAddress", &["Domain"]),
    ("AssignPrivateIpAddresses", &["SecondaryPrivateIpAddressCount|PrivateIpAddress"]),
    ("AssociateAddress", &["AllocationId", "InstanceId|NetworkInterfaceId"]),
    ("AssociateRouteTable", &["SubnetId|SubnetId|GatewayId"]),
    ("AssociateSubnetCidrBlock", &["Ipv6CidrBlock"]),
    ("AssociateVpcCidrBlock", &["CidrBlock|AmazonProvidedIpv6CidrBlock"]),
    ("AuthorizeSecurityGroupEgress", &["IpPermissions"]),
    ("AuthorizeSecurityGroupIngress", &["GroupId", "IpPermissions"]),
    ("CreateCustomerGateway", &["IpAddress"]),
    ("CreateNatGateway", &["AllocationId|ConnectivityType"]),
    ("CreateNetworkAclEntry", &["CidrBlock|CidrBlock|Ipv6CidrBlock"]),
    (
        "CreateRoute",
        &[
            "DestinationCidrBlock|DestinationCidrBlock|DestinationPrefixListId|DestinationIpv6CidrBlock",
            "GatewayId|NatGatewayId|NetworkInterfaceId|InstanceId|VpcPeeringConnectionId|EgressOnlyInternetGatewayId",
        ],
    ),
    ("CreatePlacementGroup", &["GroupName", "Strategy"]),
    ("CreateSecurityGroup", &["VpcId"]),
    ("CreateSubnet", &["CidrBlock"]),
    ("CreateVolume", &["AvailabilityZone", "Size"]),
    ("CreateVpc", &["CidrBlock"]),
    ("CreateVpcEndpoint", &["VpcEndpointType"]),
    ("CreateVpcPeeringConnection", &["VpcId", "PeerVpcId"]),
    ("DeleteNatGateway", &["NatGatewayId"]),
    ("DeleteRoute", &["DestinationCidrBlock"]),
    ("DeleteSecurityGroup", &["GroupId"]),
    ("DisassociateAddress", &["AssociationId"]),
    ("ReleaseAddress", &["AllocationId"]),
    (
        "ReplaceRoute",
        &["DestinationCidrBlock", "GatewayId|NatGatewayId|NetworkInterfaceId|InstanceId|VpcPeeringConnectionId"],
    ),
    ("RevokeSecurityGroupEgress", &["GroupId", "SecurityGroupRuleId|IpPermissions"]),
    ("RevokeSecurityGroupIngress", &["GroupId", "SecurityGroupRuleId|IpPermissions"]),
    ("RunInstances", &["ImageId", "SubnetId"]),
    ("UnassignPrivateIpAddresses", &["PrivateIpAddress"]),
];

/// Actions of which the answer is long and always the same, or slow and drawn by chance (a key).
const SELDOM: &[&str] =
    &["DescribeImages", "DescribeInstanceTypes", "DescribeInstanceTypeOfferings", "DescribeRegions"];
const NEVER: &[&str] = &["CreateKeyPair"];

/// The prefix of the ids that a member takes.
fn kind(action: &str, member: &str) -> Option<&'static str> {
    Some(match member {
        "VpcId" | "PeerVpcId" | "AccepterVpcId" | "RequesterVpcId" => "vpc",
        "SubnetId" | "AddSubnetId" | "RemoveSubnetId" | "SecondarySubnetId" => "subnet",
        "SubnetCidrReservationId" => "scr",
        "RouteTableId" | "AddRouteTableId" | "RemoveRouteTableId" => "rtb",
        "GatewayId" if action.contains("VgwRoutePropagation") => "vgw",
        "InternetGatewayId" | "GatewayId" => "igw",
        "NatGatewayId" => "nat",
        "NetworkInterfaceId" => "eni",
        "InstanceId" => "i",
        "GroupId" if action.contains("Placement") => "pg",
        "LinkedGroupId" => "pg",
        "GroupId" | "SecurityGroupId" | "ReferencedGroupId" | "AddSecurityGroupId" | "RemoveSecurityGroupId" => "sg",
        "SecurityGroupRuleId" => "sgr",
        "NetworkAclId" => "acl",
        "AllocationId" | "SecondaryAllocationId" => "eipalloc",
        "AssociationId" if action.contains("RouteTable") => "rtbassoc",
        "AssociationId" if action.contains("NetworkAcl") => "aclassoc",
        "AssociationId" if action.contains("SubnetCidr") => "subnet-cidr-assoc",
        "AssociationId" if action.contains("VpcCidr") => "vpc-cidr-assoc",
        "AssociationId" if action.contains("IamInstanceProfile") => "iip-assoc",
        "AssociationId" => "eipassoc",
        "AttachmentId" => "eni-attach",
        "DhcpOptionsId" => "dopt",
        "EgressOnlyInternetGatewayId" => "eigw",
        "VpcPeeringConnectionId" => "pcx",
        "VpcEndpointId" => "vpce",
        "PrefixListId" | "DestinationPrefixListId" => "pl",
        "VolumeId" => "vol",
        "LaunchTemplateId" => "lt",
        "CustomerGatewayId" => "cgw",
        "VpnGatewayId" => "vgw",
        "VpnConnectionId" => "vpn",
        "CarrierGatewayId" => "cagw",
        "FlowLogId" => "fl",
        "SnapshotId" => "snap",
        "KeyPairId" => "key",
        _ => return None,
    })
}

/// A request, form encoded.
pub fn request(random: &mut Random, ids: &Ids) -> String {
    static ACTIONS: LazyLock<Vec<&'static str>> =
        LazyLock::new(|| action_names().into_iter().filter(|action| !NEVER.contains(action)).collect());
    let action = loop {
        let action = random.pick(&ACTIONS);
        let chance = match action {
            _ if SELDOM.contains(&action) => 50,
            _ if action.starts_with("Describe") || action.starts_with("Delete") => 3,
            _ => 1,
        };
        if random.one_in(chance) {
            break action;
        }
    };
    // Some requests say the least, some much.
    let generosity = random.pick(&[&0, &0, &5, &20]);
    let mut draw = Draw { action, random, ids, generosity: *generosity, body: format!("Action={action}") };
    draw.members(MODEL.input(action), "");
    draw.body
}

struct Draw<'a> {
    action: &'static str,
    random: &'a mut Random,
    ids: &'a Ids,
    /// How many of a hundred members that may be left out are there.
    generosity: u64,
    body: String,
}

impl Draw<'_> {
    fn members(&mut self, structure: &'static Structure, path: &str) {
        let needed: Vec<&str> = if path.is_empty() {
            let lists = NEEDED.iter().filter(|(action, _)| *action == self.action).flat_map(|(_, members)| *members);
            lists.map(|alternatives| self.random.pick(&alternatives.split('|').collect::<Vec<_>>())).collect()
        } else {
            Vec::new()
        };
        let mut any = path.is_empty();
        let all: Vec<_> = MODEL.members(structure).collect();
        for member in &all {
            let wanted = member.required || needed.contains(&member.query.as_str());
            let chance = match member.query.as_str() {
                _ if wanted => 97,
                "DryRun" | "NextToken" => self.generosity.min(2),
                "ClientToken" => 5,
                // Ids are what makes a Describe or a nested structure meaningful.
                name if !path.is_empty() && kind(self.action, name).is_some() => 40,
                _ if !path.is_empty() => self.generosity.max(35),
                _ => self.generosity,
            };
            if self.random.below(100) < chance {
                any = true;
                self.value(member.shape, path, &member.query);
            }
        }
        if !any && !all.is_empty() {
            let member = &all[self.random.below(all.len() as u64) as usize];
            self.value(member.shape, path, &member.query);
        }
    }

    fn value(&mut self, shape: &'static Shape, path: &str, name: &str) {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        if path.len() > 120 {
            return;
        }
        match shape {
            Shape::Structure(structure) => self.members(structure, &path),
            Shape::List { member, .. } => {
                for n in 1..=1 + u64::from(self.random.one_in(5)) {
                    match MODEL.shape(member) {
                        Shape::Structure(structure) => self.members(structure, &format!("{path}.{n}")),
                        Shape::List { .. } => {}
                        scalar => {
                            let text = self.scalar(scalar, name);
                            self.body.push_str(&format!("&{path}.{n}={text}"));
                        }
                    }
                }
            }
            scalar => {
                let text = self.scalar(scalar, name);
                self.body.push_str(&format!("&{path}={text}"));
            }
        }
    }

    fn scalar(&mut self, shape: &Shape, name: &str) -> String {
        let Self { action, random, ids, .. } = self;
        if random.one_in(150) {
            return "junk".to_owned();
        }
        if let Some(prefix) = kind(action, name) {
            return ids.of(prefix, random);
        }
        let number = random.below(8);
        match shape {
            Shape::Boolean => random.pick(&["true", "false"]).to_owned(),
            Shape::Timestamp => "2026-11-23T18:43:58.000Z".to_owned(),
            Shape::Integer { .. } | Shape::Long | Shape::Float | Shape::Double => match name {
                "MaxResults" => (5 + number).to_string(),
                "MinCount" | "MaxCount" | "SecondaryPrivateIpAddressCount" => (1 + number / 5).to_string(),
                "DeviceIndex" => (number / 2).to_string(),
                "RuleNumber" => (100 * number).to_string(),
                "FromPort" | "From" => random.pick(&["22", "80", "443", "-1"]).to_owned(),
                "ToPort" | "To" => random.pick(&["80", "443", "65535", "-1"]).to_owned(),
                _ => random.pick(&["0", "1", "2", "10", "60", "-1"]).to_owned(),
            },
            Shape::String { values } if !values.is_empty() && name != "InstanceType" => {
                values[random.below(values.len() as u64) as usize].clone()
            }
            _ => self.text(name, number),
        }
    }

    fn text(&mut self, name: &str, number: u64) -> String {
        let Self { action, random, ids, .. } = self;
        let block = random.below(4);
        match name {
            "CidrBlock" if action.contains("Vpc") => format!("10.{block}.0.0/16"),
            "CidrBlock" if action.contains("Subnet") => {
                format!("10.{block}.{number}.{}/{}", 16 * random.below(4), random.pick(&["24", "28", "28"]))
            }
            "CidrBlock" | "DestinationCidrBlock" | "CidrIp" | "CidrIpv4" | "Cidr" => {
                random.pick(&["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "192.168.0.0/24", "198.51.100.7/32"]).to_owned()
            }
            "Ipv6CidrBlock" | "DestinationIpv6CidrBlock" | "CidrIpv6" => random.pick(&["::/0", "2001:db8::/56", "2001:db8:0:1::/64"]).to_owned(),
            "PrivateIpAddress" => format!("10.{block}.{number}.{}", 4 + random.below(12)),
            "PublicIp" => format!("203.0.113.{number}"),
            "Protocol" | "IpProtocol" => random.pick(&["tcp", "udp", "-1", "6", "17", "icmp"]).to_owned(),
            "ImageId" if action.contains("Image") => ids.of("ami", random),
            "ImageId" | "SourceImageId" => AMAZON_LINUX.to_owned(),
            "IpAddress" => format!("198.51.100.{number}"),
            "InstanceType" => random.pick(&["t3.micro", "t3.small", "t9.none"]).to_owned(),
            "AvailabilityZone" => random.pick(&["ap-northeast-1a", "ap-northeast-1c", "us-east-1a"]).to_owned(),
            "ServiceName" => random.pick(&["com.amazonaws.ap-northeast-1.s3", "com.amazonaws.ap-northeast-1.ec2"]).to_owned(),
            "ResourceId" => {
                let kind = random.pick(&[
                    "vpc", "subnet", "igw", "rtb", "sg", "eni", "i", "acl", "eipalloc", "pcx", "vpce", "nat", "pl", "vol", "lt",
                    "pg", "ami",
                ]);
                ids.of(kind, random)
            }
            "Name" if random.one_in(2) => random.pick(&["vpc-id", "state", "tag:Name", "subnet-id"]).to_owned(),
            "Value" | "Values" if random.one_in(2) => ids.of("vpc", random),
            "NextToken" => "766563".to_owned(),
            "PublicKeyMaterial" => "c3NoLWVkMjU1MTkgQUFBQUMzTnphQzFsWkRJMU5URTVBQUFBSU1kdXZXQTdRMzVRVkxCZXozMEVJSDdxWGd5SGptVXFRZ0I2K0tsajdvTTE=".replace('+', "%2B"),
            _ => format!("name{}", number / 2),
        }
    }
}
