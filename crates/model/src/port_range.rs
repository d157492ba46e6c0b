//! Ranges of TCP and UDP ports.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Ports from one to another, both included. The first is never above the last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Ends", into = "Ends")]
pub struct PortRange {
    from: u16,
    to: u16,
}

/// A pair of numbers, or a text, that is not a range of ports.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPortRange {
    /// The first port is above the last.
    #[error("ports {from}-{to} are the wrong way round: expected {to}-{from}")]
    Reversed {
        /// The first port.
        from: u16,
        /// The last port.
        to: u16,
    },
    /// A number that is no port.
    #[error("{0} is not a port: expected a number from 0 to 65535")]
    OutOfRange(i64),
    /// A text that is neither a port nor two ports with a hyphen.
    #[error("{0:?} is not a port or a range of ports: expected a form such as 22 or 1024-65535")]
    Malformed(String),
}

/// The range as network ACLs write it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ends {
    from: i64,
    to: i64,
}

impl PortRange {
    /// Every port.
    pub const ALL: Self = Self { from: 0, to: u16::MAX };

    /// The ports from `from` to `to`.
    ///
    /// # Errors
    /// [`InvalidPortRange::Reversed`] when `from` is above `to`.
    pub const fn new(from: u16, to: u16) -> Result<Self, InvalidPortRange> {
        if from > to {
            return Err(InvalidPortRange::Reversed { from, to });
        }
        Ok(Self { from, to })
    }

    /// This port alone.
    #[must_use]
    pub const fn single(port: u16) -> Self {
        Self { from: port, to: port }
    }

    /// The first port.
    #[must_use]
    pub const fn from(self) -> u16 {
        self.from
    }

    /// The last port.
    #[must_use]
    pub const fn to(self) -> u16 {
        self.to
    }

    /// Whether the port is one of these.
    #[must_use]
    pub const fn contains(self, port: u16) -> bool {
        self.from <= port && port <= self.to
    }
}

impl From<u16> for PortRange {
    fn from(port: u16) -> Self {
        Self::single(port)
    }
}

impl TryFrom<(i64, i64)> for PortRange {
    type Error = InvalidPortRange;

    /// The range between two numbers as AWS passes them.
    fn try_from((from, to): (i64, i64)) -> Result<Self, InvalidPortRange> {
        let port = |number: i64| u16::try_from(number).map_err(|_| InvalidPortRange::OutOfRange(number));
        Self::new(port(from)?, port(to)?)
    }
}

impl TryFrom<Ends> for PortRange {
    type Error = InvalidPortRange;

    fn try_from(ends: Ends) -> Result<Self, InvalidPortRange> {
        Self::try_from((ends.from, ends.to))
    }
}

impl From<PortRange> for Ends {
    fn from(range: PortRange) -> Self {
        Self { from: range.from.into(), to: range.to.into() }
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to { write!(f, "{}", self.from) } else { write!(f, "{}-{}", self.from, self.to) }
    }
}

impl fmt::Debug for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for PortRange {
    type Err = InvalidPortRange;

    fn from_str(text: &str) -> Result<Self, InvalidPortRange> {
        let port = |digits: &str| match digits {
            "" => Err(InvalidPortRange::Malformed(text.to_owned())),
            _ if !digits.bytes().all(|b| b.is_ascii_digit()) => Err(InvalidPortRange::Malformed(text.to_owned())),
            _ => digits.parse::<u16>().map_err(|_| InvalidPortRange::OutOfRange(digits.parse().unwrap_or(i64::MAX))),
        };
        match text.split_once('-') {
            None => port(text).map(Self::single),
            Some((from, to)) => Self::new(port(from)?, port(to)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_and_json_read_back_and_reversed_ends_never_do(from: u16, to: u16) {
            match PortRange::new(from, to) {
                Ok(range) => {
                    prop_assert_eq!(range.to_string().parse::<PortRange>().expect("text"), range);
                    let json = serde_json::to_string(&range).expect("writes");
                    prop_assert_eq!(serde_json::from_str::<PortRange>(&json).expect("json"), range);
                    prop_assert!(range.contains(from) && range.contains(to));
                }
                Err(error) => {
                    prop_assert!(from > to);
                    prop_assert_eq!(format!("{from}-{to}").parse::<PortRange>(), Err(error));
                    let json = format!(r#"{{"From": {from}, "To": {to}}}"#);
                    prop_assert!(serde_json::from_str::<PortRange>(&json).is_err());
                }
            }
        }
    }

    #[test]
    fn texts_that_are_no_range_say_what_would_be() {
        let error = |text: &str| text.parse::<PortRange>().expect_err(text).to_string();
        assert_eq!(error("90-80"), "ports 90-80 are the wrong way round: expected 80-90");
        assert_eq!(error("65536"), "65536 is not a port: expected a number from 0 to 65535");
        for text in ["", "-", "22-", "-22", "+22", "ssh", "1-2-3", "22 "] {
            assert!(error(text).contains("expected a form such as 22"), "{text:?}");
        }
    }

    #[test]
    fn the_ends_belong_to_the_range() {
        assert!(PortRange::ALL.contains(0) && PortRange::ALL.contains(u16::MAX));
        let ssh = PortRange::single(22);
        assert!(ssh.contains(22) && !ssh.contains(21) && !ssh.contains(23));
    }
}
