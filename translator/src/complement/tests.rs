//! Random regions do what they did, and Keccak's step chi needs fewer complements.

use super::operator::{Kind, Width};
use super::region::Region;
use super::{fewer, search};
use crate::types::Type;
use std::collections::BTreeMap;
use wasmparser::{MemArg, Operator};

const LOCALS: u32 = 6;
const PLACE: u64 = 4;

fn at(place: u64) -> MemArg {
    MemArg { align: 3, max_align: 3, offset: 8 * place, memory: 0 }
}

/// Locals, memory and what is left on the stack after `operators`.
fn run(operators: &[Operator<'_>]) -> (Vec<u64>, BTreeMap<u64, u64>, Vec<u64>) {
    use Operator as O;
    let mut locals: Vec<u64> =
        (0..u64::from(LOCALS)).map(|l| (l + 3).wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
    let mut memory: BTreeMap<u64, u64> =
        (0..PLACE).map(|p| (8 * p, p.wrapping_mul(0x1234_5678_9ABC_DEF1))).collect();
    let mut stack: Vec<u64> = Vec::new();
    for operator in operators {
        let mut pop = || stack.pop().expect("a value");
        let result = match *operator {
            O::LocalGet { local_index } => Some(locals[local_index as usize]),
            O::LocalSet { local_index } => {
                locals[local_index as usize] = pop();
                None
            }
            O::LocalTee { local_index } => {
                locals[local_index as usize] = pop();
                Some(locals[local_index as usize])
            }
            O::I64Const { value } => Some(value as u64),
            O::I32Const { value } => Some(u64::from(value as u32)),
            O::I64And => Some(pop() & pop()),
            O::I64Or => Some(pop() | pop()),
            O::I64Xor | O::I32Xor => Some(pop() ^ pop()),
            O::I64Add => Some(pop().wrapping_add(pop())),
            O::I64Rotl => {
                let by = pop();
                Some(pop().rotate_left((by % 64) as u32))
            }
            O::Select => {
                let (condition, second, first) = (pop(), pop(), pop());
                Some(if condition as u32 != 0 { first } else { second })
            }
            O::I32WrapI64 => Some(u64::from(pop() as u32)),
            O::I64ExtendI32S => Some(pop() as u32 as i32 as u64),
            O::I64Load { memarg } => {
                pop();
                Some(memory[&memarg.offset])
            }
            O::I64Store { memarg } => {
                let value = pop();
                pop();
                memory.insert(memarg.offset, value);
                None
            }
            _ => panic!("{operator:?}"),
        };
        stack.extend(result);
    }
    (locals, memory, stack)
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Of i64 values only, where `address` is a local that nothing sets.
fn random_region(random: &mut Random, length: usize) -> Vec<Operator<'static>> {
    use Operator as O;
    let mut operators = Vec::new();
    let mut height = 0;
    while operators.len() < length {
        let local_index = random.below(u64::from(LOCALS)) as u32;
        let memarg = at(random.below(PLACE));
        let address = O::I32Const { value: 0 };
        match (random.below(14), height) {
            (0..=3, _) | (_, 0) => {
                operators.push(O::LocalGet { local_index });
                height += 1;
            }
            (4, _) => operators.push(O::LocalTee { local_index }),
            (5, _) => {
                operators.push(O::LocalSet { local_index });
                height -= 1;
            }
            (6 | 7, _) => operators.extend([O::I64Const { value: -1 }, O::I64Xor]),
            (8, _) => {
                operators.extend([address, O::I64Load { memarg }]);
                height += 1;
            }
            (9, _) => {
                // The value is above the address.
                operators.extend([
                    O::LocalSet { local_index },
                    address,
                    O::LocalGet { local_index },
                    O::I64Store { memarg },
                ]);
                height -= 1;
            }
            (10, _) => operators.extend([O::I64Const { value: 7 }, O::I64Rotl]),
            (11, 3..) => {
                operators.push(O::I32WrapI64);
                operators.push(O::Select);
                height -= 2;
            }
            (12, _) => operators.extend([O::I32WrapI64, O::I64ExtendI32S]),
            (which, 2..) => {
                let joins = [O::I64And, O::I64Or, O::I64Xor, O::I64And, O::I64Add];
                operators.push(joins[((which + random.below(5)) % 5) as usize].clone());
                height -= 1;
            }
            _ => {}
        }
    }
    operators
}

#[test]
fn random_regions_do_what_they_did() {
    let mut random = Random(1);
    let locals = vec![Type::I64; LOCALS as usize];
    let mut changed = 0;
    for round in 0..400 {
        let operators = random_region(&mut random, 40 + round % 120);
        let better = fewer(operators.clone(), &locals);
        changed += usize::from(operators != better);
        assert_eq!(run(&operators), run(&better), "round {round}: {operators:?}\n{better:?}");
    }
    assert!(changed > 100, "only {changed} regions were changed");
}

/// Two rounds of chi over a row of five lanes, with an exclusive or between them.
fn chi() -> Vec<Operator<'static>> {
    use Operator as O;
    let get = |local_index| O::LocalGet { local_index };
    let mut operators = Vec::new();
    for (from, to) in [(0, 5), (5, 10)] {
        for lane in 0..5 {
            operators.extend([
                get(from + (lane + 2) % 5),
                get(from + (lane + 1) % 5),
                O::I64Const { value: -1 },
                O::I64Xor,
                O::I64And,
                get(from + lane),
                O::I64Xor,
                O::LocalSet { local_index: to + lane },
            ]);
        }
    }
    operators
}

#[test]
fn keccak_needs_fewer() {
    let operators = chi();
    let region = Region::of(&operators, &|_| Some(Width::I64));
    let needed = |choice| search::complements(&region, &choice);
    assert_eq!(needed(search::unchanged(&region)), 10);
    let best = needed(search::best(&region));
    assert!(best <= 8, "{best} complements");
}

#[test]
fn boundaries_are_left_as_they_are() {
    let mut operators = chi();
    operators.insert(20, Operator::Nop);
    operators.insert(8, Operator::Return);
    let better = fewer(operators.clone(), &[Type::I64; 15]);
    let boundaries = |operators: &[Operator<'_>]| {
        operators.iter().filter(|operator| Kind::of(operator) == Kind::Boundary).count()
    };
    assert_eq!(boundaries(&operators), boundaries(&better));
    assert_eq!(operators[..8], better[..8], "a region with too few complements");
}
