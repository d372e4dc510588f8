//! Steps, their keys, and running what is not in the cache.

mod discover;
pub mod execute;
pub mod key;
pub mod memo;
mod places;
pub mod plan;
pub mod schedule;
pub mod sources;
pub mod step;
pub mod store;

#[cfg(test)]
mod tests;
