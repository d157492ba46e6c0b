//! Network ACLs: made, filled, given to subnets and taken from them.

use vpcrun_emulator::TransitionTimes;

use crate::support::{Ec2, Network, first, texts};

fn create(ec2: &Ec2, vpc: &str, more: &str) -> String {
    ec2.ask(&format!("Action=CreateNetworkAcl&VpcId={vpc}{more}"))
}

fn describe(ec2: &Ec2, acl: &str) -> String {
    ec2.ask(&format!("Action=DescribeNetworkAcls&NetworkAclId.1={acl}"))
}

#[test]
fn a_new_acl_denies_everything() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let tags = "&TagSpecification.1.ResourceType=network-acl&TagSpecification.1.Tag.1.Key=Name\
                &TagSpecification.1.Tag.1.Value=dmz&ClientToken=once";
    let made = create(&ec2, &network.vpc, tags);
    let acl = first(&made, "networkAclId").expect("an id");
    // As recorded on AWS (Sa): type, code and ports are there, empty.
    let last = |egress: bool| {
        format!(
            "<item><ruleNumber>32767</ruleNumber><protocol>-1</protocol><ruleAction>deny</ruleAction><egress>{egress}</egress>\
             <cidrBlock>0.0.0.0/0</cidrBlock><icmpTypeCode/><portRange/></item>"
        )
    };
    let expected = format!(
        "<networkAcl><networkAclId>{acl}</networkAclId><vpcId>{}</vpcId><ownerId>123456789012</ownerId><default>false</default>\
         <entrySet>{}{}</entrySet><associationSet/><tagSet><item><key>Name</key><value>dmz</value></item></tagSet></networkAcl>\
         <clientToken>once</clientToken>",
        network.vpc,
        last(true),
        last(false)
    );
    assert!(made.contains(&expected), "{made}");
    let described = describe(&ec2, &acl);
    assert!(!described.contains("icmpTypeCode") && !described.contains("portRange"), "{described}");

    // A token's replay shows the entries of now and the tags of then (Sa).
    ec2.ask(&format!("Action=DeleteTags&ResourceId.1={acl}"));
    ec2.ask(&format!(
        "Action=CreateNetworkAclEntry&NetworkAclId={acl}&Egress=true&RuleNumber=7&RuleAction=allow&Protocol=-1\
         &CidrBlock=10.0.0.0/8"
    ));
    let replayed = create(&ec2, &network.vpc, tags);
    assert_eq!(first(&replayed, "networkAclId"), Some(acl.clone()));
    assert_eq!(texts(&replayed, "ruleNumber"), ["7", "32767", "32767"]);
    assert_eq!(texts(&replayed, "value"), ["dmz"]);
    assert!(first(&create(&ec2, &network.vpc, ""), "clientToken").is_some());
    ec2.ask(&format!("Action=DeleteNetworkAcl&NetworkAclId={acl}"));
}

#[test]
fn entries_come_back_as_given() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let acl = first(&create(&ec2, &network.vpc, ""), "networkAclId").expect("an id");
    let entry = |action: &str, more: &str| {
        ec2.ask(&format!("Action={action}&NetworkAclId={acl}&RuleAction=allow&Egress=false&{more}"));
    };
    let ssh = "RuleNumber=200&Protocol=tcp&CidrBlock=198.51.100.7/24&PortRange.From=22&PortRange.To=22";
    entry("CreateNetworkAclEntry", ssh);
    // The same once more is no mistake (Sn).
    entry("CreateNetworkAclEntry", ssh);
    entry("CreateNetworkAclEntry", "RuleNumber=100&Protocol=1&CidrBlock=0.0.0.0/0&Icmp.Type=8&Icmp.Code=-1");
    entry("CreateNetworkAclEntry", "RuleNumber=300&Protocol=58&Ipv6CidrBlock=2001:db8::1/64&Icmp.Type=-1&Icmp.Code=-1");
    entry("CreateNetworkAclEntry", "RuleNumber=400&Protocol=47&CidrBlock=0.0.0.0/0&PortRange.From=1&PortRange.To=2");
    let answer = describe(&ec2, &acl);
    let item = |number: u16, protocol: &str, rest: &str| {
        format!(
            "<item><ruleNumber>{number}</ruleNumber><protocol>{protocol}</protocol><ruleAction>allow</ruleAction>\
             <egress>false</egress>{rest}</item>"
        )
    };
    let expected = [
        item(100, "1", "<cidrBlock>0.0.0.0/0</cidrBlock><icmpTypeCode><code>-1</code><type>8</type></icmpTypeCode>"),
        item(200, "6", "<cidrBlock>198.51.100.0/24</cidrBlock><portRange><from>22</from><to>22</to></portRange>"),
        item(
            300,
            "58",
            "<ipv6CidrBlock>2001:db8::/64</ipv6CidrBlock><icmpTypeCode><code>-1</code><type>-1</type></icmpTypeCode>",
        ),
        item(400, "47", "<cidrBlock>0.0.0.0/0</cidrBlock>"),
    ];
    assert!(answer.contains(&expected.concat()), "{answer}");

    let found = |name: &str, value: &str| {
        let filter =
            format!("Filter.1.Name={name}&Filter.1.Value.1={value}&Filter.2.Name=default&Filter.2.Value.1=false");
        ec2.all(&format!("Action=DescribeNetworkAcls&{filter}"), "networkAclId") == [acl.as_str()]
    };
    for (name, value) in [
        ("entry.cidr", "198.51.100.0/24"),
        ("entry.ipv6-cidr", "2001:db8::/64"),
        ("entry.icmp.type", "8"),
        ("entry.icmp.code", "-1"),
        ("entry.port-range.from", "22"),
        ("entry.port-range.to", "22"),
        ("entry.protocol", "tcp"),
        ("entry.protocol", "47"),
        ("entry.rule-action", "allow"),
        ("entry.rule-number", "400"),
        ("entry.egress", "false"),
        ("vpc-id", &network.vpc),
        ("owner-id", "123456789012"),
    ] {
        assert!(found(name, value), "{name} {value}");
    }
    assert!(!found("entry.port-range.from", "8"));

    entry("ReplaceNetworkAclEntry", "RuleNumber=200&Protocol=-1&CidrBlock=10.0.0.0/8");
    ec2.ask(&format!("Action=DeleteNetworkAclEntry&NetworkAclId={acl}&RuleNumber=100&Egress=false"));
    let answer = describe(&ec2, &acl);
    assert_eq!(texts(&answer, "ruleNumber"), ["32767", "200", "300", "400", "32767"]);
    assert_eq!(texts(&answer, "protocol"), ["-1", "-1", "58", "47", "-1"]);
}

#[test]
fn a_subnet_has_one_acl() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let acl = first(&create(&ec2, &network.vpc, ""), "networkAclId").expect("an id");
    let of_subnet = || {
        let filter = format!("Filter.1.Name=association.subnet-id&Filter.1.Value.1={}", network.subnet);
        let answer = ec2.ask(&format!("Action=DescribeNetworkAcls&{filter}"));
        let item = format!("<subnetId>{}</subnetId>", network.subnet);
        let before = answer.split(&item).next().expect("text");
        (
            first(&answer, "networkAclId").expect("an ACL"),
            texts(before, "networkAclAssociationId").pop().expect("an id"),
        )
    };
    let (default, old) = of_subnet();
    assert_ne!(default, acl);
    let replace = format!("Action=ReplaceNetworkAclAssociation&AssociationId={old}&NetworkAclId={acl}");
    let new = ec2.get(&replace, "newAssociationId");
    assert_ne!(new, old);
    assert_eq!(of_subnet(), (acl.clone(), new.clone()));
    // The old association is gone.
    assert_eq!(ec2.code(&replace), "InvalidAssociationID.NotFound");
    assert_eq!(ec2.code(&format!("Action=DeleteNetworkAcl&NetworkAclId={acl}")), "DependencyViolation");
    ec2.ask(&format!("Action=ReplaceNetworkAclAssociation&AssociationId={new}&NetworkAclId={default}"));
    ec2.ask(&format!("Action=DeleteNetworkAcl&NetworkAclId={acl}"));

    // A subnet that goes takes its association along.
    let acl = first(&create(&ec2, &network.vpc, ""), "networkAclId").expect("an id");
    let (_, association) = of_subnet();
    ec2.ask(&format!("Action=ReplaceNetworkAclAssociation&AssociationId={association}&NetworkAclId={acl}"));
    ec2.ask(&format!("Action=DeleteSubnet&SubnetId={}", network.subnet));
    ec2.ask(&format!("Action=DeleteNetworkAcl&NetworkAclId={acl}"));
}
