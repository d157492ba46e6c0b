//! Colour, where it is wanted. Without it every text says the same.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// Whether to colour the text for one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// With escape sequences.
    Colour,
    /// Plain text.
    Plain,
}

/// What a piece of text is, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A new resource, something that went well.
    Good,
    /// A changed resource, a warning.
    Changed,
    /// A refusal, an error.
    Bad,
    /// What matters in a line.
    Strong,
    /// What a reader may skip.
    Faint,
    /// Advice.
    Help,
}

impl Paint {
    /// Follows the terminal, `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE`.
    #[must_use]
    pub fn of_stderr() -> Self {
        Self::of(anstream::AutoStream::choice(&std::io::stderr()))
    }

    /// As [`Paint::of_stderr`], for standard output.
    #[must_use]
    pub fn of_stdout() -> Self {
        Self::of(anstream::AutoStream::choice(&std::io::stdout()))
    }

    fn of(choice: anstream::ColorChoice) -> Self {
        match choice {
            anstream::ColorChoice::Never => Self::Plain,
            _ => Self::Colour,
        }
    }

    /// The text in its colour.
    #[must_use]
    pub fn text(self, role: Role, text: impl Display) -> String {
        if self == Self::Plain {
            return text.to_string();
        }
        let style = match role {
            Role::Good => AnsiColor::Green.on_default(),
            Role::Changed => AnsiColor::Yellow.on_default(),
            Role::Bad => AnsiColor::Red.on_default().bold(),
            Role::Strong => Style::new().bold(),
            Role::Faint => Style::new().dimmed(),
            Role::Help => AnsiColor::Cyan.on_default(),
        };
        format!("{style}{text}{style:#}")
    }
}
