//! From the SDK's errors to this room's. The SDK's own texts ("service error", "unhandled error") help nobody.

use std::any::type_name;
use std::error::Error as StdError;

use aws_config::imds::client::error::ImdsError;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ec2::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{DispatchFailure, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{Cause, Error, Refusal};
use crate::engine::Stopped;
use crate::session::Unreachable;

impl<E> From<SdkError<E, HttpResponse>> for Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    /// Names the action by the type of the SDK's error (`CreateVpcError` is of `CreateVpc`).
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        Self::from_sdk(action_of::<E>(), error)
    }
}

impl Error {
    /// Converts what the SDK reports about a call of `action`.
    pub(crate) fn from_sdk<E>(action: &str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        if find::<Stopped>(&error).is_some() {
            return Self::Stopped { kind: "call", name: action.to_owned() };
        }
        match error {
            SdkError::ServiceError(answer) => {
                let meta = answer.err().meta();
                let Some(code) = meta.code() else {
                    let status = answer.raw().status().as_u16();
                    let source = innermost(Box::new(answer.into_err()));
                    return Self::Response { action: action.to_owned(), status: Some(status), source };
                };
                let refusal = Refusal {
                    action: action.to_owned(),
                    code: code.to_owned(),
                    message: meta.message().unwrap_or_default().trim().to_owned(),
                    request_id: request_id(answer.raw()),
                    status: answer.raw().status().as_u16(),
                };
                Self::from_refusal(refusal)
            }
            SdkError::TimeoutError(_) => Self::Timeout { action: action.to_owned(), source: source_of(error) },
            SdkError::DispatchFailure(failure) => Self::from_dispatch(action, failure),
            SdkError::ResponseError(ref answer) => {
                let status = Some(answer.raw().status().as_u16());
                Self::Response { action: action.to_owned(), status, source: source_of(error) }
            }
            _ => {
                let source = source_of(error);
                match find::<CredentialsError>(source.as_ref()) {
                    Some(_) => Self::from_credentials(None, source),
                    None => Self::Request { action: action.to_owned(), source },
                }
            }
        }
    }

    /// Sorts a refusal: about credentials, about permission, or about the request.
    pub(crate) fn from_refusal(refusal: Refusal) -> Self {
        if refusal.is_about_credentials() {
            return Self::CredentialsRefused(refusal);
        }
        if !refusal.is_about_permission() {
            return Self::Refused(refusal);
        }
        let message = refusal.message.split(" Encoded authorization failure message").next().unwrap_or_default();
        Self::NotPermitted {
            permission: word_after(message, "perform: ").unwrap_or_else(|| format!("ec2:{}", refusal.action)),
            resource: word_after(message, "on resource: "),
            principal: word_after(message, "User: "),
            message: message.trim().to_owned(),
            request_id: refusal.request_id,
        }
    }

    /// Sorts what a credentials provider says: nothing there, or something there that does not work.
    pub(crate) fn from_credentials(profile: Option<&str>, source: Cause) -> Self {
        let nothing_there =
            matches!(find::<CredentialsError>(source.as_ref()), Some(CredentialsError::CredentialsNotLoaded(_)));
        // A metadata service that is forbidden, silent or not EC2's is none: only what it says of a role counts.
        let nothing_there = nothing_there || find::<ImdsError>(source.as_ref()).is_some();
        match profile {
            None if nothing_there => Self::NoCredentials,
            _ => Self::Credentials { profile: profile.map(str::to_owned), source: below::<CredentialsError>(source) },
        }
    }

    fn from_dispatch(action: &str, failure: DispatchFailure) -> Self {
        let timed_out = failure.is_timeout();
        let error: SdkError<std::convert::Infallible, HttpResponse> = SdkError::DispatchFailure(failure);
        let source = source_of(error);
        if find::<CredentialsError>(source.as_ref()).is_some() {
            return Self::from_credentials(None, source);
        }
        let endpoint = find::<Unreachable>(source.as_ref()).map(|unreachable| unreachable.endpoint.clone());
        match endpoint {
            Some(endpoint) => Self::Connection { endpoint, source: innermost(source) },
            None if timed_out => Self::Timeout { action: action.to_owned(), source: innermost(source) },
            None => Self::Connection { endpoint: format!("EC2 ({action})"), source: innermost(source) },
        }
    }
}

/// `CreateVpc` of `aws_sdk_ec2::operation::create_vpc::CreateVpcError`.
fn action_of<E>() -> &'static str {
    let name = type_name::<E>();
    let name = name.rsplit("::").next().unwrap_or(name);
    name.strip_suffix("Error").unwrap_or(name)
}

/// EC2 gives the id in a header and in the body; servers that imitate it often only in the body.
fn request_id(answer: &HttpResponse) -> Option<String> {
    if let Some(id) = answer.headers().request_id() {
        return Some(id.to_owned());
    }
    let body = std::str::from_utf8(answer.body().bytes()?).ok()?;
    let (_, rest) = body.split_once("<RequestID>").or_else(|| body.split_once("<RequestId>"))?;
    let (id, _) = rest.split_once('<')?;
    Some(id.trim().to_owned())
}

/// The word behind `mark` in AWS's authorization message.
fn word_after(message: &str, mark: &str) -> Option<String> {
    let (_, rest) = message.split_once(mark)?;
    let word = rest.split_whitespace().next()?.trim_end_matches('.');
    Some(word.to_owned())
}

fn source_of<E>(error: SdkError<E, HttpResponse>) -> Cause
where
    E: StdError + Send + Sync + 'static,
{
    match error.into_source() {
        Ok(source) => source,
        Err(error) => Box::new(error),
    }
}

/// The first `T` in the chain that starts with `error`.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The last text of the chain: the fact, without the wrappers around it.
fn innermost(error: Cause) -> Cause {
    let mut last: &(dyn StdError + 'static) = error.as_ref();
    let mut text = last.to_string();
    while let Some(source) = last.source() {
        last = source;
        // A timeout's last link has no text of its own; the link above names the timeout and its length.
        if !last.is::<aws_smithy_async::future::timeout::TimedOutError>() {
            text = last.to_string();
        }
    }
    text.into()
}

/// The texts below the first `T` of the chain as one line, or the innermost text when there is no `T`.
fn below<T: StdError + 'static>(error: Cause) -> Cause {
    let Some(found) = find::<T>(error.as_ref()) else { return innermost(error) };
    let mut texts: Vec<String> = Vec::new();
    let mut next = found.source();
    while let Some(error) = next {
        let text = error.to_string();
        if !texts.last().is_some_and(|last| last.contains(&text)) {
            texts.push(text);
        }
        next = error.source();
    }
    match texts.is_empty() {
        true => innermost(error),
        false => texts.join(": ").into(),
    }
}
