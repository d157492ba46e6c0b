//! What people see: progress and errors on standard error, results on standard output.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use vpcrun_ec2::Target;
use vpcrun_ec2::{Action, Event};

use crate::diagnostic::Diagnostic;
use crate::style::{Paint, Role};

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Only errors and results.
    Quiet,
    /// Changes, summaries, advice.
    Normal,
    /// Also what is unchanged.
    Verbose,
}

/// How the report is written.
#[derive(Clone, Debug)]
pub struct Style {
    /// How much.
    pub verbosity: Verbosity,
    /// One JSON document on standard output; whatever else is said goes to standard error.
    pub json: bool,
    /// Colour on standard error.
    pub paint: Paint,
    /// Colour on standard output.
    pub out_paint: Paint,
    /// Whether standard error is a terminal, on which a line can be rewritten.
    pub live: bool,
    /// Columns.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            verbosity: Verbosity::Normal,
            json: false,
            paint: Paint::Plain,
            out_paint: Paint::Plain,
            live: false,
            width: 80,
        }
    }
}

/// Writes the report. Clones write to the same place, from any task.
#[derive(Clone)]
pub struct Report(Arc<Mutex<Inner>>);

struct Inner {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    style: Style,
    /// A waiting line is on the terminal and has to be cleared before the next one.
    transient: bool,
    /// When a waiting line was last written, by kind and name.
    waited: HashMap<(&'static str, String), Duration>,
    /// Something was printed below the first line.
    rows: bool,
}

impl Report {
    /// A report to two streams.
    pub fn new(out: impl Write + Send + 'static, err: impl Write + Send + 'static, style: Style) -> Self {
        let inner = Inner {
            out: Box::new(out),
            err: Box::new(err),
            style,
            transient: false,
            waited: HashMap::new(),
            rows: false,
        };
        Self(Arc::new(Mutex::new(inner)))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere must not silence the report of what was done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the result is to be a JSON document.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.inner().style.json
    }

    /// The first line of a run: stack, target, region.
    pub fn header(&self, stack: &str, target: &Target, region: &str) {
        let mut inner = self.inner();
        let safe = if matches!(target, Target::Local { .. }) { " · no AWS account is touched" } else { "" };
        let line = format!("{} · {target} · {region}{safe}", inner.style.paint.text(Role::Strong, stack));
        inner.line(Verbosity::Normal, &line);
        inner.line(Verbosity::Normal, "");
    }

    /// What `print` in a runbook says.
    pub fn print(&self, text: &str) {
        let mut inner = self.inner();
        inner.clear();
        if inner.style.json { inner.error_line(text) } else { inner.out_line(text) }
    }

    /// A note or a warning of the runbook or of vpcrun.
    pub fn remark(&self, text: &str, warning: bool) {
        let mut inner = self.inner();
        let (word, role) = if warning { ("warning:", Role::Changed) } else { ("note:", Role::Help) };
        let line = format!("  {} {text}", inner.style.paint.text(role, word));
        inner.line(Verbosity::Normal, &line);
        inner.rows = true;
    }

    /// A line of progress.
    pub fn event(&self, event: &Event) {
        self.inner().event(event);
    }

    /// An error, a warning or a failed expectation.
    pub fn diagnostic(&self, title: &str, diagnostic: &Diagnostic) {
        let mut inner = self.inner();
        inner.clear();
        let text = diagnostic.render(title, inner.style.paint);
        let _ = inner.err.write_all(text.as_bytes());
    }

    /// A line that people read, unless they want quiet.
    pub fn say(&self, line: &str) {
        self.inner().line(Verbosity::Normal, line);
    }

    /// A line on standard error whatever is wanted.
    pub fn complain(&self, line: &str) {
        let mut inner = self.inner();
        inner.clear();
        inner.error_line(line);
    }

    /// The line of counts, with an empty one before it when rows were printed.
    pub fn summary(&self, parts: &[String]) {
        let mut inner = self.inner();
        if inner.rows {
            inner.line(Verbosity::Normal, "");
        }
        let line = inner.style.paint.text(Role::Strong, parts.join(" · "));
        inner.line(Verbosity::Normal, &format!("  {line}"));
    }

    /// Results as a table, on standard output.
    pub fn outputs(&self, outputs: &[(String, Value)]) {
        let mut inner = self.inner();
        if outputs.is_empty() {
            return;
        }
        inner.line(Verbosity::Normal, "");
        let width = outputs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, value) in outputs {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let name = inner.style.out_paint.text(Role::Strong, format_args!("{name:<width$}"));
            inner.out_line(&format!("{name}  {text}"));
        }
    }

    /// A line on standard output.
    pub fn result(&self, line: &str) {
        let mut inner = self.inner();
        inner.clear();
        inner.out_line(line);
    }

    /// The document of `--json`.
    pub fn document(&self, document: &Value) {
        let mut inner = self.inner();
        inner.clear();
        let text = serde_json::to_string_pretty(document).unwrap_or_else(|_| document.to_string());
        inner.out_line(&text);
    }

    /// The columns of the terminal.
    #[must_use]
    pub fn width(&self) -> usize {
        self.inner().style.width
    }
}

// Whoever reads may have gone (`vpcrun … | head`): the work goes on, so a failed write is nothing to stop for.
impl Inner {
    fn out_line(&mut self, line: &str) {
        let _ = writeln!(self.out, "{line}");
        let _ = self.out.flush();
    }

    fn error_line(&mut self, line: &str) {
        let _ = writeln!(self.err, "{line}");
    }

    fn line(&mut self, at_least: Verbosity, line: &str) {
        if self.style.verbosity >= at_least {
            self.clear();
            self.error_line(line);
        }
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.transient) {
            let _ = write!(self.err, "\r\x1b[2K");
        }
    }

    fn event(&mut self, event: &Event) {
        if let Action::Waiting { elapsed, deadline } = event.action {
            return self.waiting(event, elapsed, deadline);
        }
        let (mark, role, at_least) = match event.action {
            Action::Created => ("+", Role::Good, Verbosity::Normal),
            Action::Changed => ("~", Role::Changed, Verbosity::Normal),
            Action::Deleted => ("-", Role::Changed, Verbosity::Normal),
            Action::Refused => ("✗", Role::Bad, Verbosity::Normal),
            _ => ("·", Role::Faint, Verbosity::Verbose),
        };
        if self.style.verbosity < at_least {
            return;
        }
        // Why it was refused is told at length below the progress.
        let detail = if event.action == Action::Refused { "refused" } else { &event.detail };
        let mark = self.style.paint.text(role, mark);
        let line = row(&mark, event.kind, &event.name, event.id.as_deref(), detail, self.style.width);
        self.line(at_least, &line);
        for change in event.changes.iter().filter(|change| **change != event.detail) {
            self.line(at_least, &format!("      {change}"));
        }
        self.rows = true;
    }

    /// On a terminal one line that is rewritten; elsewhere a line after two seconds, then twice a minute.
    fn waiting(&mut self, event: &Event, elapsed: Duration, deadline: Duration) {
        const FIRST: Duration = Duration::from_secs(2);
        const AGAIN: Duration = Duration::from_secs(30);
        if self.style.verbosity < Verbosity::Normal {
            return;
        }
        let (now, end) = (clock(elapsed), clock(deadline));
        let text = format!("  … {} {} {now} ({}, gives up at {end})", event.kind, event.name, event.detail);
        if self.style.live {
            self.clear();
            let _ = write!(self.err, "{}", truncated(&text, self.style.width));
            let _ = self.err.flush();
            self.transient = true;
            return;
        }
        let key = (event.kind, event.name.clone());
        let due = self.waited.get(&key).map_or(FIRST, |last| *last + AGAIN);
        if elapsed >= due {
            self.waited.insert(key, elapsed);
            self.error_line(&text);
        }
    }
}

/// A row of progress: mark, kind, name, id, detail in columns that leave room for a block and a zone in 80 characters.
fn row(mark: &str, kind: &str, name: &str, id: Option<&str>, detail: &str, width: usize) -> String {
    const WIDE: usize = 110;
    const FULL_ID: usize = 26;
    const SHORT_ID: usize = 12;
    let (id, id_width) = match id {
        Some(id) if width >= WIDE => (id.to_owned(), FULL_ID),
        Some(id) => (short_id(id, SHORT_ID), SHORT_ID),
        None if width >= WIDE => (String::new(), FULL_ID),
        None => (String::new(), SHORT_ID),
    };
    let detail = detail.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut line = String::new();
    let _ = write!(line, "{kind:<16} {name:<15} {id:<id_width$} {detail}");
    // The mark and the indent take four columns.
    format!("  {mark} {}", truncated(line.trim_end(), width.saturating_sub(4)))
}

/// An id cut to a width: `vpc-0b1c6f0…`.
fn short_id(id: &str, width: usize) -> String {
    if id.chars().count() <= width {
        return id.to_owned();
    }
    id.chars().take(width - 1).chain(['…']).collect()
}

fn truncated(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

fn clock(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

/// A count with its noun: `1 call`, `2 calls`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A duration as people say it: `12 ms`, `1.2 s`, `2:05 min`.
#[must_use]
pub fn spent(time: Duration) -> String {
    match time.as_millis() {
        millis @ 0..1_000 => format!("{millis} ms"),
        millis @ 1_000..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        _ => format!("{} min", clock(time)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fit_eighty_columns_and_align() {
        let subnet =
            row("+", "subnet", "mysubnet-0001", Some("subnet-0f3a5b7c9d1e2f304"), "192.168.1.0/24 ap-northeast-1b", 80);
        let address = row("+", "Elastic IP", "myeip-0001", Some("eipalloc-0f3a5b7c9d1e2f304"), "203.0.113.10", 80);
        insta::assert_snapshot!(format!("{subnet}\n{address}"), @r"
          + subnet           mysubnet-0001   subnet-0f3a… 192.168.1.0/24 ap-northeast-1b
          + Elastic IP       myeip-0001      eipalloc-0f… 203.0.113.10
        ");
        assert!(subnet.chars().count() <= 80);
        assert!(row("+", "vpc", "v", Some("vpc-0b1c6f0d2a9e47c31"), "", 120).contains("vpc-0b1c6f0d2a9e47c31"));
    }

    #[test]
    fn times_read_well() {
        assert_eq!(spent(Duration::from_micros(12_400)), "12 ms");
        assert_eq!(spent(Duration::from_millis(1_250)), "1.2 s");
        assert_eq!(spent(Duration::from_secs(125)), "2:05 min");
        assert_eq!((counted(1, "call"), counted(0, "call")), ("1 call".into(), "0 calls".into()));
    }
}
