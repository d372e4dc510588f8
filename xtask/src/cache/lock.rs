//! Locks between processes. All of them die with their holder, however that
//! ends. Those of names leave no file behind that would grow in number.

use std::fs::File;
use std::io::{Error, ErrorKind};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::hash::sha256;
use super::write::failed;
use crate::process;

/// How long a wait sleeps before it asks again. Asked again and again instead
/// of waited for: Ctrl-C must be seen.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits for an exclusive lock on a file, which is made when it is not there.
/// `waiting` is called once, when another process has it.
pub fn lock_file(path: &Path, waiting: impl FnOnce()) -> Result<File> {
    let file = open(path).with_context(|| format!("cannot lock {}", path.display()))?;
    let taken = || match flock(&file) {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == ErrorKind::WouldBlock => Ok(false),
        Err(cause) => Err(cause),
    };
    wait(taken, path, waiting)?;
    Ok(file)
}

fn flock(file: &File) -> std::io::Result<()> {
    // SAFETY: flock on a descriptor that `file` keeps open.
    match unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } {
        0 => Ok(()),
        _ => Err(Error::last_os_error()),
    }
}

/// An exclusive lock of a name. Each name is one byte of one file, far beyond
/// its end (`F_OFD_SETLK`, fcntl(2)): as many locks as there are names, and no
/// file of their own that would have to be removed at the right moment.
///
/// It belongs to the open file, so a child that inherits the descriptor keeps
/// the lock when we are killed; dropping it here releases it for all.
#[derive(Debug)]
pub struct Lock {
    file: File,
    byte: i64,
}

impl Lock {
    /// Waits for the lock; `waiting` is called once, when another has it.
    pub fn wait(path: &Path, name: &str, waiting: impl FnOnce()) -> Result<Lock> {
        let (file, byte) = (open_in_cache(path)?, byte_of(name));
        wait(|| set(&file, byte, libc::F_WRLCK), path, waiting)?;
        Ok(Lock { file, byte })
    }

    /// None while another has it, or shares it.
    pub fn attempt(path: &Path, name: &str) -> Result<Option<Lock>> {
        let (file, byte) = (open_in_cache(path)?, byte_of(name));
        let taken = set(&file, byte, libc::F_WRLCK).map_err(|cause| failed("lock", path, cause))?;
        Ok(taken.then_some(Lock { file, byte }))
    }
}

impl AsFd for Lock {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing alone would leave it with a child that inherited it. A
        // failure leaves that: it lasts as long as the child.
        let _ = set(&self.file, self.byte, libc::F_UNLCK);
    }
}

/// Shares a name of `file` until the file is closed.
pub fn share(file: &File, path: &Path, name: &str) -> Result<()> {
    wait(|| set(file, byte_of(name), libc::F_RDLCK), path, || {})
}

fn open(path: &Path) -> std::io::Result<File> {
    File::options().create(true).read(true).append(true).open(path)
}

fn open_in_cache(path: &Path) -> Result<File> {
    open(path).map_err(|cause| failed("lock", path, cause))
}

/// 62 bits of the name's hash: two names on one byte would only wait for each
/// other.
fn byte_of(name: &str) -> i64 {
    let digits = sha256(name.as_bytes());
    let bits = u64::from_str_radix(&digits[..16], 16).expect("sixteen hex digits are 64 bits");
    (bits >> 2) as i64
}

/// Sets or clears a lock on one byte; false while another has it.
fn set(file: &File, byte: i64, kind: i32) -> std::io::Result<bool> {
    // SAFETY: a zeroed flock is valid; the pointer is to a local.
    let result = unsafe {
        let mut range: libc::flock = std::mem::zeroed();
        range.l_type = kind as libc::c_short;
        range.l_whence = libc::SEEK_SET as libc::c_short;
        range.l_start = byte;
        range.l_len = 1;
        libc::fcntl(file.as_raw_fd(), libc::F_OFD_SETLK, &range)
    };
    if result == 0 {
        return Ok(true);
    }
    let cause = Error::last_os_error();
    match cause.raw_os_error() {
        Some(libc::EAGAIN | libc::EACCES) => Ok(false),
        _ => Err(cause),
    }
}

/// Tries until it is taken.
fn wait(
    taken: impl Fn() -> std::io::Result<bool>,
    path: &Path,
    waiting: impl FnOnce(),
) -> Result<()> {
    let mut waiting = Some(waiting);
    loop {
        match taken() {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
            Err(cause) => {
                return Err(cause).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
        if let Some(waiting) = waiting.take() {
            waiting();
        }
        process::check_interrupted()?;
        std::thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_lock_excludes_until_its_holder_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let held = lock_file(&path, || {}).unwrap();
        let (told, heard) = std::sync::mpsc::channel();
        let other = std::thread::spawn({
            let path = path.clone();
            move || drop(lock_file(&path, || told.send(()).unwrap()).unwrap())
        });
        heard.recv().unwrap();
        assert!(!other.is_finished());
        drop(held);
        other.join().unwrap();
    }

    #[test]
    fn a_name_is_locked_once_and_other_names_are_free() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("names");
        let held = Lock::wait(&path, "a", || {}).unwrap();
        assert!(Lock::attempt(&path, "a").unwrap().is_none());
        assert!(Lock::attempt(&path, "b").unwrap().is_some());
        drop(held);
        assert!(Lock::attempt(&path, "a").unwrap().is_some());
        assert_eq!(path.metadata().unwrap().len(), 0, "a lock takes no room");
    }

    #[test]
    fn a_shared_name_can_be_shared_and_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("names");
        let (one, two) = (open(&path).unwrap(), open(&path).unwrap());
        share(&one, &path, "a").unwrap();
        share(&two, &path, "a").unwrap();
        drop(one);
        assert!(Lock::attempt(&path, "a").unwrap().is_none());
        drop(two);
        assert!(Lock::attempt(&path, "a").unwrap().is_some());
    }

    #[test]
    fn a_dropped_lock_is_free_though_a_child_inherited_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("names");
        let held = Lock::wait(&path, "a", || {}).unwrap();
        let childs = held.file.try_clone().unwrap();
        drop(held);
        assert!(Lock::attempt(&path, "a").unwrap().is_some());
        drop(childs);
    }
}
