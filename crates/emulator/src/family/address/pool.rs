//! Public addresses: from the ranges that are reserved for documentation, so never from someone's real network.

use std::net::Ipv4Addr;

use crate::action::Context;

/// The first and the last address of each range. Sources: RFC 5737, RFC 2544. The lab's home is 198.51.100.7, so all ranges
/// start at .10.
const POOLS: [(Ipv4Addr, Ipv4Addr); 4] = [
    (Ipv4Addr::new(203, 0, 113, 10), Ipv4Addr::new(203, 0, 113, 254)),
    (Ipv4Addr::new(198, 51, 100, 10), Ipv4Addr::new(198, 51, 100, 254)),
    (Ipv4Addr::new(192, 0, 2, 10), Ipv4Addr::new(192, 0, 2, 254)),
    (Ipv4Addr::new(198, 18, 0, 10), Ipv4Addr::new(198, 19, 255, 254)),
];

fn all() -> impl Iterator<Item = Ipv4Addr> {
    let range = |(first, last): (Ipv4Addr, Ipv4Addr)| (u32::from(first)..=u32::from(last)).map(Ipv4Addr::from);
    // Addresses that end in .0 or .255 look like a network's own or its broadcast address.
    POOLS.into_iter().flat_map(range).filter(|address| !matches!(address.octets()[3], 0 | 255))
}

/// Whether no Elastic IP address and no instance of the account has the address, in any region.
pub(super) fn is_free(cx: &Context<'_>, address: Ipv4Addr) -> bool {
    let alias = address.to_string();
    let others = cx.state.regions.iter().filter(|(name, _)| *name != cx.region_name);
    !cx.region.has_alias(&alias) && !others.map(|(_, region)| region).any(|region| region.has_alias(&alias))
}

/// The lowest public address that is free.
pub(crate) fn next_public_address(cx: &Context<'_>) -> Option<Ipv4Addr> {
    all().find(|address| is_free(cx, *address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lab_and_network_addresses_are_never_given_out() {
        assert_eq!(all().next(), Some(Ipv4Addr::new(203, 0, 113, 10)));
        assert_eq!(all().nth(245), Some(Ipv4Addr::new(198, 51, 100, 10)));
        assert!(all().all(|address| address != Ipv4Addr::new(198, 51, 100, 7)));
        assert!(all().all(|address| !matches!(address.octets()[3], 0 | 255)));
        assert!(all().count() > 100_000);
    }
}
