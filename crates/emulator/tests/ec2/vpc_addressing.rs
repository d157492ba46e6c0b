//! VPC and subnet CIDR blocks, IPv6, default VPCs, DHCP options and egress-only gateways: made, shown, changed and taken away.

use std::collections::BTreeSet;

use vpcrun_emulator::{Options, TransitionTimes, World};

use crate::support::{Ec2, first, texts};

fn new_vpc(ec2: &Ec2, more: &str) -> String {
    ec2.get(&format!("Action=CreateVpc&CidrBlock=10.5.0.0/16{more}"), "vpcId")
}

fn routes(ec2: &Ec2, vpc: &str, element: &str) -> Vec<String> {
    ec2.all(&format!("Action=DescribeRouteTables&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}"), element)
}

#[test]
fn a_secondary_block_brings_its_route_and_takes_it_along() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let vpc = new_vpc(&ec2, "");
    ec2.ask(&format!("Action=CreateRouteTable&VpcId={vpc}"));
    let made = ec2.ask(&format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=100.64.0.9/16"));
    let association = first(&made, "associationId").expect("an association");
    assert_eq!(first(&made, "state").as_deref(), Some("associating"));
    assert_eq!(first(&made, "cidrBlock").as_deref(), Some("100.64.0.0/16"));

    let described = ec2.ask(&format!("Action=DescribeVpcs&VpcId.1={vpc}"));
    assert_eq!(texts(&described, "state"), ["available", "associated", "associated"]);
    assert_eq!(texts(&described, "cidrBlock"), ["10.5.0.0/16", "10.5.0.0/16", "100.64.0.0/16"]);
    let by_block = "Action=DescribeVpcs&Filter.1.Name=cidr-block-association.cidr-block&Filter.1.Value.1=100.64.0.0/16";
    assert_eq!(ec2.all(by_block, "vpcId"), std::slice::from_ref(&vpc));
    let both = ["100.64.0.0/16", "10.5.0.0/16", "100.64.0.0/16", "10.5.0.0/16"];
    assert_eq!(routes(&ec2, &vpc, "destinationCidrBlock"), both);
    // A table that comes later has both routes too.
    let later = ec2.ask(&format!("Action=CreateRouteTable&VpcId={vpc}"));
    assert_eq!(texts(&later, "destinationCidrBlock"), both[..2]);

    let subnet = ec2.get(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=100.64.3.0/24"), "subnetId");
    let remove = format!("Action=DisassociateVpcCidrBlock&AssociationId={association}");
    assert_eq!(ec2.code(&remove), "InvalidCidrBlock.InUse");
    ec2.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}"));
    assert_eq!(ec2.get(&remove, "state"), "disassociating");
    assert_eq!(routes(&ec2, &vpc, "destinationCidrBlock"), ["10.5.0.0/16"; 3]);
    assert_eq!(ec2.code(&remove), "InvalidVpcCidrBlockAssociationID.NotFound");
}

#[test]
fn amazon_provides_each_vpc_a_block_of_its_own() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let made = ec2.ask("Action=CreateVpc&CidrBlock=10.5.0.0/16&AmazonProvidedIpv6CidrBlock=true");
    assert_eq!(first(&made, "ipv6CidrBlock").as_deref(), Some("2001:db8:0:100::/56"));
    let vpc = first(&made, "vpcId").expect("an id");
    assert_eq!(routes(&ec2, &vpc, "destinationIpv6CidrBlock"), ["2001:db8:0:100::/56"]);
    let described = ec2.ask(&format!("Action=DescribeVpcs&VpcId.1={vpc}"));
    assert_eq!(first(&described, "ipv6Pool").as_deref(), Some("Amazon"));
    assert_eq!(first(&described, "networkBorderGroup").as_deref(), Some("ap-northeast-1"));
    assert_eq!(first(&described, "ipSource").as_deref(), Some("amazon"));

    // In another region the next one.
    let oregon = ec2.in_region("us-west-2");
    let other = oregon.get("Action=CreateVpc&CidrBlock=10.5.0.0/16", "vpcId");
    let add = format!("Action=AssociateVpcCidrBlock&VpcId={other}&AmazonProvidedIpv6CidrBlock=true");
    let added = oregon.ask(&add);
    assert_eq!(first(&added, "ipv6CidrBlock").as_deref(), Some("2001:db8:0:200::/56"));
    assert_eq!(oregon.code(&add), "CidrLimitExceeded");
    let association = first(&added, "associationId").expect("an association");
    oregon.ask(&format!("Action=DisassociateVpcCidrBlock&AssociationId={association}"));
    assert!(routes(&oregon, &other, "destinationIpv6CidrBlock").is_empty());
    assert!(oregon.all(&format!("Action=DescribeVpcs&VpcId.1={other}"), "ipv6CidrBlock").is_empty());
}

#[test]
fn subnets_have_ipv6_beside_ipv4_or_alone() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let vpc = new_vpc(&ec2, "&AmazonProvidedIpv6CidrBlock=true");
    let dual =
        ec2.ask(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.5.0.0/24&Ipv6CidrBlock=2001:db8:0:100::/64"));
    let subnet = first(&dual, "subnetId").expect("an id");
    assert_eq!(first(&dual, "assignIpv6AddressOnCreation").as_deref(), Some("false"));
    let association = first(&dual, "associationId").expect("an association");
    let by_block = "Action=DescribeSubnets&Filter.1.Name=ipv6-cidr-block-association.ipv6-cidr-block\
                    &Filter.1.Value.1=2001:db8:0:100::/64";
    assert_eq!(ec2.all(by_block, "subnetId"), std::slice::from_ref(&subnet));

    let modify = format!("Action=ModifySubnetAttribute&SubnetId={subnet}&AssignIpv6AddressOnCreation.Value=");
    ec2.ask(&format!("{modify}true"));
    let remove = format!("Action=DisassociateSubnetCidrBlock&AssociationId={association}");
    assert_eq!(ec2.code(&remove), "InvalidCidrBlock.InUse");
    ec2.ask(&format!("{modify}false"));
    assert_eq!(ec2.get(&remove, "state"), "disassociating");
    let add = format!("Action=AssociateSubnetCidrBlock&SubnetId={subnet}&Ipv6CidrBlock=2001:db8:0:101::/64");
    assert_eq!(ec2.get(&add, "ipv6CidrBlock"), "2001:db8:0:101::/64");

    let native = ec2.ask(&format!("Action=CreateSubnet&VpcId={vpc}&Ipv6Native=true&Ipv6CidrBlock=2001:db8:0:1ff::/64"));
    let native_id = first(&native, "subnetId").expect("an id");
    assert_eq!(first(&native, "cidrBlock"), None);
    assert_eq!(first(&native, "availableIpAddressCount").as_deref(), Some("0"));
    assert_eq!(first(&native, "hostnameType").as_deref(), Some("resource-name"));
    let eni = ec2.ask(&format!("Action=CreateNetworkInterface&SubnetId={native_id}"));
    assert_eq!(first(&eni, "privateIpAddress"), None);
    assert_eq!(first(&eni, "ipv6Native").as_deref(), Some("true"));
    assert_eq!(texts(&eni, "ipv6Address").last().map(String::as_str), Some("2001:db8:0:1ff::4"));
    let instance = ec2.run(&format!("&SubnetId={native_id}"));
    let shown = ec2.ask(&format!("Action=DescribeInstances&InstanceId.1={instance}"));
    assert_eq!(first(&shown, "ipv6Address").as_deref(), Some("2001:db8:0:1ff::5"));
    assert_eq!(first(&shown, "privateIpAddress"), None);
    assert_eq!(first(&shown, "privateDnsName"), Some(format!("{instance}.ap-northeast-1.compute.internal")));
}

#[test]
fn a_default_vpc_and_its_subnets_come_back() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let find = "Action=DescribeVpcs&Filter.1.Name=is-default&Filter.1.Value.1=true";
    let vpc = ec2.get(find, "vpcId");
    let subnets = ec2.all(&format!("Action=DescribeSubnets&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}"), "subnetId");
    let gone = ec2.ask(&format!("Action=DescribeSubnets&SubnetId.1={}", subnets[0]));
    let (zone, block) = (first(&gone, "availabilityZone").expect("a zone"), first(&gone, "cidrBlock"));
    let again = format!("Action=CreateDefaultSubnet&AvailabilityZone={zone}");
    assert_eq!(ec2.code(&again), "DefaultSubnetAlreadyExistsInAvailabilityZone");
    ec2.ask(&format!("Action=DeleteSubnet&SubnetId={}", subnets[0]));
    let made = ec2.ask(&again);
    assert_eq!(first(&made, "defaultForAz").as_deref(), Some("true"));
    assert_eq!(first(&made, "mapPublicIpOnLaunch").as_deref(), Some("true"));
    assert_eq!(first(&made, "cidrBlock"), block);

    for subnet in subnets[1..].iter().chain([&first(&made, "subnetId").expect("an id")]) {
        ec2.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}"));
    }
    let gateway = ec2.get("Action=DescribeInternetGateways", "internetGatewayId");
    ec2.ask(&format!("Action=DetachInternetGateway&InternetGatewayId={gateway}&VpcId={vpc}"));
    assert_eq!(ec2.code("Action=CreateDefaultVpc"), "DefaultVpcAlreadyExists");
    ec2.ask(&format!("Action=DeleteVpc&VpcId={vpc}"));
    assert_eq!(ec2.code(&again), "DefaultVpcDoesNotExist");
    let made = ec2.ask("Action=CreateDefaultVpc");
    assert_eq!(first(&made, "isDefault").as_deref(), Some("true"));
    assert_eq!(first(&made, "cidrBlock").as_deref(), Some("172.31.0.0/16"));
    let find = "Action=DescribeSubnets&Filter.1.Name=default-for-az&Filter.1.Value.1=true";
    let blocks: BTreeSet<String> = ec2.all(find, "cidrBlock").into_iter().collect();
    assert!(blocks.iter().eq(["172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20", "172.31.48.0/20"]), "{blocks:?}");
}

#[test]
fn tenancy_goes_from_dedicated_to_default() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let vpc = new_vpc(&ec2, "&InstanceTenancy=dedicated");
    ec2.ask(&format!("Action=ModifyVpcTenancy&VpcId={vpc}&InstanceTenancy=default"));
    assert_eq!(ec2.get(&format!("Action=DescribeVpcs&VpcId.1={vpc}"), "instanceTenancy"), "default");
}

#[test]
fn reservations_keep_their_addresses() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let vpc = new_vpc(&ec2, "&AmazonProvidedIpv6CidrBlock=true");
    let subnet = ec2.get(
        &format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.5.0.0/24&Ipv6CidrBlock=2001:db8:0:100::/64"),
        "subnetId",
    );
    let reserve = format!("Action=CreateSubnetCidrReservation&SubnetId={subnet}");
    let made = ec2.ask(&format!(
        "{reserve}&Cidr=10.5.0.0/28&ReservationType=explicit&Description=mine\
         &TagSpecification.1.ResourceType=subnet-cidr-reservation&TagSpecification.1.Tag.1.Key=Name\
         &TagSpecification.1.Tag.1.Value=low"
    ));
    let id = first(&made, "subnetCidrReservationId").expect("an id");
    assert!(id.starts_with("scr-"));
    ec2.ask(&format!("{reserve}&Cidr=10.5.0.128/26&ReservationType=prefix"));
    ec2.ask(&format!("{reserve}&Cidr=2001:db8:0:100:5::/80&ReservationType=prefix"));

    let get = format!("Action=GetSubnetCidrReservations&SubnetId={subnet}");
    let all = ec2.ask(&get);
    let (ipv4, ipv6) = all.split_once("<subnetIpv6CidrReservationSet>").expect("both families");
    assert_eq!((texts(ipv4, "cidr").len(), texts(ipv6, "cidr")), (2, vec!["2001:db8:0:100:5::/80".to_owned()]));
    let named = format!("{get}&Filter.1.Name=tag:Name&Filter.1.Value.1=low");
    assert_eq!(ec2.all(&named, "cidr"), ["10.5.0.0/28"]);
    let prefixes = format!("{get}&Filter.1.Name=reservationType&Filter.1.Value.1=prefix");
    assert_eq!(ec2.all(&prefixes, "cidr").len(), 2);

    let eni = ec2.ask(&format!("Action=CreateNetworkInterface&SubnetId={subnet}&Ipv4PrefixCount=1&Ipv6PrefixCount=1"));
    assert_eq!(first(&eni, "privateIpAddress").as_deref(), Some("10.5.0.16"));
    assert_eq!(first(&eni, "ipv4Prefix").as_deref(), Some("10.5.0.128/28"));
    assert_eq!(first(&eni, "ipv6Prefix").as_deref(), Some("2001:db8:0:100:5::/80"));
    // Who asks for a reserved address gets it.
    ec2.ask(&format!("Action=CreateNetworkInterface&SubnetId={subnet}&PrivateIpAddress=10.5.0.9"));
    let free = format!("Action=DescribeSubnets&SubnetId.1={subnet}");
    assert_eq!(ec2.get(&free, "availableIpAddressCount"), (251 - 1 - 16 - 1).to_string());

    let deleted = ec2.ask(&format!("Action=DeleteSubnetCidrReservation&SubnetCidrReservationId={id}"));
    assert_eq!(first(&deleted, "description").as_deref(), Some("mine"));
    let eni = ec2.ask(&format!("Action=CreateNetworkInterface&SubnetId={subnet}"));
    assert_eq!(first(&eni, "privateIpAddress").as_deref(), Some("10.5.0.4"));
}

#[test]
fn an_empty_subnet_goes_with_its_reservations() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let vpc = new_vpc(&ec2, "");
    let subnet = ec2.get(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.5.0.0/24"), "subnetId");
    let reserve =
        format!("Action=CreateSubnetCidrReservation&SubnetId={subnet}&Cidr=10.5.0.0/28&ReservationType=explicit");
    let id = ec2.get(&reserve, "subnetCidrReservationId");
    ec2.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}"));
    let delete = format!("Action=DeleteSubnetCidrReservation&SubnetCidrReservationId={id}");
    assert_eq!(ec2.code(&delete), "InvalidSubnetCidrReservationID.NotFound");
}

#[test]
fn dhcp_options_are_associated_and_released() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let vpc = new_vpc(&ec2, "");
    let standard = ec2.get(&format!("Action=DescribeVpcs&VpcId.1={vpc}"), "dhcpOptionsId");
    let made = ec2.ask(
        "Action=CreateDhcpOptions&DhcpConfiguration.1.Key=domain-name&DhcpConfiguration.1.Value.1=example.com\
         &DhcpConfiguration.2.Key=domain-name-servers&DhcpConfiguration.2.Value.1=10.5.0.5,10.5.0.6\
         &DhcpConfiguration.3.Key=ntp-servers&DhcpConfiguration.3.Value.1=10.5.0.7&DhcpConfiguration.3.Value.2=2001:db8::1\
         &DhcpConfiguration.4.Key=netbios-node-type&DhcpConfiguration.4.Value.1=2",
    );
    let id = first(&made, "dhcpOptionsId").expect("an id");
    assert_eq!(texts(&made, "value"), ["example.com", "10.5.0.5", "10.5.0.6", "10.5.0.7", "2001:db8::1", "2"]);
    let by_value = "Action=DescribeDhcpOptions&Filter.1.Name=value&Filter.1.Value.1=10.5.0.6";
    assert_eq!(ec2.get(by_value, "dhcpOptionsId"), id);

    ec2.ask(&format!("Action=AssociateDhcpOptions&DhcpOptionsId={id}&VpcId={vpc}"));
    assert_eq!(ec2.get(&format!("Action=DescribeVpcs&VpcId.1={vpc}"), "dhcpOptionsId"), id);
    // A new VPC has AWS's set.
    let other = ec2.get("Action=CreateVpc&CidrBlock=10.6.0.0/16", "dhcpOptionsId");
    assert_eq!(other, standard);
    let delete = format!("Action=DeleteDhcpOptions&DhcpOptionsId={id}");
    assert_eq!(ec2.code(&delete), "DependencyViolation");
    ec2.ask(&format!("Action=AssociateDhcpOptions&DhcpOptionsId=default&VpcId={vpc}"));
    assert_eq!(ec2.get(&format!("Action=DescribeVpcs&VpcId.1={vpc}"), "dhcpOptionsId"), "default");
    let none = "Action=DescribeVpcs&Filter.1.Name=dhcp-options-id&Filter.1.Value.1=default";
    assert_eq!(ec2.get(none, "vpcId"), vpc);
    ec2.ask(&delete);
    assert_eq!(ec2.code(&format!("Action=DescribeDhcpOptions&DhcpOptionsId.1={id}")), "InvalidDhcpOptionID.NotFound");
}

#[test]
fn an_egress_only_gateway_leads_out_until_it_goes() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let vpc = new_vpc(&ec2, "&AmazonProvidedIpv6CidrBlock=true");
    let create = format!("Action=CreateEgressOnlyInternetGateway&VpcId={vpc}&ClientToken=once");
    let made = ec2.ask(&create);
    let gateway = first(&made, "egressOnlyInternetGatewayId").expect("an id");
    assert_eq!(first(&made, "state").as_deref(), Some("attached"));
    assert_eq!(first(&made, "clientToken").as_deref(), Some("once"));
    assert_eq!(ec2.get(&create, "egressOnlyInternetGatewayId"), gateway);
    let describe = "Action=DescribeEgressOnlyInternetGateways";
    assert_eq!(ec2.all(describe, "egressOnlyInternetGatewayId"), std::slice::from_ref(&gateway));

    let table =
        ec2.get(&format!("Action=DescribeRouteTables&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}"), "routeTableId");
    ec2.ask(&format!(
        "Action=CreateRoute&RouteTableId={table}&DestinationIpv6CidrBlock=::/0&EgressOnlyInternetGatewayId={gateway}"
    ));
    assert_eq!(ec2.code(&format!("Action=DeleteVpc&VpcId={vpc}")), "DependencyViolation");
    let delete = format!("Action=DeleteEgressOnlyInternetGateway&EgressOnlyInternetGatewayId={gateway}");
    assert_eq!(ec2.get(&delete, "returnCode"), "true");
    assert!(routes(&ec2, &vpc, "state").contains(&"blackhole".to_owned()));
    assert_eq!(ec2.code(&create), "IdempotentParameterMismatch");
    ec2.ask(&format!("Action=DeleteVpc&VpcId={vpc}"));
}

#[test]
fn a_world_keeps_blocks_reservations_and_options() {
    let folder = std::env::temp_dir().join(format!("vpcrun-addressing-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("world");
    let (options, clock): (Options, _) = Ec2::options(TransitionTimes::Instant);
    let world = World::open(&path, options.clone()).expect("opens");
    let ec2 = Ec2 { world, clock: clock.clone(), region: "ap-northeast-1" };
    let vpc = new_vpc(&ec2, "&AmazonProvidedIpv6CidrBlock=true");
    ec2.ask(&format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=10.6.0.0/16"));
    let subnet = ec2.get(
        &format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.6.0.0/24&Ipv6CidrBlock=2001:db8:0:100::/64"),
        "subnetId",
    );
    ec2.ask(&format!("Action=CreateSubnetCidrReservation&SubnetId={subnet}&Cidr=10.6.0.0/28&ReservationType=explicit"));
    ec2.ask(&format!(
        "Action=CreateNetworkInterface&SubnetId={subnet}&Ipv6AddressCount=2&Ipv4PrefixCount=1\
         &ConnectionTrackingSpecification.UdpTimeout=40"
    ));
    ec2.ask(&format!("Action=AssociateDhcpOptions&DhcpOptionsId=default&VpcId={vpc}"));
    ec2.ask(&format!("Action=CreateEgressOnlyInternetGateway&VpcId={vpc}"));
    let before = ec2.picture();
    drop(ec2);
    let ec2 = Ec2 { world: World::open(&path, options).expect("opens again"), clock, region: "ap-northeast-1" };
    assert_eq!(ec2.picture(), before);
    let next = ec2.get("Action=CreateVpc&CidrBlock=10.7.0.0/16&AmazonProvidedIpv6CidrBlock=true", "ipv6CidrBlock");
    assert_eq!(next, "2001:db8:0:200::/56");
    std::fs::remove_dir_all(&folder).expect("removes");
}

#[test]
fn groups_of_an_ipv6_vpc_let_ipv6_out() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let vpc = new_vpc(&ec2, "");
    let egress = |group: &str| {
        let rules = format!("Action=DescribeSecurityGroupRules&Filter.1.Name=group-id&Filter.1.Value.1={group}");
        ec2.all(&rules, "cidrIpv6")
    };
    let default =
        ec2.get(&format!("Action=DescribeSecurityGroups&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}"), "groupId");
    assert!(egress(&default).is_empty());
    ec2.ask(&format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true"));
    assert_eq!(egress(&default), ["::/0"]);
    let group = ec2.get(&format!("Action=CreateSecurityGroup&GroupName=a&GroupDescription=a&VpcId={vpc}"), "groupId");
    assert_eq!(egress(&group), ["::/0"]);
}
