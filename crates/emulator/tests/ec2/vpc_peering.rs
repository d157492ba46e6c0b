//! VPC peering connections through their lives, in one region and between two, and the routes that lead through them.

use std::time::Duration;

use vpcrun_emulator::TransitionTimes;

use crate::support::{Ec2, Names, Refused, first, texts};

const IPV: &str = "InvalidParameterValue";

fn vpc(ec2: &Ec2, cidr: &str) -> String {
    ec2.get(&format!("Action=CreateVpc&CidrBlock={cidr}"), "vpcId")
}

fn request(ec2: &Ec2, vpc: &str, peer: &str) -> String {
    ec2.get(&format!("Action=CreateVpcPeeringConnection&VpcId={vpc}&PeerVpcId={peer}"), "vpcPeeringConnectionId")
}

fn describe(ec2: &Ec2, id: &str) -> String {
    ec2.ask(&format!("Action=DescribeVpcPeeringConnections&VpcPeeringConnectionId.1={id}"))
}

/// Code and message of a connection's status.
fn status(ec2: &Ec2, id: &str) -> (String, String) {
    let status = first(&describe(ec2, id), "status").expect("a status");
    (first(&status, "code").expect("a code"), first(&status, "message").expect("a message"))
}

fn code(ec2: &Ec2, id: &str) -> String {
    status(ec2, id).0
}

fn on(action: &str, id: &str) -> String {
    format!("Action={action}VpcPeeringConnection&VpcPeeringConnectionId={id}")
}

fn main_table(ec2: &Ec2, vpc: &str) -> String {
    ec2.get(&format!("Action=DescribeRouteTables&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}"), "routeTableId")
}

#[test]
fn two_vpcs_are_joined_and_parted() {
    let ec2 = Ec2::new(TransitionTimes::AwsLike);
    let (here, there) = (vpc(&ec2, "10.0.0.0/16"), vpc(&ec2, "10.1.0.0/16"));
    let created = ec2.ask(&format!(
        "Action=CreateVpcPeeringConnection&VpcId={here}&PeerVpcId={there}\
         &TagSpecification.1.ResourceType=vpc-peering-connection&TagSpecification.1.Tag.1.Key=Name\
         &TagSpecification.1.Tag.1.Value=to+there"
    ));
    let id = first(&created, "vpcPeeringConnectionId").expect("an id");
    let expected = format!(
        "<vpcPeeringConnection><accepterVpcInfo><ownerId>123456789012</ownerId><vpcId>{there}</vpcId>\
         <region>ap-northeast-1</region></accepterVpcInfo><expirationTime>2026-11-30T18:43:58.000Z</expirationTime>\
         <requesterVpcInfo><cidrBlock>10.0.0.0/16</cidrBlock><cidrBlockSet><item><cidrBlock>10.0.0.0/16</cidrBlock></item>\
         </cidrBlockSet><ownerId>123456789012</ownerId><peeringOptions>\
         <allowDnsResolutionFromRemoteVpc>false</allowDnsResolutionFromRemoteVpc>\
         <allowEgressFromLocalClassicLinkToRemoteVpc>false</allowEgressFromLocalClassicLinkToRemoteVpc>\
         <allowEgressFromLocalVpcToRemoteClassicLink>false</allowEgressFromLocalVpcToRemoteClassicLink></peeringOptions>\
         <vpcId>{here}</vpcId><region>ap-northeast-1</region></requesterVpcInfo><status><code>initiating-request</code>\
         <message>Initiating Request to 123456789012</message></status><tagSet><item><key>Name</key>\
         <value>to there</value></item></tagSet>"
    );
    assert!(created.contains(&expected), "{created}");
    ec2.wait(2);
    let expected = ("pending-acceptance".to_owned(), "Pending Acceptance by 123456789012".to_owned());
    assert_eq!(status(&ec2, &id), expected);

    // A route through a request is a blackhole until the request is accepted.
    let table = main_table(&ec2, &here);
    ec2.ask(&format!(
        "Action=CreateRoute&RouteTableId={table}&DestinationCidrBlock=10.1.0.0/16&VpcPeeringConnectionId={id}"
    ));
    let route = || {
        let tables = ec2.ask(&format!(
            "Action=DescribeRouteTables&Filter.1.Name=route.vpc-peering-connection-id&Filter.1.Value.1={id}"
        ));
        let through =
            tables.split_once(&format!("<vpcPeeringConnectionId>{id}</vpcPeeringConnectionId>")).expect("a route");
        first(through.1, "state").expect("a state")
    };
    assert_eq!(route(), "blackhole");
    assert_eq!(first(&ec2.ask(&on("Accept", &id)), "code").as_deref(), Some("provisioning"));
    ec2.wait(5);
    assert_eq!(status(&ec2, &id), ("active".to_owned(), "Active".to_owned()));
    assert_eq!(route(), "active");
    let described = describe(&ec2, &id);
    assert_eq!(texts(&described, "cidrBlockSet").len(), 2);
    assert!(!described.contains("expirationTime"), "{described}");

    let modify = format!(
        "Action=ModifyVpcPeeringConnectionOptions&VpcPeeringConnectionId={id}\
         &AccepterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc=true"
    );
    assert_eq!(ec2.get(&modify, "allowDnsResolutionFromRemoteVpc"), "true");
    assert_eq!(ec2.all(&describe_body(&id), "allowDnsResolutionFromRemoteVpc"), ["true", "false"]);

    assert_eq!(ec2.code(&format!("Action=DeleteVpc&VpcId={there}")), "DependencyViolation");
    ec2.ask(&on("Delete", &id));
    assert_eq!(code(&ec2, &id), "deleting");
    assert_eq!(route(), "blackhole");
    ec2.wait(5);
    assert_eq!(status(&ec2, &id), ("deleted".to_owned(), "Deleted by 123456789012".to_owned()));
    ec2.ask(&format!("Action=DeleteVpc&VpcId={there}"));
    ec2.wait(7_200);
    assert_eq!(ec2.code(&describe_body(&id)), "InvalidVpcPeeringConnectionID.NotFound");
}

fn describe_body(id: &str) -> String {
    format!("Action=DescribeVpcPeeringConnections&VpcPeeringConnectionId.1={id}")
}

#[test]
fn requests_fail_expire_and_are_rejected() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let (here, same) = (vpc(&ec2, "10.0.0.0/16"), vpc(&ec2, "10.0.128.0/17"));
    for peer in [same.as_str(), "vpc-0123456789abcdef0", here.as_str()] {
        let id = request(&ec2, &here, peer);
        let message = "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range".to_owned();
        assert_eq!(status(&ec2, &id), ("failed".to_owned(), message));
    }
    let gone = vpc(&ec2, "10.2.0.0/16");
    let id = request(&ec2, &here, &gone);
    ec2.ask(&format!("Action=DeleteVpc&VpcId={gone}"));
    assert_eq!(ec2.code(&on("Accept", &id)), "InvalidVpcID.NotFound");
    ec2.ask(&on("Delete", &id));
    let there = vpc(&ec2, "10.1.0.0/16");
    let id = request(&ec2, &here, &there);
    ec2.ask(&on("Reject", &id));
    assert_eq!(status(&ec2, &id), ("rejected".to_owned(), "Rejected by 123456789012".to_owned()));

    // The other account never answers.
    let body = format!("Action=CreateVpcPeeringConnection&VpcId={here}&PeerVpcId={there}&PeerOwnerId=210987654321");
    let id = ec2.get(&body, "vpcPeeringConnectionId");
    assert_eq!(code(&ec2, &id), "pending-acceptance");
    ec2.clock.advance(Duration::from_secs(7 * 86_400));
    assert_eq!(code(&ec2, &id), "expired");
    ec2.wait(2 * 86_400);
    assert_eq!(ec2.all("Action=DescribeVpcPeeringConnections", "vpcPeeringConnectionId"), [""; 0]);
    ec2.ask(&format!("Action=DeleteVpc&VpcId={here}"));
}

#[test]
fn regions_are_joined() {
    let tokyo = Ec2::new(TransitionTimes::AwsLike);
    let osaka = tokyo.in_region("ap-northeast-3");
    let (here, there) = (vpc(&tokyo, "10.0.0.0/16"), vpc(&osaka, "10.1.0.0/16"));
    let id = tokyo.get(
        &format!("Action=CreateVpcPeeringConnection&VpcId={here}&PeerVpcId={there}&PeerRegion=ap-northeast-3"),
        "vpcPeeringConnectionId",
    );
    tokyo.wait(2);
    for ec2 in [&tokyo, &osaka] {
        assert_eq!(code(ec2, &id), "pending-acceptance");
    }
    tokyo.ask(&format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=side&Tag.1.Value=tokyo"));
    let message = format!(
        "Incorrect region (ap-northeast-1) specified for this request. VPC peering connection {id} must be accepted in region \
         ap-northeast-3"
    );
    assert_eq!(tokyo.refusal(&on("Accept", &id)), (400, "OperationNotPermitted".to_owned(), message));
    osaka.ask(&on("Accept", &id));
    tokyo.wait(5);
    for ec2 in [&tokyo, &osaka] {
        assert_eq!(code(ec2, &id), "active");
        assert!(describe(ec2, &id).contains("<cidrBlock>10.1.0.0/16</cidrBlock>"));
    }
    assert_eq!(osaka.all("Action=DescribeTags", "key"), [""; 0]);
    assert_eq!(tokyo.all("Action=DescribeTags", "value"), ["tokyo"]);
    let options = |ec2: &Ec2, side: &str| {
        ec2.handle(&format!(
            "Action=ModifyVpcPeeringConnectionOptions&VpcPeeringConnectionId={id}\
             &{side}PeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc=true"
        ))
        .status
    };
    assert_eq!((options(&tokyo, "Requester"), options(&tokyo, "Accepter")), (200, 400));
    assert_eq!(options(&osaka, "Accepter"), 200);
    assert_eq!(tokyo.all(&describe_body(&id), "allowDnsResolutionFromRemoteVpc"), ["true", "true"]);
    for (ec2, vpc) in [(&tokyo, &here), (&osaka, &there)] {
        assert_eq!(ec2.code(&format!("Action=DeleteVpc&VpcId={vpc}")), "DependencyViolation");
    }
    osaka.ask(&on("Delete", &id));
    tokyo.wait(5);
    for (ec2, vpc) in [(&tokyo, &here), (&osaka, &there)] {
        assert_eq!(code(ec2, &id), "deleted");
        ec2.ask(&format!("Action=DeleteVpc&VpcId={vpc}"));
    }
}

#[test]
fn connections_are_found_by_filters() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let (here, there) = (vpc(&ec2, "10.0.0.0/16"), vpc(&ec2, "10.1.0.0/16"));
    let id = request(&ec2, &here, &there);
    let by = |name: &str, value: &str| {
        let body = format!("Action=DescribeVpcPeeringConnections&Filter.1.Name={name}&Filter.1.Value.1={value}");
        ec2.all(&body, "vpcPeeringConnectionId").len()
    };
    let pending = [
        ("requester-vpc-info.vpc-id", here.as_str(), 1),
        ("requester-vpc-info.cidr-block", "10.0.0.0/16", 1),
        ("requester-vpc-info.owner-id", "123456789012", 1),
        ("accepter-vpc-info.vpc-id", &there, 1),
        ("accepter-vpc-info.cidr-block", "10.1.0.0/16", 0),
        ("accepter-vpc-info.owner-id", "1234*", 1),
        ("expiration-time", "2026-11-30T*", 1),
        ("status-code", "active", 0),
        ("status-message", "Pending+Acceptance*", 1),
        ("vpc-peering-connection-id", &id, 1),
    ];
    for (name, value, count) in pending {
        assert_eq!(by(name, value), count, "{name}");
    }
    ec2.ask(&on("Accept", &id));
    assert_eq!(by("accepter-vpc-info.cidr-block", "10.1.0.0/16"), 1);
    assert_eq!(by("status-code", "active"), 1);
}

/// Sources: TF: hashicorp/terraform-provider-aws quotes the messages. M: moto. E: "Error codes for the Amazon EC2 API". k: believed.
const REFUSED: &[Refused] = &[
    (
        "CreateVpcPeeringConnection&VpcId={here}",
        "MissingParameter",
        "The request must contain the parameter peerVpcId",
        "Sk",
    ),
    (
        "CreateVpcPeeringConnection&PeerVpcId={here}",
        "MissingParameter",
        "The request must contain the parameter VpcId",
        "Sk",
    ),
    (
        "CreateVpcPeeringConnection&VpcId=vpc-0123456789abcdef0&PeerVpcId={there}",
        "InvalidVpcID.NotFound",
        "The vpc ID 'vpc-0123456789abcdef0' does not exist",
        "Sn",
    ),
    (
        "CreateVpcPeeringConnection&VpcId={here}&PeerVpcId=home",
        "InvalidVpcID.Malformed",
        "Invalid id: \"home\" (expecting \"vpc-...\")",
        "Sn, k",
    ),
    (
        "CreateVpcPeeringConnection&VpcId={here}&PeerVpcId={there}&PeerOwnerId=me",
        IPV,
        "Value (me) for parameter peerOwnerId is invalid. Account IDs have 12 digits.",
        "k",
    ),
    (
        "CreateVpcPeeringConnection&VpcId={here}&PeerVpcId={there}&PeerRegion=mars-1",
        IPV,
        "Value (mars-1) for parameter peerRegion is invalid. There is no region with this name.",
        "k",
    ),
    (
        "CreateVpcPeeringConnection&VpcId={here}&PeerVpcId={there}",
        "VpcPeeringConnectionAlreadyExists",
        "A VPC peering connection between the VPCs already exists.",
        "E, k",
    ),
    (
        "CreateVpcPeeringConnection&VpcId={there}&PeerVpcId={here}",
        "VpcPeeringConnectionAlreadyExists",
        "A VPC peering connection between the VPCs already exists.",
        "E, k",
    ),
    (
        "CreateVpcPeeringConnection&VpcId={here}&PeerVpcId={third}&TagSpecification.1.ResourceType=vpc",
        IPV,
        "'vpc' is not a valid taggable resource type for this operation.",
        "Sk",
    ),
    (
        "AcceptVpcPeeringConnection",
        "MissingParameter",
        "The request must contain the parameter VpcPeeringConnectionId",
        "Sk",
    ),
    (
        "AcceptVpcPeeringConnection&VpcPeeringConnectionId=pcx-0123456789abcdef0",
        "InvalidVpcPeeringConnectionID.NotFound",
        "The vpcPeeringConnection ID 'pcx-0123456789abcdef0' does not exist",
        "TF, #2668637960",
    ),
    (
        "AcceptVpcPeeringConnection&VpcPeeringConnectionId=pcx",
        "InvalidVpcPeeringConnectionId.Malformed",
        "Invalid id: \"pcx\" (expecting \"pcx-...\")",
        "E, k",
    ),
    (
        "AcceptVpcPeeringConnection&VpcPeeringConnectionId={active}",
        "InvalidStateTransition",
        "Invalid state transition for {active}, attempted to transition from active to provisioning",
        "TF, k",
    ),
    (
        "AcceptVpcPeeringConnection&VpcPeeringConnectionId={rejected}",
        "InvalidStateTransition",
        "Invalid state transition for {rejected}, attempted to transition from rejected to provisioning",
        "TF, k",
    ),
    (
        "AcceptVpcPeeringConnection&VpcPeeringConnectionId={foreign}",
        "OperationNotPermitted",
        "User (123456789012) cannot accept peering {foreign}",
        "M",
    ),
    (
        "RejectVpcPeeringConnection&VpcPeeringConnectionId={foreign}",
        "OperationNotPermitted",
        "User (123456789012) cannot reject peering {foreign}",
        "M, k",
    ),
    (
        "RejectVpcPeeringConnection&VpcPeeringConnectionId={active}",
        "InvalidStateTransition",
        "Invalid state transition for {active}, attempted to transition from active to rejected",
        "TF, k",
    ),
    (
        "DeleteVpcPeeringConnection&VpcPeeringConnectionId={failed}",
        "InvalidStateTransition",
        "Invalid state transition for {failed}, attempted to transition from failed to deleting",
        "TF",
    ),
    (
        "DeleteVpcPeeringConnection&VpcPeeringConnectionId={rejected}",
        "InvalidStateTransition",
        "Invalid state transition for {rejected}, attempted to transition from rejected to deleting",
        "ekristen/aws-nuke#723",
    ),
    (
        "DeleteVpcPeeringConnection&VpcPeeringConnectionId=pcx-0123456789abcdef0",
        "InvalidVpcPeeringConnectionID.NotFound",
        "The vpcPeeringConnection ID 'pcx-0123456789abcdef0' does not exist",
        "TF",
    ),
    (
        "ModifyVpcPeeringConnectionOptions&VpcPeeringConnectionId={foreign}\
         &RequesterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc=true",
        "OperationNotPermitted",
        "Peering {foreign} is not active. Peering options can be added only to active peerings.",
        "TF",
    ),
    (
        "ModifyVpcPeeringConnectionOptions&VpcPeeringConnectionId={active}",
        "MissingParameter",
        "The request must contain at least one of: accepterPeeringConnectionOptions, requesterPeeringConnectionOptions",
        "k",
    ),
    (
        "ModifyVpcPeeringConnectionOptions&VpcPeeringConnectionId={active}\
         &RequesterPeeringConnectionOptions.AllowEgressFromLocalClassicLinkToRemoteVpc=true",
        "UnsupportedOperation",
        "ClassicLink is no longer supported.",
        "B, k",
    ),
    (
        "DescribeVpcPeeringConnections&VpcPeeringConnectionId.1=pcx-0123456789abcdef0",
        "InvalidVpcPeeringConnectionID.NotFound",
        "The vpcPeeringConnection ID 'pcx-0123456789abcdef0' does not exist",
        "TF",
    ),
    (
        "DescribeVpcPeeringConnections&Filter.1.Name=state&Filter.1.Value.1=active",
        IPV,
        "The filter 'state' is invalid",
        "Sn",
    ),
    (
        "CreateRoute&RouteTableId={table}&DestinationCidrBlock=10.1.0.0/16&VpcPeeringConnectionId=pcx-0123456789abcdef0",
        "InvalidVpcPeeringConnectionID.NotFound",
        "The vpcPeeringConnection ID 'pcx-0123456789abcdef0' does not exist",
        "#2668637960",
    ),
    (
        "CreateRoute&RouteTableId={apart}&DestinationCidrBlock=10.1.0.0/16&VpcPeeringConnectionId={active}",
        IPV,
        "route table {apart} and vpc peering connection {active} belong to different networks",
        "Si, k",
    ),
    ("DeleteVpc&VpcId={here}", "DependencyViolation", "The vpc '{here}' has dependencies and cannot be deleted.", "Sn"),
];

#[test]
fn connections_are_refused_as_ec2_does() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let mut names = Names::default();
    let here = names.put("here", vpc(&ec2, "10.0.0.0/16"));
    let there = names.put("there", vpc(&ec2, "10.1.0.0/16"));
    let third = names.put("third", vpc(&ec2, "10.2.0.0/16"));
    let fourth = vpc(&ec2, "10.3.0.0/16");
    let active = names.put("active", request(&ec2, &here, &there));
    ec2.ask(&on("Accept", &active));
    let rejected = names.put("rejected", request(&ec2, &here, &third));
    ec2.ask(&on("Reject", &rejected));
    names.put("failed", request(&ec2, &here, "vpc-0123456789abcdef0"));
    let foreign = format!("Action=CreateVpcPeeringConnection&VpcId={here}&PeerVpcId={third}&PeerOwnerId=210987654321");
    names.put("foreign", ec2.get(&foreign, "vpcPeeringConnectionId"));
    names.put("table", main_table(&ec2, &here));
    names.put("apart", main_table(&ec2, &fourth));
    ec2.refuses_all(&names, REFUSED);
}
