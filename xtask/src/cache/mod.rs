//! Where everything built is kept: one directory per user, versioned inside,
//! every entry built beside and renamed into place.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::directories;
use crate::error;

mod collect;
mod damage;
mod hash;
mod layout;
mod lock;
mod rooms;
mod scratch;
mod staging;
mod write;

pub use collect::{entry_lock, step_lock, Limits, Removal, SESSION};
pub use damage::{short, Damage};
pub use hash::{hex, sha256, sha256_file};
pub use lock::{lock_file, Lock};
pub use rooms::{Item, Room};
pub use scratch::Scratch;
pub use staging::Staging;
pub use write::{failed, set_mode, write_atomic, write_new, FULL, NOT_WRITABLE};

/// The layout's version, and that of how processes exclude each other: another
/// one is another directory, so that an old and a new wasrisc can share a
/// machine.
const VERSION: &str = "v2";

/// How often the time of last use is written down.
const USE_GRAIN: Duration = Duration::from_secs(60 * 60);

/// With less room than this a compiler is likely to have failed for want of it,
/// bytes.
const SCARCE: u64 = 16 << 20;

/// How long the log of a command is kept.
const LOGS_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The cache's directory and the rooms in it.
#[derive(Clone)]
pub struct Cache {
    root: PathBuf,
    shared: Arc<Shared>,
}

/// What clones of a cache share.
struct Shared {
    /// What this process uses is locked in it; none where it cannot be opened.
    uses: Option<fs::File>,
    /// The first directory that cannot be written.
    unwritable: Option<PathBuf>,
    warned: AtomicBool,
    tidied: AtomicBool,
}

impl Cache {
    /// `WASRISC_CACHE_DIR`, or `wasrisc` in the user's cache directory.
    pub fn open() -> Result<Cache> {
        Cache::at(&directories::CACHE.find()?)
    }

    /// The cache in `base`, made when it is not there. One that is there and
    /// cannot be written is opened too: what is in it can be used.
    ///
    /// # Errors
    /// A directory that cannot be made; one that is not ours.
    pub fn at(base: &Path) -> Result<Cache> {
        let root = std::path::absolute(base)?.join(VERSION);
        layout::take(&root)?;
        let rooms: Vec<PathBuf> = rooms::NAMES.iter().map(|room| root.join(room)).collect();
        for room in &rooms {
            make_dir(room)?;
        }
        let unwritable = [root.clone()].into_iter().chain(rooms).find(|dir| !is_writable(dir));
        if unwritable.is_none() {
            layout::tag(&root);
        }
        let uses = root.join("locks").join("uses");
        let opened = fs::File::options().create(true).read(true).append(true).open(&uses);
        let uses = opened.or_else(|_| fs::File::open(&uses)).ok();
        let (warned, tidied) = Default::default();
        Ok(Cache { root, shared: Arc::new(Shared { uses, unwritable, warned, tidied }) })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The directory around it, in which other versions have theirs.
    fn base(&self) -> PathBuf {
        self.root.parent().map_or_else(PathBuf::new, Path::to_path_buf)
    }

    pub fn room(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Waits for the lock of this name; `waiting` is called once, when another
    /// process has it. Two processes that build the same thing do the work
    /// once.
    pub fn lock(&self, name: &str, waiting: impl FnOnce()) -> Result<Lock> {
        Lock::wait(&self.key_locks(), name, waiting)
    }

    fn key_locks(&self) -> PathBuf {
        self.room("locks").join("keys")
    }

    fn use_locks(&self) -> PathBuf {
        self.room("locks").join("uses")
    }

    /// Keeps this name from being collected while this process lives.
    pub fn hold(&self, name: &str) -> Result<()> {
        match &self.shared.uses {
            Some(uses) => lock::share(uses, &self.use_locks(), name),
            // Where not even this file is, nothing can be removed either.
            None => Ok(()),
        }
    }

    /// Notes that something is used now, for collecting by age.
    pub fn touch(&self, path: &Path) {
        let now = SystemTime::now();
        let recent = |meta: fs::Metadata| {
            let age = now.duration_since(meta.modified().ok()?).ok()?;
            Some(age < USE_GRAIN)
        };
        if fs::metadata(path).ok().and_then(recent) == Some(false) {
            // Only the age is wrong where it cannot be written.
            let _ = fs::File::open(path).and_then(|file| file.set_modified(now));
        }
    }

    /// Writes a file of the cache whole or not at all, leaving nothing else
    /// behind at a kill.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let staging = self.reserve()?;
        let written = fs::File::create_new(staging.path()).and_then(|mut file| {
            std::io::Write::write_all(&mut file, bytes)?;
            file.sync_all()
        });
        written
            .and_then(|()| fs::rename(staging.path(), path))
            .map_err(|cause| failed("write", path, cause))
    }

    /// The directory that cannot be written, when it is found out the first
    /// time; none afterwards, so that the user is told once.
    pub fn unwritable_news(&self) -> Option<&Path> {
        let dir = self.shared.unwritable.as_deref()?;
        (!self.shared.warned.swap(true, Ordering::Relaxed)).then_some(dir)
    }

    pub fn is_writable(&self) -> bool {
        self.shared.unwritable.is_none()
    }

    /// # Errors
    /// A directory of the cache cannot be written, and `wanted` needs it.
    pub fn require_writable(&self, wanted: &str) -> Result<()> {
        match &self.shared.unwritable {
            None => Ok(()),
            Some(dir) => {
                let message = format!("{wanted}, and {} cannot be written", dir.display());
                Err(error::input(message).hint(NOT_WRITABLE).into())
            }
        }
    }

    /// Removes what killed processes left and old logs, once per process.
    pub fn tidy(&self) -> Result<()> {
        if self.shared.tidied.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        self.sweep()?;
        for item in self.items(Room::Logs) {
            if item.used.elapsed().is_ok_and(|age| age > LOGS_KEPT) {
                self.remove(&item.path)?;
            }
        }
        Ok(())
    }

    /// Whether a command that said this may have failed for want of room.
    pub fn ran_out_of_room(&self, said: &str) -> bool {
        said.contains("No space left on device") || self.free_bytes().is_some_and(|b| b < SCARCE)
    }

    /// Bytes that a user may still write to the cache's file system.
    fn free_bytes(&self) -> Option<u64> {
        use std::os::unix::ffi::OsStrExt;
        let path = std::ffi::CString::new(self.root.as_os_str().as_bytes()).ok()?;
        // SAFETY: a C string and a pointer to a local that may be all zeros.
        unsafe {
            let mut stat: libc::statvfs = std::mem::zeroed();
            (libc::statvfs(path.as_ptr(), &mut stat) == 0)
                .then_some(stat.f_bavail as u64 * stat.f_frsize as u64)
        }
    }
}

fn make_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|cause| failed("make the cache directory", path, cause))
}

fn is_writable(dir: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let Ok(path) = std::ffi::CString::new(dir.as_os_str().as_bytes()) else { return false };
    // SAFETY: a C string and constants; the effective user decides.
    unsafe { libc::faccessat(libc::AT_FDCWD, path.as_ptr(), libc::W_OK, libc::AT_EACCESS) == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_written_down_once_an_hour() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path()).unwrap();
        let path = dir.path().join("f");
        fs::write(&path, "").unwrap();
        let check = |age: Duration, touched: bool| {
            let before = SystemTime::now() - age;
            fs::File::open(&path).unwrap().set_modified(before).unwrap();
            cache.touch(&path);
            let after = fs::metadata(&path).unwrap().modified().unwrap();
            assert_eq!(after != before, touched, "{age:?}");
        };
        check(Duration::from_secs(59 * 60), false);
        check(Duration::from_secs(61 * 60), true);
    }

    #[test]
    fn old_logs_go_once_per_process() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path()).unwrap();
        let plant = |name: &str, age: Duration| {
            let path = cache.room("logs").join(name);
            let file = fs::File::create(&path).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
            path
        };
        let (old, new) = (plant("old", LOGS_KEPT * 2), plant("new", LOGS_KEPT / 2));
        cache.tidy().unwrap();
        assert_eq!((old.exists(), new.exists()), (false, true));
        plant("old", LOGS_KEPT * 2);
        cache.tidy().unwrap();
        assert!(old.exists(), "a long build does not look again and again");
    }

    #[test]
    fn a_write_leaves_nothing_but_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path()).unwrap();
        let path = cache.room("last").join("f");
        cache.write(&path, b"old").unwrap();
        cache.write(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(cache.room("tmp")).unwrap().count(), 0);
    }
}
