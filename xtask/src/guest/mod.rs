//! From a guest's source to its wasm, and to its direct ELF.

pub mod dotnet;
pub mod files;
pub mod go;
pub mod kept;
pub mod manifest;
pub mod module;
pub mod rust;
pub mod select;
pub mod text;
pub mod training;

use anyhow::Result;

use crate::graph::plan::Plan;
use crate::graph::step::{Input, Made};
use crate::input::framing;
use crate::platform::System;
use manifest::{Guest, Language};

/// A guest's module: made by a step, or a file of the user's own.
pub fn wasm(plan: &mut Plan, guest: &Guest) -> Result<Input> {
    match &guest.language {
        Language::Dotnet => Ok(dotnet::wasm(plan, guest)?.input()),
        Language::Go => Ok(go::wasm(plan, guest)?.input()),
        Language::Rust => Ok(rust::wasm(plan, guest)?.input()),
        Language::Wasm(module) => Ok(Input::File(module.path.clone())),
    }
}

/// What the guest reads: the payload in its frame. A module of the user's own
/// gets the bytes as they are unless it announces phases, which only guests that
/// know the frame do.
pub fn stdin(guest: &Guest, payload: &[u8], runs: u32) -> Result<Vec<u8>> {
    match &guest.language {
        Language::Wasm(own) if !module::announces_phases(&own.path)? => Ok(payload.to_vec()),
        _ => Ok(framing::encode(runs, payload)),
    }
}

/// What a direct build is for.
#[derive(Debug, Clone, Copy)]
pub struct Native {
    pub system: &'static System,
    /// What LLVM is told beyond its defaults, if anything.
    pub tuning: Option<&'static [&'static str]>,
}

/// The guest compiled for the system without wasm in between, or why that
/// cannot be.
pub fn direct(
    plan: &mut Plan,
    guest: &Guest,
    native: &Native,
) -> Result<std::result::Result<Made, String>> {
    match &guest.language {
        Language::Dotnet => Ok(Err(dotnet::NO_DIRECT.to_string())),
        Language::Go if native.tuning.is_some() => Ok(Err(go::NOT_TUNED.to_string())),
        Language::Go => go::direct(plan, guest, native.system).map(Ok),
        Language::Rust => rust::direct(plan, guest, native).map(Ok),
        Language::Wasm(_) => Ok(Err(format!(
            "{} is a module without source: there is nothing to build directly",
            guest.name
        ))),
    }
}
