//! From objects to the ELF of a platform.

use anyhow::Result;

use super::compile::Build;
use super::translate::variant;
use super::Target;
use crate::graph::plan::Plan;
use crate::graph::step::{Made, Step};
use crate::platform::{Isa, Kind, Platform};

/// The linker script of a platform, in the project. Bare machines share one.
pub fn script(platform: &Platform) -> String {
    match platform.emulator.kind {
        Kind::User => format!("platform/{}/link.ld", platform.name),
        Kind::System(_) => "platform/bare/link.ld".to_string(),
    }
}

/// What tells this ELF from others of the same guest.
pub fn way(target: &Target, build: &Build) -> String {
    let trace = if target.trace { "-trace" } else { "" };
    let (level, build) = (target.row.level.flag(), build.suffix());
    format!("{}{level}{build}{trace}.{}", variant(target), target.platform.name)
}

/// Adds the link. Of a RISC-V it makes a file that is to be audited.
pub fn add(plan: &mut Plan, target: &Target, build: &Build, objects: &[Made]) -> Result<Made> {
    let (guest, platform, way) = (&target.guest.name, target.platform, way(target, build));
    let name = format!("{guest}/wasrisc-link-{way}");
    let file = match platform.machine.isa {
        Isa::Rv64im => format!("{guest}.{way}.linked"),
        Isa::X86_64 => format!("{guest}.{way}.elf"),
    };
    let from =
        format!("{guest}.{}{}{}.o", variant(target), target.row.level.flag(), build.suffix());
    let mut step = Step::new(name, from, &file)
        .tool("lld")
        .file("script", script(platform))
        .args(["{tool:lld/ld}", "-static", "--gc-sections", "--build-id=none"])
        // Labels within functions are as many as instructions.
        .args(["--fatal-warnings", "--discard-locals"])
        .args([format!("--defsym=wasrisc_stack_bytes={}", target.guest.stack)])
        .args(["-T", "{in:script}", "-o", "{out:elf}"]);
    for (n, object) in objects.iter().enumerate() {
        let input = format!("{n:03}");
        step = step.args([format!("{{in:{input}}}")]).input(&input, object.input());
    }
    step = match platform.machine.isa {
        Isa::Rv64im => {
            step.tool("riscv64-elf-gcc").args(["{home:riscv64-elf-gcc}/rv64im/lp64/libgcc.a"])
        }
        Isa::X86_64 => step,
    };
    let step = step.output("elf", file).executable();
    let elf = step.made("elf");
    plan.add(step)?;
    Ok(elf)
}
