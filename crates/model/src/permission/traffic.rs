//! The protocol and ports of a rule.

use std::fmt;
use std::str::FromStr;

use crate::port_range::{InvalidPortRange, PortRange};
use crate::protocol::{InvalidProtocol, Protocol};
use crate::text::serde_as_text;

/// A protocol with the ports, or the ICMP type and code, that a rule is for.
///
/// As text: `all`, `tcp`, `tcp/22`, `udp/1024-65535`, `icmp`, `icmp/8`, `icmp/8/0`, `47`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Traffic {
    protocol: Protocol,
    ports: Ports,
}

/// What a rule says beyond the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ports {
    /// Nothing: the protocol is all, or has neither ports nor types that EC2 looks at.
    Unspecified,
    /// The destination ports of TCP or UDP.
    Range(PortRange),
    /// The type and code of ICMP or ICMPv6; `None` is any. A code without a type is not possible.
    Icmp {
        /// The type.
        icmp_type: Option<u8>,
        /// The code.
        code: Option<u8>,
    },
}

/// Numbers or a text that are no protocol with ports.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTraffic {
    /// The protocol.
    #[error(transparent)]
    Protocol(#[from] InvalidProtocol),
    /// The ports.
    #[error(transparent)]
    Ports(#[from] InvalidPortRange),
    /// TCP or UDP with one end of the range, or none.
    #[error("{0} needs both a first and a last port")]
    PortsMissing(Protocol),
    /// An ICMP type or code that is no byte, or a code without a type.
    #[error("{icmp_type}/{code} is not an ICMP type and code: expected numbers from 0 to 255, or -1 for any")]
    Icmp {
        /// The type.
        icmp_type: i64,
        /// The code.
        code: i64,
    },
    /// A text that says more than the protocol has.
    #[error("{0:?} is not a protocol with ports: expected a form such as all, tcp/22, udp/1024-65535 or icmp/8/0")]
    Malformed(String),
}

/// What a packet is, as far as rules look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PacketKind {
    /// TCP to this destination port.
    Tcp(u16),
    /// UDP to this destination port.
    Udp(u16),
    /// ICMP of this type and code.
    Icmp(u8, u8),
    /// ICMPv6 of this type and code.
    Icmpv6(u8, u8),
    /// Another protocol.
    Other(Protocol),
}

impl PacketKind {
    /// The packet's protocol.
    #[must_use]
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::Tcp(_) => Protocol::TCP,
            Self::Udp(_) => Protocol::UDP,
            Self::Icmp(..) => Protocol::ICMP,
            Self::Icmpv6(..) => Protocol::ICMPV6,
            Self::Other(protocol) => protocol,
        }
    }
}

impl Traffic {
    /// All traffic.
    pub const ALL: Self = Self { protocol: Protocol::ALL, ports: Ports::Unspecified };

    /// TCP to these ports.
    #[must_use]
    pub fn tcp(ports: impl Into<PortRange>) -> Self {
        Self { protocol: Protocol::TCP, ports: Ports::Range(ports.into()) }
    }

    /// UDP to these ports.
    #[must_use]
    pub fn udp(ports: impl Into<PortRange>) -> Self {
        Self { protocol: Protocol::UDP, ports: Ports::Range(ports.into()) }
    }

    /// What EC2 makes of a protocol and the numbers of `FromPort` and `ToPort`.
    ///
    /// For ICMP these are type and code, -1 or nothing being any. For protocols other than TCP, UDP and ICMP they are
    /// ignored: such rules are for all ports, whatever the numbers.
    ///
    /// # Errors
    /// [`InvalidTraffic`] when TCP or UDP lack a port, the ports are reversed or out of range, or an ICMP type or code is
    /// out of range.
    pub fn new(protocol: Protocol, from_port: Option<i64>, to_port: Option<i64>) -> Result<Self, InvalidTraffic> {
        let ports = if protocol.has_ports() {
            match (from_port, to_port) {
                (Some(from), Some(to)) => Ports::Range(PortRange::try_from((from, to))?),
                _ => return Err(InvalidTraffic::PortsMissing(protocol)),
            }
        } else if protocol.has_icmp_types() {
            icmp(from_port.unwrap_or(-1), to_port.unwrap_or(-1))?
        } else {
            Ports::Unspecified
        };
        Ok(Self { protocol, ports })
    }

    /// The protocol.
    #[must_use]
    pub const fn protocol(self) -> Protocol {
        self.protocol
    }

    /// The ports, or the ICMP type and code.
    #[must_use]
    pub const fn ports(self) -> Ports {
        self.ports
    }

    /// `FromPort` and `ToPort` as [`IpPermission`](crate::IpPermission) has them: none where there are no ports.
    #[must_use]
    pub fn from_and_to_port(self) -> (Option<i32>, Option<i32>) {
        match self.ports {
            Ports::Unspecified => (None, None),
            Ports::Range(range) => (Some(range.from().into()), Some(range.to().into())),
            Ports::Icmp { icmp_type, code } => {
                (Some(icmp_type.map_or(-1, i32::from)), Some(code.map_or(-1, i32::from)))
            }
        }
    }

    /// Whether a packet of this kind is meant.
    #[must_use]
    pub fn covers(self, packet: PacketKind) -> bool {
        let any_or = |rule: Option<u8>, value: u8| rule.is_none_or(|wanted| wanted == value);
        self.protocol.covers(packet.protocol())
            && match (self.ports, packet) {
                (Ports::Range(range), PacketKind::Tcp(port) | PacketKind::Udp(port)) => range.contains(port),
                (Ports::Icmp { icmp_type, code }, PacketKind::Icmp(t, c) | PacketKind::Icmpv6(t, c)) => {
                    any_or(icmp_type, t) && any_or(code, c)
                }
                // `Other(TCP)`, a packet whose port is not known (a later fragment), is met by a rule for all ports only.
                (Ports::Range(range), _) => range == PortRange::ALL,
                (Ports::Icmp { icmp_type, .. }, _) => icmp_type.is_none(),
                (Ports::Unspecified, _) => true,
            }
    }
}

fn icmp(icmp_type: i64, code: i64) -> Result<Ports, InvalidTraffic> {
    let invalid = || InvalidTraffic::Icmp { icmp_type, code };
    let byte = |number: i64| match number {
        -1 => Ok(None),
        _ => u8::try_from(number).map(Some).map_err(|_| invalid()),
    };
    match (byte(icmp_type)?, byte(code)?) {
        (None, Some(_)) => Err(invalid()),
        (icmp_type, code) => Ok(Ports::Icmp { icmp_type, code }),
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.ports {
            Ports::Range(range) if range != PortRange::ALL => format!("{}/{range}", self.protocol),
            Ports::Icmp { icmp_type: Some(icmp_type), code: None } => format!("{}/{icmp_type}", self.protocol),
            Ports::Icmp { icmp_type: Some(icmp_type), code: Some(code) } => {
                format!("{}/{icmp_type}/{code}", self.protocol)
            }
            _ => self.protocol.to_string(),
        };
        f.pad(&text)
    }
}

impl FromStr for Traffic {
    type Err = InvalidTraffic;

    fn from_str(text: &str) -> Result<Self, InvalidTraffic> {
        let malformed = || InvalidTraffic::Malformed(text.to_owned());
        let (protocol, rest) = text.split_once('/').map_or((text, None), |(protocol, rest)| (protocol, Some(rest)));
        let protocol: Protocol = protocol.parse()?;
        if protocol.has_ports() {
            let range = rest.map_or(Ok(PortRange::ALL), str::parse)?;
            return Ok(Self { protocol, ports: Ports::Range(range) });
        }
        let Some(rest) = rest else { return Self::new(protocol, None, None) };
        if !protocol.has_icmp_types() {
            return Err(malformed());
        }
        let number = |digits: &str| match digits.bytes().all(|b| b.is_ascii_digit()) {
            true => digits.parse::<i64>().map_err(|_| malformed()),
            false => Err(malformed()),
        };
        match rest.split_once('/') {
            None => Self::new(protocol, Some(number(rest)?), None),
            Some((icmp_type, code)) => Self::new(protocol, Some(number(icmp_type)?), Some(number(code)?)),
        }
    }
}

serde_as_text!(Traffic);

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(text: &str) -> Traffic {
        text.parse().expect(text)
    }

    #[test]
    fn texts_read_back() {
        for text in
            ["all", "tcp", "tcp/22", "udp/1024-65535", "tcp/0", "icmp", "icmp/8", "icmp/8/0", "icmpv6/128", "47"]
        {
            assert_eq!(traffic(text).to_string(), text);
        }
        assert_eq!(traffic("tcp/0-65535").to_string(), "tcp");
        assert_eq!(traffic("-1"), Traffic::ALL);
        assert_eq!(traffic("6/22"), Traffic::tcp(22));
    }

    #[test]
    fn other_texts_are_refused() {
        let bad =
            ["", "ssh", "tcp/", "tcp/90-80", "tcp/22/0", "tcp/65536", "icmp/", "icmp/256", "icmp/8/", "icmp/8/0/0"];
        for text in bad.into_iter().chain(["all/22", "47/1", "icmp/-1", "tcp/-1", "tcp 22"]) {
            assert!(text.parse::<Traffic>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn numbers_mean_what_ec2_makes_of_them() {
        let new = |protocol, from, to| Traffic::new(protocol, from, to);
        assert_eq!(new(Protocol::ALL, Some(22), Some(22)), Ok(Traffic::ALL), "ports are ignored");
        assert_eq!(new(Protocol::from_number(47), Some(-1), Some(-1)).expect("gre"), traffic("47"));
        assert_eq!(new(Protocol::ICMP, Some(8), Some(-1)).expect("icmp"), traffic("icmp/8"));
        assert_eq!(new(Protocol::ICMPV6, None, None).expect("icmpv6"), traffic("icmpv6"));
        assert_eq!(new(Protocol::TCP, Some(22), None), Err(InvalidTraffic::PortsMissing(Protocol::TCP)));
        assert!(matches!(new(Protocol::UDP, Some(90), Some(80)), Err(InvalidTraffic::Ports(_))));
        assert!(matches!(new(Protocol::UDP, Some(-1), Some(-1)), Err(InvalidTraffic::Ports(_))));
        assert!(matches!(new(Protocol::ICMP, Some(-1), Some(0)), Err(InvalidTraffic::Icmp { .. })));
        assert!(matches!(new(Protocol::ICMP, Some(256), Some(0)), Err(InvalidTraffic::Icmp { .. })));
    }

    #[test]
    fn packets_are_covered_by_protocol_port_and_type() {
        use PacketKind::{Icmp, Icmpv6, Other, Tcp, Udp};
        let cases = [
            ("all", Tcp(22), true),
            ("all", Other(Protocol::from_number(47)), true),
            ("tcp/22", Tcp(22), true),
            ("tcp/22", Tcp(23), false),
            ("tcp/22", Udp(22), false),
            ("tcp/22", Other(Protocol::TCP), false),
            ("tcp", Other(Protocol::TCP), true),
            ("udp/1024-65535", Udp(65535), true),
            ("udp/1024-65535", Udp(1023), false),
            ("icmp/8", Icmp(8, 7), true),
            ("icmp/8/0", Icmp(8, 7), false),
            ("icmp", Icmp(0, 0), true),
            ("icmp", Icmpv6(128, 0), false),
            ("47", Other(Protocol::from_number(47)), true),
            ("47", Tcp(47), false),
        ];
        for (rule, packet, covered) in cases {
            assert_eq!(traffic(rule).covers(packet), covered, "{rule} {packet:?}");
        }
    }
}
