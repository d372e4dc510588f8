//! What `--go-check` looks at stops a module that does it: each module here does one
//! thing that is assumed of no module of Go (docs/go.md), and is otherwise as Go's
//! compiler writes them. Which functions of a real one are translated plainly; and a
//! block under all of it.
//!
//! Uses the user's own cache, as the end-to-end tests do.

#[path = "support/limited.rs"]
mod limited;
#[path = "support/machine.rs"]
mod machine;
mod support;
#[path = "support/translator.rs"]
mod translator;

use std::path::PathBuf;
use std::process::Command;

use limited::limited;
use machine::{command, PLATFORMS};
use serde_json::Value;
use support::{project, xtask};
use translator::options;
use wasrisc_translator::{translate, Options};

const CHECKED: &str = "wasrisc-o1-go-check";
/// By what wasm says, and nothing that is known of Go.
const PLAIN: &str = "wasrisc-o0";

/// Seconds that a module may run, and that a block may take.
const LIMIT: u32 = 60;
const BLOCK_LIMIT: u32 = 1800;

/// What a bad module ends by under the first.
const TRAP: &str = "wasrisc: trap: the module does what is assumed of no module of Go\n";

/// Takes the return address off and returns.
const RETURN: &str = "(global.set 0 (i32.add (global.get 0) (i32.const 8))) (i32.const 0)";

/// The stack pointer at the start of `$f`, in a memory of one page.
const STACK: u32 = 65_000;

/// Eight bytes each, at 64: a number whose lower half alone is an address; a place in
/// the frame of `$f`; function values of `$leaf`, the same and something more, none
/// of the table, of a function of another type, of a place without one; a length in
/// the lower half.
const WORDS: [u64; 8] = [
    1 << 32 | 8,
    STACK as u64 - 16,
    4097 << 16,
    4097 << 16 | 1,
    60_000 << 16,
    4098 << 16,
    7 << 16,
    1 << 32 | 8,
];
const FAR: u32 = 64;
const OWN: u32 = 72;
const LEAF: u32 = 80;
const MORE: u32 = 88;
const NOWHERE: u32 = 96;
const OTHER_TYPE: u32 = 104;
const NOTHING: u32 = 112;
const LONG: u32 = 120;

/// What `$f` does, and what `$leaf` and `$foreign` do before they return.
#[derive(Clone, Default)]
struct Bodies {
    f: String,
    leaf: &'static str,
    foreign: &'static str,
}

impl Bodies {
    fn module(&self) -> Vec<u8> {
        let words: String = WORDS.iter().flat_map(|word| word.to_le_bytes()).map(escaped).collect();
        let globals = "(global (mut i64) (i64.const 0))".repeat(6);
        let Bodies { f, leaf, foreign } = self;
        let text = format!(
            "(module (@producers (processed-by \"Go cmd/compile\" \"go1.26.6\"))
               (type $go (func (param i32) (result i32))) (type $none (func))
               (memory 1) (table 4099 funcref) (elem (i32.const 4096) $f $leaf $foreign)
               (data (i32.const 64) \"{words}\")
               (global (mut i32) (i32.const 0)) {globals} (global (mut i32) (i32.const 0))
               (func $f (type $go) {f})
               (func $leaf (type $go) {leaf} {RETURN})
               (func $foreign (type $none) {foreign})
               (func (export \"_start\") (type $none)
                 (global.set 0 (i32.const {STACK})) (drop (call $f (i32.const 0)))))"
        );
        let buffer = wast::parser::ParseBuffer::new(&text).unwrap();
        let module = wast::parser::parse::<wast::Wat>(&buffer).and_then(|mut wat| wat.encode());
        module.unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

fn escaped(byte: u8) -> String {
    format!("\\{byte:02x}")
}

/// The address that a word holds, as Go takes it.
fn address(word: u32) -> String {
    format!("(i32.wrap_i64 (i64.load (i32.const {word})))")
}

/// Does this, and returns.
fn does(what: &str) -> Bodies {
    Bodies { f: format!("{what} {RETURN}"), ..Bodies::default() }
}

/// `$f` makes this call, with `before` evaluated ahead of it, and returns behind it.
fn calls(before: &str, call: &str) -> Bodies {
    let f = format!(
        "(local i32) (local.set 1 (global.get 0))
         (block (block (block (br_table 0 1 (local.get 0)))
           {before} (global.set 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 8))))
           {call} (local.set 1 (global.get 0)) (br_if 1))
           (return {RETURN}))
         (i32.const 1)"
    );
    Bodies { f, ..Bodies::default() }
}

/// A call of the function value in a word.
fn calls_value(word: u32) -> Bodies {
    let value = format!("(i64.load (i32.const {word}))");
    let call = "(i32.wrap_i64 (i64.shr_u (i64.const 16))) (local.set 0) (i32.const 0)
                (local.get 0) (call_indirect (type $go))";
    calls(&value, call)
}

const CALL_LEAF: &str = "(call $leaf (i32.const 0))";

/// Stores to its own frame, and something by a pointer.
fn stores(by_pointer: &str) -> Bodies {
    does(&format!("(i64.store (i32.sub (global.get 0) (i32.const 16)) (i64.const 5)) {by_pointer}"))
}

/// What Go does.
fn good() -> Vec<(&'static str, Bodies)> {
    vec![
        ("go-loads", stores("(i64.store (i32.const 8) (i64.load (i32.const 64)))")),
        ("go-calls", calls("", CALL_LEAF)),
        ("go-calls-a-value", calls_value(LEAF)),
        ("go-calls-another-type", does("(call $foreign)")),
    ]
}

/// What it does not, though wasm allows it.
fn bad() -> Vec<(&'static str, Bodies)> {
    let (far, own, long) = (address(FAR), address(OWN), address(LONG));
    vec![
        ("go-loads-far-away", does(&format!("(i64.store (i32.const 8) (i64.load {far}))"))),
        ("go-stores-far-away", does(&format!("(i64.store {far} (i64.const 1))"))),
        ("go-loads-of-its-frame", stores(&format!("(i64.store (i32.const 8) (i64.load {own}))"))),
        ("go-stores-to-its-frame", stores(&format!("(i64.store {own} (i64.const 1))"))),
        (
            "go-fills-its-frame",
            stores(&format!("(memory.fill {own} (i32.const 0) (i32.const 24))")),
        ),
        (
            "go-copies-its-frame",
            stores(&format!("(memory.copy (i32.const 512) {own} (i32.const 24))")),
        ),
        (
            "go-fills-by-a-long-length",
            does(&format!("(memory.fill (i32.const 512) (i32.const 0) {long})")),
        ),
        ("go-changes-g", Bodies { leaf: "(global.set 2 (i64.const 7))", ..calls("", CALL_LEAF) }),
        (
            "go-changes-g-in-another-type",
            Bodies { foreign: "(global.set 2 (i64.const 7))", ..does("(call $foreign)") },
        ),
        (
            "go-moves-the-stack-pointer",
            Bodies { foreign: "(global.set 0 (i32.const 1024))", ..does("(call $foreign)") },
        ),
        ("go-calls-a-value-and-more", calls_value(MORE)),
    ]
}

/// What is a trap of wasm's own too, which the conventions do not look for.
fn wrong() -> Vec<(&'static str, Bodies)> {
    vec![
        ("go-calls-outside-of-the-table", calls_value(NOWHERE)),
        ("go-calls-by-another-type", calls_value(OTHER_TYPE)),
        ("go-calls-nothing", calls_value(NOTHING)),
    ]
}

/// What is looked at is what a fast version does.
fn is_fast(name: &str, module: &[u8]) {
    let translated = translate(module, &Options { go_check: true, ..options() }).expect(name);
    let verdict = translated.go_report.lines().next().unwrap_or_default();
    assert!(verdict.starts_with("f: fast"), "{name}: {verdict}");
}

/// Modules, built in a folder of their own.
struct Built {
    folder: tempfile::TempDir,
}

impl Built {
    fn of(modules: &[(&str, Bodies)]) -> Built {
        let folder = tempfile::tempdir().unwrap();
        for (name, bodies) in modules {
            let module = bodies.module();
            is_fast(name, &module);
            std::fs::write(folder.path().join(format!("{name}.wasm")), module).unwrap();
        }
        Built { folder }
    }

    /// What each does by this pipeline there: its exit code, and what it says.
    fn ends(&self, names: &[&str], pipeline: &str, platform: &str) -> Vec<Ending> {
        let modules = names.iter().map(|name| self.folder.path().join(format!("{name}.wasm")));
        let mut build = xtask();
        succeed(build.args(["build", "-p", pipeline, "-t", platform]).args(modules));
        let run = |name: &&str| {
            let elf = elf(name, pipeline, platform);
            let program = command(platform, &elf, &[], &[], &[], self.folder.path());
            let done = limited(&program, LIMIT).output().unwrap();
            (name.to_string(), done.status.code(), String::from_utf8_lossy(&done.stderr).into())
        };
        names.iter().map(run).collect()
    }
}

/// A module's name, its exit code, what it says.
type Ending = (String, Option<i32>, String);

/// All of these modules end so.
fn all(names: &[&str], code: i32, said: &str) -> Vec<Ending> {
    names.iter().map(|name| (name.to_string(), Some(code), said.to_string())).collect()
}

/// What was built, by name.
fn elf(name: &str, pipeline: &str, platform: &str) -> PathBuf {
    project().join(format!("target/wasrisc/{platform}/{pipeline}/{name}.elf"))
}

fn succeed(command: &mut Command) {
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn names(modules: &[(&'static str, Bodies)]) -> Vec<&'static str> {
    modules.iter().map(|(name, _)| *name).collect()
}

#[test]
fn what_go_does_passes_and_what_it_does_not_is_stopped() {
    let kinds = [good(), bad(), wrong()];
    let [good, bad, wrong] = kinds.each_ref().map(|modules| names(modules));
    let built = Built::of(&kinds.concat());
    for platform in PLATFORMS {
        assert_eq!(built.ends(&good, CHECKED, platform), all(&good, 0, ""), "{platform}");
        let stopped = [&bad[..], &wrong].concat();
        assert_eq!(built.ends(&stopped, CHECKED, platform), all(&stopped, 134, TRAP), "{platform}");
    }
    // What it is stopped for is no trap of wasm's own, but where it is.
    let valid = [&good[..], &bad].concat();
    assert_eq!(built.ends(&valid, PLAIN, "linux"), all(&valid, 0, ""));
    assert!(built.ends(&wrong, PLAIN, "linux").iter().all(|(_, code, _)| *code == Some(134)));
}

/// With types of their own; with C in their place; which set the stack pointer to
/// what they loaded, and what calls such a one behind whose return it would trap.
const OWN_TYPE: [&str; 13] = [
    "_rt0_wasm_wasip1",
    "cmpbody",
    "gcWriteBarrier",
    "runtime_gcWriteBarrier1",
    "runtime_gcWriteBarrier2",
    "runtime_gcWriteBarrier3",
    "runtime_gcWriteBarrier4",
    "runtime_gcWriteBarrier5",
    "runtime_gcWriteBarrier6",
    "runtime_gcWriteBarrier7",
    "runtime_gcWriteBarrier8",
    "runtime_wasmDiv",
    "wasm_pc_f_loop",
];
const IN_C: [&str; 3] = ["memchr", "memcmp", "memeqbody"];
const MOVE_THE_STACK_POINTER: [&str; 6] = [
    "runtime_gogo",
    "runtime_mcall",
    "runtime_morestack",
    "runtime_pause",
    "runtime_switchToCrashStack0",
    "runtime_systemstack",
];
const TRAPS: &str = "runtime_rt0_go";

/// docs/go.md lists them. One more is a convention that is not known, or code that the
/// translator lost the stack pointer in.
#[test]
fn functions_of_a_module_of_go_that_break_its_conventions() {
    let folder = tempfile::tempdir().unwrap();
    succeed(xtask().args(["build", "endings-go", "-p", PLAIN, "--emit"]).arg(folder.path()));
    let module = folder.path().join(format!("endings-go-{PLAIN}-linux/endings-go.wasm"));
    let translated = translate(&std::fs::read(module).unwrap(), &options()).unwrap();
    let named = |reason: &str| -> Vec<&str> {
        let lines = translated.go_report.lines().filter_map(|line| line.split_once(": plain: "));
        let mut names: Vec<&str> =
            lines.filter(|(_, said)| said.starts_with(reason)).map(|(name, _)| name).collect();
        names.sort_unstable();
        names
    };
    let own_type = "it has a type of its own";
    let mut typed = [&OWN_TYPE[..], &IN_C].concat();
    typed.sort_unstable();
    assert_eq!(named(own_type), typed);
    assert_eq!(named(&format!("{own_type}, C in its place")), IN_C);
    assert_eq!(named("the stack pointer comes from elsewhere"), MOVE_THE_STACK_POINTER);
    assert_eq!(named("traps if runtime_check unwinds"), [TRAPS]);
    let all = OWN_TYPE.len() + IN_C.len() + MOVE_THE_STACK_POINTER.len() + 1;
    assert_eq!(named("").len(), all, "{:?}", named(""));
}

/// The workload that matters: with the collector off, as it runs in a zkVM, as Go has
/// it, and always on.
#[test]
#[ignore = "compiles `stateless` four times: `cargo xtask test --long`"]
fn a_block_gives_its_root_while_what_is_assumed_is_looked_at_and_stacks_move() {
    let room = tempfile::tempdir().unwrap();
    let file = |end| project().join(format!("guests/stateless/inputs/generated-{end}.rlp"));
    let mut import = xtask();
    import.env("WASRISC_DATA_DIR", room.path()).args(["input", "import", "block", "--json"]);
    import.args(["--chain", "hoodi", "--block"]).arg(file("block"));
    import.arg("--witness").arg(file("witness"));
    let imported: Value = serde_json::from_slice(&import.output().unwrap().stdout).unwrap();
    let payload = std::fs::read(imported["payload"].as_str().unwrap()).unwrap();
    let root = imported["block"]["state_root"].as_str().unwrap();
    for pipeline in [PLAIN, "wasrisc-o1", CHECKED, "wasrisc-o1-go-move"] {
        succeed(xtask().args(["build", "stateless", "-p", pipeline]));
        let elf = elf("stateless", pipeline, "linux");
        for collector in ["off", "100", "1"] {
            let environment = [("GOGC", collector)];
            let program = command("linux", &elf, &[], &environment, &payload, room.path());
            let input = std::fs::File::open(room.path().join("input")).unwrap();
            let done = limited(&program, BLOCK_LIMIT).stdin(input).output().unwrap();
            let said = String::from_utf8_lossy(&done.stdout);
            let valid = said.contains(&format!("valid: state root {root}"));
            assert!(done.status.success() && valid, "{pipeline}, GOGC={collector}: {done:?}");
        }
    }
}
