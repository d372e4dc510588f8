//! A Go module that a go.sum of the project pins; the go command fetches it
//! itself and checks the sum.

use std::path::Path;

use anyhow::Result;
use sha2::{Digest, Sha256};

use super::lock::{quote, FILE};
use crate::error::input;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    pub module: String,
    pub version: String,
    /// Relative to the project.
    pub gosum: String,
    /// The sum of the module's zip, as go.sum writes it (`h1:...`).
    pub h1: String,
}

impl Module {
    /// Reads what the go.sum has.
    ///
    /// # Errors
    /// The file cannot be read, or has no sum for this version.
    pub fn resolve(project: &Path, module: &str, version: &str, gosum: &str) -> Result<Module> {
        let text = std::fs::read_to_string(project.join(gosum))
            .map_err(|e| input(format!("cannot read {gosum}: {e}")))?;
        let Some(h1) = sum(&text, module, version) else {
            let message = format!("{gosum} has no sum for {module} {version}, which {FILE} wants");
            return Err(input(message).hint("make both name one version").into());
        };
        let (module, version) = (module.to_string(), version.to_string());
        Ok(Module { module, version, gosum: gosum.to_string(), h1: h1.to_string() })
    }

    /// # Errors
    /// The go.sum and toolchains.lock disagree.
    pub fn compare(&self, project: &Path) -> Result<()> {
        let found = Module::resolve(project, &self.module, &self.version, &self.gosum)?;
        if found == *self {
            return Ok(());
        }
        let Module { module, version, gosum, h1 } = self;
        let message = format!("{module} {version}: {FILE} has {h1}, {gosum} has {}", found.h1);
        Err(input(message).hint("if that is wanted: cargo xtask toolchain update").into())
    }

    pub fn identity_sha256(&self) -> String {
        let Module { module, version, h1, .. } = self;
        format!("{:x}", Sha256::digest(format!("{module} {version} {h1}\n")))
    }

    pub fn rows(&self) -> String {
        format!("version = {}\nh1 = {}\n", quote(&self.version), quote(&self.h1))
    }
}

fn sum<'a>(text: &'a str, module: &str, version: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let mut words = line.split(' ');
        let ours = words.next() == Some(module) && words.next() == Some(version);
        words.next().filter(|_| ours)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_disagrees_is_an_error() {
        let check = |gosum: &str, expected: Result<(), &str>| {
            let project = tempfile::tempdir().unwrap();
            std::fs::write(project.path().join("go.sum"), gosum).unwrap();
            let locked = Module {
                module: "example.org/m".into(),
                version: "v1.2.3".into(),
                gosum: "go.sum".into(),
                h1: "h1:aa=".into(),
            };
            let got = locked.compare(project.path()).map_err(|e| e.to_string());
            assert_eq!(got.as_ref().map_err(String::as_str), expected.as_ref().map_err(|e| *e));
        };
        check("example.org/m v1.2.3/go.mod h1:cc=\nexample.org/m v1.2.3 h1:aa=\n", Ok(()));
        check(
            "example.org/m v1.2.3 h1:bb=\n",
            Err("example.org/m v1.2.3: toolchains.lock has h1:aa=, go.sum has h1:bb="),
        );
        let none = "go.sum has no sum for example.org/m v1.2.3, which toolchains.lock wants";
        check("example.org/m v1.2.4 h1:aa=\n", Err(none));
        check("example.org/m v1.2.3/go.mod h1:cc=\n", Err(none));
    }
}
