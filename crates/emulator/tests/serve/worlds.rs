//! Two servers on one world's file are one account.

use std::path::PathBuf;

use vpcrun_emulator::{Options, Server, World};

use crate::support::{Client, options, post};

struct File(PathBuf);

impl Drop for File {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", self.0.display()));
        }
    }
}

#[test]
fn two_servers_on_one_world_are_one_account() {
    let file = File(std::env::temp_dir().join(format!("vpcrun-serve-{}.world", std::process::id())));
    let serve = || {
        let world = World::open(&file.0, Options::default()).expect("opens");
        Server::start(world, options()).expect("serves")
    };
    let (left, right) = (serve(), serve());
    std::thread::scope(|scope| {
        for (server, first) in [(&left, 0), (&right, 100), (&left, 150), (&right, 200)] {
            scope.spawn(move || {
                let mut client = Client::of(server);
                for n in first..first + 20 {
                    let answer = client.ask(post(&format!("Action=CreateVpc&CidrBlock=10.{n}.0.0/16")));
                    assert_eq!(answer.status, 200, "{}", answer.body);
                }
            });
        }
    });
    for server in [&left, &right] {
        let answer = Client::of(server).ask(post("Action=DescribeVpcs"));
        assert_eq!(answer.body.matches("<vpcId>").count(), 81);
    }
    let mut client = Client::of(&left);
    assert_eq!(client.ask("POST /_vpcrun/reset HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
    let answer = Client::of(&right).ask(post("Action=DescribeVpcs"));
    assert_eq!(answer.body.matches("<vpcId>").count(), 1);
}
