//! A run that is killed at any call is completed by the next run, with nothing twice; so is a teardown.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use vpcrun_emulator::{Options, World};
use vpcrun_model::{Network, Resource};

use super::support::{Home, assert_same, capture, runbook};
use super::wire::{Cut, Server};

struct Bench {
    home: Home,
    server: Server,
    runbook: String,
}

impl Bench {
    fn new() -> Self {
        let server = Server::start(World::in_memory(Options::default()));
        // A world's first request makes its default VPC.
        capture(&server.world);
        Self { home: Home::new(), server, runbook: runbook("home-ssh.lua") }
    }

    fn arguments<'a>(&'a self, command: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = command.to_vec();
        arguments.extend([self.runbook.as_str(), "--endpoint-url", &self.server.url, "--json"]);
        arguments
    }

    fn run(&self, command: &[&str]) -> Value {
        self.home.run(&self.arguments(command)).json()
    }

    /// Runs a command and kills it at a call. `false`: it ended before it got that far.
    fn run_killed_at(&self, command: &[&str], cut: Cut) -> bool {
        self.server.cut(Some(cut));
        let mut command = self.home.command(&self.arguments(command));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("vpcrun starts");
        let start = Instant::now();
        let reached = loop {
            if self.server.is_cut() {
                break true;
            }
            if child.try_wait().expect("the state of vpcrun").is_some() {
                break self.server.is_cut();
            }
            assert!(start.elapsed() < Duration::from_secs(60), "vpcrun hangs at {cut:?}");
            std::thread::sleep(Duration::from_millis(1));
        };
        child.kill().expect("vpcrun is killed");
        child.wait().expect("vpcrun ends");
        self.server.cut(None);
        reached
    }
}

/// What a network is made of, without the ids that differ from run to run.
fn shape(network: &Network) -> Vec<String> {
    let mut shape: Vec<String> = Vec::new();
    shape.extend(network.vpcs.values().map(|vpc| format!("vpc {:?} {}", vpc.name(), vpc.cidr_block)));
    shape.extend(
        network
            .subnets
            .values()
            .map(|subnet| format!("subnet {:?} {:?}", subnet.name(), subnet.cidr_block.map(|block| block.to_string()))),
    );
    shape.extend(
        network.internet_gateways.values().map(|it| format!("gateway {:?} {}", it.name(), it.attachments.len())),
    );
    let routes = network.route_tables.values().flat_map(|table| &table.routes);
    shape.extend(routes.map(|route| format!("route {:?} {:?}", route.destination_cidr_block, route.state)));
    let groups = network.security_groups.values();
    shape.extend(groups.map(|group| {
        format!("group {} {} {}", group.group_name, group.ip_permissions.len(), group.ip_permissions_egress.len())
    }));
    shape.extend(network.key_pairs.values().map(|key| format!("key {:?}", key.key_name)));
    let instances = network.instances.values();
    shape.extend(instances.map(|it| format!("instance {:?} {:?} {}", it.name(), it.private_ip_address, it.state.name)));
    let addresses = network.addresses.values();
    shape.extend(addresses.map(|it| format!("address {:?} {:?}", it.name(), it.private_ip_address)));
    shape.extend(network.network_interfaces.values().map(|it| format!("interface {:?}", it.private_ip_address)));
    shape.sort();
    shape
}

#[test]
fn a_run_killed_at_any_call_is_completed_by_the_next() {
    let undisturbed = {
        let bench = Bench::new();
        bench.run(&[]);
        shape(&capture(&bench.server.world))
    };
    for reply_lost in [false, true] {
        for call in 1.. {
            let bench = Bench::new();
            let cut = Cut { call, reply_lost };
            if !bench.run_killed_at(&[], cut) {
                assert!(call > 20, "home-ssh makes more calls than {call}");
                break;
            }
            bench.run(&[]);
            assert_eq!(shape(&capture(&bench.server.world)), undisturbed, "killed at {cut:?}");
            let again = bench.run(&[]);
            assert_eq!((&again["created"], &again["changed"]), (&0.into(), &0.into()), "killed at {cut:?}");
        }
    }
}

#[test]
fn a_teardown_killed_at_any_call_is_completed_by_the_next() {
    for reply_lost in [false, true] {
        for call in 1.. {
            let bench = Bench::new();
            let before = capture(&bench.server.world);
            bench.run(&[]);
            let cut = Cut { call, reply_lost };
            if !bench.run_killed_at(&["destroy"], cut) {
                assert!(call > 15, "the teardown makes more calls than {call}");
                break;
            }
            bench.run(&["destroy"]);
            assert_same(&capture(&bench.server.world), &before, &format!("killed at {cut:?}"));
        }
    }
}
