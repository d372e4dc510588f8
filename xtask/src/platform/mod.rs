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
    /// Of rustc, for direct builds beside what the triple has.
    pub direct_features: &'static str,
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
    /// Which register of the machine holds it.
    pub base_register: Option<&'static str>,
    /// How many bytes behind linear memory fault, wherever it ends.
    pub guard_bytes: u64,
    /// A register that may hold linear memory's size.
    pub size_register: Option<&'static str>,
    /// Whether the end of the stack faults, so that no function has to check.
    pub stack_guard: bool,
    /// Lets the emulator refuse what is not in the ISA; counts are the same.
    pub processor: &'static [&'static str],
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
    pub kind: Kind,
}

/// What of a machine an emulator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A processor with the build machine's kernel: input, output, arguments and
    /// environment are a process's.
    User,
    /// A whole machine without firmware: input, arguments and environment are a
    /// block of memory ([`crate::measure::boot`]), and the output comes out here.
    System(Output),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Semihosting: the emulator's own standard output.
    Semihosting,
    /// The first serial port.
    Serial,
}

/// RV64IM and misaligned accesses; the rest of QEMU's processor is off.
const RV64IM: &[&str] =
    &["-cpu", "rv64,g=off,a=off,f=off,d=off,c=off,zba=off,zbb=off,zbc=off,zbs=off"];

/// The same with M-mode only.
const BARE_RV64IM: &[&str] = &[
    "-cpu",
    "rv64,g=off,a=off,f=off,d=off,c=off,h=off,s=off,u=off,zba=off,zbb=off,zbc=off,zbs=off",
];

/// Moves the guest's page 0 away from the host's, which hardly anyone may map.
const QEMU_BASE: &[&str] = &["-B", "0x100000000000"];

/// What platform/linux/machine.c reserves behind linear memory.
const GUARD: u64 = 1 << 16;

const QEMU_USER: &str = "qemu-user";
const QEMU_SYSTEM: &str = "qemu-system";

pub const PLATFORMS: &[Platform] = &[
    Platform {
        name: "linux",
        about: "RISC-V Linux in QEMU's user mode",
        system: Some(System {
            platform: "linux",
            triple: "riscv64gc-unknown-linux-gnu",
            // Without it LLVM makes bytes of every access that may be misaligned,
            // which our own pipelines do not either.
            direct_features: "+unaligned-scalar-mem",
            goarch: "riscv64",
            linker_tool: "riscv64-gcc",
            isa: "rv64gc",
        }),
        machine: Machine {
            isa: Isa::Rv64im,
            memory_base: "identity",
            base_register: None,
            guard_bytes: GUARD,
            size_register: Some("gp"),
            stack_guard: true,
            processor: RV64IM,
        },
        emulator: Emulator {
            tool: QEMU_USER,
            program: "qemu-riscv64",
            arguments: QEMU_BASE,
            kind: Kind::User,
        },
        mode: "riscv64 linux user",
        native: false,
    },
    Platform {
        name: "amd64",
        about: "x86-64 Linux in QEMU's user mode; natively with --native, for debugging",
        system: Some(System {
            platform: "amd64",
            triple: "x86_64-unknown-linux-gnu",
            direct_features: "",
            goarch: "amd64",
            linker_tool: "gcc",
            isa: "x86-64",
        }),
        machine: Machine {
            isa: Isa::X86_64,
            memory_base: "0x10000000",
            base_register: None,
            guard_bytes: GUARD,
            size_register: None,
            stack_guard: true,
            processor: &[],
        },
        emulator: Emulator {
            tool: QEMU_USER,
            program: "qemu-x86_64",
            arguments: &[],
            kind: Kind::User,
        },
        mode: "x86-64 linux user",
        native: true,
    },
    Platform {
        name: "virt",
        about: "QEMU's board `virt` without firmware, RAM at 2 GiB",
        system: None,
        machine: Machine {
            isa: Isa::Rv64im,
            memory_base: "0x100000000",
            base_register: Some("tp"),
            guard_bytes: 0,
            size_register: Some("gp"),
            stack_guard: true,
            processor: BARE_RV64IM,
        },
        emulator: Emulator {
            tool: QEMU_SYSTEM,
            program: "qemu-system-riscv64",
            arguments: &["-M", "virt", "-bios", "none"],
            kind: Kind::System(Output::Serial),
        },
        mode: "riscv64 bare virt",
        native: false,
    },
    Platform {
        name: "flat",
        about: "a bare RISC-V machine with RAM at 0: linear memory at its own addresses",
        system: None,
        machine: Machine {
            isa: Isa::Rv64im,
            memory_base: "identity",
            base_register: None,
            guard_bytes: 0,
            size_register: Some("gp"),
            stack_guard: true,
            processor: BARE_RV64IM,
        },
        emulator: Emulator {
            tool: QEMU_SYSTEM,
            program: "qemu-system-riscv64",
            arguments: &["-M", "none"],
            kind: Kind::System(Output::Semihosting),
        },
        mode: "riscv64 bare flat",
        native: false,
    },
];

/// The platform of this name.
pub fn find(name: &str) -> Option<&'static Platform> {
    PLATFORMS.iter().find(|p| p.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readmes_have_the_machines_command_lines() {
        let project = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for platform in PLATFORMS {
            let readme = project.join("platform").join(platform.name).join("README.md");
            let readme = std::fs::read_to_string(readme).unwrap();
            let machine = &platform.machine;
            let told = platform.emulator.arguments.chunks(2).chain(machine.processor.chunks(2));
            let told = told.map(|option| option.join(" "));
            let base = format!("--memory-base {}", machine.memory_base);
            let register = machine.base_register.map(|name| format!("--base-register {name}"));
            for option in told.chain([base]).chain(register) {
                assert!(readme.contains(&option), "{}: {option}", platform.name);
            }
        }
    }
}
