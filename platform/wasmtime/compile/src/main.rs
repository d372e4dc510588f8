//! Precompiles a wasm module with Cranelift:
//! `wasrisc-wasmtime-compile --target TRIPLE INPUT.wasm -o OUTPUT.cwasm`. With
//! `--provided FILE` a module that imports what is neither WASI's nor in the list
//! (`platform/imports/provided.txt`) is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use wasmparser::{Parser, Payload, TypeRef};
use wasmtime::{Engine, OptLevel};

/// The machines for which the runtime exists.
const TARGETS: [&str; 2] = ["riscv64gc-unknown-linux-gnu", "x86_64-unknown-linux-gnu"];

const USAGE: &str =
    "usage: wasrisc-wasmtime-compile --target TRIPLE [--provided FILE] INPUT.wasm -o OUTPUT.cwasm";

/// The runtime has all of its functions.
const WASI: &str = "wasi_snapshot_preview1";

struct Arguments {
    target: String,
    provided: Option<PathBuf>,
    input: PathBuf,
    output: PathBuf,
}

fn main() -> ExitCode {
    let arguments = match parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(reason) => {
            eprintln!("error: {reason}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match compile(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let (mut target, mut provided, mut input, mut output) = (None, None, None, None);
    while let Some(word) = words.next() {
        let slot = match word.as_str() {
            "--target" => &mut target,
            "--provided" => &mut provided,
            "-o" => &mut output,
            flag if flag.starts_with('-') => return Err(format!("unknown option {flag}")),
            _ => {
                set(&mut input, "INPUT.wasm", word)?;
                continue;
            }
        };
        let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
        set(slot, &word, value)?;
    }
    let target = target.ok_or("--target is missing")?;
    if !TARGETS.contains(&target.as_str()) {
        return Err(format!("unknown target {target}, known are {}", TARGETS.join(" and ")));
    }
    Ok(Arguments {
        target,
        provided: provided.map(PathBuf::from),
        input: input.ok_or("INPUT.wasm is missing")?.into(),
        output: output.ok_or("-o is missing")?.into(),
    })
}

fn set(slot: &mut Option<String>, name: &str, value: String) -> Result<(), String> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("{name} is given twice")),
    }
}

fn compile(arguments: &Arguments) -> Result<(), String> {
    let named = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let wasm = fs::read(&arguments.input).map_err(|error| named(&arguments.input, &error))?;
    if let Some(list) = &arguments.provided {
        let known = fs::read_to_string(list).map_err(|error| named(list, &error))?;
        check_imports(&wasm, &known).map_err(|error| named(&arguments.input, &error))?;
    }
    let code = precompile(&arguments.target, &wasm)
        .map_err(|error| named(&arguments.input, &format_args!("{error:#}")))?;
    fs::write(&arguments.output, code).map_err(|error| named(&arguments.output, &error))
}

/// Refuses what no line of `known` (`module name type`) has. What is no module is
/// left to the precompiler.
fn check_imports(wasm: &[u8], known: &str) -> Result<(), String> {
    let provided = |module: &str, name: &str| {
        let mut lines = known.lines().map(|line| line.split(' '));
        lines.any(|mut words| words.next() == Some(module) && words.next() == Some(name))
    };
    for payload in Parser::new(0).parse_all(wasm) {
        let Ok(Payload::ImportSection(imports)) = payload else { continue };
        for import in imports.into_iter().flatten() {
            let function = matches!(import.ty, TypeRef::Func(_));
            if !function || import.module != WASI && !provided(import.module, import.name) {
                let (module, name) = (import.module, import.name);
                return Err(format!("the module imports {module}.{name}, which nothing provides"));
            }
        }
    }
    Ok(())
}

fn precompile(target: &str, wasm: &[u8]) -> wasmtime::Result<Vec<u8>> {
    let mut config = wasrisc_wasmtime_settings::config();
    // Naming the target, even when it is this machine, also means the baseline
    // of its architecture and nothing that this machine happens to have.
    config.target(target)?.cranelift_opt_level(OptLevel::Speed);
    Engine::new(&config)?.precompile_module(wasm)
}
