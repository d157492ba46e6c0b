//! The help registry: every Lua function and object, with its keys. The one place that knows them: the readers of Lua
//! tables refuse what is not here, `docs/lua.md` is printed from here, and tests run every example.

mod functions;
mod objects;

use std::fmt;

pub use functions::FUNCTIONS;
pub use objects::OBJECTS;

/// A function of the Lua API.
#[derive(Debug)]
pub struct Function {
    /// Its full name: `ec2.subnet`, `route_table:route`.
    pub name: &'static str,
    /// What it does, in one or two sentences.
    pub doc: &'static str,
    /// What it takes.
    pub input: Input,
    /// What it returns.
    pub result: &'static str,
    /// The same as a type of LuaCATS, for language servers; several after commas; empty where there is nothing.
    pub returns: &'static str,
    /// Lua that runs, given `ec2`, `vpc` (192.168.0.0/16 with a gateway `igw`) and `subnet` (192.168.1.0/24).
    pub example: &'static str,
}

/// What a function takes.
#[derive(Debug)]
pub enum Input {
    /// One table with these keys.
    Table(&'static [Key]),
    /// Values, in this order.
    Values(&'static [Key]),
}

/// A key of a table, or a value in a call.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether it may be left out.
    pub need: Need,
    /// What it means.
    pub doc: &'static str,
}

/// Whether a key may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It must be given.
    Required,
    /// It may be left out.
    Optional,
    /// It may be left out and then is this.
    Default(&'static str),
}

/// The type of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any value.
    Any,
    /// A Lua string.
    Text,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A function.
    Function,
    /// A table.
    Table,
    /// A CIDR block as a string.
    Cidr,
    /// An IPv4 address as a string.
    Address,
    /// Tag names and values.
    Tags,
    /// A list of strings.
    Texts,
    /// A list of security group rules.
    Rules,
    /// A handle of this kind.
    Handle(&'static str),
    /// A list of handles of this kind.
    Handles(&'static str),
    /// A handle of one of two kinds.
    Either(&'static str, &'static str),
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// Ports: a number, `"first-last"` or `{first, last}`.
    Ports,
    /// `true`, or a number from 0 to 255.
    IcmpType,
    /// A CIDR block, a security group, or `"self"`.
    Peer,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any value"),
            Self::Text => f.write_str("string"),
            Self::Integer => f.write_str("integer"),
            Self::Boolean => f.write_str("boolean"),
            Self::Function => f.write_str("function"),
            Self::Table => f.write_str("table"),
            Self::Cidr => f.write_str("CIDR block"),
            Self::Address => f.write_str("IPv4 address"),
            Self::Tags => f.write_str("table of strings"),
            Self::Texts => f.write_str("list of strings"),
            Self::Rules => f.write_str("list of rules"),
            Self::Handle(kind) => f.write_str(kind),
            Self::Handles(kind) => write!(f, "list of {kind}s"),
            Self::Either(one, other) => write!(f, "{one} or {other}"),
            Self::OneOf(words) => {
                let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                f.write_str(&quoted.join(" or "))
            }
            Self::Ports => f.write_str("port, \"first-last\" or {first, last}"),
            Self::IcmpType => f.write_str("true or 0 to 255"),
            Self::Peer => f.write_str("CIDR block, security group or \"self\""),
        }
    }
}

/// A kind of handle.
#[derive(Debug)]
pub struct Object {
    /// AWS's noun: `vpc`.
    pub kind: &'static str,
    /// What it stands for.
    pub doc: &'static str,
    /// Short names for properties: `cidr` for `cidr_block`.
    pub aliases: &'static [(&'static str, &'static str)],
    /// The member that holds its id.
    pub id: &'static str,
    /// All members, as `aws ec2 describe-…` names them, in snake case.
    pub properties: &'static [&'static str],
    /// Names of other things that hang on it: handles and methods.
    pub members: &'static [(&'static str, &'static str)],
}

/// The function of this name. Names are written by vpcrun itself; the tests call every one.
#[must_use]
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// The object of this kind.
#[must_use]
pub fn object(kind: &str) -> Option<&'static Object> {
    OBJECTS.iter().find(|object| object.kind == kind)
}

impl Function {
    /// The keys of its table, or its values.
    #[must_use]
    pub fn keys(&self) -> &'static [Key] {
        match self.input {
            Input::Table(keys) | Input::Values(keys) => keys,
        }
    }

    /// The name that messages use: `subnet` for `ec2.subnet`.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        self.name.rsplit(['.', ':']).next().unwrap_or(self.name)
    }

    /// Whether it cannot be called: it stands for a table inside another function's, such as a rule of a security group,
    /// or for an object.
    #[must_use]
    pub fn is_part(&self) -> bool {
        self.result.is_empty() || self.name == "ec2.api"
    }

    /// How to call it, in one line: `ec2.vpc { name = …, cidr = … }`.
    #[must_use]
    pub fn usage(&self) -> String {
        let required = self.keys().iter().filter(|key| key.need == Need::Required);
        match self.input {
            Input::Table(_) => {
                let keys: Vec<String> = required.map(|key| format!("{} = …", key.name)).collect();
                if keys.is_empty() {
                    format!("{} {{ … }}", self.name)
                } else {
                    format!("{} {{ {} }}", self.name, keys.join(", "))
                }
            }
            Input::Values(_) => {
                let names: Vec<&str> = required.map(|key| key.name).collect();
                format!("{}({})", self.name, names.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_distinct_and_documented() {
        let mut names = BTreeSet::new();
        for function in FUNCTIONS {
            assert!(names.insert(function.name), "{} twice", function.name);
            assert!(function.doc.ends_with('.') && !function.example.is_empty(), "{}", function.name);
            let mut keys = BTreeSet::new();
            for key in function.keys() {
                assert!(keys.insert(key.name), "{}: {} twice", function.name, key.name);
                assert!(key.doc.ends_with('.'), "{}: {}", function.name, key.name);
            }
        }
    }

    #[test]
    fn aliases_lead_to_properties() {
        for object in OBJECTS {
            for (alias, property) in object.aliases {
                assert!(object.properties.contains(property), "{}.{alias} -> {property}", object.kind);
                assert!(!object.properties.contains(alias), "{}.{alias} hides a property", object.kind);
            }
        }
    }
}
