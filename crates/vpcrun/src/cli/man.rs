//! `vpcrun man`: a manual page for the command and for each of its subcommands.

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use vpcrun::exit::Exit;
use vpcrun::lua::Fault;
use vpcrun::report::Report;

/// What the environment and the disk have to do with it.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("AWS_REGION, AWS_DEFAULT_REGION", "The region, where neither --region nor the runbook names one."),
    ("AWS_PROFILE, AWS_ACCESS_KEY_ID, …", "The credentials of --aws: the ordinary chain."),
    ("AWS_ENDPOINT_URL_EC2, AWS_ENDPOINT_URL", "As --endpoint-url, unless --world names a local world."),
    ("NO_COLOR, CLICOLOR_FORCE", "No colour, or colour without a terminal. --color wins."),
    ("COLUMNS", "The width of tables and messages, instead of the terminal's."),
    ("CI", "Progress is written in plain lines, even on a terminal."),
];
const FILES: &[(&str, &str)] =
    &[("$XDG_DATA_HOME/vpcrun/worlds", "The local worlds; ~/.local/share/vpcrun/worlds where it is not set.")];

/// Prints a page.
pub fn page(report: &Report, name: Option<&str>) -> Result<(), Fault> {
    let roff = render(name).ok_or_else(|| {
        let unknown = format!("there is no command `{}`", name.unwrap_or_default());
        Fault::usage(unknown).code("Usage").help("`vpcrun --help` lists them")
    })?;
    report.result(roff.trim_end());
    Ok(())
}

fn render(name: Option<&str>) -> Option<String> {
    let mut root = super::command().disable_help_subcommand(true);
    root.build();
    // Built, it knows that its subcommands are called `vpcrun-destroy` and so on.
    let command = match name {
        None => root,
        Some(name) => root.find_subcommand(name)?.clone(),
    };
    let is_root = name.is_none();
    // The exit codes become a section of their own.
    let command = command.after_help("");
    let mut page = Vec::new();
    write(&command, is_root, &mut page).ok()?;
    String::from_utf8(page).ok()
}

fn write(command: &Command, is_root: bool, page: &mut Vec<u8>) -> std::io::Result<()> {
    let man = Man::new(command.clone());
    man.render_title(page)?;
    // A name section holds one sentence: `whatis` and `apropos` show it.
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let first = about.split(". ").next().unwrap_or_default().to_owned();
    Man::new(command.clone().about(first)).render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    let codes: Vec<(String, &str)> =
        Exit::ALL.into_iter().map(|exit| (exit.code().to_string(), exit.meaning())).collect();
    section(page, "EXIT STATUS", codes.iter().map(|(code, meaning)| (code.as_str(), *meaning)))?;
    if is_root {
        section(page, "ENVIRONMENT", ENVIRONMENT.iter().copied())?;
        section(page, "FILES", FILES.iter().copied())?;
        man.render_version_section(page)?;
    }
    Ok(())
}

fn section<'a>(
    page: &mut Vec<u8>,
    title: &str,
    entries: impl Iterator<Item = (&'a str, &'a str)>,
) -> std::io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    for (name, text) in entries {
        roff.control("TP", []);
        roff.text([bold(name)]);
        roff.text([roman(text)]);
    }
    roff.to_writer(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_exit_codes() {
        let commands: Vec<String> =
            crate::cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
        for name in std::iter::once(None).chain(commands.iter().map(|name| Some(name.as_str()))) {
            let page = render(name).unwrap();
            for part in [".TH", ".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", "EXIT STATUS", "130"] {
                assert!(page.contains(part), "{name:?}: {part}\n{page}");
            }
        }
        assert!(render(None).unwrap().contains("ENVIRONMENT"));
        assert!(render(Some("nothing")).is_none());
    }
}
