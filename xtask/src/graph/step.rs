//! A step is a value: its tools, command, environment, inputs and outputs, all
//! by name. Where they lie on this machine is filled in when it runs, so the
//! value, its key and the printed plan are the same everywhere.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{bail, Result};
use serde::Serialize;

/// One command that makes files from files.
///
/// Arguments and environment are templates:
///
/// | placeholder | stands for |
/// |---|---|
/// | `{in:NAME}` | an input's path |
/// | `{dir:NAME}` | the directory that an input lies in |
/// | `{out:NAME}` | an output's path |
/// | `{out}` | the directory that outputs lie in |
/// | `{tool:TOOL/PROGRAM}` | a program of a tool of `toolchains.lock` |
/// | `{home:TOOL}` | a tool's directory |
/// | `{work}` | an empty directory of this execution |
/// | `{scratch}` | a directory kept between executions |
/// | `{root}` | the project |
/// | `{cargo-home}` | cargo's registry, for path remapping |
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Unique in a plan; not part of the key.
    pub name: String,
    /// What it makes from what, for people; not part of the key.
    pub from: String,
    pub to: String,
    /// Names in `toolchains.lock`.
    pub tools: Vec<String>,
    pub argv: Vec<String>,
    pub environment: BTreeMap<String, String>,
    /// The command's directory; `{work}` unless it says otherwise.
    pub directory: String,
    pub inputs: BTreeMap<String, Input>,
    pub outputs: Vec<Output>,
    /// What else the command reads, known only after it ran.
    pub sources: Option<Sources>,
    /// Names a directory kept between executions: a compiler's own
    /// incremental state. Steps with another flag set name another one.
    pub scratch: Option<String>,
    /// Expected peak memory in bytes, for the scheduler; not part of the key.
    pub memory: u64,
    /// Where several steps make of one thing another, file by file; not part of
    /// the key.
    pub part: Option<Part>,
}

/// One of several steps with the same `from` and `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Part {
    /// From 1 on.
    pub number: usize,
    pub of: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    /// A file; relative paths are the project's.
    File(PathBuf),
    /// An output of an earlier step.
    Output { step: String, output: String },
}

/// A file that the command leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Output {
    pub name: String,
    /// Its name in the cache entry.
    pub file: String,
    /// Where the command leaves it when not at `{out:NAME}`: a template.
    pub from: Option<String>,
    pub executable: bool,
}

/// How to learn which of the project's files a command read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sources {
    /// Cargo's dep-info file, a template.
    CargoDepInfo(String),
    /// `go list -deps` with the step's own directory and environment.
    GoList,
}

/// A reference to an output, as steps give it to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub step: String,
    pub output: String,
}

impl Made {
    pub fn input(&self) -> Input {
        Input::Output { step: self.step.clone(), output: self.output.clone() }
    }
}

impl Step {
    pub fn new(name: impl Into<String>, from: impl Into<String>, to: impl Into<String>) -> Step {
        Step {
            name: name.into(),
            from: from.into(),
            to: to.into(),
            tools: Vec::new(),
            argv: Vec::new(),
            environment: BTreeMap::new(),
            directory: "{work}".to_string(),
            inputs: BTreeMap::new(),
            outputs: Vec::new(),
            sources: None,
            scratch: None,
            memory: 512 << 20,
            part: None,
        }
    }

    pub fn tool(mut self, name: &str) -> Step {
        self.tools.push(name.to_string());
        self
    }

    pub fn args(mut self, templates: impl IntoIterator<Item = impl AsRef<str>>) -> Step {
        self.argv.extend(templates.into_iter().map(|t| t.as_ref().to_string()));
        self
    }

    pub fn env(mut self, name: &str, template: impl Into<String>) -> Step {
        self.environment.insert(name.to_string(), template.into());
        self
    }

    pub fn input(mut self, name: &str, input: Input) -> Step {
        self.inputs.insert(name.to_string(), input);
        self
    }

    pub fn file(self, name: &str, path: impl Into<PathBuf>) -> Step {
        self.input(name, Input::File(path.into()))
    }

    pub fn output(mut self, name: &str, file: impl Into<String>) -> Step {
        let output =
            Output { name: name.to_string(), file: file.into(), from: None, executable: false };
        self.outputs.push(output);
        self
    }

    /// An output that the command leaves at a place of its own choosing.
    pub fn output_from(
        mut self,
        name: &str,
        file: impl Into<String>,
        from: impl Into<String>,
    ) -> Step {
        self = self.output(name, file);
        self.outputs.last_mut().expect("just pushed").from = Some(from.into());
        self
    }

    /// Marks the last output as a program.
    pub fn executable(mut self) -> Step {
        self.outputs.last_mut().expect("an output comes first").executable = true;
        self
    }

    /// `X -> Y`, with the number of a part.
    pub fn shown(&self) -> String {
        let part = self.part.map(|part| format!(" ({} of {})", part.number, part.of));
        format!("{} -> {}{}", self.from, self.to, part.unwrap_or_default())
    }

    pub fn made(&self, output: &str) -> Made {
        Made { step: self.name.clone(), output: output.to_string() }
    }
}

/// Replaces each `{…}` of a template by what `lookup` gives for it.
pub fn expand(template: &str, mut lookup: impl FnMut(&str) -> Result<String>) -> Result<String> {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else {
            bail!("`{template}` has an unclosed brace");
        };
        text.push_str(&rest[..open]);
        text.push_str(&lookup(&rest[open + 1..open + close])?);
        rest = &rest[open + close + 1..];
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_replaced() {
        let got = expand("-I{in:a}/x{work}", |name| Ok(format!("<{name}>"))).unwrap();
        assert_eq!(got, "-I<in:a>/x<work>");
    }

    #[test]
    fn an_unclosed_brace_is_named() {
        let error = expand("a{in:b", |_| Ok(String::new())).unwrap_err();
        assert_eq!(error.to_string(), "`a{in:b` has an unclosed brace");
    }
}
