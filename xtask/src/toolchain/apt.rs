//! Debian packages, with everything they depend on: the closure from an empty
//! system, so that it is the same on every machine.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::dpkg::Status;
use super::lock::{digest, quote, RawResolved};
use super::{Drift, Identity};
use crate::error::tool;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apt {
    /// What the head names; the first gives the tool its version.
    pub packages: Vec<String>,
    /// Those and all they depend on, by name.
    pub closure: Vec<Package>,
}

/// One .deb.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub sha256: String,
    /// Size of the .deb.
    pub bytes: u64,
}

/// A .deb that apt-get would download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    pub package: Package,
    /// The file's name in apt's archive directory.
    pub file: String,
    /// Its address, for messages that hide the password in it.
    pub from: String,
}

impl Apt {
    pub fn new(packages: &[String], mut closure: Vec<Package>) -> Result<Apt, String> {
        closure.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(twice) = closure.windows(2).find(|w| w[0].name == w[1].name) {
            return Err(format!("package `{}` twice", twice[0].name));
        }
        if let Some(absent) = packages.iter().find(|p| !closure.iter().any(|c| &c.name == *p)) {
            return Err(format!("package `{absent}` of the head is not in it"));
        }
        Ok(Apt { packages: packages.to_vec(), closure })
    }

    pub fn from_lock(packages: &[String], raw: RawResolved) -> Result<Apt, String> {
        let closure = raw.packages.ok_or("no `packages`")?;
        for package in &closure {
            digest(Some(package.sha256.clone()))?;
        }
        Apt::new(packages, closure)
    }

    /// The body's lines for this tool.
    pub fn rows(&self) -> String {
        let mut out = String::from("packages = [\n");
        for Package { name, version, sha256, bytes } in &self.closure {
            out.push_str(&format!(
                "  {{ name = {}, version = {}, sha256 = {}, bytes = {bytes} }},\n",
                quote(name),
                quote(version),
                quote(sha256),
            ));
        }
        out.push_str("]\n");
        out
    }

    pub fn package(&self, name: &str) -> Option<&Package> {
        let index = self.closure.binary_search_by(|p| p.name.as_str().cmp(name)).ok()?;
        self.closure.get(index)
    }

    /// The locked version of the first package of the head.
    pub fn version(&self) -> &str {
        self.packages.first().and_then(|p| self.package(p)).map_or("", |p| &p.version)
    }

    /// The packages of the head that are not installed in any version.
    pub fn missing(&self, status: &Status) -> Vec<&str> {
        let names = self.packages.iter().map(String::as_str);
        names.filter(|name| status.version(name).is_none()).collect()
    }

    /// The identity of what is installed; a package that is not there yet
    /// counts as locked, for that is what an installation would get. Once the
    /// tool is installed, an absent package means that another provides what
    /// it would: that is drift too.
    pub fn identity(&self, status: &Status) -> Identity {
        let there = self.missing(status).is_empty();
        let mut hash = Sha256::new();
        let mut drift = Vec::new();
        let mut version = self.version().to_string();
        for locked in &self.closure {
            let found = match status.version(&locked.name) {
                Some(found) => found,
                None if there => "absent",
                None => &locked.version,
            };
            // dpkg keeps no hash of the .deb: the version stands for what is there.
            let content = if found == locked.version { &locked.sha256 } else { "installed" };
            hash.update(format!("{} {found} {content}\n", locked.name));
            if found != locked.version {
                drift.push(Drift {
                    package: locked.name.clone(),
                    locked: locked.version.clone(),
                    found: found.to_string(),
                });
                if Some(&locked.name) == self.packages.first() {
                    version = found.to_string();
                }
            }
        }
        Identity { version, sha256: format!("{:x}", hash.finalize()), drift, overridden: false }
    }
}

/// Reads what `apt-get install --print-uris` prints.
///
/// # Errors
/// A line that names no file, size and sha256.
pub fn parse_uris(output: &str) -> Result<Vec<Download>> {
    let lines = output.lines().filter(|line| line.starts_with('\''));
    lines
        .map(|line| {
            parse_uri(line).ok_or_else(|| {
                // The address may hold a password of the machine's own mirror.
                let shown = line.split_once("' ").map_or("", |(_, rest)| rest);
                tool(format!("apt-get printed `{shown}`, not a file, its size and its sha256"))
                    .into()
            })
        })
        .collect()
}

fn parse_uri(line: &str) -> Option<Download> {
    let (from, rest) = line.split_once("' ")?;
    let mut words = rest.split(' ');
    let (file, bytes, hash) = (words.next()?, words.next()?, words.next()?);
    let mut parts = file.strip_suffix(".deb")?.splitn(3, '_');
    let (name, version, _architecture) = (parts.next()?, parts.next()?, parts.next()?);
    let sha256 = digest(hash.strip_prefix("SHA256:").map(str::to_string)).ok()?;
    let version = unescape(version)?;
    let package = Package { name: name.to_string(), version, sha256, bytes: bytes.parse().ok()? };
    let from = from.trim_start_matches('\'').to_string();
    Some(Download { package, file: file.to_string(), from })
}

/// Undoes apt's escapes in a file name (an epoch's colon is `%3a`).
fn unescape(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut out = parts.next()?.to_string();
    for part in parts {
        let code = u8::from_str_radix(part.get(..2)?, 16).ok()?;
        out.push(char::from(code));
        out.push_str(&part[2..]);
    }
    Some(out)
}

/// One package of each name, for a total over tools that share packages.
pub fn union<'a>(tools: impl Iterator<Item = &'a Apt>) -> BTreeMap<&'a str, &'a Package> {
    let packages = tools.flat_map(|tool| &tool.closure);
    packages.map(|package| (package.name.as_str(), package)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(digit: char) -> String {
        digit.to_string().repeat(64)
    }

    fn package(name: &str, version: &str, digit: char) -> Package {
        Package { name: name.into(), version: version.into(), sha256: hex(digit), bytes: 7 }
    }

    fn gcc() -> Apt {
        let closure = vec![package("libc6", "2.36-9", 'b'), package("gcc", "4:12.2.0-3", 'a')];
        Apt::new(&["gcc".to_string()], closure).unwrap()
    }

    fn locked(apt: &Apt) -> Identity {
        apt.identity(&Status::default())
    }

    fn status(packages: &[(&str, &str)]) -> Status {
        let stanza = |(name, version): &(&str, &str)| {
            format!("Package: {name}\nStatus: install ok installed\nVersion: {version}\n\n")
        };
        Status::parse(&packages.iter().map(stanza).collect::<String>())
    }

    #[test]
    fn uris_are_read_without_their_hosts() {
        let a = hex('a');
        let check = |output: &str, expected: Result<(&str, &str, u64), &str>| {
            let got = parse_uris(output).map_err(|e| e.to_string());
            let got = got.as_ref().map(|all| {
                let p = &all[0].package;
                (p.name.as_str(), p.version.as_str(), p.bytes)
            });
            assert_eq!(got.map_err(String::as_str), expected, "{output}");
        };
        let line = format!("Reading...\n'http://h/x' gcc_4%3a12.2.0-3_amd64.deb 42 SHA256:{a}\n");
        check(&line, Ok(("gcc", "4:12.2.0-3", 42)));
        let line = format!("'http://h/x_%2b' libc6_2.36-9+deb12u14_amd64.deb 42 SHA256:{a}");
        check(&line, Ok(("libc6", "2.36-9+deb12u14", 42)));
        let error =
            "apt-get printed `x_1_all.deb 42 MD5Sum:00`, not a file, its size and its sha256";
        check("'http://user:password@h/x' x_1_all.deb 42 MD5Sum:00", Err(error));
        let error = "apt-get printed ``, not a file, its size and its sha256";
        check("'http://h/x'", Err(error));
    }

    #[test]
    fn identity_is_of_what_is_there() {
        let locked = locked(&gcc());
        assert_eq!(locked.version, "4:12.2.0-3");
        let check = |installed: &[(&str, &str)], version: &str, drift: &[(&str, &str, &str)]| {
            let identity = gcc().identity(&status(installed));
            let got: Vec<_> = identity
                .drift
                .iter()
                .map(|d| (d.package.as_str(), d.locked.as_str(), d.found.as_str()))
                .collect();
            assert_eq!(got, drift, "{installed:?}");
            assert_eq!(identity.version, version, "{installed:?}");
            assert_eq!(identity.sha256 == locked.sha256, drift.is_empty(), "{installed:?}");
        };
        check(&[], "4:12.2.0-3", &[]);
        check(&[("gcc", "4:12.2.0-3"), ("libc6", "2.36-9")], "4:12.2.0-3", &[]);
        check(&[("libc6", "2.36-9"), ("unrelated", "1")], "4:12.2.0-3", &[]);
        let newer_libc = ("libc6", "2.36-9", "2.40-1");
        check(&[("libc6", "2.40-1")], "4:12.2.0-3", &[newer_libc]);
        let newer_gcc = ("gcc", "4:12.2.0-3", "4:14-1");
        check(&[("gcc", "4:14-1"), ("libc6", "2.40-1")], "4:14-1", &[newer_gcc, newer_libc]);
        check(&[("gcc", "4:12.2.0-3")], "4:12.2.0-3", &[("libc6", "2.36-9", "absent")]);
    }

    #[test]
    fn identity_is_of_every_field_but_the_size() {
        let check = |change: fn(&mut Package), same: bool| {
            let mut other = gcc();
            change(&mut other.closure[0]);
            assert_eq!(locked(&other).sha256 == locked(&gcc()).sha256, same);
        };
        check(|p| p.name.push('x'), false);
        check(|p| p.version.push('x'), false);
        check(|p| p.sha256 = hex('c'), false);
        check(|p| p.bytes += 1, true);
    }
}
