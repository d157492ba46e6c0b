//! Destroy: delete what carries the stack's tags.

use std::sync::Arc;
use std::time::Instant;

use vpcrun_ec2::Stack;
use vpcrun_ec2::{Error, Session};

use super::{Outcome, until_interrupted};
use crate::book::Runbook;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::lua::{self, Fault, Host, Mode, Settings};
use crate::report::{Report, Style};
use crate::target::{TargetKind, TargetOptions};
use crate::world::WorldChoice;

/// What to tear down.
pub struct Teardown {
    /// The stack's name.
    pub stack: String,
    /// Where it is: one session for each region.
    pub sessions: Vec<Session>,
    /// What the user typed, for the next command.
    pub command: String,
}

/// Deletes the stack in every region.
pub async fn destroy(teardown: &Teardown, report: &Report, interrupt: &Interrupt, started: Instant) -> Outcome {
    let mut outcome = Outcome::new(&teardown.stack);
    for session in &teardown.sessions {
        outcome.target.get_or_insert_with(|| session.target().to_string());
        outcome.regions.push(session.region().to_owned());
        report.header(&teardown.stack, session.target(), session.region());
        let events = report.clone();
        let stack = Stack::new(session.clone(), &teardown.stack, Arc::new(move |event| events.event(&event)));
        match until_interrupted(interrupt, report, || stack.stop(), stack.destroy()).await {
            Ok(summary) => outcome.add(summary),
            Err(_) if interrupt.is_set() => {}
            Err(error) => outcome.faults.push(Fault::ec2(None, &error)),
        }
        if interrupt.is_set() {
            outcome.faults.push(Fault::interrupted().help("run it again: it goes on from there"));
            break;
        }
    }
    let left: Vec<Fault> = outcome
        .summary
        .failed
        .iter()
        .map(|failed| left(failed.kind, &failed.name, &failed.error, &teardown.command))
        .collect();
    outcome.faults.extend(left);
    outcome.calls = teardown.sessions.iter().map(Session::calls).sum();
    outcome.ended(started);
    tell(report, &outcome);
    outcome
}

/// The fault of a resource that could not be deleted: what is in the way, a line for each.
fn left(kind: &str, name: &str, error: &Error, command: &str) -> Fault {
    let Error::Blocked(blocked) = error else { return Fault::ec2(Some(&format!("{kind} {name:?}")), error) };
    if blocked.by.is_empty() {
        return Fault::new(Exit::Blocked, blocked.to_string()).code(error.code());
    }
    let message = format!("{kind} {name} {} stays: in use by", blocked.id);
    let mut fault = Fault::new(Exit::Blocked, message).code(error.code());
    let blockers: Vec<String> = blocked.by.iter().map(ToString::to_string).collect();
    fault.diagnostic.cause = Some(blockers.join("\n"));
    fault.help(format!("delete or move what is in the way, then: {command}"))
}

fn tell(report: &Report, outcome: &Outcome) {
    if report.is_json() {
        report.document(&outcome.document());
    }
    if outcome.faults.is_empty() {
        report.summary(&outcome.counts());
        return;
    }
    for fault in &outcome.faults {
        report.diagnostic("error", &fault.diagnostic);
    }
    let rest = outcome.summary.failed.iter().map(|failed| failed.name.clone());
    let behind = outcome.summary.not_tried.iter().map(|(_, name)| name.clone());
    let (rest, behind): (Vec<String>, Vec<String>) = (rest.collect(), behind.collect());
    let count = rest.len() + behind.len();
    let mut line = format!("{} deleted", outcome.summary.deleted);
    if count > 0 {
        line.push_str(&format!(", {count} left ({}", rest.join(", ")));
        if !behind.is_empty() {
            line.push_str(&format!(" and, because of it, {}", behind.join(", ")));
        }
        line.push(')');
    }
    report.complain(&line);
}

/// The regions that a runbook names, from a run that ends at the first use of EC2. A `None` is the configured region.
///
/// # Errors
/// When the runbook fails before it names one.
pub async fn regions(book: &Runbook, settings: &Settings, interrupt: Interrupt) -> Result<Vec<Option<String>>, Fault> {
    let report = Report::new(std::io::sink(), std::io::sink(), Style::default());
    let target = TargetOptions::new(TargetKind::Local(WorldChoice::Memory), None);
    let host = Host::new(Mode::Regions, settings.clone(), target, report, interrupt);
    let lua = lua::new(&host).map_err(|error| Fault::of_lua(&error, &host.sources))?;
    let ended = lua::run(&lua, &host, &book.source).await;
    let mut regions = host.named_regions.take();
    if regions.is_empty() {
        // It does not get as far as EC2: then what it declares, if anything, is in the configured region.
        ended.map_err(|fault| match fault.exit {
            Exit::Usage | Exit::Interrupted => fault,
            _ => {
                fault.help("the region is not known so far: give --region, or destroy by --stack NAME --region REGION")
            }
        })?;
        regions.push(None);
    }
    regions.dedup();
    Ok(regions)
}
