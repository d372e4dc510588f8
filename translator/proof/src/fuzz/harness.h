/* What the C of random modules is written against. */
#ifndef HARNESS_H
#define HARNESS_H

#include "wasrisc.h"

/* Takes arguments from the slots and leaves results there. */
typedef void (*thunk)(u64 *slots);

struct call {
    thunk run;
    const u64 *arguments;
    u32 argument_count;
    /* One letter for each result: r for a reference, b for bits. */
    const char *results;
};

struct module {
    thunk start;
    const struct call *calls;
    u32 call_count;
    /* Leaves the exported globals in the slots. */
    thunk globals;
    const char *global_types;
    wasrisc_memory *const *memories;
    u32 memory_count;
    wasrisc_table *const *tables;
    u32 table_count;
};
extern const struct module *const modules[];
extern const u32 module_count;

/* Host functions: what they were called with becomes part of a digest, and what
 * they return comes from it. */
void host_called(u64 value);
u64 host_result(void);

#endif
