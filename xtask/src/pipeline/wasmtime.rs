//! wasmtime: Cranelift compiles the module ahead of time on the build machine;
//! a small runtime on the crate `wasmtime`, built once per platform, is linked
//! with the result into one static ELF (platform/wasmtime).

use std::path::Path;

use anyhow::Result;

use crate::cargo_step::{CargoBuild, For};
use crate::graph::plan::Plan;
use crate::graph::step::{Input, Made, Part, Step};
use crate::guest::manifest::Guest;
use crate::imports::provided;
use crate::platform::System;

use super::sources::{files, headers, LEVEL};

const WORKSPACE: &str = "platform/wasmtime";

const IMPORTS: &str = "platform/imports";

/// For the report; the settings themselves are in platform/wasmtime/settings.
pub const FLAGS: &[&str] = &["cranelift opt-level=speed", "guard pages, no explicit bounds checks"];

/// Adds the steps from a module to an ELF.
pub fn add(
    plan: &mut Plan,
    root: &Path,
    guest: &Guest,
    wasm: &Input,
    system: &'static System,
) -> Result<Made> {
    let compiler = compiler(plan)?;
    let runtime = runtime(plan, system)?;
    let module = compile(plan, guest, wasm, system, &compiler)?;
    let imports = imports(plan, root, system)?;
    link(plan, guest, system, &module, &runtime, &imports)
}

/// The precompiler, for every platform.
pub fn compiler(plan: &mut Plan) -> Result<Made> {
    let name = "wasrisc-wasmtime-compile";
    CargoBuild::new("tool/wasmtime-compile", "platform/wasmtime/compile", WORKSPACE, For::Host)
        .package(name)
        .profile("tool")
        .program(name, name)
        .add(plan)
}

/// The runtime for one platform.
pub fn runtime(plan: &mut Plan, system: &'static System) -> Result<Made> {
    let name = format!("tool/wasmtime-run-{}", system.platform);
    let file = format!("libwasrisc_wasmtime_run.{}.a", system.platform);
    CargoBuild::new(name, "platform/wasmtime/run", WORKSPACE, For::System(system))
        .package("wasrisc-wasmtime-run")
        .library("libwasrisc_wasmtime_run.a", &file)
        .add(plan)
}

/// The C behind custom imports, for the platform's own calling convention.
fn imports(plan: &mut Plan, root: &Path, system: &System) -> Result<Vec<Made>> {
    let mut sources = files(root, IMPORTS, &["c"])?;
    // What translated modules call is Rust in the runtime (src/provided.rs).
    sources.retain(|source| !source.ends_with("imports.c"));
    let of = sources.len();
    let mut objects = Vec::new();
    for (n, source) in sources.into_iter().enumerate() {
        let file = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = format!("tool/wasmtime-imports-{}/{file}", system.platform);
        let to = format!("imports.wasmtime-{}.o", system.platform);
        let mut step = Step::new(name, IMPORTS, to)
            .tool(system.linker_tool)
            .file("source", source)
            .args([format!("{{tool:{}/gcc}}", system.linker_tool)])
            .args(["-std=gnu11", LEVEL, "-ffunction-sections"]);
        step = headers(root, &[IMPORTS], step)?
            .args(["-c", "{in:source}", "-o", "{out:object}"])
            .output("object", format!("{file}.o"));
        step.part = Some(Part { number: n + 1, of });
        objects.push(step.made("object"));
        plan.add(step)?;
    }
    Ok(objects)
}

fn compile(
    plan: &mut Plan,
    guest: &Guest,
    wasm: &Input,
    system: &System,
    compiler: &Made,
) -> Result<Made> {
    let file = "module.cwasm";
    let name = format!("{}/wasmtime-compile-{}", guest.name, system.platform);
    let from = format!("{}.wasm", guest.name);
    let mut step = Step::new(name, from, format!("{}.{}.cwasm", guest.name, system.platform))
        .input("compiler", compiler.input())
        .input("wasm", wasm.clone())
        .file("provided", provided::PATH)
        // The crate's version decides what the bytes mean.
        .tool("wasmtime")
        .args(["{in:compiler}", "--target", system.triple, "--provided", "{in:provided}"])
        .args(["{in:wasm}", "-o", "{out:module}"])
        .output("module", file);
    step.memory = 2 << 30;
    let made = step.made("module");
    plan.add(step)?;
    Ok(made)
}

/// Two commands: gcc would put the random name of its temporary object into
/// the symbols of the ELF.
fn link(
    plan: &mut Plan,
    guest: &Guest,
    system: &System,
    module: &Made,
    runtime: &Made,
    imports: &[Made],
) -> Result<Made> {
    let gcc = format!("{{tool:{}/gcc}}", system.linker_tool);
    let file = format!("{}.wasmtime.{}.elf", guest.name, system.platform);
    let object = format!("{}.{}.o", guest.name, system.platform);
    let cwasm = format!("{}.{}.cwasm", guest.name, system.platform);
    let name = |what: &str| format!("{}/wasmtime-{what}-{}", guest.name, system.platform);
    let embed = Step::new(name("embed"), cwasm, object.clone())
        .tool(system.linker_tool)
        .input("module", module.input())
        .file("embed", format!("{WORKSPACE}/embed.S"))
        .args([&gcc, "-c", "-Wa,-I{dir:module}", "{in:embed}", "-o", "{out:object}"])
        .output("object", object.clone());
    let mut elf = Step::new(name("link"), object, file.clone())
        .tool(system.linker_tool)
        .input("object", embed.made("object").input())
        .input("runtime", runtime.input())
        .args([&gcc, "-static", "-no-pie", "-Wl,--gc-sections,--no-warnings,--build-id=none"])
        .args(["{in:object}", "{in:runtime}", "-o", "{out:elf}"])
        .output("elf", file)
        .executable();
    for (n, object) in imports.iter().enumerate() {
        let input = format!("import{n}");
        elf = elf.args([format!("{{in:{input}}}")]).input(&input, object.input());
    }
    let made = elf.made("elf");
    plan.add(embed)?;
    plan.add(elf)?;
    Ok(made)
}
