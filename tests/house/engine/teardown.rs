//! Teardowns that something foreign blocks name it, take down the rest, and go on when it is gone.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{self as sdk, InstanceType};
use vpcrun_ec2::{Error, SecurityGroupSpec, Stack};
use vpcrun_emulator::{Options, World};

use super::super::support::{Home, block_on, session};
use super::{Bench, Ran, gateway, group, instance, mine, subnet, vpc};

/// Gateway, subnet, group and an instance in a VPC: 5 resources.
fn declare(stack: &Stack) {
    let vpc = stack.vpc(vpc());
    stack.internet_gateway(gateway(&vpc));
    stack.security_group(SecurityGroupSpec { ..group(&vpc) });
    stack.instance(instance(&stack.subnet(subnet(&vpc))));
}

/// Blocked as these lines say, with what is left for it; the way is free when `free` was done.
#[track_caller]
fn assert_blocked(ran: &Ran, deleted: usize, blocked: &[String], not_tried: &[(&'static str, &str)]) {
    assert_eq!(ran.summary.deleted, deleted, "{ran:#?}");
    let said: Vec<String> = ran.summary.failed.iter().map(|failure| failure.error.to_string()).collect();
    assert_eq!(said, blocked, "{ran:#?}");
    assert!(ran.summary.failed.iter().all(|failure| matches!(*failure.error, Error::Blocked(_))), "{ran:#?}");
    let left: Vec<_> = ran.summary.not_tried.iter().map(|(kind, name)| (*kind, name.as_str())).collect();
    assert_eq!(left, not_tried, "{ran:#?}");
}

async fn interface(client: &Client, subnet: &str, group: Option<&str>) -> String {
    let call = client.create_network_interface().subnet_id(subnet).description("reporting");
    let answer = call.set_groups(group.map(|group| vec![group.to_owned()])).send().await.expect("an interface");
    answer.network_interface().and_then(|it| it.network_interface_id()).expect("an id").to_owned()
}

#[test]
fn a_foreign_interface_blocks_subnet_and_group() {
    block_on(async {
        let bench = Bench::new();
        bench.run(declare).await.counts(5, 0, 0);
        let network = bench.capture().await;
        let subnet = mine(network.subnets.into_values()).subnet_id.to_string();
        let group = mine(network.security_groups.into_values()).group_id.to_string();
        let client = bench.client();
        let eni = interface(&client, &subnet, Some(&group)).await;
        let described =
            client.describe_network_interfaces().network_interface_ids(&eni).send().await.expect("readable");
        let address = described.network_interfaces()[0].private_ip_address().expect("an address").to_owned();

        let by = format!("stays: in use by network interface {eni} \"reporting\" {address} (not of this stack)");
        let blocked = [format!("subnet n {subnet} {by}"), format!("security group sg {group} {by}")];
        let ran = bench.destroy().await;
        assert_blocked(&ran, 2, &blocked, &[("vpc", "v")]);
        assert_eq!(ran.count("DeleteVpc"), 0);
        client.delete_network_interface().network_interface_id(eni).send().await.expect("deleted");
        let rest = bench.destroy().await;
        assert_eq!((rest.summary.deleted, rest.summary.is_success()), (3, true), "{rest:#?}");
    });
}

#[test]
fn a_foreign_instance_blocks_subnet_and_gateway() {
    block_on(async {
        let bench = Bench::new();
        bench.run(declare).await.counts(5, 0, 0);
        let network = bench.capture().await;
        let subnet = mine(network.subnets.into_values()).subnet_id.to_string();
        let gateway = mine(network.internet_gateways.into_values()).internet_gateway_id.to_string();
        let client = bench.client();
        let wanted = sdk::InstanceNetworkInterfaceSpecification::builder()
            .device_index(0)
            .subnet_id(&subnet)
            .associate_public_ip_address(true)
            .build();
        let call = client.run_instances().min_count(1).max_count(1).instance_type(InstanceType::T3Micro);
        let run =
            call.image_id(vpcrun_ec2::DEFAULT_IMAGE).network_interfaces(wanted).send().await.expect("an instance");
        let foreign = run.instances()[0].instance_id().expect("an id").to_owned();

        let ran = bench.destroy().await;
        let said: Vec<String> = ran.summary.failed.iter().map(|failure| failure.error.to_string()).collect();
        let [of_gateway, of_subnet] = &said[..] else { panic!("{ran:#?}") };
        for (text, start) in
            [(of_gateway, format!("internet gateway g {gateway}")), (of_subnet, format!("subnet n {subnet}"))]
        {
            assert!(text.starts_with(&format!("{start} stays: in use by network interface eni-")), "{text}");
            assert!(text.ends_with(&format!("of instance {foreign} (not of this stack)")), "{text}");
        }
        assert_eq!(ran.summary.not_tried, [("vpc", "v".to_owned())]);
        assert_eq!(ran.summary.deleted, 2, "its own instance and group: {ran:#?}");
        client.terminate_instances().instance_ids(foreign).send().await.expect("terminates");
        let rest = bench.destroy().await;
        assert_eq!((rest.summary.deleted, rest.summary.is_success()), (3, true), "{rest:#?}");
    });
}

#[test]
fn foreign_subnets_and_groups_block_a_vpc_and_a_foreign_rule_a_group() {
    block_on(async {
        let bench = Bench::new();
        bench.run(declare).await.counts(5, 0, 0);
        let network = bench.capture().await;
        let vpc = mine(network.vpcs.into_values()).vpc_id.to_string();
        let ours = mine(network.security_groups.into_values()).group_id.to_string();
        let client = bench.client();
        let other = client.create_subnet().vpc_id(&vpc).cidr_block("10.0.9.0/24").send().await.expect("a subnet");
        let other = other.subnet().and_then(|subnet| subnet.subnet_id()).expect("an id").to_owned();
        let call = client.create_security_group().group_name("audit").description("by hand").vpc_id(&vpc);
        let audit = call.send().await.expect("a group").group_id().expect("an id").to_owned();
        let pair = sdk::UserIdGroupPair::builder().group_id(&ours).build();
        let permission = sdk::IpPermission::builder().ip_protocol("-1").user_id_group_pairs(pair).build();
        let call = client.authorize_security_group_ingress().group_id(&audit).ip_permissions(permission.clone());
        call.send().await.expect("authorized");

        let by_rule = format!(
            "security group sg {ours} stays: in use by security group {audit} has a rule that names it (not of \
             this stack)"
        );
        assert_blocked(&bench.destroy().await, 3, &[by_rule], &[("vpc", "v")]);
        let call = client.revoke_security_group_ingress().group_id(&audit).ip_permissions(permission);
        call.send().await.expect("revoked");
        let in_vpc = format!(
            "vpc v {vpc} stays: in use by subnet {other} 10.0.9.0/24 (not of this stack), \
             security group {audit} audit (not of this stack)"
        );
        assert_blocked(&bench.destroy().await, 1, &[in_vpc], &[]);
        client.delete_subnet().subnet_id(other).send().await.expect("deleted");
        client.delete_security_group().group_id(audit).send().await.expect("deleted");
        let rest = bench.destroy().await;
        assert_eq!((rest.summary.deleted, rest.summary.is_success()), (1, true), "{rest:#?}");
    });
}

#[test]
fn the_binary_names_what_blocks_and_exits_with_5() {
    let home = Home::new();
    home.write(
        "net.lua",
        "local ec2 = aws.ec2 {}\nlocal vpc = ec2.vpc { name = 'v', cidr = '10.0.0.0/16' }\n\
         ec2.subnet { name = 'n', vpc = vpc, cidr = '10.0.1.0/24' }\n",
    );
    let world = home.world().display().to_string();
    home.run(&["net.lua", "--world", &world, "--json"]).json();
    let eni = block_on(async {
        let world = World::open(&home.world(), Options::default()).expect("the world opens");
        let client = session(&world).client().clone();
        let subnets = client.describe_subnets().send().await.expect("readable");
        let subnet = subnets.subnets().iter().find(|subnet| subnet.cidr_block() == Some("10.0.1.0/24")).expect("n");
        interface(&client, subnet.subnet_id().expect("an id"), None).await
    });
    let outcome = home.run(&["destroy", "net.lua", "--world", &world]);
    assert_eq!(outcome.code, Some(5), "{outcome:#?}");
    for part in
        ["subnet n subnet-", "stays: in use by", &eni, "network interface", "(not of this stack)", "2 left (n and"]
    {
        assert!(outcome.stderr.contains(part), "{part:?} is missing: {outcome:#?}");
    }
    let document = home.run(&["destroy", "net.lua", "--world", &world, "--json"]).document();
    assert_eq!((&document["exit_code"], &document["deleted"]), (&5.into(), &0.into()), "{document:#}");
}

#[test]
fn a_stack_that_was_stopped_sends_nothing_and_says_what_was_not_tried() {
    block_on(async {
        let bench = Bench::new();
        let stopped = bench
            .run(|stack| {
                stack.stop();
                declare(stack);
            })
            .await;
        assert_eq!((stopped.sent.len(), stopped.summary.not_tried.len()), (0, 5), "{stopped:#?}");
        assert!(stopped.summary.failed.is_empty() && stopped.summary.unreadable.is_none(), "{stopped:#?}");
        bench.run(declare).await.counts(5, 0, 0);
        let (stack, _) = bench.stack();
        stack.stop();
        let error = stack.destroy().await.expect_err("stopped");
        assert_eq!(error.code(), "Stopped");
    });
}
