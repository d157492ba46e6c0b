//! What holds of an account at any time, judged from what its Describe actions show.

use std::collections::{BTreeMap, BTreeSet};

use super::requests::prefix;
use crate::shapes::Element;
use crate::shapes::same::{Source, id};
use crate::support::Ec2;

/// Describe actions that show a catalogue, the same in every account.
const CATALOGUES: &[&str] = &[
    "DescribeAvailabilityZones",
    "DescribeImages",
    "DescribeInstanceTypeOfferings",
    "DescribeInstanceTypes",
    "DescribeRegions",
];

/// Kinds of resources whose ids no answer may show once they are gone, and what shows those that are there.
const KINDS: &[(&str, &str)] = &[
    ("vpc", "DescribeVpcs"),
    ("subnet", "DescribeSubnets"),
    ("rtb", "DescribeRouteTables"),
    ("igw", "DescribeInternetGateways"),
    ("sg", "DescribeSecurityGroups"),
    ("sgr", "DescribeSecurityGroupRules"),
    ("acl", "DescribeNetworkAcls"),
    ("eni", "DescribeNetworkInterfaces"),
    ("i", "DescribeInstances"),
    ("eipalloc", "DescribeAddresses"),
    ("dopt", "DescribeDhcpOptions"),
    ("nat", "DescribeNatGateways"),
    ("eigw", "DescribeEgressOnlyInternetGateways"),
    ("pcx", "DescribeVpcPeeringConnections"),
    ("vpce", "DescribeVpcEndpoints"),
    ("vol", "DescribeVolumes"),
    ("lt", "DescribeLaunchTemplates"),
    ("cgw", "DescribeCustomerGateways"),
    ("vgw", "DescribeVpnGateways"),
    ("vpn", "DescribeVpnConnections"),
    ("cagw", "DescribeCarrierGateways"),
    ("fl", "DescribeFlowLogs"),
    ("pl", "DescribeManagedPrefixLists"),
    ("pg", "DescribePlacementGroups"),
    ("key", "DescribeKeyPairs"),
];

/// States of what is over, of a route to nowhere, or of a request that asks for a VPC it does not hold: they may tell of what is
/// gone.
const OVER: &[&str] = &[
    "terminated",
    "deleted",
    "deleting",
    "failed",
    "rejected",
    "expired",
    "blackhole",
    "detached",
    "initiating-request",
    "pending-acceptance",
];

/// What all Describe actions show.
#[derive(PartialEq)]
pub struct Snapshot(BTreeMap<&'static str, Vec<Element>>);

impl Snapshot {
    pub fn take(ec2: &Ec2, sources: &[Source]) -> Self {
        let actions: BTreeSet<_> =
            sources.iter().map(|source| source.action).filter(|action| !CATALOGUES.contains(action)).collect();
        let show = |action| {
            let response = ec2.handle(&format!("Action={action}"));
            // Some need one parameter of several.
            let shown =
                if response.status == 200 { Element::parse(&response.body).expect("XML").children } else { Vec::new() };
            (action, shown.into_iter().filter(|child| child.name != "requestId").collect())
        };
        Self(actions.into_iter().map(show).collect())
    }

    /// The actions that tell something else in `other`, with what each tells.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let told = |elements: &[Element]| format!("{elements:#?}");
        let mut found = Vec::new();
        for (action, elements) in self.0.iter().filter(|(action, elements)| other.0.get(*action) != Some(elements)) {
            let (before, after) =
                (told(elements), other.0.get(action).map_or_else(String::new, |elements| told(elements)));
            let lines = before.lines().zip(after.lines()).filter(|(before, after)| before != after);
            found.extend(
                lines.take(3).map(|(before, after)| format!("{action}: {} is now {}", before.trim(), after.trim())),
            );
        }
        found
    }

    /// The items of a list of an action.
    fn items(&self, action: &str, list: &str) -> impl Iterator<Item = &Element> {
        let lists = self.0.get(action).into_iter().flatten().filter(move |element| element.name == list);
        lists.flat_map(|list| &list.children)
    }
}

/// What does not hold. `gone`: what was deleted.
pub fn check(snapshot: &Snapshot, gone: &[String]) -> Vec<String> {
    let mut faults = free_addresses(snapshot);
    let mut owned: BTreeSet<&str> =
        snapshot.0.values().flatten().flat_map(|list| &list.children).filter_map(id).collect();
    let reservations = snapshot.items("DescribeInstances", "reservationSet");
    owned.extend(
        reservations.filter_map(|item| item.child("instancesSet")).flat_map(|set| &set.children).filter_map(id),
    );
    let gone: BTreeSet<&str> = gone.iter().map(String::as_str).collect();
    for (action, elements) in &snapshot.0 {
        for element in elements {
            names(element, &mut |name, path| {
                if !has_kind(snapshot, name) {
                    return;
                }
                if !owned.contains(name) {
                    faults.push(format!("{action} {path} names {name}, which is not there"));
                } else if gone.contains(name) && *action != "DescribeTags" {
                    // Tags are shown as long as what has them, even if it is over.
                    faults.push(format!("{action} {path} names {name}, which was deleted"));
                }
            });
        }
    }
    faults
}

/// Whether the id is of a kind that some action shows.
fn has_kind(snapshot: &Snapshot, id: &str) -> bool {
    let prefix = prefix(id).unwrap_or_default();
    KINDS.iter().any(|(kind, action)| *kind == prefix && snapshot.0.contains_key(action))
}

/// Tells every id in an element, except in what is over, and in rules for groups of peered VPCs: they become stale.
fn names(element: &Element, tell: &mut impl FnMut(&str, &str)) {
    if element.child("peeringStatus").is_some() {
        return;
    }
    let over = |child: &&Element| {
        let name = child.child("name").or(child.child("code")).unwrap_or(child);
        matches!(child.name.as_str(), "state" | "status" | "instanceState") && OVER.contains(&name.text.as_str())
    };
    if element.children.iter().any(|child| over(&child)) {
        return;
    }
    let free_text = matches!(element.name.as_str(), "description" | "value" | "key" | "groupName" | "clientToken");
    if !free_text && prefix(&element.text).is_some() {
        tell(&element.text, &element.name);
    }
    element.children.iter().for_each(|child| names(child, tell));
}

/// Each subnet has as many free addresses as its interfaces leave.
fn free_addresses(snapshot: &Snapshot) -> Vec<String> {
    let text = |element: &Element, name: &str| element.child(name).map(|child| child.text.clone()).unwrap_or_default();
    let mut used: BTreeMap<String, u64> = BTreeMap::new();
    for interface in snapshot.items("DescribeNetworkInterfaces", "networkInterfaceSet") {
        let count = |list: &str| interface.child(list).map_or(0, |list| list.children.len() as u64);
        *used.entry(text(interface, "subnetId")).or_default() +=
            count("privateIpAddressesSet") + 16 * count("ipv4PrefixSet");
    }
    let mut faults = Vec::new();
    for subnet in snapshot.items("DescribeSubnets", "subnetSet") {
        let (id, block) = (text(subnet, "subnetId"), text(subnet, "cidrBlock"));
        let Some(length) = block.split_once('/').and_then(|(_, length)| length.parse::<u32>().ok()) else { continue };
        let free = (1_u64 << (32 - length)) - 5 - used.get(&id).copied().unwrap_or_default();
        if text(subnet, "availableIpAddressCount") != free.to_string() {
            faults.push(format!(
                "{id} {block} has {free} free addresses, and tells of {}",
                text(subnet, "availableIpAddressCount")
            ));
        }
    }
    faults
}
