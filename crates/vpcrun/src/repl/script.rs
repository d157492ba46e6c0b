//! Code without a terminal: `vpcrun -e 'CODE'` and `… | vpcrun -`.

use std::rc::Rc;
use std::time::Instant;

use super::lexer::{Kind, tokens};
use crate::book::Runbook;
use crate::diagnostic::Source;
use crate::lua::{self, Fault, Host, aws};
use crate::run::{self, Outcome};

/// Runs code as a runbook, with the global `ec2` in the region of the command line or the configured one.
pub async fn run(name: &str, code: &str, host: &Rc<Host>, started: Instant) -> Outcome {
    let source = Source::new(name, code);
    let ended = execute(&source, host).await;
    let outcome = run::conclude(host, ended.err(), started).await;
    let book = Runbook { name: host.settings.stack.clone(), typed: name.to_owned(), source, folder: None };
    run::tell(&book, host, &outcome);
    outcome
}

async fn execute(source: &Rc<Source>, host: &Rc<Host>) -> Result<(), Fault> {
    let lua_fault = |error: mlua::Error| Fault::of_lua(&error, &host.sources);
    let lua = lua::new(host).map_err(lua_fault)?;
    let text = source.text();
    // Code that has nothing to do with EC2 needs no target, and no credentials.
    if tokens(text).iter().any(|token| token.kind == Kind::Name && token.text(text) == "ec2") {
        let region = host.prefer_region(host.region_name(None).as_deref()).await?;
        aws::object(&lua, host, &region).and_then(|ec2| lua.globals().set("ec2", ec2)).map_err(lua_fault)?;
    }
    lua::run(&lua, host, source).await
}
