//! Everything that can go wrong between a runbook and EC2, as one enum.
//!
//! A text is a lower-case fragment that fits behind "error: " and never repeats its source: whoever prints an error
//! prints the chain. [`Error::code`] is the stable name that scripts compare, [`Error::hint`] the next step.

mod convert;
mod hint;
mod refusal;

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use refusal::Refusal;

use crate::api::InputError;
use crate::engine::Blocked;

/// The cause below an [`Error`], kept for its text.
pub type Cause = Box<dyn StdError + Send + Sync + 'static>;

/// What stopped an operation on an account.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// EC2 (or STS) understood the request and said no.
    #[error(transparent)]
    Refused(#[from] Refusal),

    /// The caller's identity may not do this (`UnauthorizedOperation`, `AccessDenied`).
    #[error("not permitted: {permission}{}", on(.resource))]
    NotPermitted {
        /// The IAM action, for instance `ec2:CreateVpc`.
        permission: String,
        /// The ARN that the action was refused on, where AWS names it.
        resource: Option<String>,
        /// The ARN of the identity that asked, where AWS names it.
        principal: Option<String>,
        /// AWS's own words. The encoded authorization message is cut off.
        message: String,
        /// AWS's id of the request.
        request_id: Option<String>,
    },

    /// No credentials were found anywhere in the chain.
    #[error("no AWS credentials")]
    NoCredentials,

    /// Credentials are configured but could not be loaded: an unknown profile, an expired SSO login, a failed helper.
    #[error("the AWS credentials cannot be loaded{}", of_profile(.profile))]
    Credentials {
        /// The profile that was asked for by name.
        profile: Option<String>,
        /// What the provider said.
        #[source]
        source: Cause,
    },

    /// Credentials were sent, and AWS did not accept them: expired, revoked or mistyped.
    #[error("AWS does not accept the credentials: {}", .0.message)]
    CredentialsRefused(Refusal),

    /// No region was given or configured.
    #[error("no AWS region")]
    NoRegion,

    /// A text is not the name of a region.
    #[error("{name:?} is not the name of a region")]
    Region {
        /// What was given or configured.
        name: String,
    },

    /// AWS was asked for, but a variable of the environment leads its clients elsewhere.
    #[error("this is to go to AWS, but {variable} leads to {url}")]
    EndpointVariable {
        /// The variable, for instance `AWS_ENDPOINT_URL_EC2`.
        variable: &'static str,
        /// Its value.
        url: String,
    },

    /// An endpoint URL is not one.
    #[error("{url:?} is not an endpoint URL: {reason}")]
    EndpointUrl {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },

    /// The target cannot be reached, or the connection broke.
    #[error("cannot reach {endpoint}")]
    Connection {
        /// Scheme, host and port, or the action when the endpoint is not known.
        endpoint: String,
        /// What the operating system or the TLS layer said.
        #[source]
        source: Cause,
    },

    /// No answer within the time allowed for a call.
    #[error("{action}: no answer in time")]
    Timeout {
        /// The EC2 action.
        action: String,
        /// Which of the timeouts it was.
        #[source]
        source: Cause,
    },

    /// The answer is not one that EC2 gives.
    #[error("{action}: the answer is not EC2's{}", http(.status))]
    Response {
        /// The EC2 action.
        action: String,
        /// The HTTP status, where there was an answer at all.
        status: Option<u16>,
        /// Where reading it failed.
        #[source]
        source: Cause,
    },

    /// A request was not sent because it cannot be built: a required member is missing.
    #[error("{action}: the request cannot be built")]
    Request {
        /// The EC2 action.
        action: String,
        /// What is missing.
        #[source]
        source: Cause,
    },

    /// The input of a call does not fit the action.
    #[error(transparent)]
    Input(#[from] InputError),

    /// This host's public address is not known.
    #[error("cannot find out this host's public address: {reason}")]
    PublicAddress {
        /// What the lookup met.
        reason: String,
        /// The failure below, where there is one.
        #[source]
        source: Option<Cause>,
    },

    /// What exists differs from what is declared in a way that EC2 cannot update.
    #[error("{kind} {name:?} exists, but {what}")]
    Conflict {
        /// The kind of resource, for instance `subnet`.
        kind: &'static str,
        /// The name in the runbook.
        name: String,
        /// What differs, for instance `its CIDR block is 10.0.0.0/24, not 10.0.1.0/24`.
        what: String,
        /// What to do about it.
        hint: Option<String>,
    },

    /// Several resources carry the tags of one.
    #[error("{kind} {name:?} exists {} times: {}", .ids.len(), .ids.join(", "))]
    Ambiguous {
        /// The kind of resource.
        kind: &'static str,
        /// The name in the runbook.
        name: String,
        /// The ids that answer to it.
        ids: Vec<String>,
    },

    /// A resource did not reach a state in time.
    #[error("{kind} {name:?} is still {state} after {}", seconds(.waited))]
    Deadline {
        /// The kind of resource.
        kind: &'static str,
        /// The name in the runbook, or the id.
        name: String,
        /// The state it was in last, for instance `pending`.
        state: String,
        /// How long it was waited for.
        waited: Duration,
    },

    /// A resource went into a state that no waiting mends.
    #[error("{kind} {name:?} is {state}{}", because(.reason))]
    Failed {
        /// The kind of resource.
        kind: &'static str,
        /// The name in the runbook.
        name: String,
        /// The state, for instance `terminated`.
        state: String,
        /// EC2's reason, where it gives one.
        reason: Option<String>,
    },

    /// A private key's file does not fit the key pair, or cannot be written.
    #[error("key file {}: {what}", .path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What is wrong. Never any part of a key.
        what: String,
        /// What to do about it.
        hint: Option<String>,
        /// What the operating system said, where it was asked.
        #[source]
        source: Option<io::Error>,
    },

    /// Not attempted, because something that it needs failed.
    #[error("{kind} {name:?} was not tried, because {needs_kind} {needs:?} failed")]
    NotTried {
        /// The kind of resource.
        kind: &'static str,
        /// The name in the runbook.
        name: String,
        /// The kind of what failed.
        needs_kind: &'static str,
        /// The name of what failed.
        needs: String,
    },

    /// A declaration that contradicts itself or another one of the same run.
    #[error("{kind} {name:?} {what}")]
    Declaration {
        /// The kind of resource.
        kind: &'static str,
        /// The name in the runbook.
        name: String,
        /// What is wrong, for instance `is declared twice`.
        what: String,
    },

    /// A resource cannot be deleted because of others, which are named.
    #[error("{0}")]
    Blocked(Blocked),

    /// Not done, or not all of it, because the stack was stopped; of a call: it was not sent.
    #[error("{kind} {name:?} was stopped")]
    Stopped {
        /// The kind of resource.
        kind: &'static str,
        /// The name in the runbook.
        name: String,
    },
}

impl Error {
    /// The stable name of this error: EC2's code for a refusal (`InvalidSubnet.Conflict`), else one of this crate's
    /// (`NoCredentials`, `Connection`, `Conflict`, …).
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) | Self::CredentialsRefused(refusal) => &refusal.code,
            Self::NotPermitted { .. } => "UnauthorizedOperation",
            Self::NoCredentials => "NoCredentials",
            Self::Credentials { .. } => "Credentials",
            Self::NoRegion => "NoRegion",
            Self::Region { .. } => "Region",
            Self::EndpointVariable { .. } => "EndpointVariable",
            Self::EndpointUrl { .. } => "EndpointUrl",
            Self::Connection { .. } => "Connection",
            Self::Timeout { .. } => "Timeout",
            Self::Response { .. } => "Response",
            Self::Request { .. } => "Request",
            Self::Input(_) => "Input",
            Self::PublicAddress { .. } => "PublicAddress",
            Self::Conflict { .. } => "Conflict",
            Self::Ambiguous { .. } => "Ambiguous",
            Self::Deadline { .. } => "Deadline",
            Self::Failed { .. } => "Failed",
            Self::KeyFile { .. } => "KeyFile",
            Self::NotTried { .. } => "NotTried",
            Self::Declaration { .. } => "Declaration",
            Self::Blocked(_) => "DependencyViolation",
            Self::Stopped { .. } => "Stopped",
        }
    }

    /// Of a call that was not sent because its stack was stopped: the resource that it was for. Other errors stay.
    pub(crate) fn stopped_at(self: &Arc<Self>, kind: &'static str, name: &str) -> Arc<Self> {
        match **self {
            Self::Stopped { .. } => Arc::new(Self::Stopped { kind, name: name.to_owned() }),
            _ => self.clone(),
        }
    }

    /// The next step for whoever reads this, as a lower-case fragment; none when the text says all there is.
    pub fn hint(&self) -> Option<String> {
        hint::hint(self)
    }

    /// EC2's id of the refused request, which AWS support asks for.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) | Self::CredentialsRefused(refusal) => refusal.request_id.as_deref(),
            Self::NotPermitted { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    /// The refusal below this error, if EC2 answered with one that is not about credentials or permission.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Whether EC2 answered that the thing asked for does not exist (`InvalidVpcID.NotFound` and its like).
    pub fn is_not_found(&self) -> bool {
        self.refusal().is_some_and(Refusal::is_not_found)
    }

    /// Whether the same call may succeed a moment later: throttling, an internal error of EC2, a broken connection.
    ///
    /// After a timeout or a broken connection the call may have been carried out all the same.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.is_transient(),
            Self::Connection { .. } | Self::Timeout { .. } => true,
            _ => false,
        }
    }
}

fn on(resource: &Option<String>) -> String {
    resource.as_ref().map(|arn| format!(" on {arn}")).unwrap_or_default()
}

fn of_profile(profile: &Option<String>) -> String {
    profile.as_ref().map(|name| format!(" (profile {name:?})")).unwrap_or_default()
}

fn http(status: &Option<u16>) -> String {
    status.map(|status| format!(" (HTTP {status})")).unwrap_or_default()
}

fn because(reason: &Option<String>) -> String {
    reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default()
}

fn seconds(waited: &Duration) -> String {
    format!("{}:{:02}", waited.as_secs() / 60, waited.as_secs() % 60)
}
