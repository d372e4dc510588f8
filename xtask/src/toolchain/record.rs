//! An installed wheel against its own list of files
//! (packaging.python.org, "Recording installed projects": `RECORD`). Builds
//! trust the tree, since hashing it takes longer than most steps.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use walkdir::WalkDir;

use crate::cache::{sha256_file, Damage};

/// Python puts these there by itself when a program of the wheel is one of its.
const COMPILED: &str = "__pycache__";

/// The first file, in their order, that is not what the wheel had.
///
/// # Errors
/// A directory that cannot be read.
pub fn damage(tree: &Path) -> Result<Option<Damage>> {
    let damage = |file: &Path, old: &str, new: &str| {
        Ok(Some(Damage { file: tree.join(file), old: old.to_string(), new: new.to_string() }))
    };
    let mut found = files(tree)?;
    let is_record = |path: &&PathBuf| {
        path.file_name().is_some_and(|name| name == "RECORD")
            && path.parent().is_some_and(|dir| dir.extension().is_some_and(|e| e == "dist-info"))
    };
    let Some(record) = found.keys().find(is_record).cloned() else {
        return damage(Path::new("RECORD"), "list of files", "gone");
    };
    let text = match std::fs::read_to_string(tree.join(&record)) {
        Ok(text) => text,
        Err(cause) => return damage(&record, "list of files", &cause.to_string()),
    };
    let mut rows = BTreeMap::new();
    for line in text.lines() {
        match row(line) {
            Some((path, hash)) => drop(rows.insert(path, hash)),
            None => return damage(&record, "list of files", &format!("the line `{line}`")),
        }
    }
    for (path, hash) in rows {
        let new = match found.remove(&path) {
            None => "gone".to_string(),
            // A file without a hash, such as the list itself, need only be there.
            Some(()) if hash.is_empty() => continue,
            Some(()) => match sha256_file(&tree.join(&path)) {
                Ok(new) => new,
                Err(error) => format!("{:#}", error.root_cause()),
            },
        };
        if new != hash {
            return damage(&path, if hash.is_empty() { "a file" } else { &hash }, &new);
        }
    }
    match found.into_keys().next() {
        Some(more) => damage(&more, "nothing", "a file that the wheel does not have"),
        None => Ok(None),
    }
}

/// All files below, relative.
fn files(tree: &Path) -> Result<BTreeMap<PathBuf, ()>> {
    let mut files = BTreeMap::new();
    for entry in WalkDir::new(tree).into_iter().filter_entry(|e| e.file_name() != COMPILED) {
        let entry = entry.with_context(|| format!("cannot read {}", tree.display()))?;
        if !entry.file_type().is_dir() {
            let relative = entry.path().strip_prefix(tree).unwrap_or(entry.path());
            files.insert(relative.to_path_buf(), ());
        }
    }
    Ok(files)
}

/// Path in the tree and sha256, in hex, of a line; the hash is empty where the
/// list has none.
fn row(line: &str) -> Option<(PathBuf, String)> {
    let mut fields = line.rsplitn(3, ',');
    let (_bytes, hash, path) = (fields.next()?, fields.next()?, fields.next()?);
    let quoted = path.strip_prefix('"').and_then(|path| path.strip_suffix('"'));
    let path = quoted.map_or_else(|| path.to_string(), |path| path.replace("\"\"", "\""));
    // pip's `--target` puts side by side what is beside its library directory,
    // `lib/python`, otherwise.
    let path = path.strip_prefix("../../").unwrap_or(&path);
    let hash = match hash {
        "" => String::new(),
        hash => hex(hash.strip_prefix("sha256=")?)?,
    };
    Some((PathBuf::from(path), hash))
}

/// URL-safe base64 without padding (RFC 4648, section 5) as hex digits.
fn hex(base64: &str) -> Option<String> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for digit in base64.bytes() {
        bits = bits << 6 | DIGITS.iter().position(|d| *d == digit)? as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    (bytes.len() == 32).then(|| crate::cache::hex(&bytes))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// sha256 of `abc` (FIPS 180-2, appendix B.1) and of nothing.
    const ABC: [&str; 2] = [
        "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ];
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// The first damage after `harm`, without the tree's own path.
    fn check(harm: impl Fn(&Path), expected: Option<[&str; 3]>) {
        let dir = tempfile::tempdir().unwrap();
        for (file, text) in [
            ("go/a.go", "abc"),
            ("go/b, c.go", "abc"),
            ("bin/go", "abc"),
            ("go/__pycache__/x.pyc", "of Python"),
            ("go-1.dist-info/INSTALLER", "pip"),
            (
                "go-1.dist-info/RECORD",
                &format!(
                    "../../bin/go,sha256={0},3\ngo/a.go,sha256={0},3\n\"go/b, c.go\",sha256={0},3\n\
                     go-1.dist-info/INSTALLER,,\ngo-1.dist-info/RECORD,,\n",
                    ABC[0]
                ),
            ),
        ] {
            fs::create_dir_all(dir.path().join(file).parent().unwrap()).unwrap();
            fs::write(dir.path().join(file), text).unwrap();
        }
        harm(dir.path());
        let damage = damage(dir.path()).unwrap();
        let expected = expected.map(|[file, old, new]| Damage {
            file: dir.path().join(file),
            old: old.to_string(),
            new: new.to_string(),
        });
        assert_eq!(damage, expected);
    }

    #[test]
    fn a_tree_is_what_its_wheel_had() {
        let write = |file: &'static str, text: &'static str| {
            move |tree: &Path| fs::write(tree.join(file), text).unwrap()
        };
        let remove =
            |file: &'static str| move |tree: &Path| fs::remove_file(tree.join(file)).unwrap();
        let [_, abc] = ABC;
        let record = "go-1.dist-info/RECORD";
        check(|_| {}, None);
        check(write("go/a.go", ""), Some(["go/a.go", abc, EMPTY]));
        check(write("go/b, c.go", ""), Some(["go/b, c.go", abc, EMPTY]));
        check(write("bin/go", ""), Some(["bin/go", abc, EMPTY]));
        check(remove("go/a.go"), Some(["go/a.go", abc, "gone"]));
        check(
            remove("go-1.dist-info/INSTALLER"),
            Some(["go-1.dist-info/INSTALLER", "a file", "gone"]),
        );
        let more = "a file that the wheel does not have";
        check(write("go/more.go", "abc"), Some(["go/more.go", "nothing", more]));
        check(remove(record), Some(["RECORD", "list of files", "gone"]));
        check(write(record, ""), Some(["bin/go", "nothing", more]));
        check(
            write(record, "a,md5=0,1\n"),
            Some([record, "list of files", "the line `a,md5=0,1`"]),
        );
        check(
            write(record, "a,sha256=ab,1\n"),
            Some([record, "list of files", "the line `a,sha256=ab,1`"]),
        );
    }
}
