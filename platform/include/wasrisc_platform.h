/* What a machine and its runtime offer to WASI, to imports and to the program:
 * input, output, messages, the end. The names without `wasrisc_` are those of
 * the zkVM standards (eth-act/zkvm-standards: IO, memory, termination). */
#ifndef WASRISC_PLATFORM_H
#define WASRISC_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

/* The whole input, which is private. No copy is made, every call gives the
 * same, and it cannot fail: without input the size is 0. */
void read_input(const uint8_t **buf, size_t *size);

/* Appends to the output, which is public. Standard output is the output. */
void write_output(const uint8_t *buf, size_t size);

/* Standard error and the messages of traps: for people, no part of the output. */
void wasrisc_diagnostic(const uint8_t *text, size_t size);

/* Ends the machine. 0 is success, 1 to 255 failures; what does not fit into
 * those eight bits becomes 255, so that no failure turns into a success. */
_Noreturn void wasrisc_exit(int code);

/* NUL-terminated strings one after the other; valid before the module starts.
 * The first argument is the program's name, "guest" wherever it runs. */
typedef struct wasrisc_strings {
    const char *bytes;
    size_t size;
} wasrisc_strings;
extern wasrisc_strings wasrisc_arguments, wasrisc_environment;

/* Memory that is neither the ELF's nor the stack's nor linear memory: free for
 * a program's own allocator, zero at the start. The runtime and WASI
 * take what they need from its upper end. */
extern uint8_t _heap_start[], _heap_end[];

/* Takes `bytes` bytes, aligned to 16, from the heap's upper end; NULL if it is
 * used up. Nothing is given back. */
void *wasrisc_heap_take(uint64_t bytes);

/* The image of a directory for WASI's file system; empty unless linked in. */
extern const uint8_t wasrisc_files[], wasrisc_files_end[];

#endif
