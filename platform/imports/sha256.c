/* SHA-256 (FIPS 180-4), for 64-bit machines without rotate instructions: a word
 * doubled into both halves of a register rotates by one shift, and three
 * rotations share the doubling. Upper halves may hold anything; only what is
 * shifted down is cleaned first. */
#include "in_order.h"
#include "wasrisc_imports.h"

#define BLOCK 64 /* bytes */

/* In `compress`, which takes in no others by itself (in_order.h). */
#define INLINE static inline __attribute__((always_inline))

static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

INLINE uint64_t doubled(uint64_t word)
{
    return word << 32 | (uint32_t)word;
}

/* The sums of section 4.1.2; only the lower half of a result counts. */
INLINE uint64_t sum0(uint64_t word)
{
    uint64_t w = doubled(word);
    return w >> 2 ^ w >> 13 ^ w >> 22;
}

INLINE uint64_t sum1(uint64_t word)
{
    uint64_t w = doubled(word);
    return w >> 6 ^ w >> 11 ^ w >> 25;
}

INLINE uint64_t schedule0(uint64_t word)
{
    uint64_t w = doubled(word);
    return w >> 7 ^ w >> 18 ^ (uint32_t)word >> 3;
}

INLINE uint64_t schedule1(uint64_t word)
{
    uint64_t w = doubled(word);
    return w >> 17 ^ w >> 19 ^ (uint32_t)word >> 10;
}

/* Two big-endian words, the first in the lower half. */
INLINE uint64_t two_words(const uint8_t *bytes)
{
    const uint64_t odd = 0x00ff00ff00ff00ff, low = 0x0000ffff0000ffff;
    uint64_t pair;
    __builtin_memcpy(&pair, bytes, 8);
    pair = (pair & odd) << 8 | (pair >> 8 & odd);
    return (pair & low) << 16 | (pair >> 16 & low);
}

/* A round leaves `d` and `h` as the next one's e and a. `bc` is b ^ c of this
 * round and becomes that of the next: it saves maj an operation. */
#define ROUND(a, b, c, d, e, f, g, h, i)                                        \
    do {                                                                        \
        uint64_t t = h + sum1(e) + (((f ^ g) & e) ^ g) + k[i] + w[(i) % 16];    \
        uint64_t next = a ^ b;                                                  \
        d += t;                                                                 \
        h = t + sum0(a) + ((next & bc) ^ b);                                    \
        bc = next;                                                              \
    } while (0)

#define EXPAND(i)                                                               \
    (w[(i) % 16] +=                                                             \
     schedule0(w[((i) + 1) % 16]) + w[((i) + 9) % 16] + schedule1(w[((i) + 14) % 16]))

/* Four and eight lines of it, so that each index is a constant. */
#define EXPAND_FOUR(i) EXPAND(i), EXPAND((i) + 1), EXPAND((i) + 2), EXPAND((i) + 3)
#define EIGHT_ROUNDS(i)                                                         \
    ROUND(a, b, c, d, e, f, g, h, (i));                                         \
    ROUND(h, a, b, c, d, e, f, g, (i) + 1);                                     \
    ROUND(g, h, a, b, c, d, e, f, (i) + 2);                                     \
    ROUND(f, g, h, a, b, c, d, e, (i) + 3);                                     \
    ROUND(e, f, g, h, a, b, c, d, (i) + 4);                                     \
    ROUND(d, e, f, g, h, a, b, c, (i) + 5);                                     \
    ROUND(c, d, e, f, g, h, a, b, (i) + 6);                                     \
    ROUND(b, c, d, e, f, g, h, a, (i) + 7)

IN_ORDER static void compress(uint32_t state[8], const uint8_t *block)
{
    uint32_t w[16];
    for (int i = 0; i < 16; i += 2) {
        uint64_t pair = two_words(block + 4 * i);
        w[i] = (uint32_t)pair;
        w[i + 1] = (uint32_t)(pair >> 32);
    }
    uint64_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint64_t e = state[4], f = state[5], g = state[6], h = state[7];
    uint64_t bc = b ^ c;
    for (int from = 0;; from += 16) {
        const uint32_t *k = round_constants + from;
        EIGHT_ROUNDS(0);
        EIGHT_ROUNDS(8);
        if (from == 48)
            break;
        EXPAND_FOUR(0);
        EXPAND_FOUR(4);
        EXPAND_FOUR(8);
        EXPAND_FOUR(12);
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

static void store(uint8_t *bytes, uint32_t word)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(word >> (24 - 8 * i));
}

zkvm_status zkvm_sha256(const uint8_t *data, size_t len, zkvm_sha256_hash *output)
{
    uint32_t state[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };
    uint64_t bits = (uint64_t)len * 8;
    for (; len >= BLOCK; data += BLOCK, len -= BLOCK)
        compress(state, data);
    /* The rest, a one, zeroes, the length: one block or two. */
    uint8_t last[2 * BLOCK] = {0};
    for (size_t i = 0; i < len; i++)
        last[i] = data[i];
    last[len] = 0x80;
    size_t end = len < BLOCK - 8 ? BLOCK : 2 * BLOCK;
    store(last + end - 8, (uint32_t)(bits >> 32));
    store(last + end - 4, (uint32_t)bits);
    for (size_t at = 0; at < end; at += BLOCK)
        compress(state, last + at);
    for (int i = 0; i < 8; i++)
        store(output->data + 4 * i, state[i]);
    return ZKVM_EOK;
}
