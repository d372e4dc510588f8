//! A crate that a Cargo.lock of the project pins; cargo fetches it itself.

use std::path::Path;

use anyhow::Result;
use serde::Deserialize;

use super::lock::{quote, FILE};
use crate::error::input;
use crate::text;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crate {
    pub name: String,
    pub version: String,
    /// Relative to the project.
    pub lockfile: String,
    pub sha256: String,
}

#[derive(Deserialize)]
struct CargoLock {
    #[serde(default)]
    package: Vec<CargoPackage>,
}

#[derive(Deserialize)]
struct CargoPackage {
    name: String,
    version: String,
    checksum: Option<String>,
}

impl Crate {
    /// Reads what the Cargo.lock has.
    ///
    /// # Errors
    /// The file cannot be read, or has the crate only in other versions.
    pub fn resolve(project: &Path, name: &str, version: &str, lockfile: &str) -> Result<Crate> {
        let text = text::read(&project.join(lockfile), lockfile)?;
        let lock: CargoLock = text::from_toml(&text, lockfile)?;
        let named: Vec<_> = lock.package.iter().filter(|p| p.name == name).collect();
        let found = named.iter().find(|p| p.version == version).and_then(|p| p.checksum.clone());
        let Some(sha256) = found else {
            let others: Vec<&str> = named.iter().map(|p| p.version.as_str()).collect();
            let others = if others.is_empty() { "none".to_string() } else { others.join(", ") };
            let message = format!("{lockfile} has crate {name} {others}, {FILE} wants {version}");
            return Err(input(message).hint("make both name one version").into());
        };
        let lockfile = lockfile.to_string();
        Ok(Crate { name: name.to_string(), version: version.to_string(), lockfile, sha256 })
    }

    /// # Errors
    /// The Cargo.lock and toolchains.lock disagree.
    pub fn compare(&self, project: &Path) -> Result<()> {
        let found = Crate::resolve(project, &self.name, &self.version, &self.lockfile)?;
        if found == *self {
            return Ok(());
        }
        let Crate { name, version, lockfile, sha256 } = self;
        let other = found.sha256;
        let message =
            format!("crate {name} {version}: {FILE} has sha256 {sha256}, {lockfile} has {other}");
        Err(input(message).hint("if that is wanted: cargo xtask toolchain update").into())
    }

    pub fn rows(&self) -> String {
        format!("version = {}\nsha256 = {}\n", quote(&self.version), quote(&self.sha256))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lockfile_that_disagrees_is_an_error() {
        let check = |lockfile: &str, expected: Result<(), &str>| {
            let project = tempfile::tempdir().unwrap();
            std::fs::write(project.path().join("Cargo.lock"), lockfile).unwrap();
            let locked = Crate {
                name: "wasmtime".into(),
                version: "39.0.1".into(),
                lockfile: "Cargo.lock".into(),
                sha256: "aa".into(),
            };
            let got = locked.compare(project.path()).map_err(|e| e.to_string());
            assert_eq!(got.as_ref().map_err(String::as_str), expected.as_ref().map_err(|e| *e));
        };
        let package = |version: &str, sum: &str| {
            format!(
                "[[package]]\nname = \"wasmtime\"\nversion = \"{version}\"\nchecksum = \"{sum}\"\n"
            )
        };
        check(&package("39.0.1", "aa"), Ok(()));
        check(&(package("38.0.0", "bb") + &package("39.0.1", "aa")), Ok(()));
        check(
            &package("39.0.1", "bb"),
            Err("crate wasmtime 39.0.1: toolchains.lock has sha256 aa, Cargo.lock has bb"),
        );
        check(
            &package("40.0.0", "aa"),
            Err("Cargo.lock has crate wasmtime 40.0.0, toolchains.lock wants 39.0.1"),
        );
        check("", Err("Cargo.lock has crate wasmtime none, toolchains.lock wants 39.0.1"));
        check(
            "\npackage = 1\n",
            Err("Cargo.lock:2: invalid type: integer `1`, expected a sequence"),
        );
    }
}
