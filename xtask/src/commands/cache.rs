//! `cache`: what lies in it, whether it is whole, and removing it.

use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use anyhow::Result;
use serde::Serialize;

use crate::cache::{sha256_file, Cache, Damage, Item, Limits, Removal, Room};
use crate::cli::{self, Global};
use crate::graph::store::{Found, Store};
use crate::process;
use crate::report::format::mebibytes;
use crate::table::{self, print_json};
use crate::toolchain;
use crate::ui::Ui;

/// Needs no session: a broken manifest or lock must not keep a user from
/// looking after the disk.
pub fn run(global: &Global, verb: cli::Cache) -> Result<ExitCode> {
    let ui = Ui::new(global.quiet, global.verbose);
    let cache = Cache::open()?;
    match verb {
        cli::Cache::Stats => stats(global, &cache),
        cli::Cache::Verify => verify(global, &ui, &Store::new(cache)),
        cli::Cache::Gc { older_than, max_size, dry_run } => {
            let limits = Limits { age: older_than, bytes: max_size };
            removed(global, &ui, dry_run, cache.collect(limits, dry_run)?)
        }
        cli::Cache::Clear { all_versions, dry_run } => {
            removed(global, &ui, dry_run, cache.clear(all_versions, dry_run)?)
        }
    }
}

#[derive(Serialize)]
struct Stats {
    directory: String,
    rooms: Vec<RoomStats>,
    items: usize,
    bytes: u64,
}

#[derive(Serialize)]
struct RoomStats {
    room: Room,
    items: usize,
    bytes: u64,
    /// Last use of the one used least recently, seconds since 1970.
    oldest: Option<u64>,
    newest: Option<u64>,
}

fn stats(global: &Global, cache: &Cache) -> Result<ExitCode> {
    let rooms: Vec<RoomStats> =
        Room::ALL.iter().map(|room| RoomStats::of(*room, &cache.items(*room))).collect();
    let stats = Stats {
        directory: cache.root().display().to_string(),
        items: rooms.iter().map(|r| r.items).sum(),
        bytes: rooms.iter().map(|r| r.bytes).sum(),
        rooms,
    };
    if global.json {
        print_json(&stats)?;
        return Ok(ExitCode::SUCCESS);
    }
    let row = |name: &str, items: usize, bytes: u64, used: [Option<u64>; 2]| {
        let [oldest, newest] = used.map(|t| t.map_or_else(String::new, ago));
        vec![name.to_string(), items.to_string(), mebibytes(bytes), oldest, newest]
    };
    let mut rows: Vec<_> = stats
        .rooms
        .iter()
        .map(|r| row(r.room.name(), r.items, r.bytes, [r.oldest, r.newest]))
        .collect();
    rows.push(row("all", stats.items, stats.bytes, [None, None]));
    let head = ["room", "items", "MiB", "oldest use", "newest use"];
    print!("{}\n\n{}", stats.directory, table::render(&head, &rows));
    Ok(ExitCode::SUCCESS)
}

impl RoomStats {
    fn of(room: Room, items: &[Item]) -> RoomStats {
        let seconds = |used: SystemTime| {
            used.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
        };
        let used = || items.iter().map(|item| seconds(item.used));
        RoomStats {
            room,
            items: items.len(),
            bytes: items.iter().map(|item| item.bytes).sum(),
            oldest: used().min(),
            newest: used().max(),
        }
    }
}

/// `5 d ago`, in the largest unit that fits.
fn ago(seconds_since_1970: u64) -> String {
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds_since_1970);
    let seconds = then.elapsed().unwrap_or_default().as_secs();
    let (_, length, unit) = UNITS.iter().find(|u| seconds >= u.1).unwrap_or(&("s", 1, "s"));
    format!("{} {unit} ago", seconds / length)
}

/// As it is written in an argument, in seconds, as it is shown; largest first.
const UNITS: &[(&str, u64, &str)] =
    &[("d", 24 * 60 * 60, "d"), ("h", 60 * 60, "h"), ("m", 60, "min"), ("s", 1, "s")];

#[derive(Serialize)]
struct Verified {
    entries: usize,
    /// Installed wheels.
    tools: usize,
    /// Of the files that were compared.
    bytes: u64,
    damaged: Vec<Bad>,
}

#[derive(Serialize)]
struct Bad {
    file: String,
    old: String,
    new: String,
}

/// Hashes everything, whatever is remembered of it; drops what is damaged.
fn verify(global: &Global, ui: &Ui, store: &Store) -> Result<ExitCode> {
    let writable = store.cache().is_writable();
    let keys = store.keys();
    let (mut entries, mut bytes, mut damaged) = (0, 0, Vec::new());
    let task = ui.progress("Verifying", keys.len());
    for key in keys {
        process::check_interrupted()?;
        match store.lookup(&key, sha256_file)? {
            Found::Whole(entry) => {
                entries += 1;
                bytes += entry.outputs.values().map(|stored| stored.bytes).sum::<u64>();
            }
            // Collected meanwhile.
            Found::Absent => {}
            Found::Damaged(damage) if !writable => damaged.push(damage),
            Found::Damaged(_) => damaged.extend(store.drop_damaged(&key, sha256_file)?),
        }
        task.advance();
    }
    drop(task);
    damaged.extend(store.damaged_records(writable)?);
    for damage in &damaged {
        let done = if writable { "dropped" } else { "cannot be dropped" };
        ui.warn(&format!("damaged in the cache, {done}: {damage}"));
    }
    let tools = verify_tools(ui, store.cache(), &mut damaged)?;
    let bad = |d: Damage| Bad { file: d.file.display().to_string(), old: d.old, new: d.new };
    let fine = damaged.is_empty();
    let damaged: Vec<Bad> = damaged.into_iter().map(bad).collect();
    if global.json {
        print_json(&Verified { entries, tools, bytes, damaged })?;
    } else {
        let count = damaged.len();
        let size = mebibytes(bytes);
        println!(
            "{entries} entries ({size} MiB) and {tools} tools are whole, {count} files damaged"
        );
    }
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Compares installed wheels with their own lists; how many are whole. A build
/// trusts them, so that one that uses them now keeps them.
fn verify_tools(ui: &Ui, cache: &Cache, damaged: &mut Vec<Damage>) -> Result<usize> {
    let items = cache.items(Room::Tools);
    // They are called by their wheel's hash; other things lie there too.
    let wheels: Vec<&Item> = items.iter().filter(|item| item.name().len() == 64).collect();
    let task = ui.progress("Verifying tools", wheels.len());
    let mut whole = 0;
    for item in wheels {
        process::check_interrupted()?;
        match toolchain::damage(&item.path)? {
            None => whole += 1,
            Some(damage) => {
                let done = if !cache.is_writable() {
                    "cannot be dropped"
                } else if cache.remove_unused(item)? {
                    "dropped"
                } else {
                    "in use and kept"
                };
                let built = "what was built with it since is not trustworthy: `cargo xtask cache \
                             clear` has all built again";
                ui.warn(&format!("damaged tool in the cache, {done}: {damage}; {built}"));
                damaged.push(damage);
            }
        }
        task.advance();
    }
    Ok(whole)
}

#[derive(Serialize)]
struct Removed {
    dry_run: bool,
    rooms: Vec<Removal>,
    items: usize,
    bytes: u64,
}

/// Says what went, and what stays since it is in use.
fn removed(global: &Global, ui: &Ui, dry_run: bool, rooms: Vec<Removal>) -> Result<ExitCode> {
    let items = rooms.iter().map(|r| r.items).sum();
    let bytes = rooms.iter().map(|r| r.bytes).sum();
    let in_use: usize = rooms.iter().map(|r| r.in_use).sum();
    let removed = Removed { dry_run, rooms, items, bytes };
    if global.json {
        print_json(&removed)?;
    } else {
        let row = |r: &Removal| {
            let stay = if r.in_use > 0 { r.in_use.to_string() } else { String::new() };
            vec![r.room.name().to_string(), r.items.to_string(), mebibytes(r.bytes), stay]
        };
        let rows: Vec<_> = removed.rooms.iter().map(row).collect();
        print!("{}", table::render(&["room", "removed", "MiB", "in use, kept"], &rows));
    }
    let verb = if dry_run { "Would free" } else { "Freed" };
    ui.status(verb, &format!("{} MiB, {items} items", mebibytes(bytes)));
    if in_use > 0 {
        ui.warn(&format!("{in_use} items are in use by another wasrisc and stay"));
    }
    Ok(ExitCode::SUCCESS)
}

/// `30d`, `12h`, `5m` or `90s`.
///
/// # Errors
/// Anything else, for clap to print.
pub fn duration(text: &str) -> Result<Duration, String> {
    let unit = |name: &str| UNITS.iter().find(|u| u.0 == name);
    let seconds = number_and_unit(text).and_then(|(n, name)| n.checked_mul(unit(name)?.1));
    seconds.map(Duration::from_secs).ok_or_else(|| "a number with d, h, m or s: 30d".to_string())
}

/// `5GiB`, `500MiB`, `1KiB` or `0B`, in bytes.
///
/// # Errors
/// Anything else, for clap to print.
pub fn size(text: &str) -> Result<u64, String> {
    let bytes = number_and_unit(text).and_then(|(number, unit)| {
        let shift = match unit {
            "GiB" => 30,
            "MiB" => 20,
            "KiB" => 10,
            "B" => 0,
            _ => return None,
        };
        number.checked_mul(1 << shift)
    });
    bytes.ok_or_else(|| "a number with GiB, MiB, KiB or B: 5GiB".to_string())
}

fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    Some((text[..end].parse().ok()?, text[end..].trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_have_units() {
        for (text, seconds) in [("30d", Some(2_592_000)), ("12 h", Some(43_200)), ("0s", Some(0))] {
            assert_eq!(duration(text).ok().map(|d| d.as_secs()), seconds, "{text}");
        }
        for text in ["", "30", "d", "1w", "-1d", "99999999999999999999d", "213503982334602d"] {
            assert!(duration(text).is_err(), "{text}");
        }
        for (text, bytes) in [("5GiB", 5 << 30), ("500 MiB", 500 << 20), ("0B", 0)] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "5", "5GB", "GiB", "17179869184GiB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ages_are_in_one_unit() {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        for (seconds, text) in [(0, "0 s ago"), (90, "1 min ago"), (3 * 86_400, "3 d ago")] {
            assert_eq!(ago(now - seconds), text);
        }
    }
}
