//! What wasmtime makes of a module, as the lines of transcript.rs.

use anyhow::{bail, Context, Result};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use wasmtime::{
    Config, Engine, Extern, ExternType, Func, FuncType, Global, HeapType, Instance, Module,
    OptLevel, Ref, Store, Trap, Val, ValType,
};
use wasrisc_proof::fuzz::transcript::{digest, Transcript};
use wasrisc_proof::fuzz::{Call, Case, GLOBAL};

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let mut config = Config::new();
        config.cranelift_opt_level(OptLevel::None);
        config.wasm_wide_arithmetic(true);
        config.wasm_multi_memory(true);
        config.wasm_tail_call(true);
        config.wasm_extended_const(true);
        Engine::new(&config).expect("what this machine can")
    })
}

/// What host functions were called with; they return parts of it.
#[derive(Clone, Default)]
struct Host(Arc<AtomicU64>);

impl Host {
    fn called(&self, value: u64) {
        let state = self.0.load(Ordering::Relaxed);
        self.0.store(digest(state, value), Ordering::Relaxed);
    }

    fn result(&self) -> u64 {
        self.called(1);
        self.0.load(Ordering::Relaxed)
    }
}

pub fn transcript(case: &Case) -> Result<Transcript> {
    let context = || format!("seed {}", case.seed);
    let module = Module::new(engine(), &case.wasm).with_context(context)?;
    let mut store = Store::new(engine(), ());
    let host = Host::default();
    let mut imports = Vec::new();
    for (index, import) in module.imports().enumerate() {
        imports.push(item(&mut store, &host, index, import.ty())?);
    }
    let mut lines = Vec::new();
    match Instance::new(&mut store, &module, &imports) {
        Err(error) => lines.push(trapped("start", &error)?),
        Ok(instance) => {
            lines.push("start".to_string());
            let exports: Vec<Extern> = module
                .exports()
                .filter_map(|e| instance.get_export(&mut store, e.name()))
                .collect();
            for call in &case.calls {
                lines.push(invoke(&mut store, &exports[call.export], call)?);
            }
            state(&mut store, &exports, &mut lines);
        }
    }
    lines.push(format!("host {:#x}", host.0.load(Ordering::Relaxed)));
    Ok(lines)
}

fn item(store: &mut Store<()>, host: &Host, index: usize, ty: ExternType) -> Result<Extern> {
    Ok(match ty {
        ExternType::Func(ty) => function(store, host.clone(), index as u64, ty).into(),
        ExternType::Global(ty) => {
            let value = value(ty.content(), GLOBAL);
            Global::new(store, ty, value)?.into()
        }
        other => bail!("an import that is never bound: {other:?}"),
    })
}

fn function(store: &mut Store<()>, host: Host, index: u64, ty: FuncType) -> Func {
    let types: Vec<ValType> = ty.results().collect();
    Func::new(store, ty, move |_, arguments, results| {
        host.called(index);
        for argument in arguments {
            host.called(bits(argument));
        }
        for (result, ty) in results.iter_mut().zip(&types) {
            *result = match ty {
                ValType::I32 => Val::I32(host.result() as i32),
                ValType::I64 => Val::I64(host.result() as i64),
                ValType::F32 => Val::F32(f32::from(host.result() as u16).to_bits()),
                ValType::F64 => Val::F64(f64::from(host.result() as u16).to_bits()),
                reference => value(reference, 0),
            };
        }
        Ok(())
    })
}

/// An integer as a number of this type; null for references.
fn value(ty: &ValType, number: u64) -> Val {
    match ty {
        ValType::I32 => Val::I32(number as i32),
        ValType::I64 => Val::I64(number as i64),
        ValType::F32 => Val::F32((number as f32).to_bits()),
        ValType::F64 => Val::F64((number as f64).to_bits()),
        reference => Val::null_ref(match reference {
            ValType::Ref(reference) => reference.heap_type(),
            _ => &HeapType::Func,
        }),
    }
}

/// References are whether they are not null.
fn bits(value: &Val) -> u64 {
    match value {
        Val::I32(value) => u64::from(*value as u32),
        Val::I64(value) => *value as u64,
        Val::F32(bits) => u64::from(*bits),
        Val::F64(bits) => *bits,
        reference => u64::from(reference.ref_().is_some_and(|r| !r.is_null())),
    }
}

fn seen(value: &Val) -> String {
    match value.ref_() {
        Some(reference) if reference.is_null() => "null".to_string(),
        Some(_) => "ref".to_string(),
        None => format!("{:#x}", bits(value)),
    }
}

/// `line` and the code of the trap by runtime/wasrisc.h. Indices outside of a
/// table are one trap to wasmtime, and so here.
fn trapped(line: &str, error: &anyhow::Error) -> Result<String> {
    let Some(trap) = error.downcast_ref::<Trap>() else { bail!("no trap: {error:#}") };
    let code = match trap {
        Trap::UnreachableCodeReached => 1,
        Trap::MemoryOutOfBounds | Trap::HeapMisaligned => 2,
        Trap::IntegerDivisionByZero => 3,
        Trap::IntegerOverflow => 4,
        Trap::BadConversionToInteger => 5,
        Trap::IndirectCallToNull => 7,
        Trap::BadSignature => 8,
        Trap::TableOutOfBounds => 9,
        Trap::StackOverflow => 10,
        other => bail!("an unexpected trap: {other}"),
    };
    Ok(format!("{line} trap {code}"))
}

fn invoke(store: &mut Store<()>, export: &Extern, call: &Call) -> Result<String> {
    let Extern::Func(function) = export else { bail!("export {} is no function", call.export) };
    let ty = function.ty(&*store);
    let argument = |(ty, bits): (ValType, &u64)| match ty {
        ValType::F32 => Val::F32(*bits as u32),
        ValType::F64 => Val::F64(*bits),
        ty => value(&ty, *bits),
    };
    let arguments: Vec<Val> = ty.params().zip(&call.arguments).map(argument).collect();
    let mut results: Vec<Val> = ty.results().map(|ty| value(&ty, 0)).collect();
    match function.call(&mut *store, &arguments, &mut results) {
        Err(error) => trapped("call", &error),
        Ok(()) => {
            let results = results.iter().map(|value| format!(" {}", seen(value)));
            Ok(format!("call{}", results.collect::<String>()))
        }
    }
}

fn state(store: &mut Store<()>, exports: &[Extern], lines: &mut Transcript) {
    let mut globals = String::from("globals");
    for global in exports.iter().filter_map(|e| e.clone().into_global()) {
        globals += &format!(" {}", seen(&global.get(&mut *store)));
    }
    lines.push(globals);
    for memory in exports.iter().filter_map(|e| e.clone().into_memory()) {
        let words = memory.data(&*store).chunks_exact(8);
        let word =
            |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        let sum = words.fold(0, |sum, bytes| digest(sum, word(bytes)));
        lines.push(format!("memory {} {sum:#x}", memory.size(&*store)));
    }
    for table in exports.iter().filter_map(|e| e.clone().into_table()) {
        let size = table.size(&*store);
        let mut sum = 0;
        for index in 0..size {
            let entry = table.get(&mut *store, index);
            sum = digest(sum, u64::from(entry.is_some_and(|e: Ref| !e.is_null())));
        }
        lines.push(format!("table {size} {sum:#x}"));
    }
}
