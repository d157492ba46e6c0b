//! Flow logs by the words of EC2's refusals.
//!
//! Sources: L: localstack/localstack snapshots recorded on AWS. B: the EC2 API reference. K: aws-controllers-k8s/ec2-controller. moto:
//! moto's own words. k: believed, not confirmed.

use vpcrun_emulator::TransitionTimes;

use crate::support::{Ec2, Names, Network, Refused, texts};

const INVALID: &str = "InvalidParameter";

const REFUSED: &[Refused] = &[
    (
        "CreateFlowLogs&ResourceType=VPC&TrafficType=ALL&LogDestination={bucket}&LogDestinationType=s3",
        "MissingParameter",
        "The request must contain the parameter ResourceId",
        "Sk, for another parameter",
    ),
    (
        "CreateFlowLogs&ResourceId.1={vpc}&TrafficType=ALL&LogDestination={bucket}&LogDestinationType=s3",
        "MissingParameter",
        "The request must contain the parameter ResourceType",
        "Sk, for another parameter",
    ),
    (
        "CreateFlowLogs&ResourceId.1={vpc}&ResourceType=Instance&TrafficType=ALL",
        "InvalidParameterValue",
        "1 validation error detected: Value 'Instance' at 'resourceType' failed to satisfy constraint: Member must satisfy enum \
         value set: [VPC, Subnet, NetworkInterface, TransitGateway, TransitGatewayAttachment, RegionalNatGateway]",
        "Sk, for another member",
    ),
    (
        "CreateFlowLogs&ResourceId.1=tgw-0123456789abcdef0&ResourceType=TransitGateway&LogDestination={bucket}\
         &LogDestinationType=s3",
        "UnsupportedOperation",
        "Flow logs of this resource type are not supported here.",
        "ours: there are no transit gateways",
    ),
    (
        "CreateFlowLogs&ResourceId.1={vpc}&ResourceType=VPC&LogDestination={bucket}&LogDestinationType=s3",
        "MissingParameter",
        "The request must include the TrafficType parameter. Add the required parameter and retry the request.",
        "B; message K, for another parameter",
    ),
    (
        "CreateFlowLogs&ResourceId.1={vpc}&ResourceType=VPC&TrafficType=SOME&LogDestination={bucket}&LogDestinationType=s3",
        "InvalidParameterValue",
        "1 validation error detected: Value 'SOME' at 'trafficType' failed to satisfy constraint: Member must satisfy enum value \
         set: [ACCEPT, REJECT, ALL]",
        "Sk, for another member",
    ),
    (
        "{create}&LogDestination={group}&LogGroupName=flow",
        INVALID,
        "Please only provide LogGroupName or only provide LogDestination.",
        "L",
    ),
    ("{create}", INVALID, "LogDestination can't be empty if LogGroupName is not provided.", "L"),
    (
        "{create}&LogGroupName=flow&LogDestinationType=s3",
        INVALID,
        "LogGroupName is only valid if LogDestinationType is cloud-watch-logs.",
        "B; message k",
    ),
    (
        "{create}&LogGroupName=flow",
        INVALID,
        "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
        "B; message moto",
    ),
    (
        "{create}&LogDestination=my-bucket&LogDestinationType=s3",
        INVALID,
        "LogDestination: my-bucket is not a valid ARN for LogDestinationType s3.",
        "k",
    ),
    (
        "{create}&LogDestination={group}&LogDestinationType=s3",
        INVALID,
        "LogDestination: {group} is not a valid ARN for LogDestinationType s3.",
        "k",
    ),
    (
        "{create}&LogDestination={bucket}&LogDestinationType=s3&MaxAggregationInterval=300",
        INVALID,
        "Invalid Flow Log Max Aggregation Interval",
        "B; message moto",
    ),
    (
        "{create}&LogDestination={bucket}&LogDestinationType=s3&LogFormat=%24%7Bversion%7D+%24%7Bbrace%7D",
        INVALID,
        "Unknown fields provided in LogFormat: [${brace}]",
        "k",
    ),
    (
        "{create}&LogDestination={bucket}&LogDestinationType=s3&LogFormat=",
        INVALID,
        "LogFormat must include at least one field.",
        "B; message k",
    ),
    (
        "{create}&LogDestination=arn:aws:firehose:ap-northeast-1:123456789012:deliverystream:flow\
         &LogDestinationType=kinesis-data-firehose&DestinationOptions.FileFormat=parquet",
        INVALID,
        "DestinationOptions is only valid if LogDestinationType is s3.",
        "k",
    ),
    (
        "{create}&LogDestination={bucket}&LogDestinationType=s3&DestinationOptions.FileFormat=csv",
        "InvalidParameterValue",
        "1 validation error detected: Value 'csv' at 'fileFormat' failed to satisfy constraint: Member must satisfy enum value \
         set: [plain-text, parquet]",
        "Sk, for another member",
    ),
    (
        "{create}&LogDestination={used_bucket}&LogDestinationType=s3&LogFormat=%24%7Bversion%7D",
        "FlowLogAlreadyExists",
        "Error. There is an existing Flow Log with the same configuration and log destination.",
        "code: E; message moto",
    ),
    (
        "{create}&LogDestination={bucket}&LogDestinationType=s3&TagSpecification.1.ResourceType=vpc",
        "InvalidParameterValue",
        "'vpc' is not a valid taggable resource type for this operation.",
        "Sk",
    ),
    (
        "{create}&LogDestination={bucket}&LogDestinationType=s3&ClientToken=once",
        "IdempotentParameterMismatch",
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        "apache/libcloud",
    ),
    (
        "DeleteFlowLogs",
        "MissingParameter",
        "The request must contain the parameter FlowLogId",
        "Sk, for another parameter",
    ),
    (
        "DescribeFlowLogs&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}",
        "InvalidParameterValue",
        "The filter 'vpc-id' is invalid",
        "Sn",
    ),
    (
        "DescribeFlowLogs&MaxResults=1001",
        "InvalidParameterValue",
        "Value ( 1001 ) for parameter MaxResults is invalid. Expecting a value less than or equal to 1000.",
        "Sn, for DescribeSubnets",
    ),
];

#[test]
fn flow_logs_are_refused_as_ec2_does() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let mut names = Names::default();
    let vpc = names.put("vpc", &network.vpc);
    // A message may have braces of its own.
    names.put("brace", "{brace}");
    names.put("bucket", "arn:aws:s3:::flow-logs/here");
    names.put("group", "arn:aws:logs:ap-northeast-1:123456789012:log-group:flow");
    let used = names.put("used_bucket", "arn:aws:s3:::used");
    let create = names.put("create", format!("CreateFlowLogs&ResourceId.1={vpc}&ResourceType=VPC&TrafficType=ALL"));
    let request = format!("Action={create}&LogDestination={used}&LogDestinationType=s3&ClientToken=once");
    let made = ec2.ask(&request);
    assert_eq!(ec2.ask(&request).split("<flowLogIdSet>").nth(1), made.split("<flowLogIdSet>").nth(1));
    ec2.refuses_all(&names, REFUSED);
}

#[test]
fn what_cannot_be_logged_keeps_nothing_else_from_it() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let answer = ec2.ask(&format!(
        "Action=CreateFlowLogs&ResourceId.1={}&ResourceId.2=subnet-0123456789abcdef0&ResourceType=Subnet&TrafficType=REJECT\
         &LogDestination=arn:aws:s3:::b&LogDestinationType=s3",
        network.subnet
    ));
    // k: that such an item has the code and words of the id's own refusal.
    let expected = "<unsuccessful><item><error><code>InvalidSubnetID.NotFound</code>\
                    <message>The subnet ID 'subnet-0123456789abcdef0' does not exist</message></error>\
                    <resourceId>subnet-0123456789abcdef0</resourceId></item></unsuccessful>";
    assert!(answer.contains(expected), "{answer}");
    assert_eq!(texts(&ec2.ask("Action=DescribeFlowLogs"), "resourceId"), [network.subnet]);
    let log = ec2.get("Action=DescribeFlowLogs", "flowLogId");
    let answer = ec2.ask(&format!("Action=DeleteFlowLogs&FlowLogId.1=fl-0123456789abcdef0&FlowLogId.2={log}"));
    // #28428033718, and moto's words.
    let expected = "<unsuccessful><item><error><code>InvalidFlowLogId.NotFound</code>\
                    <message>These flow log ids in the input list are not found: [TotalCount: 1] fl-0123456789abcdef0</message>\
                    </error><resourceId>fl-0123456789abcdef0</resourceId></item></unsuccessful>";
    assert!(answer.contains(expected), "{answer}");
    assert!(texts(&ec2.ask("Action=DescribeFlowLogs"), "resourceId").is_empty());
}
