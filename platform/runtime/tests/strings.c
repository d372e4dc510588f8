/* memmove, memset and memcmp against loops of bytes: sizes up to 300, and the
 * ways in which source and destination can overlap. Takes the place of a module
 * (xtask/tests/machines.rs). */
#include "machine.h"

void *memmove(void *to, const void *from, size_t n);
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);

enum { BYTES = 1024, MIDDLE = 360, LONGEST = 300 };

/* What is tested, and what it should be. */
static u8 got[BYTES], wanted[BYTES];

static void expect(int holds, const char *what) {
    if (!holds) wasrisc_refuse(what);
}

static void fill(void) {
    u32 random = 1;
    for (int i = 0; i < BYTES; i++) {
        random = random * 1103515245 + 12345;
        got[i] = wanted[i] = random >> 16;
    }
}

static void compare(const char *what) {
    for (int i = 0; i < BYTES; i++) expect(got[i] == wanted[i], what);
}

static void moves(int n, int distance) {
    fill();
    u8 *from = wanted + MIDDLE, *to = from + distance;
    if (distance < 0)
        for (int i = 0; i < n; i++) to[i] = from[i];
    else
        for (int i = n - 1; i >= 0; i--) to[i] = from[i];
    u8 *result = memmove(got + MIDDLE + distance, got + MIDDLE, n);
    expect(result == got + MIDDLE + distance, "memmove returns something else");
    compare("memmove moves something else");
    if (distance >= n || distance <= -n) {
        fill();
        for (int i = 0; i < n; i++) to[i] = from[i];
        expect(memcpy(result, got + MIDDLE, n) == result, "memcpy returns something else");
        compare("memcpy copies something else");
    }
}

static void sets(int n, int offset, u8 byte) {
    fill();
    for (int i = 0; i < n; i++) wanted[MIDDLE + offset + i] = byte;
    u8 *result = memset(got + MIDDLE + offset, byte + 256, n);
    expect(result == got + MIDDLE + offset, "memset returns something else");
    compare("memset sets something else");
}

/* Equal but for the byte at `different`. */
static void compares(int n, int offset, int different) {
    fill();
    u8 *less = got + offset, *more = wanted + offset + 1;
    for (int i = 0; i < n; i++) more[i] = less[i];
    less[different] = 100;
    more[different] = 200;
    int inside = different < n;
    expect(inside ? memcmp(less, more, n) < 0 : memcmp(less, more, n) == 0, "memcmp finds no less");
    expect(inside ? memcmp(more, less, n) > 0 : memcmp(more, less, n) == 0, "memcmp finds no more");
}

void winstantiate(void) {}

void wexport__start(void) {
    /* Every size as far as sizes have code of their own, then some; every
     * distance of small ones, of others some. */
    for (int n = 0; n <= LONGEST; n += n < 140 ? 1 : 7) {
        for (int distance = -n - 9; distance <= n + 9; distance++)
            if (n <= 33 || (distance >= -9 && distance <= 9) || distance % 13 == 0) moves(n, distance);
        for (int offset = 0; offset < 8; offset++) sets(n, offset, n % 3 ? n : 0);
    }
    for (int n = 0; n <= 40; n++)
        for (int different = 0; different < n + 3; different++) compares(n, n % 9, different);
}
