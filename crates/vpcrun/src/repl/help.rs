//! `.help`: from the help registry, the handles' members and EC2's table of actions.

use vpcrun_ec2::api::{self, Action, Shape, Structure};

use super::commands;
use crate::diagnostic::did_you_mean;
use crate::lua::Fault;
use crate::registry::{FUNCTIONS, Function, Input, Key, Need, OBJECTS, Object};
use crate::style::{Paint, Role};
use crate::table::{Fit, Table};
use crate::text::wrapped;

/// How help is laid out.
#[derive(Clone, Copy)]
pub struct Page {
    /// Columns.
    pub width: usize,
    /// Colours.
    pub paint: Paint,
}

impl Page {
    /// The list of commands and where to go on.
    #[must_use]
    pub fn overview(self) -> Vec<String> {
        let mut lines = vec![self.head("Commands")];
        let mut table = Table::new([Fit::Keep, Fit::Wrap]);
        for command in commands::ALL {
            table.row([format!("  {} {}", command.name, command.argument).trim_end(), command.doc]);
        }
        lines.extend(self.table(&table));
        lines.push(String::new());
        lines.push(self.head("Functions"));
        let mut table = Table::new([Fit::Keep, Fit::Wrap]);
        for function in FUNCTIONS {
            table.row([format!("  {}", function.name).as_str(), first_sentence(function.doc)]);
        }
        lines.extend(self.table(&table));
        lines.push(String::new());
        let more = "`.help ec2.subnet` shows one with an example, `.help vpc` what a handle has, `.help \
                    ec2.api.create_route` an EC2 action. Tab completes everything. Ctrl-C stops a statement, Ctrl-D leaves.";
        lines.extend(wrapped(more, Some(self.width)));
        lines
    }

    /// Help on a name.
    ///
    /// # Errors
    /// When there is none.
    pub fn topic(self, name: &str) -> Result<Vec<String>, Fault> {
        let name = name.trim_end_matches(['(', ')', '{', '}', ' ']);
        if let Some(command) = commands::ALL.iter().find(|command| command.name == name) {
            let usage = self.head(format!("{} {}", command.name, command.argument).trim_end());
            return Ok(vec![usage, format!("  {}", command.doc)]);
        }
        let noun = name.strip_prefix("ec2.").unwrap_or(name);
        let function = |function: &&Function| function.name == name || function.name == format!("ec2.{noun}");
        // `vpc` is a handle, `ec2.vpc` a function; a word that is only one of them means that one.
        if let Some(object) = OBJECTS.iter().find(|object| object.kind == name || object.kind.replace(' ', "_") == name)
        {
            return Ok(self.object(object));
        }
        if let Some(function) = FUNCTIONS.iter().find(function).or_else(|| FUNCTIONS.iter().find(|f| f.noun() == name))
        {
            return Ok(self.function(function));
        }
        let action = name.strip_prefix("ec2.api.").or_else(|| name.strip_prefix("api.")).unwrap_or(name);
        match api::action(action) {
            Some(action) => Ok(self.action(action)),
            None => Err(unknown(name, action)),
        }
    }

    fn function(self, function: &Function) -> Vec<String> {
        let mut lines = vec![self.head(&function.usage())];
        lines.extend(wrapped(function.doc, Some(self.width)));
        if !function.keys().is_empty() {
            lines.push(String::new());
            lines.extend(self.keys(function));
        }
        if !function.result.is_empty() {
            lines.push(String::new());
            lines.push(format!("Returns: {}.", function.result));
        }
        lines.push(String::new());
        lines.push(self.head("Example"));
        lines
            .extend(function.example.lines().map(|line| format!("  {}", super::highlight::coloured(line, self.paint))));
        lines
    }

    fn keys(self, function: &Function) -> Vec<String> {
        let mut table = Table::new([Fit::Keep, Fit::Wrap]).painted(0, Role::Strong);
        for key in function.keys() {
            let name = match function.input {
                Input::Table(_) => format!("  {} =", key.name),
                Input::Values(_) => format!("  {}", key.name),
            };
            table.row([name.as_str(), &format!("{} ({}{})", key.doc, key.kind, need(key))]);
        }
        self.table(&table)
    }

    fn object(self, object: &Object) -> Vec<String> {
        let mut lines = vec![self.head(&format!("{}, a handle", object.kind))];
        lines.extend(wrapped(object.doc, Some(self.width)));
        lines.push(String::new());
        let mut table = Table::new([Fit::Keep, Fit::Wrap]).painted(0, Role::Strong);
        for (alias, property) in object.aliases {
            table.row([format!("  .{alias}").as_str(), &format!("short for .{property}")]);
        }
        for (member, doc) in object.members {
            let mark = if doc.starts_with("declares") { ':' } else { '.' };
            table.row([format!("  {mark}{member}").as_str(), doc]);
        }
        lines.extend(self.table(&table));
        let properties: Vec<String> = ["id", "name", "kind", "tags"]
            .into_iter()
            .chain(object.properties.iter().map(|property| property.trim_end_matches("[]")))
            .map(|property| format!(".{property}"))
            .collect();
        lines.extend(wrapped(&properties.join(" "), Some(self.width - 2)).iter().map(|line| format!("  {line}")));
        let maker = format!("ec2.{}", object.kind.replace(' ', "_").to_lowercase());
        if FUNCTIONS.iter().any(|function| function.name == maker) {
            lines.push(String::new());
            lines.push(format!("Made by {maker}: `.help {maker}`."));
        }
        lines
    }

    fn action(self, action: Action) -> Vec<String> {
        let name = action.snake_name();
        let mut lines = vec![self.head(&format!("ec2.api.{name} {{ … }}"))];
        lines.push(format!("EC2's action {}.", action.name()));
        for (title, structure) in [("Takes", action.input()), ("Answers", action.output())] {
            lines.push(String::new());
            lines.push(self.head(title));
            if structure.members().next().is_none() {
                lines.push("  nothing".into());
            }
            lines.extend(self.members(structure));
        }
        lines
    }

    fn members(self, structure: Structure) -> Vec<String> {
        let mut table = Table::new([Fit::Keep, Fit::Wrap]).painted(0, Role::Strong);
        let mut members: Vec<_> = structure.members().collect();
        members.sort_by_key(|member| !member.required());
        for member in members {
            let required = if member.required() { ", required" } else { "" };
            table.row([format!("  {}", member.snake_name()).as_str(), &format!("{}{required}", shape(member.shape()))]);
        }
        self.table(&table)
    }

    fn head(self, text: &str) -> String {
        self.paint.text(Role::Strong, text)
    }

    fn table(self, table: &Table) -> Vec<String> {
        table.lines(Some(self.width), self.paint)
    }
}

fn need(key: &Key) -> String {
    match key.need {
        Need::Required => ", required".to_owned(),
        Need::Optional => String::new(),
        Need::Default(value) => format!(", without it {value}"),
    }
}

/// A type, with what it is made of.
fn shape(shape: Shape) -> String {
    const MOST: usize = 8;
    match shape {
        Shape::Enum(values) => {
            let mut words: Vec<String> = values.values().take(MOST).map(|value| format!("\"{value}\"")).collect();
            if values.values().count() > MOST {
                words.push("…".into());
            }
            words.join(" | ")
        }
        Shape::List(list) => match list.element() {
            Shape::Structure(structure) => format!("list of {{ {} }}", names(structure)),
            element => format!("list of {element}"),
        },
        Shape::Structure(structure) => format!("{{ {} }}", names(structure)),
        other => other.to_string(),
    }
}

fn names(structure: Structure) -> String {
    super::resolve::member_names(structure).join(", ")
}

fn first_sentence(doc: &str) -> &str {
    let end = doc.find(". ").map_or(doc.len(), |at| at + 1);
    doc[..end].trim_end_matches('.')
}

fn unknown(name: &str, action: &str) -> Fault {
    let functions = FUNCTIONS.iter().flat_map(|function| [function.name, function.noun()]);
    let known =
        functions.chain(OBJECTS.iter().map(|object| object.kind)).chain(commands::ALL.iter().map(|one| one.name));
    let guess = did_you_mean(name, known).map(str::to_owned);
    let guess = guess.or_else(|| api::nearest(action).map(|action| format!("ec2.api.{}", action.snake_name())));
    let help = match guess {
        Some(guess) => format!("did you mean `.help {guess}`?"),
        None => "`.help` lists what there is".to_owned(),
    };
    Fault::usage(format!("there is no help on `{name}`")).code("Help").help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Page = Page { width: 80, paint: Paint::Plain };

    #[test]
    fn everything_of_the_registry_has_a_page_that_fits() {
        let functions = FUNCTIONS.iter().map(|function| function.name);
        for name in functions.chain(OBJECTS.iter().map(|object| object.kind)) {
            let page = PAGE.topic(name).unwrap();
            let is_example = |line: &&String| line.starts_with("  ");
            assert!(page.len() > 2, "{name}");
            for line in page.iter().filter(|line| !is_example(line)) {
                assert!(crate::text::width(line) <= 80, "{name}: {line}");
            }
        }
        for action in api::actions() {
            assert!(PAGE.topic(&format!("ec2.api.{}", action.snake_name())).is_ok(), "{}", action.name());
        }
    }

    #[test]
    fn a_function_shows_its_keys_and_an_example() {
        let page = PAGE.topic("ec2.subnet").unwrap().join("\n");
        assert!(page.contains("zone =") && page.contains("required") && page.contains("Example"), "{page}");
        assert_eq!(PAGE.topic("create_route").unwrap()[1], "EC2's action CreateRoute.");
        assert!(PAGE.topic("vpc").unwrap().concat().contains(".main_route_table"));
    }

    #[test]
    fn a_slip_is_understood() {
        let help = |name| PAGE.topic(name).unwrap_err().diagnostic.help.unwrap();
        assert_eq!(help("ec2.subent"), "did you mean `.help ec2.subnet`?");
        assert_eq!(help("ec2.api.create_vpcc"), "did you mean `.help ec2.api.create_vpc`?");
    }
}
