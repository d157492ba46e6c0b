//! What came of a run, in words and as JSON.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use vpcrun_ec2::Summary;

use crate::diagnostic::Diagnostic;
use crate::exit::Exit;
use crate::lua::Fault;
use crate::report::{Report, counted, spent};

/// What came of an apply or a destroy.
#[derive(Debug)]
pub struct Outcome {
    /// The stack.
    pub stack: String,
    /// The target's text, once it was opened.
    pub target: Option<String>,
    /// The regions in use.
    pub regions: Vec<String>,
    /// Counts, over all regions.
    pub summary: Summary,
    /// The runbook's outputs.
    pub outputs: Vec<(String, Value)>,
    /// Expectations that hold.
    pub met: usize,
    /// Expectations that do not.
    pub unmet: Vec<Diagnostic>,
    /// API calls.
    pub calls: u64,
    /// From the start of the process.
    pub elapsed: Duration,
    /// What went wrong, the first and gravest first.
    pub faults: Vec<Fault>,
}

impl Outcome {
    /// An outcome of a run in which nothing has happened.
    #[must_use]
    pub fn new(stack: &str) -> Self {
        Self {
            stack: stack.to_owned(),
            target: None,
            regions: Vec::new(),
            summary: Summary::default(),
            outputs: Vec::new(),
            met: 0,
            unmet: Vec::new(),
            calls: 0,
            elapsed: Duration::ZERO,
            faults: Vec::new(),
        }
    }

    /// Adds what one region's stack came to.
    pub fn add(&mut self, summary: Summary) {
        let sum = &mut self.summary;
        sum.created += summary.created;
        sum.changed += summary.changed;
        sum.unchanged += summary.unchanged;
        sum.deleted += summary.deleted;
        sum.failed.extend(summary.failed);
        sum.not_tried.extend(summary.not_tried);
    }

    /// Notes the time.
    pub fn ended(&mut self, started: Instant) {
        self.elapsed = started.elapsed();
    }

    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let worst = |exit: Exit| self.faults.iter().any(|fault| fault.exit == exit);
        // Interrupted first: whatever else failed may have failed because of it.
        let order = [Exit::Interrupted, Exit::Usage, Exit::Runbook, Exit::Blocked, Exit::Failed];
        if let Some(exit) = order.into_iter().find(|exit| worst(*exit)) {
            return exit;
        }
        if self.unmet.is_empty() { Exit::Success } else { Exit::Expectation }
    }

    fn done(&self) -> usize {
        self.summary.created + self.summary.changed + self.summary.unchanged + self.summary.deleted
    }

    /// The line of counts: `14 created · 25 calls · 12 ms`.
    #[must_use]
    pub fn counts(&self) -> Vec<String> {
        let s = &self.summary;
        let counts =
            [(s.created, "created"), (s.changed, "changed"), (s.unchanged, "unchanged"), (s.deleted, "deleted")];
        let mut parts: Vec<String> =
            counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        if parts.is_empty() {
            parts.push("nothing to do".into());
        }
        if self.met > 0 && self.unmet.is_empty() {
            parts.push(format!("{} as expected", counted(self.met, "check")));
        }
        parts.push(counted(usize::try_from(self.calls).unwrap_or(usize::MAX), "call"));
        parts.push(spent(self.elapsed));
        parts
    }

    /// The last line of a run that failed: `9 done, 1 refused, 4 not tried …`.
    #[must_use]
    pub fn verdict(&self) -> String {
        let (refused, not_tried) = (self.summary.failed.len(), self.summary.not_tried.len());
        if self.done() + refused == 0 {
            return "Nothing was done.".into();
        }
        let mut parts = vec![format!("{} done", self.done())];
        if refused > 0 {
            parts.push(format!("{refused} refused"));
        }
        if not_tried > 0 {
            let why = match (refused, not_tried) {
                // Stopped, or the account could not be read.
                (0, _) => "",
                (_, 1) => " (it depends on it)",
                _ => " (they depend on it)",
            };
            parts.push(format!("{not_tried} not tried{why}"));
        }
        format!("{}.", parts.join(", "))
    }

    /// Shows every error, and what it left undone.
    pub fn complain(&self, report: &Report, advice: &str) {
        for fault in &self.faults {
            report.diagnostic("error", &fault.diagnostic);
        }
        for diagnostic in &self.unmet {
            report.diagnostic("expectation failed", diagnostic);
        }
        if !self.faults.is_empty() && self.target.is_some() {
            report.complain(&format!("{} {advice}", self.verdict()));
        }
    }

    /// The document of `--json`.
    #[must_use]
    pub fn document(&self) -> Value {
        let s = &self.summary;
        let outputs: Map<String, Value> = self.outputs.iter().cloned().collect();
        let errors: Vec<Value> = self.faults.iter().map(|fault| json!(fault.diagnostic)).collect();
        let mut document = json!({
            "stack": self.stack,
            "target": self.target,
            "region": self.regions.first(),
            "regions": self.regions,
            "created": s.created,
            "changed": s.changed,
            "unchanged": s.unchanged,
            "deleted": s.deleted,
            "failed": s.failed.len(),
            "not_tried": s.not_tried.len(),
            "outputs": outputs,
            "expectations": { "met": self.met, "unmet": self.unmet },
            "calls": self.calls,
            "elapsed_ms": milliseconds(self.elapsed),
            "exit_code": self.exit().code(),
        });
        if let (Some(object), Some(first)) = (document.as_object_mut(), errors.first().cloned()) {
            object.insert("error".into(), first);
            object.insert("errors".into(), Value::Array(errors));
        }
        document
    }
}

/// Milliseconds with three decimals.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
