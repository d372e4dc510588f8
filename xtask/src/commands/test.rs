//! `test`: formats, lints and tests of everything in the project.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;

use crate::error::{Error, Kind};
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

pub fn run(session: &Session) -> Result<ExitCode> {
    let tools: Vec<&str> = session.toolchain().installable();
    session.toolchain().ensure(&tools)?;
    let mut checks = Vec::new();
    for workspace in folders_with(session, "Cargo.toml") {
        checks.extend(rust(session, &workspace)?);
    }
    for module in folders_with(session, "go.mod") {
        checks.extend(go(session, &module)?);
    }
    for check in &checks {
        check.run(session)?;
    }
    session.ui.status("Passed", &format!("{} checks", checks.len()));
    Ok(ExitCode::SUCCESS)
}

/// The project's own workspaces and modules: its root, the platforms' and the
/// guests' folders.
fn folders_with(session: &Session, file: &str) -> Vec<PathBuf> {
    let root = &session.root;
    let folders = ["platform", "guests", "guests/lib"].into_iter().flat_map(|dir| {
        walkdir::WalkDir::new(root.join(dir))
            .min_depth(1)
            .max_depth(1)
            .sort_by_file_name()
            .into_iter()
            .flatten()
    });
    let below = folders.map(|entry| entry.path().to_path_buf());
    // The plugin is a member of the root's workspace.
    let member = root.join("platform/qemu-plugin");
    std::iter::once(root.clone())
        .chain(below)
        .filter(|d| *d != member && d.join(file).is_file())
        .collect()
}

fn rust(session: &Session, workspace: &Path) -> Result<Vec<Check>> {
    let toolchain = session.toolchain();
    let cargo = toolchain.program("rust", "cargo")?;
    let mut environment = process::transport();
    environment.insert("PATH".into(), "/usr/bin:/bin".into());
    environment.insert("RUSTC".into(), toolchain.program("rust", "rustc")?.into());
    // A test that finds no tool must not pass by skipping.
    environment.insert("WASRISC_REQUIRE_TOOLS".into(), "1".into());
    for name in ["WASRISC_CACHE_DIR", "WASRISC_DATA_DIR", "XDG_CACHE_HOME", "XDG_DATA_HOME"] {
        environment.extend(std::env::var_os(name).map(|value| (name.to_string(), value)));
    }
    let guest =
        workspace.starts_with(session.root.join("guests")) && !workspace.ends_with("lib/rust");
    let mut all = vec![
        ("rustfmt", "fmt --all --check"),
        ("clippy", "clippy --workspace --all-targets --locked --quiet -- -D warnings"),
        ("tests", "test --workspace --locked --quiet"),
    ];
    if guest {
        // A guest's program is tested end to end; for the host it has nothing.
        all.truncate(2);
    }
    let name = shown(session, workspace);
    Ok(all
        .into_iter()
        .map(|(what, args)| Check {
            what: format!("{what} {name}"),
            directory: workspace.to_path_buf(),
            program: cargo.clone(),
            args: args.split(' ').map(str::to_string).collect(),
            environment: environment.clone(),
        })
        .collect())
}

fn go(session: &Session, module: &Path) -> Result<Vec<Check>> {
    let toolchain = session.toolchain();
    let mut environment = process::transport();
    let scratch = session.cache.room("scratch").join("go-build");
    std::fs::create_dir_all(&scratch)?;
    for (name, value) in [
        ("PATH", "/usr/bin:/bin".into()),
        ("GOROOT", toolchain.home("go")?.into_os_string()),
        ("GOCACHE", scratch.into_os_string()),
        ("GOTOOLCHAIN", "local".into()),
        ("GOFLAGS", "-mod=readonly".into()),
        ("GOWORK", "off".into()),
        ("CGO_ENABLED", "0".into()),
    ] {
        environment.insert(name.to_string(), value);
    }
    let (go, gofmt) = (toolchain.program("go", "go")?, toolchain.program("go", "gofmt")?);
    let all = [
        ("gofmt", gofmt, vec!["-l", "-e", "."]),
        ("go vet", go.clone(), vec!["vet", "./..."]),
        ("go test", go, vec!["test", "./..."]),
    ];
    let name = shown(session, module);
    Ok(all
        .into_iter()
        .map(|(what, program, args)| Check {
            what: format!("{what} {name}"),
            directory: module.to_path_buf(),
            program,
            args: args.into_iter().map(str::to_string).collect(),
            environment: environment.clone(),
        })
        .collect())
}

fn shown(session: &Session, dir: &Path) -> String {
    match dir.strip_prefix(&session.root) {
        Ok(rest) if !rest.as_os_str().is_empty() => rest.display().to_string(),
        _ => "the workspace".to_string(),
    }
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
        let unformatted = listing
            .map(|file| std::fs::read_to_string(file.path()))
            .transpose()?
            .unwrap_or_default();
        if finished.status.success() && unformatted.is_empty() {
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
