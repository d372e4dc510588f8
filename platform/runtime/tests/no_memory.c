/* A module whose memory gets addresses, on amd64, but no room there: it ends as
 * the start of a translated module does. */
#include "machine.h"

static wasrisc_memory memory = {
    .base = (u8 *)0x10000000, .bytes = 1 << 30, .max_pages = 1 << 14, .declared_max = UINT64_MAX};

void winstantiate(void) {
    if (!wasrisc_memory_provide(&memory)) wasrisc_trap(WASRISC_TRAP_NO_MEMORY);
}

void wexport__start(void) {}
