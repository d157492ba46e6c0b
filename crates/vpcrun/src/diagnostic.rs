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

use crate::style::{Paint, Role};

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
                    return Some(Frame { number, text, start, length: candidate.chars().count() });
                }
            }
        }
        let code = first.trim_end();
        let start = code.chars().take_while(|c| c.is_whitespace()).count();
        let length = code.chars().count().saturating_sub(start).max(1);
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

/// What the frame of a diagnostic shows; columns are counted in characters from 0.
struct Frame<'a> {
    number: usize,
    text: &'a str,
    start: usize,
    length: usize,
}

/// Where `word` stands in `text` on its own, not as part of a longer name; in characters.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    let bytes = text.match_indices(word).map(|(at, _)| at).find(|&at| {
        let before = text[..at].chars().next_back().is_some_and(in_name);
        let after = text[at + word.len()..].chars().next().is_some_and(in_name);
        let goes_on = (before && word.starts_with(in_name)) || (after && word.ends_with(in_name));
        !goes_on
    })?;
    Some(text[..bytes].chars().count())
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
        let role = if title == "warning" { Role::Changed } else { Role::Bad };
        let mut text = format!("{} {}\n", paint.text(role, format_args!("{title}:")), self.message);
        match self.site.as_ref().and_then(|site| site.frame(&self.marks).map(|frame| (site, frame))) {
            Some((site, frame)) => self.render_frame(&mut text, site, &frame, paint),
            None => {
                if let Some(site) = &self.site {
                    let _ = writeln!(text, "  at {}:{}", site.file(), site.line());
                }
                for line in self.cause.iter().flat_map(|cause| cause.lines()) {
                    let _ = writeln!(text, "  {line}");
                }
            }
        }
        if let Some(help) = &self.help {
            let _ = writeln!(text, "{} {help}", paint.text(Role::Help, "help:"));
        }
        text
    }

    fn render_frame(&self, text: &mut String, site: &Site, frame: &Frame<'_>, paint: Paint) {
        let number = frame.number.to_string();
        let gutter = " ".repeat(number.len());
        let faint = |mark: &str| paint.text(Role::Faint, mark);
        let (line, start) = fit(frame, 80usize.saturating_sub(number.len() + 3));
        let _ = writeln!(text, "{gutter} {}[{}:{number}]", faint("╭─"), site.file());
        let _ = writeln!(text, "{} {} {}", paint.text(Role::Faint, &number), faint("│"), line);
        let shown = line.chars().count().saturating_sub(start);
        let underline = "─".repeat(frame.length.min(shown).max(1));
        let _ = writeln!(text, "{gutter} {} {}{}", faint("·"), " ".repeat(start), paint.text(Role::Bad, underline));
        for (n, line) in self.cause.iter().flat_map(|cause| cause.lines()).enumerate() {
            let mark = if n == 0 { "╰─" } else { "  " };
            let _ = writeln!(text, "{gutter} {} {line}", faint(mark));
        }
    }
}

/// The part of a line that fits into `width` characters and holds what is marked; tabs become one space.
fn fit(frame: &Frame<'_>, width: usize) -> (String, usize) {
    let line: Vec<char> = frame.text.chars().map(|c| if c == '\t' { ' ' } else { c }).collect();
    if line.len() <= width {
        return (line.into_iter().collect::<String>().trim_end().to_owned(), frame.start);
    }
    let end_of_mark = (frame.start + frame.length).min(line.len());
    if end_of_mark < width {
        let cut: String = line[..width - 1].iter().collect();
        return (cut + "…", frame.start);
    }
    // A third of the width before the mark, the rest for the mark and what follows it.
    let from = frame.start.saturating_sub(width / 3).min(line.len().saturating_sub(width - 2));
    let to = line.len().min(from + width - 2);
    let mut shown: String = if from > 0 { "…".into() } else { String::new() };
    shown.extend(&line[from..to]);
    if to < line.len() {
        shown.push('…');
    }
    (shown, frame.start - from + usize::from(from > 0))
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
        let source = Source::new("a.lua", format!("local x = {{ {} key = 1 }}", "filler = 2, ".repeat(12)));
        let diagnostic = Diagnostic {
            message: "no".into(),
            site: Some(Site::new(source, 1)),
            marks: vec!["key".into()],
            ..Diagnostic::default()
        };
        let text = diagnostic.render("error", Paint::Plain);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(text.contains("key = 1"), "{text}");
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
