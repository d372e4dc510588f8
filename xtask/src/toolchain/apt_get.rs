//! Runs apt-get: plan, download, compare with the lock, and only then install.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{anyhow, Result};

use super::apt::{parse_uris, union, Apt, Download, Package};
use super::dpkg::Status;
use super::drift::some_of;
use super::hash::refused;
use super::process::{Failure, Log};
use super::{host, Drift, Place};
use crate::cache::{failed, sha256_file};
use crate::error::tool;

const HASHES: [&str; 2] = ["-o", "Acquire::ForceHash=sha256"];
const INSTALL: [&str; 4] = ["install", "--no-install-recommends", "-y", "--no-remove"];
/// What apt-get says before it would take something older.
const DOWNGRADE: &str = "Packages were downgraded";
/// What apt-get says of a package list that it did not get.
const NO_LIST: &str = "Failed to fetch";
/// What apt-get says after an installation was killed.
const UNFINISHED: &str = "dpkg --configure -a";

/// Whether a try can be repeated with newer package lists.
enum Attempt {
    /// Everything is in the archive directory, with the hashes it must have;
    /// these arguments install it.
    Ready(Vec<String>),
    /// Not as locked in the archive as these package lists have it.
    Stale(anyhow::Error),
}

struct Installer<'a> {
    place: &'a Place<'a>,
    /// The tools to install, by name.
    wanted: &'a [(&'a str, &'a Apt)],
    packages: BTreeMap<&'a str, &'a Package>,
    archives: PathBuf,
    log: Log,
    privilege: host::Privilege<'a>,
}

/// The closure of `packages` from an empty system, as the package lists of
/// this machine have it.
pub fn resolve(place: &Place, packages: &[String]) -> Result<Apt> {
    place.host.require_debian_12(packages)?;
    let log = Log::create(place, "apt-resolve")?;
    let mut command = apt_get();
    command.args(["-o", "Dir::State::status=/dev/null", "--print-uris"]);
    let output = log.run(command.args(HASHES).args(INSTALL).args(packages))?;
    let closure = parse_uris(&output)?.into_iter().map(|d| d.package).collect();
    Ok(Apt::new(packages, closure).map_err(|why| tool(format!("apt-get's answer: {why}")))?)
}

/// Renews the package lists (needs root or sudo).
pub fn update(place: &Place) -> Result<()> {
    let privilege = place.host.privilege("apt-get update")?;
    let log = Log::create(place, "apt-update")?;
    let _task = place.ui.task("Updating", "package lists");
    log.run(privilege.command("apt-get").args(["-q", "update"])).map(drop)
}

/// What an installation is to bring: the packages of the head that are absent
/// and, when strict, all that is here in another version than the locked one.
pub fn targets<'a>(wanted: &[(&str, &'a Apt)], status: &Status, strict: bool) -> Vec<&'a Package> {
    let mut names = BTreeMap::new();
    for (_, apt) in wanted {
        let mut add = |name: &str| names.extend(apt.package(name).map(|p| (p.name.as_str(), p)));
        apt.missing(status).into_iter().for_each(&mut add);
        if strict {
            apt.identity(status).drift.iter().for_each(|d| add(&d.package));
        }
    }
    names.into_values().collect()
}

/// Installs the `targets` of `wanted` in the locked versions, with all they
/// depend on. When strict, a version that has left the archive is an error;
/// otherwise a warning, and what the archive has is installed.
///
/// # Errors
/// Another host than Debian 12 on x86-64; neither root nor sudo; a download
/// whose sha256 is not the locked one; apt-get's own failures.
pub fn install(place: &Place, wanted: &[(&str, &Apt)], status: &Status) -> Result<()> {
    let targets = targets(wanted, status, place.strict);
    let names: Vec<String> = targets.iter().map(|p| p.name.clone()).collect();
    place.host.require_debian_12(&names)?;
    let pinned: Vec<String> = targets.iter().map(|p| pin(p)).collect();
    let by_hand = format!("apt-get install --no-install-recommends {}", pinned.join(" "));
    let privilege = place.host.privilege(&by_hand)?;
    let archives = place.cache.room("tools").join("debs");
    renew(&archives)?;
    let log = Log::create(place, "apt")?;
    let packages = union(wanted.iter().map(|(_, apt)| *apt));
    let installer = Installer { place, wanted, packages, archives, log, privilege };

    let arguments = {
        let _task = place.ui.task("Downloading", &names.join(" "));
        installer.prepare(&targets)?
    };
    let _task = place.ui.task("Installing", &names.join(" "));
    installer.install(&arguments)?;
    clear(&installer.archives)
}

impl Installer<'_> {
    /// Gets everything into the archive directory; the arguments to install
    /// it. The package lists are renewed once when they turn out too old.
    fn prepare(&self, targets: &[&Package]) -> Result<Vec<String>> {
        if let Attempt::Ready(arguments) = self.download(targets, false)? {
            return Ok(arguments);
        }
        self.place.ui.status("Updating", "package lists");
        let output = self.log.run(self.privilege.command("apt-get").args(["-q", "update"]))?;
        match self.download(targets, true)? {
            Attempt::Ready(arguments) => Ok(arguments),
            // It succeeds without lists that it could not get.
            Attempt::Stale(why) => match output.lines().find(|line| line.contains(NO_LIST)) {
                Some(line) => Err(why.context(format!("apt-get update: {line}"))),
                None => Err(why),
            },
        }
    }

    /// With `last` the package lists are as new as they can be.
    fn download(&self, targets: &[&Package], last: bool) -> Result<Attempt> {
        let offered = self.offered()?;
        let there = |p: &Package| offered.contains(&(p.name.clone(), p.version.clone()));
        let mut arguments: Vec<String> =
            targets.iter().map(|p| if there(p) { pin(p) } else { p.name.clone() }).collect();
        let mut plan = match self.plan(&arguments)? {
            Ok(plan) => plan,
            Err(failure) => return self.no_plan(failure, &arguments),
        };
        // Where the archive has several versions apt takes the newest for what
        // it adds by itself: ask for the locked one.
        let differing = plan.iter().filter_map(|d| self.differs(d)).filter(|p| there(p));
        let pins: Vec<String> = differing.map(pin).collect();
        if !pins.is_empty() {
            let with_pins = [arguments.clone(), pins].concat();
            if let Ok(better) = self.plan(&with_pins)? {
                (plan, arguments) = (better, with_pins);
            }
        }
        let changes: Vec<Drift> = plan.iter().filter_map(|d| self.change(d)).collect();
        if !changes.is_empty() && !last {
            return Ok(Attempt::Stale(anyhow!("not as locked in the archive")));
        }
        self.judge(&changes)?;
        for download in &plan {
            self.check_hash(download, &download.package.sha256)?;
        }
        let mut command = apt_get();
        command.args(["-o", "Debug::NoLocking=1"]).args(self.archive_option()).args(HASHES);
        command.args(INSTALL).arg("--download-only").args(&arguments);
        if let Err(failure) = self.log.attempt(&mut command)? {
            let refusal = mismatch(&failure.output, &plan).filter(|_| last);
            let Some(refusal) = refusal else { return Ok(Attempt::Stale(failure.error)) };
            clear(&self.archives)?;
            return Err(refusal);
        }
        for download in &plan {
            let found = sha256_file(&self.archives.join(&download.file))?;
            self.check_hash(download, &found)?;
        }
        Ok(Attempt::Ready(arguments))
    }

    /// Name and version of all that the archive has of what we know.
    fn offered(&self) -> Result<BTreeSet<(String, String)>> {
        let mut command = Command::new("apt-cache");
        command.env("LC_ALL", "C").arg("madison").args(self.packages.keys());
        // It fails for a name that no list has: what it prints is the answer.
        let output = self.log.attempt(&mut command)?.unwrap_or_else(|failure| failure.output);
        let rows = output.lines().filter_map(|line| {
            let mut cells = line.split('|').map(str::trim);
            Some((cells.next()?.to_string(), cells.next()?.to_string()))
        });
        Ok(rows.collect())
    }

    fn plan(&self, arguments: &[String]) -> Result<Result<Vec<Download>, Failure>> {
        let mut command = apt_get();
        command.args(["-o", "Debug::NoLocking=1", "--print-uris"]).args(HASHES);
        match self.log.attempt(command.args(INSTALL).args(arguments))? {
            Ok(output) => Ok(Ok(parse_uris(&output)?)),
            Err(failure) => Ok(Err(failure)),
        }
    }

    fn no_plan(&self, failure: Failure, arguments: &[String]) -> Result<Attempt> {
        if !failure.output.contains(DOWNGRADE) {
            return Ok(Attempt::Stale(failure.error));
        }
        let message = "this machine has newer packages than the lock";
        let hint = format!(
            "as root: apt-get install --allow-downgrades {}; or {}; or leave out --locked",
            arguments.join(" "),
            self.update_hint()
        );
        Err(tool(message).hint(hint).into())
    }

    /// The locked package, where apt would take another version.
    fn differs(&self, download: &Download) -> Option<&Package> {
        let locked = *self.packages.get(download.package.name.as_str())?;
        (locked.version != download.package.version).then_some(locked)
    }

    fn change(&self, download: &Download) -> Option<Drift> {
        let Package { name, version, .. } = self.differs(download)?;
        let found = download.package.version.clone();
        Some(Drift { package: name.clone(), locked: version.clone(), found })
    }

    fn judge(&self, changes: &[Drift]) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let update = self.update_hint();
        if self.place.strict {
            let message = format!("no longer in Debian's archive as locked: {}", some_of(changes));
            let hint = format!(
                "{update}; or make a snapshot of the archive from the lock's time a source of apt; \
                 or leave out --locked"
            );
            return Err(tool(message).hint(hint).into());
        }
        for change in changes {
            let text = format!("{change}: the locked version has left Debian's archive; {update}");
            self.place.ui.warn(&text);
        }
        Ok(())
    }

    fn update_hint(&self) -> String {
        let names: Vec<&str> = self.wanted.iter().map(|(name, _)| *name).collect();
        format!("`cargo xtask toolchain update {}` renews the lock", names.join(" "))
    }

    /// A package in another version than the locked one has nothing to be
    /// compared with but apt's own signed lists; it will show as drift.
    fn check_hash(&self, download: &Download, found: &str) -> Result<()> {
        let Download { package, file, from } = download;
        let locked = self.packages.get(package.name.as_str());
        let locked = locked.filter(|p| p.version == package.version);
        let expected = locked.map_or(&package.sha256, |p| &p.sha256);
        if expected == found {
            return Ok(());
        }
        // The next run would find it otherwise.
        clear(&self.archives)?;
        Err(refused(file, expected, found, Some(from)).into())
    }

    fn install(&self, arguments: &[String]) -> Result<()> {
        let install = || {
            let mut command = self.privilege.command("apt-get");
            command.args(["-q", "-o", "DPkg::Lock::Timeout=600"]).args(self.archive_option());
            command.args(INSTALL).arg("--no-download").args(arguments);
            self.log.attempt(&mut command)
        };
        match install()? {
            Err(failure) if failure.output.contains(UNFINISHED) => {
                let text = "an installation that was interrupted";
                let _task = self.place.ui.task("Finishing", text);
                self.log.run(self.privilege.command("dpkg").args(["--configure", "-a"]))?;
                install()?.map(drop).map_err(|failure| failure.error)
            }
            other => other.map(drop).map_err(|failure| failure.error),
        }
    }

    fn archive_option(&self) -> [String; 2] {
        ["-o".to_string(), format!("Dir::Cache::archives={}", self.archives.display())]
    }
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("LC_ALL", "C").arg("-q");
    command
}

fn pin(package: &Package) -> String {
    format!("{}={}", package.name, package.version)
}

/// The refusal, where apt-get failed because a file is not the one of its list.
fn mismatch(output: &str, plan: &[Download]) -> Option<anyhow::Error> {
    let reason = ["Hash Sum mismatch", "File has unexpected size"];
    let (_, rest) = reason.iter().find_map(|text| output.split_once(text))?;
    let (_, expected) = rest.split_once("SHA256:")?;
    let expected = expected.get(..64)?;
    let download = plan.iter().find(|d| d.package.sha256 == expected)?;
    let received = rest.split_once("received file").and_then(|(_, r)| r.split_once("SHA256:"));
    let found = received.and_then(|(_, hash)| hash.get(..64)).unwrap_or("that of another size");
    Some(refused(&download.file, expected, found, Some(&download.from)).into())
}

/// Makes the archive directory, without what an earlier apt-get left
/// unfinished. Finished downloads stay: apt-get compares them again.
fn renew(archives: &Path) -> Result<()> {
    let partial = archives.join("partial");
    remove(&partial);
    std::fs::create_dir_all(&partial).map_err(|cause| failed("make", &partial, cause))
}

fn clear(archives: &Path) -> Result<()> {
    for entry in std::fs::read_dir(archives).into_iter().flatten().flatten() {
        remove(&entry.path());
    }
    std::fs::remove_dir(archives).map_err(|cause| failed("remove", archives, cause))
}

/// With sudo, apt-get takes the directory `partial` for itself: it cannot be
/// read any more, but it is empty and can be removed.
fn remove(path: &Path) {
    // What stays is an error of whoever needs the place.
    let _ = std::fs::remove_file(path)
        .or_else(|_| std::fs::remove_dir(path))
        .or_else(|_| std::fs::remove_dir_all(path));
}
