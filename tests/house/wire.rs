//! A world behind a socket on loopback, that can stop answering at a chosen call.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use vpcrun_emulator::{Request, World};

use super::support::REGION;

/// Where the server stops answering: at the n-th call from now, before it is carried out or after.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub call: usize,
    pub reply_lost: bool,
}

#[derive(Default)]
struct Gate {
    cut: Option<Cut>,
    calls: usize,
    closed: bool,
}

pub struct Server {
    pub world: World,
    pub url: String,
    gate: Arc<Mutex<Gate>>,
}

/// An HTTP status and a body.
pub type Answer = (u16, String);

/// Answers each request on a port of loopback until the test process ends, by its body. `None` ends the connection
/// without an answer. Returns the URL.
pub fn listen(answer: impl Fn(String) -> Option<Answer> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let answer = answer.clone();
            std::thread::spawn(move || drop(serve(&stream, &*answer)));
        }
    });
    url
}

/// The action of a request's body.
pub fn action(body: &str) -> &str {
    body.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or_default()
}

impl Server {
    /// Serves until the test process ends.
    pub fn start(world: World) -> Self {
        let gate: Arc<Mutex<Gate>> = Arc::default();
        let (served, watched) = (world.clone(), gate.clone());
        let url = listen(move |body| answer(body, &served, &watched));
        Self { world, url, gate }
    }

    /// Counts calls from now, and stops at the cut. `None`: answers again.
    pub fn cut(&self, cut: Option<Cut>) {
        *self.gate.lock().expect("the gate") = Gate { cut, ..Gate::default() };
    }

    /// Whether the cut was reached: nothing is answered now.
    pub fn is_cut(&self) -> bool {
        self.gate.lock().expect("the gate").closed
    }
}

/// One connection, kept alive: HTTP as the SDK writes it, no more.
fn serve(stream: &TcpStream, answer: &dyn Fn(String) -> Option<Answer>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().map_err(std::io::Error::other)?;
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let body = String::from_utf8(body).map_err(std::io::Error::other)?;
        let Some((status, body)) = answer(body) else { return Ok(()) };
        let length = body.len();
        let head = format!("HTTP/1.1 {status} EC2\r\ncontent-type: text/xml\r\ncontent-length: {length}\r\n\r\n");
        write!(&mut &*stream, "{head}{body}")?;
    }
}

/// The answer, or `None` when the client is to get none.
fn answer(body: String, world: &World, gate: &Mutex<Gate>) -> Option<Answer> {
    // Held while the call is carried out: calls are one after another, and none slips past a closed gate.
    let mut gate = gate.lock().expect("the gate");
    gate.calls += 1;
    let at_cut = gate.cut.is_some_and(|cut| gate.calls >= cut.call);
    let reply_lost = gate.cut.is_some_and(|cut| cut.reply_lost && gate.calls == cut.call);
    gate.closed |= at_cut;
    if at_cut && !reply_lost {
        drop(gate);
        return wait_for_the_kill();
    }
    let response = world.handle(&Request { region: REGION.to_owned(), body });
    drop(gate);
    if at_cut {
        return wait_for_the_kill();
    }
    Some((response.status, response.body))
}

/// A client that is about to be killed must not see its connection close first.
fn wait_for_the_kill() -> Option<Answer> {
    std::thread::sleep(std::time::Duration::from_secs(2));
    None
}
