//! AWS's rules about blocks of addresses.
//!
//! Sources, all in the Amazon VPC User Guide: "VPC CIDR blocks" (sizes), "Subnet CIDR blocks" (sizes, the five reserved
//! addresses, no overlap). Arithmetic is done in 64 bits, so that a block may end at 255.255.255.255 or be 0.0.0.0/0.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;
use std::str::FromStr;

use ipnet::{Ipv4Net, Ipv6Net};

/// Prefix lengths that a VPC or a subnet may have. Source: "VPC CIDR blocks" and "Subnet CIDR blocks".
pub const BLOCK_SIZES: RangeInclusive<u8> = 16..=28;

/// A text that is not a block of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCidr {
    /// An address alone.
    #[error("{address:?} has no prefix length: expected a form such as {address}/{suggestion}")]
    NoPrefix {
        /// The address.
        address: String,
        /// The prefix length of that address alone.
        suggestion: u8,
    },
    /// The number behind the slash is not a prefix length.
    #[error("{text:?} has no valid prefix length: expected a number from 0 to {max} behind the slash")]
    PrefixOutOfRange {
        /// The whole text.
        text: String,
        /// The longest prefix of this family.
        max: u8,
    },
    /// What stands before the slash is not an address of the wanted family.
    #[error("{text:?} is not an {family} block: expected a form such as {example}")]
    NotAnAddress {
        /// The whole text.
        text: String,
        /// `IPv4` or `IPv6`.
        family: &'static str,
        /// A block of that family.
        example: &'static str,
    },
}

/// A block that is too large or too small for a VPC or subnet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{block} is too {}: VPCs and subnets are /16 to /28", if block.prefix_len() < 16 { "large" } else { "small" })]
pub struct InvalidBlockSize {
    /// The block.
    pub block: Ipv4Net,
}

/// Reads an IPv4 block and clears its host bits as EC2 does: `100.68.0.18/18` is `100.68.0.0/18`.
///
/// Source: "If you specify 100.68.0.18/18, we modify it to 100.68.0.0/18", CreateVpc in the EC2 API reference.
///
/// # Errors
/// [`InvalidCidr`] says what is wrong with the text.
///
/// ```
/// use vpcrun_model::parse_block;
/// assert_eq!(parse_block("192.168.1.77/24")?.to_string(), "192.168.1.0/24");
/// let error = parse_block("192.168.1.77").unwrap_err();
/// assert_eq!(error.to_string(), r#""192.168.1.77" has no prefix length: expected a form such as 192.168.1.77/32"#);
/// # Ok::<(), vpcrun_model::InvalidCidr>(())
/// ```
pub fn parse_block(text: &str) -> Result<Ipv4Net, InvalidCidr> {
    let not_an_address = || InvalidCidr::NotAnAddress { text: text.to_owned(), family: "IPv4", example: "10.0.0.0/16" };
    let (address, prefix_len) = split_block::<Ipv4Addr>(text, 32, not_an_address)?;
    Ipv4Net::new(address, prefix_len).map(|block| block.trunc()).map_err(|_| not_an_address())
}

/// Reads an IPv6 block and clears its host bits.
///
/// # Errors
/// [`InvalidCidr`] says what is wrong with the text.
pub fn parse_ipv6_block(text: &str) -> Result<Ipv6Net, InvalidCidr> {
    let not_an_address =
        || InvalidCidr::NotAnAddress { text: text.to_owned(), family: "IPv6", example: "2001:db8::/64" };
    let (address, prefix_len) = split_block::<Ipv6Addr>(text, 128, not_an_address)?;
    Ipv6Net::new(address, prefix_len).map(|block| block.trunc()).map_err(|_| not_an_address())
}

fn split_block<A: FromStr>(
    text: &str,
    max: u8,
    not_an_address: impl Fn() -> InvalidCidr,
) -> Result<(A, u8), InvalidCidr> {
    let Some((address, digits)) = text.split_once('/') else {
        text.parse::<A>().map_err(|_| not_an_address())?;
        return Err(InvalidCidr::NoPrefix { address: text.to_owned(), suggestion: max });
    };
    let address = address.parse().map_err(|_| not_an_address())?;
    let out_of_range = || InvalidCidr::PrefixOutOfRange { text: text.to_owned(), max };
    if !digits.bytes().all(|b| b.is_ascii_digit()) || (digits.len() > 1 && digits.starts_with('0')) {
        return Err(out_of_range());
    }
    let prefix_len = digits.parse().ok().filter(|prefix_len| *prefix_len <= max).ok_or_else(out_of_range)?;
    Ok((address, prefix_len))
}

/// Checks that a block has a size that VPCs and subnets may have, /16 to /28.
///
/// # Errors
/// [`InvalidBlockSize`] when it has not.
pub fn check_size(block: Ipv4Net) -> Result<(), InvalidBlockSize> {
    if BLOCK_SIZES.contains(&block.prefix_len()) { Ok(()) } else { Err(InvalidBlockSize { block }) }
}

/// Whether two blocks share an address. Two blocks do when one contains the other.
#[must_use]
pub fn overlaps(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}

/// Whether one of `blocks` contains the whole of `inner`. A block across two of them is in neither, also for EC2.
#[must_use]
pub fn is_within(inner: Ipv4Net, blocks: &[Ipv4Net]) -> bool {
    blocks.iter().any(|block| block.contains(&inner))
}

/// Why EC2 keeps an address of a subnet for itself. Source: "Subnet sizing for IPv4" in the Amazon VPC User Guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reserved {
    /// The first address: the network itself.
    Network,
    /// The second: the VPC's router.
    VpcRouter,
    /// The third: kept for DNS. The VPC's DNS server is at this place of the VPC's primary block.
    Dns,
    /// The fourth: kept for later use.
    FutureUse,
    /// The last: broadcast, which a VPC does not have.
    Broadcast,
}

impl fmt::Display for Reserved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Network => "network address",
            Self::VpcRouter => "VPC router",
            Self::Dns => "DNS",
            Self::FutureUse => "future use",
            Self::Broadcast => "network broadcast address",
        })
    }
}

/// The five addresses of a subnet that EC2 keeps for itself, in order.
///
/// In a block of fewer than five addresses, which no subnet is, the last address stands for those that have no place.
///
/// ```
/// use vpcrun_model::{Reserved, reserved_addresses};
/// let reserved = reserved_addresses("192.168.1.0/24".parse()?);
/// assert_eq!(reserved[1], ("192.168.1.1".parse()?, Reserved::VpcRouter));
/// assert_eq!(reserved[4], ("192.168.1.255".parse()?, Reserved::Broadcast));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn reserved_addresses(subnet: Ipv4Net) -> [(Ipv4Addr, Reserved); 5] {
    let (first, last) = (u32::from(subnet.network()), u32::from(subnet.broadcast()));
    let nth = |n: u32| Ipv4Addr::from(first.saturating_add(n).min(last));
    [
        (nth(0), Reserved::Network),
        (nth(1), Reserved::VpcRouter),
        (nth(2), Reserved::Dns),
        (nth(3), Reserved::FutureUse),
        (Ipv4Addr::from(last), Reserved::Broadcast),
    ]
}

/// Why EC2 keeps this address of the subnet for itself; `None` for an address that it does not keep.
#[must_use]
pub fn reserved_purpose(subnet: Ipv4Net, address: Ipv4Addr) -> Option<Reserved> {
    reserved_addresses(subnet).into_iter().find(|(reserved, _)| *reserved == address).map(|(_, purpose)| purpose)
}

/// How many addresses of a subnet network interfaces can have: 251 in a /24.
#[must_use]
pub fn usable_address_count(subnet: Ipv4Net) -> u32 {
    let count = (1_u64 << (32 - subnet.prefix_len())).saturating_sub(5);
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Whether a network interface can have this address in this subnet: it is inside and not reserved.
#[must_use]
pub fn is_usable(subnet: Ipv4Net, address: Ipv4Addr) -> bool {
    subnet.contains(&address) && reserved_purpose(subnet, address).is_none()
}

/// The lowest address of the subnet that a network interface can have and that is not in `taken`.
#[must_use]
pub fn first_free_address(subnet: Ipv4Net, taken: impl IntoIterator<Item = Ipv4Addr>) -> Option<Ipv4Addr> {
    let (first, last) = bounds(subnet);
    let (mut candidate, end) = (first + 4, last);
    let mut taken: Vec<u64> = taken.into_iter().map(|address| u64::from(u32::from(address))).collect();
    taken.sort_unstable();
    for address in taken {
        if address == candidate {
            candidate += 1;
        } else if address > candidate {
            break;
        }
    }
    if candidate < end { u32::try_from(candidate).ok().map(Ipv4Addr::from) } else { None }
}

/// The lowest block of this prefix length that is inside one of `within` and shares no address with any of `taken`.
///
/// Takes `n log n` steps for `n` blocks, however many addresses they hold. Host bits are ignored.
///
/// ```
/// use vpcrun_model::{next_free_block, parse_block};
/// let vpc = [parse_block("192.168.0.0/16")?];
/// let subnets = [parse_block("192.168.0.0/24")?, parse_block("192.168.1.0/25")?];
/// assert_eq!(next_free_block(&vpc, &subnets, 24), Some(parse_block("192.168.2.0/24")?));
/// assert_eq!(next_free_block(&vpc, &subnets, 25), Some(parse_block("192.168.1.128/25")?));
/// # Ok::<(), vpcrun_model::InvalidCidr>(())
/// ```
#[must_use]
pub fn next_free_block(within: &[Ipv4Net], taken: &[Ipv4Net], prefix_len: u8) -> Option<Ipv4Net> {
    if prefix_len > 32 {
        return None;
    }
    let size = 1_u64 << (32 - prefix_len);
    let taken = disjoint(taken);
    for (first, last) in disjoint(within) {
        // Aligned for `size` when the block is at least that large; else the candidate ends past `last` and none fits.
        let mut candidate = first;
        let from = taken.partition_point(|(_, taken_last)| *taken_last < first);
        for (taken_first, taken_last) in &taken[from..] {
            if *taken_first >= candidate + size || candidate > last {
                break;
            }
            candidate = candidate.max((taken_last + 1).next_multiple_of(size));
        }
        if candidate + size - 1 <= last {
            let address = Ipv4Addr::from(u32::try_from(candidate).ok()?);
            return Ipv4Net::new(address, prefix_len).ok();
        }
    }
    None
}

/// First and last address as numbers.
fn bounds(block: Ipv4Net) -> (u64, u64) {
    (u64::from(u32::from(block.network())), u64::from(u32::from(block.broadcast())))
}

/// The bounds of the blocks in ascending order, without those that another one contains.
fn disjoint(blocks: &[Ipv4Net]) -> Vec<(u64, u64)> {
    let mut all: Vec<(u64, u64)> = blocks.iter().copied().map(bounds).collect();
    all.sort_unstable_by_key(|(first, last)| (*first, std::cmp::Reverse(*last)));
    let mut kept: Vec<(u64, u64)> = Vec::with_capacity(all.len());
    for block in all {
        // Blocks are nested or apart, so it is enough to look at the last one kept.
        if kept.last().is_none_or(|(_, last)| *last < block.0) {
            kept.push(block);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn net(text: &str) -> Ipv4Net {
        text.parse().expect(text)
    }

    fn any_block() -> impl Strategy<Value = Ipv4Net> {
        (any::<u32>(), 0_u8..=32).prop_map(|(address, prefix_len)| {
            Ipv4Net::new(Ipv4Addr::from(address), prefix_len).expect("at most 32").trunc()
        })
    }

    /// Blocks near each other, so that they often touch and overlap.
    fn near_block() -> impl Strategy<Value = Ipv4Net> {
        (0_u32..=1023, 22_u8..=32).prop_map(|(low, prefix_len)| {
            Ipv4Net::new((0xffff_fc00 | low).into(), prefix_len).expect("at most 32").trunc()
        })
    }

    #[test]
    fn texts_that_are_no_block_say_what_is_wrong() {
        let wrong = |text: &str| parse_block(text).expect_err(text);
        assert!(matches!(wrong("10.0.0.0"), InvalidCidr::NoPrefix { suggestion: 32, .. }));
        for text in
            ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/256", "10.0.0.0/8/8"]
        {
            assert!(matches!(wrong(text), InvalidCidr::PrefixOutOfRange { max: 32, .. }), "{text}");
        }
        for text in ["", "/8", "10.0.0/8", "10.0.0.256/8", "010.0.0.0/8", "ten", "2001:db8::/32", " 10.0.0.0/8"] {
            assert!(matches!(wrong(text), InvalidCidr::NotAnAddress { .. }), "{text}");
        }
        let error = parse_ipv6_block("10.0.0.0/8").expect_err("another family").to_string();
        assert_eq!(error, "\"10.0.0.0/8\" is not an IPv6 block: expected a form such as 2001:db8::/64");
    }

    #[test]
    fn host_bits_are_cleared() {
        assert_eq!(parse_block("100.68.0.18/18").expect("block"), net("100.68.0.0/18"));
        assert_eq!(parse_block("255.255.255.255/0").expect("block"), net("0.0.0.0/0"));
        assert_eq!(parse_block("255.255.255.255/32").expect("block"), net("255.255.255.255/32"));
        assert_eq!(parse_ipv6_block("2001:db8::1/32").expect("block").to_string(), "2001:db8::/32");
    }

    #[test]
    fn sizes_are_16_to_28() {
        for prefix_len in 0..=32 {
            let block = Ipv4Net::new(Ipv4Addr::UNSPECIFIED, prefix_len).expect("at most 32");
            assert_eq!(check_size(block).is_ok(), (16..=28).contains(&prefix_len), "/{prefix_len}");
        }
        let error = check_size(net("10.0.0.0/15")).expect_err("too large").to_string();
        assert_eq!(error, "10.0.0.0/15 is too large: VPCs and subnets are /16 to /28");
        assert!(check_size(net("10.0.0.0/29")).expect_err("too small").to_string().contains("too small"));
    }

    #[test]
    fn capacities_at_the_edges() {
        let capacities = [(0, u32::MAX - 4), (16, 65_531), (24, 251), (28, 11), (29, 3), (30, 0), (31, 0), (32, 0)];
        for (prefix_len, count) in capacities {
            let block = Ipv4Net::new(Ipv4Addr::UNSPECIFIED, prefix_len).expect("at most 32");
            assert_eq!(usable_address_count(block), count, "/{prefix_len}");
        }
    }

    #[test]
    fn the_last_addresses_do_not_overflow() {
        for text in ["255.255.255.255/32", "255.255.255.254/31", "255.255.255.240/28", "0.0.0.0/0"] {
            let block = net(text);
            assert!(reserved_addresses(block).iter().all(|(address, _)| block.contains(address)), "{text}");
            assert!(!is_usable(block, Ipv4Addr::BROADCAST));
        }
        assert_eq!(first_free_address(net("255.255.255.255/32"), []), None);
        assert_eq!(first_free_address(net("255.255.255.240/28"), []), Some(Ipv4Addr::new(255, 255, 255, 244)));
        assert_eq!(next_free_block(&[net("0.0.0.0/0")], &[], 0), Some(net("0.0.0.0/0")));
        assert_eq!(next_free_block(&[net("0.0.0.0/0")], &[net("255.255.255.255/32")], 0), None);
        assert_eq!(next_free_block(&[net("0.0.0.0/0")], &[net("0.0.0.0/1")], 1), Some(net("128.0.0.0/1")));
        let last = net("255.255.255.255/32");
        assert_eq!(next_free_block(&[last], &[], 32), Some(last));
        assert_eq!(next_free_block(&[last], &[last], 32), None);
        assert_eq!(next_free_block(&[last], &[], 33), None);
        assert_eq!(next_free_block(&[], &[], 24), None);
    }

    #[test]
    fn a_full_subnet_has_no_free_address() {
        let subnet = net("192.168.1.0/28");
        let mut taken = Vec::new();
        while let Some(address) = first_free_address(subnet, taken.iter().copied()) {
            assert!(is_usable(subnet, address));
            taken.push(address);
        }
        assert_eq!(taken.len(), 11);
    }

    #[test]
    fn a_second_block_of_the_vpc_is_used_when_the_first_is_full() {
        let within = [net("10.1.0.0/24"), net("10.0.0.0/24")];
        assert_eq!(next_free_block(&within, &[net("10.0.0.0/25"), net("10.0.0.192/26")], 25), Some(net("10.1.0.0/25")));
        assert_eq!(next_free_block(&within, &[net("10.0.0.0/16")], 25), Some(net("10.1.0.0/25")));
        assert_eq!(next_free_block(&within, &[net("10.0.0.0/8")], 25), None);
    }

    #[test]
    fn fast_with_every_block_of_a_large_space_taken() {
        let taken: Vec<Ipv4Net> = net("10.0.0.0/8").subnets(24).expect("subnets").skip(1).collect();
        let started = std::time::Instant::now();
        assert_eq!(next_free_block(&[net("10.0.0.0/8")], &taken, 24), Some(net("10.0.0.0/24")));
        assert_eq!(next_free_block(&[net("10.0.0.0/8")], &taken, 23), None);
        assert!(started.elapsed().as_secs() < 2, "65,535 blocks took {:?}", started.elapsed());
    }

    proptest! {
        #[test]
        fn blocks_read_back(block in any_block()) {
            prop_assert_eq!(parse_block(&block.to_string()).expect("a block's own text"), block);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            let _ = (parse_block(&text), parse_ipv6_block(&text));
        }

        #[test]
        fn overlap_is_mutual_and_agrees_with_the_bounds(one in near_block(), other in near_block()) {
            let ((a, b), (c, d)) = (bounds(one), bounds(other));
            prop_assert_eq!(overlaps(one, other), a <= d && c <= b);
            prop_assert_eq!(overlaps(one, other), overlaps(other, one));
        }

        #[test]
        fn usable_addresses_are_as_many_as_counted(block in near_block()) {
            let (first, last) = bounds(block);
            let usable = (first..=last).filter(|a| is_usable(block, u32::try_from(*a).expect("32 bits").into())).count();
            prop_assert_eq!(usable as u32, usable_address_count(block));
        }

        #[test]
        fn the_next_free_block_is_the_lowest_that_fits(
            within in proptest::collection::vec(near_block(), 0..4),
            taken in proptest::collection::vec(near_block(), 0..12),
            prefix_len in 22_u8..=32,
        ) {
            let slow = net("255.255.252.0/22").subnets(prefix_len).expect("subnets").find(|candidate| {
                is_within(*candidate, &within) && !taken.iter().any(|block| overlaps(*block, *candidate))
            });
            prop_assert_eq!(next_free_block(&within, &taken, prefix_len), slow);
        }
    }
}
