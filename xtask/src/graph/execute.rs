//! Makes one step: looks its key up, and runs its command where that misses.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use anyhow::{bail, Context, Result};

use super::key::{digest, fields, reasons, Fields};
use super::memo::Memo;
use super::places::{cargo_home, Places};
use super::sources::SourceSet;
use super::step::{Input, Step};
use super::store::{Entry, Store};
use crate::cargo_config;
use crate::error::{self, Error, Kind};
use crate::process::{self, Child, Limits};
use crate::toolchain::Toolchain;
use crate::ui::Ui;

/// How far a file's time may lie behind the clock, seconds: the kernel stamps
/// files at its tick.
const CLOCK_GRAIN: f64 = 0.01;

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
        let hashed = SystemTime::now();
        let inputs = self.resolve_inputs(step, ready)?;
        if let Some(entry) = self.find(step, &self.shallow_fields(step, &inputs)?)? {
            return self.made(step, entry, false);
        }
        self.explain(step, &self.shallow_fields(step, &inputs)?);
        self.provision(step, tools)?;
        self.toolchain.warn_of_drift(tools);
        // What is installed may not be what the lock says: the key tells the truth.
        let shallow = self.shallow_fields(step, &inputs)?;
        let _held = self.store.cache().lock(&digest(&shallow))?;
        if let Some(entry) = self.find(step, &shallow)? {
            return self.made(step, entry, false);
        }
        let entry = self.execute(step, &inputs, shallow, hashed)?;
        self.made(step, entry, true)
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

    /// The entry of this step value, with sources as they are now.
    fn find(&self, step: &Step, shallow: &Fields) -> Result<Option<Entry>> {
        if step.sources.is_none() {
            let entry = self.store.lookup(&digest(shallow));
            return self.remember_hit(step, shallow, entry);
        }
        for set in self.store.source_sets(&digest(shallow)) {
            if set.now(&self.root, &self.memo) == set {
                let mut full = shallow.clone();
                set.add_to(&mut full);
                let entry = self.store.lookup(&digest(&full));
                return self.remember_hit(step, &full, entry);
            }
        }
        Ok(None)
    }

    fn remember_hit(
        &self,
        step: &Step,
        fields: &Fields,
        entry: Option<Entry>,
    ) -> Result<Option<Entry>> {
        if entry.is_some() && self.store.last_fields(&self.slot(step)).as_ref() != Some(fields) {
            self.store.remember_fields(&self.slot(step), fields)?;
        }
        Ok(entry)
    }

    /// Under this name the last key of the step is remembered.
    fn slot(&self, step: &Step) -> String {
        format!("{}\0{}", self.root.display(), step.name)
    }

    fn explain(&self, step: &Step, shallow: &Fields) {
        if !self.explain {
            return;
        }
        let mut now = shallow.clone();
        let old = self.store.last_fields(&self.slot(step));
        if let Some(old) = &old {
            let paths = |kind: &str| {
                old.iter()
                    .filter_map(|(f, h)| Some((f.strip_prefix(kind)?.to_string(), h.clone())))
                    .collect()
            };
            let set = SourceSet { files: paths("source "), listings: paths("listing ") };
            set.now(&self.root, &self.memo).add_to(&mut now);
        }
        for reason in reasons(old.as_ref(), &now) {
            self.ui.status("Explain", &format!("{}: {reason}", step.name));
        }
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
        std::fs::create_dir(&work)?;
        std::fs::create_dir(&out)?;
        let scratch = step.scratch.as_ref().map(|s| self.store.cache().room("scratch").join(s));
        let _held = match (&scratch, &step.scratch) {
            (Some(dir), Some(name)) => {
                std::fs::create_dir_all(dir)?;
                Some(self.store.cache().lock(&format!("scratch-{name}"))?)
            }
            _ => None,
        };
        let paths = inputs.iter().map(|(n, r)| (n.clone(), r.path.clone())).collect();
        let places = Places { step, executor: self, inputs: &paths, work: &work, out: &out };
        let finished = self.run_command(&places, &digest(&key_fields)[..12])?;
        for output in &step.outputs {
            if let Some(from) = &output.from {
                let from = PathBuf::from(places.expand(from)?);
                // Copied, not moved: the place belongs to the command's own state.
                std::fs::copy(&from, out.join(&output.file))
                    .with_context(|| format!("step `{}` left no {}", step.name, from.display()))?;
            }
        }
        let set = match &step.sources {
            Some(sources) => self.discover(sources, &places)?,
            None => SourceSet::default(),
        };
        self.refuse_changed(step, &set, hashed)?;
        if step.sources.is_some() {
            let shallow = digest(&key_fields);
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
        self.store.remember_fields(&self.slot(step), &key_fields)?;
        Ok(entry)
    }

    /// A file that changed while the command ran would give its entry the
    /// wrong key. The inode's own time tells, which nothing can set back.
    fn refuse_changed(&self, step: &Step, set: &SourceSet, started: SystemTime) -> Result<()> {
        let files = step.inputs.values().filter_map(|input| match input {
            Input::File(path) => Some(path.to_string_lossy().into_owned()),
            Input::Output { .. } => None,
        });
        let since = started.duration_since(SystemTime::UNIX_EPOCH)?.as_secs_f64();
        for path in files.chain(set.files.keys().cloned()).chain(set.listings.keys().cloned()) {
            let meta = std::fs::metadata(self.root.join(&path));
            let unchanged = |m: &std::fs::Metadata| {
                m.ctime() as f64 + m.ctime_nsec() as f64 * 1e-9 <= since - CLOCK_GRAIN
            };
            if !meta.is_ok_and(|m| unchanged(&m)) {
                bail!(Error::new(
                    Kind::Build,
                    format!("{path} changed while step `{}` ran", step.name)
                )
                .hint("run the command again"));
            }
        }
        Ok(())
    }

    fn run_command(&self, places: &Places, id: &str) -> Result<process::Finished> {
        let step = places.step;
        let argv: Vec<String> =
            step.argv.iter().map(|a| places.expand(a)).collect::<Result<_>>()?;
        let (program, args) =
            argv.split_first().with_context(|| format!("step `{}` has no command", step.name))?;
        let environment = places.environment()?;
        if self.print_commands {
            self.ui.status("Command", &places.printable(&argv)?);
        }
        let log_path = self
            .store
            .cache()
            .room("logs")
            .join(format!("{}-{id}.log", step.name.replace('/', "_")));
        let log = std::fs::File::create(&log_path)
            .with_context(|| format!("cannot write {}", log_path.display()))?;
        let _task = self.ui.task("Running", &format!("{} -> {}", step.from, step.to));
        let finished = process::run(Child {
            program: PathBuf::from(program),
            args: args.iter().map(OsString::from).collect(),
            environment,
            directory: PathBuf::from(places.expand(&step.directory)?),
            stdin: None,
            stdout: log.try_clone()?,
            stderr: log,
            limits: Limits::default(),
        })?;
        if !finished.status.success() {
            bail!(Error::new(
                Kind::Build,
                format!(
                    "step `{}` failed with {}{}\n  command: {}\n{}  whole log: {}",
                    step.name,
                    finished.describe(),
                    places.without_paths(&last_words(&log_path)),
                    places.printable(&argv)?,
                    process::tail(&log_path, 20),
                    log_path.display()
                ),
            ));
        }
        Ok(finished)
    }

    fn made(&self, step: &Step, entry: Entry, ran: bool) -> Result<MadeStep> {
        let mut paths = BTreeMap::new();
        for output in &step.outputs {
            paths.insert(output.name.clone(), self.store.path(&entry, &output.name)?);
        }
        Ok(MadeStep { entry, paths, ran })
    }
}

/// The last line of a log, as the end of a sentence: a report has room for one.
/// What Rust notes after a panic is not what went wrong.
fn last_words(log: &Path) -> String {
    let tail = process::tail(log, 20);
    let says = |line: &&str| !line.is_empty() && !line.starts_with("note: ");
    let last = tail.lines().rev().map(str::trim).find(says);
    last.map(|line| format!(": {line}")).unwrap_or_default()
}
