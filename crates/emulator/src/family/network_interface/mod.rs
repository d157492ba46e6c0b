//! Network interfaces: the root of dependencies. A subnet, group or VPC stays as long as one hangs on it.
//!
//! Sources: the actions' pages in the EC2 API Reference, "Elastic network interfaces" in the EC2 User Guide, and answers
//! recorded on AWS.

mod address_request;
mod attachment;
mod attribute;
mod create;
mod describe;
mod ipv6_address;
mod item;
mod managed;
mod pool;
mod private_address;

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use vpcrun_model::{
    AddressAssociationId, AllocationId, InstanceId, NetworkInterfaceAttachmentId, NetworkInterfaceId, ResourceId,
    SecurityGroupId, SubnetId, VpcId,
};

use crate::action::{Context, actions};
use crate::clock::Timestamp;
use crate::error::IdWording;
use crate::family::instance::Instance;
use crate::state::{Region, Tags, resource};

pub(crate) use address_request::{
    AddressRequest, Ipv4PrefixParameter, Ipv6AddressParameter, Ipv6PrefixParameter, Ipv6Request,
    PrivateIpAddressSpecification, Wording, choose_more,
};
use attachment::{AttachNetworkInterface, DetachNetworkInterface};
pub(crate) use attachment::{attachment, check_attachable};
pub(crate) use attribute::{AttributeText, TextValue, other_network};
use attribute::{
    ConnectionTracking, DescribeNetworkInterfaceAttribute, ModifyNetworkInterfaceAttribute,
    ResetNetworkInterfaceAttribute,
};
use create::{CreateNetworkInterface, DeleteNetworkInterface, InterfaceType};
pub(crate) use create::{New, create, different_networks};
use describe::DescribeNetworkInterfaces;
pub(crate) use describe::group_names;
use ipv6_address::{AssignIpv6Addresses, UnassignIpv6Addresses};
pub(crate) use item::{Ipv6AddressItem, Ipv6PrefixItem, Names, Operator, owner_of, private_dns_name};
#[allow(unused_imports, reason = "NAT gateways and endpoints come to use them")]
pub(crate) use managed::{Managed, check_unmanaged, create_managed, managed_by, remove_managed};
pub(crate) use private_address::Ipv4PrefixItem;
use private_address::{AssignPrivateIpAddresses, UnassignPrivateIpAddresses};

actions![
    AssignIpv6Addresses,
    AssignPrivateIpAddresses,
    AttachNetworkInterface,
    CreateNetworkInterface,
    DeleteNetworkInterface,
    DescribeNetworkInterfaceAttribute,
    DescribeNetworkInterfaces,
    DetachNetworkInterface,
    ModifyNetworkInterfaceAttribute,
    ResetNetworkInterfaceAttribute,
    UnassignIpv6Addresses,
    UnassignPrivateIpAddresses,
];

/// A network interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NetworkInterface {
    pub(crate) id: NetworkInterfaceId,
    pub(crate) vpc_id: VpcId,
    pub(crate) subnet_id: SubnetId,
    pub(crate) description: String,
    pub(crate) mac_address: String,
    pub(crate) groups: Vec<SecurityGroupId>,
    pub(crate) source_dest_check: bool,
    /// Whether EC2 lends the instance a public address while it runs, as long as it has no Elastic IP address.
    pub(crate) associate_public_ip_address: bool,
    /// `None` in an IPv6-only subnet, where there are no secondary ones either.
    pub(crate) primary: Option<PrivateAddress>,
    pub(crate) secondaries: Vec<PrivateAddress>,
    #[serde(default)]
    pub(crate) ipv4_prefixes: Vec<Ipv4Net>,
    #[serde(default)]
    pub(crate) ipv6_addresses: Vec<Ipv6Addr>,
    #[serde(default)]
    pub(crate) ipv6_prefixes: Vec<Ipv6Net>,
    /// Whether the first IPv6 address is the primary one, which stays.
    #[serde(default)]
    primary_ipv6: bool,
    #[serde(default)]
    connection_tracking: Option<ConnectionTracking>,
    /// What it was created as.
    #[serde(default)]
    created_as: InterfaceType,
    pub(crate) attachment: Option<Attachment>,
    /// The hold of the service that made the interface for one of its resources; `None` for the account's own.
    #[serde(default)]
    pub(crate) managed: Option<Managed>,
    /// Whether CreateNetworkInterface made it, rather than a launch.
    pub(crate) created_by_caller: bool,
    pub(crate) tags: Tags,
}

resource!(
    NetworkInterface as NetworkInterface,
    NetworkInterfaceId,
    "network-interface",
    IdWording {
        noun: "networkInterface",
        not_found: "InvalidNetworkInterfaceID.NotFound",
        malformed: "InvalidNetworkInterfaceId.Malformed",
    },
    fn references(&self) -> Vec<ResourceId> {
        let mut references: Vec<ResourceId> = vec![self.vpc_id.into(), self.subnet_id.into()];
        references.extend(self.groups.iter().copied().map(ResourceId::from));
        references.extend(self.attachment.iter().map(|attachment| ResourceId::from(attachment.instance_id)));
        references.extend(self.managed.iter().map(|managed| managed.owner));
        references.extend(self.elastic_ips().map(|(_, allocation, _)| ResourceId::from(allocation)));
        references
    },
    fn indexed_filters() -> &'static [&'static str] {
        &["subnet-id", "vpc-id"]
    },
    fn aliases(&self) -> Vec<String> {
        let mut aliases: Vec<String> = self.attachment.iter().map(|attachment| attachment.id.to_string()).collect();
        aliases.extend(self.managed.iter().map(|managed| managed.attachment_id.to_string()));
        aliases.extend(self.elastic_ips().map(|(_, _, association)| association.to_string()));
        let lent = self.publics().filter(|(_, public)| public.elastic_ip.is_none());
        aliases.extend(lent.map(|(_, public)| public.address.to_string()));
        aliases
    }
);

/// A private address of an interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PrivateAddress {
    pub(crate) address: Ipv4Addr,
    /// The public address that an internet gateway translates it to.
    pub(crate) public: Option<PublicAddress>,
}

impl PrivateAddress {
    pub(crate) fn new(address: Ipv4Addr) -> Self {
        Self { address, public: None }
    }
}

/// A public address that is mapped to a private one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PublicAddress {
    pub(crate) address: Ipv4Addr,
    /// The Elastic IP address it is; `None` for one that EC2 lent to the instance.
    pub(crate) elastic_ip: Option<(AllocationId, AddressAssociationId)>,
}

/// The attachment of an interface to an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attachment {
    pub(crate) id: NetworkInterfaceAttachmentId,
    pub(crate) instance_id: InstanceId,
    pub(crate) device_index: u8,
    pub(crate) attach_time: Timestamp,
    pub(crate) delete_on_termination: bool,
}

impl NetworkInterface {
    /// All private addresses with what is mapped to them, the primary one first.
    pub(crate) fn private_addresses(&self) -> impl Iterator<Item = &PrivateAddress> {
        self.primary.iter().chain(&self.secondaries)
    }

    pub(crate) fn private_addresses_mut(&mut self) -> impl Iterator<Item = &mut PrivateAddress> {
        self.primary.iter_mut().chain(&mut self.secondaries)
    }

    /// All private addresses, the primary one first.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> + use<'_> {
        self.private_addresses().map(|private| private.address)
    }

    /// The public addresses, each with the private one that it is mapped to.
    pub(crate) fn publics(&self) -> impl Iterator<Item = (Ipv4Addr, &PublicAddress)> {
        self.private_addresses().filter_map(|private| Some((private.address, private.public.as_ref()?)))
    }

    /// The Elastic IP addresses: the private address, the allocation and the association.
    pub(crate) fn elastic_ips(&self) -> impl Iterator<Item = (Ipv4Addr, AllocationId, AddressAssociationId)> {
        self.publics().filter_map(|(private, public)| {
            let (allocation, association) = public.elastic_ip?;
            Some((private, allocation, association))
        })
    }

    /// The primary private address.
    pub(crate) fn primary_address(&self) -> Option<Ipv4Addr> {
        self.primary.as_ref().map(|primary| primary.address)
    }

    /// What is mapped to the primary private address.
    pub(crate) fn primary_public(&self) -> Option<&PublicAddress> {
        self.primary.as_ref().and_then(|primary| primary.public.as_ref())
    }

    /// The primary IPv6 address, where one is enabled.
    pub(crate) fn primary_ipv6_address(&self) -> Option<Ipv6Addr> {
        self.ipv6_addresses.first().copied().filter(|_| self.primary_ipv6)
    }

    pub(crate) fn device_index(&self) -> Option<u8> {
        self.attachment.as_ref().map(|attachment| attachment.device_index)
    }

    /// Whether it is attached, to an instance or to what a service manages.
    pub(crate) fn is_in_use(&self) -> bool {
        self.attachment.is_some() || self.managed.is_some()
    }

    fn interface_type(&self) -> &'static str {
        self.managed.as_ref().map_or(self.created_as.name(), Managed::interface_type)
    }

    pub(crate) fn status(&self) -> &'static str {
        if self.is_in_use() { "in-use" } else { "available" }
    }
}

/// Whether an internet gateway of the VPC has an address to translate.
pub(crate) fn has_public_addresses(region: &Region, vpc: VpcId) -> bool {
    region.referrers::<NetworkInterface>(vpc).any(|interface| interface.publics().next().is_some())
}

/// The interfaces of an instance, by device index.
pub(crate) fn attached_to(region: &Region, instance: InstanceId) -> Vec<&NetworkInterface> {
    let mut interfaces: Vec<_> = region.referrers::<NetworkInterface>(instance).collect();
    interfaces.sort_by_key(|interface| interface.device_index());
    interfaces
}

/// Lends the instance behind an interface a public address, where it is to have one: EC2 gives one to a running instance with
/// this single interface, unless an Elastic IP address is there. Without a free address it goes without.
///
/// Source: "Public IPv4 addresses" in the EC2 User Guide.
pub(crate) fn lend_public_address(cx: &mut Context<'_>, id: NetworkInterfaceId) {
    let Some(interface) = cx.region.get::<NetworkInterface>(id) else { return };
    let Some(attachment) = &interface.attachment else { return };
    let is_up = cx.region.get::<Instance>(attachment.instance_id).is_some_and(Instance::is_up);
    let is_alone = attached_to(&cx.region, attachment.instance_id).len() == 1;
    if !interface.associate_public_ip_address || interface.primary_public().is_some() || !is_up || !is_alone {
        return;
    }
    if let Some(address) = crate::family::address::next_public_address(cx) {
        cx.region.update(id, |interface: &mut NetworkInterface| {
            if let Some(primary) = &mut interface.primary {
                primary.public = Some(PublicAddress { address, elastic_ip: None });
            }
        });
    }
}

/// Takes back the public address that EC2 lent to an instance.
pub(crate) fn take_back_public_address(region: &mut Region, id: NetworkInterfaceId) {
    region.update(id, |interface: &mut NetworkInterface| {
        for private in interface.private_addresses_mut() {
            private.public.take_if(|public| public.elastic_ip.is_none());
        }
    });
}
