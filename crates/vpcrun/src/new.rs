//! `vpcrun new NAME`: a small, commented runbook to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::exit::Exit;
use crate::lua::Fault;

const TEMPLATE: &str = include_str!("new.lua");

/// The longest name: it becomes part of resources' names and of a file's.
const LONGEST: usize = 64;

/// Writes `NAME.lua` into a folder and returns its path. A file that is there is never overwritten.
///
/// # Errors
/// When the name is none for a runbook, the file is there, or it cannot be written.
pub fn create(folder: &Path, name: &str) -> Result<PathBuf, Fault> {
    let name = name.strip_suffix(".lua").unwrap_or(name);
    check(name)?;
    let path = folder.join(format!("{name}.lua"));
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => Fault::usage(format!("{name}.lua is there already"))
            .code("Exists")
            .help("give another name; vpcrun overwrites no runbook"),
        _ => Fault::new(Exit::Failed, format!("{name}.lua cannot be written: {error}")).code("File").placeless(),
    };
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed)?;
    file.write_all(TEMPLATE.replace("NAME", name).as_bytes()).map_err(failed)?;
    Ok(path)
}

fn check(name: &str) -> Result<(), Fault> {
    let wrong = |why: String| Err(Fault::usage(why).code("Name").help("give a name such as my-network"));
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match name.chars().find(|c| !allowed(*c)) {
        Some('/') => return wrong(format!("{name:?} is a path; the runbook is written into this folder")),
        Some(c) => return wrong(format!("the name of a runbook has letters, digits, - and _, and {name:?} has {c:?}")),
        None => {}
    }
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return wrong(format!("the name of a runbook starts with a letter or a digit, and {name:?} does not"));
    }
    if name.len() > LONGEST {
        return wrong(format!(
            "the name of a runbook has at most {LONGEST} characters, and this one has {}",
            name.len()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runbook_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = create(folder.path(), "lab").unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(path.ends_with("lab.lua") && text.starts_with("-- lab: ") && !text.contains("NAME"));
        let fault = create(folder.path(), "lab.lua").unwrap_err();
        assert_eq!((fault.exit, fault.diagnostic.code.as_deref()), (Exit::Usage, Some("Exists")));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn names_that_are_none_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["", ".lua", "-x", "../x", "a/b", "a b", "踏み台", "a\"b", "x\n", &"x".repeat(65)] {
            let fault = create(folder.path(), name).unwrap_err();
            assert_eq!(fault.diagnostic.code.as_deref(), Some("Name"), "{name:?}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
