#include "wasrisc.h"

static void check(u64 start, u64 count, u64 length) {
    if (WASRISC_UNLIKELY(start + count > length)) wasrisc_trap(WASRISC_TRAP_TABLE_BOUNDS);
}

/* Copies upwards or downwards, as overlap demands. */
static void move(void **to, void *const *from, u32 n) {
    if (n != 0) __builtin_memmove(to, from, (size_t)n * sizeof(void *));
}

/* Doubling, so that a table grown by one entry at a time stays linear. */
static int make_room(wasrisc_table *table, u64 size) {
    if (size <= table->capacity) return 1;
    u64 capacity = (u64)table->capacity * 2;
    if (capacity < size) capacity = size;
    if (capacity > table->max) capacity = table->max;
    void **elements = wasrisc_table_allocate((u32)capacity);
    if (!elements) return 0;
    move(elements, table->elements, table->size);
    table->elements = elements;
    table->capacity = (u32)capacity;
    return 1;
}

u32 wasrisc_table_grow(wasrisc_table *table, const void *value, u32 count) {
    u32 old = table->size;
    u64 size = (u64)old + count;
    if (size > table->max || !make_room(table, size)) return UINT32_MAX;
    for (u64 i = old; i < size; i++) table->elements[i] = (void *)value;
    table->size = (u32)size;
    return old;
}

void wasrisc_table_fill(wasrisc_table *table, u32 d, const void *value, u32 n) {
    check(d, n, table->size);
    for (u64 i = 0; i < n; i++) table->elements[d + i] = (void *)value;
}

void wasrisc_table_copy(wasrisc_table *to, wasrisc_table *from, u32 d, u32 s, u32 n) {
    check(s, n, from->size);
    check(d, n, to->size);
    move(to->elements + d, from->elements + s, n);
}

void wasrisc_table_init(wasrisc_table *table, const void *const *segment, u32 segment_length, u32 d,
                        u32 s, u32 n) {
    check(s, n, segment_length);
    check(d, n, table->size);
    for (u64 i = 0; i < n; i++) table->elements[d + i] = (void *)segment[s + i];
}

void wasrisc_match_table(const wasrisc_table *table, u64 min, u64 max) {
    if (table->size < min || table->declared_max > max) wasrisc_trap(WASRISC_TRAP_LINK);
}
