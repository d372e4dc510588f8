//! Which of the project's files a compiler read, by its own word.
//!
//! As in ccache's depend mode: after a command ran, what it read is stored
//! beside its entry; the next build looks whether all of it is unchanged. Files
//! outside the step's home (registries, a compiler's own library) are left out:
//! their contents are pinned by lock files and by the tool's identity.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::key::Fields;
use super::memo::{listing, Memo};

/// Files and directories with their hashes; paths are relative to the project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSet {
    pub files: BTreeMap<String, String>,
    /// Directories in which a new file would be read too.
    pub listings: BTreeMap<String, String>,
}

impl SourceSet {
    /// Hashes the given files and directories.
    pub fn hash(
        root: &Path,
        files: impl IntoIterator<Item = PathBuf>,
        dirs: impl IntoIterator<Item = PathBuf>,
        memo: &Memo,
    ) -> Result<SourceSet> {
        let mut set = SourceSet::default();
        for file in files {
            set.files.insert(relative(root, &file), memo.file(&file)?);
        }
        for dir in dirs {
            set.listings.insert(relative(root, &dir), listing(&dir)?);
        }
        Ok(set)
    }

    /// The same files and directories as they are now; a file that is gone
    /// has the hash `gone`.
    pub fn now(&self, root: &Path, memo: &Memo) -> SourceSet {
        let gone = |hash: Result<String>| hash.unwrap_or_else(|_| "gone".to_string());
        let files =
            self.files.keys().map(|p| (p.clone(), gone(memo.file(&root.join(p))))).collect();
        let listings =
            self.listings.keys().map(|p| (p.clone(), gone(listing(&root.join(p))))).collect();
        SourceSet { files, listings }
    }

    /// Adds the set to a key's fields.
    pub fn add_to(&self, fields: &mut Fields) {
        for (path, hash) in &self.files {
            fields.insert(format!("source {path}"), hash.clone());
        }
        for (path, hash) in &self.listings {
            fields.insert(format!("listing {path}"), hash.clone());
        }
    }
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

/// The files that a dep-info file of cargo names below `home`.
///
/// The format is make's: `target: file file`, with `\ ` for a space
/// (cargo's documentation, "Build cache: dep-info files").
pub fn parse_dep_info(text: &str, home: &Path) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    for line in text.lines() {
        let Some((_, deps)) = line.split_once(": ") else { continue };
        let marked = deps.replace("\\ ", "\0");
        files.extend(marked.split_whitespace().map(|f| PathBuf::from(f.replace('\0', " "))));
    }
    files.retain(|f| f.starts_with(home));
    files
}

/// The `Cargo.toml` of each package that one of the files belongs to: cargo
/// reads it, the compiler does not know it.
pub fn cargo_manifests(files: &BTreeSet<PathBuf>, home: &Path) -> BTreeSet<PathBuf> {
    let manifest_of = |file: &PathBuf| {
        let dirs = file.ancestors().skip(1).take_while(|d| d.starts_with(home));
        dirs.map(|d| d.join("Cargo.toml")).find(|m| m.is_file())
    };
    files.iter().filter_map(manifest_of).collect()
}

/// A package of `go list -deps -json`; what we do not name is not asked for.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GoPackage {
    dir: PathBuf,
    #[serde(default)]
    standard: bool,
    #[serde(default)]
    go_files: Vec<PathBuf>,
    #[serde(default)]
    s_files: Vec<PathBuf>,
    #[serde(default)]
    h_files: Vec<PathBuf>,
    #[serde(default)]
    embed_files: Vec<PathBuf>,
    module: Option<GoModule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GoModule {
    go_mod: Option<PathBuf>,
}

/// The fields of `GoPackage`, for `go list -json=…`.
pub const GO_LIST_FIELDS: &str = "Dir,Standard,GoFiles,SFiles,HFiles,EmbedFiles,Module";

/// The files and the package directories below `home` in what
/// `go list -deps -json` printed.
pub fn parse_go_list(json: &str, home: &Path) -> Result<(BTreeSet<PathBuf>, BTreeSet<PathBuf>)> {
    let (mut files, mut dirs) = (BTreeSet::new(), BTreeSet::new());
    for package in serde_json::Deserializer::from_str(json).into_iter::<GoPackage>() {
        let package = package.context("cannot read what `go list -deps -json` printed")?;
        if package.standard || !package.dir.starts_with(home) {
            continue;
        }
        let lists = [&package.go_files, &package.s_files, &package.h_files, &package.embed_files];
        files.extend(lists.into_iter().flatten().map(|f| package.dir.join(f)));
        // A new file in an embedded folder is embedded too.
        let embedded = package.embed_files.iter().filter_map(|f| f.parent());
        dirs.extend(embedded.map(|d| package.dir.join(d)));
        files.extend(package.module.and_then(|m| m.go_mod));
        dirs.insert(package.dir);
    }
    Ok((files, dirs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dep_info_gives_the_projects_files() {
        let text =
            "/p/target/a: /p/src/main.rs /p/with\\ space.rs /registry/x.rs\n\n/p/src/main.rs:\n";
        let files: Vec<_> = parse_dep_info(text, Path::new("/p")).into_iter().collect();
        assert_eq!(files, [PathBuf::from("/p/src/main.rs"), PathBuf::from("/p/with space.rs")]);
    }

    #[test]
    fn go_list_gives_the_projects_files_and_directories() {
        let json = r#"{"Dir":"/go/src/fmt","Standard":true,"GoFiles":["a.go"]}
            {"Dir":"/mod/x","GoFiles":["x.go"],"Module":{"GoMod":"/mod/x/go.mod"}}
            {"Dir":"/p/g","GoFiles":["m.go"],"SFiles":["m.s"],"EmbedFiles":["d/e"],"Module":{"GoMod":"/p/g/go.mod"}}"#;
        let (files, dirs) = parse_go_list(json, Path::new("/p")).unwrap();
        let want = ["/p/g/d/e", "/p/g/go.mod", "/p/g/m.go", "/p/g/m.s"];
        assert_eq!(files.into_iter().collect::<Vec<_>>(), want.map(PathBuf::from));
        let want = ["/p/g", "/p/g/d"].map(PathBuf::from);
        assert_eq!(dirs.into_iter().collect::<Vec<_>>(), want);
    }

    #[test]
    fn a_set_notices_change_loss_and_addition() {
        let dir = tempfile::tempdir().unwrap();
        let memo = Memo::open(&crate::cache::Cache::at(&dir.path().join("cache")).unwrap());
        let root = dir.path().join("p");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(root.join("a"), "1").unwrap();
        let set = SourceSet::hash(&root, [root.join("a")], [root.clone()], &memo).unwrap();
        assert_eq!(set.now(&root, &memo), set);
        std::fs::write(root.join("b"), "").unwrap();
        assert_ne!(set.now(&root, &memo).listings, set.listings);
        std::fs::remove_file(root.join("a")).unwrap();
        assert_eq!(set.now(&root, &memo).files["a"], "gone");
    }
}
