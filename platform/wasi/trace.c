/* With WASRISC_TRACE_WASI, one line on the diagnostics for each call:
 *
 *   wasi: path_open(fd=3, lookup=0x1, path="a.txt", …) = 0 SUCCESS [opened=4]
 *
 * The functions that the module imports are then those of this file, made of
 * the table in interface.h. */
#ifdef WASRISC_TRACE_WASI
#include "wasi.h"

enum show { DECIMAL, HEXADECIMAL, SIGNED, PATH, LENGTH, VECTORS, RESULT_32, RESULT_64 };

#define KIND_SHOW(kind, type, show) SHOW_##kind = show,
enum { WASI_KINDS(KIND_SHOW) };

struct argument {
    const char *name;
    enum show show;
    u64 value;
};

enum { MOST_PATH = 200, MOST_VECTORS = 8 };

/* Two paths with every byte as \xNN, and less than that for all else: at most
 * nine arguments. The whole line is printed at once, after what the call itself
 * may print. */
static u8 line[2 * 4 * MOST_PATH + 512];
static u32 used;

static void byte(u8 value) {
    if (used < sizeof line) line[used++] = value;
}

static void text(const char *value) {
    while (*value) byte((u8)*value++);
}

static void digits(u64 value, u32 base) {
    u8 reversed[20];
    u32 count = 0;
    do reversed[count++] = (u8)"0123456789abcdef"[value % base];
    while ((value /= base) > 0);
    while (count > 0) byte(reversed[--count]);
}

static void hexadecimal(u64 value) {
    text("0x");
    digits(value, 16);
}

/* In quotes; what is no printable ASCII as \xNN. */
static void path(u32 address, u32 length) {
    if (!wasi_inside(address, length, 1)) {
        hexadecimal(address);
        return;
    }
    byte('"');
    for (u32 i = 0; i < length && i < MOST_PATH; i++) {
        u8 value = wasi_at(address)[i];
        if (value >= ' ' && value < 127 && value != '"' && value != '\\') {
            byte(value);
        } else {
            text("\\x");
            digits(value >> 4, 16);
            digits(value & 15, 16);
        }
    }
    text(length > MOST_PATH ? "\"..." : "\"");
}

/* The lengths of the parts. */
static void vectors(u32 address, u32 count) {
    if (!wasi_inside(address, count, 8)) {
        hexadecimal(address);
        return;
    }
    byte('[');
    for (u32 i = 0; i < count && i < MOST_VECTORS; i++) {
        if (i > 0) text(", ");
        digits(LOAD(u32, wasi_at(address) + (u64)i * 8 + 4), 10);
    }
    text(count > MOST_VECTORS ? ", ...]" : "]");
}

static void show_value(const struct argument *argument) {
    u64 value = argument->value;
    switch (argument->show) {
    case HEXADECIMAL: hexadecimal(value); return;
    case PATH: path((u32)value, (u32)argument[1].value); return;
    case VECTORS: vectors((u32)value, (u32)argument[1].value); return;
    case SIGNED:
        if ((s64)value < 0) byte('-');
        digits((s64)value < 0 ? -value : value, 10);
        return;
    default: digits(value, 10);
    }
}

static bool is_result(const struct argument *argument) {
    return argument->show == RESULT_32 || argument->show == RESULT_64;
}

static void name_of(const struct argument *argument, const char **separator) {
    text(*separator);
    text(argument->name);
    byte('=');
    *separator = ", ";
}

/* Before the call, which may change what arguments point to. */
static void begin(const char *function, const struct argument *arguments) {
    const char *separator = "";
    used = 0;
    text("wasi: ");
    text(function);
    byte('(');
    for (const struct argument *argument = arguments; argument->name; argument++) {
        if (is_result(argument) || argument->show == LENGTH) continue;
        name_of(argument, &separator);
        show_value(argument);
    }
    byte(')');
}

static void end(const struct argument *arguments, u32 outcome) {
#define ERRNO_NAME(name) #name,
    static const char *const ERRNOS[] = {WASI_ERRNOS(ERRNO_NAME)};
    const char *separator = " [";
    text(" = ");
    digits(outcome, 10);
    byte(' ');
    text(ERRNOS[outcome]);
    for (const struct argument *argument = arguments; argument->name && !outcome; argument++) {
        if (!is_result(argument)) continue;
        const u8 *place = wasi_at((u32)argument->value);
        name_of(argument, &separator);
        digits(argument->show == RESULT_64 ? LOAD(u64, place) : LOAD(u32, place), 10);
    }
    if (*separator == ',') byte(']');
}

static void print(void) {
    if (used == sizeof line) used--;
    line[used++] = '\n';
    wasrisc_diagnostic(line, used);
}

#define ARGUMENT(kind, name) {#name, (enum show)SHOW_##kind, name}
#define NAME(kind, name) name
#define TRACED(function, ...)                                                                      \
    u32 WASI_IMPORT(function)(WASI_EACH(WASI_PARAMETER, __VA_ARGS__)) {                            \
        const struct argument arguments[] = {WASI_EACH(ARGUMENT, __VA_ARGS__) __VA_OPT__(, ){0}};  \
        begin(#function, arguments);                                                               \
        u32 outcome = WASI(function)(WASI_EACH(NAME, __VA_ARGS__));                                \
        end(arguments, outcome);                                                                   \
        print();                                                                                   \
        return outcome;                                                                            \
    }
WASI_FUNCTIONS(TRACED)

_Noreturn void WASI_IMPORT(proc_exit)(u32 code) {
    const struct argument arguments[] = {{"code", DECIMAL, code}, {0}};
    begin("proc_exit", arguments);
    print();
    WASI(proc_exit)(code);
}
#else
/* A file with nothing in it is no C. */
typedef int wasi_no_trace;
#endif
