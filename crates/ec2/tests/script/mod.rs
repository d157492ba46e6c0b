//! A connector that plays EC2 from a script.
//!
//! Each test file uses a part of it.
#![allow(dead_code)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use vpcrun_ec2::Session;

/// Answers each request with the next of its answers and keeps what was asked. Status 0 is a reply that gets lost.
#[derive(Debug, Clone, Default)]
pub struct Script {
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

#[derive(Debug, Clone)]
pub struct Asked {
    pub body: String,
    pub content_length: String,
    pub authorization: String,
    pub user_agent: String,
}

impl Script {
    pub fn new<const N: usize>(answers: [(u16, &str); N]) -> Self {
        let answers = answers.into_iter().map(|(status, body)| (status, body.to_owned())).collect();
        Self { answers: Arc::new(Mutex::new(answers)), asked: Arc::default() }
    }

    pub fn session(&self) -> Session {
        Session::local(SharedHttpClient::new(self.clone()), "test", "ap-northeast-1")
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl HttpClient for Script {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Script {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |name| request.headers().get(name).unwrap_or_default().to_owned();
        self.asked.lock().unwrap().push(Asked {
            body: String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap(),
            content_length: header("content-length"),
            authorization: header("authorization"),
            user_agent: header("user-agent"),
        });
        let (status, body) = self.answers.lock().unwrap().pop_front().expect("an answer for every request");
        if status == 0 {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("connection reset".into())));
        }
        let status = StatusCode::try_from(status).unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}
