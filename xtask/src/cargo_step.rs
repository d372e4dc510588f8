//! A cargo build as a step: pinned compiler, own target directory per target,
//! no path of the machine in what it makes.

use anyhow::Result;

use crate::graph::plan::Plan;
use crate::graph::step::{Made, Sources, Step};
use crate::platform::System;

/// For which machine.
#[derive(Debug, Clone, Copy)]
pub enum For {
    /// The one that builds, with Debian's own std.
    Host,
    /// A platform's Linux, statically linked, std from source.
    System(&'static System),
    /// The same for a guest, with the features that our own pipelines use, and
    /// what LLVM is told where that is not its defaults.
    Direct(&'static System, Option<&'static [&'static str]>),
    /// `wasm32-wasip1` with [`wasm_flags`], std from source.
    Wasi,
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

impl For {
    /// Adds what the target needs; gives the directory of its artifacts.
    fn apply(self, step: Step, profile: &str) -> (Step, String) {
        let remaps = [
            "--remap-path-prefix={root}=/wasrisc",
            "--remap-path-prefix={cargo-home}=/cargo",
            "--remap-path-prefix={scratch}=/target",
            "--remap-path-prefix=/usr/lib/rustlib/src/rust=/rustc",
        ];
        let (mut step, triple, more): (Step, &str, Vec<String>) = match self {
            For::Host => {
                let mut step = step.env("CARGO_ENCODED_RUSTFLAGS", remaps.join("\u{1f}"));
                step.scratch = Some("cargo-host".to_string());
                return (step, format!("{{scratch}}/{profile}"));
            }
            For::System(system) | For::Direct(system, _) => {
                let linker = format!("{{tool:{}/gcc}}", system.linker_tool);
                let features = match self {
                    For::Direct(..) => direct_features(system),
                    _ => "-Ctarget-feature=+crt-static".to_string(),
                };
                let mut flags = vec![format!("-Clinker={linker}"), features];
                if let For::Direct(_, llvm) = self {
                    flags
                        .extend(llvm.into_iter().flatten().map(|argument| llvm_argument(argument)));
                }
                let step = if step.tools.iter().any(|t| t == system.linker_tool) {
                    step
                } else {
                    step.tool(system.linker_tool)
                };
                // C in a dependency, such as a stack switch, is built by the
                // cc crate, which looks for its compiler here.
                let cc = format!("CC_{}", system.triple.replace('-', "_"));
                let step = step.env(&cc, linker).env(
                    "CFLAGS",
                    "-ffile-prefix-map={cargo-home}=/cargo -ffile-prefix-map={scratch}=/target",
                );
                (step, system.triple, flags)
            }
            For::Wasi => {
                let lib = "{home:wasi-libc}";
                let mut flags = vec![
                    "-Clinker={tool:lld/wasm-ld}".to_string(),
                    format!("-Lnative={lib}"),
                    "-Clink-self-contained=no".to_string(),
                    format!("-Clink-arg={lib}/crt1-command.o"),
                ];
                flags.extend(wasm_flags());
                (step.tool("lld").tool("wasi-libc"), "wasm32-wasip1", flags)
            }
        };
        let kind = match self {
            For::Direct(_, Some(_)) => "-direct-tuned",
            For::Direct(_, None) => "-direct",
            _ => "",
        };
        step.scratch = Some(format!("cargo-{triple}{kind}"));
        let flags: Vec<&str> = more.iter().map(String::as_str).chain(remaps).collect();
        let step = step
            .args(["--target", triple, "-Zbuild-std=std,panic_abort"])
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
        (step, format!("{{scratch}}/{triple}/{profile}"))
    }
}

/// How a guest's module differs from rustc's defaults. It may use multiplications
/// to 128 bits, which are one or two instructions of every machine and calls of
/// `__multi3` without; and loops of constant counts are unrolled where what they
/// read is known: whoever translates the module knows no constants of its memory.
pub fn wasm_flags() -> Vec<String> {
    vec!["-Ctarget-feature=+wide-arithmetic".to_string(), llvm_argument(UNROLL)]
}

/// LLVM's own limit is 300.
pub const UNROLL: &str = "-unroll-threshold=400";

/// What LLVM is told, as rustc is told.
pub fn llvm_argument(argument: &str) -> String {
    format!("-Cllvm-args={argument}")
}

/// The features of a guest's direct build, as rustc is told.
pub fn direct_features(system: &System) -> String {
    let more = system.direct_features;
    let comma = if more.is_empty() { "" } else { "," };
    format!("-Ctarget-feature=+crt-static{comma}{more}")
}
