//! What can be wrong with a document.

/// A text that could not be read as `aws ec2 describe-…` output. Nothing of it was taken.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The text is not JSON.
    #[error("{file}:{line}:{column}: not JSON: {problem}")]
    Syntax {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the parser says.
        problem: String,
    },
    /// The text is JSON, but not an object.
    #[error(
        "{file}: found {found} where the whole output of aws ec2 describe-… was expected, an object with a member such \
         as \"Vpcs\"; leave out --query"
    )]
    NotADocument {
        /// The file's name.
        file: String,
        /// What kind of value it is: `an array`.
        found: &'static str,
    },
    /// An object with no member that is known: another command's output. A caller that reads a folder can skip it.
    #[error("{file}: no resources in it: its members are {members}; expected one of {expected}")]
    UnknownDocument {
        /// The file's name.
        file: String,
        /// The members that it has.
        members: String,
        /// The members that are known.
        expected: String,
    },
    /// A member with a value that does not fit.
    #[error("{file}: {path}: {problem}{}", found.as_ref().map(|value| format!(" (found {value})")).unwrap_or_default())]
    Member {
        /// The file's name.
        file: String,
        /// The member, such as `Vpcs[0].CidrBlock`.
        path: String,
        /// What is wrong and what would be right.
        problem: String,
        /// The value as JSON, when it is short.
        found: Option<String>,
    },
}
