//! All inputs of a guest: those of its manifest, those imported, and blocks
//! that lie in a shared folder. Listing looks at names and sizes; files are
//! read when an input is loaded.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::import::{Stored, AGAIN};
use super::spec::Content;
pub use super::spec::InputSpec;
use super::{block, chain, describe, document, framing};
use crate::cache::sha256;
use crate::error::{self, Error};

const OTHER_NAME: &str = "import it under another name";

/// Where to look for the inputs of one guest.
pub struct Sources<'a> {
    /// Those of its manifest, checked.
    pub specs: &'a [InputSpec],
    /// Folder of the guest, which paths in the manifest are relative to.
    pub guest_dir: &'a Path,
    /// Folder of imported inputs; need not exist.
    pub store: &'a Path,
    /// Folder with `CHAIN-NUMBER-block.rlp` and `-witness.rlp`; need not exist.
    pub shared: Option<&'a Path>,
}

/// The inputs of one guest: the manifest's in its order, then the imported and
/// the shared ones by name.
#[derive(Debug)]
pub struct Catalog {
    /// Also those that cannot be used, with the reason.
    pub inputs: Vec<Input>,
}

/// An input that may not have been read yet.
#[derive(Debug, Clone)]
pub struct Input {
    /// By which it is chosen.
    pub name: String,
    /// Where it comes from, for people.
    pub source: String,
    /// Why it cannot be used, as far as a look from outside tells.
    pub problem: Option<String>,
    /// What to do about it, where that can be known.
    hint: Option<&'static str>,
    /// Whether `bench` measures it when nothing is named.
    pub headline: bool,
    content: Origin,
    expected: Option<String>,
}

/// An input that was read and checked.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What is framed for the guest.
    pub payload: Vec<u8>,
    /// Of the payload, lower-case hex.
    pub sha256: String,
    /// The standard output that the guest must give; none when any is right.
    pub expected: Option<Vec<u8>>,
}

#[derive(Debug, Clone)]
enum Origin {
    Bytes(Vec<u8>),
    Block { chain: String, block: PathBuf, witness: PathBuf },
    Imported(PathBuf),
    File(PathBuf),
}

impl Catalog {
    /// Lists the inputs. Imported and shared blocks are for guests that have a
    /// block among those of their manifest.
    pub fn load(sources: &Sources) -> Result<Catalog> {
        let mut inputs = Vec::new();
        let mut takes_blocks = false;
        for spec in sources.specs {
            let content = spec.content().map_err(error::input)?;
            takes_blocks |= matches!(content, Content::Block { .. });
            inputs.push(Input::of_spec(spec, &content, sources.guest_dir));
        }
        if takes_blocks {
            inputs.extend(imported(sources.store)?);
            if let Some(shared) = sources.shared {
                inputs.extend(shared_blocks(shared)?);
            }
        }
        for i in 1..inputs.len() {
            if let Some(first) = inputs[..i].iter().find(|input| input.name == inputs[i].name) {
                let problem = format!("the name is taken ({})", first.source);
                if inputs[i].problem.is_none() {
                    inputs[i].hint = inputs[i].is_imported().then_some(OTHER_NAME);
                    inputs[i].problem = Some(problem);
                }
            }
        }
        Ok(Catalog { inputs })
    }

    /// The input called `wanted`, or else the file at that path.
    pub fn find(&self, wanted: &str) -> Result<Input> {
        if let Some(input) = self.inputs.iter().find(|input| input.name == wanted) {
            return Ok(input.clone());
        }
        if Path::new(wanted).is_file() {
            return Ok(Input::of_file(Path::new(wanted)));
        }
        let names: Vec<&str> = self.inputs.iter().map(|input| input.name.as_str()).collect();
        let known = if names.is_empty() { "none".into() } else { names.join(", ") };
        let message = format!("no input and no file is called `{wanted}`");
        Err(error::usage(message).hint(format!("inputs of this guest: {known}")).into())
    }
}

impl Input {
    fn of_spec(spec: &InputSpec, content: &Content, guest_dir: &Path) -> Input {
        let mut problem = None;
        let (source, content) = match content {
            Content::Text(text) => {
                let source = format!("guest.toml, {} bytes of text", text.len());
                (source, Origin::Bytes(text.as_bytes().to_vec()))
            }
            Content::Number(number) => {
                let source = format!("guest.toml, {number} as a u32");
                (source, Origin::Bytes(number.to_le_bytes().to_vec()))
            }
            Content::Block { chain, block, witness } => {
                let source = format!("guest.toml, {chain} block in {}", block.display());
                let (block, witness) = (guest_dir.join(block), guest_dir.join(witness));
                problem = look(&block).and_then(|()| look(&witness)).err();
                (source, Origin::Block { chain: chain.to_string(), block, witness })
            }
        };
        let (name, expected) = (spec.name.clone(), spec.expected.clone());
        Input { name, source, problem, hint: None, headline: spec.headline, content, expected }
    }

    /// The bytes of a file as the payload, called by the file's name.
    pub fn of_file(path: &Path) -> Input {
        let name = path.file_name().unwrap_or(path.as_os_str());
        Input {
            name: name.to_string_lossy().into_owned(),
            source: "a file of your own".into(),
            problem: None,
            hint: None,
            headline: true,
            content: Origin::File(path.to_path_buf()),
            expected: None,
        }
    }

    /// No bytes at all, for a module of the user's own that wants none.
    pub fn empty() -> Input {
        Input {
            name: "empty".into(),
            source: "no bytes".into(),
            problem: None,
            hint: None,
            headline: true,
            content: Origin::Bytes(Vec::new()),
            expected: None,
        }
    }

    /// Whether `input import` made it.
    pub fn is_imported(&self) -> bool {
        matches!(self.content, Origin::Imported(_))
    }

    /// Reads and checks everything.
    pub fn load(&self) -> Result<Loaded> {
        if let Some(problem) = &self.problem {
            let message = format!("input `{}` is unavailable: {problem}", self.name);
            let error = error::input(message);
            return Err(match self.hint {
                Some(hint) => error.hint(hint).into(),
                None => error.into(),
            });
        }
        let (payload, verdict) = match &self.content {
            Origin::Bytes(bytes) => (bytes.clone(), None),
            Origin::File(path) => (read_payload(path)?, None),
            Origin::Block { chain, block, witness } => load_block(chain, block, witness)?,
            Origin::Imported(description) => load_imported(description)?,
        };
        let expected = self.expected.clone().or(verdict).map(String::into_bytes);
        Ok(Loaded { sha256: sha256(&payload), payload, expected })
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|e| error::input(format!("{}: {e}", path.display())).into())
}

/// A file whose bytes are a payload; a frame around it would count as part of
/// it, and no guest means that.
fn read_payload(path: &Path) -> Result<Vec<u8>> {
    let payload = read(path)?;
    if framing::decode(&payload).is_ok() {
        let message = format!("{} is framed already", path.display());
        return Err(error::input(message)
            .hint("give the payload alone, without its header")
            .into());
    }
    Ok(payload)
}

/// Payload and verdict line of two files.
fn load_block(
    chain: &str,
    block_path: &Path,
    witness_path: &Path,
) -> Result<(Vec<u8>, Option<String>)> {
    let chain = chain::named(chain)?;
    let (block, facts) = document::block(block_path, Some(chain))?;
    let (witness, _) = document::witness(witness_path, &facts)?;
    let verdict = block::verdict(chain.name, facts.number, &facts.state_root, &facts.receipts_root);
    Ok((block::payload(chain.id, &block, &witness), Some(verdict)))
}

/// Payload and verdict line of an imported input.
fn load_imported(description: &Path) -> Result<(Vec<u8>, Option<String>)> {
    let stored = Stored::read(description)?;
    let wrong = |key: &str, problem: &str| Stored::wrong(description, key, problem).into();
    let payload = fs::read(description.with_file_name(&stored.payload))
        .map_err(|e| Stored::wrong(description, "payload", &format!("{}: {e}", stored.payload)))?;
    if sha256(&payload) != stored.sha256 {
        return Err(wrong("sha256", &format!("not that of {}", stored.payload)));
    }
    let described = describe::payload(&payload)
        .map_err(|e| Stored::wrong(description, "payload", &format!("{}: {e}", stored.payload)))?;
    let (Some(chain), Some(block)) = (described.chain_id, described.block) else {
        return Err(wrong("payload", &format!("{}: no block", stored.payload)));
    };
    for (key, same) in [
        ("chain", chain::id(&stored.chain).is_ok_and(|id| id == chain)),
        ("number", stored.number == block.number),
        ("state_root", stored.state_root == block.state_root),
        ("receipts_root", stored.receipts_root == block.receipts_root),
    ] {
        if !same {
            return Err(wrong(key, &format!("not that of {}", stored.payload)));
        }
    }
    let Stored { chain, number, state_root, receipts_root, .. } = &stored;
    Ok((payload, Some(block::verdict(chain, *number, state_root, receipts_root))))
}

/// File names in a folder, sorted; none when the folder is not there.
fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(error::input(format!("{}: {e}", folder.display())).into()),
    };
    // A name that is not UTF-8 is none that an input could have.
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

fn imported(store: &Path) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for file in names(store)? {
        let Some(name) = file.strip_suffix(".toml") else { continue };
        let description = store.join(&file);
        let (source, problem) = match Stored::read(&description) {
            Err(e) => ("imported".into(), Some(e)),
            Ok(stored) => {
                let source = format!("imported, {} block {}", stored.chain, stored.number);
                (source, look_stored(&description, &stored).err())
            }
        };
        let hint = problem.as_ref().map(|_| AGAIN);
        let problem = problem.map(|e| e.message);
        let content = Origin::Imported(description);
        let name = name.to_string();
        inputs.push(Input { name, source, problem, hint, headline: true, content, expected: None });
    }
    Ok(inputs)
}

fn shared_blocks(shared: &Path) -> Result<Vec<Input>> {
    let files = names(shared)?;
    let stem = |file: &String| {
        let stem = file.strip_suffix("-block.rlp").or(file.strip_suffix("-witness.rlp"));
        stem.map(str::to_string)
    };
    let mut stems: Vec<String> = files.iter().filter_map(stem).collect();
    stems.dedup();
    let of_stem = |name: String| {
        let (chain, number) = name.split_once('-').unwrap_or((&name, "?"));
        let source = format!("shared folder, {chain} block {number}");
        let block = shared.join(format!("{name}-block.rlp"));
        let witness = shared.join(format!("{name}-witness.rlp"));
        let known = chain::id(chain).map_err(|e| e.to_string());
        let problem = known.and_then(|_| look(&block)).and_then(|()| look(&witness)).err();
        let content = Origin::Block { chain: chain.to_string(), block, witness };
        Input { name, source, problem, hint: None, headline: true, content, expected: None }
    };
    Ok(stems.into_iter().map(of_stem).collect())
}

/// Refuses a file that is not one RLP list of the file's length, from its first
/// bytes alone.
fn look(path: &Path) -> Result<(), String> {
    let file_name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let named = |e: std::io::Error| format!("{file_name}: {e}");
    let mut file = fs::File::open(path).map_err(named)?;
    let length = file.metadata().map_err(named)?.len();
    let mut start = Vec::new();
    file.by_ref().take(9).read_to_end(&mut start).map_err(named)?;
    match claimed_list(&start) {
        Some(claimed) if claimed == length => Ok(()),
        Some(claimed) => {
            Err(format!("{file_name}: {length} bytes, where its RLP claims {claimed}"))
        }
        None => Err(format!("{file_name}: no RLP list")),
    }
}

/// Length, header included, of the list that begins with `start`.
fn claimed_list(start: &[u8]) -> Option<u64> {
    let first = *start.first()?;
    if first < 0xf8 {
        return (first >= 0xc0).then(|| u64::from(first - 0xc0) + 1);
    }
    let length_bytes = usize::from(first - 0xf7);
    let length = start.get(1..=length_bytes)?;
    let length = length.iter().fold(0, |n: u64, byte| n << 8 | u64::from(*byte));
    length.checked_add(1 + length_bytes as u64)
}

/// Refuses an imported input whose payload is missing or of another size.
fn look_stored(description: &Path, stored: &Stored) -> Result<(), Error> {
    let name = &stored.payload;
    let (key, problem) = match description.with_file_name(name).metadata() {
        Err(e) => ("payload", format!("{name}: {e}")),
        Ok(metadata) if metadata.len() == stored.bytes => return Ok(()),
        Ok(metadata) => ("bytes", format!("{}, {name} has {}", stored.bytes, metadata.len())),
    };
    Err(Stored::wrong(description, key, &problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::samples;
    use crate::input::{import, Request};

    const MANIFEST: &str = "[[input]]\nname = 'ten'\nu32 = 10\n\
        [[input]]\nname = 'made'\nchain = 'mainnet'\nblock = 'b.rlp'\nwitness = 'w.rlp'\n";

    #[derive(serde::Deserialize)]
    struct Manifest {
        input: Vec<InputSpec>,
    }

    /// A guest's folder, a store with an import and a shared folder.
    struct Folders {
        root: tempfile::TempDir,
        specs: Vec<InputSpec>,
    }

    impl Folders {
        fn new() -> Folders {
            let root = tempfile::tempdir().expect("a temporary folder");
            let specs = toml::from_str::<Manifest>(MANIFEST).expect("valid").input;
            let folders = Folders { root, specs };
            fs::create_dir(folders.at("shared")).expect("made");
            for (file, content) in [
                ("b.rlp", samples::block(7)),
                ("sepolia.rlp", samples::block_on(11_155_111, 7)),
                ("w.rlp", samples::witness(6)),
                ("shared/hoodi-8-block.rlp", samples::block_on(560_048, 8)),
                ("shared/hoodi-8-witness.rlp", samples::witness(7)),
                ("shared/notes.txt", b"not an input".to_vec()),
            ] {
                fs::write(folders.at(file), content).expect("written");
            }
            let (block, witness) = (&folders.at("sepolia.rlp"), &folders.at("w.rlp"));
            let (name, chain, store) = ("mine", "sepolia", &folders.at("store"));
            import(&Request { name, chain, block, witness, store, replace: false })
                .expect("imported");
            folders
        }

        /// That of the import.
        fn payload(&self) -> PathBuf {
            let stored = Stored::read(&self.at("store/mine.toml")).expect("stored");
            self.at("store").join(stored.payload)
        }

        fn at(&self, path: &str) -> PathBuf {
            self.root.path().join(path)
        }

        fn catalog(&self) -> Catalog {
            Catalog::load(&Sources {
                specs: &self.specs,
                guest_dir: self.root.path(),
                store: &self.at("store"),
                shared: Some(&self.at("shared")),
            })
            .expect("listed")
        }
    }

    fn rows(catalog: &Catalog) -> Vec<String> {
        let row = |input: &Input| {
            let state = input.problem.as_deref().unwrap_or("ok");
            format!("{}: {}: {state}", input.name, input.source)
        };
        catalog.inputs.iter().map(row).collect()
    }

    #[test]
    fn everything_is_listed() {
        let expected = [
            "ten: guest.toml, 10 as a u32: ok",
            "made: guest.toml, mainnet block in b.rlp: ok",
            "mine: imported, sepolia block 7: ok",
            "hoodi-8: shared folder, hoodi block 8: ok",
        ];
        assert_eq!(rows(&Folders::new().catalog()), expected);
    }

    #[test]
    fn blocks_are_only_for_guests_that_take_them() {
        let mut folders = Folders::new();
        folders.specs.pop();
        assert_eq!(rows(&folders.catalog()), ["ten: guest.toml, 10 as a u32: ok"]);
    }

    #[test]
    fn what_is_loaded() {
        let folders = Folders::new();
        let catalog = folders.catalog();
        let load = |name: &str| catalog.find(name).expect(name).load().expect(name);
        let ten = load("ten");
        assert_eq!((ten.payload, ten.expected), (vec![10, 0, 0, 0], None));
        let roots =
            format!("state root 0x{} receipts root 0x{}\n", "04".repeat(32), "06".repeat(32));
        for (name, chain, id, number) in [
            ("made", "mainnet", 1, 7),
            ("mine", "sepolia", 11_155_111, 7),
            ("hoodi-8", "hoodi", 560_048, 8),
        ] {
            let loaded = load(name);
            let (block, witness) = (samples::block_on(id, number), samples::witness(number - 1));
            assert_eq!(loaded.payload, block::payload(id, &block, &witness), "{name}");
            assert_eq!(loaded.sha256, sha256(&loaded.payload));
            let verdict = format!("stateless: {chain} block {number} valid: {roots}");
            assert_eq!(loaded.expected, Some(verdict.into_bytes()), "{name}");
        }
    }

    #[test]
    fn a_path_is_an_input_too() {
        let folders = Folders::new();
        let path = folders.at("b.rlp");
        let input = folders.catalog().find(&path.to_string_lossy()).expect("a file");
        assert_eq!(input.name, "b.rlp");
        assert_eq!(input.load().expect("read").payload, samples::block(7));
        fs::write(&path, framing::encode(1, b"x")).expect("written");
        let error = input.load().expect_err("framed").to_string();
        assert!(error.ends_with("b.rlp is framed already"), "{error}");
        let error = folders.catalog().find("eleven").expect_err("unknown");
        assert_eq!(error.to_string(), "no input and no file is called `eleven`");
    }

    #[test]
    fn broken_inputs_are_rows_with_their_reason() {
        // What happens to a file, and how the row of the input ends.
        type Break = fn(&Folders) -> std::io::Result<()>;
        let cases: &[(Break, &str)] = &[
            (
                |f| fs::remove_file(f.at("w.rlp")),
                "b.rlp: w.rlp: No such file or directory (os error 2)",
            ),
            (|f| fs::write(f.at("b.rlp"), "text"), "b.rlp: b.rlp: no RLP list"),
            (|f| fs::write(f.at("b.rlp"), ""), "b.rlp: b.rlp: no RLP list"),
            (|f| fs::write(f.at("b.rlp"), [0xf9]), "b.rlp: b.rlp: no RLP list"),
            (
                |f| {
                    fs::write(
                        f.at("shared/hoodi-8-block.rlp"),
                        &samples::block_on(560_048, 8)[..600],
                    )
                },
                "block 8: hoodi-8-block.rlp: 600 bytes, where its RLP claims 655",
            ),
            (
                |f| fs::remove_file(f.at("shared/hoodi-8-block.rlp")),
                "block 8: hoodi-8-block.rlp: No such file or directory (os error 2)",
            ),
            (
                |f| fs::write(f.at("shared/moon-1-block.rlp"), samples::block(8)),
                "moon block 1: unknown chain `moon`; known are mainnet, sepolia, hoodi",
            ),
            (
                |f| fs::rename(f.at("store/mine.toml"), f.at("store/ten.toml")),
                "block 7: the name is taken (guest.toml, 10 as a u32)",
            ),
            (
                |f| fs::write(f.at("store/x.toml"), "chain = 1\n"),
                "store/x.toml:1: invalid type: integer `1`, expected a string",
            ),
            (|f| fs::remove_file(f.payload()), ".payload: No such file or directory (os error 2)"),
            (|f| fs::write(f.payload(), "short"), ".payload has 5"),
        ];
        for (break_it, end) in cases {
            let folders = Folders::new();
            break_it(&folders).expect("broken");
            let catalog = folders.catalog();
            let rows = rows(&catalog);
            assert!(rows.iter().any(|row| row.ends_with(end)), "{end}\n{}", rows.join("\n"));
            let broken = catalog.inputs.iter().find(|input| input.problem.is_some());
            let error = broken.expect("one is broken").load().expect_err("not loaded");
            assert!(error.to_string().contains("is unavailable: "), "{error}");
        }
    }

    /// Whatever is not as imported is refused with the line that says how it was.
    #[test]
    fn what_was_changed_after_its_import_is_not_loaded() {
        let folders = Folders::new();
        let description = folders.at("store/mine.toml");
        let good = fs::read_to_string(&description).expect("read");
        let check = |place: &str| {
            let listed = folders.catalog().find("mine").expect("listed");
            let error = listed.load().expect_err(place);
            assert!(error.to_string().contains(place), "{place}\n{error}");
            let hint = &error::ours(&error).expect("ours").hint;
            assert_eq!(hint.as_deref(), Some("import it again with --replace"), "{error}");
        };
        for (from, to, place) in [
            ("chain = \"sepolia", "chain = \"mainnet", "mine.toml:1: chain: not that of mine."),
            ("number = 7", "number = 8", "mine.toml:2: number: not that of mine."),
            ("0x0404", "0x0414", "mine.toml:3: state_root: not that of mine."),
            ("0x0606", "0x0616", "mine.toml:4: receipts_root: not that of mine."),
            ("payload = \"mine.", "payload = \"yours.", "mine.toml:5: payload: yours."),
            ("payload = \"mine.", "payload = \"../", "mine.toml:5: payload: not a file name"),
            ("bytes = ", "bytes = 1", "mine.toml:6: bytes: 1"),
            ("sha256 = \"", "sha256 = \"0", "mine.toml:7: sha256: not that of mine."),
            ("sha256 = \"", "sha256 = ", "mine.toml:7: "),
        ] {
            fs::write(&description, good.replacen(from, to, 1)).expect("written");
            check(place);
        }
        fs::write(&description, &good).expect("written");
        let mut payload = fs::read(folders.payload()).expect("read");
        payload[100] ^= 1;
        fs::write(folders.payload(), payload).expect("written");
        check("mine.toml:7: sha256: not that of mine.");
        fs::remove_file(folders.payload()).expect("removed");
        check("mine.toml:5: payload: mine.");
    }

    #[test]
    fn missing_folders_hold_nothing() {
        let folders = Folders::new();
        let nowhere = folders.at("nowhere");
        let catalog = Catalog::load(&Sources {
            specs: &folders.specs,
            guest_dir: folders.root.path(),
            store: &nowhere,
            shared: Some(&nowhere),
        });
        assert_eq!(catalog.expect("listed").inputs.len(), 2);
    }
}
