/* Modules of Go's compiler: what fast versions of functions are made of
 * (translator, src/go/; docs/go.md). */
#ifndef WASRISC_GO_H
#define WASRISC_GO_H

/* Go's stack pointer as a machine address. It is kept by nobody: a callee
 * stores no pointer into its caller's frame that the caller did not hand out. */
#ifdef __clang__
#define WASRISC_GO_FRAME u8 *sp __attribute__((noescape))
#define WASRISC_GO_OWN_FRAME u8 *restrict sp __attribute__((noescape))
#else
#define WASRISC_GO_FRAME u8 *sp
#define WASRISC_GO_OWN_FRAME u8 *restrict sp
#endif

/* Checks: an address of Go has 31 bits, and does not lie in a frame that only
 * its own function accesses. */
WASRISC_INLINE u64 wasrisc_go_address(u64 address, u64 offset, u64 low, u64 high) {
    if (WASRISC_UNLIKELY(address >> 31)) wasrisc_trap(WASRISC_TRAP_GO);
    if (WASRISC_UNLIKELY(address + offset >= low && address + offset < high)) wasrisc_trap(WASRISC_TRAP_GO);
    return address;
}

/* A field of `g`, in a register that clang would copy before it loads from
 * it. Volatile: the scheduler writes it. It comes after the stores before it,
 * which "memory" says; an operand would be the copy that this avoids. */
#ifdef __riscv
#define WASRISC_GO_GUARD(register, offset, g)                                   \
    ({                                                                          \
        u64 guard;                                                              \
        __asm__ volatile("lwu %0, %1(" register ")"                             \
                         : "=r"(guard) : "i"(offset) : "memory");               \
        guard;                                                                  \
    })
#else
#define WASRISC_GO_GUARD(register, offset, g) ((u64)LOAD(u32, (g) + (offset)))
#endif

/* Stores a constant that is to be made anew each time. */
#ifdef __riscv
#define WASRISC_GO_STORE(place, constant)                           \
    do {                                                            \
        u64 value;                                                  \
        __asm__ volatile("li %0, %1" : "=r"(value) : "i"(constant)); \
        STORE(u64, place, value);                                   \
    } while (0)
#else
#define WASRISC_GO_STORE(place, constant) STORE(u64, place, constant)
#endif

/* wasrisc_go.c */
u64 wasrisc_go_equal(const u8 *a, const u8 *b, u64 n);
u32 wasrisc_go_compare(const u8 *a, const u8 *b, u64 n);
const u8 *wasrisc_go_find(const u8 *s, u32 byte, u64 n);

/* Freestanding: what a platform supplies anyway. */
void *memmove(void *, const void *, size_t);
void *memset(void *, int, size_t);

#define WASRISC_GO_COLD __attribute__((cold))

typedef u32 (*wasrisc_go_code)(WASRISC_GO_FRAME);

/* The fast version that a value of Go calls. It is the function's index times
 * 2^16, and the table has one pointer per index. */
#define WASRISC_GO_CODE(table, value) (*(const wasrisc_go_code *)((const char *)(table) + ((value) >> 13)))

#define WASRISC_GO_BAD_CODE(value, size) (((value) & 0xffff) || (value) >> 16 >= (size))

#endif
