//! What a session writes to the log. In a file of its own, because a log is for the whole process.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod script;

use std::fmt;
use std::sync::{Arc, Mutex};

use script::Script;
use serde_json::json;
use vpcrun_ec2::api;

/// Collects what is logged, as a log file at `-v` would.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::DEBUG
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        struct Fields<'a>(&'a mut String);
        impl tracing::field::Visit for Fields<'_> {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
                self.0.push_str(&format!(" {field}={value:?}"));
            }
        }
        let mut text = self.0.lock().unwrap();
        text.push_str(event.metadata().target());
        event.record(&mut Fields(&mut text));
        text.push('\n');
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn the_log_names_the_action_and_never_the_key() {
    let answer =
        "<CreateKeyPairResponse><keyName>k</keyName><keyMaterial>TOP-SECRET</keyMaterial></CreateKeyPairResponse>";
    let script = Script::new([(200, answer)]);
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let session = script.session();
        let create = api::action("create_key_pair").unwrap();
        let answer = runtime.block_on(session.call(&create, json!({ "key_name": "k" }))).unwrap();
        assert_eq!(answer["key_material"], "TOP-SECRET");
    });
    let log = log.0.lock().unwrap();
    let line = log.lines().find(|line| line.starts_with("vpcrun_ec2::call")).expect("a line for the call");
    assert!(
        line.contains("action=\"CreateKeyPair\"") && line.contains("status=200") && line.contains("ok=true"),
        "{line}"
    );
    assert!(!log.contains("TOP-SECRET"), "{log}");
}
