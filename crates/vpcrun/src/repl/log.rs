//! What went well in a session, as a runbook.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use super::lexer::{Kind, tokens};
use crate::lua::{Declared, Fault};

/// An input that went well.
#[derive(Clone, Debug)]
struct Entry {
    text: String,
    /// Where it came from, if it is a runbook that was run here.
    from: Option<String>,
    /// Whether it can stand in a runbook as it is.
    is_statement: bool,
    /// What it declared: region, kind and name.
    declares: Vec<(String, &'static str, String)>,
}

/// The inputs of a session that went well, in order.
#[derive(Clone, Debug, Default)]
pub struct Log(Vec<Entry>);

impl Log {
    /// Adds what was typed; `statement` is its text as a statement, if it is one.
    pub fn input(&mut self, text: &str, statement: Option<String>, declared: &[Declared]) {
        // A call is an expression that is a statement too.
        let is_statement = statement.is_some() || (is_call(text) && !declared.is_empty()) || is_action(text);
        let text = statement.unwrap_or_else(|| text.to_owned()).trim_end().to_owned();
        self.0.push(Entry { text, from: None, is_statement, declares: identities(declared) });
    }

    /// Adds a runbook that was run.
    pub fn runbook(&mut self, name: &str, text: &str, declared: &[Declared]) {
        let from = Some(name.to_owned());
        let text = text.trim_end().to_owned();
        self.0.push(Entry { text, from, is_statement: true, declares: identities(declared) });
    }

    /// Whether there is nothing to save.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.0.iter().any(|entry| entry.is_statement)
    }

    /// The session as a runbook, and the names that it declares twice, which no runbook may.
    ///
    /// What was declared again takes the place of its first declaration, unless it needs something that was assigned
    /// between the two. Expressions that were only looked at are comments.
    #[must_use]
    pub fn script(&self, title: &str, region: &str) -> (String, Vec<String>) {
        let (entries, twice) = settled(&self.0);
        let mut script = format!("-- {title}\n\n");
        let mut has_ec2 = false;
        for entry in entries {
            // A runbook opens EC2 itself, and wants its arguments first.
            if entry.from.is_none() && !std::mem::replace(&mut has_ec2, true) {
                script.push_str(&format!("ec2 = aws.ec2 {{ region = {} }}\n", super::shown::quoted(region)));
            }
            match &entry.from {
                Some(name) if ends_in_return(&entry.text) => {
                    script.push_str(&format!("-- from {name}\ndo\n{}\nend\n", entry.text));
                }
                Some(name) => script.push_str(&format!("-- from {name}\n{}\n", entry.text)),
                None if entry.is_statement => script.push_str(&format!("{}\n", entry.text)),
                None => script.extend(entry.text.lines().map(|line| format!("-- {line}\n"))),
            }
        }
        (script, twice)
    }

    /// Writes the runbook to a new file. Returns the names that it declares twice.
    ///
    /// # Errors
    /// When the file exists, or cannot be written.
    pub fn save(&self, path: &Path, title: &str, region: &str) -> Result<Vec<String>, Fault> {
        let (script, twice) = self.script(title, region);
        let failed = |error: std::io::Error| {
            let fault = Fault::usage(format!("{}: {error}", path.display())).code("Save");
            match error.kind() {
                std::io::ErrorKind::AlreadyExists => fault.help("nothing is overwritten: give another name"),
                _ => fault,
            }
        };
        let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
        file.write_all(script.as_bytes()).map_err(failed)?;
        Ok(twice)
    }
}

fn identities(declared: &[Declared]) -> Vec<(String, &'static str, String)> {
    declared.iter().map(|one| (one.region.clone(), one.kind, one.name.clone())).collect()
}

/// The entries with each name declared once, where that can be, and the names where it cannot.
fn settled(all: &[Entry]) -> (Vec<Entry>, Vec<String>) {
    let mut entries: Vec<Entry> = Vec::new();
    let mut twice = Vec::new();
    for entry in all {
        let is_again = |earlier: &Entry| earlier.declares.iter().any(|one| entry.declares.contains(one));
        let Some(at) = entries.iter().position(is_again) else {
            entries.push(entry.clone());
            continue;
        };
        let replaces = entries[at].declares.iter().all(|one| entry.declares.contains(one));
        let alone = entries.iter().filter(|earlier| is_again(earlier)).count() == 1;
        let between: Vec<String> = entries[at + 1..].iter().flat_map(|entry| assigned(&entry.text)).collect();
        let needs_one = reads(&entry.text).into_iter().any(|name| between.iter().any(|one| one == name));
        if replaces && alone && !needs_one {
            entries[at] = entry.clone();
        } else {
            twice.extend(
                entry
                    .declares
                    .iter()
                    .filter(|one| entries.iter().any(|e| e.declares.contains(one)))
                    .map(|one| one.2.clone()),
            );
            entries.push(entry.clone());
        }
    }
    twice.sort();
    twice.dedup();
    (entries, twice)
}

/// Names that a text assigns or declares outside of brackets, at any depth of blocks: more than enough to be careful.
fn assigned(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let mut brackets = 0_usize;
    let mut names = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let beside = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |token| token.text(text));
        let (before, next) = (beside(at.checked_sub(1)), beside(at.checked_add(1)));
        match token.text(text) {
            "(" | "[" | "{" if token.kind == Kind::Symbol => brackets += 1,
            ")" | "]" | "}" if token.kind == Kind::Symbol => brackets = brackets.saturating_sub(1),
            name if token.kind == Kind::Name
                && brackets == 0
                && (["=", ","].contains(&next) || ["local", "function", ","].contains(&before)) =>
            {
                names.push(name.to_owned());
            }
            _ => {}
        }
    }
    names
}

/// Names of variables that a text reads; not those of members and keys.
fn reads(text: &str) -> Vec<&str> {
    let tokens = tokens(text);
    let is_read = |at: usize| {
        let is = |at: Option<usize>, symbols: &[&str]| {
            at.and_then(|at| tokens.get(at)).is_some_and(|token| symbols.contains(&token.text(text)))
        };
        let is_key = is(Some(at + 1), &["="]) && is(at.checked_sub(1), &["{", ",", ";"]);
        tokens[at].kind == Kind::Name && !is_key && !is(at.checked_sub(1), &[".", ":"])
    };
    (0..tokens.len()).filter(|at| is_read(*at)).map(|at| tokens[at].text(text)).collect()
}

/// Whether an expression is a call, which is a statement too.
fn is_call(text: &str) -> bool {
    let tokens = tokens(text);
    let code: Vec<_> = tokens.iter().filter(|token| token.kind != Kind::Comment).collect();
    let starts = code.first().is_some_and(|token| token.kind == Kind::Name);
    let ends = code
        .last()
        .is_some_and(|token| token.is(text, ")") || token.is(text, "}") || matches!(token.kind, Kind::String { .. }));
    let operators = ["+", "-", "*", "/", "//", "%", "^", "..", "==", "~=", "<", ">", "<=", ">=", "and", "or", "not"];
    let mut depth = 0_i64;
    let plain = code.iter().all(|token| {
        match token.text(text) {
            "(" | "{" | "[" => depth += 1,
            ")" | "}" | "]" => depth -= 1,
            other if depth == 0 => return !(operators.contains(&other) || other == ","),
            _ => {}
        }
        true
    });
    starts && ends && plain
}

/// Whether an expression is a call of an action that changes something.
fn is_action(text: &str) -> bool {
    const LOOKS: [&str; 3] = ["describe_", "get_", "search_"];
    let rest = text.trim_start();
    let action = rest.split_once(".api.").map(|(_, rest)| rest);
    is_call(text) && action.is_some_and(|action| !LOOKS.iter().any(|look| action.starts_with(look)))
}

/// Whether a chunk's outermost block ends in `return`, behind which nothing may stand.
fn ends_in_return(text: &str) -> bool {
    let mut depth = 0_i64;
    tokens(text).iter().filter(|token| token.kind == Kind::Keyword).any(|token| {
        match token.text(text) {
            "function" | "do" | "if" | "repeat" => depth += 1,
            "end" | "until" => depth -= 1,
            "return" => return depth == 0,
            _ => {}
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(kind: &'static str, name: &str) -> Declared {
        Declared { kind, name: name.into(), site: None, region: "r".into(), values: Vec::new(), block: None }
    }

    #[test]
    fn looks_are_comments_and_changes_are_not() {
        let mut log = Log::default();
        log.input("v = ec2.vpc { name = 'a' }", Some("v = ec2.vpc { name = 'a' }".into()), &[declared("vpc", "a")]);
        log.input("#v.tags", None, &[]);
        log.input("ec2.api.describe_vpcs()", None, &[]);
        log.input("ec2.api.create_vpc { cidr_block = '10.0.0.0/16' }", None, &[]);
        log.input("ec2.vpc { name = 'b' }", None, &[declared("vpc", "b")]);
        insta::assert_snapshot!(log.script("Saved", "ap-northeast-1").0, @r#"
        -- Saved

        ec2 = aws.ec2 { region = "ap-northeast-1" }
        v = ec2.vpc { name = 'a' }
        -- #v.tags
        -- ec2.api.describe_vpcs()
        ec2.api.create_vpc { cidr_block = '10.0.0.0/16' }
        ec2.vpc { name = 'b' }
        "#);
    }

    #[test]
    fn what_is_declared_again_takes_the_first_ones_place() {
        let mut log = Log::default();
        log.input(
            "v = ec2.vpc { name = 'a', cidr = c }",
            Some("v = ec2.vpc { name = 'a', cidr = c }".into()),
            &[declared("vpc", "a")],
        );
        log.input("s = ec2.subnet { vpc = v }", Some("s = ec2.subnet { vpc = v }".into()), &[declared("subnet", "s")]);
        log.input(
            "v = ec2.vpc { name = 'a', cidr = c, dns_hostnames = true }",
            Some("v = ec2.vpc { name = 'a', cidr = c, dns_hostnames = true }".into()),
            &[declared("vpc", "a")],
        );
        let (script, twice) = log.script("Saved", "r");
        assert!(script.find("dns_hostnames").unwrap() < script.find("ec2.subnet").unwrap(), "{script}");
        assert!(script.matches("ec2.vpc").count() == 1 && twice.is_empty());
        log.input(
            "v = ec2.vpc { name = 'a', tags = { s = s.id } }",
            Some("v = ec2.vpc { name = 'a', tags = { s = s.id } }".into()),
            &[declared("vpc", "a")],
        );
        assert_eq!(log.script("Saved", "r").1, ["a"]);
    }

    #[test]
    fn a_runbook_that_returns_is_wrapped() {
        assert!(ends_in_return("local x = 1\nreturn x"));
        assert!(!ends_in_return("local f = function() return 1 end"));
    }

    #[test]
    fn nothing_is_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.lua");
        std::fs::write(&path, "mine").unwrap();
        let fault = Log::default().save(&path, "t", "r").unwrap_err();
        assert!(fault.diagnostic.help.unwrap().contains("another name"));
        assert_eq!(std::fs::read_to_string(path).unwrap(), "mine");
    }
}
