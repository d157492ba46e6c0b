//! A Lua that a stranger's runbook may run in: no processes, no files but modules beside the runbook, a memory limit, and
//! no loop that Ctrl-C cannot stop.
//!
//! Not stopped by Ctrl-C is a single call of Lua's own C functions, such as `string.find` with a pattern made to backtrack
//! for ever; a second Ctrl-C ends the process then.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use mlua::chunk::ChunkMode;
use mlua::{Function, HookTriggers, Lua, LuaOptions, LuaString, StdLib, Table, Value, VmState};

use super::fault::{Fault, call_site};
use super::host::Host;
use crate::diagnostic::Source;

/// What Lua values of one run may take, in bytes.
const MEMORY_LIMIT: usize = 256 << 20;

/// Instructions between two looks at the interrupt flag: some 50 µs of Lua.
const INSTRUCTIONS: u32 = 10_000;

/// Globals of Lua's base library that reach outside, or that have no use here.
const REMOVED: [&str; 5] = ["dofile", "loadfile", "load", "collectgarbage", "warn"];

/// What stays of `os`: nothing that sees the environment, files or processes.
const OS: [&str; 4] = ["clock", "date", "difftime", "time"];

/// A sandboxed Lua with `print`, `require`, `try` and the safe part of the standard library.
///
/// # Errors
/// Only when Lua itself runs out of memory.
pub fn sandbox(host: &Rc<Host>) -> mlua::Result<Lua> {
    let libs = StdLib::COROUTINE | StdLib::TABLE | StdLib::STRING | StdLib::UTF8 | StdLib::MATH | StdLib::OS;
    let lua = Lua::new_with(libs, LuaOptions::default())?;
    lua.set_memory_limit(MEMORY_LIMIT)?;
    let interrupt = host.interrupt.clone();
    lua.set_global_hook(HookTriggers::new().every_nth_instruction(INSTRUCTIONS), move |_, _| {
        if interrupt.is_set() { Err(Fault::interrupted().raise()) } else { Ok(VmState::Continue) }
    })?;
    restrict(&lua)?;
    lua.globals().set("print", print(&lua, host)?)?;
    lua.globals().set("load", load(&lua)?)?;
    lua.load(include_str!("prelude.lua")).set_name("=vpcrun").call::<()>(prelude_host(&lua, host)?)?;
    Ok(lua)
}

fn restrict(lua: &Lua) -> mlua::Result<()> {
    let globals = lua.globals();
    for name in REMOVED {
        globals.set(name, Value::Nil)?;
    }
    let all: Table = globals.get("os")?;
    let os = lua.create_table()?;
    for name in OS {
        os.set(name, all.get::<Value>(name)?)?;
    }
    globals.set("os", os)?;
    globals.get::<Table>("string")?.set("dump", Value::Nil)
}

fn print(lua: &Lua, host: &Rc<Host>) -> mlua::Result<Function> {
    let host = host.clone();
    let tostring: Function = lua.globals().get("tostring")?;
    lua.create_function(move |_, values: mlua::Variadic<Value>| {
        let texts = values.iter().map(|value| tostring.call::<LuaString>(value.clone()).map(|s| s.to_string_lossy()));
        let texts: Vec<String> = texts.collect::<mlua::Result<_>>()?;
        host.report.print(&texts.join("\t"));
        Ok(())
    })
}

/// Lua's `load` for text only: bytecode can break out of any sandbox.
fn load(lua: &Lua) -> mlua::Result<Function> {
    lua.create_function(|lua, (text, name, _mode, env): (LuaString, Option<String>, Option<String>, Option<Table>)| {
        let name = name.unwrap_or_else(|| "=load".into());
        let mut chunk = lua.load(text.as_bytes().to_vec()).set_name(name).set_mode(ChunkMode::Text);
        if let Some(env) = env {
            chunk = chunk.set_environment(env);
        }
        match chunk.into_function() {
            Ok(function) => Ok((Value::Function(function), None)),
            Err(error) => Ok((Value::Nil, Some(error.to_string()))),
        }
    })
}

/// The Rust functions that the prelude builds on.
fn prelude_host(lua: &Lua, host: &Rc<Host>) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    table.set("pending", Value::LightUserData(Lua::poll_pending()))?;
    let shared = host.clone();
    table.set("stop_if_due", lua.create_function(move |_, ()| shared.stop_if_due().map_err(Fault::raise))?)?;
    let shared = host.clone();
    table.set("find_module", lua.create_function(move |lua, name: String| find_module(lua, &shared, &name))?)?;
    let shared = host.clone();
    table.set(
        "as_table",
        lua.create_function(move |lua, error: Value| super::values::error_table(lua, &shared, error))?,
    )?;
    Ok(table)
}

fn find_module(lua: &Lua, host: &Host, name: &str) -> mlua::Result<Table> {
    let fault = |fault: Fault| fault.mark(name).at(call_site(lua, &host.sources)).raise();
    let path = module_path(host.module_dir().as_deref(), name).map_err(fault)?;
    let text = fs::read_to_string(&path)
        .map_err(|error| fault(Fault::runbook(format!("module '{name}': {}: {error}", path.display()))))?;
    let source = Source::new(display_path(host, &path), text);
    let chunk = lua.load(source.text()).set_name(format!("@{}", source.name())).set_mode(ChunkMode::Text);
    host.sources.add(source.clone());
    let found = lua.create_table()?;
    found.set("path", path.display().to_string())?;
    found.set("chunk", chunk.into_function()?)?;
    Ok(found)
}

/// The path as people know it: relative to where they are, when it is below.
fn display_path(host: &Host, path: &Path) -> String {
    let base = host.settings.working_dir.canonicalize().unwrap_or_default();
    path.strip_prefix(&base).unwrap_or(path).display().to_string()
}

/// The file of a module: `a.b` is `a/b.lua` below the runbook's folder, and nowhere else, whatever links say.
fn module_path(dir: Option<&Path>, name: &str) -> Result<PathBuf, Fault> {
    let unknown = |why: String| Fault::runbook(format!("module '{name}' cannot be required: {why}"));
    let dir = dir.ok_or_else(|| unknown("a bundled runbook has no folder".into()))?;
    let legal = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if !name.split('.').all(legal) {
        return Err(unknown("a module's name is made of letters, digits, _ and -, with dots between folders".into())
            .help("require looks only beside the runbook: require \"lib.names\" is lib/names.lua"));
    }
    let dir = dir.canonicalize().map_err(|error| unknown(format!("{}: {error}", dir.display())))?;
    let file = dir.join(name.replace('.', "/")).with_extension("lua");
    let real = file.canonicalize().map_err(|_| unknown(format!("there is no {}", file.display())))?;
    if !real.starts_with(&dir) {
        return Err(unknown(format!("{} leads out of the runbook's folder", file.display())));
    }
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_stay_beside_the_runbook() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("books");
        fs::create_dir_all(dir.join("lib")).unwrap();
        fs::write(dir.join("lib/names.lua"), "return 1").unwrap();
        fs::write(root.path().join("secret.lua"), "return 2").unwrap();
        assert!(module_path(Some(&dir), "lib.names").is_ok());
        for bad in ["..secret", "../secret", "/etc/passwd", "", "lib..names", "lib.missing", "a\0b"] {
            assert!(module_path(Some(&dir), bad).is_err(), "{bad:?}");
        }
        assert!(module_path(None, "lib.names").is_err());
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(root.path().join("secret.lua"), dir.join("link.lua")).unwrap();
            let error = module_path(Some(&dir), "link").unwrap_err();
            assert!(error.to_string().contains("leads out"), "{error}");
        }
    }
}
