//! The embedded EC2 as a server against moto's, by the same raw HTTP client in the same run; and what a call costs in a world of 10 to
//! 100,000 resources.
//!
//!     scripts/benchmark-serve
//!
//! runs this and prints the ratios.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use vpcrun_emulator::{Options, Request, ServeOptions, Server, World};

const REGION: &str = "ap-northeast-1";

/// A client that sends what every AWS client sends, and reads the answer whole. It keeps its connection where the server does.
struct Client {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
}

impl Client {
    fn new(address: SocketAddr) -> Self {
        Self { address, connection: None }
    }

    fn ask(&mut self, body: &str) -> String {
        let body = format!("Version=2016-11-15&Action={body}");
        let request = format!(
            "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\n\
             X-Amz-Date: 20261123T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential=AKIAIOSFODNN7EXAMPLE/20261123/{REGION}/ec2/aws4_request, SignedHeaders=host;x-amz-date, \
             Signature=0000000000000000000000000000000000000000000000000000000000000000\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let mut connection = self.connection.take().unwrap_or_else(|| {
            let stream = TcpStream::connect(self.address).expect("connects");
            stream.set_nodelay(true).expect("sets TCP_NODELAY");
            BufReader::new(stream)
        });
        connection.get_mut().write_all(request.as_bytes()).expect("sends");
        let mut line = String::new();
        connection.read_line(&mut line).expect("a status line");
        assert!(line.split(' ').nth(1) == Some("200"), "{body}: {line}");
        let (mut length, mut keeps) = (0, line.starts_with("HTTP/1.1"));
        loop {
            line.clear();
            connection.read_line(&mut line).expect("a header");
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().expect("a length"),
                "connection" => keeps = !value.eq_ignore_ascii_case("close"),
                _ => {}
            }
        }
        let mut answer = vec![0; length];
        connection.read_exact(&mut answer).expect("a body");
        if keeps {
            self.connection = Some(connection);
        }
        String::from_utf8(answer).expect("UTF-8")
    }
}

/// moto's server, gone with this value.
struct Moto {
    process: Child,
    address: SocketAddr,
}

impl Moto {
    fn start() -> Self {
        // A port that was free a moment ago.
        let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
        let process = Command::new("moto_server")
            .args(["-H", "127.0.0.1", "-p", &address.port().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("moto_server on PATH; scripts/benchmark-serve installs it");
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < deadline, "moto_server does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { process, address }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn element(answer: &str, name: &str) -> String {
    let (_, rest) = answer.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name} in {answer}"));
    rest.split_once('<').expect("its end").0.to_owned()
}

/// The n-th /28 of a /16.
fn block(n: usize) -> String {
    format!("10.0.{}.{}/28", n / 16, n % 16 * 16)
}

const BLOCKS: usize = 4_096;

/// Creates subnets one after another: a new VPC whenever one is full. Gives the time of the creations alone.
fn create_subnets(mut ask: impl FnMut(&str) -> String, made: &Cell<usize>, vpc: &mut String, count: u64) -> Duration {
    let mut time = Duration::ZERO;
    for _ in 0..count {
        let n = made.replace(made.get() + 1) % BLOCKS;
        if n == 0 {
            *vpc = element(&ask("CreateVpc&CidrBlock=10.0.0.0/16"), "vpcId");
        }
        let request = format!("CreateSubnet&VpcId={vpc}&CidrBlock={}", block(n));
        let start = Instant::now();
        ask(&request);
        time += start.elapsed();
    }
    time
}

fn against_moto(criterion: &mut Criterion) {
    let world = World::in_memory(Options::default());
    let options = ServeOptions { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..ServeOptions::default() };
    let server = Server::start(world, options).expect("serves");
    let moto = Moto::start();
    let servers = [("vpcrun", server.address()), ("moto", moto.address)];

    // Both hold the same: ten VPCs of ten subnets.
    let mut subnets = Vec::new();
    for (_, address) in servers {
        let mut client = Client::new(address);
        let mut subnet = String::new();
        for _ in 0..10 {
            let vpc = element(&client.ask("CreateVpc&CidrBlock=10.0.0.0/16"), "vpcId");
            for n in 0..10 {
                let answer = client.ask(&format!("CreateSubnet&VpcId={vpc}&CidrBlock={}", block(n)));
                subnet = element(&answer, "subnetId");
            }
        }
        subnets.push(subnet);
    }
    let mut group = criterion.benchmark_group("DescribeVpcs");
    for (name, address) in servers {
        let mut client = Client::new(address);
        group.bench_function(name, |bencher| bencher.iter(|| client.ask("DescribeVpcs")));
    }
    group.finish();
    let mut group = criterion.benchmark_group("DescribeSubnets by id");
    for ((name, address), subnet) in servers.iter().zip(&subnets) {
        let mut client = Client::new(*address);
        let request = format!("DescribeSubnets&SubnetId.1={subnet}");
        group.bench_function(*name, |bencher| bencher.iter(|| client.ask(&request)));
    }
    group.finish();
    let mut group = criterion.benchmark_group("CreateSubnet");
    for (name, address) in servers {
        let mut client = Client::new(address);
        let (made, mut vpc) = (Cell::new(0), String::new());
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|count| create_subnets(|body| client.ask(body), &made, &mut vpc, count));
        });
    }
    group.finish();
}

fn ask(world: &World, body: &str) -> String {
    let response = world.handle(&Request { region: REGION.into(), body: format!("Action={body}") });
    assert_eq!(response.status, 200, "{body}: {}", response.body);
    response.body
}

/// Resident memory of this process, in bytes. Source: proc(5), statm; pages of 4 KiB.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).expect("pages") * 4_096
}

/// A create and a describe by id, in process, in worlds of more and more subnets.
fn at_scale(criterion: &mut Criterion) {
    for size in [10, 1_000, 100_000] {
        let world = World::in_memory(Options::default());
        let (made, mut vpc) = (Cell::new(0), String::new());
        let before = resident();
        create_subnets(|body| ask(&world, body), &made, &mut vpc, size);
        let used = resident().saturating_sub(before);
        println!("memory: {size} subnets take {} bytes each", used / size as usize);
        let answer = ask(&world, &format!("DescribeSubnets&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}&MaxResults=5"));
        let request = format!("DescribeSubnets&SubnetId.1={}", element(&answer, "subnetId"));
        let mut group = criterion.benchmark_group("in process");
        group.bench_function(BenchmarkId::new("DescribeSubnets by id", size), |bencher| {
            bencher.iter(|| ask(&world, &request));
        });
        group.bench_function(BenchmarkId::new("CreateSecurityGroup", size), |bencher| {
            let vpc = element(&ask(&world, "CreateVpc&CidrBlock=10.0.0.0/16"), "vpcId");
            let mut n = 0;
            bencher.iter(|| {
                n += 1;
                ask(&world, &format!("CreateSecurityGroup&VpcId={vpc}&GroupName=g{n}&GroupDescription=g"))
            });
        });
        group.bench_function(BenchmarkId::new("CreateSubnet", size), |bencher| {
            bencher.iter_custom(|count| create_subnets(|body| ask(&world, body), &made, &mut vpc, count));
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(4)).sample_size(20);
    targets = against_moto, at_scale
}
criterion_main!(benches);
