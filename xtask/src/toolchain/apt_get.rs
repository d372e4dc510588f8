//! Runs apt-get: plan, download, compare with the lock, and only then install.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::apt::{parse_uris, union, Apt, Download};
use super::dpkg::Status;
use super::hash::sha256_file;
use super::process::Log;
use super::{host, Place};
use crate::error::tool;

const HASHES: [&str; 2] = ["-o", "Acquire::ForceHash=sha256"];
const PLAN: [&str; 5] = ["install", "--print-uris", "--no-install-recommends", "-y", "--no-remove"];

/// Whether a try can be repeated with newer package lists.
enum Attempt {
    /// Everything is in the archive directory and has the locked hashes.
    Ready(Vec<String>),
    /// Not in the archive (any more), or the archive cannot be reached.
    Unavailable(anyhow::Error),
}

struct Installer<'a> {
    wanted: &'a [&'a Apt],
    archives: PathBuf,
    log: Log,
    privilege: host::Privilege,
}

/// The closure of `packages` from an empty system, as the package lists of
/// this machine have it.
pub fn resolve(place: &Place, packages: &[String]) -> Result<Apt> {
    let log = Log::create(place.cache, "apt-resolve")?;
    let mut command = apt_get();
    command.args(["-o", "Dir::State::status=/dev/null"]).args(HASHES).args(PLAN).args(packages);
    let output = log.run(&mut command)?;
    let closure = parse_uris(&output)?.into_iter().map(|d| d.package).collect();
    Ok(Apt::new(packages, closure).map_err(|why| tool(format!("apt-get's answer: {why}")))?)
}

/// Renews the package lists (needs root or sudo).
pub fn update(place: &Place) -> Result<()> {
    let privilege = host::Privilege::find("apt-get update")?;
    let log = Log::create(place.cache, "apt-update")?;
    let _task = place.ui.task("Updating", "package lists");
    log.run(privilege.command("apt-get").args(["-q", "update"])).map(drop)
}

/// Installs the packages of `wanted` that are absent, in the locked versions.
/// With `strict` a version that has left the archive is an error; otherwise a
/// warning, and what the archive has is installed.
///
/// # Errors
/// Another host than Debian 12 on x86-64; neither root nor sudo; a download
/// whose sha256 is not the locked one; apt-get's own failures.
pub fn install(place: &Place, wanted: &[&Apt], status: &Status, strict: bool) -> Result<()> {
    let named: Vec<(&str, &str)> = absent(wanted, status);
    let names: Vec<String> = named.iter().map(|(name, _)| (*name).to_string()).collect();
    host::require_debian_12(&names)?;
    let by_hand = format!("apt-get install --no-install-recommends {}", names.join(" "));
    let privilege = host::Privilege::find(&by_hand)?;
    let archives = place.cache.join("tools").join("debs");
    std::fs::create_dir_all(archives.join("partial"))
        .with_context(|| format!("cannot create {}", archives.display()))?;
    let log = Log::create(place.cache, "apt")?;
    let installer = Installer { wanted, archives, log, privilege };

    let pinned: Vec<String> =
        named.iter().map(|(name, version)| format!("{name}={version}")).collect();
    let arguments = {
        let _task = place.ui.task("Downloading", &names.join(" "));
        installer.prepare(place, &pinned, &names, strict)?
    };
    let _task = place.ui.task("Installing", &names.join(" "));
    let mut command = installer.privileged();
    command.args(["install", "--no-download", "--no-install-recommends", "-y", "--no-remove"]);
    installer.log.run(command.args(&arguments))?;
    std::fs::remove_dir_all(&installer.archives)
        .with_context(|| format!("cannot remove {}", installer.archives.display()))
}

/// Name and locked version of the head's packages that are not installed.
fn absent<'a>(wanted: &[&'a Apt], status: &Status) -> Vec<(&'a str, &'a str)> {
    let mut out: Vec<_> = wanted
        .iter()
        .flat_map(|apt| apt.missing(status).into_iter().filter_map(|name| apt.package_of(name)))
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

impl Apt {
    fn package_of(&self, name: &str) -> Option<(&str, &str)> {
        self.package(name).map(|p| (p.name.as_str(), p.version.as_str()))
    }
}

impl Installer<'_> {
    /// Gets everything into the archive directory; the arguments to install
    /// it. The package lists are renewed once when they turn out too old.
    fn prepare(
        &self,
        place: &Place,
        pinned: &[String],
        names: &[String],
        strict: bool,
    ) -> Result<Vec<String>> {
        if let Attempt::Ready(arguments) = self.download(pinned)? {
            return Ok(arguments);
        }
        place.ui.status("Updating", "package lists");
        self.log.run(self.privilege.command("apt-get").args(["-q", "update"]))?;
        let why = match self.download(pinned)? {
            Attempt::Ready(arguments) => return Ok(arguments),
            Attempt::Unavailable(why) => why,
        };
        let gone = self.gone(names).unwrap_or_default();
        if gone.is_empty() {
            return Err(why);
        }
        if strict {
            let message = format!("no longer in Debian's archive as locked: {}", gone.join(", "));
            let fix = "run `cargo xtask toolchain update` and commit toolchains.lock, or leave \
                       out --locked";
            return Err(tool(message).hint(fix).into());
        }
        for change in gone {
            place.ui.warn(&format!("{change}: the locked version has left Debian's archive"));
        }
        match self.download(names)? {
            Attempt::Ready(arguments) => Ok(arguments),
            Attempt::Unavailable(why) => Err(why),
        }
    }

    /// `name: old -> new` for each of `names` that the archive only has in
    /// another version.
    fn gone(&self, names: &[String]) -> Result<Vec<String>> {
        let plan = self.plan(names)?;
        let named = plan.iter().filter(|d| names.contains(&d.package.name));
        let changes = named.filter_map(|d| {
            let locked = self.locked_version(&d.package.name)?;
            let new = &d.package.version;
            (locked != new).then(|| format!("{}: {locked} -> {new}", d.package.name))
        });
        Ok(changes.collect())
    }

    fn locked_version(&self, name: &str) -> Option<&str> {
        union(self.wanted).get(name).map(|p| p.version.as_str())
    }

    fn plan(&self, arguments: &[String]) -> Result<Vec<Download>> {
        let mut command = apt_get();
        command.args(["-o", "Debug::NoLocking=1"]).args(HASHES).args(PLAN).args(arguments);
        parse_uris(&self.log.run(&mut command)?)
    }

    fn download(&self, arguments: &[String]) -> Result<Attempt> {
        let mut arguments = arguments.to_vec();
        let mut plan = match self.plan(&arguments) {
            Ok(plan) => plan,
            Err(why) => return Ok(Attempt::Unavailable(why)),
        };
        // Where the archive has several versions apt takes the newest for what
        // it adds by itself: ask for the locked one, and let it go if it left.
        let pins = self.pins(&plan);
        if !pins.is_empty() {
            let with_pins = [arguments.clone(), pins].concat();
            if let Ok(better) = self.plan(&with_pins) {
                (plan, arguments) = (better, with_pins);
            }
        }
        for download in &plan {
            self.check_hash(download, &download.package.sha256)?;
        }
        let mut command = self.privileged();
        command.args(HASHES);
        command.args(["install", "--download-only", "--no-install-recommends"]);
        command.args(["-y", "--no-remove"]).args(&arguments);
        if let Err(why) = self.log.run(&mut command) {
            return Ok(Attempt::Unavailable(why));
        }
        for download in &plan {
            self.check_file(download)?;
        }
        Ok(Attempt::Ready(arguments))
    }

    fn pins(&self, plan: &[Download]) -> Vec<String> {
        let differing = plan.iter().filter_map(|d| {
            let locked = self.locked_version(&d.package.name)?;
            (locked != d.package.version).then(|| format!("{}={locked}", d.package.name))
        });
        differing.collect()
    }

    /// Compares the hash of the file that was downloaded; a file that differs
    /// is removed, for the next run would find it otherwise.
    fn check_file(&self, download: &Download) -> Result<()> {
        let path = self.archives.join(&download.file);
        let found = sha256_file(&path)?;
        self.check_hash(download, &found).inspect_err(|_| drop(std::fs::remove_file(&path)))
    }

    /// A package in another version than the locked one has nothing to be
    /// compared with but apt's own signed lists; it will show as drift.
    fn check_hash(&self, download: &Download, found: &str) -> Result<()> {
        let Download { package, file } = download;
        let packages = union(self.wanted);
        let locked = packages.get(package.name.as_str()).filter(|p| p.version == package.version);
        let expected = locked.map_or(&package.sha256, |p| &p.sha256);
        if expected == found {
            return Ok(());
        }
        let message = format!("{file}: sha256 is {found}, the lock has {expected}: refused");
        let hint = "the archive or the way to it is not what it was; nothing was installed";
        Err(tool(message).hint(hint).into())
    }

    fn privileged(&self) -> Command {
        let mut command = self.privilege.command("apt-get");
        command.args(["-q", "-o", "DPkg::Lock::Timeout=600", "-o"]);
        command.arg(format!("Dir::Cache::archives={}", absolute(&self.archives).display()));
        command
    }
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("LC_ALL", "C").arg("-q");
    command
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Kind};
    use crate::toolchain::apt::Package;

    const LOCKED: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    #[test]
    fn a_download_that_differs_is_refused_and_removed() {
        let check = |version: &str, content: &str, refused: bool| {
            let cache = tempfile::tempdir().unwrap();
            let locked =
                Package { name: "x".into(), version: "1".into(), sha256: LOCKED.into(), bytes: 5 };
            let apt = Apt::new(&["x".to_string()], vec![locked.clone()]).unwrap();
            let installer = Installer {
                wanted: &[&apt],
                archives: cache.path().to_path_buf(),
                log: Log::create(cache.path(), "test").unwrap(),
                privilege: host::Privilege::Root,
            };
            let path = cache.path().join("x_all.deb");
            std::fs::write(&path, content).unwrap();
            let package = Package { version: version.into(), ..locked };
            let result = installer.check_file(&Download { package, file: "x_all.deb".into() });
            assert_eq!(result.is_err(), refused, "{version} {content}");
            assert_eq!(path.exists(), !refused, "{version} {content}");
            if let Err(error) = result {
                let error = error.downcast::<Error>().unwrap();
                assert_eq!(error.kind, Kind::Tool);
                assert!(error.message.starts_with("x_all.deb: sha256 is "), "{error}");
                assert!(error.message.contains(LOCKED), "{error}");
            }
        };
        check("1", "hello", false);
        check("1", "jello", true);
        // Not in the lock: what apt's signed lists say is all there is to compare with.
        check("2", "hello", false);
        check("2", "jello", true);
    }
}
