//! The commands that work on a stack: apply and destroy.

mod apply;
mod destroy;
mod outcome;

pub use apply::{apply, arguments};
pub use destroy::{Teardown, destroy, regions};
pub use outcome::Outcome;

use std::time::Duration;

use crate::interrupt::Interrupt;

/// Waits for the engine; after Ctrl-C only as long as calls in flight usually take. Whatever is cut off, the next run finds
/// by its tags.
async fn unless_interrupted<T>(interrupt: &Interrupt, work: impl Future<Output = T>) -> Option<T> {
    const GRACE: Duration = Duration::from_secs(2);
    let interrupted = async {
        interrupt.wait().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        biased;
        ended = work => Some(ended),
        () = interrupted => None,
    }
}
