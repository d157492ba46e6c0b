//! Sends a call of the table through the SDK's client.
//!
//! The SDK has no door for "any action". An operation that it knows carries the request: its body is replaced before
//! signing, and the answer's body is kept when it has come. So credentials, signature, endpoint, retries, timeouts and
//! the session's own observation are the same as for any typed call, and a refusal is read by the SDK's own code.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_ec2::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextRef,
    BeforeTransmitInterceptorContextMut, InterceptorContext,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::SensitiveOutput;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::Value;

use super::{Action, decode, encode};
use crate::session::ActionName;
use crate::{Error, Session};

impl Session {
    /// Calls `action` with a table of its members in snake case, and returns the answer likewise.
    ///
    /// A list that is empty is `[]`, whether EC2 sends it or not; other members are absent when EC2 does not send them.
    /// Times are RFC 3339 text, blobs in an answer base64. One call is one page: `next_token` is the caller's.
    ///
    /// Throttling and broken connections are waited out as for every call, except that a create without an idempotency
    /// token (CreateVpc, AllocateAddress) is not sent twice when its reply is lost.
    ///
    /// A call that has begun ends, even when its future is dropped: [`Session::idle`] waits for it.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] when the input does not fit the action; nothing has been sent then. Else whatever EC2 or the way
    /// to it says.
    pub async fn call(&self, action: &Action, input: Value) -> Result<Value, Error> {
        let body = encode::form(*action, &input, token)?;
        let (session, action, in_flight) = (self.clone(), *action, self.in_flight.begin());
        let call = tokio::spawn(async move {
            let _in_flight = in_flight;
            session.send(action, body).await
        });
        match call.await {
            Ok(answered) => answered,
            Err(end) if end.is_panic() => std::panic::resume_unwind(end.into_panic()),
            Err(_) => Err(Error::Stopped { kind: "call", name: action.name().to_owned() }),
        }
    }

    async fn send(&self, action: Action, body: String) -> Result<Value, Error> {
        let answer = Arc::new(Mutex::new(Vec::new()));
        let carrier = Carrier { action, body, answer: answer.clone() };
        // DeleteVpc answers with nothing that the SDK would read. A dry run without an id, it could do no harm.
        let mut operation = self.client().delete_vpc().dry_run(true).customize().interceptor(carrier);
        if !is_repeatable(action) {
            operation = operation.config_override(aws_sdk_ec2::Config::builder().retry_classifier(LostReply));
        }
        let sent = operation.send().await;
        sent.map_err(|error| Error::from_sdk(action.name(), error))?;
        let answer = std::mem::take(&mut *answer.lock().unwrap_or_else(PoisonError::into_inner));
        decode::answer(action, &answer).map_err(|error| Error::Response {
            action: action.name().to_owned(),
            status: None,
            source: Box::new(error),
        })
    }
}

/// Whether a second request with the same words makes no second thing.
fn is_repeatable(action: Action) -> bool {
    const MAKES_ONE_MORE: [&str; 5] = ["Allocate", "Copy", "Create", "Purchase", "Register"];
    !MAKES_ONE_MORE.iter().any(|verb| action.name().starts_with(verb))
        || action.input().members().any(|member| member.idempotency_token())
}

/// Forbids to send again what may have arrived: a VPC or address too many is worse than an error.
#[derive(Debug)]
struct LostReply;

impl ClassifyRetry for LostReply {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.output_or_error() {
            Some(Err(error)) if error.is_connector_error() || error.is_timeout_error() || error.is_response_error() => {
                RetryAction::RetryForbidden
            }
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "vpcrun::LostReply"
    }
}

/// A token that no other request has: 32 hex digits.
fn token() -> String {
    format!("{:032x}", fastrand::u128(..))
}

/// Puts one request into the carrying operation and takes its answer out.
#[derive(Debug)]
struct Carrier {
    action: Action,
    body: String,
    answer: Arc<Mutex<Vec<u8>>>,
}

#[dyn_dispatch_hint]
impl Intercept for Carrier {
    fn name(&self) -> &'static str {
        "vpcrun::Carrier"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        cfg.interceptor_state().store_put(ActionName(self.action.name()));
        // Any action may be one that answers with a private key: the SDK must not log the body.
        cfg.interceptor_state().store_put(SensitiveOutput);
        Ok(())
    }

    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        *request.body_mut() = SdkBody::from(self.body.as_str());
        request.headers_mut().insert("content-length", self.body.len().to_string());
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = body.to_vec();
        Ok(())
    }
}
