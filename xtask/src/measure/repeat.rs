//! One case executed again and again: is its count the same each time?

use std::sync::Mutex;

use anyhow::Result;
use serde::Serialize;

use super::cell::Case;
use super::counter::Count;
use super::execution::{Execution, Machine};
use crate::error::{Error, Kind};

/// How the counts of one program lay apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repeated {
    /// How often it was executed.
    pub executions: u32,
    /// Least and most instructions of all.
    pub min: u64,
    pub max: u64,
    /// The most threads (virtual CPUs) of an execution.
    pub vcpus: u32,
    /// Phases whose counts were not the same in every execution: `start-up`,
    /// `run 1`, …, `exit`.
    pub different: Vec<String>,
}

impl Repeated {
    pub fn same(&self) -> bool {
        self.min == self.max && self.different.is_empty()
    }
}

/// Executes the case so often, `jobs` at a time, and checks each output.
///
/// # Errors
/// An execution that fails or whose output is not the expected one.
pub fn repeat(case: &Case, machine: &Machine, executions: u32, jobs: usize) -> Result<Repeated> {
    let stdin = case.stdin()?;
    let counts = Mutex::new(Vec::new());
    let left = Mutex::new(0..executions);
    // What failed once fails again: the others need not try.
    let stop = || *left.lock().unwrap_or_else(|e| e.into_inner()) = 0..0;
    let work = || -> Result<()> {
        while left.lock().unwrap_or_else(|e| e.into_inner()).next().is_some() {
            let count = once(case, machine, &stdin).inspect_err(|_| stop())?;
            counts.lock().unwrap_or_else(|e| e.into_inner()).push(count);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(work)).collect();
        let ended = workers.into_iter().map(|w| w.join().expect("a worker does not panic"));
        ended.collect::<Result<Vec<()>>>()
    })?;
    Ok(compare(&counts.into_inner().unwrap_or_else(|e| e.into_inner())))
}

fn once(case: &Case, machine: &Machine, stdin: &[u8]) -> Result<Count> {
    let observed = Execution {
        elf: &case.files.elf_path,
        machine,
        environment: &case.target.chosen.setting.environment,
        stdin,
        limits: case.limits(),
    }
    .run()?;
    let failed = |reason: String| {
        let kind = if observed.finished.exceeded.is_some() { Kind::Limit } else { Kind::Failed };
        Error::new(kind, format!("{} failed: {reason}", case.target.label()))
    };
    match observed.failure(case.loaded.expected.as_deref()) {
        Some(reason) => Err(failed(reason).into()),
        None => observed.count.map_err(|reason| failed(reason).into()),
    }
}

fn compare(counts: &[Count]) -> Repeated {
    let totals = || counts.iter().map(|c| c.total);
    let mut repeated = Repeated {
        executions: counts.len() as u32,
        min: totals().min().unwrap_or(0),
        max: totals().max().unwrap_or(0),
        vcpus: counts.iter().map(|c| c.vcpus).max().unwrap_or(0),
        different: Vec::new(),
    };
    let Some(first) = counts.first() else { return repeated };
    let mut phase = |name: String, of: &dyn Fn(&Count) -> Option<u64>| {
        if counts.iter().any(|c| of(c) != of(first)) {
            repeated.different.push(name);
        }
    };
    phase("start-up".into(), &|c| Some(c.startup()));
    let runs = counts.iter().map(|c| c.runs().len()).max().unwrap_or(0);
    for run in 0..runs {
        phase(format!("run {}", run + 1), &|c| c.runs().get(run).copied());
    }
    phase("exit".into(), &|c| c.exit());
    repeated
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(startup: u64, runs: &[u64], exit: u64) -> Count {
        let runs: String =
            runs.iter().map(|n| format!(r#"{{"phase":"run","instructions":{n}}},"#)).collect();
        let sum: u64 = serde_json::from_str::<Vec<serde_json::Value>>(&format!(
            "[{}]",
            runs.trim_end_matches(',')
        ))
        .unwrap()
        .iter()
        .map(|p| p["instructions"].as_u64().unwrap())
        .sum();
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = format!(
            r#"{{"version":1,"mode":"block","total":{},"vcpus":1,"start_code":0,"phases":[
            {{"phase":"startup","instructions":{startup}}},{runs}
            {{"phase":"exit","instructions":{exit}}}]}}"#,
            startup + sum + exit
        );
        std::fs::write(file.path(), text).unwrap();
        Count::read(file.path()).unwrap()
    }

    fn check(counts: &[Count], min: u64, max: u64, different: &[&str]) {
        let repeated = compare(counts);
        assert_eq!((repeated.min, repeated.max), (min, max));
        assert_eq!(repeated.different, different);
        assert_eq!(repeated.same(), different.is_empty());
    }

    #[test]
    fn phases_that_differ_are_named() {
        check(&[count(1, &[2, 3], 4), count(1, &[2, 3], 4)], 10, 10, &[]);
        check(&[count(1, &[2, 3], 4), count(1, &[2, 5], 4)], 10, 12, &["run 2"]);
        // The total alone would not tell.
        check(&[count(2, &[1], 4), count(1, &[2], 4)], 7, 7, &["start-up", "run 1"]);
        check(&[count(1, &[2], 4), count(1, &[2, 1], 3)], 7, 7, &["run 2", "exit"]);
    }
}
