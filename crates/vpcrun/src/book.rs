//! Finding a runbook: a file, or one of those inside the binary.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::diagnostic::{Source, did_you_mean};
use crate::lua::Fault;

/// The runbooks inside the binary, so that an installed vpcrun finds them: name and text.
pub const BUNDLED: &[(&str, &str)] = &[("home-ssh", include_str!("../../../runbooks/home-ssh.lua"))];

/// A runbook to run.
#[derive(Clone, Debug)]
pub struct Runbook {
    /// Its name, which is the default name of its stack: the file's without `.lua`.
    pub name: String,
    /// What the user typed, for the next command.
    pub typed: String,
    /// Its text.
    pub source: Rc<Source>,
    /// The folder beside whose files `require` may look; none for a bundled one.
    pub folder: Option<PathBuf>,
}

impl Runbook {
    /// The runbook that `typed` names: a file, or, where there is none, `home-ssh`, `home-ssh.lua` or
    /// `runbooks/home-ssh.lua` from the binary.
    ///
    /// # Errors
    /// When there is neither, or the file cannot be read as text.
    pub fn find(typed: &str) -> Result<Self, Fault> {
        let path = Path::new(typed);
        match fs::read(path) {
            Ok(bytes) => Self::of_file(typed, path, bytes),
            Err(error) => Self::bundled(typed).ok_or_else(|| missing(typed, &error)),
        }
    }

    fn of_file(typed: &str, path: &Path, bytes: Vec<u8>) -> Result<Self, Fault> {
        let text = String::from_utf8(bytes)
            .map_err(|_| Fault::usage(format!("{typed} is not a runbook: it is not UTF-8 text")).code("Runbook"))?;
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        Ok(Self { name, typed: typed.to_owned(), source: Source::new(typed, text), folder: Some(folder) })
    }

    fn bundled(typed: &str) -> Option<Self> {
        let (name, text) = BUNDLED
            .iter()
            .find(|(name, _)| typed.strip_prefix("runbooks/").unwrap_or(typed).trim_end_matches(".lua") == *name)?;
        let source = Source::new(format!("runbooks/{name}.lua"), *text);
        Some(Self { name: (*name).to_owned(), typed: typed.to_owned(), source, folder: None })
    }
}

/// The commands, one of which may have been meant.
const COMMANDS: [&str; 9] = ["destroy", "ls", "map", "world", "repl", "new", "types", "completions", "man"];

fn missing(typed: &str, error: &std::io::Error) -> Fault {
    let names = || BUNDLED.iter().map(|(name, _)| *name);
    let fault = if error.kind() == std::io::ErrorKind::NotFound {
        Fault::usage(format!("there is no runbook {typed}"))
    } else {
        Fault::usage(format!("the runbook {typed} cannot be read: {error}"))
    };
    let stem = Path::new(typed).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let help = match did_you_mean(&stem, names().chain(COMMANDS)) {
        Some(guess) => format!("did you mean `{guess}`?"),
        None => {
            format!("give the path of a Lua file, or a bundled runbook: {}", names().collect::<Vec<_>>().join(", "))
        }
    };
    fault.code("Runbook").help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundled_runbook_is_found_by_name_and_path() {
        for typed in ["home-ssh", "home-ssh.lua", "runbooks/home-ssh.lua"] {
            let book = Runbook::find(typed).unwrap();
            assert_eq!((book.name.as_str(), book.folder), ("home-ssh", None), "{typed}");
        }
        let fault = Runbook::find("home-shs.lua").unwrap_err();
        assert_eq!(fault.diagnostic.help.unwrap(), "did you mean `home-ssh`?");
    }

    #[test]
    fn a_file_wins_over_a_bundled_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("home-ssh.lua");
        fs::write(&path, "return").unwrap();
        let book = Runbook::find(path.to_str().unwrap()).unwrap();
        assert_eq!(book.source.text(), "return");
        assert_eq!(book.folder.unwrap(), dir.path());
        fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(Runbook::find(path.to_str().unwrap()).is_err());
    }
}
