/* memcpy, memmove, memset and memcmp, which compilers call by themselves and
 * memory.copy and memory.fill become. Made for few instructions on a machine
 * whose misaligned accesses work: no loop below 64 bytes, and two accesses that
 * overlap instead of a loop for the last bytes. README.md has the counts. */
#include "wasrisc.h"

/* Loops that copy and fill must not become calls of the functions they are in:
 * clang obeys -ffreestanding, GCC wants to be told so here. */
#ifndef __clang__
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

typedef u64 __attribute__((aligned(1), may_alias)) word;
typedef u32 __attribute__((aligned(1), may_alias)) half;
typedef u16 __attribute__((aligned(1), may_alias)) quarter;

#define AT(type, p, offset) (*(type *)((p) + (offset)))
#define FROM(type, p, offset) (*(const type *)((p) + (offset)))

/* What loads all before it stores any is right however the two overlap. */
WASRISC_INLINE void move_ends(u8 *d, const u8 *s, size_t n) {
    if (n >= 8) {
        u64 first = FROM(word, s, 0), last = FROM(word, s + n, -8);
        AT(word, d, 0) = first;
        AT(word, d + n, -8) = last;
    } else if (n >= 4) {
        u32 first = FROM(half, s, 0), last = FROM(half, s + n, -4);
        AT(half, d, 0) = first;
        AT(half, d + n, -4) = last;
    } else if (n >= 2) {
        u16 first = FROM(quarter, s, 0), last = FROM(quarter, s + n, -2);
        AT(quarter, d, 0) = first;
        AT(quarter, d + n, -2) = last;
    } else if (n) {
        *d = *s;
    }
}

/* 17 to 32 bytes. */
WASRISC_INLINE void move_32(u8 *d, const u8 *s, size_t n) {
    u64 a = FROM(word, s, 0), b = FROM(word, s, 8);
    u64 y = FROM(word, s + n, -16), z = FROM(word, s + n, -8);
    AT(word, d, 0) = a, AT(word, d, 8) = b;
    AT(word, d + n, -16) = y, AT(word, d + n, -8) = z;
}

/* 33 to 64 bytes. */
WASRISC_INLINE void move_64(u8 *d, const u8 *s, size_t n) {
    u64 a = FROM(word, s, 0), b = FROM(word, s, 8), c = FROM(word, s, 16), e = FROM(word, s, 24);
    u64 w = FROM(word, s + n, -32), x = FROM(word, s + n, -24);
    u64 y = FROM(word, s + n, -16), z = FROM(word, s + n, -8);
    AT(word, d, 0) = a, AT(word, d, 8) = b, AT(word, d, 16) = c, AT(word, d, 24) = e;
    AT(word, d + n, -32) = w, AT(word, d + n, -24) = x;
    AT(word, d + n, -16) = y, AT(word, d + n, -8) = z;
}

/* Up to 64 bytes. */
WASRISC_INLINE void move_few(u8 *d, const u8 *s, size_t n) {
    if (n <= 16) move_ends(d, s, n);
    else if (n <= 32) move_32(d, s, n);
    else move_64(d, s, n);
}

#define MOVE(offset) AT(word, d, offset) = FROM(word, s, offset)
#define MOVE_4(offset) MOVE(offset), MOVE(offset + 8), MOVE(offset + 16), MOVE(offset + 24)
#define MOVE_4_DOWN(offset) MOVE(offset + 24), MOVE(offset + 16), MOVE(offset + 8), MOVE(offset)

/* More than 64 bytes: word by word away from where the two overlap, then the
 * rest, which is a move of its own. */
WASRISC_INLINE void move_up(u8 *d, const u8 *s, size_t n) {
    for (; n > 128; d += 128, s += 128, n -= 128) MOVE_4(0), MOVE_4(32), MOVE_4(64), MOVE_4(96);
    if (n > 64) {
        MOVE_4(0), MOVE_4(32);
        d += 64, s += 64, n -= 64;
    }
    move_few(d, s, n);
}

WASRISC_INLINE void move_down(u8 *to, const u8 *from, size_t n) {
    u8 *d = to + n;
    const u8 *s = from + n;
    for (; n > 64; n -= 64) {
        d -= 64, s -= 64;
        MOVE_4_DOWN(32), MOVE_4_DOWN(0);
    }
    move_few(to, from, n);
}

void *memmove(void *to, const void *from, size_t n) {
    if (n <= 16) move_ends(to, from, n);
    else if (n <= 64) move_few(to, from, n);
    else if ((uintptr_t)to - (uintptr_t)from >= n) move_up(to, from, n);
    else move_down(to, from, n);
    return to;
}

void *memcpy(void *to, const void *from, size_t n) __attribute__((alias("memmove")));

#define SET(offset) AT(word, d, offset) = value

void *memset(void *to, int byte, size_t n) {
    u8 *d = to, *end = d + n;
    u64 value = (u8)byte;
    /* Most fill with zeros, which need no spreading. */
    if (WASRISC_UNLIKELY(value != 0)) {
        value |= value << 8;
        value |= value << 16;
        value |= value << 32;
    }
    if (n > 16) {
        for (; n > 64; d += 64, n -= 64)
            SET(0), SET(8), SET(16), SET(24), SET(32), SET(40), SET(48), SET(56);
        /* 1 to 64 bytes are left; after the loop they may be fewer than 16. */
        if (n > 16) SET(0), SET(8);
        if (n > 32) SET(16), SET(24), AT(word, end, -32) = value, AT(word, end, -24) = value;
        AT(word, end, -16) = value, AT(word, end, -8) = value;
    } else if (n >= 8) {
        SET(0), AT(word, end, -8) = value;
    } else if (n >= 4) {
        AT(half, d, 0) = value, AT(half, end, -4) = value;
    } else if (n >= 2) {
        AT(quarter, d, 0) = value, AT(quarter, end, -2) = value;
    } else if (n) {
        *d = value;
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t n) {
    const u8 *x = a, *y = b;
    for (; n >= 8 && FROM(word, x, 0) == FROM(word, y, 0); n -= 8) x += 8, y += 8;
    for (; n; n--, x++, y++)
        if (*x != *y) return *x - *y;
    return 0;
}
