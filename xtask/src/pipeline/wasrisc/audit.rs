//! Whether the linked file is one that a zkVM runs (platform/audit): only what
//! passes is the ELF.

use std::path::Path;

use anyhow::Result;

use super::compile::Build;
use super::{link, Target};
use crate::cargo_step;
use crate::graph::plan::Plan;
use crate::graph::step::{Made, Step};
use crate::guest::manifest::Language;
use crate::platform::{Isa, Platform};

/// What bare machines share.
const BARE: &str = "platform/bare/audit.toml";

/// Adds the audit of what was linked, where the machine is a RISC-V.
pub fn add(
    plan: &mut Plan,
    root: &Path,
    target: &Target,
    build: &Build,
    linked: Made,
) -> Result<Made> {
    let guest = target.guest;
    match target.platform.machine.isa {
        Isa::Rv64im => {}
        Isa::X86_64 => return Ok(linked),
    }
    let auditor = cargo_step::tool(plan, "wasrisc-audit", "wasrisc-audit", "platform/audit")?;
    let way = link::way(target, build);
    let name = format!("{}/wasrisc-audit-{way}", guest.name);
    let file = format!("{}.{way}.elf", guest.name);
    let mut step = Step::new(name, format!("{}.{way}.linked", guest.name), &file)
        .input("auditor", auditor.input())
        .input("linked", linked.input())
        .file("exceptions", exceptions(root, target.platform))
        .args(["{in:auditor}", "{in:linked}", "--exceptions", "{in:exceptions}"])
        .args(["--output", "{out:elf}"]);
    // What a module of the user's own says is the user's affair.
    if !matches!(guest.language, Language::Wasm(_)) {
        step = step.args(["--no-path", "{root}", "--no-path", "{cargo-home}"]);
    }
    let step = step.output("elf", file).executable();
    let elf = step.made("elf");
    plan.add(step)?;
    Ok(elf)
}

/// What a platform may hold beside RV64IM.
fn exceptions(root: &Path, platform: &Platform) -> String {
    let own = format!("platform/{}/audit.toml", platform.name);
    match root.join(&own).is_file() {
        true => own,
        false => BARE.to_string(),
    }
}
