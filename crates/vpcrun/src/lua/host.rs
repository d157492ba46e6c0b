//! What the Lua functions of one run share: settings, sessions and stacks by region, and what the runbook has said.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;
use vpcrun_ec2::Session;
use vpcrun_ec2::{Events, Stack};

use super::fault::Fault;
use crate::diagnostic::{Diagnostic, Site, Source};
use crate::interrupt::Interrupt;
use crate::report::Report;
use crate::target::TargetOptions;

/// How far a script is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To its end.
    Apply,
    /// Up to `runbook.args`, to list the arguments. Nothing is called.
    Arguments,
    /// Up to the first use of EC2, to learn the regions. Nothing is called.
    Regions,
}

/// What the caller wants of a run.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `--set`: argument names and values as typed.
    pub set: Vec<(String, String)>,
    /// `--region`.
    pub region: Option<String>,
    /// The stack's name.
    pub stack: String,
    /// The folder beside whose files `require` may look; none for a bundled runbook.
    pub module_dir: Option<PathBuf>,
    /// What a next command has to repeat of this one: ` --aws --region …`.
    pub command_tail: String,
    /// Where key files go.
    pub working_dir: PathBuf,
    /// A person types statements one by one: a statement may declare again what an earlier one has declared.
    pub interactive: bool,
}

/// The Lua sources loaded so far, by name.
#[derive(Debug, Default)]
pub struct Sources(RefCell<Vec<Rc<Source>>>);

impl Sources {
    /// Adds one.
    pub fn add(&self, source: Rc<Source>) {
        self.0.borrow_mut().push(source);
    }

    /// The source of this name.
    pub(crate) fn named(&self, name: &str) -> Option<Rc<Source>> {
        self.0.borrow().iter().find(|source| source.name() == name).cloned()
    }

    /// Takes Lua's `file:line: ` off the front of a message, where it names a known source.
    pub(crate) fn split_prefix<'a>(&self, message: &'a str) -> Option<(Site, &'a str)> {
        self.0.borrow().iter().find_map(|source| {
            let rest = message.strip_prefix(&source.short_name())?.strip_prefix(':')?;
            let (line, rest) = rest.split_once(": ")?;
            Some((Site::new(source.clone(), line.parse().ok()?), rest))
        })
    }

    /// The first `file:line` of a known source in a traceback.
    pub(crate) fn first_in(&self, traceback: &str) -> Option<Site> {
        traceback.lines().find_map(|line| {
            let line = line.trim_start();
            self.0.borrow().iter().find_map(|source| {
                let rest = line.strip_prefix(&source.short_name())?.strip_prefix(':')?;
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                Some(Site::new(source.clone(), digits.parse().ok()?))
            })
        })
    }
}

/// One region in use: the session, and the stack in it.
#[derive(Clone)]
pub struct Region {
    /// The connection.
    pub session: Session,
    stack: Rc<RefCell<Stack>>,
}

impl Region {
    /// What the runbook declares there.
    #[must_use]
    pub fn stack(&self) -> Stack {
        self.stack.borrow().clone()
    }
}

/// A declared resource and where it stands in the runbook.
#[derive(Clone, Debug)]
pub struct Declared {
    /// AWS's noun.
    pub kind: &'static str,
    /// The declared name.
    pub name: String,
    /// Its line.
    pub site: Option<Site>,
    /// The region in which it is declared.
    pub region: String,
    /// Keys and values that EC2 may refuse by name, to mark them in the line.
    pub values: Vec<(&'static str, String)>,
    /// Of a subnet: its CIDR block and its VPC's name, from which the next free block is found.
    pub block: Option<(ipnet::Ipv4Net, String)>,
}

/// An expectation of the runbook that does not hold.
#[derive(Clone, Debug)]
pub struct Unmet {
    /// What to show.
    pub diagnostic: Diagnostic,
}

/// What the Lua functions of one run share.
pub struct Host {
    /// How far the script runs.
    pub mode: Mode,
    /// What the caller wants.
    pub settings: Settings,
    /// Where sessions come from.
    pub target: TargetOptions,
    /// Where lines go.
    pub report: Report,
    /// Ctrl-C.
    pub interrupt: Interrupt,
    /// The Lua sources.
    pub sources: Sources,
    /// The regions in use, in order of first use.
    pub regions: RefCell<Vec<Region>>,
    /// The regions that a script named in [`Mode::Regions`].
    pub named_regions: RefCell<Vec<Option<String>>>,
    /// `runbook.output`, in order.
    pub outputs: RefCell<Vec<(String, Value)>>,
    /// Expectations that hold.
    pub met: Cell<usize>,
    /// Expectations that do not.
    pub unmet: RefCell<Vec<Unmet>>,
    /// Everything declared, in order.
    pub declared: RefCell<Vec<Declared>>,
    /// The runbook's arguments, once `runbook.args` was called.
    pub arguments: RefCell<Option<Vec<super::arguments::Argument>>>,
    module_dir: RefCell<Option<PathBuf>>,
    stopping: Cell<bool>,
}

impl Host {
    /// A host for one run.
    #[must_use]
    pub fn new(
        mode: Mode,
        settings: Settings,
        target: TargetOptions,
        report: Report,
        interrupt: Interrupt,
    ) -> Rc<Self> {
        let module_dir = RefCell::new(settings.module_dir.clone());
        Rc::new(Self {
            module_dir,
            mode,
            settings,
            target,
            report,
            interrupt,
            sources: Sources::default(),
            regions: RefCell::default(),
            named_regions: RefCell::default(),
            outputs: RefCell::default(),
            met: Cell::new(0),
            unmet: RefCell::default(),
            declared: RefCell::default(),
            arguments: RefCell::default(),
            stopping: Cell::new(false),
        })
    }

    /// The region to use where the runbook names `named`: `--region` wins.
    #[must_use]
    pub fn region_name(&self, named: Option<&str>) -> Option<String> {
        self.settings.region.clone().or_else(|| named.map(str::to_owned))
    }

    /// The session and stack for a region, made on first use; the first one prints the run's first line.
    ///
    /// # Errors
    /// When the target cannot be opened.
    pub async fn region(&self, named: Option<&str>) -> Result<Region, Fault> {
        let unread = self.settings.set.first().filter(|_| !self.settings.interactive);
        if let (None, Some((name, _))) = (&*self.arguments.borrow(), unread) {
            let message =
                format!("{} has no argument `{name}`: it declares none before it uses EC2", self.settings.stack);
            return Err(Fault::usage(message).code("Argument"));
        }
        let wanted = self.region_name(named);
        let known =
            self.regions.borrow().iter().find(|r| wanted.as_deref().is_none_or(|w| w == r.session.region())).cloned();
        if let Some(region) = known {
            return Ok(region);
        }
        let session = self.target.session(wanted.as_deref()).await.map_err(Fault::placeless)?;
        if !self.settings.interactive || self.regions.borrow().is_empty() {
            self.report.header(&self.settings.stack, session.target(), session.region());
        }
        Ok(self.adopt(session))
    }

    fn adopt(&self, session: Session) -> Region {
        let stack = Rc::new(RefCell::new(self.new_stack(&session)));
        let region = Region { session, stack };
        self.regions.borrow_mut().push(region.clone());
        region
    }

    fn new_stack(&self, session: &Session) -> Stack {
        Stack::new(session.clone(), &self.settings.stack, self.events())
            .with_base_dir(self.settings.working_dir.clone())
    }

    /// Forgets what was declared, so that the next statement of a session may declare it again: the engine looks at the
    /// account anew, and a name that is there is updated. Handles keep what they stand for.
    pub fn next_statement(&self) {
        for region in self.regions.borrow().iter() {
            region.stack.replace(self.new_stack(&region.session));
        }
        self.declared.borrow_mut().clear();
        self.arguments.borrow_mut().take();
    }

    /// Makes a region the one that is meant where none is named; without a name, the one in use or the configured one.
    /// Prints no first line.
    ///
    /// # Errors
    /// When the target cannot be opened there.
    pub async fn prefer_region(&self, name: Option<&str>) -> Result<Region, Fault> {
        let fits = |region: &&Region| name.is_none_or(|name| name == region.session.region());
        let known = self.regions.borrow().iter().find(fits).cloned();
        let preferred = match known {
            Some(region) => region,
            None => self.adopt(self.target.session(name).await.map_err(Fault::placeless)?),
        };
        let is_other = |region: &Region| region.session.region() != preferred.session.region();
        let mut regions = self.regions.borrow_mut();
        let others: Vec<Region> = regions.drain(..).filter(is_other).collect();
        regions.push(preferred.clone());
        regions.extend(others);
        Ok(preferred)
    }

    fn events(&self) -> Events {
        let report = self.report.clone();
        Arc::new(move |event| report.event(&event))
    }

    /// API calls sent so far, in all regions.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.regions.borrow().iter().map(|region| region.session.calls()).sum()
    }

    /// What a next command has to repeat of this one, to mean the same stack.
    #[must_use]
    pub fn command_tail(&self) -> String {
        self.settings.command_tail.clone()
    }

    /// The folder of modules.
    #[must_use]
    pub fn module_dir(&self) -> Option<PathBuf> {
        self.module_dir.borrow().clone()
    }

    /// Sets the folder of modules, for a runbook that a session runs from elsewhere. Returns the one before.
    pub fn set_module_dir(&self, dir: Option<PathBuf>) -> Option<PathBuf> {
        self.module_dir.replace(dir)
    }

    /// Where a resource was declared.
    #[must_use]
    pub fn declaration(&self, region: &str, kind: &str, name: &str) -> Option<Declared> {
        self.declared.borrow().iter().find(|d| d.region == region && d.kind == kind && d.name == name).cloned()
    }

    /// Refuses a second declaration of the same name: a re-run could not tell the two apart.
    pub(super) fn check_new(&self, region: &Region, function: &str, keys: &super::keys::Keys) -> Result<(), Fault> {
        let noun = match function {
            "ec2.elastic_ip" => "Elastic IP".to_owned(),
            other => other.trim_start_matches("ec2.").replace('_', " "),
        };
        let name = keys.required_text("name")?;
        let Some(first) = self.declaration(region.session.region(), &noun, &name) else { return Ok(()) };
        let place = first.site.map(|site| format!(", first at {}:{}", site.file(), site.line())).unwrap_or_default();
        Err(keys
            .fault(format!("{name:?} is declared twice{place}"))
            .help("give each one a name of its own")
            .mark(format!("\"{name}\"")))
    }

    /// The error that ends a script of which enough is known; no `pcall` of the runbook holds it back.
    pub(super) fn enough(&self) -> mlua::Error {
        self.stopping.set(true);
        Fault::enough().raise()
    }

    /// The error that ends the script now, if it is to end: after Ctrl-C, or when enough of it is known.
    pub(super) fn stop_if_due(&self) -> Result<(), Fault> {
        match (self.interrupt.is_set(), self.stopping.get()) {
            (true, _) => Err(Fault::interrupted()),
            (_, true) => Err(Fault::enough()),
            _ => Ok(()),
        }
    }
}
