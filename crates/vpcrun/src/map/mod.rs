//! Pictures of a network: a tree for the terminal, a drawing as SVG, and the topology as Mermaid, Graphviz and JSON.
//!
//! [`select`] takes from a captured region what a picture should show; every format then draws all that it is given.
//! What a network is made of is worked out once, in `topology`, so that all formats say the same.
//!
//! ```
//! use vpcrun::map::{self, Scope, Theme, TreeOptions};
//! use vpcrun_model::Network;
//!
//! let mut region = Network::new("ap-northeast-1");
//! region.merge_json("describe-vpcs.json", r#"{"Vpcs": [
//!     {"VpcId": "vpc-0b1c6f0d2a9e47c31", "CidrBlock": "192.168.0.0/16", "State": "available",
//!      "Tags": [{"Key": "Name", "Value": "myvpc"}]}]}"#)?;
//!
//! let selection = map::select(&region, &Scope::default())?;
//! let tree = map::tree(&selection.network, TreeOptions::default());
//! assert_eq!(tree, "myvpc  192.168.0.0/16  vpc-0b1c6f0d2a9e47c31\n└─ no subnets\n");
//! assert!(map::svg(&selection.network, Theme::Auto).starts_with("<svg xmlns="));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Key pairs, images, DHCP options and network ACLs are not drawn: they are not where packets go from and to, or every
//! subnet has the same. Terminated instances are gone from their VPC, and so from its picture.

mod build;
mod dot;
mod mermaid;
mod scope;
mod svg;
mod text;
mod topology;
mod tree;

#[cfg(test)]
mod tests;

pub use dot::dot;
pub use mermaid::mermaid;
pub use scope::{Scope, ScopeError, Selection, select};
pub use svg::{Theme, svg};
pub use topology::json;
pub use tree::{TreeOptions, tree};
