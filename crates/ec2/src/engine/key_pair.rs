//! Key pairs.
//!
//! EC2 hands out a private key once. So a pair whose file is gone is useless: it is made anew when nothing uses it, which
//! also mends a run that was stopped between EC2's reply and the file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sdk_ec2::primitives::Blob;
use aws_sdk_ec2::types as sdk;
use vpcrun_model::{KeyPairInfo, Resource};

use super::call::once;
use super::key_file::{self, Held, Reserved};
use super::kind::{KEY_FILE_TAG, WantedTags};
use super::look::LIVE;
use super::spec::{KeyPairSpec, KeyType};
use super::work::{Made, Work};
use crate::describe::{self, filter};
use crate::{Error, convert};

pub(super) async fn ensure(work: Arc<Work<KeyPairInfo>>, spec: KeyPairSpec) -> Result<Made<KeyPairInfo>, Arc<Error>> {
    let tags = work.tags(&spec.tags)?;
    match (&spec.save_to, &spec.public_key) {
        (Some(file), None) => ensure_made(&work, &spec, file, tags).await,
        (None, Some(public_key)) => ensure_imported(&work, public_key, tags).await,
        _ => {
            let what = "needs either a file to save its private half to or a public key to import".into();
            Err(Arc::new(Error::Declaration { kind: work.kind.noun(), name: work.name.clone(), what }))
        }
    }
}

async fn ensure_made(
    work: &Work<KeyPairInfo>,
    spec: &KeyPairSpec,
    file: &Path,
    tags: WantedTags,
) -> Result<Made<KeyPairInfo>, Arc<Error>> {
    if !key_file::is_inside(file) {
        let what = format!("saves to {}, which is not under the working directory", file.display());
        return Err(Arc::new(Error::Declaration { kind: work.kind.noun(), name: work.name.clone(), what }));
    }
    let path = work.stack.base_dir.join(file);
    let tags = tags.with(KEY_FILE_TAG, file.display().to_string());
    let detail = format!("{}  {}", spec.key_type, file.display());
    let mut changes = Vec::new();
    let Some(mut pair) = work.find(&work.look.key_pairs)? else {
        let pair = make(work, spec.key_type, path, &tags).await?;
        work.created(pair.key_pair_id);
        return Ok(Made { resource: pair, changes, detail });
    };
    compare_type(work, spec.key_type, &pair)?;
    if is_there(work, &pair, &path)? {
        work.retag(pair.key_pair_id, &tags, &mut pair.tags, &mut changes).await?;
    } else {
        refuse_if_used(work, &pair, &path).await?;
        let reserved = Reserved::new(path)?;
        delete(work, &pair).await?;
        pair = make_into(work, spec.key_type, reserved, &tags).await?;
        changes.push(format!("made anew: no instance used it and {} was missing", file.display()));
    }
    Ok(Made { resource: pair, changes, detail })
}

fn compare_type(work: &Work<KeyPairInfo>, wanted: KeyType, pair: &KeyPairInfo) -> Result<(), Arc<Error>> {
    let there = pair.key_type.as_ref().map(vpcrun_model::KeyType::as_str);
    match there {
        Some(there) if there != wanted.to_string() => Err(work.conflict("the type", there, wanted)),
        _ => Ok(()),
    }
}

/// Whether the pair's private half is in its file. Another file in its place is an error.
fn is_there(work: &Work<KeyPairInfo>, pair: &KeyPairInfo, path: &Path) -> Result<bool, Error> {
    // Without the public key, which some servers leave out, being there must do.
    let Some(public_key) = &pair.public_key else { return Ok(path.exists()) };
    match key_file::held(path, public_key)? {
        Held::PrivateHalf => Ok(true),
        Held::Missing => Ok(false),
        Held::Other => Err(Error::KeyFile {
            path: path.to_owned(),
            what: format!("is not the private half of the key pair {:?} ({})", work.name, pair.key_pair_id),
            hint: Some("put the right file back, or move this one away and run again".into()),
            source: None,
        }),
    }
}

async fn refuse_if_used(work: &Work<KeyPairInfo>, pair: &KeyPairInfo, path: &Path) -> Result<(), Error> {
    let filters = vec![filter("key-name", [&pair.key_name]), filter("instance-state-name", LIVE)];
    let users = describe::instances(&work.stack.session, filters).await?;
    let Some(user) = users.first() else { return Ok(()) };
    let id = user.instance_id;
    let name = user.name().map_or_else(|| id.to_string(), |name| format!("{name} ({id})"));
    let hint = format!(
        "put the file back; or, when the key is lost for good, terminate what uses it, delete the key pair {} and run again",
        pair.key_name
    );
    Err(Error::KeyFile {
        path: path.to_owned(),
        what: format!("is missing, but the key pair {:?} exists and {name} uses it", work.name),
        hint: Some(hint),
        source: None,
    })
}

/// Makes a pair and keeps its private half.
async fn make(
    work: &Work<KeyPairInfo>,
    key_type: KeyType,
    path: PathBuf,
    tags: &WantedTags,
) -> Result<KeyPairInfo, Arc<Error>> {
    make_into(work, key_type, Reserved::new(path)?, tags).await
}

async fn make_into(
    work: &Work<KeyPairInfo>,
    key_type: KeyType,
    reserved: Reserved,
    tags: &WantedTags,
) -> Result<KeyPairInfo, Arc<Error>> {
    let sdk_type = match key_type {
        KeyType::Ed25519 => sdk::KeyType::Ed25519,
        KeyType::Rsa => sdk::KeyType::Rsa,
    };
    let call = work.stack.session.client().create_key_pair().key_name(&work.name).key_type(sdk_type);
    let call = call.tag_specifications(tags.specification());
    let send = || call.clone().customize().config_override(once()).send();
    // The private key went with the lost reply: the pair is of no use.
    let discard = || async {
        for pair in describe::key_pairs(&work.stack.session, work.mine()).await? {
            delete(work, &pair).await?;
        }
        Ok(None)
    };
    let answer = match work.create(send, discard).await {
        Err(Error::Refused(refusal)) if refusal.code == "InvalidKeyPair.Duplicate" => {
            return Err(work.taken("another key pair of the region"));
        }
        other => other?,
    };
    let pair = KeyPairInfo {
        key_pair_id: convert::id("CreateKeyPair", "KeyPairId", answer.key_pair_id)?,
        key_name: answer.key_name.unwrap_or_else(|| work.name.clone()),
        key_type: Some(key_type.to_string().as_str().into()),
        key_fingerprint: answer.key_fingerprint,
        public_key: None,
        create_time: None,
        tags: tags.all(),
    };
    work.stack.shared.patience.add(&pair.key_name);
    match reserved.keep(&answer.key_material.unwrap_or_default()) {
        Ok(()) => Ok(pair),
        Err(error) => Err(Arc::new(give_up(work, &pair, error).await)),
    }
}

/// The private half could not be kept: the pair is of no use and goes again.
async fn give_up(work: &Work<KeyPairInfo>, pair: &KeyPairInfo, error: Error) -> Error {
    let deleted = delete(work, pair).await;
    let Error::KeyFile { path, what, hint, source } = error else { return error };
    let (what, hint) = match deleted {
        Ok(()) => (format!("{what}; the key pair was deleted again"), hint),
        Err(_) => (
            format!("{what}, and the key pair {:?} could not be deleted again", pair.key_name),
            Some("run again when the folder can be written: it is made anew".to_owned()),
        ),
    };
    Error::KeyFile { path, what, hint, source }
}

/// By name, which is unique in the region: not every server knows the id here, and EC2 answers a wrong name with success.
async fn delete(work: &Work<KeyPairInfo>, pair: &KeyPairInfo) -> Result<(), Error> {
    let call = work.stack.session.client().delete_key_pair().key_name(&pair.key_name);
    match call.send().await.map_err(Error::from) {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}

async fn ensure_imported(
    work: &Work<KeyPairInfo>,
    public_key: &str,
    tags: WantedTags,
) -> Result<Made<KeyPairInfo>, Arc<Error>> {
    let mut changes = Vec::new();
    let detail = "imported".to_owned();
    if let Some(mut pair) = work.find(&work.look.key_pairs)? {
        let there = pair.public_key.as_deref().and_then(key_file::public_blob);
        if there.is_some() && there != key_file::public_blob(public_key) {
            return Err(work.conflict("the public key", "another one", "the declared one"));
        }
        work.retag(pair.key_pair_id, &tags, &mut pair.tags, &mut changes).await?;
        return Ok(Made { resource: pair, changes, detail });
    }
    let call = work.stack.session.client().import_key_pair().key_name(&work.name);
    let call = call.public_key_material(Blob::new(public_key)).tag_specifications(tags.specification());
    let send = || async {
        let answer = call.clone().customize().config_override(once()).send().await?;
        Ok::<_, Error>(KeyPairInfo {
            key_pair_id: convert::id("ImportKeyPair", "KeyPairId", answer.key_pair_id)?,
            key_name: answer.key_name.unwrap_or_else(|| work.name.clone()),
            key_type: None,
            key_fingerprint: answer.key_fingerprint,
            public_key: Some(public_key.to_owned()),
            create_time: None,
            tags: tags.all(),
        })
    };
    let again = || async { work.find(&describe::key_pairs(&work.stack.session, work.mine()).await?) };
    let pair = match work.create(send, again).await {
        Err(Error::Refused(refusal)) if refusal.code == "InvalidKeyPair.Duplicate" => {
            return Err(work.taken("another key pair of the region"));
        }
        other => other?,
    };
    work.stack.shared.patience.add(&pair.key_name);
    work.created(pair.key_pair_id);
    Ok(Made { resource: pair, changes, detail })
}
