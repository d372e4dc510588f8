/* memcpy, memmove, memset and memcmp, which compilers call by themselves. */
#include "wasrisc.h"

/* Loops that copy and fill must not become calls of the functions they are in:
 * clang obeys -ffreestanding, GCC wants to be told so here. */
#ifndef __clang__
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

typedef u64 __attribute__((aligned(1), may_alias)) word;

void *memmove(void *to, const void *from, size_t n) {
    u8 *d = to;
    const u8 *s = from;
    if ((uintptr_t)d - (uintptr_t)s >= n) {
        for (; n >= 8; n -= 8, d += 8, s += 8) *(word *)d = *(const word *)s;
        for (; n; n--) *d++ = *s++;
    } else {
        d += n;
        s += n;
        for (; n >= 8; n -= 8) d -= 8, s -= 8, *(word *)d = *(const word *)s;
        for (; n; n--) *--d = *--s;
    }
    return to;
}

void *memcpy(void *to, const void *from, size_t n) {
    return memmove(to, from, n);
}

void *memset(void *to, int byte, size_t n) {
    u8 *d = to;
    u64 value = (u8)byte * 0x0101010101010101ull;
    for (; n >= 8; n -= 8, d += 8) *(word *)d = value;
    for (; n; n--) *d++ = (u8)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t n) {
    const u8 *x = a, *y = b;
    for (; n; n--, x++, y++)
        if (*x != *y) return *x - *y;
    return 0;
}
