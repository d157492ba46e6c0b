//! The engine against moto's server: the tutorial's network up, again, changed, stopped anywhere, blocked, and down.

mod moto;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_ec2::types as sdk;
use moto::Moto;
use vpcrun_ec2::{
    Action, ElasticIpSpec, Error, Event, Handle, InstanceSpec, InternetGatewaySpec, KeyPairSpec, KeyType, RouteSpec,
    RouteTargetSpec, RuleSpec, SecurityGroupSpec, Session, Stack, SubnetSpec, Summary, Tags, VpcSpec, capture,
};
use vpcrun_model::{Address, InstanceStateName, Network, Traffic};

const TOKYO: &str = "ap-northeast-1";
/// vpc, gateway, route, group, key and twice subnet, instance, address.
const RESOURCES: usize = 11;

/// A folder for key files, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("vpcrun-engine-{:016x}", fastrand::u64(..)));
        std::fs::create_dir(&folder).expect("a folder");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What differs between runs of the tutorial.
#[derive(Clone)]
struct Tutorial {
    home: &'static str,
    second_subnet: &'static str,
    map_public_ip: Option<bool>,
    team: Option<&'static str>,
}

const TUTORIAL: Tutorial =
    Tutorial { home: "198.51.100.7/32", second_subnet: "192.168.2.0/24", map_public_ip: None, team: None };

impl Tutorial {
    fn declare(&self, stack: &Stack) -> Vec<Handle<Address>> {
        let tags: Tags = self.team.iter().map(|team| ("team".to_owned(), (*team).to_owned())).collect();
        let vpc = stack.vpc(VpcSpec {
            name: "myvpc".into(),
            cidr: net("192.168.0.0/16"),
            dns_support: None,
            dns_hostnames: None,
            tags: tags.clone(),
        });
        let gateway = stack.internet_gateway(InternetGatewaySpec {
            name: "mygateway".into(),
            vpc: vpc.clone(),
            tags: Tags::new(),
        });
        stack.route(RouteSpec {
            table: stack.main_route_table(&vpc),
            destination: net("0.0.0.0/0"),
            target: RouteTargetSpec::InternetGateway(gateway),
        });
        let ssh = stack.security_group(SecurityGroupSpec {
            name: "ssh-from-home".into(),
            vpc: vpc.clone(),
            description: None,
            ingress: vec![RuleSpec {
                traffic: Traffic::tcp(22),
                peer: net(self.home).into(),
                description: Some("home".into()),
            }],
            egress: None,
            tags: Tags::new(),
        });
        let key = stack.key_pair(KeyPairSpec {
            name: "mykeypair".into(),
            key_type: KeyType::Ed25519,
            save_to: Some("mykeypair.pem".into()),
            public_key: None,
            tags: Tags::new(),
        });
        let zones = [("1", "a", "192.168.1.0/24"), ("2", "c", self.second_subnet)];
        let declare = |(n, zone, cidr): (&str, &str, &str)| {
            let subnet = stack.subnet(SubnetSpec {
                name: format!("mysubnet-000{n}"),
                vpc: vpc.clone(),
                cidr: net(cidr),
                zone: Some(format!("{TOKYO}{zone}")),
                map_public_ip: self.map_public_ip,
                tags: Tags::new(),
            });
            let private_ip = Some(format!("192.168.{n}.4").parse().expect("an address"));
            let instance = stack.instance(InstanceSpec {
                name: format!("myinstance-000{n}"),
                subnet,
                image: Some("ami-0a21a03072be95559".into()),
                instance_type: None,
                private_ip,
                key_pair: Some(key.clone()),
                security_groups: vec![ssh.clone()],
                user_data: None,
                associate_public_ip: Some(false),
                source_dest_check: None,
                tags: Tags::new(),
            });
            stack.elastic_ip(ElasticIpSpec {
                name: format!("myinstance-000{n}"),
                instance: Some(instance),
                private_ip,
                tags: Tags::new(),
            })
        };
        zones.map(declare).into()
    }
}

fn net(text: &str) -> ipnet::Ipv4Net {
    text.parse().expect("a block")
}

/// A run of its own, as another process would make it.
struct Run {
    session: Session,
    stack: Stack,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Run {
    async fn new(moto: &Moto, folder: &Folder) -> Self {
        let session = moto.session(TOKYO).await;
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        let sink = events.clone();
        let tell = Arc::new(move |event| sink.lock().expect("events").push(event));
        let stack = Stack::new(session.clone(), "home-ssh", tell).with_base_dir(&folder.0);
        Self { session, stack, events }
    }

    async fn apply(moto: &Moto, folder: &Folder, tutorial: &Tutorial) -> (Self, Summary) {
        let run = Self::new(moto, folder).await;
        tutorial.declare(&run.stack);
        let summary = run.stack.finish().await;
        (run, summary)
    }

    async fn destroy(moto: &Moto, folder: &Folder) -> (Self, Summary) {
        let run = Self::new(moto, folder).await;
        let summary = run.stack.destroy().await.expect("readable");
        (run, summary)
    }

    fn changes(&self) -> BTreeMap<String, Vec<String>> {
        let events = self.events.lock().expect("events");
        let changed = events.iter().filter(|event| event.action == Action::Changed);
        changed.map(|event| (event.name.clone(), event.changes.clone())).collect()
    }
}

fn counts(summary: &Summary) -> (usize, usize, usize, usize) {
    assert!(summary.is_success(), "{summary:#?}");
    (summary.created, summary.changed, summary.unchanged, summary.deleted)
}

/// What a region holds, without the instances that are shown for a while after their end, and without the interfaces and
/// ACLs that moto forgets to remove with their instance and VPC.
async fn alive(session: &Session) -> Network {
    let mut network = capture(session).await.expect("captured");
    network.instances.retain(|_, instance| instance.state.name != InstanceStateName::Terminated);
    network.network_interfaces.clear();
    network.network_acls.clear();
    network
}

#[tokio::test]
async fn the_tutorial_goes_up_in_the_fewest_calls_stays_and_goes_down() {
    let moto = Moto::start();
    let folder = Folder::new();
    let key_file = folder.0.join("mykeypair.pem");
    let before = alive(&moto.session(TOKYO).await).await;

    let (run, summary) = Run::apply(&moto, &folder, &TUTORIAL).await;
    assert_eq!(counts(&summary), (RESOURCES, 0, 0, 0));
    assert_eq!(run.session.calls(), 25);
    assert!(std::fs::read_to_string(&key_file).expect("saved").starts_with("-----BEGIN OPENSSH PRIVATE KEY-----"));
    let up = alive(&run.session).await;

    let (run, summary) = Run::apply(&moto, &folder, &TUTORIAL).await;
    assert_eq!(counts(&summary), (0, 0, RESOURCES, 0), "{:?}", run.changes());
    assert_eq!(run.session.calls(), 8);
    assert_eq!(alive(&run.session).await, up);

    let (run, summary) = Run::destroy(&moto, &folder).await;
    assert_eq!(counts(&summary), (0, 0, 0, RESOURCES));
    assert_eq!(run.session.calls(), 22);
    assert!(!key_file.exists());
    assert_eq!(alive(&run.session).await, before);
    let (_, summary) = Run::destroy(&moto, &folder).await;
    assert_eq!(counts(&summary), (0, 0, 0, 0));
}

#[tokio::test]
async fn changes_are_made_in_place_and_conflicts_change_nothing() {
    let moto = Moto::start();
    let folder = Folder::new();
    let (_, summary) = Run::apply(&moto, &folder, &TUTORIAL).await;
    counts(&summary);

    let changed = Tutorial { home: "203.0.113.9/32", map_public_ip: Some(true), team: Some("net"), ..TUTORIAL };
    let (run, summary) = Run::apply(&moto, &folder, &changed).await;
    assert_eq!(counts(&summary), (0, 4, RESOURCES - 4, 0));
    let changes = run.changes();
    assert_eq!(changes["myvpc"], ["tag team: net"]);
    assert_eq!(changes["mysubnet-0001"], ["public address at launch: false -> true"]);
    let rules = ["+ ingress tcp/22 from 203.0.113.9/32 \"home\"", "- ingress tcp/22 from 198.51.100.7/32 \"home\""];
    assert_eq!(changes["ssh-from-home"], rules);
    let (_, summary) = Run::apply(&moto, &folder, &changed).await;
    assert_eq!(counts(&summary), (0, 0, RESOURCES, 0));

    let before = alive(&run.session).await;
    let conflicting = Tutorial { second_subnet: "192.168.3.0/24", ..changed.clone() };
    let (run, summary) = Run::apply(&moto, &folder, &conflicting).await;
    let failed: Vec<_> = summary.failed.iter().map(|failure| (failure.name.as_str(), failure.error.code())).collect();
    assert_eq!(failed, [("mysubnet-0002", "Conflict")]);
    let mut not_tried = summary.not_tried.clone();
    not_tried.sort();
    assert_eq!(not_tried, [("Elastic IP", "myinstance-0002".to_owned()), ("instance", "myinstance-0002".to_owned())]);
    assert_eq!((summary.created, summary.changed, summary.unchanged), (0, 0, RESOURCES - 3));
    assert_eq!(alive(&run.session).await, before);

    // The file of a key that an instance uses is gone: nobody can bring it back.
    let key_file = folder.0.join("mykeypair.pem");
    let away = folder.0.join("away.pem");
    std::fs::rename(&key_file, &away).expect("moved");
    let (_, summary) = Run::apply(&moto, &folder, &changed).await;
    assert_eq!(summary.failed[0].error.code(), "KeyFile");
    assert!(summary.failed[0].error.to_string().contains("uses it"), "{}", summary.failed[0].error);
    // Another key in its place is neither used nor removed.
    std::fs::write(&key_file, "not a key").expect("written");
    let (_, summary) = Run::apply(&moto, &folder, &changed).await;
    assert!(summary.failed[0].error.to_string().contains("is not the private half"), "{}", summary.failed[0].error);
    let (_, summary) = Run::destroy(&moto, &folder).await;
    assert_eq!(counts(&summary), (0, 0, 0, RESOURCES));
    assert!(key_file.exists());
    // And a new pair does not overwrite it.
    let (_, summary) = Run::apply(&moto, &folder, &changed).await;
    assert!(summary.failed[0].error.to_string().contains("exists, but its key pair does not"));
    assert_eq!(summary.not_tried.len(), 4);
}

/// Stops a run when it has sent so many calls, as `kill` would: replies on their way are lost.
fn apply_and_stop_after(calls: u64, moto: &Moto, folder: &Folder) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let run = Run::new(moto, folder).await;
        TUTORIAL.declare(&run.stack);
        let stop = async {
            while run.session.calls() < calls {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! { _ = run.stack.finish() => {}, () = stop => {} }
    });
    runtime.shutdown_timeout(Duration::ZERO);
    // moto ends what it has begun.
    std::thread::sleep(Duration::from_millis(150));
}

#[test]
fn a_run_stopped_after_any_call_is_completed_by_the_next() {
    let moto = Moto::start();
    for calls in 9..=25 {
        let folder = Folder::new();
        apply_and_stop_after(calls, &moto, &folder);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (_, summary) = Run::apply(&moto, &folder, &TUTORIAL).await;
            let (created, changed, unchanged, _) = counts(&summary);
            assert_eq!(created + changed + unchanged, RESOURCES, "stopped after {calls}");
            let (run, summary) = Run::apply(&moto, &folder, &TUTORIAL).await;
            assert_eq!(counts(&summary), (0, 0, RESOURCES, 0), "stopped after {calls}");
            let network = alive(&run.session).await;
            let made = (network.instances.len(), network.addresses.len(), network.key_pairs.len());
            assert_eq!(made, (2, 2, 1), "stopped after {calls}");
            let (_, summary) = Run::destroy(&moto, &folder).await;
            assert_eq!(counts(&summary), (0, 0, 0, RESOURCES), "stopped after {calls}");
        });
    }
}

#[tokio::test]
async fn two_resources_with_the_tags_of_one_are_named() {
    let moto = Moto::start();
    let folder = Folder::new();
    let session = moto.session(TOKYO).await;
    for _ in 0..2 {
        let tags = [("vpcrun:stack", "home-ssh"), ("vpcrun:key", "vpc/myvpc")];
        let tags = tags.map(|(key, value)| sdk::Tag::builder().key(key).value(value).build()).into();
        let tags = sdk::TagSpecification::builder().resource_type(sdk::ResourceType::Vpc).set_tags(Some(tags)).build();
        let call = session.client().create_vpc().cidr_block("192.168.0.0/16").tag_specifications(tags);
        call.send().await.expect("made");
    }
    let (_, summary) = Run::apply(&moto, &folder, &TUTORIAL).await;
    let [failure] = &summary.failed[..] else { panic!("{summary:#?}") };
    assert!(matches!(&*failure.error, Error::Ambiguous { ids, .. } if ids.len() == 2), "{failure:#?}");
    // The gateway, the key and two addresses need no VPC to be created: they count, though not all are complete.
    assert_eq!(summary.created, 4);
    let (_, summary) = Run::destroy(&moto, &folder).await;
    assert_eq!(counts(&summary), (0, 0, 0, 6));
}

/// Nothing answers: one failure that says so, and everything else was not tried.
#[tokio::test]
async fn an_account_that_cannot_be_read_is_one_failure() {
    let moto = Moto::start();
    let folder = Folder::new();
    let run = Run::new(&moto, &folder).await;
    drop(moto);
    TUTORIAL.declare(&run.stack);
    let summary = run.stack.finish().await;
    assert_eq!(summary.unreadable.as_ref().map(|error| error.code()), Some("Connection"));
    assert_eq!((summary.created, summary.failed.len(), summary.not_tried.len()), (0, 0, RESOURCES));
}
