//! Virtual private gateways, customer gateways and carrier gateways; route tables at gateways; routes of every kind.

use vpcrun_emulator::TransitionTimes;

use crate::support::{Ec2, Names, Network, Refused, first, texts};

const IPV: &str = "InvalidParameterValue";

fn main_table(ec2: &Ec2, vpc: &str) -> String {
    let filters =
        format!("Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}&Filter.2.Name=association.main&Filter.2.Value.1=true");
    ec2.get(&format!("Action=DescribeRouteTables&{filters}"), "routeTableId")
}

fn table(ec2: &Ec2, id: &str) -> String {
    ec2.ask(&format!("Action=DescribeRouteTables&RouteTableId.1={id}"))
}

/// Each route of a table as destination, target's element and state.
fn routes(ec2: &Ec2, id: &str) -> Vec<String> {
    let routes = first(&table(ec2, id), "routeSet").expect("routes");
    let row = |route: &String| {
        let text = |elements: &[&str]| elements.iter().find_map(|element| first(route, element)).unwrap_or_default();
        let destination = text(&["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"]);
        let target =
            text(&["gatewayId", "carrierGatewayId", "natGatewayId", "networkInterfaceId", "vpcPeeringConnectionId"]);
        format!("{destination} {target} {}", text(&["state"]))
    };
    texts(&routes, "item").iter().map(row).collect()
}

fn vpn_gateway(ec2: &Ec2) -> String {
    ec2.get("Action=CreateVpnGateway&Type=ipsec.1", "vpnGatewayId")
}

fn on_vpn(action: &str, gateway: &str, vpc: &str) -> String {
    format!("Action={action}VpnGateway&VpnGatewayId={gateway}&VpcId={vpc}")
}

#[test]
fn a_vpn_gateway_lives() {
    let ec2 = Ec2::new(TransitionTimes::AwsLike);
    let vpc = ec2.get("Action=CreateVpc&CidrBlock=10.0.0.0/16", "vpcId");
    let created = ec2.ask(
        "Action=CreateVpnGateway&Type=ipsec.1&AmazonSideAsn=65001&TagSpecification.1.ResourceType=vpn-gateway\
         &TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=office",
    );
    let id = first(&created, "vpnGatewayId").expect("an id");
    let expected = format!(
        "<vpnGateway><vpnGatewayId>{id}</vpnGatewayId><state>available</state><type>ipsec.1</type><attachments/>\
         <amazonSideAsn>65001</amazonSideAsn><tagSet><item><key>Name</key><value>office</value></item></tagSet></vpnGateway>"
    );
    assert!(created.contains(&expected), "{created}");
    assert_eq!(ec2.get(&on_vpn("Attach", &id, &vpc), "state"), "attaching");
    let attachment = || {
        let described = ec2.ask(&format!("Action=DescribeVpnGateways&VpnGatewayId.1={id}"));
        first(&described, "attachments").map(|text| (first(&text, "vpcId"), first(&text, "state")))
    };
    ec2.wait(15);
    assert_eq!(attachment(), Some((Some(vpc.clone()), Some("attached".to_owned()))));

    // Routes to it, and from it.
    let rtb = main_table(&ec2, &vpc);
    let propagate = |action: &str| format!("Action={action}VgwRoutePropagation&RouteTableId={rtb}&GatewayId={id}");
    ec2.ask(&propagate("Enable"));
    ec2.ask(&propagate("Enable"));
    let propagating = format!("<propagatingVgwSet><item><gatewayId>{id}</gatewayId></item></propagatingVgwSet>");
    assert!(table(&ec2, &rtb).contains(&propagating), "{}", table(&ec2, &rtb));
    ec2.ask(&propagate("Disable"));
    assert!(table(&ec2, &rtb).contains("<propagatingVgwSet/>"));
    ec2.ask(&propagate("Enable"));
    ec2.ask(&format!("Action=CreateRoute&RouteTableId={rtb}&DestinationCidrBlock=192.168.0.0/16&GatewayId={id}"));
    assert_eq!(routes(&ec2, &rtb), [format!("192.168.0.0/16 {id} active"), "10.0.0.0/16 local active".to_owned()]);

    assert_eq!(ec2.code(&format!("Action=DeleteVpc&VpcId={vpc}")), "DependencyViolation");
    assert_eq!(ec2.code(&format!("Action=DeleteVpnGateway&VpnGatewayId={id}")), "IncorrectState");
    ec2.ask(&on_vpn("Detach", &id, &vpc));
    assert_eq!(routes(&ec2, &rtb)[0], format!("192.168.0.0/16 {id} blackhole"));
    assert!(table(&ec2, &rtb).contains("<propagatingVgwSet/>"));
    ec2.wait(15);
    assert_eq!(attachment(), Some((Some(vpc.clone()), Some("detached".to_owned()))));
    ec2.ask(&on_vpn("Attach", &id, &vpc));
    assert_eq!(routes(&ec2, &rtb)[0], format!("192.168.0.0/16 {id} active"));
    ec2.wait(15);
    ec2.ask(&on_vpn("Detach", &id, &vpc));
    ec2.wait(15);
    ec2.ask(&format!("Action=DeleteVpnGateway&VpnGatewayId={id}"));
    assert_eq!(ec2.get(&format!("Action=DescribeVpnGateways&VpnGatewayId.1={id}"), "state"), "deleted");
    ec2.ask(&format!("Action=DeleteVpc&VpcId={vpc}"));
    ec2.wait(3_600);
    assert_eq!(ec2.code(&format!("Action=DescribeVpnGateways&VpnGatewayId.1={id}")), "InvalidVpnGatewayID.NotFound");
}

#[test]
fn customer_gateways_are_known_by_their_device() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let create = "Action=CreateCustomerGateway&Type=ipsec.1&IpAddress=203.0.113.12&BgpAsn=65534&DeviceName=router";
    let created = ec2.ask(create);
    let id = first(&created, "customerGatewayId").expect("an id");
    let expected = format!(
        "<customerGateway><customerGatewayId>{id}</customerGatewayId><state>available</state><type>ipsec.1</type>\
         <ipAddress>203.0.113.12</ipAddress><bgpAsn>65534</bgpAsn><deviceName>router</deviceName><tagSet/></customerGateway>"
    );
    assert!(created.contains(&expected), "{created}");
    assert_eq!(ec2.get(create, "customerGatewayId"), id);
    let other = ec2.ask("Action=CreateCustomerGateway&Type=ipsec.1&PublicIp=203.0.113.12&BgpAsnExtended=4200000001");
    assert!(other.contains("<bgpAsnExtended>4200000001</bgpAsnExtended>") && !other.contains("<bgpAsn>"), "{other}");
    let by = |name: &str, value: &str| {
        ec2.all(&format!("Action=DescribeCustomerGateways&Filter.1.Name={name}&Filter.1.Value.1={value}"), "state")
            .len()
    };
    assert_eq!((by("ip-address", "203.0.113.12"), by("bgp-asn", "65534"), by("type", "ipsec.1")), (2, 1, 2));
    ec2.ask(&format!("Action=DeleteCustomerGateway&CustomerGatewayId={id}"));
    assert_eq!(by("state", "deleted"), 1);
    assert_ne!(ec2.get(create, "customerGatewayId"), id);
}

#[test]
fn a_carrier_gateway_lives() {
    let ec2 = Ec2::new(TransitionTimes::AwsLike);
    let vpc = ec2.get("Action=CreateVpc&CidrBlock=10.0.0.0/16", "vpcId");
    let create = format!("Action=CreateCarrierGateway&VpcId={vpc}&ClientToken=once");
    let id = ec2.get(&create, "carrierGatewayId");
    assert_eq!(ec2.get(&create, "carrierGatewayId"), id);
    ec2.wait(10);
    let describe = format!("Action=DescribeCarrierGateways&CarrierGatewayId.1={id}");
    assert_eq!(ec2.get(&describe, "state"), "available");
    let rtb = main_table(&ec2, &vpc);
    ec2.ask(&format!("Action=CreateRoute&RouteTableId={rtb}&DestinationCidrBlock=0.0.0.0/0&CarrierGatewayId={id}"));
    assert_eq!(routes(&ec2, &rtb)[1], format!("0.0.0.0/0 {id} active"));
    assert_eq!(ec2.code(&format!("Action=DeleteVpc&VpcId={vpc}")), "DependencyViolation");
    assert_eq!(ec2.get(&format!("Action=DeleteCarrierGateway&CarrierGatewayId={id}"), "state"), "deleting");
    assert_eq!(routes(&ec2, &rtb)[1], format!("0.0.0.0/0 {id} blackhole"));
    ec2.wait(10);
    assert_eq!(ec2.code(&describe), "InvalidCarrierGatewayID.NotFound");
    ec2.ask(&format!("Action=DeleteVpc&VpcId={vpc}"));
}

#[test]
fn a_table_at_a_gateway_leads_through_an_interface() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let rtb = ec2.get(&format!("Action=CreateRouteTable&VpcId={}", network.vpc), "routeTableId");
    let associate = format!("Action=AssociateRouteTable&RouteTableId={rtb}&GatewayId={}", network.gateway);
    let association = ec2.get(&associate, "associationId");
    let shown = table(&ec2, &rtb);
    let expected = format!(
        "<associationSet><item><routeTableAssociationId>{association}</routeTableAssociationId>\
         <routeTableId>{rtb}</routeTableId><gatewayId>{}</gatewayId><main>false</main>",
        network.gateway
    );
    assert!(shown.contains(&expected), "{shown}");
    let found =
        format!("Action=DescribeRouteTables&Filter.1.Name=association.gateway-id&Filter.1.Value.1={}", network.gateway);
    assert_eq!(ec2.get(&found, "routeTableId"), rtb);

    let instance = ec2.run(&format!("&SubnetId={}", network.subnet));
    let interface = ec2.get(&format!("Action=DescribeInstances&InstanceId.1={instance}"), "networkInterfaceId");
    let route = |action: &str, destination: &str, target: &str| {
        format!("Action={action}Route&RouteTableId={rtb}&DestinationCidrBlock={destination}&{target}")
    };
    ec2.ask(&route("Create", "192.168.2.0/24", &format!("NetworkInterfaceId={interface}")));
    ec2.ask(&route("Replace", "192.168.0.0/16", &format!("InstanceId={instance}")));
    let expected = [format!("192.168.2.0/24 {interface} active"), format!("192.168.0.0/16 {interface} active")];
    assert_eq!(routes(&ec2, &rtb), expected);
    ec2.ask(&route("Replace", "192.168.0.0/16", "LocalTarget=true"));
    assert_eq!(routes(&ec2, &rtb)[1], "192.168.0.0/16 local active");

    let other = ec2.get(&format!("Action=CreateRouteTable&VpcId={}", network.vpc), "routeTableId");
    let replaced = ec2.get(
        &format!("Action=ReplaceRouteTableAssociation&AssociationId={association}&RouteTableId={other}"),
        "newAssociationId",
    );
    assert_eq!(ec2.get(&found, "routeTableId"), other);
    ec2.ask(&format!("Action=DisassociateRouteTable&AssociationId={replaced}"));
    assert_eq!(ec2.all(&found, "routeTableId"), [""; 0]);
    ec2.ask(&associate);
    ec2.ask(&format!("Action=TerminateInstances&InstanceId.1={instance}"));
    assert!(routes(&ec2, &rtb)[0].ends_with("blackhole"));
    ec2.ask(&format!("Action=DetachInternetGateway&InternetGatewayId={}&VpcId={}", network.gateway, network.vpc));
    assert!(table(&ec2, &rtb).contains("<associationSet/>"));
    ec2.ask(&format!("Action=DeleteRouteTable&RouteTableId={rtb}"));
}

#[test]
fn destinations_of_every_kind_stand_in_order() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let rtb = main_table(&ec2, &network.vpc);
    let list = ec2.get(
        "Action=CreateManagedPrefixList&PrefixListName=office&AddressFamily=IPv4&MaxEntries=3&Entry.1.Cidr=198.51.100.0/24",
        "prefixListId",
    );
    let to = |destination: &str| format!("RouteTableId={rtb}&{destination}");
    for destination in [
        "DestinationIpv6CidrBlock=::/0".to_owned(),
        format!("DestinationPrefixListId={list}"),
        "DestinationCidrBlock=0.0.0.0/0".to_owned(),
        "DestinationIpv6CidrBlock=2001:db8::1/32".to_owned(),
    ] {
        let create = format!("Action=CreateRoute&{}&GatewayId={}", to(&destination), network.gateway);
        ec2.ask(&create);
        ec2.ask(&create);
    }
    let destinations = |ec2: &Ec2| -> Vec<String> {
        routes(ec2, &rtb).iter().filter_map(|route| route.split(' ').next().map(str::to_owned)).collect()
    };
    assert_eq!(destinations(&ec2), ["192.168.0.0/16", "0.0.0.0/0", "2001:db8::/32", "::/0", list.as_str()]);
    let by = |name: &str, value: &str| {
        ec2.all(&format!("Action=DescribeRouteTables&Filter.1.Name={name}&Filter.1.Value.1={value}"), "routeSet").len()
    };
    assert_eq!(by("route.destination-prefix-list-id", &list), 1);
    assert_eq!(by("route.destination-ipv6-cidr-block", "2001:db8::/32"), 1);
    // A prefix list in a route is in use, which EC2 finds out after it has answered.
    ec2.ask(&format!("Action=DeleteManagedPrefixList&PrefixListId={list}"));
    let shown = format!("Action=DescribeManagedPrefixLists&PrefixListId.1={list}");
    assert_eq!(ec2.get(&shown, "state"), "delete-failed");
    ec2.ask(&format!("Action=DeleteRoute&{}", to(&format!("DestinationPrefixListId={list}"))));
    ec2.ask(&format!("Action=DeleteRoute&{}", to("DestinationIpv6CidrBlock=::/0")));
    assert_eq!(destinations(&ec2), ["192.168.0.0/16", "0.0.0.0/0", "2001:db8::/32"]);
    // A list counts for as many routes as it may have entries: 1,000 are allowed, the local one not counted.
    let large = ec2
        .get("Action=CreateManagedPrefixList&PrefixListName=large&AddressFamily=IPv4&MaxEntries=1000", "prefixListId");
    let create =
        format!("Action=CreateRoute&RouteTableId={rtb}&DestinationPrefixListId={large}&GatewayId={}", network.gateway);
    assert_eq!(ec2.code(&create), "RouteLimitExceeded");
    ec2.ask(&format!("Action=DeleteRoute&{}", to("DestinationCidrBlock=0.0.0.0/0")));
    ec2.ask(&create);
    // So a list in a full table cannot grow, which EC2 finds out after it has answered.
    let resize = |list: &str, size: u32| {
        ec2.ask(&format!("Action=ModifyManagedPrefixList&PrefixListId={list}&MaxEntries={size}"));
        let list = ec2.ask(&format!("Action=DescribeManagedPrefixLists&PrefixListId.1={list}"));
        (first(&list, "state").unwrap_or_default(), first(&list, "stateMessage"))
    };
    assert_eq!(resize(&large, 998), ("modify-complete".to_owned(), None));
    let small =
        ec2.get("Action=CreateManagedPrefixList&PrefixListName=small&AddressFamily=IPv4&MaxEntries=1", "prefixListId");
    ec2.ask(&format!(
        "Action=CreateRoute&RouteTableId={rtb}&DestinationPrefixListId={small}&GatewayId={}",
        network.gateway
    ));
    let message = format!("The following resources do not support the new maximum size: {rtb}.");
    assert_eq!(resize(&small, 3), ("modify-failed".to_owned(), Some(message)));
}

/// Sources as in the other tables: Sn, Si, Sk recorded on AWS; E: "Error codes for the Amazon EC2 API"; B: the API reference;
/// G: the Amazon VPC User Guide; TF: Terraform's provider; M: moto; k: believed.
const REFUSED: &[Refused] = &[
    ("CreateVpnGateway", "MissingParameter", "The request must contain the parameter Type", "Sk"),
    (
        "CreateVpnGateway&Type=gre",
        IPV,
        "1 validation error detected: Value 'gre' at 'type' failed to satisfy constraint: Member must satisfy enum value set: \
         [ipsec.1]",
        "Sk",
    ),
    (
        "CreateVpnGateway&Type=ipsec.1&AmazonSideAsn=1",
        IPV,
        "Value (1) for parameter amazonSideAsn is invalid. The ASN must be private.",
        "B, k",
    ),
    (
        "CreateVpnGateway&Type=ipsec.1&AvailabilityZone=mars-1a",
        "InvalidZone.NotFound",
        "The zone 'mars-1a' does not exist.",
        "E, k",
    ),
    (
        "AttachVpnGateway&VpnGatewayId=vgw-0123456789abcdef0&VpcId={vpc}",
        "InvalidVpnGatewayID.NotFound",
        "The vpnGateway ID 'vgw-0123456789abcdef0' does not exist",
        "E, TF",
    ),
    (
        "AttachVpnGateway&VpnGatewayId=vgw&VpcId={vpc}",
        "InvalidVpnGatewayID.NotFound",
        "The vpnGateway ID 'vgw' does not exist",
        "E, k",
    ),
    (
        "AttachVpnGateway&VpnGatewayId={vgw}&VpcId={other}",
        "VpnGatewayAttachmentLimitExceeded",
        "resource {vgw} is already attached to network {vpc}",
        "E, k",
    ),
    (
        "AttachVpnGateway&VpnGatewayId={spare}&VpcId={vpc}",
        "VpnGatewayAttachmentLimitExceeded",
        "Network {vpc} already has a virtual private gateway attached",
        "E, k",
    ),
    (
        "AttachVpnGateway&VpnGatewayId={dead}&VpcId={other}",
        "InvalidVpnGatewayID.NotFound",
        "The vpnGateway ID '{dead}' does not exist",
        "k",
    ),
    (
        "DetachVpnGateway&VpnGatewayId={spare}&VpcId={vpc}",
        "InvalidVpnGatewayAttachment.NotFound",
        "The attachment with vpn gateway ID '{spare}' and vpc ID '{vpc}' does not exist",
        "E, TF, k",
    ),
    (
        "DetachVpnGateway&VpnGatewayId={vgw}&VpcId=vpc-0123456789abcdef0",
        "InvalidVpcID.NotFound",
        "The vpc ID 'vpc-0123456789abcdef0' does not exist",
        "Sn",
    ),
    ("DeleteVpnGateway&VpnGatewayId={vgw}", "IncorrectState", "The VPN gateway is in use.", "TF, k"),
    ("DescribeVpnGateways&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}", IPV, "The filter 'vpc-id' is invalid", "Sn"),
    (
        "EnableVgwRoutePropagation&RouteTableId={table}&GatewayId={spare}",
        "Gateway.NotAttached",
        "resource {spare} is not attached to network {vpc}",
        "TF, Si",
    ),
    (
        "EnableVgwRoutePropagation&RouteTableId={table}&GatewayId=vgw-0123456789abcdef0",
        "InvalidGatewayID.NotFound",
        "The gateway ID 'vgw-0123456789abcdef0' does not exist",
        "Si, k",
    ),
    (
        "DisableVgwRoutePropagation&RouteTableId=rtb-0123456789abcdef0&GatewayId={vgw}",
        "InvalidRouteTableID.NotFound",
        "The routeTable ID 'rtb-0123456789abcdef0' does not exist",
        "Sn",
    ),
    (
        "EnableVgwRoutePropagation&RouteTableId={edge}&GatewayId={vgw}",
        IPV,
        "route table {edge} is associated with a gateway and cannot propagate routes",
        "G, k",
    ),
    (
        "CreateCustomerGateway&Type=ipsec.1",
        "MissingParameter",
        "The request must contain the parameter ipAddress",
        "B, k",
    ),
    (
        "CreateCustomerGateway&Type=ipsec.1&IpAddress=home",
        IPV,
        "Value (home) for parameter ipAddress is invalid. This is not a valid IP address.",
        "k",
    ),
    (
        "CreateCustomerGateway&Type=ipsec.1&IpAddress=203.0.113.1&BgpAsn=0",
        IPV,
        "Value (0) for parameter bgpAsn is invalid. Expecting a value between 1 and 2147483647.",
        "B, k",
    ),
    (
        "CreateCustomerGateway&Type=ipsec.1&IpAddress=203.0.113.1&BgpAsn=1&BgpAsnExtended=4200000000",
        "InvalidParameterCombination",
        "The parameter bgpAsn cannot be used with the parameter bgpAsnExtended",
        "B, k",
    ),
    (
        "DeleteCustomerGateway&CustomerGatewayId=cgw-0123456789abcdef0",
        "InvalidCustomerGatewayID.NotFound",
        "The customerGateway ID 'cgw-0123456789abcdef0' does not exist",
        "E, TF",
    ),
    (
        "DeleteCustomerGateway&CustomerGatewayId=cgw",
        "InvalidCustomerGatewayId.Malformed",
        "Invalid id: \"cgw\" (expecting \"cgw-...\")",
        "E",
    ),
    (
        "DescribeCustomerGateways&CustomerGatewayId.1=cgw-0123456789abcdef0",
        "InvalidCustomerGatewayID.NotFound",
        "The customerGateway ID 'cgw-0123456789abcdef0' does not exist",
        "E, TF",
    ),
    (
        "DescribeCarrierGateways&CarrierGatewayId.1=cagw-0123456789abcdef0",
        "InvalidCarrierGatewayID.NotFound",
        "The carrierGateway ID 'cagw-0123456789abcdef0' does not exist",
        "E, TF",
    ),
    (
        "CreateCarrierGateway&VpcId=vpc-0123456789abcdef0",
        "InvalidVpcID.NotFound",
        "The vpc ID 'vpc-0123456789abcdef0' does not exist",
        "Sn",
    ),
    ("CreateCarrierGateway&VpcId={vpc}", IPV, "Network {vpc} already has a carrier gateway attached", "k"),
    (
        "DeleteCarrierGateway&CarrierGatewayId=cagw-0123456789abcdef0",
        "InvalidCarrierGatewayID.NotFound",
        "The carrierGateway ID 'cagw-0123456789abcdef0' does not exist",
        "E, TF",
    ),
    // Routes.
    (
        "CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&GatewayId={spare}",
        IPV,
        "route table {table} and network gateway {spare} belong to different networks",
        "Si",
    ),
    (
        "CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&CarrierGatewayId=cagw-0123456789abcdef0",
        "InvalidCarrierGatewayID.NotFound",
        "The carrierGateway ID 'cagw-0123456789abcdef0' does not exist",
        "E",
    ),
    (
        "CreateRoute&RouteTableId={table}&DestinationIpv6CidrBlock=::/0&CarrierGatewayId={carrier}",
        IPV,
        "The destination CIDR block ::/0 is not an IPv4 CIDR block. Routes to carrier gateways must have IPv4 destinations.",
        "B, k",
    ),
    (
        "CreateRoute&RouteTableId={table}&DestinationIpv6CidrBlock=::/0&NatGatewayId={nat}",
        IPV,
        "The destination CIDR block ::/0 is not an IPv4 CIDR block. Routes to NAT gateways must have IPv4 destinations.",
        "B, k",
    ),
    (
        "CreateRoute&RouteTableId={table}&DestinationIpv6CidrBlock=2001:db8::/129&GatewayId={igw}",
        IPV,
        "Value (2001:db8::/129) for parameter destinationIpv6CidrBlock is invalid. This is not a valid CIDR block.",
        "Si",
    ),
    (
        "CreateRoute&RouteTableId={table}&DestinationPrefixListId=pl&GatewayId={igw}",
        "InvalidPrefixListId.Malformed",
        "Invalid id: \"pl\" (expecting \"pl-...\")",
        "E",
    ),
    (
        "CreateRoute&RouteTableId={table}&DestinationCidrBlock=192.168.1.0/24&CarrierGatewayId={carrier}",
        IPV,
        "The destination CIDR block 192.168.1.0/24 is equal to or more specific than one of this VPC's CIDR blocks. This route \
         can target only an interface or an instance.",
        "#49669535400",
    ),
    (
        "CreateRoute&RouteTableId={table}&DestinationCidrBlock=192.168.1.0/25&NatGatewayId={nat}",
        IPV,
        "The destination CIDR block 192.168.1.0/25 is more specific than one of this VPC's CIDR blocks, but does not match the \
         CIDR block of a subnet.",
        "G, k",
    ),
    (
        "CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&VpcEndpointId=vpce-0123456789abcdef0",
        "InvalidVpcEndpointId.NotFound",
        "The Vpc Endpoint Id 'vpce-0123456789abcdef0' does not exist",
        "E, k",
    ),
    (
        "CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&TransitGatewayId=tgw-0123456789abcdef0",
        "InvalidTransitGatewayID.NotFound",
        "The transitGateway ID 'tgw-0123456789abcdef0' does not exist",
        "E, k",
    ),
    (
        "DeleteRoute&RouteTableId={table}&DestinationIpv6CidrBlock=::/0",
        "InvalidRoute.NotFound",
        "no route with destination-ipv6-cidr-block ::/0 in route table {table}",
        "Si",
    ),
    (
        "ReplaceRoute&RouteTableId={table}&DestinationIpv6CidrBlock=::/0&GatewayId={igw}",
        IPV,
        "There is no route defined for '::/0' in the route table. Use CreateRoute instead.",
        "Si",
    ),
    // Tables at gateways.
    (
        "AssociateRouteTable&RouteTableId={edge}&GatewayId=igw-0123456789abcdef0",
        "InvalidGatewayID.NotFound",
        "The gateway ID 'igw-0123456789abcdef0' does not exist",
        "Si, k",
    ),
    (
        "AssociateRouteTable&RouteTableId={edge}&GatewayId={spare}",
        IPV,
        "route table {edge} and network gateway {spare} belong to different networks",
        "Si, k",
    ),
    (
        "AssociateRouteTable&RouteTableId={plain}&GatewayId={igw}",
        "Resource.AlreadyAssociated",
        "the specified association for route table {plain} conflicts with an existing association",
        "hashicorp/terraform-provider-aws#38960, k",
    ),
    (
        "AssociateRouteTable&RouteTableId={table}&GatewayId={vgw}",
        "RouteNotSupported",
        "Route table contains unsupported route destination. The unsupported route destination is less specific than VPC local \
         CIDR.",
        "#62151069476, k",
    ),
    (
        "AssociateRouteTable&RouteTableId={edge}&GatewayId={igw}&SubnetId={subnet}",
        "InvalidParameterCombination",
        "The request must contain exactly one of: subnetId, gatewayId, publicIpv4Pool",
        "k",
    ),
    (
        "CreateRoute&RouteTableId={edge}&DestinationCidrBlock=0.0.0.0/0&NetworkInterfaceId={interface}",
        "RouteNotSupported",
        "Route table contains unsupported route destination. The unsupported route destination is less specific than VPC local \
         CIDR.",
        "#62151069476, k",
    ),
    (
        "CreateRoute&RouteTableId={edge}&DestinationCidrBlock=192.168.1.0/24&NatGatewayId={nat}",
        IPV,
        "Route target is not supported. This route only supports interface and instance targets.",
        "hashicorp/terraform#26018, k",
    ),
];

#[test]
fn gateways_and_routes_are_refused_as_ec2_does() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let mut names = Names::default();
    for (name, value) in [("vpc", &network.vpc), ("igw", &network.gateway), ("subnet", &network.subnet)] {
        names.put(name, value.as_str());
    }
    names.put("other", ec2.get("Action=CreateVpc&CidrBlock=10.0.0.0/16", "vpcId"));
    let vgw = names.put("vgw", vpn_gateway(&ec2));
    ec2.ask(&on_vpn("Attach", &vgw, &network.vpc));
    names.put("spare", vpn_gateway(&ec2));
    let dead = names.put("dead", vpn_gateway(&ec2));
    ec2.ask(&format!("Action=DeleteVpnGateway&VpnGatewayId={dead}"));
    names.put("carrier", ec2.get(&format!("Action=CreateCarrierGateway&VpcId={}", network.vpc), "carrierGatewayId"));
    let nat = format!("Action=CreateNatGateway&ConnectivityType=private&SubnetId={}", network.subnet);
    names.put("nat", ec2.get(&nat, "natGatewayId"));
    names.put("interface", ec2.get("Action=DescribeNetworkInterfaces", "networkInterfaceId"));
    let table = names.put("table", main_table(&ec2, &network.vpc));
    ec2.ask(&format!(
        "Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=8.8.8.0/24&GatewayId={}",
        network.gateway
    ));
    let new_table = || ec2.get(&format!("Action=CreateRouteTable&VpcId={}", network.vpc), "routeTableId");
    names.put("plain", new_table());
    let edge = names.put("edge", new_table());
    ec2.ask(&format!("Action=AssociateRouteTable&RouteTableId={edge}&GatewayId={}", network.gateway));
    ec2.refuses_all(&names, REFUSED);
}
