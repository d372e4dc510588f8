//! Asks a compiler what a command read of the project.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};

use super::execute::Executor;
use super::places::Places;
use super::sources::{cargo_manifests, parse_dep_info, parse_go_list, SourceSet, GO_LIST_FIELDS};
use super::step::Sources;
use crate::process::{self, Child, Limits};

impl Executor {
    /// What the command read of the project, by its compiler's word.
    pub(super) fn discover(
        &self,
        sources: &Sources,
        places: &Places,
        log: &Path,
    ) -> Result<SourceSet> {
        let (files, dirs) = match sources {
            Sources::CargoDepInfo(template) => {
                let path = places.expand(template)?;
                let text = std::fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {path}"))?;
                let mut files = parse_dep_info(&text, &self.root);
                files.extend(cargo_manifests(&files, &self.root));
                (files, Default::default())
            }
            Sources::GoList => parse_go_list(&self.go_list(places, log)?, &self.root)?,
        };
        let ours = |path: &PathBuf| !path.starts_with(self.store.cache().root());
        SourceSet::hash(&self.root, files.into_iter().filter(ours), dirs, &self.memo)
    }

    fn go_list(&self, places: &Places, log: &Path) -> Result<String> {
        let out = tempfile::NamedTempFile::new_in(places.work)?;
        let errors = std::fs::File::options().append(true).create(true).open(log)?;
        let finished = process::run(Child {
            program: self.toolchain.program("go", "go")?,
            args: ["list", "-deps", &format!("-json={GO_LIST_FIELDS}"), "."]
                .map(OsString::from)
                .to_vec(),
            environment: places.environment()?,
            directory: PathBuf::from(places.expand(&places.step.directory)?),
            stdin: None,
            stdout: out.reopen()?,
            stderr: errors,
            limits: Limits::default(),
        })?;
        if !finished.status.success() {
            let failure = format!("`go list -deps` failed with {}", finished.describe());
            bail!(self.command_error(failure, log));
        }
        std::fs::read_to_string(out.path()).context("cannot read what `go list` printed")
    }
}
