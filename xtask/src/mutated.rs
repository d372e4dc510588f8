//! Files that were damaged on their way here: manifests, locks, reports and
//! inputs, each changed at random in a few places. Whatever comes of it is a
//! message with file and line (offset in a binary file), never a panic.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::cache::Cache;
use crate::guest::manifest::Guest;
use crate::input;
use crate::random::Random;
use crate::report::Report;
use crate::toolchain::Toolchain;
use crate::ui::Ui;

/// Of each kind.
const FILES: u64 = 200;

/// One to three changes of the kinds that a bad disk, a bad merge or a
/// hasty hand make.
fn damage(random: &mut Random, good: &[u8]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len().max(1) as u64) as usize;
        let end = (at + 1 + random.below(40) as usize).min(bytes.len());
        match random.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => bytes.iter_mut().skip(at).take(1).for_each(|b| *b ^= 1 << (end % 8)),
            3 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            4 => drop(bytes.splice(at..at, *b"99999999999999999999999")),
            5 => drop(bytes.splice(at..end, *b"\xff\"]}\n[[")),
            _ => bytes.iter_mut().skip(at).take(1).for_each(|b| *b = random.of(b"\0\"=[{-")),
        }
    }
    bytes
}

/// Damages `good` again and again, writes it to `file` and reads it. `place`
/// says whether a message tells where in the file the damage is.
fn check(good: &[u8], file: &Path, read: impl Fn() -> Result<()>, place: impl Fn(&str) -> bool) {
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, good).unwrap();
    read().expect("the file is good before it is damaged");
    let mut refused = 0;
    for seed in 1..=FILES {
        let bytes = damage(&mut Random::new(seed), good);
        std::fs::write(file, &bytes).unwrap();
        let result = catch_unwind(AssertUnwindSafe(&read))
            .unwrap_or_else(|_| panic!("seed {seed} panics: {}", String::from_utf8_lossy(&bytes)));
        if let Err(error) = result {
            let message = format!("{error:#}");
            assert!(place(&message), "seed {seed} tells no place: {message}");
            refused += 1;
        }
    }
    // Damage inside a text that anything may stand in goes unseen.
    assert!(refused > FILES / 2, "only {refused} of {FILES} were refused");
}

/// `NAME:LINE`.
fn line_in<'a>(name: &'a str) -> impl Fn(&str) -> bool + 'a {
    move |message| {
        let after = message.split_once(name).and_then(|(_, rest)| rest.strip_prefix(':'));
        after.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    }
}

fn project(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(file)
}

fn good(file: &str) -> Vec<u8> {
    std::fs::read(project(file)).unwrap()
}

#[test]
fn manifests() {
    let dir = tempfile::tempdir().unwrap();
    let guest = dir.path().join("stateless");
    let read = || Guest::load(&guest).map(drop);
    let manifest = guest.join("guest.toml");
    check(&good("guests/stateless/guest.toml"), &manifest, read, line_in("guest.toml"));
}

#[test]
fn locks() {
    let dir = tempfile::tempdir().unwrap();
    let cache = Cache::at(&dir.path().join("cache")).unwrap();
    let read = || Toolchain::open(dir.path(), &cache, &Ui::new(true, 0)).map(drop);
    let lock = dir.path().join("toolchains.lock");
    check(&good("toolchains.lock"), &lock, read, line_in("toolchains.lock"));
}

#[test]
fn reports() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("report.json");
    let read = || Report::read(&file).map(drop);
    check(&good("xtask/src/report/golden/mixed.json"), &file, read, line_in("report.json"));
}

#[test]
fn blocks_and_witnesses() {
    let dir = tempfile::tempdir().unwrap();
    let (block, witness) = (dir.path().join("block"), dir.path().join("witness"));
    let store = dir.path().join("store");
    let read = || {
        let request = input::Request {
            name: "damaged",
            chain: "hoodi",
            block: &block,
            witness: &witness,
            store: &store,
            replace: true,
        };
        input::import(&request).map(drop)
    };
    // Where the first byte is that of a text there are lines.
    let place = |message: &str| {
        let names = [&block, &witness].map(|file| file.display().to_string());
        names.iter().any(|name| message.contains(&format!("{name}: offset ")))
            || names.iter().any(|name| line_in(name)(message))
    };
    let (good_block, good_witness) = (
        good("guests/stateless/inputs/generated-block.rlp"),
        good("guests/stateless/inputs/generated-witness.rlp"),
    );
    std::fs::write(&witness, &good_witness).unwrap();
    check(&good_block, &block, read, place);
    std::fs::write(&block, &good_block).unwrap();
    check(&good_witness, &witness, read, place);
}

#[test]
fn blocks_and_witnesses_as_nodes_give_them() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("input.json");
    let name = file.display().to_string();
    let text = |value| serde_json::to_vec_pretty(value).unwrap();
    let (rlp, block) = input::rpc::tests::block_sample(21);
    let read = || input::document::block(&file, None).map(drop);
    check(&text(&block), &file, read, line_in(&name));
    let of = input::block::check_block(&rlp).unwrap();
    let (_, witness) = input::rpc::tests::witness_sample(21);
    let read = || input::document::witness(&file, &of).map(drop);
    check(&text(&witness), &file, read, line_in(&name));
}

/// What an import left in its store, by which the guest's verdict is judged.
#[test]
fn descriptions_of_imported_inputs() {
    let dir = tempfile::tempdir().unwrap();
    let file = |end| project(&format!("guests/stateless/inputs/generated-{end}.rlp"));
    let request = input::Request {
        name: "damaged",
        chain: "hoodi",
        block: &file("block"),
        witness: &file("witness"),
        store: dir.path(),
        replace: false,
    };
    input::import(&request).unwrap();
    let stateless = Guest::load(&project("guests/stateless")).unwrap();
    let read = || {
        let sources = input::Sources {
            specs: &stateless.inputs,
            guest_dir: &stateless.dir,
            store: dir.path(),
            shared: None,
        };
        input::Catalog::load(&sources)?.find("damaged")?.load().map(drop)
    };
    let description = dir.path().join("damaged.toml");
    let good = std::fs::read(&description).unwrap();
    check(&good, &description, read, line_in("damaged.toml"));
}
