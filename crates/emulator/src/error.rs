//! Refusals: EC2's code, message and HTTP status. What several actions share is worded here; the rest beside its action.
//!
//! Sources: "Error codes for the Amazon EC2 API", and answers recorded on AWS.

use std::borrow::Cow;
use std::fmt;

use vpcrun_model::{Id, ResourceId};

/// Why a request was not carried out, as EC2 answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// EC2's error code, such as `InvalidVpcID.NotFound`.
    pub code: Cow<'static, str>,
    /// EC2's message.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: String) -> Self {
        Self { status: 400, code: Cow::Borrowed(code), message }
    }

    /// An answer of HTTP 500: the request may be right, the service failed.
    pub(crate) fn internal(message: String) -> Self {
        Self { status: 500, code: Cow::Borrowed("InternalError"), message }
    }

    pub(crate) fn dry_run() -> Self {
        let message = "Request would have succeeded, but DryRun flag is set.".to_owned();
        Self { status: 412, code: Cow::Borrowed("DryRunOperation"), message }
    }

    pub(crate) fn invalid_parameter_value(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", message.into())
    }

    pub(crate) fn invalid_parameter_combination(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterCombination", message.into())
    }

    pub(crate) fn missing_parameter(name: &str) -> Self {
        Self::new("MissingParameter", format!("The request must contain the parameter {name}"))
    }

    pub(crate) fn invalid_enum_value(value: &str, member: &str, allowed: &[&str]) -> Self {
        Self::invalid_parameter_value(format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
             Member must satisfy enum value set: [{}]",
            allowed.join(", ")
        ))
    }

    /// A ClientToken whose resource is gone.
    pub(crate) fn created_and_deleted() -> Self {
        let message = "An error occurred (IdempotentParameterMismatch) when calling this operation: The client token \
                       and arguments used in this request were used in a prior request that was associated with a \
                       resource which is now deleted.";
        Self::new("IdempotentParameterMismatch", message.to_owned())
    }

    /// EC2 names what cannot go, never what is in its way.
    pub(crate) fn dependency(noun: &str, id: impl fmt::Display) -> Self {
        Self::new("DependencyViolation", format!("The {noun} '{id}' has dependencies and cannot be deleted."))
    }
}

/// How EC2 words that an id of one kind is malformed or unknown.
pub(crate) struct IdWording {
    /// As in "The {noun} ID 'x' does not exist".
    pub(crate) noun: &'static str,
    /// The code for an unknown id.
    pub(crate) not_found: &'static str,
    /// The code for a malformed id.
    pub(crate) malformed: &'static str,
}

impl IdWording {
    pub(crate) fn not_found(&self, id: impl fmt::Display) -> Refusal {
        // Security groups are the one kind that EC2 words without "ID".
        let id_word = if self.not_found == "InvalidGroup.NotFound" { "" } else { " ID" };
        Refusal::new(self.not_found, format!("The {}{id_word} '{id}' does not exist", self.noun))
    }

    pub(crate) fn malformed<I: Id>(&self, text: &str) -> Refusal {
        // EC2 does not tell malformed Elastic IP ids from unknown ones.
        if self.malformed == self.not_found {
            return self.not_found(text);
        }
        Refusal::new(self.malformed, format!("Invalid id: \"{text}\" (expecting \"{}-...\")", I::PREFIX))
    }
}

/// CreateTags and DeleteTags name any id they do not know by its kind.
pub(crate) fn unknown_resource(id: ResourceId, wording: Option<&IdWording>) -> Refusal {
    match wording {
        Some(wording) => wording.not_found(id),
        None => Refusal::new("InvalidID", format!("The ID '{id}' is not valid")),
    }
}
