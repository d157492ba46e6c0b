//! Patience with EC2: what has just been created may not be seen yet, and a reply may be lost.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Mutex;
use std::time::Duration;

use aws_sdk_ec2::config::Builder;
use aws_smithy_types::retry::RetryConfig;
use tokio::time::{Instant, sleep};

use super::stop::Stop;
use super::work::lock;
use crate::Error;

/// How long EC2 may take to see what it has created, and to answer a call that creates.
const SETTLE: Duration = Duration::from_secs(20);

/// What patience depends on: the ids that this run has created, for only of these is "not found" a matter of time, and
/// whether the run was told to stop.
#[derive(Default)]
pub(super) struct Patience {
    fresh: Mutex<HashSet<String>>,
    stop: Stop,
}

impl Patience {
    pub(super) fn new(stop: Stop) -> Self {
        Self { fresh: Mutex::default(), stop }
    }

    /// Notes the id of what was just created.
    pub(super) fn add(&self, id: &str) {
        lock(&self.fresh).insert(id.to_owned());
    }

    /// Sleeps; not any longer once the run was told to stop, for then the next call fails at once.
    pub(super) async fn pause(&self, pause: Duration) {
        tokio::select! {
            () = sleep(pause) => {}
            () = self.stop.wait() => {}
        }
    }

    /// Whether EC2 refuses something that is about to become right. Its message names the id in question.
    fn is_unsettled(&self, error: &Error) -> bool {
        let Some(refusal) = error.refusal() else { return false };
        // The instance was seen running; the part of EC2 that maps addresses hears of it a moment later.
        if refusal.message.contains("pending instance") {
            return true;
        }
        refusal.is_not_found() && lock(&self.fresh).iter().any(|id| refusal.message.contains(id.as_str()))
    }
}

/// Pauses that grow from `first` to `longest`, each varied by a fifth so that many callers do not march in step.
pub(super) struct Backoff {
    next: Duration,
    longest: Duration,
}

impl Backoff {
    pub(super) const fn new(first: Duration, longest: Duration) -> Self {
        Self { next: first, longest }
    }

    /// The next pause.
    pub(super) fn next(&mut self) -> Duration {
        let pause = self.next.mul_f64(0.8 + 0.4 * fastrand::f64());
        self.next = (self.next * 3 / 2).min(self.longest);
        pause
    }
}

/// Sends a call that is safe to repeat (the SDK repeats it when no reply comes) until EC2 sees what it refers to.
pub(super) async fn settle<O, E, F>(patience: &Patience, send: impl Fn() -> F) -> Result<O, Error>
where
    F: Future<Output = Result<O, E>>,
    Error: From<E>,
{
    let deadline = Instant::now() + SETTLE;
    let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(2));
    loop {
        let error = match send().await.map_err(Error::from) {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if !patience.is_unsettled(&error) || Instant::now() >= deadline {
            return Err(error);
        }
        patience.pause(backoff.next()).await;
    }
}

/// Sends a call that creates something and that EC2 would carry out twice when sent twice. When no reply comes, `find`
/// looks for the result of the lost one, by its tags, before the call is sent again. The call must be sent with
/// [`once`], or the SDK repeats it by itself.
pub(super) async fn create<R, E, F, G>(
    patience: &Patience,
    send: impl Fn() -> F,
    find: impl Fn() -> G,
) -> Result<R, Error>
where
    F: Future<Output = Result<R, E>>,
    G: Future<Output = Result<Option<R>, Error>>,
    Error: From<E>,
{
    let deadline = Instant::now() + SETTLE;
    let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(2));
    loop {
        let error = match send().await.map_err(Error::from) {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let lost = is_reply_lost(&error);
        let again = lost || error.is_transient() || patience.is_unsettled(&error);
        if !again || Instant::now() >= deadline {
            return Err(error);
        }
        patience.pause(backoff.next()).await;
        if lost && let Some(found) = find().await? {
            return Ok(found);
        }
    }
}

/// Whether the call may have been carried out all the same. A refusal with a code below 500 was not.
fn is_reply_lost(error: &Error) -> bool {
    match error {
        Error::Connection { .. } | Error::Timeout { .. } => true,
        Error::Refused(refusal) => refusal.status >= 500 && !refusal.is_throttled(),
        Error::Response { status, .. } => status.is_some_and(|status| status >= 500),
        _ => false,
    }
}

/// The configuration of a call that the SDK shall not repeat by itself.
pub(super) fn once() -> Builder {
    aws_sdk_ec2::Config::builder().retry_config(RetryConfig::disabled())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::Refusal;

    fn refused(code: &str, message: &str, status: u16) -> Error {
        let (code, message) = (code.to_owned(), message.to_owned());
        Error::Refused(Refusal { action: "CreateVpc".into(), code, message, request_id: None, status })
    }

    #[tokio::test]
    async fn not_found_is_a_matter_of_time_only_for_fresh_ids() {
        let patience = Patience::default();
        patience.add("vpc-00000001");
        let tries = Cell::new(0);
        let send = |id: &'static str| {
            tries.set(tries.get() + 1);
            let seen = tries.get() > 3;
            let error = refused("InvalidVpcID.NotFound", &format!("The vpc ID '{id}' does not exist"), 400);
            async move { if seen { Ok(()) } else { Err(error) } }
        };
        settle(&patience, || send("vpc-00000001")).await.expect("becomes visible");
        assert_eq!(tries.replace(0), 4);
        settle(&patience, || send("vpc-00000002")).await.expect_err("was never there");
        assert_eq!(tries.get(), 1);
    }

    #[tokio::test]
    async fn after_a_lost_reply_the_result_is_looked_for_before_creating_again() {
        let patience = Patience::default();
        let made = Cell::new(0);
        let send = || {
            made.set(made.get() + 1);
            async { Err::<u8, _>(refused("InternalError", "An internal error has occurred", 500)) }
        };
        let found = create(&patience, send, || async { Ok(Some(7)) }).await.expect("found");
        assert_eq!((found, made.get()), (7, 1));
    }

    #[test]
    fn pauses_grow_to_the_longest() {
        let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(1));
        let pauses: Vec<f64> = (0..8).map(|_| backoff.next().as_secs_f64()).collect();
        assert!(pauses[0] <= 0.24 && pauses.iter().all(|pause| *pause <= 1.2) && pauses[7] >= 0.8, "{pauses:?}");
    }
}
