//! Work on one declared resource: from its task's start to what is told about it.

use std::fmt::Display;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::watch;
use vpcrun_model::{Resource, Tag};

use super::event::{Action, Event, Failure, Summary};
use super::handle::{Handle, Progress};
use super::kind::{KEY_TAG, Kind, WantedTags, sdk_tag};
use super::look::{self, Look};
use super::stack::{Stack, Task};
use super::{Tags, call};
use crate::Error;
use crate::describe::{Filters, filter};

/// What came of a resource that is now as declared.
pub(super) struct Made<T> {
    pub(super) resource: T,
    /// What was changed of a resource that was there.
    pub(super) changes: Vec<String>,
    /// What a reader wants to know beside the id.
    pub(super) detail: String,
}

/// The work on one declaration.
pub(super) struct Work<T> {
    pub(super) stack: Stack,
    pub(super) look: Arc<Look>,
    pub(super) kind: Kind,
    pub(super) name: String,
    progress: watch::Sender<Progress<T>>,
    /// The id of the resource, when this run created it.
    created: OnceLock<String>,
    /// The id of the resource that was there.
    found: OnceLock<String>,
}

impl Stack {
    /// Starts the work on a declaration: after the one look, `run` makes the resource as declared.
    pub(super) fn declare<T, F>(
        &self,
        kind: Kind,
        name: &str,
        identity: &str,
        run: impl FnOnce(Arc<Work<T>>) -> F + Send + 'static,
    ) -> Handle<T>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<Made<T>, Arc<Error>>> + Send + 'static,
    {
        let (progress, handle) = Handle::new(kind.noun(), name);
        let twice = !lock(&self.shared.declared).insert(kind.key(identity));
        let (stack, name) = (self.clone(), name.to_owned());
        let task = Task { kind: kind.noun(), name: name.clone() };
        let job = async move {
            if twice {
                let error =
                    Error::Declaration { kind: kind.noun(), name: name.clone(), what: "is declared twice".into() };
                stack.tell_failed(kind.noun(), &name, None, &Arc::new(error), &progress);
                return;
            }
            let look = match stack.look().await {
                Ok(look) => look,
                Err(error) => {
                    let error = stack.look_failed(kind.noun(), &name, &error);
                    progress.send_replace(Progress::Failed(error));
                    return;
                }
            };
            let (created, found) = (OnceLock::new(), OnceLock::new());
            let work = Arc::new(Work { stack, look, kind, name, progress, created, found });
            let result = run(work.clone()).await;
            work.conclude(result);
        };
        lock(&self.shared.tasks).push((task, tokio::spawn(job)));
        handle
    }
}

impl<T> Work<T> {
    /// Waits until a resource that this one needs is there as declared.
    pub(super) async fn need<U>(&self, other: &Handle<U>) -> Result<Arc<U>, Arc<Error>> {
        other.get().await.map_err(|error| self.not_tried(other, &error))
    }

    /// Waits only until a resource that this one needs exists.
    pub(super) async fn need_existing<U>(&self, other: &Handle<U>) -> Result<Arc<U>, Arc<Error>> {
        other.exists().await.map_err(|error| self.not_tried(other, &error))
    }

    /// Names the first cause: of a chain of resources not tried, the one that failed.
    fn not_tried<U>(&self, other: &Handle<U>, error: &Error) -> Arc<Error> {
        if let Error::Stopped { .. } = error {
            return Arc::new(Error::Stopped { kind: self.kind.noun(), name: self.name.clone() });
        }
        let (needs_kind, needs) = match error {
            Error::NotTried { needs_kind, needs, .. } => (*needs_kind, needs.clone()),
            _ => (other.kind(), other.name().to_owned()),
        };
        Arc::new(Error::NotTried { kind: self.kind.noun(), name: self.name.clone(), needs_kind, needs })
    }

    /// The tags that the resource shall carry.
    pub(super) fn tags(&self, user: &Tags) -> Result<WantedTags, Error> {
        WantedTags::new(&self.stack.name, self.kind, &self.name, user)
    }

    /// The resource among `found` that an earlier run made for this declaration.
    pub(super) fn find<R: Resource + Clone>(&self, found: &[R]) -> Result<Option<R>, Error> {
        let found = look::find(found, self.kind, &self.name)?.cloned();
        if let Some(found) = &found {
            self.found(found.id());
        }
        Ok(found)
    }

    /// Filters for what carries this declaration's tags.
    pub(super) fn mine(&self) -> Filters {
        let key = filter(&format!("tag:{KEY_TAG}"), [self.kind.key(&self.name)]);
        vec![look::of_stack(&self.stack.name), key]
    }

    /// Whether this run created the resource.
    pub(super) fn is_new(&self) -> bool {
        self.created.get().is_some()
    }

    /// The name, which EC2 keeps unique, is taken by something that is not of this stack.
    pub(super) fn taken(&self, by: &str) -> Arc<Error> {
        Arc::new(Error::Conflict {
            kind: self.kind.noun(),
            name: self.name.clone(),
            what: format!("{by} has the name, and it is not of the stack {:?}", self.stack.name),
            hint: Some("give this one another name, or delete the other one".into()),
        })
    }

    /// What exists differs in a way that EC2 cannot update.
    pub(super) fn conflict(&self, attribute: &str, there: impl Display, declared: impl Display) -> Arc<Error> {
        let id = self.found.get().map(String::as_str).unwrap_or_default();
        let hint = format!(
            "EC2 cannot change it in place: declare it as it is, give the new one another name, or delete {id} first"
        );
        Arc::new(Error::Conflict {
            kind: self.kind.noun(),
            name: self.name.clone(),
            what: format!("{attribute} of {id} is {there}, not {declared}"),
            hint: Some(hint),
        })
    }

    /// Puts the declared tags on a resource that lacks some, and adds what it did to `changes`.
    pub(super) async fn retag(
        &self,
        id: impl Display,
        wanted: &WantedTags,
        carried: &mut Vec<Tag>,
        changes: &mut Vec<String>,
    ) -> Result<(), Error> {
        let missing = wanted.missing_from(carried);
        if missing.is_empty() {
            return Ok(());
        }
        let sdk_tags: Vec<_> = missing.iter().map(|tag| sdk_tag(&tag.key, &tag.value)).collect();
        let client = self.stack.session.client();
        self.settle(|| client.create_tags().resources(id.to_string()).set_tags(Some(sdk_tags.clone())).send()).await?;
        for tag in missing {
            let before = carried.iter().position(|one| one.key == tag.key).map(|at| carried.swap_remove(at).value);
            changes.push(match before {
                Some(before) => format!("tag {}: {before} -> {}", tag.key, tag.value),
                None => format!("tag {}: {}", tag.key, tag.value),
            });
            carried.push(tag);
        }
        Ok(())
    }

    /// Sends a call that may be repeated, with patience for EC2 not yet seeing what this run has just created.
    pub(super) async fn settle<O, E, F>(&self, send: impl Fn() -> F) -> Result<O, Error>
    where
        F: Future<Output = Result<O, E>>,
        Error: From<E>,
    {
        call::settle(&self.stack.shared.patience, send).await
    }

    /// Sends a call that creates, once: see [`call::create`].
    pub(super) async fn create<R, E, F, G>(&self, send: impl Fn() -> F, find: impl Fn() -> G) -> Result<R, Error>
    where
        F: Future<Output = Result<R, E>>,
        G: Future<Output = Result<Option<R>, Error>>,
        Error: From<E>,
    {
        call::create(&self.stack.shared.patience, send, find).await
    }

    /// Notes the id of a resource that was there.
    pub(super) fn found(&self, id: impl Display) {
        let _ = self.found.set(id.to_string());
    }

    /// Notes that this run has created the resource.
    pub(super) fn created(&self, id: impl Display) {
        let id = id.to_string();
        self.stack.shared.patience.add(&id);
        let _ = self.created.set(id);
    }

    /// Lets others refer to the resource before all of it is as declared.
    pub(super) fn exists(&self, resource: &T)
    where
        T: Clone,
    {
        self.progress.send_replace(Progress::Exists(Arc::new(resource.clone())));
    }

    /// The resource's id, as soon as there is one.
    pub(super) fn id(&self) -> Option<String> {
        self.created.get().or_else(|| self.found.get()).cloned()
    }

    fn conclude(&self, result: Result<Made<T>, Arc<Error>>) {
        let made = match result {
            Ok(made) => made,
            Err(error) => return self.conclude_failed(&error),
        };
        let (action, changes) = match (self.created.get(), made.changes.is_empty()) {
            // All of it is new: nobody needs to hear in which steps.
            (Some(_), _) => (Action::Created, Vec::new()),
            (None, false) => (Action::Changed, made.changes),
            (None, true) => (Action::Unchanged, Vec::new()),
        };
        // A main route table is EC2's, not the runbook's: nobody counts it.
        if self.kind != Kind::RouteTable {
            self.stack.tell(Event {
                action,
                kind: self.kind.noun(),
                name: self.name.clone(),
                id: self.id(),
                detail: made.detail,
                changes,
            });
        }
        self.progress.send_replace(Progress::Done(Arc::new(made.resource)));
    }

    fn conclude_failed(&self, error: &Arc<Error>) {
        let error = error.stopped_at(self.kind.noun(), &self.name);
        // What was created counts, though not all of it is as declared: it may cost money.
        if let Some(id) = self.created.get() {
            self.stack.tell(Event {
                action: Action::Created,
                kind: self.kind.noun(),
                name: self.name.clone(),
                id: Some(id.clone()),
                detail: "not complete".into(),
                changes: Vec::new(),
            });
        }
        self.stack.tell_failed(self.kind.noun(), &self.name, self.id(), &error, &self.progress);
    }
}

impl Stack {
    /// Counts what happened, then tells it.
    pub(super) fn tell(&self, event: Event) {
        {
            let mut summary = self.summary();
            match event.action {
                Action::Created => summary.created += 1,
                Action::Changed => summary.changed += 1,
                Action::Unchanged => summary.unchanged += 1,
                Action::Deleted => summary.deleted += 1,
                // A main route table is EC2's: it is not counted here either.
                Action::NotTried if event.kind == Kind::RouteTable.noun() => {}
                Action::NotTried => summary.not_tried.push((event.kind, event.name.clone())),
                Action::Waiting { .. } | Action::Refused => {}
            }
        }
        (self.events)(event);
    }

    fn tell_failed<T>(
        &self,
        kind: &'static str,
        name: &str,
        id: Option<String>,
        error: &Arc<Error>,
        progress: &watch::Sender<Progress<T>>,
    ) {
        self.tell_error(kind, name, id, error);
        progress.send_replace(Progress::Failed(error.clone()));
    }

    /// Counts and tells a failure.
    pub(super) fn tell_error(&self, kind: &'static str, name: &str, id: Option<String>, error: &Arc<Error>) {
        let not_tried = matches!(**error, Error::NotTried { .. } | Error::Stopped { .. });
        if !not_tried {
            self.summary().failed.push(Failure { kind, name: name.to_owned(), error: error.clone() });
        }
        let action = if not_tried { Action::NotTried } else { Action::Refused };
        let detail = error.to_string();
        self.tell(Event { action, kind, name: name.to_owned(), id, detail, changes: Vec::new() });
    }

    /// The look failed: that is one failure, and nothing was tried.
    fn look_failed(&self, kind: &'static str, name: &str, error: &Arc<Error>) -> Arc<Error> {
        let error = error.stopped_at(kind, name);
        if !matches!(*error, Error::Stopped { .. }) {
            self.summary().unreadable.get_or_insert_with(|| error.clone());
        }
        let (detail, name) = (error.to_string(), name.to_owned());
        self.tell(Event { action: Action::NotTried, kind, name, id: None, detail, changes: Vec::new() });
        error
    }

    fn summary(&self) -> MutexGuard<'_, Summary> {
        lock(&self.shared.summary)
    }
}

/// Locks; a panic elsewhere while holding the lock leaves plain data that is still whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
