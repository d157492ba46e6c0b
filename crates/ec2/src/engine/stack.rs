//! The stack: what a runbook declares, under one name.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use vpcrun_model::{Address, Instance, InternetGateway, KeyPair, Route, RouteTable, SecurityGroup, Subnet, Vpc};

use super::spec::{
    ElasticIpSpec, InstanceSpec, InternetGatewaySpec, KeyPairSpec, RouteSpec, SecurityGroupSpec, SubnetSpec, VpcSpec,
};
use super::{Events, Handle, Summary};
use crate::{Error, Session};

/// A named set of resources in one region of one account, found by its tags. Cheap to clone.
///
/// Declaring a resource returns at once with a [`Handle`]; the work runs on the ambient tokio runtime, in which every
/// method must be called.
#[derive(Clone)]
pub struct Stack {
    session: Session,
    name: Arc<str>,
    events: Events,
    base_dir: PathBuf,
    deadline: Duration,
}

#[allow(unused_variables, clippy::unimplemented)] // Bodies follow in the next commit.
impl Stack {
    /// A stack of this name in the session's region. Nothing is called before the first declaration.
    #[must_use]
    pub fn new(session: Session, name: &str, events: Events) -> Self {
        Self {
            session,
            name: name.into(),
            events,
            base_dir: PathBuf::from("."),
            deadline: Duration::from_secs(300),
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
        unimplemented!()
    }

    /// Declares an internet gateway. Its handle is ready when it is attached.
    pub fn internet_gateway(&self, spec: InternetGatewaySpec) -> Handle<InternetGateway> {
        unimplemented!()
    }

    /// Declares a subnet.
    pub fn subnet(&self, spec: SubnetSpec) -> Handle<Subnet> {
        unimplemented!()
    }

    /// The main route table of a VPC, which EC2 makes with it. It is not counted.
    pub fn main_route_table(&self, vpc: &Handle<Vpc>) -> Handle<RouteTable> {
        unimplemented!()
    }

    /// Declares a route.
    pub fn route(&self, spec: RouteSpec) -> Handle<Route> {
        unimplemented!()
    }

    /// Declares a security group.
    pub fn security_group(&self, spec: SecurityGroupSpec) -> Handle<SecurityGroup> {
        unimplemented!()
    }

    /// Declares a key pair.
    pub fn key_pair(&self, spec: KeyPairSpec) -> Handle<KeyPair> {
        unimplemented!()
    }

    /// Declares an instance. Its handle is ready when EC2 has accepted the launch (the instance may be pending).
    pub fn instance(&self, spec: InstanceSpec) -> Handle<Instance> {
        unimplemented!()
    }

    /// Declares an Elastic IP address. [`Handle::exists`] is ready when it is allocated, [`Handle::get`] when it is
    /// associated too, for which its instance must be running.
    pub fn elastic_ip(&self, spec: ElasticIpSpec) -> Handle<Address> {
        unimplemented!()
    }

    /// Waits for everything declared so far and says what came of it.
    pub async fn finish(&self) -> Summary {
        unimplemented!()
    }

    /// Deletes whatever carries the stack's tags, in reverse order of dependency. What is already gone is fine; what
    /// cannot go is in [`Summary::failed`].
    ///
    /// # Errors
    /// When the account cannot be read. Nothing was deleted then.
    pub async fn destroy(&self) -> Result<Summary, Error> {
        unimplemented!()
    }
}
