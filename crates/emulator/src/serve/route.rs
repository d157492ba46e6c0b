//! What is answered to a request: EC2 at `/`, the server's own affairs under `/_vpcrun/`.

use std::borrow::Cow;
use std::io;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use serde_json::json;

use super::http::{End, Message, Stream};
use super::identity;
use super::pool::{Connection, Shared};
use super::reply::Reply;
use super::signature::{self, Check, Claim, Invalid};
use crate::clock::Clock;
use crate::error::Refusal;
use crate::fault;
use crate::world::{Request, World};

/// The room that a connection keeps for its replies.
const LARGE: usize = 64 << 10;

const HEALTH: &str = "/_vpcrun/health";
const RESET: &str = "/_vpcrun/reset";
const CLOCK: &str = "/_vpcrun/clock";

/// How far a client's clock may be off, for EC2 and for STS.
const EC2_SKEW: Duration = Duration::from_secs(5 * 60);
const STS_SKEW: Duration = Duration::from_secs(15 * 60);

/// Answers the requests of a connection until one side ends it.
pub(super) fn converse(shared: &Shared, connection: &Connection, stream: &mut Stream<'_>) -> io::Result<()> {
    let mut out = Vec::new();
    loop {
        if stream.wait().is_err() {
            return Ok(());
        }
        shared.begin(connection);
        out.clear();
        out.shrink_to(LARGE);
        let ended = stream.request(|message| answer(shared, message, &mut out));
        match ended {
            Ok(Next::Go) => stream.write(&out)?,
            Ok(Next::Close) => {
                stream.write(&out)?;
                if stream.has_more() {
                    stream.linger();
                }
                return Ok(());
            }
            Ok(Next::Lost) | Err(End::Silence | End::Broken) => return Ok(()),
            Err(End::Bad(bad)) => {
                let reply = Reply::from(bad);
                tracing::debug!(status = reply.status, "no request");
                shared.count_request();
                reply.write(false, false, &mut out);
                stream.write(&out)?;
                stream.linger();
                return Ok(());
            }
        }
        if !stream.has_more() {
            shared.rest(connection);
        }
    }
}

/// How it goes on after a request.
enum Next {
    Go,
    Close,
    /// The reply is not sent, and the connection closed.
    Lost,
}

fn answer(shared: &Shared, message: &Message<'_>, out: &mut Vec<u8>) -> Next {
    let started = Instant::now();
    let reply = route(shared, message);
    shared.count_request();
    log(message, reply.as_ref(), started.elapsed());
    let Some(reply) = reply else { return Next::Lost };
    let keep_alive = message.keep_alive && !shared.is_stopping();
    reply.write(message.method == "HEAD", keep_alive, out);
    if keep_alive { Next::Go } else { Next::Close }
}

/// A line for each request.
fn log(message: &Message<'_>, reply: Option<&Reply>, elapsed: Duration) {
    let action = action_of(message);
    let what = if action.is_empty() { message.path } else { &action };
    let status = reply.map(|reply| reply.status);
    tracing::debug!(
        target: "vpcrun_emulator::request",
        action = what,
        status,
        ok = status.is_some_and(|status| status < 400),
        request_id = reply.and_then(|reply| reply.request_id.as_deref()),
        elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
    );
}

fn route(shared: &Shared, message: &Message<'_>) -> Option<Reply> {
    if let Err(refusal) = comes_from_here(shared, message) {
        return Some(Reply::refusal(&refusal));
    }
    let allow = match message.path {
        "/" => "GET, POST",
        HEALTH => "GET",
        RESET => "POST",
        CLOCK if shared.options.clock.is_some() => "POST",
        path => {
            let refusal = Refusal::new("NotFound", format!("Nothing is served at {path}."));
            return Some(Reply::refusal(&Refusal { status: 404, ..refusal }));
        }
    };
    if !allow.split(", ").any(|method| method == message.method) {
        let refusal = Refusal::new("MethodNotAllowed", format!("{} is not allowed here.", message.method));
        return Some(Reply { allow: Some(allow), ..Reply::refusal(&Refusal { status: 405, ..refusal }) });
    }
    match message.path {
        "/" => ec2(shared, message),
        HEALTH => Some(Reply::json(200, &health(shared))),
        _ => Some(administer(shared, message).unwrap_or_else(|refusal| Reply::refusal(&refusal))),
    }
}

/// Refuses web pages. A browser on this machine reaches the server too, and any page in it could ask it to forget everything;
/// without credentials a page of a name that resolves to 127.0.0.1 could even read the answers.
fn comes_from_here(shared: &Shared, message: &Message<'_>) -> Result<(), Refusal> {
    let forbidden = |why: &str| Err(Refusal { status: 403, ..Refusal::new("AccessDenied", why.to_owned()) });
    let is_foreign = |site: &str| !matches!(site, "none" | "same-origin");
    if message.headers.get("origin").is_some() || message.headers.get("sec-fetch-site").is_some_and(is_foreign) {
        return forbidden("Requests of web pages are not answered.");
    }
    let is_local = message.headers.get("host").is_none_or(is_local_name);
    if shared.options.credentials.is_none() && !is_local {
        return forbidden("Without credentials, the server answers to localhost, addresses and private names only.");
    }
    Ok(())
}

/// Whether a Host header names an address, or a name that nobody can register.
fn is_local_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches([']', '.']);
    let private = ["localhost", "internal", "local", "test"];
    name.parse::<IpAddr>().is_ok()
        || !name.contains('.')
        || name.rsplit('.').next().is_some_and(|top| private.contains(&top))
}

/// A request of EC2's API, or of the one action of STS. `None` where the reply is lost.
fn ec2(shared: &Shared, message: &Message<'_>) -> Option<Reply> {
    let claim = match Claim::read(message) {
        Ok(claim) => claim,
        Err(invalid) if action_of(message) == "GetCallerIdentity" => return Some(identity::refusal(&invalid.to_sts())),
        Err(invalid) => return Some(Reply::refusal(&invalid.to_ec2())),
    };
    let is_sts = claim.service() == "sts";
    let (service, skew) = if is_sts { ("sts", STS_SKEW) } else { ("ec2", EC2_SKEW) };
    match verify(shared, message, &claim, Some(service), skew) {
        Ok(()) if is_sts => Some(identity::answer(&action_of(message), shared.world.account_id())),
        Ok(()) => {
            let Ok(body) = form(message) else {
                let words = "The query string contains a syntax error: text that is not UTF-8.";
                return Some(Reply::refusal(&Refusal::new("MalformedQueryString", words.to_owned())));
            };
            let request = Request { region: claim.region().to_owned(), body: body.into_owned() };
            shared.world.deliver(&request).map(Reply::from)
        }
        Err(invalid) if is_sts => Some(identity::refusal(&invalid.to_sts())),
        Err(invalid) => Some(Reply::refusal(&invalid.to_ec2())),
    }
}

/// Checks a signature where there are credentials. Without them any signature is good.
fn verify(
    shared: &Shared,
    message: &Message<'_>,
    claim: &Claim<'_>,
    service: Option<&str>,
    skew: Duration,
) -> Result<(), Invalid> {
    match &shared.options.credentials {
        // Clients sign by the wall clock, whatever clock the world has.
        Some(credentials) => claim.verify(message, credentials, &Check { now: Clock::System.now(), skew, service }),
        None => Ok(()),
    }
}

/// The parameters of a request: those of the query, without a signature's, and those of the body.
fn form<'m>(message: &'m Message<'_>) -> Result<Cow<'m, str>, std::str::Utf8Error> {
    let body = std::str::from_utf8(&message.body)?.trim_end_matches(['\r', '\n']);
    if message.query.is_empty() {
        return Ok(Cow::Borrowed(body));
    }
    let pairs = message.query.split('&').filter(|pair| !signature::is_signature(pair));
    Ok(Cow::Owned(pairs.chain([body]).filter(|pair| !pair.is_empty()).collect::<Vec<_>>().join("&")))
}

/// The action that is asked for, from its text alone.
fn action_of<'m>(message: &'m Message<'_>) -> Cow<'m, str> {
    let find = |text: &'m str| text.split('&').find_map(|pair| pair.strip_prefix("Action="));
    let body = match &message.body {
        Cow::Borrowed(body) => *body,
        Cow::Owned(body) => body.as_slice(),
    };
    let body = || std::str::from_utf8(body).ok().and_then(find);
    Cow::Borrowed(find(message.query).or_else(body).unwrap_or_default())
}

fn health(shared: &Shared) -> serde_json::Value {
    json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "world": shared.world.name(),
        "requests": shared.requests(),
    })
}

/// The server's own affairs. Where there are credentials, they are for those who have them.
fn administer(shared: &Shared, message: &Message<'_>) -> Result<Reply, Refusal> {
    if shared.options.credentials.is_some() {
        let claim = Claim::read(message).map_err(|invalid| invalid.to_sts())?;
        verify(shared, message, &claim, None, EC2_SKEW).map_err(|invalid| invalid.to_sts())?;
    }
    match &shared.options.clock {
        Some(clock) if message.path == CLOCK => {
            let form = form(message).unwrap_or_default();
            let advance = form.split('&').find_map(|pair| pair.strip_prefix("advance=")).and_then(fault::parse_time);
            let words = "The clock takes advance=TIME, such as 500ms, 15s, 5m or 1h.";
            clock.advance(advance.ok_or_else(|| Refusal::invalid_parameter_value(words))?);
            Ok(Reply::json(200, &json!({ "now": clock.now().to_string() })))
        }
        _ => {
            reset(&shared.world)?;
            Ok(Reply::json(200, &json!({ "world": shared.world.name() })))
        }
    }
}

fn reset(world: &World) -> Result<(), Refusal> {
    world.reset().map_err(Refusal::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_nobody_can_register_are_local() {
        for host in
            ["127.0.0.1:9099", "[::1]:9099", "localhost", "a.localhost:1", "ec2", "host.docker.internal:80", "10.1.2.3"]
        {
            assert!(is_local_name(host), "{host}");
        }
        for host in
            ["example.com", "127.0.0.1.example.com:9099", "localhost.example.org", "ec2.us-east-1.amazonaws.com"]
        {
            assert!(!is_local_name(host), "{host}");
        }
    }
}
