//! Route tables, security groups and network ACLs, by the words of EC2's refusals and the shapes of its answers.
//!
//! Each refusal names its source. Recorded: raw answers of AWS published in radkawar/stackd, `testdata/aws/ec2` (by
//! file). B: the EC2 API reference. M: moto's tests that were verified on AWS. E: "Error codes for the Amazon EC2 API".
//! I: codes observed by alchemy-run/itty-aws. Public reports are named as they are. k: believed, not confirmed.

use std::ops::Deref;

use vpcrun_emulator::TransitionTimes;

use crate::support;

/// A world of its own, with what these tests ask it often.
struct Ec2(support::Ec2);

impl Deref for Ec2 {
    type Target = support::Ec2;

    fn deref(&self) -> &support::Ec2 {
        &self.0
    }
}

impl Ec2 {
    fn new() -> Self {
        Self(support::Ec2::new(TransitionTimes::Instant))
    }

    /// Sends what EC2 refuses: the request, the code, the message, the source. No refused request changes anything.
    fn refuses(&self, cases: &[(String, &str, String, &str)]) {
        for (body, code, message, source) in cases {
            self.0.refuses(body, code, message, source);
        }
    }

    fn vpc(&self, cidr: &str) -> String {
        self.get(&format!("Action=CreateVpc&CidrBlock={cidr}"), "vpcId")
    }

    fn subnet(&self, vpc: &str, cidr: &str) -> String {
        self.get(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock={cidr}"), "subnetId")
    }

    fn gateway(&self, vpc: &str) -> String {
        let gateway = self.get("Action=CreateInternetGateway", "internetGatewayId");
        self.ask(&format!("Action=AttachInternetGateway&InternetGatewayId={gateway}&VpcId={vpc}"));
        gateway
    }

    fn route_table(&self, vpc: &str) -> String {
        self.get(&format!("Action=CreateRouteTable&VpcId={vpc}"), "routeTableId")
    }

    fn main_table(&self, vpc: &str) -> String {
        let filters =
            format!("Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}&Filter.2.Name=association.main&Filter.2.Value.1=true");
        self.get(&format!("Action=DescribeRouteTables&{filters}"), "routeTableId")
    }

    fn group(&self, vpc: &str, name: &str) -> String {
        let body = format!("Action=CreateSecurityGroup&GroupName={name}&GroupDescription=a+test&VpcId={vpc}");
        self.get(&body, "groupId")
    }

    fn interface(&self, subnet: &str, group: &str) -> String {
        let body = format!("Action=CreateNetworkInterface&SubnetId={subnet}&SecurityGroupId.1={group}");
        self.get(&body, "networkInterfaceId")
    }

    /// A running instance and its network interface.
    fn instance(&self, subnet: &str) -> (String, String) {
        let image = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
        let answer = self.ask(&format!(
            "Action=RunInstances&ImageId={image}&InstanceType=t3.micro&MinCount=1&MaxCount=1&SubnetId={subnet}"
        ));
        (texts(&answer, "instanceId").remove(0), texts(&answer, "networkInterfaceId").remove(0))
    }

    /// Destination, target and state of each route of a table, in order.
    fn routes(&self, table: &str) -> Vec<String> {
        let body = self.ask(&format!("Action=DescribeRouteTables&RouteTableId.1={table}"));
        let route_set = texts(&body, "routeSet").remove(0);
        let columns = ["destinationCidrBlock", "gatewayId", "state"].map(|element| texts(&route_set, element));
        (0..columns[0].len())
            .map(|n| columns.iter().map(|column| column[n].as_str()).collect::<Vec<_>>().join(" "))
            .collect()
    }
}

/// The texts of all elements of a name, unescaped as far as EC2's messages need it.
fn texts(xml: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let inner = xml.split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap_or_default());
    inner.map(|text| text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")).collect()
}

fn case(
    body: impl Into<String>,
    code: &'static str,
    message: impl Into<String>,
    source: &'static str,
) -> (String, &'static str, String, &'static str) {
    (body.into(), code, message.into(), source)
}

const IPV: &str = "InvalidParameterValue";
const IPC: &str = "InvalidParameterCombination";
const GATEWAYS: &str = "recorded: internet_gateways";
const NETWORKING: &str = "recorded: networking";
const RTB: &str = "rtb-0123456789abcdef0";
const SG: &str = "sg-0123456789abcdef0";

#[test]
fn routes_are_refused_as_ec2_does() {
    let ec2 = Ec2::new();
    let (vpc, other) = (ec2.vpc("10.237.0.0/24"), ec2.vpc("10.238.0.0/24"));
    let (igw, elsewhere) = (ec2.gateway(&vpc), ec2.gateway(&other));
    let table = ec2.main_table(&vpc);
    ec2.ask(&format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=198.51.100.19/24&GatewayId={igw}"));
    // Once more is no mistake: recorded in internet_gateways, create_duplicate_current_target.
    ec2.ask(&format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=198.51.100.0/24&GatewayId={igw}"));

    let create = |rest: &str| format!("Action=CreateRoute&RouteTableId={table}&{rest}");
    let replace = |rest: &str| format!("Action=ReplaceRoute&RouteTableId={table}&{rest}");
    let delete = |rest: &str| format!("Action=DeleteRoute&RouteTableId={table}&{rest}");
    let to = "DestinationCidrBlock=203.0.113.0/24";
    let one_destination = "The request must contain exactly one of: destinationCidrBlock, destinationIpv6CidrBlock, \
                           destinationPrefixListId";
    let one_target = "The request must contain exactly one of gatewayId, localGatewayId, carrierGatewayId, \
                      natGatewayId, networkInterfaceId, vpcPeeringConnectionId, egressOnlyInternetGatewayId, \
                      transitGatewayId, vpcEndpointId, coreNetworkArn or instanceId";
    let or_local = format!("{one_target}, or must have localTarget set to true");
    let not_a_cidr =
        "Value (not-a-cidr) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.";
    let inside = "The destination CIDR block 10.237.0.0/24 is equal to or more specific than one of this VPC's CIDR \
                  blocks. This route can target only an interface or an instance.";
    let different = format!("route table {table} and network gateway {elsewhere} belong to different networks");
    let absent = "There is no route defined for '203.0.113.0/24' in the route table. Use CreateRoute instead.";
    let unknown = |noun: &str, id: &str| format!("The {noun} ID '{id}' does not exist");

    ec2.refuses(&[
        case(create(&format!("GatewayId={igw}")), "MissingParameter", one_destination, GATEWAYS),
        case(delete(""), "MissingParameter", one_destination, GATEWAYS),
        case(
            delete("DestinationCidrBlock=198.51.100.19/24&DestinationIpv6CidrBlock=2001:db8::/64"),
            IPC,
            one_destination,
            GATEWAYS,
        ),
        case(create(&format!("DestinationCidrBlock=not-a-cidr&GatewayId={igw}")), IPV, not_a_cidr, GATEWAYS),
        case(delete("DestinationCidrBlock=not-a-cidr"), IPV, not_a_cidr, GATEWAYS),
        case(create(to), "MissingParameter", one_target, GATEWAYS),
        case(create(&format!("{to}&GatewayId={igw}&NetworkInterfaceId=invalid-eni")), IPC, one_target, GATEWAYS),
        case(replace(to), "MissingParameter", or_local.clone(), GATEWAYS),
        case(
            replace("DestinationCidrBlock=10.237.0.0/24&LocalTarget=false"),
            "MissingParameter",
            or_local.clone(),
            GATEWAYS,
        ),
        case(
            replace(&format!("DestinationCidrBlock=10.237.0.0/24&LocalTarget=true&GatewayId={igw}")),
            IPC,
            or_local,
            GATEWAYS,
        ),
        case(
            format!("Action=CreateRoute&RouteTableId={RTB}&{to}&GatewayId={igw}"),
            "InvalidRouteTableID.NotFound",
            unknown("routeTable", RTB),
            NETWORKING,
        ),
        case(
            create(&format!("{to}&GatewayId=local")),
            "InvalidGatewayID.NotFound",
            unknown("gateway", "local"),
            GATEWAYS,
        ),
        case(
            create("DestinationCidrBlock=10.237.0.0/24&GatewayId=local"),
            "InvalidGatewayID.NotFound",
            unknown("gateway", "local"),
            GATEWAYS,
        ),
        case(
            create(&format!("{to}&GatewayId=igw-00ce74dd4df17c1f5")),
            "InvalidGatewayID.NotFound",
            unknown("gateway", "igw-00ce74dd4df17c1f5"),
            GATEWAYS,
        ),
        case(create(&format!("{to}&GatewayId={elsewhere}")), IPV, different.clone(), GATEWAYS),
        // The gateway's network is checked before the route that is there.
        case(
            create(&format!("DestinationCidrBlock=198.51.100.0/24&GatewayId={elsewhere}")),
            IPV,
            different.clone(),
            GATEWAYS,
        ),
        case(replace(&format!("DestinationCidrBlock=198.51.100.0/24&GatewayId={elsewhere}")), IPV, different, GATEWAYS),
        case(replace(&format!("DestinationCidrBlock=10.237.0.0/24&GatewayId={igw}")), IPV, inside, GATEWAYS),
        case(
            create(&format!("DestinationCidrBlock=10.237.0.9/24&GatewayId={igw}")),
            IPV,
            inside,
            "code search 49669535400",
        ),
        case(replace(&format!("{to}&GatewayId={igw}")), IPV, absent, GATEWAYS),
        case(
            replace("DestinationCidrBlock=198.51.100.19/24&LocalTarget=true"),
            IPV,
            "local-target only allowed with network local destination CIDRs",
            GATEWAYS,
        ),
        case(
            delete(to),
            "InvalidRoute.NotFound",
            format!("no route with destination-cidr-block 203.0.113.0/24 in route table {table}"),
            GATEWAYS,
        ),
        case(
            delete("DestinationCidrBlock=10.237.0.0/24"),
            IPV,
            format!("cannot remove local route 10.237.0.0/24 in route table {table}"),
            GATEWAYS,
        ),
        case(
            create(&format!("{to}&NetworkInterfaceId=eni-0123456789abcdef0")),
            "InvalidNetworkInterfaceID.NotFound",
            unknown("networkInterface", "eni-0123456789abcdef0"),
            "recorded: network_interfaces",
        ),
        case(
            create(&format!("{to}&InstanceId=i-0123456789abcdef0")),
            "InvalidInstanceID.NotFound",
            unknown("instance", "i-0123456789abcdef0"),
            "recorded: instance_status_inputs",
        ),
        case(
            create(&format!("{to}&NatGatewayId=nat-0123456789abcdef0")),
            "InvalidNatGatewayID.NotFound",
            unknown("natGateway", "nat-0123456789abcdef0"),
            "code: alchemy-run/itty-aws; message k",
        ),
        case(
            create(&format!("DestinationPrefixListId=pl-0123456789abcdef0&GatewayId={igw}")),
            "InvalidPrefixListID.NotFound",
            unknown("prefix list", "pl-0123456789abcdef0"),
            "aws-cloudformation/rain#308, for a rule",
        ),
    ]);
}

#[test]
fn a_route_that_leads_elsewhere_is_not_overwritten() {
    let ec2 = Ec2::new();
    let vpc = ec2.vpc("10.239.0.0/24");
    let table = ec2.route_table(&vpc);
    let first = ec2.gateway(&vpc);
    let route = |action: &str, gateway: &str| {
        format!("Action={action}&RouteTableId={table}&DestinationCidrBlock=198.51.100.19/24&GatewayId={gateway}")
    };
    ec2.ask(&route("CreateRoute", &first));
    ec2.ask(&format!("Action=DetachInternetGateway&InternetGatewayId={first}&VpcId={vpc}"));
    let second = ec2.gateway(&vpc);
    let exists = "The route identified by 198.51.100.0/24 already exists.";
    ec2.refuses(&[case(route("CreateRoute", &second), "RouteAlreadyExists", exists, GATEWAYS)]);
    ec2.ask(&route("ReplaceRoute", &second));
    let lead = [format!("198.51.100.0/24 {second} active"), "10.239.0.0/24 local active".to_owned()];
    assert_eq!(ec2.routes(&table), lead);
}

#[test]
fn a_route_dies_and_revives_with_its_gateway() {
    let ec2 = Ec2::new();
    let vpc = ec2.vpc("10.237.0.0/24");
    let (table, igw) = (ec2.main_table(&vpc), ec2.gateway(&vpc));
    ec2.ask(&format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&GatewayId={igw}"));
    let routes = |state: &str| ["10.237.0.0/24 local active".to_owned(), format!("0.0.0.0/0 {igw} {state}")];
    assert_eq!(ec2.routes(&table), routes("active"));

    let blackholes = "Action=DescribeRouteTables&Filter.1.Name=route.state&Filter.1.Value.1=blackhole";
    assert!(texts(&ec2.ask(blackholes), "routeTableId").is_empty());
    ec2.ask(&format!("Action=DetachInternetGateway&InternetGatewayId={igw}&VpcId={vpc}"));
    assert_eq!(ec2.routes(&table), routes("blackhole"));
    assert_eq!(ec2.get(blackholes, "routeTableId"), table);
    ec2.ask(&format!("Action=AttachInternetGateway&InternetGatewayId={igw}&VpcId={vpc}"));
    assert_eq!(ec2.routes(&table), routes("active"));

    ec2.ask(&format!("Action=DetachInternetGateway&InternetGatewayId={igw}&VpcId={vpc}"));
    ec2.ask(&format!("Action=DeleteInternetGateway&InternetGatewayId={igw}"));
    assert_eq!(ec2.routes(&table), routes("blackhole"));
    ec2.ask(&format!("Action=DeleteRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0"));
    ec2.ask(&format!("Action=ReplaceRoute&RouteTableId={table}&DestinationCidrBlock=10.237.0.0/24&LocalTarget=true"));
    assert_eq!(ec2.routes(&table), ["10.237.0.0/24 local active"]);
}

#[test]
fn a_route_leads_through_a_running_instance() {
    let ec2 = Ec2::new();
    let (vpc, other) = (ec2.vpc("10.0.0.0/16"), ec2.vpc("10.1.0.0/16"));
    let subnet = ec2.subnet(&vpc, "10.0.1.0/24");
    let (table, elsewhere) = (ec2.route_table(&vpc), ec2.route_table(&other));
    let (instance, interface) = ec2.instance(&subnet);
    let route = |table: &str, target: &str| {
        format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&{target}")
    };
    ec2.ask(&route(&table, &format!("InstanceId={instance}")));
    // The instance's interface is the same target.
    ec2.ask(&route(&table, &format!("NetworkInterfaceId={interface}")));
    // Traffic inside the VPC may be led through an interface, and the local route comes back.
    let local = format!("Action=ReplaceRoute&RouteTableId={table}&DestinationCidrBlock=10.0.0.0/16");
    ec2.ask(&format!("{local}&NetworkInterfaceId={interface}"));
    ec2.ask(&format!("{local}&LocalTarget=true"));

    let describe = format!("Action=DescribeRouteTables&Filter.1.Name=route.instance-id&Filter.1.Value.1={instance}");
    let item = |rest: &str, state: &str| {
        format!(
            "<item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock>{rest}\
             <networkInterfaceId>{interface}</networkInterfaceId><state>{state}</state><origin>CreateRoute</origin></item>"
        )
    };
    let of_instance = format!("<instanceId>{instance}</instanceId><instanceOwnerId>123456789012</instanceOwnerId>");
    let shows = |item: &str, request: &str| {
        let answer = ec2.ask(request);
        assert!(answer.contains(item), "{item}\n{answer}");
    };
    shows(&item(&of_instance, "active"), &describe);
    ec2.ask(&format!("Action=StopInstances&InstanceId.1={instance}"));
    shows(&item(&of_instance, "blackhole"), &describe);
    ec2.ask(&format!("Action=StartInstances&InstanceId.1={instance}"));
    shows(&item(&of_instance, "active"), &describe);

    let group = ec2.group(&vpc, "router");
    let second = ec2.interface(&subnet, &group);
    ec2.ask(&format!("Action=AttachNetworkInterface&NetworkInterfaceId={second}&InstanceId={instance}&DeviceIndex=1"));
    ec2.refuses(&[
        case(
            route(&table, &format!("InstanceId={instance}")),
            "InvalidInstanceID",
            format!(
                "There are multiple interfaces attached to instance '{instance}'. Please specify an interface ID for the \
                 operation instead."
            ),
            "code search 39762293362",
        ),
        case(
            route(&table, &format!("NetworkInterfaceId={second}")),
            "RouteAlreadyExists",
            "The route identified by 0.0.0.0/0 already exists.",
            GATEWAYS,
        ),
        case(
            route(&elsewhere, &format!("NetworkInterfaceId={interface}")),
            IPV,
            format!("route table {elsewhere} and interface {interface} belong to different networks"),
            "k, as for gateways",
        ),
        case(
            format!("Action=DeleteSecurityGroup&GroupId={group}"),
            "DependencyViolation",
            format!("resource {group} has a dependent object"),
            "B: network interface; message as recorded for references",
        ),
    ]);
    ec2.ask(&format!("Action=TerminateInstances&InstanceId.1={instance}"));
    shows(&item("", "blackhole"), &format!("Action=DescribeRouteTables&RouteTableId.1={table}"));
}

#[test]
fn route_tables_are_refused_as_ec2_does() {
    let ec2 = Ec2::new();
    let (vpc, other) = (ec2.vpc("10.0.0.0/16"), ec2.vpc("10.0.0.0/16"));
    let (subnet, foreign) = (ec2.subnet(&vpc, "10.0.1.0/24"), ec2.subnet(&other, "10.0.1.0/24"));
    let (main, table, spare) = (ec2.main_table(&vpc), ec2.route_table(&vpc), ec2.route_table(&vpc));
    let associate =
        |table: &str, subnet: &str| format!("Action=AssociateRouteTable&RouteTableId={table}&SubnetId={subnet}");
    let association = ec2.get(&associate(&table, &subnet), "associationId");
    let main_association =
        ec2.get(&format!("Action=DescribeRouteTables&RouteTableId.1={main}"), "routeTableAssociationId");

    let in_use = |table: &str| format!("The routeTable '{table}' has dependencies and cannot be deleted.");
    let unknown = "rtbassoc-0123456789abcdef0";
    let no_association = format!("The association ID '{unknown}' does not exist");
    let conflict = |table: &str| {
        format!("the specified association for route table {table} conflicts with an existing association")
    };
    ec2.refuses(&[
        case(format!("Action=DeleteRouteTable&RouteTableId={main}"), "DependencyViolation", in_use(&main), "B"),
        case(
            format!("Action=DeleteRouteTable&RouteTableId={table}"),
            "DependencyViolation",
            in_use(&table),
            NETWORKING,
        ),
        case(
            format!("Action=DeleteRouteTable&RouteTableId={RTB}"),
            "InvalidRouteTableID.NotFound",
            format!("The routeTable ID '{RTB}' does not exist"),
            NETWORKING,
        ),
        case(
            "Action=DescribeRouteTables&RouteTableId.1=rtb-xyz",
            "InvalidRouteTableId.Malformed",
            "Invalid id: \"rtb-xyz\" (expecting \"rtb-...\")",
            "k",
        ),
        case(
            "Action=DescribeRouteTables&Filter.1.Name=nonsense&Filter.1.Value.1=x",
            IPV,
            "The filter 'nonsense' is invalid",
            NETWORKING,
        ),
        case(
            format!("Action=CreateRouteTable&VpcId={vpc}&ClientToken="),
            IPV,
            "Value () for parameter clientToken is invalid",
            "recorded: network_creation_token_length",
        ),
        case(
            "Action=CreateRouteTable&VpcId=vpc-0123456789abcdef0",
            "InvalidVpcID.NotFound",
            "The vpc ID 'vpc-0123456789abcdef0' does not exist",
            NETWORKING,
        ),
        case(
            format!("Action=CreateRouteTable&VpcId={vpc}&TagSpecification.1.ResourceType=subnet"),
            IPV,
            "'subnet' is not a valid taggable resource type for this operation.",
            "recorded: key_pairs",
        ),
        case(
            associate(&spare, &subnet),
            "Resource.AlreadyAssociated",
            conflict(&spare),
            "hashicorp/terraform-provider-aws#38960",
        ),
        case(
            associate(&spare, &foreign),
            IPV,
            format!("route table {spare} and subnet {foreign} belong to different networks"),
            "k, as for gateways",
        ),
        case(
            format!("Action=DisassociateRouteTable&AssociationId={main_association}"),
            IPV,
            format!("cannot disassociate the main route table association {main_association}"),
            "code search 5236765095",
        ),
        case(
            format!("Action=DisassociateRouteTable&AssociationId={unknown}"),
            "InvalidAssociationID.NotFound",
            no_association.clone(),
            "recorded: public_addresses (for addresses)",
        ),
        case(
            format!("Action=ReplaceRouteTableAssociation&AssociationId={unknown}&RouteTableId={spare}"),
            "InvalidAssociationID.NotFound",
            no_association,
            "recorded: public_addresses (for addresses)",
        ),
        case(
            format!("Action=ReplaceRouteTableAssociation&AssociationId={association}&RouteTableId={table}"),
            "Resource.AlreadyAssociated",
            conflict(&table),
            "k",
        ),
    ]);
    ec2.ask(&format!("Action=DisassociateRouteTable&AssociationId={association}"));
    ec2.ask(&format!("Action=DeleteRouteTable&RouteTableId={table}"));
}

#[test]
fn a_client_token_makes_one_route_table() {
    let ec2 = Ec2::new();
    let (vpc, other) = (ec2.vpc("10.0.0.0/16"), ec2.vpc("10.1.0.0/16"));
    let create = |vpc: &str| format!("Action=CreateRouteTable&VpcId={vpc}&ClientToken=abc");
    let answer = ec2.ask(&create(&vpc));
    assert_eq!(texts(&answer, "clientToken"), ["abc"]);
    let table = texts(&answer, "routeTableId").remove(0);
    assert_eq!(ec2.get(&create(&vpc), "routeTableId"), table);
    let source = "recorded: route_table_idempotency";
    let mismatch = "IdempotentParameterMismatch";
    ec2.refuses(&[case(create(&other), mismatch, "Wrong arguments for request with token abc", source)]);
    ec2.ask(&format!("Action=DeleteRouteTable&RouteTableId={table}"));
    let gone = "An error occurred (IdempotentParameterMismatch) when calling this operation: The client token and \
                arguments used in this request were used in a prior request that was associated with a resource which \
                is now deleted.";
    ec2.refuses(&[case(create(&vpc), mismatch, gone, "recorded: network_acl_idempotency")]);
}

#[test]
fn another_table_becomes_main() {
    let ec2 = Ec2::new();
    let vpc = ec2.vpc("10.0.0.0/16");
    let (old, new) = (ec2.main_table(&vpc), ec2.route_table(&vpc));
    let association = ec2.get(&format!("Action=DescribeRouteTables&RouteTableId.1={old}"), "routeTableAssociationId");
    let replace = format!("Action=ReplaceRouteTableAssociation&AssociationId={association}&RouteTableId={new}");
    let replaced = ec2.get(&replace, "newAssociationId");
    assert_ne!(replaced, association);
    assert_eq!(ec2.main_table(&vpc), new);

    // A main association has no subnet, and its table no other association (recorded: networking).
    let answer = ec2.ask(&format!("Action=DescribeRouteTables&RouteTableId.1={new}"));
    let expected = format!(
        "<associationSet><item><routeTableAssociationId>{replaced}</routeTableAssociationId>\
         <routeTableId>{new}</routeTableId><main>true</main><associationState>\
         <state>associated</state></associationState></item></associationSet><propagatingVgwSet/><tagSet/>"
    );
    assert!(answer.contains(&expected), "{answer}");
    ec2.ask(&format!("Action=DeleteRouteTable&RouteTableId={old}"));
    ec2.ask(&format!("Action=DeleteVpc&VpcId={vpc}"));
    assert!(texts(&ec2.ask("Action=DescribeRouteTables"), "vpcId").iter().all(|left| *left != vpc));
}

#[test]
fn a_subnet_takes_its_association_along() {
    let ec2 = Ec2::new();
    let vpc = ec2.vpc("10.0.0.0/16");
    let (subnet, table) = (ec2.subnet(&vpc, "10.0.1.0/24"), ec2.route_table(&vpc));
    ec2.ask(&format!("Action=AssociateRouteTable&RouteTableId={table}&SubnetId={subnet}"));
    let find = format!("Action=DescribeRouteTables&Filter.1.Name=association.subnet-id&Filter.1.Value.1={subnet}");
    assert_eq!(ec2.get(&find, "routeTableId"), table);
    ec2.ask(&format!("Action=DeleteSubnet&SubnetId={subnet}"));
    assert!(texts(&ec2.ask(&find), "routeTableId").is_empty());
    ec2.ask(&format!("Action=DeleteRouteTable&RouteTableId={table}"));
}

#[test]
fn groups_are_refused_as_ec2_does() {
    let ec2 = Ec2::new();
    let vpc = ec2.vpc("10.0.0.0/16");
    let (web, db) = (ec2.group(&vpc, "web"), ec2.group(&vpc, "db"));
    let of_vpc = format!("Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}");
    let named_default = "Filter.2.Name=group-name&Filter.2.Value.1=default";
    let default = ec2.get(&format!("Action=DescribeSecurityGroups&{of_vpc}&{named_default}"), "groupId");
    let default_vpc = ec2.get("Action=DescribeVpcs&Filter.1.Name=is-default&Filter.1.Value.1=true", "vpcId");
    ec2.ask(&format!(
        "Action=AuthorizeSecurityGroupIngress&GroupId={db}&IpPermissions.1.IpProtocol=-1\
         &IpPermissions.1.Groups.1.GroupId={web}"
    ));
    let create = |name: &str, description: &str| {
        format!("Action=CreateSecurityGroup&VpcId={vpc}&GroupName={name}&GroupDescription={description}")
    };
    let delete = |group: &str| format!("Action=DeleteSecurityGroup&GroupId={group}");
    let long = "a".repeat(256);
    let alphabet = "Invalid security group description. Valid descriptions are strings less than 256 characters from \
                    the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*";
    ec2.refuses(&[
        case(
            create("web", "x"),
            "InvalidGroup.Duplicate",
            format!("The security group 'web' already exists for VPC '{vpc}'"),
            NETWORKING,
        ),
        case(
            create("WEB", "x"),
            "InvalidGroup.Duplicate",
            format!("The security group 'WEB' already exists for VPC '{vpc}'"),
            "B: names are case-insensitive",
        ),
        case(
            create("sg-web", "x"),
            IPV,
            "Value (sg-web) for parameter GroupName is invalid. Group names may not be in the format sg-*.",
            "code search 2717058255",
        ),
        case(create("default", "x"), IPV, "Cannot use reserved security group name: default", "code search 3557046437"),
        case(
            create(&long, "x"),
            IPV,
            "Value for parameter GroupName is invalid. Length exceeds maximum of 255.",
            "recorded: key_pairs (for KeyName)",
        ),
        case(
            create("a", "%E6%97%A5"),
            IPV,
            "Value (日) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.",
            "code search 57355716662",
        ),
        case(create("a", "Let%27s+go"), IPV, alphabet, "k"),
        case(create("a", ""), "MissingParameter", "The request must contain the parameter GroupDescription", "k"),
        case(
            "Action=CreateSecurityGroup&GroupName=a&GroupDescription=b&VpcId=vpc-0123456789abcdef0",
            "InvalidVpcID.NotFound",
            "The vpc ID 'vpc-0123456789abcdef0' does not exist",
            NETWORKING,
        ),
        case(delete(&web), "DependencyViolation", format!("resource {web} has a dependent object"), NETWORKING),
        case(
            delete(&default),
            "CannotDelete",
            format!("the specified group: \"{default}\" name: \"default\" cannot be deleted by a user"),
            "code search 8177322191",
        ),
        case(delete(SG), "InvalidGroup.NotFound", format!("The security group '{SG}' does not exist"), NETWORKING),
        case(
            delete("web"),
            "InvalidGroupId.Malformed",
            "Invalid id: \"web\" (expecting \"sg-...\")",
            "code search 61555446188",
        ),
        case(
            "Action=DeleteSecurityGroup&GroupName=web",
            "InvalidGroup.NotFound",
            format!("The security group 'web' does not exist in default VPC '{default_vpc}'"),
            "code search 69763092309",
        ),
        case(
            "Action=DeleteSecurityGroup",
            "MissingParameter",
            "The request must contain the parameter groupName or groupId",
            "k",
        ),
        case(
            format!("Action=DescribeSecurityGroups&GroupId.1={web}&GroupId.2={SG}"),
            "InvalidGroup.NotFound",
            format!("The security group '{SG}' does not exist"),
            NETWORKING,
        ),
        case(
            "Action=DescribeSecurityGroups&GroupId.1=sg-00000000000000000",
            "InvalidGroupId.Malformed",
            "Invalid id: \"sg-00000000000000000\"",
            NETWORKING,
        ),
        case(
            "Action=DescribeSecurityGroupRules&Filter.1.Name=group-id&Filter.1.Value.1=invalid",
            "InvalidGroupId.Malformed",
            "The security group ID 'invalid' is malformed",
            "M",
        ),
    ]);
    ec2.ask(&delete(&db));
    assert_eq!(ec2.get(&delete(&web), "groupId"), web);
}

/// `IpPermissions.1` of a request.
fn permission(protocol: &str, from: i64, to: i64, cidr: &str) -> String {
    format!(
        "IpPermissions.1.IpProtocol={protocol}&IpPermissions.1.FromPort={from}&IpPermissions.1.ToPort={to}\
         &IpPermissions.1.IpRanges.1.CidrIp={cidr}"
    )
}

#[test]
fn rules_are_refused_as_ec2_does() {
    let ec2 = Ec2::new();
    let (vpc, other) = (ec2.vpc("10.0.0.0/16"), ec2.vpc("10.0.0.0/16"));
    let (group, foreign) = (ec2.group(&vpc, "web"), ec2.group(&other, "web"));
    let authorize = |rest: &str| format!("Action=AuthorizeSecurityGroupIngress&GroupId={group}&{rest}");
    let egress = |rest: &str| format!("Action=AuthorizeSecurityGroupEgress&GroupId={group}&{rest}");
    ec2.ask(&authorize(&permission("tcp", 8080, 8080, "10.237.17.19/24")));

    let twice = format!("{}&IpPermissions.1.IpRanges.2.CidrIp=10.1.0.0/16", permission("tcp", 22, 22, "10.1.0.9/16"));
    let one_new =
        format!("{}&IpPermissions.1.IpRanges.2.CidrIp=10.237.17.0/24", permission("tcp", 8080, 8080, "10.9.0.0/16"));
    let of_group = |id: &str| format!("IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={id}");
    let exists = |rule: &str| format!("the specified rule \"peer: {rule}, ALLOW\" already exists");
    let tcp_8080 = exists("10.237.17.0/24, TCP, from port: 8080, to port: 8080");
    let description = "Invalid rule description. Valid descriptions are strings less than 256 characters from the \
                       following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*";
    let missing_group = format!("The security group '{SG}' does not exist");
    ec2.refuses(&[
        case(
            authorize(&permission("tcp", 8080, 8080, "10.237.17.19/24")),
            "InvalidPermission.Duplicate",
            tcp_8080.clone(),
            NETWORKING,
        ),
        // The whole call is refused: the first of its two rules would be new.
        case(authorize(&one_new), "InvalidPermission.Duplicate", tcp_8080, NETWORKING),
        case(
            egress(&permission("-1", 0, 0, "0.0.0.0/0")),
            "InvalidPermission.Duplicate",
            exists("0.0.0.0/0, ALL"),
            "galaxyproject/cloudlaunch#56",
        ),
        case(authorize(&twice), IPV, "The same permission must not appear multiple times", "code search 61881228084"),
        case(
            authorize(&permission("tcp", 22, 22, "10.0.0.0/33")),
            IPV,
            "CIDR block 10.0.0.0/33 is malformed",
            "code search 57641842638",
        ),
        case(
            authorize(&permission("tcp", -1, -1, "10.0.0.0/8")),
            IPV,
            "TCP/UDP (from) port (-1) out of range",
            "code search 39383672023",
        ),
        case(
            authorize(&permission("tcp", 90, 80, "10.0.0.0/8")),
            IPV,
            "Invalid TCP/UDP port range (90:80)",
            "k (Eucalyptus words it so)",
        ),
        case(
            authorize(&permission("icmp", 0, 65535, "10.0.0.0/8")),
            IPV,
            "ICMP code (65535) out of range",
            "terraform-aws-modules/terraform-aws-security-group#7",
        ),
        case(
            authorize(&permission("all", -1, -1, "10.0.0.0/8")),
            IPV,
            "Invalid value 'all' for IP protocol. Unknown protocol.",
            "hashicorp/terraform-provider-aws#1793",
        ),
        case(
            authorize("IpPermissions.1.IpProtocol=tcp&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8"),
            IPV,
            "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.",
            "M",
        ),
        case(
            authorize("IpPermissions.1.FromPort=22&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8"),
            IPV,
            "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
            "M",
        ),
        case(
            authorize(&format!(
                "{}&IpPermissions.1.IpRanges.1.Description=%C3%A9",
                permission("tcp", 1, 1, "10.0.0.0/8")
            )),
            IPV,
            description,
            "code search 9222596856",
        ),
        case(
            authorize(&of_group(&foreign)),
            "InvalidGroup.NotFound",
            "You have specified two resources that belong to different networks.",
            NETWORKING,
        ),
        case(authorize(&of_group(SG)), "InvalidGroup.NotFound", missing_group.clone(), NETWORKING),
        case(
            authorize(&of_group("sg-00000000000000000")),
            "InvalidGroup.NotFound",
            "The security group 'sg-00000000000000000' does not exist",
            NETWORKING,
        ),
        case(
            authorize(
                "IpPermissions.1.IpProtocol=-1&IpPermissions.1.PrefixListIds.1.PrefixListId=pl-0123456789abcdef0",
            ),
            "InvalidPrefixListID.NotFound",
            "The prefix list ID 'pl-0123456789abcdef0' does not exist",
            "code: I; message: aws-cloudformation/rain#308",
        ),
        case(authorize(""), "MissingParameter", "The request must contain the parameter ipPermissions", "k"),
        case(
            egress("IpProtocol=tcp&FromPort=1&ToPort=1&CidrIp=10.0.0.0/8"),
            "MissingParameter",
            "The request must contain the parameter ipPermissions",
            "B: flat parameters are not supported; message k",
        ),
        case(
            format!("Action=AuthorizeSecurityGroupIngress&GroupId={SG}&{}", permission("tcp", 1, 1, "10.0.0.0/8")),
            "InvalidGroup.NotFound",
            missing_group,
            NETWORKING,
        ),
    ]);
}

#[test]
fn a_group_holds_60_rules_of_a_kind() {
    let ec2 = Ec2(support::Ec2::with_quotas());
    let group = ec2.group(&ec2.vpc("10.0.0.0/16"), "web");
    let authorize = |rest: String| format!("Action=AuthorizeSecurityGroupIngress&GroupId={group}&{rest}");
    for n in 0..60 {
        ec2.ask(&authorize(permission("tcp", n, n, "10.0.0.0/8")));
    }
    let full = "The maximum number of rules per security group has been reached.";
    let one_more = authorize(permission("tcp", 60, 60, "10.0.0.0/8"));
    ec2.refuses(&[case(one_more, "RulesPerSecurityGroupLimitExceeded", full, "code search 7273810111")]);
    // IPv6 rules are counted by themselves.
    ec2.ask(&authorize("IpPermissions.1.IpProtocol=-1&IpPermissions.1.Ipv6Ranges.1.CidrIpv6=::/0".to_owned()));
}

#[test]
fn rules_come_back_as_given() {
    let ec2 = Ec2::new();
    let vpc = ec2.vpc("10.0.0.0/16");
    let (web, db) = (ec2.group(&vpc, "web"), ec2.group(&vpc, "db"));
    let tag = "TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=ssh";
    let tags = format!("TagSpecification.1.ResourceType=security-group-rule&{tag}");
    let answer = ec2.ask(&format!(
        "Action=AuthorizeSecurityGroupIngress&GroupId={web}&{}&IpPermissions.1.IpRanges.1.Description=home\
         &IpPermissions.1.IpRanges.2.CidrIp=203.0.113.9/24&IpPermissions.2.IpProtocol=icmp&IpPermissions.2.FromPort=8\
         &IpPermissions.2.ToPort=-1&IpPermissions.2.Groups.1.GroupId={db}&{tags}",
        permission("tcp", 22, 22, "198.51.100.7/32")
    ));
    assert_eq!(texts(&answer, "cidrIpv4"), ["198.51.100.7/32", "203.0.113.0/24"]);
    assert_eq!(texts(&answer, "description"), ["home"]);
    assert_eq!(texts(&answer, "value"), ["ssh", "ssh", "ssh"]);
    let rules = texts(&answer, "securityGroupRuleId");
    assert_eq!(rules.len(), 3);

    let described = ec2.ask(&format!("Action=DescribeSecurityGroups&GroupId.1={web}"));
    let expected = format!(
        "<ipPermissions><item><ipProtocol>icmp</ipProtocol><fromPort>8</fromPort><toPort>-1</toPort>\
         <groups><item><userId>123456789012</userId><groupId>{db}</groupId></item></groups><ipRanges/><ipv6Ranges/>\
         <prefixListIds/></item><item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort><groups/>\
         <ipRanges><item><cidrIp>198.51.100.7/32</cidrIp><description>home</description></item>\
         <item><cidrIp>203.0.113.0/24</cidrIp></item></ipRanges><ipv6Ranges/><prefixListIds/></item></ipPermissions>\
         <ipPermissionsEgress><item><ipProtocol>-1</ipProtocol><groups/><ipRanges><item>\
         <cidrIp>0.0.0.0/0</cidrIp></item></ipRanges><ipv6Ranges/><prefixListIds/></item></ipPermissionsEgress>\
         <securityGroupArn>arn:aws:ec2:ap-northeast-1:123456789012:security-group/{web}</securityGroupArn>"
    );
    assert!(described.contains(&expected), "{described}");

    let filter = |name: &str, value: &str| {
        texts(
            &ec2.ask(&format!("Action=DescribeSecurityGroups&Filter.1.Name={name}&Filter.1.Value.1={value}")),
            "groupName",
        )
    };
    assert_eq!(filter("ip-permission.cidr", "203.0.113.0/24"), ["web"]);
    assert_eq!(filter("ip-permission.group-name", "db"), ["web"]);
    assert_eq!(filter("ip-permission.from-port", "22"), ["web"]);
    assert!(filter("egress.ip-permission.protocol", "tcp").is_empty());
}

#[test]
fn rules_are_revoked_described_anew_and_modified() {
    let ec2 = Ec2::new();
    let vpc = ec2.vpc("10.0.0.0/16");
    let group = ec2.group(&vpc, "web");
    let (http, https) = (permission("tcp", 80, 80, "10.0.0.0/8"), permission("tcp", 443, 443, "10.0.0.0/8"));
    let authorize = |rule: &str| {
        ec2.get(&format!("Action=AuthorizeSecurityGroupIngress&GroupId={group}&{rule}"), "securityGroupRuleId")
    };
    let (rule, other) = (authorize(&http), authorize(&https));
    let revoke = |rest: &str| format!("Action=RevokeSecurityGroupIngress&GroupId={group}&{rest}");
    let update = |rest: &str| format!("Action=UpdateSecurityGroupRuleDescriptionsIngress&GroupId={group}&{rest}");
    let modify = |rule: &str, rest: &str| {
        format!("Action=ModifySecurityGroupRules&GroupId={group}&SecurityGroupRule.1.SecurityGroupRuleId={rule}&{rest}")
    };
    let new = |protocol: &str, port: i64, peer: &str| {
        let member = "SecurityGroupRule.1.SecurityGroupRule";
        format!("{member}.IpProtocol={protocol}&{member}.FromPort={port}&{member}.ToPort={port}&{member}.{peer}")
    };
    let unknown = "sgr-0123456789abcdef0";
    let no_rule = format!("The security group rule ID '{unknown}' does not exist");
    let not_found = "The specified rule does not exist in this security group.";
    let egress = permission("-1", -1, -1, "0.0.0.0/0");
    let one_known = format!("{http}&IpPermissions.2.IpProtocol=-1&IpPermissions.2.IpRanges.1.CidrIp=10.9.0.0/16");
    ec2.refuses(&[
        case(revoke(&permission("tcp", 81, 81, "10.0.0.0/8")), "InvalidPermission.NotFound", not_found, NETWORKING),
        case(revoke(&egress), "InvalidPermission.NotFound", not_found, NETWORKING),
        case(revoke(&one_known), "InvalidPermission.NotFound", not_found, "B: no rules are revoked"),
        case(
            revoke(&format!("SecurityGroupRuleId.1={rule}&SecurityGroupRuleId.2={unknown}")),
            "InvalidSecurityGroupRuleId.NotFound",
            no_rule.clone(),
            NETWORKING,
        ),
        case(update(&permission("tcp", 81, 81, "10.0.0.0/8")), "InvalidPermission.NotFound", not_found, NETWORKING),
        case(
            modify(unknown, &new("tcp", 1, "CidrIpv4=10.0.0.0/8")),
            "InvalidSecurityGroupRuleId.NotFound",
            no_rule,
            "M",
        ),
        case(
            modify(&rule, "SecurityGroupRule.1.SecurityGroupRule.IpProtocol=tcp"),
            "MissingParameter",
            "The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId",
            "M",
        ),
        case(
            modify(&rule, "SecurityGroupRule.1.SecurityGroupRule.CidrIpv4=10.0.0.0/8"),
            IPV,
            "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
            "M",
        ),
        case(
            modify(&rule, &new("tcp", 80, "CidrIpv6=::/0")),
            IPV,
            format!(
                "Invalid rule type for security group rule '{rule}'. You may not specify CidrIpv6 for an existing \
                 IPv4 CIDR rule."
            ),
            "M",
        ),
        case(
            modify(&rule, &new("tcp", 443, "CidrIpv4=10.0.0.0/8")),
            "InvalidPermission.Duplicate",
            "the specified rule \"peer: 10.0.0.0/8, TCP, from port: 443, to port: 443, ALLOW\" already exists",
            "k",
        ),
    ]);

    ec2.ask(&update(&format!("{http}&IpPermissions.1.IpRanges.1.Description=web")));
    ec2.ask(&modify(&rule, &new("tcp", 8080, "CidrIpv4=10.0.0.9/16")));
    let described = ec2.ask(&format!("Action=DescribeSecurityGroupRules&SecurityGroupRuleId.1={rule}"));
    for (element, value) in
        [("fromPort", "8080"), ("cidrIpv4", "10.0.0.0/16"), ("description", "web"), ("groupId", &group)]
    {
        assert_eq!(texts(&described, element), [value], "{described}");
    }
    // A description is no part of what names a rule.
    let revoked = ec2.ask(&revoke(&permission("tcp", 8080, 8080, "10.0.0.0/16")));
    assert_eq!(texts(&revoked, "securityGroupRuleId"), [rule]);
    assert_eq!(texts(&revoked, "description"), ["web"]);
    ec2.ask(&revoke(&format!("SecurityGroupRuleId.1={other}")));
    ec2.ask(&format!("Action=RevokeSecurityGroupEgress&GroupId={group}&{egress}"));
    let bare = ec2.ask(&format!("Action=DescribeSecurityGroups&GroupId.1={group}"));
    assert!(bare.contains("<ipPermissions/><ipPermissionsEgress/><securityGroupArn>"), "{bare}");
}

#[test]
fn the_default_vpc_forgives_and_takes_names() {
    let ec2 = Ec2::new();
    ec2.ask("Action=CreateSecurityGroup&GroupName=web&GroupDescription=a");
    let flat = "IpProtocol=tcp&FromPort=22&ToPort=22&CidrIp=10.0.0.0/8";
    ec2.ask(&format!("Action=AuthorizeSecurityGroupIngress&GroupName=web&{flat}"));
    let from_group = ec2.ask("Action=AuthorizeSecurityGroupIngress&GroupName=web&SourceSecurityGroupName=default");
    assert_eq!(texts(&from_group, "ipProtocol"), ["tcp", "udp", "icmp"]);

    let two = format!("{}&IpPermissions.1.IpRanges.2.CidrIp=10.9.0.0/16", permission("tcp", 22, 22, "10.0.0.0/8"));
    let answer = ec2.ask(&format!("Action=RevokeSecurityGroupIngress&GroupName=web&{two}"));
    assert_eq!(texts(&answer, "cidrIpv4"), ["10.0.0.0/8"]);
    assert_eq!(texts(&texts(&answer, "unknownIpPermissionSet")[0], "cidrIp"), ["10.9.0.0/16"]);
    assert_eq!(texts(&ec2.ask("Action=DescribeSecurityGroups&GroupName.1=web"), "groupName"), ["web"]);
    ec2.ask("Action=DeleteSecurityGroup&GroupName=web");
}

#[test]
fn the_last_page_of_groups_has_a_token_too() {
    let ec2 = Ec2::new();
    let vpc = ec2.vpc("10.0.0.0/16");
    let groups: Vec<String> = (0..6).map(|n| ec2.group(&vpc, &format!("g{n}"))).collect();
    let (mut sizes, mut seen, mut token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let page = ec2.ask(&format!(
            "Action=DescribeSecurityGroups&MaxResults=5&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}{token}"
        ));
        sizes.push(texts(&page, "groupName").len());
        seen.extend(texts(&page, "securityGroupArn"));
        match texts(&page, "nextToken").first() {
            Some(next) => token = format!("&NextToken={next}"),
            None => break,
        }
    }
    // Recorded on AWS (pagination): 5 and 2 groups, and still a token.
    assert_eq!(sizes, [5, 2, 0]);
    assert!(groups.iter().all(|group| seen.iter().filter(|arn| arn.ends_with(group.as_str())).count() == 1));
}

#[test]
fn the_default_acl_shows_its_entries_and_subnets() {
    let ec2 = Ec2::new();
    let vpc = ec2.vpc("10.0.0.0/16");
    let subnet = ec2.subnet(&vpc, "10.0.1.0/24");
    let answer =
        ec2.ask(&format!("Action=DescribeNetworkAcls&Filter.1.Name=association.subnet-id&Filter.1.Value.1={subnet}"));
    let rows = |element: &str| texts(&answer, element);
    assert_eq!(rows("ruleNumber"), ["100", "32767", "100", "32767"]);
    assert_eq!(rows("egress"), ["true", "true", "false", "false"]);
    assert_eq!(rows("ruleAction"), ["allow", "deny", "allow", "deny"]);
    assert_eq!(rows("protocol"), ["-1"; 4]);
    assert_eq!(rows("default"), ["true"]);
    assert_eq!(rows("subnetId"), [subnet]);
    assert_eq!(rows("vpcId"), [vpc]);
    ec2.refuses(&[case(
        "Action=DescribeNetworkAcls&NetworkAclId.1=acl-0123456789abcdef0",
        "InvalidNetworkAclID.NotFound",
        "The networkAcl ID 'acl-0123456789abcdef0' does not exist",
        NETWORKING,
    )]);
}

#[test]
fn dry_runs_change_nothing() {
    let ec2 = Ec2::new();
    let vpc = ec2.vpc("10.0.0.0/16");
    let table = ec2.main_table(&vpc);
    let requests = [
        format!("Action=CreateRouteTable&VpcId={vpc}&ClientToken=abc"),
        // Before almost all validation (recorded: internet_gateways).
        format!("Action=DeleteRoute&RouteTableId={table}"),
        format!("Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&GatewayId=invalid-igw"),
        format!("Action=CreateSecurityGroup&VpcId={vpc}&GroupName=a&GroupDescription=b"),
    ];
    for body in requests {
        let before = ec2.picture();
        let response = ec2.handle(&format!("{body}&DryRun=true"));
        assert_eq!(
            (response.status, texts(&response.body, "Code").remove(0).as_str()),
            (412, "DryRunOperation"),
            "{body}"
        );
        assert_eq!(ec2.picture(), before, "{body}");
    }
}
