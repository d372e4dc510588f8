/* Linear memories and tables: reserved whole, made accessible as they grow. */
#include "machine.h"

u64 wasrisc_missing_bytes;

/* Memory 0, once it can be accessed; the module's start provides it before all
 * others. */
static wasrisc_memory *first_memory;

int wasrisc_memory_provide(wasrisc_memory *memory) {
    u64 pages = memory->bytes / WASRISC_PAGE;
    /* A memory without a maximum asks for all that addresses reach, and further
     * memories share what the machine has left. */
    while (!wasrisc_machine_reserve(&memory->base, memory->max_pages * WASRISC_PAGE, !first_memory)) {
        if (memory->max_pages == pages) return 0;
        memory->max_pages = memory->max_pages / 2 < pages ? pages : memory->max_pages / 2;
    }
    if (!wasrisc_machine_commit(memory->base, memory->bytes)) return 0;
    if (!first_memory) first_memory = memory;
    return 1;
}

int wasrisc_memory_commit(wasrisc_memory *memory, u64 bytes) {
    return wasrisc_machine_commit(memory->base + memory->bytes, bytes - memory->bytes);
}

void wasrisc_memory_announce(void) {
    if (!first_memory || first_memory->bytes == 0) return;
    uintptr_t base = (uintptr_t)first_memory->base;
    wasrisc_announce_memory(base + wasrisc_missing_bytes, base + first_memory->bytes - 1);
}

static u64 heap_taken;

void *wasrisc_heap_take(u64 bytes) {
    u64 rounded = (bytes + 15) & ~(u64)15;
    if (rounded < bytes || rounded > (u64)(_heap_end - _heap_start) - heap_taken) return NULL;
    heap_taken += rounded;
    return _heap_end - heap_taken;
}

void **wasrisc_table_allocate(u32 count) {
    return wasrisc_heap_take((u64)count * sizeof(void *));
}
