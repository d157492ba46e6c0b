//! Instances as RunInstances and DescribeInstances show them.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::Serialize;
use serde_with::skip_serializing_none;
use vpcrun_model::{
    ImageId, InstanceId, NetworkInterfaceAttachmentId, NetworkInterfaceId, PlacementGroupId, ReservationId, SubnetId,
    VpcId,
};

use super::metadata::MetadataOptionsItem;
use super::profile::ProfileItem;
use super::volume::BlockDeviceItem;
use super::{CpuOptions, Instance, InstanceState};
use crate::action::Context;
use crate::family::image::Image;
use crate::family::instance_type;
use crate::family::network_interface::{
    Ipv4PrefixItem, Ipv6AddressItem, Ipv6PrefixItem, Names, NetworkInterface, Operator, PrivateAddress, PublicAddress,
    owner_of, private_dns_name,
};
use crate::family::placement_group::PlacementGroup;
use crate::family::security_group::{GroupIdentifier, group_set};
use crate::family::subnet::{HostnameType, PrivateDnsNameOptions};
use crate::family::tag::{TagItem, tag_set_or_none};
use crate::family::zone;
use crate::wire::Items;

/// A state by number and name.
#[derive(Clone, Copy, Serialize)]
pub(super) struct StateItem {
    code: u8,
    name: &'static str,
}

impl From<InstanceState> for StateItem {
    fn from(state: InstanceState) -> Self {
        Self { code: state.code(), name: state.name() }
    }
}

/// Instances that were launched together.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReservationItem {
    reservation_id: ReservationId,
    owner_id: String,
    /// The groups of EC2-Classic.
    group_set: Items<GroupIdentifier>,
    instances_set: Items<InstanceItem>,
}

impl ReservationItem {
    pub(super) fn new(id: ReservationId, instances: Vec<InstanceItem>, cx: &Context<'_>) -> Self {
        Self {
            reservation_id: id,
            owner_id: cx.account_id().to_owned(),
            group_set: Items::default(),
            instances_set: instances.into(),
        }
    }
}

#[derive(Serialize)]
struct StateReason {
    code: &'static str,
    message: &'static str,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Placement {
    availability_zone: String,
    availability_zone_id: String,
    group_name: String,
    group_id: Option<PlacementGroupId>,
    partition_number: Option<u32>,
    tenancy: &'static str,
}

/// An option that is on or off, as `<monitoring><state>disabled</state></monitoring>`.
#[derive(Serialize)]
struct Monitoring {
    state: &'static str,
}

#[derive(Serialize)]
struct Configured {
    configured: bool,
}

#[derive(Serialize)]
struct Enabled {
    enabled: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CapacityReservationSpecification {
    capacity_reservation_preference: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MaintenanceOptions {
    auto_recovery: &'static str,
    reboot_migration: &'static str,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InstanceItem {
    instance_id: InstanceId,
    image_id: ImageId,
    instance_state: StateItem,
    private_dns_name: String,
    dns_name: String,
    reason: String,
    key_name: Option<String>,
    ami_launch_index: u32,
    product_codes: Items<()>,
    instance_type: String,
    launch_time: String,
    placement: Placement,
    monitoring: Monitoring,
    subnet_id: Option<SubnetId>,
    vpc_id: Option<VpcId>,
    private_ip_address: Option<Ipv4Addr>,
    ip_address: Option<Ipv4Addr>,
    ipv6_address: Option<Ipv6Addr>,
    source_dest_check: Option<bool>,
    group_set: Items<GroupIdentifier>,
    state_reason: Option<StateReason>,
    architecture: String,
    root_device_type: &'static str,
    root_device_name: String,
    block_device_mapping: Items<BlockDeviceItem>,
    virtualization_type: &'static str,
    client_token: String,
    tag_set: Option<Items<TagItem>>,
    hypervisor: &'static str,
    network_interface_set: Items<InterfaceItem>,
    ebs_optimized: bool,
    ena_support: bool,
    sriov_net_support: Option<&'static str>,
    iam_instance_profile: Option<ProfileItem>,
    tpm_support: Option<String>,
    cpu_options: Option<CpuOptions>,
    capacity_reservation_specification: CapacityReservationSpecification,
    hibernation_options: Configured,
    enclave_options: Enabled,
    metadata_options: MetadataOptionsItem,
    boot_mode: Option<String>,
    current_instance_boot_mode: &'static str,
    platform_details: &'static str,
    usage_operation: &'static str,
    usage_operation_update_time: String,
    private_dns_name_options: Option<PrivateDnsNameOptions>,
    maintenance_options: MaintenanceOptions,
    operator: Operator,
}

/// A network interface as its instance shows it.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InterfaceItem {
    network_interface_id: NetworkInterfaceId,
    subnet_id: SubnetId,
    vpc_id: VpcId,
    description: String,
    owner_id: String,
    status: &'static str,
    mac_address: String,
    private_ip_address: Option<Ipv4Addr>,
    private_dns_name: Option<String>,
    source_dest_check: bool,
    group_set: Items<GroupIdentifier>,
    attachment: Option<AttachmentItem>,
    association: Option<AssociationItem>,
    private_ip_addresses_set: Items<PrivateAddressItem>,
    ipv6_addresses_set: Items<Ipv6AddressItem>,
    ipv4_prefix_set: Option<Items<Ipv4PrefixItem>>,
    ipv6_prefix_set: Option<Items<Ipv6PrefixItem>>,
    interface_type: &'static str,
    operator: Operator,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AttachmentItem {
    attachment_id: NetworkInterfaceAttachmentId,
    device_index: u8,
    network_card_index: u8,
    status: &'static str,
    attach_time: String,
    delete_on_termination: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AssociationItem {
    public_ip: Ipv4Addr,
    public_dns_name: String,
    ip_owner_id: String,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PrivateAddressItem {
    private_ip_address: Ipv4Addr,
    private_dns_name: Option<String>,
    primary: bool,
    association: Option<AssociationItem>,
}

impl InterfaceItem {
    /// As long as the interface is being attached, no address is public.
    fn attaching(interface: &NetworkInterface, cx: &Context<'_>) -> Self {
        let mut private = interface.clone();
        private.private_addresses_mut().for_each(|address| address.public = None);
        let mut item = Self::new(&private, cx);
        item.attachment = item.attachment.map(|attachment| AttachmentItem { status: "attaching", ..attachment });
        item
    }

    fn new(interface: &NetworkInterface, cx: &Context<'_>) -> Self {
        let names = Names::of(interface, cx);
        let association = |private: &PrivateAddress| {
            let public = private.public.as_ref()?;
            let public_dns_name = names.public(Some(public), cx);
            Some(AssociationItem { public_ip: public.address, public_dns_name, ip_owner_id: owner_of(public, cx) })
        };
        let private = |(index, private): (usize, &PrivateAddress)| PrivateAddressItem {
            private_ip_address: private.address,
            private_dns_name: names.private(private.address, cx),
            primary: index == 0,
            association: association(private),
        };
        let attachment = interface.attachment.as_ref().map(|attachment| AttachmentItem {
            attachment_id: attachment.id,
            device_index: attachment.device_index,
            network_card_index: 0,
            status: "attached",
            attach_time: attachment.attach_time.to_string(),
            delete_on_termination: attachment.delete_on_termination,
        });
        Self {
            network_interface_id: interface.id,
            subnet_id: interface.subnet_id,
            vpc_id: interface.vpc_id,
            description: interface.description.clone(),
            owner_id: cx.account_id().to_owned(),
            status: interface.status(),
            mac_address: interface.mac_address.clone(),
            private_ip_address: interface.primary_address(),
            private_dns_name: interface.primary_address().and_then(|address| names.private(address, cx)),
            source_dest_check: interface.source_dest_check,
            group_set: group_set(&cx.region, &interface.groups),
            attachment,
            association: interface.primary.as_ref().and_then(association),
            private_ip_addresses_set: interface.private_addresses().enumerate().map(private).collect(),
            ipv6_addresses_set: interface.ipv6_address_items(),
            ipv4_prefix_set: interface.ipv4_prefix_items(),
            ipv6_prefix_set: interface.ipv6_prefix_items(),
            interface_type: "interface",
            operator: Operator::NONE,
        }
    }
}

impl Instance {
    pub(super) fn public_address<'c>(&self, cx: &'c Context<'_>) -> Option<&'c PublicAddress> {
        self.primary_interface(cx).and_then(NetworkInterface::primary_public)
    }

    /// The name inside the VPC; empty once the instance is terminated.
    pub(super) fn private_dns_name(&self, cx: &Context<'_>) -> String {
        let Some(interface) = self.primary_interface(cx) else { return String::new() };
        // Without an IPv4 address, the name is of the instance.
        let by_resource = interface.primary.is_none() || self.private_dns.hostname_type == HostnameType::ResourceName;
        let address = interface.primary_address().unwrap_or(Ipv4Addr::UNSPECIFIED);
        let by_address = private_dns_name(address, cx.region_name);
        match by_address.split_once('.') {
            Some((_, domain)) if by_resource => format!("{}.{domain}", self.id),
            _ => by_address,
        }
    }

    /// The name on the internet; empty where there is none.
    pub(super) fn public_dns_name(&self, cx: &Context<'_>) -> String {
        let name = |interface| Names::of(interface, cx).public(self.public_address(cx), cx);
        self.primary_interface(cx).map_or_else(String::new, name)
    }

    /// Why it is in its state, as code and message.
    pub(super) fn state_reason(&self) -> Option<(&'static str, &'static str)> {
        match self.state {
            InstanceState::Pending => Some(("pending", "pending")),
            InstanceState::Running => None,
            _ => Some(("Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown")),
        }
    }

    /// `User initiated (2026-11-23 18:43:58 GMT)`; empty while nobody ended it.
    pub(super) fn transition_reason(&self) -> String {
        let words = |at: crate::clock::Timestamp| format!("User initiated ({})", at.in_words());
        self.shutdown_initiated.map_or_else(String::new, words)
    }

    pub(super) fn cpu_options(&self) -> Option<CpuOptions> {
        self.cpu_options.or_else(|| instance_type::find(&self.instance_type).map(CpuOptions::default_of))
    }

    pub(super) fn boot_mode(&self) -> &'static str {
        let of_image = self.image.boot_mode.as_deref().is_some_and(|mode| mode.starts_with("uefi"));
        let of_type = instance_type::find(&self.instance_type)
            .is_some_and(|instance_type| instance_type.family.boot_modes.contains(&"uefi"));
        if of_image && of_type { "uefi" } else { "legacy-bios" }
    }
}

impl InstanceItem {
    pub(super) fn described(instance: &Instance, cx: &Context<'_>) -> Self {
        let interfaces = instance.interfaces(cx);
        let primary = instance.primary_interface(cx);
        let is_terminated = instance.state == InstanceState::Terminated;
        let group = instance.placement_group.filter(|_| !is_terminated);
        let group = group.and_then(|id| cx.region.get::<PlacementGroup>(id));
        Self {
            instance_id: instance.id,
            image_id: instance.image.id,
            instance_state: instance.state.into(),
            private_dns_name: instance.private_dns_name(cx),
            dns_name: instance.public_dns_name(cx),
            reason: instance.transition_reason(),
            key_name: instance.key_name.clone(),
            ami_launch_index: instance.launch_index,
            product_codes: Items::default(),
            instance_type: instance.instance_type.clone(),
            launch_time: instance.launch_time.to_string(),
            placement: Placement {
                availability_zone: instance.availability_zone.clone(),
                availability_zone_id: zone::zone_id(cx.region_name, &instance.availability_zone),
                group_name: group.map(|group| group.name.clone()).unwrap_or_default(),
                group_id: group.map(|group| group.id),
                partition_number: instance.partition_number.filter(|_| !is_terminated),
                tenancy: instance.tenancy.as_str(),
            },
            monitoring: Monitoring { state: instance.monitoring_state() },
            subnet_id: primary.map(|interface| interface.subnet_id),
            vpc_id: primary.map(|interface| interface.vpc_id),
            private_ip_address: primary.and_then(NetworkInterface::primary_address),
            ip_address: instance.public_address(cx).map(|public| public.address),
            ipv6_address: primary.and_then(|interface| interface.ipv6_addresses.first().copied()),
            source_dest_check: primary.map(|interface| interface.source_dest_check),
            group_set: primary.map(|interface| group_set(&cx.region, &interface.groups)).unwrap_or_default(),
            state_reason: instance.state_reason().map(|(code, message)| StateReason { code, message }),
            architecture: instance.image.architecture.clone(),
            root_device_type: Image::ROOT_DEVICE_TYPE,
            root_device_name: instance.image.root_device_name.clone(),
            block_device_mapping: instance.volumes(cx).into_iter().map(BlockDeviceItem::new).collect(),
            virtualization_type: Image::VIRTUALIZATION_TYPE,
            client_token: instance.client_token.clone(),
            tag_set: tag_set_or_none(&instance.tags),
            hypervisor: Image::HYPERVISOR,
            network_interface_set: interfaces.iter().map(|interface| InterfaceItem::new(interface, cx)).collect(),
            ebs_optimized: instance.ebs_optimized,
            ena_support: instance.ena_support,
            sriov_net_support: instance.sriov_net_support.then_some("simple"),
            iam_instance_profile: instance.profile.as_ref().map(|association| ProfileItem::new(&association.profile)),
            tpm_support: instance.image.tpm_support.clone(),
            cpu_options: instance.cpu_options(),
            capacity_reservation_specification: CapacityReservationSpecification {
                capacity_reservation_preference: instance.capacity.as_str(),
            },
            hibernation_options: Configured { configured: instance.hibernation },
            enclave_options: Enabled { enabled: instance.enclave },
            metadata_options: MetadataOptionsItem::new(instance),
            boot_mode: instance.image.boot_mode.clone(),
            current_instance_boot_mode: instance.boot_mode(),
            platform_details: Image::PLATFORM_DETAILS,
            usage_operation: Image::USAGE_OPERATION,
            usage_operation_update_time: instance.created.to_string(),
            private_dns_name_options: (!is_terminated).then(|| instance.private_dns.clone()),
            maintenance_options: MaintenanceOptions {
                auto_recovery: instance.auto_recovery.as_str(),
                reboot_migration: instance.reboot_migration.as_str(),
            },
            operator: Operator::NONE,
        }
    }

    /// RunInstances shows interfaces that are being attached, and neither volumes nor a public address.
    pub(super) fn launched(instance: &Instance, cx: &Context<'_>) -> Self {
        let interfaces = instance.interfaces(cx);
        Self {
            dns_name: String::new(),
            ip_address: None,
            block_device_mapping: Items::default(),
            network_interface_set: interfaces.iter().map(|interface| InterfaceItem::attaching(interface, cx)).collect(),
            ..Self::described(instance, cx)
        }
    }
}

impl Instance {
    pub(super) fn monitoring_state(&self) -> &'static str {
        match (self.monitoring, self.state) {
            (false, _) => "disabled",
            (true, InstanceState::Pending) => "pending",
            (true, _) => "enabled",
        }
    }
}
