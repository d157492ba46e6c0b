//! Colours for Lua, and the bracket that belongs to the one at the cursor.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::lexer::{Kind, Token, tokens};
use crate::style::Paint;

/// Lua with colours.
#[must_use]
pub fn coloured(source: &str, paint: Paint) -> String {
    coloured_from(source, 0, None, paint)
}

/// The part of `source` from `start` on, with colours; what is before only decides what it means (an open comment or
/// string). The brackets at `cursor` and its partner are marked.
#[must_use]
pub fn coloured_from(source: &str, start: usize, cursor: Option<usize>, paint: Paint) -> String {
    let shown = source.get(start..).unwrap_or_default();
    if paint == Paint::Plain {
        return shown.to_owned();
    }
    let tokens = tokens(source);
    let marked = cursor.and_then(|cursor| partners(source, &tokens, cursor));
    let mut out = String::with_capacity(shown.len() * 2);
    let mut at = start;
    for token in tokens.iter().filter(|token| token.span.end > start) {
        let from = token.span.start.max(start);
        out.push_str(&source[at..from]);
        let is_marked = marked.is_some_and(|(one, other)| token.span.start == one || token.span.start == other);
        let style = if is_marked { AnsiColor::Cyan.on_default().bold().underline() } else { style(source, token) };
        let _ = write!(out, "{style}{}{style:#}", &source[from..token.span.end]);
        at = token.span.end;
    }
    out.push_str(&source[at.max(start)..]);
    out
}

fn style(source: &str, token: &Token) -> Style {
    match token.kind {
        Kind::Keyword if ["nil", "true", "false"].contains(&token.text(source)) => AnsiColor::Yellow.on_default(),
        Kind::Keyword => AnsiColor::Magenta.on_default(),
        Kind::Number => AnsiColor::Yellow.on_default(),
        Kind::String { .. } => AnsiColor::Green.on_default(),
        Kind::Comment => Style::new().dimmed(),
        Kind::Other => AnsiColor::Red.on_default(),
        Kind::Name | Kind::Symbol => Style::new(),
    }
}

/// Where the bracket at or before the cursor and its partner start. Brackets in strings and comments are text.
fn partners(source: &str, tokens: &[Token], cursor: usize) -> Option<(usize, usize)> {
    let is_bracket =
        |token: &&Token| token.kind == Kind::Symbol && ["(", ")", "[", "]", "{", "}"].contains(&token.text(source));
    let brackets: Vec<&Token> = tokens.iter().filter(is_bracket).collect();
    let under = brackets.iter().position(|token| token.span.start == cursor);
    let at = under.or_else(|| brackets.iter().position(|token| token.span.end == cursor))?;
    let opens = |token: &Token| ["(", "[", "{"].contains(&token.text(source));
    let mut depth = 0_i64;
    let find = |token: &&&Token| {
        depth += if opens(token) { 1 } else { -1 };
        depth == 0
    };
    let partner =
        if opens(brackets[at]) { brackets[at..].iter().find(find) } else { brackets[..=at].iter().rev().find(find) }?;
    let fits = matches!(
        (brackets[at].text(source), partner.text(source)),
        ("(", ")") | (")", "(") | ("[", "]") | ("]", "[") | ("{", "}") | ("}", "{")
    );
    fits.then(|| (brackets[at].span.start, partner.span.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_change_no_text() {
        let source = "local v = ec2.vpc { name = \"公開\", n = 0x1p3 } -- [[";
        assert_eq!(coloured(source, Paint::Plain), source);
        let coloured = coloured(source, Paint::Colour);
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), source);
        assert!(coloured.contains("\x1b[32m\"公開\""), "{coloured:?}");
    }

    #[test]
    fn a_line_inside_an_open_comment_is_comment() {
        let source = "x = [[\nlocal y";
        let line = coloured_from(source, 7, None, Paint::Colour);
        assert!(line.contains("\x1b[32mlocal y"), "{line:?}");
    }

    #[test]
    fn brackets_find_their_partners_but_not_in_strings() {
        let at = |source: &str, cursor| partners(source, &tokens(source), cursor);
        assert_eq!(at("f({ ')' })", 10), Some((9, 1)));
        assert_eq!(at("f({ ')' })", 1), Some((1, 9)));
        assert_eq!(at("f({ ')' })", 2), Some((2, 8)));
        assert_eq!(at("f(]", 1), None);
        assert_eq!(at("f(", 2), None);
    }
}
