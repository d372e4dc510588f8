//! `test`: formats, lints and tests of everything in the project.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::artifacts;
use crate::error::{Error, Kind};
use crate::graph::plan::Plan;
use crate::guest::go;
use crate::measure::counter;
use crate::pipeline::wasmtime;
use crate::platform::PLATFORMS;
use crate::process::{self, Child, Limits};
use crate::session::Session;

/// One command that must succeed.
struct Check {
    what: String,
    directory: PathBuf,
    program: PathBuf,
    args: Vec<String>,
    environment: BTreeMap<String, OsString>,
}

/// A cargo workspace, and what of it is tested on the host: a guest's program
/// is tested end to end, and the precompiler as it was built by its step.
struct Workspace {
    directory: &'static str,
    tests: &'static str,
    /// Packages that are linted by `--long` alone: clippy would compile minutes of
    /// others' code for them a second time.
    large: &'static [&'static str],
}

const WORKSPACES: &[Workspace] = &[
    Workspace { directory: ".", tests: "--workspace", large: &[] },
    Workspace {
        directory: "platform/wasmtime",
        tests: "-p wasrisc-wasmtime-wasi -p wasrisc-wasmtime-whole",
        large: &["wasrisc-wasmtime-compile", "wasrisc-wasmtime-run", "wasrisc-wasmtime-settings"],
    },
    Workspace { directory: "guests", tests: "-p wasrisc-guest", large: &["revm-rust"] },
];

/// Looked at by `--long` only: it compiles wasmtime.
const COMPARISON: Workspace =
    Workspace { directory: "translator/proof/wasmtime", tests: "--workspace", large: &[] };

/// What `--long` runs of it: other seeds than those of each change, and the
/// folder in which they are remembered.
const RANDOM_MODULES: &str =
    "run --locked --release -- --state ../../../target/random-modules --from 1000000 --count 20000";

/// Settings of the user's that tests see: where things lie, whether the tests that
/// mount a file system may be skipped, and whether cargo keeps what only a next
/// build would use.
const PASSED_ON: [&str; 6] = [
    "WASRISC_CACHE_DIR",
    "WASRISC_DATA_DIR",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "WASRISC_REQUIRE_MOUNTS",
    "CARGO_INCREMENTAL",
];

pub fn run(session: &Session, long: bool) -> Result<ExitCode> {
    let tools: Vec<&str> = session.toolchain().installable();
    session.toolchain().ensure(&tools)?;
    let built = build_what_tests_take(session)?;
    let mut checks = Vec::new();
    let comparison = long.then_some(&COMPARISON);
    for workspace in WORKSPACES.iter().chain(comparison) {
        checks.extend(rust(session, workspace, &built, long)?);
    }
    for module in go_modules(session) {
        checks.extend(go_checks(session, &module)?);
    }
    // What is quick to fail comes first.
    checks.sort_by_key(|check| check.what.starts_with("test"));
    if long {
        checks.push(random_modules(session, &built)?);
    }
    for check in &checks {
        check.run(session)?;
    }
    session.ui.status("Passed", &format!("{} checks", checks.len()));
    Ok(ExitCode::SUCCESS)
}

/// The parts of the project that tests take as they are, by the variable that
/// names each: the same steps, cached, that `bench` runs.
fn build_what_tests_take(session: &Session) -> Result<BTreeMap<String, OsString>> {
    let mut plan = Plan::default();
    let amd64 = artifacts::platform("amd64")?.system.as_ref().context("amd64 runs Linux")?;
    let parts = [
        ("WASRISC_COUNTER", counter::plan(&mut plan)?),
        ("WASRISC_WASMTIME_COMPILE", wasmtime::compiler(&mut plan)?),
        ("WASRISC_WASMTIME_RUNTIME", wasmtime::runtime(&mut plan, amd64)?),
    ];
    let emulators: BTreeSet<&str> = PLATFORMS.iter().map(|p| p.emulator.tool).collect();
    let emulators: Vec<&str> = emulators.into_iter().collect();
    let built = session.make(&plan, &emulators, false).all()?;
    let mut paths = BTreeMap::new();
    for (variable, made) in parts {
        paths.insert(variable.to_string(), built.file(&made)?.0.into_os_string());
    }
    Ok(paths)
}

/// What the project's Rust is built and tested with.
fn environment(
    session: &Session,
    built: &BTreeMap<String, OsString>,
) -> Result<BTreeMap<String, OsString>> {
    let toolchain = session.toolchain();
    let mut environment = process::transport();
    environment.extend(built.clone());
    environment.insert("PATH".into(), "/usr/bin:/bin".into());
    environment.insert("RUSTC".into(), toolchain.program("rust", "rustc")?.into());
    // A test that finds no tool must not pass by skipping.
    environment.insert("WASRISC_REQUIRE_TOOLS".into(), "1".into());
    for name in PASSED_ON {
        environment.extend(std::env::var_os(name).map(|value| (name.to_string(), value)));
    }
    let own_tool = |name: &String| name.starts_with("WASRISC_TOOL_");
    let vars = std::env::vars_os().filter_map(|(n, v)| Some((n.into_string().ok()?, v)));
    environment.extend(vars.filter(|(name, _)| own_tool(name)));
    environment.insert("CARGO".into(), toolchain.program("rust", "cargo")?.into());
    environment.insert("WASRISC_GO".into(), toolchain.program("go", "go")?.into());
    environment.insert("RUSTFMT".into(), toolchain.program("rust-lint", "rustfmt")?.into());
    Ok(environment)
}

fn rust(
    session: &Session,
    workspace: &Workspace,
    built: &BTreeMap<String, OsString>,
    long: bool,
) -> Result<Vec<Check>> {
    let toolchain = session.toolchain();
    let environment = environment(session, built)?;
    let cargo = toolchain.program("rust", "cargo")?;
    // Called by path: `cargo fmt` and `cargo clippy` would first look in the
    // user's own cargo directory, where another toolchain's may be.
    let fmt = toolchain.program("rust-lint", "cargo-fmt")?;
    let clippy = toolchain.program("rust-lint", "cargo-clippy")?;
    // Verdicts are made once for a version of Go (docs/go-tests.md).
    let ignored = if long { " -- --include-ignored --skip the_verdicts" } else { "" };
    let tests = format!("test --locked {}{ignored}", workspace.tests);
    let large = if long { &[] } else { workspace.large };
    let left_out: String = large.iter().map(|package| format!(" --exclude {package}")).collect();
    let lints =
        format!("clippy --workspace{left_out} --all-targets --locked --quiet -- -D warnings");
    let all = [
        ("rustfmt", fmt, "fmt --all --check"),
        ("clippy", clippy, &lints),
        ("tests", cargo, &tests),
    ];
    let check = |(what, program, args): (&str, PathBuf, &str)| Check {
        what: format!("{what} of {}", workspace.directory),
        directory: session.root.join(workspace.directory),
        program,
        args: args.split(' ').map(str::to_string).collect(),
        environment: environment.clone(),
    };
    Ok(all.into_iter().map(check).collect())
}

fn random_modules(session: &Session, built: &BTreeMap<String, OsString>) -> Result<Check> {
    Ok(Check {
        what: "random modules against wasmtime".to_string(),
        directory: session.root.join(COMPARISON.directory),
        program: session.toolchain().program("rust", "cargo")?,
        args: RANDOM_MODULES.split(' ').map(str::to_string).collect(),
        environment: environment(session, built)?,
    })
}

/// Every Go module among the guests.
fn go_modules(session: &Session) -> Vec<PathBuf> {
    let guests =
        walkdir::WalkDir::new(session.root.join("guests")).max_depth(2).sort_by_file_name();
    let folders = guests.into_iter().flatten().map(walkdir::DirEntry::into_path);
    folders.filter(|folder| folder.join("go.mod").is_file()).collect()
}

fn go_checks(session: &Session, module: &Path) -> Result<Vec<Check>> {
    let toolchain = session.toolchain();
    let mut environment = process::transport();
    let scratch = session.cache.room("scratch").join("go-build");
    std::fs::create_dir_all(&scratch)?;
    let settings = go::SETTINGS.iter().map(|(name, value)| (*name, (*value).into()));
    let places = [
        ("PATH", "/usr/bin:/bin".into()),
        ("GOROOT", toolchain.home("go")?.into_os_string()),
        ("GOCACHE", scratch.into_os_string()),
    ];
    environment.extend(settings.chain(places).map(|(name, value)| (name.to_string(), value)));
    let (go, gofmt) = (toolchain.program("go", "go")?, toolchain.program("go", "gofmt")?);
    let all = [
        ("gofmt", gofmt, "-l -e ."),
        ("go vet", go.clone(), "vet ./..."),
        ("tests", go, "test ./..."),
    ];
    let name = module.strip_prefix(&session.root).unwrap_or(module).display();
    let check = |(what, program, args): (&str, PathBuf, &str)| Check {
        what: format!("{what} of {name}"),
        directory: module.to_path_buf(),
        program,
        args: args.split(' ').map(str::to_string).collect(),
        environment: environment.clone(),
    };
    Ok(all.into_iter().map(check).collect())
}

impl Check {
    fn run(&self, session: &Session) -> Result<()> {
        session.ui.status("Checking", &self.what);
        // gofmt names the files that differ and still succeeds.
        let listing =
            self.program.ends_with("gofmt").then(tempfile::NamedTempFile::new).transpose()?;
        let stdout = match &listing {
            Some(file) => file.reopen()?,
            None => std::io::stdout().as_fd().try_clone_to_owned()?.into(),
        };
        let finished = process::run(Child {
            program: self.program.clone(),
            args: self.args.iter().map(OsString::from).collect(),
            environment: self.environment.clone(),
            directory: self.directory.clone(),
            stdin: None,
            stdout,
            stderr: std::io::stderr().as_fd().try_clone_to_owned()?.into(),
            limits: Limits::default(),
        })?;
        let listed = listing.map(|file| std::fs::read_to_string(file.path())).transpose()?;
        let unformatted = listed.unwrap_or_default();
        if finished.status.success() && unformatted.is_empty() {
            // What takes long is seen where it does: whoever adds a test pays for it.
            session.ui.status("Checked", &format!("{} in {:.0} s", self.what, finished.seconds));
            return Ok(());
        }
        let command = format!("{} {}", self.program.display(), self.args.join(" "));
        let message = format!(
            "{} failed with {}\n  command: cd {} && {command}\n{unformatted}",
            self.what,
            finished.describe(),
            self.directory.display()
        );
        Err(Error::new(Kind::Failed, message).into())
    }
}
