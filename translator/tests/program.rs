//! `wasrisc-translate`: what it leaves behind, and what it says.

use std::path::Path;
use std::process::{Command, Output};

fn translate(module: &Path, output: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wasrisc-translate"))
        .arg(module)
        .arg("-o")
        .arg(output)
        .output()
        .expect("it starts")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Runs it on `text`; whether it works, and what is in the folder afterwards.
fn check(text: &str, before: &[&str], works: bool, after: &[&str]) {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let module = directory.path().join("module.wasm");
    let bytes = wat::parse_str(text).unwrap_or_else(|_| text.as_bytes().to_vec());
    std::fs::write(&module, bytes).expect("written");
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
    let found = if output.exists() { names(&output) } else { Vec::new() };
    assert_eq!(found, after, "{text}");
    let beside = names(directory.path());
    assert!(beside.iter().all(|name| name == "c" || name == "module.wasm"), "{beside:?}");
}

#[test]
fn a_translation_is_whole_or_not_there() {
    const WHOLE: [&str; 3] = ["w.h", "w_000.c", "w_instance.c"];
    check("(module (func))", &[], true, &WHOLE);
    check(
        "(module (func))",
        &["mine", "w_000.c"],
        true,
        &["mine", "w.h", "w_000.c", "w_instance.c"],
    );
    check("(module (func (i32.add)))", &[], false, &[]);
    check("(module (memory i64 1))", &["w_000.c"], false, &["w_000.c"]);
    check("no module", &[], false, &[]);
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
