//! What EC2 refuses of Elastic IP addresses' attributes, transfers and pools.

use vpcrun_emulator::TransitionTimes;

use super::support::{Ec2, Names, Refused};

const UNKNOWN: &str = "The allocation ID 'eipalloc-0123456789abcdef0' does not exist";

const REFUSED: &[Refused] = &[
    (
        "AllocateAddress&PublicIpv4Pool=ipv4pool-ec2-0123456789abcdef0",
        "InvalidPublicIpv4PoolID.NotFound",
        "The publicIpv4Pool ID 'ipv4pool-ec2-0123456789abcdef0' does not exist",
        "k",
    ),
    (
        "AllocateAddress&CustomerOwnedIpv4Pool=ipv4pool-coip-0123456789abcdef0",
        "InvalidPoolID.NotFound",
        "The coipPool ID 'ipv4pool-coip-0123456789abcdef0' does not exist",
        "k",
    ),
    (
        "AllocateAddress&IpamPoolId=ipam-pool-0123456789abcdef0",
        "InvalidIpamPoolId.NotFound",
        "The ipam-pool ID 'ipam-pool-0123456789abcdef0' does not exist",
        "k",
    ),
    (
        "AllocateAddress&Address=8.8.8.8",
        "InvalidAddress.NotFound",
        "Address '8.8.8.8' not found.",
        "code E; message Sp",
    ),
    ("AllocateAddress&NetworkBorderGroup=eu-west-1", "InvalidParameterValue", "eu-west-1", "Sp"),
    (
        "AllocateAddress&TagSpecification.1.ResourceType=vpc",
        "InvalidParameterValue",
        "'vpc' is not a valid taggable resource type for this operation.",
        "Sk",
    ),
    (
        "ModifyAddressAttribute&DomainName=example.com",
        "MissingParameter",
        "The request must contain the parameter AllocationId",
        "Sk",
    ),
    (
        "ModifyAddressAttribute&AllocationId={id}",
        "MissingParameter",
        "The request must contain the parameter domainName",
        "k",
    ),
    (
        "ModifyAddressAttribute&AllocationId=eipalloc-0123456789abcdef0&DomainName=example.com",
        "InvalidAllocationID.NotFound",
        UNKNOWN,
        "Sp",
    ),
    (
        "ModifyAddressAttribute&AllocationId={id}&DomainName=not_a_name",
        "InvalidParameterValue",
        "Invalid value 'not_a_name' for domainName.",
        "k",
    ),
    (
        "ModifyAddressAttribute&AllocationId={id}&DomainName=-a.example.com",
        "InvalidParameterValue",
        "Invalid value '-a.example.com' for domainName.",
        "k",
    ),
    (
        "ResetAddressAttribute&AllocationId={id}",
        "MissingParameter",
        "The request must contain the parameter Attribute",
        "B; wording Sk",
    ),
    (
        "ResetAddressAttribute&AllocationId={id}&Attribute=colour",
        "InvalidParameterValue",
        "1 validation error detected: Value 'colour' at 'attribute' failed to satisfy constraint: Member must satisfy \
         enum value set: [domain-name]",
        "B; wording Sk",
    ),
    (
        "ResetAddressAttribute&AllocationId=eipalloc-0123456789abcdef0&Attribute=domain-name",
        "InvalidAllocationID.NotFound",
        UNKNOWN,
        "Sp",
    ),
    (
        "DescribeAddressesAttribute&AllocationId.1={id}&AllocationId.2=eipalloc-0123456789abcdef0",
        "InvalidAllocationID.NotFound",
        UNKNOWN,
        "Sp",
    ),
    (
        "DescribeAddressesAttribute&Attribute=colour",
        "InvalidParameterValue",
        "1 validation error detected: Value 'colour' at 'attribute' failed to satisfy constraint: Member must satisfy \
         enum value set: [domain-name]",
        "B; wording Sk",
    ),
    (
        "DescribeAddressesAttribute&MaxResults=0",
        "InvalidParameterValue",
        "Value ( 0 ) for parameter MaxResults is invalid. Expecting a value greater than or equal to 1.",
        "B; wording Sn",
    ),
    (
        "DescribeAddressesAttribute&NextToken=nonsense",
        "InvalidParameterValue",
        "Value ( nonsense ) for parameter NextToken is invalid. The token is invalid.",
        "Sn",
    ),
    (
        "EnableAddressTransfer&AllocationId={id}",
        "MissingParameter",
        "The request must contain the parameter TransferAccountId",
        "Sk",
    ),
    (
        "EnableAddressTransfer&AllocationId=eipalloc-0123456789abcdef0&TransferAccountId=210987654321",
        "InvalidAllocationID.NotFound",
        UNKNOWN,
        "Sp",
    ),
    (
        "EnableAddressTransfer&AllocationId={id}&TransferAccountId=21098765432",
        "InvalidParameterValue",
        "Invalid value '21098765432' for transferAccountId.",
        "k",
    ),
    (
        "EnableAddressTransfer&AllocationId={id}&TransferAccountId=123456789012",
        "InvalidParameterValue",
        "Invalid value '123456789012' for transferAccountId.",
        "k: one's own account",
    ),
    (
        "DisableAddressTransfer&AllocationId={id}",
        "InvalidTransfer.NotFound",
        "The address transfer for allocation ID '{id}' does not exist",
        "k",
    ),
    ("AcceptAddressTransfer&Address=8.8.8.8", "InvalidAddress.NotFound", "Address '8.8.8.8' not found.", "k"),
    ("AcceptAddressTransfer&Address={ip}", "InvalidAddress.NotFound", "Address '{ip}' not found.", "k: one's own"),
    ("AcceptAddressTransfer&Address=bad", "InvalidParameterValue", "Invalid value 'bad' for address.", "Sp"),
    (
        "AcceptAddressTransfer&Address=8.8.8.8&TagSpecification.1.ResourceType=vpc",
        "InvalidParameterValue",
        "'vpc' is not a valid taggable resource type for this operation.",
        "Sk",
    ),
    (
        "DescribeAddressTransfers&AllocationId.1=eipalloc-0123456789abcdef0",
        "InvalidAllocationID.NotFound",
        UNKNOWN,
        "Sp",
    ),
    (
        "DescribeAddressTransfers&MaxResults=4",
        "InvalidParameterValue",
        "Value ( 4 ) for parameter MaxResults is invalid. Expecting a value greater than or equal to 5.",
        "B; wording Sn",
    ),
    (
        "DescribePublicIpv4Pools&PoolId.1=ipv4pool-ec2-0123456789abcdef0",
        "InvalidPublicIpv4PoolID.NotFound",
        "The publicIpv4Pool ID 'ipv4pool-ec2-0123456789abcdef0' does not exist",
        "k",
    ),
    (
        "DescribePublicIpv4Pools&MaxResults=11",
        "InvalidParameterValue",
        "Value ( 11 ) for parameter MaxResults is invalid. Expecting a value less than or equal to 10.",
        "B; wording Sn",
    ),
    (
        "DescribePublicIpv4Pools&Filter.1.Name=colour&Filter.1.Value.1=red",
        "InvalidParameterValue",
        "The filter 'colour' is invalid",
        "Sn",
    ),
    (
        "ReleaseAddress&AllocationId={named}",
        "InvalidAddress.PtrSet",
        "The address {named_ip} cannot be released because it has a PTR record set.",
        "code: cloud-custodian, #67420699113; message k",
    ),
    (
        "MoveAddressToVpc",
        "InvalidAction",
        "The action MoveAddressToVpc is not valid for this web service.",
        "#2521942620",
    ),
];

#[test]
fn addresses_are_refused_in_ec2s_words() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let mut names = Names::default();
    names.put("id", ec2.get("Action=AllocateAddress", "allocationId"));
    names.put("ip", ec2.get("Action=DescribeAddresses", "publicIp"));
    let named = names.put("named", ec2.get("Action=AllocateAddress", "allocationId"));
    names.put("named_ip", ec2.get(&format!("Action=DescribeAddresses&AllocationId.1={named}"), "publicIp"));
    ec2.ask(&format!("Action=ModifyAddressAttribute&AllocationId={named}&DomainName=example.com"));
    ec2.refuses_all(&names, REFUSED);
}
