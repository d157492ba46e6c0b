//! Names as text that is safe to show, and cut to a width with an ellipsis.

use unicode_segmentation::UnicodeSegmentation;

pub(super) use crate::text::width as columns;

/// Where a text is cut when it is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// In the middle: of names and ids, the end tells one from another.
    Middle,
    /// At the end.
    End,
}

/// The text without what could disturb a terminal or a document: control characters and marks that turn the direction
/// of writing become U+FFFD. Tags can hold any of them.
pub(super) fn clean(text: &str) -> String {
    let disturbs = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    text.chars().map(|c| if disturbs(c) { '\u{fffd}' } else { c }).collect()
}

/// The longest form of `text` whose size, as `size_of` gives it, is at most `limit`: all of it, or with an ellipsis.
/// Never cuts inside what a reader takes for one character.
pub(super) fn fit(text: &str, cut: Cut, limit: f64, size_of: impl Fn(&str) -> f64) -> String {
    if size_of(text) <= limit {
        return text.to_owned();
    }
    let characters: Vec<&str> = text.graphemes(true).collect();
    let shortened = |kept: usize| {
        let tail = match cut {
            Cut::Middle => kept / 2,
            Cut::End => 0,
        };
        let head = characters[..kept - tail].concat();
        let end = characters[characters.len() - tail..].concat();
        format!("{}…{}", head.trim_end(), end.trim_start())
    };
    let lengths: Vec<usize> = (0..characters.len()).collect();
    let fitting = lengths.partition_point(|kept| size_of(&shortened(*kept)) <= limit);
    fitting.checked_sub(1).map(shortened).unwrap_or_default()
}

/// [`fit`] in terminal columns.
pub(super) fn fit_columns(text: &str, cut: Cut, limit: usize) -> String {
    fit(text, cut, limit as f64, |text| columns(text) as f64)
}

/// An id with the first four of its digits, as a person quotes it: `vpc-0b1c…`.
pub(super) fn short_id(id: &str) -> String {
    match id.rsplit_once('-') {
        Some((prefix, digits)) if digits.len() > 8 && digits.is_ascii() => format!("{prefix}-{}…", &digits[..4]),
        _ => id.to_owned(),
    }
}

/// `1 subnet`, `2 subnets`, `2 addresses`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    match (count, noun.ends_with('s')) {
        (1, _) => format!("1 {noun}"),
        (_, true) => format!("{count} {noun}es"),
        (_, false) => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_end_or_its_beginning() {
        assert_eq!(fit_columns("myinstance-0001", Cut::Middle, 15), "myinstance-0001");
        assert_eq!(fit_columns("myinstance-0001", Cut::Middle, 10), "myins…0001");
        assert_eq!(fit_columns("myinstance-0001", Cut::End, 10), "myinstanc…");
        assert_eq!(fit_columns("ab", Cut::End, 1), "…");
        assert_eq!(fit_columns("ab", Cut::End, 0), "");
    }

    #[test]
    fn wide_characters_count_twice_and_clusters_stay_whole() {
        assert_eq!(fit_columns("踏み台サーバー", Cut::End, 6), "踏み…");
        assert_eq!(fit_columns("e\u{301}e\u{301}e\u{301}", Cut::End, 2), "e\u{301}…");
        assert_eq!(fit_columns("👩‍💻👩‍💻", Cut::End, 3), "👩‍💻…");
    }

    #[test]
    fn what_disturbs_is_replaced() {
        assert_eq!(clean("a\u{1b}[31mb\n\u{202e}c"), "a\u{fffd}[31mb\u{fffd}\u{fffd}c");
        assert_eq!(clean("東京 ü"), "東京 ü");
    }

    #[test]
    fn ids_are_quoted_by_their_beginning() {
        assert_eq!(short_id("subnet-0f3a5d7c9b1e2f406"), "subnet-0f3a…");
        assert_eq!(short_id("vpc-00000001"), "vpc-00000001");
    }
}
