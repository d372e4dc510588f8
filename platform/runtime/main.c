/* From the machine's start to the module's end. */
#include "machine.h"

void winstantiate(void);
void wexport__start(void);

wasrisc_strings wasrisc_arguments, wasrisc_environment;
uintptr_t wasrisc_stack_limit;

/* Where functions check their frames: what those that call nothing, which do not,
 * and this runtime may use below the limit. Frames are up to 256 KiB, and one that
 * is larger than this ends in the guard below, as it does where nothing is checked. */
#define BELOW_LIMIT 16384

void wasrisc_main(void) {
    wasrisc_stack_limit = (uintptr_t)wasrisc_stack_lowest + BELOW_LIMIT;
    wasrisc_announce_stack((uintptr_t)wasrisc_stack_lowest, (uintptr_t)wasrisc_stack_end - 1);
    winstantiate();
    wexport__start();
    wasrisc_exit(0);
}

void wasrisc_exit(int code) {
    wasrisc_memory_announce();
    wasrisc_machine_exit((unsigned)code > 255 ? 255 : code);
}
