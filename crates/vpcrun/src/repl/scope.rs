//! The variables of a session: globals, and the local variables that outlived their chunk.

use mlua::{Function, Lua, Table, Value};

use super::locals::KEEP;

/// What the statements of a session see.
#[derive(Clone)]
pub struct Scope {
    /// The environment of their chunks.
    pub environment: Table,
    globals: Table,
    getters: Table,
}

impl Scope {
    /// The scope of a Lua state.
    ///
    /// # Errors
    /// When Lua runs out of memory.
    pub fn new(lua: &Lua) -> mlua::Result<Self> {
        let chunk = lua.load(include_str!("scope.lua")).set_name("=vpcrun");
        let globals = lua.globals();
        let (environment, getters) = chunk.call((globals.clone(), KEEP))?;
        Ok(Self { environment, globals, getters })
    }

    /// The value of a variable, without running code of the user's.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value> {
        let kept = self.getters.raw_get::<Option<Function>>(name).ok().flatten();
        let value = match kept {
            Some(getter) => getter.call(()),
            None => self.globals.raw_get(name),
        };
        value.ok().filter(|value: &Value| !value.is_nil())
    }

    /// The names of all variables, those of Lua's and vpcrun's libraries too.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = [&self.getters, &self.globals].into_iter().flat_map(keys);
        let mut names: Vec<String> = names.collect();
        names.sort();
        names.dedup();
        names
    }
}

/// The names in a table, in no order.
pub fn keys(table: &Table) -> impl Iterator<Item = String> + use<> {
    let name = |(key, _): (Value, Value)| match key {
        Value::String(name) => Some(name.to_string_lossy()),
        _ => None,
    };
    table.pairs::<Value, Value>().flatten().filter_map(name).collect::<Vec<_>>().into_iter()
}
