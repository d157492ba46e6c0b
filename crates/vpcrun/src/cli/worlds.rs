//! `vpcrun world list` and `vpcrun world reset`.

use std::env;
use std::time::SystemTime;

use serde_json::{Value, json};
use vpcrun::exit::Exit;
use vpcrun::lua::Fault;
use vpcrun::report::Report;
use vpcrun::style::Role;
use vpcrun::table::{Fit, Table};
use vpcrun::target;
use vpcrun::world::{self, Entry};

use super::{confirm::confirm, settings};

/// Lists the named worlds.
pub fn list(report: &Report) -> Result<(), Fault> {
    let folder = world::folder(env::var_os("XDG_DATA_HOME"), env::var_os("HOME"))
        .ok_or_else(|| Fault::usage("there is no home for worlds").help("set HOME or XDG_DATA_HOME"))?;
    let worlds = world::list(&folder)
        .map_err(|error| Fault::new(Exit::Failed, format!("{}: {error}", folder.display())).code("World"))?;
    if report.is_json() {
        let entries: Vec<Value> = worlds.iter().map(entry).collect();
        report.document(&json!({ "folder": folder, "worlds": entries }));
        return Ok(());
    }
    let mut table = Table::new([Fit::Cut, Fit::Keep, Fit::Wrap]).painted(0, Role::Strong);
    for world in &worlds {
        let size = format!("{:>6} KiB", world.bytes.div_ceil(1024));
        table.row([&world.name, &size, &world.path.display().to_string()]);
    }
    report.table(&table);
    if worlds.is_empty() {
        report.say(&format!("no worlds in {}: the first run makes one", folder.display()));
    }
    Ok(())
}

fn entry(world: &Entry) -> Value {
    let seconds =
        world.modified.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok()).map(|time| time.as_secs());
    json!({ "name": world.name, "path": world.path, "bytes": world.bytes, "modified_unix": seconds })
}

/// Makes a world as new.
pub fn reset(report: &Report, name: &str, yes: bool) -> Result<(), Fault> {
    let choice = settings::world(name)?;
    let path = match choice.path() {
        Some(path) => path.to_owned(),
        None => return Err(Fault::usage("a world in memory is new at every run").code("World")),
    };
    if !path.exists() {
        let fault = Fault::usage(format!("there is no world {name:?}")).code("World");
        return Err(fault.help("`vpcrun world list` shows them"));
    }
    if !yes {
        confirm(&format!("Delete everything in world {name:?} ({})?", path.display()))?;
    }
    target::renew(&path, &choice)?;
    if report.is_json() {
        report.document(&json!({ "world": name, "path": path, "reset": true }));
    } else {
        report.say(&format!("world {name:?} is as new"));
    }
    Ok(())
}
