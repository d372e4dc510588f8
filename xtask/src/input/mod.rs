//! What guests read: the frame around every input, the inputs that a guest's
//! manifest names, blocks that the user imported, and files.

pub mod block;
pub mod catalog;
pub mod chain;
pub mod describe;
pub mod document;
pub mod fields;
pub mod framing;
pub mod import;
pub mod json;
pub mod rlp;
pub mod roots;
pub mod rpc;
pub mod spec;

#[cfg(test)]
mod samples;

pub use catalog::{Catalog, Input, Loaded, Sources};
pub use import::{import, Request};
pub use spec::InputSpec;
