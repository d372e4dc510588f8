//! `toolchain update`: resolves the head again and writes the body.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::cargo::Crate;
use super::go::Module;
use super::lock::{Head, Source, Tool, Wanted, FILE};
use super::pip::Wheel;
use super::{apt_get, Place};
use crate::cache::write_atomic;
use crate::error::{tool, usage};
use crate::ui::Ui;

/// Resolves `only` (all tools when empty) and writes the project's lock anew,
/// beside and renamed. Returns its text. Debian packages resolve to what the
/// archive has today; a wheel whose version is already resolved stays, since a
/// release never changes.
///
/// # Errors
/// A head that is wrong (file and line); an installer that fails; a lockfile
/// that lacks what the head names; a tool not in `only` without a valid body.
pub fn update(project: &Path, cache: &Path, ui: &Ui, only: &[&str]) -> Result<String> {
    let path = project.join(FILE);
    let head = Head::read(&path)?;
    if let Some(unknown) = only.iter().find(|name| !head.tools.contains_key(**name)) {
        return Err(usage(format!("{FILE} has no tool `{unknown}`")).into());
    }
    let asked = |name: &str| only.is_empty() || only.contains(&name);
    let place = Place { cache, ui };
    let mut debian = head.tools.iter().filter(|(name, _)| asked(name));
    if debian.any(|(_, tool)| matches!(tool.wanted, Wanted::Apt { .. })) {
        if let Err(why) = apt_get::update(&place) {
            ui.warn(&format!("using package lists as they are: {why}"));
        }
    }
    let mut sources = BTreeMap::new();
    for (name, wanted) in &head.tools {
        let kept = head.kept.get(name);
        let source = if asked(name) {
            let source = resolve(project, &place, &head, wanted, kept)?;
            show(ui, name, kept, &source);
            source
        } else {
            let message = format!("{}: tool `{name}` is not resolved below", wanted.place);
            let unresolved = || tool(message).hint("update it too, or update all");
            kept.cloned().ok_or_else(unresolved)?
        };
        sources.insert(name.clone(), source);
    }
    let text = head.render(&sources);
    write_atomic(&path, text.as_bytes())?;
    Ok(text)
}

fn resolve(
    project: &Path,
    place: &Place,
    head: &Head,
    wanted: &Tool,
    kept: Option<&Source>,
) -> Result<Source> {
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

/// The Python of the head; an update runs where the tools are installed.
fn python(head: &Head, wanted: &Tool) -> Result<PathBuf> {
    let needs = wanted.needs.iter().filter_map(|need| head.tools.get(need));
    let path = needs.filter_map(|need| need.programs.get("python3")).next();
    let path = path.map(PathBuf::from).filter(|path| path.is_file());
    let missing = || {
        tool(format!("{}: no `python3` of the tools it needs is installed", wanted.place))
            .hint("cargo xtask toolchain sync pip")
    };
    Ok(path.ok_or_else(missing)?)
}

fn show(ui: &Ui, name: &str, old: Option<&Source>, new: &Source) {
    if old.is_none() {
        ui.status("Resolved", &format!("{name} ({})", pins(new).len()));
        return;
    }
    let changes = changes(old, new);
    if changes.is_empty() {
        ui.status("Unchanged", name);
    }
    for change in changes {
        ui.status("Updated", &format!("{name}: {change}"));
    }
}

/// `package old -> new`, a line each.
fn changes(old: Option<&Source>, new: &Source) -> Vec<String> {
    let old = old.map(pins).unwrap_or_default();
    let new = pins(new);
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut out = Vec::new();
    for name in names {
        let side = |side: Option<&(String, String)>| match side {
            Some((version, _)) => version.clone(),
            None => "nothing".to_string(),
        };
        let (old, new) = (old.get(name), new.get(name));
        let same_version = old.map(|o| &o.0) == new.map(|n| &n.0);
        if old != new && same_version {
            out.push(format!("{name} {}: other content", side(new)));
        } else if old != new {
            out.push(format!("{name} {} -> {}", side(old), side(new)));
        }
    }
    out
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
    use super::*;
    use crate::toolchain::lock::tests::GOOD;

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
        let path = project.path().join(FILE);
        std::fs::write(project.path().join("go.sum"), "example.org/m v1.2.3 h1:new=\n").unwrap();
        let head = "version = 1\n\n[tool.m]\nprovider = \"go\"\nmodule = \"example.org/m\"\n\
                    version = \"v1.2.3\"\ngosum = \"go.sum\"\n";
        std::fs::write(&path, head).unwrap();
        let ui = Ui::new(true, 0);
        let text = update(project.path(), cache.path(), &ui, &[]).unwrap();
        assert!(text.starts_with(head));
        assert!(
            text.ends_with("\n[resolved.m]\nversion = \"v1.2.3\"\nh1 = \"h1:new=\"\n"),
            "{text}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert_eq!(update(project.path(), cache.path(), &ui, &["m"]).unwrap(), text);
        let error = update(project.path(), cache.path(), &ui, &["n"]).unwrap_err();
        assert_eq!(error.to_string(), "toolchains.lock has no tool `n`");
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
        let check = |old: Option<Source>, new: Source, expected: &[&str]| {
            assert_eq!(changes(old.as_ref(), &new), expected);
        };
        check(None, module("v1", "a"), &["m nothing -> v1"]);
        check(Some(module("v1", "a")), module("v1", "a"), &[]);
        check(Some(module("v1", "a")), module("v2", "b"), &["m v1 -> v2"]);
        check(Some(module("v1", "a")), module("v1", "b"), &["m v1: other content"]);
    }
}
