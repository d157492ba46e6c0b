//! The filters of DescribeInstances.

use super::Instance;
use super::profile::InstanceProfile;
use crate::action::Context;
use crate::describe::{FilterTable, flag, optional, text};
use crate::family::image::Image;
use crate::family::network_interface::{NetworkInterface, group_names};
use crate::family::placement_group::PlacementGroup;
use crate::family::subnet::HostnameType;
use crate::family::volume::{Attachment, Volume};
use crate::family::zone;

/// The values that the instance's network interfaces have under one of their own filters.
fn of_interfaces(instance: &Instance, cx: &Context<'_>, filter: &str) -> Vec<String> {
    let values = NetworkInterface::FILTERS.iter().find(|(name, _)| *name == filter).map(|(_, values)| values);
    let interfaces = instance.interfaces(cx);
    values.map(|values| interfaces.iter().flat_map(|interface| values(interface, cx)).collect()).unwrap_or_default()
}

fn of_primary(instance: &Instance, cx: &Context<'_>, values: impl Fn(&NetworkInterface) -> Vec<String>) -> Vec<String> {
    instance.primary_interface(cx).map(values).unwrap_or_default()
}

fn of_volumes<T: ToString>(
    instance: &Instance,
    cx: &Context<'_>,
    value: impl Fn((&Volume, &Attachment)) -> T,
) -> Vec<String> {
    instance.volumes(cx).into_iter().map(|volume| value(volume).to_string()).collect()
}

fn of_group(instance: &Instance, cx: &Context<'_>) -> Vec<String> {
    let group = instance.placement_group.and_then(|id| cx.region.get::<PlacementGroup>(id));
    optional(group.map(|group| &group.name))
}

fn of_profile(instance: &Instance, value: impl Fn(&InstanceProfile) -> String) -> Vec<String> {
    optional(instance.profile.as_ref().map(|association| value(&association.profile)))
}

fn groups_of(instance: &Instance, cx: &Context<'_>) -> Vec<String> {
    of_primary(instance, cx, |interface| interface.groups.iter().map(ToString::to_string).collect())
}

/// A table of the instance's own filters, those that follow the filters of network interfaces under the prefix
/// `network-interface.`, and those that no instance here has a value for.
macro_rules! filters {
    (own: [$($own:expr,)*] interface: [$($interface:literal,)*] absent: [$($absent:literal,)*]) => {
        &[
            $($own,)*
            $((concat!("network-interface.", $interface), |instance, cx| of_interfaces(instance, cx, $interface)),)*
            $(($absent, |_, _| Vec::new()),)*
        ]
    };
}

impl Instance {
    pub(super) const FILTERS: FilterTable<Self> = filters! {
        own: [
            ("architecture", |instance, _| text(&instance.image.architecture)),
            ("availability-zone", |instance, _| text(&instance.availability_zone)),
            ("availability-zone-id", |instance, cx| text(zone::zone_id(cx.region_name, &instance.availability_zone))),
            ("block-device-mapping.attach-time", |instance, cx| {
                of_volumes(instance, cx, |(_, attachment)| attachment.attach_time)
            }),
            ("block-device-mapping.delete-on-termination", |instance, cx| {
                of_volumes(instance, cx, |(_, attachment)| attachment.delete_on_termination)
            }),
            ("block-device-mapping.device-name", |instance, cx| {
                of_volumes(instance, cx, |(_, attachment)| attachment.device.clone())
            }),
            ("block-device-mapping.status", |instance, cx| of_volumes(instance, cx, |_| "attached")),
            ("block-device-mapping.volume-id", |instance, cx| of_volumes(instance, cx, |(volume, _)| volume.id)),
            ("boot-mode", |instance, _| optional(instance.image.boot_mode.as_deref())),
            ("capacity-reservation-specification.capacity-reservation-preference", |instance, _| {
                text(instance.capacity.as_str())
            }),
            ("client-token", |instance, _| text(&instance.client_token)),
            ("current-instance-boot-mode", |instance, _| text(instance.boot_mode())),
            ("dns-name", |instance, cx| text(instance.public_dns_name(cx))),
            ("ebs-optimized", |instance, _| flag(instance.ebs_optimized)),
            ("ena-support", |instance, _| flag(instance.ena_support)),
            ("enclave-options.enabled", |instance, _| flag(instance.enclave)),
            ("group-id", groups_of),
            ("group-name", |instance, cx| of_primary(instance, cx, |interface| group_names(interface, cx))),
            ("hibernation-options.configured", |instance, _| flag(instance.hibernation)),
            ("hypervisor", |_, _| text(Image::HYPERVISOR)),
            ("iam-instance-profile.arn", |instance, _| of_profile(instance, |profile| profile.arn.clone())),
            ("iam-instance-profile.id", |instance, _| of_profile(instance, InstanceProfile::id)),
            ("iam-instance-profile.name", |instance, _| of_profile(instance, |profile| profile.name().to_owned())),
            ("image-id", |instance, _| text(instance.image.id)),
            ("instance-id", |instance, _| text(instance.id)),
            ("instance-state-code", |instance, _| text(instance.state.code())),
            ("instance-state-name", |instance, _| text(instance.state.name())),
            ("instance-type", |instance, _| text(&instance.instance_type)),
            ("instance.group-id", groups_of),
            ("instance.group-name", |instance, cx| of_primary(instance, cx, |interface| group_names(interface, cx))),
            ("ip-address", |instance, cx| optional(instance.public_address(cx).map(|public| public.address))),
            ("ipv6-address", |instance, cx| {
                of_primary(instance, cx, |interface| interface.ipv6_addresses.iter().map(ToString::to_string).collect())
            }),
            ("key-name", |instance, _| optional(instance.key_name.as_deref())),
            ("launch-index", |instance, _| text(instance.launch_index)),
            ("launch-time", |instance, _| text(instance.launch_time)),
            ("maintenance-options.auto-recovery", |instance, _| text(instance.auto_recovery.as_str())),
            ("metadata-options.http-endpoint", |instance, _| text(instance.metadata_options.http_endpoint())),
            ("metadata-options.http-put-response-hop-limit", |instance, _| {
                text(instance.metadata_options.http_put_response_hop_limit())
            }),
            ("metadata-options.http-tokens", |instance, _| text(instance.metadata_options.http_tokens())),
            ("metadata-options.instance-metadata-tags", |instance, _| {
                text(instance.metadata_options.instance_metadata_tags())
            }),
            ("monitoring-state", |instance, _| text(instance.monitoring_state())),
            ("operator.managed", |_, _| flag(false)),
            ("owner-id", |_, cx| text(cx.account_id())),
            ("placement-group-name", of_group),
            ("placement-partition-number", |instance, _| optional(instance.partition_number)),
            ("platform-details", |_, _| text(Image::PLATFORM_DETAILS)),
            ("private-dns-name", |instance, cx| text(instance.private_dns_name(cx))),
            ("private-dns-name-options.enable-resource-name-dns-a-record", |instance, _| {
                flag(instance.private_dns.enable_resource_name_dns_a_record)
            }),
            ("private-dns-name-options.enable-resource-name-dns-aaaa-record", |instance, _| {
                flag(instance.private_dns.enable_resource_name_dns_aaaa_record)
            }),
            ("private-dns-name-options.hostname-type", |instance, _| match instance.private_dns.hostname_type {
                HostnameType::IpName => text("ip-name"),
                HostnameType::ResourceName => text("resource-name"),
            }),
            ("private-ip-address", |instance, cx| {
                of_primary(instance, cx, |interface| optional(interface.primary_address()))
            }),
            ("reason", |instance, _| text(instance.transition_reason())),
            ("reservation-id", |instance, _| text(instance.reservation_id)),
            ("root-device-name", |instance, _| text(&instance.image.root_device_name)),
            ("root-device-type", |_, _| text(Image::ROOT_DEVICE_TYPE)),
            ("source-dest-check", |instance, cx| {
                of_primary(instance, cx, |interface| flag(interface.source_dest_check))
            }),
            ("state-reason-code", |instance, _| optional(instance.state_reason().map(|(code, _)| code))),
            ("state-reason-message", |instance, _| optional(instance.state_reason().map(|(_, message)| message))),
            ("subnet-id", |instance, cx| of_primary(instance, cx, |interface| text(interface.subnet_id))),
            ("tenancy", |instance, _| text(instance.tenancy.as_str())),
            ("tpm-support", |instance, _| optional(instance.image.tpm_support.as_deref())),
            ("usage-operation", |_, _| text(Image::USAGE_OPERATION)),
            ("usage-operation-update-time", |instance, _| text(instance.created)),
            ("virtualization-type", |_, _| text(Image::VIRTUALIZATION_TYPE)),
            ("vpc-id", |instance, cx| of_primary(instance, cx, |interface| text(interface.vpc_id))),
        ]
        interface: [
            "addresses.association.public-ip",
            "addresses.primary",
            "addresses.private-ip-address",
            "association.allocation-id",
            "association.association-id",
            "association.ip-owner-id",
            "association.public-dns-name",
            "association.public-ip",
            "attachment.attach-time",
            "attachment.attachment-id",
            "attachment.delete-on-termination",
            "attachment.device-index",
            "attachment.instance-id",
            "attachment.instance-owner-id",
            "attachment.status",
            "availability-zone",
            "description",
            "group-id",
            "group-name",
            "ipv6-addresses.ipv6-address",
            "mac-address",
            "network-interface-id",
            "operator.managed",
            "owner-id",
            "private-dns-name",
            "private-ip-address",
            "requester-id",
            "requester-managed",
            "source-dest-check",
            "status",
            "subnet-id",
            "vpc-id",
        ]
        absent: [
            "affinity",
            "capacity-reservation-id",
            "host-id",
            "instance-lifecycle",
            "kernel-id",
            "operator.principal",
            "outpost-arn",
            "platform",
            "product-code",
            "product-code.type",
            "ramdisk-id",
            "requester-id",
            "spot-instance-request-id",
        ]
    };
}
