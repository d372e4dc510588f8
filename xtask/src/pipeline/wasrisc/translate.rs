//! From a module to C, by our own translator.

use anyhow::Result;

use super::{Bounds, Go, Target};
use crate::cargo_step;
use crate::graph::plan::Plan;
use crate::graph::step::{Input, Made, Step};
use crate::imports::provided;

/// Functions go to so many files, which are compiled side by side. An edit of
/// the guest changes few of them.
pub const FILES: usize = 16;

/// Bytes of a page of linear memory.
const PAGE: u64 = 1 << 16;

/// Holds `g` in modules of Go, as it does in Go's own code for RISC-V.
pub const GO_REGISTER: &str = "s11";

/// Looks at a stack's limit, of which one moves it: often enough for every function
/// to be resumed somewhere, seldom enough for fast versions to come to their ends.
const LOOKS_PER_MOVE: u32 = 61;

/// Begins the names of files of which almost nothing is executed: what Go's
/// scheduler resumes (docs/go.md).
pub const COLD: &str = "cold_";

/// The names of the files that are compiled, in the order in which they are
/// linked, and of one that another includes.
pub struct Translated {
    pub units: Vec<Made>,
    pub image: Made,
    pub image_bytes: Made,
    /// Which symbol is which function of the module.
    pub symbols: Made,
}

/// Adds the build of the translator and its run.
pub fn add(plan: &mut Plan, target: &Target, wasm: &Input) -> Result<Translated> {
    let translator =
        cargo_step::tool(plan, "wasrisc-translate", "wasrisc-translator", "translator")?;
    let (guest, variant) = (&target.guest.name, variant(target));
    let name = format!("{guest}/wasrisc-translate-{variant}");
    let mut step = Step::new(name, format!("{guest}.wasm"), format!("{guest}.{variant}.c"))
        .input("translator", translator.input())
        .input("wasm", wasm.clone())
        .file("provided", provided::PATH)
        .args(["{in:translator}", "{in:wasm}", "--output", "{out}", "--files"])
        .args([&FILES.to_string(), "--symbols", "{out:symbols}", "--provided", "{in:provided}"])
        .args(options(target));
    let functions = (0..FILES).map(|n| format!("{n:03}"));
    let cold = (0..FILES).filter(|_| target.row.go != Go::Plain).map(|n| format!("{COLD}{n:03}"));
    let units: Vec<String> = functions.chain(cold).chain(["instance".to_string()]).collect();
    for unit in &units {
        step = step.output(unit, format!("w_{unit}.c"));
    }
    step = step.output("image", "w_image.s").output("bytes", "w_image.bin");
    step = step.output("symbols", "w_symbols.tsv");
    let translated = Translated {
        units: units.iter().map(|unit| step.made(unit)).collect(),
        image: step.made("image"),
        image_bytes: step.made("bytes"),
        symbols: step.made("symbols"),
    };
    plan.add(step)?;
    Ok(translated)
}

/// What tells this translation from others of the same module. Platforms with
/// the same memory base share one, checked if nothing or something behind the memory
/// faults on each of them.
pub fn variant(target: &Target) -> String {
    let go = match target.row.go {
        Go::Plain => "-plain",
        Go::Known => "",
        Go::Watched => "-watched",
        Go::Moved => "-moved",
    };
    let checked = match target.row.bounds {
        Bounds::None => "",
        Bounds::Explicit if target.platform.machine.guard_bytes == 0 => "-checked",
        Bounds::Explicit => "-checked-guarded",
    };
    let base = target.platform.machine.memory_base;
    format!("{}-{base}{checked}{go}", target.row.compiler.name())
}

/// The translator's options beyond the names of files.
pub fn options(target: &Target) -> Vec<String> {
    let machine = target.platform.machine;
    let mut options = vec![
        format!("--memory-base={}", machine.memory_base),
        format!("--bounds={}", target.row.bounds.option()),
        format!("--compiler={}", target.row.compiler.name()),
    ];
    if let Some(register) = machine.base_register {
        options.push(format!("--base-register={register}"));
    }
    if target.row.bounds == Bounds::Explicit {
        options.push(format!("--guard-bytes={}", machine.guard_bytes));
        if let Some(register) = machine.size_register {
            options.push(format!("--size-register={register}"));
        }
    }
    if let Some(bytes) = target.guest.memory_max {
        options.push(format!("--max-pages={}", bytes / PAGE));
    }
    if target.row.go == Go::Plain {
        options.push("--no-go".to_string());
    }
    if target.has_go_register() {
        options.push(format!("--go-register={GO_REGISTER}"));
    }
    if matches!(target.row.go, Go::Watched | Go::Moved) {
        options.push("--go-check".to_string());
    }
    if target.row.go == Go::Moved {
        options.push(format!("--go-move={LOOKS_PER_MOVE}"));
    }
    if machine.stack_guard {
        options.push("--no-stack-checks".to_string());
    }
    options
}
