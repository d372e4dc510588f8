/* Clocks that count questions, not time: each answer moves all of them by one
 * step. Start and step are those of platform/wasmtime/wasi. */
#include "wasi.h"

/* Nanoseconds by which a question moves the clocks, also their resolution. */
#define STEP 1000

/* The first answer in nanoseconds; Go refuses zero. */
#define MONOTONIC_START 1000000000

enum { REALTIME = 0, LAST_CLOCK = 3 /* 2 and 3, of CPU time, follow the monotonic one */ };

static u64 elapsed;

u64 wasi_realtime(void) {
    return WASI_REALTIME_START + elapsed;
}

u32 wasi_clock_now(u32 id, u64 *now) {
    if (id > LAST_CLOCK) return WASI_INVAL;
    *now = elapsed + (id == REALTIME ? WASI_REALTIME_START : MONOTONIC_START);
    return WASI_SUCCESS;
}

/* Saturates where the real-time clock would wrap. */
void wasi_clock_advance(u64 nanoseconds) {
    u64 room = UINT64_MAX - WASI_REALTIME_START - elapsed;
    elapsed += nanoseconds < room ? nanoseconds : room;
}

u32 WASI(clock_res_get)(u32 id, u32 resolution) {
    return id > LAST_CLOCK ? WASI_INVAL : wasi_store_u64(resolution, STEP);
}

u32 WASI(clock_time_get)(u32 id, u64 precision, u32 time) {
    u64 now;
    (void)precision;
    WASI_TRY(wasi_clock_now(id, &now));
    wasi_clock_advance(STEP);
    return wasi_store_u64(time, now);
}
