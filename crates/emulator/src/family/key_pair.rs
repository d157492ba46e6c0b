//! Key pairs. EC2 hands out a private key once and keeps the public half; so does this.
//!
//! Sources: CreateKeyPair, ImportKeyPair, DescribeKeyPairs, DeleteKeyPair; answers recorded on AWS (radkawar/stackd,
//! testdata/aws/ec2/key_pairs*.json).

mod private_key;
mod public_key;
mod ssh;
#[cfg(test)]
mod tests;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::KeyPairId;
use zeroize::Zeroizing;

use crate::action::{Action, Context, actions};
use crate::clock::Timestamp;
use crate::describe::{Filter, FilterTable, Page, Query, select, text};
use crate::error::{IdWording, Refusal};
use crate::family::tag::{TagItem, TagSpecification, specified_tags, tag_set, tag_set_or_none};
use crate::quota;
use crate::state::{Tags, resource};
use crate::wire::Items;
use private_key::PrivateKey;
use public_key::PublicKey;

actions![CreateKeyPair, DeleteKeyPair, DescribeKeyPairs, ImportKeyPair];

const MAX_NAME_LENGTH: usize = 255;
/// Of the text before base64. So an RSA key may have 8,192 bits, but not 16,384.
const MAX_MATERIAL_LENGTH: usize = 2_048;

/// A key pair, as EC2 keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeyPair {
    pub(crate) id: KeyPairId,
    /// Unique in its region.
    pub(crate) name: String,
    key_type: KeyType,
    fingerprint: String,
    /// In OpenSSH's form, without a comment.
    public_key: String,
    create_time: Timestamp,
    tags: Tags,
}

resource!(
    KeyPair as KeyPair,
    KeyPairId,
    "key-pair",
    IdWording { noun: "keyPair", not_found: "InvalidKeyPair.NotFound", malformed: "InvalidParameterValue" },
    fn aliases(&self) -> Vec<String> {
        vec![alias(&self.name)]
    }
);

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeyType {
    #[default]
    Rsa,
    Ed25519,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum KeyFormat {
    #[default]
    Pem,
    Ppk,
}

impl KeyType {
    fn parse(text: Option<&str>) -> Result<Self, Refusal> {
        match text {
            None => Ok(Self::default()),
            Some("rsa") => Ok(Self::Rsa),
            Some("ed25519") => Ok(Self::Ed25519),
            Some(other) => Err(Refusal::invalid_enum_value(other, "keyType", &["rsa", "ed25519"])),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }
}

impl KeyFormat {
    fn parse(text: Option<&str>) -> Result<Self, Refusal> {
        match text {
            None => Ok(Self::default()),
            Some("pem") => Ok(Self::Pem),
            Some("ppk") => Ok(Self::Ppk),
            Some(other) => Err(Refusal::invalid_enum_value(other, "keyFormat", &["ppk", "pem"])),
        }
    }
}

impl KeyPair {
    const FILTERS: FilterTable<Self> = &[
        ("fingerprint", |pair, _| text(&pair.fingerprint)),
        ("key-name", |pair, _| text(&pair.name)),
        ("key-pair-id", |pair, _| text(pair.id)),
        ("tag-value", |pair, _| pair.tags.values().cloned().collect()),
    ];
}

/// Under which name the state finds a key pair.
fn alias(name: &str) -> String {
    format!("key-pair/{name}")
}

/// The key pair of this name.
///
/// # Errors
/// `InvalidKeyPair.NotFound`.
pub(crate) fn find<'c>(cx: &'c Context<'_>, name: &str) -> Result<&'c KeyPair, Refusal> {
    cx.region
        .by_alias::<KeyPair>(&alias(name))
        .ok_or_else(|| Refusal::new("InvalidKeyPair.NotFound", format!("The key pair '{name}' does not exist")))
}

/// Checks the name of a new key pair.
fn new_name(name: Option<String>) -> Result<String, Refusal> {
    let name = name.filter(|name| !name.is_empty()).ok_or_else(|| Refusal::missing_parameter("KeyName"))?;
    let invalid = |what: String| Err(Refusal::invalid_parameter_value(what));
    if !name.is_ascii() {
        return invalid(not_ascii("KeyName"));
    }
    if name.len() > MAX_NAME_LENGTH {
        return invalid(too_long("KeyName", MAX_NAME_LENGTH));
    }
    if name.chars().any(|c| c.is_ascii_control()) {
        // AWS swaps the name and the value here.
        return invalid(format!("Value for parameter {name} is invalid. KeyName"));
    }
    if name.trim() != name {
        return invalid(format!("Invalid value '{name}' for keyName. It should be trimmed"));
    }
    Ok(name)
}

fn not_ascii(parameter: &str) -> String {
    format!("Value for parameter {parameter} is invalid. Character sets beyond ASCII are not supported.")
}

fn too_long(parameter: &str, maximum: usize) -> String {
    format!("Value for parameter {parameter} is invalid. Length exceeds maximum of {maximum}.")
}

fn refuse_duplicate(cx: &Context<'_>, name: &str) -> Result<(), Refusal> {
    if cx.region.has_alias(&alias(name)) {
        return Err(Refusal::new("InvalidKeyPair.Duplicate", "The keypair already exists".to_owned()));
    }
    Ok(())
}

/// Keeps the public half of a new key pair.
fn keep(cx: &mut Context<'_>, name: String, key: &PublicKey, fingerprint: String, tags: Tags) -> KeyPair {
    let pair = KeyPair {
        id: cx.new_id(),
        name,
        key_type: key.key_type(),
        fingerprint,
        public_key: key.to_openssh(),
        create_time: cx.now,
        tags,
    };
    cx.region.put(pair.clone());
    pair
}

/// CreateKeyPair. What is wrong with a parameter is not told under DryRun, not even a missing name; so all are optional here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateKeyPair {
    key_name: Option<String>,
    key_type: Option<String>,
    key_format: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateKeyPairResponse {
    key_name: String,
    key_fingerprint: String,
    key_material: Zeroizing<String>,
    key_pair_id: KeyPairId,
    tag_set: Option<Items<TagItem>>,
}

impl Action for CreateKeyPair {
    type Response = CreateKeyPairResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let name = new_name(self.key_name)?;
        let key_type = KeyType::parse(self.key_type.as_deref())?;
        let key_format = KeyFormat::parse(self.key_format.as_deref())?;
        let tags = specified_tags(&self.tag_specifications, &["key-pair"], "key-pair")?;
        refuse_duplicate(cx, &name)?;
        cx.check_quota(&quota::KEY_PAIRS, |region| region.all::<KeyPair>().count() + 1)?;
        let key = PrivateKey::generate(key_type)?;
        let key_material = key.to_text(key_format, &name)?;
        let pair = keep(cx, name, &key.public_key, key.fingerprint()?, tags);
        Ok(CreateKeyPairResponse {
            key_material,
            tag_set: tag_set_or_none(&pair.tags),
            key_name: pair.name,
            key_fingerprint: pair.fingerprint,
            key_pair_id: pair.id,
        })
    }
}

/// ImportKeyPair.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ImportKeyPair {
    key_name: Option<String>,
    /// In base64, as the wire writes bytes.
    public_key_material: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportKeyPairResponse {
    key_name: String,
    key_pair_id: KeyPairId,
    key_fingerprint: String,
    tag_set: Option<Items<TagItem>>,
}

/// The text of a key to import; whether it is a key is not looked at.
fn material(encoded: Option<&str>) -> Result<String, Refusal> {
    let encoded = encoded.filter(|encoded| !encoded.is_empty());
    let encoded = encoded.ok_or_else(|| Refusal::missing_parameter("PublicKeyMaterial"))?;
    let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| not_a_key())?;
    if !bytes.is_ascii() {
        return Err(Refusal::invalid_parameter_value(not_ascii("PublicKeyMaterial")));
    }
    if bytes.len() > MAX_MATERIAL_LENGTH {
        return Err(Refusal::invalid_parameter_value(too_long("PublicKeyMaterial", MAX_MATERIAL_LENGTH)));
    }
    String::from_utf8(bytes).map_err(|_| not_a_key())
}

fn not_a_key() -> Refusal {
    Refusal::new("InvalidKey.Format", "Key is not in valid OpenSSH public key format".to_owned())
}

impl Action for ImportKeyPair {
    type Response = ImportKeyPairResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let name = new_name(self.key_name)?;
        let material = material(self.public_key_material.as_deref())?;
        let tags = specified_tags(&self.tag_specifications, &["key-pair"], "key-pair")?;
        refuse_duplicate(cx, &name)?;
        cx.check_quota(&quota::KEY_PAIRS, |region| region.all::<KeyPair>().count() + 1)?;
        let key = PublicKey::parse(&material).ok_or_else(not_a_key)?;
        let fingerprint = key.fingerprint().map_err(|_| not_a_key())?;
        let pair = keep(cx, name, &key, fingerprint, tags);
        Ok(ImportKeyPairResponse {
            tag_set: tag_set_or_none(&pair.tags),
            key_name: pair.name,
            key_pair_id: pair.id,
            key_fingerprint: pair.fingerprint,
        })
    }
}

/// DescribeKeyPairs. It has no pages.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeKeyPairs {
    #[serde(rename = "KeyName", default)]
    key_names: Vec<String>,
    #[serde(rename = "KeyPairId", default)]
    key_pair_ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    #[serde(default)]
    include_public_key: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeKeyPairsResponse {
    key_set: Items<KeyPairItem>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyPairItem {
    key_name: String,
    key_pair_id: KeyPairId,
    key_fingerprint: String,
    key_type: &'static str,
    public_key: Option<String>,
    create_time: String,
    tag_set: Items<TagItem>,
}

impl KeyPairItem {
    fn new(pair: &KeyPair, include_public_key: bool) -> Self {
        Self {
            key_name: pair.name.clone(),
            key_pair_id: pair.id,
            key_fingerprint: pair.fingerprint.clone(),
            key_type: pair.key_type.as_str(),
            // EC2 puts the name in place of any comment, and ends the line.
            public_key: include_public_key.then(|| format!("{} {}\n", pair.public_key, pair.name)),
            create_time: pair.create_time.to_string(),
            tag_set: tag_set(&pair.tags),
        }
    }
}

impl DescribeKeyPairs {
    /// The ids of the pairs that the request names; all of them have to exist.
    fn named_ids(&self, cx: &Context<'_>) -> Result<Vec<String>, Refusal> {
        if !self.key_names.is_empty() && !self.key_pair_ids.is_empty() {
            let message = "The parameter 'keyPairId' may not be used in combination with 'keyName'";
            return Err(Refusal::invalid_parameter_combination(message));
        }
        let by_name = |name: &String| {
            if name.trim().is_empty() {
                let message = format!("Invalid value '{name}' for keyPairNames. It should not be blank");
                return Err(Refusal::invalid_parameter_value(message));
            }
            find(cx, name).map(|pair| pair.id.to_string())
        };
        let by_id = |text: &String| {
            let found = text.parse().ok().and_then(|id| cx.region.get::<KeyPair>(id));
            found.map(|pair| pair.id.to_string()).ok_or_else(|| unknown_id(text))
        };
        (self.key_names.iter().map(by_name)).chain(self.key_pair_ids.iter().map(by_id)).collect()
    }
}

fn unknown_id(text: &str) -> Refusal {
    Refusal::invalid_parameter_value(format!("Invalid value '{text}' for keyPairId."))
}

impl Action for DescribeKeyPairs {
    type Response = DescribeKeyPairsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let ids = self.named_ids(cx)?;
        let query = Query { ids: &ids, filters: &self.filters, page: Page::default(), ids_name: "KeyPairIds" };
        let (found, _) = select(cx, &query, KeyPair::FILTERS)?;
        let items = found.into_iter().map(|pair| KeyPairItem::new(pair, self.include_public_key));
        Ok(DescribeKeyPairsResponse { key_set: items.collect() })
    }
}

/// DeleteKeyPair: by id or by name, the id first. Instances that were launched with it keep their key.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteKeyPair {
    key_name: Option<String>,
    key_pair_id: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteKeyPairResponse {
    r#return: bool,
    /// What was deleted, if there was something.
    key_pair_id: Option<KeyPairId>,
}

impl DeleteKeyPair {
    fn target(&self, cx: &Context<'_>) -> Result<Option<KeyPairId>, Refusal> {
        let given = |parameter: &Option<String>| parameter.clone().filter(|text| !text.is_empty());
        if let Some(text) = given(&self.key_pair_id) {
            let invalid = |_| Refusal::invalid_parameter_value("Value for parameter keyPairId is invalid.");
            let id: KeyPairId = text.parse().map_err(invalid)?;
            let found = cx.region.get::<KeyPair>(id).map(|pair| pair.id);
            // EC2 knows which ids it gave out, and deletes a deleted pair again.
            return if found.is_none() && !cx.state.account.has_issued(id) {
                Err(unknown_id(&text))
            } else {
                Ok(found)
            };
        }
        let missing = || Refusal::new("MissingParameter", "KeyName or KeyPairId must be provided".to_owned());
        let name = given(&self.key_name).ok_or_else(missing)?;
        Ok(find(cx, &name).ok().map(|pair| pair.id))
    }
}

impl Action for DeleteKeyPair {
    type Response = DeleteKeyPairResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let key_pair_id = self.target(cx)?;
        if let Some(id) = key_pair_id {
            cx.region.remove(id);
        }
        Ok(DeleteKeyPairResponse { r#return: true, key_pair_id })
    }
}
