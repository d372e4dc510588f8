/* Ends that are failures: a trap of the module, a fault of the machine. Each
 * says on the diagnostics what happened, and gives the code of an abort. */
#include "machine.h"

/* As a shell reports SIGABRT. */
#define TRAPPED 134

/* The wording of the specification's tests. */
static const char *const TEXTS[] = {
    [WASRISC_TRAP_UNREACHABLE] = "unreachable",
    [WASRISC_TRAP_MEMORY_BOUNDS] = "out of bounds memory access",
    [WASRISC_TRAP_DIVIDE_BY_ZERO] = "integer divide by zero",
    [WASRISC_TRAP_INTEGER_OVERFLOW] = "integer overflow",
    [WASRISC_TRAP_INVALID_CONVERSION] = "invalid conversion to integer",
    [WASRISC_TRAP_UNDEFINED_ELEMENT] = "undefined element",
    [WASRISC_TRAP_UNINITIALIZED_ELEMENT] = "uninitialized element",
    [WASRISC_TRAP_INDIRECT_CALL_TYPE] = "indirect call type mismatch",
    [WASRISC_TRAP_TABLE_BOUNDS] = "out of bounds table access",
    [WASRISC_TRAP_STACK_EXHAUSTED] = "call stack exhausted",
    [WASRISC_TRAP_LINK] = "incompatible import type",
    [WASRISC_TRAP_NO_MEMORY] = "the machine has no room for the memory",
    [WASRISC_TRAP_GO] = "the module does what is assumed of no module of Go",
};
enum { KNOWN = sizeof TEXTS / sizeof *TEXTS };
_Static_assert(KNOWN == WASRISC_TRAP_GO + 1, "a text for each trap of wasrisc.h");

void wasrisc_say(const char *text) {
    size_t length = 0;
    while (text[length]) length++;
    wasrisc_diagnostic((const uint8_t *)text, length);
}

void wasrisc_say_hex(u64 number) {
    char text[2 + 16];
    int at = sizeof text;
    do {
        text[--at] = "0123456789abcdef"[number & 15];
        number >>= 4;
    } while (number);
    text[--at] = 'x';
    text[--at] = '0';
    wasrisc_diagnostic((const uint8_t *)text + at, sizeof text - at);
}

void wasrisc_trap(int code) {
    wasrisc_say("wasrisc: trap: ");
    if ((unsigned)code < KNOWN && TEXTS[code]) wasrisc_say(TEXTS[code]);
    else wasrisc_say_hex((unsigned)code);
    wasrisc_say("\n");
    wasrisc_exit(TRAPPED);
}

void wasrisc_fault(enum wasrisc_fault what, u64 pc, u64 address) {
    if (address >= (uintptr_t)wasrisc_guard_lowest && address < (uintptr_t)wasrisc_stack_lowest &&
        what == WASRISC_FAULT_ACCESS)
        wasrisc_trap(WASRISC_TRAP_STACK_EXHAUSTED);
    wasrisc_say("wasrisc: fault: ");
    if (what == WASRISC_FAULT_ACCESS) {
        if (address < wasrisc_missing_bytes)
            wasrisc_say("linear memory begins at address 0, which this system keeps from processes; ");
        wasrisc_say("no access to ");
        wasrisc_say_hex(address);
        wasrisc_say(" by the instruction at ");
    } else {
        wasrisc_say("the machine refuses the instruction at ");
    }
    wasrisc_say_hex(pc);
    wasrisc_say("\n");
    wasrisc_exit(TRAPPED);
}

void wasrisc_refuse(const char *why) {
    wasrisc_say("wasrisc: ");
    wasrisc_say(why);
    wasrisc_say("\n");
    wasrisc_exit(1);
}
