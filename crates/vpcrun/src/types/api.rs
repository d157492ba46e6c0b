//! The actions of EC2 as annotations: a function for each, and the types of what they take and answer.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use vpcrun_ec2::api::{self, Action, Enum, Shape, Structure};

use super::field;

/// The size at which a new file begins. lua-language-server skips what is above 500 KB.
const FULL: usize = 400_000;

/// What the actions use, by name.
#[derive(Default)]
struct Used {
    structures: BTreeMap<&'static str, Structure>,
    enums: BTreeMap<&'static str, Enum>,
    /// Structures in what an action takes.
    taken: BTreeSet<&'static str>,
    /// Structures in what an action answers.
    answered: BTreeSet<&'static str>,
}

/// The text of each file: first the functions, then the types.
pub(super) fn annotations() -> Vec<String> {
    let mut used = Used::default();
    let mut functions = String::from(
        "\n--- EC2's actions by their own names in snake case: tables in, tables out.\n---@class vpcrun.ec2.api\nlocal api = {}\n",
    );
    for action in api::actions() {
        used.note(action.input(), true);
        used.note(action.output(), false);
        function(&mut functions, &action);
    }
    let mut files = vec![functions, String::new()];
    let types = used.enums.values().map(|one| alias(*one));
    for text in types.chain(used.structures.values().map(|one| used.class(*one))) {
        if files.last().is_some_and(|last| last.len() + text.len() > FULL) {
            files.push(String::new());
        }
        if let Some(last) = files.last_mut() {
            last.push_str(&text);
        }
    }
    files
}

fn function(page: &mut String, action: &Action) {
    let (input, output) = (action.input(), action.output());
    let optional = if input.members().any(|member| needed(&member)) { "" } else { "?" };
    let _ = writeln!(page, "\n--- EC2's {}.", action.name());
    let _ = writeln!(page, "---@param input{optional} {}", class_name(input));
    let answer = if output.members().next().is_some() { class_name(output) } else { "table".into() };
    let _ = writeln!(page, "---@return {answer}\nfunction api.{}(input) end", action.snake_name());
}

fn needed(member: &api::Member) -> bool {
    member.required() && !member.idempotency_token()
}

fn class_name(structure: Structure) -> String {
    match structure.name() {
        "" => "table".into(),
        name => format!("vpcrun.api.{name}"),
    }
}

/// A type of EC2's model as LuaCATS writes it.
pub(super) fn luacats(shape: Shape) -> String {
    match shape {
        Shape::Enum(one) if one.values().next().is_some() => format!("vpcrun.api.{}", one.name()),
        Shape::Integer | Shape::Long => "integer".into(),
        Shape::Double => "number".into(),
        Shape::Boolean => "boolean".into(),
        Shape::List(list) => format!("{}[]", luacats(list.element())),
        Shape::Structure(structure) => class_name(structure),
        _ => "string".into(),
    }
}

/// EC2 adds values without notice, so any other text is allowed too.
fn alias(one: Enum) -> String {
    let mut text = format!("\n---@alias vpcrun.api.{} string\n", one.name());
    for value in one.values() {
        let _ = writeln!(text, "---| \"{value}\"");
    }
    text
}

impl Used {
    fn note(&mut self, structure: Structure, taken: bool) {
        let seen = if taken { &mut self.taken } else { &mut self.answered };
        if structure.name().is_empty() || !seen.insert(structure.name()) {
            return;
        }
        self.structures.insert(structure.name(), structure);
        for member in structure.members() {
            self.note_shape(member.shape(), taken);
        }
    }

    fn note_shape(&mut self, shape: Shape, taken: bool) {
        match shape {
            Shape::Enum(one) if one.values().next().is_some() => drop(self.enums.insert(one.name(), one)),
            Shape::List(list) => self.note_shape(list.element(), taken),
            Shape::Structure(structure) => self.note(structure, taken),
            _ => {}
        }
    }

    /// What is only answered has all its members: a reader need not look at each for nil. What is taken may leave out
    /// those that EC2 does not ask for, and takes a handle for an id.
    fn class(&self, structure: Structure) -> String {
        let taken = self.taken.contains(structure.name());
        let only_taken = taken && !self.answered.contains(structure.name());
        let exact = if only_taken { "(exact) " } else { "" };
        let mut text = format!("\n---@class {exact}{}\n", class_name(structure));
        for member in structure.members() {
            let name = member.snake_name();
            let optional = if taken && !needed(&member) { "?" } else { "" };
            let kind = match (member.shape(), only_taken) {
                (Shape::String, true) if name.ends_with("_id") => "vpcrun.id".into(),
                (Shape::List(list), true) if name.ends_with("_ids") && list.element() == Shape::String => {
                    "vpcrun.id[]".into()
                }
                (shape, _) => luacats(shape),
            };
            let _ = writeln!(text, "---@field {}{optional} {kind}", field(&name));
        }
        text
    }
}
