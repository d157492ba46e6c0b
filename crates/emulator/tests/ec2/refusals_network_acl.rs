//! Network ACLs by the words of EC2's refusals.
//!
//! Sources: Sn and Sa are raw answers of AWS published in radkawar/stackd (networking, network_acl_idempotency), St
//! network_creation_token_length. owner/repo#n is an issue that quotes EC2, #n a public file that does. G: Amazon VPC User Guide.
//! B: the EC2 API reference. M: moto's tests that were verified on AWS. k: believed, not confirmed.

use vpcrun_emulator::TransitionTimes;

use crate::support::{Ec2, Names, Network, Refused};

const VALUE: &str = "InvalidParameterValue";
const MISSING: &str = "MissingParameter";

const TABLES: &[Refused] = &[
    ("CreateNetworkAcl", MISSING, "The request must contain the parameter VpcId", "Sk, for another parameter"),
    (
        "CreateNetworkAcl&VpcId=vpc-0123456789abcdef0",
        "InvalidVpcID.NotFound",
        "The vpc ID 'vpc-0123456789abcdef0' does not exist",
        "Sn",
    ),
    (
        "CreateNetworkAcl&VpcId={vpc}&TagSpecification.1.ResourceType=vpc",
        VALUE,
        "'vpc' is not a valid taggable resource type for this operation.",
        "Sk",
    ),
    ("CreateNetworkAcl&VpcId={vpc}&ClientToken=", VALUE, "Value () for parameter clientToken is invalid", "St"),
    (
        "CreateNetworkAcl&VpcId={vpc}&ClientToken={token65}",
        VALUE,
        "Value ({token65}) for parameter clientToken is invalid",
        "St",
    ),
    (
        "CreateNetworkAcl&VpcId={other_vpc}&ClientToken=once",
        "IdempotentParameterMismatch",
        "Wrong arguments for request with token once",
        "Sa",
    ),
    (
        "CreateNetworkAcl&VpcId={vpc}&ClientToken=once&TagSpecification.1.ResourceType=network-acl\
         &TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b",
        "IdempotentParameterMismatch",
        "Wrong arguments for request with token once",
        "Sa",
    ),
    (
        "CreateNetworkAcl&VpcId={vpc}&ClientToken=gone",
        "IdempotentParameterMismatch",
        "An error occurred (IdempotentParameterMismatch) when calling this operation: The client token and arguments used in this \
         request were used in a prior request that was associated with a resource which is now deleted.",
        "Sa",
    ),
    ("DeleteNetworkAcl", MISSING, "The request must contain the parameter NetworkAclId", "Sk, for another parameter"),
    (
        "DeleteNetworkAcl&NetworkAclId=acl-0123456789abcdef0",
        "InvalidNetworkAclID.NotFound",
        "The networkAcl ID 'acl-0123456789abcdef0' does not exist",
        "Sn",
    ),
    (
        "DeleteNetworkAcl&NetworkAclId=acl-x",
        "InvalidNetworkAclId.Malformed",
        "Invalid id: \"acl-x\" (expecting \"acl-...\")",
        "#61555446188, for groups",
    ),
    ("DeleteNetworkAcl&NetworkAclId={default}", VALUE, "cannot delete default network ACL {default}", "#5925708717"),
    (
        "DeleteNetworkAcl&NetworkAclId={used}",
        "DependencyViolation",
        "The networkAcl '{used}' has dependencies and cannot be deleted.",
        "Sn, for route tables",
    ),
    (
        "ReplaceNetworkAclAssociation&AssociationId=aclassoc-0123456789abcdef0&NetworkAclId={acl}",
        "InvalidAssociationID.NotFound",
        "The association ID 'aclassoc-0123456789abcdef0' does not exist",
        "Sp, for addresses",
    ),
    (
        "ReplaceNetworkAclAssociation&AssociationId={association}&NetworkAclId=acl-0123456789abcdef0",
        "InvalidNetworkAclID.NotFound",
        "The networkAcl ID 'acl-0123456789abcdef0' does not exist",
        "Sn",
    ),
    (
        "ReplaceNetworkAclAssociation&AssociationId={association}&NetworkAclId={foreign}",
        VALUE,
        "network ACL {foreign} and subnet {subnet} belong to different networks",
        "Si, for route tables and gateways; k",
    ),
    (
        "ReplaceNetworkAclAssociation&NetworkAclId={acl}",
        MISSING,
        "The request must contain the parameter AssociationId",
        "Sk, for another parameter",
    ),
    (
        "DescribeNetworkAcls&Filter.1.Name=entry.port&Filter.1.Value.1=1",
        VALUE,
        "The filter 'entry.port' is invalid",
        "Sn",
    ),
    (
        "DescribeNetworkAcls&NetworkAclId.1={acl}&NetworkAclId.2=acl-0123456789abcdef0",
        "InvalidNetworkAclID.NotFound",
        "The networkAcl ID 'acl-0123456789abcdef0' does not exist",
        "Sn",
    ),
    (
        "DescribeNetworkAcls&MaxResults=4",
        VALUE,
        "Value ( 4 ) for parameter MaxResults is invalid. Expecting a value greater than or equal to 5.",
        "Sn, for DescribeSubnets",
    ),
    (
        "DeleteVpc&VpcId={empty_vpc}",
        "DependencyViolation",
        "The vpc '{empty_vpc}' has dependencies and cannot be deleted.",
        "B",
    ),
];

/// Each refused for CreateNetworkAclEntry and ReplaceNetworkAclEntry; `{entry}` names the ACL and a free direction.
const ENTRIES: &[Refused] = &[
    (
        "{entry}&RuleNumber=0&Protocol=-1&CidrBlock=0.0.0.0/0",
        VALUE,
        "Value (0) for parameter ruleNumber is invalid. Rule numbers must be between 1 and 32766.",
        "B; message k",
    ),
    (
        "{entry}&RuleNumber=32767&Protocol=-1&CidrBlock=0.0.0.0/0",
        VALUE,
        "Value (32767) for parameter ruleNumber is invalid. Rule numbers must be between 1 and 32766.",
        "B; message k",
    ),
    (
        "{entry}&Protocol=-1&CidrBlock=0.0.0.0/0",
        MISSING,
        "The request must contain the parameter RuleNumber",
        "Sk, for another parameter",
    ),
    (
        "{entry}&RuleNumber=5&CidrBlock=0.0.0.0/0",
        MISSING,
        "The request must contain the parameter Protocol",
        "Sk, for another parameter",
    ),
    (
        "{entry}&RuleNumber=5&Protocol=256&CidrBlock=0.0.0.0/0",
        VALUE,
        "Invalid value '256' for IP protocol. Unknown protocol.",
        "hashicorp/terraform-provider-aws#1793, for groups",
    ),
    (
        "{entry}&RuleNumber=5&Protocol=quic&CidrBlock=0.0.0.0/0",
        VALUE,
        "Invalid value 'quic' for IP protocol. Unknown protocol.",
        "hashicorp/terraform-provider-aws#1793, for groups",
    ),
    (
        "{entry}&RuleNumber=5&Protocol=-1",
        MISSING,
        "The request must contain exactly one of: cidrBlock, ipv6CidrBlock",
        "Si, for routes; k",
    ),
    (
        "{entry}&RuleNumber=5&Protocol=-1&CidrBlock=0.0.0.0/0&Ipv6CidrBlock=::/0",
        "InvalidParameterCombination",
        "The request must contain exactly one of: cidrBlock, ipv6CidrBlock",
        "Si, for routes; k",
    ),
    (
        "{entry}&RuleNumber=5&Protocol=-1&CidrBlock=10.0.0.0",
        VALUE,
        "Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
        "K, for CreateVpc",
    ),
    (
        "{entry}&RuleNumber=5&Protocol=-1&Ipv6CidrBlock=2001:db8::/129",
        VALUE,
        "Value (2001:db8::/129) for parameter ipv6CidrBlock is invalid. This is not a valid CIDR block.",
        "K, for CreateVpc",
    ),
    (
        "{entry}&RuleNumber=5&Protocol=6&CidrBlock=0.0.0.0/0",
        VALUE,
        "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.",
        "M, for groups",
    ),
    (
        "{entry}&RuleNumber=5&Protocol=17&CidrBlock=0.0.0.0/0&PortRange.From=53",
        VALUE,
        "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.",
        "M, for groups",
    ),
    (
        "{entry}&RuleNumber=5&Protocol=6&CidrBlock=0.0.0.0/0&PortRange.From=90&PortRange.To=80",
        VALUE,
        "Invalid TCP/UDP port range (90:80)",
        "k",
    ),
    (
        "{entry}&RuleNumber=5&Protocol=6&CidrBlock=0.0.0.0/0&PortRange.From=0&PortRange.To=65536",
        VALUE,
        "TCP/UDP (to) port (65536) out of range",
        "#39383672023, for groups",
    ),
    (
        "{entry}&RuleNumber=5&Protocol=1&CidrBlock=0.0.0.0/0",
        VALUE,
        "Invalid value for icmpTypeCode. Must specify both type and code with ICMP.",
        "k",
    ),
    (
        "{entry}&RuleNumber=5&Protocol=58&Ipv6CidrBlock=::/0&Icmp.Type=8",
        VALUE,
        "Invalid value for icmpTypeCode. Must specify both type and code with ICMP.",
        "B; message k",
    ),
    (
        "{entry}&RuleNumber=5&Protocol=1&CidrBlock=0.0.0.0/0&Icmp.Type=256&Icmp.Code=0",
        VALUE,
        "ICMP type (256) out of range",
        "terraform-aws-modules/terraform-aws-security-group#7, for groups",
    ),
    (
        "{entry}&RuleNumber=5&Protocol=1&CidrBlock=0.0.0.0/0&Icmp.Type=-1&Icmp.Code=3",
        VALUE,
        "ICMP code (3) must be -1 when the ICMP type is -1",
        "B, for groups; message k",
    ),
];

const ENTRY: &[Refused] = &[
    (
        "CreateNetworkAclEntry&NetworkAclId={acl}&Egress=false&RuleNumber=100&RuleAction=deny&Protocol=6&CidrBlock=10.0.0.0/8\
         &PortRange.From=22&PortRange.To=22",
        "NetworkAclEntryAlreadyExists",
        "The network acl entry identified by 100 already exists.",
        "#35347680692",
    ),
    (
        "CreateNetworkAclEntry&NetworkAclId={acl}&Egress=false&RuleNumber=5&RuleAction=reject&Protocol=-1&CidrBlock=0.0.0.0/0",
        VALUE,
        "1 validation error detected: Value 'reject' at 'ruleAction' failed to satisfy constraint: Member must satisfy enum value \
         set: [allow, deny]",
        "Sk, for another member",
    ),
    (
        "CreateNetworkAclEntry&NetworkAclId=acl-0123456789abcdef0&Egress=false&RuleNumber=5&RuleAction=deny&Protocol=-1\
         &CidrBlock=0.0.0.0/0",
        "InvalidNetworkAclID.NotFound",
        "The networkAcl ID 'acl-0123456789abcdef0' does not exist",
        "Sn",
    ),
    (
        "ReplaceNetworkAclEntry&NetworkAclId={acl}&Egress=true&RuleNumber=100&RuleAction=deny&Protocol=-1&CidrBlock=0.0.0.0/0",
        "InvalidNetworkAclEntry.NotFound",
        "no egress entry with number 100 in network ACL {acl}",
        "Sn, for DeleteNetworkAclEntry",
    ),
    (
        "DeleteNetworkAclEntry&NetworkAclId={acl}&Egress=false&RuleNumber=101",
        "InvalidNetworkAclEntry.NotFound",
        "no ingress entry with number 101 in network ACL {acl}",
        "Sn",
    ),
    (
        "DeleteNetworkAclEntry&NetworkAclId={acl}&Egress=false&RuleNumber=32767",
        VALUE,
        "Value (32767) for parameter ruleNumber is invalid. Rule numbers must be between 1 and 32766.",
        "G; message k",
    ),
    (
        "DeleteNetworkAclEntry&NetworkAclId={acl}&RuleNumber=100",
        MISSING,
        "The request must contain the parameter Egress",
        "Sk, for another parameter",
    ),
];

#[test]
fn network_acls_are_refused_as_ec2_does() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let mut names = Names::default();
    let vpc = names.put("vpc", &network.vpc);
    let create = |vpc: &str, token: &str| {
        ec2.get(&format!("Action=CreateNetworkAcl&VpcId={vpc}&ClientToken={token}"), "networkAclId")
    };
    let acl = names.put("acl", create(&vpc, "once"));
    let gone = create(&vpc, "gone");
    ec2.ask(&format!("Action=DeleteNetworkAcl&NetworkAclId={gone}"));
    let used = names.put("used", create(&vpc, "used"));
    let other = names.put("other_vpc", ec2.get("Action=CreateVpc&CidrBlock=10.0.0.0/16", "vpcId"));
    names.put("foreign", create(&other, "foreign"));
    let empty = names.put("empty_vpc", ec2.get("Action=CreateVpc&CidrBlock=10.0.0.0/16", "vpcId"));
    create(&empty, "last");
    let of_subnet = |subnet: &str| {
        let filter = format!("Filter.1.Name=association.subnet-id&Filter.1.Value.1={subnet}");
        ec2.ask(&format!("Action=DescribeNetworkAcls&{filter}"))
    };
    let association = |subnet: &str| {
        let answer = of_subnet(subnet);
        let (_, after) = answer.split_once(&format!("<subnetId>{subnet}</subnetId>")).expect("the subnet");
        assert!(after.starts_with("</item>"));
        let before = answer.split(&format!("<subnetId>{subnet}</subnetId>")).next().expect("text").to_owned();
        crate::support::texts(&before, "networkAclAssociationId").pop().expect("an association")
    };
    names.put("default", crate::support::first(&of_subnet(&network.subnet), "networkAclId").expect("the default ACL"));
    let replace = format!(
        "Action=ReplaceNetworkAclAssociation&AssociationId={}&NetworkAclId={used}",
        association(&network.other_subnet)
    );
    ec2.ask(&replace);
    names.put("association", association(&network.subnet));
    names.put("subnet", &network.subnet);
    names.put("token65", "t".repeat(65));
    ec2.refuses_all(&names, TABLES);

    ec2.ask(&format!(
        "Action=CreateNetworkAclEntry&NetworkAclId={acl}&Egress=false&RuleNumber=100&RuleAction=allow&Protocol=6\
         &CidrBlock=10.0.0.0/8&PortRange.From=22&PortRange.To=22"
    ));
    for action in ["CreateNetworkAclEntry", "ReplaceNetworkAclEntry"] {
        names.put("entry", format!("{action}&NetworkAclId={acl}&Egress=true&RuleAction=allow"));
        ec2.refuses_all(&names, ENTRIES);
    }
    ec2.refuses_all(&names, ENTRY);
}

#[test]
fn a_direction_has_20_entries_of_an_ip_version() {
    let ec2 = Ec2::with_quotas();
    let network = Network::new(&ec2);
    let acl = ec2.get(&format!("Action=CreateNetworkAcl&VpcId={}", network.vpc), "networkAclId");
    let entry = |number: u16, more: &str| {
        format!(
            "Action=CreateNetworkAclEntry&NetworkAclId={acl}&RuleNumber={number}&RuleAction=allow&Protocol=-1&{more}"
        )
    };
    // The one that ends the list aside.
    for number in 1..=20 {
        ec2.ask(&entry(number, "Egress=false&CidrBlock=10.0.0.0/8"));
    }
    ec2.refuses(
        &entry(21, "Egress=false&CidrBlock=10.0.0.0/8"),
        "NetworkAclEntryLimitExceeded",
        "The maximum number of network acl entries has been reached.",
        "cisagov/cool-assessment-terraform#288",
    );
    ec2.ask(&entry(21, "Egress=true&CidrBlock=10.0.0.0/8"));
    ec2.ask(&entry(21, "Egress=false&Ipv6CidrBlock=2001:db8::/32"));
}
