//! From measurements to `report.json` (an interface, documented in
//! `docs/report-json.md`) and from that alone to `report.md`.

pub mod changes;
pub mod comment;
pub mod detail;
pub mod difference;
pub mod format;
pub mod model;
pub mod ratio;
pub mod read;
pub mod render;

mod columns;
mod detail_tables;
mod provenance;
mod tables;

#[cfg(test)]
mod tests;

pub use detail::Detail;
pub use model::{Artifact, Build, Cell, Report, Spread, Status};
