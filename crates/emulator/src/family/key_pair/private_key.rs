//! Private keys: made by the operating system's randomness, written out once, and forgotten.
//!
//! Sources: "Fingerprints for your key pair" (EC2 User Guide); RFC 8017 (RSA in PEM); PROTOCOL.key of OpenSSH; "PPK file format",
//! appendix C of the PuTTY manual. EC2 writes version 2 of it, with the key pair's name as comment (radkawar/stackd,
//! testdata/aws/ec2/key_pairs.json).

use base64::prelude::{BASE64_STANDARD, Engine};
use hmac::{Hmac, KeyInit, Mac};
use rsa::pkcs1::{self, EncodeRsaPrivateKey};
use rsa::pkcs8::der::Decode;
use rsa::pkcs8::{EncodePrivateKey, LineEnding, SecretDocument};
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::public_key::{PublicKey, hexadecimal_pairs};
use super::ssh::Writer;
use super::{KeyFormat, KeyType};
use crate::error::Refusal;

const RSA_BITS: usize = 2048;

/// A private key with its public half. Its parts are erased when dropped; it has no `Debug` on purpose.
pub(super) struct PrivateKey {
    pub(super) public_key: PublicKey,
    secret: Secret,
}

enum Secret {
    /// The key in PKCS#1 and in PKCS#8, both DER.
    Rsa {
        pkcs1: SecretDocument,
        pkcs8: SecretDocument,
    },
    Ed25519 {
        seed: Zeroizing<[u8; 32]>,
        public: [u8; 32],
    },
}

fn failed(error: impl std::fmt::Display) -> Refusal {
    Refusal::internal(format!("the key pair cannot be made: {error}"))
}

impl PrivateKey {
    /// Makes a key: RSA of 2,048 bits, or ED25519.
    ///
    /// # Errors
    /// `InternalError` where the operating system has no randomness to give.
    pub(super) fn generate(key_type: KeyType) -> Result<Self, Refusal> {
        match key_type {
            KeyType::Rsa => Self::from_rsa(&rsa::PrivateKey::new(&mut getrandom::SysRng, RSA_BITS).map_err(failed)?),
            KeyType::Ed25519 => {
                let mut seed = Zeroizing::new([0; 32]);
                getrandom::fill(seed.as_mut()).map_err(failed)?;
                Ok(Self::from_seed(seed))
            }
        }
    }

    pub(super) fn from_rsa(key: &rsa::PrivateKey) -> Result<Self, Refusal> {
        let (pkcs1, pkcs8) = (key.to_pkcs1_der().map_err(failed)?, key.to_pkcs8_der().map_err(failed)?);
        let key = pkcs1::RsaPrivateKeyRef::from_der(pkcs1.as_bytes()).map_err(failed)?;
        let public_key = PublicKey::rsa(key.modulus.as_bytes(), key.public_exponent.as_bytes());
        Ok(Self { public_key, secret: Secret::Rsa { pkcs1, pkcs8 } })
    }

    pub(super) fn from_seed(seed: Zeroizing<[u8; 32]>) -> Self {
        let public = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes();
        Self { public_key: PublicKey::Ed25519(public), secret: Secret::Ed25519 { seed, public } }
    }

    /// The fingerprint of a key that EC2 made: for RSA the SHA-1 of the private key in PKCS#8, for ED25519 as when imported.
    pub(super) fn fingerprint(&self) -> Result<String, Refusal> {
        match &self.secret {
            Secret::Rsa { pkcs8, .. } => Ok(hexadecimal_pairs(&Sha1::digest(pkcs8.as_bytes()))),
            Secret::Ed25519 { .. } => self.public_key.fingerprint().map_err(failed),
        }
    }

    /// The text that EC2 hands out. `comment` goes into a PPK file.
    pub(super) fn to_text(&self, format: KeyFormat, comment: &str) -> Result<Zeroizing<String>, Refusal> {
        match (format, &self.secret) {
            (KeyFormat::Ppk, _) => self.to_ppk(comment),
            (KeyFormat::Pem, Secret::Rsa { pkcs1, .. }) => {
                let pem = pkcs1.to_pem("RSA PRIVATE KEY", LineEnding::LF).map_err(failed)?;
                // EC2 ends an RSA key without a newline. OpenSSH cannot read its own format so.
                Ok(Zeroizing::new(pem.trim_end().to_owned()))
            }
            (KeyFormat::Pem, Secret::Ed25519 { seed, public }) => Ok(self.to_openssh(seed, public)),
        }
    }

    fn to_openssh(&self, seed: &[u8; 32], public: &[u8; 32]) -> Zeroizing<String> {
        const BLOCK: usize = 8;
        let blob = self.public_key.blob();
        // Two equal numbers show a reader with a password that it was right; without one any will do.
        let private = Writer::default().uint32(0x7670_6372).uint32(0x7670_6372).raw(&blob);
        let both = Zeroizing::new([seed.as_slice(), public.as_slice()].concat());
        let private = private.string(&both).string(b"").finish();
        let padding: Vec<u8> = (1..).take(private.len().next_multiple_of(BLOCK) - private.len()).collect();
        let padded = Writer::default().raw(&private).raw(&padding).finish();
        let file = Writer::default().raw(b"openssh-key-v1\0").string(b"none").string(b"none").string(b"").uint32(1);
        let file = file.string(&blob).string(&padded).finish();
        let body = lines(&file, 70);
        let text =
            ["-----BEGIN OPENSSH PRIVATE KEY-----\n", body.as_str(), "-----END OPENSSH PRIVATE KEY-----\n"].concat();
        Zeroizing::new(text)
    }

    fn to_ppk(&self, comment: &str) -> Result<Zeroizing<String>, Refusal> {
        const ENCRYPTION: &str = "none";
        let algorithm = self.public_key.algorithm();
        let (public, private) = (self.public_key.blob(), self.ppk_private_blob()?);
        let authenticated = Writer::default()
            .string(algorithm.as_bytes())
            .string(ENCRYPTION.as_bytes())
            .string(comment.as_bytes())
            .string(&public)
            .string(&private)
            .finish();
        let mac_key = Sha1::digest(b"putty-private-key-file-mac-key");
        let mut mac = Hmac::<Sha1>::new_from_slice(&mac_key).map_err(failed)?;
        mac.update(&authenticated);
        let mac: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let (public, private) = (lines(&public, 64), lines(&private, 64));
        let (public_lines, private_lines) = (public.lines().count(), private.lines().count());
        Ok(Zeroizing::new(format!(
            "PuTTY-User-Key-File-2: {algorithm}\nEncryption: {ENCRYPTION}\nComment: {comment}\n\
             Public-Lines: {public_lines}\n{}Private-Lines: {private_lines}\n{}Private-MAC: {mac}\n",
            public.as_str(),
            private.as_str()
        )))
    }

    fn ppk_private_blob(&self) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        match &self.secret {
            Secret::Rsa { pkcs1, .. } => {
                let key = pkcs1::RsaPrivateKeyRef::from_der(pkcs1.as_bytes()).map_err(failed)?;
                let numbers = [&key.private_exponent, &key.prime1, &key.prime2, &key.coefficient];
                Ok(numbers.iter().fold(Writer::default(), |writer, number| writer.mpint(number.as_bytes())).finish())
            }
            Secret::Ed25519 { seed, .. } => Ok(Writer::default().string(seed.as_slice()).finish()),
        }
    }
}

/// Base64 in lines of a width, each with its newline.
fn lines(bytes: &[u8], width: usize) -> Zeroizing<String> {
    let text = Zeroizing::new(BASE64_STANDARD.encode(bytes));
    let mut wrapped = Zeroizing::new(String::with_capacity(text.len() + text.len() / width + 1));
    // Base64 is ASCII: any byte is a boundary.
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(width.min(rest.len()));
        wrapped.push_str(line);
        wrapped.push('\n');
        rest = after;
    }
    wrapped
}
