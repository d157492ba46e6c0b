//! What EC2 answers alike whatever the action: dry runs, ids of no resource, pages, empty parameters. Each is tried on every action
//! that has such a parameter; where an action differs, it stands in a table with the reason.
//!
//! Sources: Sn, Si, Sp, Se, Sk, Sd, Sm: answers of AWS published in radkawar/stackd. B: the service model of botocore.

use std::collections::BTreeMap;

use vpcrun_emulator::{TransitionTimes, action_names};

use crate::shapes::{MODEL, Member, Shape};
use crate::support::{AMAZON_LINUX, Ec2, Names};

/// A world with one resource of each kind that requests name, by the parameter that names it.
struct Fixture {
    ec2: Ec2,
    values: BTreeMap<&'static str, String>,
}

/// How a resource is made, the element with its id, and the parameters that take it.
const MADE: &[(&str, &str, &[&str])] = &[
    ("CreateVpc&CidrBlock=10.0.0.0/16", "vpcId", &["VpcId"]),
    ("CreateSubnet&VpcId={VpcId}&CidrBlock=10.0.1.0/24", "subnetId", &["SubnetId"]),
    ("CreateInternetGateway", "internetGatewayId", &["InternetGatewayId", "GatewayId"]),
    ("CreateRouteTable&VpcId={VpcId}", "routeTableId", &["RouteTableId"]),
    ("CreateNetworkAcl&VpcId={VpcId}", "networkAclId", &["NetworkAclId"]),
    ("CreateSecurityGroup&VpcId={VpcId}&GroupName=a&GroupDescription=a", "groupId", &["GroupId"]),
    ("CreateNetworkInterface&SubnetId={SubnetId}", "networkInterfaceId", &["NetworkInterfaceId"]),
    ("AllocateAddress", "allocationId", &["AllocationId"]),
    ("CreateNatGateway&SubnetId={SubnetId}&ConnectivityType=private", "natGatewayId", &["NatGatewayId"]),
    ("CreateEgressOnlyInternetGateway&VpcId={VpcId}", "egressOnlyInternetGatewayId", &["EgressOnlyInternetGatewayId"]),
    (
        "CreateVpcPeeringConnection&VpcId={VpcId}&PeerVpcId={VpcId}",
        "vpcPeeringConnectionId",
        &["VpcPeeringConnectionId"],
    ),
    (
        "CreateVpcEndpoint&VpcId={VpcId}&ServiceName=com.amazonaws.ap-northeast-1.s3",
        "vpcEndpointId",
        &["VpcEndpointId"],
    ),
    ("CreateManagedPrefixList&PrefixListName=a&MaxEntries=5&AddressFamily=IPv4", "prefixListId", &["PrefixListId"]),
    (
        "CreateDhcpOptions&DhcpConfiguration.1.Key=domain-name&DhcpConfiguration.1.Value.1=a",
        "dhcpOptionsId",
        &["DhcpOptionsId"],
    ),
    ("CreateVpnGateway&Type=ipsec.1", "vpnGatewayId", &["VpnGatewayId"]),
    ("CreateCarrierGateway&VpcId={VpcId}", "carrierGatewayId", &["CarrierGatewayId"]),
    ("CreateKeyPair&KeyName=a", "keyPairId", &["KeyPairId"]),
];

/// Values of other parameters.
const VALUES: &[(&str, &str)] = &[
    ("ImageId", AMAZON_LINUX),
    ("CidrBlock", "10.0.2.0/24"),
    ("DestinationCidrBlock", "192.0.2.0/24"),
    ("AddressFamily", "IPv4"),
];

fn fixture() -> Fixture {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let mut names = Names::default();
    let mut values: BTreeMap<_, _> = VALUES.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    for (request, element, parameters) in MADE {
        let id = ec2.get(&format!("Action={}", names.fill(request)), element);
        for name in *parameters {
            values.insert(name, names.put(name, id.clone()));
        }
    }
    let instance = ec2.run("");
    values.insert("InstanceId", instance);
    Fixture { ec2, values }
}

/// The value that a parameter has in a request that names nothing wrong.
fn value(fixture: &Fixture, name: &str, shape: &Shape) -> String {
    if let Some(value) = fixture.values.get(name) {
        return value.clone();
    }
    match shape {
        Shape::String { values } if !values.is_empty() => values[0].clone(),
        Shape::Boolean => "true".to_owned(),
        Shape::String { .. } | Shape::Blob => "sample".to_owned(),
        Shape::Timestamp => "2026-11-23T18:43:58.000Z".to_owned(),
        _ => "1".to_owned(),
    }
}

fn put(fixture: &Fixture, path: &str, member: &str, shape: &'static Shape, into: &mut BTreeMap<String, String>) {
    match shape {
        Shape::Structure(structure) => {
            let mut any = false;
            for inner in MODEL.members(structure).filter(|inner| inner.required) {
                any = true;
                put(fixture, &format!("{path}.{}", inner.query), &inner.query, inner.shape, into);
            }
            if !any && let Some(inner) = MODEL.members(structure).next() {
                put(fixture, &format!("{path}.{}", inner.query), &inner.query, inner.shape, into);
            }
        }
        Shape::List { member: item, .. } => put(fixture, &format!("{path}.1"), member, MODEL.shape(item), into),
        _ => drop(into.insert(path.to_owned(), value(fixture, member, shape))),
    }
}

/// The required parameters of an action, with values that name nothing wrong.
fn required(fixture: &Fixture, action: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    for member in MODEL.members(MODEL.input(action)).filter(|member| member.required) {
        put(fixture, &member.query, &member.query, member.shape, &mut parameters);
    }
    parameters
}

fn body(action: &str, parameters: &BTreeMap<String, String>) -> String {
    let pairs: String =
        parameters.iter().map(|(name, value)| format!("&{name}={}", value.replace('+', "%2B"))).collect();
    format!("Action={action}{pairs}")
}

fn member(action: &str, name: &str) -> Option<&'static Member> {
    MODEL.members(MODEL.input(action)).find(|member| member.query == name)
}

/// What actions want beside what the model calls required.
const COMPANY: &[(&str, &[(&str, &str)])] = &[
    ("AssignPrivateIpAddresses", &[("SecondaryPrivateIpAddressCount", "1")]),
    ("AssignPrivateNatGatewayAddress", &[("PrivateIpAddressCount", "1")]),
    ("AssociateAddress", &[("AllocationId", "{AllocationId}"), ("InstanceId", "{InstanceId}")]),
    ("AssociateRouteTable", &[("SubnetId", "{SubnetId}")]),
    ("CreateRoute", &[("DestinationCidrBlock", "192.0.2.0/24"), ("GatewayId", "{InternetGatewayId}")]),
    ("CreateVpcPeeringConnection", &[("PeerVpcId", "{VpcId}")]),
    ("DeleteRoute", &[("DestinationCidrBlock", "192.0.2.0/24")]),
    ("ModifyInstanceAttribute", &[("DisableApiTermination.Value", "false")]),
    ("ModifyNetworkInterfaceAttribute", &[("Description.Value", "a")]),
    ("ModifySubnetAttribute", &[("MapPublicIpOnLaunch.Value", "true")]),
    ("ModifyVpcAttribute", &[("EnableDnsSupport.Value", "true")]),
    ("ReplaceRoute", &[("DestinationCidrBlock", "192.0.2.0/24"), ("GatewayId", "{InternetGatewayId}")]),
    ("ResetNetworkInterfaceAttribute", &[("SourceDestCheck", "true")]),
    ("RunInstances", &[("ImageId", "{ImageId}"), ("InstanceType", "t3.micro")]),
];

/// The parameters of a request that is right but for what the test puts into it.
fn parameters(fixture: &Fixture, action: &str) -> BTreeMap<String, String> {
    let mut parameters = required(fixture, action);
    for (name, value) in COMPANY.iter().filter(|(of, _)| *of == action).flat_map(|(_, company)| *company) {
        let named = value.strip_prefix('{').and_then(|value| value.strip_suffix('}'));
        let value = named.map_or_else(|| (*value).to_owned(), |name| fixture.values[name].clone());
        parameters.insert((*name).to_owned(), value);
    }
    parameters
}

/// What EC2 checks even under DryRun.
const CHECKED_FIRST: &[(&str, &str)] = &[
    ("AcceptAddressTransfer", "a malformed address (Sp, of other actions)"),
    ("DeleteDhcpOptions", "a malformed id (Sd)"),
];

/// Si, Sp, Se, Sk: a dry run is answered before missing targets, malformed ids and unknown filters.
#[test]
fn a_dry_run_is_answered_before_what_it_names_is_looked_for() {
    let fixture = fixture();
    let mut faults = Vec::new();
    let actions = action_names().into_iter().filter(|action| member(action, "DryRun").is_some());
    for action in actions.filter(|action| !CHECKED_FIRST.iter().any(|(first, _)| first == action)) {
        let mut parameters = parameters(&fixture, action);
        for (name, value) in &mut parameters {
            if name.ends_with("Id") || name.ends_with("Id.1") {
                *value = "sample".to_owned();
            }
        }
        if member(action, "Filter").is_some() {
            parameters.insert("Filter.1.Name".to_owned(), "colour".to_owned());
            parameters.insert("Filter.1.Value.1".to_owned(), "red".to_owned());
        }
        parameters.insert("DryRun".to_owned(), "true".to_owned());
        let request = body(action, &parameters);
        let got = fixture.ec2.refusal(&request);
        let message = "Request would have succeeded, but DryRun flag is set.";
        if got != (412, "DryRunOperation".to_owned(), message.to_owned()) {
            faults.push(format!("{request}: {got:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Ids of no resource, and malformed ones where a malformed one is recorded: the parameters, the value, the code, the message, source.
const IDS: &[(&[&str], &str, &str, &str, &str)] = &[
    (&["VpcId"], "vpc-0fedcba9876543210", "InvalidVpcID.NotFound", "The vpc ID '{}' does not exist", "Sn"),
    (&["SubnetId"], "subnet-0fedcba9876543210", "InvalidSubnetID.NotFound", "The subnet ID '{}' does not exist", "Sn"),
    (
        &["RouteTableId"],
        "rtb-0fedcba9876543210",
        "InvalidRouteTableID.NotFound",
        "The routeTable ID '{}' does not exist",
        "Sn",
    ),
    (
        &["NetworkAclId"],
        "acl-0fedcba9876543210",
        "InvalidNetworkAclID.NotFound",
        "The networkAcl ID '{}' does not exist",
        "Sn",
    ),
    (
        &["NetworkInterfaceId"],
        "eni-0fedcba9876543210",
        "InvalidNetworkInterfaceID.NotFound",
        "The networkInterface ID '{}' does not exist",
        "Se",
    ),
    (
        &["NetworkInterfaceId"],
        "bad",
        "InvalidNetworkInterfaceId.Malformed",
        "Invalid id: \"{}\" (expecting \"eni-...\")",
        "Se",
    ),
    (
        &["InternetGatewayId"],
        "igw-0fedcba9876543210",
        "InvalidInternetGatewayID.NotFound",
        "The internetGateway ID '{}' does not exist",
        "Si",
    ),
    (&["InstanceId"], "i-0fedcba9876543210", "InvalidInstanceID.NotFound", "The instance ID '{}' does not exist", "Ss"),
    (&["InstanceId"], "bad", "InvalidInstanceID.Malformed", "Invalid id: \"{}\"", "Sp"),
    (
        &["AllocationId"],
        "eipalloc-0fedcba9876543210",
        "InvalidAllocationID.NotFound",
        "The allocation ID '{}' does not exist",
        "Sp",
    ),
    (&["AllocationId"], "bad", "InvalidAllocationID.NotFound", "The allocation ID '{}' does not exist", "Sp"),
    (
        &["GroupId", "SecurityGroupId"],
        "sg-0fedcba9876543210",
        "InvalidGroup.NotFound",
        "The security group '{}' does not exist",
        "Sn",
    ),
    (
        &["GroupId", "SecurityGroupId"],
        "bad",
        "InvalidGroupId.Malformed",
        "Invalid id: \"{}\" (expecting \"sg-...\")",
        "#61555446188",
    ),
];

/// Parameters of these names that are something else, or that an action words in its own way, which its own tests hold.
const IDS_ELSEWHERE: &[(&str, &str)] = &[
    ("AssociateIamInstanceProfile", "looks at the profile first"),
    ("AssociateNatGatewayAddress", "looks at the gateway first"),
    ("CreateNatGateway", "K: words of its own, and failures after the answer"),
    ("CreateVpcEndpoint", "K: words of its own"),
    ("DescribePlacementGroups", "GroupId is a placement group's"),
    ("ModifyInstancePlacement", "GroupId is a placement group's"),
    ("ModifyVpcEndpoint", "words of its own"),
    ("ReplaceNetworkAclAssociation", "looks at the association first"),
    ("ReplaceRouteTableAssociation", "looks at the association first"),
];

/// Of what a request is right with, what cannot stand beside a parameter: the parameter, its rival.
const RIVALS: &[(&str, &str)] = &[
    ("GroupId", "DisableApiTermination.Value"),
    ("InstanceId", "GatewayId"),
    ("NetworkInterfaceId", "GatewayId"),
    ("SecurityGroupId", "Description.Value"),
];

#[test]
fn an_id_of_no_resource_is_worded_by_its_kind_in_every_action() {
    let fixture = fixture();
    let mut faults = Vec::new();
    let actions =
        action_names().into_iter().filter(|action| !IDS_ELSEWHERE.iter().any(|(elsewhere, _)| elsewhere == action));
    for action in actions {
        for (names, id, code, message, source) in IDS {
            for member in names.iter().filter_map(|name| member(action, name)) {
                let is_list = matches!(member.shape, Shape::List { .. });
                let path = format!("{}{}", member.query, if is_list { ".1" } else { "" });
                let mut parameters = parameters(&fixture, action);
                for (_, rival) in RIVALS.iter().filter(|(name, _)| *name == member.query) {
                    parameters.remove(*rival);
                }
                parameters.insert(path, (*id).to_owned());
                let request = body(action, &parameters);
                let got = fixture.ec2.refusal(&request);
                if got != (400, (*code).to_owned(), message.replace("{}", id)) {
                    faults.push(format!("{request}: {got:?} ({source})"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Actions that page in their own words, which their own tests hold.
const PAGES_ELSEWHERE: &[(&str, &str)] = &[
    ("DescribeImages", "Sm: Invalid value '1' for maxResults. Expecting a value greater than 5."),
    ("DescribeLaunchTemplateVersions", "wants a launch template"),
];

/// Sn: the words, which DescribeSubnets has; B: the bounds.
#[test]
fn pages_are_refused_alike_in_every_action() {
    let fixture = fixture();
    let mut faults = Vec::new();
    let actions = action_names().into_iter().filter(|action| member(action, "NextToken").is_some());
    for action in actions.filter(|action| !PAGES_ELSEWHERE.iter().any(|(elsewhere, _)| elsewhere == action)) {
        let mut refuses = |name: &str, value: &str, reason: &str| {
            let mut parameters = parameters(&fixture, action);
            parameters.insert(name.to_owned(), value.to_owned());
            let request = body(action, &parameters);
            let got = fixture.ec2.refusal(&request);
            let message = format!("Value ( {value} ) for parameter {name} is invalid. {reason}");
            if got != (400, "InvalidParameterValue".to_owned(), message) {
                faults.push(format!("{request}: {got:?}"));
            }
        };
        refuses("NextToken", "nonsense", "The token is invalid.");
        if let Some(Shape::Integer { min: Some(min), max: Some(max) }) = member(action, "MaxResults").map(|it| it.shape)
        {
            let expecting = |bound: &str| format!("Expecting a value {bound}.");
            refuses("MaxResults", &(min - 1).to_string(), &expecting(&format!("greater than or equal to {min}")));
            refuses("MaxResults", &(max + 1).to_string(), &expecting(&format!("less than or equal to {max}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Sk: a required parameter that is empty is missing.
#[test]
fn a_required_parameter_that_is_empty_is_missing_in_every_action() {
    let fixture = fixture();
    let mut faults = Vec::new();
    for action in action_names() {
        let members = MODEL.members(MODEL.input(action));
        let is_value = |shape: &Shape| !matches!(shape, Shape::Structure(_) | Shape::List { .. });
        for member in members.filter(|member| member.required && is_value(member.shape)) {
            let mut parameters = parameters(&fixture, action);
            parameters.insert(member.query.clone(), String::new());
            let request = body(action, &parameters);
            let got = fixture.ec2.refusal(&request);
            if got.1 != "MissingParameter" || !got.2.to_lowercase().contains(&member.query.to_lowercase()) {
                faults.push(format!("{request}: {got:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
