//! AttachNetworkInterface, DetachNetworkInterface.

use serde::{Deserialize, Serialize};
use vpcrun_model::{InstanceId, NetworkInterfaceAttachmentId};

use super::attribute::EnaSrd;
use super::{Attachment, NetworkInterface, attached_to, item, take_back_public_address};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::instance::{self, Instance, InstanceState};
use crate::family::instance_type;
use crate::wire::Reply;

/// AttachNetworkInterface.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AttachNetworkInterface {
    network_interface_id: String,
    instance_id: String,
    device_index: u8,
    network_card_index: Option<u8>,
    ena_queue_count: Option<u32>,
    ena_srd_specification: Option<EnaSrd>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AttachNetworkInterfaceResponse {
    attachment_id: NetworkInterfaceAttachmentId,
    network_card_index: u8,
}

/// # Errors
/// `InvalidNetworkInterface.InUse` for an interface that is attached.
pub(crate) fn check_attachable(interface: &NetworkInterface) -> Result<(), Refusal> {
    if !interface.is_in_use() {
        return Ok(());
    }
    let message = format!("Interface: [{}] in use.", interface.id);
    Err(Refusal::new("InvalidNetworkInterface.InUse", message))
}

fn check_instance(cx: &Context<'_>, instance: &Instance, device_index: u8) -> Result<(), Refusal> {
    if !matches!(instance.state, InstanceState::Running | InstanceState::Stopped) {
        let message = format!("Instance '{}' is not 'running' or 'stopped'.", instance.id);
        return Err(Refusal::new("IncorrectInstanceState", message));
    }
    let attached = attached_to(&cx.region, instance.id);
    if attached.iter().any(|interface| interface.device_index() == Some(device_index)) {
        return Err(Refusal::invalid_parameter_value(format!(
            "Instance '{}' already has an interface attached at device index '{device_index}'.",
            instance.id
        )));
    }
    let limit = instance_type::find(&instance.instance_type).map(|found| found.maximum_network_interfaces);
    match limit {
        Some(limit) if attached.len() >= limit => {
            Err(instance::interface_limit_exceeded(attached.len() + 1, &instance.instance_type))
        }
        _ => Ok(()),
    }
}

impl Action for AttachNetworkInterface {
    type Response = AttachNetworkInterfaceResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let interface = cx.find::<NetworkInterface>(&self.network_interface_id)?;
        let instance = instance::find(cx, &self.instance_id)?;
        if self.network_card_index.is_some_and(|index| index > 0) {
            return Err(Refusal::invalid_parameter_value(format!(
                "Network card index '{}' exceeds the limit for {}.",
                self.network_card_index.unwrap_or_default(),
                instance.instance_type
            )));
        }
        if self.ena_queue_count.is_some() || self.ena_srd_specification.is_some() {
            let message = "ENA queues and ENA Express are not supported for this instance type.".to_owned();
            return Err(Refusal::new("UnsupportedOperation", message));
        }
        check_attachable(interface)?;
        if item::zone_of(interface, cx) != instance.availability_zone {
            return Err(Refusal::invalid_parameter_combination(
                "You may not attach a network interface to an instance if they are not in the same availability zone",
            ));
        }
        check_instance(cx, instance, self.device_index)?;
        let (id, instance_id) = (interface.id, instance.id);
        let attachment = attachment(cx, instance_id, self.device_index, false);
        let attachment_id = attachment.id;
        cx.region.update(id, |interface: &mut NetworkInterface| interface.attachment = Some(attachment));
        Ok(AttachNetworkInterfaceResponse { attachment_id, network_card_index: 0 })
    }
}

/// An attachment that is made now.
pub(crate) fn attachment(
    cx: &mut Context<'_>,
    instance_id: InstanceId,
    device_index: u8,
    delete_on_termination: bool,
) -> Attachment {
    Attachment { id: cx.new_id(), instance_id, device_index, attach_time: cx.now, delete_on_termination }
}

/// DetachNetworkInterface: any but the primary one.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DetachNetworkInterface {
    attachment_id: String,
    #[serde(rename = "Force")]
    _force: Option<bool>,
}

impl Action for DetachNetworkInterface {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let interface = cx.region.by_alias::<NetworkInterface>(&self.attachment_id);
        let interface = interface.filter(|interface| {
            let attached = interface.attachment.as_ref().map(|attachment| attachment.id.to_string());
            let managed = interface.managed.as_ref().map(|managed| managed.attachment_id.to_string());
            attached.or(managed).is_some_and(|id| id == self.attachment_id)
        });
        let interface = interface.ok_or_else(|| unknown_attachment(&self.attachment_id))?;
        if interface.managed.is_some() {
            let message = "You are not allowed to manage 'ela-attach' attachments.".to_owned();
            return Err(Refusal::new("OperationNotPermitted", message));
        }
        if interface.device_index() == Some(0) {
            let message = "The network interface at device index 0 cannot be detached.".to_owned();
            return Err(Refusal::new("OperationNotPermitted", message));
        }
        let id = interface.id;
        take_back_public_address(&mut cx.region, id);
        cx.region.update(id, |interface: &mut NetworkInterface| interface.attachment = None);
        Ok(Reply::TRUE)
    }
}

pub(super) fn unknown_attachment(id: &str) -> Refusal {
    let message = format!("The networkInterfaceAttachment ID '{id}' does not exist");
    Refusal::new("InvalidAttachmentID.NotFound", message)
}
