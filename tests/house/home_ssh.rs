//! The tutorial end to end on the embedded EC2, by the binary.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use vpcrun_model::Resource;

use super::support::{Home, assert_same, runbook};

fn home_ssh(home: &Home, command: &[&str]) -> Value {
    let world = home.world().display().to_string();
    let runbook = runbook("home-ssh.lua");
    let mut arguments = command.to_vec();
    arguments.extend([runbook.as_str(), "--world", &world, "--json"]);
    home.run(&arguments).json()
}

#[test]
fn the_first_run_builds_the_tutorials_network() {
    let home = Home::new();
    let document = home_ssh(&home, &[]);
    assert_eq!((&document["stack"], &document["region"]), (&"home-ssh".into(), &"ap-northeast-1".into()));
    assert_eq!((&document["changed"], &document["unchanged"], &document["deleted"]), (&0.into(), &0.into(), &0.into()));
    let expected = "ssh ec2-user@203.0.113.10 -i mykeypair.pem";
    assert_eq!(document["outputs"]["myinstance-0001"], expected);

    let network = home.capture();
    let vpc = network.vpcs.values().find(|vpc| vpc.name() == Some("myvpc")).expect("myvpc");
    assert_eq!(vpc.cidr_block.to_string(), "192.168.0.0/16");
    for (name, cidr, zone) in
        [("mysubnet-0001", "192.168.1.0/24", "ap-northeast-1b"), ("mysubnet-0002", "192.168.2.0/24", "ap-northeast-1c")]
    {
        let subnet = network.subnets.values().find(|subnet| subnet.name() == Some(name)).expect(name);
        assert_eq!(
            (subnet.cidr_block.map(|block| block.to_string()).as_deref(), subnet.availability_zone.as_str()),
            (Some(cidr), zone)
        );
        assert_eq!(subnet.available_ip_address_count, 250, "251, less the instance's own");
    }
    for (name, private) in [("myinstance-0001", "192.168.1.4"), ("myinstance-0002", "192.168.2.4")] {
        let instance = network.instances.values().find(|instance| instance.name() == Some(name)).expect(name);
        assert_eq!(instance.private_ip_address.map(|address| address.to_string()).as_deref(), Some(private));
        assert!(instance.public_ip_address.is_some());
    }

    let key = home.path().join("mykeypair.pem");
    let mode = std::fs::metadata(&key).expect("the key file").permissions().mode();
    assert_eq!(mode & 0o777, 0o400);
    let check = std::process::Command::new("ssh-keygen").arg("-y").arg("-f").arg(&key).output();
    assert!(check.expect("ssh-keygen runs").status.success(), "ssh reads the key");
}

#[test]
fn a_second_run_changes_nothing() {
    let home = Home::new();
    let first = home_ssh(&home, &[]);
    let built = home.capture();
    let second = home_ssh(&home, &[]);
    assert_eq!((&second["created"], &second["changed"], &second["deleted"]), (&0.into(), &0.into(), &0.into()));
    assert_eq!(second["unchanged"], first["created"]);
    assert_eq!(second["outputs"], first["outputs"]);
    assert_same(&home.capture(), &built, "the same resources under the same ids");
}

#[test]
fn destroy_leaves_the_world_as_it_was() {
    let home = Home::new();
    let before = {
        // A world's first request makes its default VPC.
        let world = home.world().display().to_string();
        home.run(&["ls", "--world", &world, "--json"]).json();
        home.capture()
    };
    let built = home_ssh(&home, &[]);
    assert!(home.capture() != before, "the first run built nothing");
    let destroyed = home_ssh(&home, &["destroy"]);
    assert!(destroyed["deleted"].as_u64() >= Some(10), "{destroyed}");
    assert_same(&home.capture(), &before, "after destroy");
    assert!(!home.path().join("mykeypair.pem").exists(), "a private key without its pair is of no use");

    let again = home_ssh(&home, &["destroy"]);
    assert_eq!(again["deleted"], 0);
    let rebuilt = home_ssh(&home, &[]);
    assert_eq!(rebuilt["created"], built["created"], "a stack that was torn down can be built again");
}

#[test]
fn zones_that_the_region_does_not_have_are_replaced_and_the_run_says_so() {
    let home = Home::new();
    let runbook = runbook("home-ssh.lua");
    let world = home.world().display().to_string();
    let outcome = home.run(&[&runbook, "--world", &world, "--set", "zones=x,y"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stderr.contains("ap-northeast-1a"), "{outcome:#?}");
    let zones: Vec<_> =
        home.capture().subnets.values().filter(|s| s.name().is_some()).map(|s| s.availability_zone.clone()).collect();
    assert_eq!(zones.len(), 2);
    assert!(
        zones.contains(&"ap-northeast-1a".to_owned()) && zones.contains(&"ap-northeast-1b".to_owned()),
        "{zones:?}"
    );
}

#[test]
fn the_whole_world_is_let_in_only_when_asked_and_with_a_warning() {
    let home = Home::new();
    let runbook = runbook("home-ssh.lua");
    let world = home.world().display().to_string();
    home_ssh(&home, &[]);
    let narrow = format!("{:?}", home.capture().security_groups);
    assert!(narrow.contains("198.51.100.7/32"), "{narrow}");
    let outcome = home.run(&[&runbook, "--world", &world, "--set", "home=0.0.0.0/0"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stderr.contains("warning"), "{outcome:#?}");
    let wide = format!("{:?}", home.capture().security_groups);
    assert!(!wide.contains("198.51.100.7/32"), "{wide}");
}

#[test]
fn the_embedded_copy_runs_where_there_is_no_file() {
    let home = Home::new();
    let world = home.world().display().to_string();
    let document = home.run(&["runbooks/home-ssh.lua", "--world", &world, "--json"]).json();
    assert_eq!(document["stack"], "home-ssh");
}
