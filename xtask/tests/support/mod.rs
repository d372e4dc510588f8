//! What the tests of the command line share.

use std::path::PathBuf;
use std::process::Command;

/// The project's directory.
pub fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().canonicalize().unwrap()
}

/// `cargo xtask`, as it was built for the test.
pub fn xtask() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.current_dir(project());
    command
}
