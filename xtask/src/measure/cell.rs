//! From a built target, an input and a number of runs to a cell of the report.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::counter::{Count, Mode};
use super::execution::{Emulator, Execution, Look, Machine};
use crate::artifacts::{Files, Target};
use crate::cache::sha256;
use crate::error::{self, Kind};
use crate::graph::plan::Plan;
use crate::guest;
use crate::guest::manifest::{Guest, Language, DEFAULT_SETTING};
use crate::input::{Input, Loaded};
use crate::process::Limits;
use crate::report::{Build, Cell, Spread, Status};
use crate::session::Session;

/// How often a program with several threads is measured: their interleaving
/// differs each time, so one count says little.
const REPEATS: usize = 3;

/// Runs targets under one plugin.
pub struct Measurer<'a> {
    pub session: &'a Session,
    pub plugin: PathBuf,
    pub mode: Mode,
}

/// One way to run a target.
pub struct Case<'a> {
    pub target: &'a Target,
    pub plan: &'a Plan,
    pub files: &'a Files,
    pub input: &'a Input,
    pub loaded: &'a Loaded,
    pub runs: u32,
}

/// A cell and, where it is ok, the count that it was made of.
pub struct Measured {
    pub cell: Cell,
    pub count: Option<Count>,
    /// Whether a limit of the manifest ended it.
    pub limit: bool,
}

/// What one execution gave.
pub struct Judged {
    /// Or why it failed.
    pub count: std::result::Result<Count, String>,
    /// Whether a limit of the manifest ended it.
    pub limit: bool,
}

/// The input of this name, or the guest's default one.
pub fn chosen_input(session: &Session, guest: &Guest, name: Option<&str>) -> Result<Input> {
    match name.or(guest.default_input.as_deref()) {
        Some(name) => session.catalog(guest)?.find(name),
        None => Ok(Input::empty()),
    }
}

/// The inputs of these names, or of every name where none is given.
pub fn inputs(session: &Session, guest: &Guest, names: &[String]) -> Result<Vec<Input>> {
    let catalog = session.catalog(guest)?;
    let mut seen = BTreeSet::new();
    if !names.is_empty() {
        let names = names.iter().filter(|name| seen.insert(*name));
        return names.map(|name| catalog.find(name)).collect();
    }
    if catalog.inputs.is_empty() {
        return Ok(vec![Input::empty()]);
    }
    // One whose name is taken cannot be told apart in a report.
    let mut taken = BTreeSet::new();
    Ok(catalog.inputs.into_iter().filter(|input| taken.insert(input.name.clone())).collect())
}

/// A cell with all that is known before anything ran.
pub fn blank(session: &Session, target: &Target, plan: &Plan, input: &str, runs: u32) -> Cell {
    let (guest, setting) = (&target.chosen.guest, &target.chosen.setting);
    let mut cell =
        Cell::new(&guest.name, &setting.name, target.pipeline.name, target.platform.name, input);
    cell.runs = runs;
    let provenance = &mut cell.provenance;
    provenance.command = reproduce(target, input, runs);
    provenance.arguments = setting.arguments.clone();
    provenance.environment = setting.environment.clone();
    provenance.mode = Some(target.platform.mode.to_string());
    // A tool that is not here has no version; the cell says why it is empty.
    let version = |tool: &str| session.toolchain().identity(tool).ok().map(|i| i.shown());
    let emulator = target.platform.emulator;
    provenance.emulator =
        version(emulator.tool).map(|version| format!("{} {version}", emulator.program));
    let Ok(artifacts) = &target.artifacts else { return cell };
    provenance.flags = artifacts.flags.clone();
    for step in plan.steps().iter().filter(|s| target.steps(plan).contains(&s.name.as_str())) {
        for tool in &step.tools {
            provenance.tools.extend(version(tool).map(|version| (tool.clone(), version)));
        }
    }
    cell
}

fn reproduce(target: &Target, input: &str, runs: u32) -> String {
    let guest = &target.chosen.guest;
    let word = match (&guest.language, target.chosen.setting.name.as_str()) {
        (Language::Wasm(module), _) => module.file.clone(),
        (_, DEFAULT_SETTING) => guest.name.clone(),
        (_, setting) => format!("{}:{setting}", guest.name),
    };
    let (files, words) = match guest.language {
        Language::Wasm(_) => own_words(target),
        _ => Default::default(),
    };
    let (pipeline, platform, train) =
        (target.pipeline.name, target.platform.name, trained_on(target));
    format!(
        "cargo xtask run {word}{files} --pipeline {pipeline}{train} --platform {platform} \
         --input {input} --runs {runs}{words}"
    )
}

/// A file of the user's own is called by its name, as inputs are.
fn trained_on(target: &Target) -> String {
    let guest = &target.chosen.guest;
    let word = guest.training_input.as_deref().filter(|_| guest.trained_otherwise).map(Path::new);
    let name = word.and_then(Path::file_name).filter(|_| target.pipeline.is_trained());
    name.map(|name| format!(" --train {}", quoted(&name.to_string_lossy()))).unwrap_or_default()
}

/// What the command line says of a module of the user's own: options, and what
/// stands at its end.
fn own_words(target: &Target) -> (String, String) {
    let (guest, setting) = (&target.chosen.guest, &target.chosen.setting);
    let mut options = String::new();
    if let Some(files) = &guest.files {
        options += &format!(" --files {}", quoted(&files.shown()));
    }
    for (name, value) in &setting.environment {
        options += &format!(" --env {}", quoted(&format!("{name}={value}")));
    }
    let mut words = String::new();
    if !setting.arguments.is_empty() {
        words += " --";
        setting.arguments.iter().for_each(|word| words += &format!(" {}", quoted(word)));
    }
    (options, words)
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_string(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

impl Case<'_> {
    /// What the guest reads.
    pub fn stdin(&self) -> Result<Vec<u8>> {
        guest::stdin(&self.target.chosen.guest, &self.loaded.payload, self.runs)
    }

    /// The manifest's limits; its time is for one run.
    pub fn limits(&self) -> Limits {
        let guest = &self.target.chosen.guest;
        Limits {
            time: Some(guest.time_limit.saturating_mul(self.runs)),
            memory: Some(guest.memory_cap),
            stack: Some(guest.stack),
        }
    }
}

impl Measurer<'_> {
    /// Runs the case, again where it has several threads, and judges it.
    pub fn measure(&self, case: &Case) -> Result<Measured> {
        let mut cell = self.describe(case)?;
        let mut counts = Vec::new();
        loop {
            let _task = self.session.ui.task("Measuring", &cell.label());
            let Judged { count, limit } = self.execute(case, self.mode, case.limits())?;
            let count = match count {
                Ok(count) => count,
                Err(reason) => {
                    let cell = cell.without_numbers(Status::Failed, reason);
                    return Ok(Measured { cell, count: None, limit });
                }
            };
            let threads = count.vcpus > 1 && self.mode == Mode::Block;
            counts.push(count);
            if !threads || counts.len() == REPEATS {
                break;
            }
        }
        let count = fill(&mut cell, counts);
        Ok(Measured { cell, count: Some(count), limit: false })
    }

    /// The emulator of the target's platform, which counts.
    pub fn machine(&self, target: &Target, mode: Mode) -> Result<Machine> {
        Ok(Machine::Emulated {
            emulator: self.emulator(target)?,
            look: Look::Count { plugin: self.plugin.clone(), mode },
        })
    }

    /// The same, waiting for a debugger instead.
    pub fn debugged(&self, target: &Target, port: u16) -> Result<Machine> {
        Ok(Machine::Emulated { emulator: self.emulator(target)?, look: Look::Debug { port } })
    }

    fn emulator(&self, target: &Target) -> Result<Emulator> {
        let emulator = target.platform.emulator;
        Ok(Emulator {
            program: self.session.toolchain().program(emulator.tool, emulator.program)?,
            arguments: [emulator.arguments, target.processor()].concat(),
            kind: emulator.kind,
        })
    }

    /// One execution of the case.
    pub fn execute(&self, case: &Case, mode: Mode, limits: Limits) -> Result<Judged> {
        let machine = self.machine(case.target, mode)?;
        let observed = Execution {
            elf: &case.files.elf_path,
            machine: &machine,
            arguments: &case.target.chosen.setting.arguments,
            environment: &case.target.chosen.setting.environment,
            stdin: &case.stdin()?,
            limits,
        }
        .run()?;
        let limit = observed.finished.exceeded.is_some();
        let count = match observed.failure(case.loaded.expected.as_deref()) {
            Some(reason) => Err(reason),
            None => observed.count,
        };
        Ok(Judged { count, limit })
    }

    fn describe(&self, case: &Case) -> Result<Cell> {
        let mut cell = blank(self.session, case.target, case.plan, &case.input.name, case.runs);
        cell.elf = Some(case.files.elf.clone());
        cell.wasm = case.files.wasm.clone();
        let cost = case.files.cost;
        cell.build = Some(Build {
            seconds: Some((cost.seconds * 10.0).round() / 10.0),
            peak_bytes: Some(cost.peak_bytes),
            steps_run: cost.steps_run as u32,
            steps_cached: cost.steps_cached as u32,
        });
        cell.provenance.input_sha256 = Some(case.loaded.sha256.clone());
        cell.provenance.expected_sha256 = case.loaded.expected.as_ref().map(|e| sha256(e));
        Ok(cell)
    }
}

/// Puts the median count into the cell, with the spread where there are several.
fn fill(cell: &mut Cell, mut counts: Vec<Count>) -> Count {
    counts.sort_by_key(|c| c.total);
    let (least, most) = (counts[0].total, counts[counts.len() - 1].total);
    let spread = Spread { repeats: counts.len() as u32, min: least, max: most };
    let several = counts.len() > 1;
    let middle = counts.swap_remove(counts.len() / 2);
    let numbers = &mut cell.instructions;
    numbers.total = Some(middle.total);
    numbers.startup = Some(middle.startup());
    numbers.per_run = middle.runs();
    numbers.exit = middle.exit();
    numbers.spread = several.then_some(spread);
    cell.vcpus = Some(middle.vcpus);
    middle
}

/// Cells for what could not be built: unavailable where a tool is missing or
/// the combination does not exist, failed otherwise.
pub fn absent(cell: Cell, target: &Target, failure: Option<&anyhow::Error>) -> Cell {
    if let Err(reason) = &target.artifacts {
        return cell.without_numbers(Status::Unavailable, reason);
    }
    let Some(error) = failure else {
        return cell.without_numbers(Status::Failed, "a step it stands on failed");
    };
    let missing = error::kind(error) == Some(Kind::Tool);
    let status = if missing { Status::Unavailable } else { Status::Failed };
    let text = error.to_string();
    cell.without_numbers(status, text.lines().next().unwrap_or_default())
}
