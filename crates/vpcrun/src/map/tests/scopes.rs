//! What a scope takes.

use vpcrun_model::{Network, Tag};

use super::fixture::{Builder, Host, tutorial};
use crate::map::{Scope, ScopeError, select};

const DEFAULT_VPC: usize = 0xdefa;

fn of_stack(stack: &str) -> Scope {
    Scope { stack: Some(stack.to_owned()), ..Scope::default() }
}

fn of_vpc(vpc: &str) -> Scope {
    Scope { vpc: Some(vpc.to_owned()), ..Scope::default() }
}

fn vpcs(network: &Network, scope: &Scope) -> Vec<String> {
    let selection = select(network, scope).expect("a selection");
    selection.network.vpcs.keys().map(ToString::to_string).collect()
}

fn host(id: usize) -> Host {
    Host {
        id,
        name: "web".to_owned(),
        private_ip: "172.31.0.4".to_owned(),
        public_ip: Some("203.0.113.99".to_owned()),
        state: "running",
        group: (1, "default".to_owned()),
    }
}

#[test]
fn an_idle_default_vpc_is_hidden_with_all_that_is_its() {
    let selection = select(&tutorial(), &Scope::default()).expect("a selection");
    assert_eq!(selection.hidden_default_vpc.map(|id| id.to_string()).as_deref(), Some("vpc-0000000000000defa"));
    let network = selection.network;
    assert_eq!((network.vpcs.len(), network.subnets.len(), network.internet_gateways.len()), (1, 2, 1));
    assert!(network.route_tables.values().all(|table| network.vpcs.contains_key(&table.vpc_id)));
}

#[test]
fn the_default_vpc_is_shown_when_asked_when_used_and_when_alone() {
    let asked = Scope { default_vpc: true, ..Scope::default() };
    assert_eq!(vpcs(&tutorial(), &asked).len(), 2);
    assert_eq!(vpcs(&tutorial(), &of_vpc("vpc-0000000000000defa")), ["vpc-0000000000000defa"]);

    let mut used = Builder(tutorial());
    used.instance(DEFAULT_VPC, DEFAULT_VPC, &host(1));
    assert_eq!(vpcs(&used.build(), &Scope::default()).len(), 2);

    let mut alone = Builder::new();
    alone.default_vpc();
    assert_eq!(vpcs(&alone.build(), &Scope::default()), ["vpc-0000000000000defa"]);
}

#[test]
fn a_vpc_goes_by_id_or_name() {
    assert_eq!(vpcs(&tutorial(), &of_vpc("myvpc")), ["vpc-0b1c6f0d2a9e47c31"]);
    let selection = select(&tutorial(), &of_vpc("vpc-0b1c6f0d2a9e47c31")).expect("a selection");
    assert_eq!((selection.network.instances.len(), selection.network.addresses.len()), (2, 2));
    assert_eq!(selection.network.internet_gateways.len(), 1);
}

#[test]
fn a_vpc_that_is_not_there_or_not_alone_is_an_error() {
    let error = select(&tutorial(), &of_vpc("yourvpc")).expect_err("no such VPC");
    let expected = "no VPC \"yourvpc\" in ap-northeast-1; VPCs here: vpc-0000000000000defa, myvpc";
    assert_eq!(error.to_string(), expected);
    let mut twice = Builder(tutorial());
    twice.vpc(7, "myvpc", "10.0.0.0/16", None);
    let error = select(&twice.build(), &of_vpc("myvpc")).expect_err("two of them");
    assert!(matches!(&error, ScopeError::SeveralVpcs { ids, .. } if ids.len() == 2), "{error}");
}

#[test]
fn a_stack_is_what_it_made_and_all_that_is_inside() {
    let mut builder = Builder(tutorial());
    builder.vpc(7, "other", "10.0.0.0/16", None);
    builder.subnet(7, 7, "others", "10.0.0.0/24", "ap-northeast-1a");
    // Somebody else's, in the stack's VPC: it would block a teardown, so it is shown.
    let foreign = Host { private_ip: "192.168.1.77".to_owned(), ..host(0xf0) };
    builder.instance(0xb1c6_f0d2_a9e4_7c31, 0xf3a5_d7c9_b1e2_f406, &foreign);
    let selection = select(&builder.build(), &of_stack("home-ssh")).expect("a selection");
    let network = selection.network;
    assert_eq!((network.vpcs.len(), network.subnets.len(), network.instances.len()), (1, 2, 3));
    assert_eq!(selection.hidden_default_vpc, None);
}

#[test]
fn of_a_vpc_that_another_made_only_the_stacks_part_is_shown() {
    let mut network = tutorial();
    let vpc = network.vpcs.values_mut().find(|vpc| !vpc.is_default).expect("the VPC");
    vpc.tags.retain(|tag| tag.key == "Name");
    let subnet = network.subnets.values_mut().find(|subnet| !subnet.vpc_id.to_string().ends_with("defa"));
    subnet.expect("a subnet").tags.push(Tag::new("vpcrun:stack", "guest"));
    let shown = select(&network, &of_stack("guest")).expect("a selection").network;
    assert_eq!((shown.vpcs.len(), shown.subnets.len(), shown.instances.len()), (1, 1, 1));
    assert_eq!((shown.internet_gateways.len(), shown.route_tables.len(), shown.addresses.len()), (1, 1, 1));
}

#[test]
fn a_stack_that_is_not_there_is_an_error_that_names_those_that_are() {
    let error = select(&tutorial(), &of_stack("home")).expect_err("no such stack");
    assert_eq!(error.to_string(), "no stack \"home\" in ap-northeast-1; stacks here: home-ssh");
}
