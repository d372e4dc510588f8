//! Tests that what workflows and documents tell people and machines to run is
//! what the command line takes, and that the workflows are safe to run.

use std::path::{Path, PathBuf};

use clap::Parser;
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
fn documents_call_xtask_as_it_is() {
    for file in ["CONTRIBUTING.md", "docs/known-failures.md", "docker/Dockerfile", ".ci/run"] {
        let text = read(file);
        // Blocks of a shell, and code within a line.
        let calls = check_calls(file, &text.replace('`', "\n"));
        assert!(calls > 0, "{file} calls nothing");
    }
    let readme = read("README.md");
    let blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    assert!(blocks.map(|block| check_calls("README.md", block)).sum::<usize>() > 0);
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
