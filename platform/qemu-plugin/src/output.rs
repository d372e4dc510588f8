//! The counts as JSON. Numbers and fixed names only, so nothing needs escaping.

use crate::args::Mode;
use crate::counter::Phase;
use crate::profile::Place;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// What was counted, complete.
pub struct Counts {
    pub mode: Mode,
    /// Instructions executed by all vCPUs.
    pub total: u64,
    /// vCPUs (guest threads) that ever existed.
    pub vcpus: u64,
    /// Where the guest's code was loaded.
    pub start_code: u64,
    pub phases: Vec<(Phase, u64)>,
    pub profile: Option<Vec<(Place, u64)>>,
}

impl Counts {
    /// One line of JSON; the format is in the crate's documentation.
    pub fn to_json(&self) -> String {
        let phases = list(&self.phases, |(phase, instructions)| {
            let phase = phase.name();
            format!("{{\"phase\":\"{phase}\",\"instructions\":{instructions}}}")
        });
        let mut json = format!(
            "{{\"version\":1,\"mode\":\"{}\",\"total\":{},\"vcpus\":{},\"start_code\":{},\"phases\":{phases}",
            self.mode.name(),
            self.total,
            self.vcpus,
            self.start_code,
        );
        if let Some(blocks) = &self.profile {
            let blocks = list(blocks, |(place, executions)| {
                let Place { pc, length, bytes } = place;
                format!(
                    "{{\"pc\":{pc},\"length\":{length},\"executions\":{executions},\"bytes\":{bytes}}}"
                )
            });
            let _ = write!(json, ",\"profile\":{blocks}");
        }
        json.push_str("}\n");
        json
    }
}

fn list<T>(items: &[T], one: impl Fn(&T) -> String) -> String {
    let items: Vec<String> = items.iter().map(one).collect();
    format!("[{}]", items.join(","))
}

/// Makes sure before the guest runs that its counts can be written, and that no
/// older file can be taken for them. Returns the absolute path, as the guest
/// may change the directory.
pub fn prepare(out: &Path) -> Result<PathBuf, String> {
    let absolute = std::path::absolute(out)
        .map_err(|e| format!("cannot make {} an absolute path: {e}", out.display()))?;
    let beside = beside(&absolute);
    fs::write(&beside, "")
        .and_then(|()| fs::remove_file(&beside))
        .map_err(|e| format!("cannot write {}: {e}", beside.display()))?;
    match fs::remove_file(&absolute) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("cannot remove the old {}: {e}", absolute.display()))
        }
        _ => Ok(absolute),
    }
}

/// Writes beside `out` and renames: the file is there whole or not at all.
pub fn write(out: &Path, json: &str) -> Result<(), String> {
    let beside = beside(out);
    fs::write(&beside, json).map_err(|e| format!("cannot write {}: {e}", beside.display()))?;
    fs::rename(&beside, out)
        .map_err(|e| format!("cannot rename {} to {}: {e}", beside.display(), out.display()))
}

fn beside(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".tmp");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(profile: Option<Vec<(Place, u64)>>) -> Counts {
        Counts {
            mode: Mode::Exact,
            total: 12,
            vcpus: 1,
            start_code: 65536,
            phases: vec![(Phase::Startup, 4), (Phase::Run, 5), (Phase::Exit, 3)],
            profile,
        }
    }

    const HEAD: &str = concat!(
        r#"{"version":1,"mode":"exact","total":12,"vcpus":1,"start_code":65536,"#,
        r#""phases":[{"phase":"startup","instructions":4},"#,
        r#"{"phase":"run","instructions":5},{"phase":"exit","instructions":3}]"#
    );

    #[test]
    fn renders_what_the_documentation_shows() {
        assert_eq!(counts(None).to_json(), format!("{HEAD}}}\n"));
        assert_eq!(counts(Some(vec![])).to_json(), format!("{HEAD},\"profile\":[]}}\n"));
        let place = Place { pc: 65540, length: 3, bytes: 10 };
        assert_eq!(
            counts(Some(vec![(place, 4)])).to_json(),
            format!(
                "{HEAD},{}\n",
                r#""profile":[{"pc":65540,"length":3,"executions":4,"bytes":10}]}"#
            )
        );
    }
}
