//! Key pairs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::Tag;
use super::tag::resource;
use crate::id::KeyPairId;
use crate::text::open_enum;

/// A key pair, of which EC2 keeps the public half.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyPairInfo {
    /// The key pair's id.
    pub key_pair_id: KeyPairId,
    /// Its name, unique in the region. Not the `Name` tag.
    pub key_name: String,
    /// RSA or ED25519.
    pub key_type: Option<KeyType>,
    /// How to recognise the key: for ED25519 the SHA-256 of the public key in base64; for RSA, hexadecimal pairs of the
    /// SHA-1 of the private key (made by EC2) or the MD5 of the public key (imported).
    pub key_fingerprint: Option<String>,
    /// The public key in OpenSSH's form, when asked for.
    pub public_key: Option<String>,
    /// When it was made or imported.
    pub create_time: Option<Timestamp>,
    /// The key pair's tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

resource!(KeyPairInfo, key_pair_id);

open_enum! {
    /// The algorithm of a key pair.
    KeyType {
        /// RSA, 2048 bits when EC2 makes it.
        Rsa => "rsa",
        /// ED25519.
        Ed25519 => "ed25519",
    }
}
