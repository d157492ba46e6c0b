//! What exists on the target, for completion and for names beside ids: a snapshot that a thread of its own takes, because
//! the person at the prompt must not wait for thirteen calls.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::mpsc as queue;
use vpcrun_ec2::Session;
use vpcrun_model::{Network, Resource, Tag};

use crate::lua::values::snake_keys;
use crate::target::{TargetKind, TargetOptions};

/// One resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// AWS's noun, as the registry spells it.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its `Name` tag, or empty.
    pub name: String,
}

/// A snapshot of what exists.
#[derive(Debug, Default)]
pub struct Known {
    network: Option<Network>,
    /// All resources that people refer to, by kind and name.
    pub things: Vec<Thing>,
    /// Names of Availability Zones.
    pub zones: Vec<String>,
    names: HashMap<String, usize>,
}

impl Known {
    /// A snapshot of a network.
    #[must_use]
    pub fn of(network: Network) -> Self {
        let mut things = Vec::new();
        collect(&mut things, "vpc", network.vpcs.values());
        collect(&mut things, "internet gateway", network.internet_gateways.values());
        collect(&mut things, "subnet", network.subnets.values());
        collect(&mut things, "route table", network.route_tables.values());
        collect(&mut things, "security group", network.security_groups.values());
        collect(&mut things, "network ACL", network.network_acls.values());
        collect(&mut things, "network interface", network.network_interfaces.values());
        collect(&mut things, "instance", network.instances.values());
        collect(&mut things, "Elastic IP", network.addresses.values());
        for pair in network.key_pairs.values() {
            things.push(Thing { kind: "key pair", id: pair.key_pair_id.to_string(), name: pair.key_name.clone() });
        }
        let names = things.iter().enumerate().map(|(at, thing)| (thing.id.clone(), at)).collect();
        let zones = network.availability_zones.keys().cloned().collect();
        Self { network: Some(network), things, zones, names }
    }

    /// What there is now of the resource with this kind and id, in snake case.
    #[must_use]
    pub fn members(&self, kind: &str, id: &str) -> Option<Map<String, Value>> {
        fn one<K: Ord + FromStr, R: Serialize>(all: &BTreeMap<K, R>, id: &str) -> Option<Value> {
            serde_json::to_value(all.get(&id.parse().ok()?)?).ok()
        }
        let network = self.network.as_ref()?;
        let value = match kind {
            "vpc" => one(&network.vpcs, id),
            "internet gateway" => one(&network.internet_gateways, id),
            "subnet" => one(&network.subnets, id),
            "route table" => one(&network.route_tables, id),
            "security group" => one(&network.security_groups, id),
            "instance" => one(&network.instances, id),
            "Elastic IP" => one(&network.addresses, id),
            _ => None,
        };
        match snake_keys(value?) {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The name of the resource with this id, if it has one.
    #[must_use]
    pub fn name_of(&self, id: &str) -> Option<&str> {
        let thing = self.things.get(*self.names.get(id)?)?;
        Some(thing.name.as_str()).filter(|name| !name.is_empty())
    }
}

fn collect<'a, R: Resource + 'a>(things: &mut Vec<Thing>, kind: &'static str, all: impl Iterator<Item = &'a R>) {
    let name = |tags: &[Tag]| tags.iter().find(|tag| tag.key == "Name").map(|tag| tag.value.clone());
    things.extend(all.map(|one| Thing { kind, id: one.id().to_string(), name: name(one.tags()).unwrap_or_default() }));
}

/// What the thread and the prompt share.
#[derive(Default)]
struct Shared {
    known: Arc<Known>,
    /// The number of the look that `known` came from.
    look: u64,
}

/// Keeps a snapshot fresh.
pub struct Watcher {
    shared: Arc<Mutex<Shared>>,
    looks: queue::UnboundedSender<u64>,
    taken: mpsc::Receiver<u64>,
    wanted: u64,
    asked: u64,
    eager: bool,
}

impl Watcher {
    /// Watches one region of a target. In the local world a look is cheap and is taken after every change; elsewhere it
    /// is taken when completion first needs it.
    #[must_use]
    pub fn new(target: TargetOptions, region: String) -> Self {
        let shared = Arc::<Mutex<Shared>>::default();
        let (looks, orders) = queue::unbounded_channel();
        let (done, taken) = mpsc::channel();
        let eager = matches!(target.kind, TargetKind::Local(_));
        let (result, target) = (shared.clone(), target);
        // Detached: it ends with the channel, or with the process.
        std::thread::spawn(move || watch(&target, &region, orders, &result, &done));
        let mut watcher = Self { shared, looks, taken, wanted: 1, asked: 0, eager };
        watcher.look_if_eager();
        watcher
    }

    /// Something may have changed.
    pub fn changed(&mut self) {
        self.wanted += 1;
        self.look_if_eager();
    }

    fn look_if_eager(&mut self) {
        if self.eager {
            self.look();
        }
    }

    fn look(&mut self) {
        if self.asked < self.wanted {
            self.asked = self.wanted;
            let _ = self.looks.send(self.asked);
        }
    }

    /// The newest snapshot that can be had within `patience`.
    #[must_use]
    pub fn known(&mut self, patience: Duration) -> Arc<Known> {
        self.look();
        let deadline = Instant::now() + patience;
        loop {
            let (known, look) = self.snapshot();
            let left = deadline.saturating_duration_since(Instant::now());
            if look >= self.wanted || left.is_zero() {
                return known;
            }
            match self.taken.recv_timeout(left) {
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return known,
            }
        }
    }

    /// A fresh snapshot where that costs next to nothing, else the last one.
    #[must_use]
    pub fn glance(&mut self) -> Arc<Known> {
        const PATIENCE: Duration = Duration::from_millis(100);
        if self.eager { self.known(PATIENCE) } else { self.snapshot().0 }
    }

    fn snapshot(&self) -> (Arc<Known>, u64) {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        (shared.known.clone(), shared.look)
    }
}

/// The thread: its own runtime and its own connections, because those of the prompt's runtime stand still while the person
/// types.
fn watch(
    target: &TargetOptions,
    region: &str,
    mut orders: queue::UnboundedReceiver<u64>,
    result: &Mutex<Shared>,
    done: &mpsc::Sender<u64>,
) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        let mut session: Option<Session> = None;
        while let Some(mut look) = orders.recv().await {
            while let Ok(newer) = orders.try_recv() {
                look = newer;
            }
            if session.is_none() {
                session = target.session(Some(region)).await.ok();
            }
            let Some(session) = &session else { continue };
            // Completion without what exists is still completion, so an error here is not told.
            if let Ok(network) = vpcrun_ec2::capture(session).await {
                let known = Arc::new(Known::of(network));
                let mut shared = result.lock().unwrap_or_else(PoisonError::into_inner);
                *shared = Shared { known, look };
            }
            if done.send(look).is_err() {
                return;
            }
        }
    });
}
