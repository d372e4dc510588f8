//! The counts as JSON. Numbers and fixed names only, so nothing needs escaping.

use crate::args::Mode;
use crate::counter::Phase;
use crate::decode::{Class, CLASSES};
use crate::detail::Misaligned;
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
    pub detail: Option<Detail>,
}

/// What instructions are and use; None is what could not be observed.
pub struct Detail {
    /// Instructions by class; sums to the total.
    pub mix: Option<[u64; CLASSES]>,
    pub misaligned: Option<Vec<Misaligned>>,
    /// Bytes of the linear memory at its largest.
    pub linear_memory: Option<u64>,
    /// Bytes of the stack down to its deepest use.
    pub stack: Option<u64>,
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
        if let Some(detail) = &self.detail {
            let _ = write!(json, ",\"detail\":{}", detail.to_json());
        }
        json.push_str("}\n");
        json
    }
}

impl Detail {
    fn to_json(&self) -> String {
        let or_null = |text: Option<String>| text.unwrap_or_else(|| "null".into());
        let number = |n: Option<u64>| or_null(n.map(|n| n.to_string()));
        let mix = self.mix.map(|mix| {
            let class = |c: &Class| format!("\"{}\":{}", c.name(), mix[*c as usize]);
            format!("{{{}}}", Class::ALL.iter().map(class).collect::<Vec<_>>().join(","))
        });
        let misaligned = self.misaligned.as_ref().map(|places| {
            list(places, |Misaligned { pc, bytes, store, accesses }| {
                format!(
                    "{{\"pc\":{pc},\"bytes\":{bytes},\"store\":{store},\"accesses\":{accesses}}}"
                )
            })
        });
        format!(
            "{{\"mix\":{},\"misaligned\":{},\"linear_memory\":{},\"stack\":{}}}",
            or_null(mix),
            or_null(misaligned),
            number(self.linear_memory),
            number(self.stack)
        )
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
            detail: None,
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

    #[test]
    fn the_detail_is_a_key_more_and_missing_is_null() {
        let with = |detail| Counts { detail: Some(detail), ..counts(None) }.to_json();
        let mut mix = [0; CLASSES];
        mix[Class::Load as usize] = 8;
        mix[Class::Other as usize] = 4;
        let place = Misaligned { pc: 65540, bytes: 4, store: true, accesses: 2 };
        let full = Detail {
            mix: Some(mix),
            misaligned: Some(vec![place]),
            linear_memory: Some(131072),
            stack: Some(96),
        };
        let expected = concat!(
            r#""detail":{"mix":{"loads":8,"stores":0,"atomics":0,"multiplications":0,"#,
            r#""divisions":0,"branches":0,"jumps":0,"floating":0,"other":4},"#,
            r#""misaligned":[{"pc":65540,"bytes":4,"store":true,"accesses":2}],"#,
            r#""linear_memory":131072,"stack":96}}"#
        );
        assert_eq!(with(full), format!("{HEAD},{expected}\n"));
        let nothing = Detail { mix: None, misaligned: None, linear_memory: None, stack: None };
        let expected =
            r#""detail":{"mix":null,"misaligned":null,"linear_memory":null,"stack":null}}"#;
        assert_eq!(with(nothing), format!("{HEAD},{expected}\n"));
    }
}
