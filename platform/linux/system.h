/* The few system calls of Linux that a machine is made of, and what differs of
 * them between RISC-V and x86-64. */
#ifndef WASRISC_LINUX_SYSTEM_H
#define WASRISC_LINUX_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

#if defined(__riscv)

enum {
    SYSTEM_LSEEK = 62, SYSTEM_READ = 63, SYSTEM_WRITE = 64, SYSTEM_FSTAT = 80,
    SYSTEM_EXIT_GROUP = 94, SYSTEM_SIGALTSTACK = 132, SYSTEM_SIGACTION = 134,
    SYSTEM_MMAP = 222, SYSTEM_MPROTECT = 226,
};
/* Bytes from the start of a stat, of a signal's context. */
enum { STAT_MODE = 16, STAT_SIZE = 48, CONTEXT_PC = 176 };

struct kernel_action {
    void (*handler)(int, void *, void *);
    uint64_t flags, mask;
};
#define KERNEL_ACTION(handler, flags) {handler, flags, 0}

/* A function of its own, so that the audit has one place to except. */
static __attribute__((noinline)) long system_call(long number, long a, long b, long c, long d, long e, long f) {
    register long a7 __asm__("a7") = number;
    register long a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c;
    register long a3 __asm__("a3") = d;
    register long a4 __asm__("a4") = e;
    register long a5 __asm__("a5") = f;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5) : "memory");
    return a0;
}

#elif defined(__x86_64__)

enum {
    SYSTEM_READ = 0, SYSTEM_WRITE = 1, SYSTEM_FSTAT = 5, SYSTEM_LSEEK = 8, SYSTEM_MMAP = 9,
    SYSTEM_MPROTECT = 10, SYSTEM_SIGACTION = 13, SYSTEM_SIGALTSTACK = 131, SYSTEM_EXIT_GROUP = 231,
};
enum { STAT_MODE = 24, STAT_SIZE = 48, CONTEXT_PC = 168 };

/* The kernel wants a restorer even where no handler returns. */
struct kernel_action {
    void (*handler)(int, void *, void *);
    uint64_t flags;
    void (*restorer)(void);
    uint64_t mask;
};
#define KERNEL_ACTION(handler, flags) {handler, (flags) | SA_RESTORER, 0, 0}

static inline long system_call(long number, long a, long b, long c, long d, long e, long f) {
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

#else
#error "system.h: no system calls of this machine"
#endif

/* Results from -4095 to -1 are errnos. */
static inline int system_failed(long result) { return result < 0 && result >= -4095; }

enum { PROTECT_NONE = 0, PROTECT_READ = 1, PROTECT_WRITE = 2 };
enum { MAP_PRIVATE = 2, MAP_FIXED = 0x10, MAP_ANONYMOUS = 0x20, MAP_NORESERVE = 0x4000 };
/* Bytes from the start of a signal's information. */
enum { FAULT_ADDRESS = 16 };
struct kernel_stack {
    void *lowest;
    int flags;
    size_t bytes;
};
enum { SIGILL = 4, SIGTRAP = 5, SIGBUS = 7, SIGFPE = 8, SIGSEGV = 11 };
enum { SA_SIGINFO = 4, SA_RESTORER = 0x04000000, SA_ONSTACK = 0x08000000 };
enum { MODE_TYPE = 0170000, MODE_REGULAR = 0100000, SEEK_CURRENT = 1, ERRNO_INTR = 4 };

#endif
