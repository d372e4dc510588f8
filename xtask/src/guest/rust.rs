//! Rust guests: cargo for WASI and for the platform itself, std from source
//! for both.

use anyhow::Result;

use super::manifest::Guest;
use super::Native;
use crate::cargo_step::{CargoBuild, For};
use crate::graph::plan::Plan;
use crate::graph::step::Made;

/// For the report; the profile itself is in `guests/Cargo.toml`, the same
/// for both sides of a ratio.
pub const FLAGS: &[&str] = &[
    "--profile release",
    "opt-level=3",
    "lto=fat",
    "codegen-units=1",
    "panic=abort",
    "-Zbuild-std=std,panic_abort",
];

/// The guest as a WASI preview 1 module.
pub fn wasm(plan: &mut Plan, guest: &Guest) -> Result<Made> {
    let file = format!("{}.wasm", guest.name);
    build(guest, "wasip1", For::Wasi).program(&file, &file).add(plan)
}

/// The guest as a static ELF for the platform.
pub fn direct(plan: &mut Plan, guest: &Guest, native: &Native) -> Result<Made> {
    let tuned = if native.tuning.is_some() { "-tuned" } else { "" };
    let target = format!("{}{tuned}", native.system.platform);
    let file = format!("{}.{target}.elf", guest.name);
    let machine = For::Direct(native.system, native.tuning);
    build(guest, &target, machine).program(&guest.name, &file).add(plan)
}

/// The guests are one workspace: cargo hashes the absolute path of a crate
/// outside of it into the symbols, and the guests share a crate.
fn build(guest: &Guest, target: &str, machine: For) -> CargoBuild {
    let name = format!("{}/rust-{target}", guest.name);
    CargoBuild::new(name, format!("guests/{}", guest.name), "guests", machine).package(&guest.name)
}
