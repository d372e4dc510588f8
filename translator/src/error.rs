//! What can be wrong with a module or with the options.

use std::fmt;

/// Why there is no translation. Nothing has been written when one is returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub kind: Kind,
    pub message: String,
    /// Where in the module's bytes.
    pub offset: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Not a valid module by the specification.
    Invalid,
    /// Valid, but it uses a feature that this translator refuses.
    Refused,
    /// Valid and accepted, but impossible under these options.
    Options,
}

impl Error {
    pub(crate) fn options(message: impl Into<String>) -> Error {
        Error { kind: Kind::Options, message: message.into(), offset: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Invalid => write!(f, "invalid module: {}", self.message)?,
            Kind::Refused | Kind::Options => f.write_str(&self.message)?,
        }
        match self.offset {
            Some(offset) => write!(f, " (at byte {offset:#x})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

impl From<wasmparser::BinaryReaderError> for Error {
    fn from(error: wasmparser::BinaryReaderError) -> Error {
        Error {
            kind: Kind::Invalid,
            message: error.message().to_string(),
            offset: Some(error.offset() as u64),
        }
    }
}

pub type Result<T> = std::result::Result<T, Error>;
