//! VPC and subnet CIDR blocks, default VPCs, reservations, DHCP options and egress-only gateways by the words of EC2's refusals.
//!
//! Sources as in ec2-errors.md: M moto's tests against AWS, K aws-controllers-k8s, TF hashicorp/terraform-provider-aws code, Sd raw
//! captures, EC the page of error codes, B the EC2 API reference, #n a public file that quotes EC2, owner/repo#n an issue that
//! does, k believed.

use vpcrun_emulator::TransitionTimes;

use crate::support::{Ec2, Names, Refused, first};

const VALUE: &str = "InvalidParameterValue";
const COMBINATION: &str = "InvalidParameterCombination";
const MISSING: &str = "MissingParameter";

/// A dual-stack VPC with a secondary block and two dual-stack subnets, one of them in use.
fn fixture() -> (Ec2, Names) {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let mut names = Names::default();
    let made = ec2.ask("Action=CreateVpc&CidrBlock=10.5.0.0/16&AmazonProvidedIpv6CidrBlock=true");
    let vpc = names.put("vpc", first(&made, "vpcId").expect("an id"));
    names.put(
        "primary",
        ec2.get(&format!("Action=DescribeVpcs&VpcId.1={vpc}"), "cidrBlockAssociationSet")
            .split("<associationId>")
            .nth(1)
            .and_then(|rest| rest.split('<').next())
            .expect("an association")
            .to_owned(),
    );
    let ipv6 = first(&made, "ipv6CidrBlockAssociationSet").expect("a set");
    names.put("ipv6", first(&ipv6, "associationId").expect("an association"));
    let second = ec2.get(&format!("Action=AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=10.6.0.0/16"), "associationId");
    names.put("second", second);
    names.put("plain", ec2.get("Action=CreateVpc&CidrBlock=172.16.0.0/16", "vpcId"));
    let subnet = |blocks: &str| {
        let made = ec2.ask(&format!("Action=CreateSubnet&VpcId={vpc}{blocks}"));
        (first(&made, "subnetId").expect("an id"), first(&made, "associationId"))
    };
    let (dual, association) = subnet("&CidrBlock=10.6.0.0/24&Ipv6CidrBlock=2001:db8:0:100::/64");
    names.put("subnet", dual.clone());
    names.put("subnet_ipv6", association.expect("an association"));
    names.put("ipv4_subnet", subnet("&CidrBlock=10.5.1.0/24").0);
    let (native, association) = subnet("&Ipv6Native=true&Ipv6CidrBlock=2001:db8:0:101::/64");
    names.put("native", native);
    names.put("native_ipv6", association.expect("an association"));
    ec2.ask(&format!("Action=CreateNetworkInterface&SubnetId={dual}&Ipv6AddressCount=1"));
    ec2.ask(&format!("Action=CreateSubnetCidrReservation&SubnetId={dual}&Cidr=10.6.0.64/26&ReservationType=prefix"));
    names.put("options", ec2.get(&format!("Action=DescribeVpcs&VpcId.1={vpc}"), "dhcpOptionsId"));
    names.put(
        "gateway",
        ec2.get(
            &format!("Action=CreateEgressOnlyInternetGateway&VpcId={vpc}&ClientToken=used"),
            "egressOnlyInternetGatewayId",
        ),
    );
    let table =
        ec2.get(&format!("Action=DescribeRouteTables&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}"), "routeTableId");
    let gateway = ec2.get("Action=CreateInternetGateway", "internetGatewayId");
    ec2.ask(&format!("Action=AttachInternetGateway&InternetGatewayId={gateway}&VpcId={vpc}"));
    ec2.ask(&format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=10.9.3.0/24&GatewayId={gateway}"));
    (ec2, names)
}

const RESTRICTED: &str = "is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or use a \
                          publicly-routable CIDR. For additional restrictions, see \
                          https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html";

#[test]
fn vpc_blocks() {
    let (ec2, names) = fixture();
    ec2.refuses_all(&names, VPC_BLOCKS);
    for block in ["172.16.0.0/16", "192.168.0.0/24", "198.19.0.0/24"] {
        let body = names.fill(&format!("Action=AssociateVpcCidrBlock&VpcId={{vpc}}&CidrBlock={block}"));
        ec2.refuses(&body, "InvalidVpc.Range", &format!("The CIDR '{block}' {RESTRICTED}"), "#67596380066");
    }
}

const VPC_BLOCKS: &[Refused] = &[
    (
        "AssociateVpcCidrBlock&VpcId=vpc-00000001&CidrBlock=10.7.0.0/16",
        "InvalidVpcID.NotFound",
        "The vpc ID 'vpc-00000001' does not exist",
        "Sn",
    ),
    ("AssociateVpcCidrBlock&CidrBlock=10.7.0.0/16", MISSING, "The request must contain the parameter VpcId", "Sk"),
    (
        "AssociateVpcCidrBlock&VpcId={vpc}",
        MISSING,
        "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.",
        "#27227336666, for CreateVpc",
    ),
    (
        "AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=ten",
        VALUE,
        "Value (ten) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
        "K",
    ),
    (
        "AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=10.7.0.0/15",
        "InvalidVpc.Range",
        "The CIDR '10.7.0.0/15' is invalid.",
        "#63304419099, for CreateVpc",
    ),
    (
        "AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=10.6.4.0/24",
        "InvalidVpc.Range",
        "The CIDR '10.6.4.0/24' conflicts with another CIDR block of the VPC {vpc}.",
        "k",
    ),
    (
        "AssociateVpcCidrBlock&VpcId={vpc}&CidrBlock=10.9.0.0/16",
        "InvalidVpc.Range",
        "The CIDR '10.9.0.0/16' is the same as or larger than the destination of a route in a route table of the VPC {vpc}.",
        "k",
    ),
    (
        "AssociateVpcCidrBlock&VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true",
        "CidrLimitExceeded",
        "This network {vpc} has met its maximum number of allowed CIDRs: 1",
        "M, for IPv4; limit B",
    ),
    (
        "AssociateVpcCidrBlock&VpcId={plain}&AmazonProvidedIpv6CidrBlock=true&CidrBlock=172.17.0.0/16",
        COMBINATION,
        "Only one of cidrBlock or amazonProvidedIpv6CidrBlock may be specified.",
        "B; message k",
    ),
    (
        "AssociateVpcCidrBlock&VpcId={plain}&Ipv4IpamPoolId=ipam-pool-00000001&Ipv4NetmaskLength=24",
        "InvalidIpamPoolId.NotFound",
        "The ipam-pool ID 'ipam-pool-00000001' does not exist",
        "TF; message k",
    ),
    (
        "AssociateVpcCidrBlock&VpcId={plain}&Ipv6Pool=ipv6pool-ec2-00000001",
        "InvalidPoolID.NotFound",
        "The pool ID 'ipv6pool-ec2-00000001' does not exist",
        "TF; message k",
    ),
    (
        "AssociateVpcCidrBlock&VpcId={plain}&Ipv6CidrBlock=2001:db8:1::/56",
        MISSING,
        "The request must contain the parameter ipv6Pool",
        "B; Sk, for another parameter",
    ),
    (
        "CreateVpc&CidrBlock=10.0.0.0/16&AmazonProvidedIpv6CidrBlock=true&Ipv6Pool=ipv6pool-ec2-00000001",
        COMBINATION,
        "Only one of amazonProvidedIpv6CidrBlock, ipv6Pool or ipv6IpamPoolId may be specified.",
        "B; message k",
    ),
    (
        "CreateVpc&CidrBlock=10.0.0.0/16&Ipv6CidrBlockNetworkBorderGroup=ap-northeast-1",
        COMBINATION,
        "The parameter ipv6CidrBlockNetworkBorderGroup requires amazonProvidedIpv6CidrBlock to be true.",
        "B; message k",
    ),
    (
        "CreateVpc&CidrBlock=10.0.0.0/16&AmazonProvidedIpv6CidrBlock=true&Ipv6CidrBlockNetworkBorderGroup=us-west-2",
        VALUE,
        "Invalid value 'us-west-2' for ipv6CidrBlockNetworkBorderGroup.",
        "k",
    ),
    (
        "CreateVpc&Ipv4IpamPoolId=ipam-pool-00000001&Ipv4NetmaskLength=24",
        "InvalidIpamPoolId.NotFound",
        "The ipam-pool ID 'ipam-pool-00000001' does not exist",
        "TF; message k",
    ),
    (
        "CreateVpc&CidrBlock=10.0.0.0/16&VpcEncryptionControl.Mode=monitor",
        "UnsupportedOperation",
        "VPC encryption controls are not supported.",
        "the emulator's own",
    ),
    (
        "DisassociateVpcCidrBlock&AssociationId={primary}",
        "OperationNotPermitted",
        "The vpc CIDR block with association ID {primary} may not be disassociated. It is the primary IPv4 CIDR block of the \
         VPC",
        "moto",
    ),
    (
        "DisassociateVpcCidrBlock&AssociationId={second}",
        "InvalidCidrBlock.InUse",
        "The vpc {vpc} currently has a subnet within CIDR block 10.6.0.0/16",
        "#49680296183",
    ),
    (
        "DisassociateVpcCidrBlock&AssociationId={ipv6}",
        "InvalidCidrBlock.InUse",
        "The vpc {vpc} currently has a subnet within CIDR block 2001:db8:0:100::/56",
        "#49680296183",
    ),
    (
        "DisassociateVpcCidrBlock&AssociationId=vpc-cidr-assoc-00000001",
        "InvalidVpcCidrBlockAssociationID.NotFound",
        "The vpc CIDR block association ID 'vpc-cidr-assoc-00000001' does not exist",
        "TF; message moto",
    ),
    (
        "DisassociateVpcCidrBlock&AssociationId=one",
        "InvalidVpcCidrBlockAssociationId.Malformed",
        "The vpc CIDR block association ID 'one' is malformed",
        "k",
    ),
    (
        "DisassociateVpcCidrBlock",
        MISSING,
        "The request must contain the parameter AssociationId",
        "Sk, for another parameter",
    ),
    (
        "CreateDefaultVpc",
        "DefaultVpcAlreadyExists",
        "A Default VPC already exists for this account in this region.",
        "#5194550568",
    ),
    (
        "ModifyVpcTenancy&VpcId={vpc}&InstanceTenancy=dedicated",
        VALUE,
        "1 validation error detected: Value 'dedicated' at 'instanceTenancy' failed to satisfy constraint: Member must satisfy \
         enum value set: [default]",
        "B; Sk, for another member",
    ),
    (
        "ModifyVpcTenancy&VpcId=vpc-00000001&InstanceTenancy=default",
        "InvalidVpcID.NotFound",
        "The vpc ID 'vpc-00000001' does not exist",
        "Sn",
    ),
];

#[test]
fn dns_hostnames_need_dns() {
    let (ec2, names) = fixture();
    ec2.ask(&names.fill("Action=ModifyVpcAttribute&VpcId={vpc}&EnableDnsSupport.Value=false"));
    let body = names.fill("Action=ModifyVpcAttribute&VpcId={vpc}&EnableDnsHostnames.Value=true");
    let message =
        "Invalid value 'true' for enableDnsHostnames. DNS hostnames can be enabled only if DNS support is enabled.";
    ec2.refuses(&body, VALUE, message, "B; message k");
}

#[test]
fn subnet_blocks() {
    let (ec2, names) = fixture();
    ec2.refuses_all(&names, SUBNETS);
    ec2.ask(&names.fill("Action=ModifySubnetAttribute&SubnetId={subnet}&AssignIpv6AddressOnCreation.Value=true"));
    let body = names.fill("Action=DisassociateSubnetCidrBlock&AssociationId={subnet_ipv6}");
    let message = names.fill(
        "The subnet IPv6 CIDR block with association ID {subnet_ipv6} may not be disassociated, because its subnet has \
         assign-ipv6-address-on-creation set to true.",
    );
    ec2.refuses(&body, "InvalidCidrBlock.InUse", &message, "hashicorp/terraform-provider-aws#1519");
}

const SUBNETS: &[Refused] = &[
    (
        "CreateSubnet&VpcId={vpc}&Ipv6Native=true",
        MISSING,
        "Either 'ipv6CidrBlock' or 'ipv6IpamPoolId' should be provided.",
        "M",
    ),
    (
        "CreateSubnet&VpcId={vpc}&Ipv6Native=true&Ipv6CidrBlock=2001:db8:0:102::/64&CidrBlock=10.5.2.0/24",
        COMBINATION,
        "The parameter cidrBlock cannot be used with the parameter ipv6Native",
        "B; message k",
    ),
    (
        "CreateSubnet&VpcId={vpc}&CidrBlock=10.5.2.0/24&Ipv6CidrBlock=2001:db8:0:102::/62",
        VALUE,
        "invalid value for parameter ipv6-cidr-block: 2001:db8:0:102::/62",
        "hashicorp/terraform-provider-aws#28775",
    ),
    (
        "CreateSubnet&VpcId={vpc}&CidrBlock=10.5.2.0/24&Ipv6CidrBlock=2001:db8:0:200::/64",
        "InvalidSubnet.Range",
        "The CIDR '2001:db8:0:200::/64' is invalid.",
        "Sn, for IPv4",
    ),
    (
        "CreateSubnet&VpcId={vpc}&CidrBlock=10.5.2.0/24&Ipv6CidrBlock=2001:db8:0:100::/64",
        "InvalidSubnet.Conflict",
        "The CIDR '2001:db8:0:100::/64' conflicts with another subnet",
        "Sn, for IPv4",
    ),
    (
        "CreateSubnet&VpcId={vpc}&CidrBlock=10.7.0.0/24",
        "InvalidSubnet.Range",
        "The CIDR '10.7.0.0/24' is invalid.",
        "Sn",
    ),
    (
        "CreateSubnet&VpcId={vpc}&CidrBlock=10.6.0.128/25",
        "InvalidSubnet.Conflict",
        "The CIDR '10.6.0.128/25' conflicts with another subnet",
        "Sn",
    ),
    (
        "CreateSubnet&VpcId={vpc}&Ipv4IpamPoolId=ipam-pool-00000001&Ipv4NetmaskLength=24",
        "InvalidIpamPoolId.NotFound",
        "The ipam-pool ID 'ipam-pool-00000001' does not exist",
        "TF; message k",
    ),
    (
        "CreateSubnet&VpcId={vpc}&CidrBlock=10.5.2.0/24&OutpostArn=arn:one",
        VALUE,
        "Value (arn:one) for parameter outpostArn is invalid. The Outpost does not exist.",
        "k",
    ),
    (
        "AssociateSubnetCidrBlock&SubnetId={subnet}&Ipv6CidrBlock=2001:db8:0:102::/64",
        "CidrLimitExceeded",
        "This subnet {subnet} has met its maximum number of allowed CIDRs: 1",
        "M, for VPCs; limit B",
    ),
    (
        "AssociateSubnetCidrBlock&SubnetId={ipv4_subnet}",
        MISSING,
        "Either 'ipv6CidrBlock' or 'ipv6IpamPoolId' should be provided.",
        "M, for CreateSubnet",
    ),
    (
        "AssociateSubnetCidrBlock&SubnetId=subnet-00000001&Ipv6CidrBlock=2001:db8:0:102::/64",
        "InvalidSubnetID.NotFound",
        "The subnet ID 'subnet-00000001' does not exist",
        "Sn",
    ),
    (
        "AssociateSubnetCidrBlock&SubnetId={ipv4_subnet}&Ipv6CidrBlock=10.0.0.0/24",
        VALUE,
        "invalid value for parameter ipv6-cidr-block: 10.0.0.0/24",
        "hashicorp/terraform-provider-aws#28775",
    ),
    (
        "AssociateSubnetCidrBlock&SubnetId={ipv4_subnet}&Ipv6CidrBlock=2001:db8:0:101::/64",
        "InvalidSubnet.Conflict",
        "The CIDR '2001:db8:0:101::/64' conflicts with another subnet",
        "Sn, for IPv4",
    ),
    (
        "DisassociateSubnetCidrBlock&AssociationId=one",
        "InvalidSubnetCidrBlockAssociationId.Malformed",
        "The subnet CIDR block with association ID one is malformed",
        "hashicorp/terraform#14545",
    ),
    (
        "DisassociateSubnetCidrBlock&AssociationId=subnet-cidr-assoc-00000001",
        "InvalidSubnetCidrBlockAssociationID.NotFound",
        "The subnet CIDR block with association ID subnet-cidr-assoc-00000001 does not exist",
        "TF; message k",
    ),
    (
        "DisassociateSubnetCidrBlock&AssociationId={subnet_ipv6}",
        "InvalidCidrBlock.InUse",
        "The subnet IPv6 CIDR block with association ID {subnet_ipv6} may not be disassociated, because its subnet has network \
         interfaces with IPv6 addresses.",
        "hashicorp/terraform-provider-aws#1519, for another reason",
    ),
    (
        "DisassociateSubnetCidrBlock&AssociationId={native_ipv6}",
        "InvalidCidrBlock.InUse",
        "The subnet IPv6 CIDR block with association ID {native_ipv6} may not be disassociated, because its subnet is IPv6 \
         only.",
        "hashicorp/terraform-provider-aws#1519, for another reason",
    ),
    (
        "ModifySubnetAttribute&SubnetId={ipv4_subnet}&AssignIpv6AddressOnCreation.Value=true",
        VALUE,
        "Invalid value 'true' for assign-ipv6-address-on-creation. Cannot set assign-ipv6-address-on-creation to true unless the \
         subnet ({ipv4_subnet}) has an IPv6 CIDR block associated with it.",
        "terraform-aws-modules/terraform-aws-vpc#735",
    ),
    (
        "ModifySubnetAttribute&SubnetId={native}&MapPublicIpOnLaunch.Value=true",
        VALUE,
        "Invalid value 'true' for map-public-ip-on-launch. The subnet ({native}) is an IPv6 only subnet.",
        "k",
    ),
    (
        "ModifySubnetAttribute&SubnetId={native}&PrivateDnsHostnameTypeOnLaunch=ip-name",
        VALUE,
        "Invalid value 'ip-name' for private-dns-hostname-type-on-launch. The subnet ({native}) is an IPv6 only subnet.",
        "B; message k",
    ),
    (
        "ModifySubnetAttribute&SubnetId={subnet}&EnableLniAtDeviceIndex=1",
        VALUE,
        "The subnet ({subnet}) is not an Outpost subnet.",
        "B; message k",
    ),
    (
        "CreateDefaultSubnet",
        MISSING,
        "The request must contain the parameter availabilityZone",
        "B; Sk, for another parameter",
    ),
    (
        "CreateDefaultSubnet&AvailabilityZone=ap-northeast-1z",
        VALUE,
        "Value (ap-northeast-1z) for parameter availabilityZone is invalid. Subnets can currently only be created in the \
         following availability zones: ap-northeast-1a, ap-northeast-1b, ap-northeast-1c, ap-northeast-1d.",
        "#11294703687, for CreateSubnet",
    ),
];

#[test]
fn reservations() {
    let (ec2, names) = fixture();
    ec2.refuses_all(&names, RESERVATIONS);
}

const RESERVATIONS: &[Refused] = &[
    (
        "CreateSubnetCidrReservation&SubnetId=subnet-00000001&Cidr=10.6.0.0/28&ReservationType=prefix",
        "InvalidSubnetID.NotFound",
        "The subnet ID 'subnet-00000001' does not exist",
        "I",
    ),
    (
        "CreateSubnetCidrReservation&SubnetId={subnet}&Cidr=10.6.0.0/28",
        MISSING,
        "The request must contain the parameter ReservationType",
        "Sk, for another parameter",
    ),
    (
        "CreateSubnetCidrReservation&SubnetId={subnet}&ReservationType=prefix",
        MISSING,
        "The request must contain the parameter Cidr",
        "Sk, for another parameter",
    ),
    (
        "CreateSubnetCidrReservation&SubnetId={subnet}&Cidr=10.6.0.0/28&ReservationType=any",
        VALUE,
        "1 validation error detected: Value 'any' at 'reservationType' failed to satisfy constraint: Member must satisfy enum \
         value set: [prefix, explicit]",
        "Sk, for another member",
    ),
    (
        "CreateSubnetCidrReservation&SubnetId={subnet}&Cidr=ten&ReservationType=prefix",
        VALUE,
        "Value (ten) for parameter cidr is invalid. This is not a valid CIDR block.",
        "K, for another parameter",
    ),
    (
        "CreateSubnetCidrReservation&SubnetId={subnet}&Cidr=10.6.1.0/28&ReservationType=prefix",
        VALUE,
        "Value (10.6.1.0/28) for parameter cidr is invalid. The CIDR block is not within the CIDR blocks of subnet {subnet}.",
        "k",
    ),
    (
        "CreateSubnetCidrReservation&SubnetId={subnet}&Cidr=10.6.0.80/28&ReservationType=explicit",
        VALUE,
        "Value (10.6.0.80/28) for parameter cidr is invalid. The CIDR block conflicts with another subnet CIDR reservation.",
        "k",
    ),
    (
        "CreateSubnetCidrReservation&SubnetId={subnet}&Cidr=10.6.0.0/28&ReservationType=prefix\
         &TagSpecification.1.ResourceType=subnet&TagSpecification.1.Tag.1.Key=a",
        VALUE,
        "'subnet' is not a valid taggable resource type for this operation.",
        "Sk",
    ),
    (
        "DeleteSubnetCidrReservation&SubnetCidrReservationId=scr-00000001",
        "InvalidSubnetCidrReservationID.NotFound",
        "The subnetCidrReservation ID 'scr-00000001' does not exist",
        "TF; message k",
    ),
    (
        "DeleteSubnetCidrReservation&SubnetCidrReservationId=one",
        "InvalidSubnetCidrReservationId.Malformed",
        "Invalid id: \"one\" (expecting \"scr-...\")",
        "Se, for another kind",
    ),
    (
        "GetSubnetCidrReservations&SubnetId=subnet-00000001",
        "InvalidSubnetID.NotFound",
        "The subnet ID 'subnet-00000001' does not exist",
        "I",
    ),
    (
        "GetSubnetCidrReservations&SubnetId={subnet}&Filter.1.Name=cidr&Filter.1.Value.1=a",
        VALUE,
        "The filter 'cidr' is invalid",
        "Sn",
    ),
    (
        "GetSubnetCidrReservations&SubnetId={subnet}&MaxResults=1",
        VALUE,
        "Value ( 1 ) for parameter MaxResults is invalid. Expecting a value greater than or equal to 5.",
        "Sn, for DescribeSubnets",
    ),
];

#[test]
fn dhcp_options_and_egress_only_gateways() {
    let (ec2, names) = fixture();
    ec2.refuses_all(&names, OPTIONS);
    ec2.refuses_all(&names, EGRESS_ONLY);
}

const OPTIONS: &[Refused] = &[
    (
        "CreateDhcpOptions",
        MISSING,
        "The request must contain the parameter dhcpConfigurationSet",
        "Sk, for another parameter",
    ),
    (
        "CreateDhcpOptions&DhcpConfiguration.1.Key=domain&DhcpConfiguration.1.Value.1=a",
        VALUE,
        "Value (domain) for parameter name is invalid. Unknown DHCP option",
        "K",
    ),
    (
        "CreateDhcpOptions&DhcpConfiguration.1.Key=netbios-node-type&DhcpConfiguration.1.Value.1=3",
        VALUE,
        "Value (3) for parameter value is invalid. Invalid DHCP option value.",
        "Sd",
    ),
    (
        "CreateDhcpOptions&DhcpConfiguration.1.Key=domain-name-servers&DhcpConfiguration.1.Value.1=here",
        VALUE,
        "Value (here) for parameter value is invalid. Invalid DHCP option value.",
        "Sd",
    ),
    (
        "CreateDhcpOptions&DhcpConfiguration.1.Key=ntp-servers&DhcpConfiguration.1.Value.1=1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5",
        VALUE,
        "Value (1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5) for parameter value is invalid. Invalid DHCP option value.",
        "Sd; limit B",
    ),
    (
        "CreateDhcpOptions&DhcpConfiguration.1.Key=ipv6-address-preferred-lease-time&DhcpConfiguration.1.Value.1=100",
        VALUE,
        "Value (100) for parameter value is invalid. Invalid DHCP option value.",
        "Sd; limit B",
    ),
    (
        "CreateDhcpOptions&DhcpConfiguration.1.Key=domain-name",
        MISSING,
        "The request must contain the parameter value",
        "Sk, for another parameter",
    ),
    (
        "CreateDhcpOptions&DhcpConfiguration.1.Key=domain-name&DhcpConfiguration.1.Value.1=a\
         &DhcpConfiguration.2.Key=domain-name&DhcpConfiguration.2.Value.1=b",
        VALUE,
        "Value (domain-name) for parameter name is invalid. Duplicate DHCP option",
        "k",
    ),
    (
        "AssociateDhcpOptions&DhcpOptionsId=dopt-00000001&VpcId={vpc}",
        "InvalidDhcpOptionsID.NotFound",
        "The dhcpOptions ID 'dopt-00000001' does not exist",
        "Sd",
    ),
    (
        "AssociateDhcpOptions&DhcpOptionsId={options}&VpcId=vpc-00000001",
        "InvalidVpcID.NotFound",
        "The vpc ID 'vpc-00000001' does not exist",
        "Sn",
    ),
    (
        "DeleteDhcpOptions&DhcpOptionsId={options}",
        "DependencyViolation",
        "The dhcpOptions '{options}' has dependencies and cannot be deleted.",
        "gruntwork-io/cloud-nuke#753",
    ),
    (
        "DeleteDhcpOptions&DhcpOptionsId=dopt-00000001",
        "InvalidDhcpOptionsID.NotFound",
        "The dhcpOptions ID 'dopt-00000001' does not exist",
        "Sd",
    ),
    (
        "DeleteDhcpOptions&DhcpOptionsId=one&DryRun=true",
        "InvalidDhcpOptionsId.Malformed",
        "The dhcp-options ID 'one' is malformed",
        "Sd",
    ),
    (
        "DescribeDhcpOptions&DhcpOptionsId.1=dopt-00000001",
        "InvalidDhcpOptionID.NotFound",
        "The dhcpOptions ID 'dopt-00000001' does not exist",
        "TF",
    ),
];

const EGRESS_ONLY: &[Refused] = &[
    (
        "CreateEgressOnlyInternetGateway&VpcId=vpc-00000001",
        "InvalidVpcID.NotFound",
        "The vpc ID 'vpc-00000001' does not exist",
        "Sn",
    ),
    (
        "CreateEgressOnlyInternetGateway",
        MISSING,
        "The request must contain the parameter VpcId",
        "Sk, for another parameter",
    ),
    (
        "CreateEgressOnlyInternetGateway&VpcId={plain}&ClientToken=used",
        "IdempotentParameterMismatch",
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        "apache/libcloud fixture",
    ),
    (
        "DeleteEgressOnlyInternetGateway&EgressOnlyInternetGatewayId=eigw-00000001",
        "InvalidGatewayID.NotFound",
        "The egressOnlyInternetGateway ID 'eigw-00000001' does not exist",
        "TF; message k",
    ),
    (
        "DescribeEgressOnlyInternetGateways&EgressOnlyInternetGatewayId.1=eigw-00000001",
        "InvalidGatewayID.NotFound",
        "The egressOnlyInternetGateway ID 'eigw-00000001' does not exist",
        "TF; message k",
    ),
    (
        "DeleteEgressOnlyInternetGateway&EgressOnlyInternetGatewayId=one",
        "InvalidEgressOnlyInternetGatewayId.Malformed",
        "Invalid id: \"one\" (expecting \"eigw-...\")",
        "Se, for another kind",
    ),
    (
        "DescribeEgressOnlyInternetGateways&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}",
        VALUE,
        "The filter 'vpc-id' is invalid",
        "Sn",
    ),
    ("DeleteVpc&VpcId={vpc}", "DependencyViolation", "The vpc '{vpc}' has dependencies and cannot be deleted.", "Sn"),
];
