//! What makes an editor and a shell know vpcrun: `vpcrun new`, `types`, `completions`.

use std::path::Path;

use clap_complete::Shell;
use serde_json::json;
use vpcrun::lua::Fault;
use vpcrun::report::{Report, counted};
use vpcrun::{new, types};

/// Writes a runbook to start from.
pub fn new(report: &Report, name: &str) -> Result<(), Fault> {
    let path = new::create(&super::working_dir(), name)?;
    let path = path.strip_prefix(".").unwrap_or(&path).display().to_string();
    if report.is_json() {
        report.document(&json!({ "runbook": path }));
        return Ok(());
    }
    report.result(&path);
    report.gap();
    report.say(&format!("Run it: vpcrun {path}"));
    Ok(())
}

/// Prints the annotations, or writes them.
pub fn types(report: &Report, output: Option<&Path>) -> Result<(), Fault> {
    let Some(output) = output else {
        if report.is_json() {
            report.document(&json!({ "annotations": types::single() }));
        } else {
            report.result(types::single().trim_end());
        }
        return Ok(());
    };
    let written: Vec<String> = types::write(output)?.iter().map(|path| path.display().to_string()).collect();
    if report.is_json() {
        report.document(&json!({ "files": written }));
        return Ok(());
    }
    for path in &written {
        report.result(path);
    }
    report.gap();
    let library = json!([output]);
    report.say(&format!(
        "{} written. In .luarc.json: {{ \"runtime.version\": \"Lua 5.4\", \"workspace.library\": {library} }}",
        counted(written.len(), "file")
    ));
    Ok(())
}

/// Prints a shell's completion script.
pub fn completions(report: &Report, shell: Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::command(), "vpcrun", &mut script);
    report.result(String::from_utf8_lossy(&script).trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_has_a_script_that_knows_the_commands() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut crate::cli::command(), "vpcrun", &mut script);
            let script = String::from_utf8(script).unwrap();
            for command in crate::cli::command().get_subcommands() {
                assert!(script.contains(command.get_name()), "{shell}: {}", command.get_name());
            }
        }
    }
}
