//! Instances through their lives, with AWS-like times on a clock that the test moves.

use crate::support::{AMAZON_LINUX, Ec2, Network, first, run, texts};
use vpcrun_emulator::{Images, Options, TransitionTimes, World};

fn aws_like() -> Ec2 {
    Ec2::new(TransitionTimes::AwsLike)
}

fn addresses_free(ec2: &Ec2, subnet: &str) -> u32 {
    let free = ec2.get(&format!("Action=DescribeSubnets&SubnetId.1={subnet}"), "availableIpAddressCount");
    free.parse().expect("a number")
}

#[test]
fn a_launch_answers_as_recorded_and_runs_after_a_while() {
    let ec2 = aws_like();
    let network = Network::new(&ec2);
    let answer = ec2.ask(&run(&format!(
        "&SubnetId={}&PrivateIpAddress=192.168.1.4&SecurityGroupId.1={}\
         &TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name\
         &TagSpecification.1.Tag.1.Value=myinstance-0001",
        network.subnet, network.group
    )));
    for part in [
        "<groupSet/><instancesSet>",
        "<instanceState><code>0</code><name>pending</name></instanceState>",
        "<stateReason><code>pending</code><message>pending</message></stateReason>",
        "<blockDeviceMapping/>",
        "<status>in-use</status>",
        "<status>attaching</status><attachTime>2026-11-23T18:43:58.000Z</attachTime>",
        "<privateDnsName>ip-192-168-1-4.ap-northeast-1.compute.internal</privateDnsName><dnsName/>",
        "<privateIpAddress>192.168.1.4</privateIpAddress>",
        "<availabilityZone>ap-northeast-1b</availabilityZone>",
        "<tagSet><item><key>Name</key><value>myinstance-0001</value></item></tagSet>",
        "<groupName>ssh</groupName>",
        "<rootDeviceName>/dev/xvda</rootDeviceName>",
        "<httpTokens>required</httpTokens>",
        "<launchTime>2026-11-23T18:43:58.000Z</launchTime>",
    ] {
        assert!(answer.contains(part), "{part}\n{answer}");
    }
    assert!(!answer.contains("<ipAddress>"), "no public address in a subnet that gives none");
    let id = first(&answer, "instanceId").expect("an id");

    assert_eq!(ec2.state(&id), "pending");
    assert_eq!(ec2.all("Action=DescribeInstanceStatus", "instanceId"), [""; 0]);
    ec2.wait(14);
    assert_eq!(ec2.state(&id), "pending");
    ec2.wait(1);
    assert_eq!(ec2.state(&id), "running");
    let described = ec2.ask("Action=DescribeInstances");
    assert!(!described.contains("<stateReason>"), "a running instance has no reason");
    assert!(described.contains("<deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-"), "{described}");
    assert!(described.contains("<status>attached</status>"), "{described}");
    let status = ec2.ask("Action=DescribeInstanceStatus");
    assert_eq!(texts(&status, "name"), ["running", "reachability", "reachability", "reachability"], "{status}");
}

#[test]
fn a_pending_instance_takes_no_address() {
    let ec2 = aws_like();
    let network = Network::new(&ec2);
    let id = ec2.run(&format!("&SubnetId={}", network.subnet));
    let allocation = ec2.get("Action=AllocateAddress&Domain=vpc", "allocationId");
    let associate = format!("Action=AssociateAddress&AllocationId={allocation}&InstanceId={id}");
    let message = format!("The pending instance '{id}' is not in a valid state for this operation.");
    assert_eq!(ec2.refusal(&associate), (400, "InvalidInstanceID".into(), message));
    ec2.wait(15);

    let association = ec2.get(&associate, "associationId");
    let described = ec2.ask("Action=DescribeAddresses");
    for part in [
        "<publicIp>203.0.113.10</publicIp>",
        &format!("<associationId>{association}</associationId>"),
        &format!("<instanceId>{id}</instanceId>"),
        "<networkInterfaceOwnerId>123456789012</networkInterfaceOwnerId>",
        "<privateIpAddress>192.168.1.4</privateIpAddress>",
    ] {
        assert!(described.contains(part), "{part}\n{described}");
    }
    assert_eq!(ec2.get(&associate, "associationId"), association, "the same target keeps its association");
    let instance = ec2.ask("Action=DescribeInstances&Filter.1.Name=ip-address&Filter.1.Value.1=203.0.113.10");
    assert!(instance.contains("<ipAddress>203.0.113.10</ipAddress>"), "{instance}");
    assert!(instance.contains("<ipOwnerId>123456789012</ipOwnerId>"), "{instance}");

    ec2.ask(&format!("Action=DisassociateAddress&AssociationId={association}"));
    let again = format!("Action=DisassociateAddress&AssociationId={association}");
    assert_eq!(ec2.code(&again), "InvalidAssociationID.NotFound");
    assert!(!ec2.ask("Action=DescribeInstances").contains("<ipAddress>"));
    ec2.ask(&format!("Action=ReleaseAddress&AllocationId={allocation}"));
    assert!(ec2.ask("Action=DescribeAddresses").ends_with("<addressesSet/></DescribeAddressesResponse>"));
}

#[test]
fn stop_and_start_keep_the_private_address_and_change_the_public_one() {
    let ec2 = aws_like();
    let network = Network::new(&ec2);
    ec2.ask(&format!("Action=ModifySubnetAttribute&SubnetId={}&MapPublicIpOnLaunch.Value=true", network.subnet));
    ec2.ask(&format!("Action=ModifyVpcAttribute&VpcId={}&EnableDnsHostnames.Value=true", network.vpc));
    let answer = ec2.ask(&run(&format!("&SubnetId={}", network.subnet)));
    assert!(!answer.contains("<ipAddress>"), "the launch does not show the address yet");
    let id = first(&answer, "instanceId").expect("an id");
    ec2.wait(15);
    let describe = format!("Action=DescribeInstances&InstanceId.1={id}");
    let running = ec2.ask(&describe);
    assert_eq!(first(&running, "ipAddress").as_deref(), Some("203.0.113.10"));
    assert_eq!(first(&running, "ipOwnerId").as_deref(), Some("amazon"));
    assert_eq!(first(&running, "dnsName").as_deref(), Some("ec2-203-0-113-10.ap-northeast-1.compute.amazonaws.com"));
    let detach = format!("Action=DetachInternetGateway&InternetGatewayId={}&VpcId={}", network.gateway, network.vpc);
    assert_eq!(ec2.code(&detach), "DependencyViolation", "the address is mapped");

    let changed = ec2.ask(&format!("Action=StopInstances&InstanceId.1={id}"));
    assert_eq!(texts(&changed, "name"), ["stopping", "running"]);
    let start = format!("Action=StartInstances&InstanceId.1={id}");
    let message = format!("The instance '{id}' is not in a state from which it can be started.");
    assert_eq!(ec2.refusal(&start), (400, "IncorrectInstanceState".into(), message));
    ec2.wait(30);
    let stopped = ec2.ask(&describe);
    assert_eq!(first(&stopped, "privateIpAddress").as_deref(), Some("192.168.1.4"));
    assert!(!stopped.contains("<ipAddress>") && !stopped.contains("<association>"), "{stopped}");
    assert_eq!(first(&stopped, "reason").as_deref(), Some("User initiated (2026-11-23 18:44:13 GMT)"));
    assert!(stopped.contains("<code>Client.UserInitiatedShutdown</code>"), "{stopped}");
    let repeated = ec2.ask(&format!("Action=StopInstances&InstanceId.1={id}"));
    assert_eq!(texts(&repeated, "name"), ["stopped", "stopped"], "stopping again changes nothing");

    // Somebody else takes the address meanwhile.
    assert_eq!(ec2.get("Action=AllocateAddress", "publicIp"), "203.0.113.10");
    let changed = ec2.ask(&start);
    assert_eq!(texts(&changed, "name"), ["pending", "stopped"]);
    ec2.wait(15);
    let running = ec2.ask(&describe);
    assert_eq!(first(&running, "ipAddress").as_deref(), Some("203.0.113.11"));
    assert_eq!(first(&running, "privateIpAddress").as_deref(), Some("192.168.1.4"));
    assert_eq!(first(&running, "launchTime").as_deref(), Some("2026-11-23T18:44:43.000Z"));
    assert_eq!(texts(&ec2.ask(&start), "name"), ["running", "running"], "starting again changes nothing");
}

#[test]
fn an_elastic_ip_replaces_the_lent_address_and_gives_way_to_it() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let id = ec2.run(&format!(
        "&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId={}\
         &NetworkInterface.1.AssociatePublicIpAddress=true",
        network.subnet
    ));
    let public = || ec2.get(&format!("Action=DescribeInstances&InstanceId.1={id}"), "ipAddress");
    assert_eq!(public(), "203.0.113.10");
    let allocation = ec2.get("Action=AllocateAddress", "allocationId");
    let association =
        ec2.get(&format!("Action=AssociateAddress&AllocationId={allocation}&InstanceId={id}"), "associationId");
    assert_eq!(public(), "203.0.113.11");
    assert_eq!(ec2.get("Action=AllocateAddress", "publicIp"), "203.0.113.10", "the lent one is free again");

    // Elastic IP addresses survive a stop.
    ec2.ask(&format!("Action=StopInstances&InstanceId.1={id}"));
    assert_eq!(ec2.state(&id), "stopped");
    assert_eq!(public(), "203.0.113.11");
    ec2.ask(&format!("Action=StartInstances&InstanceId.1={id}"));
    assert_eq!(public(), "203.0.113.11");
    ec2.ask(&format!("Action=DisassociateAddress&AssociationId={association}"));
    assert_eq!(public(), "203.0.113.12", "a running instance gets a new one");
}

#[test]
fn terminate_releases_everything_and_is_forgotten_after_an_hour() {
    let ec2 = aws_like();
    let network = Network::new(&ec2);
    assert_eq!(addresses_free(&ec2, &network.subnet), 251);
    let id = ec2.run(&format!("&SubnetId={}", network.subnet));
    assert_eq!(addresses_free(&ec2, &network.subnet), 250);
    ec2.wait(15);
    let allocation = ec2.get("Action=AllocateAddress", "allocationId");
    ec2.ask(&format!("Action=AssociateAddress&AllocationId={allocation}&InstanceId={id}"));
    assert_eq!(ec2.code(&format!("Action=DeleteSubnet&SubnetId={}", network.subnet)), "DependencyViolation");

    let terminate = format!("Action=TerminateInstances&InstanceId.1={id}");
    assert_eq!(texts(&ec2.ask(&terminate), "name"), ["shutting-down", "running"]);
    assert_eq!(addresses_free(&ec2, &network.subnet), 250, "its interface is there until it is terminated");
    assert_eq!(texts(&ec2.ask(&terminate), "name"), ["shutting-down", "shutting-down"]);
    ec2.wait(30);
    let terminated = ec2.ask(&format!("Action=DescribeInstances&InstanceId.1={id}"));
    for part in [
        "<code>48</code><name>terminated</name>",
        "<privateDnsName/><dnsName/><reason>User initiated (2026-11-23 18:44:13 GMT)</reason>",
        "<groupSet/>",
        "<networkInterfaceSet/>",
        "<blockDeviceMapping/>",
    ] {
        assert!(terminated.contains(part), "{part}\n{terminated}");
    }
    for element in ["<subnetId>", "<vpcId>", "<privateIpAddress>", "<ipAddress>"] {
        assert!(!terminated.contains(element), "{element}\n{terminated}");
    }
    assert_eq!(addresses_free(&ec2, &network.subnet), 251);
    assert!(!ec2.ask("Action=DescribeAddresses").contains("<associationId>"));
    assert_eq!(ec2.all("Action=DescribeNetworkInterfaces", "networkInterfaceId"), [""; 0]);
    ec2.ask(&format!("Action=ReleaseAddress&AllocationId={allocation}"));
    ec2.ask(&format!("Action=DeleteSubnet&SubnetId={}", network.subnet));
    assert_eq!(texts(&ec2.ask(&terminate), "name"), ["terminated", "terminated"], "terminating again succeeds");

    ec2.wait(3_599);
    assert_eq!(ec2.state(&id), "terminated");
    ec2.wait(1);
    let describe = format!("Action=DescribeInstances&InstanceId.1={id}");
    assert_eq!(ec2.code(&describe), "InvalidInstanceID.NotFound");
}

#[test]
fn what_is_due_happens_in_order_however_late_one_looks() {
    let ec2 = aws_like();
    let network = Network::new(&ec2);
    let id = ec2.run(&format!("&SubnetId={}", network.subnet));
    ec2.wait(15);
    ec2.ask(&format!("Action=TerminateInstances&InstanceId.1={id}"));
    // Terminated after 30 s, forgotten an hour after that, not an hour after somebody looked.
    ec2.wait(30 + 3_600);
    assert!(ec2.ask("Action=DescribeInstances").ends_with("<reservationSet/></DescribeInstancesResponse>"));
}

#[test]
fn a_token_makes_a_launch_safe_to_repeat() {
    let ec2 = aws_like();
    let network = Network::new(&ec2);
    let launch = format!(
        "Action=RunInstances&ImageId={AMAZON_LINUX}&InstanceType=t3.micro&MinCount=2&MaxCount=2&SubnetId={}\
         &ClientToken=once",
        network.subnet
    );
    let ids = ec2.all(&launch, "instanceId");
    assert_eq!(ids.len(), 2);
    ec2.wait(15);
    let again = ec2.ask(&launch);
    assert_eq!(texts(&again, "instanceId"), ids);
    assert_eq!(texts(&again, "name"), ["running", "running"], "the answer shows the present");
    assert_eq!(ec2.all("Action=DescribeInstances", "instanceId").len(), 2);
    let changed = launch.replace("t3.micro", "t3.small");
    assert_eq!(ec2.code(&changed), "IdempotentParameterMismatch");
    assert_eq!(ec2.handle(&format!("{launch}2&DryRun=true")).status, 412);

    for id in &ids {
        ec2.ask(&format!("Action=TerminateInstances&InstanceId.1={id}"));
    }
    assert_eq!(ec2.code(&launch), "IdempotentInstanceTerminated");
    ec2.wait(2 * 3_600);
    assert_eq!(ec2.code(&launch), "IdempotentInstanceTerminated", "even when they are forgotten");
}

#[test]
fn a_launch_takes_what_the_subnet_has_left_from_the_minimum_on() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let small = ec2.get(&format!("Action=CreateSubnet&VpcId={}&CidrBlock=192.168.9.0/28", network.vpc), "subnetId");
    let launch = |min: u32, max: u32| {
        format!(
            "Action=RunInstances&ImageId={AMAZON_LINUX}&InstanceType=t3.micro&MinCount={min}&MaxCount={max}&SubnetId={small}"
        )
    };
    let before = ec2.picture();
    assert_eq!(ec2.code(&launch(12, 20)), "InsufficientFreeAddressesInSubnet");
    assert_eq!(ec2.picture(), before);
    let answer = ec2.ask(&launch(3, 20));
    assert_eq!(texts(&answer, "instanceId").len(), 11);
    assert_eq!(texts(&answer, "amiLaunchIndex").last().map(String::as_str), Some("10"));
    assert_eq!(addresses_free(&ec2, &small), 0);
    assert_eq!(ec2.code(&launch(1, 1)), "InsufficientFreeAddressesInSubnet");
}

#[test]
fn pages_of_instances_cover_all_once() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let launch = format!(
        "Action=RunInstances&ImageId={AMAZON_LINUX}&InstanceType=t3.micro&MinCount=12&MaxCount=12&SubnetId={}",
        network.subnet
    );
    let mut launched = ec2.all(&launch, "instanceId");
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let page = ec2.ask(&format!("Action=DescribeInstances&MaxResults=5{token}"));
        assert_eq!(texts(&page, "reservationId").len(), 1, "one launch is one reservation");
        seen.extend(texts(&page, "instanceId"));
        match first(&page, "nextToken") {
            Some(next) => token = format!("&NextToken={next}"),
            None => break,
        }
    }
    seen.sort();
    launched.sort();
    assert_eq!(seen, launched);
    let filtered = ec2.all(
        "Action=DescribeInstances&Filter.1.Name=network-interface.addresses.private-ip-address&Filter.1.Value.1=192.168.1.1?",
        "instanceId",
    );
    assert_eq!(filtered.len(), 6, "192.168.1.10 to .15");
}

#[test]
fn interfaces_live_by_themselves() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let created = ec2.ask(&format!(
        "Action=CreateNetworkInterface&SubnetId={}&PrivateIpAddress=192.168.1.50&SecondaryPrivateIpAddressCount=1\
         &Description=foreign&SecurityGroupId.1={}",
        network.subnet, network.group
    ));
    for part in [
        "<status>pending</status>",
        "<description>foreign</description>",
        "<item><privateIpAddress>192.168.1.50</privateIpAddress><primary>true</primary></item>",
        "<item><privateIpAddress>192.168.1.4</privateIpAddress><privateDnsName/><primary>false</primary></item>",
        "<requesterManaged>false</requesterManaged>",
        "<operator><managed>false</managed></operator>",
    ] {
        assert!(created.contains(part), "{part}\n{created}");
    }
    assert!(!created.contains("publicDnsName"), "only Describe shows it");
    let eni = first(&created, "networkInterfaceId").expect("an id");
    let described = ec2.ask(&format!("Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={eni}"));
    assert!(described.contains("<status>available</status>") && described.contains("<publicDnsName/>"), "{described}");

    // It blocks a teardown until it is gone.
    assert_eq!(ec2.code(&format!("Action=DeleteSubnet&SubnetId={}", network.subnet)), "DependencyViolation");
    assert_eq!(ec2.code(&format!("Action=DeleteSecurityGroup&GroupId={}", network.group)), "DependencyViolation");

    let instance = ec2.run(&format!("&SubnetId={}", network.subnet));
    ec2.ask("Action=DescribeInstances");
    let attachment = ec2.get(
        &format!("Action=AttachNetworkInterface&NetworkInterfaceId={eni}&InstanceId={instance}&DeviceIndex=1"),
        "attachmentId",
    );
    let indexes = ec2.all(&format!("Action=DescribeInstances&InstanceId.1={instance}"), "deviceIndex");
    assert_eq!(indexes, ["0", "1"]);
    let delete = format!("Action=DeleteNetworkInterface&NetworkInterfaceId={eni}");
    let message = format!("Network interface '{eni}' is currently in use.");
    assert_eq!(ec2.refusal(&delete), (400, "InvalidParameterValue".into(), message));
    let groups = format!("Action=ModifyInstanceAttribute&InstanceId={instance}&GroupId.1={}", network.group);
    assert_eq!(ec2.code(&groups), "InvalidInstanceID", "which of the two interfaces?");
    let allocation = ec2.get("Action=AllocateAddress", "allocationId");
    let associate = format!("Action=AssociateAddress&AllocationId={allocation}");
    assert_eq!(ec2.code(&format!("{associate}&InstanceId={instance}")), "InvalidInstanceID");
    ec2.ask(&format!("{associate}&NetworkInterfaceId={eni}&PrivateIpAddress=192.168.1.4"));

    // Terminating the instance leaves it: its attachment does not say that it goes along.
    ec2.ask(&format!("Action=DetachNetworkInterface&AttachmentId={attachment}"));
    ec2.ask(&format!("Action=AttachNetworkInterface&NetworkInterfaceId={eni}&InstanceId={instance}&DeviceIndex=2"));
    ec2.ask(&format!("Action=TerminateInstances&InstanceId.1={instance}"));
    assert_eq!(ec2.get("Action=DescribeNetworkInterfaces", "networkInterfaceId"), eni);
    assert_eq!(ec2.all("Action=DescribeNetworkInterfaces", "networkInterfaceId").len(), 1);
    assert!(ec2.ask("Action=DescribeAddresses").contains("<associationId>"), "its Elastic IP address stays on it");

    // Its addresses move and go; the Elastic IP address goes with its private one.
    let other = ec2.get(&format!("Action=CreateNetworkInterface&SubnetId={}", network.subnet), "networkInterfaceId");
    let take = format!("Action=AssignPrivateIpAddresses&NetworkInterfaceId={other}&PrivateIpAddress.1=192.168.1.4");
    let message = "[192.168.1.4] assigned, but move is not allowed.".to_owned();
    assert_eq!(ec2.refusal(&take), (400, "InvalidParameterValue".into(), message));
    ec2.ask(&format!("{take}&AllowReassignment=true"));
    assert!(ec2.ask("Action=DescribeAddresses").contains(&other));
    ec2.ask(&format!("Action=UnassignPrivateIpAddresses&NetworkInterfaceId={other}&PrivateIpAddress.1=192.168.1.4"));
    assert!(!ec2.ask("Action=DescribeAddresses").contains("<associationId>"));
    for interface in [eni, other] {
        ec2.ask(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={interface}"));
    }
    ec2.ask(&format!("Action=DeleteSecurityGroup&GroupId={}", network.group));
    assert_eq!(addresses_free(&ec2, &network.subnet), 251);
}

#[test]
fn attributes_are_changed_and_told() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let id = ec2.run(&format!("&SubnetId={}&UserData=aGVsbG8%3D&DisableApiTermination=true", network.subnet));
    let told = |attribute: &str| {
        let answer = ec2.ask(&format!("Action=DescribeInstanceAttribute&InstanceId={id}&Attribute={attribute}"));
        first(&answer, attribute)
    };
    let value = |text: &str| Some(format!("<value>{text}</value>"));
    assert_eq!(told("instanceType"), value("t3.micro"));
    assert_eq!(told("userData"), value("aGVsbG8="));
    assert_eq!(told("disableApiTermination"), value("true"));
    assert_eq!(told("instanceInitiatedShutdownBehavior"), value("stop"));
    assert_eq!(told("sourceDestCheck"), value("true"));
    assert_eq!(told("kernel"), None, "an empty element");
    assert!(told("groupSet").is_some_and(|groups| groups.contains("<groupName>default</groupName>")));

    let modify = |change: &str| format!("Action=ModifyInstanceAttribute&InstanceId={id}&{change}");
    ec2.ask(&modify("SourceDestCheck.Value=false"));
    assert_eq!(told("sourceDestCheck"), value("false"));
    ec2.ask(&modify(&format!("GroupId.1={}", network.group)));
    assert!(told("groupSet").is_some_and(|groups| groups.contains("<groupName>ssh</groupName>")));
    let message = format!("The instance '{id}' is not in the 'stopped' state.");
    assert_eq!(ec2.refusal(&modify("InstanceType.Value=t3.small")), (400, "IncorrectInstanceState".into(), message));
    ec2.ask(&format!("Action=StopInstances&InstanceId.1={id}"));
    ec2.ask(&modify("InstanceType.Value=t3.small"));
    assert_eq!(told("instanceType"), value("t3.small"));
    ec2.ask(&modify("Attribute=disableApiTermination&Value=false"));
    ec2.ask(&format!(
        "Action=ModifyInstanceMetadataOptions&InstanceId={id}&HttpTokens=optional&HttpPutResponseHopLimit=3"
    ));
    let described = ec2.ask("Action=DescribeInstances");
    assert!(described.contains("<httpTokens>optional</httpTokens>"), "{described}");
    ec2.ask(&format!("Action=TerminateInstances&InstanceId.1={id}"));
}

#[test]
fn a_default_vpc_launches_without_being_told_where() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let answer = ec2.ask(&run("&SecurityGroup.1=default&Placement.AvailabilityZone=ap-northeast-1c"));
    assert_eq!(first(&answer, "privateIpAddress").as_deref(), Some("172.31.32.4"));
    assert!(answer.contains("<groupName>default</groupName>"), "{answer}");
    let described = ec2.ask("Action=DescribeInstances");
    assert_eq!(first(&described, "dnsName").as_deref(), Some("ec2-203-0-113-10.ap-northeast-1.compute.amazonaws.com"));
    // Public addresses are unique over all regions of the account.
    let elsewhere = ec2.in_region("us-east-1");
    assert_eq!(elsewhere.get("Action=AllocateAddress", "publicIp"), "203.0.113.11");
    let id = elsewhere.run("");
    let described = elsewhere.ask(&format!("Action=DescribeInstances&InstanceId.1={id}"));
    assert_eq!(first(&described, "dnsName").as_deref(), Some("ec2-203-0-113-12.compute-1.amazonaws.com"));
    assert_eq!(first(&described, "privateDnsName").as_deref(), Some("ip-172-31-0-4.ec2.internal"));
}

#[test]
fn a_world_on_disk_holds_all_of_it() {
    let (options, clock) = Ec2::options(TransitionTimes::AwsLike);
    let folder = std::env::temp_dir().join(format!("vpcrun-lifecycle-{}", std::process::id()));
    let path = folder.join("world");
    let open = || World::open(&path, options.clone()).expect("the world opens");
    let mut ec2 = Ec2 { world: open(), clock, region: "ap-northeast-1" };
    let network = Network::new(&ec2);
    ec2.ask(&format!("Action=ModifySubnetAttribute&SubnetId={}&MapPublicIpOnLaunch.Value=true", network.subnet));
    let id = ec2.run(&format!("&SubnetId={}&ClientToken=once", network.subnet));
    ec2.run(&format!("&SubnetId={}", network.other_subnet));
    ec2.wait(15);
    let allocation = ec2.get("Action=AllocateAddress", "allocationId");
    ec2.ask(&format!("Action=AssociateAddress&AllocationId={allocation}&InstanceId={id}"));
    ec2.ask(&format!("Action=TerminateInstances&InstanceId.1={id}"));
    let before = ec2.picture();
    // Another process: what is due happens there, too.
    ec2.world = open();
    assert_eq!(ec2.picture(), before);
    ec2.wait(30);
    assert_eq!(ec2.state(&id), "terminated");
    let code = ec2.code(&run(&format!("&SubnetId={}&ClientToken=once", network.subnet)));
    assert_eq!(code, "IdempotentInstanceTerminated");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}

#[test]
fn where_any_image_is_known_an_unknown_one_starts() {
    let (options, clock) = Ec2::options(TransitionTimes::Instant);
    let world = World::in_memory(Options { images: Images::Any, ..options });
    let ec2 = Ec2 { world, clock, region: "ap-northeast-1" };
    for (kind, architecture) in [("t3.micro", "x86_64"), ("t4g.micro", "arm64")] {
        let image = "ami-0123456789abcdef0";
        let answer = ec2.ask(&format!("Action=RunInstances&ImageId={image}&InstanceType={kind}&MinCount=1&MaxCount=1"));
        assert_eq!(texts(&answer, "imageId"), [image]);
        assert_eq!(texts(&answer, "architecture"), [architecture]);
    }
    let malformed = "Action=RunInstances&ImageId=ami-x&InstanceType=t3.micro&MinCount=1&MaxCount=1";
    assert_eq!(ec2.code(malformed), "InvalidAMIID.Malformed");
    assert_eq!(ec2.code("Action=DescribeImages&ImageId.1=ami-0123456789abcdef0"), "InvalidAMIID.NotFound");
}
