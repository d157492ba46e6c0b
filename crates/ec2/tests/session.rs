//! Sessions with AWS and endpoints: which credentials and regions are found, and what is said when there are none.
//!
//! The environment decides, so each case runs in a process of its own with an environment of its own: this test binary
//! again, told to run nothing but [`probe`]. Nothing leaves this host.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use vpcrun_ec2::{Error, Session, session};

/// Opens the session that `PROBE` describes and prints how it went; does nothing in an ordinary run of the tests.
#[test]
fn probe() {
    let Ok(what) = std::env::var("PROBE") else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let words: Vec<&str> = what.split(' ').collect();
    let option = |name: &str| words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    let (profile, region) = (option("profile"), option("region"));
    let outcome = runtime.block_on(async {
        match option("url") {
            Some(url) => {
                let session = Session::endpoint(url, profile, region).await?;
                if words.contains(&"describe") {
                    session.client().describe_vpcs().send().await?;
                }
                // There is no Internet behind an endpoint: home is the lab's.
                assert_eq!(session.public_address().await?.to_string(), "198.51.100.7/32");
                Ok::<_, Error>(session)
            }
            None => Session::aws(profile, region).await,
        }
    });
    match outcome {
        Ok(session) => println!("ok {} in {}", session.target(), session.region()),
        Err(error) => {
            let source = std::error::Error::source(&error).map(|source| source.to_string());
            println!(
                "{} | {error} | {} | {}",
                error.code(),
                source.unwrap_or_default(),
                error.hint().unwrap_or_default()
            );
        }
    }
}

/// One run of [`probe`] with nothing in its environment but what is given.
fn run(what: &str, environment: &[(&str, &str)]) -> String {
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("no-aws-here");
    std::fs::create_dir_all(&home).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["probe", "--exact", "--nocapture"])
        .env_clear()
        .env("HOME", &home)
        .env("PROBE", what)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let line = stdout.lines().find(|line| line.contains(" | ") || line.contains("ok ") && line.contains(" in "));
    let line = line.unwrap_or_else(|| panic!("{stdout}\n{}", String::from_utf8_lossy(&output.stderr)));
    // libtest prints "test probe ... " before what the test prints.
    line.trim_start_matches("test probe ... ").to_owned()
}

/// A server on this host that answers every request with one status and body, for as long as the process lives.
fn server(status: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            read_request(&mut stream);
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: text/xml\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(body.as_bytes()).unwrap();
        }
    });
    url
}

fn read_request(stream: &mut TcpStream) {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    loop {
        let count = stream.read(&mut part).unwrap();
        request.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if count == 0 || body.len() >= length.unwrap_or(0) {
            return;
        }
    }
}

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")];

/// Answers of a server that only STS's clients come to, by a profile that names it.
fn config(url: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("config-{:016x}", fastrand::u64(..)));
    std::fs::write(&path, format!("[default]\nendpoint_url = {url}\n")).unwrap();
    path.display().to_string()
}

fn with<'a>(sets: &[&[(&'a str, &'a str)]]) -> Vec<(&'a str, &'a str)> {
    sets.concat()
}

#[test]
fn aws_without_a_region_says_how_to_give_one() {
    assert_eq!(
        run("aws", &KEYS),
        "NoRegion | no AWS region |  | give --region, or set AWS_REGION, or run `aws configure`"
    );
}

#[test]
fn aws_without_credentials_says_how_to_give_them() {
    assert_eq!(
        run("aws region=eu-west-1", &[]),
        "NoCredentials | no AWS credentials |  | set AWS_PROFILE, or run `aws configure`, or leave out --aws for the local world"
    );
}

#[test]
fn a_metadata_service_that_does_not_answer_costs_seconds_not_a_minute() {
    // Connections are accepted by the kernel, and nobody ever answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let environment = [("AWS_EC2_METADATA_DISABLED", "false"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str())];
    let start = Instant::now();
    assert!(run("aws region=eu-west-1", &environment).starts_with("NoCredentials | "));
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    let start = Instant::now();
    // Neither region nor credentials: a region would be of no use.
    assert!(run("aws", &environment).starts_with("NoCredentials | "));
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    assert!(run("aws", &with(&[&KEYS, &environment])).starts_with("NoRegion | "));
}

#[test]
fn a_metadata_service_that_is_no_instances_is_none() {
    for status in ["403 Forbidden", "404 Not Found", "500 Internal Server Error", "200 OK"] {
        let url = server(status, "<html>a captive portal</html>");
        let environment = [("AWS_EC2_METADATA_DISABLED", "false"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str())];
        let start = Instant::now();
        let answer = run("aws region=eu-west-1", &environment);
        assert!(answer.starts_with("NoCredentials | "), "{status}: {answer}");
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    }
}

#[test]
fn an_endpoint_in_the_environment_is_not_aws() {
    for variable in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL_STS"] {
        let answer = run("aws region=eu-west-1", &with(&[&KEYS, &[(variable, "http://127.0.0.1:9")]]));
        assert_eq!(
            answer,
            format!(
                "EndpointVariable | this is to go to AWS, but {variable} leads to http://127.0.0.1:9 |  | \
                 unset {variable}; or, to go there, use --endpoint-url http://127.0.0.1:9 instead of --aws"
            )
        );
    }
}

#[test]
fn a_mistyped_region_has_advice() {
    let answer = run("aws", &with(&[&KEYS, &[("AWS_REGION", "ap-northeast1")]]));
    let expected = "Region | \"ap-northeast1\" is not the name of a region |  | did you mean ap-northeast-1? ";
    assert!(answer.starts_with(expected), "{answer}");
}

#[test]
fn an_unknown_profile_is_named() {
    let answer = run("aws region=eu-west-1 profile=nope", &KEYS);
    assert!(answer.starts_with("Credentials | the AWS credentials cannot be loaded (profile \"nope\") | "), "{answer}");
    // Keys in the environment come before `AWS_PROFILE`; without them the profile is what is wrong.
    let answer = run("aws region=eu-west-1", &[("AWS_PROFILE", "nope")]);
    assert!(answer.starts_with("Credentials | the AWS credentials cannot be loaded (profile \"nope\") | "), "{answer}");
    let answer = run("url=http://127.0.0.1:5000 region=eu-west-1", &[("AWS_PROFILE", "nope")]);
    assert!(answer.starts_with("Credentials | "), "{answer}");
}

#[test]
fn the_account_is_stss_answer() {
    let url = server(
        "200 OK",
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>u</UserId><Account>123456789012</Account>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>",
    );
    let config = config(&url);
    let sts = [("AWS_CONFIG_FILE", config.as_str())];
    let aws = format!("ok AWS 123456789012 through {url} in");
    assert_eq!(run("aws region=eu-west-1", &with(&[&KEYS, &sts])), format!("{aws} eu-west-1"));
    let region = [("AWS_REGION", "eu-north-1")];
    assert_eq!(run("aws", &with(&[&KEYS, &sts, &region])), format!("{aws} eu-north-1"));
}

#[test]
fn an_expired_token_is_said_to_be_expired() {
    let url = server(
        "403 Forbidden",
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>ExpiredToken\
         </Code><Message>The security token included in the request is expired</Message></Error></ErrorResponse>",
    );
    let config = config(&url);
    let environment = with(&[&KEYS, &[("AWS_CONFIG_FILE", config.as_str())]]);
    let answer = run("aws region=eu-west-1", &environment);
    let expected =
        "ExpiredToken | AWS does not accept the credentials: The security token included in the request is expired | ";
    assert!(answer.starts_with(expected), "{answer}");
    assert!(answer.contains("they have expired"), "{answer}");
}

#[test]
fn an_endpoint_on_this_host_needs_no_credentials() {
    let vpcs = server("200 OK", "<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>");
    let answer = run(&format!("url={vpcs} region=us-east-1 describe"), &[]);
    assert_eq!(answer, format!("ok endpoint {vpcs} in us-east-1"));
    assert!(run(&format!("url={vpcs}"), &[]).starts_with("NoRegion | "));
}

#[test]
fn an_endpoint_elsewhere_does() {
    let answer = run("url=http://192.0.2.1:5000 region=us-east-1", &[]);
    assert!(answer.starts_with("NoCredentials | "), "{answer}");
    assert_eq!(
        run("url=http://192.0.2.1:5000/ region=us-east-1", &KEYS),
        "ok endpoint http://192.0.2.1:5000 in us-east-1"
    );
}

#[test]
fn an_endpoint_that_nobody_serves_is_named_at_once() {
    let url = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let start = Instant::now();
    let answer = run(&format!("url={url} region=us-east-1 describe"), &[]);
    assert!(answer.starts_with(&format!("Connection | cannot reach {url} | ")), "{answer}");
    assert!(answer.to_lowercase().contains("refused"), "{answer}");
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn a_bad_endpoint_url_is_refused() {
    let answer = run("url=127.0.0.1:5000 region=us-east-1", &[]);
    assert!(answer.starts_with("EndpointUrl | \"127.0.0.1:5000\" is not an endpoint URL: "), "{answer}");
    // The environment of the test run itself names no endpoint for tests of this crate to follow.
    assert!(session::endpoint_from_environment().is_none_or(|url| !url.is_empty()));
}
