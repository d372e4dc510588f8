//! What an edit of a module changes in the C that is compiled file by file: the
//! files that it is about, and no others.
//!
//! Uses the user's own cache, as the end-to-end tests do.

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use support::xtask;

const COUNT: usize = 400;

/// The one that is edited.
const EDITED: usize = 200;

/// A module of functions that call one another, access memory and are called
/// through a table.
fn module(imports: &str, edited: &str) -> String {
    let mut text = format!("(module {imports} (memory (export \"memory\") 1)\n");
    for number in 0..COUNT {
        text += &if number == EDITED { edited.to_string() } else { function(number, 1, "") };
    }
    text + "(table funcref (elem $f7 $f8)) (func $main (export \"_start\") (drop (call $f399))))"
}

fn function(number: usize, constant: usize, more: &str) -> String {
    let callee = match number {
        0 => "(i32.const 1)".to_string(),
        _ if number.is_multiple_of(9) => "(call_indirect (result i32) (i32.const 0))".to_string(),
        _ => format!("(call $f{})", number - 1),
    };
    format!(
        "(func $f{number} (result i32) {more}
            (i32.xor {callee} (i32.load offset={} (i32.const {constant}))))\n",
        4 * number
    )
}

/// The C files that the pipeline compiles for the module.
fn files(folder: &Path, text: &str) -> BTreeSet<String> {
    let (path, emitted) = (folder.join("edited.wat"), folder.join("emitted"));
    std::fs::write(&path, text).unwrap();
    let output = xtask()
        .args(["build", path.to_str().unwrap(), "-p", "wasrisc-o0", "--emit"])
        .arg(&emitted)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let folder = std::fs::read_dir(emitted.join("edited-wasrisc-o0-linux")).unwrap();
    folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}

#[test]
fn an_edit_dirties_the_files_that_it_is_about() {
    let dir = tempfile::tempdir().unwrap();
    let same = function(EDITED, 1, "");
    let base = files(dir.path(), &module("", &same));
    assert!((10..=17).contains(&base.len()), "{} files", base.len());
    let check = |kind: &str, imports: &str, edited: &str, at_most: usize| {
        let new = files(dir.path(), &module(imports, edited));
        let dirty = new.difference(&base).count();
        assert!((1..=at_most).contains(&dirty), "{kind}: {dirty} of {} files", base.len());
    };
    check("a constant", "", &function(EDITED, 2, ""), 1);
    let more = "(i32.store (i32.const 4) (i32.add (call $f3) (i32.const 7)))";
    check("more code", "", &function(EDITED, 1, more), 1);
    // Beside the file that it is in, the one that ends with it.
    let added = same + "(func $new (result i32) (call $f5))\n";
    check("a function", "", &added, 2);
    let import = "(import \"wasi_snapshot_preview1\" \"sched_yield\" (func $yield (result i32)))";
    check("an import", import, &function(EDITED, 1, "(drop (call $yield))"), 2);
}
