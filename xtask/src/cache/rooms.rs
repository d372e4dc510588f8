//! What lies in the cache: its rooms, and the things in each that are kept or
//! removed as one.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;
use walkdir::WalkDir;

use super::layout::is_another_versions;
use super::Cache;

/// Every directory of the layout that is made when the cache is opened.
pub const NAMES: &[&str] =
    &["steps", "sources", "last", "scratch", "tools", "tmp", "logs", "locks"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Room {
    /// What steps made, by key.
    Steps,
    /// What compilers read, by step value.
    Sources,
    /// With what each step was last built.
    Last,
    /// Compilers' own state between executions.
    Scratch,
    /// Installed tools.
    Tools,
    /// What commands said.
    Logs,
    /// What is being made or removed.
    Tmp,
    /// What other versions of wasrisc left beside.
    Versions,
}

impl Room {
    pub const ALL: [Room; 8] = [
        Room::Steps,
        Room::Sources,
        Room::Last,
        Room::Scratch,
        Room::Tools,
        Room::Logs,
        Room::Tmp,
        Room::Versions,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Room::Steps => "steps",
            Room::Sources => "sources",
            Room::Last => "last",
            Room::Scratch => "scratch",
            Room::Tools => "tools",
            Room::Logs => "logs",
            Room::Tmp => "tmp",
            Room::Versions => "versions",
        }
    }
}

/// Something that is removed as a whole.
#[derive(Debug, Clone)]
pub struct Item {
    pub room: Room,
    pub path: PathBuf,
    /// On the disk.
    pub bytes: u64,
    pub used: SystemTime,
}

impl Item {
    /// Its name in its room: a key, a scratch directory, a file.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

impl Cache {
    /// What lies in a room, sorted by name. What goes away meanwhile is left
    /// out.
    pub fn items(&self, room: Room) -> Vec<Item> {
        let dir = if room == Room::Versions { self.base() } else { self.room(room.name()) };
        let mut paths = children(&dir);
        match room {
            // Two levels: the first digits of a key, the key.
            Room::Steps => paths = paths.iter().flat_map(|shelf| children(shelf)).collect(),
            Room::Versions => paths.retain(|path| is_another_versions(path)),
            _ => {}
        }
        let item = |path: PathBuf| {
            let dated = path.join("entry.json");
            let dated = if dated.exists() { &dated } else { &path };
            let used = fs::symlink_metadata(dated).ok()?.modified().ok()?;
            Some(Item { room, bytes: disk_bytes(&path), used, path })
        };
        paths.into_iter().filter_map(item).collect()
    }
}

/// Without hidden names: an installer's own, marks.
fn children(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let shown = entries.filter(|e| !e.file_name().to_string_lossy().starts_with('.'));
    let mut paths: Vec<PathBuf> = shown.map(|e| e.path()).collect();
    paths.sort();
    paths
}

/// Bytes of all files below, each file once however many names it has.
fn disk_bytes(path: &Path) -> u64 {
    let mut seen = BTreeSet::new();
    let files = WalkDir::new(path).into_iter().flatten().filter_map(|e| e.metadata().ok());
    let once = files.filter(|m| m.nlink() < 2 || m.is_dir() || seen.insert((m.dev(), m.ino())));
    once.map(|meta| meta.blocks() * 512).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_two_names_takes_room_once() {
        let dir = tempfile::tempdir().unwrap();
        let once = disk_bytes(dir.path());
        fs::write(dir.path().join("a"), vec![1; 100_000]).unwrap();
        let one = disk_bytes(dir.path());
        assert!(one >= once + 100_000);
        fs::hard_link(dir.path().join("a"), dir.path().join("b")).unwrap();
        assert_eq!(disk_bytes(dir.path()), one);
    }
}
