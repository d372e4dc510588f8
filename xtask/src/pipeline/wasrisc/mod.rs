//! wasrisc: our own translator makes C of the module, a compiler makes objects
//! of the C file by file, and a freestanding runtime is linked with them.

pub mod audit;
pub mod compile;
pub mod files;
pub mod link;
pub mod runtime;
pub mod training;
pub mod translate;

use std::path::Path;

use anyhow::Result;

use crate::graph::plan::Plan;
use crate::graph::step::{Input, Made};
use crate::guest::manifest::Guest;
use crate::guest::training::Training;
use crate::pipeline::sources;
use crate::platform::{Isa, Platform};

use compile::Build;
pub use compile::Compiler;
use translate::Translated;

/// What differs between our own pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub compiler: Compiler,
    /// Of optimisation, for the guest's code; the runtime's is always the same.
    pub level: Level,
    pub bounds: Bounds,
    pub go: Go,
    /// Whether LLVM is told how often what ran, on the guest's training input.
    pub trained: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    O0,
    O1,
    O2,
    O3,
}

impl Level {
    pub fn flag(self) -> &'static str {
        match self {
            Level::O0 => "-O0",
            Level::O1 => "-O1",
            Level::O2 => "-O2",
            Level::O3 => "-O3",
        }
    }
}

/// Whether accesses outside of linear memory are looked for
/// (translator/README.md, "The trust model").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounds {
    None,
    Explicit,
}

impl Bounds {
    pub fn option(self) -> &'static str {
        match self {
            Bounds::None => "none",
            Bounds::Explicit => "explicit",
        }
    }
}

/// How modules of Go's compiler are translated (docs/go.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// Like any other.
    Plain,
    /// By Go's conventions, which is twice the C. Accesses are not checked then.
    Known,
    /// The same, and what is assumed is looked at when they run.
    Watched,
    /// As watched, and stacks move at many calls: forced growth, without the growth.
    Moved,
}

/// One guest in one of our pipelines on one platform.
pub struct Target<'a> {
    pub guest: &'a Guest,
    pub row: Row,
    pub platform: &'static Platform,
    /// Whether each call of WASI is told on standard error.
    pub trace: bool,
}

impl Target<'_> {
    /// Whether a register is kept for `g` of Go's runtime: the module is of Go's
    /// compiler, and is translated by its conventions.
    pub fn has_go_register(&self) -> bool {
        self.guest.language.is_go()
            && self.row.go != Go::Plain
            && self.platform.machine.isa == Isa::Rv64im
    }
}

/// What the steps make.
pub struct Built {
    pub elf: Made,
    pub symbols: Made,
}

/// Adds the steps from a module to an ELF. `root` is the project, whose sources
/// of the runtime are listed; `training` is for a row that is trained.
pub fn add(
    plan: &mut Plan,
    root: &Path,
    target: &Target,
    wasm: &Input,
    training: Option<&Training>,
) -> Result<Built> {
    let profile = training.map(|training| training::add(plan, root, target, wasm, training));
    let build = profile.transpose()?.map_or(Build::Plain, Build::Trained);
    let translated = translate::add(plan, target, wasm)?;
    let linked = linked(plan, root, target, &translated, &build)?;
    let elf = audit::add(plan, root, target, &build, linked)?;
    Ok(Built { elf, symbols: translated.symbols })
}

/// Adds the steps from C to a linked file.
fn linked(
    plan: &mut Plan,
    root: &Path,
    target: &Target,
    translated: &Translated,
    build: &Build,
) -> Result<Made> {
    let mut objects = compile::guest(plan, root, target, translated, build)?;
    objects.extend(files::add(plan, target)?);
    objects.extend(runtime::add(plan, root, target)?);
    link::add(plan, target, build, &objects)
}

/// Whether the project has a runtime for the platform.
pub fn has_runtime(root: &Path, platform: &Platform) -> bool {
    root.join(link::script(platform)).is_file()
}

/// For the report: everything that the translator, the compiler and the linker
/// are told that could change a count.
pub fn flags(target: &Target) -> Vec<String> {
    let (Row { compiler, level, .. }, isa) = (target.row, target.platform.machine.isa);
    let mut flags = translate::options(target);
    flags.extend(compile::flags(compiler, isa));
    flags.extend(compile::tuning(target).into_iter().map(str::to_string));
    flags.extend(compiler.optimisation(isa, level).into_iter().map(str::to_string));
    flags.push(format!("runtime {}", sources::LEVEL));
    flags.push(format!("stack of {} KiB", target.guest.stack >> 10));
    flags.extend(target.guest.files.as_ref().map(|files| format!("files: {}", files.shown())));
    flags
}
