//! Files that a command makes for its steps to read, kept for the next command.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};

use crate::cache::{sha256, write_atomic};

/// No command works as long with a file.
const UNUSED: Duration = Duration::from_secs(24 * 3600);

/// A file of this name with these bytes, in a folder below `dir` that is named by
/// them, so that two commands with two contents do not meet. What was not used
/// for a day is removed from there.
pub fn file(dir: &Path, name: &Path, bytes: &[u8]) -> Result<PathBuf> {
    let own = dir.join(&sha256(bytes)[..16]);
    let path = own.join(name);
    let now = SystemTime::now();
    // The folder's time is that of its last use.
    let used = std::fs::File::open(&own).and_then(|folder| folder.set_modified(now));
    if used.is_err() || !path.is_file() {
        std::fs::create_dir_all(&own).with_context(|| format!("cannot make {}", own.display()))?;
        write_atomic(&path, bytes)?;
    }
    sweep(dir, now - UNUSED);
    Ok(path)
}

/// Removes the folders last used before `then`. One that cannot be removed costs
/// space only.
fn sweep(dir: &Path, then: SystemTime) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let used = entry.metadata().and_then(|metadata| metadata.modified());
        if used.is_ok_and(|used| used < then) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_not_used_any_more_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let kept = |bytes: &[u8]| file(dir.path(), Path::new("f"), bytes).unwrap();
        let age = |path: &Path, age: Duration| {
            let folder = std::fs::File::open(path.parent().unwrap()).unwrap();
            folder.set_modified(SystemTime::now() - age).unwrap();
        };
        let (gone, used) = (kept(b"one"), kept(b"two"));
        age(&gone, 2 * UNUSED);
        age(&used, 2 * UNUSED);
        assert_eq!(kept(b"two"), used);
        assert!(!gone.parent().unwrap().exists() && used.exists());
        age(&used, UNUSED / 2);
        kept(b"three");
        assert!(used.exists());
    }
}
