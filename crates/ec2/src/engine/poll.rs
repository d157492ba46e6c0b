//! Waiting for instances: one Describe call serves all who wait in the stack.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout_at};
use vpcrun_model::{Instance, InstanceId};

use super::call::Backoff;
use super::event::{Action, Event};
use super::kind::Kind;
use super::stack::Stack;
use super::work::lock;
use crate::describe::{self, filter};
use crate::{Error, Session};

/// The pause after the first look; an instance takes some seconds to boot, at the least.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// How long the first look waits for those who are expected, so that it can serve them too.
const GATHER: Duration = Duration::from_millis(250);
/// How many ids go into one filter, at most 200 by EC2's quota.
const IDS_PER_CALL: usize = 200;

/// Describes the instances for which anybody waits, again and again, while anybody waits.
pub(super) struct Poller {
    session: Session,
    queue: Mutex<Queue>,
    wake: Notify,
    /// How many will wait soon.
    expected: watch::Sender<usize>,
    ticks: watch::Sender<Tick>,
}

#[derive(Default)]
struct Queue {
    /// How many wait for each instance.
    waiting: BTreeMap<InstanceId, usize>,
    /// Whether somebody joined since the last call.
    joined: bool,
    running: bool,
}

/// What one round of looking found.
#[derive(Clone)]
struct Tick {
    asked: Arc<HashSet<InstanceId>>,
    found: Result<Arc<HashMap<InstanceId, Instance>>, Arc<Error>>,
}

/// Somebody who will wait soon, or not after all; dropped when that is known.
pub(super) struct Expected<'a>(&'a Poller);

impl Drop for Expected<'_> {
    fn drop(&mut self) {
        self.0.expected.send_modify(|count| *count = count.saturating_sub(1));
    }
}

/// Someone who waits for an instance; leaves the queue when dropped.
struct Waiting<'a>(&'a Poller, InstanceId);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut queue = lock(&self.0.queue);
        if let Some(count) = queue.waiting.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                queue.waiting.remove(&self.1);
            }
        }
    }
}

impl Poller {
    pub(super) fn new(session: Session) -> Self {
        let tick = Tick { asked: Arc::default(), found: Ok(Arc::default()) };
        Self {
            session,
            queue: Mutex::default(),
            wake: Notify::new(),
            expected: watch::Sender::new(0),
            ticks: watch::Sender::new(tick),
        }
    }

    /// Notes that an instance is being launched or terminated, for which somebody will wait soon.
    pub(super) fn expect_one(&self) -> Expected<'_> {
        self.expected.send_modify(|count| *count += 1);
        Expected(self)
    }

    fn join(self: &Arc<Self>, id: InstanceId) -> Waiting<'_> {
        let mut queue = lock(&self.queue);
        *queue.waiting.entry(id).or_default() += 1;
        queue.joined = true;
        if std::mem::replace(&mut queue.running, true) {
            self.wake.notify_one();
        } else {
            tokio::spawn(self.clone().run());
        }
        Waiting(self, id)
    }

    async fn run(self: Arc<Self>) {
        let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        loop {
            let mut expected = self.expected.subscribe();
            let _ = tokio::time::timeout(GATHER, expected.wait_for(|count| *count == 0)).await;
            // Those whose launch has just been answered join before the call goes out.
            tokio::task::yield_now().await;
            let ids: Vec<InstanceId> = {
                let mut queue = lock(&self.queue);
                queue.joined = false;
                queue.running = !queue.waiting.is_empty();
                queue.waiting.keys().copied().collect()
            };
            if ids.is_empty() {
                return;
            }
            self.ticks.send_replace(self.look(&ids).await);
            if self.pause(backoff.next()).await {
                backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
            }
        }
    }

    /// Asks with a filter rather than by id, because one id that EC2 does not see yet would fail the whole call.
    async fn look(&self, ids: &[InstanceId]) -> Tick {
        let mut found = HashMap::new();
        for some in ids.chunks(IDS_PER_CALL) {
            let some = some.iter().map(InstanceId::to_string);
            match describe::instances(&self.session, vec![filter("instance-id", some)]).await {
                Ok(instances) => found.extend(instances.into_iter().map(|one| (one.instance_id, one))),
                Err(error) => return Tick { asked: set(ids), found: Err(Arc::new(error)) },
            }
        }
        Tick { asked: set(ids), found: Ok(Arc::new(found)) }
    }

    /// Sleeps, or wakes early and says so when somebody has joined.
    async fn pause(&self, pause: Duration) -> bool {
        let end = sleep(pause);
        tokio::pin!(end);
        loop {
            if lock(&self.queue).joined {
                return true;
            }
            tokio::select! {
                () = &mut end => return false,
                () = self.wake.notified() => {}
            }
        }
    }
}

fn set(ids: &[InstanceId]) -> Arc<HashSet<InstanceId>> {
    Arc::new(ids.iter().copied().collect())
}

/// Waits until `ready` accepts the instance, which is `None` when EC2 does not show it (not yet, or no longer).
/// Meanwhile [`Action::Waiting`] tells how it stands. `expected` ends as soon as this waits.
pub(super) async fn wait_for(
    stack: &Stack,
    expected: Option<Expected<'_>>,
    id: InstanceId,
    name: &str,
    goal: &str,
    ready: impl Fn(Option<&Instance>) -> Result<bool, Error>,
) -> Result<Option<Instance>, Arc<Error>> {
    let kind = Kind::Instance.noun();
    let start = Instant::now();
    let poller = stack.shared.poller.clone();
    let mut ticks = poller.ticks.subscribe();
    let _waiting = poller.join(id);
    drop(expected);
    let mut state = String::from("not visible");
    loop {
        let next = tokio::select! {
            next = timeout_at(start + stack.deadline, ticks.changed()) => next,
            () = stack.shared.stop.wait() => {
                return Err(Arc::new(Error::Stopped { kind, name: name.to_owned() }));
            }
        };
        if next.is_err() {
            return Err(Arc::new(Error::Deadline { kind, name: name.to_owned(), state, waited: start.elapsed() }));
        }
        let tick = ticks.borrow_and_update().clone();
        if !tick.asked.contains(&id) {
            continue;
        }
        // The SDK has retried what can be retried: an error here is final.
        let found = tick.found?;
        let instance = found.get(&id);
        if ready(instance)? {
            return Ok(instance.cloned());
        }
        if let Some(instance) = instance {
            state = instance.state.name.to_string();
        }
        stack.tell(Event {
            action: Action::Waiting { elapsed: start.elapsed(), deadline: stack.deadline },
            kind,
            name: name.to_owned(),
            id: Some(id.to_string()),
            detail: format!("{state}, waits for {goal}"),
            changes: Vec::new(),
        });
    }
}

/// Waits until an instance runs.
pub(super) async fn running(stack: &Stack, id: InstanceId, name: &str) -> Result<Option<Instance>, Arc<Error>> {
    use vpcrun_model::InstanceStateName as State;
    let ready = |instance: Option<&Instance>| {
        let Some(instance) = instance else { return Ok(false) };
        match &instance.state.name {
            State::Running => Ok(true),
            // `stopped` right after a start is the state before it.
            State::Pending | State::Stopped => Ok(false),
            other => Err(Error::Failed {
                kind: Kind::Instance.noun(),
                name: name.to_owned(),
                state: other.to_string(),
                reason: instance.state_reason.as_ref().and_then(|reason| reason.message.clone()),
            }),
        }
    };
    wait_for(stack, None, id, name, "running", ready).await
}
