//! VPCs, subnets, internet gateways, tags, zones, and what all actions share, by the words of EC2's refusals.
//!
//! Each refusal names its source. Sx: raw answers of AWS published in radkawar/stackd, `testdata/aws/ec2` (Sn networking, Si
//! internet_gateways). K: aws-controllers-k8s/ec2-controller, run on AWS. B: the EC2 API reference. E: "Error codes for the Amazon
//! EC2 API". #n: a public file that quotes real output. k: believed, not confirmed.

use crate::support::{Ec2, Network, first};
use vpcrun_emulator::{TransitionTimes, action_names};

const VALUE: &str = "InvalidParameterValue";
const COMBINATION: &str = "InvalidParameterCombination";
const MISSING: &str = "MissingParameter";

/// A refused request: what it says, the code, the message, the source.
type Case<'a> = (&'a str, &'static str, &'a str, &'static str);

#[track_caller]
fn refuses(ec2: &Ec2, cases: &[Case<'_>]) {
    for (body, code, message, source) in cases {
        ec2.refuses(&format!("Action={body}"), code, message, source);
    }
}

fn tutorial() -> (Ec2, Network) {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    (ec2, network)
}

#[test]
fn a_vpc_is_of_a_size_and_exists() {
    let (ec2, network) = tutorial();
    let vpc = &network.vpc;
    refuses(
        &ec2,
        &[
            ("CreateVpc&CidrBlock=10.0.0.0/15", "InvalidVpc.Range", "The CIDR '10.0.0.0/15' is invalid.", "#63304419099"),
            ("CreateVpc&CidrBlock=10.0.0.0/29", "InvalidVpc.Range", "The CIDR '10.0.0.0/29' is invalid.", "#63304419099"),
            (
                "CreateVpc&CidrBlock=10.0.0.0",
                VALUE,
                "Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
                "K",
            ),
            (
                "CreateVpc&CidrBlock=10.0.0.256/16",
                VALUE,
                "Value (10.0.0.256/16) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
                "K",
            ),
            ("CreateVpc", MISSING, "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.", "#27227336666"),
            (
                "CreateVpc&CidrBlock=10.0.0.0/16&InstanceTenancy=shared",
                VALUE,
                "1 validation error detected: Value 'shared' at 'instanceTenancy' failed to satisfy constraint: Member must \
                 satisfy enum value set: [default, dedicated, host]",
                "Sk, for another member",
            ),
            ("CreateVpc&CidrBlok=10.0.0.0/16", "UnknownParameter", "The parameter CidrBlok is not recognized", "Sn"),
            (
                "DeleteVpc&VpcId=vpc-00000000000000001",
                "InvalidVpcID.NotFound",
                "The vpc ID 'vpc-00000000000000001' does not exist",
                "Sn",
            ),
            ("DeleteVpc&VpcId=vpc-x", "InvalidVpcID.Malformed", "Invalid id: \"vpc-x\" (expecting \"vpc-...\")", "E; k"),
            ("DeleteVpc", MISSING, "The request must contain the parameter VpcId", "Sk, for another parameter"),
            ("ModifyVpcAttribute&VpcId=VPC", COMBINATION, "No attributes specified.", "Se"),
            (
                "ModifyVpcAttribute&VpcId=VPC&EnableDnsSupport.Value=true&EnableDnsHostnames.Value=true",
                COMBINATION,
                "Fields for multiple attribute types specified: enableDnsSupport, enableDnsHostnames",
                "B, Se",
            ),
            (
                "ModifyVpcAttribute&VpcId=VPC&EnableDnsSupport.Value=yes",
                VALUE,
                "Invalid value 'yes' for value. Expecting 'true' or 'false'.",
                "k",
            ),
        ]
        .map(|(body, code, message, source)| (body.replace("VPC", vpc), code, message, source))
        .each_ref()
        .map(|(body, code, message, source)| (body.as_str(), *code, *message, *source)),
    );
    let host_bits = ec2.ask("Action=CreateVpc&CidrBlock=10.1.2.3/16");
    assert_eq!(first(&host_bits, "cidrBlock").as_deref(), Some("10.1.0.0/16"), "EC2 clears host bits (B)");
}

#[test]
fn a_subnet_is_inside_its_vpc_and_overlaps_no_other() {
    let (ec2, network) = tutorial();
    let (vpc, subnet) = (&network.vpc, &network.subnet);
    let create = |block: &str| format!("CreateSubnet&VpcId={vpc}&CidrBlock={block}");
    let range = |block: &str| format!("The CIDR '{block}' is invalid.");
    let conflict = |block: &str| format!("The CIDR '{block}' conflicts with another subnet");
    for block in ["192.169.0.0/24", "192.168.0.0/15", "192.168.3.0/29", "192.0.0.0/8"] {
        refuses(&ec2, &[(&create(block), "InvalidSubnet.Range", &range(block), "Sn")]);
    }
    for block in ["192.168.1.0/24", "192.168.1.128/25", "192.168.0.0/23", "192.168.0.0/16", "192.168.1.77/28"] {
        refuses(&ec2, &[(&create(block), "InvalidSubnet.Conflict", &conflict(block), "Sn, hashicorp/terraform#33470")]);
    }
    let zone = "Value (ap-northeast-1x) for parameter availabilityZone is invalid. Subnets can currently only be created in \
                the following availability zones: ap-northeast-1a, ap-northeast-1b, ap-northeast-1c, ap-northeast-1d.";
    refuses(
        &ec2,
        &[
            (&format!("{}&AvailabilityZone=ap-northeast-1x", create("192.168.3.0/24")), VALUE, zone, "#11294703687"),
            (
                &create("192.168.3"),
                VALUE,
                "Value (192.168.3) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
                "K, Si",
            ),
            (
                "CreateSubnet&VpcId=vpc-00000000000000001&CidrBlock=192.168.3.0/24",
                "InvalidVpcID.NotFound",
                "The vpc ID 'vpc-00000000000000001' does not exist",
                "Sn",
            ),
            (
                "DeleteSubnet&SubnetId=subnet-00000000000000001",
                "InvalidSubnetID.NotFound",
                "The subnet ID 'subnet-00000000000000001' does not exist",
                "Sn",
            ),
            (
                "DeleteSubnet&SubnetId=vpc-00000001",
                "InvalidSubnetID.Malformed",
                "Invalid id: \"vpc-00000001\" (expecting \"subnet-...\")",
                "E; k",
            ),
            (&format!("ModifySubnetAttribute&SubnetId={subnet}"), COMBINATION, "No attributes specified.", "Se"),
        ],
    );
    let edge = ec2.ask(&format!("Action={}", create("192.168.3.16/28")));
    assert_eq!(first(&edge, "availableIpAddressCount").as_deref(), Some("11"), "16, less the five reserved");
}

#[test]
fn a_vpc_has_one_gateway_and_a_gateway_one_vpc() {
    let (ec2, network) = tutorial();
    let (vpc, gateway) = (&network.vpc, &network.gateway);
    let other_vpc = ec2.get("Action=CreateVpc&CidrBlock=10.0.0.0/16", "vpcId");
    let free = ec2.get("Action=CreateInternetGateway", "internetGatewayId");
    let attach = |gateway: &str, vpc: &str| format!("AttachInternetGateway&InternetGatewayId={gateway}&VpcId={vpc}");
    let detach = |gateway: &str, vpc: &str| format!("DetachInternetGateway&InternetGatewayId={gateway}&VpcId={vpc}");
    let attached = format!("resource {gateway} is already attached to network {vpc}");
    let taken = format!("Network {vpc} already has an internet gateway attached");
    let elsewhere = format!("resource {gateway} is not attached to network {other_vpc}");
    let in_use = format!("The internetGateway '{gateway}' has dependencies and cannot be deleted.");
    refuses(
        &ec2,
        &[
            (&attach(gateway, vpc), "Resource.AlreadyAssociated", &attached, "Si"),
            (&attach(gateway, &other_vpc), "Resource.AlreadyAssociated", &attached, "Si"),
            (&attach(&free, vpc), VALUE, &taken, "Si"),
            (&detach(gateway, &other_vpc), "Gateway.NotAttached", &elsewhere, "Si"),
            (&format!("DeleteInternetGateway&InternetGatewayId={gateway}"), "DependencyViolation", &in_use, "Si"),
            (
                &attach("igw-00000000000000001", vpc),
                "InvalidInternetGatewayID.NotFound",
                "The internetGateway ID 'igw-00000000000000001' does not exist",
                "Si",
            ),
        ],
    );
    let instance = ec2.run(&format!("&SubnetId={}", network.subnet));
    let allocation = ec2.get("Action=AllocateAddress&Domain=vpc", "allocationId");
    ec2.ask(&format!("Action=AssociateAddress&AllocationId={allocation}&InstanceId={instance}"));
    let mapped = format!(
        "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
    );
    refuses(
        &ec2,
        &[(&detach(gateway, vpc), "DependencyViolation", &mapped, "prabhatsharma/kubernetes-the-hard-way-aws#16")],
    );
}

#[test]
fn what_is_in_use_cannot_go() {
    let (ec2, network) = tutorial();
    let delete_vpc = format!("DeleteVpc&VpcId={}", network.vpc);
    let vpc_stays = format!("The vpc '{}' has dependencies and cannot be deleted.", network.vpc);
    let delete_subnet = format!("DeleteSubnet&SubnetId={}", network.subnet);
    let subnet_stays = format!("The subnet '{}' has dependencies and cannot be deleted.", network.subnet);
    let delete_group = format!("DeleteSecurityGroup&GroupId={}", network.group);
    let group_stays = format!("resource {} has a dependent object", network.group);
    let instance = ec2.run(&format!("&SubnetId={}&SecurityGroupId.1={}", network.subnet, network.group));
    refuses(
        &ec2,
        &[
            (&delete_vpc, "DependencyViolation", &vpc_stays, "Sn, C"),
            (&delete_subnet, "DependencyViolation", &subnet_stays, "Sn, C"),
            (&delete_group, "DependencyViolation", &group_stays, "Sn"),
        ],
    );
    // One dependency after another goes; the VPC stays until the last.
    ec2.ask(&format!("Action=TerminateInstances&InstanceId.1={instance}"));
    let steps = [
        delete_subnet,
        format!("DeleteSubnet&SubnetId={}", network.other_subnet),
        delete_group,
        format!("DetachInternetGateway&InternetGatewayId={}&VpcId={}", network.gateway, network.vpc),
    ];
    for step in steps {
        refuses(&ec2, &[(&delete_vpc, "DependencyViolation", &vpc_stays, "Sn, C")]);
        ec2.ask(&format!("Action={step}"));
    }
    ec2.ask(&format!("Action={delete_vpc}"));
    for action in ["DescribeRouteTables", "DescribeSecurityGroups", "DescribeNetworkAcls", "DescribeSecurityGroupRules"]
    {
        assert!(
            !ec2.ask(&format!("Action={action}")).contains(&network.vpc),
            "{action}: the VPC's defaults go with it"
        );
    }
}

#[test]
fn tags_are_checked() {
    let (ec2, network) = tutorial();
    let vpc = &network.vpc;
    let long = "k".repeat(128);
    let many: String = (1..=51).map(|n| format!("&Tag.{n}.Key=k{n}")).collect();
    let tag = |more: &str| format!("CreateTags&ResourceId.1={vpc}{more}");
    refuses(
        &ec2,
        &[
            (
                &tag(&many),
                "TagLimitExceeded",
                "The resultant tag set must not have more than 50 user tags.",
                "#56212276830",
            ),
            (&tag("&Tag.1.Key=aws:x"), VALUE, "Tag keys starting with 'aws:' are reserved for internal use", "B; k"),
            (
                &tag(&format!("&Tag.1.Key={long}")),
                VALUE,
                "Tag key exceeds the maximum length of 127 characters",
                "B; k",
            ),
            (&tag("&Tag.1.Key=a&Tag.2.Key=a"), VALUE, "Duplicate tag key 'a' specified.", "k"),
            (&tag(""), MISSING, "The request must contain the parameter tagSet", "C"),
            ("CreateTags&Tag.1.Key=a", MISSING, "The request must contain the parameter resourceIdSet", "C"),
            ("CreateTags&ResourceId.1=x-1&Tag.1.Key=a", "InvalidID", "The ID 'x-1' is not valid", "#61959845720"),
            (
                &format!("CreateTags&ResourceId.1={vpc}&ResourceId.2=subnet-00000000000000001&Tag.1.Key=a"),
                "InvalidSubnetID.NotFound",
                "The subnet ID 'subnet-00000000000000001' does not exist",
                "Sn",
            ),
            (
                "CreateVpc&CidrBlock=10.0.0.0/16&TagSpecification.1.ResourceType=subnet&TagSpecification.1.Tag.1.Key=a",
                VALUE,
                "'subnet' is not a valid taggable resource type for this operation.",
                "Sk",
            ),
        ],
    );
    ec2.ask(&format!("Action={}", tag("&Tag.1.Key=a&Tag.1.Value=1&Tag.2.Key=b&Tag.2.Value=2")));
    ec2.ask(&format!("Action=DeleteTags&ResourceId.1={vpc}&Tag.1.Key=a&Tag.1.Value=other&Tag.2.Key=b"));
    let left = ec2.all(&format!("Action=DescribeTags&Filter.1.Name=resource-id&Filter.1.Value.1={vpc}"), "key");
    assert_eq!(left, ["a"], "a key with another value stays (B)");
}

#[test]
fn what_all_actions_share_is_checked() {
    let (ec2, _) = tutorial();
    refuses(
        &ec2,
        &[
            ("MakeVpc", "InvalidAction", "The action MakeVpc is not valid for this web service.", "#2521942620"),
            (
                "CreateTransitGateway",
                "InvalidAction",
                "The action CreateTransitGateway is not valid for this web service.",
                "not built",
            ),
            (
                "DescribeVpcs&Filter.1.Name=colour&Filter.1.Value.1=red",
                VALUE,
                "The filter 'colour' is invalid",
                "Sn, Sk",
            ),
            (
                "DescribeSubnets&MaxResults=1",
                VALUE,
                "Value ( 1 ) for parameter MaxResults is invalid. Expecting a value greater than or equal to 5.",
                "Sn",
            ),
            (
                "DescribeSubnets&NextToken=x",
                VALUE,
                "Value ( x ) for parameter NextToken is invalid. The token is invalid.",
                "Sn",
            ),
            (
                "DescribeSubnets&NextToken=61&SubnetId.1=subnet-00000001",
                COMBINATION,
                "The parameter SubnetIds cannot be used with the parameter NextToken",
                "Sg",
            ),
            (
                "DescribeVpcs&VpcId.x=1",
                "MalformedQueryString",
                "The query string contains a syntax error: VpcId is a list: VpcId.1, ….",
                "E; k",
            ),
        ],
    );
    let missing = ec2.refusal("Version=2016-11-15");
    assert_eq!(missing.1, "MissingAction");
    let disabled = ec2.in_region("af-south-1").refusal("Action=DescribeVpcs");
    let message = "AWS was not able to validate the provided access credentials";
    assert_eq!(disabled, (401, "AuthFailure".to_owned(), message.to_owned()), "Sz: a Region that is not enabled");
}

#[test]
fn a_dry_run_changes_nothing_whatever_the_action() {
    let (ec2, network) = tutorial();
    let requests = [
        "CreateVpc&CidrBlock=10.0.0.0/16".to_owned(),
        "CreateInternetGateway".to_owned(),
        format!("DeleteVpc&VpcId={}", network.vpc),
        format!("DetachInternetGateway&InternetGatewayId={}&VpcId={}", network.gateway, network.vpc),
        format!("DeleteSubnet&SubnetId={}", network.subnet),
        "AllocateAddress&Domain=vpc".to_owned(),
        "CreateKeyPair&KeyName=mykeypair".to_owned(),
        format!("CreateTags&ResourceId.1={}&Tag.1.Key=a", network.vpc),
        "DescribeVpcs".to_owned(),
        // DryRun answers before almost all validation (Si, Sp, Se, Sk).
        "DeleteVpc&VpcId=vpc-00000000000000001".to_owned(),
        "CreateVpc&CidrBlock=10.0.0.0/8".to_owned(),
    ];
    for request in requests {
        let before = ec2.picture();
        let got = ec2.refusal(&format!("Action={request}&DryRun=true"));
        let message = "Request would have succeeded, but DryRun flag is set.";
        assert_eq!(got, (412, "DryRunOperation".to_owned(), message.to_owned()), "{request}");
        assert_eq!(ec2.picture(), before, "{request}");
    }
}

#[test]
fn filters_are_anded_and_their_values_ored_with_wildcards() {
    let (ec2, network) = tutorial();
    let ask = |more: &str| {
        ec2.all(
            &format!("Action=DescribeSubnets&Filter.1.Name=vpc-id&Filter.1.Value.1={}{more}", network.vpc),
            "subnetId",
        )
    };
    assert_eq!(ask("").len(), 2);
    assert_eq!(ask("&Filter.2.Name=cidr-block&Filter.2.Value.1=192.168.1.0/24"), std::slice::from_ref(&network.subnet));
    assert_eq!(ask("&Filter.2.Name=availability-zone&Filter.2.Value.1=*1b&Filter.2.Value.2=*-1c").len(), 2);
    assert_eq!(ask("&Filter.2.Name=availability-zone&Filter.2.Value.1=ap-northeast-1?").len(), 2);
    assert_eq!(ask("&Filter.2.Name=tag:Name&Filter.2.Value.1=none"), [""; 0]);
}

#[test]
fn every_region_has_its_own_default_vpc() {
    let (tokyo, _) = tutorial();
    let oregon = tokyo.in_region("us-west-2");
    let default = "Action=DescribeVpcs&Filter.1.Name=is-default&Filter.1.Value.1=true";
    let (here, there) = (tokyo.get(default, "vpcId"), oregon.get(default, "vpcId"));
    assert_ne!(here, there);
    assert_eq!(oregon.all("Action=DescribeVpcs", "vpcId").len(), 1, "tokyo's VPC is not in oregon");
    let mut blocks =
        oregon.all("Action=DescribeSubnets&Filter.1.Name=default-for-az&Filter.1.Value.1=true", "cidrBlock");
    blocks.sort();
    assert_eq!(blocks, ["172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20", "172.31.48.0/20"]);
}

#[test]
fn the_list_of_actions_is_what_is_answered() {
    let (ec2, _) = tutorial();
    let names = action_names();
    assert!(names.len() > 70, "{}", names.len());
    assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "an action stands twice");
    for name in names {
        let (_, code, _) = ec2.refusal(&format!("Action={name}&DryRun=true&Nonsense=1"));
        assert_eq!(code, "UnknownParameter", "{name}");
    }
}
