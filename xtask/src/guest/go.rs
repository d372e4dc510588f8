//! Go guests: `go build` for WASI and for the platform itself.

use anyhow::Result;

use super::manifest::Guest;
use crate::graph::plan::Plan;
use crate::graph::step::{Made, Sources, Step};
use crate::platform::System;

/// The same on both sides of a ratio. `-w` leaves DWARF out; the symbol table
/// and the name section stay, for profiles. An empty build ID and trimmed
/// paths make the bytes the same on every machine.
pub const FLAGS: &[&str] = &["-trimpath", "-buildvcs=false", "-ldflags=-w -buildid="];

/// Everything of `go env` that could change an output, set for every target.
/// Without a file of its own (`GOENV`) nothing of the user's takes part.
pub const SETTINGS: &[(&str, &str)] = &[
    ("CGO_ENABLED", "0"),
    ("GOAMD64", "v1"),
    ("GODEBUG", ""),
    ("GOENV", "off"),
    ("GOEXPERIMENT", ""),
    ("GOFIPS140", "off"),
    ("GOFLAGS", "-mod=readonly"),
    ("GORISCV64", "rva20u64"),
    ("GOTOOLCHAIN", "local"),
    ("GOWASM", ""),
    ("GOWORK", "off"),
];

/// What of it says for which machine, for the report.
pub fn machine_settings() -> impl Iterator<Item = String> {
    let named = ["CGO_ENABLED", "GOAMD64", "GORISCV64"];
    let shown = SETTINGS.iter().filter(move |(name, _)| named.contains(name));
    shown.map(|(name, value)| format!("{name}={value}"))
}

/// Why there is no direct build with other flags.
pub const NOT_TUNED: &str = "Go's compiler has no flags for fewer instructions of the same \
                             instruction set: pipeline direct is as good as it gets";

/// Go's memory for compiling a large program and linking it, bytes.
const MEMORY: u64 = 3 << 30;

/// The guest as a WASI preview 1 module.
pub fn wasm(plan: &mut Plan, guest: &Guest) -> Result<Made> {
    build(plan, guest, "wasip1", "wasm", &format!("{}.wasm", guest.name))
}

/// The guest as a static ELF for the platform.
pub fn direct(plan: &mut Plan, guest: &Guest, system: &System) -> Result<Made> {
    let file = format!("{}.{}.elf", guest.name, system.platform);
    build(plan, guest, "linux", system.goarch, &file)
}

/// A program in a folder of the guest's module, for this machine.
pub fn host_program(plan: &mut Plan, guest: &Guest, folder: &str) -> Result<Made> {
    let goarch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let source = format!("guests/{}/{folder}", guest.name);
    add(plan, guest, &source, "linux", goarch, folder)
}

fn build(plan: &mut Plan, guest: &Guest, goos: &str, goarch: &str, file: &str) -> Result<Made> {
    add(plan, guest, &format!("guests/{}", guest.name), goos, goarch, file)
}

/// A build of the package in the folder `source`.
fn add(
    plan: &mut Plan,
    guest: &Guest,
    source: &str,
    goos: &str,
    goarch: &str,
    file: &str,
) -> Result<Made> {
    let name = format!("{}/go-{goos}-{goarch}", source.trim_start_matches("guests/"));
    let step = toolchain_settings(Step::new(name, source, file))
        .tool("go")
        .args(["{tool:go/go}", "build"])
        .args(FLAGS.iter().copied())
        .args(["-o", "{out:binary}", "."])
        .env("GOOS", goos)
        .env("GOARCH", goarch)
        .output("binary", file)
        .executable();
    let mut step = step.file("go.mod", guest.dir.join("go.mod"));
    if guest.dir.join("go.sum").is_file() {
        step = step.file("go.sum", guest.dir.join("go.sum"));
    }
    for pin in &guest.pins {
        step = step.tool(pin);
    }
    step.directory = format!("{{root}}/{source}");
    step.sources = Some(Sources::GoList);
    step.memory = MEMORY;
    let made = step.made("binary");
    plan.add(step)?;
    Ok(made)
}

/// The build cache is Go's own: content-addressed, with the flags in its keys,
/// so it may be shared where a cargo target directory may not.
fn toolchain_settings(step: Step) -> Step {
    let mut step = step.env("GOCACHE", "{scratch}").env("GOROOT", "{home:go}");
    step.scratch = Some("go-build".to_string());
    for (name, value) in SETTINGS {
        step = step.env(name, *value);
    }
    step
}
