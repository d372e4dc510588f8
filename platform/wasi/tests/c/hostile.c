/* Arguments that a module should not pass. Each argument of each function that is
 * an address is moved out of memory, one at a time: FAULT, and the sanitizer sees
 * that nothing outside was touched. Then calls at random, with any arguments. */
#include "check.h"

enum kind {
#define KIND(kind, type, show) KIND_##kind,
    WASI_KINDS(KIND)
};

enum { MOST_ARGUMENTS = 10 };

struct function {
    const char *name;
    u32 (*call)(const u64 *arguments);
    enum kind kinds[MOST_ARGUMENTS];
    u32 count;
};

#define INDEX(kind, name) name##_index
#define ARGUMENT(kind, name) (wasi_##kind)arguments[name##_index]
#define CALLED(name, ...)                                           \
    static u32 call_##name(const u64 *arguments) {                  \
        enum { WASI_EACH(INDEX, __VA_ARGS__) __VA_OPT__(, ) count };  \
        (void)arguments;                                            \
        return WASI_IMPORT(name)(WASI_EACH(ARGUMENT, __VA_ARGS__)); \
    }
WASI_FUNCTIONS(CALLED)

#define NAMED(kind, name) KIND_##kind
#define KINDS(...) (const enum kind[]){WASI_EACH(NAMED, __VA_ARGS__) __VA_OPT__(, ) 0}
#define LISTED(name, ...) \
    {#name, call_##name, {WASI_EACH(NAMED, __VA_ARGS__)}, sizeof KINDS(__VA_ARGS__) / sizeof(enum kind) - 1},
static const struct function FUNCTIONS[] = {WASI_FUNCTIONS(LISTED)};
enum { FUNCTION_COUNT = sizeof FUNCTIONS / sizeof *FUNCTIONS };

static u32 file, directory;

static bool begins(const char *name, const char *with) {
    return strncmp(name, with, strlen(with)) == 0;
}

static bool is_address(enum kind kind) {
    switch (kind) {
    case KIND_iovs: case KIND_out_fd: case KIND_out_filesize: case KIND_out_size:
    case KIND_out_timestamp: case KIND_path: case KIND_pointer: return true;
    default: return false;
    }
}

/* Arguments with which the function succeeds, or fails later than at an address. */
static void fill(const struct function *function, u64 *arguments) {
    const char *path = strcmp(function->name, "path_readlink") == 0 ? "link" : "a.txt";
    memset(arguments, 0, MOST_ARGUMENTS * sizeof *arguments);
    for (u32 i = 0; i < function->count; i++) {
        u64 *argument = &arguments[i];
        switch (function->kinds[i]) {
        case KIND_fd:
            if (begins(function->name, "path") || begins(function->name, "fd_prestat")) *argument = ROOT;
            else *argument = strcmp(function->name, "fd_readdir") == 0 ? directory : file;
            break;
        case KIND_path: *argument = put(path, 5); break;
        case KIND_path_len: *argument = strlen(path); break;
        case KIND_iovs: *argument = vector(room(4), 4); break;
        case KIND_count: case KIND_size: *argument = 1; break;
        case KIND_pointer:
            *argument = room(64);
            memset(wasi_at((u32)*argument), 0, 64);
            break;
        default: *argument = is_address(function->kinds[i]) ? room(64) : 0;
        }
    }
}

static void addresses(const struct function *function) {
    static const u32 OUTSIDE[] = {MEMORY_BYTES, MEMORY_BYTES + 1, UINT32_MAX, UINT32_MAX - 7, 1u << 31};
    u64 arguments[MOST_ARGUMENTS];
    bool socket = begins(function->name, "sock");
    for (u32 i = 0; i < function->count; i++) {
        if (!is_address(function->kinds[i])) continue;
        for (u32 j = 0; j < sizeof OUTSIDE / sizeof *OUTSIDE; j++) {
            fill(function, arguments);
            arguments[i] = OUTSIDE[j];
            u32 outcome = function->call(arguments);
            check(function->name, (int)i, "an address outside", socket ? WASI_NOTSOCK : WASI_FAULT, outcome);
        }
        if (function->kinds[i] == KIND_pointer) continue;
        fill(function, arguments);
        arguments[i] = MEMORY_BYTES - 1;
        u32 outcome = function->call(arguments);
        check(function->name, (int)i, "the last byte", socket ? WASI_NOTSOCK : WASI_FAULT, outcome);
    }
}

static void lengths(const struct function *function) {
    u64 arguments[MOST_ARGUMENTS];
    for (u32 i = 0; i < function->count; i++) {
        enum kind kind = function->kinds[i];
        if (kind != KIND_path_len && kind != KIND_count) continue;
        fill(function, arguments);
        arguments[i] = UINT32_MAX;
        u32 expected = begins(function->name, "sock") ? WASI_NOTSOCK : WASI_FAULT;
        check(function->name, (int)i, "a length", expected, function->call(arguments));
        if (kind != KIND_count || expected != WASI_FAULT) continue;
        fill(function, arguments);
        STORE(u32, wasi_at((u32)arguments[i - 1]) + 4, MEMORY_BYTES);
        check(function->name, (int)i, "a part's length", WASI_FAULT, function->call(arguments));
    }
}

/* xorshift (Marsaglia, 2003). */
static u64 seed = 88172645463325252;
static u32 below(u32 end) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (u32)(seed >> 32) % end;
}

static u64 any(enum kind kind) {
    static const char *const PATHS[] = {"a", "b", "tmp/a", "tmp", "sub/../b", "link", "a/b", ".."};
    static u32 length;
    const char *path = PATHS[below(8)];
    switch (below(8)) {
    case 0: return UINT32_MAX - below(100);
    case 1: return MEMORY_BYTES - below(100);
    case 2: return seed;
    }
    switch (kind) {
    case KIND_fd: return below(10);
    case KIND_path:
        length = (u32)strlen(path);
        return put(path, length);
    case KIND_path_len: return length;
    case KIND_count: case KIND_size: return below(64);
    case KIND_rights: return below(2) ? ALL_RIGHTS : seed;
    case KIND_iovs: return vector(room(64), 64);
    case KIND_filesize: case KIND_filedelta: return below(5000);
    case KIND_oflags: case KIND_fdflags: case KIND_lookupflags: case KIND_whence: return below(8);
    default: return below(MEMORY_BYTES);
    }
}

static void calls_at_random(u32 count) {
    for (u32 i = 0; i < count; i++) {
        const struct function *function = &FUNCTIONS[below(FUNCTION_COUNT)];
        u64 arguments[MOST_ARGUMENTS] = {0};
        for (u32 j = 0; j < function->count; j++) arguments[j] = any(function->kinds[j]);
        if (arguments[0] == ROOT && strcmp(function->name, "fd_close") == 0) continue;
        if (arguments[1] == ROOT && strcmp(function->name, "fd_renumber") == 0) continue;
        u32 outcome = function->call(arguments);
        if (outcome > WASI_NOTCAPABLE) EQUAL(WASI_SUCCESS, outcome);
    }
}

int main(void) {
    start();
    EQUAL(45, FUNCTION_COUNT);
    file = opened("a.txt", 0, 0);
    directory = opened("tmp", DIRECTORY, 0);
    for (u32 i = 0; i < FUNCTION_COUNT; i++) addresses(&FUNCTIONS[i]);
    for (u32 i = 0; i < FUNCTION_COUNT; i++) lengths(&FUNCTIONS[i]);
    calls_at_random(300000);
    return finish();
}
