//! A server in this process, and a client that says exactly what it is told to say.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use vpcrun_emulator::{Limits, Options, ServeOptions, Server, World};

/// A header that names a region; without credentials that is all a signature has to do.
pub const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20261123/eu-west-1/ec2/aws4_request, \
                          SignedHeaders=host;x-amz-date, Signature=00\r\n";

pub fn options() -> ServeOptions {
    let limits = Limits {
        request_time: Duration::from_millis(1_500),
        idle_time: Duration::from_secs(3),
        stop_time: Duration::from_secs(5),
        ..Limits::default()
    };
    ServeOptions { listen: SocketAddr::from(([127, 0, 0, 1], 0)), limits, ..ServeOptions::default() }
}

/// A new world, served.
pub fn serve(options: ServeOptions) -> Server {
    Server::start(World::in_memory(Options::default()), options).expect("serves")
}

/// An EC2 request on a connection that stays open.
pub fn post(body: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: localhost\r\n{SIGNED}Content-Length: {}\r\n\r\n{body}", body.len())
}

pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Client {
    pub fn of(server: &Server) -> Self {
        let stream = TcpStream::connect(server.address()).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("takes a timeout");
        stream.set_write_timeout(Some(Duration::from_secs(20))).expect("takes a timeout");
        stream.set_nodelay(true).expect("takes an option");
        Self { stream, buffer: Vec::new() }
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).expect("sends");
    }

    /// Sends what may meet a closed connection.
    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    fn fill(&mut self) -> bool {
        let mut space = [0; 4096];
        match self.stream.read(&mut space) {
            Ok(read) => {
                self.buffer.extend_from_slice(&space[..read]);
                read > 0
            }
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => false,
            Err(error) => panic!("no answer: {error}"),
        }
    }

    /// The next answer; `None` where the connection ends instead.
    pub fn answer(&mut self) -> Option<Answer> {
        let end = loop {
            match self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                Some(end) => break end + 4,
                None if self.fill() => {}
                None => return None,
            }
        };
        let head = String::from_utf8(self.buffer[..end].to_vec()).expect("text");
        let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let length: usize = length.map_or(0, |length| length.parse().expect("a length"));
        while self.buffer.len() < end + length {
            assert!(self.fill(), "the body is cut off");
        }
        let body = String::from_utf8(self.buffer[end..end + length].to_vec()).expect("text");
        self.buffer.drain(..end + length);
        Some(Answer { status, head, body })
    }

    #[track_caller]
    pub fn ask(&mut self, request: impl AsRef<[u8]>) -> Answer {
        self.send(request);
        self.answer().expect("an answer")
    }

    /// Whether the server has closed and said nothing more.
    pub fn is_closed(&mut self) -> bool {
        self.buffer.is_empty() && !self.fill()
    }

    pub fn finish_sending(&self) {
        // The server may have closed before.
        let _ = self.stream.shutdown(std::net::Shutdown::Write);
    }
}

impl Answer {
    pub fn code(&self) -> &str {
        let code = self.body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
        code.map_or("", |(code, _)| code)
    }

    pub fn message(&self) -> &str {
        let message = self.body.split_once("<Message>").and_then(|(_, rest)| rest.split_once("</Message>"));
        message.map_or("", |(message, _)| message)
    }
}

impl Client {
    /// The answer to a HEAD: its length is that of a body that does not follow.
    pub fn answer_to_head(&mut self) -> Answer {
        let end = loop {
            match self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                Some(end) => break end + 4,
                None => assert!(self.fill(), "no answer"),
            }
        };
        let head = String::from_utf8(self.buffer.drain(..end).collect()).expect("text");
        let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
        Answer { status, head, body: String::new() }
    }
}
