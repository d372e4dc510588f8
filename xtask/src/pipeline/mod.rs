//! The ways from wasm to an ELF. A pipeline is a row of a table; its steps are
//! code, one file per kind.

mod sources;
pub mod wasmtime;
pub mod wasrisc;

use std::path::Path;

use anyhow::Result;

use crate::graph::plan::Plan;
use crate::graph::step::{Input, Made};
use crate::guest::manifest::{Guest, Language};
use crate::guest::training::Training;
use crate::guest::{self, dotnet, go, rust, Native};
use crate::platform::{Platform, PLATFORMS};
use wasrisc::compile;
use wasrisc::{Bounds, Compiler, Go, Level, Row};

/// What stands between the guest's source and the ELF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Translator {
    /// Nothing: the language's own compiler for the platform. Every ratio's
    /// other side.
    None,
    /// Nothing either, but with the flags that our own pipelines give LLVM.
    Tuned,
    /// Cranelift ahead of time, by the crate `wasmtime`.
    Wasmtime,
    /// Our own, to C.
    Wasrisc(Row),
}

/// A row of the table of pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pipeline {
    pub name: &'static str,
    pub about: &'static str,
    pub translator: Translator,
}

/// The pipeline that the others are compared with.
pub const DIRECT: &str = "direct";

pub const PIPELINES: &[Pipeline] = &[
    Pipeline {
        name: DIRECT,
        about: "the language's own compiler for the platform, no wasm",
        translator: Translator::None,
    },
    Pipeline {
        name: "direct-tuned",
        about: "the same for Rust, with LLVM told what our own pipelines tell it",
        translator: Translator::Tuned,
    },
    Pipeline {
        name: "wasmtime",
        about: "wasmtime's Cranelift ahead of time, its runtime linked in",
        translator: Translator::Wasmtime,
    },
    wasrisc("wasrisc-o0", Compiler::Clang, Level::O0, Bounds::None, Go::Plain),
    wasrisc("wasrisc-o1", Compiler::Clang, Level::O1, Bounds::None, Go::Known),
    wasrisc("wasrisc-o2", Compiler::Clang, Level::O2, Bounds::None, Go::Known),
    wasrisc("wasrisc-o3", Compiler::Clang, Level::O3, Bounds::None, Go::Known),
    Pipeline {
        name: "wasrisc-pgo",
        about: "as wasrisc-o3, compiled by a profile of a run on the guest's training input",
        translator: Translator::Wasrisc(Row {
            compiler: Compiler::Clang,
            level: Level::O3,
            bounds: Bounds::None,
            go: Go::Known,
            trained: true,
        }),
    },
    wasrisc("wasrisc-o3-plain", Compiler::Clang, Level::O3, Bounds::None, Go::Plain),
    wasrisc("wasrisc-o3-checked", Compiler::Clang, Level::O3, Bounds::Explicit, Go::Plain),
    wasrisc("wasrisc-o1-go-check", Compiler::Clang, Level::O1, Bounds::None, Go::Watched),
    wasrisc("wasrisc-o1-go-move", Compiler::Clang, Level::O1, Bounds::None, Go::Moved),
    wasrisc("wasrisc-gcc-o0", Compiler::Gcc, Level::O0, Bounds::None, Go::Plain),
    wasrisc("wasrisc-gcc-o1", Compiler::Gcc, Level::O1, Bounds::None, Go::Known),
    wasrisc("wasrisc-gcc-o2", Compiler::Gcc, Level::O2, Bounds::None, Go::Known),
    wasrisc("wasrisc-gcc-o3", Compiler::Gcc, Level::O3, Bounds::None, Go::Known),
    wasrisc("wasrisc-gcc-o3-checked", Compiler::Gcc, Level::O3, Bounds::Explicit, Go::Plain),
];

const fn wasrisc(
    name: &'static str,
    compiler: Compiler,
    level: Level,
    bounds: Bounds,
    go: Go,
) -> Pipeline {
    let about = match (compiler, bounds, go) {
        (Compiler::Clang, Bounds::None, Go::Known) => {
            "our own translation to C, modules of Go by Go's conventions, clang, no bounds checks"
        }
        (Compiler::Gcc, Bounds::None, Go::Known) => {
            "our own translation to C, modules of Go by Go's conventions, GCC, no bounds checks"
        }
        (Compiler::Clang, Bounds::None, Go::Plain) => {
            "our own translation to C, Go's modules like all others, clang, no bounds checks"
        }
        (Compiler::Gcc, Bounds::None, Go::Plain) => {
            "our own translation to C, Go's modules like all others, GCC, no bounds checks"
        }
        (Compiler::Clang, Bounds::Explicit, _) => {
            "our own translation to C, Go's modules like all others, clang, explicit bounds checks"
        }
        (Compiler::Gcc, Bounds::Explicit, _) => {
            "our own translation to C, Go's modules like all others, GCC, explicit bounds checks"
        }
        (_, Bounds::None, Go::Watched) => {
            "a test: what Go's conventions say is looked at as a module of Go runs"
        }
        (_, Bounds::None, Go::Moved) => {
            "a test: the same, and stacks of a module of Go are moved all the time"
        }
    };
    let translator = Translator::Wasrisc(Row { compiler, level, bounds, go, trained: false });
    Pipeline { name, about, translator }
}

/// The pipeline of this name.
pub fn find(name: &str) -> Option<&'static Pipeline> {
    PIPELINES.iter().find(|p| p.name == name)
}

impl Pipeline {
    /// Whether the language's own compiler makes the ELF, without wasm.
    pub fn is_direct(&self) -> bool {
        matches!(self.translator, Translator::None | Translator::Tuned)
    }

    /// Whether a run of the guest decides what it makes.
    pub fn is_trained(&self) -> bool {
        matches!(self.translator, Translator::Wasrisc(Row { trained: true, .. }))
    }

    /// Where its ELFs can run.
    pub fn platforms(&self) -> impl Iterator<Item = &'static Platform> + '_ {
        let anywhere = matches!(self.translator, Translator::Wasrisc(_));
        PLATFORMS.iter().filter(move |platform| anywhere || platform.system.is_some())
    }
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

/// Adds the steps of a pipeline to the plan, or says why it has none. `root` is
/// the project; with `trace` each call of WASI is told on standard error, which
/// only our own pipelines can.
pub fn add(
    plan: &mut Plan,
    root: &Path,
    guest: &Guest,
    pipeline: &Pipeline,
    platform: &'static Platform,
    trace: bool,
) -> Result<std::result::Result<Artifacts, String>> {
    let ours = matches!(pipeline.translator, Translator::Wasrisc(_));
    if trace && !ours {
        return Ok(Err(format!("pipeline {} cannot trace calls of WASI", pipeline.name)));
    }
    if guest.files.is_some() && !ours {
        return Ok(Err(format!("pipeline {} cannot give a guest files of its own", pipeline.name)));
    }
    match (pipeline.translator, platform.system.as_ref()) {
        (Translator::None, Some(system)) => direct(plan, guest, Native { system, tuning: None }),
        (Translator::Tuned, Some(system)) => {
            let tuning = Some(compile::llvm(platform.machine.isa, &guest.language));
            direct(plan, guest, Native { system, tuning })
        }
        (Translator::Wasmtime, Some(system)) => {
            let mut flags = wasm_flags(guest, system.isa);
            flags.extend(wasmtime::FLAGS.iter().map(|f| f.to_string()));
            let wasm = guest::wasm(plan, guest)?;
            let elf = wasmtime::add(plan, root, guest, &wasm, system)?;
            Ok(Ok(Artifacts { elf, wasm: Some(wasm), symbols: None, flags }))
        }
        (Translator::None | Translator::Tuned | Translator::Wasmtime, None) => Ok(Err(format!(
            "platform {} has no operating system, which pipeline {} needs",
            platform.name, pipeline.name
        ))),
        (Translator::Wasrisc(_), _) if !wasrisc::has_runtime(root, platform) => {
            Ok(Err(format!("platform {} has no runtime", platform.name)))
        }
        (Translator::Wasrisc(row), _) => {
            by_translation(plan, root, &wasrisc::Target { guest, row, platform, trace })
        }
    }
}

fn direct(
    plan: &mut Plan,
    guest: &Guest,
    native: Native,
) -> Result<std::result::Result<Artifacts, String>> {
    let mut flags = language_flags(guest);
    if guest.language == Language::Rust {
        flags.extend(rust::direct_flags(&native));
    }
    flags.push(instructions(native.system.isa));
    let elf = guest::direct(plan, guest, &native)?;
    Ok(elf.map(|elf| Artifacts { elf, wasm: None, symbols: None, flags }))
}

fn by_translation(
    plan: &mut Plan,
    root: &Path,
    target: &wasrisc::Target,
) -> Result<std::result::Result<Artifacts, String>> {
    let (guest, isa) = (target.guest, target.platform.machine.isa);
    let training = match target.row.trained.then(|| Training::of(root, guest)).transpose()? {
        Some(Err(reason)) => return Ok(Err(reason)),
        Some(Ok(training)) => Some(training),
        None => None,
    };
    let mut flags = wasm_flags(guest, isa.name());
    flags.extend(wasrisc::flags(target));
    if let Some(training) = &training {
        flags.extend([format!("profile of {}", training.input), compile::HOT.to_string()]);
    }
    let wasm = guest::wasm(plan, guest)?;
    let built = wasrisc::add(plan, root, target, &wasm, training.as_ref())?;
    Ok(Ok(Artifacts { elf: built.elf, wasm: Some(wasm), symbols: Some(built.symbols), flags }))
}

/// What a guest's module is made with, and the instruction set that it ends as.
fn wasm_flags(guest: &Guest, isa: &str) -> Vec<String> {
    let mut flags = language_flags(guest);
    if guest.language == Language::Rust {
        flags.extend(rust::wasm_flags());
    }
    flags.push(instructions(isa));
    flags
}

fn instructions(isa: &str) -> String {
    format!("instructions: {isa}")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::PLATFORMS;

    /// Steps of one name that differ are refused, and `bench --all` has all of
    /// these in one plan.
    #[test]
    fn every_pipeline_to_every_platform_is_one_plan() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut plan = Plan::default();
        for guest in ["hello_world-go", "hello_world-rust", "files-rust", "memory_limit-go"] {
            let guest = Guest::load(&root.join("guests").join(guest)).unwrap();
            for (pipeline, platform) in
                PIPELINES.iter().flat_map(|pipeline| PLATFORMS.iter().map(move |p| (pipeline, p)))
            {
                // What a pipeline cannot do is a reason and no error.
                let added = add(&mut plan, root, &guest, pipeline, platform, false);
                let (guest, pipeline, platform) = (&guest.name, pipeline.name, platform.name);
                assert!(added.is_ok(), "{guest} {pipeline} {platform}: {:?}", added.err());
            }
        }
        assert!(plan.steps().len() > 1000, "{}", plan.steps().len());
    }
}
