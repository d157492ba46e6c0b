//! The fields of a flow log's records.
//!
//! Source: "Flow log records" in the Amazon VPC User Guide.

use crate::error::Refusal;

/// The format of a flow log that was made without one.
pub(super) const DEFAULT: &str = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} \
                                  ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

const FIELDS: &[&str] = &[
    "account-id",
    "action",
    "az-id",
    "bytes",
    "dstaddr",
    "dstport",
    "ecs-cluster-arn",
    "ecs-cluster-name",
    "ecs-container-id",
    "ecs-container-instance-arn",
    "ecs-container-instance-id",
    "ecs-second-container-id",
    "ecs-service-name",
    "ecs-task-arn",
    "ecs-task-definition-arn",
    "ecs-task-id",
    "encryption-status",
    "end",
    "flow-direction",
    "instance-id",
    "interface-id",
    "log-status",
    "packets",
    "pkt-dst-aws-service",
    "pkt-dstaddr",
    "pkt-src-aws-service",
    "pkt-srcaddr",
    "protocol",
    "region",
    "reject-reason",
    "srcaddr",
    "srcport",
    "start",
    "sublocation-id",
    "sublocation-type",
    "subnet-id",
    "tcp-flags",
    "traffic-path",
    "type",
    "version",
    "vpc-id",
];

/// The format of a request: known fields, separated by spaces; the default format where there is none.
pub(super) fn checked(format: Option<String>) -> Result<String, Refusal> {
    let Some(format) = format else { return Ok(DEFAULT.to_owned()) };
    let is_known = |word: &str| {
        let field = word.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        field.is_some_and(|field| FIELDS.contains(&field))
    };
    let mut words = format.split(' ').filter(|word| !word.is_empty()).peekable();
    if words.peek().is_none() {
        return Err(Refusal::new("InvalidParameter", "LogFormat must include at least one field.".to_owned()));
    }
    if let Some(unknown) = words.find(|word| !is_known(word)) {
        let message = format!("Unknown fields provided in LogFormat: [{unknown}]");
        return Err(Refusal::new("InvalidParameter", message));
    }
    Ok(format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_lists_known_fields() {
        assert_eq!(checked(None).expect("a default"), DEFAULT);
        assert!(checked(Some(DEFAULT.to_owned())).is_ok());
        for bad in ["", "  ", "version", "${versions}", "${version} ${"] {
            assert!(checked(Some(bad.to_owned())).is_err(), "{bad:?}");
        }
    }
}
