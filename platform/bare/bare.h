/* A bare machine: what virt and flat have in common. Their machine.c says first
 * where linear memory may lie and then includes bare.c. */
#ifndef WASRISC_BARE_H
#define WASRISC_BARE_H

#include "../runtime/machine.h"

/* Put at this address by the emulator's loader, with the arguments, the
 * environment and, from the next multiple of 8 on, the input after it. */
#define BOOT_BLOCK ((const struct boot_block *)0xc0000000)
/* Where the guard below virt's linear memory begins (start.S). */
#define BOOT_BLOCK_END ((u64)0xff000000)
#define BOOT_MAGIC 0x0163736972736177ull /* "wasrisc\1" */
struct boot_block {
    u64 magic;
    u64 arguments_bytes, environment_bytes, input_bytes;
    uint8_t bytes[];
};

/* The debugger's operations that QEMU answers (RISC-V Semihosting, after Arm's). */
enum { SEMIHOSTING_OPEN = 1, SEMIHOSTING_WRITE = 5, SEMIHOSTING_EXIT_EXTENDED = 0x20 };

/* start.S */
long wasrisc_semihosting(long operation, const void *block);

/* The debugger's console: opened to write it is the emulator's standard output,
 * opened to append its standard error. -1 if it cannot be opened. */
enum { CONSOLE_OUTPUT = 4, CONSOLE_ERRORS = 8 };

static inline long console_open(u64 mode) {
    static const char console[] = ":tt";
    const u64 block[] = {(uintptr_t)console, mode, sizeof console - 1};
    return wasrisc_semihosting(SEMIHOSTING_OPEN, block);
}

/* 0 if the console takes no more of it, or was not opened. */
static inline int console_write(long file, const uint8_t *bytes, size_t size) {
    while (size) {
        const u64 block[] = {file, (uintptr_t)bytes, size};
        u64 left = file < 0 ? size : (u64)wasrisc_semihosting(SEMIHOSTING_WRITE, block);
        if (left >= size) return 0;
        bytes += size - left;
        size = left;
    }
    return 1;
}

#endif
