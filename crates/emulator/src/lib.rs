//! An embedded EC2: the VPC family of the EC2 API in process, with EC2's checks and its refusals in EC2's words.
//!
//! # In a test
//!
//! A [`World`] is one account. Under an AWS SDK client it takes no socket and no server: three lines, and the client of your
//! code talks to it. (`docs/rust.md` has this example complete, and tests it.)
//!
//! ```ignore
//! let (world, keys) = (World::in_memory(Options::default()), Credentials::new("any", "any", None, None, "test"));
//! let config = aws_config::defaults(BehaviorVersion::latest()).http_client(world.connector()).credentials_provider(keys);
//! let ec2 = aws_sdk_ec2::Client::new(&config.region(Region::new("eu-west-1")).load().await);
//! ```
//!
//! Requests of the EC2 Query protocol also go in by [`World::handle`]. What the emulator does not have answers
//! `InvalidAction`, never an empty success.
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
//! # Time and faults
//!
//! Time is a parameter: a [`DrivenClock`] stands still until the test moves it, and [`TransitionTimes`] says how long EC2 takes.
//! So are [`Faults`]: throttling, ids that are not found right after their creation, lost replies, failing NAT gateways, 500s,
//! seeded, so that a failure can be run again.
//!
//! ```
//! use std::time::Duration;
//! use vpcrun_emulator::{Clock, DrivenClock, Fault, Faults, Options, Request, Timestamp, World};
//!
//! let clock = DrivenClock::new(Timestamp::from_millisecond(1_795_459_438_000));
//! let faults = Faults::seeded(7).with(Fault::NotFoundAfterCreate(Duration::from_secs(2)));
//! let world = World::in_memory(Options { clock: Clock::Driven(clock.clone()), faults, ..Options::default() });
//! let ask = |body: &str| world.handle(&Request { region: "eu-west-1".into(), body: body.into() }).body;
//!
//! let made = ask("Action=CreateVpc&CidrBlock=10.0.0.0/16");
//! let id = made.split_once("<vpcId>").and_then(|(_, rest)| rest.split_once('<')).map(|(id, _)| id).unwrap_or_default();
//! let describe = format!("Action=DescribeVpcs&VpcId.1={id}");
//! assert!(ask(&describe).contains("InvalidVpcID.NotFound"));
//! clock.advance(Duration::from_secs(2));
//! assert!(ask(&describe).contains("<cidrBlock>10.0.0.0/16</cidrBlock>"));
//! ```
//!
//! # For other clients
//!
//! A [`Server`] puts a world behind HTTP on loopback, for boto3, the aws CLI, Terraform and SDKs in any language.
//!
//! The rooms inside: `wire` reads forms and writes XML, `action` says what an action is, `describe` what all Describe actions
//! share, `state` holds the resources, `store` keeps them on disk, `family` has one module for each family of resources,
//! `fault` decides what goes wrong, and `serve` is the HTTP server.

mod action;
mod client_token;
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
