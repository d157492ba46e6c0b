//! What people see: progress and errors on standard error, results on standard output.

mod live;

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use serde_json::Value;
use vpcrun_ec2::Target;
use vpcrun_ec2::{Action, Event};

use crate::diagnostic::Diagnostic;
use crate::style::{Paint, Role};
use crate::table::{Fit, SHORT_ID, Table};
use crate::text::{padded, printable, truncated, width, wrapped};
use live::Live;

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
    /// Whether lines on standard error may be rewritten: it is a terminal, and nothing else writes there.
    pub live: bool,
    /// The columns of standard error; none when it is no terminal, and then nothing is cut or wrapped.
    pub columns: Option<usize>,
    /// The columns of standard output, likewise.
    pub out_columns: Option<usize>,
    /// Whether both streams end in one place, where empty lines between them are seen.
    pub together: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            verbosity: Verbosity::Normal,
            json: false,
            paint: Paint::Plain,
            out_paint: Paint::Plain,
            live: false,
            columns: None,
            out_columns: None,
            together: false,
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
    live: Live,
    /// When a waiting line was last written where lines cannot be rewritten.
    waited: Option<Instant>,
    /// What the reader's last line is, to part blocks by one empty line.
    last: Last,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Empty,
    Text,
}

impl Report {
    /// A report to two streams.
    pub fn new(out: impl Write + Send + 'static, err: impl Write + Send + 'static, style: Style) -> Self {
        let inner = Inner {
            out: Box::new(out),
            err: Box::new(err),
            style,
            live: Live::default(),
            waited: None,
            last: Last::Nothing,
        };
        Self(Arc::new(Mutex::new(inner)))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        lock(&self.0)
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
        inner.gap();
        let lines = wrapped(&format!("{} · {target} · {region}{safe}", printable(stack)), inner.style.columns);
        let strong = inner.style.paint.text(Role::Strong, stack);
        for (n, line) in lines.iter().enumerate() {
            match line.strip_prefix(stack).filter(|_| n == 0) {
                Some(rest) => inner.line(&format!("{strong}{rest}")),
                None => inner.line(line),
            }
        }
        inner.gap();
    }

    /// What `print` in a runbook says.
    pub fn print(&self, text: &str) {
        let mut inner = self.inner();
        inner.clear();
        if inner.style.json { inner.error_line(text) } else { inner.out_line(text) }
    }

    /// A note or a warning of the runbook or of vpcrun.
    pub fn remark(&self, text: &str, warning: bool) {
        const INDENT: usize = 2;
        let mut inner = self.inner();
        let (word, role) = if warning { ("warning:", Role::Changed) } else { ("note:", Role::Help) };
        let columns = inner.style.columns.map(|columns| columns.saturating_sub(INDENT + word.len() + 1));
        let word = inner.style.paint.text(role, word);
        for (n, line) in wrapped(text, columns).iter().enumerate() {
            let line = if n == 0 { format!("  {word} {line}") } else { format!("    {line}") };
            inner.line(&line);
        }
    }

    /// A resource is worked on from now on, until its event comes.
    pub fn started(&self, kind: &'static str, name: &str) {
        self.inner().live.started(kind, name);
        self.tick();
    }

    /// It is over.
    pub fn ended(&self, kind: &'static str, name: &str) {
        let mut inner = self.inner();
        inner.live.ended(kind, name);
        if inner.live.len() == 0 {
            inner.clear();
        }
    }

    /// The person has typed a line: what comes next stands below it, and nothing is left of what was under way.
    pub fn typed(&self) {
        let mut inner = self.inner();
        inner.settle();
        inner.last = Last::Nothing;
    }

    /// A line of progress.
    pub fn event(&self, event: &Event) {
        self.inner().event(event);
        self.tick();
    }

    /// Lets a thread draw what is under way: the thread of the run may be busy in a loop of Lua. It ends when nothing is
    /// under way, and nobody waits for it.
    fn tick(&self) {
        let mut inner = self.inner();
        if !inner.style.live || inner.style.verbosity < Verbosity::Normal || inner.live.ticking || inner.live.len() == 0
        {
            return;
        }
        let report = Arc::downgrade(&self.0);
        let thread = std::thread::Builder::new().name("progress".into()).spawn(move || draw(&report));
        inner.live.ticking = thread.is_ok();
    }

    /// An error, a warning or a failed expectation.
    pub fn diagnostic(&self, title: &str, diagnostic: &Diagnostic) {
        let mut inner = self.inner();
        inner.settle();
        if inner.style.verbosity >= Verbosity::Normal {
            inner.gap();
        }
        let text = diagnostic.render_within(title, inner.style.paint, inner.style.columns);
        inner.error_line(text.trim_end_matches('\n'));
    }

    /// A line that people read, unless they want quiet.
    pub fn say(&self, line: &str) {
        let mut inner = self.inner();
        for line in wrapped(line, inner.style.columns) {
            inner.line(&line);
        }
    }

    /// An empty line, if the last one has text.
    pub fn gap(&self) {
        self.inner().gap();
    }

    /// A line on standard error whatever is wanted.
    pub fn complain(&self, line: &str) {
        let mut inner = self.inner();
        inner.clear();
        for line in wrapped(line, inner.style.columns) {
            inner.error_line(&line);
        }
    }

    /// The line of counts, apart from the rows.
    pub fn summary(&self, parts: &[String]) {
        let mut inner = self.inner();
        inner.settle();
        inner.gap();
        for line in wrapped(&parts.join(" · "), inner.style.columns.map(|columns| columns.saturating_sub(2))) {
            let line = inner.style.paint.text(Role::Strong, line);
            inner.line(&format!("  {line}"));
        }
    }

    /// Results as a table, on standard output. Nothing is cut: people copy what they say.
    pub fn outputs(&self, outputs: &[(String, Value)]) {
        let mut table = Table::new([Fit::Keep, Fit::Keep]).painted(0, Role::Strong);
        for (name, value) in outputs {
            table.row([name.as_str(), &value.as_str().map_or_else(|| value.to_string(), str::to_owned)]);
        }
        let mut inner = self.inner();
        if !table.is_empty() {
            inner.gap();
        }
        for line in table.lines(None, inner.style.out_paint) {
            inner.out_line(&line);
        }
    }

    /// A table on standard output, fitted to it when it is a terminal.
    pub fn table(&self, table: &Table) {
        let mut inner = self.inner();
        inner.clear();
        for line in table.lines(inner.style.out_columns, inner.style.out_paint) {
            inner.out_line(&line);
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
        inner.settle();
        let text = serde_json::to_string_pretty(document).unwrap_or_else(|_| document.to_string());
        inner.out_line(&text);
    }

    /// The columns for text on standard output: those of the terminal, else 80.
    #[must_use]
    pub fn width(&self) -> usize {
        self.inner().style.out_columns.unwrap_or(80)
    }
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    // A panic elsewhere must not silence the report of what was done.
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Draws what is under way until nothing is.
fn draw(report: &Weak<Mutex<Inner>>) {
    loop {
        std::thread::sleep(live::EVERY);
        let Some(report) = report.upgrade() else { return };
        let mut inner = lock(&report);
        if inner.live.len() == 0 {
            inner.live.ticking = false;
            return;
        }
        inner.draw();
    }
}

// Whoever reads may have gone (`vpcrun … | head`): the work goes on, so a failed write is nothing to stop for.
impl Inner {
    fn out_line(&mut self, line: &str) {
        let _ = writeln!(self.out, "{line}");
        let _ = self.out.flush();
        if self.style.together {
            self.last = last(line);
        }
    }

    fn error_line(&mut self, line: &str) {
        let _ = writeln!(self.err, "{line}");
        self.last = last(line);
    }

    /// A line of progress, unless people want quiet.
    fn line(&mut self, line: &str) {
        if self.style.verbosity >= Verbosity::Normal {
            self.clear();
            self.error_line(line);
        }
    }

    fn gap(&mut self) {
        if self.last == Last::Text {
            self.line("");
        }
    }

    fn clear(&mut self) {
        self.live.clear(&mut self.err);
    }

    fn settle(&mut self) {
        self.live.settle();
        self.clear();
    }

    fn draw(&mut self) {
        let measured = terminal_size::terminal_size_of(std::io::stderr());
        let size = measured.map(|(columns, rows)| (usize::from(columns.0), usize::from(rows.0)));
        let size = size.unwrap_or((self.style.columns.unwrap_or(80), 24));
        self.live.draw(&mut self.err, size, self.style.paint);
    }

    fn event(&mut self, event: &Event) {
        if let Action::Waiting { elapsed, deadline } = event.action {
            self.live.waits(event.kind, &event.name, &event.detail, elapsed, deadline);
            if !self.style.live {
                self.waiting_line(event, elapsed);
            }
            return;
        }
        self.live.ended(event.kind, &event.name);
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
        let was_drawn = self.live.is_drawn();
        // Why it was refused is told at length below the progress.
        let detail = if event.action == Action::Refused { "refused" } else { &event.detail };
        let mark = self.style.paint.text(role, mark);
        let line = row(&mark, event.kind, &event.name, event.id.as_deref(), detail, self.style.columns);
        self.line(&line);
        for change in event.changes.iter().filter(|change| **change != event.detail) {
            self.line(&format!("      {}", printable(change)));
        }
        if was_drawn {
            self.draw();
        }
    }

    /// Where lines cannot be rewritten: one after two seconds, then at most one every ten, for all that is waited for.
    fn waiting_line(&mut self, event: &Event, elapsed: Duration) {
        const FIRST: Duration = Duration::from_secs(2);
        const AGAIN: Duration = Duration::from_secs(10);
        let due = elapsed >= FIRST && self.waited.is_none_or(|last| last.elapsed() >= AGAIN);
        let Some(text) = self.live.text(event.kind, &event.name).filter(|_| due) else { return };
        self.waited = Some(Instant::now());
        let more = match self.live.len().saturating_sub(1) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        self.line(&format!("  … {text}{more}"));
    }
}

fn last(line: &str) -> Last {
    if line.is_empty() { Last::Empty } else { Last::Text }
}

/// A row of progress: mark, kind, name, id, detail in columns that leave room for a block and a zone in 80 characters.
/// They are fixed, because a row is written when its resource is done.
fn row(mark: &str, kind: &str, name: &str, id: Option<&str>, detail: &str, columns: Option<usize>) -> String {
    const WIDE: usize = 110;
    const NARROW: usize = 60;
    const FULL_ID: usize = 26;
    let name = printable(name);
    // A route's id is its table's, and its destination, which is its name.
    let id = id.and_then(|id| id.split('/').next()).unwrap_or_default();
    let detail = printable(detail);
    // The id of its table, with which the detail of a route ends, stands before it already.
    let detail = match detail.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) {
        Some((rest, inner)) if inner == id => rest,
        _ => &detail,
    };
    let detail = detail.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = match columns {
        Some(columns) if columns < NARROW => {
            let cells = [kind, &name, &truncated(id, SHORT_ID), &detail];
            cells.into_iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" ")
        }
        Some(columns) if columns < WIDE => {
            let id = padded(&truncated(id, SHORT_ID), SHORT_ID);
            format!("{} {} {id} {detail}", padded(kind, 16), padded(&name, 15))
        }
        _ => format!("{}  {}  {}  {detail}", padded(kind, 16), padded(&name, 16), padded(id, FULL_ID)),
    };
    // The mark and the indent take four columns.
    let room = columns.map_or(usize::MAX, |columns| columns.saturating_sub(4));
    let cut = if width(&line) > room { truncated(line.trim_end(), room) } else { line.trim_end().to_owned() };
    format!("  {mark} {cut}")
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
        let id = Some("subnet-0f3a5b7c9d1e2f304");
        let subnet = |columns| row("+", "subnet", "mysubnet-0001", id, "192.168.1.0/24 ap-northeast-1b", columns);
        let route = row(
            "+",
            "route",
            "0.0.0.0/0",
            Some("rtb-0f3a5b7c9d1e2f304"),
            "via gw  main (rtb-0f3a5b7c9d1e2f304)",
            Some(80),
        );
        let japanese = row("+", "Elastic IP", "踏み台", Some("eipalloc-0f3a5b7c9d1e2f304"), "203.0.113.10", Some(80));
        insta::assert_snapshot!(format!("{}\n{route}\n{japanese}", subnet(Some(80))), @r"
          + subnet           mysubnet-0001   subnet-0f3… 192.168.1.0/24 ap-northeast-1b
          + route            0.0.0.0/0       rtb-0f3a5b… via gw main
          + Elastic IP       踏み台          eipalloc-0… 203.0.113.10
        ");
        assert!(width(&subnet(Some(80))) <= 80 && width(&subnet(Some(40))) <= 40);
        assert!(subnet(Some(120)).contains("subnet-0f3a5b7c9d1e2f304"));
        assert!(subnet(None).contains("subnet-0f3a5b7c9d1e2f304"));
    }

    #[test]
    fn times_read_well() {
        assert_eq!(spent(Duration::from_micros(12_400)), "12 ms");
        assert_eq!(spent(Duration::from_millis(1_250)), "1.2 s");
        assert_eq!(spent(Duration::from_secs(125)), "2:05 min");
        assert_eq!((counted(1, "call"), counted(0, "call")), ("1 call".into(), "0 calls".into()));
    }
}
