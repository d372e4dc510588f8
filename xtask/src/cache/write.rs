//! Files that are there whole or not at all.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use crate::error;

/// As many symbolic links the kernel follows too (path_resolution(7)).
const LINKS: usize = 40;

/// Links in here name open files: /dev/stdout leads there.
const OPEN_FILES: [&str; 2] = ["/proc", "/dev/fd"];

/// Writes `bytes` beside `path`, then renames: a reader sees the old file or
/// the new one, also after the machine went down. A symbolic link stays, and
/// what it names is written; a pipe or a device is written into.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = || format!("cannot write {}", path.display());
    match target(path).with_context(failed)? {
        Target::Beside(path) => replace(&path, bytes).with_context(failed),
        Target::Into(mut file) => file.write_all(bytes).with_context(failed),
    }
}

/// Writes a file that is not there yet, whole; where one is, writes nothing and
/// returns false.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<bool> {
    let failed = || format!("cannot write {}", path.display());
    match beside(path, bytes).with_context(failed)?.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(e) if e.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(e) => Err(e.error).with_context(failed),
    }
}

/// Writes beside and renames, whatever is there.
pub fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    beside(path, bytes)?.persist(path)?;
    Ok(())
}

/// What a file that is being written is called at first.
pub const BESIDE: &str = ".new-";

/// A whole file beside `path`, on the disk.
fn beside(path: &Path, bytes: &[u8]) -> std::io::Result<NamedTempFile> {
    let dir = path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(BESIDE).tempfile_in(dir)?;
    file.write_all(bytes)?;
    set_mode(file.path(), 0o644)?;
    // A rename can reach the disk before the data it names.
    file.as_file().sync_all()?;
    Ok(file)
}

enum Target {
    /// A file to be replaced or made.
    Beside(PathBuf),
    /// A pipe, a device, or a file that a process has open: it must stay.
    Into(fs::File),
}

fn target(path: &Path) -> std::io::Result<Target> {
    let mut path = path.to_path_buf();
    for _ in 0..LINKS {
        let other = fs::metadata(&path).is_ok_and(|meta| !meta.is_file());
        if other || OPEN_FILES.iter().any(|dir| path.starts_with(dir)) {
            return fs::File::options().append(true).open(&path).map(Target::Into);
        }
        let Ok(to) = fs::read_link(&path) else { return Ok(Target::Beside(path)) };
        path = path.parent().unwrap_or(Path::new("")).join(to);
    }
    Err(std::io::Error::from_raw_os_error(libc::ELOOP))
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
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn a_write_replaces_whole_files_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        write_atomic(&path, b"old").unwrap();
        write_atomic(&path, b"new").unwrap();
        assert!(!write_new(&path, b"newer").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside");
    }

    #[test]
    fn a_link_stays_and_what_it_names_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("real/f"), dir.path().join("link"));
        fs::create_dir(dir.path().join("real")).unwrap();
        std::os::unix::fs::symlink("again", &link).unwrap();
        std::os::unix::fs::symlink("real/f", dir.path().join("again")).unwrap();
        for text in ["new", "newer"] {
            write_atomic(&link, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
            assert!(link.is_symlink() && !file.is_symlink());
        }
        std::os::unix::fs::symlink("loop", dir.path().join("loop")).unwrap();
        let error = write_atomic(&dir.path().join("loop"), b"").unwrap_err();
        assert!(format!("{error:#}").contains("Too many levels of symbolic links"), "{error:#}");
    }

    #[test]
    fn what_is_no_file_is_written_into() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        write_atomic(&pipe, b"through").unwrap();
        assert_eq!(reader.join().unwrap(), b"through");
        assert!(!fs::metadata(&pipe).unwrap().is_file(), "it is still a pipe");
        write_atomic(Path::new("/dev/null"), b"nothing").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        // As `report --output /dev/stdout > FILE` has it.
        let open = tempfile::NamedTempFile::new().unwrap();
        let by_number = format!("/proc/self/fd/{}", open.as_file().as_raw_fd());
        let link = dir.path().join("stdout");
        std::os::unix::fs::symlink(by_number, &link).unwrap();
        write_atomic(&link, b"text").unwrap();
        assert_eq!(fs::read(open.path()).unwrap(), b"text");
        assert_eq!(open.as_file().metadata().unwrap().nlink(), 1, "the open file stays");
        assert!(write_atomic(dir.path(), b"").is_err());
    }
}
