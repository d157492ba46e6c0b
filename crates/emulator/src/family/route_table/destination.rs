//! Destinations of routes: an IPv4 block, an IPv6 block or a prefix list.

use std::cmp::Reverse;
use std::fmt;

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use vpcrun_model::PrefixListId;

use super::{Route, RouteTable, RouteTarget};
use crate::error::Refusal;
use crate::family::prefix_list::PrefixList;
use crate::family::vpc::parse_cidr;
use crate::state::{Region, Resource};

/// Where packets want to go. A world's file has it as text, whatever the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum RouteDestination {
    Ipv4(Ipv4Net),
    Ipv6(Ipv6Net),
    PrefixList(PrefixListId),
}

impl From<Ipv4Net> for RouteDestination {
    fn from(block: Ipv4Net) -> Self {
        Self::Ipv4(block)
    }
}

impl From<Ipv6Net> for RouteDestination {
    fn from(block: Ipv6Net) -> Self {
        Self::Ipv6(block)
    }
}

impl From<PrefixListId> for RouteDestination {
    fn from(list: PrefixListId) -> Self {
        Self::PrefixList(list)
    }
}

impl fmt::Display for RouteDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4(block) => block.fmt(f),
            Self::Ipv6(block) => block.fmt(f),
            Self::PrefixList(list) => list.fmt(f),
        }
    }
}

impl RouteDestination {
    /// The order in answers: IPv4, IPv6, prefix lists; blocks with the most specific first and, of one length, the higher first.
    pub(super) fn order(&self) -> impl Ord + use<> {
        match self {
            Self::Ipv4(block) => (0, Reverse((block.prefix_len(), u128::from(u32::from(block.addr())))), None),
            Self::Ipv6(block) => (1, Reverse((block.prefix_len(), u128::from(block.addr()))), None),
            Self::PrefixList(list) => (2, Reverse((0, 0)), Some(*list)),
        }
    }

    /// For how many routes of IPv4 and of IPv6 the destination counts: a prefix list for as many as it may have entries.
    ///
    /// # Errors
    /// A prefix list that does not exist cannot be the destination of a new route.
    pub(super) fn weight(&self, region: &Region) -> Result<(usize, usize), Refusal> {
        match *self {
            Self::Ipv4(_) => Ok((1, 0)),
            Self::Ipv6(_) => Ok((0, 1)),
            Self::PrefixList(id) => {
                let list = region.get::<PrefixList>(id).ok_or_else(|| PrefixList::WORDING.not_found(id))?;
                Ok(list.weight_of(list.max_entries))
            }
        }
    }

    /// Whether all of `other` lies in this block. A prefix list lies in none, whatever its entries: EC2 does not look into it.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Ipv4(outer), Self::Ipv4(inner)) => outer.contains(inner),
            (Self::Ipv6(outer), Self::Ipv6(inner)) => outer.contains(inner),
            _ => false,
        }
    }

    /// How a refusal of DeleteRoute names this kind of destination.
    pub(super) fn parameter(&self) -> &'static str {
        match self {
            Self::Ipv4(_) => "destination-cidr-block",
            Self::Ipv6(_) => "destination-ipv6-cidr-block",
            Self::PrefixList(_) => "destination-prefix-list-id",
        }
    }

    /// The destination that a request names: exactly one of three parameters.
    ///
    /// # Errors
    /// `MissingParameter` or `InvalidParameterCombination`, and what is wrong with the text.
    pub(super) fn read(ipv4: Option<&str>, ipv6: Option<&str>, prefix_list: Option<&str>) -> Result<Self, Refusal> {
        let message = "The request must contain exactly one of: destinationCidrBlock, destinationIpv6CidrBlock, \
                       destinationPrefixListId";
        match (ipv4, ipv6, prefix_list) {
            (Some(text), None, None) => parse_cidr(text, "destinationCidrBlock").map(Self::Ipv4),
            (None, Some(text), None) => parse_ipv6(text).map(Self::Ipv6),
            (None, None, Some(id)) => {
                let malformed = |_| PrefixList::WORDING.malformed::<PrefixListId>(id);
                id.parse().map(Self::PrefixList).map_err(malformed)
            }
            (None, None, None) => Err(Refusal::new("MissingParameter", message.to_owned())),
            _ => Err(Refusal::invalid_parameter_combination(message)),
        }
    }
}

fn parse_ipv6(text: &str) -> Result<Ipv6Net, Refusal> {
    text.parse::<Ipv6Net>().map(|block| block.trunc()).map_err(|_| {
        Refusal::invalid_parameter_value(format!(
            "Value ({text}) for parameter destinationIpv6CidrBlock is invalid. This is not a valid CIDR block."
        ))
    })
}

impl RouteTable {
    /// Adds the route to a block of the VPC's own, as every table of the VPC has it. A route that was there gives way.
    pub(super) fn add_local_route(&mut self, block: RouteDestination) {
        self.routes.retain(|route| route.destination != block);
        self.push(Route { destination: block, target: RouteTarget::Local, with_table: true });
    }

    /// The destinations that the table has routes to but those to the VPC itself.
    pub(crate) fn destinations(&self) -> impl Iterator<Item = RouteDestination> {
        self.routes.iter().filter(|route| !route.with_table).map(|route| route.destination)
    }

    /// The VPC's own blocks.
    pub(crate) fn local_blocks(&self) -> impl Iterator<Item = RouteDestination> {
        self.routes.iter().filter(|route| route.with_table).map(|route| route.destination)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_has_every_kind_as_text() {
        for text in ["10.0.0.0/8", "2001:db8::/32", "::/0", "pl-0123456789abcdef0"] {
            let json = format!("\"{text}\"");
            let destination: RouteDestination = serde_json::from_str(&json).expect(text);
            assert_eq!(serde_json::to_string(&destination).expect(text), json);
            assert_eq!(destination.to_string(), text);
        }
        assert!(serde_json::from_str::<RouteDestination>("\"local\"").is_err());
    }
}
