//! What NAT gateways are refused, with EC2's words. Sources: K: aws-controllers-k8s/ec2-controller's tests, run on AWS. B: the EC2 API
//! reference. E: "Error codes for the Amazon EC2 API". CFN: AWS's CloudFormation handler for NAT gateways, for codes. Sg: pagination
//! recorded on AWS. k: believed, not confirmed.

use crate::support::Refused;

const IPV: &str = "InvalidParameterValue";
const IPC: &str = "InvalidParameterCombination";
const MP: &str = "MissingParameter";
const IP: &str = "InvalidParameter";

/// The names stand for what `nat_gateway.rs` makes.
pub const REFUSED: &[Refused] = &[
    (
        "CreateNatGateway&SubnetId={subnet}",
        MP,
        "The request must include the AllocationId parameter. Add the required parameter and retry the request.",
        "K",
    ),
    (
        "CreateNatGateway&AllocationId={free}",
        MP,
        "The request must include the SubnetId parameter. Add the required parameter and retry the request.",
        "k, worded as K",
    ),
    (
        "CreateNatGateway&SubnetId=InvalidSubnet&AllocationId={free}",
        "InvalidSubnet",
        "The subnet ID 'InvalidSubnet' is malformed",
        "K",
    ),
    (
        "CreateNatGateway&SubnetId=subnet-0123456789abcdef0&AllocationId={free}",
        "InvalidSubnetID.NotFound",
        "The subnet ID 'subnet-0123456789abcdef0' does not exist",
        "CFN, Sn",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&AllocationId=InvalidAllocation",
        "InvalidElasticIpID.Malformed",
        "The elastic-ip ID 'InvalidAllocation' is malformed",
        "K",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&AllocationId=eipalloc-0123456789abcdef0",
        "InvalidElasticIpID.NotFound",
        "The elastic-ip ID 'eipalloc-0123456789abcdef0' does not exist",
        "CFN, k",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&ConnectivityType=hybrid",
        IPV,
        "1 validation error detected: Value 'hybrid' at 'connectivityType' failed to satisfy constraint: Member must satisfy \
         enum value set: [private, public]",
        "Sk",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&ConnectivityType=private&AllocationId={free}",
        IP,
        "AllocationId cannot be specified for a private NAT gateway.",
        "B, k",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&ConnectivityType=private&SecondaryAllocationId.1={free}",
        IP,
        "SecondaryAllocationIds cannot be specified for a private NAT gateway.",
        "B, k",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&AllocationId={free}&SecondaryPrivateIpAddressCount=1",
        IP,
        "SecondaryPrivateIpAddressCount can only be specified for a private NAT gateway.",
        "B, k",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&AllocationId={free}&SecondaryPrivateIpAddress.1=192.168.1.50",
        IP,
        "Each secondary private IP address must have a secondary allocation ID.",
        "B, k",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&ConnectivityType=private&SecondaryPrivateIpAddressCount=1\
         &SecondaryPrivateIpAddress.1=192.168.1.50",
        IPC,
        "SecondaryPrivateIpAddresses and SecondaryPrivateIpAddressCount cannot be specified together.",
        "B, k",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&ConnectivityType=private&SecondaryPrivateIpAddressCount=32",
        IPV,
        "Value (32) for parameter secondaryPrivateIpAddressCount is invalid. Expecting a value between 1 and 31.",
        "B, k",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&AllocationId={free}&SecondaryAllocationId.1={free}",
        IP,
        "The elastic-ip ID '{free}' is specified more than once",
        "k",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&ConnectivityType=private&PrivateIpAddress=192.168.1.3",
        IPV,
        "Address is in subnet's reserved address range",
        "Se",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&ConnectivityType=private&PrivateIpAddress=10.0.0.9",
        IPV,
        "Address does not fall within the subnet's address range",
        "Se",
    ),
    (
        "CreateNatGateway&SubnetId={other}&ConnectivityType=private&PrivateIpAddress={primary}",
        "InvalidIPAddress.InUse",
        "The specified address is already in use.",
        "Se",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&ConnectivityType=private&PrivateIpAddress=home",
        IPV,
        "invalid value for parameter address: home",
        "Se",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&ConnectivityType=private&TagSpecification.1.ResourceType=vpc",
        IPV,
        "'vpc' is not a valid taggable resource type for this operation.",
        "Sk",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&ConnectivityType=private&ClientToken=used",
        "IdempotentParameterMismatch",
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        "b",
    ),
    (
        "CreateNatGateway&VpcId={vpc}&AvailabilityMode=regional",
        "UnsupportedOperation",
        "Regional NAT gateways are not supported here.",
        "ours: EC2 would take it",
    ),
    (
        "CreateNatGateway&SubnetId={subnet}&AllocationId={free}&VpcId={vpc}",
        IP,
        "VpcId can only be specified for a regional NAT gateway.",
        "B, k",
    ),
    ("DeleteNatGateway", MP, "The request must contain the parameter NatGatewayId", "Sk"),
    ("DeleteNatGateway&NatGatewayId=nat-1", "NatGatewayMalformed", "The nat-gateway ID 'nat-1' is malformed", "E, k"),
    (
        "DeleteNatGateway&NatGatewayId=nat-0123456789abcdef0",
        "NatGatewayNotFound",
        "The Nat Gateway nat-0123456789abcdef0 was not found",
        "E, k",
    ),
    ("DeleteNatGateway&NatGatewayId={dead}", "NatGatewayNotFound", "The Nat Gateway {dead} was not found", "k"),
    (
        "DescribeNatGateways&NatGatewayId.1=nat-0123456789abcdef0",
        "NatGatewayNotFound",
        "The Nat Gateway nat-0123456789abcdef0 was not found",
        "E, k",
    ),
    ("DescribeNatGateways&NatGatewayId.1=nat", "NatGatewayMalformed", "The nat-gateway ID 'nat' is malformed", "E, k"),
    (
        "DescribeNatGateways&Filter.1.Name=connectivity-type&Filter.1.Value.1=public",
        IPV,
        "The filter 'connectivity-type' is invalid",
        "Sn",
    ),
    (
        "DescribeNatGateways&MaxResults=4",
        IPV,
        "Value ( 4 ) for parameter MaxResults is invalid. Expecting a value greater than or equal to 5.",
        "Sn",
    ),
    (
        "AssociateNatGatewayAddress&NatGatewayId={public}",
        MP,
        "The request must contain the parameter AllocationId",
        "Sk",
    ),
    (
        "AssociateNatGatewayAddress&NatGatewayId={private}&AllocationId.1={free}",
        IP,
        "NAT gateway {private} is not a public NAT gateway.",
        "B, k",
    ),
    (
        "AssociateNatGatewayAddress&NatGatewayId={public}&AllocationId.1={taken}",
        "Resource.AlreadyAssociated",
        "Elastic IP address {taken} is already associated",
        "B, k",
    ),
    (
        "AssociateNatGatewayAddress&NatGatewayId={public}&AllocationId.1={free}&PrivateIpAddress.1=10.0.0.9",
        IPV,
        "Address does not fall within the subnet's address range",
        "Se",
    ),
    (
        "AssociateNatGatewayAddress&NatGatewayId={public}&AllocationId.1={free}&AvailabilityZone=ap-northeast-1b",
        IP,
        "An Availability Zone can only be specified for a regional NAT gateway.",
        "B, k",
    ),
    (
        "DisassociateNatGatewayAddress&NatGatewayId={public}&AssociationId.1={association}",
        IP,
        "The primary Elastic IP address cannot be disassociated.",
        "B, k",
    ),
    (
        "DisassociateNatGatewayAddress&NatGatewayId={public}&AssociationId.1=eipassoc-0123456789abcdef0",
        "InvalidAssociationID.NotFound",
        "The association ID 'eipassoc-0123456789abcdef0' does not exist",
        "Sp",
    ),
    (
        "AssignPrivateNatGatewayAddress&NatGatewayId={public}&PrivateIpAddressCount=1",
        IP,
        "NAT gateway {public} is not a private NAT gateway.",
        "B, k",
    ),
    (
        "AssignPrivateNatGatewayAddress&NatGatewayId={private}",
        MP,
        "Either PrivateIpAddresses or PrivateIpAddressCount must be specified.",
        "B, k",
    ),
    (
        "AssignPrivateNatGatewayAddress&NatGatewayId={private}&PrivateIpAddressCount=1&PrivateIpAddress.1=192.168.2.9",
        IPC,
        "PrivateIpAddresses and PrivateIpAddressCount cannot be specified together.",
        "B, k",
    ),
    (
        "AssignPrivateNatGatewayAddress&NatGatewayId={private}&PrivateIpAddressCount=8",
        "PrivateIpAddressLimitExceeded",
        "Performing this operation would exceed the limit of 8 addresses per NAT gateway",
        "G, k",
    ),
    (
        "AssignPrivateNatGatewayAddress&NatGatewayId={dead}&PrivateIpAddressCount=1",
        "IncorrectState",
        "NAT gateway {dead} is in the deleted state. It must be in the available state.",
        "k",
    ),
    (
        "UnassignPrivateNatGatewayAddress&NatGatewayId={private}&PrivateIpAddress.1={primary}",
        IP,
        "The primary private IP address cannot be unassigned.",
        "B, k",
    ),
    (
        "UnassignPrivateNatGatewayAddress&NatGatewayId={private}&PrivateIpAddress.1=192.168.2.200",
        IP,
        "Private IP address 192.168.2.200 is not assigned to NAT gateway {private}",
        "k",
    ),
    (
        "CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&NatGatewayId=nat-0123456789abcdef0",
        "InvalidNatGatewayID.NotFound",
        "The natGateway ID 'nat-0123456789abcdef0' does not exist",
        "openshift/hypershift, k",
    ),
    (
        "CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&NatGatewayId={dead}",
        "InvalidNatGatewayID.NotFound",
        "The natGateway ID '{dead}' does not exist",
        "k",
    ),
    (
        "CreateRoute&RouteTableId={elsewhere}&DestinationCidrBlock=0.0.0.0/0&NatGatewayId={public}",
        IPV,
        "route table {elsewhere} and network gateway {public} belong to different networks",
        "Si, k",
    ),
    // What a gateway holds is not the caller's to take.
    (
        "DeleteSubnet&SubnetId={subnet}",
        "DependencyViolation",
        "The subnet '{subnet}' has dependencies and cannot be deleted.",
        "Sn",
    ),
    (
        "DetachInternetGateway&InternetGatewayId={igw}&VpcId={vpc}",
        "DependencyViolation",
        "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.",
        "prabhatsharma/kubernetes-the-hard-way-aws#16",
    ),
    (
        "ReleaseAddress&AllocationId={taken}",
        "AuthFailure",
        "You do not have permission to access the specified resource.",
        "eformat/sno-for-100#5",
    ),
    (
        "DisassociateAddress&AssociationId={association}",
        "AuthFailure",
        "You do not have permission to access the specified resource.",
        "k",
    ),
    (
        "DeleteNetworkInterface&NetworkInterfaceId={interface}",
        IPV,
        "Network interface '{interface}' is currently in use.",
        "Sp",
    ),
];
