//! The `vpcrun` command.
fn main() {}
