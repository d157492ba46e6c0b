//! Whose signatures a server accepts: the keys of a file in the format of `~/.aws/credentials`.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// Access keys. `Debug` shows how many, never which.
#[derive(Clone, Default)]
pub struct Credentials(HashMap<String, Key>);

/// What belongs to an access key id.
#[derive(Clone)]
pub(super) struct Key {
    /// The secret after `AWS4`, as signing begins.
    secret: Zeroizing<String>,
    token: Option<Zeroizing<String>>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({} keys)", self.0.len())
    }
}

/// What is wrong with a file of credentials. Secrets are never shown.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// It cannot be read.
    #[error("cannot read the credentials in {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others can read it.
    #[error("{path} can be read by others (mode {mode:o}): chmod 600 it")]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A line is neither a profile nor a setting.
    #[error("{path}:{line}: expected [profile] or name = value")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line's number.
        line: usize,
    },
    /// A profile has only half a key.
    #[error("{path}: the profile {profile} needs both aws_access_key_id and aws_secret_access_key")]
    Half {
        /// The file.
        path: PathBuf,
        /// The profile.
        profile: String,
    },
    /// Two profiles share an id, but not the secret.
    #[error("{path}: the profile {profile} has the access key id of another one, with another secret")]
    Twice {
        /// The file.
        path: PathBuf,
        /// The second profile.
        profile: String,
    },
    /// There is no key in it.
    #[error("{path} has no profile with an access key")]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl Credentials {
    /// One access key.
    #[must_use]
    pub fn key(access_key_id: impl Into<String>, secret_access_key: &str) -> Self {
        Self(HashMap::from([(access_key_id.into(), Key::new(secret_access_key, None))]))
    }

    /// Reads a file in the format of `~/.aws/credentials`. The keys of all profiles count.
    ///
    /// # Errors
    /// The file cannot be read, others may read it too, or it is not in that format.
    pub fn read(path: &Path) -> Result<Self, CredentialsError> {
        let error = |source| CredentialsError::Read { path: path.to_owned(), source };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(path).map_err(error)?.permissions().mode() & 0o7777;
            if mode & 0o077 != 0 {
                return Err(CredentialsError::Mode { path: path.to_owned(), mode });
            }
        }
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(error)?);
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, CredentialsError> {
        let mut keys = Self::default();
        let mut profile = Profile::default();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            let error = || CredentialsError::Line { path: path.to_owned(), line: number + 1 };
            if let Some(name) = line.strip_prefix('[') {
                let (name, _) = name.split_once(']').ok_or_else(error)?;
                let done = std::mem::replace(&mut profile, Profile { name: name.trim(), ..Profile::default() });
                keys.add(path, done)?;
                continue;
            }
            let (name, value) = line.split_once('=').ok_or_else(error)?;
            let value = Some(value.trim()).filter(|value| !value.is_empty());
            match name.trim() {
                "aws_access_key_id" => profile.id = value,
                "aws_secret_access_key" => profile.secret = value,
                "aws_session_token" => profile.token = value,
                // A region, an output format: not about keys.
                _ => {}
            }
        }
        keys.add(path, profile)?;
        if keys.0.is_empty() { Err(CredentialsError::Empty { path: path.to_owned() }) } else { Ok(keys) }
    }

    fn add(&mut self, path: &Path, profile: Profile<'_>) -> Result<(), CredentialsError> {
        let name = || profile.name.to_owned();
        match (profile.id, profile.secret) {
            (None, None) => Ok(()),
            (Some(id), Some(secret)) => {
                let key = Key::new(secret, profile.token);
                match self.0.insert(id.to_owned(), key.clone()) {
                    Some(other) if other.secret != key.secret || other.token != key.token => {
                        Err(CredentialsError::Twice { path: path.to_owned(), profile: name() })
                    }
                    _ => Ok(()),
                }
            }
            _ => Err(CredentialsError::Half { path: path.to_owned(), profile: name() }),
        }
    }

    pub(super) fn get(&self, access_key_id: &str) -> Option<&Key> {
        self.0.get(access_key_id)
    }
}

/// A section of the file.
#[derive(Default)]
struct Profile<'t> {
    name: &'t str,
    id: Option<&'t str>,
    secret: Option<&'t str>,
    token: Option<&'t str>,
}

impl Key {
    fn new(secret: &str, token: Option<&str>) -> Self {
        Self {
            secret: Zeroizing::new(format!("AWS4{secret}")),
            token: token.map(|token| Zeroizing::new(token.to_owned())),
        }
    }

    pub(super) fn signing_secret(&self) -> &str {
        &self.secret
    }

    /// Whether this is the session token that belongs to the key. The signature covers it, so there is nothing to learn from
    /// the time that a comparison takes.
    pub(super) fn is_token(&self, token: Option<&str>) -> bool {
        self.token.as_ref().map(|token| token.as_str()) == token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Credentials, CredentialsError> {
        Credentials::parse(Path::new("file"), text)
    }

    #[test]
    fn every_profile_with_a_key_counts() {
        let text = "# mine\n[default]\naws_access_key_id = A\naws_secret_access_key=s=1/+\nregion = x\n\n; more\n\
                    [profile two]\naws_access_key_id=B\naws_secret_access_key=t\naws_session_token=u\n[empty]\n";
        let credentials = parse(text).expect("reads");
        assert_eq!(credentials.get("A").expect("a key").signing_secret(), "AWS4s=1/+");
        assert!(credentials.get("B").expect("a key").is_token(Some("u")));
        assert!(!credentials.get("B").expect("a key").is_token(None));
        assert_eq!(format!("{credentials:?}"), "Credentials(2 keys)");
    }

    #[test]
    fn a_bad_file_is_refused_without_its_secrets() {
        let cases = [
            ("aws_access_key_id\n", "file:1: expected [profile] or name = value"),
            ("[default\n", "file:1: expected [profile] or name = value"),
            (
                "[a]\naws_secret_access_key = hush\n",
                "file: the profile a needs both aws_access_key_id and aws_secret_access_key",
            ),
            (
                "[a]\naws_access_key_id=A\naws_secret_access_key=hush\n[b]\naws_access_key_id=A\naws_secret_access_key=hush2\n",
                "file: the profile b has the access key id of another one, with another secret",
            ),
            ("[a]\nregion=x\n", "file has no profile with an access key"),
        ];
        for (text, message) in cases {
            assert_eq!(parse(text).expect_err(text).to_string(), message);
        }
    }
}
