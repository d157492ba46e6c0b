//! The calls layer: every EC2 action by its own name, tables in and tables out.

mod input_error;

pub use input_error::InputError;
