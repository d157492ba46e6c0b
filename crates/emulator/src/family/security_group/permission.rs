//! What a rule permits: a protocol, ports or ICMP types, and a peer; checked and made canonical.

use std::fmt;

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use vpcrun_model::{PrefixListId, Protocol, SecurityGroupId};

use super::peer::PeeredGroup;
use crate::error::Refusal;

/// What a rule permits. Two rules of a group and direction never permit the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Permission {
    pub(super) protocol: Protocol,
    pub(super) ports: Ports,
    pub(super) peer: Peer,
}

/// The ports of TCP and UDP, or the type and code of ICMP; -1 stands for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Ports {
    pub(super) from: i32,
    pub(super) to: i32,
}

impl Ports {
    pub(super) const ALL: Self = Self { from: -1, to: -1 };
}

/// Who a rule lets in, or out to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Peer {
    Ipv4(Ipv4Net),
    Ipv6(Ipv6Net),
    PrefixList(PrefixListId),
    Group(SecurityGroupId),
    PeeredGroup(PeeredGroup),
}

impl Peer {
    pub(super) fn group(self) -> Option<SecurityGroupId> {
        match self {
            Self::Group(group) | Self::PeeredGroup(PeeredGroup { group, .. }) => Some(group),
            Self::Ipv4(_) | Self::Ipv6(_) | Self::PrefixList(_) => None,
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4(block) => block.fmt(f),
            Self::Ipv6(block) => block.fmt(f),
            Self::PrefixList(list) => list.fmt(f),
            Self::Group(group) | Self::PeeredGroup(PeeredGroup { group, .. }) => group.fmt(f),
        }
    }
}

/// As EC2 words a rule that is there already.
impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { protocol, ports: Ports { from, to }, peer } = self;
        write!(f, "peer: {peer}, ")?;
        let name = protocol.ip_protocol().to_uppercase();
        if *protocol == Protocol::ALL {
            write!(f, "ALL, ALLOW")
        } else if protocol.has_ports() {
            write!(f, "{name}, from port: {from}, to port: {to}, ALLOW")
        } else if protocol.has_icmp_types() {
            let number = |number: i32| if number < 0 { "ALL".to_owned() } else { number.to_string() };
            write!(f, "{name}, type: {}, code: {}, ALLOW", number(*from), number(*to))
        } else {
            write!(f, "{name}, ALLOW")
        }
    }
}

/// A checked permission for one peer, and its description.
pub(super) type Described = (Permission, Option<String>);

/// A protocol by number or by one of four names. `all`, which network tools like, EC2 does not know.
pub(super) fn checked_protocol(text: Option<&str>) -> Result<Protocol, Refusal> {
    let Some(text) = text else {
        return Err(Refusal::invalid_parameter_value(
            "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
        ));
    };
    text.parse().ok().filter(|_| !text.eq_ignore_ascii_case("all")).ok_or_else(|| {
        Refusal::invalid_parameter_value(format!("Invalid value '{text}' for IP protocol. Unknown protocol."))
    })
}

/// Ports for TCP and UDP, types for ICMP; for any other protocol EC2 disregards what is given.
pub(super) fn checked_ports(protocol: Protocol, from: Option<i64>, to: Option<i64>) -> Result<Ports, Refusal> {
    let refuse = |message: String| Err(Refusal::invalid_parameter_value(message));
    if !protocol.has_ports() && !protocol.has_icmp_types() {
        return Ok(Ports::ALL);
    }
    let (Some(from), Some(to)) = (from, to) else {
        if protocol == Protocol::ICMPV6 && from.is_none() && to.is_none() {
            return Ok(Ports::ALL);
        }
        let kinds = if protocol.has_ports() { "from and to ports with TCP/UDP" } else { "type and code with ICMP" };
        return refuse(format!("Invalid value for portRange. Must specify both {kinds}."));
    };
    let (names, range) = if protocol.has_ports() {
        (["TCP/UDP (from) port", "TCP/UDP (to) port"], 0..=65_535)
    } else {
        (["ICMP type", "ICMP code"], -1..=255)
    };
    let checked = |number: i64, name: &str| {
        i32::try_from(number)
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| Refusal::invalid_parameter_value(format!("{name} ({number}) out of range")))
    };
    let ports = Ports { from: checked(from, names[0])?, to: checked(to, names[1])? };
    if protocol.has_ports() && ports.from > ports.to {
        return refuse(format!("Invalid TCP/UDP port range ({from}:{to})"));
    }
    if protocol.has_icmp_types() && ports.from == -1 && ports.to != -1 {
        return refuse(format!("ICMP code ({to}) must be -1 when the ICMP type is -1"));
    }
    Ok(ports)
}

fn malformed_block(text: &str) -> Refusal {
    Refusal::invalid_parameter_value(format!("CIDR block {text} is malformed"))
}

pub(super) fn checked_ipv4(text: &str) -> Result<Peer, Refusal> {
    text.parse::<Ipv4Net>().map(|block| Peer::Ipv4(block.trunc())).map_err(|_| malformed_block(text))
}

pub(super) fn checked_ipv6(text: &str) -> Result<Peer, Refusal> {
    text.parse::<Ipv6Net>().map(|block| Peer::Ipv6(block.trunc())).map_err(|_| malformed_block(text))
}

/// The characters that EC2 takes in names and descriptions of groups and rules.
pub(super) fn has_only_known_characters(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c))
}

pub(super) const MAX_TEXT_LENGTH: usize = 255;

/// A rule's description; an empty one is none.
pub(super) fn checked_description(text: Option<&str>) -> Result<Option<String>, Refusal> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > MAX_TEXT_LENGTH || !has_only_known_characters(text) {
        return Err(Refusal::invalid_parameter_value(
            "Invalid rule description. Valid descriptions are strings less than 256 characters from the following \
             set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
        ));
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(protocol: &str, from: Option<i64>, to: Option<i64>) -> Result<(i32, i32), String> {
        let protocol = checked_protocol(Some(protocol)).map_err(|refusal| refusal.message)?;
        checked_ports(protocol, from, to).map(|ports| (ports.from, ports.to)).map_err(|refusal| refusal.message)
    }

    #[test]
    fn ports_fit_the_protocol() {
        assert_eq!(ports("tcp", Some(22), Some(22)), Ok((22, 22)));
        assert_eq!(ports("17", Some(0), Some(65_535)), Ok((0, 65_535)));
        assert_eq!(ports("icmp", Some(-1), Some(-1)), Ok((-1, -1)));
        assert_eq!(ports("icmp", Some(8), Some(-1)), Ok((8, -1)));
        assert_eq!(ports("icmpv6", None, None), Ok((-1, -1)));
        // "allows traffic on all ports, regardless of any ports you specify": IpPermission in the API reference.
        assert_eq!(ports("-1", Some(22), Some(22)), Ok((-1, -1)));
        assert_eq!(ports("50", Some(22), None), Ok((-1, -1)));
    }

    #[test]
    fn ports_that_do_not_fit_are_refused() {
        let cases = [
            ("tcp", Some(-1), Some(-1), "TCP/UDP (from) port (-1) out of range"),
            ("tcp", Some(1), Some(65_536), "TCP/UDP (to) port (65536) out of range"),
            ("udp", Some(1), Some(1 << 40), "TCP/UDP (to) port (1099511627776) out of range"),
            ("tcp", Some(90), Some(80), "Invalid TCP/UDP port range (90:80)"),
            ("tcp", Some(22), None, "Invalid value for portRange. Must specify both from and to ports with TCP/UDP."),
            ("icmp", None, None, "Invalid value for portRange. Must specify both type and code with ICMP."),
            ("icmp", Some(0), Some(65_535), "ICMP code (65535) out of range"),
            ("icmp", Some(-1), Some(0), "ICMP code (0) must be -1 when the ICMP type is -1"),
            ("all", None, None, "Invalid value 'all' for IP protocol. Unknown protocol."),
            ("256", None, None, "Invalid value '256' for IP protocol. Unknown protocol."),
            ("esp", None, None, "Invalid value 'esp' for IP protocol. Unknown protocol."),
        ];
        for (protocol, from, to, message) in cases {
            assert_eq!(ports(protocol, from, to), Err(message.to_owned()));
        }
    }

    #[test]
    fn host_bits_are_cleared() {
        assert_eq!(checked_ipv4("10.237.17.19/24").map(|peer| peer.to_string()), Ok("10.237.17.0/24".to_owned()));
        assert_eq!(checked_ipv6("2001:db8::1/64").map(|peer| peer.to_string()), Ok("2001:db8::/64".to_owned()));
        for text in ["10.0.0.1", "10.0.0.0/33", "::/0", "bogus", ""] {
            let refusal = checked_ipv4(text).expect_err("refused");
            assert_eq!(refusal.message, format!("CIDR block {text} is malformed"));
        }
    }

    #[test]
    fn a_rule_is_worded_as_ec2_words_it() {
        let worded = |protocol: &str, from, to| {
            let permission = Permission {
                protocol: protocol.parse().expect(protocol),
                ports: Ports { from, to },
                peer: Peer::Ipv4(Ipv4Net::default()),
            };
            permission.to_string()
        };
        assert_eq!(worded("tcp", 22, 80), "peer: 0.0.0.0/0, TCP, from port: 22, to port: 80, ALLOW");
        assert_eq!(worded("-1", -1, -1), "peer: 0.0.0.0/0, ALL, ALLOW");
        assert_eq!(worded("icmp", 8, -1), "peer: 0.0.0.0/0, ICMP, type: 8, code: ALL, ALLOW");
    }

    #[test]
    fn descriptions_have_a_length_and_an_alphabet() {
        assert_eq!(checked_description(Some("")), Ok(None));
        assert!(checked_description(Some(&"a".repeat(255))).is_ok());
        for text in ["Let's Encrypt", "日本", &"a".repeat(256)] {
            assert!(checked_description(Some(text)).is_err(), "{text}");
        }
    }
}
