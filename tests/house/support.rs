//! What the tests share: a person's machine to run vpcrun on, and a look into a world.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use serde_json::Value;
use tempfile::TempDir;
use vpcrun_ec2::Session;
use vpcrun_emulator::{Options, World};
use vpcrun_model::Network;

pub const REGION: &str = "ap-northeast-1";

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository is there")
}

/// The path of a bundled runbook.
pub fn runbook(name: &str) -> String {
    repository().join("runbooks").join(name).display().to_string()
}

/// A person's machine: an empty home folder, which is also the working directory, and a clean environment.
pub struct Home {
    folder: TempDir,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// The document of a `--json` run, which has to have succeeded.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.document()
    }

    /// The document of a `--json` run.
    #[track_caller]
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON on stdout: {error}: {self:#?}"))
    }
}

impl Home {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vpcrun"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Outcome {
        let output = self.command(arguments).output().expect("vpcrun starts");
        let text = |bytes| String::from_utf8(bytes).expect("vpcrun prints UTF-8");
        Outcome { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Writes a file into the working directory.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).expect("a file is written");
    }

    pub fn world(&self) -> PathBuf {
        self.path().join("test.world")
    }

    /// What the world of [`Home::world`] holds.
    pub fn capture(&self) -> Network {
        let world = World::open(&self.world(), Options::default()).expect("the world opens");
        capture(&world)
    }
}

/// What a world holds.
pub fn capture(world: &World) -> Network {
    block_on(async { vpcrun_ec2::capture(&session(world)).await.expect("the world answers") })
}

/// Asserts that two networks are equal; names the kinds and ids that differ rather than print both.
#[track_caller]
pub fn assert_same(found: &Network, expected: &Network, when: &str) {
    let lines = |network: &Network| -> BTreeSet<String> {
        let documents = network.to_documents().into_iter();
        documents.flat_map(|(file, document)| rows(file, &document)).collect()
    };
    let (found, expected) = (lines(found), lines(expected));
    let more: Vec<_> = found.difference(&expected).collect();
    let less: Vec<_> = expected.difference(&found).collect();
    assert!(more.is_empty() && less.is_empty(), "{when}: too much: {more:#?}, missing: {less:#?}");
}

/// A line for each resource of a document.
fn rows(file: &str, document: &Value) -> Vec<String> {
    let lists = document.as_object().into_iter().flat_map(|members| members.values()).filter_map(Value::as_array);
    lists.flatten().map(|item| format!("{file} {item}")).collect()
}

/// A session with a world, in process.
pub fn session(world: &World) -> Session {
    Session::local(SharedHttpClient::new(world.connector()), "test", REGION)
}

/// Runs a future to its end, with what it spawns.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// moto's server on loopback, stopped when dropped.
pub struct Moto {
    server: Child,
    pub url: String,
}

impl Moto {
    pub fn start() -> Self {
        // The port may be taken between this look and moto's bind; then moto ends at once and the wait below says so.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|it| it.local_addr()).expect("a port").port();
        let server = Command::new("moto_server")
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("moto_server is installed: run the tests by tests/run");
        let mut moto = Self { server, url: format!("http://127.0.0.1:{port}") };
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(moto.server.try_wait().expect("moto's state").is_none(), "moto_server ended at once");
            assert!(start.elapsed() < Duration::from_secs(60), "moto_server does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        moto
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
