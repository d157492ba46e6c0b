//! A handle: a declared resource that is being made.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

use crate::Error;

/// How far a declared resource is.
#[derive(Clone)]
pub(super) enum Progress<T> {
    /// Not there yet.
    Pending,
    /// There, so that others can refer to it, but not yet all that was declared.
    Exists(Arc<T>),
    /// There as declared.
    Done(Arc<T>),
    /// Failed, or not tried.
    Failed(Arc<Error>),
}

/// A declared resource, which the engine already works on. Passing it to another resource makes that one depend on it.
///
/// Handles of one declaration are equal.
pub struct Handle<T> {
    kind: &'static str,
    name: Arc<str>,
    progress: watch::Receiver<Progress<T>>,
}

impl<T> Handle<T> {
    pub(super) fn new(kind: &'static str, name: &str) -> (watch::Sender<Progress<T>>, Self) {
        let (sender, progress) = watch::channel(Progress::Pending);
        (sender, Self { kind, name: name.into(), progress })
    }

    /// AWS's noun for the resource, in lower case.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// The declared name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until the resource is there as declared.
    ///
    /// # Errors
    /// What stopped it, or [`Error::NotTried`] when something that it needs failed.
    pub async fn get(&self) -> Result<Arc<T>, Arc<Error>> {
        self.wait(|progress| matches!(progress, Progress::Done(_) | Progress::Failed(_))).await
    }

    /// Waits only until the resource exists: its id and what its creation fixed are known, but not all that was declared
    /// may be in place yet (the rules of a security group, the association of an Elastic IP).
    ///
    /// # Errors
    /// As [`Handle::get`].
    pub async fn exists(&self) -> Result<Arc<T>, Arc<Error>> {
        self.wait(|progress| !matches!(progress, Progress::Pending)).await
    }

    async fn wait(&self, ready: impl FnMut(&Progress<T>) -> bool) -> Result<Arc<T>, Arc<Error>> {
        let mut progress = self.progress.clone();
        let stopped = || Error::Stopped { kind: self.kind, name: self.name.to_string() };
        let reached = progress.wait_for(ready).await.map_err(|_| Arc::new(stopped()))?;
        match &*reached {
            Progress::Exists(resource) | Progress::Done(resource) => Ok(resource.clone()),
            Progress::Failed(error) => Err(error.clone()),
            Progress::Pending => Err(Arc::new(stopped())),
        }
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Self { kind: self.kind, name: self.name.clone(), progress: self.progress.clone() }
    }
}

impl<T> PartialEq for Handle<T> {
    fn eq(&self, other: &Self) -> bool {
        self.progress.same_channel(&other.progress)
    }
}

impl<T> Eq for Handle<T> {}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.kind, self.name)
    }
}
