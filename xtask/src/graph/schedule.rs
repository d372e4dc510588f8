//! Runs a plan's steps side by side, within a number of jobs and a memory
//! budget, every step after what it needs.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex};

use anyhow::{anyhow, Context, Result};
use serde::Serialize;

use super::execute::{Executor, MadeStep, Ready};
use super::plan::Plan;
use super::step::{Input, Made, Step};
use super::store::{Entry, Stored};
use crate::ui::Task;

/// How much may run at once.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    pub jobs: usize,
    /// Bytes that the running steps may declare together.
    pub memory: u64,
}

impl Budget {
    /// `jobs` or one per processor, and three quarters of the machine's memory.
    pub fn of_machine(jobs: Option<usize>) -> Budget {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let kib = meminfo.lines().find_map(|line| {
            line.strip_prefix("MemTotal:")?.trim().trim_end_matches(" kB").parse::<u64>().ok()
        });
        let memory = kib.map_or(4 << 30, |k| k * 1024 / 4 * 3);
        Budget { jobs: jobs.unwrap_or(processors).max(1), memory }
    }
}

/// What a plan's steps made.
#[derive(Debug, Default)]
pub struct Built {
    done: BTreeMap<String, Done>,
}

#[derive(Debug, Clone)]
struct Done {
    entry: Entry,
    paths: BTreeMap<String, PathBuf>,
    ran: bool,
}

/// The cost of some of a plan's steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Cost {
    /// Wall time of the commands when they ran, now or earlier, added up.
    pub seconds: f64,
    /// Largest resident set of one process, bytes.
    pub peak_bytes: u64,
    pub steps_run: usize,
    pub steps_cached: usize,
}

impl Built {
    pub fn file(&self, made: &Made) -> Result<(PathBuf, &Stored)> {
        let missing = || format!("step `{}` made no `{}`", made.step, made.output);
        let done = self.done.get(&made.step).with_context(missing)?;
        let path = done.paths.get(&made.output).with_context(missing)?;
        Ok((path.clone(), &done.entry.outputs[&made.output]))
    }

    /// What a step made, by the name of each output.
    pub fn outputs(&self, step: &str) -> impl Iterator<Item = (PathBuf, &Stored)> {
        let done = self.done.get(step).into_iter();
        done.flat_map(|d| d.paths.iter().map(|(name, path)| (path.clone(), &d.entry.outputs[name])))
    }

    /// The cache's entry of a step.
    pub fn entry(&self, step: &str) -> Option<&Entry> {
        self.done.get(step).map(|done| &done.entry)
    }

    pub fn cost(&self, steps: &[&str]) -> Cost {
        let mut cost = Cost::default();
        for done in steps.iter().filter_map(|name| self.done.get(*name)) {
            cost.seconds += done.entry.seconds;
            cost.peak_bytes = cost.peak_bytes.max(done.entry.peak_bytes);
            if done.ran {
                cost.steps_run += 1;
            } else {
                cost.steps_cached += 1;
            }
        }
        cost
    }
}

#[derive(Default)]
struct State {
    built: Built,
    running: BTreeSet<usize>,
    started: BTreeSet<usize>,
    memory: u64,
    failed: BTreeMap<String, anyhow::Error>,
    skipped: BTreeSet<usize>,
}

/// The result of a plan: what was made, and what was not.
pub struct Outcome {
    pub built: Built,
    pub failed: BTreeMap<String, anyhow::Error>,
}

impl Outcome {
    /// What was made, or the first failure.
    pub fn all(mut self) -> Result<Built> {
        match self.failed.pop_first() {
            Some((_, error)) => Err(error),
            None => Ok(self.built),
        }
    }

    /// Why this step failed, if it did.
    pub fn take_failure(&mut self, step: &str) -> Option<anyhow::Error> {
        self.failed.remove(step)
    }

    /// The failed step among those that `steps` names.
    pub fn failure(&self, steps: &[&str]) -> Option<&anyhow::Error> {
        steps.iter().find_map(|name| self.failed.get(*name))
    }
}

/// Runs the plan, with `tools` at hand. With `keep_going` a failure only stops
/// what stands on it.
pub fn run(
    plan: &Plan,
    executor: &Executor,
    tools: &[&str],
    budget: Budget,
    keep_going: bool,
) -> Outcome {
    let progress = executor.ui.progress("Building", plan.steps().len());
    let job = Job { plan, executor, tools, budget, keep_going, progress };
    let state = Mutex::new(State::default());
    let changed = Condvar::new();
    let workers = budget.jobs.min(plan.steps().len()).max(1);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| job.work(&state, &changed));
        }
    });
    let state = state.into_inner().unwrap_or_else(|e| e.into_inner());
    Outcome { built: state.built, failed: state.failed }
}

struct Job<'a> {
    plan: &'a Plan,
    executor: &'a Executor,
    tools: &'a [&'a str],
    budget: Budget,
    keep_going: bool,
    progress: Task,
}

impl Job<'_> {
    /// Takes steps that can run until none is left.
    fn work(&self, state: &Mutex<State>, changed: &Condvar) {
        let steps = self.plan.steps();
        let mut guard = state.lock().unwrap_or_else(|e| e.into_inner());
        loop {
            guard.skip_what_cannot_run(self.plan, self.keep_going);
            if guard.started.len() + guard.skipped.len() == steps.len() {
                changed.notify_all();
                return;
            }
            let Some(at) = guard.next(self.plan, self.budget) else {
                guard = changed.wait(guard).unwrap_or_else(|e| e.into_inner());
                continue;
            };
            let step = &steps[at];
            let ready = guard.inputs(step);
            guard.started.insert(at);
            guard.running.insert(at);
            guard.memory += step.memory;
            drop(guard);
            // A step that panics must not leave the others waiting for it.
            let make = || self.executor.make(step, &ready, self.tools);
            let result = catch_unwind(AssertUnwindSafe(make))
                .unwrap_or_else(|_| Err(anyhow!("step `{}` panicked; that is a bug", step.name)));
            guard = state.lock().unwrap_or_else(|e| e.into_inner());
            guard.running.remove(&at);
            guard.memory -= step.memory;
            guard.record(step, result);
            self.progress.advance();
            changed.notify_all();
        }
    }
}

impl State {
    fn record(&mut self, step: &Step, result: Result<MadeStep>) {
        match result {
            Ok(made) => {
                let done = Done { entry: made.entry, paths: made.paths, ran: made.ran };
                self.built.done.insert(step.name.clone(), done);
            }
            Err(error) => drop(self.failed.insert(step.name.clone(), error)),
        }
    }

    /// A step whose inputs are made, whose scratch is free and whose memory
    /// fits; one that fits nowhere runs alone.
    fn next(&self, plan: &Plan, budget: Budget) -> Option<usize> {
        let busy: BTreeSet<_> =
            self.running.iter().filter_map(|&at| plan.steps()[at].scratch.as_ref()).collect();
        (0..plan.steps().len()).find(|at| {
            let step = &plan.steps()[*at];
            let fits = self.running.is_empty() || self.memory + step.memory <= budget.memory;
            let free = step.scratch.as_ref().is_none_or(|s| !busy.contains(s));
            let made = |input: &Input| match input {
                Input::Output { step, .. } => self.built.done.contains_key(step),
                Input::File(_) => true,
            };
            let waiting = !self.started.contains(at) && !self.skipped.contains(at);
            waiting && fits && free && step.inputs.values().all(made)
        })
    }

    fn skip_what_cannot_run(&mut self, plan: &Plan, keep_going: bool) {
        if self.failed.is_empty() {
            return;
        }
        for (at, step) in plan.steps().iter().enumerate() {
            let broken = plan.needs(step).into_iter().find(|n| {
                self.skipped.contains(n) || self.failed.contains_key(&plan.steps()[*n].name)
            });
            if self.started.contains(&at) || self.skipped.contains(&at) {
                continue;
            }
            if broken.is_some() || !keep_going {
                self.skipped.insert(at);
            }
        }
    }

    fn inputs(&self, step: &Step) -> BTreeMap<String, Ready> {
        let mut ready = BTreeMap::new();
        for (name, input) in &step.inputs {
            let Input::Output { step: from, output } = input else { continue };
            let done = &self.built.done[from];
            let sha256 = done.entry.outputs[output].sha256.clone();
            ready.insert(name.clone(), Ready { path: done.paths[output].clone(), sha256 });
        }
        ready
    }
}
