#include "check.h"

wasrisc_memory wmemory0;
wasrisc_strings wasrisc_arguments = {"guest\0-v", 9}, wasrisc_environment = {"GOGC=off", 9};
u32 scratch;
u64 heap_bytes = 1 << 22, heap_taken;
char output[4096], diagnostics[4096];
uint8_t _heap_start[1], _heap_end[1];

static u64 output_used, diagnostics_used;
static int failures, checks;

void read_input(const uint8_t **buf, size_t *size) {
    *buf = (const uint8_t *)"abcdef";
    *size = 6;
}

static void append(char *to, u64 *used, const uint8_t *bytes, size_t size) {
    if (*used + size >= sizeof output) *used = 0;
    memcpy(to + *used, bytes, size);
    *used += size;
    to[*used] = 0;
}

void write_output(const uint8_t *bytes, size_t size) {
    append(output, &output_used, bytes, size);
}

void wasrisc_diagnostic(const uint8_t *bytes, size_t size) {
    append(diagnostics, &diagnostics_used, bytes, size);
}

void forget(void) {
    output_used = diagnostics_used = 0;
    output[0] = diagnostics[0] = 0;
}

void wasrisc_exit(int code) {
    printf("exit %d\n", code);
    exit(finish());
}

void *wasrisc_heap_take(uint64_t bytes) {
    if (bytes > heap_bytes - heap_taken) return NULL;
    heap_taken += bytes;
    return aligned_alloc(16, bytes);
}

void start(void) {
    wmemory0 = (wasrisc_memory){malloc(MEMORY_BYTES), MEMORY_BYTES, 1, 1};
    memset(wmemory0.base, 0xff, MEMORY_BYTES);
}

int finish(void) {
    printf("%d checks, %d failed\n", checks, failures);
    return failures > 0;
}

void check(const char *file, int line, const char *what, u64 expected, u64 found) {
    checks++;
    if (expected == found) return;
    failures++;
    if (failures < 20)
        printf("%s:%d: %s: %llu instead of %llu\n", file, line, what, (unsigned long long)found,
               (unsigned long long)expected);
}

u32 room(u32 size) {
    if (scratch + size > MEMORY_BYTES - 4096) scratch = KEPT_BYTES;
    scratch += size;
    return scratch - size;
}

u32 put(const void *bytes, u32 size) {
    u32 address = room(size);
    memcpy(wasi_at(address), bytes, size);
    return address;
}

u32 vector(u32 address, u32 size) {
    return put((u32[]){address, size}, 8);
}

static u32 open_at(const char *path, u32 oflags, u64 rights, u32 fdflags, u32 *fd) {
    u32 address = put(path, (u32)strlen(path)), result = room(4);
    u32 outcome = WASI_IMPORT(path_open)(ROOT, 1, address, (u32)strlen(path), oflags, rights, rights,
                                         fdflags, result);
    *fd = outcome ? UINT32_MAX : AT_32(result);
    return outcome;
}

u32 open_outcome(const char *path, u32 oflags, u64 rights) {
    u32 fd, outcome = open_at(path, oflags, rights, 0, &fd);
    if (!outcome) EQUAL(WASI_SUCCESS, WASI_IMPORT(fd_close)(fd));
    return outcome;
}

u32 opened(const char *path, u32 oflags, u32 fdflags) {
    u32 fd;
    u64 rights = oflags & DIRECTORY ? ALL_RIGHTS & ~(u64)WASI_RIGHT_FD_WRITE : ALL_RIGHTS;
    EQUAL(WASI_SUCCESS, open_at(path, oflags, rights, fdflags, &fd));
    return fd;
}
