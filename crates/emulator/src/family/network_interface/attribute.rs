//! DescribeNetworkInterfaceAttribute, ModifyNetworkInterfaceAttribute.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::NetworkInterfaceId;

use super::attachment::unknown_attachment;
use super::item::AttachmentItem;
use super::{NetworkInterface, check_unmanaged};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::security_group::{GroupIdentifier, checked_groups, group_set};
use crate::family::vpc::{AttributeBoolean, AttributeValue, exactly_one_attribute};
use crate::wire::{Items, Reply};

/// A text attribute in a request: `Description.Value=…`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AttributeText {
    pub(crate) value: String,
}

/// A text attribute in an answer.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct TextValue {
    pub(crate) value: String,
}

/// DescribeNetworkInterfaceAttribute: one attribute a call.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeNetworkInterfaceAttribute {
    network_interface_id: String,
    attribute: Option<NetworkInterfaceAttribute>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum NetworkInterfaceAttribute {
    Description,
    GroupSet,
    SourceDestCheck,
    Attachment,
    AssociatePublicIpAddress,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeNetworkInterfaceAttributeResponse {
    network_interface_id: NetworkInterfaceId,
    description: Option<TextValue>,
    group_set: Option<Items<GroupIdentifier>>,
    source_dest_check: Option<AttributeValue>,
    attachment: Option<AttachmentItem>,
    associate_public_ip_address: Option<bool>,
}

impl Action for DescribeNetworkInterfaceAttribute {
    type Response = DescribeNetworkInterfaceAttributeResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let interface = cx.find::<NetworkInterface>(&self.network_interface_id)?;
        let attribute =
            self.attribute.ok_or_else(|| Refusal::invalid_parameter_combination("No attributes specified."))?;
        let mut response = DescribeNetworkInterfaceAttributeResponse {
            network_interface_id: interface.id,
            description: None,
            group_set: None,
            source_dest_check: None,
            attachment: None,
            associate_public_ip_address: None,
        };
        match attribute {
            NetworkInterfaceAttribute::Description => {
                response.description = Some(TextValue { value: interface.description.clone() });
            }
            NetworkInterfaceAttribute::GroupSet => response.group_set = Some(group_set(&cx.region, &interface.groups)),
            NetworkInterfaceAttribute::SourceDestCheck => {
                response.source_dest_check = Some(AttributeValue { value: interface.source_dest_check });
            }
            NetworkInterfaceAttribute::Attachment => response.attachment = AttachmentItem::of(interface, cx),
            NetworkInterfaceAttribute::AssociatePublicIpAddress => {
                response.associate_public_ip_address = Some(interface.associate_public_ip_address);
            }
        }
        Ok(response)
    }
}

/// ModifyNetworkInterfaceAttribute: one attribute a call.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyNetworkInterfaceAttribute {
    network_interface_id: String,
    description: Option<AttributeText>,
    source_dest_check: Option<AttributeBoolean>,
    #[serde(rename = "SecurityGroupId", default)]
    groups: Vec<String>,
    attachment: Option<AttachmentChanges>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AttachmentChanges {
    attachment_id: Option<String>,
    delete_on_termination: Option<bool>,
}

impl Action for ModifyNetworkInterfaceAttribute {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        exactly_one_attribute(&[
            ("description", self.description.is_some()),
            ("sourceDestCheck", self.source_dest_check.is_some()),
            ("groupSet", !self.groups.is_empty()),
            ("attachment", self.attachment.is_some()),
        ])?;
        let interface = cx.find::<NetworkInterface>(&self.network_interface_id)?;
        check_unmanaged(interface)?;
        let mut changed = interface.clone();
        if let Some(description) = self.description {
            changed.description = description.value;
        }
        if let Some(check) = self.source_dest_check {
            changed.source_dest_check = check.value;
        }
        if !self.groups.is_empty() {
            changed.groups = checked_groups(cx, &self.groups, interface.vpc_id, |_| other_network())?;
        }
        if let Some(changes) = self.attachment {
            let id = changes.attachment_id.ok_or_else(|| Refusal::missing_parameter("attachmentId"))?;
            let attachment = changed.attachment.as_mut().filter(|attachment| attachment.id.to_string() == id);
            let attachment = attachment.ok_or_else(|| unknown_attachment(&id))?;
            attachment.delete_on_termination =
                changes.delete_on_termination.unwrap_or(attachment.delete_on_termination);
        }
        cx.region.put(changed);
        Ok(Reply::TRUE)
    }
}

/// A group of another VPC for an interface that is there.
pub(crate) fn other_network() -> Refusal {
    let message = "You have specified two resources that belong to different networks.".to_owned();
    Refusal::new("InvalidGroup.NotFound", message)
}
