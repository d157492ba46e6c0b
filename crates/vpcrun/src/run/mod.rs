//! The commands that work on a stack: apply and destroy.

mod apply;
mod destroy;
mod outcome;

pub use apply::{apply, arguments, conclude, tell};
pub use destroy::{Teardown, destroy, regions};
pub use outcome::Outcome;

use std::pin::pin;
use std::time::Duration;

use crate::interrupt::Interrupt;
use crate::report::Report;

/// Waits for the engine's work. Ctrl-C stops it by `stop`: then it ends by itself, with the calls that are in flight.
async fn until_interrupted<T>(
    interrupt: &Interrupt,
    report: &Report,
    stop: impl FnOnce(),
    work: impl Future<Output = T>,
) -> T {
    const PATIENCE: Duration = Duration::from_secs(1);
    let mut work = pin!(work);
    tokio::select! {
        biased;
        ended = &mut work => return ended,
        () = interrupt.wait() => stop(),
    }
    if let Ok(ended) = tokio::time::timeout(PATIENCE, &mut work).await {
        return ended;
    }
    report.complain("Stopping: waiting for the calls in flight. Ctrl-C again ends at once.");
    work.await
}
