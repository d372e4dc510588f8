//! One execution of an ELF: what goes in, what comes out, within limits.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::boot;
use super::counter::{Count, Mode};
use super::program::Program;
use crate::platform::{Kind, Output};
use crate::process::{self, Child, Finished, Limits};

/// What a guest's ELF is called where it runs.
const ELF: &str = "guest.elf";

/// The counter's output, in the directory of an execution.
const COUNT: &str = "count.json";

/// A machine with the memory that our linker scripts expect, of which only what
/// is used costs anything, and nothing else.
const BARE: &[&str] = &[
    "-m",
    "4G",
    "-display",
    "none",
    "-monitor",
    "none",
    "-semihosting-config",
    "enable=on,target=native",
];

/// What runs an ELF.
pub enum Machine {
    Emulated {
        emulator: Emulator,
        look: Look,
    },
    /// This machine, without counting.
    Native,
}

/// QEMU as one platform needs it.
pub struct Emulator {
    pub program: PathBuf,
    pub arguments: Vec<&'static str>,
    pub kind: Kind,
}

/// How an execution is looked at.
pub enum Look {
    /// By the counting plugin.
    Count { plugin: PathBuf, mode: Mode },
    /// By a debugger, for which QEMU waits at this port of loopback.
    Debug { port: u16 },
}

/// One execution to be done.
pub struct Execution<'a> {
    pub elf: &'a Path,
    pub machine: &'a Machine,
    /// Of the guest, after its name.
    pub arguments: &'a [String],
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
        let at = |name: &str| work.path().join(name);
        let invocation = self.invocation(work.path())?;
        let child = Child {
            program: invocation.program,
            args: invocation.args,
            environment: invocation.environment,
            directory: work.path().to_path_buf(),
            stdin: invocation.stdin,
            stdout: File::create(at("stdout"))?,
            stderr: File::create(at("stderr"))?,
            limits: self.limits,
        };
        let held: Vec<_> = invocation.elf.iter().map(Program::descriptor).collect();
        let finished = process::run_holding(child, &held)?;
        Ok(Observed {
            count: Count::read(&at(COUNT)).map_err(|error| format!("{error:#}")),
            finished,
            stdout: std::fs::read(at(invocation.output))?,
            stderr: std::fs::read(at("stderr"))?,
        })
    }

    fn invocation(&self, work: &Path) -> Result<Invocation> {
        let Machine::Emulated { emulator, look } = self.machine else {
            std::os::unix::fs::symlink(self.elf, work.join(ELF))?;
            return self.process(work, PathBuf::from(format!("./{ELF}")), Vec::new(), None);
        };
        // QEMU splits the option at commas; a doubled one is a comma.
        let doubled = |path: &Path| path.display().to_string().replace(',', ",,");
        let count = doubled(&work.join(COUNT));
        let mut args: Vec<OsString> = emulator.arguments.iter().map(OsString::from).collect();
        args.extend(["-seed", "1"].map(OsString::from));
        let looks = match (look, emulator.kind) {
            (Look::Count { plugin, mode }, _) => {
                vec![
                    "-plugin".to_string(),
                    format!("{},{}", doubled(plugin), mode.arguments(&count)),
                ]
            }
            (Look::Debug { port }, Kind::User) => vec!["-g".to_string(), port.to_string()],
            (Look::Debug { port }, Kind::System(_)) => {
                vec!["-gdb".to_string(), format!("tcp:127.0.0.1:{port}"), "-S".to_string()]
            }
        };
        args.extend(looks.into_iter().map(OsString::from));
        match emulator.kind {
            Kind::User => {
                let cannot = || format!("cannot copy {}", self.elf.display());
                let program = Program::copy(self.elf).with_context(cannot)?;
                args.extend(["-0".into(), ELF.into(), program.path()]);
                self.process(work, emulator.program.clone(), args, Some(program))
            }
            Kind::System(output) => self.bare(work, emulator.program.clone(), args, output),
        }
    }

    /// A process of this machine's kernel.
    fn process(
        &self,
        work: &Path,
        program: PathBuf,
        mut args: Vec<OsString>,
        elf: Option<Program>,
    ) -> Result<Invocation> {
        let mut stdin = tempfile::tempfile_in(work)?;
        stdin.write_all(self.stdin)?;
        stdin.rewind()?;
        args.extend(self.arguments.iter().map(OsString::from));
        let environment = self.environment.iter().map(|(n, v)| (n.clone(), v.into())).collect();
        Ok(Invocation { program, args, environment, stdin: Some(stdin), elf, output: "stdout" })
    }

    /// A machine of its own; `args` says which.
    fn bare(
        &self,
        work: &Path,
        program: PathBuf,
        mut args: Vec<OsString>,
        output: Output,
    ) -> Result<Invocation> {
        std::os::unix::fs::symlink(self.elf, work.join(ELF))?;
        let block = boot::block(self.arguments, self.environment, self.stdin)?;
        std::fs::write(work.join("boot"), block)?;
        let (serial, output): (&[&str], _) = match output {
            Output::Semihosting => (&["-serial", "none"], "stdout"),
            Output::Serial => {
                (&["-chardev", "file,id=output,path=output", "-serial", "chardev:output"], "output")
            }
        };
        args.extend(BARE.iter().chain(serial).map(OsString::from));
        let loaders = [
            format!("loader,file={ELF},cpu-num=0"),
            format!("loader,file=boot,addr={},force-raw=on", boot::ADDRESS),
        ];
        args.extend(loaders.iter().flat_map(|loader| ["-device", loader]).map(OsString::from));
        let environment = BTreeMap::new();
        Ok(Invocation { program, args, environment, stdin: None, elf: None, output })
    }
}

/// What is started for an execution.
struct Invocation {
    program: PathBuf,
    args: Vec<OsString>,
    environment: BTreeMap<String, OsString>,
    stdin: Option<File>,
    /// The program that it inherits.
    elf: Option<Program>,
    /// The file with the guest's output, in the directory.
    output: &'static str,
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
            arguments: &["a b".to_string(), String::new()],
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
        check("printf '%s,' \"$@\"", "a b,,", None);
        check("echo a; echo b", "a\nc\n", Some("output differs at line 2: expected `c`, got `b`"));
        check("echo a", "a\nc\n", Some("output differs at line 2: expected `c`, got the end"));
        check("printf a", "a\n", Some("output differs from the expected one in its line ends"));
        check("echo a; echo why >&2; exit 4", "a\n", Some("exit code 4: why"));
        check("kill -9 $$", "", Some("signal 9: nothing on standard error"));
    }
}
