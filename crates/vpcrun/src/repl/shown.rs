//! A Lua value on its way to the screen: taken out of Lua once, then laid out without it.

use mlua::Value as LuaValue;
use serde_json::{Map, Value};

use super::known::Known;
use crate::lua::handle::Handle;
use crate::registry::Object;

/// A value to show.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// A number, a boolean, nil, a function: as Lua writes it.
    Plain(String),
    /// A string.
    Text(String),
    /// A resource: kind, name, id, then what is worth knowing, cell by cell.
    Resource(Vec<String>),
    /// A list.
    List(Vec<Shown>),
    /// A table with names, sorted; keys are written as in a Lua table.
    Table(Vec<(String, Shown)>),
    /// A table inside itself.
    Cycle,
    /// A table deeper than is shown.
    Deep,
}

/// Tables are shown to this depth.
const DEEPEST: usize = 8;

impl Shown {
    /// Takes a value out of Lua. Handles have to be settled.
    #[must_use]
    pub fn of(value: &LuaValue, known: &Known) -> Self {
        Self::at(value, known, &mut Vec::new())
    }

    fn at(value: &LuaValue, known: &Known, above: &mut Vec<*const std::ffi::c_void>) -> Self {
        match value {
            LuaValue::String(text) => Self::Text(text.to_string_lossy()),
            LuaValue::Table(table) if has_tostring(table) => {
                Self::Plain(value.to_string().unwrap_or_else(|_| "table".into()))
            }
            LuaValue::Table(table) => {
                let pointer = table.to_pointer();
                if above.contains(&pointer) {
                    return Self::Cycle;
                }
                if above.len() >= DEEPEST {
                    return Self::Deep;
                }
                above.push(pointer);
                let shown = Self::of_table(table, known, above);
                above.pop();
                shown
            }
            LuaValue::UserData(data) => match data.borrow::<Handle>() {
                Ok(handle) => Self::Resource(cells(&handle, known)),
                Err(_) => Self::Plain(value.to_string().unwrap_or_else(|_| "object".into())),
            },
            LuaValue::Integer(number) => Self::Plain(number.to_string()),
            LuaValue::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                Self::Plain(format!("{number:.1}"))
            }
            LuaValue::Function(_) => Self::Plain("function".into()),
            LuaValue::Thread(_) => Self::Plain("coroutine".into()),
            other => Self::Plain(other.to_string().unwrap_or_else(|_| other.type_name().into())),
        }
    }

    fn of_table(table: &mlua::Table, known: &Known, above: &mut Vec<*const std::ffi::c_void>) -> Self {
        let pairs: Vec<(LuaValue, LuaValue)> = table.pairs().flatten().collect();
        let length = table.raw_len();
        if pairs.len() == length && length > 0 {
            let item = |index| table.raw_get::<LuaValue>(index).map(|value| Self::at(&value, known, above));
            return Self::List((1..=length).flat_map(item).collect());
        }
        let mut members: Vec<(String, Shown)> =
            pairs.iter().map(|(key, value)| (key_text(key), Self::at(value, known, above))).collect();
        members.sort_by(|a, b| a.0.cmp(&b.0));
        Self::Table(members)
    }
}

fn has_tostring(table: &mlua::Table) -> bool {
    table.metatable().is_some_and(|meta| meta.raw_get::<LuaValue>("__tostring").is_ok_and(|value| !value.is_nil()))
}

/// A key as a Lua table constructor has it.
fn key_text(key: &LuaValue) -> String {
    match key {
        LuaValue::String(name) => {
            let name = name.to_string_lossy();
            let is_name = !name.is_empty()
                && !name.starts_with(|c: char| c.is_ascii_digit())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && !super::lexer::KEYWORDS.contains(&name.as_str());
            if is_name { name } else { format!("[{}]", quoted(&name)) }
        }
        LuaValue::Integer(number) => format!("[{number}]"),
        other => format!("[{}]", other.to_string().unwrap_or_else(|_| other.type_name().into())),
    }
}

/// A string as Lua source.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // What would move the cursor or change its colour.
            c if c.is_control() => quoted.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The row of a handle: kind, name, id and what is worth knowing of its kind.
fn cells(handle: &Handle, known: &Known) -> Vec<String> {
    let object = handle.object();
    let mut cells = vec![object.kind.to_owned(), handle.resource.name().to_owned()];
    match handle.known() {
        Ok(Some(members)) => {
            let id = text(members.get(object.id));
            // The handle holds what was when it was declared; an instance may run by now.
            let now = known.members(object.kind, &id).unwrap_or(members);
            cells.push(id);
            cells.extend(details(object, &now, known));
        }
        Ok(None) => cells.extend([String::new(), "is being made".to_owned()]),
        Err(error) => cells.extend([String::new(), format!("was not made: {}", error.code())]),
    }
    cells
}

/// What a reader wants to know of a resource beside its id.
fn details(object: &Object, members: &Map<String, Value>, known: &Known) -> Vec<String> {
    let member = |name: &str| text(members.get(name));
    let named = |id: String| known.name_of(&id).map_or(id.clone(), str::to_owned);
    let count = |name: &str| members.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    match object.kind {
        "vpc" => vec![member("cidr_block"), member("state")],
        "internet gateway" => {
            let attachments = members.get("attachments").and_then(Value::as_array);
            let vpcs: Vec<String> =
                attachments.into_iter().flatten().map(|one| named(text(one.get("vpc_id")))).collect();
            vec![if vpcs.is_empty() { "not attached".into() } else { format!("attached to {}", vpcs.join(", ")) }]
        }
        "subnet" => {
            let free = format!("{} free", member("available_ip_address_count"));
            vec![member("cidr_block"), member("availability_zone"), free]
        }
        "route table" => {
            vec![format!("of {}", named(member("vpc_id"))), crate::report::counted(count("routes"), "route")]
        }
        "route" => {
            let targets = ["gateway_id", "instance_id", "network_interface_id", "nat_gateway_id"];
            let target = targets.iter().map(|name| member(name)).find(|id| !id.is_empty()).unwrap_or_default();
            vec![format!("via {}", named(target)), member("state")]
        }
        "security group" => {
            let rules = format!("{} in, {} out", count("ip_permissions"), count("ip_permissions_egress"));
            vec![format!("in {}", named(member("vpc_id"))), rules]
        }
        "key pair" => vec![member("key_type")],
        "instance" => {
            let state = members.get("state").map(|state| text(state.get("name"))).unwrap_or_default();
            vec![member("instance_type"), member("private_ip_address"), member("public_ip_address"), state]
        }
        "Elastic IP" => vec![member("public_ip"), named(member("instance_id"))],
        _ => Vec::new(),
    }
}

fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
