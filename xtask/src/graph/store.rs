//! The cache's entries: what a step made, under the step's key.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use serde::{de::DeserializeOwned, Deserialize, Serialize};

use super::key::Fields;
use super::sources::SourceSet;
use super::step::Step;
use crate::cache::{
    entry_lock, failed, set_mode, sha256, sha256_file, step_lock, Cache, Damage, Room,
};

/// How many source sets are remembered per step value: going back and forth
/// between branches stays a hit.
const SOURCE_SETS: usize = 16;

/// What an entry was made of and cost, beside its files.
const ENTRY: &str = "entry.json";

/// Stands for the hash of a file that is not there.
const GONE: &str = "gone";

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

/// What looking for something in the cache gives.
#[derive(Debug, PartialEq)]
pub enum Found<T> {
    Whole(T),
    Absent,
    Damaged(Damage),
}

impl<T> Found<T> {
    pub fn whole(self) -> Option<T> {
        match self {
            Found::Whole(value) => Some(value),
            Found::Absent | Found::Damaged(_) => None,
        }
    }
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

    /// Copies entries of another store, and what that one knows of the sources
    /// of its steps. The other's process holds the entries.
    pub fn adopt<'e>(&self, from: &Store, entries: impl Iterator<Item = &'e Entry>) -> Result<()> {
        for entry in entries {
            let (source, target) = (from.dir(&entry.key), self.dir(&entry.key));
            let staging = self.cache.staging()?;
            let beside = staging.path().join("entry");
            copy_files(&source, &beside)?;
            std::fs::create_dir_all(target.parent().expect("a key's directory has a parent"))?;
            if !target.exists() {
                std::fs::rename(&beside, &target)
                    .with_context(|| format!("cannot move an entry to {}", target.display()))?;
            }
        }
        copy_files(&from.cache.room("sources"), &self.cache.room("sources"))
    }

    /// The entry of a key, every file of it compared with the hash that it had
    /// when it was made. `hash` is asked for the hash of a file as it is now.
    /// From then on nobody collects the entry while this process lives.
    pub fn lookup(
        &self,
        key: &str,
        hash: impl Fn(&Path) -> Result<String>,
    ) -> Result<Found<Entry>> {
        self.cache.hold(key)?;
        let dir = self.dir(key);
        let path = dir.join(ENTRY);
        let entry: Entry = match read_json(&path) {
            Found::Whole(entry) => entry,
            Found::Damaged(damage) => return Ok(Found::Damaged(damage)),
            Found::Absent if dir.exists() => {
                return Ok(Found::Damaged(Damage {
                    file: path,
                    old: "entry".into(),
                    new: GONE.into(),
                }))
            }
            Found::Absent => return Ok(Found::Absent),
        };
        if entry.key != key {
            let (old, new) = (key.to_string(), entry.key);
            return Ok(Found::Damaged(Damage { file: path, old, new }));
        }
        for stored in entry.outputs.values() {
            let file = dir.join(&stored.file);
            let found = match hash(&file) {
                Ok(found) => found,
                Err(_) if !file.exists() => GONE.to_string(),
                Err(error) => format!("{:#}", error.root_cause()),
            };
            if found != stored.sha256 {
                let old = stored.sha256.clone();
                return Ok(Found::Damaged(Damage { file, old, new: found }));
            }
        }
        Ok(Found::Whole(entry))
    }

    /// Notes that the entry is used now.
    pub fn touch(&self, entry: &Entry) {
        self.cache.touch(&self.dir(&entry.key).join(ENTRY));
    }

    /// Takes the entry of a key away if it is still damaged once nobody else
    /// works on it: what was wrong with it.
    pub fn drop_damaged(
        &self,
        key: &str,
        hash: impl Fn(&Path) -> Result<String>,
    ) -> Result<Option<Damage>> {
        let _held = self.cache.lock(&entry_lock(key), || {})?;
        let Found::Damaged(damage) = self.lookup(key, hash)? else { return Ok(None) };
        self.cache.remove(&self.dir(key))?;
        Ok(Some(damage))
    }

    /// The keys of all entries, damaged ones too.
    pub fn keys(&self) -> Vec<String> {
        self.cache.items(Room::Steps).iter().map(|item| item.name()).collect()
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
            let Ok(meta) = fs::metadata(&path) else {
                bail!("step `{}` succeeded but left no {}", step.name, output.file);
            };
            set_mode(&path, if output.executable { 0o555 } else { 0o444 })?;
            let sha256 = sha256_file(&path)?;
            sync(&path)?;
            outputs.insert(
                output.name.clone(),
                Stored { file: output.file.clone(), sha256, bytes: meta.len() },
            );
        }
        let entry =
            Entry { key: key.to_string(), step: step.name.clone(), outputs, seconds, peak_bytes };
        let path = built.join(ENTRY);
        fs::write(&path, serde_json::to_vec_pretty(&entry)?)
            .map_err(|cause| failed("write", &path, cause))?;
        sync(&path)?;
        self.cache.hold(key)?;
        let _held = self.cache.lock(&entry_lock(key), || {})?;
        if let Found::Whole(known) = self.lookup(key, sha256_file)? {
            // Its sources were forgotten, it was not. Others may be using it.
            return Ok(known);
        }
        let dir = self.dir(key);
        let shelf = dir.parent().expect("a key's directory has a parent");
        fs::create_dir_all(shelf).map_err(|cause| failed("make", shelf, cause))?;
        self.cache.remove(&dir)?;
        fs::rename(built, &dir).map_err(|cause| failed("move an entry to", &dir, cause))?;
        Ok(entry)
    }

    /// The source sets with which this step value was built, newest first.
    pub fn source_sets(&self, shallow: &str) -> Found<Vec<SourceSet>> {
        read_json(&self.sources_path(shallow))
    }

    /// Only for the holder of the step's lock.
    pub fn remember_sources(&self, shallow: &str, set: &SourceSet) -> Result<()> {
        let mut sets = self.source_sets(shallow).whole().unwrap_or_default();
        sets.retain(|known| known != set);
        sets.insert(0, set.clone());
        sets.truncate(SOURCE_SETS);
        self.cache.write(&self.sources_path(shallow), &serde_json::to_vec(&sets)?)
    }

    /// Takes the source sets of this step value away. Only for the holder of
    /// the step's lock.
    pub fn forget_sources(&self, shallow: &str) -> Result<()> {
        self.cache.remove(&self.sources_path(shallow))
    }

    /// Notes that the source sets of this step value are used now.
    pub fn touch_sources(&self, shallow: &str) {
        self.cache.touch(&self.sources_path(shallow));
    }

    /// The fields with which this step was last built from this project.
    pub fn last_fields(&self, slot: &str) -> Found<Fields> {
        read_json(&self.last_path(slot))
    }

    pub fn remember_fields(&self, slot: &str, fields: &Fields) -> Result<()> {
        self.cache.write(&self.last_path(slot), &serde_json::to_vec(fields)?)
    }

    /// Records beside the entries that cannot be read; with `drop` they are
    /// taken away.
    pub fn damaged_records(&self, drop: bool) -> Result<Vec<Damage>> {
        let mut all = Vec::new();
        for item in self.cache.items(Room::Sources) {
            let name = item.name();
            let key = step_lock(name.trim_end_matches(".json"));
            let _held = drop.then(|| self.cache.lock(&key, || {})).transpose()?;
            all.extend(self.check_record::<Vec<SourceSet>>(&item.path, drop)?);
        }
        for item in self.cache.items(Room::Last) {
            all.extend(self.check_record::<Fields>(&item.path, drop)?);
        }
        Ok(all)
    }

    fn check_record<T: DeserializeOwned>(&self, path: &Path, drop: bool) -> Result<Option<Damage>> {
        let Found::Damaged(damage) = read_json::<T>(path) else { return Ok(None) };
        if drop {
            self.cache.remove(path)?;
        }
        Ok(Some(damage))
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
        if target.exists() {
            continue;
        }
        match std::fs::copy(file.path(), target) {
            // Collected meanwhile by another process.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            other => drop(other.with_context(failed)?),
        }
    }
    Ok(())
}

/// Waits until the disk has the file: a rename could be there before it.
fn sync(path: &Path) -> Result<()> {
    fs::File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(|cause| failed("write", path, cause))
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Found<T> {
    let damaged = |new: String| {
        Found::Damaged(Damage { file: path.to_path_buf(), old: "JSON of ours".into(), new })
    };
    match fs::read(path) {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(value) => Found::Whole(value),
            Err(error) => damaged(error.to_string()),
        },
        Err(cause) if cause.kind() == ErrorKind::NotFound => Found::Absent,
        Err(cause) => damaged(cause.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> (tempfile::TempDir, Store, Entry) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(Cache::at(dir.path()).unwrap());
        let step = Step::new("s", "x", "y").output("o", "o.txt");
        let staging = store.cache().staging().unwrap();
        fs::write(staging.path().join("o.txt"), "out").unwrap();
        let entry = store.commit(&step, &sha256(b"key"), staging.path(), 1.0, 2).unwrap();
        (dir, store, entry)
    }

    #[test]
    fn an_entry_is_found_again() {
        let (_dir, store, entry) = stored();
        let found = store.lookup(&entry.key, sha256_file).unwrap();
        assert_eq!(found, Found::Whole(entry.clone()));
        assert_eq!(fs::read(store.path(&entry, "o").unwrap()).unwrap(), b"out");
        assert_eq!(store.drop_damaged(&entry.key, sha256_file).unwrap(), None);
        assert_eq!(store.keys(), [entry.key]);
    }

    /// A change of an entry's directory is seen, named and dropped.
    fn check_damage(harm: impl Fn(&Path), file: &str, old: &str, new: &str) {
        let (_dir, store, entry) = stored();
        let dir = store.dir(&entry.key);
        harm(&dir);
        let want = Damage { file: dir.join(file), old: old.into(), new: new.into() };
        let found = store.lookup(&entry.key, sha256_file).unwrap();
        assert_eq!(found, Found::Damaged(want.clone()));
        assert_eq!(store.drop_damaged(&entry.key, sha256_file).unwrap(), Some(want));
        assert_eq!(store.lookup(&entry.key, sha256_file).unwrap(), Found::Absent);
    }

    #[test]
    fn damage_is_named_and_dropped() {
        let replace = |path: PathBuf, bytes: &[u8]| {
            fs::remove_file(&path).unwrap();
            fs::write(&path, bytes).unwrap();
        };
        let out = sha256(b"out");
        check_damage(|d| replace(d.join("o.txt"), b"oUt"), "o.txt", &out, &sha256(b"oUt"));
        check_damage(|d| replace(d.join("o.txt"), b"o"), "o.txt", &out, &sha256(b"o"));
        check_damage(|d| fs::remove_file(d.join("o.txt")).unwrap(), "o.txt", &out, "gone");
        check_damage(|d| fs::remove_file(d.join(ENTRY)).unwrap(), ENTRY, "entry", "gone");
        let cut = "EOF while parsing an object at line 1 column 1";
        check_damage(|d| replace(d.join(ENTRY), b"{"), ENTRY, "JSON of ours", cut);
        let directory = |d: &Path| {
            fs::remove_file(d.join("o.txt")).unwrap();
            fs::create_dir(d.join("o.txt")).unwrap();
        };
        check_damage(directory, "o.txt", &out, "Is a directory (os error 21)");
    }

    #[test]
    fn an_entry_under_anothers_key_is_damaged() {
        let (_dir, store, entry) = stored();
        let other = sha256(b"other");
        fs::create_dir_all(store.dir(&other).parent().unwrap()).unwrap();
        fs::rename(store.dir(&entry.key), store.dir(&other)).unwrap();
        let Found::Damaged(damage) = store.lookup(&other, sha256_file).unwrap() else { panic!() };
        assert_eq!((damage.old, damage.new), (other, entry.key));
    }

    #[test]
    fn a_broken_record_is_seen() {
        let (_dir, store, _) = stored();
        store.remember_sources("s", &SourceSet::default()).unwrap();
        store.remember_fields("slot", &Fields::new()).unwrap();
        assert_eq!(store.damaged_records(true).unwrap(), []);
        fs::write(store.sources_path("s"), "[{").unwrap();
        fs::write(store.last_path("slot"), "7").unwrap();
        assert!(matches!(store.source_sets("s"), Found::Damaged(_)));
        assert!(matches!(store.last_fields("slot"), Found::Damaged(_)));
        assert_eq!(store.damaged_records(false).unwrap().len(), 2);
        assert_eq!(store.damaged_records(true).unwrap().len(), 2);
        assert_eq!(store.source_sets("s"), Found::Absent);
        assert_eq!(store.last_fields("slot"), Found::Absent);
    }

    #[test]
    fn a_step_that_leaves_no_output_is_no_entry() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(Cache::at(dir.path()).unwrap());
        let step = Step::new("s", "x", "y").output("o", "o.txt");
        let built = store.cache().staging().unwrap();
        let error = store.commit(&step, &sha256(b"k"), built.path(), 0.0, 0).unwrap_err();
        assert_eq!(error.to_string(), "step `s` succeeded but left no o.txt");
        assert_eq!(store.lookup(&sha256(b"k"), sha256_file).unwrap(), Found::Absent);
    }
}
