//! `wasrisc-translate`: the library on files.

use anyhow::{bail, Context, Error, Result};
use clap::Parser;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use wasrisc_translator::{
    rename_symbols, translate, Bounds, Compiler, Extension, File, MemoryBase, Names, Options,
    Provided, Symbol, Translation, Unaligned, RUNTIME,
};

/// Translates a WebAssembly module to C for GCC and clang.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The module, in the binary format
    module: PathBuf,
    /// Folder for the C files; made if it is missing
    #[arg(short, long)]
    output: PathBuf,
    /// Begins every symbol and file name
    #[arg(long, default_value = "w")]
    prefix: String,
    /// Where memory 0 lies: identity, symbol, register, or an address (0x80000000)
    #[arg(long, default_value = "register", value_parser = memory_base)]
    memory_base: MemoryBase,
    /// The machine register that holds a base at an address (tp)
    #[arg(long)]
    base_register: Option<String>,
    /// What finds accesses outside of memory: none, explicit, guard
    #[arg(long, default_value = "explicit", value_parser = bounds)]
    bounds: Bounds,
    /// How many bytes behind memory 0's end fault, for explicit checks
    #[arg(long, default_value_t = 0)]
    guard_bytes: u64,
    /// A machine register for memory 0's size, for explicit checks (gp)
    #[arg(long)]
    size_register: Option<String>,
    /// How scalars at odd addresses are accessed: machine, checked
    #[arg(long, default_value = "machine", value_parser = unaligned)]
    unaligned: Unaligned,
    /// How addresses get 64 bits: sign (memory up to 2 GiB), zero
    #[arg(long, default_value = "sign", value_parser = extension)]
    extension: Extension,
    /// What memory.grow may not pass, in pages of 64 KiB
    #[arg(long)]
    max_pages: Option<u64>,
    /// How many C files functions go to
    #[arg(long, default_value_t = 1)]
    files: usize,
    /// What functions are called: index, section
    #[arg(long, default_value = "section", value_parser = names)]
    names: Names,
    /// gcc, clang
    #[arg(long, default_value = "gcc", value_parser = compiler)]
    compiler: Compiler,
    /// Leaves out the comparison of frames with the stack's limit
    #[arg(long)]
    no_stack_checks: bool,
    /// Translates modules of Go's compiler like any other
    #[arg(long)]
    no_go: bool,
    /// Keeps Go's `g` in this machine register (s11), which the compiler has to
    /// leave alone (-ffixed-x27)
    #[arg(long)]
    go_register: Option<String>,
    /// Has the C look at what is assumed of Go's modules, and trap
    #[arg(long)]
    go_check: bool,
    /// Has every so many looks at the limit of a stack of Go's move it
    #[arg(long, value_name = "LOOKS")]
    go_move: Option<u32>,
    /// Says on standard error what was made of each function of Go, and why
    #[arg(long)]
    explain_go: bool,
    /// A list of functions, such as `env add (i32) -> (i32)`: refuses a module
    /// that imports others, or that has no start
    #[arg(long)]
    provided: Option<PathBuf>,
    /// Also writes the runtime's files
    #[arg(long)]
    runtime: bool,
    /// Also writes the functions' symbols, indices and names, separated by tabs
    #[arg(long)]
    symbols: Option<PathBuf>,
    /// Names for --symbols from an unstripped build of the same module
    #[arg(long, requires = "symbols")]
    names_from: Option<PathBuf>,
}

fn memory_base(text: &str) -> Result<MemoryBase> {
    Ok(match text {
        "identity" => MemoryBase::Identity,
        "symbol" => MemoryBase::Symbol,
        "register" => MemoryBase::Register,
        _ => match text.strip_prefix("0x").map(|digits| u64::from_str_radix(digits, 16)) {
            Some(Ok(address)) => MemoryBase::Address(address),
            _ => bail!("identity, symbol, register, or an address such as 0x80000000"),
        },
    })
}

fn bounds(text: &str) -> Result<Bounds> {
    Ok(match text {
        "none" => Bounds::None,
        "explicit" => Bounds::Explicit,
        "guard" => Bounds::Guard,
        _ => bail!("none, explicit or guard"),
    })
}

fn unaligned(text: &str) -> Result<Unaligned> {
    Ok(match text {
        "machine" => Unaligned::Machine,
        "checked" => Unaligned::Checked,
        _ => bail!("machine or checked"),
    })
}

fn extension(text: &str) -> Result<Extension> {
    Ok(match text {
        "sign" => Extension::Sign,
        "zero" => Extension::Zero,
        _ => bail!("sign or zero"),
    })
}

fn names(text: &str) -> Result<Names> {
    Ok(match text {
        "index" => Names::Index,
        "section" => Names::Section,
        _ => bail!("index or section"),
    })
}

fn compiler(text: &str) -> Result<Compiler> {
    Ok(match text {
        "gcc" => Compiler::Gcc,
        "clang" => Compiler::Clang,
        _ => bail!("gcc or clang"),
    })
}

impl Arguments {
    fn options(&self) -> Options {
        Options {
            prefix: self.prefix.clone(),
            memory_base: self.memory_base,
            base_register: self.base_register.clone(),
            bounds: self.bounds,
            guard_bytes: self.guard_bytes,
            size_register: self.size_register.clone(),
            unaligned: self.unaligned,
            extension: self.extension,
            max_pages: self.max_pages,
            files: self.files,
            names: self.names,
            compiler: self.compiler,
            stack_checks: !self.no_stack_checks,
            go: !self.no_go,
            go_register: self.go_register.clone(),
            go_check: self.go_check,
            go_moves: self.go_move,
            ..Options::default()
        }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let module = read(&arguments.module)?;
    let translated = translate(&module, &arguments.options());
    let mut translation = translated.with_context(|| arguments.module.display().to_string())?;
    if let Some(path) = &arguments.provided {
        check_provided(path, &translation)
            .with_context(|| arguments.module.display().to_string())?;
    }
    if let Some(unstripped) = &arguments.names_from {
        rename_symbols(&mut translation.symbols, &module, &read(unstripped)?)
            .with_context(|| unstripped.display().to_string())?;
    }
    if arguments.explain_go {
        eprint!("{}", translation.go_report);
    }
    let mut files = translation.files;
    let runtime = RUNTIME.iter().filter(|_| arguments.runtime);
    files.extend(runtime.map(|(name, contents)| File {
        name: name.to_string(),
        contents: contents.as_bytes().to_vec(),
    }));
    refuse_others(&arguments.output, &arguments.prefix, &files)?;
    if let Some(path) = &arguments.symbols {
        write(path, symbol_table(&translation.symbols).as_bytes())?;
    }
    put(&arguments.output, &files)
}

/// Sources of a translation to more files would be compiled with this one's.
fn refuse_others(folder: &Path, prefix: &str, files: &[File]) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let source = name.ends_with(".c") && name.starts_with(&format!("{prefix}_"));
        if source && files.iter().all(|file| file.name != name) {
            bail!("{} is of another translation: remove it", entry.path().display());
        }
    }
    Ok(())
}

/// Writes the files beside `folder`, then moves them there. If there was no folder, no
/// part of a translation is ever taken for a whole one; else each file is whole, and
/// other files stay.
fn put(folder: &Path, files: &[File]) -> Result<()> {
    let mut beside = folder.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = PathBuf::from(beside);
    let outcome = put_by(&beside, folder, files);
    if outcome.is_err() {
        let _ = std::fs::remove_dir_all(&beside);
    }
    outcome
}

fn put_by(beside: &Path, folder: &Path, files: &[File]) -> Result<()> {
    let at = |path: &Path| path.display().to_string();
    std::fs::create_dir_all(beside).with_context(|| at(beside))?;
    for file in files {
        write(&beside.join(&file.name), &file.contents)?;
    }
    if !folder.exists() {
        return std::fs::rename(beside, folder).with_context(|| at(folder));
    }
    for file in files {
        let path = folder.join(&file.name);
        std::fs::rename(beside.join(&file.name), &path).with_context(|| at(&path))?;
    }
    std::fs::remove_dir(beside).with_context(|| at(beside))
}

fn check_provided(path: &Path, translation: &Translation) -> Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let provided =
        Provided::parse(&text).map_err(Error::msg).with_context(|| path.display().to_string())?;
    provided.check(translation).map_err(Error::msg)
}

fn symbol_table(symbols: &[Symbol]) -> String {
    let mut text = String::new();
    for symbol in symbols {
        let name = symbol.name.as_deref().unwrap_or_default().replace(['\t', '\n'], " ");
        let _ = writeln!(text, "{}\t{}\t{name}", symbol.symbol, symbol.function);
    }
    text
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.display().to_string())
}

fn write(path: &Path, contents: &[u8]) -> Result<()> {
    std::fs::write(path, contents).with_context(|| path.display().to_string())
}
