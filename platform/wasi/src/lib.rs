//! The image of a directory, as `image.c` reads it; README.md has the format.
//!
//! The same names and contents give the same bytes: entries are sorted by name,
//! and times, owners and modes are left out.

use std::fs;
use std::path::{Path, PathBuf};

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

struct Record {
    kind: u32,
    name: Vec<u8>,
    /// Of a file or a link.
    contents: Vec<u8>,
    /// Of a directory: the numbers of its children's records.
    children: std::ops::Range<usize>,
}

/// The image of what lies in `folder`. Anything that is neither a file, a
/// directory nor a symbolic link is an error.
pub fn image(folder: &Path) -> Result<Vec<u8>> {
    let records = records(folder)?;
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
fn records(folder: &Path) -> Result<Vec<Record>> {
    let mut records = vec![read(folder, Vec::new())?];
    let mut paths = vec![folder.to_path_buf()];
    let mut next = 0;
    while next < records.len() {
        if records[next].kind == DIRECTORY {
            let children = children(&paths[next])?;
            records[next].children = records.len()..records.len() + children.len();
            for path in children {
                let name = path.file_name().unwrap_or_default().as_encoded_bytes().to_vec();
                records.push(read(&path, name)?);
                paths.push(path);
            }
        }
        next += 1;
    }
    Ok(records)
}

fn children(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = || format!("cannot list {}", folder.display());
    let entries = fs::read_dir(folder).with_context(failed)?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<Vec<_>>>()
        .with_context(failed)?;
    paths.sort();
    Ok(paths)
}

fn read(path: &Path, name: Vec<u8>) -> Result<Record> {
    let failed = || format!("cannot read {}", path.display());
    // The folder itself may be a link; what is in it stays one.
    let metadata = if name.is_empty() { fs::metadata(path) } else { fs::symlink_metadata(path) };
    let kind = metadata.with_context(failed)?.file_type();
    let (kind, contents) = if kind.is_dir() {
        (DIRECTORY, Vec::new())
    } else if kind.is_symlink() {
        let target = fs::read_link(path).with_context(failed)?;
        (SYMBOLIC_LINK, target.as_os_str().as_encoded_bytes().to_vec())
    } else if kind.is_file() {
        (REGULAR_FILE, fs::read(path).with_context(failed)?)
    } else {
        bail!("{} is neither a file, a directory nor a symbolic link", path.display());
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
        let image = image(folder.path()).expect("packed");
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
        let error = image(folder.path()).expect_err("a socket cannot be packed");
        assert!(error.to_string().contains("socket is neither"), "{error}");
        assert!(image(&folder.path().join("none")).is_err());
    }
}
