//! The shared libraries that a program loads: what the dynamic linker would
//! find, read from the ELF files without running anything.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use object::elf::{FileHeader64, DT_NEEDED, DT_RPATH, DT_RUNPATH};
use object::read::elf::{Dyn, FileHeader};
use object::read::ReadCache;
use object::Endianness;

const STANDARD: [&str; 7] = [
    "/usr/local/lib",
    "/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu",
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
];

#[derive(Default)]
struct Dynamic {
    needed: Vec<String>,
    search: Vec<String>,
}

/// Library name to file, for everything `programs` load directly or through
/// another library. Names that no standard directory has are left out: the
/// program itself would not start then, or finds them in a way of its own.
pub fn closure(programs: impl IntoIterator<Item = PathBuf>) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let mut queue: Vec<PathBuf> = programs.into_iter().collect();
    while let Some(path) = queue.pop() {
        // A script or a foreign file loads nothing that we could name.
        let Some(dynamic) = read(&path) else { continue };
        let own = search_path(&path, &dynamic.search);
        for name in dynamic.needed {
            if found.contains_key(&name) {
                continue;
            }
            let dirs = own.iter().cloned().chain(STANDARD.map(PathBuf::from));
            if let Some(library) = dirs.map(|dir| dir.join(&name)).find(|file| file.is_file()) {
                queue.push(library.clone());
                found.insert(name, library);
            }
        }
    }
    found
}

/// The file's own search path, with `$ORIGIN` as the directory that the file
/// (not a link to it) is in.
fn search_path(path: &Path, entries: &[String]) -> Vec<PathBuf> {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let origin = real.parent().unwrap_or(Path::new("/")).to_string_lossy().into_owned();
    let dirs = entries.iter().flat_map(|entry| entry.split(':'));
    dirs.filter(|dir| !dir.is_empty())
        .map(|dir| PathBuf::from(dir.replace("${ORIGIN}", &origin).replace("$ORIGIN", &origin)))
        .collect()
}

fn read(path: &Path) -> Option<Dynamic> {
    // Compilers' libraries are hundreds of megabytes: read only what is asked for.
    let cache = ReadCache::new(File::open(path).ok()?);
    let header = FileHeader64::<Endianness>::parse(&cache).ok()?;
    let endian = header.endian().ok()?;
    let sections = header.sections(endian, &cache).ok()?;
    let Some((entries, link)) = sections.dynamic(endian, &cache).ok()? else {
        return Some(Dynamic::default());
    };
    let strings = sections.strings(endian, &cache, link).ok()?;
    let mut dynamic = Dynamic::default();
    for entry in entries {
        let list = match entry.tag32(endian)? {
            DT_NEEDED => &mut dynamic.needed,
            DT_RPATH | DT_RUNPATH => &mut dynamic.search,
            _ => continue,
        };
        let value = strings.get(entry.val32(endian)?).ok()?;
        list.push(String::from_utf8_lossy(value).into_owned());
    }
    Some(dynamic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_loads_the_c_library() {
        let found = closure([std::env::current_exe().unwrap()]);
        let libc = found.get("libc.so.6").expect("every Rust test program loads libc");
        assert!(libc.is_file(), "{}", libc.display());
    }

    #[test]
    fn what_is_no_elf_file_loads_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("script");
        std::fs::write(&script, "#!/bin/sh\n").unwrap();
        assert!(closure([script, dir.path().join("absent")]).is_empty());
    }

    #[test]
    fn origin_is_the_directory_of_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().canonicalize().unwrap();
        let got = search_path(&real.join("x"), &["$ORIGIN/../lib:/a".to_string()]);
        assert_eq!(got, [real.join("../lib"), PathBuf::from("/a")]);
    }
}
