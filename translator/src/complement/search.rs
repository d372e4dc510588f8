//! Which values of a region are held as complements, so that few complements are
//! made: what joins are, what a loop carries, and which operands xors exchange.
//!
//! Alone, a change costs: a column of Keccak's state as complements pays only once
//! several operators around it have changed too. So each round makes one change, of a
//! value or of several at once, then all single changes that are for the better, and
//! only then is it looked at. Worse is taken for a while, the less the later. The
//! numbers are from a generator with a fixed seed: a region has one result.

use super::changes::{followers, Change, Changes};
use super::region::{Choice, Consumption, Operand, Origin, Region, ValueId, Want};
use std::collections::BTreeSet;

/// How much worse is taken at first with a chance of 1 in e, in complements.
const HOT: f64 = 0.2;
/// It is begun anew once for so many, by the square of the complements that a region
/// makes.
const START: usize = 8;

/// Changes looked at in a start, by the square of the complements.
const LOOKS: usize = 400;

/// At most so many starts of so many looks: what a loop carries is found by many short
/// ones, what has both its ends given by few that are long.
struct Effort {
    starts: usize,
    looks: usize,
}

const IN_A_LOOP: Effort = Effort { starts: 64, looks: 120_000 };
const ALONG: Effort = Effort { starts: 4, looks: 150_000 };

/// Where a part of a start found nothing better than what descent alone does, nor will
/// the rest of it, one in so many.
const PATIENCE: usize = 8;

/// What a complement costs that is made in the region, and what a value costs that is
/// turned before a loop and again behind it, once for all turns.
const MADE: usize = 8;
const CARRIED: usize = 2;

/// What `choice` costs.
pub fn cost(region: &Region<'_, '_>, choice: &Choice) -> usize {
    let carried = region.carried.iter().filter(|(_, value)| choice.complemented[*value]);
    MADE * complements(region, choice) + CARRIED * carried.count()
}

/// How many complements `choice` makes: each value's once, and one for each operand
/// that an xor exchanges, since compilers take that from the operand to the result.
pub fn complements(region: &Region<'_, '_>, choice: &Choice) -> usize {
    let mut made = vec![false; region.values.len()];
    let mut exchanged = 0;
    for Consumption { operand, want, .. } in &region.consumptions {
        let other = choice.wanted(*operand, *want) != choice.complemented[operand.value];
        match want {
            Want::Xor(..) => exchanged += usize::from(other),
            _ => made[operand.value] |= other,
        }
    }
    exchanged + made.iter().filter(|made| **made).count()
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
        let held = |choice: &Choice, side: usize, operand: Operand| {
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
    operands: Vec<[ValueId; 2]>,
    /// What is held as each value is, and whether it is its complement by meaning.
    followers: Vec<Vec<Operand>>,
    complemented: Vec<bool>,
    exchanged: Vec<[bool; 2]>,
    /// Uses of each value by what they want of it, itself or its complement.
    wants: Vec<[u32; 2]>,
    exchanges: Vec<u32>,
    made: Vec<usize>,
    /// What each value costs that is held as its complement.
    own: Vec<usize>,
    cost: usize,
    /// Single changes to look at: turns before exchanges, which undo what those would
    /// do better.
    pending: BTreeSet<usize>,
    looks: usize,
}

impl Search {
    fn of(region: &Region<'_, '_>, changes: &Changes) -> Search {
        let choice = unchanged(region);
        let count = region.values.len();
        let mut operands = vec![[0; 2]; count];
        for (value, node) in region.values.iter().enumerate() {
            if let Origin::Xor([a, b]) = node.origin {
                operands[value] = [a.value, b.value];
            }
        }
        let mut own = vec![0; count];
        for &(_, value) in &region.carried {
            own[value] = CARRIED;
        }
        let (followers, mut wants) = (followers(region), vec![[0; 2]; count]);
        for Consumption { operand, want, .. } in &region.consumptions {
            if matches!(want, Want::As(_) | Want::Meaning) {
                wants[operand.value][usize::from(choice.wanted(*operand, *want))] += 1;
            }
        }
        let Choice { complemented, exchanged } = choice;
        let (exchanges, made) = (vec![0; count], vec![0; count]);
        let (cost, looks) = (0, 0);
        let pending = (0..changes.single.len()).collect();
        let mut search = Search {
            operands,
            followers,
            complemented,
            exchanged,
            wants,
            exchanges,
            made,
            own,
            cost,
            pending,
            looks,
        };
        (0..count).for_each(|value| search.look(value));
        search
    }

    /// Counts a value's complement as it is now.
    fn look(&mut self, value: ValueId) {
        let other = self.wants[value][usize::from(!self.complemented[value])];
        let made = self.exchanges[value] as usize + usize::from(other > 0);
        self.cost += MADE * made;
        self.cost -= MADE * std::mem::replace(&mut self.made[value], made);
    }

    fn turn(&mut self, value: ValueId) {
        self.complemented[value] ^= true;
        match self.complemented[value] {
            true => self.cost += self.own[value],
            false => self.cost -= self.own[value],
        }
        self.look(value);
    }

    /// Done twice, it is undone.
    fn change(&mut self, change: &Change) {
        for &value in &change.turns {
            for Operand { value: follower, flip } in &self.followers[value] {
                let wanted = usize::from(flip ^ self.complemented[value]);
                self.wants[*follower][wanted] -= 1;
                self.wants[*follower][1 - wanted] += 1;
            }
        }
        for &value in &change.turned {
            self.turn(value);
        }
        for &value in &change.turns {
            for number in 0..self.followers[value].len() {
                self.look(self.followers[value][number].value);
            }
        }
        for &(xor, side) in &change.exchanges {
            let operand = self.operands[xor][side];
            match self.exchanged[xor][side] {
                true => self.exchanges[operand] -= 1,
                false => self.exchanges[operand] += 1,
            }
            self.exchanged[xor][side] ^= true;
            self.look(operand);
        }
    }

    /// The best choice, and what it costs.
    fn anneal(&mut self, changes: &Changes, most: usize, random: &mut Random) -> (usize, Choice) {
        let mut done = Vec::new();
        self.descend(changes, &mut done);
        let first = self.cost;
        let mut best = (first, self.found());
        while self.looks < most {
            // How much worse is taken with a chance of 1 in e.
            let heat = MADE as f64 * (HOT * (1.0 - self.looks as f64 / most as f64) + 0.05);
            let (before, looked) = (self.cost, self.looks);
            let kick = changes.kick(random);
            self.make(changes, kick);
            done.clear();
            self.descend(changes, &mut done);
            // What turns too much has nothing near it to look at.
            self.looks = self.looks.max(looked + 1);
            let worse = self.cost as f64 - before as f64;
            let chance = (random.next() >> 11) as f64 / (1u64 << 53) as f64;
            if worse > 0.0 && chance >= (-worse / heat).exp() {
                done.iter().for_each(|&number| self.change(&changes.single[number]));
                self.change(kick);
            } else if self.cost < best.0 {
                best = (self.cost, self.found());
            }
            if best.0 == first && self.looks > most / PATIENCE {
                break;
            }
        }
        best
    }

    fn found(&self) -> Choice {
        Choice { complemented: self.complemented.clone(), exchanged: self.exchanged.clone() }
    }

    /// Makes a change, after which others may be for the better.
    fn make(&mut self, changes: &Changes, change: &Change) {
        self.change(change);
        for value in &change.touched {
            self.pending.extend(&changes.beside[*value]);
        }
    }

    /// Makes single changes for the better while there are any, and notes them.
    fn descend(&mut self, changes: &Changes, done: &mut Vec<usize>) {
        while let Some(number) = self.pending.pop_first() {
            self.looks += 1;
            let (change, before) = (&changes.single[number], self.cost);
            self.change(change);
            let better = self.cost < before;
            self.change(change);
            if better {
                done.push(number);
                self.make(changes, change);
            }
        }
    }
}

/// The best choice that was found.
pub fn best(region: &Region<'_, '_>) -> Choice {
    let changes = Changes::of(region);
    if changes.turns == 0 {
        return unchanged(region);
    }
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let complements = complements(region, &unchanged(region));
    let effort = if region.carried.is_empty() { ALONG } else { IN_A_LOOP };
    let starts = (complements * complements / START).clamp(1, effort.starts);
    let looks = (complements * complements * LOOKS).min(effort.looks);
    let mut start = || Search::of(region, &changes).anneal(&changes, looks, &mut random);
    let mut best = start();
    if best.0 == cost(region, &unchanged(region)) {
        return best.1;
    }
    for _ in 1..starts {
        let found = start();
        if found.0 < best.0 {
            best = found;
        }
    }
    best.1
}

/// Splitmix64.
pub struct Random(u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
