/* What virt and flat have in common: memory that is all there from the start,
 * the boot block, faults. Included by their machine.c, which has defined
 * LINEAR_LOWEST and LINEAR_BYTES. */
#include "bare.h"

/* ---- Memory --------------------------------------------------------------- */

/* RAM is zero at reset and nobody else uses it: to commit it is to use it. */
int wasrisc_machine_commit(u8 *from, u64 bytes) {
    (void)from, (void)bytes;
    return 1;
}

int wasrisc_machine_reserve(u8 **base, u64 bytes, int first) {
    u64 before = *base ? (uintptr_t)*base - LINEAR_LOWEST : 0;
    if (first && before <= LINEAR_BYTES && bytes <= LINEAR_BYTES - before) {
        *base = (u8 *)(LINEAR_LOWEST + before);
        return 1;
    }
    if (*base) return 0;
    *base = wasrisc_heap_take(bytes);
    return *base != NULL;
}

/* ---- The boot block -------------------------------------------------------- */

static const uint8_t *input;
static size_t input_bytes;

void read_input(const uint8_t **buf, size_t *size) {
    *buf = input;
    *size = input_bytes;
}

/* So many bytes of the block from `*at` on, which moves past them. */
static const uint8_t *part(const uint8_t **at, u64 bytes) {
    const uint8_t *from = *at;
    if (bytes > BOOT_BLOCK_END - (uintptr_t)from)
        wasrisc_refuse("the boot block at 0xc0000000 is longer than 1008 MiB");
    *at = from + bytes;
    return from;
}

static void read_boot_block(void) {
    static const char name[] = "guest";
    wasrisc_arguments = (wasrisc_strings){name, sizeof name};
    const struct boot_block *boot = BOOT_BLOCK;
    /* Nothing was loaded: a program without arguments and input. */
    if (boot->magic == 0) return;
    if (boot->magic != BOOT_MAGIC) wasrisc_refuse("what lies at 0xc0000000 is no boot block");
    const uint8_t *at = boot->bytes;
    const char *arguments = (const char *)part(&at, boot->arguments_bytes);
    if (boot->arguments_bytes)
        wasrisc_arguments = (wasrisc_strings){arguments, boot->arguments_bytes};
    const char *environment = (const char *)part(&at, boot->environment_bytes);
    wasrisc_environment = (wasrisc_strings){environment, boot->environment_bytes};
    at = (const uint8_t *)(((uintptr_t)at + 7) & ~(uintptr_t)7);
    input = part(&at, boot->input_bytes);
    input_bytes = boot->input_bytes;
}

/* start.S calls it on the guest's stack. */
_Noreturn void wasrisc_machine_start(void) {
    read_boot_block();
    wasrisc_main();
}

/* ---- Faults ----------------------------------------------------------------- */

/* The causes of synchronous exceptions that have an address (mcause). */
enum { FETCH_ACCESS = 1, LOAD_ACCESS = 5, STORE_ACCESS = 7 };

/* start.S calls it on a stack of its own. */
_Noreturn void wasrisc_machine_faulted(u64 cause, u64 pc, u64 address) {
    int access = cause == FETCH_ACCESS || cause == LOAD_ACCESS || cause == STORE_ACCESS;
    wasrisc_fault(access ? WASRISC_FAULT_ACCESS : WASRISC_FAULT_INSTRUCTION, pc, address);
}
