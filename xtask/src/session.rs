//! What one invocation of a command works with: the project, its guests, the
//! cache, the tools, the screen.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result};

use crate::cache::{Cache, SESSION};
use crate::cli::Global;
use crate::directories;
use crate::error;
use crate::graph::execute::Executor;
use crate::graph::memo::Memo;
use crate::graph::plan::Plan;
use crate::graph::schedule::{self, Budget, Outcome};
use crate::graph::store::Store;
use crate::guest::manifest::Guest;
use crate::guest::select;
use crate::input::{Catalog, Sources};
use crate::toolchain::Toolchain;
use crate::ui::Ui;

pub struct Session {
    pub root: PathBuf,
    pub cache: Cache,
    pub ui: Ui,
    pub json: bool,
    pub guests: Vec<Guest>,
    pub executor: Executor,
    budget: Budget,
    global: Global,
}

impl Session {
    pub fn open(global: Global) -> Result<Session> {
        let root = project_root()?;
        let ui = Ui::new(global.quiet, global.verbose);
        let cache = Cache::open()?;
        cache.hold(SESSION)?;
        let tools = cache.clone();
        Session::at(root, cache, ui, &tools, global)
    }

    /// The same command in another copy of the project with another cache. The
    /// tools are this session's: the lock names their bytes.
    pub fn elsewhere(&self, root: PathBuf, cache: Cache) -> Result<Session> {
        Session::at(root, cache, self.ui.clone(), &self.cache, self.global.clone())
    }

    fn at(root: PathBuf, cache: Cache, ui: Ui, tools: &Cache, global: Global) -> Result<Session> {
        let budget = Budget::of_machine(global.jobs.map(usize::from));
        let executor = Executor {
            root: root.clone(),
            store: Store::new(cache.clone()),
            memo: Memo::open(&cache),
            toolchain: Toolchain::open(&root, tools, &ui)?.strict(global.locked),
            ui: ui.clone(),
            jobs: budget.jobs,
            explain: global.explain,
            print_commands: global.print_commands,
            installing: Mutex::new(None),
        };
        let guests = select::all(&root)?;
        Ok(Session { root, cache, ui, json: global.json, guests, executor, budget, global })
    }

    pub fn toolchain(&self) -> &Toolchain {
        &self.executor.toolchain
    }

    /// Makes what the plan says. With `keep_going` a failure stops only what
    /// stands on it.
    pub fn make(&self, plan: &Plan, also: &[&str], keep_going: bool) -> Outcome {
        let mut tools = plan.tools();
        tools.extend(also);
        schedule::run(plan, &self.executor, &tools, self.budget, keep_going)
    }

    /// The inputs of a guest.
    pub fn catalog(&self, guest: &Guest) -> Result<Catalog> {
        catalog(&self.root, guest)
    }

    /// Keeps what was learned for the next invocation; without it that one
    /// takes longer.
    pub fn close(&self) {
        if let Err(error) = self.executor.memo.save() {
            self.ui.warn(&format!("{error:#}"));
        }
    }
}

/// The inputs of a guest: its own, imported ones, and those shared beside the
/// project, which is at `root`.
pub fn catalog(root: &Path, guest: &Guest) -> Result<Catalog> {
    let shared = root.join("../shared/inputs");
    Catalog::load(&Sources {
        specs: &guest.inputs,
        guest_dir: &guest.dir,
        store: &imported_inputs()?,
        shared: shared.is_dir().then_some(shared.as_path()),
    })
}

/// Where imported inputs are kept: with the user's data, since clearing a
/// cache must not lose them.
///
/// # Errors
/// No setting says where, and HOME is not set.
pub fn imported_inputs() -> Result<PathBuf> {
    Ok(directories::DATA.find()?.join("inputs"))
}

/// The directory with `toolchains.lock`, at or above the current one.
pub fn project_root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("cannot tell the current directory")?;
    let found = here.ancestors().find(|dir| dir.join("toolchains.lock").is_file());
    let dir = found.map(Path::to_path_buf).or_else(|| {
        // Started by `cargo run --manifest-path` from elsewhere.
        let manifest = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR")?);
        manifest.parent().map(Path::to_path_buf)
    });
    let dir = dir.ok_or_else(|| {
        error::usage(format!(
            "{} is in no wasrisc project: no toolchains.lock there or above",
            here.display()
        ))
        .hint("change to the project's directory")
    })?;
    dir.canonicalize().with_context(|| format!("cannot read {}", dir.display()))
}
