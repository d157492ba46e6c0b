//! AWS's own endpoint services of a region.
//!
//! Source: "AWS services that integrate with AWS PrivateLink" and "Gateway endpoints" in the AWS PrivateLink Guide. The list is
//! of those that networks commonly use; AWS has some hundred more.

use vpcrun_model::PrefixListId;

use crate::action::Context;
use crate::error::Refusal;
use crate::family::prefix_list::PrefixList;

/// The types of endpoints that a service has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ServiceType {
    Gateway,
    Interface,
}

impl ServiceType {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gateway => "Gateway",
            Self::Interface => "Interface",
        }
    }
}

/// A service, in every region.
#[derive(Debug)]
pub(super) struct Service {
    /// The end of its name: `ecr.api` of `com.amazonaws.us-east-1.ecr.api`.
    suffix: &'static str,
    /// The beginning of its DNS names: `api.ecr`.
    host: &'static str,
    /// What its private names begin with besides: `*.` for `*.dkr.ecr.us-east-1.amazonaws.com`.
    private_prefixes: &'static [&'static str],
    pub(super) types: &'static [ServiceType],
    pub(super) policy_supported: bool,
}

const fn service(suffix: &'static str, host: &'static str) -> Service {
    Service { suffix, host, private_prefixes: &[""], types: &[ServiceType::Interface], policy_supported: true }
}

const fn without_policy(suffix: &'static str, host: &'static str) -> Service {
    Service { policy_supported: false, ..service(suffix, host) }
}

const BOTH: &[ServiceType] = &[ServiceType::Gateway, ServiceType::Interface];

const SERVICES: &[Service] = &[
    service("access-analyzer", "access-analyzer"),
    service("acm-pca", "acm-pca"),
    service("application-autoscaling", "application-autoscaling"),
    service("athena", "athena"),
    service("autoscaling", "autoscaling"),
    service("backup", "backup"),
    service("batch", "batch"),
    service("bedrock-runtime", "bedrock-runtime"),
    service("cloudformation", "cloudformation"),
    service("cloudtrail", "cloudtrail"),
    service("codebuild", "codebuild"),
    service("codecommit", "codecommit"),
    service("codedeploy", "codedeploy"),
    service("codepipeline", "codepipeline"),
    service("config", "config"),
    service("datasync", "datasync"),
    // Its interface endpoints have no private name.
    Service { private_prefixes: &[], types: BOTH, ..service("dynamodb", "dynamodb") },
    service("ebs", "ebs"),
    service("ec2", "ec2"),
    service("ec2messages", "ec2messages"),
    service("ecr.api", "api.ecr"),
    Service { private_prefixes: &["", "*."], ..service("ecr.dkr", "dkr.ecr") },
    service("ecs", "ecs"),
    service("ecs-agent", "ecs-a"),
    service("ecs-telemetry", "ecs-t"),
    service("eks", "eks"),
    service("elasticache", "elasticache"),
    service("elasticfilesystem", "elasticfilesystem"),
    service("elasticloadbalancing", "elasticloadbalancing"),
    without_policy("email-smtp", "email-smtp"),
    service("events", "events"),
    Service { private_prefixes: &["*."], ..service("execute-api", "execute-api") },
    service("glue", "glue"),
    service("guardduty-data", "guardduty-data"),
    service("kinesis-firehose", "firehose"),
    service("kinesis-streams", "kinesis"),
    service("kms", "kms"),
    service("lambda", "lambda"),
    service("logs", "logs"),
    service("monitoring", "monitoring"),
    service("rds", "rds"),
    service("rds-data", "rds-data"),
    service("redshift", "redshift"),
    Service { private_prefixes: &["", "*."], types: BOTH, ..service("s3", "s3") },
    service("sagemaker.api", "api.sagemaker"),
    service("sagemaker.runtime", "runtime.sagemaker"),
    service("secretsmanager", "secretsmanager"),
    service("servicecatalog", "servicecatalog"),
    service("sns", "sns"),
    service("sqs", "sqs"),
    service("ssm", "ssm"),
    service("ssmmessages", "ssmmessages"),
    service("states", "states"),
    service("sts", "sts"),
    service("synthetics", "synthetics"),
    without_policy("transfer.server", "transfer.server"),
    service("xray", "xray"),
];

impl Service {
    pub(super) fn name(&self, region: &str) -> String {
        format!("com.amazonaws.{region}.{}", self.suffix)
    }

    pub(super) fn offers(&self, service_type: ServiceType) -> bool {
        self.types.contains(&service_type)
    }

    /// `dkr.ecr.us-east-1.vpce.amazonaws.com`: the end of the names that AWS gives interface endpoints.
    pub(super) fn base_endpoint_dns_name(&self, region: &str) -> String {
        format!("{}.{region}.vpce.amazonaws.com", self.host)
    }

    /// `s3.us-east-1.amazonaws.com`: what a gateway endpoint leads to.
    pub(super) fn public_dns_name(&self, region: &str) -> String {
        format!("{}.{region}.amazonaws.com", self.host)
    }

    /// The names of the service itself, which a private hosted zone can lead to an interface endpoint.
    pub(super) fn private_dns_names(&self, region: &str) -> Vec<String> {
        let name = |prefix: &&str| format!("{prefix}{}.{region}.amazonaws.com", self.host);
        self.private_prefixes.iter().map(name).collect()
    }

    /// Whether clients put their bucket's name before the endpoint's.
    pub(super) fn is_s3(&self) -> bool {
        self.suffix == "s3"
    }
}

/// The services of a region, by name.
pub(super) fn all() -> impl Iterator<Item = &'static Service> {
    SERVICES.iter()
}

/// The service of this name, in the region.
pub(super) fn find(name: &str, region: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.name(region) == name)
}

/// A service that the region does not have.
pub(super) fn unknown_service(name: &str) -> Refusal {
    Refusal::new("InvalidServiceName", format!("The Vpc Endpoint Service '{name}' does not exist"))
}

/// The list of a service's addresses, which routes to its gateway endpoints lead to.
pub(super) fn prefix_list(cx: &Context<'_>, service_name: &str) -> Option<PrefixListId> {
    PrefixList::of_aws(&cx.region, service_name).map(|list| list.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_stand_by_name_and_only_once() {
        assert!(SERVICES.is_sorted_by(|a, b| a.suffix < b.suffix));
        assert_eq!(find("com.amazonaws.eu-west-1.ecr.dkr", "eu-west-1").map(|service| service.host), Some("dkr.ecr"));
        assert!(find("com.amazonaws.eu-west-1.s3", "us-east-1").is_none());
    }
}
