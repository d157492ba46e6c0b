//! DescribeNetworkAcls, and how an ACL stands in answers.

use std::cmp::Reverse;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Serialize;
use serde_with::skip_serializing_none;
use vpcrun_model::{NetworkAclAssociationId, NetworkAclId, SubnetId, VpcId};

use super::entry::Ports;
use super::{NetworkAcl, NetworkAclAssociation, NetworkAclEntry};
use crate::action::Context;
use crate::describe::{FilterTable, describe, flag, text};
use crate::family::subnet::Subnet;
use crate::family::tag::{TagItem, tag_set};
use crate::wire::Items;

impl NetworkAcl {
    fn entry_values<T: ToString>(&self, value: impl Fn(&NetworkAclEntry) -> Option<T>) -> Vec<String> {
        self.entries.iter().filter_map(value).map(|value| value.to_string()).collect()
    }

    const FILTERS: FilterTable<Self> = &[
        ("association.association-id", |acl, cx| {
            acl.associations(&cx.region).map(|(_, association)| association.id.to_string()).collect()
        }),
        ("association.network-acl-id", |acl, cx| {
            acl.associations(&cx.region).map(|(_, association)| association.network_acl_id.to_string()).collect()
        }),
        ("association.subnet-id", |acl, cx| {
            acl.associations(&cx.region).map(|(subnet, _)| subnet.id.to_string()).collect()
        }),
        ("default", |acl, _| flag(acl.is_default)),
        ("entry.cidr", |acl, _| acl.entry_values(NetworkAclEntry::ipv4)),
        ("entry.egress", |acl, _| acl.entry_values(|entry| Some(entry.egress))),
        ("entry.icmp.code", |acl, _| acl.entry_values(|entry| Some(entry.icmp()?.to))),
        ("entry.icmp.type", |acl, _| acl.entry_values(|entry| Some(entry.icmp()?.from))),
        ("entry.ipv6-cidr", |acl, _| acl.entry_values(NetworkAclEntry::ipv6)),
        ("entry.port-range.from", |acl, _| acl.entry_values(|entry| Some(entry.port_range()?.from))),
        ("entry.port-range.to", |acl, _| acl.entry_values(|entry| Some(entry.port_range()?.to))),
        // A protocol is found by its number and, where it has one, its name.
        ("entry.protocol", |acl, _| {
            let texts = |entry: &NetworkAclEntry| [entry.protocol.acl_protocol(), entry.protocol.ip_protocol()];
            acl.entries.iter().flat_map(texts).map(Into::into).collect()
        }),
        ("entry.rule-action", |acl, _| acl.entry_values(|entry| Some(entry.action()))),
        ("entry.rule-number", |acl, _| acl.entry_values(|entry| Some(entry.rule_number))),
        ("network-acl-id", |acl, _| text(acl.id)),
        ("owner-id", |_, cx| text(cx.account_id())),
        ("vpc-id", |acl, _| text(acl.vpc_id)),
    ];
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NetworkAclItem {
    network_acl_id: NetworkAclId,
    vpc_id: VpcId,
    owner_id: String,
    default: bool,
    entry_set: Items<NetworkAclEntryItem>,
    association_set: Items<NetworkAclAssociationItem>,
    tag_set: Items<TagItem>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NetworkAclEntryItem {
    rule_number: u16,
    protocol: String,
    rule_action: &'static str,
    egress: bool,
    cidr_block: Option<Ipv4Net>,
    ipv6_cidr_block: Option<Ipv6Net>,
    icmp_type_code: Option<IcmpTypeCode>,
    port_range: Option<PortRange>,
}

/// Without members where an answer shows it for a protocol that has none.
#[skip_serializing_none]
#[derive(Default, Serialize)]
struct IcmpTypeCode {
    code: Option<i32>,
    r#type: Option<i32>,
}

#[skip_serializing_none]
#[derive(Default, Serialize)]
struct PortRange {
    from: Option<i32>,
    to: Option<i32>,
}

impl NetworkAclEntry {
    fn ipv4(&self) -> Option<Ipv4Net> {
        match self.cidr_block {
            IpNet::V4(block) => Some(block),
            IpNet::V6(_) => None,
        }
    }

    fn ipv6(&self) -> Option<Ipv6Net> {
        match self.cidr_block {
            IpNet::V4(_) => None,
            IpNet::V6(block) => Some(block),
        }
    }

    fn icmp(&self) -> Option<Ports> {
        self.ports.filter(|_| self.protocol.has_icmp_types())
    }

    fn port_range(&self) -> Option<Ports> {
        self.ports.filter(|_| self.protocol.has_ports())
    }
}

impl NetworkAclEntryItem {
    fn described(entry: &NetworkAclEntry) -> Self {
        let icmp = |icmp: Ports| IcmpTypeCode { code: Some(icmp.to), r#type: Some(icmp.from) };
        let range = |range: Ports| PortRange { from: Some(range.from), to: Some(range.to) };
        Self {
            rule_number: entry.rule_number,
            protocol: entry.protocol.acl_protocol().into_owned(),
            rule_action: entry.action(),
            egress: entry.egress,
            cidr_block: entry.ipv4(),
            ipv6_cidr_block: entry.ipv6(),
            icmp_type_code: entry.icmp().map(icmp),
            port_range: entry.port_range().map(range),
        }
    }

    /// CreateNetworkAcl shows type, code and ports of entries that have none, empty.
    fn created(entry: &NetworkAclEntry) -> Self {
        let described = Self::described(entry);
        Self {
            icmp_type_code: described.icmp_type_code.or_else(|| Some(IcmpTypeCode::default())),
            port_range: described.port_range.or_else(|| Some(PortRange::default())),
            ..described
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NetworkAclAssociationItem {
    network_acl_association_id: NetworkAclAssociationId,
    network_acl_id: NetworkAclId,
    subnet_id: SubnetId,
}

impl NetworkAclItem {
    pub(super) fn described(acl: &NetworkAcl, cx: &Context<'_>) -> Self {
        Self::new(acl, cx, NetworkAclEntryItem::described)
    }

    pub(super) fn created(acl: &NetworkAcl, cx: &Context<'_>) -> Self {
        Self::new(acl, cx, NetworkAclEntryItem::created)
    }

    /// Entries stand outbound first, each way by number.
    fn new(acl: &NetworkAcl, cx: &Context<'_>, entry: fn(&NetworkAclEntry) -> NetworkAclEntryItem) -> Self {
        let mut entries: Vec<&NetworkAclEntry> = acl.entries.iter().collect();
        entries.sort_by_key(|entry| (Reverse(entry.egress), entry.rule_number));
        let association = |(subnet, association): (&Subnet, &NetworkAclAssociation)| NetworkAclAssociationItem {
            network_acl_association_id: association.id,
            network_acl_id: acl.id,
            subnet_id: subnet.id,
        };
        Self {
            network_acl_id: acl.id,
            vpc_id: acl.vpc_id,
            owner_id: cx.account_id().to_owned(),
            default: acl.is_default,
            entry_set: entries.into_iter().map(entry).collect(),
            association_set: acl.associations(&cx.region).map(association).collect(),
            tag_set: tag_set(&acl.tags),
        }
    }
}

describe!(
    /// DescribeNetworkAcls.
    DescribeNetworkAcls, "NetworkAclId" of NetworkAcl,
    network_acl_set: NetworkAclItem, NetworkAclItem::described
);
