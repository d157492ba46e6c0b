//! The sandbox and the functions that need no EC2, run as a runbook runs them.

use std::io::Write;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::{Fault, Host, Mode, Settings};
use crate::diagnostic::Source;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::report::{Report, Style};
use crate::style::Paint;
use crate::target::{TargetKind, TargetOptions};
use crate::world::WorldChoice;

/// Text that a report writes, to look at afterwards.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Sink {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

struct Ran {
    ended: Result<(), Fault>,
    host: Rc<Host>,
    out: String,
}

impl Ran {
    /// The error as people see it.
    fn error(&self) -> String {
        self.ended.as_ref().unwrap_err().diagnostic.render("error", Paint::Plain)
    }

    fn exit(&self) -> Exit {
        self.ended.as_ref().unwrap_err().exit
    }
}

fn run_with(script: &str, settings: Settings, interrupt: Interrupt) -> Ran {
    let out = Sink::default();
    let report = Report::new(out.clone(), std::io::sink(), Style::default());
    let target = TargetOptions::new(TargetKind::Local(WorldChoice::Memory), None);
    let host = Host::new(Mode::Apply, settings, target, report, interrupt);
    let lua = super::new(&host).unwrap();
    let source = Source::new("book.lua", script);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ended = runtime.block_on(super::run(&lua, &host, &source));
    Ran { ended, host: host.clone(), out: out.text() }
}

fn run(script: &str) -> Ran {
    run_with(script, Settings { stack: "book".into(), ..Settings::default() }, Interrupt::default())
}

fn set(script: &str, pairs: &[(&str, &str)]) -> Ran {
    let set = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    run_with(script, Settings { stack: "book".into(), set, ..Settings::default() }, Interrupt::default())
}

#[test]
fn nothing_leads_out_of_the_sandbox() {
    let ran = run(r#"
        for _, name in ipairs { "io", "debug", "package", "dofile", "loadfile", "collectgarbage" } do
          assert(_G[name] == nil, name)
        end
        for _, name in ipairs { "execute", "getenv", "remove", "rename", "exit", "tmpname", "setlocale" } do
          assert(os[name] == nil, name)
        end
        assert(string.dump == nil)
        assert(load("\27Lua") == nil)
        assert(load("return 1", "x", "b")() == 1)
        assert(type(os.time()) == "number" and os.date("%Y"))
        assert(not pcall(setmetatable, {}, { __gc = function() end }))
        assert(not pcall(require, "os"))
        "#);
    assert!(ran.ended.is_ok(), "{}", ran.error());
}

#[test]
fn an_attempt_to_run_a_program_says_what_is_wrong_and_where() {
    insta::assert_snapshot!(run("local x = 1\nos.execute(\"ls\")").error(), @r#"
    error: attempt to call a nil value (field 'execute')
      ╭─[book.lua:2]
    2 │ os.execute("ls")
      · ────────────────
    help: a runbook cannot run programs, or see files or the environment; see "The sandbox" in docs/lua.md
    "#);
}

#[test]
fn memory_is_limited() {
    let ran = run("local s = ('x'):rep(1 << 29)");
    assert!(ran.error().starts_with("error: the runbook uses more memory than it may"), "{}", ran.error());
    let ran = run("local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end");
    assert!(ran.error().starts_with("error: the runbook uses more memory than it may"), "{}", ran.error());
}

#[test]
fn ctrl_c_stops_every_loop() {
    let loops = [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "while true do xpcall(function() while true do end end, function() end) end",
        "local co = coroutine.wrap(function() while true do pcall(function() while true do end end) end end)\nwhile true do pcall(co) end",
        "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
        "while true do try(function() while true do end end) end",
        "local t = setmetatable({}, { __index = function() while true do end end })\nwhile true do pcall(function() return t.x end) end",
    ];
    for script in loops {
        let interrupt = Interrupt::default();
        let later = interrupt.clone();
        let signal = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            later.set();
        });
        let started = Instant::now();
        let ran = run_with(script, Settings::default(), interrupt);
        signal.join().unwrap();
        assert_eq!(ran.exit(), Exit::Interrupted, "{script}");
        assert!(started.elapsed() < Duration::from_secs(5), "{script}");
    }
}

#[test]
fn errors_name_file_and_line() {
    insta::assert_snapshot!(run("local x = = 3").error(), @r"
    error: unexpected symbol near '='
      ╭─[book.lua:1]
    1 │ local x = = 3
      · ─────────────
    ");
    insta::assert_snapshot!(run("local t\n\nprint(t.x)").error(), @r"
    error: attempt to index a nil value (local 't')
      ╭─[book.lua:3]
    3 │ print(t.x)
      · ──────────
    ");
    insta::assert_snapshot!(run("error({ code = 1 })").error().lines().next().unwrap(), @"error: the runbook raised a table as an error");
}

#[test]
fn keys_are_checked_by_name_type_and_value() {
    let first_line = |script: &str| run(script).error().lines().next().unwrap().to_owned();
    let help = |script: &str| run(script).error().lines().last().unwrap().to_owned();
    assert_eq!(first_line("aws.ec2 { regoin = 'x' }"), "error: ec2 has no `regoin`");
    assert_eq!(help("aws.ec2 { regoin = 'x' }"), "help: did you mean `region`?");
    assert_eq!(first_line("aws.ec2 { region = 3 }"), "error: ec2: `region` is a string, not 3");
    assert_eq!(first_line("aws.ec2()"), "error: aws.ec2 takes a table");
    assert_eq!(
        first_line("aws.ec2 { 'ap-northeast-1' }"),
        "error: ec2 takes names and values, and \"ap-northeast-1\" has no name"
    );
    assert_eq!(
        first_line("cidr.usable('10.0.0.0/8')"),
        "error: cidr.usable: 10.0.0.0/8 is too large: VPCs and subnets are /16 to /28"
    );
    assert_eq!(first_line("cidr.parse(3)"), "error: cidr.parse takes CIDR blocks as strings, not 3");
}

#[test]
fn arguments_are_typed() {
    let book = r#"
        local args = runbook.args {
          region = { default = "ap-northeast-1" },
          zones = { default = { "b", "c" } },
          home = { type = "cidr", default = "10.1.2.3/8", help = "who may SSH" },
          count = { default = 2 },
          ratio = { type = "number", default = 0.5 },
          live = { default = false },
        }
        print(args.region, table.concat(args.zones, "+"), args.home, args.count, args.ratio, args.live)
    "#;
    assert_eq!(run(book).out, "ap-northeast-1\tb+c\t10.0.0.0/8\t2\t0.5\tfalse\n");
    let given = [("zones", "a, d"), ("home", "192.0.2.0/24"), ("count", "7"), ("ratio", "1e3"), ("live", "true")];
    assert_eq!(set(book, &given).out, "ap-northeast-1\ta+d\t192.0.2.0/24\t7\t1000.0\ttrue\n");
    for (name, value, message) in [
        ("count", "two", "argument `count`: \"two\" is not a whole number"),
        ("live", "yes", "argument `live`: \"yes\" is neither true nor false"),
        ("ratio", "inf", "argument `ratio`: \"inf\" is not a number"),
        ("hom", "x", "book has no argument `hom`"),
    ] {
        let ran = set(book, &[(name, value)]);
        assert_eq!(ran.ended.unwrap_err().diagnostic.message, message);
    }
    assert_eq!(set(book, &[("home", "1.2.3.4")]).exit(), Exit::Usage);
    assert_eq!(run("runbook.args { n = { type = 'integer' } }").exit(), Exit::Usage);
    assert_eq!(run("runbook.args { n = { type = 'intger' } }").exit(), Exit::Runbook);
    assert_eq!(run("runbook.args { n = { type = 'integer', default = 'x' } }").exit(), Exit::Runbook);
    assert_eq!(run("runbook.args { n = 3 }").exit(), Exit::Runbook);
    assert_eq!(run("runbook.args {} runbook.args {}").exit(), Exit::Runbook);
}

#[test]
fn auto_is_this_hosts_address() {
    let ran = run("local args = runbook.args { home = { type = 'cidr', default = 'auto' } }\nprint(args.home)");
    assert_eq!(ran.out, "198.51.100.7/32\n");
}

#[test]
fn expectations_are_counted_and_do_not_stop_the_run() {
    let ran = run(r#"
        runbook.expect.that(1 == 1, "one is one")
        runbook.expect.equal({ 1, { a = 2 } }, { 1, { a = 2 } }, "tables")
        local holds = runbook.expect.equal({ 1, 2 }, { 1, 3 }, "a list")
        print(holds)
        "#);
    assert!(ran.ended.is_ok());
    assert_eq!(ran.out, "false\n");
    assert_eq!(ran.host.met.get(), 2);
    let unmet = ran.host.unmet.borrow();
    insta::assert_snapshot!(unmet[0].diagnostic.render("expectation failed", Paint::Plain), @r#"
    expectation failed: a list
      ╭─[book.lua:4]
    4 │         local holds = runbook.expect.equal({ 1, 2 }, { 1, 3 }, "a list")
      ·         ────────────────────────────────────────────────────────────────
      ╰─ is        {1, 2}
         should be {1, 3}
    "#);
}

#[test]
fn outputs_keep_their_order_and_types() {
    let ran = run("runbook.output('b', 1)\nrunbook.output('a', { x = { 1, 2.5, true } })\nrunbook.output('b', 'two')");
    assert!(ran.ended.is_ok());
    let outputs = ran.host.outputs.borrow();
    assert_eq!(outputs[0], ("a".to_owned(), serde_json::json!({ "x": [1, 2.5, true] })));
    assert_eq!(outputs[1], ("b".to_owned(), serde_json::json!("two")));
    assert_eq!(run("local t = {} t.t = t runbook.output('t', t)").exit(), Exit::Runbook);
    assert_eq!(run("runbook.output('f', print)").exit(), Exit::Runbook);
}

#[test]
fn try_gives_an_error_as_a_table() {
    let ran = run(r#"
        local value, err = try(function() return 1, 2 end)
        assert(value == 1 and err == 2)
        local none, err = try(error, "boom")
        assert(none == nil and err.code == "Lua" and err.message == "boom", tostring(err))
        local none, err = try(cidr.usable, "10.0.0.0")
        assert(err.message:find("no prefix length"), err.message)
        local none, err = try(error, { code = "Mine" })
        assert(err.code == "Mine")
        "#);
    assert!(ran.ended.is_ok(), "{}", ran.error());
}

#[test]
fn modules_beside_the_runbook_are_loaded_once() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("lib")).unwrap();
    std::fs::write(dir.path().join("lib/count.lua"), "COUNT = (COUNT or 0) + 1\nreturn { n = COUNT }").unwrap();
    std::fs::write(dir.path().join("bad.lua"), "local x = nil + 1").unwrap();
    std::fs::write(dir.path().join("me.lua"), "return require 'me'").unwrap();
    let settings = || Settings { module_dir: Some(dir.path().to_owned()), ..Settings::default() };
    let ran = run_with(
        "assert(require('lib.count').n == 1)\nassert(require 'lib.count' == require 'lib.count')",
        settings(),
        Interrupt::default(),
    );
    assert!(ran.ended.is_ok(), "{}", ran.error());
    let ran = run_with("require 'bad'", settings(), Interrupt::default());
    let site = ran.ended.unwrap_err().diagnostic.site.unwrap();
    assert!(site.file().ends_with("bad.lua") && site.line() == 1, "{}", site.file());
    assert!(run_with("require 'me'", settings(), Interrupt::default()).error().contains("requires itself"));
}

#[test]
fn the_registry_has_every_member_of_every_resource() {
    let script = r#"
        local ec2 = aws.ec2 {}
        local vpc = ec2.vpc { name = "v", cidr = "10.0.0.0/16" }
        local igw = ec2.internet_gateway { name = "g", vpc = vpc }
        local route = vpc.main_route_table:route { to = "0.0.0.0/0", via = igw }
        local subnet = ec2.subnet { name = "s", vpc = vpc, cidr = "10.0.0.0/24" }
        local group = ec2.security_group { name = "sg", vpc = vpc, ingress = { { tcp = 22, from = "self" } } }
        local key = ec2.key_pair { name = "k", save_to = "k.pem" }
        local instance = ec2.instance { name = "i", subnet = subnet, key_pair = key, security_groups = { group } }
        local address = ec2.elastic_ip { name = "e", instance = instance }
        handles = { vpc, igw, vpc.main_route_table, route, subnet, group, key, instance, address }
        for _, handle in ipairs(handles) do
          assert(handle.name and handle.kind and handle.tags and tostring(handle))
          assert(handle.kind == "route" or handle.id:match("^%a+%-%x+$"), handle.kind)
        end
        assert(vpc.main_route_table == vpc.main_route_table and vpc ~= subnet)
        assert(address.public_ip and instance.state == "running" or instance.state == "pending")
        assert(#vpc.main_route_table.routes >= 1 and subnet.cidr == "10.0.0.0/24")
    "#;
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { stack: "book".into(), working_dir: folder.path().to_owned(), ..Settings::default() };
    let report = Report::new(std::io::sink(), std::io::sink(), Style::default());
    let target = TargetOptions::new(TargetKind::Local(WorldChoice::Memory), None);
    let host = Host::new(Mode::Apply, settings, target, report, Interrupt::default());
    let lua = super::new(&host).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let ended = super::run(&lua, &host, &Source::new("book.lua", script)).await;
        assert!(ended.is_ok(), "{}", ended.unwrap_err());
        let handles: Vec<mlua::AnyUserData> = lua.globals().get("handles").unwrap();
        assert_eq!(handles.len(), crate::registry::OBJECTS.len());
        for handle in handles {
            let handle = handle.borrow::<super::handle::Handle>().unwrap().clone();
            let unknown = handle.unregistered().await.unwrap();
            assert!(unknown.is_empty(), "{}: {unknown:?} not in the registry", handle.resource.kind());
        }
    });
}
