//! Flow logs: made, found, and gone with what they watch.

use vpcrun_emulator::TransitionTimes;

use crate::support::{Ec2, Network, first, texts};

fn create(ec2: &Ec2, resource: &str, resource_type: &str, more: &str) -> String {
    let answer = ec2.ask(&format!(
        "Action=CreateFlowLogs&ResourceId.1={resource}&ResourceType={resource_type}&TrafficType=ALL{more}"
    ));
    assert!(answer.contains("<unsuccessful/>"), "{answer}");
    first(&first(&answer, "flowLogIdSet").expect("a set"), "item").expect("an id")
}

const TO_S3: &str = "&LogDestination=arn:aws:s3:::flow-logs&LogDestinationType=s3";

#[test]
fn a_flow_log_comes_back_as_given() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let role = "arn:aws:iam::123456789012:role/flow";
    let log = create(
        &ec2,
        &network.vpc,
        "VPC",
        &format!(
            "&LogGroupName=flow&DeliverLogsPermissionArn={role}&MaxAggregationInterval=60\
             &TagSpecification.1.ResourceType=vpc-flow-log&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b"
        ),
    );
    let answer = ec2.ask(&format!("Action=DescribeFlowLogs&FlowLogId.1={log}"));
    let expected = format!(
        "<flowLogSet><item><creationTime>2026-11-23T18:43:58.000Z</creationTime>\
         <deliverLogsPermissionArn>{role}</deliverLogsPermissionArn><deliverLogsStatus>SUCCESS</deliverLogsStatus>\
         <flowLogId>{log}</flowLogId><flowLogStatus>ACTIVE</flowLogStatus><logGroupName>flow</logGroupName>\
         <resourceId>{}</resourceId><trafficType>ALL</trafficType><logDestinationType>cloud-watch-logs</logDestinationType>\
         <logDestination>arn:aws:logs:ap-northeast-1:123456789012:log-group:flow</logDestination>\
         <logFormat>${{version}} ${{account-id}} ${{interface-id}} ${{srcaddr}} ${{dstaddr}} ${{srcport}} ${{dstport}} \
         ${{protocol}} ${{packets}} ${{bytes}} ${{start}} ${{end}} ${{action}} ${{log-status}}</logFormat>\
         <tagSet><item><key>a</key><value>b</value></item></tagSet><maxAggregationInterval>60</maxAggregationInterval>\
         </item></flowLogSet>",
        network.vpc
    );
    assert!(answer.contains(&expected), "{answer}");
    let options = "&DestinationOptions.FileFormat=parquet&DestinationOptions.PerHourPartition=true";
    let to_s3 = create(&ec2, &network.vpc, "VPC", &format!("{TO_S3}{options}"));
    let found = |name: &str, value: &str| {
        ec2.all(&format!("Action=DescribeFlowLogs&Filter.1.Name={name}&Filter.1.Value.1={value}"), "flowLogId")
    };
    assert_eq!(found("log-destination-type", "s3"), [to_s3.as_str()]);
    assert_eq!(found("log-group-name", "flow"), [log.as_str()]);
    assert_eq!(found("tag:a", "b"), [log.as_str()]);
    assert_eq!(found("resource-id", &network.vpc).len(), 2);
    assert_eq!(found("traffic-type", "ACCEPT").len(), 0);
    assert_eq!(found("deliver-log-status", "SUCCESS").len(), 2);
    let answer = ec2.ask(&format!("Action=DescribeFlowLogs&FlowLogId.1={to_s3}"));
    let expected = "<destinationOptions><fileFormat>parquet</fileFormat>\
                    <hiveCompatiblePartitions>false</hiveCompatiblePartitions><perHourPartition>true</perHourPartition>";
    assert!(answer.contains(expected), "{answer}");
    ec2.ask(&format!("Action=DeleteFlowLogs&FlowLogId.1={log}&FlowLogId.2={to_s3}"));
    assert!(texts(&ec2.ask("Action=DescribeFlowLogs"), "flowLogId").is_empty());
}

#[test]
fn flow_logs_go_with_what_they_watch() {
    let ec2 = Ec2::new(TransitionTimes::Instant);
    let network = Network::new(&ec2);
    let interface =
        ec2.get(&format!("Action=CreateNetworkInterface&SubnetId={}", network.subnet), "networkInterfaceId");
    create(&ec2, &interface, "NetworkInterface", TO_S3);
    let of_subnet = create(&ec2, &network.subnet, "Subnet", TO_S3);
    let left = || texts(&ec2.ask("Action=DescribeFlowLogs"), "flowLogId");
    assert_eq!(left().len(), 2);
    ec2.ask(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={interface}"));
    assert_eq!(left(), [of_subnet]);
    ec2.ask(&format!("Action=DeleteSubnet&SubnetId={}", network.subnet));
    assert!(left().is_empty());
}
