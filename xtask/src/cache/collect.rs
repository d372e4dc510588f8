//! Removing what nobody needs: by age, by size, or all of it; never what a
//! live process uses.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use super::lock::Lock;
use super::rooms::{Item, Room};
use super::Cache;

/// Every process that builds or measures holds this name: it may run tools
/// and write logs.
pub const SESSION: &str = "session";

/// With what a step was last built is kept this long: it is small, and says
/// later why the step ran again.
const LAST_KEPT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What may stay.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Since the last use.
    pub age: Duration,
    /// Of everything, bytes on the disk.
    pub bytes: u64,
}

/// What was removed of a room, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Removal {
    pub room: Room,
    pub items: usize,
    pub bytes: u64,
    /// Was to go and stays: a live process uses it.
    pub in_use: usize,
}

impl Cache {
    /// Removes what was not used for long, then what was used least recently
    /// until the rest is small enough. With `dry_run` nothing is removed.
    pub fn collect(&self, limits: Limits, dry_run: bool) -> Result<Vec<Removal>> {
        self.prepare(dry_run)?;
        let mut items = self.all_items();
        items.sort_by_key(|item| item.used);
        let mut left: u64 = items.iter().map(|item| item.bytes).sum();
        let mut removals = Vec::new();
        for item in &items {
            let age = item.used.elapsed().unwrap_or_default();
            let goes = match item.room {
                Room::Last => age > limits.age.max(LAST_KEPT),
                Room::Sources | Room::Logs => age > limits.age,
                Room::Tmp | Room::Versions => false,
                Room::Steps | Room::Scratch | Room::Tools => {
                    age > limits.age || left > limits.bytes
                }
            };
            if goes && self.take(item, dry_run, &mut removals)? {
                left -= item.bytes;
            }
        }
        Ok(removals)
    }

    /// Removes everything that is not in use, with `all_versions` also what
    /// others left, whose locks we do not know. With `dry_run` nothing is.
    pub fn clear(&self, all_versions: bool, dry_run: bool) -> Result<Vec<Removal>> {
        self.prepare(dry_run)?;
        let mut removals = Vec::new();
        let mut items = self.all_items();
        if all_versions {
            items.extend(self.items(Room::Versions));
        }
        for item in items.iter().filter(|i| i.room != Room::Tmp) {
            self.take(item, dry_run, &mut removals)?;
        }
        if !dry_run {
            self.remove(&self.room("memo.json"))?;
        }
        Ok(removals)
    }

    fn all_items(&self) -> Vec<Item> {
        let ours = Room::ALL.into_iter().filter(|room| *room != Room::Versions);
        ours.flat_map(|room| self.items(room)).collect()
    }

    /// Removes one thing, unless a live process makes or uses it.
    pub fn remove_unused(&self, item: &Item) -> Result<bool> {
        self.take(item, false, &mut Vec::new())
    }

    fn prepare(&self, dry_run: bool) -> Result<()> {
        if dry_run {
            return Ok(());
        }
        self.require_writable("files are to be removed")?;
        self.sweep()
    }

    /// Removes one thing and counts it; false when it stays, being in use.
    fn take(&self, item: &Item, dry_run: bool, removals: &mut Vec<Removal>) -> Result<bool> {
        let at = removals.iter().position(|r| r.room == item.room).unwrap_or_else(|| {
            removals.push(Removal { room: item.room, items: 0, bytes: 0, in_use: 0 });
            removals.len() - 1
        });
        let Some(_locks) = self.unused(item)? else {
            removals[at].in_use += 1;
            return Ok(false);
        };
        removals[at].items += 1;
        removals[at].bytes += item.bytes;
        match item.room {
            _ if dry_run => {}
            Room::Scratch => self.remove_scratch(&item.path)?,
            _ => self.remove(&item.path)?,
        }
        Ok(true)
    }

    /// The locks that keep a thing from being made and from being used while
    /// it is removed; none while a live process does either.
    fn unused(&self, item: &Item) -> Result<Option<(Option<Lock>, Option<Lock>)>> {
        if !self.is_writable() {
            // Where locks cannot be made nothing can be removed either.
            return Ok(Some((None, None)));
        }
        let name = item.name();
        let (made, used) = match item.room {
            Room::Steps => (Some(entry_lock(&name)), Some(name)),
            Room::Sources => (Some(step_lock(name.trim_end_matches(".json"))), None),
            // Also used without its lock where a compiler needs none: Go's tests.
            Room::Scratch => (Some(scratch_lock(&name)), Some(SESSION.to_string())),
            Room::Last | Room::Logs | Room::Tools | Room::Tmp => (None, Some(SESSION.to_string())),
            Room::Versions => (None, None),
        };
        let (mut making, mut using) = (None, None);
        if let Some(made) = made {
            making = Lock::attempt(&self.key_locks(), &made)?;
            if making.is_none() {
                return Ok(None);
            }
        }
        if let Some(used) = used {
            using = Lock::attempt(&self.use_locks(), &used)?;
            if using.is_none() {
                return Ok(None);
            }
        }
        Ok(Some((making, using)))
    }
}

/// The lock under which a step is made, by its key without sources.
pub fn step_lock(key: &str) -> String {
    format!("step {key}")
}

/// The lock under which an entry is put in place or taken away.
pub fn entry_lock(key: &str) -> String {
    format!("entry {key}")
}

/// The lock of a scratch directory.
pub fn scratch_lock(name: &str) -> String {
    format!("scratch {name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;
    use std::time::SystemTime;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    /// A cache with a file of 1 MB in each place, last used so many days ago.
    fn cache(dir: &Path, things: &[(&str, u32)]) -> Cache {
        let cache = Cache::at(dir).unwrap();
        for (place, days) in things {
            let path = cache.root().join(place);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let mut dated = path.clone();
            if place.starts_with("logs") || place.starts_with("last") {
                fs::write(&path, vec![1; 1 << 20]).unwrap();
            } else {
                fs::create_dir(&path).unwrap();
                fs::write(path.join("big"), vec![1; 1 << 20]).unwrap();
                if place.starts_with("steps") {
                    dated = path.join("entry.json");
                    fs::write(&dated, "").unwrap();
                }
            }
            fs::File::open(dated).unwrap().set_modified(SystemTime::now() - DAY * *days).unwrap();
        }
        cache
    }

    /// What of the things is left after `act`.
    fn check(things: &[(&str, u32)], act: impl Fn(&Cache) -> Vec<Removal>, left: &[&str]) {
        let dir = tempfile::tempdir().unwrap();
        let cache = cache(dir.path(), things);
        let removals = act(&cache);
        let there = |(place, _): &&(&str, u32)| cache.root().join(place).exists();
        let got: Vec<&str> = things.iter().filter(there).map(|(place, _)| *place).collect();
        assert_eq!(got, left);
        let removed: usize = removals.iter().map(|r| r.items).sum();
        assert_eq!(removed, things.len() - left.len(), "{removals:?}");
        let bytes: u64 = removals.iter().map(|r| r.bytes).sum();
        assert!(bytes >= (removed as u64) << 20, "{removals:?}");
        assert_eq!(fs::read_dir(cache.room("tmp")).unwrap().count(), 0);
    }

    const THINGS: &[(&str, u32)] = &[
        ("steps/aa/aaaa", 40),
        ("steps/bb/bbbb", 3),
        ("steps/cc/cccc", 2),
        ("scratch/cargo", 1),
        ("tools/go", 50),
        ("last/x.json", 40),
        ("logs/x.log", 40),
    ];

    fn limits(days: u32, mib: u64) -> Limits {
        Limits { age: DAY * days, bytes: mib << 20 }
    }

    #[test]
    fn what_is_old_goes() {
        let left = ["steps/bb/bbbb", "steps/cc/cccc", "scratch/cargo", "last/x.json"];
        check(THINGS, |c| c.collect(limits(30, 1000), false).unwrap(), &left);
    }

    #[test]
    fn what_is_too_much_goes_least_recently_used_first() {
        // The log and the record are 2 MiB; a little more is for directories.
        let left = ["steps/cc/cccc", "scratch/cargo", "last/x.json", "logs/x.log"];
        check(THINGS, |c| c.collect(limits(60, 4), false).unwrap(), &left[1..]);
        check(THINGS, |c| c.collect(limits(60, 5), false).unwrap(), &left);
    }

    #[test]
    fn clearing_takes_all() {
        check(THINGS, |c| c.clear(false, false).unwrap(), &[]);
    }

    #[test]
    fn a_dry_run_says_the_same_and_removes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let cache = cache(dir.path(), THINGS);
        let would = cache.collect(limits(30, 1000), true).unwrap();
        assert!(THINGS.iter().all(|(place, _)| cache.root().join(place).exists()));
        assert_eq!(cache.collect(limits(30, 1000), false).unwrap(), would);
    }

    #[test]
    fn what_a_live_process_uses_or_makes_stays() {
        let hold = |c: &Cache| {
            let live = Cache::at(c.root().parent().unwrap()).unwrap();
            live.hold("aaaa").unwrap();
            live.hold(SESSION).unwrap();
            let making = live.lock(&entry_lock("bbbb"), || {}).unwrap();
            let scratch = live.scratch("cargo", || {}).unwrap();
            let removals = c.clear(false, false).unwrap();
            assert_eq!(removals.iter().map(|r| r.in_use).sum::<usize>(), 6);
            drop((making, scratch));
            removals
        };
        let left: Vec<&str> = THINGS.iter().map(|t| t.0).filter(|t| !t.contains("cccc")).collect();
        check(THINGS, hold, &left);
    }
}
