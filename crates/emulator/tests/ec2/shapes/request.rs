//! Judges what every action accepts by the model: each member under its wire name and with its type, nested ones too, and
//! nothing else.
//!
//! Most requests are dry runs, whose answer tells what the emulator reads and changes nothing.

use std::collections::BTreeMap;

use vpcrun_emulator::{TransitionTimes, action_names};

use super::model::{MODEL, Member, Shape, Structure};
use crate::support::Ec2;

/// Actions that do not accept their whole request yet.
const OWED: &[&str] = &[];

/// Members whose values EC2 checks after other members, in words of their own: the wire name's end, source.
const CHECKED_LATE: &[(&str, &str)] = &[
    ("TagSpecification.1.ResourceType", "'{type}' is not a valid taggable resource type for this operation. (Sk)"),
    ("InstanceType", "Invalid value '{type}' for InstanceType. (#48240472715)"),
];

/// The deepest request of the model has 7 levels.
const DEPTH: usize = 8;

/// A member of an action's request that holds a value: where it is, and which values it takes.
struct Leaf {
    path: String,
    shape: &'static Shape,
    /// What has to be sent with it: the required members of the structures around it, with a value each.
    company: BTreeMap<String, String>,
}

type Parameters = BTreeMap<String, String>;

/// Values of texts that are enumerations or numbers, though the model does not say so.
const SAMPLES: &[(&str, &str)] = &[("AddressFamily", "IPv4")];

fn sample(shape: &Shape, path: &str) -> String {
    let name = path.rsplit('.').find(|part| part.parse::<u32>().is_err()).unwrap_or_default();
    match shape {
        Shape::Boolean => "true",
        Shape::Integer { .. } | Shape::Long | Shape::Float | Shape::Double => "1",
        Shape::Timestamp => "2026-11-23T18:43:58.000Z",
        Shape::Blob => "c2FtcGxl",
        Shape::String { values } => values
            .first()
            .map(String::as_str)
            .unwrap_or_else(|| SAMPLES.iter().find(|(known, _)| *known == name).map_or("sample", |(_, value)| *value)),
        Shape::Structure(_) | Shape::List { .. } => unreachable!("no value"),
    }
    .to_owned()
}

/// Gives a member the least value that it can have.
fn put_least(shape: &'static Shape, path: &str, parameters: &mut Parameters) {
    if parameters
        .range(path.to_owned()..)
        .next()
        .is_some_and(|(name, _)| name == path || name.starts_with(&format!("{path}.")))
    {
        return;
    }
    match shape {
        Shape::Structure(structure) => {
            put_required(structure, path, parameters);
            if !MODEL.members(structure).any(|member| member.required)
                && let Some(member) = MODEL.members(structure).next()
            {
                put_least(member.shape, &format!("{path}.{}", member.query), parameters);
            }
        }
        Shape::List { member, .. } => put_least(MODEL.shape(member), &format!("{path}.1"), parameters),
        _ => drop(parameters.insert(path.to_owned(), sample(shape, path))),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn put_required(structure: &'static Structure, path: &str, parameters: &mut Parameters) {
    for member in MODEL.members(structure).filter(|member| member.required) {
        put_least(member.shape, &join(path, &member.query), parameters);
    }
}

/// All leaves of a structure, and the paths of all structures in it.
fn walk(
    structure: &'static Structure,
    path: &str,
    company: &Parameters,
    leaves: &mut Vec<Leaf>,
    places: &mut Vec<(String, Parameters)>,
) {
    if path.split('.').count() > 2 * DEPTH {
        return;
    }
    places.push((path.to_owned(), company.clone()));
    for member in MODEL.members(structure).filter(|member| member.query != "DryRun") {
        let (mut here, mut shape) = (join(path, &member.query), member.shape);
        while let Shape::List { member, .. } = shape {
            here.push_str(".1");
            shape = MODEL.shape(member);
        }
        let mut company = company.clone();
        let siblings = MODEL.members(structure).filter(|other| other.required && other.query != member.query);
        for sibling in siblings {
            put_least(sibling.shape, &join(path, &sibling.query), &mut company);
        }
        match shape {
            Shape::Structure(structure) => walk(structure, &here, &company, leaves, places),
            _ => leaves.push(Leaf { path: here, shape, company }),
        }
    }
}

/// One action on trial.
struct Trial {
    action: &'static str,
    has_dry_run: bool,
    faults: Vec<String>,
}

impl Trial {
    fn new(action: &'static str) -> Self {
        let has_dry_run = MODEL.members(MODEL.input(action)).any(|member| member.query == "DryRun");
        Self { action, has_dry_run, faults: Vec::new() }
    }

    fn fault(&mut self, fault: String) {
        self.faults.push(format!("{}: {fault}", self.action));
    }

    fn send(&self, parameters: &Parameters, dry_run: bool) -> (u16, String, String) {
        let mut body = format!("Action={}", self.action);
        for (name, value) in parameters {
            body.push_str(&format!("&{name}={}", value.replace('+', "%2B")));
        }
        if dry_run && self.has_dry_run {
            body.push_str("&DryRun=true");
        }
        Ec2::new(TransitionTimes::Instant).refusal(&body)
    }

    /// The answer of a dry run, or, where a dry run does not tell, of the request itself.
    fn refusal(&self, parameters: &Parameters) -> (u16, String, String) {
        match self.send(parameters, true) {
            (412, ..) => self.send(parameters, false),
            other => other,
        }
    }

    fn accepts(&mut self, leaf: &Leaf, value: &str) {
        let mut parameters = leaf.company.clone();
        parameters.insert(leaf.path.clone(), value.to_owned());
        let (_, code, message) = self.send(&parameters, true);
        let typed = !matches!(leaf.shape, Shape::String { values } if values.is_empty());
        if not_read(&code, &message) || typed && message.starts_with(&format!("Invalid value '{value}' for ")) {
            self.fault(format!("{}={value} is refused: {code}: {message}", leaf.path));
        }
    }

    fn refuses_junk(&mut self, leaf: &Leaf) {
        let closed = match leaf.shape {
            Shape::String { values } => !values.is_empty(),
            Shape::Blob => false,
            _ => true,
        };
        if !closed {
            return;
        }
        let mut parameters = leaf.company.clone();
        parameters.insert(leaf.path.clone(), "junk".to_owned());
        let (status, code, message) = self.refusal(&parameters);
        if status == 200 {
            self.fault(format!("{}=junk is accepted", leaf.path));
        } else if !message.contains("junk") && !CHECKED_LATE.iter().any(|(path, _)| leaf.path.ends_with(path)) {
            self.fault(format!("{}=junk is refused for another reason: {code}: {message}", leaf.path));
        }
    }

    fn requires(&mut self, member: &Member, all: &Parameters) {
        let mut parameters = all.clone();
        parameters.retain(|name, _| *name != member.query && !name.starts_with(&format!("{}.", member.query)));
        let (status, code, message) = self.refusal(&parameters);
        if code != "MissingParameter" {
            self.fault(format!("without the required {}: {status} {code}: {message}", member.query));
        }
    }
}

/// Whether the refusal says that the request is not of the right shape. (Some texts are enumerations, though the model does not say so.)
fn not_read(code: &str, message: &str) -> bool {
    let not_of_enumeration = message.contains("failed to satisfy constraint") && !message.contains("Value 'sample'");
    matches!(code, "UnknownParameter" | "MalformedQueryString") || not_of_enumeration || code.starts_with("Internal")
}

fn try_action(action: &'static str) -> Vec<String> {
    if !MODEL.has(action) {
        return vec![format!("{action}: the model has no such action")];
    }
    let mut trial = Trial::new(action);
    let input = MODEL.input(action);
    let mut required = Parameters::new();
    put_required(input, "", &mut required);
    let (mut leaves, mut places) = (Vec::new(), Vec::new());
    walk(input, "", &Parameters::new(), &mut leaves, &mut places);

    let mut all = Parameters::new();
    for leaf in &leaves {
        all.extend(leaf.company.clone());
        all.insert(leaf.path.clone(), sample(leaf.shape, &leaf.path));
    }
    for leaf in &leaves {
        let values = match leaf.shape {
            // Of long lists, such as the instance types, EC2 itself has a part in each region.
            Shape::String { values } if !values.is_empty() => {
                values.iter().take(if values.len() > 200 { 0 } else { 200 }).cloned().collect()
            }
            shape => vec![sample(shape, &leaf.path)],
        };
        for value in values {
            trial.accepts(leaf, &value);
        }
        trial.refuses_junk(leaf);
    }
    let (_, code, message) = trial.send(&all, true);
    if not_read(&code, &message) {
        trial.fault(format!("all members at once: {code}: {message}"));
    }
    for (place, company) in &places {
        let mut parameters = company.clone();
        parameters.extend(required.clone());
        parameters.insert(join(place, "Bogus"), "sample".to_owned());
        let (_, code, message) = trial.send(&parameters, true);
        if code != "UnknownParameter" || message != "The parameter Bogus is not recognized" {
            trial.fault(format!("the unknown {}: {code}: {message}", join(place, "Bogus")));
        }
    }
    for member in MODEL.members(input).filter(|member| member.required) {
        trial.requires(member, &required);
    }
    if !trial.has_dry_run {
        let mut parameters = required.clone();
        parameters.insert("DryRun".to_owned(), "true".to_owned());
        let (status, code, message) = trial.send(&parameters, true);
        if code != "UnknownParameter" {
            trial.fault(format!("has no DryRun, but takes it: {status} {code}: {message}"));
        }
    }
    trial.faults
}

#[test]
fn every_action_reads_its_request() {
    let only = std::env::var("ACTION").ok();
    let actions = action_names().into_iter().filter(|name| only.as_deref().is_none_or(|only| name.contains(only)));
    let mut faults = Vec::new();
    for action in actions {
        let found = try_action(action);
        if !OWED.contains(&action) {
            faults.extend(found);
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
