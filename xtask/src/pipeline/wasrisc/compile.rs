//! From C to objects: the compilers, and what the C asks of them.

use std::path::Path;

use anyhow::Result;

use super::runtime;
use super::translate::{variant, Translated, COLD};
use super::{Level, Target};
use crate::graph::plan::Plan;
use crate::graph::step::{Made, Part, Step};
use crate::guest::manifest::Language;
use crate::guest::rust::UNROLL;
use crate::pipeline::sources;
use crate::platform::Isa;

/// Which compiler makes objects of C.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compiler {
    Clang,
    Gcc,
}

/// What the guest's code is compiled for.
#[derive(Debug)]
pub enum Build {
    /// To be fast on anything.
    Plain,
    /// To be run for a profile.
    Training,
    /// To be fast on what is like the profile's run.
    Trained(Made),
}

impl Build {
    /// Tells names of files apart.
    pub fn suffix(&self) -> &'static str {
        match self {
            Build::Plain => "",
            Build::Training => "-training",
            Build::Trained(_) => "-trained",
        }
    }

    /// Of a file of the translation. Only the numbered ones, where everything runs,
    /// are compiled in another way; other pipelines share the objects of the rest.
    fn of(&self, unit: &str) -> &Build {
        match unit.bytes().all(|byte| byte.is_ascii_digit()) {
            true => self,
            false => &Build::Plain,
        }
    }

    /// What names the places of instructions for a profile: lines and blocks of
    /// functions, and a path that is no machine's. The ELF that counts has none of it.
    fn add_to(&self, step: Step) -> Step {
        match self {
            Build::Plain => step,
            Build::Training => step.args([
                "-gline-tables-only",
                "-fdebug-info-for-profiling",
                "-fdebug-compilation-dir=.",
                "-ffile-prefix-map={in:unit}=unit.c",
            ]),
            Build::Trained(profile) => step.input("profile", profile.input()).args([
                "-fprofile-sample-use={in:profile}",
                "-mllvm",
                HOT,
            ]),
        }
    }
}

/// What a call may cost that LLVM inlines where the profile says that it is hot: its
/// own limit is 3000 (docs/pgo.md).
pub const HOT: &str = "-hot-callsite-threshold=5000";

/// Peak of compiling one of the files of a large Go guest, bytes.
const MEMORY: u64 = 1 << 30;

/// The C contract (translator/README.md) as far as it is the same for both compilers.
const CONTRACT: &[&str] = &[
    "-std=gnu11",
    "-fwrapv",
    "-fno-strict-aliasing",
    "-fno-delete-null-pointer-checks",
    "-ffp-contract=off",
];

/// No libc, nothing that differs from build to build, sections that the linker
/// can leave out.
const FREESTANDING: &[&str] = &[
    "-ffreestanding",
    "-fno-pic",
    "-fno-stack-protector",
    "-fno-asynchronous-unwind-tables",
    "-ffunction-sections",
    "-fdata-sections",
];

impl Compiler {
    pub fn name(self) -> &'static str {
        match self {
            Compiler::Clang => "clang",
            Compiler::Gcc => "gcc",
        }
    }

    /// The tool of the lock for this machine, and its program.
    fn tool(self, isa: Isa) -> (&'static str, &'static str) {
        match (self, isa) {
            (Compiler::Clang, _) => ("clang", "clang"),
            (Compiler::Gcc, Isa::Rv64im) => ("riscv64-elf-gcc", "gcc"),
            (Compiler::Gcc, Isa::X86_64) => ("gcc", "gcc"),
        }
    }

    /// What the two call differently: the rest of the C contract, silence about
    /// style, and that no frame may leap over the guard of a stack, which has
    /// 1 MiB (platform/*/link.ld).
    fn own(self) -> &'static [&'static str] {
        match self {
            Compiler::Clang => &[
                "-ffp-exception-behavior=maytrap",
                "-Wno-everything",
                "-Wframe-larger-than=262144",
                "-Werror=frame-larger-than",
            ],
            Compiler::Gcc => &["-fsignaling-nans", "-fno-dse", "-Werror=frame-larger-than=262144"],
        }
    }

    /// What a level means beyond its own flag. LLVM's other instruction selector
    /// takes 0.6 of the time at -O0.
    pub fn optimisation(self, isa: Isa, level: Level) -> Vec<&'static str> {
        match (self, isa, level) {
            (Compiler::Clang, Isa::Rv64im, Level::O0) => vec![level.flag(), "-fglobal-isel"],
            _ => vec![level.flag()],
        }
    }

    /// What says for which machine.
    fn machine(self, isa: Isa) -> &'static [&'static str] {
        match (self, isa) {
            (Compiler::Clang, Isa::Rv64im) => &[
                "--target=riscv64-unknown-elf",
                "-march=rv64im",
                "-mabi=lp64",
                "-mcmodel=medany",
                "-mno-strict-align",
            ],
            // Without a tuning whose misaligned accesses are quick, GCC 12 makes bytes of them.
            (Compiler::Gcc, Isa::Rv64im) => &[
                "-march=rv64im",
                "-mabi=lp64",
                "-mcmodel=medany",
                "-mno-strict-align",
                "-mtune=thead-c906",
            ],
            (Compiler::Clang, Isa::X86_64) => {
                &["--target=x86_64-unknown-linux-gnu", "-fno-pie", "-mcmodel=small"]
            }
            (Compiler::Gcc, Isa::X86_64) => &["-fno-pie", "-mcmodel=small"],
        }
    }
}

/// All that a compiler is told of any of our files but the level.
pub fn flags(compiler: Compiler, isa: Isa) -> Vec<String> {
    let parts = [compiler.machine(isa), CONTRACT, compiler.own(), FREESTANDING];
    parts.concat().into_iter().map(str::to_string).collect()
}

/// Adds a step for each file of a translation.
pub fn guest(
    plan: &mut Plan,
    root: &Path,
    target: &Target,
    translated: &Translated,
    build: &Build,
) -> Result<Vec<Made>> {
    let (guest, row) = (&target.guest.name, target.row);
    let variant = variant(target);
    let isa = target.platform.machine.isa;
    let from = format!("{guest}.{variant}.c");
    let level = row.level.flag();
    let of = translated.units.len() + 1;
    let mut objects = Vec::new();
    for (n, unit) in translated.units.iter().chain([&translated.image]).enumerate() {
        let build = build.of(&unit.output);
        let suffix = build.suffix();
        let name = format!("{guest}/wasrisc-compile-{variant}{level}{suffix}-{}", unit.output);
        let to = format!("{guest}.{variant}{level}{suffix}.o");
        let mut step = Step::new(name, &from, &to).input("unit", unit.input());
        step.part = Some(Part { number: n + 1, of });
        step.memory = MEMORY;
        step = if unit == &translated.image {
            assembler(step, row.compiler, isa)
                .input("bytes", translated.image_bytes.input())
                .args(["-Wa,-I{dir:bytes}", "-c", "{in:unit}", "-o", "{out:object}"])
        } else {
            sources::headers(root, &[runtime::CONTRACT], command(step, row.compiler, isa))?
                .args(tuning(target))
                .args(row.compiler.optimisation(isa, level_of(&unit.output, row.level)))
                // The name of a file that is only included is not in the object,
                // so that the same C gives the same object whatever its number.
                .args(["-x", "c", "-include", "{in:unit}", "/dev/null"])
                .args(["-c", "-o", "{out:object}"])
        };
        let step = build.add_to(step).output("object", "unit.o");
        objects.push(step.made("object"));
        plan.add(step)?;
    }
    Ok(objects)
}

/// What is resumed hardly runs, and takes longest to optimise.
fn level_of(unit: &str, level: Level) -> Level {
    match unit.starts_with(COLD) {
        true => Level::O0,
        false => level,
    }
}

/// A function of Go names its frame at each access, and LLVM gives up seeing that
/// nobody else knows it after the first hundred.
const USES: &str = "-capture-tracking-max-uses-to-explore=4000";

/// What LLVM is told for the fewest instructions: to schedule for registers instead
/// of latencies, which are not counted; that a register that a function has to save
/// costs two instructions each time it is called (2^14 is once); and to unroll loops
/// of constant counts a little further. Which scheduler needs fewer registers differs
/// by language (docs/go.md, docs/rust.md).
pub fn llvm(isa: Isa, language: &Language) -> &'static [&'static str] {
    match (isa, language.is_go()) {
        (Isa::Rv64im, true) => &["-enable-misched=0", "-pre-RA-sched=list-burr", COST, UNROLL],
        (Isa::Rv64im, false) => &["-enable-misched=0", "-pre-RA-sched=source", COST, UNROLL],
        (Isa::X86_64, _) => &[UNROLL],
    }
}

const COST: &str = "-regalloc-csr-first-time-cost=32768";

/// What only translated code is compiled with: the register of Go's `g` is left
/// alone, and instructions are few rather than quick.
pub fn tuning(target: &Target) -> Vec<&'static str> {
    let isa = target.platform.machine.isa;
    let (fixed, mut flags) = match (target.row.compiler, isa) {
        (Compiler::Clang, _) => {
            let llvm = llvm(isa, &target.guest.language);
            ("-ffixed-x27", llvm.iter().flat_map(|flag| ["-mllvm", flag]).collect())
        }
        (Compiler::Gcc, Isa::Rv64im) => ("-ffixed-s11", vec!["-fno-schedule-insns"]),
        (Compiler::Gcc, Isa::X86_64) => ("", Vec::new()),
    };
    if target.has_go_register() {
        flags.push(fixed);
        if target.row.compiler == Compiler::Clang {
            flags.extend(["-mllvm", USES]);
        }
    }
    flags
}

/// The compiler with all flags of a machine, and where headers lie.
pub fn command(step: Step, compiler: Compiler, isa: Isa) -> Step {
    let step = program(step, compiler, isa).args(flags(compiler, isa));
    step.args(["-ffile-prefix-map={root}=/wasrisc"])
}

/// The compiler for assembly of a machine.
pub fn assembler(step: Step, compiler: Compiler, isa: Isa) -> Step {
    program(step, compiler, isa).args(compiler.machine(isa))
}

fn program(step: Step, compiler: Compiler, isa: Isa) -> Step {
    let (tool, program) = compiler.tool(isa);
    step.tool(tool).args([format!("{{tool:{tool}/{program}}}")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::manifest::OwnModule;

    #[test]
    fn compilers_are_told_what_the_translator_asks_for() {
        for (compiler, asking) in [
            (Compiler::Clang, wasrisc_translator::Compiler::Clang),
            (Compiler::Gcc, wasrisc_translator::Compiler::Gcc),
        ] {
            for isa in [Isa::Rv64im, Isa::X86_64] {
                let told = flags(compiler, isa);
                for flag in asking.contract() {
                    assert!(told.iter().any(|t| t == flag), "{compiler:?} {isa:?}: {flag}");
                }
            }
        }
    }

    /// A module of one's own is compiled as a guest of its language is.
    #[test]
    fn what_go_made_is_known_by_the_module_too() {
        let own = |of_go| {
            Language::Wasm(OwnModule { path: "m.wasm".into(), file: "m.wasm".into(), of_go })
        };
        let isa = Isa::Rv64im;
        assert_eq!(llvm(isa, &own(true)), llvm(isa, &Language::Go));
        assert_eq!(llvm(isa, &own(false)), llvm(isa, &Language::Rust));
        assert_ne!(llvm(isa, &own(true)), llvm(isa, &own(false)));
    }

    #[test]
    fn readmes_of_machines_have_the_flags() {
        for (isa, readme) in [
            (Isa::Rv64im, include_str!("../../../../platform/linux/README.md")),
            (Isa::X86_64, include_str!("../../../../platform/amd64/README.md")),
        ] {
            let (_, command) = readme.split_once("\nclang-22 ").unwrap();
            let words: Vec<&str> =
                command.split("```").next().unwrap().split_whitespace().collect();
            for flag in flags(Compiler::Clang, isa) {
                assert!(words.contains(&&*flag), "{isa:?}: {flag}");
            }
        }
    }
}
