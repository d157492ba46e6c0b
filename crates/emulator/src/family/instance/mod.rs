//! Instances. Their addresses, subnet and groups are those of their network interfaces.
//!
//! Sources: the actions' pages in the EC2 API Reference, "Amazon EC2 instance state changes" in the EC2 User Guide, and answers
//! recorded on AWS.

mod attribute;
mod console;
mod credit;
mod describe;
mod filter;
mod interface;
mod item;
mod launch;
mod lifecycle;
mod metadata;
mod monitoring;
mod option;
mod parameters;
mod profile;
mod requirements;
mod run;
mod settings;
mod status;
mod template;
mod vcpu;
mod volume;

use serde::{Deserialize, Serialize};
use vpcrun_model::{Id, ImageId, InstanceId, PlacementGroupId, ReservationId, ResourceId};

use crate::action::{Context, actions};
use crate::clock::Timestamp;
use crate::error::{IdWording, Refusal};
use crate::family::network_interface::{self, NetworkInterface};
use crate::family::subnet::PrivateDnsNameOptions;
use crate::family::volume::{self as volume_family, Attachment, Volume};
use crate::state::{Resource, Tags, resource};

pub(crate) use attribute::OptionalText;
use attribute::{DescribeInstanceAttribute, ModifyInstanceAttribute, ResetInstanceAttribute};
use console::{GetConsoleOutput, GetPasswordData};
use credit::{CpuCredits, DescribeInstanceCreditSpecifications, ModifyInstanceCreditSpecification};
use describe::DescribeInstances;
use lifecycle::{RebootInstances, StartInstances, StopInstances, TerminateInstances};
use metadata::{MetadataOptions, ModifyInstanceMetadataOptions};
use monitoring::{MonitorInstances, UnmonitorInstances};
pub(crate) use parameters::LaunchParameters;
use profile::{
    AssociateIamInstanceProfile, DescribeIamInstanceProfileAssociations, DisassociateIamInstanceProfile,
    ReplaceIamInstanceProfileAssociation,
};
use run::RunInstances;
use settings::{
    ModifyInstanceCpuOptions, ModifyInstanceMaintenanceOptions, ModifyInstancePlacement, ModifyPrivateDnsNameOptions,
};
use status::DescribeInstanceStatus;
pub(crate) use volume::{BlockDeviceMapping, default_key};

actions![
    AssociateIamInstanceProfile,
    DescribeIamInstanceProfileAssociations,
    DescribeInstanceAttribute,
    DescribeInstanceCreditSpecifications,
    DescribeInstanceStatus,
    DescribeInstances,
    DisassociateIamInstanceProfile,
    GetConsoleOutput,
    GetPasswordData,
    ModifyInstanceAttribute,
    ModifyInstanceCpuOptions,
    ModifyInstanceCreditSpecification,
    ModifyInstanceMaintenanceOptions,
    ModifyInstanceMetadataOptions,
    ModifyInstancePlacement,
    ModifyPrivateDnsNameOptions,
    MonitorInstances,
    RebootInstances,
    ReplaceIamInstanceProfileAssociation,
    ResetInstanceAttribute,
    RunInstances,
    StartInstances,
    StopInstances,
    TerminateInstances,
    UnmonitorInstances,
];

/// An instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Instance {
    pub(crate) id: InstanceId,
    reservation_id: ReservationId,
    /// Its place among the instances of its launch, from 0.
    launch_index: u32,
    client_token: String,
    image: LaunchedImage,
    pub(crate) instance_type: String,
    key_name: Option<String>,
    pub(crate) availability_zone: String,
    tenancy: Tenancy,
    placement_group: Option<PlacementGroupId>,
    partition_number: Option<u32>,
    pub(crate) state: InstanceState,
    /// When it leaves this state by itself.
    due: Option<Timestamp>,
    /// When a user stopped or terminated it.
    shutdown_initiated: Option<Timestamp>,
    launch_time: Timestamp,
    /// When it was launched first.
    created: Timestamp,
    /// As given: Base64.
    user_data: Option<String>,
    private_dns: PrivateDnsNameOptions,
    disable_api_termination: bool,
    disable_api_stop: bool,
    shutdown_behavior: ShutdownBehavior,
    ebs_optimized: bool,
    ena_support: bool,
    sriov_net_support: bool,
    /// Whether monitoring is detailed.
    monitoring: bool,
    metadata_options: MetadataOptions,
    /// `None`: all that the type has.
    cpu_options: Option<CpuOptions>,
    /// Of a burstable type.
    cpu_credits: Option<CpuCredits>,
    hibernation: bool,
    enclave: bool,
    auto_recovery: Recovery,
    reboot_migration: Recovery,
    capacity: CapacityPreference,
    profile: Option<profile::Association>,
    tags: Tags,
}

resource!(
    Instance as Instance,
    InstanceId,
    "instance",
    IdWording { noun: "instance", not_found: "InvalidInstanceID.NotFound", malformed: "InvalidInstanceID.Malformed" },
    fn references(&self) -> Vec<ResourceId> {
        // A terminated instance is in no group any more.
        let group = self.placement_group.filter(|_| self.state != InstanceState::Terminated);
        group.map(ResourceId::from).into_iter().collect()
    },
    fn aliases(&self) -> Vec<String> {
        self.profile.iter().map(|association| association.id.to_string()).collect()
    },
    fn due(&self) -> Option<Timestamp> {
        self.due
    },
    fn advance(cx: &mut Context<'_>, id: InstanceId, at: Timestamp) {
        lifecycle::advance(cx, id, at);
    }
);

/// What an instance keeps of its image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct LaunchedImage {
    id: ImageId,
    name: String,
    architecture: String,
    boot_mode: Option<String>,
    tpm_support: Option<String>,
    root_device_name: String,
}

/// How many cores an instance uses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CpuOptions {
    core_count: u32,
    threads_per_core: u32,
}

/// Whether EC2 does by itself what it can against failures of the host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Recovery {
    Disabled,
    #[default]
    Default,
}

impl Recovery {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Default => "default",
        }
    }
}

/// Whether an instance may run in a Capacity Reservation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CapacityPreference {
    CapacityReservationsOnly,
    #[default]
    Open,
    None,
}

impl CapacityPreference {
    const fn as_str(self) -> &'static str {
        match self {
            Self::CapacityReservationsOnly => "capacity-reservations-only",
            Self::Open => "open",
            Self::None => "none",
        }
    }
}

/// Where an instance is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum InstanceState {
    Pending,
    Running,
    ShuttingDown,
    Terminated,
    Stopping,
    Stopped,
}

impl InstanceState {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::ShuttingDown => "shutting-down",
            Self::Terminated => "terminated",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Running => 16,
            Self::ShuttingDown => 32,
            Self::Terminated => 48,
            Self::Stopping => 64,
            Self::Stopped => 80,
        }
    }
}

/// Whose hardware an instance shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tenancy {
    #[default]
    Default,
    Dedicated,
}

impl Tenancy {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Dedicated => "dedicated",
        }
    }
}

/// What happens when the instance shuts itself down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ShutdownBehavior {
    #[default]
    Stop,
    Terminate,
}

impl ShutdownBehavior {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Terminate => "terminate",
        }
    }
}

impl Instance {
    pub(crate) fn partition_number(&self) -> Option<u32> {
        self.partition_number
    }

    /// Its volumes, the root volume first; a terminated instance has none.
    fn volumes<'c>(&self, cx: &'c Context<'_>) -> Vec<(&'c Volume, &'c Attachment)> {
        let mut volumes = volume_family::attached_to(&cx.region, self.id);
        volumes.sort_by_key(|(_, attachment)| attachment.device != self.image.root_device_name);
        volumes
    }

    /// Whether it has, or is about to have, a computer: the time in which EC2 lends it a public address.
    pub(crate) fn is_up(&self) -> bool {
        matches!(self.state, InstanceState::Pending | InstanceState::Running)
    }

    fn is_gone(&self) -> bool {
        matches!(self.state, InstanceState::ShuttingDown | InstanceState::Terminated)
    }

    /// Its network interfaces by device index; a terminated instance has none.
    fn interfaces<'c>(&self, cx: &'c Context<'_>) -> Vec<&'c NetworkInterface> {
        network_interface::attached_to(&cx.region, self.id)
    }

    fn primary_interface<'c>(&self, cx: &'c Context<'_>) -> Option<&'c NetworkInterface> {
        self.interfaces(cx).into_iter().find(|interface| interface.device_index() == Some(0))
    }

    /// Its only network interface: what actions on the instance's network mean.
    ///
    /// # Errors
    /// `InvalidInstanceID` where it has several, `IncorrectInstanceState` where it has none any more.
    fn only_interface<'c>(&self, cx: &'c Context<'_>) -> Result<&'c NetworkInterface, Refusal> {
        match self.interfaces(cx).as_slice() {
            [interface] => Ok(interface),
            [] => Err(Refusal::new(
                "IncorrectInstanceState",
                format!("The instance '{}' is not in a valid state for this operation.", self.id),
            )),
            _ => Err(several_interfaces(self.id)),
        }
    }
}

fn malformed(id: &str) -> Refusal {
    Refusal::new(Instance::WORDING.malformed, format!("Invalid id: \"{id}\""))
}

/// The instance with this id.
///
/// # Errors
/// `InvalidInstanceID.Malformed` (EC2 says of instances just that the id is invalid, also of one that is all zeros) or
/// `InvalidInstanceID.NotFound`.
pub(crate) fn find<'c>(cx: &'c Context<'_>, id: &str) -> Result<&'c Instance, Refusal> {
    let parsed: InstanceId = id.parse().map_err(|_| malformed(id))?;
    if parsed == InstanceId::from_bits(0) {
        return Err(malformed(id));
    }
    cx.region.get(parsed).ok_or_else(|| Instance::WORDING.not_found(id))
}

/// The instances with these ids, each once, in the order of the request. All have to exist.
///
/// # Errors
/// `MissingParameter`, `.Malformed`, or a `.NotFound` that names all unknown ids.
fn find_all(cx: &Context<'_>, ids: &[String]) -> Result<Vec<InstanceId>, Refusal> {
    if ids.is_empty() {
        return Err(Refusal::missing_parameter("InstanceId"));
    }
    let (mut found, mut unknown) = (Vec::with_capacity(ids.len()), Vec::new());
    for id in ids {
        match find(cx, id) {
            Ok(instance) if found.contains(&instance.id) => {}
            Ok(instance) => found.push(instance.id),
            Err(refusal) if refusal.code == Instance::WORDING.not_found => unknown.push(id.as_str()),
            Err(refusal) => return Err(refusal),
        }
    }
    match unknown.as_slice() {
        [] => Ok(found),
        [id] => Err(Instance::WORDING.not_found(id)),
        ids => {
            let message = format!("The instance IDs '{}' do not exist", ids.join(", "));
            Err(Refusal::new(Instance::WORDING.not_found, message))
        }
    }
}

/// The refusal of actions that know one interface only.
pub(crate) fn several_interfaces(id: InstanceId) -> Refusal {
    let message = format!(
        "There are multiple interfaces attached to instance '{id}'. Please specify an interface ID for the operation \
         instead."
    );
    Refusal::new("InvalidInstanceID", message)
}

/// More interfaces than the instance type takes.
pub(crate) fn interface_limit_exceeded(count: usize, instance_type: &str) -> Refusal {
    let message = format!("Interface count {count} exceeds the limit for {instance_type}");
    Refusal::new("AttachmentLimitExceeded", message)
}
