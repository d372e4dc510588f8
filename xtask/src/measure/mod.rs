//! Runs an ELF under the counter and makes a cell of the report of it.

mod boot;
pub mod cell;
pub mod comparison;
pub mod counter;
pub mod debugger;
pub mod detail;
pub mod execution;
mod function_names;
mod matching;
pub mod profile;
mod program;
pub mod repeat;
pub mod side_by_side;
