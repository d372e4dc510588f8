//! `files` of a manifest: what a guest's file system holds when it starts.

use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use walkdir::WalkDir;

use crate::error;

/// What stands for a file system without files.
const EMPTY: &str = "empty";

/// A file system in memory, which ends with the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Files {
    Empty,
    /// What lies in this folder, of the guest's or absolute, under the root.
    Folder(String),
}

/// What a manifest says, or why that is nothing.
pub fn parse(text: &str) -> Result<Files, &'static str> {
    if text == EMPTY {
        return Ok(Files::Empty);
    }
    let inside = |part: Component| matches!(part, Component::Normal(_) | Component::CurDir);
    match !text.is_empty() && Path::new(text).components().all(inside) {
        true => Ok(Files::Folder(text.to_string())),
        false => Err("files is \"empty\" or a folder of the guest"),
    }
}

/// What the command line says of a module of the user's own.
pub fn named(text: &str) -> Result<Files> {
    if text == EMPTY {
        return Ok(Files::Empty);
    }
    let folder = std::fs::canonicalize(text)
        .map_err(|cause| error::input(format!("cannot read {text}: {cause}")))?;
    Ok(Files::Folder(folder.to_string_lossy().into_owned()))
}

impl Files {
    /// As the manifest has it; of a folder of the user's own its name.
    pub fn shown(&self) -> String {
        match self {
            Files::Empty => EMPTY.to_string(),
            Files::Folder(folder) => match Path::new(folder).file_name() {
                Some(name) if folder.starts_with('/') => name.to_string_lossy().into_owned(),
                _ => folder.clone(),
            },
        }
    }

    /// The files of the folder by their paths below it, sorted; `guest` is the
    /// guest's own.
    ///
    /// # Errors
    /// A folder that is not there, or an entry that names alone do not describe:
    /// a link, a device, a folder without files, which git does not keep either.
    pub fn entries(&self, guest: &Path) -> Result<Vec<(String, PathBuf)>> {
        let Files::Folder(folder) = self else { return Ok(Vec::new()) };
        let folder = guest.join(folder);
        let mut entries = Vec::new();
        for entry in WalkDir::new(&folder).sort_by_file_name() {
            let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
            let path = entry.path();
            let refused = |what: &str| {
                let message = format!("{} {what}", path.display());
                error::input(message).hint("`files` takes files and the folders they lie in")
            };
            let (kind, root) = (entry.file_type(), entry.depth() == 0);
            if kind.is_file() && !root {
                let name = path.strip_prefix(&folder)?.to_str();
                let name = name.ok_or_else(|| refused("has a name that is not UTF-8"))?;
                // They would mean something else in a step's command.
                if name.contains(['{', '}']) {
                    return Err(refused("has a brace in its name").into());
                }
                entries.push((name.to_string(), path.to_path_buf()));
            } else if !kind.is_dir() {
                let what = if root { "no folder" } else { "neither a file nor a folder" };
                return Err(refused(&format!("is {what}")).into());
            } else if std::fs::read_dir(path)?.next().is_none() {
                return Err(refused("is a folder without files").into());
            }
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_lies_in_the_guests() {
        let check = |text: &str| parse(text).ok();
        assert_eq!(check("empty"), Some(Files::Empty));
        assert_eq!(check("a/b"), Some(Files::Folder("a/b".into())));
        assert_eq!(check("./empty"), Some(Files::Folder("./empty".into())));
        for wrong in ["", "..", "a/../../h", "/tmp"] {
            assert_eq!(check(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn entries_are_files_by_their_paths() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let entries = || Files::Folder(".".into()).entries(folder.path());
        std::fs::create_dir_all(at("b/c")).unwrap();
        for name in ["z", "b/c/d", "b/a"] {
            std::fs::write(at(name), "").unwrap();
        }
        let names: Vec<_> = entries().unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b/a", "b/c/d", "z"]);
        assert_eq!(Files::Empty.entries(folder.path()).unwrap(), []);
        std::os::unix::fs::symlink("z", at("link")).unwrap();
        let refused = entries().unwrap_err().to_string();
        assert!(refused.ends_with("link is neither a file nor a folder"), "{refused}");
        std::fs::remove_file(at("link")).unwrap();
        std::fs::create_dir(at("none")).unwrap();
        let refused = entries().unwrap_err().to_string();
        assert!(refused.ends_with("none is a folder without files"), "{refused}");
        std::fs::remove_dir(at("none")).unwrap();
        std::fs::write(at("{a}"), "").unwrap();
        let refused = entries().unwrap_err().to_string();
        assert!(refused.ends_with("{a} has a brace in its name"), "{refused}");
        let file = Files::Folder("z".into()).entries(folder.path()).unwrap_err().to_string();
        assert!(file.ends_with("z is no folder"), "{file}");
        let missing = Files::Folder("missing".into()).entries(folder.path());
        let missing = missing.unwrap_err().to_string();
        assert!(missing.starts_with("cannot read "), "{missing}");
    }
}
