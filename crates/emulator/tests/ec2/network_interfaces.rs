//! Network interfaces: IPv6 addresses, prefixes, attributes, and what a launch makes of them.

use vpcrun_emulator::TransitionTimes;

use crate::support::{Ec2, first, texts};

struct Fixture {
    ec2: Ec2,
    subnet: String,
}

impl Fixture {
    fn new() -> Self {
        let ec2 = Ec2::new(TransitionTimes::Instant);
        let vpc = ec2.get("Action=CreateVpc&CidrBlock=10.5.0.0/16&AmazonProvidedIpv6CidrBlock=true", "vpcId");
        let subnet = ec2.get(
            &format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.5.0.0/24&Ipv6CidrBlock=2001:db8:0:100::/64"),
            "subnetId",
        );
        Self { ec2, subnet }
    }

    fn create(&self, more: &str) -> String {
        self.ec2.ask(&format!("Action=CreateNetworkInterface&SubnetId={}{more}", self.subnet))
    }

    fn describe(&self, id: &str) -> String {
        self.ec2.ask(&format!("Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={id}"))
    }
}

fn id(answer: &str) -> String {
    first(answer, "networkInterfaceId").expect("an id")
}

/// The IPv6 addresses in an interface's set.
fn ipv6(answer: &str) -> Vec<String> {
    texts(&first(answer, "ipv6AddressesSet").unwrap_or_default(), "ipv6Address")
}

#[test]
fn ipv6_addresses_are_chosen_counted_and_returned() {
    let at = Fixture::new();
    let eni = at.create("&Ipv6Addresses.1.Ipv6Address=2001:db8:0:100::99");
    assert_eq!(ipv6(&eni), ["2001:db8:0:100::99"]);
    let eni = id(&at.create("&Ipv6AddressCount=2"));
    assert_eq!(ipv6(&at.describe(&eni)), ["2001:db8:0:100::4", "2001:db8:0:100::5"]);

    let assign = format!("Action=AssignIpv6Addresses&NetworkInterfaceId={eni}");
    let assigned = at.ec2.ask(&format!("{assign}&Ipv6Addresses.1=2001:db8:0:100::77"));
    assert!(first(&assigned, "assignedIpv6Addresses").expect("a list").contains("2001:db8:0:100::77"));
    at.ec2.ask(&format!("{assign}&Ipv6AddressCount=1"));
    assert_eq!(ipv6(&at.describe(&eni)).len(), 4);
    let by_address = "Action=DescribeNetworkInterfaces&Filter.1.Name=ipv6-addresses.ipv6-address\
                      &Filter.1.Value.1=2001:db8:0:100::77";
    assert_eq!(at.ec2.get(by_address, "networkInterfaceId"), eni);
    let gone = at.ec2.ask(&format!(
        "Action=UnassignIpv6Addresses&NetworkInterfaceId={eni}&Ipv6Addresses.1=2001:db8:0:100::4\
         &Ipv6Addresses.2=2001:db8:0:100::77"
    ));
    assert!(first(&gone, "unassignedIpv6Addresses").expect("a list").contains("2001:db8:0:100::4<"));
    assert_eq!(ipv6(&at.describe(&eni)), ["2001:db8:0:100::5", "2001:db8:0:100::6"]);
}

#[test]
fn a_subnet_assigns_ipv6_unless_told_otherwise() {
    let at = Fixture::new();
    at.ec2.ask(&format!("Action=ModifySubnetAttribute&SubnetId={}&AssignIpv6AddressOnCreation.Value=true", at.subnet));
    assert_eq!(ipv6(&at.create("")).len(), 1);
    assert!(ipv6(&at.create("&Ipv6AddressCount=0")).is_empty());
    let instance = at.ec2.run(&format!("&SubnetId={}", at.subnet));
    let shown = at.ec2.ask(&format!("Action=DescribeInstances&InstanceId.1={instance}"));
    assert_eq!(ipv6(&shown), ["2001:db8:0:100::5"]);
}

#[test]
fn prefixes_are_delegated_and_counted() {
    let at = Fixture::new();
    let eni = id(&at.create("&Ipv4Prefix.1.Ipv4Prefix=10.5.0.32/28&Ipv6Prefix.1.Ipv6Prefix=2001:db8:0:100:7::/80"));
    let assigned = at.ec2.ask(&format!(
        "Action=AssignPrivateIpAddresses&NetworkInterfaceId={eni}&Ipv4PrefixCount=1&SecondaryPrivateIpAddressCount=1"
    ));
    assert_eq!(first(&assigned, "ipv4Prefix").as_deref(), Some("10.5.0.16/28"));
    assert_eq!(first(&assigned, "privateIpAddress").as_deref(), Some("10.5.0.5"));
    let more = format!("Action=AssignIpv6Addresses&NetworkInterfaceId={eni}&Ipv6PrefixCount=1");
    assert!(first(&at.ec2.ask(&more), "assignedIpv6PrefixSet").expect("a list").contains("2001:db8:0:100:1::/80"));
    let shown = at.describe(&eni);
    assert_eq!(texts(&shown, "ipv4Prefix"), ["10.5.0.32/28", "10.5.0.16/28"]);
    assert_eq!(texts(&shown, "ipv6Prefix"), ["2001:db8:0:100:7::/80", "2001:db8:0:100:1::/80"]);
    let free = format!("Action=DescribeSubnets&SubnetId.1={}", at.subnet);
    assert_eq!(at.ec2.get(&free, "availableIpAddressCount"), (251 - 2 - 32).to_string());

    at.ec2.ask(&format!(
        "Action=UnassignPrivateIpAddresses&NetworkInterfaceId={eni}&Ipv4Prefix.1=10.5.0.32/28&PrivateIpAddress.1=10.5.0.5"
    ));
    at.ec2.ask(&format!("Action=UnassignIpv6Addresses&NetworkInterfaceId={eni}&Ipv6Prefix.1=2001:db8:0:100:1::/80"));
    assert_eq!(at.ec2.get(&free, "availableIpAddressCount"), (251 - 1 - 16).to_string());
}

#[test]
fn a_primary_ipv6_address_stays() {
    let at = Fixture::new();
    let eni = id(&at.create("&Ipv6AddressCount=1"));
    let modify = format!("Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId={eni}");
    at.ec2.ask(&format!("{modify}&EnablePrimaryIpv6=true"));
    assert_eq!(first(&at.describe(&eni), "isPrimaryIpv6").as_deref(), Some("true"));
    let unassign = format!("Action=UnassignIpv6Addresses&NetworkInterfaceId={eni}&Ipv6Addresses.1=2001:db8:0:100::4");
    assert_eq!(at.ec2.code(&unassign), "InvalidParameterValue");
}

#[test]
fn attributes_are_changed_one_by_one_and_reset() {
    let at = Fixture::new();
    let made = at.create(
        "&Description=one&InterfaceType=efa&ConnectionTrackingSpecification.TcpEstablishedTimeout=600&ClientToken=once",
    );
    let eni = id(&made);
    assert_eq!(first(&made, "interfaceType").as_deref(), Some("efa"));
    assert_eq!(first(&made, "clientToken").as_deref(), Some("once"));
    let modify = format!("Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId={eni}");
    at.ec2.ask(&format!("{modify}&SourceDestCheck.Value=false"));
    at.ec2.ask(&format!("{modify}&Description.Value=two"));
    at.ec2.ask(&format!("{modify}&ConnectionTrackingSpecification.UdpTimeout=45"));
    let shown = at.describe(&eni);
    assert_eq!(first(&shown, "sourceDestCheck").as_deref(), Some("false"));
    assert_eq!(first(&shown, "description").as_deref(), Some("two"));
    assert_eq!(first(&shown, "tcpEstablishedTimeout").as_deref(), Some("600"));
    assert_eq!(first(&shown, "udpTimeout").as_deref(), Some("45"));
    let reset = format!("Action=ResetNetworkInterfaceAttribute&NetworkInterfaceId={eni}&SourceDestCheck=true");
    at.ec2.ask(&reset);
    assert_eq!(first(&at.describe(&eni), "sourceDestCheck").as_deref(), Some("true"));
    at.ec2.ask(&format!("{modify}&AssociatePublicIpAddress=true"));
    let attribute =
        format!("Action=DescribeNetworkInterfaceAttribute&NetworkInterfaceId={eni}&Attribute=associatePublicIpAddress");
    assert_eq!(at.ec2.get(&attribute, "associatePublicIpAddress"), "true");
}

#[test]
fn a_launch_asks_for_ipv6_and_prefixes() {
    let at = Fixture::new();
    let subnet = &at.subnet;
    let counted = at.ec2.run(&format!("&SubnetId={subnet}&Ipv6AddressCount=1"));
    let named = at.ec2.run(&format!("&SubnetId={subnet}&Ipv6Address.1.Ipv6Address=2001:db8:0:100::aa"));
    let detailed = at.ec2.run(&format!(
        "&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId={subnet}&NetworkInterface.1.Ipv6AddressCount=1\
         &NetworkInterface.1.Ipv4PrefixCount=1&NetworkInterface.1.PrimaryIpv6=true"
    ));
    let shown = |instance: &str| at.ec2.ask(&format!("Action=DescribeInstances&InstanceId.1={instance}"));
    assert_eq!(ipv6(&shown(&counted)), ["2001:db8:0:100::4"]);
    assert_eq!(ipv6(&shown(&named)), ["2001:db8:0:100::aa"]);
    for filter in ["ipv6-address", "network-interface.ipv6-addresses.ipv6-address"] {
        let find = format!("Action=DescribeInstances&Filter.1.Name={filter}&Filter.1.Value.1=2001:db8:0:100::aa");
        assert_eq!(at.ec2.all(&find, "instanceId").first(), Some(&named), "{filter}");
    }
    let detailed = shown(&detailed);
    assert_eq!(first(&detailed, "isPrimaryIpv6").as_deref(), Some("true"));
    assert_eq!(first(&detailed, "ipv4Prefix").as_deref(), Some("10.5.0.16/28"));
}
