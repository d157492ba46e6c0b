//! DescribeNetworkInterfaceAttribute, ModifyNetworkInterfaceAttribute, ResetNetworkInterfaceAttribute.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::NetworkInterfaceId;

use super::address_request::no_address_for_primary;
use super::attachment::unknown_attachment;
use super::item::AttachmentItem;
use super::{NetworkInterface, check_unmanaged, lend_public_address, take_back_public_address};
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
    associate_public_ip_address: Option<bool>,
    enable_primary_ipv6: Option<bool>,
    connection_tracking_specification: Option<ConnectionTracking>,
    ena_srd_specification: Option<EnaSrd>,
    #[serde(rename = "AssociatedSubnetId", default)]
    associated_subnets: Vec<String>,
}

/// Timeouts of idle connections that security groups track, in seconds.
#[skip_serializing_none]
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all(deserialize = "PascalCase", serialize = "camelCase"), deny_unknown_fields)]
pub(crate) struct ConnectionTracking {
    // Requests and stored interfaces spell the first letter differently.
    #[serde(alias = "tcpEstablishedTimeout")]
    tcp_established_timeout: Option<u32>,
    #[serde(alias = "udpStreamTimeout")]
    udp_stream_timeout: Option<u32>,
    #[serde(alias = "udpTimeout")]
    udp_timeout: Option<u32>,
}

impl ConnectionTracking {
    /// # Errors
    /// `InvalidParameterValue` for a timeout out of its range. Source: ConnectionTrackingSpecificationRequest.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let ranges = [
            (self.tcp_established_timeout, "TcpEstablishedTimeout", 60..=432_000),
            (self.udp_stream_timeout, "UdpStreamTimeout", 60..=180),
            (self.udp_timeout, "UdpTimeout", 30..=60),
        ];
        for (value, name, range) in ranges {
            if let Some(value) = value.filter(|value| !range.contains(value)) {
                return Err(Refusal::invalid_parameter_value(format!(
                    "Value ({value}) for parameter {name} is invalid. The value must be between {} and {}.",
                    range.start(),
                    range.end()
                )));
            }
        }
        Ok(())
    }

    fn or(self, before: Option<Self>) -> Self {
        let Some(before) = before else { return self };
        Self {
            tcp_established_timeout: self.tcp_established_timeout.or(before.tcp_established_timeout),
            udp_stream_timeout: self.udp_stream_timeout.or(before.udp_stream_timeout),
            udp_timeout: self.udp_timeout.or(before.udp_timeout),
        }
    }
}

/// ENA Express, which needs instance types that are not here.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct EnaSrd {
    #[serde(rename = "EnaSrdEnabled")]
    _enabled: Option<bool>,
    #[serde(rename = "EnaSrdUdpSpecification")]
    _udp: Option<EnaSrdUdp>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EnaSrdUdp {
    #[serde(rename = "EnaSrdUdpEnabled")]
    _enabled: Option<bool>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AttachmentChanges {
    default_ena_queue_count: Option<bool>,
    ena_queue_count: Option<u32>,
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
            ("associatePublicIpAddress", self.associate_public_ip_address.is_some()),
            ("enablePrimaryIpv6", self.enable_primary_ipv6.is_some()),
            ("connectionTrackingSpecification", self.connection_tracking_specification.is_some()),
            ("enaSrdSpecification", self.ena_srd_specification.is_some()),
            ("associatedSubnetIds", !self.associated_subnets.is_empty()),
        ])?;
        self.check_supported()?;
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
        if let Some(wanted) = self.enable_primary_ipv6 {
            if wanted && changed.ipv6_addresses.is_empty() {
                return Err(no_address_for_primary());
            }
            if !wanted && changed.primary_ipv6 {
                let message = "The primary IPv6 address of a network interface cannot be disabled.";
                return Err(Refusal::invalid_parameter_value(message));
            }
            changed.primary_ipv6 = wanted;
        }
        if let Some(tracking) = self.connection_tracking_specification {
            tracking.check()?;
            changed.connection_tracking = Some(tracking.or(changed.connection_tracking));
        }
        if let Some(changes) = self.attachment {
            let id = changes.attachment_id.ok_or_else(|| Refusal::missing_parameter("attachmentId"))?;
            let attachment = changed.attachment.as_mut().filter(|attachment| attachment.id.to_string() == id);
            let attachment = attachment.ok_or_else(|| unknown_attachment(&id))?;
            attachment.delete_on_termination =
                changes.delete_on_termination.unwrap_or(attachment.delete_on_termination);
        }
        changed.associate_public_ip_address =
            self.associate_public_ip_address.unwrap_or(changed.associate_public_ip_address);
        let id = changed.id;
        cx.region.put(changed);
        match self.associate_public_ip_address {
            Some(true) => lend_public_address(cx, id),
            Some(false) => take_back_public_address(&mut cx.region, id),
            None => {}
        }
        Ok(Reply::TRUE)
    }
}

impl ModifyNetworkInterfaceAttribute {
    fn check_supported(&self) -> Result<(), Refusal> {
        let queues = |changes: &AttachmentChanges| {
            changes.default_ena_queue_count.is_some() || changes.ena_queue_count.is_some()
        };
        let what = if self.ena_srd_specification.is_some() {
            "ENA Express is"
        } else if self.attachment.as_ref().is_some_and(queues) {
            "ENA queues are"
        } else if !self.associated_subnets.is_empty() {
            "Associated subnets are"
        } else {
            return Ok(());
        };
        Err(Refusal::new("UnsupportedOperation", format!("{what} not supported for this network interface.")))
    }
}

/// ResetNetworkInterfaceAttribute: the one attribute that has a default, the source/destination check.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ResetNetworkInterfaceAttribute {
    network_interface_id: String,
    source_dest_check: Option<String>,
}

impl Action for ResetNetworkInterfaceAttribute {
    type Response = Reply;

    fn check(&self) -> Result<(), Refusal> {
        match self.source_dest_check.as_deref() {
            None | Some("true" | "sourceDestCheck") => Ok(()),
            Some(other) => {
                Err(Refusal::invalid_parameter_value(format!("Invalid value '{other}' for sourceDestCheck.")))
            }
        }
    }

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        exactly_one_attribute(&[("sourceDestCheck", self.source_dest_check.is_some())])?;
        let interface = cx.find::<NetworkInterface>(&self.network_interface_id)?;
        check_unmanaged(interface)?;
        let id = interface.id;
        cx.region.update(id, |interface: &mut NetworkInterface| interface.source_dest_check = true);
        Ok(Reply::TRUE)
    }
}

/// A group of another VPC for an interface that is there.
pub(crate) fn other_network() -> Refusal {
    let message = "You have specified two resources that belong to different networks.".to_owned();
    Refusal::new("InvalidGroup.NotFound", message)
}
