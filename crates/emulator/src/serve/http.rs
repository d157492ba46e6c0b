//! HTTP/1.1 requests from a connection: head, body of a length or in chunks, within limits of size and time.
//!
//! Source: RFC 9112. Where it lets a server choose, this one is strict: a request that two programs could read differently is
//! refused, and the connection is closed.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use super::{Limits, MAX_HEADERS};

/// What is wrong with a request before it is one. The connection ends with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    Malformed(&'static str),
    HeadTooLarge,
    BodyTooLarge,
    UnknownCoding,
    UnknownExpectation,
    UnknownVersion,
    TooSlow,
}

/// How reading a request can end without one.
#[derive(Debug)]
pub(super) enum End {
    /// The client has closed, or was silent for too long.
    Silence,
    /// Something can be said to the client.
    Bad(Bad),
    /// The connection is broken.
    Broken,
}

impl From<Bad> for End {
    fn from(bad: Bad) -> Self {
        Self::Bad(bad)
    }
}

/// A request as it stands in the connection's buffer.
pub(super) struct Message<'b> {
    pub(super) method: &'b str,
    pub(super) path: &'b str,
    /// Without the question mark.
    pub(super) query: &'b str,
    pub(super) headers: Headers<'b>,
    pub(super) body: Cow<'b, [u8]>,
    /// Whether the client can be asked something else on the same connection.
    pub(super) keep_alive: bool,
}

/// Headers in their order.
pub(super) struct Headers<'b>(Vec<(&'b str, &'b [u8])>);

impl<'b> Headers<'b> {
    #[cfg(test)]
    pub(super) fn new(headers: Vec<(&'b str, &'b [u8])>) -> Self {
        Self(headers)
    }

    /// All values of a header.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &'b [u8]> {
        self.0.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// The first value of a header, if it is text.
    pub(super) fn get(&self, name: &str) -> Option<&'b str> {
        self.all(name).next().and_then(|value| std::str::from_utf8(value).ok()).map(str::trim)
    }

    /// Whether a header's comma-separated list has this word.
    fn lists(&self, name: &str, word: &str) -> bool {
        let words =
            self.all(name).filter_map(|value| std::str::from_utf8(value).ok()).flat_map(|value| value.split(','));
        words.map(str::trim).any(|other| other.eq_ignore_ascii_case(word))
    }
}

/// How a body is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
}

/// The buffered side of a connection.
pub(super) struct Stream<'c> {
    socket: &'c TcpStream,
    limits: Limits,
    buffer: Vec<u8>,
    /// The socket's read timeout, to spare system calls.
    timeout: Duration,
}

const READ: usize = 16 << 10;

/// The shortest timeout of a socket: one of zero is refused.
const SHORTEST: Duration = Duration::from_millis(1);

impl<'c> Stream<'c> {
    pub(super) fn new(socket: &'c TcpStream, limits: Limits) -> io::Result<Self> {
        let (idle, write) = (limits.idle_time.max(SHORTEST), limits.request_time.max(SHORTEST));
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(idle))?;
        socket.set_write_timeout(Some(write))?;
        Ok(Self { socket, limits, buffer: Vec::with_capacity(READ), timeout: idle })
    }

    /// Waits for the first byte of the next request.
    pub(super) fn wait(&mut self) -> Result<(), End> {
        if self.buffer.is_empty() {
            self.set_timeout(self.limits.idle_time)?;
            self.fill()?;
        }
        Ok(())
    }

    /// Whether the client has sent more than what was answered.
    pub(super) fn has_more(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Reads the rest of a request, and hands it on.
    pub(super) fn request<T>(&mut self, answer: impl FnOnce(&Message<'_>) -> T) -> Result<T, End> {
        let deadline = Instant::now() + self.limits.request_time;
        let head = self.read_head(deadline)?;
        let (framing, expects) = {
            let message = parse(&self.buffer[..head])?;
            (framing(&message)?, expects(&message)?)
        };
        if matches!(framing, Framing::Length(length) if length > self.limits.body) {
            return Err(Bad::BodyTooLarge.into());
        }
        if expects && self.buffer.len() == head && framing != Framing::Length(0) {
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n").map_err(|_| End::Broken)?;
        }
        let (body, end) = match framing {
            Framing::Length(length) => {
                self.fill_to(head + length, deadline)?;
                (None, head + length)
            }
            Framing::Chunked => {
                let (body, end) = self.read_chunks(head, deadline)?;
                (Some(body), end)
            }
        };
        let mut message = parse(&self.buffer[..head])?;
        message.body = body.map_or(Cow::Borrowed(&self.buffer[head..end]), Cow::Owned);
        let answered = answer(&message);
        self.buffer.drain(..end);
        // A connection that once brought a large body does not keep the room for it.
        if self.buffer.is_empty() {
            self.buffer.shrink_to(READ * 2);
        }
        Ok(answered)
    }

    /// Sends all of it, in no more than the time that a request may take.
    pub(super) fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let deadline = Instant::now() + self.limits.request_time;
        while !bytes.is_empty() {
            match (&*self.socket).write(bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(sent) => bytes = &bytes[sent..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if !bytes.is_empty() && Instant::now() > deadline {
                return Err(ErrorKind::TimedOut.into());
            }
        }
        Ok(())
    }

    /// Ends the connection so that the client can read the last reply: what it still sends is thrown away for a moment, for
    /// a close with unread bytes resets the connection.
    pub(super) fn linger(&mut self) {
        const PATIENCE: Duration = Duration::from_millis(500);
        let deadline = Instant::now() + PATIENCE;
        let _ = self.socket.shutdown(Shutdown::Write);
        let _ = self.socket.set_read_timeout(Some(PATIENCE));
        self.buffer.clear();
        while Instant::now() < deadline && self.fill().is_ok() {
            self.buffer.clear();
        }
    }

    fn set_timeout(&mut self, timeout: Duration) -> Result<(), End> {
        let timeout = timeout.max(SHORTEST);
        if timeout != self.timeout {
            self.socket.set_read_timeout(Some(timeout)).map_err(|_| End::Broken)?;
            self.timeout = timeout;
        }
        Ok(())
    }

    /// Reads what there is, and waits for the first byte of it.
    fn fill(&mut self) -> Result<(), End> {
        let filled = self.buffer.len();
        self.buffer.resize(filled + READ, 0);
        let read = loop {
            match (&*self.socket).read(&mut self.buffer[filled..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.buffer.truncate(filled + *read.as_ref().unwrap_or(&0));
        match read {
            Ok(0) => Err(End::Silence),
            Ok(_) => Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Err(End::Silence),
            Err(_) => Err(End::Broken),
        }
    }

    /// Reads more of a request that has begun.
    fn fill_before(&mut self, deadline: Instant) -> Result<(), End> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Bad::TooSlow.into());
        }
        self.set_timeout(left)?;
        self.fill().map_err(|end| match end {
            End::Silence if Instant::now() >= deadline => Bad::TooSlow.into(),
            end => end,
        })
    }

    fn fill_to(&mut self, size: usize, deadline: Instant) -> Result<(), End> {
        while self.buffer.len() < size {
            self.fill_before(deadline)?;
        }
        Ok(())
    }

    /// Reads up to the empty line that ends a head; gives the head's length.
    fn read_head(&mut self, deadline: Instant) -> Result<usize, End> {
        let mut looked_at = 0;
        loop {
            // Whoever speaks TLS, or something else, is told at once.
            if self.buffer.first().is_some_and(|byte| !byte.is_ascii_uppercase() && !b"\r\n".contains(byte)) {
                return Err(Bad::Malformed("this is no HTTP request; for TLS, put a proxy in front").into());
            }
            if let Some(end) = end_of_head(&self.buffer, looked_at) {
                return if end <= self.limits.head { Ok(end) } else { Err(Bad::HeadTooLarge.into()) };
            }
            if self.buffer.len() > self.limits.head {
                return Err(Bad::HeadTooLarge.into());
            }
            looked_at = self.buffer.len().saturating_sub(3);
            self.fill_before(deadline)?;
        }
    }

    /// Reads a chunked body that begins at `start`; gives it with the place where it ends in the buffer.
    fn read_chunks(&mut self, start: usize, deadline: Instant) -> Result<(Vec<u8>, usize), End> {
        let mut body = Vec::new();
        let mut at = start;
        loop {
            let line_end = self.line(at, deadline)?;
            let size = chunk_size(&self.buffer[at..line_end])?;
            if size > self.limits.body - body.len() {
                return Err(Bad::BodyTooLarge.into());
            }
            at = line_end;
            if size == 0 {
                break;
            }
            self.fill_to(at + size + 2, deadline)?;
            body.extend_from_slice(&self.buffer[at..at + size]);
            if &self.buffer[at + size..at + size + 2] != b"\r\n" {
                return Err(Bad::Malformed("a chunk is longer than it says").into());
            }
            at += size + 2;
            // Chunks of one byte must not make the buffer grow without bound.
            self.buffer.drain(start..at);
            at = start;
        }
        // Trailers say nothing that matters here.
        let trailers = at;
        loop {
            let line_end = self.line(at, deadline)?;
            if line_end - at <= 2 {
                return Ok((body, line_end));
            }
            if line_end - trailers > self.limits.head {
                return Err(Bad::HeadTooLarge.into());
            }
            at = line_end;
        }
    }

    /// Where the line that begins at `start` ends, its line feed included.
    fn line(&mut self, start: usize, deadline: Instant) -> Result<usize, End> {
        const LONGEST: usize = 4 << 10;
        loop {
            let line = &self.buffer[start.min(self.buffer.len())..];
            match line.iter().take(LONGEST).position(|byte| *byte == b'\n') {
                Some(end) => return Ok(start + end + 1),
                None if line.len() >= LONGEST => return Err(Bad::Malformed("a chunk's first line is too long").into()),
                None => self.fill_before(deadline)?,
            }
        }
    }
}

/// Where a head ends that was searched up to `from`.
fn end_of_head(buffer: &[u8], from: usize) -> Option<usize> {
    // Empty lines before the first line are allowed.
    let blank = buffer.iter().take_while(|byte| b"\r\n".contains(byte)).count();
    let start = from.max(blank);
    let rest = buffer.get(start..)?;
    rest.iter().enumerate().filter(|(_, byte)| **byte == b'\n').find_map(|(at, _)| {
        let next = &rest[at + 1..];
        match next {
            [b'\n', ..] => Some(start + at + 2),
            [b'\r', b'\n', ..] => Some(start + at + 3),
            _ => None,
        }
    })
}

fn parse(head: &[u8]) -> Result<Message<'_>, Bad> {
    let mut space = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut space);
    match request.parse(head) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Err(Bad::Malformed("the request is not complete")),
        Err(httparse::Error::TooManyHeaders) => return Err(Bad::HeadTooLarge),
        Err(httparse::Error::Version) => return Err(Bad::UnknownVersion),
        Err(_) => return Err(Bad::Malformed("this is no HTTP request")),
    }
    let (Some(method), Some(target), Some(version)) = (request.method, request.path, request.version) else {
        return Err(Bad::Malformed("the request has no first line"));
    };
    let headers = Headers(request.headers.iter().map(|header| (header.name, header.value)).collect());
    let hosts = headers.all("host").count();
    if hosts > 1 || (version == 1 && hosts == 0) {
        return Err(Bad::Malformed("a request has one Host header"));
    }
    let keep_alive = match version {
        0 => headers.lists("connection", "keep-alive"),
        _ => !headers.lists("connection", "close"),
    };
    let (path, query) = split_target(target)?;
    Ok(Message { method, path, query, headers, body: Cow::Borrowed(&[]), keep_alive })
}

/// Path and query of a request's target: `/?Action=x`, or `http://host/?Action=x`.
fn split_target(target: &str) -> Result<(&str, &str), Bad> {
    let local = match target.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") => {
            &rest[rest.find(['/', '?']).unwrap_or(rest.len())..]
        }
        _ if target.starts_with('/') => target,
        // OPTIONS has it.
        _ if target == "*" => target,
        _ => return Err(Bad::Malformed("the target is no path")),
    };
    let (path, query) = local.split_once('?').unwrap_or((local, ""));
    let query = query.split('#').next().unwrap_or(query);
    Ok((if path.is_empty() { "/" } else { path }, query))
}

/// How the body is delimited. Two lengths, or a length and chunks, are what request smuggling is made of.
fn framing(message: &Message<'_>) -> Result<Framing, End> {
    let mut length = None;
    for value in message.headers.all("content-length") {
        let digits = value.trim_ascii();
        let is_number = !digits.is_empty() && digits.len() < 20 && digits.iter().all(u8::is_ascii_digit);
        let number =
            std::str::from_utf8(digits).ok().filter(|_| is_number).and_then(|digits| digits.parse::<u64>().ok());
        let number = number.ok_or(Bad::Malformed("Content-Length is no number"))?;
        if length.is_some_and(|length| length != number) {
            return Err(Bad::Malformed("two different lengths").into());
        }
        length = Some(number);
    }
    let mut codings = message.headers.all("transfer-encoding");
    match (codings.next(), codings.next(), length) {
        (None, _, _) => Ok(Framing::Length(usize::try_from(length.unwrap_or(0)).unwrap_or(usize::MAX))),
        (Some(_), _, Some(_)) => Err(Bad::Malformed("a length and a transfer coding").into()),
        (Some(coding), None, None) if coding.trim_ascii().eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked),
        _ => Err(Bad::UnknownCoding.into()),
    }
}

/// Whether the client waits for a word before it sends the body.
fn expects(message: &Message<'_>) -> Result<bool, End> {
    match message.headers.get("expect") {
        None => Ok(false),
        Some(expectation) if expectation.eq_ignore_ascii_case("100-continue") => Ok(true),
        Some(_) => Err(Bad::UnknownExpectation.into()),
    }
}

/// The size in a chunk's first line: hexadecimal digits, then extensions that nobody needs.
fn chunk_size(line: &[u8]) -> Result<usize, Bad> {
    let line = line.trim_ascii();
    let digits = line.split(|byte| *byte == b';').next().unwrap_or(line).trim_ascii();
    let is_size = !digits.is_empty() && digits.len() <= 8 && digits.iter().all(u8::is_ascii_hexdigit);
    let size = std::str::from_utf8(digits).ok().filter(|_| is_size);
    size.and_then(|digits| usize::from_str_radix(digits, 16).ok()).ok_or(Bad::Malformed("a chunk has no size"))
}
