//! Every example of the help registry runs, in a world of its own.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::time::Instant;

use vpcrun::book::Runbook;
use vpcrun::diagnostic::Source;
use vpcrun::interrupt::Interrupt;
use vpcrun::lua::{Host, Mode, Settings};
use vpcrun::registry::FUNCTIONS;
use vpcrun::report::{Report, Style};
use vpcrun::run::{self, Outcome};
use vpcrun::style::Paint;
use vpcrun::target::{TargetKind, TargetOptions};
use vpcrun::world::WorldChoice;

/// What the reference says every example is given.
const GIVEN: &str = r#"
local ec2 = aws.ec2 {}
local vpc = ec2.vpc { name = "myvpc", cidr = "192.168.0.0/16" }
local igw = ec2.internet_gateway { name = "mygateway", vpc = vpc }
local subnet = ec2.subnet { name = "mysubnet", vpc = vpc, cidr = "192.168.1.0/24" }
"#;

fn apply(name: &str, script: String) -> Outcome {
    let folder = tempfile::tempdir().expect("a folder for the key files");
    let settings = Settings { stack: "example".into(), working_dir: folder.path().to_owned(), ..Settings::default() };
    let report = Report::new(std::io::sink(), std::io::sink(), Style::default());
    let target = TargetOptions::new(TargetKind::Local(WorldChoice::Memory), None);
    let host = Host::new(Mode::Apply, settings, target, report, Interrupt::default());
    let book = Runbook {
        name: "example".into(),
        typed: "example.lua".into(),
        source: Source::new(format!("{name}.lua"), script),
        folder: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run::apply(&book, &host, Instant::now()))
}

#[test]
fn every_example_runs() {
    for function in FUNCTIONS {
        let given = if function.name.starts_with("runbook.args") { "" } else { GIVEN };
        let outcome = apply(function.name, format!("{given}{}", function.example));
        let errors: Vec<String> =
            outcome.faults.iter().map(|fault| fault.diagnostic.render("error", Paint::Plain)).collect();
        assert!(errors.is_empty() && outcome.unmet.is_empty(), "{}: {}", function.name, errors.concat());
    }
}
