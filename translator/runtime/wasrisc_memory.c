#include "wasrisc.h"

u32 wasrisc_memory_grow(wasrisc_memory *memory, u32 pages) {
    u64 old = memory->bytes / WASRISC_PAGE;
    if (pages > memory->max_pages - old) return UINT32_MAX;
    u64 bytes = (old + pages) * WASRISC_PAGE;
    if (pages != 0) {
        if (!wasrisc_memory_commit(memory, bytes)) return UINT32_MAX;
        memory->bytes = bytes;
    }
    return (u32)old;
}

static void check(u64 start, u64 count, u64 length) {
    if (WASRISC_UNLIKELY(start + count > length)) wasrisc_trap(WASRISC_TRAP_MEMORY_BOUNDS);
}

void wasrisc_memory_copy(wasrisc_memory *to, wasrisc_memory *from, u32 d, u32 s, u32 n) {
    check(s, n, from->bytes);
    check(d, n, to->bytes);
    __builtin_memmove(to->base + d, from->base + s, n);
}

void wasrisc_memory_fill(wasrisc_memory *memory, u32 d, u32 value, u32 n) {
    check(d, n, memory->bytes);
    __builtin_memset(memory->base + d, (int)(value & 0xff), n);
}

void wasrisc_memory_init(wasrisc_memory *memory, const u8 *segment, u64 segment_length, u32 d, u32 s,
                         u32 n) {
    check(s, n, segment_length);
    check(d, n, memory->bytes);
    /* A dropped segment has no address, and n is 0 then. */
    if (n != 0) __builtin_memcpy(memory->base + d, segment + s, n);
}

void wasrisc_place_image(wasrisc_memory *memory, const u8 *image, const wasrisc_span *spans, u64 count) {
    for (u64 i = 0; i < count; i++)
        __builtin_memcpy(memory->base + spans[i].destination, image + spans[i].offset, spans[i].length);
}

void wasrisc_match_memory(const wasrisc_memory *memory, u64 min_pages, u64 max_pages) {
    if (memory->bytes / WASRISC_PAGE < min_pages || memory->declared_max > max_pages)
        wasrisc_trap(WASRISC_TRAP_LINK);
}

u64 wasrisc_load_bytes(const u8 *p, int count) {
    u64 value = 0;
    for (int i = 0; i < count; i++) value |= (u64)p[i] << (8 * i);
    return value;
}

void wasrisc_store_bytes(u8 *p, u64 value, int count) {
    for (int i = 0; i < count; i++) p[i] = (u8)(value >> (8 * i));
}
