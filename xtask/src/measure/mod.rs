//! Runs an ELF under the counter and makes a cell of the report of it.

pub mod cell;
pub mod counter;
pub mod execution;
pub mod profile;
pub mod repeat;
