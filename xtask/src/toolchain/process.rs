//! Runs an installer. All it says goes to a log; a failure shows the end of it.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Result;

use super::Place;
use crate::cache::{failed, Cache, FULL};
use crate::error::tool;
use crate::process::check_interrupted;

const TAIL: usize = 20;

/// The log of one installer, started afresh.
pub struct Log {
    path: PathBuf,
    cache: Cache,
    lock: Option<OwnedFd>,
}

/// A command that ran and exited with a failure.
pub struct Failure {
    /// All it wrote.
    pub output: String,
    /// With its last lines and the log's path.
    pub error: anyhow::Error,
}

impl Log {
    pub fn create(place: &Place, name: &str) -> Result<Log> {
        let path = place.cache.room("logs").join(format!("toolchain-{name}.log"));
        File::create(&path).map_err(|cause| failed("write", &path, cause))?;
        let lock = place.lock.map(|lock| lock.as_fd().try_clone_to_owned()).transpose()?;
        Ok(Log { path, cache: place.cache.clone(), lock })
    }

    /// Runs `command` to its end and returns what it wrote, both streams
    /// together. The environment is inherited: proxies, certificates and
    /// registry settings of this machine must reach the installer.
    ///
    /// # Errors
    /// The command cannot be started or exits with a failure: its last lines.
    pub fn run(&self, command: &mut Command) -> Result<String> {
        self.attempt(command)?.map_err(|failure| failure.error)
    }

    /// As `run`, for a caller that looks at why the command failed.
    pub fn attempt(&self, command: &mut Command) -> Result<Result<String, Failure>> {
        let shown = display(command);
        let failed = |cause| failed("write", &self.path, cause);
        let mut file =
            OpenOptions::new().read(true).append(true).open(&self.path).map_err(failed)?;
        writeln!(file, "$ {shown}").map_err(failed)?;
        let start = file.metadata()?.len();
        // An installer that outlives us, because we were killed, has the lock
        // as its standard input: nobody else installs until it has ended.
        let stdin = self.lock.as_ref().map(OwnedFd::try_clone).transpose()?;
        let status = command
            .stdin(stdin.map_or_else(Stdio::null, Stdio::from))
            .stdout(Stdio::from(file.try_clone()?))
            .stderr(Stdio::from(file.try_clone()?))
            .status()
            .map_err(|e| tool(format!("cannot run `{shown}`: {e}")))?;
        // Ctrl-C at a terminal reaches the installer itself. A signal to us
        // alone lets it end, since a package manager that is killed leaves its
        // database broken; what comes after it is not done.
        check_interrupted()?;
        file.seek(SeekFrom::Start(start))?;
        let mut output = Vec::new();
        file.read_to_end(&mut output)?;
        let output = String::from_utf8_lossy(&output).into_owned();
        if status.success() {
            return Ok(Ok(output));
        }
        let message = format!("`{shown}` failed ({status}):\n{}", tail(&output));
        let log = format!("the whole log is {}", self.path.display());
        let error = match self.cache.ran_out_of_room(&output) {
            true => tool(format!("{message}\n  {log}")).hint(FULL),
            false => tool(message).hint(log),
        };
        Ok(Err(Failure { output, error: error.into() }))
    }
}

fn tail(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    let last = &lines[lines.len().saturating_sub(TAIL)..];
    last.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// The command as one would type it.
fn display(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchain::host::Host;
    use crate::ui::Ui;

    #[test]
    fn a_failure_shows_the_end_of_the_output_and_names_the_log() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path()).unwrap();
        let (ui, host) = (Ui::new(true, 0), Host::here());
        let place = Place { cache: &cache, ui: &ui, host: &host, lock: None, strict: false };
        let log = Log::create(&place, "test").unwrap();
        let output = log.run(Command::new("sh").args(["-c", "echo out; echo err >&2"])).unwrap();
        assert_eq!(output, "out\nerr\n");
        let error = log
            .run(Command::new("sh").args(["-c", "seq 100; exit 3"]))
            .expect_err("exit 3 is a failure");
        let error = error.downcast::<crate::error::Error>().unwrap();
        assert!(error.message.contains("exit status: 3"), "{}", error.message);
        assert!(error.message.ends_with("    99\n    100"), "{}", error.message);
        assert!(!error.message.contains("    80\n"), "{}", error.message);
        assert!(error.hint.unwrap().ends_with("logs/toolchain-test.log"));
    }
}
