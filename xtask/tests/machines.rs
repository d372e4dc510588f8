//! Every machine ends every program as it should: modules by our own pipeline,
//! and programs in C that take the place of a module (platform/runtime/tests).
//!
//! Uses the user's own cache, as the end-to-end tests do.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use support::{project, xtask};

const PLATFORMS: [&str; 4] = ["linux", "amd64", "virt", "flat"];

/// Of these, what has no operating system.
const BARE: [&str; 2] = ["virt", "flat"];

const EXIT: &str =
    r#"(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory 1)"#;

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

/// Runs a program and gives its messages for an assertion.
fn succeed(command: &mut Command) {
    let done = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// The runtime's sources and `test` as one ELF, by the recipe of the platform's
/// README.
fn build(platform: &str, test: &str, room: &Path) -> PathBuf {
    let machine: &[&str] = match platform {
        "amd64" => &["--target=x86_64-unknown-none-elf", "-fno-pic"],
        _ => &["--target=riscv64-unknown-elf", "-march=rv64im", "-mabi=lp64", "-mcmodel=medany"],
    };
    let own = format!("platform/{platform}");
    let mut sources = vec![project().join("platform/runtime/tests").join(test)];
    for folder in ["translator/runtime", "platform/runtime", &own] {
        let entries = std::fs::read_dir(project().join(folder)).unwrap();
        let source = |path: &PathBuf| path.extension().is_some_and(|e| e == "c" || e == "S");
        sources.extend(entries.map(|entry| entry.unwrap().path()).filter(source));
    }
    let mut link = Command::new("ld.lld-22");
    let part = if BARE.contains(&platform) { "bare" } else { platform };
    let script = project().join(format!("platform/{part}/link.ld"));
    let elf = room.join(format!("{test}.{platform}.elf"));
    link.arg("-T").arg(script).arg("--gc-sections").arg("-o").arg(&elf);
    for (n, source) in sources.iter().enumerate() {
        let object = room.join(format!("{n}.o"));
        let mut compile = Command::new("clang-22");
        compile.args(machine).args(["-O2", "-std=gnu11", "-ffreestanding", "-fwrapv"]);
        compile.args(["-fno-strict-aliasing", "-ffunction-sections", "-fdata-sections"]);
        compile.args(["-Wall", "-Wextra", "-Werror", "-Wno-unused-command-line-argument"]);
        for headers in ["translator/runtime", "platform/include", "platform/runtime"] {
            compile.arg("-I").arg(project().join(headers));
        }
        succeed(compile.arg("-c").arg(source).arg("-o").arg(&object));
        link.arg(object);
    }
    succeed(&mut link);
    elf
}

/// RV64IM alone, as the platforms' READMEs have it.
const PROCESSOR: &str =
    "rv64,g=off,a=off,f=off,d=off,c=off,h=off,s=off,u=off,zba=off,zbb=off,zbc=off,zbs=off";

/// What a bare machine is given: platform/bare/README.md, "The boot block".
fn boot_block(arguments: &[u8], environment: &[u8], input: &[u8]) -> Vec<u8> {
    let mut block = b"wasrisc\x01".to_vec();
    for part in [arguments, environment, input] {
        block.extend((part.len() as u64).to_le_bytes());
    }
    block.extend([arguments, environment].concat());
    block.resize(block.len().next_multiple_of(8), 0);
    block.extend(input);
    block
}

/// What runs the ELF; `boot` is the file with a bare machine's boot block.
fn machine(platform: &str, elf: &Path, boot: &Path) -> Command {
    match platform {
        "amd64" => Command::new(elf),
        "linux" => {
            let mut qemu = Command::new("qemu-riscv64");
            qemu.args(["-B", "0x100000000000"]).arg(elf);
            qemu
        }
        _ => {
            let mut qemu = Command::new("qemu-system-riscv64");
            let own: &[&str] = match platform {
                "virt" => &["-M", "virt", "-bios", "none", "-serial", "stdio"],
                _ => &["-M", "none", "-serial", "none"],
            };
            qemu.args(own).args(["-m", "4G", "-display", "none", "-monitor", "none"]);
            qemu.args(["-cpu", PROCESSOR, "-semihosting-config", "enable=on,target=native"]);
            qemu.arg("-device").arg(format!("loader,file={},cpu-num=0", elf.display()));
            let loader = format!("loader,file={},addr=0xc0000000,force-raw=on", boot.display());
            qemu.arg("-device").arg(loader);
            qemu.stdin(Stdio::null());
            qemu
        }
    }
}

/// Gives the machine arguments, environment and the input.
fn command(platform: &str, elf: &Path, input: &[u8], room: &Path) -> Command {
    let file = room.join("input");
    let mut command = machine(platform, elf, &file);
    if BARE.contains(&platform) {
        let block = boot_block(b"guest\0one\0two words\0", b"NAME=value\0", input);
        std::fs::write(&file, block).unwrap();
    } else {
        std::fs::write(&file, input).unwrap();
        command.args(["one", "two words"]).stdin(std::fs::File::open(&file).unwrap());
        command.env_clear().env("NAME", "value");
    }
    command
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
    for platform in PLATFORMS {
        let elf = build(platform, test, room.path());
        let done = run(command(platform, &elf, &input, room.path()));
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(said.starts_with(stderr), "{test} on {platform}: {said}");
        assert_eq!(said.is_empty(), stderr.is_empty(), "{test} on {platform}: {said}");
        assert_eq!(done.status.code(), Some(code), "{test} on {platform}: {said}");
        assert_eq!(String::from_utf8_lossy(&done.stdout), stdout, "{test} on {platform}");
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
    let elf = build("amd64", "no_memory.c", room.path());
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
        let elf = build(platform, "machine.c", room.path());
        let mut full = command(platform, &elf, &input, room.path());
        full.stdout(std::fs::File::create("/dev/full").unwrap());
        check_end(full, 1, "wasrisc: standard output cannot be written\n");
    }
}

#[test]
fn a_boot_block_that_reaches_linear_memory_is_refused() {
    let room = tempfile::tempdir().unwrap();
    let boot = room.path().join("boot");
    let mut block = boot_block(b"guest\0", b"", b"");
    block[24..32].copy_from_slice(&(1u64 << 30).to_le_bytes());
    std::fs::write(&boot, block).unwrap();
    for platform in BARE {
        let elf = build(platform, "machine.c", room.path());
        let refused = "wasrisc: the boot block at 0xc0000000 is longer than 1 GiB\n";
        check_end(machine(platform, &elf, &boot), 1, refused);
    }
}
