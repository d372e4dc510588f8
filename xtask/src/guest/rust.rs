//! Rust guests: cargo for WASI and for the platform itself, std from source
//! for both.

use anyhow::Result;

use super::manifest::Guest;
use super::Native;
use crate::cargo_step::{CargoBuild, For, STATIC};
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

/// How a guest's module differs from rustc's defaults. It may use multiplications
/// to 128 bits, which are one or two instructions of every machine and calls of
/// `__multi3` without; and loops of constant counts are unrolled where what they
/// read is known: whoever translates the module knows no constants of its memory.
pub fn wasm_flags() -> Vec<String> {
    vec!["-Ctarget-feature=+wide-arithmetic".to_string(), llvm_argument(UNROLL)]
}

/// LLVM's own limit is 300.
pub const UNROLL: &str = "-unroll-threshold=400";

/// How a guest's direct build differs from rustc's defaults: the features that our
/// own pipelines use, and what LLVM is told where that is not its defaults.
pub fn direct_flags(native: &Native) -> Vec<String> {
    let more = native.system.direct_features;
    let comma = if more.is_empty() { "" } else { "," };
    let features = format!("-Ctarget-feature={STATIC}{comma}{more}");
    let llvm = native.tuning.into_iter().flatten().map(|argument| llvm_argument(argument));
    [features].into_iter().chain(llvm).collect()
}

/// What LLVM is told, as rustc is told.
fn llvm_argument(argument: &str) -> String {
    format!("-Cllvm-args={argument}")
}

/// The guest as a WASI preview 1 module.
pub fn wasm(plan: &mut Plan, guest: &Guest) -> Result<Made> {
    let file = format!("{}.wasm", guest.name);
    build(guest, "wasip1", For::Wasi { rustflags: wasm_flags() }).program(&file, &file).add(plan)
}

/// The guest as a static ELF for the platform.
pub fn direct(plan: &mut Plan, guest: &Guest, native: &Native) -> Result<Made> {
    let (tuned, kind) = match native.tuning {
        Some(_) => ("-tuned", "-direct-tuned"),
        None => ("", "-direct"),
    };
    let target = format!("{}{tuned}", native.system.platform);
    let file = format!("{}.{target}.elf", guest.name);
    let machine = For::Guest { system: native.system, rustflags: direct_flags(native), kind };
    build(guest, &target, machine).program(&guest.name, &file).add(plan)
}

/// The guests are one workspace: cargo hashes the absolute path of a crate
/// outside of it into the symbols, and the guests share a crate.
fn build(guest: &Guest, target: &str, machine: For) -> CargoBuild {
    let name = format!("{}/rust-{target}", guest.name);
    CargoBuild::new(name, format!("guests/{}", guest.name), "guests", machine).package(&guest.name)
}
