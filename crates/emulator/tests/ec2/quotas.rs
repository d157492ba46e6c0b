//! The quotas of a fresh account: off, unless the owner of the world wants them.

use vpcrun_emulator::TransitionTimes;

use super::support::{Ec2, run};

/// Makes `count` of a kind, and asserts that one more is refused; an account without quotas gets it.
#[track_caller]
fn holds(count: usize, request: impl Fn(&Ec2, usize) -> String, code: &str, message: &str) {
    let ec2 = Ec2::with_quotas();
    for n in 0..count {
        let body = request(&ec2, n);
        ec2.ask(&body);
    }
    let one_more = request(&ec2, count);
    ec2.refuses(&one_more, code, message, "quota: Amazon VPC quotas; code EC");
    let ec2 = Ec2::new(TransitionTimes::Instant);
    for n in 0..=count {
        let body = request(&ec2, n);
        ec2.ask(&body);
    }
}

#[test]
fn a_fresh_account_holds_five_vpcs_and_gateways() {
    // The default VPC and its gateway count.
    let vpc = |_: &Ec2, n: usize| format!("Action=CreateVpc&CidrBlock=10.{n}.0.0/16");
    holds(4, vpc, "VpcLimitExceeded", "The maximum number of VPCs has been reached.");
    let gateway = |_: &Ec2, _| "Action=CreateInternetGateway".to_owned();
    let full = "The maximum number of internet gateways has been reached.";
    holds(4, gateway, "InternetGatewayLimitExceeded", full);
    let egress = |ec2: &Ec2, _| {
        format!("Action=CreateEgressOnlyInternetGateway&VpcId={}", ec2.get("Action=DescribeVpcs", "vpcId"))
    };
    let full = "The maximum number of egress-only internet gateways has been reached.";
    holds(5, egress, "EgressOnlyInternetGatewayLimitExceeded", full);
}

#[test]
fn a_fresh_account_holds_five_addresses_in_each_region() {
    let full = "The maximum number of addresses has been reached.";
    holds(5, |_, _| "Action=AllocateAddress".to_owned(), "AddressLimitExceeded", full);
    let ec2 = Ec2::with_quotas();
    for region in ["ap-northeast-1", "eu-west-1"] {
        let ec2 = ec2.in_region(region);
        (0..5).for_each(|_| drop(ec2.ask("Action=AllocateAddress")));
        assert_eq!(ec2.code("Action=AllocateAddress"), "AddressLimitExceeded", "{region}");
    }
}

#[test]
fn a_vpc_holds_200_subnets_and_tables() {
    let vpc = |ec2: &Ec2| ec2.get("Action=DescribeVpcs", "vpcId");
    // Four default subnets, and the main table.
    let subnet = |ec2: &Ec2, n: usize| {
        let (third, fourth) = (64 + n / 16, n % 16 * 16);
        format!("Action=CreateSubnet&VpcId={}&CidrBlock=172.31.{third}.{fourth}/28", vpc(ec2))
    };
    holds(196, subnet, "SubnetLimitExceeded", "The maximum number of subnets has been reached.");
    let table = |ec2: &Ec2, _| format!("Action=CreateRouteTable&VpcId={}", vpc(ec2));
    holds(199, table, "RouteTableLimitExceeded", "The maximum number of route tables has been reached.");
}

#[test]
fn a_table_holds_500_routes_of_a_family_and_1000_at_most() {
    let route = |table: &str, igw: &str, n: usize| {
        let block = format!("203.0.{}.{}", n / 256, n % 256);
        format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock={block}/32&GatewayId={igw}")
    };
    let full = "The maximum number of routes has been reached.";
    for (ec2, limit) in [(Ec2::with_quotas(), 500), (Ec2::new(TransitionTimes::Instant), 1_000)] {
        let igw = ec2.get("Action=DescribeInternetGateways", "internetGatewayId");
        let table = ec2.get("Action=DescribeRouteTables", "routeTableId");
        // The default VPC's table has the default route already.
        for n in 1..limit {
            ec2.ask(&route(&table, &igw, n));
        }
        ec2.refuses(&route(&table, &igw, limit), "RouteLimitExceeded", full, "quota: Amazon VPC quotas; message k");
        let ipv6 = format!("Action=CreateRoute&RouteTableId={table}&DestinationIpv6CidrBlock=::/0&GatewayId={igw}");
        ec2.ask(&ipv6);
    }
}

#[test]
fn a_fresh_account_runs_five_vcpus() {
    let ec2 = Ec2::with_quotas();
    // A t3.micro has two; of three, EC2 launches as many as there is room for.
    let answer = ec2.all(&run("").replace("MaxCount=1", "MaxCount=3"), "instanceId");
    assert_eq!(answer.len(), 2);
    let full = "You have requested more vCPU capacity than your current vCPU limit of 5 allows for the instance bucket that \
                the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request \
                an adjustment to this limit.";
    ec2.refuses(&run(""), "VcpuLimitExceeded", full, "#1834316672");
    ec2.ask(&format!("Action=StopInstances&InstanceId.1={}", answer[0]));
    ec2.ask("Action=DescribeInstances");
    let third = ec2.run("");
    let start = format!("Action=StartInstances&InstanceId.1={}&InstanceId.2={}", answer[0], answer[1]);
    ec2.refuses(&start, "VcpuLimitExceeded", full, "#1834316672");
    ec2.ask(&format!("Action=TerminateInstances&InstanceId.1={third}"));
    ec2.ask("Action=DescribeInstances");
    ec2.ask(&start);
}

#[test]
fn a_fresh_account_holds_twenty_gateway_endpoints_and_a_vpc_fifty_interface_endpoints() {
    let full = "The maximum number of VPC endpoints has been reached.";
    let endpoint = |more: &'static str| {
        move |ec2: &Ec2, _| {
            let vpc = ec2.get("Action=DescribeVpcs", "vpcId");
            format!("Action=CreateVpcEndpoint&VpcId={vpc}&ServiceName=com.amazonaws.ap-northeast-1.s3{more}")
        }
    };
    holds(20, endpoint(""), "VpcEndpointLimitExceeded", full);
    holds(50, endpoint("&VpcEndpointType=Interface"), "VpcEndpointLimitExceeded", full);
}

#[test]
fn a_fresh_account_holds_a_hundred_prefix_lists() {
    let list = |_: &Ec2, n: usize| {
        format!("Action=CreateManagedPrefixList&PrefixListName=list{n}&MaxEntries=1&AddressFamily=IPv4")
    };
    holds(100, list, "PrefixListLimitExceeded", "The maximum number of prefix lists has been reached.");
}

#[test]
fn a_vpc_holds_5_blocks_and_50_at_most() {
    let block = |vpc: &str, n: usize| format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=10.{n}.0.0/16");
    for (ec2, limit) in [(Ec2::with_quotas(), 5), (Ec2::new(TransitionTimes::Instant), 50)] {
        let vpc = ec2.get("Action=CreateVpc&CidrBlock=10.100.0.0/16", "vpcId");
        for n in 1..limit {
            ec2.ask(&block(&vpc, n));
        }
        let full = format!("This network {vpc} has met its maximum number of allowed CIDRs: {limit}");
        ec2.refuses(&block(&vpc, limit), "CidrLimitExceeded", &full, "M");
    }
}

#[test]
fn an_interface_has_5_groups_and_16_at_most() {
    for (ec2, limit) in [(Ec2::with_quotas(), 5), (Ec2::new(TransitionTimes::Instant), 16)] {
        let subnet = ec2.get("Action=DescribeSubnets", "subnetId");
        let mut request = format!("Action=CreateNetworkInterface&SubnetId={subnet}");
        for n in 1..=limit + 1 {
            let group = format!("Action=CreateSecurityGroup&GroupName=group{n}&GroupDescription=one");
            request += &format!("&SecurityGroupId.{n}={}", ec2.get(&group, "groupId"));
            if n == limit {
                ec2.ask(&request);
            }
        }
        let full = "The maximum number of security groups per interface has been reached.";
        ec2.refuses(&request, "SecurityGroupsPerInterfaceLimitExceeded", full, "quota: Amazon VPC quotas; code EC");
    }
}

#[test]
fn a_zone_of_a_fresh_account_holds_five_nat_gateways() {
    let ec2 = Ec2::with_quotas();
    let subnets = ec2.all("Action=DescribeSubnets", "subnetId");
    let create = |subnet: &str| format!("Action=CreateNatGateway&ConnectivityType=private&SubnetId={subnet}");
    let gateways: Vec<_> = (0..5).map(|_| ec2.get(&create(&subnets[0]), "natGatewayId")).collect();
    let full = "Performing this operation would exceed the limit of 5 NAT gateways";
    ec2.refuses(&create(&subnets[0]), "NatGatewayLimitExceeded", full, "#47026157970");
    ec2.ask(&create(&subnets[1]));
    ec2.ask(&format!("Action=DeleteNatGateway&NatGatewayId={}", gateways[0]));
    ec2.ask("Action=DescribeNatGateways");
    ec2.ask(&create(&subnets[0]));
}

#[test]
fn a_fresh_account_holds_fifty_customer_gateways_and_five_vpn_gateways() {
    let customer =
        |_: &Ec2, n: usize| format!("Action=CreateCustomerGateway&Type=ipsec.1&BgpAsn=65000&IpAddress=203.0.113.{n}");
    let full = "The maximum number of customer gateways has been reached.";
    holds(50, customer, "CustomerGatewayLimitExceeded", full);
    let vpn = |_: &Ec2, _| "Action=CreateVpnGateway&Type=ipsec.1".to_owned();
    holds(5, vpn, "VpnGatewayLimitExceeded", "The maximum number of virtual private gateways has been reached.");
}

#[test]
fn a_fresh_account_waits_for_25_answers_to_peering_requests() {
    let request = |ec2: &Ec2, n: usize| {
        let vpc = ec2.get("Action=DescribeVpcs", "vpcId");
        format!("Action=CreateVpcPeeringConnection&VpcId={vpc}&PeerVpcId=vpc-{n:08x}&PeerOwnerId=111122223333")
    };
    let full = "The maximum number of outstanding VPC peering connections has been reached.";
    holds(25, request, "OutstandingVpcPeeringConnectionLimitExceeded", full);
}

#[test]
fn a_vpc_has_125_peers_at_most() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let hub = ec2.get("Action=CreateVpc&CidrBlock=10.200.0.0/16", "vpcId");
    let ask_for_peering = |n: usize| {
        let peer = ec2.get(&format!("Action=CreateVpc&CidrBlock=10.{n}.0.0/16"), "vpcId");
        let create = format!("Action=CreateVpcPeeringConnection&VpcId={hub}&PeerVpcId={peer}");
        let id = ec2.get(&create, "vpcPeeringConnectionId");
        format!("Action=AcceptVpcPeeringConnection&VpcPeeringConnectionId={id}")
    };
    for n in 0..125 {
        ec2.ask(&ask_for_peering(n));
    }
    let full = "The maximum number of active VPC peering connections per VPC has been reached.";
    let code = "ActiveVpcPeeringConnectionPerVpcLimitExceeded";
    ec2.refuses(&ask_for_peering(125), code, full, "quota: Amazon VPC quotas; code EC; message k");
}
