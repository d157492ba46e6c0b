//! Elastic IP addresses.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_with::skip_serializing_none;

use super::Tag;
use super::tag::resource;
use crate::id::{AddressAssociationId, AllocationId, InstanceId, NetworkInterfaceId};

/// An Elastic IP address: a public address that belongs to the account until it is released.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Address {
    /// The id of the allocation, which is the id of the resource.
    pub allocation_id: AllocationId,
    /// The public address.
    pub public_ip: Ipv4Addr,
    /// `vpc`.
    pub domain: Option<String>,
    /// The association, when there is one.
    pub association_id: Option<AddressAssociationId>,
    /// The instance it leads to. AWS writes an empty text for none.
    #[serde(default, deserialize_with = "instance_or_blank")]
    pub instance_id: Option<InstanceId>,
    /// The network interface it leads to.
    pub network_interface_id: Option<NetworkInterfaceId>,
    /// The account that owns the network interface.
    pub network_interface_owner_id: Option<String>,
    /// The private address it leads to.
    pub private_ip_address: Option<Ipv4Addr>,
    /// The pool it came from, `amazon` for Amazon's own.
    pub public_ipv4_pool: Option<String>,
    /// The group of zones from which it is announced.
    pub network_border_group: Option<String>,
    /// The address's tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

resource!(Address, allocation_id);

fn instance_or_blank<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<InstanceId>, D::Error> {
    match Option::<Cow<'de, str>>::deserialize(deserializer)?.as_deref() {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(de::Error::custom),
    }
}
