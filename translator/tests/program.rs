//! `wasrisc-translate`: what it leaves behind, and what it says.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};
use wasrisc_translator::Options;

fn translate(module: &Path, output: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wasrisc-translate"))
        .arg(module)
        .arg("-o")
        .arg(output)
        .output()
        .expect("it starts")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Runs it on `text`, with these files in its folder: afterwards all files of the
/// translation are there too, or none if there is no translation.
fn check(text: &str, before: &[&str], works: bool) {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let module = directory.path().join("module.wasm");
    let bytes = wat::parse_str(text).unwrap_or_else(|_| text.as_bytes().to_vec());
    std::fs::write(&module, &bytes).expect("written");
    let mut after: BTreeSet<String> = before.iter().map(|name| name.to_string()).collect();
    if let Ok(translation) = wasrisc_translator::translate(&bytes, &Options::default()) {
        after.extend(translation.files.into_iter().map(|file| file.name));
    }
    let output = directory.path().join("c");
    if !before.is_empty() {
        std::fs::create_dir(&output).expect("made");
    }
    for name in before {
        std::fs::write(output.join(name), "old").expect("written");
    }
    let finished = translate(&module, &output);
    let errors = String::from_utf8_lossy(&finished.stderr);
    assert_eq!(finished.status.success(), works, "{text}: {errors}");
    assert!(works || errors.contains("module.wasm"), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    let found = if output.exists() { names(&output) } else { BTreeSet::new() };
    assert_eq!(found, after, "{text}");
    let beside = names(directory.path());
    assert!(beside.iter().all(|name| name == "c" || name == "module.wasm"), "{beside:?}");
}

#[test]
fn a_translation_is_whole_or_not_there() {
    check("(module (func))", &[], true);
    check("(module (func))", &["mine", "w_000.c"], true);
    check("(module (func (i32.add)))", &[], false);
    check("(module (memory i64 1))", &["w_000.c"], false);
    check("no module", &[], false);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let module = directory.path().join("module.wasm");
    std::fs::write(&module, wat::parse_str("(module)").expect("valid")).expect("written");
    let finished = translate(&module, &module.join("below"));
    let errors = String::from_utf8_lossy(&finished.stderr);
    assert!(!finished.status.success() && errors.contains("module.wasm/below"), "{errors}");
}

/// Whether each store of 8 bytes is to the upper half.
fn upper_stores(code: &str) -> Vec<bool> {
    let stores = code.lines().filter(|line| line.starts_with("STORE(u64, "));
    stores.map(|line| line.contains(" + 8, ")).collect()
}

/// What calls of them do is compared with what their bodies do where programs run
/// (xtask/tests/machines.rs); here, that all are known, and that their halves are
/// stored in the order of the bodies, which is seen where one of them traps.
#[test]
fn every_body_of_128_bit_arithmetic_is_known() {
    let module = wat::parse_str(include_str!("int128.wat")).expect("valid");
    let translation = wasrisc_translator::translate(&module, &Options::default()).expect("C");
    let files = translation.files.iter().map(|file| String::from_utf8_lossy(&file.contents));
    let text: String = files.collect();
    let body = |name: &str| -> &str {
        let head = format!("void w_{name}(");
        let is_its = |code: &&str| code.lines().any(|l| l.starts_with(&head) && l.ends_with('{'));
        text.split("\nreturn;\n}\n").find(is_its).expect(name)
    };
    let shifts = |library: &str| ["ashl", "lshr", "ashr"].map(|f| format!("{f}ti3_{library}"));
    for (caller, called) in [
        (
            "products",
            ["rust", "rust163", "clang", "clang14"].map(|l| format!("multi3_{l}")).to_vec(),
        ),
        ("shifts", ["rust", "rust163", "clang"].map(shifts).concat()),
    ] {
        let in_place: Vec<_> = body(caller).split("u128 t").skip(1).map(upper_stores).collect();
        let own: Vec<_> = called.iter().map(|name| upper_stores(body(name))).collect();
        assert_eq!(in_place, own, "{caller}: {called:?}");
        assert!(own.iter().all(|stores| stores.len() == 2), "{own:?}");
    }
}
