//! From objects to the ELF of a platform.

use anyhow::Result;

use super::translate::variant;
use super::Target;
use crate::graph::plan::Plan;
use crate::graph::step::{Made, Step};
use crate::platform::{Isa, Platform};

/// The linker script of a platform, in the project.
pub fn script(platform: &Platform) -> String {
    format!("platform/{}/link.ld", platform.name)
}

/// Adds the link.
pub fn add(plan: &mut Plan, target: &Target, objects: &[Made]) -> Result<Made> {
    let (guest, platform, row) = (&target.guest.name, target.platform, target.row);
    let way = format!("{}{}", variant(target), row.level.flag());
    let name = format!("{guest}/wasrisc-link-{way}-{}", platform.name);
    let file = format!("{guest}.{way}.{}.elf", platform.name);
    let mut step = Step::new(name, format!("{guest}.{way}.o"), &file)
        .tool("lld")
        .file("script", script(platform))
        .args(["{tool:lld/ld}", "-static", "--gc-sections", "--build-id=none"])
        .args(["--fatal-warnings"])
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
