//! One file per verb.

pub mod bench;
pub mod build;
pub mod cache;
pub mod compare;
pub mod completions;
pub mod doctor;
pub mod imports;
pub mod input;
pub mod list;
pub mod report;
pub mod run;
pub mod test;
pub mod toolchain;
pub mod verify;
