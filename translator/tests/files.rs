//! What a change of the module changes in the files, and that nothing else does.

use std::collections::BTreeMap;
use wasrisc_translator::{rename_symbols, translate, Kind, Names, Options};

/// A module of `count` functions that call their neighbours; `edit` gives the
/// body's constant by function, `None` leaves the function out.
fn module(count: usize, names: bool, edit: impl Fn(usize) -> Option<i32>) -> Vec<u8> {
    let mut text =
        String::from("(module (memory 1) (func $leaf (param i32) (result i32) (local.get 0))\n");
    for function in 0..count {
        let Some(constant) = edit(function) else { continue };
        text += &format!(
            "(func $pkg.F{function} (param i32) (result i32)
               (i32.xor (call $leaf (i32.const {constant})) (i32.load (local.get 0))))\n"
        );
    }
    text += ")";
    let bytes = wat::parse_str(&text).expect("the test's own text");
    if names {
        bytes
    } else {
        stripped(&bytes)
    }
}

/// Without the name section, which `wat` writes last.
fn stripped(bytes: &[u8]) -> Vec<u8> {
    let name = bytes.windows(5).rposition(|w| w == b"\x04name").expect("a name section");
    let start = (0..name).rev().find(|&i| bytes[i] == 0).expect("its head");
    bytes[..start].to_vec()
}

fn contents(bytes: &[u8], options: &Options) -> Vec<Vec<u8>> {
    let translation = translate(bytes, options).expect("valid");
    translation.files.into_iter().map(|f| f.contents).collect()
}

/// How many files are new after the edit, of how many.
fn check(before: &[u8], after: &[u8], at_most: usize) {
    let options = Options { files: 16, ..Options::default() };
    let (old, new) = (contents(before, &options), contents(after, &options));
    let known: BTreeMap<&[u8], ()> = old.iter().map(|c| (c.as_slice(), ())).collect();
    let dirty = new.iter().filter(|c| !known.contains_key(c.as_slice())).count();
    let bare = |c: &&Vec<u8>| !c.windows(5).any(|w| w == b"pkg_F");
    let empty = new.iter().take(16).filter(bare).count();
    assert!(empty <= 8, "{empty} of 16 files have no function");
    assert!((1..=at_most).contains(&dirty), "{dirty} of {} files changed", new.len());
}

#[test]
fn an_edit_dirties_few_files() {
    let base = module(800, true, |f| Some(f as i32));
    let body = module(800, true, |f| Some(if f == 400 { -1 } else { f as i32 }));
    check(&base, &body, 1);
    let removed = module(800, true, |f| (f != 400).then_some(f as i32));
    check(&base, &removed, 2);
    let added = module(801, true, |f| Some(f as i32));
    check(&base, &added, 2);
}

#[test]
fn the_same_module_gives_the_same_bytes() {
    let bytes = module(50, true, |f| Some(f as i32));
    for files in [1, 4] {
        let options = Options { files, ..Options::default() };
        assert_eq!(contents(&bytes, &options), contents(&bytes, &options));
    }
}

#[test]
fn a_stripped_build_gets_names_from_another() {
    let named = module(3, true, |f| Some(f as i32));
    let release = module(3, false, |f| Some(f as i32));
    let options = Options { names: Names::Index, ..Options::default() };
    let mut symbols = translate(&release, &options).expect("valid").symbols;
    assert!(symbols.iter().all(|s| s.name.is_none()));
    rename_symbols(&mut symbols, &release, &named).expect("the same code");
    let table: Vec<(&str, &str)> = symbols
        .iter()
        .map(|s| (s.symbol.as_str(), s.name.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(
        table,
        [("w_f0", "leaf"), ("w_f1", "pkg.F0"), ("w_f2", "pkg.F1"), ("w_f3", "pkg.F2")]
    );

    let other = module(3, true, |f| Some(f as i32 + 1));
    let error = rename_symbols(&mut symbols, &release, &other).expect_err("other code");
    assert_eq!(error.kind, Kind::Options);
}
