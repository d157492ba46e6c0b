//! vpcrun as a library: the Lua that runbooks are written in, the runner, the help registry.
//!
//! A run puts four things together: a [`book::Runbook`], a [`target::TargetOptions`], a [`report::Report`] that says where
//! lines go, and a [`lua::Host`] that the Lua functions share.
//!
//! ```
//! use vpcrun::{book::Runbook, interrupt::Interrupt, run};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let book = Runbook::find("home-ssh").unwrap();
//! let arguments = run::arguments(&book, Interrupt::default()).await.unwrap();
//! assert!(arguments.iter().any(|argument| argument.name == "home"));
//! # });
//! ```
//!
//! Nothing here reads the environment or writes to a stream of its own: the binary does.

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test ends where it cannot go on"))]

pub mod book;
pub mod diagnostic;
pub mod docs;
pub mod exit;
pub mod interrupt;
pub mod list;
pub mod lua;
pub mod map;
pub mod new;
pub mod registry;
pub mod repl;
pub mod report;
pub mod run;
pub mod style;
pub mod table;
pub mod target;
pub mod text;
pub mod types;
pub mod world;

/// The examples of docs/rust.md, which are tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/rust.md")]
mod rust_guide {}
