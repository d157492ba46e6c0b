//! IPv6 addresses, prefixes and attributes of network interfaces by the words of EC2's refusals.
//!
//! Sources as in ec2-errors.md: Se and Sf raw captures, B the EC2 API reference, owner/repo#n an issue that quotes EC2, k believed.

use vpcrun_emulator::TransitionTimes;

use crate::support::{Ec2, Names, Refused};

const VALUE: &str = "InvalidParameterValue";
const COMBINATION: &str = "InvalidParameterCombination";

/// A dual-stack subnet, an IPv4 and an IPv6 one, with interfaces that hold an address and prefixes.
fn fixture() -> (Ec2, Names) {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let mut names = Names::default();
    let vpc = ec2.get("Action=CreateVpc&CidrBlock=10.5.0.0/16&AmazonProvidedIpv6CidrBlock=true", "vpcId");
    let subnet = |blocks: &str| ec2.get(&format!("Action=CreateSubnet&VpcId={vpc}{blocks}"), "subnetId");
    let dual = names.put("subnet", subnet("&CidrBlock=10.5.0.0/24&Ipv6CidrBlock=2001:db8:0:100::/64"));
    let ipv4 = names.put("ipv4_subnet", subnet("&CidrBlock=10.5.1.0/28"));
    let native = names.put("native", subnet("&Ipv6Native=true&Ipv6CidrBlock=2001:db8:0:101::/64"));
    let eni = |subnet: &str, more: &str| {
        ec2.get(&format!("Action=CreateNetworkInterface&SubnetId={subnet}{more}"), "networkInterfaceId")
    };
    names.put("eni", eni(&dual, "&Ipv6Addresses.1.Ipv6Address=2001:db8:0:100::99&EnablePrimaryIpv6=true"));
    names.put("other", eni(&dual, "&Ipv4Prefix.1.Ipv4Prefix=10.5.0.32/28&Ipv6AddressCount=0"));
    names.put("ipv4_eni", eni(&ipv4, ""));
    names.put("native_eni", eni(&native, ""));
    let attached = eni(&dual, "&Ipv6AddressCount=2");
    names.put("attached", attached.clone());
    ec2.run(&format!("&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.NetworkInterfaceId={attached}"));
    (ec2, names)
}

#[test]
fn ipv6_and_prefixes() {
    let (ec2, names) = fixture();
    ec2.refuses_all(&names, IPV6);
    ec2.refuses_all(&names, PREFIXES);
}

const IPV6: &[Refused] = &[
    (
        "AssignIpv6Addresses&NetworkInterfaceId=eni-00000001&Ipv6AddressCount=1",
        "InvalidNetworkInterfaceID.NotFound",
        "The networkInterface ID 'eni-00000001' does not exist",
        "Se",
    ),
    (
        "AssignIpv6Addresses&NetworkInterfaceId={eni}",
        "InvalidParameter",
        "One of ipv6AddressSet or ipv6AddressCount or ipv6PrefixSet or ipv6PrefixCount must be specified.",
        "Se, for IPv4",
    ),
    (
        "AssignIpv6Addresses&NetworkInterfaceId={eni}&Ipv6AddressCount=1&Ipv6Addresses.1=2001:db8:0:100::1:1",
        COMBINATION,
        "Only one of ipv6AddressSet or ipv6AddressCount may be specified.",
        "B; message k",
    ),
    (
        "AssignIpv6Addresses&NetworkInterfaceId={eni}&Ipv6PrefixCount=1&Ipv6Prefix.1=2001:db8:0:100:9::/80",
        COMBINATION,
        "Only one of ipv6PrefixSet or ipv6PrefixCount may be specified.",
        "B; message k",
    ),
    (
        "AssignIpv6Addresses&NetworkInterfaceId={eni}&Ipv6Addresses.1=10.5.0.9",
        VALUE,
        "invalid value for parameter ipv6-address: 10.5.0.9",
        "Se, for IPv4",
    ),
    (
        "AssignIpv6Addresses&NetworkInterfaceId={eni}&Ipv6Addresses.1=2001:db8:0:101::9",
        VALUE,
        "Address does not fall within the subnet's address range",
        "Se, for IPv4",
    ),
    (
        "AssignIpv6Addresses&NetworkInterfaceId={eni}&Ipv6Addresses.1=2001:db8:0:100::3",
        VALUE,
        "Address 2001:db8:0:100::3 is in subnet's reserved range.",
        "Se, for IPv4",
    ),
    (
        "AssignIpv6Addresses&NetworkInterfaceId={other}&Ipv6Addresses.1=2001:db8:0:100::99",
        VALUE,
        "[2001:db8:0:100::99] assigned, but move is not allowed.",
        "Se, for IPv4",
    ),
    (
        "AssignIpv6Addresses&NetworkInterfaceId={ipv4_eni}&Ipv6AddressCount=1",
        VALUE,
        "The subnet '{ipv4_subnet}' does not have an IPv6 CIDR block associated with it.",
        "k",
    ),
    (
        "AssignIpv6Addresses&NetworkInterfaceId={attached}&Ipv6AddressCount=1",
        "Ipv6AddressLimitExceeded",
        "{attached}: Number of IPv6 addresses will exceed limit.",
        "#10263391364, for IPv4",
    ),
    (
        "UnassignIpv6Addresses&NetworkInterfaceId={eni}&Ipv6Addresses.1=2001:db8:0:100::98",
        VALUE,
        "Some of the specified addresses are not assigned to interface {eni}",
        "Se, for IPv4",
    ),
    (
        "UnassignIpv6Addresses&NetworkInterfaceId={eni}&Ipv6Addresses.1=2001:db8:0:100::99",
        VALUE,
        "Value (2001:db8:0:100::99) for parameter ipv6Addresses is invalid. The primary IPv6 address of an interface cannot be \
         unassigned.",
        "Se, for IPv4",
    ),
    (
        "UnassignIpv6Addresses&NetworkInterfaceId={eni}",
        "MissingParameter",
        "The request must contain the parameter ipv6Addresses",
        "Sk, for another parameter",
    ),
    (
        "CreateNetworkInterface&SubnetId={subnet}&Ipv6Addresses.1.Ipv6Address=2001:db8:0:100::99",
        "InvalidIPAddress.InUse",
        "The specified address is already in use.",
        "Se, for IPv4",
    ),
    (
        "CreateNetworkInterface&SubnetId={ipv4_subnet}&Ipv6AddressCount=1",
        VALUE,
        "The subnet '{ipv4_subnet}' does not have an IPv6 CIDR block associated with it.",
        "k",
    ),
    (
        "CreateNetworkInterface&SubnetId={subnet}&Ipv6AddressCount=1&Ipv6PrefixCount=1",
        COMBINATION,
        "Only one of IPv6 addresses, IPv6 address count, IPv6 prefixes or IPv6 prefix count may be specified on the same \
         request",
        "B; message k",
    ),
    (
        "CreateNetworkInterface&SubnetId={native}&PrivateIpAddress=10.5.0.9",
        VALUE,
        "The subnet '{native}' is IPv6 only and has no IPv4 addresses.",
        "k",
    ),
    (
        "CreateNetworkInterface&SubnetId={ipv4_subnet}&EnablePrimaryIpv6=true",
        VALUE,
        "A primary IPv6 address requires an IPv6 address on the network interface.",
        "B; message k",
    ),
];

const PREFIXES: &[Refused] = &[
    (
        "CreateNetworkInterface&SubnetId={subnet}&Ipv4PrefixCount=1&SecondaryPrivateIpAddressCount=1",
        COMBINATION,
        "Only one of IPv4 addresses, IPv4 address count, IPv4 prefixes or IPv4 prefix count may be specified on the same \
         request",
        "B; message k",
    ),
    (
        "CreateNetworkInterface&SubnetId={subnet}&Ipv4Prefix.1.Ipv4Prefix=10.5.0.0/27",
        VALUE,
        "invalid value for parameter ipv4-prefix: 10.5.0.0/27",
        "Se, for an address",
    ),
    (
        "CreateNetworkInterface&SubnetId={subnet}&Ipv4Prefix.1.Ipv4Prefix=10.5.2.0/28",
        VALUE,
        "Prefix 10.5.2.0/28 does not fall within the subnet's address range",
        "Se, for an address",
    ),
    (
        "CreateNetworkInterface&SubnetId={subnet}&Ipv4Prefix.1.Ipv4Prefix=10.5.0.32/28",
        "InvalidIPAddress.InUse",
        "The specified address is already in use.",
        "Se, for an address",
    ),
    (
        "CreateNetworkInterface&SubnetId={subnet}&PrivateIpAddress=10.5.0.40",
        "InvalidIPAddress.InUse",
        "The specified address is already in use.",
        "Se",
    ),
    (
        "AssignPrivateIpAddresses&NetworkInterfaceId={ipv4_eni}&Ipv4PrefixCount=1",
        "InsufficientCidrBlocks",
        "The specified subnet does not have enough free cidr blocks to satisfy the request.",
        "aws/amazon-vpc-cni-k8s#1836",
    ),
    (
        "AssignPrivateIpAddresses&NetworkInterfaceId={eni}&Ipv4PrefixCount=1&Ipv4Prefix.1=10.5.0.48/28",
        COMBINATION,
        "Only one of ipv4PrefixSet or ipv4PrefixCount may be specified.",
        "B; message k",
    ),
    (
        "AssignPrivateIpAddresses&NetworkInterfaceId={native_eni}&SecondaryPrivateIpAddressCount=1",
        VALUE,
        "The subnet '{native}' is IPv6 only and has no IPv4 addresses.",
        "k",
    ),
    (
        "UnassignPrivateIpAddresses&NetworkInterfaceId={eni}&Ipv4Prefix.1=10.5.0.32/28",
        VALUE,
        "Some of the specified prefixes are not assigned to interface {eni}",
        "Se, for an address",
    ),
    (
        "UnassignIpv6Addresses&NetworkInterfaceId={eni}&Ipv6Prefix.1=2001:db8:0:100:9::/80",
        VALUE,
        "Some of the specified prefixes are not assigned to interface {eni}",
        "Se, for an address",
    ),
];

#[test]
fn attributes() {
    let (ec2, names) = fixture();
    ec2.refuses_all(&names, ATTRIBUTES);
}

const ATTRIBUTES: &[Refused] = &[
    (
        "CreateNetworkInterface&SubnetId={subnet}&ConnectionTrackingSpecification.UdpTimeout=20",
        VALUE,
        "Value (20) for parameter UdpTimeout is invalid. The value must be between 30 and 60.",
        "B; message k",
    ),
    (
        "CreateNetworkInterface&SubnetId={subnet}&InterfaceType=lambda",
        VALUE,
        "1 validation error detected: Value 'lambda' at 'interfaceType' failed to satisfy constraint: Member must satisfy enum \
         value set: [interface, efa, efa-only, branch, trunk]",
        "B; Sk, for another member",
    ),
    (
        "CreateNetworkInterface&SubnetId={subnet}&InterfaceType=efa-only",
        "UnsupportedOperation",
        "EFA-only network interfaces are not supported.",
        "the emulator's own",
    ),
    (
        "CreateNetworkInterface&SubnetId={subnet}&Operator.Principal=a",
        "UnsupportedOperation",
        "The operator parameter is reserved for internal use.",
        "B; message k",
    ),
    (
        "ModifyNetworkInterfaceAttribute&NetworkInterfaceId={eni}&EnablePrimaryIpv6=false",
        VALUE,
        "The primary IPv6 address of a network interface cannot be disabled.",
        "B; message k",
    ),
    (
        "ModifyNetworkInterfaceAttribute&NetworkInterfaceId={ipv4_eni}&EnablePrimaryIpv6=true",
        VALUE,
        "A primary IPv6 address requires an IPv6 address on the network interface.",
        "B; message k",
    ),
    (
        "ModifyNetworkInterfaceAttribute&NetworkInterfaceId={eni}&EnaSrdSpecification.EnaSrdEnabled=true",
        "UnsupportedOperation",
        "ENA Express is not supported for this network interface.",
        "the emulator's own",
    ),
    (
        "ModifyNetworkInterfaceAttribute&NetworkInterfaceId={eni}&AssociatedSubnetId.1={subnet}",
        "UnsupportedOperation",
        "Associated subnets are not supported for this network interface.",
        "the emulator's own",
    ),
    (
        "ModifyNetworkInterfaceAttribute&NetworkInterfaceId={eni}&AssociatePublicIpAddress=true&Description.Value=a",
        COMBINATION,
        "Fields for multiple attribute types specified: description, associatePublicIpAddress",
        "Se",
    ),
    ("ResetNetworkInterfaceAttribute&NetworkInterfaceId={eni}", COMBINATION, "No attributes specified.", "Se"),
    (
        "ResetNetworkInterfaceAttribute&NetworkInterfaceId={eni}&SourceDestCheck=no&DryRun=true",
        VALUE,
        "Invalid value 'no' for sourceDestCheck.",
        "Se; message k",
    ),
    (
        "ResetNetworkInterfaceAttribute&NetworkInterfaceId=eni-00000001&SourceDestCheck=true",
        "InvalidNetworkInterfaceID.NotFound",
        "The networkInterface ID 'eni-00000001' does not exist",
        "Se",
    ),
];
