//! Dot-commands: their names, and how a line is read as one.

use crate::diagnostic::did_you_mean;
use crate::lua::Fault;

/// A dot-command.
#[derive(Debug)]
pub struct Command {
    /// Its name, with the dot.
    pub name: &'static str,
    /// What it takes, as help writes it; empty when nothing.
    pub argument: &'static str,
    /// What it does.
    pub doc: &'static str,
}

const fn command(name: &'static str, argument: &'static str, doc: &'static str) -> Command {
    Command { name, argument, doc }
}

/// All of them, in the order of the help.
pub const ALL: &[Command] = &[
    command(".help", "[NAME]", "this list, or help on a function, a handle, an EC2 action or a command"),
    command(".ls", "", "what the target holds in the region"),
    command(".run", "FILE", "run a runbook here and keep its variables"),
    command(".region", "[NAME]", "the region of `ec2`, or another one from now on"),
    command(".world", "[NAME]", "the target, or another local world, with new variables"),
    command(".json", "", "the last value as JSON"),
    command(".save", "FILE", "write what went well so far as a runbook"),
    command(".quit", "", "leave (or Ctrl-D)"),
];

/// The command of a line and, behind white space, its argument. Lua has two things that start with a dot: `...` and `.5`.
#[must_use]
pub fn split(line: &str) -> Option<(&str, Option<&str>)> {
    let line = line.trim_start();
    let rest = line.strip_prefix('.')?;
    if rest.starts_with(|c: char| c == '.' || c.is_ascii_digit()) || line.contains('\n') {
        return None;
    }
    match line.find(char::is_whitespace) {
        Some(end) => Some((&line[..end], Some(line[end..].trim_start()))),
        None => Some((line, None)),
    }
}

/// The command of this name.
///
/// # Errors
/// When there is none, or it misses its argument or has one too many.
pub fn find(name: &str, argument: Option<&str>) -> Result<&'static Command, Fault> {
    let names = ALL.iter().map(|command| command.name);
    let Some(command) = ALL.iter().find(|command| command.name == name) else {
        let help = match did_you_mean(name, names) {
            Some(guess) => format!("did you mean `{guess}`?"),
            None => "`.help` lists the commands".to_owned(),
        };
        return Err(Fault::usage(format!("there is no command `{name}`")).code("Command").help(help));
    };
    let usage = || format!("write {} {}", command.name, command.argument).trim_end().to_owned();
    let given = argument.is_some_and(|argument| !argument.is_empty());
    if given && command.argument.is_empty() {
        return Err(Fault::usage(format!("`{name}` takes nothing")).code("Command").help(usage()));
    }
    if !given && !command.argument.is_empty() && !command.argument.starts_with('[') {
        let missing = format!("`{name}` needs a {}", command.argument.to_lowercase());
        return Err(Fault::usage(missing).code("Command").help(usage()));
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_command_or_lua() {
        assert_eq!(split(".help ec2.vpc"), Some((".help", Some("ec2.vpc"))));
        assert_eq!(split("  .he"), Some((".he", None)));
        assert_eq!(split(".run  a b.lua"), Some((".run", Some("a b.lua"))));
        for lua in ["...", ".5 + 1", "x.y", ""] {
            assert_eq!(split(lua), None, "{lua}");
        }
    }

    #[test]
    fn mistakes_say_what_would_be_right() {
        let help = |name, argument| find(name, argument).unwrap_err().diagnostic.help.unwrap();
        assert_eq!(help(".hepl", None), "did you mean `.help`?");
        assert_eq!(help(".xyzzy", None), "`.help` lists the commands");
        assert_eq!(help(".run", None), "write .run FILE");
        assert_eq!(help(".ls", Some("x")), "write .ls");
        assert!(find(".region", None).is_ok());
    }
}
