/* Integer operators that are more than one C operator. The rest (add, and,
 * compare, ...) the translator writes as C itself: with -fwrapv, unsigned
 * arithmetic is wasm's. */
#ifndef WASRISC_INTEGER_H
#define WASRISC_INTEGER_H

WASRISC_INLINE u32 i32_div_s(u32 a, u32 b) {
    if (WASRISC_UNLIKELY(b == 0)) wasrisc_trap(WASRISC_TRAP_DIVIDE_BY_ZERO);
    /* In 64 bits the one overflowing quotient, 2^31, has a value to look at. */
    s64 quotient = (s64)(s32)a / (s64)(s32)b;
    if (WASRISC_UNLIKELY(quotient == 0x80000000ll)) wasrisc_trap(WASRISC_TRAP_INTEGER_OVERFLOW);
    return (u32)quotient;
}
WASRISC_INLINE u32 i32_div_u(u32 a, u32 b) {
    if (WASRISC_UNLIKELY(b == 0)) wasrisc_trap(WASRISC_TRAP_DIVIDE_BY_ZERO);
    return a / b;
}
WASRISC_INLINE u32 i32_rem_s(u32 a, u32 b) {
    if (WASRISC_UNLIKELY(b == 0)) wasrisc_trap(WASRISC_TRAP_DIVIDE_BY_ZERO);
    return (u32)((s64)(s32)a % (s64)(s32)b);
}
WASRISC_INLINE u32 i32_rem_u(u32 a, u32 b) {
    if (WASRISC_UNLIKELY(b == 0)) wasrisc_trap(WASRISC_TRAP_DIVIDE_BY_ZERO);
    return a % b;
}
WASRISC_INLINE u64 i64_div_s(u64 a, u64 b) {
    if (WASRISC_UNLIKELY(b == 0)) wasrisc_trap(WASRISC_TRAP_DIVIDE_BY_ZERO);
    if (WASRISC_UNLIKELY(b == UINT64_MAX && a == (u64)1 << 63))
        wasrisc_trap(WASRISC_TRAP_INTEGER_OVERFLOW);
    return (u64)((s64)a / (s64)b);
}
WASRISC_INLINE u64 i64_div_u(u64 a, u64 b) {
    if (WASRISC_UNLIKELY(b == 0)) wasrisc_trap(WASRISC_TRAP_DIVIDE_BY_ZERO);
    return a / b;
}
WASRISC_INLINE u64 i64_rem_s(u64 a, u64 b) {
    if (WASRISC_UNLIKELY(b == 0)) wasrisc_trap(WASRISC_TRAP_DIVIDE_BY_ZERO);
    /* C leaves INT64_MIN % -1 open, and x86 faults on it. */
    return b == UINT64_MAX ? 0 : (u64)((s64)a % (s64)b);
}
WASRISC_INLINE u64 i64_rem_u(u64 a, u64 b) {
    if (WASRISC_UNLIKELY(b == 0)) wasrisc_trap(WASRISC_TRAP_DIVIDE_BY_ZERO);
    return a % b;
}

WASRISC_INLINE u32 i32_rotl(u32 a, u32 b) { return a << (b & 31) | a >> (-b & 31); }
WASRISC_INLINE u32 i32_rotr(u32 a, u32 b) { return a >> (b & 31) | a << (-b & 31); }
WASRISC_INLINE u64 i64_rotl(u64 a, u64 b) { return a << (b & 63) | a >> (-b & 63); }
WASRISC_INLINE u64 i64_rotr(u64 a, u64 b) { return a >> (b & 63) | a << (-b & 63); }

WASRISC_INLINE u32 i32_clz(u32 a) { return a ? (u32)__builtin_clz(a) : 32; }
WASRISC_INLINE u32 i32_ctz(u32 a) { return a ? (u32)__builtin_ctz(a) : 32; }
WASRISC_INLINE u64 i64_clz(u64 a) { return a ? (u64)__builtin_clzll(a) : 64; }
/* Without an instruction for it GCC calls libgcc, which takes 40; clang writes
 * this out: a product with the lowest bit is a shift of a number in which each
 * six bits in a row are others. */
#if defined(__clang__) || !defined(__riscv) || defined(__riscv_zbb)
WASRISC_INLINE u64 i64_ctz(u64 a) { return a ? (u64)__builtin_ctzll(a) : 64; }
#else
WASRISC_INLINE u64 i64_ctz(u64 a) {
    static const u8 place[64] = {
        0,  1,  2,  7,  3,  13, 8,  19, 4,  25, 14, 28, 9,  34, 20, 40, 5,  17, 26, 38, 15, 46,
        29, 48, 10, 31, 35, 54, 21, 50, 41, 57, 63, 6,  12, 18, 24, 27, 33, 39, 16, 37, 45, 47,
        30, 53, 49, 56, 62, 11, 23, 32, 36, 44, 52, 55, 61, 22, 43, 51, 60, 42, 59, 58};
    return a ? place[(a & -a) * 0x0218a392cd3d5dbfull >> 58] : 64;
}
#endif
/* GCC calls libgcc for these too, which no ELF of amd64 is linked with. Sums of two,
 * four and eight bits side by side, then a product that adds the bytes. */
#if defined(__clang__) || defined(__POPCNT__) || defined(__riscv_zbb)
WASRISC_INLINE u64 i64_popcnt(u64 a) { return (u64)__builtin_popcountll(a); }
#else
WASRISC_INLINE u64 i64_popcnt(u64 a) {
    a -= a >> 1 & 0x5555555555555555ull;
    a = (a & 0x3333333333333333ull) + (a >> 2 & 0x3333333333333333ull);
    a = (a + (a >> 4)) & 0x0f0f0f0f0f0f0f0full;
    return a * 0x0101010101010101ull >> 56;
}
#endif
WASRISC_INLINE u32 i32_popcnt(u32 a) { return (u32)i64_popcnt(a); }

/* Wide arithmetic: one 128-bit value from its halves. */
WASRISC_INLINE u128 wasrisc_wide(u64 low, u64 high) { return (u128)high << 64 | low; }

/* What these functions of compilers' libraries compute, also of counts that no
 * compiler asks for: only the bit of 64 and the six below it are looked at, and
 * whether all of the count is zero. */
WASRISC_INLINE u128 wasrisc_multi3(u64 a, u64 a_high, u64 b, u64 b_high) {
    return wasrisc_wide(a, a_high) * wasrisc_wide(b, b_high);
}
WASRISC_INLINE u128 wasrisc_ashlti3(u64 low, u64 high, u32 n) {
    if (n & 64) return wasrisc_wide(0, low << (n & 63));
    if (!n) return wasrisc_wide(low, high);
    return wasrisc_wide(low << (n & 63), high << (n & 63) | low >> (-n & 63));
}
WASRISC_INLINE u128 wasrisc_lshrti3(u64 low, u64 high, u32 n) {
    if (n & 64) return wasrisc_wide(high >> (n & 63), 0);
    if (!n) return wasrisc_wide(low, high);
    return wasrisc_wide(low >> (n & 63) | high << (-n & 63), high >> (n & 63));
}
WASRISC_INLINE u128 wasrisc_ashrti3(u64 low, u64 high, u32 n) {
    if (n & 64) return wasrisc_wide((u64)((s64)high >> (n & 63)), (u64)((s64)high >> 63));
    if (!n) return wasrisc_wide(low, high);
    return wasrisc_wide(low >> (n & 63) | high << (-n & 63), (u64)((s64)high >> (n & 63)));
}

#endif
