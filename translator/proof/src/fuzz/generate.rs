//! A random module and what is asked of it, from its seed alone.

use super::random::Random;
use wasm_smith::{Config, InstructionKind, InstructionKinds, Module};
use wasrisc_translator::link::Kind;
use wasrisc_translator::{translate, Options, Signature, Translation, Type};

/// Calls of functions and turns of loops until a module ends by itself. So few
/// that no stack is exhausted, which engines may do at different depths.
const FUEL: u32 = 300;
/// Bytes of randomness; what they do not decide is decided by zeros, which ends
/// lists and bodies early.
const ENTROPY: usize = 8_000;

/// One module.
pub struct Case {
    pub seed: u64,
    pub wasm: Vec<u8>,
    pub translation: Translation,
    /// By the order of exports.
    pub calls: Vec<Call>,
}

/// A call of an exported function. Arguments are bits; a reference is null.
pub struct Call {
    /// Index among the exports.
    pub export: usize,
    pub signature: Signature,
    pub arguments: Vec<u64>,
}

/// The module of `seed`, translated; all its memory traps are left out if
/// nothing would find them. `prefix` is an option of the translation.
///
/// # Errors
///
/// What the translator says of a module that is valid: a bug of one of the two.
pub fn case(seed: u64, options: &Options, traps: bool) -> Result<Case, String> {
    let mut most_imports = Random::new(seed).below(5) as usize;
    loop {
        let wasm = module(seed, traps, most_imports);
        let bound = bind(&wasm, options);
        match bound {
            Err(_) if most_imports > 0 => most_imports = 0,
            Err(why) => return Err(why),
            Ok(translation) => {
                let calls = calls(seed, &translation);
                return Ok(Case { seed, wasm, translation, calls });
            }
        }
    }
}

fn module(seed: u64, traps: bool, most_imports: usize) -> Vec<u8> {
    let mut random = Random::new(seed);
    let config = config(&mut random, traps, most_imports);
    // Few strings of bytes are no module; then the next may be one.
    loop {
        let entropy = std::iter::repeat_with(|| random.next().to_le_bytes()).take(ENTROPY / 8);
        let entropy: Vec<u8> = entropy.flatten().collect();
        let mut source = arbitrary::Unstructured::new(&entropy);
        if let Ok(mut module) = Module::new(config.clone(), &mut source) {
            module.ensure_termination(FUEL).expect("no body is made of invalid bytes");
            return module.to_bytes();
        }
    }
}

fn config(random: &mut Random, traps: bool, most_imports: usize) -> Config {
    let functions = 2 + random.below(8) as usize;
    // Bodies with control flow soon come to an `unreachable`, so some are without.
    let instructions = match random.below(3) {
        0 => InstructionKinds::new(&[
            InstructionKind::Numeric,
            InstructionKind::Reference,
            InstructionKind::Parametric,
            InstructionKind::Variable,
            InstructionKind::Table,
            InstructionKind::Memory,
        ]),
        _ => InstructionKinds::all(),
    };
    Config {
        allowed_instructions: instructions,
        allow_floats: random.below(4) != 0,
        canonicalize_nans: true,
        disallow_traps: !traps || random.below(2) == 0,
        export_everything: true,
        allow_start_export: true,
        max_imports: most_imports,
        min_funcs: functions,
        max_funcs: functions,
        max_instructions: [20, 60, 150, 300][random.below(4) as usize],
        min_types: 4,
        max_types: 12,
        min_globals: 2,
        max_globals: 8,
        min_memories: u32::from(random.below(4) != 0),
        max_memories: 1 + random.below(3) as usize,
        max_memory32_bytes: 12 << 16,
        memory_max_size_required: true,
        min_tables: u32::from(random.below(2) != 0),
        max_tables: 1 + random.below(3) as usize,
        max_table_elements: 60,
        table_max_size_required: true,
        max_data_segments: 8,
        max_element_segments: 8,
        max_elements: 12,
        tail_call_enabled: true,
        extended_const_enabled: true,
        wide_arithmetic_enabled: true,
        bulk_memory_enabled: true,
        reference_types_enabled: true,
        multi_value_enabled: true,
        saturating_float_to_int_enabled: true,
        sign_extension_ops_enabled: true,
        simd_enabled: false,
        relaxed_simd_enabled: false,
        threads_enabled: false,
        exceptions_enabled: false,
        gc_enabled: false,
        memory64_enabled: false,
        compact_imports_enabled: false,
        ..Config::default()
    }
}

/// Host functions and globals get symbols of their own; other imports and names
/// that C cannot tell apart are errors.
fn bind(wasm: &[u8], options: &Options) -> Result<Translation, String> {
    let translate = |options: &Options| translate(wasm, options).map_err(|e| e.to_string());
    let unbound = translate(options)?;
    let mut options = options.clone();
    for (i, import) in unbound.imports.iter().enumerate() {
        match import.kind {
            Kind::Function(_) | Kind::Global { .. } => {}
            _ => return Err("it imports a memory or a table".to_string()),
        }
        let symbol = format!("{}host{i}", options.prefix);
        let key = (import.module.clone(), import.name.clone());
        if options.imports.insert(key, symbol).is_some() {
            return Err("two imports of one name".to_string());
        }
    }
    if unbound.imports.is_empty() {
        return Ok(unbound);
    }
    translate(&options)
}

fn calls(seed: u64, translation: &Translation) -> Vec<Call> {
    let mut random = Random::new(!seed);
    let mut calls = Vec::new();
    for (export, item) in translation.exports.iter().enumerate() {
        let Kind::Function(signature) = &item.kind else { continue };
        for _ in 0..2 {
            let arguments = signature.params.iter().map(|ty| argument(*ty, &mut random)).collect();
            calls.push(Call { export, signature: signature.clone(), arguments });
        }
    }
    calls
}

fn argument(ty: Type, random: &mut Random) -> u64 {
    let edges = [0, 1, u64::MAX, 1 << 31, (1 << 31) - 1, 1 << 63, (1 << 63) - 1, 65535, 65536];
    let integer = match random.below(3) {
        0 => edges[random.below(edges.len() as u64) as usize],
        1 => random.below(300),
        _ => random.next(),
    };
    let float = match random.below(3) {
        0 => [0.0, -0.0, 1.0, -1.5, f64::INFINITY, 4294967296.0, 1e300, 5e-324]
            [random.below(8) as usize],
        1 => random.below(1000) as f64 / 8.0,
        _ => random.next() as i64 as f64,
    };
    match ty {
        Type::I32 => u64::from(integer as u32),
        Type::I64 => integer,
        Type::F32 => u64::from((float as f32).to_bits()),
        Type::F64 => float.to_bits(),
        Type::Func | Type::Extern => 0,
    }
}
