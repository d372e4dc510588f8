//! From the words of a command line to guests and their settings.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::manifest::{Guest, Language, Setting, DEFAULT_SETTING};
use super::{files, module, text};
use crate::error;
use crate::session::project_root;

/// A guest with one of its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    pub guest: Guest,
    pub setting: Setting,
}

/// Every guest of the project, by name.
pub fn all(root: &Path) -> Result<Vec<Guest>> {
    let mut guests = Vec::new();
    for entry in
        walkdir::WalkDir::new(root.join("guests")).min_depth(1).max_depth(1).sort_by_file_name()
    {
        let entry = entry?;
        if entry.path().join("guest.toml").is_file() {
            guests.push(Guest::load(entry.path())?);
        }
    }
    Ok(guests)
}

/// Every guest with each of its settings.
pub fn every_setting(guests: &[Guest]) -> Vec<Chosen> {
    guests
        .iter()
        .flat_map(|g| g.settings.iter().map(|s| Chosen { guest: g.clone(), setting: s.clone() }))
        .collect()
}

/// What the words stand for, each guest with each setting once.
pub fn choose_all(guests: &[Guest], words: &[String]) -> Result<Vec<Chosen>> {
    let mut chosen: Vec<Chosen> = Vec::new();
    for word in words {
        for one in choose(guests, word)? {
            let same = |c: &Chosen| c.guest.name == one.guest.name && c.setting == one.setting;
            match chosen.iter().find(|c| same(c)) {
                Some(c) if c.guest == one.guest => {}
                Some(_) => {
                    let message = format!("two guests are called `{}`", one.guest.name);
                    return Err(error::usage(message).hint("rename the file").into());
                }
                None => chosen.push(one),
            }
        }
    }
    Ok(chosen)
}

/// The guests that the words stand for, each once: a setting is of the run, and
/// what is built for each is the same ELF.
pub fn programs(guests: &[Guest], words: &[String]) -> Result<Vec<Chosen>> {
    let mut chosen = choose_all(guests, words)?;
    let mut seen = BTreeSet::new();
    chosen.retain(|c| seen.insert(c.guest.name.clone()));
    Ok(chosen)
}

/// What a word stands for: a guest, a family, either with `:SETTING`, or a path
/// to a `.wasm` or `.wat`.
pub fn choose(guests: &[Guest], word: &str) -> Result<Vec<Chosen>> {
    if word.ends_with(".wasm") || word.ends_with(".wat") {
        return Ok(vec![module(guests, word)?]);
    }
    let (name, setting) = word.split_once(':').unwrap_or((word, DEFAULT_SETTING));
    let named: Vec<&Guest> =
        guests.iter().filter(|g| g.name == name || g.family.as_deref() == Some(name)).collect();
    if named.is_empty() {
        let names: Vec<&str> = guests.iter().map(|g| g.name.as_str()).collect();
        return Err(error::usage(format!("there is no guest `{name}`"))
            .hint(format!("the guests are {}, or a path to a .wasm or .wat file", names.join(", ")))
            .into());
    }
    let chosen: Vec<Chosen> = named
        .iter()
        .filter_map(|g| {
            let setting = g.settings.iter().find(|s| s.name == setting)?.clone();
            Some(Chosen { guest: (*g).clone(), setting })
        })
        .collect();
    if chosen.is_empty() {
        let known: Vec<&str> = named[0].settings.iter().map(|s| s.name.as_str()).collect();
        return Err(error::usage(format!("guest `{name}` has no setting `{setting}`"))
            .hint(format!("its settings are {}", known.join(", ")))
            .into());
    }
    Ok(chosen)
}

/// Gives modules of the user's own the files that the command line names.
pub fn give_files(chosen: &mut [Chosen], files: Option<&str>) -> Result<()> {
    let Some(text) = files else { return Ok(()) };
    let files = files::named(text)?;
    for Chosen { guest, .. } in chosen {
        own(guest, "--files is")?;
        guest.files = Some(files.clone());
    }
    Ok(())
}

/// Gives modules of the user's own the arguments and variables that the command
/// line names.
pub fn give_words(
    chosen: &mut [Chosen],
    arguments: &[String],
    environment: &[(String, String)],
) -> Result<()> {
    if arguments.is_empty() && environment.is_empty() {
        return Ok(());
    }
    for Chosen { guest, setting } in chosen {
        own(guest, "--env and arguments behind -- are")?;
        setting.arguments = arguments.to_vec();
        setting.environment = environment.iter().cloned().collect();
        guest.settings = vec![setting.clone()];
    }
    Ok(())
}

/// Refuses guests, whose manifests say what `option` would.
fn own(guest: &Guest, option: &str) -> Result<()> {
    if matches!(guest.language, Language::Wasm(_)) {
        return Ok(());
    }
    let message = format!("{option} for modules of your own, not for `{}`", guest.name);
    Err(error::usage(message).hint("a guest's manifest says it").into())
}

/// Says which input a profile is made on, where the command line does.
pub fn train(chosen: &mut [Chosen], input: Option<&str>) {
    for Chosen { guest, .. } in chosen {
        if input.is_some() && input != guest.training_input.as_deref() {
            guest.training_input = input.map(str::to_string);
            guest.trained_otherwise = true;
        }
    }
}

/// A module of the user's own, read to its end before anything is built.
fn module(guests: &[Guest], word: &str) -> Result<Chosen> {
    let path = std::fs::canonicalize(word)
        .map_err(|cause| error::input(format!("cannot read {word}: {cause}")))?;
    let binary = match word.ends_with(".wat") {
        true => text::binary(word, &project_root()?.join("target/wasrisc/wat"))?,
        false => path.clone(),
    };
    let of_go = module::is_of_go(&binary)?;
    let guest = Guest::of_module(&path, binary, of_go);
    if guests.iter().any(|g| g.name == guest.name) {
        let message = format!("{word}: a guest of the project is called `{}`", guest.name);
        return Err(error::usage(message).hint("rename the file").into());
    }
    let setting = guest.settings[0].clone();
    Ok(Chosen { guest, setting })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guests() -> Vec<Guest> {
        ["hello-go", "hello-rust"]
            .map(|name| {
                let path = format!("/{name}.wasm");
                let mut guest = Guest::of_module(Path::new(&path), path.clone().into(), false);
                guest.family = Some("hello".into());
                guest
            })
            .to_vec()
    }

    fn names(word: &str) -> Vec<String> {
        choose(&guests(), word).unwrap().into_iter().map(|c| c.guest.name).collect()
    }

    #[test]
    fn a_name_is_one_guest_and_a_family_all_of_it() {
        assert_eq!(names("hello-go"), ["hello-go"]);
        assert_eq!(names("hello"), ["hello-go", "hello-rust"]);
        assert_eq!(names("hello:default"), ["hello-go", "hello-rust"]);
    }

    #[test]
    fn words_that_overlap_give_each_guest_once() {
        let words = ["hello".to_string(), "hello-go".into(), "hello:default".into()];
        let names: Vec<String> =
            choose_all(&guests(), &words).unwrap().into_iter().map(|c| c.guest.name).collect();
        assert_eq!(names, ["hello-go", "hello-rust"]);
    }

    #[test]
    fn a_module_may_not_take_a_guests_name_nor_be_broken() {
        let dir = tempfile::tempdir().unwrap();
        let refused = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            choose(&guests(), path.to_str().unwrap()).unwrap_err().to_string()
        };
        let taken = refused("hello-go.wasm", b"\0asm\x01\0\0\0");
        assert!(taken.ends_with("a guest of the project is called `hello-go`"), "{taken}");
        let broken = refused("mine.wasm", b"elf?");
        assert!(broken.contains("is no wasm module: at offset 0: "), "{broken}");
    }

    #[test]
    fn files_are_given_to_modules_only() {
        let mut chosen = choose(&guests(), "hello-go").unwrap();
        give_files(&mut chosen, Some("empty")).unwrap();
        assert_eq!(chosen[0].guest.files, Some(files::Files::Empty));
        let missing = give_files(&mut chosen, Some("/no/such")).unwrap_err().to_string();
        assert!(missing.starts_with("cannot read /no/such: "), "{missing}");
        chosen[0].guest.language = Language::Go;
        let refused = give_files(&mut chosen, Some("empty")).unwrap_err().to_string();
        assert_eq!(refused, "--files is for modules of your own, not for `hello-go`");
    }

    #[test]
    fn words_are_given_to_modules_only() {
        let mut chosen = choose(&guests(), "hello-go").unwrap();
        let variable = ("A".to_string(), "b=c".to_string());
        let mut give = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| word.to_string()).collect();
            give_words(&mut chosen, &words, std::slice::from_ref(&variable))
        };
        give(&["one", "two"]).unwrap();
        let setting = chosen[0].setting.clone();
        assert_eq!(
            (setting.arguments.join(" "), &*setting.environment["A"]),
            ("one two".into(), "b=c")
        );
        assert_eq!(chosen[0].guest.settings, [setting]);
        chosen[0].guest.language = Language::Go;
        give_words(&mut chosen, &[], &[]).unwrap();
        let refused = give_words(&mut chosen, &["x".into()], &[]).unwrap_err().to_string();
        assert!(refused.ends_with("for modules of your own, not for `hello-go`"), "{refused}");
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let message = |word: &str| choose(&guests(), word).unwrap_err().to_string();
        assert_eq!(message("nothing"), "there is no guest `nothing`");
        assert_eq!(message("hello:x"), "guest `hello` has no setting `x`");
        assert!(message("/no/such.wasm").starts_with("cannot read /no/such.wasm: "));
    }
}
