//! Errors as people read them: what is wrong, where in the runbook, what EC2 said, what to do.
//!
//! ```text
//! error: subnet has no `cird`
//!    ╭─[runbooks/home-ssh.lua:21]
//! 21 │ local c = ec2.subnet { name = "c", vpc = vpc, cird = "192.168.3.0/24" }
//!    ·                                               ────
//! help: did you mean `cidr`?
//! ```

use std::fmt::Write as _;
use std::rc::Rc;

use serde::Serialize;

use unicode_width::UnicodeWidthChar as _;

use crate::style::{Paint, Role};
use crate::text::{width, wrapped};

/// A Lua source that was loaded: the runbook, or a module beside it.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
}

impl Source {
    /// A source with the name under which people know it (a path as they typed it).
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Rc<Self> {
        Rc::new(Self { name: name.into(), text: text.into() })
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The Lua text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name as Lua shortens it in its own messages (`luaO_chunkid`: the last 56 bytes of a long one).
    #[must_use]
    pub fn short_name(&self) -> String {
        const LONGEST: usize = 59;
        const KEPT: usize = 56;
        if self.name.len() <= LONGEST {
            return self.name.clone();
        }
        let tail = &self.name.as_bytes()[self.name.len() - KEPT..];
        format!("...{}", String::from_utf8_lossy(tail))
    }

    fn line(&self, number: usize) -> Option<&str> {
        self.text.lines().nth(number.checked_sub(1)?)
    }
}

/// A line of a source.
#[derive(Clone, Debug)]
pub struct Site {
    source: Rc<Source>,
    line: usize,
}

impl Site {
    /// Line `line` (from 1) of `source`.
    #[must_use]
    pub fn new(source: Rc<Source>, line: usize) -> Self {
        Self { source, line }
    }

    /// The source's name.
    #[must_use]
    pub fn file(&self) -> &str {
        self.source.name()
    }

    /// The line number, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The line and the columns to mark: the first of `candidates` that occurs in the statement that starts at this line.
    fn frame(&self, candidates: &[String]) -> Option<Frame<'_>> {
        let first = self.source.line(self.line)?;
        for candidate in candidates.iter().filter(|candidate| !candidate.is_empty()) {
            for (number, text) in self.statement() {
                if let Some(start) = find_word(text, candidate) {
                    return Some(Frame { number, text, start, length: candidate.len() });
                }
            }
        }
        let code = first.trim_end();
        let start = code.len() - code.trim_start().len();
        let length = code.len() - start;
        Some(Frame { number: self.line, text: code, start, length })
    }

    /// The lines of the statement that starts here, as far as its brackets stay open.
    fn statement(&self) -> impl Iterator<Item = (usize, &str)> {
        const LONGEST: usize = 40;
        let mut depth = 0_i64;
        let mut ended = false;
        self.source.text.lines().enumerate().skip(self.line - 1).take(LONGEST).map_while(move |(n, text)| {
            if ended {
                return None;
            }
            for c in text.chars() {
                match c {
                    '{' | '(' | '[' => depth += 1,
                    '}' | ')' | ']' => depth -= 1,
                    _ => {}
                }
            }
            ended = depth <= 0;
            Some((n + 1, text))
        })
    }
}

/// What the frame of a diagnostic shows; the mark is counted in bytes of the text, from 0.
struct Frame<'a> {
    number: usize,
    text: &'a str,
    start: usize,
    length: usize,
}

/// Where `word` stands in `text` on its own, not as part of a longer name; in bytes.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).map(|(at, _)| at).find(|&at| {
        let before = text[..at].chars().next_back().is_some_and(in_name);
        let after = text[at + word.len()..].chars().next().is_some_and(in_name);
        let goes_on = (before && word.starts_with(in_name)) || (after && word.ends_with(in_name));
        !goes_on
    })
}

/// An error, ready to be shown or written as JSON.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Diagnostic {
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// The stable name of the error: EC2's code, or one of vpcrun's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What was said below, for instance EC2's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// AWS's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Where in the runbook.
    #[serde(flatten, serialize_with = "file_and_line", skip_serializing_if = "Option::is_none")]
    pub site: Option<Site>,
    /// Texts to mark in the line, the best first; without any the whole line is marked.
    #[serde(skip)]
    pub marks: Vec<String>,
}

fn file_and_line<S: serde::Serializer>(site: &Option<Site>, serializer: S) -> Result<S::Ok, S::Error> {
    use serde::ser::SerializeMap as _;
    let mut map = serializer.serialize_map(None)?;
    if let Some(site) = site {
        map.serialize_entry("file", site.file())?;
        map.serialize_entry("line", &site.line())?;
    }
    map.end()
}

impl Diagnostic {
    /// The diagnostic as text, ending in a line break. `title` is `error`, `warning` or `expectation`.
    #[must_use]
    pub fn render(&self, title: &str, paint: Paint) -> String {
        self.render_within(title, paint, None)
    }

    /// As [`Diagnostic::render`], with every line fitted to a terminal of so many columns. Without them, what is said is
    /// not broken into lines, and the runbook's line is fitted to 80.
    #[must_use]
    pub fn render_within(&self, title: &str, paint: Paint, columns: Option<usize>) -> String {
        let role = if title == "warning" { Role::Changed } else { Role::Bad };
        let mut text = String::new();
        titled(&mut text, &format!("{title}:"), role, &self.message, paint, columns);
        match self.site.as_ref().and_then(|site| site.frame(&self.marks).map(|frame| (site, frame))) {
            Some((site, frame)) => self.render_frame(&mut text, site, &frame, paint, columns),
            None => {
                if let Some(site) = &self.site {
                    let _ = writeln!(text, "  at {}:{}", site.file(), site.line());
                }
                for line in wrapped(self.cause.as_deref().unwrap_or_default(), less(columns, 2)) {
                    let _ = writeln!(text, "  {line}");
                }
            }
        }
        if let Some(help) = &self.help {
            titled(&mut text, "help:", Role::Help, help, paint, columns);
        }
        text
    }

    fn render_frame(&self, text: &mut String, site: &Site, frame: &Frame<'_>, paint: Paint, columns: Option<usize>) {
        let number = frame.number.to_string();
        let gutter = " ".repeat(number.len());
        let faint = |mark: &str| paint.text(Role::Faint, mark);
        let shown = fit(frame, columns.unwrap_or(80).saturating_sub(number.len() + 3));
        let _ = writeln!(text, "{gutter} {}[{}:{number}]", faint("╭─"), site.file());
        let _ = writeln!(text, "{} {} {}", paint.text(Role::Faint, &number), faint("│"), shown.text);
        let (indent, underline) = (" ".repeat(shown.start), "─".repeat(shown.length));
        let _ = writeln!(text, "{gutter} {} {indent}{}", faint("·"), paint.text(Role::Bad, underline));
        let cause = self.cause.as_deref().unwrap_or_default();
        for (n, line) in wrapped(cause, less(columns, gutter.len() + 4)).iter().enumerate() {
            let mark = if n == 0 { "╰─" } else { "  " };
            let _ = writeln!(text, "{gutter} {} {line}", faint(mark));
        }
    }
}

fn less(columns: Option<usize>, by: usize) -> Option<usize> {
    columns.map(|columns| columns.saturating_sub(by))
}

/// `error: what is wrong`, with the lines that follow indented.
fn titled(text: &mut String, title: &str, role: Role, said: &str, paint: Paint, columns: Option<usize>) {
    let lines = wrapped(&format!("{title} {said}"), columns);
    for (n, line) in lines.iter().enumerate() {
        let _ = match line.strip_prefix(title).filter(|_| n == 0) {
            Some(rest) => writeln!(text, "{}{rest}", paint.text(role, title)),
            None => writeln!(text, "{line}"),
        };
    }
}

/// What of a line is shown: where the mark starts and how long it is, in columns.
struct Shown {
    text: String,
    start: usize,
    length: usize,
}

/// The part of a line that fits into `room` columns and holds what is marked; tabs become one space.
fn fit(frame: &Frame<'_>, room: usize) -> Shown {
    let column = |c: char| if c == '\t' { 1 } else { c.width().unwrap_or(0) };
    let plain = |text: &str| text.replace('\t', " ");
    let columns = |text: &str| text.chars().map(column).sum::<usize>();
    let end = frame.start + frame.length;
    let (before, mark, after) =
        (&frame.text[..frame.start], &frame.text[frame.start..end], frame.text[end..].trim_end());
    let (wide_before, wide_mark, wide_after) = (columns(before), columns(mark), columns(after));
    let length = wide_mark.max(1);
    if wide_before + wide_mark + wide_after <= room {
        let text = plain(&[before, mark, after].concat()).trim_end().to_owned();
        return Shown { text, start: wide_before, length };
    }
    // What stands before the mark stays where it can; else it is cut so that the mark has a third of the room before it,
    // or more when little follows.
    let keep = if wide_before + wide_mark < room {
        wide_before
    } else {
        (room / 3).max(room.saturating_sub(wide_mark + wide_after + 1)).min(wide_before)
    };
    let mut text = String::new();
    if keep < wide_before {
        let mut over = wide_before + 1 - keep;
        let kept = before.trim_start_matches(|c| {
            let drop = over > 0;
            over = over.saturating_sub(column(c));
            drop
        });
        text = format!("…{}", plain(kept));
    } else {
        text.push_str(&plain(before));
    }
    let start = width(&text);
    let text = crate::text::truncated(&(text + &plain(mark) + &plain(after)), room.max(2));
    let length = length.min(width(&text).saturating_sub(start)).max(1);
    Shown { text, start, length }
}

/// The candidate closest to a mistyped name, if one is close enough to be meant.
#[must_use]
pub fn did_you_mean<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const ENOUGH: f64 = 0.75;
    candidates
        .into_iter()
        .map(|candidate| {
            (strsim::damerau_levenshtein(typed, candidate), strsim::jaro_winkler(typed, candidate), candidate)
        })
        .filter(|(distance, likeness, candidate)| {
            let one_slip = *distance == 1 && typed.len() > 2;
            one_slip || (*likeness >= ENOUGH && *distance <= 1 + candidate.len().max(typed.len()) / 3)
        })
        .min_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)))
        .map(|(.., candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Rc<Source> {
        Source::new(
            "runbooks/x.lua",
            "local vpc = ec2.vpc {\n  name = \"myvpc\",\n  cird = \"10.0.0.0/16\",\n}\nlocal cidr_block = 1\n",
        )
    }

    #[test]
    fn marks_the_key_in_a_statement_of_several_lines() {
        let diagnostic = Diagnostic {
            message: "vpc has no `cird`".into(),
            help: Some("did you mean `cidr`?".into()),
            site: Some(Site::new(sample(), 1)),
            marks: vec!["cird".into()],
            ..Diagnostic::default()
        };
        insta::assert_snapshot!(diagnostic.render("error", Paint::Plain), @r#"
        error: vpc has no `cird`
          ╭─[runbooks/x.lua:3]
        3 │   cird = "10.0.0.0/16",
          ·   ────
        help: did you mean `cidr`?
        "#);
    }

    #[test]
    fn a_refusal_shows_what_ec2_said() {
        let source =
            Source::new("a.lua", "local c = ec2.subnet { name = \"c\", vpc = vpc, cidr = \"192.168.1.128/25\" }");
        let diagnostic = Diagnostic {
            message: "subnet \"c\": EC2 refused CreateSubnet".into(),
            cause: Some(
                "EC2 said InvalidSubnet.Conflict: The CIDR '192.168.1.128/25' conflicts with another subnet".into(),
            ),
            help: Some("the next free /25 in myvpc is 192.168.3.0/25".into()),
            site: Some(Site::new(source, 1)),
            marks: vec!["\"192.168.1.128/25\"".into()],
            ..Diagnostic::default()
        };
        insta::assert_snapshot!(diagnostic.render("error", Paint::Plain), @r#"
        error: subnet "c": EC2 refused CreateSubnet
          ╭─[a.lua:1]
        1 │ local c = ec2.subnet { name = "c", vpc = vpc, cidr = "192.168.1.128/25" }
          ·                                                      ──────────────────
          ╰─ EC2 said InvalidSubnet.Conflict: The CIDR '192.168.1.128/25' conflicts with another subnet
        help: the next free /25 in myvpc is 192.168.3.0/25
        "#);
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        for filler in ["filler = 2, ", "名前 = 2, "] {
            for (before, after) in [(12, 0), (0, 12), (6, 6)] {
                let line = format!("local x = {{ {}key = 1, {}}}", filler.repeat(before), filler.repeat(after));
                let diagnostic = Diagnostic {
                    message: "no".into(),
                    site: Some(Site::new(Source::new("a.lua", line), 1)),
                    marks: vec!["key".into()],
                    ..Diagnostic::default()
                };
                for columns in [80, 40, 20] {
                    let text = diagnostic.render_within("error", Paint::Plain, Some(columns));
                    let lines: Vec<&str> = text.lines().collect();
                    assert!(lines.iter().all(|line| width(line) <= columns), "{text}");
                    let at = lines[2].find("key").expect("the mark is shown");
                    let caret = lines[3].find('─').expect("it is marked");
                    assert_eq!(width(&lines[2][..at]), width(&lines[3][..caret]), "{text}");
                    assert!(lines[3].ends_with("───"), "{text}");
                }
            }
        }
    }

    #[test]
    fn the_mark_stands_below_japanese_text() {
        let line = "local 踏み台 = ec2.vpc { name = \"東京のネットワーク\", cird = \"10.0.0.0/16\" } -- 本番";
        let diagnostic = Diagnostic {
            message: "vpc has no `cird`".into(),
            site: Some(Site::new(Source::new("東京.lua", line), 1)),
            marks: vec!["cird".into()],
            ..Diagnostic::default()
        };
        insta::assert_snapshot!(diagnostic.render("error", Paint::Plain), @r#"
        error: vpc has no `cird`
          ╭─[東京.lua:1]
        1 │ local 踏み台 = ec2.vpc { name = "東京のネットワーク", cird = "10.0.0.0/16" …
          ·                                                       ────
        "#);
    }

    #[test]
    fn a_narrow_terminal_gets_narrow_lines() {
        let diagnostic = Diagnostic {
            message: "subnet \"c\": 192.168.1.128/25 overlaps mysubnet-0001 (192.168.1.0/24)".into(),
            cause: Some(
                "EC2 said InvalidSubnet.Conflict: The CIDR '192.168.1.128/25' conflicts with another subnet".into(),
            ),
            help: Some("the next free /25 in myvpc is 192.168.3.0/25".into()),
            site: Some(Site::new(Source::new("a.lua", "local c = ec2.subnet { name = \"c\", vpc = vpc }"), 1)),
            marks: vec!["\"c\"".into()],
            ..Diagnostic::default()
        };
        let text = diagnostic.render_within("error", Paint::Plain, Some(40));
        insta::assert_snapshot!(text, @r#"
        error: subnet "c": 192.168.1.128/25
        overlaps mysubnet-0001 (192.168.1.0/24)
          ╭─[a.lua:1]
        1 │ local c = ec2.subnet { name = "c", …
          ·                               ───
          ╰─ EC2 said InvalidSubnet.Conflict:
             The CIDR '192.168.1.128/25'
             conflicts with another subnet
        help: the next free /25 in myvpc is
        192.168.3.0/25
        "#);
        assert!(text.lines().all(|line| width(line) <= 40), "{text}");
    }

    #[test]
    fn a_word_is_not_found_inside_a_longer_one() {
        assert_eq!(find_word("cidr_block = cidr", "cidr"), Some(13));
    }

    #[test]
    fn guesses_only_what_is_close() {
        assert_eq!(did_you_mean("cird", ["cidr", "name", "zone"]), Some("cidr"));
        assert_eq!(did_you_mean("subnets", ["subnet", "vpc"]), Some("subnet"));
        assert_eq!(did_you_mean("banana", ["cidr", "name", "zone"]), None);
    }

    #[test]
    fn a_site_past_the_end_of_the_file_still_renders() {
        let diagnostic =
            Diagnostic { message: "no".into(), site: Some(Site::new(sample(), 99)), ..Diagnostic::default() };
        assert_eq!(diagnostic.render("error", Paint::Plain), "error: no\n  at runbooks/x.lua:99\n");
    }
}
