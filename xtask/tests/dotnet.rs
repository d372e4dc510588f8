//! .NET guests with a double of the SDK: a script in the place of `dotnet`,
//! which records how it was called and leaves a module of the test's own. It
//! shows what the step does, and nothing about .NET.

#[path = "support/copy.rs"]
mod copy;
mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use support::xtask;
use tempfile::TempDir;

/// What the guest's real module would print.
const MODULE: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\0e\00\00\00Hello, world!\n")
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))))"#;

const WORKLOAD: &str = "echo\n\
    echo 'Installed Workload Id      Manifest Version      Installation Source'\n\
    echo 'wasi-experimental          8.0.11/8.0.100        SDK 8.0.400'";

const PUBLISH: &str = r#"for argument; do case $argument in
  -p:WasmAppDir=*) folder=${argument#-p:WasmAppDir=} ;;
esac; done
mkdir -p "$folder" && cp "$place/module" "$folder/hello_dotnet.wasm""#;

/// A copy of the project, and the doubles beside it.
struct Workplace {
    dir: TempDir,
}

impl Workplace {
    fn new(workload: &str, publish: &str) -> Workplace {
        let place = Workplace { dir: tempfile::tempdir().unwrap() };
        copy::copy_project(&place.root());
        // The cache is shared: without this the tests would share their builds.
        std::fs::write(place.guest().join("unique"), format!("{:?}", place.dir)).unwrap();
        let buffer = wast::parser::ParseBuffer::new(MODULE).unwrap();
        let module = wast::parser::parse::<wast::Wat>(&buffer).unwrap().encode().unwrap();
        place.write_dotnet(workload, publish);
        std::fs::write(place.beside("module"), module).unwrap();
        script(&place.sdk().join("bin/clang"), "echo 'clang version 16.0.0 (a double)'");
        place
    }

    fn write_dotnet(&self, workload: &str, publish: &str) {
        let text = format!(
            "place=$(dirname \"$0\")/..\n\
             if [ \"$1\" = workload ]; then pwd >\"$place/asked\"\n{workload}\nexit; fi\n\
             {{ pwd; env; printf '%s\\n' \"$@\"; }} >\"$place/record\"\n{publish}"
        );
        script(&self.dotnet(), &text);
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(name)
    }

    fn root(&self) -> PathBuf {
        self.beside("project")
    }

    fn guest(&self) -> PathBuf {
        self.root().join("guests/hello_dotnet")
    }

    fn dotnet(&self) -> PathBuf {
        self.beside("sdk/dotnet")
    }

    fn sdk(&self) -> PathBuf {
        self.beside("wasi-sdk")
    }

    /// `cargo xtask` in the copy, with the doubles on PATH and by setting.
    fn xtask(&self, args: &[&str]) -> Output {
        let mut command: Command = xtask();
        command.current_dir(self.root()).args(args);
        command.env("PATH", format!("{}:/usr/bin:/bin", self.dotnet().parent().unwrap().display()));
        command.env_remove("WASRISC_TOOL_DOTNET").env("WASRISC_TOOL_WASI_SDK", self.sdk());
        command.output().unwrap()
    }

    fn build(&self) -> (Value, String) {
        let output = self.xtask(&["build", "hello_dotnet", "--json", "--explain"]);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{stderr}");
        (serde_json::from_slice(&output.stdout).unwrap(), stderr)
    }

    /// The exit code and what was said of a build that must fail.
    fn failed_build(&self) -> (Option<i32>, String) {
        let output = self.xtask(&["build", "hello_dotnet"]);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn script(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_step_publishes_the_project_with_nothing_of_the_machines() {
    let place = Workplace::new(WORKLOAD, PUBLISH);
    place.build();
    let record = std::fs::read_to_string(place.beside("record")).unwrap();
    let lines: Vec<&str> = record.lines().collect();
    assert_eq!(lines[0], place.guest().to_str().unwrap());
    let arguments = lines.iter().position(|line| *line == "publish").unwrap();
    assert_eq!(
        lines[arguments + 1..arguments + 4],
        ["hello_dotnet.csproj", "--configuration", "Release"]
    );
    let root = format!("DOTNET_ROOT={}", place.dotnet().parent().unwrap().display());
    let sdk = format!("WASI_SDK_PATH={}", place.sdk().display());
    for expected in ["PATH=/usr/bin:/bin", "-p:ImportDirectoryBuildProps=false", &root, &sdk] {
        assert!(lines.contains(&expected), "{expected}: {record}");
    }
    assert!(!record.contains("CARGO_MANIFEST_DIR"), "{record}");
    let asked = std::fs::read_to_string(place.beside("asked")).unwrap();
    assert_eq!(Path::new(asked.trim()), place.guest(), "global.json is looked for there");
}

#[test]
fn a_built_guest_is_run_and_its_row_names_the_workload() {
    let place = Workplace::new(WORKLOAD, PUBLISH);
    let output = place.xtask(&["run", "hello_dotnet", "-p", "wasmtime", "--json"]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let cell: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{stderr}"));
    assert_eq!(cell["status"], "ok", "{cell}");
    let tool = |name: &str| cell["provenance"]["tools"][name].as_str().unwrap();
    assert!(tool("dotnet").starts_with("8.0.11/8.0.100 (own, "), "{cell}");
    assert!(tool("wasi-sdk").starts_with("16.0.0 (own, "), "{cell}");
    let listed = place.xtask(&["list", "guests", "--json"]);
    let rows: Vec<Value> = serde_json::from_slice(&listed.stdout).unwrap();
    let row = rows.iter().find(|row| row["name"] == "hello_dotnet").unwrap();
    assert!(row["unavailable"].is_null(), "{row}");
}

#[test]
fn what_the_project_reads_and_what_builds_it_are_in_the_key() {
    let place = Workplace::new(WORKLOAD, PUBLISH);
    place.build();
    let ran = |reason: &str| {
        let (built, stderr) = place.build();
        let ran = built["build"]["steps_run"] != 0;
        assert_eq!(ran, !reason.is_empty(), "{built}");
        assert!(stderr.contains(reason), "{stderr}");
    };
    ran("");
    let guest = place.guest();
    let source = std::fs::read_to_string(guest.join("Program.cs")).unwrap();
    std::fs::write(guest.join("Program.cs"), source + "// more\n").unwrap();
    ran("input Program.cs");
    std::fs::write(guest.join("More.cs"), "// more\n").unwrap();
    ran("input More.cs");
    std::fs::create_dir(guest.join("obj")).unwrap();
    std::fs::write(guest.join("obj/left.cs"), "// by hand\n").unwrap();
    ran("");
    place.write_dotnet(&WORKLOAD.replace("8.0.11", "8.0.12"), PUBLISH);
    ran("tool dotnet");
}

#[test]
fn an_sdk_without_the_workload_is_unavailable_with_its_reason() {
    let place = Workplace::new("echo 'Installed Workload Id      Manifest Version'", PUBLISH);
    let listed = place.xtask(&["list", "guests", "--json"]);
    let rows: Vec<Value> = serde_json::from_slice(&listed.stdout).unwrap();
    let row = rows.iter().find(|row| row["name"] == "hello_dotnet").unwrap();
    let reason = "`dotnet workload list` says `Installed Workload Id      Manifest Version`, \
                  not `wasi-experimental *`";
    assert_eq!(row["unavailable"], format!("dotnet: {reason}"));
    let (code, said) = place.failed_build();
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains(reason) && said.contains("dotnet workload install"), "{said}");
    let output = place.dir.path().join("report");
    let report = place.xtask(&[
        "bench",
        "hello_dotnet",
        "--runs",
        "1",
        "--json",
        "--output",
        output.to_str().unwrap(),
    ]);
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    let cells = report["cells"].as_array().unwrap();
    assert!(cells.iter().all(|cell| cell["status"] == "unavailable"), "{report}");
    assert!(cells.iter().any(|cell| cell["reason"] == reason), "{report}");
}

#[test]
fn a_publish_that_fails_or_leaves_nothing_fails_the_step() {
    let place = Workplace::new(WORKLOAD, "echo 'error CS1002: ; expected'; exit 1");
    let (code, said) = place.failed_build();
    assert_eq!(code, Some(5), "{said}");
    let message =
        "step `hello_dotnet/dotnet-wasi` failed with exit code 1: error CS1002: ; expected\n";
    assert!(said.contains(message), "{said}");
    place.write_dotnet(WORKLOAD, "true");
    let (code, said) = place.failed_build();
    assert_ne!(code, Some(0));
    assert!(said.contains("step `hello_dotnet/dotnet-wasi` left no "), "{said}");
}
