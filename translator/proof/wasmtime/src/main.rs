//! Random modules, translated, against wasmtime: results, traps, globals,
//! memories, tables, and calls of host functions.
//!
//! Seeds are numbered, so a run can be continued: the folder of `--state` keeps
//! which batches are done and whatever differed.

mod engine;
mod state;

use anyhow::{bail, Result};
use clap::Parser;
use state::State;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use wasrisc_proof::fuzz::transcript::{decided, of_lines, Transcript};
use wasrisc_proof::fuzz::{self, Case, Settings, Toolchains, BATCH};

#[derive(Parser)]
struct Arguments {
    /// Folder of batches that are done and of modules that differ; made if it is missing
    #[arg(long)]
    state: Option<PathBuf>,
    /// The first seed, a multiple of 32
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many seeds
    #[arg(long, default_value_t = 1000)]
    count: u64,
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Shows what one seed does, and nothing else
    #[arg(long)]
    seed: Option<u64>,
    /// Writes what wasmtime says of the seeds to this file, for the test
    /// without wasmtime
    #[arg(long)]
    record: Option<PathBuf>,
}

/// A seed whose two transcripts are not the same.
struct Difference {
    case: Case,
    expected: Transcript,
    found: Transcript,
}

/// One line of the record: the module, and the digest of so many lines.
fn recorded(case: &Case, lines: &[String]) -> String {
    format!(
        "{} {:016x} {} {:016x}\n",
        case.seed,
        fuzz::of_module(&case.wasm),
        lines.len(),
        of_lines(lines)
    )
}

/// Compares these seeds; gives the differences and the record's lines.
fn compare(toolchains: &Toolchains, seeds: &[u64]) -> Result<(Vec<Difference>, String)> {
    let settings = Settings::of(seeds[0] / BATCH);
    let outcomes = fuzz::run(toolchains, seeds).map_err(anyhow::Error::msg)?;
    let (mut differences, mut record) = (Vec::new(), String::new());
    for outcome in outcomes {
        let expected = engine::transcript(&outcome.case)?;
        let (right, found) = decided(&expected, &outcome.found, settings.exact());
        record += &recorded(&outcome.case, right);
        if right != found {
            differences.push(Difference { case: outcome.case, expected, found: outcome.found });
        }
    }
    Ok((differences, record))
}

fn show(seed: u64) -> Result<()> {
    println!("{}", Settings::of(seed / BATCH));
    let toolchains = Toolchains::default();
    let outcomes = fuzz::run(&toolchains, &[seed]).map_err(anyhow::Error::msg)?;
    for outcome in outcomes {
        let expected = engine::transcript(&outcome.case)?;
        println!("wasmtime:\n{}\ntranslated:\n{}", expected.join("\n"), outcome.found.join("\n"));
    }
    Ok(())
}

fn batches(arguments: &Arguments) -> Result<Vec<Vec<u64>>> {
    if arguments.from % BATCH != 0 {
        bail!("--from is no multiple of {BATCH}");
    }
    let end = arguments.from + arguments.count;
    let starts = (arguments.from..end).step_by(BATCH as usize);
    Ok(starts.map(|start| (start..(start + BATCH).min(end)).collect()).collect())
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(seed) = arguments.seed {
        return show(seed);
    }
    let Some(folder) = &arguments.state else { bail!("--state or --seed is needed") };
    let state = State::open(folder)?;
    let batches = batches(&arguments)?;
    let toolchains = Toolchains::default();
    let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    let work = || -> Result<()> {
        while let Some(seeds) = batches.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
            if state.is_done(seeds) {
                continue;
            }
            match compare(&toolchains, seeds) {
                Ok((differences, record)) => state.done(seeds, &differences, &record)?,
                Err(why) => state.broken(seeds, &why)?,
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs {
            scope.spawn(|| {
                if let Err(why) = work() {
                    eprintln!("{why:#}");
                    failed.store(true, Ordering::Relaxed);
                }
            });
        }
    });
    if let Some(path) = &arguments.record {
        std::fs::write(path, state.record(&batches)?)?;
    }
    let differing = state.report(&batches)?;
    if failed.into_inner() || differing > 0 {
        bail!("{differing} seeds differ: {}", folder.display());
    }
    Ok(())
}
