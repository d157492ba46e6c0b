//! Time is a parameter: the wall clock, or one that a test drives.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment that lies `milliseconds` after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millisecond(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    pub(crate) fn after(self, delay: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(delay.as_millis()).unwrap_or(i64::MAX)))
    }

    pub(crate) fn before(self, delay: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(delay.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long it is since `earlier`; nothing where that is not earlier.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    pub(crate) fn calendar(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// `2026-11-23 18:43:58 GMT`, as in an instance's state transition reason.
    pub(crate) fn in_words(self) -> String {
        self.calendar().strftime("%Y-%m-%d %H:%M:%S GMT").to_string()
    }
}

/// `2026-11-23T18:43:58.000Z`, as in EC2's answers: whole seconds, three zeros.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.calendar().strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    }
}

/// Where the emulator gets its time from.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The wall clock.
    #[default]
    System,
    /// A clock that stands still until it is moved.
    Driven(DrivenClock),
}

impl Clock {
    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp(jiff::Timestamp::now().as_millisecond()),
            Self::Driven(clock) => clock.now(),
        }
    }
}

/// A clock that stands still until it is moved. Clones share the time.
#[derive(Clone, Debug)]
pub struct DrivenClock(Arc<AtomicI64>);

impl DrivenClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(start.0)))
    }

    /// The time that the clock shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let _ = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| Some(now.saturating_add(by)));
    }
}

/// How long EC2 takes from one state to the next. Its text is `instant`, `aws`, or the factor: `0.1` is ten times faster than AWS.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum TransitionTimes {
    /// A transition is over when the next request arrives: the reply that starts it shows the first state (`pending`),
    /// the next Describe the last (`running`).
    #[default]
    Instant,
    /// About what AWS takes: an instance is pending for 15 s, shutting down for 30 s.
    AwsLike,
    /// What AWS takes, times a factor.
    Scaled(Factor),
}

/// A factor of time: finite, not negative, a million at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor(f64);

impl Factor {
    /// The factor of this value; `None` where it is negative, over a million or not a number.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1e6).contains(&value).then_some(Self(value))
    }
}

/// What is no text of [`TransitionTimes`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("transition times are instant, aws, or a factor such as 0.1, not {0:?}")]
pub struct TransitionTimesError(String);

impl FromStr for TransitionTimes {
    type Err = TransitionTimesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || TransitionTimesError(text.to_owned());
        match text {
            "instant" => Ok(Self::Instant),
            "aws" => Ok(Self::AwsLike),
            _ => text.parse().ok().and_then(Factor::new).map(Self::Scaled).ok_or_else(error),
        }
    }
}

impl fmt::Display for TransitionTimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instant => f.write_str("instant"),
            Self::AwsLike => f.write_str("aws"),
            Self::Scaled(Factor(factor)) => factor.fmt(f),
        }
    }
}

/// A change of a resource that takes EC2 time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Transition {
    /// An image is copied.
    CopyImage,
    Start,
    Stop,
    Terminate,
    /// How long what was terminated or deleted stays visible.
    Forget,
    /// A security group becomes available in another VPC, or stops being so.
    GroupAssociation,
    /// A managed prefix list is made, changed or deleted.
    PrefixList,
    /// The reverse DNS record of an Elastic IP address becomes another.
    ReverseDns,
    /// A VPC endpoint becomes available.
    CreateEndpoint,
    /// A VPC endpoint and its interfaces go.
    DeleteEndpoint,
    CreateNatGateway,
    /// How long EC2 takes to find out that a NAT gateway cannot be.
    FailNatGateway,
    DeleteNatGateway,
    /// A secondary address comes to a NAT gateway.
    ChangeNatGatewayAddress,
    /// A secondary address leaves a NAT gateway: its connections have that long.
    DrainNatGatewayAddress {
        seconds: u16,
    },
    AttachVpnGateway,
    DetachVpnGateway,
    CreateCarrierGateway,
    DeleteCarrierGateway,
    InitiateVpcPeering,
    ProvisionVpcPeering,
    DeleteVpcPeering,
    /// How long a request for a VPC peering connection is open.
    ExpireVpcPeering,
    /// How long a deleted, rejected or failed VPC peering connection stays visible.
    ForgetVpcPeering,
    /// How long an expired one does.
    ForgetExpiredVpcPeering,
}

impl Transition {
    /// About what AWS takes, in seconds.
    const fn seconds(self) -> u64 {
        match self {
            Self::Start => 15,
            Self::Stop | Self::Terminate => 30,
            Self::Forget => 3_600,
            Self::GroupAssociation => 10,
            Self::PrefixList => 5,
            Self::ReverseDns | Self::CreateEndpoint | Self::DeleteEndpoint | Self::CopyImage => 60,
            Self::CreateNatGateway => 120,
            Self::FailNatGateway => 15,
            Self::DeleteNatGateway | Self::ChangeNatGatewayAddress => 60,
            Self::DrainNatGatewayAddress { seconds } => seconds as u64,
            Self::AttachVpnGateway | Self::DetachVpnGateway => 15,
            Self::CreateCarrierGateway | Self::DeleteCarrierGateway => 10,
            Self::InitiateVpcPeering => 2,
            Self::ProvisionVpcPeering | Self::DeleteVpcPeering => 5,
            Self::ExpireVpcPeering => 7 * 86_400,
            Self::ForgetVpcPeering => 2 * 3_600,
            Self::ForgetExpiredVpcPeering => 2 * 86_400,
        }
    }

    /// Whether it takes its time under [`TransitionTimes::Instant`] too: what is gone stays visible for a while, and a request
    /// is open for days.
    const fn is_aftermath(self) -> bool {
        matches!(self, Self::Forget | Self::ExpireVpcPeering | Self::ForgetVpcPeering | Self::ForgetExpiredVpcPeering)
    }
}

impl TransitionTimes {
    pub(crate) fn of(self, transition: Transition) -> Duration {
        let aws = Duration::from_secs(transition.seconds());
        match self {
            _ if transition.is_aftermath() => aws,
            Self::Instant => Duration::ZERO,
            Self::AwsLike => aws,
            Self::Scaled(Factor(factor)) => aws.mul_f64(factor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driven_clock_stands_still() {
        let driven = DrivenClock::new(Timestamp::from_millisecond(1_000));
        let clock = Clock::Driven(driven.clone());
        assert_eq!(clock.now().to_string(), "1970-01-01T00:00:01.000Z");
        driven.advance(Duration::from_secs(59));
        assert_eq!(clock.now().in_words(), "1970-01-01 00:01:00 GMT");
    }

    #[test]
    fn transition_times_have_a_text() {
        for text in ["instant", "aws", "0.1", "0", "20"] {
            assert_eq!(text.parse::<TransitionTimes>().expect(text).to_string(), text);
        }
        for text in ["", "-1", "NaN", "inf", "1e9", "slow"] {
            assert!(text.parse::<TransitionTimes>().is_err(), "{text}");
        }
        let tenth: TransitionTimes = "0.1".parse().expect("a factor");
        assert_eq!(tenth.of(Transition::Start), Duration::from_millis(1_500));
        assert_eq!(tenth.of(Transition::Forget), Duration::from_secs(3_600));
    }
}
