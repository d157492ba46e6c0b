//! Calls of the table against moto's server: somebody else's reading of the EC2 protocol.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod moto;

use moto::Moto;
use serde_json::{Value, json};
use vpcrun_ec2::{Error, Session, api};

async fn call(session: &Session, action: &str, input: Value) -> Result<Value, Error> {
    session.call(&api::action(action).unwrap(), input).await
}

#[tokio::test]
async fn a_network_is_made_described_and_deleted() {
    let moto = Moto::start();
    let session = moto.session("eu-west-1").await;
    let named = |kind: &str| json!([{ "resource_type": kind, "tags": [{ "key": "Name", "value": "a & b" }] }]);

    let vpc = json!({ "cidr_block": "10.9.0.0/16", "tag_specifications": named("vpc") });
    let vpc = call(&session, "create_vpc", vpc).await.unwrap()["vpc"].clone();
    assert_eq!((&vpc["cidr_block"], &vpc["tags"][0]["value"]), (&json!("10.9.0.0/16"), &json!("a & b")));
    assert_eq!(vpc["is_default"], false);

    let subnet = json!({ "vpc_id": vpc["vpc_id"], "cidr_block": "10.9.1.0/24" });
    let subnet = call(&session, "create_subnet", subnet).await.unwrap()["subnet"].clone();
    assert_eq!(subnet["available_ip_address_count"], 251);

    let filters = json!({ "filters": [{ "name": "vpc-id", "values": [vpc["vpc_id"]] }] });
    let subnets = call(&session, "describe_subnets", filters.clone()).await.unwrap();
    assert_eq!(subnets["subnets"].as_array().unwrap().len(), 1);
    assert_eq!(subnets["subnets"][0]["subnet_id"], subnet["subnet_id"]);
    let groups = call(&session, "describe_security_groups", filters).await.unwrap();
    assert_eq!(groups["security_groups"][0]["group_name"], "default");

    let rule = json!({ "group_id": groups["security_groups"][0]["group_id"], "ip_permissions": [
        { "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{ "cidr_ip": "198.51.100.7/32" }] },
    ] });
    let added = call(&session, "authorize_security_group_ingress", rule).await.unwrap();
    assert_eq!(added["return"], true);
    assert_eq!(added["security_group_rules"][0]["cidr_ipv4"], "198.51.100.7/32");

    call(&session, "delete_subnet", json!({ "subnet_id": subnet["subnet_id"] })).await.unwrap();
    call(&session, "delete_vpc", json!({ "vpc_id": vpc["vpc_id"] })).await.unwrap();
    let error = call(&session, "describe_vpcs", json!({ "vpc_ids": [vpc["vpc_id"]] })).await.unwrap_err();
    assert!(error.is_not_found() && error.request_id().is_some(), "{error:?}");
    assert_eq!(error.refusal().unwrap().action, "DescribeVpcs");
}

#[tokio::test]
async fn instances_and_keys_arrive_with_numbers_times_and_lists() {
    let moto = Moto::start();
    let session = moto.session("eu-west-2").await;

    let key = call(&session, "create_key_pair", json!({ "key_name": "k", "key_type": "ed25519" })).await.unwrap();
    assert!(key["key_material"].as_str().unwrap().starts_with("-----BEGIN"));

    let run = json!({ "image_id": "ami-12c6146b", "min_count": 1, "max_count": 1, "instance_type": "t3.micro" });
    let reservation = call(&session, "run_instances", run).await.unwrap();
    let id = &reservation["instances"][0]["instance_id"];
    let found = call(&session, "describe_instances", json!({ "instance_ids": [id] })).await.unwrap();
    let instance = &found["reservations"][0]["instances"][0];
    assert_eq!(instance["state"], json!({ "code": 16, "name": "running" }));
    assert!(instance["launch_time"].as_str().unwrap().ends_with('Z'), "{}", instance["launch_time"]);
    assert_eq!(instance["network_interfaces"].as_array().unwrap().len(), 1);
    assert_eq!(instance["product_codes"], json!([]));
}
