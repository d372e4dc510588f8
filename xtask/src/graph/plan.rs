//! The steps that lead to what was asked for, each once, dependencies first.

use anyhow::{bail, Result};
use std::collections::BTreeMap;

use super::step::{expand, Input, Step};

#[derive(Debug, Default)]
pub struct Plan {
    steps: Vec<Step>,
    index: BTreeMap<String, usize>,
}

impl Plan {
    /// Adds a step; a second equal one is the same step. A step can only name
    /// steps added before it, so a plan has no cycle.
    pub fn add(&mut self, step: Step) -> Result<()> {
        if let Some(&at) = self.index.get(&step.name) {
            if self.steps[at] != step {
                bail!("two different steps are called `{}`", step.name);
            }
            return Ok(());
        }
        self.check(&step)?;
        self.index.insert(step.name.clone(), self.steps.len());
        self.steps.push(step);
        Ok(())
    }

    /// In the order they were added: every step after what it needs.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Positions of the steps whose outputs this one reads.
    pub fn needs(&self, step: &Step) -> Vec<usize> {
        step.inputs
            .values()
            .filter_map(|input| match input {
                Input::Output { step, .. } => self.index.get(step).copied(),
                Input::File(_) => None,
            })
            .collect()
    }

    /// Names of the step and of all it stands on.
    pub fn closure(&self, name: &str) -> Vec<&str> {
        let mut wanted = vec![false; self.steps.len()];
        if let Some(&at) = self.index.get(name) {
            wanted[at] = true;
        }
        for at in (0..self.steps.len()).rev().collect::<Vec<_>>() {
            if wanted[at] {
                self.needs(&self.steps[at]).into_iter().for_each(|n| wanted[n] = true);
            }
        }
        self.steps.iter().zip(&wanted).filter(|(_, w)| **w).map(|(s, _)| s.name.as_str()).collect()
    }

    /// Every tool that some step asks for, sorted.
    pub fn tools(&self) -> Vec<&str> {
        let mut tools: Vec<&str> =
            self.steps.iter().flat_map(|s| s.tools.iter().map(String::as_str)).collect();
        tools.sort_unstable();
        tools.dedup();
        tools
    }

    /// The plan as `X -> Y` lines, one for all parts of a thing.
    pub fn render(&self) -> String {
        let first = |step: &&Step| step.part.is_none_or(|part| part.number == 1);
        let lines = self.steps.iter().filter(first);
        lines.map(|step| format!("{} -> {}\n", step.from, step.to)).collect()
    }

    /// Refuses a step whose template or input names nothing: found when the
    /// plan is made, before anything runs.
    fn check(&self, step: &Step) -> Result<()> {
        for (name, input) in &step.inputs {
            let Input::Output { step: from, output } = input else { continue };
            let known = self.index.get(from).map(|&at| &self.steps[at]);
            if !known.is_some_and(|s| s.outputs.iter().any(|o| &o.name == output)) {
                bail!(
                    "step `{}`: its input `{name}` names no output `{output}` of a step `{from}`",
                    step.name
                );
            }
        }
        let froms = step.outputs.iter().filter_map(|o| o.from.as_ref());
        for template in
            step.argv.iter().chain(step.environment.values()).chain([&step.directory]).chain(froms)
        {
            expand(template, |name| match placeholder_known(step, name) {
                true => Ok(String::new()),
                false => {
                    bail!("step `{}`: `{{{name}}}` in `{template}` stands for nothing", step.name)
                }
            })?;
        }
        Ok(())
    }
}

fn placeholder_known(step: &Step, name: &str) -> bool {
    match name.split_once(':') {
        Some(("in" | "dir", input)) => step.inputs.contains_key(input),
        Some(("out", output)) => step.outputs.iter().any(|o| o.name == output && o.from.is_none()),
        Some(("tool", path)) => {
            path.split_once('/').is_some_and(|(tool, _)| step.tools.iter().any(|t| t == tool))
        }
        Some(("home", tool)) => step.tools.iter().any(|t| t == tool),
        Some(_) => false,
        None => match name {
            "work" | "out" | "root" | "cargo-home" => true,
            "scratch" => step.scratch.is_some(),
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str) -> Step {
        Step::new(name, "x", name).output("o", "o")
    }

    #[test]
    fn an_equal_step_is_added_once() {
        let mut plan = Plan::default();
        plan.add(step("a")).unwrap();
        plan.add(step("a")).unwrap();
        assert_eq!(plan.render(), "x -> a\n");
    }

    /// A step that must be refused after a step `a`, and the reason.
    fn check_refused(step: Step, reason: &str) {
        let mut plan = Plan::default();
        plan.add(self::step("a")).unwrap();
        assert_eq!(plan.add(step).unwrap_err().to_string(), reason);
    }

    #[test]
    fn wrong_steps_are_refused_before_anything_runs() {
        check_refused(step("a").args(["x"]), "two different steps are called `a`");
        check_refused(
            step("b").args(["{in:wasm}"]),
            "step `b`: `{in:wasm}` in `{in:wasm}` stands for nothing",
        );
        check_refused(
            step("b").args(["{scratch}"]),
            "step `b`: `{scratch}` in `{scratch}` stands for nothing",
        );
        check_refused(
            step("b").args(["{tool:go/go}"]),
            "step `b`: `{tool:go/go}` in `{tool:go/go}` stands for nothing",
        );
        let other = Input::Output { step: "z".into(), output: "o".into() };
        check_refused(
            step("b").input("i", other),
            "step `b`: its input `i` names no output `o` of a step `z`",
        );
    }

    #[test]
    fn a_closure_holds_a_step_and_what_it_stands_on() {
        let mut plan = Plan::default();
        let a = step("a");
        let b = step("b").input("i", a.made("o").input());
        for s in [a, step("other"), b] {
            plan.add(s).unwrap();
        }
        assert_eq!(plan.closure("b"), ["a", "b"]);
    }
}
