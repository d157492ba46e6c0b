//! A rule with one peer.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::peer::{InvalidPeer, Peer};
use super::traffic::{InvalidTraffic, PacketKind, Traffic};
use crate::id::{PrefixListId, SecurityGroupId};
use crate::text::serde_as_text;

/// Which way the packets go that a rule is for. Replies need no rule: security groups are stateful.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Into the network interface.
    Ingress,
    /// Out of it.
    Egress,
}

impl Direction {
    /// The word between ports and peer: `from` or `to`.
    const fn preposition(self) -> &'static str {
        match self {
            Self::Ingress => "from",
            Self::Egress => "to",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        })
    }
}

/// A rule of a security group: this traffic may pass from, or to, this peer.
///
/// As text, with the description in quotes when there is one:
/// `tcp/22 from 198.51.100.7/32 "home"`, `all to 0.0.0.0/0`, `icmp/8/0 from sg-0123456789abcdef0`.
///
/// ```
/// use vpcrun_model::{Direction, Peer, Rule, Traffic};
/// let rule: Rule = "tcp/22 from 198.51.100.7/32".parse()?;
/// assert_eq!(rule.traffic(), Traffic::tcp(22));
/// assert_eq!(rule.direction(), Direction::Ingress);
/// assert_eq!(rule.to_string(), "tcp/22 from 198.51.100.7/32");
/// # Ok::<(), vpcrun_model::InvalidRule>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rule {
    direction: Direction,
    traffic: Traffic,
    peer: Peer,
    description: Option<String>,
}

/// A text, or a rule in AWS's form, that is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRule {
    /// The protocol or ports.
    #[error(transparent)]
    Traffic(#[from] InvalidTraffic),
    /// The peer.
    #[error(transparent)]
    Peer(#[from] InvalidPeer),
    /// A rule in AWS's form without a peer, or with more than one.
    #[error("a rule has exactly one peer: a block, a security group or a prefix list; this one has {0}")]
    PeerCount(usize),
    /// The parts of the text.
    #[error("{0:?} is not a rule: expected a form such as tcp/22 from 198.51.100.7/32")]
    Malformed(String),
}

impl Rule {
    /// A rule without a description. Host bits of the peer's block are cleared, as EC2 does.
    #[must_use]
    pub fn new(direction: Direction, traffic: Traffic, peer: impl Into<Peer>) -> Self {
        Self { direction, traffic, peer: peer.into().normalized(), description: None }
    }

    /// A rule for what comes in.
    #[must_use]
    pub fn ingress(traffic: Traffic, peer: impl Into<Peer>) -> Self {
        Self::new(Direction::Ingress, traffic, peer)
    }

    /// A rule for what goes out.
    #[must_use]
    pub fn egress(traffic: Traffic, peer: impl Into<Peer>) -> Self {
        Self::new(Direction::Egress, traffic, peer)
    }

    /// The same rule with this description; an empty one is none, as for EC2.
    #[must_use]
    pub fn with_description(self, description: Option<String>) -> Self {
        Self { description: description.filter(|text| !text.is_empty()), ..self }
    }

    /// Which way.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// Which protocol and ports.
    #[must_use]
    pub const fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// From or to whom.
    #[must_use]
    pub const fn peer(&self) -> Peer {
        self.peer
    }

    /// Why the rule is there.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// What makes two rules one for EC2, which refuses the second as a duplicate: all but the description.
    #[must_use]
    pub const fn identity(&self) -> (Direction, Traffic, Peer) {
        (self.direction, self.traffic, self.peer)
    }

    /// Whether the rule lets this packet pass.
    #[must_use]
    pub fn matches(&self, packet: &Packet<'_>) -> bool {
        let peer = match self.peer {
            Peer::SecurityGroup(group) => packet.peer_groups.contains(&group),
            Peer::PrefixList(list) => packet.peer_prefix_lists.contains(&list),
            Peer::Ipv4(_) | Peer::Ipv6(_) => self.peer.contains(packet.peer),
        };
        packet.direction == self.direction && peer && self.traffic.covers(packet.kind)
    }
}

/// A packet at a network interface, as far as security groups look at it.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Whether it enters the interface or leaves it.
    pub direction: Direction,
    /// Protocol and destination port, or ICMP type and code.
    pub kind: PacketKind,
    /// The address of the other side: the source when it enters, the destination when it leaves.
    pub peer: IpAddr,
    /// The security groups of the interface that has that address as a private one.
    pub peer_groups: &'a [SecurityGroupId],
    /// The prefix lists with a block that holds that address.
    pub peer_prefix_lists: &'a [PrefixListId],
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.traffic, self.direction.preposition(), self.peer)?;
        match &self.description {
            Some(description) => write!(f, " {}", serde_json::Value::from(description.as_str())),
            None => Ok(()),
        }
    }
}

impl FromStr for Rule {
    type Err = InvalidRule;

    fn from_str(text: &str) -> Result<Self, InvalidRule> {
        let malformed = || InvalidRule::Malformed(text.to_owned());
        // A quote stands nowhere but around the description.
        let (rule, description) = match text.split_once('"') {
            None => (text, None),
            Some((rule, _)) => {
                let quoted = serde_json::from_str(&text[rule.len()..]).map_err(|_| malformed())?;
                (rule, Some(quoted))
            }
        };
        let words: Vec<&str> = rule.split_ascii_whitespace().collect();
        let &[traffic, preposition, peer] = words.as_slice() else { return Err(malformed()) };
        let direction = match preposition {
            "from" => Direction::Ingress,
            "to" => Direction::Egress,
            _ => return Err(malformed()),
        };
        Ok(Self::new(direction, traffic.parse()?, peer.parse::<Peer>()?).with_description(description))
    }
}

serde_as_text!(Rule);
