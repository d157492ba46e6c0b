//! The error that vpcrun's Lua functions raise, and the way from any Lua error to a diagnostic.

use std::rc::Rc;

use mlua::{Error as LuaError, Lua};

use super::host::Sources;
use crate::diagnostic::{Diagnostic, Site};
use crate::exit::Exit;

/// An error of a run: what to show, and what it means for the exit code.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.text())]
pub struct Fault {
    /// What to show.
    pub diagnostic: Box<Diagnostic>,
    /// What it means.
    pub exit: Exit,
    /// Whether the script was stopped on purpose because enough is known (see `Mode`).
    enough: bool,
    /// Whether no line of the runbook is to blame.
    placeless: bool,
}

impl Fault {
    /// A mistake in the runbook.
    #[must_use]
    pub fn runbook(message: impl Into<String>) -> Self {
        Self::new(Exit::Runbook, message)
    }

    /// A mistake on the command line or in an argument.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message).placeless()
    }

    /// A failure of this exit code.
    #[must_use]
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        let diagnostic = Diagnostic { message: message.into(), ..Diagnostic::default() };
        Self { diagnostic: Box::new(diagnostic), exit, enough: false, placeless: false }
    }

    /// Stopped by Ctrl-C.
    #[must_use]
    pub fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "interrupted").code("Interrupted").placeless()
    }

    /// Whether this is no error, but the end of a script of which enough is known.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        self.enough
    }

    pub(crate) fn enough() -> Self {
        Self { enough: true, ..Self::new(Exit::Success, "enough is known") }
    }

    /// What an operation of the engine or a call met.
    #[must_use]
    pub fn ec2(subject: Option<&str>, error: &vpcrun_ec2::Error) -> Self {
        let message = match (subject, error) {
            (Some(subject), vpcrun_ec2::Error::Refused(refusal)) => {
                format!("{subject}: EC2 refused {}", refusal.action)
            }
            (None, vpcrun_ec2::Error::Refused(refusal)) => format!("EC2 refused {}", refusal.action),
            (Some(subject), other) if !other.to_string().starts_with(subject) => format!("{subject}: {other}"),
            (_, other) => other.to_string(),
        };
        let exit = match error {
            vpcrun_ec2::Error::Input(_) => Exit::Runbook,
            vpcrun_ec2::Error::NoRegion
            | vpcrun_ec2::Error::Region { .. }
            | vpcrun_ec2::Error::EndpointUrl { .. }
            | vpcrun_ec2::Error::EndpointVariable { .. } => Exit::Usage,
            vpcrun_ec2::Error::Stopped { .. } => Exit::Interrupted,
            _ => Exit::Failed,
        };
        let mut fault = Self::new(exit, message).code(error.code());
        fault.diagnostic.cause = match error {
            vpcrun_ec2::Error::Refused(refusal) => Some(format!("EC2 said {}: {}", refusal.code, refusal.message)),
            vpcrun_ec2::Error::NotPermitted { message, .. } => Some(format!("AWS said: {message}")),
            other => causes(other),
        };
        fault.diagnostic.help = error.hint();
        fault.diagnostic.request_id = error.request_id().map(str::to_owned);
        fault
    }

    /// Whether a resource was not tried because of another one's failure.
    #[must_use]
    pub fn is_not_tried(&self) -> bool {
        self.diagnostic.code.as_deref() == Some("NotTried")
    }

    /// With a stable name.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.diagnostic.code = Some(code.into());
        self
    }

    /// With advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.diagnostic.help = Some(help.into());
        self
    }

    /// With advice, if there is any.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        if help.is_some() {
            self.diagnostic.help = help;
        }
        self
    }

    /// Without a line: no line of the runbook is to blame for missing credentials or a mistyped option.
    #[must_use]
    pub fn placeless(mut self) -> Self {
        self.placeless = true;
        self
    }

    /// At a line, unless one is known already.
    #[must_use]
    pub fn at(mut self, site: Option<Site>) -> Self {
        if self.diagnostic.site.is_none() && !self.placeless {
            self.diagnostic.site = site;
        }
        self
    }

    /// With a text to mark in the line; the first one that occurs there is marked.
    #[must_use]
    pub fn mark(mut self, text: impl Into<String>) -> Self {
        self.diagnostic.marks.push(text.into());
        self
    }

    /// What `error` is about: the fault that was raised, or Lua's own error with the line that its text names.
    #[must_use]
    pub fn of_lua(error: &LuaError, sources: &Sources) -> Self {
        if let Some(fault) = error.chain().find_map(|cause| cause.downcast_ref::<Self>()) {
            return fault.clone().at(sources.first_in(&error.to_string()));
        }
        let full = error.to_string();
        let root = root(error);
        let message = match root {
            LuaError::SyntaxError { message, .. } => message.clone(),
            LuaError::RuntimeError(message) | LuaError::MemoryError(message) => message.clone(),
            other => other.to_string(),
        };
        let message = message.split("\nstack traceback:").next().unwrap_or_default();
        let (site, message) = match sources.split_prefix(message) {
            Some((site, rest)) => (Some(site), rest),
            None => (sources.first_in(&full), message),
        };
        let mut fault = Self::runbook(message.trim()).at(site);
        // The word that Lua's parser stumbled over; a sign may stand in the line more than once.
        let near = message.trim().rsplit_once("near '").and_then(|(_, near)| near.strip_suffix('\''));
        let word = near.filter(|near| near.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
        fault.diagnostic.marks.extend(word.map(str::to_owned));
        explain(&mut fault, root);
        fault
    }

    /// As a Lua error.
    #[must_use]
    pub fn raise(self) -> LuaError {
        LuaError::external(self)
    }

    /// What `try` gives as the message: EC2's own words for a refusal, else the text with its cause.
    pub(super) fn plain_message(&self) -> String {
        let d = &self.diagnostic;
        let said = format!("EC2 said {}: ", d.code.as_deref().unwrap_or_default());
        match &d.cause {
            Some(cause) => match cause.strip_prefix(&said) {
                Some(words) => words.to_owned(),
                None => format!("{}: {cause}", d.message),
            },
            None => d.message.clone(),
        }
    }

    /// One line: place, message, cause and advice, as `tostring(err)` and an uncaught `error` show it.
    fn text(&self) -> String {
        let d = &self.diagnostic;
        let mut text = match &d.site {
            Some(site) => format!("{}:{}: {}", site.file(), site.line(), d.message),
            None => d.message.clone(),
        };
        for more in [&d.cause, &d.help].into_iter().flatten() {
            text.push_str("; ");
            text.push_str(more);
        }
        text
    }
}

/// The texts below an error, each on its own line.
fn causes(error: &dyn std::error::Error) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if lines.last() != Some(&text) {
            lines.push(text);
        }
        next = cause.source();
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn root(error: &LuaError) -> &LuaError {
    match error {
        LuaError::CallbackError { cause, .. } | LuaError::WithContext { cause, .. } => root(cause),
        other => other,
    }
}

/// Says what Lua's own words mean here.
fn explain(fault: &mut Fault, error: &LuaError) {
    let d = &mut fault.diagnostic;
    if d.message.contains("attempt to yield across a C-call boundary") {
        d.message =
            "this value is not there yet, and Lua cannot wait for it inside table.sort, string.gsub and the like"
                .into();
        d.help = Some("read the property into a local first, then sort or replace".into());
    } else if matches!(error, LuaError::MemoryError(_)) || d.message == "not enough memory" {
        d.message = "the runbook uses more memory than it may".into();
        d.help = Some("a runbook has 256 MiB for its Lua values; look for a loop that collects or repeats text".into());
    } else if d.message.contains("near '<\\") {
        d.help = Some(
            "names in Lua have the letters a to z, digits and _; put other letters into strings and comments".into(),
        );
    } else if d.message.starts_with("table: 0x") {
        d.message = "the runbook raised a table as an error".into();
        d.help = Some("raise a text, or a table whose metatable has __tostring".into());
    } else if OUTSIDE.iter().any(|name| d.message.contains(&format!("'{name}'"))) {
        d.help = Some(
            "a runbook cannot run programs, or see files or the environment; see \"The sandbox\" in docs/lua.md".into(),
        );
    }
}

/// Names of Lua's library that a runbook may look for and that the sandbox does not have.
const OUTSIDE: [&str; 14] = [
    "execute",
    "popen",
    "getenv",
    "exit",
    "remove",
    "rename",
    "tmpname",
    "io",
    "debug",
    "package",
    "dofile",
    "loadfile",
    "collectgarbage",
    "dump",
];

/// The line of the runbook from which the running Lua function was called.
pub(crate) fn call_site(lua: &Lua, sources: &Sources) -> Option<Site> {
    const DEEPEST: usize = 64;
    (0..DEEPEST).find_map(|level| {
        let frame = lua.inspect_stack(level, |frame| {
            let source = frame.source().source.map(|name| name.into_owned());
            (source, frame.current_line())
        });
        // Past the end of the stack: stop.
        let Some((source, line)) = frame else { return Some(None) };
        let name = source?.strip_prefix('@')?.to_owned();
        let source: Rc<_> = sources.named(&name)?;
        Some(Some(Site::new(source, line?)))
    })?
}
