//! The engine on the embedded EC2, in process: updates in place and their order, what cannot be updated, teardowns that
//! something foreign blocks.

mod conflicts;
mod groups;
mod instances;
mod keys;
mod network;
mod teardown;

use std::sync::{Arc, Mutex};

use aws_sdk_ec2::Client;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use tempfile::TempDir;
use vpcrun_ec2::{
    Action, ElasticIpSpec, Error, Event, Handle, InstanceSpec, InternetGatewaySpec, KeyPairSpec, KeyType,
    SecurityGroupSpec, Session, Stack, SubnetSpec, Summary, Tags, VpcSpec, capture,
};
use vpcrun_emulator::{Options, Request, World};
use vpcrun_model::{Network, Subnet, Vpc};

use super::support::{REGION, session};
use super::wire::action;

/// A world, a folder for key files, and all calls that the engine has sent.
struct Bench {
    world: World,
    folder: TempDir,
    sent: Arc<Mutex<Vec<String>>>,
}

/// One run of a stack to its end.
#[derive(Debug)]
struct Ran {
    summary: Summary,
    events: Vec<Event>,
    /// The actions of its calls, in order.
    sent: Vec<String>,
}

impl Bench {
    fn new() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { world: World::in_memory(options), folder, sent: Arc::default() }
    }

    /// A person's own client, whose calls are not noted.
    fn client(&self) -> Client {
        session(&self.world).client().clone()
    }

    async fn capture(&self) -> Network {
        capture(&session(&self.world)).await.expect("the world answers")
    }

    fn stack(&self) -> (Stack, Arc<Mutex<Vec<Event>>>) {
        let recorder = Recorder { world: self.world.clone(), sent: self.sent.clone() };
        let client: SharedHttpClient = http_client_fn(move |_, _| SharedHttpConnector::new(recorder.clone()));
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        let sink = events.clone();
        let tell = Arc::new(move |event| sink.lock().expect("whole").push(event));
        let stack = Stack::new(Session::local(client, "test", REGION), "s", tell).with_base_dir(self.folder.path());
        (stack, events)
    }

    /// Declares, and waits until all is done.
    async fn run<T>(&self, declare: impl FnOnce(&Stack) -> T) -> Ran {
        self.sent.lock().expect("whole").clear();
        let (stack, events) = self.stack();
        declare(&stack);
        let summary = stack.finish().await;
        self.ran(summary, &events)
    }

    async fn destroy(&self) -> Ran {
        self.sent.lock().expect("whole").clear();
        let (stack, events) = self.stack();
        let summary = stack.destroy().await.expect("readable");
        self.ran(summary, &events)
    }

    fn ran(&self, summary: Summary, events: &Mutex<Vec<Event>>) -> Ran {
        let (sent, events) = (self.sent.lock().expect("whole").clone(), events.lock().expect("whole").clone());
        Ran { summary, events, sent }
    }
}

impl Ran {
    /// All is well, and this much was created, changed and unchanged.
    #[track_caller]
    fn counts(&self, created: usize, changed: usize, unchanged: usize) -> &Self {
        let s = &self.summary;
        assert!(s.is_success(), "{self:#?}");
        assert_eq!((s.created, s.changed, s.unchanged), (created, changed, unchanged), "{self:#?}");
        self
    }

    /// The changes of the one changed resource.
    #[track_caller]
    fn changes(&self) -> Vec<&str> {
        let changed: Vec<&Event> = self.events.iter().filter(|event| event.action == Action::Changed).collect();
        let [event] = changed[..] else { panic!("{self:#?}") };
        event.changes.iter().map(String::as_str).collect()
    }

    /// The one failure.
    #[track_caller]
    fn error(&self) -> &Error {
        let [failure] = &self.summary.failed[..] else { panic!("{self:#?}") };
        &failure.error
    }

    /// How many calls of an action were sent.
    fn count(&self, action: &str) -> usize {
        self.sent.iter().filter(|sent| *sent == action).count()
    }

    /// The calls that are no Describe.
    fn writes(&self) -> Vec<&str> {
        self.sent.iter().map(String::as_str).filter(|action| !action.starts_with("Describe")).collect()
    }
}

/// The world, and a note of each action.
#[derive(Clone, Debug)]
struct Recorder {
    world: World,
    sent: Arc<Mutex<Vec<String>>>,
}

impl HttpConnector for Recorder {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        self.sent.lock().expect("whole").push(action(&body).to_owned());
        let answer = self.world.handle(&Request { region: REGION.to_owned(), body });
        let status = answer.status.try_into().expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, answer.body.into())))
    }
}

fn net(text: &str) -> ipnet::Ipv4Net {
    text.parse().expect("a block")
}

fn vpc() -> VpcSpec {
    let (dns_support, dns_hostnames) = (None, None);
    VpcSpec { name: "v".into(), cidr: net("10.0.0.0/16"), dns_support, dns_hostnames, tags: Tags::new() }
}

fn gateway(vpc: &Handle<Vpc>) -> InternetGatewaySpec {
    InternetGatewaySpec { name: "g".into(), vpc: vpc.clone(), tags: Tags::new() }
}

fn subnet(vpc: &Handle<Vpc>) -> SubnetSpec {
    SubnetSpec {
        name: "n".into(),
        vpc: vpc.clone(),
        cidr: net("10.0.1.0/24"),
        zone: Some(format!("{REGION}a")),
        map_public_ip: None,
        tags: Tags::new(),
    }
}

fn group(vpc: &Handle<Vpc>) -> SecurityGroupSpec {
    SecurityGroupSpec {
        name: "sg".into(),
        vpc: vpc.clone(),
        description: None,
        ingress: Vec::new(),
        egress: None,
        tags: Tags::new(),
    }
}

fn key() -> KeyPairSpec {
    KeyPairSpec {
        name: "k".into(),
        key_type: KeyType::Ed25519,
        save_to: Some("k.pem".into()),
        public_key: None,
        tags: Tags::new(),
    }
}

fn instance(subnet: &Handle<Subnet>) -> InstanceSpec {
    InstanceSpec {
        name: "i".into(),
        subnet: subnet.clone(),
        image: None,
        instance_type: None,
        private_ip: None,
        key_pair: None,
        security_groups: Vec::new(),
        user_data: None,
        associate_public_ip: None,
        source_dest_check: None,
        tags: Tags::new(),
    }
}

fn elastic_ip() -> ElasticIpSpec {
    ElasticIpSpec { name: "e".into(), instance: None, private_ip: None, tags: Tags::new() }
}

/// The only one of the stack's resources in a map; the default VPC has others.
#[track_caller]
fn mine<T: vpcrun_model::Resource>(resources: impl IntoIterator<Item = T>) -> T {
    let mut mine = resources.into_iter().filter(|one| one.tag("vpcrun:stack") == Some("s"));
    let one = mine.next().expect("one of the stack");
    assert!(mine.next().is_none(), "only one");
    one
}
