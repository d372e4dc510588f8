//! WebAssembly to C for GCC and clang.
//!
//! A module is validated ([`Error`] says what is wrong with it, or which of
//! its features is refused), planned as a whole, and its functions are written
//! one by one. What comes out depends on the module and the [`Options`] alone.
//! README.md says what the C asks of its compiler and of a platform.

mod accept;
mod buckets;
mod complement;
mod constant;
mod contract;
mod emit;
mod error;
mod function;
mod go;
mod hash;
mod image;
pub mod link;
mod module;
mod names;
mod options;
mod plan;
mod provided;
mod scan;
mod threads;
mod types;

pub use error::{Error, Kind, Result};
pub use options::{Bounds, Compiler, Extension, MemoryBase, Names, Options, Unaligned};
pub use provided::Provided;
pub use types::{Signature, Type};

use function::{FunctionText, Version};
use module::Module;
use plan::{Form, Plan};
use std::collections::BTreeSet;
use threads::side_by_side;

/// The runtime that translated C includes and is linked with, by file name.
pub const RUNTIME: &[(&str, &str)] = &[
    ("wasrisc.h", include_str!("../runtime/wasrisc.h")),
    ("wasrisc_float.h", include_str!("../runtime/wasrisc_float.h")),
    ("wasrisc_go.h", include_str!("../runtime/wasrisc_go.h")),
    ("wasrisc_integer.h", include_str!("../runtime/wasrisc_integer.h")),
    ("wasrisc_memory.h", include_str!("../runtime/wasrisc_memory.h")),
    ("wasrisc_table.h", include_str!("../runtime/wasrisc_table.h")),
    ("wasrisc_tail.h", include_str!("../runtime/wasrisc_tail.h")),
    ("wasrisc_go.c", include_str!("../runtime/wasrisc_go.c")),
    ("wasrisc_float.c", include_str!("../runtime/wasrisc_float.c")),
    ("wasrisc_memory.c", include_str!("../runtime/wasrisc_memory.c")),
    ("wasrisc_table.c", include_str!("../runtime/wasrisc_table.c")),
    ("wasrisc_tail.c", include_str!("../runtime/wasrisc_tail.c")),
];

/// A module as C.
#[derive(Debug)]
pub struct Translation {
    /// In a fixed order; `.c` and `.s` files are compiled, one each. Their names
    /// depend on the options alone.
    pub files: Vec<File>,
    pub symbols: Vec<Symbol>,
    pub imports: Vec<link::Import>,
    pub exports: Vec<link::Export>,
    /// What was made of each function of a module of Go, and why: one line
    /// each. Empty for other modules.
    pub go_report: String,
}

#[derive(Debug, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub contents: Vec<u8>,
}

/// A function of the module in the ELF's symbol table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    pub symbol: String,
    pub function: u32,
    /// By the name section.
    pub name: Option<String>,
}

/// Translates a module in the binary format.
///
/// # Errors
///
/// See [`Kind`].
pub fn translate(bytes: &[u8], options: &Options) -> Result<Translation> {
    options.check()?;
    accept::validate(bytes)?;
    let module = Module::decode(bytes)?;
    let mut plan = Plan::make(&module, options)?;
    let mut units = Units::of(&plan)?;
    if let Some(reason) = units.failure {
        plan.go = Err(reason);
        units = Units::of(&plan)?;
    }
    let Units { mut files, references, .. } = units;
    let image = image::Image::of(&module);
    let prefix = &options.prefix;
    let instance = emit::instance(&plan, &image, &references);
    files.push(File { name: format!("{prefix}_instance.c"), contents: instance.into_bytes() });
    files.push(File { name: format!("{prefix}.h"), contents: emit::header(&plan).into_bytes() });
    let bin = format!("{prefix}_image.bin");
    let assembly = emit::image_assembly(&plan, &bin);
    files.push(File { name: format!("{prefix}_image.s"), contents: assembly.into_bytes() });
    files.push(File { name: bin, contents: image.bytes });
    Ok(Translation {
        files,
        symbols: symbols(&plan),
        imports: link::imports(&plan),
        exports: link::exports(&plan),
        go_report: go::report(&plan),
    })
}

/// The files of some functions, and the functions that their bodies take
/// references to.
#[derive(Default)]
struct Units {
    files: Vec<File>,
    references: BTreeSet<u32>,
    /// Why the module must be translated without what is known of Go: a fast
    /// version is not what its trial said. Of the first such function.
    failure: Option<String>,
}

impl Units {
    fn of(plan: &Plan<'_>) -> Result<Units> {
        let buckets = buckets::buckets(plan, plan.options.files);
        let mut all = Units::default();
        for unit in side_by_side(&buckets, |number, bucket| Units::unit(plan, number, bucket)) {
            let unit = unit?;
            all.files.extend(unit.files);
            all.references.extend(unit.references);
            all.failure = all.failure.or(unit.failure);
        }
        Ok(all)
    }

    /// Of one bucket.
    fn unit(plan: &Plan<'_>, number: usize, bucket: &[u32]) -> Result<Units> {
        let prefix = &plan.options.prefix;
        let own = bucket_functions(plan, bucket)?;
        let mut functions = go::copies(plan, bucket, &own)?;
        functions.extend(own);
        let references = functions.iter().flat_map(|f| f.uses.references.iter().copied()).collect();
        let failure = functions.iter().find_map(|f| f.failure.clone());
        let contents = emit::unit(plan, &functions).into_bytes();
        let mut files = vec![File { name: format!("{prefix}_{number:03}.c"), contents }];
        if plan.options.go {
            let contents = emit::unit(plan, &resumable_functions(plan, bucket)?).into_bytes();
            files.push(File { name: format!("{prefix}_cold_{number:03}.c"), contents });
        }
        Ok(Units { files, references, failure })
    }
}

fn bucket_functions(plan: &Plan<'_>, bucket: &[u32]) -> Result<Vec<FunctionText>> {
    let mut functions = Vec::new();
    for &index in bucket {
        if let Some(body) = &plan.module.functions[index as usize].body {
            let version = if plan.has_fast(index) { Version::Fast } else { Version::Plain };
            functions.push(function::translate(plan, index, body, version)?);
        }
    }
    Ok(functions)
}

/// What the fast versions of a bucket leave to their resumable ones.
fn resumable_functions(plan: &Plan<'_>, bucket: &[u32]) -> Result<Vec<FunctionText>> {
    let mut functions = Vec::new();
    for &index in bucket {
        if let (Some(body), true) =
            (&plan.module.functions[index as usize].body, plan.is_resumable(index))
        {
            functions.push(function::translate(plan, index, body, Version::Resumable)?);
        }
    }
    Ok(functions)
}

/// A trampolined function's time is spent in its step.
fn symbols(plan: &Plan<'_>) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    for (index, function) in plan.module.functions.iter().enumerate() {
        let index = index as u32;
        if function.body.is_none() {
            continue;
        }
        let name = &function.name;
        symbols.push(Symbol { symbol: plan.function(index), function: index, name: name.clone() });
        if plan.has_fast(index) {
            symbols.push(Symbol { symbol: plan.fast(index), function: index, name: name.clone() });
        }
        if plan.is_resumable(index) {
            let symbol = plan.resumable(index);
            symbols.push(Symbol { symbol, function: index, name: name.clone() });
        }
        if plan.functions[index as usize].form == Form::Trampoline {
            symbols.push(Symbol { symbol: plan.step(index), function: index, name: name.clone() });
        }
    }
    symbols
}

/// Renames `symbols` by the name section of another build of the module, for
/// profiles of a stripped release build.
///
/// # Errors
///
/// If `unstripped` is invalid, or its code section is another one.
pub fn rename_symbols(symbols: &mut [Symbol], module: &[u8], unstripped: &[u8]) -> Result<()> {
    accept::validate(module)?;
    accept::validate(unstripped)?;
    let (stripped, named) = (Module::decode(module)?, Module::decode(unstripped)?);
    let code = |bytes: &[u8], m: &Module<'_>| m.code.clone().map(|range| bytes[range].to_vec());
    if code(module, &stripped) != code(unstripped, &named) {
        return Err(Error::options("the module with the names has another code section"));
    }
    for symbol in symbols {
        symbol.name = named.functions.get(symbol.function as usize).and_then(|f| f.name.clone());
    }
    Ok(())
}
