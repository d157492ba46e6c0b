//! Time is a parameter: the wall clock, or one that a test drives.

use std::fmt;
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

    fn calendar(self) -> jiff::Timestamp {
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
            Self::Driven(clock) => Timestamp(clock.0.load(Ordering::SeqCst)),
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

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

/// How long EC2 takes from one state to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransitionTimes {
    /// A transition is over when the next request arrives: the reply that starts it shows the first state (`pending`),
    /// the next Describe the last (`running`).
    #[default]
    Instant,
    /// About what AWS takes: an instance is pending for 15 s, shutting down for 30 s.
    AwsLike,
}

/// A change of an instance that takes EC2 time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Transition {
    Start,
    Stop,
    Terminate,
    /// How long a terminated instance stays visible.
    Forget,
}

impl TransitionTimes {
    pub(crate) fn of(self, transition: Transition) -> Duration {
        let seconds = match (self, transition) {
            // DescribeInstances shows a terminated instance for about an hour, on any clock.
            (_, Transition::Forget) => 3_600,
            (Self::Instant, _) => 0,
            (Self::AwsLike, Transition::Start) => 15,
            (Self::AwsLike, Transition::Stop | Transition::Terminate) => 30,
        };
        Duration::from_secs(seconds)
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
}
