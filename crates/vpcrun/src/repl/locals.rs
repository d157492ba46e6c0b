//! Local variables that outlive their chunk.
//!
//! A `local` of a Lua chunk is gone when the chunk ends. At the prompt and after `vpcrun RUNBOOK.lua -i` people want to go
//! on with them, so the chunk is given additional code: behind each `local` statement of its outermost block, it hands
//! over a pair of functions that read and set the variable. They close over the variable itself, so it stays one variable:
//! what a function of the chunk sets is seen at the prompt, and the other way round. Locals of inner blocks stay inside, and a
//! later `local` of the same name takes the earlier one's place, as it does in the chunk.
//!
//! The additional code stands on the lines that are there, so line numbers in errors stay right.

use super::lexer::{Kind, Token, tokens};

/// The name under which the chunk's environment holds the function that is handed the pairs. No Lua identifier, so that it
/// is in nobody's way.
pub const KEEP: &str = "vpcrun: keep";

/// A local variable of the outermost block.
struct Local<'a> {
    name: &'a str,
    constant: bool,
}

/// The chunk with the code that keeps its outermost locals; `None` when it has none, or does things with `_ENV` that the
/// code would break.
#[must_use]
pub fn keeping(source: &str) -> Option<String> {
    let tokens: Vec<Token> = tokens(source).into_iter().filter(|token| token.kind != Kind::Comment).collect();
    if tokens.iter().any(|token| token.kind == Kind::Name && token.text(source) == "_ENV") {
        return None;
    }
    let mut out = String::with_capacity(source.len() * 2);
    let mut copied = 0;
    let mut waiting: Vec<Local<'_>> = Vec::new();
    let mut found = false;
    let (mut blocks, mut brackets) = (0_usize, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        let outermost = blocks == 0 && brackets == 0;
        let starts = outermost && at > 0 && is_boundary(source, &tokens[at - 1], token);
        if starts && !waiting.is_empty() {
            out.push_str(&source[copied..token.span.start]);
            copied = token.span.start;
            hand_over(&mut out, &mut waiting);
        }
        match token.text(source) {
            "local" if token.kind == Kind::Keyword && outermost => {
                waiting.extend(declared(source, &tokens[at + 1..]));
                found = true;
            }
            "function" | "do" | "if" | "repeat" if token.kind == Kind::Keyword => blocks += 1,
            "end" | "until" if token.kind == Kind::Keyword => blocks = blocks.saturating_sub(1),
            "(" | "[" | "{" if token.kind == Kind::Symbol => brackets += 1,
            ")" | "]" | "}" if token.kind == Kind::Symbol => brackets = brackets.saturating_sub(1),
            _ => {}
        }
    }
    if !found {
        return None;
    }
    // Before a comment on the last line, which would swallow it.
    let end = tokens.last().map_or(source.len(), |token| token.span.end);
    out.push_str(&source[copied..end]);
    hand_over(&mut out, &mut waiting);
    out.push_str(&source[end..]);
    Some(out)
}

/// Whether `token` starts a statement, given the token before it. In Lua nothing that ends an expression can be followed
/// by a name or by one of these words inside one statement.
fn is_boundary(source: &str, before: &Token, token: &Token) -> bool {
    const STARTS: [&str; 9] = ["local", "if", "for", "while", "repeat", "function", "return", "goto", "break"];
    let text = token.text(source);
    match token.kind {
        Kind::Symbol => text == ";" || text == "::",
        Kind::Keyword => STARTS.contains(&text) && ends_expression(source, before),
        Kind::Name => ends_expression(source, before),
        _ => false,
    }
}

fn ends_expression(source: &str, token: &Token) -> bool {
    match token.kind {
        Kind::Name | Kind::Number | Kind::String { .. } => true,
        Kind::Keyword => ["end", "nil", "true", "false"].contains(&token.text(source)),
        Kind::Symbol => [")", "]", "}", "..."].contains(&token.text(source)),
        Kind::Comment | Kind::Other => false,
    }
}

/// The variables of a `local` statement; `rest` starts behind the word. A `<close>` variable ends with the chunk.
fn declared<'a>(source: &'a str, rest: &[Token]) -> Vec<Local<'a>> {
    let text = |at: usize| rest.get(at).map_or("", |token| token.text(source));
    if text(0) == "function" {
        return vec![Local { name: text(1), constant: false }];
    }
    let mut locals = Vec::new();
    let mut at = 0;
    while rest.get(at).is_some_and(|token| token.kind == Kind::Name) {
        let name = text(at);
        let attribute = if text(at + 1) == "<" { text(at + 2) } else { "" };
        at += if attribute.is_empty() { 1 } else { 4 };
        if attribute != "close" {
            locals.push(Local { name, constant: attribute == "const" });
        }
        if text(at) != "," {
            break;
        }
        at += 1;
    }
    locals
}

fn hand_over(out: &mut String, locals: &mut Vec<Local<'_>>) {
    for Local { name, constant } in locals.drain(..) {
        let value = if name == "value" { "value_" } else { "value" };
        let setter = if constant { "nil".to_owned() } else { format!("function({value}) {name} = {value} end") };
        out.push_str(&format!(" ;_ENV[\"{KEEP}\"](\"{name}\", function() return {name} end, {setter}); "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is handed over, and what a Lua that keeps it reads at the end of the chunk.
    fn kept(source: &str) -> Vec<(String, String)> {
        let lua = mlua::Lua::new();
        let kept = lua.create_table().unwrap();
        let keep = lua.create_function({
            let kept = kept.clone();
            move |_, (name, get): (String, mlua::Function)| kept.set(name, get)
        });
        lua.globals().set(KEEP, keep.unwrap()).unwrap();
        let code = keeping(source).unwrap_or_else(|| source.to_owned());
        assert_eq!(code.lines().count(), source.lines().count(), "{code}");
        lua.load(&code).exec().unwrap_or_else(|error| panic!("{error}\n{code}"));
        let mut values: Vec<(String, String)> = kept
            .pairs::<String, mlua::Function>()
            .map(|pair| {
                let (name, get) = pair.unwrap();
                let value: mlua::Value = get.call(()).unwrap();
                (name, value.to_string().unwrap())
            })
            .collect();
        values.sort();
        values
    }

    fn pairs(values: &[(&str, &str)]) -> Vec<(String, String)> {
        values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn outermost_locals_are_kept_and_inner_ones_are_not() {
        let source = "local a, b = 1, 2\ndo local c = 3; a = c end\nfor i = 1, 2 do local d = i end\n\
            local function f() local e = 5 return e end\nif a then local g = 1 else local h = 2 end\n\
            repeat local j = 1 until j == 1 while b > 2 do local k b = 1 end\nlocal z = (function() local y = 1; return y end)()";
        let names: Vec<String> = kept(source).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b", "f", "z"]);
    }

    #[test]
    fn the_variable_is_the_same_one_afterwards() {
        assert_eq!(kept("local n = 1 local function inc() n = n + 1 end inc() inc()")[1], ("n".into(), "3".into()));
        assert_eq!(kept("local x = 1 local x = x + 1 x = x * 10"), pairs(&[("x", "20")]));
    }

    #[test]
    fn attributes_comments_returns_and_odd_layouts() {
        assert_eq!(kept("local a <const> = 1 local b <close> = nil"), pairs(&[("a", "1")]));
        assert_eq!(kept("local a = 1 -- local b = 2"), pairs(&[("a", "1")]));
        assert_eq!(kept("local a = 1\nlocal b\nreturn a"), pairs(&[("a", "1"), ("b", "nil")]));
        let source = "local t = {\n  x = 1; y = function() return 2 end,\n}\nt.x = t.y()  local u = t.x";
        assert_eq!(kept(source)[1], ("u".into(), "2".into()));
        assert_eq!(kept("local value = 1; local s = [[local no = 1]]").len(), 2);
        assert_eq!(kept("local f = print\nlocal g = f and f or print\nlocal h = not nil").len(), 3);
        assert!(keeping("x = 1").is_none() && keeping("local _ENV = {}").is_none());
    }

    #[test]
    fn what_was_declared_before_an_error_is_kept() {
        let code = keeping("local a = 1\nerror('x')\nlocal b = 2").unwrap();
        assert!(code.find(KEEP).unwrap() < code.find("error").unwrap(), "{code}");
    }
}
