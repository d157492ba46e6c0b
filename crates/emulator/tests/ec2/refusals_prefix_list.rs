//! Managed prefix lists by the words of EC2's refusals.
//!
//! Sources: owner/repo#n is an issue that quotes EC2, #n a public file that does. TF: hashicorp/terraform-provider-aws code and tests.
//! B: the EC2 API reference. k: believed, not confirmed.

use vpcrun_emulator::TransitionTimes;

use crate::support::{Ec2, Names, Refused, first};

const VALUE: &str = "InvalidParameterValue";

const CREATE: &[Refused] = &[
    (
        "CreateManagedPrefixList&MaxEntries=5&AddressFamily=IPv4",
        "MissingParameter",
        "The request must contain the parameter PrefixListName",
        "Sk, for another parameter",
    ),
    (
        "CreateManagedPrefixList&PrefixListName=a&AddressFamily=IPv4",
        "MissingParameter",
        "The request must contain the parameter MaxEntries",
        "Sk, for another parameter",
    ),
    (
        "CreateManagedPrefixList&PrefixListName=a&MaxEntries=5",
        "MissingParameter",
        "The request must contain the parameter AddressFamily",
        "Sk, for another parameter",
    ),
    (
        "CreateManagedPrefixList&PrefixListName=a&MaxEntries=5&AddressFamily=ipv4",
        VALUE,
        "1 validation error detected: Value 'ipv4' at 'addressFamily' failed to satisfy constraint: Member must satisfy enum value \
         set: [IPv4, IPv6]",
        "Sk, for another member",
    ),
    (
        "CreateManagedPrefixList&PrefixListName=com.amazonaws.mine&MaxEntries=5&AddressFamily=IPv4",
        VALUE,
        "Value (com.amazonaws.mine) for parameter prefixListName is invalid. The name cannot start with com.amazonaws.",
        "B; message k",
    ),
    (
        "CreateManagedPrefixList&PrefixListName=a&MaxEntries=0&AddressFamily=IPv4",
        VALUE,
        "Must specify a max size between 1 and 1000",
        "aws-samples/update-aws-ip-ranges#1",
    ),
    (
        "CreateManagedPrefixList&PrefixListName=a&MaxEntries=1001&AddressFamily=IPv4",
        VALUE,
        "Must specify a max size between 1 and 1000",
        "aws-samples/update-aws-ip-ranges#1",
    ),
    (
        "CreateManagedPrefixList&PrefixListName=a&MaxEntries=5&AddressFamily=IPv4&Entry.1.Cidr=10.0.0.1/16",
        VALUE,
        "The specified CIDR (10.0.0.1/16) is not valid. For example, specify a CIDR in the following form: 10.0.0.0/16.",
        "#58120210558",
    ),
    (
        "CreateManagedPrefixList&PrefixListName=a&MaxEntries=5&AddressFamily=IPv4&Entry.1.Cidr=2001:db8::/32",
        VALUE,
        "The specified CIDR (2001:db8::/32) is not valid. For example, specify a CIDR in the following form: 10.0.0.0/16.",
        "k, as for host bits",
    ),
    (
        "CreateManagedPrefixList&PrefixListName=a&MaxEntries=5&AddressFamily=IPv6&Entry.1.Cidr=10.0.0.0/16",
        VALUE,
        "The specified CIDR (10.0.0.0/16) is not valid. For example, specify a CIDR in the following form: 2001:db8::/32.",
        "k, as for host bits",
    ),
    (
        "CreateManagedPrefixList&PrefixListName=a&MaxEntries=5&AddressFamily=IPv4&Entry.1.Cidr=10.0.0.0/8&Entry.2.Cidr=10.0.0.0/8",
        VALUE,
        "Request cannot contain duplicate Cidr 10.0.0.0/8",
        "k",
    ),
    (
        "CreateManagedPrefixList&PrefixListName=a&MaxEntries=1&AddressFamily=IPv4&Entry.1.Cidr=10.0.0.0/8&Entry.2.Cidr=10.0.0.0/9",
        "PrefixListMaxEntriesExceeded",
        "You've reached the maximum number of entries for the prefix list.",
        "code: #9949676584; message: TF",
    ),
    (
        "CreateManagedPrefixList&PrefixListName=a&MaxEntries=1&AddressFamily=IPv4&TagSpecification.1.ResourceType=vpc",
        VALUE,
        "'vpc' is not a valid taggable resource type for this operation.",
        "Sk",
    ),
    (
        "CreateManagedPrefixList&PrefixListName=other&MaxEntries=2&AddressFamily=IPv4&ClientToken=once",
        "IdempotentParameterMismatch",
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        "apache/libcloud",
    ),
];

const CHANGE: &[Refused] = &[
    (
        "ModifyManagedPrefixList&PrefixListId={list}&CurrentVersion=7&AddEntry.1.Cidr=10.1.0.0/16",
        "PrefixListVersionMismatch",
        "The prefix list has the incorrect version number.",
        "hashicorp/terraform-provider-aws#43528",
    ),
    (
        "ModifyManagedPrefixList&PrefixListId={list}&CurrentVersion=1&AddEntry.1.Cidr=10.1.0.0/16&MaxEntries=5",
        "InvalidParameterCombination",
        "You cannot modify the entries and the maximum entries for the prefix list in the same request.",
        "hashicorp/terraform-provider-aws#26034",
    ),
    (
        "ModifyManagedPrefixList&PrefixListId={list}&CurrentVersion=1&AddEntry.1.Cidr=10.0.0.0/16&RemoveEntry.1.Cidr=10.0.0.0/16",
        VALUE,
        "Request cannot contain Cidr 10.0.0.0/16 in both AddPrefixListEntries and RemovePrefixListEntries",
        "TF",
    ),
    (
        "ModifyManagedPrefixList&PrefixListId={list}&CurrentVersion=1&AddEntry.1.Cidr=10.0.0.0/16",
        "InvalidRequest",
        "The request received was invalid.",
        "TF",
    ),
    (
        "ModifyManagedPrefixList&PrefixListId={list}&CurrentVersion=1",
        "InvalidRequest",
        "The request received was invalid.",
        "k, as for an entry that is there",
    ),
    (
        "ModifyManagedPrefixList&PrefixListId={list}&AddEntry.1.Cidr=10.1.0.0/16",
        "MissingParameter",
        "The request must contain the parameter CurrentVersion",
        "k",
    ),
    (
        "ModifyManagedPrefixList&PrefixListId={list}&CurrentVersion=1&RemoveEntry.1.Cidr=10.9.0.0/16",
        "InvalidPrefixListModification",
        "The prefix list ({list}) does not contain the Cidr 10.9.0.0/16.",
        "code: #59319788625; message k",
    ),
    (
        "ModifyManagedPrefixList&PrefixListId={list}&CurrentVersion=1&AddEntry.1.Cidr=10.1.0.0/16&AddEntry.2.Cidr=10.2.0.0/16",
        "PrefixListMaxEntriesExceeded",
        "You've reached the maximum number of entries for the prefix list.",
        "code: #9949676584; message: TF",
    ),
    (
        "ModifyManagedPrefixList&PrefixListId={list}&CurrentVersion=1&AddEntry.1.Cidr=10.1.0.0",
        VALUE,
        "The specified CIDR (10.1.0.0) is not valid. For example, specify a CIDR in the following form: 10.0.0.0/16.",
        "#58120210558, for host bits",
    ),
    (
        "ModifyManagedPrefixList&PrefixListId={list}&MaxEntries=2000",
        VALUE,
        "Must specify a max size between 1 and 1000",
        "aws-samples/update-aws-ip-ranges#1, for CreateManagedPrefixList",
    ),
    (
        "ModifyManagedPrefixList&PrefixListId={list}&PrefixListName=com.amazonaws.x",
        VALUE,
        "Value (com.amazonaws.x) for parameter prefixListName is invalid. The name cannot start with com.amazonaws.",
        "B; message k",
    ),
    (
        "ModifyManagedPrefixList&PrefixListId={list}&IpamPrefixListResolverSyncEnabled=true",
        "UnsupportedOperation",
        "The prefix list is not associated with an IPAM prefix list resolver.",
        "k",
    ),
    (
        "ModifyManagedPrefixList&PrefixListId=pl-0123456789abcdef0&PrefixListName=x",
        "InvalidPrefixListID.NotFound",
        "The prefix list (pl-0123456789abcdef0) does not exist.",
        "aws/aws-application-networking-k8s#172, for GetManagedPrefixListEntries",
    ),
    (
        "ModifyManagedPrefixList&PrefixListId={busy}&PrefixListName=x",
        "IncorrectState",
        "The request cannot be completed while the prefix list ({busy}) is in the current state (create-in-progress).",
        "#28952742811, for modify-in-progress; TF",
    ),
    (
        "RestoreManagedPrefixListVersion&PrefixListId={list}&PreviousVersion=1&CurrentVersion=3",
        "PrefixListVersionMismatch",
        "The prefix list has the incorrect version number.",
        "hashicorp/terraform-provider-aws#43528, for ModifyManagedPrefixList",
    ),
    (
        "RestoreManagedPrefixListVersion&PrefixListId={list}&PreviousVersion=4&CurrentVersion=1",
        VALUE,
        "The specified value for version (4) is not valid for the prefix list.",
        "k",
    ),
    (
        "RestoreManagedPrefixListVersion&PrefixListId={list}&PreviousVersion=1",
        "MissingParameter",
        "The request must contain the parameter CurrentVersion",
        "Sk, for another parameter",
    ),
    (
        "RestoreManagedPrefixListVersion&PrefixListId={busy}&PreviousVersion=1&CurrentVersion=1",
        "IncorrectState",
        "The request cannot be completed while the prefix list ({busy}) is in the current state (create-in-progress).",
        "#28952742811, for modify-in-progress; TF",
    ),
    (
        "DeleteManagedPrefixList&PrefixListId={busy}",
        "IncorrectState",
        "The request cannot be completed while the prefix list ({busy}) is in the current state (create-in-progress).",
        "#28952742811, for modify-in-progress; TF",
    ),
    (
        "DeleteManagedPrefixList&PrefixListId=pl-0123456789abcdef0",
        "InvalidPrefixListID.NotFound",
        "The prefix list (pl-0123456789abcdef0) does not exist.",
        "aws/aws-application-networking-k8s#172, for GetManagedPrefixListEntries",
    ),
    (
        "DeleteManagedPrefixList&PrefixListId=pl-x",
        "InvalidPrefixListId.Malformed",
        "Invalid id: \"pl-x\" (expecting \"pl-...\")",
        "code: #55593632591; message: #61555446188, for groups",
    ),
    (
        "GetManagedPrefixListEntries&PrefixListId=pl-0123456789abcdef0",
        "InvalidPrefixListID.NotFound",
        "The prefix list (pl-0123456789abcdef0) does not exist.",
        "aws/aws-application-networking-k8s#172",
    ),
    (
        "GetManagedPrefixListAssociations&PrefixListId=pl-0123456789abcdef0",
        "InvalidPrefixListID.NotFound",
        "The prefix list (pl-0123456789abcdef0) does not exist.",
        "aws/aws-application-networking-k8s#172, for GetManagedPrefixListEntries",
    ),
    (
        "GetManagedPrefixListEntries&PrefixListId={list}&TargetVersion=2",
        VALUE,
        "The specified value for version (2) is not valid for the prefix list.",
        "k",
    ),
    (
        "GetManagedPrefixListEntries&PrefixListId={list}&MaxResults=101",
        VALUE,
        "Value ( 101 ) for parameter MaxResults is invalid. Expecting a value less than or equal to 100.",
        "Sn, for DescribeSubnets",
    ),
    (
        "GetManagedPrefixListAssociations&PrefixListId={list}&MaxResults=4",
        VALUE,
        "Value ( 4 ) for parameter MaxResults is invalid. Expecting a value greater than or equal to 5.",
        "Sn, for DescribeSubnets",
    ),
    (
        "DescribeManagedPrefixLists&PrefixListId.1={list}&PrefixListId.2=pl-0123456789abcdef0",
        "InvalidPrefixListID.NotFound",
        "The prefix list ID 'pl-0123456789abcdef0' does not exist",
        "code: TF; message k",
    ),
    ("DescribeManagedPrefixLists&Filter.1.Name=state&Filter.1.Value.1=x", VALUE, "The filter 'state' is invalid", "Sn"),
    (
        "DescribeManagedPrefixLists&MaxResults=0",
        VALUE,
        "Value ( 0 ) for parameter MaxResults is invalid. Expecting a value greater than or equal to 1.",
        "Sn, for DescribeSubnets",
    ),
    (
        "DescribePrefixLists&Filter.1.Name=owner-id&Filter.1.Value.1=AWS",
        VALUE,
        "The filter 'owner-id' is invalid",
        "Sn",
    ),
];

#[test]
fn prefix_lists_are_refused_as_ec2_does() {
    let ec2 = Ec2::new(TransitionTimes::AwsLike);
    let mut names = Names::default();
    let create = "Action=CreateManagedPrefixList&AddressFamily=IPv4&MaxEntries=2";
    let entry = "Entry.1.Cidr=10.0.0.0/16";
    names.put("list", ec2.get(&format!("{create}&PrefixListName=a&{entry}&ClientToken=once"), "prefixListId"));
    ec2.wait(10);
    names.put("busy", ec2.get(&format!("{create}&PrefixListName=b"), "prefixListId"));
    ec2.refuses_all(&names, CREATE);
    ec2.refuses_all(&names, CHANGE);

    let many: String = (0..101).map(|n| format!("&Entry.{}.Cidr=10.{n}.0.0/16", n + 1)).collect();
    ec2.refuses(
        &format!("Action=CreateManagedPrefixList&AddressFamily=IPv4&MaxEntries=200&PrefixListName=c{many}"),
        VALUE,
        "The number of entries per request cannot exceeds limit (100).",
        "hashicorp/terraform-provider-aws#49955",
    );
    ec2.refuses(
        &format!("{create}&PrefixListName={}", "a".repeat(256)),
        VALUE,
        "Value for parameter prefixListName is invalid. Length exceeds maximum of 255.",
        "B; Sk, for KeyName",
    );
    ec2.refuses(
        &format!("{create}&PrefixListName=d&{entry}&Entry.1.Description={}", "a".repeat(256)),
        VALUE,
        "Value for parameter description is invalid. Length exceeds maximum of 255.",
        "B; Sk, for KeyName",
    );
}

#[test]
fn lists_of_aws_cannot_be_changed() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let filter = "Filter.1.Name=prefix-list-name&Filter.1.Value.1=*.s3";
    let answer = ec2.ask(&format!("Action=DescribeManagedPrefixLists&{filter}"));
    let list = first(&answer, "prefixListId").expect("the list");
    for request in [
        format!("ModifyManagedPrefixList&PrefixListId={list}&PrefixListName=mine"),
        format!("RestoreManagedPrefixListVersion&PrefixListId={list}&PreviousVersion=1&CurrentVersion=1"),
        format!("DeleteManagedPrefixList&PrefixListId={list}"),
        format!("CreateTags&ResourceId.1={list}&Tag.1.Key=a&Tag.1.Value=b"),
        format!("DeleteTags&ResourceId.1={list}"),
    ] {
        // k: that it is so is documented ("You cannot create, modify, share, or delete an AWS-managed prefix list").
        let expected =
            (403, "UnauthorizedOperation".to_owned(), "You are not authorized to perform this operation.".to_owned());
        assert_eq!(ec2.refusal(&format!("Action={request}")), expected, "{request}");
    }
}
