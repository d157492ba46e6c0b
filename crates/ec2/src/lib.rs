//! EC2 for vpcrun: sessions, calls, and the engine that makes an account match what a runbook declares.
//!
//! The only room that names `aws-sdk-ec2`. From the bottom up:
//!
//! - [`Session`] is a client for one region of one [`Target`]: the embedded EC2, AWS, or another server of the EC2 API.
//! - [`api`] calls any action by its own name, tables in and tables out.
//! - [`Stack`] declares resources: each call returns a [`Handle`] at once, and what is missing is created, what differs
//!   is updated, in the order in which handles are passed on.
//! - [`capture()`] describes what a region holds as a [`vpcrun_model::Network`].
//!
//! What goes wrong is an [`Error`]: EC2's code and request id where EC2 said no, and a hint for the next step.
//!
//! The example's EC2 is a function that answers every request alike; vpcrun passes the emulator's connector there.
//!
//! ```
//! # use aws_smithy_runtime_api::client::http::{
//! #     HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
//! # };
//! # use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
//! # #[derive(Debug)]
//! # struct OneVpc;
//! # impl HttpConnector for OneVpc {
//! #     fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
//! #         let xml = "<DescribeVpcsResponse><vpcSet><item><vpcId>vpc-0a</vpcId></item></vpcSet></DescribeVpcsResponse>";
//! #         HttpConnectorFuture::ready(Ok(HttpResponse::new(200.try_into().unwrap(), xml.into())))
//! #     }
//! # }
//! # fn one_vpc() -> SharedHttpClient {
//! #     http_client_fn(|_, _| SharedHttpConnector::new(OneVpc))
//! # }
//! use serde_json::json;
//! use vpcrun_ec2::{Session, api};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), vpcrun_ec2::Error> {
//! let session = Session::local(one_vpc(), "default", "ap-northeast-1");
//! assert_eq!(session.target().to_string(), "local world \"default\"");
//!
//! let describe = api::action("describe_vpcs").expect("EC2 has it");
//! let answer = session.call(&describe, json!({ "filters": [{ "name": "is-default", "values": ["true"] }] })).await?;
//! assert_eq!(answer["vpcs"][0]["vpc_id"], "vpc-0a");
//!
//! let mistake = session.call(&describe, json!({ "filter": [] })).await.unwrap_err();
//! assert_eq!(mistake.hint().as_deref(), Some("did you mean \"filters\"?"));
//! assert_eq!(session.calls(), 1);
//! # Ok(())
//! # }
//! ```

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
    InstanceSpec, InternetGatewaySpec, KeyPairSpec, KeyType, PeerSpec, RouteSpec, RouteTargetSpec, RuleSpec,
    SecurityGroupSpec, Stack, SubnetSpec, Summary, Tags, VpcSpec,
};
pub use error::{Error, Refusal};
pub use session::{Session, Target, endpoint_from_environment};
