//! Replies as bytes.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use super::http::Bad;
use crate::error::Refusal;
use crate::wire::xml;
use crate::world::{self, Response};

/// What is sent back.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    /// AWS's id of the request, if it is one of AWS's.
    pub(super) request_id: Option<String>,
    /// The methods that would be allowed, with a 405.
    pub(super) allow: Option<&'static str>,
    pub(super) body: String,
}

const XML: &str = "text/xml;charset=UTF-8";

impl Reply {
    pub(super) fn json(status: u16, body: &serde_json::Value) -> Self {
        let body = format!("{body}\n");
        Self { status, content_type: "application/json", request_id: None, allow: None, body }
    }

    pub(super) fn xml(status: u16, request_id: String, body: String) -> Self {
        Self { status, content_type: XML, request_id: Some(request_id), allow: None, body }
    }

    /// A refusal in EC2's form.
    pub(super) fn refusal(refusal: &Refusal) -> Self {
        let request_id = world::request_id();
        let body = xml::refusal(refusal, &request_id);
        Self::xml(refusal.status, request_id, body)
    }

    /// The bytes of it, after what is in `out`.
    pub(super) fn write(&self, is_head: bool, keep_alive: bool, out: &mut Vec<u8>) {
        let Self { status, content_type, request_id, allow, body } = self;
        let date = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT");
        // Writing to a Vec cannot fail.
        let _ = write!(
            out,
            "HTTP/1.1 {status} {}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nDate: {date}\r\nServer: AmazonEC2\r\n",
            reason(*status),
            body.len()
        );
        if let Some(id) = request_id {
            let _ = write!(out, "x-amzn-RequestId: {id}\r\n");
        }
        if let Some(methods) = allow {
            let _ = write!(out, "Allow: {methods}\r\n");
        }
        if !keep_alive {
            out.extend_from_slice(b"Connection: close\r\n");
        }
        out.extend_from_slice(b"\r\n");
        if !is_head {
            out.extend_from_slice(body.as_bytes());
        }
    }
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self::xml(response.status, response.request_id, response.body)
    }
}

impl From<Bad> for Reply {
    fn from(bad: Bad) -> Self {
        let (status, code, message) = match bad {
            Bad::Malformed(what) => (400, "InvalidRequest", what),
            Bad::HeadTooLarge => (431, "RequestHeaderSectionTooLarge", "The request's headers are too large."),
            Bad::BodyTooLarge => (413, "RequestEntityTooLarge", "Request entity too large."),
            Bad::UnknownCoding => (501, "NotImplemented", "The only transfer coding is chunked."),
            Bad::UnknownExpectation => (417, "ExpectationFailed", "The only expectation is 100-continue."),
            Bad::UnknownVersion => (505, "HttpVersionNotSupported", "This server speaks HTTP/1.1."),
            Bad::TooSlow => (408, "RequestTimeout", "The request did not arrive in time."),
        };
        Self::refusal(&Refusal { status, ..Refusal::new(code, message.to_owned()) })
    }
}

/// Turns a connection away: there are too many.
pub(super) fn refuse_connection(stream: &TcpStream) {
    let refusal = Refusal { status: 503, ..Refusal::new("Unavailable", "There are too many connections.".to_owned()) };
    let mut bytes = Vec::new();
    Reply::refusal(&refusal).write(false, false, &mut bytes);
    let _ = stream.set_write_timeout(Some(Duration::from_millis(50)));
    let mut stream = stream;
    let _ = stream.write_all(&bytes);
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        417 => "Expectation Failed",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Status",
    }
}
