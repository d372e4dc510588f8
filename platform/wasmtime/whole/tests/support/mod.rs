//! What is tested, as it was built.

use std::path::PathBuf;

/// The file that a variable names. Without it the reason is printed and the
/// test left out; under `cargo xtask test`, which sets it, that is a failure.
pub fn built(variable: &str) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Some(path.into());
    }
    let reason = format!("skipped: {variable} names no file; `cargo xtask test` sets it");
    assert!(std::env::var_os("WASRISC_REQUIRE_TOOLS").is_none(), "{reason}");
    eprintln!("{reason}");
    None
}
