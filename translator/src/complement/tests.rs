//! Random regions do what they did, and Keccak's step chi needs fewer complements.

use super::operator::{Kind, Width};
use super::region::Region;
use super::{fewer, search};
use crate::types::Type;
use std::collections::BTreeMap;
use wasmparser::{BlockType, MemArg, Operator};

const LOCALS: u32 = 6;
const PLACE: u64 = 4;

fn at(place: u64) -> MemArg {
    MemArg { align: 3, max_align: 3, offset: 8 * place, memory: 0 }
}

/// How often a loop's body runs.
const TURNS: u32 = 3;

/// Memory, what is left on the stack after `operators`, and what their branches looked
/// at.
type Outcome = (BTreeMap<u64, u64>, Vec<u64>, Vec<u64>);

fn run(operators: &[Operator<'_>]) -> Outcome {
    use Operator as O;
    let (mut at, mut start, mut turns, mut conditions) = (0, 0, 0, Vec::new());
    let mut locals: Vec<u64> =
        (0..u64::from(LOCALS)).map(|l| (l + 3).wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
    let mut memory: BTreeMap<u64, u64> =
        (0..PLACE).map(|p| (8 * p, p.wrapping_mul(0x1234_5678_9ABC_DEF1))).collect();
    let mut stack: Vec<u64> = Vec::new();
    while let Some(operator) = operators.get(at) {
        at += 1;
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
            O::I64MulWideU => {
                let product = u128::from(pop()) * u128::from(pop());
                stack.push(product as u64);
                Some((product >> 64) as u64)
            }
            O::Loop { .. } => {
                start = at;
                None
            }
            O::BrIf { .. } => {
                conditions.push(pop());
                turns += 1;
                at = if turns < TURNS { start } else { at };
                None
            }
            O::Block { .. } | O::End => None,
            _ => panic!("{operator:?}"),
        };
        stack.extend(result);
    }
    (memory, stack, conditions)
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
        match (random.below(15), height) {
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
            (13, 2..) => operators.push(O::I64MulWideU),
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

/// `body` in turns.
fn in_a_loop(body: Vec<Operator<'static>>, condition: u32) -> Vec<Operator<'static>> {
    use Operator as O;
    let mut operators = vec![O::Loop { blockty: BlockType::Empty }];
    operators.extend(body);
    operators.extend([O::LocalGet { local_index: condition }, O::I32WrapI64]);
    operators.extend([O::BrIf { relative_depth: 0 }, O::End]);
    operators
}

fn do_what_they_did(make: impl Fn(&mut Random, usize) -> Vec<Operator<'static>>) {
    let mut random = Random(1);
    let locals = vec![Type::I64; LOCALS as usize];
    let mut changed = 0;
    for round in 0..300 {
        let mut operators = make(&mut random, 60 + round % 160);
        let read = random.below(u64::from(LOCALS)) as u32;
        operators.extend([Operator::Block { blockty: BlockType::Empty }, Operator::End]);
        operators.extend((0..read).map(|local_index| Operator::LocalGet { local_index }));
        let better = fewer(operators.clone(), &locals, &[]);
        changed += usize::from(operators != better);
        assert_eq!(run(&operators), run(&better), "round {round}: {operators:?}\n{better:?}");
    }
    assert!(changed > 80, "only {changed} regions were changed");
}

#[test]
fn random_regions_do_what_they_did() {
    do_what_they_did(random_region);
}

#[test]
fn random_loops_do_what_they_did() {
    do_what_they_did(|random, length| {
        let body = random_region(random, length);
        in_a_loop(body, random.below(u64::from(LOCALS)) as u32)
    });
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
    let region = Region::of(&operators, false, &|_| Some(Width::I64), &|_| true);
    let needed = |choice| search::complements(&region, &choice);
    assert_eq!(needed(search::unchanged(&region)), 10);
    let best = needed(search::best(&region));
    assert!(best <= 6, "{best} complements");
}

#[test]
fn boundaries_are_left_as_they_are() {
    let mut operators = chi();
    operators.insert(20, Operator::Nop);
    operators.insert(8, Operator::Return);
    let better = fewer(operators.clone(), &[Type::I64; 15], &[]);
    let boundaries = |operators: &[Operator<'_>]| {
        operators.iter().filter(|operator| Kind::of(operator) == Kind::Boundary).count()
    };
    assert_eq!(boundaries(&operators), boundaries(&better));
    assert_eq!(operators[..8], better[..8], "a region with too few complements");
}

/// A round of Keccak on locals 0 to 24 (FIPS 202, section 3.2): lane (x, y) is local
/// x + 5 y.
fn keccak_round() -> Vec<Operator<'static>> {
    use Operator as O;
    const PARITY: u32 = 25;
    const TURNED: u32 = 30;
    const MOVED: u32 = 35;
    let get = |local_index| O::LocalGet { local_index };
    let set = |local_index| O::LocalSet { local_index };
    let mut operators = Vec::new();
    for x in 0..5 {
        operators.push(get(x));
        operators.extend((1..5).flat_map(|y| [get(x + 5 * y), O::I64Xor]));
        operators.push(set(PARITY + x));
    }
    for x in 0..5 {
        operators.extend([get(PARITY + (x + 1) % 5), O::I64Const { value: 1 }, O::I64Rotl]);
        operators.extend([get(PARITY + (x + 4) % 5), O::I64Xor, set(TURNED + x)]);
    }
    for lane in 0..25 {
        let (x, y) = (lane % 5, lane / 5);
        operators.extend([get(lane), get(TURNED + x), O::I64Xor]);
        operators.extend([O::I64Const { value: i64::from(lane) }, O::I64Rotl]);
        operators.push(set(MOVED + y + 5 * ((2 * x + 3 * y) % 5)));
    }
    for lane in 0..25 {
        let beside = |by| get(MOVED + (lane % 5 + by) % 5 + lane / 5 * 5);
        operators.extend([beside(2), beside(1), O::I64Const { value: -1 }, O::I64Xor]);
        operators.extend([O::I64And, beside(0), O::I64Xor, set(lane)]);
    }
    operators.extend([get(0), O::I64Const { value: 0x8082 }, O::I64Xor, set(0)]);
    operators
}

#[test]
fn a_round_of_keccak_needs_few() {
    let operators = keccak_round();
    for (turns, most) in [(false, 12), (true, 7)] {
        let region = Region::of(&operators, turns, &|_| Some(Width::I64), &|local| local < 25);
        let needed = search::complements(&region, &search::best(&region));
        assert!(needed <= most, "{needed} complements");
    }
}

/// As Go's libraries have it: four rounds without a loop, the state in memory after
/// each.
#[test]
fn rounds_with_the_state_in_memory_need_no_more() {
    use Operator as O;
    let stores = (0..25).flat_map(|lane| {
        let address = [O::I32Const { value: 0 }, O::LocalGet { local_index: lane }];
        address.into_iter().chain([O::I64Store { memarg: at(u64::from(lane)) }])
    });
    let round: Vec<_> = keccak_round().into_iter().chain(stores).collect();
    let operators = [&round[..]; 4].concat();
    let region = Region::of(&operators, false, &|_| Some(Width::I64), &|_| false);
    let needed = |choice| search::complements(&region, &choice);
    assert_eq!(needed(search::unchanged(&region)), 100);
    let best = needed(search::best(&region));
    assert!(best <= 52, "{best} complements");
}

/// A change of any value turns all behind it: no other change is near it.
#[test]
fn a_search_without_neighbours_ends() {
    use Operator as O;
    let get = |local_index| O::LocalGet { local_index };
    let mut operators = vec![get(0), get(1), O::I64And];
    for _ in 0..31 {
        operators.extend([O::I64Const { value: -1 }, O::I64Xor]);
        operators.extend([O::I64Const { value: 7 }, O::I64Rotl]);
    }
    assert_eq!(run(&operators), run(&fewer(operators.clone(), &[Type::I64; 2], &[])));
}

/// What a fast version of Go's follows is itself, whatever it would save.
#[test]
fn what_is_followed_is_left_as_it_is() {
    use Operator as O;
    let get = |local_index| O::LocalGet { local_index };
    let complement = [O::I64Const { value: -1 }, O::I64Xor];
    let mut body = Vec::new();
    for place in 0..7 {
        body.extend([O::I32Const { value: 0 }, get(0), get(1 + place as u32)]);
        body.push(O::I64Xor);
        body.extend(complement.clone());
        body.extend([get(8), O::I64And, O::I64Store { memarg: at(place) }]);
    }
    body.extend([get(9), O::LocalSet { local_index: 0 }]);
    let operators = in_a_loop(body, 9);
    let turned = |plain: &[u32]| {
        let better = fewer(operators.clone(), &[Type::I64; 10], plain);
        let first = better.iter().position(|operator| matches!(operator, O::Loop { .. }));
        first.expect("its loop") > 0
    };
    assert_eq!([turned(&[]), turned(&[0])], [true, false]);
}

/// The locals that are read behind `nop`, of four.
#[test]
fn what_is_live() {
    for (body, expected) in [
        ("nop (drop (local.get 1))", "1"),
        ("nop (local.set 1 (local.get 2)) (drop (local.get 1))", "2"),
        ("nop (if (local.get 0) (then (drop (local.get 1))) (else (drop (local.get 2))))", "012"),
        ("(if (local.get 0) (then nop) (else (drop (local.get 2)))) (drop (local.get 3))", "3"),
        ("(block nop (br_if 0 (local.get 0)) (drop (local.get 1)) (return)) (drop (local.get 2))", "012"),
        ("(block (block nop (br_table 0 1 (local.get 0))) (drop (local.get 1)) (return)) (drop (local.get 2))", "012"),
        ("(block nop (br 0) (drop (local.get 1))) (drop (local.get 2))", "2"),
        ("nop unreachable (drop (local.get 1))", ""),
        ("(loop (drop (local.get 1)) nop (br_if 0 (local.get 0)) (local.set 1 (i32.const 0)))", "01"),
        ("(loop (local.set 1 (i32.const 0)) nop (br_if 0 (local.get 0)))", "0"),
        ("(loop (loop nop (br_if 0 (local.get 0))) (drop (local.get 2)) (local.set 2 (local.get 3)) (br_if 1 (local.get 1)) (br 0))", "0123"),
        ("(loop (loop (br_if 1 (local.get 0)) nop) (local.set 1 (local.get 2)) (br 0) (drop (local.get 3)))", "02"),
    ] {
        let text = format!("(module (func (param i32 i32 i32 i32) {body}))");
        let bytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let operators = wasmparser::Parser::new(0).parse_all(&bytes).find_map(|payload| {
            let wasmparser::Payload::CodeSectionEntry(code) = payload.ok()? else { return None };
            code.get_operators_reader().ok()?.into_iter().collect::<Result<Vec<_>, _>>().ok()
        });
        let operators = operators.expect("a body");
        let at = operators.iter().position(|operator| matches!(operator, Operator::Nop));
        let live = super::live::at(&operators, 4, &[at.expect("a nop")]).expect("all is known");
        let found: String = (0..4).filter(|l| live[0][*l]).map(|l| l.to_string()).collect();
        assert_eq!(found, expected, "{body}");
    }
}
