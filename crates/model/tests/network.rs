//! The network as `aws ec2 describe-…` prints it (`tests/aws`): reading, writing, errors, questions.

use std::net::Ipv4Addr;

use proptest::prelude::*;
use serde_json::{Value, json};
use vpcrun_model::{
    AttachmentId, GatewayId, Id, Instance, InstanceId, InstanceStateName, Network, NetworkError, PortRange,
    PrivateReason, Protocol, ReservationId, Resource, RouteTarget, SubnetAccess, VpcId, select_route,
};

const FILES: [(&str, &str); 8] = [
    ("describe-vpcs.json", include_str!("aws/describe-vpcs.json")),
    ("describe-subnets.json", include_str!("aws/describe-subnets.json")),
    ("describe-internet-gateways.json", include_str!("aws/describe-internet-gateways.json")),
    ("describe-route-tables.json", include_str!("aws/describe-route-tables.json")),
    ("describe-instances.json", include_str!("aws/describe-instances.json")),
    ("describe-network-interfaces.json", include_str!("aws/describe-network-interfaces.json")),
    ("the-rest.json", include_str!("aws/the-rest.json")),
    ("get-caller-identity.json", include_str!("aws/get-caller-identity.json")),
];

fn network() -> Network {
    let mut network = Network::new("ap-northeast-1");
    for (name, text) in FILES {
        network.merge_json(name, text).unwrap_or_else(|error| panic!("{error}"));
    }
    network
}

fn id<T: Id>(text: &str) -> T {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn written_and_read(network: &Network) -> Network {
    let mut back = Network::new(network.region.clone());
    for (name, document) in network.to_documents() {
        back.merge_json(name, &document.to_string()).unwrap_or_else(|error| panic!("{error}"));
    }
    back
}

/// Members that AWS writes and this version leaves aside. One that is not listed here must not get lost.
const LEFT_ASIDE: [&str; 12] = [
    "Arn",
    "BlockPublicAccessStates",
    "CpuOptions",
    "ImageLocation",
    "IpSource",
    "Ipv6AddressAttribute",
    "MapCustomerOwnedIpOnLaunch",
    "Messages",
    "MetadataOptions",
    "NextToken",
    "Operator",
    "UserId",
];

/// Whether `written` says all that `original` says; else the first place where it does not.
fn compare(original: &Value, written: &Value) -> Result<(), String> {
    match (original, written) {
        (Value::Object(members), Value::Object(written)) => {
            for (name, value) in members.iter().filter(|(_, value)| **value != json!([])) {
                let other = match written.get(name) {
                    // `InstanceId` and `DhcpOptionsId` for none.
                    None if LEFT_ASIDE.contains(&name.as_str()) || value == "" || value == "default" => continue,
                    None => return Err(format!("{name} is lost")),
                    Some(other) => other,
                };
                compare(value, other).map_err(|problem| format!("{name}: {problem}"))?;
            }
            Ok(())
        }
        (Value::Array(items), Value::Array(written)) if items.len() == written.len() => {
            let lost = |item: &&Value| !written.iter().any(|other| compare(item, other).is_ok());
            items.iter().find(lost).map_or(Ok(()), |item| Err(format!("no equal of {item}")))
        }
        (Value::String(text), Value::String(other)) if text != other => {
            let time = |text: &str| text.parse::<jiff::Timestamp>().map_err(|_| format!("{text} became {other}"));
            if time(text)? == time(other)? { Ok(()) } else { Err(format!("{text} became {other}")) }
        }
        (value, other) if value == other => Ok(()),
        (value, other) => Err(format!("{value} became {other}")),
    }
}

#[test]
fn written_documents_read_back_equal() {
    let network = network();
    assert_eq!(written_and_read(&network), network);
    assert_eq!(written_and_read(&Network::new("eu-west-1")), Network::new("eu-west-1"));
}

#[test]
fn writing_keeps_what_aws_wrote() {
    let documents = network().to_documents();
    for (file, text) in FILES {
        let Value::Object(original) = serde_json::from_str(text).expect("json") else { panic!("{file}") };
        for (member, value) in original.iter().filter(|(member, _)| !LEFT_ASIDE.contains(&member.as_str())) {
            let written = documents.iter().find_map(|(_, document)| document.get(member)).expect(member);
            compare(value, written).unwrap_or_else(|problem| panic!("{file}: {member}: {problem}"));
        }
    }
}

#[test]
fn values_arrive_typed() {
    let network = network();
    assert_eq!(network.account_id.as_deref(), Some("123456789012"));
    let vpc = &network.vpcs[&id("vpc-0b1c6f0d2a9e47c31")];
    assert_eq!(vpc.name(), Some("myvpc"));
    assert_eq!(vpc.ipv4_cidr_blocks(), ["192.168.0.0/16".parse().expect("block")], "a disassociated block is none");
    let default_vpc = &network.vpcs[&id("vpc-7d3f5a18")];
    assert_eq!((default_vpc.is_default, default_vpc.dhcp_options_id), (true, None), "AWS writes `default` for none");

    let subnet = &network.subnets[&id("subnet-0f3a5d7c9b1e2f406")];
    let dns = subnet.private_dns_name_options_on_launch.as_ref().expect("options");
    assert!(dns.enable_resource_name_dns_aaaa_record && !dns.enable_resource_name_dns_a_record);
    assert_eq!(network.subnets[&id("subnet-0a3a5d7c9b1e2f406")].cidr_block, None, "IPv6-only");

    let instance = &network.instances[&id("i-0a1b2c3d4e5f60718")];
    assert_eq!(instance.reservation_id, Some(id("r-0a1b2c3d4e5f60718")));
    assert_eq!(instance.owner_id.as_deref(), Some("123456789012"));
    assert_eq!(instance.state.name, InstanceStateName::Running);
    let gone = &network.instances[&id("i-0b1b2c3d4e5f60718")];
    assert_eq!((gone.vpc_id, gone.state.name.is_ending()), (None, true));
    assert_eq!(gone.launch_time, instance.launch_time, "two ways to write one moment");

    let endpoint = &network.network_interfaces[&id("eni-05b7c6d5e4f3a2918")];
    let attachment = endpoint.attachment.as_ref().and_then(|attachment| attachment.attachment_id.clone());
    assert_eq!(attachment, Some(AttachmentId::Service("ela-attach-0a1b2c3d4e5f60718".to_owned())));

    let acl = &network.network_acls[&id("acl-0a1b2c3d4e5f60718")];
    assert_eq!(acl.entries[1].protocol, Protocol::TCP);
    assert_eq!(acl.entries[1].port_range, PortRange::new(1024, 65535).ok());
    assert_eq!(serde_json::to_value(&acl.entries[1]).expect("writes")["Protocol"], json!("6"));
    assert_eq!(network.addresses[&id("eipalloc-0b1b2c3d4e5f60718")].instance_id, None, "AWS writes an empty text");
    let propagating = &network.route_tables[&id("rtb-0f1d2c3b4a5968770")].propagating_vgws[0].gateway_id;
    assert_eq!(*propagating, GatewayId::Other("vgw-0a1b2c3d4e5f60718".to_owned()));
}

#[test]
fn questions_find_their_answers() {
    let network = network();
    let vpc = id("vpc-0b1c6f0d2a9e47c31");
    let main = network.main_route_table(vpc).expect("a main table");
    assert_eq!(main.route_table_id, id("rtb-0e1d2c3b4a5968770"));
    assert_eq!(network.main_route_table(id("vpc-7d3f5a18")), None);
    assert_eq!(network.subnets_of(vpc).count(), 2);
    assert_eq!(network.internet_gateway_of(vpc).and_then(Resource::name), Some("mygateway"));
    assert_eq!(network.internet_gateway_of(id("vpc-7d3f5a18")), None);
    let interfaces = network.network_interfaces_of(id("i-0a1b2c3d4e5f60718"));
    assert_eq!(interfaces.len(), 1);
    assert_eq!(interfaces[0].name(), Some("front"), "the tags of an interface are in TagSet");
    let found = network.network_interface_at(vpc, Ipv4Addr::new(192, 168, 1, 4)).expect("an interface");
    assert_eq!(found.id(), interfaces[0].id());
    assert_eq!(network.network_interface_at(id("vpc-7d3f5a18"), Ipv4Addr::new(192, 168, 1, 4)), None);
    let address = network.address_with_public_ip(Ipv4Addr::new(203, 0, 113, 10)).expect("an address");
    assert_eq!(network.addresses_of(interfaces[0].network_interface_id).collect::<Vec<_>>(), [address]);
    let acl = network.network_acl_of(id("subnet-0f3a5d7c9b1e2f406")).expect("an ACL");
    assert!(acl.is_default);
    assert_eq!(network.security_group_rules_of(id("sg-0f2e4d6c8b0a1938f")).count(), 1);
    for resource in network.resources() {
        assert_eq!(network.resource(resource.id()).map(Resource::id), Some(resource.id()));
    }
    assert_eq!(network.resources().count(), 21);
}

#[test]
fn a_subnet_is_public_by_its_effective_default_route() {
    let mut network = network();
    let follows_main = id("subnet-0f3a5d7c9b1e2f406");
    let has_own = id("subnet-0c3a5d7c9b1e2f406");
    let main = id("rtb-0e1d2c3b4a5968770");
    let own = id("rtb-0f1d2c3b4a5968770");
    let public = SubnetAccess::Public { route_table: main, gateway: id("igw-07d1c2b3a4f5e6d78") };
    assert_eq!(network.subnet_access(follows_main), Some(public.clone()));
    let target = Some(RouteTarget::NatGateway(id("nat-0a1b2c3d4e5f60718")));
    let blackhole = PrivateReason::Blackhole { route_table: own, target: target.clone() };
    assert_eq!(network.subnet_access(has_own), Some(SubnetAccess::Private(blackhole)));

    network.route_tables.get_mut(&own).expect("own").routes[1].state = None;
    let elsewhere = SubnetAccess::Private(PrivateReason::OtherTarget { route_table: own, target });
    assert_eq!(network.subnet_access(has_own), Some(elsewhere.clone()));
    let expected =
        "private: 0.0.0.0/0 in rtb-0f1d2c3b4a5968770 leads to nat-0a1b2c3d4e5f60718, not to an internet gateway";
    assert_eq!(elsewhere.to_string(), expected);

    // Without its association in force the subnet follows the main table; without a default route that is private.
    let associations = &mut network.route_tables.get_mut(&own).expect("own").associations;
    associations[0].association_state.as_mut().expect("a state").state = "disassociating".into();
    assert_eq!(network.subnet_access(has_own), Some(public));
    network.route_tables.get_mut(&main).expect("main").routes.retain(|route| route.is_local());
    let no_route = SubnetAccess::Private(PrivateReason::NoDefaultRoute { route_table: main });
    assert_eq!(network.subnet_access(has_own), Some(no_route));
    network.route_tables.clear();
    let unknown = SubnetAccess::Private(PrivateReason::NoRouteTable);
    assert_eq!(network.subnet_access(has_own), Some(unknown));
    assert_eq!(network.subnet_access(id("subnet-00000001")), None);
}

#[test]
fn a_more_specific_route_does_not_make_a_default_route() {
    let mut network = network();
    let main = network.route_tables.get_mut(&id("rtb-0e1d2c3b4a5968770")).expect("main");
    main.routes[1].destination_cidr_block = Some("0.0.0.0/1".parse().expect("block"));
    assert!(select_route(main, Ipv4Addr::UNSPECIFIED).is_some());
    assert!(!network.subnet_access(id("subnet-0f3a5d7c9b1e2f406")).expect("there").is_public());
}

#[test]
fn later_pages_add_and_replace() {
    let mut network = network();
    let page = r#"{"Vpcs": [{"VpcId": "vpc-7d3f5a18", "CidrBlock": "172.31.0.0/16", "State": "pending"},
                            {"VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16", "State": "available"}],
                   "NextToken": "eyJ2IjoiMiJ9"}"#;
    network.merge_json("page-2.json", page).expect("reads");
    assert_eq!(network.vpcs.len(), 3);
    assert_eq!(network.vpcs[&id::<VpcId>("vpc-7d3f5a18")].state.as_str(), "pending");
}

#[test]
fn errors_name_the_file_and_the_member_and_change_nothing() {
    let mut network = network();
    let before = network.clone();
    let mut error = |text: &str| network.merge_json("broken.json", text).expect_err(text).to_string();
    let vpc = |members: &str| format!(r#"{{"Vpcs": [{{"VpcId": "vpc-00000001", "State": "available", {members}}}]}}"#);
    assert_eq!(
        error(&vpc(r#""CidrBlock": "10.0.0.0""#)),
        "broken.json: Vpcs[0].CidrBlock: invalid IP address syntax; expected an IPv4 block such as 10.0.0.0/16 \
         (found \"10.0.0.0\")"
    );
    assert_eq!(
        error(r#"{"Vpcs": [], "Subnets": [{"SubnetId": "vpc-00000001"}]}"#),
        "broken.json: Subnets[0].SubnetId: \"vpc-00000001\" is not the id of a subnet: expected subnet- and 8 or 17 \
         hexadecimal digits (found \"vpc-00000001\")"
    );
    assert_eq!(error(r#"{"Vpcs": [{"VpcId": "vpc-00000001"}]}"#), "broken.json: Vpcs[0]: missing field `CidrBlock`");
    assert!(error(r#"{"Vpcs": {}}"#).starts_with("broken.json: Vpcs: invalid type: map, expected a sequence"));
    let nested =
        r#"{"Reservations": [{"Instances": [{"InstanceId": "i-00000001", "State": {"Code": 16, "Name": 16}}]}]}"#;
    assert!(error(nested).starts_with("broken.json: Reservations[0].Instances[0].State.Name: invalid type"));
    let reversed = r#"{"NetworkAcls": [{"NetworkAclId": "acl-00000001", "VpcId": "vpc-00000001", "Entries": [
        {"RuleNumber": 1, "Protocol": "6", "RuleAction": "allow", "PortRange": {"From": 90, "To": 80}}]}]}"#;
    assert!(error(reversed).contains("Entries[0].PortRange: ports 90-80 are the wrong way round: expected 80-90"));
    assert_eq!(error("{\n  \"Vpcs\": [,]\n}"), "broken.json:2:12: not JSON: expected value");
    assert!(error("").starts_with("broken.json:1:0: not JSON: EOF"));
    assert!(error("[]").contains("found an array where the whole output of aws ec2 describe-… was expected"));
    assert_eq!(network, before);
}

#[test]
fn a_document_of_another_command_can_be_told_and_skipped() {
    let mut network = Network::new("ap-northeast-1");
    for text in [r#"{"Volumes": [], "NextToken": "x"}"#, "{}"] {
        let error = network.merge_json("describe-volumes.json", text).expect_err("unknown");
        assert!(matches!(error, NetworkError::UnknownDocument { .. }), "{error}");
        assert!(error.to_string().contains("expected one of Vpcs, Subnets, "), "{error}");
    }
    network.merge_json("empty.json", "\u{feff}{\"Vpcs\": []}").expect("an empty account, from PowerShell");
    assert_eq!(network, Network::new("ap-northeast-1"));
}

fn any_instance() -> impl Strategy<Value = Instance> {
    let owner = proptest::option::of("[0-9]{12}");
    (0_u128..64, proptest::option::of(0_u128..3), owner, "\\PC{0,8}", proptest::option::of("\\PC{0,8}")).prop_map(
        |(number, reservation, owner_id, state, key_name)| {
            let json = json!({"InstanceId": InstanceId::from_bits(number), "State": {"Code": 0, "Name": state}});
            let instance: Instance = serde_json::from_value(json).expect("an instance");
            let reservation_id = reservation.map(ReservationId::from_bits);
            Instance { reservation_id, owner_id, key_name, ..instance }
        },
    )
}

proptest! {
    #[test]
    fn instances_read_back_whatever_their_reservations(instances in proptest::collection::vec(any_instance(), 0..12)) {
        let mut network = Network::new("ap-northeast-1");
        network.instances = instances.into_iter().map(|instance| (instance.instance_id, instance)).collect();
        prop_assert_eq!(written_and_read(&network), network);
    }

    #[test]
    fn no_document_panics(text in "\\PC{0,60}") {
        let _ = Network::new("ap-northeast-1").merge_json("any.json", &text);
    }
}
