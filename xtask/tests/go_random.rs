//! Random programs of Go do by our pipelines what they do on the build machine, where
//! Go compiles them itself (docs/go-tests.md): goroutines, stacks that grow, panics.
//!
//! Uses the user's own cache, as the end-to-end tests do.

#[path = "support/go.rs"]
mod go;
#[path = "support/limited.rs"]
mod limited;
#[path = "support/machine.rs"]
mod machine;
mod support;
#[path = "support/translator.rs"]
mod translator;

#[path = "go_random/expressions.rs"]
mod expressions;
#[path = "go_random/goroutines.rs"]
mod goroutines;
#[path = "go_random/program.rs"]
mod program;
#[path = "../../translator/proof/src/fuzz/random.rs"]
mod random;
#[path = "go_random/statements.rs"]
mod statements;
#[path = "go_random/types.rs"]
mod types;
#[path = "go_random/writer.rs"]
mod writer;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use go::{elf, place, succeed, words};
use limited::limited;
use machine::{command, PLATFORMS};
use program::{program, Size};
use wasrisc_translator::translate;

/// What each change tries, with the collector on all the time: the conventions,
/// with `g` in a register.
const SEED: u64 = 1;
const SMALL: Size = Size { functions: 40, fuel: 200 };

/// What is tried by the hour.
const LARGE: Size = Size { functions: 250, fuel: 1000 };

/// Seconds that a program may run.
const LIMIT: u32 = 600;

/// The program of a seed, as Go's sources in a folder of its own.
fn sources(seed: u64, size: &Size) -> PathBuf {
    let folder = place(&format!("random-{seed}-{}", size.functions));
    std::fs::create_dir_all(&folder).unwrap();
    let files = [
        ("go.mod", "module random\n\ngo 1.26\n".to_string()),
        ("support.go", include_str!("go_random/support.go").to_string()),
        ("blocks.go", include_str!("go_random/blocks.go").to_string()),
        ("main.go", program(seed, size)),
    ];
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
    folder
}

fn build(go: &mut Command, folder: &Path, output: &Path) {
    go.args(["build", "-trimpath", "-ldflags=-w -buildid=", "-o"]).arg(output).arg(".");
    succeed(go.current_dir(folder));
}

/// What a program prints on standard error: a line for each function.
fn said(program: &Command) -> String {
    let done = limited(program, LIMIT).output().unwrap();
    let mut said = String::from_utf8_lossy(&done.stderr).into_owned();
    if !done.status.success() {
        writeln!(said, "{}", done.status).unwrap();
    }
    said
}

/// A program as a module, and what Go's own build of it says.
struct Built {
    module: PathBuf,
    expected: String,
}

fn built(seed: u64, size: &Size) -> Built {
    let folder = sources(seed, size);
    let (module, native) = (folder.join(format!("random-{seed}.wasm")), folder.join("native"));
    build(&mut go::go(), &folder, &module);
    build(go::go().env_remove("GOOS").env_remove("GOARCH"), &folder, &native);
    let expected = said(&Command::new(&native));
    assert_eq!(expected.lines().count(), 1 + size.functions, "{expected}");
    let ended = expected.lines().filter(|line| line.ends_with(" true")).count();
    assert!(ended > size.functions / 2, "{ended} functions came back: {expected}");
    assert_eq!(without_own_c(&module), [""; 0], "{}", module.display());
    Built { module, expected }
}

/// What differs by a pipeline.
fn compare(program: &Built, pipeline: &str, platform: &str) -> String {
    let Built { module, expected } = program;
    let elf = elf(module, pipeline, platform, None);
    let mut differences = String::new();
    for collector in ["100", "1"] {
        let room = tempfile::tempdir().unwrap();
        let environment = [("GOGC", collector)];
        let got = said(&command(platform, &elf, &[], &environment, &[], room.path()));
        let names = differing(expected, &got);
        let run = format!("{} by {pipeline} on {platform}, GOGC={collector}", module.display());
        eprintln!("{run}: {names:?}");
        if !names.is_empty() {
            writeln!(differences, "{run}: {names:?}").unwrap();
        }
    }
    differences
}

/// What `blocks.go` uses that has C of its own, but not in this module: another version of
/// Go may have other bodies.
fn without_own_c(module: &Path) -> Vec<&'static str> {
    let translated = translate(&std::fs::read(module).unwrap(), &translator::options()).unwrap();
    let report = &translated.go_report;
    let xor = report.lines().find(|line| line.contains("subtle_xorBytes: fast"));
    assert!(xor.is_some_and(|line| line.contains(", C for the common case")), "{xor:?}");
    let sources = translated.files.iter().filter(|file| file.name.ends_with(".c"));
    let c: String = sources.map(|file| String::from_utf8_lossy(&file.contents)).collect();
    let functions = ["equal", "compare", "find", "xor"];
    let has = |name: &&str| c.contains(&format!("wasrisc_go_{name}("));
    functions.into_iter().filter(|name| !has(name)).collect()
}

/// The functions whose lines differ, and lines that there should not be.
fn differing(expected: &str, got: &str) -> Vec<String> {
    let missing = expected.lines().filter(|line| !got.lines().any(|other| other == *line));
    let missing = missing.map(|line| line.split(' ').next().unwrap_or_default());
    let more = got.lines().filter(|line| !expected.lines().any(|other| other == *line));
    missing.chain(more).map(str::to_string).collect()
}

#[test]
fn a_difference_is_located() {
    let expected = "f0 1 1 1\nf1 2 2 2\n";
    assert_eq!(differing(expected, expected), [""; 0]);
    assert_eq!(differing(expected, "f0 1 1 1\nf1 2 3 2\n"), ["f1", "f1 2 3 2"]);
    assert_eq!(differing(expected, "f0 1 1 1\n"), ["f1"]);
}

#[test]
fn a_program_is_a_function_of_its_seed() {
    assert_eq!(program(SEED, &SMALL), program(SEED, &SMALL));
    assert_ne!(program(SEED, &SMALL), program(SEED + 1, &SMALL));
}

#[test]
fn a_random_program_does_what_it_does_when_go_compiles_it() {
    assert_eq!(compare(&built(SEED, &SMALL), "wasrisc-o1", "linux"), "");
}

#[test]
#[ignore = "compiles for an hour"]
fn random_programs_do_what_they_do_when_go_compiles_them() {
    let number = |variable: &str, otherwise: &str| -> u64 {
        words(variable, otherwise)[0].parse().expect(variable)
    };
    let (from, count) =
        (number("WASRISC_RANDOM_FROM", "1000"), number("WASRISC_RANDOM_COUNT", "4"));
    let pipelines = words(
        "WASRISC_GO_PIPELINES",
        "wasrisc-o1 wasrisc-o1-go-check wasrisc-o1-go-move wasrisc-o3",
    );
    let platforms = words("WASRISC_GO_PLATFORMS", &PLATFORMS.join(" "));
    let mut differences = String::new();
    for seed in from..from + count {
        let platform = &platforms[seed as usize % platforms.len()];
        let program = built(seed, &LARGE);
        for pipeline in &pipelines {
            differences += &compare(&program, pipeline, platform);
        }
    }
    assert!(differences.is_empty(), "{differences}");
}
