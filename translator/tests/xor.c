/* What `wasrisc_go_xor` does, against what Go's xorBytes says of each byte. */
#include "wasrisc.h"
#include <string.h>

static u8 memory[1024] __attribute__((aligned(8)));

static void fill(u8 *bytes) {
    for (u32 i = 0; i < sizeof memory; i++) bytes[i] = (u8)(i * 37 + (i >> 4));
}

static u32 call(u64 dst, u64 x, u64 y, u64 n) {
    u64 arguments[] = {dst, x, y, n};
    return wasrisc_go_xor(memory, (const u8 *)arguments);
}

/* Go's loop by words, then by bytes; the ranges may overlap in any way. */
static int same(u64 dst, u64 x, u64 y, u64 n) {
    static u8 expected[sizeof memory] __attribute__((aligned(8)));
    fill(expected);
    u64 at = 0;
    for (; n - at >= 8; at += 8)
        STORE(u64, expected + dst + at, LOAD(u64, expected + x + at) ^ LOAD(u64, expected + y + at));
    for (; at < n; at++) expected[dst + at] = expected[x + at] ^ expected[y + at];
    fill(memory);
    return call(dst, x, y, n) == 1 && !memcmp(memory, expected, sizeof memory);
}

static int nothing(u64 dst, u64 x, u64 y, u64 n) {
    static u8 expected[sizeof memory];
    fill(expected);
    fill(memory);
    return call(dst, x, y, n) == 0 && !memcmp(memory, expected, sizeof memory);
}

int main(void) {
    for (u64 n = 1; n <= 200; n++) {
        if (!same(8, 256, 512, n) || !same(8, 8, 512, n) || !same(8, 256, 8, n)) return 1;
        /* Shifted by words, both ways. */
        if (!same(264, 256, 512, n) || !same(256, 272, 264, n) || !same(264, 264, 256, n)) return 2;
        if (!nothing(9, 256, 512, n) || !nothing(8, 260, 512, n) || !nothing(8, 256, 513, n)) return 3;
        if (!nothing(0, 256, 512, n) || !nothing(8, 0, 512, n) || !nothing(8, 256, 0, n)) return 4;
    }
    u64 lengths[] = {0, (u64)1 << 31, (u64)1 << 32, (u64)1 << 63, UINT64_MAX};
    for (u32 i = 0; i < 5; i++)
        if (!nothing(8, 256, 512, lengths[i])) return 5;
    return 0;
}
