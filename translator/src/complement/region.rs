//! Operators without control flow as a graph of values, and which of them are
//! held as complements.
//!
//! What is on the stack, or in a local, is a value or its complement by meaning
//! (`flip`), and again by what is really there (`Held`). The search decides how
//! each value is held; from that follows where a complement has to be made, by
//! each consumer for itself. So only the costs depend on what is believed of
//! memory here, never what is computed.

use super::operator::{Kind, Width};
use std::collections::HashMap;
use std::ops::Range;
use wasmparser::{MemArg, Operator};

pub type ValueId = usize;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// As it comes: held as itself, but for what a loop carries.
    Leaf,
    /// And, or, select: both operands are held as the result is, by De Morgan.
    /// How that is, is free.
    Join([Operand; 2]),
    /// The result is held as the operands are, together; the complement of each
    /// may be taken instead.
    Xor([Operand; 2]),
    /// It is held as its operand is.
    Carried(Operand),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operand {
    pub value: ValueId,
    /// By meaning it is the complement of `value`.
    pub flip: bool,
}

#[derive(Debug)]
pub struct Value {
    pub origin: Origin,
    /// Of what it is known, as soon as anything is done to its bits.
    pub width: Option<Width>,
}

/// Bits that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    /// As the search decides for the value.
    Chosen,
    /// As the value (false) or its complement, whatever it decides.
    As(bool),
    /// Of the operand by meaning, as this value is held.
    With(ValueId, bool),
}

/// What a consumer wants of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// As this value is held, of the operand by meaning: a join's operands, and
    /// what a loop carries to the next turn.
    As(ValueId),
    /// The xor's operand of this number.
    Xor(ValueId, usize),
    /// As it is held.
    Any,
    /// What it means.
    Meaning,
}

/// A place on the stack.
#[derive(Debug, Clone, Copy)]
struct Entry {
    operand: Operand,
    /// The operator that left it there, if that is one of the region's.
    at: Option<usize>,
    held: Held,
}

/// An entry's end.
#[derive(Debug)]
pub struct Consumption {
    pub operand: Operand,
    at: Option<usize>,
    held: Held,
    pub want: Want,
}

/// How each value is held, and what xors take instead of their operands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub complemented: Vec<bool>,
    pub exchanged: Vec<[bool; 2]>,
}

impl Choice {
    /// What a consumer wants of a value: itself or its complement.
    pub fn wanted(&self, operand: Operand, want: Want) -> bool {
        match want {
            Want::As(value) => operand.flip ^ self.complemented[value],
            Want::Xor(xor, side) => self.complemented[operand.value] ^ self.exchanged[xor][side],
            Want::Any => self.complemented[operand.value],
            Want::Meaning => operand.flip,
        }
    }
}

/// What is known at the same place of memory.
type Place = (ValueId, bool, u64, u32, Width);

pub struct Region<'o, 'a> {
    operators: &'o [Operator<'a>],
    pub values: Vec<Value>,
    pub consumptions: Vec<Consumption>,
    /// Of what `operators` leave: joins by their operator.
    joins: HashMap<usize, ValueId>,
    /// Complements, two operators each, which only change a meaning.
    dropped: Vec<bool>,
    /// Of locals that are live behind the region.
    last_set: HashMap<u32, usize>,
    /// It is a loop's body.
    turns: bool,
    /// What the region finds in locals of a width.
    found: HashMap<u32, ValueId>,
    /// Of what it finds, that which the next turn finds otherwise: it may be held as
    /// its complement from turn to turn.
    pub carried: Vec<(u32, ValueId)>,
    locals: HashMap<u32, (Operand, Held)>,
    globals: HashMap<u32, ValueId>,
    wrapped: HashMap<ValueId, ValueId>,
    memory: HashMap<Place, Operand>,
    stack: Vec<Entry>,
}

impl<'o, 'a> Region<'o, 'a> {
    /// Of `operators`, which are no boundaries. `turns`: they are all of a loop's body,
    /// which can only be left behind them. `live`: locals that are read behind them.
    pub fn of(
        operators: &'o [Operator<'a>],
        turns: bool,
        types: &dyn Fn(u32) -> Option<Width>,
        live: &dyn Fn(u32) -> bool,
    ) -> Self {
        let mut last_set = HashMap::new();
        for (at, operator) in operators.iter().enumerate() {
            if let Kind::Set(local) | Kind::Tee(local) = Kind::of(operator) {
                last_set.insert(local, at);
            }
        }
        last_set.retain(|local, _| live(*local));
        let mut region = Region {
            operators,
            values: Vec::new(),
            consumptions: Vec::new(),
            joins: HashMap::new(),
            dropped: vec![false; operators.len()],
            last_set,
            turns,
            found: HashMap::new(),
            carried: Vec::new(),
            locals: HashMap::new(),
            globals: HashMap::new(),
            wrapped: HashMap::new(),
            memory: HashMap::new(),
            stack: Vec::new(),
        };
        for (at, operator) in operators.iter().enumerate() {
            region.operator(at, Kind::of(operator), types);
        }
        for entry in std::mem::take(&mut region.stack) {
            region.consume(entry, Want::Meaning);
        }
        region
    }

    fn value(&mut self, origin: Origin, width: Option<Width>) -> ValueId {
        self.values.push(Value { origin, width });
        self.values.len() - 1
    }

    fn consume(&mut self, entry: Entry, want: Want) {
        let Entry { operand, at, held } = entry;
        self.consumptions.push(Consumption { operand, at, held, want });
    }

    /// The topmost entry; a number where the region found it there.
    fn pop(&mut self) -> Entry {
        self.stack.pop().unwrap_or_else(|| {
            let value = self.value(Origin::Leaf, None);
            Entry { operand: Operand { value, flip: false }, at: None, held: Held::Chosen }
        })
    }

    fn push(&mut self, at: usize, operand: Operand, held: Held) {
        self.stack.push(Entry { operand, at: Some(at), held });
    }

    fn push_value(&mut self, at: usize, value: ValueId) {
        self.push(at, Operand { value, flip: false }, Held::Chosen);
    }

    fn push_new(&mut self, at: usize, origin: Origin, width: Option<Width>) {
        let value = self.value(origin, width);
        self.push_value(at, value);
    }

    fn operator(&mut self, at: usize, kind: Kind, types: &dyn Fn(u32) -> Option<Width>) {
        match kind {
            Kind::Get(local) => self.get(at, local, types),
            Kind::Set(local) => {
                self.set(at, local);
            }
            Kind::Tee(local) => {
                let (operand, held) = self.set(at, local);
                self.push(at, operand, held);
            }
            Kind::Constant(width, _) => self.push_new(at, Origin::Leaf, Some(width)),
            Kind::Xor(width) => self.xor(at, width),
            Kind::And(width) | Kind::Or(width) => self.join(at, Some(width)),
            Kind::Select => {
                let condition = self.pop();
                self.consume(condition, Want::Meaning);
                self.join(at, None);
            }
            Kind::Carries { from, to, operands } => self.carry(at, from, to, operands),
            Kind::Load(width, place) => self.load(at, width, place),
            Kind::Store(width, place) => self.store(width, place),
            Kind::Global(global) => {
                let known = self.globals.get(&global).copied();
                let value = known.unwrap_or_else(|| self.value(Origin::Leaf, None));
                self.globals.insert(global, value);
                self.push_value(at, value);
            }
            Kind::SetGlobal(global) => {
                self.globals.remove(&global);
                self.other(at, 1, 0);
            }
            Kind::Other { takes, gives } => self.other(at, takes, gives),
            Kind::Boundary => {}
        }
    }

    fn other(&mut self, at: usize, takes: u32, gives: u32) {
        for _ in 0..takes {
            let entry = self.pop();
            self.consume(entry, Want::Meaning);
        }
        for above in (0..gives).rev() {
            let value = self.value(Origin::Leaf, None);
            let operand = Operand { value, flip: false };
            // Behind the operator only the topmost can be complemented.
            let at = (above == 0).then_some(at);
            self.stack.push(Entry { operand, at, held: Held::Chosen });
        }
    }

    fn get(&mut self, at: usize, local: u32, types: &dyn Fn(u32) -> Option<Width>) {
        let (operand, held) = self.locals.get(&local).copied().unwrap_or_else(|| {
            let width = types(local);
            let value = self.value(Origin::Leaf, width);
            if width.is_some() {
                self.found.insert(local, value);
            }
            (Operand { value, flip: false }, Held::Chosen)
        });
        self.locals.insert(local, (operand, held));
        self.push(at, operand, held);
    }

    /// What follows the region finds in a local what the local means.
    fn set(&mut self, at: usize, local: u32) -> (Operand, Held) {
        let entry = self.pop();
        let mut known = (entry.operand, entry.held);
        if self.last_set.get(&local) == Some(&at) {
            let (want, held) = self.left(local, &entry);
            self.consume(entry, want);
            known.1 = held;
        }
        self.locals.insert(local, known);
        known
    }

    /// What is to be left in a local.
    fn left(&mut self, local: u32, entry: &Entry) -> (Want, Held) {
        let flip = entry.operand.flip;
        match self.found.get(&local) {
            Some(&found) if self.turns && entry.at.is_some() => {
                self.values[entry.operand.value].width = self.values[found].width;
                self.carried.push((local, found));
                (Want::As(found), Held::With(found, flip))
            }
            _ => (Want::Meaning, Held::As(flip)),
        }
    }

    fn is_constant(&self, entry: &Entry) -> Option<i64> {
        match Kind::of(&self.operators[entry.at?]) {
            Kind::Constant(_, value) => Some(value),
            _ => None,
        }
    }

    /// The two topmost entries, if something can be done to the bits of both.
    fn two(&mut self) -> Option<[Entry; 2]> {
        let [.., first, second] = self.stack[..] else { return None };
        let known = first.at.is_some() && second.at.is_some();
        (known && self.is_constant(&first).is_none()).then(|| {
            self.stack.truncate(self.stack.len() - 2);
            [first, second]
        })
    }

    fn xor(&mut self, at: usize, width: Width) {
        let Some([first, second]) = self.two() else { return self.other(at, 2, 1) };
        match self.is_constant(&second) {
            Some(-1) if second.at == Some(at - 1) && first.at.is_some() => {
                self.values[first.operand.value].width = Some(width);
                self.dropped[at - 1] = true;
                self.dropped[at] = true;
                let Entry { operand, at, held } = first;
                let operand = Operand { flip: !operand.flip, ..operand };
                self.stack.push(Entry { operand, at, held });
            }
            Some(_) => {
                self.consume(second, Want::Meaning);
                self.carried(at, first, width, width);
            }
            None => {
                let operands = [first.operand, second.operand];
                let value = self.value(Origin::Xor(operands), Some(width));
                for (side, entry) in [first, second].into_iter().enumerate() {
                    self.values[entry.operand.value].width = Some(width);
                    self.consume(entry, Want::Xor(value, side));
                }
                self.push_value(at, value);
            }
        }
    }

    /// Of a constant nothing is made: compilers know better forms of masks.
    fn join(&mut self, at: usize, width: Option<Width>) {
        let Some([first, second]) = self.two() else { return self.other(at, 2, 1) };
        let width = width.or(self.values[first.operand.value].width);
        if self.is_constant(&second).is_some() || width.is_none() {
            self.stack.extend([first, second]);
            return self.other(at, 2, 1);
        }
        let value = self.value(Origin::Join([first.operand, second.operand]), width);
        self.joins.insert(at, value);
        for entry in [first, second] {
            self.values[entry.operand.value].width = width;
            self.consume(entry, Want::As(value));
        }
        self.push_value(at, value);
    }

    fn carry(&mut self, at: usize, from: Width, to: Width, operands: u32) {
        let known = self.stack.len() >= operands as usize;
        if !known || self.stack[self.stack.len() - operands as usize].at.is_none() {
            return self.other(at, operands, 1);
        }
        for _ in 1..operands {
            let number = self.pop();
            self.consume(number, Want::Meaning);
        }
        let entry = self.pop();
        let wraps = (from, to) == (Width::I64, Width::I32);
        if let (true, Some(&same)) = (wraps, self.wrapped.get(&entry.operand.value)) {
            self.consume(entry, Want::Any);
            return self.push(at, Operand { value: same, flip: entry.operand.flip }, Held::Chosen);
        }
        self.values[entry.operand.value].width = Some(from);
        self.carried(at, entry, to, from);
        if wraps {
            let operand = self.stack.last().expect("just pushed").operand;
            self.wrapped.insert(entry.operand.value, operand.value);
        }
    }

    /// The result has the operand's meaning: it is the complement where that is.
    fn carried(&mut self, at: usize, entry: Entry, to: Width, from: Width) {
        self.values[entry.operand.value].width = Some(from);
        let plain = Operand { flip: false, ..entry.operand };
        let value = self.value(Origin::Carried(plain), Some(to));
        self.consume(entry, Want::Any);
        self.push(at, Operand { value, flip: entry.operand.flip }, Held::Chosen);
    }

    fn address(&mut self, width: Width, place: MemArg) -> Place {
        let address = self.pop();
        self.consume(address, Want::Meaning);
        let Operand { value, flip } = address.operand;
        (value, flip, place.offset, place.memory, width)
    }

    fn load(&mut self, at: usize, width: Width, place: MemArg) {
        let place = self.address(width, place);
        let known = self.memory.get(&place).copied();
        let operand = known.unwrap_or_else(|| {
            let value = self.value(Origin::Leaf, Some(width));
            Operand { value, flip: false }
        });
        self.memory.insert(place, operand);
        self.push(at, operand, Held::As(operand.flip));
    }

    fn store(&mut self, width: Width, place: MemArg) {
        let stored = self.pop();
        self.consume(stored, Want::Meaning);
        let place = self.address(width, place);
        self.memory.insert(place, stored.operand);
    }

    /// The operators by `choice`.
    pub fn rewritten(&self, choice: &Choice) -> Vec<Operator<'a>> {
        let mut complement_after = vec![None; self.operators.len()];
        for consumption in &self.consumptions {
            let Consumption { operand, at, held, want } = *consumption;
            let held = match held {
                Held::Chosen => choice.complemented[operand.value],
                Held::As(held) => held,
                Held::With(value, flip) => flip ^ choice.complemented[value],
            };
            if held != choice.wanted(operand, want) {
                let at = at.expect("what is found is left as it is");
                complement_after[at] = self.values[operand.value].width;
            }
        }
        let mut operators = Vec::with_capacity(self.operators.len());
        for (at, operator) in self.operators.iter().enumerate() {
            if self.dropped[at] {
                continue;
            }
            let complemented = self.joins.get(&at).is_some_and(|&join| choice.complemented[join]);
            let dual = complemented.then(|| Kind::dual(operator)).flatten();
            operators.push(dual.unwrap_or_else(|| operator.clone()));
            operators
                .extend(complement_after[at].iter().flat_map(|width: &Width| width.complement()));
        }
        operators
    }

    /// What turns locals that a loop carries as complements.
    pub fn turned(&self, choice: &Choice) -> Vec<Operator<'a>> {
        let mut operators = Vec::new();
        for &(local_index, value) in &self.carried {
            if let (true, Some(width)) = (choice.complemented[value], self.values[value].width) {
                operators.push(Operator::LocalGet { local_index });
                operators.extend(width.complement());
                operators.push(Operator::LocalSet { local_index });
            }
        }
        operators
    }
}

/// The longest parts of `operators` without a boundary.
pub fn regions(operators: &[Operator<'_>]) -> Vec<Range<usize>> {
    let mut regions = Vec::new();
    let mut start = 0;
    for (at, operator) in operators.iter().enumerate() {
        if Kind::of(operator) == Kind::Boundary {
            regions.push(start..at);
            start = at + 1;
        }
    }
    regions.push(start..operators.len());
    regions
}
