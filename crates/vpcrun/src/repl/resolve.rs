//! What an expression at the prompt stands for, found without running it: live variables, the help registry, EC2's table
//! of actions.

use mlua::{Table, Value};
use vpcrun_ec2::api::{self, Action, Shape, Structure};

use super::place::{Around, Link, Step};
use super::scope::{Scope, keys};
use crate::lua::handle::Handle;
use crate::lua::{aws, calls};
use crate::registry::{self, FUNCTIONS, Function, Kind, Object};

/// What an expression stands for.
#[derive(Clone)]
pub enum Meaning {
    /// A handle, of a variable or of what a function returns.
    Object(&'static Object),
    /// An `ec2` object.
    Ec2,
    /// Its `api`.
    Api,
    /// A function of vpcrun's.
    Function(&'static Function),
    /// A function of `ec2.api`.
    Action(Action),
    /// Data of EC2's: what a call would answer.
    Data(Shape),
    /// A live table, and the name by which the registry may know it.
    Table(Table, String),
    /// A live string.
    Text,
}

/// What a table of a call takes at some place.
#[derive(Clone, Copy)]
pub enum Slot {
    /// A table with the keys of this function.
    Keys(&'static Function),
    /// A value of the registry's types.
    Value(Kind),
    /// A value of EC2's types.
    Data(Shape),
    /// The table of arguments of `runbook.args`.
    Arguments,
}

impl Scope {
    /// What an expression stands for.
    #[must_use]
    pub fn meaning(&self, chain: &[Link]) -> Option<Meaning> {
        let (first, rest) = chain.split_first()?;
        let start = match first {
            Link::Name(name) => self.variable(name)?,
            Link::Call => Meaning::Text,
            Link::Index(_) => return None,
        };
        rest.iter().try_fold(start, step)
    }

    fn variable(&self, name: &str) -> Option<Meaning> {
        if let Some(function) = registry::function(name) {
            return Some(Meaning::Function(function));
        }
        match self.get(name) {
            Some(value) => of_value(&value, name),
            None => (name == "ec2").then_some(Meaning::Ec2),
        }
    }

    /// What the table around the cursor takes, or the value at the end of the way.
    #[must_use]
    pub fn slot(&self, around: &Around) -> Option<Slot> {
        let start = match self.meaning(&around.function)? {
            Meaning::Function(function) if function.name == "runbook.args" => Slot::Arguments,
            Meaning::Function(function) => Slot::Keys(function),
            Meaning::Action(action) => Slot::Data(Shape::Structure(action.input())),
            _ => return None,
        };
        around.path.iter().try_fold(start, inner)
    }
}

fn of_value(value: &Value, name: &str) -> Option<Meaning> {
    match value {
        Value::Table(table) => Some(Meaning::Table(table.clone(), name.to_owned())),
        Value::String(_) => Some(Meaning::Text),
        Value::UserData(data) => {
            if let Ok(handle) = data.borrow::<Handle>() {
                return Some(Meaning::Object(handle.object()));
            }
            if aws::is_ec2(data) {
                return Some(Meaning::Ec2);
            }
            calls::is_api(data).then_some(Meaning::Api)
        }
        _ => None,
    }
}

fn step(meaning: Meaning, link: &Link) -> Option<Meaning> {
    match (meaning, link) {
        (Meaning::Table(table, path), Link::Name(name)) => {
            let path = format!("{path}.{name}");
            match registry::function(&path) {
                Some(function) => Some(Meaning::Function(function)),
                None => of_value(&table.raw_get(name.as_str()).ok()?, &path),
            }
        }
        (Meaning::Table(table, path), Link::Index(index)) => of_value(&table.raw_get(*index).ok()?, &path),
        (Meaning::Ec2, Link::Name(name)) if name == "api" => Some(Meaning::Api),
        (Meaning::Ec2, Link::Name(name)) => registry::function(&format!("ec2.{name}")).map(Meaning::Function),
        (Meaning::Api, Link::Name(name)) => api::action(name).map(Meaning::Action),
        (Meaning::Object(object), Link::Name(name)) => match method(object, name) {
            Some(function) => Some(Meaning::Function(function)),
            None => object.members.iter().find(|(member, _)| member == name).and_then(|_| object_named(name)),
        },
        (Meaning::Function(function), Link::Call) if function.name == "aws.ec2" => Some(Meaning::Ec2),
        (Meaning::Function(function), Link::Call) => registry::object(function.result).map(Meaning::Object),
        (Meaning::Action(action), Link::Call) => Some(Meaning::Data(Shape::Structure(action.output()))),
        (Meaning::Data(Shape::Structure(structure)), Link::Name(name)) => {
            structure.member(name).map(|member| Meaning::Data(member.shape()))
        }
        (Meaning::Data(Shape::List(list)), Link::Index(_)) => Some(Meaning::Data(list.element())),
        _ => None,
    }
}

/// The object that a member such as `main_route_table` leads to.
fn object_named(member: &str) -> Option<Meaning> {
    let words = member.replace('_', " ");
    registry::OBJECTS
        .iter()
        .filter(|object| words.ends_with(object.kind))
        .max_by_key(|object| object.kind.len())
        .map(Meaning::Object)
}

fn inner(slot: Slot, step: &Step) -> Option<Slot> {
    match (slot, step) {
        (Slot::Arguments, Step::Key(_)) => registry::function("runbook.args.argument").map(Slot::Keys),
        (Slot::Keys(function), Step::Key(name)) => {
            function.keys().iter().find(|key| key.name == name).map(|key| Slot::Value(key.kind))
        }
        (Slot::Value(Kind::Rules), Step::Item) => registry::function("ec2.security_group.rule").map(Slot::Keys),
        (Slot::Value(Kind::Texts), Step::Item) => Some(Slot::Value(Kind::Text)),
        (Slot::Value(Kind::Handles(kind)), Step::Item) => Some(Slot::Value(Kind::Handle(kind))),
        (Slot::Data(Shape::Structure(structure)), Step::Key(name)) => {
            structure.member(name).map(|member| Slot::Data(member.shape()))
        }
        (Slot::Data(Shape::List(list)), Step::Item) => Some(Slot::Data(list.element())),
        _ => None,
    }
}

/// The methods of a kind of handle: functions that the registry calls `route_table:…`.
pub fn methods(object: &Object) -> impl Iterator<Item = &'static Function> + use<> {
    let prefix = format!("{}:", object.kind.replace(' ', "_"));
    FUNCTIONS.iter().filter(move |function| function.name.starts_with(&prefix))
}

fn method(object: &Object, name: &str) -> Option<&'static Function> {
    methods(object).find(|function| function.noun() == name)
}

impl Meaning {
    /// What can stand behind a dot, or, with `colon`, behind a colon.
    #[must_use]
    pub fn members(&self, scope: &Scope, colon: bool) -> Vec<String> {
        match self {
            Self::Object(object) if colon => methods(object).map(|function| function.noun().to_owned()).collect(),
            Self::Object(object) => members_of(object),
            Self::Ec2 => aws::MEMBERS.iter().map(|member| (*member).to_owned()).collect(),
            Self::Api => api::actions().map(|action| action.snake_name()).collect(),
            Self::Data(Shape::Structure(structure)) => member_names(*structure),
            Self::Table(table, _) => sorted(keys(table)),
            Self::Text if colon => match scope.get("string") {
                Some(Value::Table(strings)) => sorted(keys(&strings)),
                _ => Vec::new(),
            },
            Self::Text | Self::Function(_) | Self::Action(_) | Self::Data(_) => Vec::new(),
        }
    }
}

/// Everything behind the dot of a handle, short names first.
fn members_of(object: &Object) -> Vec<String> {
    let methods: Vec<&str> = methods(object).map(Function::noun).collect();
    let always = ["id", "name", "kind", "tags"].into_iter();
    let aliases = object.aliases.iter().map(|(alias, _)| *alias);
    let members = object.members.iter().map(|(member, _)| *member).filter(|member| !methods.contains(member));
    let properties = object.properties.iter().map(|property| property.trim_end_matches("[]"));
    let mut names: Vec<String> = Vec::new();
    for name in always.chain(aliases).chain(members).chain(properties) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// The members of a structure in snake case, in AWS's order.
#[must_use]
pub fn member_names(structure: Structure) -> Vec<String> {
    structure.members().map(|member| member.snake_name()).collect()
}

impl Slot {
    /// The keys of the table here.
    #[must_use]
    pub fn keys(self) -> Vec<String> {
        match self {
            Self::Keys(function) => function.keys().iter().map(|key| key.name.to_owned()).collect(),
            Self::Data(Shape::Structure(structure)) => member_names(structure),
            Self::Value(_) | Self::Data(_) | Self::Arguments => Vec::new(),
        }
    }

    /// The strings that can stand here, if they are a fixed set.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Self::Value(Kind::OneOf(words)) => words.to_vec(),
            Self::Data(Shape::Enum(values)) => values.values().collect(),
            _ => Vec::new(),
        }
    }

    /// Whether `true` and `false` can stand here.
    #[must_use]
    pub fn is_boolean(self) -> bool {
        matches!(self, Self::Value(Kind::Boolean | Kind::IcmpType) | Self::Data(Shape::Boolean))
    }

    /// Whether a handle of this kind can stand here.
    #[must_use]
    pub fn takes(self, kind: &str) -> bool {
        match self {
            Self::Value(Kind::Handle(wanted)) => wanted == kind,
            Self::Value(Kind::Either(one, other)) => one == kind || other == kind,
            Self::Value(Kind::Peer) => kind == "security group",
            _ => false,
        }
    }
}
