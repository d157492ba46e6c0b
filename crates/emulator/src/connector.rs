//! The emulator as an HTTP connector of the AWS SDK for Rust: in process, without a socket.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use crate::world::{Request, World};

/// Answers an SDK client's requests from a [`World`]. Give it to `Config::builder().http_client(…)`.
#[derive(Clone, Debug)]
pub struct Connector(World);

impl World {
    /// The world as an HTTP client of the AWS SDK for Rust.
    #[must_use]
    pub fn connector(&self) -> Connector {
        Connector(self.clone())
    }
}

impl HttpClient for Connector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.answer(&request))
    }
}

impl Connector {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let bytes = request.body().bytes().ok_or_else(|| user_error("the body of an EC2 request is not a stream"))?;
        let body = std::str::from_utf8(bytes).map_err(|_| user_error("the body of an EC2 request is text"))?;
        let authorization = request.headers().get("authorization").unwrap_or_default();
        let region = region_of(authorization).ok_or_else(|| user_error("the request is not signed for a region"))?;
        let request = Request { region: region.to_owned(), body: body.to_owned() };
        let lost = || ConnectorError::io("the connection was closed before the reply (a fault of this world)".into());
        let answer = self.0.deliver(&request).ok_or_else(lost)?;
        let status = StatusCode::try_from(answer.status).map_err(|error| ConnectorError::other(error.into(), None))?;
        let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
        let headers = response.headers_mut();
        headers.insert("content-type", "text/xml;charset=UTF-8");
        headers.insert("server", "AmazonEC2");
        headers.insert("x-amzn-requestid", answer.request_id);
        Ok(response)
    }
}

fn user_error(message: &'static str) -> ConnectorError {
    ConnectorError::user(message.into())
}

/// The region in a SigV4 credential scope: `Credential=AKID/20261123/ap-northeast-1/ec2/aws4_request`.
pub(crate) fn region_of(authorization: &str) -> Option<&str> {
    let (_, credential) = authorization.split_once("Credential=")?;
    let (scope, _) = credential.split_once(',')?;
    scope.rsplit('/').nth(2).filter(|region| !region.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_stands_in_the_credential_scope() {
        let header =
            "AWS4-HMAC-SHA256 Credential=A/B/20261123/ap-northeast-1/ec2/aws4_request, SignedHeaders=host, Signature=0";
        assert_eq!(region_of(header), Some("ap-northeast-1"));
        assert_eq!(region_of("Bearer x"), None);
    }
}
