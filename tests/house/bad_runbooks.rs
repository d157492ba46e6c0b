//! Bad runbooks: one readable message with file and line, an exit code that is not 0, and no lost resource.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use vpcrun_model::Resource;

use super::support::{Home, Outcome};

/// Runs a runbook that has to fail.
#[track_caller]
fn fails(text: &str) -> (Home, Outcome) {
    let home = Home::new();
    home.write("bad.lua", text);
    let world = home.world().display().to_string();
    let outcome = home.run(&["bad.lua", "--world", &world]);
    assert!(!matches!(outcome.code, None | Some(0)), "{outcome:#?}");
    assert!(!outcome.stderr.contains("panicked"), "{outcome:#?}");
    assert_eq!(outcome.stderr.matches("error:").count(), 1, "one message: {outcome:#?}");
    (home, outcome)
}

#[track_caller]
fn fails_saying(text: &str, parts: &[&str]) -> Home {
    let (home, outcome) = fails(text);
    for part in parts {
        assert!(outcome.stderr.contains(part), "{part:?} is not in {}", outcome.stderr);
    }
    home
}

#[test]
fn what_is_wrong_is_named_with_file_and_line() {
    let cases: &[(&str, &[&str])] = &[
        ("local x = = 1\n", &["bad.lua:1"]),
        (
            "\nlocal ec2 = aws.ec2 {}\nec2.vpc { name = 'v', cird = '10.0.0.0/16' }\n",
            &["bad.lua:3", "`cird`", "did you mean `cidr`"],
        ),
        (
            "local ec2 = aws.ec2 {}\nec2.vpc { name = 'v', cidr = 16 }\n",
            &["bad.lua:2", "`cidr` is a CIDR block, not 16"],
        ),
        ("local ec2 = aws.ec2 {}\nec2.vpc { name = 'v', cidr = '10.0.0.0' }\n", &["bad.lua:2", "10.0.0.0"]),
        ("local ec2 = aws.ec2 {}\nec2.vpc { name = 'v', cidr = '10.0.0.0/8' }\n", &["bad.lua:2", "/16"]),
        ("local ec2 = aws.ec2 {}\nec2.vcp { name = 'v' }\n", &["bad.lua:2", "did you mean `ec2.vpc`"]),
        ("local ec2 = aws.ec2 {}\nec2.api.create_vcp {}\n", &["bad.lua:2", "create_vpc"]),
        ("local ec2 = aws.ec2 {}\nec2.api.create_vpc { cidr_blok = '10.0.0.0/16' }\n", &["bad.lua:2", "cidr_block"]),
        ("os.execute('touch escaped')\n", &["bad.lua:1", "execute"]),
        ("io.open('/etc/passwd')\n", &["bad.lua:1"]),
        ("require('../outside')\n", &["bad.lua:1"]),
        ("local t = nil\nprint(t.x)\n", &["bad.lua:2"]),
        ("error('mine')\n", &["bad.lua:1", "mine"]),
        ("local s = 'x'\nwhile true do s = s .. s end\n", &["memory"]),
    ];
    for (text, parts) in cases {
        let home = fails_saying(text, parts);
        assert!(!home.path().join("escaped").exists());
    }
}

#[test]
fn a_refusal_names_the_line_the_code_and_the_way_out() {
    let text = "\
local ec2 = aws.ec2 {}
local vpc = ec2.vpc { name = 'myvpc', cidr = '192.168.0.0/16' }
ec2.subnet { name = 'mysubnet-0001', vpc = vpc, cidr = '192.168.1.0/24' }.id:len()
ec2.subnet { name = 'mysubnet-0002', vpc = vpc, cidr = '192.168.1.128/25' }
";
    let home =
        fails_saying(text, &["bad.lua:4", "InvalidSubnet.Conflict", "the next free /25 in myvpc is 192.168.2.0/25"]);
    assert!(home.capture().vpcs.values().any(|vpc| vpc.name() == Some("myvpc")), "what was made stays");
    home.write("bad.lua", &text.replace("1.128/25", "2.0/24"));
    let world = home.world().display().to_string();
    let mended = home.run(&["bad.lua", "--world", &world, "--json"]).json();
    assert_eq!((&mended["created"], &mended["unchanged"]), (&1.into(), &2.into()), "a re-run goes on");
}

#[test]
fn an_error_half_way_loses_nothing() {
    let text = "\
local ec2 = aws.ec2 {}
ec2.vpc { name = 'first', cidr = '10.0.0.0/16' }
error('half-way')
ec2.vpc { name = 'second', cidr = '10.1.0.0/16' }
";
    let home = fails_saying(text, &["bad.lua:3", "half-way"]);
    let names: Vec<_> = home.capture().vpcs.values().filter_map(|vpc| vpc.name().map(str::to_owned)).collect();
    assert_eq!(names, ["first"], "what was declared before the error was finished");
    let world = home.world().display().to_string();
    let destroyed = home.run(&["destroy", "bad.lua", "--world", &world, "--json"]).json();
    assert_eq!(destroyed["deleted"], 1);
}

#[test]
fn ctrl_c_ends_an_endless_loop() {
    for body in [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "coroutine.wrap(function() while true do end end)()",
        "local t = {}; while true do table.sort({3, 1, 2}, function(a, b) return a < b end) end",
    ] {
        let home = Home::new();
        let declared = "local ec2 = aws.ec2 {}\nlocal v = ec2.vpc { name = 'v', cidr = '10.0.0.0/16' }\nprint(v.id)\n";
        home.write("loop.lua", &format!("{declared}{body}\n"));
        let world = home.world().display().to_string();
        let mut child = home
            .command(&["loop.lua", "--world", &world])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("vpcrun starts");
        // The id on stdout says that the loop is next.
        let mut first = [0; 4];
        child.stdout.as_mut().expect("a pipe").read_exact(&mut first).expect("the runbook prints");
        let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(interrupt.expect("kill runs").success());
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("the state of vpcrun") {
                break status;
            }
            if start.elapsed() > Duration::from_secs(20) {
                let _ = child.kill();
                panic!("Ctrl-C does not end: {body}");
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        assert_eq!(status.code(), Some(130), "{body}");
        assert!(home.capture().vpcs.values().any(|vpc| vpc.name() == Some("v")), "the VPC is there: {body}");
    }
}

#[test]
fn arguments_are_checked() {
    let home = Home::new();
    home.write("args.lua", "local args = runbook.args { count = { type = 'integer', default = 1, help = 'how many' } }\nprint(args.count)\n");
    let run = |set: &str| home.run(&["args.lua", "--world", ":memory:", "--set", set]);
    assert_eq!(run("count=2").stdout.trim(), "2");
    for (set, part) in [("count=two", "count"), ("cuont=2", "did you mean `count`"), ("count", "count")] {
        let outcome = run(set);
        assert_eq!(outcome.code, Some(2), "{outcome:#?}");
        assert!(outcome.stderr.contains(part), "{outcome:#?}");
    }
    let help = home.run(&["args.lua", "--help"]);
    assert_eq!(help.code, Some(0));
    assert!(help.stdout.contains("count") && help.stdout.contains("how many"), "{help:#?}");
}

#[test]
fn a_key_file_is_never_overwritten() {
    let home = Home::new();
    home.write("key.lua", "local ec2 = aws.ec2 {}\nec2.key_pair { name = 'k', save_to = 'k.pem' }\n");
    home.write("k.pem", "mine");
    let world = home.world().display().to_string();
    let outcome = home.run(&["key.lua", "--world", &world]);
    assert_ne!(outcome.code, Some(0));
    assert!(outcome.stderr.contains("k.pem"), "{outcome:#?}");
    assert_eq!(std::fs::read_to_string(home.path().join("k.pem")).expect("the file"), "mine");
    assert!(home.capture().key_pairs.is_empty(), "no key pair without its file");
}

#[test]
fn key_material_is_in_the_file_and_nowhere_else() {
    let home = Home::new();
    home.write("key.lua", "local ec2 = aws.ec2 {}\nec2.key_pair { name = 'k', save_to = 'k.pem' }\n");
    let world = home.world().display().to_string();
    let outcome = home.run(&["key.lua", "--world", &world, "-v"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let key = std::fs::read_to_string(home.path().join("k.pem")).expect("the key file");
    let secret = key.lines().nth(2).expect("a line of the key");
    assert!(!outcome.stderr.contains(secret) && !outcome.stdout.contains(secret));
    for entry in std::fs::read_dir(home.path()).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() && path.file_name() != Some("k.pem".as_ref()) {
            let bytes = std::fs::read(&path).expect("a file");
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}
