//! What befalls each request.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use vpcrun_model::ResourceId;

use super::throttle::{self, Bucket};
use super::{Chance, Faults};
use crate::clock::Timestamp;
use crate::error::Refusal;
use crate::state::wording;
use crate::wire::Parameters;

/// Decides what befalls each request of one world.
pub(crate) struct Injector {
    faults: Faults,
    /// How many requests there were.
    requests: AtomicU64,
    ledger: Mutex<Ledger>,
}

#[derive(Default)]
struct Ledger {
    /// By region and bucket.
    buckets: HashMap<(String, throttle::Name), Bucket>,
    /// What is not to be found yet, and until when, by region.
    hidden: HashMap<String, HashMap<ResourceId, Timestamp>>,
}

/// What was drawn for one request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Verdict {
    unavailable: bool,
    internal_error: bool,
    pub(crate) reply_is_lost: bool,
}

impl Injector {
    /// `None` where there is nothing to inject.
    pub(crate) fn new(faults: &Faults) -> Option<Self> {
        (!faults.is_idle()).then(|| Self {
            faults: faults.clone(),
            requests: AtomicU64::new(0),
            ledger: Mutex::default(),
        })
    }

    /// Begins anew, as the world does on a reset.
    pub(crate) fn reset(&self) {
        let mut ledger = self.ledger();
        self.requests.store(0, Ordering::SeqCst);
        *ledger = Ledger::default();
    }

    /// Draws for the next request.
    pub(crate) fn draw(&self) -> Verdict {
        let request = self.requests.fetch_add(1, Ordering::SeqCst);
        let mut kind = 0;
        let mut hits = |chance: Chance| {
            kind += 1;
            unit(self.faults.seed, request, kind) < chance.0
        };
        Verdict {
            unavailable: hits(self.faults.unavailable),
            internal_error: hits(self.faults.internal_error),
            reply_is_lost: hits(self.faults.lost_reply),
        }
    }

    /// Lets a request pass to its action, or not.
    ///
    /// # Errors
    /// `RequestLimitExceeded`, `Unavailable`, `InternalError`, or the NotFound of a resource that was created just now.
    pub(crate) fn admit(
        &self,
        verdict: Verdict,
        region: &str,
        action: &str,
        parameters: &Parameters,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if self.faults.throttle && !self.take_tokens(region, action, parameters, now) {
            return Err(Refusal {
                status: 503,
                ..Refusal::new("RequestLimitExceeded", "Request limit exceeded.".to_owned())
            });
        }
        if verdict.unavailable {
            let message = "The service is unavailable. Please try again shortly.".to_owned();
            return Err(Refusal { status: 503, ..Refusal::new("Unavailable", message) });
        }
        if verdict.internal_error {
            return Err(Refusal::internal("An internal error has occurred".to_owned()));
        }
        if self.hides() { self.find_all(region, parameters, now) } else { Ok(()) }
    }

    /// Whether a new resource is not to be found for a while.
    pub(crate) fn hides(&self) -> bool {
        self.faults.not_found_after_create.is_some()
    }

    /// Hides what was created now.
    pub(crate) fn hide(&self, region: &str, created: Vec<ResourceId>, now: Timestamp) {
        let Some(time) = self.faults.not_found_after_create.filter(|_| !created.is_empty()) else { return };
        let mut ledger = self.ledger();
        let hidden = ledger.hidden.entry(region.to_owned()).or_default();
        hidden.retain(|_, until| *until > now);
        hidden.extend(created.into_iter().map(|id| (id, now.after(time))));
    }

    fn take_tokens(&self, region: &str, action: &str, parameters: &Parameters, now: Timestamp) -> bool {
        let mut ledger = self.ledger();
        let wanted = throttle::buckets(action, parameters);
        let mut bucket =
            |name, size| *ledger.buckets.entry((region.to_owned(), name)).or_insert(Bucket::full(size, now));
        let mut taken = Vec::new();
        for (name, size, tokens) in wanted {
            match bucket(name, size).take(tokens, size, now) {
                Some(left) => taken.push((name, left)),
                None => return false,
            }
        }
        for (name, left) in taken {
            ledger.buckets.insert((region.to_owned(), name), left);
        }
        true
    }

    /// Looks for ids that are not to be found yet, anywhere but in filters.
    fn find_all(&self, region: &str, parameters: &Parameters, now: Timestamp) -> Result<(), Refusal> {
        let ledger = self.ledger();
        let Some(hidden) = ledger.hidden.get(region).filter(|hidden| !hidden.is_empty()) else { return Ok(()) };
        let is_hidden = |id: &ResourceId| hidden.get(id).is_some_and(|until| *until > now);
        let ids = parameters.texts_but("Filter").filter_map(|text| text.parse::<ResourceId>().ok());
        match ids.into_iter().find(is_hidden).and_then(|id| wording(id).map(|wording| wording.not_found(id))) {
            Some(refusal) => Err(refusal),
            None => Ok(()),
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number from 0 up to 1 that only depends on the three: SplitMix64's finaliser over them.
fn unit(seed: u64, request: u64, kind: u64) -> f64 {
    let mut z = seed ^ request.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ kind.wrapping_mul(0xd1b5_4a32_d192_ed03);
    for _ in 0..2 {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
    }
    // 53 bits are what a float holds.
    (z >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_follow_the_seed_and_the_chance() {
        let hits = |seed| (0..10_000).map(|request| unit(seed, request, 1) < 0.05).collect::<Vec<_>>();
        assert_eq!(hits(7), hits(7));
        assert_ne!(hits(7), hits(8));
        let count = hits(7).into_iter().filter(|hit| *hit).count();
        assert!((400..600).contains(&count), "{count} of 10,000 at 0.05");
    }
}
