//! An embedded EC2: the VPC family of the EC2 API in process, with EC2's checks and its refusals in EC2's words.
//!
//! A [`World`] is one account. Requests of the EC2 Query protocol go in by [`World::handle`]; [`World::connector`] puts it under
//! an AWS SDK client, without a socket. What the emulator does not have answers `InvalidAction`, never an empty success.
//!
//! ```
//! use vpcrun_emulator::{Options, Request, World};
//!
//! let world = World::in_memory(Options::default());
//! let ask = |body: &str| world.handle(&Request { region: "ap-northeast-1".into(), body: body.into() });
//!
//! let made = ask("Action=CreateVpc&CidrBlock=192.168.0.0/16");
//! assert!(made.body.contains("<state>pending</state>"));
//!
//! let refused = ask("Action=CreateVpc&CidrBlock=10.0.0.0/8");
//! assert_eq!(refused.status, 400);
//! assert!(refused.body.contains("<Code>InvalidVpc.Range</Code><Message>The CIDR '10.0.0.0/8' is invalid.</Message>"));
//! ```
//!
//! The rooms inside: `wire` reads forms and writes XML, `action` says what an action is, `describe` what all Describe actions
//! share, `state` holds the resources, `store` keeps them on disk, and `family` has one module for each family of resources.

mod action;
mod clock;
mod connector;
mod describe;
mod error;
mod family;
mod fault;
mod quota;
mod serve;
mod state;
mod store;
mod wire;
mod world;

pub use action::action_names;
pub use clock::{Clock, DrivenClock, Factor, Timestamp, TransitionTimes, TransitionTimesError};
pub use connector::Connector;
pub use error::Refusal;
pub use fault::{Chance, Fault, FaultError, Faults, NatGatewayFault};
pub use serve::{Credentials, CredentialsError, Limits, ServeError, ServeOptions, Server};
pub use store::WorldError;
pub use world::{Images, Options, Request, Response, World};
