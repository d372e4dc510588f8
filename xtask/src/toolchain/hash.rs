//! Content hashes of files, remembered by what `stat` says of them, and the
//! refusal of a file whose hash is another than the lock's.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::cache::sha256_file;
use crate::error::{tool, Error};

/// The error for a download that is not what the lock has. Nothing of it may
/// stay where a later installation would find it.
pub fn refused(file: &str, expected: &str, found: &str, from: Option<&str>) -> Error {
    let from = from.map(|url| format!(" from {}", without_password(url))).unwrap_or_default();
    tool(format!("refused {file}{from}: its sha256 is {found}, the lock has {expected}")).hint(
        "nothing was installed; the archive or the way to it is not what it was when the lock was \
         made",
    )
}

/// An address of the machine's own settings may hold a password.
fn without_password(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_string() };
    let (host, path) = rest.split_once('/').map_or((rest, None), |(h, p)| (h, Some(p)));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    path.map_or_else(|| format!("{scheme}://{host}"), |path| format!("{scheme}://{host}/{path}"))
}

/// One sha256 over labelled files: the labels and contents count, the paths do
/// not. `memo` is a directory with one small file per set seen before, named
/// by the files' paths, sizes and times, so that unchanged files are not read.
pub fn sha256_set(memo: &Path, files: &BTreeMap<String, PathBuf>) -> Result<String> {
    let mut key = Sha256::new();
    for (label, path) in files {
        let stat = path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
        let (size, inode) = (stat.size(), stat.ino());
        let (seconds, nanos) = (stat.mtime(), stat.mtime_nsec());
        key.update(format!("{label:?} {path:?} {size} {inode} {seconds} {nanos}\n"));
    }
    let remembered = memo.join(format!("{:x}", key.finalize()));
    if let Ok(known) = std::fs::read_to_string(&remembered) {
        if known.len() == 64 {
            return Ok(known);
        }
    }
    let mut set = Sha256::new();
    for (label, path) in files {
        set.update(format!("{label:?} {}\n", sha256_file(path)?));
    }
    let hash = format!("{:x}", set.finalize());
    // A memo that cannot be kept costs time only: the next caller reads again.
    let _ = remember(memo, &remembered, &hash);
    Ok(hash)
}

fn remember(memo: &Path, path: &Path, hash: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(memo)?;
    let mut beside = tempfile::NamedTempFile::new_in(memo)?;
    beside.write_all(hash.as_bytes())?;
    beside.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_file_hashes_and_origin_without_a_password() {
        let check = |from: Option<&str>, shown: &str| {
            let message = refused("x.deb", "aa", "bb", from).message;
            let expected = format!("refused x.deb{shown}: its sha256 is bb, the lock has aa");
            assert_eq!(message, expected);
        };
        check(None, "");
        check(Some("http://h/p/x.deb"), " from http://h/p/x.deb");
        check(Some("https://me:word@h:1/p@q/x.deb?t=1#s"), " from https://h:1/p@q/x.deb");
        check(Some("https://me:word@h"), " from https://h");
    }

    #[test]
    fn a_set_is_its_labels_and_contents() {
        let dir = tempfile::tempdir().unwrap();
        let memo = dir.path().join("memo");
        let hash = |label: &str, file: &str, content: &str| {
            let path = dir.path().join(file);
            std::fs::write(&path, content).unwrap();
            sha256_set(&memo, &BTreeMap::from([(label.to_string(), path)])).unwrap()
        };
        let first = hash("a", "one", "content");
        assert_eq!(hash("a", "two", "content"), first);
        assert_ne!(hash("b", "one", "content"), first);
        assert_ne!(hash("a", "one", "different size"), first);
        assert_eq!(hash("a", "one", "content"), first);
    }

    #[test]
    fn what_is_remembered_is_not_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let (memo, path) = (dir.path().join("memo"), dir.path().join("file"));
        std::fs::write(&path, "content").unwrap();
        let files = BTreeMap::from([("a".to_string(), path)]);
        sha256_set(&memo, &files).unwrap();
        let entry = std::fs::read_dir(&memo).unwrap().next().unwrap().unwrap().path();
        std::fs::write(&entry, "f".repeat(64)).unwrap();
        assert_eq!(sha256_set(&memo, &files).unwrap(), "f".repeat(64));
    }
}
