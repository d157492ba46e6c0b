//! The account's state: regions, and in each the resources by id with what follows from them.
//!
//! All maps are persistent (they share structure when cloned), so that a request works on a clone that is dropped when the
//! request is refused, a change is the difference of two states, and a fork costs nothing.

mod record;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use imbl::ordmap::DiffItem;
use imbl::{OrdMap, OrdSet};
use serde::{Deserialize, Serialize};
use vpcrun_model::{Id, ResourceId};

pub(crate) use record::{Record, Resource, Tags, advance, resource, wording};

use crate::clock::Timestamp;
use crate::family::account::Settings;
use crate::family::flow_log::FlowLog;

/// One emulated account.
#[derive(Clone, Default)]
pub(crate) struct State {
    pub(crate) account: Account,
    pub(crate) regions: OrdMap<String, Region>,
}

/// What belongs to the account rather than to a region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Account {
    /// Where ids come from: the same seed and the same calls give the same ids.
    pub(crate) seed: u64,
    /// How many ids were given out.
    pub(crate) issued: u64,
    /// What was chosen for each region, where it is not as in a fresh account.
    #[serde(default)]
    pub(crate) settings: BTreeMap<String, Settings>,
    /// How many IPv6 blocks were given to VPCs.
    #[serde(default)]
    pub(crate) ipv6_blocks: u64,
}

impl Account {
    /// The next id of a kind. SplitMix64 over a counter is a bijection, so no two are equal; EC2's own ids of 17 digits start
    /// with a 0 too.
    pub(crate) fn new_id<I: Id>(&mut self) -> I {
        I::from_bits(u128::from(self.next_random()))
    }

    /// Whether this account gave out the id, be it for something that is gone.
    pub(crate) fn has_issued<I: Id>(&self, id: I) -> bool {
        (0..self.issued).any(|issued| Self { seed: self.seed, issued, ..Self::default() }.new_id::<I>() == id)
    }

    pub(crate) fn next_random(&mut self) -> u64 {
        self.issued += 1;
        let mut z = self.seed.wrapping_add(self.issued.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// A ClientToken that was used, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct UsedToken {
    /// The request's other parameters.
    pub(crate) fingerprint: String,
    /// What the request created.
    pub(crate) created: Vec<ResourceId>,
}

/// The resources of one region.
#[derive(Clone, Default)]
pub(crate) struct Region {
    records: OrdMap<ResourceId, Arc<Record>>,
    tokens: OrdMap<String, Arc<UsedToken>>,
    /// (target, source): source refers to target. Kept by `put` and `remove`.
    references: OrdSet<(ResourceId, ResourceId)>,
    /// Other names of a resource: an association's id, a key pair's name, a public address.
    aliases: OrdMap<String, ResourceId>,
    /// When a resource changes by itself.
    due: OrdSet<(Timestamp, ResourceId)>,
}

impl Region {
    pub(crate) fn get<R: Resource>(&self, id: R::Id) -> Option<&R> {
        self.records.get(&id.into()).and_then(|record| R::from_record(record))
    }

    pub(crate) fn record(&self, id: ResourceId) -> Option<&Record> {
        self.records.get(&id).map(Arc::as_ref)
    }

    /// All resources of a kind, by id.
    pub(crate) fn all<R: Resource>(&self) -> impl Iterator<Item = &R> {
        self.all_from::<R>(R::Id::MIN)
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = (ResourceId, &Record)> {
        self.records.iter().map(|(id, record)| (*id, record.as_ref()))
    }

    /// The resource that an alias names.
    pub(crate) fn by_alias<R: Resource>(&self, alias: &str) -> Option<&R> {
        let id = self.aliases.get(alias)?;
        self.records.get(id).and_then(|record| R::from_record(record))
    }

    /// The resource with the last alias that is not behind this one, if it is of the kind.
    pub(crate) fn last_by_alias<R: Resource>(&self, alias: &str) -> Option<&R> {
        let (_, id) = self.aliases.range::<_, str>((Bound::Unbounded, Bound::Included(alias))).next_back()?;
        self.records.get(id).and_then(|record| R::from_record(record))
    }

    /// All resources of a kind from an id on.
    pub(crate) fn all_from<R: Resource>(&self, first: R::Id) -> impl Iterator<Item = &R> {
        let first: ResourceId = first.into();
        self.records.range(first..).map_while(|(_, record)| R::from_record(record))
    }

    pub(crate) fn has_alias(&self, alias: &str) -> bool {
        self.aliases.contains_key(alias)
    }

    /// The resources of a kind that refer to `target`, by id.
    pub(crate) fn referrers<R: Resource>(&self, target: impl Into<ResourceId>) -> impl Iterator<Item = &R> {
        self.referrers_from(target.into(), R::Id::MIN)
    }

    /// The resources of a kind that refer to `target`, from an id on.
    pub(crate) fn referrers_from<R: Resource>(&self, target: ResourceId, first: R::Id) -> impl Iterator<Item = &R> {
        let first: ResourceId = first.into();
        self.references
            .range((target, first)..)
            .take_while(move |(to, _)| *to == target)
            .map_while(|(_, from)| self.records.get(from).and_then(|record| R::from_record(record)))
    }

    /// Adds a resource or replaces the one with its id.
    pub(crate) fn put<R: Resource>(&mut self, resource: R) {
        self.put_record(resource.id().into(), Arc::new(resource.into_record()));
    }

    pub(crate) fn put_record(&mut self, id: ResourceId, record: Arc<Record>) {
        if let Some(old) = self.records.get(&id).cloned() {
            self.unindex(id, &old);
        }
        for target in record.references() {
            self.references.insert((target, id));
        }
        for alias in record.aliases() {
            self.aliases.insert(alias, id);
        }
        if let Some(at) = record.due() {
            self.due.insert((at, id));
        }
        self.records.insert(id, record);
    }

    /// Changes a resource in place; nothing happens when it is not there.
    pub(crate) fn update<R: Resource>(&mut self, id: R::Id, change: impl FnOnce(&mut R)) {
        if let Some(mut resource) = self.get::<R>(id).cloned() {
            change(&mut resource);
            self.put(resource);
        }
    }

    /// Changes the tags of a resource of any kind.
    pub(crate) fn update_tags(&mut self, id: ResourceId, change: impl FnOnce(&mut Tags)) {
        if let Some(record) = self.records.get(&id) {
            let mut record = Record::clone(record);
            change(record.tags_mut());
            self.put_record(id, Arc::new(record));
        }
    }

    /// Removes a resource. Its flow logs go with it, whichever way it goes.
    pub(crate) fn remove(&mut self, id: impl Into<ResourceId>) {
        let id = id.into();
        let flow_logs: Vec<_> = self.referrers::<FlowLog>(id).map(Resource::id).collect();
        for removed in std::iter::once(id).chain(flow_logs.into_iter().map(Into::into)) {
            if let Some(old) = self.records.remove(&removed) {
                self.unindex(removed, &old);
            }
        }
    }

    fn unindex(&mut self, id: ResourceId, old: &Record) {
        for target in old.references() {
            self.references.remove(&(target, id));
        }
        for alias in old.aliases() {
            // The alias may have passed to another resource meanwhile.
            if self.aliases.get(&alias) == Some(&id) {
                self.aliases.remove(&alias);
            }
        }
        if let Some(at) = old.due() {
            self.due.remove(&(at, id));
        }
    }

    /// The resource whose own change is due first, if it is due at `now`.
    pub(crate) fn next_due(&self, now: Timestamp) -> Option<(Timestamp, ResourceId)> {
        self.due.get_min().copied().filter(|(at, _)| *at <= now)
    }

    /// The ids that are here and were not in `old`.
    pub(crate) fn created_since(&self, old: &Self) -> Vec<ResourceId> {
        let added = |item| match item {
            DiffItem::Add(id, _) => Some(*id),
            _ => None,
        };
        old.records.diff(&self.records).filter_map(added).collect()
    }

    pub(crate) fn token(&self, key: &str) -> Option<&UsedToken> {
        self.tokens.get(key).map(Arc::as_ref)
    }

    pub(crate) fn put_token(&mut self, key: String, token: UsedToken) {
        self.tokens.insert(key, Arc::new(token));
    }
}

/// A row of a world: its key, and its new content or `None` where it is gone.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) region: String,
    pub(crate) key: String,
    pub(crate) body: Option<String>,
}

/// Keys of rows that are no resource. A region's row says that the region was set up, even if nothing is left in it.
const ACCOUNT: &str = "account";
const REGION: &str = "region";
const TOKEN: &str = "token/";

impl State {
    /// What leads from `old` to `self`, as rows.
    pub(crate) fn changes_since(&self, old: &Self) -> Result<Vec<Change>, serde_json::Error> {
        let mut rows = Rows(Vec::new());
        if self.account != old.account {
            rows.push("", ACCOUNT, Some(&self.account))?;
        }
        let empty = Region::default();
        let names: BTreeSet<&String> = self.regions.keys().chain(old.regions.keys()).collect();
        for name in names {
            let (before, after) = (old.regions.get(name), self.regions.get(name));
            if before.is_some() != after.is_some() {
                rows.push(name, REGION, after.map(|_| &()))?;
            }
            let (before, after) = (before.unwrap_or(&empty), after.unwrap_or(&empty));
            for item in before.records.diff(&after.records) {
                match item {
                    DiffItem::Add(id, record) | DiffItem::Update { new: (id, record), .. } => {
                        rows.push(name, &id.to_string(), Some(record.as_ref()))?;
                    }
                    DiffItem::Remove(id, _) => rows.push(name, &id.to_string(), None::<&()>)?,
                }
            }
            for item in before.tokens.diff(&after.tokens) {
                match item {
                    DiffItem::Add(key, token) | DiffItem::Update { new: (key, token), .. } => {
                        rows.push(name, &format!("{TOKEN}{key}"), Some(token.as_ref()))?;
                    }
                    DiffItem::Remove(key, _) => rows.push(name, &format!("{TOKEN}{key}"), None::<&()>)?,
                }
            }
        }
        Ok(rows.0)
    }

    /// Takes over rows that another process wrote.
    ///
    /// # Errors
    /// A row that cannot be read: the world is damaged, or not ours.
    pub(crate) fn apply(&mut self, change: Change) -> Result<(), String> {
        let Change { region, key, body } = change;
        let fault = |error: &dyn std::fmt::Display| format!("row {region:?} {key:?}: {error}");
        if key == ACCOUNT {
            let body = body.ok_or_else(|| fault(&"the account's row is empty"))?;
            self.account = serde_json::from_str(&body).map_err(|error| fault(&error))?;
            return Ok(());
        }
        if key == REGION && body.is_none() {
            self.regions.remove(&region);
            return Ok(());
        }
        let state = self.regions.entry(region.clone()).or_default();
        if key == REGION {
            return Ok(());
        }
        if let Some(token) = key.strip_prefix(TOKEN) {
            match body {
                Some(body) => {
                    let used = serde_json::from_str(&body).map_err(|error| fault(&error))?;
                    state.tokens.insert(token.to_owned(), Arc::new(used));
                }
                None => drop(state.tokens.remove(token)),
            }
            return Ok(());
        }
        let id: ResourceId = key.parse().map_err(|error| fault(&error))?;
        match body {
            Some(body) => {
                let record: Record = serde_json::from_str(&body).map_err(|error| fault(&error))?;
                if record.id() != id {
                    return Err(fault(&"the row holds another resource"));
                }
                state.put_record(id, Arc::new(record));
            }
            None => state.remove(id),
        }
        Ok(())
    }
}

struct Rows(Vec<Change>);

impl Rows {
    fn push<T: Serialize>(&mut self, region: &str, key: &str, body: Option<&T>) -> Result<(), serde_json::Error> {
        let body = body.map(serde_json::to_string).transpose()?;
        self.0.push(Change { region: region.to_owned(), key: key.to_owned(), body });
        Ok(())
    }
}
