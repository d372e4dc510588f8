//! A wheel, unpacked into the cache under its hash; nothing else of the
//! machine's Python is touched.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::hash::sha256_file;
use super::lock::quote;
use super::process::Log;
use super::Place;
use crate::error::tool;

const UNFINISHED: &str = ".install-";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wheel {
    pub package: String,
    pub version: String,
    pub file: String,
    pub sha256: String,
    /// Size of the wheel.
    pub bytes: u64,
}

impl Wheel {
    /// Downloads the wheel that pip takes on this machine and describes it.
    pub fn resolve(place: &Place, python: &Path, package: &str, version: &str) -> Result<Wheel> {
        let log = Log::create(place.cache, &format!("pip-{package}-resolve"))?;
        let dir = temporary(place, ".resolve-")?;
        let _task = place.ui.task("Downloading", &format!("{package} {version}"));
        let mut command = pip(python, dir.path());
        command.args(["download", "--no-deps", "--only-binary=:all:", "--dest"]).arg(dir.path());
        log.run(command.arg(format!("{package}=={version}")))?;
        let path = wheel(dir.path())?;
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Wheel {
            package: package.to_string(),
            version: version.to_string(),
            sha256: sha256_file(&path)?,
            bytes: path.metadata()?.len(),
            file,
        })
    }

    /// Where the wheel's files are once it is installed.
    pub fn home(&self, cache: &Path) -> PathBuf {
        cache.join("tools").join(&self.sha256)
    }

    /// Downloads, compares, unpacks beside and renames.
    ///
    /// # Errors
    /// pip's own failures; a wheel whose sha256 is not the locked one.
    pub fn install(&self, place: &Place, python: &Path) -> Result<()> {
        let Wheel { package, version, sha256, .. } = self;
        let log = Log::create(place.cache, &format!("pip-{package}"))?;
        let dir = temporary(place, UNFINISHED)?;
        let task = place.ui.task("Downloading", &format!("{package} {version}"));
        let requirements = dir.path().join("requirements.txt");
        std::fs::write(&requirements, format!("{package}=={version} --hash=sha256:{sha256}\n"))?;
        let mut command = pip(python, dir.path());
        command.args(["download", "--no-deps", "--only-binary=:all:", "--require-hashes", "-r"]);
        log.run(command.arg(&requirements).arg("--dest").arg(dir.path()))?;
        let path = wheel(dir.path())?;
        self.check(&path)?;
        drop(task);

        let _task = place.ui.task("Installing", &format!("{package} {version}"));
        let tree = dir.path().join("tree");
        let mut command = pip(python, dir.path());
        command.args(["install", "--no-deps", "--no-index", "--no-compile", "--target"]);
        log.run(command.arg(&tree).arg(&path))?;
        let home = self.home(place.cache);
        std::fs::rename(&tree, &home)
            .with_context(|| format!("cannot move {package} to {}", home.display()))
    }

    /// pip compared the hash too, unless a setting of the machine's told it
    /// otherwise: what goes under a hash's name is checked here.
    fn check(&self, path: &Path) -> Result<()> {
        let found = sha256_file(path)?;
        if found == self.sha256 {
            return Ok(());
        }
        let (file, expected) = (&self.file, &self.sha256);
        let message = format!("{file}: sha256 is {found}, the lock has {expected}: refused");
        Err(tool(message).hint("the registry or the way to it is not what it was").into())
    }

    pub fn rows(&self) -> String {
        let Wheel { version, file, sha256, bytes, .. } = self;
        let (version, file, sha256) = (quote(version), quote(file), quote(sha256));
        format!("version = {version}\nfile = {file}\nsha256 = {sha256}\nbytes = {bytes}\n")
    }
}

/// Removes what a killed installation left behind. Only for the holder of the
/// installation lock: no other installation is under way then.
pub fn clear_unfinished(cache: &Path) {
    for entry in std::fs::read_dir(cache.join("tools")).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            // What cannot be removed now is found again the next time.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// In the cache, so that the result can be renamed into place.
fn temporary(place: &Place, prefix: &str) -> Result<tempfile::TempDir> {
    let tools = place.cache.join("tools");
    std::fs::create_dir_all(&tools)
        .and_then(|()| tempfile::Builder::new().prefix(prefix).tempdir_in(&tools))
        .with_context(|| format!("cannot write in {}", tools.display()))
}

fn pip(python: &Path, temporary: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "--no-cache-dir", "--disable-pip-version-check", "--no-input"]);
    command.env("TMPDIR", temporary).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn wheel(dir: &Path) -> Result<PathBuf> {
    let mut files = std::fs::read_dir(dir)?.filter_map(|entry| Some(entry.ok()?.path()));
    files
        .find(|path| path.extension().is_some_and(|e| e == "whl"))
        .ok_or_else(|| tool("pip download succeeded and left no wheel").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wheel_that_differs_is_refused() {
        let check = |content: &str, refused: bool| {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join("w.whl"), content).unwrap();
            let wheel = Wheel {
                package: "w".into(),
                version: "1".into(),
                file: "w.whl".into(),
                sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824".into(),
                bytes: 5,
            };
            let result = wheel.check(&super::wheel(dir.path()).unwrap());
            let message = result.map_err(|e| e.to_string()).err();
            assert_eq!(message.is_some(), refused, "{content}");
            assert!(message.is_none_or(|m| m.starts_with("w.whl: sha256 is ")), "{content}");
        };
        check("hello", false);
        check("jello", true);
    }
}
