//! The runbook's arguments: declared in Lua, given with `--set name=value`, checked against their types.

use std::rc::Rc;

use mlua::{Lua, Table, Value};
use serde::Serialize;

use super::fault::{Fault, call_site};
use super::host::{Host, Mode};
use super::keys::{Keys, a};
use super::values::shown;
use crate::diagnostic::{Site, did_you_mean};

/// The type of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// Text.
    String,
    /// Any finite number.
    Number,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// Texts, separated by commas.
    List,
    /// A CIDR block, or `auto` for this host's public address.
    Cidr,
}

impl Type {
    const ALL: [(&'static str, Self); 6] = [
        ("string", Self::String),
        ("number", Self::Number),
        ("integer", Self::Integer),
        ("boolean", Self::Boolean),
        ("list", Self::List),
        ("cidr", Self::Cidr),
    ];

    /// Its name in Lua.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("string", |(name, _)| name)
    }

    fn of_default(value: &Value) -> Self {
        match value {
            Value::Boolean(_) => Self::Boolean,
            Value::Integer(_) => Self::Integer,
            Value::Number(_) => Self::Number,
            Value::Table(_) => Self::List,
            _ => Self::String,
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::String | Self::Cidr => value.is_string(),
            Self::Number => value.is_number() || value.is_integer(),
            Self::Integer => value.is_integer(),
            Self::Boolean => value.is_boolean(),
            Self::List => value.is_table(),
        }
    }

    /// Reads what was typed.
    fn parse(self, lua: &Lua, text: &str) -> Result<Value, String> {
        let string = |text: &str| lua.create_string(text).map(Value::String).map_err(|error| error.to_string());
        match self {
            Self::String => string(text),
            Self::Number => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Value::Number(number)),
                _ => Err(format!("{text:?} is not a number")),
            },
            Self::Integer => text.parse().map(Value::Integer).map_err(|_| format!("{text:?} is not a whole number")),
            Self::Boolean => {
                text.parse().map(Value::Boolean).map_err(|_| format!("{text:?} is neither true nor false"))
            }
            Self::List => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                lua.create_sequence_from(items).map(Value::Table).map_err(|error| error.to_string())
            }
            Self::Cidr if text == AUTO => string(text),
            Self::Cidr => {
                let block = vpcrun_model::parse_block(text).map_err(|error| error.to_string())?;
                string(&block.to_string())
            }
        }
    }
}

/// The value of a cidr argument that stands for this host's public address.
const AUTO: &str = "auto";

/// The argument that `--region` sets.
const REGION: &str = "region";

/// A declared argument, for `--help`.
#[derive(Clone, Debug, Serialize)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Its default as it would be typed; none when it must be given.
    pub default: Option<String>,
    /// What it is for.
    pub help: Option<String>,
}

/// `runbook.args { … }`.
///
/// # Errors
/// When a declaration or a given value is wrong.
pub fn args(lua: &Lua, host: &Rc<Host>, declarations: Value) -> Result<Collected, Fault> {
    let site = call_site(lua, &host.sources);
    let at = |fault: Fault| fault.at(site.clone());
    let Value::Table(declarations) = declarations else {
        let fault = Fault::runbook("runbook.args takes one table: argument names, each with its table");
        return Err(at(fault.help("write runbook.args { home = { default = \"auto\", help = \"…\" } }")));
    };
    if host.arguments.borrow().is_some() {
        return Err(at(Fault::runbook("runbook.args is called twice").help("declare all arguments in one call")));
    }
    let declared = declare(lua, &declarations, &site)?;
    *host.arguments.borrow_mut() = Some(declared.iter().map(|(argument, _)| argument.clone()).collect());
    if host.mode == Mode::Arguments {
        return Err(Fault::enough());
    }
    check_names(host, &declared)?;
    let values = lua.create_table().map_err(|error| at(Fault::runbook(error.to_string())))?;
    let mut autos = Vec::new();
    for (argument, default) in declared {
        let value = value(lua, host, &argument, default, &site)?;
        if argument.kind == Type::Cidr && value.as_string().is_some_and(|text| text.to_string_lossy() == AUTO) {
            autos.push(argument.name.clone());
        }
        values.set(argument.name, value).map_err(|error| at(Fault::runbook(error.to_string())))?;
    }
    Ok(Collected { values, autos, site })
}

/// The values of the arguments, before `auto` is looked up.
pub struct Collected {
    values: Table,
    autos: Vec<String>,
    site: Option<Site>,
}

impl Collected {
    /// Replaces each `auto` by this host's public address.
    ///
    /// # Errors
    /// When the target cannot be opened or the address cannot be found.
    pub async fn resolve(self, host: &Host) -> Result<Table, Fault> {
        if self.autos.is_empty() {
            return Ok(self.values);
        }
        let at = |fault: Fault| fault.at(self.site.clone());
        let address = if host.mode == Mode::Apply {
            let region: Option<String> = self.values.get(REGION).unwrap_or(None);
            let session = host.region(region.as_deref()).await.map_err(at)?.session;
            session.public_address().await.map_err(|error| at(Fault::ec2(None, &error)))?.to_string()
        } else {
            "0.0.0.0/32".to_owned()
        };
        for name in &self.autos {
            self.values.set(name.as_str(), address.as_str()).map_err(|error| at(Fault::runbook(error.to_string())))?;
        }
        Ok(self.values)
    }
}

fn declare(lua: &Lua, declarations: &Table, site: &Option<Site>) -> Result<Vec<(Argument, Value)>, Fault> {
    let mut declared = Vec::new();
    for pair in declarations.pairs::<Value, Value>() {
        let (name, table) = pair.map_err(|error| Fault::runbook(error.to_string()).at(site.clone()))?;
        let Value::String(name) = name else {
            let fault = Fault::runbook("an argument of the runbook has no name").at(site.clone());
            return Err(fault.help("write runbook.args { home = { … } }"));
        };
        declared.push(declare_one(lua, name.to_string_lossy(), table, site)?);
    }
    declared.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    Ok(declared)
}

fn declare_one(lua: &Lua, name: String, table: Value, site: &Option<Site>) -> Result<(Argument, Value), Fault> {
    if !table.is_table() {
        let fault = Fault::runbook(format!("argument `{name}` is declared by a table, not {}", shown(&table, 0)));
        let help = format!("write {name} = {{ default = {}, help = \"…\" }}", shown(&table, 0));
        return Err(fault.help(help).mark(name).at(site.clone()));
    }
    let keys = Keys::read_at("runbook.args.argument", table, site.clone())?;
    let default = keys.value("default")?;
    let kind = match keys.text("type")? {
        None => Type::of_default(&default),
        Some(text) => match Type::ALL.iter().find(|(name, _)| *name == text) {
            Some((_, kind)) => *kind,
            None => {
                let guess = did_you_mean(&text, Type::ALL.iter().map(|(name, _)| *name));
                let fault = keys.bad("type", &text, format!("there is no type {text:?}"));
                let all = Type::ALL.map(|(name, _)| name).join(", ");
                return Err(fault
                    .help(guess.map_or(format!("it is one of {all}"), |guess| format!("did you mean \"{guess}\"?"))));
            }
        },
    };
    let wrong = |why: String| {
        Fault::runbook(format!("argument `{name}`: {why}")).mark(shown(&default, 0)).mark(&name).at(site.clone())
    };
    if !default.is_nil() && !kind.fits(&default) {
        return Err(wrong(format!("its default is {}, but it is {}", shown(&default, 0), a(kind.name()))));
    }
    let typed = (!default.is_nil()).then(|| typed(&default));
    let default = match (&typed, kind) {
        (Some(text), Type::Cidr) => kind.parse(lua, text).map_err(&wrong)?,
        _ => default.clone(),
    };
    let help = keys.text("help")?;
    Ok((Argument { name, kind, default: typed, help }, default))
}

/// A default as a person would type it.
fn typed(value: &Value) -> String {
    match value {
        Value::Table(list) => {
            let items: Vec<String> = list.sequence_values::<Value>().flatten().map(|item| typed(&item)).collect();
            items.join(",")
        }
        other => other.to_string().unwrap_or_default(),
    }
}

fn check_names(host: &Host, declared: &[(Argument, Value)]) -> Result<(), Fault> {
    let names = || declared.iter().map(|(argument, _)| argument.name.as_str());
    for (name, _) in &host.settings.set {
        if !names().any(|known| known == name) {
            let help = match did_you_mean(name, names()) {
                Some(guess) => format!("did you mean `{guess}`?"),
                None => format!("it has {}", names().collect::<Vec<_>>().join(", ")),
            };
            return Err(Fault::usage(format!("{} has no argument `{name}`", host.settings.stack))
                .code("Argument")
                .help(help));
        }
    }
    Ok(())
}

fn value(lua: &Lua, host: &Host, argument: &Argument, default: Value, site: &Option<Site>) -> Result<Value, Fault> {
    let name = &argument.name;
    let set = host.settings.set.iter().rev().find(|(set, _)| set == name).map(|(_, text)| text.as_str());
    let region = host.settings.region.as_deref().filter(|_| name == REGION);
    let given = match (set, region) {
        (Some(set), Some(region)) if set != region => {
            let message = format!("--region {region} and --set region={set} contradict each other");
            return Err(Fault::usage(message).code("Argument"));
        }
        (set, region) => set.or(region),
    };
    if let Some(text) = given {
        let bad = |why: String| {
            let help = argument.help.as_ref().map(|help| format!("{name} is {}: {help}", a(argument.kind.name())));
            Fault::usage(format!("argument `{name}`: {why}")).code("Argument").maybe_help(help)
        };
        return argument.kind.parse(lua, text).map_err(bad);
    }
    if default.is_nil() && host.mode == Mode::Apply {
        let what = argument.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        let fault = Fault::usage(format!("argument `{name}` is not given{what}")).code("Argument");
        return Err(fault.help(format!("add --set {name}=…")).at(site.clone()).mark(name));
    }
    Ok(default)
}
