//! The command line: what can be typed, and what it means.

use std::path::PathBuf;

use clap::{
    Arg, ArgAction, Args, ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueHint,
};
use clap_complete::Shell;

pub mod confirm;
pub mod editors;
pub mod log;
pub mod man;
pub mod map;
pub mod repl;
pub mod serve;
pub mod settings;
pub mod worlds;

/// The exit codes, below the help.
const EXIT_CODES: &str = "Exit codes:
  0    everything is as the runbook says
  1    a call was refused or failed; a re-run goes on from there
  2    wrong command line or argument, or not confirmed; nothing was done
  3    the runbook is wrong: syntax, an unknown key, a Lua error
  4    all calls went well, but an expectation does not hold
  5    a teardown left something: what is not of the stack uses it
  130  stopped by Ctrl-C, after the calls in flight had ended";

/// Runs VPC runbooks: Lua scripts that build and tear down AWS VPC networks. Without --aws or --endpoint-url they run in
/// an embedded EC2, and no AWS account is touched.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, disable_help_flag = true, disable_help_subcommand = true, max_term_width = 80,
    after_help = EXIT_CODES, override_usage = "vpcrun RUNBOOK.lua [--set NAME=VALUE]… [OPTIONS]\n       vpcrun <COMMAND>")]
pub struct Cli {
    /// A command; without one, the runbook is applied, and without a runbook a session starts.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// The runbook to apply, the name of a bundled one (home-ssh), or - for standard input.
    #[arg(value_name = "RUNBOOK.lua", value_hint = ValueHint::FilePath)]
    pub runbook: Option<String>,

    /// What an apply takes.
    #[command(flatten)]
    pub apply: ApplyArgs,

    /// Other ways to run.
    #[command(flatten)]
    pub how: repl::HowArgs,

    /// When to colour what is printed.
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: ColorChoice,

    /// Print help; after a runbook, its arguments.
    #[arg(short, long)]
    pub help: bool,
}

/// The command line, with a `--help` for every command. The one of `vpcrun RUNBOOK.lua` is not clap's, and to turn that one
/// off turns it off everywhere.
pub fn command() -> clap::Command {
    with_help(Cli::command())
}

fn with_help(command: clap::Command) -> clap::Command {
    command.mut_subcommands(|command| {
        let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help("Print help");
        with_help(command.arg(help))
    })
}

/// What was typed.
pub fn parse() -> Result<Cli, clap::Error> {
    let matches = command().try_get_matches()?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command()))
}

/// The commands beside apply.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Delete what a runbook has built.
    Destroy(DestroyArgs),
    /// List what the target holds in a region.
    Ls(ListArgs),
    /// Draw what the target holds: a tree, or a picture for a document.
    Map(map::MapArgs),
    /// Serve the embedded EC2 to boto3, the aws CLI, Terraform, any SDK.
    Serve(serve::ServeArgs),
    /// List or reset local worlds.
    World {
        /// What to do.
        #[command(subcommand)]
        command: WorldCommand,
    },
    /// Talk to EC2: an interactive session.
    Repl(repl::ReplArgs),
    /// Write a small, commented runbook to start from.
    New(NewArgs),
    /// Print or write the Lua API as annotations for language servers.
    Types(TypesArgs),
    /// Print the script that completes vpcrun's commands in a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print a manual page (roff): vpcrun man | man -l -
    Man {
        /// A command, for its own page.
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
}

impl Command {
    /// What is told, and how.
    pub fn tell(&self) -> TellArgs {
        match self {
            Self::Destroy(args) => args.tell,
            Self::Ls(args) => args.tell,
            Self::Map(args) => args.tell,
            Self::Serve(args) => args.tell,
            Self::World { command: WorldCommand::List { tell } | WorldCommand::Reset { tell, .. } } => *tell,
            Self::New(args) => args.tell,
            Self::Types(args) => args.tell,
            Self::Repl(_) | Self::Completions { .. } | Self::Man { .. } => TellArgs::default(),
        }
    }
}

/// What an apply takes.
#[derive(Args, Debug)]
pub struct ApplyArgs {
    /// Set an argument of the runbook.
    #[arg(long, value_name = "NAME=VALUE", value_parser = settings::name_and_value)]
    pub set: Vec<(String, String)>,

    /// The stack's name [default: the runbook's name].
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,

    /// Where it runs.
    #[command(flatten)]
    pub target: TargetArgs,

    /// What is told.
    #[command(flatten)]
    pub tell: TellArgs,
}

/// What `destroy` takes.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub struct DestroyArgs {
    /// The runbook, or the name of a bundled one.
    #[arg(value_name = "RUNBOOK.lua", required_unless_present = "stack", value_hint = ValueHint::FilePath)]
    pub runbook: Option<String>,

    /// Set an argument of the runbook, where its region depends on it.
    #[arg(long, value_name = "NAME=VALUE", value_parser = settings::name_and_value)]
    pub set: Vec<(String, String)>,

    /// The stack's name [default: the runbook's name].
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,

    /// Do not ask before something is deleted on AWS.
    #[arg(long)]
    pub yes: bool,

    /// Where it runs.
    #[command(flatten)]
    pub target: TargetArgs,

    /// What is told.
    #[command(flatten)]
    pub tell: TellArgs,
}

/// What `ls` takes.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Where it looks.
    #[command(flatten)]
    pub target: TargetArgs,

    /// What is told.
    #[command(flatten)]
    pub tell: TellArgs,
}

/// What `new` takes.
#[derive(Args, Debug)]
pub struct NewArgs {
    /// The runbook's name; NAME.lua is written into this folder.
    #[arg(value_name = "NAME")]
    pub name: String,

    /// What is told.
    #[command(flatten)]
    pub tell: TellArgs,
}

/// What `types` takes.
#[derive(Args, Debug)]
pub struct TypesArgs {
    /// Write into this folder, or into one file if it ends in .lua; without it, print.
    #[arg(short, long, value_name = "FOLDER|FILE.lua", value_hint = ValueHint::AnyPath)]
    pub output: Option<PathBuf>,

    /// What is told.
    #[command(flatten)]
    pub tell: TellArgs,
}

/// The commands on worlds.
#[derive(Debug, Subcommand)]
pub enum WorldCommand {
    /// List the local worlds.
    List {
        /// What is told.
        #[command(flatten)]
        tell: TellArgs,
    },
    /// Make a local world as new: everything in it is gone.
    Reset {
        /// The world's name or path.
        #[arg(value_name = "NAME|PATH")]
        world: String,

        /// Do not ask.
        #[arg(long)]
        yes: bool,

        /// What is told.
        #[command(flatten)]
        tell: TellArgs,
    },
}

/// Which EC2.
#[derive(Args, Debug)]
pub struct TargetArgs {
    /// The local world: a name, a path with a /, or :memory: [default: default].
    #[arg(long, value_name = "NAME|PATH|:memory:", conflicts_with_all = ["aws", "endpoint_url"])]
    pub world: Option<String>,

    /// The region; wins over the runbook's.
    #[arg(long)]
    pub region: Option<String>,

    /// Run on AWS, with the ordinary chain of credentials.
    #[arg(long)]
    pub aws: bool,

    /// The AWS profile.
    #[arg(long)]
    pub profile: Option<String>,

    /// Run on another server of the EC2 API, such as moto's [env: AWS_ENDPOINT_URL_EC2, AWS_ENDPOINT_URL].
    #[arg(long, value_name = "URL", conflicts_with = "aws")]
    pub endpoint_url: Option<String>,
}

/// How much is told, and how.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct TellArgs {
    /// Print one JSON document on standard output.
    #[arg(long)]
    pub json: bool,

    /// Also show what is unchanged, and every call with its latency; twice: what the SDK does.
    #[arg(short, long, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,

    /// Show only results and errors.
    #[arg(short, long)]
    pub quiet: bool,
}

/// Where key files go and relative paths start.
pub fn working_dir() -> PathBuf {
    PathBuf::from(".")
}
