//! A world to ask, with the tutorial's network in it where a test wants one.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::{coverage, shapes};
use vpcrun_emulator::{Clock, DrivenClock, Options, Request, Response, Timestamp, TransitionTimes, World};

/// The public parameter of Amazon Linux 2023.
pub const AMAZON_LINUX: &str = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";

/// A world of its own, asked in one region, with a clock that stands still.
pub struct Ec2 {
    pub world: World,
    pub clock: DrivenClock,
    pub region: &'static str,
}

impl Ec2 {
    pub fn options(times: TransitionTimes) -> (Options, DrivenClock) {
        // 2026-11-23T18:43:58Z
        let clock = DrivenClock::new(Timestamp::from_millisecond(1_795_459_438_000));
        let options = Options {
            account_id: "123456789012".to_owned(),
            seed: Some(1),
            clock: Clock::Driven(clock.clone()),
            transition_times: times,
            ..Options::default()
        };
        (options, clock)
    }

    pub fn new(times: TransitionTimes) -> Self {
        let (options, clock) = Self::options(times);
        Self { world: World::in_memory(options), clock, region: "ap-northeast-1" }
    }

    /// A world whose account has the quotas of a fresh one.
    pub fn with_quotas() -> Self {
        let (options, clock) = Self::options(TransitionTimes::Instant);
        let options = Options { quotas: true, ..options };
        Self { world: World::in_memory(options), clock, region: "ap-northeast-1" }
    }

    /// The same world, asked in another region.
    pub fn in_region(&self, region: &'static str) -> Self {
        Self { world: self.world.clone(), clock: self.clock.clone(), region }
    }

    /// The answer, which has to be of EC2's shape.
    #[track_caller]
    pub fn handle(&self, body: &str) -> Response {
        let response = self.world.handle(&Request { region: self.region.into(), body: body.into() });
        shapes::judge(body, &response);
        if response.status == 200 {
            coverage::answered(body, &response.body);
        }
        response
    }

    /// The answer's body; the request has to succeed.
    #[track_caller]
    pub fn ask(&self, body: &str) -> String {
        let response = self.handle(body);
        assert_eq!(response.status, 200, "{body}\n{}", response.body);
        response.body
    }

    /// The first text of an element in the answer.
    #[track_caller]
    pub fn get(&self, body: &str, element: &str) -> String {
        let answer = self.ask(body);
        first(&answer, element).unwrap_or_else(|| panic!("no {element} in {answer}"))
    }

    /// All texts of an element in the answer.
    #[track_caller]
    pub fn all(&self, body: &str, element: &str) -> Vec<String> {
        texts(&self.ask(body), element)
    }

    /// Status, code and message of a refused request.
    pub fn refusal(&self, body: &str) -> (u16, String, String) {
        let response = self.handle(body);
        let text = |element| first(&response.body, element).unwrap_or_default();
        let message = text("Message").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        (response.status, text("Code"), message)
    }

    /// Sends a request that EC2 refuses with status 400. A refused request changes nothing.
    #[track_caller]
    pub fn refuses(&self, body: &str, code: &str, message: &str, source: &str) {
        let before = self.picture();
        assert_eq!(self.refusal(body), (400, code.to_owned(), message.to_owned()), "{body} ({source})");
        assert_eq!(self.picture(), before, "{body} was refused, but changed something");
        coverage::refused(body, code, message, source);
    }

    /// Sends what EC2 refuses with status 400: a table of requests (`CreateVpc&CidrBlock=10.0.0.0/15`), each with its code,
    /// message and source. `{name}` in a request or a message stands for what the test put under that name.
    #[track_caller]
    pub fn refuses_all(&self, names: &Names, table: &[Refused]) {
        for (request, code, message, source) in table {
            self.refuses(&format!("Action={}", names.fill(request)), code, &names.fill(message), source);
        }
    }

    /// A refused request's code.
    #[track_caller]
    pub fn code(&self, body: &str) -> String {
        let (status, code, message) = self.refusal(body);
        assert_ne!(status, 200, "{body} succeeded");
        assert!(!message.is_empty(), "{body}: {code} without a message");
        code
    }

    pub fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// What a refused request could have changed.
    pub fn picture(&self) -> Vec<String> {
        let actions = [
            "DescribeVpcs",
            "DescribeInternetGateways",
            "DescribeSubnets",
            "DescribeRouteTables",
            "DescribeSecurityGroups",
            "DescribeSecurityGroupRules",
            "DescribeNetworkAcls",
            "DescribeCarrierGateways",
            "DescribeCustomerGateways",
            "DescribeNatGateways",
            "DescribeNetworkInterfaces",
            "DescribeInstances",
            "DescribeVolumes",
            "DescribeLaunchTemplates",
            "DescribePlacementGroups",
            "DescribeIamInstanceProfileAssociations",
            "DescribeAddresses",
            "DescribeVpcEndpoints",
            "DescribeAddressesAttribute",
            "DescribeAddressTransfers",
            "GetEbsEncryptionByDefault",
            "GetInstanceMetadataDefaults",
            "DescribeManagedPrefixLists",
            "DescribeDhcpOptions",
            "DescribeEgressOnlyInternetGateways",
            "DescribeFlowLogs",
            "DescribeSecurityGroupVpcAssociations",
            "DescribeTags",
            "DescribeVpcPeeringConnections",
            "DescribeVpnGateways",
        ];
        let show = |action: &str| {
            let body = self.ask(&format!("Action={action}"));
            body.split_once("</requestId>").map(|(_, rest)| rest.to_owned()).expect("a request id")
        };
        actions.map(show).into()
    }

    /// Runs an instance in a subnet and gives its id.
    #[track_caller]
    pub fn run(&self, more: &str) -> String {
        self.get(&run(more), "instanceId")
    }

    #[track_caller]
    pub fn state(&self, instance: &str) -> String {
        let body = self.ask(&format!("Action=DescribeInstances&InstanceId.1={instance}"));
        first(&first(&body, "instanceState").expect("a state"), "name").expect("its name")
    }
}

/// A refused request, the expected code and message, and where AWS's answer is seen or documented.
pub type Refused = (&'static str, &'static str, &'static str, &'static str);

/// Names for ids and addresses that a table of refusals speaks of.
#[derive(Default)]
pub struct Names(BTreeMap<&'static str, String>);

impl Names {
    /// Gives a value a name, and the value back.
    pub fn put(&mut self, name: &'static str, value: impl Into<String>) -> String {
        let value = value.into();
        self.0.insert(name, value.clone());
        value
    }

    /// The text with each `{name}` replaced.
    #[track_caller]
    pub fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, tail) = after.split_once('}').expect("a closing brace");
            filled.push_str(before);
            filled.push_str(self.0.get(name).unwrap_or_else(|| panic!("nothing has the name {name}")));
            rest = tail;
        }
        filled + rest
    }
}

/// A RunInstances request for one t3.micro with Amazon Linux 2023.
pub fn run(more: &str) -> String {
    format!("Action=RunInstances&ImageId={AMAZON_LINUX}&InstanceType=t3.micro&MinCount=1&MaxCount=1{more}")
}

/// The tutorial's network, before its instances.
pub struct Network {
    pub vpc: String,
    pub gateway: String,
    pub subnet: String,
    pub other_subnet: String,
    pub group: String,
}

impl Network {
    pub fn new(ec2: &Ec2) -> Self {
        let vpc = ec2.get("Action=CreateVpc&CidrBlock=192.168.0.0/16", "vpcId");
        let gateway = ec2.get("Action=CreateInternetGateway", "internetGatewayId");
        ec2.ask(&format!("Action=AttachInternetGateway&InternetGatewayId={gateway}&VpcId={vpc}"));
        let subnet = |third: u8, zone: char| {
            ec2.get(
                &format!(
                    "Action=CreateSubnet&VpcId={vpc}&CidrBlock=192.168.{third}.0/24&AvailabilityZone=ap-northeast-1{zone}"
                ),
                "subnetId",
            )
        };
        let (subnet, other_subnet) = (subnet(1, 'b'), subnet(2, 'c'));
        let group =
            ec2.get(&format!("Action=CreateSecurityGroup&GroupName=ssh&GroupDescription=ssh&VpcId={vpc}"), "groupId");
        Self { vpc, gateway, subnet, other_subnet, group }
    }
}

/// The text of the first element of this name.
pub fn first(xml: &str, element: &str) -> Option<String> {
    texts(xml, element).into_iter().next()
}

/// The inner texts of all elements of this name that do not nest in one another.
pub fn texts(xml: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let parts = xml.split(&open).skip(1);
    parts.filter_map(|part| part.split_once(&close).map(|(text, _)| text.to_owned())).collect()
}
