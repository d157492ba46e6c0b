//! MonitorInstances, UnmonitorInstances.

use serde::{Deserialize, Serialize};
use vpcrun_model::InstanceId;

use super::{Instance, InstanceState, find_all};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::wire::Items;

/// MonitorInstances.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct MonitorInstances {
    #[serde(rename = "InstanceId", default)]
    instance_ids: Vec<String>,
}

/// UnmonitorInstances.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct UnmonitorInstances {
    #[serde(rename = "InstanceId", default)]
    instance_ids: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Monitorings {
    instances_set: Items<InstanceMonitoring>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InstanceMonitoring {
    instance_id: InstanceId,
    monitoring: Monitoring,
}

#[derive(Serialize)]
struct Monitoring {
    state: &'static str,
}

/// Switches detailed monitoring. The answer shows the way there (`pending`, `disabling`) where something changes.
fn switch(cx: &mut Context<'_>, ids: &[String], on: bool) -> Result<Monitorings, Refusal> {
    let ids = find_all(cx, ids)?;
    for id in &ids {
        let terminated = cx.region.get::<Instance>(*id).filter(|instance| instance.state == InstanceState::Terminated);
        if terminated.is_some() {
            let message = format!("The instance '{id}' is not in a valid state for this operation.");
            return Err(Refusal::new("IncorrectInstanceState", message));
        }
    }
    let mut items = Vec::with_capacity(ids.len());
    for instance_id in ids {
        let was_on = cx.region.get::<Instance>(instance_id).is_some_and(|instance| instance.monitoring);
        let state = match (was_on, on) {
            (false, true) => "pending",
            (true, true) => "enabled",
            (true, false) => "disabling",
            (false, false) => "disabled",
        };
        cx.region.update(instance_id, |instance: &mut Instance| instance.monitoring = on);
        items.push(InstanceMonitoring { instance_id, monitoring: Monitoring { state } });
    }
    Ok(Monitorings { instances_set: items.into() })
}

impl Action for MonitorInstances {
    type Response = Monitorings;

    fn run(self, cx: &mut Context<'_>) -> Result<Monitorings, Refusal> {
        switch(cx, &self.instance_ids, true)
    }
}

impl Action for UnmonitorInstances {
    type Response = Monitorings;

    fn run(self, cx: &mut Context<'_>) -> Result<Monitorings, Refusal> {
        switch(cx, &self.instance_ids, false)
    }
}
