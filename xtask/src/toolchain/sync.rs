//! Brings the machine to what the lock asks for.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result};

use super::apt::{self, Apt};
use super::lock::Source;
use super::{apt_get, external, pip, Missing, Toolchain};
use crate::cache::lock_file;
use crate::error::tool;
use crate::ui::Ui;

/// Measured for this lock on Debian 12 with two cores: what a compressed
/// package becomes on disk, and how fast packages come and are unpacked.
const DISK_PER_DOWNLOAD: u64 = 5;
const DOWNLOAD_BYTES_PER_SECOND: u64 = 10_000_000;
const UNPACK_BYTES_PER_SECOND: u64 = 5_000_000;

/// Which of `tools` and their needs are not here.
pub fn missing(toolchain: &Toolchain, tools: &[&str]) -> Vec<Missing> {
    let mut out = Vec::new();
    for tool in tools {
        match toolchain.with_needs(&[tool]) {
            Ok(names) => out.extend(names.into_iter().filter_map(|name| one(toolchain, name))),
            Err(error) => out.push(Missing {
                tool: (*tool).to_string(),
                reason: error.to_string(),
                how: "name a tool of toolchains.lock".to_string(),
            }),
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    out.retain(|m| seen.insert(m.tool.clone()));
    out
}

pub fn one(toolchain: &Toolchain, name: &str) -> Option<Missing> {
    let (wanted, source) = toolchain.tools.get(name)?;
    let sync = format!("cargo xtask toolchain sync {name}");
    let found = |reason: String, how: String| Missing { tool: name.to_string(), reason, how };
    let own = match toolchain.own(name) {
        Ok(own) => own,
        Err(error) => return Some(found(error.to_string(), external::setting(name))),
    };
    if own.is_some() {
        // A program that is there may not be the one that is wanted.
        let unusable = toolchain.own_identity(name, wanted).err();
        let how = wanted.hint.clone().unwrap_or_else(|| external::setting(name));
        return unusable.map(|error| found(error.to_string(), how));
    }
    match source {
        Source::Apt(apt) => {
            let absent = apt.missing(&toolchain.dpkg()).join(" ");
            (!absent.is_empty()).then(|| {
                let by_hand = format!("apt-get install --no-install-recommends {absent}");
                found(
                    format!("Debian packages not installed: {absent}"),
                    format!("{sync} (or {by_hand})"),
                )
            })
        }
        Source::Pip(wheel) => {
            let installed = wheel.home(&toolchain.cache).is_dir();
            let reason = format!("{} {} is not in the cache", wheel.package, wheel.version);
            (!installed).then(|| found(reason, sync))
        }
        Source::Cargo(_) | Source::Go(_) => None,
        Source::External => {
            let names: Vec<&str> = wanted.programs.values().map(String::as_str).collect();
            let reason = format!("{} is not on PATH", names.join(", "));
            let how = wanted.hint.clone().unwrap_or_else(|| external::setting(name));
            Some(found(reason, how))
        }
    }
}

/// Installs what is missing; see `Toolchain::ensure`.
pub fn ensure(toolchain: &Toolchain, tools: &[&str]) -> Result<()> {
    let names = toolchain.with_needs(tools)?;
    for name in &names {
        match &toolchain.tool(name)?.1 {
            Source::Cargo(krate) => krate.compare(&toolchain.project)?,
            Source::Go(module) => module.compare(&toolchain.project)?,
            _ => {}
        }
    }
    let absent = missing(toolchain, &names);
    refuse_uninstallable(toolchain, &absent)?;
    if !absent.is_empty() {
        install(toolchain, &names)?;
    }
    if toolchain.strict {
        refuse_drift(toolchain, &names)?;
    }
    Ok(())
}

fn refuse_uninstallable(toolchain: &Toolchain, absent: &[Missing]) -> Result<()> {
    let installable = toolchain.installable();
    match absent.iter().find(|m| !installable.contains(&m.tool.as_str())) {
        Some(Missing { tool: name, reason, how }) => {
            Err(tool(format!("tool `{name}` is missing: {reason}")).hint(how.clone()).into())
        }
        None => Ok(()),
    }
}

/// The named packages must be as locked; what they depend on may be the
/// machine's own.
fn refuse_drift(toolchain: &Toolchain, names: &[&str]) -> Result<()> {
    for name in names {
        let Source::Apt(apt) = &toolchain.tool(name)?.1 else { continue };
        let identity = toolchain.identity(name)?;
        if let Some(drift) = identity.drift.iter().find(|d| apt.packages.contains(&d.package)) {
            let message = format!(
                "{} is installed as {}, the lock has {}",
                drift.package, drift.found, drift.locked
            );
            let fix = format!("install {}={}, or leave out --locked", drift.package, drift.locked);
            return Err(tool(message).hint(fix).into());
        }
    }
    Ok(())
}

fn install(toolchain: &Toolchain, names: &[&str]) -> Result<()> {
    let _lock = lock(&toolchain.cache, &toolchain.ui)?;
    pip::clear_unfinished(&toolchain.cache);
    // Another process may have installed it while this one waited.
    toolchain.forget_dpkg();
    let absent = missing(toolchain, names);
    let mut packages: Vec<&Apt> = Vec::new();
    let mut wheels = Vec::new();
    for missing in &absent {
        match &toolchain.tool(&missing.tool)?.1 {
            Source::Apt(apt) => packages.push(apt),
            Source::Pip(wheel) => wheels.push((missing.tool.as_str(), wheel)),
            Source::Cargo(_) | Source::Go(_) | Source::External => {}
        }
    }
    if absent.is_empty() {
        return Ok(());
    }
    let status = toolchain.dpkg();
    let debs = apt::union(&packages).into_values().filter(|p| status.version(&p.name).is_none());
    let wheel_bytes: u64 = wheels.iter().map(|(_, wheel)| wheel.bytes).sum();
    let bytes = debs.map(|p| p.bytes).sum::<u64>() + wheel_bytes;
    let list: Vec<&str> = absent.iter().map(|m| m.tool.as_str()).collect();
    toolchain.ui.status("Tools", &format!("{}: {}", list.join(", "), cost(bytes)));
    if !packages.is_empty() {
        apt_get::install(&toolchain.place(), &packages, &status, toolchain.strict)?;
        toolchain.forget_dpkg();
    }
    for (name, wheel) in wheels {
        let python = python(toolchain, name)?;
        wheel.install(&toolchain.place(), &python)?;
    }
    match missing(toolchain, names).first() {
        Some(Missing { tool: name, reason, .. }) => {
            Err(tool(format!("tool `{name}` is still missing after its installation: {reason}"))
                .into())
        }
        None => show_drift(toolchain, &list),
    }
}

/// The Python that a tool's `needs` provide.
fn python(toolchain: &Toolchain, name: &str) -> Result<std::path::PathBuf> {
    let (wanted, _) = toolchain.tool(name)?;
    for need in &wanted.needs {
        if toolchain.tool(need)?.0.programs.contains_key("python3") {
            return toolchain.program(need, "python3");
        }
    }
    let message = format!("{}: tool `{name}` needs no tool with a program `python3`", wanted.place);
    Err(crate::error::input(message).into())
}

fn show_drift(toolchain: &Toolchain, names: &[&str]) -> Result<()> {
    for name in names {
        let Source::Apt(apt) = &toolchain.tool(name)?.1 else { continue };
        let drift = toolchain.identity(name)?.drift;
        for d in &drift {
            let text = format!("{name}: {} is {}, the lock has {}", d.package, d.found, d.locked);
            toolchain.ui.detail(&text);
        }
        if !drift.is_empty() {
            let (some, all) = (drift.len(), apt.closure.len());
            let text = format!("{name}: {some} of {all} packages in other versions than locked");
            toolchain.ui.status("Drift", &text);
        }
    }
    Ok(())
}

fn cost(bytes: u64) -> String {
    let seconds = bytes / DOWNLOAD_BYTES_PER_SECOND + bytes / UNPACK_BYTES_PER_SECOND;
    format!(
        "{} MB to download, about {:.1} GB of disk, about {} min",
        bytes.div_ceil(1_000_000),
        (bytes * DISK_PER_DOWNLOAD) as f64 / 1e9,
        seconds.div_ceil(60).max(1),
    )
}

/// One process at a time installs into a cache. The kernel drops the lock with
/// the process that holds it.
fn lock(cache: &Path, ui: &Ui) -> Result<File> {
    let path = cache.join("tools").join(".lock");
    let folder = cache.join("tools");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    lock_file(&path, || ui.status("Waiting", "for another process that installs tools"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cost_is_said_in_round_numbers() {
        assert_eq!(cost(300_000_000), "300 MB to download, about 1.5 GB of disk, about 2 min");
        assert_eq!(cost(1), "1 MB to download, about 0.0 GB of disk, about 1 min");
    }
}
