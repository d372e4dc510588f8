//! Programs that nobody here installs: found on PATH, or named by a setting,
//! which replaces any tool of the lock. Their content is their identity.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use walkdir::WalkDir;

use super::hash::sha256_set;
use super::libraries;
use super::lock::{Tool, Wanted};
use super::{Drift, Identity};
use crate::cache::sha256;
use crate::error::{tool, usage};

/// `WASRISC_TOOL_<NAME>` names a directory or a program to use for a tool.
pub const SETTING: &str = "WASRISC_TOOL_";

/// Where a tool's programs are. A program may be absent: that is an error only
/// when it is asked for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Found {
    pub programs: BTreeMap<String, PathBuf>,
    pub home: Option<PathBuf>,
}

/// The setting's name for a tool: `qemu-user` is `WASRISC_TOOL_QEMU_USER`.
pub fn setting(name: &str) -> String {
    format!("{SETTING}{}", name.to_uppercase().replace('-', "_"))
}

/// The settings in `environment`, by tool name.
///
/// # Errors
/// A setting for a tool that the lock does not have.
pub fn settings<'a>(
    names: impl Iterator<Item = &'a str>,
    environment: impl Iterator<Item = (OsString, OsString)>,
) -> Result<BTreeMap<String, PathBuf>> {
    let known: BTreeMap<String, &str> = names.map(|name| (setting(name), name)).collect();
    let mut out = BTreeMap::new();
    for (key, value) in environment {
        let Some(key) = key.to_str().filter(|key| key.starts_with(SETTING)) else { continue };
        let Some(name) = known.get(key) else {
            let all = known.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(usage(format!("{key} names no tool")).hint(format!("one of {all}")).into());
        };
        if !value.is_empty() {
            out.insert((*name).to_string(), PathBuf::from(value));
        }
    }
    Ok(out)
}

/// A tool's programs in a directory (or its `bin`), or around the program that
/// `value` is.
///
/// # Errors
/// Nothing there that could be one of the tool's programs.
pub fn find_set(name: &str, wanted: &Tool, value: &Path) -> Result<Found> {
    let wrong = |why: &str| {
        let programs: Vec<&str> = wanted.programs.keys().map(String::as_str).collect();
        let hint = format!("a directory with {}, or the program itself", programs.join(", "));
        tool(format!("{}={}: {why}", setting(name), value.display())).hint(hint)
    };
    let value = std::path::absolute(value).map_err(|e| wrong(&e.to_string()))?;
    let (root, only) = if value.is_dir() {
        (value, None)
    } else if value.is_file() {
        (value.parent().unwrap_or(Path::new("/")).to_path_buf(), Some(value))
    } else {
        return Err(wrong("no such file or directory").into());
    };
    let mut found = Found::default();
    for (program, usual) in &wanted.programs {
        let usual = Path::new(usual).file_name().unwrap_or_default();
        let names = [program.as_ref(), usual];
        let places = [root.join("bin"), root.clone()];
        let mut files = places.iter().flat_map(|dir| names.map(|name| dir.join(name)));
        // A program by any name will do where there is only one to provide.
        let sole = only.clone().filter(|_| wanted.programs.len() == 1);
        if let Some(file) = sole.or_else(|| files.find(|file| file.is_file())) {
            found.programs.insert(program.clone(), file);
        }
    }
    if found.programs.is_empty() && !wanted.programs.is_empty() {
        return Err(wrong("none of the tool's programs is there").into());
    }
    if wanted.home.is_some() {
        found.home = home_of(&root);
    }
    Ok(found)
}

/// The tool's own tree around the directory of its programs.
fn home_of(directory: &Path) -> Option<PathBuf> {
    let in_bin = directory.file_name().is_some_and(|name| name == "bin");
    Some(if in_bin { directory.parent()? } else { directory }.to_path_buf())
}

/// A tool's programs on PATH; `None` when one is not there.
pub fn find_on_path(wanted: &Tool) -> Option<Found> {
    let mut found = Found::default();
    for (program, name) in &wanted.programs {
        found.programs.insert(program.clone(), which::which(name).ok()?);
    }
    if wanted.home.is_some() {
        // What is on PATH is often a link to where the tool lives.
        let program = found.programs.values().next()?.canonicalize().ok()?;
        found.home = home_of(program.parent()?);
    }
    Some(found)
}

/// The hash of the programs, the libraries they load, the tool's home and what
/// the version command says; that is the version, or else the hash's first
/// digits.
pub fn identity(
    name: &str,
    found: &Found,
    wanted: &Tool,
    project: &Path,
    memo: &Path,
) -> Result<Identity> {
    let mut files = BTreeMap::new();
    for (library, path) in libraries::closure(found.programs.values().cloned()) {
        files.insert(format!("library {library}"), path);
    }
    for (program, path) in &found.programs {
        files.insert(format!("program {program}"), path.clone());
    }
    for entry in found.home.iter().flat_map(|home| WalkDir::new(home).follow_links(true)) {
        let entry = entry.map_err(|e| tool(format!("cannot read the tool's directory: {e}")))?;
        if entry.file_type().is_file() {
            let home = found.home.as_deref().unwrap_or(Path::new(""));
            let relative = entry.path().strip_prefix(home).unwrap_or(entry.path());
            files.insert(format!("home {}", relative.display()), entry.into_path());
        }
    }
    let content = sha256_set(memo, &files)?;
    let (version, sha256) = match version(found, wanted, project)? {
        Some(version) => {
            let both = sha256(format!("{content} {version}").as_bytes());
            (version, both)
        }
        None => (content[..12].to_string(), content),
    };
    let mut drift = Vec::new();
    if let Wanted::External { version: Some(locked) } = &wanted.wanted {
        if *locked != version {
            let (package, locked, found) = (name.to_string(), locked.clone(), version.clone());
            drift.push(Drift { package, locked, found });
        }
    }
    Ok(Identity { version, sha256, drift, overridden: true })
}

/// Asks the program: a wrapper's content would not tell what it runs.
fn version(found: &Found, wanted: &Tool, project: &Path) -> Result<Option<String>> {
    let Some((program, arguments)) = wanted.version_command.split_first() else {
        return Ok(None);
    };
    let Some(path) = found.programs.get(program) else { return Ok(None) };
    let output = Command::new(path)
        .args(arguments)
        .current_dir(project.join(wanted.directory.as_deref().unwrap_or("")))
        .output()
        .map_err(|e| tool(format!("cannot run `{}`: {e}", path.display())))?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    match match_version(&wanted.version_pattern, &text) {
        Some(version) => Ok(Some(version.to_string())),
        None => {
            let command = wanted.version_command.join(" ");
            let first = text.lines().find(|line| !line.is_empty()).unwrap_or_default();
            let pattern = &wanted.version_pattern;
            let error = tool(format!("`{command}` says `{first}`, not `{pattern}`"));
            Err(match &wanted.hint {
                Some(hint) => error.hint(hint.clone()),
                None => error,
            }
            .into())
        }
    }
}

/// The word of `text` that stands where the pattern has its `*`; in a table it
/// may stand further away.
fn match_version<'a>(pattern: &str, text: &'a str) -> Option<&'a str> {
    let (before, _) = pattern.split_once('*')?;
    let rest = text[text.find(before)? + before.len()..].trim_start_matches(' ');
    let end = rest.find(|c: char| c.is_whitespace() || ",;()".contains(c)).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|version| version.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn qemu(programs: &[&str], home: bool) -> Tool {
        let usual = |p: &&str| ((*p).to_string(), format!("/usr/bin/{p}-static"));
        Tool {
            wanted: Wanted::External { version: None },
            programs: programs.iter().map(usual).collect(),
            home: home.then(|| "/usr/lib/x".to_string()),
            needs: Vec::new(),
            version_command: vec!["a".to_string(), "--version".to_string()],
            directory: None,
            version_pattern: "version *".to_string(),
            hint: None,
            place: "lock:1".to_string(),
        }
    }

    fn script(path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn settings_name_tools() {
        let check = |key: &str, value: &str, expected: Result<&[&str], &str>| {
            let environment = [(OsString::from(key), OsString::from(value))].into_iter();
            let got = settings(["qemu-user", "go"].into_iter(), environment);
            let got = got.map(|s| s.into_keys().collect::<Vec<_>>()).map_err(|e| e.to_string());
            let expected = expected.map(|e| e.iter().map(|s| (*s).to_string()).collect::<Vec<_>>());
            assert_eq!(got, expected.map_err(str::to_string), "{key}");
        };
        check("WASRISC_TOOL_QEMU_USER", "/q", Ok(&["qemu-user"]));
        check("WASRISC_TOOL_GO", "", Ok(&[]));
        check("PATH", "/q", Ok(&[]));
        check("WASRISC_TOOL_QEMU", "/q", Err("WASRISC_TOOL_QEMU names no tool"));
    }

    #[test]
    fn a_setting_is_a_directory_or_a_program() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for file in ["one/a", "two/bin/a", "two/bin/b", "three/b-static", "four/own-name"] {
            script(&root.join(file), "#!/bin/sh\n");
        }
        let check = |programs: &[&str], value: &str, expected: &[(&str, &str)], home: &str| {
            let wanted = qemu(programs, !home.is_empty());
            let found = find_set("qemu", &wanted, &root.join(value)).unwrap_or_default();
            let expected = expected.iter().map(|(p, f)| ((*p).to_string(), root.join(f))).collect();
            let home = (!home.is_empty()).then(|| root.join(home));
            assert_eq!(found, Found { programs: expected, home }, "{value}");
        };
        check(&["a", "b"], "one", &[("a", "one/a")], "one");
        check(&["a", "b"], "two", &[("a", "two/bin/a"), ("b", "two/bin/b")], "two");
        check(&["a", "b"], "two/bin", &[("a", "two/bin/a"), ("b", "two/bin/b")], "two");
        check(&["a", "b"], "two/bin/a", &[("a", "two/bin/a"), ("b", "two/bin/b")], "");
        check(&["a", "b"], "three", &[("b", "three/b-static")], "");
        check(&["a"], "four/own-name", &[("a", "four/own-name")], "");
        check(&["a"], "four", &[], "");
        check(&["a"], "absent", &[], "");
        check(&[], "one", &[], "one");
    }

    #[test]
    fn identity_is_content() {
        let dir = tempfile::tempdir().unwrap();
        let identity = |name: &str, text: &str| {
            let path = dir.path().join(name).join("a");
            script(&path, text);
            let wanted = Tool { version_command: Vec::new(), ..qemu(&["a"], false) };
            let found = find_set("qemu", &wanted, &path).unwrap();
            identity("qemu", &found, &wanted, dir.path(), &dir.path().join("memo")).unwrap()
        };
        let one = identity("one", "#!/bin/sh\n");
        assert!(one.overridden && one.sha256.starts_with(&one.version), "{one:?}");
        assert_eq!(identity("copy", "#!/bin/sh\n"), one);
        assert_ne!(identity("two", "#!/bin/sh\nother\n").sha256, one.sha256);
    }

    #[test]
    fn the_version_is_what_the_program_says() {
        let check = |says: &str, expected: Result<&str, &str>| {
            let shell = ["a".to_string(), "-c".to_string(), format!("echo '{says}'")];
            let wanted = Tool { version_command: shell.to_vec(), ..qemu(&["a"], false) };
            let programs = BTreeMap::from([("a".to_string(), PathBuf::from("/bin/sh"))]);
            let got = version(&Found { programs, home: None }, &wanted, Path::new("/"));
            let got = got.map(Option::unwrap_or_default).map_err(|e| e.to_string());
            assert_eq!(got.as_ref().map(String::as_str).map_err(String::as_str), expected);
        };
        check("qemu version 7.2.1, of today", Ok("7.2.1"));
        check("qemu version 7.2.1", Ok("7.2.1"));
        check("Id   version\nqemu version      8.0.1/8.0", Ok("8.0.1/8.0"));
        check("a", Err("`a -c echo 'a'` says `a`, not `version *`"));
        check(
            "version unknown",
            Err("`a -c echo 'version unknown'` says `version unknown`, not `version *`"),
        );
    }
}
