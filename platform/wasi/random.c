/* Random bytes, the same in every run: xoshiro256** (Blackman, Vigna: "Scrambled
 * linear pseudorandom number generators", 2021). Its state starts as the first
 * four outputs of SplitMix64 from the seed "wasrisc\0", read as a big-endian
 * number. */
#include "wasi.h"

static u64 state[4] = {
    0x52842adf73ec99da,
    0xe470fd84705628a5,
    0xc0644c47e7fb86cd,
    0x23a2d073c5fdf176,
};

static inline u64 rotated(u64 value, int bits) {
    return value << bits | value >> (64 - bits);
}

static u64 next(void) {
    u64 result = rotated(state[1] * 5, 7) * 9;
    u64 shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotated(state[3], 45);
    return result;
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
