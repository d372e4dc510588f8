//! Random modules (crate `wasm-smith`), translated under random options,
//! compiled many at a time, and run.
//!
//! Everything follows from a module's seed: seeds of one batch share options,
//! compiler and machine.

mod generate;
mod program;
mod random;
mod settings;
pub mod transcript;

pub use generate::{Call, Case};
pub use settings::Settings;

use crate::toolchain::{Place, Toolchain};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use transcript::Transcript;

/// How many seeds are one program.
pub const BATCH: u64 = 32;

/// The numbers that C and an engine agree on for imported globals.
pub const GLOBAL: u64 = 666;

/// One seed: its module, and what it did as translated.
pub struct Outcome {
    pub case: Case,
    pub found: Transcript,
}

/// One number for a module's bytes.
pub fn of_module(wasm: &[u8]) -> u64 {
    wasm.iter().fold(0, |state, byte| transcript::digest(state, u64::from(*byte)))
}

/// Compiler, machine, and flags of all code.
type Key = (&'static str, Place, Vec<String>);
type Cell = Arc<OnceLock<Result<Toolchain, String>>>;

/// Compilers with the runtime compiled by them, each made once.
#[derive(Default)]
pub struct Toolchains(Mutex<HashMap<Key, Cell>>);

impl Toolchains {
    fn with<T>(
        &self,
        settings: &Settings,
        work: impl FnOnce(&Toolchain) -> Result<T, String>,
    ) -> Result<T, String> {
        let machine = settings.machine;
        let flags = settings.flags();
        let key = (machine.compiler, machine.place, flags.clone());
        let cell = self.0.lock().map_err(|e| e.to_string())?.entry(key).or_default().clone();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/fuzz/harness.c");
        let made = cell.get_or_init(|| Toolchain::new(machine, &flags, &source));
        work(made.as_ref().map_err(Clone::clone)?)
    }
}

/// Translates, compiles and runs these seeds, which are of one batch.
///
/// # Errors
///
/// What translator, compiler or linker said of a valid module.
pub fn run(toolchains: &Toolchains, seeds: &[u64]) -> Result<Vec<Outcome>, String> {
    let settings = Settings::of(seeds.first().map_or(0, |seed| seed / BATCH));
    let mut cases = Vec::new();
    for (number, seed) in seeds.iter().enumerate() {
        let case = generate::case(*seed, &settings.options(number), settings.traps());
        cases.push(case.map_err(|why| format!("seed {seed}: {why}"))?);
    }
    let found =
        toolchains.with(&settings, |toolchain| program::run(toolchain, &settings, &cases))?;
    Ok(cases.into_iter().zip(found).map(|(case, found)| Outcome { case, found }).collect())
}
