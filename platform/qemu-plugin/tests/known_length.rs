//! Counts of programs whose length is known from their source, by the built
//! plugin inside QEMU. Each source in `programs/` says its length at its head.
//!
//! Tools come from PATH, or from WASRISC_QEMU_RISCV64, WASRISC_QEMU_X86_64,
//! WASRISC_RISCV64_GCC and WASRISC_X86_64_GCC; the plugin from WASRISC_COUNTER,
//! else from where cargo built it for this test. Without a tool a test says so
//! and passes, or fails where CI is set or WASRISC_REQUIRE_TOOLS is 1.

use serde_json::{json, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::Write;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MODES: [&str; 3] = ["block", "exact", "detail"];

/// Those that tell the executions of blocks.
const PROFILED: [&str; 2] = ["block", "exact"];

/// A phase and its instructions: a range where threads race.
type Phase = (&'static str, RangeInclusive<u64>);

fn exactly(phase: &'static str, instructions: u64) -> Phase {
    (phase, instructions..=instructions)
}

/// The program's phases, in every mode.
fn check(program: &str, vcpus: u64, phases: &[Phase]) {
    for mode in MODES {
        check_mode(program, mode, vcpus, phases);
    }
}

/// The total, or None without the tools.
fn check_mode(program: &str, mode: &str, vcpus: u64, phases: &[Phase]) -> Option<u64> {
    let counts = counts(program, &format!("mode={mode}"))?;
    let seen = pairs(&counts["phases"], "phase", "instructions");
    let as_expected = seen.len() == phases.len()
        && seen
            .iter()
            .zip(phases)
            .all(|((name, n), (expected, range))| name == expected && range.contains(n));
    assert!(as_expected, "{program}, {mode}: expected {phases:?}, counted {seen:?}");
    let sum: u64 = seen.iter().map(|(_, n)| n).sum();
    assert_eq!(counts["total"], sum, "{program}, {mode}: phases sum to the total");
    assert_eq!(counts["vcpus"], vcpus, "{program}, {mode}: vcpus");
    assert_eq!(counts["mode"], mode, "{program}");
    assert_eq!(counts["version"], 1, "{program}");
    Some(sum)
}

#[test]
fn a_loop() {
    check("loop", 1, &[exactly("startup", 1 + 2 * 1000 + 3)]);
}

#[test]
fn markers_in_the_middle_of_a_block() {
    let phases = [("startup", 3), ("run", 1), ("run", 2), ("run", 4), ("exit", 5)];
    check("markers", 1, &phases.map(|(phase, n)| exactly(phase, n)));
}

#[test]
fn a_hundred_runs() {
    let mut phases = vec![exactly("startup", 2)];
    phases.extend((1..=100).map(|k| exactly("run", 2 + 2 * k + 2)));
    phases.push(exactly("exit", 4));
    check("runs", 1, &phases);
}

#[test]
fn an_instruction_across_a_page() {
    let startup = exactly("startup", 1 + 10 * (2045 + 1 + 1));
    check("page", 1, &[startup, exactly("exit", 4)]);
}

#[test]
fn code_that_is_translated_again() {
    check("rewrite", 1, &[exactly("startup", 4 + 50 * (3 + 4) + 3)]);
}

#[test]
fn an_x86_64_program() {
    let phases = [("startup", 4 + 6), ("run", 2 + 2 * 1000), ("run", 3), ("exit", 4)];
    check("x86_64", 1, &phases.map(|(phase, n)| exactly(phase, n)));
}

#[test]
fn x86_64_instructions_at_the_end_of_a_page() {
    let phases = [("startup", 2 + 10 * 4 + 2), ("run", 1), ("exit", 4)];
    check("x86_64_page", 1, &phases.map(|(phase, n)| exactly(phase, n)));
}

#[test]
fn a_block_left_by_a_fault_counts_whole_but_in_exact_mode() {
    for (mode, run) in [("block", 8 + 3), ("exact", 3 + 3), ("detail", 8 + 3)] {
        check_mode("fault", mode, 1, &[exactly("startup", 7), exactly("run", run)]);
    }
}

#[test]
fn a_forked_child_is_not_counted() {
    check("fork", 1, &[exactly("startup", 7 + 1 + 3)]);
}

#[test]
fn no_thread_loses_an_instruction() {
    let rounds: u64 = (1..=4).map(|i| i * 250_000).sum();
    let run = 3 + 4 * 14 + 1 + 4 * 8 + 4 * 9 + 2 * rounds;
    let late = 4 * 3;
    let phases = [exactly("startup", 8), ("run", run..=run + late), ("exit", 4..=4 + late)];
    for mode in MODES.repeat(10) {
        if let Some(total) = check_mode("threads", mode, 5, &phases) {
            assert_eq!(total, 8 + run + late + 4, "{mode}");
        }
    }
}

#[test]
fn exit_group_ends_threads_that_still_run() {
    let startup = 10 + 4 * 13 + 1 + 4 * 8 + 4 * 6;
    for _ in 0..10 {
        check("spin", 5, &[("startup", startup..=u64::MAX), ("exit", 4..=u64::MAX)]);
    }
}

#[test]
fn a_killed_guest_leaves_no_file_not_even_an_old_one() {
    let Some(setup) = Setup::find("killed") else {
        return;
    };
    let out = setup.dir.join("counts.json");
    fs::write(&out, "old").unwrap();
    let output = setup.run("mode=block");
    assert!(!output.status.success(), "{output:?}");
    assert!(!out.exists() && !out.with_extension("json.tmp").exists());
}

#[test]
fn blocks_with_their_executions() {
    let rewrite = [(7, 1), (3, 49), (4, 50), (3, 1)];
    for mode in PROFILED {
        let Some(counts) = counts("rewrite", &format!("mode={mode},profile=on")) else {
            return;
        };
        let mut seen = numbers(&counts["profile"], ["length", "executions", "bytes", "pc"]);
        let mut expected = rewrite.to_vec();
        seen.sort_unstable();
        expected.sort_unstable();
        let seen_pairs: Vec<_> = seen.iter().map(|s| (s[0], s[1])).collect();
        assert_eq!(seen_pairs, expected, "{mode}: {seen:?}");
    }
}

#[test]
fn the_profile_sums_to_the_total() {
    for program in ["runs", "page", "threads", "x86_64", "x86_64_page"] {
        for mode in PROFILED {
            let Some(counts) = counts(program, &format!("mode={mode},profile=on")) else {
                return;
            };
            let blocks = numbers(&counts["profile"], ["length", "executions"]);
            let sum: u64 = blocks.iter().map(|[length, n]| length * n).sum();
            assert_eq!(counts["total"], sum, "{program}, {mode}");
        }
    }
}

#[test]
fn the_mix_of_a_known_program() {
    let Some(counts) = counts("mix", "mode=detail") else { return };
    let expected = [
        ("loads", 40),
        ("stores", 50),
        ("atomics", 30),
        ("multiplications", 30),
        ("divisions", 40),
        ("branches", 30),
        ("jumps", 40),
        ("floating", 40),
        ("other", 3 + 30 + 3),
    ];
    assert_eq!(mix(&counts), expected.map(|(class, n)| (class.to_owned(), n)));
}

#[test]
fn the_mix_sums_to_the_total() {
    for program in ["runs", "page", "rewrite", "threads", "spin", "mix", "misaligned"] {
        let Some(counts) = counts(program, "mode=detail") else { return };
        let sum: u64 = mix(&counts).iter().map(|(_, n)| n).sum();
        assert_eq!(counts["total"], sum, "{program}");
    }
}

#[test]
fn misaligned_accesses_by_size() {
    let Some(counts) = counts("misaligned", "mode=detail") else { return };
    let mut seen = BTreeMap::new();
    for place in counts["detail"]["misaligned"].as_array().expect("a list") {
        let kind = (place["store"].as_bool().unwrap(), place["bytes"].as_u64().unwrap());
        *seen.entry(kind).or_insert(0) += place["accesses"].as_u64().unwrap();
    }
    let loads = [((false, 2), 10), ((false, 4), 30), ((false, 8), 40)];
    let stores = [((true, 2), 20), ((true, 4), 10), ((true, 8), 20)];
    assert_eq!(seen, loads.into_iter().chain(stores).collect());
    let pcs: BTreeSet<_> =
        numbers(&counts["detail"]["misaligned"], ["pc"]).into_iter().flatten().collect();
    assert_eq!(pcs.len(), 13, "a place for each instruction");
}

#[test]
fn nothing_is_misaligned_where_nothing_is() {
    let Some(counts) = counts("mix", "mode=detail") else { return };
    assert_eq!(counts["detail"]["misaligned"], json!([]));
}

#[test]
fn no_thread_loses_a_misaligned_access() {
    for _ in 0..5 {
        let Some(counts) = counts("misaligned_threads", "mode=detail") else { return };
        let places = numbers(&counts["detail"]["misaligned"], ["accesses"]);
        let sum: u64 = places.into_iter().flatten().sum();
        assert_eq!(sum, 4 * 250_000);
    }
}

#[test]
fn what_a_program_uses_of_memory_and_stack() {
    let rows = [
        ("stack", json!(100 * 48 + 272), Value::Null),
        ("announce", json!(160), json!(2 * 65536)),
        // None looks at the number of its arguments first.
        ("misaligned", Value::Null, Value::Null),
        ("loop", Value::Null, Value::Null),
        ("x86_64_announce", Value::Null, json!(65536)),
    ];
    for (program, stack, memory) in rows {
        let Some(counts) = counts(program, "mode=detail") else { return };
        assert_eq!(counts["detail"]["stack"], stack, "{program}");
        assert_eq!(counts["detail"]["linear_memory"], memory, "{program}");
    }
}

#[test]
fn x86_64_instructions_are_not_decoded() {
    let Some(counts) = counts("x86_64", "mode=detail") else { return };
    assert!(counts["detail"]["mix"].is_null() && counts["detail"]["misaligned"].is_null());
}

#[test]
fn detail_is_of_its_mode_only() {
    for mode in PROFILED {
        let Some(counts) = counts("announce", &format!("mode={mode}")) else { return };
        assert_eq!(counts.get("detail"), None, "{mode}");
    }
}

#[test]
fn bad_arguments_stop_qemu_with_a_reason() {
    let Some(setup) = Setup::find("loop") else {
        return;
    };
    let rows = [
        ("", "missing argument `out`"),
        (",out=x,color=on", "unknown argument `color=on`"),
        (",out=x,mode=fast", "unknown value in `mode=fast`"),
        (",out=/dev/null/x", "cannot write /dev/null/x.tmp"),
    ];
    for (arguments, reason) in rows {
        let output = setup.qemu(&format!("{}{arguments}", comma_twice(&setup.plugin)));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "`{arguments}` was accepted");
        assert!(stderr.contains(reason), "`{arguments}` gave {stderr}");
    }
}

/// Counts of one run, or None without the tools.
fn counts(program: &str, arguments: &str) -> Option<Value> {
    let setup = Setup::find(program)?;
    let output = setup.run(arguments);
    assert!(output.status.success(), "{program}, {arguments}: {output:?}");
    let json = fs::read(setup.dir.join("counts.json")).expect(program);
    Some(serde_json::from_slice(&json).expect(program))
}

/// Classes with their instructions.
fn mix(counts: &Value) -> Vec<(String, u64)> {
    let mix = counts["detail"]["mix"].as_object().expect("an object");
    let order = [
        "loads",
        "stores",
        "atomics",
        "multiplications",
        "divisions",
        "branches",
        "jumps",
        "floating",
        "other",
    ];
    assert_eq!(mix.len(), order.len(), "{mix:?}");
    order.iter().map(|class| (class.to_string(), mix[*class].as_u64().expect(class))).collect()
}

fn pairs(list: &Value, name: &str, number: &str) -> Vec<(String, u64)> {
    let pair = |item: &Value| {
        let name = item[name].as_str().expect(name).to_owned();
        (name, item[number].as_u64().expect(number))
    };
    list.as_array().expect("a list").iter().map(pair).collect()
}

fn numbers<const N: usize>(list: &Value, fields: [&str; N]) -> Vec<[u64; N]> {
    let row = |item: &Value| fields.map(|field| item[field].as_u64().expect(field));
    list.as_array().expect("a list").iter().map(row).collect()
}

/// A program, assembled, in a directory of its own.
struct Setup {
    qemu: PathBuf,
    plugin: PathBuf,
    dir: tempdir::Dir,
    elf: PathBuf,
}

impl Setup {
    fn find(program: &str) -> Option<Setup> {
        let x86 = program.starts_with("x86_64");
        let (qemu, gcc) = if x86 {
            (
                tool("WASRISC_QEMU_X86_64", "qemu-x86_64"),
                tool("WASRISC_X86_64_GCC", "x86_64-linux-gnu-gcc"),
            )
        } else {
            (
                tool("WASRISC_QEMU_RISCV64", "qemu-riscv64"),
                tool("WASRISC_RISCV64_GCC", "riscv64-linux-gnu-gcc"),
            )
        };
        let (qemu, gcc) = (qemu?, gcc?);
        let dir = tempdir::Dir::new(program);
        let elf = dir.join(program);
        assemble(&gcc, program, if x86 { &[] } else { &["-mno-relax"] }, &elf);
        Some(Setup { qemu, plugin: plugin(), dir, elf })
    }

    fn run(&self, arguments: &str) -> Output {
        let out = comma_twice(&self.dir.join("counts.json"));
        self.qemu(&format!("{},out={out},{arguments}", comma_twice(&self.plugin)))
    }

    fn qemu(&self, plugin: &str) -> Output {
        // Waits for forked children too: they hold the same standard output.
        let mut command = Command::new(&self.qemu);
        command.args(["-plugin", plugin]).arg(&self.elf);
        command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"))
    }
}

fn assemble(gcc: &Path, program: &str, flags: &[&str], elf: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/programs/{program}.S"));
    let mut command = Command::new(gcc);
    command.args(["-nostdlib", "-static", "-Wl,--build-id=none"]);
    command.args(flags).arg("-o").arg(elf).arg(source);
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
}

/// A comma in a value of a QEMU option is written twice.
fn comma_twice(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").replace(',', ",,")
}

/// The library that cargo built from this package: test executables are in
/// `deps`, and so is the library that they were built with.
fn plugin() -> PathBuf {
    if let Some(plugin) = env::var_os("WASRISC_COUNTER") {
        return plugin.into();
    }
    let test = env::current_exe().expect("this test's own path");
    let plugin = test.with_file_name("libwasrisc_counter.so");
    assert!(plugin.is_file(), "{} is missing, set WASRISC_COUNTER", plugin.display());
    plugin
}

fn tool(variable: &str, name: &str) -> Option<PathBuf> {
    let wanted = env::var_os(variable).map_or_else(|| PathBuf::from(name), PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|dir| dir.join(&wanted)).find(|file| file.is_file());
    if found.is_none() {
        let reason = format!("{} not found, put it on PATH or set {variable}", wanted.display());
        let required = env::var_os("CI").is_some()
            || env::var_os("WASRISC_REQUIRE_TOOLS").is_some_and(|value| value == "1");
        assert!(!required, "{reason}");
        // Past the test harness, which keeps what a passing test prints.
        let _ = writeln!(std::io::stderr(), "skipped: {reason}");
    }
    found
}

mod tempdir {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    /// A directory for one run, removed with its last use.
    pub struct Dir(PathBuf);

    impl Dir {
        pub fn new(name: &str) -> Dir {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let (process, next) = (std::process::id(), NEXT.fetch_add(1, Relaxed));
            let unique = format!("{name}-{process}-{next}");
            let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(unique);
            fs::create_dir_all(&dir).unwrap();
            Dir(dir)
        }

        pub fn join(&self, name: &str) -> PathBuf {
            self.0.join(name)
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}
