//! Programs of Go that tests compile themselves. `WASRISC_GO` is the Go for that,
//! otherwise the one on PATH.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::support::{project, xtask};

/// A place below cargo's for tests.
pub fn place(name: &str) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go_tests").join(name);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    place
}

/// For WASI.
pub fn go() -> Command {
    let mut go = Command::new(std::env::var_os("WASRISC_GO").unwrap_or("go".into()));
    go.env("GOENV", "off").env("GOTOOLCHAIN", "local").env("GOFLAGS", "").env("CGO_ENABLED", "0");
    // Experiments are refused, and later processors round products and sums once.
    go.env("GOEXPERIMENT", "").env("GOAMD64", "v1");
    go.env("GOCACHE", place("cache")).env("GOOS", "wasip1").env("GOARCH", "wasm");
    go
}

pub fn succeed(command: &mut Command) -> String {
    let done = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// The ELF of a module; `files` is the folder that it finds as its root.
pub fn elf(module: &Path, pipeline: &str, platform: &str, files: Option<&Path>) -> PathBuf {
    let mut build = xtask();
    build.arg("build").arg(module).args(["-p", pipeline, "-t", platform]);
    if let Some(files) = files {
        build.arg("--files").arg(files);
    }
    succeed(&mut build);
    let name = module.file_stem().unwrap().to_str().unwrap();
    project().join(format!("target/wasrisc/{platform}/{pipeline}/{name}.elf"))
}

/// The words of a variable, or these.
pub fn words(variable: &str, otherwise: &str) -> Vec<String> {
    let text = std::env::var(variable).unwrap_or(otherwise.to_string());
    text.split_whitespace().map(str::to_string).collect()
}
