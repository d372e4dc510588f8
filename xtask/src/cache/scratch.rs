//! Directories that a compiler keeps between executions: its own incremental
//! state, one command at a time.

use std::fs;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::collect::scratch_lock;
use super::lock::Lock;
use super::write::failed;
use super::Cache;

/// A scratch directory in use. The command that writes into it inherits the
/// lock: when we are killed and it is not, the next one waits.
pub struct Scratch {
    dir: PathBuf,
    mark: PathBuf,
    lock: Lock,
    /// Its contents could not be trusted and are gone.
    pub emptied: bool,
}

impl Cache {
    /// Waits for the scratch directory of this name.
    ///
    /// A compiler trusts the files it left there, and does not wait for the
    /// disk: after the machine went down in the middle some may be empty. A
    /// mark with the machine's boot says so, and the directory starts afresh.
    pub fn scratch(&self, name: &str, waiting: impl FnOnce()) -> Result<Scratch> {
        let lock = Lock::wait(&self.key_locks(), &scratch_lock(name), waiting)?;
        let dir = self.room("scratch").join(name);
        let mark = mark(&dir);
        let boot = boot();
        let left = fs::read_to_string(&mark).ok();
        let emptied = left.as_ref().is_some_and(|left| *left != boot) && dir.exists();
        if emptied {
            self.remove(&dir)?;
        }
        fs::create_dir_all(&dir).map_err(|cause| failed("make", &dir, cause))?;
        // Only a machine that went down makes the mark another one.
        if left.as_deref() != Some(&boot) {
            self.write(&mark, boot.as_bytes())?;
        }
        // Its age is that of its last use.
        self.touch(&dir);
        Ok(Scratch { dir, mark, lock, emptied })
    }

    /// Takes a scratch directory away. Only for the holder of its lock.
    pub fn remove_scratch(&self, dir: &Path) -> Result<()> {
        self.remove(dir)?;
        self.remove(&mark(dir))
    }
}

impl Scratch {
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

impl AsFd for Scratch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.lock.as_fd()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let Ok(dir) = fs::File::open(&self.dir) else { return };
        // SAFETY: a plain system call on a descriptor that `dir` keeps open.
        let synced = unsafe { libc::syncfs(dir.as_raw_fd()) } == 0;
        if synced {
            // A mark that stays costs one fresh start after a crash.
            let _ = fs::remove_file(&self.mark);
        }
    }
}

/// Beside the directory, hidden from listings.
fn mark(dir: &Path) -> PathBuf {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    dir.with_file_name(format!(".{name}.busy"))
}

/// Another one after each start of the machine (random(4)).
fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_survives_a_kill_and_not_a_crash_of_the_machine() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path()).unwrap();
        let scratch = cache.scratch("s", || {}).unwrap();
        let state = scratch.dir().join("state");
        fs::write(&state, "").unwrap();
        let mark = scratch.mark.clone();
        let check = |left: Option<&str>, kept: bool| {
            match left {
                Some(boot) => fs::write(&mark, boot).unwrap(),
                None => assert!(!mark.exists(), "an end in order leaves no mark"),
            }
            let scratch = cache.scratch("s", || {}).unwrap();
            assert_eq!((scratch.emptied, state.exists()), (!kept, kept), "{left:?}");
        };
        drop(scratch);
        check(None, true);
        check(Some(&boot()), true);
        check(Some("another"), false);
    }
}
