//! Completion by Tab. Everything that can be typed comes from the help registry, EC2's table of actions, the live variables
//! and the snapshot of what exists; nothing is called and no code of the user's runs.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use mlua::Value;
use rustyline::completion::Pair;
use vpcrun_ec2::api::{self, Shape};

use super::commands;
use super::known::{Known, Watcher};
use super::lexer::{KEYWORDS, Kind, tokens};
use super::place::{Around, Place, Step, place};
use super::resolve::{Meaning, Slot};
use super::scope::Scope;
use super::shown::quoted;
use crate::lua::handle::Handle;
use crate::registry::{FUNCTIONS, OBJECTS};

/// How long Tab waits for a fresh snapshot.
const PATIENCE: Duration = Duration::from_millis(5);

/// Completes what is typed in one session.
pub struct Completer {
    /// The variables.
    pub scope: Scope,
    /// What exists on the target.
    pub watcher: Rc<RefCell<Watcher>>,
    /// Names of worlds, for `.world`.
    pub worlds: Vec<String>,
}

impl Completer {
    /// Where the unfinished word starts, and what it can become, the likeliest first.
    #[must_use]
    pub fn complete(&self, text: &str, cursor: usize) -> (usize, Vec<Pair>) {
        if let Some((command, argument)) = commands::split(text.get(..cursor).unwrap_or(text)) {
            return self.command(command, argument, cursor);
        }
        let (start, place) = place(text, cursor);
        let typed = text.get(start..cursor).unwrap_or_default();
        let pairs = match place {
            Place::Member(chain, colon) => {
                let meaning = self.scope.meaning(&chain);
                let names = meaning.map(|meaning| meaning.members(&self.scope, colon)).unwrap_or_default();
                starting(typed, names)
            }
            Place::Key(around) => self.keys(&around, typed, text),
            Place::Value(around) => self.value(&around, typed, text),
            Place::Text(around) => {
                let closed = text.get(cursor..).is_some_and(|rest| rest.starts_with(['"', '\'']));
                let quote = text.get(..start).and_then(|before| before.chars().next_back()).unwrap_or('"');
                let end = if closed || quote == '[' { String::new() } else { quote.to_string() };
                self.strings(around.as_ref(), typed, &end)
            }
            Place::Name => starting(typed, self.names(typed, text)),
            Place::Nothing => Vec::new(),
        };
        (start, pairs)
    }

    fn keys(&self, around: &Around, typed: &str, text: &str) -> Vec<Pair> {
        let slot = self.scope.slot(around);
        let keys = slot.map(Slot::keys).unwrap_or_default();
        if keys.is_empty() {
            // A list: its items are values.
            let mut item = around.clone();
            item.path.push(Step::Item);
            return self.value(&item, typed, text);
        }
        let free = keys.into_iter().filter(|key| !around.given.contains(key) && key.starts_with(typed));
        free.map(|key| Pair { display: format!("{key} ="), replacement: format!("{key} = ") }).collect()
    }

    fn value(&self, around: &Around, typed: &str, text: &str) -> Vec<Pair> {
        let slot = self.scope.slot(around);
        let mut pairs = Vec::new();
        if let Some(slot) = slot {
            let words = slot.words().into_iter().map(quoted);
            pairs.extend(words.filter(|word| word.starts_with(typed)).map(same));
            if slot.is_boolean() {
                pairs.extend(starting(typed, ["true", "false"].map(str::to_owned).to_vec()));
            }
            let fitting =
                self.scope.names().into_iter().filter(|name| self.kind_of(name).is_some_and(|kind| slot.takes(kind)));
            pairs.extend(starting(typed, fitting.collect()));
        }
        if pairs.is_empty() && typed.is_empty() {
            let texts = self.strings(Some(around), "", "\"").into_iter();
            pairs.extend(texts.map(|pair| Pair { replacement: format!("\"{}", pair.replacement), ..pair }));
        }
        if pairs.is_empty() {
            pairs = starting(typed, self.names(typed, text));
        }
        pairs
    }

    fn kind_of(&self, variable: &str) -> Option<&'static str> {
        let value = self.scope.get(variable)?;
        value.as_userdata()?.borrow::<Handle>().ok().map(|handle| handle.object().kind)
    }

    /// What can stand inside a string; `end` closes it.
    fn strings(&self, around: Option<&Around>, typed: &str, end: &str) -> Vec<Pair> {
        let slot = around.and_then(|around| self.scope.slot(around));
        let words = slot.map(Slot::words).unwrap_or_default();
        let finished = |text: &str| Pair { display: text.to_owned(), replacement: format!("{text}{end}") };
        if !words.is_empty() {
            return words.into_iter().filter(|word| word.starts_with(typed)).map(finished).collect();
        }
        let known = self.watcher.borrow_mut().known(PATIENCE);
        let key = around.and_then(last_key).unwrap_or_default();
        if matches!(key, "zone" | "prefer" | "availability_zone" | "zone_names") {
            return known.zones.iter().filter(|zone| zone.starts_with(typed)).map(|zone| finished(zone)).collect();
        }
        let function = around.and_then(|around| self.scope.meaning(&around.function));
        if let Some(Meaning::Function(function)) = function
            && (function.name, key) == ("ec2.instance", "type")
        {
            return instance_types().filter(|kind| kind.starts_with(typed)).map(finished).collect();
        }
        match around {
            Some(around) if key == "name" => {
                self.declared_names(around, &known, typed).iter().map(|name| finished(name)).collect()
            }
            _ => things(&known, key, typed, end),
        }
    }

    /// Names of the kind that is being declared, to declare one again.
    fn declared_names(&self, around: &Around, known: &Known, typed: &str) -> Vec<String> {
        let Some(Meaning::Function(function)) = self.scope.meaning(&around.function) else { return Vec::new() };
        let fits = known.things.iter().filter(|thing| thing.kind == function.result && !thing.name.is_empty());
        fits.filter(|thing| thing.name.starts_with(typed)).map(|thing| thing.name.clone()).collect()
    }

    /// All names that can start an expression or statement.
    fn names(&self, typed: &str, text: &str) -> Vec<String> {
        let mut names = locals(text);
        names.extend(self.scope.names());
        names.retain(|name| !name.starts_with('_') || typed.starts_with('_'));
        if typed.is_empty() {
            // What is the user's own and vpcrun's; Lua's library can be typed.
            const LUA: [&str; 6] = ["coroutine", "math", "os", "string", "table", "utf8"];
            let is_function = |name: &str| matches!(self.scope.get(name), Some(Value::Function(_)));
            names.retain(|name| !LUA.contains(&name.as_str()) && (name == "try" || !is_function(name)));
        } else {
            names.extend(KEYWORDS.iter().map(|word| (*word).to_owned()));
        }
        names.sort();
        names.dedup();
        names
    }

    /// Dot-commands and what they take.
    fn command(&self, command: &str, argument: Option<&str>, cursor: usize) -> (usize, Vec<Pair>) {
        let Some(argument) = argument else {
            let fitting = commands::ALL.iter().filter(|one| one.name.starts_with(command));
            let pairs = fitting.map(|one| {
                let space = if one.argument.is_empty() { "" } else { " " };
                Pair { display: one.name.to_owned(), replacement: format!("{}{space}", one.name) }
            });
            return (cursor - command.len(), pairs.collect());
        };
        let start = cursor - argument.len();
        match command {
            ".help" => (start, starting(argument, topics(argument))),
            ".run" | ".save" => files(argument, start),
            ".world" => (start, starting(argument, self.worlds.clone())),
            ".region" => (start, starting(argument, REGIONS.map(str::to_owned).to_vec())),
            _ => (start, Vec::new()),
        }
    }
}

/// The regions that every account has without asking. Source: "AWS Regions" in the AWS Regions and Availability Zones guide.
const REGIONS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

fn same(text: String) -> Pair {
    Pair { display: text.clone(), replacement: text }
}

fn starting(typed: &str, names: Vec<String>) -> Vec<Pair> {
    names.into_iter().filter(|name| name.starts_with(typed)).map(same).collect()
}

fn last_key(around: &Around) -> Option<&str> {
    around.path.iter().rev().find_map(|step| match step {
        Step::Key(name) => Some(name.as_str()),
        Step::Item => None,
    })
}

/// What `.help` knows; EC2's actions once their prefix is typed, of which there are hundreds.
fn topics(typed: &str) -> Vec<String> {
    let mut topics: Vec<String> = FUNCTIONS.iter().map(|function| function.name.to_owned()).collect();
    topics.extend(OBJECTS.iter().map(|object| object.kind.to_owned()));
    topics.extend(commands::ALL.iter().map(|command| command.name.to_owned()));
    if typed.starts_with("ec2.api.") {
        topics.extend(api::actions().map(|action| format!("ec2.api.{}", action.snake_name())));
    }
    topics
}

/// The instance types that EC2's own table lists.
fn instance_types() -> impl Iterator<Item = &'static str> {
    let member = api::action("run_instances").and_then(|action| action.input().member("instance_type"));
    let values = member.and_then(|member| match member.shape() {
        Shape::Enum(values) => Some(values.values()),
        _ => None,
    });
    values.into_iter().flatten()
}

/// Ids and names of what exists. A key such as `subnet_ids` takes ids of its kind; a name that fits one alone becomes its id
/// there.
fn things(known: &Known, key: &str, typed: &str, end: &str) -> Vec<Pair> {
    let kind = kind_of_key(key);
    let of_kind = || known.things.iter().filter(|thing| kind.is_none_or(|kind| thing.kind == kind));
    let by_id = of_kind().filter(|_| !typed.is_empty() || kind.is_some()).filter(|thing| thing.id.starts_with(typed));
    let mut pairs: Vec<Pair> = by_id
        .map(|thing| Pair {
            display: format!("{}  {}", thing.id, thing.name).trim_end().to_owned(),
            replacement: format!("{}{end}", thing.id),
        })
        .collect();
    let named: Vec<_> = of_kind().filter(|thing| !thing.name.is_empty() && thing.name.starts_with(typed)).collect();
    match (kind, named.as_slice()) {
        (Some(_), [one]) if pairs.is_empty() => {
            pairs.push(Pair { display: one.name.clone(), replacement: format!("{}{end}", one.id) });
        }
        (Some(_), _) => {}
        (None, named) => {
            pairs.extend(
                named.iter().map(|one| Pair { display: one.name.clone(), replacement: format!("{}{end}", one.name) }),
            );
        }
    }
    pairs.dedup_by(|a, b| a.replacement == b.replacement);
    pairs
}

/// The kind of resource whose ids a key takes: `subnet_ids` those of subnets.
fn kind_of_key(key: &str) -> Option<&'static str> {
    let stem = key.strip_suffix("_ids").or_else(|| key.strip_suffix("_id")).or((key == "groups").then_some("group"))?;
    Some(match stem {
        "group" | "security_group" | "source_security_group" => "security group",
        "gateway" | "internet_gateway" => "internet gateway",
        "allocation" => "Elastic IP",
        "network_acl" => "network ACL",
        "vpc" => "vpc",
        "subnet" => "subnet",
        "instance" => "instance",
        "route_table" => "route table",
        "key_pair" => "key pair",
        "network_interface" => "network interface",
        _ => return None,
    })
}

/// Names that the text itself declares.
fn locals(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let mut names = Vec::new();
    let mut declaring = false;
    for token in &tokens {
        match token.text(text) {
            "local" | "for" if token.kind == Kind::Keyword => declaring = true,
            "," | "function" => {}
            name if declaring && token.kind == Kind::Name => names.push(name.to_owned()),
            _ => declaring = false,
        }
    }
    names
}

/// Runbooks and folders; hidden ones only when asked for.
fn files(typed: &str, start: usize) -> (usize, Vec<Pair>) {
    let (folder, name) = typed.rsplit_once('/').map_or(("", typed), |(folder, name)| (folder, name));
    let folder = if typed.starts_with('/') && folder.is_empty() { "/" } else { folder };
    let path = if folder.is_empty() { Path::new(".") } else { Path::new(folder) };
    let mut pairs = Vec::new();
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        let is_folder = entry.path().is_dir();
        let wanted = is_folder || entry.path().extension().is_some_and(|extension| extension == "lua");
        if wanted && file.starts_with(name) && (name.starts_with('.') || !file.starts_with('.')) {
            let slash = if is_folder { "/" } else { "" };
            pairs.push(same(format!("{file}{slash}")));
        }
    }
    pairs.sort_by(|a, b| a.replacement.cmp(&b.replacement));
    (start + typed.len() - name.len(), pairs)
}
