//! How translated modules become a program, and what runs it.
//!
//! The program is one of our own in the place of a translated module: it
//! defines `winstantiate` and `wexport__start`, which the platform's runtime
//! calls, and the traps of modules come to its `__wrap_wasrisc_trap`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use wasrisc_translator::{Bounds, Compiler, File, MemoryBase, Options, RUNTIME};

/// Without it clang makes loops of recursive calls, which then never exhaust the
/// stack. That is right, and the suite expects the other.
const CLANG: &[&str] = &["-fno-optimize-sibling-calls"];

/// A compiler and the machine it compiles for.
#[derive(Clone, Copy)]
pub struct Machine {
    pub compiler: &'static str,
    /// Flags of code for this machine.
    pub flags: &'static [&'static str],
    pub place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// A process here, by machine/host.c.
    Host,
    /// platform/linux under QEMU's user mode: RV64IM, no libc.
    Linux,
}

pub const HOST: Machine = Machine { compiler: "gcc", flags: &[], place: Place::Host };
pub const HOST_CLANG: Machine = Machine { compiler: "clang-22", ..HOST };

pub const LINUX_CLANG: Machine = Machine {
    compiler: "clang-22",
    flags: &[
        "--target=riscv64-unknown-elf",
        "-march=rv64im",
        "-mabi=lp64",
        "-mcmodel=medany",
        "-mno-strict-align",
        "-ffreestanding",
    ],
    place: Place::Linux,
};

/// Where options put memory 0 when they name an address.
pub const BASE: u64 = 0x2_0000_0000;
/// How much behind memory 0 faults when they say that something does: what
/// platform/linux has.
pub const GUARD_BYTES: u64 = 65536;

pub const LINUX_GCC: Machine = Machine {
    compiler: "riscv64-unknown-elf-gcc",
    flags: &[
        "-march=rv64im",
        "-mabi=lp64",
        "-mcmodel=medany",
        "-mno-strict-align",
        "-mtune=thead-c906",
        "-ffreestanding",
    ],
    ..LINUX_CLANG
};

const LINKER: &str = "ld.lld-22";
/// The one with a libgcc for RV64IM.
const LIBGCC_OWNER: &[&str] =
    &["riscv64-unknown-elf-gcc", "-march=rv64im", "-mabi=lp64", "-print-libgcc-file-name"];
/// Its address 0 is not the host's, so that anyone may map it.
const EMULATOR: &[&str] = &["qemu-riscv64", "-B", "0x100000000000"];

/// For one process.
const TIME_LIMIT: &str = "60s";

/// A machine with the runtime compiled for it, and a folder for what is made.
pub struct Toolchain {
    machine: Machine,
    flags: Vec<String>,
    /// Of the program's own headers.
    folder: PathBuf,
    directory: tempfile::TempDir,
}

impl Machine {
    /// The compiler as the translator has it.
    pub fn translated_for(&self) -> Compiler {
        match self.compiler.starts_with("clang") {
            true => Compiler::Clang,
            false => Compiler::Gcc,
        }
    }

    /// The first of its tools that is missing.
    pub fn missing(&self) -> Option<&'static str> {
        let tools: &[&'static str] = match self.place {
            Place::Host => &[self.compiler],
            Place::Linux => &[self.compiler, LINKER, LIBGCC_OWNER[0], EMULATOR[0]],
        };
        tools.iter().copied().find(|tool| Command::new(tool).arg("--version").output().is_err())
    }
}

impl Toolchain {
    /// Compiles the runtime and the program's own source, beside which its
    /// headers lie, with further flags for all code.
    ///
    /// # Errors
    ///
    /// What the compiler said.
    pub fn new(machine: Machine, flags: &[String], source: &Path) -> Result<Toolchain, String> {
        let directory = tempfile::tempdir().map_err(|e| e.to_string())?;
        let folder = source.parent().map(Path::to_path_buf).unwrap_or_default();
        let toolchain = Toolchain { machine, flags: flags.to_vec(), folder, directory };
        let mut sources = vec![source.to_path_buf(), own("machine/jump.S")];
        for (name, contents) in RUNTIME {
            let path = toolchain.directory.path().join(name);
            std::fs::write(&path, contents).map_err(|e| format!("{}: {e}", path.display()))?;
            sources.extend(name.ends_with(".c").then_some(path));
        }
        match machine.place {
            Place::Host => sources.push(own("machine/host.c")),
            Place::Linux => {
                sources.push(own("machine/linux.c"));
                sources.extend(sources_in("runtime")?);
                sources.extend(sources_in("linux")?);
            }
        }
        let arguments: Vec<&str> = sources.iter().filter_map(|path| path.to_str()).collect();
        toolchain.compile(
            toolchain.directory.path(),
            &[&["-O2", "-c"], arguments.as_slice()].concat(),
        )?;
        Ok(toolchain)
    }

    /// The object of `main.c` among `files`, in a folder called `name`.
    ///
    /// # Errors
    ///
    /// What the compiler said.
    pub fn object(&self, name: &str, files: &[File], level: &str) -> Result<PathBuf, String> {
        let directory = self.directory.path().join(name);
        std::fs::create_dir_all(&directory).map_err(|e| e.to_string())?;
        for file in files {
            std::fs::write(directory.join(&file.name), &file.contents)
                .map_err(|e| e.to_string())?;
        }
        self.compile(&directory, &[level, "-c", "main.c", "-o", "main.o"])?;
        Ok(directory.join("main.o"))
    }

    /// Removes an object's folder.
    pub fn forget(&self, name: &str) {
        let _ = std::fs::remove_dir_all(self.directory.path().join(name));
    }

    /// The program of these objects and the runtime, called `name`.
    ///
    /// # Errors
    ///
    /// What the linker said.
    pub fn link(&self, name: &str, objects: &[PathBuf]) -> Result<PathBuf, String> {
        let directory = self.directory.path();
        let runtime = std::fs::read_dir(directory).map_err(|e| e.to_string())?;
        let runtime = runtime.flatten().map(|entry| entry.path());
        let runtime = runtime.filter(|path| path.extension().is_some_and(|e| e == "o"));
        let program = directory.join(name);
        let mut command = self.linker();
        command.arg("-o").arg(&program).args(runtime).args(objects);
        if self.machine.place == Place::Linux {
            command.arg(libgcc()?);
        }
        run(&mut command)?;
        Ok(program)
    }

    fn linker(&self) -> Command {
        match self.machine.place {
            Place::Host => {
                let mut command = Command::new(self.machine.compiler);
                command.args(&self.flags).arg("-Wl,--wrap=wasrisc_trap");
                command
            }
            Place::Linux => {
                let mut command = Command::new(LINKER);
                command.args(["wasrisc_trap", "wasrisc_fault", "winstantiate"].map(wrap));
                command.arg("--gc-sections").arg("-T");
                command.arg(platform().join("linux/link.ld"));
                command
            }
        }
    }

    fn compile(&self, directory: &Path, arguments: &[&str]) -> Result<(), String> {
        let compiler = self.machine.translated_for();
        let mut command = Command::new(self.machine.compiler);
        command.arg("-w").args(compiler.contract()).args(self.machine.flags);
        if compiler == Compiler::Clang {
            command.args(CLANG);
        }
        command.args(&self.flags).arg("-I").arg(self.directory.path());
        command.arg("-I").arg(&self.folder).arg("-I").arg(platform().join("include"));
        run(command.args(arguments).current_dir(directory)).map(drop)
    }

    /// Runs the program with one argument.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    pub fn execute(&self, program: &Path, argument: usize) -> Result<Output, String> {
        let mut command = Command::new("timeout");
        command.arg(TIME_LIMIT);
        if self.machine.place == Place::Linux {
            command.args(EMULATOR);
        }
        command.arg(program).arg(argument.to_string());
        command.output().map_err(|e| format!("{command:?}: {e}"))
    }
}

fn wrap(symbol: &str) -> String {
    format!("--wrap={symbol}")
}

/// What code that options make asks of its machine, for all of it.
pub fn flags(options: &Options) -> Vec<String> {
    let fixed = options.memory_base != MemoryBase::Register;
    let mut flags = vec![
        format!("-DFIXED_BASE={}", u8::from(fixed)),
        format!("-DGUARD={}", u8::from(options.bounds == Bounds::Guard)),
        format!("-DGUARD_BEHIND={}", options.guard_bytes),
    ];
    // All is one file, which includes the runtime's headers first.
    if let (MemoryBase::Address(base), Some(register)) =
        (options.memory_base, &options.base_register)
    {
        flags.push(format!("-DBASE={base:#x}"));
        flags.push(format!("-DWASRISC_BASE_REGISTER=\"{register}\""));
    }
    if let Some(register) = &options.size_register {
        flags.push(format!("-DWASRISC_SIZE_REGISTER=\"{register}\""));
    }
    flags
}

fn own(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn platform() -> PathBuf {
    own("../../platform")
}

fn sources_in(folder: &str) -> Result<Vec<PathBuf>, String> {
    let folder = platform().join(folder);
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "c" || e == "S"));
    files.sort();
    Ok(files)
}

fn libgcc() -> Result<String, String> {
    let output = run(Command::new(LIBGCC_OWNER[0]).args(&LIBGCC_OWNER[1..]))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_string())
}

fn run(command: &mut Command) -> Result<Output, String> {
    let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}", errors.chars().take(2000).collect::<String>()))
}
