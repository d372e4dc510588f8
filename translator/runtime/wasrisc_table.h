/* Tables and indirect calls. */
#ifndef WASRISC_TABLE_H
#define WASRISC_TABLE_H

/* An entry of a table that nothing can change: its function and type lie in
 * the table itself. Type 0 is no function. */
typedef struct wasrisc_entry {
    wasrisc_code code;
    uintptr_t type;
} wasrisc_entry;

WASRISC_INLINE wasrisc_code wasrisc_constant_callee(const wasrisc_entry *table, u32 size, u32 index,
                                                    uintptr_t type) {
    if (WASRISC_UNLIKELY(index >= size)) wasrisc_trap(WASRISC_TRAP_UNDEFINED_ELEMENT);
    const wasrisc_entry *entry = &table[index];
    if (WASRISC_UNLIKELY(entry->type != type))
        wasrisc_trap(entry->type ? WASRISC_TRAP_INDIRECT_CALL_TYPE : WASRISC_TRAP_UNINITIALIZED_ELEMENT);
    return entry->code;
}

WASRISC_INLINE funcref wasrisc_callee(const wasrisc_table *table, u32 index, uintptr_t type) {
    if (WASRISC_UNLIKELY(index >= table->size)) wasrisc_trap(WASRISC_TRAP_UNDEFINED_ELEMENT);
    funcref function = (funcref)table->elements[index];
    if (WASRISC_UNLIKELY(!function)) wasrisc_trap(WASRISC_TRAP_UNINITIALIZED_ELEMENT);
    if (WASRISC_UNLIKELY(function->type != type)) wasrisc_trap(WASRISC_TRAP_INDIRECT_CALL_TYPE);
    return function;
}

WASRISC_INLINE void *wasrisc_table_get(const wasrisc_table *table, u32 index) {
    if (WASRISC_UNLIKELY(index >= table->size)) wasrisc_trap(WASRISC_TRAP_TABLE_BOUNDS);
    return table->elements[index];
}
WASRISC_INLINE void wasrisc_table_set(wasrisc_table *table, u32 index, const void *value) {
    if (WASRISC_UNLIKELY(index >= table->size)) wasrisc_trap(WASRISC_TRAP_TABLE_BOUNDS);
    table->elements[index] = (void *)value;
}

/* wasrisc_table.c */
u32 wasrisc_table_grow(wasrisc_table *table, const void *value, u32 count);
void wasrisc_table_fill(wasrisc_table *table, u32 d, const void *value, u32 n);
void wasrisc_table_copy(wasrisc_table *to, wasrisc_table *from, u32 d, u32 s, u32 n);
void wasrisc_table_init(wasrisc_table *table, const void *const *segment, u32 segment_length, u32 d,
                        u32 s, u32 n);
void wasrisc_match_table(const wasrisc_table *table, u64 min, u64 max);

#endif
