//! Faults as a client meets them, and that they can be met again.

use std::time::Duration;

use vpcrun_emulator::{Clock, DrivenClock, Fault, Faults, Options, Request, Response, Server, Timestamp, World};

use crate::support::{Client, options, post};

fn world(faults: &[&str]) -> (World, DrivenClock) {
    let clock = DrivenClock::new(Timestamp::from_millisecond(1_795_459_438_000));
    let parse = |text: &&str| text.parse::<Fault>().expect("a fault");
    let faults = faults.iter().map(parse).fold(Faults::seeded(7), Faults::with);
    let options = Options { faults, clock: Clock::Driven(clock.clone()), seed: Some(1), ..Options::default() };
    (World::in_memory(options), clock)
}

fn request(body: &str) -> Request {
    Request { region: "eu-west-1".into(), body: format!("Action={body}") }
}

fn ask(world: &World, body: &str) -> Response {
    world.handle(&request(body))
}

fn element(body: &str, name: &str) -> String {
    let text = body.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once("</"));
    text.map(|(text, _)| text.to_owned()).unwrap_or_default()
}

fn code(response: &Response) -> (u16, String) {
    (response.status, element(&response.body, "Code"))
}

#[test]
fn the_same_seed_and_calls_meet_the_same_faults() {
    let run = || {
        let (world, _) = world(&["lost-reply=0.2", "internal-error=0.1", "unavailable=0.1"]);
        let calls = |world: &World| -> Vec<Option<(u16, String)>> {
            let call = |n| world.deliver(&request(&format!("CreateVpc&CidrBlock=10.{n}.0.0/16")));
            (0..200).map(|n| call(n).map(|response| code(&response))).collect()
        };
        let first = calls(&world);
        world.reset().expect("resets");
        assert_eq!(calls(&world), first, "a reset begins anew");
        first
    };
    let met = run();
    assert_eq!(run(), met);
    let count = |wanted: Option<(u16, &str)>| {
        let wanted = wanted.map(|(status, code)| (status, code.to_owned()));
        met.iter().filter(|outcome| **outcome == wanted).count()
    };
    for (outcome, most) in [(None, 60), (Some((500, "InternalError")), 40), (Some((503, "Unavailable")), 40)] {
        assert!((5..most).contains(&count(outcome)), "{outcome:?}: {} of 200", count(outcome));
    }
}

#[test]
fn a_lost_reply_leaves_its_change_behind() {
    let (world, _) = world(&["lost-reply=1"]);
    let server = Server::start(world.clone(), options()).expect("serves");
    let mut client = Client::of(&server);
    client.send(post("Action=CreateVpc&CidrBlock=10.9.0.0/16"));
    assert!(client.is_closed());
    assert!(ask(&world, "DescribeVpcs").body.contains("10.9.0.0/16"));
}

#[test]
fn what_was_just_created_is_not_found_for_a_while() {
    let (world, clock) = world(&["not-found-after-create=2s"]);
    let made = ask(&world, "CreateVpc&CidrBlock=10.0.0.0/16").body;
    let vpc = element(&made, "vpcId");
    let subnet = format!("CreateSubnet&CidrBlock=10.0.0.0/24&VpcId={vpc}");
    let describe = format!("DescribeVpcs&VpcId.1={vpc}");
    for body in [&describe, &subnet, &format!("DeleteVpc&VpcId={vpc}")] {
        let answer = ask(&world, body);
        assert_eq!(code(&answer), (400, "InvalidVpcID.NotFound".to_owned()), "{body}");
        assert_eq!(element(&answer.body, "Message"), format!("The vpc ID '{vpc}' does not exist"));
    }
    // A list shows it, and so does a filter.
    assert!(ask(&world, "DescribeVpcs").body.contains(&vpc));
    assert!(ask(&world, &format!("DescribeVpcs&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}")).body.contains(&vpc));
    clock.advance(Duration::from_millis(1_999));
    assert_eq!(ask(&world, &describe).status, 400);
    clock.advance(Duration::from_millis(1));
    assert_eq!(ask(&world, &describe).status, 200);
    assert_eq!(ask(&world, &subnet).status, 200);
    // What was there before the first request is found at once.
    let (world, _) = self::world(&["not-found-after-create=2s"]);
    let default = element(&ask(&world, "DescribeVpcs").body, "vpcId");
    assert_eq!(ask(&world, &format!("DescribeVpcs&VpcId.1={default}")).status, 200);
}

#[test]
fn each_action_and_region_has_its_bucket() {
    let (world, clock) = world(&["throttle"]);
    let passes = |body: &str, tries: usize| {
        let answers = (0..tries).map(|_| ask(&world, body));
        answers.take_while(|answer| code(answer) != (503, "RequestLimitExceeded".to_owned())).count()
    };
    // The bucket of Describe actions holds 100 and gets 20 a second; without filter and pages some have 50.
    assert_eq!(passes("DescribeVpcs", 150), 100);
    assert_eq!(element(&ask(&world, "DescribeVpcs").body, "Message"), "Request limit exceeded.");
    assert_eq!(passes("DescribeSubnets", 5), 5);
    assert_eq!(passes("DescribeInstances", 150), 50);
    assert_eq!(passes("DescribeInstances&MaxResults=10", 150), 100);
    assert_eq!(passes("CreateInternetGateway", 150), 50);
    assert_eq!(world.handle(&Request { region: "eu-west-2".into(), body: "Action=DescribeVpcs".into() }).status, 200);
    clock.advance(Duration::from_secs(1));
    assert_eq!(passes("DescribeVpcs", 150), 20);
    assert_eq!(passes("CreateInternetGateway", 150), 5);
    // An action that takes tokens for instances is throttled by their number.
    let (world, _) = self::world(&["throttle"]);
    let run = |count: u32| ask(&world, &format!("RunInstances&ImageId=ami-0&MinCount=1&MaxCount={count}"));
    assert_eq!(code(&run(1_001)), (503, "RequestLimitExceeded".to_owned()));
    assert_ne!(code(&run(1_000)).0, 503);
    assert_eq!(code(&run(1)).0, 503);
}

#[test]
fn a_fault_changes_nothing_unless_it_says_so() {
    let (world, _) = world(&["internal-error=1"]);
    let answer = ask(&world, "CreateVpc&CidrBlock=10.0.0.0/16");
    assert_eq!(code(&answer), (500, "InternalError".to_owned()));
    assert_eq!(element(&answer.body, "Message"), "An internal error has occurred");
    let (plain, _) = self::world(&[]);
    assert_eq!(ask(&plain, "CreateVpc&CidrBlock=10.0.0.0/16").status, 200);
}
