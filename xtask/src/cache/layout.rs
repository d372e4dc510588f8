//! Which directory is ours: one that was absent or empty when we came, and has
//! had our mark since.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Result;

use super::write::{failed, replace, BESIDE};
use crate::error;

/// Its name in our directory; the first file there.
const MARK: &str = "layout";

/// What it says.
const LAYOUT: &str = "wasrisc cache, layout 2\n";

/// What it says in any version.
const ANY_LAYOUT: &str = "wasrisc cache, layout ";

/// What a version that left no mark had in its directory.
const UNMARKED: &[&str] =
    &["steps", "sources", "last", "scratch", "tmp", "logs", "locks", "tools", "memo.json"];

/// Makes the directory ours, if it is not yet.
///
/// # Errors
/// It cannot be made or read; another wasrisc or somebody else has files in it.
pub fn take(root: &Path) -> Result<()> {
    super::make_dir(root)?;
    let mark = root.join(MARK);
    // Listed before the mark is looked for: what another process of ours puts
    // there comes after the mark.
    let names = names(root)?;
    let found = match fs::read(&mark) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(cause) if cause.kind() == ErrorKind::NotFound => return take_empty(root, &names),
        Err(cause) => return Err(failed("read", &mark, cause)),
    };
    if found == LAYOUT {
        return Ok(());
    }
    let message = format!(
        "{} is the cache of another wasrisc: {} says `{}`, not `{}`",
        root.display(),
        mark.display(),
        found.lines().next().unwrap_or_default(),
        LAYOUT.trim_end()
    );
    Err(error::input(message).hint(ELSEWHERE).into())
}

const ELSEWHERE: &str = "set WASRISC_CACHE_DIR to another directory; this one is left as it is";

fn take_empty(root: &Path, names: &[String]) -> Result<()> {
    // A process that was killed here may have left the beginning of a mark.
    if let Some(theirs) = names.iter().find(|name| !name.starts_with(BESIDE)) {
        let message = format!(
            "{} is no cache of wasrisc: it has no file `{MARK}`, but `{theirs}`",
            root.display()
        );
        return Err(error::input(message).hint(ELSEWHERE).into());
    }
    let mark = root.join(MARK);
    replace(&mark, LAYOUT.as_bytes()).map_err(|cause| failed("write", &mark, cause))
}

/// Tells backup tools to leave our directory out (https://bford.info/cachedir/).
/// The one around it may hold other things.
pub fn tag(root: &Path) {
    let text = "Signature: 8a477f597d28d172789f06886806bc55\n\
                # Made by wasrisc; everything in here can be made again.\n";
    let path = root.join("CACHEDIR.TAG");
    if !path.exists() {
        // On a full disk what is in the cache can still be used; the next
        // process writes this.
        let _ = replace(&path, text.as_bytes());
    }
}

/// Whether another version of wasrisc made this directory.
pub fn is_another_versions(dir: &Path) -> bool {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let number = name.strip_prefix('v').unwrap_or_default();
    if name == super::VERSION || number.is_empty() || number.bytes().any(|b| !b.is_ascii_digit()) {
        return false;
    }
    match fs::read_to_string(dir.join(MARK)) {
        Ok(text) => text.starts_with(ANY_LAYOUT),
        Err(_) => names(dir).is_ok_and(|names| {
            !names.is_empty() && names.iter().all(|name| UNMARKED.contains(&name.as_str()))
        }),
    }
}

fn names(dir: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(dir).map_err(|cause| failed("read", dir, cause))?;
    let mut names: Vec<String> =
        entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::cache::{Cache, Room};

    fn file(path: PathBuf, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Every file and directory with its content.
    fn listing(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        let entries = walkdir::WalkDir::new(dir).into_iter().map(|e| e.unwrap().into_path());
        entries.map(|path| (path.clone(), fs::read(&path).unwrap_or_default())).collect()
    }

    /// A base directory that `prepare` changed is refused with this message
    /// and a hint, and is as it was.
    fn check_refused(prepare: impl Fn(&Path), message: &str) {
        let dir = tempfile::tempdir().unwrap();
        prepare(dir.path());
        let before = listing(dir.path());
        let error = Cache::at(dir.path()).err().expect(message);
        let text = format!("{error:#}").replace(dir.path().to_str().unwrap(), "DIR");
        assert!(text.starts_with(message), "{text}");
        let ours = error::ours(&error).unwrap();
        assert!(ours.hint.as_ref().unwrap().contains("WASRISC_CACHE_DIR"));
        assert_eq!(listing(dir.path()), before, "nothing is lost and nothing added");
    }

    #[test]
    fn what_is_not_our_cache_is_refused_and_left_alone() {
        check_refused(
            |dir| file(dir.join("v2"), "mine"),
            "cannot make the cache directory DIR/v2: File exists",
        );
        check_refused(
            |dir| file(dir.join("v2/steps/ab/thesis"), "mine"),
            "DIR/v2 is no cache of wasrisc: it has no file `layout`, but `steps`",
        );
        check_refused(
            |dir| file(dir.join("v2/.hidden"), "mine"),
            "DIR/v2 is no cache of wasrisc: it has no file `layout`, but `.hidden`",
        );
        check_refused(
            |dir| file(dir.join("v2/layout"), "wasrisc cache, layout 7\n"),
            "DIR/v2 is the cache of another wasrisc: DIR/v2/layout says \
             `wasrisc cache, layout 7`, not `wasrisc cache, layout 2`",
        );
    }

    #[test]
    fn an_absent_or_empty_directory_becomes_ours_and_nothing_around_it() {
        let check = |prepare: fn(&Path), beside: &[&str]| {
            let dir = tempfile::tempdir().unwrap();
            prepare(dir.path());
            let cache = Cache::at(dir.path()).unwrap();
            assert!(cache.room("CACHEDIR.TAG").is_file() && cache.room("steps").is_dir());
            Cache::at(dir.path()).unwrap().clear(false, false).unwrap();
            let around = names(dir.path()).unwrap();
            assert_eq!(around, [beside, &["v2"]].concat());
        };
        check(|_| {}, &[]);
        check(|dir| fs::create_dir(dir.join("v2")).unwrap(), &[]);
        check(|dir| file(dir.join("v2").join(format!("{BESIDE}x")), "wasr"), &[]);
        check(|dir| file(dir.join("thesis"), "mine"), &["thesis"]);
    }

    #[test]
    fn other_versions_are_known_and_go_only_when_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        file(at("v1/steps/ab/entry"), "");
        file(at("v1/memo.json"), "");
        file(at("v3/layout"), "wasrisc cache, layout 3\n");
        file(at("v4/layout"), "of a house\n");
        file(at("v5/steps/entry"), "");
        file(at("v5/thesis"), "mine");
        file(at("video/steps/entry"), "");
        fs::create_dir(at("v6")).unwrap();
        let cache = Cache::at(dir.path()).unwrap();
        let versions = || cache.items(Room::Versions).iter().map(|i| i.name()).collect::<Vec<_>>();
        assert_eq!(versions(), ["v1", "v3"]);
        cache.clear(false, false).unwrap();
        assert_eq!(versions(), ["v1", "v3"]);
        assert_eq!(cache.clear(true, true).unwrap().last().unwrap().items, 2);
        cache.clear(true, false).unwrap();
        assert_eq!(names(dir.path()).unwrap(), ["v2", "v4", "v5", "v6", "video"]);
    }
}
