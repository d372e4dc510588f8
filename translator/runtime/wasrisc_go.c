/* What Go's runtime does byte by byte in WebAssembly and by assembly elsewhere
 * (internal/bytealg), by words. */
#include "wasrisc.h"

static u64 at8(const u8 *p) { return LOAD(u64, p); }

u64 wasrisc_go_equal(const u8 *a, const u8 *b, u64 n) {
    if (n < 8) {
        if (n >= 4)
            return ((LOAD(u32, a) ^ LOAD(u32, b)) | (LOAD(u32, a + n - 4) ^ LOAD(u32, b + n - 4))) == 0;
        for (; n; n--)
            if (*a++ != *b++) return 0;
        return 1;
    }
    const u8 *last = a + n - 8;
    for (; a < last; a += 8, b += 8)
        if (at8(a) != at8(b)) return 0;
    return at8(last) == at8(b - (a - last));
}

/* By the first byte that differs: -1, 0 or 1. */
u32 wasrisc_go_compare(const u8 *a, const u8 *b, u64 n) {
    for (; n >= 8 && at8(a) == at8(b); n -= 8, a += 8, b += 8) {
    }
    for (; n; n--, a++, b++)
        if (*a != *b) return *a < *b ? UINT32_MAX : 1;
    return 0;
}

/* The first such byte, or NULL. */
const u8 *wasrisc_go_find(const u8 *s, u32 byte, u64 n) {
    const u64 low = 0x0101010101010101ull, each = (u8)byte * low;
    for (; n >= 8; n -= 8, s += 8) {
        u64 zeros = at8(s) ^ each;
        if ((zeros - low) & ~zeros & (low << 7)) break;
    }
    for (; n; n--, s++)
        if (*s == (u8)byte) return s;
    return NULL;
}
