//! Clients that we did not write, against the server: boto3, the aws CLI v1, the AWS SDK for JavaScript v3, Ansible's
//! amazon.aws, and the calls of Terraform's AWS provider. What each does is in `tests/clients/`.
//!
//! Each has a world and a server of its own. The server checks signatures, so each client's way to sign is held too. Run them
//! by `tests/run -p vpcrun-emulator --test clients`, which installs them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};
use std::{env, thread};

use vpcrun_emulator::{Credentials, Options, ServeOptions, Server, TransitionTimes, World, action_names};

const REGION: &str = "ap-northeast-1";
const ACCESS_KEY_ID: &str = "AKIDSCENARIO00000000";
const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// Beyond it a client hangs. The aws CLI starts 150 times; with other builds beside it that took nine minutes.
const TIME: Duration = Duration::from_secs(1_800);

#[test]
fn boto3() {
    run("boto3", "0.02", &python(), "scenario.py");
}

#[test]
fn aws_cli() {
    run("aws-cli", "0.02", Path::new("bash"), "scenario.sh");
}

#[test]
fn javascript() {
    run("javascript", "0.02", Path::new("node"), "javascript/scenario.mjs");
}

/// Its modules look again after 5 to 15 seconds, so there is less to wait for.
#[test]
fn ansible() {
    run("ansible", "0.001", &python(), "ansible/scenario.py");
}

#[test]
fn terraform_calls() {
    run("terraform-calls", "0.02", &python(), "terraform_calls.py");
}

/// Serves a new world and runs a scenario against it.
fn run(name: &str, times: &str, program: &Path, scenario: &str) {
    let transition_times = times.parse::<TransitionTimes>().expect("transition times");
    let options = Options { account_id: "123456789012".to_owned(), transition_times, ..Options::default() };
    let serve = ServeOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        credentials: Some(Credentials::key(ACCESS_KEY_ID, SECRET_ACCESS_KEY)),
        ..ServeOptions::default()
    };
    let server = Server::start(World::in_memory(options), serve).expect("serves");

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("makes a folder");
    let output = folder.join("output");
    let mut command = Command::new(program);
    command.arg(clients().join(scenario));
    set_environment(&mut command, &folder, &format!("http://{}", server.address()));
    let file = File::create(&output).expect("makes a file");
    command.stdout(file.try_clone().expect("a second handle")).stderr(file);
    let status = wait(&mut command);
    let text = fs::read_to_string(&output).unwrap_or_default();
    assert!(status.is_some_and(|status| status.success()), "{name} ended with {status:?} and said:\n{text}");
    println!("{name}: {} requests\n{text}", server.requests());
}

/// Nothing of the user's configuration: these variables and no others, and a home in the target folder.
fn set_environment(command: &mut Command, home: &Path, endpoint: &str) {
    let installed = test_environment();
    let path = env::var("PATH").unwrap_or_default();
    command
        .env_clear()
        .env("PATH", format!("{}:{path}", installed.join("bin").display()))
        .env("HOME", home)
        .env("TMPDIR", home)
        .env("LANG", "C.UTF-8")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("NODE_PATH", installed.join("javascript/node_modules"))
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
        .env("AWS_REGION", REGION)
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_PAGER", "")
        .env("VPCRUN_ACTIONS", action_names().join(","));
}

/// The end of a command, or `None` where it did not end in time.
fn wait(command: &mut Command) -> Option<ExitStatus> {
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let start = Instant::now();
    while start.elapsed() < TIME {
        if let Some(status) = child.try_wait().expect("the child's state") {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

fn clients() -> PathBuf {
    repository().join("tests/clients")
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn python() -> PathBuf {
    test_environment().join("bin/python")
}

/// Where `tests/setup.sh` installs the clients.
fn test_environment() -> PathBuf {
    let folder = env::var_os("VPCRUN_TEST_ENV").map_or_else(|| repository().join("target/test-env"), PathBuf::from);
    assert!(
        folder.join("javascript/node_modules").is_dir() && folder.join("bin/ansible-playbook").is_file(),
        "the clients are not in {}: `tests/run -p vpcrun-emulator` installs them and runs the tests; after tests/setup.sh plain \
         cargo test finds them in target/test-env too",
        folder.display()
    );
    folder
}
