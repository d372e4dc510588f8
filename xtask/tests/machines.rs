//! Every machine ends every program as it should: modules by our own pipeline,
//! and programs in C that take the place of a module (platform/runtime/tests).
//!
//! Uses the user's own cache, as the end-to-end tests do.

#[path = "support/machine.rs"]
mod machine;
mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use machine::{boot_block, machine, BARE, PLATFORMS};
use serde_json::Value;
use support::{project, xtask};

/// Which of our pipelines the programs in C are compiled as.
const COMPILERS: [&str; 2] = ["wasrisc-o0", "wasrisc-gcc-o0"];

const EXIT: &str =
    r#"(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory 1)"#;

/// Operators that compilers make calls of their own libraries of.
const COUNTS_BITS: &str = "(i64.store (i32.const 0) (i64.const 0x00f0000000000700))
    (if (i32.ne (i32.wrap_i64 (i64.popcnt (i64.load (i32.const 0)))) (i32.const 7)) (then unreachable))
    (if (i32.ne (i32.popcnt (i32.load (i32.const 0))) (i32.const 3)) (then unreachable))
    (if (i32.ne (i32.wrap_i64 (i64.ctz (i64.load (i32.const 0)))) (i32.const 8)) (then unreachable))
    (if (i32.ne (i32.wrap_i64 (i64.clz (i64.load (i32.const 0)))) (i32.const 8)) (then unreachable))
    (if (f64.ne (f64.convert_i64_u (i64.load (i32.const 0))) (f64.const 0x1.e0000000000e0p+55))
        (then unreachable))";

/// A module's name, what is in it, and what a row of it says: the reason of a
/// failure, or nothing.
const ENDS: &[(&str, &str, &str, &str)] = &[
    ("returns", "(memory 1)", "", ""),
    ("exits-0", EXIT, "(call $exit (i32.const 0)) unreachable", ""),
    ("exits-3", EXIT, "(call $exit (i32.const 3))", "exit code 3"),
    // Go's fatal errors.
    ("exits-2", EXIT, "(call $exit (i32.const 2))", "exit code 2"),
    // 256 has eight zeros at its end, which must not be a success.
    ("exits-256", EXIT, "(call $exit (i32.const 256))", "exit code 255"),
    ("exits-negative", EXIT, "(call $exit (i32.const -256))", "exit code 255"),
    // Rust's panics and C's aborts.
    ("unreachable", "(memory 1)", "unreachable", "exit code 134: wasrisc: trap: unreachable"),
    (
        "divides",
        "(memory 1)",
        "(drop (i32.div_s (i32.const 1) (i32.load (i32.const 0))))",
        "exit code 134: wasrisc: trap: integer divide by zero",
    ),
    (
        "converts",
        "(memory 1)",
        "(drop (i32.trunc_f32_s (f32.div (f32.const 1) (f32.load (i32.const 0)))))",
        "exit code 134: wasrisc: trap: integer overflow",
    ),
    (
        "calls-nothing",
        "(memory 1) (table 2 2 funcref)",
        "(call_indirect (i32.load (i32.const 0)))",
        "exit code 134: wasrisc: trap: uninitialized element",
    ),
    (
        "copies-outside",
        "(memory 1)",
        "(memory.copy (i32.const 0) (i32.const 1) (i32.const 65536))",
        "exit code 134: wasrisc: trap: out of bounds memory access",
    ),
    // Keccak-256 writes its result where C has 8 bytes' alignment.
    (
        "imports-misaligned",
        r#"(import "zkvm_accelerators" "zkvm_keccak256"
            (func $keccak (param i32 i32 i32) (result i32))) (memory 1)"#,
        "(drop (call $keccak (i32.const 8) (i32.const 1) (i32.const 36)))",
        "exit code 134: wasrisc: trap: out of bounds memory access",
    ),
    (
        "recurses",
        "(memory 1) (func $down (param i32) (result i32)
            (i32.add (call $down (i32.add (local.get 0) (i32.const 1))) (local.get 0)))",
        "(drop (call $down (i32.const 0)))",
        "exit code 134: wasrisc: trap: call stack exhausted",
    ),
    // Nothing checks, but behind the largest memory there is none anywhere.
    (
        "far-away",
        "(memory 1)",
        "(i32.store offset=0xffff0000 (i32.const 0x7ffffff0) (i32.const 1))",
        "exit code 134: wasrisc: fault: no access to 0x",
    ),
    ("grows", "(memory 1)", GROWS, ""),
    // The second lies nowhere near the program, and begins with its own byte 0.
    ("has-two-memories", "(memory 1) (memory 1 2)", TWO_MEMORIES, ""),
    // No loop of the module's own: what grew is zero without being filled.
    ("grows-to-its-maximum", "(memory 1 3)", GROWS_TO_3, ""),
];

/// To 2 GiB or what the machine has, at least 512 MiB, all of it usable.
const GROWS: &str = "(local $pages i32)
    (loop $more
        (br_if $more (i32.ne (memory.grow (i32.const 1024)) (i32.const -1))))
    (loop $more
        (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (local.set $pages (memory.size))
    (if (i32.lt_u (local.get $pages) (i32.const 8192)) (then unreachable))
    (if (i32.load8_u (i32.sub (i32.shl (local.get $pages) (i32.const 16)) (i32.const 1)))
        (then unreachable))
    (i32.store8 (i32.sub (i32.shl (local.get $pages) (i32.const 16)) (i32.const 1)) (i32.const 7))
    (i32.store8 (i32.const 0) (i32.const 7))";

const GROWS_TO_3: &str = "
    (if (i32.ne (memory.grow (i32.const 3)) (i32.const -1)) (then unreachable))
    (if (i32.ne (memory.grow (i32.const 2)) (i32.const 1)) (then unreachable))
    (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))
    (if (i64.ne (i64.load (i32.const 196600)) (i64.const 0)) (then unreachable))
    (i64.store (i32.const 196600) (i64.const -1))";

const TWO_MEMORIES: &str = "
    (i32.store (i32.const 8) (i32.const 1))
    (if (i32.ne (memory.grow 1 (i32.const 1)) (i32.const 1)) (then unreachable))
    (i32.store 1 (i32.const 0) (i32.const 2))
    (i32.store 1 (i32.const 131068) (i32.const 3))
    (if (i32.load 1 (i32.const 8)) (then unreachable))
    (if (i32.load (i32.const 0)) (then unreachable))
    (if (i32.ne (i32.load (i32.const 8)) (i32.const 1)) (then unreachable))";

/// Reasons of the rows by guest; what succeeded has none.
fn bench(platform: &str, modules: &Path) -> BTreeMap<String, Option<String>> {
    let mut bench = xtask();
    bench.args(["bench", "--json", "--runs", "1", "-p", "wasrisc-o0", "-t", platform, "--output"]);
    bench.arg(modules);
    bench.args(ENDS.iter().map(|(name, ..)| modules.join(format!("{name}.wat"))));
    let done = bench.output().unwrap();
    let report: Value = serde_json::from_slice(&done.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&done.stderr)));
    let cells = report["cells"].as_array().unwrap();
    let row = |cell: &Value| {
        let failure = (cell["status"] != "ok").then(|| cell["reason"].as_str().unwrap().into());
        (cell["guest"].as_str().unwrap().to_string(), failure)
    };
    cells.iter().map(row).collect()
}

#[test]
fn every_end_is_the_same_on_every_machine() {
    let modules = tempfile::tempdir().unwrap();
    for (name, fields, body, _) in ENDS {
        let module = format!("(module {fields} (func (export \"_start\") {body}))");
        std::fs::write(modules.path().join(format!("{name}.wat")), module).unwrap();
    }
    for platform in PLATFORMS {
        let rows = bench(platform, modules.path());
        for (name, _, _, expected) in ENDS {
            match rows[*name].as_deref() {
                None => assert_eq!(*expected, "", "{name} on {platform} succeeds"),
                Some(reason) => {
                    assert!(!expected.is_empty(), "{name} on {platform}: {reason}");
                    assert!(reason.starts_with(expected), "{name} on {platform}: {reason}");
                }
            }
        }
    }
}

/// Programs for amd64 are linked with no library of a compiler's.
#[test]
fn operators_need_no_library() {
    let folder = tempfile::tempdir().unwrap();
    let module = folder.path().join("counts-bits.wat");
    let text = format!("(module (memory 1) (func (export \"_start\") {COUNTS_BITS}))");
    std::fs::write(&module, text).unwrap();
    check_everywhere(&module, &COMPILERS);
}

/// A function of a compiler's library, done in place of its call, is what its body
/// does.
#[test]
fn arithmetic_in_place_of_calls_is_the_bodies() {
    let module = project().join("translator/tests/int128.wat");
    check_everywhere(&module, &[COMPILERS[0], COMPILERS[1], "wasrisc-o2"]);
}

/// Runs a module on Linux, on the machine that builds and on another.
fn check_everywhere(module: &Path, pipelines: &[&str]) {
    for platform in ["amd64", "linux"] {
        for pipeline in pipelines {
            succeed(xtask().arg("run").arg(module).args(["-p", pipeline, "-t", platform]));
        }
    }
}

/// Runs a program and gives its messages for an assertion.
fn succeed(command: &mut Command) {
    let done = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// What the pipeline would do for a guest on the platform.
fn steps(pipeline: &str, platform: &str) -> Vec<Value> {
    let mut plan = xtask();
    plan.args(["build", "hello_world-rust", "--dry-run", "--json", "-p", pipeline, "-t", platform]);
    let done = plan.output().unwrap();
    serde_json::from_slice(&done.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&done.stderr)))
}

/// A step's command: its templates with these values, tools by their names here.
fn filled(step: &Value, values: &[(&str, &Path)]) -> Command {
    let tools = [
        ("{tool:clang/clang}", "clang-22"),
        ("{tool:gcc/gcc}", "gcc"),
        ("{tool:lld/ld}", "ld.lld-22"),
        ("{tool:riscv64-elf-gcc/gcc}", "riscv64-unknown-elf-gcc"),
    ];
    let root = project();
    let values = values.iter().copied().chain([("{root}", root.as_path())]);
    let values: Vec<_> = values.map(|(name, path)| (name, path.display().to_string())).collect();
    let mut arguments = step["argv"].as_array().unwrap().iter().map(|argument| {
        let mut text = argument.as_str().unwrap().to_string();
        for (name, value) in tools.iter().map(|(n, v)| (*n, v.to_string())).chain(values.clone()) {
            text = text.replace(name, &value);
        }
        text
    });
    let mut command = Command::new(arguments.next().unwrap());
    // What a link says of a guest's objects.
    command.args(arguments.filter(|argument| !argument.starts_with("{in:")));
    command
}

/// The library that GCC has for our ISA.
fn libgcc() -> PathBuf {
    let mut gcc = Command::new("riscv64-unknown-elf-gcc");
    let asked = gcc.args(["-march=rv64im", "-mabi=lp64", "-print-libgcc-file-name"]).output();
    PathBuf::from(String::from_utf8(asked.unwrap().stdout).unwrap().trim())
}

/// Where translated code of the platform has its first memory.
fn memory_base(steps: &[Value]) -> &str {
    let arguments = steps.iter().filter_map(|step| step["argv"].as_array()).flatten();
    let mut bases =
        arguments.filter_map(|argument| argument.as_str()?.strip_prefix("--memory-base="));
    match bases.next().expect("a translation") {
        "identity" => "0",
        base => base,
    }
}

/// The runtime's sources and `test` as one ELF, by the commands of the pipeline's
/// own steps.
fn build(pipeline: &str, platform: &str, test: &str, room: &Path) -> PathBuf {
    let steps = steps(pipeline, platform);
    let named = |step: &Value, what: &str| step["name"].as_str().unwrap().contains(what);
    let source = |step: &Value| project().join(step["inputs"]["source"]["file"].as_str().unwrap());
    // The programs take the place of a module and of WASI.
    let own = |step: &&Value| !named(step, "/wasi/") && !named(step, "/imports/");
    let runtime = steps.iter().filter(|step| named(step, "tool/wasrisc-runtime-")).filter(own);
    let mut sources: Vec<_> = runtime.map(|step| (step, source(step))).collect();
    let main = sources.iter().find(|(step, _)| named(step, "/main.c")).unwrap().0;
    sources.push((main, project().join("platform/runtime/tests").join(test)));
    let link = steps.iter().find(|step| named(step, "/wasrisc-link-")).unwrap();
    let script = project().join(link["inputs"]["script"]["file"].as_str().unwrap());
    let elf = room.join(format!("{test}.{pipeline}.{platform}.elf"));
    let libgcc = libgcc();
    let home = libgcc.ancestors().nth(3).unwrap();
    let places =
        [("{in:script}", &*script), ("{out:elf}", &*elf), ("{home:riscv64-elf-gcc}", home)];
    let mut link = filled(link, &places);
    for (n, (step, source)) in sources.iter().enumerate() {
        let object = room.join(format!("{n}.o"));
        let mut compile = filled(step, &[("{in:source}", source), ("{out:object}", &object)]);
        compile.arg(format!("-DMEMORY_BASE={}", memory_base(&steps)));
        succeed(compile.args(["-Wall", "-Wextra", "-Werror"]));
        link.arg(object);
    }
    succeed(&mut link);
    elf
}

/// Gives the machine arguments, environment and the input.
fn command(platform: &str, elf: &Path, input: &[u8], room: &Path) -> Command {
    let arguments = ["one", "two words"];
    machine::command(platform, elf, &arguments, &[("NAME", "value")], input, room)
}

fn run(mut command: Command) -> Output {
    command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"))
}

/// Exit code and messages of a machine that gives up.
fn check_end(command: Command, code: i32, stderr: &str) {
    let name = format!("{command:?}");
    let done = run(command);
    assert_eq!(String::from_utf8_lossy(&done.stderr), stderr, "{name}");
    assert_eq!(done.status.code(), Some(code), "{name}");
}

/// Exit code, output and messages of a program of platform/runtime/tests on
/// every machine.
fn check(test: &str, code: i32, stdout: &str, stderr: &str) {
    let room = tempfile::tempdir().unwrap();
    let input: Vec<u8> = (0..100_000u32).map(|i| (7 * i) as u8).collect();
    let all = PLATFORMS.iter().flat_map(|platform| COMPILERS.map(|pipeline| (pipeline, *platform)));
    for (pipeline, platform) in all {
        let elf = build(pipeline, platform, test, room.path());
        let done = run(command(platform, &elf, &input, room.path()));
        let said = String::from_utf8_lossy(&done.stderr);
        let name = format!("{test} by {pipeline} on {platform}: {said}");
        assert!(said.starts_with(stderr), "{name}");
        assert_eq!(said.is_empty(), stderr.is_empty(), "{name}");
        assert_eq!(done.status.code(), Some(code), "{name}");
        assert_eq!(String::from_utf8_lossy(&done.stdout), stdout, "{name}");
    }
}

#[test]
fn a_machine_keeps_its_promises() {
    check("machine.c", 255, "output\n", "message\n");
}

#[test]
fn memory_functions_do_what_loops_of_bytes_do() {
    check("strings.c", 0, "", "");
}

#[test]
fn an_illegal_instruction_is_a_failure() {
    check("illegal.c", 134, "", "wasrisc: fault: the machine refuses the instruction at 0x");
}

#[test]
fn a_trap_without_a_message_gives_its_number() {
    check("trap.c", 134, "", "wasrisc: trap: 0xe\n");
}

#[test]
fn a_memory_that_gets_no_room_is_a_trap() {
    let room = tempfile::tempdir().unwrap();
    let elf = build(COMPILERS[0], "amd64", "no_memory.c", room.path());
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -d 100000; exec \"$0\""]).arg(elf);
    let expected = "wasrisc: trap: the machine has no room for the memory\n";
    check_end(limited, 134, expected);
}

#[test]
fn an_output_that_is_lost_is_a_failure() {
    let room = tempfile::tempdir().unwrap();
    let input: Vec<u8> = (0..100_000u32).map(|i| (7 * i) as u8).collect();
    // Nothing tells virt what becomes of what its UART has sent.
    for platform in ["linux", "amd64", "flat"] {
        let elf = build(COMPILERS[0], platform, "machine.c", room.path());
        let mut full = command(platform, &elf, &input, room.path());
        full.stdout(std::fs::File::create("/dev/full").unwrap());
        check_end(full, 1, "wasrisc: standard output cannot be written\n");
    }
}

#[test]
fn a_boot_block_that_reaches_linear_memory_is_refused() {
    let room = tempfile::tempdir().unwrap();
    let boot = room.path().join("boot");
    let mut block = boot_block(&["guest"], &[], b"");
    block[24..32].copy_from_slice(&(1u64 << 30).to_le_bytes());
    std::fs::write(&boot, block).unwrap();
    for platform in BARE {
        let elf = build(COMPILERS[0], platform, "machine.c", room.path());
        let refused = "wasrisc: the boot block at 0xc0000000 is longer than 1008 MiB\n";
        check_end(machine(platform, &elf, &boot), 1, refused);
    }
}
