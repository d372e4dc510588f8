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

/* Of `one_in` calls one makes the next look at the stack's limit find too little
 * room and move the stack, as mayMoreStackMove does (runtime/debug.go): not that of
 * the system (m.g0), nor one that something is asked of already. Which calls, the
 * bits of a multiple decide, so that no loop of the program meets it in step. */
void wasrisc_go_move_stack(u8 *memory, u64 g, u32 one_in) {
    static u64 looks;
    if ((++looks * 0x9E3779B97F4A7C15ull >> 32) % one_in) return;
    /* Places in g and m (runtime/runtime2.go), numbers of runtime/stack.go. */
    u8 *limit = memory + g + 16;
    u64 m = LOAD(u64, memory + g + 48), poison = -4096ull, force_move = -275ull;
    if (!m || LOAD(u64, memory + m) == g || LOAD(u64, limit) >= poison) return;
    STORE(u64, limit, force_move);
}
