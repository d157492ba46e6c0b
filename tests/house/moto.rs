//! The same runbook at moto's server: an EC2 that we did not write.

use serde_json::Value;

use super::support::{Home, Moto, runbook};

#[test]
fn home_ssh_is_built_kept_and_torn_down_on_moto() {
    let moto = Moto::start();
    let home = Home::new();
    let runbook = runbook("home-ssh.lua");
    let run = |command: &[&str]| -> Value {
        let mut arguments = command.to_vec();
        arguments.extend([runbook.as_str(), "--endpoint-url", &moto.url, "--json"]);
        home.run(&arguments).json()
    };
    let list = || home.run(&["ls", "--endpoint-url", &moto.url, "--json"]).json();
    let before = list();

    let first = run(&[]);
    assert!(first["created"].as_u64() >= Some(10), "{first}");
    let second = run(&[]);
    assert_eq!((&second["created"], &second["changed"]), (&0.into(), &0.into()), "{second}");
    assert_eq!(second["outputs"], first["outputs"]);
    let destroyed = run(&["destroy"]);
    assert!(destroyed["deleted"].as_u64() >= Some(10), "{destroyed}");
    assert_eq!(list(), before, "nothing of the stack is left");
}

#[test]
fn what_moto_does_not_know_is_said_and_not_a_crash() {
    let moto = Moto::start();
    let home = Home::new();
    home.write("call.lua", "ec2 = aws.ec2 {}\nec2.api.describe_vpc_block_public_access_options {}\n");
    let outcome = home.run(&["call.lua", "--endpoint-url", &moto.url]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stderr.contains("call.lua:2"), "{outcome:#?}");
    assert!(!outcome.stderr.contains("panicked"), "{outcome:#?}");
}
