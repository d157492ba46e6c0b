//! Network interfaces: the root of dependencies. A subnet, group or VPC stays as long as one hangs on it.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use vpcrun_model::{
    AddressAssociationId, AllocationId, InstanceId, NetworkInterfaceAttachmentId, NetworkInterfaceId, ResourceId,
    SecurityGroupId, SubnetId, VpcId,
};

use crate::clock::Timestamp;
use crate::error::IdWording;
use crate::state::{Region, Tags, resource};

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
    /// The primary address first.
    pub(crate) private_addresses: Vec<PrivateAddress>,
    pub(crate) attachment: Option<Attachment>,
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
        references
    },
    fn aliases(&self) -> Vec<String> {
        self.attachment.iter().map(|attachment| attachment.id.to_string()).collect()
    }
);

/// A private address of an interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PrivateAddress {
    pub(crate) address: Ipv4Addr,
    /// The public address that an internet gateway translates it to.
    pub(crate) public: Option<PublicAddress>,
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
    /// All private addresses, the primary one first.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> + use<'_> {
        self.private_addresses.iter().map(|private| private.address)
    }
}

/// Whether an internet gateway of the VPC has an address to translate.
pub(crate) fn has_public_addresses(region: &Region, vpc: VpcId) -> bool {
    region
        .referrers::<NetworkInterface>(vpc)
        .any(|interface| interface.private_addresses.iter().any(|private| private.public.is_some()))
}
