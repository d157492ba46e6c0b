//! Security groups that serve in other VPCs, and the rules that IPv6 brings.

use vpcrun_emulator::TransitionTimes;

use crate::support::{Ec2, first, texts};

fn vpc(ec2: &Ec2, cidr: &str) -> String {
    ec2.get(&format!("Action=CreateVpc&CidrBlock={cidr}"), "vpcId")
}

fn group(ec2: &Ec2, vpc: &str, name: &str) -> String {
    ec2.get(&format!("Action=CreateSecurityGroup&GroupName={name}&GroupDescription={name}s&VpcId={vpc}"), "groupId")
}

#[test]
fn a_group_serves_in_another_vpc() {
    let ec2 = Ec2::new(TransitionTimes::AwsLike);
    let (home, other) = (vpc(&ec2, "10.0.0.0/16"), vpc(&ec2, "10.1.0.0/16"));
    let (shared, local) = (group(&ec2, &home, "shared"), group(&ec2, &other, "local"));
    let subnet = ec2.get(&format!("Action=CreateSubnet&VpcId={other}&CidrBlock=10.1.0.0/24"), "subnetId");
    let associate = format!("Action=AssociateSecurityGroupVpc&GroupId={shared}&VpcId={other}");
    assert_eq!(ec2.get(&associate, "state"), "associating");
    let interface = format!("Action=CreateNetworkInterface&SubnetId={subnet}&SecurityGroupId.1={shared}");
    assert_eq!(ec2.code(&interface), "InvalidParameterValue");
    ec2.wait(10);
    let found = |name: &str, value: &str| {
        let filter = format!("Filter.1.Name={name}&Filter.1.Value.1={value}");
        ec2.ask(&format!("Action=DescribeSecurityGroupVpcAssociations&{filter}"))
    };
    let expected = format!(
        "<securityGroupVpcAssociationSet><item><groupId>{shared}</groupId><vpcId>{other}</vpcId>\
         <vpcOwnerId>123456789012</vpcOwnerId><state>associated</state><groupOwnerId>123456789012</groupOwnerId></item>"
    );
    for (name, value) in [("group-id", &*shared), ("vpc-id", &other), ("state", "associated"), ("vpc-owner-id", "1*")] {
        let answer = found(name, value);
        assert!(answer.contains(&expected), "{answer}");
    }
    assert!(texts(&found("vpc-id", &home), "groupId").is_empty());

    let for_vpc = |more: &str| ec2.all(&format!("Action=GetSecurityGroupsForVpc&VpcId={other}{more}"), "groupName");
    let mut names = for_vpc("");
    names.sort();
    assert_eq!(names, ["default", "local", "shared"]);
    assert_eq!(for_vpc(&format!("&Filter.1.Name=primary-vpc-id&Filter.1.Value.1={home}")), ["shared"]);
    let interface = ec2.get(&interface, "networkInterfaceId");
    ec2.ask(&format!(
        "Action=AuthorizeSecurityGroupIngress&GroupId={local}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=80\
         &IpPermissions.1.ToPort=80&IpPermissions.1.Groups.1.GroupId={shared}&IpPermissions.1.Groups.1.Description=web"
    ));
    let stale = || ec2.ask(&format!("Action=DescribeStaleSecurityGroups&VpcId={other}"));
    assert!(stale().contains("<staleSecurityGroupSet/>"));
    assert_eq!(ec2.code(&format!("Action=DeleteVpc&VpcId={other}")), "DependencyViolation");

    ec2.ask(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={interface}"));
    let dissociate = format!("Action=DisassociateSecurityGroupVpc&GroupId={shared}&VpcId={other}");
    assert_eq!(ec2.get(&dissociate, "state"), "disassociating");
    ec2.wait(10);
    assert!(texts(&found("group-id", &shared), "groupId").is_empty());
    let answer = stale();
    let expected = format!(
        "<item><description>locals</description><groupId>{local}</groupId><groupName>local</groupName><staleIpPermissions><item>\
         <fromPort>80</fromPort><ipProtocol>tcp</ipProtocol><ipRanges/><prefixListIds/><toPort>80</toPort><groups><item>\
         <userId>123456789012</userId><groupId>{shared}</groupId><description>web</description></item></groups></item>\
         </staleIpPermissions><staleIpPermissionsEgress/><vpcId>{other}</vpcId></item>"
    );
    assert!(answer.contains(&expected), "{answer}");
}

#[test]
fn an_ipv6_block_lets_ipv6_out() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let vpc = vpc(&ec2, "10.0.0.0/16");
    let (old, changed) = (group(&ec2, &vpc, "old"), group(&ec2, &vpc, "changed"));
    let rule = "IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8";
    ec2.ask(&format!("Action=AuthorizeSecurityGroupEgress&GroupId={changed}&{rule}"));
    let of_vpc = format!("Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}");
    let acl = || ec2.ask(&format!("Action=DescribeNetworkAcls&{of_vpc}"));
    assert_eq!(texts(&acl(), "ruleNumber"), ["100", "32767", "100", "32767"]);
    ec2.ask(&format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true"));

    let described = acl();
    assert_eq!(texts(&described, "ruleNumber"), ["100", "101", "32767", "32768", "100", "101", "32767", "32768"]);
    assert_eq!(texts(&described, "ipv6CidrBlock"), ["::/0"; 4]);
    let made = ec2.ask(&format!("Action=CreateNetworkAcl&VpcId={vpc}"));
    assert_eq!(texts(&made, "ruleNumber"), ["32767", "32768", "32767", "32768"]);
    let egress = |group: &str| {
        let answer = ec2.ask(&format!("Action=DescribeSecurityGroups&GroupId.1={group}"));
        texts(&first(&answer, "ipPermissionsEgress").unwrap_or_default(), "cidrIpv6")
    };
    // Groups with outbound rules of their own keep them.
    assert!(egress(&changed).is_empty());
    assert_eq!(egress(&old), ["::/0"]);
    assert_eq!(egress(&group(&ec2, &vpc, "new")), ["::/0"]);
}

/// Two peered VPCs with a group in each: the first group, the second VPC, its group, and the connection.
fn peers(ec2: &Ec2) -> (String, String, String, String) {
    let (here, there) = (vpc(ec2, "10.0.0.0/16"), vpc(ec2, "10.1.0.0/16"));
    let request = format!("Action=CreateVpcPeeringConnection&VpcId={here}&PeerVpcId={there}");
    let connection = ec2.get(&request, "vpcPeeringConnectionId");
    ec2.ask(&format!("Action=AcceptVpcPeeringConnection&VpcPeeringConnectionId={connection}"));
    let (web, database) = (group(ec2, &here, "web"), group(ec2, &there, "database"));
    (web, there, database, connection)
}

#[test]
fn a_rule_refers_to_a_group_of_a_peered_vpc() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let (web, there, database, connection) = peers(&ec2);
    let pair = format!("IpPermissions.1.Groups.1.GroupId={web}&IpPermissions.1.Groups.1.Description=web");
    let permission =
        format!("IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=80&IpPermissions.1.ToPort=80&{pair}");
    let made = ec2.ask(&format!("Action=AuthorizeSecurityGroupIngress&GroupId={database}&{permission}"));
    let here = ec2.get(&format!("Action=DescribeSecurityGroups&GroupId.1={web}"), "vpcId");
    let over = |status: &str| {
        format!(
            "<vpcId>{here}</vpcId><vpcPeeringConnectionId>{connection}</vpcPeeringConnectionId>\
             <peeringStatus>{status}</peeringStatus>"
        )
    };
    let info = format!("<userId>123456789012</userId><groupId>{web}</groupId>{}", over("active"));
    assert!(made.contains(&format!("<referencedGroupInfo>{info}</referencedGroupInfo>")), "{made}");
    let described = || ec2.ask(&format!("Action=DescribeSecurityGroups&GroupId.1={database}"));
    let item = format!("<groups><item>{info}<description>web</description></item></groups>");
    assert!(described().contains(&item), "{}", described());

    let references = format!("Action=DescribeSecurityGroupReferences&GroupId.1={web}&GroupId.2={database}");
    let expected = format!(
        "<securityGroupReferenceSet><item><groupId>{web}</groupId><referencingVpcId>{there}</referencingVpcId>\
         <vpcPeeringConnectionId>{connection}</vpcPeeringConnectionId></item></securityGroupReferenceSet>"
    );
    assert!(ec2.ask(&references).contains(&expected), "{}", ec2.ask(&references));
    let stale = format!("Action=DescribeStaleSecurityGroups&VpcId={there}");
    assert!(ec2.all(&stale, "groupId").is_empty());

    // Without the connection the rule is stale, and can be revoked as any other.
    ec2.ask(&format!("Action=DeleteVpcPeeringConnection&VpcPeeringConnectionId={connection}"));
    assert!(ec2.all(&references, "groupId").is_empty());
    assert_eq!(ec2.all(&stale, "groupId"), [database.as_str(), web.as_str()]);
    assert!(described().contains(&over("deleted")), "{}", described());
    ec2.ask(&format!("Action=RevokeSecurityGroupIngress&GroupId={database}&{permission}"));
    assert!(ec2.all(&stale, "groupId").is_empty());
}

#[test]
fn a_rule_outlives_the_group_of_a_peered_vpc() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let (web, there, database, connection) = peers(&ec2);
    let permission = format!(
        "IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={web}&IpPermissions.1.Groups.1.VpcPeeringConnectionId={connection}"
    );
    let authorize = |way: &str| format!("Action=AuthorizeSecurityGroup{way}&GroupId={database}&{permission}");
    let rule = ec2.get(&authorize("Ingress"), "securityGroupRuleId");
    ec2.ask(&authorize("Egress"));
    ec2.ask(&format!("Action=DeleteSecurityGroup&GroupId={web}"));
    let stale = ec2.ask(&format!("Action=DescribeStaleSecurityGroups&VpcId={there}"));
    assert_eq!(texts(&stale, "ipProtocol"), ["-1", "-1"]);
    // The account of a group that is gone is not told.
    assert!(texts(&stale, "userId").is_empty(), "{stale}");
    assert_eq!(texts(&stale, "peeringStatus"), ["active", "active"]);
    ec2.ask(&format!("Action=RevokeSecurityGroupIngress&GroupId={database}&SecurityGroupRuleId.1={rule}"));
    ec2.ask(&format!("Action=RevokeSecurityGroupEgress&GroupId={database}&{permission}"));
    assert!(ec2.all(&format!("Action=DescribeStaleSecurityGroups&VpcId={there}"), "groupId").is_empty());
    ec2.ask(&format!("Action=DeleteSecurityGroup&GroupId={database}"));
}
