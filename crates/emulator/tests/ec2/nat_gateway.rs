//! NAT gateways through their lives: their addresses, their interface, the routes that lead to them, and how they fail.

use vpcrun_emulator::{Fault, Faults, TransitionTimes, World};

use crate::support::{Ec2, Names, Network, first, texts};

/// A public gateway in the network's subnet: its id and its Elastic IP address's.
fn public(ec2: &Ec2, network: &Network) -> (String, String) {
    let address = ec2.get("Action=AllocateAddress", "allocationId");
    let body = format!("Action=CreateNatGateway&SubnetId={}&AllocationId={address}", network.subnet);
    (ec2.get(&body, "natGatewayId"), address)
}

fn describe(ec2: &Ec2, gateway: &str) -> String {
    ec2.ask(&format!("Action=DescribeNatGateways&NatGatewayId.1={gateway}"))
}

fn state(ec2: &Ec2, gateway: &str) -> String {
    first(&describe(ec2, gateway), "state").expect("a state")
}

fn describe_address(ec2: &Ec2, allocation: &str) -> String {
    ec2.ask(&format!("Action=DescribeAddresses&AllocationId.1={allocation}"))
}

#[test]
fn a_public_gateway_lives() {
    let ec2 = Ec2::new(TransitionTimes::AwsLike);
    let network = Network::new(&ec2);
    let allocation = ec2.get("Action=AllocateAddress", "allocationId");
    let public_ip = first(&describe_address(&ec2, &allocation), "publicIp").expect("an address");
    let create = format!(
        "Action=CreateNatGateway&SubnetId={}&AllocationId={allocation}&ClientToken=once&PrivateIpAddress=192.168.1.77\
         &TagSpecification.1.ResourceType=natgateway&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=nat",
        network.subnet
    );
    let created = ec2.ask(&create);
    let id = first(&created, "natGatewayId").expect("an id");
    assert!(created.contains("<clientToken>once</clientToken>"), "{created}");
    assert!(created.contains("<state>pending</state><connectivityType>public</connectivityType>"), "{created}");
    let expected = format!(
        "<natGatewayAddressSet><item><allocationId>{allocation}</allocationId><isPrimary>true</isPrimary>\
         <status>associating</status></item></natGatewayAddressSet>"
    );
    assert!(created.contains(&expected), "{created}");
    assert_eq!(ec2.get(&create, "natGatewayId"), id);
    assert_eq!(ec2.all("Action=DescribeNatGateways", "natGatewayId"), [id.as_str()]);

    ec2.wait(119);
    assert_eq!(state(&ec2, &id), "pending");
    ec2.wait(1);
    let described = describe(&ec2, &id);
    assert!(described.contains("<state>available</state>"), "{described}");
    let interface = first(&described, "networkInterfaceId").expect("an interface");
    let association = first(&described, "associationId").expect("an association");
    let expected = format!(
        "<natGatewayAddressSet><item><allocationId>{allocation}</allocationId><associationId>{association}</associationId>\
         <isPrimary>true</isPrimary><networkInterfaceId>{interface}</networkInterfaceId>\
         <privateIp>192.168.1.77</privateIp><publicIp>{public_ip}</publicIp><status>succeeded</status></item>\
         </natGatewayAddressSet><tagSet><item><key>Name</key><value>nat</value></item></tagSet>"
    );
    assert!(described.contains(&expected), "{described}");

    let shown = ec2.ask(&format!("Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={interface}"));
    for part in [
        format!("<description>Interface for NAT Gateway {id}</description>"),
        "<interfaceType>nat_gateway</interfaceType>".to_owned(),
        "<requesterManaged>true</requesterManaged>".to_owned(),
        "<status>in-use</status>".to_owned(),
        "<sourceDestCheck>false</sourceDestCheck>".to_owned(),
        format!("<associationId>{association}</associationId>"),
    ] {
        assert!(shown.contains(&part), "{part}\n{shown}");
    }
    let address = describe_address(&ec2, &allocation);
    assert_eq!(first(&address, "associationId"), Some(association));
    assert_eq!(first(&address, "networkInterfaceId"), Some(interface.clone()));
    assert_eq!(first(&address, "instanceId"), None);

    let route = format!(
        "Action=CreateRoute&RouteTableId={}&DestinationCidrBlock=0.0.0.0/0&NatGatewayId={id}",
        main_table(&ec2, &network)
    );
    ec2.ask(&route);
    let routes =
        || ec2.ask(&format!("Action=DescribeRouteTables&Filter.1.Name=route.nat-gateway-id&Filter.1.Value.1={id}"));
    let nat = format!("<natGatewayId>{id}</natGatewayId>");
    assert!(routes().contains(&format!("{nat}<state>active</state><origin>CreateRoute</origin>")), "{}", routes());

    ec2.ask(&format!("Action=DeleteNatGateway&NatGatewayId={id}"));
    assert_eq!(state(&ec2, &id), "deleting");
    assert!(routes().contains(&format!("{nat}<state>blackhole</state>")), "{}", routes());
    assert_eq!(ec2.code(&format!("Action=DeleteSubnet&SubnetId={}", network.subnet)), "DependencyViolation");
    ec2.wait(60);
    let deleted = describe(&ec2, &id);
    assert!(deleted.contains("<state>deleted</state>"), "{deleted}");
    assert!(deleted.contains("<deleteTime>2026-11-23T18:45:58.000Z</deleteTime>"), "{deleted}");
    assert!(deleted.contains(&interface), "{deleted}");
    assert_eq!(first(&describe_address(&ec2, &allocation), "associationId"), None);
    assert_eq!(
        ec2.code(&format!("Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={interface}")),
        "InvalidNetworkInterfaceID.NotFound"
    );
    ec2.ask(&format!("Action=DeleteSubnet&SubnetId={}", network.subnet));
    ec2.wait(3_600);
    assert_eq!(ec2.code(&format!("Action=DescribeNatGateways&NatGatewayId.1={id}")), "NatGatewayNotFound");
    assert_eq!(ec2.all("Action=DescribeNatGateways", "natGatewayId"), [""; 0]);
    assert!(routes().contains("blackhole"));
}

fn main_table(ec2: &Ec2, network: &Network) -> String {
    let filters = format!(
        "Filter.1.Name=vpc-id&Filter.1.Value.1={}&Filter.2.Name=association.main&Filter.2.Value.1=true",
        network.vpc
    );
    ec2.get(&format!("Action=DescribeRouteTables&{filters}"), "routeTableId")
}

#[test]
fn a_gateway_fails_after_the_answer() {
    let ec2 = Ec2::new(TransitionTimes::AwsLike);
    let network = Network::new(&ec2);
    let failed = |request: &str| {
        let id = ec2.get(request, "natGatewayId");
        assert_eq!(state(&ec2, &id), "pending");
        assert!(!describe(&ec2, &id).contains("failure"));
        ec2.wait(15);
        let described = describe(&ec2, &id);
        assert!(described.contains("<state>failed</state>"), "{described}");
        assert!(described.contains("<status>failed</status>"), "{described}");
        let text = |element| first(&described, element).expect("a failure");
        (text("failureCode"), text("failureMessage"))
    };
    let create =
        |subnet: &str, allocation: &str| format!("Action=CreateNatGateway&SubnetId={subnet}&AllocationId={allocation}");

    let (_, taken) = public(&ec2, &network);
    let (code, message) = failed(&create(&network.subnet, &taken));
    assert_eq!(code, "Resource.AlreadyAssociated");
    assert_eq!(message, format!("Elastic IP address {taken} is already associated"));

    let lonely = ec2.get("Action=CreateVpc&CidrBlock=10.0.0.0/16", "vpcId");
    let subnet = ec2.get(&format!("Action=CreateSubnet&VpcId={lonely}&CidrBlock=10.0.0.0/28"), "subnetId");
    let free = ec2.get("Action=AllocateAddress", "allocationId");
    let (code, message) = failed(&create(&subnet, &free));
    assert_eq!(code, "Gateway.NotAttached");
    assert_eq!(message, format!("Network {lonely} has no Internet gateway attached"));

    let fill = format!("Action=CreateNetworkInterface&SubnetId={subnet}&SecondaryPrivateIpAddressCount=10");
    ec2.ask(&fill);
    let (code, message) = failed(&format!("Action=CreateNatGateway&SubnetId={subnet}&ConnectivityType=private"));
    assert_eq!(code, "InsufficientFreeAddressesInSubnet");
    assert_eq!(message, "Subnet has insufficient free addresses to create this NAT gateway");
    // What failed holds nothing.
    assert_eq!(first(&describe_address(&ec2, &free), "associationId"), None);
    ec2.wait(3_600);
    assert_eq!(ec2.all("Action=DescribeNatGateways", "state"), ["available"]);
}

#[test]
fn faults_make_gateways_fail_or_wait() {
    let with = |fault: &str| {
        let (mut options, clock) = Ec2::options(TransitionTimes::AwsLike);
        options.faults = Faults::seeded(1).with(fault.parse::<Fault>().expect("a fault"));
        Ec2 { world: World::in_memory(options), clock, region: "ap-northeast-1" }
    };
    let ec2 = with("nat-gateway=fail");
    let (id, _) = public(&ec2, &Network::new(&ec2));
    ec2.wait(15);
    assert_eq!(first(&describe(&ec2, &id), "failureCode").as_deref(), Some("InternalError"));

    let ec2 = with("nat-gateway=5m");
    let (id, _) = public(&ec2, &Network::new(&ec2));
    ec2.wait(419);
    assert_eq!(state(&ec2, &id), "pending");
    ec2.wait(1);
    assert_eq!(state(&ec2, &id), "available");
}

#[test]
fn secondary_addresses_come_and_go() {
    let ec2 = Ec2::new(TransitionTimes::AwsLike);
    let network = Network::new(&ec2);
    let (id, _) = public(&ec2, &network);
    ec2.wait(120);
    let second = ec2.get("Action=AllocateAddress", "allocationId");
    let added = ec2.ask(&format!(
        "Action=AssociateNatGatewayAddress&NatGatewayId={id}&AllocationId.1={second}&PrivateIpAddress.1=192.168.1.99"
    ));
    assert!(added.contains("<isPrimary>false</isPrimary>"), "{added}");
    assert!(added.contains("<status>associating</status>"), "{added}");
    ec2.wait(60);
    let described = describe(&ec2, &id);
    assert_eq!(texts(&described, "status"), ["succeeded", "succeeded"]);
    assert_eq!(texts(&described, "privateIp")[1], "192.168.1.99");
    assert!(first(&describe_address(&ec2, &second), "associationId").is_some());
    let association = texts(&described, "associationId").remove(1);

    let leave = format!(
        "Action=DisassociateNatGatewayAddress&NatGatewayId={id}&AssociationId.1={association}&MaxDrainDurationSeconds=10"
    );
    assert!(ec2.ask(&leave).contains("<status>disassociating</status>"));
    assert_eq!(ec2.code(&leave), "IncorrectState");
    assert_eq!(texts(&describe(&ec2, &id), "status"), ["succeeded", "disassociating"]);
    ec2.wait(10);
    assert_eq!(texts(&describe(&ec2, &id), "status"), ["succeeded"]);
    assert_eq!(first(&describe_address(&ec2, &second), "associationId"), None);

    let create = format!(
        "Action=CreateNatGateway&SubnetId={}&ConnectivityType=private&SecondaryPrivateIpAddressCount=2",
        network.subnet
    );
    let private = ec2.get(&create, "natGatewayId");
    ec2.wait(120);
    let described = describe(&ec2, &private);
    assert_eq!(texts(&described, "privateIp").len(), 3);
    assert!(!described.contains("publicIp") && !described.contains("allocationId"), "{described}");
    let assign = format!("Action=AssignPrivateNatGatewayAddress&NatGatewayId={private}&PrivateIpAddressCount=1");
    assert!(ec2.ask(&assign).contains("<status>assigning</status>"));
    ec2.wait(60);
    let addresses = texts(&describe(&ec2, &private), "privateIp");
    assert_eq!(addresses.len(), 4);
    let unassign =
        format!("Action=UnassignPrivateNatGatewayAddress&NatGatewayId={private}&PrivateIpAddress.1={}", addresses[2]);
    assert!(ec2.ask(&unassign).contains("<status>unassigning</status>"));
    ec2.wait(349);
    assert_eq!(texts(&describe(&ec2, &private), "privateIp").len(), 4);
    ec2.wait(1);
    assert_eq!(texts(&describe(&ec2, &private), "privateIp").len(), 3);
    // A gateway whose addresses are still draining can be deleted.
    ec2.ask(&unassign.replace(&addresses[2], &addresses[1]));
    ec2.ask(&format!("Action=DeleteNatGateway&NatGatewayId={private}"));
    ec2.wait(60);
    assert_eq!(state(&ec2, &private), "deleted");
}

#[test]
fn gateways_are_found_by_filters_and_pages() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let private = |subnet: &str| {
        ec2.get(&format!("Action=CreateNatGateway&ConnectivityType=private&SubnetId={subnet}"), "natGatewayId")
    };
    let mut here: Vec<_> = (0..7).map(|_| private(&network.subnet)).collect();
    let there = private(&network.other_subnet);
    ec2.ask(&format!("Action=DeleteNatGateway&NatGatewayId={}", here[6]));
    let gone = here.pop().expect("seven");
    here.sort();
    let by = |name: &str, value: &str| {
        ec2.all(&format!("Action=DescribeNatGateways&Filter.1.Name={name}&Filter.1.Value.1={value}"), "natGatewayId")
    };
    assert_eq!(by("subnet-id", &network.other_subnet), [there.as_str()]);
    assert_eq!(by("state", "deleted"), [gone.as_str()]);
    assert_eq!(by("nat-gateway-id", &there), [there.as_str()]);
    assert_eq!(by("vpc-id", &network.vpc).len(), 8);
    assert_eq!(by("tag-key", "Name"), [""; 0]);
    let page = format!(
        "Action=DescribeNatGateways&MaxResults=5&Filter.1.Name=state&Filter.1.Value.1=available\
         &Filter.2.Name=subnet-id&Filter.2.Value.1={}",
        network.subnet
    );
    let answer = ec2.ask(&page);
    let token = first(&answer, "nextToken").expect("another page");
    let mut seen = texts(&answer, "natGatewayId");
    seen.extend(ec2.all(&format!("{page}&NextToken={token}"), "natGatewayId"));
    assert_eq!(seen, here);
}

#[test]
fn gateways_are_refused_as_ec2_does() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let mut names = Names::default();
    let (public, taken) = public(&ec2, &network);
    let create = format!("Action=CreateNatGateway&ConnectivityType=private&SubnetId={}", network.other_subnet);
    let private = ec2.get(&create, "natGatewayId");
    let described = describe(&ec2, &public);
    for (name, element) in [("interface", "networkInterfaceId"), ("association", "associationId")] {
        names.put(name, first(&described, element).expect(element));
    }
    names.put("public-ip", first(&described, "publicIp").expect("an address"));
    names.put("primary", first(&describe(&ec2, &private), "privateIp").expect("an address"));
    let dead = ec2.get(&format!("{create}&ClientToken=dead"), "natGatewayId");
    ec2.ask(&format!("Action=DeleteNatGateway&NatGatewayId={dead}"));
    ec2.ask(&format!("{create}&ClientToken=used"));
    let peer = ec2.get("Action=CreateVpc&CidrBlock=10.9.0.0/16", "vpcId");
    names.put("elsewhere", ec2.get(&format!("Action=CreateRouteTable&VpcId={peer}"), "routeTableId"));
    names.put("table", main_table(&ec2, &network));
    names.put("free", ec2.get("Action=AllocateAddress", "allocationId"));
    for (name, value) in [("public", &public), ("private", &private), ("dead", &dead), ("taken", &taken)] {
        names.put(name, value.as_str());
    }
    for (name, value) in [
        ("subnet", &network.subnet),
        ("other", &network.other_subnet),
        ("vpc", &network.vpc),
        ("igw", &network.gateway),
    ] {
        names.put(name, value.as_str());
    }
    ec2.refuses_all(&names, crate::refusals_nat_gateway::REFUSED);
}
