//! Watches the calls of a session: how many, how long, how they ended. Bodies and keys are never looked at.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use aws_sdk_ec2::error::BoxError;
use aws_sdk_ec2::operation::RequestId;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use tokio::sync::watch;

/// The action on the wire, where it is not the operation that the SDK believes it sends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ActionName(pub(crate) &'static str);

impl Storable for ActionName {
    type Storer = StoreReplace<Self>;
}

#[derive(Debug)]
struct Sent(Instant);

impl Storable for Sent {
    type Storer = StoreReplace<Self>;
}

/// How many calls are in flight. Clones count together.
#[derive(Debug, Clone, Default)]
pub(crate) struct InFlight(watch::Sender<usize>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(crate) struct Flight(watch::Sender<usize>);

impl InFlight {
    /// Counts one more.
    pub(crate) fn begin(&self) -> Flight {
        self.0.send_modify(|count| *count += 1);
        Flight(self.0.clone())
    }

    /// Waits until there is none.
    pub(super) async fn end(&self) {
        // The sender lives as long as this borrow of it.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

/// Counts each request that leaves and logs each answer.
#[derive(Debug)]
pub(super) struct Observer {
    calls: Arc<AtomicU64>,
}

impl Observer {
    pub(super) fn new(calls: Arc<AtomicU64>) -> Self {
        Self { calls }
    }
}

#[dyn_dispatch_hint]
impl Intercept for Observer {
    fn name(&self) -> &'static str {
        "vpcrun::Observer"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        cfg.interceptor_state().store_put(Sent(Instant::now()));
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // An attempt that ended before it was sent (no credentials) is no call.
        let Some(Sent(sent)) = cfg.load::<Sent>() else { return Ok(()) };
        let action = match (cfg.load::<ActionName>(), cfg.load::<Metadata>()) {
            (Some(ActionName(action)), _) => action,
            (None, Some(operation)) => operation.name(),
            (None, None) => "",
        };
        let response = context.response();
        tracing::debug!(
            target: "vpcrun_ec2::call",
            action,
            elapsed_us = u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX),
            status = response.map(|response| response.status().as_u16()),
            request_id = response.and_then(|response| response.request_id()),
            ok = context.output_or_error().is_some_and(|outcome| outcome.is_ok()),
            "EC2 call"
        );
        Ok(())
    }
}
