//! Networks to draw.

use serde_json::{Value, json};
use vpcrun_model::Network;

/// The region of the tutorial: its network, and the default VPC that every account has.
pub fn tutorial() -> Network {
    let mut builder = Builder::new();
    builder.vpc(VPC, "myvpc", "192.168.0.0/16", Some("home-ssh"));
    builder.gateway(0x7d1c_2b3a_4f5e_6d78, "mygateway", Some(VPC));
    builder.table(
        0xe1d2_c3b4_a596_8770,
        VPC,
        None,
        &[("192.168.0.0/16", "local"), ("0.0.0.0/0", "igw-07d1c2b3a4f5e6d78")],
        &[],
    );
    builder.group(GROUP, VPC, "ssh-from-home", &[("tcp", 22, "198.51.100.7/32")]);
    builder.group(0xf2e3_d4c5_b6a7_0819, VPC, "default", &[]);
    for (index, zone) in ["ap-northeast-1b", "ap-northeast-1c"].into_iter().enumerate() {
        let number = index + 1;
        let subnet = 0xf3a5_d7c9_b1e2_f405 + number;
        builder.subnet(subnet, VPC, &format!("mysubnet-000{number}"), &format!("192.168.{number}.0/24"), zone);
        let host = Host {
            id: 0x04a1_b2c3_d4e5_f600 + number,
            name: format!("myinstance-000{number}"),
            private_ip: format!("192.168.{number}.4"),
            public_ip: Some(format!("203.0.113.{}", 9 + number)),
            state: "running",
            group: (GROUP, "ssh-from-home".to_owned()),
        };
        builder.instance(VPC, subnet, &host);
    }
    builder.default_vpc();
    builder.build()
}

const VPC: usize = 0xb1c6_f0d2_a9e4_7c31;

const GROUP: usize = 0xf2e1_d0c9_b8a7_9685;

/// One of each thing that a picture has a word for.
pub fn everything() -> Network {
    let mut builder = Builder(tutorial());
    let nat = [("192.168.0.0/16", "local"), ("0.0.0.0/0", "nat-0123456789abcdef0"), ("10.0.0.0/8", "pcx-00000001")];
    builder.table(0x77, VPC, Some("by-nat"), &nat, &[0x77]);
    builder.subnet(0x77, VPC, "behind-nat", "192.168.7.0/24", "ap-northeast-1b");
    builder.table(0x78, VPC, Some("lost"), &[("192.168.0.0/16", "local"), ("0.0.0.0/0", "igw-00000001")], &[0x78]);
    builder.subnet(0x78, VPC, "on-a-dead-end", "192.168.8.0/24", "ap-northeast-1c");
    builder.table(0x79, VPC, Some("closed"), &[("192.168.0.0/16", "local")], &[0x79]);
    builder.subnet(0x79, VPC, "closed-subnet", "192.168.9.0/24", "ap-northeast-1c");
    builder.nat_gateway(0xf3a5_d7c9_b1e2_f406, VPC, "192.168.1.9");
    builder.address(0x90, "spare", "203.0.113.200", None);
    builder.gateway(0x91, "unused", None);

    let subnet = format!("subnet-{:017x}", 0x79);
    let vpc = format!("vpc-{VPC:017x}");
    let private = json!([
        {"PrivateIpAddress": "192.168.9.4", "Primary": true},
        {"PrivateIpAddress": "192.168.9.5", "Primary": false, "Association": {"PublicIp": "203.0.113.77"}}]);
    let interface = json!({"NetworkInterfaceId": "eni-0000000000000abcd", "SubnetId": subnet, "VpcId": vpc,
        "Status": "in-use", "Attachment": {"InstanceId": "i-0000000000000abcd", "DeviceIndex": 0},
        "PrivateIpAddress": "192.168.9.4", "PrivateIpAddresses": private,
        "Ipv6Addresses": [{"Ipv6Address": "2001:db8::4"}]});
    builder.add("NetworkInterfaces", &interface);
    builder.address(0x92, "second", "203.0.113.77", Some("eni-0000000000000abcd"));
    let stopped = json!({"InstanceId": "i-0000000000000abcd", "State": {"Code": 80, "Name": "stopped"}, "VpcId": vpc,
        "SubnetId": subnet, "PrivateIpAddress": "192.168.9.4", "Tags": tags("two-addresses", None)});
    let terminated = json!({"InstanceId": "i-0000000000000dead", "State": {"Code": 48, "Name": "terminated"}});
    builder.add("Reservations", &json!({"Instances": [stopped, terminated]}));
    let foreign = json!({"NetworkInterfaceId": "eni-0000000000000f0e1", "SubnetId": subnet, "VpcId": vpc,
        "Status": "available", "Description": "reporting", "PrivateIpAddress": "192.168.9.77"});
    builder.add("NetworkInterfaces", &foreign);
    builder.build()
}

/// How names are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    None,
    Short,
    Long,
    Japanese,
    /// Letters of the greatest width, and characters that mean something to some format.
    Hostile,
}

impl Names {
    pub const ALL: [Self; 5] = [Self::None, Self::Short, Self::Long, Self::Japanese, Self::Hostile];

    fn name(self, kind: &str, number: usize) -> String {
        match self {
            Self::None => String::new(),
            Self::Short => format!("{kind}-{number}"),
            Self::Long => {
                format!("the-{kind}-of-the-production-environment-of-the-platform-team-in-tokyo-number-{number:04}")
            }
            Self::Japanese => format!("東京本番環境・{}その{number}（プラットフォームチーム）", japanese(kind)),
            Self::Hostile => {
                format!("WWWW@@@@<b>\"{kind}\"</b> & `x` #1; %{{[(|\\n\u{202e}\u{1b}[31m WWWWWWWWWWWW 👩‍💻 {number}")
            }
        }
    }
}

fn japanese(kind: &str) -> &'static str {
    match kind {
        "vpc" => "仮想ネットワーク",
        "subnet" => "サブネット",
        "instance" => "踏み台サーバー",
        "gateway" => "インターネットゲートウェイ",
        _ => "セキュリティグループ",
    }
}

/// A network to generate.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    pub vpcs: usize,
    pub zones: usize,
    /// In each zone; the first are public.
    pub public: usize,
    pub private: usize,
    /// In the first subnet; each further one has a third fewer.
    pub instances: usize,
    pub names: Names,
}

pub fn generated(recipe: Recipe) -> Network {
    let mut builder = Builder::new();
    for vpc in 1..=recipe.vpcs {
        generate_vpc(&mut builder, &recipe, vpc);
    }
    builder.address(0x900, &recipe.names.name("address", 0), "203.0.113.250", None);
    builder.gateway(0x901, &recipe.names.name("gateway", 0), None);
    builder.build()
}

fn generate_vpc(builder: &mut Builder, recipe: &Recipe, vpc: usize) {
    let name = |kind: &str, number: usize| recipe.names.name(kind, number);
    let local = format!("172.{}.0.0/16", 100 + vpc);
    builder.vpc(vpc, &name("vpc", vpc), &local, None);
    let gateway = format!("igw-{vpc:017x}");
    let (main, own) = (vpc * 16, vpc * 16 + 1);
    builder.table(main, vpc, None, &[(&local, "local")], &[]);
    let group = vpc * 16;
    builder.group(group, vpc, &name("group", 1), &[("tcp", 22, "198.51.100.7/32"), ("tcp", 65535, "203.0.113.128/25")]);
    let mut public = Vec::new();
    let mut instances = recipe.instances;
    for zone in 0..recipe.zones {
        for number in 0..recipe.public + recipe.private {
            let id = vpc * 256 + zone * 16 + number;
            let block = format!("172.{}.{}.0/24", 100 + vpc, 100 + zone * 16 + number);
            let zone_name = format!("ap-northeast-1{}", char::from(b'a' + zone as u8));
            builder.subnet(id, vpc, &name("subnet", number + 1), &block, &zone_name);
            if number < recipe.public {
                public.push(id);
            }
            for host in 0..instances {
                let address = format!("172.{}.{}.{}", 100 + vpc, 100 + zone * 16 + number, 100 + host);
                let public_ip = (host % 3 != 2).then(|| format!("203.{}.{}.{}", 100 + vpc, 100 + id % 256, 100 + host));
                let state = ["running", "stopped", "pending", "shutting-down"][host % 4];
                let group = (group, name("group", 1));
                let id = id * 64 + host + 1;
                builder.instance(
                    vpc,
                    id / 64,
                    &Host { id, name: name("instance", host + 1), private_ip: address, public_ip, state, group },
                );
            }
            instances = instances * 2 / 3;
        }
    }
    if recipe.public > 0 {
        builder.gateway(vpc, &name("gateway", vpc), Some(vpc));
        builder.table(own, vpc, Some(&name("table", 2)), &[(&local, "local"), ("0.0.0.0/0", &gateway)], &public);
    }
    if recipe.zones > 0 {
        builder.nat_gateway(vpc * 256, vpc, &format!("172.{}.100.99", 100 + vpc));
    }
}

/// An instance to make.
pub struct Host {
    pub id: usize,
    pub name: String,
    pub private_ip: String,
    pub public_ip: Option<String>,
    pub state: &'static str,
    pub group: (usize, String),
}

/// Writes the documents of `aws ec2 describe-…`.
pub struct Builder(pub Network);

fn tags(name: &str, stack: Option<&str>) -> Value {
    let name = (!name.is_empty()).then(|| json!({"Key": "Name", "Value": name}));
    let stack = stack.map(|stack| json!({"Key": "vpcrun:stack", "Value": stack}));
    name.into_iter().chain(stack).collect()
}

impl Builder {
    pub fn new() -> Self {
        Self(Network::new("ap-northeast-1"))
    }

    pub fn build(self) -> Network {
        self.0
    }

    pub fn add(&mut self, member: &str, resource: &Value) {
        self.0.merge_json(member, &json!({ member: [resource] }).to_string()).expect("a document");
    }

    pub fn vpc(&mut self, id: usize, name: &str, block: &str, stack: Option<&str>) {
        let id = format!("vpc-{id:017x}");
        let vpc = json!({"VpcId": id, "CidrBlock": block, "State": "available", "Tags": tags(name, stack)});
        self.add("Vpcs", &vpc);
    }

    pub fn default_vpc(&mut self) {
        let vpc = json!({"VpcId": "vpc-0000000000000defa", "CidrBlock": "172.31.0.0/16", "State": "available",
                         "IsDefault": true});
        self.add("Vpcs", &vpc);
        self.gateway(0xdefa, "", Some(0xdefa));
        let routes = [("172.31.0.0/16", "local"), ("0.0.0.0/0", "igw-0000000000000defa")];
        self.table(0xdefa, 0xdefa, None, &routes, &[]);
        self.subnet(0xdefa, 0xdefa, "", "172.31.0.0/20", "ap-northeast-1a");
    }

    pub fn gateway(&mut self, id: usize, name: &str, vpc: Option<usize>) {
        let attachment = vpc.map(|vpc| json!({"State": "available", "VpcId": format!("vpc-{vpc:017x}")}));
        let attachments: Vec<Value> = attachment.into_iter().collect();
        let gateway = json!({"InternetGatewayId": format!("igw-{id:017x}"), "Attachments": attachments,
                             "Tags": tags(name, None)});
        self.add("InternetGateways", &gateway);
    }

    /// A table is the main one when it has no name.
    pub fn table(&mut self, id: usize, vpc: usize, name: Option<&str>, routes: &[(&str, &str)], subnets: &[usize]) {
        let table = format!("rtb-{id:017x}");
        let link = |number: usize, subnet: Option<usize>| {
            json!({"RouteTableAssociationId": format!("rtbassoc-{:017x}", id ^ number), "RouteTableId": table,
                   "Main": subnet.is_none(), "SubnetId": subnet.map(|subnet| format!("subnet-{subnet:017x}"))})
        };
        let main = name.is_none().then(|| link(0, None));
        let links = main.into_iter().chain(subnets.iter().enumerate().map(|(n, subnet)| link(n + 1, Some(*subnet))));
        let route = |(block, target): &(&str, &str)| {
            let member = match target.split_once('-') {
                Some(("nat", _)) => "NatGatewayId",
                Some(("pcx", _)) => "VpcPeeringConnectionId",
                _ => "GatewayId",
            };
            let state = if *target == "igw-00000001" { "blackhole" } else { "active" };
            json!({"DestinationCidrBlock": block, member: target, "State": state})
        };
        let table = json!({"RouteTableId": table, "VpcId": format!("vpc-{vpc:017x}"),
                           "Associations": links.collect::<Value>(), "Tags": tags(name.unwrap_or_default(), None),
                           "Routes": routes.iter().map(route).collect::<Value>()});
        self.add("RouteTables", &table);
    }

    pub fn group(&mut self, id: usize, vpc: usize, name: &str, ingress: &[(&str, u16, &str)]) {
        let permission = |(protocol, port, block): &(&str, u16, &str)| {
            json!({"IpProtocol": protocol, "FromPort": port, "ToPort": port,
                   "IpRanges": [{"CidrIp": block}]})
        };
        let name = if name.is_empty() { "launch-wizard-1" } else { name };
        let group = json!({"GroupId": format!("sg-{id:017x}"), "VpcId": format!("vpc-{vpc:017x}"), "GroupName": name,
                           "IpPermissions": ingress.iter().map(permission).collect::<Value>(),
                           "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]});
        self.add("SecurityGroups", &group);
    }

    pub fn subnet(&mut self, id: usize, vpc: usize, name: &str, block: &str, zone: &str) {
        let subnet = json!({"SubnetId": format!("subnet-{id:017x}"), "VpcId": format!("vpc-{vpc:017x}"),
                            "CidrBlock": block, "AvailabilityZone": zone, "State": "available",
                            "AvailableIpAddressCount": 250, "Tags": tags(name, None)});
        self.add("Subnets", &subnet);
    }

    /// An instance with one network interface, and an Elastic IP address when it has a public one.
    pub fn instance(&mut self, vpc: usize, subnet: usize, host: &Host) {
        let (id, interface) = (format!("i-{:017x}", host.id), format!("eni-{:017x}", host.id));
        let (vpc, subnet) = (format!("vpc-{vpc:017x}"), format!("subnet-{subnet:017x}"));
        let groups = json!([{"GroupId": format!("sg-{:017x}", host.group.0), "GroupName": host.group.1}]);
        let association = host.public_ip.as_ref().map(|public_ip| json!({"PublicIp": public_ip}));
        let instance = json!({"InstanceId": id, "State": {"Code": 16, "Name": host.state}, "VpcId": vpc,
                              "SubnetId": subnet, "PrivateIpAddress": host.private_ip, "InstanceType": "t3.micro",
                              "PublicIpAddress": host.public_ip, "SecurityGroups": groups,
                              "Tags": tags(&host.name, None)});
        self.add("Reservations", &json!({ "Instances": [instance] }));
        let private = json!([{"PrivateIpAddress": host.private_ip, "Primary": true, "Association": association}]);
        let network_interface = json!({"NetworkInterfaceId": interface, "SubnetId": subnet, "VpcId": vpc,
                   "Status": "in-use",
                   "Attachment": {"InstanceId": id, "DeviceIndex": 0, "Status": "attached"}, "Groups": groups,
                   "PrivateIpAddress": host.private_ip, "PrivateIpAddresses": private});
        self.add("NetworkInterfaces", &network_interface);
        if let Some(public_ip) = &host.public_ip {
            self.address(host.id, &host.name, public_ip, Some(&interface));
        }
    }

    pub fn nat_gateway(&mut self, subnet: usize, vpc: usize, address: &str) {
        let interface = json!({"NetworkInterfaceId": format!("eni-{:017x}", 0xa000 + subnet),
                               "SubnetId": format!("subnet-{subnet:017x}"), "VpcId": format!("vpc-{vpc:017x}"),
                               "Status": "in-use", "InterfaceType": "nat_gateway", "PrivateIpAddress": address,
                               "Description": "Interface for NAT Gateway nat-0123456789abcdef0"});
        self.add("NetworkInterfaces", &interface);
    }

    pub fn address(&mut self, id: usize, name: &str, public_ip: &str, interface: Option<&str>) {
        let address = json!({"AllocationId": format!("eipalloc-{id:017x}"), "PublicIp": public_ip,
                             "NetworkInterfaceId": interface, "Tags": tags(name, None)});
        self.add("Addresses", &address);
    }
}
