//! The `vpcrun` command: reads the command line and dispatches. What it does is in the library.

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test ends where it cannot go on"))]

mod cli;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;
use vpcrun::book::Runbook;
use vpcrun::diagnostic::did_you_mean;
use vpcrun::exit::Exit;
use vpcrun::interrupt::Interrupt;
use vpcrun::lua::{Argument, Fault, Host, Mode, Settings};
use vpcrun::report::Report;
use vpcrun::style::Paint;
use vpcrun::{list, run};

use cli::map::MapArgs;
use cli::{ApplyArgs, Cli, Command, DestroyArgs, ListArgs, TellArgs, WorldCommand, confirm::confirm};

fn main() -> ExitCode {
    let started = Instant::now();
    cli::settings::choose_colour(std::env::args_os().skip(1));
    let cli = match cli::parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    let tell = cli.command.as_ref().map_or(cli.apply.tell, Command::tell);
    tell.start_logging();
    let report = tell.report();
    let ended = match cli::repl::is_wanted(&cli) {
        true => cli::repl::talk(&cli, &report, started),
        false => block_on(dispatch(&cli, &report, started)),
    };
    let exit = match ended {
        Ok(exit) => exit,
        Err(fault) => fail(&report, &fault),
    };
    exit.into()
}

/// Shows what is wrong with the command line. A mistyped command looks like a runbook to the parser.
fn misused(error: &clap::Error) -> ExitCode {
    let command = cli::command();
    let commands = command.get_subcommands().map(clap::Command::get_name);
    let first = std::env::args().nth(1).unwrap_or_default();
    let meant = did_you_mean(&first, commands).filter(|guess| *guess != first && !Path::new(&first).exists());
    let fault = match meant.filter(|_| error.use_stderr()) {
        Some(guess) => {
            let fault = Fault::usage(format!("there is no command `{first}`")).code("Usage");
            let fault = fault.help(format!("did you mean `vpcrun {guess}`?"));
            eprint!("{}", fault.diagnostic.render("error", Paint::of_stderr()));
            fault
        }
        None => {
            let _ = error.print();
            let text = error.to_string();
            let message = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
            Fault::usage(message).code("Usage")
        }
    };
    if error.use_stderr() && std::env::args().any(|argument| argument == "--json") {
        println!("{:#}", json!({ "error": fault.diagnostic, "exit_code": Exit::Usage.code() }));
    }
    if error.use_stderr() { Exit::Usage.into() } else { Exit::Success.into() }
}

/// Runs to the end on this thread: the SDK's work is waiting, and Lua has one thread. On the embedded EC2, which lets nobody
/// wait, the same runbook is so carried out in the same order every time.
fn block_on(work: impl Future<Output = Result<Exit, Fault>>) -> Result<Exit, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Fault::new(Exit::Failed, format!("cannot start: {error}")))?;
    let ended = tokio::task::LocalSet::new().block_on(&runtime, work);
    // A name lookup in another thread must not hold the end back.
    runtime.shutdown_background();
    ended
}

/// Shows an error that ended the command before there was anything to report.
fn fail(report: &Report, fault: &Fault) -> Exit {
    if report.is_json() {
        report.document(&json!({ "error": fault.diagnostic, "exit_code": fault.exit.code() }));
    }
    report.diagnostic("error", &fault.diagnostic);
    fault.exit
}

async fn dispatch(cli: &Cli, report: &Report, started: Instant) -> Result<Exit, Fault> {
    let interrupt = Interrupt::of_signals()
        .map_err(|error| Fault::new(Exit::Failed, format!("cannot watch for Ctrl-C: {error}")))?;
    if let Some((name, code)) = cli::repl::code(cli)? {
        return cli::repl::script((name, &code), &cli.apply, interrupt, started).await;
    }
    match (&cli.command, &cli.runbook) {
        // A session was started before.
        (Some(Command::Repl(_)), _) => Ok(Exit::Success),
        (Some(Command::Destroy(args)), _) => destroy(args, report, interrupt, started).await,
        (Some(Command::Ls(args)), _) => ls(args, report).await,
        (Some(Command::Map(args)), _) => map(args, report).await,
        (Some(Command::Serve(args)), _) => cli::serve::serve(args, report, &interrupt).await,
        (Some(Command::World { command: WorldCommand::List { .. } }), _) => {
            cli::worlds::list(report).map(|()| Exit::Success)
        }
        (Some(Command::World { command: WorldCommand::Reset { world, yes, .. } }), _) => {
            cli::worlds::reset(report, world, *yes).map(|()| Exit::Success)
        }
        (Some(Command::New(args)), _) => cli::editors::new(report, &args.name).map(|()| Exit::Success),
        (Some(Command::Types(args)), _) => cli::editors::types(report, args.output.as_deref()).map(|()| Exit::Success),
        (Some(Command::Completions { shell }), _) => {
            cli::editors::completions(report, *shell);
            Ok(Exit::Success)
        }
        (Some(Command::Man { command }), _) => cli::man::page(report, command.as_deref()).map(|()| Exit::Success),
        (None, Some(runbook)) if cli.help => help(&Runbook::find(runbook)?, &cli.apply.tell, report, interrupt).await,
        (None, Some(runbook)) => apply(&Runbook::find(runbook)?, &cli.apply, report, interrupt, started).await,
        (None, None) => {
            let text = cli::command().render_help();
            if cli.help {
                report.result(text.to_string().trim_end())
            } else {
                report.complain(text.to_string().trim_end())
            }
            Ok(if cli.help { Exit::Success } else { Exit::Usage })
        }
    }
}

fn settings(
    book: Option<&Runbook>,
    stack: Option<&str>,
    set: &[(String, String)],
    target: &cli::TargetArgs,
) -> Settings {
    let name = stack.or(book.map(|book| book.name.as_str())).unwrap_or_default().to_owned();
    let mut tail = String::new();
    if let Some(stack) = stack {
        tail.push_str(&format!(" --stack {stack}"));
    }
    tail.push_str(&target.again());
    // What a region may depend on.
    tail.extend(set.iter().filter(|(name, _)| name == "region").map(|(name, value)| format!(" --set {name}={value}")));
    Settings {
        set: set.to_vec(),
        region: target.region.clone(),
        stack: name,
        command_tail: tail,
        module_dir: book.and_then(|book| book.folder.clone()),
        working_dir: cli::working_dir(),
        interactive: false,
    }
}

async fn apply(
    book: &Runbook,
    args: &ApplyArgs,
    report: &Report,
    interrupt: Interrupt,
    started: Instant,
) -> Result<Exit, Fault> {
    let settings = settings(Some(book), args.stack.as_deref(), &args.set, &args.target);
    let host = Host::new(Mode::Apply, settings, args.target.options()?, report.clone(), interrupt);
    Ok(run::apply(book, &host, started).await.exit())
}

async fn destroy(args: &DestroyArgs, report: &Report, interrupt: Interrupt, started: Instant) -> Result<Exit, Fault> {
    let book = args.runbook.as_deref().map(Runbook::find).transpose()?;
    let settings = settings(book.as_ref(), args.stack.as_deref(), &args.set, &args.target);
    let target = args.target.options()?;
    let regions = match (&book, &args.target.region) {
        (Some(book), None) => run::regions(book, &settings, interrupt.clone()).await?,
        (_, region) => vec![region.clone()],
    };
    let mut sessions = Vec::new();
    for region in &regions {
        sessions.push(target.session(region.as_deref()).await?);
    }
    if target.is_aws() && !args.yes {
        let place =
            sessions.first().map(|session| format!("{} {}", session.target(), session.region())).unwrap_or_default();
        confirm(&format!("Delete the stack {:?} on {place}?", settings.stack))?;
    }
    let what = args.runbook.clone().unwrap_or_default();
    let command = format!("vpcrun destroy {what}{}", settings.command_tail).replace("  ", " ");
    let teardown = run::Teardown { stack: settings.stack, sessions, command };
    Ok(run::destroy(&teardown, report, &interrupt, started).await.exit())
}

async fn ls(args: &ListArgs, report: &Report) -> Result<Exit, Fault> {
    let session = args.target.options()?.session(args.target.region.as_deref()).await?;
    list::list(&session, report).await.map(|()| Exit::Success)
}

async fn map(args: &MapArgs, report: &Report) -> Result<Exit, Fault> {
    let session = args.target.options()?.session(args.target.region.as_deref()).await?;
    cli::map::map(args, &session, report).await.map(|()| Exit::Success)
}

/// The arguments of a runbook.
async fn help(book: &Runbook, tell: &TellArgs, report: &Report, interrupt: Interrupt) -> Result<Exit, Fault> {
    let arguments = run::arguments(book, interrupt).await?;
    if tell.json {
        report.document(&json!({ "runbook": book.name, "arguments": arguments }));
        return Ok(Exit::Success);
    }
    report.result(&format!("vpcrun {} [--set NAME=VALUE]… [OPTIONS]\n", book.typed));
    if arguments.is_empty() {
        report.result(&format!("{} has no arguments.", book.name));
    } else {
        report.result("Arguments:");
    }
    for line in arguments.iter().flat_map(|argument| argument_lines(argument, report.width())) {
        report.result(&line);
    }
    report.result("\nOptions: vpcrun --help");
    Ok(Exit::Success)
}

/// One argument: name and type, what it is for, its default.
fn argument_lines(argument: &Argument, width: usize) -> Vec<String> {
    const INDENT: usize = 22;
    let default = match &argument.default {
        Some(default) => format!("[default: {default}]"),
        None => "[required]".to_owned(),
    };
    let text = [argument.help.as_deref().unwrap_or_default(), &default].join(" ");
    let mut lines =
        vec![format!("  {:<width$}", format!("{} ({})", argument.name, argument.kind.name()), width = INDENT - 2)];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        if lines[last].chars().count() + word.chars().count() + 1 > width {
            lines.push(" ".repeat(INDENT));
        }
        let last = lines.len() - 1;
        if !lines[last].ends_with(' ') {
            lines[last].push(' ');
        }
        lines[last].push_str(word);
    }
    lines
}
