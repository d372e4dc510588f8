/* Random bytes, the same in every run: SplitMix64 (Steele, Lea, Flood: "Fast
 * splittable pseudorandom number generators", 2014) from the seed "wasrisc\0",
 * read as a big-endian number. It is the stream of platform/wasmtime/wasi, so
 * that a guest hashes the same whatever it runs on. */
#include "wasi.h"

static u64 state = 0x7761737269736300;

static u64 next(void) {
    state += 0x9e3779b97f4a7c15;
    u64 mixed = state;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return mixed ^ mixed >> 31;
}

u32 WASI(random_get)(u32 buf, u32 buf_len) {
    if (!wasi_inside(buf, buf_len, 1)) return WASI_FAULT;
    u8 *place = wasi_at(buf);
    u8 *end = place + buf_len;
    for (; end - place >= 8; place += 8) STORE(u64, place, next());
    if (place < end) {
        u64 rest = next();
        __builtin_memcpy(place, &rest, (size_t)(end - place));
    }
    return WASI_SUCCESS;
}
