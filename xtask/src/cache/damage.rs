//! What is not as it was put there.

use std::path::PathBuf;

/// A file of the cache that is not what was put there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    pub file: PathBuf,
    /// What it should be: a sha256, or the format it has.
    pub old: String,
    /// What it is.
    pub new: String,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} → {}", self.file.display(), short(&self.old), short(&self.new))
    }
}

/// A hash's first digits say enough; other values are shown whole.
pub fn short(value: &str) -> &str {
    let is_hash = value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit());
    if is_hash {
        &value[..12]
    } else {
        value
    }
}
