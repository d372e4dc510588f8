//! Which functions of two programs are the same one of the source, and what the
//! rest of a program's functions are for.
//!
//! Names differ by how they were built. Go's linker writes `_` for every
//! character of a wasm function's name but letters, digits, `_` and `.`; for
//! machines it adds `.abi0` to assembly called from Go, and `-tramp0` to the
//! jumps it inserts for far calls. What is written in assembly for one machine
//! and in Go, or under another name, for another is in [`OTHER_NAMES`], unless it
//! is called alike but for `Generic` ([`generics`]). Names are made alike by doing
//! all of that to both sides; in the rare case that two functions of one program
//! are alike then, they are counted together.

use std::collections::BTreeMap;

use super::profile::Origin;

/// What the same code is called in Go's ports, each as [`key`] has it: the
/// bodies that one port jumps to, the other's own name or other body.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("cmpbody", "compare"),
    ("memeqbody", "runtime.memequal"),
    ("memchr", "indexByteBig"),
    ("indexbytebody", "indexByteBig"),
    ("countbody", "internal_bytealg.Count"),
    ("internal_bytealg.countGeneric", "internal_bytealg.Count"),
    ("internal_bytealg.countGenericString", "internal_bytealg.CountString"),
];

/// The rest of a pipeline's runtime.
const REST: &str = "[runtime: loading the module, WASI, tables, traps]";

/// What a pipeline's runtime does for a module again and again, and how the
/// functions are recognised that do it.
const RUNTIME: &[(&str, &[&str])] = &[
    (
        "[runtime: memory.copy, with libc's copying]",
        &["memory_copy", "memmove", "memcpy", "_wordcopy_"],
    ),
    ("[runtime: memory.fill, with libc's memset]", &["memory_fill", "memset"]),
    ("[runtime: memory.grow]", &["memory_grow"]),
    // As compilers call the routines of libgcc: `__adddf3`, `__fixdfdi`.
    ("[runtime: floating point by integers]", &["__fix", "__float", "sf2", "sf3", "df2", "df3"]),
];

/// Functions with one key are the same function; a pipeline's are by what they
/// do.
pub fn key(origin: Origin, name: &str) -> String {
    match origin {
        Origin::Guest => guest_key(name),
        Origin::Pipeline => {
            let of = |(_, parts): &&(&str, &[&str])| parts.iter().any(|part| name.contains(part));
            RUNTIME.iter().find(of).map_or(REST, |(group, _)| group).to_string()
        }
    }
}

/// Keys of one program that stand for the other's: Go calls `xGeneric` what
/// stands in for the assembly `x`.
pub fn generics<V>(
    own: &BTreeMap<String, V>,
    other: &BTreeMap<String, V>,
) -> Vec<(String, String)> {
    let pair = |key: &String| {
        let without = key.strip_suffix("Generic")?;
        let stands_in = other.contains_key(without) && !other.contains_key(key);
        stands_in.then(|| (key.clone(), without.to_string()))
    };
    own.keys().filter_map(pair).collect()
}

fn guest_key(name: &str) -> String {
    let name = without_trampoline(name);
    let name = name.strip_suffix(".abi0").unwrap_or(name);
    let kept = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let key: String = name.chars().map(|c| if kept(c) { c } else { '_' }).collect();
    // Go that stands in for assembly.
    if let Some(generic) = key.strip_prefix("math_big.").and_then(|f| f.strip_suffix("_g")) {
        return format!("math_big.{generic}");
    }
    let other = OTHER_NAMES.iter().find(|(name, _)| *name == key);
    other.map_or(key, |(_, same)| same.to_string())
}

fn without_trampoline(name: &str) -> &str {
    match name.rsplit_once("-tramp") {
        Some((function, number)) if number.bytes().all(|b| b.is_ascii_digit()) => function,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs found in profiles of `stateless` and `fibonacci-rust`: directly and
    /// through wasm.
    const PAIRS: &[(&str, &str)] = &[
        ("runtime.mallocgc", "runtime.mallocgc"),
        ("runtime.mallocgc-tramp0", "runtime.mallocgc"),
        ("runtime.memequal-tramp1", "runtime.memequal"),
        ("runtime.newstack.abi0", "runtime.newstack"),
        ("crypto/internal/fips140/subtle.xorBytes.abi0", "crypto_internal_fips140_subtle.xorBytes"),
        (
            "github.com/decred/dcrd/dcrec/secp256k1/v4.(*FieldVal).SquareVal",
            "github.com_decred_dcrd_dcrec_secp256k1_v4.__FieldVal_.SquareVal",
        ),
        (
            "github.com/ethereum/go-ethereum/core/vm.(*EVM).execUntraced",
            "github.com_ethereum_go_ethereum_core_vm.__EVM_.execUntraced",
        ),
        (
            "github.com/minio/sha256-simd.blockGeneric",
            "github.com_minio_sha256_simd.blockGeneric",
        ),
        (
            "github.com/ethereum/go-ethereum/common/lru.(*SizeConstrainedCache[go.shape.[32]uint8,go.shape.[]uint8]).Add",
            "github.com_ethereum_go_ethereum_common_lru.__SizeConstrainedCache_go.shape._32_uint8_go.shape.__uint8__.Add",
        ),
        ("type:.eq.[2]string", "type_.eq._2_string"),
        ("math/big.mulAddVWW", "math_big.mulAddVWW_g"),
        ("math/big.subVV.abi0", "math_big.subVV_g"),
        ("compare", "cmpbody"),
        ("indexByteBig", "memchr"),
        ("runtime.memequal", "memeqbody"),
        ("internal/bytealg.Count", "internal_bytealg.countGeneric"),
        (
            "wasrisc_guest::run::<fibonacci_rust::main::{closure#0}>",
            "wasrisc_guest::run::<fibonacci_rust::main::{closure#0}>",
        ),
    ];

    #[test]
    fn the_same_function_has_one_key() {
        for (direct, wasm) in PAIRS {
            assert_eq!(guest_key(direct), guest_key(wasm));
        }
    }

    #[test]
    fn other_functions_have_other_keys() {
        let names = [
            "runtime.memequal",
            "runtime.memmove",
            "runtime.memequal-trampoline",
            "math/big.nat.add",
            "math/big.addVV",
            "main.main_g",
            "main.main",
            "core/vm.(*EVM).Call",
            "core/vm.EVM.Call",
            "internal/bytealg.CountString",
            "internal/bytealg.Count",
        ];
        let keys: std::collections::BTreeSet<String> = names.map(guest_key).into();
        assert_eq!(keys.len(), names.len(), "{keys:?}");
    }

    #[test]
    fn what_stands_in_for_assembly() {
        let keys = |keys: &[&str]| keys.iter().map(|k| (k.to_string(), ())).collect();
        let wasm: BTreeMap<String, ()> =
            keys(&["a.blockGeneric", "b.block", "b.blockGeneric", "c.xGeneric", "d.yGeneric"]);
        let direct = keys(&["a.block", "b.block", "c.x", "c.xGeneric"]);
        let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
        assert_eq!(
            generics(&wasm, &direct),
            [pair("a.blockGeneric", "a.block"), pair("b.blockGeneric", "b.block")]
        );
        assert_eq!(generics(&direct, &wasm), []);
    }

    #[test]
    fn a_runtime_is_grouped_by_what_it_does() {
        let copy = "[runtime: memory.copy, with libc's copying]";
        let fill = "[runtime: memory.fill, with libc's memset]";
        let float = "[runtime: floating point by integers]";
        let cases = [
            ("wasmtime::runtime::vm::libcalls::memory_copy", copy),
            ("wasmtime::runtime::vm::libcalls::raw::memory_copy", copy),
            ("wasmtime_builtin_memory_copy", copy),
            ("memmove", copy),
            ("_wordcopy_fwd_dest_aligned", copy),
            ("wasmtime::runtime::vm::libcalls::memory_fill", fill),
            ("memset", fill),
            ("wasrisc_memory_copy", copy),
            ("memcpy", copy),
            ("__adddf3", float),
            ("__ledf2", float),
            ("__extendsfdf2", float),
            ("__floatundidf", float),
            ("__clzdi2", REST),
            ("_int_malloc", REST),
            ("signatures[4]::wasm_to_array_trampoline", REST),
            ("<wasrisc_wasmtime_wasi::Wasi>::clock_time_get", REST),
        ];
        for (name, group) in cases {
            assert_eq!(key(Origin::Pipeline, name), group, "{name}");
            assert_ne!(key(Origin::Guest, name), group, "{name}");
        }
    }
}
