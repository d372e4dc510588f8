//! One case executed again and again: is its count the same each time?

use anyhow::Result;
use serde::Serialize;

use super::cell::{Case, Judged, Measurer};
use super::counter::Count;
use super::side_by_side::side_by_side;
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
pub fn repeat(measurer: &Measurer, case: &Case, executions: u32, jobs: usize) -> Result<Repeated> {
    let once = |_| {
        let Judged { count, limit } = measurer.execute(case, measurer.mode, case.limits())?;
        let kind = if limit { Kind::Limit } else { Kind::Failed };
        let failed = |why| Error::new(kind, format!("{} failed: {why}", case.target.label()));
        Ok(count.map_err(failed)?)
    };
    Ok(compare(&side_by_side(jobs, 0..executions, once)?))
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
