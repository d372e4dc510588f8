//! From a guest's source to its wasm, and to its direct ELF.

pub mod dotnet;
pub mod files;
pub mod go;
pub mod manifest;
pub mod module;
pub mod rust;
pub mod select;
pub mod text;

use anyhow::Result;

use crate::graph::plan::Plan;
use crate::graph::step::{Input, Made};
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

/// The guest compiled for the system without wasm in between, or why that
/// cannot be.
pub fn direct(
    plan: &mut Plan,
    guest: &Guest,
    system: &'static System,
) -> Result<std::result::Result<Made, String>> {
    match &guest.language {
        Language::Dotnet => Ok(Err(dotnet::NO_DIRECT.to_string())),
        Language::Go => go::direct(plan, guest, system).map(Ok),
        Language::Rust => rust::direct(plan, guest, system).map(Ok),
        Language::Wasm(_) => Ok(Err(format!(
            "{} is a module without source: there is nothing to build directly",
            guest.name
        ))),
    }
}
