//! AssignIpv6Addresses, UnassignIpv6Addresses.

use std::net::Ipv6Addr;

use ipnet::Ipv6Net;
use serde::{Deserialize, Serialize};
use vpcrun_model::NetworkInterfaceId;

use super::address_request::{Ipv6Request, parse_ipv6, parse_ipv6_prefix};
use super::private_address::{address_limit, not_assigned, subnet_of};
use super::{NetworkInterface, Wording, check_unmanaged};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::wire::Items;

/// AssignIpv6Addresses. Unlike IPv4 addresses, they cannot be taken from another interface.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AssignIpv6Addresses {
    network_interface_id: String,
    #[serde(default)]
    ipv6_addresses: Vec<String>,
    ipv6_address_count: Option<u16>,
    #[serde(rename = "Ipv6Prefix", default)]
    ipv6_prefixes: Vec<String>,
    ipv6_prefix_count: Option<u16>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssignIpv6AddressesResponse {
    network_interface_id: NetworkInterfaceId,
    assigned_ipv6_addresses: Items<Ipv6Addr>,
    assigned_ipv6_prefix_set: Items<Ipv6Net>,
}

impl AssignIpv6Addresses {
    fn request(&self) -> Result<Ipv6Request, Refusal> {
        if !self.ipv6_addresses.is_empty() && self.ipv6_address_count.is_some() {
            return Err(Refusal::invalid_parameter_combination(
                "Only one of ipv6AddressSet or ipv6AddressCount may be specified.",
            ));
        }
        if !self.ipv6_prefixes.is_empty() && self.ipv6_prefix_count.is_some() {
            return Err(Refusal::invalid_parameter_combination(
                "Only one of ipv6PrefixSet or ipv6PrefixCount may be specified.",
            ));
        }
        let counted = self.ipv6_address_count.is_some() || self.ipv6_prefix_count.is_some();
        if self.ipv6_addresses.is_empty() && self.ipv6_prefixes.is_empty() && !counted {
            let message = "One of ipv6AddressSet or ipv6AddressCount or ipv6PrefixSet or ipv6PrefixCount must be \
                           specified.";
            return Err(Refusal::new("InvalidParameter", message.to_owned()));
        }
        Ok(Ipv6Request {
            addresses: self.ipv6_addresses.iter().map(|text| parse_ipv6(text)).collect::<Result<_, _>>()?,
            count: self.ipv6_address_count.map(usize::from),
            prefixes: self.ipv6_prefixes.iter().map(|text| parse_ipv6_prefix(text)).collect::<Result<_, _>>()?,
            prefix_count: usize::from(self.ipv6_prefix_count.unwrap_or(0)),
            primary: false,
        })
    }
}

impl Action for AssignIpv6Addresses {
    type Response = AssignIpv6AddressesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let interface = cx.find::<NetworkInterface>(&self.network_interface_id)?;
        check_unmanaged(interface)?;
        let mut request = self.request()?;
        // What the interface has already is assigned again without a change.
        request.addresses.retain(|address| !interface.ipv6_addresses.contains(address));
        let subnet = subnet_of(cx, interface.subnet_id)?;
        let chosen = request.choose(&cx.region, subnet, Wording::Assign, false)?;
        let id = interface.id;
        let held = interface.ipv6_addresses.len() + interface.ipv6_prefixes.len();
        let all = held + chosen.addresses.len() + chosen.prefixes.len();
        if address_limit(cx, id).is_some_and(|limit| all > limit) {
            let message = format!("{id}: Number of IPv6 addresses will exceed limit.");
            return Err(Refusal::new("Ipv6AddressLimitExceeded", message));
        }
        cx.region.update(id, |interface: &mut NetworkInterface| {
            interface.ipv6_addresses.extend(&chosen.addresses);
            interface.ipv6_prefixes.extend(&chosen.prefixes);
        });
        Ok(AssignIpv6AddressesResponse {
            network_interface_id: id,
            assigned_ipv6_addresses: chosen.addresses.into(),
            assigned_ipv6_prefix_set: chosen.prefixes.into(),
        })
    }
}

/// UnassignIpv6Addresses.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct UnassignIpv6Addresses {
    network_interface_id: String,
    #[serde(default)]
    ipv6_addresses: Vec<String>,
    #[serde(rename = "Ipv6Prefix", default)]
    ipv6_prefixes: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UnassignIpv6AddressesResponse {
    network_interface_id: NetworkInterfaceId,
    unassigned_ipv6_addresses: Items<Ipv6Addr>,
    unassigned_ipv6_prefix_set: Items<Ipv6Net>,
}

impl Action for UnassignIpv6Addresses {
    type Response = UnassignIpv6AddressesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let interface = cx.find::<NetworkInterface>(&self.network_interface_id)?;
        check_unmanaged(interface)?;
        if self.ipv6_addresses.is_empty() && self.ipv6_prefixes.is_empty() {
            return Err(Refusal::missing_parameter("ipv6Addresses"));
        }
        let addresses = self.ipv6_addresses.iter().map(|text| parse_ipv6(text)).collect::<Result<Vec<_>, _>>()?;
        let prefixes = self.ipv6_prefixes.iter().map(|text| parse_ipv6_prefix(text)).collect::<Result<Vec<_>, _>>()?;
        if addresses.iter().any(|address| !interface.ipv6_addresses.contains(address)) {
            return Err(not_assigned("addresses", interface.id));
        }
        if prefixes.iter().any(|prefix| !interface.ipv6_prefixes.contains(prefix)) {
            return Err(not_assigned("prefixes", interface.id));
        }
        if let Some(primary) = interface.primary_ipv6_address().filter(|primary| addresses.contains(primary)) {
            return Err(Refusal::invalid_parameter_value(format!(
                "Value ({primary}) for parameter ipv6Addresses is invalid. The primary IPv6 address of an interface \
                 cannot be unassigned."
            )));
        }
        let id = interface.id;
        cx.region.update(id, |interface: &mut NetworkInterface| {
            interface.ipv6_addresses.retain(|address| !addresses.contains(address));
            interface.ipv6_prefixes.retain(|prefix| !prefixes.contains(prefix));
        });
        Ok(UnassignIpv6AddressesResponse {
            network_interface_id: id,
            unassigned_ipv6_addresses: addresses.into(),
            unassigned_ipv6_prefix_set: prefixes.into(),
        })
    }
}
