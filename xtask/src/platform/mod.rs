//! Where an ELF runs: the target that compilers are asked for, and the
//! emulator that counts.

/// A row of the table of platforms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Platform {
    pub name: &'static str,
    pub about: &'static str,
    /// Of rustc and of the linker's name.
    pub triple: &'static str,
    pub goarch: &'static str,
    /// The tool of the lock whose program `gcc` links for the target.
    pub linker_tool: &'static str,
    /// The emulator in the tool `qemu-user`.
    pub emulator: &'static str,
    /// What kind of count it gives: counts of one mode are compared with
    /// counts of the same mode only.
    pub mode: &'static str,
    /// Whether `--native` can run its ELF on the build machine.
    pub native: bool,
}

pub const PLATFORMS: &[Platform] = &[
    Platform {
        name: "linux",
        about: "RISC-V (rv64gc) Linux in QEMU's user mode",
        triple: "riscv64gc-unknown-linux-gnu",
        goarch: "riscv64",
        linker_tool: "riscv64-gcc",
        emulator: "qemu-riscv64",
        mode: "riscv64 linux user",
        native: false,
    },
    Platform {
        name: "amd64",
        about: "x86-64 Linux in QEMU's user mode; natively with --native, for debugging",
        triple: "x86_64-unknown-linux-gnu",
        goarch: "amd64",
        linker_tool: "gcc",
        emulator: "qemu-x86_64",
        mode: "x86-64 linux user",
        native: true,
    },
];

/// The platform of this name.
pub fn find(name: &str) -> Option<&'static Platform> {
    PLATFORMS.iter().find(|p| p.name == name)
}
