//! What the server answers beside EC2, and how it starts and stops.

use std::time::{Duration, Instant};

use vpcrun_emulator::{Clock, DrivenClock, Options, ServeError, ServeOptions, Server, Timestamp, World};

use crate::support::{Client, SIGNED, options, post, serve};

const HEALTH: &str = "GET /_vpcrun/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
const RESET: &str = "POST /_vpcrun/reset HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[test]
fn health_tells_what_is_served() {
    let server = serve(options());
    let mut client = Client::of(&server);
    assert_eq!(client.ask(post("Action=DescribeVpcs")).status, 200);
    let health = client.ask(HEALTH);
    assert_eq!(health.status, 200);
    assert!(health.head.contains("Content-Type: application/json\r\n"), "{}", health.head);
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!("{{\"status\":\"ok\",\"version\":\"{version}\",\"world\":\":memory:\",\"requests\":1}}\n");
    assert_eq!(health.body, expected);
    assert_eq!(server.requests(), 2);
}

#[test]
fn a_reset_makes_the_world_as_new() {
    let server = serve(options());
    let mut client = Client::of(&server);
    let made = client.ask(post("Action=CreateVpc&CidrBlock=10.7.0.0/16"));
    assert!(made.body.contains("<cidrBlock>10.7.0.0/16</cidrBlock>"), "{}", made.body);
    assert!(made.head.contains("x-amzn-RequestId: "), "{}", made.head);
    assert!(client.ask(post("Action=DescribeVpcs")).body.contains("10.7.0.0/16"));
    assert_eq!(client.ask(RESET).status, 200);
    assert!(!client.ask(post("Action=DescribeVpcs")).body.contains("10.7.0.0/16"));
}

#[test]
fn web_pages_are_not_answered() {
    let server = serve(options());
    let mut client = Client::of(&server);
    for header in
        ["Origin: https://example.com", "Origin: null", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"]
    {
        let request = RESET.replace("\r\n\r\n", &format!("\r\n{header}\r\n\r\n"));
        let answer = client.ask(request);
        assert_eq!((answer.status, answer.code()), (403, "AccessDenied"), "{header}");
    }
    let answer = client.ask(HEALTH.replace("localhost", "rebound.example.com"));
    assert_eq!((answer.status, answer.code()), (403, "AccessDenied"));
}

#[test]
fn a_driven_clock_moves_when_it_is_told_to() {
    let clock = DrivenClock::new(Timestamp::from_millisecond(1_795_459_438_000));
    let world = Options { clock: Clock::Driven(clock.clone()), ..Options::default() };
    let options = ServeOptions { clock: Some(clock), ..options() };
    let server = Server::start(World::in_memory(world), options).expect("serves");
    let mut client = Client::of(&server);
    let answer = client.ask("POST /_vpcrun/clock?advance=15s HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!((answer.status, answer.body.as_str()), (200, "{\"now\":\"2026-11-23T18:44:13.000Z\"}\n"));
    let answer = client.ask("POST /_vpcrun/clock HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nadvance=1m");
    assert_eq!(answer.body, "{\"now\":\"2026-11-23T18:45:13.000Z\"}\n");
    let answer = client.ask("POST /_vpcrun/clock?advance=soon HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!((answer.status, answer.code()), (400, "InvalidParameterValue"));
    // Where no clock is given there is none to move.
    let plain = serve(self::options());
    let answer = Client::of(&plain).ask("POST /_vpcrun/clock?advance=15s HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(answer.status, 404);
}

#[test]
fn who_asks_is_the_accounts_root_user() {
    let server = serve(options());
    let mut client = Client::of(&server);
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let answer = client.ask(post(body).replace("/ec2/", "/sts/"));
    assert_eq!(answer.status, 200);
    let expected = "<GetCallerIdentityResult><Arn>arn:aws:iam::000000000000:root</Arn><UserId>000000000000</UserId>\
                    <Account>000000000000</Account></GetCallerIdentityResult>";
    assert!(answer.body.contains(expected), "{}", answer.body);
    let answer = client.ask(post("Action=GetSessionToken&Version=2011-06-15").replace("/ec2/", "/sts/"));
    assert_eq!((answer.status, answer.code()), (400, "InvalidAction"));
    assert!(answer.body.starts_with("<ErrorResponse "), "{}", answer.body);
    // EC2 has no such action.
    assert_eq!(client.ask(post(body)).code(), "InvalidAction");
}

#[test]
fn an_open_address_needs_credentials() {
    let listen = "0.0.0.0:0".parse().expect("an address");
    let error =
        Server::start(World::in_memory(Options::default()), ServeOptions { listen, ..options() }).expect_err("refused");
    assert!(matches!(error, ServeError::Open(address) if address == listen));
    let taken = serve(options());
    let again = ServeOptions { listen: taken.address(), ..options() };
    let error = Server::start(World::in_memory(Options::default()), again).expect_err("refused");
    assert!(matches!(error, ServeError::Listen { .. }), "{error}");
}

#[test]
fn a_stop_ends_what_has_begun_and_takes_nothing_new() {
    let server = serve(options());
    let address = server.address();
    let (mut idle, mut begun) = (Client::of(&server), Client::of(&server));
    assert_eq!(idle.ask(HEALTH).status, 200);
    let request = post("Action=DescribeVpcs");
    let (first, rest) = request.split_at(60);
    begun.send(first);
    std::thread::sleep(Duration::from_millis(100));
    let stopping = std::thread::spawn(move || server.stop());
    assert!(idle.is_closed());
    begun.send(rest);
    let answer = begun.answer().expect("an answer");
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("Connection: close\r\n"), "{}", answer.head);
    assert!(begun.is_closed());
    stopping.join().expect("stops");
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_stop_does_not_wait_for_ever() {
    let mut options = options();
    options.limits.stop_time = Duration::from_millis(200);
    options.limits.request_time = Duration::from_secs(60);
    let server = serve(options);
    let mut stuck = Client::of(&server);
    stuck.send(format!("POST / HTTP/1.1\r\nHost: localhost\r\n{SIGNED}Content-Length: 9\r\n\r\nAct"));
    std::thread::sleep(Duration::from_millis(100));
    let started = Instant::now();
    server.stop();
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(stuck.is_closed());
}
