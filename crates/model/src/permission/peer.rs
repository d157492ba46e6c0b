//! The other side of a rule.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::cidr::{InvalidCidr, parse_block, parse_ipv6_block};
use crate::id::{InvalidId, PrefixListId, SecurityGroupId};
use crate::text::serde_as_text;

/// Whom a rule lets in, or lets a packet out to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    /// The addresses of an IPv4 block.
    Ipv4(Ipv4Net),
    /// The addresses of an IPv6 block.
    Ipv6(Ipv6Net),
    /// The private addresses of the network interfaces in a security group.
    SecurityGroup(SecurityGroupId),
    /// The blocks of a prefix list.
    PrefixList(PrefixListId),
}

/// A text that names no peer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPeer {
    /// It looks like a block.
    #[error(transparent)]
    Cidr(#[from] InvalidCidr),
    /// It looks like an id.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// It looks like neither.
    #[error(
        "{0:?} is not a peer: expected a block such as 198.51.100.7/32, a security group (sg-…) or a prefix list (pl-…)"
    )]
    Unknown(String),
}

impl Peer {
    /// The same peer with the host bits of its block cleared, as EC2 stores it.
    #[must_use]
    pub fn normalized(self) -> Self {
        match self {
            Self::Ipv4(block) => Self::Ipv4(block.trunc()),
            Self::Ipv6(block) => Self::Ipv6(block.trunc()),
            other => other,
        }
    }

    /// The block, when the peer is one.
    #[must_use]
    pub fn block(self) -> Option<IpNet> {
        match self {
            Self::Ipv4(block) => Some(block.into()),
            Self::Ipv6(block) => Some(block.into()),
            Self::SecurityGroup(_) | Self::PrefixList(_) => None,
        }
    }

    /// Whether the peer is every address of its family.
    #[must_use]
    pub fn is_everyone(self) -> bool {
        self.block().is_some_and(|block| block.prefix_len() == 0)
    }

    /// Whether a block holds the address; `false` for a peer that is no block.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        self.block().is_some_and(|block| block.contains(&address))
    }
}

impl From<Ipv4Net> for Peer {
    fn from(block: Ipv4Net) -> Self {
        Self::Ipv4(block.trunc())
    }
}

impl From<Ipv6Net> for Peer {
    fn from(block: Ipv6Net) -> Self {
        Self::Ipv6(block.trunc())
    }
}

impl From<IpNet> for Peer {
    fn from(block: IpNet) -> Self {
        match block {
            IpNet::V4(block) => block.into(),
            IpNet::V6(block) => block.into(),
        }
    }
}

impl From<SecurityGroupId> for Peer {
    fn from(id: SecurityGroupId) -> Self {
        Self::SecurityGroup(id)
    }
}

impl From<PrefixListId> for Peer {
    fn from(id: PrefixListId) -> Self {
        Self::PrefixList(id)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4(block) => block.fmt(f),
            Self::Ipv6(block) => block.fmt(f),
            Self::SecurityGroup(id) => id.fmt(f),
            Self::PrefixList(id) => id.fmt(f),
        }
    }
}

impl FromStr for Peer {
    type Err = InvalidPeer;

    fn from_str(text: &str) -> Result<Self, InvalidPeer> {
        if text.starts_with("sg-") {
            Ok(Self::SecurityGroup(text.parse()?))
        } else if text.starts_with("pl-") {
            Ok(Self::PrefixList(text.parse()?))
        } else if text.contains(':') {
            Ok(Self::Ipv6(parse_ipv6_block(text)?))
        } else if text.starts_with(|c: char| c.is_ascii_digit()) {
            Ok(Self::Ipv4(parse_block(text)?))
        } else {
            Err(InvalidPeer::Unknown(text.to_owned()))
        }
    }
}

serde_as_text!(Peer);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_read_back() {
        for text in ["0.0.0.0/0", "198.51.100.7/32", "::/0", "2001:db8::/64", "sg-0123456789abcdef0", "pl-61a54008"] {
            let peer: Peer = text.parse().expect(text);
            assert_eq!(peer.to_string(), text);
        }
        assert_eq!("198.51.100.7/24".parse::<Peer>().expect("block").to_string(), "198.51.100.0/24");
    }

    #[test]
    fn other_texts_say_what_is_wrong() {
        let error = |text: &str| text.parse::<Peer>().expect_err(text).to_string();
        assert!(error("198.51.100.7").contains("expected a form such as 198.51.100.7/32"));
        assert!(error("sg-1").contains("is not the id of a security group"));
        assert!(error("anyone").contains("is not a peer"));
        assert!(error("").contains("is not a peer"));
    }

    #[test]
    fn everyone_is_a_block_of_all_addresses() {
        let everyone = |text: &str| text.parse::<Peer>().expect(text).is_everyone();
        assert!(everyone("0.0.0.0/0") && everyone("::/0"));
        assert!(!everyone("0.0.0.0/1") && !everyone("sg-00000001"));
    }
}
