//! Where an ELF runs: the target that compilers are asked for, and the
//! emulator that counts.

/// A row of the table of platforms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Platform {
    pub name: &'static str,
    pub about: &'static str,
    /// Which the languages' own compilers and runtimes of others ask for.
    pub system: Option<System>,
    /// What our own translator and runtime meet there.
    pub machine: Machine,
    pub emulator: Emulator,
    /// What kind of count it gives: counts of one mode are compared with
    /// counts of the same mode only.
    pub mode: &'static str,
    /// Whether `--native` can run its ELF on the build machine.
    pub native: bool,
}

/// The operating system of a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct System {
    /// The platform's name.
    pub platform: &'static str,
    /// Of rustc and of the linker's name.
    pub triple: &'static str,
    pub goarch: &'static str,
    /// The tool of the lock whose program `gcc` links for the target.
    pub linker_tool: &'static str,
    /// What its compilers may use.
    pub isa: &'static str,
}

/// What a freestanding ELF of ours is made for; platform/NAME/README.md has the
/// reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    pub isa: Isa,
    /// Where linear memory lies, as the translator's `--memory-base` says it.
    pub memory_base: &'static str,
    /// Whether the end of the stack faults, so that no function has to check.
    pub stack_guard: bool,
}

/// Instructions that an ELF of ours may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isa {
    /// RV64IM with accesses at any alignment (Zicclsm), LP64, soft float.
    Rv64im,
    X86_64,
}

impl Isa {
    pub fn name(self) -> &'static str {
        match self {
            Isa::Rv64im => "rv64im",
            Isa::X86_64 => "x86-64",
        }
    }
}

/// A program of a tool of the lock that runs ELFs under the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Emulator {
    pub tool: &'static str,
    pub program: &'static str,
    /// Before all others.
    pub arguments: &'static [&'static str],
}

/// Moves the guest's page 0 away from the host's, which hardly anyone may map.
const QEMU_BASE: &[&str] = &["-B", "0x100000000000"];

const QEMU_USER: &str = "qemu-user";

pub const PLATFORMS: &[Platform] = &[
    Platform {
        name: "linux",
        about: "RISC-V Linux in QEMU's user mode",
        system: Some(System {
            platform: "linux",
            triple: "riscv64gc-unknown-linux-gnu",
            goarch: "riscv64",
            linker_tool: "riscv64-gcc",
            isa: "rv64gc",
        }),
        machine: Machine { isa: Isa::Rv64im, memory_base: "identity", stack_guard: true },
        emulator: Emulator { tool: QEMU_USER, program: "qemu-riscv64", arguments: QEMU_BASE },
        mode: "riscv64 linux user",
        native: false,
    },
    Platform {
        name: "amd64",
        about: "x86-64 Linux in QEMU's user mode; natively with --native, for debugging",
        system: Some(System {
            platform: "amd64",
            triple: "x86_64-unknown-linux-gnu",
            goarch: "amd64",
            linker_tool: "gcc",
            isa: "x86-64",
        }),
        machine: Machine { isa: Isa::X86_64, memory_base: "0x10000000", stack_guard: true },
        emulator: Emulator { tool: QEMU_USER, program: "qemu-x86_64", arguments: &[] },
        mode: "x86-64 linux user",
        native: true,
    },
];

/// The platform of this name.
pub fn find(name: &str) -> Option<&'static Platform> {
    PLATFORMS.iter().find(|p| p.name == name)
}
