//! Makes one step: looks its key up, and runs its command where that misses.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use anyhow::{bail, Result};

use super::find::Looked;
use super::key::{digest, fields, Fields};
use super::memo::Memo;
use super::places::{cargo_home, Places};
use super::sources::SourceSet;
use super::step::{Input, Step};
use super::store::{Entry, Store};
use crate::cache::{failed, step_lock, Scratch};
use crate::cargo_config;
use crate::error::{self, Error, Kind};
use crate::toolchain::Toolchain;
use crate::ui::Ui;

/// How far a file's time may lie behind the clock: the kernel stamps
/// files at its tick.
const CLOCK_GRAIN: Duration = Duration::from_millis(10);

/// What making a step needs besides the step.
pub struct Executor {
    /// The project's directory, canonical.
    pub root: PathBuf,
    pub store: Store,
    pub memo: Memo,
    pub toolchain: Toolchain,
    pub ui: Ui,
    pub jobs: usize,
    /// Print why each miss is one.
    pub explain: bool,
    pub print_commands: bool,
    /// One installation at a time, and how it ended.
    pub installing: Mutex<Option<std::result::Result<(), String>>>,
}

/// An input that an earlier step made.
#[derive(Debug, Clone)]
pub struct Ready {
    pub path: PathBuf,
    pub sha256: String,
}

pub struct MadeStep {
    pub entry: Entry,
    pub paths: BTreeMap<String, PathBuf>,
    /// False when it was in the cache.
    pub ran: bool,
}

impl Executor {
    /// The step's entry, from the cache or made now.
    ///
    /// `tools` are all that the plan will need: the first miss installs them
    /// at once, so that time and disk are announced once.
    pub fn make(
        &self,
        step: &Step,
        ready: &BTreeMap<String, Ready>,
        tools: &[&str],
    ) -> Result<MadeStep> {
        let cache = self.store.cache();
        if let Some(dir) = cache.unwritable_news() {
            let text = format!("{} cannot be written: only what is there is used", dir.display());
            self.ui.warn(&text);
        }
        self.touch_tools(step);
        self.let_files_settle(step);
        let hashed = SystemTime::now();
        let inputs = self.resolve_inputs(step, ready)?;
        let shallow = self.shallow_fields(step, &inputs)?;
        match self.look(step, &shallow)? {
            Looked::Hit(entry) => return self.made(step, entry, false),
            Looked::Miss(broken) => self.explain(step, &shallow, broken.as_ref()),
        }
        cache.require_writable(&format!("step `{}` is not in the cache", step.name))?;
        self.provision(step, tools)?;
        self.toolchain.warn_of_drift(tools);
        // What is installed may not be what the lock says: the key tells the truth.
        let shallow = self.shallow_fields(step, &inputs)?;
        let waiting = || self.ui.status("Waiting", &format!("for whoever makes it: {}", step.name));
        let _held = cache.lock(&step_lock(&digest(&shallow)), waiting)?;
        match self.look(step, &shallow)? {
            Looked::Hit(entry) => return self.made(step, entry, false),
            Looked::Miss(Some(broken)) => self.drop_broken(step, &shallow, broken)?,
            Looked::Miss(None) => {}
        }
        if let Err(error) = cache.tidy() {
            self.ui.warn(&format!("{error:#}"));
        }
        let entry = self.execute(step, &inputs, shallow, hashed)?;
        self.made(step, entry, true)
    }

    /// Tools in the cache are used when a step names them, also one that is
    /// found: it may have to run tomorrow.
    fn touch_tools(&self, step: &Step) {
        for tree in step.tools.iter().filter_map(|tool| self.toolchain.installed(tool)) {
            self.store.cache().touch(&tree);
        }
    }

    /// A file that was written a moment before the step began, by ourselves even,
    /// must not look as if it had changed while the step ran.
    fn let_files_settle(&self, step: &Step) {
        let grain = 2 * CLOCK_GRAIN;
        let settled = SystemTime::now() - grain;
        if own_files(step).any(|path| changed(&self.root.join(path)).is_ok_and(|at| at > settled)) {
            std::thread::sleep(grain);
        }
    }

    fn resolve_inputs(
        &self,
        step: &Step,
        ready: &BTreeMap<String, Ready>,
    ) -> Result<BTreeMap<String, Ready>> {
        let mut inputs = ready.clone();
        for (name, input) in &step.inputs {
            let Input::File(path) = input else { continue };
            let path = self.root.join(path);
            let sha256 = self.memo.file(&path)?;
            inputs.insert(name.clone(), Ready { path, sha256 });
        }
        Ok(inputs)
    }

    fn shallow_fields(&self, step: &Step, inputs: &BTreeMap<String, Ready>) -> Result<Fields> {
        let mut tools = BTreeMap::new();
        for tool in &step.tools {
            tools.insert(tool.clone(), self.toolchain.identity(tool)?.sha256);
        }
        let hashes = inputs.iter().map(|(n, r)| (n.clone(), r.sha256.clone())).collect();
        let mut fields = fields(step, &tools, &hashes);
        if step.tools.iter().any(|tool| tool == "rust") {
            let settings = cargo_config::code_settings(&self.root, &cargo_home())?;
            fields.extend(settings.map(|hash| ("cargo configuration".to_string(), hash)));
        }
        Ok(fields)
    }

    /// Installs what is missing for the whole plan at the first step that
    /// misses something. What cannot be installed fails the steps that need
    /// it, once tried and not again for each.
    fn provision(&self, step: &Step, tools: &[&str]) -> Result<()> {
        let needed: Vec<&str> = step.tools.iter().map(String::as_str).collect();
        let mut tried = self.installing.lock().unwrap_or_else(|e| e.into_inner());
        if self.toolchain.missing(&needed).is_empty() {
            return Ok(());
        }
        if tried.is_none() {
            let ours = self.toolchain.installable();
            let all: Vec<&str> = tools.iter().copied().filter(|t| ours.contains(t)).collect();
            *tried = Some(self.toolchain.ensure(&all).map_err(|error| format!("{error:#}")));
        }
        match &*tried {
            Some(Err(reason)) => Err(error::tool(reason.clone()).into()),
            _ => self.toolchain.ensure(&needed),
        }
    }

    fn execute(
        &self,
        step: &Step,
        inputs: &BTreeMap<String, Ready>,
        mut key_fields: Fields,
        hashed: SystemTime,
    ) -> Result<Entry> {
        let staging = self.store.cache().staging()?;
        let (work, out) = (staging.path().join("work"), staging.path().join("out"));
        for dir in [&work, &out] {
            std::fs::create_dir(dir).map_err(|cause| failed("make", dir, cause))?;
        }
        let scratch = step.scratch.as_deref().map(|name| self.scratch(name)).transpose()?;
        let held: Vec<BorrowedFd> =
            std::iter::once(staging.as_fd()).chain(scratch.iter().map(Scratch::as_fd)).collect();
        let paths = inputs.iter().map(|(n, r)| (n.clone(), r.path.clone())).collect();
        let places = Places { step, executor: self, inputs: &paths, work: &work, out: &out };
        let shallow = digest(&key_fields);
        let log = self.log(&step.name, &shallow);
        let finished = self.run_command(&places, &log, &held)?;
        self.fetch_outputs(&places)?;
        let set = match &step.sources {
            Some(sources) => self.discover(sources, &places, &log)?,
            None => SourceSet::default(),
        };
        self.refuse_changed(step, &set, hashed)?;
        if step.sources.is_some() {
            set.add_to(&mut key_fields);
            self.store.remember_sources(&shallow, &set)?;
        }
        let entry = self.store.commit(
            step,
            &digest(&key_fields),
            &out,
            finished.seconds,
            finished.peak_bytes,
        )?;
        self.remember(step, &key_fields);
        Ok(entry)
    }

    fn scratch(&self, name: &str) -> Result<Scratch> {
        let waiting = || self.ui.status("Waiting", &format!("for a command that uses {name}"));
        let scratch = self.store.cache().scratch(name, waiting)?;
        if scratch.emptied {
            let dir = scratch.dir().display();
            self.ui.warn(&format!("the machine went down while {dir} was used: it starts afresh"));
        }
        Ok(scratch)
    }

    /// Copies what the command left at places of its own choosing: they belong
    /// to its own state.
    fn fetch_outputs(&self, places: &Places) -> Result<()> {
        for output in &places.step.outputs {
            let Some(from) = &output.from else { continue };
            let from = PathBuf::from(places.expand(from)?);
            let to = places.out.join(&output.file);
            std::fs::copy(&from, &to).map_err(|cause| match from.exists() {
                true => failed("write", &to, cause),
                false => anyhow::Error::from(cause).context(format!(
                    "step `{}` left no {}",
                    places.step.name,
                    from.display()
                )),
            })?;
        }
        Ok(())
    }

    /// A file that changed while the command ran would give its entry the
    /// wrong key. The inode's own time tells, which nothing can set back.
    fn refuse_changed(&self, step: &Step, set: &SourceSet, started: SystemTime) -> Result<()> {
        let files = own_files(step).map(|path| path.to_string_lossy().into_owned());
        for path in files.chain(set.files.keys().cloned()).chain(set.listings.keys().cloned()) {
            let at = changed(&self.root.join(&path));
            if !at.is_ok_and(|at| at <= started - CLOCK_GRAIN) {
                bail!(Error::new(
                    Kind::Build,
                    format!("{path} changed while step `{}` ran", step.name)
                )
                .hint("run the command again"));
            }
        }
        Ok(())
    }

    fn made(&self, step: &Step, entry: Entry, ran: bool) -> Result<MadeStep> {
        let mut paths = BTreeMap::new();
        for output in &step.outputs {
            paths.insert(output.name.clone(), self.store.path(&entry, &output.name)?);
        }
        Ok(MadeStep { entry, paths, ran })
    }
}

/// The files of the project that a step names.
fn own_files(step: &Step) -> impl Iterator<Item = &PathBuf> {
    step.inputs.values().filter_map(|input| match input {
        Input::File(path) => Some(path),
        Input::Output { .. } => None,
    })
}

/// When the inode last changed, which nothing can set back.
fn changed(path: &Path) -> std::io::Result<SystemTime> {
    let meta = std::fs::metadata(path)?;
    Ok(SystemTime::UNIX_EPOCH + Duration::new(meta.ctime() as u64, meta.ctime_nsec() as u32))
}
