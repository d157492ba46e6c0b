//! The EC2 Query protocol: form-encoded parameters in, XML out, both derived with serde.

pub(crate) mod form;
pub(crate) mod xml;

pub(crate) use form::{Parameters, Tree};
pub(crate) use xml::{Items, Reply};
