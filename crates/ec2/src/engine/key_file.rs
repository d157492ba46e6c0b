//! The file of a private key: written once, never overwritten, and recognised by its public half.
//!
//! Files are a few hundred bytes and local, so the calls here block. No message, log or `Debug` text holds key material.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use aws_smithy_types::base64;

use crate::Error;

/// A place for a private key, taken before EC2 makes the pair: what can fail fails before there is a key to lose.
pub(super) struct Reserved {
    path: PathBuf,
    temporary: PathBuf,
    file: File,
}

/// What a file holds, compared with a public key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// There is no file.
    Missing,
    /// The private half of the key.
    PrivateHalf,
    /// Something else.
    Other,
}

/// Whether a path stays under the folder it is resolved in.
pub(super) fn is_inside(path: &Path) -> bool {
    let mut parts = path.components();
    path.file_name().is_some() && parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

impl Reserved {
    /// Takes the place: `path` must not exist, and its folder must be writable.
    pub(super) fn new(path: PathBuf) -> Result<Self, Error> {
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(trouble(&path, "cannot be examined", error)),
            Ok(_) => {
                return Err(Error::KeyFile {
                    path,
                    what: "exists, but its key pair does not".into(),
                    hint: Some("move the file away, or save to another one; vpcrun overwrites no key".into()),
                    source: None,
                });
            }
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{:08x}.new", fastrand::u32(..)));
        let temporary = path.with_file_name(name);
        let file = create_new(&temporary).map_err(|error| trouble(&path, "cannot be written", error))?;
        Ok(Self { path, temporary, file })
    }

    /// Writes the key, to the disk before it returns. A file that has appeared since is not overwritten.
    pub(super) fn keep(mut self, material: &str) -> Result<(), Error> {
        let write = |file: &mut File| {
            file.write_all(material.as_bytes())?;
            if !material.ends_with('\n') {
                file.write_all(b"\n")?;
            }
            file.sync_all()
        };
        let written = write(&mut self.file).and_then(|()| match fs::hard_link(&self.temporary, &self.path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                // A file system without hard links.
                write(&mut create_new(&self.path)?)
            }
            linked => linked,
        });
        written.map_err(|error| trouble(&self.path, "cannot be written", error))?;
        sync_folder(&self.path);
        Ok(())
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.temporary);
    }
}

/// A file that only its owner can read, and that nobody can write.
fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o400);
    options.open(path)
}

/// Makes the folder's entry last too. Some systems cannot; the file itself is on the disk.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

fn trouble(path: &Path, what: &str, source: io::Error) -> Error {
    Error::KeyFile { path: path.to_owned(), what: what.to_owned(), hint: None, source: Some(source) }
}

/// What the file holds, compared with a public key in OpenSSH's format.
pub(super) fn held(path: &Path, public_key: &str) -> Result<Held, Error> {
    let private = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Held::Missing),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(Held::Other),
        Err(error) => return Err(trouble(path, "cannot be read", error)),
    };
    let public = public_blob(public_key);
    let same = public.is_some() && public_half(&private) == public;
    Ok(if same { Held::PrivateHalf } else { Held::Other })
}

/// The key of a line of OpenSSH's format: `ssh-ed25519 BASE64 comment`.
pub(super) fn public_blob(line: &str) -> Option<Vec<u8>> {
    base64::decode(line.split_whitespace().nth(1)?).ok()
}

/// The public half of a private key in one of the two formats that EC2 hands out: OpenSSH's own (Ed25519; source: the
/// file PROTOCOL.key of OpenSSH) and PKCS#1 (RSA; source: RFC 8017, appendix A.1.2). Both hold it in the clear.
fn public_half(pem: &str) -> Option<Vec<u8>> {
    let mut lines = pem.lines().map(str::trim).skip_while(|line| !line.starts_with("-----BEGIN "));
    let begin = lines.next()?;
    let body: String = lines.take_while(|line| !line.starts_with("-----END ")).collect();
    let der = base64::decode(body).ok()?;
    match begin {
        "-----BEGIN OPENSSH PRIVATE KEY-----" => {
            let mut rest = der.strip_prefix(b"openssh-key-v1\0")?;
            for _cipher_kdf_options in 0..3 {
                ssh_string(&mut rest)?;
            }
            let count = rest.split_off(..4)?;
            (count == [0, 0, 0, 1]).then(|| ssh_string(&mut rest).map(<[u8]>::to_vec)).flatten()
        }
        "-----BEGIN RSA PRIVATE KEY-----" => {
            let mut outer = der.as_slice();
            let mut rest = der_value(&mut outer, 0x30)?;
            let _version = der_value(&mut rest, 0x02)?;
            let modulus = der_value(&mut rest, 0x02)?;
            let exponent = der_value(&mut rest, 0x02)?;
            // SSH writes whole numbers as DER does: big-endian, with a leading zero where the top bit is set.
            let mut blob = Vec::new();
            for part in [b"ssh-rsa", exponent, modulus] {
                blob.extend(u32::try_from(part.len()).ok()?.to_be_bytes());
                blob.extend(part);
            }
            Some(blob)
        }
        _ => None,
    }
}

/// Takes a string of the SSH protocol: four bytes of length, then the bytes.
fn ssh_string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_be_bytes(rest.split_off(..4)?.try_into().ok()?);
    rest.split_off(..usize::try_from(length).ok()?)
}

/// Takes a value of DER with this tag.
fn der_value<'a>(rest: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    if *rest.split_off_first()? != tag {
        return None;
    }
    let first = usize::from(*rest.split_off_first()?);
    let length = match first {
        0..=0x7f => first,
        0x81..=0x84 => rest.split_off(..first - 0x80)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)),
        _ => return None,
    };
    rest.split_off(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that is removed at the end of its test.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let folder = std::env::temp_dir().join(format!("vpcrun-key-{:016x}", fastrand::u64(..)));
            fs::create_dir(&folder).expect("a folder");
            Self(folder)
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(&self.0).expect("a folder");
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_key_is_written_once_for_its_owner_alone() {
        let folder = Folder::new();
        let path = folder.0.join("k.pem");
        let reserved = Reserved::new(path.clone()).expect("free");
        let late = Reserved::new(path.clone()).expect("still free");
        reserved.keep("secret").expect("written");
        assert_eq!(fs::read_to_string(&path).expect("there"), "secret\n");
        let error = late.keep("other").expect_err("appeared since");
        assert!(!error.to_string().contains("other"));
        assert!(Reserved::new(path.clone()).is_err());
        assert_eq!(
            (fs::read_to_string(&path).expect("there"), folder.names()),
            ("secret\n".into(), vec!["k.pem".into()])
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o400);
        }
    }

    #[test]
    fn a_place_given_up_leaves_nothing() {
        let folder = Folder::new();
        drop(Reserved::new(folder.0.join("k.pem")).expect("free"));
        assert!(folder.names().is_empty());
        let error = Reserved::new(folder.0.join("no/such/k.pem")).err().expect("no folder");
        assert!(error.to_string().ends_with("cannot be written"), "{error}");
    }

    #[test]
    fn paths_stay_under_their_folder() {
        for path in ["k.pem", "./keys/k.pem"] {
            assert!(is_inside(Path::new(path)), "{path}");
        }
        for path in ["", ".", "/k.pem", "../k.pem", "keys/../../k.pem"] {
            assert!(!is_inside(Path::new(path)), "{path}");
        }
    }

    /// Keys made with ssh-keygen for this test alone.
    #[test]
    fn a_private_key_is_recognised_by_its_public_half() {
        let folder = Folder::new();
        let pairs = [
            (include_str!("testdata/ed25519"), include_str!("testdata/ed25519.pub")),
            (include_str!("testdata/rsa"), include_str!("testdata/rsa.pub")),
        ];
        for (n, (private, public)) in pairs.iter().enumerate() {
            let path = folder.0.join(format!("{n}.pem"));
            fs::write(&path, private).expect("written");
            assert_eq!(held(&path, public).expect("readable"), Held::PrivateHalf, "{public}");
            assert_eq!(held(&path, pairs[1 - n].1).expect("readable"), Held::Other, "{public}");
            fs::write(&path, &private[..private.len() / 2]).expect("written");
            assert_eq!(held(&path, public).expect("readable"), Held::Other, "cut off");
        }
        assert_eq!(held(&folder.0.join("none"), pairs[0].1).expect("no file"), Held::Missing);
    }
}
