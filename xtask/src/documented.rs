//! Tests that what workflows and documents tell people and machines to run is
//! what the command line takes, that the workflows are safe to run, and that the
//! map of the project is this project's.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use serde_yaml_ng::Value;

use crate::cli::Cli;
use crate::report::comment::MARK;

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(project().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

struct Workflow {
    file: String,
    text: String,
    yaml: Value,
}

fn workflows() -> Vec<Workflow> {
    let folder = ".github/workflows";
    let files = std::fs::read_dir(project().join(folder)).unwrap();
    let parse = |path: PathBuf| {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = read(&format!("{folder}/{file}"));
        let yaml = serde_yaml_ng::from_str(&text).unwrap_or_else(|e| panic!("{file}: {e}"));
        Workflow { file, text, yaml }
    };
    let mut all: Vec<Workflow> = files.map(|entry| parse(entry.unwrap().path())).collect();
    all.sort_by(|a, b| a.file.cmp(&b.file));
    assert!(!all.is_empty());
    all
}

impl Workflow {
    fn jobs(&self) -> impl Iterator<Item = (&str, &Value)> {
        let jobs = self.yaml["jobs"].as_mapping().unwrap_or_else(|| panic!("{}: jobs", self.file));
        jobs.iter().map(|(name, job)| (name.as_str().unwrap(), job))
    }

    fn steps(&self) -> Vec<&Value> {
        self.jobs().flat_map(|(_, job)| job["steps"].as_sequence().unwrap()).collect()
    }

    fn scripts(&self) -> Vec<&str> {
        self.steps().into_iter().filter_map(|step| step["run"].as_str()).collect()
    }
}

/// The simple commands of a shell script, in words. Words with an expansion
/// stay as they are.
fn commands(script: &str) -> Vec<Vec<&str>> {
    let lines = script.lines().map(|line| line.split(" #").next().unwrap_or_default());
    let commands = lines.flat_map(|line| line.split("&&")).flat_map(|part| part.split([';', '|']));
    commands.map(|command| command.split_whitespace().collect()).collect()
}

/// The arguments of each `cargo xtask` in a script.
fn xtask_calls(script: &str) -> Vec<Vec<&str>> {
    let mut calls = Vec::new();
    for words in commands(script) {
        if let Some(at) = words.windows(2).position(|pair| pair == ["cargo", "xtask"]) {
            calls.push(words[at + 2..].to_vec());
        }
    }
    calls
}

/// A document's fenced blocks, and its code within lines.
struct Code {
    blocks: Vec<String>,
    spans: Vec<String>,
}

impl Code {
    fn of(markdown: &str) -> Code {
        let mut code = Code { blocks: Vec::new(), spans: Vec::new() };
        let prefixed = format!("\n{markdown}");
        for (i, part) in prefixed.split("\n```").enumerate() {
            match part.split_once('\n') {
                // A span may go on in the next line.
                _ if i % 2 == 0 => {
                    let spans = part.split('`').skip(1).step_by(2);
                    code.spans.extend(spans.map(|span| span.replace('\n', " ")));
                }
                Some((_language, block)) => code.blocks.push(block.to_string()),
                None => {}
            }
        }
        code
    }
}

/// What a person would type for a span: each of its alternatives (`a\|b`, in a
/// table or not), with and without what stands in brackets, and something for
/// what stands for something.
fn typed(span: &str) -> Vec<String> {
    if let Some((before, rest)) = span.split_once('[') {
        let (inside, after) = rest.split_once(']').unwrap_or((rest, ""));
        let both = [format!("{before}{inside}{after}"), format!("{before}{after}")];
        return both.iter().flat_map(|span| typed(span)).collect();
    }
    let mut all = vec![String::new()];
    for word in span.replace("\\|", "|").replace('…', "").split_whitespace() {
        let alternatives = word.split('|').map(|alternative| match alternative {
            "N" => "1",
            "F" => "paris",
            "WHEN" => "never",
            other => other,
        });
        let each = |alternative| all.iter().map(move |before| format!("{before} {alternative}"));
        all = alternatives.flat_map(each).collect();
    }
    all
}

/// Whether it begins as a call of xtask goes on.
fn is_command(span: &str) -> bool {
    let command = Cli::command();
    let first = span.split_whitespace().next().unwrap_or_default();
    let found = command.get_subcommands().any(|known| known.get_name() == first);
    found
}

/// Fails unless the command line takes the span: a whole call, or the part of
/// one that a sentence needs (`run --exact`, `toolchain sync`).
fn check_span(file: &str, span: &str) -> usize {
    let call = span.trim_start_matches("docker/run ").strip_prefix("cargo xtask");
    let part = is_command(span).then_some(span);
    let Some(said) = call.or(part) else { return 0 };
    for typed in typed(said) {
        let words = ["cargo xtask"].into_iter().chain(typed.split_whitespace());
        let Err(error) = Cli::try_parse_from(words) else { continue };
        let fine = match error.kind() {
            ErrorKind::DisplayHelp => true,
            // `cargo xtask …` alone is any command.
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                call.is_none() || typed.is_empty()
            }
            ErrorKind::MissingRequiredArgument | ErrorKind::MissingSubcommand => call.is_none(),
            _ => false,
        };
        assert!(fine, "{file}: `{span}`: cargo xtask{typed}\n{error}");
    }
    1
}

/// Fails unless the command line takes every `cargo xtask` of the script.
fn check_calls(place: &str, script: &str) -> usize {
    let calls = xtask_calls(script);
    for call in &calls {
        let words = ["cargo xtask"].iter().chain(call);
        // The texts for `--help` and `--version` are errors to clap.
        if let Err(error) = Cli::try_parse_from(words) {
            panic!("{place}: cargo xtask {}\n{error}", call.join(" "));
        }
    }
    calls.len()
}

#[test]
fn the_commands_in_a_script_are_found() {
    let script =
        "a=b cargo xtask test && cargo xtask list guests # cargo xtask no\n  cargo xtask run x; ls";
    assert_eq!(xtask_calls(script), [vec!["test"], vec!["list", "guests"], vec!["run", "x"]]);
}

#[test]
fn workflows_call_xtask_as_it_is() {
    for workflow in workflows() {
        let calls: usize =
            workflow.scripts().into_iter().map(|s| check_calls(&workflow.file, s)).sum();
        assert!(calls > 0 || workflow.scripts().is_empty(), "{} calls nothing", workflow.file);
    }
}

#[test]
fn spans_stand_for_what_is_typed() {
    let check = |span: &str, all: &[&str]| assert_eq!(typed(span), all);
    check("cache stats\\|gc", &[" cache stats", " cache gc"]);
    check("x [Y…] [--all]", &[" x Y --all", " x Y", " x --all", " x"]);
    check("x [Y…\\|--all]", &[" x Y", " x --all", " x"]);
    check("x [--fork F]", &[" x --fork paris", " x"]);
    check("run …", &[" run"]);
    let code = Code::of("a `b\nc` d\n```sh\ne\nf\n```\ng `h\\|i`\n");
    assert_eq!(
        (code.blocks, code.spans),
        (vec!["e\nf".into()], vec!["b c".into(), "h\\|i".into()])
    );
}

#[test]
fn a_wrong_span_is_found() {
    for span in [
        "cargo xtask bench --al",
        "cargo xtask cache stats\\|grow",
        "cargo xtask toolchain",
        "cargo xtask run stateless",
        "run --exactly",
        "toolchain synch",
        "docker/run cargo xtask no",
    ] {
        let checked = std::panic::catch_unwind(|| check_span("it", span));
        assert!(checked.is_err(), "{span}");
    }
    for other in ["report.json", "input/", "cargo test", "runs", "elf.path", "…"] {
        assert_eq!(check_span("it", other), 0);
    }
}

/// Files with calls that a shell would take.
const SCRIPTS: [&str; 2] = ["docker/Dockerfile", ".ci/run"];
const DOCUMENTS: [&str; 12] = [
    MAP,
    "CONTRIBUTING.md",
    "README.md",
    "docs/go-tests.md",
    "docs/imports.md",
    "docs/input-format.md",
    "docs/known-failures.md",
    "docs/pgo.md",
    "docs/report-json.md",
    "docs/rust.md",
    "docs/toolchains.md",
    "guests/stateless/README.md",
];

#[test]
fn documents_call_xtask_as_it_is() {
    for file in SCRIPTS {
        assert!(check_calls(file, &read(file)) > 0, "{file} calls nothing");
    }
    for file in DOCUMENTS {
        let code = Code::of(&read(file));
        let mut checked: usize = code.spans.iter().map(|span| check_span(file, span)).sum();
        for block in code.blocks {
            for line in block.lines().filter(|line| line.contains("cargo xtask")) {
                // What a call does may stand beside it, and placeholders in it.
                checked += match line.split("   ").next().unwrap_or_default() {
                    call if call.starts_with("cargo xtask") => check_span(file, call),
                    script => check_calls(file, script),
                };
            }
        }
        assert!(checked > 0, "{file} calls nothing");
    }
}

/// The document with the map of the project.
const MAP: &str = "ARCHITECTURE.md";

/// The paths that the map's rows are about. Behind a row's first one others may be
/// named from its folder.
fn mapped() -> BTreeSet<PathBuf> {
    let document = read(MAP);
    let map = document.split("\n## ").find(|part| part.starts_with("Map\n")).unwrap();
    let mut paths = BTreeSet::new();
    for row in map.lines().filter_map(|line| line.strip_prefix("| `")) {
        let cell = row.split(" | ").next().unwrap_or_default();
        let mut names = cell.split('`').step_by(2).map(Path::new);
        let first = names.next().unwrap_or(Path::new(""));
        let beside = first.parent().unwrap_or(first);
        let known = |name: &Path| match project().join(name).exists() {
            true => name.to_path_buf(),
            false => beside.join(name),
        };
        paths.extend(std::iter::once(first).chain(names).map(known));
    }
    paths
}

#[test]
fn the_map_has_what_there_is() {
    let mapped = mapped();
    for path in &mapped {
        assert!(project().join(path).exists(), "{MAP} has {}", path.display());
    }
    for (folder, files) in [("xtask/src", true), ("platform", false)] {
        for entry in std::fs::read_dir(project().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let inside = path.strip_prefix(project()).unwrap();
            let source = path.extension().is_some_and(|extension| extension == "rs");
            let asked = path.is_dir() || files && source;
            assert!(!asked || mapped.contains(inside), "{MAP} has no {}", inside.display());
        }
    }
}

#[test]
fn scripts_that_workflows_call_are_there() {
    use std::os::unix::fs::PermissionsExt;
    for workflow in workflows() {
        for words in workflow.scripts().into_iter().flat_map(commands) {
            let Some(script) = words.first().filter(|w| w.starts_with('.')) else { continue };
            let mode = std::fs::metadata(project().join(script)).map(|m| m.permissions().mode());
            assert!(mode.is_ok_and(|m| m & 0o111 != 0), "{}: {script}", workflow.file);
        }
    }
}

#[test]
fn jobs_end_and_actions_are_pinned() {
    for workflow in workflows() {
        let file = &workflow.file;
        assert!(workflow.yaml["permissions"].is_mapping(), "{file}: permissions of its token");
        assert!(workflow.yaml["concurrency"]["group"].is_string(), "{file}: concurrency");
        for (name, job) in workflow.jobs() {
            assert!(job["timeout-minutes"].is_u64(), "{file}: {name} may run for hours");
        }
        for uses in workflow.steps().into_iter().filter_map(|step| step["uses"].as_str()) {
            let version = uses.split_once('@').map(|(_, version)| version).unwrap_or_default();
            let major = version.strip_prefix('v').is_some_and(|v| v.parse::<u32>().is_ok());
            let commit = version.len() == 40 && version.bytes().all(|b| b.is_ascii_hexdigit());
            assert!(major || commit, "{file}: {uses}");
        }
    }
}

/// What a change brings with it (its code, its titles, its branch's name) must
/// not meet a token that may write, nor a shell.
#[test]
fn nothing_of_a_change_runs_with_rights() {
    for workflow in workflows() {
        let file = &workflow.file;
        for script in workflow.scripts() {
            assert!(!script.contains("${{"), "{file}: by `env` instead: {script}");
        }
        assert!(!workflow.text.contains("pull_request_target"), "{file}");
        let writes = workflow.text.contains(": write");
        if workflow.yaml["on"].get("workflow_run").is_none() {
            assert!(!writes, "{file} runs a change's code");
            continue;
        }
        assert!(workflow.scripts().is_empty(), "{file} has rights and a shell");
        assert!(!workflow.text.contains("actions/checkout"), "{file} has rights and code");
        let known: Vec<String> =
            workflows().iter().map(|w| w.yaml["name"].as_str().unwrap().to_string()).collect();
        for name in workflow.yaml["on"]["workflow_run"]["workflows"].as_sequence().unwrap() {
            assert!(known.iter().any(|k| name == k.as_str()), "{file} waits for {name:?}");
        }
        assert!(workflow.text.contains(&format!("'{MARK}'")), "{file} looks for another mark");
    }
}
