//! VPCs.

use std::sync::Arc;

use aws_sdk_ec2::types::{AttributeBooleanValue, VpcAttributeName};
use vpcrun_model::{Vpc, VpcId};

use super::call::once;
use super::spec::VpcSpec;
use super::work::{Made, Work};
use crate::{Error, convert, describe};

/// What EC2 gives a new VPC that is not the default one.
const NEW: Dns = Dns { support: true, hostnames: false };

/// A VPC's DNS attributes.
#[derive(Clone, Copy)]
struct Dns {
    support: bool,
    hostnames: bool,
}

pub(super) async fn ensure(work: Arc<Work<Vpc>>, spec: VpcSpec) -> Result<Made<Vpc>, Arc<Error>> {
    let tags = work.tags(&spec.tags)?;
    let cidr = spec.cidr.trunc();
    let mut changes = Vec::new();
    let mut vpc = match work.find(&work.look.vpcs)? {
        Some(vpc) if vpc.cidr_block != cidr => return Err(work.conflict("the CIDR block", vpc.cidr_block, cidr)),
        Some(vpc) => vpc,
        None => create(&work, &spec, tags.specification()).await?,
    };
    work.exists(&vpc);
    work.retag(vpc.vpc_id, &tags, &mut vpc.tags, &mut changes).await?;
    if spec.dns_support.is_some() || spec.dns_hostnames.is_some() {
        ensure_dns(&work, &spec, vpc.vpc_id, &mut changes).await?;
    }
    let detail = vpc.cidr_block.to_string();
    Ok(Made { resource: vpc, changes, detail })
}

async fn create(work: &Work<Vpc>, spec: &VpcSpec, tags: aws_sdk_ec2::types::TagSpecification) -> Result<Vpc, Error> {
    let call = work.stack.session.client().create_vpc().cidr_block(spec.cidr.to_string()).tag_specifications(tags);
    let send = || async {
        let answer = call.clone().customize().config_override(once()).send().await?;
        convert::one("CreateVpc", answer.vpc, convert::vpc)
    };
    let again = || async { work.find(&describe::vpcs(&work.stack.session, work.mine()).await?) };
    let vpc = work.create(send, again).await?;
    work.created(vpc.vpc_id);
    Ok(vpc)
}

/// EC2 takes one attribute in a call. Host names need DNS support, so support goes first on, or last off.
async fn ensure_dns(work: &Work<Vpc>, spec: &VpcSpec, id: VpcId, changes: &mut Vec<String>) -> Result<(), Error> {
    let there = if work.is_new() { NEW } else { read_dns(work, id).await? };
    let support = spec.dns_support.filter(|wanted| *wanted != there.support);
    let hostnames = spec.dns_hostnames.filter(|wanted| *wanted != there.hostnames);
    let client = work.stack.session.client();
    let value = |on: bool| AttributeBooleanValue::builder().value(on).build();
    let set_support = async |on: bool| {
        let call = client.modify_vpc_attribute().vpc_id(id.to_string()).enable_dns_support(value(on));
        work.settle(|| call.clone().send()).await
    };
    if support == Some(true) {
        set_support(true).await?;
    }
    if let Some(on) = hostnames {
        let call = client.modify_vpc_attribute().vpc_id(id.to_string()).enable_dns_hostnames(value(on));
        work.settle(|| call.clone().send()).await?;
        changes.push(format!("DNS host names: {} -> {}", word(!on), word(on)));
    }
    if support == Some(false) {
        set_support(false).await?;
    }
    if let Some(on) = support {
        changes.push(format!("DNS support: {} -> {}", word(!on), word(on)));
    }
    Ok(())
}

/// DescribeVpcs leaves these out.
async fn read_dns(work: &Work<Vpc>, id: VpcId) -> Result<Dns, Error> {
    let ask = |attribute| {
        work.stack.session.client().describe_vpc_attribute().vpc_id(id.to_string()).attribute(attribute).send()
    };
    let (support, hostnames) =
        tokio::join!(ask(VpcAttributeName::EnableDnsSupport), ask(VpcAttributeName::EnableDnsHostnames));
    let on = |value: Option<AttributeBooleanValue>| value.and_then(|value| value.value).unwrap_or_default();
    Ok(Dns { support: on(support?.enable_dns_support), hostnames: on(hostnames?.enable_dns_hostnames) })
}

const fn word(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}
