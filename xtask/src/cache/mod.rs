//! Where everything built is kept: one directory per user, versioned inside,
//! every entry built beside and renamed into place.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::error;

mod collect;
mod hash;
mod lock;
mod rooms;
mod scratch;
mod staging;
mod write;

pub use collect::{entry_lock, step_lock, Limits, Removal, SESSION};
pub use hash::{hex, sha256, sha256_file};
pub use lock::{lock_file, Lock};
pub use rooms::{Item, Room};
pub use scratch::Scratch;
pub use write::{failed, set_mode, write_atomic, write_new, FULL, NOT_WRITABLE};

/// The layout's version: another layout is another directory, so that an old
/// and a new wasrisc can share a machine.
const VERSION: &str = "v1";

/// What the file `layout` in it says.
const LAYOUT: &str = "wasrisc cache, layout 1\n";

/// How often the time of last use is written down.
const USE_GRAIN: Duration = Duration::from_secs(60 * 60);

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

    /// The cache in `base`, made when it is not there. One that is there and
    /// cannot be written is opened too: what is in it can be used.
    ///
    /// # Errors
    /// A directory that cannot be made; one that another version laid out.
    pub fn at(base: &Path) -> Result<Cache> {
        let base = std::path::absolute(base)?;
        let root = base.join(VERSION);
        check_layout(&root)?;
        let rooms: Vec<PathBuf> = rooms::NAMES.iter().map(|room| root.join(room)).collect();
        for room in &rooms {
            make_dir(room)?;
        }
        let unwritable = [root.clone()].into_iter().chain(rooms).find(|dir| !is_writable(dir));
        if unwritable.is_none() {
            write_once(&root.join("layout"), LAYOUT);
            // https://bford.info/cachedir/: backup tools leave such a directory out.
            let tag = "Signature: 8a477f597d28d172789f06886806bc55\n\
                       # Made by wasrisc; everything in here can be made again.\n";
            write_once(&base.join("CACHEDIR.TAG"), tag);
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

    /// Bytes that a user may still write to the cache's file system.
    pub fn free_bytes(&self) -> Option<u64> {
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

/// Refuses a directory that is not laid out as ours. One without a mark is an
/// empty one, or one that was never finished.
fn check_layout(root: &Path) -> Result<()> {
    let path = root.join("layout");
    let found = match fs::read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(failed("read", &path, cause)),
    };
    if found == LAYOUT {
        return Ok(());
    }
    let message = format!(
        "{} is the cache of another wasrisc: {} says `{}`, not `{}`",
        root.display(),
        path.display(),
        found.lines().next().unwrap_or_default(),
        LAYOUT.trim_end()
    );
    let hint = "set WASRISC_CACHE_DIR to another directory; this one is left as it is";
    Err(error::input(message).hint(hint).into())
}

fn make_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|cause| failed("make the cache directory", path, cause))
}

/// By two processes at once it is written twice, with the same bytes.
fn write_once(path: &Path, text: &str) {
    if !path.exists() {
        // On a full disk what is in the cache can still be used; the next
        // process writes this.
        let _ = write_atomic(path, text.as_bytes());
    }
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
    fn a_cache_directory_is_tagged() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path()).unwrap();
        assert!(dir.path().join("CACHEDIR.TAG").is_file());
        assert!(cache.room("steps").is_dir());
        Cache::at(dir.path()).unwrap();
    }

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

    /// A base directory that `prepare` changed is refused with this message
    /// and a hint, and nothing in it is changed.
    fn check_refused(prepare: impl Fn(&Path), message: &str) {
        let dir = tempfile::tempdir().unwrap();
        prepare(dir.path());
        let before = listing(dir.path());
        let error = Cache::at(dir.path()).err().expect(message);
        let text = format!("{error:#}").replace(dir.path().to_str().unwrap(), "DIR");
        assert!(text.starts_with(message), "{text}");
        let ours = error::ours(&error).unwrap();
        assert!(ours.hint.as_ref().unwrap().contains("WASRISC_CACHE_DIR"));
        assert!(before.iter().all(|path| listing(dir.path()).contains(path)), "nothing is lost");
    }

    fn listing(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        let entries = walkdir::WalkDir::new(dir).into_iter().map(|e| e.unwrap().into_path());
        entries.map(|path| (path.clone(), fs::read(&path).unwrap_or_default())).collect()
    }

    #[test]
    fn what_is_not_our_cache_is_refused_and_left_alone() {
        let file = |path: PathBuf, text: &str| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        check_refused(
            |dir| file(dir.join("v1"), "mine"),
            "cannot read DIR/v1/layout: Not a directory",
        );
        check_refused(
            |dir| file(dir.join("v1/steps"), "mine"),
            "cannot make the cache directory DIR/v1/steps: File exists",
        );
        check_refused(
            |dir| file(dir.join("v1/layout"), "wasrisc cache, layout 7\n"),
            "DIR/v1 is the cache of another wasrisc: DIR/v1/layout says \
             `wasrisc cache, layout 7`, not `wasrisc cache, layout 1`",
        );
    }

    #[test]
    fn another_versions_directory_beside_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("v2")).unwrap();
        fs::write(dir.path().join("v2/steps"), "theirs").unwrap();
        let cache = Cache::at(dir.path()).unwrap();
        cache.clear(false).unwrap();
        assert_eq!(fs::read(dir.path().join("v2/steps")).unwrap(), b"theirs");
    }
}
