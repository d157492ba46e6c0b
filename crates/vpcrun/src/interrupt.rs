//! Ctrl-C. The first one stops the script and lets calls in flight end; a second one ends the process at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::exit::Exit;

/// A flag that a signal sets. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// A flag that SIGINT and SIGTERM set, for the rest of the process. When it is set already, they end the process.
    ///
    /// The flag is set by the signal handler itself, so that a loop in Lua, which keeps the only thread, sees it too.
    ///
    /// # Errors
    /// When the operating system refuses a handler.
    pub fn of_signals() -> io::Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            signal_hook::flag::register_conditional_shutdown(
                signal,
                i32::from(Exit::Interrupted.code()),
                flag.clone(),
            )?;
            signal_hook::flag::register(signal, flag.clone())?;
        }
        Ok(Self(flag))
    }

    /// A flag that SIGINT sets, for the rest of the process, which never ends by it: a session goes on when a statement was
    /// stopped. SIGTERM keeps its ordinary meaning.
    ///
    /// # Errors
    /// When the operating system refuses a handler.
    pub fn of_ctrl_c() -> io::Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(signal_hook::consts::SIGINT, flag.clone())?;
        Ok(Self(flag))
    }

    /// Takes the flag back, before the next statement.
    pub fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Sets the flag, as a signal would.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits until it is set. A signal wakes nobody by itself, so this looks twenty times a second.
    pub async fn wait(&self) {
        const EVERY: Duration = Duration::from_millis(50);
        while !self.is_set() {
            tokio::time::sleep(EVERY).await;
        }
    }
}
