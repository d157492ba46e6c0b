//! Values of AWS VPC networking and AWS's rules about them.

mod id;
mod protocol;
mod resource;
mod text;

pub use id::*;
pub use protocol::{InvalidProtocol, Protocol};
pub use resource::*;
