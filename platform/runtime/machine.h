/* What each machine supplies to this runtime, and what it may call. */
#ifndef WASRISC_MACHINE_H
#define WASRISC_MACHINE_H

#include "wasrisc.h"
#include "wasrisc_platform.h"

/* ---- Supplied by platform/X/ ---------------------------------------------- */

/* Address space for `bytes` bytes at `base`. NULL is the machine's low memory if it
 * has any and the module's `first` memory asks, and else anywhere. Nothing need be
 * accessible yet. 0 if there is none; else *base is where it is. */
int wasrisc_machine_reserve(u8 **base, u64 bytes, int first);

/* Makes `bytes` bytes of reserved address space from `from` on readable,
 * writable and zero. 0 if it cannot. */
int wasrisc_machine_commit(u8 *from, u64 bytes);

/* Ends the machine; `code` fits into eight bits. */
_Noreturn void wasrisc_machine_exit(int code);

/* The guest's stack, from the linker script: [lowest, end). Below it lies a
 * guard, [wasrisc_guard_lowest, wasrisc_stack_lowest), which nothing may access.
 * It is larger than the largest frame, so no call steps over it. */
extern u8 wasrisc_guard_lowest[], wasrisc_stack_lowest[], wasrisc_stack_end[];

/* ---- Supplied by platform/runtime/ ---------------------------------------- */

/* Runs the module from its instantiation to its end, on the guest's stack. */
_Noreturn void wasrisc_main(void);

/* How many bytes from address 0 on the machine could not make accessible,
 * although linear memory begins there. */
extern u64 wasrisc_missing_bytes;

/* Ends a program that the machine has stopped: at the instruction `pc`, because
 * of `what`. An access names its address. Runs on a stack of its own. */
enum wasrisc_fault { WASRISC_FAULT_ACCESS, WASRISC_FAULT_INSTRUCTION };
_Noreturn void wasrisc_fault(enum wasrisc_fault what, u64 pc, u64 address);

/* Prints `wasrisc: `, the text and, for numbers, ` 0x…`; no newline. */
void wasrisc_say(const char *text);
void wasrisc_say_hex(u64 number);

/* Ends a program that cannot be started as it is, with exit code 1. */
_Noreturn void wasrisc_refuse(const char *why);

/* announce.c */
void wasrisc_announce_stack(uintptr_t lowest, uintptr_t highest);
void wasrisc_announce_memory(uintptr_t first, uintptr_t last);
/* memory.c: announces the linear memory as it is, if there is one. */
void wasrisc_memory_announce(void);

#endif
