//! The text of a fault, as `--fault` takes it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Chance, Fault, NatGatewayFault};

/// A text that is no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No fault has this name.
    #[error(
        "no fault is called {0:?}: there are throttle, not-found-after-create=TIME, nat-gateway=fail or TIME, \
         lost-reply=CHANCE, internal-error=CHANCE and unavailable=CHANCE"
    )]
    Unknown(String),
    /// The fault takes no value.
    #[error("the fault {0} takes no value")]
    NoValue(&'static str),
    /// The fault takes a time.
    #[error("the fault {name} takes a time such as 500ms, 2s, 5m or 1h, not {value:?}")]
    NotATime {
        /// The fault.
        name: &'static str,
        /// What stands for the time.
        value: String,
    },
    /// The fault takes a probability.
    #[error("the fault {name} takes a probability from 0 to 1, not {value:?}")]
    NotAChance {
        /// The fault.
        name: &'static str,
        /// What stands for the probability.
        value: String,
    },
}

const THROTTLE: &str = "throttle";
const NOT_FOUND: &str = "not-found-after-create";
const NAT_GATEWAY: &str = "nat-gateway";
const LOST_REPLY: &str = "lost-reply";
const INTERNAL_ERROR: &str = "internal-error";
const UNAVAILABLE: &str = "unavailable";

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let time = |name| parse_time(value).ok_or_else(|| FaultError::NotATime { name, value: value.to_owned() });
        let chance = |name| {
            let chance = value.parse().ok().and_then(Chance::new);
            chance.ok_or_else(|| FaultError::NotAChance { name, value: value.to_owned() })
        };
        match name {
            THROTTLE if text != THROTTLE => Err(FaultError::NoValue(THROTTLE)),
            THROTTLE => Ok(Self::Throttle),
            NOT_FOUND => time(NOT_FOUND).map(Self::NotFoundAfterCreate),
            NAT_GATEWAY if value == "fail" => Ok(Self::NatGateway(NatGatewayFault::Fail)),
            NAT_GATEWAY => time(NAT_GATEWAY).map(NatGatewayFault::Slow).map(Self::NatGateway),
            LOST_REPLY => chance(LOST_REPLY).map(Self::LostReply),
            INTERNAL_ERROR => chance(INTERNAL_ERROR).map(Self::InternalError),
            UNAVAILABLE => chance(UNAVAILABLE).map(Self::Unavailable),
            _ => Err(FaultError::Unknown(name.to_owned())),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Throttle => f.write_str(THROTTLE),
            Self::NotFoundAfterCreate(time) => write!(f, "{NOT_FOUND}={}", Time(*time)),
            Self::NatGateway(NatGatewayFault::Fail) => write!(f, "{NAT_GATEWAY}=fail"),
            Self::NatGateway(NatGatewayFault::Slow(time)) => write!(f, "{NAT_GATEWAY}={}", Time(*time)),
            Self::LostReply(Chance(chance)) => write!(f, "{LOST_REPLY}={chance}"),
            Self::InternalError(Chance(chance)) => write!(f, "{INTERNAL_ERROR}={chance}"),
            Self::Unavailable(Chance(chance)) => write!(f, "{UNAVAILABLE}={chance}"),
        }
    }
}

/// The units of a time, in milliseconds, the largest first.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
/// The longest time that a fault may last.
const DAY: u64 = 86_400_000;

/// Reads a time such as `500ms`, `15s`, `5m` or `1h`, of a day at most.
pub(crate) fn parse_time(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let (_, unit) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let milliseconds = number.parse::<u64>().ok()?.checked_mul(*unit)?;
    (milliseconds <= DAY).then(|| Duration::from_millis(milliseconds))
}

struct Time(Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.0.as_millis();
        let fits = |unit: u64| milliseconds.is_multiple_of(u128::from(unit));
        let (name, unit) = UNITS.iter().find(|(_, unit)| fits(*unit)).copied().unwrap_or(("ms", 1));
        write!(f, "{}{name}", milliseconds / u128::from(unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_written_as_it_is_read() {
        let texts = [
            "throttle",
            "not-found-after-create=2s",
            "not-found-after-create=1500ms",
            "nat-gateway=fail",
            "nat-gateway=5m",
            "nat-gateway=1h",
            "lost-reply=0.05",
            "internal-error=1",
            "unavailable=0",
        ];
        for text in texts {
            assert_eq!(text.parse::<Fault>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_fault_is_said_to_be_none() {
        let cases = [
            ("throtle", "no fault is called \"throtle\""),
            ("throttle=1", "the fault throttle takes no value"),
            (
                "not-found-after-create",
                "the fault not-found-after-create takes a time such as 500ms, 2s, 5m or 1h, not \"\"",
            ),
            ("not-found-after-create=2", "not \"2\""),
            ("not-found-after-create=25h", "not \"25h\""),
            ("nat-gateway=99999999999999999999h", "takes a time"),
            ("nat-gateway=slow", "the fault nat-gateway takes a time"),
            ("lost-reply=1.5", "the fault lost-reply takes a probability from 0 to 1, not \"1.5\""),
            ("internal-error=NaN", "not \"NaN\""),
            ("unavailable=-0.1", "not \"-0.1\""),
        ];
        for (text, words) in cases {
            let error = text.parse::<Fault>().expect_err(text).to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
