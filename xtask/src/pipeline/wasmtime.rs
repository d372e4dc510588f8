//! wasmtime: Cranelift compiles the module ahead of time on the build machine;
//! a small runtime on the crate `wasmtime`, built once per platform, is linked
//! with the result into one static ELF (platform/wasmtime).

use anyhow::Result;

use crate::cargo_step::{CargoBuild, For};
use crate::graph::plan::Plan;
use crate::graph::step::{Input, Made, Step};
use crate::guest::manifest::Guest;
use crate::platform::Platform;

const WORKSPACE: &str = "platform/wasmtime";

/// For the report; the settings themselves are in platform/wasmtime/settings.
pub const FLAGS: &[&str] = &["cranelift opt-level=speed", "guard pages, no explicit bounds checks"];

/// Adds the steps from a module to an ELF.
pub fn add(
    plan: &mut Plan,
    guest: &Guest,
    wasm: &Input,
    platform: &'static Platform,
) -> Result<Made> {
    let compiler = compiler(plan)?;
    let runtime = runtime(plan, platform)?;
    let module = compile(plan, guest, wasm, platform, &compiler)?;
    link(plan, guest, platform, &module, &runtime)
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
pub fn runtime(plan: &mut Plan, platform: &'static Platform) -> Result<Made> {
    let name = format!("tool/wasmtime-run-{}", platform.name);
    let file = format!("libwasrisc_wasmtime_run.{}.a", platform.name);
    CargoBuild::new(name, "platform/wasmtime/run", WORKSPACE, For::Platform(platform))
        .package("wasrisc-wasmtime-run")
        .library("libwasrisc_wasmtime_run.a", &file)
        .add(plan)
}

fn compile(
    plan: &mut Plan,
    guest: &Guest,
    wasm: &Input,
    platform: &Platform,
    compiler: &Made,
) -> Result<Made> {
    let file = "module.cwasm";
    let name = format!("{}/wasmtime-compile-{}", guest.name, platform.name);
    let from = format!("{}.wasm", guest.name);
    let mut step = Step::new(name, from, format!("{}.{}.cwasm", guest.name, platform.name))
        .input("compiler", compiler.input())
        .input("wasm", wasm.clone())
        // The crate's version decides what the bytes mean.
        .tool("wasmtime")
        .args(["{in:compiler}", "--target", platform.triple, "{in:wasm}", "-o", "{out:module}"])
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
    platform: &Platform,
    module: &Made,
    runtime: &Made,
) -> Result<Made> {
    let gcc = format!("{{tool:{}/gcc}}", platform.linker_tool);
    let file = format!("{}.wasmtime.{}.elf", guest.name, platform.name);
    let object = format!("{}.{}.o", guest.name, platform.name);
    let cwasm = format!("{}.{}.cwasm", guest.name, platform.name);
    let name = |what: &str| format!("{}/wasmtime-{what}-{}", guest.name, platform.name);
    let embed = Step::new(name("embed"), cwasm, object.clone())
        .tool(platform.linker_tool)
        .input("module", module.input())
        .file("embed", format!("{WORKSPACE}/embed.S"))
        .args([&gcc, "-c", "-Wa,-I{dir:module}", "{in:embed}", "-o", "{out:object}"])
        .output("object", object.clone());
    let elf = Step::new(name("link"), object, file.clone())
        .tool(platform.linker_tool)
        .input("object", embed.made("object").input())
        .input("runtime", runtime.input())
        .args([&gcc, "-static", "-no-pie", "-Wl,--gc-sections,--no-warnings,--build-id=none"])
        .args(["{in:object}", "{in:runtime}", "-o", "{out:elf}"])
        .output("elf", file)
        .executable();
    let made = elf.made("elf");
    plan.add(embed)?;
    plan.add(elf)?;
    Ok(made)
}
