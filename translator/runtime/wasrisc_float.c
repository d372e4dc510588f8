/* Rounding, square root, minimum and maximum from the bits alone: exact by
 * IEEE 754 without libm, which bare metal does not have, and the same on every
 * machine. */
#include "wasrisc.h"

#define F32_FRACTION 23
#define F64_FRACTION 52
#define F32_QUIET 0x00400000u
#define F64_QUIET 0x0008000000000000ull
#define F32_INFINITY 0x7f800000u
#define F64_INFINITY 0x7ff0000000000000ull

/* One definition for both widths: U is the bits, E the exponent's bias. */
#define ROUNDINGS(f, U, FRACTION, BIAS, QUIET, INF, SIGN)                                     \
    /* Toward zero; `exponent` of |a| is below FRACTION, so some bits are fraction. */        \
    static U f##_cut(U bits, int exponent) {                                                  \
        if (exponent < 0) return bits & SIGN;                                                 \
        return bits & ~(((U)1 << (FRACTION - exponent)) - 1);                                 \
    }                                                                                         \
    static int f##_exponent(U bits) { return (int)(bits >> FRACTION & (2 * BIAS + 1)) - BIAS; } \
    /* Integers and infinities stay, NaNs become quiet: done if this is true. */              \
    static int f##_whole(U *bits, int exponent) {                                             \
        if ((*bits & ~SIGN) > INF) *bits |= QUIET;                                            \
        return exponent >= FRACTION;                                                          \
    }                                                                                         \
    f f##_trunc(f a) {                                                                        \
        U bits = bits_##f(a);                                                                 \
        int exponent = f##_exponent(bits);                                                    \
        return f##_bits(f##_whole(&bits, exponent) ? bits : f##_cut(bits, exponent));         \
    }                                                                                         \
    /* Away from zero by one unit if anything was cut: adding the unit to the bits            \
     * carries into the exponent where it must. */                                            \
    static U f##_away(U bits, int exponent) {                                                 \
        U cut = f##_cut(bits, exponent);                                                      \
        if (cut == bits) return bits;                                                         \
        if (exponent < 0) return (bits & SIGN) | (U)BIAS << FRACTION;                         \
        return cut + ((U)1 << (FRACTION - exponent));                                         \
    }                                                                                         \
    f f##_ceil(f a) {                                                                         \
        U bits = bits_##f(a);                                                                 \
        int exponent = f##_exponent(bits);                                                    \
        if (f##_whole(&bits, exponent)) return f##_bits(bits);                                \
        return f##_bits(bits & SIGN ? f##_cut(bits, exponent) : f##_away(bits, exponent));    \
    }                                                                                         \
    f f##_floor(f a) {                                                                        \
        U bits = bits_##f(a);                                                                 \
        int exponent = f##_exponent(bits);                                                    \
        if (f##_whole(&bits, exponent)) return f##_bits(bits);                                \
        return f##_bits(bits & SIGN ? f##_away(bits, exponent) : f##_cut(bits, exponent));    \
    }                                                                                         \
    /* Ties to even. Below 1/2 and at it the result is 0. */                                  \
    f f##_nearest(f a) {                                                                      \
        U bits = bits_##f(a);                                                                 \
        int exponent = f##_exponent(bits);                                                    \
        if (f##_whole(&bits, exponent)) return f##_bits(bits);                                \
        if (exponent < -1) return f##_bits(bits & SIGN);                                      \
        if (exponent == -1) {                                                                 \
            U half = (U)(BIAS - 1) << FRACTION;                                               \
            return f##_bits((bits & ~SIGN) == half ? bits & SIGN : f##_away(bits, exponent)); \
        }                                                                                     \
        U unit = (U)1 << (FRACTION - exponent), rest = bits & (unit - 1), half = unit >> 1;   \
        /* The unit's own bit says even or odd; for exponent 0 it is the hidden one, 1,       \
         * which is the exponent's lowest bit (the bias is odd). */                           \
        int odd = (bits & unit) != 0;                                                         \
        int up = rest > half || (rest == half && odd);                                        \
        return f##_bits(up ? f##_away(bits, exponent) : f##_cut(bits, exponent));             \
    }

ROUNDINGS(f32, u32, F32_FRACTION, 127, F32_QUIET, F32_INFINITY, WASRISC_F32_SIGN)
ROUNDINGS(f64, u64, F64_FRACTION, 1023, F64_QUIET, F64_INFINITY, WASRISC_F64_SIGN)

/* A NaN operand gives a quiet one with its payload; -0 is below +0. As sign and
 * magnitude, the bits of two numbers order like the numbers. */
#define MINMAX(f, U, S, QUIET, INF, SIGN)                                                     \
    static S f##_order(U bits) { return (S)(bits & SIGN ? ~bits : bits | SIGN) ^ (S)SIGN; }   \
    f f##_min(f a, f b) {                                                                     \
        U x = bits_##f(a), y = bits_##f(b);                                                   \
        if ((x & ~SIGN) > INF) return f##_bits(x | QUIET);                                    \
        if ((y & ~SIGN) > INF) return f##_bits(y | QUIET);                                    \
        return f##_order(x) < f##_order(y) ? a : b;                                           \
    }                                                                                         \
    f f##_max(f a, f b) {                                                                     \
        U x = bits_##f(a), y = bits_##f(b);                                                   \
        if ((x & ~SIGN) > INF) return f##_bits(x | QUIET);                                    \
        if ((y & ~SIGN) > INF) return f##_bits(y | QUIET);                                    \
        return f##_order(x) > f##_order(y) ? a : b;                                           \
    }

MINMAX(f32, u32, s32, F32_QUIET, F32_INFINITY, WASRISC_F32_SIGN)
MINMAX(f64, u64, s64, F64_QUIET, F64_INFINITY, WASRISC_F64_SIGN)

/* The integer part of the root of `value`, digit by digit from bit `top`
 * (even), with *rest set if there is a remainder. */
static u64 root(u128 value, int top, int *rest) {
    u128 result = 0;
    for (u128 bit = (u128)1 << top; bit != 0; bit >>= 2) {
        if (value >= result + bit) {
            value -= result + bit;
            result = (result >> 1) + bit;
        } else {
            result >>= 1;
        }
    }
    *rest = value != 0;
    return (u64)result;
}

/* The significand's root is computed with two bits more than the result has;
 * with the remainder as a sticky bit that rounds exactly, and a root is never
 * a tie. The exponent is made even first, so halving it is exact. */
#define SQRT(f, U, FRACTION, BIAS, QUIET, INF, SIGN)                                          \
    f f##_sqrt(f a) {                                                                         \
        U bits = bits_##f(a);                                                                 \
        if ((bits & ~SIGN) > INF) return f##_bits(bits | QUIET);                              \
        if ((bits & ~SIGN) == 0 || bits == INF) return a;                                     \
        if (bits & SIGN) return f##_bits(INF | QUIET);                                        \
        int exponent = (int)(bits >> FRACTION);                                               \
        U significand = bits & (((U)1 << FRACTION) - 1);                                      \
        if (exponent == 0) {                                                                  \
            for (exponent = 1; !(significand >> FRACTION); exponent--) significand <<= 1;     \
        } else {                                                                              \
            significand |= (U)1 << FRACTION;                                                  \
        }                                                                                     \
        exponent -= BIAS;                                                                     \
        if (exponent & 1) {                                                                   \
            significand <<= 1;                                                                \
            exponent--;                                                                       \
        }                                                                                     \
        int rest;                                                                             \
        u64 wide = root((u128)significand << (FRACTION + 2), 2 * FRACTION + 2, &rest);        \
        U result = (U)(wide >> 1);                                                            \
        if (wide & 1 && (rest || result & 1)) result++;                                       \
        /* `result` has its hidden bit, which adds one to the exponent field. */              \
        return f##_bits(((U)(exponent / 2 + BIAS - 1) << FRACTION) + result);                 \
    }

SQRT(f32, u32, F32_FRACTION, 127, F32_QUIET, F32_INFINITY, WASRISC_F32_SIGN)
SQRT(f64, u64, F64_FRACTION, 1023, F64_QUIET, F64_INFINITY, WASRISC_F64_SIGN)
