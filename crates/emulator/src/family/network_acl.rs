//! Network ACLs: the default one of each VPC, as DescribeNetworkAcls shows it.
//!
//! Sources: DescribeNetworkAcls, "Default network ACL for a VPC" in the Amazon VPC User Guide, and answers recorded on
//! AWS.

use std::cmp::Reverse;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use vpcrun_model::{NetworkAclAssociationId, NetworkAclId, Protocol, ResourceId, SubnetId, VpcId};

use crate::action::{Context, actions};
use crate::describe::{FilterTable, describe, flag, text};
use crate::error::IdWording;
use crate::family::tag::{TagItem, tag_set};
use crate::state::{Region, Resource, Tags, resource};
use crate::wire::Items;

actions![DescribeNetworkAcls];

/// A network ACL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NetworkAcl {
    id: NetworkAclId,
    vpc_id: VpcId,
    pub(crate) is_default: bool,
    entries: Vec<NetworkAclEntry>,
    associations: Vec<Association>,
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
        let subnets = self.associations.iter().map(|association| association.subnet_id.into());
        std::iter::once(self.vpc_id.into()).chain(subnets).collect()
    },
    fn aliases(&self) -> Vec<String> {
        self.associations.iter().map(|association| association.id.to_string()).collect()
    }
);

/// An entry. It matches packets of all ports and ICMP types.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct NetworkAclEntry {
    rule_number: u16,
    egress: bool,
    protocol: Protocol,
    allow: bool,
    cidr_block: Ipv4Net,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Association {
    id: NetworkAclAssociationId,
    subnet_id: SubnetId,
}

/// The rule that ends every ACL: what no other rule matched is denied.
const LAST_RULE: u16 = 32_767;

/// Makes the network ACL that comes with a VPC: everything is allowed, both ways.
pub(crate) fn create_default(cx: &mut Context<'_>, vpc_id: VpcId) {
    let entry = |egress, rule_number, allow| NetworkAclEntry {
        rule_number,
        egress,
        protocol: Protocol::ALL,
        allow,
        cidr_block: Ipv4Net::default(),
    };
    let entries = vec![
        entry(true, 100, true),
        entry(true, LAST_RULE, false),
        entry(false, 100, true),
        entry(false, LAST_RULE, false),
    ];
    let acl =
        NetworkAcl { id: cx.new_id(), vpc_id, is_default: true, entries, associations: Vec::new(), tags: Tags::new() };
    cx.region.put(acl);
}

/// Associates a new subnet with its VPC's default ACL, as EC2 does.
pub(crate) fn associate_default(cx: &mut Context<'_>, vpc_id: VpcId, subnet_id: SubnetId) {
    let default = cx.region.referrers::<NetworkAcl>(vpc_id).find(|acl| acl.is_default).map(Resource::id);
    let association = Association { id: cx.new_id(), subnet_id };
    if let Some(id) = default {
        cx.region.update(id, |acl: &mut NetworkAcl| acl.associations.push(association));
    }
}

/// Removes the association of a subnet that goes.
pub(crate) fn dissociate(region: &mut Region, subnet: SubnetId) {
    let acls: Vec<_> = region.referrers::<NetworkAcl>(subnet).map(|acl| acl.id).collect();
    for id in acls {
        region.update(id, |acl: &mut NetworkAcl| acl.associations.retain(|a| a.subnet_id != subnet));
    }
}

impl NetworkAclEntry {
    fn action(&self) -> &'static str {
        if self.allow { "allow" } else { "deny" }
    }
}

impl NetworkAcl {
    fn entry_values(&self, value: impl Fn(&NetworkAclEntry) -> String) -> Vec<String> {
        self.entries.iter().map(value).collect()
    }

    const FILTERS: FilterTable<Self> = &[
        ("association.association-id", |acl, _| acl.associations.iter().map(|a| a.id.to_string()).collect()),
        ("association.network-acl-id", |acl, _| acl.associations.iter().map(|_| acl.id.to_string()).collect()),
        ("association.subnet-id", |acl, _| acl.associations.iter().map(|a| a.subnet_id.to_string()).collect()),
        ("default", |acl, _| flag(acl.is_default)),
        ("entry.cidr", |acl, _| acl.entry_values(|entry| entry.cidr_block.to_string())),
        ("entry.egress", |acl, _| acl.entry_values(|entry| entry.egress.to_string())),
        ("entry.icmp.code", |_, _| Vec::new()),
        ("entry.icmp.type", |_, _| Vec::new()),
        ("entry.ipv6-cidr", |_, _| Vec::new()),
        ("entry.port-range.from", |_, _| Vec::new()),
        ("entry.port-range.to", |_, _| Vec::new()),
        // A protocol is found by its number and, where it has one, its name.
        ("entry.protocol", |acl, _| {
            let texts = |entry: &NetworkAclEntry| [entry.protocol.acl_protocol(), entry.protocol.ip_protocol()];
            acl.entries.iter().flat_map(texts).map(Into::into).collect()
        }),
        ("entry.rule-action", |acl, _| acl.entry_values(|entry| entry.action().to_owned())),
        ("entry.rule-number", |acl, _| acl.entry_values(|entry| entry.rule_number.to_string())),
        ("network-acl-id", |acl, _| text(acl.id)),
        ("owner-id", |_, cx| text(cx.account_id())),
        ("vpc-id", |acl, _| text(acl.vpc_id)),
    ];
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NetworkAclItem {
    network_acl_id: NetworkAclId,
    vpc_id: VpcId,
    owner_id: String,
    default: bool,
    entry_set: Items<NetworkAclEntryItem>,
    association_set: Items<NetworkAclAssociationItem>,
    tag_set: Items<TagItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NetworkAclEntryItem {
    rule_number: u16,
    protocol: String,
    rule_action: &'static str,
    egress: bool,
    cidr_block: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NetworkAclAssociationItem {
    network_acl_association_id: NetworkAclAssociationId,
    network_acl_id: NetworkAclId,
    subnet_id: SubnetId,
}

impl NetworkAclItem {
    /// Entries stand outbound first, each way by number.
    fn new(acl: &NetworkAcl, cx: &Context<'_>) -> Self {
        let mut entries: Vec<&NetworkAclEntry> = acl.entries.iter().collect();
        entries.sort_by_key(|entry| (Reverse(entry.egress), entry.rule_number));
        let entry = |entry: &NetworkAclEntry| NetworkAclEntryItem {
            rule_number: entry.rule_number,
            protocol: entry.protocol.acl_protocol().into_owned(),
            rule_action: entry.action(),
            egress: entry.egress,
            cidr_block: entry.cidr_block.to_string(),
        };
        let association = |association: &Association| NetworkAclAssociationItem {
            network_acl_association_id: association.id,
            network_acl_id: acl.id,
            subnet_id: association.subnet_id,
        };
        Self {
            network_acl_id: acl.id,
            vpc_id: acl.vpc_id,
            owner_id: cx.account_id().to_owned(),
            default: acl.is_default,
            entry_set: entries.into_iter().map(entry).collect(),
            association_set: acl.associations.iter().map(association).collect(),
            tag_set: tag_set(&acl.tags),
        }
    }
}

describe!(
    /// DescribeNetworkAcls.
    DescribeNetworkAcls, "NetworkAclId" of NetworkAcl,
    network_acl_set: NetworkAclItem, NetworkAclItem::new
);
