//! Which locals are read behind a region: what it leaves in the others may be a value
//! or its complement.

use std::collections::HashMap;
use wasmparser::Operator;

/// By local.
pub type Live = Vec<bool>;

/// What is live at each of `ends`, before the operator there; none if control goes in a
/// way that is not known here.
pub fn at(operators: &[Operator<'_>], locals: usize, ends: &[usize]) -> Option<Vec<Live>> {
    if operators.iter().any(|operator| !is_known(operator)) {
        return None;
    }
    let openers = openers(operators);
    let mut loops = HashMap::new();
    loop {
        let before = loops.clone();
        let mut walk = Walk { locals, openers: &openers, loops: &mut loops };
        let found = walk.backwards(operators, ends);
        if loops == before {
            return Some(found);
        }
    }
}

/// All that goes on behind itself is known, and what goes to labels. Modules with the
/// others are refused before, so that this only keeps a later proposal from being
/// believed.
fn is_known(operator: &Operator<'_>) -> bool {
    use Operator as O;
    !matches!(
        operator,
        O::Try { .. }
            | O::TryTable { .. }
            | O::Catch { .. }
            | O::CatchAll
            | O::Delegate { .. }
            | O::Rethrow { .. }
            | O::Throw { .. }
            | O::ThrowRef
            | O::BrOnNull { .. }
            | O::BrOnNonNull { .. }
            | O::BrOnCast { .. }
            | O::BrOnCastFail { .. }
            | O::Resume { .. }
            | O::ResumeThrow { .. }
            | O::Switch { .. }
    )
}

/// Of each end the operator that it ends; none for the function's own.
fn openers(operators: &[Operator<'_>]) -> HashMap<usize, usize> {
    let (mut open, mut openers) = (Vec::new(), HashMap::new());
    for (at, operator) in operators.iter().enumerate() {
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => open.push(at),
            Operator::End => drop(open.pop().map(|opener| openers.insert(at, opener))),
            _ => {}
        }
    }
    openers
}

struct Frame {
    /// Where a branch to it goes.
    label: Live,
    /// Behind its end.
    behind: Live,
    /// At the start of what is behind its `else`, or behind its end without one.
    otherwise: Live,
}

struct Walk<'w> {
    locals: usize,
    openers: &'w HashMap<usize, usize>,
    /// What is live at the start of each loop, as far as it is known.
    loops: &'w mut HashMap<usize, Live>,
}

impl Walk<'_> {
    fn backwards(&mut self, operators: &[Operator<'_>], ends: &[usize]) -> Vec<Live> {
        let mut live = self.nothing();
        let mut frames: Vec<Frame> = Vec::new();
        let mut found = Vec::new();
        let mut ends = ends.iter().rev().peekable();
        if ends.next_if_eq(&&operators.len()).is_some() {
            found.push(self.nothing());
        }
        for (at, operator) in operators.iter().enumerate().rev() {
            self.operator(at, operator, operators, &mut live, &mut frames);
            if ends.next_if_eq(&&at).is_some() {
                found.push(live.clone());
            }
        }
        found.reverse();
        found
    }

    fn nothing(&self) -> Live {
        vec![false; self.locals]
    }

    fn operator(
        &mut self,
        at: usize,
        operator: &Operator<'_>,
        operators: &[Operator<'_>],
        live: &mut Live,
        frames: &mut Vec<Frame>,
    ) {
        let label = |frames: &[Frame], depth: u32| {
            let frame = frames.len().checked_sub(1 + depth as usize).map(|number| &frames[number]);
            frame.map_or_else(|| self.nothing(), |frame| frame.label.clone())
        };
        match operator {
            Operator::LocalGet { local_index } => live[*local_index as usize] = true,
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                live[*local_index as usize] = false;
            }
            Operator::End => frames.extend(self.frame(at, operators, live)),
            Operator::Else => {
                let frame = frames.last_mut().expect("its if is open");
                frame.otherwise = std::mem::replace(live, frame.behind.clone());
            }
            Operator::Block { .. } => drop(frames.pop()),
            Operator::Loop { .. } => {
                frames.pop();
                self.loops.insert(at, live.clone());
            }
            Operator::If { .. } => add(live, &frames.pop().expect("it was ended").otherwise),
            Operator::Br { relative_depth } => *live = label(frames, *relative_depth),
            Operator::BrIf { relative_depth } => add(live, &label(frames, *relative_depth)),
            Operator::BrTable { targets } => {
                *live = label(frames, targets.default());
                for depth in targets.targets().flatten() {
                    add(live, &label(frames, depth));
                }
            }
            Operator::Return | Operator::Unreachable => live.fill(false),
            Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. } => live.fill(false),
            _ => {}
        }
    }

    /// What ends `at`; none for the function.
    fn frame(&self, at: usize, operators: &[Operator<'_>], live: &Live) -> Option<Frame> {
        let opener = *self.openers.get(&at)?;
        let label = match operators[opener] {
            Operator::Loop { .. } => self.loops.get(&opener).cloned().unwrap_or(self.nothing()),
            _ => live.clone(),
        };
        Some(Frame { label, behind: live.clone(), otherwise: live.clone() })
    }
}

fn add(live: &mut Live, more: &Live) {
    live.iter_mut().zip(more).for_each(|(live, more)| *live |= more);
}
