//! The counting plugin: the step that builds it, and what it writes.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::profile::Block;
use crate::cargo_step::{CargoBuild, For};
use crate::graph::plan::Plan;
use crate::graph::step::Made;
use crate::report::detail::Mix;

/// The plugin's name at its output's version (platform/qemu-plugin).
const OUTPUT_VERSION: u32 = 1;

/// Adds the plugin's build to a plan.
pub fn plan(plan: &mut Plan) -> Result<Made> {
    CargoBuild::new("tool/counter", "platform/qemu-plugin", ".", For::Host)
        .package("wasrisc-counter")
        .library("libwasrisc_counter.so", "libwasrisc_counter.so")
        .add(plan)
}

/// How to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A block at a time, corrected at phase boundaries.
    Block,
    /// An instruction at a time.
    Exact,
    /// A block at a time, and how often each block ran.
    Profile,
    /// A block at a time, and what its instructions are and access.
    Detail,
}

impl Mode {
    /// The plugin's arguments for writing to `out`.
    pub fn arguments(self, out: &str) -> String {
        let more = match self {
            Mode::Block => "",
            Mode::Exact => ",mode=exact",
            Mode::Profile => ",profile=on",
            Mode::Detail => ",mode=detail",
        };
        format!("out={out}{more}")
    }
}

/// What the plugin wrote.
#[derive(Debug, Deserialize)]
pub struct Count {
    version: u32,
    pub total: u64,
    pub vcpus: u32,
    pub start_code: u64,
    phases: Vec<Phase>,
    #[serde(default)]
    pub profile: Vec<Block>,
    /// Of [`Mode::Detail`].
    #[serde(default)]
    pub detail: Option<Observed>,
}

/// What instructions are and use; None is what could not be observed.
#[derive(Debug, Deserialize)]
pub struct Observed {
    pub mix: Option<Mix>,
    pub misaligned: Option<Vec<Place>>,
    /// Bytes at its largest.
    pub linear_memory: Option<u64>,
    /// Bytes down to its deepest use.
    pub stack: Option<u64>,
}

/// An instruction that accessed memory off its alignment.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Place {
    pub pc: u64,
    /// Of one access: 2, 4 or 8.
    pub bytes: u8,
    pub store: bool,
    pub accesses: u64,
}

#[derive(Debug, Deserialize)]
struct Phase {
    phase: String,
    instructions: u64,
}

impl Count {
    pub fn read(path: &Path) -> Result<Count> {
        let bytes = std::fs::read(path)
            .context("the counter wrote nothing: the emulator did not reach its normal exit")?;
        let count: Count =
            serde_json::from_slice(&bytes).context("cannot read what the counter wrote")?;
        anyhow::ensure!(
            count.version == OUTPUT_VERSION,
            "the counter wrote version {}",
            count.version
        );
        let sum: u64 = count.phases.iter().map(|p| p.instructions).sum();
        anyhow::ensure!(
            sum == count.total,
            "the counter's phases add up to {sum}, its total is {}",
            count.total
        );
        let classes = count.detail.as_ref().and_then(|detail| detail.mix);
        if let Some(mix) = classes {
            let sum: u64 = mix.classes().iter().map(|(_, n)| n).sum();
            anyhow::ensure!(
                sum == count.total,
                "the counter's classes add up to {sum}, its total is {}",
                count.total
            );
        }
        Ok(count)
    }

    fn of(&self, name: &str) -> impl Iterator<Item = u64> + '_ {
        let name = name.to_string();
        self.phases.iter().filter(move |p| p.phase == name).map(|p| p.instructions)
    }

    /// Before the first run; all of it for a guest that announces none.
    pub fn startup(&self) -> u64 {
        self.of("startup").sum()
    }

    pub fn runs(&self) -> Vec<u64> {
        self.of("run").collect()
    }

    /// After the last run, where the guest announces it.
    pub fn exit(&self) -> Option<u64> {
        self.of("exit").next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Count> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Count::read(file.path())
    }

    #[test]
    fn phases_are_told_apart() {
        let count = read(
            r#"{"version":1,"mode":"block","total":10,"vcpus":1,"start_code":65536,"phases":[
            {"phase":"startup","instructions":1},{"phase":"run","instructions":2},
            {"phase":"run","instructions":3},{"phase":"exit","instructions":4}]}"#,
        )
        .unwrap();
        assert_eq!((count.startup(), count.runs(), count.exit()), (1, vec![2, 3], Some(4)));
    }

    #[test]
    fn a_count_that_does_not_add_up_is_refused() {
        let head = r#"{"version":1,"mode":"detail","vcpus":1,"start_code":0,
            "phases":[{"phase":"startup","instructions":1}],"total":"#;
        let mix = r#""mix":{"loads":1,"stores":1,"atomics":0,"multiplications":0,"divisions":0,
            "branches":0,"jumps":0,"floating":0,"other":0}"#;
        let detail = r#""misaligned":[],"linear_memory":null,"stack":null"#;
        for (rest, message) in [
            ("9}".to_string(), "the counter's phases add up to 1, its total is 9"),
            (
                format!(r#"1,"detail":{{{mix},{detail}}}}}"#),
                "the counter's classes add up to 2, its total is 1",
            ),
        ] {
            assert_eq!(read(&format!("{head}{rest}")).unwrap_err().to_string(), message);
        }
    }
}
