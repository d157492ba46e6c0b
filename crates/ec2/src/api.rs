//! The calls layer: every EC2 action by its own name, tables in and tables out.
//!
//! One mechanism drives all actions. A table made from AWS's service model (`scripts/generate-api-table.py`) knows each
//! action's members, their types and their names on the wire; an input is checked against it, written as the EC2 Query
//! protocol wants it, sent through the same client as everything else, and the XML of the answer read back.
//!
//! ```
//! use vpcrun_ec2::api;
//!
//! let create_route = api::action("create_route").expect("EC2 has it");
//! assert_eq!(create_route.name(), "CreateRoute");
//! let gateway = create_route.input().member("gateway_id").expect("a route may target a gateway");
//! assert_eq!(gateway.shape().to_string(), "string");
//! assert!(api::action("create_rout").is_none());
//! assert_eq!(api::nearest("create_rout").map(|action| action.snake_name()).as_deref(), Some("create_route"));
//! ```
//!
//! The table is text inside the binary. Nothing of it is read before it is asked for, and then only the lines it needs.

mod call;
mod decode;
mod encode;
mod input_error;
mod shape;
mod table;

pub use input_error::InputError;
pub use shape::{Action, Enum, List, Member, Members, Shape, Structure};
pub use table::{action, actions, nearest};
