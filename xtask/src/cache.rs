//! Where everything built is kept: one directory per user, versioned inside,
//! every entry built beside and renamed into place.

use std::fs;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::error;
use crate::process;

/// The layout's version: another layout is another directory, so that an old
/// and a new wasrisc can share a machine.
const VERSION: &str = "v1";

/// The cache's directory and the rooms in it.
#[derive(Clone)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// `WASRISC_CACHE_DIR`, or `wasrisc` in the user's cache directory.
    pub fn open() -> Result<Cache> {
        let base = std::env::var_os("WASRISC_CACHE_DIR")
            .map(PathBuf::from)
            .or_else(|| {
                std::env::var_os("XDG_CACHE_HOME").map(|d| PathBuf::from(d).join("wasrisc"))
            })
            .or_else(|| std::env::var_os("HOME").map(|d| PathBuf::from(d).join(".cache/wasrisc")))
            .ok_or_else(|| {
                error::usage("no cache directory: neither WASRISC_CACHE_DIR nor HOME is set")
                    .hint("set WASRISC_CACHE_DIR to a directory with about 6 GiB of room")
            })?;
        Cache::at(&base)
    }

    /// The cache in `base`, made when it is not there.
    pub fn at(base: &Path) -> Result<Cache> {
        let base = std::path::absolute(base)?;
        let root = base.join(VERSION);
        for room in ["steps", "sources", "last", "scratch", "tmp", "logs", "locks"] {
            make_dir(&root.join(room))?;
        }
        let tag = base.join("CACHEDIR.TAG");
        if !tag.exists() {
            // https://bford.info/cachedir/: backup tools leave such a directory out.
            let text = "Signature: 8a477f597d28d172789f06886806bc55\n\
                        # Made by wasrisc; everything in here can be made again.\n";
            write_atomic(&tag, text.as_bytes())?;
        }
        Ok(Cache { root })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn room(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// An empty directory on the cache's own file system, removed when dropped.
    pub fn staging(&self) -> Result<tempfile::TempDir> {
        let tmp = self.room("tmp");
        tempfile::Builder::new()
            .prefix("build-")
            .tempdir_in(&tmp)
            .with_context(|| format!("cannot make a directory in {}", tmp.display()))
    }

    /// Waits for the lock of this name. Two processes that build the same thing
    /// do the work once.
    pub fn lock(&self, name: &str) -> Result<fs::File> {
        lock_file(&self.room("locks").join(name), || {})
    }
}

/// Waits for an exclusive lock on a file, which is made when it is not there.
/// It dies with its holder, however that ends. `waiting` is called once, when
/// another process has it.
pub fn lock_file(path: &Path, waiting: impl FnOnce()) -> Result<fs::File> {
    let context = || format!("cannot lock {}", path.display());
    let file = fs::File::options().create(true).append(true).open(path).with_context(context)?;
    let mut waiting = Some(waiting);
    loop {
        // SAFETY: flock on a descriptor that `file` keeps open.
        if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } == 0 {
            return Ok(file);
        }
        let cause = std::io::Error::last_os_error();
        use std::io::ErrorKind::{Interrupted, WouldBlock};
        if !matches!(cause.kind(), Interrupted | WouldBlock) {
            return Err(cause).with_context(context);
        }
        if let Some(waiting) = waiting.take() {
            waiting();
        }
        // Asked again and again instead of waited for: Ctrl-C must be seen.
        process::check_interrupted()?;
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn make_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|cause| {
        anyhow::Error::from(cause).context(
            error::input(format!("cannot make the cache directory {}", path.display()))
                .hint("set WASRISC_CACHE_DIR to a writable directory"),
        )
    })
}

/// Writes `bytes` beside `path`, then renames: a reader sees the old file or
/// the new one.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let dir = path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = || format!("cannot write {}", path.display());
    let mut file =
        tempfile::Builder::new().prefix(".new-").tempfile_in(dir).with_context(failed)?;
    file.write_all(bytes).with_context(failed)?;
    set_mode(file.path(), 0o644).with_context(failed)?;
    file.persist(path).with_context(failed)?;
    Ok(())
}

/// Sets the permission bits.
pub fn set_mode(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// SHA-256 of bytes, in lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 of a file, in lower-case hex, read in pieces.
pub fn sha256_file(path: &Path) -> Result<String> {
    let mut file =
        fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut hasher = Sha256::new();
    std::io::copy(&mut file, &mut hasher)
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(hex(&hasher.finalize()))
}

/// Lower-case hex digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_is_the_standards() {
        // FIPS 180-2, appendix B.1.
        let want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), want);
    }

    #[test]
    fn a_write_replaces_whole_files_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        write_atomic(&path, b"old").unwrap();
        write_atomic(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside");
    }

    #[test]
    fn a_lock_excludes_until_its_holder_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let held = lock_file(&path, || {}).unwrap();
        let (told, heard) = std::sync::mpsc::channel();
        let other = std::thread::spawn(move || {
            lock_file(&path, || told.send(()).unwrap()).unwrap();
        });
        heard.recv().unwrap();
        assert!(!other.is_finished());
        drop(held);
        other.join().unwrap();
    }

    #[test]
    fn a_cache_directory_is_tagged() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path()).unwrap();
        assert!(dir.path().join("CACHEDIR.TAG").is_file());
        assert!(cache.room("steps").is_dir());
    }

    #[test]
    fn a_cache_that_cannot_be_made_names_its_path() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        let error = Cache::at(&file).err().expect("a file is no directory");
        assert!(format!("{error:#}").contains("cannot make the cache directory"), "{error:#}");
    }
}
