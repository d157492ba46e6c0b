//! From what was typed and what the environment says to what the library takes.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io::IsTerminal as _;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt as _;

use anstream::ColorChoice;
use vpcrun::lua::Fault;
use vpcrun::report::{Report, Style, Verbosity};
use vpcrun::style::Paint;
use vpcrun::target::{TargetKind, TargetOptions};
use vpcrun::world::{self, WorldChoice};

use super::log::Lines;
use super::{TargetArgs, TellArgs};

/// Reads `NAME=VALUE`.
pub fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE, such as home=198.51.100.7/32".to_owned()),
    }
}

/// Follows `--color` in everything that is printed, also in what the parser of the command line itself says. Without it,
/// or with a value that the parser will refuse, the terminal and the environment decide.
pub fn choose_colour(arguments: impl Iterator<Item = OsString>) {
    let mut arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    while let Some(argument) = arguments.next().filter(|argument| argument != "--") {
        let chosen = match argument.strip_prefix("--color") {
            Some("") => arguments.next(),
            Some(value) => value.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        match chosen.as_deref() {
            Some("always") => ColorChoice::AlwaysAnsi.write_global(),
            Some("never") => ColorChoice::Never.write_global(),
            _ => {}
        }
    }
}

impl TellArgs {
    /// The report on this process's streams.
    pub fn report(self) -> Report {
        let verbosity = match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, 0) => Verbosity::Normal,
            _ => Verbosity::Verbose,
        };
        let terminal = std::io::stderr().is_terminal();
        let style = Style {
            verbosity,
            json: self.json,
            paint: Paint::of_stderr(),
            out_paint: Paint::of_stdout(),
            // Log lines go to the same terminal, and a log of CI keeps every rewritten line.
            live: terminal && self.verbose == 0 && !is_ci() && !is_dumb(),
            columns: columns(std::io::stderr(), terminal),
            out_columns: columns(std::io::stdout(), std::io::stdout().is_terminal()),
            together: is_one_place(),
        };
        Report::new(std::io::stdout(), std::io::stderr(), style)
    }

    /// With `-v`, log lines on standard error: every call with its latency.
    pub fn start_logging(self) {
        use tracing_subscriber::filter::{LevelFilter, Targets};
        use tracing_subscriber::prelude::*;
        let paint = Paint::of_stderr();
        let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(paint == Paint::Colour);
        match self.verbose {
            0 => {}
            1 => {
                let ours = ["vpcrun", "vpcrun_ec2"].map(|target| (target, LevelFilter::DEBUG));
                let layer = layer.event_format(Lines { paint }).with_filter(Targets::new().with_targets(ours));
                tracing_subscriber::registry().with(layer).init();
            }
            _ => {
                let layer = layer.with_filter(Targets::new().with_default(LevelFilter::DEBUG));
                tracing_subscriber::registry().with(layer).init();
            }
        }
    }
}

/// The columns of a terminal, or `COLUMNS` where it is set; none where there is no terminal.
fn columns(stream: impl AsFd, is_terminal: bool) -> Option<usize> {
    const FEWEST: usize = 20;
    let set = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let measured = || terminal_size::terminal_size_of(stream).map_or(80, |(width, _)| usize::from(width.0));
    let columns = set.or_else(|| is_terminal.then(measured))?;
    // A terminal that knows no width says 0.
    Some(if columns == 0 { 80 } else { columns.max(FEWEST) })
}

fn is_ci() -> bool {
    env::var("CI").is_ok_and(|ci| !matches!(ci.as_str(), "" | "0" | "false"))
}

fn is_dumb() -> bool {
    env::var("TERM").is_ok_and(|terminal| terminal == "dumb")
}

/// Whether both streams end in the same terminal, file or pipe.
fn is_one_place() -> bool {
    let place = |stream: std::io::Result<OwnedFd>| {
        let metadata = File::from(stream?).metadata()?;
        std::io::Result::Ok((metadata.dev(), metadata.ino()))
    };
    let out = place(std::io::stdout().as_fd().try_clone_to_owned());
    let err = place(std::io::stderr().as_fd().try_clone_to_owned());
    matches!((out, err), (Ok(out), Ok(err)) if out == err)
}

impl TargetArgs {
    /// The target that is meant.
    pub fn options(&self) -> Result<TargetOptions, Fault> {
        let kind = if self.aws {
            TargetKind::Aws { profile: self.profile.clone() }
        } else if let Some(url) = self.endpoint() {
            TargetKind::Endpoint { url, profile: self.profile.clone() }
        } else if self.profile.is_some() {
            return Err(Fault::usage("--profile is for --aws and --endpoint-url").code("Usage").help("add --aws"));
        } else {
            TargetKind::Local(world(self.world.as_deref().unwrap_or(world::DEFAULT))?)
        };
        Ok(TargetOptions::new(kind, configured_region()))
    }

    /// The endpoint; one in the environment counts unless a world is named.
    fn endpoint(&self) -> Option<String> {
        let configured = || self.world.is_none().then(vpcrun_ec2::session::endpoint_from_environment).flatten();
        self.endpoint_url.clone().or_else(configured)
    }

    /// The options again, for a next command on the same target.
    pub fn again(&self) -> String {
        let mut text = String::new();
        let mut add = |name: &str, value: Option<&String>| {
            if let Some(value) = value {
                text.push_str(&format!(" --{name} {value}"));
            }
        };
        add("world", self.world.as_ref());
        add("endpoint-url", self.endpoint_url.as_ref());
        add("region", self.region.as_ref());
        add("profile", self.profile.as_ref());
        if self.aws { format!(" --aws{text}") } else { text }
    }
}

/// A world by name, path or `:memory:`.
pub fn world(text: &str) -> Result<WorldChoice, Fault> {
    WorldChoice::parse(text, world::folder(env::var_os("XDG_DATA_HOME"), env::var_os("HOME")).as_deref())
}

/// The region that the environment names.
pub fn configured_region() -> Option<String> {
    ["AWS_REGION", "AWS_DEFAULT_REGION"]
        .into_iter()
        .filter_map(|name| env::var(name).ok())
        .find(|region| !region.is_empty())
}
