//! One broad account, as a script: each answer tells of a resource what Describe tells afterwards. And what EC2 says to any action
//! with filters.

use vpcrun_emulator::{TransitionTimes, action_names};

use crate::shapes::same::{Source, differences, id, resources, sources};
use crate::shapes::{Element, MODEL};
use crate::support::{AMAZON_LINUX, Ec2, Names, Refused, first};

/// Requests in order; the text of an element of the answer gets a name, which later requests may use.
const SCRIPT: &[(&str, &str, &str)] = &[
    ("DescribeRegions", "regionName", "region"),
    ("DescribeAvailabilityZones", "zoneName", "zone"),
    (
        "CreateVpc&CidrBlock=10.0.0.0/16&TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=main",
        "vpcId",
        "vpc",
    ),
    ("DescribeVpcAttribute&VpcId={vpc}&Attribute=enableDnsHostnames", "value", ""),
    ("ModifyVpcAttribute&VpcId={vpc}&EnableDnsHostnames.Value=true", "", ""),
    ("CreateInternetGateway", "internetGatewayId", "igw"),
    ("AttachInternetGateway&InternetGatewayId={igw}&VpcId={vpc}", "", ""),
    ("CreateSubnet&VpcId={vpc}&CidrBlock=10.0.1.0/24", "subnetId", "subnet"),
    ("ModifySubnetAttribute&SubnetId={subnet}&MapPublicIpOnLaunch.Value=true", "", ""),
    ("CreateRouteTable&VpcId={vpc}", "routeTableId", "table"),
    ("CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&GatewayId={igw}", "", ""),
    ("AssociateRouteTable&RouteTableId={table}&SubnetId={subnet}", "associationId", "association"),
    ("CreateSecurityGroup&GroupName=web&GroupDescription=web&VpcId={vpc}", "groupId", "group"),
    (
        "AuthorizeSecurityGroupIngress&GroupId={group}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=443&IpPermissions.1.ToPort=443&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0",
        "securityGroupRuleId",
        "rule",
    ),
    (
        "AuthorizeSecurityGroupEgress&GroupId={group}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=443&IpPermissions.1.ToPort=443&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8",
        "securityGroupRuleId",
        "out",
    ),
    (
        "UpdateSecurityGroupRuleDescriptionsEgress&GroupId={group}&SecurityGroupRuleDescription.1.SecurityGroupRuleId={out}&SecurityGroupRuleDescription.1.Description=inside",
        "",
        "",
    ),
    (
        "CreateNetworkInterface&SubnetId={subnet}&SecurityGroupId.1={group}&Description=spare",
        "networkInterfaceId",
        "interface",
    ),
    ("ModifyNetworkInterfaceAttribute&NetworkInterfaceId={interface}&SourceDestCheck.Value=false", "", ""),
    ("DescribeNetworkInterfaceAttribute&NetworkInterfaceId={interface}&Attribute=sourceDestCheck", "value", ""),
    (
        "RunInstances&ImageId={image}&InstanceType=t3.micro&MinCount=1&MaxCount=1&SubnetId={subnet}&SecurityGroupId.1={group}",
        "instanceId",
        "instance",
    ),
    ("DescribeInstances", "instanceId", ""),
    ("RebootInstances&InstanceId.1={instance}", "", ""),
    ("AllocateAddress&Domain=vpc", "allocationId", "address"),
    ("AssociateAddress&AllocationId={address}&InstanceId={instance}", "associationId", ""),
    ("DescribeDhcpOptions", "dhcpOptionsId", "options"),
    ("CreateTags&ResourceId.1={vpc}&Tag.1.Key=owner&Tag.1.Value=me", "", ""),
];

#[test]
fn what_an_answer_tells_of_a_resource_is_what_describe_tells() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let sources = sources();
    let mut names = Names::default();
    names.put("image", AMAZON_LINUX);
    for (request, element, name) in SCRIPT {
        let body = format!("Action={}", names.fill(request));
        let answer = ec2.ask(&body);
        if !element.is_empty() {
            let text = first(&answer, element).unwrap_or_else(|| panic!("no {element} in {answer}"));
            names.put(name, text);
        }
        let action = request.split('&').next().expect("an action");
        if action.starts_with("Describe") {
            continue;
        }
        let root = Element::parse(&answer).expect("XML");
        for (replied, source) in resources(action, &root, &sources) {
            let id = id(replied).unwrap_or_else(|| panic!("no id in {answer}"));
            let described = describe(&ec2, source, id);
            let found = differences(replied, &described, &source.shape);
            assert!(found.is_empty(), "{body}\n{}", found.join("\n"));
        }
    }
}

/// A resource as its Describe action shows it.
fn describe(ec2: &Ec2, source: &Source, wanted: &str) -> Element {
    let answer = ec2.ask(&format!("Action={}", source.action));
    let mut root = Element::parse(&answer).expect("XML");
    let list = root.children.iter_mut().find(|list| list.name == source.list).expect("the list");
    let at = list.children.iter().position(|item| id(item) == Some(wanted));
    list.children.swap_remove(at.unwrap_or_else(|| panic!("{} does not show {wanted}", source.action)))
}

#[test]
fn an_unknown_filter_is_refused_by_every_action_that_filters() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let mut names = Names::default();
    let filtering = |action: &&&str| MODEL.members(MODEL.input(action)).any(|member| member.query == "Filter");
    for action in action_names().iter().filter(filtering) {
        let required: String = MODEL
            .members(MODEL.input(action))
            .filter(|member| member.required && member.query != "Filter")
            .map(|member| format!("&{}=x", member.query))
            .collect();
        if required.is_empty() {
            let body = format!("Action={action}&Filter.1.Name=colour&Filter.1.Value.1=red");
            ec2.refuses(&body, "InvalidParameterValue", "The filter 'colour' is invalid", "Sn, Sk, for other actions");
        }
    }
    names.put("vpc", ec2.get("Action=CreateVpc&CidrBlock=10.0.0.0/16", "vpcId"));
    names.put("group", ec2.get("Action=DescribeSecurityGroups", "groupId"));
    names.put("instance", "i-0123456789abcdef0");
    ec2.refuses_all(&names, REFUSED);
}

/// Refusals of actions that have few.
const REFUSED: &[Refused] = &[
    (
        "CreateInternetGateway&TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=a",
        "InvalidParameterValue",
        "'vpc' is not a valid taggable resource type for this operation.",
        "Sk, for another action",
    ),
    (
        "DeleteTags&ResourceId.1=vpc-0123456789abcdef0&Tag.1.Key=a",
        "InvalidVpcID.NotFound",
        "The vpc ID 'vpc-0123456789abcdef0' does not exist",
        "k",
    ),
    (
        "DescribeInstanceAttribute&InstanceId={instance}&Attribute=userData",
        "InvalidInstanceID.NotFound",
        "The instance ID '{instance}' does not exist",
        "Ss",
    ),
    (
        "DescribeNetworkInterfaceAttribute&NetworkInterfaceId=eni-0123456789abcdef0&Attribute=description",
        "InvalidNetworkInterfaceID.NotFound",
        "The networkInterface ID 'eni-0123456789abcdef0' does not exist",
        "Se",
    ),
    (
        "DescribeVpcAttribute&VpcId=vpc-0123456789abcdef0&Attribute=enableDnsSupport",
        "InvalidVpcID.NotFound",
        "The vpc ID 'vpc-0123456789abcdef0' does not exist",
        "Sn",
    ),
    (
        "ModifyInstanceMetadataOptions&InstanceId={instance}&HttpTokens=required",
        "InvalidInstanceID.NotFound",
        "The instance ID '{instance}' does not exist",
        "Ss",
    ),
    (
        "RevokeSecurityGroupEgress&GroupId=sg-0123456789abcdef0&IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0",
        "InvalidGroup.NotFound",
        "The security group 'sg-0123456789abcdef0' does not exist",
        "Sn",
    ),
    (
        "UpdateSecurityGroupRuleDescriptionsEgress&GroupId=sg-0123456789abcdef0&IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0",
        "InvalidGroup.NotFound",
        "The security group 'sg-0123456789abcdef0' does not exist",
        "Sn",
    ),
];
