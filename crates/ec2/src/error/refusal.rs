//! EC2's own no: code, message and request id, as AWS documents them in "Error codes for the Amazon EC2 API".

/// An answer of EC2 that refuses a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{action} was refused with {code}: {message}")]
pub struct Refusal {
    /// The action that was refused, for instance `CreateSubnet`.
    pub action: String,
    /// EC2's error code, for instance `InvalidSubnet.Conflict`.
    pub code: String,
    /// EC2's words, unchanged.
    pub message: String,
    /// EC2's id of the request.
    pub request_id: Option<String>,
    /// The HTTP status of the answer.
    pub status: u16,
}

impl Refusal {
    /// Whether the thing asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        self.code.ends_with(".NotFound") || self.code.ends_with("NotFoundException")
    }

    /// Whether something else still uses what was to be deleted or released.
    pub fn is_in_use(&self) -> bool {
        matches!(self.code.as_str(), "DependencyViolation" | "InvalidIPAddress.InUse" | "InvalidGroup.InUse")
    }

    /// Whether EC2 asks to slow down (`RequestLimitExceeded` and its relatives).
    pub fn is_throttled(&self) -> bool {
        matches!(
            self.code.as_str(),
            "RequestLimitExceeded" | "Throttling" | "ThrottlingException" | "RequestThrottled" | "SlowDown"
        )
    }

    /// Whether the same call may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        self.is_throttled()
            || self.status >= 500
            || matches!(self.code.as_str(), "InternalError" | "InternalFailure" | "ServiceUnavailable" | "Unavailable")
    }

    /// Whether AWS rejects the credentials themselves, rather than what they are used for.
    ///
    /// EC2 also says `AuthFailure` about a resource of someone else; only the message tells the two apart.
    pub(crate) fn is_about_credentials(&self) -> bool {
        match self.code.as_str() {
            "AuthFailure" => self.message.contains("credentials"),
            "ExpiredToken"
            | "ExpiredTokenException"
            | "RequestExpired"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "SignatureDoesNotMatch"
            | "InvalidAccessKeyId"
            | "MissingAuthenticationToken"
            | "IncompleteSignature" => true,
            _ => false,
        }
    }

    /// Whether the identity lacks a permission.
    pub(crate) fn is_about_permission(&self) -> bool {
        matches!(
            self.code.as_str(),
            "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException" | "Client.UnauthorizedOperation"
        )
    }

    /// Whether the credentials were good once.
    pub(crate) fn is_expired(&self) -> bool {
        self.code.contains("Expired") || self.message.contains("expired")
    }
}
