//! Instances.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_ec2::types::{
    AttributeBooleanValue, InstanceNetworkInterfaceSpecification, InstanceType, TagSpecification,
};
use aws_smithy_types::base64;
use vpcrun_model::{
    GroupIdentifier, Instance, InstanceNetworkInterface, InstanceStateName, SecurityGroup, SecurityGroupId, Subnet,
};

use super::kind::Kind;
use super::poll;
use super::spec::{DEFAULT_IMAGE, DEFAULT_INSTANCE_TYPE, InstanceSpec};
use super::work::{Made, Work};
use crate::{Error, convert};

/// What a declared instance needs, found.
struct Needs {
    subnet: Arc<Subnet>,
    groups: Vec<Arc<SecurityGroup>>,
    key_name: Option<String>,
}

pub(super) async fn ensure(work: Arc<Work<Instance>>, spec: InstanceSpec) -> Result<Made<Instance>, Arc<Error>> {
    let tags = work.tags(&spec.tags)?;
    let mut changes = Vec::new();
    let needs = needs(&work, &spec).await?;
    let mut instance = match work.find(&work.look.instances)? {
        Some(instance) => {
            compare(&work, &spec, &needs, &instance)?;
            instance
        }
        None => launch(&work, &spec, &needs, tags.specification()).await?,
    };
    work.exists(&instance);
    work.retag(instance.instance_id, &tags, &mut instance.tags, &mut changes).await?;
    if !work.is_new() {
        ensure_groups(&work, &needs, &mut instance, &mut changes).await?;
    }
    ensure_source_dest_check(&work, &spec, &mut instance, &mut changes).await?;
    ensure_started(&work, &mut instance, &mut changes).await?;
    let address = instance.private_ip_address.map(|address| address.to_string()).unwrap_or_default();
    let detail = format!("{address}  {}", instance.instance_type.as_deref().unwrap_or_default());
    Ok(Made { resource: instance, changes, detail })
}

/// A launch needs its groups and key to exist, and its subnet to be complete: the subnet decides about a public address.
async fn needs(work: &Work<Instance>, spec: &InstanceSpec) -> Result<Needs, Arc<Error>> {
    let subnet = work.need(&spec.subnet).await?;
    let mut groups = Vec::new();
    for group in &spec.security_groups {
        groups.push(work.need_existing(group).await?);
    }
    let key_name = match &spec.key_pair {
        Some(key_pair) => Some(work.need(key_pair).await?.key_name.clone()),
        None => None,
    };
    Ok(Needs { subnet, groups, key_name })
}

fn compare(work: &Work<Instance>, spec: &InstanceSpec, needs: &Needs, there: &Instance) -> Result<(), Arc<Error>> {
    let text = |value: Option<&dyn ToString>| value.map_or_else(|| "none".to_owned(), |value| value.to_string());
    if there.subnet_id != Some(needs.subnet.subnet_id) {
        return Err(work.conflict(
            "the subnet",
            text(there.subnet_id.as_ref().map(|id| id as _)),
            needs.subnet.subnet_id,
        ));
    }
    if let Some(wanted) = spec.private_ip
        && there.private_ip_address != Some(wanted)
    {
        let address = text(there.private_ip_address.as_ref().map(|ip| ip as _));
        return Err(work.conflict("the private address", address, wanted));
    }
    if let Some(wanted) = &spec.instance_type
        && there.instance_type.as_ref() != Some(wanted)
    {
        return Err(work.conflict("the type", there.instance_type.as_deref().unwrap_or("none"), wanted));
    }
    if let Some(wanted) = spec.image.as_ref().filter(|image| image.starts_with("ami-")) {
        let image = text(there.image_id.as_ref().map(|id| id as _));
        if image != *wanted {
            return Err(work.conflict("the image", image, wanted));
        }
    }
    if needs.key_name.is_some() && there.key_name != needs.key_name {
        let wanted = needs.key_name.as_deref().unwrap_or_default();
        return Err(work.conflict("the key pair", there.key_name.as_deref().unwrap_or("none"), wanted));
    }
    Ok(())
}

async fn launch(
    work: &Work<Instance>,
    spec: &InstanceSpec,
    needs: &Needs,
    tags: TagSpecification,
) -> Result<Instance, Error> {
    let groups: Vec<String> = needs.groups.iter().map(|group| group.group_id.to_string()).collect();
    let interface = InstanceNetworkInterfaceSpecification::builder()
        .device_index(0)
        .subnet_id(needs.subnet.subnet_id.to_string())
        .set_groups((!groups.is_empty()).then_some(groups))
        .set_private_ip_address(spec.private_ip.map(|address| address.to_string()))
        .set_associate_public_ip_address(spec.associate_public_ip)
        .build();
    let instance_type = spec.instance_type.as_deref().unwrap_or(DEFAULT_INSTANCE_TYPE);
    let key = Kind::Instance.key(&work.name);
    let call = work.stack.session.client().run_instances();
    let call = call
        .image_id(spec.image.as_deref().unwrap_or(DEFAULT_IMAGE))
        .instance_type(InstanceType::from(instance_type))
        .set_key_name(needs.key_name.clone())
        .min_count(1)
        .max_count(1)
        .network_interfaces(interface)
        .set_user_data(spec.user_data.as_ref().map(base64::encode))
        .client_token(token(&work.stack.name, &key, work.stack.shared.nonce))
        .tag_specifications(tags);
    let expected = work.stack.shared.poller.expect_one();
    let answer = work.settle(|| call.clone().send()).await?;
    let reservation = aws_sdk_ec2::types::Reservation::builder()
        .set_reservation_id(answer.reservation_id)
        .set_owner_id(answer.owner_id)
        .set_instances(answer.instances)
        .build();
    let instance = convert::one("RunInstances", convert::reservation("RunInstances", reservation)?.pop(), Ok)?;
    work.created(instance.instance_id);
    drop(expected);
    Ok(instance)
}

/// A launch token: the same for each try of one launch in one run, so that a lost reply does not launch twice; another one
/// in each run, because EC2 refuses the token of an instance that has been terminated.
fn token(stack: &str, key: &str, nonce: u64) -> String {
    // FNV-1a: short, and the same on every machine.
    let text = stack.bytes().chain([0]).chain(key.bytes());
    let hash =
        text.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    format!("vpcrun-{nonce:016x}-{hash:016x}")
}

/// The primary network interface.
pub(super) fn primary(instance: &Instance) -> Option<&InstanceNetworkInterface> {
    let index = |one: &InstanceNetworkInterface| one.attachment.as_ref().and_then(|attachment| attachment.device_index);
    instance.network_interfaces.iter().min_by_key(|one| index(one).unwrap_or_default())
}

/// The security groups of an instance: those of its primary network interface. EC2 shows them at the instance too, other
/// servers only at the interface.
pub(super) fn groups_of(instance: &Instance) -> BTreeSet<SecurityGroupId> {
    let groups = primary(instance).map(|one| &one.groups).filter(|groups| !groups.is_empty());
    groups.unwrap_or(&instance.security_groups).iter().map(|group| group.group_id).collect()
}

async fn ensure_groups(
    work: &Work<Instance>,
    needs: &Needs,
    instance: &mut Instance,
    changes: &mut Vec<String>,
) -> Result<(), Error> {
    let wanted: BTreeSet<_> = needs.groups.iter().map(|group| group.group_id).collect();
    let there = groups_of(instance);
    if wanted.is_empty() || wanted == there {
        return Ok(());
    }
    // At the interface, because the instance's attribute is refused where there are several interfaces.
    let interface = primary(instance).map(|one| one.network_interface_id.to_string());
    let ids = wanted.iter().map(ToString::to_string).collect();
    let call = work.stack.session.client().modify_network_interface_attribute();
    let call = call.set_network_interface_id(interface).set_groups(Some(ids));
    work.settle(|| call.clone().send()).await?;
    changes.extend(wanted.difference(&there).map(|id| format!("+ security group {id}")));
    changes.extend(there.difference(&wanted).map(|id| format!("- security group {id}")));
    let identifier = |group: &Arc<SecurityGroup>| GroupIdentifier {
        group_id: group.group_id,
        group_name: Some(group.group_name.clone()),
    };
    instance.security_groups = needs.groups.iter().map(identifier).collect();
    Ok(())
}

async fn ensure_source_dest_check(
    work: &Work<Instance>,
    spec: &InstanceSpec,
    instance: &mut Instance,
    changes: &mut Vec<String>,
) -> Result<(), Error> {
    let there = instance.source_dest_check.unwrap_or(true);
    let Some(wanted) = spec.source_dest_check.filter(|wanted| *wanted != there) else { return Ok(()) };
    let value = AttributeBooleanValue::builder().value(wanted).build();
    let call = work.stack.session.client().modify_instance_attribute();
    let call = call.instance_id(instance.instance_id.to_string()).source_dest_check(value);
    work.settle(|| call.clone().send()).await?;
    instance.source_dest_check = Some(wanted);
    changes.push(format!("source/destination check: {there} -> {wanted}"));
    Ok(())
}

/// A declared instance shall run. One that is stopping can be started only when it has stopped.
async fn ensure_started(
    work: &Work<Instance>,
    instance: &mut Instance,
    changes: &mut Vec<String>,
) -> Result<(), Arc<Error>> {
    let id = instance.instance_id;
    if instance.state.name == InstanceStateName::Stopping {
        let stopped =
            |there: Option<&Instance>| Ok(there.is_none_or(|one| one.state.name != InstanceStateName::Stopping));
        if let Some(there) = poll::wait_for(&work.stack, None, id, &work.name, "stopped", stopped).await? {
            *instance = there;
        }
    }
    if instance.state.name != InstanceStateName::Stopped {
        return Ok(());
    }
    let call = work.stack.session.client().start_instances().instance_ids(id.to_string());
    work.settle(|| call.clone().send()).await?;
    instance.state = InstanceStateName::Pending.into();
    changes.push("stopped -> started".into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn a_token_tells_launches_and_runs_apart_and_fits() {
        let one = token("home-ssh", "instance/a", 1);
        assert_eq!(one, token("home-ssh", "instance/a", 1));
        for other in
            [token("home-ssh", "instance/b", 1), token("home-ssh", "instance/a", 2), token("home-ss", "hinstance/a", 1)]
        {
            assert_ne!(one, other);
        }
        assert!(one.len() <= 64 && one.is_ascii());
    }
}
