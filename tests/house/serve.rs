//! `vpcrun serve` as a process: what it prints, who can use it, and how it ends.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use super::support::{Home, runbook};

/// A started server and what it printed: the variables, by their names.
struct Served {
    process: Child,
    variables: Vec<(String, String)>,
}

impl Served {
    fn start(home: &Home, arguments: &[&str]) -> Self {
        let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut process =
            command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        let mut variables = Vec::new();
        while variables.len() < 5 {
            let line = lines.next().expect("a line for each variable").expect("UTF-8");
            let (name, value) = line.strip_prefix("export ").and_then(|it| it.split_once('=')).expect("an export");
            variables.push((name.to_owned(), value.to_owned()));
        }
        Self { process, variables }
    }

    fn get(&self, name: &str) -> &str {
        self.variables.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str()).expect(name)
    }

    /// Sends a signal; gives the exit code and what was said on stderr.
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let sent = Command::new("kill").args([signal, &self.process.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
        let mut said = String::new();
        self.process.stderr.take().expect("piped").read_to_string(&mut said).expect("UTF-8");
        (self.process.wait().expect("ends").code(), said)
    }
}

#[test]
fn another_vpcrun_works_on_it_by_the_printed_variables() {
    let home = Home::new();
    let served = Served::start(&home, &["--world", ":memory:"]);
    let run = |arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.envs(served.variables.iter().map(|(name, value)| (name, value))).env_remove("AWS_ENDPOINT_URL_STS");
        command.output().expect("vpcrun starts")
    };
    for (counted, arguments) in [
        ("\"created\": 11", vec![runbook("home-ssh.lua"), "--json".into()]),
        ("\"unchanged\": 11", vec![runbook("home-ssh.lua"), "--json".into()]),
        ("\"deleted\": 11", vec!["destroy".into(), runbook("home-ssh.lua"), "--json".into(), "--yes".into()]),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = run(&arguments);
        let document = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && document.contains(counted), "{arguments:?}: {output:?}");
    }
    let (code, said) = served.end("-TERM");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("served ") && said.contains(" requests"), "{said}");
}

#[test]
fn a_served_world_is_the_one_on_disk() {
    let home = Home::new();
    let world = home.world();
    let world = world.to_str().expect("UTF-8");
    let served = Served::start(&home, &["--world", world]);
    home.write("net.lua", "aws.ec2 {}.vpc { name = 'myvpc', cidr = '10.0.0.0/16' }\n");
    let created = home.run(&["net.lua", "--json", "--endpoint-url", served.get("AWS_ENDPOINT_URL_EC2")]);
    assert_eq!(created.json()["created"], 1, "{created:#?}");
    assert_eq!(served.end("-INT").0, Some(0));
    assert_eq!(home.run(&["net.lua", "--json", "--world", world]).json()["unchanged"], 1);
}

#[test]
fn only_loopback_is_open_to_all() {
    let home = Home::new();
    let refused = home.run(&["serve", "--listen", "0.0.0.0:0", "--world", ":memory:"]);
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.stderr.contains("--credentials FILE"), "{refused:#?}");
    let fault = home.run(&["serve", "--fault", "bad-luck"]);
    assert_eq!(fault.code, Some(2), "{fault:#?}");
    assert!(fault.stderr.contains("lost-reply"), "it names what there is: {fault:#?}");
}
