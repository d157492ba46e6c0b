//! Instances, network interfaces and Elastic IP addresses, by the words of EC2's refusals.
//!
//! Each refusal names its source. Sx: raw answers of AWS published in radkawar/stackd, `testdata/aws/ec2` (Sp public_addresses,
//! Se network_interfaces, Sl instances_lifecycle, Ss instance_status_inputs). B: the EC2 API reference. M: moto's tests that were
//! verified on AWS. E: "Error codes for the Amazon EC2 API". C: cloud-custodian's recordings. #n: a public file that quotes real
//! output. k: believed, not confirmed.

use crate::support::{AMAZON_LINUX, Ec2, Network, first, run};
use vpcrun_emulator::TransitionTimes;

/// A request that EC2 refuses with status 400: the request, the code, the message, the source.
type Case = (String, &'static str, String, &'static str);

const VALUE: &str = "InvalidParameterValue";
const COMBINATION: &str = "InvalidParameterCombination";
const MISSING: &str = "MissingParameter";

#[track_caller]
fn refuses(ec2: &Ec2, cases: &[Case]) {
    for (body, code, message, source) in cases {
        ec2.refuses(body, code, message, source);
    }
}

fn instant() -> (Ec2, Network) {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    (ec2, network)
}

fn case(body: String, code: &'static str, message: &str, source: &'static str) -> Case {
    (body, code, message.to_owned(), source)
}

#[test]
fn run_instances_checks_its_parameters() {
    let (ec2, network) = instant();
    let base = |more: &str| run(&format!("&SubnetId={}{more}", network.subnet));
    let counts = |min: &str, max: &str| {
        base("").replace("MinCount=1", &format!("MinCount={min}")).replace("MaxCount=1", &format!("MaxCount={max}"))
    };
    let arm = base("").replace("x86_64", "arm64");
    let ubuntu = "ami-0123456789abcdef0";
    let with_image = |image: &str| base("").replace(AMAZON_LINUX, image);
    let architecture = "The architecture 'x86_64' of the specified instance type does not match the architecture \
                        'arm64' of the specified AMI. Specify an instance type and an AMI that have matching \
                        architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to \
                        discover the architecture of the instance type or AMI.";
    let profile = "Value (a/b) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name";
    let no_image = base("").replace(&format!("&ImageId={AMAZON_LINUX}"), "");
    let type_message = "Invalid value 't9.micro' for InstanceType.";
    let tokens = "A value of 'bad' is not valid for HttpTokens. Specify either 'optional' or 'required' and try again.";
    refuses(
        &ec2,
        &[
            case(no_image, MISSING, "The request must contain the parameter ImageId", "Sl"),
            case(counts("0", "1"), VALUE, "Minimum instance count must be greater than zero", "Sl"),
            case(counts("1", "0"), VALUE, "Maximum instance count must be greater than zero", "Sl"),
            case(
                counts("2", "1"),
                VALUE,
                "Maximum instance count must not be smaller than minimum instance count",
                "Sl",
            ),
            case(base("&MetadataOptions.HttpTokens=bad"), VALUE, tokens, "Sl"),
            case(
                base("").replace("&MinCount=1", ""),
                MISSING,
                "The request must contain the parameter MinCount",
                "Sk words so of others",
            ),
            case(base("").replace("t3.micro", "t9.micro"), VALUE, type_message, "#48240472715"),
            case(
                with_image(ubuntu),
                "InvalidAMIID.NotFound",
                "The image id '[ami-0123456789abcdef0]' does not exist",
                "M",
            ),
            case(with_image("ami-x"), "InvalidAMIID.Malformed", "Invalid id: \"ami-x\" (expecting \"ami-...\")", "M"),
            case(arm, VALUE, architecture, "#15148059905"),
            case(base("&KeyName=nokey"), "InvalidKeyPair.NotFound", "The key pair 'nokey' does not exist", "L"),
            case(base("&IamInstanceProfile.Name=a/b"), VALUE, profile, "#35223877412"),
            case(
                base("&UserData=not%20base64%20encoded"),
                "InvalidUserData.Malformed",
                "Invalid BASE64 encoding of user data.",
                "M",
            ),
            case(
                base(&format!("&UserData={}", "A".repeat(21_852))),
                VALUE,
                "User data is limited to 16384 bytes",
                "#43046241288",
            ),
            case(
                base(&format!("&ClientToken={}", "t".repeat(65))),
                VALUE,
                &format!("Value ({}) for parameter clientToken is invalid", "t".repeat(65)),
                "B for the limit, k for the words",
            ),
            case(
                base(
                    "&BlockDeviceMapping.1.DeviceName=%2Fdev%2Fxvda&BlockDeviceMapping.1.Ebs.DeleteOnTermination=maybe",
                ),
                VALUE,
                "Invalid value 'maybe' for deleteOnTermination. Expecting 'true' or 'false'.",
                "k",
            ),
            case(
                base("&TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=a"),
                VALUE,
                "'vpc' is not a valid taggable resource type for this operation.",
                "Sk",
            ),
            case(base("&Colour=red"), "UnknownParameter", "The parameter Colour is not recognized", "Sn"),
        ],
    );
    let small =
        ec2.refusal(&base("&BlockDeviceMapping.1.DeviceName=%2Fdev%2Fxvda&BlockDeviceMapping.1.Ebs.VolumeSize=4"));
    assert_eq!(small.1, "InvalidBlockDeviceMapping");
    assert!(small.2.ends_with("expect size >= 8GB"), "{small:?}");
    // These are refused under DryRun, the others only in earnest.
    assert_eq!(ec2.code(&format!("{}&DryRun=true", counts("2", "1"))), VALUE);
    assert_eq!(ec2.refusal(&format!("{}&DryRun=true", base("&KeyName=nokey"))).0, 412);
}

#[test]
fn run_instances_checks_its_network() {
    let (ec2, network) = instant();
    let Network { subnet, other_subnet, group, .. } = &network;
    let vpc = ec2.get("Action=CreateVpc&CidrBlock=10.0.0.0/16", "vpcId");
    let stranger =
        ec2.get(&format!("Action=CreateSecurityGroup&GroupName=x&GroupDescription=x&VpcId={vpc}"), "groupId");
    let default_vpc = ec2.get("Action=DescribeVpcs&Filter.1.Name=is-default&Filter.1.Value.1=true", "vpcId");
    let holder = ec2.run(&format!("&SubnetId={subnet}&PrivateIpAddress=192.168.1.4"));
    let taken = ec2.get(&format!("Action=DescribeInstances&InstanceId.1={holder}"), "networkInterfaceId");
    let base = |more: &str| run(&format!("&SubnetId={subnet}{more}"));
    let address = |text: &str| base(&format!("&PrivateIpAddress={text}"));
    let nic =
        |more: &str| run(&format!("&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId={subnet}{more}"));
    let same_request = |what: &str| {
        format!("Network interfaces and an instance-level {what} may not be specified on the same request")
    };
    let second = format!("&NetworkInterface.2.DeviceIndex=1&NetworkInterface.2.SubnetId={subnet}");
    let cases = [
        case(
            run("&SubnetId=subnet-0123456789abcdef0"),
            "InvalidSubnetID.NotFound",
            "The subnet ID 'subnet-0123456789abcdef0' does not exist",
            "Sn",
        ),
        case(
            address("192.168.1.3"),
            VALUE,
            "Address 192.168.1.3 is in subnet's reserved address range",
            "#28313941443",
        ),
        case(
            address("192.168.1.255"),
            VALUE,
            "Address 192.168.1.255 is in subnet's reserved address range",
            "#28313941443",
        ),
        case(
            address("192.168.2.4"),
            VALUE,
            "Address 192.168.2.4 does not fall within the subnet's address range",
            "#46319856787",
        ),
        case(address("192.168.1.4"), "InvalidIPAddress.InUse", "Address 192.168.1.4 is in use.", "#46319856787"),
        case(address("here"), VALUE, "invalid value for parameter address: here", "Se, of CreateNetworkInterface"),
        case(
            base("&SecurityGroupId.1=sg-0123456789abcdef0"),
            "InvalidGroup.NotFound",
            "The security group 'sg-0123456789abcdef0' does not exist",
            "Sn",
        ),
        case(
            base(&format!("&SecurityGroupId.1={stranger}")),
            "InvalidParameter",
            &format!("Security group {stranger} and subnet {subnet} belong to different networks."),
            "#46070892733",
        ),
        case(
            base("&SecurityGroup.1=ssh"),
            COMBINATION,
            "The parameter groupName cannot be used with the parameter subnet",
            "#27513354943",
        ),
        case(
            run("&SecurityGroup.1=ssh"),
            "InvalidGroup.NotFound",
            &format!("The security group 'ssh' does not exist in default VPC '{default_vpc}'"),
            "#69763092309",
        ),
        case(run("&Placement.AvailabilityZone=mars-1a"), VALUE, "Invalid availability zone: [mars-1a]", "#23285938324"),
        case(
            base("&Placement.AvailabilityZone=ap-northeast-1c"),
            COMBINATION,
            &format!(
                "The availability zone 'ap-northeast-1c' is not the one of the subnet '{subnet}', 'ap-northeast-1b'"
            ),
            "k",
        ),
        case(
            nic(&format!("&SubnetId={subnet}")),
            COMBINATION,
            "Network interfaces and an instance-level subnet ID may not be specified on the same request",
            "#46773431372",
        ),
        case(
            nic(&format!("&SecurityGroupId.1={group}")),
            COMBINATION,
            &same_request("security groups"),
            "#46397051868",
        ),
        case(
            nic("&PrivateIpAddress=192.168.1.9"),
            COMBINATION,
            &same_request("private address"),
            "#22713707246, not of AWS",
        ),
        case(
            nic(&format!("{second}&NetworkInterface.1.AssociatePublicIpAddress=true")),
            COMBINATION,
            "The associatePublicIPAddress parameter cannot be specified when launching with multiple network \
             interfaces.",
            "#63642886862",
        ),
        case(
            nic("").replace("DeviceIndex=0", "DeviceIndex=1"),
            COMBINATION,
            "When specifying network interfaces, you must include a device at index 0.",
            "#40674852638",
        ),
        case(
            nic(&format!("{second}&NetworkInterface.3.DeviceIndex=2&NetworkInterface.3.SubnetId={subnet}")),
            "AttachmentLimitExceeded",
            "Interface count 3 exceeds the limit for t3.micro",
            "E for the code, k for the words",
        ),
        case(
            nic("").replace(
                "DeviceIndex=0",
                &format!("DeviceIndex=0&NetworkInterface.2.DeviceIndex=1&NetworkInterface.2.SubnetId={other_subnet}"),
            ),
            COMBINATION,
            "You may not attach a network interface to an instance if they are not in the same availability zone",
            "#41777534007, of AttachNetworkInterface",
        ),
        case(
            run(&format!("&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.NetworkInterfaceId={taken}")),
            "InvalidNetworkInterface.InUse",
            &format!("Interface: [{taken}] in use."),
            "E for the code, k for the words",
        ),
        case(
            address("192.168.1.9").replace("MaxCount=1", "MaxCount=2"),
            COMBINATION,
            "A private IP address or a network interface ID may not be specified when launching more than one instance",
            "B for the rule, k for the words",
        ),
    ];
    refuses(&ec2, &cases);

    let us = ec2.in_region("us-west-2");
    let vpc = us.get("Action=DescribeVpcs", "vpcId");
    for subnet in us.all("Action=DescribeSubnets", "subnetId") {
        us.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}"));
    }
    let message = format!("No subnets found for the default VPC '{vpc}'. Please specify a subnet.");
    refuses(
        &us,
        &[
            case(run(""), "MissingInput", &message, "k"),
            case(
                run("&Placement.AvailabilityZone=us-west-2a"),
                "InvalidInput",
                "No default subnet for availability zone: 'us-west-2a'.",
                "#3328461314",
            ),
        ],
    );
    let gateway = us.get("Action=DescribeInternetGateways", "internetGatewayId");
    us.ask(&format!("Action=DetachInternetGateway&InternetGatewayId={gateway}&VpcId={vpc}"));
    us.ask(&format!("Action=DeleteVpc&VpcId={vpc}"));
    let message = "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.";
    refuses(&us, &[case(run(""), "VPCIdNotSpecified", message, "#20300148861")]);
}

#[test]
fn unknown_and_malformed_instances_are_told_apart() {
    let (ec2, network) = instant();
    let id = ec2.run(&format!("&SubnetId={}", network.subnet));
    let unknown = "i-0123456789abcdef0";
    let not_found = format!("The instance ID '{unknown}' does not exist");
    let mut cases = vec![case(
        format!("Action=StartInstances&InstanceId.1={id}&AdditionalInfo=x"),
        "UnsupportedOperation",
        "The parameter AdditionalInfo is reserved.",
        "B: reserved; k",
    )];
    for action in [
        "DescribeInstances",
        "DescribeInstanceStatus",
        "StartInstances",
        "StopInstances",
        "RebootInstances",
        "TerminateInstances",
    ] {
        let of = |ids: &[&str]| {
            let ids = ids.iter().enumerate().map(|(n, id)| format!("&InstanceId.{}={id}", n + 1));
            format!("Action={action}{}", ids.collect::<String>())
        };
        cases.extend([
            case(of(&[&id, unknown]), "InvalidInstanceID.NotFound", &not_found, "Ss"),
            case(
                of(&[unknown, "i-0123456789abcdef1"]),
                "InvalidInstanceID.NotFound",
                "The instance IDs 'i-0123456789abcdef0, i-0123456789abcdef1' do not exist",
                "k",
            ),
            case(of(&["i-1"]), "InvalidInstanceID.Malformed", "Invalid id: \"i-1\"", "Sp"),
            case(
                of(&["i-00000000000000000"]),
                "InvalidInstanceID.Malformed",
                "Invalid id: \"i-00000000000000000\"",
                "Sp",
            ),
        ]);
        if !action.starts_with("Describe") {
            let missing = "The request must contain the parameter InstanceId";
            cases.push(case(of(&[]), MISSING, missing, "k"));
        }
    }
    cases.extend([
        case(
            format!("Action=DescribeInstances&InstanceId.1={id}&MaxResults=10"),
            COMBINATION,
            "The parameter instancesSet cannot be used with the parameter maxResults",
            "#9004884391",
        ),
        case(
            "Action=DescribeInstances&Filter.1.Name=colour&Filter.1.Value.1=red".into(),
            VALUE,
            "The filter 'colour' is invalid",
            "Sn",
        ),
        case(
            format!("Action=ModifyInstanceAttribute&InstanceId={id}"),
            COMBINATION,
            "No attributes specified.",
            "Se, Sm",
        ),
        case(
            format!(
                "Action=ModifyInstanceAttribute&InstanceId={id}&EbsOptimized.Value=true&SourceDestCheck.Value=true"
            ),
            COMBINATION,
            "Fields for multiple attribute types specified: sourceDestCheck, ebsOptimized",
            "Se, Sm",
        ),
    ]);
    refuses(&ec2, &cases);
}

#[test]
fn states_and_protection_are_respected() {
    let ec2 = Ec2::new(TransitionTimes::AwsLike);
    let network = Network::new(&ec2);
    let pending = ec2.run(&format!("&SubnetId={}&DisableApiTermination=true", network.subnet));
    let of = |action: &str, id: &str| format!("Action={action}Instances&InstanceId.1={id}");
    let cannot = |id: &str, what: &str| format!("This instance '{id}' is not in a state from which it can be {what}.");
    refuses(
        &ec2,
        &[case(of("Stop", &pending), "IncorrectInstanceState", &cannot(&pending, "stopped"), "#37765815526")],
    );
    ec2.wait(15);
    let other = ec2.run(&format!("&SubnetId={}&DisableApiStop=true", network.subnet));
    ec2.wait(15);
    let not_stopped = format!("The instance '{pending}' is not in the 'stopped' state.");
    let modify = |change: &str| format!("Action=ModifyInstanceAttribute&InstanceId={pending}&{change}");
    refuses(
        &ec2,
        &[
            case(
                of("Terminate", &pending),
                "OperationNotPermitted",
                &format!(
                    "The instance '{pending}' may not be terminated. Modify its 'disableApiTermination' instance \
                     attribute and try again."
                ),
                "C",
            ),
            case(
                of("Stop", &other),
                "OperationNotPermitted",
                &format!(
                    "The instance '{other}' may not be stopped. Modify its 'disableApiStop' instance attribute and \
                     try again."
                ),
                "C",
            ),
            case(
                format!("{}&Hibernate=true", of("Stop", &pending)),
                "UnsupportedHibernationConfiguration",
                &format!("Instance is not configured for hibernation: {pending}"),
                "E for the code, k for the words",
            ),
            case(modify("InstanceType.Value=t3.small"), "IncorrectInstanceState", &not_stopped, "#39767679277"),
            case(modify("UserData.Value=aGVsbG8%3D"), "IncorrectInstanceState", &not_stopped, "#39767679277"),
        ],
    );
    ec2.ask(&of("Stop", &pending));
    ec2.wait(30);
    assert_eq!((ec2.state(&pending), ec2.state(&other)), ("stopped".into(), "running".into()));
    refuses(
        &ec2,
        &[
            case(
                of("Reboot", &pending),
                "IncorrectInstanceState",
                &format!("The instance '{pending}' is not in a state from which it can be rebooted."),
                "k",
            ),
            case(
                modify("InstanceType.Value=t9.micro"),
                "InvalidInstanceAttributeValue",
                "Invalid value 't9.micro' for InstanceType.",
                "B for the code, k for the words",
            ),
            case(
                modify(
                    "BlockDeviceMapping.1.DeviceName=%2Fdev%2Fsdz&BlockDeviceMapping.1.Ebs.DeleteOnTermination=true",
                ),
                "InvalidInstanceAttributeValue",
                "No device is currently mapped at /dev/sdz",
                "k",
            ),
        ],
    );
    ec2.ask(&modify("DisableApiTermination.Value=false"));
    ec2.ask(&of("Terminate", &pending));
    ec2.wait(30);
    refuses(
        &ec2,
        &[case(
            of("Start", &pending),
            "IncorrectInstanceState",
            &format!("The instance '{pending}' is not in a state from which it can be started."),
            "#4647321287",
        )],
    );
}

#[test]
fn elastic_ips_are_refused_as_recorded() {
    let (ec2, network) = instant();
    let Network { vpc, gateway, subnet, .. } = &network;
    let eni = |address: &str| {
        ec2.get(
            &format!("Action=CreateNetworkInterface&SubnetId={subnet}&PrivateIpAddress={address}"),
            "networkInterfaceId",
        )
    };
    let (one, other) = (eni("192.168.1.10"), eni("192.168.1.20"));
    let allocated = ec2.ask("Action=AllocateAddress");
    let (allocation, ip) =
        (first(&allocated, "allocationId").expect("an id"), first(&allocated, "publicIp").expect("an address"));
    let associate = |more: &str| format!("Action=AssociateAddress&AllocationId={allocation}{more}");
    let with_eni = |more: &str| associate(&format!("&NetworkInterfaceId={one}{more}"));
    let unknown = "eipalloc-0123456789abcdef0";
    let no_allocation = format!("The allocation ID '{unknown}' does not exist");
    refuses(
        &ec2,
        &[
            case(
                "Action=AssociateAddress".into(),
                MISSING,
                "Either public IP or allocation id must be specified",
                "Sp",
            ),
            case(associate(""), MISSING, "Either instance ID or network interface id must be specified", "Sp"),
            case(
                with_eni(&format!("&PublicIp={ip}")),
                COMBINATION,
                "You may specify public IP or allocation id, but not both in the same call",
                "Sp",
            ),
            case(
                format!("Action=AssociateAddress&PublicIp={ip}&NetworkInterfaceId={one}"),
                COMBINATION,
                "You must specify an allocation id when mapping an address to a network interface",
                "Sp",
            ),
            case(
                with_eni("&InstanceId=i-00000000000000000"),
                "InvalidInstanceID.Malformed",
                "Invalid id: \"i-00000000000000000\"",
                "Sp",
            ),
            case(
                "Action=AssociateAddress&AllocationId=bad&NetworkInterfaceId=bad".into(),
                "InvalidAllocationID.NotFound",
                "The allocation ID 'bad' does not exist",
                "Sp",
            ),
            case(
                associate("&NetworkInterfaceId=eni-0123456789abcdef0"),
                "InvalidNetworkInterfaceID.NotFound",
                "The networkInterface ID 'eni-0123456789abcdef0' does not exist",
                "Sp",
            ),
            case(
                with_eni("&PrivateIpAddress=192.168.1.250"),
                VALUE,
                &format!("192.168.1.250 is not mapped to the interface {one}"),
                "Sp",
            ),
            case(with_eni("&PrivateIpAddress=bad"), VALUE, "invalid value for parameter private-address: bad", "Sp"),
            case(
                "Action=DisassociateAddress".into(),
                MISSING,
                "Either public IP or association id must be specified",
                "Sp",
            ),
            case(
                "Action=DisassociateAddress&AssociationId=bad".into(),
                "InvalidAssociationID.NotFound",
                "The association ID 'bad' does not exist",
                "Sp",
            ),
            case("Action=ReleaseAddress".into(), MISSING, "Either public IP or allocation id must be specified", "Sp"),
            case(
                format!("Action=ReleaseAddress&AllocationId={unknown}"),
                "InvalidAllocationID.NotFound",
                &no_allocation,
                "Sp",
            ),
            case(
                format!("Action=ReleaseAddress&AllocationId={allocation}&NetworkBorderGroup=invalid"),
                VALUE,
                "invalid value for parameter network-border-group: invalid",
                "Sp",
            ),
            case(
                "Action=ReleaseAddress&PublicIp=8.8.8.8".into(),
                "AuthFailure",
                "You do not have permission to access the specified resource.",
                "#46358446415",
            ),
            case(
                format!("Action=ReleaseAddress&PublicIp={ip}"),
                VALUE,
                "You must specify an allocation id when releasing a VPC elastic IP address",
                "#47067484188",
            ),
            case(
                format!("Action=DescribeAddresses&AllocationId.1={allocation}&AllocationId.2={unknown}"),
                "InvalidAllocationID.NotFound",
                &no_allocation,
                "Sp",
            ),
            case(
                "Action=DescribeAddresses&PublicIp.1=bad".into(),
                VALUE,
                "Invalid value 'bad' for PublicIp. Not a valid IPv4 address.",
                "Sp",
            ),
            case(
                "Action=DescribeAddresses&PublicIp.1=192.0.2.1".into(),
                "InvalidAddress.NotFound",
                "Address '192.0.2.1' not found.",
                "Sp",
            ),
            case(
                format!(
                    "Action=DescribeAddresses&AllocationId.1={allocation}&Filter.1.Name=invalid&Filter.1.Value.1=x"
                ),
                VALUE,
                "The filter 'invalid' is invalid",
                "Sp",
            ),
            case("Action=AllocateAddress&NetworkBorderGroup=invalid".into(), VALUE, "invalid", "Sp"),
            case("Action=AllocateAddress&Address=invalid".into(), VALUE, "Invalid value 'invalid' for address.", "Sp"),
        ],
    );
    // Of all these, EC2 checks under DryRun only how addresses look.
    for (body, status) in [
        ("Action=DescribeAddresses&PublicIp.1=bad", 400),
        ("Action=AllocateAddress&Address=invalid", 400),
        ("Action=AllocateAddress&NetworkBorderGroup=invalid", 400),
        ("Action=AllocateAddress&Domain=invalid", 412),
        ("Action=DescribeAddresses&PublicIp.1=192.0.2.1", 412),
        ("Action=AssociateAddress", 412),
        ("Action=ReleaseAddress&AllocationId=bad", 412),
    ] {
        assert_eq!(ec2.refusal(&format!("{body}&DryRun=true")).0, status, "{body}");
    }

    // Without a gateway, and once it is in use.
    ec2.ask(&format!("Action=DetachInternetGateway&InternetGatewayId={gateway}&VpcId={vpc}"));
    let message = format!("Network {vpc} is not attached to any internet gateway");
    refuses(&ec2, &[case(with_eni(""), "Gateway.NotAttached", &message, "Sp")]);
    ec2.ask(&format!("Action=AttachInternetGateway&InternetGatewayId={gateway}&VpcId={vpc}"));
    let association = ec2.get(&with_eni(""), "associationId");
    refuses(
        &ec2,
        &[
            case(
                associate(&format!("&NetworkInterfaceId={other}&AllowReassociation=false")),
                "Resource.AlreadyAssociated",
                &format!("resource {allocation} is already associated with associate-id {association}"),
                "Sp",
            ),
            case(
                format!("Action=ReleaseAddress&AllocationId={allocation}"),
                "InvalidIPAddress.InUse",
                &format!("Address {ip} is in use."),
                "Sp",
            ),
            case(
                format!("Action=DetachInternetGateway&InternetGatewayId={gateway}&VpcId={vpc}"),
                "DependencyViolation",
                &format!(
                    "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before \
                     detaching the gateway."
                ),
                "prabhatsharma/kubernetes-the-hard-way-aws#16",
            ),
        ],
    );
    let moved = ec2.get(&associate(&format!("&NetworkInterfaceId={other}")), "associationId");
    assert_ne!(moved, association);
    ec2.ask(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={other}"));
    ec2.ask(&format!("Action=ReleaseAddress&AllocationId={allocation}"));
}

#[test]
fn interfaces_are_refused_as_recorded() {
    let (ec2, network) = instant();
    let Network { vpc, subnet, other_subnet, .. } = &network;
    let foreign_vpc = ec2.get("Action=CreateVpc&CidrBlock=10.0.0.0/16", "vpcId");
    let stranger =
        ec2.get(&format!("Action=CreateSecurityGroup&GroupName=x&GroupDescription=x&VpcId={foreign_vpc}"), "groupId");
    let create = |more: &str| format!("Action=CreateNetworkInterface&SubnetId={subnet}{more}");
    let eni = ec2.get(&create("&PrivateIpAddress=192.168.1.10&ClientToken=once"), "networkInterfaceId");
    let other = ec2.get(&create("&PrivateIpAddress=192.168.1.20"), "networkInterfaceId");
    let instance = ec2.run(&format!("&SubnetId={subnet}"));
    let primary = ec2.ask(&format!("Action=DescribeInstances&InstanceId.1={instance}"));
    let (primary_eni, attachment) = (
        first(&primary, "networkInterfaceId").expect("an interface"),
        first(&primary, "attachmentId").expect("an attachment"),
    );
    let far = ec2.get(&format!("Action=CreateNetworkInterface&SubnetId={other_subnet}"), "networkInterfaceId");
    let full = ec2.get(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=192.168.9.0/28"), "subnetId");
    let assign = |more: &str| format!("Action=AssignPrivateIpAddresses&NetworkInterfaceId={eni}{more}");
    let unassign = |address: &str| {
        format!("Action=UnassignPrivateIpAddresses&NetworkInterfaceId={eni}&PrivateIpAddress.1={address}")
    };
    let attach = |eni: &str, index: u8| {
        format!("Action=AttachNetworkInterface&NetworkInterfaceId={eni}&InstanceId={instance}&DeviceIndex={index}")
    };
    let modify = |more: &str| format!("Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId={eni}{more}");
    let no_room = "The specified subnet does not have enough free addresses to satisfy the request.";
    let outside = "Address does not fall within the subnet's address range";
    refuses(
        &ec2,
        &[
            case(create("&PrivateIpAddress=192.168.1.1"), VALUE, "Address is in subnet's reserved address range", "Se"),
            case(create("&PrivateIpAddress=192.168.2.9"), VALUE, outside, "Se"),
            case(
                create("&PrivateIpAddress=192.168.1.10"),
                "InvalidIPAddress.InUse",
                "The specified address is already in use.",
                "Se",
            ),
            case(create("&PrivateIpAddress=bad"), VALUE, "invalid value for parameter address: bad", "Se"),
            case(
                create(&format!("&SecurityGroupId.1={stranger}")),
                VALUE,
                &format!("Security group {stranger} and subnet {subnet} belong to different networks."),
                "Se",
            ),
            case(
                format!("Action=CreateNetworkInterface&SubnetId={full}&SecondaryPrivateIpAddressCount=11"),
                "InsufficientFreeAddressesInSubnet",
                no_room,
                "Se",
            ),
            case(
                create("&PrivateIpAddress=192.168.1.11&ClientToken=once"),
                "IdempotentParameterMismatch",
                "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
                "apache/libcloud fixture",
            ),
            case(
                assign(""),
                "InvalidParameter",
                "One of privateIpAddressSet or privateIpAddressCount or ipv4PrefixSet or ipv4PrefixCount must be \
                 specified.",
                "Se",
            ),
            case(
                assign("&PrivateIpAddress.1=192.168.1.2"),
                VALUE,
                "Address 192.168.1.2 is in subnet's reserved range.",
                "Se",
            ),
            case(assign("&PrivateIpAddress.1=192.168.2.9"), VALUE, outside, "Se"),
            case(
                assign("&PrivateIpAddress.1=192.168.1.20"),
                VALUE,
                "[192.168.1.20] assigned, but move is not allowed.",
                "Se",
            ),
            case(assign("&SecondaryPrivateIpAddressCount=300"), "InsufficientFreeAddressesInSubnet", no_room, "Se"),
            case(
                format!(
                    "Action=AssignPrivateIpAddresses&NetworkInterfaceId={primary_eni}&SecondaryPrivateIpAddressCount=2"
                ),
                "PrivateIpAddressLimitExceeded",
                &format!("{primary_eni}: Number of private addresses will exceed limit."),
                "#10263391364, E for the code",
            ),
            case(
                unassign("192.168.1.10"),
                VALUE,
                "Value (192.168.1.10) for parameter privateIpAddress is invalid. The primary IP address of an \
                 interface cannot be unassigned.",
                "Se",
            ),
            case(
                unassign("192.168.1.99"),
                VALUE,
                &format!("Some of the specified addresses are not assigned to interface {eni}"),
                "Se",
            ),
            case(
                "Action=DeleteNetworkInterface&NetworkInterfaceId=bad".into(),
                "InvalidNetworkInterfaceId.Malformed",
                "Invalid id: \"bad\" (expecting \"eni-...\")",
                "Se",
            ),
            case(
                format!("Action=DeleteNetworkInterface&NetworkInterfaceId={primary_eni}"),
                VALUE,
                &format!("Network interface '{primary_eni}' is currently in use."),
                "Sp",
            ),
            case(
                format!("Action=DetachNetworkInterface&AttachmentId={attachment}"),
                "OperationNotPermitted",
                "The network interface at device index 0 cannot be detached.",
                "#6848688106",
            ),
            case(
                "Action=DetachNetworkInterface&AttachmentId=eni-attach-0123456789abcdef0".into(),
                "InvalidAttachmentID.NotFound",
                "The networkInterfaceAttachment ID 'eni-attach-0123456789abcdef0' does not exist",
                "E for the code, k for the words",
            ),
            case(
                attach(&far, 1),
                COMBINATION,
                "You may not attach a network interface to an instance if they are not in the same availability zone",
                "#41777534007",
            ),
            case(
                attach(&eni, 0),
                VALUE,
                &format!("Instance '{instance}' already has an interface attached at device index '0'."),
                "#898670422",
            ),
            case(
                attach(&primary_eni, 1),
                "InvalidNetworkInterface.InUse",
                &format!("Interface: [{primary_eni}] in use."),
                "E for the code, k for the words",
            ),
            case(modify(""), COMBINATION, "No attributes specified.", "Se"),
            case(
                modify("&Description.Value=a&SourceDestCheck.Value=false"),
                COMBINATION,
                "Fields for multiple attribute types specified: description, sourceDestCheck",
                "Se",
            ),
            case(
                modify(&format!("&SecurityGroupId.1={stranger}")),
                "InvalidGroup.NotFound",
                "You have specified two resources that belong to different networks.",
                "Se",
            ),
            case(
                format!(
                    "Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={eni}&NetworkInterfaceId.2=eni-0123456789abcdef0"
                ),
                "InvalidNetworkInterfaceID.NotFound",
                "The networkInterface ID 'eni-0123456789abcdef0' does not exist",
                "Se",
            ),
        ],
    );
    // The token still gives the interface that it made; once that is deleted, nothing.
    let replay = create("&PrivateIpAddress=192.168.1.10&ClientToken=once");
    assert_eq!(ec2.get(&replay, "networkInterfaceId"), eni);
    for interface in [&eni, &other, &far] {
        ec2.ask(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={interface}"));
    }
    assert_eq!(ec2.code(&replay), "IdempotentParameterMismatch");
}
