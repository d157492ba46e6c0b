//! One session: a Lua, its variables, and the statements typed so far.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use mlua::chunk::ChunkMode;
use mlua::{Error as LuaError, Function, Lua, MultiValue, Value};

use super::known::Watcher;
use super::layout::Layout;
use super::lexer::{Kind, Token, tokens};
use super::locals::keeping;
use super::log::Log;
use super::scope::Scope;
use super::shown::Shown;
use crate::book::Runbook;
use crate::diagnostic::Source;
use crate::lua::{self, Fault, Host, Region, aws};
use crate::run::{self, Outcome};
use crate::style::Paint;

/// How long the engine has after Ctrl-C to end the calls in flight.
const GRACE: Duration = Duration::from_millis(900);

/// What came of an input.
pub struct Evaluated {
    /// The lines of its values.
    pub lines: Vec<String>,
    /// Whether work was cut off, which the runtime must not take up again.
    pub cut_off: bool,
}

/// An input, ready to run.
struct Chunk {
    function: Function,
    /// Its text as a statement; an expression has none.
    statement: Option<String>,
}

/// A session on one target.
pub struct Session {
    /// What the Lua functions share.
    pub host: Rc<Host>,
    /// The variables.
    pub scope: Scope,
    /// What went well so far.
    pub log: Log,
    /// What exists, for completion; none before the target is open.
    pub watcher: Option<Rc<RefCell<Watcher>>>,
    /// The last value that was not nil.
    pub last: Option<Value>,
    lua: Lua,
    inputs: usize,
}

impl Session {
    /// A session whose target is not opened yet.
    ///
    /// # Errors
    /// Only when Lua runs out of memory.
    pub fn new(host: Rc<Host>) -> Result<Self, Fault> {
        let started = || {
            let lua = lua::new(&host)?;
            let scope = Scope::new(&lua)?;
            Ok((lua, scope))
        };
        let (lua, scope) = started().map_err(|error: LuaError| Fault::of_lua(&error, &host.sources))?;
        Ok(Self { host, scope, log: Log::default(), watcher: None, last: None, lua, inputs: 0 })
    }

    /// Opens the target in a region, which is the one of the global `ec2` from now on.
    ///
    /// # Errors
    /// When the target cannot be opened there.
    pub async fn open(&mut self, region: Option<&str>) -> Result<Region, Fault> {
        let region = self.host.prefer_region(region).await?;
        let set = aws::object(&self.lua, &self.host, &region).and_then(|ec2| self.lua.globals().set("ec2", ec2));
        set.map_err(|error| Fault::of_lua(&error, &self.host.sources))?;
        let watcher = Watcher::new(self.host.target.again(), region.session.region().to_owned());
        self.watcher = Some(Rc::new(RefCell::new(watcher)));
        Ok(region)
    }

    /// Whether more lines have to follow.
    #[must_use]
    pub fn is_incomplete(&self, text: &str) -> bool {
        // A string in quotes ends with its line.
        let open = |token: &Token| token.kind == (Kind::String { closed: false }) && !token.text(text).starts_with('[');
        if tokens(text).last().is_some_and(open) {
            return false;
        }
        let incomplete = |code: &str| match self.load(code, "input") {
            Ok(_) => Some(false),
            Err(error) => syntax_is_incomplete(&error).then_some(true),
        };
        let statement = incomplete(text);
        if statement == Some(false) {
            return false;
        }
        match incomplete(&format!("return {text}")) {
            Some(false) => false,
            expression => statement.or(expression).unwrap_or(false),
        }
    }

    /// Runs what was typed to its end, with everything that it declares. Errors are shown.
    pub async fn evaluate(&mut self, text: &str, paint: Paint) -> Evaluated {
        self.inputs += 1;
        let source = Source::new(format!("input {}", self.inputs), text);
        let (ended, statement) = match self.compile(&source) {
            Ok(chunk) => (self.call(&chunk.function).await, chunk.statement),
            Err(fault) => (Err(fault), None),
        };
        let (values, fault) = match ended {
            Ok(values) => (values, None),
            Err(fault) => (MultiValue::new(), Some(fault)),
        };
        let Some(outcome) = self.conclude(fault).await else {
            return Evaluated { lines: Vec::new(), cut_off: true };
        };
        let report = &self.host.report;
        report.outputs(&outcome.outputs);
        for fault in &outcome.faults {
            report.diagnostic("error", &fault.diagnostic);
        }
        for diagnostic in &outcome.unmet {
            report.diagnostic("expectation failed", diagnostic);
        }
        if outcome.faults.is_empty() {
            self.log.input(text, statement, &self.host.declared.borrow());
        }
        // Of a statement that went wrong, the error says enough.
        let values = if outcome.faults.is_empty() { values } else { MultiValue::new() };
        Evaluated { lines: self.lines(values, paint), cut_off: self.host.interrupt.is_set() }
    }

    /// Runs a runbook in this session and keeps its variables. What came of it is shown as after `vpcrun RUNBOOK.lua`.
    /// Returns whether work was cut off.
    pub async fn run(&mut self, book: &Runbook, started: Instant) -> bool {
        let before = self.host.set_module_dir(book.folder.clone());
        let fault = match self.compile(&book.source) {
            Ok(chunk) => self.call(&chunk.function).await.err(),
            Err(fault) => Some(fault),
        };
        self.host.set_module_dir(before);
        let Some(mut outcome) = self.conclude(fault).await else { return true };
        outcome.ended(started);
        run::tell(book, &self.host, &outcome);
        if outcome.faults.is_empty() {
            self.log.runbook(&book.typed, book.source.text(), &self.host.declared.borrow());
        }
        self.host.interrupt.is_set()
    }

    async fn call(&self, function: &Function) -> Result<MultiValue, Fault> {
        lua::call(&self.host, function).await
    }

    /// Waits for what was declared; `None`, and said so, when Ctrl-C cut it off.
    async fn conclude(&self, fault: Option<Fault>) -> Option<Outcome> {
        let interrupt = &self.host.interrupt;
        let given_up = async {
            interrupt.wait().await;
            tokio::time::sleep(GRACE).await;
        };
        let outcome = tokio::select! {
            biased;
            outcome = run::conclude(&self.host, fault, Instant::now()) => Some(outcome),
            () = given_up => None,
        };
        if let Some(watcher) = &self.watcher {
            watcher.borrow_mut().changed();
        }
        if outcome.is_none() {
            let fault = Fault::interrupted()
                .help("what was in flight may have been done; declare it again to go on from there");
            self.host.report.diagnostic("error", &fault.diagnostic);
        }
        outcome
    }

    fn compile(&self, source: &Rc<Source>) -> Result<Chunk, Fault> {
        self.host.sources.add(source.clone());
        self.host.next_statement();
        let (text, name) = (source.text(), source.name());
        if let Ok(function) = self.load(&format!("return {text}"), name) {
            return Ok(Chunk { function, statement: None });
        }
        let statement = || Some(text.to_owned());
        let kept = keeping(text).and_then(|code| self.load(&code, name).ok());
        if let Some(function) = kept {
            return Ok(Chunk { function, statement: statement() });
        }
        match self.load(text, name) {
            Ok(function) => Ok(Chunk { function, statement: statement() }),
            Err(error) => {
                let block = self.ending_in_an_expression(text, name);
                block.ok_or_else(|| Fault::of_lua(&error, &self.host.sources))
            }
        }
    }

    /// A pasted block may end in an expression, whose value is to be shown.
    fn ending_in_an_expression(&self, text: &str, name: &str) -> Option<Chunk> {
        let breaks: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        breaks.into_iter().rev().find_map(|at| {
            let (before, expression) = text.split_at(at);
            let code = format!("{before}return {expression}");
            let function = self.load(&keeping(&code).unwrap_or(code), name).ok()?;
            let comment: Vec<String> = expression.lines().map(|line| format!("-- {line}")).collect();
            Some(Chunk { function, statement: Some(format!("{before}{}", comment.join("\n"))) })
        })
    }

    fn load(&self, code: &str, name: &str) -> mlua::Result<Function> {
        let chunk = self.lua.load(code).set_name(format!("@{name}")).set_mode(ChunkMode::Text);
        chunk.set_environment(self.scope.environment.clone()).into_function()
    }

    /// The lines of values; nil is not shown.
    fn lines(&mut self, values: MultiValue, paint: Paint) -> Vec<String> {
        let values: Vec<Value> = values.into_iter().collect();
        let shows = values.iter().any(|value| matches!(value, Value::Table(_) | Value::UserData(_)));
        let watcher = self.watcher.as_ref().filter(|_| shows);
        let known = watcher.map(|watcher| watcher.borrow_mut().glance()).unwrap_or_default();
        let layout = Layout { width: self.host.report.width(), paint, known: &known };
        let lines =
            values.iter().filter(|value| !value.is_nil()).flat_map(|value| layout.lines(&Shown::of(value, &known)));
        let lines = lines.collect();
        if let Some(value) = values.into_iter().find(|value| !value.is_nil()) {
            self.last = Some(value);
        }
        lines
    }
}

fn syntax_is_incomplete(error: &LuaError) -> bool {
    matches!(error, LuaError::SyntaxError { incomplete_input: true, .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interrupt::Interrupt;
    use crate::lua::{Mode, Settings};
    use crate::report::{Report, Style};
    use crate::target::{TargetKind, TargetOptions};
    use crate::world::WorldChoice;

    fn session() -> Session {
        let settings = Settings { stack: "repl".into(), interactive: true, ..Settings::default() };
        let target = TargetOptions::new(TargetKind::Local(WorldChoice::Memory), None);
        let report = Report::new(std::io::sink(), std::io::sink(), Style::default());
        Session::new(Host::new(Mode::Apply, settings, target, report, Interrupt::default())).unwrap()
    }

    /// The lines of the last of the inputs.
    fn evaluated(inputs: &[&str]) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut session = session();
            session.open(None).await.unwrap();
            let mut lines = Vec::new();
            for input in inputs {
                lines = session.evaluate(input, Paint::Plain).await.lines;
            }
            lines.join("\n")
        })
    }

    #[test]
    fn input_is_incomplete_where_lua_says_so() {
        let session = session();
        for open in [
            "f {",
            "if x then",
            "x =",
            "local function f()",
            "1 +",
            "[[ a",
            "ec2.vpc { name = \"a\",",
            "for i = 1, 2 do",
        ] {
            assert!(session.is_incomplete(open), "{open}");
        }
        for closed in ["1 + 1", "x = 1", "f {}", ")", "x x", "\"open", "-- comment", "return 1"] {
            assert!(!session.is_incomplete(closed), "{closed}");
        }
    }

    #[test]
    fn locals_live_on_and_globals_are_seen() {
        assert_eq!(
            evaluated(&["local n = 1 local function up() n = n + 1 return n end", "up()", "n = n * 10", "up(), n"]),
            "21\n21"
        );
        assert_eq!(evaluated(&["local x = 1", "local x = 'two'", "x"]), "\"two\"");
        assert_eq!(evaluated(&["local c <const> = 1", "c = 2", "c"]), "2");
        assert_eq!(evaluated(&["x = 1", "local y = x", "x = nil", "x, y"]), "1");
        assert_eq!(evaluated(&["local a = 1 error('x') local b = 2", "a, b"]), "1");
    }

    #[test]
    fn a_block_may_end_in_an_expression() {
        assert_eq!(evaluated(&["local a = 20\nlocal b = 22\na + b"]), "42");
        assert_eq!(evaluated(&["local a = 20\nlocal b = 22\na + b", "b"]), "22");
    }

    #[test]
    fn a_resource_is_a_row_and_may_be_declared_again() {
        let vpc = "v = ec2.vpc { name = 'lab', cidr = '10.0.0.0/16' }";
        let row = evaluated(&[vpc, vpc, "v"]);
        let cells: Vec<&str> = row.split_whitespace().collect();
        assert_eq!((cells[0], cells[1], cells[3], cells[4]), ("vpc", "lab", "10.0.0.0/16", "available"), "{row}");
        let changed = "v = ec2.vpc { name = 'lab', cidr = '10.0.0.0/16', dns_hostnames = true }";
        let count = "#ec2.api.describe_vpcs { filters = { { name = 'tag:Name', values = { 'lab' } } } }.vpcs";
        assert_eq!(evaluated(&[vpc, changed, count]), "1");
        let route = "v.main_route_table:route { to = '0.0.0.0/0', via = ec2.internet_gateway { name = 'g', vpc = v } }";
        assert!(evaluated(&[vpc, route, route]).starts_with("route  0.0.0.0/0"), "{}", evaluated(&[vpc, route]));
    }

    #[test]
    fn an_error_leaves_everything_as_it_was() {
        assert_eq!(evaluated(&["x = 1", "x = 2 error 'no'", "x"]), "2");
        assert_eq!(
            evaluated(&["v = ec2.vpc { name = 'a', cidr = '10.0.0.0/16' }", "ec2.vpc { nmae = 'b' }", "v.name"]),
            "\"a\""
        );
    }
}
