//! Values as people read them: resources in rows, lists of like things as tables, everything else as Lua would write it.

use super::known::Known;
use super::shown::{Shown, quoted};
use crate::registry::OBJECTS;
use crate::style::{Paint, Role};
use crate::table::{Fit, Table};
use crate::text::{truncated, width};

/// How to lay out.
#[derive(Clone, Copy)]
pub struct Layout<'a> {
    /// Columns of the screen.
    pub width: usize,
    /// Colours.
    pub paint: Paint,
    /// Names for ids.
    pub known: &'a Known,
}

/// The space between two columns.
const GAP: usize = 2;

/// A column narrower than this says nothing.
const NARROWEST: usize = 4;

impl Layout<'_> {
    /// The lines of a value.
    #[must_use]
    pub fn lines(&self, value: &Shown) -> Vec<String> {
        match value {
            Shown::Resource(cells) => self.rows(&[], std::slice::from_ref(cells)),
            Shown::List(items) => self.table(items).unwrap_or_else(|| self.tree(value)),
            // EC2's answers often hold one list and nothing else.
            Shown::Table(members) => match members.as_slice() {
                [(name, Shown::List(items))] if items.len() > 1 => match self.table(items) {
                    Some(rows) => {
                        let mut lines = vec![self.paint.text(Role::Faint, format_args!("{name}:"))];
                        lines.extend(rows);
                        lines
                    }
                    None => self.tree(value),
                },
                _ => self.tree(value),
            },
            Shown::Text(text) => vec![self.paint.text(Role::Good, quoted(text))],
            Shown::Plain(text) => text.lines().map(str::to_owned).collect(),
            Shown::Cycle | Shown::Deep => vec![short(value)],
        }
    }

    /// A list of resources, or of two and more tables with names, as a table.
    fn table(&self, items: &[Shown]) -> Option<Vec<String>> {
        if items.iter().all(|item| matches!(item, Shown::Resource(_))) {
            let rows: Vec<Vec<String>> = items.iter().map(cells).collect();
            return Some(self.rows(&[], &rows));
        }
        let tables: Vec<&[(String, Shown)]> = items.iter().map(members).collect::<Option<_>>()?;
        if tables.len() < 2 {
            return None;
        }
        let names = columns(&tables);
        let flat = names.iter().filter(|name| tables.iter().all(|table| is_flat(value(table, name))));
        let columns: Vec<&str> = flat.map(String::as_str).collect();
        if columns.is_empty() {
            return None;
        }
        let named = tables.iter().any(|table| name_tag(table).is_some());
        let heads: Vec<&str> = named.then_some("name").into_iter().chain(columns.iter().copied()).collect();
        let row = |table: &&[(String, Shown)]| {
            let name = named.then(|| name_tag(table).unwrap_or_default());
            name.into_iter()
                .chain(columns.iter().map(|column| value(table, column).map_or(String::new(), cell)))
                .collect()
        };
        let rows: Vec<Vec<String>> = tables.iter().map(row).collect();
        let shown = self.fitting(&heads, &rows);
        let cut = |cells: &[String]| cells.iter().take(shown).cloned().collect::<Vec<String>>();
        let rows: Vec<Vec<String>> = rows.iter().map(|row| cut(row)).collect();
        let mut lines = self.rows(&heads[..shown], &rows);
        let hidden: Vec<&str> =
            names.iter().map(String::as_str).filter(|name| !heads[..shown].contains(name)).collect();
        if !hidden.is_empty() {
            let more = format!("… and {}; add [1] to see all of one", hidden.join(", "));
            lines.push(self.paint.text(Role::Faint, truncated(&more, self.width)));
        }
        Some(lines)
    }

    /// How many of the columns fit beside each other.
    fn fitting(&self, heads: &[&str], rows: &[Vec<String>]) -> usize {
        let mut width = 0;
        let widths = widths(heads, rows);
        let fits = widths.iter().take_while(|column| {
            width += **column + GAP;
            width <= self.width + GAP
        });
        fits.count().max(1)
    }

    /// Rows in columns, with heads where there are any. Columns without a text are left out.
    fn rows(&self, heads: &[&str], rows: &[Vec<String>]) -> Vec<String> {
        let count = rows.iter().map(Vec::len).chain([heads.len()]).max().unwrap_or(0);
        let is_used = |column: &usize| rows.iter().any(|row| row.get(*column).is_some_and(|cell| !cell.is_empty()));
        let used: Vec<usize> = (0..count).filter(is_used).collect();
        let is_id = |column: usize| rows.iter().any(|row| row.get(column).is_some_and(|cell| looks_like_an_id(cell)));
        let fits = used.iter().map(|column| if is_id(*column) { Fit::Id } else { Fit::Cut });
        let mut table = Table::new(fits);
        if !heads.is_empty() {
            table.row(used.iter().map(|column| heads.get(*column).copied().unwrap_or_default()));
        }
        for row in rows {
            table.row(used.iter().map(|column| row.get(*column).map_or("", String::as_str)));
        }
        let mut lines = table.lines(Some(self.width), self.paint);
        if let Some(head) = lines.first_mut().filter(|_| !heads.is_empty()) {
            *head = self.paint.text(Role::Faint, &*head);
        }
        lines
    }

    /// A value as a Lua table constructor: on one line where it fits.
    fn tree(&self, value: &Shown) -> Vec<String> {
        let mut lines = Vec::new();
        self.branch(&mut lines, "", value, 0, "");
        lines
    }

    fn branch(&self, lines: &mut Vec<String>, key: &str, value: &Shown, depth: usize, comma: &str) {
        let indent = "  ".repeat(depth);
        let flat = flat(value);
        let fits = indent.len() + width(key) + width(&flat) + comma.len() <= self.width;
        let open: Vec<(String, &Shown)> = match value {
            Shown::List(items) if !fits => items.iter().map(|item| (String::new(), item)).collect(),
            Shown::Table(members) if !fits || (depth == 0 && members.len() > 3) => {
                members.iter().map(|(name, member)| (format!("{name} = "), member)).collect()
            }
            _ => {
                let line = format!("{indent}{key}{flat}{comma}");
                lines.push(line + &self.beside(value));
                return;
            }
        };
        lines.push(format!("{indent}{key}{{"));
        for (name, member) in open {
            self.branch(lines, &name, member, depth + 1, ",");
        }
        lines.push(format!("{indent}}}{comma}"));
    }

    /// The name of the resource whose id this is, as a comment.
    fn beside(&self, value: &Shown) -> String {
        let Shown::Text(id) = value else { return String::new() };
        let name = self.known.name_of(id).map(|name| self.paint.text(Role::Faint, format_args!("  -- {name}")));
        name.unwrap_or_default()
    }
}

fn cells(value: &Shown) -> Vec<String> {
    match value {
        Shown::Resource(cells) => cells.clone(),
        other => vec![flat(other)],
    }
}

fn members(value: &Shown) -> Option<&[(String, Shown)]> {
    match value {
        Shown::Table(members) if !members.is_empty() => Some(members),
        _ => None,
    }
}

fn value<'a>(table: &'a [(String, Shown)], name: &str) -> Option<&'a Shown> {
    table.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn is_flat(value: Option<&Shown>) -> bool {
    !matches!(value, Some(Shown::List(_) | Shown::Table(_) | Shown::Cycle | Shown::Deep))
}

/// A value in a table's cell: without quotes.
fn cell(value: &Shown) -> String {
    match value {
        Shown::Text(text) => text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
        other => flat(other),
    }
}

/// The names of the columns, the telling ones first: those of the kind of resource that this is, in the registry's order.
fn columns(tables: &[&[(String, Shown)]]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in tables.iter().flat_map(|table| table.iter()) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let known =
        |properties: &[&str]| properties.iter().filter(|one| names.iter().any(|name| name == bare(one))).count();
    let kinds = OBJECTS.iter().filter(|object| names.iter().any(|name| name == object.id));
    let kind = kinds.max_by_key(|object| known(object.properties));
    let rank = |name: &String| {
        let place = kind.and_then(|kind| kind.properties.iter().position(|property| bare(property) == name));
        // Who owns it and its long name tell little.
        let dull = name == "owner_id" || name.ends_with("_arn");
        let id = kind.is_some_and(|kind| kind.id == name);
        (dull, !id, place.unwrap_or(usize::MAX), name.clone())
    };
    names.sort_by_key(rank);
    names
}

fn bare(property: &str) -> &str {
    property.trim_end_matches("[]")
}

/// The `Name` among EC2's tags of a table.
fn name_tag(table: &[(String, Shown)]) -> Option<String> {
    let Some(Shown::List(tags)) = value(table, "tags") else { return None };
    let is_name = |tag: &&[(String, Shown)]| value(tag, "key") == Some(&Shown::Text("Name".into()));
    let tag = tags.iter().filter_map(members).find(is_name)?;
    value(tag, "value").map(cell)
}

fn widths(heads: &[&str], rows: &[Vec<String>]) -> Vec<usize> {
    let count = rows.iter().map(Vec::len).chain([heads.len()]).max().unwrap_or(0);
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0);
        let head = heads.get(at).map_or(0, |head| width(head).max(NARROWEST));
        cells.max(head)
    };
    (0..count).map(width).collect()
}

/// The whole value on one line.
fn flat(value: &Shown) -> String {
    match value {
        Shown::Plain(text) => text.clone(),
        Shown::Text(text) => quoted(text),
        Shown::Resource(cells) => cells.iter().filter(|cell| !cell.is_empty()).cloned().collect::<Vec<_>>().join("  "),
        Shown::List(items) => braces(items.iter().map(flat).collect()),
        Shown::Table(members) => {
            braces(members.iter().map(|(name, value)| format!("{name} = {}", flat(value))).collect())
        }
        Shown::Cycle | Shown::Deep => short(value),
    }
}

fn braces(items: Vec<String>) -> String {
    if items.is_empty() { "{}".into() } else { format!("{{ {} }}", items.join(", ")) }
}

fn short(value: &Shown) -> String {
    if *value == Shown::Cycle { "{ itself }".into() } else { "{ … }".into() }
}

/// `vpc-0b1c6f0d2a9e47c31`, as EC2 makes them.
fn looks_like_an_id(text: &str) -> bool {
    const DIGITS: usize = 17;
    text.rsplit_once('-')
        .is_some_and(|(_, digits)| digits.len() == DIGITS && digits.chars().all(|c| c.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lua's value, laid out on 60 columns.
    fn laid_out(code: &str) -> String {
        let lua = mlua::Lua::new();
        let value: mlua::Value = lua.load(code).eval().unwrap();
        let known = Known::default();
        let layout = Layout { width: 60, paint: Paint::Plain, known: &known };
        layout.lines(&Shown::of(&value, &known)).join("\n")
    }

    #[test]
    fn scalars_read_as_lua_writes_them() {
        assert_eq!(laid_out("return 'a\"b\\n\\27[31m'"), r#""a\"b\n\u{1b}[31m""#);
        assert_eq!(laid_out("return 1.0"), "1.0");
        assert_eq!(laid_out("return print"), "function");
        assert_eq!(laid_out("return {}"), "{}");
        assert_eq!(laid_out("return {1, 'two', {x = true}}"), r#"{ 1, "two", { x = true } }"#);
    }

    #[test]
    fn tables_are_sorted_and_cut_where_they_contain_themselves() {
        insta::assert_snapshot!(
            laid_out("local t = { zone = 'ap-northeast-1a', ['end'] = 1, [3] = 'x', nested = { list = {1, 2} } } t.self = t return t"),
            @r#"
        {
          ["end"] = 1,
          [3] = "x",
          nested = { list = { 1, 2 } },
          self = { itself },
          zone = "ap-northeast-1a",
        }
        "#
        );
        let deep = "local t = {} local top = t for i = 1, 20 do t.x = {} t = t.x end return top";
        assert!(laid_out(deep).contains("{ … }"));
    }

    #[test]
    fn a_list_of_tables_is_a_table_with_the_telling_columns_first() {
        let code = "return {
            { subnet_id = 'subnet-1', vpc_id = 'vpc-1', owner_id = '0', cidr_block = '10.0.0.0/24', state = 'available',
              availability_zone = 'ap-northeast-1a', tags = { { key = 'Name', value = '公開' } } },
            { subnet_id = 'subnet-2', vpc_id = 'vpc-1', owner_id = '0', cidr_block = '10.0.1.0/24', state = 'available',
              availability_zone = 'ap-northeast-1c', tags = { } },
        }";
        insta::assert_snapshot!(laid_out(code), @r"
        name  subnet_id  vpc_id  cidr_block   availability_zone
        公開  subnet-1   vpc-1   10.0.0.0/24  ap-northeast-1a
              subnet-2   vpc-1   10.0.1.0/24  ap-northeast-1c
        … and state, tags, owner_id; add [1] to see all of one
        ");
    }

    #[test]
    fn nothing_is_wider_than_the_screen() {
        let code = "return { { a = ('x'):rep(100), b = 1 }, { a = '短い', b = 2 } }";
        assert!(laid_out(code).lines().all(|line| width(line) <= 60), "{}", laid_out(code));
    }
}
