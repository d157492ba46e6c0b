//! The interactive session and code without a file: what the environment says to what the library takes.

use std::env;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use vpcrun::book::Runbook;
use vpcrun::exit::Exit;
use vpcrun::interrupt::Interrupt;
use vpcrun::lua::{Fault, Host, Mode, Settings};
use vpcrun::repl::{self, Desk, Options, Pager};
use vpcrun::report::Report;
use vpcrun::style::Paint;
use vpcrun::world;

use super::{ApplyArgs, Cli, Command, TargetArgs, TellArgs, working_dir};

/// The stack of a session and of code without a file.
const STACK: &str = "repl";

/// What `repl` takes.
#[derive(Args, Debug)]
pub struct ReplArgs {
    /// The stack's name [default: repl].
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,

    /// Where it runs.
    #[command(flatten)]
    pub target: TargetArgs,
}

/// Other ways to run than a runbook to its end.
#[derive(Args, Debug)]
pub struct HowArgs {
    /// After the runbook, stay in a session with its variables.
    #[arg(short, long, requires = "runbook", conflicts_with_all = ["json", "quiet"])]
    pub interactive: bool,

    /// Run Lua code, with `ec2` in scope; a runbook named - is read from standard input.
    #[arg(short, long = "execute", value_name = "CODE", conflicts_with_all = ["runbook", "interactive"])]
    pub execute: Option<String>,
}

/// Whether the command line asks for a session.
pub fn is_wanted(cli: &Cli) -> bool {
    match (&cli.command, &cli.runbook) {
        (Some(command), _) => matches!(command, Command::Repl(_)),
        (None, Some(_)) => cli.how.interactive && !cli.help,
        (None, None) => cli.how.execute.is_none() && !cli.help && is_terminal(),
    }
}

fn is_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// A session, to its end.
pub fn talk(cli: &Cli, report: &Report, started: Instant) -> Result<Exit, Fault> {
    if !is_terminal() {
        let fault = Fault::usage("a session needs a terminal").code("Terminal");
        return Err(fault.help("give code by `vpcrun -e CODE`, or by `vpcrun -` on standard input"));
    }
    let interrupt = Interrupt::of_ctrl_c()
        .map_err(|error| Fault::new(Exit::Failed, format!("cannot watch for Ctrl-C: {error}")))?;
    let (stack, target) = match &cli.command {
        Some(Command::Repl(args)) => (&args.stack, &args.target),
        _ => (&cli.apply.stack, &cli.apply.target),
    };
    let book = cli.runbook.as_deref().map(Runbook::find).transpose()?;
    let name = stack.as_deref().or(book.as_ref().map(|book| book.name.as_str())).unwrap_or(STACK);
    let settings = Settings {
        set: cli.apply.set.clone(),
        // It wins over the runbook's; a session without one can look elsewhere by `aws.ec2 { region = … }`.
        region: target.region.clone().filter(|_| book.is_some()),
        stack: name.to_owned(),
        command_tail: format!(" --stack {name}{}", target.again()),
        module_dir: Some(working_dir()),
        working_dir: working_dir(),
        interactive: true,
    };
    let host = Host::new(Mode::Apply, settings, target.options()?, report.clone(), interrupt);
    repl::run(Options { host, region: target.region.clone(), book, desk: desk() }, started)
}

/// The person's machine.
fn desk() -> Desk {
    let home = || env::var_os("HOME");
    let inputrc = env::var_os("INPUTRC").map(PathBuf::from);
    let inputrc = inputrc.or_else(|| home().map(|home| Path::new(&home).join(".inputrc")));
    let pager = env::var("PAGER").ok().filter(|pager| !pager.trim().is_empty() && pager != "less");
    Desk {
        history: repl::history::file(env::var_os("XDG_STATE_HOME"), home()),
        inputrc: inputrc.and_then(|path| std::fs::read_to_string(path).ok()),
        pager: Pager { command: pager.unwrap_or_else(|| "less -FRX".to_owned()), rows },
        paint: Paint::of_stdout(),
        worlds: world::folder(env::var_os("XDG_DATA_HOME"), home()),
    }
}

/// The rows of standard output, if it is a terminal.
fn rows() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(_, rows)| usize::from(rows.0))
}

/// The code of `-e`, or of standard input, with its name in errors.
pub fn code(cli: &Cli) -> Result<Option<(&'static str, String)>, Fault> {
    if let Some(code) = &cli.how.execute {
        return Ok(Some(("-e", code.clone())));
    }
    if cli.runbook.as_deref() != Some("-") {
        return Ok(None);
    }
    let mut code = String::new();
    let read = std::io::stdin().lock().read_to_string(&mut code);
    read.map_err(|error| Fault::usage(format!("standard input cannot be read as text: {error}")).code("Input"))?;
    Ok(Some(("stdin", code)))
}

/// Runs code without a file. It prints what the code prints, and errors.
pub async fn script(
    (name, code): (&str, &str),
    args: &ApplyArgs,
    interrupt: Interrupt,
    started: Instant,
) -> Result<Exit, Fault> {
    let settings = Settings {
        set: args.set.clone(),
        region: args.target.region.clone(),
        stack: args.stack.clone().unwrap_or_else(|| STACK.to_owned()),
        module_dir: Some(working_dir()),
        working_dir: working_dir(),
        ..Settings::default()
    };
    let report = TellArgs { quiet: args.tell.verbose == 0, ..args.tell }.report();
    let host = Host::new(Mode::Apply, settings, args.target.options()?, report, interrupt);
    Ok(repl::script::run(name, code, &host, started).await.exit())
}
