//! A sample profile: how often each place of each function ran, where inlined
//! calls are parts of the function that they were inlined into.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::code::{Code, Kind, Location};

/// What ran in one function, inlined or not.
#[derive(Debug, Default)]
struct Body {
    /// How often its first instruction ran; not known of inlined ones.
    head: u64,
    places: BTreeMap<Location, u64>,
    inlined: BTreeMap<(Location, String), Body>,
}

/// The bodies of all functions that ran, by symbol.
#[derive(Debug, Default)]
pub struct Samples(BTreeMap<String, Body>);

impl Samples {
    /// `executions` has a number for each instruction of the code.
    pub fn of(code: &Code, executions: &[u64]) -> Samples {
        // A place ran as often as that of its instructions that ran most: others
        // may have been moved to where they run less.
        let mut places: BTreeMap<(usize, Location), u64> = BTreeMap::new();
        for (at, &executions) in executions.iter().enumerate().filter(|(_, &n)| n > 0) {
            if let Some((scope, location, copies)) = code.origin(at) {
                let most = places.entry((scope, location)).or_default();
                *most = (*most).max(executions.saturating_mul(copies));
            }
        }
        let mut samples = Samples::default();
        for ((scope, location), executions) in places {
            if let Some(body) = samples.body(code, scope) {
                // Copies of a function in several files are one function.
                *body.places.entry(location).or_default() += executions;
            }
        }
        for scope in &code.scopes {
            let Kind::Function { entry } = scope.kind else { continue };
            let body = samples.0.get_mut(&scope.function);
            if let Some((body, at)) = body.zip(code.index(entry)) {
                body.head += executions[at];
            }
        }
        samples
    }

    /// None where some call on the way is at no place that is known.
    fn body(&mut self, code: &Code, scope: usize) -> Option<&mut Body> {
        let function = code.scopes[scope].function.clone();
        match code.scopes[scope].kind {
            Kind::Function { .. } => Some(self.0.entry(function).or_default()),
            Kind::Inlined { parent, call } => {
                let call = call?;
                Some(self.body(code, parent)?.inlined.entry((call, function)).or_default())
            }
        }
    }

    /// In the text format, the most executed function first.
    pub fn text(&self) -> String {
        let mut functions: Vec<_> =
            self.0.iter().map(|(name, body)| (body.total(), name, body)).collect();
        functions.sort_by_key(|(total, name, _)| (std::cmp::Reverse(*total), *name));
        let mut text = String::new();
        for (total, name, body) in functions {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name}:{total}:{}", body.head);
            body.write(&mut text, 1);
        }
        text
    }
}

impl Body {
    fn total(&self) -> u64 {
        let own = self.places.values();
        own.copied().chain(self.inlined.values().map(Body::total)).sum()
    }

    fn write(&self, text: &mut String, depth: usize) {
        for (place, executions) in &self.places {
            let _ = writeln!(text, "{:depth$}{place}: {executions}", "");
        }
        for ((place, function), body) in &self.inlined {
            let _ = writeln!(text, "{:depth$}{place}: {function}:{}", "", body.total());
            body.write(text, depth + 1);
        }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.discriminator {
            0 => write!(f, "{}", self.offset),
            discriminator => write!(f, "{}.{discriminator}", self.offset),
        }
    }
}
