//! Whether translations are C at all.

use std::path::Path;
use std::process::Command;

const COMPILER: &str = "clang-22";

/// The machine whose registers options name.
const FLAGS: &[&str] = &[
    "-fsyntax-only",
    "-std=gnu11",
    "-w",
    "--target=riscv64-unknown-elf",
    "-march=rv64im",
    "-mabi=lp64",
    "-ffreestanding",
    "-ffixed-x27",
];

/// Fails unless the compiler takes every C file in `folder`. Without the compiler
/// nothing is looked at, which is a failure where `WASRISC_REQUIRE_TOOLS` is set.
pub fn compiles(folder: &Path, what: &str) {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let sources = entries.map(|entry| entry.path());
    let sources = sources.filter(|path| path.extension().is_some_and(|e| e == "c"));
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime");
    let mut command = Command::new(COMPILER);
    let Ok(output) = command.args(FLAGS).arg("-I").arg(runtime).args(sources).output() else {
        let required = std::env::var_os("WASRISC_REQUIRE_TOOLS").is_some();
        assert!(!required, "there is no {COMPILER}");
        return eprintln!("not compiled: there is no {COMPILER}");
    };
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
}
