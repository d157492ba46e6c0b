//! What people see, word for word: help, runs with and without a terminal, JSON documents, typical errors. What differs
//! from run to run is made equal, at equal width where columns depend on it.
//!
//! `INSTA_UPDATE=always cargo test -p vpcrun --test house snapshots` accepts what changed; look at the diff then.

use std::process::Command;
use std::time::Duration;

use vpcrun_emulator::{Options, Request, World};

use super::aws;
use super::support::{Home, Outcome, REGION, runbook};
use super::terminal::Terminal;
use super::wire::{action, listen};

/// A person's machine with a bundled runbook under its own name.
fn machine() -> Home {
    let home = Home::new();
    let text = std::fs::read_to_string(runbook("home-ssh.lua")).expect("the runbook");
    home.write("home-ssh.lua", &text);
    home
}

/// Both streams and the exit code of a command.
fn both(outcome: &Outcome, home: &Home) -> String {
    let code = outcome.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
    let text = format!("exit code {code}\n--- stdout\n{}--- stderr\n{}", outcome.stdout, outcome.stderr);
    redacted(&text, home)
}

fn shown(home: &Home, arguments: &[&str]) -> String {
    both(&home.run(arguments), home)
}

/// The screen of a terminal in which a command has ended.
fn screen(command: &Command, columns: u16, home: &Home) -> String {
    let (code, screen) = Terminal::start(command, columns, 60).end();
    redacted(&format!("exit code {code}\n{screen}\n"), home)
}

/// The text with what differs between two runs made equal: ids, times, paths, and the order of rows that are done side by
/// side.
fn redacted(text: &str, home: &Home) -> String {
    let text = text.replace(&home.path().display().to_string(), "[home]");
    let mut lines: Vec<String> = text.lines().map(|line| without_times(&without_ids(line))).collect();
    let is_row = |line: &String| ["  + ", "  - ", "  · "].iter().any(|mark| line.starts_with(mark));
    for rows in lines.chunk_by_mut(|one, other| is_row(one) && is_row(other)) {
        rows.sort();
    }
    lines.join("\n") + "\n"
}

/// `vpc-0b1c6f0…` becomes `vpc-xxxxxxx…`.
fn without_ids(line: &str) -> String {
    const KINDS: [&str; 11] = ["vpc", "igw", "subnet", "rtb", "sg", "sgr", "key", "i", "eni", "eipalloc", "eipassoc"];
    let mut redacted = String::new();
    let mut rest = line;
    while let Some(dash) = rest.find('-') {
        let (head, tail) = rest.split_at(dash + 1);
        let kind = head[..dash].rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let digits = tail.chars().take_while(char::is_ascii_hexdigit).count();
        let ends = tail[digits..].chars().next().is_none_or(|c| !c.is_ascii_alphanumeric());
        redacted.push_str(head);
        if KINDS.contains(&kind) && digits >= 3 && ends && tail.contains(|c: char| c.is_ascii_digit()) {
            redacted.push_str(&"x".repeat(digits));
            rest = &tail[digits..];
        } else {
            rest = tail;
        }
    }
    redacted + rest
}

/// `12 ms` and `1.2 s` become `N ms`; so do times, sizes and request ids in JSON, and the KiB of a world.
fn without_times(line: &str) -> String {
    for key in ["\"elapsed_ms\": ", "\"modified_unix\": ", "\"bytes\": ", "\"request_id\": "] {
        if let Some((head, tail)) = line.split_once(key) {
            let comma = if tail.ends_with(',') { "," } else { "" };
            return format!("{head}{key}N{comma}");
        }
    }
    let words: Vec<&str> = line.split(' ').collect();
    let is_number = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_digit() || c == '.');
    let mut kept: Vec<String> = Vec::new();
    for (n, word) in words.iter().enumerate() {
        match words.get(n + 1) {
            Some(&("ms" | "s")) if is_number(word) => kept.push("N".into()),
            Some(&"KiB") if is_number(word) => kept.push("N".repeat(word.len())),
            _ => kept.push((*word).to_owned()),
        }
    }
    kept.join(" ").replace("N s", "N ms")
}

/// The words after `Commands:` in a help text.
fn commands(help: &str) -> Vec<String> {
    let list = help.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).filter(|name| name != "help").collect()
}

#[test]
fn every_commands_help() {
    let home = Home::new();
    let mut waiting = vec![Vec::<String>::new()];
    let mut seen = 0;
    while let Some(command) = waiting.pop() {
        let arguments: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let outcome = home.run(&arguments);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{command:?}");
        let wide = outcome.stdout.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{command:?} fits 80 columns");
        let name = std::iter::once("help").chain(command.iter().map(String::as_str)).collect::<Vec<_>>().join("-");
        insta::assert_snapshot!(name, redacted(&outcome.stdout, &home));
        let below = commands(&outcome.stdout).into_iter().map(|name| [command.clone(), vec![name]].concat());
        waiting.extend(below);
        seen += 1;
    }
    assert!(seen >= 8, "the commands are found in the help: {seen}");
}

#[test]
fn a_runbooks_help() {
    insta::assert_snapshot!("help-of-a-runbook", shown(&machine(), &["home-ssh.lua", "--help"]));
}

#[test]
fn without_a_terminal() {
    let home = machine();
    insta::assert_snapshot!("plain-apply", shown(&home, &["home-ssh.lua"]));
    insta::assert_snapshot!("plain-apply-again", shown(&home, &["home-ssh.lua"]));
    insta::assert_snapshot!("plain-ls", shown(&home, &["ls"]));
    insta::assert_snapshot!("plain-world-list", shown(&home, &["world", "list"]));
    insta::assert_snapshot!("plain-destroy", shown(&home, &["destroy", "home-ssh.lua"]));
    insta::assert_snapshot!("plain-apply-quiet", shown(&home, &["home-ssh.lua", "-q"]));
    insta::assert_snapshot!("plain-new", shown(&home, &["new", "lab"]));
}

#[test]
fn in_a_terminal_of_eighty_columns() {
    let home = machine();
    let in_terminal = |arguments: &[&str], columns| {
        let text = screen(&home.command(arguments), columns, &home);
        let wide = text.lines().find(|line| line.chars().count() > usize::from(columns));
        assert_eq!(wide, None, "{arguments:?}");
        text
    };
    insta::assert_snapshot!("terminal-apply", in_terminal(&["home-ssh.lua"], 80));
    insta::assert_snapshot!("terminal-apply-again", in_terminal(&["home-ssh.lua"], 80));
    insta::assert_snapshot!("terminal-ls", in_terminal(&["ls"], 80));
    insta::assert_snapshot!("terminal-ls-wide", in_terminal(&["ls"], 120));
    insta::assert_snapshot!("terminal-destroy", in_terminal(&["destroy", "home-ssh.lua"], 80));
    insta::assert_snapshot!("terminal-apply-wide", in_terminal(&["home-ssh.lua"], 120));
    insta::assert_snapshot!("terminal-destroy-narrow", in_terminal(&["destroy", "home-ssh.lua"], 40));
}

#[test]
fn json_documents() {
    let home = machine();
    let document = |arguments: &[&str]| {
        let outcome = home.run(arguments);
        outcome.document();
        redacted(&format!("exit code {}\n{}", outcome.code.unwrap_or(-1), outcome.stdout), &home)
    };
    insta::assert_snapshot!("json-apply", document(&["home-ssh.lua", "--json"]));
    insta::assert_snapshot!("json-world-list", document(&["world", "list", "--json"]));
    insta::assert_snapshot!("json-help", document(&["home-ssh.lua", "--help", "--json"]));
    insta::assert_snapshot!("json-destroy", document(&["destroy", "home-ssh.lua", "--json"]));
    insta::assert_snapshot!("json-world-reset", document(&["world", "reset", "default", "--yes", "--json"]));
    insta::assert_snapshot!("json-new", document(&["new", "lab", "--json"]));
    // Failures: one document too.
    insta::assert_snapshot!("json-new-refused", document(&["new", "lab", "--json"]));
    insta::assert_snapshot!("json-not-confirmed", document(&["world", "reset", "default", "--json"]));
    insta::assert_snapshot!("json-no-runbook", document(&["nothing.lua", "--json"]));
    insta::assert_snapshot!("json-misused", document(&["home-ssh.lua", "--json", "--wrld", "x"]));
    home.write("bad.lua", "local ec2 = aws.ec2 {}\nec2.vpc { name = 'v', cidr = '10.0.0.0/8' }\n");
    insta::assert_snapshot!("json-refusal", document(&["bad.lua", "--json"]));
    home.write("unmet.lua", "runbook.expect.equal(1, 2, 'one is two')\n");
    insta::assert_snapshot!("json-expectation", document(&["unmet.lua", "--json"]));
}

/// Runbooks that are wrong, each in its own way.
const WRONG: [(&str, &str); 12] = [
    ("unknown-key", "local ec2 = aws.ec2 {}\nlocal vpc = ec2.vpc { name = \"v\", cird = \"10.0.0.0/16\" }\n"),
    ("missing-key", "local ec2 = aws.ec2 {}\nlocal vpc = ec2.vpc { name = \"v\" }\n"),
    (
        "wrong-type",
        "local ec2 = aws.ec2 {}\nlocal s = ec2.subnet { name = \"s\", vpc = \"vpc-1\", cidr = \"10.0.0.0/24\" }\n",
    ),
    ("bad-cidr", "local ec2 = aws.ec2 {}\nlocal vpc = ec2.vpc { name = \"v\", cidr = \"10.0.0.0/33\" }\n"),
    (
        "overlap",
        "local ec2 = aws.ec2 {}\nlocal vpc = ec2.vpc { name = \"v\", cidr = \"10.0.0.0/16\" }\n\
         local a = ec2.subnet { name = \"a\", vpc = vpc, cidr = \"10.0.0.0/24\" }\nprint(a.id:sub(1, 7))\n\
         local b = ec2.subnet { name = \"b\", vpc = vpc, cidr = \"10.0.0.128/25\" }\n\
         local c = ec2.instance { name = \"c\", subnet = b }\n",
    ),
    ("unknown-action", "local ec2 = aws.ec2 {}\nec2.api.describe_vpc {}\n"),
    ("refused-call", "local ec2 = aws.ec2 {}\nec2.api.delete_vpc { vpc_id = \"vpc-0123456789abcdef0\" }\n"),
    ("syntax", "local ec2 = aws.ec2 {}\nif ec2 the\nend\n"),
    ("runtime", "local ec2 = aws.ec2 {}\nlocal t = nil\nprint(t.x)\n"),
    ("sandbox", "os.execute(\"rm -rf /\")\n"),
    ("expectation", "runbook.expect.equal(cidr.usable(\"10.0.0.0/24\"), 256, \"usable addresses\")\n"),
    (
        "japanese",
        "-- 東京のネットワーク\nlocal ec2 = aws.ec2 {}\n\
         local 名前 = \"x\"\n",
    ),
];

#[test]
fn typical_errors() {
    let home = machine();
    for (name, text) in WRONG {
        home.write("wrong.lua", text);
        insta::assert_snapshot!(format!("error-{name}"), shown(&home, &["wrong.lua", "--world", ":memory:"]));
    }
    let text = "local ec2 = aws.ec2 {}\nlocal vpc = ec2.vpc { name = \"東京の踏み台用ネットワーク\", cidr = \"10.0.0.0/8\" } -- 本番環境\n";
    home.write("東京.lua", text);
    let command = home.command(&["東京.lua", "--world", ":memory:"]);
    insta::assert_snapshot!("error-japanese-terminal", screen(&command, 80, &home));
    insta::assert_snapshot!("error-japanese-narrow", screen(&command, 40, &home));
}

#[test]
fn typical_errors_of_the_command_line() {
    let home = machine();
    insta::assert_snapshot!("error-no-runbook", shown(&home, &["home-shs.lua"]));
    insta::assert_snapshot!("error-no-command", shown(&home, &["destory", "--yes"]));
    insta::assert_snapshot!("error-no-option", shown(&home, &["home-ssh.lua", "--wrld", "x"]));
    insta::assert_snapshot!(
        "error-no-argument",
        shown(&home, &["home-ssh.lua", "--set", "hom=x", "--world", ":memory:"])
    );
    insta::assert_snapshot!(
        "error-bad-argument",
        shown(&home, &["home-ssh.lua", "--set", "home=x", "--world", ":memory:"])
    );
    insta::assert_snapshot!("error-no-credentials", shown(&home, &["home-ssh.lua", "--aws"]));
    home.write("mykeypair.pem", "mine\n");
    insta::assert_snapshot!("error-key-file", shown(&home, &["home-ssh.lua", "--world", ":memory:"]));
    home.write("broken.world", "no world");
    insta::assert_snapshot!("error-no-world", shown(&home, &["ls", "--world", "./broken.world"]));
}

#[test]
fn colours_are_there_when_they_are_wanted() {
    let home = machine();
    home.write("wrong.lua", WRONG[0].1);
    let coloured = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = home.command(&["wrong.lua", "--world", ":memory:"]);
        command.args(arguments).envs(environment.iter().copied());
        let output = command.output().expect("vpcrun starts");
        output.stderr.contains(&0x1b)
    };
    assert!(!coloured(&[], &[]), "no terminal, no colour");
    assert!(coloured(&["--color", "always"], &[]));
    assert!(coloured(&["--color=always"], &[("NO_COLOR", "1")]), "the option wins");
    assert!(coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&["--color", "auto"], &[("NO_COLOR", "1")]));
    let misused = home.command(&["--color", "always", "--wrld"]).output().expect("vpcrun starts");
    assert!(misused.stderr.contains(&0x1b), "the parser's own errors follow it too");
}

#[test]
fn a_new_runbook_runs() {
    let home = Home::new();
    assert_eq!(home.run(&["new", "lab"]).code, Some(0));
    let document = home.run(&["lab.lua", "--json"]).json();
    assert_eq!(
        (&document["created"], &document["outputs"]["lab-1"]),
        (&6.into(), &"10.0.0.0/20, 4091 addresses, ap-northeast-1a".into())
    );
    assert_eq!(home.run(&["lab.lua", "--json"]).json()["unchanged"], document["created"]);
    assert_eq!(home.run(&["lab.lua", "--json", "--set", "cidr=10.1.0.0/24", "--world", ":memory:"]).code, Some(0));
    assert_eq!(home.run(&["destroy", "lab.lua", "--json"]).json()["deleted"], document["created"]);
}

#[test]
fn what_is_under_way_is_drawn_in_place() {
    let home = Home::new();
    home.write("slow.lua", "aws.ec2 {}.vpc { name = 'myvpc', cidr = '10.0.0.0/16' }\n");
    let world = World::in_memory(Options::default());
    let url = listen(move |body| {
        if action(&body) == "CreateVpc" {
            std::thread::sleep(Duration::from_millis(1500));
        }
        let response = world.handle(&Request { region: REGION.to_owned(), body });
        Some((response.status, response.body))
    });
    let arguments = ["slow.lua", "--endpoint-url", &url];
    let terminal = Terminal::start(&home.command(&arguments), 80, 24);
    terminal.wait_for(" vpc myvpc 0:00");
    terminal.wait_for(" vpc myvpc 0:01");
    let (code, screen) = terminal.end();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("  + vpc              myvpc") && !screen.contains("myvpc 0:0"), "{screen}");

    // Where nobody looks at it, nothing is drawn: each resource has its line.
    home.run(&["destroy", "slow.lua", "--endpoint-url", &url]);
    let mut command = home.command(&arguments);
    let (_, screen) = Terminal::start(command.env("CI", "true"), 80, 24).end();
    assert!(screen.contains("  + vpc              myvpc"), "{screen}");
    home.run(&["destroy", "slow.lua", "--endpoint-url", &url]);
    let quiet = home.run(&["slow.lua", "--endpoint-url", &url, "-q"]);
    assert_eq!((quiet.code, quiet.stdout.as_str(), quiet.stderr.as_str()), (Some(0), "", ""));
}

#[test]
fn a_teardown_on_aws_is_asked_for() {
    let home = Home::new();
    home.write("net.lua", "aws.ec2 {}.vpc { name = 'v', cidr = '10.0.0.0/16' }\n");
    std::fs::create_dir(home.path().join(".aws")).expect("a folder");
    home.write(".aws/config", &format!("[default]\nregion = {REGION}\nendpoint_url = {}\n", aws::aws(&[])));
    let command = |arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.envs(aws::KEYS);
        command
    };
    let run = |arguments: &[&str]| command(arguments).output().expect("vpcrun starts");
    assert!(run(&["net.lua", "--aws"]).status.success());

    let destroy = ["destroy", "net.lua", "--aws"];
    let unasked = run(&destroy);
    assert_eq!(unasked.status.code(), Some(2), "there is nobody to ask: {unasked:?}");
    for answer in ["\r", "n\r"] {
        let mut terminal = Terminal::start(&command(&destroy), 80, 24);
        terminal.wait_for("Delete the stack \"net\" on AWS 123456789012");
        terminal.wait_for("? [y/N]");
        terminal.type_text(answer);
        let (code, screen) = terminal.end();
        assert!(code == 2 && screen.contains("nothing was deleted"), "{screen}");
    }
    let mut terminal = Terminal::start(&command(&destroy), 80, 24);
    terminal.wait_for("[y/N]");
    terminal.type_text("y\r");
    let (code, screen) = terminal.end();
    assert!(code == 0 && screen.contains("1 deleted"), "{screen}");

    assert!(run(&["net.lua", "--aws"]).status.success());
    assert!(run(&["destroy", "net.lua", "--aws", "--yes"]).status.success());
}

#[test]
fn every_call_is_shown_with_its_latency_when_asked() {
    let outcome = machine().run(&["home-ssh.lua", "-v", "--world", ":memory:"]);
    let shown = |name: &str| {
        let line = outcome.stderr.lines().find(|line| line.starts_with(&format!("    {name} ")));
        line.is_some_and(|line| line.ends_with(" µs") || line.ends_with(" ms"))
    };
    assert!(["DescribeVpcs", "CreateVpc", "RunInstances"].into_iter().all(shown), "{outcome:#?}");
}
