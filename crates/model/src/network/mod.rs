//! A region's resources as one value: read from and written to `aws ec2 describe-…` documents, and looked up.

mod document;
mod error;
mod lookup;
mod snapshot;

pub use error::NetworkError;
pub use lookup::{PrivateReason, SubnetAccess};
pub use snapshot::Network;
