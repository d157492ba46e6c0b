//! Instances: started, changed in place, made again.

use std::time::Duration;

use vpcrun_ec2::{Action, ElasticIpSpec, InstanceSpec, SecurityGroupSpec, Stack};
use vpcrun_emulator::{Clock, DrivenClock, Options, Timestamp, TransitionTimes};
use vpcrun_model::{Instance, InstanceStateName};

use super::super::support::block_on;
use super::{Bench, elastic_ip, gateway, group, instance, mine, subnet, vpc};

fn declare(stack: &Stack) {
    let vpc = stack.vpc(vpc());
    stack.instance(instance(&stack.subnet(subnet(&vpc))));
}

async fn the_instance(bench: &Bench) -> Instance {
    mine(bench.capture().await.instances.into_values())
}

#[test]
fn a_stopped_instance_is_started() {
    block_on(async {
        let bench = Bench::new();
        bench.run(declare).await.counts(3, 0, 0);
        let id = the_instance(&bench).await.instance_id;
        bench.client().stop_instances().instance_ids(id.to_string()).send().await.expect("stops");
        let started = bench.run(declare).await;
        assert_eq!(started.counts(0, 1, 2).changes(), ["stopped -> started"]);
        assert_eq!(started.writes(), ["StartInstances"]);
        let there = the_instance(&bench).await;
        assert_eq!((there.instance_id, there.state.name), (id, InstanceStateName::Running));
        assert!(bench.run(declare).await.counts(0, 0, 3).writes().is_empty());
    });
}

#[test]
fn an_instance_that_is_stopping_is_waited_for_and_then_started() {
    block_on(async {
        let clock = DrivenClock::new(Timestamp::from_millisecond(1_800_000_000_000));
        let (moving, transition_times) = (clock.clone(), TransitionTimes::AwsLike);
        let bench = Bench::with(Options { clock: Clock::Driven(clock), transition_times, ..Options::default() });
        bench.run(declare).await.counts(3, 0, 0);
        moving.advance(Duration::from_secs(60));
        let id = the_instance(&bench).await.instance_id;
        bench.client().stop_instances().instance_ids(id.to_string()).send().await.expect("stops");
        assert_eq!(the_instance(&bench).await.state.name, InstanceStateName::Stopping);
        let time = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(400)).await;
                moving.advance(Duration::from_secs(20));
            }
        });
        let started = bench.run(declare).await;
        time.abort();
        assert_eq!(started.counts(0, 1, 2).changes(), ["stopped -> started"]);
        let waited =
            started.events.iter().find(|event| matches!(event.action, Action::Waiting { .. })).expect("a wait");
        assert_eq!((waited.kind, waited.detail.as_str()), ("instance", "stopping, waits for stopped"));
    });
}

#[test]
fn the_source_destination_check_is_updated_in_place() {
    block_on(async {
        let bench = Bench::new();
        let run = |check| {
            bench.run(move |stack| {
                let vpc = stack.vpc(vpc());
                stack.instance(InstanceSpec { source_dest_check: check, ..instance(&stack.subnet(subnet(&vpc))) });
            })
        };
        run(Some(false)).await.counts(3, 0, 0);
        assert_eq!(the_instance(&bench).await.source_dest_check, Some(false), "of a new one too");
        run(None).await.counts(0, 0, 3);
        let on = run(Some(true)).await;
        assert_eq!(on.counts(0, 1, 2).changes(), ["source/destination check: false -> true"]);
        assert_eq!(on.writes(), ["ModifyInstanceAttribute"]);
        run(Some(true)).await.counts(0, 0, 3);
    });
}

#[test]
fn the_groups_of_an_instance_are_updated_in_place() {
    block_on(async {
        let bench = Bench::new();
        let run = |names: &'static [&'static str]| {
            bench.run(move |stack| {
                let vpc = stack.vpc(vpc());
                let group = |name: &str| stack.security_group(SecurityGroupSpec { name: name.into(), ..group(&vpc) });
                let all = [group("a"), group("b")];
                let security_groups = all.into_iter().filter(|group| names.contains(&group.name())).collect();
                stack.instance(InstanceSpec { security_groups, ..instance(&stack.subnet(subnet(&vpc))) });
            })
        };
        run(&["a"]).await.counts(5, 0, 0);
        let network = bench.capture().await;
        let id = |name: &str| {
            let found = network.security_groups.values().find(|group| group.group_name == name);
            found.expect("a group").group_id
        };
        let moved = run(&["b"]).await;
        let expected = [format!("+ security group {}", id("b")), format!("- security group {}", id("a"))];
        assert_eq!(moved.counts(0, 1, 4).changes(), expected);
        let groups = the_instance(&bench).await.security_groups;
        assert_eq!(groups.iter().map(|group| group.group_id).collect::<Vec<_>>(), [id("b")]);
        run(&["a", "b"]).await.counts(0, 1, 4);
        run(&["b", "a"]).await.counts(0, 0, 5);
    });
}

#[test]
fn an_instance_that_somebody_terminated_is_made_again_and_gets_its_address_back() {
    block_on(async {
        let bench = Bench::new();
        let declare = |stack: &Stack| {
            let vpc = stack.vpc(vpc());
            stack.internet_gateway(gateway(&vpc));
            let instance = stack.instance(instance(&stack.subnet(subnet(&vpc))));
            stack.elastic_ip(ElasticIpSpec { instance: Some(instance), ..elastic_ip() });
        };
        bench.run(declare).await.counts(5, 0, 0);
        let before = mine(bench.capture().await.addresses.into_values());
        let gone = before.instance_id.expect("associated");
        bench.client().terminate_instances().instance_ids(gone.to_string()).send().await.expect("terminates");
        bench.run(declare).await.counts(1, 1, 3);
        let after = mine(bench.capture().await.addresses.into_values());
        assert_eq!(after.public_ip, before.public_ip);
        assert!(after.instance_id.is_some_and(|id| id != gone), "{after:?}");
    });
}
