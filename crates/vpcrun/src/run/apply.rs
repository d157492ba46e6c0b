//! Apply: run the script, wait for everything that it declared, say what came of it.

use std::rc::Rc;
use std::time::Instant;

use super::{Outcome, until_interrupted};
use crate::book::Runbook;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::lua::{self, Argument, Fault, Host, Mode, Settings};
use crate::report::{Report, Style};
use crate::target::{TargetKind, TargetOptions};
use crate::world::WorldChoice;

/// Makes the account match what the runbook declares.
pub async fn apply(book: &Runbook, host: &Rc<Host>, started: Instant) -> Outcome {
    let ended = match lua::new(host) {
        Ok(lua) => lua::run(&lua, host, &book.source).await,
        Err(error) => Err(Fault::of_lua(&error, &host.sources)),
    };
    let outcome = conclude(host, ended.err(), started).await;
    tell(book, host, &outcome);
    outcome
}

/// Waits for all that a script declared, and gathers what came of it. `fault` is the script's own error.
pub async fn conclude(host: &Host, fault: Option<Fault>, started: Instant) -> Outcome {
    let mut outcome = Outcome::new(&host.settings.stack);
    let failures = settle(host, &mut outcome).await;
    outcome.faults = in_order(fault, failures);
    outcome.outputs = host.outputs.take();
    outcome.met = host.met.take();
    outcome.unmet = host.unmet.take().into_iter().map(|unmet| unmet.diagnostic).collect();
    outcome.calls = host.calls();
    outcome.ended(started);
    outcome
}

/// Waits for what was declared in each region, and turns what failed into faults.
async fn settle(host: &Host, outcome: &mut Outcome) -> Vec<Fault> {
    let regions = host.regions.borrow().clone();
    let mut faults = Vec::new();
    for region in &regions {
        outcome.target.get_or_insert_with(|| region.session.target().to_string());
        outcome.regions.push(region.session.region().to_owned());
        let stop = || regions.iter().for_each(|region| region.stack().stop());
        let stack = region.stack();
        let work = async {
            let summary = stack.finish().await;
            // A call of the script itself, which Ctrl-C has ended.
            region.session.idle().await;
            summary
        };
        let summary = until_interrupted(&host.interrupt, &host.report, stop, work).await;
        faults.extend(summary.unreadable.iter().map(|error| Fault::ec2(None, error)));
        for failed in &summary.failed {
            faults.push(lua::failure(host, region, failed.kind, &failed.name, &failed.error).await);
        }
        outcome.add(summary);
    }
    if host.interrupt.is_set() {
        faults.insert(0, Fault::interrupted().help("nothing is lost: run it again, it goes on from there"));
    }
    faults
}

/// The script's own error first, unless it only passed on that of a resource.
fn in_order(script: Option<Fault>, failures: Vec<Fault>) -> Vec<Fault> {
    let Some(script) = script else { return failures };
    let passed_on = match script.exit {
        Exit::Interrupted => failures.iter().any(|fault| fault.exit == Exit::Interrupted),
        Exit::Failed => {
            let same = |fault: &Fault| {
                let (one, other) = (&fault.diagnostic, &script.diagnostic);
                other.message.ends_with(&one.message) || (one.cause.is_some() && one.cause == other.cause)
            };
            failures.iter().any(same) || (script.is_not_tried() && !failures.is_empty())
        }
        _ => false,
    };
    if passed_on { failures } else { std::iter::once(script).chain(failures).collect() }
}

/// Shows the counts, the outputs and every error of a run.
pub fn tell(book: &Runbook, host: &Host, outcome: &Outcome) {
    let report = &host.report;
    if outcome.faults.is_empty() {
        report.summary(&outcome.counts());
    }
    if report.is_json() {
        report.document(&outcome.document());
    } else if outcome.faults.is_empty() {
        report.outputs(&outcome.outputs);
    }
    let advice = match outcome.exit() {
        Exit::Interrupted => "",
        Exit::Runbook => "Nothing is lost: mend the runbook and run it again.",
        _ => "Nothing is lost: a new run goes on from there.",
    };
    outcome.complain(report, advice);
    // A world in memory is gone by then.
    let stays = !matches!(host.target.kind, TargetKind::Local(WorldChoice::Memory));
    if outcome.exit() == Exit::Success && outcome.target.is_some() && stays && !report.is_json() {
        report.gap();
        report.say(&format!("Tear it down: vpcrun destroy {}{}", book.typed, host.command_tail()));
    }
}

/// The arguments that a runbook declares, from a run that ends at `runbook.args`.
///
/// # Errors
/// When the runbook fails before.
pub async fn arguments(book: &Runbook, interrupt: Interrupt) -> Result<Vec<Argument>, Fault> {
    let settings = Settings { stack: book.name.clone(), module_dir: book.folder.clone(), ..Settings::default() };
    let report = Report::new(std::io::sink(), std::io::sink(), Style::default());
    let target = TargetOptions::new(TargetKind::Local(WorldChoice::Memory), None);
    let host = Host::new(Mode::Arguments, settings, target, report, interrupt);
    let lua = lua::new(&host).map_err(|error| Fault::of_lua(&error, &host.sources))?;
    let ended = lua::run(&lua, &host, &book.source).await;
    match host.arguments.take() {
        Some(arguments) => Ok(arguments),
        None => ended.map(|()| Vec::new()),
    }
}
