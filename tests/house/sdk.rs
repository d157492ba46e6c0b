//! The AWS SDK's own typed errors and waiters work against the embedded EC2.

use std::time::Duration;

use aws_sdk_ec2::client::Waiters;
use aws_sdk_ec2::error::ProvideErrorMetadata;
use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::types::InstanceType;
use vpcrun_emulator::{Options, World};

use super::support::{block_on, session};

const WAIT: Duration = Duration::from_secs(60);

#[test]
fn waiters_see_an_instance_through_its_life() {
    block_on(async {
        let client = session(&World::in_memory(Options::default())).client().clone();
        let run = client
            .run_instances()
            .image_id("resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64")
            .instance_type(InstanceType::T3Micro)
            .min_count(1)
            .max_count(1)
            .send()
            .await
            .expect("an instance in the default VPC");
        let instance = run.instances()[0].instance_id().expect("an id").to_owned();
        client.wait_until_instance_exists().instance_ids(&instance).wait(WAIT).await.expect("exists");
        client.wait_until_instance_running().instance_ids(&instance).wait(WAIT).await.expect("running");
        client.wait_until_instance_status_ok().instance_ids(&instance).wait(WAIT).await.expect("ok");
        client.stop_instances().instance_ids(&instance).send().await.expect("stops");
        client.wait_until_instance_stopped().instance_ids(&instance).wait(WAIT).await.expect("stopped");
        client.start_instances().instance_ids(&instance).send().await.expect("starts");
        client.wait_until_instance_running().instance_ids(&instance).wait(WAIT).await.expect("running again");
        client.terminate_instances().instance_ids(&instance).send().await.expect("terminates");
        client.wait_until_instance_terminated().instance_ids(&instance).wait(WAIT).await.expect("terminated");
    });
}

#[test]
fn waiters_know_vpcs_subnets_gateways_groups_and_keys() {
    block_on(async {
        let client = session(&World::in_memory(Options::default())).client().clone();
        let vpc = client.create_vpc().cidr_block("192.168.0.0/16").send().await.expect("a VPC");
        let vpc = vpc.vpc().and_then(|vpc| vpc.vpc_id()).expect("an id").to_owned();
        client.wait_until_vpc_exists().vpc_ids(&vpc).wait(WAIT).await.expect("exists");
        client.wait_until_vpc_available().vpc_ids(&vpc).wait(WAIT).await.expect("available");
        let subnet = client.create_subnet().vpc_id(&vpc).cidr_block("192.168.1.0/24").send().await.expect("a subnet");
        let subnet = subnet.subnet().and_then(|subnet| subnet.subnet_id()).expect("an id").to_owned();
        client.wait_until_subnet_available().subnet_ids(&subnet).wait(WAIT).await.expect("available");
        let gateway = client.create_internet_gateway().send().await.expect("a gateway");
        let gateway = gateway.internet_gateway().and_then(|it| it.internet_gateway_id()).expect("an id").to_owned();
        client.wait_until_internet_gateway_exists().internet_gateway_ids(gateway).wait(WAIT).await.expect("exists");
        client.create_key_pair().key_name("mykeypair").send().await.expect("a key pair");
        client.wait_until_key_pair_exists().key_names("mykeypair").wait(WAIT).await.expect("exists");
        let group = client.create_security_group().group_name("ssh").description("ssh").vpc_id(&vpc).send().await;
        let group = group.expect("a group").group_id().expect("an id").to_owned();
        client.wait_until_security_group_exists().group_ids(group).wait(WAIT).await.expect("exists");
    });
}

#[test]
fn refusals_are_the_sdks_typed_errors() {
    block_on(async {
        let client = session(&World::in_memory(Options::default())).client().clone();
        let error = client.create_vpc().cidr_block("10.0.0.0/8").send().await.expect_err("a /8 is refused");
        assert_eq!(error.code(), Some("InvalidVpc.Range"));
        assert_eq!(error.message(), Some("The CIDR '10.0.0.0/8' is invalid."));
        let id = error.request_id().expect("a request id");
        assert_eq!((id.len(), id.matches('-').count()), (36, 4), "{id}");
        let error = client.describe_vpcs().vpc_ids("vpc-00000000").send().await.expect_err("an unknown id is refused");
        assert_eq!(error.code(), Some("InvalidVpcID.NotFound"));
        assert_eq!(error.raw_response().map(|response| response.status().as_u16()), Some(400));
        let error = client.create_vpc().cidr_block("10.0.0.0/16").dry_run(true).send().await.expect_err("a dry run");
        assert_eq!(error.code(), Some("DryRunOperation"));
        assert_eq!(error.raw_response().map(|response| response.status().as_u16()), Some(412));
    });
}

#[test]
fn paginators_see_every_item_once() {
    block_on(async {
        let client = session(&World::in_memory(Options::default())).client().clone();
        for n in 0..23 {
            client.create_vpc().cidr_block(format!("10.{n}.0.0/16")).send().await.expect("a VPC");
        }
        let mut pages = client.describe_vpcs().into_paginator().page_size(5).items().send();
        let mut ids = std::collections::BTreeSet::new();
        while let Some(vpc) = pages.next().await {
            assert!(ids.insert(vpc.expect("a page").vpc_id().expect("an id").to_owned()), "twice");
        }
        assert_eq!(ids.len(), 24, "23 and the default VPC");
    });
}
