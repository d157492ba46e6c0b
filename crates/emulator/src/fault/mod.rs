//! Faults: what AWS does to its clients now and then, on purpose, seeded, so that a failure can be run again.
//!
//! Off by default, and free when off. The same seed and the same calls in the same order meet the same faults; time is the
//! world's clock. [`inject`] decides for each request, [`throttle`] has AWS's token buckets.

mod inject;
mod text;
mod throttle;

use std::time::Duration;

pub(crate) use inject::{Injector, Verdict};
pub use text::FaultError;
pub(crate) use text::parse_time;

/// One kind of fault. Its text is that of the command line's `--fault`: `throttle`, `not-found-after-create=2s`,
/// `nat-gateway=fail`, `nat-gateway=5m`, `lost-reply=0.05`, `internal-error=0.01`, `unavailable=0.01`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// For so long after its creation a resource's id is answered with NotFound, in describes and wherever it is used
    /// (eventual consistency). Lists without ids show the resource.
    NotFoundAfterCreate(Duration),
    /// AWS's token buckets for each action and region: `RequestLimitExceeded` when one is empty.
    Throttle,
    /// What becomes of new NAT gateways.
    NatGateway(NatGatewayFault),
    /// The request is carried out, its reply never arrives: an I/O error in the connector, a closed connection in the server.
    LostReply(Chance),
    /// `InternalError` (HTTP 500), and nothing is done.
    InternalError(Chance),
    /// `Unavailable` (HTTP 503), and nothing is done.
    Unavailable(Chance),
}

/// What becomes of new NAT gateways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NatGatewayFault {
    /// They end in the state `failed`.
    Fail,
    /// They stay `pending` for this much longer.
    Slow(Duration),
}

/// A probability.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Chance(f64);

impl Chance {
    /// The probability of this value, from 0 (never) to 1 (always); `None` for any other number.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }
}

/// The faults of a world.
///
/// ```
/// use vpcrun_emulator::{Fault, Faults, Options, Request, World};
///
/// let faults = Faults::seeded(7).with("internal-error=1".parse::<Fault>()?);
/// let world = World::in_memory(Options { faults, ..Options::default() });
/// let answer = world.handle(&Request { region: "eu-west-1".into(), body: "Action=DescribeVpcs".into() });
/// assert_eq!(answer.status, 500);
/// # Ok::<(), vpcrun_emulator::FaultError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    seed: u64,
    not_found_after_create: Option<Duration>,
    throttle: bool,
    nat_gateway: Option<NatGatewayFault>,
    lost_reply: Chance,
    internal_error: Chance,
    unavailable: Chance,
}

impl Faults {
    /// No faults yet; those with a probability will be drawn from this seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Adds a fault. Of two of one kind the later counts.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        match fault {
            Fault::NotFoundAfterCreate(time) => self.not_found_after_create = Some(time),
            Fault::Throttle => self.throttle = true,
            Fault::NatGateway(fault) => self.nat_gateway = Some(fault),
            Fault::LostReply(chance) => self.lost_reply = chance,
            Fault::InternalError(chance) => self.internal_error = chance,
            Fault::Unavailable(chance) => self.unavailable = chance,
        }
        self
    }

    /// What becomes of a NAT gateway that is created now.
    pub(crate) fn nat_gateway(&self) -> Option<NatGatewayFault> {
        self.nat_gateway
    }

    /// Whether nothing has to be decided for each request.
    fn is_idle(&self) -> bool {
        let Self { seed: _, not_found_after_create, throttle, nat_gateway: _, lost_reply, internal_error, unavailable } =
            self;
        not_found_after_create.is_none()
            && !throttle
            && [lost_reply, internal_error, unavailable].iter().all(|chance| chance.0 == 0.0)
    }
}
