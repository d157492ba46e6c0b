//! What the engine tells while it works, and at the end.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::Error;

/// Receives events as they happen, from any task. It must not block.
pub type Events = Arc<dyn Fn(Event) + Send + Sync>;

/// One thing that happened to one resource.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened.
    pub action: Action,
    /// The kind of resource in AWS's noun: `internet gateway`, `Elastic IP`.
    pub kind: &'static str,
    /// The declared name (of a route: its destination).
    pub name: String,
    /// The resource's id, when it has one.
    pub id: Option<String>,
    /// What a reader wants to know beside the id, such as the CIDR block; for a refusal, the error's message. May be empty.
    pub detail: String,
    /// For [`Action::Changed`]: each change, as `what: before -> after` or `+ added` or `- removed`.
    pub changes: Vec<String>,
}

/// What happened to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It was missing and was created.
    Created,
    /// It was there and was updated in place.
    Changed,
    /// It was there as declared.
    Unchanged,
    /// It was deleted.
    Deleted,
    /// EC2 is not ready with it yet; comes again as time passes.
    Waiting {
        /// The time waited so far.
        elapsed: Duration,
        /// The time after which the engine gives up.
        deadline: Duration,
    },
    /// It could not be made as declared or could not be deleted; `detail` says why.
    Refused,
    /// It was not tried or not completed: something that it needs failed, or the stack was stopped.
    NotTried,
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Resources created.
    pub created: usize,
    /// Resources updated in place.
    pub changed: usize,
    /// Resources that were as declared.
    pub unchanged: usize,
    /// Resources deleted.
    pub deleted: usize,
    /// Resources that failed, in the order of failure.
    pub failed: Vec<Failure>,
    /// Resources not tried, or not completed, because of a failure or because the stack was stopped: kind and name.
    pub not_tried: Vec<(&'static str, String)>,
    /// Why the account could not be read, if it could not: then nothing was tried.
    pub unreadable: Option<Arc<Error>>,
}

impl Summary {
    /// Whether everything is as it should be.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.failed.is_empty() && self.not_tried.is_empty() && self.unreadable.is_none()
    }
}

/// A resource that failed, and why.
#[derive(Clone, Debug)]
pub struct Failure {
    /// AWS's noun for the resource.
    pub kind: &'static str,
    /// The declared name.
    pub name: String,
    /// Why.
    pub error: Arc<Error>,
}

/// A resource that cannot be deleted, with what is in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// AWS's noun for the resource.
    pub kind: &'static str,
    /// Its `Name` tag.
    pub name: String,
    /// Its id.
    pub id: String,
    /// What is in the way; empty when EC2 says that something is, and nothing was found.
    pub by: Vec<Blocker>,
}

/// Something that keeps another resource from being deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// AWS's noun for it.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its `Name` tag, or empty.
    pub name: String,
    /// What helps to recognise it: addresses, a description.
    pub detail: String,
    /// Whether it is not of this stack.
    pub foreign: bool,
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} stays: ", self.kind, self.name, self.id)?;
        if self.by.is_empty() {
            return f.write_str("EC2 says that something depends on it, but names nothing");
        }
        f.write_str("in use by ")?;
        for (n, blocker) in self.by.iter().enumerate() {
            write!(f, "{}{blocker}", if n == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)?;
        if !self.name.is_empty() {
            write!(f, " {:?}", self.name)?;
        }
        if !self.detail.is_empty() {
            write!(f, " {}", self.detail)?;
        }
        if self.foreign {
            f.write_str(" (not of this stack)")?;
        }
        Ok(())
    }
}
