//! What is refused, and how it is said.

use wasrisc_translator::{translate, Kind, MemoryBase, Options};

/// Translates text; the error must be of this kind and have these parts.
fn check(text: &str, options: &Options, kind: Kind, parts: &[&str]) {
    let bytes = wat::parse_str(text).expect("the test's own text");
    let error = translate(&bytes, options).expect_err(text);
    assert_eq!(error.kind, kind, "{text}: {error}");
    for part in parts {
        assert!(error.to_string().contains(part), "{text}: {error}, without {part:?}");
    }
}

#[test]
fn features_by_name_function_and_byte() {
    let cases: &[(&str, &[&str])] = &[
        ("(module (func) (func $vectors (drop (i32x4.splat (i32.const 1)))))", &["SIMD", "function 1 (vectors)", "at byte 0x"]),
        ("(module (import \"a\" \"b\" (func)) (func (drop (f32x4.relaxed_madd (v128.const i64x2 0 0) (v128.const i64x2 0 0) (v128.const i64x2 0 0)))))", &["SIMD", "function 1"]),
        ("(module (memory 1 1 shared))", &["threads", "the module"]),
        ("(module (memory 1) (func $f (drop (i32.atomic.load (i32.const 0)))))", &["threads", "function 0 (f)"]),
        ("(module (tag $t) (func (throw $t)))", &["exceptions", "the module"]),
        ("(module (memory i64 1))", &["memory64", "the module"]),
        ("(module (type $s (struct)) (func (result (ref $s)) (struct.new $s)))", &["GC", "the module"]),
        ("(module (type $t (func)) (func (param (ref $t)) (call_ref $t (local.get 0))))", &["typed function references"]),
        ("(module (memory 1 (pagesize 1)))", &["custom page sizes"]),
        ("(component)", &["component"]),
    ];
    for (text, parts) in cases {
        check(text, &Options::default(), Kind::Refused, parts);
    }
}

#[test]
fn invalid_modules_by_byte() {
    for text in
        ["(module (func (result i32)))", "(module (func (i32.add)))", "(module (func (call 7)))"]
    {
        check(text, &Options::default(), Kind::Invalid, &["invalid module: ", "at byte 0x"]);
    }
    for bytes in [
        &b""[..],
        b"\0asm",
        b"\0asm\x01\0\0",
        b"\x7fELF\x02\x01\x01\0",
        b"\0asm\x01\0\0\0\x01\xff\xff\xff\xff\x0f",
    ] {
        let error = translate(bytes, &Options::default()).expect_err("no module");
        assert_eq!(error.kind, Kind::Invalid, "{bytes:?}: {error}");
    }
}

#[test]
fn impossible_options() {
    let memory = "(module (memory 2))";
    let default = Options::default();
    check(
        memory,
        &Options { prefix: "a b".into(), ..default.clone() },
        Kind::Options,
        &["\"a b\""],
    );
    check(memory, &Options { files: 0, ..default.clone() }, Kind::Options, &["one file"]);
    check(
        memory,
        &Options { max_pages: Some(1), ..default.clone() },
        Kind::Options,
        &["memory 0", "2 pages", "allow 1"],
    );
    check("(module (memory 32769))", &default, Kind::Options, &["32769 pages", "allow 32768"]);
    let twice = "(module (import \"a\" \"b\" (func)) (import \"a\" \"b\" (func (param i32))))";
    check(twice, &default, Kind::Options, &["wasrisc_import_a_b", "differ"]);
    let identity = Options { memory_base: MemoryBase::Identity, ..default };
    let one = "(module (import \"a_b\" \"c\" (func)) (import \"a\" \"b_c\" (func)))";
    check(one, &identity, Kind::Options, &["wasrisc_import_a_b_c"]);
}
