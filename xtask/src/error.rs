//! Errors that a user can act on: a kind (which is also the exit code), a
//! message naming the file or command, and a hint.

use std::fmt;

use crate::ui::{styled, ERROR, HINT};

/// What went wrong, by who has to act. The number is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A guest failed or its output differs from the expected one; what `verify`,
    /// `cache verify` or `--fail-above` compare differs; anything else.
    Failed = 1,
    /// The command line asks for something that does not exist (clap's code too).
    Usage = 2,
    /// A file of the user's (manifest, lock, report, input) is wrong, or the
    /// cache's directory cannot be used.
    Input = 3,
    /// A tool is missing or could not be installed.
    Tool = 4,
    /// A build step's command failed.
    Build = 5,
    /// A time or memory limit was reached.
    Limit = 6,
    /// Ctrl-C.
    Interrupted = 130,
}

#[derive(Debug)]
pub struct Error {
    pub kind: Kind,
    pub message: String,
    pub hint: Option<String>,
}

impl Error {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error { kind, message: message.into(), hint: None }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// A wrong file of the user's.
pub fn input(message: impl Into<String>) -> Error {
    Error::new(Kind::Input, message)
}

/// A missing tool.
pub fn tool(message: impl Into<String>) -> Error {
    Error::new(Kind::Tool, message)
}

/// A wrong command line.
pub fn usage(message: impl Into<String>) -> Error {
    Error::new(Kind::Usage, message)
}

/// The kind of an error, where somebody said it.
pub fn kind(error: &anyhow::Error) -> Option<Kind> {
    ours(error).map(|e| e.kind)
}

/// Our own error in a chain. It may be the cause or what was said about it,
/// which only `anyhow` itself can look into.
pub fn ours(error: &anyhow::Error) -> Option<&Error> {
    error.downcast_ref()
}

/// Prints an error chain and its hint to stderr; returns the exit code.
pub fn print(error: &anyhow::Error) -> u8 {
    let mut line = format!("{}: ", styled(ERROR, "error"));
    for (i, cause) in error.chain().enumerate() {
        if i > 0 {
            line.push_str("\n  caused by: ");
        }
        line.push_str(&cause.to_string());
    }
    anstream::eprintln!("{line}");
    if let Some(hint) = ours(error).and_then(|e| e.hint.as_ref()) {
        anstream::eprintln!("  {}: {hint}", styled(HINT, "hint"));
    }
    kind(error).unwrap_or(Kind::Failed) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn our_error_is_found_wherever_it_stands() {
        let cause = || std::io::Error::other("cause");
        let check = |error: anyhow::Error| assert_eq!(ours(&error).unwrap().kind, Kind::Tool);
        check(tool("t").into());
        check(Err::<(), _>(tool("t")).context("more").unwrap_err());
        check(anyhow::Error::from(cause()).context(tool("t")).context("more"));
        assert!(ours(&cause().into()).is_none());
    }
}
