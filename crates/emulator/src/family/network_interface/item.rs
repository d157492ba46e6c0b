//! Network interfaces as answers show them, and DNS names.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::Ipv6Net;
use serde::Serialize;
use serde_with::skip_serializing_none;
use vpcrun_model::{AddressAssociationId, AllocationId, InstanceId, NetworkInterfaceId, SubnetId, VpcId};

use super::attribute::ConnectionTracking;
use super::{Ipv4PrefixItem, NetworkInterface, PrivateAddress, PublicAddress};
use crate::action::Context;
use crate::family::security_group::{GroupIdentifier, group_set};
use crate::family::subnet::Subnet;
use crate::family::tag::{TagItem, tag_set};
use crate::family::vpc::Vpc;
use crate::family::zone;
use crate::wire::Items;

/// `ip-192-168-1-4.ap-northeast-1.compute.internal`. us-east-1 has a domain of its own.
/// Source: "EC2 instance hostnames and domains" in the EC2 User Guide.
pub(crate) fn private_dns_name(address: Ipv4Addr, region_name: &str) -> String {
    let host = dashed(address);
    match region_name {
        "us-east-1" => format!("ip-{host}.ec2.internal"),
        region => format!("ip-{host}.{region}.compute.internal"),
    }
}

/// `ec2-203-0-113-10.ap-northeast-1.compute.amazonaws.com`. us-east-1 has a domain of its own.
/// Source: "DNS attributes for your VPC" in the Amazon VPC User Guide.
pub(crate) fn public_dns_name(address: Ipv4Addr, region_name: &str) -> String {
    let host = dashed(address);
    match region_name {
        "us-east-1" => format!("ec2-{host}.compute-1.amazonaws.com"),
        region => format!("ec2-{host}.{region}.compute.amazonaws.com"),
    }
}

fn dashed(address: Ipv4Addr) -> String {
    address.to_string().replace('.', "-")
}

/// Whether a service manages the resource: none does here.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Operator {
    managed: bool,
}

impl Operator {
    pub(crate) const NONE: Self = Self { managed: false };
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NetworkInterfaceItem {
    network_interface_id: NetworkInterfaceId,
    subnet_id: SubnetId,
    vpc_id: VpcId,
    availability_zone: String,
    description: String,
    owner_id: String,
    requester_id: Option<String>,
    requester_managed: bool,
    status: &'static str,
    mac_address: String,
    private_ip_address: Option<Ipv4Addr>,
    private_dns_name: Option<String>,
    public_dns_name: Option<String>,
    source_dest_check: bool,
    group_set: Items<GroupIdentifier>,
    attachment: Option<AttachmentItem>,
    association: Option<AssociationItem>,
    tag_set: Items<TagItem>,
    private_ip_addresses_set: Items<PrivateAddressItem>,
    ipv6_addresses_set: Items<Ipv6AddressItem>,
    ipv4_prefix_set: Option<Items<Ipv4PrefixItem>>,
    ipv6_prefix_set: Option<Items<Ipv6PrefixItem>>,
    ipv6_address: Option<Ipv6Addr>,
    ipv6_native: Option<bool>,
    connection_tracking_configuration: Option<ConnectionTracking>,
    interface_type: &'static str,
    operator: Operator,
    availability_zone_id: String,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttachmentItem {
    pub(super) attachment_id: String,
    pub(super) instance_id: Option<InstanceId>,
    pub(super) instance_owner_id: String,
    pub(super) device_index: u8,
    network_card_index: u8,
    pub(super) status: &'static str,
    pub(super) attach_time: String,
    pub(super) delete_on_termination: bool,
}

impl AttachmentItem {
    pub(super) fn of(interface: &NetworkInterface, cx: &Context<'_>) -> Option<Self> {
        if let Some(managed) = &interface.managed {
            return Some(Self {
                attachment_id: managed.attachment_id.to_string(),
                instance_id: None,
                instance_owner_id: "amazon-aws".to_owned(),
                device_index: 1,
                network_card_index: 0,
                status: "attached",
                attach_time: managed.attach_time.to_string(),
                delete_on_termination: false,
            });
        }
        let attachment = interface.attachment.as_ref()?;
        Some(Self {
            attachment_id: attachment.id.to_string(),
            instance_id: Some(attachment.instance_id),
            instance_owner_id: cx.account_id().to_owned(),
            device_index: attachment.device_index,
            network_card_index: 0,
            status: "attached",
            attach_time: attachment.attach_time.to_string(),
            delete_on_termination: attachment.delete_on_termination,
        })
    }
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AssociationItem {
    public_ip: Ipv4Addr,
    public_dns_name: String,
    ip_owner_id: String,
    allocation_id: Option<AllocationId>,
    association_id: Option<AddressAssociationId>,
}

impl AssociationItem {
    fn new(public: &PublicAddress, names: &Names, cx: &Context<'_>) -> Self {
        Self {
            public_ip: public.address,
            public_dns_name: names.public(Some(public), cx),
            ip_owner_id: owner_of(public, cx),
            allocation_id: public.elastic_ip.map(|(allocation, _)| allocation),
            association_id: public.elastic_ip.map(|(_, association)| association),
        }
    }
}

/// An IPv6 address in an answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ipv6AddressItem {
    ipv6_address: Ipv6Addr,
    is_primary_ipv6: bool,
}

/// An IPv6 prefix in an answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ipv6PrefixItem {
    ipv6_prefix: String,
}

impl NetworkInterface {
    pub(crate) fn ipv6_address_items(&self) -> Items<Ipv6AddressItem> {
        let primary = self.primary_ipv6_address();
        let item =
            |address: &Ipv6Addr| Ipv6AddressItem { ipv6_address: *address, is_primary_ipv6: primary == Some(*address) };
        self.ipv6_addresses.iter().map(item).collect()
    }

    /// Left out where there is none.
    pub(crate) fn ipv4_prefix_items(&self) -> Option<Items<Ipv4PrefixItem>> {
        (!self.ipv4_prefixes.is_empty()).then(|| self.ipv4_prefixes.iter().map(Ipv4PrefixItem::new).collect())
    }

    /// Left out where there is none.
    pub(crate) fn ipv6_prefix_items(&self) -> Option<Items<Ipv6PrefixItem>> {
        let item = |prefix: &Ipv6Net| Ipv6PrefixItem { ipv6_prefix: prefix.to_string() };
        (!self.ipv6_prefixes.is_empty()).then(|| self.ipv6_prefixes.iter().map(item).collect())
    }
}

/// Who a public address belongs to: the account, or `amazon`, who lent it.
pub(crate) fn owner_of(public: &PublicAddress, cx: &Context<'_>) -> String {
    if public.elastic_ip.is_some() { cx.account_id().to_owned() } else { "amazon".to_owned() }
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

/// Which names a VPC gives to interfaces: those with `enableDnsHostnames`.
pub(crate) struct Names {
    hostnames: bool,
}

impl Names {
    pub(crate) fn of(interface: &NetworkInterface, cx: &Context<'_>) -> Self {
        let vpc = cx.region.get::<Vpc>(interface.vpc_id);
        Self { hostnames: vpc.is_some_and(|vpc| vpc.enable_dns_support && vpc.enable_dns_hostnames) }
    }

    pub(crate) fn private(&self, address: Ipv4Addr, cx: &Context<'_>) -> Option<String> {
        self.hostnames.then(|| private_dns_name(address, cx.region_name))
    }

    /// Empty where there is no name.
    pub(crate) fn public(&self, public: Option<&PublicAddress>, cx: &Context<'_>) -> String {
        let public = public.filter(|_| self.hostnames);
        public.map_or_else(String::new, |public| public_dns_name(public.address, cx.region_name))
    }
}

/// Who asked for an interface: a service, or the account's root user, whose id is the account's. A launch names nobody.
pub(super) fn requester_id(interface: &NetworkInterface, cx: &Context<'_>) -> Option<String> {
    match &interface.managed {
        Some(managed) => Some(managed.requester_id().to_owned()),
        None => interface.created_by_caller.then(|| cx.account_id().to_owned()),
    }
}

/// The zone of an interface: its subnet's.
pub(crate) fn zone_of(interface: &NetworkInterface, cx: &Context<'_>) -> String {
    cx.region.get::<Subnet>(interface.subnet_id).map(|subnet| subnet.availability_zone.clone()).unwrap_or_default()
}

impl NetworkInterfaceItem {
    pub(super) fn described(interface: &NetworkInterface, cx: &Context<'_>) -> Self {
        let names = Names::of(interface, cx);
        let primary = interface.primary_address();
        let zone = zone_of(interface, cx);
        let association = |private: &PrivateAddress| Some(AssociationItem::new(private.public.as_ref()?, &names, cx));
        let private = |(index, private): (usize, &PrivateAddress)| PrivateAddressItem {
            private_ip_address: private.address,
            // A secondary address shows an empty name where the primary shows none.
            private_dns_name: names.private(private.address, cx).or_else(|| (index > 0).then(String::new)),
            primary: index == 0,
            association: association(private),
        };
        Self {
            network_interface_id: interface.id,
            subnet_id: interface.subnet_id,
            vpc_id: interface.vpc_id,
            availability_zone_id: zone::zone_id(cx.region_name, &zone),
            availability_zone: zone,
            description: interface.description.clone(),
            owner_id: cx.account_id().to_owned(),
            requester_id: requester_id(interface, cx),
            requester_managed: interface.managed.is_some(),
            status: interface.status(),
            mac_address: interface.mac_address.clone(),
            private_ip_address: primary,
            private_dns_name: primary.and_then(|address| names.private(address, cx)),
            public_dns_name: Some(names.public(interface.primary_public(), cx)),
            source_dest_check: interface.source_dest_check,
            group_set: group_set(&cx.region, &interface.groups),
            attachment: AttachmentItem::of(interface, cx),
            association: interface.primary.as_ref().and_then(association),
            tag_set: tag_set(&interface.tags),
            private_ip_addresses_set: interface.private_addresses().enumerate().map(private).collect(),
            ipv6_addresses_set: interface.ipv6_address_items(),
            ipv4_prefix_set: interface.ipv4_prefix_items(),
            ipv6_prefix_set: interface.ipv6_prefix_items(),
            ipv6_address: interface.ipv6_addresses.first().copied(),
            ipv6_native: interface.primary.is_none().then_some(true),
            connection_tracking_configuration: interface.connection_tracking,
            interface_type: interface.interface_type(),
            operator: Operator::NONE,
        }
    }

    /// CreateNetworkInterface shows `pending` and no public name.
    pub(super) fn created(interface: &NetworkInterface, cx: &Context<'_>) -> Self {
        Self { status: "pending", public_dns_name: None, ..Self::described(interface, cx) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn us_east_1_has_domains_of_its_own() {
        let address = Ipv4Addr::new(203, 0, 113, 10);
        assert_eq!(public_dns_name(address, "ap-northeast-1"), "ec2-203-0-113-10.ap-northeast-1.compute.amazonaws.com");
        assert_eq!(public_dns_name(address, "us-east-1"), "ec2-203-0-113-10.compute-1.amazonaws.com");
        assert_eq!(private_dns_name(address, "us-east-1"), "ip-203-0-113-10.ec2.internal");
    }
}
