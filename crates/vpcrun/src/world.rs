//! Where worlds live: `$XDG_DATA_HOME/vpcrun/worlds`, one file for each name.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::lua::Fault;

const EXTENSION: &str = "world";

/// The world that is used when none is named.
pub const DEFAULT: &str = "default";

/// A world as the command line names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorldChoice {
    /// A name, and the file that holds it.
    Named(String, PathBuf),
    /// A file somewhere.
    File(PathBuf),
    /// Gone when the process ends.
    Memory,
}

impl WorldChoice {
    /// Reads `NAME`, `PATH` (anything with a `/`) or `:memory:`.
    ///
    /// # Errors
    /// When a name holds other characters than letters, digits, `_`, `-` and `.`, or there is no home for worlds.
    pub fn parse(text: &str, folder: Option<&Path>) -> Result<Self, Fault> {
        if text == ":memory:" {
            return Ok(Self::Memory);
        }
        if text.contains(std::path::MAIN_SEPARATOR) || text.contains('/') {
            return Ok(Self::File(PathBuf::from(text)));
        }
        let legal = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        if text.is_empty() || text.starts_with('.') || !text.chars().all(legal) {
            let fault = Fault::usage(format!("{text:?} is not the name of a world")).code("World");
            return Err(fault.help("a name is made of letters, digits, _, - and .; a path has a /, such as ./my.world"));
        }
        let folder = folder.ok_or_else(|| {
            let fault = Fault::usage("there is no home for worlds").code("World");
            fault.help("set HOME or XDG_DATA_HOME, or give --world PATH")
        })?;
        Ok(Self::Named(text.to_owned(), folder.join(format!("{text}.{EXTENSION}"))))
    }

    /// Its file.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Named(_, path) | Self::File(path) => Some(path),
            Self::Memory => None,
        }
    }

    /// Whether vpcrun chooses where it lives.
    #[must_use]
    pub fn is_named(&self) -> bool {
        matches!(self, Self::Named(..))
    }
}

impl fmt::Display for WorldChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name, _) => f.write_str(name),
            Self::File(path) => path.display().fmt(f),
            Self::Memory => f.write_str(":memory:"),
        }
    }
}

/// The folder of named worlds, from the values of `XDG_DATA_HOME` and `HOME`. A relative XDG_DATA_HOME does not count, as
/// the XDG Base Directory specification says.
#[must_use]
pub fn folder(xdg_data_home: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let data = xdg_data_home.map(PathBuf::from).filter(|path| path.is_absolute());
    let data =
        data.or_else(|| home.filter(|home| !home.is_empty()).map(|home| Path::new(&home).join(".local/share")))?;
    Some(data.join("vpcrun").join("worlds"))
}

/// A world on disk.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// The size of the file in bytes.
    pub bytes: u64,
    /// When it was last written.
    pub modified: Option<SystemTime>,
}

/// The named worlds, by name.
///
/// # Errors
/// When the folder is there and cannot be read.
pub fn list(folder: &Path) -> io::Result<Vec<Entry>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut worlds = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != EXTENSION) {
            continue;
        }
        let (Some(name), Ok(metadata)) =
            (path.file_stem().map(|name| name.to_string_lossy().into_owned()), path.metadata())
        else {
            continue;
        };
        worlds.push(Entry { name, bytes: metadata.len(), modified: metadata.modified().ok(), path });
    }
    worlds.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(worlds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_paths_and_memory() {
        let folder = Path::new("/data/worlds");
        let parse = |text| WorldChoice::parse(text, Some(folder));
        assert_eq!(parse("lab").unwrap(), WorldChoice::Named("lab".into(), "/data/worlds/lab.world".into()));
        assert_eq!(parse("./lab").unwrap(), WorldChoice::File("./lab".into()));
        assert_eq!(parse(":memory:").unwrap(), WorldChoice::Memory);
        assert_eq!(parse("..").unwrap_err().exit, crate::exit::Exit::Usage);
        assert!(parse("").is_err());
        assert!(WorldChoice::parse("lab", None).is_err());
    }

    #[test]
    fn the_folder_follows_xdg() {
        let folder = |xdg: Option<&str>, home: Option<&str>| super::folder(xdg.map(Into::into), home.map(Into::into));
        assert_eq!(folder(Some("/x"), Some("/h")).unwrap(), Path::new("/x/vpcrun/worlds"));
        assert_eq!(folder(Some("relative"), Some("/h")).unwrap(), Path::new("/h/.local/share/vpcrun/worlds"));
        assert_eq!(folder(None, None), None);
    }

    #[test]
    fn only_worlds_are_listed() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("b.world"), "x").unwrap();
        fs::write(dir.path().join("a.world"), "").unwrap();
        fs::write(dir.path().join("a.world-lock"), "").unwrap();
        let names: Vec<String> = list(dir.path()).unwrap().into_iter().map(|world| world.name).collect();
        assert_eq!(names, ["a", "b"]);
        assert!(list(&dir.path().join("missing")).unwrap().is_empty());
    }
}
