//! `input generate`: the blocks that come with the project, made again by
//! go-ethereum's chain maker.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::cache::{sha256, write_atomic};
use crate::cli::Generate;
use crate::error::{self, Error, Kind};
use crate::graph::plan::Plan;
use crate::guest::go;
use crate::guest::manifest::Guest;
use crate::process::{self, Child, Limits};
use crate::session::Session;
use crate::table::print_json;

/// The guest that takes blocks, and where in its module the generator lies.
const GUEST: &str = "stateless";
const GENERATOR: &str = "generate";

/// A generated file.
#[derive(Serialize)]
struct Generated {
    file: String,
    bytes: usize,
    sha256: String,
    /// Whether the file there was these bytes already.
    same: bool,
    #[serde(skip)]
    path: PathBuf,
    #[serde(skip)]
    content: Vec<u8>,
}

pub fn run(session: &Session, args: &Generate) -> Result<ExitCode> {
    let guest = session.guests.iter().find(|guest| guest.name == GUEST);
    let guest = guest.with_context(|| format!("the project has no guest `{GUEST}`"))?;
    let mut plan = Plan::default();
    let generator = go::host_program(&mut plan, guest, GENERATOR)?;
    let built = session.make(&plan, &[], false).all()?;
    let program = built.file(&generator)?.0;

    let made = session.cache.staging()?;
    let verdicts = generate(session, &program, made.path(), args)?;
    let output = args.output.clone().unwrap_or_else(|| guest.dir.join("inputs"));
    let files = compare(made.path(), &output)?;
    if session.json {
        print_json(&files)?;
    }
    let differ: Vec<&Generated> = files.iter().filter(|file| !file.same).collect();
    let unexpected = match args.output {
        None => unexpected(guest, &verdicts),
        Some(_) => Vec::new(),
    };
    if args.check {
        refuse(&differ, &unexpected)?;
    } else {
        write(session, &output, &differ)?;
        for input in unexpected {
            session.ui.warn(&format!("`expected` is not the guest's verdict any more: {input}"));
        }
    }
    let same = files.iter().filter(|file| file.same).count();
    session.ui.status("Generated", &format!("{} files, {same} of them unchanged", files.len()));
    Ok(ExitCode::SUCCESS)
}

/// An error that names all that is not as generated.
fn refuse(differ: &[&Generated], unexpected: &[String]) -> Result<()> {
    let files = differ.iter().map(|file| file.path.display().to_string());
    let names: Vec<String> = files.chain(unexpected.iter().cloned()).collect();
    if names.is_empty() {
        return Ok(());
    }
    let message = format!("not as generated: {}", names.join(", "));
    Err(error::input(message).hint("cargo xtask input generate writes the files").into())
}

fn write(session: &Session, folder: &Path, files: &[&Generated]) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for file in files {
        write_atomic(&file.path, &file.content)?;
        session.ui.status("Wrote", &file.path.display().to_string());
    }
    Ok(())
}

/// Runs the generator into a folder; returns the guest's verdict by the name of
/// the files.
fn generate(
    session: &Session,
    program: &Path,
    folder: &Path,
    args: &Generate,
) -> Result<BTreeMap<String, String>> {
    let (out, errors) = (tempfile::NamedTempFile::new()?, tempfile::NamedTempFile::new()?);
    let mut words = vec!["-dir".into(), folder.into()];
    words.extend(args.rpc.then(|| "-rpc".into()));
    words.extend(args.fork.iter().map(Into::into));
    let _task = session.ui.task("Generating", "blocks and witnesses");
    let finished = process::run(Child {
        program: program.to_path_buf(),
        args: words,
        environment: BTreeMap::new(),
        directory: folder.to_path_buf(),
        stdin: None,
        stdout: out.reopen()?,
        stderr: errors.reopen()?,
        limits: Limits::default(),
    })?;
    if !finished.status.success() {
        let tail = process::tail(errors.path(), 20);
        let message = format!("the generator failed with {}\n{tail}", finished.describe());
        return Err(Error::new(Kind::Failed, message).into());
    }
    // A line is fork, name of the files, verdict.
    let text = std::fs::read_to_string(out.path())?;
    let line = |line: &str| {
        let mut words = line.splitn(3, ' ').skip(1).map(str::to_string);
        Some((words.next()?, words.next()? + "\n"))
    };
    Ok(text.lines().filter_map(line).collect())
}

/// The files in a folder beside those of the same names in another.
fn compare(made: &Path, output: &Path) -> Result<Vec<Generated>> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(made).min_depth(1).sort_by_file_name() {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let content = std::fs::read(made.join(&name))?;
        let path = output.join(&name);
        let same = std::fs::read(&path).is_ok_and(|old| old == content);
        let (file, bytes, sha256) = (name, content.len(), sha256(&content));
        files.push(Generated { file, bytes, sha256, same, path, content });
    }
    Ok(files)
}

/// The inputs of the manifest whose `expected` is not the verdict, and files
/// that are no input.
fn unexpected(guest: &Guest, verdicts: &BTreeMap<String, String>) -> Vec<String> {
    let expects = |name: &str, verdict: &String| {
        let input = guest.inputs.iter().find(|input| input.name == name)?;
        Some(input.expected.as_ref().is_none_or(|expected| expected == verdict))
    };
    let manifest = guest.dir.join("guest.toml");
    let differ = verdicts.iter().filter(|(name, verdict)| expects(name, verdict) != Some(true));
    differ.map(|(name, _)| format!("input `{name}` of {}", manifest.display())).collect()
}
