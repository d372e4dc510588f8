/* A small machine for tests, and the one helper that all checks go through. Each
 * test is a program of its own: state lasts from check to check. */
#ifndef CHECK_H
#define CHECK_H

#include "../../wasi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the module's memory; the sanitizer watches both its ends. */
enum { MEMORY_BYTES = 1 << 16 };

/* What is given out in strings and buffers ends here; it begins anew when memory
 * is used up, but for what came first. */
extern u32 scratch;
enum { KEPT_BYTES = 256 };

/* How many bytes of heap there are; what has been taken. */
extern u64 heap_bytes, heap_taken;

/* What was written to the two streams. */
extern char output[4096], diagnostics[4096];
void forget(void);

void start(void);
int finish(void);

/* Counts and prints a difference. */
void check(const char *file, int line, const char *what, u64 expected, u64 found);

#define EQUAL(expected, found) check(__FILE__, __LINE__, #found, (u64)(expected), (u64)(found))

/* CHECK(NOENT, path_unlink_file, 3, PATH("a")): the errno and the call. */
#define CHECK(outcome, function, ...)                                                      \
    check(__FILE__, __LINE__, #function "(" #__VA_ARGS__ ")", WASI_##outcome,              \
          WASI_IMPORT(function)(__VA_ARGS__))

/* A copy in the module's memory. */
u32 put(const void *bytes, u32 size);
u32 room(u32 size);
#define PATH(text) put(text, sizeof(text) - 1), sizeof(text) - 1
/* One part of a vector, and the number of parts. */
u32 vector(u32 address, u32 size);
#define TEXT(text) vector(put(text, sizeof(text) - 1), sizeof(text) - 1), 1

#define AT_32(address) LOAD(u32, wasi_at(address))
#define AT_64(address) LOAD(u64, wasi_at(address))

/* Opens below `fd` with all rights that can be had; the number, or fails. */
u32 opened(const char *path, u32 oflags, u32 fdflags);
/* The errno of the same. */
u32 open_outcome(const char *path, u32 oflags, u64 rights);

enum { CREAT = 1, DIRECTORY = 2, EXCL = 4, TRUNC = 8 };
enum { ROOT = 3 };
#define ALL_RIGHTS ((u64)WASI_RIGHTS_ALL)

#endif
