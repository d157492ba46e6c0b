//! What EC2 refuses of VPC endpoints.

use vpcrun_emulator::TransitionTimes;

use super::support::{Ec2, Names, Network, Refused};

const S3: &str = "com.amazonaws.ap-northeast-1.s3";
const SQS: &str = "com.amazonaws.ap-northeast-1.sqs";
const ONLY_INTERFACES: &str = "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.";
const ONLY_GATEWAYS: &str = "Route table IDs are only supported for Gateway type VPC Endpoint.";
const NO_ENDPOINT: &str = "The Vpc Endpoint Id 'vpce-0123456789abcdef0' does not exist";
const ID_RULE: &str = "the Id may only contain lowercase alphanumeric characters and a single dash')";

const CREATE: &[Refused] = &[
    ("CreateVpcEndpoint&ServiceName={s3}", "MissingParameter", "The request must contain the parameter VpcId", "Sk"),
    ("CreateVpcEndpoint&VpcId={vpc}", "MissingParameter", "The request must contain the parameter serviceName", "k"),
    (
        "CreateVpcEndpoint&VpcId=bad&ServiceName={s3}",
        "InvalidVpcId.Malformed",
        "Invalid Id: 'bad' (expecting 'vpc-...; {rule}",
        "K",
    ),
    (
        "CreateVpcEndpoint&VpcId=vpc-0123456789abcdef0&ServiceName={s3}",
        "InvalidVpcId.NotFound",
        "The vpc ID 'vpc-0123456789abcdef0' does not exist",
        "code K; message k",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName=com.amazonaws.us-east-1.s3",
        "InvalidServiceName",
        "The Vpc Endpoint Service 'com.amazonaws.us-east-1.s3' does not exist",
        "K, #7887737697",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={sqs}",
        "InvalidParameter",
        "Endpoint type (Gateway) does not match available service types ([Interface]).",
        "#54238568826, #68749133899",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={sqs}&VpcEndpointType=GatewayLoadBalancer",
        "InvalidParameter",
        "Endpoint type (GatewayLoadBalancer) does not match available service types ([Interface]).",
        "wording #54238568826",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={sqs}&VpcEndpointType=Tunnel",
        "InvalidParameterValue",
        "1 validation error detected: Value 'Tunnel' at 'vpcEndpointType' failed to satisfy constraint: Member must \
         satisfy enum value set: [Interface, Gateway, GatewayLoadBalancer, Resource, ServiceNetwork]",
        "B; wording Sk",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&VpcEndpointType=ServiceNetwork&ServiceNetworkArn=arn:aws:vpc-lattice:x",
        "UnsupportedOperation",
        "VPC endpoints of the types Resource and ServiceNetwork are not supported.",
        "ours",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={sqs}&VpcEndpointType=Interface&ServiceRegion=us-east-1",
        "InvalidParameter",
        "The VPC endpoint service com.amazonaws.ap-northeast-1.sqs is not available from the service region us-east-1.",
        "k",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={s3}&SubnetId.1={subnet}",
        "InvalidParameter",
        ONLY_INTERFACES,
        "nanlabs/terraform-aws-starter#18",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={s3}&SecurityGroupId.1={group}",
        "InvalidParameter",
        "Security group IDs are only supported for Interface type VPC Endpoint.",
        "k",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={s3}&PrivateDnsEnabled=true",
        "InvalidParameter",
        "Private DNS can only be enabled for Interface type VPC Endpoint.",
        "k",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={s3}&DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint=true",
        "InvalidParameter",
        "DnsOptions PrivateDnsOnlyForInboundResolverEndpoint is applicable only to Interface VPC Endpoints.",
        "hashicorp/terraform-provider-aws#45846",
    ),
    (
        "{interface}&RouteTableId.1={table}",
        "InvalidParameter",
        ONLY_GATEWAYS,
        "ansible-collections/amazon.aws#576; code k",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={s3}&RouteTableId.1=bad",
        "InvalidRouteTableId.Malformed",
        "Invalid Route Table Id: 'bad' (expecting 'rtb-...; {rule}",
        "k: wording of the subnet's",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={s3}&RouteTableId.1=rtb-0123456789abcdef0",
        "InvalidRouteTableId.NotFound",
        "The routeTable ID 'rtb-0123456789abcdef0' does not exist",
        "code TF; message Sn",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={s3}&RouteTableId.1={foreign_table}",
        "InvalidParameter",
        "Route table {foreign_table} does not belong to VPC {vpc}.",
        "k",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={s3}&RouteTableId.1={table}",
        "RouteAlreadyExists",
        "route table {table} already has a route with destination-prefix-list-id {list}",
        "#8148259984",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={s3}&PolicyDocument={brace}",
        "InvalidPolicyDocument",
        "The Policy Document is not valid. Syntax error at position (1,1)",
        "hashicorp/terraform-provider-aws#42291",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={s3}&PolicyDocument=[]",
        "InvalidPolicyDocument",
        "The Policy Document is not valid.",
        "code hashicorp/terraform-provider-aws#42291; message k",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={smtp}&VpcEndpointType=Interface&PolicyDocument={policy}",
        "InvalidParameter",
        "The VPC endpoint service com.amazonaws.ap-northeast-1.email-smtp does not support endpoint policies.",
        "k",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={s3}&PolicyDocument={long}",
        "InvalidPolicyDocument",
        "The Policy Document exceeds the maximum size of 20480 characters.",
        "quota: AWS PrivateLink quotas; message k",
    ),
    (
        "{interface}&SubnetId.1=module.vpc.subnets",
        "InvalidSubnetId.Malformed",
        "Invalid Subnet Id: 'module.vpc.subnets' (expecting 'subnet-...; {rule}",
        "terraform-aws-modules/terraform-aws-vpc#722",
    ),
    (
        "{interface}&SubnetId.1=subnet-0123456789abcdef0",
        "InvalidSubnetId.NotFound",
        "The subnet ID 'subnet-0123456789abcdef0' does not exist",
        "code TF; message Sn",
    ),
    (
        "{interface}&SubnetId.1={foreign_subnet}",
        "InvalidParameter",
        "Subnet {foreign_subnet} does not belong to VPC {vpc}.",
        "k",
    ),
    (
        "{interface}&SubnetId.1={subnet}&SubnetId.2={same_zone}",
        "DuplicateSubnetsInSameZone",
        "Found another VPC endpoint subnet in the availability zone of {same_zone}. VPC endpoint subnets should be in \
         different availability zones supported by the VPC endpoint service.",
        "terraform-aws-modules/terraform-aws-vpc#451, #583",
    ),
    (
        "{interface}&SubnetConfiguration.1.Ipv4=192.168.1.9",
        "MissingParameter",
        "The request must contain the parameter subnetId",
        "k",
    ),
    (
        "{interface}&SubnetConfiguration.1.SubnetId={subnet}&SubnetConfiguration.1.Ipv6=2001:db8::9",
        "InvalidParameter",
        "An IPv6 address cannot be specified for an endpoint with the IP address type ipv4.",
        "k",
    ),
    (
        "{interface}&SubnetConfiguration.1.SubnetId={subnet}&SubnetConfiguration.1.Ipv4=192.168.9.9",
        "InvalidParameterValue",
        "Address does not fall within the subnet's address range",
        "Se",
    ),
    (
        "{interface}&SecurityGroupId.1=sg-0123456789abcdef0",
        "InvalidGroup.NotFound",
        "The security group 'sg-0123456789abcdef0' does not exist",
        "Sn",
    ),
    (
        "{interface}&SecurityGroupId.1={foreign_group}",
        "InvalidGroup.NotFound",
        "You have specified two resources that belong to different networks.",
        "Sn",
    ),
    (
        "{interface}&IpAddressType=dualstack",
        "InvalidParameter",
        "The IP address type (dualstack) is not supported by the VPC endpoint service com.amazonaws.ap-northeast-1.sqs.",
        "k",
    ),
    (
        "{interface}&DnsOptions.DnsRecordIpType=ipv6",
        "InvalidParameter",
        "The DNS record IP type is not compatible with the IP address type (ipv4) of the VPC Endpoint.",
        "k",
    ),
    (
        "{interface}&DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint=true",
        "InvalidParameter",
        "DnsOptions PrivateDnsOnlyForInboundResolverEndpoint is applicable only to services that support both Gateway and \
         Interface VPC Endpoints.",
        "rule B; message k",
    ),
    (
        "{interface}&DnsOptions.PrivateDnsPreference=ALL_DOMAINS",
        "InvalidParameter",
        "DnsOptions PrivateDnsPreference is applicable only to Resource and ServiceNetwork VPC Endpoints.",
        "rule B; message k",
    ),
    (
        "{interface}&PrivateDnsEnabled=true",
        "InvalidParameter",
        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for \
         sqs.ap-northeast-1.amazonaws.com in the VPC {vpc}",
        "#40936913951, #54525130790",
    ),
    (
        "CreateVpcEndpoint&VpcId={silent}&VpcEndpointType=Interface&ServiceName={sqs}",
        "InvalidParameter",
        "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {silent}",
        "#8251264109",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&VpcEndpointType=Interface&ServiceName={dynamodb}&PrivateDnsEnabled=true",
        "InvalidParameter",
        "Private DNS can't be enabled because the service com.amazonaws.ap-northeast-1.dynamodb does not provide a private \
         DNS name.",
        "k",
    ),
    (
        "CreateVpcEndpoint&VpcId={empty}&VpcEndpointType=Interface&ServiceName={s3}&PrivateDnsEnabled=true",
        "InvalidParameter",
        "To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC {empty} must have a Gateway endpoint for the \
         service.",
        "marcincuber/eks#15",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={s3}&ClientToken=once",
        "IdempotentParameterMismatch",
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        "apache/libcloud fixture",
    ),
    (
        "CreateVpcEndpoint&VpcId={vpc}&ServiceName={s3}&TagSpecification.1.ResourceType=vpc",
        "InvalidParameterValue",
        "'vpc' is not a valid taggable resource type for this operation.",
        "Sk",
    ),
    (
        "CreateVpcEndpointServiceConfiguration",
        "InvalidAction",
        "The action CreateVpcEndpointServiceConfiguration is not valid for this web service.",
        "#2521942620",
    ),
];

const CHANGE: &[Refused] = &[
    ("ModifyVpcEndpoint", "MissingParameter", "The request must contain the parameter VpcEndpointId", "Sk"),
    (
        "ModifyVpcEndpoint&VpcEndpointId=bad",
        "InvalidVpcEndpointId.Malformed",
        "Invalid Vpc Endpoint Id: 'bad' (expecting 'vpce-...; {rule}",
        "code EC; wording of the subnet's, k",
    ),
    (
        "ModifyVpcEndpoint&VpcEndpointId=vpce-0123456789abcdef0",
        "InvalidVpcEndpointId.NotFound",
        NO_ENDPOINT,
        "#43259440287",
    ),
    (
        "ModifyVpcEndpoint&VpcEndpointId={gateway}&AddSubnetId.1={subnet}",
        "InvalidParameter",
        ONLY_INTERFACES,
        "nanlabs/terraform-aws-starter#18",
    ),
    (
        "ModifyVpcEndpoint&VpcEndpointId={gateway}&AddSecurityGroupId.1={group}",
        "InvalidParameter",
        "Security group IDs are only supported for Interface type VPC Endpoint.",
        "k",
    ),
    (
        "ModifyVpcEndpoint&VpcEndpointId={endpoint}&AddRouteTableId.1={table}",
        "InvalidParameter",
        ONLY_GATEWAYS,
        "ansible-collections/amazon.aws#576; code k",
    ),
    (
        "ModifyVpcEndpoint&VpcEndpointId={gateway}&AddRouteTableId.1={table}",
        "RouteAlreadyExists",
        "route table {table} already has a route with destination-prefix-list-id {list}",
        "#8148259984",
    ),
    (
        "ModifyVpcEndpoint&VpcEndpointId={gateway}&RemoveRouteTableId.1={free_table}",
        "InvalidParameter",
        "Route table {free_table} is not associated with the VPC endpoint {gateway}.",
        "code TF; message k",
    ),
    (
        "ModifyVpcEndpoint&VpcEndpointId={gateway}&PolicyDocument={policy}&ResetPolicy=true",
        "InvalidParameterCombination",
        "The parameter PolicyDocument cannot be used with the parameter ResetPolicy",
        "k",
    ),
    (
        "ModifyVpcEndpoint&VpcEndpointId={gateway}&PolicyDocument=nonsense",
        "InvalidPolicyDocument",
        "The Policy Document is not valid. Syntax error at position (1,2)",
        "hashicorp/terraform-provider-aws#42291",
    ),
    (
        "ModifyVpcEndpoint&VpcEndpointId={endpoint}&AddSubnetId.1={same_zone}",
        "DuplicateSubnetsInSameZone",
        "Found another VPC endpoint subnet in the availability zone of {same_zone}. VPC endpoint subnets should be in \
         different availability zones supported by the VPC endpoint service.",
        "terraform-aws-modules/terraform-aws-vpc#583",
    ),
    (
        "ModifyVpcEndpoint&VpcEndpointId={endpoint}&RemoveSubnetId.1={other_subnet}",
        "InvalidParameter",
        "Subnet {other_subnet} is not associated with the VPC endpoint {endpoint}.",
        "code TF; message k",
    ),
    (
        "ModifyVpcEndpoint&VpcEndpointId={endpoint}&RemoveSecurityGroupId.1={group}",
        "InvalidParameter",
        "Security group {group} is not associated with the VPC endpoint {endpoint}.",
        "code TF; message k",
    ),
    (
        "ModifyVpcEndpoint&VpcEndpointId={endpoint}&RemoveSecurityGroupId.1={default_group}",
        "InvalidParameter",
        "The VPC endpoint {endpoint} must have at least one security group.",
        "k",
    ),
    (
        "ModifyVpcEndpoint&VpcEndpointId={endpoint}&IpAddressType=ipv6",
        "InvalidParameter",
        "The IP address type (ipv6) is not supported by the VPC endpoint service com.amazonaws.ap-northeast-1.sqs.",
        "k",
    ),
    ("DeleteVpcEndpoints", "MissingParameter", "The request must contain the parameter VpcEndpointId", "Sk"),
    (
        "DeleteVpcEndpoints&VpcEndpointId.1=bad",
        "InvalidVpcEndpointId.Malformed",
        "Invalid Vpc Endpoint Id: 'bad' (expecting 'vpce-...; {rule}",
        "code EC; wording of the subnet's, k",
    ),
    (
        "DescribeVpcEndpoints&VpcEndpointId.1={gateway}&VpcEndpointId.2=vpce-0123456789abcdef0",
        "InvalidVpcEndpointId.NotFound",
        NO_ENDPOINT,
        "#43259440287",
    ),
    (
        "DescribeVpcEndpoints&VpcEndpointId.1=bad",
        "InvalidVpcEndpointId.Malformed",
        "Invalid Vpc Endpoint Id: 'bad' (expecting 'vpce-...; {rule}",
        "code EC; wording of the subnet's, k",
    ),
    (
        "DescribeVpcEndpoints&Filter.1.Name=colour&Filter.1.Value.1=red",
        "InvalidParameterValue",
        "The filter 'colour' is invalid",
        "Sn",
    ),
    (
        "DescribeVpcEndpoints&MaxResults=1",
        "InvalidParameterValue",
        "Value ( 1 ) for parameter MaxResults is invalid. Expecting a value greater than or equal to 5.",
        "Sn",
    ),
    (
        "DescribeVpcEndpointServices&ServiceName.1=com.amazonaws.ap-northeast-1.nothing",
        "InvalidServiceName",
        "The Vpc Endpoint Service 'com.amazonaws.ap-northeast-1.nothing' does not exist",
        "C",
    ),
    (
        "DescribeVpcEndpointServices&Filter.1.Name=colour&Filter.1.Value.1=red",
        "InvalidParameterValue",
        "The filter 'colour' is invalid",
        "Sn",
    ),
    (
        "DeleteRoute&RouteTableId={table}&DestinationPrefixListId={list}",
        "InvalidParameterValue",
        "cannot remove VPC endpoint route {list} in route table {table}",
        "k",
    ),
    (
        "ReplaceRoute&RouteTableId={table}&DestinationPrefixListId={list}&GatewayId={igw}",
        "InvalidParameterValue",
        "cannot replace VPC endpoint route {list} in route table {table}",
        "k",
    ),
    ("DeleteVpc&VpcId={vpc}", "DependencyViolation", "The vpc '{vpc}' has dependencies and cannot be deleted.", "Sn"),
    (
        "DeleteSubnet&SubnetId={subnet}",
        "DependencyViolation",
        "The subnet '{subnet}' has dependencies and cannot be deleted.",
        "Sn",
    ),
];

/// Two endpoints, with what they need and what does not fit them.
fn fixture(ec2: &Ec2) -> Names {
    let mut names = Names::default();
    let network = Network::new(ec2);
    let vpc = names.put("vpc", &network.vpc);
    ec2.ask(&format!("Action=ModifyVpcAttribute&VpcId={vpc}&EnableDnsHostnames.Value=true"));
    names.put("silent", ec2.get("Action=CreateVpc&CidrBlock=10.1.0.0/16", "vpcId"));
    let empty = names.put("empty", ec2.get("Action=CreateVpc&CidrBlock=10.2.0.0/16", "vpcId"));
    ec2.ask(&format!("Action=ModifyVpcAttribute&VpcId={empty}&EnableDnsHostnames.Value=true"));
    for (name, value) in [
        ("subnet", &network.subnet),
        ("other_subnet", &network.other_subnet),
        ("group", &network.group),
        ("igw", &network.gateway),
        ("s3", &S3.to_owned()),
        ("sqs", &SQS.to_owned()),
        ("smtp", &"com.amazonaws.ap-northeast-1.email-smtp".to_owned()),
        ("dynamodb", &"com.amazonaws.ap-northeast-1.dynamodb".to_owned()),
        ("rule", &ID_RULE.to_owned()),
        ("brace", &"{".to_owned()),
        ("policy", &"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\"}}".to_owned()),
        ("long", &"x".repeat(20_481)),
        (
            "interface",
            &format!(
                "CreateVpcEndpoint&VpcId={vpc}&VpcEndpointType=Interface&ServiceName={SQS}&PrivateDnsEnabled=false"
            ),
        ),
    ] {
        names.put(name, value);
    }
    let subnet = |vpc: &str, block: &str| {
        let zone = "AvailabilityZone=ap-northeast-1b";
        ec2.get(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock={block}&{zone}"), "subnetId")
    };
    names.put("same_zone", subnet(&vpc, "192.168.3.0/24"));
    names.put("foreign_subnet", subnet(&empty, "10.2.0.0/24"));
    let table = |vpc: &str| ec2.get(&format!("Action=CreateRouteTable&VpcId={vpc}"), "routeTableId");
    let routed = names.put("table", table(&vpc));
    names.put("free_table", table(&vpc));
    names.put("foreign_table", table(&empty));
    let group = |vpc: &str| {
        ec2.get(
            &format!(
                "Action=DescribeSecurityGroups&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}\
                 &Filter.2.Name=group-name&Filter.2.Value.1=default"
            ),
            "groupId",
        )
    };
    names.put("foreign_group", group(&empty));
    names.put("default_group", group(&vpc));
    let lists = format!("Action=DescribePrefixLists&Filter.1.Name=prefix-list-name&Filter.1.Value.1={S3}");
    names.put("list", ec2.get(&lists, "prefixListId"));
    let gateway =
        format!("Action=CreateVpcEndpoint&VpcId={vpc}&ServiceName={S3}&RouteTableId.1={routed}&ClientToken=once");
    names.put("gateway", ec2.get(&gateway, "vpcEndpointId"));
    let interface = format!(
        "Action=CreateVpcEndpoint&VpcId={vpc}&VpcEndpointType=Interface&ServiceName={SQS}&SubnetId.1={}",
        network.subnet
    );
    names.put("endpoint", ec2.get(&interface, "vpcEndpointId"));
    names
}

#[test]
fn endpoints_are_refused_in_ec2s_words() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let names = fixture(&ec2);
    ec2.refuses_all(&names, CREATE);
    ec2.refuses_all(&names, CHANGE);
}
