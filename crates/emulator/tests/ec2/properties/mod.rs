//! Random sequences of valid and invalid calls over all families, and what holds after each and after every few.
//!
//! What is asked is drawn from EC2's model and the ids of the world. A failing run prints its seed: `PROPERTY_SEED=17 cargo test -p
//! vpcrun-emulator --test ec2 properties` is that run again.

mod invariants;
mod requests;

use std::env;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use vpcrun_emulator::{Options, TransitionTimes, World};

use self::invariants::{Snapshot, check};
use self::requests::{Ids, Random, request};
use crate::coverage::action;
use crate::shapes::Element;
use crate::shapes::same::{self, Source, differences};
use crate::support::Ec2;

/// A world grows, so that its Describe answers do: many worlds of so many steps reach more than one of all steps.
const STEPS_OF_A_WORLD: u64 = 1_000;
const WORLDS: u64 = 100;
/// So many steps lie between two looks at everything.
const STRIDE: u64 = 40;

/// A run that panics tells its seed.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("this run again: PROPERTY_SEED={} cargo test -p vpcrun-emulator --test ec2 properties", self.0);
        }
    }
}

struct Run {
    ec2: Ec2,
    random: Random,
    ids: Ids,
    sources: Vec<Source>,
    /// What accepted requests deleted.
    gone: Vec<String>,
    transcript: Vec<(String, u16, String)>,
}

impl Run {
    fn new(seed: u64, file: Option<&Path>) -> Self {
        let mut random = Random(seed);
        let times = if random.one_in(2) { TransitionTimes::Instant } else { TransitionTimes::AwsLike };
        let (options, clock) = Ec2::options(times);
        let world = Self::open(options, file);
        let ec2 = Ec2 { world, clock, region: "ap-northeast-1" };
        let mut ids = Ids::default();
        for start in
            ["DescribeVpcs", "DescribeSubnets", "DescribeSecurityGroups", "DescribeRouteTables", "DescribeDhcpOptions"]
        {
            ids.learn(&ec2.ask(&format!("Action={start}")));
        }
        Self { ec2, random, ids, sources: same::sources(), gone: Vec::new(), transcript: Vec::new() }
    }

    fn open(options: Options, file: Option<&Path>) -> World {
        match file {
            None => World::in_memory(options),
            Some(path) => World::open(path, options).expect("the world opens"),
        }
    }

    fn step(&mut self) {
        if self.random.one_in(20) {
            self.ec2.clock.advance(Duration::from_secs(self.random.below(90)));
        }
        let body = request(&mut self.random, &self.ids);
        let response = self.ec2.handle(&body);
        assert!(response.status < 500, "{body}\n{}", response.body);
        let told = response
            .body
            .split_once("equestId>")
            .map_or("", |(_, rest)| rest.split_once('>').map_or("", |(_, rest)| rest));
        if response.status == 200 && !action(&body).starts_with("Describe") {
            self.ids.learn(&response.body);
            self.compare(&body, &response.body);
            self.gone.extend(deleted(&body));
        }
        self.transcript.push((body, response.status, told.to_owned()));
    }

    /// What a reply tells of a resource is what Describe tells of it now.
    fn compare(&self, body: &str, answer: &str) {
        let root = Element::parse(answer).expect("XML");
        for (replied, source) in same::resources(action(body), &root, &self.sources) {
            // Found by name, or only with the template that is meant.
            if matches!(source.action, "DescribeKeyPairs" | "DescribeLaunchTemplateVersions") {
                continue;
            }
            let answer = self.ec2.ask(&format!("Action={}", source.action));
            let described = Element::parse(&answer).expect("XML");
            let list = described.child(&source.list).map_or(&[][..], |list| &list.children);
            let Some(twin) = list.iter().find(|item| same::id(item) == same::id(replied)) else {
                // What is gone with the reply is told for the last time.
                assert!(!action(body).starts_with("Create"), "{body}: {} does not show it\n{answer}", source.action);
                continue;
            };
            let found = differences(replied, twin, &source.shape);
            assert!(found.is_empty(), "{body}\n{}", found.join("\n"));
        }
    }

    fn check(&self) {
        let snapshot = Snapshot::take(&self.ec2, &self.sources);
        let faults = check(&snapshot, &self.gone);
        let last: Vec<_> = self
            .transcript
            .iter()
            .rev()
            .filter(|(_, status, _)| *status == 200)
            .take(20)
            .map(|(body, ..)| body.as_str())
            .collect();
        assert!(faults.is_empty(), "{}\nafter, latest first,\n{}", faults.join("\n"), last.join("\n"));
    }

    fn play(seed: u64, file: Option<&Path>) -> Self {
        let _seed = Seed(seed);
        let mut run = Self::new(seed, file);
        for step in 1..=STEPS_OF_A_WORLD {
            run.step();
            if step % STRIDE == 0 {
                run.check();
            }
        }
        run
    }
}

/// The resources that a request deletes.
fn deleted(body: &str) -> Vec<String> {
    let name = action(body);
    let noun = match name.strip_prefix("Delete") {
        Some("SecurityGroup") => "Group",
        Some(noun) => noun.trim_end_matches('s'),
        None if name == "ReleaseAddress" => "Allocation",
        None => return Vec::new(),
    };
    let parameters = body.split('&').filter_map(|parameter| parameter.split_once('='));
    parameters
        .filter(|(name, _)| name.split('.').next().and_then(|name| name.strip_suffix("Id")) == Some(noun))
        .map(|(_, id)| id.to_owned())
        .collect()
}

#[test]
fn whatever_is_called_invariants_hold() {
    let seeds: Vec<u64> = match env::var("PROPERTY_SEED") {
        Ok(seed) => vec![seed.parse().expect("PROPERTY_SEED is a number")],
        Err(_) => (0..WORLDS).collect(),
    };
    let threads = thread::available_parallelism().map_or(2, usize::from).min(seeds.len());
    let (mut calls, mut accepted) = (0, 0);
    thread::scope(|scope| {
        let shares: Vec<_> = seeds.chunks(seeds.len().div_ceil(threads)).collect();
        let running: Vec<_> = shares
            .into_iter()
            .map(|share| {
                scope.spawn(move || {
                    let runs = share.iter().map(|seed| Run::play(*seed, None).transcript);
                    runs.map(|run| (run.len(), run.iter().filter(|(_, status, _)| *status == 200).count()))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        for counts in running.into_iter().flat_map(|share| share.join().expect("no run fails")) {
            calls += counts.0;
            accepted += counts.1;
        }
    });
    // Refusals alone would prove little, and so would none.
    assert!(accepted * 5 > calls && accepted * 5 < calls * 4, "{accepted} of {calls} calls were accepted");
}

#[test]
fn the_same_seed_gives_the_same_account() {
    let (one, other) = (Run::play(1_000, None), Run::play(1_000, None));
    for (one, other) in one.transcript.iter().zip(&other.transcript) {
        assert_eq!(one, other);
    }
}

#[test]
fn a_world_on_disk_is_read_as_it_was_written() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("properties-{}.world", std::process::id()));
    for seed in 2_000..2_003 {
        let run = Run::play(seed, Some(&path));
        let _seed = Seed(seed);
        let before = Snapshot::take(&run.ec2, &run.sources);
        let Ec2 { world, clock, region } = run.ec2;
        drop(world);
        let (mut options, _) = Ec2::options(TransitionTimes::Instant);
        options.clock = vpcrun_emulator::Clock::Driven(clock.clone());
        let ec2 = Ec2 { world: World::open(&path, options).expect("the world opens"), clock, region };
        let found = before.differences(&Snapshot::take(&ec2, &run.sources));
        assert!(found.is_empty(), "the world is another when it is opened again:\n{}", found.join("\n"));
        for name in ["", "-wal", "-shm", "-lock"] {
            let mut file = path.clone().into_os_string();
            file.push(name);
            fs::remove_file(file).ok();
        }
    }
}
