//! EC2 for vpcrun.
//!
//! The only room that names `aws-sdk-ec2`.

pub mod api;
mod capture;
mod convert;
mod describe;
mod engine;
pub mod error;
pub mod session;

pub use capture::{availability_zones, capture};
pub use engine::{
    Action, Blocked, Blocker, DEFAULT_IMAGE, DEFAULT_INSTANCE_TYPE, ElasticIpSpec, Event, Events, Failure, Handle,
    InstanceSpec, InternetGatewaySpec, KeyPairSpec, KeyType, Peer, PortRange, RouteSpec, RouteTarget, RuleSpec,
    SecurityGroupSpec, Stack, SubnetSpec, Summary, Tags, Traffic, VpcSpec,
};
pub use error::{Error, Refusal};
pub use session::{Session, Target};
