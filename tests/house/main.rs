//! Tests across the rooms: the binary, the bundled runbooks, third-party servers, and the arrows between the crates.
//!
//! One test binary, because every binary links aws-sdk-ec2. Run it by `tests/run`, which installs what it needs.

mod architecture;
mod aws;
mod bad_runbooks;
mod docs;
mod engine;
mod half_built;
mod home_ssh;
mod interrupt;
mod map;
mod moto;
mod repl;
mod sdk;
mod serve;
mod snapshots;
mod support;
mod terminal;
mod wire;
