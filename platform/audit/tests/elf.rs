//! ELFs made by a real assembler and linker, each wrong in one way.
//!
//! The compiler is riscv64-linux-gnu-gcc, or WASRISC_RISCV64_GCC. Without it a
//! test says so and passes, or fails where CI is set or WASRISC_REQUIRE_TOOLS is 1.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;
use wasrisc_audit::{Audit, Exceptions};

/// Only a body may be compressed.
const START: &str = ".option norvc
.globl _start
.type _start, %function
_start: li a7, 93
ecall
.size _start, . - _start
.type work, %function
work: addi a0, a0, 1
BODY
ret
.size work, . - work
";

/// For instructions that the machine at hand does not name.
const ALL: &str = "-march=rv64imafdc_zicsr_zifencei_zba_zbb_zbs";
const SYSTEM: &str = "-march=rv64im_zicsr_zifencei";
const PLAIN: &str = "-march=rv64im";

/// An ELF with `body` inside the function `work`; None without a compiler.
fn program(body: &str, flags: &[&str]) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("program.S");
    std::fs::write(&source, START.replace("BODY", body)).expect("written");
    let gcc =
        std::env::var_os("WASRISC_RISCV64_GCC").unwrap_or_else(|| "riscv64-linux-gnu-gcc".into());
    let output = Command::new(&gcc)
        .args([
            "-mabi=lp64",
            "-nostdlib",
            "-static",
            "-no-pie",
            "-Wl,--build-id=none,-zseparate-code",
        ])
        .args(flags)
        .args(["-o", "program", "program.S"])
        .current_dir(folder.path())
        .output();
    match output {
        Err(cause) if cause.kind() == ErrorKind::NotFound => {
            let required = std::env::var_os("CI").is_some()
                || std::env::var_os("WASRISC_REQUIRE_TOOLS").is_some_and(|value| value == "1");
            assert!(!required, "{gcc:?} is not there");
            eprintln!("{gcc:?} is not there: nothing is tested");
            None
        }
        other => {
            let output = other.expect("the compiler runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(std::fs::read(folder.path().join("program")).expect("an ELF"))
        }
    }
}

fn exceptions() -> Exceptions {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.toml");
    let text =
        "[[exception]]\nsymbol = \"_start\"\ninstructions = [\"ecall\"]\nreason = \"exit\"\n";
    std::fs::write(&path, text).expect("written");
    Exceptions::read(&path).expect("a list")
}

fn audit() -> Audit {
    Audit { exceptions: exceptions(), directories: Vec::new() }
}

/// `body` is found at `work` and said to be `what`, and nothing else is found.
fn check(body: &str, march: &str, what: &str) {
    let body = format!(".option push\n{body}\n.option pop");
    let Some(elf) = program(&body, &[march]) else { return };
    let findings = audit().elf(&elf).expect("an ELF").findings;
    let code: Vec<&String> = findings.iter().filter(|f| !f.starts_with("its flags")).collect();
    let [only] = code.as_slice() else { panic!("{body}: {findings:#?}") };
    assert!(only.starts_with("work at 0x"), "{body}: {only}");
    assert!(only.ends_with(what), "{body}: {only}");
}

#[test]
fn each_kind_is_found_and_named() {
    check("amoadd.d a0, a1, (a2)", ALL, " is an atomic instruction (A)");
    check("lr.w a0, (a2)", ALL, " is an atomic instruction (A)");
    check("fadd.d fa0, fa1, fa2", ALL, " is a floating-point instruction (F, D)");
    check("fld fa0, 8(a0)", ALL, " is a floating-point access (F, D)");
    check("sh1add a0, a1, a2", ALL, " is bit manipulation (Zb*, Zk*)");
    check("clz a0, a1", ALL, " is bit manipulation (Zb*, Zk*)");
    check("andn a0, a1, a2", ALL, " is bit manipulation (Zb*, Zk*)");
    check("bseti a0, a1, 40", ALL, " is bit manipulation (Zb*, Zk*)");
    check(".option rvc\nc.addi a0, 1\nc.addi a0, 1", ALL, " is a compressed instruction (C)");
    check("csrr a0, mhartid", SYSTEM, " is `csrrs mhartid`");
    check("csrw mtvec, a0", SYSTEM, " is `csrrw mtvec`");
    check("rdcycle a0", SYSTEM, " is `csrrs cycle`");
    check("frflags a0", ALL, " is `csrrs fflags`");
    check("ecall", PLAIN, " is `ecall`");
    check("ebreak", PLAIN, " is `ebreak`");
    check("mret", SYSTEM, " is `mret`");
    check("wfi", SYSTEM, " is `wfi`");
    check("fence.i", SYSTEM, " is `fence.i`");
    check("sfence.vma", SYSTEM, " is a privileged instruction");
    check(".word 0", PLAIN, " is all zeros, which is no instruction");
    check(".word 0xffffffff", PLAIN, " is an instruction longer than 32 bits");
    check(".ascii \"data\"", PLAIN, " is a compressed instruction (C)");
}

/// The whole of RV64IM with the HINTs that our counter knows passes.
#[test]
fn rv64im_passes() {
    let body = "
        lui a0, 1; auipc a0, 1; jal work; jalr 4(a0); beq a0, a1, work; bne a0, a1, work
        blt a0, a1, work; bge a0, a1, work; bltu a0, a1, work; bgeu a0, a1, work
        lb a0, 1(a1); lh a0, 1(a1); lw a0, 1(a1); ld a0, 1(a1); lbu a0, 1(a1); lhu a0, 1(a1)
        lwu a0, 1(a1); sb a0, 1(a1); sh a0, 1(a1); sw a0, 1(a1); sd a0, 1(a1)
        addi a0, a1, -1; slti a0, a1, -1; sltiu a0, a1, -1; xori a0, a1, -1; ori a0, a1, -1
        andi a0, a1, -1; slli a0, a1, 63; srli a0, a1, 63; srai a0, a1, 63
        add a0, a1, a2; sub a0, a1, a2; sll a0, a1, a2; slt a0, a1, a2; sltu a0, a1, a2
        xor a0, a1, a2; srl a0, a1, a2; sra a0, a1, a2; or a0, a1, a2; and a0, a1, a2
        addiw a0, a1, -1; slliw a0, a1, 31; srliw a0, a1, 31; sraiw a0, a1, 31
        addw a0, a1, a2; subw a0, a1, a2; sllw a0, a1, a2; srlw a0, a1, a2; sraw a0, a1, a2
        mul a0, a1, a2; mulh a0, a1, a2; mulhsu a0, a1, a2; mulhu a0, a1, a2; div a0, a1, a2
        divu a0, a1, a2; rem a0, a1, a2; remu a0, a1, a2; mulw a0, a1, a2; divw a0, a1, a2
        divuw a0, a1, a2; remw a0, a1, a2; remuw a0, a1, a2; fence; fence r, rw; fence.tso
        slti x0, x0, 0x571; lbu x0, 0x573(a0)";
    let Some(elf) = program(body, &[PLAIN]) else { return };
    let outcome = audit().elf(&elf).expect("an ELF");
    assert_eq!(outcome.findings, Vec::<String>::new());
    assert_eq!((outcome.functions, outcome.instructions), (2, 2 + 67 + 2));
    assert!(outcome.to_string().ends_with("\nexcept ecall in _start: exit\n"), "{outcome}");
    let strict = Audit::default().elf(&elf).expect("an ELF").findings;
    assert!(strict.len() == 1 && strict[0].starts_with("_start at 0x"), "{strict:?}");
}

/// The ELF is refused with this among the findings.
fn check_file(flags: &[&str], finding: &str) {
    let Some(elf) = program("", flags) else { return };
    let findings = audit().elf(&elf).expect("an ELF").findings;
    assert!(findings.iter().any(|found| found.contains(finding)), "{flags:?}: {findings:#?}");
}

#[test]
fn files_that_a_zkvm_does_not_take() {
    check_file(&["-march=rv64imac"], "its flags are 0x1 (RVC), not none (LP64)");
    check_file(
        &["-march=rv64imafd", "-mabi=lp64d"],
        "its flags are 0x4 (double-precision ABI), not none (LP64)",
    );
    check_file(&[PLAIN, "-Wl,-pie,--no-dynamic-linker"], "it is not a program at fixed addresses");
    check_file(&[PLAIN, "-Wl,-pie,--no-dynamic-linker"], "it is linked dynamically");
    check_file(&[PLAIN, "-Wl,-N"], "is writable and executable");
    check_file(&[PLAIN, "-Wl,-z,execstack"], "its stack is executable");
    check_file(&[PLAIN, "-Wl,-z,noseparate-code"], "is executable and in no section of code");
    check_file(&[PLAIN, "-s"], "no symbol names a function");
}

#[test]
fn what_is_no_elf_of_ours_is_an_error() {
    for bytes in [&b""[..], b"\x7fELF", b"\0asm\x01\0\0\0"] {
        assert!(audit().elf(bytes).is_err());
    }
    // An ELF of this machine is read and refused.
    let own = std::env::current_exe().and_then(std::fs::read).expect("this test");
    let findings = audit().elf(&own).map(|outcome| outcome.findings).unwrap_or_default();
    let expected = if cfg!(target_endian = "little") { "not RISC-V" } else { "" };
    assert!(findings.iter().any(|f| f.contains(expected)), "{}", findings.len());
}

#[test]
fn a_path_of_the_machine_is_found() {
    let body = ".section .rodata\n.string \"/home/someone/project/main.c\"\n.text";
    let Some(elf) = program(body, &[PLAIN]) else { return };
    let directories = vec![Path::new("/home/someone/project").to_path_buf()];
    let findings = Audit { exceptions: exceptions(), directories }.elf(&elf).expect("an ELF");
    assert!(
        findings.findings.iter().any(|f| f.ends_with(": /home/someone/project/main.c")),
        "{findings:?}"
    );
}

/// Damaged files give findings or an error, never a panic.
#[test]
fn damaged_files_are_survived() {
    let Some(elf) = program("", &[PLAIN]) else { return };
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..20_000 {
        let mut bytes = elf.clone();
        for _ in 0..3 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let at = seed as usize % bytes.len();
            bytes[at] = (seed >> 40) as u8;
        }
        bytes.truncate(bytes.len() - (seed >> 48) as usize % 64);
        let _ = audit_of(&bytes);
    }
}

fn audit_of(bytes: &[u8]) -> Option<usize> {
    Audit::default().elf(bytes).ok().map(|outcome| outcome.findings.len())
}
