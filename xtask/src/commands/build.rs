//! `build`: from guests to ELFs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::artifacts::{self, Files, Target};
use crate::cli::Build;
use crate::error;
use crate::graph::plan::Plan;
use crate::graph::schedule::{Built, Cost};
use crate::guest::select;
use crate::session::Session;
use crate::table;

#[derive(Serialize)]
struct Printed<'a> {
    artifacts: Vec<Row<'a>>,
    build: Cost,
}

#[derive(Serialize)]
struct Row<'a> {
    guest: &'a str,
    pipeline: &'a str,
    platform: &'a str,
    path: String,
    sha256: String,
    bytes: u64,
}

pub fn run(session: &Session, args: Build) -> Result<ExitCode> {
    let mut plan = Plan::default();
    let targets = targets(session, &args, &mut plan)?;
    if args.dry_run {
        if session.json {
            table::print_json(&plan.steps())?;
        } else {
            print!("{}", plan.render());
        }
        return Ok(ExitCode::SUCCESS);
    }
    let built = session.make(&plan, &[], false).all()?;
    let mut rows = Vec::new();
    for target in &targets {
        let files = target.files(session, &plan, &built)?;
        if let Some(dir) = &args.emit {
            emit(dir, target, &plan, &built)?;
        }
        rows.push(row(target, files));
    }
    let all: Vec<&str> = plan.steps().iter().map(|s| s.name.as_str()).collect();
    print(session, Printed { artifacts: rows, build: built.cost(&all) })?;
    Ok(ExitCode::SUCCESS)
}

/// The targets that can be built. One that cannot is left out with a note
/// where several pipelines were meant, and refused where it was named.
fn targets(session: &Session, args: &Build, plan: &mut Plan) -> Result<Vec<Target>> {
    let mut chosen = select::programs(&session.guests, &args.guests)?;
    select::give_files(&mut chosen, args.files.as_deref())?;
    select::train(&mut chosen, args.train.as_deref());
    let pipelines = artifacts::pipelines(&session.root, &args.ways.pipeline)?;
    let platform = artifacts::platform(&args.ways.platform)?;
    let mut targets = artifacts::targets(plan, &session.root, &chosen, &pipelines, &[platform])?;
    for target in &targets {
        if let Err(reason) = &target.artifacts {
            if artifacts::are_named(&args.ways.pipeline) {
                return Err(error::usage(reason.clone()).into());
            }
            session.ui.status("Skipped", &format!("{}: {reason}", target.label()));
        }
    }
    targets.retain(|t| t.artifacts.is_ok());
    Ok(targets)
}

fn row(target: &Target, files: Files) -> Row<'_> {
    Row {
        guest: &target.chosen.guest.name,
        pipeline: target.pipeline.name,
        platform: target.platform.name,
        path: files.elf.path,
        sha256: files.elf.sha256,
        bytes: files.elf.bytes,
    }
}

/// Copies what the guest's own steps made to a folder for each target; tools
/// that are built on the way stay in the cache.
fn emit(dir: &Path, target: &Target, plan: &Plan, built: &Built) -> Result<()> {
    let guest = &target.chosen.guest.name;
    let dir = dir.join(format!("{guest}-{}-{}", target.pipeline.name, target.platform.name));
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let own = format!("{guest}/");
    for step in target.steps(plan).iter().filter(|s| s.starts_with(&own)) {
        for (file, _) in built.outputs(step) {
            let to = dir.join(emitted(plan, step, &file).context("a file has a name")?);
            if to.exists() {
                std::fs::remove_file(&to)?;
            }
            std::fs::copy(&file, &to).with_context(|| format!("cannot write {}", to.display()))?;
        }
    }
    Ok(())
}

/// A part of many is called like its step, since its file is called like that of
/// any other.
fn emitted(plan: &Plan, step: &str, file: &Path) -> Option<PathBuf> {
    let part = plan.steps().iter().any(|s| s.name == step && s.part.is_some());
    if !part {
        return file.file_name().map(PathBuf::from);
    }
    let name = step.rsplit('/').next()?;
    let extension = file.extension()?.to_string_lossy();
    Some(PathBuf::from(format!("{name}.{extension}")))
}

fn print(session: &Session, printed: Printed) -> Result<()> {
    let cost = printed.build;
    session.ui.status(
        "Built",
        &format!(
            "{} steps run, {} from the cache, {:.1} s of commands, largest process {} MiB",
            cost.steps_run,
            cost.steps_cached,
            cost.seconds,
            cost.peak_bytes >> 20
        ),
    );
    if session.json {
        return table::print_json(&printed);
    }
    let rows: Vec<Vec<String>> = printed
        .artifacts
        .iter()
        .map(|r| {
            [r.guest, r.pipeline, r.platform, &r.bytes.to_string(), &r.sha256, &r.path]
                .map(str::to_string)
                .to_vec()
        })
        .collect();
    print!(
        "{}",
        table::render(&["guest", "pipeline", "platform", "bytes", "sha256", "path"], &rows)
    );
    Ok(())
}
