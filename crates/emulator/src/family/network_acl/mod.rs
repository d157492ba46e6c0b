//! Network ACLs: the default one of each VPC and others, their entries, and the subnets that have them.
//!
//! Sources: CreateNetworkAcl, CreateNetworkAclEntry, ReplaceNetworkAclAssociation and their neighbours; "Network ACLs" in the Amazon
//! VPC User Guide; and answers recorded on AWS.

mod describe;
mod entry;
mod table;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use vpcrun_model::{NetworkAclAssociationId, NetworkAclId, Protocol, ResourceId, VpcId};

use self::describe::DescribeNetworkAcls;
use self::entry::{CreateNetworkAclEntry, DeleteNetworkAclEntry, Ports, ReplaceNetworkAclEntry};
use self::table::{CreateNetworkAcl, DeleteNetworkAcl, ReplaceNetworkAclAssociation};
use crate::action::{Context, actions};
use crate::error::IdWording;
use crate::family::subnet::Subnet;
use crate::state::{Region, Tags, resource};

actions![
    CreateNetworkAcl,
    CreateNetworkAclEntry,
    DeleteNetworkAcl,
    DeleteNetworkAclEntry,
    DescribeNetworkAcls,
    ReplaceNetworkAclAssociation,
    ReplaceNetworkAclEntry,
];

/// A network ACL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NetworkAcl {
    id: NetworkAclId,
    vpc_id: VpcId,
    pub(crate) is_default: bool,
    entries: Vec<NetworkAclEntry>,
    tags: Tags,
}

resource!(
    NetworkAcl as NetworkAcl,
    NetworkAclId,
    "network-acl",
    IdWording {
        noun: "networkAcl",
        not_found: "InvalidNetworkAclID.NotFound",
        malformed: "InvalidNetworkAclId.Malformed",
    },
    fn references(&self) -> Vec<ResourceId> {
        vec![self.vpc_id.into()]
    },
    fn indexed_filters() -> &'static [&'static str] {
        &["vpc-id"]
    }
);

/// An entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct NetworkAclEntry {
    rule_number: u16,
    egress: bool,
    protocol: Protocol,
    allow: bool,
    cidr_block: IpNet,
    /// Ports of TCP and UDP, or the type and code of ICMP; none for other protocols.
    ports: Option<Ports>,
}

/// What a subnet holds of its ACL: it always has exactly one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NetworkAclAssociation {
    pub(crate) id: NetworkAclAssociationId,
    pub(crate) network_acl_id: NetworkAclId,
}

/// The rules that end every ACL: what no other rule matched is denied. IPv6 has its own, in VPCs with an IPv6 block.
const LAST_RULE: u16 = 32_767;
const LAST_IPV6_RULE: u16 = 32_768;

impl NetworkAclEntry {
    /// An entry for all traffic of one IP version.
    fn all(egress: bool, rule_number: u16, allow: bool, cidr_block: IpNet) -> Self {
        Self { rule_number, egress, protocol: Protocol::ALL, allow, cidr_block, ports: None }
    }

    fn is_last(&self) -> bool {
        self.rule_number >= LAST_RULE
    }

    fn action(&self) -> &'static str {
        if self.allow { "allow" } else { "deny" }
    }
}

impl NetworkAcl {
    /// An ACL that denies everything.
    fn new(id: NetworkAclId, vpc_id: VpcId, tags: Tags) -> Self {
        let last = |egress| NetworkAclEntry::all(egress, LAST_RULE, false, Ipv4Net::default().into());
        let entries = vec![last(true), last(false)];
        Self { id, vpc_id, is_default: false, entries, tags }
    }

    /// The subnets that have the ACL, with their associations.
    fn associations<'c>(&self, region: &'c Region) -> impl Iterator<Item = (&'c Subnet, &'c NetworkAclAssociation)> {
        region.referrers::<Subnet>(self.id).filter_map(|subnet| Some((subnet, subnet.network_acl.as_ref()?)))
    }

    /// The entry that a number names in one direction.
    fn entry(&self, rule_number: u16, egress: bool) -> Option<&NetworkAclEntry> {
        self.entries.iter().find(|entry| entry.rule_number == rule_number && entry.egress == egress)
    }

    /// Puts an entry in, in place of the one that had its number.
    fn put_entry(&mut self, new: NetworkAclEntry) {
        self.entries.retain(|old| (old.rule_number, old.egress) != (new.rule_number, new.egress));
        self.entries.push(new);
    }

    fn has_ipv6(&self) -> bool {
        self.entry(LAST_IPV6_RULE, true).is_some()
    }

    /// Whether a direction is as [`create_default`] made it.
    fn is_untouched(&self, egress: bool) -> bool {
        let mut entries = self.entries.iter().filter(|entry| entry.egress == egress);
        self.is_default && entries.all(|entry| [100, LAST_RULE].contains(&entry.rule_number)) && {
            let all = NetworkAclEntry::all(egress, 100, true, Ipv4Net::default().into());
            self.entry(100, egress) == Some(&all)
        }
    }

    /// Adds the entries that an IPv6 block of the VPC brings: the last ones, and in a default ACL whose entries nobody changed those
    /// that allow everything.
    fn add_ipv6(&mut self) {
        let all = |egress, number, allow| NetworkAclEntry::all(egress, number, allow, Ipv6Net::default().into());
        for egress in [true, false] {
            if self.is_untouched(egress) {
                self.put_entry(all(egress, 101, true));
            }
            self.put_entry(all(egress, LAST_IPV6_RULE, false));
        }
    }
}

/// Makes the network ACL that comes with a VPC: everything is allowed, both ways.
pub(crate) fn create_default(cx: &mut Context<'_>, vpc_id: VpcId) {
    let mut acl = NetworkAcl { is_default: true, ..NetworkAcl::new(cx.new_id(), vpc_id, Tags::new()) };
    for egress in [true, false] {
        acl.put_entry(NetworkAclEntry::all(egress, 100, true, Ipv4Net::default().into()));
    }
    cx.region.put(acl);
}

/// Tells the ACLs of a VPC that it has an IPv6 block. Those that know it already stay as they are.
pub(crate) fn add_ipv6(region: &mut Region, vpc: VpcId) {
    let acls: Vec<_> = region.referrers::<NetworkAcl>(vpc).filter(|acl| !acl.has_ipv6()).map(|acl| acl.id).collect();
    for id in acls {
        region.update(id, NetworkAcl::add_ipv6);
    }
}

/// The ACL that a VPC has from the start.
fn default_of(region: &Region, vpc: VpcId) -> Option<&NetworkAcl> {
    region.referrers::<NetworkAcl>(vpc).find(|acl| acl.is_default)
}

/// The association of a new subnet: with its VPC's default ACL, as EC2 does it.
pub(crate) fn default_association(cx: &mut Context<'_>, vpc_id: VpcId) -> Option<NetworkAclAssociation> {
    let network_acl_id = default_of(&cx.region, vpc_id)?.id;
    Some(NetworkAclAssociation { id: cx.new_id(), network_acl_id })
}
