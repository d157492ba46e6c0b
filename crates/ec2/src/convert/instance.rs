//! Instances, network interfaces and key pairs.

use aws_sdk_ec2::types as sdk;
use vpcrun_model::{
    EbsInstanceBlockDevice, GroupIdentifier, IamInstanceProfile, Instance, InstanceBlockDevice,
    InstanceNetworkInterface, InstanceState, InstanceStateName, KeyPairInfo, Monitoring, NetworkInterface,
    NetworkInterfaceAssociation, NetworkInterfaceAttachment, NetworkInterfaceIpv6Address,
    NetworkInterfacePrivateIpAddress, Placement, ReservationId, StateReason,
};

use super::{Read, Unreadable, each, maybe, need, of, tags, time, unsigned};
use crate::Error;

/// The instances of a reservation in an answer of `action`.
pub(crate) fn reservation(action: &str, from: sdk::Reservation) -> Result<Vec<Instance>, Error> {
    let id: Option<ReservationId> = of(action, maybe("ReservationId", from.reservation_id))?;
    let instances = from.instances.unwrap_or_default().into_iter();
    instances.map(|one| of(action, instance(id, from.owner_id.clone(), one))).collect()
}

/// An instance. Its reservation's id and owner stand beside it in EC2's answer, in the reservation.
fn instance(reservation_id: Option<ReservationId>, owner_id: Option<String>, from: sdk::Instance) -> Read<Instance> {
    Ok(Instance {
        instance_id: need("InstanceId", from.instance_id)?,
        reservation_id,
        owner_id,
        // moto gives the SSM parameter of the request back instead of an image id; no plan or check hangs on it.
        image_id: from.image_id.and_then(|id| id.parse().ok()),
        instance_type: from.instance_type.map(|kind| kind.as_str().to_owned()),
        key_name: from.key_name.filter(|name| !name.is_empty()),
        ami_launch_index: unsigned(from.ami_launch_index),
        client_token: from.client_token,
        launch_time: time(from.launch_time),
        state: state(from.state)?,
        state_reason: from.state_reason.map(|from| StateReason { code: from.code, message: from.message }),
        state_transition_reason: from.state_transition_reason,
        placement: from.placement.map(|from| Placement {
            availability_zone: from.availability_zone,
            availability_zone_id: from.availability_zone_id,
            group_name: from.group_name,
            tenancy: from.tenancy.map(|tenancy| tenancy.as_str().to_owned()),
        }),
        vpc_id: maybe("VpcId", from.vpc_id)?,
        subnet_id: maybe("SubnetId", from.subnet_id)?,
        private_ip_address: maybe("PrivateIpAddress", from.private_ip_address)?,
        private_dns_name: from.private_dns_name,
        public_ip_address: maybe("PublicIpAddress", from.public_ip_address)?,
        public_dns_name: from.public_dns_name,
        security_groups: each(from.security_groups, group)?,
        network_interfaces: each(from.network_interfaces, instance_network_interface)?,
        source_dest_check: from.source_dest_check,
        architecture: from.architecture.map(|name| name.as_str().to_owned()),
        platform_details: from.platform_details,
        hypervisor: from.hypervisor.map(|name| name.as_str().to_owned()),
        virtualization_type: from.virtualization_type.map(|name| name.as_str().to_owned()),
        root_device_name: from.root_device_name,
        root_device_type: from.root_device_type.map(|name| name.as_str().to_owned()),
        block_device_mappings: each(from.block_device_mappings, block_device)?,
        ebs_optimized: from.ebs_optimized,
        ena_support: from.ena_support,
        iam_instance_profile: from.iam_instance_profile.map(|from| IamInstanceProfile { arn: from.arn, id: from.id }),
        monitoring: from
            .monitoring
            .and_then(|from| from.state)
            .map(|state| Monitoring { state: state.as_str().to_owned() }),
        tags: tags(from.tags),
    })
}

/// The name decides: the number carries AWS's internal bits too.
fn state(from: Option<sdk::InstanceState>) -> Read<InstanceState> {
    let from = from.ok_or(Unreadable::Missing("State"))?;
    let name: InstanceStateName = need("State.Name", from.name)?;
    Ok(InstanceState { code: from.code.unwrap_or(name.code()), name })
}

fn instance_network_interface(from: sdk::InstanceNetworkInterface) -> Read<InstanceNetworkInterface> {
    Ok(InstanceNetworkInterface {
        network_interface_id: need("NetworkInterfaceId", from.network_interface_id)?,
        subnet_id: maybe("SubnetId", from.subnet_id)?,
        vpc_id: maybe("VpcId", from.vpc_id)?,
        owner_id: from.owner_id,
        description: from.description.unwrap_or_default(),
        interface_type: from.interface_type,
        status: maybe("Status", from.status)?,
        attachment: from
            .attachment
            .map(|from| {
                Ok(NetworkInterfaceAttachment {
                    attachment_id: maybe("AttachmentId", from.attachment_id)?,
                    instance_id: None,
                    instance_owner_id: None,
                    device_index: unsigned(from.device_index),
                    network_card_index: unsigned(from.network_card_index),
                    status: maybe("Status", from.status)?,
                    attach_time: time(from.attach_time),
                    delete_on_termination: from.delete_on_termination.unwrap_or_default(),
                })
            })
            .transpose()?,
        association: instance_association(from.association)?,
        groups: each(from.groups, group)?,
        ipv6_addresses: each(from.ipv6_addresses, |from| {
            Ok(NetworkInterfaceIpv6Address { ipv6_address: need("Ipv6Address", from.ipv6_address)? })
        })?,
        mac_address: from.mac_address,
        private_dns_name: from.private_dns_name,
        private_ip_address: maybe("PrivateIpAddress", from.private_ip_address)?,
        private_ip_addresses: each(from.private_ip_addresses, |from| {
            Ok(NetworkInterfacePrivateIpAddress {
                private_ip_address: need("PrivateIpAddress", from.private_ip_address)?,
                private_dns_name: from.private_dns_name,
                primary: from.primary.unwrap_or_default(),
                association: instance_association(from.association)?,
            })
        })?,
        source_dest_check: from.source_dest_check,
    })
}

fn instance_association(
    from: Option<sdk::InstanceNetworkInterfaceAssociation>,
) -> Read<Option<NetworkInterfaceAssociation>> {
    let Some(from) = from.filter(|from| from.public_ip.is_some()) else { return Ok(None) };
    Ok(Some(NetworkInterfaceAssociation {
        public_ip: need("PublicIp", from.public_ip)?,
        public_dns_name: from.public_dns_name,
        ip_owner_id: from.ip_owner_id,
        allocation_id: None,
        association_id: None,
    }))
}

fn group(from: sdk::GroupIdentifier) -> Read<GroupIdentifier> {
    Ok(GroupIdentifier { group_id: need("GroupId", from.group_id)?, group_name: from.group_name })
}

fn block_device(from: sdk::InstanceBlockDeviceMapping) -> Read<InstanceBlockDevice> {
    let ebs = from.ebs.map(|from| {
        Ok(EbsInstanceBlockDevice {
            volume_id: need("VolumeId", from.volume_id)?,
            status: from.status.map(|status| status.as_str().to_owned()),
            attach_time: time(from.attach_time),
            delete_on_termination: from.delete_on_termination.unwrap_or_default(),
        })
    });
    Ok(InstanceBlockDevice { device_name: need("DeviceName", from.device_name)?, ebs: ebs.transpose()? })
}

pub(crate) fn network_interface(from: sdk::NetworkInterface) -> Read<NetworkInterface> {
    Ok(NetworkInterface {
        network_interface_id: need("NetworkInterfaceId", from.network_interface_id)?,
        subnet_id: need("SubnetId", from.subnet_id)?,
        vpc_id: need("VpcId", from.vpc_id)?,
        availability_zone: from.availability_zone,
        owner_id: from.owner_id,
        description: from.description.unwrap_or_default(),
        interface_type: from.interface_type.map(|kind| kind.as_str().to_owned()),
        requester_id: from.requester_id,
        requester_managed: from.requester_managed.unwrap_or_default(),
        status: need("Status", from.status)?,
        attachment: from
            .attachment
            .filter(|from| from.attachment_id.is_some())
            .map(|from| {
                Ok(NetworkInterfaceAttachment {
                    attachment_id: maybe("AttachmentId", from.attachment_id)?,
                    instance_id: maybe("InstanceId", from.instance_id)?,
                    instance_owner_id: from.instance_owner_id,
                    device_index: unsigned(from.device_index),
                    network_card_index: unsigned(from.network_card_index),
                    status: maybe("Status", from.status)?,
                    attach_time: time(from.attach_time),
                    delete_on_termination: from.delete_on_termination.unwrap_or_default(),
                })
            })
            .transpose()?,
        association: association(from.association)?,
        groups: each(from.groups, group)?,
        ipv6_addresses: each(from.ipv6_addresses, |from| {
            Ok(NetworkInterfaceIpv6Address { ipv6_address: need("Ipv6Address", from.ipv6_address)? })
        })?,
        mac_address: from.mac_address,
        private_dns_name: from.private_dns_name,
        private_ip_address: maybe("PrivateIpAddress", from.private_ip_address)?,
        private_ip_addresses: each(from.private_ip_addresses, |from| {
            Ok(NetworkInterfacePrivateIpAddress {
                private_ip_address: need("PrivateIpAddress", from.private_ip_address)?,
                private_dns_name: from.private_dns_name,
                primary: from.primary.unwrap_or_default(),
                association: association(from.association)?,
            })
        })?,
        source_dest_check: from.source_dest_check,
        tag_set: tags(from.tag_set),
    })
}

fn association(from: Option<sdk::NetworkInterfaceAssociation>) -> Read<Option<NetworkInterfaceAssociation>> {
    let Some(from) = from.filter(|from| from.public_ip.is_some()) else { return Ok(None) };
    Ok(Some(NetworkInterfaceAssociation {
        public_ip: need("PublicIp", from.public_ip)?,
        public_dns_name: from.public_dns_name,
        ip_owner_id: from.ip_owner_id,
        allocation_id: maybe("AllocationId", from.allocation_id)?,
        association_id: maybe("AssociationId", from.association_id)?,
    }))
}

pub(crate) fn key_pair(from: sdk::KeyPairInfo) -> Read<KeyPairInfo> {
    Ok(KeyPairInfo {
        key_pair_id: need("KeyPairId", from.key_pair_id)?,
        key_name: need("KeyName", from.key_name)?,
        key_type: maybe("KeyType", from.key_type)?,
        key_fingerprint: from.key_fingerprint,
        public_key: from.public_key.filter(|text| !text.is_empty()),
        create_time: time(from.create_time),
        tags: tags(from.tags),
    })
}
