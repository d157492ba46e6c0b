//! The help registry as annotations: the globals of a runbook, `ec2`, and the handles.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use vpcrun_ec2::api::{self, Shape, Structure};

use super::{comment, field};
use crate::registry::{FUNCTIONS, Function, Input, Key, Kind, Need, OBJECTS, Object};

/// What does not come from the registry: what every handle has, and the error of `try`.
const COMMON: &str = r#"
--- A resource. It can be compared and printed, and stands for its id in `ec2.api`.
---@class vpcrun.handle
---@field id string Its id.
---@field name string Its `Name` tag; of a route, its destination.
---@field kind string AWS's noun for it.
---@field tags table<string, string> Its tags.

--- What `ec2.api` takes where an id stands: the id, or a handle.
---@alias vpcrun.id string|vpcrun.handle

--- What `try` caught.
---@class vpcrun.error
---@field code string EC2's code, or one of vpcrun's.
---@field message string What is wrong.
---@field hint? string What to do.
"#;

/// `vpcrun.lua`.
pub(super) fn annotations() -> String {
    let mut page = String::from(COMMON);
    for function in FUNCTIONS {
        if let (Input::Table(keys), false) = (&function.input, function.name == "ec2.api") {
            table(&mut page, function, keys);
        }
    }
    for object in OBJECTS {
        handle(&mut page, object);
    }
    page.push_str("\n--- EC2 in one region: its resources and its calls.\n---@class vpcrun.ec2\n");
    page.push_str("---@field region string The region's name.\n");
    for function in FUNCTIONS.iter().filter(|function| function.name == "ec2.api") {
        let _ = writeln!(page, "---@field api {} {}", function.returns, function.doc);
    }
    page.push_str("local ec2 = {}\n");
    let mut spaces = BTreeSet::from(["ec2"]);
    for function in FUNCTIONS.iter().filter(|function| !function.is_part() && !function.name.contains(':')) {
        let space = function.name.rsplit_once('.').map(|(space, _)| space);
        if let Some(space) = space.filter(|space| spaces.insert(space)) {
            let _ = writeln!(page, "\n{space} = {{}}");
        }
        describe(&mut page, function);
    }
    page
}

/// The class of a kind of handle: `vpcrun.elastic_ip`.
pub(super) fn class(kind: &str) -> String {
    format!("vpcrun.{}", kind.to_lowercase().replace(' ', "_"))
}

fn keys_class(function: &Function) -> String {
    format!("vpcrun.keys.{}", function.name.replace(':', "."))
}

/// The table that a function takes.
fn table(page: &mut String, function: &Function, keys: &[Key]) {
    page.push('\n');
    comment(page, function.doc);
    let _ = writeln!(page, "---@class (exact) {}", keys_class(function));
    for key in keys {
        let optional = if key.need == Need::Required { "" } else { "?" };
        let _ = writeln!(page, "---@field {}{optional} {} {}", field(key.name), luacats(key.kind), said(key));
    }
}

fn said(key: &Key) -> String {
    match key.need {
        Need::Default(value) => format!("{} Default: {value}.", key.doc),
        _ => key.doc.to_owned(),
    }
}

fn describe(page: &mut String, function: &Function) {
    page.push('\n');
    comment(page, function.doc);
    page.push_str("---\n");
    comment(page, &format!("```lua\n{}\n```", function.example));
    let mut names = Vec::new();
    match function.input {
        Input::Table(_) => {
            let _ = writeln!(page, "---@param keys {}", keys_class(function));
            names.push("keys");
        }
        Input::Values(keys) => {
            for key in keys {
                let optional = if key.need == Need::Required || key.name == "..." { "" } else { "?" };
                let _ = writeln!(page, "---@param {}{optional} {} {}", key.name, value_type(function, key), said(key));
                names.push(key.name);
            }
        }
    }
    // A type with commas of its own comes alone.
    let alone = function.returns.contains(['{', '<']);
    let several = if alone { vec![function.returns] } else { function.returns.split(", ").collect() };
    for result in several.into_iter().filter(|result| !result.is_empty()) {
        let _ = writeln!(page, "---@return {result}");
    }
    let _ = writeln!(page, "function {}({}) end", function.name, names.join(", "));
}

fn value_type(function: &Function, key: &Key) -> String {
    match (function.name, key.kind) {
        ("runbook.args", Kind::Table) => "table<string, vpcrun.keys.runbook.args.argument>".into(),
        (_, kind) => luacats(kind),
    }
}

/// A type of the registry as LuaCATS writes it.
fn luacats(kind: Kind) -> String {
    match kind {
        Kind::Any => "any".into(),
        Kind::Text | Kind::Cidr | Kind::Address => "string".into(),
        Kind::Integer => "integer".into(),
        Kind::Boolean => "boolean".into(),
        Kind::Function => "function".into(),
        Kind::Table => "table".into(),
        Kind::Tags => "table<string, string>".into(),
        Kind::Texts => "string[]".into(),
        Kind::Rules => "vpcrun.keys.ec2.security_group.rule[]".into(),
        Kind::Handle(kind) => class(kind),
        Kind::Handles(kind) => format!("{}[]", class(kind)),
        Kind::Either(one, other) => format!("{}|{}", class(one), class(other)),
        Kind::OneOf(words) => words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join("|"),
        Kind::Ports => "integer|string|integer[]".into(),
        Kind::IcmpType => "true|integer".into(),
        Kind::Peer => format!("string|{}", class("security group")),
    }
}

/// A kind of handle, with the types that EC2's own description gives its properties.
fn handle(page: &mut String, object: &Object) {
    page.push('\n');
    comment(page, object.doc);
    let _ = writeln!(page, "---@class {}: vpcrun.handle", class(object.kind));
    let structure = described_as(object.kind);
    let of = |name: &str| {
        let member = structure.and_then(|structure| structure.member(name));
        member.map_or_else(|| "any".to_owned(), |member| super::api::luacats(member.shape()))
    };
    for property in object.properties {
        let name = property.trim_end_matches("[]");
        let _ = writeln!(page, "---@field {name} {}", of(name));
    }
    for (alias, property) in object.aliases {
        let _ = writeln!(page, "---@field {alias} {} The same as `{property}`.", of(property));
    }
    let methods: Vec<&Function> = FUNCTIONS
        .iter()
        .filter(|function| {
            function.name.split_once(':').is_some_and(|(of, _)| format!("vpcrun.{of}") == class(object.kind))
        })
        .collect();
    for (member, doc) in object.members {
        let other = OBJECTS
            .iter()
            .map(|object| class(object.kind))
            .find(|class| member.ends_with(class.trim_start_matches("vpcrun.")));
        if let Some(other) = other.filter(|_| !methods.iter().any(|method| method.noun() == *member)) {
            let _ = writeln!(page, "---@field {member} {other} {doc}.");
        }
    }
    if let Some((variable, _)) = methods.first().and_then(|method| method.name.split_once(':')) {
        let _ = writeln!(page, "local {variable} = {{}}");
    }
    for method in methods {
        describe(page, method);
    }
}

/// EC2's structure for a kind of handle.
fn described_as(kind: &str) -> Option<Structure> {
    let (action, lists): (&str, &[&str]) = match kind {
        "vpc" => ("describe_vpcs", &["vpcs"]),
        "internet gateway" => ("describe_internet_gateways", &["internet_gateways"]),
        "subnet" => ("describe_subnets", &["subnets"]),
        "route table" => ("describe_route_tables", &["route_tables"]),
        "route" => ("describe_route_tables", &["route_tables", "routes"]),
        "security group" => ("describe_security_groups", &["security_groups"]),
        "key pair" => ("describe_key_pairs", &["key_pairs"]),
        "instance" => ("describe_instances", &["reservations", "instances"]),
        "Elastic IP" => ("describe_addresses", &["addresses"]),
        _ => return None,
    };
    let mut structure = api::action(action)?.output();
    for list in lists {
        let Shape::List(list) = structure.member(list)?.shape() else { return None };
        let Shape::Structure(element) = list.element() else { return None };
        structure = element;
    }
    Some(structure)
}
