//! StartInstances, StopInstances, RebootInstances, TerminateInstances, and what time does to instances.
//!
//! Source: "Amazon EC2 instance state changes" in the EC2 User Guide.

use serde::{Deserialize, Serialize};
use vpcrun_model::InstanceId;

use super::item::StateItem;
use super::option::unsupported;
use super::vcpu::check_vcpus;
use super::{Instance, InstanceState, find_all};
use crate::action::{Action, Context};
use crate::clock::{Timestamp, Transition};
use crate::error::Refusal;
use crate::family::instance_type;
use crate::family::network_interface::{self, NetworkInterface, lend_public_address, take_back_public_address};
use crate::family::volume::{self, Volume};
use crate::wire::{Items, Reply};

/// Carries out the change of an instance that was due at `at`. Issues no ids: it also runs on copies that are thrown away.
pub(super) fn advance(cx: &mut Context<'_>, id: InstanceId, at: Timestamp) {
    let Some(instance) = cx.region.get::<Instance>(id) else { return };
    let mut instance = instance.clone();
    instance.due = None;
    match instance.state {
        InstanceState::Pending => instance.state = InstanceState::Running,
        InstanceState::Stopping => {
            take_back_public_addresses(cx, id);
            instance.state = InstanceState::Stopped;
        }
        InstanceState::ShuttingDown => {
            release_interfaces(cx, id);
            release_volumes(cx, id);
            instance.state = InstanceState::Terminated;
            instance.profile = None;
            instance.due = Some(at.after(cx.options.transition_times.of(Transition::Forget)));
        }
        InstanceState::Terminated => return cx.region.remove(id),
        InstanceState::Running | InstanceState::Stopped => {}
    }
    cx.region.put(instance);
}

fn take_back_public_addresses(cx: &mut Context<'_>, instance: InstanceId) {
    let interfaces: Vec<_> =
        network_interface::attached_to(&cx.region, instance).iter().map(|interface| interface.id).collect();
    for id in interfaces {
        take_back_public_address(&mut cx.region, id);
    }
}

/// Deletes the interfaces that go with the instance, so that their addresses are free, and detaches the others.
fn release_interfaces(cx: &mut Context<'_>, instance: InstanceId) {
    take_back_public_addresses(cx, instance);
    let interfaces: Vec<_> = network_interface::attached_to(&cx.region, instance)
        .iter()
        .filter_map(|interface| Some((interface.id, interface.attachment.as_ref()?.delete_on_termination)))
        .collect();
    for (id, delete) in interfaces {
        if delete {
            cx.region.remove(id);
        } else {
            cx.region.update(id, |interface: &mut NetworkInterface| interface.attachment = None);
        }
    }
}

/// Deletes the volumes that go with the instance, and detaches the others.
fn release_volumes(cx: &mut Context<'_>, instance: InstanceId) {
    let volumes: Vec<_> = volume::attached_to(&cx.region, instance)
        .into_iter()
        .map(|(volume, attachment)| (volume.id, attachment.delete_on_termination))
        .collect();
    for (id, delete) in volumes {
        if delete {
            cx.region.remove(id);
        } else {
            cx.region.update(id, |volume: &mut Volume| volume.attachment = None);
        }
    }
}

/// How an instance's state changed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StateChange {
    instance_id: InstanceId,
    current_state: StateItem,
    previous_state: StateItem,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StateChanges {
    instances_set: Items<StateChange>,
}

/// Applies `change` to each instance that `changes` lets through, and tells all states before and after.
fn change_states(
    cx: &mut Context<'_>,
    ids: &[InstanceId],
    changes: impl Fn(InstanceState) -> bool,
    change: impl Fn(&mut Instance),
) -> StateChanges {
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(instance) = cx.region.get::<Instance>(*id) else { continue };
        let mut instance = instance.clone();
        let previous = instance.state;
        if changes(previous) {
            change(&mut instance);
        }
        items.push(StateChange {
            instance_id: *id,
            current_state: instance.state.into(),
            previous_state: previous.into(),
        });
        cx.region.put(instance);
    }
    StateChanges { instances_set: items.into() }
}

/// Checks every instance before any is changed.
fn check_all(
    cx: &Context<'_>,
    ids: &[InstanceId],
    check: impl Fn(&Instance) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    ids.iter().filter_map(|id| cx.region.get::<Instance>(*id)).try_for_each(check)
}

fn incorrect_state(message: String) -> Refusal {
    Refusal::new("IncorrectInstanceState", message)
}

/// A protected instance; `deed` is what the attribute forbids.
fn protected(id: InstanceId, deed: &str, attribute: &str) -> Refusal {
    let message =
        format!("The instance '{id}' may not be {deed}. Modify its '{attribute}' instance attribute and try again.");
    Refusal::new("OperationNotPermitted", message)
}

/// StartInstances: instances that run already stay as they are.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct StartInstances {
    #[serde(rename = "InstanceId", default)]
    instance_ids: Vec<String>,
    additional_info: Option<String>,
}

impl Action for StartInstances {
    type Response = StateChanges;

    fn run(self, cx: &mut Context<'_>) -> Result<StateChanges, Refusal> {
        if self.additional_info.is_some() {
            return Err(unsupported("The parameter AdditionalInfo is reserved."));
        }
        let ids = find_all(cx, &self.instance_ids)?;
        check_all(cx, &ids, |instance| match instance.state {
            InstanceState::Pending | InstanceState::Running | InstanceState::Stopped => Ok(()),
            _ => Err(incorrect_state(format!(
                "The instance '{}' is not in a state from which it can be started.",
                instance.id
            ))),
        })?;
        let stopped = ids.iter().filter_map(|id| cx.region.get::<Instance>(*id)).filter(|instance| !instance.is_up());
        let types: Vec<_> = stopped.filter_map(|instance| instance_type::find(&instance.instance_type)).collect();
        check_vcpus(cx, &types)?;
        let (now, due) = (cx.now, cx.end_of(Transition::Start));
        let changes = change_states(
            cx,
            &ids,
            |state| state == InstanceState::Stopped,
            |instance| {
                instance.state = InstanceState::Pending;
                instance.launch_time = now;
                instance.shutdown_initiated = None;
                instance.due = Some(due);
            },
        );
        for id in ids {
            let primary = cx.region.get::<Instance>(id).and_then(|instance| instance.primary_interface(cx));
            if let Some(interface) = primary.map(|interface| interface.id) {
                lend_public_address(cx, interface);
            }
        }
        Ok(changes)
    }
}

/// StopInstances: private and Elastic IP addresses stay, the public address that EC2 lent goes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct StopInstances {
    #[serde(rename = "InstanceId", default)]
    instance_ids: Vec<String>,
    #[serde(rename = "Force")]
    _force: Option<bool>,
    #[serde(rename = "SkipOsShutdown")]
    _skip_os_shutdown: Option<bool>,
    #[serde(default)]
    hibernate: bool,
}

impl Action for StopInstances {
    type Response = StateChanges;

    fn run(self, cx: &mut Context<'_>) -> Result<StateChanges, Refusal> {
        let ids = find_all(cx, &self.instance_ids)?;
        check_all(cx, &ids, |instance| match instance.state {
            InstanceState::Stopping | InstanceState::Stopped => Ok(()),
            InstanceState::Running if self.hibernate && !instance.hibernation => Err(Refusal::new(
                "UnsupportedHibernationConfiguration",
                format!("Instance is not configured for hibernation: {}", instance.id),
            )),
            InstanceState::Running if instance.disable_api_stop => {
                Err(protected(instance.id, "stopped", "disableApiStop"))
            }
            InstanceState::Running => Ok(()),
            _ => Err(incorrect_state(format!(
                "This instance '{}' is not in a state from which it can be stopped.",
                instance.id
            ))),
        })?;
        let (now, due) = (cx.now, cx.end_of(Transition::Stop));
        let runs = |state| state == InstanceState::Running;
        Ok(change_states(cx, &ids, runs, |instance| {
            instance.state = InstanceState::Stopping;
            instance.shutdown_initiated = Some(now);
            instance.due = Some(due);
        }))
    }
}

/// RebootInstances.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct RebootInstances {
    #[serde(rename = "InstanceId", default)]
    instance_ids: Vec<String>,
}

impl Action for RebootInstances {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let ids = find_all(cx, &self.instance_ids)?;
        check_all(cx, &ids, |instance| match instance.state {
            InstanceState::Running => Ok(()),
            _ => Err(incorrect_state(format!(
                "The instance '{}' is not in a state from which it can be rebooted.",
                instance.id
            ))),
        })?;
        Ok(Reply::TRUE)
    }
}

/// TerminateInstances: all or, where one is unknown or protected, none.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct TerminateInstances {
    #[serde(rename = "InstanceId", default)]
    instance_ids: Vec<String>,
    #[serde(rename = "Force")]
    _force: Option<bool>,
    #[serde(rename = "SkipOsShutdown")]
    _skip_os_shutdown: Option<bool>,
}

impl Action for TerminateInstances {
    type Response = StateChanges;

    fn run(self, cx: &mut Context<'_>) -> Result<StateChanges, Refusal> {
        let ids = find_all(cx, &self.instance_ids)?;
        check_all(cx, &ids, |instance| match instance.is_gone() {
            false if instance.disable_api_termination => {
                Err(protected(instance.id, "terminated", "disableApiTermination"))
            }
            // "Stop protection also protects your instance from accidental termination." (EC2 User Guide)
            false if instance.disable_api_stop => Err(protected(instance.id, "terminated", "disableApiStop")),
            _ => Ok(()),
        })?;
        let (now, due) = (cx.now, cx.end_of(Transition::Terminate));
        let is_there = |state| !matches!(state, InstanceState::ShuttingDown | InstanceState::Terminated);
        Ok(change_states(cx, &ids, is_there, |instance| {
            instance.state = InstanceState::ShuttingDown;
            instance.shutdown_initiated = Some(now);
            instance.due = Some(due);
        }))
    }
}
