//! File hashes remembered by stat, so that a build with nothing to do reads
//! no file.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::cache::{sha256, sha256_file, Cache};

/// A file changed this recently may change again within its time stamp's
/// grain, so its hash is not remembered (git's "racy" files).
const SETTLED: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    stat: [i64; 7],
    sha256: String,
}

/// Hashes of files, remembered between runs. A lost or broken memo costs time,
/// never correctness.
pub struct Memo {
    cache: Cache,
    seen: Mutex<(BTreeMap<PathBuf, Seen>, bool)>,
}

impl Memo {
    pub fn open(cache: &Cache) -> Memo {
        let known = std::fs::read(path(cache)).ok();
        let seen = known.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Memo { cache: cache.clone(), seen: Mutex::new((seen, false)) }
    }

    /// The sha256 of a file's contents.
    pub fn file(&self, path: &Path) -> Result<String> {
        let meta =
            std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        let stat = [
            meta.dev() as i64,
            meta.ino() as i64,
            meta.size() as i64,
            meta.mtime(),
            meta.mtime_nsec(),
            meta.ctime(),
            meta.ctime_nsec(),
        ];
        let key = std::path::absolute(path)?;
        if let Some(seen) = self.lock().0.get(&key).filter(|s| s.stat == stat) {
            return Ok(seen.sha256.clone());
        }
        let sha256 = sha256_file(path)?;
        // The inode's own time, which nothing can set back.
        let changed = Duration::new(meta.ctime() as u64, meta.ctime_nsec() as u32);
        let settled = (SystemTime::UNIX_EPOCH + changed).elapsed();
        if settled.is_ok_and(|age| age > SETTLED) {
            let mut guard = self.lock();
            guard.0.insert(key, Seen { stat, sha256: sha256.clone() });
            guard.1 = true;
        }
        Ok(sha256)
    }

    /// Writes what was learned for the next run, without files that are gone.
    pub fn save(&self) -> Result<()> {
        let mut guard = self.lock();
        if !guard.1 || !self.cache.is_writable() {
            return Ok(());
        }
        guard.0.retain(|path, _| path.exists());
        self.cache.write(&path(&self.cache), &serde_json::to_vec(&guard.0)?)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (BTreeMap<PathBuf, Seen>, bool)> {
        self.seen.lock().unwrap_or_else(|e| e.into_inner())
    }
}

fn path(cache: &Cache) -> PathBuf {
    cache.room("memo.json")
}

/// The sha256 of a directory's file names, without hidden ones.
pub fn listing(dir: &Path) -> Result<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(sha256(names.join("\n").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_has_another_hash() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        let memo = Memo::open(&Cache::at(dir.path()).unwrap());
        std::fs::write(&file, "one").unwrap();
        let one = memo.file(&file).unwrap();
        std::fs::write(&file, "two").unwrap();
        assert_ne!(memo.file(&file).unwrap(), one, "same size, rewritten at once");
    }

    #[test]
    fn a_settled_file_is_remembered_between_runs() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        std::fs::write(&file, "one").unwrap();
        std::thread::sleep(SETTLED * 2);
        let cache = Cache::at(dir.path()).unwrap();
        let memo = Memo::open(&cache);
        let hash = memo.file(&file).unwrap();
        memo.save().unwrap();
        let again = Memo::open(&cache);
        assert!(again.lock().0.values().any(|s| s.sha256 == hash));
        std::fs::remove_file(&file).unwrap();
        memo.save().unwrap();
        assert!(Memo::open(&cache).lock().0.is_empty(), "what is gone is forgotten");
    }

    #[test]
    fn a_broken_memo_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path()).unwrap();
        let path = path(&cache);
        std::fs::write(&path, "{broken").unwrap();
        assert!(Memo::open(&cache).file(&path).is_ok());
    }

    #[test]
    fn a_new_file_changes_a_listing() {
        let dir = tempfile::tempdir().unwrap();
        let before = listing(dir.path()).unwrap();
        std::fs::write(dir.path().join("new.go"), "").unwrap();
        assert_ne!(listing(dir.path()).unwrap(), before);
    }
}
