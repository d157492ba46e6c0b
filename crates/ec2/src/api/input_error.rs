//! What does not fit in the input of a call, before it is sent.

/// An input that does not fit its action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// The action has no such member, here or at this depth.
    #[error("{action} has no {member:?}{}", within(.path))]
    UnknownMember {
        /// The action's snake-case name.
        action: String,
        /// Where in the input; empty at the top.
        path: String,
        /// What was given.
        member: String,
        /// The nearest member there is.
        nearest: Option<String>,
        /// All members there are.
        known: Vec<String>,
    },
    /// A value has the wrong type.
    #[error("{action}: {path} must be {expected}, not {found}")]
    WrongType {
        /// The action's snake-case name.
        action: String,
        /// Where in the input.
        path: String,
        /// The type that is right, in words.
        expected: String,
        /// What was given, in words.
        found: String,
    },
    /// A member without which EC2 refuses is absent.
    #[error("{action} needs {path}")]
    Missing {
        /// The action's snake-case name.
        action: String,
        /// Where in the input.
        path: String,
    },
}

impl InputError {
    /// What would be right.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownMember { nearest: Some(nearest), .. } => Some(format!("did you mean {nearest:?}?")),
            Self::UnknownMember { known, .. } if known.is_empty() => Some("it takes nothing".to_owned()),
            Self::UnknownMember { known, .. } => Some(format!("it takes {}", known.join(", "))),
            Self::WrongType { .. } | Self::Missing { .. } => None,
        }
    }
}

fn within(path: &str) -> String {
    match path {
        "" => String::new(),
        path => format!(" in {path}"),
    }
}
