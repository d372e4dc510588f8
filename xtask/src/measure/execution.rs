//! One execution of an ELF: what goes in, what comes out, within limits.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::counter::{Count, Mode};
use super::program::Program;
use crate::process::{self, Child, Finished, Limits};

/// What a guest's ELF is called where it runs.
const ELF: &str = "guest.elf";

/// Bytes of the stack that every guest is given: programs ask for it at their
/// start, and how it is written changes their counts.
const STACK: u64 = 8 << 20;

/// What runs an ELF.
pub enum Machine {
    /// QEMU's user mode with the counting plugin.
    Counted { emulator: PathBuf, arguments: Vec<String>, plugin: PathBuf, mode: Mode },
    /// This machine, without counting.
    Native,
}

/// One execution to be done.
pub struct Execution<'a> {
    pub elf: &'a Path,
    pub machine: &'a Machine,
    /// The whole environment of the guest.
    pub environment: &'a BTreeMap<String, String>,
    pub stdin: &'a [u8],
    pub limits: Limits,
}

/// What an execution showed.
pub struct Observed {
    pub finished: Finished,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// Or why there is none.
    pub count: std::result::Result<Count, String>,
}

impl Execution<'_> {
    /// Runs the ELF in a directory that is gone afterwards.
    pub fn run(&self) -> Result<Observed> {
        let work = tempfile::tempdir().context("cannot make a temporary directory")?;
        let count_path = work.path().join("count.json");
        let mut stdin = tempfile::tempfile_in(work.path())?;
        stdin.write_all(self.stdin)?;
        stdin.rewind()?;
        let (stdout_path, stderr_path) = (work.path().join("stdout"), work.path().join("stderr"));
        let (command, args, program) = self.command(work.path(), &count_path)?;
        let environment =
            self.environment.iter().map(|(n, v)| (n.clone(), OsString::from(v))).collect();
        let child = Child {
            program: command,
            args,
            environment,
            directory: work.path().to_path_buf(),
            stdin: Some(stdin),
            stdout: std::fs::File::create(&stdout_path)?,
            stderr: std::fs::File::create(&stderr_path)?,
            limits: Limits { stack: Some(STACK), ..self.limits },
        };
        let held: Vec<_> = program.iter().map(Program::descriptor).collect();
        let finished = process::run_holding(child, &held)?;
        Ok(Observed {
            count: Count::read(&count_path).map_err(|error| format!("{error:#}")),
            finished,
            stdout: std::fs::read(&stdout_path)?,
            stderr: std::fs::read(&stderr_path)?,
        })
    }

    /// What is run with which arguments, and the program that it inherits.
    fn command(
        &self,
        work: &Path,
        count: &Path,
    ) -> Result<(PathBuf, Vec<OsString>, Option<Program>)> {
        let Machine::Counted { emulator, arguments, plugin, mode } = self.machine else {
            std::os::unix::fs::symlink(self.elf, work.join(ELF))?;
            return Ok((PathBuf::from(format!("./{ELF}")), Vec::new(), None));
        };
        let cannot = || format!("cannot copy {}", self.elf.display());
        let program = Program::copy(self.elf).with_context(cannot)?;
        // QEMU splits the option at commas; a doubled one is a comma.
        let doubled = |path: &Path| path.display().to_string().replace(',', ",,");
        let plugin_arg = format!("{},{}", doubled(plugin), mode.arguments(&doubled(count)));
        let mut args: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        args.extend([
            // What the emulator gives as AT_RANDOM is then the same each time.
            "-seed".into(),
            "1".into(),
            "-plugin".into(),
            plugin_arg.into(),
            "-0".into(),
            ELF.into(),
            program.path(),
        ]);
        Ok((emulator.clone(), args, Some(program)))
    }
}

impl Observed {
    /// Why this is no success, if it is none: a limit, an exit code, or an
    /// output that is not the expected one even though the exit code is 0.
    pub fn failure(&self, expected: Option<&[u8]>) -> Option<String> {
        if let Some(limit) = &self.finished.exceeded {
            return Some(limit.clone());
        }
        if !self.finished.status.success() {
            let said = String::from_utf8_lossy(&self.stderr);
            let last = said
                .lines()
                .rev()
                .find(|l| !l.trim().is_empty())
                .unwrap_or("nothing on standard error");
            return Some(format!("{}: {}", self.finished.describe(), shorten(last)));
        }
        let expected = expected.filter(|e| *e != self.stdout)?;
        Some(difference(expected, &self.stdout))
    }
}

/// The first line in which two outputs differ.
fn difference(expected: &[u8], got: &[u8]) -> String {
    let (expected, got) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(got));
    let (mut left, mut right) = (expected.lines(), got.lines());
    let mut number = 1;
    loop {
        match (left.next(), right.next()) {
            (Some(a), Some(b)) if a == b => number += 1,
            (None, None) => {
                return "output differs from the expected one in its line ends".to_string()
            }
            (a, b) => {
                let text = |line: Option<&str>| {
                    line.map_or("the end".to_string(), |l| format!("`{}`", shorten(l)))
                };
                return format!(
                    "output differs at line {number}: expected {}, got {}",
                    text(a),
                    text(b)
                );
            }
        }
    }
}

fn shorten(line: &str) -> String {
    match line.char_indices().nth(200) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observe(script: &str) -> Observed {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("p");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        crate::cache::set_mode(&program, 0o755).unwrap();
        let execution = Execution {
            elf: &program,
            machine: &Machine::Native,
            environment: &BTreeMap::new(),
            stdin: b"in",
            limits: Limits::default(),
        };
        execution.run().unwrap()
    }

    fn check(script: &str, expected: &str, failure: Option<&str>) {
        assert_eq!(observe(script).failure(Some(expected.as_bytes())).as_deref(), failure);
    }

    #[test]
    fn an_execution_is_judged_by_exit_and_output() {
        check("cat", "in", None);
        check("echo a; echo b", "a\nc\n", Some("output differs at line 2: expected `c`, got `b`"));
        check("echo a", "a\nc\n", Some("output differs at line 2: expected `c`, got the end"));
        check("printf a", "a\n", Some("output differs from the expected one in its line ends"));
        check("echo a; echo why >&2; exit 4", "a\n", Some("exit code 4: why"));
        check("kill -9 $$", "", Some("signal 9: nothing on standard error"));
    }
}
