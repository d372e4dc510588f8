//! Which values of a region are held as complements, so that few complements are
//! made: simulated annealing over what joins are and which operands xors exchange.
//!
//! Alone, a change costs: a column of Keccak's state as complements pays only once
//! several operators around it have changed too. So worse choices are taken for a
//! while, the fewer the later. The numbers are from a generator with a fixed seed:
//! a region has one result.

use super::region::{Choice, Consumption, Origin, Region, ValueId, Want};

/// Changes tried for each thing that can be changed, and in all.
const TRIES: usize = 600;
const WORK: usize = 150_000;

/// What can be changed.
#[derive(Debug, Clone, Copy)]
enum Change {
    Join(ValueId),
    Exchange(ValueId, usize),
}

/// How many complements `choice` makes: each value's once.
pub fn complements(region: &Region<'_, '_>, choice: &Choice) -> usize {
    let mut made = vec![false; region.values.len()];
    for Consumption { operand, want, .. } in &region.consumptions {
        made[operand.value] |= choice.wanted(*operand, *want) != choice.complemented[operand.value];
    }
    made.iter().filter(|made| **made).count()
}

/// Everything as itself, which is what the module does.
pub fn unchanged(region: &Region<'_, '_>) -> Choice {
    let mut choice = Choice {
        complemented: vec![false; region.values.len()],
        exchanged: vec![[false; 2]; region.values.len()],
    };
    follow(region, &mut choice);
    choice
}

/// How values are held that have no choice.
fn follow(region: &Region<'_, '_>, choice: &mut Choice) {
    for (value, node) in region.values.iter().enumerate() {
        let held = |choice: &Choice, side: usize, operand: super::region::Operand| {
            choice.wanted(operand, Want::Xor(value, side)) ^ operand.flip
        };
        match node.origin {
            Origin::Xor([a, b]) => {
                choice.complemented[value] = held(choice, 0, a) ^ held(choice, 1, b);
            }
            Origin::Carried(a) => choice.complemented[value] = choice.complemented[a.value],
            Origin::Leaf | Origin::Join(_) => {}
        }
    }
}

struct Search {
    changes: Vec<Change>,
    /// Values that each change turns.
    turned: Vec<Vec<ValueId>>,
    operands: Vec<[ValueId; 2]>,
    flips: Vec<[bool; 2]>,
    complemented: Vec<bool>,
    exchanged: Vec<[bool; 2]>,
    /// Uses of each value by what they want of it, itself or its complement.
    wants: Vec<[u32; 2]>,
    exchanges: Vec<u32>,
    made: Vec<bool>,
    count: usize,
}

impl Search {
    fn of(region: &Region<'_, '_>, choice: Choice) -> Search {
        let count = region.values.len();
        let mut changes = Vec::new();
        let (mut operands, mut flips) = (vec![[0; 2]; count], vec![[false; 2]; count]);
        for (value, node) in region.values.iter().enumerate() {
            if let Origin::Join([a, b]) | Origin::Xor([a, b]) = node.origin {
                operands[value] = [a.value, b.value];
                flips[value] = [a.flip, b.flip];
            }
            match node.origin {
                Origin::Join(_) => changes.push(Change::Join(value)),
                Origin::Xor(_) => changes.extend([0, 1].map(|side| Change::Exchange(value, side))),
                _ => {}
            }
        }
        let turned = changes.iter().map(|change| turned(region, *change)).collect();
        let mut wants = vec![[0; 2]; count];
        for Consumption { operand, want, .. } in &region.consumptions {
            if matches!(want, Want::Join(_) | Want::Meaning) {
                wants[operand.value][usize::from(choice.wanted(*operand, *want))] += 1;
            }
        }
        let Choice { complemented, exchanged } = choice;
        let exchanges = vec![0; count];
        let made = vec![false; count];
        let mut search = Search {
            changes,
            turned,
            operands,
            flips,
            complemented,
            exchanged,
            wants,
            exchanges,
            made,
            count: 0,
        };
        (0..count).for_each(|value| search.look(value));
        search
    }

    /// Counts a value's complement as it is now.
    fn look(&mut self, value: ValueId) {
        let other = self.wants[value][usize::from(!self.complemented[value])];
        let made = other + self.exchanges[value] > 0;
        self.count += usize::from(made);
        self.count -= usize::from(std::mem::replace(&mut self.made[value], made));
    }

    /// Done twice, it is undone.
    fn change(&mut self, number: usize) {
        let touched = match self.changes[number] {
            Change::Join(join) => {
                for (operand, flip) in self.operands[join].into_iter().zip(self.flips[join]) {
                    let wanted = usize::from(flip ^ self.complemented[join]);
                    self.wants[operand][wanted] -= 1;
                    self.wants[operand][1 - wanted] += 1;
                }
                self.operands[join]
            }
            Change::Exchange(xor, side) => {
                let operand = self.operands[xor][side];
                match self.exchanged[xor][side] {
                    true => self.exchanges[operand] -= 1,
                    false => self.exchanges[operand] += 1,
                }
                self.exchanged[xor][side] ^= true;
                [operand; 2]
            }
        };
        let turned = std::mem::take(&mut self.turned[number]);
        for &value in &turned {
            self.complemented[value] ^= true;
            self.look(value);
        }
        self.turned[number] = turned;
        touched.into_iter().for_each(|value| self.look(value));
    }
}

/// Values that are held in the other way after `change`, as their operands are.
fn turned(region: &Region<'_, '_>, change: Change) -> Vec<ValueId> {
    let (Change::Join(first) | Change::Exchange(first, _)) = change;
    let mut turns = vec![false; region.values.len() - first];
    turns[0] = true;
    let turns_of = |turns: &[bool], value: ValueId| value >= first && turns[value - first];
    for value in first + 1..region.values.len() {
        turns[value - first] = match region.values[value].origin {
            Origin::Xor([a, b]) => turns_of(&turns, a.value) ^ turns_of(&turns, b.value),
            Origin::Carried(a) => turns_of(&turns, a.value),
            Origin::Leaf | Origin::Join(_) => false,
        };
    }
    (first..region.values.len()).filter(|&value| turns[value - first]).collect()
}

/// The best choice that was found.
pub fn best(region: &Region<'_, '_>) -> Choice {
    let mut search = Search::of(region, unchanged(region));
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let found = |search: &Search| Choice {
        complemented: search.complemented.clone(),
        exchanged: search.exchanged.clone(),
    };
    let (mut fewest, mut best) = (search.count, found(&search));
    let steps = (search.changes.len() * TRIES).min(WORK);
    for step in 0..steps {
        // How much worse is taken with a chance of 1 in e.
        let heat = 0.3 * (1.0 - step as f64 / steps as f64) + 0.05;
        let before = search.count;
        let number = (random.next() % search.changes.len() as u64) as usize;
        search.change(number);
        let worse = search.count as f64 - before as f64;
        let chance = (random.next() >> 11) as f64 / (1u64 << 53) as f64;
        if worse > 0.0 && chance >= (-worse / heat).exp() {
            search.change(number);
        } else if search.count < fewest {
            (fewest, best) = (search.count, found(&search));
        }
    }
    best
}

/// Splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
