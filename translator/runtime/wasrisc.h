/* The contract between translated C, this runtime and a platform.
 *
 * Everything that a translated module assumes of its compiler is written here
 * and in ../README.md ("The C contract"), and nowhere else. */
#ifndef WASRISC_H
#define WASRISC_H

#include <stddef.h>
#include <stdint.h>

#if !defined(__GNUC__) || !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || \
    __SIZEOF_POINTER__ != 8
#error "wasrisc: GCC or clang for a little-endian machine with 64-bit pointers is needed"
#endif

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef float f32;
typedef double f64;
typedef unsigned __int128 u128;
typedef __int128 s128;

#define WASRISC_INLINE static inline __attribute__((always_inline, unused))
#define WASRISC_LIKELY(c) __builtin_expect(!!(c), 1)
#define WASRISC_UNLIKELY(c) __builtin_expect(!!(c), 0)

/* What ends a module. The numbers are part of the interface: a platform may
 * use them as exit codes. */
enum wasrisc_trap_code {
    WASRISC_TRAP_UNREACHABLE = 1,
    WASRISC_TRAP_MEMORY_BOUNDS = 2,
    WASRISC_TRAP_DIVIDE_BY_ZERO = 3,
    WASRISC_TRAP_INTEGER_OVERFLOW = 4,
    WASRISC_TRAP_INVALID_CONVERSION = 5,
    WASRISC_TRAP_UNDEFINED_ELEMENT = 6,
    WASRISC_TRAP_UNINITIALIZED_ELEMENT = 7,
    WASRISC_TRAP_INDIRECT_CALL_TYPE = 8,
    WASRISC_TRAP_TABLE_BOUNDS = 9,
    WASRISC_TRAP_STACK_EXHAUSTED = 10,
    /* Not traps of a running module: instantiation found an imported memory or
     * table too small, or the platform could not provide a memory. */
    WASRISC_TRAP_LINK = 11,
    WASRISC_TRAP_NO_MEMORY = 12,
    /* A module of Go does what is assumed of none (option go check). */
    WASRISC_TRAP_GO = 13,
};

#define WASRISC_PAGE ((u64)65536)

/* A linear memory. `base` never moves once the memory is provided; that is why
 * translated functions may keep it in a register across calls. */
typedef struct wasrisc_memory {
    u8 *base;
    u64 bytes;          /* now, always a multiple of WASRISC_PAGE */
    u64 max_pages;      /* what memory.grow refuses to pass: module's, policy's, build's */
    u64 declared_max;   /* the module's own maximum, for import matching; UINT64_MAX: none */
} wasrisc_memory;

/* A function reference points to one of these; null is NULL. `type` is equal
 * for equal signatures. `step` is the trampolined form of a function that
 * makes tail calls (wasrisc_tail.h), NULL for all others. */
typedef void (*wasrisc_code)(void);
typedef struct wasrisc_function {
    wasrisc_code code;
    uintptr_t type;
    wasrisc_code step;
} wasrisc_function;
typedef const wasrisc_function *funcref;
typedef void *externref;

/* A table. References of both kinds are one pointer wide. */
typedef struct wasrisc_table {
    void **elements;
    u32 size;
    u32 capacity;       /* of `elements`; growing past it asks the platform */
    u64 max;            /* what table.grow refuses to pass */
    u64 declared_max;   /* UINT64_MAX: none */
} wasrisc_table;

/* A run of bytes of the module's image (PREFIX_image.bin) and where it belongs. */
typedef struct wasrisc_span {
    u64 destination;
    u64 offset;
    u64 length;
} wasrisc_span;

/* Passive segments; the length is 0 once dropped. */
typedef struct wasrisc_data {
    const u8 *start;
    u64 length;
} wasrisc_data;
typedef struct wasrisc_element {
    const void *const *start;
    u32 length;
} wasrisc_element;

/* ---- What a platform supplies -------------------------------------------- */

/* Ends the module, never returns. */
_Noreturn void wasrisc_trap(int code);

/* Reserves memory->max_pages pages (or as many as the platform wants to give:
 * it may lower max_pages, not below memory->bytes), makes the first
 * memory->bytes readable, writable and zero, and sets memory->base. Under the
 * policies with a fixed base, `base` is set already and must be obeyed.
 * Returns 0 if it cannot. */
int wasrisc_memory_provide(wasrisc_memory *memory);

/* Makes [memory->bytes, bytes) readable, writable and zero, without moving.
 * Returns 0 if it cannot; memory.grow then gives -1. */
int wasrisc_memory_commit(wasrisc_memory *memory, u64 bytes);

/* Room for `count` pointers, for a table that grows; the caller copies what it
 * had. NULL if there is none. */
void **wasrisc_table_allocate(u32 count);

/* The lowest address a frame may have, when functions check (options: stack
 * checks). Set by the platform before the module starts. */
extern uintptr_t wasrisc_stack_limit;

/* ---- Stack ---------------------------------------------------------------- */

#define WASRISC_CHECK_STACK()                                                        \
    do {                                                                             \
        if (WASRISC_UNLIKELY((uintptr_t)__builtin_frame_address(0) < wasrisc_stack_limit)) \
            wasrisc_trap(WASRISC_TRAP_STACK_EXHAUSTED);                              \
    } while (0)

#include "wasrisc_integer.h"
#include "wasrisc_float.h"
#include "wasrisc_memory.h"
#include "wasrisc_table.h"
#include "wasrisc_tail.h"
#include "wasrisc_go.h"

#endif
