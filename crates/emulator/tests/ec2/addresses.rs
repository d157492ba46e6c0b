//! Elastic IP addresses: reverse DNS records, transfers, addresses that come back.

use vpcrun_emulator::TransitionTimes;

use super::support::{Ec2, first};

#[test]
fn a_reverse_dns_record_takes_a_while() {
    let ec2 = Ec2::new(TransitionTimes::AwsLike);
    let id = ec2.get("Action=AllocateAddress", "allocationId");
    ec2.ask("Action=AllocateAddress");
    let describe = format!("Action=DescribeAddressesAttribute&AllocationId.1={id}&Attribute=domain-name");
    let set = || first(&ec2.ask(&describe), "addressSet");
    assert_eq!(set(), None, "no record, no item");

    let answer = ec2.ask(&format!("Action=ModifyAddressAttribute&AllocationId={id}&DomainName=Mail.example.com"));
    let pending =
        "<ptrRecordUpdate><value>mail.example.com.</value><status>PENDING</status></ptrRecordUpdate>".to_owned();
    assert!(answer.contains(&pending) && !answer.contains("<ptrRecord>"), "{answer}");
    assert!(set().is_some_and(|set| set.contains(&pending)));
    ec2.wait(60);
    let shown = set().expect("a record");
    assert!(shown.contains("<ptrRecord>mail.example.com.</ptrRecord>") && !shown.contains("PENDING"), "{shown}");
    assert_eq!(ec2.all("Action=DescribeAddressesAttribute&MaxResults=1", "allocationId"), std::slice::from_ref(&id));

    assert_eq!(ec2.code(&format!("Action=ReleaseAddress&AllocationId={id}")), "InvalidAddress.PtrSet");
    let answer = ec2.ask(&format!("Action=ResetAddressAttribute&AllocationId={id}&Attribute=domain-name"));
    assert!(answer.contains("<status>PENDING</status>"), "{answer}");
    ec2.wait(60);
    assert_eq!(set(), None);
    ec2.ask(&format!("Action=ReleaseAddress&AllocationId={id}"));
}

#[test]
fn an_offer_of_an_address_stands_for_seven_days() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let id = ec2.get("Action=AllocateAddress", "allocationId");
    let enable = format!("Action=EnableAddressTransfer&AllocationId={id}&TransferAccountId=210987654321");
    let answer = ec2.ask(&enable);
    for element in [
        "<addressTransferStatus>pending</addressTransferStatus>",
        "<transferAccountId>210987654321</transferAccountId>",
        "<transferOfferExpirationTimestamp>2026-11-30T18:43:58.000Z</transferOfferExpirationTimestamp>",
    ] {
        assert!(answer.contains(element), "{element}: {answer}");
    }
    let offers = || ec2.all("Action=DescribeAddressTransfers", "allocationId");
    assert_eq!(offers(), std::slice::from_ref(&id));
    let disabled = ec2.get(&format!("Action=DisableAddressTransfer&AllocationId={id}"), "addressTransferStatus");
    assert_eq!((disabled.as_str(), offers().len()), ("disabled", 0));
    ec2.ask(&enable);
    ec2.wait(7 * 24 * 60 * 60);
    assert!(offers().is_empty(), "the offer has expired");
    assert_eq!(ec2.code(&format!("Action=DisableAddressTransfer&AllocationId={id}")), "InvalidTransfer.NotFound");
}

#[test]
fn a_released_address_comes_back_as_long_as_nobody_has_it() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let allocated = ec2.ask("Action=AllocateAddress");
    let (ip, id) = (first(&allocated, "publicIp").expect("ip"), first(&allocated, "allocationId").expect("id"));
    let recover = format!("Action=AllocateAddress&Address={ip}");
    assert_eq!(ec2.code(&recover), "InvalidAddress.NotFound", "it is in use");
    ec2.ask(&format!("Action=ReleaseAddress&AllocationId={id}"));
    let recovered = ec2.ask(&recover);
    assert_eq!(first(&recovered, "publicIp"), Some(ip.clone()));
    let again = first(&recovered, "allocationId").expect("id");
    assert_ne!(again, id);
    ec2.ask(&format!("Action=ReleaseAddress&AllocationId={again}"));
    assert_eq!(ec2.in_region("eu-west-1").get("Action=AllocateAddress", "publicIp"), ip);
    assert_eq!(ec2.code(&recover), "InvalidAddress.NotFound", "another region of the account has it now");
}

#[test]
fn an_account_without_addresses_of_its_own_has_no_pools() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let answer = ec2.ask("Action=DescribePublicIpv4Pools&MaxResults=10&Filter.1.Name=tag:Name&Filter.1.Value.1=x");
    assert!(answer.contains("<publicIpv4PoolSet/>"), "{answer}");
}
