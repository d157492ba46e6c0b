//! Exit codes. They are part of the command's interface: documented, and stable between versions.

/// What a run of `vpcrun` came to, as its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything is as the runbook says.
    Success = 0,
    /// A call was refused or failed; what was done is done, and a re-run goes on from there.
    Failed = 1,
    /// The command line, an argument of the runbook, or a missing confirmation: nothing was done.
    Usage = 2,
    /// The runbook itself is wrong: its syntax, a key, a value, a Lua error.
    Runbook = 3,
    /// Every call went well, but an expectation of the runbook does not hold.
    Expectation = 4,
    /// Something that is not of the stack keeps a part of it from being deleted.
    Blocked = 5,
    /// Stopped by Ctrl-C or SIGTERM, after the calls in flight had ended.
    Interrupted = 130,
}

impl Exit {
    /// All codes, in numerical order.
    pub const ALL: [Self; 7] =
        [Self::Success, Self::Failed, Self::Usage, Self::Runbook, Self::Expectation, Self::Blocked, Self::Interrupted];

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What it means, in a few words for a table.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Success => "everything is as the runbook says",
            Self::Failed => "a call was refused or failed; a re-run goes on from there",
            Self::Usage => "wrong command line or runbook argument, or not confirmed; nothing was done",
            Self::Runbook => "the runbook is wrong: syntax, an unknown key, a Lua error",
            Self::Expectation => "all calls went well, but an expectation does not hold",
            Self::Blocked => "a teardown left something: what is not of the stack uses it",
            Self::Interrupted => "stopped by Ctrl-C, after the calls in flight had ended",
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn codes_are_ascending_and_distinct() {
        assert!(Exit::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code()));
    }
}
