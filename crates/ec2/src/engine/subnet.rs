//! Subnets.

use std::sync::Arc;

use aws_sdk_ec2::types::{AttributeBooleanValue, TagSpecification};
use vpcrun_model::{Subnet, VpcId};

use super::call::once;
use super::spec::SubnetSpec;
use super::work::{Made, Work};
use crate::{Error, convert, describe};

pub(super) async fn ensure(work: Arc<Work<Subnet>>, spec: SubnetSpec) -> Result<Made<Subnet>, Arc<Error>> {
    let tags = work.tags(&spec.tags)?;
    let mut changes = Vec::new();
    let vpc = work.need_existing(&spec.vpc).await?.vpc_id;
    let mut subnet = match work.find(&work.look.subnets)? {
        Some(subnet) => {
            compare(&work, &spec, &subnet, vpc)?;
            subnet
        }
        None => create(&work, &spec, vpc, tags.specification()).await?,
    };
    work.exists(&subnet);
    work.retag(subnet.subnet_id, &tags, &mut subnet.tags, &mut changes).await?;
    if let Some(wanted) = spec.map_public_ip.filter(|wanted| *wanted != subnet.map_public_ip_on_launch) {
        let value = AttributeBooleanValue::builder().value(wanted).build();
        let call = work.stack.session.client().modify_subnet_attribute();
        let call = call.subnet_id(subnet.subnet_id.to_string()).map_public_ip_on_launch(value);
        work.settle(|| call.clone().send()).await?;
        changes.push(format!("public address at launch: {} -> {wanted}", subnet.map_public_ip_on_launch));
        subnet.map_public_ip_on_launch = wanted;
    }
    let detail = format!("{}  {}", spec.cidr.trunc(), subnet.availability_zone);
    Ok(Made { resource: subnet, changes, detail })
}

fn compare(work: &Work<Subnet>, spec: &SubnetSpec, subnet: &Subnet, vpc: VpcId) -> Result<(), Arc<Error>> {
    if subnet.vpc_id != vpc {
        return Err(work.conflict("the VPC", subnet.vpc_id, vpc));
    }
    let (there, declared) = (subnet.cidr_block, spec.cidr.trunc());
    if there != Some(declared) {
        let there = there.map_or_else(|| "none".to_owned(), |cidr| cidr.to_string());
        return Err(work.conflict("the CIDR block", there, declared));
    }
    match &spec.zone {
        Some(zone) if *zone != subnet.availability_zone => {
            Err(work.conflict("the Availability Zone", &subnet.availability_zone, zone))
        }
        _ => Ok(()),
    }
}

async fn create(work: &Work<Subnet>, spec: &SubnetSpec, vpc: VpcId, tags: TagSpecification) -> Result<Subnet, Error> {
    let call = work.stack.session.client().create_subnet().vpc_id(vpc.to_string());
    let call = call.cidr_block(spec.cidr.to_string()).set_availability_zone(spec.zone.clone()).tag_specifications(tags);
    let send = || async {
        let answer = call.clone().customize().config_override(once()).send().await?;
        convert::one("CreateSubnet", answer.subnet, convert::subnet)
    };
    let again = || async { work.find(&describe::subnets(&work.stack.session, work.mine()).await?) };
    let subnet = work.create(send, again).await?;
    work.created(subnet.subnet_id);
    Ok(subnet)
}
