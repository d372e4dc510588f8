//! `guest.toml`: a raw manifest that rejects unknown keys becomes a checked
//! guest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use serde::Deserialize;

use super::files::{self, Files};
use crate::error;
use crate::input::InputSpec;

/// What a guest is written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Language {
    Dotnet,
    Go,
    Rust,
    /// A module of the user's own; there is no source.
    Wasm(OwnModule),
}

impl Language {
    pub fn name(&self) -> &'static str {
        match self {
            Language::Dotnet => "dotnet",
            Language::Go => "go",
            Language::Rust => "rust",
            Language::Wasm(_) => "wasm",
        }
    }

    /// Whether Go's compiler made the module.
    pub fn is_go(&self) -> bool {
        match self {
            Language::Go => true,
            Language::Wasm(own) => own.of_go,
            Language::Dotnet | Language::Rust => false,
        }
    }
}

/// A module that the user named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnModule {
    /// In the binary format, absolute.
    pub path: PathBuf,
    /// What the user's file is called: `mine.wasm`, or `mine.wat`.
    pub file: String,
    /// Made by Go's compiler, as the module says.
    pub of_go: bool,
}

/// A named change of arguments and environment, measured as `GUEST:NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub name: String,
    /// After the program's name: the setting's where it has some, otherwise the
    /// manifest's. None has a NUL.
    pub arguments: Vec<String>,
    /// Of the process: the manifest's `[environment]` with the setting's on top.
    /// No name and no value has a NUL.
    pub environment: BTreeMap<String, String>,
}

/// Bytes of a guest's stack unless its manifest says otherwise.
const STACK: u64 = 8 << 20;

/// The name of the setting that is only the manifest's `arguments` and
/// `[environment]`.
pub const DEFAULT_SETTING: &str = "default";

/// A checked manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Guest {
    pub name: String,
    /// Absolute.
    pub dir: PathBuf,
    pub language: Language,
    pub family: Option<String>,
    pub description: String,
    /// Resident bytes of the emulator's process.
    pub memory_cap: u64,
    /// Of one run; an execution of N runs may take N times as long.
    pub time_limit: Duration,
    /// Bytes of the stack that it is given. Programs ask for it at their start,
    /// and how it is written changes their counts.
    pub stack: u64,
    /// Bytes that linear memory may have at most; None is what the module and
    /// the platform allow.
    pub memory_max: Option<u64>,
    /// None has no file system: nothing can be opened.
    pub files: Option<Files>,
    pub default_input: Option<String>,
    /// The input that a profile is made on, for pipelines that compile by one: the
    /// first unless the manifest says otherwise, or what the command line names.
    pub training_input: Option<String>,
    /// The command line names another one than the manifest.
    pub trained_otherwise: bool,
    /// Tools of the lock that the program's own lockfile pins, such as the
    /// library that the guest is about: they belong to a number's provenance.
    pub pins: Vec<String>,
    /// The default one first.
    pub settings: Vec<Setting>,
    pub inputs: Vec<InputSpec>,
}

impl Guest {
    /// A module of the user's own: no source, no expected output, wide limits.
    /// `file` is what the user named, `binary` the same in the binary format.
    pub fn of_module(file: &Path, binary: PathBuf, of_go: bool) -> Guest {
        let text = |part: Option<&std::ffi::OsStr>| part.map(|s| s.to_string_lossy().into_owned());
        let name = text(file.file_stem()).unwrap_or_else(|| "module".into());
        let shown = text(file.file_name()).unwrap_or_default();
        Guest {
            name,
            dir: file.parent().map(Path::to_path_buf).unwrap_or_default(),
            language: Language::Wasm(OwnModule { path: binary, file: shown, of_go }),
            family: None,
            description: "a module of your own".to_string(),
            memory_cap: 8 << 30,
            time_limit: Duration::from_secs(600),
            stack: 64 << 20,
            memory_max: None,
            files: None,
            default_input: None,
            training_input: None,
            trained_otherwise: false,
            pins: Vec::new(),
            settings: vec![Setting {
                name: DEFAULT_SETTING.to_string(),
                arguments: Vec::new(),
                environment: BTreeMap::new(),
            }],
            inputs: Vec::new(),
        }
    }

    /// Reads `DIR/guest.toml`.
    pub fn load(dir: &Path) -> Result<Guest> {
        let name = dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let shown = format!("guests/{name}/guest.toml");
        let text = crate::text::read(&dir.join("guest.toml"), &shown)?;
        Ok(parse(&shown, &name, dir, &text)?)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    language: toml::Spanned<String>,
    family: Option<String>,
    description: String,
    memory_cap: toml::Spanned<String>,
    time_limit: toml::Spanned<String>,
    stack: Option<toml::Spanned<String>>,
    memory_max: Option<toml::Spanned<String>>,
    files: Option<toml::Spanned<String>>,
    default_input: Option<toml::Spanned<String>>,
    training_input: Option<toml::Spanned<String>>,
    #[serde(default)]
    pins: Vec<String>,
    #[serde(default)]
    arguments: Vec<toml::Spanned<String>>,
    #[serde(default)]
    environment: RawEnvironment,
    #[serde(default)]
    setting: Vec<toml::Spanned<RawSetting>>,
    #[serde(default)]
    input: Vec<toml::Spanned<InputSpec>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSetting {
    name: String,
    arguments: Option<Vec<toml::Spanned<String>>>,
    #[serde(default)]
    environment: RawEnvironment,
}

type RawEnvironment = BTreeMap<String, toml::Spanned<String>>;

/// A manifest's text, for messages with a line.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn error(&self, span: Option<std::ops::Range<usize>>, message: &str) -> error::Error {
        let line = crate::text::line(self.text.as_bytes(), span.map_or(0, |s| s.start));
        error::input(format!("{}:{line}: {message}", self.file))
    }
}

/// `file` is how messages call it.
fn parse(file: &str, name: &str, dir: &Path, text: &str) -> Result<Guest, error::Error> {
    let source = Source { file, text };
    let raw: Raw = crate::text::from_toml(text, file)?;
    let language = match raw.language.get_ref().as_str() {
        "dotnet" => Language::Dotnet,
        "go" => Language::Go,
        "rust" => Language::Rust,
        other => {
            let message = format!("language `{other}` is not known; it is go, rust or dotnet");
            return Err(source.error(Some(raw.language.span()), &message));
        }
    };
    let memory_cap = bytes(&source, "memory_cap", &raw.memory_cap)?;
    let stack = raw.stack.map(|text| bytes(&source, "stack", &text)).transpose()?;
    let memory_max = raw.memory_max.map(|text| memory(&source, &text)).transpose()?;
    let file_system = |text: toml::Spanned<String>| {
        files::parse(text.get_ref()).map_err(|wrong| source.error(Some(text.span()), wrong))
    };
    let files = raw.files.map(file_system).transpose()?;
    let time_limit = parse_seconds(raw.time_limit.get_ref()).ok_or_else(|| {
        source.error(
            Some(raw.time_limit.span()),
            "time_limit is a number of seconds, such as \"60 s\"",
        )
    })?;
    let default = Setting {
        name: DEFAULT_SETTING.to_string(),
        arguments: arguments(&source, raw.arguments)?,
        environment: environment(&source, raw.environment)?,
    };
    let settings = settings(&source, default, raw.setting)?;
    let inputs = inputs(&source, raw.input)?;
    let default_input = one_of(&source, &inputs, "default_input", raw.default_input)?;
    let training_input = one_of(&source, &inputs, "training_input", raw.training_input)?;
    Ok(Guest {
        name: name.to_string(),
        dir: dir.to_path_buf(),
        language,
        family: raw.family,
        description: raw.description,
        memory_cap,
        time_limit,
        stack: stack.unwrap_or(STACK),
        memory_max,
        files,
        default_input,
        training_input: training_input.or_else(|| inputs.first().map(|input| input.name.clone())),
        trained_otherwise: false,
        pins: raw.pins,
        settings,
        inputs,
    })
}

/// The name of an input, which must be one.
fn one_of(
    source: &Source,
    inputs: &[InputSpec],
    key: &str,
    name: Option<toml::Spanned<String>>,
) -> Result<Option<String>, error::Error> {
    let Some(name) = name else { return Ok(None) };
    if !inputs.iter().any(|input| &input.name == name.get_ref()) {
        let message = format!("{key} `{}` is none of the inputs", name.get_ref());
        return Err(source.error(Some(name.span()), &message));
    }
    Ok(Some(name.into_inner()))
}

fn settings(
    source: &Source,
    default: Setting,
    raw: Vec<toml::Spanned<RawSetting>>,
) -> Result<Vec<Setting>, error::Error> {
    let base = default.clone();
    let mut settings = vec![default];
    for spanned in raw {
        let span = spanned.span();
        let setting = spanned.into_inner();
        if settings.iter().any(|s| s.name == setting.name) {
            return Err(
                source.error(Some(span), &format!("setting `{}` is there twice", setting.name))
            );
        }
        let own = setting.arguments.map(|raw| arguments(source, raw)).transpose()?;
        let arguments = own.unwrap_or_else(|| base.arguments.clone());
        let mut environment = base.environment.clone();
        environment.extend(self::environment(source, setting.environment)?);
        settings.push(Setting { name: setting.name, arguments, environment });
    }
    Ok(settings)
}

/// Each ends with a NUL where the program finds it.
fn arguments(
    source: &Source,
    raw: Vec<toml::Spanned<String>>,
) -> Result<Vec<String>, error::Error> {
    let checked = |argument: toml::Spanned<String>| match argument.get_ref().contains('\0') {
        true => Err(source.error(Some(argument.span()), "an argument cannot have a NUL")),
        false => Ok(argument.into_inner()),
    };
    raw.into_iter().map(checked).collect()
}

/// `NAME=value` and a NUL is what the program finds.
fn environment(
    source: &Source,
    raw: RawEnvironment,
) -> Result<BTreeMap<String, String>, error::Error> {
    let checked = |(name, value): (String, toml::Spanned<String>)| {
        let wrong = |message: &str| Err(source.error(Some(value.span()), message));
        if name.is_empty() || name.contains(['\0', '=']) {
            return wrong("a variable's name cannot be empty or have a NUL or `=`");
        }
        if value.get_ref().contains('\0') {
            return wrong("a variable's value cannot have a NUL");
        }
        Ok((name, value.into_inner()))
    };
    raw.into_iter().map(checked).collect()
}

fn inputs(
    source: &Source,
    raw: Vec<toml::Spanned<InputSpec>>,
) -> Result<Vec<InputSpec>, error::Error> {
    let mut names = BTreeSet::new();
    let mut inputs = Vec::new();
    for spanned in raw {
        let span = spanned.span();
        let input = spanned.into_inner();
        if let Err(message) = input.check() {
            return Err(source.error(Some(span), &message));
        }
        if !names.insert(input.name.clone()) {
            return Err(source.error(Some(span), &format!("input `{}` is there twice", input.name)));
        }
        inputs.push(input);
    }
    Ok(inputs)
}

fn bytes(source: &Source, key: &str, text: &toml::Spanned<String>) -> Result<u64, error::Error> {
    let wrong = || format!("{key} is a number and MiB or GiB, such as \"4 GiB\"");
    parse_bytes(text.get_ref()).ok_or_else(|| source.error(Some(text.span()), &wrong()))
}

/// Of linear memory, whose addresses have 32 bits.
fn memory(source: &Source, text: &toml::Spanned<String>) -> Result<u64, error::Error> {
    let bytes = bytes(source, "memory_max", text)?;
    match bytes > 4 << 30 {
        true => Err(source.error(Some(text.span()), "memory_max is at most 4 GiB")),
        false => Ok(bytes),
    }
}

/// `N MiB` or `N GiB`, in bytes.
fn parse_bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.split_once(' ')?;
    let shift = match unit {
        "MiB" => 20,
        "GiB" => 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift).filter(|b| *b > 0)
}

/// `N s`; 32 bits, so that the time of any number of runs is a `Duration`.
fn parse_seconds(text: &str) -> Option<Duration> {
    let seconds: u32 = text.strip_suffix(" s")?.parse().ok()?;
    (seconds > 0).then(|| Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"language = "go"
description = "d"
memory_cap = "1 GiB"
time_limit = "60 s"
default_input = "default"
[environment]
GOGC = "off"
[[setting]]
name = "gc-on"
environment = { GOGC = "100" }
[[input]]
name = "default"
text = ""
expected = "x\n"
"#;

    fn parse_text(text: &str) -> Result<Guest, error::Error> {
        parse("guests/g/guest.toml", "g", Path::new("/p/guests/g"), text)
    }

    #[test]
    fn a_good_manifest_is_read() {
        let guest = parse_text(GOOD).unwrap();
        assert_eq!(guest.memory_cap, 1 << 30);
        assert_eq!(guest.time_limit, Duration::from_secs(60));
        let settings: Vec<_> = guest
            .settings
            .iter()
            .map(|s| (s.name.as_str(), s.environment["GOGC"].as_str()))
            .collect();
        assert_eq!(settings, [("default", "off"), ("gc-on", "100")]);
    }

    #[test]
    fn stack_and_memory_have_defaults() {
        let check = |more: &str, expected: (u64, Option<u64>)| {
            let guest = parse_text(&GOOD.replace("[environment]", &format!("{more}[environment]")));
            let guest = guest.unwrap();
            assert_eq!((guest.stack, guest.memory_max), expected, "{more}");
        };
        check("", (8 << 20, None));
        check("stack = \"64 MiB\"\nmemory_max = \"1 GiB\"\n", (64 << 20, Some(1 << 30)));
    }

    #[test]
    fn a_profile_is_made_on_the_first_input_or_the_one_that_is_named() {
        let check = |named: &str, expected: &str| {
            let more = "[[input]]\nname = \"other\"\ntext = \"\"\n";
            let text = GOOD.replace("[environment]", &format!("{named}[environment]")) + more;
            assert_eq!(parse_text(&text).unwrap().training_input.as_deref(), Some(expected));
        };
        check("", "default");
        check("training_input = \"other\"\n", "other");
    }

    #[test]
    fn a_setting_has_its_own_arguments_or_the_manifests() {
        let check = |own: &str, expected: &[&[&str]]| {
            let text = GOOD.replace("[environment]", "arguments = [\"a\", \"\"]\n[environment]");
            let named = "name = \"gc-on\"\n";
            let guest = parse_text(&text.replace(named, &format!("{named}{own}"))).unwrap();
            let got: Vec<_> = guest.settings.iter().map(|s| s.arguments.clone()).collect();
            assert_eq!(got, expected, "{own}");
        };
        check("", &[&["a", ""], &["a", ""]]);
        check("arguments = []\n", &[&["a", ""], &[]]);
        check("arguments = [\"b c\"]\n", &[&["a", ""], &["b c"]]);
    }

    #[test]
    fn the_longest_limit_can_be_multiplied_by_any_number_of_runs() {
        let guest = parse_text(&GOOD.replace("60 s", "4294967295 s")).unwrap();
        assert!(guest.time_limit * u32::MAX > guest.time_limit);
    }

    /// The good manifest with `from` replaced by `to` gives this message.
    fn check_bad(from: &str, to: &str, message: &str) {
        assert!(GOOD.contains(from), "{from}");
        let got = parse_text(&GOOD.replacen(from, to, 1)).unwrap_err().message;
        assert!(got.starts_with(message), "{got}");
    }

    #[test]
    fn bad_manifests_are_refused_with_file_and_line() {
        check_bad(
            "language = \"go\"",
            "language = \"cobol\"",
            "guests/g/guest.toml:1: language `cobol` is not known; it is go, rust or dotnet",
        );
        check_bad("language = \"go\"\n", "", "guests/g/guest.toml:1: missing field `language`");
        check_bad(
            "language = \"go\"",
            "language = 1",
            "guests/g/guest.toml:1: invalid type: integer `1`",
        );
        check_bad("description", "descripton", "guests/g/guest.toml:2: unknown field `descripton`");
        check_bad("1 GiB", "1 GB", "guests/g/guest.toml:3: memory_cap is a number and MiB or GiB");
        check_bad("1 GiB", "0 GiB", "guests/g/guest.toml:3: memory_cap is a number");
        check_bad("1 GiB", "99999999999999 GiB", "guests/g/guest.toml:3: memory_cap is a number");
        check_bad(
            "time_limit",
            "stack = \"8 MB\"\ntime_limit",
            "guests/g/guest.toml:4: stack is a number and MiB or GiB",
        );
        check_bad(
            "time_limit",
            "memory_max = \"5 GiB\"\ntime_limit",
            "guests/g/guest.toml:4: memory_max is at most 4 GiB",
        );
        check_bad("60 s", "60", "guests/g/guest.toml:4: time_limit is a number of seconds");
        check_bad("60 s", "4294967296 s", "guests/g/guest.toml:4: time_limit is a number of");
        check_bad(
            "default_input = \"default\"",
            "default_input = \"other\"",
            "guests/g/guest.toml:5: default_input `other` is none of the inputs",
        );
        check_bad(
            "default_input = \"default\"",
            "training_input = \"other\"",
            "guests/g/guest.toml:5: training_input `other` is none of the inputs",
        );
        check_bad("GOGC = \"off\"", "GOGC = 1", "guests/g/guest.toml:7: invalid type: integer `1`");
        for (wrong, message) in [
            ("A = \"\\u0000\"", "value cannot have a NUL"),
            ("\"A=B\" = \"\"", "name cannot be empty or have a NUL or `=`"),
            ("\"\" = \"\"", "name cannot be empty or have a NUL or `=`"),
            ("\"\\u0000\" = \"\"", "name cannot be empty or have a NUL or `=`"),
        ] {
            let message = format!("guests/g/guest.toml:7: a variable's {message}");
            check_bad("GOGC = \"off\"", wrong, &message);
        }
        check_bad(
            "{ GOGC = \"100\" }",
            "{ GOGC = \"\\u0000\" }",
            "guests/g/guest.toml:10: a variable's value cannot have a NUL",
        );
        check_bad(
            "time_limit",
            "files = \"../h\"\ntime_limit",
            "guests/g/guest.toml:4: files is \"empty\" or a folder of the guest",
        );
        check_bad(
            "name = \"gc-on\"",
            "name = \"default\"",
            "guests/g/guest.toml:8: setting `default` is there twice",
        );
        check_bad(
            "[environment]",
            "arguments = [\"a\",\n\"b\\u0000\"]\n[environment]",
            "guests/g/guest.toml:7: an argument cannot have a NUL",
        );
        check_bad(
            "name = \"gc-on\"",
            "name = \"gc-on\"\narguments = [\"\\u0000\"]",
            "guests/g/guest.toml:10: an argument cannot have a NUL",
        );
        check_bad(
            "[environment]",
            "arguments = \"a\"\n[environment]",
            "guests/g/guest.toml:6: invalid type: string \"a\"",
        );
        check_bad("[[setting]]", "[[settings]]", "guests/g/guest.toml:8: unknown field `settings`");
        check_bad("[[setting]]", "[[setting]", "guests/g/guest.toml:8: ");
        check_bad("text = \"\"\n", "", "guests/g/guest.toml:11: ");
        let twice = "expected = \"x\\n\"\n[[input]]\nname = \"default\"\ntext = \"\"\n";
        check_bad(
            "expected = \"x\\n\"\n",
            twice,
            "guests/g/guest.toml:15: input `default` is there twice",
        );
    }
}
