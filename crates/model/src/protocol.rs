//! IP protocols as security groups and network ACLs name them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An IP protocol by its IANA number, or all of them.
///
/// Security groups write names for four protocols (`tcp`, `udp`, `icmp`, `icmpv6`), numbers for the rest and `-1` for all;
/// network ACLs always write numbers. Both forms read as the same value here. `Display` writes `all` rather than `-1`.
/// Source: `IpPermission$IpProtocol` and `NetworkAclEntry$Protocol` in the EC2 API reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Protocol(Option<u8>);

/// A text that names no IP protocol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an IP protocol: expected all (or -1), tcp, udp, icmp, icmpv6 or a number from 0 to 255")]
pub struct InvalidProtocol(String);

impl Protocol {
    /// Every protocol.
    pub const ALL: Self = Self(None);
    /// ICMP for IPv4.
    pub const ICMP: Self = Self(Some(1));
    /// TCP.
    pub const TCP: Self = Self(Some(6));
    /// UDP.
    pub const UDP: Self = Self(Some(17));
    /// ICMP for IPv6.
    pub const ICMPV6: Self = Self(Some(58));

    /// The protocol with this IANA number.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        Self(Some(number))
    }

    /// The IANA number; `None` for all protocols.
    #[must_use]
    pub const fn number(self) -> Option<u8> {
        self.0
    }

    /// Whether this is TCP or UDP, the protocols whose rules name ports.
    #[must_use]
    pub fn has_ports(self) -> bool {
        matches!(self, Self::TCP | Self::UDP)
    }

    /// Whether this is ICMP or ICMPv6, the protocols whose rules name a type and a code.
    #[must_use]
    pub fn has_icmp_types(self) -> bool {
        matches!(self, Self::ICMP | Self::ICMPV6)
    }

    /// Whether a packet of protocol `packet` falls under this one.
    #[must_use]
    pub fn covers(self, packet: Self) -> bool {
        self == Self::ALL || self == packet
    }

    /// The text of `IpProtocol` in a security group: `-1`, a name or a number.
    #[must_use]
    pub fn ip_protocol(self) -> Cow<'static, str> {
        match self.0 {
            None => Cow::Borrowed("-1"),
            Some(number) => name(number).map_or_else(|| Cow::Owned(number.to_string()), Cow::Borrowed),
        }
    }

    /// The text of `Protocol` in a network ACL entry: `-1` or a number.
    #[must_use]
    pub fn acl_protocol(self) -> Cow<'static, str> {
        self.0.map_or(Cow::Borrowed("-1"), |number| Cow::Owned(number.to_string()))
    }

    /// For `serde(serialize_with)` where AWS writes the number.
    pub(crate) fn serialize_number<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.acl_protocol())
    }
}

/// The name that security groups use.
const fn name(number: u8) -> Option<&'static str> {
    match number {
        1 => Some("icmp"),
        6 => Some("tcp"),
        17 => Some("udp"),
        58 => Some("icmpv6"),
        _ => None,
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.pad("all"),
            Some(_) => f.pad(&self.ip_protocol()),
        }
    }
}

impl FromStr for Protocol {
    type Err = InvalidProtocol;

    fn from_str(text: &str) -> Result<Self, InvalidProtocol> {
        match text.to_ascii_lowercase().as_str() {
            "-1" | "all" => Ok(Self::ALL),
            "icmp" => Ok(Self::ICMP),
            "tcp" => Ok(Self::TCP),
            "udp" => Ok(Self::UDP),
            "icmpv6" => Ok(Self::ICMPV6),
            digits if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().map(Self::from_number).map_err(|_| InvalidProtocol(text.to_owned()))
            }
            _ => Err(InvalidProtocol(text.to_owned())),
        }
    }
}

impl Serialize for Protocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.ip_protocol())
    }
}

impl<'de> Deserialize<'de> for Protocol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_the_same_protocol() {
        let same = [("tcp", "6"), ("udp", "17"), ("icmp", "1"), ("icmpv6", "58"), ("all", "-1"), ("TCP", "006")];
        for (name, number) in same {
            assert_eq!(name.parse::<Protocol>().expect(name), number.parse().expect(number));
        }
    }

    #[test]
    fn every_number_reads_back_from_each_text() {
        let all = (0..=u8::MAX).map(Protocol::from_number).chain([Protocol::ALL]);
        for protocol in all {
            for text in
                [protocol.to_string(), protocol.ip_protocol().into_owned(), protocol.acl_protocol().into_owned()]
            {
                assert_eq!(text.parse::<Protocol>().expect("reads"), protocol, "{text}");
            }
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "256", "-2", "+6", "6.0", "tcp ", "any"] {
            assert!(text.parse::<Protocol>().is_err(), "{text:?}");
        }
    }
}
