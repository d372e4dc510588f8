//! Runs the command of a step, with its log.

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};

use super::execute::Executor;
use super::places::Places;
use crate::cache::{failed, FULL};
use crate::error::{Error, Kind};
use crate::process::{self, Child, Finished, Limits};

impl Executor {
    /// Runs the step's command; all it says goes to `log`. It and its own
    /// children keep the locks of `held` until the last of them ends.
    pub(super) fn run_command(
        &self,
        places: &Places,
        log: &Path,
        held: &[BorrowedFd],
    ) -> Result<Finished> {
        let step = places.step;
        let argv: Vec<String> =
            step.argv.iter().map(|a| places.expand(a)).collect::<Result<_>>()?;
        let (program, args) =
            argv.split_first().with_context(|| format!("step `{}` has no command", step.name))?;
        if self.print_commands {
            self.ui.status("Command", &places.printable(&argv)?);
        }
        let output = File::create(log).map_err(|cause| failed("write", log, cause))?;
        let _task = self.ui.task("Running", &step.shown());
        let child = Child {
            program: PathBuf::from(program),
            args: args.iter().map(OsString::from).collect(),
            environment: places.environment()?,
            directory: PathBuf::from(places.expand(&step.directory)?),
            stdin: None,
            stdout: output.try_clone()?,
            stderr: output,
            limits: Limits::default(),
        };
        let finished = process::run_holding(child, held)?;
        if !finished.status.success() {
            let failure = format!(
                "step `{}` failed with {}{}\n  command: {}",
                step.name,
                finished.describe(),
                places.without_paths(&last_words(log)),
                places.printable(&argv)?
            );
            bail!(self.command_error(failure, log));
        }
        Ok(finished)
    }

    /// A command's failure with the end of its log, which is kept, and a hint
    /// where the disk is full.
    pub(super) fn command_error(&self, failure: String, log: &Path) -> Error {
        let tail = process::tail(log, 20);
        let error =
            Error::new(Kind::Build, format!("{failure}\n{tail}  whole log: {}", log.display()));
        if self.store.cache().ran_out_of_room(&tail) {
            return error.hint(FULL);
        }
        error
    }

    /// The log of a step's command. The same step value has the same one, so
    /// that a command that fails again and again leaves one.
    pub(super) fn log(&self, step: &str, key: &str) -> PathBuf {
        let name = format!("{}-{}.log", step.replace('/', "_"), &key[..12]);
        self.store.cache().room("logs").join(name)
    }
}

/// The last line of a log, as the end of a sentence: a report has room for one.
/// What Rust notes after a panic is not what went wrong.
fn last_words(log: &Path) -> String {
    let tail = process::tail(log, 20);
    let says = |line: &&str| !line.is_empty() && !line.starts_with("note: ");
    let last = tail.lines().rev().map(str::trim).find(says);
    last.map(|line| format!(": {line}")).unwrap_or_default()
}
