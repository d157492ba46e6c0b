//! The addresses of a subnet: which are given out, and which it has still to give. One calculation for IPv4 and IPv6: addresses
//! are numbers, prefixes and reservations are ranges of them.
//!
//! Sources: "Subnet CIDR blocks" and "Subnet CIDR reservations" in the Amazon VPC User Guide, "Assign prefixes to network
//! interfaces" in the EC2 User Guide.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::NetworkInterface;
use crate::family::subnet::{ReservationType, Subnet, SubnetCidrReservation};
use crate::state::Region;

/// The length of a prefix that an interface can have: 16 addresses, or 2^48.
pub(super) const IPV4_PREFIX_LENGTH: u8 = 28;
pub(super) const IPV6_PREFIX_LENGTH: u8 = 80;

type Range = RangeInclusive<u128>;

/// What a subnet's block of one address family has given out.
pub(super) struct Pool {
    block: Range,
    taken: BTreeSet<u128>,
    /// The prefixes of interfaces.
    prefixes: Vec<Range>,
    reservations: Vec<(Range, ReservationType)>,
    /// No address below is free.
    next: u128,
}

pub(super) fn number(address: Ipv4Addr) -> u128 {
    u128::from(u32::from(address))
}

fn ipv4_range(net: Ipv4Net) -> Range {
    number(net.network())..=number(net.broadcast())
}

fn ipv6_range(net: Ipv6Net) -> Range {
    u128::from(net.network())..=u128::from(net.broadcast())
}

fn overlap(one: &Range, other: &Range) -> bool {
    one.start() <= other.end() && other.start() <= one.end()
}

impl Pool {
    /// `None` in an IPv6-only subnet.
    pub(super) fn ipv4(region: &Region, subnet: &Subnet) -> Option<Self> {
        let mut pool = Self::new(ipv4_range(subnet.cidr_block?));
        for interface in region.referrers::<NetworkInterface>(subnet.id) {
            pool.taken.extend(interface.addresses().map(number));
            pool.prefixes.extend(interface.ipv4_prefixes.iter().map(|prefix| ipv4_range(*prefix)));
        }
        for reservation in region.referrers::<SubnetCidrReservation>(subnet.id) {
            if let IpNet::V4(net) = reservation.cidr {
                pool.reservations.push((ipv4_range(net), reservation.reservation_type));
            }
        }
        Some(pool)
    }

    /// `None` without an IPv6 block.
    pub(super) fn ipv6(region: &Region, subnet: &Subnet) -> Option<Self> {
        let mut pool = Self::new(ipv6_range(subnet.ipv6_cidr_block()?));
        for interface in region.referrers::<NetworkInterface>(subnet.id) {
            pool.taken.extend(interface.ipv6_addresses.iter().map(|address| u128::from(*address)));
            pool.prefixes.extend(interface.ipv6_prefixes.iter().map(|prefix| ipv6_range(*prefix)));
        }
        for reservation in region.referrers::<SubnetCidrReservation>(subnet.id) {
            if let IpNet::V6(net) = reservation.cidr {
                pool.reservations.push((ipv6_range(net), reservation.reservation_type));
            }
        }
        Some(pool)
    }

    fn new(block: Range) -> Self {
        let next = *block.start();
        Self { block, taken: BTreeSet::new(), prefixes: Vec::new(), reservations: Vec::new(), next }
    }

    pub(super) fn contains(&self, address: u128) -> bool {
        self.block.contains(&address)
    }

    /// AWS keeps the first four addresses and the last.
    pub(super) fn is_reserved(&self, address: u128) -> bool {
        address - self.block.start() < 4 || address == *self.block.end()
    }

    /// Takes this address, unless it is given out already.
    pub(super) fn take(&mut self, address: u128) -> bool {
        !self.prefixes.iter().any(|prefix| prefix.contains(&address)) && self.taken.insert(address)
    }

    /// Takes the lowest address that is free and that no reservation keeps. (EC2 picks any.)
    pub(super) fn take_any(&mut self) -> Option<u128> {
        let mut candidate = self.next.max(self.block.start() + 4);
        while candidate < *self.block.end() {
            let kept = self.reservations.iter().map(|(range, _)| range);
            if let Some(range) = self.prefixes.iter().chain(kept).find(|range| range.contains(&candidate)) {
                candidate = range.end() + 1;
            } else if self.taken.insert(candidate) {
                self.next = candidate + 1;
                return Some(candidate);
            } else {
                candidate += 1;
            }
        }
        self.next = candidate;
        None
    }

    /// Takes these addresses for a prefix, unless one of them is given out or AWS's.
    pub(super) fn take_prefix(&mut self, range: Range) -> bool {
        let free = self.conflict(&range).is_none();
        if free {
            self.prefixes.push(range);
        }
        free
    }

    /// Takes the lowest `size` addresses for a prefix: out of a reservation for prefixes, else out of what nothing reserves.
    pub(super) fn take_any_prefix(&mut self, size: u128) -> Option<u128> {
        let for_prefixes: Vec<Range> = (self.reservations.iter())
            .filter(|(_, kind)| *kind == ReservationType::Prefix)
            .map(|(range, _)| range.clone())
            .collect();
        let found = for_prefixes.iter().find_map(|within| self.free_prefix(within, size, &[])).or_else(|| {
            let kept: Vec<Range> = self.reservations.iter().map(|(range, _)| range.clone()).collect();
            self.free_prefix(&self.block, size, &kept)
        })?;
        self.prefixes.push(found..=found + size - 1);
        Some(found)
    }

    fn free_prefix(&self, within: &Range, size: u128, kept: &[Range]) -> Option<u128> {
        let mut start = within.start().next_multiple_of(size);
        while start + (size - 1) <= *within.end() {
            let range = start..=start + (size - 1);
            let conflict = kept.iter().find(|other| overlap(other, &range)).map(|other| *other.end());
            match conflict.or_else(|| self.conflict(&range)) {
                None => return Some(start),
                Some(last) => start = (last + 1).next_multiple_of(size),
            }
        }
        None
    }

    /// The last address of what stands in the way of a prefix here.
    fn conflict(&self, range: &Range) -> Option<u128> {
        let first = *self.block.start();
        if overlap(range, &(first..=first + 3)) {
            return Some(first + 3);
        }
        if range.contains(self.block.end()) {
            return Some(*self.block.end());
        }
        let prefix = self.prefixes.iter().find(|other| overlap(other, range)).map(|other| *other.end());
        prefix.or_else(|| self.taken.range(range.clone()).next_back().copied())
    }
}

/// The range of a prefix of either family.
pub(super) fn range_of(net: IpNet) -> Range {
    match net {
        IpNet::V4(net) => ipv4_range(net),
        IpNet::V6(net) => ipv6_range(net),
    }
}

/// A number of an IPv4 pool as an address.
pub(super) fn ipv4_address(number: u128) -> Ipv4Addr {
    // Pools of IPv4 hold nothing larger.
    Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// A number of an IPv6 pool as an address.
pub(super) fn ipv6_address(number: u128) -> Ipv6Addr {
    Ipv6Addr::from(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_prefixes_keep_out_of_each_others_way() {
        let mut pool = Pool::new(0..=63);
        assert_eq!((pool.take_any(), pool.take_any()), (Some(4), Some(5)));
        // The first 16 hold what AWS keeps, the last 16 too.
        assert_eq!(
            (pool.take_any_prefix(16), pool.take_any_prefix(16), pool.take_any_prefix(16)),
            (Some(16), Some(32), None)
        );
        assert!(!pool.take(17) && !pool.take(5) && pool.take(6));
        assert!(!pool.take_prefix(0..=15) && !pool.take_prefix(48..=63) && !pool.take_prefix(16..=31));
        let rest: Vec<u128> = std::iter::from_fn(|| pool.take_any()).collect();
        assert_eq!(rest, (7..16).chain(48..63).collect::<Vec<u128>>());
    }

    #[test]
    fn reservations_are_kept_for_those_who_ask() {
        let mut pool = Pool::new(0..=127);
        pool.reservations = vec![(0..=15, ReservationType::Explicit), (64..=95, ReservationType::Prefix)];
        assert_eq!(pool.take_any(), Some(16));
        assert!(pool.take(7));
        let prefixes: Vec<u128> = std::iter::from_fn(|| pool.take_any_prefix(16)).collect();
        assert_eq!(prefixes, [64, 80, 32, 48, 96]);
        assert_eq!(pool.take_any(), Some(17));
    }
}
