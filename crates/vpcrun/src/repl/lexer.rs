//! A small lexer of Lua 5.4: for colours, completion and the local variables of a session. It never fails: what is not
//! finished or not Lua is a token too, because a line that is being typed is both.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identifier.
    Name,
    /// A reserved word.
    Keyword,
    /// A number.
    Number,
    /// A string; `closed` says whether its end is there.
    String {
        /// Whether its end is there.
        closed: bool,
    },
    /// A comment.
    Comment,
    /// An operator or a bracket.
    Symbol,
    /// A character that has no place in Lua.
    Other,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it stands, in bytes.
    pub span: Range<usize>,
}

impl Token {
    /// Its text.
    #[must_use]
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        source.get(self.span.clone()).unwrap_or_default()
    }

    /// Whether it is this symbol or reserved word.
    #[must_use]
    pub fn is(&self, source: &str, text: &str) -> bool {
        matches!(self.kind, Kind::Symbol | Kind::Keyword) && self.text(source) == text
    }
}

/// Lua's reserved words.
pub const KEYWORDS: [&str; 22] = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
    "not", "or", "repeat", "return", "then", "true", "until", "while",
];

/// Operators of more than one character, the longest first.
const LONG_SYMBOLS: [&str; 11] = ["...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>", "->"];

/// All tokens of a text, without the white space between them.
#[must_use]
pub fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = source.get(at..).and_then(|rest| rest.chars().next()) {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (kind, length) = next(&source[at..], c);
        tokens.push(Token { kind, span: at..at + length });
        at += length;
    }
    tokens
}

/// The kind and length of the token at the start of `rest`, which starts with `c`.
fn next(rest: &str, c: char) -> (Kind, usize) {
    if let Some(comment) = rest.strip_prefix("--") {
        let length = match long_bracket(comment) {
            Some((length, _)) => length,
            None => comment.find('\n').unwrap_or(comment.len()),
        };
        return (Kind::Comment, 2 + length);
    }
    if c == '"' || c == '\'' {
        let (length, closed) = quoted(rest, c);
        return (Kind::String { closed }, length);
    }
    if let Some((length, closed)) = long_bracket(rest) {
        return (Kind::String { closed }, length);
    }
    if c.is_ascii_alphabetic() || c == '_' {
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let kind = if KEYWORDS.contains(&&rest[..length]) { Kind::Keyword } else { Kind::Name };
        return (kind, length);
    }
    let digit_after_dot = c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit());
    if c.is_ascii_digit() || digit_after_dot {
        return (Kind::Number, number(rest));
    }
    if let Some(symbol) = LONG_SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        return (Kind::Symbol, symbol.len());
    }
    let kind = if c.is_ascii_punctuation() { Kind::Symbol } else { Kind::Other };
    (kind, c.len_utf8())
}

/// `[[…]]` or `[==[…]==]`: its length, and whether it ends.
fn long_bracket(rest: &str) -> Option<(usize, bool)> {
    let level = rest.strip_prefix('[')?.bytes().take_while(|byte| *byte == b'=').count();
    let inside = rest.get(1 + level..)?.strip_prefix('[')?;
    let end = format!("]{}]", "=".repeat(level));
    Some(match inside.find(&end) {
        Some(length) => (2 + level + length + end.len(), true),
        None => (rest.len(), false),
    })
}

/// A string in quotes: its length, and whether it ends. It ends unfinished at a line break that is not escaped.
fn quoted(rest: &str, quote: char) -> (usize, bool) {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' => return (at, false),
            c if c == quote => return (at + 1, true),
            _ => {}
        }
    }
    (rest.len(), false)
}

/// A number as Lua reads it: greedily, with exponents and hexadecimal digits.
fn number(rest: &str) -> usize {
    let exponents: &[char] = if rest.starts_with("0x") || rest.starts_with("0X") { &['p', 'P'] } else { &['e', 'E'] };
    let mut before = ' ';
    let end = rest.find(|c: char| {
        let part = c.is_ascii_alphanumeric() || c == '.' || ("+-".contains(c) && exponents.contains(&before));
        before = c;
        !part
    });
    // `1..2` is an error in Lua, and `t[1]..x` does not get here: a range of dots belongs to no number.
    let length = end.unwrap_or(rest.len());
    rest[..length].find("..").map_or(length, |dots| dots.max(1))
}

/// What is inside a string token: without its quotes, and without a missing end.
#[must_use]
pub fn inside(text: &str) -> &str {
    let Some(quote) = text.chars().next().filter(|c| *c == '"' || *c == '\'') else {
        return text.trim_start_matches(['[', '=']).trim_end_matches([']', '=']);
    };
    let text = &text[1..];
    text.strip_suffix(quote).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<(Kind, &str)> {
        tokens(source).iter().map(|token| (token.kind, token.text(source))).collect()
    }

    #[test]
    fn a_declaration_is_taken_apart() {
        let source = "local v = ec2.vpc { cidr = \"10.0.0.0/16\" } -- the lab";
        let texts: Vec<&str> = kinds(source).into_iter().map(|(_, text)| text).collect();
        assert_eq!(
            texts,
            ["local", "v", "=", "ec2", ".", "vpc", "{", "cidr", "=", "\"10.0.0.0/16\"", "}", "-- the lab"]
        );
        assert_eq!(kinds(source)[0].0, Kind::Keyword);
        assert_eq!(kinds(source)[9].0, Kind::String { closed: true });
        assert_eq!(kinds(source)[11].0, Kind::Comment);
    }

    #[test]
    fn strings_end_where_lua_ends_them() {
        assert_eq!(kinds(r#""a\"b" x"#)[0].1, r#""a\"b""#);
        assert_eq!(kinds("'open\nx")[0], (Kind::String { closed: false }, "'open"));
        assert_eq!(kinds("[==[ a ]] b ]==] c")[0].1, "[==[ a ]] b ]==]");
        assert_eq!(kinds("[[ open")[0], (Kind::String { closed: false }, "[[ open"));
        assert_eq!(kinds("t[1]")[1].1, "[");
        assert_eq!(kinds("--[[ two\nlines ]] x")[1], (Kind::Name, "x"));
    }

    #[test]
    fn numbers_and_dots() {
        assert_eq!(kinds("0x1p-3+1e-5")[0].1, "0x1p-3");
        assert_eq!(kinds("0x1p-3+1e-5")[2].1, "1e-5");
        assert_eq!(kinds("a..b")[1].1, "..");
        assert_eq!(kinds(".5")[0], (Kind::Number, ".5"));
        assert_eq!(kinds("...")[0].1, "...");
    }

    #[test]
    fn anything_at_all_is_cut_without_gaps() {
        for source in ["日本 = \"東京\"", "\u{0}\u{7f}$`é", "\\", "[=", "--", "--[", "'\\", "0x", "1..2", "..", "\"é"]
        {
            let tokens = tokens(source);
            let mut at = 0;
            for token in &tokens {
                assert!(source[at..token.span.start].chars().all(char::is_whitespace), "{source:?}");
                assert!(token.span.end > token.span.start, "{source:?}");
                at = token.span.end;
            }
            assert!(source[at..].trim().is_empty(), "{source:?}");
        }
    }

    #[test]
    fn inside_leaves_out_the_quotes() {
        assert_eq!((inside("\"a\""), inside("'a"), inside("[[a]]")), ("a", "a", "a"));
    }
}
