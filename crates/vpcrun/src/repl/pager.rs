//! Long output, a screen at a time.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::report::Report;

/// Where results go.
#[derive(Clone, Debug)]
pub struct Pager {
    /// The command, for a shell: that of `PAGER`, or `less -FRX`.
    pub command: String,
    /// The rows of the terminal; none when standard output is none, and then nothing is paged.
    pub rows: fn() -> Option<usize>,
}

impl Pager {
    /// Shows the lines: at once when they fit the screen, else through the pager.
    pub fn show(&self, report: &Report, lines: &[String]) {
        // The prompt takes a row too.
        let fits = (self.rows)().is_none_or(|rows| lines.len() + 1 < rows);
        if fits || !self.page(lines) {
            for line in lines {
                report.result(line);
            }
        }
    }

    /// Whether the pager took the lines.
    fn page(&self, lines: &[String]) -> bool {
        let shell = Command::new("sh").args(["-c", &self.command]).stdin(Stdio::piped()).spawn();
        let Ok(mut child) = shell else { return false };
        if let Some(mut stdin) = child.stdin.take() {
            // Who leaves the pager early closes the pipe.
            let _ = stdin.write_all(format!("{}\n", lines.join("\n")).as_bytes());
        }
        // 126 and 127: the shell found no such program.
        child.wait().is_ok_and(|status| !matches!(status.code(), Some(126 | 127)))
    }
}
