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

/* Checks: what lies at an address of Go ends within 31 bits, lengths have 32 bits,
 * and no byte of it lies in a frame that only its own function accesses. */
WASRISC_INLINE u64 wasrisc_go_address(u64 address, u64 offset, u64 size, u64 low, u64 high) {
    u64 start = address + offset, end = start + size;
    if (WASRISC_UNLIKELY(address >> 31 || size >> 32 || end > (u64)1 << 31)) wasrisc_trap(WASRISC_TRAP_GO);
    if (WASRISC_UNLIKELY(size && end > low && start < high)) wasrisc_trap(WASRISC_TRAP_GO);
    return address;
}

/* A field of `g`, in a register that clang would copy before it loads from
 * it. Volatile: the scheduler writes it. It comes after the stores before it,
 * which "memory" says; an operand would be the copy that this avoids. */
#ifdef __riscv
#define WASRISC_GO_GUARD(register, offset, g)                                   \
    ({                                                                          \
        u8 *guard;                                                              \
        __asm__ volatile("lwu %0, %1(" register ")"                             \
                         : "=r"(guard) : "i"(offset) : "memory");               \
        guard;                                                                  \
    })
#else
#define WASRISC_GO_GUARD(register, offset, g) ((u8 *)(u64)LOAD(u32, (g) + (offset)))
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
void wasrisc_go_move_stack(u8 *memory, u64 g, u32 one_in);

/* Freestanding: what a platform supplies anyway. */
void *memmove(void *, const void *, size_t);
void *memset(void *, int, size_t);

/* A copy of Go's. GCC 12 calls memmove for any constant length but that of a
 * word: up to 64 bytes all is loaded before any is stored. */
WASRISC_INLINE void wasrisc_go_move(u8 *to, const u8 *from, u64 n) {
#ifndef __clang__
    if (__builtin_constant_p(n) && n > 8 && n <= 64) {
        u64 a = LOAD(u64, from), b = 0, c = 0, d = 0, e = 0, f = 0, g = 0;
        if (n > 16) b = LOAD(u64, from + 8);
        if (n > 24) c = LOAD(u64, from + 16);
        if (n > 32) d = LOAD(u64, from + 24);
        if (n > 40) e = LOAD(u64, from + 32);
        if (n > 48) f = LOAD(u64, from + 40);
        if (n > 56) g = LOAD(u64, from + 48);
        u64 last = LOAD(u64, from + n - 8);
        STORE(u64, to, a);
        if (n > 16) STORE(u64, to + 8, b);
        if (n > 24) STORE(u64, to + 16, c);
        if (n > 32) STORE(u64, to + 24, d);
        if (n > 40) STORE(u64, to + 32, e);
        if (n > 48) STORE(u64, to + 40, f);
        if (n > 56) STORE(u64, to + 48, g);
        STORE(u64, to + n - 8, last);
        return;
    }
#endif
    __builtin_memmove(to, from, n);
}

/* xorBytes(dst, x, y *byte, n int) of crypto/internal/fips140/subtle, if it has
 * arguments that it does not panic for, at addresses where it goes by words: the same
 * stores in the same order, for the ranges may overlap. 1: all is done. 0: nothing. */
WASRISC_INLINE u32 wasrisc_go_xor(u8 *memory, const u8 *arguments) {
    u64 dst = LOAD(u64, arguments), x = LOAD(u64, arguments + 8), y = LOAD(u64, arguments + 16);
    u64 n = LOAD(u64, arguments + 24);
    if ((dst | x | y) & 7 || !dst || !x || !y || !n || n >> 31) return 0;
    /* As numbers: memory may begin at NULL. */
    u8 *to = (u8 *)((u64)memory + dst);
    const u8 *a = (const u8 *)((u64)memory + x), *b = (const u8 *)((u64)memory + y);
#define WASRISC_GO_XOR(type, at) STORE(type, to + (at), LOAD(type, a + (at)) ^ LOAD(type, b + (at)))
    for (; n >= 64; n -= 64, to += 64, a += 64, b += 64) {
        WASRISC_GO_XOR(u64, 0);
        WASRISC_GO_XOR(u64, 8);
        WASRISC_GO_XOR(u64, 16);
        WASRISC_GO_XOR(u64, 24);
        WASRISC_GO_XOR(u64, 32);
        WASRISC_GO_XOR(u64, 40);
        WASRISC_GO_XOR(u64, 48);
        WASRISC_GO_XOR(u64, 56);
    }
    for (; n >= 8; n -= 8, to += 8, a += 8, b += 8) WASRISC_GO_XOR(u64, 0);
    for (; n; n--, to++, a++, b++) WASRISC_GO_XOR(u8, 0);
#undef WASRISC_GO_XOR
    return 1;
}

#define WASRISC_GO_COLD __attribute__((cold))
/* A definition for inlining only: the function itself is in another file. */
#define WASRISC_GO_COPY extern inline __attribute__((gnu_inline))

typedef void (*wasrisc_go_code)(WASRISC_GO_FRAME);

/* Calls a fast version: 0 if it returned. 1 if something that it called began
 * to unwind, which drops what the C stack has of fast versions: Go's scheduler
 * resumes from the stack in linear memory. */
u32 wasrisc_go_catch(u8 *sp, wasrisc_go_code fast);
_Noreturn void wasrisc_go_unwind(void);

/* Both, for whoever includes this in one file. The registers that a function
 * has to keep are on the stack while the fast version runs, and the last such
 * place is in `wasrisc_go_caught`. `before` and `after` keep what is in a
 * register although the fast version was left. */
#if defined(__riscv)
#define WASRISC_GO_JUMP "j"
#define WASRISC_GO_EACH(op, to)                                                      \
    op " ra, 0(" to ")\n" op " s0, 8(" to ")\n" op " s1, 16(" to ")\n"               \
    op " s2, 24(" to ")\n" op " s3, 32(" to ")\n" op " s4, 40(" to ")\n"             \
    op " s5, 48(" to ")\n" op " s6, 56(" to ")\n" op " s7, 64(" to ")\n"             \
    op " s8, 72(" to ")\n" op " s9, 80(" to ")\n" op " s10, 88(" to ")\n"            \
    op " s11, 96(" to ")\n"
#define WASRISC_GO_CATCH                                                             \
    "addi sp, sp, -112\n" WASRISC_GO_EACH("sd", "sp")                                \
    "la t0, wasrisc_go_caught\n ld t1, 0(t0)\n sd t1, 104(sp)\n sd sp, 0(t0)\n"      \
    "jalr a1\n li a0, 0\n"
#define WASRISC_GO_DROP "la t0, wasrisc_go_caught\n ld sp, 0(t0)\n li a0, 1\n"
#define WASRISC_GO_LEAVE                                                             \
    "la t0, wasrisc_go_caught\n ld t1, 104(sp)\n sd t1, 0(t0)\n"                     \
    WASRISC_GO_EACH("ld", "sp") "addi sp, sp, 112\n"
#define WASRISC_GO_KEEP(register) "mv t6, " register "\n"
#define WASRISC_GO_BACK(register) "mv " register ", t6\n"
#elif defined(__x86_64__)
#define WASRISC_GO_JUMP "jmp"
#define WASRISC_GO_CATCH                                                             \
    "push %rbp\n push %rbx\n push %r12\n push %r13\n push %r14\n push %r15\n"        \
    "push wasrisc_go_caught(%rip)\n mov %rsp, wasrisc_go_caught(%rip)\n"             \
    "call *%rsi\n xor %eax, %eax\n"
#define WASRISC_GO_DROP "mov wasrisc_go_caught(%rip), %rsp\n mov $1, %eax\n"
#define WASRISC_GO_LEAVE                                                             \
    "pop wasrisc_go_caught(%rip)\n"                                                  \
    "pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbx\n pop %rbp\n"
#define WASRISC_GO_KEEP(register) "mov %" register ", %rdx\n"
#define WASRISC_GO_BACK(register) "mov %rdx, %" register "\n"
#endif
#define WASRISC_GO_UNWINDING_BY(before, after)                                       \
    __asm__(".section .text.wasrisc_go_catch,\"ax\"\n .balign 4\n"                   \
            ".weak wasrisc_go_catch, wasrisc_go_unwind\n"                            \
            "wasrisc_go_catch:\n" WASRISC_GO_CATCH                                   \
            "1:\n" before WASRISC_GO_LEAVE after "ret\n"                             \
            "wasrisc_go_unwind:\n" WASRISC_GO_DROP WASRISC_GO_JUMP " 1b\n"           \
            ".previous\n .comm wasrisc_go_caught, 8, 8\n");
#define WASRISC_GO_UNWINDING WASRISC_GO_UNWINDING_BY("", "")
#define WASRISC_GO_UNWINDING_BUT(register)                                           \
    WASRISC_GO_UNWINDING_BY(WASRISC_GO_KEEP(register), WASRISC_GO_BACK(register))

/* The fast version that a value of Go calls. It is the function's index times
 * 2^16, and the table has one pointer per index. */
#define WASRISC_GO_CODE(table, value) (*(const wasrisc_go_code *)((const char *)(table) + ((value) >> 13)))

/* Checks: what is no such value, or the place of no function of Go. */
#define WASRISC_GO_BAD_CODE(table, value, size) \
    (((value) & 0xffff) || (value) >> 16 >= (size) || !WASRISC_GO_CODE(table, value))

#endif
