//! What stands at the cursor: a member of something, a key of a table that a function takes, a value, a string. Read from
//! the tokens before the cursor, because a line that is being typed does not parse.

use super::lexer::{Kind, Token, inside, tokens};

/// One step of an expression such as `ec2.api.describe_vpcs{}.vpcs[1]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// A variable, or a name behind a dot or colon.
    Name(String),
    /// `[1]`.
    Index(i64),
    /// A call, whatever its arguments.
    Call,
}

/// One step from a call's table inwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value of a key.
    Key(String),
    /// An item of a list.
    Item,
}

/// The table around the cursor: that of a call, or one inside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// The function that is called.
    pub function: Vec<Link>,
    /// The way from the call's table to the one around the cursor.
    pub path: Vec<Step>,
    /// Keys that this table has already.
    pub given: Vec<String>,
}

/// What stands at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A name behind a dot (`false`) or colon (`true`).
    Member(Vec<Link>, bool),
    /// A key, or an item, of a call's table.
    Key(Around),
    /// The value of a key of a call's table; `Around::path` leads to the value.
    Value(Around),
    /// Inside a string. If it is in a call's table, `Around::path` leads to it.
    Text(Option<Around>),
    /// Any other name.
    Name,
    /// Nothing to complete: a comment, a number.
    Nothing,
}

/// What stands before the cursor, and where the unfinished name or string starts.
#[must_use]
pub fn place(source: &str, cursor: usize) -> (usize, Place) {
    let before = source.get(..cursor).unwrap_or(source);
    let all: Vec<Token> = tokens(before);
    let reader = Reader { source, before, tokens: &all };
    let Some(last) = all.last() else { return (cursor, Place::Name) };
    let touches = last.span.end == before.len();
    match last.kind {
        Kind::Comment if touches => return (cursor, Place::Nothing),
        Kind::Number if touches => return (cursor, Place::Nothing),
        Kind::String { closed: false } => {
            let text = last.text(before);
            let start = last.span.end - inside(text).len();
            return (start, Place::Text(reader.value_at(all.len() - 1)));
        }
        _ => {}
    }
    let typed = touches && matches!(last.kind, Kind::Name | Kind::Keyword);
    let start = if typed { last.span.start } else { cursor };
    let count = if typed { all.len() - 1 } else { all.len() };
    (start, reader.name_at(count))
}

struct Reader<'a> {
    source: &'a str,
    before: &'a str,
    tokens: &'a [Token],
}

impl Reader<'_> {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text(self.before))
    }

    fn is(&self, at: usize, symbol: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is(self.before, symbol))
    }

    /// The place of a name that would be token number `at`.
    fn name_at(&self, at: usize) -> Place {
        let Some(before) = at.checked_sub(1) else { return Place::Name };
        if self.is(before, ".") || self.is(before, ":") {
            let chain = before.checked_sub(1).and_then(|end| self.chain(end));
            return chain.map_or(Place::Nothing, |chain| Place::Member(chain, self.is(before, ":")));
        }
        if self.is(before, "{") || self.is(before, ",") || self.is(before, ";") {
            let open = self.enclosing(at).filter(|open| self.is(*open, "{"));
            return open.and_then(|open| self.around(open)).map_or(Place::Name, Place::Key);
        }
        self.value_at(at).map_or(Place::Name, Place::Value)
    }

    /// The table's place for a value that is token number `at`: behind `key =`, or an item.
    fn value_at(&self, at: usize) -> Option<Around> {
        let before = at.checked_sub(1)?;
        let open = self.enclosing(at)?;
        if !self.is(open, "{") {
            return None;
        }
        let mut around = self.around(open)?;
        if self.is(before, "=") && self.tokens.get(before.checked_sub(1)?)?.kind == Kind::Name {
            around.path.push(Step::Key(self.text(before - 1).to_owned()));
        } else if self.is(before, "{") || self.is(before, ",") || self.is(before, ";") {
            around.path.push(Step::Item);
        } else {
            return None;
        }
        Some(around)
    }

    /// The innermost bracket that is open before token number `at`.
    fn enclosing(&self, at: usize) -> Option<usize> {
        let mut depth = 0;
        (0..at).rev().find(|&at| {
            match self.text(at) {
                ")" | "]" | "}" if self.tokens[at].kind == Kind::Symbol => depth += 1,
                "(" | "[" | "{" if self.tokens[at].kind == Kind::Symbol => {
                    if depth == 0 {
                        return true;
                    }
                    depth -= 1;
                }
                _ => {}
            }
            false
        })
    }

    /// The table that opens at token number `open`.
    fn around(&self, open: usize) -> Option<Around> {
        let mut around = self.way(open)?;
        around.given = self.given(open);
        Some(around)
    }

    fn way(&self, open: usize) -> Option<Around> {
        let before = open.checked_sub(1)?;
        let is_key = self.is(before, "=") && before > 0 && self.tokens[before - 1].kind == Kind::Name;
        let step = if is_key {
            Step::Key(self.text(before - 1).to_owned())
        } else if self.is(before, "{") || self.is(before, ",") || self.is(before, ";") {
            Step::Item
        } else {
            // `f {`, `f({`, or the second argument of `try(f, {`.
            let head = if self.is(before, "(") { before.checked_sub(1)? } else { before };
            return Some(Around { function: self.chain(head)?, ..Around::default() });
        };
        let outer = self.enclosing(open)?;
        if self.is(outer, "(") {
            let tried = self.is(before, ",") && outer > 0 && ["try", "pcall"].contains(&self.text(outer - 1));
            let function = tried.then(|| self.chain(before.checked_sub(1)?)).flatten()?;
            return Some(Around { function, ..Around::default() });
        }
        let mut around = self.way(outer).filter(|_| self.is(outer, "{"))?;
        around.path.push(step);
        Some(around)
    }

    /// The keys of the table that opens at token number `open`, before and behind the cursor.
    fn given(&self, open: usize) -> Vec<String> {
        let all = tokens(self.source);
        let mut keys = Vec::new();
        let mut depth = 0_usize;
        for (at, token) in all.iter().enumerate().skip(open) {
            match token.text(self.source) {
                "{" | "(" | "[" if token.kind == Kind::Symbol => depth += 1,
                "}" | ")" | "]" if token.kind == Kind::Symbol => depth = depth.saturating_sub(1),
                name if depth == 1 && token.kind == Kind::Name => {
                    let next = all.get(at + 1).is_some_and(|next| next.is(self.source, "="));
                    // The key at the cursor is not given, it is being typed.
                    let at_cursor = token.span.end == self.before.len();
                    if next && !at_cursor {
                        keys.push(name.to_owned());
                    }
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        keys
    }

    /// The expression that ends with token number `end`.
    fn chain(&self, end: usize) -> Option<Vec<Link>> {
        let mut links = Vec::new();
        let mut at = end;
        loop {
            let token = self.tokens.get(at)?;
            match token.kind {
                Kind::Name => {
                    links.push(Link::Name(self.text(at).to_owned()));
                    let behind_dot = at >= 2 && (self.is(at - 1, ".") || self.is(at - 1, ":"));
                    if !behind_dot {
                        break;
                    }
                    at -= 2;
                    continue;
                }
                Kind::String { .. } => links.push(Link::Call),
                Kind::Symbol if ["]", "}", ")"].contains(&self.text(at)) => {
                    let open = self.enclosing(at)?;
                    links.push(match (self.text(at), self.text(open + 1).parse()) {
                        ("]", Ok(index)) if at == open + 2 => Link::Index(index),
                        ("]", _) => return None,
                        _ => Link::Call,
                    });
                    at = open;
                }
                _ => return None,
            }
            at = at.checked_sub(1)?;
        }
        links.reverse();
        Some(links)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place at `|`.
    fn at(marked: &str) -> (usize, Place) {
        let cursor = marked.find('|').unwrap();
        place(&marked.replace('|', ""), cursor)
    }

    fn names(names: &[&str]) -> Vec<Link> {
        names.iter().map(|name| Link::Name((*name).to_owned())).collect()
    }

    fn around(function: &[&str], path: &[&str], given: &[&str]) -> Around {
        let step = |key: &&str| if key.is_empty() { Step::Item } else { Step::Key((*key).to_owned()) };
        Around {
            function: names(function),
            path: path.iter().map(step).collect(),
            given: given.iter().map(|key| (*key).to_owned()).collect(),
        }
    }

    #[test]
    fn members_know_what_they_are_behind() {
        assert_eq!(at("ec2.su|"), (4, Place::Member(names(&["ec2"]), false)));
        assert_eq!(at("x = vpc:|"), (8, Place::Member(names(&["vpc"]), true)));
        let chain = vec![
            Link::Name("ec2".into()),
            Link::Name("api".into()),
            Link::Name("describe_vpcs".into()),
            Link::Call,
            Link::Name("vpcs".into()),
            Link::Index(1),
        ];
        assert_eq!(at("#ec2.api.describe_vpcs{ x = {} }.vpcs[1].c|").1, Place::Member(chain, false));
        assert_eq!(at("1 ..|").1, Place::Name);
        assert_eq!(at("3.|").1, Place::Nothing);
    }

    #[test]
    fn keys_know_their_function_and_what_is_given() {
        let expected = around(&["ec2", "subnet"], &[], &["name", "cidr"]);
        assert_eq!(at("ec2.subnet { name = \"a\", z|, cidr = x }"), (25, Place::Key(expected)));
        assert_eq!(at("ec2.subnet({ |").1, Place::Key(around(&["ec2", "subnet"], &[], &[])));
        assert_eq!(
            at("ec2.security_group { ingress = { { tcp = 22, f|").1,
            Place::Key(around(&["ec2", "security_group"], &["ingress", ""], &["tcp"]))
        );
        assert_eq!(
            at("try(ec2.api.create_route, { |").1,
            Place::Key(around(&["ec2", "api", "create_route"], &[], &[]))
        );
        assert_eq!(at("local t = { |").1, Place::Name);
        assert_eq!(at("f(a, |").1, Place::Name);
    }

    #[test]
    fn values_and_strings_know_their_key() {
        let zone = around(&["ec2", "subnet"], &["zone"], &["zone"]);
        assert_eq!(at("ec2.subnet { zone = \"ap-|\" }"), (21, Place::Text(Some(zone.clone()))));
        assert_eq!(at("ec2.subnet { zone = |").1, Place::Value(zone));
        assert_eq!(
            at("ec2.availability_zones { prefer = { 'b', '|").1,
            Place::Text(Some(around(&["ec2", "availability_zones"], &["prefer", ""], &[])))
        );
        assert_eq!(at("print(\"|").1, Place::Text(None));
        assert_eq!(at("x = 1 -- ec2.|").1, Place::Nothing);
        assert_eq!(at("ec2.subnet { zone = a .. |").1, Place::Name);
    }

    #[test]
    fn any_cursor_in_any_text_has_a_place() {
        let source = "local 公 = ec2.vpc { name = '実験', x = { [1] = f(\"a\")[2]:g{}, --[[c]] } }))]}";
        for cursor in (0..=source.len()).filter(|at| source.is_char_boundary(*at)) {
            let (start, _) = place(source, cursor);
            assert!(start <= cursor && source.is_char_boundary(start));
        }
    }
}
