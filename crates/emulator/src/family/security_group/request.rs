//! How requests name rules: by IpPermissions, or one by flat parameters.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::lookup::find_by_name;
use super::peer::peer_group;
use super::permission::{
    Described, Peer, Permission, checked_description, checked_ipv4, checked_ipv6, checked_ports, checked_protocol,
};
use super::{Direction, SecurityGroup};
use crate::action::Context;
use crate::error::Refusal;
use crate::family::prefix_list::PrefixList;
use crate::family::vpc_peering_connection::VpcPeeringConnection;
use crate::state::Resource;

/// A permission in a request: one protocol and port range with any number of peers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct IpPermission {
    ip_protocol: Option<String>,
    from_port: Option<i64>,
    to_port: Option<i64>,
    #[serde(default)]
    groups: Vec<UserIdGroupPair>,
    #[serde(default)]
    ip_ranges: Vec<IpRange>,
    #[serde(default)]
    ipv6_ranges: Vec<Ipv6Range>,
    #[serde(default)]
    prefix_list_ids: Vec<PrefixListId>,
}

/// A group as a peer. What it says of another account or a peering connection is checked against this account.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct UserIdGroupPair {
    description: Option<String>,
    user_id: Option<String>,
    group_name: Option<String>,
    group_id: Option<String>,
    vpc_id: Option<String>,
    vpc_peering_connection_id: Option<String>,
    peering_status: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct IpRange {
    cidr_ip: String,
    description: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Ipv6Range {
    cidr_ipv6: String,
    description: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PrefixListId {
    prefix_list_id: String,
    description: Option<String>,
}

impl IpPermission {
    /// The permissions for each peer, in the order of the request's lists.
    ///
    /// # Errors
    /// What EC2 refuses of protocols, ports, blocks, groups, prefix lists and descriptions; or no peer at all.
    pub(super) fn checked(&self, cx: &Context<'_>, group: &SecurityGroup) -> Result<Vec<Described>, Refusal> {
        let protocol = checked_protocol(self.ip_protocol.as_deref())?;
        let ports = checked_ports(protocol, self.from_port, self.to_port)?;
        let mut described = Vec::new();
        let mut add = |peer, description: &Option<String>| -> Result<(), Refusal> {
            described.push((Permission { protocol, ports, peer }, checked_description(description.as_deref())?));
            Ok(())
        };
        for range in &self.ip_ranges {
            add(checked_ipv4(&range.cidr_ip)?, &range.description)?;
        }
        for range in &self.ipv6_ranges {
            add(checked_ipv6(&range.cidr_ipv6)?, &range.description)?;
        }
        for list in &self.prefix_list_ids {
            let id = cx.find::<PrefixList>(&list.prefix_list_id)?.id;
            add(Peer::PrefixList(id), &list.description)?;
        }
        for pair in &self.groups {
            add(pair.checked(cx, group)?, &pair.description)?;
        }
        if described.is_empty() {
            let message = "A CIDR block, a security group ID or a prefix list has to be specified.".to_owned();
            return Err(Refusal::new("MissingParameter", message));
        }
        Ok(described)
    }
}

impl UserIdGroupPair {
    fn checked(&self, cx: &Context<'_>, group: &SecurityGroup) -> Result<Peer, Refusal> {
        self.peer(cx, group).or_else(|refusal| self.of_a_rule(cx, group).ok_or(refusal))
    }

    fn peer(&self, cx: &Context<'_>, group: &SecurityGroup) -> Result<Peer, Refusal> {
        if let Some(connection) = &self.vpc_peering_connection_id {
            cx.find::<VpcPeeringConnection>(connection)?;
        }
        let found = match (&self.group_id, &self.group_name) {
            (Some(id), _) => cx.find::<SecurityGroup>(id)?,
            (None, Some(name)) => find_by_name(cx, name)?,
            (None, None) => {
                let message = "The request must contain the parameter groupName or groupId".to_owned();
                return Err(Refusal::new("MissingParameter", message));
            }
        };
        let peer = peer_group(cx, found, group)?;
        let connection = match peer {
            Peer::PeeredGroup(peered) => Some(peered.connection.to_string()),
            _ => None,
        };
        let elsewhere = self.user_id.as_ref().is_some_and(|user| user != cx.account_id())
            || self.vpc_id.as_ref().is_some_and(|vpc| *vpc != found.vpc_id.to_string())
            || (self.vpc_peering_connection_id.is_some() && self.vpc_peering_connection_id != connection)
            || self.peering_status.as_ref().is_some_and(|status| !status.is_empty() && connection.is_none());
        if elsewhere {
            return Err(SecurityGroup::WORDING.not_found(found.id));
        }
        Ok(peer)
    }

    /// The peer of a rule that is stale: revoking it takes neither the peer nor the connection.
    fn of_a_rule(&self, cx: &Context<'_>, group: &SecurityGroup) -> Option<Peer> {
        let id = self.group_id.as_deref()?.parse().ok()?;
        let rules = [Direction::Ingress, Direction::Egress].map(|direction| group.rules(&cx.region, direction));
        let mut peers = rules.iter().flatten().map(|rule| rule.permission.peer);
        peers.find(|peer| matches!(peer, Peer::PeeredGroup(peered) if peered.group == id && peered.is_stale(cx)))
    }
}

/// One rule by parameters of its own, as requests had them before IpPermissions.
#[derive(Default)]
pub(super) struct FlatRule {
    pub(super) cidr_ip: Option<String>,
    pub(super) from_port: Option<i64>,
    pub(super) ip_protocol: Option<String>,
    pub(super) source_security_group_name: Option<String>,
    pub(super) source_security_group_owner_id: Option<String>,
    pub(super) to_port: Option<i64>,
}

impl FlatRule {
    /// The first parameter that is given, as EC2 names it.
    fn given(&self) -> Option<&'static str> {
        let given = [
            ("cidrIp", self.cidr_ip.is_some()),
            ("fromPort", self.from_port.is_some()),
            ("ipProtocol", self.ip_protocol.is_some()),
            ("sourceSecurityGroupName", self.source_security_group_name.is_some()),
            ("sourceSecurityGroupOwnerId", self.source_security_group_owner_id.is_some()),
            ("toPort", self.to_port.is_some()),
        ];
        given.into_iter().find_map(|(name, given)| given.then_some(name))
    }

    /// The request's permissions: those of the list, or the flat rule. Egress has no flat rule.
    ///
    /// # Errors
    /// Both or none are given.
    pub(super) fn or(self, list: Vec<IpPermission>, direction: Direction) -> Result<Vec<IpPermission>, Refusal> {
        match self.given() {
            None if list.is_empty() => Err(Refusal::missing_parameter("ipPermissions")),
            None => Ok(list),
            Some(name) if !list.is_empty() => Err(Refusal::invalid_parameter_combination(format!(
                "The parameter '{name}' may not be used in combination with 'ipPermissions'"
            ))),
            Some(_) if direction == Direction::Egress => Err(Refusal::missing_parameter("ipPermissions")),
            Some(_) => self.permissions(),
        }
    }

    /// A source group is let in by TCP, UDP and ICMP, in one rule each.
    fn permissions(self) -> Result<Vec<IpPermission>, Refusal> {
        let Some(name) = self.source_security_group_name else {
            let ip_ranges = self.cidr_ip.map(|cidr_ip| IpRange { cidr_ip, description: None }).into_iter().collect();
            let (ip_protocol, from_port, to_port) = (self.ip_protocol, self.from_port, self.to_port);
            return Ok(vec![IpPermission { ip_protocol, from_port, to_port, ip_ranges, ..IpPermission::default() }]);
        };
        let others =
            [self.cidr_ip.is_some(), self.ip_protocol.is_some(), self.from_port.is_some(), self.to_port.is_some()];
        if others.contains(&true) {
            return Err(Refusal::invalid_parameter_combination(
                "The parameter 'sourceSecurityGroupName' may not be used in combination with 'cidrIp', 'ipProtocol', \
                 'fromPort' or 'toPort'",
            ));
        }
        let user_id = self.source_security_group_owner_id;
        let pair = UserIdGroupPair { user_id, group_name: Some(name), ..UserIdGroupPair::default() };
        let permission = |(protocol, from, to): (&str, i64, i64)| IpPermission {
            ip_protocol: Some(protocol.to_owned()),
            from_port: Some(from),
            to_port: Some(to),
            groups: vec![pair.clone()],
            ..IpPermission::default()
        };
        Ok([("tcp", 0, 65_535), ("udp", 0, 65_535), ("icmp", -1, -1)].map(permission).into())
    }
}

/// The checked permissions of a request, each once.
pub(super) fn checked_permissions(
    cx: &Context<'_>,
    group: &SecurityGroup,
    permissions: &[IpPermission],
) -> Result<Vec<Described>, Refusal> {
    let mut checked = Vec::new();
    for permission in permissions {
        checked.extend(permission.checked(cx, group)?);
    }
    let mut seen = BTreeSet::new();
    if !checked.iter().all(|(permission, _)| seen.insert(*permission)) {
        return Err(Refusal::invalid_parameter_value("The same permission must not appear multiple times"));
    }
    Ok(checked)
}

/// A request that names rules by IpPermissions or by flat parameters. (serde's `flatten` would lose the names of
/// unknown parameters.)
macro_rules! rules_request {
    ($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        pub(crate) struct $name {
            #[serde(default)]
            ip_permissions: Vec<IpPermission>,
            cidr_ip: Option<String>,
            from_port: Option<i64>,
            ip_protocol: Option<String>,
            source_security_group_name: Option<String>,
            source_security_group_owner_id: Option<String>,
            to_port: Option<i64>,
            $($(#[$attribute])* $field: $type,)+
        }

        impl $name {
            fn flat_rule(&mut self) -> FlatRule {
                FlatRule {
                    cidr_ip: self.cidr_ip.take(),
                    from_port: self.from_port.take(),
                    ip_protocol: self.ip_protocol.take(),
                    source_security_group_name: self.source_security_group_name.take(),
                    source_security_group_owner_id: self.source_security_group_owner_id.take(),
                    to_port: self.to_port.take(),
                }
            }
        }
    };
}
pub(super) use rules_request;
