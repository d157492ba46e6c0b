//! Answers recorded on AWS that no family's tests hold.
//!
//! Sources: Sn, Si, Sg, Sp, Se, Sk: answers of AWS published in radkawar/stackd (Sg: pagination). M: moto's tests that were verified on
//! AWS. B: the EC2 API reference. #n: a public file that quotes real output. Sa: network_acl_idempotency, for what is said of other
//! creates.

use vpcrun_emulator::TransitionTimes;

use crate::shapes::Element;
use crate::support::{Ec2, Names, Network, Refused, first, run, texts};

const DESTINATION: &str = "The request must contain exactly one of: destinationCidrBlock, destinationIpv6CidrBlock, \
                           destinationPrefixListId";
const TWO: &str = "DestinationCidrBlock=192.0.2.0/24&DestinationIpv6CidrBlock=2001:db8::/64";

/// "Common to all actions".
const COMMON: &[Refused] = &[
    (
        "DescribeSecurityGroups&GroupId.1={group}&NextToken=a",
        "InvalidParameterCombination",
        "The parameter securityGroupIdSet cannot be used with the parameter nextToken",
        "Sg",
    ),
    (
        "DescribeInstances&InstanceId.1={instance}&NextToken=a",
        "InvalidParameterCombination",
        "The parameter instancesSet cannot be used with the parameter nextToken",
        "#9004884391 for maxResults; Sg for the words",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&ConnectivityType=private&ClientToken={long}",
        "InvalidParameterValue",
        "Value ({long}) for parameter clientToken is invalid",
        "limit B; message St",
    ),
];

/// "Internet gateways, routes".
const ROUTES: &[Refused] = &[
    ("ReplaceRoute&RouteTableId={table}&GatewayId={gateway}", "MissingParameter", DESTINATION, "Si"),
    ("CreateRoute&RouteTableId={table}&GatewayId={gateway}&{two}", "InvalidParameterCombination", DESTINATION, "Si"),
    ("ReplaceRoute&RouteTableId={table}&GatewayId={gateway}&{two}", "InvalidParameterCombination", DESTINATION, "Si"),
];

/// "Network ACLs, security groups, key pairs".
const GROUPS: &[Refused] = &[(
    "ModifySecurityGroupRules&GroupId={group}&SecurityGroupRule.1.SecurityGroupRuleId={rule}\
     &SecurityGroupRule.1.SecurityGroupRule.IpProtocol=tcp&SecurityGroupRule.1.SecurityGroupRule.CidrIpv4=192.0.2.0/24",
    "InvalidParameterValue",
    "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.",
    "M",
)];

/// "Elastic IPs, network interfaces".
const ADDRESSES: &[Refused] = &[(
    "AssociateAddress&AllocationId={address}&InstanceId={instance}",
    "InvalidInstanceID",
    "The pending instance '{instance}' is not in a valid state for this operation.",
    "#6855886169",
)];

/// A world whose instances stay pending, with what the tables speak of.
fn fixture() -> (Ec2, Names, Network) {
    let ec2 = Ec2::new(TransitionTimes::AwsLike);
    let network = Network::new(&ec2);
    let Network { vpc, gateway, subnet, group, .. } = &network;
    let mut names = Names::default();
    for (name, value) in [("vpc", vpc), ("gateway", gateway), ("subnet", subnet), ("group", group)] {
        names.put(name, value);
    }
    names.put("table", ec2.get(&format!("Action=CreateRouteTable&VpcId={vpc}"), "routeTableId"));
    names.put("address", ec2.get("Action=AllocateAddress", "allocationId"));
    names.put("instance", ec2.run(&format!("&SubnetId={subnet}")));
    let rule = "IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=22&IpPermissions.1.ToPort=22\
                &IpPermissions.1.IpRanges.1.CidrIp=192.0.2.0/24";
    let authorize = format!("Action=AuthorizeSecurityGroupIngress&GroupId={group}&{rule}");
    names.put("rule", ec2.get(&authorize, "securityGroupRuleId"));
    names.put("two", TWO);
    names.put("long", "t".repeat(65));
    (ec2, names, network)
}

#[test]
fn what_is_recorded_is_refused() {
    let (ec2, names, _) = fixture();
    for table in [COMMON, ROUTES, GROUPS, ADDRESSES] {
        ec2.refuses_all(&names, table);
    }
}

/// Creates that take a ClientToken: the request, the id's element, what deletes the resource.
const CREATED: &[(&str, &str, &str)] = &[
    ("CreateCarrierGateway&VpcId={vpc}", "carrierGatewayId", "DeleteCarrierGateway&CarrierGatewayId={id}"),
    (
        "CreateEgressOnlyInternetGateway&VpcId={vpc}",
        "egressOnlyInternetGatewayId",
        "DeleteEgressOnlyInternetGateway&EgressOnlyInternetGatewayId={id}",
    ),
    (
        "CreateFlowLogs&ResourceType=VPC&ResourceId.1={vpc}&TrafficType=ALL&LogDestinationType=s3\
         &LogDestination=arn:aws:s3:::a-bucket",
        "item",
        "DeleteFlowLogs&FlowLogId.1={id}",
    ),
    (
        "CreateLaunchTemplate&LaunchTemplateName=web&LaunchTemplateData.InstanceType=t3.micro",
        "launchTemplateId",
        "DeleteLaunchTemplate&LaunchTemplateId={id}",
    ),
    (
        "CreateManagedPrefixList&PrefixListName=a&MaxEntries=1&AddressFamily=IPv4",
        "prefixListId",
        "DeleteManagedPrefixList&PrefixListId={id}",
    ),
    ("CreateNetworkAcl&VpcId={vpc}", "networkAclId", "DeleteNetworkAcl&NetworkAclId={id}"),
    (
        "CreateNetworkInterface&SubnetId={subnet}",
        "networkInterfaceId",
        "DeleteNetworkInterface&NetworkInterfaceId={id}",
    ),
    ("CreateRouteTable&VpcId={vpc}", "routeTableId", "DeleteRouteTable&RouteTableId={id}"),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName=com.amazonaws.ap-northeast-1.s3",
        "vpcEndpointId",
        "DeleteVpcEndpoints&VpcEndpointId.1={id}",
    ),
];

/// Sa: a ClientToken whose resource is gone is refused in one wording.
#[test]
fn a_token_of_what_is_gone_is_refused_alike_in_every_create() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let mut names = Names::default();
    names.put("vpc", network.vpc);
    names.put("subnet", network.subnet);
    for (create, element, delete) in CREATED {
        let create = format!("Action={}&ClientToken=once", names.fill(create));
        let made = ec2.get(&create, element);
        assert_eq!(ec2.get(&create, element), made, "{create} again");
        names.put("id", &made);
        ec2.ask(&format!("Action={}", names.fill(delete)));
        // What is deleted in the background is gone at the next request.
        ec2.wait(3_600);
        ec2.refuses(
            &create,
            "IdempotentParameterMismatch",
            "An error occurred (IdempotentParameterMismatch) when calling this operation: The client token and arguments \
             used in this request were used in a prior request that was associated with a resource which is now deleted.",
            "Sa",
        );
    }
}

/// Sg: a token of DescribeSubnets is good for other filters, not for another region or action.
#[test]
fn a_page_token_is_good_for_its_region_and_action() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    for third in 10..16 {
        let vpc = &network.vpc;
        ec2.ask(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=192.168.{third}.0/24"));
    }
    let token = ec2.get("Action=DescribeSubnets&MaxResults=5", "nextToken");
    let absent = format!("Filter.1.Name=tag:Name&Filter.1.Value.1=absent&NextToken={token}");
    assert!(texts(&ec2.ask(&format!("Action=DescribeSubnets&MaxResults=5&{absent}")), "subnetId").is_empty());
    let message = format!("Value ( {token} ) for parameter NextToken is invalid. The token is invalid.");
    let other = ec2.in_region("us-west-2");
    other.refuses(&format!("Action=DescribeSubnets&NextToken={token}"), "InvalidParameterValue", &message, "Sg");
    ec2.refuses(&format!("Action=DescribeSecurityGroups&NextToken={token}"), "InvalidParameterValue", &message, "Sg");
}

/// #15053225743, Sz: a region that the account cannot use.
#[test]
fn a_region_that_is_not_there_is_refused_with_401() {
    let elsewhere = Ec2::new(TransitionTimes::Instant).in_region("mars-1");
    let message = "AWS was not able to validate the provided access credentials".to_owned();
    assert_eq!(elsewhere.refusal("Action=DescribeVpcs"), (401, "AuthFailure".to_owned(), message));
}

/// The first element at a path below the root.
fn at<'e>(root: &'e Element, path: &str) -> &'e Element {
    path.split('/')
        .fold(root, |element, name| element.child(name).unwrap_or_else(|| panic!("no {name} in {element:?}")))
}

fn members(element: &Element) -> Vec<&str> {
    element.children.iter().map(|child| child.name.as_str()).collect()
}

/// Which members an answer has, and has not: the request, where, those it has, those it has not, source.
type Shape = (&'static str, &'static str, &'static [&'static str], &'static [&'static str], &'static str);

const SHAPES: &[Shape] = &[
    (
        "CreateVpc&CidrBlock=10.9.1.2/16",
        "vpc",
        &[
            "vpcId",
            "ownerId",
            "state=pending",
            "cidrBlock=10.9.0.0/16",
            "cidrBlockAssociationSet",
            "ipv6CidrBlockAssociationSet",
            "dhcpOptionsId",
            "tagSet",
            "instanceTenancy=default",
            "isDefault=false",
        ],
        &["blockPublicAccessStates"],
        "L, Sn",
    ),
    (
        "DescribeVpcs&VpcId.1={vpc}",
        "vpcSet/item",
        &["state=available", "blockPublicAccessStates", "cidrBlockAssociationSet"],
        &["ipv6CidrBlockAssociationSet"],
        "L, Sn",
    ),
    (
        "CreateSubnet&VpcId={vpc}&CidrBlock=192.168.77.0/24",
        "subnet",
        &[
            "state=available",
            "subnetArn",
            "ownerId",
            "availabilityZoneId",
            "privateDnsNameOptionsOnLaunch",
            "enableDns64=false",
            "ipv6Native=false",
            "mapCustomerOwnedIpOnLaunch=false",
            "ipv6CidrBlockAssociationSet",
            "availableIpAddressCount=251",
        ],
        &["blockPublicAccessStates"],
        "Se, Sg",
    ),
    ("DescribeSubnets&SubnetId.1={subnet}", "subnetSet/item", &["blockPublicAccessStates"], &[], "Sg"),
    ("CreateRouteTable&VpcId={vpc}", "routeTable", &["tagSet"], &[], "Sn"),
    ("CreateNetworkAcl&VpcId={vpc}", "networkAcl", &["tagSet", "entrySet", "associationSet"], &[], "Sn, Sa"),
    (
        "CreateNetworkAcl&VpcId={vpc}",
        "networkAcl/entrySet/item",
        &["icmpTypeCode", "portRange", "egress=true", "ruleNumber=32767", "ruleAction=deny"],
        &[],
        "Sn, Sa",
    ),
    (
        "DescribeNetworkAcls&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}",
        "networkAclSet/item/entrySet/item",
        &["egress=true", "ruleNumber"],
        &["icmpTypeCode", "portRange"],
        "Sn, Sa",
    ),
    (
        "CreateSecurityGroup&VpcId={vpc}&GroupName=shape&GroupDescription=a",
        "",
        &["return=true", "groupId", "securityGroupArn"],
        &["tagSet"],
        "Sn, Sg",
    ),
    (
        "DescribeSecurityGroups&GroupId.1={group}",
        "securityGroupInfo/item",
        &["securityGroupArn"],
        &["tagSet"],
        "Sn, Sg",
    ),
    ("CreateInternetGateway", "internetGateway", &["attachmentSet", "tagSet"], &[], "Si"),
    (
        "DescribeInternetGateways&InternetGatewayId.1={gateway}",
        "internetGatewaySet/item/attachmentSet/item",
        &["state=available", "vpcId={vpc}"],
        &[],
        "Si",
    ),
    (
        "DescribeAddresses&AllocationId.1={address}",
        "addressesSet/item",
        &["publicIp", "allocationId", "domain=vpc"],
        &["associationId", "networkInterfaceId", "networkInterfaceOwnerId", "privateIpAddress"],
        "Sp",
    ),
    (
        "CreateNetworkInterface&SubnetId={subnet}",
        "networkInterface",
        &["status=pending", "availabilityZoneId", "operator", "requesterId"],
        &["publicDnsName"],
        "Se, Sf",
    ),
    ("CreateKeyPair&KeyName=shape", "", &["keyName", "keyFingerprint", "keyMaterial", "keyPairId"], &["keyType"], "Sk"),
    (
        "CreateManagedPrefixList&PrefixListName=shape&MaxEntries=2&AddressFamily=IPv4",
        "prefixList",
        &["maxEntries=2", "ownerId"],
        &[],
        "L",
    ),
    (
        "DescribeManagedPrefixLists&Filter.1.Name=owner-id&Filter.1.Value.1=AWS",
        "prefixListSet/item",
        &["ownerId=AWS", "state=create-complete"],
        &["version", "maxEntries"],
        "L, C",
    ),
    ("DeleteSecurityGroup&GroupId={unused}", "", &["return=true", "groupId={unused}"], &[], "Sn"),
];

#[test]
fn answers_have_the_members_that_are_recorded() {
    let (ec2, mut names, network) = fixture();
    let create = format!("Action=CreateSecurityGroup&VpcId={}&GroupName=unused&GroupDescription=a", network.vpc);
    names.put("unused", ec2.get(&create, "groupId"));
    ec2.wait(60);
    let mut faults = Vec::new();
    for (request, path, has, has_not, source) in SHAPES {
        let root = Element::parse(&ec2.ask(&format!("Action={}", names.fill(request)))).expect("XML");
        let element = if path.is_empty() { &root } else { at(&root, path) };
        for wanted in *has {
            let wanted = names.fill(wanted);
            let (name, text) =
                wanted.split_once('=').map_or((wanted.as_str(), None), |(name, text)| (name, Some(text)));
            let found = element.child(name);
            if found.is_none() || text.is_some_and(|text| found.is_some_and(|found| found.text != text)) {
                faults.push(format!("{request}: {path} has not {wanted} but {found:?} ({source})"));
            }
        }
        for unwanted in has_not.iter().filter(|name| element.child(name).is_some()) {
            faults.push(format!("{request}: {path} has {unwanted}, of {:?} ({source})", members(element)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Sp, Sl: the answer of RunInstances, of repeated starts and terminations, and what is left of a terminated instance.
#[test]
fn an_instances_answers_are_as_recorded() {
    let (ec2, _, network) = fixture();
    let subnet = &network.subnet;
    let ran = ec2.ask(&run(&format!("&SubnetId={subnet}")));
    let root = Element::parse(&ran).expect("XML");
    assert!(at(&root, "groupSet").children.is_empty());
    let item = at(&root, "instancesSet/item");
    assert!(at(item, "blockDeviceMapping").children.is_empty());
    assert_eq!(at(item, "stateReason/code").text, "pending");
    assert_eq!(at(item, "networkInterfaceSet/item/status").text, "in-use");
    assert_eq!(at(item, "networkInterfaceSet/item/attachment/status").text, "attaching");
    let id = first(&ran, "instanceId").expect("an id");
    ec2.wait(60);
    let started = ec2.ask(&format!("Action=StartInstances&InstanceId.1={id}"));
    assert_eq!(texts(&started, "name"), ["running", "running"]);
    for _ in 0..2 {
        ec2.ask(&format!("Action=TerminateInstances&InstanceId.1={id}"));
        ec2.wait(120);
    }
    let described = ec2.ask(&format!("Action=DescribeInstances&InstanceId.1={id}"));
    let root = Element::parse(&described).expect("XML");
    let item = at(&root, "reservationSet/item/instancesSet/item");
    for gone in ["subnetId", "vpcId", "privateIpAddress", "ipAddress"] {
        assert!(item.child(gone).is_none(), "a terminated instance has {gone}");
    }
    assert!(at(item, "groupSet").children.is_empty());
    assert!(at(item, "reason").text.starts_with("User initiated (2026-11-23 "));
    assert!(at(item, "reason").text.ends_with(" GMT)"));
}

/// Sp: an address that is associated with the same interface again keeps its association, and a second disassociation fails.
#[test]
fn an_association_is_made_once_and_ended_once() {
    let (ec2, _, network) = fixture();
    let interface =
        ec2.get(&format!("Action=CreateNetworkInterface&SubnetId={}", network.subnet), "networkInterfaceId");
    let address = ec2.get("Action=AllocateAddress", "allocationId");
    let associate = format!("Action=AssociateAddress&AllocationId={address}&NetworkInterfaceId={interface}");
    let association = ec2.get(&associate, "associationId");
    assert_eq!(ec2.get(&associate, "associationId"), association);
    let described = ec2.ask(&format!("Action=DescribeAddresses&AllocationId.1={address}"));
    for member in ["associationId", "networkInterfaceId", "networkInterfaceOwnerId", "privateIpAddress"] {
        assert!(first(&described, member).is_some(), "no {member}");
    }
    let disassociate = format!("Action=DisassociateAddress&AssociationId={association}");
    ec2.ask(&disassociate);
    let message = format!("The association ID '{association}' does not exist");
    ec2.refuses(&disassociate, "InvalidAssociationID.NotFound", &message, "Sp");
    ec2.ask(&associate);
    ec2.ask(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={interface}"));
    let freed = ec2.ask(&format!("Action=DescribeAddresses&AllocationId.1={address}"));
    assert!(first(&freed, "associationId").is_none());
}
