//! `wasrisc-profile`: a run under the counter, and the library on what it counted.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{bail, Context, Result};
use clap::Parser;
use serde::Deserialize;
use wasrisc_profile::{sample_profile, Counts};

/// Runs an ELF under the counter and writes what ran as a profile for clang's
/// -fprofile-sample-use.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Compiled with -gline-tables-only -fdebug-info-for-profiling
    elf: PathBuf,
    /// JSON: `arguments` after its name, and `environment`, the whole of it
    #[arg(long, value_name = "FILE")]
    process: PathBuf,
    /// Its standard input
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// It is ended when it runs longer
    #[arg(long)]
    seconds: u64,
    #[arg(long, value_name = "PROGRAM")]
    emulator: PathBuf,
    #[arg(long, value_name = "ARGUMENT", allow_hyphen_values = true)]
    emulator_argument: Vec<String>,
    /// The counter, a plugin of the emulator
    #[arg(long, value_name = "FILE")]
    plugin: PathBuf,
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Process {
    arguments: Vec<String>,
    environment: BTreeMap<String, String>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let counts = arguments.count()?;
    let elf = &arguments.elf;
    let text =
        sample_profile(&read(elf)?, &counts.profile).with_context(|| elf.display().to_string())?;
    let output = &arguments.output;
    std::fs::write(output, text).with_context(|| format!("cannot write {}", output.display()))
}

impl Arguments {
    /// Runs the program; what it prints goes to standard error.
    fn count(&self) -> Result<Counts> {
        let work = tempfile::tempdir().context("cannot make a temporary directory")?;
        let counts = work.path().join("counts");
        let process: Process = serde_json::from_slice(&read(&self.process)?)
            .with_context(|| self.process.display().to_string())?;
        let input = self.input.display();
        let mut child = Command::new(&self.emulator)
            .args(&self.emulator_argument)
            .arg("-plugin")
            .arg(plugin(&self.plugin, &counts))
            .args(["-0", "guest.elf"])
            .arg(&self.elf)
            .args(process.arguments)
            .env_clear()
            .envs(process.environment)
            .stdin(File::open(&self.input).with_context(|| format!("cannot read {input}"))?)
            .stdout(Stdio::from(std::io::stderr().as_fd().try_clone_to_owned()?))
            .spawn()
            .with_context(|| format!("cannot start {}", self.emulator.display()))?;
        let status = self.wait(&mut child)?;
        if !status.success() {
            bail!("the program did not succeed on {input}: {status}");
        }
        let counts = std::fs::read(&counts).context("the counter wrote nothing")?;
        serde_json::from_slice(&counts).context("cannot read what the counter wrote")
    }

    fn wait(&self, child: &mut Child) -> Result<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if start.elapsed().as_secs() >= self.seconds {
                child.kill()?;
                child.wait()?;
                let (input, seconds) = (self.input.display(), self.seconds);
                bail!("the program ran for more than {seconds} s on {input}");
            }
            std::thread::sleep(POLL);
        }
    }
}

/// How often to look whether the program ended.
const POLL: Duration = Duration::from_millis(20);

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

/// The emulator's option. It splits at commas; a doubled one is a comma.
fn plugin(plugin: &Path, counts: &Path) -> OsString {
    let doubled = |path: &Path| path.display().to_string().replace(',', ",,");
    format!("{},out={},profile=on", doubled(plugin), doubled(counts)).into()
}
