//! EC2 for vpcrun.
//!
//! The only room that names `aws-sdk-ec2`.

pub mod api;
pub mod engine;
pub mod error;
pub mod session;

pub use error::{Error, Refusal};
pub use session::{Session, Target};
