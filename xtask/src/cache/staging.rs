//! Places in the cache's `tmp` where something is made before it is renamed,
//! and where something goes that is being removed.
//!
//! Whoever works in such a place holds its lock, and so do the commands it
//! started. A place that nobody holds was left by a killed process.

use std::fs;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::Result;

use super::lock::Lock;
use super::write::{failed, set_mode};
use super::Cache;

/// What our places are called; other names in `tmp` are another version's.
const PREFIX: &str = "stage-";

/// After this time what another version left is nobody's any more.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// A path of one's own; what lies there is removed when it is dropped.
pub struct Staging {
    path: PathBuf,
    lock: Lock,
}

impl Staging {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl AsFd for Staging {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.lock.as_fd()
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What cannot be removed now is found again by a later sweep.
        let _ = remove_tree(&self.path);
    }
}

impl Cache {
    /// A path on the cache's own file system where nothing lies yet.
    pub fn reserve(&self) -> Result<Staging> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_nanos();
        let name = format!("{PREFIX}{}-{count}-{now:x}", std::process::id());
        // Locked before anything is there to be swept away.
        let lock = Lock::wait(&self.staging_locks(), &name, || {})?;
        Ok(Staging { path: self.room("tmp").join(name), lock })
    }

    /// An empty directory on the cache's own file system.
    pub fn staging(&self) -> Result<Staging> {
        let staging = self.reserve()?;
        fs::create_dir(staging.path()).map_err(|cause| failed("make", staging.path(), cause))?;
        Ok(staging)
    }

    /// Takes a file or directory of the cache away, at once for every reader.
    pub fn remove(&self, path: &Path) -> Result<()> {
        let grave = self.reserve()?;
        match fs::rename(path, grave.path()) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                Err(failed("remove", path, cause))
            }
            _ => Ok(()),
        }
    }

    /// Removes what killed processes left in `tmp`.
    pub fn sweep(&self) -> Result<()> {
        let tmp = self.room("tmp");
        for entry in fs::read_dir(&tmp).map_err(|cause| failed("read", &tmp, cause))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let age = entry.metadata().ok().and_then(|m| m.modified().ok()?.elapsed().ok());
            if !name.starts_with(PREFIX) && age.is_none_or(|age| age < ABANDONED) {
                continue;
            }
            if let Some(_nobodys) = Lock::attempt(&self.staging_locks(), &name)? {
                // What cannot be removed is in nobody's way but the disk's.
                let _ = remove_tree(&entry.path());
            }
        }
        Ok(())
    }

    fn staging_locks(&self) -> PathBuf {
        self.room("locks").join("staging")
    }
}

/// Removes a file or a directory, also one whose maker forbade writing in it.
fn remove_tree(path: &Path) -> std::io::Result<()> {
    let Ok(meta) = path.symlink_metadata() else { return Ok(()) };
    if !meta.is_dir() {
        return fs::remove_file(path);
    }
    if fs::remove_dir_all(path).is_ok() {
        return Ok(());
    }
    for entry in walkdir::WalkDir::new(path).into_iter().flatten() {
        if entry.file_type().is_dir() {
            // Where this fails the removal says why.
            let _ = set_mode(entry.path(), 0o755);
        }
    }
    fs::remove_dir_all(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(cache: &Cache) -> Vec<String> {
        let entries = fs::read_dir(cache.room("tmp")).unwrap();
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn only_what_nobody_holds_is_swept() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path()).unwrap();
        let held = cache.staging().unwrap();
        let left = cache.room("tmp").join("stage-1-0-0");
        fs::create_dir(&left).unwrap();
        fs::write(left.join("f"), "").unwrap();
        set_mode(&left, 0o555).unwrap();
        let foreign = cache.room("tmp").join("build-x");
        fs::create_dir(&foreign).unwrap();
        cache.sweep().unwrap();
        let mut got = names(&cache);
        got.sort();
        let own = held.path().file_name().unwrap().to_str().unwrap().to_string();
        assert_eq!(got, ["build-x".to_string(), own], "another version's may be alive");
        let yesterday = SystemTime::now() - 2 * ABANDONED;
        fs::File::open(&foreign).unwrap().set_modified(yesterday).unwrap();
        drop(held);
        cache.sweep().unwrap();
        assert!(names(&cache).is_empty());
    }

    #[test]
    fn what_is_removed_is_gone_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path()).unwrap();
        let path = cache.room("steps").join("x");
        fs::create_dir(&path).unwrap();
        cache.remove(&path).unwrap();
        cache.remove(&path).unwrap();
        assert!(!path.exists() && names(&cache).is_empty());
    }
}
