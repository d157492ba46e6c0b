//! AssignPrivateIpAddresses, UnassignPrivateIpAddresses.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use vpcrun_model::{NetworkInterfaceId, SubnetId};

use super::address_request::{
    check_inside, choose_ipv4_prefixes, in_use, no_ipv4_block, parse_ipv4, parse_ipv4_prefix, subnet_is_full,
};
use super::pool::{Pool, ipv4_address, number};
use super::{NetworkInterface, PrivateAddress, Wording, check_unmanaged};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::instance::Instance;
use crate::family::instance_type;
use crate::family::subnet::Subnet;
use crate::wire::{Items, Reply};

/// AssignPrivateIpAddresses.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AssignPrivateIpAddresses {
    network_interface_id: String,
    #[serde(rename = "PrivateIpAddress", default)]
    private_ip_addresses: Vec<String>,
    secondary_private_ip_address_count: Option<u16>,
    #[serde(rename = "Ipv4Prefix", default)]
    ipv4_prefixes: Vec<String>,
    ipv4_prefix_count: Option<u16>,
    #[serde(default)]
    allow_reassignment: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssignPrivateIpAddressesResponse {
    network_interface_id: NetworkInterfaceId,
    assigned_private_ip_addresses_set: Items<AssignedAddress>,
    assigned_ipv4_prefix_set: Items<Ipv4PrefixItem>,
    r#return: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AssignedAddress {
    private_ip_address: Ipv4Addr,
}

/// An IPv4 prefix in an answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ipv4PrefixItem {
    ipv4_prefix: String,
}

impl Ipv4PrefixItem {
    pub(crate) fn new(prefix: &Ipv4Net) -> Self {
        Self { ipv4_prefix: prefix.to_string() }
    }
}

impl Action for AssignPrivateIpAddresses {
    type Response = AssignPrivateIpAddressesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let interface = cx.find::<NetworkInterface>(&self.network_interface_id)?;
        check_unmanaged(interface)?;
        let (id, subnet_id) = (interface.id, interface.subnet_id);
        self.check_ways()?;
        let subnet = subnet_of(cx, subnet_id)?;
        let mut pool = Pool::ipv4(&cx.region, subnet).ok_or_else(|| no_ipv4_block(subnet))?;
        // A prefix that EC2 picks keeps clear of the addresses that the same request names.
        for address in self.private_ip_addresses.iter().filter_map(|text| parse_ipv4(text).ok()) {
            pool.take(number(address));
        }
        let named = self.ipv4_prefixes.iter().map(|text| parse_ipv4_prefix(text)).collect::<Result<Vec<_>, _>>()?;
        let prefix_count = usize::from(self.ipv4_prefix_count.unwrap_or(0));
        let prefixes = choose_ipv4_prefixes(&mut pool, &named, prefix_count, Wording::Assign)?;
        let mut assigned = self.named(cx, id, subnet_id)?;
        for _ in 0..self.secondary_private_ip_address_count.unwrap_or(0) {
            let address = pool.take_any().map(ipv4_address).ok_or_else(subnet_is_full)?;
            assigned.push(PrivateAddress::new(address));
        }
        let interface = cx.find::<NetworkInterface>(&self.network_interface_id)?;
        let held = interface.addresses().count() + interface.ipv4_prefixes.len();
        check_limit(cx, id, held + assigned.len() + prefixes.len())?;
        let addresses = assigned.iter().map(|private| AssignedAddress { private_ip_address: private.address });
        let assigned_private_ip_addresses_set = addresses.collect();
        let assigned_ipv4_prefix_set = prefixes.iter().map(Ipv4PrefixItem::new).collect();
        cx.region.update(id, |interface: &mut NetworkInterface| {
            interface.secondaries.extend(assigned);
            interface.ipv4_prefixes.extend(prefixes);
        });
        Ok(AssignPrivateIpAddressesResponse {
            network_interface_id: id,
            assigned_private_ip_addresses_set,
            assigned_ipv4_prefix_set,
            r#return: true,
        })
    }
}

impl AssignPrivateIpAddresses {
    fn check_ways(&self) -> Result<(), Refusal> {
        let named = !self.private_ip_addresses.is_empty();
        if named && self.secondary_private_ip_address_count.is_some() {
            return Err(Refusal::invalid_parameter_combination(
                "Only one of privateIpAddressSet or privateIpAddressCount may be specified.",
            ));
        }
        let prefixes_named = !self.ipv4_prefixes.is_empty();
        if prefixes_named && self.ipv4_prefix_count.is_some() {
            return Err(Refusal::invalid_parameter_combination(
                "Only one of ipv4PrefixSet or ipv4PrefixCount may be specified.",
            ));
        }
        let counted = self.secondary_private_ip_address_count.is_some() || self.ipv4_prefix_count.is_some();
        if named || prefixes_named || counted {
            return Ok(());
        }
        let message = "One of privateIpAddressSet or privateIpAddressCount or ipv4PrefixSet or ipv4PrefixCount must be \
                       specified.";
        Err(Refusal::new("InvalidParameter", message.to_owned()))
    }

    /// The addresses that the request names and the interface does not have. Those that another interface gives up are taken
    /// from it, with their Elastic IP addresses.
    fn named(
        &self,
        cx: &mut Context<'_>,
        id: NetworkInterfaceId,
        subnet_id: SubnetId,
    ) -> Result<Vec<PrivateAddress>, Refusal> {
        let mut named: Vec<PrivateAddress> = Vec::new();
        for text in &self.private_ip_addresses {
            let address = parse_ipv4(text)?;
            let subnet = subnet_of(cx, subnet_id)?;
            let mut pool = Pool::ipv4(&cx.region, subnet).ok_or_else(|| no_ipv4_block(subnet))?;
            check_inside(&pool, number(address), address, Wording::Assign)?;
            let holds = |interface: &&NetworkInterface| interface.addresses().any(|held| held == address);
            let Some(holder) = cx.region.referrers::<NetworkInterface>(subnet_id).find(holds) else {
                // What no interface has as an address can be in a prefix of one.
                if !pool.take(number(address)) {
                    return Err(in_use(address, Wording::Assign));
                }
                if !named.iter().any(|private| private.address == address) {
                    named.push(PrivateAddress::new(address));
                }
                continue;
            };
            if holder.id == id {
                continue;
            }
            if !self.allow_reassignment || holder.managed.is_some() || holder.primary_address() == Some(address) {
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

pub(super) fn subnet_of<'c>(cx: &'c Context<'_>, id: SubnetId) -> Result<&'c Subnet, Refusal> {
    cx.find::<Subnet>(&id.to_string())
}

/// How many addresses of a family an interface can have where it is attached: as many of either. One that is not attached has
/// no limit of this kind.
pub(super) fn address_limit(cx: &Context<'_>, id: NetworkInterfaceId) -> Option<usize> {
    let attachment = cx.region.get::<NetworkInterface>(id)?.attachment.as_ref()?;
    let instance = cx.region.get::<Instance>(attachment.instance_id)?;
    instance_type::find(&instance.instance_type).map(|found| found.ipv4_addresses_per_interface)
}

/// # Errors
/// More addresses than the type of the instance can have on an interface.
fn check_limit(cx: &Context<'_>, id: NetworkInterfaceId, count: usize) -> Result<(), Refusal> {
    if address_limit(cx, id).is_none_or(|limit| count <= limit) {
        return Ok(());
    }
    let message = format!("{id}: Number of private addresses will exceed limit.");
    Err(Refusal::new("PrivateIpAddressLimitExceeded", message))
}

/// UnassignPrivateIpAddresses: Elastic IP addresses on them become free.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct UnassignPrivateIpAddresses {
    network_interface_id: String,
    #[serde(rename = "PrivateIpAddress", default)]
    private_ip_addresses: Vec<String>,
    #[serde(rename = "Ipv4Prefix", default)]
    ipv4_prefixes: Vec<String>,
}

impl Action for UnassignPrivateIpAddresses {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let interface = cx.find::<NetworkInterface>(&self.network_interface_id)?;
        check_unmanaged(interface)?;
        if self.private_ip_addresses.is_empty() && self.ipv4_prefixes.is_empty() {
            return Err(Refusal::missing_parameter("privateIpAddress"));
        }
        let unwanted = self.private_ip_addresses.iter().map(|text| parse_ipv4(text)).collect::<Result<Vec<_>, _>>()?;
        for address in &unwanted {
            if Some(*address) == interface.primary_address() {
                return Err(Refusal::invalid_parameter_value(format!(
                    "Value ({address}) for parameter privateIpAddress is invalid. The primary IP address of an \
                     interface cannot be unassigned."
                )));
            }
            if !interface.addresses().any(|held| held == *address) {
                return Err(not_assigned("addresses", interface.id));
            }
        }
        let prefixes = self.ipv4_prefixes.iter().map(|text| parse_ipv4_prefix(text)).collect::<Result<Vec<_>, _>>()?;
        if prefixes.iter().any(|prefix| !interface.ipv4_prefixes.contains(prefix)) {
            return Err(not_assigned("prefixes", interface.id));
        }
        let id = interface.id;
        cx.region.update(id, |interface: &mut NetworkInterface| {
            interface.secondaries.retain(|private| !unwanted.contains(&private.address));
            interface.ipv4_prefixes.retain(|prefix| !prefixes.contains(prefix));
        });
        Ok(Reply::TRUE)
    }
}

pub(super) fn not_assigned(what: &str, interface: NetworkInterfaceId) -> Refusal {
    let message = format!("Some of the specified {what} are not assigned to interface {interface}");
    Refusal::invalid_parameter_value(message)
}
