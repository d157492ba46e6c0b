//! The prefix lists that AWS manages in every region: names and weights are AWS's, the blocks are not. They are of the ranges that
//! are set aside for documentation (RFC 5737, RFC 3849), so that no rule or route of a local world names someone's real network.
//!
//! Source: "AWS-managed prefix lists" in the Amazon VPC User Guide.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use sha2::{Digest, Sha256};
use vpcrun_model::{Id, PrefixListId};

use super::{AddressFamily, Entry, PrefixList, PrefixListState};
use crate::action::Context;
use crate::state::Tags;

/// The names behind `com.amazonaws.`, `REGION` standing for the region, and the weights.
const LISTS: &[(&str, AddressFamily, u32)] = &[
    ("REGION.dynamodb", AddressFamily::Ipv4, 1),
    ("REGION.ec2-instance-connect", AddressFamily::Ipv4, 2),
    ("REGION.ipv6.ec2-instance-connect", AddressFamily::Ipv6, 2),
    ("REGION.ipv6.route53-healthchecks", AddressFamily::Ipv6, 25),
    ("REGION.ipv6.vpc-lattice", AddressFamily::Ipv6, 10),
    ("REGION.route53-healthchecks", AddressFamily::Ipv4, 25),
    ("REGION.s3", AddressFamily::Ipv4, 1),
    ("REGION.s3express", AddressFamily::Ipv4, 6),
    ("REGION.vpc-lattice", AddressFamily::Ipv4, 10),
    ("global.cloudfront.origin-facing", AddressFamily::Ipv4, 55),
    ("global.groundstation", AddressFamily::Ipv4, 5),
    ("global.ipv6.cloudfront.origin-facing", AddressFamily::Ipv6, 55),
];

/// Names that customers' lists cannot have.
pub(super) const RESERVED_PREFIX: &str = "com.amazonaws";

/// A list's id follows from region and name, as on AWS, where it is the same in all accounts.
fn id(region: &str, name: &str) -> PrefixListId {
    let digest = Sha256::digest(format!("{region}/{name}"));
    PrefixListId::from_bits(digest.iter().take(8).fold(0, |bits, byte| bits << 8 | u128::from(*byte)))
}

/// The n-th list's block: a /28 of 192.0.2.0/24, or a /48 of 2001:db8::/32.
fn block(n: u8, family: AddressFamily) -> IpNet {
    match family {
        AddressFamily::Ipv4 => Ipv4Net::new_assert([192, 0, 2, n * 16].into(), 28).into(),
        AddressFamily::Ipv6 => Ipv6Net::new_assert([0x2001, 0xdb8, u16::from(n) + 1, 0, 0, 0, 0, 0].into(), 48).into(),
    }
}

/// Makes the region's AWS-managed lists where they are missing: in a new region, or in one of a world from before there were any.
pub(crate) fn create_aws_managed(cx: &mut Context<'_>) {
    if cx.region.all::<PrefixList>().next().is_some() {
        return;
    }
    for (n, (name, address_family, weight)) in (0..).zip(LISTS) {
        let name = format!("{RESERVED_PREFIX}.{}", name.replace("REGION", cx.region_name));
        cx.region.put(PrefixList {
            id: id(cx.region_name, &name),
            name,
            address_family: *address_family,
            is_aws_managed: true,
            max_entries: *weight,
            versions: vec![vec![Entry { cidr: block(n, *address_family), description: None }]],
            state: PrefixListState::CreateComplete,
            state_message: None,
            change: None,
            tags: Tags::new(),
        });
    }
}
