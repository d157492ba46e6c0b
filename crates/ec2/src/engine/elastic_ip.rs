//! Elastic IP addresses.

use std::sync::Arc;

use aws_sdk_ec2::types::{DomainType, TagSpecification};
use vpcrun_model::{Address, Instance, InstanceStateName, VpcId};

use super::call::once;
use super::poll;
use super::spec::ElasticIpSpec;
use super::work::{Made, Work, lock};
use crate::{Error, convert, describe};

pub(super) async fn ensure(work: Arc<Work<Address>>, spec: ElasticIpSpec) -> Result<Made<Address>, Arc<Error>> {
    let tags = work.tags(&spec.tags)?;
    let mut changes = Vec::new();
    let mut address = match work.find(&work.look.addresses)? {
        Some(address) => address,
        None => allocate(&work, tags.specification()).await?,
    };
    work.exists(&address);
    work.retag(address.allocation_id, &tags, &mut address.tags, &mut changes).await?;
    if let Some(handle) = &spec.instance {
        let instance = work.need(handle).await?;
        if !leads_to(&address, &spec, &instance) {
            let before = address.instance_id.map_or_else(|| "free".to_owned(), |id| id.to_string());
            associate(&work, &spec, &instance, handle.name(), &mut address).await?;
            changes.push(format!("association: {before} -> {}", handle.name()));
        }
    }
    let target = spec.instance.as_ref().map(|instance| format!(" on {}", instance.name())).unwrap_or_default();
    let detail = format!("{}{target}", address.public_ip);
    Ok(Made { resource: address, changes, detail })
}

fn leads_to(address: &Address, spec: &ElasticIpSpec, instance: &Instance) -> bool {
    // Without a declared address it is the primary one.
    let private = spec.private_ip.or(instance.private_ip_address);
    address.instance_id == Some(instance.instance_id)
        && address.private_ip_address.is_none_or(|there| private.is_none_or(|private| there == private))
}

async fn allocate(work: &Work<Address>, tags: TagSpecification) -> Result<Address, Error> {
    let call = work.stack.session.client().allocate_address().domain(DomainType::Vpc).tag_specifications(tags.clone());
    let send = || async {
        let answer = call.clone().customize().config_override(once()).send().await?;
        let address = aws_sdk_ec2::types::Address::builder()
            .set_allocation_id(answer.allocation_id)
            .set_public_ip(answer.public_ip)
            .set_domain(answer.domain)
            .set_public_ipv4_pool(answer.public_ipv4_pool)
            .set_network_border_group(answer.network_border_group)
            .set_tags(tags.tags.clone())
            .build();
        convert::one("AllocateAddress", Some(address), convert::address)
    };
    let again = || async { work.find(&describe::addresses(&work.stack.session, work.mine()).await?) };
    let address = work.create(send, again).await?;
    work.created(address.allocation_id);
    Ok(address)
}

/// EC2 refuses an association while the instance is pending, and in a VPC without an internet gateway.
async fn associate(
    work: &Work<Address>,
    spec: &ElasticIpSpec,
    instance: &Instance,
    name: &str,
    address: &mut Address,
) -> Result<(), Arc<Error>> {
    let running = async {
        if instance.state.name == InstanceStateName::Running {
            return Ok(None);
        }
        poll::running(&work.stack, instance.instance_id, name).await
    };
    let (_, ()) = tokio::try_join!(running, gateways_of(work, instance.vpc_id))?;
    let call = work.stack.session.client().associate_address();
    let call = call
        .allocation_id(address.allocation_id.to_string())
        .instance_id(instance.instance_id.to_string())
        .set_private_ip_address(spec.private_ip.map(|address| address.to_string()))
        .allow_reassociation(true);
    let answer = work.settle(|| call.clone().send()).await?;
    address.association_id = Some(convert::id("AssociateAddress", "AssociationId", answer.association_id)?);
    address.instance_id = Some(instance.instance_id);
    address.network_interface_id = super::instance::primary(instance).map(|one| one.network_interface_id);
    address.private_ip_address = spec.private_ip.or(instance.private_ip_address);
    Ok(())
}

/// Waits for the gateways declared so far for the instance's VPC. No handle says that an Elastic IP needs one: EC2 does.
async fn gateways_of(work: &Work<Address>, vpc: Option<VpcId>) -> Result<(), Arc<Error>> {
    let gateways = lock(&work.stack.shared.gateways).clone();
    for (of, gateway) in gateways {
        if of.exists().await.is_ok_and(|of| Some(of.vpc_id) == vpc) {
            work.need(&gateway).await?;
        }
    }
    Ok(())
}
