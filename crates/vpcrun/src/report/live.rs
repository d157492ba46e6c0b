//! The lines of what is being worked on or waited for: rewritten in place on a terminal, gone when all is done.

use std::io::Write;
use std::time::{Duration, Instant};

use super::clock;
use crate::style::{Paint, Role};
use crate::text::{printable, truncated};

/// What is quicker than this is never shown: on the local target nothing flickers.
const FIRST: Duration = Duration::from_millis(150);
/// The pause between two drawings.
pub(super) const EVERY: Duration = Duration::from_millis(100);
const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/// The most lines at a time; the rest is counted.
const MOST: usize = 8;

/// What is under way, and how much of it stands on the terminal.
#[derive(Debug, Default)]
pub(super) struct Live {
    pending: Vec<Pending>,
    drawn: usize,
    frame: usize,
    /// Whether a thread is drawing.
    pub(super) ticking: bool,
}

#[derive(Debug)]
struct Pending {
    kind: &'static str,
    name: String,
    since: Instant,
    waits: Option<Waits>,
}

/// For what a resource waits, as the engine says: `pending, waits for running`.
#[derive(Debug)]
struct Waits {
    detail: String,
    deadline: Duration,
}

impl Live {
    pub(super) fn started(&mut self, kind: &'static str, name: &str) {
        if self.find(kind, name).is_none() {
            self.pending.push(Pending { kind, name: printable(name), since: Instant::now(), waits: None });
        }
    }

    pub(super) fn waits(
        &mut self,
        kind: &'static str,
        name: &str,
        detail: &str,
        elapsed: Duration,
        deadline: Duration,
    ) {
        self.started(kind, name);
        let since = Instant::now().checked_sub(elapsed);
        let found = self.find(kind, name).and_then(|at| self.pending.get_mut(at));
        if let Some(pending) = found {
            pending.since = since.unwrap_or(pending.since);
            pending.waits = Some(Waits { detail: printable(detail), deadline });
        }
    }

    pub(super) fn ended(&mut self, kind: &str, name: &str) {
        if let Some(at) = self.find(kind, name) {
            self.pending.remove(at);
        }
    }

    /// Nothing is under way any more.
    pub(super) fn settle(&mut self) {
        self.pending.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }

    /// How a resource stands, in one line.
    pub(super) fn text(&self, kind: &str, name: &str) -> Option<String> {
        self.find(kind, name).and_then(|at| self.pending.get(at)).map(Pending::text)
    }

    fn find(&self, kind: &str, name: &str) -> Option<usize> {
        let name = printable(name);
        self.pending.iter().position(|pending| pending.kind == kind && pending.name == name)
    }

    /// Whether lines of it stand on the terminal.
    pub(super) fn is_drawn(&self) -> bool {
        self.drawn > 0
    }

    /// Takes the lines off the terminal.
    pub(super) fn clear(&mut self, err: &mut dyn Write) {
        let lines = std::mem::take(&mut self.drawn);
        if lines > 0 {
            let _ = write!(err, "\x1b[{lines}A\r\x1b[J");
        }
    }

    /// Draws the lines anew for a terminal of this size.
    pub(super) fn draw(&mut self, err: &mut dyn Write, (columns, rows): (usize, usize), paint: Paint) {
        if self.pending.iter().all(|pending| pending.since.elapsed() < FIRST) {
            return self.clear(err);
        }
        let most = MOST.min(rows.saturating_sub(2)).max(1);
        // What is waited for says the most, and the last column stays free: a full line would wrap on some terminals.
        let mut shown: Vec<&Pending> = self.pending.iter().collect();
        shown.sort_by_key(|pending| pending.waits.is_none());
        let spinner = SPINNER[self.frame % SPINNER.len()];
        let width = columns.saturating_sub(1);
        let mut text = String::new();
        for pending in shown.iter().take(most) {
            let line = truncated(&pending.text(), width.saturating_sub(4));
            text.push_str(&format!("  {} {line}\n", paint.text(Role::Help, spinner)));
        }
        let more = shown.len().saturating_sub(most);
        if more > 0 {
            let line = truncated(&format!("    and {more} more"), width);
            text.push_str(&format!("{}\n", paint.text(Role::Faint, line)));
        }
        let lines = shown.len().min(most) + usize::from(more > 0);
        self.clear(err);
        let _ = err.write_all(text.as_bytes());
        let _ = err.flush();
        self.drawn = lines;
        self.frame += 1;
    }
}

impl Pending {
    /// `instance myinstance-0001 pending 0:14 (waits for running, gives up at 5:00)`.
    fn text(&self) -> String {
        let Self { kind, name, since, waits } = self;
        let now = clock(since.elapsed());
        let Some(waits) = waits else { return format!("{kind} {name} {now}") };
        let end = clock(waits.deadline);
        match waits.detail.split_once(", ") {
            Some((state, goal)) => format!("{kind} {name} {state} {now} ({goal}, gives up at {end})"),
            None => format!("{kind} {name} {now} ({}, gives up at {end})", waits.detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(live: &mut Live, columns: usize) -> String {
        let mut bytes = Vec::new();
        live.draw(&mut bytes, (columns, 24), Paint::Plain);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_is_quick_is_not_shown() {
        let mut live = Live::default();
        live.started("vpc", "myvpc");
        assert_eq!(drawn(&mut live, 80), "");
    }

    #[test]
    fn what_is_waited_for_says_for_what_and_how_long() {
        let mut live = Live::default();
        let minutes = Duration::from_secs(300);
        live.started("vpc", "myvpc");
        live.waits("instance", "myinstance-0001", "pending, waits for running", Duration::from_secs(14), minutes);
        let first = drawn(&mut live, 80);
        assert_eq!(
            first,
            "  ⠋ instance myinstance-0001 pending 0:14 (waits for running, gives up at 5:00)\n  ⠋ vpc myvpc 0:00\n"
        );
        live.ended("vpc", "myvpc");
        let second = drawn(&mut live, 40);
        assert_eq!(second, "\x1b[2A\r\x1b[J  ⠙ instance myinstance-0001 pending 0…\n");
        live.settle();
        assert_eq!(drawn(&mut live, 40), "\x1b[1A\r\x1b[J");
    }

    #[test]
    fn many_are_counted() {
        let mut live = Live::default();
        for n in 0..20 {
            let name = format!("i{n}");
            live.waits("instance", &name, "pending, waits for running", Duration::from_secs(1), Duration::from_secs(9));
        }
        let text = drawn(&mut live, 80);
        assert_eq!((text.lines().count(), text.lines().last()), (9, Some("    and 12 more")));
    }
}
