//! Which functions can return normally, and which never do: `throw`,
//! `gopanic`, `morestack`, `gogo`. A function returns if there is a way to its
//! `return` on which every function it calls returns; what no finite call tree
//! makes return, never does. Nothing is believed about names.

use std::collections::{BTreeSet, HashMap, HashSet};

/// What a body does, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Label(u32),
    Goto(u32),
    Call(u32),
    /// A call without a resume point behind it, as that of `morestack` is.
    CallForGood(u32),
    /// Control does not get past here.
    Stop,
    /// To the caller, not by unwinding.
    Return,
}

/// Whether some way through the body ends in a return, if only functions of
/// which `returns` says so come back.
fn can_return(events: &[Event], returns: &[bool]) -> bool {
    let mut reached: HashSet<u32> = HashSet::new();
    loop {
        let before = reached.len();
        let mut alive = true;
        for event in events {
            match *event {
                Event::Label(label) => alive |= reached.contains(&label),
                Event::Goto(label) if alive => {
                    reached.insert(label);
                }
                Event::Call(function) | Event::CallForGood(function) => {
                    alive &= returns[function as usize];
                }
                Event::Stop => alive = false,
                Event::Return if alive => return true,
                Event::Goto(_) | Event::Return => {}
            }
        }
        if reached.len() == before {
            return false;
        }
    }
}

/// By function index; those of `known` are taken to return.
pub fn returning(flows: &[Vec<Event>], known: &[bool]) -> Vec<bool> {
    let mut returns = known.to_vec();
    let mut callers: HashMap<u32, BTreeSet<u32>> = HashMap::new();
    for (function, flow) in flows.iter().enumerate() {
        for event in flow {
            if let Event::Call(callee) | Event::CallForGood(callee) = event {
                callers.entry(*callee).or_default().insert(function as u32);
            }
        }
    }
    let mut pending: BTreeSet<u32> = (0..flows.len() as u32).collect();
    while let Some(function) = pending.pop_first() {
        if !returns[function as usize] && can_return(&flows[function as usize], &returns) {
            returns[function as usize] = true;
            pending.extend(callers.get(&function).into_iter().flatten());
        }
    }
    returns
}

#[cfg(test)]
mod tests {
    use super::{returning, Event::*};

    #[test]
    fn what_never_returns() {
        let flows = [
            // abort
            vec![Stop],
            // throw: calls abort, then returns
            vec![Call(0), Return, Stop],
            // Either throws or goes on.
            vec![Goto(1), CallForGood(1), Label(1), Return, Stop],
            // Recursion without an end.
            vec![Call(3), Return, Stop],
            // Recursion with one.
            vec![Goto(1), Call(4), Return, Stop, Label(1), Return, Stop],
            // Backwards to the label that returns.
            vec![Goto(2), Stop, Label(1), Return, Stop, Label(2), Goto(1), Stop],
            Vec::new(),
        ];
        let known = [false, false, false, false, false, false, true];
        assert_eq!(returning(&flows, &known), [false, false, true, false, true, true, true]);
    }
}
