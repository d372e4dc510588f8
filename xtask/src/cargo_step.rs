//! A cargo build as a step: pinned compiler, own target directory per target,
//! no path of the machine in what it makes.

use anyhow::Result;

use crate::graph::plan::Plan;
use crate::graph::step::{Made, Sources, Step};
use crate::platform::System;

/// For which machine, and what rustc is told beyond what that needs.
#[derive(Debug, Clone)]
pub enum For {
    /// The one that builds, with Debian's own std.
    Host,
    /// A platform's Linux, statically linked, std from source.
    System(&'static System),
    /// The same for a guest. Its flags, [`STATIC`] among the features, have a target
    /// directory of their own, which `kind` tells from others.
    Guest { system: &'static System, rustflags: Vec<String>, kind: &'static str },
    /// `wasm32-wasip1`, std from source.
    Wasi { rustflags: Vec<String> },
}

/// One artifact of one cargo package.
pub struct CargoBuild {
    name: String,
    /// The package's directory, relative to the project, for people.
    package_dir: String,
    /// The workspace's directory, relative to the project.
    workspace: String,
    target: For,
    package: Option<String>,
    /// Cargo's name of the artifact, and the entry's.
    artifact: (String, String),
    executable: bool,
    /// A profile of the workspace's `Cargo.toml`.
    profile: &'static str,
}

/// Peak of a release build with fat LTO, bytes.
const MEMORY: u64 = 2 << 30;

impl CargoBuild {
    /// `package_dir` is the package's directory below the project.
    pub fn new(
        name: impl Into<String>,
        package_dir: impl Into<String>,
        workspace: impl Into<String>,
        target: For,
    ) -> CargoBuild {
        CargoBuild {
            name: name.into(),
            package_dir: package_dir.into(),
            workspace: workspace.into(),
            target,
            package: None,
            artifact: Default::default(),
            executable: false,
            profile: "release",
        }
    }

    /// Another profile than `release`.
    pub fn profile(mut self, profile: &'static str) -> CargoBuild {
        self.profile = profile;
        self
    }

    /// A package of the workspace, where it has several.
    pub fn package(mut self, name: &str) -> CargoBuild {
        self.package = Some(name.to_string());
        self
    }

    /// A program that cargo calls `cargo_name`, stored as `file`.
    pub fn program(mut self, cargo_name: &str, file: &str) -> CargoBuild {
        self.artifact = (cargo_name.to_string(), file.to_string());
        self.executable = true;
        self
    }

    /// A library that cargo calls `cargo_name`, stored as `file`.
    pub fn library(mut self, cargo_name: &str, file: &str) -> CargoBuild {
        self.artifact = (cargo_name.to_string(), file.to_string());
        self
    }

    /// Adds the step.
    pub fn add(self, plan: &mut Plan) -> Result<Made> {
        let (cargo_name, file) = &self.artifact;
        let root = format!("{{root}}/{}", self.workspace);
        let mut step = Step::new(&self.name, &self.package_dir, file)
            .tool("rust")
            .tool("gcc")
            .args([
                "{tool:rust/cargo}",
                "build",
                "--profile",
                self.profile,
                "--locked",
                // Keys are by content, and so must be what cargo calls fresh.
                "-Zchecksum-freshness",
                "--target-dir",
                "{scratch}",
            ])
            .file("Cargo.toml", format!("{}/Cargo.toml", self.workspace))
            .file("Cargo.lock", format!("{}/Cargo.lock", self.workspace))
            .env("RUSTC", "{tool:rust/rustc}")
            .env("RUSTC_WRAPPER", "")
            // Debian ships std's source; building it, and freshness by
            // content, are unstable in cargo.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_INCREMENTAL", "0");
        if let Some(package) = &self.package {
            step = step.args(["--package", package]);
        }
        step.directory = root;
        step.memory = MEMORY;
        let (step, out) = self.target.apply(step, self.profile);
        let stem = cargo_name.rsplit_once('.').map_or(cargo_name.as_str(), |(stem, _)| stem);
        let mut step = step.output_from("binary", file, format!("{out}/{cargo_name}"));
        step.outputs[0].executable = self.executable;
        step.sources = Some(Sources::CargoDepInfo(format!("{out}/{stem}.d")));
        let made = step.made("binary");
        plan.add(step)?;
        Ok(made)
    }
}

/// Adds the build of a program of the project's own workspace, for the machine that
/// builds: what later steps run.
pub fn tool(plan: &mut Plan, program: &str, package: &str, folder: &str) -> Result<Made> {
    CargoBuild::new(format!("tool/{program}"), folder, ".", For::Host)
        .package(package)
        .program(program, program)
        .add(plan)
}

const REMAPS: [&str; 4] = [
    "--remap-path-prefix={root}=/wasrisc",
    "--remap-path-prefix={cargo-home}=/cargo",
    "--remap-path-prefix={scratch}=/target",
    "--remap-path-prefix=/usr/lib/rustlib/src/rust=/rustc",
];

/// What makes a Linux ELF that needs no loader.
pub const STATIC: &str = "+crt-static";

impl For {
    /// Adds what the target needs; gives the directory of its artifacts.
    fn apply(self, step: Step, profile: &str) -> (Step, String) {
        let (mut step, triple, kind, flags) = match self {
            For::Host => {
                let mut step = step.env("CARGO_ENCODED_RUSTFLAGS", REMAPS.join("\u{1f}"));
                step.scratch = Some("cargo-host".to_string());
                return (step, format!("{{scratch}}/{profile}"));
            }
            For::System(system) => {
                let features = vec![format!("-Ctarget-feature={STATIC}")];
                (linux(step, system), system.triple, "", [linker(system), features].concat())
            }
            For::Guest { system, rustflags, kind } => {
                let flags = [linker(system), rustflags].concat();
                (linux(step, system), system.triple, kind, flags)
            }
            For::Wasi { rustflags } => {
                let step = step.tool("lld").tool("wasi-libc");
                (step, "wasm32-wasip1", "", [wasi_linker(), rustflags].concat())
            }
        };
        step.scratch = Some(format!("cargo-{triple}{kind}"));
        let flags: Vec<&str> = flags.iter().map(String::as_str).chain(REMAPS).collect();
        let step = step
            .args(["--target", triple, "-Zbuild-std=std,panic_abort"])
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
        (step, format!("{{scratch}}/{triple}/{profile}"))
    }
}

fn linux(step: Step, system: &System) -> Step {
    let step = match step.tools.iter().any(|tool| tool == system.linker_tool) {
        true => step,
        false => step.tool(system.linker_tool),
    };
    // C in a dependency, such as a stack switch, is built by the cc crate, which
    // looks for its compiler here.
    let cc = format!("CC_{}", system.triple.replace('-', "_"));
    step.env(&cc, gcc(system))
        .env("CFLAGS", "-ffile-prefix-map={cargo-home}=/cargo -ffile-prefix-map={scratch}=/target")
}

fn gcc(system: &System) -> String {
    format!("{{tool:{}/gcc}}", system.linker_tool)
}

fn linker(system: &System) -> Vec<String> {
    vec![format!("-Clinker={}", gcc(system))]
}

fn wasi_linker() -> Vec<String> {
    let lib = "{home:wasi-libc}";
    vec![
        "-Clinker={tool:lld/wasm-ld}".to_string(),
        format!("-Lnative={lib}"),
        "-Clink-self-contained=no".to_string(),
        format!("-Clink-arg={lib}/crt1-command.o"),
    ]
}
