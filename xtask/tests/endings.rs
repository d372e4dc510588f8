//! Programs of Rust and Go end as they should, on every machine: what they are
//! told to do is in `guests/endings-rust` and `guests/endings-go`.
//!
//! Uses the user's own cache, as the end-to-end tests do.

#[path = "support/limited.rs"]
mod limited;
#[path = "support/machine.rs"]
mod machine;
mod support;

use std::path::{Path, PathBuf};

use limited::limited;
use machine::{command, PLATFORMS};
use support::{project, xtask};

/// Arguments, the exit code, and what standard error has.
type Ending = (&'static [&'static str], i32, &'static str);

/// Seconds that a program may run: none takes a minute.
const LIMIT: u32 = 100;

const UNREACHABLE: &str = "wasrisc: trap: unreachable\n";

const RUST: &[Ending] = &[
    (&["return"], 0, ""),
    (&["exit", "0"], 0, ""),
    (&["exit", "3"], 3, ""),
    // 256 has eight zeros at its end, which must not be a success.
    (&["exit", "256"], 255, ""),
    (&["fail"], 1, ""),
    (&["panic"], 134, "on purpose"),
    (&["panic"], 134, UNREACHABLE),
    (&["index"], 134, "the len is 1 but the index is 10"),
    (&["divide", "1"], 134, "attempt to divide by zero"),
    (&["unwrap"], 134, "called `Result::unwrap()` on an `Err` value"),
    (&["memory"], 134, "memory allocation of 2147483647 bytes failed"),
    (&["abort"], 134, UNREACHABLE),
    (&["c-abort"], 134, UNREACHABLE),
    (&["recurse"], 134, "wasrisc: trap: call stack exhausted\n"),
];

const GO: &[Ending] = &[
    (&["return"], 0, ""),
    (&["exit", "0"], 0, ""),
    (&["exit", "3"], 3, ""),
    (&["exit", "-1"], 255, ""),
    (&["exit-late", "3"], 3, ""),
    (&["log"], 1, "no way on\n"),
    (&["panic"], 2, "panic: on purpose\n\ngoroutine 1"),
    (&["panic-error"], 2, "panic: an error\n\ngoroutine 1"),
    (&["panic-again"], 2, "panic: first [recovered]\n\tpanic: again after first\n"),
    (&["panic-elsewhere"], 2, "panic: in another goroutine\n"),
    (&["nil"], 2, "panic: runtime error: invalid memory address or nil pointer dereference\n"),
    (&["nil-far"], 2, "panic: runtime error: invalid memory address or nil pointer dereference\n"),
    (&["nil-map"], 2, "panic: assignment to entry in nil map\n"),
    (&["index"], 2, "panic: runtime error: index out of range [10] with length 10\n"),
    (&["divide"], 2, "panic: runtime error: integer divide by zero\n"),
    (&["deadlock"], 2, "fatal error: all goroutines are asleep - deadlock!\n"),
    (&["deadlock-together"], 2, "fatal error: all goroutines are asleep - deadlock!\n"),
    (&["goexit"], 2, "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n"),
    (&["stack"], 2, "fatal error: stack overflow\n"),
    (&["unlock"], 2, "fatal error: sync: unlock of unlocked mutex\n"),
    (&["memory"], 2, "fatal error: out of memory\n"),
];

/// The ELF of a guest.
fn build(guest: &str, pipeline: &str, platform: &str) -> PathBuf {
    let built = xtask().args(["build", guest, "-p", pipeline, "-t", platform]).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    project().join(format!("target/wasrisc/{platform}/{pipeline}/{guest}.elf"))
}

fn check(elf: &Path, platform: &str, (arguments, code, expected): Ending) {
    let room = tempfile::tempdir().unwrap();
    let command = command(platform, elf, arguments, &[], b"", room.path());
    let done = limited(&command, LIMIT).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    let name = format!("{arguments:?} on {platform}: {said:.2000}");
    assert_eq!(done.status.code(), Some(code), "{name}");
    assert!(said.contains(expected), "no `{expected}` of {name}");
    assert!(!expected.is_empty() || said.is_empty(), "{name}");
    let printed = String::from_utf8_lossy(&done.stdout);
    assert!(!printed.contains("not printed"), "{name}");
    assert_eq!(printed == "returned\n", arguments == ["return"], "{name}");
}

fn check_all(guest: &str, endings: &[Ending], pipeline: &str, platforms: &[&str]) {
    for platform in platforms {
        let elf = build(guest, pipeline, platform);
        for ending in endings {
            check(&elf, platform, *ending);
        }
    }
}

#[test]
fn rust_programs_end_as_they_should() {
    for pipeline in ["wasrisc-o0", "wasrisc-o1", "wasrisc-gcc-o1"] {
        check_all("endings-rust", RUST, pipeline, &PLATFORMS);
    }
    check_all("endings-rust", RUST, "wasrisc-o3", &["linux", "virt"]);
}

#[test]
fn go_programs_end_as_they_should() {
    check_all("endings-go", GO, "wasrisc-o0", &["amd64", "virt"]);
    check_all("endings-go", GO, "wasrisc-o1", &["linux", "flat"]);
}

#[test]
#[ignore = "compiles for half an hour"]
fn go_programs_end_as_they_should_in_every_pipeline() {
    for pipeline in ["wasrisc-o1", "wasrisc-o1-go-move", "wasrisc-o3", "wasrisc-gcc-o3"] {
        check_all("endings-go", GO, pipeline, &PLATFORMS);
    }
}

/// Where the stack that a Rust module has in its memory ends, so does the memory.
#[test]
fn a_stack_in_linear_memory_ends() {
    let elf = |platform| build("endings-rust", "wasrisc-o1", platform);
    for platform in PLATFORMS {
        check(&elf(platform), platform, (&["recurse-arrays", "1100"], 134, "wasrisc: "));
    }
}
