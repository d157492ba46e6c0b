//! Ctrl-C while a call is in flight: the call ends, its result is told, nothing more is sent, and the next run goes on.

use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use vpcrun_emulator::{Options, Request, World};
use vpcrun_model::Resource;

use super::support::{Home, REGION, capture};
use super::wire::{action, listen};

/// Holds the answer to one action back until it is let go, and notes what was sent.
struct Held {
    world: World,
    url: String,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    hold: Option<&'static str>,
    held: bool,
    sent: Vec<String>,
}

impl Held {
    fn start() -> Self {
        let world = World::in_memory(Options::default());
        let gate: Arc<Gate> = Arc::default();
        let (served, watched) = (world.clone(), gate.clone());
        let url = listen(move |body| {
            let name = action(&body).to_owned();
            let response = served.handle(&Request { region: REGION.to_owned(), body });
            let mut state = watched.state.lock().expect("the gate");
            state.sent.push(name.clone());
            if state.hold == Some(name.as_str()) {
                state.held = true;
                watched.changed.notify_all();
                let _state = watched.changed.wait_while(state, |state| state.hold.is_some()).expect("the gate");
            }
            Some((response.status, response.body))
        });
        Self { world, url, gate }
    }

    fn hold(&self, action: &'static str) {
        *self.gate.state.lock().expect("the gate") = State { hold: Some(action), ..State::default() };
    }

    fn wait_until_held(&self) {
        let state = self.gate.state.lock().expect("the gate");
        let limit = Duration::from_secs(20);
        let (state, _) = self.gate.changed.wait_timeout_while(state, limit, |state| !state.held).expect("the gate");
        assert!(state.held, "the call was never sent: {:?}", state.sent);
    }

    /// Lets the call go. Returns how many calls had been sent.
    fn let_go(&self) -> usize {
        let mut state = self.gate.state.lock().expect("the gate");
        state.hold = None;
        self.gate.changed.notify_all();
        state.sent.len()
    }

    fn sent(&self) -> Vec<String> {
        self.gate.state.lock().expect("the gate").sent.clone()
    }
}

fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(status.expect("kill runs").success());
}

/// Runs a command, interrupts it while `held` is in flight, and lets the call end. Returns the document and the
/// messages.
fn interrupted(home: &Home, server: &Held, arguments: &[&str], held: &'static str) -> (Value, String) {
    server.hold(held);
    let mut command = home.command(arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("vpcrun starts");
    server.wait_until_held();
    interrupt(&child);
    // Longer than the grace after which the run says that it waits.
    std::thread::sleep(Duration::from_millis(1500));
    let before = server.let_go();
    let start = Instant::now();
    let output = child.wait_with_output().expect("vpcrun ends");
    assert!(start.elapsed() < Duration::from_secs(2), "it goes on for {:?}", start.elapsed());
    let messages = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(130), "{messages}");
    assert_eq!(server.sent().len(), before, "sent after Ctrl-C: {:?}", &server.sent()[before..]);
    assert!(messages.contains("waiting for the calls in flight"), "{messages}");
    (serde_json::from_slice(&output.stdout).expect("a document"), messages)
}

fn bench() -> (Home, Held) {
    let home = Home::new();
    home.write(
        "net.lua",
        "local ec2 = aws.ec2 {}\n\
         local vpc = ec2.vpc { name = 'v', cidr = '10.0.0.0/16' }\n\
         for n = 1, 3 do ec2.subnet { name = 's' .. n, vpc = vpc, cidr = ('10.0.%d.0/24'):format(n) } end\n",
    );
    let server = Held::start();
    capture(&server.world);
    (home, server)
}

#[test]
fn an_apply_ends_with_the_call_in_flight_and_the_next_run_goes_on() {
    let (home, server) = bench();
    let arguments = ["net.lua", "--endpoint-url", &server.url, "--json"];
    let (document, messages) = interrupted(&home, &server, &arguments, "CreateVpc");
    assert_eq!(
        (&document["created"], &document["failed"], &document["not_tried"]),
        (&1.into(), &0.into(), &3.into()),
        "{document:#}"
    );
    assert!(messages.contains("interrupted") && messages.contains("run it again"), "{messages}");
    let network = capture(&server.world);
    assert!(network.vpcs.values().any(|vpc| vpc.name() == Some("v")), "what was told to be created is there");
    let next = home.run(&arguments).json();
    assert_eq!((&next["created"], &next["unchanged"]), (&3.into(), &1.into()), "{next:#}");
}

#[test]
fn a_look_in_flight_ends_and_nothing_is_done() {
    let (home, server) = bench();
    let arguments = ["net.lua", "--endpoint-url", &server.url, "--json"];
    let (document, _) = interrupted(&home, &server, &arguments, "DescribeVpcs");
    assert_eq!((&document["created"], &document["not_tried"]), (&0.into(), &4.into()), "{document:#}");
    assert_eq!(document["error"]["code"], "Interrupted", "{document:#}");
}

#[test]
fn a_teardown_ends_with_the_call_in_flight_and_the_next_one_goes_on() {
    let (home, server) = bench();
    home.run(&["net.lua", "--endpoint-url", &server.url, "--json"]).json();
    let arguments = ["destroy", "net.lua", "--endpoint-url", &server.url, "--json"];
    let (document, _) = interrupted(&home, &server, &arguments, "DeleteSubnet");
    let (deleted, left) = (document["deleted"].as_u64(), document["not_tried"].as_u64());
    assert_eq!(deleted.zip(left).map(|(deleted, left)| deleted + left), Some(4), "{document:#}");
    assert!(left >= Some(1) && document["failed"] == 0, "{document:#}");
    let next = home.run(&arguments).json();
    assert_eq!(next["deleted"].as_u64(), left, "{next:#}");
}

#[test]
fn a_call_of_the_script_itself_ends_too() {
    let (home, server) = bench();
    home.write("call.lua", "aws.ec2 {}.api.create_vpc { cidr_block = '10.3.0.0/16' }\nprint('not reached')\n");
    let arguments = ["call.lua", "--endpoint-url", &server.url, "--json"];
    let (document, messages) = interrupted(&home, &server, &arguments, "CreateVpc");
    assert_eq!(document["error"]["code"], "Interrupted", "{document:#}");
    assert!(!messages.contains("not reached"), "{messages}");
}
