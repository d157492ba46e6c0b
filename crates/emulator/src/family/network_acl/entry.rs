//! CreateNetworkAclEntry, ReplaceNetworkAclEntry and DeleteNetworkAclEntry.

use ipnet::{IpNet, Ipv6Net};
use serde::{Deserialize, Serialize};
use vpcrun_model::Protocol;

use super::{NetworkAcl, NetworkAclEntry};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::vpc::parse_cidr;
use crate::quota;
use crate::wire::Reply;

/// The numbers that users can give. Those above are EC2's.
const RULE_NUMBERS: std::ops::RangeInclusive<i64> = 1..=32_766;

/// The ports of TCP and UDP, or the type and code of ICMP; -1 stands for all types or codes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Ports {
    pub(super) from: i32,
    pub(super) to: i32,
}

/// The type and code in a request.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct IcmpTypeCode {
    code: Option<i64>,
    r#type: Option<i64>,
}

/// The ports in a request.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PortRange {
    from: Option<i64>,
    to: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RuleAction {
    Allow,
    Deny,
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::invalid_parameter_value(message)
}

fn checked_number(number: i64) -> Result<u16, Refusal> {
    let checked = u16::try_from(number).ok().filter(|_| RULE_NUMBERS.contains(&number));
    checked.ok_or_else(|| {
        invalid(format!(
            "Value ({number}) for parameter ruleNumber is invalid. Rule numbers must be between 1 and 32766."
        ))
    })
}

/// A protocol by number; clients send the names of the common ones too.
fn checked_protocol(text: &str) -> Result<Protocol, Refusal> {
    text.parse::<Protocol>()
        .ok()
        .filter(|_| !text.eq_ignore_ascii_case("all"))
        .ok_or_else(|| invalid(format!("Invalid value '{text}' for IP protocol. Unknown protocol.")))
}

fn checked_in(value: i64, range: std::ops::RangeInclusive<i32>, name: &str) -> Result<i32, Refusal> {
    let checked = i32::try_from(value).ok().filter(|value| range.contains(value));
    checked.ok_or_else(|| invalid(format!("{name} ({value}) out of range")))
}

fn checked_range(range: Option<PortRange>) -> Result<Ports, Refusal> {
    let Some(PortRange { from: Some(from), to: Some(to) }) = range else {
        return Err(invalid("Invalid value for portRange. Must specify both from and to ports with TCP/UDP."));
    };
    let ports = Ports {
        from: checked_in(from, 0..=65_535, "TCP/UDP (from) port")?,
        to: checked_in(to, 0..=65_535, "TCP/UDP (to) port")?,
    };
    if ports.from > ports.to {
        return Err(invalid(format!("Invalid TCP/UDP port range ({from}:{to})")));
    }
    Ok(ports)
}

fn checked_icmp(icmp: Option<IcmpTypeCode>) -> Result<Ports, Refusal> {
    let Some(IcmpTypeCode { code: Some(code), r#type: Some(icmp_type) }) = icmp else {
        return Err(invalid("Invalid value for icmpTypeCode. Must specify both type and code with ICMP."));
    };
    let icmp =
        Ports { from: checked_in(icmp_type, -1..=255, "ICMP type")?, to: checked_in(code, -1..=255, "ICMP code")? };
    if icmp.from == -1 && icmp.to != -1 {
        return Err(invalid(format!("ICMP code ({code}) must be -1 when the ICMP type is -1")));
    }
    Ok(icmp)
}

/// The two actions take the same entry. (serde's `flatten` would lose the names of unknown parameters.)
macro_rules! entry_request {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        pub(crate) struct $name {
            network_acl_id: String,
            rule_number: i64,
            protocol: String,
            rule_action: RuleAction,
            egress: bool,
            cidr_block: Option<String>,
            ipv6_cidr_block: Option<String>,
            icmp: Option<IcmpTypeCode>,
            port_range: Option<PortRange>,
        }

        impl $name {
            /// The checked entry.
            fn entry(&self) -> Result<NetworkAclEntry, Refusal> {
                let rule_number = checked_number(self.rule_number)?;
                let protocol = checked_protocol(&self.protocol)?;
                let cidr_block = checked_block(self.cidr_block.as_deref(), self.ipv6_cidr_block.as_deref())?;
                let ports = match (protocol, cidr_block) {
                    (Protocol::TCP | Protocol::UDP, _) => Some(checked_range(self.port_range)?),
                    (Protocol::ICMP, _) | (Protocol::ICMPV6, IpNet::V6(_)) => Some(checked_icmp(self.icmp)?),
                    // "traffic for all ICMP types and codes allowed, regardless of any that you specify": the API reference.
                    (Protocol::ICMPV6, IpNet::V4(_)) => Some(Ports { from: -1, to: -1 }),
                    _ => None,
                };
                let allow = self.rule_action == RuleAction::Allow;
                Ok(NetworkAclEntry { rule_number, egress: self.egress, protocol, allow, cidr_block, ports })
            }
        }
    };
}

/// The block of the one IP version that is given, without host bits.
fn checked_block(ipv4: Option<&str>, ipv6: Option<&str>) -> Result<IpNet, Refusal> {
    let message = "The request must contain exactly one of: cidrBlock, ipv6CidrBlock";
    match (ipv4, ipv6) {
        (Some(text), None) => Ok(parse_cidr(text, "cidrBlock")?.into()),
        (None, Some(text)) => text.parse::<Ipv6Net>().map(|block| block.trunc().into()).map_err(|_| {
            invalid(format!("Value ({text}) for parameter ipv6CidrBlock is invalid. This is not a valid CIDR block."))
        }),
        (None, None) => Err(Refusal::new("MissingParameter", message.to_owned())),
        (Some(_), Some(_)) => Err(Refusal::invalid_parameter_combination(message)),
    }
}

fn no_entry(acl: &NetworkAcl, rule_number: u16, egress: bool) -> Refusal {
    let direction = if egress { "egress" } else { "ingress" };
    let message = format!("no {direction} entry with number {rule_number} in network ACL {}", acl.id);
    Refusal::new("InvalidNetworkAclEntry.NotFound", message)
}

fn check_quota(cx: &Context<'_>, acl: &NetworkAcl, new: &NetworkAclEntry) -> Result<(), Refusal> {
    let is_ipv4 = |entry: &NetworkAclEntry| matches!(entry.cidr_block, IpNet::V4(_));
    let counts =
        |entry: &&NetworkAclEntry| !entry.is_last() && entry.egress == new.egress && is_ipv4(entry) == is_ipv4(new);
    cx.check_quota(&quota::NETWORK_ACL_ENTRIES, |_| acl.entries.iter().filter(counts).count() + 1)
}

entry_request! {
    /// CreateNetworkAclEntry: an entry that is there just so is no mistake.
    CreateNetworkAclEntry
}

impl Action for CreateNetworkAclEntry {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let acl = cx.find::<NetworkAcl>(&self.network_acl_id)?;
        let new = self.entry()?;
        match acl.entry(new.rule_number, new.egress) {
            Some(old) if *old == new => return Ok(Reply::TRUE),
            Some(_) => {
                let message = format!("The network acl entry identified by {} already exists.", new.rule_number);
                return Err(Refusal::new("NetworkAclEntryAlreadyExists", message));
            }
            None => check_quota(cx, acl, &new)?,
        }
        let id = acl.id;
        cx.region.update(id, |acl: &mut NetworkAcl| acl.put_entry(new));
        Ok(Reply::TRUE)
    }
}

entry_request! {
    /// ReplaceNetworkAclEntry.
    ReplaceNetworkAclEntry
}

impl Action for ReplaceNetworkAclEntry {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let acl = cx.find::<NetworkAcl>(&self.network_acl_id)?;
        let new = self.entry()?;
        if acl.entry(new.rule_number, new.egress).is_none() {
            return Err(no_entry(acl, new.rule_number, new.egress));
        }
        let id = acl.id;
        cx.region.update(id, |acl: &mut NetworkAcl| acl.put_entry(new));
        Ok(Reply::TRUE)
    }
}

/// DeleteNetworkAclEntry: not the ones that end the list.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteNetworkAclEntry {
    network_acl_id: String,
    rule_number: i64,
    egress: bool,
}

impl Action for DeleteNetworkAclEntry {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let acl = cx.find::<NetworkAcl>(&self.network_acl_id)?;
        let (number, egress) = (checked_number(self.rule_number)?, self.egress);
        if acl.entry(number, egress).is_none() {
            return Err(no_entry(acl, number, egress));
        }
        let id = acl.id;
        cx.region.update(id, |acl: &mut NetworkAcl| {
            acl.entries.retain(|entry| (entry.rule_number, entry.egress) != (number, egress));
        });
        Ok(Reply::TRUE)
    }
}
