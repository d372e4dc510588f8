//! What `--explain-go` says of functions that are almost as Go's compiler
//! writes them: a fast version only where nothing else can happen.

mod support;

use std::process::Command;
use wasrisc_translator::{
    translate, Bounds, Compiler, Extension, File, MemoryBase, Options, Unaligned,
};

const GLOBALS: &str = "(global (mut i32) (i32.const 0)) (global (mut i64) (i64.const 0))
    (global (mut i64) (i64.const 0)) (global (mut i64) (i64.const 0))
    (global (mut i64) (i64.const 0)) (global (mut i64) (i64.const 0))
    (global (mut i64) (i64.const 0)) (global (mut i32) (i32.const 0))";

/// Takes the return address off and returns.
const RETURN: &str = "(global.set 0 (i32.add (global.get 0) (i32.const 8))) (i32.const 0)";

/// A body of `$f`, and `$leaf`, which returns.
fn module(table: &str, body: &str) -> Vec<u8> {
    let text = module_text(table, body);
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn module_text(table: &str, body: &str) -> String {
    format!(
        "(module (@producers (processed-by \"Go cmd/compile\" \"go1.26.6\"))
           (type $go (func (param i32) (result i32))) (type $none (func))
           (elem (i32.const 4096) $f $leaf $trap)
           (memory 1) (table {table} funcref) {GLOBALS}
           (func $f (type $go) {body})
           (func $leaf (type $go) {RETURN})
           (func $trap (type $go) (unreachable)))"
    )
}

fn options() -> Options {
    Options {
        bounds: Bounds::None,
        memory_base: MemoryBase::Identity,
        compiler: Compiler::Clang,
        go_register: Some("s11".into()),
        ..Options::default()
    }
}

/// What is said first: of `$f`, or of the module.
fn check(table: &str, body: &str, options: &Options, verdict: &str) -> String {
    let translation = translate(&module(table, body), options).expect(body);
    assert_eq!(translation.go_report.lines().next(), Some(verdict), "{body}");
    compiled(translation.files, body)
}

/// All C of a translation, which a compiler takes.
fn compiled(files: Vec<File>, what: &str) -> String {
    let directory = tempfile::tempdir().expect("a temporary folder");
    for file in &files {
        std::fs::write(directory.path().join(&file.name), &file.contents).expect("written");
    }
    support::compiles(directory.path(), what);
    let contents = files.into_iter().map(|file| file.contents);
    contents.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

fn plain(body: &str, reason: &str) {
    check("4099", body, &options(), &format!("f: plain: {reason}"));
}

/// A constant base takes instructions to make; one in a register is an operand.
#[test]
fn a_base_in_a_register_is_between_stack_pointer_and_number() {
    let options = Options {
        memory_base: MemoryBase::Address(1 << 32),
        base_register: Some("tp".into()),
        ..options()
    };
    let body = format!(
        "(local i32) (local.set 1 (global.get 0))
         (if (i64.le_u (i64.extend_i32_u (local.get 1))
                       (i64.load32_u offset=16 (i32.wrap_i64 (global.get 2))))
           (then (unreachable)))
         (i64.store offset=8 (local.get 1)
           (i64.extend_i32_u (i32.sub (local.get 1) (i32.const 16))))
         {RETURN}"
    );
    let text = check("4099", &body, &options, "f: fast, never resumed, frame escapes");
    assert!(text.contains("(wasrisc_place(sp)) <= (u64)LOAD(u32, "), "{text}");
    assert!(text.contains("STORE(u64, sp + 8, (wasrisc_place(sp - 16)))"), "{text}");
}

/// The limit as it is, and of a frame that is large, but not so large that Go's sum
/// wraps; and not what else is compared.
#[test]
fn stacks_move_where_their_limit_is_looked_at() {
    let options = Options { go_moves: Some(61), ..options() };
    let guard = "(i32.load offset=16 (i32.wrap_i64 (global.get 2)))";
    let sum = |by: u32| format!("(i32.add {guard} (i32.const {by}))");
    let other = "(i32.load offset=24 (i32.wrap_i64 (global.get 2)))";
    for (limit, moves) in [(guard, 1), (&sum(274), 1), (&sum(275), 0), (other, 0)] {
        let body = format!(
            "(local i32) (local.set 1 (global.get 0))
             (if (i32.le_u (local.get 1) {limit}) (then (unreachable)))
             {RETURN}"
        );
        let c = check("4099", &body, &options, "f: fast, never resumed, own frame");
        let call = "wasrisc_go_move_stack((u8 *)(u64)0ull, ";
        assert_eq!(c.matches(call).count(), moves, "{limit}: {c}");
    }
    let none = Options { go_moves: Some(0), ..options };
    let refused = translate(&module("4099", RETURN), &none).expect_err("no look at all");
    assert!(refused.to_string().contains("1 or more"), "{refused}");
}

#[test]
fn what_go_does_is_fast() {
    check("4099", RETURN, &options(), "f: fast, never resumed, own frame");
    let called = format!(
        "(local i32) (local.set 1 (global.get 0))
         (block (block (block (br_table 0 1 (local.get 0)))
           (global.set 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 8))))
           (call $leaf (i32.const 0)) (local.set 1 (global.get 0)) (br_if 1))
           (return {RETURN}))
         (i32.const 1)"
    );
    check("4099", &called, &options(), "f: fast, resumable, own frame");
    // The way behind the call is dead, and no reason to give up the module.
    let dead = called.replace("$leaf", "$trap");
    check("4099", &dead, &options(), "f: fast, never resumed, own frame, never returns");
}

#[test]
fn a_length_is_cut_to_32_bits_where_it_may_be_half_of_a_number() {
    let copy = "(memory.copy (i32.const 64) (i32.const 32)
        (i32.wrap_i64 (i64.load offset=24 (global.get 0))))";
    let called = format!(
        "(block (block (block (br_table 0 1 (local.get 0)))
           {copy} (global.set 0 (i32.sub (global.get 0) (i32.const 8)))
           (br_if 1 (call $leaf (i32.const 0))))
           (return {RETURN}))
         (i32.const 1)"
    );
    let check = |body: &str, verdict: &str, length: &str| {
        let c = check("4099", body, &options(), verdict);
        let line = c.lines().find(|line| line.contains("wasrisc_go_move")).expect("a copy");
        assert!(line.ends_with(&format!(", {length});")), "{line}");
    };
    let leaf = format!("{copy} {RETURN}");
    check(&leaf, "f: fast, never resumed, own frame", "LOAD(u64, sp + 24)");
    check(&called, "f: fast, resumable, own frame", "(u32)LOAD(u64, sp + 24)");
}

#[test]
fn small_functions_of_other_files_are_copied() {
    let store = "(i64.store (i32.const 8) (i64.const 1))";
    let call = format!(
        "(block (global.set 0 (i32.sub (global.get 0) (i32.const 8)))
           (call $leaf (i32.const 0)) (br_if 0) (return {RETURN}))
         (i32.const 1)"
    );
    for (calls, copied) in [(true, true), (false, false)] {
        let body = format!("{} {}", store.repeat(40), if calls { &call } else { RETURN });
        let options = Options { files: 8, ..options() };
        let verdict = "f: fast, resumable, own frame";
        let verdict = if calls { verdict } else { "f: fast, never resumed, own frame" };
        let text = check("4099", &body, &options, verdict);
        assert_eq!(text.contains("WASRISC_GO_COPY void wfast_leaf("), copied, "{text}");
        assert!(!text.contains("WASRISC_GO_COPY void wfast_f("), "{text}");
    }
}

#[test]
fn calls_that_are_not_gos() {
    plain(
        "(call_indirect (type $none) (i32.const 0)) (i32.const 0)",
        "an indirect call of a type of its own",
    );
    plain("(return_call $leaf (i32.const 0))", "it makes tail calls");
    let call = "(global.set 0 (i32.sub (global.get 0) (i32.const 8))) (call $leaf (i32.const 0))";
    let ignored = "a call's result is not looked at";
    plain(&format!("{call} (drop) {RETURN}"), ignored);
    plain(&format!("(local i32 i32) {call} (local.set 2) {RETURN}"), ignored);
    plain(&format!("{call} (if (then (nop))) {RETURN}"), ignored);
    plain(
        &format!("{call} (global.get 0) (br_if 0 (i32.const 1)) (drop) (drop) {RETURN}"),
        ignored,
    );
    let traps = format!("{call} (if (then (unreachable))) {RETURN}");
    plain(&traps, "traps if leaf unwinds");
    let verdict = "f: fast, never resumed, own frame, never returns";
    check("4099", &traps.replace("$leaf", "$trap"), &options(), verdict);
    // A function value in local 0, and then something else.
    plain(
        "(local i32 i64)
         (local.set 0 (i32.wrap_i64 (i64.shr_u (local.get 2) (i64.const 16))))
         (local.set 0 (i32.const 3))
         (return (call_indirect (type $go) (i32.const 0) (local.get 0)))",
        "an indirect call that is not Go's",
    );
}

#[test]
fn resume_points_that_are_not_constant() {
    let targets = "(block (block (block (br_table 0 1 2 (local.get 0))) (nop)) (nop))";
    plain(
        &format!("(local.set 0 (i32.const 2)) {targets} {RETURN}"),
        "a resume point set before the dispatch",
    );
    plain(
        &format!("(loop (i64.store (i32.const 8) (i64.const 1)) {targets} (br 0)) (unreachable)"),
        "a dispatch on the resume point inside of a loop",
    );
    // It returns, though not by what its blocks say.
    plain(
        &format!(
            "(local i32 i32)
             (loop (block (block (br_table 0 1 (local.get 0)))
               (local.set 0 (local.get 2)) (br 1))
               (return {RETURN}))
             (unreachable)"
        ),
        "a resume point that is not constant",
    );
}

#[test]
fn local_1_is_zero_until_it_is_set() {
    let reason = "local 1 is not the stack pointer";
    plain(&format!("(local i32) (i64.store (local.get 1) (i64.const 7)) {RETURN}"), reason);
    plain(&format!("(local i64) (i64.store (i32.const 8) (local.get 1)) {RETURN}"), reason);
}

/// The verdict on the module with one place of its text changed.
fn changed(from: &str, to: &str) -> String {
    let text = module_text("4099", RETURN);
    assert!(text.contains(from), "{from}");
    let wasm = wat::parse_str(text.replacen(from, to, 1)).expect(to);
    let translation = translate(&wasm, &options()).expect(to);
    translation.go_report.lines().next().unwrap_or_default().to_string()
}

#[test]
fn modules_that_are_not_as_gos_compiler_leaves_them() {
    let version = "\"go1.26.6\"";
    for (to, more) in [
        ("\"go1.26.6 X:greenteagc\"", "go1.26.6 X:greenteagc"),
        ("\"go1.26.6\") (processed-by \"wasm-opt\" \"1\"", "go1.26.6, wasm-opt"),
    ] {
        let reason = format!("not translated as Go: {more} is more than Go's compiler");
        assert!(changed(version, to).starts_with(&reason), "{to}: {}", changed(version, to));
    }
}

/// docs/go.md says what was run with which; neither a release candidate nor a
/// compiler from between two releases was.
#[test]
fn versions_that_were_tested() {
    for (version, tested) in [
        ("go1.24.11", false),
        ("go1.25.5", false),
        ("go1.26", true),
        ("go1.26.6", true),
        ("go1.27.3", true),
        ("go1.27rc1", false),
        ("go1.28.0", false),
        ("go2.26.6", false),
        ("devel go1.27-0123456789 Tue Aug 4 12:00:00 2026 +0000", false),
    ] {
        let refused = format!("not translated as Go: {version} is not a version that was tested");
        let said = changed("\"go1.26.6\"", &format!("\"{version}\""));
        assert_eq!(said != refused, tested, "{said}");
        assert_eq!(said.starts_with("f: fast"), tested, "{said}");
    }
}

/// Imports have types of their own, so that a function's index is not its place.
#[test]
fn exports_that_an_import_could_call() {
    let import = |module: &str, name: &str| {
        let import = format!("(import \"{module}\" \"f\" (func (type $none)))");
        changed("(elem", &format!("{import} (export \"{name}\" (func $f)) (elem"))
    };
    let refused = "not translated as Go: it exports functions that its imports could call";
    assert_eq!(import("host", "callback"), refused);
    assert_ne!(import("host", "_start"), refused);
    assert_ne!(import("wasi_snapshot_preview1", "callback"), refused);
}

/// By a callee that sets it from memory: the caller is resumed where it is then.
#[test]
fn a_stack_that_was_moved_by_a_callee_is_left() {
    let body = format!(
        "(local i32)
         (block (block (block (br_table 0 1 (local.get 0)))
           (global.set 0 (i32.sub (global.get 0) (i32.const 8)))
           (br_if 1 (call $runtime.systemstack (i32.const 0))))
           (return {RETURN}))
         (i32.const 1)"
    );
    let text = module_text("4099", &body).replace(
        "(func $trap",
        "(func $runtime.systemstack (type $go)
           (global.set 0 (i32.load (i32.const 64))) (i32.const 0))
         (func $trap",
    );
    let high = |register: Option<&str>| Options {
        memory_base: MemoryBase::Address(1 << 32),
        base_register: register.map(str::to_string),
        ..options()
    };
    for (options, after) in [
        (options(), "(u64)(sp + 8)"),
        (high(None), "((u64)(sp + 8) - 0x100000000ull)"),
        (high(Some("tp")), "wasrisc_place(sp + 8)"),
    ] {
        let translation = translate(&wat::parse_str(&text).expect(&text), &options).expect(&text);
        let verdicts: Vec<&str> = translation.go_report.lines().collect();
        assert_eq!(verdicts[0], "f: fast, resumable, own frame");
        let plain = "runtime_systemstack: plain: the stack pointer comes from elsewhere";
        assert_eq!(verdicts[2], plain);
        let look = format!(
            "if (w_runtime_systemstack(0u) || wglobal0 != (u32){after}) wasrisc_go_unwind();"
        );
        let all = compiled(translation.files, "systemstack");
        assert!(all.contains(&look), "{all}");
    }
}

/// What a call that is resumed, or a panic, may look at is in memory by then.
#[test]
fn own_slots_are_written_before_a_call_that_never_returns() {
    let body = "(local i32) (local.set 1 (global.get 0))
         (block (block (block (br_table 0 1 (local.get 0)))
           (global.set 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 16))))
           (i64.store (local.get 1) (i64.const 5))
           (if (i64.eqz (i64.load (local.get 1)))
             (then (global.set 0 (i32.add (local.get 1) (i32.const 24))) (return (i32.const 0))))
           (global.set 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 8))))
           (call $trap (i32.const 0)) (local.set 1 (global.get 0)) (br_if 1))
           (unreachable))
         (i32.const 1)";
    let verdict = "f: fast, never resumed, own frame, slots as variables: 1";
    let text = check("4099", body, &options(), verdict);
    let (before, behind) = text.split_once("return wfast_trap(").expect(&text);
    assert!(before.contains("slot16 = "), "{before}");
    assert!(before.trim_end().ends_with("STORE(u64, sp - 16, slot16);"), "{before}");
    assert!(!behind.contains("STORE(u64, sp - 16"), "{behind}");
}

#[test]
fn tables_that_are_not_gos() {
    for (table, reason) in [
        ("(export \"table\") 4099", "there is not one table, or something can change it"),
        ("4000000000", "the table is not that of Go's linker"),
    ] {
        check(table, RETURN, &options(), &format!("not translated as Go: {reason}"));
    }
    check(
        "4099",
        "(drop (table.grow 0 (ref.null func) (i32.const 1))) (i32.const 0)",
        &options(),
        "not translated as Go: there is not one table, or something can change it",
    );
}

#[test]
fn options_that_go_does_without() {
    let zero = Options { extension: Extension::Zero, ..options() };
    check("4099", RETURN, &zero, "not translated as Go: addresses are extended by zeros");
    let body = |offset: u32| {
        format!(
            "(local i32) (local.set 1 (global.get 0))
             (i64.store (global.get 0) (i64.const 268435457))
             (if (i32.le_u (local.get 1)
                   (i32.load offset={offset} (i32.wrap_i64 (global.get 2))))
               (then (unreachable))) {RETURN}"
        )
    };
    let checked = Options { unaligned: Unaligned::Checked, ..options() };
    for (offset, options, guard) in
        [(16, options(), true), (4096, options(), false), (16, checked, false)]
    {
        let verdict = "f: fast, never resumed, own frame";
        let text = check("4099", &body(offset), &options, verdict);
        assert_eq!(text.contains("WASRISC_GO_GUARD("), guard, "{offset}");
        assert!(text.contains("WASRISC_GO_STORE("), "{offset}");
    }
}

/// The C of `xorBytes` on the build machine: what it returns, also where ranges overlap.
#[test]
fn blocks_are_joined_as_go_joins_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let translator = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = folder.path().join("xor");
    let built = Command::new("cc")
        .args(["-std=gnu11", "-O2", "-fwrapv", "-fno-strict-aliasing", "-I"])
        .args([
            translator.join("runtime"),
            translator.join("tests/xor.c"),
            "-o".into(),
            program.clone(),
        ])
        .output()
        .expect("cc starts");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let done = Command::new(program).status().expect("it starts");
    assert!(
        done.success(),
        "{done}: the code is the number of the case that failed, see tests/xor.c"
    );
}
