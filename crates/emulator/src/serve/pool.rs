//! Threads and connections: who is served, who waits, and how it all ends.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::http::Stream;
use super::{ServeOptions, reply, route};
use crate::world::World;

/// A thread that finds nothing to do for so long ends.
const LEISURE: Duration = Duration::from_secs(10);

/// What all threads of a server share.
pub(super) struct Shared {
    pub(super) world: World,
    pub(super) options: ServeOptions,
    started: Instant,
    stopping: AtomicBool,
    requests: AtomicU64,
    desk: Mutex<Desk>,
    /// Something changed at the desk.
    bell: Condvar,
}

/// Connections and the threads that wait for one.
#[derive(Default)]
struct Desk {
    waiting: VecDeque<Arc<Connection>>,
    free_threads: usize,
    next_id: u64,
    open: HashMap<u64, Arc<Connection>>,
}

/// A client's connection.
pub(super) struct Connection {
    id: u64,
    pub(super) stream: TcpStream,
    /// When it last fell silent, in microseconds since the server's start; [`BUSY`] during a request.
    idle_since: AtomicU64,
}

const BUSY: u64 = u64::MAX;

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("world", &self.world).field("options", &self.options).finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn new(world: World, options: ServeOptions) -> Self {
        Self {
            world,
            options,
            started: Instant::now(),
            stopping: AtomicBool::new(false),
            requests: AtomicU64::new(0),
            desk: Mutex::default(),
            bell: Condvar::new(),
        }
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// A request of this connection has begun.
    pub(super) fn begin(&self, connection: &Connection) {
        connection.idle_since.store(BUSY, Ordering::SeqCst);
    }

    /// The connection is between two requests.
    pub(super) fn rest(&self, connection: &Connection) {
        let since = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(BUSY - 1);
        connection.idle_since.store(since, Ordering::SeqCst);
        // A stop that looked before this saw a busy connection and left it alone.
        if self.is_stopping() {
            let _ = connection.stream.shutdown(Shutdown::Read);
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes no more connections and wakes who waits for one.
    pub(super) fn stop(&self, address: SocketAddr) {
        self.stopping.store(true, Ordering::SeqCst);
        let desk = self.desk();
        for connection in desk.open.values().filter(|connection| connection.is_idle()) {
            // What has arrived is still read; a complete request among it is still answered.
            let _ = connection.stream.shutdown(Shutdown::Read);
        }
        drop(desk);
        self.bell.notify_all();
        // The acceptor waits for a connection: here is one.
        let ip = match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        let _ = TcpStream::connect_timeout(&SocketAddr::new(ip, address.port()), Duration::from_secs(1));
    }

    /// Waits for the connections to end, then closes what is left.
    pub(super) fn drain(&self) {
        let deadline = Instant::now() + self.options.limits.stop_time;
        let mut desk = self.desk();
        while !desk.open.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                tracing::warn!(connections = desk.open.len(), "stopped before all requests were answered");
                desk.open.values().for_each(|connection| connection.close());
                break;
            }
            desk = self.bell.wait_timeout(desk, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Takes a connection in.
    fn admit(self: &Arc<Self>, stream: TcpStream) {
        let mut desk = self.desk();
        if desk.open.len() >= self.options.limits.connections && !desk.close_idlest() {
            drop(desk);
            reply::refuse_connection(&stream);
            return;
        }
        desk.next_id += 1;
        let idle_since = AtomicU64::new(u64::try_from(self.started.elapsed().as_micros()).unwrap_or(BUSY - 1));
        let connection = Arc::new(Connection { id: desk.next_id, stream, idle_since });
        desk.open.insert(connection.id, Arc::clone(&connection));
        if desk.free_threads > desk.waiting.len() {
            desk.waiting.push_back(connection);
            drop(desk);
            self.bell.notify_all();
            return;
        }
        drop(desk);
        let shared = Arc::clone(self);
        let first = Arc::clone(&connection);
        let spawned = thread::Builder::new().name("vpcrun-serve".to_owned()).spawn(move || shared.work(first));
        if let Err(error) = spawned {
            tracing::warn!(%error, "no thread for a connection");
            reply::refuse_connection(&connection.stream);
            self.leave(&connection);
        }
    }

    /// A thread's life: one connection after the other.
    fn work(&self, first: Arc<Connection>) {
        let mut next = Some(first);
        while let Some(connection) = next {
            // The guard closes the connection also when an action panics: the others go on.
            let guard = Leaving { shared: self, connection: &connection };
            let _ = Stream::new(&connection.stream, self.options.limits)
                .and_then(|mut stream| route::converse(self, &connection, &mut stream));
            drop(guard);
            next = self.wait_for_next();
        }
    }

    fn wait_for_next(&self) -> Option<Arc<Connection>> {
        let mut desk = self.desk();
        desk.free_threads += 1;
        let deadline = Instant::now() + LEISURE;
        let next = loop {
            if let Some(next) = desk.waiting.pop_front() {
                break Some(next);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || self.is_stopping() {
                break None;
            }
            desk = self.bell.wait_timeout(desk, left).unwrap_or_else(PoisonError::into_inner).0;
        };
        desk.free_threads -= 1;
        next
    }

    fn leave(&self, connection: &Connection) {
        connection.close();
        self.desk().open.remove(&connection.id);
        if self.is_stopping() {
            self.bell.notify_all();
        }
    }
}

struct Leaving<'a> {
    shared: &'a Shared,
    connection: &'a Connection,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.shared.leave(self.connection);
    }
}

impl Connection {
    fn is_idle(&self) -> bool {
        self.idle_since.load(Ordering::SeqCst) != BUSY
    }

    fn close(&self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

impl Desk {
    /// Closes the connection that is silent for longest; says whether there was one.
    fn close_idlest(&mut self) -> bool {
        let idle = self.open.values().filter(|connection| connection.is_idle());
        let Some(idlest) = idle.min_by_key(|connection| connection.idle_since.load(Ordering::SeqCst)).cloned() else {
            return false;
        };
        idlest.close();
        self.open.remove(&idlest.id);
        true
    }
}

/// Starts the thread that takes connections.
pub(super) fn accept(shared: Arc<Shared>, listener: TcpListener) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("vpcrun-accept".to_owned()).spawn(move || {
        loop {
            let accepted = listener.accept();
            if shared.is_stopping() {
                return;
            }
            match accepted {
                Ok((stream, _)) => shared.admit(stream),
                Err(error) => {
                    // Out of file descriptors, most likely: it passes.
                    tracing::warn!(%error, "a connection was not taken");
                    thread::sleep(Duration::from_millis(20));
                }
            }
        }
    })
}
