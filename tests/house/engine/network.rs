//! VPCs, subnets, routes, Elastic IPs: updated in place.

use vpcrun_ec2::{ElasticIpSpec, Handle, RouteSpec, RouteTargetSpec, Stack, SubnetSpec, VpcSpec};
use vpcrun_model::{Instance, InternetGateway, Resource, Route, Vpc};

use super::super::support::block_on;
use super::{Bench, elastic_ip, gateway, instance, mine, net, subnet, vpc};

#[test]
fn dns_attributes_are_updated_in_place_in_an_order_that_ec2_takes() {
    block_on(async {
        let bench = Bench::new();
        let run = |support: Option<bool>, hostnames: Option<bool>| {
            bench.run(move |stack| stack.vpc(VpcSpec { dns_support: support, dns_hostnames: hostnames, ..vpc() }))
        };
        let first = run(Some(true), Some(true)).await;
        first.counts(1, 0, 0);
        assert_eq!(first.count("ModifyVpcAttribute"), 1, "support is on in a new VPC");
        run(Some(true), Some(true)).await.counts(0, 0, 1);
        // Host names need support: they go first off, and last on.
        let off = run(Some(false), Some(false)).await;
        assert_eq!(off.counts(0, 1, 0).changes(), ["DNS host names: on -> off", "DNS support: on -> off"]);
        let on = run(Some(true), Some(true)).await;
        assert_eq!(on.counts(0, 1, 0).changes(), ["DNS host names: off -> on", "DNS support: off -> on"]);
        // What is not declared is neither asked for nor changed.
        assert_eq!(run(None, None).await.counts(0, 0, 1).count("DescribeVpcAttribute"), 0);
        let id = mine(bench.capture().await.vpcs.into_values()).vpc_id.to_string();
        let hostnames = bench.client().describe_vpc_attribute().vpc_id(id);
        let hostnames = hostnames.attribute(aws_sdk_ec2::types::VpcAttributeName::EnableDnsHostnames).send().await;
        assert_eq!(hostnames.expect("readable").enable_dns_hostnames().and_then(|it| it.value()), Some(true));
    });
}

#[test]
fn public_addresses_at_launch_are_updated_in_place() {
    block_on(async {
        let bench = Bench::new();
        let run = |map_public_ip| {
            bench.run(move |stack| {
                let vpc = stack.vpc(vpc());
                stack.subnet(SubnetSpec { map_public_ip, ..subnet(&vpc) })
            })
        };
        run(None).await.counts(2, 0, 0);
        assert_eq!(run(Some(true)).await.counts(0, 1, 1).changes(), ["public address at launch: false -> true"]);
        assert!(mine(bench.capture().await.subnets.into_values()).map_public_ip_on_launch);
        run(None).await.counts(0, 0, 2);
        assert_eq!(run(Some(false)).await.counts(0, 1, 1).changes(), ["public address at launch: true -> false"]);
        run(Some(false)).await.counts(0, 0, 2);
    });
}

#[test]
fn a_new_subnet_with_public_addresses_is_created_so() {
    block_on(async {
        let bench = Bench::new();
        let declare = |stack: &Stack| {
            let vpc = stack.vpc(vpc());
            stack.internet_gateway(gateway(&vpc));
            let subnet = stack.subnet(SubnetSpec { map_public_ip: Some(true), ..subnet(&vpc) });
            stack.instance(instance(&subnet));
        };
        bench.run(declare).await.counts(4, 0, 0);
        let network = bench.capture().await;
        assert!(
            mine(network.instances.into_values()).public_ip_address.is_some(),
            "the launch waited for the attribute"
        );
        let destroyed = bench.destroy().await;
        assert_eq!((destroyed.summary.deleted, destroyed.summary.is_success()), (4, true), "{destroyed:#?}");
    });
}

/// A VPC with a gateway and an instance, and a default route to one of them.
fn routed(stack: &Stack, target: fn(&Handle<InternetGateway>, &Handle<Instance>) -> RouteTargetSpec) {
    let vpc: Handle<Vpc> = stack.vpc(vpc());
    let gateway = stack.internet_gateway(gateway(&vpc));
    let instance = stack.instance(instance(&stack.subnet(subnet(&vpc))));
    let target = target(&gateway, &instance);
    stack.route(RouteSpec { table: stack.main_route_table(&vpc), destination: net("0.0.0.0/0"), target });
}

fn to_gateway(gateway: &Handle<InternetGateway>, _: &Handle<Instance>) -> RouteTargetSpec {
    RouteTargetSpec::InternetGateway(gateway.clone())
}

fn to_instance(_: &Handle<InternetGateway>, instance: &Handle<Instance>) -> RouteTargetSpec {
    RouteTargetSpec::Instance(instance.clone())
}

async fn default_route(bench: &Bench) -> Route {
    let network = bench.capture().await;
    let vpc = mine(network.vpcs.into_values()).vpc_id;
    let mut routes =
        network.route_tables.into_values().filter(|table| table.vpc_id == vpc).flat_map(|table| table.routes);
    routes.find(|route| route.destination_cidr_block == Some(net("0.0.0.0/0"))).expect("a default route")
}

#[test]
fn a_route_whose_target_changes_is_replaced_and_never_missing() {
    block_on(async {
        let bench = Bench::new();
        bench.run(|stack| routed(stack, to_gateway)).await.counts(5, 0, 0);
        let network = bench.capture().await;
        let gateway = mine(network.internet_gateways.values().cloned()).internet_gateway_id;
        let instance = mine(network.instances.values().cloned()).instance_id;

        let moved = bench.run(|stack| routed(stack, to_instance)).await;
        assert_eq!(moved.counts(0, 1, 4).changes(), [format!("target: {gateway} -> {instance}")]);
        assert_eq!(moved.writes(), ["ReplaceRoute"], "deleting and creating would leave a moment without a route");
        assert_eq!(default_route(&bench).await.instance_id, Some(instance));

        let back = bench.run(|stack| routed(stack, to_gateway)).await;
        assert_eq!(back.counts(0, 1, 4).writes(), ["ReplaceRoute"]);
        // EC2 shows the route to an instance as one to its interface.
        let [change] = back.changes()[..] else { panic!("{back:#?}") };
        assert!(change.starts_with("target: eni-") && change.ends_with(&format!("-> {gateway}")), "{change}");
    });
}

#[test]
fn a_route_to_an_instance_leads_to_its_interface_and_stays() {
    block_on(async {
        let bench = Bench::new();
        bench.run(|stack| routed(stack, to_instance)).await.counts(5, 0, 0);
        let network = bench.capture().await;
        let instance = mine(network.instances.into_values());
        let interface = instance.network_interfaces[0].network_interface_id;
        let route = default_route(&bench).await;
        assert_eq!((route.instance_id, route.network_interface_id), (Some(instance.instance_id), Some(interface)));
        assert!(bench.run(|stack| routed(stack, to_instance)).await.counts(0, 0, 5).writes().is_empty());
        let destroyed = bench.destroy().await;
        assert_eq!((destroyed.summary.deleted, destroyed.summary.is_success()), (5, true), "{destroyed:#?}");
    });
}

#[test]
fn a_route_that_was_led_elsewhere_by_hand_is_led_back() {
    block_on(async {
        let bench = Bench::new();
        bench.run(|stack| routed(stack, to_instance)).await.counts(5, 0, 0);
        let network = bench.capture().await;
        let (vpc, subnet) = (mine(network.vpcs.into_values()).vpc_id, mine(network.subnets.into_values()).subnet_id);
        let client = bench.client();
        let other = client.create_network_interface().subnet_id(subnet.to_string()).send().await.expect("an interface");
        let other = other.network_interface().and_then(|it| it.network_interface_id()).expect("an id").to_owned();
        let table = network.route_tables.into_values().find(|table| table.vpc_id == vpc).expect("the main one");
        let call = client.replace_route().route_table_id(table.route_table_id.to_string());
        call.destination_cidr_block("0.0.0.0/0").network_interface_id(&other).send().await.expect("replaced");

        let back = bench.run(|stack| routed(stack, to_instance)).await;
        let [change] = back.counts(0, 1, 4).changes()[..] else { panic!("{back:#?}") };
        assert!(change.starts_with(&format!("target: {other} -> i-")), "{change}");
        assert_eq!(back.writes(), ["ReplaceRoute"]);
    });
}

fn addressed(stack: &Stack) {
    let vpc = stack.vpc(vpc());
    stack.internet_gateway(gateway(&vpc));
    let instance = stack.instance(instance(&stack.subnet(subnet(&vpc))));
    stack.elastic_ip(ElasticIpSpec { instance: Some(instance), ..elastic_ip() });
}

#[test]
fn an_elastic_ip_that_was_moved_or_freed_by_hand_is_associated_again() {
    block_on(async {
        let bench = Bench::new();
        bench.run(addressed).await.counts(5, 0, 0);
        let network = bench.capture().await;
        let address = mine(network.addresses.into_values());
        let instance = address.instance_id.expect("associated");
        let subnet = mine(network.subnets.into_values()).subnet_id.to_string();
        let client = bench.client();

        let interface = client.create_network_interface().subnet_id(subnet).send().await.expect("an interface");
        let interface =
            interface.network_interface().and_then(|it| it.network_interface_id()).expect("an id").to_owned();
        let call = client.associate_address().allocation_id(address.allocation_id.to_string());
        call.network_interface_id(interface).allow_reassociation(true).send().await.expect("moved");
        let back = bench.run(addressed).await;
        assert_eq!(back.counts(0, 1, 4).writes(), ["AssociateAddress"]);
        let again = mine(bench.capture().await.addresses.into_values());
        assert_eq!((again.instance_id, again.public_ip), (Some(instance), address.public_ip));

        let association = again.association_id.expect("associated").to_string();
        client.disassociate_address().association_id(association).send().await.expect("freed");
        let back = bench.run(addressed).await;
        assert_eq!(back.counts(0, 1, 4).changes(), ["association: free -> i"]);
        bench.run(addressed).await.counts(0, 0, 5);
    });
}

#[test]
fn declared_tags_are_put_back_and_those_of_others_stay() {
    block_on(async {
        let bench = Bench::new();
        let declare = |stack: &Stack| {
            let tags = [("team".to_owned(), "net".to_owned())].into();
            stack.vpc(VpcSpec { tags, ..vpc() })
        };
        bench.run(declare).await.counts(1, 0, 0);
        let id = mine(bench.capture().await.vpcs.into_values()).vpc_id.to_string();
        let tag = |key: &str, value: &str| aws_sdk_ec2::types::Tag::builder().key(key).value(value).build();
        let call = bench.client().create_tags().resources(id).tags(tag("team", "other")).tags(tag("cost", "7"));
        call.send().await.expect("tagged");
        let again = bench.run(declare).await;
        assert_eq!(again.counts(0, 1, 0).changes(), ["tag team: other -> net"]);
        let vpc = mine(bench.capture().await.vpcs.into_values());
        assert_eq!((vpc.tag("team"), vpc.tag("cost")), (Some("net"), Some("7")));
    });
}
