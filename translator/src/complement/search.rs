//! Which values of a region are held as complements, so that few complements are
//! made: what joins are, what a loop carries, and which operands xors exchange.
//!
//! Alone, a change costs: a column of Keccak's state as complements pays only once
//! several operators around it have changed too. So each round makes one change, of a
//! value or of several at once, then all single changes that are for the better, and
//! only then is it looked at. Worse is taken for a while, the less the later. The
//! numbers are from a generator with a fixed seed: a region has one result.

use super::region::{Choice, Consumption, Operand, Origin, Region, ValueId, Want};

/// How much worse is taken at first with a chance of 1 in e, in complements.
const HOT: f64 = 0.2;
/// It is begun anew once for so many, by the square of the complements that a region
/// makes, and at most so often.
const START: usize = 40;
const STARTS: usize = 16;
/// Rounds by the square of the complements that a region makes, and at most.
const ROUNDS: usize = 2;
const MOST: usize = 1_000;

/// Changes looked at in a start, about.
const WORK: usize = 150_000;

/// Of so many values that a loop carries, two are turned at once.
const CARRIES: usize = 64;

/// A change of more values is only tried as the first of a round.
const NEAR: usize = 24;

/// What a complement costs that is made in the region, and what a value costs that is
/// turned before a loop and again behind it, once for all turns.
const MADE: usize = 8;
const CARRIED: usize = 2;

/// What can be changed at once.
#[derive(Debug, Default)]
struct Change {
    /// Joins, or what a loop carries, held otherwise.
    turns: Vec<ValueId>,
    exchanges: Vec<(ValueId, usize)>,
    /// All values that are held otherwise then.
    turned: Vec<ValueId>,
}

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

/// All changes of one value or use of it; those of more.
fn changes(region: &Region<'_, '_>) -> (Vec<Change>, Vec<Change>) {
    let mut single = Vec::new();
    let mut turning: Vec<ValueId> = region.carried.iter().map(|(_, value)| *value).collect();
    for (value, node) in region.values.iter().enumerate() {
        match node.origin {
            Origin::Join(_) => turning.push(value),
            // The other operand's exchange is the same for the result.
            Origin::Xor(_) => single.push(Change::of(region, Vec::new(), vec![(value, 0)])),
            _ => {}
        }
    }
    // Exchanges undo what turns would do better.
    let turns = turning.iter().map(|&value| Change::of(region, vec![value], Vec::new()));
    single.splice(0..0, turns);
    let mut more = Vec::new();
    // What a loop carries comes first.
    let carried = &turning[..region.carried.len().min(CARRIES)];
    for (second, b) in carried.iter().enumerate() {
        for (other, a) in carried[..second].iter().enumerate() {
            let both = Change::of(region, vec![*a, *b], Vec::new());
            let alone = |number: usize| single[number].turned.len();
            if both.turned.len() < alone(second).max(alone(other)) {
                more.push(both);
            }
        }
    }
    (single, more)
}

impl Change {
    fn of(
        region: &Region<'_, '_>,
        turns: Vec<ValueId>,
        exchanges: Vec<(ValueId, usize)>,
    ) -> Change {
        let mut is = vec![false; region.values.len()];
        for &value in turns.iter().chain(exchanges.iter().map(|(value, _)| value)) {
            is[value] ^= true;
        }
        for value in 0..region.values.len() {
            is[value] ^= match region.values[value].origin {
                Origin::Xor([a, b]) => is[a.value] ^ is[b.value],
                Origin::Carried(a) => is[a.value],
                Origin::Leaf | Origin::Join(_) => false,
            };
        }
        let turned = (0..is.len()).filter(|&value| is[value]).collect();
        Change { turns, exchanges, turned }
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
}

impl Search {
    fn of(region: &Region<'_, '_>, choice: Choice) -> Search {
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
        let (mut followers, mut wants) = (vec![Vec::new(); count], vec![[0; 2]; count]);
        for Consumption { operand, want, .. } in &region.consumptions {
            if let Want::As(value) = want {
                followers[*value].push(*operand);
            }
            if matches!(want, Want::As(_) | Want::Meaning) {
                wants[operand.value][usize::from(choice.wanted(*operand, *want))] += 1;
            }
        }
        let Choice { complemented, exchanged } = choice;
        let (exchanges, made) = (vec![0; count], vec![0; count]);
        let cost = 0;
        #[rustfmt::skip]
        let mut search = Search {
            operands, followers, complemented, exchanged, wants, exchanges, made, own, cost,
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
    fn anneal(
        &mut self,
        single: &[Change],
        kicks: &[&Change],
        random: &mut Random,
    ) -> (usize, Choice) {
        let complements = self.cost / MADE;
        let rounds = (ROUNDS * complements * complements).min(MOST).min(WORK / single.len());
        let mut done = Vec::new();
        self.descend(single, &mut done);
        let mut best = (self.cost, self.found());
        for round in 0..rounds {
            // How much worse is taken with a chance of 1 in e.
            let heat = MADE as f64 * (HOT * (1.0 - round as f64 / rounds as f64) + 0.05);
            let before = self.cost;
            let kick = kicks[(random.next() % kicks.len() as u64) as usize];
            self.change(kick);
            done.clear();
            self.descend(single, &mut done);
            let worse = self.cost as f64 - before as f64;
            let chance = (random.next() >> 11) as f64 / (1u64 << 53) as f64;
            if worse > 0.0 && chance >= (-worse / heat).exp() {
                done.iter().for_each(|&number| self.change(&single[number]));
                self.change(kick);
            } else if self.cost < best.0 {
                best = (self.cost, self.found());
            }
        }
        best
    }

    fn found(&self) -> Choice {
        Choice { complemented: self.complemented.clone(), exchanged: self.exchanged.clone() }
    }

    /// Makes single changes for the better while there are any, and notes them.
    fn descend(&mut self, single: &[Change], done: &mut Vec<usize>) {
        let mut since = 0;
        for (number, change) in single.iter().enumerate().cycle() {
            since += 1;
            if since > single.len() {
                return;
            }
            let before = self.cost;
            if change.turned.len() > NEAR {
                continue;
            }
            self.change(change);
            match self.cost < before {
                true => {
                    done.push(number);
                    since = 0;
                }
                false => self.change(change),
            }
        }
    }
}

/// The best choice that was found.
pub fn best(region: &Region<'_, '_>) -> Choice {
    let (single, more) = changes(region);
    let turns = single.iter().filter(|change| !change.turns.is_empty()).count();
    let kicks: Vec<&Change> = single[..turns].iter().chain(&more).collect();
    if kicks.is_empty() {
        return unchanged(region);
    }
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let complements = complements(region, &unchanged(region));
    // Without a loop there is less to find, and most regions have none.
    let most = if region.carried.is_empty() { STARTS / 4 } else { STARTS };
    let starts = (complements * complements / START).clamp(1, most);
    let found = (0..starts).map(|_| {
        let mut search = Search::of(region, unchanged(region));
        search.anneal(&single, &kicks, &mut random)
    });
    found.min_by_key(|(cost, _)| *cost).expect("it was started").1
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
