//! The engine against an EC2 that plays what no other server does at will: a lost reply, something foreign in the way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use vpcrun_ec2::{Action, Error, Session, Stack, Tags, VpcSpec};

const VPC: &str = "<item><vpcId>vpc-00000001</vpcId><cidrBlock>10.0.0.0/16</cidrBlock><state>available</state><tagSet>\
    <item><key>Name</key><value>v</value></item><item><key>vpcrun:key</key><value>vpc/v</value></item>\
    <item><key>vpcrun:stack</key><value>s</value></item></tagSet></item>";
const SUBNET: &str = "<item><subnetId>subnet-00000001</subnetId><vpcId>vpc-00000001</vpcId><cidrBlock>10.0.0.0/24</cidrBlock>\
    <availabilityZone>ap-northeast-1a</availabilityZone><state>available</state><tagSet>\
    <item><key>vpcrun:key</key><value>subnet/a</value></item></tagSet></item>";
const INTERFACE: &str = "<item><networkInterfaceId>eni-00000001</networkInterfaceId><subnetId>subnet-00000001</subnetId>\
    <vpcId>vpc-00000001</vpcId><description>reporting</description><status>in-use</status>\
    <privateIpAddress>10.0.0.77</privateIpAddress></item>";

/// Status and body of one answer.
type Answer = (u16, String);

/// Answers each action from its list, the last one for ever; an action without a list with an empty answer.
#[derive(Debug, Clone)]
struct Play {
    answers: Arc<Mutex<HashMap<&'static str, Vec<Answer>>>>,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Play {
    fn new<const N: usize>(answers: [(&'static str, Vec<Answer>); N]) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into())), sent: Arc::default() }
    }

    fn session(&self) -> Session {
        let play = self.clone();
        let client: SharedHttpClient = http_client_fn(move |_, _| SharedHttpConnector::new(play.clone()));
        Session::local(client, "play", "ap-northeast-1")
    }

    fn sent(&self, action: &str) -> usize {
        self.sent.lock().expect("whole").iter().filter(|sent| *sent == action).count()
    }
}

impl HttpConnector for Play {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let action = body.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or_default().to_owned();
        let mut answers = self.answers.lock().expect("whole");
        let (status, text) = match answers.get_mut(action.as_str()) {
            Some(list) if list.len() > 1 => list.remove(0),
            Some(list) => list[0].clone(),
            None => (200, String::new()),
        };
        self.sent.lock().expect("whole").push(action.clone());
        let text = if status == 200 { format!("<{action}Response>{text}</{action}Response>") } else { text };
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().expect("a status"), text.into())))
    }
}

fn refusal(code: &str) -> String {
    format!("<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors></Response>")
}

fn set(name: &str, items: &str) -> String {
    format!("<{name}>{items}</{name}>")
}

fn vpc() -> VpcSpec {
    let cidr = "10.0.0.0/16".parse().expect("a block");
    VpcSpec { name: "v".into(), cidr, dns_support: None, dns_hostnames: None, tags: Tags::new() }
}

/// EC2 carried the call out, and its reply was lost: the VPC is found by its tags, not created twice.
#[tokio::test]
async fn a_lost_reply_creates_nothing_twice() {
    let play = Play::new([
        ("CreateVpc", vec![(500, refusal("InternalError"))]),
        ("DescribeVpcs", vec![(200, String::new()), (200, set("vpcSet", VPC))]),
    ]);
    let stack = Stack::new(play.session(), "s", Arc::new(|_| {}));
    let handle = stack.vpc(vpc());
    let summary = stack.finish().await;
    assert_eq!((summary.created, summary.is_success()), (1, true), "{summary:#?}");
    assert_eq!(handle.get().await.expect("made").vpc_id.to_string(), "vpc-00000001");
    assert_eq!((play.sent("CreateVpc"), play.sent("DescribeVpcs")), (1, 2));
}

#[tokio::test]
async fn a_teardown_names_what_is_in_the_way_and_what_stays_because_of_it() {
    let play = Play::new([
        ("DescribeVpcs", vec![(200, set("vpcSet", VPC))]),
        ("DescribeSubnets", vec![(200, set("subnetSet", SUBNET))]),
        ("DescribeNetworkInterfaces", vec![(200, set("networkInterfaceSet", INTERFACE))]),
        ("DeleteSubnet", vec![(400, refusal("DependencyViolation"))]),
    ]);
    let actions: Arc<Mutex<Vec<Action>>> = Arc::default();
    let sink = actions.clone();
    let tell = Arc::new(move |event: vpcrun_ec2::Event| sink.lock().expect("whole").push(event.action));
    let summary = Stack::new(play.session(), "s", tell).destroy().await.expect("readable");
    let [failure] = &summary.failed[..] else { panic!("{summary:#?}") };
    let Error::Blocked(blocked) = &*failure.error else { panic!("{failure:#?}") };
    assert_eq!(
        blocked.to_string(),
        "subnet a subnet-00000001 stays: in use by network interface eni-00000001 \"reporting\" 10.0.0.77 \
         (not of this stack)"
    );
    assert_eq!(summary.not_tried, [("vpc", "v".to_owned())]);
    assert_eq!((summary.deleted, play.sent("DeleteVpc")), (0, 0));
    assert_eq!(*actions.lock().expect("whole"), [Action::Refused, Action::NotTried]);
}

#[tokio::test]
async fn one_declaration_has_one_name() {
    let play = Play::new([("DescribeVpcs", vec![(200, set("vpcSet", VPC))])]);
    let stack = Stack::new(play.session(), "s", Arc::new(|_| {}));
    let (first, second) = (stack.vpc(vpc()), stack.vpc(vpc()));
    assert!(first.get().await.is_ok());
    assert_eq!(second.get().await.expect_err("declared twice").to_string(), "vpc \"v\" is declared twice");
    let summary = stack.finish().await;
    assert_eq!((summary.unchanged, summary.failed.len(), play.sent("CreateVpc")), (1, 1, 0));
}
