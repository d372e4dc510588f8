//! A profile of the guest on its training input, by which it is compiled again
//! (docs/pgo.md).
//!
//! It is made on Linux of RISC-V for every machine: what the translation is for a
//! machine changes expressions, not lines.

use std::path::Path;

use anyhow::{Context, Result};

use super::compile::Build;
use super::{link, translate, Row, Target};
use crate::cargo_step;
use crate::graph::plan::Plan;
use crate::graph::step::{Input, Made, Step};
use crate::guest::training::Training;
use crate::measure::counter;
use crate::platform;

/// Where the guest runs for it.
const PLATFORM: &str = "linux";

/// Adds the steps from a module to a profile.
pub fn add(
    plan: &mut Plan,
    root: &Path,
    target: &Target,
    wasm: &Input,
    training: &Training,
) -> Result<Made> {
    let platform = platform::find(PLATFORM).context("the platform of profiles")?;
    let row = Row { trained: false, ..target.row };
    let target = &Target { guest: target.guest, row, platform, trace: false };
    let profiler =
        cargo_step::tool(plan, "wasrisc-profile", "wasrisc-profile", "platform/profile")?;
    let counter = counter::plan(plan)?;
    let translated = translate::add(plan, target, wasm)?;
    let linked = super::linked(plan, root, target, &translated, &Build::Training)?;
    let (guest, way) = (&target.guest.name, link::way(target, &Build::Training));
    let emulator = &platform.emulator;
    let program = format!("{{tool:{}/{}}}", emulator.tool, emulator.program);
    let name = format!("{guest}/wasrisc-profile-{way}");
    let mut step = Step::new(name, format!("{guest}.{way}.linked"), format!("{guest}.profile"))
        .tool(emulator.tool)
        .input("profiler", profiler.input())
        .input("counter", counter.input())
        .input("elf", linked.input())
        .file("stdin", &training.stdin)
        .file("process", &training.process)
        .args(["{in:profiler}", "{in:elf}", "--process", "{in:process}", "--input", "{in:stdin}"])
        .args(["--emulator", &program, "--plugin", "{in:counter}", "--output", "{out:profile}"])
        .args([format!("--seconds={}", target.guest.time_limit.as_secs())]);
    for argument in emulator.arguments.iter().chain(platform.machine.processor) {
        step = step.args([format!("--emulator-argument={argument}")]);
    }
    step.memory = target.guest.memory_cap;
    let step = step.output("profile", format!("{guest}.profile"));
    let profile = step.made("profile");
    plan.add(step)?;
    Ok(profile)
}
