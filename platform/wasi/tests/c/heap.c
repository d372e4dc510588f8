/* The allocator: blocks do not overlap, keep what was written, come together again
 * when they are freed. */
#include "../../heap.h"
#include "check.h"

enum { BLOCKS = 200 };

static u8 *blocks[BLOCKS];
static u64 sizes[BLOCKS];
static u32 seed = 1;

static u32 below(u32 end) {
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % end;
}

static void allocate(u32 i) {
    static const u64 MOST[] = {16, 100, 5000, 200000};
    sizes[i] = 1 + below((u32)MOST[below(4)]);
    blocks[i] = wasi_allocate(sizes[i]);
    if (!blocks[i]) return;
    EQUAL(0, (uintptr_t)blocks[i] & 15);
    EQUAL(true, wasi_allocated(blocks[i]) >= sizes[i]);
    memset(blocks[i], (int)i, sizes[i]);
}

static void release(u32 i) {
    if (!blocks[i]) return;
    for (u64 j = 0; j < sizes[i]; j++)
        if (blocks[i][j] != (u8)i) EQUAL(i, blocks[i][j]);
    wasi_free(blocks[i]);
    blocks[i] = NULL;
}

int main(void) {
    start();
    for (u32 i = 0; i < 20000; i++) {
        u32 chosen = below(BLOCKS);
        if (blocks[chosen]) release(chosen);
        else allocate(chosen);
    }
    for (u32 i = 0; i < BLOCKS; i++) release(i);
    /* What was in pieces is whole: the same chunks serve again. */
    u64 taken = heap_taken;
    EQUAL(true, taken > 1 << 20 && taken <= heap_bytes);
    u32 count = 0;
    while (count < BLOCKS && (blocks[count] = wasi_allocate(65536 - 16))) count++;
    EQUAL(true, count >= 4);
    EQUAL(true, heap_taken - taken < 65536 * count);
    EQUAL(0, (uintptr_t)wasi_allocate(UINT64_MAX));
    EQUAL(0, (uintptr_t)wasi_allocate((u64)1 << 32));
    wasi_free(NULL);
    return finish();
}
