//! Values of AWS VPC networking and AWS's rules about them.

mod cidr;
mod id;
mod port_range;
mod protocol;
mod resource;
mod text;

pub use cidr::*;
pub use id::*;
pub use port_range::{InvalidPortRange, PortRange};
pub use protocol::{InvalidProtocol, Protocol};
pub use resource::*;
