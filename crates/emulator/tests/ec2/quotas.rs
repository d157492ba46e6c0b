//! The quotas of a fresh account: off, unless the owner of the world wants them.

use vpcrun_emulator::{Options, TransitionTimes, World};

use super::support::{Ec2, run};

fn fresh_account() -> Ec2 {
    let (options, clock) = Ec2::options(TransitionTimes::Instant);
    let world = World::in_memory(Options { quotas: true, ..options });
    Ec2 { world, clock, region: "ap-northeast-1" }
}

/// Makes `count` of a kind, and asserts that one more is refused; an account without quotas gets it.
#[track_caller]
fn holds(count: usize, request: impl Fn(&Ec2, usize) -> String, code: &str, message: &str) {
    let ec2 = fresh_account();
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
    let ec2 = fresh_account();
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
    for (ec2, limit) in [(fresh_account(), 500), (Ec2::new(TransitionTimes::Instant), 1_000)] {
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
    let ec2 = fresh_account();
    // A t3.micro has two; of three, EC2 launches as many as there is room for.
    let answer = ec2.all(&run("").replace("MaxCount=1", "MaxCount=3"), "instanceId");
    assert_eq!(answer.len(), 2);
    let full = "You have requested more vCPU capacity than your current vCPU limit of 5 allows for the instance bucket that \
                the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request \
                an adjustment to this limit.";
    ec2.refuses(&run(""), "VcpuLimitExceeded", full, "#1834316672");
    ec2.ask(&format!("Action=StopInstances&InstanceId.1={}", answer[0]));
    ec2.ask("Action=DescribeInstances");
    ec2.run("");
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
