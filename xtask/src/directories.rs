//! The user's own directories: what a setting of ours names, else what the XDG
//! Base Directory Specification says, else that one's default below HOME.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::error;

/// A directory of ours.
pub struct Directory {
    /// What is kept in it.
    what: &'static str,
    /// The variable that names it. A relative path is meant from where we are.
    setting: &'static str,
    /// The variable that names the directory around it.
    xdg: &'static str,
    /// That one where nothing is set, below HOME.
    default: &'static str,
}

/// What can be made again.
pub const CACHE: Directory = Directory {
    what: "the cache, which takes about 6 GiB",
    setting: "WASRISC_CACHE_DIR",
    xdg: "XDG_CACHE_HOME",
    default: ".cache",
};

/// What cannot.
pub const DATA: Directory = Directory {
    what: "imported inputs",
    setting: "WASRISC_DATA_DIR",
    xdg: "XDG_DATA_HOME",
    default: ".local/share",
};

impl Directory {
    /// Absolute; it need not exist.
    ///
    /// # Errors
    /// Neither the setting nor HOME says anything.
    pub fn find(&self) -> Result<PathBuf> {
        self.find_in(|name| std::env::var_os(name))
    }

    fn find_in(&self, variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf> {
        let Directory { what, setting, xdg, default } = self;
        if let Some(own) = set(setting, &variable) {
            return std::path::absolute(own).context("cannot tell the current directory");
        }
        let dir = base(xdg, default, &variable).map(|dir| dir.join("wasrisc"));
        dir.ok_or_else(|| {
            error::usage(format!("no directory for {what}: neither {setting} nor HOME is set"))
                .hint(format!("set {setting}"))
                .into()
        })
    }
}

/// Where programs keep their settings.
pub fn config() -> Option<PathBuf> {
    base("XDG_CONFIG_HOME", ".config", &|name: &str| std::env::var_os(name))
}

/// The specification has a relative path ignored.
fn base(xdg: &str, default: &str, variable: &impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name: &str| set(name, variable).filter(|path| path.is_absolute());
    absolute(xdg).or_else(|| Some(absolute("HOME")?.join(default)))
}

/// An empty variable is one that is not set.
fn set(name: &str, variable: &impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    variable(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_is_unset_and_nothing_is_relative() {
        let check = |ours: &str, xdg: &str, home: &str, expected: Option<&str>| {
            for (directory, default) in [(&CACHE, ".cache"), (&DATA, ".local/share")] {
                let variable = |name: &str| {
                    let all = [(directory.setting, ours), (directory.xdg, xdg), ("HOME", home)];
                    all.iter().find(|v| v.0 == name && v.1 != "-").map(|v| v.1.into())
                };
                let here = std::env::current_dir().unwrap();
                let expected = expected.map(|path| here.join(path.replace("DEFAULT", default)));
                let found = directory.find_in(variable);
                assert_eq!(found.ok(), expected, "{ours:?} {xdg:?} {home:?}");
            }
        };
        check("/own", "/x", "/h", Some("/own"));
        check("own", "/x", "/h", Some("own"));
        for unset in ["", "-"] {
            check(unset, "/x", "/h", Some("/x/wasrisc"));
            check(unset, "x", "/h", Some("/h/DEFAULT/wasrisc"));
            check(unset, unset, "/h", Some("/h/DEFAULT/wasrisc"));
            check(unset, "/x", unset, Some("/x/wasrisc"));
            check(unset, unset, unset, None);
            check(unset, "x", "h", None);
        }
    }
}
