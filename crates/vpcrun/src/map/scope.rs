//! What a picture shows: a whole region, one stack, one VPC.

use std::collections::BTreeSet;

use vpcrun_model::{Network, Resource, SubnetId, Tag, Vpc, VpcId};

/// The tag that names a resource's stack.
const STACK_TAG: &str = "vpcrun:stack";

/// What to show of a region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only this stack (tag `vpcrun:stack`): what carries its tag, with all that is inside it and all that it is inside
    /// of. Of a VPC that another made, only the subnets that the stack has something in are shown.
    pub stack: Option<String>,
    /// Only this VPC: its id or its name.
    pub vpc: Option<String>,
    /// Also a default VPC without instances beside other VPCs. It is shown anyway when it is the only one, has
    /// instances, is named by `vpc` or belongs to `stack`.
    pub default_vpc: bool,
}

/// What [`select`] took.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// The region with only what is to be shown.
    pub network: Network,
    /// The default VPC, when it was left out because nothing runs in it.
    pub hidden_default_vpc: Option<VpcId>,
}

/// A scope that holds nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// No resource carries the stack's tag.
    #[error("no stack {stack:?} in {region}{}", listed("stacks here", known))]
    NoStack {
        /// The stack that was asked for.
        stack: String,
        /// The region.
        region: String,
        /// The stacks that are there.
        known: Vec<String>,
    },
    /// No VPC has this id or name.
    #[error("no VPC {vpc:?} in {region}{}", listed("VPCs here", known))]
    NoVpc {
        /// The id or name that was asked for.
        vpc: String,
        /// The region.
        region: String,
        /// The names, or else ids, of the VPCs that are there.
        known: Vec<String>,
    },
    /// Several VPCs have this name.
    #[error("several VPCs are named {name:?}: {}; say which by its id", ids.join(", "))]
    SeveralVpcs {
        /// The name.
        name: String,
        /// Their ids.
        ids: Vec<String>,
    },
}

fn listed(what: &str, known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!("; {what}: {}", known.join(", ")) }
}

/// Takes from a region what `scope` names.
///
/// # Errors
/// When the stack or the VPC that the scope names is not there, or a name is that of several VPCs.
pub fn select(region: &Network, scope: &Scope) -> Result<Selection, ScopeError> {
    let mut network = region.clone();
    if let Some(stack) = &scope.stack {
        keep_stack(&mut network, stack)?;
    }
    if let Some(vpc) = &scope.vpc {
        let vpc = named_vpc(&network, vpc)?;
        keep_vpcs(&mut network, |id| id == vpc);
        keep_attached_addresses(&mut network);
        network.internet_gateways.retain(|_, gateway| gateway.is_attached_to(vpc));
    }
    let idle = network.vpcs.values().find(|vpc| vpc.is_default && network.vpcs.len() > 1 && !is_used(&network, vpc));
    let hidden_default_vpc = idle.map(|vpc| vpc.vpc_id).filter(|_| !scope.default_vpc && scope.stack.is_none());
    if let Some(hidden) = hidden_default_vpc {
        network.internet_gateways.retain(|_, gateway| !gateway.is_attached_to(hidden));
        keep_vpcs(&mut network, |id| id != hidden);
    }
    Ok(Selection { network, hidden_default_vpc })
}

fn is_used(network: &Network, vpc: &Vpc) -> bool {
    network.instances_of(vpc.vpc_id).next().is_some()
}

/// The VPC with this id, else the one with this name.
fn named_vpc(network: &Network, wanted: &str) -> Result<VpcId, ScopeError> {
    if let Some(id) = wanted.parse().ok().filter(|id| network.vpcs.contains_key(id)) {
        return Ok(id);
    }
    let named: Vec<VpcId> =
        network.vpcs.values().filter(|vpc| vpc.name() == Some(wanted)).map(|vpc| vpc.vpc_id).collect();
    match named.as_slice() {
        [vpc] => Ok(*vpc),
        [] => {
            let label = |vpc: &Vpc| vpc.name().map_or_else(|| vpc.vpc_id.to_string(), str::to_owned);
            let known = network.vpcs.values().map(label).collect();
            Err(ScopeError::NoVpc { vpc: wanted.to_owned(), region: network.region.clone(), known })
        }
        several => {
            let ids = several.iter().map(ToString::to_string).collect();
            Err(ScopeError::SeveralVpcs { name: wanted.to_owned(), ids })
        }
    }
}

/// Removes the VPCs that are not wanted, with all that is in them.
fn keep_vpcs(network: &mut Network, wanted: impl Fn(VpcId) -> bool) {
    network.vpcs.retain(|id, _| wanted(*id));
    network.subnets.retain(|_, subnet| wanted(subnet.vpc_id));
    network.route_tables.retain(|_, table| wanted(table.vpc_id));
    network.security_groups.retain(|_, group| wanted(group.vpc_id));
    network.network_acls.retain(|_, acl| wanted(acl.vpc_id));
    network.network_interfaces.retain(|_, interface| wanted(interface.vpc_id));
    network.instances.retain(|_, instance| instance.vpc_id.is_some_and(&wanted));
    let groups = &network.security_groups;
    network.security_group_rules.retain(|_, rule| groups.contains_key(&rule.group_id));
}

/// Removes the Elastic IP addresses that lead to nothing that is shown.
fn keep_attached_addresses(network: &mut Network) {
    let interfaces = &network.network_interfaces;
    network.addresses.retain(|_, address| address.network_interface_id.is_some_and(|id| interfaces.contains_key(&id)));
}

fn keep_stack(network: &mut Network, stack: &str) -> Result<(), ScopeError> {
    let belongs = |tags: &[Tag]| tags.iter().any(|tag| tag.key == STACK_TAG && tag.value == stack);
    if !network.resources().any(|resource| belongs(resource.tags())) {
        let stacks: BTreeSet<&str> = network.resources().filter_map(|resource| resource.tag(STACK_TAG)).collect();
        let known = stacks.into_iter().map(str::to_owned).collect();
        return Err(ScopeError::NoStack { stack: stack.to_owned(), region: network.region.clone(), known });
    }
    let own_vpcs: BTreeSet<VpcId> =
        network.vpcs.values().filter(|vpc| belongs(&vpc.tags)).map(|vpc| vpc.vpc_id).collect();
    let own_subnets: BTreeSet<SubnetId> = network
        .subnets
        .values()
        .filter(|subnet| own_vpcs.contains(&subnet.vpc_id) || belongs(&subnet.tags))
        .map(|subnet| subnet.subnet_id)
        .collect();

    network.instances.retain(|_, instance| {
        belongs(&instance.tags) || instance.subnet_id.is_some_and(|subnet| own_subnets.contains(&subnet))
    });
    let shown = &network.instances;
    network.network_interfaces.retain(|_, interface| {
        let holder = interface.attachment.as_ref().and_then(|attachment| attachment.instance_id);
        let attached = holder.is_some_and(|instance| shown.contains_key(&instance));
        attached || belongs(&interface.tag_set) || own_subnets.contains(&interface.subnet_id)
    });
    let mut subnets = own_subnets;
    subnets.extend(network.instances.values().filter_map(|instance| instance.subnet_id));
    subnets.extend(network.network_interfaces.values().map(|interface| interface.subnet_id));
    network.subnets.retain(|id, _| subnets.contains(id));

    let mut vpcs = own_vpcs;
    vpcs.extend(network.subnets.values().map(|subnet| subnet.vpc_id));
    vpcs.extend(network.security_groups.values().filter(|group| belongs(&group.tags)).map(|group| group.vpc_id));
    vpcs.extend(network.route_tables.values().filter(|table| belongs(&table.tags)).map(|table| table.vpc_id));
    let gateways = network.internet_gateways.values().filter(|gateway| belongs(&gateway.tags));
    vpcs.extend(gateways.flat_map(|gateway| &gateway.attachments).map(|attachment| attachment.vpc_id));
    network.internet_gateways.retain(|_, gateway| {
        belongs(&gateway.tags) || gateway.attachments.iter().any(|attachment| vpcs.contains(&attachment.vpc_id))
    });
    let interfaces = &network.network_interfaces;
    network.addresses.retain(|_, address| {
        belongs(&address.tags) || address.network_interface_id.is_some_and(|id| interfaces.contains_key(&id))
    });
    keep_vpcs(network, |id| vpcs.contains(&id));
    Ok(())
}
