//! `runbook.*`: arguments, outputs, notes and expectations.

use std::rc::Rc;

use mlua::{Lua, Table, Value};

use super::arguments;
use super::fault::{Fault, call_site};
use super::host::{Host, Unmet};
use super::values::{equal, shown, to_json};
use crate::diagnostic::Diagnostic;

/// The `runbook` table.
///
/// # Errors
/// When Lua runs out of memory.
pub fn table(lua: &Lua, host: &Rc<Host>) -> mlua::Result<Table> {
    let table = lua.create_table()?;

    let h = host.clone();
    table.set(
        "args",
        lua.create_async_function(move |lua, declarations: Value| {
            let collected = arguments::args(&lua, &h, declarations)
                .map_err(|fault| if fault.is_enough() { h.enough() } else { fault.raise() });
            let h = h.clone();
            async move { collected?.resolve(&h).await.map_err(Fault::raise) }
        })?,
    )?;

    let h = host.clone();
    table.set(
        "output",
        lua.create_async_function(move |lua, (name, value): (Value, Value)| {
            let site = call_site(&lua, &h.sources);
            let h = h.clone();
            async move {
                let raise = |fault: Fault| fault.at(site.clone()).raise();
                let Value::String(name) = name else {
                    return Err(raise(Fault::runbook(format!(
                        "runbook.output: the name is a string, not {}",
                        shown(&name, 0)
                    ))));
                };
                let name = name.to_string_lossy();
                if value.is_nil() {
                    return Err(raise(
                        Fault::runbook(format!("runbook.output: the value of {name:?} is nil")).mark(&name),
                    ));
                }
                let value = to_json(value, 0).await.map_err(raise)?;
                let mut outputs = h.outputs.borrow_mut();
                outputs.retain(|(known, _)| *known != name);
                outputs.push((name, value));
                Ok(())
            }
        })?,
    )?;

    for (name, warning) in [("note", false), ("warn", true)] {
        let h = host.clone();
        table.set(
            name,
            lua.create_function(move |lua, text: Value| {
                let Value::String(text) = text else {
                    let fault = Fault::runbook(format!("runbook.{name} takes a string, not {}", shown(&text, 0)));
                    return Err(fault.at(call_site(lua, &h.sources)).raise());
                };
                h.report.remark(&text.to_string_lossy(), warning);
                Ok(())
            })?,
        )?;
    }
    table.set("expect", expect(lua, host)?)?;
    Ok(table)
}

/// The `runbook.expect` table.
fn expect(lua: &Lua, host: &Rc<Host>) -> mlua::Result<Table> {
    let table = lua.create_table()?;

    let h = host.clone();
    table.set(
        "that",
        lua.create_function(move |lua, (condition, text): (Value, Value)| {
            let text = sentence(lua, &h, "that", &text)?;
            let holds = !matches!(condition, Value::Nil | Value::Boolean(false));
            judge(lua, &h, holds, text, None);
            Ok(holds)
        })?,
    )?;

    let h = host.clone();
    table.set(
        "equal",
        lua.create_function(move |lua, (actual, expected, text): (Value, Value, Value)| {
            let text = sentence(lua, &h, "equal", &text)?;
            let holds = equal(&actual, &expected, 0)?;
            let cause = || format!("is        {}\nshould be {}", shown(&actual, 0), shown(&expected, 0));
            judge(lua, &h, holds, text, (!holds).then(cause));
            Ok(holds)
        })?,
    )?;
    Ok(table)
}

fn sentence(lua: &Lua, host: &Host, name: &str, text: &Value) -> mlua::Result<String> {
    match text {
        Value::String(text) => Ok(text.to_string_lossy()),
        other => {
            let fault = Fault::runbook(format!("runbook.expect.{name}: the text is a string, not {}", shown(other, 0)));
            Err(fault
                .help("say what is expected, for the person who reads that it failed")
                .at(call_site(lua, &host.sources))
                .raise())
        }
    }
}

fn judge(lua: &Lua, host: &Host, holds: bool, text: String, cause: Option<String>) {
    if holds {
        host.met.set(host.met.get() + 1);
        return;
    }
    let site = call_site(lua, &host.sources);
    let diagnostic =
        Diagnostic { message: text, code: Some("Expectation".into()), cause, site, ..Diagnostic::default() };
    host.unmet.borrow_mut().push(Unmet { diagnostic });
}
