//! Files that are there whole or not at all.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result};

use crate::error;

/// Writes `bytes` beside `path`, then renames: a reader sees the old file or
/// the new one, also after the machine went down.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let dir = path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = || format!("cannot write {}", path.display());
    let mut file =
        tempfile::Builder::new().prefix(".new-").tempfile_in(dir).with_context(failed)?;
    file.write_all(bytes).with_context(failed)?;
    set_mode(file.path(), 0o644).with_context(failed)?;
    // A rename can reach the disk before the data it names.
    file.as_file().sync_all().with_context(failed)?;
    file.persist(path).with_context(failed)?;
    Ok(())
}

/// Sets the permission bits.
pub fn set_mode(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// What went wrong at a path of the cache, with what to do about it.
pub fn failed(what: &str, path: &Path, cause: std::io::Error) -> anyhow::Error {
    let error = error::input(format!("cannot {what} {}", path.display()));
    let error = match cause.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => error.hint(FULL),
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => error.hint(NOT_WRITABLE),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => error.hint(
            "a file lies where the cache needs a directory: move it away, or set \
             WASRISC_CACHE_DIR to another directory",
        ),
        _ => error,
    };
    anyhow::Error::from(cause).context(error)
}

/// What helps when no space is left.
pub const FULL: &str = "make room on its file system (`cargo xtask cache gc --max-size 1GiB`), or \
                        set WASRISC_CACHE_DIR to a directory on a larger one";

/// What helps when nothing can be written.
pub const NOT_WRITABLE: &str = "set WASRISC_CACHE_DIR to a writable directory";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_whole_files_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        write_atomic(&path, b"old").unwrap();
        write_atomic(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside");
    }
}
