//! The C of small modules, read by people: `tests/c/NAME.wat` has the options
//! in its first line, `NAME.c` what comes out. `WASRISC_BLESS=1` renews it.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

fn translate(module: &Path, text: &str) -> String {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let binary = directory.path().join("module.wasm");
    std::fs::write(&binary, wat::parse_str(text).expect("the test's own text")).expect("written");
    let options = text.lines().next().and_then(|line| line.strip_prefix(";;")).expect("options");
    let output = Command::new(env!("CARGO_BIN_EXE_wasrisc-translate"))
        .arg(&binary)
        .arg("-o")
        .arg(directory.path())
        .args(options.split_whitespace())
        .output()
        .expect("it starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", module.display());
    support::compiles(directory.path(), &module.display().to_string());
    let mut found = String::new();
    for name in ["w_000.c", "w_cold_000.c", "w_instance.c", "w.h"] {
        let text = std::fs::read_to_string(directory.path().join(name)).expect(name);
        let body =
            text.split_once("#include \"wasrisc.h\"\n\n").map_or(text.as_str(), |(_, body)| body);
        found += &format!("// {name}\n{}\n", body.trim_end());
    }
    found
}

#[test]
fn c_of_small_modules() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/c");
    let bless = std::env::var_os("WASRISC_BLESS").is_some();
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).expect("tests/c") {
        let module = entry.expect("tests/c").path();
        if module.extension().is_none_or(|e| e != "wat") {
            continue;
        }
        seen += 1;
        let found = translate(&module, &std::fs::read_to_string(&module).expect("readable"));
        let path = module.with_extension("c");
        if bless {
            std::fs::write(&path, &found).expect("written");
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == expected,
            "{} differs (WASRISC_BLESS=1 renews it):\n{found}",
            path.display()
        );
    }
    assert!(seen > 0, "no modules in {}", folder.display());
}
