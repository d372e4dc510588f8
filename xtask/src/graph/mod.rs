//! Steps, their keys, and running what is not in the cache.

mod command;
mod discover;
pub mod execute;
mod find;
pub mod key;
pub mod memo;
mod places;
pub mod plan;
pub mod schedule;
pub mod sources;
pub mod step;
pub mod store;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod mounts;
#[cfg(test)]
mod tests;
