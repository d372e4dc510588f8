//! The cache's entries: what a step made, under the step's key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use serde::{de::DeserializeOwned, Deserialize, Serialize};

use super::key::Fields;
use super::sources::SourceSet;
use super::step::Step;
use crate::cache::{set_mode, sha256, sha256_file, write_atomic, Cache};

/// How many source sets are remembered per step value: going back and forth
/// between branches stays a hit.
const SOURCE_SETS: usize = 16;

/// A file of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stored {
    pub file: String,
    pub sha256: String,
    pub bytes: u64,
}

/// What one execution of a step made and cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub key: String,
    pub step: String,
    pub outputs: BTreeMap<String, Stored>,
    /// Wall time of the command, seconds.
    pub seconds: f64,
    /// Largest resident set of one process, bytes.
    pub peak_bytes: u64,
}

/// Entries and what is remembered beside them.
#[derive(Clone)]
pub struct Store {
    cache: Cache,
}

impl Store {
    pub fn new(cache: Cache) -> Store {
        Store { cache }
    }

    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    fn dir(&self, key: &str) -> PathBuf {
        self.cache.room("steps").join(&key[..2]).join(key)
    }

    /// The path of an entry's file.
    pub fn path(&self, entry: &Entry, output: &str) -> Result<PathBuf> {
        let stored = entry
            .outputs
            .get(output)
            .with_context(|| format!("{} has no output `{output}`", entry.step))?;
        Ok(self.dir(&entry.key).join(&stored.file))
    }

    /// Copies an entry of another store, and what that one knows of the sources
    /// of its steps.
    pub fn adopt(&self, from: &Store, entry: &Entry) -> Result<()> {
        let (source, target) = (from.dir(&entry.key), self.dir(&entry.key));
        let staging = self.cache.staging()?;
        let beside = staging.path().join("entry");
        copy_files(&source, &beside)?;
        std::fs::create_dir_all(target.parent().expect("a key's directory has a parent"))?;
        if !target.exists() {
            std::fs::rename(&beside, &target)
                .with_context(|| format!("cannot move an entry to {}", target.display()))?;
        }
        copy_files(&from.cache.room("sources"), &self.cache.room("sources"))
    }

    /// The whole entry of a key: one with a file missing or cut is none.
    pub fn lookup(&self, key: &str) -> Option<Entry> {
        let dir = self.dir(key);
        let entry: Entry = read_json(&dir.join("entry.json"))?;
        let whole = entry.outputs.values().all(|stored| {
            std::fs::metadata(dir.join(&stored.file)).is_ok_and(|m| m.len() == stored.bytes)
        });
        (whole && entry.key == key).then_some(entry)
    }

    /// Hashes and renames what a command left in `built` into the cache.
    pub fn commit(
        &self,
        step: &Step,
        key: &str,
        built: &Path,
        seconds: f64,
        peak_bytes: u64,
    ) -> Result<Entry> {
        let mut outputs = BTreeMap::new();
        for output in &step.outputs {
            let path = built.join(&output.file);
            let Ok(meta) = std::fs::metadata(&path) else {
                bail!("step `{}` succeeded but left no {}", step.name, output.file);
            };
            set_mode(&path, if output.executable { 0o555 } else { 0o444 })?;
            let sha256 = sha256_file(&path)?;
            outputs.insert(
                output.name.clone(),
                Stored { file: output.file.clone(), sha256, bytes: meta.len() },
            );
        }
        let entry =
            Entry { key: key.to_string(), step: step.name.clone(), outputs, seconds, peak_bytes };
        write_atomic(&built.join("entry.json"), &serde_json::to_vec_pretty(&entry)?)?;
        let dir = self.dir(key);
        std::fs::create_dir_all(dir.parent().expect("a key's directory has a parent"))?;
        if dir.exists() {
            // Incomplete, or lookup would have found it.
            let grave = self.cache.staging()?;
            std::fs::rename(&dir, grave.path().join("old"))?;
        }
        std::fs::rename(built, &dir)
            .with_context(|| format!("cannot move an entry to {}", dir.display()))?;
        Ok(entry)
    }

    /// The source sets with which this step value was built, newest first.
    pub fn source_sets(&self, shallow: &str) -> Vec<SourceSet> {
        read_json(&self.sources_path(shallow)).unwrap_or_default()
    }

    pub fn remember_sources(&self, shallow: &str, set: &SourceSet) -> Result<()> {
        let mut sets = self.source_sets(shallow);
        sets.retain(|known| known != set);
        sets.insert(0, set.clone());
        sets.truncate(SOURCE_SETS);
        write_atomic(&self.sources_path(shallow), &serde_json::to_vec(&sets)?)
    }

    /// The fields with which this step was last built from this project.
    pub fn last_fields(&self, slot: &str) -> Option<Fields> {
        read_json(&self.last_path(slot))
    }

    pub fn remember_fields(&self, slot: &str, fields: &Fields) -> Result<()> {
        write_atomic(&self.last_path(slot), &serde_json::to_vec(fields)?)
    }

    fn sources_path(&self, shallow: &str) -> PathBuf {
        self.cache.room("sources").join(format!("{shallow}.json"))
    }

    fn last_path(&self, slot: &str) -> PathBuf {
        self.cache.room("last").join(format!("{}.json", sha256(slot.as_bytes())))
    }
}

/// Copies the files of one directory to another; what is there already stays.
fn copy_files(from: &Path, to: &Path) -> Result<()> {
    let failed = || format!("cannot copy {} to {}", from.display(), to.display());
    std::fs::create_dir_all(to).with_context(failed)?;
    for file in std::fs::read_dir(from).with_context(failed)? {
        let file = file.with_context(failed)?;
        let target = to.join(file.file_name());
        if !target.exists() {
            std::fs::copy(file.path(), target).with_context(failed)?;
        }
    }
    Ok(())
}

/// None where the file is missing or unreadable: it will be made again.
fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> (tempfile::TempDir, Store, Entry) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(Cache::at(dir.path()).unwrap());
        let step = Step::new("s", "x", "y").output("o", "o.txt");
        let built = store.cache().staging().unwrap().keep();
        std::fs::write(built.join("o.txt"), "out").unwrap();
        let key = sha256(b"key");
        let entry = store.commit(&step, &key, &built, 1.0, 2).unwrap();
        (dir, store, entry)
    }

    #[test]
    fn an_entry_is_found_again() {
        let (_dir, store, entry) = stored();
        assert_eq!(store.lookup(&entry.key), Some(entry.clone()));
        assert_eq!(std::fs::read(store.path(&entry, "o").unwrap()).unwrap(), b"out");
    }

    #[test]
    fn a_cut_entry_is_no_entry() {
        let (_dir, store, entry) = stored();
        let path = store.path(&entry, "o").unwrap();
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "o").unwrap();
        assert_eq!(store.lookup(&entry.key), None);
    }

    #[test]
    fn a_step_that_leaves_no_output_is_no_entry() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(Cache::at(dir.path()).unwrap());
        let step = Step::new("s", "x", "y").output("o", "o.txt");
        let built = store.cache().staging().unwrap();
        let error = store.commit(&step, &sha256(b"k"), built.path(), 0.0, 0).unwrap_err();
        assert_eq!(error.to_string(), "step `s` succeeded but left no o.txt");
        assert_eq!(store.lookup(&sha256(b"k")), None);
    }
}
