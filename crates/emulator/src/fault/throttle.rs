//! AWS's token buckets: each action of an account has its own in each region, some draw from two.
//!
//! Source: "Request throttling for the Amazon EC2 API" in the Amazon EC2 Developer Guide.

use crate::action;
use crate::clock::Timestamp;
use crate::wire::Parameters;

/// Which bucket: the action's name, and whether it is the one that counts instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Name {
    /// A token for each request.
    Requests(&'static str),
    /// A token for each request of a Describe action without filter and pages.
    Unfiltered(&'static str),
    /// A token for each instance in the request.
    Resources(&'static str),
}

/// How many tokens a bucket holds, and how many come back each second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Size {
    capacity: f64,
    refill: f64,
}

const fn size(capacity: f64, refill: f64) -> Size {
    Size { capacity, refill }
}

const NON_MUTATING: Size = size(100.0, 20.0);
const UNFILTERED: Size = size(50.0, 10.0);
/// Resource-intensive actions (AuthorizeSecurityGroupIngress, CreateKeyPair, …) have the same.
const MUTATING: Size = size(50.0, 5.0);

/// The actions that use a smaller bucket when asked for everything at once.
const UNFILTERED_ACTIONS: &[&str] = &[
    "DescribeInstanceStatus",
    "DescribeInstances",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSnapshots",
    "DescribeVolumes",
];

/// "Uncategorized actions", as far as they are about networks, addresses, images and instances. Sorted.
const UNCATEGORIZED: &[(&str, Size)] = &[
    ("AcceptVpcEndpointConnections", size(10.0, 1.0)),
    ("AssignIpv6Addresses", size(100.0, 5.0)),
    ("AssignPrivateIpAddresses", size(100.0, 5.0)),
    ("AssignPrivateNatGatewayAddress", size(10.0, 1.0)),
    ("AssociateIamInstanceProfile", size(100.0, 5.0)),
    ("AssociateNatGatewayAddress", size(10.0, 1.0)),
    ("CopyImage", size(100.0, 1.0)),
    ("CreateDefaultSubnet", size(1.0, 1.0)),
    ("CreateDefaultVpc", size(1.0, 1.0)),
    ("CreateLaunchTemplateVersion", size(100.0, 5.0)),
    ("CreateNatGateway", size(10.0, 1.0)),
    ("CreateNetworkInterface", size(100.0, 5.0)),
    ("CreateSnapshot", size(100.0, 5.0)),
    ("CreateSubnetCidrReservation", size(5.0, 1.0)),
    ("CreateTags", size(100.0, 10.0)),
    ("CreateVolume", size(100.0, 5.0)),
    ("CreateVpcEndpoint", size(4.0, 0.3)),
    ("CreateVpcEndpointServiceConfiguration", size(10.0, 1.0)),
    ("DeleteNatGateway", size(10.0, 1.0)),
    ("DeleteNetworkInterface", size(100.0, 5.0)),
    ("DeleteSnapshot", size(100.0, 5.0)),
    ("DeleteSubnetCidrReservation", size(5.0, 1.0)),
    ("DeleteTags", size(100.0, 10.0)),
    ("DeleteVolume", size(100.0, 5.0)),
    ("DeleteVpcEndpointServiceConfigurations", size(10.0, 1.0)),
    ("DeleteVpcEndpoints", size(4.0, 0.3)),
    ("DeregisterImage", size(100.0, 5.0)),
    ("DescribeAggregateIdFormat", size(10.0, 10.0)),
    ("DescribeIdFormat", size(10.0, 10.0)),
    ("DescribeInstanceTopology", size(1.0, 1.0)),
    ("DescribeMovingAddresses", size(1.0, 1.0)),
    ("DescribeSecurityGroupReferences", size(20.0, 5.0)),
    ("DescribeStaleSecurityGroups", size(20.0, 5.0)),
    ("DisassociateIamInstanceProfile", size(100.0, 5.0)),
    ("DisassociateNatGatewayAddress", size(10.0, 1.0)),
    ("ModifyImageAttribute", size(100.0, 5.0)),
    ("ModifyInstanceMetadataDefaults", size(2.0, 2.0)),
    ("ModifyInstanceMetadataOptions", size(100.0, 5.0)),
    ("ModifyLaunchTemplate", size(100.0, 5.0)),
    ("ModifyNetworkInterfaceAttribute", size(100.0, 5.0)),
    ("ModifyVpcEndpoint", size(4.0, 0.3)),
    ("ModifyVpcEndpointServiceConfiguration", size(10.0, 1.0)),
    ("MoveAddressToVpc", size(1.0, 1.0)),
    ("RejectVpcEndpointConnections", size(10.0, 1.0)),
    ("RestoreAddressToClassic", size(1.0, 1.0)),
    ("RunInstances", size(5.0, 2.0)),
    ("StartInstances", size(5.0, 2.0)),
    ("TerminateInstances", size(100.0, 5.0)),
    ("UnassignPrivateIpAddresses", size(100.0, 5.0)),
    ("UnassignPrivateNatGatewayAddress", size(10.0, 1.0)),
];

/// Buckets for what a request touches rather than for the request.
const RESOURCES: &[(&str, Size)] = &[
    ("RunInstances", size(1_000.0, 2.0)),
    ("StartInstances", size(1_000.0, 2.0)),
    ("StopInstances", size(1_000.0, 20.0)),
    ("TerminateInstances", size(1_000.0, 20.0)),
];

/// The buckets that a request draws from, with its tokens in each.
pub(super) fn buckets(action: &str, parameters: &Parameters) -> Vec<(Name, Size, f64)> {
    // An action that the emulator does not have needs no bucket: it is refused anyway.
    let Some((action, _)) = action::find(action) else { return Vec::new() };
    let unfiltered = UNFILTERED_ACTIONS.contains(&action)
        && !["Filter", "MaxResults", "NextToken"].iter().any(|name| parameters.has(name));
    let requests = match UNCATEGORIZED.binary_search_by_key(&action, |(name, _)| name) {
        Ok(index) => (Name::Requests(action), UNCATEGORIZED[index].1, 1.0),
        Err(_) if unfiltered => (Name::Unfiltered(action), UNFILTERED, 1.0),
        Err(_) if action::is_read_only(action) => (Name::Requests(action), NON_MUTATING, 1.0),
        Err(_) => (Name::Requests(action), MUTATING, 1.0),
    };
    let resources = RESOURCES.iter().find(|(name, _)| *name == action).map(|(_, size)| {
        let count = match parameters.text("MaxCount") {
            Some(count) => count.parse::<u32>().unwrap_or(1),
            None => u32::try_from(parameters.children("InstanceId")).unwrap_or(u32::MAX),
        };
        (Name::Resources(action), *size, f64::from(count))
    });
    [Some(requests), resources].into_iter().flatten().collect()
}

/// A bucket at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bucket {
    tokens: f64,
    at: Timestamp,
}

impl Bucket {
    pub(super) fn full(size: Size, now: Timestamp) -> Self {
        Self { tokens: size.capacity, at: now }
    }

    /// The bucket without these tokens, if it holds them.
    pub(super) fn take(self, tokens: f64, size: Size, now: Timestamp) -> Option<Self> {
        let refilled = self.tokens + now.since(self.at).as_secs_f64() * size.refill;
        let left = refilled.min(size.capacity) - tokens;
        (left >= 0.0).then_some(Self { tokens: left, at: now.max(self.at) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(UNCATEGORIZED.is_sorted_by_key(|(name, _)| name));
    }

    #[test]
    fn a_bucket_refills_up_to_its_size() {
        let at = Timestamp::from_millisecond;
        let size = size(2.0, 0.5);
        let mut bucket = Bucket::full(size, at(0));
        for _ in 0..2 {
            bucket = bucket.take(1.0, size, at(0)).expect("a token");
        }
        assert_eq!(bucket.take(1.0, size, at(1_999)), None);
        bucket = bucket.take(1.0, size, at(2_000)).expect("a token after two seconds");
        bucket = bucket.take(2.0, size, at(600_000)).expect("full again");
        assert_eq!(bucket.take(1.0, size, at(600_000)), None);
    }
}
