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
    /// is none: no input, or one that is damaged. `root` is the project.
    ///
    /// # Errors
    /// A name that no input has.
    pub fn of(root: &Path, guest: &Guest) -> Result<std::result::Result<Training, String>> {
        let Some(name) = &guest.training_input else {
            let name = &guest.name;
            return Ok(Err(format!("{name} has no input to be trained on: name one by --train")));
        };
        let input = session::catalog(root, guest)?.find(name)?;
        let loaded = match input.load() {
            Ok(loaded) => loaded,
            Err(error) => return Ok(Err(format!("{error:#}"))),
        };
        let stdin = super::stdin(guest, &loaded.payload, 1)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::select;

    #[test]
    fn a_training_run_is_files_below_the_project() {
        let root = session::project_root().unwrap();
        let guests = select::all(&root).unwrap();
        let of = |name: &str, input: Option<&str>| {
            let mut guest = guests.iter().find(|guest| guest.name == name).unwrap().clone();
            guest.training_input = input.map(str::to_string);
            Training::of(&root, &guest)
        };
        let training = of("fibonacci-go", Some("default")).unwrap().unwrap();
        assert!(training.stdin.starts_with(FOLDER) && training.process.starts_with(FOLDER));
        let stdin = std::fs::read(root.join(&training.stdin)).unwrap();
        assert_eq!(stdin, crate::input::framing::encode(1, &1_000_000u32.to_le_bytes()));
        let process = std::fs::read_to_string(root.join(&training.process)).unwrap();
        assert!(
            process.starts_with("{\"arguments\":[],\"environment\":{\"GOGC\":\"off\""),
            "{process}"
        );
        let none = of("fibonacci-go", None).unwrap().unwrap_err();
        assert_eq!(none, "fibonacci-go has no input to be trained on: name one by --train");
        let unknown = of("fibonacci-go", Some("nothing")).unwrap_err().to_string();
        assert_eq!(unknown, "no input and no file is called `nothing`");
    }
}
