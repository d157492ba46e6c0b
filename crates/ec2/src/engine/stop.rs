//! Stopping a stack's work: no call starts any more, those in flight end.

use aws_sdk_ec2::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use tokio::sync::watch;

/// Whether to stop. Clones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(watch::Sender<bool>);

impl Stop {
    /// Stops.
    pub(crate) fn set(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was told to stop.
    pub(crate) fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is told to stop.
    pub(crate) async fn wait(&self) {
        // The sender lives as long as this borrow of it.
        let _ = self.0.subscribe().wait_for(|stop| *stop).await;
    }
}

/// Why a call was not sent.
#[derive(Debug, thiserror::Error)]
#[error("the stack was stopped")]
pub(crate) struct Stopped;

/// Lets no attempt of any call begin once its stack is stopped: the SDK's own repetitions neither.
#[dyn_dispatch_hint]
impl Intercept for Stop {
    fn name(&self) -> &'static str {
        "vpcrun::Stop"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.is_set() { Err(Box::new(Stopped)) } else { Ok(()) }
    }
}
