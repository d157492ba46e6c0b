//! What the documents show is what happens: output behind `<!-- output: vpcrun … -->` is compared with a real run, Lua is run or
//! compared with the bundled runbook. `UPDATE_DOCS=1 tests/run -p vpcrun --test house docs` writes the output anew.

use std::path::Path;
use std::process::Command;

use super::support::{Home, repository};

const DOCUMENTS: [&str; 3] = ["README.md", "docs/tutorial.md", "docs/tutorial.ja.md"];
const MARKER: &str = "<!-- output: vpcrun ";

fn read(document: &str) -> String {
    std::fs::read_to_string(repository().join(document)).expect(document)
}

/// The fenced blocks of a language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let open = format!("```{language}\n");
    text.split(open.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

#[test]
fn output_in_the_documents_is_real() {
    for document in DOCUMENTS {
        let text = read(document);
        let home = Home::new();
        let mut parts = text.split(MARKER);
        let mut written = parts.next().expect("a text before the first marker").to_owned();
        let mut runs = 0;
        for part in parts {
            let (arguments, rest) = part.split_once(" -->\n").expect("the marker ends");
            let (shown, rest) =
                rest.trim_start().strip_prefix("```text\n").and_then(|it| it.split_once("```")).expect("a block");
            let real = run(&home, arguments);
            if std::env::var_os("UPDATE_DOCS").is_none() {
                assert_eq!(comparable(shown), comparable(&real), "{document}: vpcrun {arguments}");
            }
            written.push_str(&format!("{MARKER}{arguments} -->\n```text\n{real}```{rest}"));
            runs += 1;
        }
        assert!(runs > 0, "{document} shows no output");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(repository().join(document), written).expect(document);
        }
    }
}

/// Both streams as a person sees them.
fn run(home: &Home, arguments: &str) -> String {
    let vpcrun = Path::new(env!("CARGO_BIN_EXE_vpcrun"));
    let mut command = home.command(&[]);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("'{}' {arguments} 2>&1", vpcrun.display())]).current_dir(home.path());
    shell.env_clear().envs(command.env("COLUMNS", "80").get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = shell.output().expect("sh runs");
    String::from_utf8(output.stdout).expect("vpcrun prints UTF-8")
}

/// Lines without what differs from run to run: ids, times, and the order in which resources that are independent end.
fn comparable(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(without_chance).collect();
    lines.sort();
    lines
}

/// A line without the digits of ids and without the time, which differ from run to run.
fn without_chance(line: &str) -> String {
    let line: Vec<String> = line.split(' ').map(without_digits).collect();
    let mut words: Vec<&str> = line.iter().map(String::as_str).collect();
    if let Some(unit) = words.iter().position(|word| *word == "ms").filter(|unit| *unit > 0) {
        words[unit - 1] = "0";
    }
    words.join(" ").trim_end().to_owned()
}

/// `vpc-0b1c6f0d…` is `vpc-00000000…`.
fn without_digits(word: &str) -> String {
    let Some((prefix, digits)) = word.rsplit_once('-') else { return word.to_owned() };
    let bare = digits.trim_end_matches('…');
    let is_id = bare.len() >= 8 || digits.ends_with('…');
    if !is_id || !bare.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return word.to_owned();
    }
    let zeros = "0".repeat(bare.len());
    format!("{prefix}-{zeros}{}", &digits[bare.len()..])
}

#[test]
fn lua_in_the_tutorial_is_the_bundled_runbooks() {
    let runbook: Vec<String> = read("runbooks/home-ssh.lua").lines().map(|line| line.trim().to_owned()).collect();
    for document in ["docs/tutorial.md", "docs/tutorial.ja.md"] {
        let text = read(document);
        let blocks = blocks(&text, "lua");
        assert!(blocks.len() >= 8, "{document} quotes each step");
        for block in blocks {
            let lines: Vec<&str> = block.lines().map(str::trim).collect();
            let stands = runbook.windows(lines.len()).any(|window| window == lines);
            assert!(stands, "{document} quotes what runbooks/home-ssh.lua does not say:\n{block}");
        }
    }
}

#[test]
fn lua_in_the_readme_runs() {
    let text = read("README.md");
    let blocks = blocks(&text, "lua");
    assert!(!blocks.is_empty());
    for block in blocks {
        let home = Home::new();
        home.write("readme.lua", block);
        let outcome = home.run(&["readme.lua", "--world", ":memory:"]);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    }
}
