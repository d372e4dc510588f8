//! The profile of a program as clang makes it, and that clang reads it.
//!
//! The compiler is clang-22, the linker ld.lld-22. Without them a test says so and
//! passes, or fails where CI is set or WASRISC_REQUIRE_TOOLS is 1.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use object::{Object, ObjectSymbol};
use wasrisc_profile::{sample_profile, Block};

const MACHINE: &[&str] =
    &["--target=riscv64-unknown-elf", "-march=rv64im", "-mabi=lp64", "-O2", "-ffreestanding"];

/// Runs a tool in a folder; None where it is not there.
fn tool(name: &str, arguments: &[&str], folder: &Path) -> Option<()> {
    match Command::new(name).args(arguments).current_dir(folder).output() {
        Err(cause) if cause.kind() == ErrorKind::NotFound => {
            let required = std::env::var_os("CI").is_some()
                || std::env::var_os("WASRISC_REQUIRE_TOOLS").is_some_and(|value| value == "1");
            assert!(!required, "{name} is not there");
            eprintln!("{name} is not there: nothing is tested");
            None
        }
        output => {
            let output = output.expect("the tool runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(())
        }
    }
}

/// The program compiled with these flags more.
fn elf(folder: &Path, flags: &[&str]) -> Option<Vec<u8>> {
    std::fs::write(folder.join("program.c"), include_str!("program.c")).expect("written");
    let compile = [MACHINE, flags, &["-c", "program.c"]].concat();
    tool("clang-22", &compile, folder)?;
    tool("ld.lld-22", &["-o", "program", "program.o"], folder)?;
    Some(std::fs::read(folder.join("program")).expect("an ELF"))
}

const FOR_PROFILING: &[&str] = &["-gline-tables-only", "-fdebug-info-for-profiling"];

/// Each function's instructions as often as this says.
fn blocks(elf: &[u8], executions: &[(&str, u64)]) -> Vec<Block> {
    let file = object::File::parse(elf).expect("an ELF");
    let block = |&(name, executions): &(&str, u64)| {
        let symbol = file.symbols().find(|symbol| symbol.name() == Ok(name)).expect("a symbol");
        let bytes = symbol.size();
        Block { pc: symbol.address(), length: bytes / 4, bytes, executions }
    };
    executions.iter().map(block).collect()
}

#[test]
fn places_are_lines_and_blocks_of_functions() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(elf) = elf(folder.path(), FOR_PROFILING) else { return };
    let mut blocks = blocks(&elf, &[("_start", 7), ("work", 1000), ("rare", 0)]);
    // Once more by another way in.
    blocks.push(Block { length: 1, bytes: 4, executions: 5, ..blocks[1] });
    let profile = sample_profile(&elf, &blocks).expect("a profile");
    let functions: Vec<&str> = profile.lines().filter(|line| !line.starts_with(' ')).collect();
    let heads = functions.iter().map(|line| {
        let mut fields = line.split(':');
        (fields.next().expect("a name"), fields.nth(1).expect("a head"))
    });
    assert_eq!(heads.collect::<Vec<_>>(), [("work", "1005"), ("_start", "7")], "{profile}");
    let places: Vec<&str> = profile.lines().filter(|line| line.starts_with(' ')).collect();
    let has = |place: &str| places.contains(&place);
    // `work`'s only line, two below its name, and its last block.
    assert!(has(" 2: 1005"), "{profile}");
    // `twice` in the last line of `_start`, and both lines of it.
    assert!(has(" 2: 7") && has(" 3: twice:14"), "{profile}");
    assert!(has("  2: 7") && has("  3: 7"), "{profile}");
}

#[test]
fn clang_takes_counts_from_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(elf) = elf(folder.path(), FOR_PROFILING) else { return };
    let profile = sample_profile(&elf, &blocks(&elf, &[("_start", 7), ("work", 1000)]));
    std::fs::write(folder.path().join("p"), profile.expect("a profile")).expect("written");
    let flags = ["-fprofile-sample-use=p", "-S", "-emit-llvm", "-o", "program.ll", "program.c"];
    if tool("clang-22", &[MACHINE, &flags].concat(), folder.path()).is_none() {
        return;
    }
    let text = std::fs::read_to_string(folder.path().join("program.ll")).expect("LLVM's text");
    // -1: not known.
    for count in [1000, 7, -1].map(|n| format!("\"function_entry_count\", i64 {n}}}")) {
        assert!(text.contains(&count), "{count} in {text}");
    }
}

#[test]
fn what_cannot_be_a_profile_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(elf) = elf(folder.path(), &[]) else { return };
    let refused = |elf: &[u8], blocks: &[Block]| {
        format!("{:#}", sample_profile(elf, blocks).expect_err("no profile"))
    };
    assert_eq!(refused(&elf, &[]), "cannot read its debug information: it has none");
    let Some(elf) = self::elf(folder.path(), FOR_PROFILING) else { return };
    let block = Block { pc: 0x10000, length: 2, bytes: 6, executions: 1 };
    let message = "the counter saw 6 bytes for 2 instructions at 0x10000, which is not RV64IM";
    assert_eq!(refused(&elf, &[block]), message);
}
