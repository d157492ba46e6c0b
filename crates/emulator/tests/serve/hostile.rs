//! Requests that are too large, too slow, half sent or no requests at all; and many at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use vpcrun_emulator::{Options, ServeOptions, Server, World};

use crate::support::{Client, SIGNED, options, post, serve};

/// What is sent, the status, EC2's code; the connection ends with it.
const BAD: &[(&str, u16, &str)] = &[
    ("\x16\x03\x01\x02\x00\x01\x00\x01", 400, "InvalidRequest"),
    ("hello\r\n\r\n", 400, "InvalidRequest"),
    ("GET / HTTP/1.1\r\n\r\n", 400, "InvalidRequest"),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "InvalidRequest"),
    ("GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 400, "InvalidRequest"),
    ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "HttpVersionNotSupported"),
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "InvalidRequest"),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, "InvalidRequest"),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na", 400, "InvalidRequest"),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\na", 400, "InvalidRequest"),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400, "InvalidRequest"),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413, "RequestEntityTooLarge"),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999\r\nExpect: 100-continue\r\n\r\n",
        413,
        "RequestEntityTooLarge",
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
        "InvalidRequest",
    ),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501, "NotImplemented"),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "InvalidRequest"),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400, "InvalidRequest"),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", 413, "RequestEntityTooLarge"),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", 400, "InvalidRequest"),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: miracles\r\n\r\n", 417, "ExpectationFailed"),
];

#[test]
fn what_is_no_request_is_told_so_and_the_connection_ends() {
    let server = serve(options());
    for (request, status, code) in BAD {
        let mut client = Client::of(&server);
        let answer = client.ask(request);
        assert_eq!((answer.status, answer.code()), (*status, *code), "{request:?}");
        assert!(answer.head.contains("Connection: close\r\n"), "{request:?}");
        client.finish_sending();
        assert!(client.is_closed(), "{request:?}");
    }
}

#[test]
fn a_request_for_something_else_leaves_the_connection_open() {
    let server = serve(options());
    let mut client = Client::of(&server);
    let cases = [
        ("PUT / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "MethodNotAllowed", "Allow: GET, POST\r\n"),
        ("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "MethodNotAllowed", "Allow: GET, POST\r\n"),
        ("POST /_vpcrun/health HTTP/1.1\r\nHost: a\r\n\r\n", 405, "MethodNotAllowed", "Allow: GET\r\n"),
        ("GET /_vpcrun/reset HTTP/1.1\r\nHost: a\r\n\r\n", 405, "MethodNotAllowed", "Allow: POST\r\n"),
        ("GET /favicon.ico HTTP/1.1\r\nHost: a\r\n\r\n", 404, "NotFound", ""),
        ("GET //etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", 404, "NotFound", ""),
        ("GET /_vpcrun/../ HTTP/1.1\r\nHost: a\r\n\r\n", 404, "NotFound", ""),
        ("GET /?Action=DescribeVpcs HTTP/1.1\r\nHost: a\r\n\r\n", 400, "MissingParameter", ""),
    ];
    for (request, status, code, header) in cases {
        let answer = client.ask(request);
        assert_eq!((answer.status, answer.code()), (status, code), "{request:?}");
        assert!(answer.head.contains(header), "{request:?}: {}", answer.head);
    }
    // A HEAD's answer has no body, whatever length it tells of: the next answer follows at once.
    client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
    client.send(post("Action=DescribeVpcs"));
    std::thread::sleep(Duration::from_millis(50));
    client.finish_sending();
    let head = client.answer_to_head();
    assert_eq!(head.status, 404);
    assert_eq!(client.answer().expect("an answer").status, 200);
}

#[test]
fn heads_and_bodies_have_limits() {
    let server = serve(options());
    let head = |headers: String| format!("POST / HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
    let many: String = (0..120).map(|n| format!("X-{n}: y\r\n")).collect();
    for headers in [format!("X-Large: {}\r\n", "y".repeat(40_000)), many] {
        let mut client = Client::of(&server);
        client.try_send(head(headers));
        assert_eq!(client.answer().expect("an answer").status, 431);
    }
    // Headers without end.
    let mut client = Client::of(&server);
    client.send("POST / HTTP/1.1\r\nHost: a\r\n");
    while client.try_send("X: y\r\n".repeat(1_000)) {}
    assert!(client.answer().is_none_or(|answer| answer.status == 431));
    // A body without end, in chunks.
    let mut client = Client::of(&server);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunk = format!("10000\r\n{}\r\n", "y".repeat(0x10000));
    while client.try_send(&chunk) {}
    assert!(client.answer().is_none_or(|answer| answer.status == 413));
    // The largest body that there may be is read, and found to be no EC2 request.
    let body = format!("Action=DescribeVpcs&X={}", "y".repeat((1 << 20) - 22));
    assert_eq!(body.len(), 1 << 20);
    let answer = Client::of(&server).ask(post(&body));
    assert_eq!((answer.status, answer.code()), (400, "UnknownParameter"));
}

#[test]
fn a_request_that_does_not_come_to_an_end_is_given_up() {
    let server = serve(options());
    let request = post("Action=DescribeVpcs");
    let started = Instant::now();
    let cuts = [1, 20, 70, request.len() - 1];
    let mut halves = cuts.map(|cut| {
        let mut half = Client::of(&server);
        half.send(&request[..cut]);
        half
    });
    for (half, cut) in halves.iter_mut().zip(cuts) {
        let answer = half.answer().expect("an answer");
        assert_eq!((answer.status, answer.code()), (408, "RequestTimeout"), "after {cut} bytes");
    }
    // A byte at a time does not help: the whole request has the time.
    let mut trickle = Client::of(&server);
    for byte in request.bytes() {
        if !trickle.try_send([byte]) {
            break;
        }
        std::thread::sleep(Duration::from_millis(12));
    }
    assert!(trickle.answer().is_none_or(|answer| answer.status == 408));
    // Whoever says nothing at all is not answered.
    assert!(Client::of(&server).is_closed());
    assert!(started.elapsed() < Duration::from_secs(15));
}

#[test]
fn bytes_that_are_turned_cut_and_doubled_never_take_a_thread_down() {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() == Some("vpcrun-serve") {
            PANICS.fetch_add(1, Ordering::SeqCst);
        }
        hook(panic);
    }));
    let server = serve(options());
    let signed = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20261123%2Feu-west-1%2Fec2%2Faws4_request\
                  &X-Amz-Date=20261123T184358Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00";
    let seeds = [
        post("Action=CreateVpc&CidrBlock=10.0.0.0/16&TagSpecification.1.Tag.1.Key=%E6%97%A5"),
        format!(
            "POST / HTTP/1.1\r\nHost: a\r\n{SIGNED}Transfer-Encoding: chunked\r\n\r\n5;x\r\nActio\r\n2\r\nn=\r\n0\r\nA: b\r\n\r\n"
        ),
        format!("GET http://a/?Action=DescribeVpcs&{signed} HTTP/1.1\r\nHost: a\r\n\r\n"),
        "POST /_vpcrun/reset HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".to_owned(),
    ];
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for round in 0..600 {
        let mut bytes = seeds[round % seeds.len()].clone().into_bytes();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            match random(4) {
                0 => bytes[at] = random(256) as u8,
                1 => bytes.truncate(at.max(1)),
                2 => bytes.extend_from_within(at..),
                _ => drop(bytes.splice(at..at, *b"\r\n")),
            }
        }
        let mut client = Client::of(&server);
        client.try_send(&bytes);
        client.finish_sending();
        while let Some(answer) = client.answer() {
            assert!((100..600).contains(&answer.status), "{answer:?}");
        }
    }
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);
    assert_eq!(Client::of(&server).ask(post("Action=DescribeVpcs")).status, 200);
}

#[test]
fn a_client_that_does_not_read_is_given_up() {
    let server = serve(options());
    let mut deaf = Client::of(&server);
    let started = Instant::now();
    let requests = post("Action=DescribeVpcs").repeat(100);
    // The replies fill the buffers between the two, then nothing moves, then the connection is closed.
    while deaf.try_send(&requests) {}
    assert!(started.elapsed() < Duration::from_secs(15));
    assert_eq!(Client::of(&server).ask(post("Action=DescribeVpcs")).status, 200);
}

#[test]
fn bodies_come_in_chunks_too() {
    let server = serve(options());
    let mut client = Client::of(&server);
    let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\n{SIGNED}Transfer-Encoding: chunked\r\n\r\n");
    let chunked = "b;x=y\r\nAction=Desc\r\n8\r\nribeVpcs\r\n0\r\nTrailer: z\r\n\r\n";
    for _ in 0..2 {
        let answer = client.ask(format!("{head}{chunked}"));
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    client.send(&head);
    for byte in chunked.bytes() {
        client.send([byte]);
    }
    assert_eq!(client.answer().expect("an answer").status, 200);
}

#[test]
fn a_client_may_wait_for_a_word_before_it_sends_the_body() {
    let server = serve(options());
    let mut client = Client::of(&server);
    let request = post("Action=DescribeVpcs").replace("Content-Length", "Expect: 100-continue\r\nContent-Length");
    let (head, body) = request.split_at(request.len() - 19);
    let interim = client.ask(head);
    assert_eq!(interim.status, 100);
    assert_eq!(client.ask(body).status, 200);
}

#[test]
fn http_1_0_is_spoken_with_and_without_keep_alive() {
    let server = serve(options());
    let request = format!("GET /?Action=DescribeVpcs&Version=2016-11-15 HTTP/1.0\r\n{SIGNED}\r\n");
    let mut client = Client::of(&server);
    let answer = client.ask(&request);
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("Connection: close\r\n"));
    assert!(client.is_closed());
    let mut client = Client::of(&server);
    for _ in 0..2 {
        assert_eq!(client.ask(request.replace("\r\n\r\n", "\r\nConnection: keep-alive\r\n\r\n")).status, 200);
    }
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let server = serve(options());
    let mut client = Client::of(&server);
    let create = |n: u32| post(&format!("Action=CreateVpc&CidrBlock=10.{n}.0.0/16"));
    let all: String = (0..5).map(create).chain([post("Action=DescribeVpcs")]).collect();
    client.send(all);
    for n in 0..5 {
        let answer = client.answer().expect("an answer");
        assert!(answer.body.contains(&format!("<cidrBlock>10.{n}.0.0/16</cidrBlock>")), "{}", answer.body);
    }
    assert_eq!(client.answer().expect("an answer").body.matches("<vpcId>").count(), 6);
}

#[test]
fn presigned_and_absolute_targets_are_understood() {
    let server = serve(options());
    let mut client = Client::of(&server);
    let signature = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20261123%2Feu-west-1%2Fec2%2Faws4_request\
                     &X-Amz-Date=20261123T184358Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00";
    let answer = client.ask(format!("GET http://ec2/?Action=DescribeVpcs&{signature} HTTP/1.1\r\nHost: ec2\r\n\r\n"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    // A scope that cannot be read is no region.
    let answer = client
        .ask(format!("GET /?Action=DescribeVpcs&{} HTTP/1.1\r\nHost: ec2\r\n\r\n", signature.replace("%2Fec2", "")));
    assert_eq!((answer.status, answer.code()), (400, "IncompleteSignature"));
    let answer = client.ask(post("Action=DescribeVpcs").replace("eu-west-1", "atlantis-1"));
    assert_eq!((answer.status, answer.code()), (401, "AuthFailure"));
    let answer = client.ask(post("Action=DescribeVpcs&X=%ff\u{0}"));
    assert_eq!((answer.status, answer.code()), (400, "MalformedQueryString"));
}

#[test]
fn beyond_the_limit_idle_connections_make_room_and_busy_ones_do_not() {
    let mut options = options();
    options.limits.connections = 4;
    options.limits.request_time = Duration::from_secs(10);
    options.limits.idle_time = Duration::from_secs(10);
    let server = serve(options);
    let mut clients: Vec<Client> = (0..4).map(|_| Client::of(&server)).collect();
    for client in &mut clients {
        assert_eq!(client.ask(post("Action=DescribeVpcs")).status, 200);
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut fifth = Client::of(&server);
    assert_eq!(fifth.ask(post("Action=DescribeVpcs")).status, 200);
    assert!(clients[0].is_closed());
    for client in clients.iter_mut().skip(1).chain([&mut fifth]) {
        client.send("POST / HTTP/1.1\r\n");
    }
    std::thread::sleep(Duration::from_millis(100));
    let answer = Client::of(&server).answer().expect("an answer");
    assert_eq!((answer.status, answer.code()), (503, "Unavailable"));
    assert_eq!(answer.message(), "There are too many connections.");
}

#[test]
fn many_clients_work_while_the_world_is_reset_and_some_are_stuck() {
    let server = Server::start(World::in_memory(Options::default()), ServeOptions { ..options() }).expect("serves");
    let mut stuck: Vec<Client> = (0..50).map(|_| Client::of(&server)).collect();
    for client in &mut stuck {
        client.send("POST / HTTP/1.1\r\nHost");
    }
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut client = Client::of(&server);
                for n in 0..30 {
                    let answer = client.ask(post(&format!("Action=CreateVpc&CidrBlock=10.{n}.0.0/16")));
                    assert_eq!(answer.status, 200, "{}", answer.body);
                    assert_eq!(client.ask(post("Action=DescribeVpcs")).status, 200);
                }
            });
        }
        scope.spawn(|| {
            let mut client = Client::of(&server);
            for _ in 0..20 {
                assert_eq!(client.ask("POST /_vpcrun/reset HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
            }
        });
    });
    let mut client = Client::of(&server);
    assert_eq!(client.ask("POST /_vpcrun/reset HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
    assert_eq!(client.ask(post("Action=DescribeVpcs")).body.matches("<vpcId>").count(), 1);
}
