/* The process: its end, its signals, its one thread. */
#include "wasi.h"

/* Exit codes have eight bits; a larger one must not become a success. */
_Noreturn void WASI(proc_exit)(u32 code) {
    wasrisc_exit(code < 255 ? (int)code : 255);
}

/* A guest has nobody to send it a signal, itself included. */
u32 WASI(proc_raise)(u32 signal) {
    (void)signal;
    return WASI_NOSYS;
}

u32 WASI(sched_yield)(void) {
    return WASI_SUCCESS;
}
