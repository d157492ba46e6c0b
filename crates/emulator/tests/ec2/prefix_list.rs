//! Managed prefix lists through their versions and states, and in the rules that refer to them.

use vpcrun_emulator::TransitionTimes;

use crate::support::{Ec2, Network, first, texts};

fn create(ec2: &Ec2, more: &str) -> String {
    ec2.get(&format!("Action=CreateManagedPrefixList&PrefixListName=office&{more}"), "prefixListId")
}

fn describe(ec2: &Ec2, list: &str) -> String {
    ec2.ask(&format!("Action=DescribeManagedPrefixLists&PrefixListId.1={list}"))
}

fn state(ec2: &Ec2, list: &str) -> String {
    first(&describe(ec2, list), "state").expect("a state")
}

fn entries(ec2: &Ec2, list: &str, more: &str) -> Vec<String> {
    ec2.all(&format!("Action=GetManagedPrefixListEntries&PrefixListId={list}{more}"), "cidr")
}

#[test]
fn a_list_is_made_as_given() {
    let ec2 = Ec2::new(TransitionTimes::AwsLike);
    let request = "AddressFamily=IPv4&MaxEntries=10&Entry.1.Cidr=10.0.0.0/16&Entry.1.Description=tokyo&Entry.2.Cidr=10.1.0.0/16\
                   &TagSpecification.1.ResourceType=prefix-list&TagSpecification.1.Tag.1.Key=Name\
                   &TagSpecification.1.Tag.1.Value=office&ClientToken=once";
    let list = create(&ec2, request);
    assert_eq!(create(&ec2, request), list);
    assert_eq!(state(&ec2, &list), "create-in-progress");
    ec2.wait(5);
    let expected = format!(
        "<prefixListSet><item><prefixListId>{list}</prefixListId><addressFamily>IPv4</addressFamily>\
         <state>create-complete</state>\
         <prefixListArn>arn:aws:ec2:ap-northeast-1:123456789012:prefix-list/{list}</prefixListArn>\
         <prefixListName>office</prefixListName><maxEntries>10</maxEntries><version>1</version>\
         <tagSet><item><key>Name</key><value>office</value></item></tagSet>\
         <ownerId>123456789012</ownerId></item></prefixListSet>"
    );
    let described = describe(&ec2, &list);
    assert!(described.contains(&expected), "{described}");
    let answer = ec2.ask(&format!("Action=GetManagedPrefixListEntries&PrefixListId={list}"));
    let expected = "<entrySet><item><cidr>10.0.0.0/16</cidr><description>tokyo</description></item>\
                    <item><cidr>10.1.0.0/16</cidr></item></entrySet>";
    assert!(answer.contains(expected), "{answer}");
    let page = ec2.ask(&format!("Action=GetManagedPrefixListEntries&PrefixListId={list}&MaxResults=1"));
    let token = first(&page, "nextToken").expect("a second page");
    assert_eq!(entries(&ec2, &list, &format!("&MaxResults=1&NextToken={token}")), ["10.1.0.0/16"]);
}

#[test]
fn entries_have_versions() {
    let ec2 = Ec2::new(TransitionTimes::AwsLike);
    let list = create(&ec2, "AddressFamily=IPv6&MaxEntries=2&Entry.1.Cidr=2001:db8:1::/48");
    ec2.wait(5);
    let modify = |more: &str| ec2.ask(&format!("Action=ModifyManagedPrefixList&PrefixListId={list}&{more}"));
    let answer = modify("CurrentVersion=1&AddEntry.1.Cidr=2001:db8:2::/48&RemoveEntry.1.Cidr=2001:db8:1::/48");
    assert_eq!(first(&answer, "state").as_deref(), Some("modify-in-progress"));
    assert_eq!(first(&answer, "version").as_deref(), Some("1"));
    ec2.wait(5);
    assert_eq!(state(&ec2, &list), "modify-complete");
    assert_eq!(first(&describe(&ec2, &list), "version").as_deref(), Some("2"));
    assert_eq!(entries(&ec2, &list, ""), ["2001:db8:2::/48"]);
    assert_eq!(entries(&ec2, &list, "&TargetVersion=1"), ["2001:db8:1::/48"]);

    let restore =
        format!("Action=RestoreManagedPrefixListVersion&PrefixListId={list}&PreviousVersion=1&CurrentVersion=2");
    assert_eq!(ec2.get(&restore, "state"), "restore-in-progress");
    ec2.wait(5);
    assert_eq!(state(&ec2, &list), "restore-complete");
    assert_eq!(first(&describe(&ec2, &list), "version").as_deref(), Some("3"));
    assert_eq!(entries(&ec2, &list, ""), ["2001:db8:1::/48"]);

    // A name is no version, and neither is a size.
    assert_eq!(first(&modify("PrefixListName=home"), "prefixListName").as_deref(), Some("home"));
    modify("MaxEntries=20");
    ec2.wait(5);
    let described = describe(&ec2, &list);
    assert_eq!(first(&described, "maxEntries").as_deref(), Some("20"));
    assert_eq!(first(&described, "version").as_deref(), Some("3"));
    assert_eq!(ec2.get(&format!("Action=DeleteManagedPrefixList&PrefixListId={list}"), "state"), "delete-in-progress");
    ec2.wait(5);
    assert_eq!(
        ec2.code(&format!("Action=DeleteManagedPrefixList&PrefixListId={list}")),
        "InvalidPrefixListID.NotFound"
    );
}

#[test]
fn aws_has_lists_of_its_own() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let of_aws = "Filter.1.Name=owner-id&Filter.1.Value.1=AWS";
    let names = ec2.all(&format!("Action=DescribeManagedPrefixLists&{of_aws}"), "prefixListName");
    for name in ["ap-northeast-1.s3", "ap-northeast-1.ipv6.ec2-instance-connect", "global.cloudfront.origin-facing"] {
        assert!(names.contains(&format!("com.amazonaws.{name}")), "{name} is none of {names:?}");
    }
    let s3 = "Filter.1.Name=prefix-list-name&Filter.1.Value.1=com.amazonaws.ap-northeast-1.s3";
    let answer = ec2.ask(&format!("Action=DescribeManagedPrefixLists&{s3}"));
    let list = first(&answer, "prefixListId").expect("an id");
    let arn = format!("<prefixListArn>arn:aws:ec2:ap-northeast-1:aws:prefix-list/{list}</prefixListArn>");
    assert!(answer.contains(&arn), "{answer}");
    assert!(!answer.contains("<version>") && !answer.contains("<maxEntries>"), "{answer}");
    let answer = ec2.ask(&format!("Action=DescribePrefixLists&{s3}"));
    assert_eq!(texts(&answer, "prefixListId"), [list.as_str()]);
    assert!(answer.contains("<cidrSet><item>192.0.2.96/28</item></cidrSet>"), "{answer}");
    // One's own lists are no services.
    create(&ec2, "AddressFamily=IPv4&MaxEntries=1");
    let all = ec2.all("Action=DescribePrefixLists", "prefixListName");
    assert_eq!(all.len(), names.len());
    let elsewhere = ec2.in_region("us-east-1");
    assert!(
        elsewhere.all("Action=DescribePrefixLists", "prefixListName").contains(&"com.amazonaws.us-east-1.s3".into())
    );
}

#[test]
fn rules_refer_to_a_list() {
    let ec2 = Ec2::with_quotas();
    let network = Network::new(&ec2);
    let group = &network.group;
    let list = create(&ec2, "AddressFamily=IPv4&MaxEntries=30&Entry.1.Cidr=10.0.0.0/16");
    let permission = |port: u16, list: &str| {
        format!(
            "IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort={port}&IpPermissions.1.ToPort={port}\
             &IpPermissions.1.PrefixListIds.1.PrefixListId={list}&IpPermissions.1.PrefixListIds.1.Description=office"
        )
    };
    let authorize =
        |port, list: &str| format!("Action=AuthorizeSecurityGroupIngress&GroupId={group}&{}", permission(port, list));
    let answer = ec2.ask(&authorize(22, &list));
    assert_eq!(texts(&answer, "prefixListId"), [list.as_str()]);
    let described = ec2.ask(&format!("Action=DescribeSecurityGroups&GroupId.1={group}"));
    let item = format!(
        "<prefixListIds><item><prefixListId>{list}</prefixListId><description>office</description></item></prefixListIds>"
    );
    assert!(described.contains(&item), "{described}");
    let filter = format!("Filter.1.Name=ip-permission.prefix-list-id&Filter.1.Value.1={list}");
    assert_eq!(ec2.all(&format!("Action=DescribeSecurityGroups&{filter}"), "groupName"), ["ssh"]);
    let associations = ec2.ask(&format!("Action=GetManagedPrefixListAssociations&PrefixListId={list}"));
    let expected = format!("<item><resourceId>{group}</resourceId><resourceOwner>123456789012</resourceOwner></item>");
    assert!(associations.contains(&expected), "{associations}");

    // Each reference counts for as many rules as the list can have entries.
    ec2.ask(&authorize(80, &list));
    ec2.refuses(
        &authorize(443, &list),
        "RulesPerSecurityGroupLimitExceeded",
        "The maximum number of rules per security group has been reached.",
        "awsdocs/amazon-vpc-user-guide#72",
    );
    ec2.refuses(
        &authorize(22, &list),
        "InvalidPermission.Duplicate",
        &format!("the specified rule \"peer: {list}, TCP, from port: 22, to port: 22, ALLOW\" already exists"),
        "Sn, for blocks",
    );
    ec2.ask(&format!("Action=ModifyManagedPrefixList&PrefixListId={list}&MaxEntries=31"));
    let failed = describe(&ec2, &list);
    assert_eq!(first(&failed, "state").as_deref(), Some("modify-failed"));
    assert_eq!(first(&failed, "maxEntries").as_deref(), Some("30"));
    let message = format!("The following resources do not support the new maximum size: {group}.");
    assert_eq!(first(&failed, "stateMessage"), Some(message));

    // That a list is in use shows later (hashicorp/terraform-provider-aws#20991: delete-failed).
    ec2.ask(&format!("Action=DeleteManagedPrefixList&PrefixListId={list}"));
    assert_eq!(state(&ec2, &list), "delete-failed");
    for port in [22, 80] {
        let revoke = format!("Action=RevokeSecurityGroupIngress&GroupId={group}&{}", permission(port, &list));
        assert_eq!(texts(&ec2.ask(&revoke), "prefixListId"), [list.as_str()]);
    }
    ec2.ask(&format!("Action=DeleteManagedPrefixList&PrefixListId={list}"));
    assert_eq!(
        ec2.code(&format!("Action=DescribeManagedPrefixLists&PrefixListId.1={list}")),
        "InvalidPrefixListID.NotFound"
    );
}
