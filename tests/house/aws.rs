//! `--aws` where something is missing or wrong: what is said, with which exit code, and how soon. Nothing leaves this
//! host: a profile leads the SDK to an STS and an EC2 on loopback.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use vpcrun_emulator::{Options, Request, World};

use super::support::{Home, Outcome, REGION};
use super::wire::{action, listen};

pub const KEYS: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")];

/// What a person without credentials reads.
const NO_CREDENTIALS: &str = "error: no AWS credentials
help: set AWS_PROFILE, or run `aws configure`, or leave out --aws for the local world
";

/// A region's worth of AWS on loopback: an STS that knows the caller, an EC2, and what they refuse.
pub fn aws(refused: &'static [(&'static str, u16, &'static str, &'static str)]) -> String {
    let world = World::in_memory(Options::default());
    listen(move |body| {
        let refusal = refused.iter().find(|(refused, ..)| *refused == action(&body) || *refused == "*");
        if let Some((refused, status, code, message)) = refusal {
            let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
            // STS and EC2 wrap their errors differently.
            let body = match *refused {
                "GetCallerIdentity" => format!("<ErrorResponse>{error}<RequestId>r-1</RequestId></ErrorResponse>"),
                _ => format!("<Response><Errors>{error}</Errors><RequestID>r-1</RequestID></Response>"),
            };
            return Some((*status, body));
        }
        if action(&body) == "GetCallerIdentity" {
            let identity =
                "<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>u</UserId><Account>123456789012</Account>";
            let result = format!("<GetCallerIdentityResult>{identity}</GetCallerIdentityResult>");
            let body = format!("<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>");
            return Some((200, body));
        }
        let response = world.handle(&Request { region: REGION.to_owned(), body });
        Some((response.status, response.body))
    })
}

/// A machine with a runbook of one VPC and one subnet.
struct Machine {
    home: Home,
}

impl Machine {
    fn new() -> Self {
        let home = Home::new();
        home.write(
            "net.lua",
            "local ec2 = aws.ec2 {}\n\
             local vpc = ec2.vpc { name = 'v', cidr = '10.0.0.0/16' }\n\
             ec2.subnet { name = 's', vpc = vpc, cidr = '10.0.1.0/24' }\n",
        );
        Self { home }
    }

    /// With a default profile that leads to this URL.
    fn with_aws(url: &str) -> Self {
        let machine = Self::new();
        std::fs::create_dir(machine.home.path().join(".aws")).expect("a folder");
        machine.home.write(".aws/config", &format!("[default]\nregion = {REGION}\nendpoint_url = {url}\n"));
        machine
    }

    fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Outcome {
        let start = Instant::now();
        let output = self
            .home
            .command(arguments)
            .env("COLUMNS", "500")
            .envs(environment.iter().copied())
            .output()
            .expect("vpcrun starts");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let outcome = Outcome { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}: {outcome:#?}", start.elapsed());
        assert!(!outcome.stderr.contains("panicked"), "{outcome:#?}");
        outcome
    }
}

#[track_caller]
fn assert_says(outcome: &Outcome, code: i32, parts: &[&str]) {
    assert_eq!(outcome.code, Some(code), "{outcome:#?}");
    for part in parts {
        assert!(outcome.stderr.contains(part), "{part:?} is missing: {outcome:#?}");
    }
}

#[test]
fn without_credentials_the_way_to_give_them_is_said_within_seconds() {
    let machine = Machine::new();
    // Connections are accepted by the kernel, and nobody ever answers.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let silent = format!("http://{}", silent.local_addr().expect("an address"));
    let nobody = "http://127.0.0.1:9".to_owned();
    let forbidden = listen(|_| Some((403, String::new())));
    let strange = listen(|_| Some((200, "<html>".into())));
    let metadata = [None, Some(&silent), Some(&nobody), Some(&forbidden), Some(&strange)];
    for url in metadata {
        let environment = url
            .map(|url| [("AWS_EC2_METADATA_DISABLED", "false"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str())]);
        let environment = environment.as_ref().map_or(&[][..], |set| set);
        for arguments in [&["net.lua", "--aws", "--region", REGION][..], &["net.lua", "--aws"], &["ls", "--aws"]] {
            let outcome = machine.run(arguments, environment);
            assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(1), NO_CREDENTIALS), "{url:?} {arguments:?}");
        }
    }
}

#[test]
fn an_unknown_profile_is_named() {
    let machine = Machine::new();
    let by_option = machine.run(&["net.lua", "--aws", "--profile", "nope", "--region", REGION], &KEYS);
    let by_variable = machine.run(&["net.lua", "--aws", "--region", REGION], &[("AWS_PROFILE", "nope")]);
    for outcome in [by_option, by_variable] {
        assert_says(&outcome, 1, &["(profile \"nope\")", "aws configure list --profile nope"]);
    }
}

#[test]
fn credentials_that_sts_refuses_are_said_to_be_expired_or_invalid() {
    let expired =
        aws(&[("GetCallerIdentity", 403, "ExpiredToken", "The security token included in the request is expired")]);
    let outcome = Machine::with_aws(&expired).run(&["net.lua", "--aws"], &KEYS);
    assert_says(&outcome, 1, &["does not accept the credentials", "is expired", "log in again", "aws sso login"]);
    let invalid = aws(&[(
        "GetCallerIdentity",
        403,
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
    )]);
    let outcome = Machine::with_aws(&invalid).run(&["net.lua", "--aws"], &KEYS);
    assert_says(&outcome, 1, &["does not accept the credentials", "is invalid", "aws sts get-caller-identity"]);
}

#[test]
fn credentials_that_ec2_refuses_are_one_error() {
    const MESSAGE: &str = "AWS was not able to validate the provided access credentials";
    let url = aws(&[
        ("DescribeVpcs", 401, "AuthFailure", MESSAGE),
        ("DescribeSubnets", 401, "AuthFailure", MESSAGE),
        ("CreateVpc", 401, "AuthFailure", MESSAGE),
    ]);
    let outcome = Machine::with_aws(&url).run(&["net.lua", "--aws"], &KEYS);
    assert_says(&outcome, 1, &["does not accept the credentials", MESSAGE, "a region must be enabled"]);
    assert_eq!(outcome.stderr.matches("error: ").count(), 1, "{outcome:#?}");
}

#[test]
fn a_missing_permission_is_named_and_for_whom() {
    let url = aws(&[(
        "CreateSubnet",
        403,
        "UnauthorizedOperation",
        "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/me is not authorized \
         to perform: ec2:CreateSubnet on resource: arn:aws:ec2:ap-northeast-1:123456789012:subnet/* because no \
         identity-based policy allows the ec2:CreateSubnet action. Encoded authorization failure message: AbCdEf",
    )]);
    let outcome = Machine::with_aws(&url).run(&["net.lua", "--aws"], &KEYS);
    let parts = [
        "subnet \"s\": not permitted: ec2:CreateSubnet on arn:aws:ec2:ap-northeast-1:123456789012:subnet/*",
        "allow ec2:CreateSubnet for arn:aws:iam::123456789012:user/me",
        "no identity-based policy allows",
        "net.lua:3",
    ];
    assert_says(&outcome, 1, &parts);
    assert!(!outcome.stderr.contains("AbCdEf"), "{outcome:#?}");
}

#[test]
fn a_permission_that_even_the_look_lacks_is_one_error_and_no_resource() {
    const MESSAGE: &str = "You are not authorized to perform this operation.";
    let url = aws(&[("DescribeVpcs", 403, "UnauthorizedOperation", MESSAGE)]);
    let machine = Machine::with_aws(&url);
    let outcome = machine.run(&["net.lua", "--aws"], &KEYS);
    assert_says(&outcome, 1, &["error: not permitted: ec2:DescribeVpcs", "Nothing was done."]);
    assert!(!outcome.stderr.contains("stack"), "{outcome:#?}");
    let document = machine.run(&["net.lua", "--aws", "--json"], &KEYS).document();
    assert_eq!((&document["failed"], &document["not_tried"]), (&0.into(), &2.into()), "{document:#}");
    assert_eq!(document["error"]["code"], "UnauthorizedOperation", "{document:#}");
}

#[test]
fn a_region_that_is_missing_or_mistyped_is_said() {
    let machine = Machine::new();
    let missing = machine.run(&["net.lua", "--aws"], &KEYS);
    assert_says(&missing, 2, &["error: no AWS region", "give --region, or set AWS_REGION"]);
    let by_option = machine.run(&["net.lua", "--aws", "--region", "ap-northeast1"], &KEYS);
    let by_variable = machine.run(&["net.lua", "--aws"], &[KEYS[0], KEYS[1], ("AWS_REGION", "ap-northeast1")]);
    for outcome in [by_option, by_variable] {
        assert_says(&outcome, 2, &["\"ap-northeast1\" is not the name of a region", "did you mean ap-northeast-1?"]);
    }
}

#[test]
fn an_endpoint_in_the_environment_is_refused_and_named() {
    let machine = Machine::new();
    for variable in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL_STS"] {
        let environment = [KEYS[0], KEYS[1], (variable, "http://127.0.0.1:9")];
        let outcome = machine.run(&["net.lua", "--aws", "--region", REGION], &environment);
        let help = format!("unset {variable}; or, to go there, use --endpoint-url http://127.0.0.1:9");
        assert_says(&outcome, 2, &[&format!("but {variable} leads to http://127.0.0.1:9"), &help]);
    }
}

#[test]
fn the_first_line_names_account_and_way_and_nothing_is_deleted_unasked() {
    let url = aws(&[]);
    let machine = Machine::with_aws(&url);
    let built = machine.run(&["net.lua", "--aws"], &KEYS);
    assert_says(&built, 0, &[&format!("net · AWS 123456789012 through {url} · {REGION}"), "2 created"]);
    let unasked = machine.run(&["destroy", "net.lua", "--aws"], &KEYS);
    assert_says(&unasked, 2, &["--yes"]);
    let destroyed = machine.run(&["destroy", "net.lua", "--aws", "--yes"], &KEYS);
    assert_says(&destroyed, 0, &["2 deleted"]);
}

#[test]
fn an_endpoint_that_nobody_serves_is_one_error_and_no_resource() {
    let url = {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    let machine = Machine::new();
    machine.home.write("wait.lua", "local ec2 = aws.ec2 {}\nprint(ec2.vpc { name = 'v', cidr = '10.0.0.0/16' }.id)\n");
    for runbook in ["net.lua", "wait.lua"] {
        let outcome = machine.run(&[runbook, "--endpoint-url", &url], &[]);
        assert_says(
            &outcome,
            1,
            &[&format!("error: cannot reach {url}"), "see that the target runs", "Nothing was done."],
        );
        assert_eq!(outcome.stderr.matches("cannot reach").count(), 1, "{outcome:#?}");
        assert!(!outcome.stderr.contains('✗') && !outcome.stderr.contains("stack"), "{outcome:#?}");
    }
    let destroyed = machine.run(&["destroy", "net.lua", "--endpoint-url", &url], &[]);
    assert_says(&destroyed, 1, &[&format!("error: cannot reach {url}")]);
}
