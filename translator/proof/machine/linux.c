/* platform/linux in the proof: what translated code finds in registers that its
 * options name, and faults as the traps that they stand for. */
#include "wasrisc.h"

/* Linked with --wrap of what has a wrapper here. */
void __real_winstantiate(void);
_Noreturn void __real_wasrisc_fault(int what, u64 pc, u64 address);
_Noreturn void __wrap_wasrisc_trap(int code);

#ifndef BASE
#define BASE 0
#endif

/* Nothing else uses it: neither this runtime nor a compiler for it has threads. */
void __wrap_winstantiate(void) {
    __asm__ volatile("mv tp, %0" : : "r"((u64)BASE));
    __real_winstantiate();
}

/* The way out of a trap leaves the signal's handler, and the next one must come. */
static void unblock_faults(void) {
    static const u64 bus_and_segment = 1 << (7 - 1) | 1 << (11 - 1);
    register u64 a7 __asm__("a7") = 135; /* rt_sigprocmask */
    register u64 a0 __asm__("a0") = 1;   /* SIG_UNBLOCK */
    register const void *a1 __asm__("a1") = &bus_and_segment;
    register void *a2 __asm__("a2") = 0;
    register u64 a3 __asm__("a3") = sizeof bus_and_segment;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3) : "memory");
}

_Noreturn void __wrap_wasrisc_fault(int what, u64 pc, u64 address) {
    enum { ACCESS = 0 };
    if (!GUARD_BEHIND || what != ACCESS) __real_wasrisc_fault(what, pc, address);
    unblock_faults();
    __wrap_wasrisc_trap(WASRISC_TRAP_MEMORY_BOUNDS);
}
