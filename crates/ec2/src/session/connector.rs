//! The HTTP below the SDK for AWS and endpoints. It reuses connections and names in each failure whom it was talking to.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_ec2::error::ConnectorError;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::Error;
use crate::error::Cause;

/// Marks a failure below HTTP with the endpoint that it concerns.
#[derive(Debug, thiserror::Error)]
#[error("no connection to {endpoint}")]
pub(crate) struct Unreachable {
    /// Scheme, host and port.
    pub(crate) endpoint: String,
    #[source]
    source: Cause,
}

/// Connection pools, one per set of timeouts: the SDK asks for a connector at each call.
#[derive(Debug)]
pub(super) struct Connectors {
    secure: bool,
    pools: Mutex<Vec<(HttpConnectorSettings, SharedHttpConnector)>>,
}

impl Connectors {
    /// With TLS by rustls and the trust roots of the operating system; proxies as the environment says.
    pub(super) fn https() -> Self {
        Self { secure: true, pools: Mutex::default() }
    }

    /// Without TLS, so that the trust roots need not be read.
    pub(super) fn http() -> Self {
        Self { secure: false, pools: Mutex::default() }
    }

    pub(super) fn shared(self) -> SharedHttpClient {
        SharedHttpClient::new(self)
    }

    fn build(&self, settings: &HttpConnectorSettings) -> Connector {
        let builder = ConnectorBuilder::default().connector_settings(settings.clone()).sleep_impl(TokioSleep::new());
        if !self.secure {
            return builder.build_http();
        }
        builder.proxy_config(ProxyConfig::from_env()).tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
    }
}

impl HttpClient for Connectors {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let key = |settings: &HttpConnectorSettings| (settings.connect_timeout(), settings.read_timeout());
        // A panic while the lock is held leaves the list as it was or with one more pool: both are fine to go on with.
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pool)) = pools.iter().find(|(known, _)| key(known) == key(settings)) {
            return pool.clone();
        }
        let pool = SharedHttpConnector::new(Named(Arc::new(self.build(settings))));
        pools.push((settings.clone(), pool.clone()));
        pool
    }
}

/// A connector whose failures say which endpoint they concern.
#[derive(Debug)]
struct Named(Arc<Connector>);

impl HttpConnector for Named {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let endpoint = origin(request.uri());
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move { answer.await.map_err(|error| name(endpoint, error)) })
    }
}

/// Wraps the source of `error` and keeps its kind, by which the SDK decides on a retry.
fn name(endpoint: String, error: ConnectorError) -> ConnectorError {
    let (timeout, io, user, other) = (error.is_timeout(), error.is_io(), error.is_user(), error.as_other());
    let unreachable: Cause = Box::new(Unreachable { endpoint, source: error.into_source() });
    if timeout {
        ConnectorError::timeout(unreachable)
    } else if io {
        ConnectorError::io(unreachable)
    } else if user {
        ConnectorError::user(unreachable)
    } else {
        ConnectorError::other(unreachable, other)
    }
}

/// Ends the attempts at an endpoint that does not answer: asking again would only make the wait longer.
#[derive(Debug)]
pub(super) struct NobodyThere;

impl ClassifyRetry for NobodyThere {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        match error.as_connector_error().is_some_and(ConnectorError::is_timeout) {
            true => RetryAction::RetryForbidden,
            false => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "vpcrun::NobodyThere"
    }
}

/// Scheme, host and port of `uri`.
fn origin(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once("://") else { return uri.to_owned() };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    format!("{scheme}://{authority}")
}

/// The text at `url`, by a plain GET.
///
/// # Errors
///
/// [`Error::PublicAddress`], the only use of it.
pub(super) async fn get_text(url: &str, timeout: Duration) -> Result<String, Error> {
    let failed =
        |reason: &str, source: Option<Cause>| Error::PublicAddress { reason: format!("{url} {reason}"), source };
    let settings = HttpConnectorSettings::builder().connect_timeout(timeout).read_timeout(timeout).build();
    let connectors = if url.starts_with("https:") { Connectors::https() } else { Connectors::http() };
    let request = HttpRequest::get(url).map_err(|error| failed("is no URL", Some(Box::new(error))))?;
    let answer = connectors.build(&settings).call(request).await;
    let answer = answer.map_err(|error| failed("cannot be reached", Some(error.into_source())))?;
    if !answer.status().is_success() {
        return Err(failed(&format!("answered with HTTP {}", answer.status().as_u16()), None));
    }
    let body = aws_smithy_types::byte_stream::ByteStream::new(answer.into_body()).collect().await;
    let body = body.map_err(|error| failed("broke off", Some(Box::new(error))))?;
    String::from_utf8(body.to_vec()).map_err(|_| failed("did not answer with text", None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        assert_eq!(origin("http://127.0.0.1:5000/a?b"), "http://127.0.0.1:5000");
        assert_eq!(origin("https://ec2.ap-northeast-1.amazonaws.com/"), "https://ec2.ap-northeast-1.amazonaws.com");
    }
}
