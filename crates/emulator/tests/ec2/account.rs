//! What the account says of itself, and its settings for a region; regions and zones.

use vpcrun_emulator::TransitionTimes;

use super::support::{Ec2, Names, Refused, first, run, texts};

fn ec2() -> Ec2 {
    Ec2::new(TransitionTimes::Instant)
}

const REFUSED: &[Refused] = &[
    (
        "DescribeAccountAttributes&AttributeName.1=colour",
        "InvalidParameterValue",
        "Invalid value 'colour' for attributeName.",
        "k",
    ),
    ("GetEbsEncryptionByDefault&Colour=red", "UnknownParameter", "The parameter Colour is not recognized", "Sn"),
    ("EnableEbsEncryptionByDefault&Colour=red", "UnknownParameter", "The parameter Colour is not recognized", "Sn"),
    ("GetInstanceMetadataDefaults&Colour=red", "UnknownParameter", "The parameter Colour is not recognized", "Sn"),
    (
        "ModifyInstanceMetadataDefaults&HttpTokens=never",
        "InvalidParameterValue",
        "1 validation error detected: Value 'never' at 'httpTokens' failed to satisfy constraint: Member must satisfy \
         enum value set: [optional, required, no-preference]",
        "B; wording Sk",
    ),
    (
        "ModifyInstanceMetadataDefaults&HttpEndpoint=maybe",
        "InvalidParameterValue",
        "1 validation error detected: Value 'maybe' at 'httpEndpoint' failed to satisfy constraint: Member must satisfy \
         enum value set: [disabled, enabled, no-preference]",
        "B; wording Sk",
    ),
    (
        "ModifyInstanceMetadataDefaults&HttpPutResponseHopLimit=0",
        "InvalidParameterValue",
        "A value of '0' is not valid for HttpPutResponseHopLimit. Specify a value between 1 and 64 and try again.",
        "B; wording as of ModifyInstanceMetadataOptions, k",
    ),
    (
        "ModifyInstanceMetadataDefaults&HttpPutResponseHopLimit=65",
        "InvalidParameterValue",
        "A value of '65' is not valid for HttpPutResponseHopLimit. Specify a value between 1 and 64 and try again.",
        "B; wording as of ModifyInstanceMetadataOptions, k",
    ),
    (
        "DescribeAvailabilityZones&Filter.1.Name=colour&Filter.1.Value.1=red",
        "InvalidParameterValue",
        "The filter 'colour' is invalid",
        "Sn",
    ),
    (
        "DescribeRegions&RegionName.1=eu-central-9",
        "InvalidParameterValue",
        "Invalid region name: [eu-central-9]",
        "code B; message k",
    ),
];

#[test]
fn what_an_account_cannot_have_is_refused() {
    ec2().refuses_all(&Names::default(), REFUSED);
}

#[test]
fn an_account_shows_its_attributes() {
    let ec2 = ec2();
    let answer = ec2.ask("Action=DescribeAccountAttributes");
    let vpc = ec2.get("Action=DescribeVpcs", "vpcId");
    let names = texts(&answer, "attributeName");
    let pairs: Vec<_> = names.into_iter().zip(texts(&answer, "attributeValue")).collect();
    for (name, value) in [
        ("supported-platforms", "VPC"),
        ("default-vpc", vpc.as_str()),
        ("vpc-max-elastic-ips", "5"),
        ("vpc-max-security-groups-per-interface", "5"),
    ] {
        assert!(pairs.contains(&(name.to_owned(), value.to_owned())), "{name}: {answer}");
    }
    let one = "Action=DescribeAccountAttributes&AttributeName.1=supported-platforms";
    assert_eq!(ec2.all(one, "attributeName"), ["supported-platforms"]);
}

#[test]
fn ebs_encryption_is_chosen_for_each_region() {
    let ec2 = ec2();
    let state = |ec2: &Ec2| ec2.get("Action=GetEbsEncryptionByDefault", "ebsEncryptionByDefault");
    assert_eq!(state(&ec2), "false");
    assert_eq!(ec2.get("Action=EnableEbsEncryptionByDefault", "ebsEncryptionByDefault"), "true");
    assert_eq!((state(&ec2), state(&ec2.in_region("eu-west-1"))), ("true".to_owned(), "false".to_owned()));
    ec2.ask("Action=DisableEbsEncryptionByDefault");
    assert_eq!(state(&ec2), "false");
}

#[test]
fn metadata_defaults_are_kept_and_cleared() {
    let ec2 = ec2();
    let level = || first(&ec2.ask("Action=GetInstanceMetadataDefaults"), "accountLevel").expect("a level");
    assert_eq!(level(), "<managedBy>account</managedBy>");
    ec2.ask("Action=ModifyInstanceMetadataDefaults&HttpTokens=required&HttpPutResponseHopLimit=3&HttpEndpoint=enabled");
    assert_eq!(
        level(),
        "<httpTokens>required</httpTokens><httpPutResponseHopLimit>3</httpPutResponseHopLimit>\
         <httpEndpoint>enabled</httpEndpoint><managedBy>account</managedBy>"
    );
    ec2.ask("Action=ModifyInstanceMetadataDefaults&HttpTokens=no-preference&HttpPutResponseHopLimit=-1");
    assert_eq!(level(), "<httpEndpoint>enabled</httpEndpoint><managedBy>account</managedBy>");
}

#[test]
fn a_launch_takes_over_the_metadata_defaults() {
    let ec2 = ec2();
    ec2.ask("Action=ModifyInstanceMetadataDefaults&HttpTokens=optional&HttpPutResponseHopLimit=7");
    let shown = |body: &str| {
        let answer = ec2.ask(body);
        (first(&answer, "httpTokens").expect("tokens"), first(&answer, "httpPutResponseHopLimit").expect("a limit"))
    };
    assert_eq!(shown(&run("")), ("optional".to_owned(), "7".to_owned()));
    let asked = "&MetadataOptions.HttpTokens=required&MetadataOptions.HttpPutResponseHopLimit=1";
    assert_eq!(shown(&run(asked)), ("required".to_owned(), "1".to_owned()));
    let id = ec2.get("Action=DescribeInstances", "instanceId");

    ec2.ask("Action=ModifyInstanceMetadataDefaults&HttpTokensEnforced=enabled");
    ec2.refuses(
        &run(""),
        "UnsupportedOperation",
        "You can't launch instances with IMDSv1 because httpTokensEnforced is enabled for this account. Either launch the \
         instance with httpTokens=required or contact your account owner to disable httpTokensEnforced using the \
         ModifyInstanceMetadataDefaults API or the account settings in the EC2 console.",
        "EC2 User Guide",
    );
    ec2.refuses(
        &format!("Action=ModifyInstanceMetadataOptions&InstanceId={id}&HttpTokens=optional"),
        "UnsupportedOperation",
        "You can't set httpTokens to 'optional' because httpTokensEnforced is enabled for this account.",
        "#70164000044",
    );
    assert_eq!(shown(&run("&MetadataOptions.HttpTokens=required")).0, "required");
}

#[test]
fn zones_and_regions_say_where_they_are() {
    let ec2 = ec2();
    let zone = "Action=DescribeAvailabilityZones&ZoneName.1=ap-northeast-1a";
    let answer = ec2.ask(zone);
    for element in [
        "<groupLongName>Asia Pacific (Tokyo) 1</groupLongName>",
        "<geographySet><item><name>Japan</name></item></geographySet>",
        "<zoneId>apne1-az4</zoneId>",
    ] {
        assert!(answer.contains(element), "{element}: {answer}");
    }
    let by = |name: &str, value: &str| {
        let body = format!("Action=DescribeAvailabilityZones&Filter.1.Name={name}&Filter.1.Value.1={value}");
        ec2.all(&body, "zoneName").len()
    };
    assert_eq!(by("group-long-name", "Asia%20Pacific*"), 4);
    assert_eq!(by("parent-zone-name", "*"), 0);
    let regions = ec2.all("Action=DescribeRegions&AllRegions=true", "regionName");
    assert_eq!((regions.len(), ec2.all("Action=DescribeRegions", "regionName").len()), (34, 17));
}
