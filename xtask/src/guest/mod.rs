//! From a guest's source to its wasm, and to its direct ELF.

pub mod go;
pub mod manifest;
pub mod module;
pub mod rust;
pub mod select;
pub mod text;

use anyhow::Result;

use crate::graph::plan::Plan;
use crate::graph::step::{Input, Made};
use crate::platform::Platform;
use manifest::{Guest, Language};

/// A guest's module: made by a step, or a file of the user's own.
pub fn wasm(plan: &mut Plan, guest: &Guest) -> Result<Input> {
    match &guest.language {
        Language::Go => Ok(go::wasm(plan, guest)?.input()),
        Language::Rust => Ok(rust::wasm(plan, guest)?.input()),
        Language::Wasm(module) => Ok(Input::File(module.path.clone())),
    }
}

/// The guest compiled for the platform without wasm in between.
pub fn direct(plan: &mut Plan, guest: &Guest, platform: &'static Platform) -> Result<Option<Made>> {
    match &guest.language {
        Language::Go => go::direct(plan, guest, platform).map(Some),
        Language::Rust => rust::direct(plan, guest, platform).map(Some),
        Language::Wasm(_) => Ok(None),
    }
}
