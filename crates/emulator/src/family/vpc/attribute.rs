//! DescribeVpcAttribute, ModifyVpcAttribute, ModifyVpcTenancy.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::VpcId;

use super::{Tenancy, Vpc};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::wire::Reply;

/// A boolean attribute in a request: `EnableDnsSupport.Value=true`.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AttributeBoolean {
    pub(crate) value: bool,
}

/// A boolean attribute in an answer.
#[derive(Serialize)]
pub(crate) struct AttributeValue {
    pub(crate) value: bool,
}

/// ModifyVpcAttribute: one attribute a call.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyVpcAttribute {
    vpc_id: String,
    enable_dns_support: Option<AttributeBoolean>,
    enable_dns_hostnames: Option<AttributeBoolean>,
    enable_network_address_usage_metrics: Option<AttributeBoolean>,
}

/// # Errors
/// `InvalidParameterCombination` unless exactly one attribute is given. Names are EC2's.
pub(crate) fn exactly_one_attribute(given: &[(&str, bool)]) -> Result<(), Refusal> {
    let names: Vec<&str> = given.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
    match names.as_slice() {
        [_] => Ok(()),
        [] => Err(Refusal::invalid_parameter_combination("No attributes specified.")),
        [first, second, ..] => Err(Refusal::invalid_parameter_combination(format!(
            "Fields for multiple attribute types specified: {first}, {second}"
        ))),
    }
}

impl Action for ModifyVpcAttribute {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        exactly_one_attribute(&[
            ("enableDnsSupport", self.enable_dns_support.is_some()),
            ("enableDnsHostnames", self.enable_dns_hostnames.is_some()),
            ("enableNetworkAddressUsageMetrics", self.enable_network_address_usage_metrics.is_some()),
        ])?;
        let vpc = cx.find::<Vpc>(&self.vpc_id)?;
        if self.enable_dns_hostnames.is_some_and(|wanted| wanted.value) && !vpc.enable_dns_support {
            let message = "Invalid value 'true' for enableDnsHostnames. DNS hostnames can be enabled only if DNS support \
                           is enabled.";
            return Err(Refusal::invalid_parameter_value(message));
        }
        let id = vpc.id;
        cx.region.update(id, |vpc: &mut Vpc| {
            let set = |attribute: &mut bool, wanted: Option<AttributeBoolean>| {
                *attribute = wanted.map_or(*attribute, |wanted| wanted.value);
            };
            set(&mut vpc.enable_dns_support, self.enable_dns_support);
            set(&mut vpc.enable_dns_hostnames, self.enable_dns_hostnames);
            set(&mut vpc.enable_network_address_usage_metrics, self.enable_network_address_usage_metrics);
        });
        Ok(Reply::TRUE)
    }
}

/// DescribeVpcAttribute.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeVpcAttribute {
    vpc_id: String,
    attribute: VpcAttribute,
}

#[derive(Clone, Copy, Deserialize)]
enum VpcAttribute {
    #[serde(rename = "enableDnsSupport")]
    DnsSupport,
    #[serde(rename = "enableDnsHostnames")]
    DnsHostnames,
    #[serde(rename = "enableNetworkAddressUsageMetrics")]
    NetworkAddressUsageMetrics,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeVpcAttributeResponse {
    vpc_id: VpcId,
    enable_dns_support: Option<AttributeValue>,
    enable_dns_hostnames: Option<AttributeValue>,
    enable_network_address_usage_metrics: Option<AttributeValue>,
}

impl Action for DescribeVpcAttribute {
    type Response = DescribeVpcAttributeResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let vpc = cx.find::<Vpc>(&self.vpc_id)?;
        let mut response = DescribeVpcAttributeResponse {
            vpc_id: vpc.id,
            enable_dns_support: None,
            enable_dns_hostnames: None,
            enable_network_address_usage_metrics: None,
        };
        let (slot, value) = match self.attribute {
            VpcAttribute::DnsSupport => (&mut response.enable_dns_support, vpc.enable_dns_support),
            VpcAttribute::DnsHostnames => (&mut response.enable_dns_hostnames, vpc.enable_dns_hostnames),
            VpcAttribute::NetworkAddressUsageMetrics => {
                (&mut response.enable_network_address_usage_metrics, vpc.enable_network_address_usage_metrics)
            }
        };
        *slot = Some(AttributeValue { value });
        Ok(response)
    }
}

/// ModifyVpcTenancy: dedicated instances become the exception, never the rule.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyVpcTenancy {
    vpc_id: String,
    instance_tenancy: NewTenancy,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NewTenancy {
    Default,
}

impl Action for ModifyVpcTenancy {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let id = cx.find::<Vpc>(&self.vpc_id)?.id;
        let instance_tenancy = match self.instance_tenancy {
            NewTenancy::Default => Tenancy::Default,
        };
        cx.region.update(id, |vpc: &mut Vpc| vpc.instance_tenancy = instance_tenancy);
        Ok(Reply::TRUE)
    }
}
