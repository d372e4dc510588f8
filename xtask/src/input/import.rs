//! `input import`: a block and its witness, checked and kept under a name.
//!
//! The store holds `NAME.toml` for each input and the payload that it names.
//! The payload's file name carries its hash, so that renaming the `.toml` into
//! place is all that makes or replaces an input: a kill leaves the old one or
//! the new one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::block::{self, BlockFacts, WitnessFacts};
use super::{chain, document, spec};
use crate::cache::{sha256, write_atomic, write_new};
use crate::error;
use crate::text;

/// What helps where an imported input is damaged.
pub(super) const AGAIN: &str = "import it again with --replace";

/// No import takes as long.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);

/// What to import.
pub struct Request<'a> {
    /// The input's name from now on.
    pub name: &'a str,
    /// Name of the chain.
    pub chain: &'a str,
    /// File with the block, in RLP or JSON.
    pub block: &'a Path,
    /// File with the witness, in RLP or JSON.
    pub witness: &'a Path,
    /// The folder of imported inputs; made when it is not there.
    pub store: &'a Path,
    /// Whether an input of this name may be replaced.
    pub replace: bool,
}

/// What was imported.
#[derive(Debug, Clone, Serialize)]
pub struct Imported {
    /// The input's name.
    pub name: String,
    /// Name of the chain.
    pub chain: String,
    /// What the block says.
    pub block: BlockFacts,
    /// What the witness holds.
    pub witness: WitnessFacts,
    /// Where the payload lies.
    pub payload: PathBuf,
    /// Of the payload.
    pub sha256: String,
    /// Size of the payload.
    pub bytes: u64,
}

/// `NAME.toml`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    pub chain: String,
    pub number: u64,
    pub state_root: String,
    pub receipts_root: String,
    /// File name in the same folder.
    pub payload: String,
    pub bytes: u64,
    pub sha256: String,
}

impl Stored {
    /// # Errors
    /// The file cannot be read or says something else, with the line.
    pub fn read(path: &Path) -> Result<Stored, error::Error> {
        let name = path.display().to_string();
        let stored: Stored = text::read(path, &name)
            .and_then(|text| text::from_toml(&text, &name))
            .map_err(|e| e.hint(AGAIN))?;
        if Path::new(&stored.payload).file_name() != Some(stored.payload.as_ref()) {
            return Err(Stored::wrong(path, "payload", "not a file name"));
        }
        Ok(stored)
    }

    /// An error about the value of a key of the file.
    pub fn wrong(path: &Path, key: &str, problem: &str) -> error::Error {
        type Places = BTreeMap<String, toml::Spanned<IgnoredAny>>;
        let text = fs::read_to_string(path).unwrap_or_default();
        let places: Places = toml::from_str(&text).unwrap_or_default();
        let start = places.get(key).map_or(0, |place| place.span().start);
        let line = text::line(text.as_bytes(), start);
        error::input(format!("{}:{line}: {key}: {problem}", path.display())).hint(AGAIN)
    }
}

/// Checks both files and stores their payload.
pub fn import(request: &Request) -> Result<Imported> {
    spec::check_name(request.name).map_err(error::usage)?;
    let chain = chain::named(request.chain)?;
    let description = request.store.join(format!("{}.toml", request.name));
    if !request.replace && description.exists() {
        return Err(taken(request.name).into());
    }
    let (block, block_facts) = document::block(request.block, Some(chain))?;
    let (witness, witness_facts) = document::witness(request.witness, &block_facts)?;
    let payload = block::payload(chain.id, &block, &witness);
    let sha256 = sha256(&payload);
    let stored = Stored {
        chain: request.chain.to_string(),
        number: block_facts.number,
        state_root: block_facts.state_root.clone(),
        receipts_root: block_facts.receipts_root.clone(),
        payload: format!("{}.{}.payload", request.name, &sha256[..16]),
        bytes: payload.len() as u64,
        sha256: sha256.clone(),
    };
    store(request, &description, &stored, &payload)?;
    Ok(Imported {
        name: request.name.to_string(),
        chain: request.chain.to_string(),
        block: block_facts,
        witness: witness_facts,
        payload: request.store.join(&stored.payload),
        sha256,
        bytes: stored.bytes,
    })
}

fn taken(name: &str) -> error::Error {
    error::usage(format!("an input `{name}` was imported before"))
        .hint("choose another name, or replace it with --replace")
}

fn store(request: &Request, description: &Path, stored: &Stored, payload: &[u8]) -> Result<()> {
    let folder = request.store;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    sweep(folder);
    let replaced = Stored::read(description).ok().map(|old| folder.join(old.payload));
    let payload_path = folder.join(&stored.payload);
    write_atomic(&payload_path, payload)?;
    let text = toml::to_string(stored).context("cannot describe the input")?;
    if request.replace {
        write_atomic(description, text.as_bytes())?;
    } else if !write_new(description, text.as_bytes())? {
        return Err(taken(request.name).into());
    }
    if let Some(replaced) = replaced.filter(|old| *old != payload_path) {
        // What is left over costs space only: nothing names it any more.
        let _ = fs::remove_file(replaced);
    }
    Ok(())
}

/// Removes what imports left behind that were killed: files which no input
/// names, and old enough to be no other import's of this moment. It costs space
/// only, so that what cannot be removed may stay.
fn sweep(folder: &Path) {
    let entries = || fs::read_dir(folder).into_iter().flatten().flatten();
    let is_description = |path: &PathBuf| path.extension().is_some_and(|e| e == "toml");
    let descriptions = entries().map(|entry| entry.path()).filter(is_description);
    let stored: Vec<Result<Stored, error::Error>> =
        descriptions.map(|path| Stored::read(&path)).collect();
    for path in entries().map(|entry| entry.path()).filter(|path| !is_description(path)) {
        let named = |stored: &Result<Stored, error::Error>| {
            // One that cannot be read might name anything.
            stored.as_ref().map_or(true, |stored| path.ends_with(&stored.payload))
        };
        let age = path.metadata().and_then(|m| m.modified()).ok().and_then(|m| m.elapsed().ok());
        if path.is_file() && age.is_some_and(|age| age > LEFT_BEHIND) && !stored.iter().any(named) {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::samples;

    /// A folder with a block and its witness in it.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("b.rlp"), samples::block(7)).expect("written");
        fs::write(folder.path().join("w.rlp"), samples::witness(6)).expect("written");
        folder
    }

    fn import_as(folder: &Path, name: &str, chain: &str, replace: bool) -> Result<Imported> {
        let (block, witness) = (&folder.join("b.rlp"), &folder.join("w.rlp"));
        let store = &folder.join("store");
        import(&Request { name, chain, block, witness, store, replace })
    }

    fn stored_files(folder: &Path) -> Vec<String> {
        let Ok(entries) = fs::read_dir(folder.join("store")) else { return Vec::new() };
        let name = |e: std::io::Result<fs::DirEntry>| e.expect("readable").file_name();
        let mut names: Vec<String> =
            entries.map(|e| name(e).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn an_import_is_stored_whole() {
        let folder = folder();
        let imported = import_as(folder.path(), "seven", "mainnet", false).expect("imported");
        assert_eq!((imported.block.number, imported.witness.nodes), (7, 2));
        let payload = fs::read(&imported.payload).expect("the payload is there");
        let expected = block::payload(1, &samples::block(7), &samples::witness(6));
        assert_eq!(payload, expected);
        let stored = Stored::read(&folder.path().join("store/seven.toml")).expect("stored");
        assert_eq!((stored.chain.as_str(), stored.number), ("mainnet", 7));
        assert_eq!(stored.sha256, sha256(&payload));
        assert_eq!(stored_files(folder.path()).len(), 2);
    }

    #[test]
    fn a_name_is_replaced_only_when_asked_for() {
        let folder = folder();
        let first = import_as(folder.path(), "x", "mainnet", false).expect("imported");
        let error = import_as(folder.path(), "x", "mainnet", false).expect_err("taken");
        assert_eq!(error.to_string(), "an input `x` was imported before");
        assert!(first.payload.exists());
        fs::write(folder.path().join("b.rlp"), samples::block_on(560_048, 7)).expect("written");
        let second = import_as(folder.path(), "x", "hoodi", true).expect("replaced");
        assert_ne!(first.sha256, second.sha256);
        let payload = format!("x.{}.payload", &second.sha256[..16]);
        assert_eq!(stored_files(folder.path()), [payload, "x.toml".to_string()]);
    }

    #[test]
    fn what_was_left_behind_is_removed_once_it_is_old() {
        let folder = folder();
        let first = import_as(folder.path(), "first", "mainnet", false).expect("imported");
        let write = |name: &str, age: u64| {
            let path = folder.path().join("store").join(name);
            let file = fs::File::create(path).expect("made");
            let then = std::time::SystemTime::now() - Duration::from_secs(age);
            file.set_modified(then).expect("set");
        };
        write(".tmp-old", 4000);
        write("gone.0123456789abcdef.payload", 4000);
        write(".tmp-new", 10);
        let old = fs::File::options().write(true).open(&first.payload).expect("opened");
        let then = std::time::SystemTime::now() - Duration::from_secs(100_000);
        old.set_modified(then).expect("set");
        import_as(folder.path(), "second", "mainnet", false).expect("imported");
        let left = stored_files(folder.path());
        let payload = |name: &str| format!("{name}.{}.payload", &first.sha256[..16]);
        let [one, two] = ["first", "second"].map(payload);
        assert_eq!(left, [".tmp-new".into(), one, "first.toml".into(), two, "second.toml".into()]);
    }

    #[test]
    fn refused_files_leave_nothing_behind() {
        // A file, what is in it instead, and the message.
        let cut = |mut bytes: Vec<u8>| {
            bytes.pop();
            bytes
        };
        let cases = [
            ("b.rlp", cut(samples::block(7)), "b.rlp: offset 0: expected a block, found an item"),
            ("w.rlp", cut(samples::witness(6)), "w.rlp: offset 0: expected a witness, found an"),
            (
                "b.rlp",
                samples::block_on(11_155_111, 7),
                "b.rlp: offset 554: expected a transaction for mainnet (chain id 1), found one",
            ),
            ("w.rlp", samples::witness(5), "w.rlp: offset 3: expected the header of block 6"),
            ("b.rlp", Vec::new(), "b.rlp:1: expected a block, found neither"),
        ];
        for (file, content, message) in cases {
            let folder = folder();
            fs::write(folder.path().join(file), content).expect("written");
            let error = import_as(folder.path(), "x", "mainnet", false).expect_err(message);
            assert!(error.to_string().contains(message), "{error}");
            assert!(stored_files(folder.path()).is_empty(), "{:?}", stored_files(folder.path()));
        }
        let folder = folder();
        for (name, chain, message) in [
            ("A", "mainnet", "the input name `A` is not"),
            ("../a", "mainnet", "the input name `../a` is not"),
            ("a", "moon", "unknown chain `moon`"),
        ] {
            let error = import_as(folder.path(), name, chain, false).expect_err(message);
            assert!(error.to_string().starts_with(message), "{error}");
        }
        assert!(stored_files(folder.path()).is_empty());
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = folder();
        fs::remove_file(folder.path().join("w.rlp")).expect("removed");
        let error = import_as(folder.path(), "x", "mainnet", false).expect_err("no witness");
        assert!(error.to_string().contains("w.rlp: No such file"), "{error}");
    }
}
