//! Where the names in a step's templates lie on this machine, in one execution.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};

use super::execute::Executor;
use super::step::{expand, Step};
use crate::process;

/// Set for every command, with the transport settings of the machine; part of
/// the meaning of a key's version.
const BASE_ENVIRONMENT: &[(&str, &str)] =
    &[("PATH", "/usr/bin:/bin"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC")];

/// Where the names of a step's templates lie in one execution.
pub struct Places<'a> {
    pub step: &'a Step,
    pub executor: &'a Executor,
    pub inputs: &'a BTreeMap<String, PathBuf>,
    pub work: &'a Path,
    pub out: &'a Path,
}

impl Places<'_> {
    pub fn expand(&self, template: &str) -> Result<String> {
        expand(template, |name| Ok(self.place(name)?.to_string_lossy().into_owned()))
    }

    fn place(&self, name: &str) -> Result<PathBuf> {
        let executor = self.executor;
        Ok(match name.split_once(':') {
            Some(("in", input)) => self.inputs[input].clone(),
            Some(("dir", input)) => self.inputs[input].with_file_name(""),
            Some(("out", output)) => {
                let known = self.step.outputs.iter().find(|o| o.name == output);
                self.out.join(&known.with_context(|| format!("no output `{output}`"))?.file)
            }
            Some(("tool", path)) => {
                let (tool, program) =
                    path.split_once('/').context("a tool placeholder is TOOL/PROGRAM")?;
                executor.toolchain.program(tool, program)?
            }
            Some(("home", tool)) => executor.toolchain.home(tool)?,
            _ => match name {
                "work" => self.work.to_path_buf(),
                "out" => self.out.to_path_buf(),
                "root" => executor.root.clone(),
                "cargo-home" => cargo_home(),
                "scratch" => {
                    let scratch = self.step.scratch.as_deref().unwrap_or_default();
                    executor.store.cache().room("scratch").join(scratch)
                }
                _ => bail!("`{{{name}}}` stands for nothing"),
            },
        })
    }

    /// Base, transport, then the step's own, which is in the key.
    pub fn environment(&self) -> Result<BTreeMap<String, OsString>> {
        let mut all = process::transport();
        // How many processors a compiler uses changes no output.
        for name in ["CARGO_BUILD_JOBS", "GOMAXPROCS"] {
            all.insert(name.to_string(), self.executor.jobs.to_string().into());
        }
        all.extend(BASE_ENVIRONMENT.iter().map(|(n, v)| (n.to_string(), OsString::from(v))));
        for (name, template) in &self.step.environment {
            all.insert(name.clone(), self.expand(template)?.into());
        }
        Ok(all)
    }

    /// A line of the command's output without this machine's paths: inputs by
    /// their file names, the rest relative.
    pub fn without_paths(&self, line: &str) -> String {
        let mut line = line.to_string();
        for path in self.inputs.values() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            line = line.replace(&*path.to_string_lossy(), &name);
        }
        for dir in [self.work, self.out, &self.executor.root] {
            line = line.replace(&format!("{}/", dir.display()), "");
        }
        line
    }

    /// The command as a person would type it.
    pub fn printable(&self, argv: &[String]) -> Result<String> {
        let mut words = vec![format!("cd {} &&", self.expand(&self.step.directory)?)];
        for (name, template) in &self.step.environment {
            words.push(format!("{name}={}", quote(&self.expand(template)?)));
        }
        words.extend(argv.iter().map(|a| quote(a)));
        Ok(words.join(" "))
    }
}

/// Where cargo keeps what it downloads (its documentation, "Cargo Home").
pub fn cargo_home() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo");
    std::env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}

/// Quotes a word for a POSIX shell where it needs it.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_string();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quote("-O3"), "-O3");
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote("it's"), "'it'\\''s'");
        assert_eq!(quote(""), "''");
    }
}
