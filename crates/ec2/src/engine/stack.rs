//! The stack: what a runbook declares, under one name.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::task::JoinHandle;
use vpcrun_model::{Address, Instance, InternetGateway, KeyPairInfo, Route, RouteTable, SecurityGroup, Subnet, Vpc};

use super::call::Patience;
use super::kind::Kind;
use super::look::Look;
use super::poll::Poller;
use super::spec::{
    ElasticIpSpec, InstanceSpec, InternetGatewaySpec, KeyPairSpec, RouteSpec, SecurityGroupSpec, SubnetSpec, VpcSpec,
};
use super::stop::Stop;
use super::work::lock;
use super::{Events, Handle, Summary};
use super::{elastic_ip, instance, internet_gateway, key_pair, route, security_group, subnet, teardown, vpc};
use crate::{Error, Session};

/// A named set of resources in one region of one account, found by its tags. Cheap to clone.
///
/// Declaring a resource returns at once with a [`Handle`]; the work runs on the ambient tokio runtime, in which every
/// method must be called.
#[derive(Clone)]
pub struct Stack {
    pub(super) session: Session,
    pub(super) name: Arc<str>,
    pub(super) events: Events,
    pub(super) base_dir: PathBuf,
    pub(super) deadline: Duration,
    pub(super) shared: Arc<Shared>,
}

/// What the tasks of one run share.
pub(super) struct Shared {
    look: OnceCell<Result<Arc<Look>, Arc<Error>>>,
    pub(super) declared: Mutex<HashSet<String>>,
    pub(super) tasks: Mutex<Vec<(Task, JoinHandle<()>)>>,
    pub(super) summary: Mutex<Summary>,
    pub(super) patience: Patience,
    pub(super) stop: Stop,
    pub(super) poller: Arc<Poller>,
    /// Gateways declared so far: an Elastic IP can be associated only in a VPC that has one.
    pub(super) gateways: Mutex<Vec<(Handle<Vpc>, Handle<InternetGateway>)>>,
    main_route_tables: Mutex<HashMap<String, Handle<RouteTable>>>,
    /// Differs in each run, so that a launch token of an instance that is gone is not used again.
    pub(super) nonce: u64,
}

/// Why a task ended in a panic.
const BUG: &str = "vpcrun met a bug of its own; a report of it is welcome";

/// What a spawned task works on.
pub(super) struct Task {
    pub(super) kind: &'static str,
    pub(super) name: String,
}

impl Stack {
    /// A stack of this name in the session's region. Nothing is called before the first declaration.
    #[must_use]
    pub fn new(session: Session, name: &str, events: Events) -> Self {
        let stop = Stop::default();
        let session = session.with_interceptor(stop.clone());
        let shared = Shared {
            look: OnceCell::new(),
            declared: Mutex::default(),
            tasks: Mutex::default(),
            summary: Mutex::default(),
            patience: Patience::new(stop.clone()),
            stop: stop.clone(),
            poller: Arc::new(Poller::new(session.clone())),
            gateways: Mutex::default(),
            main_route_tables: Mutex::default(),
            nonce: fastrand::u64(..),
        };
        Self {
            session,
            name: name.into(),
            events,
            base_dir: PathBuf::from("."),
            deadline: Duration::from_secs(300),
            shared: Arc::new(shared),
        }
    }

    /// The folder under which [`KeyPairSpec::save_to`] is resolved. Default: the working directory.
    #[must_use]
    pub fn with_base_dir(mut self, base_dir: impl Into<PathBuf>) -> Self {
        self.base_dir = base_dir.into();
        self
    }

    /// How long to wait for a state that EC2 reaches by itself (running, terminated). Default: five minutes.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The stack's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Declares a VPC.
    pub fn vpc(&self, spec: VpcSpec) -> Handle<Vpc> {
        let name = spec.name.clone();
        self.declare(Kind::Vpc, &name, &name, |work| vpc::ensure(work, spec))
    }

    /// Declares an internet gateway. Its handle is ready when it is attached.
    pub fn internet_gateway(&self, spec: InternetGatewaySpec) -> Handle<InternetGateway> {
        let (name, vpc) = (spec.name.clone(), spec.vpc.clone());
        let handle = self.declare(Kind::InternetGateway, &name, &name, |work| internet_gateway::ensure(work, spec));
        lock(&self.shared.gateways).push((vpc, handle.clone()));
        handle
    }

    /// Declares a subnet.
    pub fn subnet(&self, spec: SubnetSpec) -> Handle<Subnet> {
        let name = spec.name.clone();
        self.declare(Kind::Subnet, &name, &name, |work| subnet::ensure(work, spec))
    }

    /// The main route table of a VPC, which EC2 makes with it. It is not counted.
    pub fn main_route_table(&self, vpc: &Handle<Vpc>) -> Handle<RouteTable> {
        let mut tables = lock(&self.shared.main_route_tables);
        if let Some(table) = tables.get(vpc.name()) {
            return table.clone();
        }
        let (name, vpc) = (vpc.name().to_owned(), vpc.clone());
        let of_vpc = format!("main of {name}");
        let table = self.declare(Kind::RouteTable, &of_vpc, &of_vpc, |work| route::main_table(work, vpc));
        tables.insert(name, table.clone());
        table
    }

    /// Declares a route.
    pub fn route(&self, spec: RouteSpec) -> Handle<Route> {
        let name = spec.destination.trunc().to_string();
        let identity = format!("{}/{name}", spec.table.name());
        self.declare(Kind::Route, &name, &identity, |work| route::ensure(work, spec))
    }

    /// Declares a security group. [`Handle::exists`] is ready when it is created, [`Handle::get`] when its rules are
    /// as declared.
    pub fn security_group(&self, spec: SecurityGroupSpec) -> Handle<SecurityGroup> {
        let name = spec.name.clone();
        self.declare(Kind::SecurityGroup, &name, &name, |work| security_group::ensure(work, spec))
    }

    /// Declares a key pair.
    pub fn key_pair(&self, spec: KeyPairSpec) -> Handle<KeyPairInfo> {
        let name = spec.name.clone();
        self.declare(Kind::KeyPair, &name, &name, |work| key_pair::ensure(work, spec))
    }

    /// Declares an instance. Its handle is ready when EC2 has accepted the launch (the instance may be pending).
    pub fn instance(&self, spec: InstanceSpec) -> Handle<Instance> {
        let name = spec.name.clone();
        self.declare(Kind::Instance, &name, &name, |work| instance::ensure(work, spec))
    }

    /// Declares an Elastic IP address. [`Handle::exists`] is ready when it is allocated, [`Handle::get`] when it is
    /// associated too, for which its instance must be running.
    pub fn elastic_ip(&self, spec: ElasticIpSpec) -> Handle<Address> {
        let name = spec.name.clone();
        self.declare(Kind::ElasticIp, &name, &name, |work| elastic_ip::ensure(work, spec))
    }

    /// Waits for everything declared so far and says what came of it.
    pub async fn finish(&self) -> Summary {
        loop {
            let tasks = std::mem::take(&mut *lock(&self.shared.tasks));
            if tasks.is_empty() {
                return lock(&self.shared.summary).clone();
            }
            for (Task { kind, name: task_name }, job) in tasks {
                // A task that panicked or was cancelled has told nothing.
                if let Err(end) = job.await {
                    let name = task_name.clone();
                    let error = match end.is_panic() {
                        true => Error::Failed { kind, name, state: "not finished".into(), reason: Some(BUG.into()) },
                        false => Error::Stopped { kind, name },
                    };
                    self.tell_error(kind, &task_name, None, &Arc::new(error));
                }
            }
        }
    }

    /// Stops: no call to EC2 starts any more, and those in flight end. What was not done by then is in
    /// [`Summary::not_tried`], and [`Stack::finish`] and [`Stack::destroy`] end as soon as the last call has. There is
    /// no way back: a new [`Stack`] of the same name goes on from there.
    pub fn stop(&self) {
        self.shared.stop.set();
    }

    /// Deletes whatever carries the stack's tags, in reverse order of dependency. What is already gone is fine; what
    /// cannot go is in [`Summary::failed`], and what is kept by that is in [`Summary::not_tried`]. The summary is of this
    /// call alone.
    ///
    /// # Errors
    /// When the account cannot be read. Nothing was deleted then.
    pub async fn destroy(&self) -> Result<Summary, Error> {
        let look = Look::at(&self.session, &self.name).await?;
        *lock(&self.shared.summary) = Summary::default();
        teardown::run(self, look).await;
        Ok(lock(&self.shared.summary).clone())
    }

    /// The one look, made when the first task asks.
    pub(super) async fn look(&self) -> Result<Arc<Look>, Arc<Error>> {
        let look = async { Look::at(&self.session, &self.name).await.map(Arc::new).map_err(Arc::new) };
        self.shared.look.get_or_init(|| look).await.clone()
    }
}
