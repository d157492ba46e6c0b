//! The commands that work on a stack: apply and destroy.

mod apply;
mod destroy;
mod outcome;

pub use apply::{apply, arguments};
pub use destroy::{Teardown, destroy, regions};
pub use outcome::Outcome;
