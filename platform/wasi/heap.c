/* A buddy allocator (Knowlton: "A fast storage allocator", 1965) over chunks that
 * it takes from the runtime's heap. A block has a power of two of bytes, its
 * header included; a freed one joins its other half as long as that is free,
 * up to the whole chunk. Chunks are kept. */
#include "heap.h"

enum {
    LEAST_ORDER = 6,  /* 64 bytes */
    CHUNK_ORDER = 16, /* larger blocks are chunks of their own */
    MOST_ORDER = 32,  /* 4 GiB */
};

struct block {
    u8 order, chunk_order, free;
    u32 offset; /* in the chunk; a chunk of its own has only offset 0 */
    u64 unused; /* what follows is aligned to 16 */
    /* In a free block, where the contents were. */
    struct block *next, **link;
};

#define HEADER offsetof(struct block, next)

/* Free blocks by order. */
static struct block *lists[MOST_ORDER + 1];

static u32 order_of(u64 bytes) {
    u64 size = bytes + HEADER;
    return size <= 1 << LEAST_ORDER ? LEAST_ORDER : 64 - (u32)__builtin_clzll(size - 1);
}

static void put(struct block *block) {
    struct block **list = &lists[block->order];
    block->free = 1;
    block->next = *list;
    block->link = list;
    if (block->next) block->next->link = &block->next;
    *list = block;
}

static void take(struct block *block) {
    block->free = 0;
    *block->link = block->next;
    if (block->next) block->next->link = block->link;
}

static struct block *chunk(u32 order) {
    if (order < CHUNK_ORDER) order = CHUNK_ORDER;
    struct block *block = wasrisc_heap_take((u64)1 << order);
    if (!block) return NULL;
    *block = (struct block){.order = (u8)order, .chunk_order = (u8)order};
    return block;
}

/* Gives the upper halves back until the block has just this order. */
static void split(struct block *block, u32 order) {
    while (block->order > order) {
        block->order--;
        struct block *upper = (struct block *)((u8 *)block + ((u64)1 << block->order));
        *upper = (struct block){.order = block->order,
                                .chunk_order = block->chunk_order,
                                .offset = block->offset + (1u << block->order)};
        put(upper);
    }
}

void *wasi_allocate(u64 bytes) {
    if (bytes > ((u64)1 << MOST_ORDER) - HEADER) return NULL;
    u32 wanted = order_of(bytes), order = wanted;
    struct block *block;
    while (order < MOST_ORDER && !lists[order]) order++;
    if (lists[order]) {
        block = lists[order];
        take(block);
    } else {
        block = chunk(wanted);
        if (!block) return NULL;
    }
    split(block, wanted);
    return (u8 *)block + HEADER;
}

void wasi_free(void *allocated) {
    if (!allocated) return;
    struct block *block = (struct block *)((u8 *)allocated - HEADER);
    while (block->order < block->chunk_order) {
        u64 size = (u64)1 << block->order;
        bool upper = block->offset & size;
        struct block *other = (struct block *)(upper ? (u8 *)block - size : (u8 *)block + size);
        if (!other->free || other->order != block->order) break;
        take(other);
        if (upper) block = other;
        block->order++;
    }
    put(block);
}

u64 wasi_allocated(const void *allocated) {
    const struct block *block = (const struct block *)((const u8 *)allocated - HEADER);
    return ((u64)1 << block->order) - HEADER;
}
