//! The Lua that runbooks are written in.
//!
//! Resources (`ec2.vpc { … }`) return handles at once and are made side by side; calls (`ec2.api.create_vpc { … }`) are EC2's
//! actions by their own names. The script runs in a [`sandbox`], as a coroutine, so that reading a property of a handle can
//! wait. Every function reads its table by the help registry, so that a mistyped key is always an error.

mod arguments;
pub(crate) mod aws;
pub(crate) mod calls;
mod cidr;
mod failure;
mod fault;
pub(crate) mod handle;
mod host;
mod keys;
mod resources;
mod rules;
mod runbook;
mod sandbox;
#[cfg(test)]
mod tests;
pub(crate) mod values;
mod zones;

use std::rc::Rc;

use mlua::chunk::ChunkMode;
use mlua::{Function, Lua, MultiValue};

pub use arguments::{Argument, Type};
pub use failure::failure;
pub use fault::Fault;
pub use host::{Declared, Host, Mode, Region, Settings, Sources, Unmet};

use crate::diagnostic::Source;

/// A sandboxed Lua with vpcrun's functions.
///
/// # Errors
/// Only when Lua runs out of memory.
pub fn new(host: &Rc<Host>) -> mlua::Result<Lua> {
    let lua = sandbox::sandbox(host)?;
    let globals = lua.globals();
    globals.set("runbook", runbook::table(&lua, host)?)?;
    globals.set("aws", aws::table(&lua, host)?)?;
    globals.set("cidr", cidr::table(&lua, host)?)?;
    Ok(lua)
}

/// Runs a script to its end, or as far as the host's [`Mode`] goes.
///
/// # Errors
/// What stopped it.
pub async fn run(lua: &Lua, host: &Host, source: &Rc<Source>) -> Result<(), Fault> {
    host.sources.add(source.clone());
    let chunk = lua.load(source.text()).set_name(format!("@{}", source.name())).set_mode(ChunkMode::Text);
    let function = chunk.into_function().map_err(|error| Fault::of_lua(&error, &host.sources))?;
    call(host, &function).await.map(|_| ())
}

/// Calls a function that takes no arguments, as far as the host's [`Mode`] goes. What it returns is empty where it was
/// stopped because enough is known.
///
/// # Errors
/// What stopped it.
pub async fn call(host: &Host, function: &Function) -> Result<MultiValue, Fault> {
    let ended = tokio::select! {
        biased;
        ended = function.call_async::<MultiValue>(()) => ended.map_err(|error| Fault::of_lua(&error, &host.sources)),
        () = host.interrupt.wait() => Err(Fault::interrupted()),
    };
    // A handler of the runbook may have put another error in place of the one that stopped it.
    match ended.and_then(|values| host.stop_if_due().map(|()| values)) {
        Err(fault) => match host.stop_if_due().err().unwrap_or(fault) {
            fault if fault.is_enough() => Ok(MultiValue::new()),
            fault => Err(fault),
        },
        values => values,
    }
}
