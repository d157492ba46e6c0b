//! Public keys: the forms that ImportKeyPair takes, and their fingerprints.
//!
//! Sources: RFC 4253 section 6.6 and RFC 8709 (blobs), RFC 4716 (SSH2 files), RFC 8017 (RSA in DER); which of them EC2 takes is
//! from answers recorded on AWS (radkawar/stackd, testdata/aws/ec2/key_pairs*.json): OpenSSH lines for both algorithms, SSH2 files
//! and base64 DER for RSA only; no options before the key, no second line, no PEM.

use base64::prelude::{BASE64_STANDARD, Engine};
use md5::Md5;
use rsa::pkcs1;
use rsa::pkcs8::der::asn1::{BitStringRef, UintRef};
use rsa::pkcs8::der::{self, Decode, Encode};
use rsa::pkcs8::spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use sha2::{Digest, Sha256};

use super::KeyType;
use super::ssh::{Reader, Writer, without_leading_zeros};

/// A public key. RSA numbers are in big-endian order, without leading zeros.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum PublicKey {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    Ed25519([u8; 32]),
}

const SSH2_BEGIN: &str = "---- BEGIN SSH2 PUBLIC KEY ----";
const SSH2_END: &str = "---- END SSH2 PUBLIC KEY ----";

impl PublicKey {
    /// Reads a key as ImportKeyPair takes it; `None` where EC2 would not.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.starts_with(SSH2_BEGIN) {
            return Self::from_ssh2_file(text).filter(|key| key.key_type() == KeyType::Rsa);
        }
        let mut words = text.split_ascii_whitespace();
        let (first, second) = (words.next()?, words.next());
        match second {
            // What follows the blob is a comment.
            Some(blob) if !text.contains(['\n', '\r']) => {
                let key = Self::from_blob(&BASE64_STANDARD.decode(blob).ok()?)?;
                (key.algorithm() == first).then_some(key)
            }
            Some(_) => None,
            None => Self::from_spki(&BASE64_STANDARD.decode(first).ok()?),
        }
    }

    fn from_ssh2_file(text: &str) -> Option<Self> {
        let body = text.strip_prefix(SSH2_BEGIN)?.trim_end().strip_suffix(SSH2_END)?;
        let mut blob = String::new();
        // A header is a line with a colon; a backslash at its end continues it on the next line.
        let mut in_header = false;
        for line in body.lines().map(str::trim) {
            if in_header || line.contains(':') {
                in_header = line.ends_with('\\');
            } else {
                blob.push_str(line);
            }
        }
        Self::from_blob(&BASE64_STANDARD.decode(blob).ok()?)
    }

    fn from_blob(blob: &[u8]) -> Option<Self> {
        let mut reader = Reader(blob);
        let key = match reader.string()? {
            b"ssh-rsa" => {
                let exponent = reader.positive_mpint()?.to_vec();
                Self::Rsa { modulus: reader.positive_mpint()?.to_vec(), exponent }
            }
            b"ssh-ed25519" => Self::Ed25519(reader.string()?.try_into().ok()?),
            _ => return None,
        };
        reader.is_at_end().then_some(key)
    }

    fn from_spki(der: &[u8]) -> Option<Self> {
        let info = SubjectPublicKeyInfoRef::from_der(der).ok()?;
        if info.algorithm.oid != pkcs1::ALGORITHM_OID {
            return None;
        }
        let key = pkcs1::RsaPublicKeyRef::from_der(info.subject_public_key.as_bytes()?).ok()?;
        Some(Self::rsa(key.modulus.as_bytes(), key.public_exponent.as_bytes()))
    }

    /// An RSA key of numbers in big-endian order.
    pub(super) fn rsa(modulus: &[u8], exponent: &[u8]) -> Self {
        Self::Rsa {
            modulus: without_leading_zeros(modulus).to_vec(),
            exponent: without_leading_zeros(exponent).to_vec(),
        }
    }

    pub(super) fn key_type(&self) -> KeyType {
        match self {
            Self::Rsa { .. } => KeyType::Rsa,
            Self::Ed25519(_) => KeyType::Ed25519,
        }
    }

    /// SSH's name of the algorithm.
    pub(super) fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa { .. } => "ssh-rsa",
            Self::Ed25519(_) => "ssh-ed25519",
        }
    }

    /// The key as SSH sends it.
    pub(super) fn blob(&self) -> Vec<u8> {
        let writer = Writer::default().string(self.algorithm().as_bytes());
        let writer = match self {
            Self::Rsa { modulus, exponent } => writer.mpint(exponent).mpint(modulus),
            Self::Ed25519(key) => writer.string(key),
        };
        writer.finish().to_vec()
    }

    /// The key as in `authorized_keys`, without a comment.
    pub(super) fn to_openssh(&self) -> String {
        format!("{} {}", self.algorithm(), BASE64_STANDARD.encode(self.blob()))
    }

    /// The fingerprint of an imported key: for RSA the MD5 of the public key in DER, for ED25519 the SHA-256 of the blob.
    /// Source: "Fingerprints for your key pair" (EC2 User Guide).
    pub(super) fn fingerprint(&self) -> Result<String, der::Error> {
        match self {
            Self::Rsa { modulus, exponent } => Ok(hexadecimal_pairs(&Md5::digest(spki(modulus, exponent)?))),
            Self::Ed25519(_) => Ok(BASE64_STANDARD.encode(Sha256::digest(self.blob()))),
        }
    }
}

fn spki(modulus: &[u8], exponent: &[u8]) -> Result<Vec<u8>, der::Error> {
    let key = pkcs1::RsaPublicKeyRef { modulus: UintRef::new(modulus)?, public_exponent: UintRef::new(exponent)? };
    let key = key.to_der()?;
    SubjectPublicKeyInfo { algorithm: pkcs1::ALGORITHM_ID, subject_public_key: BitStringRef::from_bytes(&key)? }
        .to_der()
}

/// `1f:51:ae`.
pub(super) fn hexadecimal_pairs(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}
