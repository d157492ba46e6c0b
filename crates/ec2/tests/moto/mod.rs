//! moto's server on a free port of loopback, ended with the test. `VPCRUN_MOTO_SERVER` names the program where
//! `moto_server` is not on the path.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use vpcrun_ec2::Session;

pub struct Moto {
    server: Child,
    url: String,
}

impl Moto {
    pub fn start() -> Self {
        let program = std::env::var("VPCRUN_MOTO_SERVER").unwrap_or_else(|_| "moto_server".into());
        let free = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = free.local_addr().expect("bound").port();
        drop(free);
        let mut command = Command::new(&program);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let server =
            command.spawn().unwrap_or_else(|error| panic!("{program}: {error}; run tests/run, which installs it"));
        let moto = Self { server, url: format!("http://127.0.0.1:{port}") };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(60), "moto does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        moto
    }

    /// A new session in a region of its own for each test.
    pub async fn session(&self, region: &str) -> Session {
        Session::endpoint(&self.url, None, Some(region)).await.expect("a session")
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
