//! Launches with all their options, launch templates, placement groups, volumes, profiles, settings and images of the account.

use vpcrun_emulator::{TransitionTimes, World};

use crate::support::{AMAZON_LINUX, Ec2, Network, first, run, texts};

fn ec2() -> (Ec2, Network) {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    (ec2, network)
}

#[test]
fn volumes_come_and_go_with_their_instance() {
    let (ec2, network) = ec2();
    let id = ec2.run(&format!(
        "&SubnetId={}&BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.VolumeSize=20\
         &BlockDeviceMapping.1.Ebs.Encrypted=true&BlockDeviceMapping.2.DeviceName=/dev/sdf\
         &BlockDeviceMapping.2.Ebs.VolumeSize=100&BlockDeviceMapping.2.Ebs.DeleteOnTermination=false\
         &TagSpecification.1.ResourceType=volume&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=disk",
        network.subnet
    ));
    let of = format!("Action=DescribeVolumes&Filter.1.Name=attachment.instance-id&Filter.1.Value.1={id}");
    let answer = ec2.ask(&of);
    assert_eq!(texts(&answer, "volumeId").len(), 4, "each volume is named twice: {answer}");
    for part in ["<size>20</size>", "<size>100</size>", "<volumeType>gp3</volumeType>", "<volumeType>gp2</volumeType>"]
    {
        assert!(answer.contains(part), "{part}\n{answer}");
    }
    assert!(answer.contains("<iops>300</iops>") && answer.contains("<throughput>125</throughput>"), "{answer}");
    assert!(
        answer.contains("<encrypted>true</encrypted><kmsKeyId>arn:aws:kms:ap-northeast-1:123456789012:key/"),
        "{answer}"
    );
    assert_eq!(answer.matches("<key>Name</key><value>disk</value>").count(), 2);

    let kept = format!("{of}&Filter.2.Name=size&Filter.2.Value.1=100");
    let volume = ec2.get(&kept, "volumeId");
    ec2.ask(&format!("Action=CreateTags&ResourceId.1={volume}&Tag.1.Key=a&Tag.1.Value=b"));
    assert_eq!(ec2.get(&format!("Action=DescribeVolumeStatus&VolumeId.1={volume}"), "volumeId"), volume);
    let attribute = format!("Action=DescribeVolumeAttribute&VolumeId={volume}&Attribute=autoEnableIO");
    assert!(ec2.ask(&attribute).contains("<autoEnableIO><value>false</value></autoEnableIO>"));
    let modified = format!("Action=DescribeVolumesModifications&VolumeId.1={volume}");
    assert_eq!(ec2.code(&modified), "InvalidVolumeModification.NotFound");

    ec2.ask(&format!("Action=TerminateInstances&InstanceId.1={id}"));
    let left = ec2.ask("Action=DescribeVolumes");
    assert_eq!(texts(&left, "volumeId"), [volume.as_str()]);
    assert!(left.contains("<status>available</status>") && left.contains("<attachmentSet/>"), "{left}");
    assert!(left.contains("<key>a</key>"));
}

#[test]
fn options_are_kept_and_told() {
    let (ec2, network) = ec2();
    let launched = ec2.ask(&format!(
        "Action=RunInstances&ImageId={AMAZON_LINUX}&InstanceType=m5.xlarge&MinCount=1&MaxCount=1&SubnetId={}\
         &CpuOptions.CoreCount=1&CpuOptions.ThreadsPerCore=1&EnclaveOptions.Enabled=true&MaintenanceOptions.AutoRecovery=disabled\
         &PrivateDnsNameOptions.HostnameType=resource-name&IamInstanceProfile.Name=web&Monitoring.Enabled=true\
         &CapacityReservationSpecification.CapacityReservationPreference=none&DisableApiStop=true",
        network.subnet
    ));
    let id = first(&launched, "instanceId").expect("an id");
    let described = ec2.ask(&format!("Action=DescribeInstances&InstanceId.1={id}"));
    for part in [
        "<cpuOptions><coreCount>1</coreCount><threadsPerCore>1</threadsPerCore></cpuOptions>",
        "<enclaveOptions><enabled>true</enabled></enclaveOptions>",
        "<autoRecovery>disabled</autoRecovery>",
        "<hostnameType>resource-name</hostnameType>",
        "<iamInstanceProfile><arn>arn:aws:iam::123456789012:instance-profile/web</arn><id>AIPA",
        "<capacityReservationPreference>none</capacityReservationPreference>",
        "<monitoring><state>enabled</state></monitoring>",
    ] {
        assert!(described.contains(part), "{part}\n{described}");
    }
    let unmonitored = ec2.ask(&format!("Action=UnmonitorInstances&InstanceId.1={id}"));
    assert_eq!(first(&unmonitored, "state").as_deref(), Some("disabling"));
    let options = format!("Action=ModifyInstanceMaintenanceOptions&InstanceId={id}&AutoRecovery=default");
    assert_eq!(ec2.get(&options, "autoRecovery"), "default");
    ec2.ask(&format!("Action=ModifyPrivateDnsNameOptions&InstanceId={id}&EnableResourceNameDnsARecord=true"));
    assert!(
        ec2.ask("Action=DescribeInstances")
            .contains("<enableResourceNameDnsARecord>true</enableResourceNameDnsARecord>")
    );
    ec2.ask(&format!("Action=MonitorInstances&InstanceId.1={id}"));
    ec2.ask(&format!("Action=ResetInstanceAttribute&InstanceId={id}&Attribute=sourceDestCheck"));
    assert!(ec2.ask("Action=DescribeVolumesModifications").contains("<volumeModificationSet/>"));
    let output = ec2.get(&format!("Action=GetConsoleOutput&InstanceId={id}"), "output");
    assert!(output.len() > 100);
    assert!(ec2.ask(&format!("Action=GetPasswordData&InstanceId={id}")).contains("<passwordData"));

    let associations = "Action=DescribeIamInstanceProfileAssociations&Filter.1.Name=state&Filter.1.Value.1=associated";
    let association = ec2.get(associations, "associationId");
    let replace =
        format!("Action=ReplaceIamInstanceProfileAssociation&AssociationId={association}&IamInstanceProfile.Name=db");
    let newer = ec2.get(&replace, "associationId");
    assert_ne!(newer, association);
    ec2.ask(&format!("Action=DisassociateIamInstanceProfile&AssociationId={newer}"));
    assert!(ec2.ask(associations).contains("<iamInstanceProfileAssociationSet/>"));
    ec2.ask(&format!("Action=AssociateIamInstanceProfile&InstanceId={id}&IamInstanceProfile.Name=web"));
    assert_eq!(ec2.all(associations, "state"), ["associated"]);
}

#[test]
fn credits_follow_the_type_and_can_be_changed() {
    let (ec2, network) = ec2();
    let id = ec2.run(&format!("&SubnetId={}", network.subnet));
    ec2.ask("Action=DescribeInstances");
    ec2.ask(&format!("Action=StopInstances&InstanceId.1={id}"));
    ec2.ask("Action=DescribeInstances");
    let cores = format!("Action=ModifyInstanceCpuOptions&InstanceId={id}&CoreCount=1&ThreadsPerCore=1");
    assert_eq!(ec2.get(&cores, "threadsPerCore"), "1");
    let describe = format!("Action=DescribeInstanceCreditSpecifications&InstanceId.1={id}");
    assert_eq!(ec2.get(&describe, "cpuCredits"), "unlimited");
    let modify = format!(
        "Action=ModifyInstanceCreditSpecification&InstanceCreditSpecification.1.InstanceId={id}\
         &InstanceCreditSpecification.1.CpuCredits=standard&InstanceCreditSpecification.2.InstanceId=i-0123456789abcdef0\
         &InstanceCreditSpecification.2.CpuCredits=standard"
    );
    let answer = ec2.ask(&modify);
    assert!(answer.contains("<code>InvalidInstanceID.NotFound</code>"), "{answer}");
    assert_eq!(ec2.get(&describe, "cpuCredits"), "standard");
    assert_eq!(ec2.all("Action=DescribeInstanceCreditSpecifications", "instanceId"), [""; 0], "unlimited ones only");
}

#[test]
fn a_template_stands_under_the_request() {
    let (ec2, network) = ec2();
    let created = ec2.ask(&format!(
        "Action=CreateLaunchTemplate&LaunchTemplateName=web&VersionDescription=one&ClientToken=once\
         &LaunchTemplateData.ImageId={AMAZON_LINUX}&LaunchTemplateData.InstanceType=t3.micro\
         &LaunchTemplateData.NetworkInterface.1.DeviceIndex=0&LaunchTemplateData.NetworkInterface.1.SubnetId={}\
         &LaunchTemplateData.NetworkInterface.1.SecurityGroupId.1={}&LaunchTemplateData.UserData=aGVsbG8%3D\
         &LaunchTemplateData.TagSpecification.1.ResourceType=instance&LaunchTemplateData.TagSpecification.1.Tag.1.Key=a\
         &LaunchTemplateData.TagSpecification.1.Tag.1.Value=1",
        network.subnet, network.group
    ));
    let template = first(&created, "launchTemplateId").expect("an id");
    let version = ec2.ask(&format!(
        "Action=CreateLaunchTemplateVersion&LaunchTemplateId={template}&SourceVersion=1&ClientToken=v2\
         &LaunchTemplateData.InstanceType=t3.small&ResolveAlias=true"
    ));
    assert_eq!(first(&version, "versionNumber").as_deref(), Some("2"));
    for part in [
        "<imageId>ami-",
        "<instanceType>t3.small</instanceType>",
        &format!("<groupSet><groupId>{}</groupId></groupSet>", network.group),
        "<tagSpecificationSet><item><resourceType>instance</resourceType><tagSet><item><key>a</key><value>1</value></item></tagSet></item></tagSpecificationSet>",
    ] {
        assert!(version.contains(part), "{part}\n{version}");
    }
    let launch = |more: &str| {
        ec2.ask(&format!("Action=RunInstances&MinCount=1&MaxCount=1&LaunchTemplate.LaunchTemplateId={template}{more}"))
    };
    let by_default = launch("");
    assert_eq!(first(&by_default, "instanceType").as_deref(), Some("t3.micro"));
    assert!(by_default.contains("<key>aws:ec2launchtemplate:version</key><value>1</value>"), "{by_default}");
    assert!(by_default.contains("<key>a</key><value>1</value>"), "{by_default}");
    let latest = launch(
        "&LaunchTemplate.Version=%24Latest&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=b",
    );
    assert_eq!(first(&latest, "instanceType").as_deref(), Some("t3.small"));
    let own = launch("&LaunchTemplate.Version=2&InstanceType=t3.nano");
    assert_eq!(first(&own, "instanceType").as_deref(), Some("t3.nano"));

    let listed = "Action=DescribeLaunchTemplateVersions&LaunchTemplateName=web";
    assert_eq!(ec2.all(listed, "versionNumber"), ["2", "1"]);
    let page = ec2.ask(&format!("{listed}&MaxResults=1"));
    let rest = format!("{listed}&MaxResults=1&NextToken={}", first(&page, "nextToken").expect("a token"));
    assert_eq!(ec2.all(&rest, "versionNumber"), ["1"]);
    let words =
        "Action=DescribeLaunchTemplateVersions&LaunchTemplateVersion.1=%24Latest&LaunchTemplateVersion.2=%24Default";
    assert_eq!(ec2.all(words, "versionNumber"), ["2", "1"]);
    ec2.ask(&format!("Action=ModifyLaunchTemplate&LaunchTemplateId={template}&SetDefaultVersion=2"));
    let deleted = ec2.ask(&format!(
        "Action=DeleteLaunchTemplateVersions&LaunchTemplateId={template}&LaunchTemplateVersion.1=1\
         &LaunchTemplateVersion.2=2&LaunchTemplateVersion.3=9"
    ));
    assert_eq!(texts(&deleted, "versionNumber"), ["1", "2", "9"]);
    assert_eq!(texts(&deleted, "code"), ["unexpectedError", "launchTemplateVersionDoesNotExist"]);
    let id = first(&own, "instanceId").expect("an id");
    let data = ec2.ask(&format!("Action=GetLaunchTemplateData&InstanceId={id}"));
    assert!(data.contains("<instanceType>t3.nano</instanceType>"), "{data}");
    assert_eq!(
        ec2.get(&format!("Action=DeleteLaunchTemplate&LaunchTemplateId={template}"), "launchTemplateId"),
        template
    );
    assert!(ec2.ask("Action=DescribeLaunchTemplates").contains("<launchTemplates/>"));
}

#[test]
fn placement_groups_hold_instances() {
    let (ec2, network) = ec2();
    let group = ec2.get("Action=CreatePlacementGroup&GroupName=parts&Strategy=partition", "groupId");
    let launch = |group: &str| {
        ec2.ask(&format!(
            "Action=RunInstances&ImageId={AMAZON_LINUX}&InstanceType=m5.large&MinCount=1&MaxCount=1&SubnetId={}{group}",
            network.subnet
        ))
    };
    let one = launch("&Placement.GroupName=parts");
    let other = launch(&format!("&Placement.GroupId={group}"));
    let numbers = [&one, &other].map(|answer| first(answer, "partitionNumber").expect("a number"));
    assert_eq!(numbers, ["1", "2"]);
    let ids = [&one, &other].map(|answer| first(answer, "instanceId").expect("an id"));
    let found = "Action=DescribeInstances&Filter.1.Name=placement-group-name&Filter.1.Value.1=parts";
    assert_eq!(ec2.all(found, "instanceId").len(), 2);
    assert_eq!(ec2.code("Action=DeletePlacementGroup&GroupName=parts"), "InvalidPlacementGroup.InUse");
    ec2.ask(&format!("Action=StopInstances&InstanceId.1={}", ids[0]));
    ec2.ask("Action=DescribeInstances");
    ec2.ask(&format!("Action=ModifyInstancePlacement&InstanceId={}&GroupName=", ids[0]));
    ec2.ask(&format!("Action=TerminateInstances&InstanceId.1={}", ids[1]));
    ec2.ask("Action=DescribeInstances");
    ec2.ask("Action=DeletePlacementGroup&GroupName=parts");
    assert!(ec2.ask("Action=DescribePlacementGroups").contains("<placementGroupSet/>"));

    ec2.ask("Action=CreatePlacementGroup&GroupName=apart&Strategy=spread");
    let many = format!(
        "Action=RunInstances&ImageId={AMAZON_LINUX}&InstanceType=m5.large&MinCount=1&MaxCount=9&SubnetId={}&Placement.GroupName=apart",
        network.subnet
    );
    assert_eq!(ec2.all(&many, "instanceId").len(), 7, "as many as there is room for");
    assert_eq!(ec2.refusal(&many).1, "InsufficientInstanceCapacity");
}

#[test]
fn images_are_copied_shared_and_deregistered() {
    let (ec2, _) = ec2();
    let elsewhere = ec2.in_region("us-east-1");
    let source =
        elsewhere.get("Action=DescribeImages&Filter.1.Name=name&Filter.1.Value.1=al2023-ami-2023*x86_64", "imageId");
    let copy = ec2.get(
        &format!(
            "Action=CopyImage&Name=golden&SourceRegion=us-east-1&SourceImageId={source}&Encrypted=true&ClientToken=c"
        ),
        "imageId",
    );
    let again = format!(
        "Action=CopyImage&Name=golden&SourceRegion=us-east-1&SourceImageId={source}&Encrypted=true&ClientToken=c"
    );
    assert_eq!(ec2.get(&again, "imageId"), copy);
    let own = ec2.ask("Action=DescribeImages&Owner.1=self");
    assert_eq!(texts(&own, "imageId"), [copy.as_str()]);
    for part in [
        "<imageLocation>123456789012/golden</imageLocation>",
        &format!("<sourceImageId>{source}</sourceImageId><sourceImageRegion>us-east-1</sourceImageRegion>"),
        "<encrypted>true</encrypted>",
        "<isPublic>false</isPublic>",
    ] {
        assert!(own.contains(part), "{part}\n{own}");
    }
    ec2.ask(&format!("Action=ModifyImageAttribute&ImageId={copy}&LaunchPermission.Add.1.UserId=210987654321"));
    ec2.ask(&format!("Action=ModifyImageAttribute&ImageId={copy}&Description.Value=ours"));
    let permissions = ec2.ask(&format!("Action=DescribeImageAttribute&ImageId={copy}&Attribute=launchPermission"));
    assert!(permissions.contains("<launchPermission><item><userId>210987654321</userId></item></launchPermission>"));
    assert_eq!(ec2.all("Action=DescribeImages&ExecutableBy.1=210987654321", "imageId"), [copy.as_str()]);
    ec2.ask(&format!("Action=ResetImageAttribute&ImageId={copy}&Attribute=launchPermission"));
    let id = ec2.get(&run("").replace(AMAZON_LINUX, &copy), "instanceId");
    assert!(ec2.ask(&format!("Action=DeregisterImage&ImageId={copy}")).contains("<return>true</return>"));
    assert!(ec2.ask(&format!("Action=DescribeImages&ImageId.1={copy}")).contains("<imagesSet/>"));
    assert_eq!(ec2.state(&id), "running");
    ec2.get(&again.replace("&ClientToken=c", ""), "imageId");
}

#[test]
fn all_of_it_is_on_disk() {
    let (options, clock) = Ec2::options(TransitionTimes::AwsLike);
    let folder = std::env::temp_dir().join(format!("vpcrun-launch-{}", std::process::id()));
    let path = folder.join("world");
    let open = || World::open(&path, options.clone()).expect("the world opens");
    let mut ec2 = Ec2 { world: open(), clock, region: "ap-northeast-1" };
    ec2.ask("Action=CreatePlacementGroup&GroupName=parts&Strategy=partition");
    ec2.ask(&format!(
        "Action=CreateLaunchTemplate&LaunchTemplateName=web&LaunchTemplateData.ImageId={AMAZON_LINUX}\
         &LaunchTemplateData.InstanceType=t3.micro&LaunchTemplateData.Placement.GroupName=parts\
         &LaunchTemplateData.IamInstanceProfile.Name=web"
    ));
    ec2.ask("Action=RunInstances&MinCount=1&MaxCount=1&LaunchTemplate.LaunchTemplateName=web");
    let source = ec2.get("Action=DescribeImages&Owner.1=amazon", "imageId");
    ec2.ask(&format!("Action=CopyImage&Name=copy&SourceRegion=ap-northeast-1&SourceImageId={source}"));
    let pending = ec2.ask("Action=DescribeImages&Owner.1=self");
    assert!(pending.contains("<imageState>pending</imageState>"), "{pending}");
    let before = ec2.picture();
    ec2.world = open();
    assert_eq!(ec2.picture(), before);
    ec2.wait(60);
    assert!(ec2.ask("Action=DescribeImages&Owner.1=self").contains("<imageState>available</imageState>"));
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
