/* Keccak-256 (the Keccak submission's padding, as Ethereum has it; FIPS 202's
 * SHA3-256 differs in that alone), for machines without rotate and and-not: six
 * lanes are kept complemented, which saves most of chi's negations ("lane
 * complementing", Keccak implementation overview 3.2, section 2.2). */
#include "in_order.h"
#include "wasrisc_imports.h"

#define ROUNDS 24
#define RATE 136 /* bytes */

static const uint64_t round_constants[ROUNDS] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

#define ROTATE(value, by) ((value) << (by) | (value) >> (64 - (by)))

/* One round from the lanes `a` to the lanes `e`, where lane x of plane y is number
 * 5y + x. `c` are the parities of the columns of `a`, and become those of `e`. A
 * plane of `e` is made of one lane from each plane of `a`: `LANE` adds theta's
 * part of the column to it and rotates it by rho. */
#define LANE(x, from, by) uint64_t b##x = ROTATE(a[from] ^ d[(from) % 5], by)
#define STORE(x, value) (e[plane + x] = t = (value), n[x] = plane == 0 ? t : n[x] ^ t)

static inline __attribute__((always_inline)) void
keccak_round(const uint64_t a[25], uint64_t e[25], uint64_t c[5], uint64_t constant)
{
    uint64_t d[5], n[5], t;
    d[0] = c[4] ^ ROTATE(c[1], 1);
    d[1] = c[0] ^ ROTATE(c[2], 1);
    d[2] = c[1] ^ ROTATE(c[3], 1);
    d[3] = c[2] ^ ROTATE(c[4], 1);
    d[4] = c[3] ^ ROTATE(c[0], 1);
    {
        enum { plane = 0 };
        uint64_t b0 = a[0] ^ d[0];
        LANE(1, 6, 44);
        LANE(2, 12, 43);
        LANE(3, 18, 21);
        LANE(4, 24, 14);
        STORE(0, b0 ^ (b1 | b2) ^ constant);
        STORE(1, b1 ^ (~b2 | b3));
        STORE(2, b2 ^ (b3 & b4));
        STORE(3, b3 ^ (b4 | b0));
        STORE(4, b4 ^ (b0 & b1));
    }
    {
        enum { plane = 5 };
        LANE(0, 3, 28);
        LANE(1, 9, 20);
        LANE(2, 10, 3);
        LANE(3, 16, 45);
        LANE(4, 22, 61);
        STORE(0, b0 ^ (b1 | b2));
        STORE(1, b1 ^ (b2 & b3));
        STORE(2, b2 ^ (b3 | ~b4));
        STORE(3, b3 ^ (b4 | b0));
        STORE(4, b4 ^ (b0 & b1));
    }
    {
        enum { plane = 10 };
        LANE(0, 1, 1);
        LANE(1, 7, 6);
        LANE(2, 13, 25);
        LANE(3, 19, 8);
        LANE(4, 20, 18);
        uint64_t not3 = ~b3;
        STORE(0, b0 ^ (b1 | b2));
        STORE(1, b1 ^ (b2 & b3));
        STORE(2, b2 ^ (not3 & b4));
        STORE(3, not3 ^ (b4 | b0));
        STORE(4, b4 ^ (b0 & b1));
    }
    {
        enum { plane = 15 };
        LANE(0, 4, 27);
        LANE(1, 5, 36);
        LANE(2, 11, 10);
        LANE(3, 17, 15);
        LANE(4, 23, 56);
        uint64_t not3 = ~b3;
        STORE(0, b0 ^ (b1 & b2));
        STORE(1, b1 ^ (b2 | b3));
        STORE(2, b2 ^ (not3 | b4));
        STORE(3, not3 ^ (b4 & b0));
        STORE(4, b4 ^ (b0 | b1));
    }
    {
        enum { plane = 20 };
        LANE(0, 2, 62);
        LANE(1, 8, 55);
        LANE(2, 14, 39);
        LANE(3, 15, 41);
        LANE(4, 21, 2);
        uint64_t not1 = ~b1;
        STORE(0, b0 ^ (not1 & b2));
        STORE(1, not1 ^ (b2 | b3));
        STORE(2, b2 ^ (b3 & b4));
        STORE(3, b3 ^ (b4 | b0));
        STORE(4, b4 ^ (b0 & b1));
    }
    c[0] = n[0];
    c[1] = n[1];
    c[2] = n[2];
    c[3] = n[3];
    c[4] = n[4];
}

IN_ORDER static void permute(uint64_t a[25])
{
    uint64_t e[25], c[5];
    for (int x = 0; x < 5; x++)
        c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (int round = 0; round < ROUNDS; round += 2) {
        keccak_round(a, e, c, round_constants[round]);
        keccak_round(e, a, c, round_constants[round + 1]);
    }
}

/* The lanes that are kept complemented. */
static void complement(uint64_t a[25])
{
    static const uint8_t lanes[] = {1, 2, 8, 12, 17, 20};
    for (size_t i = 0; i < sizeof lanes; i++)
        a[lanes[i]] = ~a[lanes[i]];
}

static void absorb(uint64_t a[25], const uint8_t *block)
{
    for (size_t i = 0; i < RATE / 8; i++) {
        uint64_t lane;
        __builtin_memcpy(&lane, block + 8 * i, 8);
        a[i] ^= lane;
    }
    permute(a);
}

zkvm_status zkvm_keccak256(const uint8_t *data, size_t len, zkvm_keccak256_hash *output)
{
    uint64_t a[25] = {0};
    complement(a);
    for (; len >= RATE; data += RATE, len -= RATE)
        absorb(a, data);
    uint8_t last[RATE] = {0};
    for (size_t i = 0; i < len; i++)
        last[i] = data[i];
    last[len] = 0x01;
    last[RATE - 1] |= 0x80;
    absorb(a, last);
    complement(a);
    __builtin_memcpy(output->data, a, sizeof output->data);
    return ZKVM_EOK;
}
