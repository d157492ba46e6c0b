//! `vpcrun map`: a picture of what the target holds.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};
use serde_json::json;
use vpcrun::exit::Exit;
use vpcrun::lua::Fault;
use vpcrun::map::{self, Scope, Selection, Theme, TreeOptions};
use vpcrun::report::Report;
use vpcrun::style::Paint;
use vpcrun_ec2::Session;

use super::{TargetArgs, TellArgs};

/// What `map` takes.
#[derive(Args, Debug)]
pub struct MapArgs {
    /// Only what a stack has made, with all that is inside it.
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,

    /// Only this VPC.
    #[arg(long, value_name = "NAME|ID")]
    pub vpc: Option<String>,

    /// Also the default VPC when nothing runs in it.
    #[arg(long)]
    pub default_vpc: bool,

    /// Write into this file; its ending chooses the format.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,

    /// The format [default: by the file's ending, else tree].
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,

    /// The colours of an SVG; auto follows the reader's system.
    #[arg(long, value_name = "THEME", default_value = "auto")]
    pub theme: SvgTheme,

    /// Where it looks.
    #[command(flatten)]
    pub target: TargetArgs,

    /// What is told.
    #[command(flatten)]
    pub tell: TellArgs,
}

/// How the picture is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A tree of text.
    Tree,
    /// A drawing for a document.
    Svg,
    /// A Mermaid flowchart.
    Mermaid,
    /// A Graphviz graph.
    Dot,
    /// The topology as JSON.
    Json,
}

/// The colours of an SVG.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SvgTheme {
    /// As the reader's system prefers.
    Auto,
    /// On white.
    Light,
    /// On a dark ground.
    Dark,
}

impl Format {
    /// The format that a file's ending names.
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "txt" => Some(Self::Tree),
            "svg" => Some(Self::Svg),
            "mmd" | "mermaid" => Some(Self::Mermaid),
            "dot" | "gv" => Some(Self::Dot),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

impl MapArgs {
    fn format(&self) -> Result<Format, Fault> {
        if let Some(format) = self.format {
            return Ok(format);
        }
        let Some(path) = &self.output else { return Ok(if self.tell.json { Format::Json } else { Format::Tree }) };
        Format::of(path).ok_or_else(|| {
            let fault = Fault::usage(format!("the ending of {} names no format", path.display()));
            fault.help("end it in .svg, .mmd, .dot, .json or .txt, or say which with --format")
        })
    }
}

/// Draws what the session's region holds.
pub async fn map(args: &MapArgs, session: &Session, report: &Report) -> Result<(), Fault> {
    let format = args.format()?;
    let network = vpcrun_ec2::capture(session).await.map_err(|error| Fault::ec2(None, &error))?;
    let scope = Scope { stack: args.stack.clone(), vpc: args.vpc.clone(), default_vpc: args.default_vpc };
    let selection = map::select(&network, &scope).map_err(|error| Fault::usage(error.to_string()))?;
    let paint = if args.output.is_some() { Paint::Plain } else { Paint::of_stdout() };
    let picture = draw(&selection, format, args.theme, TreeOptions { width: report.width(), paint });
    match &args.output {
        Some(path) => {
            write(path, &picture)?;
            match report.is_json() {
                true => report.document(&json!({ "file": path })),
                false => report.result(&path.display().to_string()),
            }
        }
        None if report.is_json() && format == Format::Json => report.document(&map::json(&selection.network)),
        None if report.is_json() => report.document(&json!({ "map": picture })),
        None => report.result(picture.trim_end()),
    }
    if let Some(vpc) = selection.hidden_default_vpc {
        report.gap();
        report.say(&format!("The default VPC {vpc} is left out: nothing runs in it. --default-vpc shows it."));
    }
    Ok(())
}

fn draw(selection: &Selection, format: Format, theme: SvgTheme, tree: TreeOptions) -> String {
    let theme = match theme {
        SvgTheme::Auto => Theme::Auto,
        SvgTheme::Light => Theme::Light,
        SvgTheme::Dark => Theme::Dark,
    };
    match format {
        Format::Tree => map::tree(&selection.network, tree),
        Format::Svg => map::svg(&selection.network, theme),
        Format::Mermaid => map::mermaid(&selection.network),
        Format::Dot => map::dot(&selection.network),
        Format::Json => format!("{:#}\n", map::json(&selection.network)),
    }
}

/// Writes a file whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), Fault> {
    let failed = |error| Fault::new(Exit::Failed, format!("cannot write {}: {error}", path.display())).code("Output");
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".vpcrun-map-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666))
        .tempfile_in(folder)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
