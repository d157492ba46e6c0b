//! What cannot be updated, what is declared twice, what somebody else has: errors that change nothing.

use aws_sdk_ec2::types as sdk;
use vpcrun_ec2::{
    Handle, InstanceSpec, InternetGatewaySpec, KeyPairSpec, KeyType, SecurityGroupSpec, Stack, SubnetSpec, VpcSpec,
};
use vpcrun_model::{Subnet, Vpc};

use super::super::support::block_on;
use super::{Bench, Ran, gateway, group, instance, key, mine, net, subnet, vpc};

/// Everything, once; each field is what a test varies.
struct Declared {
    vpc: VpcSpec,
    subnet: fn(&Handle<Vpc>, &Handle<Vpc>) -> SubnetSpec,
    gateway: fn(&Handle<Vpc>, &Handle<Vpc>) -> InternetGatewaySpec,
    group: fn(&Handle<Vpc>, &Handle<Vpc>) -> SecurityGroupSpec,
    key: KeyPairSpec,
    instance: fn(&Handle<Subnet>, &Handle<Subnet>) -> InstanceSpec,
    with_key: &'static str,
}

impl Default for Declared {
    fn default() -> Self {
        Self {
            vpc: vpc(),
            subnet: |vpc, _| subnet(vpc),
            gateway: |vpc, _| gateway(vpc),
            group: |vpc, _| group(vpc),
            key: key(),
            instance: |subnet, _| instance(subnet),
            with_key: "k",
        }
    }
}

/// Two VPCs with a subnet each; the rest may be in either. 9 resources.
fn declare(stack: &Stack, declared: Declared) {
    let one = stack.vpc(declared.vpc);
    let other = stack.vpc(VpcSpec { name: "other".into(), cidr: net("10.9.0.0/16"), ..vpc() });
    let first = stack.subnet((declared.subnet)(&one, &other));
    let second = SubnetSpec { name: "second".into(), cidr: net("10.0.2.0/24"), ..subnet(&one) };
    let second = stack.subnet(second);
    stack.internet_gateway((declared.gateway)(&one, &other));
    stack.security_group((declared.group)(&one, &other));
    let keys = [
        stack.key_pair(declared.key),
        stack.key_pair(KeyPairSpec { save_to: Some("k2.pem".into()), name: "k2".into(), ..key() }),
    ];
    let key_pair = keys.into_iter().find(|key| key.name() == declared.with_key);
    stack.instance(InstanceSpec { key_pair, ..(declared.instance)(&first, &second) });
}

/// Builds all, declares again with one difference, and checks what is said.
#[track_caller]
fn conflict(changed: Declared, expected: impl FnOnce(&vpcrun_model::Network) -> String) {
    let (ran, expected) = block_on(async {
        let bench = Bench::new();
        bench.run(|stack| declare(stack, Declared::default())).await.counts(9, 0, 0);
        let before = bench.capture().await;
        let ran: Ran = bench.run(|stack| declare(stack, changed)).await;
        assert!(ran.writes().is_empty(), "{ran:#?}");
        assert_eq!(bench.capture().await, before, "nothing was changed");
        (ran, expected(&before))
    });
    assert_eq!((ran.error().code(), ran.error().to_string()), ("Conflict", expected));
    let hint = ran.error().hint().expect("a way out");
    assert!(hint.contains("EC2 cannot change it in place") && hint.contains("delete "), "{hint}");
}

fn the_vpc(network: &vpcrun_model::Network, name: &str) -> String {
    use vpcrun_model::Resource;
    network.vpcs.values().find(|vpc| vpc.name() == Some(name)).expect(name).vpc_id.to_string()
}

fn the_subnet(network: &vpcrun_model::Network, name: &str) -> String {
    use vpcrun_model::Resource;
    network.subnets.values().find(|subnet| subnet.name() == Some(name)).expect(name).subnet_id.to_string()
}

#[test]
fn the_block_of_a_vpc() {
    conflict(Declared { vpc: VpcSpec { cidr: net("10.7.0.0/16"), ..vpc() }, ..Declared::default() }, |network| {
        let id = the_vpc(network, "v");
        format!("vpc \"v\" exists, but the CIDR block of {id} is 10.0.0.0/16, not 10.7.0.0/16")
    });
}

#[test]
fn the_vpc_block_and_zone_of_a_subnet() {
    conflict(Declared { subnet: |_, other| subnet(other), ..Declared::default() }, |network| {
        let (id, one, other) = (the_subnet(network, "n"), the_vpc(network, "v"), the_vpc(network, "other"));
        format!("subnet \"n\" exists, but the VPC of {id} is {one}, not {other}")
    });
    let block = |vpc: &Handle<Vpc>, _: &Handle<Vpc>| SubnetSpec { cidr: net("10.0.3.0/24"), ..subnet(vpc) };
    conflict(Declared { subnet: block, ..Declared::default() }, |network| {
        let id = the_subnet(network, "n");
        format!("subnet \"n\" exists, but the CIDR block of {id} is 10.0.1.0/24, not 10.0.3.0/24")
    });
    let zone = |vpc: &Handle<Vpc>, _: &Handle<Vpc>| SubnetSpec { zone: Some("ap-northeast-1c".into()), ..subnet(vpc) };
    conflict(Declared { subnet: zone, ..Declared::default() }, |network| {
        let id = the_subnet(network, "n");
        format!("subnet \"n\" exists, but the Availability Zone of {id} is ap-northeast-1a, not ap-northeast-1c")
    });
}

#[test]
fn the_vpc_of_an_attached_gateway() {
    conflict(Declared { gateway: |_, other| gateway(other), ..Declared::default() }, |network| {
        let id = mine(network.internet_gateways.values().cloned()).internet_gateway_id;
        let (one, other) = (the_vpc(network, "v"), the_vpc(network, "other"));
        format!("internet gateway \"g\" exists, but the VPC of {id} is {one}, not {other}")
    });
}

#[test]
fn the_vpc_and_description_of_a_group() {
    conflict(Declared { group: |_, other| group(other), ..Declared::default() }, |network| {
        let id = mine(network.security_groups.values().cloned()).group_id;
        let (one, other) = (the_vpc(network, "v"), the_vpc(network, "other"));
        format!("security group \"sg\" exists, but the VPC of {id} is {one}, not {other}")
    });
    let described =
        |vpc: &Handle<Vpc>, _: &Handle<Vpc>| SecurityGroupSpec { description: Some("new".into()), ..group(vpc) };
    conflict(Declared { group: described, ..Declared::default() }, |network| {
        let id = mine(network.security_groups.values().cloned()).group_id;
        format!("security group \"sg\" exists, but the description of {id} is \"sg of s\", not \"new\"")
    });
}

#[test]
fn the_type_of_a_key_pair() {
    conflict(Declared { key: KeyPairSpec { key_type: KeyType::Rsa, ..key() }, ..Declared::default() }, |network| {
        let id = network.key_pairs.values().find(|pair| pair.key_name == "k").expect("k").key_pair_id;
        format!("key pair \"k\" exists, but the type of {id} is ed25519, not rsa")
    });
}

#[test]
fn the_subnet_address_type_image_and_key_of_an_instance() {
    let there = |network: &vpcrun_model::Network| mine(network.instances.values().cloned());
    let is = |what: &'static str, there_is: String, declared: &str, network: &vpcrun_model::Network| {
        let id = mine(network.instances.values().cloned()).instance_id;
        format!("instance \"i\" exists, but the {what} of {id} is {there_is}, not {declared}")
    };
    conflict(Declared { instance: |_, second| instance(second), ..Declared::default() }, |network| {
        is("subnet", the_subnet(network, "n"), &the_subnet(network, "second"), network)
    });
    let address = |subnet: &Handle<Subnet>, _: &Handle<Subnet>| InstanceSpec {
        private_ip: Some([10, 0, 1, 77].into()),
        ..instance(subnet)
    };
    conflict(Declared { instance: address, ..Declared::default() }, |network| {
        let address = there(network).private_ip_address.expect("an address").to_string();
        is("private address", address, "10.0.1.77", network)
    });
    let of_type = |subnet: &Handle<Subnet>, _: &Handle<Subnet>| InstanceSpec {
        instance_type: Some("t3.small".into()),
        ..instance(subnet)
    };
    conflict(Declared { instance: of_type, ..Declared::default() }, |network| {
        is("type", "t3.micro".into(), "t3.small", network)
    });
    let image = |subnet: &Handle<Subnet>, _: &Handle<Subnet>| InstanceSpec {
        image: Some("ami-0123456789abcdef0".into()),
        ..instance(subnet)
    };
    conflict(Declared { instance: image, ..Declared::default() }, |network| {
        let image = there(network).image_id.expect("an image").to_string();
        is("image", image, "ami-0123456789abcdef0", network)
    });
    conflict(Declared { with_key: "k2", ..Declared::default() }, |network| is("key pair", "k".into(), "k2", network));
}

#[test]
fn one_name_is_declared_once() {
    block_on(async {
        let bench = Bench::new();
        let ran = bench
            .run(|stack| {
                let vpc = stack.vpc(vpc());
                stack.subnet(subnet(&vpc));
                stack.subnet(SubnetSpec { cidr: net("10.0.2.0/24"), ..subnet(&vpc) });
            })
            .await;
        assert_eq!(
            (ran.error().code(), ran.error().to_string()),
            ("Declaration", "subnet \"n\" is declared twice".into())
        );
        assert_eq!((ran.summary.created, ran.count("CreateSubnet")), (2, 1), "{ran:#?}");
    });
}

#[test]
fn two_resources_with_the_tags_of_one_are_both_named_and_left_alone() {
    block_on(async {
        let bench = Bench::new();
        bench.run(|stack| stack.vpc(vpc())).await.counts(1, 0, 0);
        let first = mine(bench.capture().await.vpcs.into_values());
        let client = bench.client();
        let second = client.create_vpc().cidr_block("10.0.0.0/16").send().await.expect("a VPC");
        let second = second.vpc().and_then(|vpc| vpc.vpc_id()).expect("an id").to_owned();
        let tags = first.tags.iter().map(|tag| sdk::Tag::builder().key(&tag.key).value(&tag.value).build()).collect();
        client.create_tags().resources(&second).set_tags(Some(tags)).send().await.expect("tagged");

        let ran = bench.run(|stack| stack.vpc(vpc())).await;
        assert_eq!(ran.error().code(), "Ambiguous");
        let text = ran.error().to_string();
        assert!(text.starts_with("vpc \"v\" exists 2 times: "), "{text}");
        assert!(text.contains(&first.vpc_id.to_string()) && text.contains(&second), "{text}");
        assert!(ran.error().hint().is_some_and(|hint| hint.contains("take the vpcrun tags off")), "{ran:#?}");
        assert!(ran.writes().is_empty());
    });
}

#[test]
fn what_has_the_name_without_the_tags_is_left_alone() {
    block_on(async {
        let bench = Bench::new();
        let client = bench.client();
        // A Name tag is no claim: EC2 lets any number carry it.
        let name = sdk::Tag::builder().key("Name").value("v").build();
        let tags = sdk::TagSpecification::builder().resource_type(sdk::ResourceType::Vpc).tags(name).build();
        client.create_vpc().cidr_block("10.0.0.0/16").tag_specifications(tags).send().await.expect("a VPC");
        client.create_key_pair().key_name("k").send().await.expect("a key pair");
        let declare = |stack: &Stack| {
            let vpc = stack.vpc(vpc());
            stack.key_pair(key());
            stack.security_group(group(&vpc));
        };
        let foreign = bench.capture().await;
        let ran = bench.run(declare).await;
        assert_eq!(ran.summary.created, 2, "{ran:#?}");
        let expected =
            "key pair \"k\" exists, but another key pair of the region has the name, and it is not of the stack \"s\"";
        assert_eq!((ran.error().code(), ran.error().to_string().as_str()), ("Conflict", expected));
        assert!(!bench.folder.path().join("k.pem").exists());
        let network = bench.capture().await;
        assert_eq!(network.key_pairs, foreign.key_pairs);
        assert!(foreign.vpcs.iter().all(|(id, vpc)| network.vpcs.get(id) == Some(vpc)), "the other v is as it was");
        bench.destroy().await;
        assert_eq!(bench.capture().await, foreign, "a teardown leaves what is not of the stack");
    });
}

#[test]
fn a_group_name_that_another_group_of_the_vpc_has_is_said() {
    block_on(async {
        let bench = Bench::new();
        bench.run(|stack| stack.vpc(vpc())).await.counts(1, 0, 0);
        let id = mine(bench.capture().await.vpcs.into_values()).vpc_id.to_string();
        let call = bench.client().create_security_group().group_name("sg").description("by hand").vpc_id(&id);
        call.send().await.expect("a group");
        let before = bench.capture().await;
        let ran = bench
            .run(|stack| {
                let vpc = stack.vpc(vpc());
                stack.security_group(group(&vpc));
            })
            .await;
        let expected = format!(
            "security group \"sg\" exists, but another security group of {id} has the name, and it is not of the stack \
             \"s\""
        );
        assert_eq!((ran.error().code(), ran.error().to_string()), ("Conflict", expected));
        assert_eq!(bench.capture().await, before);
    });
}
