//! The DNS names of interface endpoints.
//!
//! Source: "Access an AWS service using an interface VPC endpoint" in the AWS PrivateLink Guide, and answers quoted in public.

use serde::Serialize;

use super::service::Service;
use super::{EndpointState, InterfaceEndpoint, VpcEndpoint};
use crate::action::Context;
use crate::family::subnet::Subnet;

/// The public hosted zones of endpoints' names. Source: kubernetes-sigs/external-dns.
const HOSTED_ZONES: &[(&str, &str)] = &[
    ("ap-northeast-1", "Z2E726K9Y6RL4W"),
    ("ap-northeast-2", "Z27UANNT0PRK1T"),
    ("ap-northeast-3", "Z376B5OMM2JZL2"),
    ("ap-south-1", "Z2KVTB3ZLFM7JR"),
    ("ap-southeast-1", "Z18LLCSTV4NVNL"),
    ("ap-southeast-2", "ZDK2GCRPAFKGO"),
    ("ca-central-1", "ZRCXCF510Y6P9"),
    ("eu-central-1", "Z273ZU8SZ5RJPC"),
    ("eu-north-1", "Z3OWWK6JFDEDGC"),
    ("eu-west-1", "Z38GZ743OKFT7T"),
    ("eu-west-2", "Z7K1066E3PUKB"),
    ("eu-west-3", "Z1DWHTMFP0WECP"),
    ("sa-east-1", "Z2LXUWEVLCVZIB"),
    ("us-east-1", "Z7HUB22UULQXV"),
    ("us-east-2", "ZC8PG0KIFKBRI"),
    ("us-west-1", "Z12I86A8N7VCZO"),
    ("us-west-2", "Z1YSA3EXCYUU9Z"),
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DnsEntry {
    dns_name: String,
    hosted_zone_id: String,
}

/// Eight letters and digits.
pub(super) fn suffix(bits: u64) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz012345";
    (0..8).map(|at| char::from(DIGITS[usize::try_from(bits >> (5 * at) & 31).unwrap_or_default()])).collect()
}

/// The id of a private hosted zone: `Z` and 20 letters and digits.
pub(super) fn hosted_zone_id(bits: u64) -> String {
    format!("Z{bits:020X}")
}

/// The endpoint's names: in the region, in each zone, and the service's own where they are private here.
pub(super) fn entries(
    endpoint: &VpcEndpoint,
    interface: &InterfaceEndpoint,
    service: &Service,
    cx: &Context<'_>,
) -> Vec<DnsEntry> {
    let region = cx.region_name;
    let (id, suffix, base) = (endpoint.id, &interface.dns_suffix, service.base_endpoint_dns_name(region));
    let star = if service.is_s3() { "*." } else { "" };
    let zone_id = HOSTED_ZONES.iter().find(|(name, _)| *name == region).map_or("", |(_, id)| *id);
    let public = |dns_name: String| DnsEntry { dns_name, hosted_zone_id: zone_id.to_owned() };
    let subnets = endpoint.subnets(&cx.region).into_iter().filter_map(|id| cx.region.get::<Subnet>(id));
    let zonal = subnets.map(|subnet| public(format!("{star}{id}-{suffix}-{}.{base}", subnet.availability_zone)));
    let mut entries = vec![public(format!("{star}{id}-{suffix}.{base}"))];
    entries.extend(zonal);
    if interface.private_dns_enabled {
        let hosted_zone_id = match endpoint.state {
            EndpointState::Pending => "ZONEIDPENDING".to_owned(),
            EndpointState::Available | EndpointState::Deleting => interface.hosted_zone_id.clone(),
        };
        let private = |dns_name| DnsEntry { dns_name, hosted_zone_id: hosted_zone_id.clone() };
        entries.extend(service.private_dns_names(region).into_iter().map(private));
    }
    entries
}

/// The id of a service that nobody created: the same for the same name. (FNV-1a)
pub(super) fn service_id(name: &str) -> String {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("vpce-svc-{:017x}", name.bytes().fold(0xcbf2_9ce4_8422_2325, fold))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_that_answers_has_a_hosted_zone() {
        let regions = HOSTED_ZONES.iter().map(|(name, _)| *name);
        assert!(regions.clone().all(crate::family::zone::is_region));
        assert_eq!(regions.count(), 17);
    }

    #[test]
    fn names_are_made_of_letters_and_digits() {
        assert_eq!(suffix(0), "aaaaaaaa");
        assert_eq!(suffix(u64::MAX), "55555555");
        assert_eq!(hosted_zone_id(0xabc).len(), 21);
    }
}
