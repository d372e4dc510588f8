//! Where what is here differs from the lock: said once when something is
//! built, and refused with `--locked`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::external::setting;
use super::lock::Source;
use super::{Identity, Toolchain};
use crate::error::{tool, Error};

/// How many changes a line of text takes.
const SHOWN: usize = 3;

/// A package in another version than the locked one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Drift {
    pub package: String,
    pub locked: String,
    /// A version, or `absent` where another package stands in.
    pub found: String,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -> {}", self.package, self.locked, self.found)
    }
}

/// How an identity differs from the lock, in full; nothing when it does not.
pub fn describe(identity: &Identity) -> Option<String> {
    if identity.overridden {
        return Some(format!("own, sha256 {}", &identity.sha256[..12]));
    }
    let all: Vec<String> = identity.drift.iter().map(Drift::to_string).collect();
    (!all.is_empty()).then(|| format!("not as locked: {}", all.join(", ")))
}

/// Warns of what differs among `tools`, once per process, old -> new. What only
/// fetches a tool is not among them: the hash of what it fetched is checked.
pub fn warn(toolchain: &Toolchain, tools: &[&str]) {
    let mut by_package: BTreeMap<Drift, bool> = BTreeMap::new();
    for name in tools {
        // What is missing or wrong fails where it is used, with its own message.
        let Ok(identity) = toolchain.found(name) else { continue };
        let Ok((_, source)) = toolchain.tool(name) else { continue };
        for drift in identity.drift {
            let named = is_named(source, &drift.package);
            *by_package.entry(drift).or_default() |= named;
        }
    }
    if by_package.is_empty() || toolchain.warned.swap(true, std::sync::atomic::Ordering::Relaxed) {
        return;
    }
    let (mut first, rest): (Vec<_>, Vec<_>) = by_package.into_iter().partition(|(_, named)| *named);
    first.extend(rest);
    let all: Vec<Drift> = first.into_iter().map(|(drift, _)| drift).collect();
    toolchain.ui.warn(&format!(
        "not as locked, which the report says: {}; `cargo xtask toolchain check` lists all",
        some_of(&all)
    ));
    for drift in &all {
        toolchain.ui.detail(&format!("not as locked: {drift}"));
    }
}

/// Whether the head itself names the package.
fn is_named(source: &Source, package: &str) -> bool {
    !matches!(source, Source::Apt(apt) if !apt.packages.iter().any(|p| p == package))
}

/// # Errors
/// The identity is not the lock's: with `--locked` nothing else may be used,
/// so that keys and numbers are those of everybody who uses it.
pub fn refuse(toolchain: &Toolchain, name: &str, identity: &Identity) -> Result<(), Error> {
    let external = matches!(toolchain.tools.get(name), Some((_, Source::External)));
    if identity.overridden && !external {
        let message = format!("{} replaces a tool that --locked wants as locked", setting(name));
        return Err(tool(message).hint("unset it, or leave out --locked"));
    }
    if identity.drift.is_empty() {
        return Ok(());
    }
    let message = format!("tool `{name}` is not as locked: {}", some_of(&identity.drift));
    Err(tool(message).hint(format!("{}; or leave out --locked", remedy(toolchain, name))))
}

/// How to have the tool as locked.
pub fn remedy(toolchain: &Toolchain, name: &str) -> String {
    if matches!(toolchain.tools.get(name), Some((_, Source::External))) {
        return format!("name another one with {}", setting(name));
    }
    if toolchain.host.debian_12 {
        return format!("cargo xtask toolchain sync --locked {name}");
    }
    super::host::IMAGE.to_string()
}

/// `a 1 -> 2, b 3 -> 4 and 5 more`.
pub fn some_of(drift: &[Drift]) -> String {
    let shown: Vec<String> = drift.iter().take(SHOWN).map(Drift::to_string).collect();
    let mut text = shown.join(", ");
    if drift.len() > SHOWN {
        text.push_str(&format!(" and {} more", drift.len() - SHOWN));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drift(package: &str) -> Drift {
        Drift { package: package.into(), locked: "1".into(), found: "2".into() }
    }

    #[test]
    fn the_report_says_all_that_differs() {
        let check = |packages: &[&str], overridden: bool, expected: &str| {
            let drift = packages.iter().map(|p| drift(p)).collect();
            let sha256 = "0123456789abcdef".to_string();
            let identity = Identity { version: "7".into(), sha256, drift, overridden };
            assert_eq!(identity.shown(), expected);
        };
        check(&[], false, "7");
        check(&[], true, "7 (own, sha256 0123456789ab)");
        let all = "7 (not as locked: a 1 -> 2, b 1 -> 2, c 1 -> 2, d 1 -> 2)";
        check(&["a", "b", "c", "d"], false, all);
    }

    #[test]
    fn a_line_takes_a_few_changes_and_counts_the_rest() {
        let check = |packages: &[&str], expected: &str| {
            let all: Vec<Drift> = packages.iter().map(|p| drift(p)).collect();
            assert_eq!(some_of(&all), expected);
        };
        check(&["a"], "a 1 -> 2");
        check(&["a", "b", "c"], "a 1 -> 2, b 1 -> 2, c 1 -> 2");
        check(&["a", "b", "c", "d"], "a 1 -> 2, b 1 -> 2, c 1 -> 2 and 1 more");
    }
}
