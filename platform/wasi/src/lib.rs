//! The image of files, as `image.c` reads it; README.md has the format.
//!
//! The same names and contents give the same bytes: entries are sorted by name,
//! and times, owners and modes are left out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{bail, Context, Result};

/// What an image begins with.
pub const MAGIC: &[u8; 16] = b"wasrisc files 1\n";

const RECORD_BYTES: usize = 32;

/// Contents begin at multiples of this, so that a guest copies whole words.
const ALIGNMENT: usize = 16;

/// `filetype` of preview 1.
const DIRECTORY: u32 = 3;
const REGULAR_FILE: u32 = 4;
const SYMBOLIC_LINK: u32 = 7;

/// What lies under a name.
pub enum Node {
    Directory(BTreeMap<Vec<u8>, Node>),
    File(PathBuf),
    /// To what path.
    Link(Vec<u8>),
}

struct Record {
    kind: u32,
    name: Vec<u8>,
    /// Of a file or a link.
    contents: Vec<u8>,
    /// Of a directory: the numbers of its children's records.
    children: std::ops::Range<usize>,
}

impl Node {
    /// What lies in `folder`. Anything that is neither a file, a directory nor a
    /// symbolic link is an error. The folder itself may be a link.
    pub fn of_folder(folder: &Path) -> Result<Node> {
        let failed = || format!("cannot list {}", folder.display());
        let mut children = BTreeMap::new();
        for entry in fs::read_dir(folder).with_context(failed)? {
            let path = entry.with_context(failed)?.path();
            let name = path.file_name().unwrap_or_default().as_encoded_bytes().to_vec();
            children.insert(name, Node::read(path)?);
        }
        Ok(Node::Directory(children))
    }

    fn read(path: PathBuf) -> Result<Node> {
        let failed = || format!("cannot read {}", path.display());
        let kind = fs::symlink_metadata(&path).with_context(failed)?.file_type();
        if kind.is_dir() {
            Node::of_folder(&path)
        } else if kind.is_symlink() {
            let target = fs::read_link(&path).with_context(failed)?;
            Ok(Node::Link(target.as_os_str().as_encoded_bytes().to_vec()))
        } else if kind.is_file() {
            Ok(Node::File(path))
        } else {
            bail!("{} is neither a file, a directory nor a symbolic link", path.display());
        }
    }

    /// Directories that hold these files under these paths.
    pub fn of_files(files: &[(PathBuf, PathBuf)]) -> Result<Node> {
        let mut root = Node::Directory(BTreeMap::new());
        for (name, file) in files {
            let wrong = || format!("{} does not name a file below the root", name.display());
            let mut parts = Vec::new();
            for part in name.components() {
                let Component::Normal(part) = part else { bail!(wrong()) };
                parts.push(part.as_encoded_bytes().to_vec());
            }
            let last = parts.pop().with_context(wrong)?;
            let mut at = &mut root;
            for part in parts {
                let Node::Directory(children) = at else { bail!(wrong()) };
                at = children.entry(part).or_insert_with(|| Node::Directory(BTreeMap::new()));
            }
            let Node::Directory(children) = at else { bail!(wrong()) };
            if children.insert(last, Node::File(file.clone())).is_some() {
                bail!("{} is named twice", name.display());
            }
        }
        Ok(root)
    }
}

/// The image of a directory.
pub fn image(root: &Node) -> Result<Vec<u8>> {
    let records = records(root)?;
    let names_at = MAGIC.len() + records.len() * RECORD_BYTES;
    let names: usize = records.iter().map(|record| record.name.len()).sum();
    let mut image = MAGIC.to_vec();
    let mut name_at = names_at;
    let mut contents_at = (names_at + names).next_multiple_of(ALIGNMENT);
    for record in &records {
        let (start, length) = if record.kind == DIRECTORY {
            (record.children.start, record.children.len())
        } else {
            (contents_at, record.contents.len())
        };
        image.extend(record.kind.to_le_bytes());
        image.extend(u32::try_from(record.name.len())?.to_le_bytes());
        for number in [name_at, start, length] {
            image.extend((number as u64).to_le_bytes());
        }
        name_at += record.name.len();
        contents_at += record.contents.len().next_multiple_of(ALIGNMENT);
    }
    for record in &records {
        image.extend(&record.name);
    }
    for record in &records {
        image.resize(image.len().next_multiple_of(ALIGNMENT), 0);
        image.extend(&record.contents);
    }
    Ok(image)
}

/// Assembly that brings the image in the file `name` into an ELF under the
/// symbols that WASI looks for.
pub fn assembly(name: &str) -> String {
    format!(
        "\t.section .rodata.wasrisc_files,\"a\"\n\t.balign {ALIGNMENT}\n\
         \t.globl wasrisc_files, wasrisc_files_end\n\
         wasrisc_files:\n\t.incbin \"{name}\"\nwasrisc_files_end:\n\
         \t.section .note.GNU-stack,\"\",%progbits\n"
    )
}

/// Breadth first, so that the children of a directory follow each other.
fn records(root: &Node) -> Result<Vec<Record>> {
    let mut records = vec![record(root, Vec::new())?];
    let mut nodes = vec![root];
    let mut next = 0;
    while next < records.len() {
        if let Node::Directory(children) = nodes[next] {
            records[next].children = records.len()..records.len() + children.len();
            for (name, child) in children {
                records.push(record(child, name.clone())?);
                nodes.push(child);
            }
        }
        next += 1;
    }
    Ok(records)
}

fn record(node: &Node, name: Vec<u8>) -> Result<Record> {
    let (kind, contents) = match node {
        Node::Directory(_) => (DIRECTORY, Vec::new()),
        Node::Link(target) => (SYMBOLIC_LINK, target.clone()),
        Node::File(path) => {
            let contents = fs::read(path);
            (REGULAR_FILE, contents.with_context(|| format!("cannot read {}", path.display()))?)
        }
    };
    Ok(Record { kind, name, contents, children: 0..0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn an_image_holds_records_then_names_then_contents() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("b.txt"), "text").expect("written");
        fs::create_dir(at("a")).expect("made");
        symlink("b.txt", at("a/link")).expect("made");
        let image = image(&Node::of_folder(folder.path()).expect("read")).expect("packed");
        let number = |at: usize| u64::from_le_bytes(image[at..at + 8].try_into().expect("eight"));
        let record = |index: usize| {
            let at = MAGIC.len() + index * RECORD_BYTES;
            [number(at), number(at + 8), number(at + 16), number(at + 24)]
        };
        let head = |kind: u32, name: u64| u64::from(kind) | name << 32;
        assert_eq!(&image[..16], MAGIC);
        assert_eq!(record(0), [head(DIRECTORY, 0), 144, 1, 2]);
        assert_eq!(record(1), [head(DIRECTORY, 1), 144, 3, 1]);
        assert_eq!(record(2), [head(REGULAR_FILE, 5), 145, 160, 4]);
        assert_eq!(record(3), [head(SYMBOLIC_LINK, 4), 150, 176, 5]);
        assert_eq!(&image[144..154], b"ab.txtlink");
        assert_eq!((&image[160..164], &image[176..]), (&b"text"[..], &b"b.txt"[..]));
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("bound");
        let packed = |folder| Node::of_folder(folder).and_then(|root| image(&root));
        let error = packed(folder.path()).expect_err("a socket cannot be packed");
        assert!(error.to_string().contains("socket is neither"), "{error}");
        assert!(packed(&folder.path().join("none")).is_err());
    }

    #[test]
    fn named_files_make_the_image_of_their_folder() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("a/b")).expect("made");
        let names = ["z", "a/b/c", "a/d"];
        names.iter().for_each(|name| fs::write(at(name), name).expect("written"));
        let files: Vec<_> = names.iter().map(|name| (PathBuf::from(name), at(name))).collect();
        let named = image(&Node::of_files(&files).expect("a tree")).expect("packed");
        let found = image(&Node::of_folder(folder.path()).expect("read")).expect("packed");
        assert_eq!(named, found);
        for wrong in ["", "../a", "/a", "z/a", "z", "a/d/e"] {
            let mut files = files.clone();
            files.push((wrong.into(), at("z")));
            assert!(Node::of_files(&files).is_err(), "{wrong}");
        }
    }
}
