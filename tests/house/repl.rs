//! The interactive session in a terminal, as a person uses it, and code without a file.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use vpcrun_emulator::{Options, World};

use super::support::Home;
use super::terminal::Terminal;
use super::wire::{Cut, Server};

const VPC: &str = "v = ec2.vpc { name = \"lab\", cidr = \"10.0.0.0/16\" }";

/// A session in a terminal of 80 columns and 24 rows, at its first prompt.
fn session(home: &Home, arguments: &[&str]) -> Terminal {
    let terminal = Terminal::start(&home.command(arguments), 80, 24);
    terminal.wait_for("> ");
    terminal
}

/// Types a line and waits for what comes of it, and for the next prompt.
#[track_caller]
fn enter(terminal: &mut Terminal, line: &str, answer: &str) {
    // A long line is wrapped on the screen.
    let start: String = line.trim_start().chars().take(20).collect();
    terminal.type_text(line);
    terminal.wait_for(start.trim_end());
    terminal.type_text("\r");
    terminal.wait_for(answer);
    wait_for_prompt(terminal);
}

/// Between two prompts the terminal is an ordinary one: a Ctrl-D typed then is lost.
#[track_caller]
fn wait_for_prompt(terminal: &Terminal) {
    let start = Instant::now();
    while !terminal.screen().trim_end().ends_with('>') {
        assert!(start.elapsed() < Duration::from_secs(20), "no prompt comes:\n{}", terminal.screen());
        std::thread::sleep(Duration::from_millis(10));
    }
    // The prompt is drawn right after the terminal is taken over.
    std::thread::sleep(Duration::from_millis(30));
}

/// Leaves by Ctrl-D, and gives the screen with ids and addresses that differ between runs made alike.
fn left(mut terminal: Terminal) -> String {
    wait_for_prompt(&terminal);
    terminal.type_text("\x04");
    let (code, screen) = terminal.end();
    assert_eq!(code, 0, "{screen}");
    alike(&screen)
}

/// `vpc-05873a09fca079c56` as `vpc-00000000000000000`, also where it is cut.
fn alike(screen: &str) -> String {
    let mut out = String::new();
    let mut rest = screen;
    while let Some(at) = rest.find('-') {
        let (before, after) = rest.split_at(at + 1);
        out.push_str(before);
        let digits = after.chars().take_while(char::is_ascii_hexdigit).count();
        let cut = after[digits..].starts_with('…') && digits > 0;
        if digits == 17 || cut {
            out.push_str(&"0".repeat(digits));
            rest = &after[digits..];
        } else {
            rest = after;
        }
    }
    out.push_str(rest);
    out.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

#[test]
fn a_session_defines_completes_refuses_and_goes_on() {
    let home = Home::new();
    let mut terminal = session(&home, &[]);
    enter(&mut terminal, VPC, "+ vpc");
    enter(&mut terminal, "v", "available");
    terminal.type_text("ec2.subnet { name = \"a\", vpc = v, \t");
    terminal.wait_for("map_public_ip =");
    enter(&mut terminal, "cidr = \"10.0.0.0/8\" }", "the next free /24 in lab is");
    enter(&mut terminal, "v.cidr, #ec2.api.describe_route_tables{}.route_tables", "\n2");
    insta::assert_snapshot!(left(terminal));
}

#[test]
fn tab_completes_functions_keys_members_zones_and_names() {
    let home = Home::new();
    let mut terminal = session(&home, &[]);
    enter(&mut terminal, VPC, "+ vpc");
    for (typed, completed) in [
        ("x1 = ec2.intern\t", "x1 = ec2.internet_gateway"),
        ("x2 = v.main\t:ro\t", "x2 = v.main_route_table:route"),
        ("x3 = ec2.subnet { zo\t\"ap-northeast-1c\t", "x3 = ec2.subnet { zone = \"ap-northeast-1c\""),
        ("x4 = ec2.key_pair { type = \"e\t", "x4 = ec2.key_pair { type = \"ed25519\""),
        (
            "x5 = ec2.api.create_vpc { instance_te\t\"ded\t",
            "x5 = ec2.api.create_vpc { instance_tenancy = \"dedicated\"",
        ),
        ("x6 = ec2.api.describe_vpcs { vpc_ids = { \"la\t", "x6 = ec2.api.describe_vpcs { vpc_ids = { \"vpc-0"),
        ("x7 = ec2.subnet { vpc = v, map\ttr\t", "x7 = ec2.subnet { vpc = v, map_public_ip = true"),
        (".hel\tec2.elas\t", ".help ec2.elastic_ip"),
    ] {
        terminal.type_text(typed);
        terminal.wait_for(completed);
        terminal.type_text("\x03");
        wait_for_prompt(&terminal);
    }
    home.write("build.lua", "print('built')");
    terminal.type_text(".run bu\t");
    terminal.wait_for(".run build.lua");
    enter(&mut terminal, "", "built");
    left(terminal);
}

#[test]
fn ctrl_c_stops_a_loop_and_a_slow_call_and_clears_a_line() {
    let home = Home::new();
    let server = Server::start(World::in_memory(Options::default()));
    let mut command = home.command(&["repl", "--endpoint-url", &server.url, "--region", "ap-northeast-1"]);
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    let mut terminal = Terminal::start(&command, 80, 24);
    terminal.wait_for("> ");
    enter(&mut terminal, "kept = 'still here'", "still here");
    terminal.type_text("while true do end\r");
    std::thread::sleep(Duration::from_millis(200));
    terminal.type_text("\x03");
    terminal.wait_for("interrupted");
    wait_for_prompt(&terminal);

    server.cut(Some(Cut { call: 1, reply_lost: false }));
    terminal.type_text("print(1 .. 1) ec2.api.describe_vpcs{}\r");
    terminal.wait_for("call describe_vpcs 0:00");
    let stopped = Instant::now();
    terminal.type_text("\x03");
    wait_for_prompt(&terminal);
    enter(&mut terminal, "'prompt' .. 'again'", "\"promptagain\"");
    assert!(stopped.elapsed() < Duration::from_millis(1_800), "{:?}", stopped.elapsed());
    assert!(!terminal.screen().contains("call describe_vpcs"), "the spinner is gone: {}", terminal.screen());
    server.cut(None);

    terminal.type_text("a line that is not wanted\x03");
    wait_for_prompt(&terminal);
    enter(&mut terminal, "kept .. '!'", "\"still here!\"");
    enter(&mut terminal, "'calls ' .. #ec2.api.describe_vpcs{}.vpcs", "\"calls 1\"");
    left(terminal);
}

#[test]
fn an_unfinished_chunk_goes_on_and_a_pasted_block_is_one() {
    let home = Home::new();
    let mut terminal = session(&home, &[]);
    enter(&mut terminal, "local sum = 0", "sum");
    enter(&mut terminal, "for i = 1, 4 do", "       > ");
    enter(&mut terminal, "", "       > ");
    terminal.type_text("sum = sum + i\r");
    terminal.type_text("end\r");
    enter(&mut terminal, "sum + 100", "110");
    terminal.type_text("\x1b[200~local a = 20\nlocal b = 22\na * 10 + b\x1b[201~\r");
    terminal.wait_for("222");
    enter(&mut terminal, "a + b", "42");
    insta::assert_snapshot!(left(terminal));
}

#[test]
fn history_survives_without_secrets_and_for_its_owner_alone() {
    let home = Home::new();
    let mut terminal = session(&home, &[]);
    enter(&mut terminal, "first = 'one' .. 1", "one");
    enter(&mut terminal, "db_password = 'hunter' .. '2'; db_password = 'hunter2'", "hunter2");
    enter(&mut terminal, " hidden = 'space' .. 'd'", "space");
    left(terminal);
    let file = home.path().join(".local/state/vpcrun/history");
    let text = std::fs::read_to_string(&file).expect("a history");
    assert!(text.contains("first = ") && !text.contains("hunter") && !text.contains("hidden"), "{text}");
    assert_eq!(std::fs::metadata(&file).expect("the history").permissions().mode() & 0o777, 0o600);
    let mut terminal = session(&home, &[]);
    terminal.type_text("\x1b[A");
    terminal.wait_for("default> first = 'one' .. 1");
    terminal.type_text("\r");
    wait_for_prompt(&terminal);
    enter(&mut terminal, "first .. '-again'", "\"one1-again\"");
    left(terminal);
}

#[test]
fn what_went_well_is_saved_as_a_runbook_that_runs() {
    let home = Home::new();
    let mut terminal = session(&home, &[]);
    enter(&mut terminal, VPC, "+ vpc");
    enter(&mut terminal, "local s = ec2.subnet { name = 'a', vpc = v, cidr = '10.0.1.0/24' }", "+ subnet");
    enter(&mut terminal, "ec2.subnet { name = 'b', vpc = v, cird = '10.0.2.0/24' }", "did you mean `cidr`");
    enter(&mut terminal, "s.available_ip_address_count", "251");
    enter(&mut terminal, &VPC.replace(" }", ", dns_hostnames = true }"), "~ vpc");
    enter(&mut terminal, ".save lab.lua", "is written");
    enter(&mut terminal, ".save lab.lua", "give another name");
    left(terminal);
    let saved = std::fs::read_to_string(home.path().join("lab.lua")).expect("the runbook");
    assert!(saved.contains("-- s.available_ip_address_count") && !saved.contains("cird"), "{saved}");
    let document = home.run(&["lab.lua", "--world", ":memory:", "--json"]).json();
    assert_eq!((&document["created"], &document["unchanged"]), (&2.into(), &0.into()), "{saved}");
    let again = home.run(&["lab.lua", "--stack", "repl", "--json"]).json();
    assert_eq!(
        (&again["created"], &again["unchanged"]),
        (&0.into(), &2.into()),
        "the session's own resources: {again}"
    );
}

#[test]
fn a_runbook_leaves_its_variables() {
    let home = Home::new();
    home.write(
        "lab.lua",
        "local ec2 = aws.ec2 {}\nlocal vpc = ec2.vpc { name = \"lab\", cidr = \"10.1.0.0/16\" }\nlocal n = 1\n\
         local function more() n = n + 1 return n end\ndo local inner = 5 end\n",
    );
    let mut terminal = session(&home, &["lab.lua", "-i"]);
    terminal.wait_for("default> ");
    enter(&mut terminal, "vpc.cidr", "\"10.1.0.0/16\"");
    enter(&mut terminal, "more() + n, inner", "\n4");
    enter(&mut terminal, "vpc = ec2.vpc { name = 'lab', cidr = '10.1.0.0/16', dns_hostnames = true }", "~ vpc");
    left(terminal);
}

#[test]
fn dot_commands_answer() {
    let home = Home::new();
    let mut terminal = session(&home, &[]);
    enter(&mut terminal, ".hepl", "did you mean `.help`?");
    enter(&mut terminal, "t = { list = { 1, 2 }, name = 'x' } return t", "name = \"x\"");
    enter(&mut terminal, ".json", "\"name\": \"x\"");
    enter(&mut terminal, ".region us-east-1", "default us-east-1> ");
    enter(&mut terminal, "ec2.region", "\"us-east-1\"");
    enter(&mut terminal, ".world other", "other> ");
    enter(&mut terminal, "type(t)", "\"nil\"");
    terminal.type_text("\x0c");
    enter(&mut terminal, ".help ec2.key_pair", "save_to = \"example.pem\"");
    terminal.type_text(".quit\r");
    let (code, screen) = terminal.end();
    assert_eq!(code, 0);
    insta::assert_snapshot!(alike(&screen));
}

#[test]
fn code_without_a_file_prints_what_it_prints() {
    let home = Home::new();
    let block = home.run(&["-e", "print(ec2.api.describe_vpcs().vpcs[1].cidr_block)"]);
    assert_eq!((block.code, block.stdout.as_str(), block.stderr.as_str()), (Some(0), "172.31.0.0/16\n", ""));
    let vpc = home.run(&["-e", &format!("{VPC} print(v.cidr)")]);
    assert_eq!((vpc.code, vpc.stdout.as_str(), vpc.stderr.as_str()), (Some(0), "10.0.0.0/16\n", ""));
    let wrong = home.run(&["-e", "ec2.vpc { nmae = 'x' }"]);
    assert_eq!(wrong.code, Some(3), "{wrong:#?}");
    assert!(wrong.stderr.contains("[-e:1]") && wrong.stderr.contains("did you mean `name`"), "{wrong:#?}");

    std::fs::write(home.path().join("code"), "print(1 + 1)\nruntime_error()").expect("a file");
    let mut command = home.command(&["-"]);
    command.stdin(std::fs::File::open(home.path().join("code")).expect("the file"));
    let output = command.output().expect("vpcrun starts");
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(3), b"2\n".as_slice()));
    assert!(String::from_utf8_lossy(&output.stderr).contains("[stdin:2]"));
}

#[test]
fn without_a_terminal_there_is_help_and_no_session() {
    let home = Home::new();
    let nothing = home.run(&[]);
    assert_eq!(nothing.code, Some(2));
    assert!(nothing.stderr.contains("Usage") && nothing.stdout.is_empty(), "{nothing:#?}");
    let repl = home.run(&["repl"]);
    assert_eq!(repl.code, Some(2));
    assert!(repl.stderr.contains("needs a terminal"), "{repl:#?}");
}

#[test]
fn colours_obey_no_color() {
    let home = Home::new();
    let mut terminal = session(&home, &[]);
    terminal.type_text("local x");
    terminal.wait_for("local x");
    terminal.type_text("\x03");
    left(terminal);
    let mut command = home.command(&[]);
    command.env("NO_COLOR", "1");
    let mut plain = Terminal::start(&command, 80, 24);
    plain.wait_for("default> ");
    enter(&mut plain, "('a'):rep(3)", "\"aaa\"");
    left(plain);
}
