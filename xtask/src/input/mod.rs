//! What guests read: the frame around every input, the inputs that a guest's
//! manifest names, blocks that the user imported, and files.

pub mod block;
pub mod catalog;
pub mod chain;
pub mod framing;
pub mod import;
pub mod rlp;
pub mod spec;

#[cfg(test)]
mod samples;

pub use catalog::{Catalog, Input, Loaded, Sources};
pub use import::{import, Request};
pub use spec::InputSpec;

use sha2::{Digest, Sha256};

/// SHA-256 in lower-case hex.
fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
