//! Any sequence of requests: each line of the input is a request's body.
//!
//! `@0` to `@9` and `@a` to `@z` stand for ids that earlier answers gave, in the order of their first appearance, so that what the
//! fuzzer makes can reach behind "does not exist". No answer may be a server error, and a refused request changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vpcrun_emulator::{Clock, DrivenClock, Options, Request, Timestamp, World};

const MAX_REQUESTS: usize = 40;

fuzz_target!(|input: &str| {
    let clock = DrivenClock::new(Timestamp::from_millisecond(1_795_459_438_000));
    let world = World::in_memory(Options { seed: Some(1), clock: Clock::Driven(clock.clone()), ..Options::default() });
    let mut ids: Vec<String> = Vec::new();
    for line in input.lines().take(MAX_REQUESTS) {
        let request = Request { region: "ap-northeast-1".into(), body: with_ids(line, &ids) };
        let response = world.handle(&request);
        assert!(response.status < 500, "{}\n{}", request.body, response.body);
        if response.status == 200 {
            remember_ids(&response.body, &mut ids);
        }
        clock.advance(std::time::Duration::from_secs(1));
    }
});

fn with_ids(line: &str, ids: &[String]) -> String {
    let mut body = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('@') {
        body.push_str(before);
        let index = after.chars().next().and_then(|digit| digit.to_digit(36));
        match index.and_then(|index| ids.get(index as usize)) {
            Some(id) => {
                body.push_str(id);
                rest = &after[1..];
            }
            None => {
                body.push('@');
                rest = after;
            }
        }
    }
    body + rest
}

/// An id is a short lower-case word, a dash and 17 hexadecimal digits.
fn remember_ids(answer: &str, ids: &mut Vec<String>) {
    for text in answer.split(['<', '>']) {
        let is_id = text.rsplit_once('-').is_some_and(|(kind, digits)| {
            kind.len() < 16 && digits.len() == 17 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        if is_id && ids.len() < 36 && !ids.iter().any(|id| id == text) {
            ids.push(text.to_owned());
        }
    }
}
