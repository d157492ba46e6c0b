//! What a launch or a change can ask of an instance's hardware and placement, and whether its type can give it.
//!
//! Sources: "CPU options", "Hibernate", "Nitro Enclaves", "Placement groups" in the EC2 User Guide.

use vpcrun_model::{InstanceId, PlacementGroupId};

use super::parameters::{BandwidthWeighting, CpuOptionsRequest, LaunchParameters, Placement, Switch, TenancyRequest};
use super::volume::PlannedVolume;
use super::{CapacityPreference, CpuOptions, InstanceState, Tenancy};
use crate::action::Context;
use crate::error::Refusal;
use crate::family::image::{Architecture, Image};
use crate::family::instance_type::InstanceType;
use crate::family::placement_group::{self, PlacementGroup, Strategy};

/// How many instances of a spread group may run in one zone. Source: "Placement groups" in the EC2 User Guide.
const MAX_SPREAD: usize = 7;
/// GiB of memory from which an instance cannot hibernate. Source: "Prerequisites for EC2 instance hibernation".
const MAX_HIBERNATION_MEMORY_GIB: u64 = 150;

pub(super) fn unsupported(message: impl Into<String>) -> Refusal {
    Refusal::new("UnsupportedOperation", message.into())
}

/// What no launch here can have.
///
/// # Errors
/// `UnsupportedOperation`, among others.
pub(super) fn check_unsupported(parameters: &LaunchParameters) -> Result<(), Refusal> {
    let refused = [
        (parameters.instance_market_options.is_some(), "Spot Instances and Capacity Blocks are not supported."),
        (parameters.instance_requirements.is_some(), "InstanceRequirements are not supported by RunInstances."),
        (parameters.kernel_id.is_some(), "A kernel may not be specified for an image of virtualization type 'hvm'."),
        (parameters.ramdisk_id.is_some(), "A RAM disk may not be specified for an image of virtualization type 'hvm'."),
        (!parameters.elastic_gpus.is_empty(), "Amazon Elastic Graphics is no longer available."),
        (!parameters.elastic_inference_accelerators.is_empty(), "Amazon Elastic Inference is no longer available."),
        (!parameters.licenses.is_empty(), "License configurations are not supported."),
        (!parameters.secondary_interfaces.is_empty(), "The instance type does not support secondary interfaces."),
        (parameters.additional_info.is_some(), "The parameter AdditionalInfo is reserved."),
        (parameters.operator.is_some(), "The parameter Operator is reserved."),
    ];
    match refused.into_iter().find(|(is_given, _)| *is_given) {
        Some((_, message)) => Err(unsupported(message)),
        None => Ok(()),
    }
}

impl CpuOptionsRequest {
    /// # Errors
    /// Options that the type does not have, or numbers that it cannot run with.
    pub(super) fn plan(&self, of: &InstanceType) -> Result<Option<CpuOptions>, Refusal> {
        if self.amd_sev_snp == Some(Switch::Enabled) {
            return Err(unsupported(format!("The {} instance type does not support AMD SEV-SNP.", of.name)));
        }
        if self.nested_virtualization == Some(Switch::Enabled) {
            return Err(unsupported(format!("The {} instance type does not support nested virtualization.", of.name)));
        }
        let (cores, threads) = match (self.core_count, self.threads_per_core) {
            (None, None) => return Ok(None),
            (Some(cores), Some(threads)) => (cores, threads),
            (None, Some(_)) => return Err(Refusal::missing_parameter("CpuOptions.CoreCount")),
            (Some(_), None) => return Err(Refusal::missing_parameter("CpuOptions.ThreadsPerCore")),
        };
        if of.name.starts_with("t2.") {
            return Err(unsupported(format!("The {} instance type does not support specifying CpuOptions.", of.name)));
        }
        let default = CpuOptions::default_of(of);
        if cores == 0 || cores > default.core_count {
            return Err(Refusal::invalid_parameter_value(format!(
                "The CPU core count {cores} is not valid for the instance type '{}'.",
                of.name
            )));
        }
        if threads == 0 || threads > default.threads_per_core {
            return Err(Refusal::invalid_parameter_value(format!(
                "The number of threads per core {threads} is not valid for the instance type '{}'.",
                of.name
            )));
        }
        Ok(Some(CpuOptions { core_count: cores, threads_per_core: threads }))
    }
}

impl CpuOptions {
    pub(super) fn default_of(of: &InstanceType) -> Self {
        let threads_per_core = of.family.threads_per_core.max(1);
        Self { core_count: of.vcpus / threads_per_core, threads_per_core }
    }
}

/// # Errors
/// A type or a root volume that an instance cannot hibernate with.
pub(super) fn check_hibernation(
    parameters: &LaunchParameters,
    of: &InstanceType,
    image: &Image,
    volumes: &[PlannedVolume],
) -> Result<(), Refusal> {
    if !parameters.hibernation_options.configured {
        return Ok(());
    }
    let refuse = |message: String| Err(Refusal::new("UnsupportedHibernationConfiguration", message));
    if !of.family.hibernation || of.memory_mib >= MAX_HIBERNATION_MEMORY_GIB * 1_024 {
        return refuse(format!(
            "Unsupported hibernation configuration: the instance type '{}' does not support hibernation.",
            of.name
        ));
    }
    let root = volumes.iter().find(|volume| volume.device_name == image.root_device_name());
    if root.is_none_or(|root| root.specification.kms_key_id.is_none()) {
        return refuse("Unsupported hibernation configuration: the root volume must be encrypted.".to_owned());
    }
    if root.is_none_or(|root| u64::from(root.specification.size) * 1_024 <= of.memory_mib) {
        return refuse(
            "Unsupported hibernation configuration: the root volume is too small to hold the instance's memory."
                .to_owned(),
        );
    }
    Ok(())
}

/// # Errors
/// A type that has no Nitro Enclaves.
pub(super) fn check_enclave(parameters: &LaunchParameters, of: &InstanceType) -> Result<(), Refusal> {
    if !parameters.enclave_options.enabled {
        return Ok(());
    }
    if parameters.hibernation_options.configured {
        return Err(Refusal::invalid_parameter_combination(
            "Nitro Enclaves and hibernation cannot be enabled on the same instance.",
        ));
    }
    // "At least four vCPUs, two with Graviton; not the T family." (Nitro Enclaves User Guide)
    let needed = if of.supports(Architecture::Arm64) { 2 } else { 4 };
    if of.family.hypervisor != "nitro" || of.family.burstable || of.vcpus < needed {
        return Err(unsupported(format!("The instance type '{}' does not support Nitro Enclaves.", of.name)));
    }
    Ok(())
}

/// # Errors
/// `Unsupported` for optimisation on a type without, `UnsupportedOperation` for a weighting.
pub(super) fn check_bandwidth(parameters: &LaunchParameters, of: &InstanceType) -> Result<(), Refusal> {
    check_ebs_optimized(parameters.ebs_optimized, of)?;
    let weighting = parameters.network_performance_options.bandwidth_weighting;
    if weighting.is_some_and(|weighting| weighting != BandwidthWeighting::Default) {
        return Err(unsupported(format!("The {} instance type does not support bandwidth weighting.", of.name)));
    }
    Ok(())
}

/// # Errors
/// `Unsupported` where a type has no EBS optimisation.
pub(super) fn check_ebs_optimized(wanted: bool, of: &InstanceType) -> Result<(), Refusal> {
    if !wanted || of.family.hypervisor == "nitro" {
        return Ok(());
    }
    let message = "EBS-optimized instances are not supported for your requested configuration. Please check the \
                   documentation for supported configurations.";
    Err(Refusal::new("Unsupported", message.to_owned()))
}

/// The preference of a launch. The account has no Capacity Reservations.
///
/// # Errors
/// A reservation, which cannot be there, or the wish to run in none but reservations.
pub(super) fn capacity(parameters: &LaunchParameters) -> Result<CapacityPreference, Refusal> {
    let specification = &parameters.capacity_reservation_specification;
    if let Some(target) = &specification.capacity_reservation_target {
        if let Some(id) = &target.capacity_reservation_id {
            let message = format!("The capacity reservation '{id}' does not exist");
            return Err(Refusal::new("InvalidCapacityReservationId.NotFound", message));
        }
        if let Some(arn) = &target.capacity_reservation_resource_group_arn {
            let message = format!("The resource group '{arn}' does not exist");
            return Err(Refusal::invalid_parameter_value(message));
        }
    }
    match specification.capacity_reservation_preference {
        Some(CapacityPreference::CapacityReservationsOnly) => {
            let message = "The request has exceeded the capacity of your Capacity Reservations.".to_owned();
            Err(Refusal::new("ReservationCapacityExceeded", message))
        }
        preference => Ok(preference.unwrap_or_default()),
    }
}

/// A place among instances.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PlannedPlacement {
    pub(super) tenancy: Option<Tenancy>,
    pub(super) group: Option<PlacementGroupId>,
    pub(super) partition_number: Option<u32>,
}

impl Placement {
    /// # Errors
    /// Hosts, which the account does not have; an unknown group, or one that the type cannot be in.
    pub(super) fn plan(&self, cx: &Context<'_>, of: &InstanceType) -> Result<PlannedPlacement, Refusal> {
        if let Some(id) = &self.host_id {
            return Err(Refusal::new("InvalidHostID.NotFound", format!("The host ID '{id}' does not exist")));
        }
        if self.host_resource_group_arn.is_some() || self.affinity.as_deref().is_some_and(|word| word != "default") {
            return Err(unsupported("The account has no Dedicated Hosts."));
        }
        if self.spread_domain.is_some() {
            return Err(unsupported("The parameter SpreadDomain is reserved."));
        }
        let tenancy = match self.tenancy {
            None => None,
            Some(TenancyRequest::Default) => Some(Tenancy::Default),
            Some(TenancyRequest::Dedicated) => Some(Tenancy::Dedicated),
            Some(TenancyRequest::Host) => return Err(no_host()),
        };
        let group = find_group(cx, self.group_name.as_deref(), self.group_id.as_deref())?;
        if let Some(group) = group {
            check_group(group, of, tenancy.unwrap_or_default())?;
        }
        check_partition(group, self.partition_number)?;
        let partition_number = self.partition_number;
        Ok(PlannedPlacement { tenancy, group: group.map(|group| group.id), partition_number })
    }
}

/// The tenancy `host` without a host.
pub(super) fn no_host() -> Refusal {
    let message = "There is not enough capacity to fulfill your Dedicated Host request.".to_owned();
    Refusal::new("InsufficientHostCapacity", message)
}

/// # Errors
/// Both a name and an id, or an unknown one. An empty name stands for no group.
pub(super) fn find_group<'c>(
    cx: &'c Context<'_>,
    name: Option<&str>,
    id: Option<&str>,
) -> Result<Option<&'c PlacementGroup>, Refusal> {
    match (name, id) {
        (Some(_), Some(_)) => Err(Refusal::invalid_parameter_combination(
            "The parameter GroupName cannot be used with the parameter GroupId",
        )),
        (Some(""), None) | (None, None) => Ok(None),
        (Some(name), None) => placement_group::by_name(cx, name).map(Some),
        (None, Some(id)) => placement_group::by_id(cx, id).map(Some),
    }
}

/// # Errors
/// A strategy that the type does not have, or the wrong tenancy.
pub(super) fn check_group(group: &PlacementGroup, of: &InstanceType, tenancy: Tenancy) -> Result<(), Refusal> {
    let strategy = group.strategy.as_str();
    if !of.family.placement_strategies.contains(&strategy) {
        let mut capital = strategy.to_owned();
        capital[..1].make_ascii_uppercase();
        return Err(Refusal::invalid_parameter_combination(format!(
            "{capital} placement groups are not supported by the '{}' instance type. Specify a supported instance type \
             or change the placement group strategy, and try again.",
            of.name
        )));
    }
    if group.strategy == Strategy::Spread && tenancy == Tenancy::Dedicated {
        return Err(Refusal::invalid_parameter_combination(
            "Spread placement groups are not supported for the tenancy 'dedicated'.",
        ));
    }
    Ok(())
}

/// # Errors
/// A partition that the group does not have.
pub(super) fn check_partition(group: Option<&PlacementGroup>, number: Option<u32>) -> Result<(), Refusal> {
    let Some(number) = number else { return Ok(()) };
    let Some(count) = group.and_then(|group| group.partition_count) else {
        return Err(Refusal::invalid_parameter_combination(
            "The parameter PartitionNumber is valid only with a placement group of the strategy 'partition'.",
        ));
    };
    if (1..=count).contains(&number) {
        return Ok(());
    }
    Err(Refusal::invalid_parameter_value(format!(
        "Invalid value '{number}' for partitionNumber. Expecting a value between 1 and {count}."
    )))
}

/// The partition of one more instance, as EC2 spreads them evenly. A cluster is in one zone, a spread group has room for seven.
///
/// # Errors
/// `InsufficientInstanceCapacity`, or `InvalidParameterCombination` for another zone.
pub(super) fn place(
    cx: &Context<'_>,
    id: PlacementGroupId,
    zone: &str,
    number: Option<u32>,
    but: Option<InstanceId>,
) -> Result<Option<u32>, Refusal> {
    let Some(group) = cx.region.get::<PlacementGroup>(id) else { return Ok(None) };
    let members = || placement_group::members(cx, id).filter(move |member| Some(member.id) != but);
    match group.strategy {
        Strategy::Cluster => match members().find(|member| member.availability_zone != zone) {
            Some(other) => Err(Refusal::invalid_parameter_combination(format!(
                "The placement group '{}' is in the Availability Zone '{}'; its instances cannot be in '{zone}'.",
                group.name, other.availability_zone
            ))),
            None => Ok(None),
        },
        Strategy::Spread => {
            let is_there = |state| !matches!(state, InstanceState::Stopped);
            let running = members().filter(|member| member.availability_zone == zone && is_there(member.state)).count();
            if running < MAX_SPREAD {
                return Ok(None);
            }
            let message = "We currently do not have sufficient capacity to launch all of the additional requested \
                           instances into Placement Group";
            Err(Refusal {
                status: 500,
                ..Refusal::new("InsufficientInstanceCapacity", format!("{message} '{}'.", group.name))
            })
        }
        Strategy::Partition => Ok(number.or_else(|| {
            let load = |number: &u32| members().filter(|member| member.partition_number() == Some(*number)).count();
            (1..=group.partition_count.unwrap_or(1)).min_by_key(load)
        })),
    }
}
