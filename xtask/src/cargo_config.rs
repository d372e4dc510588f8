//! What of the user's own cargo configuration could change code.
//!
//! Cargo reads `.cargo/config.toml` of every directory above the one it runs in
//! and of its home (its documentation, "Configuration: hierarchical
//! structure"). Registry settings there are meant to reach it; a profile, an
//! environment or a linker changes outputs and so belongs to a key.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::cache::sha256;
use crate::text;

/// Tables that say how to reach a registry, or only how cargo talks.
const HARMLESS: &[&str] = &[
    "alias",
    "cargo-new",
    "credential-alias",
    "future-incompat-report",
    "http",
    "net",
    "registries",
    "registry",
    "source",
    "term",
];

/// The sha256 of all other settings that a cargo started in `dir` finds; none
/// where there are none.
///
/// # Errors
/// A configuration that cannot be read or is not TOML, with the line: cargo
/// would refuse it too.
pub fn code_settings(dir: &Path, cargo_home: &Path) -> Result<Option<String>> {
    let homes = dir.ancestors().map(|d| d.join(".cargo")).chain([cargo_home.to_path_buf()]);
    let files = homes.flat_map(|home| [home.join("config.toml"), home.join("config")]);
    let mut settings = String::new();
    for file in files.collect::<std::collections::BTreeSet<PathBuf>>() {
        if !file.is_file() {
            continue;
        }
        let name = file.display().to_string();
        let mut table: toml::Table = text::from_toml(&text::read(&file, &name)?, &name)?;
        table.retain(|name, _| !HARMLESS.contains(&name));
        if !table.is_empty() {
            settings += &table.to_string();
        }
    }
    Ok((!settings.is_empty()).then(|| sha256(settings.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a configuration two directories up gives.
    fn found(config: &str) -> Result<Option<String>> {
        let dir = tempfile::tempdir().unwrap();
        let below = dir.path().join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        std::fs::create_dir(dir.path().join(".cargo")).unwrap();
        std::fs::write(dir.path().join(".cargo/config.toml"), config).unwrap();
        code_settings(&below, &dir.path().join("home"))
    }

    #[test]
    fn what_changes_code_is_told_from_what_does_not() {
        assert_eq!(found("").unwrap(), None);
        assert_eq!(found("[net]\noffline = true\n[alias]\nx = 'run'\n").unwrap(), None);
        let one = found("[profile.release]\nopt-level = 1\n").unwrap();
        assert!(one.is_some());
        assert_ne!(found("[profile.release]\nopt-level = 2\n").unwrap(), one);
    }

    #[test]
    fn a_broken_configuration_is_named() {
        let message = found("\n[net").unwrap_err().to_string();
        assert!(message.contains(".cargo/config.toml:2: "), "{message}");
    }
}
