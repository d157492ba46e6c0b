//! The emulator as an HTTP server: for boto3, the aws CLI, Terraform, and SDKs in any language.
//!
//! Threads, not tasks: a request is a few microseconds under the world's lock, there is nothing to wait for but clients, and so
//! the crate needs no async runtime. A thread serves one connection at a time and then the next. [`pool`] has threads and
//! connections, [`http`] reads requests, [`route`] answers them, [`signature`] checks SigV4, [`identity`] is the one action
//! of STS that clients of EC2 ask for.
//!
//! TLS is left to a proxy.

mod credentials;
mod http;
mod identity;
mod pool;
mod reply;
mod route;
mod signature;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

pub use credentials::{Credentials, CredentialsError};
use pool::Shared;

use crate::clock::DrivenClock;
use crate::world::World;

/// How a world is served.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Where: an address and a port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Whose signatures are accepted. `None` accepts any signature, on loopback only.
    pub credentials: Option<Credentials>,
    /// A driven clock that `POST /_vpcrun/clock?advance=15s` moves. (It is the world's: see
    /// [`Options::clock`](crate::Options::clock).)
    pub clock: Option<DrivenClock>,
    /// What a client may take.
    pub limits: Limits,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 9099)),
            credentials: None,
            clock: None,
            limits: Limits::default(),
        }
    }
}

/// What a client may take of the server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a request's first line and headers.
    pub head: usize,
    /// Bytes of a request's body.
    pub body: usize,
    /// Connections at one time. Beyond it the one that is idle for longest is closed; when none is idle, the new one is refused.
    pub connections: usize,
    /// From a request's first byte to its last, and for a reply to be taken.
    pub request_time: Duration,
    /// How long a connection may be silent between requests.
    pub idle_time: Duration,
    /// How long a stop waits for requests in flight.
    pub stop_time: Duration,
}

/// Headers in a request, at most.
const MAX_HEADERS: usize = 100;

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 32 << 10,
            body: 1 << 20,
            connections: 512,
            request_time: Duration::from_secs(20),
            idle_time: Duration::from_secs(60),
            stop_time: Duration::from_secs(10),
        }
    }
}

/// Why a world cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Others could reach the server, and it would let anyone in.
    #[error("{0} can be reached from other machines: give credentials, or listen on a loopback address")]
    Open(SocketAddr),
    /// The address is not to be had.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The operating system gives no thread.
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
}

/// A world that is being served. Dropped, it stops as [`Server::stop`] does.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves a world until the server is stopped or dropped.
    ///
    /// ```
    /// use std::io::{Read, Write};
    /// use vpcrun_emulator::{Options, ServeOptions, Server, World};
    ///
    /// let listen = "127.0.0.1:0".parse()?;
    /// let server = Server::start(World::in_memory(Options::default()), ServeOptions { listen, ..ServeOptions::default() })?;
    /// let mut client = std::net::TcpStream::connect(server.address())?;
    /// client.write_all(b"GET /_vpcrun/health HTTP/1.0\r\n\r\n")?;
    /// let mut answer = String::new();
    /// client.read_to_string(&mut answer)?;
    /// assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    /// server.stop();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The address cannot be listened on, or is no loopback address and there are no credentials.
    pub fn start(world: World, options: ServeOptions) -> Result<Self, ServeError> {
        if options.credentials.is_none() && !options.listen.ip().is_loopback() {
            return Err(ServeError::Open(options.listen));
        }
        let error = |source| ServeError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).map_err(error)?;
        let address = listener.local_addr().map_err(error)?;
        let shared = Arc::new(Shared::new(world, options));
        let acceptor = pool::accept(Arc::clone(&shared), listener).map_err(ServeError::Thread)?;
        Ok(Self { shared, address, acceptor: Some(acceptor) })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many requests it has answered.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.shared.requests()
    }

    /// Ends what is in flight, then stops: no new connection is taken, idle ones are closed, requests that have begun are
    /// answered if they are complete within [`Limits::stop_time`].
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            // It ends without a panic; if not, there is nothing left to stop.
            let _ = acceptor.join();
        }
        self.shared.drain();
    }
}
