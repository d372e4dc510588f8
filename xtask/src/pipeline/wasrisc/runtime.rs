//! The runtime's objects: the same for every guest on a machine.

use std::path::Path;

use anyhow::Result;

use super::{compile, Target};
use crate::graph::plan::Plan;
use crate::graph::step::{Made, Part, Step};
use crate::pipeline::sources::{files, headers, LEVEL};

/// The headers that translated C includes, and what it calls.
pub const CONTRACT: &str = "translator/runtime";

/// What every platform has, beside [`CONTRACT`].
const SHARED: &[&str] = &["platform/runtime", "platform/wasi", "platform/imports"];

/// Headers between these parts.
const HEADERS: &[&str] = &[CONTRACT, "platform/include", "platform/imports", "platform/runtime"];

/// What the sources of several platforms include whole.
const INCLUDED: &[&str] = &["platform/bare", "platform/linux"];

/// What a trace is of.
const TRACED: &str = "platform/wasi";

/// Adds a step for each source file of the runtime on the target's platform.
pub fn add(plan: &mut Plan, root: &Path, target: &Target) -> Result<Vec<Made>> {
    let machine = target.platform.machine;
    let mut objects = Vec::new();
    for folder in [CONTRACT].iter().chain(SHARED) {
        objects.extend(self::folder(plan, root, target, folder, machine.isa.name())?);
    }
    let own = format!("platform/{}", target.platform.name);
    objects.extend(self::folder(plan, root, target, &own, target.platform.name)?);
    Ok(objects)
}

/// Adds a step for each source file in a folder; `variant` is shared by the
/// platforms that can share the objects.
fn folder(
    plan: &mut Plan,
    root: &Path,
    target: &Target,
    folder: &str,
    variant: &str,
) -> Result<Vec<Made>> {
    let (compiler, isa) = (target.row.compiler, target.platform.machine.isa);
    let sources = files(root, folder, &["c", "S"])?;
    let of = sources.len();
    let short = folder.rsplit('/').next().unwrap_or(folder);
    let mut objects = Vec::new();
    for (n, source) in sources.into_iter().enumerate() {
        let file = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let traced = target.trace && folder == TRACED;
        let kind = format!("{}-{variant}{}", compiler.name(), if traced { "-trace" } else { "" });
        let name = format!("tool/wasrisc-runtime-{kind}/{short}/{file}");
        let mut step = Step::new(name, folder, format!("{short}.{kind}.o")).file("source", source);
        step.part = Some(Part { number: n + 1, of });
        let step = compile::command(step, compiler, isa).args([LEVEL]);
        let mut step = headers(root, &with(HEADERS, folder), step)?;
        if folder != CONTRACT && !SHARED.contains(&folder) {
            for folder in INCLUDED {
                for included in files(root, folder, &["c", "h", "S"])? {
                    step = step.file(&included.to_string_lossy(), &included);
                }
            }
        }
        if traced {
            step = step.args(["-DWASRISC_TRACE_WASI"]);
        }
        step = step.args(["-c", "{in:source}", "-o", "{out:object}"]);
        let step = step.output("object", format!("{file}.o"));
        objects.push(step.made("object"));
        plan.add(step)?;
    }
    Ok(objects)
}

fn with<'a>(folders: &[&'a str], own: &'a str) -> Vec<&'a str> {
    let others = folders.iter().filter(|folder| **folder != own);
    others.copied().chain([own]).collect()
}
