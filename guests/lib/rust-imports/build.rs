//! Compiles the functions of `platform/imports` for a direct build; a module
//! imports them.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        return;
    }
    let folder = Path::new("../../../platform/imports");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| {
        file.extension().is_some_and(|extension| extension == "c" || extension == "h")
    });
    files.sort();
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    // What translated modules call is nothing here.
    files.retain(|file| {
        file.extension().is_some_and(|extension| extension == "c") && !file.ends_with("imports.c")
    });
    cc::Build::new().files(files).opt_level(3).warnings(false).compile("wasrisc_imports");
}
