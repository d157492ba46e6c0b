//! `cidr.*`: AWS's arithmetic of address blocks, from the model.

use std::rc::Rc;

use ipnet::Ipv4Net;
use mlua::{Lua, Table, Value};
use vpcrun_model as model;

use super::fault::{Fault, call_site};
use super::host::Host;
use super::keys::cidr_help;
use super::values::shown;

/// The `cidr` table.
///
/// # Errors
/// When Lua runs out of memory.
pub fn table(lua: &Lua, host: &Rc<Host>) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    let put = |name: &str, function: mlua::Function| table.set(name, function);

    let h = host.clone();
    put(
        "parse",
        lua.create_function(move |lua, block: Value| {
            let block = read(lua, &h, "cidr.parse", &block)?;
            let parts = lua.create_table()?;
            parts.set("block", block.to_string())?;
            parts.set("network", block.network().to_string())?;
            parts.set("prefix", block.prefix_len())?;
            parts.set("first", block.network().to_string())?;
            parts.set("last", block.broadcast().to_string())?;
            parts.set("size", 1_i64 << (32 - block.prefix_len()))?;
            Ok(parts)
        })?,
    )?;

    let h = host.clone();
    put(
        "contains",
        lua.create_function(move |lua, (outer, inner): (Value, Value)| {
            let outer = read(lua, &h, "cidr.contains", &outer)?;
            let address = inner.as_string().and_then(|text| text.to_string_lossy().parse::<std::net::Ipv4Addr>().ok());
            match address {
                Some(address) => Ok(outer.contains(&address)),
                None => Ok(outer.contains(&read(lua, &h, "cidr.contains", &inner)?)),
            }
        })?,
    )?;

    let h = host.clone();
    put(
        "overlaps",
        lua.create_function(move |lua, (one, other): (Value, Value)| {
            Ok(model::overlaps(read(lua, &h, "cidr.overlaps", &one)?, read(lua, &h, "cidr.overlaps", &other)?))
        })?,
    )?;

    let h = host.clone();
    put(
        "usable",
        lua.create_function(move |lua, block: Value| {
            Ok(model::usable_address_count(read_subnet(lua, &h, "cidr.usable", &block)?))
        })?,
    )?;

    let h = host.clone();
    put(
        "reserved",
        lua.create_function(move |lua, block: Value| {
            let block = read_subnet(lua, &h, "cidr.reserved", &block)?;
            let list = lua.create_table()?;
            for (address, purpose) in model::reserved_addresses(block) {
                let entry = lua.create_table()?;
                entry.set("address", address.to_string())?;
                entry.set("purpose", purpose.to_string())?;
                list.raw_push(entry)?;
            }
            Ok(list)
        })?,
    )?;

    let h = host.clone();
    put(
        "next_free",
        lua.create_function(move |lua, (block, prefix, used): (Value, Value, Option<Vec<Value>>)| {
            let name = "cidr.next_free";
            let outer = read(lua, &h, name, &block)?;
            let prefix =
                prefix.as_integer().and_then(|prefix| u8::try_from(prefix).ok()).filter(|prefix| *prefix <= 32);
            let Some(prefix) = prefix else {
                let fault = Fault::runbook(format!("{name}: the prefix length is a number from 0 to 32"));
                return Err(fault.at(call_site(lua, &h.sources)).raise());
            };
            let used: Vec<Ipv4Net> =
                used.unwrap_or_default().iter().map(|block| read(lua, &h, name, block)).collect::<mlua::Result<_>>()?;
            Ok(model::next_free_block(&[outer], &used, prefix).map(|block| block.to_string()))
        })?,
    )?;
    Ok(table)
}

fn read(lua: &Lua, host: &Host, function: &str, value: &Value) -> mlua::Result<Ipv4Net> {
    let raise = |fault: Fault| fault.at(call_site(lua, &host.sources)).raise();
    let Value::String(text) = value else {
        return Err(raise(Fault::runbook(format!("{function} takes CIDR blocks as strings, not {}", shown(value, 0)))));
    };
    let text = text.to_string_lossy();
    model::parse_block(&text).map_err(|error| {
        raise(Fault::runbook(format!("{function}: {error}")).maybe_help(cidr_help(&text)).mark(format!("\"{text}\"")))
    })
}

fn read_subnet(lua: &Lua, host: &Host, function: &str, value: &Value) -> mlua::Result<Ipv4Net> {
    let block = read(lua, host, function, value)?;
    model::check_size(block).map_err(|error| {
        let fault = Fault::runbook(format!("{function}: {error}")).mark(format!("\"{block}\""));
        fault.at(call_site(lua, &host.sources)).raise()
    })?;
    Ok(block)
}
