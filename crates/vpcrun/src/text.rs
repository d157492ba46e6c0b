//! Text in columns of a terminal: how wide it is, and cutting, padding and wrapping it. Japanese characters take two columns.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The columns that a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text without what a terminal would act upon: whoever may tag a resource must not move anybody's cursor.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The text, cut to `columns` with an ellipsis at its end where it is wider.
#[must_use]
pub fn truncated(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let kept = text.chars().take_while(|c| match left.checked_sub(c.width().unwrap_or(0)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    });
    let mut cut: String = kept.collect();
    if columns > 0 {
        cut.push('…');
    }
    cut
}

/// The text with spaces up to `columns`.
#[must_use]
pub fn padded(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// The text in lines of at most `columns`, broken at spaces and between wide characters. An id, a path or a command stays
/// whole, even if it is wider: people copy it. Without a width, the text's own lines.
#[must_use]
pub fn wrapped(text: &str, columns: Option<usize>) -> Vec<String> {
    let Some(columns) = columns else { return text.lines().map(str::to_owned).collect() };
    text.lines().flat_map(|line| wrapped_line(line, columns.max(1))).collect()
}

fn wrapped_line(line: &str, columns: usize) -> Vec<String> {
    if width(line) <= columns {
        return vec![line.to_owned()];
    }
    let mut lines = Vec::new();
    let mut current = String::new();
    let mut used = 0;
    for piece in pieces(line) {
        let wide = width(piece.trim_end());
        if used + wide > columns && !current.trim().is_empty() {
            lines.push(std::mem::take(&mut current).trim_end().to_owned());
            used = 0;
        }
        current.push_str(piece);
        used += width(piece);
    }
    lines.push(current.trim_end().to_owned());
    lines
}

/// What must not be broken: words with the spaces behind them, and single wide characters.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    let wide = |c: char| c.width().unwrap_or(0) > 1;
    let mut rest = line;
    std::iter::from_fn(move || {
        let mut before = rest.chars().next()?;
        let ends = rest.char_indices().skip(1).find(|(_, c)| {
            let end = *c != ' ' && (before == ' ' || wide(before) || wide(*c));
            before = *c;
            end
        });
        let (piece, tail) = rest.split_at(ends.map_or(rest.len(), |(at, _)| at));
        rest = tail;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_counts_twice() {
        assert_eq!(width("踏み台"), 6);
        assert_eq!(padded("踏み台", 8), "踏み台  ");
        assert_eq!(truncated("踏み台サーバー", 8), "踏み台…");
        assert_eq!(truncated("踏み台", 6), "踏み台");
        assert_eq!(truncated("abc", 0), "");
    }

    #[test]
    fn lines_break_at_spaces_and_between_wide_characters() {
        assert_eq!(wrapped("a bb ccc", Some(4)), ["a bb", "ccc"]);
        assert_eq!(wrapped("東京リージョンのサブネット", Some(9)), ["東京リー", "ジョンの", "サブネッ", "ト"]);
        assert_eq!(
            wrapped("see subnet-0123456789abcdef0 there", Some(10)),
            ["see", "subnet-0123456789abcdef0", "there"]
        );
        assert_eq!(wrapped("one\ntwo three", None), ["one", "two three"]);
        assert_eq!(wrapped("    indented text", Some(12)), ["    indented", "text"]);
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(printable("a\x1b[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
    }
}
