//! The addresses that a request asks for, and those that it gets: what CreateNetworkInterface and RunInstances share with the
//! actions that assign addresses later.
//!
//! Sources: CreateNetworkInterface, AssignPrivateIpAddresses, AssignIpv6Addresses, "Subnet CIDR blocks" in the Amazon VPC User
//! Guide, and answers recorded on AWS.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;

use super::PrivateAddress;
use super::pool::{IPV4_PREFIX_LENGTH, IPV6_PREFIX_LENGTH, Pool, ipv4_address, ipv6_address, number, range_of};
use crate::error::Refusal;
use crate::family::subnet::Subnet;
use crate::state::Region;

/// EC2 words what is wrong with an address in three ways.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wording {
    /// CreateNetworkInterface.
    Create,
    /// RunInstances.
    Launch,
    /// AssignPrivateIpAddresses, AssignIpv6Addresses.
    Assign,
}

/// # Errors
/// `InvalidParameterValue` for a text that is no IPv4 address.
pub(super) fn parse_ipv4(text: &str) -> Result<Ipv4Addr, Refusal> {
    text.parse().map_err(|_| Refusal::invalid_parameter_value(format!("invalid value for parameter address: {text}")))
}

/// # Errors
/// `InvalidParameterValue` for a text that is no IPv6 address.
pub(super) fn parse_ipv6(text: &str) -> Result<Ipv6Addr, Refusal> {
    text.parse()
        .map_err(|_| Refusal::invalid_parameter_value(format!("invalid value for parameter ipv6-address: {text}")))
}

/// # Errors
/// `InvalidParameterValue` for a text that is no /28, or has host bits.
pub(super) fn parse_ipv4_prefix(text: &str) -> Result<Ipv4Net, Refusal> {
    let prefix = text.parse::<Ipv4Net>().ok();
    prefix
        .filter(|prefix| prefix.prefix_len() == IPV4_PREFIX_LENGTH && prefix.trunc() == *prefix)
        .ok_or_else(|| Refusal::invalid_parameter_value(format!("invalid value for parameter ipv4-prefix: {text}")))
}

/// # Errors
/// `InvalidParameterValue` for a text that is no /80, or has host bits.
pub(super) fn parse_ipv6_prefix(text: &str) -> Result<Ipv6Net, Refusal> {
    let prefix = text.parse::<Ipv6Net>().ok();
    prefix
        .filter(|prefix| prefix.prefix_len() == IPV6_PREFIX_LENGTH && prefix.trunc() == *prefix)
        .ok_or_else(|| Refusal::invalid_parameter_value(format!("invalid value for parameter ipv6-prefix: {text}")))
}

pub(super) fn subnet_is_full() -> Refusal {
    let message = "The specified subnet does not have enough free addresses to satisfy the request.".to_owned();
    Refusal::new("InsufficientFreeAddressesInSubnet", message)
}

fn no_free_prefix() -> Refusal {
    let message = "The specified subnet does not have enough free cidr blocks to satisfy the request.".to_owned();
    Refusal::new("InsufficientCidrBlocks", message)
}

fn no_ipv6_block(subnet: &Subnet) -> Refusal {
    Refusal::invalid_parameter_value(format!(
        "The subnet '{}' does not have an IPv6 CIDR block associated with it.",
        subnet.id
    ))
}

pub(super) fn no_ipv4_block(subnet: &Subnet) -> Refusal {
    Refusal::invalid_parameter_value(format!("The subnet '{}' is IPv6 only and has no IPv4 addresses.", subnet.id))
}

/// # Errors
/// An address outside the subnet, or one that AWS keeps for itself.
pub(super) fn check_inside(
    pool: &Pool,
    address: u128,
    shown: impl std::fmt::Display,
    wording: Wording,
) -> Result<(), Refusal> {
    if !pool.contains(address) {
        return Err(Refusal::invalid_parameter_value(match wording {
            Wording::Launch => format!("Address {shown} does not fall within the subnet's address range"),
            _ => "Address does not fall within the subnet's address range".to_owned(),
        }));
    }
    if pool.is_reserved(address) {
        return Err(Refusal::invalid_parameter_value(match wording {
            Wording::Launch => format!("Address {shown} is in subnet's reserved address range"),
            Wording::Create => "Address is in subnet's reserved address range".to_owned(),
            Wording::Assign => format!("Address {shown} is in subnet's reserved range."),
        }));
    }
    Ok(())
}

pub(super) fn in_use(address: impl std::fmt::Display, wording: Wording) -> Refusal {
    match wording {
        Wording::Launch => Refusal::new("InvalidIPAddress.InUse", format!("Address {address} is in use.")),
        Wording::Create => {
            Refusal::new("InvalidIPAddress.InUse", "The specified address is already in use.".to_owned())
        }
        Wording::Assign => Refusal::invalid_parameter_value(format!("[{address}] assigned, but move is not allowed.")),
    }
}

/// A private address in a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct PrivateIpAddressSpecification {
    #[serde(default)]
    primary: bool,
    private_ip_address: Option<String>,
}

/// An IPv6 address in a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Ipv6AddressParameter {
    ipv6_address: String,
    #[serde(default)]
    is_primary_ipv6: bool,
}

/// An IPv4 prefix in a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Ipv4PrefixParameter {
    ipv4_prefix: String,
}

/// An IPv6 prefix in a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Ipv6PrefixParameter {
    ipv6_prefix: String,
}

/// The addresses that an interface is to have. The default is one IPv4 address, whichever is free.
#[derive(Clone, Debug, Default)]
pub(crate) struct AddressRequest {
    /// `None`: any that is free.
    pub(crate) primary: Option<Ipv4Addr>,
    secondaries: Vec<Ipv4Addr>,
    /// So many more, whichever are free.
    secondary_count: usize,
    prefixes: Vec<Ipv4Net>,
    prefix_count: usize,
    ipv6: Ipv6Request,
}

/// The IPv6 addresses and prefixes that an interface is to have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ipv6Request {
    pub(super) addresses: Vec<Ipv6Addr>,
    /// `None`: as the subnet has it.
    pub(super) count: Option<usize>,
    pub(super) prefixes: Vec<Ipv6Net>,
    pub(super) prefix_count: usize,
    /// Whether the first address is to be the primary one.
    pub(super) primary: bool,
}

/// The addresses that an interface gets.
pub(super) struct Addresses {
    pub(super) primary: Option<PrivateAddress>,
    pub(super) secondaries: Vec<PrivateAddress>,
    pub(super) ipv4_prefixes: Vec<Ipv4Net>,
    pub(super) ipv6: Ipv6Addresses,
}

/// The IPv6 addresses and prefixes that an interface gets.
#[derive(Default)]
pub(super) struct Ipv6Addresses {
    pub(super) addresses: Vec<Ipv6Addr>,
    pub(super) prefixes: Vec<Ipv6Net>,
}

/// # Errors
/// `InvalidParameterCombination` where a request names addresses in more ways than one.
fn one_way_only(family: &str, ways: [bool; 4]) -> Result<(), Refusal> {
    if ways.into_iter().filter(|given| *given).count() < 2 {
        return Ok(());
    }
    Err(Refusal::invalid_parameter_combination(format!(
        "Only one of {family} addresses, {family} address count, {family} prefixes or {family} prefix count may be \
         specified on the same request"
    )))
}

impl AddressRequest {
    /// Reads the three ways in which requests name addresses. Those in the list without `Primary` are all secondary.
    pub(crate) fn read(
        primary: Option<&str>,
        list: &[PrivateIpAddressSpecification],
        secondary_count: Option<u16>,
    ) -> Result<Self, Refusal> {
        let mut request = Self {
            primary: primary.map(parse_ipv4).transpose()?,
            secondary_count: usize::from(secondary_count.unwrap_or(0)),
            ..Self::default()
        };
        for specification in list {
            let missing = || Refusal::missing_parameter("privateIpAddress");
            let address = parse_ipv4(specification.private_ip_address.as_deref().ok_or_else(missing)?)?;
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

    /// The addresses that a service asks for: a primary one and others by name, and `secondary_count` more.
    ///
    /// # Errors
    /// A text that is no address.
    pub(crate) fn named(
        primary: Option<&str>,
        secondaries: &[String],
        secondary_count: usize,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            primary: primary.map(parse_ipv4).transpose()?,
            secondaries: secondaries.iter().map(|text| parse_ipv4(text)).collect::<Result<_, _>>()?,
            secondary_count,
            ..Self::default()
        })
    }

    /// Adds IPv4 prefixes, by name or by number.
    ///
    /// # Errors
    /// A prefix that is no /28, or prefixes beside other secondary addresses.
    pub(crate) fn with_prefixes(mut self, named: &[Ipv4PrefixParameter], count: Option<u16>) -> Result<Self, Refusal> {
        self.prefixes = named.iter().map(|named| parse_ipv4_prefix(&named.ipv4_prefix)).collect::<Result<_, _>>()?;
        self.prefix_count = usize::from(count.unwrap_or(0));
        let (prefixes, counted) = (!self.prefixes.is_empty(), self.prefix_count > 0);
        one_way_only("IPv4", [!self.secondaries.is_empty(), self.secondary_count > 0, prefixes, counted])?;
        Ok(self)
    }

    /// Adds IPv6 addresses and prefixes.
    pub(crate) fn with_ipv6(self, ipv6: Ipv6Request) -> Self {
        Self { ipv6, ..self }
    }

    /// How many IPv4 addresses are asked for, the primary one included. A prefix counts as one.
    pub(crate) fn count(&self) -> usize {
        1 + self.secondaries.len() + self.secondary_count + self.prefixes.len() + self.prefix_count
    }

    /// How many addresses of one family are asked for: a type has as many of each.
    pub(crate) fn largest_count(&self) -> usize {
        self.count().max(self.ipv6.len())
    }

    /// Whether the request names addresses or prefixes, rather than to take any.
    pub(crate) fn names_any(&self) -> bool {
        let ipv4 = self.primary.is_some() || !self.secondaries.is_empty() || !self.prefixes.is_empty();
        ipv4 || !self.ipv6.addresses.is_empty() || !self.ipv6.prefixes.is_empty()
    }

    pub(super) fn wants_primary_ipv6(&self) -> bool {
        self.ipv6.primary
    }

    /// The addresses themselves.
    ///
    /// # Errors
    /// An address that is outside the subnet, reserved or taken, or a subnet that is full.
    pub(super) fn choose(&self, region: &Region, subnet: &Subnet, wording: Wording) -> Result<Addresses, Refusal> {
        // Without IPv4, an interface has at least one IPv6 address.
        let assign_one = subnet.assign_ipv6_address_on_creation || subnet.cidr_block.is_none();
        let ipv6 = self.ipv6.choose(region, subnet, wording, assign_one)?;
        let Some(mut pool) = Pool::ipv4(region, subnet) else {
            if self.primary.is_some() || self.count() > 1 {
                return Err(no_ipv4_block(subnet));
            }
            return Ok(Addresses { primary: None, secondaries: Vec::new(), ipv4_prefixes: Vec::new(), ipv6 });
        };
        for address in self.primary.iter().chain(&self.secondaries) {
            check_inside(&pool, number(*address), address, wording)?;
            if !pool.take(number(*address)) {
                return Err(in_use(address, wording));
            }
        }
        let ipv4_prefixes = choose_ipv4_prefixes(&mut pool, &self.prefixes, self.prefix_count, wording)?;
        let mut any = || pool.take_any().map(ipv4_address).ok_or_else(subnet_is_full);
        let primary = self.primary.map_or_else(&mut any, Ok)?;
        let free = (0..self.secondary_count).map(|_| any()).collect::<Result<Vec<_>, _>>()?;
        let secondaries = self.secondaries.iter().copied().chain(free).map(PrivateAddress::new).collect();
        Ok(Addresses { primary: Some(PrivateAddress::new(primary)), secondaries, ipv4_prefixes, ipv6 })
    }
}

/// More addresses for an interface in the subnet: those named, and `count` that are free.
///
/// # Errors
/// An address that is outside the subnet, reserved or taken, or a subnet that is full.
pub(crate) fn choose_more(
    region: &Region,
    subnet: &Subnet,
    named: &[String],
    count: usize,
) -> Result<Vec<PrivateAddress>, Refusal> {
    let mut pool = Pool::ipv4(region, subnet).ok_or_else(|| no_ipv4_block(subnet))?;
    let mut chosen = Vec::new();
    for text in named {
        let address = parse_ipv4(text)?;
        check_inside(&pool, number(address), address, Wording::Create)?;
        if !pool.take(number(address)) {
            return Err(in_use(address, Wording::Create));
        }
        chosen.push(address);
    }
    for _ in 0..count {
        chosen.push(pool.take_any().map(ipv4_address).ok_or_else(subnet_is_full)?);
    }
    Ok(chosen.into_iter().map(PrivateAddress::new).collect())
}

/// The IPv4 prefixes that a request names, and so many more.
pub(super) fn choose_ipv4_prefixes(
    pool: &mut Pool,
    named: &[Ipv4Net],
    count: usize,
    wording: Wording,
) -> Result<Vec<Ipv4Net>, Refusal> {
    let mut chosen = Vec::new();
    for prefix in named {
        take_prefix(pool, IpNet::V4(*prefix), wording)?;
        chosen.push(*prefix);
    }
    for _ in 0..count {
        let first = pool.take_any_prefix(1 << (32 - IPV4_PREFIX_LENGTH)).ok_or_else(no_free_prefix)?;
        chosen.push(Ipv4Net::new_assert(ipv4_address(first), IPV4_PREFIX_LENGTH));
    }
    Ok(chosen)
}

fn take_prefix(pool: &mut Pool, prefix: IpNet, wording: Wording) -> Result<(), Refusal> {
    let range = range_of(prefix);
    if !pool.contains(*range.start()) || !pool.contains(*range.end()) {
        return Err(Refusal::invalid_parameter_value(format!(
            "Prefix {prefix} does not fall within the subnet's address range"
        )));
    }
    if pool.take_prefix(range) { Ok(()) } else { Err(in_use(prefix, wording)) }
}

impl Ipv6Request {
    /// Reads the four ways in which requests name IPv6 addresses.
    ///
    /// # Errors
    /// A text that is no address or no /80, or more than one way at once.
    pub(crate) fn read(
        addresses: &[Ipv6AddressParameter],
        count: Option<u16>,
        prefixes: &[Ipv6PrefixParameter],
        prefix_count: Option<u16>,
    ) -> Result<Self, Refusal> {
        let counted = count.is_some_and(|count| count > 0);
        let prefixes_counted = prefix_count.is_some_and(|count| count > 0);
        one_way_only("IPv6", [!addresses.is_empty(), counted, !prefixes.is_empty(), prefixes_counted])?;
        let mut parsed = Vec::new();
        // The primary one stands first.
        let (primary, others): (Vec<_>, Vec<_>) = addresses.iter().partition(|address| address.is_primary_ipv6);
        if primary.len() > 1 {
            return Err(Refusal::invalid_parameter_combination("Only one primary IPv6 address can be specified."));
        }
        for address in primary.iter().chain(&others) {
            parsed.push(parse_ipv6(&address.ipv6_address)?);
        }
        let prefixes = prefixes.iter().map(|prefix| parse_ipv6_prefix(&prefix.ipv6_prefix));
        Ok(Self {
            addresses: parsed,
            count: count.map(usize::from),
            prefixes: prefixes.collect::<Result<_, _>>()?,
            prefix_count: usize::from(prefix_count.unwrap_or(0)),
            primary: !primary.is_empty(),
        })
    }

    /// Makes the first address the primary one (`EnablePrimaryIpv6`, `PrimaryIpv6`).
    pub(crate) fn with_primary(self, primary: Option<bool>) -> Self {
        Self { primary: primary.unwrap_or(self.primary), ..self }
    }

    /// How many IPv6 addresses are asked for. A prefix counts as one.
    fn len(&self) -> usize {
        self.addresses.len() + self.count.unwrap_or(0) + self.prefixes.len() + self.prefix_count
    }

    /// The addresses themselves. `assign_one`: the subnet gives a new interface one that asks for none.
    ///
    /// # Errors
    /// A subnet without IPv6, or an address that is outside it, reserved or taken.
    pub(super) fn choose(
        &self,
        region: &Region,
        subnet: &Subnet,
        wording: Wording,
        assign_one: bool,
    ) -> Result<Ipv6Addresses, Refusal> {
        let by_subnet = assign_one && self.count.is_none() && self.len() == 0;
        let count = if by_subnet { 1 } else { self.count.unwrap_or(0) };
        if count + self.len() == 0 {
            return if self.primary { Err(no_address_for_primary()) } else { Ok(Ipv6Addresses::default()) };
        }
        let mut pool = Pool::ipv6(region, subnet).ok_or_else(|| no_ipv6_block(subnet))?;
        let mut chosen = Ipv6Addresses { addresses: self.addresses.clone(), prefixes: self.prefixes.clone() };
        for address in &self.addresses {
            check_inside(&pool, u128::from(*address), address, wording)?;
            if !pool.take(u128::from(*address)) {
                return Err(in_use(address, wording));
            }
        }
        for prefix in &self.prefixes {
            take_prefix(&mut pool, IpNet::V6(*prefix), wording)?;
        }
        for _ in 0..self.prefix_count {
            let first = pool.take_any_prefix(1 << (128 - IPV6_PREFIX_LENGTH)).ok_or_else(no_free_prefix)?;
            chosen.prefixes.push(Ipv6Net::new_assert(ipv6_address(first), IPV6_PREFIX_LENGTH));
        }
        for _ in 0..count {
            chosen.addresses.push(pool.take_any().map(ipv6_address).ok_or_else(subnet_is_full)?);
        }
        if self.primary && chosen.addresses.is_empty() {
            return Err(no_address_for_primary());
        }
        Ok(chosen)
    }
}

pub(super) fn no_address_for_primary() -> Refusal {
    Refusal::invalid_parameter_value("A primary IPv6 address requires an IPv6 address on the network interface.")
}
