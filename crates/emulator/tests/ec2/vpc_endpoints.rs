//! VPC endpoints: routes and interfaces, names, states, changes, and what stays as long as they do.

use vpcrun_emulator::{Options, TransitionTimes, World};

use super::support::{Ec2, Network, first, texts};

const S3: &str = "com.amazonaws.ap-northeast-1.s3";
const SQS: &str = "com.amazonaws.ap-northeast-1.sqs";

fn describe(ec2: &Ec2, id: &str) -> String {
    ec2.ask(&format!("Action=DescribeVpcEndpoints&VpcEndpointId.1={id}"))
}

/// The texts of a list's items.
fn items(xml: &str, list: &str) -> Vec<String> {
    first(xml, list).map(|list| texts(&list, "item")).unwrap_or_default()
}

/// A network whose VPC has DNS names.
fn network(ec2: &Ec2) -> Network {
    let network = Network::new(ec2);
    ec2.ask(&format!("Action=ModifyVpcAttribute&VpcId={}&EnableDnsHostnames.Value=true", network.vpc));
    network
}

#[test]
fn a_gateway_endpoint_is_a_route_to_a_prefix_list() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let vpc = network(&ec2).vpc;
    let table = ec2.get(&format!("Action=CreateRouteTable&VpcId={vpc}"), "routeTableId");
    let other = ec2.get(&format!("Action=CreateRouteTable&VpcId={vpc}"), "routeTableId");
    let lists = ec2.ask(&format!("Action=DescribePrefixLists&Filter.1.Name=prefix-list-name&Filter.1.Value.1={S3}"));
    let list = first(&lists, "prefixListId").expect("AWS's list");
    let create = format!(
        "Action=CreateVpcEndpoint&VpcId={vpc}&ServiceName={S3}&RouteTableId.1={table}&ClientToken=once\
         &TagSpecification.1.ResourceType=vpc-endpoint&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=s3"
    );
    let made = ec2.ask(&create);
    for element in [
        "<vpcEndpointType>Gateway</vpcEndpointType>",
        "<state>available</state>",
        "<privateDnsEnabled>false</privateDnsEnabled>",
        "<clientToken>once</clientToken>",
        "<subnetIdSet/><groupSet/>",
        "<networkInterfaceIdSet/><dnsEntrySet/>",
        "<key>Name</key><value>s3</value>",
        "<creationTimestamp>2026-11-23T18:43:58.000Z</creationTimestamp>",
    ] {
        assert!(made.contains(element), "{element}: {made}");
    }
    let id = first(&made, "vpcEndpointId").expect("an id");
    assert_eq!(first(&ec2.ask(&create), "vpcEndpointId"), Some(id.clone()), "the token's own");
    let routes = |table: &str| ec2.ask(&format!("Action=DescribeRouteTables&RouteTableId.1={table}"));
    let route = format!("<destinationPrefixListId>{list}</destinationPrefixListId><gatewayId>{id}</gatewayId>");
    assert!(routes(&table).contains(&route), "{}", routes(&table));
    assert_eq!(
        ec2.refusal(&format!("Action=DeleteRoute&RouteTableId={table}&DestinationPrefixListId={list}")).2,
        format!("cannot remove VPC endpoint route {list} in route table {table}")
    );

    let modify = |more: &str| ec2.ask(&format!("Action=ModifyVpcEndpoint&VpcEndpointId={id}{more}"));
    modify(&format!("&AddRouteTableId.1={other}&RemoveRouteTableId.1={table}"));
    assert_eq!(items(&describe(&ec2, &id), "routeTableIdSet"), std::slice::from_ref(&other));
    assert!(!routes(&table).contains(&route) && routes(&other).contains(&route));
    modify(
        "&PolicyDocument={\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}",
    );
    assert!(describe(&ec2, &id).contains("\"Deny\""));
    modify("&ResetPolicy=true");
    assert!(describe(&ec2, &id).contains("{\"Version\":\"2008-10-17\",\"Statement\":[{\"Effect\":\"Allow\""));

    let deleted =
        ec2.ask(&format!("Action=DeleteVpcEndpoints&VpcEndpointId.1={id}&VpcEndpointId.2=vpce-0123456789abcdef0"));
    assert_eq!(texts(&deleted, "resourceId"), ["vpce-0123456789abcdef0"]);
    assert_eq!(first(&deleted, "code").as_deref(), Some("InvalidVpcEndpointId.NotFound"));
    assert!(!routes(&other).contains(&route), "its routes go with it");
    assert_eq!(ec2.code(&format!("Action=DescribeVpcEndpoints&VpcEndpointId.1={id}")), "InvalidVpcEndpointId.NotFound");
    assert_eq!(ec2.code(&create), "IdempotentParameterMismatch", "the token of an endpoint that is gone");
}

#[test]
fn an_interface_endpoint_has_an_interface_in_each_subnet() {
    let ec2 = Ec2::new(TransitionTimes::AwsLike);
    let network = network(&ec2);
    let Network { vpc, subnet, other_subnet, group, .. } = &network;
    let create = format!(
        "Action=CreateVpcEndpoint&VpcEndpointType=Interface&VpcId={vpc}&ServiceName={SQS}&SubnetId.1={subnet}\
         &SecurityGroupId.1={group}&SubnetConfiguration.1.SubnetId={subnet}&SubnetConfiguration.1.Ipv4=192.168.1.77"
    );
    let made = ec2.ask(&create);
    let id = first(&made, "vpcEndpointId").expect("an id");
    for element in [
        "<state>pending</state>",
        "<ipAddressType>ipv4</ipAddressType>",
        "<dnsOptions><dnsRecordIpType>ipv4</dnsRecordIpType></dnsOptions>",
        "<privateDnsEnabled>true</privateDnsEnabled>",
        "<routeTableIdSet/>",
        "<dnsName>sqs.ap-northeast-1.amazonaws.com</dnsName><hostedZoneId>ZONEIDPENDING</hostedZoneId>",
    ] {
        assert!(made.contains(element), "{element}: {made}");
    }
    assert_eq!(items(&made, "subnetIdSet"), std::slice::from_ref(subnet));
    let names = texts(&made, "dnsName");
    assert!(names[0].starts_with(&format!("{id}-")) && names[0].ends_with(".sqs.ap-northeast-1.vpce.amazonaws.com"));
    assert!(names[1].contains("-ap-northeast-1b.sqs."), "{names:?}");
    ec2.wait(60);
    let shown = describe(&ec2, &id);
    assert!(shown.contains("<state>available</state>") && !shown.contains("ZONEIDPENDING"), "{shown}");
    assert!(shown.contains("<hostedZoneId>Z2E726K9Y6RL4W</hostedZoneId>"), "{shown}");

    let interfaces =
        || ec2.ask("Action=DescribeNetworkInterfaces&Filter.1.Name=interface-type&Filter.1.Value.1=vpc_endpoint");
    for element in [
        format!("<description>VPC Endpoint Interface {id}</description>"),
        "<privateIpAddress>192.168.1.77</privateIpAddress>".to_owned(),
        "<requesterManaged>true</requesterManaged>".to_owned(),
        "<status>in-use</status>".to_owned(),
    ] {
        assert!(interfaces().contains(&element), "{element}: {}", interfaces());
    }
    assert_eq!(items(&shown, "networkInterfaceIdSet"), texts(&interfaces(), "networkInterfaceId"));

    let second =
        ec2.get(&format!("Action=CreateSecurityGroup&GroupName=second&GroupDescription=second&VpcId={vpc}"), "groupId");
    ec2.ask(&format!(
        "Action=ModifyVpcEndpoint&VpcEndpointId={id}&AddSubnetId.1={other_subnet}&RemoveSubnetId.1={subnet}\
         &AddSecurityGroupId.1={second}&RemoveSecurityGroupId.1={group}&PrivateDnsEnabled=false"
    ));
    let shown = describe(&ec2, &id);
    assert_eq!(items(&shown, "subnetIdSet"), std::slice::from_ref(other_subnet));
    assert_eq!(texts(&first(&shown, "groupSet").expect("groups"), "groupId"), std::slice::from_ref(&second));
    assert_eq!(texts(&interfaces(), "subnetId"), std::slice::from_ref(other_subnet));
    assert!(!shown.contains("<dnsName>sqs."), "{shown}");

    for (delete, code) in [
        (format!("DeleteSubnet&SubnetId={other_subnet}"), "DependencyViolation"),
        (format!("DeleteSecurityGroup&GroupId={second}"), "DependencyViolation"),
        (format!("DeleteVpc&VpcId={vpc}"), "DependencyViolation"),
    ] {
        assert_eq!(ec2.code(&format!("Action={delete}")), code, "{delete}");
    }
    ec2.ask(&format!("Action=DeleteVpcEndpoints&VpcEndpointId.1={id}"));
    assert!(describe(&ec2, &id).contains("<state>deleting</state>"));
    assert_eq!(
        ec2.code(&format!("Action=ModifyVpcEndpoint&VpcEndpointId={id}&PrivateDnsEnabled=true")),
        "IncorrectState"
    );
    assert_eq!(ec2.code(&format!("Action=DeleteSubnet&SubnetId={other_subnet}")), "DependencyViolation");
    ec2.wait(60);
    assert!(texts(&interfaces(), "networkInterfaceId").is_empty());
    ec2.ask(&format!("Action=DeleteSubnet&SubnetId={other_subnet}"));
    ec2.ask(&format!("Action=DeleteSecurityGroup&GroupId={second}"));
}

#[test]
fn endpoints_without_subnets_wait_for_them() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = network(&ec2);
    let create = format!("Action=CreateVpcEndpoint&VpcEndpointType=Interface&VpcId={}", network.vpc);
    let made = ec2.ask(&format!("{create}&ServiceName={SQS}&PrivateDnsEnabled=false"));
    assert!(made.contains("<groupName>default</groupName>") && made.contains("<networkInterfaceIdSet/>"), "{made}");
    let id = first(&made, "vpcEndpointId").expect("an id");
    let configured = |address: &str| {
        ec2.ask(&format!(
            "Action=ModifyVpcEndpoint&VpcEndpointId={id}&SubnetConfiguration.1.SubnetId={}\
             &SubnetConfiguration.1.Ipv4={address}",
            network.subnet
        ));
        ec2.all(
            "Action=DescribeNetworkInterfaces&Filter.1.Name=requester-managed&Filter.1.Value.1=true",
            "privateIpAddress",
        )
    };
    assert_eq!(configured("192.168.1.50")[0], "192.168.1.50");
    assert_eq!(configured("192.168.1.60")[0], "192.168.1.60", "a new interface with the new address");
    // An interface endpoint for S3: bucket names come before its names, and its private names need the gateway endpoint.
    let s3 = format!("{create}&ServiceName={S3}");
    assert!(ec2.get(&s3, "dnsName").starts_with("*.vpce-"));
    ec2.ask(&format!("Action=CreateVpcEndpoint&VpcId={}&ServiceName={S3}", network.vpc));
    let inbound = "<privateDnsOnlyForInboundResolverEndpoint>true</privateDnsOnlyForInboundResolverEndpoint>";
    assert!(ec2.ask(&format!("{s3}&PrivateDnsEnabled=true")).contains(inbound));
}

#[test]
fn endpoints_are_found_by_filters_and_pages() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let vpc = network(&ec2).vpc;
    for _ in 0..6 {
        ec2.ask(&format!("Action=CreateVpcEndpoint&VpcId={vpc}&ServiceName={S3}"));
    }
    ec2.ask(&format!("Action=CreateVpcEndpoint&VpcEndpointType=Interface&VpcId={vpc}&ServiceName={SQS}"));
    let count = |name: &str, value: &str| {
        let body = format!("Action=DescribeVpcEndpoints&Filter.1.Name={name}&Filter.1.Value.1={value}");
        ec2.all(&body, "vpcEndpointId").len()
    };
    for (name, value, found) in [
        ("service-name", SQS, 1),
        ("service-region", "ap-northeast-1", 7),
        ("ip-address-type", "ipv4", 1),
        ("vpc-endpoint-type", "Gateway", 6),
        ("vpc-endpoint-state", "available", 7),
        ("vpc-id", vpc.as_str(), 7),
        ("vpc-id", "vpc-0123456789abcdef0", 0),
    ] {
        assert_eq!(count(name, value), found, "{name}={value}");
    }
    let page = ec2.ask("Action=DescribeVpcEndpoints&MaxResults=5");
    let token = first(&page, "nextToken").expect("another page");
    let rest = ec2.all(&format!("Action=DescribeVpcEndpoints&MaxResults=5&NextToken={token}"), "vpcEndpointId");
    assert_eq!((texts(&page, "vpcEndpointId").len(), rest.len()), (5, 2));
}

#[test]
fn aws_services_are_listed() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let services = |more: &str| ec2.ask(&format!("Action=DescribeVpcEndpointServices{more}"));
    let gateways = services("&Filter.1.Name=service-type&Filter.1.Value.1=Gateway");
    assert_eq!(texts(&gateways, "serviceName"), ["com.amazonaws.ap-northeast-1.dynamodb", S3]);
    let both = services(&format!("&ServiceName.1={S3}"));
    assert_eq!(items(&both, "serviceNameSet"), [S3]);
    assert_eq!(texts(&both, "serviceId").len(), 2, "one for each type");
    let sqs = services(&format!("&ServiceName.1={SQS}"));
    for element in [
        "<owner>amazon</owner>",
        "<acceptanceRequired>false</acceptanceRequired>",
        "<privateDnsName>sqs.ap-northeast-1.amazonaws.com</privateDnsName>",
        "<item>ap-northeast-1a</item>",
        "<vpcEndpointPolicySupported>true</vpcEndpointPolicySupported>",
    ] {
        assert!(sqs.contains(element), "{element}: {sqs}");
    }
    let all = services("");
    assert!(texts(&all, "serviceName").len() > 50, "{all}");
}

#[test]
fn endpoints_survive_on_disk() {
    let folder = std::env::temp_dir().join(format!("vpcrun-vpc-endpoints-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("world");
    let open = || World::open(&path, Options { seed: Some(1), ..Options::default() }).expect("a world");
    let ec2 = Ec2 { world: open(), ..Ec2::new(TransitionTimes::Instant) };
    let network = network(&ec2);
    ec2.ask(&format!("Action=CreateVpcEndpoint&VpcId={}&ServiceName={S3}", network.vpc));
    ec2.ask(&format!(
        "Action=CreateVpcEndpoint&VpcEndpointType=Interface&VpcId={}&ServiceName={SQS}&SubnetId.1={}",
        network.vpc, network.subnet
    ));
    ec2.ask("Action=EnableEbsEncryptionByDefault");
    let before = ec2.picture();
    assert_eq!(Ec2 { world: open(), ..ec2 }.picture(), before);
    std::fs::remove_dir_all(folder).expect("removed");
}
