//! The key of a step: one pure function of the step's value and the hashes of
//! what it names.
//!
//! | field | value | why |
//! |---|---|---|
//! | `key` | this table's version | another meaning of the fields is another key |
//! | `tool NAME` | the tool's identity | another compiler, another output |
//! | `arg N` | the N-th argument's template | the command |
//! | `directory` | the template | the command |
//! | `env NAME` | the template | the command; nothing else of the environment reaches it |
//! | `input NAME` | sha256 of the contents | not the path, not the time |
//! | `output NAME` | file name, place, mode | the entry's layout |
//! | `scratch` | its name | the state that the command may find |
//! | `cargo configuration` | sha256 of the user's settings that change code | cargo reads them by itself |
//! | `source PATH` | sha256 of the contents | what the compiler said it read |
//! | `listing DIR` | sha256 of the file names | a new file in a package is read too |
//!
//! Not in it: the step's name, its memory, where the cache or the project lie,
//! and the transport settings (`process.rs`).

use std::collections::BTreeMap;

use super::step::Step;
use crate::cache::{sha256, short, Damage};

/// Raised when a field changes its meaning.
const VERSION: &str = "1";

/// What a key is made of, in order, for the key and for explaining a miss.
pub type Fields = BTreeMap<String, String>;

/// The fields known before the command runs. `tools` maps a tool's name to its
/// identity, `inputs` an input's name to the sha256 of its contents.
pub fn fields(
    step: &Step,
    tools: &BTreeMap<String, String>,
    inputs: &BTreeMap<String, String>,
) -> Fields {
    let mut fields = Fields::from([("key".to_string(), VERSION.to_string())]);
    for tool in &step.tools {
        fields.insert(format!("tool {tool}"), tools.get(tool).cloned().unwrap_or_default());
    }
    for (n, arg) in step.argv.iter().enumerate() {
        fields.insert(format!("arg {n:03}"), arg.clone());
    }
    fields.insert("directory".to_string(), step.directory.clone());
    for (name, value) in &step.environment {
        fields.insert(format!("env {name}"), value.clone());
    }
    for name in step.inputs.keys() {
        fields.insert(format!("input {name}"), inputs.get(name).cloned().unwrap_or_default());
    }
    for output in &step.outputs {
        let from = output.from.as_deref().unwrap_or("");
        let value = format!("{} {} {from}", output.file, if output.executable { "x" } else { "-" });
        fields.insert(format!("output {}", output.name), value);
    }
    if let Some(scratch) = &step.scratch {
        fields.insert("scratch".to_string(), scratch.clone());
    }
    fields
}

/// The key of these fields: sha256 in hex, lengths before contents so that no
/// two field lists run together.
pub fn digest(fields: &Fields) -> String {
    let mut bytes = Vec::new();
    for text in fields.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    sha256(&bytes)
}

/// Why a key is not the one of last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Nothing was ever built under this step's name.
    New,
    /// A field has another value.
    Changed {
        field: String,
        old: String,
        new: String,
    },
    Added {
        field: String,
        new: String,
    },
    Removed {
        field: String,
        old: String,
    },
    /// Built before with the same key; collected or removed since.
    Lost,
    /// A file of the cache is not what was put there.
    Damaged(Damage),
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reason::New => write!(f, "not built before"),
            Reason::Changed { field, old, new } => {
                write!(f, "{field}: {} → {}", short(old), short(new))
            }
            Reason::Added { field, new } => write!(f, "{field}: (none) → {}", short(new)),
            Reason::Removed { field, old } => write!(f, "{field}: {} → (none)", short(old)),
            Reason::Lost => write!(f, "was in the cache, was removed"),
            Reason::Damaged(damage) => write!(f, "damaged in the cache: {damage}"),
        }
    }
}

/// Why nothing is there for the fields of now: the damage that was found, or
/// every difference from the fields of last time.
pub fn reasons(damage: Option<Damage>, old: Option<&Fields>, new: &Fields) -> Vec<Reason> {
    if let Some(damage) = damage {
        return vec![Reason::Damaged(damage)];
    }
    let Some(old) = old else { return vec![Reason::New] };
    let mut reasons = Vec::new();
    for (field, value) in new {
        match old.get(field) {
            None => reasons.push(Reason::Added { field: field.clone(), new: value.clone() }),
            Some(before) if before != value => reasons.push(Reason::Changed {
                field: field.clone(),
                old: before.clone(),
                new: value.clone(),
            }),
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|(field, _)| !new.contains_key(*field));
    reasons.extend(gone.map(|(f, v)| Reason::Removed { field: f.clone(), old: v.clone() }));
    if reasons.is_empty() {
        reasons.push(Reason::Lost);
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::sources::SourceSet;
    use crate::graph::step::{Input, Sources};

    fn base() -> Step {
        Step::new("name", "from", "to")
            .tool("go")
            .args(["build"])
            .env("GOOS", "linux")
            .file("mod", "go.mod")
            .output("elf", "a.elf")
    }

    fn key_of(step: &Step, tool: &str, input: &str) -> String {
        let tools = BTreeMap::from([("go".to_string(), tool.to_string())]);
        let inputs = BTreeMap::from([("mod".to_string(), input.to_string())]);
        digest(&fields(step, &tools, &inputs))
    }

    /// Whether a change of the step changes its key.
    fn check(changes: bool, change: impl FnOnce(&mut Step)) {
        let mut step = base();
        change(&mut step);
        assert_eq!(key_of(&step, "t", "i") != key_of(&base(), "t", "i"), changes, "{step:?}");
    }

    #[test]
    fn the_tools_identity_is_in_the_key() {
        assert_ne!(key_of(&base(), "t", "i"), key_of(&base(), "T", "i"));
    }

    #[test]
    fn an_inputs_contents_are_in_the_key() {
        assert_ne!(key_of(&base(), "t", "i"), key_of(&base(), "t", "I"));
    }

    #[test]
    fn a_tools_name_is_in_the_key() {
        check(true, |s| s.tools = vec!["gcc".into()]);
    }

    #[test]
    fn an_argument_is_in_the_key() {
        check(true, |s| s.argv[0] = "test".into());
        check(true, |s| s.argv.push("x".into()));
    }

    #[test]
    fn the_directory_is_in_the_key() {
        check(true, |s| s.directory = "{root}".into());
    }

    #[test]
    fn an_environment_variable_is_in_the_key() {
        check(true, |s| drop(s.environment.insert("GOOS".into(), "wasip1".into())));
        check(true, |s| drop(s.environment.insert("GOARCH".into(), "wasm".into())));
    }

    #[test]
    fn an_inputs_name_is_in_the_key() {
        check(true, |s| {
            let input = s.inputs.remove("mod").unwrap();
            s.inputs.insert("sum".into(), input);
        });
    }

    #[test]
    fn an_inputs_path_is_not_in_the_key() {
        check(false, |s| drop(s.inputs.insert("mod".into(), Input::File("/other/go.mod".into()))));
    }

    #[test]
    fn an_outputs_name_place_and_mode_are_in_the_key() {
        check(true, |s| s.outputs[0].name = "bin".into());
        check(true, |s| s.outputs[0].file = "b.elf".into());
        check(true, |s| s.outputs[0].from = Some("{work}/x".into()));
        check(true, |s| s.outputs[0].executable = true);
    }

    #[test]
    fn the_scratch_is_in_the_key() {
        check(true, |s| s.scratch = Some("go".into()));
    }

    #[test]
    fn name_words_and_memory_are_not_in_the_key() {
        check(false, |s| s.name = "other".into());
        check(false, |s| s.from = "other".into());
        check(false, |s| s.to = "other".into());
        check(false, |s| s.memory = 1);
        check(false, |s| s.sources = Some(Sources::GoList));
    }

    #[test]
    fn fields_do_not_run_together() {
        let one = Fields::from([("a".to_string(), "bc".to_string())]);
        let two = Fields::from([("ab".to_string(), "c".to_string())]);
        assert_ne!(digest(&one), digest(&two));
    }

    /// What a source set adds to the fields changes the key.
    fn check_sources(set: SourceSet) {
        let mut with = fields(&base(), &BTreeMap::new(), &BTreeMap::new());
        let without = digest(&with);
        set.add_to(&mut with);
        assert_ne!(digest(&with), without);
    }

    #[test]
    fn a_source_file_is_in_the_key() {
        let files = BTreeMap::from([("main.go".to_string(), "h".to_string())]);
        check_sources(SourceSet { files, ..SourceSet::default() });
    }

    #[test]
    fn a_listing_is_in_the_key() {
        let listings = BTreeMap::from([("guests/x".to_string(), "h".to_string())]);
        check_sources(SourceSet { listings, ..SourceSet::default() });
    }

    #[test]
    fn the_tables_version_is_in_the_key() {
        let mut other = fields(&base(), &BTreeMap::new(), &BTreeMap::new());
        let key = digest(&other);
        assert!(other.insert("key".into(), "another".into()).is_some());
        assert_ne!(digest(&other), key);
    }

    #[test]
    fn a_miss_names_what_changed_old_and_new() {
        let old =
            Fields::from([("arg 000".to_string(), "-O2".to_string()), ("gone".into(), "x".into())]);
        let new =
            Fields::from([("arg 000".to_string(), "-O3".to_string()), ("new".into(), "y".into())]);
        let texts: Vec<String> =
            reasons(None, Some(&old), &new).iter().map(Reason::to_string).collect();
        assert_eq!(texts, ["arg 000: -O2 → -O3", "new: (none) → y", "gone: x → (none)"]);
        assert_eq!(reasons(None, None, &new), [Reason::New]);
        assert_eq!(reasons(None, Some(&new), &new), [Reason::Lost]);
        let damage = Damage { file: "f".into(), old: "a".repeat(64), new: "gone".into() };
        let text = reasons(Some(damage), Some(&new), &new)[0].to_string();
        assert_eq!(text, "damaged in the cache: f: aaaaaaaaaaaa → gone");
    }
}
