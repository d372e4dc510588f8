//! `toolchain update`: resolves the head again and writes the body.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;

use super::cargo::Crate;
use super::go::Module;
use super::host::Host;
use super::lock::{Head, Source, Tool, Wanted, FILE};
use super::pip::Wheel;
use super::{apt_get, external, Place};
use crate::cache::{write_atomic, Cache};
use crate::error::{input, tool, usage};
use crate::ui::Ui;

/// What an update changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub tool: String,
    pub package: String,
    /// Null where the tool had no such package before.
    pub old: Option<String>,
    /// Null where it has none any more. The same as `old` where a version has
    /// other content than before.
    pub new: Option<String>,
}

/// Resolves `only` (all tools when empty) and writes the project's lock anew,
/// beside and renamed. Debian packages resolve to what the archive has today,
/// and tools that share one of those that changed are resolved too; a wheel
/// whose version is already resolved stays, since a release never changes.
///
/// # Errors
/// A head that is wrong (file and line); an installer that fails; a lockfile
/// that lacks what the head names; a tool not in `only` without a valid body.
pub fn update(project: &Path, cache: &Cache, ui: &Ui, only: &[&str]) -> Result<Vec<Change>> {
    let path = project.join(FILE);
    let head = Head::read(&path)?;
    if let Some(unknown) = only.iter().find(|name| !head.tools.contains_key(**name)) {
        let all: Vec<&str> = head.tools.keys().map(String::as_str).collect();
        let message = format!("{FILE} has no tool `{unknown}`");
        return Err(usage(message).hint(format!("it has: {}", all.join(", "))).into());
    }
    let host = Host::here();
    let place = Place { cache, ui, host: &host, lock: None, strict: false };
    let asked = |name: &str| only.is_empty() || only.contains(&name);
    let mut debian = head.tools.iter().filter(|(name, _)| asked(name));
    if debian.any(|(_, tool)| matches!(tool.wanted, Wanted::Apt { .. })) {
        if let Err(why) = apt_get::update(&place) {
            ui.warn(&format!("using package lists as they are: {why}"));
        }
    }
    let mut sources = BTreeMap::new();
    for (name, wanted) in &head.tools {
        let source = match head.kept.get(name) {
            _ if matches!(wanted.wanted, Wanted::External { .. }) => Source::External,
            kept if asked(name) => resolve(project, &place, &head, name, kept)?,
            Some(kept) => kept.clone(),
            None => {
                let message = format!("{}: tool `{name}` is not resolved below", wanted.place);
                return Err(input(message).hint("update it too, or update all").into());
            }
        };
        sources.insert(name.clone(), source);
    }
    while let Some((name, other, package)) = disagreement(&sources, &head) {
        ui.status("Also", &format!("{name}: it shares {package} with {other}"));
        let kept = head.kept.get(&name);
        sources.insert(name.clone(), resolve(project, &place, &head, &name, kept)?);
    }
    let text = head.render(&sources);
    if std::fs::read(&path).ok().as_deref() != Some(text.as_bytes()) {
        write_atomic(&path, text.as_bytes())?;
    }
    let changes = sources.iter().flat_map(|(name, new)| changes(name, head.kept.get(name), new));
    Ok(changes.collect())
}

/// A tool that was kept, one that was resolved, and a package that they have
/// in different versions: a machine has it in one.
fn disagreement(
    sources: &BTreeMap<String, Source>,
    head: &Head,
) -> Option<(String, String, String)> {
    let debian = sources.iter().filter_map(|(name, source)| match source {
        Source::Apt(apt) => Some((name, apt, head.kept.get(name).is_some_and(|k| k == source))),
        _ => None,
    });
    let (kept, new): (Vec<_>, Vec<_>) = debian.partition(|(_, _, kept)| *kept);
    for (name, apt, _) in &kept {
        for (other, resolved, _) in &new {
            let mut packages = apt.closure.iter();
            let differs = packages.find(|p| {
                resolved.package(&p.name).is_some_and(|found| found.version != p.version)
            });
            if let Some(package) = differs {
                return Some(((*name).clone(), (*other).clone(), package.name.clone()));
            }
        }
    }
    None
}

fn resolve(
    project: &Path,
    place: &Place,
    head: &Head,
    name: &str,
    kept: Option<&Source>,
) -> Result<Source> {
    let Some(wanted) = head.tools.get(name) else { return Ok(Source::External) };
    let _task = place.ui.task("Resolving", name);
    Ok(match &wanted.wanted {
        Wanted::Apt { packages } => Source::Apt(apt_get::resolve(place, packages)?),
        Wanted::Cargo { krate, version, lockfile } => {
            Source::Cargo(Crate::resolve(project, krate, version, lockfile)?)
        }
        Wanted::Go { module, version, gosum } => {
            Source::Go(Module::resolve(project, module, version, gosum)?)
        }
        Wanted::Pip { package, version } => match kept {
            Some(kept @ Source::Pip(wheel)) if wheel.package == *package => kept.clone(),
            _ => Source::Pip(Wheel::resolve(place, &python(head, wanted)?, package, version)?),
        },
        Wanted::External { .. } => Source::External,
    })
}

/// The Python of the head, or the user's own; an update runs where the tools
/// are installed.
fn python(head: &Head, wanted: &Tool) -> Result<PathBuf> {
    let set = external::settings(head.tools.keys().map(String::as_str), std::env::vars_os())?;
    for need in &wanted.needs {
        let Some(tool) = head.tools.get(need) else { continue };
        let Some(place) = tool.programs.get("python3") else { continue };
        let own = set.get(need).map(|value| external::find_set(need, tool, value)).transpose()?;
        let path = own.and_then(|found| found.programs.get("python3").cloned());
        if let Some(path) = path.or_else(|| which::which(place).ok()) {
            return Ok(path);
        }
    }
    let message = format!("{}: no `python3` of the tools it needs is installed", wanted.place);
    Err(tool(message).hint(format!("cargo xtask toolchain sync {}", wanted.needs.join(" "))).into())
}

fn changes(tool: &str, old: Option<&Source>, new: &Source) -> Vec<Change> {
    let (old, new) = (old.map(pins).unwrap_or_default(), pins(new));
    let packages: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differing = packages.into_iter().filter(|package| old.get(*package) != new.get(*package));
    let version =
        |side: &BTreeMap<String, (String, String)>, package| Some(side.get(package)?.0.clone());
    differing
        .map(|package| Change {
            tool: tool.to_string(),
            package: package.clone(),
            old: version(&old, package),
            new: version(&new, package),
        })
        .collect()
}

/// Name to version and hash of everything in a source.
fn pins(source: &Source) -> BTreeMap<String, (String, String)> {
    let one = |name: &String, version: &String, hash: &String| {
        BTreeMap::from([(name.clone(), (version.clone(), hash.clone()))])
    };
    match source {
        Source::Apt(apt) => {
            let packages = apt.closure.iter();
            packages.map(|p| (p.name.clone(), (p.version.clone(), p.sha256.clone()))).collect()
        }
        Source::Cargo(krate) => one(&krate.name, &krate.version, &krate.sha256),
        Source::Pip(wheel) => one(&wheel.package, &wheel.version, &wheel.sha256),
        Source::Go(module) => one(&module.module, &module.version, &module.h1),
        Source::External => BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;
    use crate::toolchain::apt::{Apt, Package};
    use crate::toolchain::lock::{tests::GOOD, Lock};

    #[test]
    fn an_unchanged_body_gives_the_same_bytes() {
        let head = Head::parse("lock", GOOD).unwrap();
        assert_eq!(head.render(&head.kept), GOOD);
        let real = include_str!("../../../toolchains.lock");
        let head = Head::parse("lock", real).unwrap();
        assert_eq!(head.render(&head.kept), real);
    }

    #[test]
    fn an_update_of_local_files_writes_a_body() {
        let project = tempfile::tempdir().unwrap();
        let cache = tempfile::tempdir().unwrap();
        let cache = Cache::at(cache.path()).unwrap();
        let path = project.path().join(FILE);
        std::fs::write(project.path().join("go.sum"), "example.org/m v1.2.3 h1:new=\n").unwrap();
        let head = "version = 1\n\n[tool.m]\nprovider = \"go\"\nmodule = \"example.org/m\"\n\
                    version = \"v1.2.3\"\ngosum = \"go.sum\"\n";
        std::fs::write(&path, head).unwrap();
        let ui = Ui::new(true, 0);
        let changed = update(project.path(), &cache, &ui, &[]).unwrap();
        assert_eq!(changed.len(), 1);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(head));
        assert!(text.ends_with("\nversion = \"v1.2.3\"\nh1 = \"h1:new=\"\n"), "{text}");
        Lock::parse("lock", &text).unwrap();
        let written = || std::fs::metadata(&path).unwrap().ino();
        let before = written();
        assert_eq!(update(project.path(), &cache, &ui, &["m"]).unwrap(), []);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert_eq!(written(), before, "what is unchanged is not written");
        let error = update(project.path(), &cache, &ui, &["n"]).unwrap_err();
        assert_eq!(error.to_string(), "toolchains.lock has no tool `n`");
    }

    #[test]
    fn a_body_edited_by_hand_is_not_kept() {
        let project = tempfile::tempdir().unwrap();
        let cache = tempfile::tempdir().unwrap();
        let cache = Cache::at(cache.path()).unwrap();
        std::fs::write(project.path().join("go.sum"), "example.org/m v1.2.3 h1:cc=\n").unwrap();
        std::fs::write(project.path().join(FILE), GOOD.replace("bytes = 8", "bytes = 9")).unwrap();
        let ui = Ui::new(true, 0);
        let error = update(project.path(), &cache, &ui, &["m"]).unwrap_err().to_string();
        assert_eq!(error, "toolchains.lock:8: tool `go` is not resolved below");
    }

    #[test]
    fn changes_are_said_old_to_new() {
        let module = |version: &str, h1: &str| {
            Source::Go(Module {
                module: "m".into(),
                version: version.into(),
                gosum: "go.sum".into(),
                h1: h1.into(),
            })
        };
        let check = |old: Option<Source>, new: Source, expected: &[(Option<&str>, &str)]| {
            let got = changes("t", old.as_ref(), &new);
            let got: Vec<_> =
                got.iter().map(|c| (c.old.as_deref(), c.new.as_deref().unwrap())).collect();
            assert_eq!(got, expected);
        };
        check(None, module("v1", "a"), &[(None, "v1")]);
        check(Some(module("v1", "a")), module("v1", "a"), &[]);
        check(Some(module("v1", "a")), module("v2", "b"), &[(Some("v1"), "v2")]);
        check(Some(module("v1", "a")), module("v1", "b"), &[(Some("v1"), "v1")]);
    }

    #[test]
    fn a_tool_that_shares_a_package_is_resolved_too() {
        let apt = |version: &str| {
            let hash = "a".repeat(64);
            let package = |name: &str, version: &str| Package {
                name: name.into(),
                version: version.into(),
                sha256: hash.clone(),
                bytes: 1,
            };
            let closure = vec![package("shared", version), package("own", "1")];
            Source::Apt(Apt::new(&["own".to_string()], closure).unwrap())
        };
        let kept = BTreeMap::from([("a".to_string(), apt("1")), ("b".to_string(), apt("1"))]);
        let head = Head { text: String::new(), tools: BTreeMap::new(), kept };
        let check = |a: &str, b: &str, expected: Option<(&str, &str, &str)>| {
            let sources = BTreeMap::from([("a".to_string(), apt(a)), ("b".to_string(), apt(b))]);
            let got = disagreement(&sources, &head);
            let got = got.as_ref().map(|(n, o, p)| (n.as_str(), o.as_str(), p.as_str()));
            assert_eq!(got, expected);
        };
        check("1", "1", None);
        check("2", "1", Some(("b", "a", "shared")));
        check("1", "2", Some(("a", "b", "shared")));
        check("2", "2", None);
    }
}
