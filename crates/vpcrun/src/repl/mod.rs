//! The interactive session: `vpcrun` on a terminal, `vpcrun repl`, `vpcrun RUNBOOK.lua -i`.
//!
//! The terminal and Lua share the main thread. Every statement is run to its end, with all that it declares, before the next
//! prompt; so nothing moves while the person types, but for the thread that looks at what exists (see [`known`]).

mod commands;
pub mod complete;
pub mod editor;
mod help;
mod highlight;
pub mod history;
pub mod known;
mod layout;
mod lexer;
mod locals;
mod log;
mod pager;
mod place;
mod resolve;
mod scope;
pub mod script;
pub mod session;
mod shown;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use tokio::runtime::Runtime;

use crate::book::Runbook;
use crate::exit::Exit;
use crate::lua::values::to_json;
use crate::lua::{Fault, Host, Mode, Region, Settings};
use crate::style::Paint;
use crate::target::{TargetKind, TargetOptions};
use crate::text::wrapped;
use crate::world::{self, WorldChoice};
use complete::Completer;
use editor::{Editor, Typed};
use help::Page;
pub use pager::Pager;
use session::Session;

/// What a session is started with.
pub struct Options {
    /// What the Lua functions share: settings, target, report, Ctrl-C.
    pub host: Rc<Host>,
    /// The region to start in; without one, the runbook's or the configured one.
    pub region: Option<String>,
    /// A runbook to run first.
    pub book: Option<Runbook>,
    /// The person's machine.
    pub desk: Desk,
}

/// What the session uses of the person's machine.
pub struct Desk {
    /// The file for history.
    pub history: Option<PathBuf>,
    /// The text of the inputrc.
    pub inputrc: Option<String>,
    /// Long output.
    pub pager: Pager,
    /// Colour on standard output.
    pub paint: Paint,
    /// The folder of named worlds.
    pub worlds: Option<PathBuf>,
}

/// Talks until the person leaves.
///
/// # Errors
/// When the target cannot be opened, or the terminal cannot be used. Errors of statements are shown, and the session goes on.
pub fn run(options: Options, started: Instant) -> Result<Exit, Fault> {
    let editor = Editor::new(options.desk.inputrc.as_deref(), options.desk.history.clone(), options.desk.paint)?;
    let session = Session::new(options.host)?;
    let mut repl = Repl { session, editor, runtime: new_runtime()?, desk: options.desk, home: String::new() };
    repl.begin(options.book.as_ref(), options.region.as_deref(), started)?;
    while let Some(input) = repl.read()? {
        if repl.input(&input)? {
            break;
        }
    }
    repl.runtime.shutdown_background();
    Ok(Exit::Success)
}

fn new_runtime() -> Result<Runtime, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Fault::new(Exit::Failed, format!("cannot start: {error}")))
}

struct Repl {
    session: Session,
    editor: Editor,
    runtime: Runtime,
    desk: Desk,
    /// The region that the prompt does not name.
    home: String,
}

impl Repl {
    fn begin(&mut self, book: Option<&Runbook>, region: Option<&str>, started: Instant) -> Result<(), Fault> {
        if let Some(book) = book {
            let cut_off = self.runtime.block_on(self.session.run(book, started));
            self.renew(cut_off)?;
            self.session.host.report.gap();
        }
        let region = self.open(region)?;
        self.home = region.session.region().to_owned();
        self.banner(&region);
        Ok(())
    }

    fn open(&mut self, region: Option<&str>) -> Result<Region, Fault> {
        let region = self.runtime.block_on(self.session.open(region))?;
        if let Some(watcher) = &self.session.watcher {
            let worlds = self.desk.worlds.as_deref().and_then(|folder| world::list(folder).ok());
            let worlds = worlds.into_iter().flatten().map(|world| world.name).collect();
            let scope = self.session.scope.clone();
            self.editor.complete_with(Rc::new(Completer { scope, watcher: watcher.clone(), worlds }));
        }
        Ok(region)
    }

    fn banner(&self, region: &Region) {
        let version = env!("CARGO_PKG_VERSION");
        let (target, region) = (region.session.target(), region.session.region());
        self.session.host.report.say(&format!("vpcrun {version} · {target} · {region} · .help"));
    }

    /// `default> `, with the region when it is another one than at the start.
    fn prompt(&self) -> String {
        let region = self.session.host.regions.borrow().first().map(|region| region.session.region().to_owned());
        let name = label(&self.session.host.target);
        match region.filter(|region| *region != self.home) {
            Some(region) => format!("{name} {region}> "),
            None => format!("{name}> "),
        }
    }

    /// One input: a line, or the lines of a chunk; `None` when the person leaves.
    fn read(&mut self) -> Result<Option<String>, Fault> {
        let prompt = self.prompt();
        let more = format!("{:>width$}", "> ", width = crate::text::width(&prompt));
        let mut text = String::new();
        loop {
            let prompt = if text.is_empty() { &prompt } else { &more };
            let mut ended = false;
            match self.editor.read(prompt, &text)? {
                Typed::Line(line) => text.push_str(&line),
                Typed::Cancelled => {
                    text.clear();
                    continue;
                }
                Typed::Ended if text.is_empty() => return Ok(None),
                // Ctrl-D in an unfinished chunk: it is run as it is, and Lua says what is missing.
                Typed::Ended => ended = true,
            }
            let is_command = commands::split(&text).is_some();
            if ended || is_command || text.trim().is_empty() || !self.session.is_incomplete(&text) {
                self.editor.remember(&text);
                return Ok(Some(text));
            }
            text.push('\n');
        }
    }

    /// Runs an input; true when it was `.quit`.
    fn input(&mut self, text: &str) -> Result<bool, Fault> {
        let report = self.session.host.report.clone();
        report.typed();
        self.session.host.interrupt.clear();
        if text.trim().is_empty() {
            return Ok(false);
        }
        if let Some((command, argument)) = commands::split(text) {
            let argument = argument.map(str::trim_end).filter(|argument| !argument.is_empty());
            let done = commands::find(command, argument).and_then(|command| self.command(command.name, argument));
            match done {
                Ok(quit) => return Ok(quit),
                Err(fault) => report.diagnostic("error", &fault.diagnostic),
            }
            return Ok(false);
        }
        let evaluated = self.runtime.block_on(self.session.evaluate(text, self.desk.paint));
        self.renew(evaluated.cut_off)?;
        report.typed();
        self.desk.pager.show(&report, &evaluated.lines);
        Ok(false)
    }

    /// After Ctrl-C, a new runtime: what was under way in the old one must not go on behind the next statement.
    fn renew(&mut self, cut_off: bool) -> Result<(), Fault> {
        if cut_off {
            std::mem::replace(&mut self.runtime, new_runtime()?).shutdown_background();
        }
        self.session.host.interrupt.clear();
        Ok(())
    }

    fn command(&mut self, name: &str, argument: Option<&str>) -> Result<bool, Fault> {
        match (name, argument) {
            (".quit", _) => return Ok(true),
            (".help", topic) => self.help(topic)?,
            (".ls", _) => {
                let region = self.runtime.block_on(self.session.host.prefer_region(None))?;
                self.runtime.block_on(crate::list::list(&region.session, &self.session.host.report))?;
            }
            (".run", Some(file)) => {
                let book = Runbook::find(&unquoted(file))?;
                let cut_off = self.runtime.block_on(self.session.run(&book, Instant::now()));
                self.renew(cut_off)?;
            }
            (".region", name) => {
                let region = self.open(name)?;
                if name.is_none() {
                    self.session.host.report.result(region.session.region());
                }
            }
            (".world", None) => {
                let region = self.runtime.block_on(self.session.host.prefer_region(None))?;
                self.session.host.report.result(&region.session.target().to_string());
            }
            (".world", Some(name)) => self.world(name)?,
            (".json", _) => self.json()?,
            (".save", Some(file)) => self.save(&unquoted(file))?,
            _ => {}
        }
        Ok(false)
    }

    fn help(&self, topic: Option<&str>) -> Result<(), Fault> {
        let page = Page { width: self.session.host.report.width(), paint: self.desk.paint };
        let lines = match topic {
            Some(topic) => page.topic(topic)?,
            None => page.overview(),
        };
        self.desk.pager.show(&self.session.host.report, &lines);
        Ok(())
    }

    /// Moves to a local world, with variables of its own: handles mean nothing in another world.
    fn world(&mut self, name: &str) -> Result<(), Fault> {
        let choice = WorldChoice::parse(name, self.desk.worlds.as_deref())?;
        let old = &self.session.host;
        let configured = old.target.configured_region.clone();
        let stack = old.settings.stack.clone();
        let settings = Settings { command_tail: format!(" --stack {stack} --world {name}"), ..old.settings.clone() };
        let target = TargetOptions::new(TargetKind::Local(choice), configured);
        let host = Host::new(Mode::Apply, settings, target, old.report.clone(), old.interrupt.clone());
        let before = std::mem::replace(&mut self.session, Session::new(host)?);
        match self.open(None) {
            Ok(region) => {
                self.home = region.session.region().to_owned();
                self.banner(&region);
                Ok(())
            }
            Err(fault) => {
                self.session = before;
                Err(fault)
            }
        }
    }

    fn json(&mut self) -> Result<(), Fault> {
        let Some(value) = self.session.last.clone() else {
            let fault = Fault::usage("there is no value yet").code("Command");
            return Err(fault.help("type an expression first"));
        };
        let json = self.runtime.block_on(to_json(value, 0)).map_err(Fault::placeless)?;
        let text = serde_json::to_string_pretty(&json).unwrap_or_else(|_| json.to_string());
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        self.desk.pager.show(&self.session.host.report, &lines);
        Ok(())
    }

    fn save(&mut self, file: &str) -> Result<(), Fault> {
        if self.session.log.is_empty() {
            return Err(Fault::usage("there is nothing to save yet").code("Save"));
        }
        let region = self.runtime.block_on(self.session.host.prefer_region(None))?;
        let (target, region) = (region.session.target(), region.session.region());
        let title = format!("Saved from a vpcrun session: {target}, {region}.");
        let twice = self.session.log.save(Path::new(file), &title, region)?;
        let report = &self.session.host.report;
        for name in &twice {
            report.remark(&format!("{name:?} is declared twice in {file}: leave one of the two"), true);
        }
        let again = match self.session.host.target.kind {
            TargetKind::Local(_) => format!("vpcrun {file} --world :memory:"),
            TargetKind::Aws { .. } | TargetKind::Endpoint { .. } => format!("vpcrun {file}"),
        };
        for line in wrapped(&format!("{file} is written. Try it in an empty world: {again}"), Some(report.width())) {
            report.say(&line);
        }
        Ok(())
    }
}

/// A file's name without quotes around it.
fn unquoted(text: &str) -> String {
    let inside = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(text).to_owned()
}

/// The target in the prompt: a world's name, `aws:PROFILE`, an endpoint's host.
fn label(target: &TargetOptions) -> String {
    match &target.kind {
        TargetKind::Local(WorldChoice::File(path)) => {
            path.file_stem().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
        }
        TargetKind::Local(choice) => choice.to_string(),
        TargetKind::Aws { profile: Some(profile) } => format!("aws:{profile}"),
        TargetKind::Aws { profile: None } => "aws".to_owned(),
        TargetKind::Endpoint { url, .. } => {
            let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
            host.split(['/', '?']).next().unwrap_or(host).to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prompt_names_the_target() {
        let label = |kind| label(&TargetOptions::new(kind, None));
        assert_eq!(label(TargetKind::Local(WorldChoice::Memory)), ":memory:");
        assert_eq!(label(TargetKind::Local(WorldChoice::File("./lab.world".into()))), "lab");
        assert_eq!(label(TargetKind::Aws { profile: Some("dev".into()) }), "aws:dev");
        assert_eq!(
            label(TargetKind::Endpoint { url: "http://127.0.0.1:5000/x".into(), profile: None }),
            "127.0.0.1:5000"
        );
    }
}
