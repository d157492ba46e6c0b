//! The engine: makes an account match what a runbook declares, and takes it down again.
//!
//! The account is the state. Every resource carries its stack and its declaration's key as tags from the call that
//! creates it, so that a run on any machine finds it again, and a run that was stopped anywhere is completed by the next.

mod blockers;
mod call;
mod elastic_ip;
mod event;
mod handle;
mod instance;
mod internet_gateway;
mod key_file;
mod key_pair;
mod kind;
mod look;
mod poll;
mod route;
mod rules;
mod security_group;
mod spec;
mod stack;
mod stop;
mod subnet;
mod teardown;
mod vpc;
mod work;

pub use event::{Action, Blocked, Blocker, Event, Events, Failure, Summary};
pub use handle::Handle;
pub use spec::{
    DEFAULT_IMAGE, DEFAULT_INSTANCE_TYPE, ElasticIpSpec, InstanceSpec, InternetGatewaySpec, KeyPairSpec, KeyType,
    PeerSpec, RouteSpec, RouteTargetSpec, RuleSpec, SecurityGroupSpec, SubnetSpec, Tags, VpcSpec,
};
pub use stack::Stack;
pub(crate) use stop::Stopped;
