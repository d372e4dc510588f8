//! What is to be built, and the files that came of it under names a person
//! can find.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cache::lock_file;
use crate::error;
use crate::graph::plan::Plan;
use crate::graph::schedule::{Built, Cost};
use crate::graph::step::Input;
use crate::guest::select::Chosen;
use crate::headline::Headline;
use crate::pipeline::{self, Artifacts, Pipeline, Translator};
use crate::platform::{self, Platform};
use crate::report::Artifact;
use crate::session::Session;

/// Where links to what was built lie, below the project.
const FOLDER: &str = "target/wasrisc";

/// One guest through one pipeline to one platform.
#[derive(Clone)]
pub struct Target {
    pub chosen: Chosen,
    pub pipeline: &'static Pipeline,
    pub platform: &'static Platform,
    /// What its steps will make, or why there are none.
    pub artifacts: std::result::Result<Artifacts, String>,
}

/// The files of a target that was built.
#[derive(Clone)]
pub struct Files {
    pub elf_path: PathBuf,
    pub elf: Artifact,
    pub wasm_path: Option<PathBuf>,
    pub wasm: Option<Artifact>,
    /// Which symbol stands for which function of the module, where it became C.
    pub symbols_path: Option<PathBuf>,
    pub cost: Cost,
}

/// Adds every combination to the plan; `root` is the project.
pub fn targets(
    plan: &mut Plan,
    root: &Path,
    chosen: &[Chosen],
    pipelines: &[&'static Pipeline],
    platforms: &[&'static Platform],
) -> Result<Vec<Target>> {
    variants(plan, root, chosen, pipelines, platforms, false)
}

/// The same; with `trace` each call of WASI is told on standard error.
pub fn variants(
    plan: &mut Plan,
    root: &Path,
    chosen: &[Chosen],
    pipelines: &[&'static Pipeline],
    platforms: &[&'static Platform],
    trace: bool,
) -> Result<Vec<Target>> {
    let mut targets = Vec::new();
    for chosen in chosen {
        for platform in platforms {
            for pipeline in pipelines {
                let artifacts =
                    pipeline::add(plan, root, &chosen.guest, pipeline, platform, trace)?;
                targets.push(Target { chosen: chosen.clone(), pipeline, platform, artifacts });
            }
        }
    }
    Ok(targets)
}

/// The tools with the emulators that the targets run in.
pub fn emulators(targets: &[Target]) -> Vec<&'static str> {
    let tools: BTreeSet<&str> = targets.iter().map(|t| t.platform.emulator.tool).collect();
    tools.into_iter().collect()
}

/// What stands for the name of every pipeline.
const EVERY: &str = "all";

/// The pipelines of these names; those of the headline when none is named.
pub fn pipelines(root: &Path, names: &[String]) -> Result<Vec<&'static Pipeline>> {
    let headline = match names {
        [] => Headline::load(root)?.pipelines,
        [every] if every == EVERY => return Ok(pipeline::PIPELINES.iter().collect()),
        _ => Vec::new(),
    };
    let mut seen = BTreeSet::new();
    names
        .iter()
        .chain(&headline)
        .filter(|name| seen.insert(*name))
        .map(|name| {
            pipeline::find(name).ok_or_else(|| {
                let known: Vec<_> = pipeline::PIPELINES.iter().map(|p| p.name).collect();
                error::usage(format!("there is no pipeline `{name}`"))
                    .hint(format!("the pipelines are {}; `{EVERY}` is every one", known.join(", ")))
                    .into()
            })
        })
        .collect()
}

/// Whether these are names of pipelines, so that each must be possible.
pub fn are_named(names: &[String]) -> bool {
    !names.is_empty() && names != [EVERY]
}

/// The platform of this name.
pub fn platform(name: &str) -> Result<&'static Platform> {
    platform::find(name).ok_or_else(|| {
        let known: Vec<_> = platform::PLATFORMS.iter().map(|p| p.name).collect();
        error::usage(format!("there is no platform `{name}`"))
            .hint(format!("the platforms are {}", known.join(", ")))
            .into()
    })
}

impl Target {
    /// Name of the step that makes the ELF, and all it stands on.
    pub fn steps<'p>(&self, plan: &'p Plan) -> Vec<&'p str> {
        self.artifacts.as_ref().map(|a| plan.closure(&a.elf.step)).unwrap_or_default()
    }

    /// Arguments of the emulator that leave instructions out which the pipeline
    /// must not use.
    pub fn processor(&self) -> &'static [&'static str] {
        match self.pipeline.translator {
            Translator::Wasrisc(_) => self.platform.machine.processor,
            Translator::None | Translator::Tuned | Translator::Wasmtime => &[],
        }
    }

    /// `stateless direct/linux`.
    pub fn label(&self) -> String {
        format!("{} {}/{}", self.chosen.guest.name, self.pipeline.name, self.platform.name)
    }

    /// Gives the built files names below `target/wasrisc`.
    pub fn files(&self, session: &Session, plan: &Plan, built: &Built) -> Result<Files> {
        let artifacts = self.artifacts.as_ref().map_err(|reason| error::usage(reason.clone()))?;
        let guest = &self.chosen.guest.name;
        let (elf_path, stored) = built.file(&artifacts.elf)?;
        let shown = format!("{FOLDER}/{}/{}/{guest}.elf", self.platform.name, self.pipeline.name);
        let elf = Artifact {
            path: publish(&session.root, &shown, &elf_path)?,
            sha256: stored.sha256.clone(),
            bytes: stored.bytes,
        };
        let wasm = match &artifacts.wasm {
            None => None,
            Some(input) => Some(wasm_file(session, built, guest, input)?),
        };
        let (wasm_path, wasm) = wasm.unzip();
        let symbols = artifacts.symbols.as_ref().map(|made| built.file(made)).transpose()?;
        let symbols_path = symbols.map(|(path, _)| path);
        // What many guests share is built once and is no cost of this one.
        let own = format!("{guest}/");
        let steps: Vec<&str> =
            self.steps(plan).into_iter().filter(|step| step.starts_with(&own)).collect();
        Ok(Files { elf_path, elf, wasm_path, wasm, symbols_path, cost: built.cost(&steps) })
    }
}

fn wasm_file(
    session: &Session,
    built: &Built,
    guest: &str,
    input: &Input,
) -> Result<(PathBuf, Artifact)> {
    let (path, sha256, bytes) = match input {
        Input::Output { step, output } => {
            let made = crate::graph::step::Made { step: step.clone(), output: output.clone() };
            let (path, stored) = built.file(&made)?;
            (path, stored.sha256.clone(), stored.bytes)
        }
        Input::File(path) => {
            let bytes = std::fs::metadata(path)
                .with_context(|| format!("cannot read {}", path.display()))?
                .len();
            (path.clone(), session.executor.memo.file(path)?, bytes)
        }
    };
    let shown = format!("{FOLDER}/wasm/{guest}.wasm");
    let artifact = Artifact { path: publish(&session.root, &shown, &path)?, sha256, bytes };
    Ok((path, artifact))
}

/// Links `file` under the project, so that a path can be printed that is the
/// same on every machine. A link that is right already is left alone.
pub fn publish(root: &Path, shown: &str, file: &Path) -> Result<String> {
    let link = root.join(shown);
    if std::fs::read_link(&link).is_ok_and(|to| to == file) {
        return Ok(shown.to_string());
    }
    let dir = link.parent().expect("a link lies in a directory");
    let failed = || format!("cannot make {}", link.display());
    std::fs::create_dir_all(dir).with_context(failed)?;
    // Under a lock one name beside is enough, and a kill leaves one at most.
    let _held = lock_file(&root.join(FOLDER).join(".lock"), || {})?;
    let new = dir.join(".link");
    match std::fs::remove_file(&new) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => {
            return Err(cause).with_context(failed)
        }
        _ => {}
    }
    std::os::unix::fs::symlink(file, &new)
        .and_then(|()| std::fs::rename(&new, &link))
        .with_context(failed)?;
    Ok(shown.to_string())
}
