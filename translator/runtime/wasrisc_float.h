/* Floating point operators beyond + - * / and comparison.
 *
 * NaN: wasm wants a quiet NaN from every arithmetic operator, with the
 * canonical payload if all NaN operands had it. IEEE machines and the soft
 * float libraries do that by themselves; compilers break it by folding
 * (x * 1 to x keeps a signalling NaN), which the contract's flags forbid.
 * abs, neg, copysign, load, store, const and reinterpret move bits and never
 * touch a payload. */
#ifndef WASRISC_FLOAT_H
#define WASRISC_FLOAT_H

WASRISC_INLINE f32 f32_bits(u32 bits) { union { u32 i; f32 f; } u = {.i = bits}; return u.f; }
WASRISC_INLINE f64 f64_bits(u64 bits) { union { u64 i; f64 f; } u = {.i = bits}; return u.f; }
WASRISC_INLINE u32 bits_f32(f32 value) { union { f32 f; u32 i; } u = {.f = value}; return u.i; }
WASRISC_INLINE u64 bits_f64(f64 value) { union { f64 f; u64 i; } u = {.f = value}; return u.i; }

#define WASRISC_F32_SIGN 0x80000000u
#define WASRISC_F64_SIGN 0x8000000000000000ull

WASRISC_INLINE f32 f32_abs(f32 a) { return f32_bits(bits_f32(a) & ~WASRISC_F32_SIGN); }
WASRISC_INLINE f64 f64_abs(f64 a) { return f64_bits(bits_f64(a) & ~WASRISC_F64_SIGN); }
WASRISC_INLINE f32 f32_neg(f32 a) { return f32_bits(bits_f32(a) ^ WASRISC_F32_SIGN); }
WASRISC_INLINE f64 f64_neg(f64 a) { return f64_bits(bits_f64(a) ^ WASRISC_F64_SIGN); }
WASRISC_INLINE f32 f32_copysign(f32 a, f32 b) {
    return f32_bits((bits_f32(a) & ~WASRISC_F32_SIGN) | (bits_f32(b) & WASRISC_F32_SIGN));
}
WASRISC_INLINE f64 f64_copysign(f64 a, f64 b) {
    return f64_bits((bits_f64(a) & ~WASRISC_F64_SIGN) | (bits_f64(b) & WASRISC_F64_SIGN));
}

/* wasrisc_float.c: exact by IEEE 754, integers only, no libm. */
f32 f32_ceil(f32 a);
f32 f32_floor(f32 a);
f32 f32_trunc(f32 a);
f32 f32_nearest(f32 a);
f32 f32_sqrt(f32 a);
f32 f32_min(f32 a, f32 b);
f32 f32_max(f32 a, f32 b);
f64 f64_ceil(f64 a);
f64 f64_floor(f64 a);
f64 f64_trunc(f64 a);
f64 f64_nearest(f64 a);
f64 f64_sqrt(f64 a);
f64 f64_min(f64 a, f64 b);
f64 f64_max(f64 a, f64 b);

/* Conversions between widths make NaNs quiet too, which compilers forget when
 * they fold one with its inverse; so NaNs go by their bits. */
WASRISC_INLINE f32 f32_demote(f64 a) {
    u64 bits = bits_f64(a);
    if (WASRISC_UNLIKELY((bits & ~WASRISC_F64_SIGN) > 0x7ff0000000000000ull))
        return f32_bits((u32)(bits >> 32 & WASRISC_F32_SIGN) | 0x7fc00000u | ((u32)(bits >> 29) & 0x3fffff));
    return (f32)a;
}
WASRISC_INLINE f64 f64_promote(f32 a) {
    u64 bits = bits_f32(a);
    if (WASRISC_UNLIKELY(((u32)bits & ~WASRISC_F32_SIGN) > 0x7f800000u))
        return f64_bits((bits & WASRISC_F32_SIGN) << 32 | 0x7ff8000000000000ull | (bits & 0x3fffff) << 29);
    return (f64)a;
}

/* Truncation. Both limits are exact in the float type: the first value below
 * the range (or -1) and the first above it. Where the type cannot express
 * MIN - 1, the comparison includes MIN itself. */
#define WASRISC_TRUNC(name, to, as, from, below, relation, above, min, max)            \
    WASRISC_INLINE to name(from a) {                                                   \
        if (WASRISC_UNLIKELY(a != a)) wasrisc_trap(WASRISC_TRAP_INVALID_CONVERSION);   \
        if (WASRISC_UNLIKELY(!(a relation below && a < above)))                        \
            wasrisc_trap(WASRISC_TRAP_INTEGER_OVERFLOW);                               \
        return (to)(as)a;                                                              \
    }
#define WASRISC_TRUNC_SAT(name, to, as, from, below, relation, above, min, max)        \
    WASRISC_INLINE to name(from a) {                                                   \
        if (a != a) return 0;                                                          \
        if (!(a relation below)) return min;                                           \
        if (!(a < above)) return max;                                                  \
        return (to)(as)a;                                                              \
    }
#define WASRISC_TRUNCATIONS(M, i)                                                          \
    M(i32_##i##_f32_s, u32, s32, f32, -0x1p31f, >=, 0x1p31f, 0x80000000u, 0x7fffffffu)     \
    M(i32_##i##_f32_u, u32, u32, f32, -1.0f, >, 0x1p32f, 0, UINT32_MAX)                    \
    M(i32_##i##_f64_s, u32, s32, f64, -0x1.00000002p31, >, 0x1p31, 0x80000000u, 0x7fffffffu) \
    M(i32_##i##_f64_u, u32, u32, f64, -1.0, >, 0x1p32, 0, UINT32_MAX)                      \
    M(i64_##i##_f32_s, u64, s64, f32, -0x1p63f, >=, 0x1p63f, (u64)1 << 63, (u64)INT64_MAX) \
    M(i64_##i##_f32_u, u64, u64, f32, -1.0f, >, 0x1p64f, 0, UINT64_MAX)                    \
    M(i64_##i##_f64_s, u64, s64, f64, -0x1p63, >=, 0x1p63, (u64)1 << 63, (u64)INT64_MAX)   \
    M(i64_##i##_f64_u, u64, u64, f64, -1.0, >, 0x1p64, 0, UINT64_MAX)
WASRISC_TRUNCATIONS(WASRISC_TRUNC, trunc)
WASRISC_TRUNCATIONS(WASRISC_TRUNC_SAT, trunc_sat)

#endif
