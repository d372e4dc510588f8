//! `verify`: are the bytes the same from two directories with two caches, and
//! the counts the same from one execution to the next?

use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use crate::artifacts::{self, Target};
use crate::cli::Verify;
use crate::error::{self, Kind};
use crate::graph::plan::Plan;
use crate::measure::cell::{self, Case, Measurer};
use crate::measure::counter::{self, Mode};
use crate::measure::repeat::{repeat, Repeated};
use crate::process;
use crate::report::format;
use crate::reproduce::difference::{self, Difference};
use crate::reproduce::{self, Build, Wanted};
use crate::session::Session;
use crate::table;

/// What one target showed.
#[derive(Serialize)]
struct Verdict {
    guest: String,
    pipeline: String,
    platform: String,
    /// Of the first build's ELF; null where it was not built.
    elf_sha256: Option<String>,
    /// Files that differ, the earliest step's first.
    different: Vec<Difference>,
    /// Of the first build's ELF; null where the bytes differ, since there is
    /// no one program to count, or where nothing can be run.
    counts: Option<Repeated>,
    /// Steps that were not run anew for each of the two builds: taken from the
    /// cache, as `--cached` and `--reuse-tools` ask for.
    reused: Vec<String>,
    /// Why there is no answer, where there is none.
    reason: Option<String>,
    #[serde(skip)]
    kind: Option<Kind>,
    verdict: Answer,
}

#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    /// The same bytes and the same counts.
    Same,
    /// The same bytes; counts vary, as those of a program with threads do.
    Varies,
    Different,
    /// It did not build or did not run well.
    Failed,
    /// A tool is missing.
    Unavailable,
}

pub fn run(session: &Session, args: Verify) -> Result<ExitCode> {
    let pipelines = artifacts::pipelines(&session.root, &args.ways.pipeline)?;
    let platform = artifacts::platform(&args.ways.platform)?;
    let wanted = Wanted { guests: &args.guests, pipelines: &pipelines, platform };
    let (plan, targets) = reproduce::plan(session, &wanted)?;
    refuse_impossible(&args, &targets)?;
    let measurer = measurer(session, platform.emulator.tool)?;
    let tools = match args.reuse_tools {
        true => Some(session.make(&reproduce::tool_steps(&plan)?, &[], true).built),
        false => None,
    };
    process::check_interrupted()?;
    // Names of different lengths: a path in an output would move what follows.
    let room = session.cache.staging()?;
    let first = match args.cached {
        true => reproduce::build_here(session, &wanted)?,
        false => reproduce::build_in(&room.path().join("a"), session, &wanted, tools.as_ref())?,
    };
    process::check_interrupted()?;
    let second =
        reproduce::build_in(&room.path().join("another"), session, &wanted, tools.as_ref())?;
    let mut verdicts = Vec::new();
    for target in first.targets.iter().filter(|target| target.artifacts.is_ok()) {
        process::check_interrupted()?;
        let mut verdict = judge(session, &args, target, [&first, &second], &measurer)?;
        let reused = target.steps(&plan).into_iter().filter(|step| {
            args.cached || tools.as_ref().is_some_and(|tools| tools.entry(step).is_some())
        });
        verdict.reused = reused.map(str::to_string).collect();
        verdicts.push(verdict);
    }
    print(session, &args, &verdicts)?;
    Ok(exit_code(&verdicts))
}

fn measurer<'s>(session: &'s Session, emulator: &str) -> Result<Measurer<'s>> {
    let mut plan = Plan::default();
    let plugin = counter::plan(&mut plan)?;
    let built = session.make(&plan, &[emulator], false).all()?;
    session.toolchain().ensure(&[emulator])?;
    Ok(Measurer { session, plugin: built.file(&plugin)?.0, mode: Mode::Block })
}

/// Success where something was verified and nothing was wrong; otherwise the
/// kind of the first thing that was.
fn exit_code(verdicts: &[Verdict]) -> ExitCode {
    let wrong = |v: &&Verdict| matches!(v.verdict, Answer::Different | Answer::Failed);
    let verified = |v: &Verdict| matches!(v.verdict, Answer::Same | Answer::Varies);
    let kind = match verdicts.iter().find(wrong) {
        Some(verdict) => verdict.kind.unwrap_or(Kind::Failed),
        None if verdicts.iter().any(verified) => return ExitCode::SUCCESS,
        None => Kind::Tool,
    };
    ExitCode::from(kind as u8)
}

/// A combination that does not exist is an error where it was named.
fn refuse_impossible(args: &Verify, targets: &[Target]) -> Result<()> {
    let named = artifacts::are_named(&args.ways.pipeline);
    let reason = targets.iter().find_map(|t| t.artifacts.as_ref().err()).filter(|_| named);
    match reason {
        Some(reason) => Err(error::usage(reason.clone()).into()),
        None => Ok(()),
    }
}

/// One target's bytes, then the counts of what both builds agree on.
fn judge(
    session: &Session,
    args: &Verify,
    target: &Target,
    [first, second]: [&Build; 2],
    measurer: &Measurer,
) -> Result<Verdict> {
    let mut verdict = Verdict {
        guest: target.chosen.guest.name.clone(),
        pipeline: target.pipeline.name.to_string(),
        platform: target.platform.name.to_string(),
        elf_sha256: None,
        different: Vec::new(),
        counts: None,
        reused: Vec::new(),
        reason: None,
        kind: None,
        verdict: Answer::Failed,
    };
    for build in [first, second] {
        if let Some(error) = build.outcome.failure(&target.steps(&build.plan)) {
            verdict.kind = error::kind(error);
            if verdict.kind == Some(Kind::Tool) {
                verdict.verdict = Answer::Unavailable;
            }
            verdict.reason = Some(error.to_string());
            return Ok(verdict);
        }
    }
    let files = target.files(&first.session, &first.plan, &first.outcome.built)?;
    verdict.elf_sha256 = Some(files.elf.sha256.clone());
    verdict.different = difference::between(target, first, second)?;
    if !verdict.different.is_empty() {
        verdict.verdict = Answer::Different;
        return Ok(verdict);
    }
    let input = cell::chosen_input(session, &target.chosen.guest, args.input.as_deref())?;
    let loaded = input.load()?;
    let case =
        Case { target, plan: &first.plan, files: &files, input: &input, loaded: &loaded, runs: 1 };
    let _task = session.ui.task("Counting", &format!("{} × {}", target.label(), args.times));
    match repeat(measurer, &case, args.times, session.executor.jobs) {
        Ok(counts) => {
            verdict.verdict = answer(&counts);
            verdict.counts = Some(counts);
        }
        Err(error) => {
            verdict.kind = error::kind(&error);
            verdict.reason = Some(format!("{error:#}"));
        }
    }
    Ok(verdict)
}

fn answer(counts: &Repeated) -> Answer {
    match (counts.same(), counts.vcpus) {
        (true, _) => Answer::Same,
        // Their interleaving is the machine's.
        (false, 2..) => Answer::Varies,
        (false, _) => Answer::Different,
    }
}

fn print(session: &Session, args: &Verify, verdicts: &[Verdict]) -> Result<()> {
    if session.json {
        return table::print_json(&verdicts);
    }
    let rows: Vec<Vec<String>> = verdicts.iter().map(|v| row(args, v)).collect();
    print!("{}", table::render(&["guest", "pipeline", "bytes", "counts"], &rows));
    for verdict in verdicts {
        let label = format!("{} {}/{}", verdict.guest, verdict.pipeline, verdict.platform);
        for Difference { step, file, first, .. } in &verdict.different {
            println!("{label}: step `{step}`, {file}: {first}");
        }
        if let Some(Repeated { different, .. }) = &verdict.counts {
            if !different.is_empty() {
                println!("{label}: counts differ in {}", different.join(", "));
            }
        }
        if let Some(reason) = &verdict.reason {
            println!("{label}: {reason}");
        }
    }
    Ok(())
}

fn row(args: &Verify, verdict: &Verdict) -> Vec<String> {
    let bytes = match (&verdict.elf_sha256, verdict.different.is_empty()) {
        (None, _) => "not built".to_string(),
        (Some(sha256), true) => format!("same, {}", &sha256[..12]),
        (Some(_), false) => format!("{} files differ", verdict.different.len()),
    };
    let counts = match (&verdict.counts, verdict.verdict) {
        (None, _) => "not counted".to_string(),
        (Some(c), Answer::Same) => {
            format!("{} in {} of {}", format::thousands(c.min), c.executions, args.times)
        }
        (Some(c), answer) => {
            let (min, max) = (format::thousands(c.min), format::thousands(c.max));
            let why = if answer == Answer::Varies { "threads" } else { "differ" };
            format!("{min} to {max} in {} ({why}: {})", c.executions, c.vcpus)
        }
    };
    vec![verdict.guest.clone(), verdict.pipeline.clone(), bytes, counts]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(vcpus: u32, min: u64, max: u64, expected: &str) {
        let different = if min == max { vec![] } else { vec!["start-up".to_string()] };
        let counts = Repeated { executions: 2, min, max, vcpus, different };
        let answer = serde_json::to_value(answer(&counts)).unwrap();
        assert_eq!(answer, expected);
    }

    #[test]
    fn only_threads_excuse_counts_that_vary() {
        check(1, 7, 7, "same");
        check(4, 7, 7, "same");
        check(4, 7, 8, "varies");
        check(1, 7, 8, "different");
    }
}
