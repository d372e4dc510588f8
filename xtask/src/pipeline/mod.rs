//! The ways from wasm to an ELF. A pipeline is a row of a table; its steps are
//! code, one file per kind.

pub mod wasmtime;

use anyhow::Result;

use crate::graph::plan::Plan;
use crate::graph::step::{Input, Made};
use crate::guest::manifest::{Guest, Language};
use crate::guest::{self, dotnet, go, rust};
use crate::platform::Platform;

/// What stands between the guest's source and the ELF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Translator {
    /// Nothing: the language's own compiler for the platform. Every ratio's
    /// other side.
    None,
    /// Cranelift ahead of time, by the crate `wasmtime`.
    Wasmtime,
}

/// A row of the table of pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pipeline {
    pub name: &'static str,
    pub about: &'static str,
    pub translator: Translator,
    pub platforms: &'static [&'static str],
}

/// The pipeline that the others are compared with.
pub const DIRECT: &str = "direct";

pub const PIPELINES: &[Pipeline] = &[
    Pipeline {
        name: DIRECT,
        about: "the language's own compiler for the platform, no wasm",
        translator: Translator::None,
        platforms: &["linux", "amd64"],
    },
    Pipeline {
        name: "wasmtime",
        about: "wasmtime's Cranelift ahead of time, its runtime linked in",
        translator: Translator::Wasmtime,
        platforms: &["linux", "amd64"],
    },
];

/// The pipeline of this name.
pub fn find(name: &str) -> Option<&'static Pipeline> {
    PIPELINES.iter().find(|p| p.name == name)
}

/// What a pipeline's steps make for one guest on one platform.
#[derive(Debug, Clone)]
pub struct Artifacts {
    pub elf: Made,
    /// The module that the ELF was made from; none when direct.
    pub wasm: Option<Input>,
    /// Which symbols of it are which functions of the module, where that became C.
    pub symbols: Option<Made>,
    /// For the report: what the compilers were told.
    pub flags: Vec<String>,
}

/// Adds the steps of a pipeline to the plan, or says why it has none.
pub fn add(
    plan: &mut Plan,
    guest: &Guest,
    pipeline: &Pipeline,
    platform: &'static Platform,
) -> Result<std::result::Result<Artifacts, String>> {
    if !pipeline.platforms.contains(&platform.name) {
        let reason = format!("pipeline {} has no platform {}", pipeline.name, platform.name);
        return Ok(Err(reason));
    }
    match pipeline.translator {
        Translator::None => {
            let elf = guest::direct(plan, guest, platform)?;
            Ok(elf.map(|elf| Artifacts {
                elf,
                wasm: None,
                symbols: None,
                flags: language_flags(guest),
            }))
        }
        Translator::Wasmtime => {
            let wasm = guest::wasm(plan, guest)?;
            let elf = wasmtime::add(plan, guest, &wasm, platform)?;
            let mut flags = language_flags(guest);
            flags.extend(wasmtime::FLAGS.iter().map(|f| f.to_string()));
            Ok(Ok(Artifacts { elf, wasm: Some(wasm), symbols: None, flags }))
        }
    }
}

fn language_flags(guest: &Guest) -> Vec<String> {
    let owned = |flags: &[&str]| flags.iter().map(|f| f.to_string()).collect::<Vec<_>>();
    match guest.language {
        Language::Dotnet => owned(dotnet::FLAGS),
        Language::Go => owned(go::FLAGS).into_iter().chain(go::machine_settings()).collect(),
        Language::Rust => owned(rust::FLAGS),
        Language::Wasm(_) => Vec::new(),
    }
}
