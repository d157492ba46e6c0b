//! Lua values and JSON, both ways.

use futures_util::future::LocalBoxFuture;
use mlua::{Lua, Table, Value as LuaValue};
use serde_json::{Map, Number, Value};

use super::fault::Fault;
use super::handle::Handle;
use super::host::Host;

/// Tables nested deeper than this are cycles or mistakes.
const DEEPEST: usize = 32;

/// JSON as Lua: objects and arrays are tables, null is nil.
///
/// # Errors
/// When Lua runs out of memory.
pub fn to_lua(lua: &Lua, value: &Value) -> mlua::Result<LuaValue> {
    Ok(match value {
        Value::Null => LuaValue::Nil,
        Value::Bool(flag) => LuaValue::Boolean(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => LuaValue::Integer(integer),
            None => LuaValue::Number(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => LuaValue::String(lua.create_string(text)?),
        Value::Array(items) => {
            let table = lua.create_table_with_capacity(items.len(), 0)?;
            for item in items {
                table.raw_push(to_lua(lua, item)?)?;
            }
            LuaValue::Table(table)
        }
        Value::Object(members) => {
            let table = lua.create_table_with_capacity(0, members.len())?;
            for (name, member) in members {
                table.raw_set(name.as_str(), to_lua(lua, member)?)?;
            }
            LuaValue::Table(table)
        }
    })
}

/// Lua as JSON. A table with the keys 1 to n is an array, an empty one too; a handle is its id, which is waited for.
///
/// # Errors
/// When a value has no JSON (a function, a key that is no string, a number that is not finite), or a handle's resource failed.
pub fn to_json(value: LuaValue, depth: usize) -> LocalBoxFuture<'static, Result<Value, Fault>> {
    Box::pin(async move {
        if depth > DEEPEST {
            return Err(Fault::runbook("a table is nested too deeply, or contains itself"));
        }
        match value {
            LuaValue::Nil => Ok(Value::Null),
            LuaValue::Boolean(flag) => Ok(Value::Bool(flag)),
            LuaValue::Integer(integer) => Ok(integer.into()),
            LuaValue::Number(number) => whole_or_fraction(number),
            LuaValue::String(text) => Ok(Value::String(text.to_string_lossy())),
            LuaValue::Table(table) => table_to_json(table, depth).await,
            LuaValue::UserData(data) => match data.borrow::<Handle>().map(|handle| handle.clone()) {
                Ok(handle) => Ok(Value::String(handle.id().await?)),
                Err(_) => Err(Fault::runbook("only handles of resources can stand here, not this object")),
            },
            other => Err(Fault::runbook(format!("a {} cannot stand here", other.type_name()))),
        }
    })
}

fn whole_or_fraction(number: f64) -> Result<Value, Fault> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
        return Ok(Value::from(number as i64));
    }
    Number::from_f64(number).map(Value::Number).ok_or_else(|| Fault::runbook("a number is not finite"))
}

async fn table_to_json(table: Table, depth: usize) -> Result<Value, Fault> {
    let unreadable = |error: mlua::Error| Fault::runbook(error.to_string());
    let length = table.raw_len();
    let pairs: Vec<(LuaValue, LuaValue)> = table.pairs().collect::<mlua::Result<_>>().map_err(unreadable)?;
    if pairs.len() == length {
        let mut items = Vec::with_capacity(length);
        for index in 1..=length {
            items.push(to_json(table.raw_get(index).map_err(unreadable)?, depth + 1).await?);
        }
        return Ok(Value::Array(items));
    }
    let mut members = Map::new();
    let mut named: Vec<(String, LuaValue)> = Vec::with_capacity(pairs.len());
    for (key, value) in pairs {
        let LuaValue::String(key) = key else {
            return Err(Fault::runbook("a table has both a list and names, or a list with holes"));
        };
        named.push((key.to_string_lossy(), value));
    }
    // Lua's order is random; JSON that is compared or read should not be.
    named.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, value) in named {
        members.insert(name, to_json(value, depth + 1).await?);
    }
    Ok(Value::Object(members))
}

/// AWS's member names as Lua writes them: `VpcId` is `vpc_id`, `Ipv6CidrBlock` is `ipv6_cidr_block`.
#[must_use]
pub fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (n, c) in chars.iter().enumerate() {
        if c.is_ascii_uppercase() {
            let after_lower = n > 0 && !chars[n - 1].is_ascii_uppercase();
            let starts_word = n > 0 && chars.get(n + 1).is_some_and(char::is_ascii_lowercase);
            if after_lower || starts_word {
                snake.push('_');
            }
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// JSON with AWS's member names as JSON with Lua's.
#[must_use]
pub fn snake_keys(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, member)| (snake_case(&name), snake_keys(member))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(snake_keys).collect()),
        other => other,
    }
}

/// What `try` returns for an error: `code`, `message`, `hint`, and `file` and `line` where known. An error of the runbook's
/// own that is a table already is returned as it is.
pub(super) fn error_table(lua: &Lua, host: &Host, error: LuaValue) -> mlua::Result<LuaValue> {
    let fault = match error {
        LuaValue::Error(error) => Fault::of_lua(&error, &host.sources),
        LuaValue::String(text) => Fault::of_lua(&mlua::Error::RuntimeError(text.to_string_lossy()), &host.sources),
        other => return Ok(other),
    };
    let text = fault.to_string();
    let message = fault.plain_message();
    let diagnostic = *fault.diagnostic;
    let table = lua.create_table()?;
    table.set("code", diagnostic.code.unwrap_or_else(|| "Lua".into()))?;
    table.set("message", message)?;
    table.set("hint", diagnostic.help)?;
    if let Some(site) = &diagnostic.site {
        table.set("file", site.file())?;
        table.set("line", site.line())?;
    }
    let metatable = lua.create_table()?;
    metatable.set("__tostring", lua.create_function(move |_, _: LuaValue| Ok(text.clone()))?)?;
    table.set_metatable(Some(metatable))?;
    Ok(LuaValue::Table(table))
}

/// Whether two Lua values are equal; tables by content.
///
/// # Errors
/// When a table is nested too deeply, or an `__eq` of the runbook raises an error.
pub fn equal(one: &LuaValue, other: &LuaValue, depth: usize) -> mlua::Result<bool> {
    let (LuaValue::Table(a), LuaValue::Table(b)) = (one, other) else { return one.equals(other) };
    if depth > DEEPEST {
        return Err(Fault::runbook("a table is nested too deeply, or contains itself").raise());
    }
    let mut members = 0_usize;
    for pair in a.pairs::<LuaValue, LuaValue>() {
        let (key, value) = pair?;
        if !equal(&value, &b.raw_get(key)?, depth + 1)? {
            return Ok(false);
        }
        members += 1;
    }
    Ok(members == b.pairs::<LuaValue, LuaValue>().count())
}

/// A value in a message: strings quoted, tables in short.
#[must_use]
pub fn shown(value: &LuaValue, depth: usize) -> String {
    const ITEMS: usize = 8;
    match value {
        LuaValue::String(text) => format!("{:?}", text.to_string_lossy()),
        LuaValue::Table(table) if depth < 3 => {
            let pairs = table.pairs::<LuaValue, LuaValue>().flatten().take(ITEMS);
            let items: Vec<String> = pairs
                .map(|(key, value)| match key {
                    LuaValue::Integer(_) => shown(&value, depth + 1),
                    key => format!("{} = {}", key.to_string().unwrap_or_default(), shown(&value, depth + 1)),
                })
                .collect();
            format!("{{{}}}", items.join(", "))
        }
        LuaValue::Table(_) => "{…}".into(),
        other => other.to_string().unwrap_or_else(|_| other.type_name().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn names_follow_lua() {
        for (aws, lua) in [
            ("VpcId", "vpc_id"),
            ("Ipv6CidrBlock", "ipv6_cidr_block"),
            ("CidrIpv6", "cidr_ipv6"),
            ("EnableDns64", "enable_dns64"),
            ("SubnetArn", "subnet_arn"),
            ("EnableResourceNameDnsARecord", "enable_resource_name_dns_a_record"),
            ("EnableResourceNameDnsAAAARecord", "enable_resource_name_dns_aaaa_record"),
            ("UserIdGroupPairs", "user_id_group_pairs"),
            ("PropagatingVgws", "propagating_vgws"),
        ] {
            assert_eq!(snake_case(aws), lua);
        }
    }
}
