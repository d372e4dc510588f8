//! .NET guests: `dotnet publish` with the WASI workload of .NET 8, whose
//! modules are for preview 1 (.NET 9 makes components,
//! dotnet/runtime#104683). The tools are the user's own.

use std::path::PathBuf;

use anyhow::Result;
use walkdir::WalkDir;

use super::manifest::Guest;
use crate::graph::plan::Plan;
use crate::graph::step::{Made, Step};

/// For the report; the project file has the rest.
pub const FLAGS: &[&str] = &["-c Release", "WasmSingleFileBundle", "TrimMode=full", "interpreted"];

/// Why there is no direct build.
pub const NO_DIRECT: &str =
    "a .NET guest has no direct build: .NET 8 has no compiler and no runtime for riscv64";

/// The command but for its places. Without build servers nothing outlives the
/// step; without the files that MSBuild looks for in every folder above, the
/// project is all that counts.
const ARGUMENTS: &[&str] = &[
    "--configuration",
    "Release",
    "--disable-build-servers",
    "--nologo",
    "-p:ImportDirectoryBuildProps=false",
    "-p:ImportDirectoryBuildTargets=false",
    "-p:ImportDirectoryPackagesProps=false",
];

const ENVIRONMENT: &[(&str, &str)] = &[
    ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"),
    ("DOTNET_CLI_UI_LANGUAGE", "en"),
    ("DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE", "1"),
    ("DOTNET_NOLOGO", "1"),
    ("DOTNET_ROOT", "{home:dotnet}"),
    ("WASI_SDK_PATH", "{home:wasi-sdk}"),
];

/// Of MSBuild with the trimmer, bytes.
const MEMORY: u64 = 2 << 30;

/// The guest as a WASI preview 1 module.
pub fn wasm(plan: &mut Plan, guest: &Guest) -> Result<Made> {
    let file = format!("{}.wasm", guest.name);
    let project = format!("{}.csproj", guest.name);
    let mut step =
        Step::new(format!("{}/dotnet-wasi", guest.name), format!("guests/{}", guest.name), &file)
            .tool("dotnet")
            .tool("wasi-sdk")
            .args(["{tool:dotnet/dotnet}", "publish", &project])
            .args(ARGUMENTS)
            .args(["--artifacts-path", "{work}/artifacts", "-p:WasmAppDir={work}/bundle/"])
            .output_from("wasm", &file, format!("{{work}}/bundle/{file}"));
    for (name, value) in ENVIRONMENT {
        step = step.env(name, *value);
    }
    for (name, path) in sources(guest)? {
        step = step.file(&name, path);
    }
    step.directory = format!("{{root}}/guests/{}", guest.name);
    step.memory = MEMORY;
    let made = step.made("wasm");
    plan.add(step)?;
    Ok(made)
}

/// The guest's files by their names in its folder: a project's default is to
/// take all of them. What a build by hand left there is none of it.
fn sources(guest: &Guest) -> Result<Vec<(String, PathBuf)>> {
    let ours = |name: &std::ffi::OsStr| !["bin", "obj", "guest.toml"].iter().any(|n| name == *n);
    let mut files = Vec::new();
    let all = WalkDir::new(&guest.dir).min_depth(1).sort_by_file_name().into_iter();
    for entry in all.filter_entry(|e| e.depth() > 1 || ours(e.file_name())) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(&guest.dir)?.display().to_string();
            files.push((name, entry.into_path()));
        }
    }
    Ok(files)
}
