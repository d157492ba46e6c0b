//! Private addresses of network interfaces: which ones a subnet has to give, and their assignment.
//!
//! Sources: AssignPrivateIpAddresses, UnassignPrivateIpAddresses, "Subnet CIDR blocks", and answers recorded on AWS.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use vpcrun_model::{NetworkInterfaceId, SubnetId, first_free_address};

use super::{NetworkInterface, PrivateAddress, check_unmanaged};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::instance::Instance;
use crate::family::instance_type;
use crate::family::subnet::{Subnet, is_reserved};
use crate::state::Region;
use crate::wire::{Items, Reply};

/// EC2 words what is wrong with an address in three ways.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wording {
    /// CreateNetworkInterface.
    Create,
    /// RunInstances.
    Launch,
    /// AssignPrivateIpAddresses.
    Assign,
}

/// # Errors
/// `InvalidParameterValue` for a text that is no IPv4 address.
fn parse(text: &str) -> Result<Ipv4Addr, Refusal> {
    text.parse().map_err(|_| Refusal::invalid_parameter_value(format!("invalid value for parameter address: {text}")))
}

/// # Errors
/// An address outside the subnet, or one that AWS keeps for itself.
fn check_inside(subnet: &Subnet, address: Ipv4Addr, wording: Wording) -> Result<(), Refusal> {
    if !subnet.cidr_block.contains(&address) {
        return Err(Refusal::invalid_parameter_value(match wording {
            Wording::Launch => format!("Address {address} does not fall within the subnet's address range"),
            _ => "Address does not fall within the subnet's address range".to_owned(),
        }));
    }
    if is_reserved(subnet.cidr_block, address) {
        return Err(Refusal::invalid_parameter_value(match wording {
            Wording::Launch => format!("Address {address} is in subnet's reserved address range"),
            Wording::Create => "Address is in subnet's reserved address range".to_owned(),
            Wording::Assign => format!("Address {address} is in subnet's reserved range."),
        }));
    }
    Ok(())
}

fn in_use(address: Ipv4Addr, wording: Wording) -> Refusal {
    match wording {
        Wording::Launch => Refusal::new("InvalidIPAddress.InUse", format!("Address {address} is in use.")),
        Wording::Create => {
            Refusal::new("InvalidIPAddress.InUse", "The specified address is already in use.".to_owned())
        }
        Wording::Assign => Refusal::invalid_parameter_value(format!("[{address}] assigned, but move is not allowed.")),
    }
}

fn subnet_is_full() -> Refusal {
    let message = "The specified subnet does not have enough free addresses to satisfy the request.".to_owned();
    Refusal::new("InsufficientFreeAddressesInSubnet", message)
}

/// `count` free addresses of the subnet but those in `promised`, the lowest first. (EC2 picks any.)
///
/// # Errors
/// `InsufficientFreeAddressesInSubnet`.
fn free_addresses(
    region: &Region,
    subnet: &Subnet,
    promised: &[Ipv4Addr],
    count: usize,
) -> Result<Vec<Ipv4Addr>, Refusal> {
    let mut taken: BTreeSet<Ipv4Addr> = subnet.addresses_in_use(region).collect();
    taken.extend(promised);
    let mut next = || {
        let address = first_free_address(subnet.cidr_block, taken.iter().copied())?;
        taken.insert(address);
        Some(address)
    };
    (0..count).map(|_| next().ok_or_else(subnet_is_full)).collect()
}

/// A private address in a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct PrivateIpAddressSpecification {
    #[serde(default)]
    primary: bool,
    private_ip_address: Option<String>,
}

/// The private addresses that a new interface is to have.
#[derive(Clone, Debug, Default)]
pub(crate) struct AddressRequest {
    /// `None`: any that is free.
    pub(crate) primary: Option<Ipv4Addr>,
    secondaries: Vec<Ipv4Addr>,
    /// So many more, whichever are free.
    secondary_count: usize,
}

impl AddressRequest {
    /// Reads the three ways in which requests name addresses. Those in the list without `Primary` are all secondary.
    pub(crate) fn read(
        primary: Option<&str>,
        list: &[PrivateIpAddressSpecification],
        secondary_count: Option<u16>,
    ) -> Result<Self, Refusal> {
        let mut request = Self {
            primary: primary.map(parse).transpose()?,
            secondaries: Vec::new(),
            secondary_count: usize::from(secondary_count.unwrap_or(0)),
        };
        for specification in list {
            let missing = || Refusal::missing_parameter("privateIpAddress");
            let address = parse(specification.private_ip_address.as_deref().ok_or_else(missing)?)?;
            if !specification.primary {
                request.secondaries.push(address);
            } else if request.primary.replace(address).is_some() {
                let message = "Only one primary private IP address can be specified.";
                return Err(Refusal::invalid_parameter_combination(message));
            }
        }
        if request.secondary_count > 0 && !request.secondaries.is_empty() {
            return Err(Refusal::invalid_parameter_combination(
                "Secondary private IP addresses and a secondary private IP address count may not be specified on the \
                 same request",
            ));
        }
        Ok(request)
    }

    /// How many addresses are asked for, the primary one included.
    pub(crate) fn count(&self) -> usize {
        1 + self.secondaries.len() + self.secondary_count
    }

    /// The addresses themselves: the primary one and the others.
    ///
    /// # Errors
    /// An address that is outside the subnet, reserved or taken, or a subnet that is full.
    pub(super) fn choose(
        &self,
        region: &Region,
        subnet: &Subnet,
        wording: Wording,
    ) -> Result<(PrivateAddress, Vec<PrivateAddress>), Refusal> {
        let mut taken: BTreeSet<Ipv4Addr> = subnet.addresses_in_use(region).collect();
        let asked: Vec<Ipv4Addr> = self.primary.iter().chain(&self.secondaries).copied().collect();
        for address in &asked {
            check_inside(subnet, *address, wording)?;
            if !taken.insert(*address) {
                return Err(in_use(*address, wording));
            }
        }
        let free_count = self.secondary_count + usize::from(self.primary.is_none());
        let mut free = free_addresses(region, subnet, &asked, free_count)?.into_iter();
        let primary = self.primary.or_else(|| free.next()).ok_or_else(subnet_is_full)?;
        let secondaries = self.secondaries.iter().copied().chain(free).map(PrivateAddress::new).collect();
        Ok((PrivateAddress::new(primary), secondaries))
    }
}

/// AssignPrivateIpAddresses.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AssignPrivateIpAddresses {
    network_interface_id: String,
    #[serde(rename = "PrivateIpAddress", default)]
    private_ip_addresses: Vec<String>,
    secondary_private_ip_address_count: Option<u16>,
    #[serde(default)]
    allow_reassignment: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssignPrivateIpAddressesResponse {
    network_interface_id: NetworkInterfaceId,
    assigned_private_ip_addresses_set: Items<AssignedAddress>,
    assigned_ipv4_prefix_set: Items<()>,
    r#return: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AssignedAddress {
    private_ip_address: Ipv4Addr,
}

impl Action for AssignPrivateIpAddresses {
    type Response = AssignPrivateIpAddressesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let interface = cx.find::<NetworkInterface>(&self.network_interface_id)?;
        check_unmanaged(interface)?;
        let (id, subnet_id) = (interface.id, interface.subnet_id);
        let assigned = match self.secondary_private_ip_address_count {
            Some(_) if !self.private_ip_addresses.is_empty() => {
                return Err(Refusal::invalid_parameter_combination(
                    "Only one of privateIpAddressSet or privateIpAddressCount may be specified.",
                ));
            }
            Some(count) => {
                let free = free_addresses(&cx.region, subnet_of(cx, subnet_id)?, &[], usize::from(count))?;
                free.into_iter().map(PrivateAddress::new).collect()
            }
            None if self.private_ip_addresses.is_empty() => {
                let message = "One of privateIpAddressSet or privateIpAddressCount or ipv4PrefixSet or \
                               ipv4PrefixCount must be specified.";
                return Err(Refusal::new("InvalidParameter", message.to_owned()));
            }
            None => self.named(cx, id, subnet_id)?,
        };
        let all = cx.find::<NetworkInterface>(&self.network_interface_id)?.addresses().count() + assigned.len();
        check_limit(cx, id, all)?;
        let addresses = assigned.iter().map(|private| AssignedAddress { private_ip_address: private.address });
        let assigned_private_ip_addresses_set = addresses.collect();
        cx.region.update(id, |interface: &mut NetworkInterface| interface.secondaries.extend(assigned));
        Ok(AssignPrivateIpAddressesResponse {
            network_interface_id: id,
            assigned_private_ip_addresses_set,
            assigned_ipv4_prefix_set: Items::default(),
            r#return: true,
        })
    }
}

impl AssignPrivateIpAddresses {
    /// The addresses that the request names and the interface does not have. Those that another interface gives up are taken
    /// from it, with their Elastic IP addresses.
    fn named(
        &self,
        cx: &mut Context<'_>,
        id: NetworkInterfaceId,
        subnet_id: SubnetId,
    ) -> Result<Vec<PrivateAddress>, Refusal> {
        let mut named = Vec::new();
        for text in &self.private_ip_addresses {
            let address = parse(text)?;
            check_inside(subnet_of(cx, subnet_id)?, address, Wording::Assign)?;
            let holds = |interface: &&NetworkInterface| interface.addresses().any(|held| held == address);
            let Some(holder) = cx.region.referrers::<NetworkInterface>(subnet_id).find(holds) else {
                named.push(PrivateAddress::new(address));
                continue;
            };
            if holder.id == id {
                continue;
            }
            if !self.allow_reassignment || holder.primary.address == address {
                return Err(in_use(address, Wording::Assign));
            }
            let holder = holder.id;
            cx.region.update(holder, |holder: &mut NetworkInterface| {
                named.extend(holder.secondaries.extract_if(.., |private| private.address == address));
            });
        }
        Ok(named)
    }
}

fn subnet_of<'c>(cx: &'c Context<'_>, id: SubnetId) -> Result<&'c Subnet, Refusal> {
    cx.find::<Subnet>(&id.to_string())
}

/// # Errors
/// More addresses than the type of the instance can have on an interface. One that is not attached has no limit of this kind.
fn check_limit(cx: &Context<'_>, id: NetworkInterfaceId, count: usize) -> Result<(), Refusal> {
    let attachment = cx.region.get::<NetworkInterface>(id).and_then(|interface| interface.attachment.as_ref());
    let instance = attachment.and_then(|attachment| cx.region.get::<Instance>(attachment.instance_id));
    let instance_type = instance.and_then(|instance| instance_type::find(&instance.instance_type));
    match instance_type {
        Some(instance_type) if count > instance_type.ipv4_addresses_per_interface => {
            let message = format!("{id}: Number of private addresses will exceed limit.");
            Err(Refusal::new("PrivateIpAddressLimitExceeded", message))
        }
        _ => Ok(()),
    }
}

/// UnassignPrivateIpAddresses: Elastic IP addresses on them become free.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct UnassignPrivateIpAddresses {
    network_interface_id: String,
    #[serde(rename = "PrivateIpAddress", default)]
    private_ip_addresses: Vec<String>,
}

impl Action for UnassignPrivateIpAddresses {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let interface = cx.find::<NetworkInterface>(&self.network_interface_id)?;
        check_unmanaged(interface)?;
        if self.private_ip_addresses.is_empty() {
            return Err(Refusal::missing_parameter("privateIpAddress"));
        }
        let unwanted = self.private_ip_addresses.iter().map(|text| parse(text)).collect::<Result<Vec<_>, _>>()?;
        for address in &unwanted {
            if *address == interface.primary.address {
                return Err(Refusal::invalid_parameter_value(format!(
                    "Value ({address}) for parameter privateIpAddress is invalid. The primary IP address of an \
                     interface cannot be unassigned."
                )));
            }
            if !interface.addresses().any(|held| held == *address) {
                return Err(Refusal::invalid_parameter_value(format!(
                    "Some of the specified addresses are not assigned to interface {}",
                    interface.id
                )));
            }
        }
        let id = interface.id;
        cx.region.update(id, |interface: &mut NetworkInterface| {
            interface.secondaries.retain(|private| !unwanted.contains(&private.address));
        });
        Ok(Reply::TRUE)
    }
}
