//! What came to security groups later, by the words of EC2's refusals: prefix lists and IPv6 in rules, groups in other VPCs, stale
//! rules. (The rest is in `refusals_network`.)
//!
//! Sources: Sn: answers of AWS published in radkawar/stackd (networking). M: moto's tests that were verified on AWS. B: the EC2 API
//! reference. #n: a public file that quotes real output. k: believed, not confirmed.

use vpcrun_emulator::TransitionTimes;

use crate::support::{Ec2, Names, Refused};

const VALUE: &str = "InvalidParameterValue";

const ASSOCIATIONS: &[Refused] = &[
    (
        "AssociateSecurityGroupVpc&VpcId={other}",
        "MissingParameter",
        "The request must contain the parameter GroupId",
        "Sk, for another parameter",
    ),
    (
        "AssociateSecurityGroupVpc&GroupId=sg-0123456789abcdef0&VpcId={other}",
        "InvalidGroup.NotFound",
        "The security group 'sg-0123456789abcdef0' does not exist",
        "Sn",
    ),
    (
        "AssociateSecurityGroupVpc&GroupId={web}&VpcId=vpc-0123456789abcdef0",
        "InvalidVpcID.NotFound",
        "The vpc ID 'vpc-0123456789abcdef0' does not exist",
        "Sn",
    ),
    (
        "AssociateSecurityGroupVpc&GroupId={default}&VpcId={other}",
        VALUE,
        "The default security group {default} cannot be associated with other VPCs.",
        "B; message k",
    ),
    (
        "AssociateSecurityGroupVpc&GroupId={web}&VpcId={default_vpc}",
        VALUE,
        "Security group VPC associations are not supported for the default VPC.",
        "B; message k",
    ),
    (
        "AssociateSecurityGroupVpc&GroupId={web}&VpcId={vpc}",
        VALUE,
        "The security group {web} was created in VPC {vpc}.",
        "k",
    ),
    (
        "AssociateSecurityGroupVpc&GroupId={shared}&VpcId={other}",
        VALUE,
        "The security group {shared} is already associated with VPC {other}.",
        "k",
    ),
    (
        "DisassociateSecurityGroupVpc&GroupId={web}&VpcId={other}",
        VALUE,
        "The security group {web} is not associated with VPC {other}.",
        "k",
    ),
    (
        "DisassociateSecurityGroupVpc&GroupId={shared}&VpcId={other}",
        "DependencyViolation",
        "resource {shared} has a dependent object",
        "B; message Sn, for DeleteSecurityGroup",
    ),
    (
        "DeleteSecurityGroup&GroupId={shared}",
        "DependencyViolation",
        "resource {shared} has a dependent object",
        "B: a VPC association; message Sn",
    ),
    (
        "DescribeSecurityGroupVpcAssociations&Filter.1.Name=group-name&Filter.1.Value.1=web",
        VALUE,
        "The filter 'group-name' is invalid",
        "Sn",
    ),
    (
        "GetSecurityGroupsForVpc&VpcId=vpc-0123456789abcdef0",
        "InvalidVpcID.NotFound",
        "The vpc ID 'vpc-0123456789abcdef0' does not exist",
        "Sn",
    ),
    (
        "GetSecurityGroupsForVpc&VpcId={vpc}&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}",
        VALUE,
        "The filter 'vpc-id' is invalid",
        "Sn",
    ),
    (
        "DescribeStaleSecurityGroups&VpcId=vpc-0123456789abcdef0",
        "InvalidVpcID.NotFound",
        "The vpc ID 'vpc-0123456789abcdef0' does not exist",
        "Sn",
    ),
    (
        "DescribeStaleSecurityGroups&VpcId={vpc}&MaxResults=256",
        VALUE,
        "Value ( 256 ) for parameter MaxResults is invalid. Expecting a value less than or equal to 255.",
        "Sn, for DescribeSubnets",
    ),
];

const PEERED: &[Refused] = &[
    (
        "DescribeSecurityGroupReferences",
        "MissingParameter",
        "The request must contain the parameter GroupId",
        "Sk, for another parameter",
    ),
    (
        "DescribeSecurityGroupReferences&GroupId.1=sg-0123456789abcdef0",
        "InvalidGroup.NotFound",
        "The security group 'sg-0123456789abcdef0' does not exist",
        "Sn",
    ),
    (
        "DescribeSecurityGroupReferences&GroupId.1=web",
        "InvalidGroupId.Malformed",
        "Invalid id: \"web\" (expecting \"sg-...\")",
        "#61555446188",
    ),
    (
        "DescribeStaleSecurityGroups",
        "MissingParameter",
        "The request must contain the parameter VpcId",
        "Sk, for another parameter",
    ),
    (
        "AuthorizeSecurityGroupIngress&GroupId={web}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={there}\
         &IpPermissions.1.Groups.1.VpcPeeringConnectionId=pcx-0123456789abcdef0",
        "InvalidVpcPeeringConnectionID.NotFound",
        "The vpcPeeringConnection ID 'pcx-0123456789abcdef0' does not exist",
        "TF, for DescribeVpcPeeringConnections",
    ),
    (
        "AuthorizeSecurityGroupIngress&GroupId={web}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={there}\
         &IpPermissions.1.Groups.1.VpcPeeringConnectionId={asked}",
        "InvalidGroup.NotFound",
        "The security group '{there}' does not exist",
        "code: Amazon VPC Peering Guide; message Sn",
    ),
    (
        "AuthorizeSecurityGroupIngress&GroupId={web}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={there}\
         &IpPermissions.1.Groups.1.UserId=210987654321",
        "InvalidGroup.NotFound",
        "The security group '{there}' does not exist",
        "Sn, for a group that is not there",
    ),
    (
        "AuthorizeSecurityGroupIngress&GroupId={web}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={there}\
         &IpPermissions.1.Groups.1.VpcId={vpc}",
        "InvalidGroup.NotFound",
        "The security group '{there}' does not exist",
        "Sn, for a group that is not there",
    ),
    (
        "AuthorizeSecurityGroupIngress&GroupId={web}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={asked_group}",
        "InvalidGroup.NotFound",
        "You have specified two resources that belong to different networks.",
        "Sn: the connection is not active",
    ),
    (
        "AuthorizeSecurityGroupEgress&GroupId={web}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={there}",
        "InvalidPermission.Duplicate",
        "the specified rule \"peer: {there}, ALL, ALLOW\" already exists",
        "Sn, for IPv4",
    ),
    (
        "RevokeSecurityGroupIngress&GroupId={web}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={there}",
        "InvalidPermission.NotFound",
        "The specified rule does not exist in this security group.",
        "Sn, for IPv4",
    ),
    (
        "AuthorizeSecurityGroupIngress&GroupId={web}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={gone}",
        "InvalidGroup.NotFound",
        "The security group '{gone}' does not exist",
        "Sn",
    ),
    (
        "ModifySecurityGroupRules&GroupId={web}&SecurityGroupRule.1.SecurityGroupRuleId={rule}\
         &SecurityGroupRule.1.SecurityGroupRule.IpProtocol=-1\
         &SecurityGroupRule.1.SecurityGroupRule.ReferencedGroupId={asked_group}",
        "InvalidGroup.NotFound",
        "You have specified two resources that belong to different networks.",
        "Sn, for AuthorizeSecurityGroupIngress",
    ),
    (
        "ModifySecurityGroupRules&GroupId={web}&SecurityGroupRule.1.SecurityGroupRuleId={rule}\
         &SecurityGroupRule.1.SecurityGroupRule.IpProtocol=-1&SecurityGroupRule.1.SecurityGroupRule.CidrIpv4=10.0.0.0/8",
        VALUE,
        "Invalid rule type for security group rule '{rule}'. You may not specify CidrIpv4 for an existing security group rule.",
        "M",
    ),
];

#[test]
fn groups_of_peered_vpcs_are_refused_as_ec2_does() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let mut names = Names::default();
    let vpc = |n: u8| ec2.get(&format!("Action=CreateVpc&CidrBlock=10.{n}.0.0/16"), "vpcId");
    let here = names.put("vpc", vpc(0));
    let group = |vpc: &str, name: &str| {
        ec2.get(&format!("Action=CreateSecurityGroup&GroupName={name}&GroupDescription=a&VpcId={vpc}"), "groupId")
    };
    let join = |peer: &str| {
        let request = format!("Action=CreateVpcPeeringConnection&VpcId={here}&PeerVpcId={peer}");
        ec2.get(&request, "vpcPeeringConnectionId")
    };
    let (peer, asked) = (vpc(1), vpc(2));
    ec2.ask(&format!("Action=AcceptVpcPeeringConnection&VpcPeeringConnectionId={}", join(&peer)));
    names.put("asked", join(&asked));
    let web = names.put("web", group(&here, "web"));
    let there = names.put("there", group(&peer, "there"));
    let gone = names.put("gone", group(&peer, "gone"));
    names.put("asked_group", group(&asked, "asked"));
    let authorize = |group: &str| {
        let pair = format!("IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={group}");
        ec2.get(&format!("Action=AuthorizeSecurityGroupEgress&GroupId={web}&{pair}"), "securityGroupRuleId")
    };
    names.put("rule", authorize(&there));
    authorize(&gone);
    ec2.ask(&format!("Action=DeleteSecurityGroup&GroupId={gone}"));
    ec2.refuses_all(&names, PEERED);
}

const RULES: &[Refused] = &[
    (
        "AuthorizeSecurityGroupIngress&GroupId={web}&IpPermissions.1.IpProtocol=-1\
         &IpPermissions.1.Ipv6Ranges.1.CidrIpv6=2001:db8::/200",
        VALUE,
        "CIDR block 2001:db8::/200 is malformed",
        "#57641842638, for IPv4",
    ),
    (
        "AuthorizeSecurityGroupIngress&GroupId={web}&IpPermissions.1.IpProtocol=-1\
         &IpPermissions.1.Ipv6Ranges.1.CidrIpv6=2001:db8::/32",
        "InvalidPermission.Duplicate",
        "the specified rule \"peer: 2001:db8::/32, ALL, ALLOW\" already exists",
        "Sn, for IPv4",
    ),
    (
        "AuthorizeSecurityGroupIngress&GroupId={web}&IpPermissions.1.IpProtocol=-1\
         &IpPermissions.1.PrefixListIds.1.PrefixListId=pl-x",
        "InvalidPrefixListId.Malformed",
        "Invalid id: \"pl-x\" (expecting \"pl-...\")",
        "code: #55593632591; message: #61555446188, for groups",
    ),
    (
        "ModifySecurityGroupRules&GroupId={web}&SecurityGroupRule.1.SecurityGroupRuleId={rule}\
         &SecurityGroupRule.1.SecurityGroupRule.IpProtocol=-1\
         &SecurityGroupRule.1.SecurityGroupRule.PrefixListId={list}",
        VALUE,
        "Invalid rule type for security group rule '{rule}'. You may not specify PrefixListId for an existing IPv6 CIDR rule.",
        "M, for other kinds",
    ),
    (
        "ModifySecurityGroupRules&GroupId={web}&SecurityGroupRule.1.SecurityGroupRuleId={rule}\
         &SecurityGroupRule.1.SecurityGroupRule.IpProtocol=-1\
         &SecurityGroupRule.1.SecurityGroupRule.ReferencedGroupId={shared}",
        VALUE,
        "Invalid rule type for security group rule '{rule}'. You may not specify ReferencedGroupId for an existing IPv6 CIDR rule.",
        "M, for other kinds",
    ),
    (
        "RevokeSecurityGroupIngress&GroupId={web}&IpPermissions.1.IpProtocol=-1\
         &IpPermissions.1.PrefixListIds.1.PrefixListId={list}",
        "InvalidPermission.NotFound",
        "The specified rule does not exist in this security group.",
        "Sn, for IPv4",
    ),
    (
        "AuthorizeSecurityGroupIngress&GroupId={web}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={foreign}",
        "InvalidGroup.NotFound",
        "You have specified two resources that belong to different networks.",
        "Sn",
    ),
    (
        "DeletePrefixList",
        "InvalidAction",
        "The action DeletePrefixList is not valid for this web service.",
        "#2521942620",
    ),
];

#[test]
fn groups_in_other_vpcs_are_refused_as_ec2_does() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let mut names = Names::default();
    let vpc = names.put("vpc", ec2.get("Action=CreateVpc&CidrBlock=10.0.0.0/16", "vpcId"));
    let other = names.put("other", ec2.get("Action=CreateVpc&CidrBlock=10.1.0.0/16", "vpcId"));
    let is_default = "Filter.1.Name=is-default&Filter.1.Value.1=true";
    names.put("default_vpc", ec2.get(&format!("Action=DescribeVpcs&{is_default}"), "vpcId"));
    let group = |vpc: &str, name: &str| {
        ec2.get(&format!("Action=CreateSecurityGroup&GroupName={name}&GroupDescription=a&VpcId={vpc}"), "groupId")
    };
    let web = names.put("web", group(&vpc, "web"));
    let shared = names.put("shared", group(&vpc, "shared"));
    names.put("foreign", group(&other, "foreign"));
    let of_vpc =
        format!("Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}&Filter.2.Name=group-name&Filter.2.Value.1=default");
    names.put("default", ec2.get(&format!("Action=DescribeSecurityGroups&{of_vpc}"), "groupId"));
    ec2.ask(&format!("Action=AssociateSecurityGroupVpc&GroupId={shared}&VpcId={other}"));
    let subnet = ec2.get(&format!("Action=CreateSubnet&VpcId={other}&CidrBlock=10.1.0.0/24"), "subnetId");
    ec2.ask(&format!("Action=CreateNetworkInterface&SubnetId={subnet}&SecurityGroupId.1={shared}"));
    ec2.refuses_all(&names, ASSOCIATIONS);

    let authorize = format!(
        "Action=AuthorizeSecurityGroupIngress&GroupId={web}&IpPermissions.1.IpProtocol=-1\
         &IpPermissions.1.Ipv6Ranges.1.CidrIpv6=2001:db8::/32"
    );
    names.put("rule", ec2.get(&authorize, "securityGroupRuleId"));
    let list = "Action=CreateManagedPrefixList&PrefixListName=a&MaxEntries=1&AddressFamily=IPv4";
    names.put("list", ec2.get(list, "prefixListId"));
    ec2.refuses_all(&names, RULES);
}
