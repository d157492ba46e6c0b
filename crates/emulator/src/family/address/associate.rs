//! AssociateAddress, DisassociateAddress.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use vpcrun_model::{AddressAssociationId, NetworkInterfaceId};

use super::{Address, check_public_ip, dissociate};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::instance::{self, InstanceState};
use crate::family::internet_gateway;
use crate::family::network_interface::{NetworkInterface, PublicAddress, attached_to, check_unmanaged};
use crate::wire::Reply;

/// AssociateAddress: with an instance's only interface, or with any interface; with its primary address, or another.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AssociateAddress {
    allocation_id: Option<String>,
    public_ip: Option<String>,
    instance_id: Option<String>,
    network_interface_id: Option<String>,
    private_ip_address: Option<String>,
    #[serde(default = "yes")]
    allow_reassociation: bool,
}

fn yes() -> bool {
    true
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssociateAddressResponse {
    r#return: bool,
    association_id: AddressAssociationId,
}

fn not_yours(public_ip: &str) -> Refusal {
    Refusal::new("AuthFailure", format!("The address '{public_ip}' does not belong to you."))
}

impl AssociateAddress {
    /// What is wrong with the parameters among themselves, in EC2's order.
    fn check_selectors(&self) -> Result<(), Refusal> {
        let missing = |message: &str| Refusal::new("MissingParameter", message.to_owned());
        if self.allocation_id.is_none() && self.public_ip.is_none() {
            return Err(missing("Either public IP or allocation id must be specified"));
        }
        if self.instance_id.is_none() && self.network_interface_id.is_none() {
            return Err(missing("Either instance ID or network interface id must be specified"));
        }
        if self.allocation_id.is_some() && self.public_ip.is_some() {
            return Err(Refusal::invalid_parameter_combination(
                "You may specify public IP or allocation id, but not both in the same call",
            ));
        }
        if self.public_ip.is_some() && self.network_interface_id.is_some() {
            return Err(Refusal::invalid_parameter_combination(
                "You must specify an allocation id when mapping an address to a network interface",
            ));
        }
        Ok(())
    }

    fn address<'c>(&self, cx: &'c Context<'_>) -> Result<&'c Address, Refusal> {
        match (&self.allocation_id, &self.public_ip) {
            (Some(id), _) => cx.find::<Address>(id),
            (None, Some(public_ip)) => cx.region.by_alias::<Address>(public_ip).ok_or_else(|| not_yours(public_ip)),
            (None, None) => Err(Refusal::missing_parameter("allocationId")),
        }
    }

    fn interface<'c>(&self, cx: &'c Context<'_>) -> Result<&'c NetworkInterface, Refusal> {
        let of_instance = self.instance_id.as_deref().map(|id| only_interface(cx, id)).transpose()?;
        let named = self.network_interface_id.as_deref().map(|id| cx.find::<NetworkInterface>(id)).transpose()?;
        match (of_instance, named) {
            (Some(_), Some(_)) => Err(Refusal::invalid_parameter_combination(
                "You may specify instance ID or network interface id, but not both in the same call",
            )),
            (Some(interface), None) | (None, Some(interface)) => check_unmanaged(interface).map(|()| interface),
            (None, None) => Err(Refusal::missing_parameter("instanceId")),
        }
    }

    fn private_address(&self, interface: &NetworkInterface) -> Result<Ipv4Addr, Refusal> {
        let Some(text) = &self.private_ip_address else {
            let none = || Refusal::invalid_parameter_value(format!("{} has no private IPv4 address", interface.id));
            return interface.primary_address().ok_or_else(none);
        };
        let address: Ipv4Addr = text.parse().map_err(|_| {
            Refusal::invalid_parameter_value(format!("invalid value for parameter private-address: {text}"))
        })?;
        if interface.addresses().any(|held| held == address) {
            return Ok(address);
        }
        let message = format!("{address} is not mapped to the interface {}", interface.id);
        Err(Refusal::invalid_parameter_value(message))
    }
}

/// The one interface of an instance that can have an Elastic IP address.
fn only_interface<'c>(cx: &'c Context<'_>, id: &str) -> Result<&'c NetworkInterface, Refusal> {
    let instance = instance::find(cx, id)?;
    if !matches!(instance.state, InstanceState::Running | InstanceState::Stopping | InstanceState::Stopped) {
        let message = format!(
            "The {} instance '{}' is not in a valid state for this operation.",
            instance.state.name(),
            instance.id
        );
        return Err(Refusal::new("InvalidInstanceID", message));
    }
    match attached_to(&cx.region, instance.id).as_slice() {
        [interface] => Ok(interface),
        [] => Err(Refusal::internal(format!("the instance {id} has no network interface"))),
        _ => Err(instance::several_interfaces(instance.id)),
    }
}

impl Action for AssociateAddress {
    type Response = AssociateAddressResponse;

    fn check(&self) -> Result<(), Refusal> {
        check_public_ip(self.public_ip.as_deref())
    }

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        self.check_selectors()?;
        let address = self.address(cx)?;
        let interface = self.interface(cx)?;
        check_unmanaged(interface)?;
        let private = self.private_address(interface)?;
        if internet_gateway::attached_to(cx, interface.vpc_id).is_none() {
            let message = format!("Network {} is not attached to any internet gateway", interface.vpc_id);
            return Err(Refusal::new("Gateway.NotAttached", message));
        }
        if let Some(held) = address.association(cx) {
            if (held.network_interface_id, held.private_ip_address) == (interface.id, private) {
                return Ok(AssociateAddressResponse { r#return: true, association_id: held.id });
            }
            let holder = address.interface(&cx.region);
            holder.map_or(Ok(()), check_unmanaged)?;
            if !self.allow_reassociation {
                let message = format!("resource {} is already associated with associate-id {}", address.id, held.id);
                return Err(Refusal::new("Resource.AlreadyAssociated", message));
            }
        }
        let (allocation, public_ip, interface) = (address.id, address.public_ip, interface.id);
        let association_id = cx.new_id();
        let public = PublicAddress { address: public_ip, elastic_ip: Some((allocation, association_id)) };
        dissociate(cx, allocation);
        map(cx, interface, private, public);
        Ok(AssociateAddressResponse { r#return: true, association_id })
    }
}

/// Maps a public address to a private one. What was there before goes: an Elastic IP address becomes free, one that EC2 lent
/// returns to its pool.
fn map(cx: &mut Context<'_>, interface: NetworkInterfaceId, private: Ipv4Addr, public: PublicAddress) {
    cx.region.update(interface, |interface: &mut NetworkInterface| {
        if let Some(held) = interface.private_addresses_mut().find(|held| held.address == private) {
            held.public = Some(public);
        }
    });
}

/// DisassociateAddress.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DisassociateAddress {
    association_id: Option<String>,
    public_ip: Option<String>,
}

fn unknown_association(id: &str) -> Refusal {
    Refusal::new("InvalidAssociationID.NotFound", format!("The association ID '{id}' does not exist"))
}

impl Action for DisassociateAddress {
    type Response = Reply;

    fn check(&self) -> Result<(), Refusal> {
        check_public_ip(self.public_ip.as_deref())
    }

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let allocation = match (&self.association_id, &self.public_ip) {
            (Some(_), Some(_)) => {
                return Err(Refusal::invalid_parameter_combination(
                    "You may specify public IP or association id, but not both in the same call",
                ));
            }
            (Some(id), None) => {
                let interface = cx.region.by_alias::<NetworkInterface>(id);
                let mut associations = interface.into_iter().flat_map(NetworkInterface::elastic_ips);
                let found = associations.find(|(_, _, association)| association.to_string() == *id);
                found.map(|(_, allocation, _)| allocation).ok_or_else(|| unknown_association(id))?
            }
            (None, Some(public_ip)) => {
                let address = cx.region.by_alias::<Address>(public_ip).ok_or_else(|| not_yours(public_ip))?;
                address.interface(&cx.region).map(|_| address.id).ok_or_else(|| unknown_association(""))?
            }
            (None, None) => {
                let message = "Either public IP or association id must be specified".to_owned();
                return Err(Refusal::new("MissingParameter", message));
            }
        };
        // The address of a NAT gateway is the gateway's to give up.
        if let Some(interface) = cx.region.get::<Address>(allocation).and_then(|address| address.interface(&cx.region))
        {
            check_unmanaged(interface)?;
        }
        dissociate(cx, allocation);
        Ok(Reply::TRUE)
    }
}
