/* The import wasrisc.phase: markers that tell the instruction counter where a
 * phase begins, code 1 a run, code 2 the exit (docs/input-format.md). */
#include "machine.h"

#if defined(__riscv)
/* A HINT that the ISA manual leaves to custom use. */
#define MARKER(code) __asm__ volatile("slti zero, zero, %0" : : "i"(0x570 + (code)))
#elif defined(__x86_64__)
/* The NOP of 7 bytes; in bytes because an assembler may choose a shorter one. */
#define MARKER(code) __asm__ volatile(".byte 0x0f, 0x1f, 0x80\n.long %c0" : : "i"(0x57415300 + (code)))
#else
#error "phase.c: the instruction counter knows no markers of this machine"
#endif

void wasrisc_import_wasrisc_phase(u32 code) {
    switch (code) {
    case 1: MARKER(1); break;
    case 2: MARKER(2); break;
    default: wasrisc_refuse("wasrisc.phase knows only the codes 1 (a run) and 2 (the exit)");
    }
}
