//! Reading the table of a call such as `ec2.subnet { … }`: every key is checked against the help registry, every value has
//! the type that the registry says, and a mistake is a message that says what would be right.

use std::net::Ipv4Addr;
use std::rc::Rc;

use ipnet::{IpNet, Ipv4Net};
use mlua::{Lua, Table, Value};
use vpcrun_ec2::Tags;

use super::fault::{Fault, call_site};
use super::handle::{Handle, Resource};
use super::host::Host;
use crate::diagnostic::{Site, did_you_mean};
use crate::registry::{self, Function, Key, Need};

/// A table whose keys are those of a function, read key by key.
pub struct Keys {
    function: &'static Function,
    table: Table,
    site: Option<Site>,
}

impl Keys {
    /// Checks the names of the keys and that the required ones are there.
    ///
    /// # Errors
    /// When `value` is no table, or a key is unknown or missing.
    pub fn read(lua: &Lua, host: &Rc<Host>, name: &'static str, value: Value) -> Result<Self, Fault> {
        let site = call_site(lua, &host.sources);
        Self::read_at(name, value, site)
    }

    /// As [`Keys::read`], for a table inside another one, at that one's line.
    ///
    /// # Errors
    /// As there.
    pub fn read_at(name: &'static str, value: Value, site: Option<Site>) -> Result<Self, Fault> {
        let at = |fault: Fault| fault.at(site.clone());
        let function = registry::function(name)
            .ok_or_else(|| at(Fault::runbook(format!("{name} is not in the help registry"))))?;
        let table = match value {
            Value::Table(table) => table,
            Value::Nil if function.keys().iter().all(|key| key.need != Need::Required) => {
                return Err(at(Fault::runbook(format!("{name} takes a table")).help(format!("write {name} {{}}"))));
            }
            other => {
                let message = format!("{name} takes one table, not {}", a(&type_name(&other)));
                return Err(at(Fault::runbook(message).help(format!("write {}", function.usage()))));
            }
        };
        let keys = Self { function, table, site };
        keys.check_names()?;
        keys.check_required()?;
        Ok(keys)
    }

    /// Where the call stands.
    #[must_use]
    pub fn site(&self) -> Option<Site> {
        self.site.clone()
    }

    /// A fault of this call.
    #[must_use]
    pub fn fault(&self, message: impl std::fmt::Display) -> Fault {
        Fault::runbook(format!("{}: {message}", self.function.noun())).at(self.site.clone())
    }

    fn check_names(&self) -> Result<(), Fault> {
        let known = || self.function.keys().iter().map(|key| key.name);
        for pair in self.table.pairs::<Value, Value>() {
            let (key, value) = pair.map_err(|error| self.fault(error))?;
            let name = match &key {
                Value::String(name) => name.to_string_lossy(),
                _ => {
                    let message = format!(
                        "{} takes names and values, and {} has no name",
                        self.noun(),
                        super::values::shown(&value, 0)
                    );
                    let fault =
                        Fault::runbook(message).at(self.site.clone()).help(format!("write {}", self.function.usage()));
                    return Err(fault.mark(super::values::shown(&value, 0)));
                }
            };
            if !known().any(|known| known == name) {
                let help = match did_you_mean(&name, known()) {
                    Some(guess) => format!("did you mean `{guess}`?"),
                    None => format!("it has {}", known().collect::<Vec<_>>().join(", ")),
                };
                let fault = Fault::runbook(format!("{} has no `{name}`", self.noun()));
                return Err(fault.mark(name).help(help).at(self.site.clone()));
            }
        }
        Ok(())
    }

    fn check_required(&self) -> Result<(), Fault> {
        for key in self.function.keys().iter().filter(|key| key.need == Need::Required) {
            if self.value(key.name)?.is_nil() {
                let fault = Fault::runbook(format!("{} needs `{}`: {}", self.noun(), key.name, fragment(key.doc)));
                return Err(fault
                    .mark(self.function.name)
                    .help(format!("write {}", self.function.usage()))
                    .at(self.site.clone()));
            }
        }
        Ok(())
    }

    fn noun(&self) -> &'static str {
        self.function.noun()
    }

    fn key(&self, name: &str) -> Option<&'static Key> {
        self.function.keys().iter().find(|key| key.name == name)
    }

    /// The value as Lua has it; nil when it is not given.
    ///
    /// # Errors
    /// When a metamethod of the table raises one.
    pub fn value(&self, name: &str) -> Result<Value, Fault> {
        debug_assert!(self.key(name).is_some(), "{} has no key {name} in the registry", self.function.name);
        self.table.get(name).map_err(|error| self.fault(error))
    }

    /// The value of a key that this function may not have; nil then.
    ///
    /// # Errors
    /// When a metamethod of the table raises one.
    pub fn optional(&self, name: &str) -> Result<Value, Fault> {
        if self.key(name).is_none() { Ok(Value::Nil) } else { self.value(name) }
    }

    /// The fault of a value that has the wrong type.
    #[must_use]
    pub fn wrong(&self, name: &str, value: &Value) -> Fault {
        let wanted = self.key(name).map(|key| key.kind.to_string()).unwrap_or_default();
        let shown = super::values::shown(value, 0);
        let what = match value {
            Value::Table(_) => "a table".to_owned(),
            Value::UserData(_) => a(&type_name(value)),
            _ => shown.clone(),
        };
        self.fault(format!("`{name}` is {}, not {what}", a(&wanted))).mark(shown).mark(name)
    }

    /// The fault of a value that has the right type and cannot be used.
    #[must_use]
    pub fn bad(&self, name: &str, value: &str, why: impl std::fmt::Display) -> Fault {
        self.fault(format!("`{name}`: {why}")).mark(format!("\"{value}\"")).mark(name)
    }

    /// A string.
    ///
    /// # Errors
    /// When it is something else.
    pub fn text(&self, name: &str) -> Result<Option<String>, Fault> {
        match self.value(name)? {
            Value::Nil => Ok(None),
            Value::String(text) => {
                let text = text.to_str().map_err(|_| self.fault(format!("`{name}` is not UTF-8 text")))?.to_owned();
                if text.is_empty() { Err(self.bad(name, "", "it is empty")) } else { Ok(Some(text)) }
            }
            other => Err(self.wrong(name, &other)),
        }
    }

    /// A required string.
    ///
    /// # Errors
    /// When it is something else.
    pub fn required_text(&self, name: &str) -> Result<String, Fault> {
        self.text(name)?.ok_or_else(|| self.fault(format!("`{name}` is missing")))
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Fault> {
        match self.value(name)? {
            Value::Nil => Ok(None),
            Value::Boolean(flag) => Ok(Some(flag)),
            other => Err(self.wrong(name, &other)),
        }
    }

    /// A whole number in a range.
    ///
    /// # Errors
    /// When it is something else.
    pub fn integer(&self, name: &str, range: std::ops::RangeInclusive<i64>) -> Result<Option<i64>, Fault> {
        let value = self.value(name)?;
        let number = match &value {
            Value::Nil => return Ok(None),
            Value::Integer(number) => Some(*number),
            #[expect(clippy::cast_possible_truncation, reason = "whole, and checked against the range below")]
            Value::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => Some(*number as i64),
            _ => None,
        };
        match number {
            Some(number) if range.contains(&number) => Ok(Some(number)),
            Some(number) => Err(self
                .fault(format!("`{name}` is from {} to {}, not {number}", range.start(), range.end()))
                .mark(number.to_string())
                .mark(name)),
            None => Err(self.wrong(name, &value)),
        }
    }

    /// A required IPv4 CIDR block, host bits cleared as EC2 does.
    ///
    /// # Errors
    /// When it is something else.
    pub fn cidr(&self, name: &str) -> Result<Ipv4Net, Fault> {
        match self.value(name)? {
            Value::String(text) => {
                let text = text.to_string_lossy();
                vpcrun_model::parse_block(&text)
                    .map_err(|error| self.bad(name, &text, &error).maybe_help(cidr_help(&text)))
            }
            other => Err(self.wrong(name, &other)),
        }
    }

    /// An IPv4 address.
    ///
    /// # Errors
    /// When it is something else.
    pub fn address(&self, name: &str) -> Result<Option<Ipv4Addr>, Fault> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let parsed = text.parse().map(Some);
        parsed.map_err(|_| {
            let help =
                text.split_once('/').map(|(address, _)| format!("an address has no prefix length: \"{address}\""));
            self.bad(name, &text, format!("{text:?} is not an IPv4 address")).maybe_help(help)
        })
    }

    /// Tags.
    ///
    /// # Errors
    /// When it is not a table of strings.
    pub fn tags(&self) -> Result<Tags, Fault> {
        let table = match self.value("tags")? {
            Value::Nil => return Ok(Tags::new()),
            Value::Table(table) => table,
            other => return Err(self.wrong("tags", &other)),
        };
        let mut tags = Tags::new();
        for pair in table.pairs::<Value, Value>() {
            let (key, value) = pair.map_err(|error| self.fault(error))?;
            let (Value::String(key), value @ (Value::String(_) | Value::Integer(_) | Value::Number(_))) =
                (&key, &value)
            else {
                return Err(self
                    .fault("`tags` is a table of names and texts")
                    .help("write tags = { team = \"network\" }")
                    .mark("tags"));
            };
            let key = key.to_string_lossy();
            if key == "Name" || key.starts_with("vpcrun:") || key.starts_with("aws:") {
                return Err(self.fault(format!("the tag {key:?} is not yours to set")).mark(key));
            }
            tags.insert(key, value.to_string().map_err(|error| self.fault(error))?);
        }
        Ok(tags)
    }

    /// A list of values, empty when it is not given.
    ///
    /// # Errors
    /// When it is not a list.
    pub fn list(&self, name: &str) -> Result<Option<Vec<Value>>, Fault> {
        let table = match self.value(name)? {
            Value::Nil => return Ok(None),
            Value::Table(table) => table,
            other => return Err(self.wrong(name, &other).help(format!("write {name} = {{ … }}"))),
        };
        let length = table.raw_len();
        let values: Vec<Value> =
            table.sequence_values().collect::<mlua::Result<_>>().map_err(|error| self.fault(error))?;
        if table.pairs::<Value, Value>().count() != length || values.len() != length {
            let wanted = self.key(name).map(|key| key.kind.to_string()).unwrap_or_default();
            let help = format!("put each one into braces of its own: {name} = {{ {{ … }}, {{ … }} }}");
            let fault = self.fault(format!("`{name}` is {}, and this table has names or holes", a(&wanted)));
            return Err(fault.help(help).mark(name));
        }
        Ok(Some(values))
    }

    /// A list of strings.
    ///
    /// # Errors
    /// When it is something else.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Fault> {
        let Some(values) = self.list(name)? else { return Ok(None) };
        let text = |value: &Value| match value {
            Value::String(text) => Ok(text.to_string_lossy()),
            other => Err(self.wrong(name, other)),
        };
        values.iter().map(text).collect::<Result<_, _>>().map(Some)
    }

    /// The handle of a key.
    ///
    /// # Errors
    /// When it is not a handle.
    pub fn handle(&self, name: &str) -> Result<Option<Handle>, Fault> {
        match self.value(name)? {
            Value::Nil => Ok(None),
            value => self.as_handle(name, &value).map(Some),
        }
    }

    /// A value of the key as a handle.
    ///
    /// # Errors
    /// When it is not one.
    pub fn as_handle(&self, name: &str, value: &Value) -> Result<Handle, Fault> {
        let handle = value.as_userdata().and_then(|data| data.borrow::<Handle>().ok().map(|handle| handle.clone()));
        handle.ok_or_else(|| {
            let fault = self.wrong(name, value);
            match value {
                Value::String(_) => fault.help(format!(
                    "pass the handle that ec2.{} returns, not a name or an id",
                    name.trim_end_matches('s')
                )),
                _ => fault,
            }
        })
    }
}

/// The typed future inside a handle key.
macro_rules! handles {
    ($($method:ident, $variant:ident, $type:ty;)+) => {
        impl Keys {
            $(
                #[doc = concat!("The ", stringify!($variant), " of a key.")]
                ///
                /// # Errors
                /// When it is something else.
                pub fn $method(&self, name: &str) -> Result<Option<vpcrun_ec2::Handle<$type>>, Fault> {
                    let Some(handle) = self.handle(name)? else { return Ok(None) };
                    match handle.resource {
                        Resource::$variant(future) => Ok(Some(future)),
                        _ => Err(self.wrong(name, &self.value(name)?)),
                    }
                }
            )+
        }
    };
}

handles! {
    vpc, Vpc, vpcrun_model::Vpc;
    subnet, Subnet, vpcrun_model::Subnet;
    key_pair, KeyPair, vpcrun_model::KeyPairInfo;
    instance, Instance, vpcrun_model::Instance;
}

/// Advice for a text that is no CIDR block.
pub(super) fn cidr_help(text: &str) -> Option<String> {
    let (address, prefix) = text.split_once('/').unwrap_or((text, ""));
    match (address.parse::<std::net::IpAddr>(), text.parse::<IpNet>()) {
        (Ok(std::net::IpAddr::V6(_)), _) => Some("only IPv4 blocks can stand here".into()),
        (Ok(_), Err(_)) if !prefix.is_empty() => Some("a prefix length is from 0 to 32, such as 192.168.1.0/24".into()),
        (Ok(_), _) => None,
        (Err(_), _) => Some("a CIDR block is an address and a prefix length, such as 192.168.1.0/24".into()),
    }
}

/// The type of a value as messages name it: the kind of a handle, else Lua's name.
#[must_use]
pub fn type_name(value: &Value) -> String {
    match value {
        Value::UserData(data) => match data.borrow::<Handle>() {
            Ok(handle) => handle.resource.kind().to_owned(),
            Err(_) => "object".to_owned(),
        },
        Value::Integer(_) => "number".to_owned(),
        other => other.type_name().to_owned(),
    }
}

/// With its article.
#[must_use]
pub fn a(noun: &str) -> String {
    let vowel = noun.starts_with(|c: char| "aeiouAEIO".contains(c));
    match noun {
        "nil" => "nil".into(),
        _ if noun.starts_with('"') || noun.starts_with("true") => noun.into(),
        _ if vowel => format!("an {noun}"),
        _ => format!("a {noun}"),
    }
}

/// A sentence of the registry as the tail of another one.
fn fragment(sentence: &str) -> String {
    let first = sentence.split(". ").next().unwrap_or(sentence).trim_end_matches('.');
    let mut chars = first.chars();
    match chars.next() {
        Some(c) if !first.starts_with("CIDR") => c.to_lowercase().chain(chars).collect(),
        _ => first.to_owned(),
    }
}
