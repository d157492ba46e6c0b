//! Rules of security groups as values: one protocol, its ports, one peer, one direction.
//!
//! EC2 shows a group's rules as [`IpPermission`](crate::IpPermission) lists, where several peers share one entry, and as
//! [`SecurityGroupRule`](crate::SecurityGroupRule)s with ids. [`Rule`] is what both say, in a form that can be compared.
//! Source: "Security group rules" in the Amazon VPC User Guide, `IpPermission` in the EC2 API reference.

mod convert;
mod difference;
mod peer;
mod rule;
mod traffic;

pub use convert::{ip_permissions, rules_of, rules_of_permission};
pub use difference::RuleDifference;
pub use peer::{InvalidPeer, Peer};
pub use rule::{Direction, InvalidRule, Packet, Rule};
pub use traffic::{InvalidTraffic, PacketKind, Ports, Traffic};
