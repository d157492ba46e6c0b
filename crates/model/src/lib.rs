//! Values of AWS VPC networking and AWS's rules about them.

mod cidr;
mod id;
mod permission;
mod port_range;
mod protocol;
mod resource;
mod route;
mod text;

pub use cidr::*;
pub use id::*;
pub use permission::*;
pub use port_range::{InvalidPortRange, PortRange};
pub use protocol::{InvalidProtocol, Protocol};
pub use resource::*;
pub use route::{RouteTarget, has_prefix_list_route, select_route};
