//! What the tests of this folder cover, action by action: written into docs/emulator.md, and held to a least number of refusals.
//!
//! Every refusal that a test asserts and every answer that one gets is recorded, when `VPCRUN_COVERAGE` names a file. The tests here
//! run all others in a process of their own with that file, since no test knows when the others are done.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::{LazyLock, Mutex};
use std::{env, fmt};

use serde::{Deserialize, Serialize};
use vpcrun_emulator::action_names;

use crate::shapes::MODEL;

const VARIABLE: &str = "VPCRUN_COVERAGE";

/// What a test saw.
#[derive(Serialize, Deserialize)]
enum Seen {
    Refused { action: String, code: String, message: String, source: String },
    Answered { action: String },
}

fn record(seen: &Seen) {
    static LOG: LazyLock<Option<Mutex<File>>> = LazyLock::new(|| {
        env::var_os(VARIABLE).map(|path| Mutex::new(File::create(path).expect("a file for the coverage")))
    });
    if let Some(log) = &*LOG {
        let line = serde_json::to_string(seen).expect("writes") + "\n";
        log.lock().expect("no writer panics").write_all(line.as_bytes()).expect("the coverage is written");
    }
}

/// The action of a request.
pub fn action(request: &str) -> &str {
    request.split('&').find_map(|parameter| parameter.strip_prefix("Action=")).unwrap_or_default()
}

/// A test asserted this refusal, word for word, and says where AWS's words are from.
pub fn refused(request: &str, code: &str, message: &str, source: &str) {
    assert!(!source.is_empty(), "{request}: a refusal needs a source");
    record(&Seen::Refused {
        action: action(request).to_owned(),
        code: code.to_owned(),
        message: without_ids(message),
        source: source.to_owned(),
    });
}

/// A test got an answer that says something: more than a request id and empty lists.
pub fn answered(request: &str, body: &str) {
    let members = body.split_once("</requestId>").map_or("", |(_, members)| members);
    if members.contains("</")
        && members.split('<').any(|part| part.split_once('>').is_some_and(|(_, text)| !text.is_empty()))
    {
        record(&Seen::Answered { action: action(request).to_owned() });
    }
}

/// Ids are others in every test: without their digits a message is the same in two.
fn without_ids(message: &str) -> String {
    let word = |word: &str| match word.split_once('-') {
        Some((kind, rest)) if rest.len() >= 17 && rest[..17].bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            format!("{kind}-{}", &rest[17..])
        }
        _ => word.to_owned(),
    };
    message.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// What all tests together cover.
struct Coverage {
    /// Of each action the refusals: code and message, and their sources.
    refusals: BTreeMap<String, BTreeMap<(String, String), BTreeSet<String>>>,
    answered: BTreeSet<String>,
}

/// What all other tests cover; `None` where one of them fails.
static COVERAGE: LazyLock<Option<Coverage>> = LazyLock::new(|| {
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("coverage-{}", std::process::id()));
    let tests = env::current_exe().expect("the tests have a path");
    let run = Command::new(tests)
        .args(["--skip", "coverage::", "--skip", "properties::", "--quiet"])
        .env(VARIABLE, &log)
        .output()
        .expect("the tests run");
    if !run.status.success() {
        return None;
    }
    let text = fs::read_to_string(&log).expect("the tests recorded something");
    fs::remove_file(&log).expect("the file goes");
    let mut coverage = Coverage { refusals: BTreeMap::new(), answered: BTreeSet::new() };
    for line in text.lines() {
        match serde_json::from_str(line).expect("reads") {
            Seen::Answered { action } => drop(coverage.answered.insert(action)),
            Seen::Refused { action, code, message, source } => {
                coverage.refusals.entry(action).or_default().entry((code, message)).or_default().insert(source);
            }
        }
    }
    Some(coverage)
});

#[track_caller]
fn coverage() -> &'static Coverage {
    COVERAGE.as_ref().expect("other tests fail, so that their coverage is not known")
}

/// Actions that refuse nothing of their own: they have no input but what all actions share.
fn has_own_input(action: &str) -> bool {
    MODEL
        .members(MODEL.input(action))
        .any(|member| !matches!(member.query.as_str(), "DryRun" | "MaxResults" | "NextToken"))
}

#[test]
fn at_least_250_refusals_are_asserted_and_every_action_has_some() {
    let refusals = &coverage().refusals;
    let count: usize = action_names().iter().filter_map(|action| refusals.get(*action)).map(BTreeMap::len).sum();
    assert!(count >= 250, "only {count} refusals");
    let without: Vec<_> =
        action_names().into_iter().filter(|action| has_own_input(action) && !refusals.contains_key(*action)).collect();
    assert!(without.is_empty(), "no test asserts a refusal of {without:?}");
}

/// Actions that have nothing to answer here, and why.
const EMPTY: &[(&str, &str)] = &[
    ("AcceptAddressTransfer", "another account has to offer the address"),
    ("DescribePublicIpv4Pools", "nobody brings addresses of their own"),
    ("DescribeVolumesModifications", "nothing here modifies a volume"),
];

#[test]
fn every_action_answers_something_in_some_test() {
    let silent: Vec<_> = action_names()
        .into_iter()
        .filter(|action| !coverage().answered.contains(*action) && !EMPTY.iter().any(|(empty, _)| empty == action))
        .collect();
    assert!(silent.is_empty(), "no test gets an answer of {silent:?}");
}

/// A row of the table.
struct Row<'a> {
    action: &'a str,
    refusals: Option<&'a BTreeMap<(String, String), BTreeSet<String>>>,
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has = |name: &str| MODEL.members(MODEL.input(self.action)).any(|member| member.query == name);
        let mark = |name: &str, letter: &'static str| if has(name) { letter } else { "" };
        let flags =
            [mark("DryRun", "D"), mark("ClientToken", "T"), mark("Filter", "F"), mark("NextToken", "P")].concat();
        let count = self.refusals.map_or(0, BTreeMap::len);
        let codes: BTreeSet<_> =
            self.refusals.into_iter().flat_map(BTreeMap::keys).map(|(code, _)| format!("`{code}`")).collect();
        let codes = codes.into_iter().collect::<Vec<_>>().join(", ");
        write!(f, "| {} | {flags} | {count} | {codes} |", self.action)
    }
}

#[test]
fn the_documentation_lists_what_is_covered() {
    const BEGIN: &str =
        "<!-- The table is written by the tests: UPDATE_DOCS=1 cargo test -p vpcrun-emulator --test ec2 coverage -->\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/emulator.md");
    let page = fs::read_to_string(&path).expect("docs/emulator.md");
    let (prose, _) = page.split_once(BEGIN).expect("the place of the table");
    let names = action_names();
    let rows: Vec<_> =
        names.iter().map(|action| Row { action, refusals: coverage().refusals.get(*action) }.to_string()).collect();
    let count: usize = names.iter().filter_map(|action| coverage().refusals.get(*action)).map(BTreeMap::len).sum();
    let table = format!(
        "\n{} actions, {count} different refusals.\n\n| Action | | Refusals | Codes |\n|-|-|-|-|\n{}\n",
        names.len(),
        rows.join("\n")
    );
    let wanted = format!("{prose}{BEGIN}{table}");
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &wanted).expect("docs/emulator.md is written");
    }
    let same = page == wanted || env::var_os("UPDATE_DOCS").is_some();
    assert!(
        same,
        "docs/emulator.md is not what the tests say: run UPDATE_DOCS=1 cargo test -p vpcrun-emulator --test ec2 coverage"
    );
}

#[test]
fn messages_are_the_same_whatever_the_ids() {
    assert_eq!(without_ids("The vpc ID 'vpc-0123456789abcdef0' does not exist"), "The vpc ID 'vpc-' does not exist");
    assert_eq!(without_ids("Invalid id: \"vpc-1\""), "Invalid id: \"vpc-1\"");
}
