//! What a guest runs on for a profile, as files that a step reads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;

use super::kept;
use super::manifest::Guest;
use crate::session;

/// Where these files lie, below the project.
const FOLDER: &str = "target/wasrisc/training";

/// One run of a guest.
#[derive(Debug, Clone, PartialEq)]
pub struct Training {
    /// The input's name.
    pub input: String,
    /// Relative to the project.
    pub stdin: PathBuf,
    /// Arguments and environment, as `wasrisc-profile` reads them; likewise.
    pub process: PathBuf,
}

#[derive(Serialize)]
struct Process<'a> {
    arguments: &'a [String],
    environment: &'a BTreeMap<String, String>,
}

impl Training {
    /// One run on the training input with the guest's default setting, or why there
    /// is none. `root` is the project.
    ///
    /// # Errors
    /// An input that is not there or is damaged.
    pub fn of(root: &Path, guest: &Guest) -> Result<std::result::Result<Training, String>> {
        let Some(name) = &guest.training_input else {
            let name = &guest.name;
            return Ok(Err(format!("{name} has no input to be trained on: name one by --train")));
        };
        let input = session::catalog(root, guest)?.find(name)?;
        let stdin = super::stdin(guest, &input.load()?.payload, 1)?;
        let setting = &guest.settings[0];
        let process = Process { arguments: &setting.arguments, environment: &setting.environment };
        let kept = |name: &str, bytes: &[u8]| -> Result<PathBuf> {
            let path = kept::file(&root.join(FOLDER), Path::new(name), bytes)?;
            Ok(path.strip_prefix(root)?.to_path_buf())
        };
        let (stdin, process) =
            (kept("input", &stdin)?, kept("process.json", &serde_json::to_vec(&process)?)?);
        Ok(Ok(Training { input: input.name, stdin, process }))
    }
}
