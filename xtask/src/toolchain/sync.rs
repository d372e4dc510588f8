//! Brings the machine to what the lock asks for.

use anyhow::Result;

use super::apt::{self, Apt};
use super::lock::Source;
use super::{apt_get, external, Missing, Toolchain};
use crate::cache::Lock;
use crate::error::{ours, tool};

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
        Err(error) => {
            let hint = ours(&error).and_then(|e| e.hint.clone());
            let how = hint.unwrap_or_else(|| external::setting(name));
            return Some(found(error.to_string(), how));
        }
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
                let how = toolchain.host.how_to_get(name, &absent);
                found(format!("Debian packages not installed: {absent}"), how)
            })
        }
        Source::Pip(wheel) => {
            let tree = toolchain.tree(wheel);
            let installed =
                tree.is_dir() && wanted.programs.values().all(|p| tree.join(p).is_file());
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
    bring(toolchain, tools, |toolchain, names| {
        missing(toolchain, names).into_iter().map(|m| m.tool).collect()
    })
}

/// Installs what is missing and, when strict, what is not as locked; see
/// `Toolchain::sync`.
pub fn sync(toolchain: &Toolchain, tools: &[&str]) -> Result<()> {
    bring(toolchain, tools, |toolchain, names| {
        let absent: Vec<String> = missing(toolchain, names).into_iter().map(|m| m.tool).collect();
        let differs = |name: &str| {
            let own = toolchain.set.contains_key(name);
            toolchain.strict && !own && toolchain.found(name).is_ok_and(|i| !i.drift.is_empty())
        };
        let wanted = |name: &&&str| absent.iter().any(|a| a == **name) || differs(name);
        names.iter().filter(wanted).map(|name| name.to_string()).collect()
    })
}

/// Installs those of `tools` and their needs that `wanted` chooses.
fn bring(
    toolchain: &Toolchain,
    tools: &[&str],
    wanted: fn(&Toolchain, &[&str]) -> Vec<String>,
) -> Result<()> {
    let names = toolchain.with_needs(tools)?;
    for name in &names {
        match &toolchain.tool(name)?.1 {
            Source::Cargo(krate) => krate.compare(&toolchain.project)?,
            Source::Go(module) => module.compare(&toolchain.project)?,
            _ => {}
        }
    }
    refuse_uninstallable(toolchain, &missing(toolchain, &names))?;
    if !wanted(toolchain, &names).is_empty() {
        let Toolchain { cache, ui, .. } = toolchain;
        cache.require_writable("tools are to be installed")?;
        // The kernel drops the lock with the last process that holds it.
        let waiting = || ui.status("Waiting", "for another process that installs tools");
        let lock = cache.lock("installation", waiting)?;
        cache.sweep()?;
        // Another process may have installed it while this one waited.
        toolchain.forget_dpkg();
        let chosen = wanted(toolchain, &names);
        install(toolchain, &chosen.iter().map(String::as_str).collect::<Vec<_>>(), &lock)?;
        if let Some(Missing { tool: name, reason, .. }) = missing(toolchain, &names).first() {
            let message =
                format!("tool `{name}` is still missing after its installation: {reason}");
            return Err(tool(message).into());
        }
    }
    if toolchain.strict {
        for name in tools {
            toolchain.identity(name)?;
        }
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

fn install(toolchain: &Toolchain, names: &[&str], lock: &Lock) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let mut packages: Vec<(&str, &Apt)> = Vec::new();
    let mut wheels = Vec::new();
    for name in names {
        match &toolchain.tool(name)?.1 {
            Source::Apt(apt) => packages.push((name, apt)),
            Source::Pip(wheel) => wheels.push((*name, wheel)),
            Source::Cargo(_) | Source::Go(_) | Source::External => {}
        }
    }
    let status = toolchain.dpkg();
    let debs = apt::union(packages.iter().map(|(_, apt)| *apt)).into_values();
    let debs = debs.filter(|p| match status.version(&p.name) {
        None => true,
        Some(version) => toolchain.strict && version != p.version,
    });
    let wheel_bytes: u64 = wheels.iter().map(|(_, wheel)| wheel.bytes).sum();
    let bytes = debs.map(|p| p.bytes).sum::<u64>() + wheel_bytes;
    toolchain.ui.status("Tools", &format!("{}: {}", names.join(", "), cost(bytes)));
    let place = toolchain.place(lock);
    if !packages.is_empty() {
        apt_get::install(&place, &packages, &status)?;
        toolchain.forget_dpkg();
    }
    for (name, wheel) in wheels {
        wheel.install(&place, &python(toolchain, name)?, name)?;
    }
    Ok(())
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

fn cost(bytes: u64) -> String {
    let seconds = bytes / DOWNLOAD_BYTES_PER_SECOND + bytes / UNPACK_BYTES_PER_SECOND;
    format!(
        "{} MB to download, about {:.1} GB of disk, about {} min",
        bytes.div_ceil(1_000_000),
        (bytes * DISK_PER_DOWNLOAD) as f64 / 1e9,
        seconds.div_ceil(60).max(1),
    )
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
