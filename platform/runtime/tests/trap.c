/* A trap that no message is known for. */
#include "machine.h"

void winstantiate(void) { wasrisc_trap(WASRISC_TRAP_GO + 1); }

void wexport__start(void) {}
