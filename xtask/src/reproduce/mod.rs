//! The same targets built in another directory with another cache, and what
//! differs between two such builds.

pub mod difference;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::artifacts::{self, Target};
use crate::cache::Cache;
use crate::graph::plan::Plan;
use crate::graph::schedule::{Built, Outcome};
use crate::guest::select;
use crate::pipeline::Pipeline;
use crate::platform::Platform;
use crate::session::Session;

/// Steps of this prefix make tools of ours, which no guest changes.
const TOOL_STEPS: &str = "tool/";

/// What is to be built, in words: each place has guests of its own.
pub struct Wanted<'a> {
    pub guests: &'a [String],
    pub pipelines: &'a [&'static Pipeline],
    pub platform: &'static Platform,
}

/// The targets in one place.
pub struct Build {
    pub session: Session,
    pub plan: Plan,
    pub targets: Vec<Target>,
    pub outcome: Outcome,
}

/// The steps of a plan that make tools of ours.
pub fn tool_steps(plan: &Plan) -> Result<Plan> {
    let mut tools = Plan::default();
    for step in plan.steps().iter().filter(|step| step.name.starts_with(TOOL_STEPS)) {
        tools.add(step.clone())?;
    }
    Ok(tools)
}

/// Targets and their plan as this session sees them.
pub fn plan(session: &Session, wanted: &Wanted) -> Result<(Plan, Vec<Target>)> {
    let mut plan = Plan::default();
    let chosen = select::programs(&session.guests, wanted.guests)?;
    let targets = artifacts::targets(
        &mut plan,
        &session.root,
        &chosen,
        wanted.pipelines,
        &[wanted.platform],
    )?;
    Ok((plan, targets))
}

/// Builds in `dir`: a copy of the project and an empty cache. What `tools`
/// has of our own tools is taken over, not built again.
pub fn build_in(
    dir: &Path,
    session: &Session,
    wanted: &Wanted,
    tools: Option<&Built>,
) -> Result<Build> {
    let root = dir.join("project");
    session.ui.status("Copying", "the project to another directory, with an empty cache");
    copy_project(&session.root, &root, &session.cache)?;
    let place = session.elsewhere(root.canonicalize()?, Cache::at(&dir.join("cache"))?)?;
    let (plan, targets) = plan(&place, wanted)?;
    if let Some(tools) = tools {
        let entries = plan.steps().iter().filter_map(|step| tools.entry(&step.name));
        place.executor.store.adopt(&session.executor.store, entries)?;
    }
    let outcome = place.make(&plan, &[], true);
    Ok(Build { session: place, plan, targets, outcome })
}

/// The project as it is, with the user's own cache.
pub fn build_here(session: &Session, wanted: &Wanted) -> Result<Build> {
    let here = session.elsewhere(session.root.clone(), session.cache.clone())?;
    let (plan, targets) = plan(&here, wanted)?;
    let outcome = here.make(&plan, &[], true);
    Ok(Build { session: here, plan, targets, outcome })
}

/// Everything of the project but what was built in it, git's own, and the
/// cache, which may lie in the project and has the copy in it.
fn copy_project(from: &Path, to: &Path, cache: &Cache) -> Result<()> {
    let cache = cache.root().canonicalize()?;
    let copied = |entry: &walkdir::DirEntry| {
        let built = entry.file_name() == "target" || entry.file_name() == ".git";
        !(entry.file_type().is_dir() && (built || entry.path() == cache))
    };
    for entry in walkdir::WalkDir::new(from).into_iter().filter_entry(copied) {
        let entry = entry?;
        let target: PathBuf = to.join(entry.path().strip_prefix(from)?);
        let failed = || format!("cannot copy {}", entry.path().display());
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target).with_context(failed)?;
        } else if entry.file_type().is_symlink() {
            let leads_to = std::fs::read_link(entry.path()).with_context(failed)?;
            std::os::unix::fs::symlink(leads_to, &target).with_context(failed)?;
        } else if entry.file_type().is_file() {
            std::fs::copy(entry.path(), &target).with_context(failed)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_leaves_out_what_was_built_and_the_cache_it_lies_in() {
        let dir = tempfile::tempdir().unwrap();
        let from = dir.path().canonicalize().unwrap().join("from");
        for file in ["guests/a/main.go", "target/debug/x", ".git/config", ".cargo/config.toml"] {
            let path = from.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, file).unwrap();
        }
        std::os::unix::fs::symlink("main.go", from.join("guests/a/link.go")).unwrap();
        let cache = Cache::at(&from.join("cache")).unwrap();
        let to = cache.root().join("tmp/copy");
        copy_project(&from, &to, &cache).unwrap();
        let there = |file: &str| to.join(file).is_file();
        assert!(there("guests/a/main.go") && there("guests/a/link.go"));
        assert!(there(".cargo/config.toml"));
        assert!(!there("target/debug/x") && !there(".git/config"));
        assert!(!to.join("cache").join(cache.root().file_name().unwrap()).exists());
    }
}
