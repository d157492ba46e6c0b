//! What EC2 refuses of launches, instance settings, launch templates, placement groups, volumes, profiles and images.
//!
//! Sources as in ec2-errors.md: Sn, Sm (stackd's captures), M (moto, verified on AWS), B (botocore documentation), E (error codes
//! page), TF (terraform-provider-aws), #n (a public file that quotes real output), k (believed).

use vpcrun_emulator::TransitionTimes;

use crate::support::{AMAZON_LINUX, Ec2, Names, Network, Refused, first, run};

const LT_DATA: &str = "LaunchTemplateData.InstanceType=t3.micro";

/// A network, a running and a stopped instance, a template with two versions, groups, and an image of the account.
fn fixture() -> (Ec2, Names) {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let mut names = Names::default();
    names.put("subnet", &network.subnet);
    names.put("run", run("").replace("Action=", ""));
    let launch = format!("&SubnetId={}&IamInstanceProfile.Name=web", network.subnet);
    let running = names.put("running", ec2.run(&launch));
    let describe =
        format!("Action=DescribeIamInstanceProfileAssociations&Filter.1.Name=instance-id&Filter.1.Value.1={running}");
    names.put("association", ec2.get(&describe, "associationId"));
    let stopped = names.put("stopped", ec2.run(&format!("&SubnetId={}", network.subnet)));
    ec2.ask("Action=DescribeInstances");
    ec2.ask(&format!("Action=StopInstances&InstanceId.1={stopped}"));
    ec2.ask("Action=DescribeInstances");
    let template = ec2.get(
        &format!("Action=CreateLaunchTemplate&LaunchTemplateName=web&{LT_DATA}&ClientToken=t"),
        "launchTemplateId",
    );
    names.put("template", template);
    ec2.ask("Action=CreatePlacementGroup&GroupName=close&Strategy=cluster");
    ec2.ask("Action=CreatePlacementGroup&GroupName=parts&Strategy=partition&PartitionCount=3");
    ec2.ask(&format!(
        "Action=RunInstances&ImageId={AMAZON_LINUX}&InstanceType=m5.large&MinCount=1&MaxCount=1&SubnetId={}&Placement.GroupName=close",
        network.subnet
    ));
    let public =
        ec2.ask("Action=DescribeImages&Owner.1=amazon&Filter.1.Name=name&Filter.1.Value.1=al2023-ami-2023*x86_64");
    names.put("public", first(&public, "imageId").expect("an image"));
    let snapshot = names.put("snapshot", first(&public, "snapshotId").expect("a snapshot"));
    let register = format!(
        "Action=RegisterImage&Architecture=x86_64&VirtualizationType=hvm&EnaSupport=true&RootDeviceName=/dev/xvda\
         &BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}"
    );
    names.put("register", register.replace("Action=", ""));
    names.put("own", ec2.get(&format!("{register}&Name=golden"), "imageId"));
    let gone = names.put("gone", ec2.get(&format!("{register}&Name=rusty"), "imageId"));
    ec2.ask(&format!("Action=DeregisterImage&ImageId={gone}"));
    (ec2, names)
}

const V: &str = "InvalidParameterValue";
const C: &str = "InvalidParameterCombination";
const M: &str = "MissingParameter";
const U: &str = "UnsupportedOperation";

const LAUNCHES: &[Refused] = &[
    ("{run}&KernelId=aki-1", U, "A kernel may not be specified for an image of virtualization type 'hvm'.", "k"),
    ("{run}&InstanceMarketOptions.MarketType=spot", U, "Spot Instances and Capacity Blocks are not supported.", "k"),
    (
        "{run}&ElasticInferenceAccelerator.1.Type=eia1.medium",
        U,
        "Amazon Elastic Inference is no longer available.",
        "B",
    ),
    ("{run}&LicenseSpecification.1.LicenseConfigurationArn=a", U, "License configurations are not supported.", "k"),
    ("{run}&Operator.Principal=a", U, "The parameter Operator is reserved.", "B"),
    (
        "RunInstances&ImageId={public}&InstanceType=m5.large&MinCount=1&MaxCount=1&CreditSpecification.CpuCredits=unlimited",
        "InstanceCreditSpecification.NotSupported",
        "The m5.large instance type does not support T2 Unlimited.",
        "hashicorp/terraform-provider-aws#5067",
    ),
    ("{run}&CreditSpecification.CpuCredits=lots", V, "Invalid value 'lots' for cpuCredits.", "k"),
    ("{run}&CpuOptions.CoreCount=1", M, "The request must contain the parameter CpuOptions.ThreadsPerCore", "k"),
    (
        "{run}&CpuOptions.CoreCount=9&CpuOptions.ThreadsPerCore=1",
        V,
        "The CPU core count 9 is not valid for the instance type 't3.micro'.",
        "k",
    ),
    (
        "RunInstances&ImageId={public}&InstanceType=t2.micro&MinCount=1&MaxCount=1&CpuOptions.CoreCount=1&CpuOptions.ThreadsPerCore=1",
        U,
        "The t2.micro instance type does not support specifying CpuOptions.",
        "#42822415444",
    ),
    ("{run}&CpuOptions.AmdSevSnp=enabled", U, "The t3.micro instance type does not support AMD SEV-SNP.", "k"),
    (
        "{run}&HibernationOptions.Configured=true",
        "UnsupportedHibernationConfiguration",
        "Unsupported hibernation configuration: the root volume must be encrypted.",
        "E for the code, k for the words",
    ),
    ("{run}&EnclaveOptions.Enabled=true", U, "The instance type 't3.micro' does not support Nitro Enclaves.", "k"),
    (
        "{run}&NetworkPerformanceOptions.BandwidthWeighting=vpc-1",
        U,
        "The t3.micro instance type does not support bandwidth weighting.",
        "k",
    ),
    (
        "RunInstances&ImageId={public}&InstanceType=t2.micro&MinCount=1&MaxCount=1&EbsOptimized=true",
        "Unsupported",
        "EBS-optimized instances are not supported for your requested configuration. Please check the documentation for \
         supported configurations.",
        "k",
    ),
    (
        "{run}&CapacityReservationSpecification.CapacityReservationPreference=capacity-reservations-only",
        "ReservationCapacityExceeded",
        "The request has exceeded the capacity of your Capacity Reservations.",
        "k",
    ),
    (
        "{run}&CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId=cr-1",
        "InvalidCapacityReservationId.NotFound",
        "The capacity reservation 'cr-1' does not exist",
        "k",
    ),
    ("{run}&Placement.GroupName=none", "InvalidPlacementGroup.Unknown", "The Placement Group 'none' is unknown.", "k"),
    (
        "{run}&Placement.GroupName=close",
        C,
        "Cluster placement groups are not supported by the 't3.micro' instance type. Specify a supported instance type or \
         change the placement group strategy, and try again.",
        "k",
    ),
    (
        "{run}&Placement.GroupName=parts&Placement.PartitionNumber=4",
        V,
        "Invalid value '4' for partitionNumber. Expecting a value between 1 and 3.",
        "k",
    ),
    (
        "{run}&Placement.PartitionNumber=1",
        C,
        "The parameter PartitionNumber is valid only with a placement group of the strategy 'partition'.",
        "B for the rule, k for the words",
    ),
    (
        "{run}&Placement.Tenancy=host",
        "InsufficientHostCapacity",
        "There is not enough capacity to fulfill your Dedicated Host request.",
        "E",
    ),
    ("{run}&Placement.HostId=h-1", "InvalidHostID.NotFound", "The host ID 'h-1' does not exist", "k"),
    (
        "{run}&BlockDeviceMapping.1.DeviceName=/dev/sdf&BlockDeviceMapping.1.Ebs.VolumeSize=5&BlockDeviceMapping.1.Ebs.VolumeType=st1",
        V,
        "Volume of 5GiB is too small; minimum for volume type st1 is 125GiB.",
        "k",
    ),
    (
        "{run}&BlockDeviceMapping.1.DeviceName=/dev/sdf&BlockDeviceMapping.1.Ebs.VolumeSize=5&BlockDeviceMapping.1.Ebs.VolumeType=io1",
        M,
        "The parameter iops must be specified for io1 volumes.",
        "k",
    ),
    (
        "{run}&BlockDeviceMapping.1.DeviceName=/dev/sdf&BlockDeviceMapping.1.Ebs.VolumeSize=5&BlockDeviceMapping.1.Ebs.Iops=200",
        C,
        "The parameter iops is not supported for gp2 volumes.",
        "k",
    ),
    (
        "{run}&BlockDeviceMapping.1.DeviceName=/dev/sdf&BlockDeviceMapping.1.Ebs.VolumeSize=5&BlockDeviceMapping.1.Ebs.Throughput=200",
        C,
        "The parameter throughput is not supported for gp2 volumes.",
        "k",
    ),
    (
        "{run}&BlockDeviceMapping.1.DeviceName=/dev/sdf&BlockDeviceMapping.1.Ebs.SnapshotId=snap-0123456789abcdef0",
        "InvalidSnapshot.NotFound",
        "The snapshot 'snap-0123456789abcdef0' does not exist.",
        "k",
    ),
    (
        "{run}&BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.KmsKeyId=a",
        "InvalidParameterDependency",
        "The parameter KmsKeyId requires the parameter Encrypted to be set.",
        "k",
    ),
    (
        "{run}&IamInstanceProfile.Name=a&IamInstanceProfile.Arn=b",
        C,
        "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
        "k",
    ),
    (
        "{run}&LaunchTemplate.LaunchTemplateId=lt-0123456789abcdef0",
        "InvalidLaunchTemplateId.NotFound",
        "The specified launch template, with template ID lt-0123456789abcdef0, does not exist.",
        "k",
    ),
    (
        "{run}&LaunchTemplate.LaunchTemplateName=web&LaunchTemplate.Version=7",
        "InvalidLaunchTemplateId.VersionNotFound",
        "Could not find the specified version 7 for the launch template with ID {template}.",
        "k",
    ),
    (
        "RunInstances&MinCount=1&MaxCount=1&LaunchTemplate.LaunchTemplateName=web",
        M,
        "The request must contain the parameter ImageId",
        "k",
    ),
    (
        "RunInstances&ImageId={gone}&InstanceType=t3.micro&MinCount=1&MaxCount=1",
        "InvalidAMIID.Unavailable",
        "The image ID '{gone}' is no longer available",
        "Sm, of DeregisterImage",
    ),
];

const SETTINGS: &[Refused] = &[
    (
        "ModifyInstanceAttribute&InstanceId={stopped}&Kernel.Value=aki-1",
        U,
        "A kernel or RAM disk may not be specified for an instance of virtualization type 'hvm'.",
        "k",
    ),
    (
        "ModifyInstanceAttribute&InstanceId={stopped}&EnaSupport.Value=false",
        C,
        "Enhanced networking with the Elastic Network Adapter (ENA) is required for the 't3.micro' instance type. Ensure \
         that your instance '{stopped}' is enabled for ENA.",
        "k",
    ),
    (
        "ModifyInstanceAttribute&InstanceId={running}&SriovNetSupport.Value=simple",
        "IncorrectInstanceState",
        "The instance '{running}' is not in the 'stopped' state.",
        "#39767679277",
    ),
    (
        "ResetInstanceAttribute&InstanceId={running}&Attribute=userData",
        C,
        "Only the attributes kernel, ramdisk and sourceDestCheck can be reset.",
        "B for the rule, k for the words",
    ),
    (
        "ModifyInstanceCpuOptions&InstanceId={running}&CoreCount=1&ThreadsPerCore=1",
        "IncorrectInstanceState",
        "The instance '{running}' is not in the 'stopped' state.",
        "B for the rule",
    ),
    (
        "ModifyInstancePlacement&InstanceId={stopped}",
        M,
        "The request must contain at least one of: affinity, hostId, tenancy, groupName, groupId, partitionNumber, \
         hostResourceGroupArn",
        "B for the rule, k for the words",
    ),
    (
        "ModifyInstancePlacement&InstanceId={running}&GroupName=parts",
        "IncorrectInstanceState",
        "The instance '{running}' is not in the 'stopped' state.",
        "B for the rule",
    ),
    (
        "ModifyInstancePlacement&InstanceId={stopped}&Tenancy=dedicated",
        "InvalidRequest",
        "The tenancy of an instance can be changed from 'dedicated' to 'host', or from 'host' to 'dedicated' only.",
        "B for the code, k for the words",
    ),
    (
        "ModifyPrivateDnsNameOptions&InstanceId={running}&PrivateDnsHostnameType=resource-name",
        "IncorrectInstanceState",
        "The instance '{running}' is not in the 'stopped' state.",
        "k",
    ),
    (
        "MonitorInstances&InstanceId.1=i-0123456789abcdef0",
        "InvalidInstanceID.NotFound",
        "The instance ID 'i-0123456789abcdef0' does not exist",
        "Ss",
    ),
    ("GetConsoleOutput&InstanceId=i-1", "InvalidInstanceID.Malformed", "Invalid id: \"i-1\"", "Sp"),
    ("GetPasswordData&InstanceId=i-1", "InvalidInstanceID.Malformed", "Invalid id: \"i-1\"", "Sp"),
    (
        "AssociateIamInstanceProfile&InstanceId={running}&IamInstanceProfile.Name=other",
        "IncorrectState",
        "There is an existing association for instance {running}",
        "#52772936280",
    ),
    (
        "DisassociateIamInstanceProfile&AssociationId=iip-assoc-0123456789abcdef0",
        "InvalidAssociationID.NotFound",
        "An invalid association-id of 'iip-assoc-0123456789abcdef0' was given",
        "moto",
    ),
    (
        "ReplaceIamInstanceProfileAssociation&AssociationId={association}&IamInstanceProfile.Arn=arn:aws:iam::1:role/x",
        V,
        "Value (arn:aws:iam::1:role/x) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN",
        "#35223877412",
    ),
    (
        "DescribeVolumes&VolumeId.1=vol-x",
        V,
        "Value (vol-x) for parameter volumeId is invalid. Expected: 'vol-...'.",
        "k",
    ),
    (
        "DescribeVolumes&VolumeId.1=vol-0123456789abcdef0",
        "InvalidVolume.NotFound",
        "The volume 'vol-0123456789abcdef0' does not exist.",
        "E for the code, k for the words",
    ),
    ("DescribeVolumes&Filter.1.Name=colour&Filter.1.Value.1=red", V, "The filter 'colour' is invalid", "Sn"),
];

const GROUPS_AND_TEMPLATES: &[Refused] = &[
    (
        "DeleteLaunchTemplateVersions&LaunchTemplateId={template}",
        M,
        "The request must contain the parameter LaunchTemplateVersion",
        "Sk words so",
    ),
    ("GetLaunchTemplateData&InstanceId=i-1", "InvalidInstanceID.Malformed", "Invalid id: \"i-1\"", "Sp"),
    (
        "DescribeVolumeAttribute&VolumeId=vol-0123456789abcdef0&Attribute=autoEnableIO",
        "InvalidVolume.NotFound",
        "The volume 'vol-0123456789abcdef0' does not exist.",
        "E for the code, k for the words",
    ),
    (
        "ModifyInstanceCreditSpecification",
        M,
        "The request must contain the parameter InstanceCreditSpecification",
        "Sk words so",
    ),
    ("ModifyInstanceMaintenanceOptions&InstanceId=i-1", "InvalidInstanceID.Malformed", "Invalid id: \"i-1\"", "Sp"),
    ("UnmonitorInstances&InstanceId.1=i-1", "InvalidInstanceID.Malformed", "Invalid id: \"i-1\"", "Sp"),
    (
        "CreatePlacementGroup&GroupName=close&Strategy=spread",
        "InvalidPlacementGroup.Duplicate",
        "The Placement Group 'close' already exists.",
        "E for the code, k for the words",
    ),
    ("CreatePlacementGroup&Strategy=spread", M, "The request must contain the parameter groupName", "Sk words so"),
    (
        "CreatePlacementGroup&GroupName=a&Strategy=partition&PartitionCount=8",
        V,
        "Invalid value '8' for partitionCount. Expecting a value between 1 and 7.",
        "k",
    ),
    (
        "CreatePlacementGroup&GroupName=a&Strategy=spread&SpreadLevel=host",
        V,
        "The spread level 'host' is supported only for placement groups on an Outpost.",
        "B for the rule, k for the words",
    ),
    (
        "CreatePlacementGroup&GroupName=a&Strategy=close",
        V,
        "1 validation error detected: Value 'close' at 'strategy' failed to satisfy constraint: Member must satisfy enum \
         value set: [cluster, spread, partition]",
        "Sk words so",
    ),
    (
        "DeletePlacementGroup&GroupName=close",
        "InvalidPlacementGroup.InUse",
        "The placement group 'close' is in use and may not be deleted.",
        "#24129485374",
    ),
    (
        "DeletePlacementGroup&GroupName=none",
        "InvalidPlacementGroup.Unknown",
        "The Placement Group 'none' is unknown.",
        "TF for the code, k for the words",
    ),
    (
        "CreateLaunchTemplate&LaunchTemplateName=web&LaunchTemplateData.InstanceType=t3.micro",
        "InvalidLaunchTemplateName.AlreadyExistsException",
        "Launch template name already in use.",
        "moto words, TF code",
    ),
    (
        "CreateLaunchTemplate&LaunchTemplateName=web2&LaunchTemplateData.InstanceTypo=t3.micro",
        "UnknownParameter",
        "The parameter InstanceTypo is not recognized",
        "Sn",
    ),
    (
        "CreateLaunchTemplate&LaunchTemplateName=web2&LaunchTemplateData.UserData=not%20base64",
        "InvalidUserData.Malformed",
        "Invalid BASE64 encoding of user data.",
        "M",
    ),
    (
        "CreateLaunchTemplate&LaunchTemplateName=w&LaunchTemplateData.InstanceType=t3.micro",
        "InvalidLaunchTemplateName.MalformedException",
        "Launch template names must be between 3 and 128 characters long, and may contain letters, numbers, '-', '(', ')', \
         '.', '/' and '_'.",
        "k",
    ),
    (
        "CreateLaunchTemplate&LaunchTemplateName=other&LaunchTemplateData.InstanceType=t3.micro&ClientToken=t",
        "IdempotentParameterMismatch",
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        "apache/libcloud fixture",
    ),
    (
        "CreateLaunchTemplateVersion&LaunchTemplateName=none&LaunchTemplateData.InstanceType=t3.micro",
        "InvalidLaunchTemplateName.NotFoundException",
        "The specified launch template, with template name none, does not exist.",
        "TF for the code, k for the words",
    ),
    (
        "DescribeLaunchTemplates&LaunchTemplateName.1=none",
        "InvalidLaunchTemplateName.NotFoundException",
        "At least one of the launch templates specified in the request does not exist.",
        "moto words, TF code",
    ),
    (
        "DescribeLaunchTemplates&LaunchTemplateId.1=lt-x",
        "InvalidLaunchTemplateId.Malformed",
        "Invalid id: \"lt-x\" (expecting \"lt-...\")",
        "TF for the code, k for the words",
    ),
    (
        "DescribeLaunchTemplateVersions",
        M,
        "The request must contain the parameter LaunchTemplateId or LaunchTemplateName",
        "k",
    ),
    (
        "DescribeLaunchTemplateVersions&LaunchTemplateId={template}&LaunchTemplateVersion.1=first",
        V,
        "Invalid launch template version: either '$Default', '$Latest', or a numeric version are allowed.",
        "k",
    ),
    (
        "ModifyLaunchTemplate&LaunchTemplateId={template}&SetDefaultVersion=9",
        "InvalidLaunchTemplateId.VersionNotFound",
        "Could not find the specified version 9 for the launch template with ID {template}.",
        "TF for the code, k for the words",
    ),
    (
        "DeleteLaunchTemplate&LaunchTemplateId={template}&LaunchTemplateName=web",
        C,
        "You must specify either LaunchTemplateId or LaunchTemplateName, but not both.",
        "B for the rule, k for the words",
    ),
];

const IMAGES: &[Refused] = &[
    ("{register}&Name=golden", "InvalidAMIName.Duplicate", "AMI name golden is already in use by AMI {own}", "Sm"),
    (
        "{register}&Name=a",
        "InvalidAMIName.Malformed",
        "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and \
         '_'",
        "E for the code, k for the words",
    ),
    (
        "RegisterImage&Name=empty&VirtualizationType=hvm",
        "InvalidBlockDeviceMapping",
        "No root snapshot specified in device mapping.",
        "k",
    ),
    ("RegisterImage&Name=old", U, "Images of virtualization type 'paravirtual' are not supported.", "k"),
    (
        "DeregisterImage&ImageId={gone}",
        "InvalidAMIID.Unavailable",
        "The image ID '{gone}' is no longer available",
        "Sm",
    ),
    ("DeregisterImage&ImageId={public}", "AuthFailure", "Not authorized for image:{public}", "k"),
    (
        "CopyImage&Name=copy&SourceRegion=ap-northeast-1&SourceImageId=ami-0123456789abcdef0",
        "InvalidAMIID.NotFound",
        "The image id '[ami-0123456789abcdef0]' does not exist",
        "M, of DescribeImages",
    ),
    ("CopyImage&Name=copy&SourceRegion=mars-1&SourceImageId={own}", V, "Invalid value 'mars-1' for sourceRegion.", "k"),
    ("ModifyImageAttribute&ImageId={own}", C, "No attributes specified.", "Sm"),
    (
        "ModifyImageAttribute&ImageId={own}&LaunchPermission.Add.1.UserId=12",
        "InvalidAMIAttributeItemValue",
        "Invalid attribute item value \"12\" for userId item type.",
        "E for the code, k for the words",
    ),
    (
        "DescribeImageAttribute&ImageId={own}&Attribute=blockDeviceMapping",
        "AuthFailure",
        "Unauthorized attempt to access restricted resource",
        "B for the code, k for the words",
    ),
    (
        "ResetImageAttribute&ImageId={public}&Attribute=launchPermission",
        "AuthFailure",
        "Not authorized for image:{public}",
        "k",
    ),
];

#[test]
fn launches_are_checked() {
    let (ec2, names) = fixture();
    ec2.refuses_all(&names, LAUNCHES);
}

#[test]
fn settings_groups_templates_and_images_are_checked() {
    let (ec2, names) = fixture();
    ec2.refuses_all(&names, SETTINGS);
    ec2.refuses_all(&names, GROUPS_AND_TEMPLATES);
    ec2.refuses_all(&names, IMAGES);
}
